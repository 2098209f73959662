/* SPDX-License-Identifier: MIT */
/* Accesses of several processors. */
#include "smp_access.h"

/* ---- an access by a walk ---- */
/* The leaf table of an address. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
     terminates \true; assigns \nothing; exits \false; ensures \result == t1(*s, a, i4(va), i3(va), i2(va)); @/
  static uint32_t lemma_table_at(const struct vmref_sys *s, uint32_t a, uint64_t va)
  {
    vmref_lemma_indices(va);
    vmref_lemma_way(s);
    /@ assert page: page(*s, a, i4(va), i3(va), i2(va), 0); @/
    uint32_t j4 = (uint32_t)(va / 0x8000000000 % 512);
    /@ assert j4: j4 == i4(va) && ix(j4); @/
    uint64_t e4 = s->tab[512 * (uint64_t)a + j4];
    /@ assert at4: e4 == at(*s, a, j4); @/
    /@ assert owns4: owns(*s, a, i4(va)); @/
    /@ assert l4: e4 != 0 ==> linked(*s, a, i4(va), PFN(e4)); @/
    if (e4 % 2 == 0) return s->tables;
    uint32_t x3 = (uint32_t)(e4 / 0x1000 % 0x10000000000);
    /@ assert three: x3 == t3(*s, a, i4(va)); @/
    if (x3 >= s->tables) return s->tables;
    uint32_t j3 = (uint32_t)(va / 0x40000000 % 512);
    /@ assert j3: j3 == i3(va) && ix(j3); @/
    uint64_t e3 = s->tab[512 * (uint64_t)x3 + j3];
    /@ assert at3: e3 == at(*s, x3, j3); @/
    /@ assert owns3: owns(*s, x3, i3(va)); @/
    /@ assert l3: e3 != 0 ==> linked(*s, x3, i3(va), PFN(e3)); @/
    if (e3 % 2 == 0) return s->tables;
    uint32_t x2 = (uint32_t)(e3 / 0x1000 % 0x10000000000);
    /@ assert two: x2 == t2(*s, a, i4(va), i3(va)); @/
    if (x2 >= s->tables) return s->tables;
    uint32_t j2 = (uint32_t)(va / 0x200000 % 512);
    /@ assert j2: j2 == i2(va) && ix(j2); @/
    uint64_t e2 = s->tab[512 * (uint64_t)x2 + j2];
    /@ assert at2: e2 == at(*s, x2, j2); @/
    /@ assert owns2: owns(*s, x2, i2(va)); @/
    /@ assert l2: e2 != 0 ==> linked(*s, x2, i2(va), PFN(e2)); @/
    if (e2 % 2 == 0) return s->tables;
    return (uint32_t)(e2 / 0x1000 % 0x10000000000);
  }
*/

/* vmref_user_access, and what comes of it for those who have cached what the tables said before. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_ENOMAP || \result.status == VMREF_EACCES || \result.status == VMREF_EMEM;
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures nothing: \result.status != VMREF_OK ==> \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> leaf_of(*s, b, q) == \old(leaf_of(*s, b, q));
    ensures nomap: \result.status == VMREF_ENOMAP <==> va < 0x800000000000 && \old(leaf_at(*s, a, va)) == 0;
    ensures access: \result.status == VMREF_EACCES <==>
      (va >= 0x800000000000 || (\old(leaf_at(*s, a, va)) != 0 && !permits(\old(leaf_at(*s, a, va)), kind)));
    ensures none: \result.status == VMREF_EMEM ==> no_frame(*s);
    ensures faulted: \result.faulted == 1 <==> va >= 0x800000000000 || !granted(\old(leaf_at(*s, a, va)), kind);
    ensures flag: \result.faulted <= 1;
    ensures here: \result.status == VMREF_OK ==> va < 0x800000000000 && granted(leaf_at(*s, a, va), kind);
    ensures read: \result.status == VMREF_OK && kind != VMREF_WRITE ==> \result.byte == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: \result.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures rights: \forall integer u, j; is_leaf(*s, u, j) ==> prot(at(*s, u, j)) == \old(prot(at(*s, u, j)))
      && (at(*s, u, j) == 0 <==> \old(at(*s, u, j)) == 0);
    ensures quiet: \result.status == VMREF_OK && (kind == VMREF_READ || kind == VMREF_FETCH) ==> isolated{Pre, Post}(*s, a);
    ensures others: \result.status == VMREF_OK ==> \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && 0 <= k < 4096
      && (obj(*s, leaf_of(*s, b, q)) == NONE(*s) || s->shared[obj(*s, leaf_of(*s, b, q))] == 0) ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k));
    ensures calm: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(\old(leaf_of(*s, b, q))) == 1
      && (\result.faulted == 0 || !(b == a && q == va / 0x1000)) ==> calm(\old(leaf_of(*s, b, q)), leaf_of(*s, b, q));
    ensures ways: same_ways{Pre, Post}(*s);
    ensures stays: \result.faulted == 0 || \result.status != VMREF_OK ==> \forall integer f, w; quiet{Pre}(*s, f, w) && 0 <= f < s->frames ==> quiet(*s, f, w); */
