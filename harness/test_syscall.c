/* SPDX-License-Identifier: MIT */
/* Linux's memory calls, by hand: what the manual pages and the kernel's sources say of each. */
#include <stdlib.h>
#include "test.h"
#include "check.h"
#include "linux.h"

enum { P = 4096, RW = 3, PRIV = 0x22, FIX = 0x32, SHARED = 0x21, INVAL = -22, NOMEM = -12, ACCES = -13, EXIST = -17, FAULT = -14 };
#define AT(page) (WINDOW + (page) * (uint64_t)P)
static struct vmref_linux *l;

static int fresh(void **state)
{
  (void)state;
  if (!l) l = lx_model_new(0x612);
  if (!l) return -1;
  l->kernel = 0x612;
  for (unsigned a = 0; a < l->mms; a++) l->mm[a].vmas.kernel = 0x612;
  l->no_zero_page = l->swap = l->pku = l->dontunmap_apart = 0;
  l->limit = UINT64_MAX, l->commit = 0x100000;
  l->low = WINDOW / P, l->high = WINDOW / P + WINDOW_PAGES;
  lx_model_reset(l);
  return 0;
}

/* The invariants of both layers hold behind each call. */
static int64_t checked(int64_t r)
{
  IS("layer 2", vmref_check(&l->s), VMREF_CHECK_OK);
  for (unsigned a = 0; a < l->mms; a++) {
    const struct vmref_vmas *m = &l->mm[a].vmas;
    for (uint32_t i = 0; l->mm[a].users && i < m->n; i++) {
      IS("not empty", m->at[i].start < m->at[i].end && m->at[i].end <= VMREF_TASK_PAGES, 1);
      if (i > 0) IS("sorted and disjoint", m->at[i - 1].end <= m->at[i].start, 1);
    }
  }
  return r;
}
static int64_t by(uint32_t t, uint32_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
  return checked(vmref_syscall(l, t, &(struct vmref_call){ nr, { a, b, c, d, e, f } }));
}
#define MAP(page, n, prot, flags) by(0, VMREF_SYS_MMAP, AT(page), (n) * P, prot, flags, (uint64_t)-1, 0)
#define FILE_MAP(page, n, prot, flags, fd, first) by(0, VMREF_SYS_MMAP, AT(page), (n) * P, prot, flags, fd, (first) * P)
#define PROTECT(page, n, prot) by(0, VMREF_SYS_MPROTECT, AT(page), (n) * P, prot, 0, 0, 0)
#define UNMAP(page, n) by(0, VMREF_SYS_MUNMAP, AT(page), (n) * P, 0, 0, 0, 0)
#define ADVISE(page, n, what) by(0, VMREF_SYS_MADVISE, AT(page), (n) * P, what, 0, 0, 0)
#define REMAP(page, old, new, flags, to) by(0, VMREF_SYS_MREMAP, AT(page), (old) * P, (new) * P, flags, AT(to), 0)

/* The byte; or 1000 times the signal, and its code. */
static int touch(uint32_t t, uint64_t page, uint8_t kind, uint8_t byte)
{
  const struct vmref_touched r = vmref_task_access(l, t, AT(page), kind, byte);
  checked(0);
  IS("room", r.result, 0);
  return r.signal ? r.signal * 1000 + r.code : kind == VMREF_READ ? r.byte : 0;
}
static int load(uint32_t t, uint64_t page) { return touch(t, page, VMREF_READ, 0); }
static int store(uint32_t t, uint64_t page, uint8_t byte) { return touch(t, page, VMREF_WRITE, byte); }
enum { MAPERR = 11001, ACCERR = 11002, BUS = 7002 };
static uint32_t areas(void) { return l->mm[0].vmas.n; }

