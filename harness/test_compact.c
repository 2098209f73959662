/* SPDX-License-Identifier: MIT */
/* Pages to other frames, free frames in a row. Frames are taken from 0 on. */
#include "test_mm.h"

static int move(const struct vmref_sys *s, uint32_t a, uint64_t va, uint64_t to) { return DO(MM_MOVE, .a = a, .va = va, .n = to); }
static struct mm_outcome compact(const struct vmref_sys *s, uint64_t n) { return outcome(s, (struct mm_op){ MM_COMPACT, .n = n }); }

/* A process with a page in each frame, the page at f * 4096 in frame f, but for those unmapped again. */
static struct vmref_sys *use(struct vmref_sys *s, unsigned free)
{
  space(s, 0);
  map(s, 0, 0, s->frames, R | W);
  for (unsigned f = 0; f < s->frames; f++) store(s, 0, f * 0x1000, (uint8_t)(0x10 + f));
  for (unsigned f = 0; f < s->frames; f++)
    if (free >> f & 1) unmap(s, 0, f * 0x1000, 1);
  return s;
}
static struct vmref_sys *used_but(unsigned free) { return use(machine(), free); }

static void moving(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x10000, 1, R | W | X);
  store(s, 0, 0x10000, 3);
  store(s, 0, 0x10fff, 4);
  fork_(s, 0, 1);
  IS("to the last frame", move(s, 1, 0x10000, 5), VMREF_OK);
  IS("its first is free", s->rc[0], 0);
  IS("both have it", s->rc[5], 2);
  IS("the leaf of the one", *leaf(s, 0, 0x10000), 0x007000000001d004); /* PFN 24 + 5 */
  IS("of the other", *leaf(s, 1, 0x10000), 0x007000000001d004);
  IS("first byte", load(s, 0, 0x10000), 3);
  IS("last byte", load(s, 1, 0x10fff), 4);
  IS("mapped again", s->rc[5], 2);
  IS("write", store(s, 1, 0x10000, 5), VMREF_OK);
  IS("into a copy", load(s, 0, 0x10000), 3);
  IS("fetch", fetch(s, 0, 0x10000), VMREF_OK);
}

static void refused(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x1000, 3, R | W);
  store(s, 0, 0x1000, 1);
  store(s, 0, 0x2000, 2);
  IS("no such space", move(s, 1, 0x1000, 5), VMREF_EINVAL);
  IS("no space has that number", move(s, SPACES, 0x1000, 5), VMREF_EINVAL);
  IS("above the user's half", move(s, 0, 0x800000000000, 5), VMREF_EINVAL);
  IS("nothing mapped", move(s, 0, 0x4000, 5), VMREF_ENOMAP);
  IS("no table", move(s, 0, 0x40000000, 5), VMREF_ENOMAP);
  IS("untouched", move(s, 0, 0x3000, 5), VMREF_EINVAL);
  IS("to itself", move(s, 0, 0x1000, 0), VMREF_EINVAL);
  IS("to another's frame", move(s, 0, 0x1000, 1), VMREF_EINVAL);
  IS("to no frame", move(s, 0, 0x1000, FRAMES), VMREF_EINVAL);
  IS("to a frame's number + 2^32", move(s, 0, 0x1000, 0x100000005), VMREF_EINVAL);
  out(s, 0, 0x1000);
  IS("in swap", move(s, 0, 0x1000, 5), VMREF_EINVAL);
  IS("the other's, to the first", move(s, 0, 0x2000, 0), VMREF_OK);
}

/* A page of a file stays the file's, for all who map it and who will. */
static void of_a_file(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 0);
  grow(s, 0, 0);
  space(s, 1);
  map_file(s, 1, 0x10000, 1, R | W, 0, 0, 1);
  map_file(s, 1, 0x20000, 1, R | W, 0, 0, 0);
  store(s, 1, 0x10000, 1);
  IS("move by the private mapping", move(s, 1, 0x20000, 4), VMREF_OK);
  IS("all leaves", s->rc[4], 3);
  IS("the frame is a file's", s->shared[4], 1);
  IS("its old one is no more", s->shared[0], 0);
  store(s, 1, 0x10000, 2);
  IS("the file has it", load(s, 0, 0), 2);
  IS("private, not written", load(s, 1, 0x20000), 2);
  store(s, 1, 0x20000, 3);
  IS("written: a copy", load(s, 0, 0), 2);
}

