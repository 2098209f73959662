/* SPDX-License-Identifier: MIT */
/* Copy on write: who sees what, and how many frames it takes. */
#include "test_mm.h"

/* Two leaves of one page, each writes, neither sees the other. */
static void copy_on_write(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x7ffffffff000, 1, R | W);
  store(s, 0, 0x7ffffffff008, 7);
  IS("fork", fork_(s, 0, 1), VMREF_OK);
  IS("one page, two leaves", s->rc[0], 2);
  IS("the parent's leaf: no R/W", *leaf(s, 0, 0x7ffffffff000), 0x8030000000018005);
  IS("the child's: not present", *leaf(s, 1, 0x7ffffffff000), 0x0030000000018004);
  IS("child reads the parent's", load(s, 1, 0x7ffffffff008), 7);
  IS("and has it read-only", *leaf(s, 1, 0x7ffffffff000), 0x8030000000018025);
  IS("child writes", store(s, 1, 0x7ffffffff008, 8), VMREF_OK);
  IS("a copy", s->rc[0], 1);
  IS("of its own, dirty", *leaf(s, 1, 0x7ffffffff000), 0x8030000000019067);
  IS("parent keeps its own", load(s, 0, 0x7ffffffff008), 7);
  IS("child's", load(s, 1, 0x7ffffffff008), 8);
  IS("alone: no copy", store(s, 0, 0x7ffffffff008, 9), VMREF_OK);
  IS("frames used", frames_used(s), 2);
  IS("child's still", load(s, 1, 0x7ffffffff008), 8);
}

/* The copy is whole, and of what stands there, to the last byte. */
static void whole(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x1000, 1, R | W);
  store(s, 0, 0x1000, 1);
  store(s, 0, 0x1fff, 2);
  fork_(s, 0, 1);
  IS("write in the middle", store(s, 1, 0x1800, 3), VMREF_OK);
  IS("first byte", load(s, 1, 0x1000), 1);
  IS("last byte", load(s, 1, 0x1fff), 2);
  IS("a byte nobody wrote", load(s, 1, 0x1801), 0);
  IS("the parent's middle", load(s, 0, 0x1800), 0);
}

/* Who is left alone with a page writes to it in place. */
static void alone(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x1000, 1, R | W);
  store(s, 0, 0x1000, 1);
  fork_(s, 0, 1);
  fork_(s, 1, 2);
  IS("three leaves", s->rc[0], 3);
  leave(s, 0);
  leave(s, 1);
  IS("one is left", s->rc[0], 1);
  IS("write", store(s, 2, 0x1001, 2), VMREF_OK);
  IS("no copy", frames_used(s), 1);
  IS("what the first wrote", load(s, 2, 0x1000), 1);
}

/* A private mapping of a file shows the file until it is written to; then it has a copy. */
static void private_file(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 0);
  IS("a page of a file has a frame at once", grow(s, 0, 0x1000), VMREF_OK);
  IS("one frame", frames_used(s), 1);
  space(s, 1);
  IS("map", map_file(s, 1, 0x10000, 1, R | W, 0, 1, 0), VMREF_OK);
  IS("no other frame", frames_used(s), 1);
  store(s, 0, 0x1000, 5);
  IS("seen before the first write", load(s, 1, 0x10000), 5);
  IS("write", store(s, 1, 0x10001, 6), VMREF_OK);
  IS("a copy", frames_used(s), 2);
  store(s, 0, 0x1000, 7);
  IS("seen no more", load(s, 1, 0x10000), 5);
  IS("not in the file", load(s, 0, 0x1001), 0);
}

/* A private page of a file that nobody else has any more is written in place. */
static void private_left(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 0);
  grow(s, 0, 0x1000);
  space(s, 1);
  map_file(s, 1, 0x10000, 1, R | W, 0, 1, 0);
  store(s, 0, 0x1000, 5);
  leave(s, 0);
  IS("write", store(s, 1, 0x10001, 6), VMREF_OK);
  IS("no copy", frames_used(s), 1);
  IS("what the file held", load(s, 1, 0x10000), 5);
  IS("fork", fork_(s, 1, 2), VMREF_OK);
  store(s, 2, 0x10000, 8);
  IS("a page like any other now", load(s, 1, 0x10000), 5);
}

/* Sharers write to one frame; a child shares on. */
static void shared_file(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 0);
  grow(s, 0, 0);
  space(s, 1);
  map_file(s, 1, 0x10000, 1, R | W, 0, 0, 1);
  fork_(s, 1, 2);
  IS("store", store(s, 1, 0x10000, 1), VMREF_OK);
  IS("the child sees it", load(s, 2, 0x10000), 1);
  IS("the child writes", store(s, 2, 0x10000, 2), VMREF_OK);
  IS("the file has it", load(s, 0, 0), 2);
  IS("one frame", frames_used(s), 1);
  IS("three leaves", s->rc[0], 3);
}

/* A copy needs a frame; who is alone, or shares, does not. */
static void no_frame(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 2);
  grow(s, 2, 0);
  space(s, 0);
  map(s, 0, 0x1000, 5, R | W);
  map_file(s, 0, 0x10000, 1, R | W, 2, 0, 1);
  for (uint64_t p = 1; p <= 5; p++) store(s, 0, p * 0x1000, (uint8_t)p);
  fork_(s, 0, 1);
  IS("all frames are used", frames_used(s), FRAMES);
  IS("no copy", store(s, 1, 0x1000, 9), VMREF_EMEM);
  IS("a read needs none", load(s, 1, 0x1000), 1);
  IS("a sharer needs none", store(s, 1, 0x10000, 9), VMREF_OK);
  unmap(s, 0, 0x1000, 1);
  IS("alone: needs none", store(s, 1, 0x1000, 9), VMREF_OK);
}

int main(void)
{
  test_add("copy on write", copy_on_write, NULL);
  test_add("a copy is whole", whole, NULL);
  test_add("who is alone writes in place", alone, NULL);
  test_add("private mapping of a file", private_file, NULL);
  test_add("private mapping of a file that is gone", private_left, NULL);
  test_add("shared mapping of a file", shared_file, NULL);
  test_add("no frame for a copy", no_frame, NULL);
  return RUN_TESTS("cow");
}
