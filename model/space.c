/* SPDX-License-Identifier: MIT */
/* Spaces: how they begin and end. */
#include "space.h"

int vmref_space_new(const struct vmref_sys *s, uint32_t a, int64_t what)
{
  if (a >= s->spaces || s->level[a] != 0) return VMREF_EINVAL;
  uint64_t mine = 512 * (uint64_t)a, kernel = 512 * (uint64_t)s->spaces;
  //@ ghost vmref_lemma_index();
  /*@ loop invariant 256 <= i <= 512;
      loop invariant done: \forall integer k; 256 <= k < i ==> at(*s, a, k) == at(*s, s->spaces, k);
      loop invariant todo: \forall integer k; (0 <= k < 256 || i <= k < 512) ==> at(*s, a, k) == 0;
      loop invariant rest: \forall integer t, k; 0 <= t < s->tables && t != a && ix(k) ==> at(*s, t, k) == \at(at(*s, t, k), Pre);
      loop assigns i, s->tab[512 * a .. 512 * a + 511];
      loop variant 512 - i; */
  for (uint32_t i = 256; i < 512; i++) {
    //@ ghost Step: ;
    s->tab[mine + i] = s->tab[kernel + i];
    /*@ assert flat: \forall integer m; 0 <= m < entries(*s) && m != 512 * a + i ==> s->tab[m] == \at(s->tab[m], Step); */
    /*@ assert pairs: \forall integer t, k; 0 <= t < s->tables && ix(k) && !(t == a && k == i) ==> at(*s, t, k) == \at(at(*s, t, k), Step); */
    //@ assert here: at(*s, a, i) == at(*s, s->spaces, i);
    /*@ assert kept: \forall integer k; 256 <= k < i ==> at(*s, a, k) == at(*s, s->spaces, k); */
  }
  s->level[a] = 4;
  s->owner[a] = (int16_t)a;
  s->parent[a] = what;
  //@ assert owner: s->owner[a] == a;
  /*@ assert levels: \forall integer t; 0 <= t < s->tables && t != a ==> s->level[t] == \at(s->level[t], Pre) && s->owner[t] == \at(s->owner[t], Pre)
        && s->parent[t] == \at(s->parent[t], Pre); */
  //@ assert roots: roots(*s);
  //@ assert down: down(*s);
  //@ assert up: up(*s);
  //@ assert free: free_tables(*s);
  //@ assert kernel: kernel_shared(*s);
  //@ assert kleaves: kernel_leaves(*s);
  /*@ assert flat: \forall integer m; 0 <= m < entries(*s) && m / 512 != a ==> s->tab[m] == at(*s, m / 512, m % 512) && s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \at(ref(*s, m), Pre); */
  /*@ ghost
    uint64_t m = 0;
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, m) == \at(count(*s, o, \at(m, Here)), Pre);
       loop assigns m; loop variant entries(*s) - m; @/
    while (m < 512 * (uint64_t)s->tables) m++;
    /@ assert end: m == entries(*s); @/
  */
  //@ assert ledger: ledger(*s);
  /*@ assert was: \forall integer n; user_leaf(*s, n) ==> n / 512 != a && user_leaf{Pre}(*s, n) && s->tab[n] == \at(s->tab[n], Pre); */
  //@ assert leaves: leaves(*s);
  //@ ghost vmref_lemma_way(s);
  //@ assert empty: \forall integer i4; 0 <= i4 < 256 ==> t3(*s, a, i4) == s->tables;
  /*@ assert w3: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && b != a ==> t3(*s, b, i4) == \at(t3(*s, b, i4), Pre); */
  /*@ assert w2: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && b != a ==> t2(*s, b, i4, i3) == \at(t2(*s, b, i4, i3), Pre); */
  /*@ assert w1: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && b != a ==> t1(*s, b, i4, i3, i2) == \at(t1(*s, b, i4, i3, i2), Pre); */
  return VMREF_OK;
}

