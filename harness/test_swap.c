/* SPDX-License-Identifier: MIT */
/* Pages out to slots and in again. */
#include "test_mm.h"

/* A page of two leaves goes out for both and comes in for both. */
static void swapping(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x40000000, 1, R | W);
  store(s, 0, 0x40000000, 3);
  store(s, 0, 0x40000fff, 4);
  fork_(s, 0, 1);
  IS("out", vmref_swap_out(s, 0), VMREF_OK);
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
  IS("frame free", s->rc[0], 0);
  IS("slot has both", s->rc[FRAMES], 2);
  IS("a leaf of slot 0", *leaf(s, 0, 0x40000000), 0x0030000000000006);
  IS("free frame", vmref_swap_out(s, 0), VMREF_EINVAL);
  IS("write from swap copies", store(s, 1, 0x40000000, 5), VMREF_OK);
  IS("slot has one", s->rc[FRAMES], 1);
  IS("the copy's last byte", load(s, 1, 0x40000fff), 4);
  IS("in", load(s, 0, 0x40000000), 3);
  IS("slot free", s->rc[FRAMES], 0);
  IS("the other's", load(s, 1, 0x40000000), 5);
}

static void by_page(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  IS("no such space", out(s, 1, 0x1000), VMREF_EINVAL);
  IS("nothing mapped", out(s, 0, 0x1000), VMREF_ENOMAP);
  IS("nothing mapped to come in", in(s, 0, 0x1000), VMREF_ENOMAP);
  IS("above the user's half", out(s, 0, 0x800000000000), VMREF_EINVAL);
  map(s, 0, 0x1000, 1, R | W | X);
  IS("untouched: no frame", out(s, 0, 0x1000), VMREF_EINVAL);
  IS("untouched: no slot", in(s, 0, 0x1000), VMREF_EINVAL);
  store(s, 0, 0x1000, 1);
  IS("in memory: not in swap", in(s, 0, 0x1000), VMREF_EINVAL);
  IS("out", out(s, 0, 0x1000), VMREF_OK);
  IS("all rights kept", *leaf(s, 0, 0x1000), 0x0070000000000006);
  IS("out already", out(s, 0, 0x1000), VMREF_EINVAL);
  IS("no frame is used", frames_used(s), 0);
  IS("in", in(s, 0, 0x1000), VMREF_OK);
  IS("no slot is used", slots_used(s), 0);
  IS("in a frame, not present", *leaf(s, 0, 0x1000), 0x0070000000018004);
  IS("its byte", load(s, 0, 0x1000), 1);
  IS("fetched", fetch(s, 0, 0x1000), VMREF_OK);
}

/* What is shared is shared when it comes back, wherever it was brought in from. */
static void of_a_file(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 0);
  grow(s, 0, 0);
  space(s, 1);
  map_file(s, 1, 0x10000, 1, R | W, 0, 0, 1);
  store(s, 1, 0x10000, 1);
  IS("out by the file", out(s, 0, 0), VMREF_OK);
  IS("both leaves", s->rc[FRAMES], 2);
  IS("the slot is a file's", s->shared[FRAMES], 1);
  IS("the frame is no more", s->shared[0], 0);
  IS("write brings it in", store(s, 1, 0x10000, 2), VMREF_OK);
  IS("for both", s->rc[0], 2);
  IS("the file has it", load(s, 0, 0), 2);
  IS("map it once more", map_file(s, 1, 0x11000, 1, R | W, 0, 0, 1), VMREF_OK);
}

static void exhausted(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0, 11, R | W);
  for (uint64_t p = 0; p < 6; p++) store(s, 0, p * 0x1000, (uint8_t)(p + 1));
  for (uint64_t p = 0; p < 4; p++) IS("out", out(s, 0, p * 0x1000), VMREF_OK);
  IS("no slot", out(s, 0, 0x4000), VMREF_EFULL);
  for (uint64_t p = 6; p < 10; p++) store(s, 0, p * 0x1000, (uint8_t)(p + 1));
  IS("no frame to come in", in(s, 0, 0x1000), VMREF_EMEM);
  IS("no frame to read", load(s, 0, 0x1000), VMREF_EMEM);
  IS("unmapped while out", unmap(s, 0, 0, 1), VMREF_OK);
  IS("a slot is free", out(s, 0, 0x5000), VMREF_OK);
  IS("a frame too", load(s, 0, 0x3000), 4);
  IS("the one that went out last", out(s, 0, 0x3000), VMREF_OK);
  IS("its byte", load(s, 0, 0x5000), 6);
}

/* A write to a page in swap that another has too takes one frame, for the copy. */
static void one_frame(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0, 6, R | W);
  store(s, 0, 0, 1);
  fork_(s, 0, 1);
  out(s, 0, 0);
  for (uint64_t p = 1; p < 6; p++) store(s, 0, p * 0x1000, 9);
  IS("one is free", frames_used(s), FRAMES - 1);
  IS("written", store(s, 1, 0, 2), VMREF_OK);
  IS("the other's is in swap", *leaf(s, 0, 0), 0x0030000000000006);
}

int main(void)
{
  test_add("swap out and in", swapping, NULL);
  test_add("by page", by_page, NULL);
  test_add("a page of a file", of_a_file, NULL);
  test_add("no slot, no frame", exhausted, NULL);
  test_add("a write from swap takes one frame", one_frame, NULL);
  return RUN_TESTS("swap");
}
