/* SPDX-License-Identifier: MIT */
#include "syscall_move.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas



uint32_t vmref_remap_lookup(const struct vmref_vmas *m, uint64_t p)
{
  const uint32_t i = vmref_vma_find(m, p);
  return i < m->n && m->at[i].start <= p ? i : m->n;
}

int64_t vmref_remap_check(const struct vmref_linux *l, uint32_t a, const struct vmref_remap *r, uint64_t old)
{
  const uint32_t i = vmref_remap_lookup(&M, r->from);
  if (i == M.n) return -VMREF_ERRNO_FAULT;
  const struct vmref_vma v = M.at[i];
  //@ assert only: \forall integer j; 0 <= j < l->mm[a].vmas.n && l->mm[a].vmas.at[j].start <= r->from < l->mm[a].vmas.at[j].end ==> j == i;
  if (old == 0 && (v.flags & (VMREF_VM_SHARED | VMREF_VM_MAYSHARE)) == 0) return -VMREF_ERRNO_INVAL;
  if (old > v.end - r->from) return -VMREF_ERRNO_FAULT;
  if (r->new == old) return 0;
  if (v.offset + (r->from - v.start) + r->new > VMREF_OFFSETS) return -VMREF_ERRNO_INVAL;
  if ((v.flags & VMREF_VM_LOCKED) != 0 && r->new > old && !vmref_may_lock(l, a, r->new - old)) return -VMREF_ERRNO_AGAIN;
  return 0;
}

/* Is there memory for pages more of an area that is accounted for? */
/*@ requires \valid_read(l) && linux_fine(*l) && pages <= 0x10000000000000; terminates \true; assigns \nothing; exits \false; */
static vmref_bool granted_pages(const struct vmref_linux *l, uint32_t flags, uint64_t pages)
{
  return (flags & VMREF_VM_ACCOUNT) == 0 || vmref_granted(l, pages);
}

#define LOCKS (VMREF_VM_LOCKED | VMREF_VM_LOCKONFAULT)

/* The area that is left where its pages have moved from (dontunmap_complete). */
/*@ requires \valid(m) && \valid_read(r) && areas(*m) && bounded(*r);
    terminates \true; exits \false;
    assigns m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m); */
static void leave(struct vmref_vmas *m, const struct vmref_remap *r, uint32_t joined, vmref_bool apart)
{
  const uint32_t i = vmref_remap_lookup(m, r->from);
  if (i == m->n) return;
  m->at[i].flags &= ~LOCKS;
  //@ assert areas: areas(*m);
  if (i == joined || m->at[i].start != r->from || m->at[i].end != r->from + r->old) return;
  m->at[i].anon = 0;
  m->at[i].flags &= ~VMREF_VM_FORKED;
  if (apart && m->at[i].file == 0) m->at[i].offset = m->at[i].start;
}

/* The area of r->new pages at r->to that area v becomes from r->from on. One not yet faulted may be rebased. */
/*@ requires \valid_read(r) && bounded(*r) && r->to + r->new <= VMREF_TASK_PAGES;
    requires area(v) && v.start <= r->from < v.end && v.offset + (r->from - v.start) + r->new <= VMREF_OFFSETS;
    terminates \true; assigns \nothing; exits \false;
    ensures area: area(\result);
    ensures there: \result.start == r->to && \result.end == r->to + r->new; */
static struct vmref_vma placed(struct vmref_vma v, const struct vmref_remap *r)
{
  v.offset = v.file == 0 && v.anon == 0 ? r->to : v.offset + (r->from - v.start);
  v.start = r->to;
  v.end = r->to + r->new;
  return v;
}

