/* SPDX-License-Identifier: MIT */
/* Devices, and what vmref_huge_check says of words that must not be. Frames of a device begin at 0x406. */
#include "test_huge.h"

static void process(void)
{
  machine();
  space(0);
}

static const struct refused { const char *what; uint32_t a; uint64_t va, n, pfn; uint8_t prot, cache, level; } REFUSED[] = {
  { "no such space", 1, MIB2, 1, DEVICE, R, 0, 1 }, { "no pages", 0, MIB2, 0, DEVICE, R, 0, 1 }, { "no pages of 2 MiB", 0, MIB2, 0, 0x800, R, 0, 2 },
  { "beyond the user's half", 0, 0x7FFFFFFFF000, 2, DEVICE, R, 0, 1 }, { "not readable", 0, MIB2, 1, DEVICE, W, 0, 1 },
  { "no rights", 0, MIB2, 1, DEVICE, 0, 0, 1 }, { "a right that there is not", 0, MIB2, 1, DEVICE, R | S, 0, 1 },
  { "a cache type that there is not", 0, MIB2, 1, DEVICE, R, 4, 1 }, { "the kernel's last frame", 0, MIB2, 2, DEVICE - 1, R, 0, 1 },
  { "memory", 0, MIB2, 1, 512, R, 0, 2 }, { "past 2^28 frames", 0, MIB2, 2, 0xFFFFFFF, R, 0, 1 }, { "a frame past all", 0, MIB2, 1, 0x10000000, R, 0, 1 },
  { "2 MiB at no multiple of it", 0, MIB2 + 0x1000, 1, 0x800, R, 0, 2 }, { "2 MiB of frames at none", 0, MIB2, 1, 0x801, R, 0, 2 },
  { "1 GiB at no multiple of it", 0, MIB2, 1, 0x40000, R, 0, 3 }, { "1 GiB of frames at none", 0, GIB1, 1, 0x40200, R, 0, 3 },
  { "something is there", 0, 0x5000, 1, DEVICE, R, 0, 1 }, { "something is in its 2 MiB", 0, 0, 1, 0x800, R, 0, 2 },
  { "something is behind in its 1 GiB", 0, 2 * GIB1, 1, 0x40000, R, 0, 3 }, { "a table in the way, something at its begin", 0, 0, 1, 0x40000, R, 0, 3 } };

static void refused(void **state)
{
  const struct refused *c = *state;
  process();
  map(0, 0x5000, 1, R);
  map(0, 3 * GIB1 - 0x1000, 1, R);
  map(0, 0, 1, R);
  struct vmref_sys *before = mm_copy(s);
  IS(c->what, device(c->a, c->va, c->n, c->pfn, c->prot, c->cache, c->level), VMREF_EINVAL);
  IS("nothing has changed", mm_same(s, before), 1);
  mm_free(before);
  for (uint32_t n = 0; n < 2048 * TABLES; n++) IS("no word", o[n], 0);
}

static const struct word_row { const char *what; uint64_t va, pfn; uint8_t prot, cache, level; uint64_t word, pa; } WORDS[] = {
  { "4 KiB, write-back", MIB2, DEVICE, R | W, 0, 1, XD | 3ull << 52 | 0x406007, 0x406123 },
  { "4 KiB, write-combining, read-only", MIB2, DEVICE, R, 1, 1, XD | 1ull << 52 | 0x40600D, 0x406123 },
  { "4 KiB, uncached minus, executable", MIB2, 0xFFFFFFF, R | X, 2, 1, 5ull << 52 | 0xFFFFFFF015, 0xFFFFFFF123 },
  { "2 MiB, uncached", MIB2, 0x800, R | W, 3, 2, XD | 3ull << 52 | 0x80009F, 0x812123 },
  { "2 MiB, the last", 0x7FFFFFE00000, 0xFFFFE00, R | W | X, 0, 2, 7ull << 52 | 0xFFFFE00087, 0xFFFFE12123 },
  { "1 GiB", GIB1, 0x40000, R | W, 3, 3, XD | 3ull << 52 | 0x4000009F, 0x52345123 },
  { "1 GiB, the last", 0x7FFFC0000000, 0xFFC0000, R, 1, 3, XD | 1ull << 52 | 0xFFC000008D, 0xFFD2345123 } };

