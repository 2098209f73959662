/* SPDX-License-Identifier: MIT */
#include "control.h"

/* ---- PDPTE registers ------------------------------------------------------------------ */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == changes_cr0(old, v); ensures flag(\result); */
static uint8_t cr0_changes(uint64_t old, uint64_t v)
{
  return VMREF_BIT(v, VMREF_CR0_CD) != VMREF_BIT(old, VMREF_CR0_CD) || VMREF_BIT(v, VMREF_CR0_NW) != VMREF_BIT(old, VMREF_CR0_NW)
    || VMREF_BIT(v, VMREF_CR0_PG) != VMREF_BIT(old, VMREF_CR0_PG);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == changes_cr4(old, v); ensures flag(\result); */
static uint8_t cr4_changes(uint64_t old, uint64_t v)
{
  return VMREF_BIT(v, VMREF_CR4_PAE) != VMREF_BIT(old, VMREF_CR4_PAE) || VMREF_BIT(v, VMREF_CR4_PGE) != VMREF_BIT(old, VMREF_CR4_PGE)
    || VMREF_BIT(v, VMREF_CR4_PSE) != VMREF_BIT(old, VMREF_CR4_PSE) || VMREF_BIT(v, VMREF_CR4_SMEP) != VMREF_BIT(old, VMREF_CR4_SMEP);
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == reads_pdptes(*c, reg, v); ensures flag(\result); */
static uint8_t reads(const struct vmref_control *c, uint8_t reg, uint64_t v)
{
  if (reg == VMREF_REG_CR0)
    return vmref_paging_mode(v, c->cr4, c->efer) == VMREF_MODE_PAE ? cr0_changes(c->cr0, v) : 0;
  if (reg == VMREF_REG_CR3) return vmref_paging_mode(c->cr0, c->cr4, c->efer) == VMREF_MODE_PAE;
  if (reg == VMREF_REG_CR4)
    return vmref_paging_mode(c->cr0, v, c->efer) == VMREF_MODE_PAE ? cr4_changes(c->cr4, v) : 0;
  return 0;
}

uint8_t vmref_cpu_loads_pdptes(const struct vmref_control *c, uint8_t reg, uint64_t value)
{
  uint64_t v = vmref_control_operand(c, reg, value);
  return vmref_control_fault(c, reg, v) != VMREF_RULE_NONE ? 0 : reads(c, reg, v);
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
  uint8_t rule = vmref_control_fault(c, reg, v);
  if (rule != VMREF_RULE_NONE) return rule;
  if (reads(c, reg, v) == 0) return VMREF_RULE_NONE;
  return all_fit(c->features.maxphyaddr, p) ? VMREF_RULE_NONE : VMREF_RULE_GP_PDPTE;
}

/*@ requires v < 0x100000000;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == kept_cr0(f, v) && \result < 0x100000000;
    ensures cr0_bits(f, \result) || !flag(f.wp);
    ensures CR0_PE(\result) == CR0_PE(v) && CR0_NW(\result) == CR0_NW(v);
    ensures CR0_CD(\result) == CR0_CD(v) && CR0_PG(\result) == CR0_PG(v);
    ensures CR0_WP(\result) == (f.wp == 1 ? CR0_WP(v) : 0);
    ensures v == 0x60000000 ==> \result == 0x60000010; */
static uint64_t cr0_kept(struct vmref_features f, uint64_t v)
{
  uint64_t wp = f.wp == 1 ? v / VMREF_CR0_WP % 2 : 0;
  uint64_t low = v % 0x10 + 0x10 + v / 0x20 % 2 * 0x20;
  uint64_t kept = low + wp * VMREF_CR0_WP + v / 0x40000 % 2 * 0x40000 + v / 0x20000000 * 0x20000000;
  //@ assert low < 0x40 && low % 0x10 == v % 0x10;
  //@ assert kept % 0x10000 == low;
  //@ assert kept % 0x10 == low % 0x10;
  //@ assert kept / 0x10000 % 0x2000 == wp + v / 0x40000 % 2 * 4;
  //@ assert kept / 0x20000000 == v / 0x20000000;
  //@ assert CR0_WP(kept) == wp && kept / 0x20000 % 2 == 0;
  //@ assert kept / 0x80000 % 0x400 == 0;
  //@ assert kept / 0x10 % 2 == 1 && kept / 0x40 % 0x400 == 0;
  return kept;
}

/*@ requires flag(lma);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == with_lma(v, lma);
    ensures efer_rest(\result) == efer_rest(v) && EFER_LMA(\result) == lma;
    ensures EFER_LME(\result) == EFER_LME(v) && EFER_NXE(\result) == EFER_NXE(v); */
static uint64_t efer_with(uint64_t v, uint8_t lma)
{
  uint64_t kept = v % 0x400 + (uint64_t)lma * VMREF_EFER_LMA + v / 0x800 * 0x800;
  //@ assert kept % 0x400 == v % 0x400;
  //@ assert kept / 0x800 == v / 0x800 && EFER_LMA(kept) == lma;
  //@ assert kept % 0x100 == v % 0x100 && kept / 0x200 % 2 == v / 0x200 % 2;
  //@ assert kept / 0x1000 == v / 0x1000;
  return kept;
}

/*@ requires \valid(c) && legal_control(*c) && fault_cr0(*c, v) == VMREF_RULE_NONE;
    terminates \true; assigns c->cr0, c->efer; exits \false;
    ensures c->cr0 == kept_cr0(c->features, v);
    ensures c->efer == kept_efer(\old(*c), VMREF_REG_CR0, v);
    ensures legal_cr0_cr3(*c) && legal_cr4_efer(*c);
    ensures paging_mode(c->cr0, c->cr4, c->efer) == paging_mode(v, \old(c->cr4), \old(c->efer)); */
static void write_cr0(struct vmref_control *c, uint64_t v)
{
  //@ assert CR0_WP(c->cr0) == 1 ==> c->features.wp == 1;
  uint8_t lma = VMREF_BIT(v, VMREF_CR0_PG) == 1 ? VMREF_BIT(c->efer, VMREF_EFER_LME) : 0;
  c->cr0 = cr0_kept(c->features, v);
  //@ assert legal_cr0_cr3(*c);
  //@ assert CR4_CET(c->cr4) == 1 ==> CR0_WP(c->cr0) == 1;
  c->efer = efer_with(c->efer, lma);
  //@ assert legal_efer(c->features, c->efer) == 1;
  //@ assert EFER_LMA(c->efer) == (CR0_PG(c->cr0) == 1 ? EFER_LME(c->efer) : 0);
  //@ assert CR4_PCIDE(c->cr4) == 1 ==> EFER_LMA(c->efer) == 1;
  //@ assert EFER_LMA(c->efer) == 1 ==> CR4_PAE(c->cr4) == 1;
}

/*@ requires \valid(c) && legal_control(*c) && fault_cr4(*c, v) == VMREF_RULE_NONE;
    terminates \true; assigns c->cr4; exits \false;
    ensures c->cr4 == v;
    ensures legal_cr4_efer(*c); */
static void write_cr4(struct vmref_control *c, uint64_t v) { c->cr4 = v; }

/*@ requires \valid(c) && legal_control(*c) && fault_efer(*c, v) == VMREF_RULE_NONE;
    terminates \true; assigns c->efer; exits \false;
    ensures c->efer == kept_efer(\old(*c), VMREF_REG_EFER, v);
    ensures legal_cr4_efer(*c);
    ensures paging_mode(c->cr0, c->cr4, c->efer) == VMREF_MODE_PAE ==>
      paging_mode(c->cr0, c->cr4, \old(c->efer)) == VMREF_MODE_PAE; */
static void write_efer(struct vmref_control *c, uint64_t v)
{
  c->efer = efer_with(v, VMREF_BIT(c->efer, VMREF_EFER_LMA));
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
  uint64_t v = vmref_control_operand(c, reg, value);
  uint8_t rule = fault_of(c, reg, v, pdptes);
  if (rule != VMREF_RULE_NONE) return rule;
  uint8_t loading = reads(c, reg, v);
  write(c, reg, v);
  if (loading == 1) load(c, pdptes);
  return 0;
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

/*@ requires \valid_read(c) && 32 <= c->features.maxphyaddr <= 52; terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_cr0_cr3(*c); ensures flag(\result); */
static uint8_t cr0_cr3_legal(const struct vmref_control *c)
{
  uint64_t v = c->cr0;
  if (vmref_cr0_fault(v) != VMREF_RULE_NONE || c->cr3 >= vmref_phys_limit(c->features.maxphyaddr)) return 0;
  return v / 0x10 % 2 == 1 && v / 0x40 % 0x400 == 0 && v / 0x20000 % 2 == 0 && v / 0x80000 % 0x400 == 0
    && VMREF_BIT(v, VMREF_CR0_WP) <= c->features.wp;
}

/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_cr4_efer(*c); ensures flag(\result); */
static uint8_t cr4_efer_legal(const struct vmref_control *c)
{
  uint8_t lma = VMREF_BIT(c->efer, VMREF_EFER_LMA);
  if (!vmref_cr4_legal(c->features, c->cr4) || !vmref_efer_legal(c->features, c->efer)) return 0;
  if (VMREF_BIT(c->cr4, VMREF_CR4_CET) > VMREF_BIT(c->cr0, VMREF_CR0_WP)) return 0;
  if (VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) > lma || lma > VMREF_BIT(c->cr4, VMREF_CR4_PAE)) return 0;
  return lma == (VMREF_BIT(c->cr0, VMREF_CR0_PG) == 1 ? VMREF_BIT(c->efer, VMREF_EFER_LME) : 0);
}

/*@ requires \valid_read(c) && 32 <= c->features.maxphyaddr <= 52; terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_pdptes(*c); ensures flag(\result); */
static uint8_t pdptes_legal(const struct vmref_control *c)
{
  if (vmref_paging_mode(c->cr0, c->cr4, c->efer) != VMREF_MODE_PAE) return 1;
  return all_fit(c->features.maxphyaddr,
                 (struct vmref_pdptes){ { c->pdpte[0], c->pdpte[1], c->pdpte[2], c->pdpte[3] } });
}

uint8_t vmref_control_legal(const struct vmref_control *c)
{
  if (!features_legal(c->features) || c->cs_l > 1 || c->tr16 > 1) return 0;
  if (!cr0_cr3_legal(c) || !cr4_efer_legal(c)) return 0;
  return vmref_pat_valid(c->pat) && pdptes_legal(c);
}

/* A fact that the provers lack: powers of two are positive. */
/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false; ensures 0 < two(n); @/
  void powers_are_positive(uint8_t n)
  {
    uint8_t i = 0;
    /@ loop invariant 0 <= i <= n && 0 < (1 << i);
       loop assigns i;
       loop variant n - i; @/
    while (i < n) {
      //@ assert (1 << (i + 1)) == ((1 << i) << 1);
      i++;
    }
  }
*/

struct vmref_control vmref_control_reset(struct vmref_features features)
{
  //@ assert legal_type(0) == 1 && legal_type(4) == 1 && legal_type(6) == 1 && legal_type(7) == 1;
  //@ assert legal_types(0x00070406) == 1;
  //@ assert legal_pat(0x0007040600070406) == 1;
  //@ assert cr4_rest(0) == 0 && efer_rest(0) == 0;
  //@ assert legal_features(features) ==> legal_cr4(features, 0) == 1;
  //@ assert legal_features(features) ==> legal_efer(features, 0) == 1;
  //@ assert CR4_CET(0) == 0 && CR4_PCIDE(0) == 0 && EFER_LMA(0) == 0;
  //@ ghost powers_are_positive(features.maxphyaddr);
  struct vmref_control c = { .cr0 = cr0_kept(features, 0x60000000), .pat = 0x0007040600070406, .features = features };
  //@ assert c.cr0 == 0x60000010 && CR0_PG(c.cr0) == 0;
  //@ assert legal_features(features) ==> legal_cr0_cr3(c);
  //@ assert legal_features(features) ==> legal_cr4_efer(c);
  return c;
}

struct vmref_cpu vmref_cpu_of(const struct vmref_control *c)
{
  struct vmref_cpu m;
  m.mode = vmref_paging_mode(c->cr0, c->cr4, c->efer);
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
  m.wp = VMREF_BIT(c->cr0, VMREF_CR0_WP);
  m.pse = VMREF_BIT(c->cr4, VMREF_CR4_PSE);
  m.pge = VMREF_BIT(c->cr4, VMREF_CR4_PGE);
  m.pcide = VMREF_BIT(c->cr4, VMREF_CR4_PCIDE);
  m.smep = VMREF_BIT(c->cr4, VMREF_CR4_SMEP);
  m.smap = VMREF_BIT(c->cr4, VMREF_CR4_SMAP);
  m.nxe = VMREF_BIT(c->efer, VMREF_EFER_NXE);
  m.pke = VMREF_BIT(c->cr4, VMREF_CR4_PKE);
  m.pks = VMREF_BIT(c->cr4, VMREF_CR4_PKS);
  return m;
}
