/* SPDX-License-Identifier: MIT */
/* Fork. All tables of the child are made first, which is what can fail; then each leaf is shared. */
#include "space_fork.h"

/* Where the leaf tables stand. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer a, t; leaf_table(*s, a, t) ==> stands(*s, a, t); @/
  static void lemma_stands(const struct vmref_sys *s)
  {
    vmref_lemma_index();
    /@ assert up: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==>
         0 <= s->parent[u] < entries(*s) && owns(*s, s->parent[u] / 512, s->parent[u] % 512)
         && linked(*s, s->parent[u] / 512, s->parent[u] % 512, u); @/
    /@ assert under: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==>
         under(*s, s->parent[u] / 512, s->parent[u] % 512) == u; @/
    /@ assert two: \forall integer a, t; leaf_table(*s, a, t) ==>
         0 <= n2(*s, t) < entries(*s) && s->level[n2(*s, t) / 512] == 2 && s->owner[n2(*s, t) / 512] == a; @/
    /@ assert three: \forall integer a, t; leaf_table(*s, a, t) ==>
         0 <= n3(*s, t) < entries(*s) && s->level[n3(*s, t) / 512] == 3 && s->owner[n3(*s, t) / 512] == a; @/
    /@ assert four: \forall integer a, t; leaf_table(*s, a, t) ==>
         0 <= n4(*s, t) < entries(*s) && n4(*s, t) / 512 == a && s->level[a] == 4 && n4(*s, t) % 512 < 256; @/
    /@ assert way3: \forall integer a, t; leaf_table(*s, a, t) ==> t3(*s, a, n4(*s, t) % 512) == n3(*s, t) / 512; @/
    /@ assert way2: \forall integer a, t; leaf_table(*s, a, t) ==>
         t2(*s, a, n4(*s, t) % 512, n3(*s, t) % 512) == n2(*s, t) / 512; @/
    /@ assert way1: \forall integer a, t; leaf_table(*s, a, t) ==>
         t1(*s, a, n4(*s, t) % 512, n3(*s, t) % 512, n2(*s, t) % 512) == t; @/
  }
*/

/* And the other way round: the leaf table at the end of a way stands there. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==> 0 <= t1(*s, a, i4, i3, i2) <= s->tables;
     ensures \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && t1(*s, a, i4, i3, i2) < s->tables ==>
       (\let t = t1(*s, a, i4, i3, i2); leaf_table(*s, a, t) && n4(*s, t) % 512 == i4 && n3(*s, t) % 512 == i3 && n2(*s, t) % 512 == i2); @/
  static void lemma_ends(const struct vmref_sys *s)
  {
    vmref_lemma_index();
    vmref_lemma_way(s);
    /@ assert two: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && t1(*s, a, i4, i3, i2) < s->tables ==>
         n2(*s, t1(*s, a, i4, i3, i2)) / 512 == t2(*s, a, i4, i3) && n2(*s, t1(*s, a, i4, i3, i2)) % 512 == i2; @/
    /@ assert three: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && t1(*s, a, i4, i3, i2) < s->tables ==>
         n3(*s, t1(*s, a, i4, i3, i2)) / 512 == t3(*s, a, i4) && n3(*s, t1(*s, a, i4, i3, i2)) % 512 == i3; @/
    /@ assert four: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && t1(*s, a, i4, i3, i2) < s->tables ==>
         n4(*s, t1(*s, a, i4, i3, i2)) % 512 == i4; @/
  }
*/

/* A twin's twin is the table itself. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && b < s->spaces;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t; leaf_table(*s, a, t) && twin(*s, b, t) < s->tables ==>
       leaf_table(*s, b, twin(*s, b, t)) && twin(*s, a, twin(*s, b, t)) == t; @/
  static void lemma_twins(const struct vmref_sys *s, uint32_t a, uint32_t b)
  {
    lemma_stands(s);
    lemma_ends(s);
  }
*/

