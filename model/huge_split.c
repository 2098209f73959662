/* SPDX-License-Identifier: MIT */
/* Devices' pages become smaller ones: words move from the entry above to the entries below. */
#include "huge_split.h"

/*@ ghost
  /@ requires PFN(e) + k < 0x10000000000 && x == e + 0x1000 * k && k <= 0x40000;
     terminates \true; assigns \nothing; exits \false;
     ensures piece(e, x, k) && x / 128 % 4 == e / 128 % 4; @/
  static void lemma_piece(uint64_t e, uint64_t k, uint64_t x)
  {
    /@ assert pages: x / 0x1000 == e / 0x1000 + k; @/
    /@ assert number: e / 0x1000 == 0x10000000000 * (e / 0x10000000000000) + PFN(e); @/
    /@ assert number2: x / 0x1000 == 0x10000000000 * (e / 0x10000000000000) + (PFN(e) + k); @/
    /@ assert high: x / 0x10000000000000 == e / 0x10000000000000; @/
    /@ assert frame: PFN(x) == PFN(e) + k; @/
    /@ assert p: P(x) == P(e); @/
    /@ assert low: x / 2 == e / 2 + 0x800 * k && x / 4 == e / 4 + 0x400 * k; @/
    /@ assert cache: x / 8 == e / 8 + 0x200 * k && x / 0x10 == e / 0x10 + 0x100 * k; @/
    /@ assert flags: x / 0x20 == e / 0x20 + 0x80 * k && x / 0x40 == e / 0x40 + 0x40 * k; @/
    /@ assert ps: x / 0x80 == e / 0x80 + 0x20 * k; @/
    /@ assert top: x / 0x8000000000000000 == x / 0x10000000000000 / 0x800 && e / 0x8000000000000000 == e / 0x10000000000000 / 0x800; @/
    /@ assert xd: XD(x) == XD(e); @/
    /@ assert prot: prot(x) == prot(e); @/
    /@ assert bits1: RW(x) == RW(e) && US(x) == US(e) && PWT(x) == PWT(e); @/
    /@ assert bits2: PCD(x) == PCD(e) && A(x) == A(e) && D(x) == D(e); @/
    /@ assert ps1: x / 128 == e / 128 + 32 * k && x / 512 == e / 512 + 8 * k; @/
    /@ assert ps3: x / 128 == 4 * (x / 512) + x / 128 % 4 && e / 128 == 4 * (e / 512) + e / 128 % 4; @/
    /@ assert ps2: x / 128 % 4 == e / 128 % 4; @/
    /@ assert piece: piece(e, x, k); @/
  }
*/

/* It is no number past 64 bits. */
/*@ ghost
  /@ requires PFN(e) + k < 0x10000000000 && k <= 0x40000;
     terminates \true; assigns \nothing; exits \false;
     ensures e + 0x1000 * k <= 0xFFFFFFFFFFFFFFFF; @/
  static void lemma_high(uint64_t e, uint64_t k)
  {
    /@ assert number: e / 0x1000 == 0x10000000000 * (e / 0x10000000000000) + PFN(e); @/
    /@ assert high: e / 0x10000000000000 <= 0xFFF; @/
    /@ assert sum: e / 0x1000 + k <= 0xFFFFFFFFFFFFF; @/
  }
*/
/* Words over all entries of table u: e, and each `step` further on. */
/*@ requires \valid_read(s) && valid_over(*s, o) && u < s->tables && sized(*s);
    requires (step == 0x1000 || step == 0x200000) && e <= 0xFFFFFFFFFFFFFFFF - 511 * step;
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures small: step == 0x1000 ==> \forall integer j; ix(j) ==> over(o, u, j) == e + 0x1000 * j;
    ensures large: step == 0x200000 ==> \forall integer j; ix(j) ==> over(o, u, j) == e + 0x200000 * j;
    ensures others: \forall integer t, i; 0 <= t < s->tables && ix(i) && t != u ==> over(o, t, i) == \old(over(o, t, i)); */
