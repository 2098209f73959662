/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: tasks that come and go (kernel/fork.c, fs/exec.c of Linux). */
#ifndef VMREF_SYSCALL_TASK_H
#define VMREF_SYSCALL_TASK_H
#include "syscall_map.h"

#define VMREF_CLONE_VM    0x100
#define VMREF_CLONE_VFORK 0x4000

/* fork, vfork, clone with these flags: the number of the new task. */
int64_t vmref_sys_clone(struct vmref_linux *l, uint32_t t, uint64_t flags);
/* Leaves an empty address space. */
int64_t vmref_sys_execve(struct vmref_linux *l, uint32_t t);
int64_t vmref_sys_exit(struct vmref_linux *l, uint32_t t);
#endif