static void map(void **state)
{
  (void)state;
  IS("top down", MAP(0, 2, RW, PRIV) == (int64_t)AT(0), 1); /* a hint */
  IS("no hint", by(0, VMREF_SYS_MMAP, 0, 2 * P, RW, PRIV, (uint64_t)-1, 0), AT(WINDOW_PAGES - 2));
  IS("below it, one area", by(0, VMREF_SYS_MMAP, 0, P, RW, PRIV, (uint64_t)-1, 0), AT(WINDOW_PAGES - 3));
  IS("merged", areas(), 2);
  IS("length 0", MAP(8, 0, RW, FIX), INVAL);
  IS("no type", MAP(8, 1, RW, 0x30), INVAL);
  IS("not aligned", by(0, VMREF_SYS_MMAP, AT(8) + 1, P, RW, FIX, (uint64_t)-1, 0), INVAL);
  IS("taken", MAP(1, 2, RW, FIX | VMREF_MAP_NOREPLACE), EXIST);
  IS("beyond the top", by(0, VMREF_SYS_MMAP, 0x7ffffffff000, P, RW, FIX, (uint64_t)-1, 0), NOMEM);
  IS("no room for 32 TiB", by(0, VMREF_SYS_MMAP, 0, UINT64_C(1) << 45, RW, PRIV, (uint64_t)-1, 0), NOMEM);
  l->low = 16, l->high = 0x7fffffff0;
  IS("32 TiB: more than memory", by(0, VMREF_SYS_MMAP, 0, UINT64_C(1) << 45, RW, PRIV, (uint64_t)-1, 0), NOMEM);
  IS("without a reserve", by(0, VMREF_SYS_MMAP, 0, UINT64_C(1) << 45, RW, PRIV | VMREF_MAP_NORESERVE, (uint64_t)-1, 0), 0x400000000000); /* under what is at 0x600000000000 */
  IS("huge pages without a pool", MAP(8, 1, RW, PRIV | VMREF_MAP_HUGETLB), NOMEM);
  IS("no such descriptor", FILE_MAP(8, 1, RW, 0x12, 9, 0), -9);
  IS("shared, write, of a read-only descriptor", FILE_MAP(8, 1, RW, 0x11, 1, 0), ACCES);
  IS("private of it", FILE_MAP(8, 1, RW, 0x12, 1, 0), AT(8));
  IS("grows down and shared", MAP(9, 1, RW, 0x31 | VMREF_MAP_GROWSDOWN), INVAL);
}

static void faults(void **state)
{
  (void)state;
  MAP(0, 3, RW, FIX);
  IS("zero", load(0, 0), 0);
  IS("store", store(0, 0, 7), 0);
  IS("load", load(0, 0), 7);
  IS("nothing there", load(0, 3), MAPERR);
  IS("read-only", PROTECT(0, 1, 1), 0);
  IS("a write", store(0, 0, 8), ACCERR);
  IS("no rights", PROTECT(0, 1, 0), 0);
  IS("V01: a read is ACCERR, not MAPERR", load(0, 0), ACCERR);
  IS("back", PROTECT(0, 1, RW), 0);
  IS("kept", load(0, 0), 7);
  IS("a fetch", touch(0, 0, VMREF_FETCH, 0), ACCERR);
  MAP(4, 1, 4, FIX);
  IS("executable alone is readable", load(0, 4), 0);
  l->pku = 1;
  IS("but not where there are protection keys", load(0, 4), 11004 /* PKUERR */);
  IS("a fetch there", touch(0, 4, VMREF_FETCH, 0), 0);
  IS("not canonical", vmref_task_access(l, 0, 0x800000000000, VMREF_READ, 0).code, VMREF_SI_KERNEL);
  IS("the kernel's", vmref_task_access(l, 0, 0xFFFF800000000000, VMREF_READ, 0).code, VMREF_SEGV_MAPERR);
  FILE_MAP(8, 8, RW, 0x12, 0, 0);
  IS("the last page of the file", load(0, 13), 0);
  IS("past it", load(0, 14), BUS);
  IS("unmap", UNMAP(0, 3), 0);
  IS("gone", load(0, 0), MAPERR);
  IS("munmap of length 0", UNMAP(0, 0), INVAL);
}

static void grows(void **state)
{
  (void)state;
  MAP(500, 2, RW, FIX | VMREF_MAP_GROWSDOWN);
  IS("below", store(0, 490, 1), 0);
  IS("it has grown", l->mm[0].vmas.at[0].start, AT(490) / P);
  MAP(200, 1, RW, FIX);
  IS("to 256 pages above the area below", load(0, 457), 0);
  IS("not nearer", load(0, 456), MAPERR);
  PROTECT(200, 1, 0);
  IS("unless that has no rights", load(0, 456), 0);
  IS("mprotect that grows", by(0, VMREF_SYS_MPROTECT, AT(470), P, 1 | VMREF_PROT_DOWN, 0, 0, 0), 0);
  IS("from its start on", store(0, 460, 1), ACCERR);
}

