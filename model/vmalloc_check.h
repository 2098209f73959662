/* SPDX-License-Identifier: MIT */
/* Topic vmalloc: does a state satisfy its invariant? */
#ifndef VMREF_VMALLOC_CHECK_H
#define VMREF_VMALLOC_CHECK_H
#include "vmalloc.h"

/* 1 when the memory manager, the blocks, and the pages above the linear map are as they must be, else 0. */
/*@ requires \valid_read(s) && \valid_read(b) && valid_sys(*s) && valid_buddy(*b) && apart(*s, *b);
    requires hints: \separated(s->hint + (0 .. hints(*s) - 1), b->place + (0 .. nodes(*b) - 1));
    terminates \true; exits \false; assigns s->hint[0 .. hints(*s) - 1];
    ensures \result == 1 <==> vmalloc(*s, *b); ensures \result <= 1; */
uint8_t vmref_vmalloc_check(const struct vmref_sys *s, const struct vmref_buddy *b);
#endif
