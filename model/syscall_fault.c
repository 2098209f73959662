/* SPDX-License-Identifier: MIT */
#include "syscall_fault.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas

#define ACCESS (VMREF_VM_READ | VMREF_VM_WRITE | VMREF_VM_EXEC)

/* Has area i, or its neighbour `of`, an anon_vma that both can have? (find_mergeable_anon_vma) */
/*@ requires \valid_read(m) && areas(*m) && i < m->n && of < m->n && i != of;
    terminates \true; assigns \nothing; exits \false; */
static vmref_bool lends(const struct vmref_vmas *m, uint32_t i, uint32_t of)
{
  const struct vmref_vma a = m->at[i < of ? i : of], b = m->at[i < of ? of : i], old = m->at[of];
  return old.anon != 0 && (old.flags & VMREF_VM_FORKED) == 0 && a.end == b.start && a.file == b.file
    && ((a.flags ^ b.flags) & ~(ACCESS | VMREF_VM_FORKED)) == 0 && b.offset == a.offset + (b.start - a.start);
}

uint64_t vmref_anon_new(struct vmref_linux *l)
{
  l->anon = l->anon == UINT64_MAX ? 1 : l->anon + 1;
  return l->anon;
}

/* The anon_vma that area i gets: a neighbour's, or a new one. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n;
    terminates \true; exits \false;
    assigns l->anon;
    ensures fine: linux_fine(*l); */
static uint64_t anon_for(struct vmref_linux *l, uint32_t a, uint32_t i)
{
  if (i + 1 < M.n && lends(&M, i, i + 1)) return M.at[i + 1].anon;
  if (i > 0 && lends(&M, i, i - 1)) return M.at[i - 1].anon;
  return vmref_anon_new(l);
}

/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[i].anon, l->mm[a].vmas.at[i].flags;
    ensures areas: areas(l->mm[a].vmas); */
static void set_anon(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t anon)
{
  //@ assert areas: areas(l->mm[a].vmas);
  M.at[i].anon = anon;
  M.at[i].flags &= ~VMREF_VM_FORKED;
}

void vmref_anon_prepare(struct vmref_linux *l, uint32_t a, uint32_t i)
{
  if (M.at[i].anon != 0) return;
  const uint64_t anon = anon_for(l, a, i);
  set_anon(l, a, i, anon);
}

uint64_t vmref_locked_pages(const struct vmref_vmas *m)
{
  uint64_t n = 0;
  /*@ loop invariant bound: 0 <= i <= m->n;
      loop invariant sum: (i == 0 ==> n == 0) && (i > 0 ==> n <= m->at[i - 1].end);
      loop assigns i, n;
      loop variant m->n - i; */
  for (uint32_t i = 0; i < m->n; i++)
    if ((m->at[i].flags & VMREF_VM_LOCKED) != 0) n += m->at[i].end - m->at[i].start;
  return n;
}

/* Let area i begin at page p below it (expand_downwards). */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n && p < l->mm[a].vmas.at[i].start;
    requires \forall integer j; 0 <= j < i ==> l->mm[a].vmas.at[j].end <= p;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[i], l->anon;
    ensures fine: linux_fine(*l);
    ensures there: \result != 0 ==> l->mm[a].vmas.at[i].start == p && l->mm[a].vmas.at[i].end == \old(l->mm[a].vmas.at[i].end); */
