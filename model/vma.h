/* SPDX-License-Identifier: MIT */
/* Topic vma: the areas (vm_area_struct) of one address space as Linux keeps them, sorted and
 * disjoint, in an array of the caller's. Addresses are page numbers, address / 4096. */
#ifndef VMREF_VMA_H
#define VMREF_VMA_H
#include "types.h"

#define VMREF_TASK_PAGES 0x7FFFFFFFF /* TASK_SIZE / 4096, 4-level paging */
#define VMREF_GUARD_GAP  256         /* stack_guard_gap, in pages */
#define VMREF_OFFSETS    0x4000000000000000 /* offsets end below this page */
#define VMREF_AREAS      4096        /* of an address space, at most */
#define VMREF_FILES      512         /* open files, at most */

/* vm_flags, by Linux's values. */
#define VMREF_VM_READ       0x00000001u
#define VMREF_VM_WRITE      0x00000002u
#define VMREF_VM_EXEC       0x00000004u
#define VMREF_VM_SHARED     0x00000008u
#define VMREF_VM_MAYREAD    0x00000010u
#define VMREF_VM_MAYWRITE   0x00000020u
#define VMREF_VM_MAYEXEC    0x00000040u
#define VMREF_VM_MAYSHARE   0x00000080u
#define VMREF_VM_GROWSDOWN  0x00000100u
#define VMREF_VM_LOCKED     0x00002000u
#define VMREF_VM_DONTCOPY   0x00020000u
#define VMREF_VM_LOCKONFAULT 0x00080000u
#define VMREF_VM_ACCOUNT    0x00100000u
#define VMREF_VM_NORESERVE  0x00200000u
#define VMREF_VM_SYNC       0x00800000u
#define VMREF_VM_WIPEONFORK 0x02000000u
#define VMREF_VM_HUGEPAGE   0x20000000u
#define VMREF_VM_NOHUGEPAGE 0x40000000u
/* No flags of Linux: the anon_vma came by fork, its chain is not singular; vm_ops has a close, so the
 * area is not dropped to merge it (System V shared memory). */
#define VMREF_VM_FORKED     0x08000000u
#define VMREF_VM_CLOSE      0x80000000u

struct vmref_vma {
  uint64_t start, end; /* pages from start to end - 1 */
  uint64_t offset;     /* vm_pgoff: page of the file at start; of private anonymous memory what start
                          was when it was mapped, moved along by mremap once it is faulted */
  uint64_t anon;       /* anon_vma: which, 0: none; a private page was never written to */
  uint32_t flags;
  uint32_t file;       /* 1 + number of the open file, 0: private anonymous memory */
};

/* In the struct itself, so that for the prover no other memory is near. */
struct vmref_vmas {
  struct vmref_vma at[VMREF_AREAS];
  uint32_t n, room;     /* room, at most VMREF_AREAS: max_map_count + 1; a split leaves the last one free, as there */
  uint32_t kernel;      /* which Linux: 0x601 is 6.1, 0x612 is 6.18 */
};

#ifdef __FRAMAC__
#include "../spec/vma.acsl"
#endif

/* The first area that ends above page p: it holds p, or is the next one. n: there is none. */
/*@ requires \valid_read(m) && areas(*m);
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result <= m->n;
    ensures below: \forall integer i; 0 <= i < \result ==> m->at[i].end <= p;
    ensures above: \result < m->n ==> p < m->at[\result].end; */
uint32_t vmref_vma_find(const struct vmref_vmas *m, uint64_t p);

/* Is any page from..to-1 mapped? */
/*@ requires \valid_read(m) && areas(*m) && from <= to;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 || \result == 0;
    ensures none: \result == 0 ==> vacant_from(*m, from, to); */
vmref_bool vmref_vma_any(const struct vmref_vmas *m, uint64_t from, uint64_t to);

/* Put area v at place i. */
/*@ requires \valid(m) && areas(*m) && m->n < m->room && i <= m->n && area(v);
    requires i > 0 ==> m->at[i - 1].end <= v.start;
    requires i < m->n ==> v.end <= m->at[i].start;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n == \old(m->n) + 1;
    ensures there: m->at[i] == v;
    ensures before: \forall integer j; 0 <= j < i ==> m->at[j] == \old(m->at[j]);
    ensures after: \forall integer j; i < j < m->n ==> m->at[j] == \old(m->at[j - 1]); */
void vmref_vma_insert(struct vmref_vmas *m, uint32_t i, struct vmref_vma v);

/* Remove areas i to i+k-1. */
/*@ requires \valid(m) && areas(*m) && i + k <= m->n;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n == \old(m->n) - k;
    ensures before: \forall integer j; 0 <= j < i ==> m->at[j] == \old(m->at[j]);
    ensures after: \forall integer j; i <= j < m->n ==> m->at[j] == \old(m->at[j + k]); */
void vmref_vma_remove(struct vmref_vmas *m, uint32_t i, uint32_t k);

/* Make two areas of area i: the first ends at page p. */
/*@ requires \valid(m) && areas(*m) && i < m->n && m->n < m->room && m->at[i].start < p < m->at[i].end;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n == \old(m->n) + 1;
    ensures left: m->at[i] == \old({ m->at[i] \with .end = p });
    ensures right: m->at[i + 1] == \old({ m->at[i] \with .start = p, .offset = (uint64_t)(m->at[i].offset + (p - m->at[i].start)) });
    ensures before: \forall integer j; 0 <= j < i ==> m->at[j] == \old(m->at[j]);
    ensures after: \forall integer j; i + 1 < j < m->n ==> m->at[j] == \old(m->at[j - 1]); */
void vmref_vma_split(struct vmref_vmas *m, uint32_t i, uint64_t p);

/* Remove all pages from..to-1; what reaches over an edge is split. VMREF_EFULL: that takes an area more
 * than max_map_count, and nothing has changed. */
/*@ requires \valid(m) && areas(*m) && from < to;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures status: \result == VMREF_OK || \result == VMREF_EFULL;
    ensures full: \result == VMREF_EFULL ==> \old(m->n) + 1 >= m->room && (\forall integer i; 0 <= i < m->n ==> m->at[i] == \old(m->at[i]));
    ensures gone: \result == VMREF_OK ==> vacant_from(*m, from, to); */
int vmref_vma_carve(struct vmref_vmas *m, uint64_t from, uint64_t to);

/* The first page of the highest n free pages in low..high-1 that leave a guard gap below what grows down;
 * 0: there are none. */
/*@ requires \valid_read(m) && areas(*m) && 1 <= low && high <= VMREF_TASK_PAGES && 1 <= n;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result != 0 ==> low <= \result && \result + n <= high;
    ensures free: \result != 0 ==> vacant_from(*m, \result, \result + n); */
uint64_t vmref_vma_gap(const struct vmref_vmas *m, uint64_t low, uint64_t high, uint64_t n);

/* The same of the lowest. */
/*@ requires \valid_read(m) && areas(*m) && 1 <= low && high <= VMREF_TASK_PAGES && 1 <= n;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result != 0 ==> low <= \result && \result + n <= high;
    ensures free: \result != 0 ==> vacant_from(*m, \result, \result + n); */
uint64_t vmref_vma_gap_up(const struct vmref_vmas *m, uint64_t low, uint64_t high, uint64_t n);

/* Where an area and its guard gap begin. */
/*@ requires area(v);
    terminates \true; assigns \nothing; exits \false;
    ensures \result <= v.start; */
uint64_t vmref_vma_guard(struct vmref_vma v);
#endif
