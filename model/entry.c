/* SPDX-License-Identifier: MIT */
#include "entry.h"

uint8_t vmref_p (uint64_t e) { return (uint8_t)(e % 2); }
uint8_t vmref_rw(uint64_t e) { return (uint8_t)(e / 0x2 % 2); }
uint8_t vmref_us(uint64_t e) { return (uint8_t)(e / 0x4 % 2); }
uint8_t vmref_g (uint64_t e) { return (uint8_t)(e / 0x100 % 2); }
uint8_t vmref_xd(uint64_t e) { return (uint8_t)(e / 0x8000000000000000 % 2); }

uint8_t vmref_key(uint64_t e) { return (uint8_t)(e / 0x800000000000000 % 16); }

/*@ terminates \true; assigns \nothing; exits \false; ensures \result == PS(e); ensures flag(\result); */
static uint8_t ps(uint64_t e) { return (uint8_t)(e / 0x80 % 2); }

/* Case by case, so that the shift is a constant: neither prover knows that 2^n
 * stays below 2^53. */
uint64_t vmref_phys_limit(uint8_t n)
{
  //@ assert n == 32 ==> (1 << n) == 0x100000000;
  //@ assert n == 33 ==> (1 << n) == 0x200000000;
  //@ assert n == 34 ==> (1 << n) == 0x400000000;
  //@ assert n == 35 ==> (1 << n) == 0x800000000;
  //@ assert n == 36 ==> (1 << n) == 0x1000000000;
  //@ assert n == 37 ==> (1 << n) == 0x2000000000;
  //@ assert n == 38 ==> (1 << n) == 0x4000000000;
  //@ assert n == 39 ==> (1 << n) == 0x8000000000;
  //@ assert n == 40 ==> (1 << n) == 0x10000000000;
  //@ assert n == 41 ==> (1 << n) == 0x20000000000;
  //@ assert n == 42 ==> (1 << n) == 0x40000000000;
  //@ assert n == 43 ==> (1 << n) == 0x80000000000;
  //@ assert n == 44 ==> (1 << n) == 0x100000000000;
  //@ assert n == 45 ==> (1 << n) == 0x200000000000;
  //@ assert n == 46 ==> (1 << n) == 0x400000000000;
  //@ assert n == 47 ==> (1 << n) == 0x800000000000;
  //@ assert n == 48 ==> (1 << n) == 0x1000000000000;
  //@ assert n == 49 ==> (1 << n) == 0x2000000000000;
  //@ assert n == 50 ==> (1 << n) == 0x4000000000000;
  //@ assert n == 51 ==> (1 << n) == 0x8000000000000;
  //@ assert n == 52 ==> (1 << n) == 0x10000000000000;
  return 1ULL << n;
}

uint8_t vmref_top_level(uint8_t mode)
{
  if (mode == VMREF_MODE_5LEVEL) return 5;
  if (mode == VMREF_MODE_4LEVEL) return 4;
  return mode == VMREF_MODE_NONE ? 0 : 2;
}

uint8_t vmref_entry_size(uint8_t mode)
{
  return mode == VMREF_MODE_32BIT ? 4 : 8;
}

uint8_t vmref_long_mode(uint8_t mode)
{
  return mode == VMREF_MODE_4LEVEL || mode == VMREF_MODE_5LEVEL;
}

uint8_t vmref_canonical(uint8_t mode, uint64_t va)
{
  if (mode == VMREF_MODE_4LEVEL) {
    uint64_t top = va / 0x800000000000;
    return top == 0 || top == 0x1FFFF;
  }
  if (mode == VMREF_MODE_5LEVEL) {
    uint64_t top = va / 0x100000000000000;
    return top == 0 || top == 0xFF;
  }
  return 1;
}

uint64_t vmref_index(uint8_t mode, uint64_t va, uint8_t level)
{
  if (mode == VMREF_MODE_32BIT)
    return level == 2 ? va / 0x400000 % 1024 : va / 0x1000 % 1024;
  if (level == 5) return va / 0x1000000000000 % 512;
  if (level == 4) return va / 0x8000000000 % 512;
  if (level == 3) return va / 0x40000000 % 512;
  if (level == 2) return va / 0x200000 % 512;
  return va / 0x1000 % 512;
}