static vmref_bool grow_down(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t p)
{
  const uint64_t grow = M.at[i].start - p;
  if ((M.at[i].flags & VMREF_VM_GROWSDOWN) == 0 || p < l->min) return 0;
  if (i > 0 && (M.at[i - 1].flags & VMREF_VM_GROWSDOWN) == 0 && (M.at[i - 1].flags & ACCESS) != 0
      && p - M.at[i - 1].end < VMREF_GUARD_GAP) return 0;
  vmref_anon_prepare(l, a, i);
  if (M.at[i].offset < grow || M.at[i].end - p > l->stack_limit) return 0;
  if ((M.at[i].flags & VMREF_VM_LOCKED) != 0 && l->lock_limit != UINT64_MAX && vmref_locked_pages(&M) + grow > l->lock_limit) return 0;
  if (!vmref_granted(l, grow)) return 0;
  M.at[i].start = p;
  M.at[i].offset -= grow;
  return 1;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result.result == 0 && \result.signal == signal && \result.code == code && \result.byte == 0; */
static struct vmref_touched signalled(uint8_t signal, uint8_t code)
{
  return (struct vmref_touched){ 0, signal, code, 0 };
}

/* Does the area not permit the access at all? A fetch is seen to only when the page is there. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result.result == 0; */
static struct vmref_touched refused(uint32_t flags, uint8_t kind, uint8_t pku)
{
  if (kind == VMREF_WRITE || kind == VMREF_RMW)
    return (flags & VMREF_VM_WRITE) != 0 ? signalled(0, 0) : signalled(VMREF_SIGSEGV, VMREF_SEGV_ACCERR);
  if ((flags & ACCESS) == 0) return signalled(VMREF_SIGSEGV, VMREF_SEGV_ACCERR);
  if (kind == VMREF_READ && pku && (flags & ACCESS) == VMREF_VM_EXEC) return signalled(VMREF_SIGSEGV, VMREF_SEGV_PKUERR);
  return signalled(0, 0);
}

/* handle_mm_fault of a page of area i. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n && l->mm[a].vmas.at[i].start <= p < l->mm[a].vmas.at[i].end;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[i], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures place: same_place(l->mm[a].vmas.at[i], \old(l->mm[a].vmas.at[i]));
    ensures result: \result.result == 0 || \result.result == VMREF_RESULT_FULL;
    ensures there: \result.signal == 0 && \result.result == 0 ==> leaf_of(l->s, a, p) != 0;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static struct vmref_touched handle(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t p, uint8_t kind)
{
  const vmref_bool write = kind == VMREF_WRITE || kind == VMREF_RMW;
  if (write ? (M.at[i].flags & VMREF_VM_SHARED) == 0 : M.at[i].file == 0 && l->no_zero_page) vmref_anon_prepare(l, a, i);
  const struct vmref_vma v = M.at[i];
  const int status = vmref_page_bring(l, a, v, p);
  if (status == VMREF_ENOMAP) return signalled(VMREF_SIGBUS, VMREF_BUS_ADRERR);
  if (status != VMREF_OK) return (struct vmref_touched){ VMREF_RESULT_FULL, 0, 0, 0 };
  return signalled(0, 0);
}

/* Let the hardware use page p, which is there. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && kind <= VMREF_FETCH && leaf_of(*s, a, p) != 0;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures there: leaf_of(*s, a, p) != 0;
    ensures views: isolated{Pre, Post}(*s, -1); */
static int enter(const struct vmref_sys *s, uint32_t a, uint64_t p, uint8_t kind)
{
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_root(s, a, p);
  //@ ghost Before: ;
  //@ ghost vmref_lemma_pages(p);
  const int status = vmref_fault(s, a, p * 4096, kind);
  //@ ghost vmref_lemma_leaves(s);
  //@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0);
  //@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Before);
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Before) == \at(at(*s, table_of(*s, b, q), p1(q)), Before); */
  /*@ assert views: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Before, Here}(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Before) == 0; */
  //@ assert pages: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Before, Here}(*s, b, q);
  return status;
}

struct vmref_touched vmref_touch(struct vmref_linux *l, uint32_t a, uint64_t p, uint8_t kind)
{
  const uint32_t i = vmref_vma_find(&M, p);
  if (i == M.n || (p < M.at[i].start && !grow_down(l, a, i, p))) return signalled(VMREF_SIGSEGV, VMREF_SEGV_MAPERR);
  struct vmref_touched t = refused(M.at[i].flags, kind, l->pku);
  if (t.signal != 0) return t;
  t = handle(l, a, i, p, kind);
  if (t.signal != 0 || t.result != 0 || kind != VMREF_FETCH || (M.at[i].flags & VMREF_VM_EXEC) != 0) return t;
  /* the page is read first, and is there from then on */
  //@ ghost Handled: ;
  const int status = enter(&l->s, a, p, VMREF_READ);
  //@ assert both: CHAIN(l->s, Handled);
  //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
  if (status != VMREF_OK) return (struct vmref_touched){ VMREF_RESULT_FULL, 0, 0, 0 };
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
  //@ assert mms: \forall integer b; 0 <= b < l->mms && b != a ==> l->mm[b] == \at(l->mm[b], Pre);
  if (r.signal != 0 || r.result != 0) return r;
  //@ ghost Touched: ;
  const struct vmref_outcome o = vmref_user_access(&l->s, a, va, kind, byte);
  //@ assert both: CHAIN(l->s, Touched);
  //@ assert failed: o.status != VMREF_OK ==> apart{Touched, Here}(l->s, l->mms, a);
  //@ assert so: o.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(l->s, a, va))) == 0 ==> apart{Touched, Here}(l->s, l->mms, a);
  //@ assert then: o.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(l->s, a, va))) == 0 ==> apart{Pre, Here}(l->s, l->mms, a);
  /* the area permits it and the page is there: layer 2 may only lack a frame */
  if (o.status != VMREF_OK) return (struct vmref_touched){ VMREF_RESULT_FULL, 0, 0, 0 };
  r.byte = o.byte;
  return r;
}

