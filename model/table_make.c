/* SPDX-License-Identifier: MIT */
/* Tables for a range of pages, all of them or none. */
#include "table_make.h"

/* The table under entry i of t, linked when there is none. */
/*@ requires \valid_read(s) && inv(*s);
    requires t < s->tables && i < 512 && owns(*s, t, i) && s->owner[t] < s->spaces;
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures made: \result == under(*s, t, i) && \result <= s->tables;
    ensures level: \result < s->tables ==> s->level[\result] == s->level[t] - 1 && s->owner[\result] == s->owner[t];
    ensures levels: \forall integer v; 0 <= v < s->tables && \old(s->level[v]) != 0 ==>
      s->level[v] == \old(s->level[v]) && s->owner[v] == \old(s->owner[v]) && s->parent[v] == \old(s->parent[v]);
    ensures spaces: \forall integer v; 0 <= v <= s->spaces ==> s->level[v] == \old(s->level[v]);
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures pages: \forall integer b, k4, k3, k2, k1; page(*s, b, k4, k3, k2, k1) ==>
      leaf(*s, b, k4, k3, k2, k1) == \old(leaf(*s, b, k4, k3, k2, k1));
    ensures was: \old(under(*s, t, i)) < s->tables ==> \result == \old(under(*s, t, i)) && at(*s, t, i) == \old(at(*s, t, i))
      && \forall integer v; 0 <= v < s->tables ==> s->level[v] == \old(s->level[v]);
    ensures fresh: \old(under(*s, t, i)) == s->tables && \result < s->tables ==> \old(s->level[\result]) == 0
      && s->parent[\result] == 512 * t + i && (\forall integer j; ix(j) ==> at(*s, \result, j) == 0)
      && (\forall integer v; 0 <= v < s->tables && v != \result ==> s->level[v] == \old(s->level[v]));
    ensures failed: \result == s->tables ==> same_entries{Pre, Post}(*s);
    ensures grown: grown{Pre, Post}(*s, s->owner[t]);
    ensures ways: same_ways{Pre, Post}(*s); */
static uint32_t under_made(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  //@ assert e: e == at(*s, t, i);
  if (e % 2 == 1) return (uint32_t)vmref_pfn(e);
  //@ assert zero: e == 0;
  uint32_t u = vmref_table_free(s);
  if (u == s->tables) return u;
  vmref_table_link(s, t, i, u);
  //@ assert ledger: ledger(*s);
  /*@ assert leaves: \forall integer n; user_leaf(*s, n) ==> n / 512 == u || (user_leaf{Pre}(*s, n) && s->tab[n] == \at(s->tab[n], Pre)); */
  /*@ assert in_u: \forall integer n; user_leaf(*s, n) && n / 512 == u ==> s->tab[n] == at(*s, n / 512, n % 512); */
  /*@ assert leaves2: leaves(*s); */
  /*@ assert g1: \forall integer v, j; 0 <= v < s->tables && ix(j) && \at(at(*s, v, j), Pre) != 0 ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  /*@ assert w3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) && \at(t3(*s, a, i4), Pre) < s->tables ==> t3(*s, a, i4) == \at(t3(*s, a, i4), Pre); */
  /*@ assert w2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) && \at(t2(*s, a, i4, i3), Pre) < s->tables ==>
        t2(*s, a, i4, i3) == \at(t2(*s, a, i4, i3), Pre); */
  /*@ assert w1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && \at(t1(*s, a, i4, i3, i2), Pre) < s->tables ==>
        t1(*s, a, i4, i3, i2) == \at(t1(*s, a, i4, i3, i2), Pre); */
  //@ assert ways: same_ways{Pre, Here}(*s);
  return u;
}

/* The index of page p in a table of a level. */
/*@ requires upage(p) && 2 <= level <= 4;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == (level == 4 ? p4(p) : level == 3 ? p3(p) : p2(p)) && \result < 512;
    ensures level == 4 ==> \result < 256; */