/* Space b, which does not exist, has no tables. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && b < s->spaces && s->level[b] == 0;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t; 0 <= t < s->tables && s->level[t] != 0 ==> s->owner[t] != b; @/
  static void lemma_none(const struct vmref_sys *s, uint32_t b)
  {
    vmref_lemma_index();
    /@ assert up: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==>
         0 <= s->parent[u] < entries(*s) && linked(*s, s->parent[u] / 512, s->parent[u] % 512, u); @/
    /@ assert four: \forall integer t; 0 <= t < s->tables && s->level[t] == 4 ==> s->owner[t] != b; @/
    /@ assert three: \forall integer t; 0 <= t < s->tables && s->level[t] == 3 ==> s->owner[t] != b; @/
    /@ assert two: \forall integer t; 0 <= t < s->tables && s->level[t] == 2 ==> s->owner[t] != b; @/
    /@ assert one: \forall integer t; 0 <= t < s->tables && s->level[t] == 1 ==> s->owner[t] != b; @/
  }
*/

/* A space without pages has no leaves. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && b < s->spaces;
     requires \forall integer i4, i3, i2, i1; page(*s, b, i4, i3, i2, i1) ==> leaf(*s, b, i4, i3, i2, i1) == 0;
     terminates \true; assigns \nothing; exits \false; ensures bare(*s, b); @/
  static void lemma_bare(const struct vmref_sys *s, uint32_t b)
  {
    lemma_stands(s);
    /@ assert leaf: \forall integer t, i; leaf_table(*s, b, t) && ix(i) ==>
         at(*s, t, i) == leaf(*s, b, n4(*s, t) % 512, n3(*s, t) % 512, n2(*s, t) % 512, i); @/
    /@ assert zero: \forall integer t, i; leaf_table(*s, b, t) && ix(i) ==> at(*s, t, i) == 0; @/
  }
*/

/* The table of the child that stands where leaf table t of its parent stands. */
/*@ requires \valid_read(s) && inv(*s) && b < s->spaces && is_leaf(*s, t, 0);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == twin(*s, b, t) && \result <= s->tables;
    ensures leaf: \result < s->tables ==> leaf_table(*s, b, \result); */
static uint32_t twin(const struct vmref_sys *s, uint32_t b, uint32_t t)
{
  //@ ghost lemma_stands(s);
  //@ assert stands: stands(*s, s->owner[t], t);
  int64_t n2 = s->parent[t], n3 = s->parent[n2 / 512], n4 = s->parent[n3 / 512];
  return vmref_table_find(s, b, (uint32_t)(n4 % 512), (uint32_t)(n3 % 512), (uint32_t)(n2 % 512));
}

/* The number of the first page of a leaf table that stands there. */
/*@ requires i4 < 256 && i3 < 512 && i2 < 512;
    terminates \true; assigns \nothing; exits \false;
    ensures page: \result <= 0x800000000 - 0x200; ensures way: p4(\result) == i4 && p3(\result) == i3 && p2(\result) == i2; */
static uint64_t page_at(uint32_t i4, uint32_t i3, uint32_t i2)
{
  return (uint64_t)i4 * 0x8000000 + (uint64_t)i3 * 0x40000 + (uint64_t)i2 * 0x200;
}

/* The number of the first page of leaf table t. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0);
    terminates \true; assigns \nothing; exits \false;
    ensures page: \result <= 0x800000000 - 0x200;
    ensures way: p4(\result) == n4(*s, t) % 512 && p3(\result) == n3(*s, t) % 512 && p2(\result) == n2(*s, t) % 512; */
static uint64_t first_page(const struct vmref_sys *s, uint32_t t)
{
  //@ ghost lemma_stands(s);
  //@ assert stands: stands(*s, s->owner[t], t);
  int64_t n2 = s->parent[t], n3 = s->parent[n2 / 512], n4 = s->parent[n3 / 512];
  return page_at((uint32_t)(n4 % 512), (uint32_t)(n3 % 512), (uint32_t)(n2 % 512));
}

