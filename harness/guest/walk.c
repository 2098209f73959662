/* SPDX-License-Identifier: MIT */
/* Topic walk: tables that refer to themselves or to each other, A and D in every
 * state, the edges of the canonical ranges, sizes and straddled words. */
#include "cases.h"

static int each_access(struct vmref_case c, struct sink s)
{
  for (uint8_t cpl = 0; cpl <= 3; cpl += 3)
    for (uint8_t kind = VMREF_READ; kind <= VMREF_FETCH; kind++) {
      c.access.cpl = cpl;
      c.access.kind = kind;
      if (!s.put(s.to, &c)) return 0;
    }
  return 1;
}

/* A and D set or clear in each entry, with P and rights that end it at each level. */
static int accessed_dirty(const struct machine *m, uint8_t leaf, unsigned thin, struct sink s)
{
  static const uint64_t end[4] = { 0, 1, 2, 4 }; /* goes through, not present, read-only, supervisor */
  unsigned n = 0;
  uint8_t top = vmref_top_level(m->cpu.mode);
  for (unsigned bits = 0; bits < 1u << 2 * top; bits += 1u << 2 * (leaf - 1))
    for (uint8_t at = leaf; at <= top; at++)
      for (unsigned how = at > leaf; how < 4; how++) {
        if (top == 5 && n++ % (3 + thin)) continue;
        struct vmref_case c = plain_case(m, leaf);
        for (uint8_t level = top; level >= leaf; level--)
          c.entry[level] |= (uint64_t)(bits >> 2 * (level - 1) & 3) << 5;
        c.entry[at] &= ~end[how];
        if (!each_access(c, s)) return 0;
      }
  return 1;
}

/* One index at all levels, or two in turn: words that are entries of several levels. In
 * 32-bit paging the even index and the odd one are halves of a word. */
static uint64_t address_of(uint8_t mode, unsigned pattern)
{
  static const uint16_t index[][4] = {
    { 77, 77, 77, 77 }, { 77, 78, 77, 78 }, { 77, 77, 78, 78 }, { 0, 0, 0, 0 }, { 510, 510, 510, 510 } };
  const uint16_t *i = index[pattern];
  if (mode == VMREF_MODE_32BIT) return (uint64_t)(i[0] + 400u) << 22 | (uint64_t)(i[1] + 400u) << 12;
  if (mode == VMREF_MODE_PAE) return 0x40000000u | (uint64_t)i[0] << 21 | (uint64_t)i[1] << 12;
  uint64_t va = i[3] >= 256 ? ~0ull : 0;
  if (mode == VMREF_MODE_5LEVEL) va = va << 9 | i[2];
  for (int level = 4; level >= 1; level--) va = va << 9 | i[level - 1];
  return va << 12;
}

/* Every choice of which of three frames is root and each level's table. */
static int self_reference(const struct machine *m, unsigned thin, struct sink s)
{
  static const uint16_t in_page[4] = { 77 * 8, 77 * 8 + 5, 78 * 8, 500 };
  uint8_t mode = m->cpu.mode, top = vmref_top_level(mode);
  unsigned n = 0, choices = top == 5 ? 243 : top == 4 ? 81 : 9;
  for (unsigned i = 0; i < 5; i++)
    for (unsigned root = 0; root < 3; root++)
      for (unsigned frames = 0; frames < choices; frames++)
        for (unsigned offset = 0; offset < 4; offset++)
          for (unsigned size = 1; size <= 8; size *= 2) {
            if (n++ % thin) continue;
            struct vmref_case c = plain_case(m, 1);
            unsigned f = frames;
            for (uint8_t level = top; level >= 1; level--, f /= 3)
              c.entry[level] = (CASE_BASE + 4096u * (f % 3)) | 7;
            c.cpu.cr3 = CASE_BASE + 4096u * root;
            for (unsigned k = 0; k < 4 && mode == VMREF_MODE_PAE; k++) c.cpu.pdpte[k] = (CASE_BASE + 4096u * root) | 1;
            if (mode == VMREF_MODE_PAE) c.cpu.cr3 = CASE_BASE + 0x5000u + 32 * root;
            c.access.va = address_of(mode, i) | in_page[offset];
            c.access.size = (uint8_t)size;
            if (!each_access(c, s)) return 0;
          }
  return 1;
}