static uint32_t index_of(uint64_t p, uint8_t level)
{
  if (level == 4) return (uint32_t)(p / 0x8000000);
  return (uint32_t)(level == 3 ? p / 0x40000 % 512 : p / 0x200 % 512);
}

/* All pages of a leaf table have the same way to it. */
/*@ ghost
  /@ requires upage(p);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer q; p / 512 == q / 512 && 0 <= q ==> upage(q) && p4(q) == p4(p) && p3(q) == p3(p) && p2(q) == p2(p); @/
  static void lemma_region(uint64_t p)
  {
    /@ assert by_region: \forall integer q; 0 <= q ==> p4(q) == q / 512 / 0x40000 && p3(q) == q / 512 / 512 % 512 && p2(q) == q / 512 % 512; @/
  }
*/

/* The tables below t, a table of a level on the way to page p, for pages p to end - 1. It calls
 * itself for the next level and for the next leaf table, so that what this call has linked is
 * taken back when what follows fails. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4;
    requires p < end <= 0x800000000 && end - p <= VMREF_RANGE && 2 <= level <= 4;
    requires t < s->tables && s->level[t] == level && s->owner[t] == a
      && t == (level == 4 ? a : level == 3 ? t3(*s, a, p4(p)) : t2(*s, a, p4(p), p3(p)));
    terminates \true; decreases 4 * (end - p) + level;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->hint[0 .. hints(*s) - 1];
    exits \false;
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures made: \result == VMREF_OK ==> \forall integer q; p <= q < end ==> table_of(*s, a, q) < s->tables;
    ensures grown: grown{Pre, Post}(*s, a);
    ensures ways: same_ways{Pre, Post}(*s);
    ensures failed: \result != VMREF_OK ==> same_entries{Pre, Post}(*s); */