/* Give b the twin of leaf table t. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0) && b < s->spaces && s->level[b] == 4;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures made: \result == VMREF_OK ==> twin(*s, b, t) < s->tables;
    ensures kept: \forall integer u; is_leaf{Pre}(*s, u, 0) && \old(twin(*s, b, u)) < s->tables ==> twin(*s, b, u) == \old(twin(*s, b, u));
    ensures grown: grown{Pre, Post}(*s, b); */
static int twin_made(const struct vmref_sys *s, uint32_t b, uint32_t t)
{
  //@ ghost lemma_stands(s);
  //@ assert stands: \forall integer u; is_leaf(*s, u, 0) ==> stands(*s, s->owner[u], u);
  //@ ghost vmref_lemma_way(s);
  int r = vmref_tables_make(s, b, first_page(s, t), 1);
  /*@ assert two: \forall integer u; is_leaf{Pre}(*s, u, 0) ==> n2(*s, u) == \at(n2(*s, u), Pre); */
  /*@ assert three: \forall integer u; is_leaf{Pre}(*s, u, 0) ==> n3(*s, u) == \at(n3(*s, u), Pre); */
  /*@ assert four: \forall integer u; is_leaf{Pre}(*s, u, 0) ==> n4(*s, u) == \at(n4(*s, u), Pre); */
  //@ assert root: s->level[b] == 4;
  /*@ assert w3: \forall integer i4; 0 <= i4 < 256 && \at(t3(*s, \at(b, Here), i4), Pre) < s->tables ==>
        t3(*s, b, i4) == \at(t3(*s, \at(b, Here), i4), Pre); */
  /*@ assert w2: \forall integer i4, i3; 0 <= i4 < 256 && ix(i3) && \at(t2(*s, \at(b, Here), i4, i3), Pre) < s->tables ==>
        t2(*s, b, i4, i3) == \at(t2(*s, \at(b, Here), i4, i3), Pre); */
  /*@ assert w1: \forall integer i4, i3, i2; 0 <= i4 < 256 && ix(i3) && ix(i2) && \at(t1(*s, \at(b, Here), i4, i3, i2), Pre) < s->tables ==>
        t1(*s, b, i4, i3, i2) == \at(t1(*s, \at(b, Here), i4, i3, i2), Pre); */
  return r;
}

/* Give b a leaf table wherever a has one. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && b < s->spaces && a != b && s->level[b] == 4;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures made: \result == VMREF_OK ==> \forall integer t; leaf_table(*s, a, t) ==> twin(*s, b, t) < s->tables;
    ensures grown: grown{Pre, Post}(*s, b); */
static int tables_made(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant inv: inv(*s);
      loop invariant root: s->level[b] == 4;
      loop invariant done: \forall integer u; leaf_table(*s, a, u) && u < t ==> twin(*s, b, u) < s->tables;
      loop invariant grown: grown{Pre, Here}(*s, b);
      loop assigns t, s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
        s->hint[0 .. hints(*s) - 1];
      loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    if (s->level[t] != 1 || (int64_t)s->owner[t] != a) continue;
    //@ ghost Before: ;
    int r = twin_made(s, b, t);
    /*@ assert tables: \forall integer u; leaf_table(*s, a, u) ==> leaf_table{Before}(*s, a, u); */
    if (r != VMREF_OK) return r;
  }
  return VMREF_OK;
}

/* Share the pages of leaf table t with the empty leaf table u. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0) && is_leaf(*s, u, 0) && t != u;
    requires empty: \forall integer i; ix(i) ==> at(*s, u, i) == 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures mine: \forall integer i; ix(i) ==> copied{Pre, Post}(*s, t, i, t, i);
    ensures copied: \forall integer i; ix(i) ==> copied{Pre, Post}(*s, t, i, u, i);
    ensures others: \forall integer v, i; 0 <= v < s->tables && v != t && v != u && ix(i) ==> at(*s, v, i) == \old(at(*s, v, i));
    ensures same: same_tables{Pre, Post}(*s); */
