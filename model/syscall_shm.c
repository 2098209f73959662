/* SPDX-License-Identifier: MIT */
#include "syscall_file.h"
#include "syscall_shm.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas

#define IPC_RMID    0
#define SHM_EXEC    0100000
#define SHM_RDONLY  010000
#define SHM_RND     020000
#define SHM_REMAP   040000

/* Is the segment there? One that is removed is until the last area of it goes. */
/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures there: \result != 0 ==> id < l->objects;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
static vmref_bool segment(struct vmref_linux *l, uint64_t id)
{
  if (id >= l->objects || l->object[id].kind != VMREF_OBJECT_SHM) return 0;
  if (l->object[id].removed) vmref_collect(l);
  return l->object[id].kind == VMREF_OBJECT_SHM;
}

int64_t vmref_sys_shmget(struct vmref_linux *l, const struct vmref_call *c)
{
  if (c->arg[0] != 0) return VMREF_RESULT_UNMODELLED; /* a key other than IPC_PRIVATE */
  if (c->arg[1] == 0 || vmref_length_pages(c->arg[1]) == 0) return -VMREF_ERRNO_INVAL;
  if (!vmref_granted(l, vmref_length_pages(c->arg[1]))) return -VMREF_ERRNO_NOMEM;
  return vmref_object_new(l, c->arg[1], VMREF_OBJECT_SHM);
}

/* Where a segment goes, in pages; -errno. */
/*@ requires \valid_read(l) && \valid_read(c) && linux_fine(*l) && a < l->mms && 1 <= n;
    terminates \true; assigns \nothing; exits \false;
    ensures \result >= 0 || ERRNO(\result); ensures \result <= 0x10000000000000; */
static int64_t attach_at(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c, uint64_t n)
{
  uint64_t addr = c->arg[1];
  if (addr == 0) {
    if ((c->arg[2] & SHM_REMAP) != 0) return -VMREF_ERRNO_INVAL;
    const uint64_t p = vmref_place(l, a, 0, n);
    return p != 0 ? (int64_t)p : -VMREF_ERRNO_NOMEM;
  }
  if (addr % 4096 != 0) {
    if ((c->arg[2] & SHM_RND) == 0) return -VMREF_ERRNO_INVAL;
    addr -= addr % 4096;
    if (addr == 0 && (c->arg[2] & SHM_REMAP) != 0) return -VMREF_ERRNO_INVAL;
  }
  return (int64_t)(addr / 4096);
}

/* The page from which on n pages of a segment go, if they may; -errno. */
/*@ requires \valid_read(l) && \valid_read(c) && linux_fine(*l) && a < l->mms && n <= 0x10000000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures result: \result >= 0 || ERRNO(\result);
    ensures bound: \result >= 0 ==> 1 <= n && \result + n <= VMREF_TASK_PAGES; */
static int64_t attachable(const struct vmref_linux *l, uint32_t a, const struct vmref_call *c, uint64_t n)
{
  if (n == 0) return -VMREF_ERRNO_NOMEM;
  const int64_t at = attach_at(l, a, c, n);
  if (at < 0) return at;
  const uint64_t from = (uint64_t)at;
  if (c->arg[1] != 0 && (c->arg[2] & SHM_REMAP) == 0 && vmref_vma_any(&M, from, from + n)) return -VMREF_ERRNO_INVAL;
  if (n > VMREF_TASK_PAGES || from > VMREF_TASK_PAGES - n) return -VMREF_ERRNO_NOMEM;
  if (from < l->min && !l->raw_io) return -VMREF_ERRNO_PERM;
  return (l->mm[a].def_flags & VMREF_VM_LOCKED) != 0 && !vmref_may_lock(l, a, n) ? -VMREF_ERRNO_AGAIN : at;
}

