/* SPDX-License-Identifier: MIT */
/* What the hardware has set in the word of a page of 2 MiB comes to its leaves. */
#include "huge_page.h"
#include "table_page.h"

/* The present leaves of table u get the accessed flag, and the dirty flag when d is 1. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, u, 0) && d <= 1;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures calm: \forall integer j; ix(j) ==> calm(\old(at(*s, u, j)), at(*s, u, j));
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && v != u ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures objects: \forall integer q; 0 <= q < objects(*s) ==> s->rc[q] == \old(s->rc[q]) && s->shared[q] == \old(s->shared[q]);
    ensures same: same_tables{Pre, Post}(*s); */
static void hand_down(const struct vmref_sys *s, uint32_t u, uint8_t d)
{
  /*@ loop invariant 0 <= j <= 512;
      loop invariant inv: inv(*s);
      loop invariant calm: \forall integer k; 0 <= k < j ==> calm(\at(at(*s, u, k), Pre), at(*s, u, k));
      loop invariant rest: \forall integer k; j <= k < 512 ==> at(*s, u, k) == \at(at(*s, u, k), Pre);
      loop invariant others: \forall integer v, k; 0 <= v < s->tables && ix(k) && v != u ==> at(*s, v, k) == \at(at(*s, v, k), Pre);
      loop invariant objects: \forall integer q; 0 <= q < objects(*s) ==> s->rc[q] == \at(s->rc[q], Pre) && s->shared[q] == \at(s->shared[q], Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns j, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint64_t e = s->tab[512 * (uint64_t)u + j];
    //@ assert e: e == at(*s, u, j) && e == \at(at(*s, u, \at(j, Here)), Pre);
    if (vmref_p(e) == 0) continue;
    //@ ghost vmref_lemma_flags(e);
    uint64_t f = vmref_accessed(e);
    //@ ghost vmref_lemma_flags(f);
    if (d) f = vmref_dirtied(f);
    vmref_leaf_mark(s, u, j, f);
    //@ assert calm: calm(e, at(*s, u, j));
  }
}

/* The word over entry i of table t, of a page of 2 MiB with flags to hand down: the table below; `tables` otherwise. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures \result <= s->tables;
    ensures \result < s->tables ==> is_leaf(*s, \result, 0); */
static uint32_t flagged(const struct vmref_sys *s, const uint16_t *o, uint32_t t, uint32_t i)
{
  uint64_t e = vmref_over(o, t, i);
  if (e / 0x20 % 4 == 0 || s->level[t] != 2 || s->owner[t] < 0 || (int64_t)s->owner[t] >= s->spaces) return s->tables;
  if (vmref_pfn(e) >= (uint64_t)s->tables + s->frames) return s->tables; /* a device's */
  //@ ghost vmref_lemma_under(s, t);
  uint32_t u = vmref_table_under(s, t, i);
  return u;
}

/* Entries of tables that are no leaves are what they were, leaves but for their flags: all words fit as before. */
/*@ predicate as_before{A, B}(struct vmref_sys s) =
         (\forall integer u, j; is_leaf{A}(s, u, j) ==> calm(at{A}(s, u, j), at{B}(s, u, j)))
      && (\forall integer u, j; 0 <= u < s.tables && ix(j) && \at(s.level[u], A) != 1 ==> at{B}(s, u, j) == at{A}(s, u, j))
      && (\forall integer u; 0 <= u < s.tables ==> \at(s.level[u], A) == \at(s.level[u], B) && \at(s.owner[u], A) == \at(s.owner[u], B)); */

/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && t < s->tables;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures calm: as_before{Pre, Post}(*s);
    ensures objects: \forall integer q; 0 <= q < objects(*s) ==> s->rc[q] == \old(s->rc[q]) && s->shared[q] == \old(s->shared[q]);
    ensures same: same_tables{Pre, Post}(*s); */
static void fold_table(const struct vmref_sys *s, const uint16_t *o, uint32_t t)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant inv: inv(*s);
      loop invariant calm: as_before{Pre, Here}(*s);
      loop invariant objects: \forall integer q; 0 <= q < objects(*s) ==> s->rc[q] == \at(s->rc[q], Pre) && s->shared[q] == \at(s->shared[q], Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns i, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++) {
    uint32_t u = flagged(s, o, t, i);
    //@ ghost Before: ;
    if (u < s->tables) hand_down(s, u, vmref_over(o, t, i) / 0x40 % 2 == 1);
    //@ assert leaves: \forall integer v, j; is_leaf(*s, v, j) ==> calm(\at(at(*s, v, j), Before), at(*s, v, j));
    //@ assert step: as_before{Before, Here}(*s);
  }
}

