/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: mremap (mm/mremap.c of Linux, as of 6.1 and as rewritten up to 6.18). */
#ifndef VMREF_SYSCALL_REMAP_H
#define VMREF_SYSCALL_REMAP_H
#include "syscall_move.h"

/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_mremap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
#endif