static void share(const struct vmref_sys *s, uint32_t t, uint32_t u)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant inv: inv(*s);
      loop invariant mine: \forall integer k; ix(k) ==> copied{Pre, Here}(*s, t, k, t, k);
      loop invariant done: \forall integer k; 0 <= k < i ==> copied{Pre, Here}(*s, t, k, u, k);
      loop invariant todo: \forall integer k; i <= k < 512 ==> at(*s, u, k) == 0;
      loop invariant others: \forall integer v, k; 0 <= v < s->tables && v != t && v != u && ix(k) ==> at(*s, v, k) == \at(at(*s, v, k), Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns i, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++) {
    //@ ghost vmref_lemma_fits(s);
    //@ assert file: is_leaf(*s, t, i) && files(*s, at(*s, t, i));
    //@ assert was: copied{Pre, Here}(*s, t, i, t, i);
    //@ ghost Before: ;
    vmref_page_share(s, t, i, u, i, vmref_leaf_prot(s->tab[512 * (uint64_t)t + i]));
    //@ assert here: copied{Before, Here}(*s, t, i, u, i);
    /*@ assert before: \forall integer k; 0 <= k < i ==> copied{Pre, Here}(*s, t, k, u, k); */
    //@ assert now: copied{Pre, Here}(*s, t, i, u, i);
  }
}

/* Share the pages of leaf table t of another space with its twin in b. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0) && b < s->spaces && s->owner[t] != b;
    requires twin: twin(*s, b, t) < s->tables;
    requires empty: \forall integer i; ix(i) ==> at(*s, twin(*s, b, t), i) == 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures copied: \forall integer i; ix(i) ==> copied{Pre, Post}(*s, t, i, twin(*s, b, t), i);
    ensures only: \forall integer v; leaf_table(*s, b, v) ==> (twin(*s, s->owner[t], v) == t <==> v == twin(*s, b, t));
    ensures others: \forall integer v, i; leaf_table(*s, b, v) && ix(i) && v != twin(*s, b, t) ==> at(*s, v, i) == \old(at(*s, v, i));
    ensures leaves: \forall integer v, i; is_leaf(*s, v, i) && s->owner[v] != b ==> copied{Pre, Post}(*s, v, i, v, i);
    ensures above: \forall integer v, i; 0 <= v < s->tables && ix(i) && s->level[v] != 1 ==> at(*s, v, i) == \old(at(*s, v, i));
    ensures twins: \forall integer v; leaf_table(*s, b, v) ==> twin(*s, s->owner[t], v) == \old(twin(*s, s->owner[t], v));
    ensures twins2: \forall integer v; leaf_table(*s, s->owner[t], v) ==> twin(*s, b, v) == \old(twin(*s, b, v));
    ensures same: same_tables{Pre, Post}(*s); */
static void share_twin(const struct vmref_sys *s, uint32_t b, uint32_t t)
{
  uint32_t u = twin(s, b, t);
  //@ ghost uint32_t a = (uint32_t)s->owner[t];
  //@ ghost lemma_twins(s, a, b);
  //@ ghost lemma_twins(s, b, a);
  //@ ghost lemma_stands(s);
  /*@ assert only: \forall integer v; leaf_table(*s, b, v) ==> (twin(*s, a, v) == t <==> v == u); */
  share(s, t, u);
  /*@ assert twins: \forall integer v; leaf_table(*s, b, v) ==> twin(*s, a, v) == \at(twin(*s, \at(a, Here), v), Pre); */
  /*@ assert twins2: \forall integer v; leaf_table(*s, a, v) ==> twin(*s, b, v) == \at(twin(*s, \at(b, Here), v), Pre); */
  //@ assert twin: twin(*s, b, t) == u;
  /*@ assert others: \forall integer v, i; is_leaf(*s, v, i) && v != u && v != t ==> copied{Pre, Here}(*s, v, i, v, i); */
}

