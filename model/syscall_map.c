/* SPDX-License-Identifier: MIT */
#include "syscall_file.h"
#include "syscall_map.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas

#define MAY    0x70u       /* VMREF_VM_MAYREAD, MAYWRITE, MAYEXEC */
#define LEGACY 0x7C07F9F3u /* LEGACY_MAP_MASK */

uint64_t vmref_length_pages(uint64_t bytes)
{
  return bytes > UINT64_MAX - 4095 ? 0 : (bytes + 4095) / 4096;
}

vmref_bool vmref_may_lock(const struct vmref_linux *l, uint32_t a, uint64_t pages)
{
  const uint64_t n = vmref_locked_pages(&M);
  return l->lock_limit == UINT64_MAX || (pages <= l->lock_limit && n <= l->lock_limit - pages);
}

uint64_t vmref_place(const struct vmref_linux *l, uint32_t a, uint64_t hint, uint64_t n)
{
  if (hint != 0 && hint < l->min) hint = l->min;
  if (hint != 0 && hint >= l->low && hint <= l->high && n <= l->high - hint) { /* outside, all is taken */
    const uint32_t i = vmref_vma_find(&M, hint);
    const uint64_t end = i < M.n ? vmref_vma_guard(M.at[i]) : l->high;
    //@ assert above: \forall integer j; i <= j < l->mm[a].vmas.n ==> end <= l->mm[a].vmas.at[j].start;
    if (hint + n <= end) return hint;
  }
  const uint64_t p = vmref_vma_gap(&M, l->low, l->high, n);
  return p != 0 ? p : vmref_vma_gap_up(&M, l->low, l->high, n);
}

/* Is private memory of n pages, without a hint, put at an address that suits a huge page? */
/*@ requires \valid_read(l); terminates \true; assigns \nothing; exits \false; */
static vmref_bool aligns(const struct vmref_linux *l, uint64_t n)
{
  return l->kernel >= 0x60D ? n % 512 == 0 : l->kernel >= 0x607 && n >= 512;
}

uint64_t vmref_place_private(const struct vmref_linux *l, uint32_t a, uint64_t hint, uint64_t n)
{
  const uint64_t p = hint == 0 && aligns(l, n) ? vmref_place(l, a, 0, n + 512) : 0;
  return p != 0 ? p + (512 - p % 512) : vmref_place(l, a, hint, n);
}

int64_t vmref_unmap_pages(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to)
{
  if (vmref_vma_carve(&M, from, to) != VMREF_OK) return -VMREF_ERRNO_NOMEM;
  vmref_pages_drop(&l->s, a, from, to);
  return 0;
}

int64_t vmref_sys_munmap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t start = c->arg[0] / 4096, n = vmref_length_pages(c->arg[1]);
  if (c->arg[0] % 4096 != 0 || start > VMREF_TASK_PAGES || c->arg[1] > (VMREF_TASK_PAGES - start) * 4096 || n == 0)
    return -VMREF_ERRNO_INVAL;
  return vmref_unmap_pages(l, a, start, start + n);
}

/* The place of a mapping, in pages, or -errno. */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms && 1 <= n <= 0x10000000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures result: 0 <= \result || ERRNO(\result);
    ensures bound: 0 <= \result ==> \result + n <= VMREF_TASK_PAGES; */
static int64_t place(const struct vmref_linux *l, uint32_t a, uint64_t addr, uint64_t n, uint64_t flags)
{
  if (n > VMREF_TASK_PAGES) return -VMREF_ERRNO_NOMEM;
  if ((flags & (VMREF_MAP_FIXED | VMREF_MAP_NOREPLACE)) == 0) {
    const vmref_bool private = (flags & VMREF_MAP_ANONYMOUS) != 0 && (flags & VMREF_MAP_SHARED) == 0;
    const uint64_t p = private ? vmref_place_private(l, a, addr / 4096, n) : vmref_place(l, a, addr / 4096, n);
    return p != 0 ? (int64_t)p : -VMREF_ERRNO_NOMEM;
  }
  if (addr > (VMREF_TASK_PAGES - n) * 4096) return -VMREF_ERRNO_NOMEM;
  if (addr % 4096 != 0) return -VMREF_ERRNO_INVAL;
  if (addr / 4096 < l->min && !l->raw_io) return -VMREF_ERRNO_PERM;
  if ((flags & VMREF_MAP_NOREPLACE) != 0 && vmref_vma_any(&M, addr / 4096, addr / 4096 + n)) return -VMREF_ERRNO_EXIST;
  return (int64_t)(addr / 4096);
}

