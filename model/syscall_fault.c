/* SPDX-License-Identifier: MIT */
#include "syscall_fault.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M (l->mm[a].vmas)

#define ACCESS (VMREF_VM_READ | VMREF_VM_WRITE | VMREF_VM_EXEC)

/* Has area i, or its neighbour `of`, an anon_vma that both can have? (find_mergeable_anon_vma) */
static vmref_bool lends(const struct vmref_vmas *m, uint32_t i, uint32_t of)
{
  const struct vmref_vma a = m->at[i < of ? i : of], b = m->at[i < of ? of : i], old = m->at[of];
  return old.anon != 0 && (old.flags & VMREF_VM_FORKED) == 0 && a.end == b.start && a.file == b.file
    && ((a.flags ^ b.flags) & ~(ACCESS | VMREF_VM_FORKED)) == 0 && b.offset == a.offset + (b.start - a.start);
}

void vmref_anon_prepare(struct vmref_linux *l, uint32_t a, uint32_t i)
{
  if (M.at[i].anon != 0) return;
  M.at[i].flags &= ~VMREF_VM_FORKED;
  if (i + 1 < M.n && lends(&M, i, i + 1)) M.at[i].anon = M.at[i + 1].anon;
  else if (i > 0 && lends(&M, i, i - 1)) M.at[i].anon = M.at[i - 1].anon;
  else M.at[i].anon = ++l->anon;
}

static uint64_t locked_pages(const struct vmref_vmas *m)
{
  uint64_t n = 0;
  for (uint32_t i = 0; i < m->n; i++)
    if ((m->at[i].flags & VMREF_VM_LOCKED) != 0) n += m->at[i].end - m->at[i].start;
  return n;
}

/* Let area i begin at page p below it (expand_downwards). */
static vmref_bool grow_down(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t p)
{
  const uint64_t grow = M.at[i].start - p;
  if ((M.at[i].flags & VMREF_VM_GROWSDOWN) == 0 || p < l->min) return 0;
  if (i > 0 && (M.at[i - 1].flags & VMREF_VM_GROWSDOWN) == 0 && (M.at[i - 1].flags & ACCESS) != 0
      && p - M.at[i - 1].end < VMREF_GUARD_GAP) return 0;
  vmref_anon_prepare(l, a, i);
  if (M.at[i].offset < grow || M.at[i].end - p > l->stack_limit) return 0;
  if ((M.at[i].flags & VMREF_VM_LOCKED) != 0 && l->lock_limit != UINT64_MAX && locked_pages(&M) + grow > l->lock_limit) return 0;
  M.at[i].start = p;
  M.at[i].offset -= grow;
  return 1;
}

static struct vmref_touched signalled(uint8_t signal, uint8_t code)
{
  return (struct vmref_touched){ 0, signal, code, 0 };
}

/* Does the area not permit the access at all? A fetch is seen to only when the page is there. */
static struct vmref_touched refused(const struct vmref_linux *l, uint32_t flags, uint8_t kind)
{
  if (kind == VMREF_WRITE || kind == VMREF_RMW)
    return (flags & VMREF_VM_WRITE) != 0 ? signalled(0, 0) : signalled(VMREF_SIGSEGV, VMREF_SEGV_ACCERR);
  if ((flags & ACCESS) == 0) return signalled(VMREF_SIGSEGV, VMREF_SEGV_ACCERR);
  if (kind == VMREF_READ && l->pku && (flags & ACCESS) == VMREF_VM_EXEC) return signalled(VMREF_SIGSEGV, VMREF_SEGV_PKUERR);
  return signalled(0, 0);
}

/* handle_mm_fault of a page of area i. */
static struct vmref_touched handle(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t p, uint8_t kind)
{
  const vmref_bool write = kind == VMREF_WRITE || kind == VMREF_RMW;
  if (write ? (M.at[i].flags & VMREF_VM_SHARED) == 0 : M.at[i].file == 0 && l->no_zero_page) vmref_anon_prepare(l, a, i);
  const int status = vmref_page_bring(l, a, M.at[i], p);
  if (status == VMREF_ENOMAP) return signalled(VMREF_SIGBUS, VMREF_BUS_ADRERR);
  if (status != VMREF_OK) return (struct vmref_touched){ VMREF_RESULT_FULL, 0, 0, 0 };
  return signalled(0, 0);
}