static void partial(void **state)
{
  (void)state;
  MAP(0, 2, RW, FIX), MAP(4, 2, RW, FIX), store(0, 0, 1), store(0, 4, 1);
  IS("mprotect over a hole", PROTECT(0, 6, 1), NOMEM);
  IS("what is before it has changed", store(0, 0, 2), ACCERR);
  IS("what is behind has not", store(0, 4, 2), 0);
  IS("mprotect of length 0", PROTECT(3, 0, RW), 0);
  IS("an unknown right", PROTECT(0, 1, 0x10), INVAL);
  IS("advice over a hole", ADVISE(0, 6, VMREF_MADV_DONTNEED), NOMEM);
  IS("is taken before it", load(0, 0), 0);
  IS("and behind", load(0, 4), 0);
  IS("not of what is locked", by(0, VMREF_SYS_MLOCK, AT(4), P, 0, 0, 0, 0), 0);
  IS("so", ADVISE(4, 1, VMREF_MADV_DONTNEED), INVAL);
  IS("unknown advice", ADVISE(4, 1, 99), INVAL);
  IS("msync invalidate", by(0, VMREF_SYS_MSYNC, AT(4), P, 2, 0, 0, 0), -16);
  IS("mincore of a hole", by(0, VMREF_SYS_MINCORE, AT(3), 2 * P, 0, 0, 0, 0), NOMEM);
}

static void remap(void **state)
{
  (void)state;
  MAP(0, 4, RW, FIX), store(0, 0, 1), store(0, 1, 2);
  IS("in place", REMAP(0, 4, 6, 0, 0), AT(0));
  IS("shrink", REMAP(0, 6, 4, 0, 0), AT(0));
  MAP(4, 1, 0, FIX);
  IS("no room", REMAP(0, 4, 6, 0, 0), NOMEM);
  IS("moved to", REMAP(0, 2, 2, 3, 100), AT(100));
  IS("contents go along", load(0, 101), 2);
  IS("and leave", load(0, 1), MAPERR);
  IS("to where it is", REMAP(100, 2, 2, 3, 101), INVAL);
  IS("fixed without maymove", REMAP(100, 2, 2, 2, 8), INVAL);
  IS("dontunmap", REMAP(100, 2, 2, 7, 8), AT(8));
  IS("there", load(0, 9), 2);
  IS("zero where it was", load(0, 101), 0);
  IS("of nothing", REMAP(50, 1, 1, 3, 60), FAULT);
  IS("old length 0, private", REMAP(8, 0, 2, 3, 60), INVAL);
  MAP(70, 2, RW, 0x31), store(0, 70, 9);
  IS("old length 0, shared", REMAP(70, 0, 2, 3, 60), AT(60));
  IS("is another mapping of it", load(0, 60), 9);
  store(0, 60, 10);
  IS("shared on", load(0, 70), 10);
  MAP(20, 2, RW, FIX), MAP(24, 2, RW, FIX), store(0, 24, 3);
  IS("over a gap, since 6.17", REMAP(20, 6, 6, 3, 200), AT(200));
  IS("with it", load(0, 204), 3);
  IS("the gap", load(0, 202), MAPERR);
  for (unsigned a = 0; a < l->mms; a++) l->mm[a].vmas.kernel = 0x601;
  l->kernel = 0x601;
  IS("before, not", REMAP(200, 6, 6, 3, 20), FAULT);
}

static uint64_t offset_at(uint64_t page)
{
  return l->mm[0].vmas.at[vmref_vma_find(&l->mm[0].vmas, AT(page) / P)].offset - WINDOW / P;
}

