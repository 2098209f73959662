/* SPDX-License-Identifier: MIT */
/* The words over entries of the tables, and whether they tell what the pages below are. */
#include "huge.h"

uint64_t vmref_over(const uint16_t *o, uint32_t t, uint32_t i)
{
  uint64_t n = 2048 * (uint64_t)t + 4 * i;
  return o[n] + 0x10000 * (uint64_t)o[n + 1] + 0x100000000 * (uint64_t)o[n + 2] + 0x1000000000000 * (uint64_t)o[n + 3];
}

void vmref_over_set(uint16_t *o, uint32_t t, uint32_t i, uint64_t e)
{
  uint64_t n = 2048 * (uint64_t)t + 4 * i;
  o[n] = (uint16_t)(e % 0x10000);
  o[n + 1] = (uint16_t)(e / 0x10000 % 0x10000);
  o[n + 2] = (uint16_t)(e / 0x100000000 % 0x10000);
  o[n + 3] = (uint16_t)(e / 0x1000000000000);
}

/* ---- the word itself ---- */
/*@ terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> user_word(e); ensures \result <= 1; */
static uint8_t users(uint64_t e)
{
  uint8_t p = vmref_leaf_prot(e);
  if (vmref_p(e) == 0 || vmref_us(e) == 0 || e / 128 % 4 != 0 || p % 2 == 0) return 0;
  if (vmref_rw(e) == 1 && p / 2 % 2 == 0) return 0;
  return vmref_xd(e) != p / 4 % 2;
}

/*@ requires \valid_read(s) && sized(*s) && (frames == 1 || frames == 512 || frames == 0x40000);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> device(*s, e, frames); ensures \result <= 1; */
static uint8_t device(const struct vmref_sys *s, uint64_t e, uint64_t frames)
{
  uint64_t pfn = vmref_pfn(e);
  uint8_t p = vmref_leaf_prot(e);
  if (!users(e) || p > 7 || vmref_rw(e) != p / 2 % 2) return 0;
  return pfn % frames == 0 && pfn >= (uint64_t)s->tables + s->frames + s->kernel && pfn + frames <= 0x10000000;
}

/*@ requires \valid_read(s) && sized(*s);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> run(*s, e); ensures \result <= 1; */
static uint8_t run(const struct vmref_sys *s, uint64_t e)
{
  uint64_t pfn = vmref_pfn(e);
  return users(e) && e / 8 % 4 == 0 && pfn % 512 == 0 && pfn >= s->tables && pfn + 512 <= (uint64_t)s->tables + s->frames;
}

/* ---- the leaves below ---- */
/*@ requires \valid_read(s) && sized(*s);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> untouched(*s, l, e); ensures \result <= 1; */
static uint8_t untouched(const struct vmref_sys *s, uint64_t l, uint64_t e)
{
  return l != 0 && vmref_p(l) == 0 && vmref_leaf_object(s, l) == s->frames + s->slots && vmref_leaf_prot(l) == vmref_leaf_prot(e);
}

/*@ terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> of_run(l, e, j); ensures \result <= 1; */
static uint8_t of_run(uint64_t l, uint64_t e, uint32_t j)
{
  return vmref_p(l) == 1 && vmref_rw(l) == vmref_rw(e) && vmref_xd(l) == vmref_xd(e)
    && vmref_leaf_prot(l) == vmref_leaf_prot(e) && vmref_pfn(l) == vmref_pfn(e) + j;
}

