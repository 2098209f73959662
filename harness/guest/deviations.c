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

static int amd_g_ignored(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (q->cpu.vendor != VMREF_AMD) return 0;
  q->cpu.vendor = VMREF_INTEL; /* in a walk, the one difference */
  return 1;
}

/* Of the address bits in the PDE of a 4-MiB page, 21 alone is reserved, as if physical
 * addresses had 40 bits. */
static int four_mib_bit_21(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (q->cpu.mode != VMREF_MODE_32BIT || !q->cpu.pse) return 0;
  if (q->cpu.pse36 && q->cpu.maxphyaddr >= 40) return 0;
  q->cpu.pse36 = 1;
  q->cpu.maxphyaddr = 40;
  return 1;
}

static int implicit_taken_for_explicit(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (!q->access.implicit || !q->access.ac || q->access.cpl == 3 || !q->cpu.smap) return 0;
  q->access.implicit = 0;
  return 1;
}

static int implicit_at_any_cpl(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (!q->access.implicit || !q->access.ac || !q->cpu.smap) return 0;
  q->access.implicit = 0;
  q->access.cpl = 0;
  return 1;
}

static int user(const struct vmref_case *c) { return c->access.cpl == 3 && !c->access.implicit; }

/* AD of PKRU binds user-mode accesses alone. */
static int pkru_ad_of_users(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (!q->cpu.pke || user(q) || !(q->cpu.pkru & 0x55555555u)) return 0;
  q->cpu.pkru &= 0xaaaaaaaau;
  return 1;
}

/* PKRU guards supervisor-mode addresses too: it denies the supervisor's writes, and shows
 * in the error code of a user's accesses. */
static int pkru_of_all_pages(const struct plan *p, struct vmref_case *q)
{
  (void)p;
  if (!q->cpu.pke || q->cpu.pks || !q->cpu.pkru || q->access.kind == VMREF_FETCH) return 0;
  if (user(q)) return 1;
  q->cpu.pks = 1;
  q->cpu.pkrs = q->cpu.pkru;
  return 1;
}

static int pkru_in_error(const struct plan *p, struct expect *e)
{
  const struct vmref_walk *w = &e->span.part[e->span.parts == 2 && e->cr2 == e->span.part[1].cr2];
  if (!user(&p->c)) return 1;
  if (e->vector != VMREF_VECTOR_PF || w->rule != VMREF_RULE_PF_USER) return 0;
  uint32_t rights = w->cpu.pkru >> 2 * vmref_key(w->entry[w->last]);
  if (!(rights & 1) && !(rights & 2 && p->c.access.kind != VMREF_READ)) return 0;
  e->error |= 0x20;
  return 1;
}

/* A read-modify-write begins as a read, and that read's fault is reported. */
static int rmw_reads_first(const struct plan *p, struct vmref_case *q)
{
  if (q->access.kind != VMREF_RMW) return 0;
  q->access.kind = VMREF_READ;
  struct vmref_span s = case_span(q, &p->memory);
  return s.part[0].vector == VMREF_VECTOR_PF || s.part[1].vector == VMREF_VECTOR_PF;
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
  const struct vmref_walk *w = &e->span.part[e->span.first];
  int i = find_word(&p->guest, w->address[3]);
  if (w->rule != VMREF_RULE_PF_RSVD_1G_ADDR || i < 0) return 0;
  e->after[i] |= 0x20;
  return 1;
}

/* PAE: the walk begins at the PDPTE in memory, and sets A there. */
static int pdpte_accessed(const struct plan *p, struct expect *e)
{
  if (p->c.cpu.mode != VMREF_MODE_PAE) return 0;
  for (unsigned i = 0; i < e->span.parts; i++) {
    const struct vmref_walk *w = &e->span.part[i];
    int at = find_word(&p->guest, (p->c.cpu.cr3 & 0xffffffe0u) + (w->access.va >> 30) * 8);
    if (at < 0 || w->origin.level == 0) continue;
    if (e->vector == VECTOR_DONE || i == 0) e->after[at] |= 0x20;
    else e->may[at] |= 0x20;
  }
  return 1;
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
  e->error = error | vmref_error_code(p->c.cpu, p->c.access, VMREF_RULE_PF_NP, 0);
  if (p->c.access.kind == VMREF_FETCH) e->error |= 16; /* the host's NXE, not the guest's */
  e->cr2 = p->c.access.va;
  untouched(p, e);
  return 1;
}
static int hole_not_present(const struct plan *p, struct expect *e) { return hole(p, e, 0); }
static int hole_reserved(const struct plan *p, struct expect *e) { return hole(p, e, 9); }