/* A table is empty when its space has none a level below. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && t < s->tables && s->level[t] >= 2 && s->owner[t] == a && a < s->spaces;
     requires \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] < s->level[t] ==> s->owner[u] != a;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer i; ix(i) && owns(*s, t, i) ==> at(*s, t, i) == 0; @/
  static void lemma_childless(const struct vmref_sys *s, uint32_t t, uint32_t a)
  {
    /@ assert child: \forall integer i; ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 ==>
         (\let u = PFN(at(*s, t, i)); 0 <= u < s->tables && s->level[u] == s->level[t] - 1 && s->owner[u] == a); @/
  }
*/

/* Empty a leaf table. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0);
    terminates \true; exits \false;
    assigns s->tab[512 * t .. 512 * t + 511], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures empty: \forall integer i; ix(i) ==> at(*s, t, i) == 0;
    ensures rest: \forall integer u, i; 0 <= u < s->tables && u != t && ix(i) ==> at(*s, u, i) == \old(at(*s, u, i));
    ensures counts: (\forall integer i; ix(i) ==> \old(at(*s, t, i)) == 0) ==> same_objects{Pre, Post}(*s); */
static void clear(const struct vmref_sys *s, uint32_t t)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant inv: inv(*s);
      loop invariant done: \forall integer k; 0 <= k < i ==> at(*s, t, k) == 0;
      loop invariant todo: \forall integer k; i <= k < 512 ==> at(*s, t, k) == \at(at(*s, \at(t, Here), k), Pre);
      loop invariant rest: \forall integer u, k; 0 <= u < s->tables && u != t && ix(k) ==> at(*s, u, k) == \at(at(*s, u, k), Pre);
      loop invariant counts: (\forall integer k; ix(k) ==> \at(at(*s, \at(t, Here), k), Pre) == 0) ==> same_objects{Pre, Here}(*s);
      loop assigns i, s->tab[512 * t .. 512 * t + 511], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++) {
    if (s->tab[512 * (uint64_t)t + i] != 0) vmref_leaf_replace(s, t, i, 0, 0);
    //@ assert here: at(*s, t, i) == 0;
  }
}

/* Free the tables of a space at one level; those below are gone. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && 1 <= level <= 3;
    requires below: \forall integer t; 0 <= t < s->tables && 1 <= s->level[t] < level ==> s->owner[t] != a;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1],
            s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures gone: \forall integer t; 0 <= t < s->tables && 1 <= s->level[t] <= level ==> s->owner[t] != a;
    ensures others: \forall integer t; 0 <= t < s->tables && (s->owner[t] != a || \old(s->level[t]) != level) ==> s->level[t] == \old(s->level[t]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures entries: \forall integer t, i; 0 <= t < s->tables && s->owner[t] != a && ix(i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures counts: \old(bare(*s, a)) ==> same_objects{Pre, Post}(*s); */
