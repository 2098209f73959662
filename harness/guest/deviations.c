/* SPDX-License-Identifier: MIT */
#include "deviations.h"

/* ---- questions: in the order in which they are asked --------------------- */

static int one_gib_always(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (q->cpu.page1gb) return 0;
  q->cpu.page1gb = 1;
  return 1;
}

static int pml4e_g_ignored(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (q->cpu.vendor != VMREF_AMD) return 0;
  q->cpu.vendor = VMREF_INTEL; /* in a walk, the one difference */
  return 1;
}

static int implicit_taken_for_explicit(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (!q->access.implicit || !q->access.ac || q->access.cpl == 3 || !q->cpu.smap) return 0;
  q->access.implicit = 0;
  return 1;
}

/* A read-modify-write begins as a read, and that read's fault is reported. */
static int rmw_reads_first(const struct plan *p, struct vmref_case *q)
{
  if (q->access.kind != VMREF_RMW) return 0;
  q->access.kind = VMREF_READ;
  return case_walk(q, &p->memory).vector == VMREF_VECTOR_PF;
}

/* ---- answers ---------------------------------------------------------------- */

static int rsvd_without_p(const struct plan *p, struct expect *e)
{
  (void)p;
  if (e->vector != VMREF_VECTOR_PF || !(e->error & 8)) return 0;
  e->error &= ~1u;
  return 1;
}

/* A is set in a PDPTE that maps a page before its reserved bits are looked at. */
static int one_gib_accessed(const struct plan *p, struct expect *e)
{
  if (e->walk.rule != VMREF_RULE_PF_RSVD_1G_ADDR) return 0;
  for (unsigned i = 0; i < p->memory.n; i++)
    if (p->memory.pa[i] == e->walk.address[3]) {
      e->after[i] |= 0x20;
      return 1;
    }
  return 0;
}

static int gp_for_ss(const struct plan *p, struct expect *e)
{
  (void)p;
  if (e->vector != VMREF_VECTOR_SS) return 0;
  e->vector = VMREF_VECTOR_GP;
  return 1;
}

/* Only where the access hits the very entry whose D it sets. */
static int rmw_of_own_entry(const struct plan *p, struct expect *e)
{
  uint64_t leaf = e->walk.address[e->walk.last];
  return p->c.access.kind == VMREF_RMW && e->vector == VECTOR_DONE && leaf + 7 >= e->walk.pa
         && leaf < e->walk.pa + p->c.access.size;
}

const struct deviation deviations[DEVIATIONS] = {
  { "DEV-TCG-RSVD-P", 0, rsvd_without_p, 0, 0 },
  { "DEV-TCG-1G", one_gib_always, 0, 0, OVERLOOKS_1G },
  { "DEV-TCG-PML4E-G", pml4e_g_ignored, 0, 0, OVERLOOKS_PML4E_G },
  { "DEV-TCG-SMAP-IMPLICIT", implicit_taken_for_explicit, 0, 0, OVERLOOKS_IMPLICIT },
  { "DEV-TCG-RMW-W", rmw_reads_first, 0, 0, 0 },
  { "DEV-TCG-RMW-D", 0, rmw_of_own_entry, 1, 0 },
  { "DEV-TCG-1G-A", 0, one_gib_accessed, 0, 0 },
  { "DEV-TCG-SS", 0, gp_for_ss, 0, 0 },
};
uint8_t deviation_on[DEVIATIONS];

unsigned deviations_overlook(void)
{
  unsigned o = 0;
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (deviation_on[i]) o |= deviations[i].overlooks;
  return o;
}

static int foretells(unsigned set, const struct plan *p, const struct guest_result *r)
{
  struct vmref_case q = p->c;
  struct expect e;
  int late_d = 0;
  for (unsigned i = 0; i < DEVIATIONS; i++) {
    if (!(set >> i & 1)) continue;
    if (deviations[i].question && !deviations[i].question(p, &q)) return 0;
    late_d |= deviations[i].late_d;
  }
  expect_case(&e, p, &q, late_d);
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (set >> i & 1 && deviations[i].answer && !deviations[i].answer(p, &e)) return 0;
  return differs(&e, p, r) == 0;
}

static unsigned members(unsigned set)
{
  unsigned n = 0;
  for (; set; set &= set - 1) n++;
  return n;
}

unsigned explain(const struct plan *p, const struct guest_result *r)
{
  unsigned on = 0;
  for (unsigned i = 0; i < DEVIATIONS; i++) on |= deviation_on[i] ? 1u << i : 0;
  for (unsigned size = 1; size <= members(on); size++)
    for (unsigned set = on; set; set = (set - 1) & on) /* every subset */
      if (members(set) == size && foretells(set, p, r)) return set;
  return 0;
}