static struct vmref_outcome table_access(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_fits(s);
  //@ ghost vmref_lemma_leaves(s);
  /*@ ghost
    if (va < 0x800000000000) {
      vmref_lemma_indices(va);
      vmref_lemma_pages(va / 0x1000);
    }
  */
  //@ ghost vmref_lemma_record(s);
  struct vmref_outcome r = vmref_user_access(s, a, va, kind, byte);
  /*@ assert isolated: r.status == VMREF_OK && (kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0) ==>
        isolated{Pre, Here}(*s, a); */
  /*@ assert same: r.status == VMREF_OK && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  /*@ assert single: r.status == VMREF_OK && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && 0 <= k < 4096 ==>
        shown(*s, leaf_of(*s, b, q), k) == \at(shown(*s, leaf_of(*s, b, q), k), Pre); */
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  /*@ ghost
    if (va < 0x800000000000 && lemma_table_at(s, a, va) < s->tables) vmref_lemma_one_way(s, a, (uint32_t)(va / 0x8000000000), (uint32_t)(va / 0x40000000 % 512), (uint32_t)(va / 0x200000 % 512));
  */
  /*@ assert three: \forall integer b, j4; page(*s, b, j4, 0, 0, 0) && t3{Pre}(*s, b, j4) < s->tables ==> t3(*s, b, j4) == t3{Pre}(*s, b, j4); */
  /*@ assert two: \forall integer b, j4, j3; page(*s, b, j4, j3, 0, 0) && t2{Pre}(*s, b, j4, j3) < s->tables ==>
        t2(*s, b, j4, j3) == t2{Pre}(*s, b, j4, j3); */
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert entries: \forall integer u, j; is_leaf(*s, u, j) && P(\at(at(*s, u, j), Pre)) == 1
        && (r.faulted == 0 || !(va < 0x800000000000 && u == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va))) ==>
        calm(\at(at(*s, u, j), Pre), at(*s, u, j)); */
  /*@ assert pairs: \forall integer n; user_leaf(*s, n) ==> is_leaf(*s, n / 512, n % 512) && 512 * (n / 512) + n % 512 == n; */
  /*@ assert flat: r.faulted == 0 || r.status != VMREF_OK ==> \forall integer n; user_leaf(*s, n) ==> calm(\at(s->tab[n], Pre), s->tab[n]); */
  /*@ assert refs: r.faulted == 0 || r.status != VMREF_OK ==> \forall integer n; user_leaf(*s, n) ==> ref(*s, n) == \at(ref(*s, n), Pre); */
  /*@ assert page: \forall integer b, q; 0 <= b < s->spaces && upage(q) && va < 0x800000000000 && !(b == a && q == va / 0x1000) ==>
        !(table_of(*s, b, q) == t1(*s, a, i4(va), i3(va), i2(va)) && p1(q) == i1(va)) || table_of(*s, b, q) == s->tables; */
  /*@ assert file: r.status == VMREF_OK && prot_S(prot(leaf_at(*s, a, va))) == 1 ==> s->shared[obj(*s, leaf_at(*s, a, va))] == 1; */
  /*@ assert other: r.status == VMREF_OK ==> \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables && 0 <= k < 4096
        && obj(*s, leaf_of(*s, b, q)) != obj(*s, leaf_at(*s, a, va)) ==>
        shown(*s, leaf_of(*s, b, q), k) == \at(shown(*s, leaf_of(*s, b, q), k), Pre); */
  /*@ assert mine: r.status == VMREF_OK ==> \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) && table_of(*s, b, q) < s->tables
        && prot_S(prot(leaf_at(*s, a, va))) == 1 && (obj(*s, leaf_of(*s, b, q)) == NONE(*s) || s->shared[obj(*s, leaf_of(*s, b, q))] == 0) ==>
        obj(*s, leaf_of(*s, b, q)) != obj(*s, leaf_at(*s, a, va)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  //@ assert nothing: obj(*s, 0) == NONE(*s);
  /*@ assert zero: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        shown(*s, leaf_of(*s, b, q), k) == 0 && \at(shown(*s, leaf_of(*s, b, q), k), Pre) == 0; */
  /*@ assert sharer: r.status == VMREF_OK && prot_S(prot(leaf_at(*s, a, va))) == 1 ==>
        \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && 0 <= k < 4096
        && (obj(*s, leaf_of(*s, b, q)) == NONE(*s) || s->shared[obj(*s, leaf_of(*s, b, q))] == 0) ==>
        shown(*s, leaf_of(*s, b, q), k) == \at(shown(*s, leaf_of(*s, b, q), k), Pre); */
  return r;
}