static void free_level(const struct vmref_sys *s, uint32_t a, int8_t level)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant inv: inv(*s);
      loop invariant gone: \forall integer u; 0 <= u < t && s->level[u] == level ==> s->owner[u] != a;
      loop invariant below: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] < level ==> s->owner[u] != a;
      loop invariant others: \forall integer u; 0 <= u < s->tables && (s->owner[u] != a || \at(s->level[u], Pre) != level) ==> s->level[u] == \at(s->level[u], Pre);
      loop invariant lower: \forall integer u; 0 <= u < s->tables ==> s->level[u] == 0 || s->level[u] == \at(s->level[u], Pre);
      loop invariant leaves: \forall integer u, i; is_leaf(*s, u, i) && (s->owner[u] != a || t <= u) ==> at(*s, u, i) == \at(at(*s, u, i), Pre);
      loop invariant entries: \forall integer u, i; 0 <= u < s->tables && s->owner[u] != a && ix(i) ==> at(*s, u, i) == \at(at(*s, u, i), Pre);
      loop invariant counts: \at(bare(*s, \at(a, Here)), Pre) ==> same_objects{Pre, Here}(*s);
      loop assigns t, s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1],
        s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    if (s->level[t] != level || s->owner[t] != (int16_t)a) continue;
    //@ assert bare: level == 1 && \at(bare(*s, \at(a, Here)), Pre) ==> \forall integer i; ix(i) ==> at(*s, t, i) == 0;
    if (level == 1) clear(s, t);
    //@ assert counts: \at(bare(*s, \at(a, Here)), Pre) ==> same_objects{Pre, Here}(*s);
    /*@ assert kept: \forall integer u, i; is_leaf(*s, u, i) && (s->owner[u] != a || t < u) ==> at(*s, u, i) == \at(at(*s, u, i), Pre); */
    //@ assert own: level >= 2 ==> \forall integer i; ix(i) ==> owns(*s, t, i);
    //@ ghost if (level != 1) lemma_childless(s, t, a);
    //@ assert empty: \forall integer i; ix(i) ==> at(*s, t, i) == 0;
    //@ ghost vmref_lemma_index();
    //@ assert up: owns(*s, s->parent[t] / 512, s->parent[t] % 512);
    //@ assert linked: linked(*s, s->parent[t] / 512, s->parent[t] % 512, t);
    /*@ assert apart: \forall integer u, i; 0 <= u < s->tables && ix(i) && s->owner[u] != a ==> 512 * u + i != s->parent[t]; */
    /*@ assert above: \forall integer u, i; is_leaf(*s, u, i) ==> 512 * u + i != s->parent[t]; */
    //@ ghost Emptied: ;
    vmref_table_drop(s, t);
    /*@ assert still: \forall integer u, i; is_leaf(*s, u, i) ==> is_leaf{Emptied}(*s, u, i) && u != t; */
    /*@ assert same: \forall integer u, i; is_leaf(*s, u, i) ==> at(*s, u, i) == \at(at(*s, u, i), Emptied); */
    /*@ assert kept2: \forall integer u, i; is_leaf(*s, u, i) && (s->owner[u] != a || t < u) ==> at(*s, u, i) == \at(at(*s, u, i), Pre); */
  }
}

/* Give back a root: its space has no other table. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4;
    requires none: \forall integer t; 0 <= t < s->tables && 1 <= s->level[t] <= 3 ==> s->owner[t] != a;
    terminates \true; exits \false;
    assigns s->tab[512 * a .. 512 * a + 511], s->level[a];
    ensures inv: inv(*s);
    ensures gone: s->level[a] == 0;
    ensures others: \forall integer t; 0 <= t < s->tables && t != a ==> s->level[t] == \old(s->level[t]);
    ensures entries: \forall integer t, i; 0 <= t < s->tables && t != a && ix(i) ==> at(*s, t, i) == \old(at(*s, t, i)); */
static void close_root(const struct vmref_sys *s, uint32_t a)
{
  //@ assert root: s->owner[a] == a;
  //@ ghost lemma_childless(s, a, a);
  //@ assert own: \forall integer i; 0 <= i < 256 ==> owns(*s, a, i);
  /*@ assert apart: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==> s->parent[u] / 512 != a; */
  //@ assert none: \forall integer i; 0 <= i < 256 ==> at(*s, a, i) == 0;
  uint64_t mine = 512 * (uint64_t)a;
  /*@ loop invariant 256 <= i <= 512;
      loop invariant done: \forall integer k; 0 <= k < i ==> at(*s, a, k) == 0;
      loop invariant rest: \forall integer t, k; 0 <= t < s->tables && t != a && ix(k) ==> at(*s, t, k) == \at(at(*s, t, k), Pre);
      loop assigns i, s->tab[512 * a .. 512 * a + 511];
      loop variant 512 - i; */
  for (uint32_t i = 256; i < 512; i++) {
    s->tab[mine + i] = 0;
    //@ assert here: at(*s, a, i) == 0;
    //@ assert kept: \forall integer k; 0 <= k < i ==> at(*s, a, k) == 0;
  }
  s->level[a] = 0;
  //@ ghost vmref_lemma_index();
  /*@ assert levels: \forall integer t; 0 <= t < s->tables && t != a ==> s->level[t] == \at(s->level[t], Pre); */
  //@ assert roots: roots(*s);
  /*@ assert owners: \forall integer t, i; 0 <= t < s->tables && ix(i) && owns(*s, t, i) ==> t != a && owns{Pre}(*s, t, i); */
  //@ assert down: down(*s);
  //@ assert up: up(*s);
  //@ assert free: free_tables(*s);
  //@ assert kernel: kernel_shared(*s);
  //@ assert kleaves: kernel_leaves(*s);
  /*@ assert flat: \forall integer m; 0 <= m < entries(*s) && m / 512 != a ==> s->tab[m] == at(*s, m / 512, m % 512) && s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \at(ref(*s, m), Pre); */
  /*@ ghost
    uint64_t m = 0;
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, m) == \at(count(*s, o, \at(m, Here)), Pre);
       loop assigns m; loop variant entries(*s) - m; @/
    while (m < 512 * (uint64_t)s->tables) m++;
    /@ assert end: m == entries(*s); @/
  */
  //@ assert ledger: ledger(*s);
  /*@ assert was: \forall integer n; user_leaf(*s, n) ==> n / 512 != a && user_leaf{Pre}(*s, n) && s->tab[n] == \at(s->tab[n], Pre); */
  //@ assert leaves: leaves(*s);
}