/* Free frames 1, 2 and 5. */
static void compacting(void **state)
{
  (void)state;
  struct vmref_sys *s = used_but(1 << 1 | 1 << 2 | 1 << 5);
  struct mm_outcome r = compact(s, 2);
  IS("two are there", r.status, VMREF_OK);
  IS("first of two", r.first, 1);
  IS("none moves", r.moved, 0);
  r = compact(s, 3); /* 0 to 2 and 1 to 3 have two free ones: the first of them */
  IS("three", r.status, VMREF_OK);
  IS("first of three", r.first, 0);
  IS("one moves", r.moved, 1);
  IS("to the last", s->rc[5], 1);
  IS("0 is free", s->rc[0], 0);
  IS("its byte", load(s, 0, 0), 0x10);
  IS("another's", load(s, 0, 0x3000), 0x13);
  IS("four: one too many", compact(s, 4).status, VMREF_EMEM);
  IS("all", compact(s, FRAMES).status, VMREF_EMEM);
  IS("none", compact(s, 0).status, VMREF_EINVAL);
  IS("more than there are", compact(s, FRAMES + 1).status, VMREF_EINVAL);
  IS("2^32 + 1", compact(s, 0x100000001).status, VMREF_EINVAL);
}

static void windows(void **state)
{
  (void)state;
  struct vmref_sys *s = used_but(1 << 0 | 1 << 3 | 1 << 5);
  struct mm_outcome r = compact(s, 3);
  IS("the last three have two free ones", r.first, 3);
  IS("one moves", r.moved, 1);
  IS("4 to 0", s->rc[0], 1);
  IS("its byte", load(s, 0, 0x4000), 0x14);
  s = used_but(1 << 1 | 1 << 3 | 1 << 4);
  r = compact(s, 3);
  IS("1 to 3 before 2 to 4", r.first, 1);
  IS("page 2 moves", r.moved, 1);
  IS("to 4", s->rc[4], 1);
  IS("3 was free", s->rc[3], 0);
}

/* Eight frames, of which 0, 1, 6 and 7 are free: no four in a row have more than two free ones. */
static void two_moves(void **state)
{
  (void)state;
  struct vmref_sys *s = use(mm_new((struct mm_sizes){ .tables = 8, .frames = 8, .spaces = 1 }), 0xC3);
  struct mm_outcome r = compact(s, 4);
  IS("the first four", r.first, 0);
  IS("two move", r.moved, 2);
  IS("2 to 6", s->data[4096 * 6], 0x12);
  IS("3 to 7", s->data[4096 * 7], 0x13);
  IS("both are in use", s->rc[6] + s->rc[7], 2);
  for (unsigned f = 2; f < 6; f++) IS("as it was", load(s, 0, f * 0x1000), 0x10 + f);
  mm_free(s);
}

static void of_all(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  struct mm_outcome r = compact(s, FRAMES);
  IS("all frames", r.status, VMREF_OK);
  IS("from 0", r.first, 0);
  IS("nothing to move", r.moved, 0);
  s = used_but(0);
  IS("none is free", compact(s, 1).status, VMREF_EMEM);
}

/* Which frames are free, and the numbers: 1000 times the share of them that is not in the longest
 * run, rounded up. */
static const struct row { const char *what; unsigned set; struct vmref_fragments want; } ROWS[] = {
  { "fragments: none is free", 0x00, { 0, 0, 0, 0 } },
  { "fragments: all in one run", 0x3F, { 6, 1, 6, 0 } },
  { "fragments: the first", 0x01, { 1, 1, 1, 0 } },
  { "fragments: the last", 0x20, { 1, 1, 1, 0 } },
  { "fragments: every other", 0x15, { 3, 3, 1, 667 } },
  { "fragments: both ends", 0x21, { 2, 2, 1, 500 } },
  { "fragments: a run at the end is the longest", 0x39, { 4, 2, 3, 250 } },
  { "fragments: a run at the begin is the longest", 0x2F, { 5, 2, 4, 200 } },
};

static void fragments(void **state)
{
  const struct row *row = *state;
  const struct vmref_sys *s = used_but(row->set);
  struct vmref_fragments got = outcome(s, (struct mm_op){ MM_FRAGMENTATION }).fragments;
  IS("free", got.free, row->want.free);
  IS("runs", got.runs, row->want.runs);
  IS("longest", got.longest, row->want.longest);
  IS("index", got.index, row->want.index);
}

int main(void)
{
  test_add("a page moves for all who share it", moving, NULL);
  test_add("moves that are refused", refused, NULL);
  test_add("a page of a file", of_a_file, NULL);
  test_add("compaction", compacting, NULL);
  test_add("the frames that take the fewest moves", windows, NULL);
  test_add("two moves", two_moves, NULL);
  test_add("all frames, no frame", of_all, NULL);
  ADD_ROWS(fragments, ROWS);
  return RUN_TESTS("compact");
}
