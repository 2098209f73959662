/* SPDX-License-Identifier: MIT */
/* Random cases, biased so that every level and every rule gets its share. */
#include <string.h>
#include "cases.h"

uint64_t random64(struct random *r)
{
  uint64_t z = r->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* True n times in `of`, a power of two. */
static int often(uint64_t *bits, unsigned n, unsigned of)
{
  unsigned x = (unsigned)*bits & (of - 1);
  *bits /= of;
  return x < n;
}

void random_controls(struct random *r, struct random_controls *k)
{
  for (int i = 0; i < RANDOM_CONTROLS; i++) {
    k->flags[i] = random64(r) & 0x1f;
    k->root[i] = random64(r) & 15;
  }
}

static void put64(uint8_t *p, uint64_t v) { memcpy(p, &v, 8); }

/* Indices: anything, or one and the same at all levels, as self-references need. */
static uint64_t random_va(struct random *r, int leaf)
{
  uint64_t v = random64(r), x = random64(r);
  if (often(&x, 1, 4)) {
    uint64_t i = v >> 12 & 511;
    v = (v & 0xffff000000000fffu) | i << 12 | i << 21 | i << 30 | i << 39;
  }
  if (often(&x, 1, 8)) v &= ~7ull;
  if (often(&x, 1, 32)) v |= 0xff8; /* ends of pages, of tables */
  if (leaf == 2) v &= ~0x1f0000ull;
  if (leaf == 3) v = (v & ~0x3fff0000ull) | CASE_BASE;
  if (!often(&x, 1, 64)) v = (uint64_t)((int64_t)(v << 16) >> 16);
  return v;
}

/* An entry that works, then, when `spoil`, one thing about it that may not. */
static uint64_t random_entry(struct random *r, int level, int leaf, int spoil)
{
  uint64_t x = random64(r), v = random64(r);
  uint64_t e = (v & 0x7ff0000000000e78u) | 7 | (CASE_BASE + (v & 0xf000));
  e &= ~0x180ull;
  if (level == leaf && level > 1) e = (e & ~0xff000ull) | 0x80 | (v & 0x1000);
  if (level == leaf && level == 3) e &= ~0x3fffe000ull;
  if (level == 1) e |= v & 0x80;
  if (level == leaf) e |= v & 0x100;
  if (!spoil) return e;
  switch (x & 15) {
  case 0: return e & ~1ull;
  case 1: case 2: return e & ~2ull;
  case 3: case 4: return e & ~4ull;
  case 5: case 6: return e | 1ull << 63;
  case 7: return e | 1ull << (32 + (v >> 40) % 20);
  case 8: return e ^ 0x80;
  case 9: return e | 0x100;
  case 10: return e | 1ull << (13 + (v >> 40) % 17);
  case 11: return e ^ 1ull << (v >> 40) % 64;
  case 12: return e & ~6ull;
  case 13: return v;
  case 14: return v | 1;
  default: return (e & ~0x8000000000000007u) | (v >> 20 & 7) | (v & 1ull << 63);
  }
}

void random_bytes(struct random *r, const struct random_controls *k, uint8_t b[CASE_CODE])
{
  static const uint8_t cpl[8] = { 0, 0, 0, 3, 3, 3, 1, 2 };
  uint64_t x = random64(r);
  unsigned group = x & (RANDOM_CONTROLS - 1);
  x /= RANDOM_CONTROLS;
  int leaf = often(&x, 10, 16) ? 1 : often(&x, 5, 8) ? 2 : 3;
  int raw = often(&x, 1, 32);
  memset(b, 0, CASE_CODE);
  b[0] = k->flags[group];
  b[2] = (uint8_t)(x & 3);
  x /= 4;
  b[2] |= (uint8_t)(cpl[x & 7] << 2);
  x /= 8;
  if (often(&x, 1, 8)) b[2] = (uint8_t)((b[2] & ~3) | 0x10 | (often(&x, 1, 4) ? VMREF_RMW : VMREF_READ));
  if (often(&x, 1, 2)) b[2] |= 0x20;
  if (often(&x, 1, 4)) b[2] |= 0x40;
  b[3] = (uint8_t)((1u << (x & 3)) - 1);
  x /= 4;
  b[4] = k->root[group];
  if (raw) b[5] = (uint8_t)(random64(r) | 0x40);
  put64(b + 8, random_va(r, leaf));
  unsigned how = x & 7, where = 4 - (x >> 3 & 3);
  for (int level = 4; level >= 1; level--) {
    int spoil = how == 0 ? 0 : how < 5 ? level == (int)where : how < 7 ? (random64(r) & 1) : 1;
    put64(b + 16 + 8 * (4 - level), raw ? random64(r) | 7 : random_entry(r, level, leaf, spoil));
  }
}