int vmref_space_exit(const struct vmref_sys *s, uint32_t a)
{
  if (a >= s->spaces || s->level[a] != 4) return VMREF_EINVAL;
  free_level(s, a, 1);
  /*@ assert one_counts: \at(bare(*s, \at(a, Here)), Pre) ==> bare(*s, a) && same_objects{Pre, Here}(*s); */
  free_level(s, a, 2);
  /*@ assert two_counts: \at(bare(*s, \at(a, Here)), Pre) ==> bare(*s, a) && same_objects{Pre, Here}(*s); */
  /*@ assert two: \forall integer t; 0 <= t < s->tables && s->owner[t] != a ==> s->level[t] == \at(s->level[t], Pre); */
  /*@ assert two_leaves: \forall integer t, i; is_leaf(*s, t, i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
  free_level(s, a, 3);
  /*@ assert three_counts: \at(bare(*s, \at(a, Here)), Pre) ==> same_objects{Pre, Here}(*s); */
  /*@ assert three: \forall integer t; 0 <= t < s->tables && s->owner[t] != a ==> s->level[t] == \at(s->level[t], Pre); */
  /*@ assert three_leaves: \forall integer t, i; is_leaf(*s, t, i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
  //@ assert root: s->level[a] == 4 && s->owner[a] == a;
  close_root(s, a);
  return VMREF_OK;
}

uint64_t vmref_kernel_page(const struct vmref_sys *s, uint32_t k)
{
  uint64_t pfn = (uint64_t)s->tables + s->frames + k, d = k < s->text ? 0 : 1;
  uint64_t e = pfn * 0x1000 + 1 + 2 * d + d * 0x8000000000000000;
  //@ assert pfn: e / 0x1000 == pfn + 0x8000000000000 * d;
  //@ assert number: PFN(e) == pfn;
  //@ assert rw: e / 2 == pfn * 0x800 + d + 0x4000000000000000 * d;
  //@ assert us: e / 4 == pfn * 0x400 + 0x2000000000000000 * d;
  //@ assert bits: P(e) == 1 && RW(e) == d && US(e) == 0;
  //@ assert xd: XD(e) == d;
  return e;
}

/* All tables empty and free, all objects too. */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures tables: \forall integer t; 0 <= t < s->tables ==> s->level[t] == 0 && s->owner[t] == 0;
    ensures entries: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> at(*s, t, i) == 0;
    ensures flat: \forall integer m; 0 <= m < entries(*s) ==> s->tab[m] == 0;
    ensures objects: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == 0 && s->shared[o] == 0; */
static void clean(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= n <= entries(*s);
      loop invariant \forall integer m; 0 <= m < n ==> s->tab[m] == 0;
      loop assigns n, s->tab[0 .. entries(*s) - 1];
      loop variant entries(*s) - n; */
  for (uint64_t n = 0; n < 512 * (uint64_t)s->tables; n++) s->tab[n] = 0;
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant \forall integer u; 0 <= u < t ==> s->level[u] == 0 && s->owner[u] == 0;
      loop assigns t, s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1];
      loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    s->level[t] = 0;
    s->owner[t] = 0;
    s->parent[t] = 0;
  }
  /*@ loop invariant 0 <= o <= objects(*s);
      loop invariant \forall integer q; 0 <= q < o ==> s->rc[q] == 0 && s->shared[q] == 0;
      loop assigns o, s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1];
      loop variant objects(*s) - o; */
  for (uint32_t o = 0; o < s->frames + s->slots; o++) {
    s->rc[o] = 0;
    s->shared[o] = 0;
  }
  vmref_hints_fill(s);
}

