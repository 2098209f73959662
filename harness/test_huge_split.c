/* SPDX-License-Identifier: MIT */
/* A device's page becomes smaller ones: of what is not unmapped, all remains as it was. Words as in test_huge_device.c. */
#include "test_huge.h"

enum { UC_ = 2 };
#define RW_ (XD | 3ull << 52 | 0x17) /* read and write, uncached minus, of 4 KiB */

/* Process 0 with the frames 0x800 to 0xBFF at 4 MiB, in two pages of 2 MiB; the first was read, the second written to. */
static void process(void)
{
  machine();
  space(0);
  IS("device", device(0, 2 * MIB2, 2, 0x800, R | W, UC_, 2), VMREF_OK);
  load(0, 2 * MIB2 + 0x5000);
  store(0, 3 * MIB2 + 0x5000, 1);
  IS("accessed", word(0, 2 * MIB2, 2), RW_ | 0x8000A0);
  IS("dirty", word(0, 3 * MIB2, 2), RW_ | 0xA000E0);
}

/* Pages from 4 MiB on that are those of the device, in words of 4 KiB; of none else is there one. */
static void small(uint64_t first, uint64_t end, uint64_t flags)
{
  for (uint64_t p = first; p < end; p++) {
    IS("a page of 4 KiB", word(0, 2 * MIB2 + 0x1000 * p, 1), RW_ | (0x800000 + 0x1000 * p) | flags);
    IS("reads its frame", load(0, 2 * MIB2 + 0x1000 * p + 0x123).pa, 0x800123 + 0x1000 * p);
  }
}

static void whole(void **state)
{
  (void)state;
  process();
  const struct mm_outcome x = outcome((struct mm_op){ MM_SPLIT, .a = 0, .va = 3 * MIB2 });
  IS("split", x.status, VMREF_OK);
  IS("one", x.split, 1);
  IS("no word of 2 MiB", word(0, 3 * MIB2, 2), 0);
  small(512, 1024, 0x60);
  IS("the other stays", word(0, 2 * MIB2, 2), RW_ | 0x8000A0);
  IS("writable as before", store(0, 4 * MIB2 - 1, 1), VMREF_OK);
  IS("once more", split(0, 3 * MIB2), VMREF_EINVAL);
  for (uint32_t k = 0; k < FRAMES + SLOTS; k++) IS("nothing of memory is taken", s->rc[k], 0);
}

static const struct refused { const char *what; uint32_t a; uint64_t va; } REFUSED[] = {
  { "no such space", 1, 2 * MIB2 }, { "a number that no space has", 9, 2 * MIB2 }, { "in the middle", 0, 2 * MIB2 + 0x1000 },
  { "nothing is there", 0, 5 * MIB2 }, { "a table, but no page", 0, MIB2 }, { "4 KiB", 0, 6 * MIB2 }, { "pages of memory", 0, 7 * MIB2 },
  { "1 GiB in the middle", 0, GIB1 + MIB2 }, { "past the user's half", 0, 0x800000000000 } };

static void refused(void **state)
{
  const struct refused *c = *state;
  process();
  device(0, 6 * MIB2, 1, 0x900, R, 0, 1);
  map(0, 7 * MIB2, 512, R);
  device(0, GIB1, 1, 0x40000, R, 0, 3);
  static uint16_t before[2048 * TABLES];
  memcpy(before, o, sizeof before);
  IS(c->what, split(c->a, c->va), VMREF_EINVAL);
  IS("no word has changed", memcmp(before, o, sizeof before), 0);
}

/* Unmap so many pages of the 1024 from one on: how many of 2 MiB are split, and which stay. */
static const struct part { const char *what; uint64_t first, n; uint32_t split; uint8_t large[2]; } PART[] = {
  { "the first", 0, 1, 1, { 0, 1 } }, { "the last of the first", 511, 1, 1, { 0, 1 } }, { "the last", 1023, 1, 1, { 1, 0 } },
  { "some in the middle", 100, 300, 1, { 0, 1 } }, { "the last and the first", 511, 2, 2, { 0, 0 } }, { "all but the edges", 1, 1022, 2, { 0, 0 } },
  { "one and a half", 0, 768, 1, { 0, 0 } }, { "half and one", 256, 768, 1, { 0, 0 } }, { "one", 0, 512, 0, { 0, 1 } },
  { "the other", 512, 512, 0, { 1, 0 } }, { "both", 0, 1024, 0, { 0, 0 } } };

