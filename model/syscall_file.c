/* SPDX-License-Identifier: MIT */
#include "syscall_file.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M (l->mm[a].vmas)

#define IPC_RMID    0
#define SHM_EXEC    0100000
#define SHM_RDONLY  010000
#define SHM_RND     020000
#define SHM_REMAP   040000

vmref_bool vmref_file_held(const struct vmref_linux *l, uint64_t fd)
{
  return fd < l->files && l->file[fd].used && l->file[fd].held;
}

/* Does any area map open file f? */
static vmref_bool mapped_file(const struct vmref_linux *l, uint32_t f)
{
  for (uint32_t a = 0; a < l->mms; a++)
    for (uint32_t i = 0; l->mm[a].users != 0 && i < M.n; i++)
      if (M.at[i].file == f + 1) return 1;
  return 0;
}

/* Has any open file object o? */
static vmref_bool opened(const struct vmref_linux *l, uint32_t o)
{
  for (uint32_t f = 0; f < l->files; f++)
    if (l->file[f].used && l->file[f].object == o) return 1;
  return 0;
}

/* Give back what nobody can reach any more: open files, then objects. */
static void collect(struct vmref_linux *l)
{
  for (uint32_t f = 0; f < l->files; f++)
    if (l->file[f].used && !l->file[f].held && !mapped_file(l, f)) l->file[f].used = 0;
  for (uint32_t o = 0; o < l->objects; o++)
    if (l->object[o].kind != VMREF_OBJECT_FREE && (l->object[o].kind != VMREF_OBJECT_SHM || l->object[o].removed)
        && !opened(l, o)) {
      vmref_space_exit(&l->s, l->mms + o);
      l->object[o].kind = VMREF_OBJECT_FREE;
    }
}

static uint32_t free_file(const struct vmref_linux *l)
{
  uint32_t f = 0;
  while (f < l->files && l->file[f].used) f++;
  return f;
}

static uint32_t free_object(const struct vmref_linux *l)
{
  uint32_t o = 0;
  while (o < l->objects && l->object[o].kind != VMREF_OBJECT_FREE) o++;
  return o;
}

static int64_t new_file(struct vmref_linux *l, uint32_t object, vmref_bool writable, vmref_bool held)
{
  if (free_file(l) == l->files) collect(l);
  const uint32_t f = free_file(l);
  if (f == l->files) return VMREF_RESULT_FULL;
  l->file[f] = (struct vmref_file){ object, 1, writable, held };
  return f;
}

static int64_t new_object(struct vmref_linux *l, uint64_t size, uint8_t kind)
{
  if (free_object(l) == l->objects) collect(l);
  const uint32_t o = free_object(l);
  if (o == l->objects || vmref_space_new(&l->s, l->mms + o, VMREF_FILE) != VMREF_OK) return VMREF_RESULT_FULL;
  l->object[o] = (struct vmref_object){ size, kind, 0 };
  return o;
}

static int64_t new_both(struct vmref_linux *l, uint64_t size, uint8_t kind, vmref_bool held)
{
  if (free_file(l) == l->files) collect(l);
  if (free_file(l) == l->files) return VMREF_RESULT_FULL;
  const int64_t o = new_object(l, size, kind);
  return o < 0 ? o : new_file(l, (uint32_t)o, 1, held);
}

int64_t vmref_anon_file(struct vmref_linux *l, uint64_t size)
{
  return new_both(l, size, VMREF_OBJECT_ANON, 0);
}

int64_t vmref_sys_memfd(struct vmref_linux *l)
{
  return new_both(l, 0, VMREF_OBJECT_FILE, 1);
}

int64_t vmref_sys_open(struct vmref_linux *l, const struct vmref_call *c)
{
  if (!vmref_file_held(l, c->arg[0])) return -VMREF_ERRNO_BADF;
  return new_file(l, l->file[c->arg[0]].object, 0, 1);
}

/* Unmap pages from `first` on of object o from all areas, private copies too. */
static void unmap_object(struct vmref_linux *l, uint32_t o, uint64_t first)
{
  for (uint32_t a = 0; a < l->mms; a++)
    for (uint32_t i = 0; l->mm[a].users != 0 && i < M.n; i++) {
      const struct vmref_vma v = M.at[i];
      if (v.file == 0 || l->file[v.file - 1].object != o) continue;
      const uint64_t skip = first > v.offset ? first - v.offset : 0;
      if (skip < v.end - v.start) vmref_pages_drop(&l->s, a, v.start + skip, v.end);
    }
}

/* Zero what the page at the end of a file holds behind the end. */
static void zero_tail(const struct vmref_linux *l, uint32_t o, uint64_t size)
{
  const uint64_t leaf = size % 4096 == 0 ? 0 : vmref_page_leaf(&l->s, l->mms + o, size / 4096);
  if (leaf == 0) return;
  for (uint64_t at = size; at < size - size % 4096 + 4096; at++)
    vmref_user_access(&l->s, l->mms + o, at, VMREF_WRITE, 0);
}

