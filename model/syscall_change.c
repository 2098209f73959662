/* SPDX-License-Identifier: MIT */
#include "syscall_change.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas

#define ACCESS (VMREF_VM_READ | VMREF_VM_WRITE | VMREF_VM_EXEC)
#define LOCKS  (VMREF_VM_LOCKED | VMREF_VM_LOCKONFAULT)
#define TOP    0x10000000000000 /* 2^64 / 4096 */

/* A range of a call: bytes to pages from..to-1. 0: it wraps around the top. */
/*@ requires \valid(from) && \valid(to) && \separated(from, to) && n <= TOP;
    terminates \true; exits \false;
    assigns *from, *to;
    ensures *from == addr / 4096 && *to == *from + n;
    ensures \result != 0 <==> *to < TOP; */
static vmref_bool range(uint64_t addr, uint64_t n, uint64_t *from, uint64_t *to)
{
  *from = addr / 4096;
  *to = *from + n;
  return *to < TOP;
}

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == (p < q ? p : q); */
static uint64_t least(uint64_t p, uint64_t q)
{
  return p < q ? p : q;
}

/* ---- mprotect ---- */

/* mprotect_fixup: give pages from..to-1 of area i the rights of f. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n;
    requires l->mm[a].vmas.at[i].start <= from < to <= l->mm[a].vmas.at[i].end;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_NOMEM || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t fixup(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t from, uint64_t to, uint32_t f)
{
  const struct vmref_vma old = M.at[i];
  if (f == old.flags) return 0;
  if ((f & VMREF_VM_WRITE) != 0) {
    if ((old.flags & (VMREF_VM_ACCOUNT | VMREF_VM_WRITE | VMREF_VM_SHARED | VMREF_VM_NORESERVE)) == 0) {
      if (!vmref_granted(l, to - from)) return -VMREF_ERRNO_NOMEM;
      f |= VMREF_VM_ACCOUNT;
    }
  } else if (l->kernel >= 0x607 && old.file == 0 && old.anon == 0) f &= ~VMREF_VM_ACCOUNT;
  if (vmref_vma_modify(&M, i, from, to, f) != VMREF_OK) return -VMREF_ERRNO_NOMEM;
  vmref_pages_protect(&l->s, a, from, to, f);
  //@ assert protected: linux_fine(*l) && apart{Pre, Here}(l->s, l->mms, a);
  /* what is locked stays in memory: break the copies on write that may come now */
  if ((old.flags & (VMREF_VM_WRITE | VMREF_VM_SHARED | VMREF_VM_LOCKED)) != VMREF_VM_LOCKED || (f & VMREF_VM_WRITE) == 0) return 0;
  //@ ghost Protected: ;
  const int64_t touched = vmref_populate(l, a, from, to, 1);
  //@ assert both: CHAIN(l->s, Protected);
  //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
  return touched;
}

/* All of pages from..to-1, area by area. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t protect(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to, uint32_t prot)
{
  uint64_t p = from;
  /*@ loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, a);
      loop assigns p, MM(l, a);
      loop variant to - p; */
  while (p < to) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n || M.at[i].start > p) return -VMREF_ERRNO_NOMEM;
    const uint32_t f = (M.at[i].flags & ~ACCESS) | prot;
    if ((f & ~(f >> 4) & ACCESS) != 0) return -VMREF_ERRNO_ACCES;
    const uint64_t end = least(M.at[i].end, to);
    //@ ghost Before: ;
    const int64_t r = fixup(l, a, i, p, end, f);
    //@ assert both: CHAIN(l->s, Before);
    //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
    if (r != 0) return r;
    p = end;
  }
  return 0;
}

