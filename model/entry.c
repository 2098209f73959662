/* SPDX-License-Identifier: MIT */
#include "entry.h"

uint8_t vmref_p (uint64_t e) { return (uint8_t)(e % 2); }
uint8_t vmref_rw(uint64_t e) { return (uint8_t)(e / 0x2 % 2); }
uint8_t vmref_us(uint64_t e) { return (uint8_t)(e / 0x4 % 2); }
uint8_t vmref_g (uint64_t e) { return (uint8_t)(e / 0x100 % 2); }
uint8_t vmref_xd(uint64_t e) { return (uint8_t)(e / 0x8000000000000000 % 2); }

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

uint8_t vmref_canonical(uint64_t va)
{
  uint64_t top = va / 0x800000000000;
  return top == 0 || top == 0x1FFFF;
}

uint64_t vmref_index(uint64_t va, uint8_t level)
{
  if (level == 4) return va / 0x8000000000 % 512;
  if (level == 3) return va / 0x40000000 % 512;
  if (level == 2) return va / 0x200000 % 512;
  return va / 0x1000 % 512;
}

uint64_t vmref_table_of(uint64_t e)
{
  return e / 0x1000 % 0x10000000000 * 0x1000;
}

uint8_t vmref_maps_page(uint8_t level, uint64_t e)
{
  return level == 1 || (level <= 3 && ps(e) == 1);
}

uint64_t vmref_page_size(uint8_t level)
{
  return level == 3 ? 0x40000000 : level == 2 ? 0x200000 : 0x1000;
}

uint64_t vmref_page_byte(uint8_t level, uint64_t e, uint64_t va)
{
  if (level == 3) return e / 0x40000000 % 0x400000 * 0x40000000 + va % 0x40000000;
  if (level == 2) return e / 0x200000 % 0x80000000 * 0x200000 + va % 0x200000;
  return e / 0x1000 % 0x10000000000 * 0x1000 + va % 0x1000;
}

uint8_t vmref_reserved(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (e % 0x10000000000000 >= vmref_phys_limit(cpu.maxphyaddr))
    return VMREF_RULE_PF_RSVD_ADDR;
  if (vmref_xd(e) == 1 && cpu.nxe == 0)
    return VMREF_RULE_PF_RSVD_XD;
  if (level == 4 && ps(e) == 1)
    return VMREF_RULE_PF_RSVD_PML4E_PS;
  if (level == 4 && vmref_g(e) == 1 && cpu.vendor == VMREF_AMD)
    return VMREF_RULE_PF_RSVD_PML4E_G;
  if (level == 3 && ps(e) == 1 && cpu.page1gb == 0)
    return VMREF_RULE_PF_RSVD_1G;
  if (level == 3 && ps(e) == 1 && e / 0x2000 % 0x20000 != 0)
    return VMREF_RULE_PF_RSVD_1G_ADDR;
  if (level == 2 && ps(e) == 1 && e / 0x2000 % 0x100 != 0)
    return VMREF_RULE_PF_RSVD_2M_ADDR;
  return VMREF_RULE_NONE;
}

uint64_t vmref_accessed(uint64_t e)
{
  return e / 0x20 % 2 == 1 ? e : e + 0x20;
}

uint64_t vmref_dirtied(uint64_t e)
{
  return e / 0x40 % 2 == 1 ? e : e + 0x40;
}

uint8_t vmref_cpu_valid(struct vmref_cpu cpu)
{
  if (cpu.maxphyaddr < 32 || cpu.maxphyaddr > 52) return 0;
  if (cpu.cr3 >= vmref_phys_limit(cpu.maxphyaddr)) return 0;
  if (cpu.mode > VMREF_MODE_5LEVEL || cpu.vendor > VMREF_AMD) return 0;
  if (cpu.page1gb > 1 || cpu.wp > 1 || cpu.pge > 1) return 0;
  if (cpu.smep > 1 || cpu.smap > 1 || cpu.nxe > 1) return 0;
  return 1;
}
