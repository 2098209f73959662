/* SPDX-License-Identifier: MIT */
/* Topic entry: every bit of every entry, for pages of each size. */
#include "cases.h"

static const uint8_t LEAVES[3] = { 1, 2, 3 };

struct vmref_case plain_case(const struct machine *m, uint8_t leaf)
{
  struct vmref_case c = { .cpu = m->cpu };
  c.cpu.cr3 = CASE_BASE;
  c.cpu.wp = 1;
  c.cpu.nxe = m->nx;
  c.access.size = 8;
  c.access.va = 0x0000123456789000u + 0x108;
  for (uint8_t level = 4; level >= 1; level--)
    c.entry[level] = (CASE_BASE + 4096u * (5u - level)) | 7;
  if (leaf == 2) {
    c.access.va &= ~0x1f0000ull;
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

static int each_bit(const struct machine *m, uint8_t leaf, uint8_t nxe, struct sink s)
{
  struct vmref_case base = plain_case(m, leaf);
  base.cpu.nxe = nxe;
  if (!each_access(base, s)) return 0;
  for (uint8_t level = 4; level >= leaf; level--)
    for (int bit = 0; bit < 64; bit++) {
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
  for (uint8_t level = 4; level >= leaf; level--)
    for (uint8_t other = level; other >= leaf; other--)
      for (int bit = 0; bit < 64; bit++)
        for (int two = other == level ? bit + 1 : 0; two < 64; two++) {
          if (n++ % thin) continue;
          struct vmref_case c = plain_case(m, leaf);
          c.cpu.nxe = m->nx && (bit + two) % 3 != 0;
          c.entry[level] ^= 1ull << bit;
          c.entry[other] ^= 1ull << two;
          c.access.kind = (uint8_t)((bit ^ two) & 3);
          c.access.cpl = (bit + two) & 4 ? 3 : 0;
          if (!s.put(s.to, &c)) return 0;
        }
  return 1;
}

/* All address bits from MAXPHYADDR up, and the last one below it. Rights that
 * deny the access keep one that is not reserved from leading out of the arena. */
static int width_edges(const struct machine *m, uint8_t leaf, struct sink s)
{
  for (uint8_t level = 4; level >= leaf; level--)
    for (int low = m->cpu.maxphyaddr - 2; low <= 52; low++)
      for (int high = low; high <= 52; high++) {
        struct vmref_case c = plain_case(m, leaf);
        c.entry[level] |= ((1ull << (high + 1 - low)) - 1) << low;
        for (uint8_t user = 0; user <= 4; user += 4) {
          c.entry[leaf] = (c.entry[leaf] & ~4ull) | user;
          if (!each_access(c, s)) return 0;
        }
      }
  return 1;
}

int entry_cases(const struct machine *m, unsigned thin, struct sink s)
{
  for (unsigned i = 0; i < 3; i++)
    for (uint8_t nxe = 0; nxe <= m->nx; nxe++)
      if (!each_bit(m, LEAVES[i], nxe, s)) return 0;
  for (unsigned i = 0; i < 3; i++)
    if (!width_edges(m, LEAVES[i], s) || !bit_pairs(m, LEAVES[i], thin, s)) return 0;
  return 1;
}