/* The flags of a mapping, but for those of sharing. */
/*@ requires \valid_read(l) && a < VMREF_MMS; terminates \true; assigns \nothing; exits \false; */
static uint32_t flags_of(const struct vmref_linux *l, uint32_t a, uint64_t prot, uint64_t flags)
{
  uint32_t f = (uint32_t)(prot % 8) | MAY | l->mm[a].def_flags;
  if ((flags & VMREF_MAP_GROWSDOWN) != 0) f |= VMREF_VM_GROWSDOWN;
  if ((flags & VMREF_MAP_LOCKED) != 0) f |= VMREF_VM_LOCKED;
  if ((flags & VMREF_MAP_NORESERVE) != 0 && l->limit == UINT64_MAX) f |= VMREF_VM_NORESERVE; /* mode 2 does not hear of it */
  if ((flags & VMREF_MAP_SYNC) != 0) f |= VMREF_VM_SYNC;
  if ((flags & VMREF_MAP_STACK) != 0 && l->kernel >= 0x607) f |= VMREF_VM_NOHUGEPAGE;
  return f;
}

/* Those of memory that is shared. */
/*@ terminates \true; assigns \nothing; exits \false; */
static uint32_t shared(uint32_t f)
{
  return f | VMREF_VM_SHARED | VMREF_VM_MAYSHARE;
}

/* The flags of sharing of a file's mapping, or -errno. */
/*@ requires \valid_read(l) && \valid_read(c) && linux_fine(*l) && c->arg[4] < l->files && c->arg[1] <= VMREF_TASK_PAGES * 4096;
    terminates \true; assigns \nothing; exits \false;
    ensures result: 0 <= \result <= 0xFFFFFFFF || ERRNO(\result); */
static int64_t file_flags(const struct vmref_linux *l, const struct vmref_call *c, uint32_t f)
{
  const vmref_bool writable = l->file[c->arg[4]].writable != 0;
  const uint64_t type = c->arg[3] % 16, n = vmref_length_pages(c->arg[1]);
  if (c->arg[5] / 4096 > ((uint64_t)INT64_MAX - n * 4096) / 4096) return -VMREF_ERRNO_OVERFLOW;
  if (type == VMREF_MAP_VALIDATE && (c->arg[3] & ~(uint64_t)LEGACY) != 0) return -VMREF_ERRNO_NOTSUPP;
  if (type != VMREF_MAP_SHARED && type != VMREF_MAP_VALIDATE && type != VMREF_MAP_PRIVATE) return -VMREF_ERRNO_INVAL;
  if (type != VMREF_MAP_PRIVATE) {
    if ((f & VMREF_VM_WRITE) != 0 && !writable) return -VMREF_ERRNO_ACCES;
    f = shared(f);
    if (!writable) f &= ~(VMREF_VM_MAYWRITE | VMREF_VM_SHARED);
  }
  return (f & VMREF_VM_GROWSDOWN) != 0 ? -VMREF_ERRNO_INVAL : (int64_t)f;
}

/*@ requires \valid_read(l) && \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures result: \result == 0 || ERRNO(\result) || RESULT(\result); */
static int64_t anon_wrong(const struct vmref_linux *l, const struct vmref_call *c, uint32_t f)
{
  const uint64_t type = c->arg[3] % 16;
  if (type == VMREF_MAP_DROPPABLE && l->kernel >= 0x60B) return VMREF_RESULT_UNMODELLED;
  if (type == VMREF_MAP_PRIVATE) return 0;
  return type != VMREF_MAP_SHARED || (f & VMREF_VM_GROWSDOWN) != 0 ? -VMREF_ERRNO_INVAL : 0;
}