static void unmapped(void **state)
{
  const struct part *c = *state;
  process();
  const struct mm_outcome x = outcome((struct mm_op){ MM_UNMAP, .a = 0, .va = 2 * MIB2 + 0x1000 * c->first, .n = c->n });
  IS(c->what, x.status, VMREF_OK);
  IS("split", x.split, c->split);
  for (uint64_t k = 0; k < 2; k++) IS("of 2 MiB", word(0, (2 + k) * MIB2, 2), c->large[k] ? RW_ | 0x8000A0 | k * 0x200040 : 0);
  for (uint64_t p = 0; p < 1024; p++) {
    const struct mm_outcome r = load(0, 2 * MIB2 + 0x1000 * p + 0x123);
    const int gone = c->first <= p && p < c->first + c->n;
    IS("the rest is the device's", r.status, gone ? VMREF_ENOMAP : VMREF_OK);
    IS("its frame", r.pa, gone ? 0 : 0x800123 + 0x1000 * p);
    IS("its size", r.level, gone ? 0 : c->large[p / 512] ? 2 : 1);
  }
}

static void protected(void **state)
{
  (void)state;
  process();
  fork_(0, 1);
  IS("two pages over the edge", protect(0, 3 * MIB2 - 0x1000, 2, R), VMREF_OK);
  small(0, 511, 0x20);
  IS("the first", word(0, 3 * MIB2 - 0x1000, 1), XD | 1ull << 52 | 0x9FF035);
  IS("the second", word(0, 3 * MIB2, 1), XD | 1ull << 52 | 0xA00075);
  IS("its next", word(0, 3 * MIB2 + 0x1000, 1), RW_ | 0xA01060);
  IS("is not writable", store(0, 3 * MIB2, 1), VMREF_EACCES);
  IS("the next is", store(0, 3 * MIB2 + 0x1000, 1), VMREF_OK);
  IS("the child's stay", word(1, 2 * MIB2, 2), RW_ | 0x8000A0);
  IS("both", word(1, 3 * MIB2, 2), RW_ | 0xA000E0);
  IS("no rights: the page is no device's", protect(0, 2 * MIB2, 1, 0), VMREF_OK);
  IS("its word", word(0, 2 * MIB2, 1), 0);
  IS("merge", merge(0, 2 * MIB2), VMREF_EINVAL);
  IS("exit", leave(0), VMREF_OK);
  IS("the child's", load(1, 4 * MIB2 - 1).pa, 0xBFFFFF);
}

static void giant(void **state)
{
  (void)state;
  machine_of((struct mm_sizes){ 530, 8, 2, 2, 1, 1 });
  space(0);
  IS("1 GiB", device(0, GIB1, 1, 0x40000, R | W, UC_, 3), VMREF_OK);
  store(0, GIB1, 1);
  IS("split", split(0, GIB1), VMREF_OK);
  IS("its word", word(0, GIB1, 3), 0);
  for (uint64_t k = 0; k < 512; k++) {
    IS("a word of 2 MiB", word(0, GIB1 + k * MIB2, 2), RW_ | (0x400000E0 + k * 0x200000));
    const struct mm_outcome r = load(0, GIB1 + k * MIB2 + 0x12345);
    IS("its frame", r.pa, 0x40012345 + k * 0x200000);
    IS("2 MiB", r.level, 2);
  }
  IS("a part", unmap(0, GIB1 + 5 * MIB2 + 0x3000, 1), VMREF_OK);
  IS("gone", load(0, GIB1 + 5 * MIB2 + 0x3000).status, VMREF_ENOMAP);
  IS("its next", load(0, GIB1 + 5 * MIB2 + 0x4000).pa, 0x40A04000);
  IS("a page of memory", map(0, GIB1 + 5 * MIB2 + 0x3000, 1, R), VMREF_OK);
  IS("all", unmap(0, GIB1, 0x40000), VMREF_OK);
  for (uint32_t n = 0; n < 2048 * 530; n++) IS("no word", o[n], 0);
}

static void no_tables(void **state)
{
  (void)state;
  machine();
  space(0);
  device(0, GIB1, 1, 0x40000, R | W, UC_, 3);
  struct vmref_sys *before = mm_copy(s);
  IS("there are not 511 tables", split(0, GIB1), VMREF_EMEM);
  IS("nothing has changed", mm_same(s, before), 1);
  IS("its word", word(0, GIB1, 3), RW_ | 0x40000080);
  mm_free(before);
}

int main(void)
{
  test_add("2 MiB", whole, NULL);
  ADD_ROWS(refused, REFUSED);
  ADD_ROWS(unmapped, PART);
  test_add("other rights for a part", protected, NULL);
  test_add("1 GiB", giant, NULL);
  test_add("1 GiB without tables", no_tables, NULL);
  return RUN_TESTS("huge_split");
}