/* What vmref_boot has made satisfies the invariant. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && s->spaces + 4 <= s->tables && k == s->spaces;
     requires \forall integer t; 0 <= t < s->tables && t != k && t != k + 1 && t != k + 2 && t != k + 3 ==> s->level[t] == 0 && s->owner[t] == 0;
     requires s->level[k] == 4 && s->level[k + 1] == 3 && s->level[k + 2] == 2 && s->level[k + 3] == 1;
     requires s->owner[k] == k && s->owner[k + 1] == k && s->owner[k + 2] == k && s->owner[k + 3] == k;
     requires s->parent[k + 1] == 512 * k + 256 && s->parent[k + 2] == 512 * (k + 1) && s->parent[k + 3] == 512 * (k + 2);
     requires at(*s, k, 256) == 0x1000 * (k + 1) + 7 && at(*s, k + 1, 0) == 0x1000 * (k + 2) + 7 && at(*s, k + 2, 0) == 0x1000 * (k + 3) + 7;
     requires \forall integer i; ix(i) ==> kernel_leaf(*s, at(*s, k + 3, i));
     requires \forall integer t, i; 0 <= t < s->tables && t != k + 3 && ix(i) && !(t == k && i == 256) && !(t == k + 1 && i == 0)
       && !(t == k + 2 && i == 0) ==> at(*s, t, i) == 0;
     requires \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == 0 && s->shared[o] == 0;
     terminates \true; assigns \nothing; exits \false; ensures inv(*s); @/
  static void lemma_booted(const struct vmref_sys *s, uint32_t k)
  {
    vmref_lemma_index();
    vmref_lemma_ref(s);
    /@ assert roots: roots(*s); @/
    /@ assert e4: PFN(at(*s, k, 256)) == k + 1; @/
    /@ assert e3: PFN(at(*s, k + 1, 0)) == k + 2; @/
    /@ assert e2: PFN(at(*s, k + 2, 0)) == k + 3; @/
    /@ assert d4: linked(*s, k, 256, PFN(at(*s, k, 256))); @/
    /@ assert d3: linked(*s, k + 1, 0, PFN(at(*s, k + 1, 0))); @/
    /@ assert d2: linked(*s, k + 2, 0, PFN(at(*s, k + 2, 0))); @/
    /@ assert none: \forall integer t, i; 0 <= t < s->tables && ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 ==>
         (t == k && i == 256) || (t == k + 1 && i == 0) || (t == k + 2 && i == 0); @/
    /@ assert c4: \forall integer t, i; t == k && i == 256 ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert c3: \forall integer t, i; t == k + 1 && i == 0 ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert c2: \forall integer t, i; t == k + 2 && i == 0 ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert down1: \forall integer t, i; 0 <= t < s->tables && ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 && t == k ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert down2: \forall integer t, i; 0 <= t < s->tables && ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 && t == k + 1 ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert down3: \forall integer t, i; 0 <= t < s->tables && ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 && t == k + 2 ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert down4: \forall integer t, i; 0 <= t < s->tables && ix(i) && owns(*s, t, i) && at(*s, t, i) != 0 ==> linked(*s, t, i, PFN(at(*s, t, i))); @/
    /@ assert down: down(*s); @/
    /@ assert p4: s->parent[k + 1] / 512 == k && s->parent[k + 1] % 512 == 256; @/
    /@ assert p3: s->parent[k + 2] / 512 == k + 1 && s->parent[k + 2] % 512 == 0; @/
    /@ assert p2: s->parent[k + 3] / 512 == k + 2 && s->parent[k + 3] % 512 == 0; @/
    /@ assert who: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==> u == k + 1 || u == k + 2 || u == k + 3; @/
    /@ assert up: up(*s); @/
    /@ assert free: free_tables(*s); @/
    /@ assert shared: kernel_shared(*s); @/
    /@ assert kleaves: kernel_leaves(*s); @/
    /@ assert objects: \forall integer j; ix(j) ==> obj(*s, at(*s, k + 3, j)) == NONE(*s); @/
    /@ assert flat: \forall integer m; 0 <= m < entries(*s) ==> s->tab[m] == at(*s, m / 512, m % 512); @/
    /@ assert lone: \forall integer t; 0 <= t < s->tables && s->level[t] == 1 ==> t == k + 3 && s->owner[t] == s->spaces; @/
    /@ assert in_leaf: \forall integer m; 0 <= m < entries(*s) && m / 512 == k + 3 ==> obj(*s, s->tab[m]) == NONE(*s); @/
    /@ assert refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == NONE(*s); @/
    /@ assert no_user: \forall integer n; 0 <= n < entries(*s) && s->level[n / 512] == 1 ==> s->owner[n / 512] == s->spaces; @/
    uint64_t m = 0;
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, m) == 0;
       loop assigns m; loop variant entries(*s) - m; @/
    while (m < 512 * (uint64_t)s->tables) m++;
    /@ assert end: m == entries(*s); @/
    /@ assert ledger: ledger(*s); @/
    /@ assert leaves: leaves(*s); @/
  }
*/

