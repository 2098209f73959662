/* SPDX-License-Identifier: MIT */
/* What is mapped, while processors run. */
#include "smp_range.h"

/* The processors that run a space drop a range of its pages, if that is one. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == \old(m->pending);
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures gone: in_range(*s, a, p, n) ==> \forall integer c; 0 <= c < VMREF_CPUS && m->runs[c] == a ==> without(m->tlb[c], p, n); */
static void shoot(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  if (a == VMREF_IDLE || p >= VMREF_USER_PAGES || n > VMREF_RANGE || p + n > VMREF_USER_PAGES) return;
  vmref_smp_shoot(m, s, a, p, n);
}

int vmref_smp_map(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)
{
  vmref_smp_settle(m, s);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  int r = vmref_map(s, a, p, n, prot);
  //@ ghost vmref_lemma_record(s);
  //@ assert vacant: r == VMREF_OK ==> \forall integer q; p <= q < p + n ==> leaf_of{Ready}(*s, a, q) == 0;
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1 ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && coherent_tlb{Ready}(*s, b, x, 0) ==> coherent_tlb(*s, b, x, 0); */
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_map_file(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot,
                       uint32_t f, uint64_t first, uint8_t share)
{
  vmref_smp_settle(m, s);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  int r = vmref_map_file(s, a, p, n, prot, f, first, share);
  //@ ghost vmref_lemma_record(s);
  //@ assert vacant: r == VMREF_OK ==> \forall integer q; p <= q < p + n ==> leaf_of{Ready}(*s, a, q) == 0;
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1 ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && coherent_tlb{Ready}(*s, b, x, 0) ==> coherent_tlb(*s, b, x, 0); */
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_file_add(struct vmref_smp *m, const struct vmref_sys *s, uint32_t f, uint64_t p)
{
  vmref_smp_settle(m, s);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  int r = vmref_file_add(s, f, p);
  //@ ghost vmref_lemma_record(s);
  //@ assert vacant: r == VMREF_OK ==> \forall integer q; p <= q < p + 1 ==> leaf_of{Ready}(*s, f, q) == 0;
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1 ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); */
  /*@ assert way3: \forall integer b, x; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, 3) < s->tables ==>
        way(*s, b, x, 3) == way{Ready}(*s, b, x, 3); */
  /*@ assert way2: \forall integer b, x; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, 2) < s->tables ==>
        way(*s, b, x, 2) == way{Ready}(*s, b, x, 2); */
  /*@ assert way1: \forall integer b, x; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, 1) < s->tables ==>
        way(*s, b, x, 1) == way{Ready}(*s, b, x, 1); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && coherent_tlb{Ready}(*s, b, x, 0) ==> coherent_tlb(*s, b, x, 0); */
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

/*@ ghost
  /@ requires \valid_read(s) && sized(*s);
     terminates \true; assigns \nothing; exits \false; ensures \result == obj(*s, e) && \result <= objects(*s); @/
  static uint32_t lemma_object(const struct vmref_sys *s, uint64_t e)
  {
    uint64_t pfn = e / 0x1000 % 0x10000000000;
    if (e % 2 == 1 || e / 2 % 4 == VMREF_LEAF_FRAME)
      return s->tables <= pfn && pfn < s->tables + s->frames ? (uint32_t)(pfn - s->tables) : s->frames + s->slots;
    return e / 2 % 4 == VMREF_LEAF_SLOT && pfn < s->slots ? (uint32_t)(s->frames + pfn) : s->frames + s->slots;
  }
*/

/* A page in memory that one leaf lets the hardware write to is this leaf's alone, or a file's. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures counted: \forall integer n; user_leaf(*s, n) && ref(*s, n) < objects(*s) ==> s->rc[ref(*s, n)] >= 1;
     ensures alone: \forall integer n, k; user_leaf(*s, n) && user_leaf(*s, k) && n != k && ref(*s, n) == ref(*s, k) && ref(*s, k) < objects(*s)
       && P(s->tab[k]) == 1 && RW(s->tab[k]) == 1 ==> prot_S(prot(s->tab[k])) == 1 && s->shared[ref(*s, k)] == 1; @/
  static void lemma_alone(const struct vmref_sys *s)
  {
    uint64_t all = 512 * (uint64_t)s->tables;
    /@ loop invariant 0 <= k <= all;
       loop invariant counted: \forall integer n; 0 <= n < k && user_leaf(*s, n) && ref(*s, n) < objects(*s) ==> s->rc[ref(*s, n)] >= 1;
       loop invariant alone: \forall integer n, j; 0 <= j < k && user_leaf(*s, n) && user_leaf(*s, j) && n != j && ref(*s, n) == ref(*s, j)
         && ref(*s, j) < objects(*s) && P(s->tab[j]) == 1 && RW(s->tab[j]) == 1 ==> prot_S(prot(s->tab[j])) == 1 && s->shared[ref(*s, j)] == 1;
       loop assigns k; loop variant all - k; @/
    for (uint64_t k = 0; k < all; k++) {
      if (s->level[k / 512] != 1) continue;
      uint32_t o = lemma_object(s, s->tab[k]);
      /@ assert ref: ref(*s, k) == o; @/
      if (o >= s->frames + s->slots) continue;
      vmref_lemma_only_ref(s, k);
      /@ assert rc: s->rc[o] == count(*s, o, entries(*s)); @/
      /@ assert fits: user_leaf(*s, k) ==> leaf_fits(*s, k); @/
    }
  }
*/

/* Where the leaf entry of a page in memory stands. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of(*s, b, q)) == 1 ==>
       placed(*s, 512 * table_of(*s, b, q) + p1(q), leaf_of(*s, b, q)) && obj(*s, leaf_of(*s, b, q)) < s->frames; @/
  static void lemma_placed(const struct vmref_sys *s)
  {
    vmref_lemma_leaves(s);
    vmref_lemma_ref(s);
    vmref_lemma_index();
    /@ assert nothing: P(0) == 0; @/
    /@ assert there: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of(*s, b, q)) == 1 ==>
         is_leaf(*s, table_of(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); @/
    /@ assert user: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of(*s, b, q)) == 1 ==>
         user_leaf(*s, 512 * table_of(*s, b, q) + p1(q)) && s->tab[512 * table_of(*s, b, q) + p1(q)] == leaf_of(*s, b, q); @/
    /@ assert ref: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of(*s, b, q)) == 1 ==>
         ref(*s, 512 * table_of(*s, b, q) + p1(q)) == obj(*s, leaf_of(*s, b, q)); @/
    /@ assert frame: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of(*s, b, q)) == 1 ==>
         fit_leaf(*s, leaf_of(*s, b, q)) && obj(*s, leaf_of(*s, b, q)) < s->frames; @/
  }
*/

/* What nobody was told of is pending. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && m->lazy == 1;
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == 1;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures gone: \result == VMREF_OK ==> vacant(*s, a, p, n);
    ensures isolated: isolated{Pre, Post}(*s, a); */
static int unmap_lazily(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost vmref_lemma_record(s);
  //@ ghost lemma_alone(s);
  //@ ghost lemma_placed(s);
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_index();
  //@ assert live: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert open: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu(*s, *m, d) && coherent_tlb(*s, m->runs[d], m->tlb[d], m->pending);
  //@ assert idle: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == VMREF_IDLE ==> coherent_cpu(*s, *m, d) && blank(m->tlb[d]);
  //@ ghost Ready: ;
  int r = vmref_unmap(s, a, p, n);
  if (r == VMREF_OK) m->pending = 1;
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost lemma_alone(s);
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3{Ready}(*s, b, i4) < s->tables && s->level[t3{Ready}(*s, b, i4)] != 0 ==>
        t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2{Ready}(*s, b, i4, i3) < s->tables && s->level[t2{Ready}(*s, b, i4, i3)] != 0 ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1{Ready}(*s, b, i4, i3, i2) < s->tables && s->level[t1{Ready}(*s, b, i4, i3, i2)] != 0 ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables
        && s->level[way{Ready}(*s, b, x, l)] != 0 ==> way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert held: \forall integer b, x, struct vmref_cached_table t; permitted_table{Ready}(*s, b, t) && holds(t.start, t.size, x) == 1 ==>
        x < 0x800000000000 && t.origin.table / 0x1000 == way{Ready}(*s, b, x, t.origin.level) && way{Ready}(*s, b, x, t.origin.level) < s->tables; */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t)
        && t.origin.table / 0x1000 < s->tables && s->level[t.origin.table / 0x1000] != 0 ==> permitted_table(*s, b, t); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == a && p <= q < p + n && r == VMREF_OK) ==>
        leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t)
        && !(b == a && p <= t.page / 0x1000 < p + n && r == VMREF_OK) ==> permitted(*s, b, t); */
  /*@ assert flat: \forall integer k; 0 <= k < entries(*s) ==> 0 <= k / 512 < s->tables && ix(k % 512)
        && s->tab[k] == at(*s, k / 512, k % 512) && \at(s->tab[k], Ready) == at{Ready}(*s, k / 512, k % 512); */
  /*@ assert pairs: \forall integer k; 0 <= k < entries(*s) ==> s->tab[k] == \at(s->tab[k], Ready) || s->tab[k] == 0; */
  /*@ assert entries: \forall integer k; user_leaf(*s, k) && s->tab[k] != 0 ==> user_leaf{Ready}(*s, k) && s->tab[k] == \at(s->tab[k], Ready); */
  //@ assert nothing: obj(*s, 0) == NONE(*s);
  /*@ assert refs: \forall integer k; user_leaf(*s, k) && ref(*s, k) < objects(*s) ==>
        user_leaf{Ready}(*s, k) && ref{Ready}(*s, k) == ref(*s, k) && s->tab[k] == \at(s->tab[k], Ready) && s->tab[k] != 0; */
  /*@ assert files: r == VMREF_OK ==> \forall integer k; user_leaf(*s, k) && ref(*s, k) < objects(*s) ==>
        s->shared[ref(*s, k)] == \at(s->shared[ref(*s, k)], Ready); */
  /*@ assert files2: r != VMREF_OK ==> \forall integer o; 0 <= o < objects(*s) ==> s->shared[o] == \at(s->shared[o], Ready); */
  /*@ assert quiet: \forall integer f, w; 0 <= f < s->frames && quiet{Ready}(*s, f, w) ==> quiet(*s, f, w); */
  /*@ assert left: \forall struct vmref_translation t; leftover{Ready}(*s, t) ==> leftover(*s, t); */
  /*@ assert left_tables: \forall struct vmref_cached_table t; leftover_table{Ready}(*s, t) ==> leftover_table(*s, t); */
  /*@ assert gone: r == VMREF_OK ==> \forall integer q; p <= q < p + n && table_of{Ready}(*s, a, q) < s->tables && s->level[table_of{Ready}(*s, a, q)] == 1 ==>
        at(*s, table_of{Ready}(*s, a, q), p1(q)) == 0; */
  /*@ assert range: r == VMREF_OK ==> \at(in_range(*s, a, p, n), Pre); */
  /*@ assert others: r == VMREF_OK ==> \forall integer q, k; p <= q < p + n && P(leaf_of{Ready}(*s, a, q)) == 1 && user_leaf(*s, k)
        && ref(*s, k) == obj(*s, leaf_of{Ready}(*s, a, q)) ==> k != 512 * table_of{Ready}(*s, a, q) + p1(q); */
  /*@ assert calm: r == VMREF_OK ==> \forall integer q, w; p <= q < p + n && P(leaf_of{Ready}(*s, a, q)) == 1
        && (w == 1 ==> RW(leaf_of{Ready}(*s, a, q)) == 1) ==> quiet(*s, obj(*s, leaf_of{Ready}(*s, a, q)), w); */
  /*@ assert reach: \forall struct vmref_translation t; a < s->spaces && permitted{Ready}(*s, a, t) ==> upage(t.page / 0x1000)
        && P(leaf_of{Ready}(*s, a, t.page / 0x1000)) == 1 && t.frame % 0x1000 == 0 && t.frame / 0x1000 == PFN(leaf_of{Ready}(*s, a, t.page / 0x1000))
        && frame_of(*s, t.frame / 0x1000) == obj(*s, leaf_of{Ready}(*s, a, t.page / 0x1000))
        && frame_of(*s, t.frame / 0x1000) < s->frames && (t.rw == 1 ==> RW(leaf_of{Ready}(*s, a, t.page / 0x1000)) == 1); */
  /*@ assert inside: r == VMREF_OK ==> \forall struct vmref_translation t; permitted{Ready}(*s, a, t) && p <= t.page / 0x1000 < p + n ==> leftover(*s, t); */
  /*@ assert every: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t) ==>
        permitted(*s, b, t) || (r == VMREF_OK && leftover(*s, t)); */
  /*@ assert none: \forall integer b, struct vmref_cached_table t; t.pcid == 0 && t.size <= 0 ==> permitted_table(*s, b, t); */
  /*@ assert free: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) && holds(t.start, t.size, t.start) == 1
        && s->level[t.origin.table / 0x1000] == 0 ==> leftover_table(*s, t); */
  /*@ assert some: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && t.size >= 1 && permitted_table{Ready}(*s, b, t) ==>
        holds(t.start, t.size, t.start) == 1 && t.origin.table / 0x1000 < s->tables; */
  /*@ assert levels: r != VMREF_OK ==> \forall integer u; 0 <= u < s->tables ==> s->level[u] == \at(s->level[u], Ready); */
  /*@ assert was_way: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        \at(s->level[way(*s, b, x, l)], Ready) != 0; */
  /*@ assert was_table: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && t.size >= 1 && permitted_table{Ready}(*s, b, t) ==>
        \at(s->level[t.origin.table / 0x1000], Ready) != 0; */
  /*@ assert failed: r != VMREF_OK ==> \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && t.size >= 1 && permitted_table{Ready}(*s, b, t) ==>
        permitted_table(*s, b, t); */
  /*@ assert done: r == VMREF_OK ==> \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && t.size >= 1 && permitted_table{Ready}(*s, b, t) ==>
        permitted_table(*s, b, t) || leftover_table(*s, t); */
  /*@ assert every_table: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) ==>
        permitted_table(*s, b, t) || (r == VMREF_OK && leftover_table(*s, t)); */
  //@ assert pending: \at(m->pending, Ready) <= m->pending && (r == VMREF_OK ==> m->pending == 1);
  /*@ assert each: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && coherent_tlb{Ready}(*s, b, x, \at(m->pending, Ready)) ==>
        coherent_tlb(*s, b, x, m->pending); */
  /*@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> lives{Ready}(*s, m->runs[d]) && lives(*s, m->runs[d])
        && coherent_tlb{Ready}(*s, m->runs[d], m->tlb[d], \at(m->pending, Ready)) && coherent_tlb(*s, m->runs[d], m->tlb[d], m->pending); */
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  return r;
}

