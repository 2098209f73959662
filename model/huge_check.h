/* SPDX-License-Identifier: MIT */
/* Topic huge: does a state with words over entries satisfy the invariant? */
#ifndef VMREF_HUGE_CHECK_H
#define VMREF_HUGE_CHECK_H
#include "check.h"
#include "huge.h"

#define VMREF_CHECK_HUGE 11 /* a word does not tell what the pages below are, or maps what it must not */

/* vmref_check, and after it the words. */
/*@ requires \valid_read(s) && valid_sys(*s) && valid_over(*s, o);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures ok: \result == VMREF_CHECK_OK <==> inv(*s) && huge(*s, o);
    ensures huge: \result == VMREF_CHECK_HUGE ==> inv(*s) && !huge(*s, o);
    ensures other: \result != VMREF_CHECK_OK && \result != VMREF_CHECK_HUGE ==> !inv(*s);
    ensures number: 0 <= \result <= VMREF_CHECK_KERNEL_LEAVES || \result == VMREF_CHECK_HUGE; */
int vmref_huge_check(const struct vmref_sys *s, const uint16_t *o);
#endif
