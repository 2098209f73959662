/* SPDX-License-Identifier: MIT */
/* Topic tlb: the translations and tables that one logical processor may have cached,
 * and what each invalidation must remove. SDM 3A 4.10.
 *
 * It is an upper bound: a processor may have dropped any item at any time, but holds none
 * that is not here (TLB.DROP). So call vmref_tlb_fill before software changes the tables and after each
 * access, with a walk from the root (vmref_walk) and with one from each cached table that
 * vmref_leads to the address (vmref_walk_from its origin, vmref_walk_finish), since a
 * processor may fill from those too; and the invalidations as they happen. vmref_allows
 * (topic allows) then tells whether an outcome is one that this processor may give. */
#ifndef VMREF_TLB_H
#define VMREF_TLB_H
#include "walk.h"

/* A page's translation as a TLB holds it (TLB.CONTENT). A large page counts once, whatever
 * fragments a processor makes of it: software cannot see them (4.10.2.3, TLB.LARGE). */
struct vmref_translation {
  uint64_t page;  /* first linear address */
  uint64_t size;  /* bytes */
  uint64_t frame; /* first physical address */
  uint16_t pcid;
  uint8_t  used;  /* 0: the slot is free */
  uint8_t  rw, us, xd, key, global, dirty, pat;
};

/* What a paging-structure cache holds: for a range of linear addresses, the table that an
 * entry refers to, with the rights down to it (4.10.3.1, TLB.TABLE). */
struct vmref_cached_table {
  uint64_t start; /* first linear address */
  uint64_t size;  /* bytes */
  struct vmref_origin origin;
  uint16_t pcid;
  uint8_t  used;
};

#define VMREF_TLB_SLOTS 64
struct vmref_tlb {
  struct vmref_translation page[VMREF_TLB_SLOTS];
  struct vmref_cached_table table[VMREF_TLB_SLOTS];
};

/* What an invalidation removes; see spec/tlb.acsl. */
#define VMREF_AT_ANY 0
#define VMREF_AT_VA  1
#define VMREF_OF_ANY  0
#define VMREF_OF_PCID 1
#define VMREF_GLOBALS_STAY 0
#define VMREF_GLOBALS_OF   1
#define VMREF_GLOBALS_ALL  2
#define VMREF_TABLES_ALL   0
#define VMREF_TABLES_AT_VA 1

#ifdef __FRAMAC__
#include "../spec/tlb.acsl"
#endif

/* The current PCID: bits 11:0 of CR3, or 0 without CR4.PCIDE. TLB.PCID. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == pcid_of(cpu); ensures \result < 0x1000; */
uint16_t vmref_pcid(struct vmref_cpu cpu);

/* Nothing cached, as after reset. */
/*@ requires \valid(tlb); terminates \true; assigns *tlb; exits \false; ensures empty(*tlb); */
void vmref_tlb_reset(struct vmref_tlb *tlb);

/* May a translation, or a cached table, be used for an address under a PCID? 1 or 0.
 * TLB.GLOBAL, TLB.TABLE.USE. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == serves(t, pcid, va); ensures flag(\result); */
uint8_t vmref_serves(struct vmref_translation t, uint16_t pcid, uint64_t va);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == leads(s, pcid, va); ensures flag(\result); */
uint8_t vmref_leads(struct vmref_cached_table s, uint16_t pcid, uint64_t va);

/* INVLPG va in control state cpu: the page at va, global or not, and every cached table of
 * the current PCID (INV.INVLPG). An address that is not canonical makes it a NOP
 * (INV.INVLPG.CANON). */
/*@ requires \valid(tlb); terminates \true; assigns *tlb; exits \false;
    ensures nop: canonical(cpu.mode, va) == 0 ==> *tlb == \old(*tlb);
    ensures dropped: canonical(cpu.mode, va) == 1 ==>
      dropped(\old(*tlb), *tlb, VMREF_AT_VA, va, VMREF_OF_PCID, pcid_of(cpu), VMREF_GLOBALS_ALL, VMREF_TABLES_ALL);
    ensures clean: canonical(cpu.mode, va) == 1 ==> clean(*tlb, pcid_of(cpu), va); */
void vmref_tlb_invlpg(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va);

/* INVPCID: type 0 one address of one PCID, 1 one PCID, 2 everything, 3 everything but
 * globals (INV.INVPCID.0, INV.INVPCID.1, INV.INVPCID.2, INV.INVPCID.3). descriptor: its bits 63:0, the PCID; va: its bits 127:64; la57: the CPU has
 * 5-level paging, in use or not. Returns the rule by which it faults, all as before, or 0. */