/* The processors that run the space drop the range, then it is unmapped. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && m->pending == 0;
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures gone: \result == VMREF_OK ==> vacant(*s, a, p, n);
    ensures isolated: isolated{Pre, Post}(*s, a); */
static int unmap_told(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  shoot(m, s, a, p, n);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  int r = vmref_unmap(s, a, p, n);
  //@ ghost vmref_lemma_record(s);
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && (b != a || r != VMREF_OK) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && (b != a || r != VMREF_OK) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && (b != a || r != VMREF_OK) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == a && p <= q < p + n && r == VMREF_OK) ==>
        leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t)
        && !(b == a && p <= t.page / 0x1000 < p + n && r == VMREF_OK) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  //@ assert range: r == VMREF_OK ==> \at(in_range(*s, a, p, n), Pre);
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && coherent_tlb{Ready}(*s, b, x, 0) ==>
        coherent_tlb(*s, b, x, 0); */
  /*@ assert mine: \forall struct vmref_tlb x; r == VMREF_OK && coherent_tlb{Ready}(*s, a, x, 0) && without(x, p, n) && lacks(x, p, n) ==>
        coherent_tlb(*s, a, x, 0); */
  //@ assert told: r == VMREF_OK ==> \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == a ==> without(m->tlb[d], p, n) && lacks(m->tlb[d], p, n);
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_unmap(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  m->told = 0;
  return m->lazy ? unmap_lazily(m, s, a, p, n) : unmap_told(m, s, a, p, n);
}

int vmref_smp_protect(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)
{
  vmref_smp_settle(m, s);
  shoot(m, s, a, p, n);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  int r = vmref_protect(s, a, p, n, prot);
  //@ ghost vmref_lemma_record(s);
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == a && p <= q < p + n && r == VMREF_OK) ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t)
        && !(b == a && p <= t.page / 0x1000 < p + n && r == VMREF_OK) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  //@ assert range: r == VMREF_OK ==> in_range(*s, a, p, n);
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && coherent_tlb{Ready}(*s, b, x, 0) && (b == a && r == VMREF_OK ==> lacks(x, p, n)) ==>
        coherent_tlb(*s, b, x, 0); */
  //@ assert told: r == VMREF_OK ==> \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == a ==> without(m->tlb[d], p, n) && lacks(m->tlb[d], p, n);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}
