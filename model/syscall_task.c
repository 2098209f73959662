/* SPDX-License-Identifier: MIT */
#include "syscall_task.h"

static uint32_t free_mm(const struct vmref_linux *l)
{
  uint32_t a = 0;
  while (a < l->mms && l->mm[a].users != 0) a++;
  return a;
}

static uint32_t free_task(const struct vmref_linux *l)
{
  uint32_t t = 0;
  while (t < l->tasks && l->task[t].alive) t++;
  return t;
}

/* Task t no longer uses its mm, and a parent that waits for that runs on. */
static void let_go(struct vmref_linux *l, uint32_t t)
{
  struct vmref_mm *mm = &l->mm[l->task[t].mm];
  if (--mm->users == 0) {
    mm->vmas.n = 0;
    vmref_space_exit(&l->s, l->task[t].mm);
  }
  for (uint32_t u = 0; u < l->tasks; u++)
    if (l->task[u].alive && l->task[u].child == t + 1) l->task[u].child = 0;
}

/* dup_mmap: area v as a child has it. */
static struct vmref_vma inherited(struct vmref_linux *l, struct vmref_vma v)
{
  v.flags &= ~(VMREF_VM_LOCKED | VMREF_VM_LOCKONFAULT | VMREF_VM_FORKED);
  if ((v.flags & VMREF_VM_WIPEONFORK) != 0) v.anon = 0;
  if (v.anon != 0) {
    v.anon = ++l->anon;
    v.flags |= VMREF_VM_FORKED;
  }
  return v;
}

/* The areas of mm a in mm b; pages that do not go over, or come from a file anyway, are dropped there. */
static void inherit(struct vmref_linux *l, uint32_t a, uint32_t b)
{
  const struct vmref_mm *parent = &l->mm[a];
  struct vmref_mm *child = &l->mm[b];
  child->vmas.n = 0;
  for (uint32_t i = 0; i < parent->vmas.n; i++) {
    const struct vmref_vma v = parent->vmas.at[i];
    if ((v.flags & VMREF_VM_DONTCOPY) != 0 || (v.flags & VMREF_VM_WIPEONFORK) != 0 || v.anon == 0)
      vmref_pages_drop(&l->s, b, v.start, v.end);
    if ((v.flags & VMREF_VM_DONTCOPY) == 0) vmref_vma_insert(&child->vmas, child->vmas.n, inherited(l, v));
  }
  child->start_brk = parent->start_brk;
  child->brk = parent->brk;
  child->def_flags = 0;
}

/* A copy of mm a. */
static int64_t copy_mm(struct vmref_linux *l, uint32_t a)
{
  const uint32_t b = free_mm(l);
  if (b == l->mms || l->mm[b].vmas.room < l->mm[a].vmas.n || vmref_fork(&l->s, a, b) != VMREF_OK) return VMREF_RESULT_FULL;
  inherit(l, a, b);
  return b;
}

int64_t vmref_sys_clone(struct vmref_linux *l, uint32_t t, uint64_t flags)
{
  const uint32_t u = free_task(l);
  if (u == l->tasks) return VMREF_RESULT_FULL;
  const int64_t b = (flags & VMREF_CLONE_VM) != 0 ? (int64_t)l->task[t].mm : copy_mm(l, l->task[t].mm);
  if (b < 0) return b;
  if ((flags & VMREF_CLONE_VM) != 0) l->mm[b].users++;
  else l->mm[b].users = 1;
  l->task[u] = (struct vmref_task){ (uint32_t)b, 1, 0 };
  if ((flags & VMREF_CLONE_VFORK) != 0) l->task[t].child = u + 1;
  return u;
}

int64_t vmref_sys_execve(struct vmref_linux *l, uint32_t t)
{
  if (free_mm(l) == l->mms && l->mm[l->task[t].mm].users != 1) return VMREF_RESULT_FULL;
  let_go(l, t);
  const uint32_t b = free_mm(l);
  if (vmref_space_new(&l->s, b, VMREF_PROCESS) != VMREF_OK) return VMREF_RESULT_FULL;
  l->mm[b].vmas.n = 0;
  l->mm[b].users = 1;
  l->mm[b].def_flags = 0;
  l->mm[b].start_brk = l->mm[b].brk = l->low * 4096;
  l->task[t].mm = b;
  return 0;
}

int64_t vmref_sys_exit(struct vmref_linux *l, uint32_t t)
{
  let_go(l, t);
  l->task[t].alive = 0;
  return 0;
}
