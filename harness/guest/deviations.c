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

/* ---- KVM as found in a virtual machine that is itself nested ------------------ */

static void untouched(const struct plan *p, struct expect *e)
{
  e->mask = 0;
  for (unsigned i = 0; i < p->guest.words; i++) {
    e->after[i] = p->guest.before[i];
    e->may[i] = 0;
  }
}

/* CR0.AM = 0 for the guest, and yet it gets #AC. */
static int alignment_checked(const struct plan *p, struct expect *e)
{
  const struct vmref_access *a = &p->c.access;
  if (a->cpl != 3 || !a->ac || a->implicit || a->kind == VMREF_FETCH || a->va % a->size == 0) return 0;
  if (e->vector == VMREF_VECTOR_GP || e->vector == VMREF_VECTOR_SS) return 0;
  e->vector = 17;
  e->error = 0;
  e->cr2 = CR2_BEFORE;
  untouched(p, e);
  return 1;
}

/* CPL 3 has no access to slot 256, whatever the entries say: as if its PML4E were
 * not present, or had a reserved bit. */
static int hole(const struct plan *p, struct expect *e, uint32_t error)
{
  if (p->c.access.va >> 39 != 0xffff800000000000u >> 39) return 0;
  if (p->c.access.cpl != 3 || p->c.access.implicit) return 0;
  e->vector = VMREF_VECTOR_PF;
  e->error = error | vmref_error_code(p->c.cpu, p->c.access, VMREF_RULE_PF_NP);
  if (p->c.access.kind == VMREF_FETCH) e->error |= 16; /* the host's NXE, not the guest's */
  e->cr2 = p->c.access.va;
  untouched(p, e);
  return 1;
}
static int hole_not_present(const struct plan *p, struct expect *e) { return hole(p, e, 0); }
static int hole_reserved(const struct plan *p, struct expect *e) { return hole(p, e, 9); }

const struct deviation deviations[DEVIATIONS] = {
  { "DEV-TCG-RSVD-P", 0, rsvd_without_p, 0 },
  { "DEV-TCG-1G", one_gib_always, 0, OVERLOOKS_1G },
  { "DEV-TCG-PML4E-G", pml4e_g_ignored, 0, OVERLOOKS_PML4E_G },
  { "DEV-TCG-SMAP-IMPLICIT", implicit_taken_for_explicit, 0, OVERLOOKS_IMPLICIT },
  { "DEV-TCG-RMW-W", rmw_reads_first, 0, 0 },
  { "DEV-TCG-1G-A", 0, one_gib_accessed, 0 },
  { "DEV-TCG-SS", 0, gp_for_ss, 0 },
  { "DEV-KVM-AC", 0, alignment_checked, 0 },
  { "DEV-KVM-HOLE-NP", 0, hole_not_present, 0 },
  { "DEV-KVM-HOLE-RSVD", 0, hole_reserved, 0 },
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
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (set >> i & 1 && deviations[i].question && !deviations[i].question(p, &q)) return 0;
  expect_case(&e, p, &q, 0);
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (set >> i & 1 && deviations[i].answer && !deviations[i].answer(p, &e)) return 0;
  return agrees(&e, p, r);
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
