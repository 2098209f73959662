/* SPDX-License-Identifier: MIT */
/* Topic huge: pages of 2 MiB, and mappings of devices, over the pages of 4 KiB of the memory manager.
 * The caller has an array beside struct vmref_sys: over[2048 * t + 4 * i ..] is the word that memory
 * holds in place of entry i of table t, four units of 16 bits, the lowest first (on x86-64 so an array of 64-bit words), 0 where it is the
 * entry itself; all 0 at the beginning. What changes pages of 4 KiB stands between vmref_huge_fold and
 * vmref_huge_settle: then a page of 2 MiB of which a part has changed has become pages of 4 KiB.
 * What the words of a page were before, the caller invalidates in his TLBs. */
#ifndef VMREF_HUGE_H
#define VMREF_HUGE_H
#include "fault_access.h"

#ifdef __FRAMAC__
#include "../spec/huge.acsl"
#endif

/* How many units of 16 bits the array has. */
#define VMREF_OVER(s) (2048 * (uint64_t)(s)->tables)
/* Frames of a page of 2 MiB and of 1 GiB. */
#define VMREF_LARGE 0x200
#define VMREF_GIANT 0x40000

/* The word over entry i of table t, 0 when there is none. */
/*@ requires \valid_read(o + (2048 * t + 4 * i .. 2048 * t + 4 * i + 3)) && i < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == over(o, t, i); */
uint64_t vmref_over(const uint16_t *o, uint32_t t, uint32_t i);
/*@ requires \valid(o + (2048 * t + 4 * i .. 2048 * t + 4 * i + 3)) && i < 512;
    terminates \true; exits \false; assigns o[2048 * t + 4 * i .. 2048 * t + 4 * i + 3];
    ensures written: over(o, t, i) == e;
    ensures others: \forall integer u, j; 0 <= u && ix(j) && !(u == t && j == i) ==> over(o, u, j) == \old(over(o, u, j)); */
void vmref_over_set(uint16_t *o, uint32_t t, uint32_t i, uint64_t e);

/* May e be the word over entry i of table t? 1 or 0. */
/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> covers(*s, t, i, e); ensures \result <= 1; */
uint8_t vmref_huge_fits(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e);

/* After any operation on the tables: words that no longer tell what the pages below are get their
 * new rights, or are none when the pages are not alike, not present or unmapped. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o);
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures huge: huge(*s, o);
    ensures kept: \forall integer t, i; 0 <= t < s->tables && ix(i) && covers(*s, t, i, \old(over(o, t, i))) ==>
      over(o, t, i) == \old(over(o, t, i));
    ensures fewer: \forall integer t, i; 0 <= t < s->tables && ix(i) ==>
      over(o, t, i) == 0 || (\old(over(o, t, i)) != 0 && PFN(over(o, t, i)) == PFN(\old(over(o, t, i)))); */
void vmref_huge_settle(const struct vmref_sys *s, uint16_t *o);

/* ---- lemmas, run by the prover only ---- */
/* The entries of a process's table above the leaves link tables. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && t < s->tables && theirs(*s, t) && 2 <= s->level[t] <= 4;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer i; ix(i) && owns(*s, t, i) ==> 0 <= under(*s, t, i) <= s->tables
       && (at(*s, t, i) == 0 ? under(*s, t, i) == s->tables
           : (links(at(*s, t, i), under(*s, t, i)) && under(*s, t, i) < s->tables));
     ensures \forall integer i; ix(i) && owns(*s, t, i) && under(*s, t, i) < s->tables ==>
       s->level[under(*s, t, i)] == s->level[t] - 1 && s->owner[under(*s, t, i)] == s->owner[t]
       && s->parent[under(*s, t, i)] == 512 * t + i; @/
  void vmref_lemma_under(const struct vmref_sys *s, uint32_t t);
*/
/* All of them. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 ==>
       0 <= under(*s, t, i) <= s->tables
       && (under(*s, t, i) < s->tables ==> s->level[under(*s, t, i)] == s->level[t] - 1 && s->owner[under(*s, t, i)] == s->owner[t]
           && s->parent[under(*s, t, i)] == 512 * t + i); @/
  void vmref_lemma_tables(const struct vmref_sys *s);
*/
/* A word with bit 7 says what it says without. */
/*@ ghost
  /@ requires PS(e) == 1;
     terminates \true; assigns \nothing; exits \false;
     ensures P(e) == P(e - 0x80) && RW(e) == RW(e - 0x80) && US(e) == US(e - 0x80) && XD(e) == XD(e - 0x80)
       && PFN(e) == PFN(e - 0x80) && prot(e) == prot(e - 0x80); @/
  void vmref_lemma_large(uint64_t e);
*/
#endif