static void words(void **state)
{
  const struct word_row *c = *state;
  static const uint64_t FAR[4] = { 0, 0x123, 0x12123, 0x12345123 };
  process();
  IS("device", device(0, c->va, 1, c->pfn, c->prot, c->cache, c->level), VMREF_OK);
  IS("its word", word(0, c->va, c->level), c->word);
  const struct vmref_walk w = vmref_huge_walk(s, o, 0, c->va + FAR[c->level], READ);
  IS("granted", w.rule, VMREF_RULE_OK);
  IS("where", w.pa, c->pa);
  IS("at which level", w.last, c->level);
  const struct mm_outcome r = load(0, c->va + FAR[c->level]);
  IS("load", r.status, VMREF_OK);
  IS("of a device", r.device, 1);
  IS("where", r.pa, c->pa);
  IS("in what size", r.level, c->level);
  IS("A", word(0, c->va, c->level), c->word | 0x20);
  const struct mm_outcome x = outcome((struct mm_op){ MM_STORE, .a = 0, .va = c->va + FAR[c->level], .byte = 1 });
  IS("store", x.status, c->prot & W ? VMREF_OK : VMREF_EACCES);
  IS("P, W, U", x.error, c->prot & W ? 0 : 7);
  IS("D", word(0, c->va, c->level), c->word | (c->prot & W ? 0x60 : 0x20));
  const struct mm_outcome f = outcome((struct mm_op){ MM_FETCH, .a = 0, .va = c->va + FAR[c->level] });
  IS("fetch", f.error, c->prot & X ? 0 : 0x15);
  for (uint32_t k = 0; k < FRAMES + SLOTS; k++) IS("nothing of memory is taken", s->rc[k], 0);
}

static void covered(void **state)
{
  (void)state;
  process();
  device(0, GIB1, 1, 0x40000, R | W, 0, 3);
  IS("its first page", vmref_huge_covered(s, o, 0, 0x40000), 1);
  IS("its last", vmref_huge_covered(s, o, 0, 0x7FFFF), 1);
  IS("the one before", vmref_huge_covered(s, o, 0, 0x3FFFF), 0);
  IS("the one behind", vmref_huge_covered(s, o, 0, 0x80000), 0);
  IS("map in it", map(0, GIB1 + 0x100000, 1, R), VMREF_EINVAL);
  IS("map into it", map(0, GIB1 - 0x1000, 2, R), VMREF_EINVAL);
  IS("map out of it", map(0, 2 * GIB1 - 0x1000, 2, R), VMREF_EINVAL);
  IS("a device in it", device(0, GIB1 + MIB2, 1, 0x800, R, 0, 2), VMREF_EINVAL);
  IS("behind it", map(0, 2 * GIB1, 1, R), VMREF_OK);
  IS("merge", merge(0, GIB1 + MIB2), VMREF_ENOMAP);
  IS("unmap", unmap(0, GIB1, 1), VMREF_OK);
  IS("now", map(0, GIB1 + 0x100000, 1, R), VMREF_OK);
}

