/* SPDX-License-Identifier: MIT */
/* Topic entry: what one paging-structure entry says. SDM 3A 4.5.4. */
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

/* Are bits 63:47 of a linear address all equal? 1 or 0. SDM 1, 3.3.7.1. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == canonical(va);
    ensures flag(\result); */
uint8_t vmref_canonical(uint64_t va);

/* The index into the table at a level, 1 (page table) to 4 (PML4): 0 to 511. */
/*@ requires 1 <= level <= 4;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == index(va, level);
    ensures \result < 512; */
uint64_t vmref_index(uint64_t va, uint8_t level);

/* The physical address in bits 51:12 of an entry or of CR3. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == table_of(e);
    ensures \result <= 0xFFFFFFFFFF000; */
uint64_t vmref_table_of(uint64_t e);

/* Does a present entry at this level map a page? 1 or 0. */
/*@ requires 1 <= level <= 4;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == maps_page(level, e);
    ensures flag(\result); */
uint8_t vmref_maps_page(uint8_t level, uint64_t e);

/* Bytes in a page mapped at a level, 1 to 3. */
/*@ requires 1 <= level <= 3;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == page_size(level); */
uint64_t vmref_page_size(uint8_t level);

/* The physical address of va in the page that e maps at a level, 1 to 3. */
/*@ requires 1 <= level <= 3;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == page_byte(level, e, va);
    ensures \result < 0x10000000000000; */
uint64_t vmref_page_byte(uint8_t level, uint64_t e, uint64_t va);

/* The rule that the reserved bits of a present entry break, 0 when none. */
/*@ requires 1 <= level <= 4 && valid_cpu(cpu);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == reserved(cpu, level, e); */
uint8_t vmref_reserved(struct vmref_cpu cpu, uint8_t level, uint64_t e);

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

#endif