int vmref_boot(const struct vmref_sys *s)
{
  if (s->tables < s->spaces + 4) return VMREF_EINVAL;
  uint32_t k = s->spaces;
  //@ ghost vmref_lemma_index();
  clean(s);
  s->level[k] = 4;
  s->level[k + 1] = 3;
  s->level[k + 2] = 2;
  s->level[k + 3] = 1;
  s->owner[k] = s->owner[k + 1] = s->owner[k + 2] = s->owner[k + 3] = (int16_t)k;
  s->parent[k] = VMREF_KERNEL;
  s->parent[k + 1] = 512 * (int64_t)k + 256;
  s->parent[k + 2] = 512 * ((int64_t)k + 1);
  s->parent[k + 3] = 512 * ((int64_t)k + 2);
  s->tab[512 * (uint64_t)k + 256] = ((uint64_t)k + 1) * 0x1000 + 7;
  s->tab[512 * ((uint64_t)k + 1)] = ((uint64_t)k + 2) * 0x1000 + 7;
  s->tab[512 * ((uint64_t)k + 2)] = ((uint64_t)k + 3) * 0x1000 + 7;
  /*@ assert others: \forall integer t, i; 0 <= t < s->tables && ix(i) && !(t == k && i == 256) && !(t == k + 1 && i == 0)
        && !(t == k + 2 && i == 0) ==> at(*s, t, i) == 0; */
  //@ ghost Linked: ;
  /*@ loop invariant 0 <= i <= s->kernel;
      loop invariant done: \forall integer j; ix(j) ==> kernel_leaf(*s, at(*s, k + 3, j));
      loop invariant rest: \forall integer t, j; 0 <= t < s->tables && t != k + 3 && ix(j) ==> at(*s, t, j) == \at(at(*s, t, j), Linked);
      loop assigns i, s->tab[512 * (k + 3) .. 512 * (k + 3) + 511];
      loop variant s->kernel - i; */
  for (uint32_t i = 0; i < s->kernel; i++) s->tab[512 * ((uint64_t)k + 3) + i] = vmref_kernel_page(s, i);
  //@ ghost lemma_booted(s, k);
  return VMREF_OK;
}
