/* SPDX-License-Identifier: MIT */
#include "deviations.h"

/* TCG: a reserved-bit fault says P = 0. */
static int rsvd_without_p(const struct plan *p, struct expect *e)
{
  (void)p;
  if (e->vector != VMREF_VECTOR_PF || !(e->error & 8)) return 0;
  e->error &= ~1u;
  return 1;
}

/* TCG: a read-modify-write begins as a read, and that read's fault is reported. */
static int rmw_reads_first(const struct plan *p, struct vmref_case *q)
{
  if (q->access.kind != VMREF_RMW) return 0;
  q->access.kind = VMREF_READ;
  return case_walk(q, &p->memory).vector == VMREF_VECTOR_PF;
}

const struct deviation deviations[] = {
  { "DEV-TCG-RSVD-P", 0, rsvd_without_p },
  { "DEV-TCG-RMW-W", rmw_reads_first, 0 },
};
const unsigned deviations_count = sizeof deviations / sizeof *deviations;
uint8_t deviation_on[DEVIATIONS_MAX];

static int foretells(unsigned set, const struct plan *p, const struct guest_result *r)
{
  struct vmref_case q = p->c;
  struct expect e;
  for (unsigned i = 0; i < deviations_count; i++)
    if (set >> i & 1 && deviations[i].question && !deviations[i].question(p, &q)) return 0;
  expect_case(&e, p, &q);
  for (unsigned i = 0; i < deviations_count; i++)
    if (set >> i & 1 && deviations[i].answer && !deviations[i].answer(p, &e)) return 0;
  return differs(&e, p, r) == 0;
}

unsigned explain(const struct plan *p, const struct guest_result *r)
{
  for (unsigned size = 1; size <= 3; size++)
    for (unsigned set = 1; set < 1u << deviations_count; set++) {
      unsigned off = 0, members = 0;
      for (unsigned i = 0; i < deviations_count; i++) {
        members += set >> i & 1;
        off |= set >> i & 1 && !deviation_on[i];
      }
      if (!off && members == size && foretells(set, p, r)) return set;
    }
  return 0;
}
