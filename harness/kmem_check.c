/* SPDX-License-Identifier: MIT */
/* The invariants of the kernel's allocators, each clause by loops of its own and nothing of the model's. */
#include "kmem.h"
#include <stddef.h>

#define PAGE_FLAGS (1ull << 63 | 3) /* of data: XD, R/W, P (SDM 3A table 4-20) */
#define ADDRESS 0xFFFFFFFFFF000ull

/* ---- spec/buddy.acsl ---- */

static int is_block(uint8_t what) { return what == VMREF_BUDDY_FREE || what == VMREF_BUDDY_USED; }

static const char *tree_wrong(const struct vmref_buddy *b)
{
  const uint32_t frames = 1u << b->order;
  if (b->node[1] == VMREF_BUDDY_NONE) return "buddy: all frames are of no block";
  for (uint32_t n = 1; n < 2 * frames; n++) {
    if (b->node[n] > VMREF_BUDDY_SPLIT) return "buddy: a node is none of the four";
    if (n >= frames) {
      if (b->node[n] == VMREF_BUDDY_SPLIT) return "buddy: one frame is split";
      continue;
    }
    const uint8_t left = b->node[2 * n], right = b->node[2 * n + 1];
    if (b->node[n] != VMREF_BUDDY_SPLIT) {
      if (left != VMREF_BUDDY_NONE || right != VMREF_BUDDY_NONE) return "buddy: half of a block is a block";
    } else if (left == VMREF_BUDDY_NONE || right == VMREF_BUDDY_NONE) return "buddy: half of a split block is none";
    else if (left == VMREF_BUDDY_FREE && right == VMREF_BUDDY_FREE) return "buddy: two buddies are free";
  }
  return NULL;
}

/* Every frame is in one block. */
static const char *cover_wrong(const struct vmref_buddy *b)
{
  static uint8_t blocks[1u << VMREF_BUDDY_ORDER];
  const uint32_t frames = 1u << b->order;
  for (uint32_t f = 0; f < frames; f++) blocks[f] = 0;
  for (uint32_t d = 0; d <= b->order; d++)
    for (uint32_t i = 0; i < 1u << d; i++)
      for (uint32_t f = 0; is_block(b->node[(1u << d) + i]) && f < frames >> d; f++) blocks[(frames >> d) * i + f]++;
  for (uint32_t f = 0; f < frames; f++)
    if (blocks[f] != 1) return "buddy: a frame is not in one block";
  return NULL;
}

static const char *lists_wrong(const struct vmref_buddy *b)
{
  for (uint32_t d = 0; d <= b->order; d++) {
    const uint32_t from = 1u << d, to = 2u << d;
    if (b->free[d] < 0 || b->free[d] > from) return "buddy: more are free than there are";
    for (uint32_t x = from; x < to; x++) {
      if (b->list[x] < from || b->list[x] >= to) return "buddy: a block is in the list of another size";
      if (b->place[b->list[x]] != (int32_t)x) return "buddy: a block is not where its place says";
      if (b->place[x] < (int32_t)from || b->place[x] >= (int32_t)to || b->list[b->place[x]] != x) return "buddy: a place is another block's";
      if ((b->node[x] == VMREF_BUDDY_FREE) != (b->place[x] < (int32_t)(from + b->free[d]))) return "buddy: the list has not the free ones first";
    }
  }
  return NULL;
}

const char *kmem_buddy_wrong(const struct vmref_buddy *b)
{
  const char *wrong = b->order > VMREF_BUDDY_ORDER ? "buddy: no such order" : tree_wrong(b);
  if (!wrong) wrong = cover_wrong(b);
  return wrong ? wrong : lists_wrong(b);
}

/* ---- spec/slab.acsl ---- */

static const char *page_wrong(const int8_t *head, unsigned unit)
{
  unsigned used = 0;
  for (int j = 0; j < 64; j++) {
    const int s = head[j] - 1;
    if (head[j] == 0) continue;
    used++;
    if (s < 0 || s > j || s + (int)unit <= j || s + (int)unit > 64) return "slab: an object has a granule that is too far off";
    if (s % (int)unit != 0) return "slab: an object is not aligned to its size";
    for (unsigned x = 0; x < unit; x++)
      if (head[s + (int)x] != head[j]) return "slab: an object lacks a granule";
  }
  return used == 0 ? "slab: a page is kept without an object" : NULL;
}

const char *kmem_slab_wrong(const struct vmref_slab *k)
{
  const uint32_t frames = 1u << k->buddy.order;
  const char *wrong = kmem_buddy_wrong(&k->buddy);
  for (uint32_t f = 0; f < frames && !wrong; f++) {
    const unsigned u = k->unit[f];
    const int8_t *head = k->head + 64 * f;
    if (u == 0) {
      for (unsigned j = 0; j < 64; j++)
        if (head[j] != 0) return "slab: an object where there is no page of objects";
    } else if (u > 32 || (u & (u - 1)) != 0) return "slab: a page of objects of no such size";
    else if (k->buddy.node[frames + f] != VMREF_BUDDY_USED) return "slab: a page of objects is no block";
    else wrong = page_wrong(head, u);
  }
  return wrong;
}

/* ---- spec/vmalloc.acsl ---- */

const char *kmem_vmalloc_wrong(const struct vmref_sys *s, const struct vmref_buddy *b)
{
  static uint8_t mapped[1u << VMREF_BUDDY_ORDER];
  const uint32_t frames = 1u << b->order, t = s->spaces + 3; /* vmref_boot puts it there */
  const uint64_t pool = (uint64_t)s->tables + s->frames + s->text, *row = s->tab + 512 * (uint64_t)t;
  const char *wrong = kmem_buddy_wrong(b);
  if (wrong) return wrong;
  if (s->text + frames > s->kernel) return "vmalloc: more frames than the kernel has";
  if (s->level[t] != 1 || s->owner[t] != (int16_t)s->spaces) return "vmalloc: the kernel's leaf table is another's";
  for (uint32_t f = 0; f < frames; f++) mapped[f] = 0;
  for (uint32_t i = s->kernel; i < 512; i++) {
    if (row[i] == 0) continue;
    const uint64_t f = (row[i] & ADDRESS) / 4096 - pool;
    if (i == s->kernel || i == 511) return "vmalloc: a page without a guard";
    if ((row[i] & ~ADDRESS) != PAGE_FLAGS) return "vmalloc: a page that is not the kernel's data";
    if (f >= frames || b->node[frames + f] != VMREF_BUDDY_USED) return "vmalloc: a page has a frame that is not allocated for it";
    if (mapped[f]++) return "vmalloc: two pages have a frame";
  }
  return NULL;
}
