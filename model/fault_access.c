/* SPDX-License-Identifier: MIT */
/* Accesses of a process. */
#include "fault_access.h"

/*@ ghost
  void vmref_lemma_flags(uint64_t e)
  {
    /@ assert a32: accessed(e) / 0x20 == e / 0x20 + (A(e) == 1 ? 0 : 1) && accessed(e) % 0x20 == e % 0x20; @/
    /@ assert a64: accessed(e) / 0x40 == e / 0x40; @/
    /@ assert d64: dirtied(e) / 0x40 == e / 0x40 + (D(e) == 1 ? 0 : 1) && dirtied(e) % 0x40 == e % 0x40; @/
    /@ assert d128: dirtied(e) / 0x80 == e / 0x80; @/
    /@ assert a4k: accessed(e) / 0x1000 == e / 0x1000; @/
    /@ assert d4k: dirtied(e) / 0x1000 == e / 0x1000; @/
    /@ assert low: accessed(e) % 0x20 == e % 0x20 && dirtied(e) % 0x20 == e % 0x20; @/
    /@ assert d32: dirtied(e) / 0x20 == e / 0x20 + (D(e) == 1 ? 0 : 2); @/
    /@ assert p: P(accessed(e)) == P(e) && P(dirtied(e)) == P(e); @/
    /@ assert two: e / 2 == 16 * (e / 0x20) + e % 0x20 / 2; @/
    /@ assert two_a: accessed(e) / 2 == 16 * (accessed(e) / 0x20) + e % 0x20 / 2; @/
    /@ assert two_d: dirtied(e) / 2 == 16 * (dirtied(e) / 0x20) + e % 0x20 / 2; @/
    /@ assert four: e / 4 == 8 * (e / 0x20) + e % 0x20 / 4; @/
    /@ assert four_a: accessed(e) / 4 == 8 * (accessed(e) / 0x20) + e % 0x20 / 4; @/
    /@ assert four_d: dirtied(e) / 4 == 8 * (dirtied(e) / 0x20) + e % 0x20 / 4; @/
    /@ assert rw: RW(accessed(e)) == RW(e) && RW(dirtied(e)) == RW(e); @/
    /@ assert us: US(accessed(e)) == US(e) && US(dirtied(e)) == US(e); @/
    /@ assert pfn: PFN(accessed(e)) == PFN(e) && PFN(dirtied(e)) == PFN(e); @/
    /@ assert high: e / 0x10000000000000 == e / 0x1000 / 0x10000000000; @/
    /@ assert high_a: accessed(e) / 0x10000000000000 == e / 0x10000000000000; @/
    /@ assert high_d: dirtied(e) / 0x10000000000000 == e / 0x10000000000000; @/
    /@ assert prot: prot(accessed(e)) == prot(e) && prot(dirtied(e)) == prot(e); @/
    /@ assert xd_a: accessed(e) / 0x8000000000000000 == e / 0x8000000000000000; @/
    /@ assert xd_d: dirtied(e) / 0x8000000000000000 == e / 0x8000000000000000; @/
    /@ assert a: A(accessed(e)) == 1 && A(dirtied(e)) == A(e) && D(dirtied(e)) == 1; @/
  }
*/

/*@ ghost
  /@ requires plain(e);
     terminates \true; assigns \nothing; exits \false; ensures plain(accessed(e)) && plain(dirtied(e)); @/
  static void lemma_plain(uint64_t e)
  {
    /@ assert a32: accessed(e) / 0x20 == e / 0x20 + (A(e) == 1 ? 0 : 1) && accessed(e) % 0x20 == e % 0x20; @/
    /@ assert d32: dirtied(e) / 0x20 == e / 0x20 + (D(e) == 1 ? 0 : 2) && dirtied(e) % 0x20 == e % 0x20; @/
    /@ assert eight: e / 8 == 4 * (e / 0x20) + e % 0x20 / 8; @/
    /@ assert eight_a: accessed(e) / 8 == 4 * (accessed(e) / 0x20) + e % 0x20 / 8; @/
    /@ assert eight_d: dirtied(e) / 8 == 4 * (dirtied(e) / 0x20) + e % 0x20 / 8; @/
    /@ assert low: e / 8 % 4 == e % 0x20 / 8 && accessed(e) / 8 % 4 == e % 0x20 / 8 && dirtied(e) / 8 % 4 == e % 0x20 / 8; @/
    /@ assert a64: accessed(e) / 0x40 == e / 0x40; @/
    /@ assert d64: dirtied(e) / 0x40 == e / 0x40 + (D(e) == 1 ? 0 : 1) && dirtied(e) % 0x40 == e % 0x40; @/
    /@ assert high: accessed(e) / 128 == e / 128 && dirtied(e) / 128 == e / 128; @/
  }
*/

