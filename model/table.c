/* SPDX-License-Identifier: MIT */
/* The tree of page tables. Each change is one store; the asserts after it are a ladder: what
 * stays in the tables, then clause by clause, then the way to each page. */
#include "table.h"

void vmref_leaf_set(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  uint64_t n = 512 * (uint64_t)t + i;
  //@ ghost vmref_lemma_index();
  //@ assert n: n / 512 == t && n % 512 == i;
  //@ ghost vmref_lemma_way(s);
  //@ ghost uint64_t old = s->tab[n];
  s->tab[n] = e;
  /*@ assert others: \forall integer m; 0 <= m < entries(*s) && m != n ==> s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert pairs: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  /*@ assert down: down(*s); */
  /*@ assert up: up(*s); */
  /*@ assert free: free_tables(*s); */
  /*@ assert kernel: kernel_shared(*s); */
  /*@ assert kleaves: kernel_leaves(*s); */
  /*@ assert w3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==> t3(*s, a, i4) == \at(t3(*s, a, i4), Pre); */
  /*@ assert w2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==> t2(*s, a, i4, i3) == \at(t2(*s, a, i4, i3), Pre); */
  /*@ assert w1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==>
        t1(*s, a, i4, i3, i2) == \at(t1(*s, a, i4, i3, i2), Pre); */
  /*@ assert here: ref(*s, n) == obj(*s, e) && \at(ref(*s, \at(n, Here)), Pre) == \at(obj(*s, at(*s, t, i)), Pre); */
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) && m != n ==> ref(*s, m) == \at(ref(*s, m), Pre); */
  /*@ ghost
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==>
         count(*s, o, m) == \at(count(*s, o, \at(m, Here)), Pre)
           + (n < m ? one(ref(*s, n), o) - one(\at(ref(*s, \at(n, Here)), Pre), o) : 0);
       loop assigns m; loop variant entries(*s) - m; @/
    for (uint64_t m = 0; m < 512 * (uint64_t)s->tables; m++) { }
  */
}

uint32_t vmref_table_under(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  if (t >= s->tables) return s->tables;
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  return e % 2 == 1 ? (uint32_t)vmref_pfn(e) : s->tables;
}

uint32_t vmref_table_find(const struct vmref_sys *s, uint32_t a, uint32_t i4, uint32_t i3, uint32_t i2)
{
  //@ ghost vmref_lemma_index();
  //@ ghost vmref_lemma_way(s);
  if (s->level[a] != 4) return s->tables;
  uint32_t x3 = vmref_table_under(s, a, i4);
  //@ assert x3: x3 == t3(*s, a, i4);
  uint32_t x2 = vmref_table_under(s, x3, i3);
  //@ assert x2: x2 == t2(*s, a, i4, i3);
  return vmref_table_under(s, x2, i2);
}

void vmref_table_link(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t u)
{
  uint64_t n = 512 * (uint64_t)t + i;
  //@ ghost vmref_lemma_index();
  //@ assert n: n / 512 == t && n % 512 == i;
  //@ ghost vmref_lemma_way(s);
  uint64_t e = (uint64_t)u * 0x1000 + 7;
  //@ assert pfn: e / 0x1000 == u;
  //@ assert number: PFN(e) == u && P(e) == 1;
  s->level[u] = (int8_t)(s->level[t] - 1);
  s->owner[u] = s->owner[t];
  s->parent[u] = (int64_t)n;
  s->tab[n] = e;
  /*@ assert others: \forall integer m; 0 <= m < entries(*s) && m != n ==> s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert pairs: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  /*@ assert levels: \forall integer v; 0 <= v < s->tables && v != u ==> s->level[v] == \at(s->level[v], Pre)
        && s->owner[v] == \at(s->owner[v], Pre) && s->parent[v] == \at(s->parent[v], Pre); */
  /*@ assert empty: \forall integer j; ix(j) ==> at(*s, u, j) == 0; */
  /*@ assert roots: roots(*s); */
  /*@ assert down: down(*s); */
  /*@ assert up: up(*s); */
  /*@ assert free: free_tables(*s); */
  /*@ assert kernel: kernel_shared(*s); */
  /*@ assert kleaves: kernel_leaves(*s); */
  /*@ assert w3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==>
        t3(*s, a, i4) == \at(t3(*s, a, i4), Pre) || (t3(*s, a, i4) == u && \at(t3(*s, a, i4), Pre) == s->tables); */
  /*@ assert w2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==>
        t2(*s, a, i4, i3) == \at(t2(*s, a, i4, i3), Pre) || (t2(*s, a, i4, i3) == u && \at(t2(*s, a, i4, i3), Pre) == s->tables); */
  /*@ assert w1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==>
        t1(*s, a, i4, i3, i2) == \at(t1(*s, a, i4, i3, i2), Pre)
        || (t1(*s, a, i4, i3, i2) == u && \at(t1(*s, a, i4, i3, i2), Pre) == s->tables); */
  /*@ assert at: ref(*s, n) == NONE(*s) && \at(ref(*s, \at(n, Here)), Pre) == NONE(*s); */
  /*@ assert in_u1: \forall integer m; 0 <= m < entries(*s) && m / 512 == u ==> s->tab[m] == at(*s, m / 512, m % 512); */
  /*@ assert in_u2: \forall integer m; 0 <= m < entries(*s) && m / 512 == u ==> s->tab[m] == 0; */
  /*@ assert in_u: \forall integer m; 0 <= m < entries(*s) && m / 512 == u ==> ref(*s, m) == NONE(*s) && \at(ref(*s, m), Pre) == NONE(*s); */
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \at(ref(*s, m), Pre); */
  /*@ ghost
    uint64_t m = 0;
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, m) == \at(count(*s, o, \at(m, Here)), Pre);
       loop assigns m; loop variant entries(*s) - m; @/
    while (m < 512 * (uint64_t)s->tables) m++;
    /@ assert end: m == entries(*s); @/
    /@ assert counts: \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, entries(*s)) == \at(count(*s, o, entries(*s)), Pre); @/
  */
}

