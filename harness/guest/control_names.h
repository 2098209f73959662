/* SPDX-License-Identifier: MIT */
/* The rows that guest-control knows; guest-run passes over them. */
#ifndef VMREF_CONTROL_NAMES_H
#define VMREF_CONTROL_NAMES_H

#define CONTROL_ROWS 17
extern const char *const control_names[CONTROL_ROWS + 1]; /* 0 ends them */

#endif