/* ---- an access by what is cached ---- */
/* A cached translation that serves an access; VMREF_TLB_SLOTS when none does. */
/*@ requires \valid_read(tlb);
    terminates \true; exits \false; assigns \nothing;
    ensures \result <= VMREF_TLB_SLOTS;
    ensures found: \result < VMREF_TLB_SLOTS ==> hits(tlb->page[\result], va, kind);
    ensures none: \result == VMREF_TLB_SLOTS ==> \forall integer i; 0 <= i < VMREF_TLB_SLOTS ==> !hits(tlb->page[i], va, kind); */
static uint32_t find(const struct vmref_tlb *tlb, uint64_t va, uint8_t kind)
{
  uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;
  /*@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant none: \forall integer j; 0 <= j < i ==> !hits(tlb->page[j], va, kind);
      loop assigns i; loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (!vmref_serves(tlb->page[i], 0, va) || tlb->page[i].us != 1) continue;
    if (write && (tlb->page[i].rw != 1 || tlb->page[i].dirty != 1)) continue;
    if (kind == VMREF_FETCH && tlb->page[i].xd != 0) continue;
    return i;
  }
  return VMREF_TLB_SLOTS;
}

/* The access, by that translation. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && kind <= VMREF_FETCH;
    requires hits(t, va, kind) && (permitted(*s, a, t) || leftover(*s, t));
    terminates \true; exits \false; assigns s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures frame: frame_of(*s, t.frame / 0x1000) < s->frames;
    ensures read: \result == \old(byte_of(*s, frame_of(*s, t.frame / 0x1000), va % 0x1000));
    ensures wrote: kind == VMREF_WRITE || kind == VMREF_RMW ==> byte_of(*s, frame_of(*s, t.frame / 0x1000), va % 0x1000) == byte;
    ensures permitted: permitted(*s, a, t) ==> va < 0x800000000000 && granted(leaf_at(*s, a, va), kind)
      && obj(*s, leaf_at(*s, a, va)) == frame_of(*s, t.frame / 0x1000);
    ensures quiet: kind == VMREF_READ || kind == VMREF_FETCH ==> \forall integer o, k; 0 <= o < objects(*s) && 0 <= k < 4096 ==>
      byte_of(*s, o, k) == \old(byte_of(*s, o, k));
    ensures others: \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && 0 <= k < 4096
      && (obj(*s, leaf_of(*s, b, q)) == NONE(*s) || s->shared[obj(*s, leaf_of(*s, b, q))] == 0) ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
static uint8_t use(const struct vmref_sys *s, uint32_t a, struct vmref_translation t, uint64_t va, uint8_t kind, uint8_t byte)
{
  (void)a;
  uint64_t pfn = t.frame / 0x1000;
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_fits(s);
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_ref(s);
  //@ assert user: va < 0x800000000000 && t.page == 0x1000 * (va / 0x1000);
  //@ ghost vmref_lemma_indices(va);
  //@ assert n: t.page / 0x1000 == va / 0x1000;
  //@ assert leaf: leaf_of(*s, a, va / 0x1000) == leaf_at(*s, a, va);
  //@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ assert fit: fit_leaf(*s, leaf_at(*s, a, va));
  //@ assert pfn: permitted(*s, a, t) ==> pfn == PFN(leaf_at(*s, a, va));
  //@ assert bounds: s->tables <= pfn < s->tables + s->frames;
  uint32_t f = (uint32_t)(pfn - s->tables);
  //@ assert f: f == frame_of(*s, t.frame / 0x1000) && f < s->frames;
  //@ assert obj: permitted(*s, a, t) ==> obj(*s, leaf_at(*s, a, va)) == f && granted(leaf_at(*s, a, va), kind);
  /*@ ghost
    uint32_t u = lemma_table_at(s, a, va);
    if (u < s->tables) {
      uint64_t n = 512 * (uint64_t)u + va / 0x1000 % 512;
      /@ assert u: u == t1(*s, a, i4(va), i3(va), i2(va)) && is_leaf(*s, u, i1(va)); @/
      /@ assert n: n == 512 * u + i1(va); @/
      /@ assert at: at(*s, u, i1(va)) == leaf_at(*s, a, va); @/
      /@ assert tab: s->tab[n] == at(*s, u, i1(va)); @/
      /@ assert ref512: ref(*s, 512 * u + i1(va)) == obj(*s, at(*s, u, i1(va))); @/
      /@ assert ref: ref(*s, n) == obj(*s, leaf_at(*s, a, va)); @/
      if (s->tab[n] % 2 == 1) vmref_lemma_only_ref(s, n);
      /@ assert counted: P(s->tab[n]) == 1 ==> s->rc[ref(*s, n)] == count(*s, ref(*s, n), entries(*s)); @/
      /@ assert only: permitted(*s, a, t) && (kind == VMREF_WRITE || kind == VMREF_RMW) && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
           only_ref(*s, n); @/
      /@ assert apart: permitted(*s, a, t) && (kind == VMREF_WRITE || kind == VMREF_RMW) && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
           \forall integer v, j; is_leaf(*s, v, j) && !(v == u && j == i1(va)) ==> ref(*s, 512 * v + j) != f; @/
      /@ assert theirs: permitted(*s, a, t) && (kind == VMREF_WRITE || kind == VMREF_RMW) && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
           \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) && table_of(*s, b, q) < s->tables ==> obj(*s, leaf_of(*s, b, q)) != f; @/
      /@ assert file: permitted(*s, a, t) && prot_S(prot(leaf_at(*s, a, va))) == 1 ==> s->shared[f] == 1; @/
    }
  */
  /*@ assert left: leftover(*s, t) && t.rw == 1 ==> \forall integer v, j; is_leaf(*s, v, j) && ref(*s, 512 * v + j) == f ==> s->shared[f] == 1; */
  /*@ assert not: kind == VMREF_WRITE || kind == VMREF_RMW ==> \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q)
        && table_of(*s, b, q) < s->tables && obj(*s, leaf_of(*s, b, q)) == f ==> s->shared[f] == 1; */
  return vmref_frame_byte(s, f, (uint32_t)(va % 0x1000), kind, byte);
}

