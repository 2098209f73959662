/* SPDX-License-Identifier: MIT */
#include "control.h"

/* One bit, for a power of two that is a constant: the provers divide by nothing else. */
#define BIT(v, power) ((uint8_t)((v) / (power) % 2))

/* ---- modes ------------------------------------------------------------------ */

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == in_64bit_mode(*c); ensures flag(\result); */
static uint8_t in_64bit(const struct vmref_control *c)
{
  return BIT(c->efer, VMREF_EFER_LMA) == 1 && c->cs_l == 1;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == operand(*c, reg, value); */
static uint64_t taken(const struct vmref_control *c, uint8_t reg, uint64_t value)
{
  return reg <= VMREF_REG_CR4 && !in_64bit(c) ? value % 0x100000000 : value;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == paging_mode(cr0, cr4, efer); ensures \result <= VMREF_MODE_5LEVEL; */
static uint8_t mode_of(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
  if (BIT(cr0, VMREF_CR0_PG) == 0) return VMREF_MODE_NONE;
  if (BIT(cr4, VMREF_CR4_PAE) == 0) return VMREF_MODE_32BIT;
  if (BIT(efer, VMREF_EFER_LME) == 0) return VMREF_MODE_PAE;
  return BIT(cr4, VMREF_CR4_LA57) == 0 ? VMREF_MODE_4LEVEL : VMREF_MODE_5LEVEL;
}

/* ---- bits that the CPU has ---------------------------------------------------- */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == others(v, allowed); ensures flag(\result); */
static uint8_t only_others(uint64_t v, uint64_t allowed)
{
  return (v | allowed) == allowed;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == cr4_rest(v); */
static uint64_t rest_of_cr4(uint64_t v)
{
  return v % 0x10 + v / 0x40 % 2 * 0x40 + v / 0x100 % 0x10 * 0x100 + v / 0x2000 % 0x10 * 0x2000
    + v / 0x40000 % 4 * 0x40000 + v / 0x2000000 * 0x2000000;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == efer_rest(v); */
static uint64_t rest_of_efer(uint64_t v)
{
  return v % 0x100 + v / 0x200 % 2 * 0x200 + v / 0x1000 * 0x1000;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_cr4(f, v); ensures flag(\result); */
static uint8_t cr4_legal(struct vmref_features f, uint64_t v)
{
  return BIT(v, VMREF_CR4_PSE) <= f.pse && BIT(v, VMREF_CR4_PAE) <= f.pae && BIT(v, VMREF_CR4_PGE) <= f.pge
    && BIT(v, VMREF_CR4_LA57) <= f.la57 && BIT(v, VMREF_CR4_PCIDE) <= f.pcid
    && BIT(v, VMREF_CR4_SMEP) <= f.smep && BIT(v, VMREF_CR4_SMAP) <= f.smap && BIT(v, VMREF_CR4_PKE) <= f.pku
    && BIT(v, VMREF_CR4_CET) <= f.cet && BIT(v, VMREF_CR4_PKS) <= f.pks
    && only_others(rest_of_cr4(v), f.cr4_other) == 1;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_efer(f, v); ensures flag(\result); */
static uint8_t efer_legal(struct vmref_features f, uint64_t v)
{
  return BIT(v, VMREF_EFER_LME) <= f.lm && BIT(v, VMREF_EFER_LMA) <= f.lm && BIT(v, VMREF_EFER_NXE) <= f.nx
    && only_others(rest_of_efer(v), f.efer_other) == 1;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_type(t); ensures flag(\result); */
static uint8_t type_legal(uint64_t t) { return t <= 7 && t != 2 && t != 3; }

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_types(v); ensures flag(\result); */
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

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr0_value(v); */
static uint8_t cr0_value(uint64_t v)
{
  if (v >= 0x100000000) return VMREF_RULE_GP_CR0_HIGH;
  if (BIT(v, VMREF_CR0_PG) == 1 && BIT(v, VMREF_CR0_PE) == 0) return VMREF_RULE_GP_CR0_PG_PE;
  if (BIT(v, VMREF_CR0_NW) == 1 && BIT(v, VMREF_CR0_CD) == 0) return VMREF_RULE_GP_CR0_NW_CD;
  return VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_activate(*c); */
static uint8_t activate(const struct vmref_control *c)
{
  if (BIT(c->cr4, VMREF_CR4_PAE) == 0) return VMREF_RULE_GP_CR0_LME_PAE;
  if (c->cs_l == 1) return VMREF_RULE_GP_CR0_LME_CSL;
  return c->tr16 == 1 && c->features.vendor == VMREF_INTEL ? VMREF_RULE_GP_CR0_LME_TSS : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_leave(*c); */
static uint8_t leave(const struct vmref_control *c)
{
  if (in_64bit(c)) return VMREF_RULE_GP_CR0_PG_64;
  return BIT(c->cr4, VMREF_CR4_PCIDE) == 1 ? VMREF_RULE_GP_CR0_PG_PCIDE : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_paging(*c, v); */
static uint8_t paging(const struct vmref_control *c, uint64_t v)
{
  if (BIT(v, VMREF_CR0_PG) == BIT(c->cr0, VMREF_CR0_PG)) return VMREF_RULE_NONE;
  if (BIT(v, VMREF_CR0_PG) == 0) return leave(c);
  return BIT(c->efer, VMREF_EFER_LME) == 1 ? activate(c) : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr0(*c, v); */
static uint8_t cr0(const struct vmref_control *c, uint64_t v)
{
  uint8_t rule = cr0_value(v);
  if (rule != VMREF_RULE_NONE) return rule;
  if (BIT(v, VMREF_CR0_WP) == 0 && BIT(c->cr4, VMREF_CR4_CET) == 1) return VMREF_RULE_GP_CR0_WP_CET;
  return paging(c, v);
}

/* ---- MOV CR3, MOV CR4 -------------------------------------------------------------- */

/*@ requires \valid_read(c) && 32 <= c->features.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr3(*c, v); */
static uint8_t cr3(const struct vmref_control *c, uint64_t v)
{
  if (v >= 0x8000000000000000 && BIT(c->cr4, VMREF_CR4_PCIDE) == 0) return VMREF_RULE_GP_CR3_63;
  return v % 0x8000000000000000 >= vmref_phys_limit(c->features.maxphyaddr)
    ? VMREF_RULE_GP_CR3_ADDR : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr4_long(*c, v); */
static uint8_t cr4_long(const struct vmref_control *c, uint64_t v)
{
  if (BIT(v, VMREF_CR4_PAE) == 0) return VMREF_RULE_GP_CR4_PAE;
  if (BIT(v, VMREF_CR4_LA57) != BIT(c->cr4, VMREF_CR4_LA57)) return VMREF_RULE_GP_CR4_LA57;
  if (BIT(v, VMREF_CR4_PCIDE) == 1 && BIT(c->cr4, VMREF_CR4_PCIDE) == 0 && c->cr3 % 0x1000 != 0)
    return VMREF_RULE_GP_CR4_PCIDE_CR3;
  return VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_cr4(*c, v); */
static uint8_t cr4(const struct vmref_control *c, uint64_t v)
{
  if (!cr4_legal(c->features, v)) return VMREF_RULE_GP_CR4_RSVD;
  if (BIT(v, VMREF_CR4_CET) == 1 && BIT(c->cr0, VMREF_CR0_WP) == 0) return VMREF_RULE_GP_CR4_CET;
  if (BIT(c->efer, VMREF_EFER_LMA) == 1) return cr4_long(c, v);
  return BIT(v, VMREF_CR4_PCIDE) == 1 ? VMREF_RULE_GP_CR4_PCIDE_LMA : VMREF_RULE_NONE;
}

/* ---- WRMSR, WRPKRU ------------------------------------------------------------------ */

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_efer(*c, v); */
static uint8_t efer(const struct vmref_control *c, uint64_t v)
{
  if (c->features.lm == 0 && c->features.nx == 0) return VMREF_RULE_GP_MSR;
  if (!efer_legal(c->features, v)) return VMREF_RULE_GP_EFER_RSVD;
  if (BIT(c->cr0, VMREF_CR0_PG) == 1 && BIT(v, VMREF_EFER_LME) != BIT(c->efer, VMREF_EFER_LME))
    return VMREF_RULE_GP_EFER_LME;
  return c->features.vendor == VMREF_AMD && BIT(v, VMREF_EFER_LMA) != BIT(c->efer, VMREF_EFER_LMA)
    ? VMREF_RULE_GP_EFER_LMA : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_pat(*c, v); */
static uint8_t pat(const struct vmref_control *c, uint64_t v)
{
  if (c->features.pat == 0) return VMREF_RULE_GP_MSR;
  return vmref_pat_valid(v) ? VMREF_RULE_NONE : VMREF_RULE_GP_PAT;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_pkru(*c, v); */
static uint8_t pkru(const struct vmref_control *c, uint64_t v)
{
  if (BIT(c->cr4, VMREF_CR4_PKE) == 0) return VMREF_RULE_UD_PKE;
  return v >= 0x100000000 ? VMREF_RULE_GP_PKRU : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_pkrs(*c, v); */
static uint8_t pkrs(const struct vmref_control *c, uint64_t v)
{
  if (c->features.pks == 0) return VMREF_RULE_GP_MSR;
  return v >= 0x100000000 ? VMREF_RULE_GP_PKRS : VMREF_RULE_NONE;
}

/*@ requires \valid_read(c) && reg <= VMREF_REG_PKRS && 32 <= c->features.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_value(*c, reg, v); */
static uint8_t value_fault(const struct vmref_control *c, uint8_t reg, uint64_t v)
{
  if (reg == VMREF_REG_CR0) return cr0(c, v);
  if (reg == VMREF_REG_CR3) return cr3(c, v);
  if (reg == VMREF_REG_CR4) return cr4(c, v);
  if (reg == VMREF_REG_EFER) return efer(c, v);
  if (reg == VMREF_REG_PAT) return pat(c, v);
  return reg == VMREF_REG_PKRU ? pkru(c, v) : pkrs(c, v);
}

/* ---- PDPTE registers ------------------------------------------------------------------ */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == changes_cr0(old, v); ensures flag(\result); */
static uint8_t cr0_changes(uint64_t old, uint64_t v)
{
  return BIT(v, VMREF_CR0_CD) != BIT(old, VMREF_CR0_CD) || BIT(v, VMREF_CR0_NW) != BIT(old, VMREF_CR0_NW)
    || BIT(v, VMREF_CR0_PG) != BIT(old, VMREF_CR0_PG);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == changes_cr4(old, v); ensures flag(\result); */
static uint8_t cr4_changes(uint64_t old, uint64_t v)
{
  return BIT(v, VMREF_CR4_PAE) != BIT(old, VMREF_CR4_PAE) || BIT(v, VMREF_CR4_PGE) != BIT(old, VMREF_CR4_PGE)
    || BIT(v, VMREF_CR4_PSE) != BIT(old, VMREF_CR4_PSE) || BIT(v, VMREF_CR4_SMEP) != BIT(old, VMREF_CR4_SMEP);
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == reads_pdptes(*c, reg, v); ensures flag(\result); */
static uint8_t reads(const struct vmref_control *c, uint8_t reg, uint64_t v)
{
  if (reg == VMREF_REG_CR0)
    return mode_of(v, c->cr4, c->efer) == VMREF_MODE_PAE ? cr0_changes(c->cr0, v) : 0;
  if (reg == VMREF_REG_CR3) return mode_of(c->cr0, c->cr4, c->efer) == VMREF_MODE_PAE;
  if (reg == VMREF_REG_CR4)
    return mode_of(c->cr0, v, c->efer) == VMREF_MODE_PAE ? cr4_changes(c->cr4, v) : 0;
  return 0;
}

uint8_t vmref_cpu_loads_pdptes(const struct vmref_control *c, uint8_t reg, uint64_t value)
{
  uint64_t v = taken(c, reg, value);
  return value_fault(c, reg, v) != VMREF_RULE_NONE ? 0 : reads(c, reg, v);
}

uint64_t vmref_cpu_pdpte_table(const struct vmref_control *c, uint8_t reg, uint64_t value)
{
  return (reg == VMREF_REG_CR3 ? value : c->cr3) % 0x100000000 / 0x20 * 0x20;
}

/*@ requires 32 <= maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fit4(maxphyaddr, p); ensures flag(\result); */
static uint8_t all_fit(uint8_t maxphyaddr, struct vmref_pdptes p)
{
  return vmref_pdpte_fit(maxphyaddr, p.e[0]) == 1 && vmref_pdpte_fit(maxphyaddr, p.e[1]) == 1
    && vmref_pdpte_fit(maxphyaddr, p.e[2]) == 1 && vmref_pdpte_fit(maxphyaddr, p.e[3]) == 1;
}

/* ---- what is written ---------------------------------------------------------------------- */

/*@ requires \valid_read(c) && reg <= VMREF_REG_PKRS && 32 <= c->features.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault(*c, reg, v, p); */
static uint8_t fault_of(const struct vmref_control *c, uint8_t reg, uint64_t v, struct vmref_pdptes p)
{
  uint8_t rule = value_fault(c, reg, v);
  if (rule != VMREF_RULE_NONE) return rule;
  if (reads(c, reg, v) == 0) return VMREF_RULE_NONE;
  return all_fit(c->features.maxphyaddr, p) ? VMREF_RULE_NONE : VMREF_RULE_GP_PDPTE;
}

/*@ requires v < 0x100000000;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == kept_cr0(f, v) && \result < 0x100000000;
    ensures kept_cr0(f, \result) == \result;
    ensures CR0_PE(\result) == CR0_PE(v) && CR0_NW(\result) == CR0_NW(v) && CR0_CD(\result) == CR0_CD(v);
    ensures CR0_PG(\result) == CR0_PG(v) && CR0_WP(\result) == (f.wp == 1 ? CR0_WP(v) : 0); */
static uint64_t cr0_kept(struct vmref_features f, uint64_t v)
{
  uint64_t wp = f.wp == 1 ? v / VMREF_CR0_WP % 2 : 0;
  return v % 0x10 + 0x10 + v / 0x20 % 2 * 0x20 + wp * VMREF_CR0_WP
    + v / 0x40000 % 2 * 0x40000 + v / 0x20000000 * 0x20000000;
}

/*@ requires flag(lma);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == with_lma(v, lma);
    ensures efer_rest(\result) == efer_rest(v) && EFER_LMA(\result) == lma;
    ensures EFER_LME(\result) == EFER_LME(v) && EFER_NXE(\result) == EFER_NXE(v); */
static uint64_t efer_with(uint64_t v, uint8_t lma)
{
  return rest_of_efer(v) + v / VMREF_EFER_LME % 2 * VMREF_EFER_LME + (uint64_t)lma * VMREF_EFER_LMA
    + v / VMREF_EFER_NXE % 2 * VMREF_EFER_NXE;
}

/*@ requires \valid(c) && legal_control(*c) && fault_cr0(*c, v) == VMREF_RULE_NONE;
    terminates \true; assigns c->cr0, c->efer; exits \false;
    ensures c->cr0 == kept_cr0(c->features, v);
    ensures c->efer == kept_efer(\old(*c), VMREF_REG_CR0, v);
    ensures legal_cr0_cr3(*c) && legal_cr4_efer(*c);
    ensures paging_mode(c->cr0, c->cr4, c->efer) == paging_mode(v, \old(c->cr4), \old(c->efer)); */
static void write_cr0(struct vmref_control *c, uint64_t v)
{
  uint8_t lma = BIT(v, VMREF_CR0_PG) == 1 ? BIT(c->efer, VMREF_EFER_LME) : 0;
  c->cr0 = cr0_kept(c->features, v);
  c->efer = efer_with(c->efer, lma);
}

/*@ requires \valid(c) && legal_control(*c) && fault_cr4(*c, v) == VMREF_RULE_NONE;
    terminates \true; assigns c->cr4; exits \false;
    ensures c->cr4 == v;
    ensures legal_cr4_efer(*c); */
static void write_cr4(struct vmref_control *c, uint64_t v)
{
  c->cr4 = v;
}

/*@ requires \valid(c) && legal_control(*c) && fault_efer(*c, v) == VMREF_RULE_NONE;
    terminates \true; assigns c->efer; exits \false;
    ensures c->efer == kept_efer(\old(*c), VMREF_REG_EFER, v);
    ensures legal_cr4_efer(*c);
    ensures paging_mode(c->cr0, c->cr4, c->efer) == VMREF_MODE_PAE ==>
      paging_mode(c->cr0, c->cr4, \old(c->efer)) == VMREF_MODE_PAE; */
static void write_efer(struct vmref_control *c, uint64_t v)
{
  c->efer = efer_with(v, BIT(c->efer, VMREF_EFER_LMA));
}

/*@ requires \valid(c) && legal_control(*c) && reg <= VMREF_REG_PKRS;
    requires fault_value(*c, reg, v) == VMREF_RULE_NONE;
    terminates \true; assigns *c; exits \false;
    ensures written(\old(*c), reg, v, *c) && same_cpu(\old(*c), *c);
    ensures c->pdpte == \old(c->pdpte);
    ensures legal_cr0_cr3(*c) && legal_cr4_efer(*c) && legal_pat(c->pat) == 1;
    ensures reads_pdptes(\old(*c), reg, v) == 0 ==> legal_pdptes(*c); */
static void write(struct vmref_control *c, uint8_t reg, uint64_t v)
{
  if (reg == VMREF_REG_CR0) write_cr0(c, v);
  else if (reg == VMREF_REG_CR3) c->cr3 = v % 0x8000000000000000;
  else if (reg == VMREF_REG_CR4) write_cr4(c, v);
  else if (reg == VMREF_REG_EFER) write_efer(c, v);
  else if (reg == VMREF_REG_PAT) c->pat = v;
  else if (reg == VMREF_REG_PKRU) c->pkru = (uint32_t)v;
  else c->pkrs = (uint32_t)v;
}

/*@ requires \valid(c) && fit4(c->features.maxphyaddr, p) == 1;
    terminates \true; assigns c->pdpte[0 .. 3]; exits \false;
    ensures \forall integer i; 0 <= i < 4 ==> c->pdpte[i] == p.e[i];
    ensures legal_pdptes(*c); */
static void load(struct vmref_control *c, struct vmref_pdptes p)
{
  c->pdpte[0] = p.e[0];
  c->pdpte[1] = p.e[1];
  c->pdpte[2] = p.e[2];
  c->pdpte[3] = p.e[3];
}

int vmref_cpu_set(struct vmref_control *c, uint8_t reg, uint64_t value, struct vmref_pdptes pdptes)
{
  if (reg > VMREF_REG_PKRS || vmref_control_legal(c) == 0) return VMREF_EINVAL;
  uint64_t v = taken(c, reg, value);
  uint8_t rule = fault_of(c, reg, v, pdptes);
  if (rule != VMREF_RULE_NONE) return rule;
  uint8_t loading = reads(c, reg, v);
  write(c, reg, v);
  if (loading == 1) load(c, pdptes);
  return 0;
}

uint8_t vmref_cpu_vector(uint8_t rule)
{
  if (rule == VMREF_RULE_NONE) return VMREF_VECTOR_NONE;
  return rule == VMREF_RULE_UD_PKE ? VMREF_VECTOR_UD : VMREF_VECTOR_GP;
}

/* ---- the states that exist ------------------------------------------------------------------ */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_features(f); ensures flag(\result); */
static uint8_t features_legal(struct vmref_features f)
{
  if (f.maxphyaddr < 32 || f.maxphyaddr > 52 || f.vendor > VMREF_AMD) return 0;
  if (f.page1gb > 1 || f.pse > 1 || f.pse36 > 1 || f.pae > 1 || f.pge > 1 || f.pcid > 1) return 0;
  if (f.nx > 1 || f.smep > 1 || f.smap > 1 || f.pku > 1 || f.pks > 1 || f.la57 > 1) return 0;
  return f.lm <= 1 && f.pat <= 1 && f.cet <= 1 && f.wp <= 1;
}

/*@ requires \valid_read(c) && 32 <= c->features.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_cr0_cr3(*c); ensures flag(\result); */
static uint8_t cr0_cr3_legal(const struct vmref_control *c)
{
  if (cr0_value(c->cr0) != VMREF_RULE_NONE) return 0;
  return cr0_kept(c->features, c->cr0) == c->cr0 && c->cr3 < vmref_phys_limit(c->features.maxphyaddr);
}

/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_cr4_efer(*c); ensures flag(\result); */
static uint8_t cr4_efer_legal(const struct vmref_control *c)
{
  uint8_t lma = BIT(c->efer, VMREF_EFER_LMA);
  if (!cr4_legal(c->features, c->cr4) || !efer_legal(c->features, c->efer)) return 0;
  if (BIT(c->cr4, VMREF_CR4_CET) > BIT(c->cr0, VMREF_CR0_WP)) return 0;
  if (BIT(c->cr4, VMREF_CR4_PCIDE) > lma || lma > BIT(c->cr4, VMREF_CR4_PAE)) return 0;
  return lma == (BIT(c->cr0, VMREF_CR0_PG) == 1 ? BIT(c->efer, VMREF_EFER_LME) : 0);
}

/*@ requires \valid_read(c) && 32 <= c->features.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_pdptes(*c); ensures flag(\result); */
static uint8_t pdptes_legal(const struct vmref_control *c)
{
  if (mode_of(c->cr0, c->cr4, c->efer) != VMREF_MODE_PAE) return 1;
  return all_fit(c->features.maxphyaddr,
                 (struct vmref_pdptes){ { c->pdpte[0], c->pdpte[1], c->pdpte[2], c->pdpte[3] } });
}

uint8_t vmref_control_legal(const struct vmref_control *c)
{
  if (!features_legal(c->features) || c->cs_l > 1 || c->tr16 > 1) return 0;
  if (!cr0_cr3_legal(c) || !cr4_efer_legal(c)) return 0;
  return vmref_pat_valid(c->pat) && pdptes_legal(c);
}

struct vmref_control vmref_control_reset(struct vmref_features features)
{
  //@ assert (0 | features.cr4_other) == features.cr4_other && (0 | features.efer_other) == features.efer_other;
  return (struct vmref_control){ .cr0 = 0x60000010, .pat = 0x0007040600070406, .features = features };
}

struct vmref_cpu vmref_cpu_of(const struct vmref_control *c)
{
  struct vmref_cpu m;
  m.mode = mode_of(c->cr0, c->cr4, c->efer);
  m.cr3 = vmref_long_mode(m.mode) ? c->cr3 : c->cr3 % 0x100000000;
  m.pdpte[0] = c->pdpte[0];
  m.pdpte[1] = c->pdpte[1];
  m.pdpte[2] = c->pdpte[2];
  m.pdpte[3] = c->pdpte[3];
  m.pkru = c->pkru;
  m.pkrs = c->pkrs;
  m.vendor = c->features.vendor;
  m.maxphyaddr = c->features.maxphyaddr;
  m.page1gb = c->features.page1gb;
  m.pse36 = c->features.pse36;
  m.wp = BIT(c->cr0, VMREF_CR0_WP);
  m.pse = BIT(c->cr4, VMREF_CR4_PSE);
  m.pge = BIT(c->cr4, VMREF_CR4_PGE);
  m.pcide = BIT(c->cr4, VMREF_CR4_PCIDE);
  m.smep = BIT(c->cr4, VMREF_CR4_SMEP);
  m.smap = BIT(c->cr4, VMREF_CR4_SMAP);
  m.nxe = BIT(c->efer, VMREF_EFER_NXE);
  m.pke = BIT(c->cr4, VMREF_CR4_PKE);
  m.pks = BIT(c->cr4, VMREF_CR4_PKS);
  return m;
}
