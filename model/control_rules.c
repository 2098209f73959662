/* SPDX-License-Identifier: MIT */
#include "control_rules.h"

/* ---- modes ------------------------------------------------------------------ */

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == in_64bit_mode(*c); ensures flag(\result); */
static uint8_t in_64bit(const struct vmref_control *c)
{
  return VMREF_BIT(c->efer, VMREF_EFER_LMA) == 1 && c->cs_l == 1;
}

uint64_t vmref_control_operand(const struct vmref_control *c, uint8_t reg, uint64_t value)
{
  return reg <= VMREF_REG_CR4 && !in_64bit(c) ? value % 0x100000000 : value;
}

uint8_t vmref_paging_mode(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
  if (VMREF_BIT(cr0, VMREF_CR0_PG) == 0) return VMREF_MODE_NONE;
  if (VMREF_BIT(cr4, VMREF_CR4_PAE) == 0) return VMREF_MODE_32BIT;
  if (VMREF_BIT(efer, VMREF_EFER_LME) == 0) return VMREF_MODE_PAE;
  return VMREF_BIT(cr4, VMREF_CR4_LA57) == 0 ? VMREF_MODE_4LEVEL : VMREF_MODE_5LEVEL;
}

/* ---- bits that the CPU has ---------------------------------------------------- */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == each_bit(allowed, v); ensures flag(\result); */
static uint8_t each_allowed(uint64_t allowed, uint64_t v)
{
  /*@ loop invariant each_bit(allowed, v) == each_bit(\at(allowed, Pre), \at(v, Pre));
      loop assigns allowed, v;
      loop variant v; */
  while (v > 0) {
    if (v % 2 > allowed % 2) return 0;
    v = v / 2;
    allowed = allowed / 2;
  }
  return 1;
}

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == others(allowed, v); ensures flag(\result); */
static uint8_t only_others(uint64_t allowed, uint64_t v) { return v == 0 ? 1 : each_allowed(allowed, v); }

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == cr4_rest(v); */
static uint64_t rest_of_cr4(uint64_t v)
{
  return v % 0x10 + v / 0x40 % 2 * 0x40 + v / 0x100 % 0x10 * 0x100 + v / 0x2000 % 0x10 * 0x2000
    + v / 0x40000 % 4 * 0x40000 + v / 0x2000000 * 0x2000000;
}

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == efer_rest(v); */
static uint64_t rest_of_efer(uint64_t v) { return v % 0x100 + v / 0x200 % 2 * 0x200 + v / 0x1000 * 0x1000; }

uint8_t vmref_cr4_legal(struct vmref_features f, uint64_t v)
{
  return VMREF_BIT(v, VMREF_CR4_PSE) <= f.pse && VMREF_BIT(v, VMREF_CR4_PAE) <= f.pae && VMREF_BIT(v, VMREF_CR4_PGE) <= f.pge
    && VMREF_BIT(v, VMREF_CR4_LA57) <= f.la57 && VMREF_BIT(v, VMREF_CR4_PCIDE) <= f.pcid
    && VMREF_BIT(v, VMREF_CR4_SMEP) <= f.smep && VMREF_BIT(v, VMREF_CR4_SMAP) <= f.smap && VMREF_BIT(v, VMREF_CR4_PKE) <= f.pku
    && VMREF_BIT(v, VMREF_CR4_CET) <= f.cet && VMREF_BIT(v, VMREF_CR4_PKS) <= f.pks
    && only_others(f.cr4_other, rest_of_cr4(v)) == 1;
}

uint8_t vmref_efer_legal(struct vmref_features f, uint64_t v)
{
  return VMREF_BIT(v, VMREF_EFER_LME) <= f.lm && VMREF_BIT(v, VMREF_EFER_LMA) <= f.lm && VMREF_BIT(v, VMREF_EFER_NXE) <= f.nx
    && only_others(f.efer_other, rest_of_efer(v)) == 1;
}

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == legal_type(t); ensures flag(\result); */
static uint8_t type_legal(uint64_t t) { return t <= 7 && t != 2 && t != 3; }

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == legal_types(v); ensures flag(\result); */
static uint8_t types_legal(uint64_t v)
{
  return type_legal(v % 0x100) == 1 && type_legal(v / 0x100 % 0x100) == 1
    && type_legal(v / 0x10000 % 0x100) == 1 && type_legal(v / 0x1000000 % 0x100) == 1;
}

uint8_t vmref_pat_valid(uint64_t pat)
{
  return types_legal(pat % 0x100000000) == 1 && types_legal(pat / 0x100000000) == 1;
}

/* ---- MOV CR0 -------------------------------------------------------------------- */

