/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: mremap's steps (mm/mremap.c of Linux). */
#ifndef VMREF_SYSCALL_MOVE_H
#define VMREF_SYSCALL_MOVE_H
#include "syscall_map.h"

#define VMREF_MREMAP_MAYMOVE   1
#define VMREF_MREMAP_FIXED     2
#define VMREF_MREMAP_DONTUNMAP 4

/* What is asked, in pages. */
struct vmref_remap {
  uint64_t from, old, new, to; /* to: with FIXED; without, chosen here */
  uint64_t flags;
  vmref_bool anywhere; /* `to` is to be chosen yet */
};

/*@
  // sums of these do not wrap
  predicate bounded(struct vmref_remap r) =
    r.from <= 0x10000000000000 && r.old <= 0x10000000000000 && 1 <= r.new <= 0x10000000000000 && r.to <= 0x10000000000000;
  // what is left is as long as what moves
  predicate whole(struct vmref_remap r) = (r.flags & VMREF_MREMAP_DONTUNMAP) != 0 ==> r.old == r.new;
  // the area at r.from holds r.old pages from there on, and can have offsets for r.new
  predicate holds_old(struct vmref_vmas m, struct vmref_remap r) =
       !vacant_from(m, r.from, r.from + 1)
    && \forall integer i; 0 <= i < m.n && m.at[i].start <= r.from < m.at[i].end ==>
         r.old <= m.at[i].end - r.from && m.at[i].offset + (r.from - m.at[i].start) + r.new <= VMREF_OFFSETS;
*/

/* The area at page p, n: there is none. */
/*@ requires \valid_read(m) && areas(*m);
    terminates \true; assigns \nothing; exits \false;
    ensures \result <= m->n;
    ensures there: \result < m->n ==> m->at[\result].start <= p < m->at[\result].end;
    ensures none: \result == m->n ==> vacant_from(*m, p, p + 1); */
uint32_t vmref_remap_lookup(const struct vmref_vmas *m, uint64_t p);

/* May the area at r->from be moved or grow so? (vma_to_resize, check_prep_vma) */
/*@ requires \valid_read(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r) && old <= 0x10000000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures result: \result == 0 || ERRNO(\result);
    ensures holds: \result == 0 && r->old == old ==> holds_old(l->mm[a].vmas, *r); */
int64_t vmref_remap_check(const struct vmref_linux *l, uint32_t a, const struct vmref_remap *r, uint64_t old);

/* mremap_to: FIXED, DONTUNMAP. */
/*@ requires \valid(l) && \valid(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    requires r->anywhere == 0 ==> r->to + r->new <= VMREF_TASK_PAGES;
    requires whole(*r);
    terminates \true; exits \false;
    assigns MM(l, a), *r;
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_remap_to(struct vmref_linux *l, uint32_t a, struct vmref_remap *r);

/* mremap_at: without a place given. */
/*@ requires \valid(l) && \valid(r) && linux_fine(*l) && a < l->mms && bounded(*r) && r->anywhere == 1;
    requires r->from <= VMREF_TASK_PAGES && whole(*r);
    terminates \true; exits \false;
    assigns MM(l, a), *r;
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int64_t vmref_remap_at(struct vmref_linux *l, uint32_t a, struct vmref_remap *r);
#endif