/*@ requires \valid_read(s) && valid_sys(*s) && u < s->tables;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> all_untouched(*s, u, e); ensures \result <= 1; */
static uint8_t all_untouched(const struct vmref_sys *s, uint32_t u, uint64_t e)
{
  /*@ loop invariant 0 <= j <= 512;
      loop invariant \forall integer k; 0 <= k < j ==> untouched(*s, at(*s, u, k), e);
      loop assigns j; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint64_t l = s->tab[512 * (uint64_t)u + j];
    //@ assert l: l == at(*s, u, j) && ix(j);
    if (!untouched(s, l, e)) return 0;
  }
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s) && u < s->tables;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> all_of_run(*s, u, e); ensures \result <= 1; */
static uint8_t all_of_run(const struct vmref_sys *s, uint32_t u, uint64_t e)
{
  /*@ loop invariant 0 <= j <= 512;
      loop invariant \forall integer k; 0 <= k < j ==> of_run(at(*s, u, k), e, k);
      loop assigns j; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint64_t l = s->tab[512 * (uint64_t)u + j];
    //@ assert l: l == at(*s, u, j) && ix(j);
    if (!of_run(l, e, j)) return 0;
    //@ assert good: of_run(at(*s, u, j), e, j);
  }
  return 1;
}

/* Is a table empty from index `from` on? */
/*@ requires \valid_read(s) && valid_sys(*s) && u < s->tables && from <= 1;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> \forall integer k; from <= k < 512 ==> at(*s, u, k) == 0; ensures \result <= 1; */
static uint8_t empty_from(const struct vmref_sys *s, uint32_t u, uint32_t from)
{
  /*@ loop invariant from <= k <= 512;
      loop invariant \forall integer m; from <= m < k ==> at(*s, u, m) == 0;
      loop assigns k; loop variant 512 - k; */
  for (uint32_t k = from; k < 512; k++) {
    uint64_t l = s->tab[512 * (uint64_t)u + k];
    //@ assert l: l == at(*s, u, k);
    if (l != 0) return 0;
  }
  return 1;
}

/*@ ghost
  void vmref_lemma_under(const struct vmref_sys *s, uint32_t t)
  {
    /@ assert down: \forall integer i; ix(i) && owns(*s, t, i) ==> at(*s, t, i) == 0 || linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert links: \forall integer i; ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 ==> links(at(*s, t, i), PFN(at(*s, t, i))); @/
    /@ assert present: \forall integer i; ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 ==> under(*s, t, i) == PFN(at(*s, t, i)); @/
  }
*/

/*@ ghost
  void vmref_lemma_tables(const struct vmref_sys *s)
  {
    /@ assert down: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 ==>
         at(*s, t, i) == 0 || linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert links: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && at(*s, t, i) != 0 ==>
         links(at(*s, t, i), PFN(at(*s, t, i))); @/
    /@ assert present: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && at(*s, t, i) != 0 ==>
         under(*s, t, i) == PFN(at(*s, t, i)); @/
  }
*/

/*@ ghost
  void vmref_lemma_large(uint64_t e)
  {
    /@ assert low: e == 0x100 * (e / 0x100) + e % 0x100 && 0x80 <= e % 0x100; @/
    /@ assert off: (e - 0x80) / 0x100 == e / 0x100 && (e - 0x80) % 0x100 == e % 0x100 - 0x80; @/
    /@ assert kb: (e - 0x80) / 0x1000 == e / 0x1000; @/
    /@ assert two: e / 2 == 0x40 + (e - 0x80) / 2; @/
    /@ assert four: e / 4 == 0x20 + (e - 0x80) / 4; @/
    /@ assert high: (e - 0x80) / 0x10000000000000 == e / 0x1000 / 0x10000000000; @/
    /@ assert high2: e / 0x10000000000000 == e / 0x1000 / 0x10000000000; @/
    /@ assert xd: e / 0x8000000000000000 == e / 0x1000 / 0x8000000000000; @/
    /@ assert xd2: (e - 0x80) / 0x8000000000000000 == (e - 0x80) / 0x1000 / 0x8000000000000; @/
  }
*/


/*@ requires \valid_read(s) && inv(*s) && w < s->tables && theirs(*s, w) && s->level[w] == 2;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> first_alone(*s, w); ensures \result <= 1; */
static uint8_t first_alone(const struct vmref_sys *s, uint32_t w)
{
  //@ ghost vmref_lemma_under(s, w);
  /*@ loop invariant 0 <= j <= 512;
      loop invariant \forall integer m, k; 0 <= m < j && ix(k) && under(*s, w, m) < s->tables && !(m == 0 && k == 0) ==>
        at(*s, under(*s, w, m), k) == 0;
      loop assigns j; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint32_t u = vmref_table_under(s, w, j);
    if (u < s->tables && !empty_from(s, u, j == 0)) return 0;
  }
  return 1;
}

/* ---- word and leaves together ---- */
/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && theirs(*s, t) && s->level[t] == 2;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> large_run(*s, t, i, e) || large_device(*s, t, i, e); ensures \result <= 1; */
static uint8_t large(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  //@ ghost vmref_lemma_under(s, t);
  uint32_t u = vmref_table_under(s, t, i);
  if (u == s->tables) return 0;
  if (run(s, e)) return all_of_run(s, u, e); /* then it is no device */
  return device(s, e, VMREF_LARGE) && all_untouched(s, u, e);
}

/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && theirs(*s, t) && s->level[t] == 3;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> giant_device(*s, t, i, e); ensures \result <= 1; */
static uint8_t giant(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  //@ ghost vmref_lemma_under(s, t);
  uint32_t w = vmref_table_under(s, t, i);
  if (w == s->tables) return 0;
  //@ ghost vmref_lemma_under(s, w);
  uint32_t u = vmref_table_under(s, w, 0);
  if (u == s->tables) return 0;
  uint64_t l = s->tab[512 * (uint64_t)u];
  //@ assert l: l == at(*s, u, 0) && u == under(*s, under(*s, t, i), 0);
  if (!device(s, e, VMREF_GIANT)) return 0;
  if (!untouched(s, l, e)) return 0;
  return first_alone(s, w);
}

uint8_t vmref_huge_fits(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  if (s->owner[t] < 0 || (int64_t)s->owner[t] >= s->spaces) return 0;
  if (s->level[t] == 1) return device(s, e, 1) && untouched(s, s->tab[512 * (uint64_t)t + i], e);
  if (e / 0x80 % 2 == 0) return 0;
  if (s->level[t] == 2) return large(s, t, i, e - 0x80);
  return s->level[t] == 3 && giant(s, t, i, e - 0x80);
}

/* ---- after a change ---- */
/* The first page below entry i of table t: its leaf, 0 when there is none. */
/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing; */
static uint64_t first_leaf(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  if (s->owner[t] < 0 || (int64_t)s->owner[t] >= s->spaces) return 0;
  if (s->level[t] == 1) return s->tab[512 * (uint64_t)t + i];
  if (s->level[t] != 2 && s->level[t] != 3) return 0;
  //@ ghost vmref_lemma_under(s, t);
  uint32_t u = vmref_table_under(s, t, i);
  if (u == s->tables) return 0;
  if (s->level[u] == 1) return s->tab[512 * (uint64_t)u];
  //@ ghost vmref_lemma_under(s, u);
  uint32_t v = vmref_table_under(s, u, 0);
  return v == s->tables ? 0 : s->tab[512 * (uint64_t)v];
}

/* What a word e is to be when rights have changed: those of the first page below, the rest as it was. */
/*@ terminates \true; exits \false; assigns \nothing; */
static uint64_t with_rights(uint64_t e, uint64_t leaf, uint64_t first_device)
{
  uint8_t prot = vmref_leaf_prot(leaf);
  /* a device's is writable when the mapping is, a page of memory only when its leaves are */
  uint8_t w = vmref_pfn(e) >= first_device ? prot / 2 % 2 : vmref_rw(leaf);
  uint64_t n = (e & 0x7F0FFFFFFFFFFFFD) | prot * 0x10000000000000;
  if (w) n |= 2;
  if (prot / 4 % 2 == 0) n |= 0x8000000000000000;
  return n;
}

/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures fits: \result == 0 || covers(*s, t, i, \result);
    ensures kept: covers(*s, t, i, e) ==> \result == e;
    ensures same: \result == 0 || PFN(\result) == PFN(e); */
static uint64_t refit(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  if (vmref_huge_fits(s, t, i, e)) return e;
  uint64_t n = with_rights(e, first_leaf(s, t, i), (uint64_t)s->tables + s->frames + s->kernel);
  return vmref_huge_fits(s, t, i, n) && vmref_pfn(n) == vmref_pfn(e) ? n : 0;
}

/* The words over entries of table t. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && t < s->tables;
    terminates \true; exits \false; assigns o[2048 * t .. 2048 * t + 2047];
    ensures fits: \forall integer i; ix(i) && over(o, t, i) != 0 ==> covers(*s, t, i, over(o, t, i));
    ensures kept: \forall integer i; ix(i) && covers(*s, t, i, \old(over(o, t, i))) ==> over(o, t, i) == \old(over(o, t, i));
    ensures fewer: \forall integer i; ix(i) ==>
      over(o, t, i) == 0 || (\old(over(o, t, i)) != 0 && PFN(over(o, t, i)) == PFN(\old(over(o, t, i)))); */
static void settle_table(const struct vmref_sys *s, uint16_t *o, uint32_t t)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant fits: \forall integer j; 0 <= j < i && over(o, t, j) != 0 ==> covers(*s, t, j, over(o, t, j));
      loop invariant kept: \forall integer j; 0 <= j < i && covers(*s, t, j, \at(over(o, t, j), Pre)) ==> over(o, t, j) == \at(over(o, t, j), Pre);
      loop invariant fewer: \forall integer j; 0 <= j < i ==> over(o, t, j) == 0
        || (\at(over(o, t, j), Pre) != 0 && PFN(over(o, t, j)) == PFN(\at(over(o, t, j), Pre)));
      loop invariant rest: \forall integer j; i <= j < 512 ==> over(o, t, j) == \at(over(o, t, j), Pre);
      loop assigns i, o[2048 * t .. 2048 * t + 2047]; loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++) {
    uint64_t e = vmref_over(o, t, i);
    //@ assert e: e == \at(over(o, t, \at(i, Here)), Pre);
    if (e != 0) vmref_over_set(o, t, i, refit(s, t, i, e));
  }
}

void vmref_huge_settle(const struct vmref_sys *s, uint16_t *o)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant fits: \forall integer u, j; 0 <= u < t && ix(j) && over(o, u, j) != 0 ==> covers(*s, u, j, over(o, u, j));
      loop invariant kept: \forall integer u, j; 0 <= u < t && ix(j) && covers(*s, u, j, \at(over(o, u, j), Pre)) ==>
        over(o, u, j) == \at(over(o, u, j), Pre);
      loop invariant fewer: \forall integer u, j; 0 <= u < t && ix(j) ==> over(o, u, j) == 0
        || (\at(over(o, u, j), Pre) != 0 && PFN(over(o, u, j)) == PFN(\at(over(o, u, j), Pre)));
      loop invariant rest: \forall integer u, j; t <= u < s->tables && ix(j) ==> over(o, u, j) == \at(over(o, u, j), Pre);
      loop assigns t, o[0 .. 4 * entries(*s) - 1]; loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    //@ ghost Before: ;
    settle_table(s, o, t);
    /*@ assert others: \forall integer u, j; 0 <= u < s->tables && ix(j) && u != t ==> over(o, u, j) == \at(over(o, u, j), Before); */
  }
}