void vmref_leaf_mark(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  //@ ghost uint64_t old = s->tab[512 * (uint64_t)t + i];
  //@ assert old: old == at(*s, t, i);
  //@ ghost vmref_lemma_fits(s);
  //@ ghost vmref_lemma_flags(old);
  //@ ghost lemma_plain(old);
  //@ ghost uint64_t a = old / 0x20 % 2 == 1 ? old : old + 0x20;
  //@ assert a: a == accessed(old);
  //@ ghost vmref_lemma_flags(a);
  //@ ghost lemma_plain(a);
  //@ assert fits: fit_present(*s, old) && obj(*s, e) == obj(*s, old) && prot(e) == prot(old);
  //@ assert free: \forall integer o; 0 <= o < objects(*s) && s->rc[o] == 0 ==> s->shared[o] == 0;
  if (s->tab[512 * (uint64_t)t + i] != e) vmref_leaf_replace(s, t, i, e, 0);
  //@ assert rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
  //@ assert free2: \forall integer o; 0 <= o < objects(*s) && s->rc[o] == 0 ==> s->shared[o] == 0;
}

/* Write the accessed and dirty flags that a walk sets: what it says its entries are after. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
    requires t1(*s, a, i4(va), i3(va), i2(va)) < s->tables && P(leaf_at(*s, a, va)) == 1 && went_down(*s, w, a, va);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures same: same_tables{Pre, Post}(*s);
    ensures objects: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]) && s->shared[o] == \old(s->shared[o]);
    ensures leaf: leaf_at(*s, a, va) == (writes(w.access) == 1 ? dirtied(accessed(\old(leaf_at(*s, a, va)))) : accessed(\old(leaf_at(*s, a, va))));
    ensures above: A(at(*s, a, i4(va))) == 1 && A(at(*s, t3(*s, a, i4(va)), i3(va))) == 1 && A(at(*s, t2(*s, a, i4(va), i3(va)), i2(va))) == 1;
    ensures says: obj(*s, leaf_at(*s, a, va)) == \old(obj(*s, leaf_at(*s, a, va))) && prot(leaf_at(*s, a, va)) == \old(prot(leaf_at(*s, a, va)))
      && P(leaf_at(*s, a, va)) == 1 && RW(leaf_at(*s, a, va)) == \old(RW(leaf_at(*s, a, va))) && XD(leaf_at(*s, a, va)) == \old(XD(leaf_at(*s, a, va)))
      && US(leaf_at(*s, a, va)) == \old(US(leaf_at(*s, a, va))) && PFN(leaf_at(*s, a, va)) == \old(PFN(leaf_at(*s, a, va)))
      && \old(D(leaf_at(*s, a, va))) <= D(leaf_at(*s, a, va));
    ensures others: \forall integer v, j; is_leaf(*s, v, j) && !(v == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va)) ==>
      at(*s, v, j) == \old(at(*s, v, j)); */
