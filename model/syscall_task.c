/* SPDX-License-Identifier: MIT */
#include "syscall_task.h"

/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false;
    ensures \result <= l->mms; */
static uint32_t free_mm(const struct vmref_linux *l)
{
  uint32_t a = 0;
  /*@ loop invariant bound: 0 <= a <= l->mms;
      loop assigns a;
      loop variant l->mms - a; */
  while (a < l->mms && l->mm[a].users != 0) a++;
  return a;
}

/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false;
    ensures \result <= l->tasks; */
static uint32_t free_task(const struct vmref_linux *l)
{
  uint32_t t = 0;
  /*@ loop invariant bound: 0 <= t <= l->tasks;
      loop assigns t;
      loop variant l->tasks - t; */
  while (t < l->tasks && l->task[t].alive) t++;
  return t;
}

/* A parent that waits for task t runs on. */
/*@ requires \valid(l) && l->tasks <= VMREF_TASKS && t < VMREF_TASKS && tasks_fine(*l);
    terminates \true; exits \false;
    assigns l->task[0 .. VMREF_TASKS - 1];
    ensures tasks: tasks_fine(*l);
    ensures mm: \forall integer u; 0 <= u < l->tasks ==> l->task[u].mm == \old(l->task[u].mm); */
static void wake(struct vmref_linux *l, uint32_t t)
{
  /*@ loop invariant bound: 0 <= u <= l->tasks;
      loop invariant mm: \forall integer v; 0 <= v < l->tasks ==> l->task[v].mm == \at(l->task[v].mm, Pre);
      loop assigns u, l->task[0 .. VMREF_TASKS - 1];
      loop variant l->tasks - u; */
  for (uint32_t u = 0; u < l->tasks; u++)
    if (l->task[u].alive && l->task[u].child == t + 1) l->task[u].child = 0;
}

/* One user less of mm a. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns l->mm[a].users, l->mm[a].vmas.n, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static void put_mm(struct vmref_linux *l, uint32_t a)
{
  if (l->mm[a].users > 1) {
    l->mm[a].users--;
    return;
  }
  l->mm[a].users = 0;
  l->mm[a].vmas.n = 0;
  vmref_pages_end(&l->s, a);
}

/* Task t no longer uses its mm, and a parent that waits for that runs on. */
/*@ requires \valid(l) && linux_fine(*l) && t < l->tasks && a == l->task[t].mm;
    terminates \true; exits \false;
    assigns l->mm[a], l->task[0 .. VMREF_TASKS - 1], PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures mm: \forall integer u; 0 <= u < l->tasks ==> l->task[u].mm == \old(l->task[u].mm);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static void let_go(struct vmref_linux *l, uint32_t t, uint32_t a)
{
  put_mm(l, a);
  //@ assert put: apart{Pre, Here}(l->s, l->mms, a);
  wake(l, t);
}

/* dup_mmap: area v as a child has it. */
/*@ requires \valid(l) && area(v);
    terminates \true; exits \false;
    assigns l->anon;
    ensures place: same_place(\result, v); */
static struct vmref_vma inherited(struct vmref_linux *l, struct vmref_vma v)
{
  v.flags &= ~(VMREF_VM_LOCKED | VMREF_VM_LOCKONFAULT | VMREF_VM_FORKED);
  if ((v.flags & VMREF_VM_WIPEONFORK) != 0) v.anon = 0;
  if (v.anon != 0) {
    v.anon = vmref_anon_new(l);
    v.flags |= VMREF_VM_FORKED;
  }
  return v;
}

/* Area v of a parent in mm b, behind all others; pages that do not go over, or come from a file anyway, are dropped there. */
/*@ requires \valid(l) && linux_fine(*l) && b < l->mms && area(v) && l->mm[b].vmas.n < l->mm[b].vmas.room;
    requires l->mm[b].vmas.n > 0 ==> l->mm[b].vmas.at[l->mm[b].vmas.n - 1].end <= v.start;
    terminates \true; exits \false;
    assigns l->mm[b].vmas.n, l->mm[b].vmas.at[0 .. VMREF_AREAS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures more: l->mm[b].vmas.n <= \old(l->mm[b].vmas.n) + 1;
    ensures last: l->mm[b].vmas.n > 0 ==> l->mm[b].vmas.at[l->mm[b].vmas.n - 1].end <= v.end;
    ensures apart: apart{Pre, Post}(l->s, l->mms, b); */
