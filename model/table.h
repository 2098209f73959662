/* SPDX-License-Identifier: MIT */
/* Topic table: the tree of page tables, written and read. Only the functions here write
 * entries. */
#ifndef VMREF_TABLE_H
#define VMREF_TABLE_H
#include "frame.h"

/* parent[] of a root: what the space is. */
#define VMREF_PROCESS (-1)
#define VMREF_FILE    (-2)
#define VMREF_KERNEL  (-3)

#ifdef __FRAMAC__
#include "../spec/table.acsl"
#include "../spec/theorem.acsl"
#endif

/* Write a leaf entry, entry i of table t; the only function that does. */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s);
    requires t < s->tables && i < 512 && s->level[t] == 1 && s->owner[t] < s->spaces;
    terminates \true; assigns s->tab[512 * t + i]; exits \false;
    ensures written: at(*s, t, i) == e;
    ensures tree: tree(*s);
    ensures same: same_tables{Pre, Post}(*s);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures flat: \forall integer m; 0 <= m < entries(*s) && m != 512 * t + i ==> s->tab[m] == \old(s->tab[m]);
    ensures counts: \forall integer o; 0 <= o < objects(*s) ==>
      count(*s, o, entries(*s)) == \old(count(*s, o, entries(*s))) - one(\old(obj(*s, at(*s, t, i))), o) + one(obj(*s, e), o); */
void vmref_leaf_set(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e);

/* The table that entry i of table t links; `tables` when none, or t is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && i < 512 && t <= s->tables && under(*s, t, i) <= s->tables;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == under(*s, t, i) && \result <= s->tables; */
uint32_t vmref_table_under(const struct vmref_sys *s, uint32_t t, uint32_t i);

/* The leaf table of a user page, `tables` when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s) && page(*s, a, i4, i3, i2, 0);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == t1(*s, a, i4, i3, i2) && \result <= s->tables;
    ensures leaf: \result < s->tables ==> s->level[\result] == 1 && s->owner[\result] == a; */
uint32_t vmref_table_find(const struct vmref_sys *s, uint32_t a, uint32_t i4, uint32_t i3, uint32_t i2);

/* Link a free table u under entry i of table t, which is 0. No page's entry changes. */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s);
    requires t < s->tables && i < 512 && owns(*s, t, i) && s->owner[t] < s->spaces;
    requires at(*s, t, i) == 0 && s->spaces < u < s->tables && s->level[u] == 0;
    terminates \true; assigns s->tab[512 * t + i], s->level[u], s->owner[u], s->parent[u]; exits \false;
    ensures linked: under(*s, t, i) == u && s->level[u] == s->level[t] - 1 && s->owner[u] == s->owner[t];
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures levels: \forall integer v; 0 <= v < s->tables && v != u ==> s->level[v] == \old(s->level[v]) && s->owner[v] == \old(s->owner[v]);
    ensures tree: tree(*s);
    ensures pages: \forall integer a, i4, i3, i2, i1; page(*s, a, i4, i3, i2, i1) ==>
      leaf(*s, a, i4, i3, i2, i1) == \old(leaf(*s, a, i4, i3, i2, i1));
    ensures refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \old(ref(*s, m));
    ensures counts: \forall integer o; 0 <= o < objects(*s) ==>
      count(*s, o, entries(*s)) == \old(count(*s, o, entries(*s))); */
void vmref_table_link(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t u);

/* Free a table that is empty; no page's entry changes. */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s);
    requires u < s->tables && 1 <= s->level[u] <= 3 && s->owner[u] < s->spaces;
    requires \forall integer i; ix(i) ==> at(*s, u, i) == 0;
    terminates \true; assigns s->tab[s->parent[u]], s->level[u]; exits \false;
    ensures gone: s->level[u] == 0 && s->tab[\old(s->parent[u])] == 0;
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && 512 * v + j != \old(s->parent[u]) ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures levels: \forall integer v; 0 <= v < s->tables && v != u ==> s->level[v] == \old(s->level[v]);
    ensures tree: tree(*s);
    ensures pages: \forall integer a, i4, i3, i2, i1; page(*s, a, i4, i3, i2, i1) ==>
      leaf(*s, a, i4, i3, i2, i1) == \old(leaf(*s, a, i4, i3, i2, i1));
    ensures refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \old(ref(*s, m));
    ensures counts: \forall integer o; 0 <= o < objects(*s) ==>
      count(*s, o, entries(*s)) == \old(count(*s, o, entries(*s))); */