void vmref_huge_fold(const struct vmref_sys *s, const uint16_t *o)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant inv: inv(*s);
      loop invariant calm: as_before{Pre, Here}(*s);
      loop invariant objects: \forall integer q; 0 <= q < objects(*s) ==> s->rc[q] == \at(s->rc[q], Pre) && s->shared[q] == \at(s->shared[q], Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns t, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) fold_table(s, o, t);
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0)
        && table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert seen: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  /*@ assert seen2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert pages: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  //@ assert above: \forall integer t, i; 0 <= t < s->tables && ix(i) && 2 <= s->level[t] ==> under(*s, t, i) == \at(under(*s, t, i), Pre);
  //@ ghost vmref_lemma_tables(s);
  //@ assert runs: \forall integer u, e; is_leaf(*s, u, 0) && all_of_run{Pre}(*s, u, e) ==> all_of_run{Here}(*s, u, e);
  //@ assert blank: \forall integer u, e; is_leaf(*s, u, 0) && all_untouched{Pre}(*s, u, e) ==> all_untouched{Here}(*s, u, e);
  //@ assert alone: \forall integer w; 0 <= w < s->tables && theirs(*s, w) && s->level[w] == 2 && first_alone{Pre}(*s, w) ==> first_alone{Here}(*s, w);
  //@ assert small: \forall integer t, i, e; is_leaf(*s, t, i) && small_device{Pre}(*s, t, i, e) ==> small_device{Here}(*s, t, i, e);
  //@ assert run2: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs(*s, t) && s->level[t] == 2 && large_run{Pre}(*s, t, i, e) ==> large_run{Here}(*s, t, i, e);
  //@ assert device2: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs(*s, t) && s->level[t] == 2 && large_device{Pre}(*s, t, i, e) ==> large_device{Here}(*s, t, i, e);
  //@ assert device3: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs(*s, t) && s->level[t] == 3 && giant_device{Pre}(*s, t, i, e) ==> giant_device{Here}(*s, t, i, e);
  //@ assert covers: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && covers{Pre}(*s, t, i, e) ==> covers{Here}(*s, t, i, e);
}

struct vmref_huge_place vmref_huge_find(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p)
{
  struct vmref_huge_place r = { .status = VMREF_EINVAL };
  if (a >= s->spaces || s->level[a] != 4 || p >= VMREF_USER_PAGES || p % 512) return r;
  //@ ghost vmref_lemma_way(s);
  //@ assert page: page(*s, a, p4(p), p3(p), p2(p), 0);
  r.status = VMREF_ENOMAP;
  r.u = vmref_page_table(s, a, p);
  if (r.u == s->tables) return r;
  r.status = VMREF_OK;
  r.t = (uint32_t)(s->parent[r.u] / 512);
  r.i = (uint32_t)(s->parent[r.u] % 512);
  //@ assert t: r.t == t2(*s, a, p4(p), p3(p)) && r.i == p2(p);
  r.e = vmref_over(o, r.t, r.i);
  return r;
}

int vmref_huge_split(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p)
{
  struct vmref_huge_place r = vmref_huge_find(s, o, a, p);
  if (r.status != VMREF_OK || r.e == 0 || vmref_pfn(r.e) >= (uint64_t)s->tables + s->frames) return VMREF_EINVAL;
  //@ ghost vmref_lemma_tables(s);
  //@ ghost vmref_lemma_way(s);
  vmref_huge_fold(s, o);
  vmref_over_set(o, r.t, r.i, 0);
  return VMREF_OK;
}