/* Share all pages of a with b, which has the tables for them and no pages. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && b < s->spaces && a != b && bare(*s, b);
    requires made: \forall integer t; leaf_table(*s, a, t) ==> twin(*s, b, t) < s->tables;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures copied: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) < s->tables ==>
      copied{Pre, Post}(*s, twin(*s, a, u), i, u, i);
    ensures nothing: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) >= s->tables ==> at(*s, u, i) == 0;
    ensures made: \forall integer t; leaf_table(*s, a, t) ==> twin(*s, b, t) < s->tables;
    ensures leaves: \forall integer v, i; is_leaf(*s, v, i) && s->owner[v] != b ==> copied{Pre, Post}(*s, v, i, v, i);
    ensures above: \forall integer v, i; 0 <= v < s->tables && ix(i) && s->level[v] != 1 ==> at(*s, v, i) == \old(at(*s, v, i));
    ensures twins: \forall integer u; leaf_table(*s, b, u) ==> twin(*s, a, u) == \old(twin(*s, a, u));
    ensures same: same_tables{Pre, Post}(*s); */
static void share_all(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant inv: inv(*s);
      loop invariant done: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) < t ==>
        copied{Pre, Here}(*s, twin(*s, a, u), i, u, i);
      loop invariant todo: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) >= t ==> at(*s, u, i) == 0;
      loop invariant leaves: \forall integer v, i; is_leaf(*s, v, i) && s->owner[v] != b ==> copied{Pre, Here}(*s, v, i, v, i);
      loop invariant above: \forall integer v, i; 0 <= v < s->tables && ix(i) && s->level[v] != 1 ==> at(*s, v, i) == \at(at(*s, v, i), Pre);
      loop invariant twins: \forall integer u; leaf_table(*s, b, u) ==> twin(*s, a, u) == \at(twin(*s, \at(a, Here), u), Pre);
      loop invariant made: \forall integer u; leaf_table(*s, a, u) ==> twin(*s, b, u) < s->tables;
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns t, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    //@ ghost lemma_twins(s, a, b);
    //@ ghost lemma_twins(s, b, a);
    if (s->level[t] == 1 && (int64_t)s->owner[t] == a) {
      //@ assert was: \forall integer i; ix(i) ==> copied{Pre, Here}(*s, t, i, t, i);
      share_twin(s, b, t);
      /*@ assert here: \forall integer v, i; leaf_table(*s, b, v) && ix(i) && twin(*s, a, v) == t ==>
            copied{Pre, Here}(*s, twin(*s, a, v), i, v, i); */
    }
    //@ assert none: leaf_table(*s, a, t) || \forall integer u; leaf_table(*s, b, u) ==> twin(*s, a, u) != t;
    /*@ assert next: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) <= t ==>
          copied{Pre, Here}(*s, twin(*s, a, u), i, u, i); */
  }
}

/* Share all pages of a with b, seen by page. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && b < s->spaces && a != b && bare(*s, b);
    requires made: \forall integer t; leaf_table(*s, a, t) ==> twin(*s, b, t) < s->tables;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures twins: twins(*s, a, b);
    ensures equal: \forall integer p; upage(p) ==> copied_page{Pre, Post}(*s, a, b, p);
    ensures others: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) ==> copied_page{Pre, Post}(*s, c, c, p);
    ensures leaves: \forall integer v, i; is_leaf(*s, v, i) && s->owner[v] != b ==> copied{Pre, Post}(*s, v, i, v, i);
    ensures above: \forall integer v, i; 0 <= v < s->tables && ix(i) && s->level[v] != 1 ==> at(*s, v, i) == \old(at(*s, v, i)); */
