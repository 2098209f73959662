/* SPDX-License-Identifier: MIT */
/* Leaf entries bit by bit, and frames: given out when a page is touched, zeroed, taken back. */
#include "test_mm.h"

/* PFN 24 is frame 0. P 1, R/W 2, U/S 4; rights in bits 55:52, XD in bit 63; kinds in bits 2:1. */
static void entries(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  IS("read", vmref_leaf_present(s, 0, 0, R), 0x8010000000018005);
  IS("read, not to be written yet", vmref_leaf_present(s, 2, 0, R | W), 0x803000000001A005);
  IS("written", vmref_leaf_present(s, 2, 1, R | W), 0x803000000001A007);
  IS("executable", vmref_leaf_present(s, 5, 0, R | X), 0x005000000001D005);
  IS("all and shared", vmref_leaf_present(s, 5, 1, R | W | X | S), 0x00F000000001D007);
  IS("in a frame", vmref_leaf_absent(s, 5, R), 0x001000000001D004);
  IS("in the first slot", vmref_leaf_absent(s, 6, R | W), 0x0030000000000006);
  IS("in the last slot", vmref_leaf_absent(s, 9, R | W | X | S), 0x00F0000000003006);
  IS("untouched", vmref_leaf_zero(s, W), 0x0020000000000002);
  IS("untouched without rights", vmref_leaf_zero(s, 0), 2);
}

static const struct { const char *what; uint64_t e; uint32_t object; uint8_t kind, prot; } OF[] = {
  { "object: nothing", 0, 10, 0, 0 },
  { "object: untouched", 0x0030000000000002, 10, 1, 3 },
  { "object: first frame, present", 0x8010000000018005, 0, 2, 1 },
  { "object: last frame, absent", 0x001000000001D004, 5, 2, 1 },
  { "object: first slot", 6, 6, 3, 0 },
  { "object: last slot", 0x00F0000000003006, 9, 3, 15 },
  { "object: a slot that there is not", 0x4006, 10, 3, 0 },
  { "object: a table", 0x17005, 10, 2, 0 },
  { "object: the kernel's first frame", 0x1E005, 10, 2, 0 },
  { "object: A and D set", 0x8010000000018067, 0, 3, 1 },
};

static void object_of(void **state)
{
  struct vmref_sys *s = machine();
  const struct { const char *what; uint64_t e; uint32_t object; uint8_t kind, prot; } *row = *state;
  IS(row->what, vmref_leaf_object(s, row->e), row->object);
  IS(row->what, vmref_leaf_kind(row->e), row->kind);
  IS(row->what, vmref_leaf_prot(row->e), row->prot);
}

/* A page reads as zero although its frame held something, and keeps what is written. */
static void demand_zero(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  IS("nothing mapped", load(s, 0, 0x10000), VMREF_ENOMAP);
  IS("map", map(s, 0, 0x10000, 1, R | W), VMREF_OK);
  IS("mapped twice", map(s, 0, 0x10000, 1, R | W), VMREF_EINVAL);
  IS("no frame yet", frames_used(s), 0);
  IS("zero", load(s, 0, 0x10fff), 0);
  IS("one frame", frames_used(s), 1);
  IS("the lowest", s->rc[0], 1);
  IS("write", store(s, 0, 0x10fff, 42), VMREF_OK);
  IS("read back", load(s, 0, 0x10fff), 42);
  IS("the byte beside", load(s, 0, 0x10ffe), 0);
  IS("no right to fetch", fetch(s, 0, 0x10000), VMREF_EACCES);
}

/* Without frames an access fails and nothing has changed; after an exit it is made. */
static void out_of_frames(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  space(s, 1);
  map(s, 0, 0, FRAMES, R | W);
  map(s, 1, 0, 1, R | W);
  for (uint64_t p = 0; p < FRAMES; p++) IS("fill", store(s, 0, p * 0x1000, (uint8_t)(p + 1)), VMREF_OK);
  IS("none free", store(s, 1, 0, 1), VMREF_EMEM);
  IS("none to read either", load(s, 1, 0), VMREF_EMEM);
  IS("who has one writes on", store(s, 0, 0x5000, 7), VMREF_OK);
  IS("exit", leave(s, 0), VMREF_OK);
  IS("all are back", frames_used(s), 0);
  IS("now there are", store(s, 1, 0, 1), VMREF_OK);
  IS("what was there before is gone", load(s, 1, 1), 0);
}

/* Hints that are wrong in every place change nothing. */
static void wrong_hints(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  space(s, 1);
  map(s, 0, 0x1000, 3, R | W);
  store(s, 0, 0x1000, 1);
  store(s, 0, 0x2000, 2);
  for (uint64_t h = 0; h < VMREF_HINTS(s); h++) s->hint[h] = 1;
  IS("a frame that is free", store(s, 0, 0x3000, 3), VMREF_OK);
  IS("first", load(s, 0, 0x1000), 1);
  IS("second", load(s, 0, 0x2000), 2);
  IS("third", load(s, 0, 0x3000), 3);
  IS("a table that is free", map(s, 1, 0, 1, R | W), VMREF_OK);
  for (uint64_t h = 0; h < VMREF_HINTS(s); h++) s->hint[h] = INT32_MAX;
  IS("out", out(s, 0, 0x2000), VMREF_OK);
  IS("in", load(s, 0, 0x2000), 2);
  for (uint64_t h = 0; h < VMREF_HINTS(s); h++) s->hint[h] = INT32_MIN;
  IS("exit", leave(s, 0), VMREF_OK);
  IS("all are back", frames_used(s), 0);
  IS("touch", store(s, 1, 0, 1), VMREF_OK);
}

int main(void)
{
  test_add("entries bit by bit", entries, NULL);
  ADD_ROWS(object_of, OF);
  test_add("demand zero", demand_zero, NULL);
  test_add("out of frames", out_of_frames, NULL);
  test_add("wrong hints", wrong_hints, NULL);
  return RUN_TESTS("frame");
}