void vmref_table_unlink(const struct vmref_sys *s, uint32_t u)
{
  //@ ghost vmref_lemma_index();
  //@ ghost vmref_lemma_way(s);
  uint64_t n = (uint64_t)s->parent[u];
  //@ ghost uint32_t t = (uint32_t)(n / 512), i = (uint32_t)(n % 512);
  //@ assert at_n: owns(*s, t, i) && PFN(at(*s, t, i)) == u && at(*s, t, i) == s->tab[n] && t != u;
  /*@ assert only: \forall integer v, j; 0 <= v < s->tables && ix(j) && owns(*s, v, j) && at(*s, v, j) != 0 && PFN(at(*s, v, j)) == u ==>
        512 * v + j == n; */
  s->tab[n] = 0;
  s->level[u] = 0;
  /*@ assert others: \forall integer m; 0 <= m < entries(*s) && m != n ==> s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert pairs: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  /*@ assert levels: \forall integer t; 0 <= t < s->tables && t != u ==> s->level[t] == \at(s->level[t], Pre); */
  /*@ assert roots: roots(*s); */
  /*@ assert down: down(*s); */
  /*@ assert up: up(*s); */
  /*@ assert free: free_tables(*s); */
  /*@ assert kernel: kernel_shared(*s); */
  /*@ assert kleaves: kernel_leaves(*s); */
  /*@ assert w3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==>
        t3(*s, a, i4) == \at(t3(*s, a, i4), Pre) || (t3(*s, a, i4) == s->tables && \at(t3(*s, a, i4), Pre) == u); */
  /*@ assert w2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==>
        t2(*s, a, i4, i3) == \at(t2(*s, a, i4, i3), Pre) || (t2(*s, a, i4, i3) == s->tables && \at(t2(*s, a, i4, i3), Pre) == u); */
  /*@ assert w1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==>
        t1(*s, a, i4, i3, i2) == \at(t1(*s, a, i4, i3, i2), Pre)
        || (t1(*s, a, i4, i3, i2) == s->tables && \at(t1(*s, a, i4, i3, i2), Pre) == u); */
  /*@ assert at: ref(*s, n) == NONE(*s) && \at(ref(*s, \at(n, Here)), Pre) == NONE(*s); */
  /*@ assert in_u: \forall integer m; 0 <= m < entries(*s) && m / 512 == u ==> s->tab[m] == at(*s, m / 512, m % 512); */
  /*@ assert in_u2: \forall integer m; 0 <= m < entries(*s) && m / 512 == u ==> s->tab[m] == 0 || m == n; */
  /*@ assert in_u3: \forall integer m; 0 <= m < entries(*s) && m / 512 == u ==> ref(*s, m) == NONE(*s) && \at(ref(*s, m), Pre) == NONE(*s); */
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \at(ref(*s, m), Pre); */
  /*@ ghost
    uint64_t m = 0;
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, m) == \at(count(*s, o, \at(m, Here)), Pre);
       loop assigns m; loop variant entries(*s) - m; @/
    while (m < 512 * (uint64_t)s->tables) m++;
    /@ assert end: m == entries(*s); @/
    /@ assert counts: \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, entries(*s)) == \at(count(*s, o, entries(*s)), Pre); @/
  */
}

