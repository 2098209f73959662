/* SPDX-License-Identifier: MIT */
#include "engine_kmem.h"
#include <string.h>

#define must engine_km_must

void km_map_begin(struct km_map *m, uint8_t order)
{
  memset(m, 0, sizeof *m);
  m->frames = 1u << order;
  for (unsigned i = 0; i < 512; i++) m->frame[i] = -1;
}

static int all_free(const struct km_map *m, uint32_t f, uint32_t n)
{
  for (uint32_t i = f; i < f + n; i++)
    if (m->use[i] != KM_USE_FREE) return 0;
  return 1;
}

uint32_t km_map_free(const struct km_map *m, uint32_t f)
{
  uint32_t n = 1;
  if (m->use[f] != KM_USE_FREE) return 0;
  while (2 * n <= m->frames && all_free(m, f / (2 * n) * (2 * n), 2 * n)) n *= 2;
  return n;
}

uint32_t km_map_fits(const struct km_map *m, uint32_t n)
{
  uint32_t best = 0;
  for (uint32_t f = 0; f < m->frames; f++) {
    const uint32_t have = km_map_free(m, f);
    if (have >= n && (best == 0 || have < best)) best = have;
  }
  return best;
}

void km_map_block(struct km_map *m, uint32_t f, uint32_t n, enum km_use use)
{
  for (uint32_t i = f; i < f + n; i++) {
    m->use[i] = (uint8_t)use;
    m->first[i] = (uint16_t)f;
    m->size[i] = (uint16_t)n;
  }
}

int km_map_room(const struct km_map *m, unsigned u)
{
  for (uint32_t f = 0; f < m->frames; f++)
    for (unsigned j = 0; m->use[f] == KM_USE_SLAB && m->unit[f] == u && j < 64; j++)
      if (m->head[f][j] == 0) return 1;
  return 0;
}

/* ---- what is allocated, counted round ---- */

static int begins(const struct km_map *m, char what, uint32_t i)
{
  if (what == 'b') return m->use[i] == KM_USE_BLOCK && m->first[i] == i;
  if (what == 'o') return m->use[i / 64] == KM_USE_SLAB && m->head[i / 64][i % 64] == (int)(i % 64) + 1;
  return m->frame[i] >= 0 && m->frame[i - 1] < 0;
}

static int64_t at(const struct km_map *m, char what, uint32_t from, uint32_t to, uint32_t which)
{
  uint32_t n = 0;
  for (uint32_t i = from; i < to; i++) n += (uint32_t)begins(m, what, i);
  if (n == 0) return -1;
  which %= n;
  for (uint32_t i = from;; i++)
    if (begins(m, what, i) && which-- == 0) return i;
}

int64_t km_map_block_at(const struct km_map *m, uint32_t which) { return at(m, 'b', 0, m->frames, which); }
int64_t km_map_object_at(const struct km_map *m, uint32_t which) { return at(m, 'o', 0, 64 * m->frames, which); }
int64_t km_map_area_at(const struct km_map *m, uint32_t which) { return at(m, 'a', 1, 512, which); }

uint32_t km_map_area(const struct km_map *m, uint32_t kernel, uint32_t page)
{
  uint32_t n = 0;
  if (page <= kernel || page >= 512 || !begins(m, 'a', page)) return 0;
  while (page + n < 512 && m->frame[page + n] >= 0) n++;
  return n;
}

int km_map_gap(const struct km_map *m, uint32_t kernel, uint32_t n)
{
  for (uint32_t from = kernel; n < 512 && from + n + 2 <= 512; from++) {
    uint32_t k = 0;
    while (k < n + 2 && m->frame[from + k] < 0) k++;
    if (k == n + 2) return 1;
  }
  return 0;
}

/* ---- the state against it ---- */

/* What node n must be: frames first .. first + size - 1. */
static uint8_t expected(const struct km_map *m, uint32_t n, uint32_t first, uint32_t size)
{
  if (all_free(m, first, size))
    return n > 1 && all_free(m, first / (2 * size) * (2 * size), 2 * size) ? VMREF_BUDDY_NONE : VMREF_BUDDY_FREE;
  if (m->use[first] != KM_USE_FREE && m->size[first] >= size) return m->size[first] == size ? VMREF_BUDDY_USED : VMREF_BUDDY_NONE;
  return VMREF_BUDDY_SPLIT;
}

static void compare_blocks(const struct km_engine *e)
{
  const struct vmref_buddy *b = &e->k->buddy;
  const struct km_map *m = &e->map;
  for (uint32_t d = 0; d <= b->order; d++)
    for (uint32_t i = 0; i < 1u << d; i++)
      must(e, b->node[(1u << d) + i] == expected(m, (1u << d) + i, (m->frames >> d) * i, m->frames >> d), "a block is not what was made of it");
  for (uint32_t f = 0; f < m->frames; f++) {
    const uint32_t size = m->use[f] == KM_USE_FREE ? km_map_free(m, f) : m->size[f], n = vmref_buddy_of(b, f);
    must(e, n == m->frames / size + f / size, "the block that has a frame");
    const uint8_t k = vmref_buddy_order(b, n);
    must(e, size == 1u << k, "how large a block is");
    must(e, vmref_buddy_frame(b, n, k) == f / size * size, "the first frame of a block");
  }
}

static void compare_objects(const struct km_engine *e)
{
  for (uint32_t f = 0; f < e->map.frames; f++) {
    must(e, e->k->unit[f] == e->map.unit[f], "a page of objects is not what was made of it");
    must(e, memcmp(e->k->head + 64 * f, e->map.head[f], 64) == 0, "an object is not what was made of it");
  }
}

/* The kernel's pages by hand; all else is what it was. */
static void compare_pages(const struct km_engine *e)
{
  const struct vmref_sys *s = e->s;
  const size_t row = 512 * ((size_t)s->spaces + 3);
  const uint64_t pool = (uint64_t)s->tables + s->frames + s->text;
  for (uint32_t i = s->kernel; i < 512; i++) {
    const int16_t f = e->map.frame[i];
    must(e, s->tab[row + i] == (f < 0 ? 0 : (pool + (uint64_t)f) << 12 | 1ull << 63 | 3), "a page of the kernel is not what was made of it");
    e->before->tab[row + i] = s->tab[row + i];
  }
  must(e, mm_same(s, e->before), "something has changed that is not vmalloc's");
  if (fuzz_checks > 0 || (e->step + e->size) % 8 == 0) must(e, vmref_check(s) == VMREF_CHECK_OK, "vmref_check");
}

void km_map_compare(const struct km_engine *e)
{
  const char *wrong = e->of->slab ? kmem_slab_wrong(e->k) : kmem_buddy_wrong(&e->k->buddy);
  must(e, !wrong, wrong);
  compare_blocks(e);
  if (e->of->slab) compare_objects(e);
  if (!e->ready) return;
  wrong = kmem_vmalloc_wrong(e->s, &e->k->buddy);
  must(e, !wrong, wrong);
  compare_pages(e);
}
