/* SPDX-License-Identifier: MIT */
/* Topic access: every kind of access against every right at every level, under every
 * control state, and protection keys. Control state outermost, so that the guest sets
 * it seldom. */
#include "cases.h"

/* Where a right is withheld: nowhere, at one level, or at all. */
#define EVERYWHERE 6

static void withhold(struct vmref_case *c, unsigned where, uint8_t leaf, uint64_t clear, uint64_t set)
{
  for (uint8_t level = vmref_top_level(c->cpu.mode); level && level >= leaf; level--)
    if (where == EVERYWHERE || where == level) c->entry[level] = (c->entry[level] & ~clear) | set;
}

/* Is there anything to withhold there? */
static int possible(const struct vmref_case *c, unsigned where, uint8_t leaf)
{
  return where == 0 || where == EVERYWHERE || (where >= leaf && where <= vmref_top_level(c->cpu.mode));
}

/* CPL, kind, implicit: all that the guest can make. */
static int each_access(struct vmref_case c, unsigned *n, unsigned thin, struct sink s)
{
  for (uint8_t cpl = 0; cpl <= 3; cpl++)
    for (uint8_t kind = VMREF_READ; kind <= VMREF_FETCH; kind++)
      for (uint8_t implicit = 0; implicit <= (kind == VMREF_FETCH ? 0 : 1); implicit++) {
        if ((*n)++ % thin) continue;
        c.access.cpl = cpl;
        c.access.kind = kind;
        c.access.implicit = implicit;
        if (!s.put(s.to, &c)) return 0;
      }
  return 1;
}

static int each_right(struct vmref_case base, uint8_t leaf, unsigned *n, unsigned thin, struct sink s)
{
  int narrow = base.cpu.mode == VMREF_MODE_32BIT;
  for (unsigned rw = 0; rw <= EVERYWHERE; rw++)
    for (unsigned us = 0; us <= EVERYWHERE; us++)
      for (unsigned xd = 0; xd <= (narrow ? 0u : EVERYWHERE); xd++) {
        if (!possible(&base, rw, leaf) || !possible(&base, us, leaf) || !possible(&base, xd, leaf)) continue;
        if (!base.cpu.nxe && xd && xd != leaf) continue; /* one reserved bit says it all */
        struct vmref_case c = base;
        withhold(&c, rw, leaf, 2, 0);
        withhold(&c, us, leaf, 4, 0);
        withhold(&c, xd, leaf, 0, 1ull << 63);
        if (!each_access(c, n, thin, s)) return 0;
      }
  return 1;
}

static int each_control(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0;
  for (unsigned control = 0; control < 16; control++) {
    struct vmref_cpu cpu = m->cpu;
    cpu.wp = control & 1;
    cpu.smep = control >> 1 & 1;
    cpu.smap = control >> 2 & 1;
    cpu.nxe = control >> 3;
    if (cpu.smep > machine_has(m, HAS_SMEP) || cpu.smap > machine_has(m, HAS_SMAP)
        || cpu.nxe > machine_has(m, HAS_NX)) continue;
    for (uint8_t leaf = 1; leaf <= largest_leaf(m); leaf++)
      for (uint8_t ac = 0; ac <= 1; ac++) {
        struct vmref_case c = plain_case(m, leaf);
        c.cpu.wp = cpu.wp;
        c.cpu.smep = cpu.smep;
        c.cpu.smap = cpu.smap;
        c.cpu.nxe = cpu.nxe;
        c.access.ac = ac;
        if (!each_right(c, leaf, &n, leaf == 1 ? thin : 3 * thin + 1, s)) return 0;
      }
  }
  return 1;
}

/* AD and WD of the page's key alone, of every other key, and both; the key in the leaf and
 * another one above it; U/S and R/W withheld or not. */
static int each_key(struct vmref_case base, uint8_t leaf, unsigned *n, unsigned thin, struct sink s)
{
  for (unsigned key = 0; key < 15; key++)
    for (unsigned rights = 0; rights < 16; rights++)
      for (unsigned us = 0; us <= 1; us++)
        for (unsigned rw = 0; rw <= 1; rw++) {
          if ((*n)++ % thin) continue;
          struct vmref_case c = base;
          uint32_t mine = (rights & 3) << 2 * key, others = (0x55555555u * (rights >> 2)) & ~(3u << 2 * key);
          c.cpu.pkru = (mine | others) & 0x3fffffff;
          c.cpu.pkrs = c.cpu.pks ? (key & 1 ? c.cpu.pkru : ~c.cpu.pkru & 0x3fffffff) : 0;
          if (!c.cpu.pke) c.cpu.pkru = 0;
          for (uint8_t level = vmref_top_level(c.cpu.mode); level >= leaf; level--)
            c.entry[level] |= (uint64_t)(level == leaf ? key : 14 - key) << 59;
          if (!us) withhold(&c, leaf, leaf, 4, 0);
          if (!rw) withhold(&c, leaf, leaf, 2, 0);
          unsigned all = 0;
          if (!each_access(c, &all, 1, s)) return 0;
        }
  return 1;
}

static int keys(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0;
  for (unsigned control = 0; control < 32; control++) {
    struct vmref_case c = plain_case(m, (uint8_t)(1 + control % 3));
    c.cpu.wp = control & 1;
    c.cpu.smap = control >> 1 & 1;
    c.cpu.pke = control >> 2 & 1;
    c.cpu.pks = control >> 3 & 1;
    c.access.ac = control >> 4;
    if (c.cpu.smap > machine_has(m, HAS_SMAP) || c.cpu.pke > machine_has(m, HAS_PKU)
        || c.cpu.pks > machine_has(m, HAS_PKS)) continue;
    if (!each_key(c, (uint8_t)(1 + control % 3), &n, 4 * thin + 1, s)) return 0;
  }
  return 1;
}

int access_cases(const struct machine *m, unsigned thin, struct sink s)
{
  return each_control(m, thin, s) && (!vmref_long_mode(m->cpu.mode) || keys(m, thin, s));
}