struct vmref_touched vmref_touch(struct vmref_linux *l, uint32_t a, uint64_t p, uint8_t kind)
{
  const uint32_t i = vmref_vma_find(&M, p);
  if (i == M.n || (p < M.at[i].start && !grow_down(l, a, i, p))) return signalled(VMREF_SIGSEGV, VMREF_SEGV_MAPERR);
  struct vmref_touched t = refused(l, M.at[i].flags, kind);
  if (t.signal != 0) return t;
  t = handle(l, a, i, p, kind);
  if (t.signal != 0 || t.result != 0 || kind != VMREF_FETCH || (M.at[i].flags & VMREF_VM_EXEC) != 0) return t;
  /* the page is read first, and is there from then on */
  if (vmref_fault(&l->s, a, p * 4096, VMREF_READ) != VMREF_OK) return (struct vmref_touched){ VMREF_RESULT_FULL, 0, 0, 0 };
  return signalled(VMREF_SIGSEGV, VMREF_SEGV_ACCERR);
}

struct vmref_touched vmref_task_access(struct vmref_linux *l, uint32_t t, uint64_t va, uint8_t kind, uint8_t byte)
{
  if (t >= l->tasks || !l->task[t].alive || l->task[t].child != 0 || kind > VMREF_FETCH)
    return (struct vmref_touched){ VMREF_RESULT_MISUSE, 0, 0, 0 };
  if (va >= 0x800000000000 && va < 0xFFFF800000000000) return signalled(VMREF_SIGSEGV, VMREF_SI_KERNEL); /* not canonical */
  if (va / 4096 >= VMREF_TASK_PAGES) return signalled(VMREF_SIGSEGV, VMREF_SEGV_MAPERR);
  const uint32_t a = l->task[t].mm;
  struct vmref_touched r = vmref_touch(l, a, va / 4096, kind);
  if (r.signal != 0 || r.result != 0) return r;
  const struct vmref_outcome o = vmref_user_access(&l->s, a, va, kind, byte);
  /* the area permits it and the page is there: layer 2 may only lack a frame */
  if (o.status != VMREF_OK) return (struct vmref_touched){ VMREF_RESULT_FULL, 0, 0, 0 };
  r.byte = o.byte;
  return r;
}

/* Touch page p of an area as get_user_pages does for mm_populate. */
static int64_t fault_in(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t p)
{
  const vmref_bool write = (M.at[i].flags & (VMREF_VM_WRITE | VMREF_VM_SHARED)) == VMREF_VM_WRITE;
  if ((M.at[i].flags & ACCESS) == 0) return -VMREF_ERRNO_FAULT;
  struct vmref_touched t = handle(l, a, i, p, write ? VMREF_WRITE : VMREF_READ);
  if (t.signal != 0) return -VMREF_ERRNO_FAULT;
  if (t.result != 0) return t.result;
  const int status = vmref_fault(&l->s, a, p * 4096, write ? VMREF_WRITE : VMREF_READ);
  return status == VMREF_OK ? 0 : VMREF_RESULT_FULL;
}

int64_t vmref_populate(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to, vmref_bool on)
{
  for (uint32_t i = vmref_vma_find(&M, from); i < M.n && M.at[i].start < to; i++) {
    if ((M.at[i].flags & VMREF_VM_LOCKONFAULT) != 0) continue;
    const uint64_t end = M.at[i].end < to ? M.at[i].end : to;
    for (uint64_t p = M.at[i].start > from ? M.at[i].start : from; p < end; p++) {
      const int64_t r = fault_in(l, a, i, p);
      if (r == 0) continue;
      if (!on || r != -VMREF_ERRNO_FAULT) return r;
      break;
    }
  }
  return 0;
}