uint64_t vmref_entry_in(uint8_t mode, uint64_t table, uint64_t va, uint8_t level)
{
  if (mode == VMREF_MODE_32BIT) return table + 4 * vmref_index(mode, va, level);
  return table + 8 * vmref_index(mode, va, level);
}

uint64_t vmref_entry_in_word(uint8_t mode, uint64_t pa, uint64_t word)
{
  if (mode != VMREF_MODE_32BIT) return word;
  return pa / 4 % 2 == 1 ? word / 0x100000000 : word % 0x100000000;
}

uint64_t vmref_pdpte(struct vmref_cpu cpu, uint64_t va)
{
  return cpu.pdpte[va / 0x40000000 % 4];
}

uint64_t vmref_table_of(uint64_t e)
{
  return e / 0x1000 % 0x10000000000 * 0x1000;
}

uint8_t vmref_maps_page(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (level == 1) return 1;
  if (level == 2) return ps(e) == 1 && (cpu.mode != VMREF_MODE_32BIT || cpu.pse == 1);
  return level == 3 ? ps(e) : 0;
}

uint64_t vmref_page_size(uint8_t mode, uint8_t level)
{
  if (level == 3) return 0x40000000;
  if (level == 2) return mode == VMREF_MODE_32BIT ? 0x400000 : 0x200000;
  return 0x1000;
}

uint64_t vmref_page_base(uint8_t mode, uint8_t level, uint64_t e)
{
  if (level == 3) return e / 0x40000000 % 0x400000 * 0x40000000;
  if (level == 2 && mode == VMREF_MODE_32BIT)
    return e / 0x400000 % 0x400 * 0x400000 + e / 0x2000 % 0x100 * 0x100000000;
  if (level == 2) return e / 0x200000 % 0x80000000 * 0x200000;
  return vmref_table_of(e);
}

uint64_t vmref_page_byte(uint8_t mode, uint8_t level, uint64_t e, uint64_t va)
{
  if (level == 3) return vmref_page_base(mode, level, e) + va % 0x40000000;
  if (level == 2 && mode == VMREF_MODE_32BIT) return vmref_page_base(mode, level, e) + va % 0x400000;
  if (level == 2) return vmref_page_base(mode, level, e) + va % 0x200000;
  return vmref_page_base(mode, level, e) + va % 0x1000;
}

/*@ requires 1 <= level <= 5 && 32 <= cpu.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == reserved_32bit(cpu, level, e); */
static uint8_t reserved_in_32bit(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (level != 2 || vmref_maps_page(cpu, level, e) == 0) return VMREF_RULE_NONE;
  uint64_t reach = 0x100000000;
  if (cpu.pse36 != 0) reach = cpu.maxphyaddr >= 40 ? 0x10000000000 : vmref_phys_limit(cpu.maxphyaddr);
  return e / 0x2000 % 0x200 * 0x100000000 >= reach ? VMREF_RULE_PF_RSVD_4M_ADDR : VMREF_RULE_NONE;
}