/* ---- the access ---- */
/* Before an access that a walk would not grant: what is left of unmappings is told, and a page that is
 * present but not for this access is dropped by all who run the space, since its frame may change. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && kind <= VMREF_FETCH;
    requires c < VMREF_CPUS && m->runs[c] != VMREF_IDLE && va < 0x800000000000;
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures runs: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \old(m->runs[d]);
    ensures pending: m->lazy == \old(m->lazy) && m->pending <= \old(m->pending);
    ensures told: !granted(leaf_at(*s, m->runs[c], va), kind) ==> m->pending == 0;
    ensures gone: !granted(leaf_at(*s, m->runs[c], va), kind) ==> \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == m->runs[c] ==>
      lacks(m->tlb[d], va / 0x1000, 1); */
static void before(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint64_t va, uint8_t kind)
{
  uint32_t a = m->runs[c];
  //@ assert here: coherent_cpu(*s, *m, c);
  //@ assert all: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ assert exist: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu(*s, *m, d) && lives(*s, m->runs[d]);
  struct vmref_walk w = vmref_user_walk(s, a, va, kind);
  if (w.rule == VMREF_RULE_OK) return;
  //@ ghost vmref_lemma_indices(va);
  //@ assert leaf: leaf_of(*s, a, va / 0x1000) == leaf_at(*s, a, va);
  //@ assert p: w.error % 2 == P(leaf_at(*s, a, va));
  if (m->pending) {
    vmref_smp_flush(m);
    //@ assert kept: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \at(*m, Pre).runs[d];
    //@ assert runs: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> lives(*s, m->runs[d]);
    //@ assert none: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]);
    //@ assert less: \forall integer d; 0 <= d < VMREF_CPUS ==> lacks(m->tlb[d], va / 0x1000, 1);
    //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  } else if (w.error % 2 == 1) {
    vmref_smp_shoot(m, s, a, va / 0x1000, 1);
    //@ assert shot: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == a ==> without(m->tlb[d], va / 0x1000, 1) && lacks(m->tlb[d], va / 0x1000, 1);
  } else {
    /*@ assert tlbs: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == a ==> coherent_cpu(*s, *m, d) && coherent_tlb(*s, a, m->tlb[d], 0); */
    /*@ assert absent: \forall integer d, i; 0 <= d < VMREF_CPUS && m->runs[d] == a && 0 <= i < VMREF_TLB_SLOTS && m->tlb[d].page[i].used == 1 ==>
          permitted(*s, a, m->tlb[d].page[i]) && m->tlb[d].page[i].page / 0x1000 != va / 0x1000; */
    /*@ assert without: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] == a ==> lacks(m->tlb[d], va / 0x1000, 1); */
  }
}