/* Around 2^47, 2^48, 2^56, 2^63 and their mirror images; data and stack references. */
static int canonical_edges(const struct machine *m, struct sink s)
{
  for (int bit = 45; bit < 64; bit++)
    for (int sign = 0; sign <= 1; sign++)
      for (int step = -2; step <= 2; step++)
        for (uint8_t seg = VMREF_SEG_DS; seg <= VMREF_SEG_SS; seg++) {
          struct vmref_case c = plain_case(m, 1);
          uint64_t edge = sign ? -(1ull << bit) : 1ull << bit;
          c.access.va = edge + (uint64_t)((int64_t)step * 4096);
          c.access.seg = seg;
          if (!each_access(c, s)) return 0;
        }
  return 1;
}

/* Each bit of the address alone: which index, which offset does it move? */
static int address_bits(const struct machine *m, uint8_t leaf, struct sink s)
{
  for (int bit = 0; bit < (vmref_long_mode(m->cpu.mode) ? 64 : 32); bit++)
    for (unsigned size = 1; size <= 64; size *= 2) {
      struct vmref_case c = plain_case(m, leaf);
      c.access.va ^= 1ull << bit;
      c.access.size = (uint8_t)size;
      if (!each_access(c, s)) return 0;
    }
  return 1;
}

/* Every root frame, every page frame, every offset at a word's edge. */
static int frames(const struct machine *m, unsigned thin, struct sink s)
{
  for (unsigned root = 0; root < CASE_FRAMES; root += thin)
    for (unsigned page = 0; page < CASE_FRAMES; page++)
      for (unsigned offset = 0; offset < 16; offset++) {
        struct vmref_case c = plain_case(m, 1);
        c.cpu.cr3 = CASE_BASE + 4096u * root;
        c.entry[1] = (c.entry[1] & 0xfff) | (CASE_BASE + 4096u * page);
        c.access.va = (c.access.va & ~0xfffull) | (offset < 8 ? offset : 0xff0 + offset - 8);
        if (m->cpu.mode == VMREF_MODE_NONE) c.access.va += 4096u * page;
        if (!each_access(c, s)) return 0;
      }
  return 1;
}

/* CR3 bits 11:0: the PCID, or ignored, or where PAE's PDPTEs lie; with CR4.PGE and not. */
static int low_bits(const struct machine *m, struct sink s)
{
  for (unsigned how = 0; how < 4; how++)
    for (unsigned bit = 0; bit < 13; bit++) {
      struct vmref_case c = plain_case(m, 1);
      c.cpu.pcide = how & 1 && machine_has(m, HAS_PCID) && vmref_long_mode(m->cpu.mode);
      c.cpu.pge = how >> 1 && machine_has(m, HAS_PGE);
      c.cpu.cr3 |= bit < 12 ? 1u << bit : 0xfff;
      c.entry[1] |= 0x100;
      if (!each_access(c, s)) return 0;
    }
  return 1;
}

/* Each PDPTE register: present or not, and its bits that mean nothing to a walk. */
static int pdpte_bits(const struct machine *m, struct sink s)
{
  for (unsigned i = 1; i < 4; i++)
    for (int bit = 0; bit < m->cpu.maxphyaddr; bit++) {
      struct vmref_case c = plain_case(m, 1);
      c.access.va = (c.access.va & 0x3fffffff) | i << 30;
      c.cpu.pdpte[i] ^= 1ull << bit;
      if (!vmref_pdpte_fit(c.cpu.maxphyaddr, c.cpu.pdpte[i])) continue;
      if (!each_access(c, s)) return 0;
    }
  return 1;
}

int walk_cases(const struct machine *m, unsigned thin, struct sink s)
{
  uint8_t mode = m->cpu.mode;
  if (mode == VMREF_MODE_NONE) return address_bits(m, 0, s) && frames(m, thin, s);
  for (uint8_t leaf = 1; leaf <= largest_leaf(m); leaf++)
    if (!accessed_dirty(m, leaf, thin, s) || !address_bits(m, leaf, s)) return 0;
  if (vmref_long_mode(mode) && !canonical_edges(m, s)) return 0;
  if (mode == VMREF_MODE_PAE && !pdpte_bits(m, s)) return 0;
  return low_bits(m, s) && frames(m, thin, s) && self_reference(m, thin, s);
}
