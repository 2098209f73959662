/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: page faults (mm/memory.c, arch/x86/mm/fault.c of Linux). */
#ifndef VMREF_SYSCALL_FAULT_H
#define VMREF_SYSCALL_FAULT_H
#include "syscall_commit.h"
#include "syscall_page.h"

/* Pages of areas with VM_LOCKED. */
/*@ requires \valid_read(m) && areas(*m);
    terminates \true; assigns \nothing; exits \false; ensures \result <= VMREF_TASK_PAGES; */
uint64_t vmref_locked_pages(const struct vmref_vmas *m);

/* A new anon_vma. */
/*@ requires \valid(l); terminates \true; assigns l->anon; exits \false; ensures \result != 0; */
uint64_t vmref_anon_new(struct vmref_linux *l);

/* The anon_vma that a private area needs before its first page of its own. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[i], l->anon;
    ensures fine: linux_fine(*l);
    ensures place: same_place(l->mm[a].vmas.at[i], \old(l->mm[a].vmas.at[i])); */
void vmref_anon_prepare(struct vmref_linux *l, uint32_t a, uint32_t i);

/* Make page p of space a ready for an access; the area must permit it. signal 0: it is. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && p < VMREF_TASK_PAGES && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[0 .. VMREF_AREAS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result.result == 0 || \result.result == VMREF_RESULT_FULL;
    ensures there: \result.signal == 0 && \result.result == 0 ==> leaf_of(l->s, a, p) != 0;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
struct vmref_touched vmref_touch(struct vmref_linux *l, uint32_t a, uint64_t p, uint8_t kind);

/* mm_populate: touch what is mapped of pages from..to-1, for writing where that breaks a copy on write.
 * Stops at the first page that cannot be, unless `on`, which goes on with the next area. 0, -EFAULT or
 * VMREF_RESULT_FULL. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[0 .. VMREF_AREAS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_FAULT || \result == VMREF_RESULT_FULL;
    ensures on: on != 0 ==> \result != -VMREF_ERRNO_FAULT;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_populate(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to, vmref_bool on);
#endif