uint8_t vmref_cr0_fault(uint64_t v)
{
  if (v >= 0x100000000) return VMREF_RULE_GP_CR0_HIGH;
  if (VMREF_BIT(v, VMREF_CR0_PG) == 1 && VMREF_BIT(v, VMREF_CR0_PE) == 0) return VMREF_RULE_GP_CR0_PG_PE;
  if (VMREF_BIT(v, VMREF_CR0_NW) == 1 && VMREF_BIT(v, VMREF_CR0_CD) == 0) return VMREF_RULE_GP_CR0_NW_CD;
  return VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_activate(*c); */
static uint8_t activate(const struct vmref_control *c)
{
  if (VMREF_BIT(c->cr4, VMREF_CR4_PAE) == 0) return VMREF_RULE_GP_CR0_LME_PAE;
  if (c->cs_l == 1) return VMREF_RULE_GP_CR0_LME_CSL;
  return c->tr16 == 1 && c->features.vendor == VMREF_INTEL ? VMREF_RULE_GP_CR0_LME_TSS : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false; ensures \result == fault_leave(*c); */
static uint8_t leave(const struct vmref_control *c)
{
  if (in_64bit(c)) return VMREF_RULE_GP_CR0_PG_64;
  return VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) == 1 ? VMREF_RULE_GP_CR0_PG_PCIDE : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_paging(*c, v); */
static uint8_t paging(const struct vmref_control *c, uint64_t v)
{
  if (VMREF_BIT(v, VMREF_CR0_PG) == VMREF_BIT(c->cr0, VMREF_CR0_PG)) return VMREF_RULE_NONE;
  if (VMREF_BIT(v, VMREF_CR0_PG) == 0) return leave(c);
  return VMREF_BIT(c->efer, VMREF_EFER_LME) == 1 ? activate(c) : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false; ensures \result == fault_cr0(*c, v); */
static uint8_t cr0(const struct vmref_control *c, uint64_t v)
{
  uint8_t rule = vmref_cr0_fault(v);
  if (rule != VMREF_RULE_NONE) return rule;
  if (VMREF_BIT(v, VMREF_CR0_WP) == 0 && VMREF_BIT(c->cr4, VMREF_CR4_CET) == 1) return VMREF_RULE_GP_CR0_WP_CET;
  return paging(c, v);
}

/* ---- MOV CR3, MOV CR4 -------------------------------------------------------------- */

/*@ requires \valid_read(c) && 32 <= c->features.maxphyaddr <= 52; terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr3(*c, v); */
static uint8_t cr3(const struct vmref_control *c, uint64_t v)
{
  if (v >= 0x8000000000000000 && VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) == 0) return VMREF_RULE_GP_CR3_63;
  return v % 0x8000000000000000 >= vmref_phys_limit(c->features.maxphyaddr)
    ? VMREF_RULE_GP_CR3_ADDR : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr4_long(*c, v); */
static uint8_t cr4_long(const struct vmref_control *c, uint64_t v)
{
  if (VMREF_BIT(v, VMREF_CR4_PAE) == 0) return VMREF_RULE_GP_CR4_PAE;
  if (VMREF_BIT(v, VMREF_CR4_LA57) != VMREF_BIT(c->cr4, VMREF_CR4_LA57)) return VMREF_RULE_GP_CR4_LA57;
  if (VMREF_BIT(v, VMREF_CR4_PCIDE) == 1 && VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) == 0 && c->cr3 % 0x1000 != 0)
    return VMREF_RULE_GP_CR4_PCIDE_CR3;
  return VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false; ensures \result == fault_cr4(*c, v); */
static uint8_t cr4(const struct vmref_control *c, uint64_t v)
{
  if (!vmref_cr4_legal(c->features, v)) return VMREF_RULE_GP_CR4_RSVD;
  if (VMREF_BIT(v, VMREF_CR4_CET) == 1 && VMREF_BIT(c->cr0, VMREF_CR0_WP) == 0) return VMREF_RULE_GP_CR4_CET;
  if (VMREF_BIT(c->efer, VMREF_EFER_LMA) == 1) return cr4_long(c, v);
  return VMREF_BIT(v, VMREF_CR4_PCIDE) == 1 ? VMREF_RULE_GP_CR4_PCIDE_LMA : VMREF_RULE_NONE;
}

/* ---- WRMSR, WRPKRU ------------------------------------------------------------------ */

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_efer(*c, v); */
static uint8_t efer(const struct vmref_control *c, uint64_t v)
{
  if (c->features.lm == 0 && c->features.nx == 0) return VMREF_RULE_GP_MSR;
  if (!vmref_efer_legal(c->features, v)) return VMREF_RULE_GP_EFER_RSVD;
  if (VMREF_BIT(c->cr0, VMREF_CR0_PG) == 1 && VMREF_BIT(v, VMREF_EFER_LME) != VMREF_BIT(c->efer, VMREF_EFER_LME))
    return VMREF_RULE_GP_EFER_LME;
  return c->features.vendor == VMREF_AMD && VMREF_BIT(v, VMREF_EFER_LMA) != VMREF_BIT(c->efer, VMREF_EFER_LMA)
    ? VMREF_RULE_GP_EFER_LMA : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false; ensures \result == fault_pat(*c, v); */
static uint8_t pat(const struct vmref_control *c, uint64_t v)
{
  if (c->features.pat == 0) return VMREF_RULE_GP_MSR;
  return vmref_pat_valid(v) ? VMREF_RULE_NONE : VMREF_RULE_GP_PAT;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_pkru(*c, v); */
static uint8_t pkru(const struct vmref_control *c, uint64_t v)
{
  if (VMREF_BIT(c->cr4, VMREF_CR4_PKE) == 0) return VMREF_RULE_UD_PKE;
  return v >= 0x100000000 ? VMREF_RULE_GP_PKRU : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_pkrs(*c, v); */
static uint8_t pkrs(const struct vmref_control *c, uint64_t v)
{
  if (c->features.pks == 0) return VMREF_RULE_GP_MSR;
  return v >= 0x100000000 ? VMREF_RULE_GP_PKRS : VMREF_RULE_NONE;
}

uint8_t vmref_control_fault(const struct vmref_control *c, uint8_t reg, uint64_t v)
{
  if (reg == VMREF_REG_CR0) return cr0(c, v);
  if (reg == VMREF_REG_CR3) return cr3(c, v);
  if (reg == VMREF_REG_CR4) return cr4(c, v);
  if (reg == VMREF_REG_EFER) return efer(c, v);
  if (reg == VMREF_REG_PAT) return pat(c, v);
  return reg == VMREF_REG_PKRU ? pkru(c, v) : pkrs(c, v);
}