/*@ requires \valid(tlb); requires flag(la57); requires flag(cpu.pcide);
    terminates \true; assigns *tlb; exits \false;
    ensures \result == invpcid_fault(cpu, la57, type, descriptor, va);
    ensures fault: \result != VMREF_RULE_NONE ==> *tlb == \old(*tlb);
    ensures type0: \result == VMREF_RULE_NONE && type == 0 ==>
      dropped(\old(*tlb), *tlb, VMREF_AT_VA, va, VMREF_OF_PCID, descriptor, VMREF_GLOBALS_STAY, VMREF_TABLES_AT_VA);
    ensures type1: \result == VMREF_RULE_NONE && type == 1 ==>
      dropped(\old(*tlb), *tlb, VMREF_AT_ANY, va, VMREF_OF_PCID, descriptor, VMREF_GLOBALS_STAY, VMREF_TABLES_ALL);
    ensures type2: \result == VMREF_RULE_NONE && type == 2 ==> empty(*tlb);
    ensures type3: \result == VMREF_RULE_NONE && type == 3 ==>
      dropped(\old(*tlb), *tlb, VMREF_AT_ANY, va, VMREF_OF_ANY, descriptor, VMREF_GLOBALS_STAY, VMREF_TABLES_ALL); */
uint8_t vmref_tlb_invpcid(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t la57, uint64_t type,
                          uint64_t descriptor, uint64_t va);

/* MOV CR3: cpu is the state after it; keep is bit 63 of its source, which with PCIDE asks
 * that nothing be removed (INV.CR3.63). Else what is of the new PCID goes, global pages
 * stay (INV.CR3). */
/*@ requires \valid(tlb); terminates \true; assigns *tlb; exits \false;
    ensures kept: cpu.pcide == 1 && keep == 1 ==> *tlb == \old(*tlb);
    ensures dropped: !(cpu.pcide == 1 && keep == 1) ==>
      dropped(\old(*tlb), *tlb, VMREF_AT_ANY, 0, VMREF_OF_PCID, pcid_of(cpu), VMREF_GLOBALS_STAY, VMREF_TABLES_ALL); */
void vmref_tlb_cr3(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t keep);

/* MOV CR0 or MOV CR4, from one state to another: all goes when PG is cleared (INV.CR0.PG),
 * PGE changes or PCIDE is cleared (INV.CR4.ALL); what is of the current PCID when PAE changes
 * or SMEP is set (INV.CR4.PCID). No other control needs to remove anything (INV.NONE): rights
 * are looked up with the current ones. */
/*@ requires \valid(tlb); terminates \true; assigns *tlb; exits \false;
    ensures all: flushes_all(before, after) == 1 ==> empty(*tlb);
    ensures pcid: flushes_all(before, after) == 0 && flushes_pcid(before, after) == 1 ==>
      dropped(\old(*tlb), *tlb, VMREF_AT_ANY, 0, VMREF_OF_PCID, pcid_of(before), VMREF_GLOBALS_OF, VMREF_TABLES_ALL);
    ensures none: flushes_all(before, after) == 0 && flushes_pcid(before, after) == 0 ==> *tlb == \old(*tlb); */
void vmref_tlb_control(struct vmref_tlb *tlb, struct vmref_cpu before, struct vmref_cpu after);

/* A page fault at va: what would be used for va goes, so that the fault recurs only when
 * the tables say so. INV.PF. */
/*@ requires \valid(tlb); terminates \true; assigns *tlb; exits \false;
    ensures dropped: dropped(\old(*tlb), *tlb, VMREF_AT_VA, va, VMREF_OF_PCID, pcid_of(cpu),
                             VMREF_GLOBALS_ALL, VMREF_TABLES_AT_VA);
    ensures clean: clean(*tlb, pcid_of(cpu), va); */
void vmref_tlb_fault(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va);

/* Add what a processor may have cached from a walk that is over, made at this moment or
 * earlier, speculatively or not: each table that it passed and the page that it found,
 * whatever the rights (TLB.RIGHTS), as far as A = 1 stands in memory (TLB.FILL). Status VMREF_OK, or VMREF_EFULL:
 * a slot is wanting, and what did not fit is not there. */
/*@ requires \valid(tlb) && \valid_read(w); requires over: w->level == 0 && w->origin.level <= 5 && w->last <= 5 && valid_cpu(w->cpu);
    requires flag(w->origin.rw) && flag(w->origin.us) && flag(w->origin.xd);
    terminates \true; assigns *tlb; exits \false;
    ensures status: \result == VMREF_OK || \result == VMREF_EFULL;
    ensures kept: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && \old(*tlb).page[i].used == 1 ==> tlb->page[i] == \old(*tlb).page[i];
    ensures kept_tables: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && \old(*tlb).table[i].used == 1 ==> tlb->table[i] == \old(*tlb).table[i];
    ensures new: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->page[i] != \old(*tlb).page[i] ==>
      caches_page(*w) == 1 && translation_of(tlb->page[i], *w, w->last);
    ensures new_tables: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->table[i] != \old(*tlb).table[i] ==>
      \exists integer k; caches_table(*w, k) && table_of_walk(tlb->table[i], *w, k);
    ensures page: \result == VMREF_OK && caches_page(*w) == 1 ==>
      \exists integer i; 0 <= i < VMREF_TLB_SLOTS && translation_of(tlb->page[i], *w, w->last);
    ensures tables: \result == VMREF_OK ==> \forall integer k; caches_table(*w, k) ==>
      \exists integer i; 0 <= i < VMREF_TLB_SLOTS && table_of_walk(tlb->table[i], *w, k); */
int8_t vmref_tlb_fill(struct vmref_tlb *tlb, const struct vmref_walk *w);

#endif