/* What MREMAP_DONTUNMAP leaves, and what it moves: in 6.1.192 always two areas. */
static void kept_apart(void **state)
{
  (void)state;
  for (uint8_t apart = 0; apart < 2; apart++) {
    UNMAP(0, WINDOW_PAGES);
    l->dontunmap_apart = apart;
    MAP(10, 1, RW, FIX);
    IS("to the place above", REMAP(10, 1, 1, 7, 11), AT(11));
    IS("one or two", areas(), apart ? 2 : 1);
    UNMAP(0, 20), MAP(10, 1, RW, FIX), MAP(8, 1, RW, FIX);
    IS("below, between two", REMAP(10, 1, 1, 7, 9), AT(9));
    IS("one or three", areas(), apart ? 3 : 1);
    UNMAP(0, 20), MAP(10, 1, RW, FIX), MAP(14, 1, RW, FIX);
    IS("not beside", REMAP(10, 1, 1, 7, 13), AT(13));
    IS("it joins a neighbour", areas(), 2);
    UNMAP(0, 20), MAP(10, 1, RW, 0x31);
    IS("a shared area", REMAP(10, 1, 1, 7, 11), AT(11));
    IS("has its own offset", areas(), 2);
    UNMAP(0, 20), MAP(10, 1, RW, FIX), store(0, 10, 1);
    IS("moved", REMAP(10, 1, 1, 3, 5), AT(5));
    IS("with the offset that it had", offset_at(5), 10);
    IS("left", REMAP(5, 1, 1, 7, 20), AT(20));
    IS("as if new", offset_at(5), apart ? 5 : 10);
    IS("what moved keeps it", offset_at(20), 10);
    UNMAP(0, 30), MAP(10, 4, RW, FIX);
    IS("locked", by(0, VMREF_SYS_MLOCK, AT(10), 4 * P, 0, 0, 0, 0), 0);
    IS("the middle of it", REMAP(11, 2, 2, 7, 20), AT(20));
    IS("is locked no longer", ADVISE(11, 2, VMREF_MADV_DONTNEED), 0);
    IS("before it", ADVISE(10, 1, VMREF_MADV_DONTNEED), apart ? INVAL : 0);
    IS("behind it", ADVISE(13, 1, VMREF_MADV_DONTNEED), apart ? INVAL : 0);
    IS("what moved is", ADVISE(20, 1, VMREF_MADV_DONTNEED), INVAL);
    IS("areas", areas(), apart ? 4 : 2);
  }
}

/* Overcommit mode 2: what is promised, and what is asked for, stay below the limit: 99 pages are granted, 100 not. */
static void promised(void **state)
{
  (void)state;
  l->limit = 100;
  IS("as many as there are", MAP(0, 100, RW, FIX), NOMEM);
  IS("one less", MAP(0, 99, RW, FIX), AT(0));
  IS("one more", MAP(100, 1, RW, FIX), NOMEM);
  IS("NORESERVE is not heard", MAP(100, 1, RW, FIX | VMREF_MAP_NORESERVE), NOMEM);
  IS("shared", MAP(100, 1, 1, 0x31), NOMEM);
  IS("a segment", by(0, VMREF_SYS_SHMGET, 0, P, 0, 0, 0, 0), NOMEM);
  IS("read-only", MAP(100, 9, 1, FIX), AT(100));
  IS("to be written to", PROTECT(100, 1, RW), NOMEM);
  IS("in place of itself", MAP(0, 99, RW, FIX), AT(0));
  IS("grows", REMAP(0, 99, 100, 0, 0), NOMEM);
  IS("grows elsewhere", REMAP(0, 99, 100, 1, 0), NOMEM);
  IS("moves", REMAP(0, 99, 99, 3, 200), AT(200));
  IS("leaves as much", REMAP(200, 99, 99, 7, 0), NOMEM);
  IS("a child has as much", by(0, VMREF_SYS_FORK, 0, 0, 0, 0, 0, 0), NOMEM);
  IS("which shares it has not", by(0, VMREF_SYS_CLONE, 0x100, 0, 0, 0, 0, 0), 1);
  UNMAP(200, 50);
  IS("49 are left, and once more 49", by(0, VMREF_SYS_FORK, 0, 0, 0, 0, 0, 0), 2);
  IS("one is left", MAP(0, 2, RW, FIX), NOMEM);
  IS("granted", MAP(0, 1, RW, FIX), AT(0));
  by(2, VMREF_SYS_EXIT, 0, 0, 0, 0, 0, 0);
  IS("given back", MAP(1, 49, RW, 0x31), AT(1));
  IS("shared memory is promised", MAP(50, 1, RW, FIX), NOMEM);
  UNMAP(1, 48);
  IS("while any of it is mapped", MAP(50, 1, RW, FIX), NOMEM);
  UNMAP(49, 1);
  IS("no longer", by(0, VMREF_SYS_SHMGET, 0, 49 * P, 0, 0, 0, 0) >= 0, 1);
  IS("nor is more than a segment", MAP(50, 1, RW, FIX), NOMEM);
}

