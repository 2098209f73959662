/* SPDX-License-Identifier: MIT */
/* vmref_buddy_check, vmref_slab_check and vmref_vmalloc_check against harness/kmem_check.c: of the state as it is, and
 * of it with one field spoilt. */
#include "buddy_check.h"
#include "clauses.h"
#include "engine_kmem.h"
#include "slab_check.h"
#include "vmalloc_check.h"
#include <string.h>

#define must engine_km_must

static void judge_buddy(const struct km_engine *e)
{
  const struct vmref_buddy *b = &e->k->buddy;
  must(e, vmref_buddy_check(b) == !kmem_buddy_wrong(b), "vmref_buddy_check");
}
static void judge_slab(const struct km_engine *e)
{
  must(e, vmref_slab_check(e->k) == !kmem_slab_wrong(e->k), "vmref_slab_check");
}
static void judge_vmalloc(const struct km_engine *e)
{
  const int whole = !kmem_vmalloc_wrong(e->s, &e->k->buddy) && clauses_first(e->s) == VMREF_CHECK_OK;
  must(e, vmref_vmalloc_check(e->s, &e->k->buddy) == whole, "vmref_vmalloc_check");
}

/* A node, near one in use for most choices. */
static uint32_t node_of(const struct vmref_buddy *b, uint8_t which, uint8_t how)
{
  const uint32_t all = 2u << b->order;
  uint32_t n = (which * 37u + how) % all;
  for (uint32_t tries = 0; which & 3 && b->node[n] == VMREF_BUDDY_NONE && tries < all; tries++) n = (n + 1) % all;
  return n;
}

/* Used block n becomes a free one, in its list too, whatever its buddy is. */
static void make_free(const struct vmref_buddy *b, uint32_t n)
{
  uint32_t d = 0;
  while (2u << d <= n) d++;
  const int32_t x = b->place[n], y = (int32_t)(1u << d) + (int32_t)b->free[d];
  const uint32_t m = b->list[y];
  b->list[y] = n;
  b->list[x] = m;
  b->place[n] = y;
  b->place[m] = x;
  b->free[d]++;
  b->node[n] = VMREF_BUDDY_FREE;
}

static void spoil_buddy(const struct km_engine *e, int pages, uint8_t which, uint8_t how)
{
  static uint8_t node[2 * KM_FRAMES];
  static uint32_t list[2 * KM_FRAMES];
  static int32_t place[2 * KM_FRAMES];
  static int64_t free[KM_ORDER + 1];
  const struct vmref_buddy *b = &e->k->buddy;
  const uint32_t n = node_of(b, which, how), all = 2u << b->order;
  memcpy(node, b->node, all);
  memcpy(list, b->list, all * sizeof *list);
  memcpy(place, b->place, all * sizeof *place);
  memcpy(free, b->free, (b->order + 1u) * sizeof *free);
  int64_t *count = &b->free[n % (b->order + 1u)];
  switch (how % 6) {
  case 0: b->node[n] = how / 6 % 5; break;
  case 1: b->list[n] = how & 8 ? how / 6 * 5u % all : b->list[n] ^ 1; break;
  case 2: b->place[n] = how & 8 ? (int32_t)(how / 6 * 5u % all) - (int32_t)(how >> 7) * 70 : b->place[n] ^ 1; break;
  case 3: *count += how & 8 ? 1 : -1; break;
  case 4: *count = how & 8 ? how : -1; break;
  default:
    if (n > 0 && b->node[n] == VMREF_BUDDY_USED) make_free(b, n);
    else b->node[n] = VMREF_BUDDY_USED;
    break;
  }
  judge_buddy(e);
  if (e->of->slab) judge_slab(e);
  if (pages) judge_vmalloc(e);
  memcpy(b->node, node, all);
  memcpy(b->list, list, all * sizeof *list);
  memcpy(b->place, place, all * sizeof *place);
  memcpy(b->free, free, (b->order + 1u) * sizeof *free);
}

/* An object of u granules at granule j. */
static void object(int8_t *head, unsigned j, unsigned u)
{
  for (unsigned x = j; x < j + u && x < 64; x++) head[x] = (int8_t)(j + 1);
}

static void spoil_slab(const struct km_engine *e, uint8_t which, uint8_t how)
{
  static int8_t was[64];
  const struct vmref_slab *k = e->k;
  const uint32_t frames = 1u << k->buddy.order;
  uint32_t f = which % frames;
  for (uint32_t tries = 0; how & 1 && k->unit[f] == 0 && tries < frames; tries++) f = (f + 1) % frames;
  int8_t *head = k->head + 64 * f;
  const unsigned g = which * 7u % 64;
  const uint16_t unit = k->unit[f];
  memcpy(was, head, 64);
  switch (how / 2 % 7) {
  case 0: k->unit[f] = (uint16_t)(how / 14); break;
  case 1: k->unit[f] = (uint16_t)(1u << how / 14 % 8); break;
  case 2: head[g] = how & 16 ? 0 : (int8_t)(g + 1); break;
  case 3: head[g] = (int8_t)(head[g] + (how & 16 ? 1 : -1)); break;
  case 4: head[g] = head[(g + how / 14) % 64]; break;
  case 5: object(head, g, unit); break;
  default: /* the page anew, of any size */
    memset(head, 0, 64);
    k->unit[f] = (uint16_t)(how / 14 + 1);
    object(head, which & 1 ? 0 : g, k->unit[f]);
    break;
  }
  judge_slab(e);
  k->unit[f] = unit;
  memcpy(head, was, 64);
}

static void spoil_pages(const struct km_engine *e, uint8_t which, uint8_t how)
{
  const struct vmref_sys *s = e->s;
  const uint32_t frames = 1u << e->k->buddy.order, room = s->kernel < 512 ? 512 - s->kernel : 0;
  uint64_t *row = s->tab + 512 * ((uint64_t)s->spaces + 3), page;
  if (room == 0) return;
  uint32_t i = s->kernel + (how & 1 ? which % room : which % 8 % room);
  for (uint32_t tries = 0; how & 2 && row[i] == 0 && tries < room; tries++) i = s->kernel + (i + 1 - s->kernel) % room;
  if (how % 7 == 0) i = which & 1 ? 511 : s->kernel;
  page = (uint64_t)s->tables + s->frames + s->text + how / 4 % (frames + 1) - (how == 255);
  const uint64_t was = row[i];
  row[i] = how / 4 % 8 == 0 ? 0 : 1ull << 63 | page << 12 | 3;
  if (how / 4 % 8 == 1 && s->text > 0) row[i] = ((uint64_t)s->tables + s->frames + which % s->text) << 12 | 1; /* text */
  judge_vmalloc(e);
  row[i] = was;
}

void km_check(const struct km_engine *e)
{
  const int pages = e->of->vmalloc && e->ready && (e->step + e->size) % 4 == 0; /* which takes long */
  judge_buddy(e);
  if (e->of->slab) judge_slab(e);
  if (pages) judge_vmalloc(e);
  if (KM_OP * (e->step + 1) > e->size) return;
  const uint8_t *b = e->data + KM_OP * e->step;
  uint8_t which = b[1], how = (uint8_t)(b[2] * 5u + b[0] * 3u + e->step);
  for (unsigned round = 0; round < 3; round++, which = (uint8_t)(which * 5u + 3), how = (uint8_t)(how * 7u + 1)) {
    spoil_buddy(e, pages && round == 0, which, how);
    if (e->of->slab) spoil_slab(e, which, how);
    if (pages && round < 2) spoil_pages(e, which, how);
  }
}
