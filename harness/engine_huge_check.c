/* SPDX-License-Identifier: MIT */
/* vmref_huge_check against harness/clauses.c and clauses_huge.c: of the state as it is, and of it with something spoilt. */
#include "clauses.h"
#include "engine_huge.h"
#include <string.h>

#define must engine_hg_must

static void judge(const struct hg_engine *e, const char *what)
{
  const int first = clauses_first(e->s), want = first != VMREF_CHECK_OK ? first : clauses_words(e->s, e->over) ? VMREF_CHECK_OK : VMREF_CHECK_HUGE;
  must(e, vmref_huge_check(e->s, e->over) == want, what);
}

static uint64_t word_at(const struct hg_engine *e, size_t n)
{
  uint64_t w;
  memcpy(&w, e->over + 4 * n, 8);
  return w;
}

/* An entry, for most choices one that a word stands over, or one below it. */
static size_t entry(const struct hg_engine *e, unsigned which)
{
  const size_t all = 512 * (size_t)e->s->tables;
  size_t n = which * 641u % all;
  for (size_t tries = 0; which % 8 && !word_at(e, n) && tries < all; tries++) n = (n + 1) % all;
  if (which % 8 < 4 || !word_at(e, n)) return n;
  for (unsigned level = e->s->level[n / 512]; level > 1; level--) {
    const size_t under = e->s->tab[n] >> 12 & 0xFFFFFFFFFF;
    if (!(e->s->tab[n] & 1) || under >= e->s->tables) return n;
    n = 512 * under + (level == 3 && which % 8 > 5 ? 0 : which / 8 % 4 == 3 ? 511 : which / 8 % 512); /* the last page often */
  }
  return n;
}

/* Another word for an entry: near what it is, or one of any size that would fit there. */
static uint64_t other(const struct hg_engine *e, size_t n, uint64_t is, unsigned how)
{
  static const uint64_t FRAME[12] = { HG_DEVICES, 0x800, 0x40000, 0x10000000 - 1, 0x10000000 - 0x200, 0x10000000 - 0x40000, HG_DEVICES - 1, 512, 0x10000000, 0x10000000 - 0x3FE00, 0x10000000 - 0x1FF, HG_TABLES };
  static const uint8_t BIT[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 52, 53, 54, 55, 63, 12, 21 };
  const uint64_t leaf = e->s->tab[n], prot = how % 5 ? 3 : 1 + 2 * (how / 5 % 4);
  switch (how / 4 % 4) {
  case 0: return is ^ 1ull << BIT[how / 16 % 16];
  case 1: return (is & ~(0xFFFFFFFFFFull << 12)) | FRAME[how / 16 % 12] << 12;
  case 2: return FRAME[how / 16 % 12] << 12 | 5 | (prot & 2) | prot << 52 | (prot & 4 ? 0 : 1ull << 63) | (e->s->level[n / 512] > 1 ? 0x80 : 0);
  default: return is && how & 1 ? is + (how & 2 ? 0x1000 : 0x200000) : leaf;
  }
}

void hg_check(struct hg_engine *e)
{
  judge(e, "vmref_huge_check");
  if (HG_OP * (e->step + 1) > e->size) return;
  const uint8_t *b = e->data + HG_OP * e->step;
  for (unsigned round = 0; round < 4; round++) {
    const unsigned which = b[0] + 3u * b[1] + 7u * b[2] + 64u * b[4] + 31 * round + 5 * (unsigned)e->size, how = (b[3] + 5u * b[4] + 13u * b[1] + 11 * round + e->step + 257 * b[2]) * 2654435761u >> 8;
    const size_t n = entry(e, which);
    const uint64_t word = word_at(e, n), leaf = e->s->tab[n], beside = e->s->tab[n ^ 1];
    const uint64_t x = other(e, n, word, how);
    if (round % 2 == 0) memcpy(e->over + 4 * n, &x, 8);
    else if (round == 1) e->s->tab[n] = other(e, n, leaf, how);
    else e->s->tab[n] = beside, e->s->tab[n ^ 1] = leaf; /* two pages change places: only the words are wrong then */
    judge(e, "vmref_huge_check of a state that is spoilt");
    memcpy(e->over + 4 * n, &word, 8);
    e->s->tab[n] = leaf;
    e->s->tab[n ^ 1] = beside;
  }
}