/* A stack grows by what may be promised. */
static void promised_stack(void **state)
{
  (void)state;
  l->limit = 100;
  MAP(400, 1, RW, FIX | VMREF_MAP_GROWSDOWN);
  IS("99", store(0, 302, 1), 0);
  IS("100", store(0, 301, 1), MAPERR);
}

static void heap(void **state)
{
  (void)state;
  IS("where it is", by(0, VMREF_SYS_BRK, 0, 0, 0, 0, 0, 0), AT(0));
  IS("grow", by(0, VMREF_SYS_BRK, AT(2) + 5, 0, 0, 0, 0, 0), AT(2) + 5);
  store(0, 1, 1);
  IS("V04: split", PROTECT(1, 1, 1), 0);
  IS("shrink", by(0, VMREF_SYS_BRK, AT(1), 0, 0, 0, 0, 0), AT(1));
  IS("its tail is gone", load(0, 1), MAPERR);
  IS("grow anew", by(0, VMREF_SYS_BRK, AT(3), 0, 0, 0, 0, 0), AT(3));
  IS("zero and writable", store(0, 1, 2), 0);
  MAP(6, 1, RW, FIX);
  IS("not into what is there, or next to it", by(0, VMREF_SYS_BRK, AT(6), 0, 0, 0, 0, 0), AT(3));
  IS("below the start", by(0, VMREF_SYS_BRK, AT(0) - 1, 0, 0, 0, 0, 0), AT(3));
}

static void processes(void **state)
{
  (void)state;
  MAP(0, 4, RW, FIX), MAP(8, 1, RW, 0x31), store(0, 0, 1), store(0, 8, 1);
  ADVISE(1, 1, VMREF_MADV_WIPEONFORK), store(0, 1, 5);
  ADVISE(2, 1, VMREF_MADV_DONTFORK), store(0, 2, 6);
  IS("fork", by(0, VMREF_SYS_FORK, 0, 0, 0, 0, 0, 0), 1);
  IS("the child reads it", load(1, 0), 1);
  IS("wiped", load(1, 1), 0);
  IS("not there", load(1, 2), MAPERR);
  store(1, 0, 2), store(1, 8, 2);
  IS("V13: not the parent's", load(0, 0), 1);
  IS("V15: shared", load(0, 8), 2);
  IS("vfork", by(1, VMREF_SYS_VFORK, 0, 0, 0, 0, 0, 0), 2);
  IS("the parent waits", by(1, VMREF_SYS_BRK, 0, 0, 0, 0, 0, 0), VMREF_RESULT_MISUSE);
  store(2, 0, 3);
  IS("exec", by(2, VMREF_SYS_EXECVE, 0, 0, 0, 0, 0, 0), 0);
  IS("nothing is left", load(2, 0), MAPERR);
  IS("the parent runs, and has what was written", load(1, 0), 3);
  IS("exit", by(1, VMREF_SYS_EXIT, 0, 0, 0, 0, 0, 0), 0);
  IS("exit", by(2, VMREF_SYS_EXIT, 0, 0, 0, 0, 0, 0), 0);
  IS("shares", by(0, VMREF_SYS_CLONE, VMREF_CLONE_VM, 0, 0, 0, 0, 0), 1);
  by(1, VMREF_SYS_MUNMAP, AT(0), P, 0, 0, 0, 0);
  IS("all", load(0, 0), MAPERR);
}

