/* SPDX-License-Identifier: MIT */
/* KVM, in a nested setting above all, may run some of what we need and hang or die
 * of the rest. Try each kind of access; after a hang, go on in a new guest. What
 * merely answers wrongly is no matter of the probe: the comparison tells. */
#include <string.h>
#include "cases.h"
#include "run.h"

#define PATIENCE 2

static const struct group {
  const char *name;
  uint8_t cannot; /* 0: nothing works without it */
  uint8_t cpl, kind, implicit, size, two;
} groups[] = {
  { "reads at CPL 0", 0, 0, VMREF_READ, 0, 8, 0 },
  { "stores at CPL 0", 0, 0, VMREF_WRITE, 0, 8, 0 },
  { "reads at CPL 3", 0, 3, VMREF_READ, 0, 8, 0 },
  { "stores at CPL 3", 0, 3, VMREF_RMW, 0, 8, 0 },
  { "fetches", CANNOT_FETCH, 3, VMREF_FETCH, 0, 8, 0 },
  { "CPL 1 and 2", CANNOT_RING12, 1, VMREF_READ, 0, 8, 0 },
  { "implicit accesses", CANNOT_IMPLICIT, 3, VMREF_READ, 1, 8, 0 },
  { "loads in two pages", CANNOT_TWO, 3, VMREF_READ, 0, 8, 1 },
  { "stores in two pages", CANNOT_TWO, 0, VMREF_RMW, 0, 4, 1 },
  { "x87", CANNOT_WIDE, 0, VMREF_READ, 0, 10, 0 },
  { "SSE", CANNOT_WIDE, 3, VMREF_WRITE, 0, 16, 0 },
  { "AVX", CANNOT_WIDE, 3, VMREF_READ, 0, 32, 0 },
  { "AVX-512", CANNOT_WIDE, 0, VMREF_WRITE, 0, 64, 0 },
};

/* It succeeds, meets P = 0, a reserved bit, a page of the supervisor's, with and
 * without AC. */
static int try(struct feed *f, const struct group *g)
{
  for (unsigned i = 0; i < 8; i++) {
    struct vmref_case c = plain_case(&f->m, 1);
    c.access.cpl = g->cpl;
    c.access.kind = g->kind;
    c.access.implicit = g->implicit;
    c.access.size = g->size;
    c.access.va += g->two ? 0xff8 - c.access.va % 4096 + i / 2 : 0;
    c.next[1] = (CASE_BASE + 0x8000u) | (i & 1 ? 7 : 6);
    c.access.ac = i & 1;
    if (i / 2 == 1) c.entry[2] &= ~1ull;
    if (i / 2 == 2) c.entry[2] |= 1ull << 51;
    if (i / 2 == 3) c.entry[3] &= ~4ull;
    if (case_adapt(&c, &f->m), feed_put(f, &c) < 0 || feed_finish(f) != 0) return -1;
  }
  return 0;
}

int probe_kvm(struct feed *f, const struct images *images, char *why, size_t size)
{
  struct config c = { .accel = ACCEL_KVM };
  struct stats *kept = f->stats, mine;
  int bad = 0, up = 0;
  why[0] = 0;
  f->m.cannot = 0;
  f->stats = &mine;
  f->quiet = 1;
  for (unsigned i = 0; !bad && i < sizeof groups / sizeof *groups; i++) {
    const struct group *g = &groups[i];
    size_t n = strlen(why);
    memset(&mine, 0, sizeof mine);
    if (!up && feed_start(f, &c, images) != 0) {
      snprintf(why, size, "%s", f->q.why);
      bad = 1;
      break;
    }
    f->patience = PATIENCE;
    up = try(f, g) == 0;
    if (up) continue;
    snprintf(why + n, size - n, "%s%s", n ? ", " : "KVM here hangs or dies at: ", g->name);
    bad = g->cannot == 0;
    f->m.cannot |= g->cannot;
  }
  if (up) peer_stop(&f->q);
  f->stats = kept;
  f->quiet = 0;
  return bad ? -1 : 0;
}
