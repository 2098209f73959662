/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: System V segments (ipc/shm.c of Linux). */
#ifndef VMREF_SYSCALL_SHM_H
#define VMREF_SYSCALL_SHM_H
#include "syscall_map.h"

/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->objects || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_sys_shmget(struct vmref_linux *l, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM_FILES(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_shmat(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_shmdt(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_sys_shmctl(struct vmref_linux *l, const struct vmref_call *c);
#endif