/* By a walk of the tables. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && kind <= VMREF_FETCH;
    requires c < VMREF_CPUS && m->runs[c] != VMREF_IDLE;
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures runs: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \old(m->runs[d]);
    ensures pending: m->lazy == \old(m->lazy) && m->pending <= \old(m->pending);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_ENOMAP || \result.status == VMREF_EACCES || \result.status == VMREF_EMEM;
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures nomap: \result.status == VMREF_ENOMAP <==> va < 0x800000000000 && \old(leaf_at(*s, m->runs[c], va)) == 0;
    ensures access: \result.status == VMREF_EACCES <==>
      (va >= 0x800000000000 || (\old(leaf_at(*s, m->runs[c], va)) != 0 && !permits(\old(leaf_at(*s, m->runs[c], va)), kind)));
    ensures none: \result.status == VMREF_EMEM ==> no_frame(*s);
    ensures here: \result.status == VMREF_OK ==> va < 0x800000000000 && granted(leaf_at(*s, m->runs[c], va), kind);
    ensures read: \result.status == VMREF_OK && kind != VMREF_WRITE ==>
      \result.byte == \old(shown(*s, leaf_at(*s, m->runs[c], va), va % 0x1000));
    ensures wrote: \result.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, m->runs[c], va), va % 0x1000) == byte;
    ensures rights: \forall integer u, j; is_leaf(*s, u, j) ==> prot(at(*s, u, j)) == \old(prot(at(*s, u, j)))
      && (at(*s, u, j) == 0 <==> \old(at(*s, u, j)) == 0);
    ensures quiet: \result.status == VMREF_OK && (kind == VMREF_READ || kind == VMREF_FETCH) ==> isolated{Pre, Post}(*s, m->runs[c]);
    ensures others: \result.status == VMREF_OK ==> \forall integer b, q, k; 0 <= b < s->spaces && b != m->runs[c] && upage(q) && 0 <= k < 4096
      && (obj(*s, leaf_of(*s, b, q)) == NONE(*s) || s->shared[obj(*s, leaf_of(*s, b, q))] == 0) ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
static struct vmref_outcome walked(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint64_t va, uint8_t kind, uint8_t byte)
{
  uint32_t a = m->runs[c];
  //@ assert mine: coherent_cpu(*s, *m, c);
  if (va < 0x1000 * VMREF_USER_PAGES) before(m, s, c, va, kind);
  //@ ghost Ready: ;
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  //@ assert ready: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  struct vmref_outcome r = table_access(s, a, va, kind, byte);
  /*@ ghost
    /@ loop invariant 0 <= d <= VMREF_CPUS;
       loop invariant done: \forall integer e; 0 <= e < d ==> coherent_cpu(*s, *m, e);
       loop assigns d; loop variant VMREF_CPUS - d; @/
    for (uint32_t d = 0; d < VMREF_CPUS; d++) {
      uint32_t b = m->runs[d];
      /@ assert was: coherent_cpu{Ready}(*s, *m, d); @/
      if (b == VMREF_IDLE) continue;
      /@ assert is: lives(*s, b) && coherent_tlb{Ready}(*s, b, m->tlb[d], m->pending); @/
      /@ assert lacks: r.faulted == 1 && r.status == VMREF_OK && b == a ==> lacks(m->tlb[d], va / 0x1000, 1); @/
      /@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
         loop invariant pages: \forall integer j; 0 <= j < i && m->tlb[d].page[j].used == 1 ==>
           permitted(*s, b, m->tlb[d].page[j]) || (m->pending == 1 && leftover(*s, m->tlb[d].page[j]));
         loop invariant tables: \forall integer j; 0 <= j < i && m->tlb[d].table[j].used == 1 ==>
           permitted_table(*s, b, m->tlb[d].table[j]) || (m->pending == 1 && leftover_table(*s, m->tlb[d].table[j]));
         loop assigns i; loop variant VMREF_TLB_SLOTS - i; @/
      for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) {
        struct vmref_translation t = m->tlb[d].page[i];
        struct vmref_cached_table u = m->tlb[d].table[i];
        uint64_t q = t.page / 0x1000;
        /@ assert page: t.used == 1 && permitted{Ready}(*s, b, t) ==> upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1
             && calm(leaf_of{Ready}(*s, b, q), leaf_of(*s, b, q)); @/
        /@ assert permitted: t.used == 1 && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); @/
        /@ assert left: t.used == 1 && m->pending == 1 && leftover{Ready}(*s, t) ==> leftover(*s, t); @/
        /@ assert way3: u.used == 1 && permitted_table{Ready}(*s, b, u) && u.origin.level == 3 ==>
             \forall integer x; holds(u.start, u.size, x) == 1 ==> t3(*s, b, i4(x)) == t3{Ready}(*s, b, i4(x)); @/
        /@ assert way2: u.used == 1 && permitted_table{Ready}(*s, b, u) && u.origin.level == 2 ==>
             \forall integer x; holds(u.start, u.size, x) == 1 ==> t2(*s, b, i4(x), i3(x)) == t2{Ready}(*s, b, i4(x), i3(x)); @/
        /@ assert way1: u.used == 1 && permitted_table{Ready}(*s, b, u) && u.origin.level == 1 ==>
             \forall integer x; holds(u.start, u.size, x) == 1 ==> t1(*s, b, i4(x), i3(x), i2(x)) == t1{Ready}(*s, b, i4(x), i3(x), i2(x)); @/
        /@ assert table: u.used == 1 && permitted_table{Ready}(*s, b, u) ==> permitted_table(*s, b, u); @/
        /@ assert free: u.used == 1 && leftover_table{Ready}(*s, u) ==> leftover_table(*s, u); @/
      }
      /@ assert now: coherent_cpu(*s, *m, d); @/
    }
  */
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  if (r.status == VMREF_OK) vmref_smp_cache(&m->tlb[c], s, a, m->pending, vmref_user_walk(s, a, va, kind));
  //@ assert filled: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  return r;
}

