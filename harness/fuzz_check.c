/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic check: healthy states, and such with a few fields changed, for which
 * vmref_check must say the same as harness/clauses.c. */
#include <string.h>
#include "clauses.h"
#include "engine_mm.h"

/* What was changed, to be changed back. */
#define STEPS 8
#define CHANGES (4 * STEPS)
static struct { void *where; size_t size; uint64_t was; } change[CHANGES];
static unsigned changes;

static void put(void *where, size_t size, uint64_t value)
{
  change[changes].where = where;
  change[changes].size = size;
  change[changes].was = 0;
  memcpy(&change[changes++].was, where, size);
  memcpy(where, &value, size); /* of a machine that keeps the low byte first */
}

static uint64_t signed_or_small(uint8_t b) { return b & 1 ? (uint64_t)(int64_t)(int8_t)b : b >> 1; }

/* The number of the table that a byte chooses: a leaf table of a user, or the kernel's, or any. */
static unsigned table_of(const struct vmref_sys *s, uint8_t b)
{
  unsigned some = 0, seen = 0, t = 0;
  for (unsigned u = 0; u < s->tables; u++) some += s->level[u] == 1 && s->owner[u] != (int64_t)s->spaces;
  if ((b & 0xF0) == 0x10) return s->spaces + 3;
  if ((b & 0xC0) == 0 || some == 0) return b % s->tables;
  while (s->level[t] != 1 || s->owner[t] == (int64_t)s->spaces || seen++ != b % some) t++;
  return t;
}

/* An entry of it: of those that have these bits the k-th, or any. */
static size_t entry(const struct vmref_sys *s, uint8_t table, uint8_t k)
{
  const size_t first = 512 * (size_t)table_of(s, table);
  for (uint64_t bits = k & 0x40 ? UINT64_MAX : 1; (k & 0xC0) != 0xC0; bits = UINT64_MAX) {
    unsigned some = 0, seen = 0;
    for (size_t i = 0; i < 512; i++) some += (s->tab[first + i] & bits) != 0;
    for (size_t i = 0; i < 512 && some > 0; i++)
      if ((s->tab[first + i] & bits) != 0 && seen++ == k % some) return first + i;
    if (bits == UINT64_MAX) break;
  }
  return first + 4 * (size_t)(k & 0x7F) + k % 3;
}

/* A leaf of any kind, with a number at the edge of slots, tables, frames or the kernel's. */
static uint64_t any_leaf(const struct vmref_sys *s, uint8_t low, uint8_t high)
{
  const uint64_t edge[4] = { s->slots, s->tables, (uint64_t)s->tables + s->frames, (uint64_t)s->tables + s->frames + s->kernel };
  return (low & 7) | (edge[low >> 3 & 3] - (low >> 5 & 1)) << 12 | (uint64_t)(high & 15) << 52 | (uint64_t)(high >> 7) << 63;
}

/* A free table, linked as it should be under any entry of a table of any space: what is wrong may be
 * where it stands. */
static void add_table(const struct vmref_sys *s, uint8_t free, uint8_t to, uint8_t index)
{
  const unsigned u = s->spaces + 4 + free % (s->tables - s->spaces - 4), t = to % s->tables;
  const size_t at = 512 * (size_t)t + (index & 0x80 ? 255 : 2 * (size_t)index);
  if (s->level[u] != 0 || s->level[t] < 2) return;
  put(&s->level[u], 1, (uint64_t)s->level[t] - 1);
  put(&s->owner[u], 2, (uint64_t)s->owner[t]);
  put(&s->parent[u], 8, at);
  put(&s->tab[at], 8, 0x1000ull * u + 7);
}

/* Change one field as 4 bytes say. */
static void spoil(const struct vmref_sys *s, const uint8_t b[4])
{
  const size_t o = b[1] % (s->frames + s->slots), t = b[1] % s->tables;
  uint64_t *e = s->tab + entry(s, b[1], b[2]);
  switch (b[0] % 16) {
  case 0: put(&s->rc[o], 4, s->rc[o] + signed_or_small(b[2])); break;
  case 1: put(&s->shared[o], 1, !s->shared[o]); break;
  case 2: put(&s->level[t], 1, signed_or_small(b[2]) % 8 - 1); break;
  case 3: put(&s->owner[t], 2, b[3] & 1 ? signed_or_small(b[2]) : b[2] % (s->spaces + 2u)); break;
  case 4: put(&s->parent[t], 8, (uint64_t)s->parent[t] + signed_or_small(b[2])); break;
  case 5: put(&s->parent[t], 8, 512 * signed_or_small(b[2]) + b[3]); break;
  case 6: put(e, 8, 0); break;
  case 7: put(e, 8, s->tab[entry(s, b[3], b[2])]); break;
  case 8: put(e, 8, *e + 0x1000 * signed_or_small(b[3])); break;
  case 9: put(e, 8, *e ^ 1ull << (52 + b[3] % 12)); break;
  case 10: put(e, 8, *e ^ 1ull << b[3] % (b[3] & 0x40 ? 64 : 9)); break;
  case 11: put(e, 8, *e ^ (b[3] & 0x80 ? 2 : b[3] & 7)); break;
  case 12: put(&s->tab[512 * (size_t)(b[1] % (s->spaces + 1)) + (b[3] & 1 ? b[2] : 256 + b[2])], 8, b[3] >> 1); break;
  case 13: put(&s->tab[512 * t + (b[2] & 1 ? 511 : 255)], 8, b[3]); break;
  case 14: put(e, 8, any_leaf(s, b[2], b[3])); break;
  default: add_table(s, b[1], b[2], b[3]);
  }
}

static void restore(void)
{
  while (changes > 0) changes--, memcpy(change[changes].where, &change[changes].was, change[changes].size);
}

/* Byte 1 bit 7: on top of the change before, else in its place. */
static unsigned disturb(struct engine *e)
{
  unsigned n = 0;
  changes = 0;
  for (; e->step + n < e->steps && n < STEPS; n++) {
    uint8_t b[SEQUENCE_OP] = { 0 };
    const size_t from = SEQUENCE_OP * (size_t)(e->step + n);
    memcpy(b, e->data + from, e->size - from < SEQUENCE_OP ? e->size - from : SEQUENCE_OP);
    if (b[0] != 0 || (b[0] | b[1] | b[2] | b[3] | b[4]) == 0) break;
    if (!(b[1] & 0x80)) restore();
    spoil(e->s, b + 1);
    const int got = vmref_check(e->s), want = clauses_first(e->s);
    static char text[80];
    snprintf(text, sizeof text, "vmref_check says %d, the first broken clause is %d", got, want);
    if (got != want) e->step += n, engine_finding(e, text);
  }
  restore();
  return n ? n : 1;
}

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 17, .frames = 3, .slots = 2, .spaces = 3, .kernel = 3, .text = 1 },
  .taste = {
    .weight = { [0] = 16, [1 + MM_SPACE] = 4, [1 + MM_FILE] = 2, [1 + MM_FILE_ADD] = 3, [1 + MM_MAP] = 5,
      [1 + MM_MAP_FILE] = 4, [1 + MM_PROTECT] = 1, [1 + MM_LOAD] = 3, [1 + MM_STORE] = 7, [1 + MM_FORK] = 4,
      [1 + MM_EXIT] = 1, [1 + MM_SWAPOUT] = 3 },
    .pages = 0xFF018F, .spaces = 3
  },
  .disturb = disturb
};

ENGINE_TARGET("check", PROFILE)