static void share_pages(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  //@ ghost lemma_ends(s);
  /*@ assert twins: \forall integer c, d, p; 0 <= c < s->spaces && 0 <= d < s->spaces && upage(p) && table_of(*s, c, p) < s->tables ==>
        twin(*s, d, table_of(*s, c, p)) == table_of(*s, d, p); */
  /*@ assert both: \forall integer p; upage(p) && table_of(*s, a, p) < s->tables ==> table_of(*s, b, p) < s->tables; */
  /*@ assert leaf: \forall integer c, p; 0 <= c < s->spaces && upage(p) && table_of(*s, c, p) < s->tables ==> leaf_table(*s, c, table_of(*s, c, p)); */
  share_all(s, a, b);
  //@ ghost lemma_twins(s, b, a);
  /*@ assert mine: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) < s->tables ==>
        copied{Pre, Here}(*s, twin(*s, a, u), i, twin(*s, a, u), i) && copied{Pre, Here}(*s, twin(*s, a, u), i, u, i)
        && same_mapping(*s, at(*s, twin(*s, a, u), i), at(*s, u, i)); */
  /*@ assert made: \forall integer t; leaf_table(*s, a, t) ==> twin(*s, b, t) < s->tables; */
  /*@ assert empty: \forall integer u, i; leaf_table(*s, b, u) && ix(i) && twin(*s, a, u) >= s->tables ==> at(*s, u, i) == 0; */
  /*@ assert same: \forall integer c, p; 0 <= c < s->spaces && upage(p) ==> table_of(*s, c, p) == \at(table_of(*s, c, p), Pre); */
  /*@ assert twin: \forall integer p; upage(p) && table_of(*s, b, p) < s->tables ==> twin(*s, a, table_of(*s, b, p)) == table_of(*s, a, p); */
  /*@ assert some: \forall integer p; upage(p) && table_of(*s, a, p) < s->tables ==>
        copied{Pre, Here}(*s, table_of(*s, a, p), p1(p), table_of(*s, b, p), p1(p)); */
  /*@ assert none: \forall integer p; upage(p) && table_of(*s, a, p) >= s->tables ==> leaf_of(*s, b, p) == 0; */
  /*@ assert there: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) && table_of(*s, c, p) < s->tables ==>
        copied{Pre, Here}(*s, table_of(*s, c, p), p1(p), table_of(*s, c, p), p1(p)); */
  /*@ assert not: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) && table_of(*s, c, p) >= s->tables ==>
        leaf_of(*s, c, p) == 0 && \at(leaf_of(*s, c, p), Pre) == 0; */
}

/* Make space b and all tables that the pages of a need, or nothing. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures child: \result == VMREF_OK ==> b < s->spaces && a != b && s->level[b] == 4 && s->parent[b] == VMREF_PROCESS;
    ensures spaces: \forall integer c; 0 <= c < s->spaces && c != b ==> s->level[c] == \old(s->level[c]);
    ensures bare: \result == VMREF_OK ==> bare(*s, b);
    ensures records: same_records{Pre, Post}(*s, -1);
    ensures born: \result == VMREF_OK ==> \forall integer t; 0 <= t < s->tables && \old(s->level[t]) != 0 ==> s->owner[t] != b;
    ensures entries: \forall integer t, i; 0 <= t < s->tables && \old(s->level[t]) != 0 && ix(i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures made: \result == VMREF_OK ==> \forall integer t; leaf_table(*s, a, t) ==> twin(*s, b, t) < s->tables;
    ensures pages: \result == VMREF_OK ==> \forall integer c, i4, i3, i2, i1; page(*s, c, i4, i3, i2, i1) && c != b ==>
      leaf(*s, c, i4, i3, i2, i1) == \old(leaf(*s, c, i4, i3, i2, i1)); */
