/* SPDX-License-Identifier: MIT */
/* The words over entries of the tables, by spec/huge.acsl and SDM 3A tables 4-16, 4-18 and 4-20. */
#include "clauses.h"
#include <string.h>

typedef const struct vmref_sys *sys;
enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80 };

static uint64_t pfn(uint64_t e) { return (e & 0xFFFFFFFFFF000) >> 12; }
static unsigned prot(uint64_t e) { return e >> 52 & 15; }
static int present(sys s, uint64_t t) { return t < s->tables; }

/* The table that an entry links; `tables` when it links none. */
static uint64_t below(sys s, uint64_t t, unsigned i)
{
  const uint64_t e = s->tab[512 * t + i];
  return e & P ? pfn(e) : s->tables;
}

/* Bits 7 and 8 are 0; what may be done is what the rights say, but that writing may wait. */
static int user(uint64_t e)
{
  return e & P && e & US && !(e & 0x180) && prot(e) & 1 && (!(e & RW) || prot(e) & 2) && (e >> 63) != (prot(e) >> 2 & 1);
}

static int device(sys s, uint64_t e, uint64_t frames)
{
  const uint64_t first = (uint64_t)s->tables + s->frames + s->kernel, n = pfn(e);
  if (!user(e) || prot(e) & 8 || !(e & RW) != !(prot(e) & 2)) return 0;
  return n % frames == 0 && n >= first && n + frames <= 1 << 28;
}

static int memory(sys s, uint64_t e)
{
  const uint64_t n = pfn(e);
  return user(e) && !(e & 0x18) && n % 512 == 0 && n >= s->tables && n + 512 <= (uint64_t)s->tables + s->frames;
}

/* A leaf of a page that nobody has touched yet, with these rights: it refers to no frame and no slot. */
static int blank(sys s, uint64_t l, unsigned rights)
{
  const uint64_t n = pfn(l);
  if (l == 0 || l & P || prot(l) != rights) return 0;
  if ((l >> 1 & 3) == 2) return n < s->tables || n >= (uint64_t)s->tables + s->frames;
  return (l >> 1 & 3) != 3 || n >= s->slots;
}

static int large(sys s, uint64_t u, uint64_t e)
{
  const int runs = memory(s, e);
  if (!present(s, u) || (!runs && !device(s, e, 512))) return 0;
  for (unsigned j = 0; j < 512; j++) {
    const uint64_t l = s->tab[512 * u + j];
    /* of memory the same present page, 4096 bytes further on each time; the rest may be anything */
    if (runs ? !(l & P) || pfn(l) != pfn(e) + j || (l ^ e) & (RW | 0xF0ull << 48 | 1ull << 63) : !blank(s, l, prot(e))) return 0;
  }
  return 1;
}

/* All that is below is the first page. */
static int giant(sys s, uint64_t w, uint64_t e)
{
  if (!device(s, e, 0x40000) || !present(s, w) || !present(s, below(s, w, 0))) return 0;
  for (unsigned j = 0; j < 512; j++)
    for (unsigned k = 0; present(s, below(s, w, j)) && k < 512; k++) {
      const uint64_t l = s->tab[512 * below(s, w, j) + k];
      if (j == 0 && k == 0 ? !blank(s, l, prot(e)) : l != 0) return 0;
    }
  return 1;
}

int clauses_words(const struct vmref_sys *s, const uint16_t *over)
{
  for (uint64_t t = 0; t < s->tables; t++)
    for (unsigned i = 0; i < 512; i++) {
      uint64_t e;
      memcpy(&e, over + 2048 * t + 4 * i, 8);
      if (e == 0) continue;
      if (s->owner[t] < 0 || s->owner[t] >= (int64_t)s->spaces) return 0;
      if (s->level[t] == 1) {
        if (!device(s, e, 1) || !blank(s, s->tab[512 * t + i], prot(e))) return 0;
        continue;
      }
      if (!(e & PS) || (s->level[t] != 2 && s->level[t] != 3)) return 0;
      if (!(s->level[t] == 2 ? large : giant)(s, below(s, t, i), e - PS)) return 0;
    }
  return 1;
}