struct vmref_smp_outcome vmref_smp_access(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint64_t va, uint8_t kind, uint8_t byte)
{
  struct vmref_smp_outcome r = { 0 };
  if (c >= VMREF_CPUS || m->runs[c] == VMREF_IDLE) {
    r.out.status = VMREF_EINVAL;
    return r;
  }
  m->told = 0;
  uint32_t i = find(&m->tlb[c], va, kind);
  //@ assert all: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  if (i == VMREF_TLB_SLOTS) {
    r.out = walked(m, s, c, va, kind, byte);
    return r;
  }
  r.hit = 1;
  //@ assert here: coherent_cpu(*s, *m, c) && lives(*s, m->runs[c]);
  //@ assert hit: permitted(*s, m->runs[c], m->tlb[c].page[i]) || (m->pending == 1 && leftover(*s, m->tlb[c].page[i]));
  //@ ghost struct vmref_translation t = m->tlb[c].page[i];
  //@ assert fresh: m->pending == 0 ==> permitted(*s, m->runs[c], t);
  r.out.byte = use(s, m->runs[c], m->tlb[c].page[i], va, kind, byte);
  /*@ assert bytes: kind == VMREF_READ || kind == VMREF_FETCH ==> \forall integer o, k; 0 <= k < 4096 && 0 <= o ==>
        byte_of(*s, o, k) == \at(byte_of(*s, o, k), Pre); */
  /*@ assert isolated: kind == VMREF_READ || kind == VMREF_FETCH ==> isolated{Pre, Here}(*s, m->runs[c]); */
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost if (va < 0x800000000000) vmref_lemma_indices(va);
  //@ assert leaf: va < 0x800000000000 ==> leaf_of(*s, m->runs[c], va / 0x1000) == leaf_at(*s, m->runs[c], va) && fit_leaf(*s, leaf_at(*s, m->runs[c], va));
  //@ assert permits: m->pending == 0 ==> leaf_at(*s, m->runs[c], va) != 0 && permits(leaf_at(*s, m->runs[c], va), kind);
  //@ assert true_: m->pending == 0 ==> granted(leaf_at(*s, m->runs[c], va), kind);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  return r;
}

