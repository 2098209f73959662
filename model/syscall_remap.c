/* SPDX-License-Identifier: MIT */
#include "syscall_remap.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M (l->mm[a].vmas)

#define LOCKS (VMREF_VM_LOCKED | VMREF_VM_LOCKONFAULT)

/* What is asked, in pages. */
struct remap {
  uint64_t from, old, new, to; /* to: with FIXED; without, chosen here */
  uint64_t flags;
  vmref_bool anywhere; /* `to` is to be chosen yet */
};

/* The area at page p, n: there is none. */
static uint32_t lookup(const struct vmref_vmas *m, uint64_t p)
{
  const uint32_t i = vmref_vma_find(m, p);
  return i < m->n && m->at[i].start <= p ? i : m->n;
}

/* May the area at r->from be moved or grow so? (vma_to_resize, check_prep_vma) */
static int64_t resizable(const struct vmref_linux *l, uint32_t a, const struct remap *r, uint64_t old)
{
  const uint32_t i = lookup(&M, r->from);
  if (i == M.n) return -VMREF_ERRNO_FAULT;
  const struct vmref_vma v = M.at[i];
  if (old == 0 && (v.flags & (VMREF_VM_SHARED | VMREF_VM_MAYSHARE)) == 0) return -VMREF_ERRNO_INVAL;
  if (old > v.end - r->from) return -VMREF_ERRNO_FAULT;
  if (r->new == old) return 0;
  if (v.offset + (r->from - v.start) + r->new > VMREF_OFFSETS) return -VMREF_ERRNO_INVAL;
  if ((v.flags & VMREF_VM_LOCKED) != 0 && r->new > old && !vmref_may_lock(l, a, r->new - old)) return -VMREF_ERRNO_AGAIN;
  return 0;
}

/* Is there memory for pages more of an area that is accounted for? */
static vmref_bool granted_pages(const struct vmref_linux *l, uint32_t flags, uint64_t pages)
{
  return (flags & VMREF_VM_ACCOUNT) == 0 || pages <= l->commit;
}

/* The area that is left where its pages have moved from (dontunmap_complete). */
static void leave(struct vmref_vmas *m, const struct remap *r, uint32_t joined)
{
  const uint32_t i = lookup(m, r->from);
  m->at[i].flags &= ~LOCKS;
  if (i == joined || m->at[i].start != r->from || m->at[i].end != r->from + r->old) return;
  m->at[i].anon = 0;
  m->at[i].flags &= ~VMREF_VM_FORKED;
}

/* move_vma: r->old pages go to r->to, where the area has r->new. Nothing is mapped there. */
static int64_t move_area(struct vmref_linux *l, uint32_t a, struct remap *r)
{
  const vmref_bool keep = (r->flags & VMREF_MREMAP_DONTUNMAP) != 0;
  if (M.n + 4 >= M.room) return -VMREF_ERRNO_NOMEM;
  struct vmref_vma v = M.at[lookup(&M, r->from)];
  if (!granted_pages(l, v.flags, keep ? r->new : r->new > r->old ? r->new - r->old : 0)) return -VMREF_ERRNO_NOMEM;
  v.offset = v.file == 0 && v.anon == 0 ? r->to : v.offset + (r->from - v.start); /* not yet faulted: may be rebased */
  v.start = r->to;
  v.end = r->to + r->new;
  const uint32_t at = vmref_vma_add(&M, v, VMREF_ADD_MOVE);
  if (vmref_pages_move(&l->s, a, r->from, r->old, r->to) != VMREF_OK) return VMREF_RESULT_FULL;
  if (keep) leave(&M, r, at);
  else if (r->old != 0) vmref_unmap_pages(l, a, r->from, r->from + r->old);
  if ((v.flags & VMREF_VM_LOCKED) != 0 && r->new > r->old
      && vmref_populate(l, a, r->to + r->old, r->to + r->new, 1) == VMREF_RESULT_FULL) return VMREF_RESULT_FULL;
  return (int64_t)(r->to * 4096);
}

/* A new place for the area, unless it is given. */
static int64_t choose(const struct vmref_linux *l, uint32_t a, struct remap *r, uint64_t hint)
{
  if (!r->anywhere) return r->to < l->min && !l->raw_io ? -VMREF_ERRNO_PERM : 0;
  const uint32_t i = lookup(&M, r->from);
  const vmref_bool private = i < M.n && M.at[i].file == 0;
  r->to = private ? vmref_place_private(l, a, hint, r->new) : vmref_place(l, a, hint, r->new);
  return r->to != 0 ? 0 : -VMREF_ERRNO_NOMEM;
}

static int64_t shrink(struct vmref_linux *l, uint32_t a, const struct remap *r)
{
  if (r->old <= r->new) return 0;
  if (r->from + r->old > VMREF_TASK_PAGES) return -VMREF_ERRNO_INVAL;
  return vmref_unmap_pages(l, a, r->from + r->new, r->from + r->old);
}

/* mremap_to: FIXED, DONTUNMAP. */
static int64_t remap_to(struct vmref_linux *l, uint32_t a, struct remap *r)
{
  int64_t e = 0;
  if (!r->anywhere) e = vmref_unmap_pages(l, a, r->to, r->to + r->new);
  if (e == 0 && lookup(&M, r->from) == M.n && l->kernel >= 0x60F) return -VMREF_ERRNO_FAULT;
  if (e == 0) e = shrink(l, a, r);
  if (r->old > r->new) r->old = r->new;
  if (e == 0) e = resizable(l, a, r, r->old);
  if (e == 0) e = choose(l, a, r, r->to);
  return e != 0 ? e : move_area(l, a, r);
}