static void mark(const struct vmref_sys *s, uint32_t a, uint64_t va, struct vmref_walk w)
{
  uint64_t n4 = w.address[4] / 8, n3 = w.address[3] / 8, n2 = w.address[2] / 8, n1 = w.address[1] / 8;
  (void)a; (void)va;
  //@ ghost vmref_lemma_index();
  //@ ghost vmref_lemma_way(s);
  //@ assert user: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ assert n4: n4 == 512 * a + i4(va);
  //@ assert t4: n4 / 512 == a;
  //@ assert i4: n4 % 512 == i4(va);
  //@ assert n3: n3 == 512 * t3(*s, a, i4(va)) + i3(va);
  //@ assert t3: n3 / 512 == t3(*s, a, i4(va));
  //@ assert i3: n3 % 512 == i3(va);
  //@ assert n2: n2 == 512 * t2(*s, a, i4(va), i3(va)) + i2(va);
  //@ assert t2: n2 / 512 == t2(*s, a, i4(va), i3(va));
  //@ assert i2: n2 % 512 == i2(va);
  //@ assert n1: n1 == 512 * t1(*s, a, i4(va), i3(va), i2(va)) + i1(va);
  //@ assert t1: n1 / 512 == t1(*s, a, i4(va), i3(va), i2(va));
  //@ assert i1: n1 % 512 == i1(va);
  //@ assert levels: s->level[n4 / 512] == 4 && s->level[n3 / 512] == 3 && s->level[n2 / 512] == 2 && s->level[n1 / 512] == 1;
  //@ ghost vmref_lemma_flags(w.entry[4]);
  //@ ghost vmref_lemma_flags(w.entry[3]);
  //@ ghost vmref_lemma_flags(w.entry[2]);
  //@ assert apart: \forall integer v, j; is_leaf(*s, v, j) ==> v != n4 / 512 && v != n3 / 512 && v != n2 / 512;
  vmref_table_touch(s, (uint32_t)(n4 / 512), (uint32_t)(n4 % 512), w.after[4]);
  vmref_table_touch(s, (uint32_t)(n3 / 512), (uint32_t)(n3 % 512), w.after[3]);
  vmref_table_touch(s, (uint32_t)(n2 / 512), (uint32_t)(n2 % 512), w.after[2]);
  /*@ assert kept: \forall integer v, j; is_leaf(*s, v, j) ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  //@ assert leaf1: at(*s, n1 / 512, i1(va)) == \at(leaf_at(*s, \at(a, Here), \at(va, Here)), Pre);
  vmref_leaf_mark(s, (uint32_t)(n1 / 512), (uint32_t)(n1 % 512), w.after[1]);
  //@ assert here: leaf_at(*s, a, va) == w.after[1];
  //@ assert a4: at(*s, n4 / 512, i4(va)) == w.after[4];
  //@ assert a3: at(*s, n3 / 512, i3(va)) == w.after[3];
  //@ assert a2: at(*s, n2 / 512, i2(va)) == w.after[2];
}

uint8_t vmref_frame_byte(const struct vmref_sys *s, uint32_t f, uint32_t at, uint8_t kind, uint8_t byte)
{
  uint64_t d = 4096 * (uint64_t)f + at;
  uint8_t old = s->data[d];
  //@ assert old: old == byte_of(*s, f, at);
  /*@ assert apart: \forall integer q, b; 0 <= q && 0 <= b < 4096 && 4096 * q + b == d ==> q == f && b == at; */
  if (kind == VMREF_WRITE || kind == VMREF_RMW) s->data[d] = byte;
  /*@ assert bytes: \forall integer q, b; 0 <= q < objects(*s) && 0 <= b < 4096
        && !((kind == VMREF_WRITE || kind == VMREF_RMW) && q == f && b == at) ==>
        byte_of(*s, q, b) == \at(byte_of(*s, q, b), Pre); */
  return old;
}

/* The byte that a walk has come to, at physical address pa. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000 && kind <= VMREF_FETCH;
    requires granted(leaf_at(*s, a, va), kind) && pa == 0x1000 * PFN(leaf_at(*s, a, va)) + va % 0x1000;
    terminates \true; exits \false;
    assigns s->data[4096 * obj(*s, leaf_at(*s, a, va)) + va % 0x1000];
    ensures inv: inv(*s);
    ensures read: \result == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures written: kind == VMREF_WRITE || kind == VMREF_RMW ==> shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures bytes: \forall integer q, b; 0 <= q < objects(*s) && 0 <= b < 4096
      && !((kind == VMREF_WRITE || kind == VMREF_RMW) && q == obj(*s, leaf_at(*s, a, va)) && b == va % 0x1000) ==>
      byte_of(*s, q, b) == \old(byte_of(*s, q, b));
    ensures alone: kind == VMREF_WRITE || kind == VMREF_RMW ==> mine(*s, leaf_at(*s, a, va));
    ensures frame: obj(*s, leaf_at(*s, a, va)) < s->frames; */