static void files(void **state)
{
  (void)state;
  FILE_MAP(0, 6, RW, 0x11, 0, 0), FILE_MAP(10, 6, RW, 0x12, 0, 0);
  store(0, 0, 1);
  IS("a private mapping sees it", load(0, 10), 1);
  store(0, 10, 2), store(0, 0, 3);
  IS("until its own copy", load(0, 10), 2);
  store(0, 15, 4), store(0, 5, 4);
  IS("truncate", by(0, VMREF_SYS_FTRUNCATE, 0, 5 * P, 0, 0, 0, 0), 0);
  IS("the shared one", load(0, 5), BUS);
  IS("the private copy too", load(0, 15), BUS);
  IS("longer again", by(0, VMREF_SYS_FTRUNCATE, 0, 6 * P, 0, 0, 0, 0), 0);
  IS("zero", load(0, 15), 0);
  IS("read-only", by(0, VMREF_SYS_FTRUNCATE, 1, 0, 0, 0, 0, 0), INVAL);
  FILE_MAP(20, 1, 1, 0x11, 1, 0);
  IS("V07: not made writable", PROTECT(20, 1, RW), ACCES);
}

static void segments(void **state)
{
  (void)state;
  const int64_t id = by(0, VMREF_SYS_SHMGET, 0, 3 * P - 5, 0600, 0, 0, 0);
  IS("a segment", id >= 0, 1);
  IS("of size 0", by(0, VMREF_SYS_SHMGET, 0, 0, 0600, 0, 0, 0), INVAL);
  IS("attached", by(0, VMREF_SYS_SHMAT, (uint64_t)id, AT(0), 0, 0, 0, 0), AT(0));
  IS("over it", by(0, VMREF_SYS_SHMAT, (uint64_t)id, AT(2), 0, 0, 0, 0), INVAL);
  IS("read-only, elsewhere", by(0, VMREF_SYS_SHMAT, (uint64_t)id, AT(10), 010000, 0, 0, 0), AT(10));
  store(0, 1, 7);
  IS("shared", load(0, 11), 7);
  IS("not to be written", store(0, 11, 8), ACCERR);
  IS("removed", by(0, VMREF_SYS_SHMCTL, (uint64_t)id, 0, 0, 0, 0, 0), 0);
  IS("still there", load(0, 1), 7);
  IS("detached", by(0, VMREF_SYS_SHMDT, AT(0), 0, 0, 0, 0, 0), 0);
  IS("gone", load(0, 1), MAPERR);
  IS("not at that address", by(0, VMREF_SYS_SHMDT, AT(11), 0, 0, 0, 0, 0), INVAL);
  IS("the last", by(0, VMREF_SYS_SHMDT, AT(10), 0, 0, 0, 0, 0), 0);
  IS("it has gone with that", by(0, VMREF_SYS_SHMAT, (uint64_t)id, AT(0), 0, 0, 0, 0), INVAL);
}

/* A page that went to swap is the same when it comes back. */
static void swap(void **state)
{
  (void)state;
  l->swap = 1;
  MAP(0, 1, RW, FIX), store(0, 0, 9);
  IS("out", ADVISE(0, 1, VMREF_MADV_PAGEOUT), 0);
  struct lx_page page[WINDOW_PAGES];
  lx_model_pages(l, 0, page);
  IS("in swap", page[0].state, LX_SWAPPED);
  IS("back", load(0, 0), 9);
}

/* No pages are lost: after all exits only files hold frames. */
static void conserved(void **state)
{
  (void)state;
  MAP(0, 8, RW, FIX | VMREF_MAP_POPULATE);
  by(0, VMREF_SYS_FORK, 0, 0, 0, 0, 0, 0);
  for (unsigned p = 0; p < 8; p++) store(1, p, 1);
  unsigned used = 0;
  for (uint32_t o = 0; o < l->s.frames; o++) used += l->s.rc[o] != 0;
  IS("V17: both have theirs", used, 16);
  by(1, VMREF_SYS_EXIT, 0, 0, 0, 0, 0, 0), UNMAP(0, 8);
  used = 0;
  for (uint32_t o = 0; o < l->s.frames; o++) used += l->s.rc[o] != 0;
  IS("V33: all are free", used, 0);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup(t, fresh)
  const struct CMUnitTest tests[] = { TEST(map), TEST(faults), TEST(grows), TEST(partial), TEST(remap), TEST(kept_apart), TEST(promised), TEST(promised_stack), TEST(heap), TEST(processes), TEST(files),
    TEST(segments), TEST(swap), TEST(conserved) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