static void fill(const struct vmref_sys *s, uint16_t *o, uint32_t u, uint64_t e, uint64_t step)
{
  (void)s;
  uint64_t x = e;
  /*@ loop invariant 0 <= j <= 512;
      loop invariant step == 0x1000 ==> x == e + 0x1000 * (j < 512 ? j : 511);
      loop invariant step == 0x200000 ==> x == e + 0x200000 * (j < 512 ? j : 511);
      loop invariant small: step == 0x1000 ==> \forall integer k; 0 <= k < j ==> over(o, u, k) == e + 0x1000 * k;
      loop invariant large: step == 0x200000 ==> \forall integer k; 0 <= k < j ==> over(o, u, k) == e + 0x200000 * k;
      loop invariant others: \forall integer t, i; 0 <= t < s->tables && ix(i) && t != u ==> over(o, t, i) == \at(over(o, t, i), Pre);
      loop assigns j, x, o[0 .. 4 * entries(*s) - 1]; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    vmref_over_set(o, u, j, x);
    if (j < 511) x += step;
  }
}

/* One that fits the entry above fits, a piece each, the entries below. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && s->level[t] == 2 && covers(*s, t, i, e) && PFN(e) >= devices(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures PS(e) == 1 && e >= 0x80 && PFN(e) + 512 <= 0x10000000 && under(*s, t, i) < s->tables;
     ensures \forall integer j; ix(j) ==> covers(*s, under(*s, t, i), j, e - 0x80 + 0x1000 * j); @/
  static void lemma_small(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
  {
    vmref_lemma_under(s, t);
    vmref_lemma_large(e);
    uint64_t d = e - 0x80;
    /@ assert is: large_device(*s, t, i, d); @/
    /@ assert below: theirs(*s, under(*s, t, i)) && s->level[under(*s, t, i)] == 1; @/
    /@ assert room: PFN(d) + 512 <= 0x10000000; @/
    lemma_high(d, 511);
    /@ assert each: \forall integer j; ix(j) ==> untouched(*s, at(*s, under(*s, t, i), j), d); @/
    /@ loop invariant 0 <= j <= 512;
       loop invariant \forall integer k; ix(k) && k < j ==> covers(*s, under(*s, t, i), k, d + 0x1000 * k);
       loop assigns j; loop variant 512 - j; @/
    for (uint32_t j = 0; j < 512; j++) {
      uint64_t x = d + 0x1000 * (uint64_t)j;
      lemma_piece(d, j, x);
      /@ assert device: device(*s, x, 1); @/
      /@ assert was: untouched(*s, at(*s, under(*s, t, i), j), d) && prot(x) == prot(d); @/
      /@ assert blank: untouched(*s, at(*s, under(*s, t, i), j), x); @/
      /@ assert small: small_device(*s, under(*s, t, i), j, x); @/
      /@ assert word: covers(*s, under(*s, t, i), j, d + 0x1000 * j); @/
    }
  }
*/

/*@ ghost
  void vmref_lemma_reach(uint64_t e, uint64_t va)
  {
    uint64_t d = e - 0x80, k = va / 0x1000 % 512;
    vmref_lemma_large(e);
    lemma_high(d, 511);
    /@ assert eighth: e / 8 == d / 8 + 16 && e / 0x10 == d / 0x10 + 8; @/
    /@ assert flags1: PWT(e) == PWT(d) && PCD(e) == PCD(d); @/
    /@ assert part: e / 0x20 == d / 0x20 + 4 && e / 0x40 == d / 0x40 + 2; @/
    /@ assert flags2: A(e) == A(d) && D(e) == D(d); @/
    uint64_t f = d + 0x1000 * k;
    lemma_piece(d, k, f);
    /@ assert piece: piece(e, f, k) && piece(e, f, PFN(f) - PFN(e)); @/
    /@ assert offset1: va / 0x200000 == va / 0x1000 / 512; @/
    /@ assert offset2: va / 0x1000 == 512 * (va / 0x1000 / 512) + k; @/
    /@ assert offset3: va % 0x200000 == 0x1000 * k + va % 0x1000; @/
    /@ assert sum: 0x1000 * PFN(e) + va % 0x200000 == 0x1000 * PFN(f) + va % 0x1000; @/
    /@ assert reach: same_reach(e, 2, f, 1, va) && f == e - 0x80 + 0x1000 * i1(va); @/
  }
*/

/* Words that are such are those that fit. */
/*@ ghost
  /@ requires \valid_read(s) && covers(*s, u, j, x) && over(o, u, j) == x;
     terminates \true; assigns \nothing; exits \false; ensures covers(*s, u, j, over(o, u, j)); @/
  static void lemma_word(const struct vmref_sys *s, const uint16_t *o, uint32_t u, uint32_t j, uint64_t x)
  {}
*/
/*@ ghost
  /@ requires \valid_read(s) && e <= 0xFFFFFFFFFFFFFFFF - 511 * 0x1000;
     requires \forall integer j; ix(j) ==> covers(*s, u, j, e + 0x1000 * j) && over(o, u, j) == e + 0x1000 * j;
     terminates \true; assigns \nothing; exits \false; ensures \forall integer j; ix(j) ==> covers(*s, u, j, over(o, u, j)); @/
  static void lemma_words(const struct vmref_sys *s, const uint16_t *o, uint32_t u, uint64_t e)
  {
    /@ loop invariant 0 <= j <= 512; loop invariant \forall integer k; ix(k) && k < j ==> covers(*s, u, k, over(o, u, k));
       loop assigns j; loop variant 512 - j; @/
    for (uint32_t j = 0; j < 512; j++) lemma_word(s, o, u, j, e + 0x1000 * (uint64_t)j);
  }
*/
/*@ ghost
  /@ requires \valid_read(s) && e <= 0xFFFFFFFFFFFFFFFF - 511 * 0x200000;
     requires \forall integer j; ix(j) ==> covers(*s, u, j, e + 0x200000 * j) && over(o, u, j) == e + 0x200000 * j;
     terminates \true; assigns \nothing; exits \false; ensures \forall integer j; ix(j) ==> covers(*s, u, j, over(o, u, j)); @/
  static void lemma_words_large(const struct vmref_sys *s, const uint16_t *o, uint32_t u, uint64_t e)
  {
    /@ loop invariant 0 <= j <= 512; loop invariant \forall integer k; ix(k) && k < j ==> covers(*s, u, k, over(o, u, k));
       loop assigns j; loop variant 512 - j; @/
    for (uint32_t j = 0; j < 512; j++) lemma_word(s, o, u, j, e + 0x200000 * (uint64_t)j);
  }
*/

/* A page of 2 MiB has a leaf table. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && huge(*s, o);
     terminates \true; assigns \nothing; exits \false;
     ensures a < s->spaces && upage(p) && word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)) != 0 ==>
       table_of(*s, a, p) < s->tables && s->level[a] == 4 && covers(*s, t2(*s, a, p4(p), p3(p)), p2(p), word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p))); @/
  static void lemma_covered(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p)
  {
    vmref_lemma_way(s);
    if (a >= s->spaces || p >= VMREF_USER_PAGES) return;
    /@ assert page: page(*s, a, p4(p), p3(p), p2(p), 0) && ix(p2(p)); @/
    /@ assert level: t2(*s, a, p4(p), p3(p)) < s->tables ==> 0 <= t2(*s, a, p4(p), p3(p)) && s->level[t2(*s, a, p4(p), p3(p))] == 2 && s->level[a] == 4; @/
  }
*/

int vmref_device_split(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p)
{
  //@ ghost lemma_covered(s, o, a, p);
  struct vmref_huge_place r = vmref_huge_find(s, o, a, p);
  if (r.status != VMREF_OK || r.e == 0 || vmref_pfn(r.e) < (uint64_t)s->tables + s->frames + s->kernel) return VMREF_EINVAL;
  //@ ghost lemma_small(s, r.t, r.i, r.e);
  //@ ghost vmref_lemma_way(s);
  //@ assert under: r.u == under(*s, r.t, r.i) && r.u != r.t && s->parent[r.u] == 512 * r.t + r.i;
  //@ ghost vmref_lemma_large(r.e);
  //@ ghost lemma_high(r.e - 0x80, 511);
  vmref_over_set(o, r.t, r.i, 0);
  //@ ghost Set: ;
  //@ assert high: r.e - 0x80 <= 0xFFFFFFFFFFFFFFFF - 511 * 0x1000;
  fill(s, o, r.u, r.e - 0x80, 0x1000);
  /*@ assert set: over(o, r.t, r.i) == 0; */
  /*@ assert others: \forall integer t, i; 0 <= t < s->tables && ix(i) && t != r.u && !(t == r.t && i == r.i) ==> over(o, t, i) == \at(over(o, t, i), Pre); */
  /*@ assert fit: \forall integer j; ix(j) ==> covers(*s, r.u, j, r.e - 0x80 + 0x1000 * j) && over(o, r.u, j) == r.e - 0x80 + 0x1000 * j; */
  //@ ghost lemma_words(s, o, r.u, r.e - 0x80);
  /*@ assert apart: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t1(*s, b, i4(va), i3(va), i2(va)) == r.u ==> t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i; */
  /*@ assert level1: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> t1(*s, b, i4(va), i3(va), i2(va)) != r.t; */
  /*@ assert three: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> page(*s, b, i4(va), i3(va), i2(va), 0)
        && word3(*s, o, b, va) == \at(word3(*s, o, b, va), Pre); */
  /*@ assert here1: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i ==> t1(*s, b, i4(va), i3(va), i2(va)) == r.u && ix(i1(va)); */
  /*@ assert here2: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i ==> \at(word2(*s, o, b, va), Pre) == \at(r, Here).e; */
  /*@ assert here3: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i ==> word2(*s, o, b, va) == 0; */
  /*@ assert here4: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i ==> word1(*s, o, b, va) == over(o, r.u, i1(va)); */
  /*@ assert two: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && !(t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i) ==>
        word2(*s, o, b, va) == \at(word2(*s, o, b, va), Pre); */
  /*@ assert one: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && !(t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i) ==>
        word1(*s, o, b, va) == \at(word1(*s, o, b, va), Pre); */
  /*@ assert same: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && !(t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i) ==>
        page_entry(*s, o, b, va) == \at(page_entry(*s, o, b, va), Pre) && page_level(*s, o, b, va) == \at(page_level(*s, o, b, va), Pre); */
  /*@ assert giant: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && word3(*s, o, b, va) != 0 ==>
        page_entry(*s, o, b, va) == \at(page_entry(*s, o, b, va), Pre) && page_level(*s, o, b, va) == \at(page_level(*s, o, b, va), Pre); */
  /*@ assert some: \forall integer j; ix(j) ==> over(o, r.u, j) != 0; */
  /*@ assert split: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i && word3(*s, o, b, va) == 0 ==>
        \at(page_entry(*s, o, b, va), Pre) == \at(r, Here).e && \at(page_level(*s, o, b, va), Pre) == 2
        && page_entry(*s, o, b, va) == word1(*s, o, b, va) && page_level(*s, o, b, va) == 1; */
  /*@ assert piece: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == r.t && i2(va) == r.i && word3(*s, o, b, va) == 0 ==> same_access{Pre, Here}(*s, o, b, va); */
  /*@ assert access: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> same_access{Pre, Here}(*s, o, b, va); */
  return VMREF_OK;
}

uint32_t vmref_device_part(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint64_t n)
{
  if (n == 0 || n > VMREF_RANGE || p >= VMREF_USER_PAGES || p + n > VMREF_USER_PAGES) return 0;
  uint32_t r = 0;
  if (p % 512 && vmref_device_split(s, o, a, p / 512 * 512) == VMREF_OK) r++;
  //@ ghost Middle: ;
  /*@ assert views1: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> same_access{Pre, Here}(*s, o, b, va); */
  /*@ assert first: a < s->spaces && s->level[a] == 4 ==> \forall integer q; upage(q) && q % 512 == 0 && q < p && p < q + 512
        && word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q)) != 0 ==> PFN(word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q))) < devices(*s); */
  if ((p + n) % 512 && vmref_device_split(s, o, a, (p + n) / 512 * 512) == VMREF_OK) r++;
  //@ ghost vmref_lemma_way(s);
  /*@ assert level1: a < s->spaces && upage(p) && upage(p + n - 1) ==> \forall integer q; upage(q) && table_of(*s, a, q) < s->tables ==> s->level[table_of(*s, a, q)] == 1; */
  /*@ assert entries: \forall integer t, i; 0 <= t < s->tables && ix(i) && s->level[t] == 2 ==> over(o, t, i) == 0 || over(o, t, i) == \at(over(o, t, i), Middle); */
  /*@ assert kept: a < s->spaces && s->level[a] == 4 ==> \forall integer q; upage(q) && q % 512 == 0 && q < p && p < q + 512
        && word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q)) != 0 ==> PFN(word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q))) < devices(*s); */
  /*@ assert at: \forall integer q; upage(q) && q % 512 == 0 && q < p + n && p + n < q + 512 ==> q == (p + n) / 512 * 512; */
  /*@ assert last: a < s->spaces && s->level[a] == 4 ==> \forall integer q; upage(q) && q % 512 == 0 && q < p + n && p + n < q + 512
        && word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q)) != 0 ==> PFN(word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q))) < devices(*s); */
  /*@ assert only: \forall integer q; upage(q) && q % 512 == 0 && q < p + n && p < q + 512 && !(p <= q && q + 512 <= p + n) ==>
        (q < p && p < q + 512) || (q < p + n && p + n < q + 512); */
  /*@ assert views2: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> same_access{Middle, Here}(*s, o, b, va); */
  return r;
}

/* What is below a device's page of 1 GiB. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && s->level[t] == 3 && covers(*s, t, i, e);
     terminates \true; assigns \nothing; exits \false;
     ensures PS(e) == 1 && e >= 0x80 && giant_device(*s, t, i, e - 0x80) && PFN(e) == PFN(e - 0x80) && prot(e) == prot(e - 0x80);
     ensures PFN(e) + 0x40000 <= 0x10000000 && PFN(e) % 0x40000 == 0 && prot(e) <= 7 && PFN(e) >= devices(*s); @/
  static void lemma_giant(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
  {
    vmref_lemma_large(e);
    /@ assert is: giant_device(*s, t, i, e - 0x80); @/
  }
*/

/* The page of leaf k of table j below 1 GiB. */
/*@ ghost
  /@ requires k < 512 && m <= 0x40000000; terminates \true; assigns \nothing; exits \false;
     ensures (512 * m + k) / 512 == m && (512 * m + k) % 512 == k; @/
  static void lemma_512(uint64_t m, uint64_t k)
  {}
*/
/*@ ghost
  /@ requires upage(p) && p % 0x40000 == 0 && j < 512 && k < 512;
     terminates \true; assigns \nothing; exits \false;
     ensures \result == p + 512 * j + k && upage(\result) && p4(\result) == p4(p) && p3(\result) == p3(p) && p2(\result) == j && p1(\result) == k; @/
  static uint64_t lemma_page(uint64_t p, uint64_t j, uint64_t k)
  {
    uint64_t g = p / 0x40000, q = p + 512 * j + k;
    /@ assert base: p == 0x40000 * g && g < 0x20000; @/
    lemma_512(512 * g + j, k);
    /@ assert one: q / 512 == 512 * g + j && q % 512 == k; @/
    lemma_512(g, j);
    /@ assert two: q / 512 % 512 == j && q / 512 / 512 == g; @/
    /@ assert nested: q / 0x40000 == q / 512 / 512; @/
    /@ assert four: q / 0x8000000 == q / 0x40000 / 512 && p / 0x8000000 == p / 0x40000 / 512; @/
    return q;
  }
*/
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && p % 0x40000 == 0 && j < 512;
     requires pages: \forall integer q; p <= q < p + 0x40000 ==> untouched(*s, leaf_of(*s, a, q), d);
     terminates \true; assigns \nothing; exits \false;
     ensures t1(*s, a, p4(p), p3(p), j) < s->tables && all_untouched(*s, t1(*s, a, p4(p), p3(p), j), d); @/
  static void lemma_below(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t j, uint64_t d)
  {
    /@ loop invariant 0 <= k <= 512;
       loop invariant k > 0 ==> t1(*s, a, p4(p), p3(p), j) < s->tables;
       loop invariant \forall integer i; 0 <= i < k ==> untouched(*s, at(*s, t1(*s, a, p4(p), p3(p), j), i), d);
       loop assigns k; loop variant 512 - k; @/
    for (uint32_t k = 0; k < 512; k++) {
      uint64_t q = lemma_page(p, j, k);
      /@ assert page: untouched(*s, leaf_of(*s, a, q), d); @/
      /@ assert leaf: leaf_of(*s, a, q) == leaf(*s, a, p4(p), p3(p), j, k) && leaf_of(*s, a, q) != 0; @/
      /@ assert table: t1(*s, a, p4(p), p3(p), j) < s->tables; @/
      /@ assert entry: untouched(*s, at(*s, t1(*s, a, p4(p), p3(p), j), k), d); @/
    }
  }
*/

/* A piece of 2 MiB of it fits where there are untouched pages. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && p % 0x40000 == 0;
     requires pages: \forall integer q; p <= q < p + 0x40000 ==> untouched(*s, leaf_of(*s, a, q), e - 0x80);
     requires w == t2(*s, a, p4(p), p3(p)) && w < s->tables && theirs(*s, w) && s->level[w] == 2 && PS(e) == 1 && device(*s, e - 0x80, 0x40000);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer j; ix(j) ==> covers(*s, w, j, e + 0x200000 * j);
     ensures e <= 0xFFFFFFFFFFFFFFFF - 511 * 0x200000; @/
  static void lemma_large(const struct vmref_sys *s, uint32_t a, uint64_t p, uint32_t w, uint64_t e)
  {
    uint64_t d = e - 0x80;
    vmref_lemma_large(e);
    lemma_high(e, 511 * 512);
    lemma_high(d, 511 * 512);
    /@ assert room: PFN(d) + 0x40000 <= 0x10000000 && PFN(d) % 512 == 0; @/
    /@ loop invariant 0 <= j <= 512;
       loop invariant \forall integer k; ix(k) && k < j ==> covers(*s, w, k, e + 0x200000 * k);
       loop assigns j; loop variant 512 - j; @/
    for (uint32_t j = 0; j < 512; j++) {
      uint64_t x = d + 0x200000 * (uint64_t)j;
      lemma_piece(d, 512 * (uint64_t)j, x);
      lemma_below(s, a, p, j, d);
      /@ assert ps: PS(x + 0x80) == 1; @/
      /@ assert device: device(*s, x, 512); @/
      /@ assert under: under(*s, w, j) == t1(*s, a, p4(p), p3(p), j); @/
      /@ assert prot: prot(x) == prot(d); @/
      /@ assert was: all_untouched(*s, under(*s, w, j), d); @/
      /@ assert blank: all_untouched(*s, under(*s, w, j), x); @/
      /@ assert large: large_device(*s, w, j, x); @/
      /@ assert same: x + 0x80 == e + 0x200000 * j; @/
      /@ assert word: covers(*s, w, j, e + 0x200000 * j); @/
    }
  }
*/

/* Over the pages behind the first one the tables have nothing. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && upage(p) && p % 0x40000 == 0;
     requires t3(*s, a, p4(p)) < s->tables && first_alone(*s, t2(*s, a, p4(p), p3(p)));
     terminates \true; assigns \nothing; exits \false;
     ensures vacant(*s, a, p + 1, 0x3FFFF); @/
  static void lemma_behind(const struct vmref_sys *s, uint32_t a, uint64_t p)
  {
    vmref_lemma_leaves(s);
    /@ assert way: \forall integer q; p < q < p + 0x40000 ==> upage(q) && p4(q) == p4(p) && p3(q) == p3(p) && !(p2(q) == 0 && p1(q) == 0); @/
    /@ assert zero: \forall integer q; p < q < p + 0x40000 && table_of(*s, a, q) < s->tables ==> at(*s, table_of(*s, a, q), p1(q)) == 0; @/
  }
*/

/* Words of 2 MiB over its untouched pages in place of the one of 1 GiB, e. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && a < s->spaces && s->level[a] == 4 && upage(p) && p % 0x40000 == 0;
    requires t == t3(*s, a, p4(p)) && i == p3(p) && t < s->tables && PS(e) == 1 && device(*s, e - 0x80, 0x40000);
    requires pages: \forall integer q; p <= q < p + 0x40000 ==> untouched(*s, leaf_of(*s, a, q), e - 0x80);
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures giant: over(o, t, i) == 0;
    ensures fit: \forall integer j; ix(j) ==> covers(*s, under(*s, t, i), j, over(o, under(*s, t, i), j));
    ensures large: under(*s, t, i) < s->tables && \forall integer j; ix(j) ==> over(o, under(*s, t, i), j) == e + 0x200000 * j; */
static void spread(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint32_t t, uint32_t i, uint64_t e)
{
  (void)a; (void)p;
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_leaves(s);
  //@ assert page: page(*s, a, p4(p), p3(p), p2(p), 0);
  //@ assert below: under(*s, t, i) == t2(*s, a, p4(p), p3(p));
  //@ assert first: untouched(*s, leaf_of(*s, a, p), e - 0x80) && table_of(*s, a, p) < s->tables;
  uint32_t w = vmref_table_under(s, t, i);
  //@ assert w: w < s->tables && theirs(*s, w) && s->level[w] == 2 && w != t;
  //@ ghost lemma_large(s, a, p, w, e);
  vmref_over_set(o, t, i, 0);
  /*@ assert fit: \forall integer j; ix(j) ==> covers(*s, w, j, e + 0x200000 * j); */
  fill(s, o, w, e, 0x200000);
  /*@ assert both: \forall integer j; ix(j) ==> covers(*s, w, j, e + 0x200000 * j) && over(o, w, j) == e + 0x200000 * j; */
  //@ ghost lemma_words_large(s, o, w, e);
}

int vmref_device_split_giant(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= VMREF_USER_PAGES || p % VMREF_GIANT) return VMREF_EINVAL;
  //@ ghost vmref_lemma_way(s);
  //@ assert page: page(*s, a, p4(p), p3(p), p2(p), 0);
  //@ ghost uint64_t g = p / 0x40000;
  //@ assert base: p == 0x40000 * g && p / 512 == 512 * g;
  //@ assert base2: p2(p) == 0 && p1(p) == 0;
  uint32_t t = vmref_table_under(s, a, (uint32_t)(p / 0x8000000)), i = (uint32_t)(p / 0x40000 % 512);
  //@ assert t: t == t3(*s, a, p4(p)) && i == p3(p);
  if (t == s->tables) return VMREF_EINVAL;
  uint64_t e = vmref_over(o, t, i);
  if (e == 0) return VMREF_EINVAL;
  //@ assert level: s->level[t] == 3 && s->owner[t] == a && s->parent[t] == 512 * a + p4(p) && covers(*s, t, i, e);
  //@ ghost lemma_giant(s, t, i, e);
  //@ ghost lemma_behind(s, a, p);
  //@ ghost vmref_lemma_leaves(s);
  //@ assert under2: under(*s, t, i) == t2(*s, a, p4(p), p3(p)) && under(*s, under(*s, t, i), 0) == table_of(*s, a, p);
  //@ assert first: untouched(*s, leaf_of(*s, a, p), e - 0x80);
  int r = vmref_map(s, a, p + 1, VMREF_GIANT - 1, vmref_leaf_prot(e));
  if (r == VMREF_OK) {
    //@ ghost vmref_lemma_record(s);
    //@ ghost vmref_lemma_leaves(s);
    //@ assert still: t == t3(*s, a, p4(p)) && s->level[a] == 4;
    //@ assert first2: leaf_of(*s, a, p) == \at(leaf_of(*s, \at(a, Here), \at(p, Here)), Pre);
    /*@ assert fits: \forall integer q; p <= q < p + 0x40000 ==> upage(q) && fit_leaf(*s, leaf_of(*s, a, q)); */
    /*@ assert pages: \forall integer q; p <= q < p + 0x40000 ==> untouched(*s, leaf_of(*s, a, q), e - 0x80); */
    spread(s, o, a, p, t, i, e);
  }
  vmref_huge_settle(s, o);
  return r;
}
