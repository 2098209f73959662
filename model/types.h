/* SPDX-License-Identifier: MIT */
/* The values that every topic shares: status codes, the control state of a
 * CPU, one access, and the rules that an answer cites. No functions here. */
#ifndef VMREF_TYPES_H
#define VMREF_TYPES_H
#include <stdint.h>

/* 0 or 1, in C and C++ the same. */
#ifdef __cplusplus
typedef bool vmref_bool;
#else
typedef _Bool vmref_bool;
#endif

/* Status of a call, apart from the verdict on the access. Never renumbered. */
#define VMREF_OK           0
#define VMREF_EINVAL     (-1)  /* an argument is out of its range */
#define VMREF_EMEM       (-2)  /* the memory given ends before the entry wanted */
#define VMREF_EUNMODELLED (-3) /* the architecture defines it, this model does not yet */
#define VMREF_EFORMAT    (-4)  /* malformed text or file (command line, library readers) */
#define VMREF_EINTERNAL  (-5)  /* a defect of vmref itself */
#define VMREF_EFULL      (-6)  /* no room left in what the caller gave */
#define VMREF_ENOMAP     (-7)  /* nothing is mapped at the address */
#define VMREF_EACCES     (-8)  /* the mapping does not permit the access */

#define VMREF_MODE_NONE   0
#define VMREF_MODE_32BIT  1
#define VMREF_MODE_PAE    2
#define VMREF_MODE_4LEVEL 3
#define VMREF_MODE_5LEVEL 4

#define VMREF_INTEL 0
#define VMREF_AMD   1

/* The control state that decides how a linear address is translated, decoded from
 * the registers (topic control makes it from CR0, CR3, CR4 and EFER). Flags are 0 or
 * 1; one that a mode has no use for is ignored in it. SDM 3A 2.5, 4.1.3 and 4.1.4. */
struct vmref_cpu {
  uint64_t cr3;        /* bits 51:12: the root table; PAE: bits 31:5; with PCIDE, bits 11:0
                          are the PCID, else they are ignored but for PWT and PCD (4.5.2) */
  uint64_t pdpte[4];   /* PAE: the PDPTE registers, loaded from memory with CR3 (4.4.1) */
  uint32_t pkru, pkrs; /* rights by protection key: AD is bit 2 key, WD bit 2 key + 1 */
  uint8_t  mode;       /* VMREF_MODE_* */
  uint8_t  vendor;     /* VMREF_INTEL or VMREF_AMD */
  uint8_t  maxphyaddr; /* CPUID 80000008H EAX[7:0], 32 to 52 */
  uint8_t  page1gb;    /* CPUID 80000001H EDX[26]: 1 GiB pages exist */
  uint8_t  pse36;      /* CPUID 1 EDX[17]: 4 MiB pages reach above 4 GiB */
  uint8_t  wp;         /* CR0.WP */
  uint8_t  pse;        /* CR4.PSE: 4 MiB pages in 32-bit paging */
  uint8_t  pge;        /* CR4.PGE */
  uint8_t  pcide;      /* CR4.PCIDE: 4-level and 5-level paging only */
  uint8_t  smep;       /* CR4.SMEP */
  uint8_t  smap;       /* CR4.SMAP */
  uint8_t  nxe;        /* IA32_EFER.NXE */
  uint8_t  pke;        /* CR4.PKE: PKRU guards user-mode addresses */
  uint8_t  pks;        /* CR4.PKS: PKRS guards supervisor-mode addresses */
};

#define VMREF_CPU_DEFAULT \
  { 0x1000, { 0, 0, 0, 0 }, 0, 0, VMREF_MODE_4LEVEL, VMREF_INTEL, 40, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0 }

#define VMREF_READ  0
#define VMREF_WRITE 1
#define VMREF_RMW   2 /* read-modify-write: one access, checked as a write */
#define VMREF_FETCH 3

#define VMREF_SEG_DS 0
#define VMREF_SEG_SS 1