/* Touch page p of an area as get_user_pages does for mm_populate. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n && l->mm[a].vmas.at[i].start <= p < l->mm[a].vmas.at[i].end;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[i], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures place: same_place(l->mm[a].vmas.at[i], \old(l->mm[a].vmas.at[i]));
    ensures result: \result == 0 || \result == -VMREF_ERRNO_FAULT || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t fault_in(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t p)
{
  const vmref_bool write = (M.at[i].flags & (VMREF_VM_WRITE | VMREF_VM_SHARED)) == VMREF_VM_WRITE;
  if ((M.at[i].flags & ACCESS) == 0) return -VMREF_ERRNO_FAULT;
  struct vmref_touched t = handle(l, a, i, p, write ? VMREF_WRITE : VMREF_READ);
  if (t.signal != 0) return -VMREF_ERRNO_FAULT;
  if (t.result != 0) return t.result;
  //@ ghost Handled: ;
  const int status = enter(&l->s, a, p, write ? VMREF_WRITE : VMREF_READ);
  //@ assert entered: apart{Handled, Here}(l->s, l->mms, a);
  //@ assert both: CHAIN(l->s, Handled);
  //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
  return status == VMREF_OK ? 0 : VMREF_RESULT_FULL;
}

/* The pages from..to-1 of area i, up to the first that cannot be touched. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && i < l->mm[a].vmas.n;
    requires l->mm[a].vmas.at[i].start <= from && to <= l->mm[a].vmas.at[i].end;
    terminates \true; exits \false;
    assigns l->mm[a].vmas.at[i], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_FAULT || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t populate_area(struct vmref_linux *l, uint32_t a, uint32_t i, uint64_t from, uint64_t to)
{
  /*@ loop invariant bound: from <= p && (from <= to ==> p <= to);
      loop invariant fine: linux_fine(*l);
      loop invariant place: same_place(l->mm[a].vmas.at[i], \at(l->mm[a].vmas.at[i], Pre));
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, a);
      loop assigns p, l->mm[a].vmas.at[i], l->anon, PAGES(l->s);
      loop variant to - p; */
  for (uint64_t p = from; p < to; p++) {
    //@ ghost Before: ;
    const int64_t r = fault_in(l, a, i, p);
    //@ assert step: apart{Before, Here}(l->s, l->mms, a);
    //@ assert both: CHAIN(l->s, Before);
    //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
    if (r != 0) return r;
  }
  return 0;
}

int64_t vmref_populate(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to, vmref_bool on)
{
  uint32_t i = vmref_vma_find(&M, from);
  /*@ loop invariant bound: 0 <= i <= M.n;
      loop invariant above: i < M.n ==> from < M.at[i].end;
      loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, a);
      loop assigns i, M.at[0 .. VMREF_AREAS - 1], l->anon, PAGES(l->s);
      loop variant M.n - i; */
  for (; i < M.n && M.at[i].start < to; i++) {
    //@ assert next: i + 1 < M.n ==> M.at[i].end <= M.at[i + 1].start;
    if ((M.at[i].flags & VMREF_VM_LOCKONFAULT) != 0) continue;
    //@ ghost Before: ;
    const int64_t r = populate_area(l, a, i, M.at[i].start > from ? M.at[i].start : from, M.at[i].end < to ? M.at[i].end : to);
    //@ assert step: apart{Before, Here}(l->s, l->mms, a);
    //@ assert both: CHAIN(l->s, Before);
    //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
    if (r != 0 && (!on || r != -VMREF_ERRNO_FAULT)) return r;
  }
  return 0;
}