/* What pages have moved from goes, or is left, which area `at` is not. */
/*@ requires \valid(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r) && r->from + r->old <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns l->mm[a].vmas, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static void vacate(struct vmref_linux *l, uint32_t a, const struct vmref_remap *r, uint32_t at)
{
  if ((r->flags & VMREF_MREMAP_DONTUNMAP) != 0) leave(&M, r, at, l->dontunmap_apart);
  else if (r->old != 0) vmref_unmap_pages(l, a, r->from, r->from + r->old);
}

/* New pages of memory that is locked are touched. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t touch_locked(struct vmref_linux *l, uint32_t a, uint32_t flags, uint64_t from, uint64_t to)
{
  if ((flags & VMREF_VM_LOCKED) == 0 || from >= to) return 0;
  return vmref_populate(l, a, from, to, 1);
}

/* Area v, which is placed where nothing is mapped, as `how` tells, and r->old pages come there. */
/*@ requires \valid(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r) && area(v);
    requires vacant_from(l->mm[a].vmas, v.start, v.end) && r->from + r->old <= VMREF_USER_PAGES && r->to + r->old <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t carry(struct vmref_linux *l, uint32_t a, const struct vmref_remap *r, struct vmref_vma v, uint8_t how)
{
  const uint32_t at = vmref_vma_add(&M, v, how);
  const int moved = vmref_pages_move(&l->s, a, r->from, r->old, r->to);
  //@ assert moved: linux_fine(*l) && apart{Pre, Here}(l->s, l->mms, a);
  if (moved != VMREF_OK) return VMREF_RESULT_FULL;
  //@ ghost Moved: ;
  vacate(l, a, r, at);
  //@ assert by_moved: CHAIN(l->s, Moved);
  //@ assert so_moved: apart{Pre, Here}(l->s, l->mms, a);
  //@ ghost Left: ;
  const int64_t touched = touch_locked(l, a, v.flags, r->to + r->old, v.end);
  //@ assert by_left: CHAIN(l->s, Left);
  //@ assert so_left: apart{Pre, Here}(l->s, l->mms, a);
  return touched;
}

/* How area v goes to r->to: kernels that keep it apart from what DONTUNMAP leaves let it join nothing there if it could
 * join that. */
/*@ requires \valid_read(r) && bounded(*r); terminates \true; assigns \nothing; exits \false; */
static uint8_t how_added(const struct vmref_remap *r, struct vmref_vma v, vmref_bool apart)
{
  const vmref_bool beside = r->to == v.end || v.start == r->to + r->new;
  return apart && beside && v.file == 0 && v.anon == 0 ? VMREF_ADD_ALONE : VMREF_ADD_MOVE;
}

/* move_vma: r->old pages go to r->to, where the area has r->new. Nothing is mapped there: it is unmapped before, or
 * chosen so. Asked again, which spares the proof to carry it along. */
/*@ requires \valid(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r) && holds_old(l->mm[a].vmas, *r);
    requires r->old <= r->new && r->to + r->new <= VMREF_TASK_PAGES && whole(*r);
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t move_area(struct vmref_linux *l, uint32_t a, const struct vmref_remap *r)
{
  const vmref_bool keep = (r->flags & VMREF_MREMAP_DONTUNMAP) != 0, apart = keep && l->dontunmap_apart;
  uint32_t i = vmref_remap_lookup(&M, r->from);
  //@ assert there: i < l->mm[a].vmas.n;
  //@ assert end: r->from + r->old <= l->mm[a].vmas.at[i].end;
  if (M.n + 4 >= M.room) return -VMREF_ERRNO_NOMEM;
  /* only what moves is to lose its locks */
  if (apart && (M.at[i].flags & VMREF_VM_LOCKED) != 0) i = vmref_vma_isolate(&M, i, r->from, r->from + r->old);
  //@ assert fine: linux_fine(*l);
  //@ assert still: i < l->mm[a].vmas.n && l->mm[a].vmas.at[i].start <= r->from && r->from < l->mm[a].vmas.at[i].end;
  if (vmref_vma_any(&M, r->to, r->to + r->new)) return VMREF_RESULT_MISUSE;
  const struct vmref_vma v = M.at[i];
  if (!granted_pages(l, v.flags, keep ? r->new : r->new - r->old)) return -VMREF_ERRNO_NOMEM;
  const int64_t e = carry(l, a, r, placed(v, r), how_added(r, v, apart));
  return e != 0 ? e : (int64_t)(r->to * 4096);
}

/* A new place for the area, unless it is given. */
/*@ requires \valid_read(l) && \valid(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    requires r->anywhere == 0 ==> r->to + r->new <= VMREF_TASK_PAGES;
    terminates \true; exits \false;
    assigns r->to;
    ensures result: \result == 0 || ERRNO(\result);
    ensures chosen: \result == 0 ==> r->to + r->new <= VMREF_TASK_PAGES; */
static int64_t choose(const struct vmref_linux *l, uint32_t a, struct vmref_remap *r, uint64_t hint)
{
  if (!r->anywhere) return r->to < l->min && !l->raw_io ? -VMREF_ERRNO_PERM : 0;
  const uint32_t i = vmref_remap_lookup(&M, r->from);
  const vmref_bool private = i < M.n && M.at[i].file == 0;
  r->to = private ? vmref_place_private(l, a, hint, r->new) : vmref_place(l, a, hint, r->new);
  return r->to != 0 ? 0 : -VMREF_ERRNO_NOMEM;
}