/* One access to a linear address. Flags are 0 or 1. */
struct vmref_access {
  uint64_t va;
  uint8_t  kind;     /* VMREF_READ, WRITE, RMW, FETCH */
  uint8_t  size;     /* bytes, 1 to 64 */
  uint8_t  cpl;      /* 0 to 3 */
  uint8_t  implicit; /* implicit supervisor access: GDT, IDT, TSS (4.6.1) */
  uint8_t  ac;       /* RFLAGS.AC, read by SMAP */
  uint8_t  seg;      /* VMREF_SEG_SS: a stack reference, #SS instead of #GP;
                        neither a fetch nor an implicit access is one */
};

#define VMREF_VECTOR_NONE 0
#define VMREF_VECTOR_UD   6
#define VMREF_VECTOR_SS  12
#define VMREF_VECTOR_GP  13
#define VMREF_VECTOR_PF  14

/* Why an access ends as it does: rows of spec/rules.tsv, same numbers.
 * ci/check-rules holds the two against each other. Never renumbered. */
#define VMREF_RULE_NONE             0
#define VMREF_RULE_OK               1
#define VMREF_RULE_GP_CANON         2
#define VMREF_RULE_SS_CANON         3
#define VMREF_RULE_PF_NP            4
#define VMREF_RULE_PF_RSVD_ADDR     5
#define VMREF_RULE_PF_RSVD_XD       6
#define VMREF_RULE_PF_RSVD_PML4E_PS 7
#define VMREF_RULE_PF_RSVD_PML4E_G  8
#define VMREF_RULE_PF_RSVD_1G       9
#define VMREF_RULE_PF_RSVD_1G_ADDR 10
#define VMREF_RULE_PF_RSVD_2M_ADDR 11
#define VMREF_RULE_PF_USER         12
#define VMREF_RULE_PF_USER_WRITE   13
#define VMREF_RULE_PF_WP           14
#define VMREF_RULE_PF_XD           15
#define VMREF_RULE_PF_SMEP         16
#define VMREF_RULE_PF_SMAP         17
#define VMREF_RULE_PF_RSVD_4M_ADDR 18
#define VMREF_RULE_PF_RSVD_PML5E_PS 19
#define VMREF_RULE_PF_RSVD_PML5E_G 20
#define VMREF_RULE_PF_PKU_AD       21
#define VMREF_RULE_PF_PKU_WD       22
#define VMREF_RULE_PF_PKS_AD       23
#define VMREF_RULE_PF_PKS_WD       24
#define VMREF_RULE_GP_CR0_HIGH        32
#define VMREF_RULE_GP_CR0_PG_PE       33
#define VMREF_RULE_GP_CR0_NW_CD       34
#define VMREF_RULE_GP_CR0_LME_PAE     35
#define VMREF_RULE_GP_CR0_LME_CSL     36
#define VMREF_RULE_GP_CR0_LME_TSS     37
#define VMREF_RULE_GP_CR0_PG_64       38
#define VMREF_RULE_GP_CR0_PG_PCIDE    39
#define VMREF_RULE_GP_CR0_WP_CET      40
#define VMREF_RULE_GP_CR3_63          41
#define VMREF_RULE_GP_CR3_ADDR        42
#define VMREF_RULE_GP_CR4_RSVD        43
#define VMREF_RULE_GP_CR4_CET         44
#define VMREF_RULE_GP_CR4_PAE         45
#define VMREF_RULE_GP_CR4_LA57        46
#define VMREF_RULE_GP_CR4_PCIDE_CR3   47
#define VMREF_RULE_GP_CR4_PCIDE_LMA   48
#define VMREF_RULE_GP_MSR             49
#define VMREF_RULE_GP_EFER_RSVD       50
#define VMREF_RULE_GP_EFER_LME        51
#define VMREF_RULE_GP_EFER_LMA        52
#define VMREF_RULE_GP_PAT             53
#define VMREF_RULE_GP_PKRS            54
#define VMREF_RULE_GP_PKRU            55
#define VMREF_RULE_UD_PKE             56
#define VMREF_RULE_GP_PDPTE           57

#define VMREF_RULE_GP_INVPCID_TYPE 64
#define VMREF_RULE_GP_INVPCID_RSVD 65
#define VMREF_RULE_GP_INVPCID_PCID 66
#define VMREF_RULE_GP_INVPCID_CANON 67

#endif
