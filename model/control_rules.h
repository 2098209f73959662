/* SPDX-License-Identifier: MIT */
/* Topic control, its first part: features, registers, and the rule that a value breaks.
 * SDM 3A 2.5, 4.1, 4.10.1, 9.8.5, 11.12; SDM 2 MOV CR, WRMSR, WRPKRU. */
#ifndef VMREF_CONTROL_RULES_H
#define VMREF_CONTROL_RULES_H
#include "entry.h"

/* One bit of a register, 0 or 1, for a power of two that is a constant. */
#define VMREF_BIT(v, power) ((uint8_t)((v) / (power) % 2))

/* The registers that vmref_cpu_set writes. */
#define VMREF_REG_CR0  0 /* MOV CR0 */
#define VMREF_REG_CR3  1 /* MOV CR3 */
#define VMREF_REG_CR4  2 /* MOV CR4 */
#define VMREF_REG_EFER 3 /* WRMSR IA32_EFER */
#define VMREF_REG_PAT  4 /* WRMSR IA32_PAT */
#define VMREF_REG_PKRU 5 /* WRPKRU: the value is EDX:EAX, ECX is 0 */
#define VMREF_REG_PKRS 6 /* WRMSR IA32_PKRS */

#define VMREF_CR0_PE 0x1
#define VMREF_CR0_WP 0x10000
#define VMREF_CR0_NW 0x20000000
#define VMREF_CR0_CD 0x40000000
#define VMREF_CR0_PG 0x80000000

#define VMREF_CR4_PSE   0x10
#define VMREF_CR4_PAE   0x20
#define VMREF_CR4_PGE   0x80
#define VMREF_CR4_LA57  0x1000
#define VMREF_CR4_PCIDE 0x20000
#define VMREF_CR4_SMEP  0x100000
#define VMREF_CR4_SMAP  0x200000
#define VMREF_CR4_PKE   0x400000
#define VMREF_CR4_CET   0x800000
#define VMREF_CR4_PKS   0x1000000

#define VMREF_EFER_LME 0x100
#define VMREF_EFER_LMA 0x400
#define VMREF_EFER_NXE 0x800

/* What CPUID tells of a CPU. Flags are 0 or 1. */
struct vmref_features {
  uint64_t cr4_other;  /* the bits of CR4 and of IA32_EFER that it has beside those */
  uint64_t efer_other; /* named above; they play no part here */
  uint8_t  vendor;     /* VMREF_INTEL or VMREF_AMD */
  uint8_t  maxphyaddr; /* 80000008H EAX[7:0], 32 to 52 */
  uint8_t  wp;         /* CR0.WP exists: not on an i386 */
  uint8_t  pse, pse36; /* 1 EDX[3], EDX[17] */
  uint8_t  pae, pge;   /* 1 EDX[6], EDX[13] */
  uint8_t  pat;        /* 1 EDX[16] */
  uint8_t  pcid;       /* 1 ECX[17] */
  uint8_t  smep, smap; /* 7 EBX[7], EBX[20] */
  uint8_t  pku, pks;   /* 7 ECX[3], ECX[31] */
  uint8_t  la57;       /* 7 ECX[16] */
  uint8_t  cet;        /* 7 ECX[7] or EDX[20] */
  uint8_t  nx;         /* 80000001H EDX[20] */
  uint8_t  page1gb;    /* 80000001H EDX[26] */
  uint8_t  lm;         /* 80000001H EDX[29] */
};

/* Two processors of today: Intel with VME to OSXSAVE and SYSCALL beside, AMD without
 * VMX, SMX and PKS but with SVME, FFXSR and TCE. */
#define VMREF_FEATURES_INTEL \
  { 0x56F4F, 0x1, VMREF_INTEL, 46, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }
#define VMREF_FEATURES_AMD \
  { 0x50F4F, 0xD001, VMREF_AMD, 48, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1 }

/* The registers as they stand. */
struct vmref_control {
  uint64_t cr0, cr3, cr4, efer, pat;
  uint64_t pdpte[4];   /* the PDPTE registers of PAE paging */
  uint32_t pkru, pkrs;
  uint8_t  cs_l;       /* L of the code segment: 64-bit mode, while EFER.LMA = 1 */
  uint8_t  tr16;       /* TR holds a 16-bit TSS */
  struct vmref_features features;
};

/* The four words that memory holds at vmref_cpu_pdpte_table. */
struct vmref_pdptes { uint64_t e[4]; };

#ifdef __FRAMAC__
#include "../spec/control.acsl"
#endif

/* What the instruction takes from value: a MOV CR 64 bits in 64-bit mode, else 32. */
/*@ requires \valid_read(c); terminates \true; assigns \nothing; exits \false;
    ensures \result == operand(*c, reg, value); */
uint64_t vmref_control_operand(const struct vmref_control *c, uint8_t reg, uint64_t value);

/* The paging mode that these registers select. SDM 3A 4.1.1. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == paging_mode(cr0, cr4, efer); ensures \result <= VMREF_MODE_5LEVEL; */
uint8_t vmref_paging_mode(uint64_t cr0, uint64_t cr4, uint64_t efer);

/* Has the CPU every bit of this CR4, of this IA32_EFER? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_cr4(f, v); ensures flag(\result); */
uint8_t vmref_cr4_legal(struct vmref_features f, uint64_t v);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_efer(f, v); ensures flag(\result); */
uint8_t vmref_efer_legal(struct vmref_features f, uint64_t v);

/* Are these eight memory types, as IA32_PAT takes them? 1 or 0. SDM 3A 11.12.2. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == legal_pat(pat); ensures flag(\result); */
uint8_t vmref_pat_valid(uint64_t pat);

/* The rule that a CR0 breaks of itself, 0 for none. */
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == fault_cr0_value(v); */
uint8_t vmref_cr0_fault(uint64_t v);

/* The rule that the operand v breaks in a register, whatever PDPTEs hold; 0 for none. */
/*@ requires \valid_read(c) && reg <= VMREF_REG_PKRS && 32 <= c->features.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == fault_value(*c, reg, v); */
uint8_t vmref_control_fault(const struct vmref_control *c, uint8_t reg, uint64_t v);

#endif