/*@ ghost
  void vmref_lemma_no_stale(const struct vmref_smp *m, const struct vmref_sys *s)
  {
    /@ loop invariant 0 <= c <= VMREF_CPUS;
       loop invariant done: \forall integer d; 0 <= d < c && m->runs[d] != VMREF_IDLE ==>
         reaches_only(*s, m->runs[d], m->tlb[d]) && leads_only(*s, m->runs[d], m->tlb[d]);
       loop assigns c; loop variant VMREF_CPUS - c; @/
    for (uint32_t c = 0; c < VMREF_CPUS; c++) {
      /@ assert here: coherent_cpu(*s, *m, c); @/
      /@ assert page: m->runs[c] != VMREF_IDLE ==> \forall integer i, va; 0 <= i < VMREF_TLB_SLOTS
           && serves(m->tlb[c].page[i], 0, va) == 1 ==> permitted(*s, m->runs[c], m->tlb[c].page[i]) && va / 0x1000 == m->tlb[c].page[i].page / 0x1000
           && va < 0x800000000000; @/
      /@ assert four: \forall integer va; 0 <= va < 0x800000000000 ==> va / 0x1000 / 0x8000000 == va / 0x8000000000; @/
      /@ assert three: \forall integer va; 0 <= va < 0x800000000000 ==> va / 0x1000 / 0x40000 == va / 0x40000000; @/
      /@ assert two: \forall integer va; 0 <= va < 0x800000000000 ==> va / 0x1000 / 0x200 == va / 0x200000; @/
      /@ assert top: \forall integer va; 0 <= va < 0x800000000000 ==> i4(va) == va / 0x8000000000; @/
      /@ assert leaf: \forall integer a, va; 0 <= va < 0x800000000000 ==> leaf_at(*s, a, va) == leaf_of(*s, a, va / 0x1000); @/
      /@ assert table: m->runs[c] != VMREF_IDLE ==> \forall integer i; 0 <= i < VMREF_TLB_SLOTS && m->tlb[c].table[i].used == 1 ==>
           permitted_table(*s, m->runs[c], m->tlb[c].table[i]); @/
      /@ assert reaches: m->runs[c] != VMREF_IDLE ==> reaches_only(*s, m->runs[c], m->tlb[c]); @/
      /@ assert leads: m->runs[c] != VMREF_IDLE ==> leads_only(*s, m->runs[c], m->tlb[c]); @/
    }
  }
*/