void vmref_leaf_replace(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e, uint8_t share)
{
  uint64_t n = 512 * (uint64_t)t + i, before = s->tab[n];
  uint32_t o = vmref_leaf_object(s, before), q = vmref_leaf_object(s, e), none = s->frames + s->slots;
  //@ ghost vmref_lemma_index();
  //@ assert n: n / 512 == t && n % 512 == i;
  //@ assert before: before == at(*s, t, i);
  //@ assert ref_n: ref(*s, n) == o;
  //@ ghost if (q < none) vmref_lemma_bound(s, q);
  //@ ghost if (o < none) vmref_lemma_only_ref(s, n);
  //@ assert counted: o < none ==> 1 <= s->rc[o];
  //@ assert alone: o < none && s->rc[o] == 1 ==> only_ref(*s, n);
  //@ assert room: q < none ==> s->rc[q] <= entries(*s);
  /*@ assert w1: \forall integer m; user_leaf(*s, m) && m != n && P(s->tab[m]) == 1 && RW(s->tab[m]) == 1 && ref(*s, m) == q ==>
        prot_S(prot(s->tab[m])) == 1 || (o == q && s->rc[q] == 1); */
  /*@ assert w2: \forall integer m; user_leaf(*s, m) && m != n && P(s->tab[m]) == 1 && RW(s->tab[m]) == 1 && ref(*s, m) == o && o < none ==>
        prot_S(prot(s->tab[m])) == 1 && s->rc[o] != 1; */
  //@ ghost Counted: ;
  vmref_leaf_set(s, t, i, e);
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) && m != n ==> ref(*s, m) == \at(ref(*s, m), Counted); */
  //@ assert ref: ref(*s, n) == q;
  if (o < none) s->rc[o]--;
  if (q < none) s->rc[q]++;
  if (o != q) {
    if (o < none) vmref_hint_leaf_gone(s, o, n);
    if (q < none) vmref_hint_leaf(s, q, n);
  }
  //@ assert ledger: ledger(*s);
  if (o < none && s->rc[o] == 0) {
    s->shared[o] = 0;
    vmref_object_freed(s, o);
  }
  if (share) s->shared[q] = 1;
  //@ assert private: free_private(*s);
  //@ assert ledger2: ledger(*s);
  /*@ assert gone: \forall integer m; 0 <= m < entries(*s) && m != n && o < none && s->rc[o] == 0 ==> ref(*s, m) != o; */
  /*@ assert kept: \forall integer m; user_leaf(*s, m) && m != n ==> s->tab[m] == \at(s->tab[m], Counted) && leaf_fits{Counted}(*s, m); */
  /*@ assert shared: \forall integer k; 0 <= k < objects(*s) && \at(s->shared[k], Counted) == 1 && !(k == o && s->rc[k] == 0) ==> s->shared[k] == 1; */
  /*@ assert objects: \forall integer m; user_leaf(*s, m) ==> ref(*s, m) == obj(*s, s->tab[m]); */
  /*@ assert were: \forall integer m; user_leaf(*s, m) && m != n ==> files{Counted}(*s, s->tab[m]); */
  /*@ assert files: \forall integer m; user_leaf(*s, m) && m != n ==> files(*s, s->tab[m]); */
  //@ assert leaf: leaf_fits(*s, n);
  /*@ assert rest: \forall integer m; user_leaf(*s, m) && m != n ==> leaf_fits(*s, m); */
}

void vmref_table_touch(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  uint64_t n = 512 * (uint64_t)t + i;
  //@ ghost vmref_lemma_index();
  //@ assert n: n / 512 == t && n % 512 == i;
  //@ ghost vmref_lemma_way(s);
  //@ assert old: linked(*s, t, i, PFN(at(*s, t, i)));
  //@ assert new: links(e, PFN(at(*s, t, i))) && PFN(e) == PFN(at(*s, t, i)) && e != 0 && P(e) == 1;
  s->tab[n] = e;
  /*@ assert flat: \forall integer m; 0 <= m < entries(*s) && m != n ==> s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert pairs: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  /*@ assert down: down(*s); */
  /*@ assert up: up(*s); */
  /*@ assert free: free_tables(*s); */
  /*@ assert kernel: kernel_shared(*s); */
  /*@ assert kleaves: kernel_leaves(*s); */
  /*@ assert w3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==> t3(*s, a, i4) == \at(t3(*s, a, i4), Pre); */
  /*@ assert w2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==> t2(*s, a, i4, i3) == \at(t2(*s, a, i4, i3), Pre); */
  /*@ assert w1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==>
        t1(*s, a, i4, i3, i2) == \at(t1(*s, a, i4, i3, i2), Pre); */
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
  /*@ assert leaf: \forall integer m; user_leaf(*s, m) ==> m != n && s->tab[m] == \at(s->tab[m], Pre); */
  //@ assert leaves: leaves(*s);
}

