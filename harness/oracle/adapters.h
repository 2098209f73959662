/* SPDX-License-Identifier: MIT */
#ifndef VMREF_ADAPTERS_H
#define VMREF_ADAPTERS_H

/* Why an emulator's MMU cannot be asked a question of this kind. */
const char *why_not_asked(const char *op);
extern const char why_no_set[]; /* of writes of control registers: each adapter's own */

#endif
