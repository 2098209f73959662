/* SPDX-License-Identifier: MIT */
/* Topic access: every kind of access against every right at every level, under
 * every control state. Control state outermost, so that the guest sets it seldom. */
#include "cases.h"

/* Where a right is withheld: nowhere, at one level, or at all. */
#define WHERE 6

static void withhold(struct vmref_case *c, unsigned where, uint8_t leaf, uint64_t clear, uint64_t set)
{
  for (uint8_t level = 4; level >= leaf; level--)
    if (where == 5 || where == level) c->entry[level] = (c->entry[level] & ~clear) | set;
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
  for (unsigned rw = 0; rw < WHERE; rw++)
    for (unsigned us = 0; us < WHERE; us++)
      for (unsigned xd = 0; xd < WHERE; xd++) {
        if ((rw && rw < leaf) || (us && us < leaf) || (xd && xd < leaf)) continue;
        if (!base.cpu.nxe && xd && xd != leaf) continue; /* one reserved bit says it all */
        struct vmref_case c = base;
        withhold(&c, rw, leaf, 2, 0);
        withhold(&c, us, leaf, 4, 0);
        withhold(&c, xd, leaf, 0, 1ull << 63);
        if (!each_access(c, n, thin, s)) return 0;
      }
  return 1;
}

int access_cases(const struct machine *m, unsigned thin, struct sink s)
{
  unsigned n = 0;
  for (unsigned control = 0; control < 16; control++) {
    uint8_t smep = control >> 1 & 1, smap = control >> 2 & 1, nxe = control >> 3;
    if (smep > m->smep || smap > m->smap || nxe > m->nx) continue;
    for (uint8_t leaf = 1; leaf <= 3; leaf++)
      for (uint8_t ac = 0; ac <= 1; ac++) {
        struct vmref_case c = plain_case(m, leaf);
        c.cpu.wp = control & 1;
        c.cpu.smep = smep;
        c.cpu.smap = smap;
        c.cpu.nxe = nxe;
        c.access.ac = ac;
        if (!each_right(c, leaf, &n, leaf == 1 ? thin : 3 * thin + 1, s)) return 0;
      }
  }
  return 1;
}