static uint8_t transfer(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte, uint64_t pa)
{
  (void)a; (void)va;
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_fits(s);
  //@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ assert there: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables;
  //@ assert leaf: is_leaf(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va));
  //@ assert frame: obj(*s, leaf_at(*s, a, va)) < s->frames && PFN(leaf_at(*s, a, va)) == s->tables + obj(*s, leaf_at(*s, a, va));
  //@ assert above: pa == 0x1000 * (s->tables + obj(*s, leaf_at(*s, a, va))) + va % 0x1000;
  //@ assert f: pa / 0x1000 - s->tables == obj(*s, leaf_at(*s, a, va)) && pa % 0x1000 == va % 0x1000;
  return vmref_frame_byte(s, (uint32_t)(pa / 0x1000 - s->tables), (uint32_t)(pa % 0x1000), kind, byte);
}

/* What each page of the other spaces shows is what their leaves do. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer b, p; 0 <= b < s->spaces && upage(p) && table_of(*s, b, p) < s->tables ==>
       is_leaf(*s, table_of(*s, b, p), p1(p)) && s->owner[table_of(*s, b, p)] == b; @/
  static void lemma_theirs(const struct vmref_sys *s)
  {
    vmref_lemma_pages(0);
    vmref_lemma_way(s);
  }
*/

