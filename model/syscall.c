/* SPDX-License-Identifier: MIT */
#include "syscall_change.h"
#include "syscall_file.h"
#include "syscall_remap.h"
#include "syscall_task.h"

int vmref_linux_boot(struct vmref_linux *l)
{
  if (l->s.spaces != l->mms + l->objects || l->mms == 0 || l->tasks == 0) return VMREF_EINVAL;
  for (uint32_t a = 0; a < l->mms; a++) {
    l->mm[a].users = l->mm[a].vmas.n = 0;
    l->mm[a].vmas.kernel = l->kernel;
  }
  for (uint32_t t = 0; t < l->tasks; t++) l->task[t] = (struct vmref_task){ 0, 0, 0 };
  for (uint32_t o = 0; o < l->objects; o++) l->object[o].kind = VMREF_OBJECT_FREE;
  for (uint32_t f = 0; f < l->files; f++) l->file[f].used = 0;
  l->anon = 0;
  const int status = vmref_space_new(&l->s, 0, VMREF_PROCESS);
  if (status != VMREF_OK) return status;
  l->mm[0].users = 1;
  l->mm[0].def_flags = 0;
  l->mm[0].start_brk = l->mm[0].brk = l->low * 4096;
  l->task[0].alive = 1;
  return VMREF_OK;
}

/* Calls that are about an address space. */
static int64_t about_memory(struct vmref_linux *l, uint32_t a, uint32_t nr, const struct vmref_call *c)
{
  const struct vmref_call plain = { nr, { c->arg[0], c->arg[1], 0, 0, 0, 0 } }; /* mlock: mlock2 without flags */
  switch (nr) {
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

int64_t vmref_syscall(struct vmref_linux *l, uint32_t t, const struct vmref_call *c)
{
  if (t >= l->tasks || !l->task[t].alive || l->task[t].child != 0) return VMREF_RESULT_MISUSE;
  switch (c->nr) {
  case VMREF_SYS_FORK: return vmref_sys_clone(l, t, 0);
  case VMREF_SYS_VFORK: return vmref_sys_clone(l, t, VMREF_CLONE_VM | VMREF_CLONE_VFORK);
  case VMREF_SYS_CLONE: return vmref_sys_clone(l, t, c->arg[0]);
  case VMREF_SYS_EXECVE: return vmref_sys_execve(l, t);
  case VMREF_SYS_EXIT: return vmref_sys_exit(l, t);
  case VMREF_SYS_MEMFD: return vmref_sys_memfd(l);
  case VMREF_SYS_OPEN: return vmref_sys_open(l, c);
  case VMREF_SYS_FTRUNCATE: return vmref_sys_ftruncate(l, c);
  case VMREF_SYS_SHMGET: return vmref_sys_shmget(l, c);
  case VMREF_SYS_SHMCTL: return vmref_sys_shmctl(l, c);
  default: return about_memory(l, l->task[t].mm, c->nr, c);
  }
}