static void life(void **state)
{
  (void)state;
  process();
  IS("4 KiB, three", device(0, MIB2, 3, 0x900, R | W, 1, 1), VMREF_OK);
  IS("2 MiB, two", device(0, 2 * MIB2, 2, 0x800, R | W, 2, 2), VMREF_OK);
  IS("1 GiB", device(0, GIB1, 1, 0x40000, R | W, 3, 3), VMREF_OK);
  IS("one more, in the way", device(0, 5 * MIB2 - 0x1000, 2, 0x900, R, 1, 1), VMREF_OK);
  IS("all or none: the second is taken", device(0, 4 * MIB2, 1, 0x800, R, 0, 2), VMREF_EINVAL);
  IS("the third", word(0, MIB2 + 0x2000, 1), XD | 3ull << 52 | 0x90200F);
  IS("the second of 2 MiB", word(0, 3 * MIB2, 2), XD | 3ull << 52 | 0xA00097);
  IS("swap", swap_out(0, MIB2), VMREF_EINVAL);
  IS("fork", fork_(0, 1), VMREF_OK);
  for (uint32_t a = 0; a < 2; a++) {
    IS("4 KiB", load(a, MIB2 + 0x1234).pa, 0x901234);
    IS("2 MiB", load(a, 3 * MIB2 + 0x1234).pa, 0xA01234);
    IS("1 GiB", load(a, GIB1 + 0x1234567).pa, 0x41234567);
  }
  IS("the child's", protect(1, MIB2, 1, R), VMREF_OK);
  IS("cannot be written", store(1, MIB2, 1), VMREF_EACCES);
  IS("but its next", store(1, MIB2 + 0x1000, 1), VMREF_OK);
  IS("and the parent's", store(0, MIB2, 1), VMREF_OK);
  IS("all of 2 MiB", protect(1, 2 * MIB2, 512, R), VMREF_OK);
  IS("read-only", word(1, 2 * MIB2, 2), XD | 1ull << 52 | 0x800095);
  IS("1 GiB by its first page", protect(1, GIB1, 1, R | X), VMREF_OK);
  IS("read and execute", word(1, GIB1, 3) & ~0x20ull, 5ull << 52 | 0x4000009D);
  IS("a part of 2 MiB unmapped", unmap(1, 3 * MIB2, 1), VMREF_OK);
  IS("it is none of 2 MiB any more", word(1, 3 * MIB2, 2), 0);
  IS("exit", leave(1), VMREF_OK);
  IS("the parent's are there", load(0, GIB1).pa, 0x40000000);
  IS("exit", leave(0), VMREF_OK);
  for (uint32_t n = 0; n < 2048 * TABLES; n++) IS("no word", o[n], 0);
}

/* A whole table of a device's pages and one page of 2 MiB of memory: the child has each of the first and not the second. */
static void inherited(void **state)
{
  (void)state;
  process();
  device(0, MIB2, 512, 0x900, R | W, 1, 1);
  map(0, 2 * MIB2, 512, R | W);
  IS("merge", merge(0, 2 * MIB2), VMREF_OK);
  load(0, MIB2);
  IS("fork", fork_(0, 1), VMREF_OK);
  for (uint64_t k = 0; k < 512; k++)
    IS("its word, with the flag of the one that was read", word(1, MIB2 + 0x1000 * k, 1), XD | 3ull << 52 | ((0x900 + k) << 12) | (k ? 0xF : 0x2F));
  IS("memory is none of its pages of 2 MiB", word(1, 2 * MIB2, 2), 0);
  IS("but its parent's", word(0, 2 * MIB2, 2) != 0, 1);
  IS("exit", leave(0), VMREF_OK);
  IS("the last is there", load(1, 2 * MIB2 - 1).pa, 0xAFFFFF);
}

static void merged(void **state)
{
  (void)state;
  process();
  device(0, MIB2, 512, 0x800, R | W, 0, 1);
  IS("512 of a device", merge(0, MIB2), VMREF_EINVAL);
  IS("they are a device's", load(0, MIB2).pa, 0x800000);
  map(0, 2 * MIB2, 511, R | W);
  device(0, 3 * MIB2 - 0x1000, 1, 0x900, R | W, 0, 1);
  IS("one of 512", merge(0, 2 * MIB2), VMREF_EINVAL);
  device(0, 4 * MIB2, 1, 0x800, R | W, 0, 2);
  IS("of 2 MiB", merge(0, 4 * MIB2), VMREF_EINVAL);
}