/* The access itself, which a walk has granted: its flags, then its byte. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000 && kind <= VMREF_FETCH;
    requires granted(leaf_at(*s, a, va), kind) && w.access.va == va && w.access.kind == kind;
    requires went_down(*s, w, a, va) && w.pa == 0x1000 * PFN(leaf_at(*s, a, va)) + va % 0x1000;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures same: same_tables{Pre, Post}(*s);
    ensures here: granted(leaf_at(*s, a, va), kind);
    ensures read: \result == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: kind == VMREF_WRITE || kind == VMREF_RMW ==> shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures flags: marked(*s, a, va, kind);
    ensures only: \forall integer u, j, k; is_leaf(*s, u, j) && 0 <= k < 4096
      && !((kind == VMREF_WRITE || kind == VMREF_RMW) && obj(*s, at(*s, u, j)) == obj(*s, leaf_at(*s, a, va)) && k == va % 0x1000) ==>
      shown(*s, at(*s, u, j), k) == \old(shown(*s, at(*s, u, j), k));
    ensures rights: \forall integer u, j; is_leaf(*s, u, j) ==> prot(at(*s, u, j)) == \old(prot(at(*s, u, j)))
      && (at(*s, u, j) == 0 <==> \old(at(*s, u, j)) == 0);
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && !(u == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va)) ==>
      at(*s, u, j) == \old(at(*s, u, j));
    ensures objects: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]) && s->shared[o] == \old(s->shared[o]);
    ensures calm: \forall integer u, j; is_leaf(*s, u, j) ==> calm(\old(at(*s, u, j)), at(*s, u, j));
    ensures alone: (kind == VMREF_WRITE || kind == VMREF_RMW) && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
      \forall integer u, j; is_leaf(*s, u, j) && !(u == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va)) ==>
      obj(*s, at(*s, u, j)) != obj(*s, leaf_at(*s, a, va));
    ensures zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \old(leaf_of(*s, b, q)) == 0;
    ensures zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \old(leaf_of(*s, b, q)) == 0 ==> leaf_of(*s, b, q) == 0;
    ensures prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \old(prot(leaf_of(*s, b, q)));
    ensures shown: kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
      \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && 0 <= k < 4096 ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
static uint8_t perform(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte, struct vmref_walk w)
{
  //@ ghost vmref_lemma_way(s);
  //@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ assert there: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables;
  mark(s, a, va, w);
  //@ ghost vmref_lemma_way(s);
  /*@ assert objects: \forall integer u, j; is_leaf(*s, u, j) ==> obj(*s, at(*s, u, j)) == \at(obj(*s, at(*s, u, j)), Pre)
        && prot(at(*s, u, j)) == \at(prot(at(*s, u, j)), Pre) && (at(*s, u, j) == 0 <==> \at(at(*s, u, j), Pre) == 0); */
  //@ ghost uint64_t e = w.entry[1], ea = e / 0x20 % 2 == 1 ? e : e + 0x20;
  //@ ghost vmref_lemma_flags(e);
  //@ ghost vmref_lemma_flags(ea);
  //@ assert e: e == \at(leaf_at(*s, \at(a, Here), \at(va, Here)), Pre);
  //@ assert ea: ea == accessed(e);
  //@ assert wr: writes(w.access) == 1 <==> kind == VMREF_WRITE || kind == VMREF_RMW;
  //@ assert after: leaf_at(*s, a, va) == (writes(w.access) == 1 ? dirtied(ea) : ea);
  //@ assert dirty: (kind == VMREF_WRITE || kind == VMREF_RMW ==> D(leaf_at(*s, a, va)) == 1) && A(leaf_at(*s, a, va)) == 1;
  uint8_t old = transfer(s, a, va, kind, byte, w.pa);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_ref(s);
  //@ ghost uint32_t t = (uint32_t)(w.address[1] / 0x1000), i = (uint32_t)(va / 0x1000 % 512);
  //@ assert address: w.address[1] == 0x1000 * t1(*s, a, i4(va), i3(va), i2(va)) + 8 * i1(va);
  //@ assert t: t == t1(*s, a, i4(va), i3(va), i2(va));
  //@ assert i: i == i1(va);
  //@ assert leaf: is_leaf(*s, t, i) && at(*s, t, i) == leaf_at(*s, a, va);
  //@ assert ref: ref(*s, 512 * t + i) == obj(*s, leaf_at(*s, a, va));
  //@ ghost vmref_lemma_only_ref(s, 512 * (uint64_t)t + i);
  /*@ assert alone: (kind == VMREF_WRITE || kind == VMREF_RMW) && prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer u, j; is_leaf(*s, u, j) && !(u == t && j == i) ==> ref(*s, 512 * u + j) != ref(*s, 512 * t + i); */
  //@ ghost lemma_theirs(s);
  //@ assert same: same_tables{Pre, Here}(*s);
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert now: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert apart: \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) && table_of(*s, b, q) < s->tables ==>
        table_of(*s, b, q) != t; */
  /*@ assert bytes: kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && table_of(*s, b, q) < s->tables && 0 <= k < 4096 ==>
        shown(*s, at(*s, table_of(*s, b, q), p1(q)), k) == \at(shown(*s, at(*s, table_of(*s, b, q), p1(q)), k), Pre); */
  /*@ assert zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \at(leaf_of(*s, b, q), Pre) == 0 ==> leaf_of(*s, b, q) == 0; */
  /*@ assert prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \at(prot(leaf_of(*s, b, q)), Pre); */
  /*@ assert shown: kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer b, q, k; 0 <= b < s->spaces && b != a && upage(q) && 0 <= k < 4096 ==>
        shown(*s, leaf_of(*s, b, q), k) == \at(shown(*s, leaf_of(*s, b, q), k), Pre); */
  return old;
}