int64_t vmref_sys_mprotect(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t grows = c->arg[2] & (VMREF_PROT_DOWN | VMREF_PROT_UP), prot = c->arg[2] & ~(uint64_t)(VMREF_PROT_DOWN | VMREF_PROT_UP);
  uint64_t from, to;
  if (grows == (VMREF_PROT_DOWN | VMREF_PROT_UP) || c->arg[0] % 4096 != 0) return -VMREF_ERRNO_INVAL;
  if (c->arg[1] == 0) return 0;
  const uint64_t n = vmref_length_pages(c->arg[1]);
  if (!range(c->arg[0], n, &from, &to) || n == 0) return -VMREF_ERRNO_NOMEM;
  if ((prot & ~(uint64_t)(ACCESS | VMREF_PROT_SEM)) != 0) return -VMREF_ERRNO_INVAL;
  const uint32_t i = vmref_vma_find(&M, from);
  if (i == M.n) return -VMREF_ERRNO_NOMEM;
  if (grows == VMREF_PROT_DOWN) {
    if (M.at[i].start >= to) return -VMREF_ERRNO_NOMEM;
    if ((M.at[i].flags & VMREF_VM_GROWSDOWN) == 0) return -VMREF_ERRNO_INVAL;
    from = M.at[i].start;
  } else {
    if (M.at[i].start > from) return -VMREF_ERRNO_NOMEM;
    if (grows == VMREF_PROT_UP) return -VMREF_ERRNO_INVAL;
  }
  return protect(l, a, from, to, (uint32_t)(c->arg[2] % 8));
}

/* ---- madvise ---- */

/* May a piece of advice be given of area v? */
/*@ terminates \true; assigns \nothing; exits \false; */
static vmref_bool advisable(struct vmref_vma v, uint64_t advice)
{
  switch (advice) {
  case VMREF_MADV_DONTFORK: case VMREF_MADV_DOFORK: case VMREF_MADV_HUGEPAGE: case VMREF_MADV_NOHUGEPAGE:
  case VMREF_MADV_KEEPONFORK: return 1;
  case VMREF_MADV_WIPEONFORK: return v.file == 0;
  case VMREF_MADV_FREE: return v.file == 0 && (v.flags & VMREF_VM_LOCKED) == 0;
  default: return (v.flags & VMREF_VM_LOCKED) == 0;
  }
}

/* The flags that it leaves. */
/*@ terminates \true; assigns \nothing; exits \false; */
static uint32_t advised(uint32_t flags, uint64_t advice)
{
  switch (advice) {
  case VMREF_MADV_DONTFORK: return flags | VMREF_VM_DONTCOPY;
  case VMREF_MADV_DOFORK: return flags & ~VMREF_VM_DONTCOPY;
  case VMREF_MADV_HUGEPAGE: return (flags & ~VMREF_VM_NOHUGEPAGE) | VMREF_VM_HUGEPAGE;
  case VMREF_MADV_NOHUGEPAGE: return (flags & ~VMREF_VM_HUGEPAGE) | VMREF_VM_NOHUGEPAGE;
  case VMREF_MADV_WIPEONFORK: return flags | VMREF_VM_WIPEONFORK;
  case VMREF_MADV_KEEPONFORK: return flags & ~VMREF_VM_WIPEONFORK;
  default: return flags;
  }
}

/* Advice for pages from..to-1 of area i. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n;
    requires l->mm[a].vmas.at[i].start <= from < to <= l->mm[a].vmas.at[i].end;
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_INVAL || \result == -VMREF_ERRNO_AGAIN;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t advise(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t from, uint64_t to, uint64_t advice)
{
  const struct vmref_vma v = M.at[i];
  if (!advisable(v, advice)) return -VMREF_ERRNO_INVAL;
  const uint32_t f = advised(v.flags, advice);
  if (advice == VMREF_MADV_DONTNEED) vmref_pages_drop(&l->s, a, from, to);
  if (advice == VMREF_MADV_PAGEOUT && l->swap) vmref_pages_out(&l->s, a, from, to);
  //@ assert pages: linux_fine(*l) && apart{Pre, Here}(l->s, l->mms, a);
  if (f == v.flags) return 0;
  return vmref_vma_modify(&M, i, from, to, f) == VMREF_OK ? 0
    : -VMREF_ERRNO_AGAIN; /* what the kernel makes of ENOMEM here */
}

/* 1: modelled; -EINVAL: no advice at all; VMREF_RESULT_UNMODELLED. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 || \result == VMREF_RESULT_UNMODELLED || \result == -VMREF_ERRNO_INVAL; */
static int64_t is_advice(uint64_t advice)
{
  switch (advice) {
  case VMREF_MADV_DONTNEED: case VMREF_MADV_FREE: case VMREF_MADV_DONTFORK: case VMREF_MADV_DOFORK:
  case VMREF_MADV_HUGEPAGE: case VMREF_MADV_NOHUGEPAGE: case VMREF_MADV_WIPEONFORK: case VMREF_MADV_KEEPONFORK:
  case VMREF_MADV_COLD: case VMREF_MADV_PAGEOUT: return 1;
  default: break;
  }
  return advice <= 25 || (advice >= 100 && advice <= 103) ? VMREF_RESULT_UNMODELLED : -VMREF_ERRNO_INVAL;
}

