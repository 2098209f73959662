/* SPDX-License-Identifier: MIT */
/* Words by hand, SDM 3A table 4-16 to 4-20: P 1, RW 2, US 4, PWT 8, PCD 0x10, A 0x20, D 0x40, PS 0x80, ours 52 to 55, XD 63. */
#include "test_huge.h"

/* Process 0 with 512 pages at 2 MiB, read and write. */
static void process(void)
{
  machine();
  space(0);
  IS("map", map(0, MIB2, 512, R | W), VMREF_OK);
}

static void units(void **state)
{
  (void)state;
  machine();
  vmref_over_set(o, 27, 511, 0x8877665544332211);
  const uint16_t *w = o + 2048 * 27 + 4 * 511;
  IS("unit 0", w[0], 0x2211);
  IS("unit 1", w[1], 0x4433);
  IS("unit 2", w[2], 0x6655);
  IS("unit 3", w[3], 0x8877);
  IS("back", vmref_over(o, 27, 511), 0x8877665544332211);
  IS("its neighbour", vmref_over(o, 27, 510), 0);
}

/* ---- merge ---- */

static const struct refused { const char *what; uint32_t a; uint64_t va; int status; } REFUSED[] = {
  { "no such space", 1, MIB2, VMREF_EINVAL }, { "a number that no space has", 9, MIB2, VMREF_EINVAL },
  { "an address that is no multiple of 2 MiB", 0, MIB2 + 0x1000, VMREF_EINVAL }, { "nothing is mapped there", 0, 4 * MIB2, VMREF_ENOMAP },
  { "no table of that 1 GiB", 0, 2 * GIB1, VMREF_ENOMAP }, { "beyond the user's half", 0, 0x800000000000, VMREF_EINVAL },
  { "a page is missing", 0, 2 * MIB2, VMREF_ENOMAP } };

static void refused(void **state)
{
  const struct refused *c = *state;
  process();
  map(0, 2 * MIB2, 511, R | W);
  IS(c->what, merge(c->a, c->va), c->status);
  IS("no word", word(0, MIB2, 2), 0);
}

static void rights_differ(void **state)
{
  (void)state;
  process();
  protect(0, MIB2 + 511 * 0x1000, 1, R);
  IS("the last has others", merge(0, MIB2), VMREF_EINVAL);
  protect(0, MIB2, 512, 0);
  IS("none to read", merge(0, MIB2), VMREF_EINVAL);
  protect(0, MIB2, 512, R | X);
  IS("all the same", merge(0, MIB2), VMREF_OK);
  IS("its word: no XD", word(0, MIB2, 2), 5ull << 52 | 512 << 12 | 0x85);
}

static void untouched(void **state)
{
  (void)state;
  process();
  IS("merge", merge(0, MIB2), VMREF_OK);
  IS("its word", word(0, MIB2, 2), XD | 3ull << 52 | 512 << 12 | 0x87);
  IS("the last leaf", leaf(0, MIB2 + 511 * 0x1000) & ~0x60ull, XD | 3ull << 52 | 1023 << 12 | 7);
  IS("all of it is zero", byte(0, MIB2 + 0x1FFFFF), 0);
  IS("again", merge(0, MIB2), VMREF_OK);
}

static void contents(void **state)
{
  (void)state;
  process();
  store(0, MIB2 + 0x5123, 7);
  store(0, MIB2 + 511 * 0x1000, 8);
  IS("to swap", swap_out(0, MIB2 + 511 * 0x1000), VMREF_OK);
  IS("merge", merge(0, MIB2), VMREF_OK);
  IS("what was in a frame", byte(0, MIB2 + 0x5123), 7);
  IS("what was in swap", byte(0, MIB2 + 511 * 0x1000), 8);
  IS("no slot is taken", s->rc[FRAMES], 0);
  IS("nor the frame it had", s->rc[0], 0);
  IS("in memory", s->data[4096 * (RUN + 5) + 0x123], 7);
}

/* What others see stays where it is: the page gets copies. */
static void shared(void **state)
{
  (void)state;
  process();
  store(0, MIB2, 7);
  fork_(0, 1);
  IS("two refer to it", s->rc[0], 2);
  IS("merge", merge(0, MIB2), VMREF_OK);
  IS("one still does", s->rc[0], 1);
  IS("a copy", s->data[4096 * RUN], 7);
  IS("store", store(0, MIB2, 9), VMREF_OK);
  IS("the child's", byte(1, MIB2), 7);
  IS("the child's table has 512 of its own", merge(1, MIB2), VMREF_EMEM);
}