static int below_made(const struct vmref_sys *s, uint32_t a, uint32_t t, uint8_t level, uint64_t p, uint64_t end)
{
  uint32_t i = index_of(p, level), old = vmref_table_under(s, t, i);
  //@ assert none: old == s->tables ==> at(*s, t, i) == 0;
  uint32_t u = under_made(s, t, i);
  //@ assert linked: inv(*s) && grown{Pre, Here}(*s, a) && same_ways{Pre, Here}(*s);
  if (u == s->tables) return VMREF_EMEM;
  //@ assert before: old < s->tables ==> same_entries{Pre, Here}(*s);
  //@ assert inner: s->spaces < u;
  //@ assert fresh: old == s->tables ==> \at(s->level[\at(u, Here)], Pre) == 0;
  //@ assert one: s->level[u] == level - 1 && s->owner[u] == a && u != t;
  //@ assert on_way: u == (level == 4 ? t3(*s, a, p4(p)) : level == 3 ? t2(*s, a, p4(p), p3(p)) : t1(*s, a, p4(p), p3(p), p2(p)));
  uint64_t next = p / 512 * 512 + 512;
  //@ assert next: p < next && next / 512 == p / 512 + 1;
  //@ ghost lemma_region(p);
  //@ assert these: level == 2 ==> \forall integer q; p <= q < next ==> table_of(*s, a, q) == u;
  int r = VMREF_OK;
  //@ ghost Linked: ;
  //@ assert to_grown: grown{Pre, Linked}(*s, a);
  //@ assert to_ways: same_ways{Pre, Linked}(*s);
  if (level > 2) r = below_made(s, a, u, (uint8_t)(level - 1), p, end);
  else if (next < end) r = below_made(s, a, a, 4, next, end);
  //@ assert inv: inv(*s);
  //@ assert grown: grown{Linked, Here}(*s, a);
  //@ assert ways: same_ways{Linked, Here}(*s);
  //@ assert still: level == 2 ==> \forall integer q; p <= q < next ==> table_of(*s, a, q) == u;
  //@ assert back: r != VMREF_OK ==> same_entries{Linked, Here}(*s);
  if (r != VMREF_OK && old == s->tables) {
    //@ assert empty: \forall integer k; ix(k) ==> at(*s, u, k) == 0;
    //@ assert parent: s->parent[u] == 512 * t + i;
    vmref_table_drop(s, u);
    //@ ghost vmref_lemma_index();
    //@ ghost vmref_lemma_way(s);
    //@ assert zero: at(*s, t, i) == 0;
    /*@ assert all: \forall integer w, k; 0 <= w < s->tables && ix(k) && !(w == t && k == i) ==> at(*s, w, k) == \at(at(*s, w, k), Pre); */
    /*@ assert levels: \forall integer w; 0 <= w < s->tables ==> s->level[w] == \at(s->level[w], Pre); */
    //@ assert same: same_entries{Pre, Here}(*s);
  /*@ assert w3: \forall integer b, k4; page(*s, b, k4, 0, 0, 0) ==> t3(*s, b, k4) == \at(t3(*s, b, k4), Pre); */
  /*@ assert w2: \forall integer b, k4, k3; page(*s, b, k4, k3, 0, 0) ==> t2(*s, b, k4, k3) == \at(t2(*s, b, k4, k3), Pre); */
  /*@ assert w1: \forall integer b, k4, k3, k2; page(*s, b, k4, k3, k2, 0) ==> t1(*s, b, k4, k3, k2) == \at(t1(*s, b, k4, k3, k2), Pre); */
  /*@ assert back1: \forall integer v; 0 <= v < s->tables && \at(s->level[v], Pre) != 0 ==>
        s->level[v] == \at(s->level[v], Pre) && s->owner[v] == \at(s->owner[v], Pre) && s->parent[v] == \at(s->parent[v], Pre); */
  /*@ assert back2: \forall integer v; 0 <= v < s->tables && \at(s->level[v], Pre) == 0 && s->level[v] != 0 ==> s->owner[v] == a && v > s->spaces; */
  /*@ assert back3: \forall integer v, k; 0 <= v < s->tables && ix(k)
        && (\at(at(*s, v, k), Pre) != 0 || \at(s->level[v], Pre) == 1 || (\at(s->level[v], Pre) != 0 && \at(s->owner[v], Pre) != a)) ==>
        at(*s, v, k) == \at(at(*s, v, k), Pre); */
  /*@ assert back4: \forall integer b, k4, k3, k2, k1; page(*s, b, k4, k3, k2, k1) ==>
        leaf(*s, b, k4, k3, k2, k1) == \at(leaf(*s, b, k4, k3, k2, k1), Pre); */
    //@ assert back_grown: grown{Pre, Here}(*s, a);
    //@ assert back_ways: same_ways{Pre, Here}(*s);
    return r;
  }
  //@ assert failed: r != VMREF_OK ==> same_entries{Pre, Here}(*s);
  /*@ assert end1: \forall integer v; 0 <= v < s->tables && \at(s->level[v], Pre) != 0 ==>
        s->level[v] == \at(s->level[v], Pre) && s->owner[v] == \at(s->owner[v], Pre) && s->parent[v] == \at(s->parent[v], Pre); */
  /*@ assert end2: \forall integer v; 0 <= v < s->tables && \at(s->level[v], Pre) == 0 && s->level[v] != 0 ==> s->owner[v] == a && v > s->spaces; */
  /*@ assert end3: \forall integer v, k; 0 <= v < s->tables && ix(k)
        && (\at(at(*s, v, k), Pre) != 0 || \at(s->level[v], Pre) == 1 || (\at(s->level[v], Pre) != 0 && \at(s->owner[v], Pre) != a)) ==>
        at(*s, v, k) == \at(at(*s, v, k), Pre); */
  /*@ assert end4: \forall integer b, k4, k3, k2, k1; page(*s, b, k4, k3, k2, k1) ==>
        leaf(*s, b, k4, k3, k2, k1) == \at(leaf(*s, b, k4, k3, k2, k1), Pre); */
  //@ assert end_grown: grown{Pre, Here}(*s, a);
  //@ assert end_ways: same_ways{Pre, Here}(*s);
  return r;
}

int vmref_tables_make(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  return below_made(s, a, a, 4, p, p + n);
}
