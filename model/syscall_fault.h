/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: page faults (mm/memory.c, arch/x86/mm/fault.c of Linux). */
#ifndef VMREF_SYSCALL_FAULT_H
#define VMREF_SYSCALL_FAULT_H
#include "syscall_page.h"

/* The anon_vma that a private area needs before its first page of its own. */
void vmref_anon_prepare(struct vmref_linux *l, uint32_t a, uint32_t i);

/* Make page p of space a ready for an access; the area must permit it. signal 0: it is. */
struct vmref_touched vmref_touch(struct vmref_linux *l, uint32_t a, uint64_t p, uint8_t kind);

/* mm_populate: touch what is mapped of pages from..to-1, for writing where that breaks a copy on write.
 * Stops at the first page that cannot be, unless `on`, which goes on with the next area. 0, -EFAULT or
 * VMREF_RESULT_FULL. */
int64_t vmref_populate(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to, vmref_bool on);
#endif