static void no_room(void **state)
{
  (void)state;
  process();
  map(0, 2 * MIB2, 512, R | W);
  store(0, 2 * MIB2, 1);
  IS("to the last frame of the row", DO(MM_MOVE, .a = 0, .va = 2 * MIB2, .n = RUN + 511), VMREF_OK);
  IS("no free row", merge(0, MIB2), VMREF_EMEM);
  IS("to the frame behind it", DO(MM_MOVE, .a = 0, .va = 2 * MIB2, .n = RUN + 512), VMREF_OK);
  IS("a row", merge(0, MIB2), VMREF_OK);
  IS("not twice", merge(0, 2 * MIB2), VMREF_EMEM);
  IS("split", split(0, MIB2), VMREF_OK);
  IS("where they are", merge(0, MIB2), VMREF_OK);
  IS("nothing has moved", leaf(0, MIB2) >> 12 & 0xFFFFFFFFFF, 512);
}

/* A frame of a file that is mapped twice in the range cannot be at two places of a row. */
static void twice(void **state)
{
  (void)state;
  machine();
  space(0);
  DO(MM_FILE, .a = 2);
  DO(MM_FILE_ADD, .a = 2, .va = 0);
  map(0, MIB2, 510, R | W);
  for (uint64_t k = 510; k < 512; k++) IS("map", DO(MM_MAP_FILE, .a = 0, .b = 2, .va = MIB2 + k * 0x1000, .n = 1, .prot = R | W), VMREF_OK);
  IS("private: each gets a copy", merge(0, MIB2), VMREF_OK);
  unmap(0, MIB2, 512);
  for (uint64_t k = 0; k < 512; k++) IS("map", DO(MM_MAP_FILE, .a = 0, .b = 2, .va = MIB2 + k * 0x1000, .n = 1, .prot = R | W, .share = 1), VMREF_OK);
  store(0, MIB2, 5);
  IS("shared", merge(0, MIB2), VMREF_EINVAL);
  IS("no word", word(0, MIB2, 2), 0);
  IS("all show it", byte(0, MIB2 + 511 * 0x1000), 5);
}

/* ---- flags ---- */

static void flags(void **state)
{
  (void)state;
  process();
  IS("merge", merge(0, MIB2), VMREF_OK);
  IS("neither", word(0, MIB2, 2) & 0x60, 0);
  load(0, MIB2 + 0x3000);
  IS("A of a load", word(0, MIB2, 2) & 0x60, 0x20);
  IS("split", split(0, MIB2), VMREF_OK);
  IS("handed down to a page that was not accessed", leaf(0, MIB2 + 0x9000) & 0x60, 0x20);
  IS("merge", merge(0, MIB2), VMREF_OK);
  IS("they come along", word(0, MIB2, 2) & 0x60, 0x20);
  store(0, MIB2 + 0x1FFFFF, 1);
  IS("A and D of a store", word(0, MIB2, 2) & 0x60, 0x60);
  IS("unmap a page", unmap(0, MIB2, 1), VMREF_OK);
  IS("handed down before", leaf(0, MIB2 + 0x9000) & 0x60, 0x60);
  IS("no page of 2 MiB", word(0, MIB2, 2), 0);
}

/* ---- accesses ---- */

static void accesses(void **state)
{
  (void)state;
  process();
  merge(0, MIB2);
  struct mm_outcome r = outcome((struct mm_op){ MM_STORE, .a = 0, .va = MIB2 + 0x54321, .byte = 9 });
  IS("store", r.status, VMREF_OK);
  IS("no fault", r.faulted, 0);
  IS("where: 512 frames from PFN 512 on", r.pa, 0x254321);
  IS("2 MiB", r.level, 2);
  r = outcome((struct mm_op){ MM_RMW, .a = 0, .va = MIB2 + 0x54321, .byte = 4 });
  IS("what was there", r.byte, 9);
  IS("what is", byte(0, MIB2 + 0x54321), 4);
  r = outcome((struct mm_op){ MM_FETCH, .a = 0, .va = MIB2 });
  IS("fetch", r.status, VMREF_EACCES);
  IS("P, U, I", r.error, 0x15);
  IS("it is one page still", word(0, MIB2, 2) != 0, 1);
  IS("in no space", DO(MM_LOAD, .a = 2, .va = MIB2), VMREF_EINVAL);
  IS("beyond", DO(MM_LOAD, .a = 0, .va = 0x800000000000), VMREF_EACCES);
  IS("nothing there", DO(MM_LOAD, .a = 0, .va = 2 * MIB2), VMREF_ENOMAP);
}

static void read_only(void **state)
{
  (void)state;
  process();
  protect(0, MIB2, 512, R);
  merge(0, MIB2);
  const struct mm_outcome r = outcome((struct mm_op){ MM_STORE, .a = 0, .va = MIB2, .byte = 9 });
  IS("store", r.status, VMREF_EACCES);
  IS("P, W, U", r.error, 7);
  IS("who may not write splits nothing", word(0, MIB2, 2), XD | 1ull << 52 | 512 << 12 | 0x85);
}