/* Which word, over which entry of process 0, is none that may be. */
static const struct spoilt { const char *what; uint64_t va; int level; uint64_t word; } SPOILT[] = {
  { "a device in place of memory's entry", 4 * MIB2, 1, XD | 3ull << 52 | 0x900007 },
  { "memory for a device", MIB2, 1, XD | 3ull << 52 | 0x200007 },
  { "not present", MIB2, 1, XD | 3ull << 52 | 0x900006 },
  { "not the user's", MIB2, 1, XD | 3ull << 52 | 0x900003 },
  { "other rights than the page's", MIB2, 1, XD | 1ull << 52 | 0x900005 },
  { "writable, although a device's is to read", MIB2, 1, XD | 1ull << 52 | 0x900007 },
  { "executable without the right", MIB2, 1, 3ull << 52 | 0x900007 },
  { "bit 7 of a page of 4 KiB", MIB2, 1, XD | 3ull << 52 | 0x900087 },
  { "a frame past 2^28", MIB2, 1, XD | 3ull << 52 | 0x10000000007 },
  { "global", MIB2, 1, XD | 3ull << 52 | 0x900107 },
  { "no PS at 2 MiB", 2 * MIB2, 2, XD | 3ull << 52 | 0x800007 },
  { "2 MiB at no multiple", 2 * MIB2, 2, XD | 3ull << 52 | 0x801087 },
  { "2 MiB over pages of memory", 4 * MIB2, 2, XD | 3ull << 52 | 0x800087 },
  { "a row of frames that the pages are not in", 4 * MIB2, 2, XD | 3ull << 52 | 0x200087 },
  { "2 MiB where nothing is", 5 * MIB2, 2, XD | 3ull << 52 | 0x800087 },
  { "1 GiB over other pages", 0, 3, XD | 3ull << 52 | 0x40000087 },
  { "1 GiB at no multiple", GIB1, 3, XD | 3ull << 52 | 0x40200087 },
  { "512 GiB", 0, 4, XD | 3ull << 52 | 0x40000087 } };

static void spoilt(void **state)
{
  const struct spoilt *c = *state;
  process();
  device(0, MIB2, 1, 0x900, R | W, 0, 1);
  device(0, 2 * MIB2, 1, 0x800, R | W, 0, 2);
  device(0, GIB1, 1, 0x40000, R | W, 0, 3);
  map(0, 4 * MIB2, 512, R | W);
  store(0, 4 * MIB2, 1);
  const uint64_t n = place(0, c->va, c->level);
  vmref_over_set(o, (uint32_t)(n / 512), (uint32_t)(n % 512), c->word);
  IS(c->what, vmref_huge_check(s, o), VMREF_CHECK_HUGE);
  vmref_huge_settle(s, o);
  IS("settled", vmref_huge_check(s, o), VMREF_CHECK_OK);
}

static void first(void **state)
{
  (void)state;
  process();
  map(0, MIB2, 1, R);
  store(0, MIB2, 1);
  vmref_over_set(o, 0, 300, 5);
  IS("a word in the kernel's half", vmref_huge_check(s, o), VMREF_CHECK_HUGE);
  s->rc[3] = 1;
  IS("the ledger is asked first", vmref_huge_check(s, o), VMREF_CHECK_LEDGER);
}

int main(void)
{
  ADD_ROWS(refused, REFUSED);
  ADD_ROWS(words, WORDS);
  test_add("1 GiB has its range alone", covered, NULL);
  test_add("map, fork, protect, unmap, exit", life, NULL);
  test_add("what a child has", inherited, NULL);
  test_add("devices do not merge", merged, NULL);
  ADD_ROWS(spoilt, SPOILT);
  test_add("the first clause that is broken", first, NULL);
  return RUN_TESTS("huge_device");
}