/* mmap_region: v is where it is to be, its flags without VM_ACCOUNT. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && area(v);
    terminates \true; exits \false;
    assigns MM_FILES(l, a);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int64_t region(struct vmref_linux *l, uint32_t a, struct vmref_vma v, uint64_t arg_flags)
{
  const uint64_t n = v.end - v.start;
  const vmref_bool account = (v.flags & (VMREF_VM_NORESERVE | VMREF_VM_SHARED | VMREF_VM_WRITE)) == VMREF_VM_WRITE;
  const vmref_bool first = l->kernel >= 0x60C; /* then what is to go is counted off */
  if (account && first && !vmref_granted(l, n - vmref_accounted(&M, v.start, v.end, 0))) return -VMREF_ERRNO_NOMEM;
  const int64_t r = vmref_unmap_pages(l, a, v.start, v.end);
  if (r != 0) return r;
  //@ ghost Unmapped: ;
  if (account && !first && !vmref_granted(l, n)) return -VMREF_ERRNO_NOMEM;
  if (account) v.flags |= VMREF_VM_ACCOUNT;
  if (M.n == M.room) return -VMREF_ERRNO_NOMEM;
  if (v.file == 0 && (v.flags & VMREF_VM_MAYSHARE) != 0) {
    if ((v.flags & VMREF_VM_NORESERVE) == 0 && !vmref_granted(l, n)) return -VMREF_ERRNO_NOMEM;
    const int64_t file = vmref_anon_file(l, n * 4096);
    //@ assert files: CHAIN(l->s, Unmapped);
    //@ assert made: apart{Pre, Here}(l->s, l->mms, a);
    if (file < 0) return file;
    v.file = 1 + (uint32_t)file;
    v.offset = 0;
  }
  //@ assert before: apart{Pre, Here}(l->s, l->mms, a);
  vmref_vma_add(&M, v, VMREF_ADD_MAP);
  //@ assert added: linux_fine(*l);
  //@ ghost Added: ;
  const vmref_bool populate = (v.flags & VMREF_VM_LOCKED) != 0
    || (arg_flags & (VMREF_MAP_POPULATE | VMREF_MAP_NONBLOCK)) == VMREF_MAP_POPULATE;
  const int64_t touched = populate ? vmref_populate(l, a, v.start, v.end, 1) : 0;
  //@ assert both: CHAIN(l->s, Added);
  //@ assert after: apart{Pre, Here}(l->s, l->mms, a);
  if (touched != 0) return touched;
  return (int64_t)(v.start * 4096);
}

/* What is wrong with a mapping of huge pages, when there is no pool of them. */
/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures result: ERRNO(\result) || RESULT(\result); */
static int64_t huge(const struct vmref_call *c)
{
  if ((c->arg[3] & VMREF_MAP_ANONYMOUS) == 0) return -VMREF_ERRNO_INVAL;
  if (c->arg[3] >> 26 != 0) return VMREF_RESULT_UNMODELLED; /* a size of page is chosen */
  if ((c->arg[3] & VMREF_MAP_FIXED) != 0 && c->arg[0] % 0x200000 != 0) return -VMREF_ERRNO_INVAL;
  return -VMREF_ERRNO_NOMEM;
}