/* Equal lengths, FIXED, since 6.17: each area in the range goes over, and the gaps with them. */
static int64_t remap_all(struct vmref_linux *l, uint32_t a, const struct remap *all)
{
  const uint64_t end = all->from + all->old;
  if (lookup(&M, all->from) == M.n) return -VMREF_ERRNO_FAULT;
  if (all->old == 0) return -VMREF_ERRNO_FAULT;
  for (uint64_t p = all->from; p < end; ) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n || M.at[i].start >= end) break;
    /* the file operations of System V segments might place them elsewhere: never one of several */
    if ((M.at[i].flags & VMREF_VM_CLOSE) != 0 && (p != all->from || M.at[i].end < end)) return -VMREF_ERRNO_FAULT;
    struct remap r = *all;
    r.from = M.at[i].start > p ? M.at[i].start : p;
    r.to = all->to + (r.from - all->from);
    r.old = r.new = (M.at[i].end < end ? M.at[i].end : end) - r.from;
    p = r.from + r.old;
    int64_t e = resizable(l, a, &r, r.old);
    if (e == 0) e = remap_to(l, a, &r);
    if (e < 0) return e;
  }
  return (int64_t)(all->to * 4096);
}

/* Grow where it is: the new part joins the area, and perhaps the next. */
static int64_t extend(struct vmref_linux *l, uint32_t a, uint32_t i, const struct remap *r)
{
  struct vmref_vma v = M.at[i];
  const uint64_t from = v.end, to = r->from + r->new;
  if (!granted_pages(l, v.flags, to - from) || (M.kernel < 0x603 && (v.flags & VMREF_VM_CLOSE) != 0)) return -VMREF_ERRNO_NOMEM;
  v.offset += v.end - v.start;
  v.start = from;
  v.end = to;
  if (M.kernel >= 0x60C) v.flags &= ~VMREF_VM_FORKED; /* it is asked of no area that it came from */
  vmref_vma_add(&M, v, VMREF_ADD_MOVE);
  if ((v.flags & VMREF_VM_LOCKED) != 0 && vmref_populate(l, a, from, to, 1) == VMREF_RESULT_FULL) return VMREF_RESULT_FULL;
  return (int64_t)(r->from * 4096);
}

/* mremap_at: without a place given. */
static int64_t remap_at(struct vmref_linux *l, uint32_t a, struct remap *r)
{
  if (r->old >= r->new) {
    const int64_t e = shrink(l, a, r);
    return e != 0 ? e : (int64_t)(r->from * 4096);
  }
  const int64_t e = resizable(l, a, r, r->old);
  if (e != 0) return e;
  const uint32_t i = lookup(&M, r->from);
  const uint64_t end = r->from + r->new;
  if (r->old == M.at[i].end - r->from && end <= VMREF_TASK_PAGES && !vmref_vma_any(&M, M.at[i].end, end))
    return extend(l, a, i, r);
  if ((r->flags & VMREF_MREMAP_MAYMOVE) == 0) return -VMREF_ERRNO_NOMEM;
  const int64_t f = choose(l, a, r, 0);
  return f != 0 ? f : move_area(l, a, r);
}

/* What is wrong with the arguments alone. */
static vmref_bool silly(const struct vmref_call *c, const struct remap *r)
{
  const vmref_bool moves = (c->arg[3] & (VMREF_MREMAP_FIXED | VMREF_MREMAP_DONTUNMAP)) != 0;
  if (c->arg[3] > 7 || c->arg[0] % 4096 != 0 || r->new == 0) return 1;
  if (moves && (c->arg[3] & VMREF_MREMAP_MAYMOVE) == 0) return 1;
  return (c->arg[3] & VMREF_MREMAP_DONTUNMAP) != 0 && r->old != r->new;
}

/* What is wrong with a place that is given. */
static vmref_bool misplaced(const struct vmref_call *c, const struct remap *r)
{
  if (c->arg[4] % 4096 != 0 || r->new > VMREF_TASK_PAGES || r->to > VMREF_TASK_PAGES - r->new) return 1;
  return r->from + r->old > r->to && r->to + r->new > r->from;
}

int64_t vmref_sys_mremap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  struct remap r = { c->arg[0] / 4096, vmref_length_pages(c->arg[1]), vmref_length_pages(c->arg[2]), c->arg[4] / 4096, c->arg[3],
                     (c->arg[3] & VMREF_MREMAP_FIXED) == 0 };
  const vmref_bool moves = (c->arg[3] & (VMREF_MREMAP_FIXED | VMREF_MREMAP_DONTUNMAP)) != 0, late = l->kernel >= 0x611;
  /* of DONTUNMAP, lengths were compared in bytes before 6.17 */
  if (silly(c, &r) || (!late && (c->arg[3] & VMREF_MREMAP_DONTUNMAP) != 0 && c->arg[1] != c->arg[2])) return -VMREF_ERRNO_INVAL;
  if (late && (r.new > VMREF_TASK_PAGES || (moves && misplaced(c, &r)))) return -VMREF_ERRNO_INVAL;
  if (late && moves && M.n + 6 >= M.room) return -VMREF_ERRNO_NOMEM;
  if (late && (c->arg[3] & VMREF_MREMAP_FIXED) != 0 && r.old == r.new) return remap_all(l, a, &r);
  if (lookup(&M, r.from) == M.n) return -VMREF_ERRNO_FAULT;
  if (!moves) return remap_at(l, a, &r);
  if (!late && misplaced(c, &r)) return -VMREF_ERRNO_INVAL;
  if (!late && M.n + 6 >= M.room) return -VMREF_ERRNO_NOMEM;
  if (late) { /* the range is checked before anything is unmapped */
    const int64_t e = resizable(l, a, &r, r.old > r.new ? r.new : r.old);
    if (e != 0) return e;
  }
  return remap_to(l, a, &r);
}