int64_t vmref_sys_ftruncate(struct vmref_linux *l, const struct vmref_call *c)
{
  if (c->arg[1] > INT64_MAX) return -VMREF_ERRNO_INVAL;
  if (!vmref_file_held(l, c->arg[0])) return -VMREF_ERRNO_BADF;
  if (!l->file[c->arg[0]].writable) return -VMREF_ERRNO_INVAL;
  if (c->arg[1] > VMREF_USER_PAGES * UINT64_C(4096)) return VMREF_RESULT_UNMODELLED;
  const uint32_t o = l->file[c->arg[0]].object;
  const uint64_t old = vmref_length_pages(l->object[o].size), new = vmref_length_pages(c->arg[1]);
  if (c->arg[1] < l->object[o].size) {
    unmap_object(l, o, new);
    vmref_pages_drop(&l->s, l->mms + o, new, old);
    zero_tail(l, o, c->arg[1]);
  }
  l->object[o].size = c->arg[1];
  return 0;
}

/* ---- System V ---- */

/* Is the segment there? One that is removed is until the last area of it goes. */
static vmref_bool segment(struct vmref_linux *l, uint64_t id)
{
  if (id >= l->objects || l->object[id].kind != VMREF_OBJECT_SHM) return 0;
  if (l->object[id].removed) collect(l);
  return l->object[id].kind == VMREF_OBJECT_SHM;
}

int64_t vmref_sys_shmget(struct vmref_linux *l, const struct vmref_call *c)
{
  if (c->arg[0] != 0) return VMREF_RESULT_UNMODELLED; /* a key other than IPC_PRIVATE */
  if (c->arg[1] == 0 || vmref_length_pages(c->arg[1]) == 0) return -VMREF_ERRNO_INVAL;
  if (vmref_length_pages(c->arg[1]) > l->commit) return -VMREF_ERRNO_NOMEM;
  return new_object(l, c->arg[1], VMREF_OBJECT_SHM);
}

/* Where a segment goes, in pages; -errno. */
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

int64_t vmref_sys_shmat(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  if (!segment(l, c->arg[0])) return -VMREF_ERRNO_INVAL;
  const uint64_t n = vmref_length_pages(l->object[c->arg[0]].size);
  const int64_t at = attach_at(l, a, c, n);
  if (at < 0) return at;
  const uint64_t from = (uint64_t)at, to = from + n;
  if (c->arg[1] != 0 && (c->arg[2] & SHM_REMAP) == 0 && vmref_vma_any(&M, from, to)) return -VMREF_ERRNO_INVAL;
  if (n > VMREF_TASK_PAGES || from > VMREF_TASK_PAGES - n) return -VMREF_ERRNO_NOMEM;
  if (from < l->min && !l->raw_io) return -VMREF_ERRNO_PERM;
  const vmref_bool locked = (l->mm[a].def_flags & VMREF_VM_LOCKED) != 0;
  if (locked && !vmref_may_lock(l, a, n)) return -VMREF_ERRNO_AGAIN;
  const vmref_bool write = (c->arg[2] & SHM_RDONLY) == 0;
  const int64_t file = new_file(l, (uint32_t)c->arg[0], write, 0);
  if (file < 0) return file;
  int64_t r = M.n >= M.room ? -VMREF_ERRNO_NOMEM : 0;
  if (r == 0) r = vmref_unmap_pages(l, a, from, to);
  if (r != 0) {
    l->file[file].used = 0;
    return r;
  }
  uint32_t f = VMREF_VM_READ | VMREF_VM_MAYREAD | VMREF_VM_MAYEXEC | VMREF_VM_MAYSHARE | VMREF_VM_CLOSE | l->mm[a].def_flags;
  if (write) f |= VMREF_VM_WRITE | VMREF_VM_MAYWRITE | VMREF_VM_SHARED;
  if ((c->arg[2] & SHM_EXEC) != 0) f |= VMREF_VM_EXEC;
  vmref_vma_add(&M, (struct vmref_vma){ from, to, 0, 0, f, 1 + (uint32_t)file }, VMREF_ADD_MAP);
  if (locked && vmref_populate(l, a, from, to, 1) == VMREF_RESULT_FULL) return VMREF_RESULT_FULL;
  return (int64_t)(from * 4096);
}

/* Unmaps all areas that the shmat which gave this address has left where it put them. */
int64_t vmref_sys_shmdt(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t p = c->arg[0] / 4096;
  uint32_t file = 0;
  uint64_t end = 0;
  if (c->arg[0] % 4096 != 0) return -VMREF_ERRNO_INVAL;
  uint32_t i = vmref_vma_find(&M, p);
  while (i < M.n && (file == 0 || M.at[i].end - p <= end)) {
    const struct vmref_vma v = M.at[i];
    const vmref_bool its = (v.flags & VMREF_VM_CLOSE) != 0 && v.start >= p && v.start - p == v.offset
      && (file == 0 || v.file == file);
    if (!its) {
      i++;
      continue;
    }
    if (file == 0) end = vmref_length_pages(l->object[l->file[v.file - 1].object].size);
    file = v.file;
    vmref_unmap_pages(l, a, v.start, v.end);
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