static void inherit_area(struct vmref_linux *l, uint32_t b, struct vmref_vma v)
{
  if ((v.flags & VMREF_VM_DONTCOPY) != 0 || (v.flags & VMREF_VM_WIPEONFORK) != 0 || v.anon == 0)
    vmref_pages_drop(&l->s, b, v.start, v.end);
  //@ assert last: l->mm[b].vmas.n > 0 ==> l->mm[b].vmas.at[l->mm[b].vmas.n - 1].end <= v.end;
  if ((v.flags & VMREF_VM_DONTCOPY) != 0) return;
  const struct vmref_vma w = inherited(l, v);
  const uint32_t n = l->mm[b].vmas.n;
  vmref_vma_insert(&l->mm[b].vmas, n, w);
  //@ assert here: l->mm[b].vmas.n == n + 1 && l->mm[b].vmas.at[n].end == v.end;
  //@ assert now: l->mm[b].vmas.at[l->mm[b].vmas.n - 1].end <= v.end;
}

/* The areas of mm a in mm b. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && b < l->mms && a != b && l->mm[a].vmas.n <= l->mm[b].vmas.room;
    terminates \true; exits \false;
    assigns l->mm[b], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures apart: apart{Pre, Post}(l->s, l->mms, b); */
static void inherit(struct vmref_linux *l, uint32_t a, uint32_t b)
{
  l->mm[b].vmas.n = 0;
  l->mm[b].start_brk = l->mm[a].start_brk;
  l->mm[b].brk = l->mm[a].brk;
  l->mm[b].def_flags = 0;
  //@ assert empty: linux_fine(*l);
  /*@ loop invariant bound: 0 <= i <= l->mm[a].vmas.n && l->mm[b].vmas.n <= i;
      loop invariant room: l->mm[b].vmas.room == \at(l->mm[b].vmas.room, Pre);
      loop invariant last: i < l->mm[a].vmas.n && l->mm[b].vmas.n > 0 ==> l->mm[b].vmas.at[l->mm[b].vmas.n - 1].end <= l->mm[a].vmas.at[i].start;
      loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, b);
      loop assigns i, l->mm[b].vmas.n, l->mm[b].vmas.at[0 .. VMREF_AREAS - 1], l->anon, PAGES(l->s);
      loop variant l->mm[a].vmas.n - i; */
  for (uint32_t i = 0; i < l->mm[a].vmas.n; i++) {
    //@ ghost Before: ;
    const struct vmref_vma v = l->mm[a].vmas.at[i];
    //@ assert area: area(v) && (i + 1 < l->mm[a].vmas.n ==> v.end <= l->mm[a].vmas.at[i + 1].start);
    inherit_area(l, b, v);
    //@ assert by_before: CHAIN(l->s, Before);
    //@ assert so_before: apart{Pre, Here}(l->s, l->mms, b);
  }
}

/* May what a child has of mm a be promised once more? In mode 0 each area was. */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms; terminates \true; assigns \nothing; exits \false; */
static vmref_bool granted_again(const struct vmref_linux *l, uint32_t a)
{
  return l->limit == UINT64_MAX || vmref_granted(l, vmref_accounted(&l->mm[a].vmas, 0, VMREF_TASK_PAGES, VMREF_VM_DONTCOPY));
}

/* A copy of mm a. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->mms || \result == VMREF_RESULT_FULL || \result == -VMREF_ERRNO_NOMEM;
    ensures failed: \result < 0 ==> apart{Pre, Post}(l->s, l->mms, -1);
    ensures apart: \result >= 0 ==> apart{Pre, Post}(l->s, l->mms, \result);
    ensures areas: \forall integer c; 0 <= c < l->mms && c != \result ==> l->mm[c] == \old(l->mm[c]); */
static int64_t copy_mm(struct vmref_linux *l, uint32_t a)
{
  if (!granted_again(l, a)) return -VMREF_ERRNO_NOMEM;
  const uint32_t b = free_mm(l);
  if (b == l->mms || b == a || l->mm[b].vmas.room < l->mm[a].vmas.n) return VMREF_RESULT_FULL;
  const int status = vmref_pages_fork(&l->s, a, b);
  //@ assert failed: status != VMREF_OK ==> apart{Pre, Here}(l->s, l->mms, -1);
  if (status != VMREF_OK) return VMREF_RESULT_FULL;
  //@ assert forked: apart{Pre, Here}(l->s, l->mms, b);
  //@ ghost Forked: ;
  inherit(l, a, b);
  //@ assert by_forked: CHAIN(l->s, Forked);
  //@ assert so_forked: apart{Pre, Here}(l->s, l->mms, b);
  return b;
}

