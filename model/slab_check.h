/* SPDX-License-Identifier: MIT */
/* Topic slab: does a state satisfy its invariant? */
#ifndef VMREF_SLAB_CHECK_H
#define VMREF_SLAB_CHECK_H
#include "slab.h"

/* 1 when the blocks and the pages of objects are as they must be, else 0. */
/*@ requires \valid_read(k) && valid_slab(*k);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> slab(*k); ensures \result <= 1; */
uint8_t vmref_slab_check(const struct vmref_slab *k);
#endif
