/* SPDX-License-Identifier: MIT */
/* Topic buddy: does a state satisfy its invariant? */
#ifndef VMREF_BUDDY_CHECK_H
#define VMREF_BUDDY_CHECK_H
#include "buddy.h"

/* 1 when the tree and the lists are as they must be, else 0. */
/*@ requires \valid_read(b) && valid_buddy(*b);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> buddy(*b); ensures \result <= 1; */
uint8_t vmref_buddy_check(const struct vmref_buddy *b);
#endif
