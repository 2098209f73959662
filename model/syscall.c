/* SPDX-License-Identifier: MIT */
#include "syscall_change.h"
#include "syscall_file.h"
#include "syscall_remap.h"
#include "syscall_shm.h"
#include "syscall_task.h"

/*@ requires \valid(l) && l->mms <= VMREF_MMS;
    requires \forall integer a; 0 <= a < l->mms ==> l->mm[a].vmas.room <= VMREF_AREAS;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1];
    ensures mms_fine(*l); */
static void no_mms(struct vmref_linux *l)
{
  /*@ loop invariant bound: 0 <= a <= l->mms;
      loop invariant room: \forall integer b; 0 <= b < l->mms ==> l->mm[b].vmas.room <= VMREF_AREAS;
      loop invariant fine: \forall integer b; 0 <= b < a ==> l->mm[b].vmas.n == 0 && l->mm[b].brk == 0;
      loop assigns a, l->mm[0 .. VMREF_MMS - 1];
      loop variant l->mms - a; */
  for (uint32_t a = 0; a < l->mms; a++) {
    l->mm[a].users = 0;
    l->mm[a].vmas.n = 0;
    l->mm[a].vmas.kernel = l->kernel;
    l->mm[a].brk = 0;
  }
}

/*@ requires \valid(l) && l->tasks <= VMREF_TASKS && l->mms >= 1;
    terminates \true; exits \false;
    assigns l->task[0 .. VMREF_TASKS - 1];
    ensures tasks_fine(*l); */
static void no_tasks(struct vmref_linux *l)
{
  /*@ loop invariant bound: 0 <= t <= l->tasks;
      loop invariant fine: \forall integer u; 0 <= u < t ==> l->task[u].mm == 0;
      loop assigns t, l->task[0 .. VMREF_TASKS - 1];
      loop variant l->tasks - t; */
  for (uint32_t t = 0; t < l->tasks; t++) l->task[t] = (struct vmref_task){ 0, 0, 0 };
}

/*@ requires \valid(l) && l->objects >= 1;
    terminates \true; exits \false;
    assigns l->file[0 .. VMREF_FILES - 1];
    ensures files_fine(*l); */
static void no_files(struct vmref_linux *l)
{
  /*@ loop invariant bound: 0 <= f <= VMREF_FILES;
      loop invariant fine: \forall integer g; 0 <= g < f ==> l->file[g].object == 0;
      loop assigns f, l->file[0 .. VMREF_FILES - 1];
      loop variant VMREF_FILES - f; */
  for (uint32_t f = 0; f < VMREF_FILES; f++) l->file[f] = (struct vmref_file){ 0, 0, 0, 0 };
}

int vmref_linux_boot(struct vmref_linux *l)
{
  if (l->s.spaces != l->mms + l->objects || l->mms == 0 || l->tasks == 0 || l->objects == 0) return VMREF_EINVAL;
  no_mms(l);
  no_tasks(l);
  no_files(l);
  /*@ loop invariant bound: 0 <= o <= l->objects;
      loop assigns o, l->object[0 .. VMREF_OBJECTS - 1];
      loop variant l->objects - o; */
  for (uint32_t o = 0; o < l->objects; o++) l->object[o].kind = VMREF_OBJECT_FREE;
  l->anon = 0;
  if (vmref_pages_begin(&l->s, 0, VMREF_PROCESS) != VMREF_OK) return VMREF_EINVAL;
  l->mm[0].users = 1;
  l->mm[0].def_flags = 0;
  l->mm[0].start_brk = l->mm[0].brk = l->low * 4096;
  l->task[0].alive = 1;
  return VMREF_OK;
}