/* Area v in place of what is there; -ENOMEM: there is no room. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && area(v);
    terminates \true; exits \false;
    assigns MM(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || \result == -VMREF_ERRNO_NOMEM || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t attach(struct vmref_linux *l, uint32_t a, struct vmref_vma v)
{
  if (M.n >= M.room || vmref_unmap_pages(l, a, v.start, v.end) != 0) return -VMREF_ERRNO_NOMEM;
  //@ assert unmapped: linux_fine(*l) && apart{Pre, Here}(l->s, l->mms, a);
  vmref_vma_add(&M, v, VMREF_ADD_MAP);
  //@ assert added: linux_fine(*l);
  if ((l->mm[a].def_flags & VMREF_VM_LOCKED) == 0) return 0;
  //@ ghost Added: ;
  const int64_t touched = vmref_populate(l, a, v.start, v.end, 1);
  //@ assert by_added: CHAIN(l->s, Added);
  //@ assert so_added: apart{Pre, Here}(l->s, l->mms, a);
  return touched;
}

/* The vm_flags of a segment that is attached so. */
/*@ terminates \true; assigns \nothing; exits \false; */
static uint32_t flags_of(uint64_t how, uint32_t def_flags)
{
  uint32_t f = VMREF_VM_READ | VMREF_VM_MAYREAD | VMREF_VM_MAYEXEC | VMREF_VM_MAYSHARE | VMREF_VM_CLOSE | def_flags;
  if ((how & SHM_RDONLY) == 0) f |= VMREF_VM_WRITE | VMREF_VM_MAYWRITE | VMREF_VM_SHARED;
  if ((how & SHM_EXEC) != 0) f |= VMREF_VM_EXEC;
  return f;
}

int64_t vmref_sys_shmat(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  if (!segment(l, c->arg[0])) return -VMREF_ERRNO_INVAL;
  const uint64_t n = vmref_length_pages(l->object[c->arg[0]].size);
  const int64_t at = attachable(l, a, c, n);
  if (at < 0) return at;
  const vmref_bool write = (c->arg[2] & SHM_RDONLY) == 0;
  //@ ghost Found: ;
  const int64_t file = vmref_file_new(l, (uint32_t)c->arg[0], write, 0);
  //@ assert found: apart{Found, Here}(l->s, l->mms, -1);
  //@ assert by_found: CHAIN(l->s, Found);
  //@ assert so_found: apart{Pre, Here}(l->s, l->mms, a);
  if (file < 0) return file;
  const uint32_t f = flags_of(c->arg[2], l->mm[a].def_flags);
  const uint64_t from = (uint64_t)at;
  //@ ghost Filed: ;
  const int64_t r = attach(l, a, (struct vmref_vma){ from, from + n, 0, 0, f, 1 + (uint32_t)file });
  //@ assert filed: apart{Filed, Here}(l->s, l->mms, a);
  //@ assert by_filed: CHAIN(l->s, Filed);
  //@ assert so_filed: apart{Pre, Here}(l->s, l->mms, a);
  if (r == -VMREF_ERRNO_NOMEM) l->file[file].used = 0;
  return r != 0 ? r : (int64_t)(from * 4096);
}

/* Unmaps all areas that the shmat which gave this address has left where it put them. */
int64_t vmref_sys_shmdt(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t p = c->arg[0] / 4096;
  uint32_t file = 0;
  uint64_t end = 0;
  if (c->arg[0] % 4096 != 0) return -VMREF_ERRNO_INVAL;
  uint32_t i = vmref_vma_find(&M, p);
  /*@ loop invariant bound: 0 <= i <= M.n;
      loop invariant above: \forall integer j; i <= j < M.n ==> p < M.at[j].end;
      loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, a);
      loop assigns i, file, end, l->mm[a].vmas, PAGES(l->s);
      loop variant M.n - i; */
  while (i < M.n && (file == 0 || M.at[i].end - p <= end)) {
    const struct vmref_vma v = M.at[i];
    const vmref_bool its = (v.flags & VMREF_VM_CLOSE) != 0 && v.file != 0 && v.start >= p && v.start - p == v.offset
      && (file == 0 || v.file == file);
    if (!its) {
      i++;
      continue;
    }
    if (file == 0) end = vmref_length_pages(l->object[l->file[v.file - 1].object].size);
    file = v.file;
    //@ ghost Before: ;
    vmref_vma_remove(&M, i, 1);
    vmref_pages_drop(&l->s, a, v.start, v.end);
    //@ assert by_before: CHAIN(l->s, Before);
    //@ assert so_before: apart{Pre, Here}(l->s, l->mms, a);
  }
  return file != 0 ? 0 : -VMREF_ERRNO_INVAL;
}

int64_t vmref_sys_shmctl(struct vmref_linux *l, const struct vmref_call *c)
{
  if (c->arg[1] != IPC_RMID) return VMREF_RESULT_UNMODELLED;
  if (!segment(l, c->arg[0])) return -VMREF_ERRNO_INVAL;
  l->object[c->arg[0]].removed = 1;
  return 0;
}
