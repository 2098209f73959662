/* SPDX-License-Identifier: MIT */
/* Blocks of 8 frames: node 1 is all of them, 2 and 3 four each, 4 to 7 two each, 8 to 15 one each. */
#include "test_kmem.h"
#include <string.h>

/* How many blocks of 8, 4, 2 and 1 frames are free, as digits. */
static unsigned free_blocks(const struct vmref_slab *k)
{
  const int64_t *f = k->buddy.free;
  return (unsigned)(f[0] * 1000 + f[1] * 100 + f[2] * 10 + f[3]);
}

static void splits(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(3);
  const struct vmref_buddy *b = &k->buddy;
  IS("all is one block", free_blocks(k), 1000);
  IS("one frame of it", alloc(k, 0), 8);
  IS("the halves that are left", free_blocks(k), 111);
  IS("what 1 is now", b->node[1], VMREF_BUDDY_SPLIT);
  IS("and 2", b->node[2], VMREF_BUDDY_SPLIT);
  IS("and 4", b->node[4], VMREF_BUDDY_SPLIT);
  IS("and its left half", b->node[8], VMREF_BUDDY_USED);
  IS("the list of 4 frames", b->list[2], 3);
  IS("of 2", b->list[4], 5);
  IS("of 1", b->list[8], 9);
  IS("two frames, of a block of two", alloc(k, 1), 5);
  IS("one, of a block of one", alloc(k, 0), 9);
  IS("one, of a block of four", alloc(k, 0), 12);
  IS("its rest", free_blocks(k), 11);
  IS("four are not in a row", alloc(k, 2), 0);
  IS("nor eight", alloc(k, 3), 0);
  IS("and nothing has changed", free_blocks(k), 11);
}

static void joins(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(3);
  alloc(k, 0); /* 8 */
  alloc(k, 1); /* 5 */
  alloc(k, 0); /* 9 */
  alloc(k, 0); /* 12 */
  IS("its buddy is used", release(k, 9), VMREF_OK);
  IS("two of one frame", free_blocks(k), 12);
  IS("its buddy is free, theirs used", release(k, 8), VMREF_OK);
  IS("two of two", free_blocks(k), 21);
  IS("the two are none any more", k->buddy.node[8] + k->buddy.node[9], 2 * VMREF_BUDDY_NONE);
  IS("a block of two whose buddy is free", release(k, 5), VMREF_OK);
  IS("is one of four", free_blocks(k), 111);
  IS("the last: all become one", release(k, 12), VMREF_OK);
  IS("again", free_blocks(k), 1000);
  IS("none is split", k->buddy.node[1], VMREF_BUDDY_FREE);
  IS("at once", alloc(k, 3), 1);
  IS("all", free_blocks(k), 0);
  IS("and back", release(k, 1), VMREF_OK);
  IS("all", free_blocks(k), 1000);
}

/* Frames that are free, and no two in a row that are buddies. */
static void fragments(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(3);
  for (uint32_t n = 8; n < 16; n++) IS("from left to right", alloc(k, 0), n);
  IS("no more", alloc(k, 0), 0);
  for (uint32_t n = 9; n < 16; n += 2) IS("every other one", release(k, n), VMREF_OK);
  IS("four frames", free_blocks(k), 4);
  IS("no two in a row", alloc(k, 1), 0);
  release(k, 10); /* beside 11, and behind 9, which is none of its buddies */
  IS("a block of two", free_blocks(k), 13);
  IS("two in a row", alloc(k, 1), 5);
  release(k, 12);
  IS("12 and 13 are one block", k->buddy.node[6], VMREF_BUDDY_FREE);
}