/* Copy on write, by 4 KiB. */
static void forks(void **state)
{
  (void)state;
  process();
  store(0, MIB2 + 0x1000, 5);
  merge(0, MIB2);
  IS("fork", fork_(0, 1), VMREF_OK);
  IS("the parent's is read-only", word(0, MIB2, 2) & ~0x60ull, XD | 3ull << 52 | 512 << 12 | 0x85);
  IS("the child has pages of 4 KiB", word(1, MIB2, 2), 0);
  IS("the child reads", byte(1, MIB2 + 0x1000), 5);
  IS("the child writes", store(1, MIB2 + 0x1000, 6), VMREF_OK);
  IS("the parent's is one still", word(0, MIB2, 2) != 0, 1);
  const struct mm_outcome r = outcome((struct mm_op){ MM_STORE, .a = 0, .va = MIB2 + 0x2000, .byte = 7 });
  IS("the parent writes", r.status, VMREF_OK);
  IS("it faulted: P, W, U", r.error, 7);
  IS("to a page of 4 KiB", r.level, 1);
  IS("which was split for it", r.split, 1);
  IS("the child sees zero", byte(1, MIB2 + 0x2000), 0);
  IS("each its own", byte(0, MIB2 + 0x1000), 5);
  leave(1);
  IS("one lies elsewhere, and no other row is free", merge(0, MIB2), VMREF_EMEM);
  IS("back", DO(MM_MOVE, .a = 0, .va = MIB2 + 0x2000, .n = RUN + 2), VMREF_OK);
  IS("alone", merge(0, MIB2), VMREF_OK);
  IS("and may write", word(0, MIB2, 2) & 2, 2);
  IS("exit", leave(0), VMREF_OK);
  for (uint32_t f = 0; f < FRAMES + SLOTS; f++) IS("all is free", s->rc[f], 0);
  for (uint32_t n = 0; n < 2048 * TABLES; n++) IS("no word", o[n], 0);
}

static void parts(void **state)
{
  (void)state;
  process();
  merge(0, MIB2);
  IS("a part", protect(0, MIB2 + 0x7000, 1, R), VMREF_OK);
  IS("is none any more", word(0, MIB2, 2), 0);
  IS("another page is what it was", store(0, MIB2 + 0x8000, 1), VMREF_OK);
  IS("the part is not", store(0, MIB2 + 0x7000, 1), VMREF_EACCES);
  protect(0, MIB2, 512, R | W);
  IS("all alike", merge(0, MIB2), VMREF_OK);
  IS("a page to swap", swap_out(0, MIB2 + 0x8000), VMREF_OK);
  IS("is none any more", word(0, MIB2, 2), 0);
  IS("and the rest are in the only row", merge(0, MIB2), VMREF_EMEM);
  unmap(0, MIB2, 512);
  map(0, MIB2, 512, R | W);
  IS("merge", merge(0, MIB2), VMREF_OK);
  IS("a page elsewhere", DO(MM_MOVE, .a = 0, .va = MIB2, .n = 3), VMREF_OK);
  IS("is none any more", word(0, MIB2, 2), 0);
}

static void splits(void **state)
{
  (void)state;
  process();
  IS("of 4 KiB", split(0, MIB2), VMREF_EINVAL);
  merge(0, MIB2);
  IS("no multiple of 2 MiB", split(0, MIB2 + 0x1000), VMREF_EINVAL);
  IS("no such space", split(1, MIB2), VMREF_EINVAL);
  IS("nothing there", split(0, 2 * GIB1), VMREF_EINVAL);
  IS("split", split(0, MIB2), VMREF_OK);
  IS("no word", word(0, MIB2, 2), 0);
  IS("twice", split(0, MIB2), VMREF_EINVAL);
  device(0, 2 * MIB2, 1, 0x800, R, 0, 2);
  IS("a device's", vmref_huge_split(s, o, 0, 2 * MIB2 / 4096), VMREF_EINVAL);
}

int main(void)
{
  test_add("a word in four units", units, NULL);
  ADD_ROWS(refused, REFUSED);
  test_add("merge: rights must be the same", rights_differ, NULL);
  test_add("merge: pages not yet touched", untouched, NULL);
  test_add("merge: contents from frames and swap", contents, NULL);
  test_add("merge: what is shared is copied", shared, NULL);
  test_add("merge: an aligned row of frames", no_room, NULL);
  test_add("merge: a frame at two places", twice, NULL);
  test_add("accessed and dirty flags", flags, NULL);
  test_add("accesses", accesses, NULL);
  test_add("a write that is not permitted", read_only, NULL);
  test_add("fork and copy on write", forks, NULL);
  test_add("a part changes", parts, NULL);
  test_add("split", splits, NULL);
  return RUN_TESTS("huge");
}
