/* SPDX-License-Identifier: MIT */
/* Accesses of processors by what they have cached, and what drops that. Values by hand: SDM 3A 4.10.2.2
 * (what a TLB holds), 4.10.2.3 (a hit sets no flag), 4.10.4.1 (INVLPG, MOV CR3). */
#include "test_smp.h"

/* ---- hits ---- */

static void hits(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  struct mm_outcome r = read_on(s, 0, 0x10007);
  IS("a walk", r.hit, 0);
  IS("demand zero", r.faulted, 1);
  IS("its error code: U", r.error, 4);
  IS("zero", r.byte, 0);
  struct vmref_translation t = cached(0, 0x10000);
  IS("cached", t.used, 1);
  IS("frame", t.frame, 0x18000);
  IS("size", t.size, 0x1000);
  IS("the user's", t.us, 1);
  IS("not executable", t.xd, 1);
  IS("nobody has written", t.dirty, 0);
  IS("not global", t.global, 0);
  IS("no PCID", t.pcid, 0);
  IS("three tables on the way", tables(0), 3);
  r = read_on(s, 0, 0x10fff);
  IS("a hit", r.hit, 1);
  IS("no fault", r.faulted, 0);
  IS("which processor", r.cpu, 1);
  r = write_on(s, 0, 0x10007, 42);
  IS("a write needs D: a walk", r.hit, 0);
  IS("done", r.status, VMREF_OK);
  t = cached(0, 0x10000);
  IS("writable", t.rw, 1);
  IS("dirty", t.dirty, 1);
  r = write_on(s, 0, 0x10008, 43);
  IS("a hit now", r.hit, 1);
  IS("written", s->data[8], 43);
  r = read_on(s, 1, 0x10008);
  IS("another processor walks", r.hit, 0);
  IS("without a fault", r.faulted, 0);
  IS("and reads it", r.byte, 43);
  IS("another space's page there", read_on(s, 2, 0x10008).byte, 0);
}

static void flags(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  read_on(s, 0, 0x10000);
  *leaf(s, 0, 0x10000) &= ~0x20ull;
  IS("a hit", read_on(s, 0, 0x10000).hit, 1);
  IS("sets no A", *leaf(s, 0, 0x10000) & 0x20, 0);
  IS("another walks", read_on(s, 1, 0x10000).hit, 0);
  IS("and sets A", *leaf(s, 0, 0x10000) & 0x20, 0x20);
}

static void kinds(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  read_on(s, 0, 0x10000);
  IS("no fetch by what a load has cached", fetch_on(s, 0, 0x10000).status, VMREF_EACCES);
  IS("its error code: P U I", fetch_on(s, 0, 0x10000).error, 0x15);
  read_on(s, 2, 0x10000);
  struct mm_outcome r = fetch_on(s, 2, 0x10001);
  IS("where it may be executed, a hit", r.hit, 1);
  struct mm_op op = { MM_RMW, .cpu = 3, .va = 0x10001, .byte = 9 };
  r = on(s, op);
  IS("a read-modify-write is a write", r.hit, 0);
  r = on(s, op);
  IS("and then a hit", r.hit, 1);
  IS("which gives what was there", r.byte, 9);
}

static void looks_ahead(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  IS("look", look_on(s, 0, 0x10000), VMREF_OK);
  IS("a page that is not there is not cached", pages(0), 0);
  IS("nor is it made", *leaf(s, 0, 0x10000), 0x0030000000000002);
  write_on(s, 1, 0x10000, 5);
  look_on(s, 0, 0x10000);
  IS("cached", cached(0, 0x10000).frame, 0x18000);
  IS("as it is, dirty", cached(0, 0x10000).dirty, 1);
  IS("a hit", read_on(s, 0, 0x10000).hit, 1);
  look_on(s, 0, 0xffff800000000000);
  look_on(s, 0, 0x800000000000);
  IS("nothing of the kernel's", pages(0), 1);
  *leaf(s, 0, 0x10000) &= ~0x20ull;
  look_on(s, 1, 0x10000);
  run_on(s, 1, 0);
  look_on(s, 1, 0x10000);
  IS("TLB.FILL: not without A", pages(1), 0);
}

static void bad(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  IS("an idle one", read_on(s, 3, 0x10000).status, VMREF_EINVAL);
  IS("no such one", read_on(s, 4, 0x10000).status, VMREF_EINVAL);
  IS("no such one: write", write_on(s, 255 - 1, 0x10000, 1).status, VMREF_EINVAL);
  IS("an idle one looks", look_on(s, 3, 0x10000), VMREF_EINVAL);
  IS("no such one looks", look_on(s, 4, 0x10000), VMREF_EINVAL);
  IS("no such one runs", run_on(s, 4, 0), VMREF_EINVAL);
  IS("no such one idles", run_on(s, 4, VMREF_IDLE), VMREF_EINVAL);
  IS("a space that there is not", run_on(s, 0, 2), VMREF_EINVAL);
  IS("a space that there cannot be", run_on(s, 0, SPACES), VMREF_EINVAL);
  IS("it runs what it ran", m.runs[0], 0);
  IS("the kernel's half", read_on(s, 0, 0xffff800000000000).error, 5);
  IS("not canonical", read_on(s, 0, 0x800000000000).vector, 13);
  IS("nothing mapped", read_on(s, 0, 0x20000).status, VMREF_ENOMAP);
  IS("nothing cached of these", pages(0), 0);
}