static int child_made(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  //@ ghost if (b < s->spaces && s->level[b] == 0) lemma_none(s, b);
  int r = vmref_space_new(s, b, VMREF_PROCESS);
  /*@ assert root: \forall integer t, i; 0 <= t < s->tables && \at(s->level[t], Pre) != 0 && ix(i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
  if (r != VMREF_OK) return r;
  r = tables_made(s, a, b);
  //@ ghost lemma_bare(s, b);
  //@ assert bare: bare(*s, b);
  /*@ assert others: \forall integer t; 0 <= t < s->tables && \at(s->level[t], Pre) != 0 ==> s->owner[t] == \at(s->owner[t], Pre) && s->owner[t] != b; */
  /*@ assert mine: \forall integer t; 0 <= t < s->tables && \at(s->level[t], Pre) == 0 ==> s->level[t] == 0 || s->owner[t] == b; */
  /*@ assert entries: \forall integer t, i; 0 <= t < s->tables && \at(s->level[t], Pre) != 0 && ix(i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
  if (r != VMREF_OK) {
    vmref_space_exit(s, b);
    /*@ assert levels1: \forall integer t; 0 <= t < s->tables && \at(s->level[t], Pre) != 0 ==> s->level[t] == \at(s->level[t], Pre); */
    /*@ assert levels2: \forall integer t; 0 <= t < s->tables && \at(s->level[t], Pre) == 0 ==> s->level[t] == 0; */
    /*@ assert same: \forall integer t, i; 0 <= t < s->tables && \at(s->level[t], Pre) != 0 && ix(i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
    /*@ assert free: \forall integer t, i; 0 <= t < s->tables && \at(s->level[t], Pre) == 0 && ix(i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
    //@ assert objects: same_objects{Pre, Here}(*s);
  }
  return r;
}

int vmref_fork(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  if (a >= s->spaces || s->level[a] != 4 || s->parent[a] != VMREF_PROCESS) return VMREF_EINVAL;
  int r = child_made(s, a, b);
  if (r != VMREF_OK) {
    /*@ assert f3: \forall integer c, i4; page(*s, c, i4, 0, 0, 0) ==> t3(*s, c, i4) == \at(t3(*s, c, i4), Pre); */
    /*@ assert f2: \forall integer c, i4, i3; page(*s, c, i4, i3, 0, 0) ==> t2(*s, c, i4, i3) == \at(t2(*s, c, i4, i3), Pre); */
    /*@ assert f1: \forall integer c, i4, i3, i2; page(*s, c, i4, i3, i2, 0) ==> t1(*s, c, i4, i3, i2) == \at(t1(*s, c, i4, i3, i2), Pre); */
    /*@ assert tables: \forall integer c, p; 0 <= c < s->spaces && upage(p) ==> table_of(*s, c, p) == \at(table_of(*s, c, p), Pre); */
    /*@ assert pages: \forall integer c, p; 0 <= c < s->spaces && upage(p) ==> leaf_of(*s, c, p) == \at(leaf_of(*s, c, p), Pre); */
    //@ assert isolated: isolated{Pre, Here}(*s, b);
    return r;
  }
  /*@ assert pages: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) ==> leaf_of(*s, c, p) == \at(leaf_of(*s, c, p), Pre); */
  //@ ghost Made: ;
  share_pages(s, a, b);
  /*@ assert leaves: \forall integer t, i; is_leaf{Pre}(*s, t, i) ==> copied{Made, Here}(*s, t, i, t, i) && copied{Pre, Here}(*s, t, i, t, i); */
  /*@ assert others: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) ==> copied_page{Made, Here}(*s, c, c, p)
        && copied_page{Pre, Here}(*s, c, c, p); */
  /*@ assert bytes: \forall integer o, k; 0 <= k < 4096 ==> byte_of(*s, o, k) == \at(byte_of(*s, o, k), Pre); */
  /*@ assert shown: \forall integer c, p, k; 0 <= c < s->spaces && c != b && upage(p) && 0 <= k < 4096 ==>
        shown(*s, leaf_of(*s, c, p), k) == \at(shown(*s, leaf_of(*s, c, p), k), Pre); */
  /*@ assert none: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) && \at(leaf_of(*s, c, p), Pre) == 0 ==> leaf_of(*s, c, p) == 0; */
  /*@ assert some: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) && leaf_of(*s, c, p) == 0 ==> \at(leaf_of(*s, c, p), Pre) == 0; */
  /*@ assert prot: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) ==> prot(\at(leaf_of(*s, c, p), Pre)) == prot(leaf_of(*s, c, p)); */
  /*@ assert seen: \forall integer c, p; 0 <= c < s->spaces && c != b && upage(p) ==> same_page{Pre, Here}(*s, c, p); */
  //@ assert isolated: isolated{Pre, Here}(*s, b);
  return VMREF_OK;
}