uint32_t vmref_table_free(const struct vmref_sys *s)
{
  int64_t hinted = vmref_hint_table(s);
  if (s->spaces < hinted && hinted < s->tables && s->level[hinted] == 0) return (uint32_t)hinted;
  /*@ loop invariant s->spaces < u <= s->tables;
      loop invariant taken: \forall integer t; s->spaces < t < u ==> s->level[t] != 0;
      loop assigns u; loop variant s->tables - u; */
  for (uint32_t u = s->spaces + 1; u < s->tables; u++)
    if (s->level[u] == 0) return u;
  return s->tables;
}

void vmref_table_drop(const struct vmref_sys *s, uint32_t u)
{
  //@ ghost uint64_t n = (uint64_t)s->parent[u];
  //@ ghost vmref_lemma_index();
  vmref_table_unlink(s, u);
  vmref_hint_table_free(s, u);
  //@ assert ledger: ledger(*s);
  /*@ assert flat: \forall integer m; 0 <= m < entries(*s) && m != n ==> s->tab[m] == at(*s, m / 512, m % 512) && s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert leaves: \forall integer m; user_leaf(*s, m) ==> m != n && user_leaf{Pre}(*s, m) && s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert leaves2: leaves(*s); */
}

/*@ ghost void vmref_lemma_index(void) { } */
/*@ ghost void vmref_lemma_ref(const struct vmref_sys *s) { vmref_lemma_index(); } */
/*@ ghost
  void vmref_lemma_fits(const struct vmref_sys *s)
  {
    vmref_lemma_index();
    /@ assert user: \forall integer t, i; is_leaf(*s, t, i) ==> user_leaf(*s, 512 * t + i); @/
    /@ assert fits: \forall integer t, i; is_leaf(*s, t, i) ==> leaf_fits(*s, 512 * t + i); @/
  }
*/
/*@ ghost
  void vmref_lemma_apart(const struct vmref_sys *s, uint32_t o)
  {
    vmref_lemma_ref(s);
    /@ assert \forall integer t, i; is_leaf(*s, t, i) ==> ref(*s, 512 * t + i) != o; @/
  }
*/
/*@ ghost
  void vmref_lemma_way(const struct vmref_sys *s)
  {
    vmref_lemma_index();
    /@ assert three: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) && t3(*s, a, i4) != s->tables ==>
         linked(*s, a, i4, t3(*s, a, i4)) && s->level[t3(*s, a, i4)] == 3; @/
    /@ assert two: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) && t2(*s, a, i4, i3) != s->tables ==>
         linked(*s, t3(*s, a, i4), i3, t2(*s, a, i4, i3)) && s->level[t2(*s, a, i4, i3)] == 2; @/
    /@ assert one: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) && t1(*s, a, i4, i3, i2) != s->tables ==>
         linked(*s, t2(*s, a, i4, i3), i2, t1(*s, a, i4, i3, i2)) && s->level[t1(*s, a, i4, i3, i2)] == 1; @/
  }
*/
/*@ ghost
  void vmref_lemma_record(const struct vmref_sys *s)
  {
    vmref_lemma_index();
    vmref_lemma_way(s);
    /@ assert there: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==>
         owns(*s, s->parent[u] / 512, s->parent[u] % 512) && 0 <= s->parent[u] / 512 < s->tables && ix(s->parent[u] % 512)
         && PFN(at(*s, s->parent[u] / 512, s->parent[u] % 512)) == u
         && at(*s, s->parent[u] / 512, s->parent[u] % 512) != 0; @/
    /@ assert down: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==>
         linked(*s, s->parent[u] / 512, s->parent[u] % 512, u); @/
    /@ assert under: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 ==> under(*s, s->parent[u] / 512, s->parent[u] % 512) == u; @/
  }
*/
/*@ ghost
  void vmref_lemma_one_way(const struct vmref_sys *s, uint32_t a, uint32_t j4, uint32_t j3, uint32_t j2)
  {
    vmref_lemma_index();
    vmref_lemma_way(s);
    /@ assert p1: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1(*s, b, i4, i3, i2) == t1(*s, a, j4, j3, j2) ==>
         512 * t2(*s, b, i4, i3) + i2 == 512 * t2(*s, a, j4, j3) + j2; @/
    /@ assert p2: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1(*s, b, i4, i3, i2) == t1(*s, a, j4, j3, j2) ==>
         t2(*s, b, i4, i3) == t2(*s, a, j4, j3) && i2 == j2; @/
    /@ assert p3: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2(*s, b, i4, i3) == t2(*s, a, j4, j3) ==>
         t3(*s, b, i4) == t3(*s, a, j4) && i3 == j3; @/
    /@ assert p4: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3(*s, b, i4) == t3(*s, a, j4) ==>
         b == a && i4 == j4; @/
  }
*/