int64_t vmref_sys_madvise(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t n = vmref_length_pages(c->arg[1]), advice = c->arg[2] % 0x100000000;
  const int64_t known = is_advice(advice);
  uint64_t p, to;
  if (known != 1) return known;
  if (c->arg[0] % 4096 != 0 || (c->arg[1] != 0 && n == 0) || !range(c->arg[0], n, &p, &to)) return -VMREF_ERRNO_INVAL;
  int64_t result = 0;
  /*@ loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, a);
      loop invariant result: result == 0 || result == -VMREF_ERRNO_NOMEM;
      loop assigns p, result, MM(l, a);
      loop variant to - p; */
  while (p < to) {
    uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n) return -VMREF_ERRNO_NOMEM;
    if (p < M.at[i].start) { /* a hole: to be told of at the end */
      result = -VMREF_ERRNO_NOMEM;
      p = M.at[i].start;
      continue;
    }
    const uint64_t end = least(M.at[i].end, to);
    //@ ghost Before: ;
    const int64_t r = advise(l, a, i, p, end, advice);
    //@ assert both: CHAIN(l->s, Before);
    //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
    if (r != 0) return r;
    p = end;
    i = vmref_vma_find(&M, p - 1);
    if (i < M.n && M.at[i].start < p && M.at[i].end > p) p = M.at[i].end; /* it has joined what comes */
  }
  return result;
}

/* ---- mlock ---- */

/* apply_vma_lock_flags: all of pages from..to-1 must be mapped. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns l->mm[a].vmas;
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_NOMEM; */
static int64_t lock(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to, uint32_t locks)
{
  uint64_t p = from;
  /*@ loop invariant fine: linux_fine(*l);
      loop assigns p, l->mm[a].vmas;
      loop variant to - p; */
  while (p < to) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n || M.at[i].start > p) return -VMREF_ERRNO_NOMEM;
    const uint64_t end = least(M.at[i].end, to);
    const uint32_t f = (M.at[i].flags & ~LOCKS) | locks;
    if (f != M.at[i].flags && vmref_vma_modify(&M, i, p, end, f) != VMREF_OK) return -VMREF_ERRNO_NOMEM;
    p = end;
  }
  return 0;
}

/* The whole pages of a range of bytes. 0: it wraps. */
/*@ requires \valid_read(c) && \valid(from) && \valid(to) && \separated(from, to) && \separated(c, from) && \separated(c, to);
    terminates \true; exits \false;
    assigns *from, *to;
    ensures *from <= *to; */
static vmref_bool bytes_range(const struct vmref_call *c, uint64_t *from, uint64_t *to)
{
  const uint64_t in = c->arg[0] % 4096;
  const uint64_t n = c->arg[1] > UINT64_MAX - in ? (c->arg[1] - (UINT64_MAX - in) - 1 + 4095) / 4096 : vmref_length_pages(c->arg[1] + in);
  return range(c->arg[0], n, from, to);
}

int64_t vmref_sys_mlock(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  uint64_t from, to;
  if ((c->arg[2] & ~(uint64_t)1) != 0) return -VMREF_ERRNO_INVAL;
  if (l->lock_limit == 0) return -VMREF_ERRNO_PERM;
  const vmref_bool fits = bytes_range(c, &from, &to);
  if (!vmref_may_lock(l, a, to - from)) return -VMREF_ERRNO_NOMEM;
  if (!fits) return -VMREF_ERRNO_INVAL;
  int64_t r = lock(l, a, from, to, c->arg[2] != 0 ? LOCKS : VMREF_VM_LOCKED);
  //@ assert locked: apart{Pre, Here}(l->s, l->mms, a);
  if (r == 0) r = vmref_populate(l, a, from, to, 0);
  return r == -VMREF_ERRNO_FAULT ? -VMREF_ERRNO_NOMEM : r;
}

int64_t vmref_sys_munlock(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  uint64_t from, to;
  return bytes_range(c, &from, &to) ? lock(l, a, from, to, 0) : -VMREF_ERRNO_INVAL;
}

/* Of all areas; where one cannot be split, which never comes up for whole ones, it is left. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns l->mm[a].vmas;
    ensures fine: linux_fine(*l); */