/*@ requires 4 <= level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == reserved_upper(cpu, level, e); */
static uint8_t reserved_in_upper(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (ps(e) == 1) return level == 5 ? VMREF_RULE_PF_RSVD_PML5E_PS : VMREF_RULE_PF_RSVD_PML4E_PS;
  if (vmref_g(e) == 1 && cpu.vendor == VMREF_AMD)
    return level == 5 ? VMREF_RULE_PF_RSVD_PML5E_G : VMREF_RULE_PF_RSVD_PML4E_G;
  return VMREF_RULE_NONE;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == reserved_large(cpu, level, e); */
static uint8_t reserved_in_large(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (ps(e) == 0) return VMREF_RULE_NONE;
  if (level == 3 && cpu.page1gb == 0) return VMREF_RULE_PF_RSVD_1G;
  if (level == 3 && e / 0x2000 % 0x20000 != 0) return VMREF_RULE_PF_RSVD_1G_ADDR;
  if (level == 2 && e / 0x2000 % 0x100 != 0) return VMREF_RULE_PF_RSVD_2M_ADDR;
  return VMREF_RULE_NONE;
}

uint8_t vmref_reserved(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (cpu.mode == VMREF_MODE_32BIT) return reserved_in_32bit(cpu, level, e);
  uint64_t address = cpu.mode == VMREF_MODE_PAE ? e % 0x8000000000000000 : e % 0x10000000000000;
  if (address >= vmref_phys_limit(cpu.maxphyaddr)) return VMREF_RULE_PF_RSVD_ADDR;
  if (vmref_xd(e) == 1 && cpu.nxe == 0) return VMREF_RULE_PF_RSVD_XD;
  if (level >= 4) return reserved_in_upper(cpu, level, e);
  return reserved_in_large(cpu, level, e);
}

uint8_t vmref_pdpte_fit(uint8_t maxphyaddr, uint64_t e)
{
  if (vmref_p(e) == 0) return 1;
  return e / 0x2 % 4 == 0 && e / 0x20 % 16 == 0 && e < vmref_phys_limit(maxphyaddr);
}

uint8_t vmref_pat_index(uint8_t level, uint64_t e)
{
  uint64_t pat = level == 1 ? e / 0x80 % 2 : e / 0x1000 % 2;
  return (uint8_t)(4 * pat + 2 * (e / 0x10 % 2) + e / 0x8 % 2);
}

uint8_t vmref_pat_index_of_table(uint64_t e)
{
  return (uint8_t)(2 * (e / 0x10 % 2) + e / 0x8 % 2);
}

uint64_t vmref_accessed(uint64_t e)
{
  return e / 0x20 % 2 == 1 ? e : e + 0x20;
}

uint64_t vmref_dirtied(uint64_t e)
{
  return e / 0x40 % 2 == 1 ? e : e + 0x40;
}

/*@ requires 32 <= cpu.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==>
      (\forall integer i; 0 <= i < 4 ==> pdpte_fit(cpu.maxphyaddr, cpu.pdpte[i]));
    ensures flag(\result); */
static uint8_t pdptes_fit(struct vmref_cpu cpu)
{
  uint8_t maxphyaddr = cpu.maxphyaddr;
  return vmref_pdpte_fit(maxphyaddr, cpu.pdpte[0]) && vmref_pdpte_fit(maxphyaddr, cpu.pdpte[1])
      && vmref_pdpte_fit(maxphyaddr, cpu.pdpte[2]) && vmref_pdpte_fit(maxphyaddr, cpu.pdpte[3]);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> valid_registers(cpu);
    ensures flag(\result); */
static uint8_t registers_valid(struct vmref_cpu cpu)
{
  if (cpu.maxphyaddr < 32 || cpu.maxphyaddr > 52 || cpu.mode > VMREF_MODE_5LEVEL) return 0;
  if (cpu.cr3 >= vmref_phys_limit(cpu.maxphyaddr)) return 0;
  if (vmref_long_mode(cpu.mode)) return 1;
  if (cpu.cr3 >= 0x100000000 || cpu.pcide != 0) return 0;
  return cpu.mode != VMREF_MODE_PAE || pdptes_fit(cpu);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> valid_flags(cpu);
    ensures flag(\result); */
static uint8_t flags_valid(struct vmref_cpu cpu)
{
  if (cpu.vendor > VMREF_AMD || cpu.page1gb > 1 || cpu.pse36 > 1) return 0;
  if (cpu.wp > 1 || cpu.pse > 1 || cpu.pge > 1 || cpu.pcide > 1) return 0;
  if (cpu.smep > 1 || cpu.smap > 1 || cpu.nxe > 1 || cpu.pke > 1 || cpu.pks > 1) return 0;
  return 1;
}

uint8_t vmref_cpu_valid(struct vmref_cpu cpu)
{
  return registers_valid(cpu) && flags_valid(cpu);
}
