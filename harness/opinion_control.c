/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "opinion_control.h"

static uint64_t if_has(uint8_t feature, uint64_t bits) { return feature ? bits : 0; }

static uint64_t cr4_supported(const struct vmref_features *f)
{
  const uint64_t ours = PSE | PAE | PGE | LA57 | PCIDE | SMEP | SMAP | PKE | CET | PKS;
  return (f->cr4_other & ~ours) | if_has(f->pse, PSE) | if_has(f->pae, PAE) | if_has(f->pge, PGE)
    | if_has(f->la57, LA57) | if_has(f->pcid, PCIDE) | if_has(f->smep, SMEP) | if_has(f->smap, SMAP)
    | if_has(f->pku, PKE) | if_has(f->cet, CET) | if_has(f->pks, PKS);
}

static uint64_t efer_supported(const struct vmref_features *f)
{
  return (f->efer_other & ~(uint64_t)(LME | LMA | NXE)) | if_has(f->lm, LME | LMA) | if_has(f->nx, NXE);
}

static uint64_t rsvd_pa(const struct vmref_features *f) { return ~UINT64_C(0) << f->maxphyaddr; }

static int pdptes_ok(const struct vmref_features *f, const uint64_t p[4])
{
  for (int i = 0; i < 4; i++)
    if ((p[i] & 1) && (p[i] & (0x1E6 | rsvd_pa(f)))) return 0;
  return 1;
}

static int pat_ok(uint64_t pat)
{
  for (; pat; pat >>= 8)
    if (!(0xF3 >> (pat & 7) & 1) || (pat & 0xF8)) return 0;
  return 1;
}

static int pae_paging(const struct vmref_control *c)
{
  return (c->cr0 & PG) && (c->cr4 & PAE) && !(c->efer & LMA);
}

int opinion_control_ok(const struct vmref_control *c)
{
  const struct vmref_features *f = &c->features;
  int lma = (c->cr0 & PG) && (c->efer & LME);
  if ((c->cr0 & ~UINT64_C(0xE005003F)) || !(c->cr0 & 0x10) || (!f->wp && (c->cr0 & CR0WP))) return 0;
  if ((c->cr0 & (PG | PE)) == PG || (c->cr0 & (NW | CD)) == NW) return 0;
  if ((c->cr3 & rsvd_pa(f)) || (c->cr4 & ~cr4_supported(f)) || (c->efer & ~efer_supported(f))) return 0;
  if (lma != !!(c->efer & LMA) || (lma && !(c->cr4 & PAE)) || (!lma && (c->cr4 & PCIDE))) return 0;
  if ((c->cr4 & CET) && !(c->cr0 & CR0WP)) return 0;
  return pat_ok(c->pat) && (!pae_paging(c) || pdptes_ok(f, c->pdpte));
}

/* The set of rules by which MOV CR0 and MOV CR4 fault, given what toggles. */
static uint64_t broken_cr0(const struct vmref_control *c, uint64_t v, int is64)
{
  uint64_t toggled = v ^ c->cr0, broken = 0;
  if (v >> 32) broken |= RULE(GP_CR0_HIGH);
  if ((v & PG) && !(v & PE)) broken |= RULE(GP_CR0_PG_PE);
  if ((v & NW) && !(v & CD)) broken |= RULE(GP_CR0_NW_CD);
  if (!(v & CR0WP) && (c->cr4 & CET)) broken |= RULE(GP_CR0_WP_CET);
  if (toggled & v & PG && (c->efer & LME)) {
    if (!(c->cr4 & PAE)) broken |= RULE(GP_CR0_LME_PAE);
    if (c->cs_l) broken |= RULE(GP_CR0_LME_CSL);
    if (c->tr16 && c->features.vendor == VMREF_INTEL) broken |= RULE(GP_CR0_LME_TSS);
  }
  if (toggled & ~v & PG) {
    if (is64) broken |= RULE(GP_CR0_PG_64);
    if (c->cr4 & PCIDE) broken |= RULE(GP_CR0_PG_PCIDE);
  }
  return broken;
}