int64_t vmref_sys_mmap(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t n = vmref_length_pages(c->arg[1]), flags = c->arg[3];
  const vmref_bool anonymous = (flags & VMREF_MAP_ANONYMOUS) != 0;
  if (c->arg[5] % 4096 != 0) return -VMREF_ERRNO_INVAL;
  if (!anonymous && !vmref_file_held(l, c->arg[4])) return -VMREF_ERRNO_BADF;
  if (c->arg[1] == 0) return -VMREF_ERRNO_INVAL;
  if ((flags & VMREF_MAP_HUGETLB) != 0) return huge(c);
  if (n == 0 || M.n >= M.room) return -VMREF_ERRNO_NOMEM;
  const int64_t at = place(l, a, c->arg[0], n, flags);
  if (at < 0) return at;
  const uint32_t f = flags_of(l, a, c->arg[2], flags);
  if ((f & VMREF_VM_LOCKED) != 0 && l->lock_limit == 0) return -VMREF_ERRNO_PERM;
  if ((f & VMREF_VM_LOCKED) != 0 && !vmref_may_lock(l, a, n)) return -VMREF_ERRNO_AGAIN;
  const int64_t full = anonymous ? anon_wrong(l, c, f) : file_flags(l, c, f);
  if (full < 0) return full;
  const uint32_t all = !anonymous ? (uint32_t)full : flags % 16 == VMREF_MAP_SHARED ? shared(f) : f;
  struct vmref_vma v = { (uint64_t)at, (uint64_t)at + n, anonymous ? (uint64_t)at : c->arg[5] / 4096, 0, all,
                         anonymous ? 0 : 1 + (uint32_t)c->arg[4] };
  return region(l, a, v, flags);
}

/* Let the heap reach from page `from` to page `to`. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms && from < to;
    terminates \true; exits \false;
    assigns l->mm[a].vmas;
    ensures fine: linux_fine(*l); */
static vmref_bool heap_grow(struct vmref_linux *l, uint32_t a, uint64_t from, uint64_t to)
{
  const uint32_t f = VMREF_VM_READ | VMREF_VM_WRITE | MAY | VMREF_VM_ACCOUNT | l->mm[a].def_flags;
  const uint32_t i = vmref_vma_find(&M, from);
  const uint64_t end = i < M.n ? vmref_vma_guard(M.at[i]) : VMREF_TASK_PAGES;
  //@ assert above: \forall integer j; i <= j < l->mm[a].vmas.n ==> end <= l->mm[a].vmas.at[j].start;
  if (to >= VMREF_TASK_PAGES || (i < M.n && to + 1 > end)) return 0;
  //@ assert vacant: vacant_from(l->mm[a].vmas, from, to);
  if (M.n == M.room || !vmref_granted(l, to - from)) return 0;
  if ((f & VMREF_VM_LOCKED) != 0 && !vmref_may_lock(l, a, to - from)) return 0;
  vmref_vma_add(&M, (struct vmref_vma){ from, to, from, 0, f, 0 }, VMREF_ADD_BRK);
  return 1;
}

/* Returns the break, which has not moved if it can not. */
int64_t vmref_sys_brk(struct vmref_linux *l, uint32_t a, const struct vmref_call *c)
{
  const uint64_t old = vmref_length_pages(l->mm[a].brk), new = vmref_length_pages(c->arg[0]);
  if (c->arg[0] < l->mm[a].start_brk || c->arg[0] >= VMREF_TASK_PAGES * 4096) return (int64_t)l->mm[a].brk;
  if (new < old) {
    const uint32_t i = vmref_vma_find(&M, new);
    if (i == M.n || M.at[i].start >= old || vmref_unmap_pages(l, a, new, old) != 0) return (int64_t)l->mm[a].brk;
  } else if (new > old) {
    if (!heap_grow(l, a, old, new)) return (int64_t)l->mm[a].brk;
  }
  l->mm[a].brk = c->arg[0];
  //@ assert fine: linux_fine(*l);
  //@ assert before: apart{Pre, Here}(l->s, l->mms, a);
  //@ ghost Moved: ;
  const int64_t touched = new > old && (l->mm[a].def_flags & VMREF_VM_LOCKED) != 0 ? vmref_populate(l, a, old, new, 1) : 0;
  //@ assert both: CHAIN(l->s, Moved);
  //@ assert after: apart{Pre, Here}(l->s, l->mms, a);
  if (touched != 0) return touched;
  return (int64_t)l->mm[a].brk;
}
