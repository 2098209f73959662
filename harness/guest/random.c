/* SPDX-License-Identifier: MIT */
/* Random cases, biased so that every mode, level and rule gets its share. */
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

static uint8_t pick_mode(const struct machine *m, uint64_t x)
{
  uint8_t mode = (uint8_t)(x % 5);
  while (!(m->modes >> mode & 1)) mode = (uint8_t)((mode + 1) % 5);
  return mode;
}

static void put64(uint8_t *p, uint64_t v) { memcpy(p, &v, 8); }

/* Indices: anything, or one and the same at all levels, as self-references need. */
static uint64_t random_va(struct random *r, uint8_t mode, int leaf)
{
  uint64_t v = random64(r), x = random64(r);
  if (often(&x, 1, 4)) {
    uint64_t i = v >> 12 & 511;
    v = (v & 0xfe00000000000fffu) | i << 12 | i << 21 | i << 30 | i << 39 | i << 48;
  }
  if (often(&x, 1, 8)) v &= ~7ull;
  if (often(&x, 1, 32)) v |= 0xff8; /* ends of pages, of tables */
  if (mode == VMREF_MODE_NONE) return CASE_BASE + v % CASE_BYTES;
  if (leaf == 2) v &= mode == VMREF_MODE_32BIT ? ~0x3f0000ull : ~0x1f0000ull;
  if (leaf == 3) v = (v & ~0x3fff0000ull) | CASE_BASE;
  if (!vmref_long_mode(mode)) return v & 0xffffffffu;
  int sign = mode == VMREF_MODE_5LEVEL ? 7 : 16;
  if (!often(&x, 1, 64)) v = (uint64_t)((int64_t)(v << sign) >> sign);
  return v;
}

/* An entry that works, then, when `spoil`, one thing about it that may not. */
static uint64_t random_entry(struct random *r, uint8_t mode, int level, int leaf, int spoil)
{
  uint64_t x = random64(r), v = random64(r);
  uint64_t e = (v & 0x7ff0000000000e78u) | 7 | (CASE_BASE + (v & 0xf000));
  if (mode == VMREF_MODE_PAE) e &= 0xfffffffffffffu;
  e &= ~0x180ull;
  if (level == leaf && level > 1) e = (e & ~0xff000ull) | 0x80 | (v & 0x1000);
  if (level == leaf && level == 2 && mode == VMREF_MODE_32BIT) e &= ~0x300000ull;
  if (level == leaf && level == 3) e &= ~0x3fffe000ull;
  if (level == 1) e |= v & 0x80;
  if (level == leaf) e |= v & 0x100;
  if (!spoil) return e;
  int narrow = mode == VMREF_MODE_32BIT;
  switch (x & 15) {
  case 0: return e & ~1ull;
  case 1: case 2: return e & ~2ull;
  case 3: case 4: return e & ~4ull;
  case 5: case 6: return narrow ? e & ~7ull : e | 1ull << 63;
  case 7: return e | 1ull << (narrow ? 13 + (v >> 40) % 9 : 32 + (v >> 40) % 20);
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

/* Rights by key: few keys restricted, many, or none. */
static void random_keys(struct random *r, uint32_t keys[2])
{
  uint64_t x = random64(r), y = random64(r);
  if (x >> 62 == 0) x &= random64(r), y &= random64(r);
  keys[0] = y >> 61 == 0 ? 0 : (uint32_t)x;
  keys[1] = (uint32_t)y;
}

void random_controls(struct random *r, const struct machine *m, struct random_controls *k)
{
  for (int i = 0; i < RANDOM_CONTROLS; i++) {
    uint64_t x = random64(r);
    k->mode[i] = pick_mode(m, random64(r) >> 32);
    if (k->mode[i] == VMREF_MODE_NONE && x >> 40 & 3) k->mode[i] = pick_mode(m, VMREF_MODE_32BIT);
    k->flags[i] = x & 0x1f;
    k->more[i] = (x >> 8 & 0xe8) | 0x10; /* pse, pcide, pke, pks */
    k->root[i] = x >> 16 & 15;
    k->low[i] = x >> 50 & 1 ? 0 : (uint16_t)(x >> 20 & 0xfff);
    random_keys(r, k->keys[i]);
  }
}

static void random_access(uint64_t x, uint8_t b[CASE_CODE])
{
  static const uint8_t cpl[8] = { 0, 0, 0, 3, 3, 3, 1, 2 };
  static const uint8_t size[16] = { 1, 2, 4, 8, 1, 2, 4, 8, 8, 8, 4, 8, 10, 16, 32, 64 };
  b[2] = (uint8_t)(x & 3);
  x /= 4;
  b[2] |= (uint8_t)(cpl[x & 7] << 2);
  x /= 8;
  if (often(&x, 1, 8)) b[2] = (uint8_t)((b[2] & ~3) | 0x10 | (often(&x, 1, 4) ? VMREF_RMW : VMREF_READ));
  if (often(&x, 1, 2)) b[2] |= 0x20;
  if (often(&x, 1, 4)) b[2] |= 0x40;
  b[3] = (uint8_t)(size[x & 15] - 1);
  x /= 16;
  if (often(&x, 1, 8)) b[49] = 0x88; /* in two pages */
  else if (often(&x, 1, 2)) b[49] = 0x80;
}

void random_bytes(struct random *r, const struct random_controls *k, uint8_t b[CASE_CODE])
{
  uint64_t x = random64(r);
  unsigned group = x & (RANDOM_CONTROLS - 1);
  x /= RANDOM_CONTROLS;
  uint8_t mode = k->mode[group];
  int leaf = often(&x, 10, 16) ? 1 : often(&x, 5, 8) || !vmref_long_mode(mode) ? 2 : 3;
  int raw = often(&x, 1, 32);
  memset(b, 0, CASE_CODE);
  b[0] = k->flags[group];
  random_access(random64(r), b);
  b[4] = k->root[group];
  if (raw) b[5] = (uint8_t)(random64(r) | 0x40);
  put64(b + 8, random_va(r, mode, leaf));
  unsigned how = x & 7, where = 1 + (x >> 3) % (vmref_top_level(mode) | 1u);
  for (int level = 5; level >= 1; level--) {
    int spoil = how == 0 ? 0 : how < 5 ? level == (int)where : how < 7 ? (random64(r) & 1) : 1;
    uint8_t *at = level == 5 ? b + 64 : b + 16 + 8 * (4 - level);
    put64(at, raw ? random64(r) | 7 : random_entry(r, mode, level, leaf, spoil));
    if (b[49] & 8) put64(b + 104 + 8 * (5 - level), random_entry(r, mode, level, 1, (x >> 20 & 3) == 0));
  }
  b[48] = (uint8_t)((mode + 5 - VMREF_MODE_4LEVEL) % 5) | k->more[group];
  memcpy(b + 50, &k->low[group], 2);
  uint32_t keys[2] = { k->keys[group][0], k->keys[group][1] };
  if ((x >> 24 & 31) == 0) random_keys(r, keys);
  if (b[48] & 0xc0) memcpy(b + 52, keys, 8);
  for (int i = 0; i < 4; i++) { /* PDPTEs, seldom absent, their bits in order once decoded */
    uint64_t e = random64(r);
    put64(b + 72 + 8 * i, (CASE_BASE + (e & 0xf000)) | (e & 0xe18) | ((e >> 32 & 31) != 0));
  }
}