/* Who comes first in the list is taken first; the last takes its place. */
static void order_of_the_list(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(3);
  for (uint32_t n = 8; n < 16; n++) alloc(k, 0);
  release(k, 10);
  release(k, 8);
  release(k, 14);
  const uint32_t *list = k->buddy.list;
  IS("first", list[8], 10);
  IS("second", list[9], 8);
  IS("third", list[10], 14);
  IS("where 14 stands", k->buddy.place[14], 10);
  IS("take", alloc(k, 0), 10);
  IS("the last has its place", list[8], 14);
  IS("take", alloc(k, 0), 14);
  IS("take", alloc(k, 0), 8);
  IS("none", alloc(k, 0), 0);
}

static void refused(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(3);
  IS("a block that is free", release(k, 1), VMREF_EINVAL);
  alloc(k, 1); /* 4 */
  uint8_t before[16];
  memcpy(before, k->buddy.node, sizeof before);
  IS("no block", release(k, 0), VMREF_EINVAL);
  IS("beyond the last", release(k, 16), VMREF_EINVAL);
  IS("far beyond", release(k, UINT32_MAX), VMREF_EINVAL);
  IS("one that is split", release(k, 2), VMREF_EINVAL);
  IS("half of it", release(k, 8), VMREF_EINVAL);
  IS("its buddy", release(k, 5), VMREF_EINVAL);
  IS("nothing has changed", memcmp(before, k->buddy.node, sizeof before), 0);
  IS("once", release(k, 4), VMREF_OK);
  IS("twice", release(k, 4), VMREF_EINVAL);
}

static void frames(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(3);
  const struct vmref_buddy *b = &k->buddy;
  alloc(k, 0); /* 8 */
  alloc(k, 1); /* 5 */
  IS("of one frame", vmref_buddy_order(b, 8), 0);
  IS("of two", vmref_buddy_order(b, 5), 1);
  IS("of four", vmref_buddy_order(b, 3), 2);
  IS("of all", vmref_buddy_order(b, 1), 3);
  IS("the first of 8", vmref_buddy_frame(b, 8, 0), 0);
  IS("of 5", vmref_buddy_frame(b, 5, 1), 2);
  IS("of 3", vmref_buddy_frame(b, 3, 2), 4);
  IS("of 1", vmref_buddy_frame(b, 1, 3), 0);
  IS("frame 0 is in", vmref_buddy_of(b, 0), 8);
  IS("1, which is free", vmref_buddy_of(b, 1), 9);
  IS("2", vmref_buddy_of(b, 2), 5);
  IS("3", vmref_buddy_of(b, 3), 5);
  IS("4", vmref_buddy_of(b, 4), 3);
  IS("7", vmref_buddy_of(b, 7), 3);
}

static void of_one_frame(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(0);
  IS("take", alloc(k, 0), 1);
  IS("no more", alloc(k, 0), 0);
  IS("its frame", vmref_buddy_frame(&k->buddy, 1, 0), 0);
  IS("back", release(k, 1), VMREF_OK);
  IS("twice", release(k, 1), VMREF_EINVAL);
  IS("again", alloc(k, 0), 1);
}

/* The most: 1024 frames, one by one, back in an order of holes, then all at once. */
static void of_1024(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(10);
  for (uint32_t n = 1024; n < 2048; n++) IS("one by one", vmref_buddy_alloc(&k->buddy, 0), n);
  IS("no more", alloc(k, 0), 0);
  for (uint32_t i = 0; i < 1024; i++) IS("back", vmref_buddy_free(&k->buddy, 1024 + i * 387 % 1024), VMREF_OK);
  holds(kmem_buddy_wrong(&k->buddy));
  IS("all at once", alloc(k, 10), 1);
}

int main(void)
{
  test_add("a block is split in halves until it is small enough", splits, NULL);
  test_add("buddies that are both free become one", joins, NULL);
  test_add("frames that are free and not in a row", fragments, NULL);
  test_add("free blocks in their list", order_of_the_list, NULL);
  test_add("what is not allocated is not freed", refused, NULL);
  test_add("blocks and their frames", frames, NULL);
  test_add("one frame", of_one_frame, NULL);
  test_add("1024 frames", of_1024, NULL);
  return RUN_TESTS("buddy");
}