/* ---- what processors run ---- */

static void runs(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  read_on(s, 0, 0x10000);
  read_on(s, 1, 0x10000);
  IS("to another space", run_on(s, 0, 1), VMREF_OK);
  IS("nothing is left: pages", pages(0), 0);
  IS("tables", tables(0), 0);
  IS("the other's stay", pages(1), 1);
  IS("to idle", run_on(s, 1, VMREF_IDLE), VMREF_OK);
  IS("nothing is left: pages", pages(1), 0);
  IS("tables", tables(1), 0);
  IS("idle", m.runs[1], 0xFFFFFFFF);
  run_on(s, 2, 1);
  read_on(s, 2, 0x10000);
  run_on(s, 2, 1);
  IS("to the same: MOV CR3 all the same", pages(2), 0);
}

/* ---- shootdowns ---- */

static void invlpg(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  for (uint64_t va = 0x10000; va < 0x13000; va += 0x1000) read_on(s, 0, va), read_on(s, 1, va);
  read_on(s, 2, 0x10000);
  struct mm_outcome r = unmap_on(s, 0, 0x11000, 1);
  IS("two are told", r.told, 2);
  IS("INVLPG: the page", cached(0, 0x11000).used + cached(1, 0x11000).used, 0);
  IS("others stay", pages(0) + pages(1), 4);
  IS("all cached tables go", tables(0) + tables(1), 0);
  IS("another space's stay", pages(2) + tables(2), 4);
  r = read_on(s, 1, 0x11000);
  IS("nothing is mapped there", r.status, VMREF_ENOMAP);
  IS("error code", r.error, 4);
  IS("a hit beside it", read_on(s, 1, 0x12000).hit, 1);
}

/* 33 pages are dropped one by one, 34 by MOV CR3. */
static void many(void **state)
{
  (void)state;
  for (uint64_t n = 33; n <= 34; n++) {
    struct vmref_sys *s = running(0);
    map(s, 0, 0x20000, 40, R | W);
    read_on(s, 0, 0x10000);
    read_on(s, 0, 0x20000);                       /* the first */
    read_on(s, 0, 0x20000 + 0x1000 * (n - 1));    /* the last */
    read_on(s, 0, 0x20000 + 0x1000 * n);          /* behind it */
    IS("cached", pages(0), 4);
    IS("told", unmap_on(s, 0, 0x20000, n).told, 2);
    IS("what is left", pages(0), n == 33 ? 2 : 0);
    IS("the page behind", cached(0, 0x20000 + 0x1000 * n).used, n == 33);
    IS("the page before", cached(0, 0x10000).used, n == 33);
  }
}

static void refused(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  read_on(s, 0, 0x10000);
  IS("past the end", unmap_on(s, 0, 0x7ffffffff000, 2).status, VMREF_EINVAL);
  IS("too many", unmap_on(s, 0, 0, 0x40001).status, VMREF_EINVAL);
  IS("no space", unmap_on(s, VMREF_IDLE, 0x10000, 1).status, VMREF_EINVAL);
  IS("none is told", m.told, 0);
  IS("nothing dropped", pages(0), 1);
  IS("the last page there can be", unmap_on(s, 0, 0x7ffffffff000, 1).status, VMREF_OK);
}

static void flush(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  for (unsigned c = 0; c < 3; c++) read_on(s, c, 0x10000);
  struct mm_outcome r = on(s, (struct mm_op){ MM_TELL });
  IS("three run something", r.told, 3);
  for (unsigned c = 0; c < 4; c++) IS("nothing cached", pages(c) + tables(c), 0);
  IS("they run what they ran", m.runs[2], 1);
}

/* ---- a full TLB ---- */

/* 70 pages in 80 frames; 64 have room. */
static void full(void **state)
{
  (void)state;
  static struct vmref_sys *s;
  mm_free(s);
  s = mm_new((struct mm_sizes){ .tables = 24, .frames = 80, .slots = 1, .spaces = 2, .kernel = 1 });
  vmref_smp_reset(&m, 0);
  space(s, 0);
  map(s, 0, 0, 70, R | W);
  run_on(s, 0, 0);
  for (uint64_t k = 0; k < 64; k++) write_on(s, 0, 0x1000 * k, (uint8_t)k);
  IS("full", pages(0), 64);
  IS("the first is there", read_on(s, 0, 0).hit, 1);
  write_on(s, 0, 0x1000 * 64, 64);
  IS("all went for the next", pages(0), 1);
  IS("which is there", cached(0, 0x40000).dirty, 1);
  IS("with its tables", tables(0), 3);
  struct mm_outcome r = read_on(s, 0, 0x5000);
  IS("a walk", r.hit, 0);
  IS("that finds it", r.byte, 5);
}

int main(void)
{
  test_add("hits and misses", hits, NULL);
  test_add("a hit sets no accessed flag", flags, NULL);
  test_add("kinds of access", kinds, NULL);
  test_add("looking ahead", looks_ahead, NULL);
  test_add("bad arguments, idle processors, faults", bad, NULL);
  test_add("what a processor runs", runs, NULL);
  test_add("a page is dropped by those who run its space", invlpg, NULL);
  test_add("33 pages one by one, more all at once", many, NULL);
  test_add("a range that is none", refused, NULL);
  test_add("a flush", flush, NULL);
  test_add("a full TLB", full, NULL);
  return RUN_TESTS("smp");
}
