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

int64_t vmref_sys_mprotect(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_madvise(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/* mlock and mlock2: c->arg[2] has the flags of mlock2. */
int64_t vmref_sys_mlock(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_munlock(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_mlockall(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_munlockall(struct vmref_linux *l, uint32_t a);
int64_t vmref_sys_msync(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_mincore(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
#endif