void vmref_table_unlink(const struct vmref_sys *s, uint32_t u);

/* Set the accessed flag of an entry that links a table, as a walk does: e is that entry with it. */
/*@ requires \valid_read(s) && inv(*s);
    requires t < s->tables && i < 512 && owns(*s, t, i) && s->owner[t] < s->spaces && at(*s, t, i) != 0 && e == accessed(at(*s, t, i));
    terminates \true; assigns s->tab[512 * t + i]; exits \false;
    ensures inv: inv(*s);
    ensures written: at(*s, t, i) == e;
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures same: same_tables{Pre, Post}(*s);
    ensures three: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==> t3(*s, a, i4) == \old(t3(*s, a, i4));
    ensures two: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==> t2(*s, a, i4, i3) == \old(t2(*s, a, i4, i3)); */
void vmref_table_touch(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e);

/* Make entry i of leaf table t the leaf e, and count: what it referred to before loses a
 * reference, what it refers to now has one more. An object that nobody refers to any more is free.
 * share 1: that page becomes one of a file. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && fit_leaf(*s, e);
    requires mine: P(e) == 1 && RW(e) == 1 ==>
      s->rc[obj(*s, e)] + 1 - one(obj(*s, at(*s, t, i)), obj(*s, e)) == 1 || prot_S(prot(e)) == 1;
    requires file: share <= 1 && (share == 1 ==> obj(*s, e) < objects(*s)) && (prot_S(prot(e)) == 1 ==> obj(*s, e) < objects(*s)
      && (share == 1 || s->shared[obj(*s, e)] == 1));
    requires theirs: obj(*s, e) < objects(*s) && obj(*s, e) != obj(*s, at(*s, t, i)) ==>
      \forall integer n; user_leaf(*s, n) && ref(*s, n) == obj(*s, e) && P(s->tab[n]) == 1 && RW(s->tab[n]) == 1 ==>
        prot_S(prot(s->tab[n])) == 1;
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures written: at(*s, t, i) == e;
    ensures same: same_tables{Pre, Post}(*s);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures flat: \forall integer m; 0 <= m < entries(*s) && m != 512 * t + i ==> s->tab[m] == \old(s->tab[m]);
    ensures rc: \forall integer o; 0 <= o < objects(*s) ==>
      s->rc[o] == \old(s->rc[o]) - one(\old(obj(*s, at(*s, t, i))), o) + one(obj(*s, e), o);
    ensures shared: \forall integer o; 0 <= o < objects(*s) && s->rc[o] != 0 ==>
      s->shared[o] == (share == 1 && o == obj(*s, e) ? 1 : \old(s->shared[o])); */
void vmref_leaf_replace(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e, uint8_t share);

/* A free table frame, `tables` when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures \result <= s->tables;
    ensures found: \result < s->tables ==> s->spaces < \result && s->level[\result] == 0;
    ensures none: \result == s->tables ==> \forall integer t; s->spaces < t < s->tables ==> s->level[t] != 0; */
uint32_t vmref_table_free(const struct vmref_sys *s);

/* Free a table that is empty, as vmref_table_unlink, under the whole invariant. */
/*@ requires \valid_read(s) && inv(*s);
    requires u < s->tables && 1 <= s->level[u] <= 3 && s->owner[u] < s->spaces;
    requires \forall integer i; ix(i) ==> at(*s, u, i) == 0;
    terminates \true; assigns s->tab[s->parent[u]], s->level[u], s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures inv: inv(*s);
    ensures gone: s->level[u] == 0 && s->tab[\old(s->parent[u])] == 0;
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && 512 * v + j != \old(s->parent[u]) ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures levels: \forall integer v; 0 <= v < s->tables && v != u ==> s->level[v] == \old(s->level[v]);
    ensures pages: \forall integer a, i4, i3, i2, i1; page(*s, a, i4, i3, i2, i1) ==>
      leaf(*s, a, i4, i3, i2, i1) == \old(leaf(*s, a, i4, i3, i2, i1)); */
void vmref_table_drop(const struct vmref_sys *s, uint32_t u);

