/* SPDX-License-Identifier: MIT */
/* Topic entry: every bit of every entry, for pages of each size. */
#include "cases.h"

uint8_t largest_leaf(const struct machine *m)
{
  return vmref_long_mode(m->cpu.mode) ? 3 : m->cpu.mode == VMREF_MODE_NONE ? 0 : 2;
}

int entry_width(const struct machine *m) { return 8 * vmref_entry_size(m->cpu.mode); }
int machine_has(const struct machine *m, uint32_t has) { return (m->has & has) == has; }

/* The frame of the table that an entry at a level refers to: the root's is 0, or, below
 * PAE's registers, 1. */
static uint64_t frame_below(uint8_t mode, uint8_t level)
{
  unsigned first = mode == VMREF_MODE_PAE ? 2 : 1;
  return CASE_BASE + 4096u * (first + vmref_top_level(mode) - level);
}

struct vmref_case plain_case(const struct machine *m, uint8_t leaf)
{
  struct vmref_case c = { .cpu = m->cpu };
  uint8_t mode = m->cpu.mode;
  c.cpu.cr3 = CASE_BASE;
  c.cpu.wp = 1;
  c.cpu.nxe = mode != VMREF_MODE_32BIT && machine_has(m, HAS_NX);
  c.cpu.pse = mode == VMREF_MODE_32BIT && machine_has(m, HAS_PSE);
  c.access.size = 8;
  c.access.va = mode == VMREF_MODE_5LEVEL ? 0x00ab123456789108u : mode == VMREF_MODE_4LEVEL ? 0x0000123456789108u
              : mode == VMREF_MODE_NONE ? CASE_BASE + 0x108u : 0x56789108u;
  for (unsigned i = 0; i < 4 && mode == VMREF_MODE_PAE; i++) c.cpu.pdpte[i] = (CASE_BASE + 4096u) | 1;
  for (uint8_t level = vmref_top_level(mode); level >= 1; level--)
    c.entry[level] = frame_below(mode, level) | 7;
  if (leaf == 2) {
    c.access.va &= mode == VMREF_MODE_32BIT ? ~0x3f0000ull : ~0x1f0000ull;
    c.entry[2] = CASE_BASE | 0x87;
  }
  if (leaf == 3) {
    c.access.va = (c.access.va & ~0x3fff0000ull) | CASE_BASE;
    c.entry[3] = 0x87;
  }
  return c;
}

/* One case with each access that tells something about an entry. */
static int each_access(struct vmref_case c, struct sink s)
{
  for (uint8_t kind = VMREF_READ; kind <= VMREF_FETCH; kind++)
    for (uint8_t cpl = 0; cpl <= 3; cpl += 3) {
      c.access.kind = kind;
      c.access.cpl = cpl;
      if (!s.put(s.to, &c)) return 0;
    }
  return 1;
}

/* The control bits that give an entry's bits their meaning: NXE, or PSE in 32-bit paging. */
static int each_bit(const struct machine *m, uint8_t leaf, int off, struct sink s)
{
  struct vmref_case base = plain_case(m, leaf);
  if (off) base.cpu.nxe = base.cpu.pse = 0;
  if (!each_access(base, s)) return 0;
  for (uint8_t level = vmref_top_level(m->cpu.mode); level && level >= leaf; level--)
    for (int bit = 0; bit < entry_width(m); bit++) {
      struct vmref_case c = base;
      c.entry[level] ^= 1ull << bit;
      if (!each_access(c, s)) return 0;
      c.entry[level] &= ~1ull; /* not present: no other bit counts */
      if (!each_access(c, s)) return 0;
    }
  return 1;
}

/* Two bits of one entry, and one bit each of two entries: which comes first? */
static int bit_pairs(const struct machine *m, uint8_t leaf, unsigned thin, struct sink s)
{
  unsigned n = 0;
  int width = entry_width(m);
  for (uint8_t level = vmref_top_level(m->cpu.mode); level && level >= leaf; level--)
    for (uint8_t other = level; other >= leaf; other--)
      for (int bit = 0; bit < width; bit++)
        for (int two = other == level ? bit + 1 : 0; two < width; two++) {
          if (n++ % thin) continue;
          struct vmref_case c = plain_case(m, leaf);
          c.cpu.nxe &= (bit + two) % 3 != 0;
          c.entry[level] ^= 1ull << bit;
          c.entry[other] ^= 1ull << two;
          c.access.kind = (uint8_t)((bit ^ two) & 3);
          c.access.cpl = (bit + two) & 4 ? 3 : 0;
          if (!s.put(s.to, &c)) return 0;
        }
  return 1;
}

/* A range of bits set, with rights that deny the access or not: those keep one that is
 * not reserved from leading out of the arena. */
static int bit_range(struct vmref_case c, uint8_t level, uint8_t leaf, int low, int high, struct sink s)
{
  c.entry[level] |= ((1ull << (high + 1 - low)) - 1) << low;
  for (uint8_t user = 0; user <= 4; user += 4) {
    c.entry[leaf] = (c.entry[leaf] & ~4ull) | user;
    if (!each_access(c, s)) return 0;
  }
  return 1;
}

/* All address bits from MAXPHYADDR up, and the last one below it; in the PDE of a 4-MiB
 * page, where address bits 39:32 lie, all of 21:13. */
static int width_edges(const struct machine *m, uint8_t leaf, struct sink s)
{
  int narrow = m->cpu.mode == VMREF_MODE_32BIT, top = narrow ? 21 : m->cpu.mode == VMREF_MODE_PAE ? 62 : 52;
  if (narrow && leaf != 2) return 1;
  for (uint8_t level = vmref_top_level(m->cpu.mode); level && level >= leaf; level--)
    for (int low = narrow ? 13 : m->cpu.maxphyaddr - 2; low <= top; low++)
      for (int high = low; high <= top; high++)
        if (!bit_range(plain_case(m, leaf), level, leaf, low, high, s)) return 0;
  return 1;
}

int entry_cases(const struct machine *m, unsigned thin, struct sink s)
{
  for (uint8_t leaf = 1; leaf <= largest_leaf(m); leaf++)
    for (int off = 0; off <= 1; off++)
      if (!each_bit(m, leaf, off, s)) return 0;
  for (uint8_t leaf = 1; leaf <= largest_leaf(m); leaf++)
    if (!width_edges(m, leaf, s) || !bit_pairs(m, leaf, thin, s)) return 0;
  return 1;
}
