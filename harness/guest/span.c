/* SPDX-License-Identifier: MIT */
/* Topic span: accesses of every width that reach into a second page, what either page
 * withholds, pages of each size, and the edges of the address space. */
#include "cases.h"

static const uint8_t widths[] = { 2, 4, 8, 10, 16, 32, 64 };
#define WIDEST (sizeof widths)

/* The entries of the second page, where they are not the first one's: like those, in
 * frames of their own. */
static void plain_next(struct vmref_case *c, uint8_t leaf)
{
  uint8_t top = vmref_top_level(c->cpu.mode);
  for (uint8_t level = top; level >= 1; level--) c->next[level] = (CASE_BASE + 4096u * (15u - level)) | 7;
  if (leaf > 1) c->next[leaf] = c->entry[leaf];
}

/* What a page withholds: nothing, P, R/W, U/S, a reserved bit, XD, or the PDE's P. */
#define SPOILS 7
static void spoil(uint64_t *e, uint8_t leaf, unsigned how)
{
  static const uint64_t clear[SPOILS] = { 0, 1, 2, 4, 0, 0, 0 };
  e[leaf] &= ~clear[how];
  if (how == 4) e[leaf] |= 1ull << 51;
  if (how == 5) e[leaf] |= 1ull << 63;
  if (how == 6 && leaf == 1) e[2] &= ~1ull;
}

/* All kinds; how many bytes lie in the first page varies with the rest. */
static int each_access(struct vmref_case c, unsigned *n, unsigned thin, struct sink s)
{
  uint64_t end = (c.access.va | 0xfff) + 1;
  for (unsigned width = 0; width < WIDEST; width++)
    for (uint8_t kind = VMREF_READ; kind <= VMREF_FETCH; kind++)
      for (uint8_t cpl = 0; cpl <= 3; cpl += 3) {
        if ((*n)++ % thin) continue;
        c.access.size = widths[width];
        c.access.kind = kind;
        c.access.cpl = cpl;
        c.access.va = end - 1 - *n / 7 % (c.access.size - 1u);
        c.access.seg = kind != VMREF_FETCH && *n % 5 == 0;
        if (!s.put(s.to, &c)) return 0;
      }
  return 1;
}

/* The same page table, or another: the second page's entries at which levels. */
static uint64_t boundary(uint8_t mode, unsigned where)
{
  static const uint64_t apart[] = { 0x789fff, 0x7fffff, 0x3fffffff, 0x7fffffffff, 0xffffffffffff };
  uint64_t va = mode == VMREF_MODE_5LEVEL ? 0x00ab123456000000u : mode == VMREF_MODE_4LEVEL ? 0x123456000000u : 0x56000000u;
  return va | apart[where];
}

static int spoilt_pages(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0, places = vmref_top_level(m->cpu.mode);
  for (unsigned control = 0; control < 4; control++)
    for (unsigned where = 0; where < places; where++)
      for (unsigned first = 0; first < SPOILS; first++)
        for (unsigned second = 0; second < SPOILS; second++) {
          struct vmref_case c = plain_case(m, 1);
          c.cpu.wp = control & 1;
          c.cpu.smap = c.cpu.smep = control >> 1 && machine_has(m, HAS_SMAP | HAS_SMEP);
          c.access.va = boundary(m->cpu.mode, where);
          plain_next(&c, 1);
          spoil(c.entry, 1, first);
          spoil(c.next, 1, second);
          if (vmref_entry_size(m->cpu.mode) == 4 && (first >= 4 || second >= 4)) continue;
          if (!each_access(c, &n, thin, s)) return 0;
        }
  return 1;
}

/* A large page, then a small one, and the other way. */
static int page_sizes(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0;
  for (uint8_t leaf = 2; leaf <= largest_leaf(m); leaf++)
    for (int turn = 0; turn <= 1; turn++)
      for (unsigned how = 0; how < SPOILS; how++) {
        if (vmref_entry_size(m->cpu.mode) == 4 && how >= 4) continue;
        struct vmref_case c = plain_case(m, leaf);
        uint64_t bytes = vmref_page_size(m->cpu.mode, leaf);
        c.access.va = turn ? c.access.va - c.access.va % bytes - 1 : (c.access.va | (bytes - 1));
        plain_next(&c, 1);
        if (turn) /* the arena is not at the end of a large page: it must come second */
          for (uint8_t level = 5; level >= 1; level--) {
            uint64_t e = c.entry[level];
            c.entry[level] = c.next[level];
            c.next[level] = e;
          }
        spoil(turn ? c.next : c.entry, leaf, how);
        if (!each_access(c, &n, thin, s)) return 0;
      }
  return 1;
}

/* Over the last address below the hole, and the first above it; the second page may
 * not be reached, and what the first page withholds may come first. */
static int canonical(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0;
  int bit = m->cpu.mode == VMREF_MODE_5LEVEL ? 56 : 47;
  for (int high = 0; high <= 1; high++)
    for (unsigned how = 0; how < SPOILS; how++) {
      struct vmref_case c = plain_case(m, 1);
      c.access.va = high ? -(1ull << bit) - 1 : (1ull << bit) - 1;
      plain_next(&c, 1);
      spoil(high ? c.next : c.entry, 1, how);
      if (!each_access(c, &n, thin, s)) return 0;
    }
  return 1;
}

int span_cases(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0;
  struct vmref_case c = plain_case(m, 0);
  if (m->cpu.mode == VMREF_MODE_NONE) return each_access(c, &n, 1, s);
  if (vmref_long_mode(m->cpu.mode) && !canonical(m, 1, s)) return 0;
  return page_sizes(m, 1, s) && spoilt_pages(m, thin, s);
}
