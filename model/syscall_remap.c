/* SPDX-License-Identifier: MIT */
#include "syscall_move.h"
#include "syscall_remap.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas

/* What of the range that is asked for lies in area v, from page p on, and where that goes. */
/*@ requires \valid_read(all) && bounded(*all) && all->anywhere == 0 && all->old == all->new && all->to + all->new <= VMREF_TASK_PAGES;
    requires all->from <= p < all->from + all->old && area(v) && v.start < all->from + all->old && p < v.end;
    terminates \true; assigns \nothing; exits \false;
    ensures bounded: bounded(\result);
    ensures there: \result.anywhere == 0 && \result.to + \result.new <= VMREF_TASK_PAGES && \result.old == \result.new;
    ensures within: p <= \result.from && p < \result.from + \result.old <= all->from + all->old; */
static struct vmref_remap piece(const struct vmref_remap *all, struct vmref_vma v, uint64_t p)
{
  struct vmref_remap r = *all;
  const uint64_t end = all->from + all->old;
  r.from = v.start > p ? v.start : p;
  r.to = all->to + (r.from - all->from);
  r.old = (v.end < end ? v.end : end) - r.from;
  r.new = r.old;
  return r;
}

/* One piece of several. */
/*@ requires \valid(l) && \valid(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    requires r->anywhere == 0 && r->to + r->new <= VMREF_TASK_PAGES && r->old == r->new;
    terminates \true; exits \false;
    assigns MM(l, a), *r;
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t remap_piece(struct vmref_linux *l, uint32_t a, struct vmref_remap *r)
{
  const int64_t e = vmref_remap_check(l, a, r, r->old);
  return e != 0 ? e : vmref_remap_to(l, a, r);
}

/* Equal lengths, FIXED, since 6.17: each area in the range goes over, and the gaps with them. */
/*@ requires \valid(l) && \valid_read(all) && linux_fine(*l) && a < l->mms && bounded(*all);
    requires all->anywhere == 0 && all->old == all->new && all->to + all->new <= VMREF_TASK_PAGES;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t remap_all(struct vmref_linux *l, uint32_t a, const struct vmref_remap *all)
{
  const uint64_t end = all->from + all->old;
  if (all->old == 0 || vmref_remap_lookup(&M, all->from) == M.n) return -VMREF_ERRNO_FAULT;
  uint64_t p = all->from;
  /*@ loop invariant bound: all->from <= p <= end;
      loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, a);
      loop assigns p, MM(l, a);
      loop variant end - p; */
  while (p < end) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n || M.at[i].start >= end) break;
    const struct vmref_vma v = M.at[i];
    /* the file operations of System V segments might place them elsewhere: never one of several */
    if ((v.flags & VMREF_VM_CLOSE) != 0 && (p != all->from || v.end < end)) return -VMREF_ERRNO_FAULT;
    struct vmref_remap r = piece(all, v, p);
    p = r.from + r.old;
    //@ ghost Before: ;
    const int64_t e = remap_piece(l, a, &r);
    //@ assert by_before: CHAIN(l->s, Before);
    //@ assert so_before: apart{Pre, Here}(l->s, l->mms, a);
    if (e < 0) return e;
  }
  return (int64_t)(all->to * 4096);
}

/* What is wrong with the arguments alone. */
/*@ requires \valid_read(c) && \valid_read(r);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 0 ==> r->new != 0 && c->arg[3] <= 7 && ((c->arg[3] & VMREF_MREMAP_DONTUNMAP) != 0 ==> r->old == r->new); */
static vmref_bool silly(const struct vmref_call *c, const struct vmref_remap *r)
{
  const vmref_bool moves = (c->arg[3] & (VMREF_MREMAP_FIXED | VMREF_MREMAP_DONTUNMAP)) != 0;
  if (c->arg[3] > 7 || c->arg[0] % 4096 != 0 || r->new == 0) return 1;
  if (moves && (c->arg[3] & VMREF_MREMAP_MAYMOVE) == 0) return 1;
  return (c->arg[3] & VMREF_MREMAP_DONTUNMAP) != 0 && r->old != r->new;
}