static void lock_all(struct vmref_linux *l, uint32_t a, uint32_t locks)
{
  uint64_t p = 0;
  /*@ loop invariant fine: linux_fine(*l) && p <= VMREF_TASK_PAGES;
      loop assigns p, l->mm[a].vmas;
      loop variant VMREF_TASK_PAGES - p; */
  while (p < VMREF_TASK_PAGES) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n) return;
    const struct vmref_vma v = M.at[i];
    const uint32_t f = (v.flags & ~LOCKS) | locks;
    if (f != v.flags) vmref_vma_modify(&M, i, v.start, v.end, f);
    p = v.end;
  }
}

/* All pages that are mapped. */
/*@ requires \valid_read(m) && areas(*m);
    terminates \true; assigns \nothing; exits \false; */
static uint64_t all_pages(const struct vmref_vmas *m)
{
  uint64_t n = 0;
  /*@ loop invariant bound: 0 <= i <= m->n;
      loop invariant sum: (i == 0 ==> n == 0) && (i > 0 ==> n <= m->at[i - 1].end);
      loop assigns i, n;
      loop variant m->n - i; */
  for (uint32_t i = 0; i < m->n; i++) n += m->at[i].end - m->at[i].start;
  return n;
}

int64_t vmref_sys_mlockall(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t current = c->arg[0] & 1, future = c->arg[0] & 2, onfault = c->arg[0] & 4;
  if (c->arg[0] > 7 || (current == 0 && future == 0)) return -VMREF_ERRNO_INVAL;
  if (l->lock_limit == 0) return -VMREF_ERRNO_PERM;
  const uint32_t locks = onfault != 0 ? LOCKS : VMREF_VM_LOCKED;
  if (current != 0 && l->lock_limit != UINT64_MAX && all_pages(&M) > l->lock_limit) return -VMREF_ERRNO_NOMEM;
  l->mm[a].def_flags = future != 0 ? locks : 0;
  if (current == 0) return 0;
  lock_all(l, a, locks);
  //@ assert locked: linux_fine(*l) && apart{Pre, Here}(l->s, l->mms, a);
  return vmref_populate(l, a, 0, VMREF_TASK_PAGES, 1);
}

int64_t vmref_sys_munlockall(struct vmref_linux *l, uint32_t a)
{
  l->mm[a].def_flags = 0;
  lock_all(l, a, 0);
  return 0;
}

/* ---- msync, mincore ---- */

int64_t vmref_sys_msync(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  uint64_t p, to;
  if (c->arg[2] > 7 || c->arg[0] % 4096 != 0 || (c->arg[2] & 5) == 5) return -VMREF_ERRNO_INVAL;
  if (!range(c->arg[0], vmref_length_pages(c->arg[1]), &p, &to)) return -VMREF_ERRNO_NOMEM;
  int64_t result = 0;
  /*@ loop invariant result: result == 0 || result == -VMREF_ERRNO_NOMEM;
      loop assigns p, result;
      loop variant to - p; */
  while (p < to) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n) return -VMREF_ERRNO_NOMEM;
    if (p < M.at[i].start) {
      result = -VMREF_ERRNO_NOMEM;
      p = M.at[i].start;
      if (p >= to) break;
    }
    if ((c->arg[2] & 2) != 0 && (M.at[i].flags & VMREF_VM_LOCKED) != 0) return -VMREF_ERRNO_BUSY;
    p = M.at[i].end;
  }
  return result;
}

/* Only whether it succeeds: what it tells of pages Linux leaves open. */
int64_t vmref_sys_mincore(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  uint64_t p, to;
  if (c->arg[0] % 4096 != 0) return -VMREF_ERRNO_INVAL;
  if (c->arg[0] / 4096 > VMREF_TASK_PAGES || c->arg[1] > VMREF_TASK_PAGES * UINT64_C(4096) - c->arg[0]
      || !range(c->arg[0], vmref_length_pages(c->arg[1]), &p, &to)) return -VMREF_ERRNO_NOMEM;
  /*@ loop assigns p;
      loop variant to - p; */
  while (p < to) {
    const uint32_t i = vmref_vma_find(&M, p);
    if (i == M.n || M.at[i].start > p) return -VMREF_ERRNO_NOMEM;
    p = M.at[i].end;
  }
  return 0;
}