/* Unmap what it loses, if it does. 0 or -errno. */
/*@ requires \valid(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    terminates \true; exits \false;
    assigns l->mm[a].vmas, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || ERRNO(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t shrink(struct vmref_linux *l, uint32_t a, const struct vmref_remap *r)
{
  if (r->old <= r->new) return 0;
  if (r->from + r->old > VMREF_TASK_PAGES) return -VMREF_ERRNO_INVAL;
  return vmref_unmap_pages(l, a, r->from + r->new, r->from + r->old);
}

/* Unmap what is where it is to go, and what it loses. */
/*@ requires \valid(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    requires r->anywhere == 0 ==> r->to + r->new <= VMREF_TASK_PAGES;
    terminates \true; exits \false;
    assigns l->mm[a].vmas, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || ERRNO(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t clear(struct vmref_linux *l, uint32_t a, const struct vmref_remap *r)
{
  const int64_t e = r->anywhere ? 0 : vmref_unmap_pages(l, a, r->to, r->to + r->new);
  if (e != 0) return e;
  if (l->kernel >= 0x60F && vmref_remap_lookup(&M, r->from) == M.n) return -VMREF_ERRNO_FAULT;
  //@ ghost Unmapped: ;
  const int64_t s = shrink(l, a, r);
  //@ assert by_unmapped: CHAIN(l->s, Unmapped);
  //@ assert so_unmapped: apart{Pre, Here}(l->s, l->mms, a);
  return s;
}

/* And what is left of it goes there. */
/*@ requires \valid(l) && \valid(r) && linux_fine(*l) && a < l->mms && bounded(*r);
    requires r->anywhere == 0 ==> r->to + r->new <= VMREF_TASK_PAGES;
    requires whole(*r);
    terminates \true; exits \false;
    assigns MM(l, a), *r;
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t move_to(struct vmref_linux *l, uint32_t a, struct vmref_remap *r)
{
  if (r->old > r->new) r->old = r->new;
  int64_t e = vmref_remap_check(l, a, r, r->old);
  if (e == 0) e = choose(l, a, r, r->to);
  return e != 0 ? e : move_area(l, a, r);
}

int64_t vmref_remap_to(struct vmref_linux *l, uint32_t a, struct vmref_remap *r)
{
  const int64_t e = clear(l, a, r);
  if (e != 0) return e;
  //@ ghost Cleared: ;
  const int64_t m = move_to(l, a, r);
  //@ assert by_cleared: CHAIN(l->s, Cleared);
  //@ assert so_cleared: apart{Pre, Here}(l->s, l->mms, a);
  return m;
}

/* Grow where it is: the new part joins the area, and perhaps the next. */
/*@ requires \valid(l) && \valid_read(r) && linux_fine(*l) && a < l->mms && bounded(*r) && i < l->mm[a].vmas.n;
    requires l->mm[a].vmas.at[i].start <= r->from < l->mm[a].vmas.at[i].end == r->from + r->old;
    requires r->old < r->new && r->from + r->new <= VMREF_TASK_PAGES && holds_old(l->mm[a].vmas, *r);
    requires vacant_from(l->mm[a].vmas, l->mm[a].vmas.at[i].end, r->from + r->new);
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t extend(struct vmref_linux *l, uint32_t a, uint32_t i, const struct vmref_remap *r)
{
  struct vmref_vma v = M.at[i];
  const uint64_t from = v.end, to = r->from + r->new;
  if (!granted_pages(l, v.flags, to - from) || (M.kernel < 0x603 && (v.flags & VMREF_VM_CLOSE) != 0)) return -VMREF_ERRNO_NOMEM;
  v.offset += v.end - v.start;
  v.start = from;
  v.end = to;
  if (M.kernel >= 0x60C) v.flags &= ~VMREF_VM_FORKED; /* it is asked of no area that it came from */
  vmref_vma_add(&M, v, VMREF_ADD_MOVE);
  //@ assert added: linux_fine(*l);
  const int64_t e = touch_locked(l, a, v.flags, from, to);
  return e != 0 ? e : (int64_t)(r->from * 4096);
}

int64_t vmref_remap_at(struct vmref_linux *l, uint32_t a, struct vmref_remap *r)
{
  if (r->old >= r->new) {
    const int64_t e = shrink(l, a, r);
    return e != 0 ? e : (int64_t)(r->from * 4096);
  }
  const int64_t e = vmref_remap_check(l, a, r, r->old);
  if (e != 0) return e;
  const uint32_t i = vmref_remap_lookup(&M, r->from);
  const uint64_t end = r->from + r->new;
  if (r->old == M.at[i].end - r->from && end <= VMREF_TASK_PAGES && !vmref_vma_any(&M, M.at[i].end, end))
    return extend(l, a, i, r);
  if ((r->flags & VMREF_MREMAP_MAYMOVE) == 0) return -VMREF_ERRNO_NOMEM;
  const int64_t f = choose(l, a, r, 0);
  return f != 0 ? f : move_area(l, a, r);
}