/* Let task u begin in mm b, one user more of it. */
/*@ requires \valid(l) && linux_fine(*l) && t < l->tasks && u < l->tasks && b < l->mms;
    terminates \true; exits \false;
    assigns l->mm[b].users, l->task[0 .. VMREF_TASKS - 1];
    ensures fine: linux_fine(*l);
    ensures there: l->task[u].mm == b; */
static void begin_task(struct vmref_linux *l, uint32_t t, uint32_t u, uint32_t b, uint64_t flags)
{
  if ((flags & VMREF_CLONE_VM) == 0) l->mm[b].users = 1;
  else if (l->mm[b].users < UINT32_MAX) l->mm[b].users++;
  l->task[u] = (struct vmref_task){ b, 1, 0 };
  if ((flags & VMREF_CLONE_VFORK) != 0) l->task[t].child = u + 1;
}

int64_t vmref_sys_clone(struct vmref_linux *l, uint32_t t, uint64_t flags)
{
  const uint32_t u = free_task(l);
  if (u == l->tasks) return VMREF_RESULT_FULL;
  const int64_t b = (flags & VMREF_CLONE_VM) != 0 ? (int64_t)l->task[t].mm : copy_mm(l, l->task[t].mm);
  //@ assert others: \forall integer c; 0 <= c < l->mms && c != b ==> l->mm[c] == \at(l->mm[c], Pre);
  if (b < 0) return b;
  //@ assert made: apart{Pre, Here}(l->s, l->mms, b);
  begin_task(l, t, u, (uint32_t)b, flags);
  //@ assert there: l->task[u].mm == b;
  //@ assert still: \forall integer c; 0 <= c < l->mms && c != b ==> l->mm[c] == \at(l->mm[c], Pre);
  //@ assert areas: \forall integer c; 0 <= c < l->mms && c != l->task[u].mm ==> l->mm[c] == \at(l->mm[c], Pre);
  return u;
}

/* Make mm b a new one, empty. */
/*@ requires \valid(l) && linux_fine(*l) && b < l->mms;
    terminates \true; exits \false;
    assigns l->mm[b], PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures status: \result == 0 || \result == VMREF_RESULT_FULL;
    ensures pages: \forall integer c, p; 0 <= c < l->mms && c != b && upage(p) ==> same_page{Pre, Post}(l->s, c, p); */
static int64_t new_mm(struct vmref_linux *l, uint32_t b)
{
  if (vmref_pages_begin(&l->s, b, VMREF_PROCESS) != VMREF_OK) return VMREF_RESULT_FULL;
  l->mm[b].vmas.n = 0;
  l->mm[b].users = 1;
  l->mm[b].def_flags = 0;
  l->mm[b].start_brk = l->mm[b].brk = l->low * 4096;
  return 0;
}

/*@ requires \valid(l) && linux_fine(*l) && t < l->tasks && b < l->mms;
    terminates \true; exits \false;
    assigns l->task[t].mm;
    ensures fine: linux_fine(*l);
    ensures there: l->task[t].mm == b; */
static void set_mm(struct vmref_linux *l, uint32_t t, uint32_t b)
{
  l->task[t].mm = b;
}

int64_t vmref_sys_execve(struct vmref_linux *l, uint32_t t)
{
  const uint32_t a = l->task[t].mm;
  if (free_mm(l) == l->mms && l->mm[a].users != 1) return VMREF_RESULT_FULL;
  let_go(l, t, a);
  //@ assert gone: apart{Pre, Here}(l->s, l->mms, a);
  //@ ghost Gone: ;
  const uint32_t b = free_mm(l);
  if (b == l->mms) return VMREF_RESULT_FULL;
  const int64_t r = new_mm(l, b);
  //@ assert both: CHAIN(l->s, Gone);
  //@ assert one: \forall integer c, p; 0 <= c < l->mms && c != a && upage(p) ==> same_page{Pre, Gone}(l->s, c, p);
  //@ assert two: \forall integer c, p; 0 <= c < l->mms && c != b && upage(p) ==> same_page{Gone, Here}(l->s, c, p);
  //@ assert so: \forall integer c, p; 0 <= c < l->mms && c != a && c != b && upage(p) ==> same_page{Pre, Here}(l->s, c, p);
  if (r != 0) return r;
  set_mm(l, t, b);
  return 0;
}

int64_t vmref_sys_exit(struct vmref_linux *l, uint32_t t)
{
  const uint32_t a = l->task[t].mm;
  let_go(l, t, a);
  l->task[t].alive = 0;
  return 0;
}
