/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: mmap, munmap, brk (mm/mmap.c of Linux). a: the mm. */
#ifndef VMREF_SYSCALL_MAP_H
#define VMREF_SYSCALL_MAP_H
#include "syscall_fault.h"

#define VMREF_MAP_SHARED     0x01
#define VMREF_MAP_PRIVATE    0x02
#define VMREF_MAP_VALIDATE   0x03 /* MAP_SHARED_VALIDATE */
#define VMREF_MAP_DROPPABLE  0x08
#define VMREF_MAP_FIXED      0x10
#define VMREF_MAP_ANONYMOUS  0x20
#define VMREF_MAP_GROWSDOWN  0x100
#define VMREF_MAP_LOCKED     0x2000
#define VMREF_MAP_NORESERVE  0x4000
#define VMREF_MAP_POPULATE   0x8000
#define VMREF_MAP_NONBLOCK   0x10000
#define VMREF_MAP_STACK      0x20000
#define VMREF_MAP_HUGETLB    0x40000
#define VMREF_MAP_SYNC       0x80000
#define VMREF_MAP_NOREPLACE  0x100000 /* MAP_FIXED_NOREPLACE */

/* Bytes in whole pages, as PAGE_ALIGN has it: it wraps to 0 at the top. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == (bytes > UINT64_MAX - 4095 ? 0 : (bytes + 4095) / 4096) && \result < 0x10000000000000;
    ensures \result * 4096 >= bytes || bytes > UINT64_MAX - 4095; */
uint64_t vmref_length_pages(uint64_t bytes);
/* Pages of areas with VM_LOCKED; may so many more be locked? */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms;
    terminates \true; assigns \nothing; exits \false; */
vmref_bool vmref_may_lock(const struct vmref_linux *l, uint32_t a, uint64_t pages);
/* A place for n pages, by the rules of get_unmapped_area without MAP_FIXED. hint: a page, 0: none. 0: no place. */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms && 1 <= n;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result != 0 ==> \result + n <= VMREF_TASK_PAGES;
    ensures free: \result != 0 ==> vacant_from(l->mm[a].vmas, \result, \result + n); */
uint64_t vmref_place(const struct vmref_linux *l, uint32_t a, uint64_t hint, uint64_t n);
/* The same of private anonymous memory. */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms && 1 <= n <= 0x10000000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result != 0 ==> \result + n <= VMREF_TASK_PAGES;
    ensures free: \result != 0 ==> vacant_from(l->mm[a].vmas, \result, \result + n); */
uint64_t vmref_place_private(const struct vmref_linux *l, uint32_t a, uint64_t hint, uint64_t n);
/* Remove pages from..to-1, areas and contents. 0 or -ENOMEM. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && from < to <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns l->mm[a].vmas, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures room: l->mm[a].vmas.room == \old(l->mm[a].vmas.room);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_NOMEM;
    ensures gone: \result == 0 ==> vacant_from(l->mm[a].vmas, from, to);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_unmap_pages(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to);

/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM_FILES(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_mmap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_munmap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_sys_brk(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
#endif