/* What is wrong with a place that is given. */
/*@ requires \valid_read(c) && \valid_read(r) && bounded(*r);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 0 ==> r->to + r->new <= VMREF_TASK_PAGES; */
static vmref_bool misplaced(const struct vmref_call *c, const struct vmref_remap *r)
{
  if (c->arg[4] % 4096 != 0 || r->new > VMREF_TASK_PAGES || r->to > VMREF_TASK_PAGES - r->new) return 1;
  return r->from + r->old > r->to && r->to + r->new > r->from;
}

/* What is asked. */
/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result.from < 0x10000000000000 && \result.old < 0x10000000000000 && \result.new < 0x10000000000000
      && \result.to < 0x10000000000000;
    ensures anywhere: (\result.anywhere == 0 || \result.anywhere == 1) && \result.flags == c->arg[3]; */
static struct vmref_remap asked(const struct vmref_call *c)
{
  struct vmref_remap r;
  r.from = c->arg[0] / 4096;
  r.old = vmref_length_pages(c->arg[1]);
  r.new = vmref_length_pages(c->arg[2]);
  r.to = c->arg[4] / 4096;
  r.flags = c->arg[3];
  r.anywhere = (c->arg[3] & VMREF_MREMAP_FIXED) == 0;
  return r;
}

/* What is wrong with what is asked, before anything is looked at: 0 or -errno. */
/*@ requires \valid_read(l) && \valid_read(c) && \valid_read(r) && linux_fine(*l) && a < l->mms && r->new < 0x10000000000000;
    requires r->new >= 1 ==> bounded(*r);
    terminates \true; assigns \nothing; exits \false;
    ensures result: \result == 0 || ERRNO(\result);
    ensures some: \result == 0 ==> r->new >= 1;
    ensures whole: \result == 0 && r->flags == c->arg[3] ==> whole(*r);
    ensures place: \result == 0 && late != 0 && moves != 0 ==> r->to + r->new <= VMREF_TASK_PAGES; */
static int64_t wrong(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c, const struct vmref_remap *r, vmref_bool moves, vmref_bool late)
{
  /* of DONTUNMAP, lengths were compared in bytes before 6.17 */
  if (silly(c, r) || (!late && (c->arg[3] & VMREF_MREMAP_DONTUNMAP) != 0 && c->arg[1] != c->arg[2])) return -VMREF_ERRNO_INVAL;
  if (late && (r->new > VMREF_TASK_PAGES || (moves && misplaced(c, r)))) return -VMREF_ERRNO_INVAL;
  return late && moves && M.n + 6 >= M.room ? -VMREF_ERRNO_NOMEM : 0;
}

/* What is wrong with moving what is mapped there. */
/*@ requires \valid_read(l) && \valid_read(c) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    requires late != 0 ==> r->to + r->new <= VMREF_TASK_PAGES;
    terminates \true; assigns \nothing; exits \false;
    ensures result: \result == 0 || ERRNO(\result);
    ensures place: \result == 0 ==> r->to + r->new <= VMREF_TASK_PAGES; */
static int64_t unmovable(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c, const struct vmref_remap *r, vmref_bool late)
{
  /* the range is checked before anything is unmapped */
  //@ assert bounds: r->old <= 0x10000000000000 && r->new <= 0x10000000000000;
  const uint64_t kept = r->old > r->new ? r->new : r->old;
  //@ assert kept: kept <= 0x10000000000000;
  if (late) return vmref_remap_check(l, a, r, kept);
  if (misplaced(c, r)) return -VMREF_ERRNO_INVAL;
  return M.n + 6 >= M.room ? -VMREF_ERRNO_NOMEM : 0;
}

int64_t vmref_sys_mremap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  struct vmref_remap r = asked(c);
  const vmref_bool late = l->kernel >= 0x611, moves = !r.anywhere || (c->arg[3] & VMREF_MREMAP_DONTUNMAP) != 0;
  int64_t e = wrong(l, a, c, &r, moves, late);
  if (e != 0) return e;
  if (late && !r.anywhere && r.old == r.new) return remap_all(l, a, &r);
  if (vmref_remap_lookup(&M, r.from) == M.n) return -VMREF_ERRNO_FAULT;
  if (!moves) return vmref_remap_at(l, a, &r);
  e = unmovable(l, a, c, &r, late);
  return e != 0 ? e : vmref_remap_to(l, a, &r);
}
