/* SPDX-License-Identifier: MIT */
/* Topic memtype: the memory type of what a walk accesses, from PWT, PCD and PAT bits,
 * IA32_PAT and the MTRRs' default type. SDM 3A 4.9.2, 11.5.2.2, 11.11.2.1, 11.12.
 * It holds with CR0.CD = 0, and where no MTRR range says another type than the default;
 * a processor may use the type that its TLB remembers instead (4.9.3). */
#ifndef VMREF_MEMTYPE_H
#define VMREF_MEMTYPE_H
#include "walk.h"

/* Memory types, as IA32_PAT and the MTRRs encode them. */
#define VMREF_MEM_UC   0 /* strong uncacheable */
#define VMREF_MEM_WC   1 /* write combining */
#define VMREF_MEM_WT   4 /* write-through */
#define VMREF_MEM_WP   5 /* write-protected */
#define VMREF_MEM_WB   6 /* write-back */
#define VMREF_MEM_UCM  7 /* UC-: uncacheable, which an MTRR's WC overrides; in the PAT only */
#define VMREF_MEM_NONE 0xFF /* no access, or not known */

/* IA32_PAT and IA32_MTRR_DEF_TYPE as a reset (PAT) and common firmware (WB, E, FE) leave them. */
#define VMREF_PAT_RESET    0x0007040600070406
#define VMREF_MTRR_WB      0xC06

#ifdef __FRAMAC__
#include "../spec/memtype.acsl"
#endif

/* May this type stand in a field of IA32_PAT; in an MTRR? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> pat_encoding(type); ensures flag(\result); */
uint8_t vmref_pat_type_valid(uint8_t type);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> mtrr_encoding(type); ensures flag(\result); */
uint8_t vmref_mtrr_type_valid(uint8_t type);

/* Field `index`, 0 to 7, of IA32_PAT. MT.PAT. */
/*@ requires index <= 7;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == pat_type(pat, index); ensures \result <= 7; */
uint8_t vmref_pat_type(uint64_t pat, uint8_t index);

/* The type that IA32_MTRR_DEF_TYPE gives to memory that no range names. MT.MTRR. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == mtrr_default(def_type); */
uint8_t vmref_mtrr_default(uint64_t def_type);

/* Both together; VMREF_MEM_NONE when one is no type. MT.COMBINE. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == effective_type(pat_type, mtrr_type);
    ensures pat_encoding(pat_type) && mtrr_encoding(mtrr_type) ==> mtrr_encoding(\result); */
uint8_t vmref_effective_type(uint8_t pat_type, uint8_t mtrr_type);

/* The index into IA32_PAT for the table where the walk of va from the root begins; the
 * other tables' and the page's are vmref_pat_index_of_table and vmref_pat_index. MT.ROOT. */
/*@ requires cpu.mode != VMREF_MODE_NONE;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == root_pat_index(cpu, va); ensures \result <= 3; */
uint8_t vmref_root_pat_index(struct vmref_cpu cpu, uint64_t va);

/* The type of the access to the entry that a walk uses at a level, 1 to 5, and of the
 * access itself. VMREF_MEM_NONE: the walk uses no entry there, or began below the root;
 * the access is not made. MT.TABLE; MT.PAGE, MT.PG0. */
/*@ requires \valid_read(w) && 1 <= level <= 5 && w->origin.level <= top_level(w->cpu.mode);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == entry_type(*w, level, pat, mtrr_def_type); */
uint8_t vmref_entry_type(const struct vmref_walk *w, uint8_t level, uint64_t pat, uint64_t mtrr_def_type);
/*@ requires \valid_read(w) && w->pat <= 7;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == data_type(*w, pat, mtrr_def_type); */
uint8_t vmref_data_type(const struct vmref_walk *w, uint64_t pat, uint64_t mtrr_def_type);

#endif
