/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "deviations.h"
#include "sequence_judge.h"

#define APPLY(name) static int name(const struct state *s, const uint64_t *memory, struct asked *q)
#define UNUSED (void)s, (void)memory, (void)q

APPLY(rsvd_without_p)
{
  UNUSED;
  if (q->seen.vector != VMREF_VECTOR_PF || (q->seen.error & 9) != 8) return 0;
  q->seen.error |= 1;
  return 1;
}

APPLY(rmw_reads_first)
{
  UNUSED;
  if (q->access.kind != VMREF_RMW || q->seen.vector != VMREF_VECTOR_PF) return 0;
  q->access.kind = VMREF_READ;
  return 1;
}

static uint64_t pdpte_address(const struct vmref_cpu *c, uint64_t va) { return (c->cr3 & 0xffffffe0u) + (va >> 30) * 8; }

/* A PDPTE in memory as a register could have it: bits 8:5 and 2:1 are not looked at, and
 * a reserved address bit leaves nothing to walk. */
uint64_t pdpte_in_memory(const struct vmref_cpu *c, uint64_t e)
{
  if (!vmref_p(e)) return e;
  return e >> c->maxphyaddr ? 0 : e & ~0x1e6ull;
}

/* PAE: A is set in the PDPTE in memory. */
APPLY(pdpte_accessed)
{
  UNUSED;
  if (q->cpu.mode != VMREF_MODE_PAE) return 0;
  for (uint8_t i = 0; i < q->seen.sets; i++)
    if (q->seen.set_address[i] == pdpte_address(&q->cpu, q->access.va) && q->seen.set_a[i] && !q->seen.set_d[i]) {
      q->seen.sets--;
      q->seen.set_address[i] = q->seen.set_address[q->seen.sets];
      q->seen.set_a[i] = q->seen.set_a[q->seen.sets];
      q->seen.set_d[i] = q->seen.set_d[q->seen.sets];
      return 1;
    }
  return 0;
}

/* PAE: the walk begins at the PDPTE in memory, not at the register. */
APPLY(pdpte_reread)
{
  UNUSED;
  if (q->cpu.mode != VMREF_MODE_PAE) return 0;
  q->tlb |= TLB_PDPTES;
  uint64_t e = memory[pdpte_address(&q->cpu, q->access.va) / 8], *now = &q->cpu.pdpte[q->access.va >> 30];
  if (vmref_p(e) && e >> q->cpu.maxphyaddr && q->seen.vector == VMREF_VECTOR_PF && q->seen.error & 8) {
    if (!(q->seen.error & 1) || q->seen.sets) return 0;
    q->seen.error &= ~9u; /* as P = 0, which is what the register then stands for */
    *now = 0;
  } else if (vmref_p(e) || q->seen.vector == VMREF_VECTOR_PF) { /* else a page that is cached */
    *now = pdpte_in_memory(&q->cpu, e);
  }
  return 1;
}

/* PAE: every write of CR0 or CR4 loads the PDPTE registers, whatever it changes. */
APPLY(pdpte_loaded_too_often)
{
  UNUSED;
  unsigned i = q->access.va >> 30 & 3;
  if (q->cpu.mode != VMREF_MODE_PAE) return 0;
  q->tlb |= TLB_PDPTES;
  q->cpu.pdpte[i] = s->other[i];
  return 1;
}

static int user(const struct vmref_access *a) { return a->cpl == 3 && !a->implicit; }

APPLY(pkru_ad_of_users)
{
  UNUSED;
  if (!q->cpu.pke || user(&q->access) || !(q->cpu.pkru & 0x55555555u)) return 0;
  q->cpu.pkru &= 0xaaaaaaaau;
  return 1;
}

APPLY(pkru_of_all_pages)
{
  UNUSED;
  if (!q->cpu.pke || q->cpu.pks || !q->cpu.pkru || q->access.kind == VMREF_FETCH) return 0;
  if (user(&q->access)) { /* it only shows in the error code */
    if (q->seen.vector != VMREF_VECTOR_PF || !(q->seen.error & 0x20)) return 0;
    q->seen.error &= ~0x20u;
    return 1;
  }
  q->cpu.pks = 1;
  q->cpu.pkrs = q->cpu.pkru;
  return 1;
}

/* A page fault leaves what was cached for its address. */
APPLY(fault_keeps_stale)
{
  UNUSED;
  q->tlb |= TLB_NO_DROP;
  return s->in_use >> TLB_NO_DROP & 1;
}

const struct sequence_deviation sequence_deviations[SEQUENCE_DEVIATIONS] = {
  { "DEV-TCG-RMW-W", rmw_reads_first, 0, { 0 } },
  { "DEV-TCG-RSVD-P", rsvd_without_p, 0, { 0 } },
  { "DEV-TCG-PDPTE-A", pdpte_accessed, 1, { 0 } },
  { "DEV-TCG-PDPTE-REREAD", pdpte_reread, 1, { 0 } },
  { "DEV-TCG-PF-STALE", fault_keeps_stale, 0, { 0 } },
  { "DEV-BOCHS-PDPTE-LOAD", pdpte_loaded_too_often, 1, { 0 } },
  { "DEV-KVM-PF-STALE", fault_keeps_stale, 0, { 0 } },
  { "DEV-BOCHS-PF-STALE", fault_keeps_stale, 0, { 0 } },
  { "DEV-BOCHS-PKU-AD", pkru_ad_of_users, 0, { 0 } },
  { "DEV-BOCHS-PKU-SUPERVISOR", pkru_of_all_pages, 0, { 0 } },
  { "DEV-TCG-PDPTE-RSVD", 0, 1, { VMREF_RULE_GP_PDPTE } },
  { "DEV-TCG-PCIDE", 0, 0, { VMREF_RULE_GP_CR4_RSVD } },
  { "DEV-TCG-CONTROL", 0, 0, { VMREF_RULE_GP_CR0_NW_CD, VMREF_RULE_GP_CR0_HIGH, VMREF_RULE_GP_EFER_RSVD,
    VMREF_RULE_GP_EFER_LME, VMREF_RULE_GP_PAT, VMREF_RULE_GP_EFER_LMA } },
  { "DEV-KVM-CONTROL", 0, 0, { VMREF_RULE_GP_CR4_RSVD, VMREF_RULE_GP_PAT, VMREF_RULE_GP_CR0_HIGH } },
};

int deviation_row(const char *id)
{
  for (int i = 0; id && i < DEVIATIONS; i++)
    if (strcmp(deviations[i].id, id) == 0) return i;
  return -1;
}

int deviation_is_on(const char *id)
{
  int row = deviation_row(id);
  return row >= 0 && deviation_on[row];
}

int deviation_of_set(uint8_t rule)
{
  for (int i = 0; i < SEQUENCE_DEVIATIONS; i++) {
    for (unsigned k = 0; k < sizeof sequence_deviations[i].accepts; k++)
      if (sequence_deviations[i].accepts[k] == rule && deviation_is_on(sequence_deviations[i].id)) return i;
  }
  return -1;
}
