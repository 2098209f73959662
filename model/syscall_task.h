/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: tasks that come and go (kernel/fork.c, fs/exec.c of Linux). */
#ifndef VMREF_SYSCALL_TASK_H
#define VMREF_SYSCALL_TASK_H
#include "syscall_map.h"

#define VMREF_CLONE_VM    0x100
#define VMREF_CLONE_VFORK 0x4000

/* fork, vfork, clone with these flags: the number of the new task. */
/*@ requires \valid(l) && linux_fine(*l) && t < l->tasks;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->task[0 .. VMREF_TASKS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->tasks || \result == VMREF_RESULT_FULL || \result == -VMREF_ERRNO_NOMEM;
    ensures apart: \result < 0 ==> apart{Pre, Post}(l->s, l->mms, -1);
    ensures child: \result >= 0 ==> apart{Pre, Post}(l->s, l->mms, l->task[\result].mm);
    ensures none: \result < 0 ==> \forall integer b; 0 <= b < l->mms ==> l->mm[b] == \old(l->mm[b]);
    ensures areas: \result >= 0 ==> \forall integer b; 0 <= b < l->mms && b != l->task[\result].mm ==> l->mm[b] == \old(l->mm[b]); */
int64_t vmref_sys_clone(struct vmref_linux *l, uint32_t t, uint64_t flags);
/* Leaves an empty address space. */
/*@ requires \valid(l) && linux_fine(*l) && t < l->tasks;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->task[0 .. VMREF_TASKS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == VMREF_RESULT_FULL;
    ensures apart: \result == 0 ==> \forall integer b, p; 0 <= b < l->mms && b != \old(l->task[t].mm) && b != l->task[t].mm && upage(p) ==>
      same_page{Pre, Post}(l->s, b, p); */
int64_t vmref_sys_execve(struct vmref_linux *l, uint32_t t);
/*@ requires \valid(l) && linux_fine(*l) && t < l->tasks;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->task[0 .. VMREF_TASKS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0;
    ensures apart: apart{Pre, Post}(l->s, l->mms, \old(l->task[t].mm));
    ensures areas: \forall integer b; 0 <= b < l->mms && b != \old(l->task[t].mm) ==> l->mm[b] == \old(l->mm[b]); */
int64_t vmref_sys_exit(struct vmref_linux *l, uint32_t t);
#endif