static uint64_t broken_cr4(const struct vmref_control *c, uint64_t v)
{
  uint64_t toggled = v ^ c->cr4, broken = 0;
  if (v & ~cr4_supported(&c->features)) broken |= RULE(GP_CR4_RSVD);
  if ((v & CET) && !(c->cr0 & CR0WP)) broken |= RULE(GP_CR4_CET);
  if ((c->efer & LMA) && !(v & PAE)) broken |= RULE(GP_CR4_PAE);
  if ((c->efer & LMA) && (toggled & LA57)) broken |= RULE(GP_CR4_LA57);
  if (toggled & v & PCIDE) {
    if (!(c->efer & LMA)) broken |= RULE(GP_CR4_PCIDE_LMA);
    if (c->cr3 & 0xFFF) broken |= RULE(GP_CR4_PCIDE_CR3);
  }
  return broken;
}

static uint64_t broken_msr(const struct vmref_control *c, uint8_t reg, uint64_t v)
{
  const struct vmref_features *f = &c->features;
  uint64_t broken = 0;
  switch (reg) {
  case VMREF_REG_EFER:
    if (!f->lm && !f->nx) broken |= RULE(GP_MSR);
    if (v & ~efer_supported(f)) broken |= RULE(GP_EFER_RSVD);
    if ((c->cr0 & PG) && ((v ^ c->efer) & LME)) broken |= RULE(GP_EFER_LME);
    if (f->vendor == VMREF_AMD && ((v ^ c->efer) & LMA)) broken |= RULE(GP_EFER_LMA);
    return broken;
  case VMREF_REG_PAT:
    return if_has(!f->pat, RULE(GP_MSR)) | if_has(!pat_ok(v), RULE(GP_PAT));
  case VMREF_REG_PKRU:
    if (!(c->cr4 & PKE)) return RULE(UD_PKE);
    return if_has(v >> 32 != 0, RULE(GP_PKRU));
  default:
    return if_has(!f->pks, RULE(GP_MSR)) | if_has(v >> 32 != 0, RULE(GP_PKRS));
  }
}

uint64_t opinion_control_set(struct vmref_control *c, uint8_t reg, uint64_t v, const uint64_t p[4], int *loads)
{
  struct vmref_control old = *c;
  int is64 = (c->efer & LMA) && c->cs_l;
  uint64_t broken = 0, noflush = c->cr4 & PCIDE ? UINT64_C(1) << 63 : 0;
  if (reg <= VMREF_REG_CR4 && !is64) v &= 0xFFFFFFFF;
  *loads = 0;
  switch (reg) {
  case VMREF_REG_CR0:
    broken = broken_cr0(c, v, is64);
    c->cr0 = (v & (c->features.wp ? 0xE005002F : 0xE004002F)) | 0x10;
    if (!(v & PG)) c->efer &= ~(uint64_t)LMA;
    else if (c->efer & LME) c->efer |= LMA;
    break;
  case VMREF_REG_CR3:
    if (v >> 63 && !noflush) broken |= RULE(GP_CR3_63);
    if (v << 1 >> 1 & rsvd_pa(&c->features)) broken |= RULE(GP_CR3_ADDR);
    c->cr3 = v & ~noflush;
    break;
  case VMREF_REG_CR4:
    broken = broken_cr4(c, v);
    c->cr4 = v;
    break;
  default:
    broken = broken_msr(c, reg, v);
    if (reg == VMREF_REG_EFER) c->efer = (v & ~(uint64_t)LMA) | (c->efer & LMA);
    if (reg == VMREF_REG_PAT) c->pat = v;
    if (reg == VMREF_REG_PKRU) c->pkru = (uint32_t)v;
    if (reg == VMREF_REG_PKRS) c->pkrs = (uint32_t)v;
  }
  if (!broken && pae_paging(c))
    *loads = reg == VMREF_REG_CR3 || ((c->cr0 ^ old.cr0) & (CD | NW | PG))
          || ((c->cr4 ^ old.cr4) & (PAE | PGE | PSE | SMEP));
  if (*loads && !pdptes_ok(&c->features, p)) broken |= RULE(GP_PDPTE);
  if (*loads) memcpy(c->pdpte, p, sizeof c->pdpte);
  if (broken) *c = old;
  return broken;
}

int opinion_control_mode(const struct vmref_control *c)
{
  if (!(c->cr0 & PG)) return VMREF_MODE_NONE;
  if (c->efer & LMA) return c->cr4 & LA57 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL;
  return c->cr4 & PAE ? VMREF_MODE_PAE : VMREF_MODE_32BIT;
}