/* Calls that are about an address space. */
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns MM_FILES(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t about_memory(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const struct vmref_call plain = { c->nr, { c->arg[0], c->arg[1], 0, 0, 0, 0 } }; /* mlock: mlock2 without flags */
  switch (c->nr) {
  case VMREF_SYS_MMAP: return vmref_sys_mmap(l, a, c);
  case VMREF_SYS_MUNMAP: return vmref_sys_munmap(l, a, c);
  case VMREF_SYS_MPROTECT: return vmref_sys_mprotect(l, a, c);
  case VMREF_SYS_MREMAP: return vmref_sys_mremap(l, a, c);
  case VMREF_SYS_BRK: return vmref_sys_brk(l, a, c);
  case VMREF_SYS_MADVISE: return vmref_sys_madvise(l, a, c);
  case VMREF_SYS_MLOCK: return vmref_sys_mlock(l, a, &plain);
  case VMREF_SYS_MLOCK2: return vmref_sys_mlock(l, a, c);
  case VMREF_SYS_MUNLOCK: return vmref_sys_munlock(l, a, c);
  case VMREF_SYS_MLOCKALL: return vmref_sys_mlockall(l, a, c);
  case VMREF_SYS_MUNLOCKALL: return vmref_sys_munlockall(l, a);
  case VMREF_SYS_MSYNC: return vmref_sys_msync(l, a, c);
  case VMREF_SYS_MINCORE: return vmref_sys_mincore(l, a, c);
  case VMREF_SYS_SHMAT: return vmref_sys_shmat(l, a, c);
  case VMREF_SYS_SHMDT: return vmref_sys_shmdt(l, a, c);
  default: return VMREF_RESULT_UNMODELLED;
  }
}

/* Calls that are about no address space, or about which there is. */
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l) && t < l->tasks;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->task[0 .. VMREF_TASKS - 1], l->object[0 .. VMREF_OBJECTS - 1],
            l->file[0 .. VMREF_FILES - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result); */
static int64_t about_tasks(struct vmref_linux *l, uint32_t t, const struct vmref_call *c)
{
  if (c->nr == VMREF_SYS_FORK) return vmref_sys_clone(l, t, 0);
  if (c->nr == VMREF_SYS_VFORK) return vmref_sys_clone(l, t, VMREF_CLONE_VM | VMREF_CLONE_VFORK);
  if (c->nr == VMREF_SYS_CLONE) return vmref_sys_clone(l, t, c->arg[0]);
  if (c->nr == VMREF_SYS_EXECVE) return vmref_sys_execve(l, t);
  if (c->nr == VMREF_SYS_EXIT) return vmref_sys_exit(l, t);
  return vmref_sys_ftruncate(l, c);
}

/* Calls that are about files. */
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
static int64_t about_files(struct vmref_linux *l, const struct vmref_call *c)
{
  if (c->nr == VMREF_SYS_MEMFD) return vmref_sys_memfd(l);
  if (c->nr == VMREF_SYS_OPEN) return vmref_sys_open(l, c);
  if (c->nr == VMREF_SYS_SHMGET) return vmref_sys_shmget(l, c);
  return vmref_sys_shmctl(l, c);
}

int64_t vmref_syscall(struct vmref_linux *l, uint32_t t, const struct vmref_call *c)
{
  if (t >= l->tasks || !l->task[t].alive || l->task[t].child != 0) return VMREF_RESULT_MISUSE;
  const uint32_t a = l->task[t].mm;
  //@ assert mm: a < l->mms && a < VMREF_MMS;
  switch (c->nr) {
  case VMREF_SYS_FORK: case VMREF_SYS_VFORK: case VMREF_SYS_CLONE: case VMREF_SYS_EXECVE: case VMREF_SYS_EXIT:
  case VMREF_SYS_FTRUNCATE: return about_tasks(l, t, c);
  case VMREF_SYS_MEMFD: case VMREF_SYS_OPEN: case VMREF_SYS_SHMGET: case VMREF_SYS_SHMCTL: return about_files(l, c);
  default: break;
  }
  return about_memory(l, a, c);
}
