/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: what changes areas where they are (mm/mprotect.c, mm/madvise.c, mm/mlock.c). */
#ifndef VMREF_SYSCALL_CHANGE_H
#define VMREF_SYSCALL_CHANGE_H
#include "syscall_map.h"

#define VMREF_PROT_SEM      0x8
#define VMREF_PROT_DOWN     0x01000000 /* PROT_GROWSDOWN */
#define VMREF_PROT_UP       0x02000000
#define VMREF_MADV_DONTNEED   4
#define VMREF_MADV_FREE       8
#define VMREF_MADV_DONTFORK   10
#define VMREF_MADV_DOFORK     11
#define VMREF_MADV_HUGEPAGE   14
#define VMREF_MADV_NOHUGEPAGE 15
#define VMREF_MADV_WIPEONFORK 18
#define VMREF_MADV_KEEPONFORK 19
#define VMREF_MADV_COLD       20
#define VMREF_MADV_PAGEOUT    21

/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_mprotect(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_madvise(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/* mlock and mlock2: c->arg[2] has the flags of mlock2. */
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_mlock(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_munlock(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_mlockall(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_munlockall(struct vmref_linux *l, uint32_t a);
/*@ requires \valid_read(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns \nothing;
    ensures result: \result == 0 || ERRNO(\result); */
int64_t vmref_sys_msync(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid_read(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns \nothing;
    ensures result: \result == 0 || ERRNO(\result); */
int64_t vmref_sys_mincore(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
#endif