/* The page comes to where the hardware finds it: vmref_fault, said of pages. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000 && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures progress: \result == VMREF_OK ==> granted(leaf_at(*s, a, va), kind);
    ensures status: \result == VMREF_OK || \result == VMREF_ENOMAP || \result == VMREF_EACCES || \result == VMREF_EMEM;
    ensures nomap: \result == VMREF_ENOMAP <==> \old(leaf_at(*s, a, va)) == 0;
    ensures access: \result == VMREF_EACCES <==> \old(leaf_at(*s, a, va)) != 0 && !permits(\old(leaf_at(*s, a, va)), kind);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && !(u == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va)) && P(\old(at(*s, u, j))) == 1 ==>
      at(*s, u, j) == \old(at(*s, u, j));
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s);
    ensures here: \result == VMREF_OK ==> \forall integer k; 0 <= k < 4096 ==>
      shown(*s, leaf_at(*s, a, va), k) == \old(shown(*s, leaf_at(*s, a, va), k));
    ensures zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \old(leaf_of(*s, b, q)) == 0;
    ensures zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \old(leaf_of(*s, b, q)) == 0 ==> leaf_of(*s, b, q) == 0;
    ensures prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \old(prot(leaf_of(*s, b, q)));
    ensures shown: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && 0 <= k < 4096 ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
static int mended(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind)
{
  int r = vmref_fault(s, a, va, kind);
  //@ ghost lemma_theirs(s);
  //@ ghost vmref_lemma_way(s);
  //@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ assert here: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> is_leaf(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va));
  //@ assert view: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> same_view{Pre, Here}(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va));
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert now: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert seen: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)); */
  return r;
}

struct vmref_outcome vmref_user_access(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  struct vmref_outcome r = { 0 };
  if (a >= s->spaces || s->level[a] != 4) {
    r.status = VMREF_EINVAL;
    return r;
  }
  struct vmref_walk w = vmref_user_walk(s, a, va, kind);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_fits(s);
  //@ assert fit: va < 0x800000000000 ==> page(*s, a, i4(va), i3(va), i2(va), i1(va)) && fit_leaf(*s, leaf_at(*s, a, va));
  //@ assert right: va < 0x800000000000 && granted(leaf_at(*s, a, va), kind) ==> leaf_at(*s, a, va) != 0 && permits(leaf_at(*s, a, va), kind);
  if (va >= VMREF_USER_PAGES * 0x1000 || w.rule != VMREF_RULE_OK) {
    r.vector = w.vector;
    r.error = w.error;
    r.faulted = 1;
    r.status = va >= VMREF_USER_PAGES * 0x1000 ? VMREF_EACCES : mended(s, a, va, kind);
    if (r.status != VMREF_OK) return r;
    w = vmref_user_walk(s, a, va, kind);
  }
  //@ assert ready: granted(leaf_at(*s, a, va), kind);
  /*@ assert views: \forall integer u, j, k; is_leaf(*s, u, j) && 0 <= k < 4096 ==> shown(*s, at(*s, u, j), k) == \at(shown(*s, at(*s, u, j), k), Pre); */
  /*@ assert mrights: \forall integer u, j; is_leaf(*s, u, j) ==> prot(at(*s, u, j)) == \at(prot(at(*s, u, j)), Pre)
        && (at(*s, u, j) == 0 <==> \at(at(*s, u, j), Pre) == 0); */
  /*@ assert mhere: shown(*s, leaf_at(*s, a, va), va % 0x1000) == \at(shown(*s, leaf_at(*s, a, va), va % 0x1000), Pre); */
  /*@ assert mzero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert mzero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \at(leaf_of(*s, b, q), Pre) == 0 ==> leaf_of(*s, b, q) == 0; */
  /*@ assert mprots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \at(prot(leaf_of(*s, b, q)), Pre); */
  /*@ assert mshown: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && 0 <= k < 4096 ==>
        shown(*s, leaf_of(*s, b, q), k) == \at(shown(*s, leaf_of(*s, b, q), k), Pre); */
  //@ assert msame: same_tables{Pre, Here}(*s);
  //@ ghost Ready: ;
  r.byte = perform(s, a, va, kind, byte, w);
  /*@ assert only: \forall integer u, j, k; is_leaf(*s, u, j) && 0 <= k < 4096
        && !((kind == VMREF_WRITE || kind == VMREF_RMW) && obj(*s, at(*s, u, j)) == obj(*s, leaf_at(*s, a, va)) && k == va % 0x1000) ==>
        shown(*s, at(*s, u, j), k) == \at(shown(*s, at(*s, u, j), k), Pre); */
  /*@ assert isolated: kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==> isolated{Pre, Here}(*s, a); */
  return r;
}