/* A store in two pages of which the second faults has written its bytes in the first. */
static int store_torn(const struct plan *p, struct expect *e)
{
  const struct vmref_span *s = &e->span;
  const struct vmref_walk *w = &s->part[0];
  if (s->parts != 2 || w->rule != VMREF_RULE_OK || e->vector != VMREF_VECTOR_PF || !form_stores(OP_FORM(p->guest.op)))
    return 0;
  for (unsigned n = 0; n < w->access.size; n++) {
    int i = find_word(&p->guest, w->pa + n);
    unsigned shift = 8 * ((w->pa + n) % 8);
    if (i < 0) continue;
    if (OP_FORM(p->guest.op) > FORM_XCHG || OP_FORM(p->guest.op) == FORM_ADD) e->may[i] |= 0xffull << shift; /* a sum */
    else e->after[i] = (e->after[i] & ~(0xffull << shift)) | (uint64_t)stored_byte(n) << shift;
  }
  return 1;
}

/* An access over the last canonical address of the lower half is made, whatever it meets
 * in the second page. */
static int edge_passed(const struct plan *p, struct expect *e)
{
  const struct vmref_span *s = &e->span;
  if (s->parts != 2 || s->part[0].rule != VMREF_RULE_OK || s->first != 1) return 0;
  if (e->vector != VMREF_VECTOR_GP && e->vector != VMREF_VECTOR_SS) return 0;
  e->vector = VECTOR_DONE;
  e->mask = 0;
  for (unsigned i = 0; i < p->guest.words; i++) e->may[i] = ~0ull;
  return 1;
}

const struct deviation deviations[DEVIATIONS] = {
  { "DEV-TCG-RSVD-P", 0, rsvd_without_p, 0 },
  { "DEV-TCG-1G", one_gib_always, 0, OVERLOOKS_1G },
  { "DEV-TCG-PML4E-G", amd_g_ignored, 0, OVERLOOKS_AMD_G },
  { "DEV-TCG-SMAP-IMPLICIT", implicit_taken_for_explicit, 0, OVERLOOKS_IMPLICIT },
  { "DEV-TCG-4M", four_mib_bit_21, 0, OVERLOOKS_4M },
  { "DEV-TCG-RMW-W", rmw_reads_first, 0, 0 },
  { "DEV-TCG-1G-A", 0, one_gib_accessed, 0 },
  { "DEV-TCG-PDPTE-A", 0, pdpte_accessed, 0 },
  { "DEV-TCG-SS", 0, gp_for_ss, 0 },
  { "DEV-BOCHS-SMAP-IMPLICIT", implicit_at_any_cpl, 0, OVERLOOKS_IMPLICIT },
  { "DEV-BOCHS-PKU-AD", pkru_ad_of_users, 0, OVERLOOKS_PKU },
  { "DEV-BOCHS-PKU-SUPERVISOR", pkru_of_all_pages, pkru_in_error, 0 },
  { "DEV-TCG-PDPTE-REREAD", 0, 0, 0 },
  { "DEV-TCG-PDPTE-RSVD", 0, 0, 0 },
  { "DEV-TCG-PCIDE", 0, 0, 0 },
  { "DEV-TCG-PF-STALE", 0, 0, 0 },
  { "DEV-BOCHS-PF-STALE", 0, 0, 0 },
  { "DEV-KVM-PF-STALE", 0, 0, 0 },
  { "DEV-BOCHS-PDPTE-LOAD", 0, 0, 0 },
  { "DEV-KVM-CONTROL", 0, 0, 0 },
  { "DEV-KVM-TORN", 0, store_torn, 0 },
  { "DEV-KVM-EDGE", 0, edge_passed, 0 },
  { "DEV-TCG-CONTROL", 0, 0, 0 },
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

int foretells(unsigned set, const struct plan *p, const struct guest_result *r)
{
  struct vmref_case q = p->c;
  struct expect e;
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (set >> i & 1 && deviations[i].question && !deviations[i].question(p, &q)) return 0;
  for (int v = 0; v < VARIANTS; v++) {
    if (!expect_case(&e, p, set ? &q : &p->c, v)) continue;
    int applies = 1;
    for (unsigned i = 0; i < DEVIATIONS && applies; i++)
      if (set >> i & 1 && deviations[i].answer) applies = deviations[i].answer(p, &e);
    if (applies && differs(&e, p, r) == 0) return v ? 2 : 1;
  }
  return 0;
}

static unsigned members(unsigned set)
{
  unsigned n = 0;
  for (; set; set &= set - 1) n++;
  return n;
}

/* Of each size, the set that explained last is tried first: most often it does again. */
unsigned explain(const struct plan *p, const struct guest_result *r)
{
  static unsigned last[DEVIATIONS + 1];
  unsigned on = 0;
  for (unsigned i = 0; i < DEVIATIONS; i++)
    on |= deviation_on[i] && (deviations[i].question || deviations[i].answer) ? 1u << i : 0;
  for (unsigned size = 1; size <= members(on); size++) {
    unsigned again = last[size] & on;
    if (members(again) == size && foretells(again, p, r)) return again;
    for (unsigned set = on; set; set = (set - 1) & on) /* every subset */
      if (members(set) == size && foretells(set, p, r)) return last[size] = set;
  }
  return 0;
}