/* ---- lemmas, run by the prover only ---- */
/* The table and the index of an entry. */
/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t, i; 0 <= t && ix(i) ==> (512 * t + i) / 512 == t && (512 * t + i) % 512 == i; @/
  void vmref_lemma_index(void);
*/
/* What a leaf entry's reference is. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t, i; 0 <= t < s->tables && ix(i) && s->level[t] == 1 ==>
       ref(*s, 512 * t + i) == obj(*s, at(*s, t, i)); @/
  void vmref_lemma_ref(const struct vmref_sys *s);
*/
/* The clause on leaves, by table and index. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t, i; is_leaf(*s, t, i) ==> user_leaf(*s, 512 * t + i) && fit_leaf(*s, at(*s, t, i)) && files(*s, at(*s, t, i))
       && (P(at(*s, t, i)) == 1 && RW(at(*s, t, i)) == 1 ==> mine(*s, at(*s, t, i))); @/
  void vmref_lemma_fits(const struct vmref_sys *s);
*/
/* No leaf has an object that nobody refers to. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && no_ref(*s, o);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t, i; is_leaf(*s, t, i) ==> obj(*s, at(*s, t, i)) != o; @/
  void vmref_lemma_apart(const struct vmref_sys *s, uint32_t o);
*/
/* What the tables on the way to a page are. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && tree(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures three: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==> 0 <= t3(*s, a, i4) <= s->tables
       && (t3(*s, a, i4) < s->tables ==> s->level[t3(*s, a, i4)] == 3 && s->owner[t3(*s, a, i4)] == a
           && s->parent[t3(*s, a, i4)] == 512 * a + i4);
     ensures two: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==> 0 <= t2(*s, a, i4, i3) <= s->tables
       && (t2(*s, a, i4, i3) < s->tables ==> s->level[t2(*s, a, i4, i3)] == 2 && s->owner[t2(*s, a, i4, i3)] == a
           && s->parent[t2(*s, a, i4, i3)] == 512 * t3(*s, a, i4) + i3 && t3(*s, a, i4) < s->tables);
     ensures one: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==> 0 <= t1(*s, a, i4, i3, i2) <= s->tables
       && (t1(*s, a, i4, i3, i2) < s->tables ==> s->level[t1(*s, a, i4, i3, i2)] == 1 && s->owner[t1(*s, a, i4, i3, i2)] == a
           && s->parent[t1(*s, a, i4, i3, i2)] == 512 * t2(*s, a, i4, i3) + i2 && t2(*s, a, i4, i3) < s->tables); @/
  void vmref_lemma_way(const struct vmref_sys *s);
*/
/* A table of a space is on the way that its record tells, and the other way round. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && tree(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures three: \forall integer u; 0 <= u < s->tables && s->level[u] == 3 && s->owner[u] < s->spaces ==>
       t3(*s, s->parent[u] / 512, s->parent[u] % 512) == u;
     ensures lower: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 2 ==> under(*s, s->parent[u] / 512, s->parent[u] % 512) == u;
     ensures above: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 2 ==> s->level[s->parent[u] / 512] == s->level[u] + 1;
     ensures told3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) && t3(*s, a, i4) < s->tables ==> recorded(*s, t3(*s, a, i4), 3, a, a, i4);
     ensures told2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) && t2(*s, a, i4, i3) < s->tables ==>
       recorded(*s, t2(*s, a, i4, i3), 2, a, t3(*s, a, i4), i3) && t3(*s, a, i4) < s->tables;
     ensures told1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && t1(*s, a, i4, i3, i2) < s->tables ==>
       recorded(*s, t1(*s, a, i4, i3, i2), 1, a, t2(*s, a, i4, i3), i2) && t2(*s, a, i4, i3) < s->tables; @/
  void vmref_lemma_record(const struct vmref_sys *s);
*/
/* One way leads to a leaf table. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && tree(*s) && page(*s, a, j4, j3, j2, 0);
     requires t1(*s, a, j4, j3, j2) < s->tables;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1(*s, b, i4, i3, i2) == t1(*s, a, j4, j3, j2) ==>
       b == a && i4 == j4 && i3 == j3 && i2 == j2; @/
  void vmref_lemma_one_way(const struct vmref_sys *s, uint32_t a, uint32_t j4, uint32_t j3, uint32_t j2);
*/
#endif
