/* SPDX-License-Identifier: MIT */
/* One function for each predicate of spec/frame.acsl and spec/table.acsl, named as there. */
#include "clauses.h"
#include <stdlib.h>

typedef const struct vmref_sys *sys;

/* ---- fields ---- */
static uint64_t bit(uint64_t e, int n) { return e >> n & 1; }
static uint64_t pfn(uint64_t e) { return e >> 12 & 0xFFFFFFFFFF; }
static unsigned prot(uint64_t e) { return e >> 52 & 15; }
static unsigned kind(uint64_t e) { return e >> 1 & 3; }
static uint64_t at(sys s, uint64_t t, uint64_t i) { return s->tab[512 * t + i]; }
static uint64_t objects(sys s) { return (uint64_t)s->frames + s->slots; }

static uint64_t obj(sys s, uint64_t e)
{
  const uint64_t n = pfn(e), none = objects(s);
  const uint64_t frame = n >= s->tables && n < (uint64_t)s->tables + s->frames ? n - s->tables : none;
  const uint64_t slot = n < s->slots ? s->frames + n : none;
  if (bit(e, 0)) return frame;
  return kind(e) == 2 ? frame : kind(e) == 3 ? slot : none;
}

/* ---- 1 ledger, 2 free_private ---- */
static int ledger(sys s)
{
  uint64_t *n = calloc(objects(s) + 1, sizeof *n); /* by object, and of none */
  int good = 1;
  if (!n) abort();
  for (uint64_t t = 0; t < s->tables; t++)
    for (uint64_t i = 0; s->level[t] == 1 && i < 512; i++)
      if (at(s, t, i) != 0) n[obj(s, at(s, t, i))]++; /* 0 refers to nothing */
  for (uint64_t o = 0; good && o < objects(s); o++) good = s->rc[o] == n[o];
  free(n);
  return good;
}

static int free_private(sys s)
{
  for (uint64_t o = 0; o < objects(s); o++)
    if (s->rc[o] == 0 && s->shared[o]) return 0;
  return 1;
}

/* ---- 3 and 4, leaves ---- */
static int plain(uint64_t e) { return !(bit(e, 3) | bit(e, 4) | bit(e, 7) | bit(e, 8)); }

static int fit_leaf(sys s, uint64_t e)
{
  const uint64_t o = obj(s, e);
  if (bit(e, 0))
    return bit(e, 2) && plain(e) && o < s->frames && prot(e) & 1 && (!bit(e, 1) || prot(e) & 2) && bit(e, 63) != (prot(e) >> 2 & 1);
  switch (kind(e)) {
  case 0: return e == 0;
  case 2: return o < s->frames;
  case 3: return o >= s->frames && o < objects(s);
  default: return 1;
  }
}

static int leaf_fits(sys s, uint64_t e)
{
  const uint64_t o = obj(s, e);
  const int sharer = prot(e) >> 3 & 1;
  if (!fit_leaf(s, e)) return 0;
  if (sharer && !(o < objects(s) && s->shared[o])) return 0;
  return !(bit(e, 0) && bit(e, 1)) || s->rc[o] == 1 || sharer;
}

static int leaves(sys s)
{
  for (uint64_t t = 0; t < s->tables; t++)
    for (uint64_t i = 0; s->level[t] == 1 && s->owner[t] != (int64_t)s->spaces && i < 512; i++)
      if (!leaf_fits(s, at(s, t, i))) return 0;
  return 1;
}

/* ---- 5, the tree ---- */
static int roots(sys s)
{
  if (s->level[s->spaces] != 4) return 0;
  for (uint64_t t = 0; t < s->tables; t++) {
    const int l = s->level[t], root = t <= s->spaces;
    if (l < 0 || l > 4) return 0;
    if (l == 4 && !(root && s->owner[t] == (int64_t)t)) return 0;
    if (root && l != 4 && l != 0) return 0;
    if (l != 0 && !(s->owner[t] >= 0 && s->owner[t] <= (int64_t)s->spaces)) return 0;
  }
  return 1;
}

static int owns(sys s, uint64_t t, uint64_t i)
{
  if (s->level[t] < 2) return 0;
  return !(s->level[t] == 4 && t != s->spaces) || i < 256;
}

static int down(sys s)
{
  for (uint64_t t = 0; t < s->tables; t++)
    for (uint64_t i = 0; i < 512; i++) {
      const uint64_t e = at(s, t, i), u = pfn(e);
      if (e == 0 || !owns(s, t, i)) continue;
      if (e != 0x1000 * u + 7 && e != 0x1000 * u + 0x27) return 0;
      if (u >= s->tables || s->level[u] != s->level[t] - 1 || s->owner[u] != s->owner[t]) return 0;
      if (s->parent[u] != (int64_t)(512 * t + i)) return 0;
    }
  return 1;
}

static int up(sys s)
{
  for (uint64_t u = 0; u < s->tables; u++) {
    if (s->level[u] < 1 || s->level[u] > 3) continue;
    const int64_t n = s->parent[u];
    if (n < 0 || n / 512 >= (int64_t)s->tables) return 0;
    const uint64_t t = (uint64_t)n / 512, i = (uint64_t)n % 512;
    if (!owns(s, t, i) || at(s, t, i) == 0 || pfn(at(s, t, i)) != u) return 0;
  }
  return 1;
}

static int free_tables(sys s)
{
  for (uint64_t t = 0; t < s->tables; t++)
    for (uint64_t i = 0; s->level[t] == 0 && i < 512; i++)
      if (at(s, t, i) != 0) return 0;
  return 1;
}

static int kernel_shared(sys s)
{
  for (uint64_t i = 0; i < 512; i++) {
    if (i < 256 && at(s, s->spaces, i) != 0) return 0;
    for (uint64_t a = 0; a < s->spaces; a++)
      if (i >= 256 && s->level[a] == 4 && at(s, a, i) != at(s, s->spaces, i)) return 0;
  }
  return 1;
}

static int kernel_leaf(sys s, uint64_t e)
{
  const uint64_t first = (uint64_t)s->tables + s->frames, n = pfn(e);
  if (e == 0) return 1;
  if (!bit(e, 0) || bit(e, 2) || n < first || n >= first + s->kernel) return 0;
  return n < first + s->text ? !bit(e, 1) && !bit(e, 63) : bit(e, 63);
}

static int kernel_leaves(sys s)
{
  for (uint64_t t = 0; t < s->tables; t++)
    for (uint64_t i = 0; s->level[t] == 1 && s->owner[t] == (int64_t)s->spaces && i < 512; i++)
      if (!kernel_leaf(s, at(s, t, i))) return 0;
  return 1;
}

int clauses_first(const struct vmref_sys *s)
{
  static int (*const clause[])(sys) = { ledger, free_private, leaves, roots, down, up, free_tables,
                                        kernel_shared, kernel_leaves };
  static const int number[] = { VMREF_CHECK_LEDGER, VMREF_CHECK_FREE, VMREF_CHECK_LEAF, VMREF_CHECK_ROOTS,
                                VMREF_CHECK_DOWN, VMREF_CHECK_UP, VMREF_CHECK_FREE_TABLES,
                                VMREF_CHECK_KERNEL_SHARED, VMREF_CHECK_KERNEL_LEAVES };
  for (unsigned k = 0; k < sizeof number / sizeof *number; k++)
    if (!clause[k](s)) return number[k];
  return VMREF_CHECK_OK;
}
