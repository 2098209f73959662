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
static int accessed_dirty(const struct machine *m, uint8_t leaf, struct sink s)
{
  static const uint64_t end[4] = { 0, 1, 2, 4 }; /* goes through, not present, read-only, supervisor */
  for (unsigned bits = 0; bits < 256; bits += 1u << 2 * (leaf - 1))
    for (uint8_t at = leaf; at <= 4; at++)
      for (unsigned how = at > leaf; how < 4; how++) {
        struct vmref_case c = plain_case(m, leaf);
        for (uint8_t level = 4; level >= leaf; level--)
          c.entry[level] |= (uint64_t)(bits >> 2 * (level - 1) & 3) << 5;
        c.entry[at] &= ~end[how];
        if (!each_access(c, s)) return 0;
      }
  return 1;
}

/* Every choice of which of three frames is root and each level's table, with one
 * index at all levels or two in turn: words that are entries of several levels. */
static int self_reference(const struct machine *m, unsigned thin, struct sink s)
{
  static const uint16_t index[][4] = {
    { 77, 77, 77, 77 }, { 77, 78, 77, 78 }, { 77, 77, 78, 78 }, { 0, 0, 0, 0 }, { 510, 510, 510, 510 } };
  unsigned n = 0;
  for (unsigned i = 0; i < sizeof index / sizeof *index; i++)
    for (unsigned root = 0; root < 3; root++)
      for (unsigned frames = 0; frames < 81; frames++)
        for (unsigned offset = 0; offset < 4; offset++)
          for (unsigned size = 1; size <= 8; size *= 2) {
            if (n++ % thin) continue;
            struct vmref_case c = plain_case(m, 1);
            unsigned f = frames;
            uint64_t va = index[i][3] >= 256 ? 0xffff : 0;
            for (uint8_t level = 4; level >= 1; level--, f /= 3) {
              va = va << 9 | index[i][level - 1];
              c.entry[level] = (CASE_BASE + 4096u * (f % 3)) | 7;
            }
            static const uint16_t in_page[4] = { 77 * 8, 77 * 8 + 5, 78 * 8, 500 };
            c.cpu.cr3 = CASE_BASE + 4096u * root;
            c.access.va = va << 12 | in_page[offset];
            c.access.size = (uint8_t)size;
            if (!each_access(c, s)) return 0;
          }
  return 1;
}

/* Around 2^47, 2^48, 2^63 and their mirror images; data and stack references. */
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
  for (int bit = 0; bit < 64; bit++)
    for (unsigned size = 1; size <= 8; size *= 2) {
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
        if (!each_access(c, s)) return 0;
      }
  return 1;
}

int walk_cases(const struct machine *m, unsigned thin, struct sink s)
{
  for (uint8_t leaf = 1; leaf <= 3; leaf++)
    if (!accessed_dirty(m, leaf, s) || !address_bits(m, leaf, s)) return 0;
  return canonical_edges(m, s) && frames(m, thin, s) && self_reference(m, thin, s);
}
