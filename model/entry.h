/* SPDX-License-Identifier: MIT */
/* Topic entry: what one paging-structure entry says. SDM 3A 4.3, 4.4, 4.5. */
#ifndef VMREF_ENTRY_H
#define VMREF_ENTRY_H
#include "types.h"
#ifdef __FRAMAC__
#include "../spec/entry.acsl"
#endif

/* May the model be asked about this control state? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> valid_cpu(cpu);
    ensures flag(\result); */
uint8_t vmref_cpu_valid(struct vmref_cpu cpu);

/* 2^n, the first address past a physical memory of n bits; n from 32 to 52. */
/*@ requires 32 <= n <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == two(n);
    ensures 0x100000000 <= \result <= 0x10000000000000; */
uint64_t vmref_phys_limit(uint8_t n);

/* The paging modes, as numbers (MODE.NONE, MODE.32BIT, MODE.PAE, MODE.4LEVEL,
 * MODE.5LEVEL): the level of the root table in memory (5, 4, 2, or 0 without paging), the
 * bytes of an entry (of 4 bytes it has no XD, MODE.32BIT.XD), and whether linear addresses
 * have 64 bits. */
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == top_level(mode); ensures \result <= 5; */
uint8_t vmref_top_level(uint8_t mode);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == entry_size(mode); ensures \result == 4 || \result == 8; */
uint8_t vmref_entry_size(uint8_t mode);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == is_long(mode); ensures \result == 1 <==> long_mode(mode); ensures flag(\result); */
uint8_t vmref_long_mode(uint8_t mode);

/* Is a linear address canonical in this mode? 1 or 0. SDM 1, 3.3.7.1. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == canonical(mode, va);
    ensures flag(\result); */
uint8_t vmref_canonical(uint8_t mode, uint64_t va);

/* The index into the table at a level, 1 (page table) to 5 (PML5): 0 to 511, or to
 * 1023 in 32-bit paging. */
/*@ requires 1 <= level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == index(mode, va, level);
    ensures \result < 1024; ensures mode != VMREF_MODE_32BIT ==> \result < 512; */
uint64_t vmref_index(uint8_t mode, uint64_t va, uint8_t level);

/* The physical address of the entry that va selects in a table. */
/*@ requires 1 <= level <= 5 && table <= 0xFFFFFFFFFF000;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == entry_in(mode, table, va, level);
    ensures \result < table + 0x1000; */
uint64_t vmref_entry_in(uint8_t mode, uint64_t table, uint64_t va, uint8_t level);

/* The entry at a physical address, from the aligned 8-byte word that holds it. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == entry_in_word(mode, pa, word); */
uint64_t vmref_entry_in_word(uint8_t mode, uint64_t pa, uint64_t word);

/* The PDPTE register that va selects, with PAE paging. SDM 3A 4.4.1. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == cpu.pdpte[pdpte_index(va)]; */
uint64_t vmref_pdpte(struct vmref_cpu cpu, uint64_t va);

/* The physical address in bits 51:12 of an entry or of CR3. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == table_of(e);
    ensures \result <= 0xFFFFFFFFFF000; */
uint64_t vmref_table_of(uint64_t e);

/* Does a present entry at this level map a page? 1 or 0. MODE.PAGE, MODE.PSE. */
/*@ requires 1 <= level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == maps_page(cpu, level, e);
    ensures flag(\result); */
uint8_t vmref_maps_page(struct vmref_cpu cpu, uint8_t level, uint64_t e);

/* Bytes in a page mapped at a level, 1 to 3. */
/*@ requires 1 <= level <= 3;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == page_size(mode, level);
    ensures 0x1000 <= \result <= 0x40000000; */
uint64_t vmref_page_size(uint8_t mode, uint8_t level);

/* The first byte of the page that e maps at a level, 1 to 3, and the byte that va
 * reaches in it: physical addresses. MODE.PSE36. */
/*@ requires 1 <= level <= 3;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == page_base(mode, level, e);
    ensures \result <= 0x10000000000000 - page_size(mode, level); */
uint64_t vmref_page_base(uint8_t mode, uint8_t level, uint64_t e);
/*@ requires 1 <= level <= 3;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == page_byte(mode, level, e, va);
    ensures \result < 0x10000000000000; */
uint64_t vmref_page_byte(uint8_t mode, uint8_t level, uint64_t e, uint64_t va);

/* The rule that the reserved bits of a present entry break, 0 when none. All other bits
 * without a meaning are ignored: MODE.IGNORED, RSVD.32BIT. */
/*@ requires 1 <= level <= 5 && 32 <= cpu.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == reserved(cpu, level, e); */
uint8_t vmref_reserved(struct vmref_cpu cpu, uint8_t level, uint64_t e);

/* May this value stand in a PDPTE register? 1 or 0; loading another faults. 4.4.1,
 * PDPTE.RIGHTS. */
/*@ requires 32 <= maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> pdpte_fit(maxphyaddr, e);
    ensures flag(\result); */
uint8_t vmref_pdpte_fit(uint8_t maxphyaddr, uint64_t e);

/* The index into IA32_PAT that an entry (or CR3) gives, 0 to 7 for the page that it
 * maps, 0 to 3 for the table that it refers to. SDM 3A 4.9.2. */
/*@ requires 1 <= level <= 3;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == pat_index(level, e);
    ensures \result <= 7; */
uint8_t vmref_pat_index(uint8_t level, uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == pat_index_of_table(e);
    ensures \result <= 3; */
uint8_t vmref_pat_index_of_table(uint64_t e);

/* The entry with A set, and with D set. SDM 3A 4.8. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == accessed(e); */
uint64_t vmref_accessed(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == dirtied(e); */
uint64_t vmref_dirtied(uint64_t e);

/* One flag of an entry, 1 or 0: present, write, user, execute-disable, global. */
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == P(e); ensures flag(\result); */
uint8_t vmref_p(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == RW(e); ensures flag(\result); */
uint8_t vmref_rw(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == US(e); ensures flag(\result); */
uint8_t vmref_us(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == XD(e); ensures flag(\result); */
uint8_t vmref_xd(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == G(e); ensures flag(\result); */
uint8_t vmref_g(uint64_t e);
/* Bits 62:59, the protection key: 0 to 15. */
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == key(e); ensures \result <= 15; */
uint8_t vmref_key(uint64_t e);

#endif
