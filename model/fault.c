/* SPDX-License-Identifier: MIT */
/* A user's access. */
#include "fault.h"

struct vmref_cpu vmref_user_cpu(uint32_t a)
{
  struct vmref_cpu c = { 0 };
  c.cr3 = (uint64_t)a * 0x1000;
  c.mode = VMREF_MODE_4LEVEL;
  c.vendor = VMREF_INTEL;
  c.maxphyaddr = 40;
  c.page1gb = c.wp = c.pge = c.smep = c.smap = c.nxe = 1;
  return c;
}

/*@ ghost
  uint64_t vmref_lemma_width(uint8_t n)
  {
    /@ assert n == 40 ==> (1 << n) == 0x10000000000; @/
    /@ assert n == 41 ==> (1 << n) == 0x20000000000; @/
    return 1ULL << n;
  }
*/
/*@ ghost
  void vmref_lemma_link(struct vmref_cpu c, uint32_t a, uint64_t e, uint32_t u, uint8_t level)
  {
    vmref_lemma_width(c.maxphyaddr);
    /@ assert pfn: e / 0x1000 == u; @/
    /@ assert low: e % 0x1000 == 7 || e % 0x1000 == 0x27; @/
    /@ assert p: P(e) == 1; @/
    /@ assert rw: RW(e) == 1; @/
    /@ assert us: US(e) == 1; @/
    /@ assert ps: PS(e) == 0; @/
    /@ assert g: G(e) == 0; @/
    /@ assert xd: XD(e) == 0; @/
    /@ assert bits: address_bits(c.mode, e) == e; @/
    /@ assert res: reserved(c, level, e) == VMREF_RULE_NONE; @/
  }
*/

/* What a user's leaf is to it. */
/*@ ghost
  /@ requires runs(c, a) && \valid_read(s) && sized(*s) && fit_leaf(*s, e);
     terminates \true; assigns \nothing; exits \false;
     ensures P(e) == 1 ==> reserved(c, 1, e) == VMREF_RULE_NONE && US(e) == 1;
     ensures maps_page(c, 1, e) == 1; @/
  static void lemma_leaf(struct vmref_cpu c, uint32_t a, const struct vmref_sys *s, uint64_t e)
  {
    vmref_lemma_width(c.maxphyaddr);
    /@ assert pfn: P(e) == 1 ==> PFN(e) < 0x10000000; @/
    /@ assert part1: e == 0x10000000000000 * (e / 0x10000000000000) + e % 0x10000000000000; @/
    /@ assert part2: e % 0x10000000000000 == 0x1000 * (e % 0x10000000000000 / 0x1000) + e % 0x10000000000000 % 0x1000; @/
    /@ assert shifted: e / 0x1000 == 0x10000000000 * (e / 0x10000000000000) + e % 0x10000000000000 / 0x1000; @/
    /@ assert top: e / 0x1000 % 0x10000000000 == e % 0x10000000000000 / 0x1000; @/
    /@ assert small: P(e) == 1 ==> e % 0x10000000000000 < 0x10000000000; @/
    /@ assert bits: address_bits(c.mode, e) == e % 0x10000000000000; @/
  }
*/

/* One step of the way: entry i of table t is what the walk finds at a level. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && 1 <= level <= 4 && c.mode == VMREF_MODE_4LEVEL;
     requires j == index(c.mode, va, level);
     requires entry_address(s->tab, c.mode, o, va, level) == entry_in(c.mode, 0x1000 * t, va, level);
     terminates \true; assigns \nothing; exits \false;
     ensures entry_at(s->tab, c.mode, o, va, level) == at(*s, t, index(c.mode, va, level));
     ensures in_ram(512 * s->tables, entry_address(s->tab, c.mode, o, va, level)) == 1;
     ensures entry_address(s->tab, c.mode, o, va, level) == 0x1000 * t + 8 * j; @/
  static void lemma_entry(const struct vmref_sys *s, struct vmref_cpu c, struct vmref_origin o, uint64_t va, uint32_t t, uint8_t level, uint32_t j)
  {
    uint64_t pa = 0x1000 * (uint64_t)t + 8 * (uint64_t)j;
    /@ assert ix: 0 <= j < 512; @/
    /@ assert word: pa / 8 == 512 * t + j; @/
    /@ assert pa: entry_address(s->tab, c.mode, o, va, level) == pa; @/
    /@ assert at: s->tab[pa / 8] == at(*s, t, j); @/
    /@ assert of: entry_of(s->tab, c.mode, pa) == s->tab[pa / 8]; @/
  }
*/

/* What the walk finds at a level above the leaf, and goes on from. */
/*@ predicate found{L}(struct vmref_sys s, struct vmref_cpu c, struct vmref_origin o, integer va, integer level, integer t, integer i) =
      0 <= t < s.tables && ix(i) && entry_address(s.tab, c.mode, o, va, level) == 0x1000 * t + 8 * i
      && entry_at(s.tab, c.mode, o, va, level) == at(s, t, i)
      && P(at(s, t, i)) == 1 && maps_page(c, level, at(s, t, i)) == 0 && reserved(c, level, at(s, t, i)) == VMREF_RULE_NONE; */

/* The walk goes down the tree, to the leaf of the page or to an entry that is not present. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
     requires runs(c, a) && o.level == 4 && o.table == 0x1000 * a && o.rw == 1 && o.us == 1 && o.xd == 0;
     terminates \true; assigns \nothing; exits \false;
     ensures \let t = t1(*s, a, i4(va), i3(va), i2(va));
       \let l = last_level(s->tab, 512 * s->tables, c, o, va, 4);
       (t < s->tables ? l == 1 : 2 <= l <= 4);
     ensures \let t = t1(*s, a, i4(va), i3(va), i2(va));
       \let l = last_level(s->tab, 512 * s->tables, c, o, va, 4);
       in_ram(512 * s->tables, entry_address(s->tab, c.mode, o, va, l)) == 1
       && (t < s->tables ==> entry_at(s->tab, c.mode, o, va, 1) == at(*s, t, i1(va)) && is_leaf(*s, t, i1(va)) && fit_leaf(*s, at(*s, t, i1(va))))
       && (t == s->tables ==> P(entry_at(s->tab, c.mode, o, va, l)) == 0);
     ensures t1(*s, a, i4(va), i3(va), i2(va)) <= s->tables;
     ensures t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> all_RW(s->tab, c.mode, o, va, 2) == 1
       && all_US(s->tab, c.mode, o, va, 2) == 1 && any_XD(s->tab, c.mode, o, va, 2) == 0;
     ensures t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> found(*s, c, o, va, 4, a, i4(va))
       && found(*s, c, o, va, 3, t3(*s, a, i4(va)), i3(va)) && found(*s, c, o, va, 2, t2(*s, a, i4(va), i3(va)), i2(va))
       && entry_address(s->tab, c.mode, o, va, 1) == 0x1000 * t1(*s, a, i4(va), i3(va), i2(va)) + 8 * i1(va); @/
  static void lemma_down(const struct vmref_sys *s, uint32_t a, uint64_t va, struct vmref_cpu c, struct vmref_origin o)
  {
    uint32_t j4 = (uint32_t)(va / 0x8000000000 % 512), j3 = (uint32_t)(va / 0x40000000 % 512);
    uint32_t j2 = (uint32_t)(va / 0x200000 % 512);
    /@ assert user: j4 < 256; @/
    /@ assert j: j4 == index(c.mode, va, 4) && j3 == index(c.mode, va, 3) && j2 == index(c.mode, va, 2); @/
    /@ assert page: page(*s, a, j4, j3, j2, i1(va)); @/
    vmref_lemma_way(s);
    /@ assert end5: all_RW(s->tab, c.mode, o, va, 5) == 1 && all_US(s->tab, c.mode, o, va, 5) == 1 && any_XD(s->tab, c.mode, o, va, 5) == 0; @/
    lemma_entry(s, c, o, va, a, 4, j4);
    uint64_t e4 = s->tab[512 * (uint64_t)a + j4];
    /@ assert j4: j4 == index(c.mode, va, 4) && e4 == at(*s, a, j4); @/
    /@ assert e4: entry_at(s->tab, c.mode, o, va, 4) == e4; @/
    if (e4 % 2 == 0) {
      /@ assert np4: P(entry_at(s->tab, c.mode, o, va, 4)) == 0; @/
      /@ assert stop: last_level(s->tab, 512 * s->tables, c, o, va, 4) == 4; @/
      /@ assert none: t1(*s, a, j4, j3, j2) == s->tables; @/
      return;
    }
    uint32_t x3 = (uint32_t)(e4 / 0x1000 % 0x10000000000);
    /@ assert l4: links(e4, x3) && x3 == t3(*s, a, j4); @/
    vmref_lemma_link(c, a, e4, x3, 4);
    /@ assert f4: found(*s, c, o, va, 4, a, j4); @/
    /@ assert go4: last_level(s->tab, 512 * s->tables, c, o, va, 4) == last_level(s->tab, 512 * s->tables, c, o, va, 3); @/
    /@ assert r4: all_RW(s->tab, c.mode, o, va, 4) == 1 && all_US(s->tab, c.mode, o, va, 4) == 1 && any_XD(s->tab, c.mode, o, va, 4) == 0; @/
    lemma_entry(s, c, o, va, x3, 3, j3);
    uint64_t e3 = s->tab[512 * (uint64_t)x3 + j3];
    /@ assert j3: j3 == index(c.mode, va, 3) && e3 == at(*s, x3, j3); @/
    /@ assert e3: entry_at(s->tab, c.mode, o, va, 3) == e3; @/
    if (e3 % 2 == 0) {
      /@ assert np3: P(entry_at(s->tab, c.mode, o, va, 3)) == 0; @/
      /@ assert stop3: last_level(s->tab, 512 * s->tables, c, o, va, 3) == 3; @/
      /@ assert none3: t1(*s, a, j4, j3, j2) == s->tables; @/
      return;
    }
    uint32_t x2 = (uint32_t)(e3 / 0x1000 % 0x10000000000);
    /@ assert l3: links(e3, x2) && x2 == t2(*s, a, j4, j3); @/
    vmref_lemma_link(c, a, e3, x2, 3);
    /@ assert f3: found(*s, c, o, va, 3, x3, j3); @/
    /@ assert go3: last_level(s->tab, 512 * s->tables, c, o, va, 3) == last_level(s->tab, 512 * s->tables, c, o, va, 2); @/
    /@ assert r3: all_RW(s->tab, c.mode, o, va, 3) == 1 && all_US(s->tab, c.mode, o, va, 3) == 1 && any_XD(s->tab, c.mode, o, va, 3) == 0; @/
    lemma_entry(s, c, o, va, x2, 2, j2);
    uint64_t e2 = s->tab[512 * (uint64_t)x2 + j2];
    /@ assert j2: j2 == index(c.mode, va, 2) && e2 == at(*s, x2, j2); @/
    /@ assert e2: entry_at(s->tab, c.mode, o, va, 2) == e2; @/
    if (e2 % 2 == 0) {
      /@ assert np2: P(entry_at(s->tab, c.mode, o, va, 2)) == 0; @/
      /@ assert stop2: last_level(s->tab, 512 * s->tables, c, o, va, 2) == 2; @/
      /@ assert none2: t1(*s, a, j4, j3, j2) == s->tables; @/
      return;
    }
    uint32_t x1 = (uint32_t)(e2 / 0x1000 % 0x10000000000);
    /@ assert l2: links(e2, x1) && x1 == t1(*s, a, j4, j3, j2); @/
    vmref_lemma_link(c, a, e2, x1, 2);
    /@ assert f2: found(*s, c, o, va, 2, x2, j2); @/
    /@ assert go2: last_level(s->tab, 512 * s->tables, c, o, va, 2) == last_level(s->tab, 512 * s->tables, c, o, va, 1); @/
    /@ assert go1: last_level(s->tab, 512 * s->tables, c, o, va, 1) == 1; @/
    /@ assert r2: all_RW(s->tab, c.mode, o, va, 2) == 1 && all_US(s->tab, c.mode, o, va, 2) == 1 && any_XD(s->tab, c.mode, o, va, 2) == 0; @/
    lemma_entry(s, c, o, va, x1, 1, (uint32_t)(va / 0x1000 % 512));
    vmref_lemma_fits(s);
    /@ assert way: x1 < s->tables && page(*s, a, j4, j3, j2, 0) && t1(*s, a, j4, j3, j2) == x1; @/
    /@ assert one: s->level[x1] == 1 && s->owner[x1] == a; @/
    /@ assert ix1: ix(i1(va)) && i1(va) == index(c.mode, va, 1); @/
    /@ assert leaf: is_leaf(*s, x1, i1(va)); @/
  }
*/

struct vmref_walk vmref_user_walk(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind)
{
  struct vmref_access x = { 0 };
  x.va = va;
  x.kind = kind;
  x.size = 1;
  x.cpl = 3;
  x.seg = VMREF_SEG_DS;
  struct vmref_cpu c = vmref_user_cpu(a);
  if (va >= 0x800000000000) return vmref_walk(s->tab, 512 * (uint64_t)s->tables, c, x);
  //@ ghost vmref_lemma_width(c.maxphyaddr);
  //@ assert valid: valid_cpu(c) && askable(c, x);
  //@ assert walks: before_walk(c, x) == VMREF_RULE_NONE;
  struct vmref_walk w = vmref_walk(s->tab, 512 * (uint64_t)s->tables, c, x);
  //@ assert runs: runs(c, a);
  //@ assert begun: begins_walk(c, va, w.origin);
  //@ assert root: table_of(c.cr3) == 0x1000 * a;
  //@ assert origin: w.origin.level == 4 && w.origin.table == 0x1000 * a && w.origin.rw == 1 && w.origin.us == 1 && w.origin.xd == 0;
  //@ ghost lemma_down(s, a, va, c, w.origin);
  //@ ghost uint64_t e = w.last == 1 ? w.entry[1] : 0;
  //@ assert ways: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables <==> w.last == 1;
  //@ assert ix: ix(i1(va)) && page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ assert e: e == leaf_at(*s, a, va);
  //@ assert last: w.last == last_level(s->tab, 512 * s->tables, c, w.origin, va, 4);
  //@ assert np: w.last != 1 ==> P(entry_at(s->tab, c.mode, w.origin, va, w.last)) == 0;
  //@ assert fits: w.last == 1 ==> fit_leaf(*s, e);
  //@ ghost lemma_leaf(c, a, s, e);
  //@ assert rights: w.last == 1 ==> all_RW(s->tab, c.mode, w.origin, va, 1) == RW(e) && all_US(s->tab, c.mode, w.origin, va, 1) == US(e) && any_XD(s->tab, c.mode, w.origin, va, 1) == XD(e);
  //@ assert verdict: w.last == 1 ==> verdict_from(s->tab, 512 * s->tables, c, x, w.origin) == judged(c, x, 1, e, RW(e), US(e), XD(e));
  //@ assert hole: w.last != 1 ==> verdict_from(s->tab, 512 * s->tables, c, x, w.origin) == VMREF_RULE_PF_NP;
  //@ assert code: w.error == error_code(c, x, w.rule, 0);
  //@ assert missing: w.rule == VMREF_RULE_PF_NP <==> P(leaf_at(*s, a, va)) == 0;
  //@ assert byte: w.rule == VMREF_RULE_OK ==> w.pa == page_byte(c.mode, 1, e, va);
  //@ assert pa: w.rule == VMREF_RULE_OK ==> page_byte(c.mode, 1, e, va) == 0x1000 * PFN(e) + va % 0x1000;
  //@ assert old: w.rule == VMREF_RULE_OK ==> w.last == 1 && w.origin.level == 4;
  //@ assert s4: w.rule == VMREF_RULE_OK ==> went(*s, w, 4, a, i4(va));
  //@ assert s3: w.rule == VMREF_RULE_OK ==> went(*s, w, 3, t3(*s, a, i4(va)), i3(va));
  //@ assert s2: w.rule == VMREF_RULE_OK ==> went(*s, w, 2, t2(*s, a, i4(va), i3(va)), i2(va));
  //@ assert s1: w.rule == VMREF_RULE_OK ==> went(*s, w, 1, t1(*s, a, i4(va), i3(va), i2(va)), i1(va));
  return w;
}

/* From swap. To write to a page that others keep there takes one frame, for the copy. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && s->frames <= obj(*s, at(*s, t, i)) < objects(*s) && write <= 1;
    requires prot_R(prot(at(*s, t, i))) == 1 && (write == 1 ==> prot_W(prot(at(*s, t, i))) == 1);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures here: \result == VMREF_OK ==> P(at(*s, t, i)) == 1 && (write == 1 ==> RW(at(*s, t, i)) == 1);
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && !(u == t && j == i) && P(\old(at(*s, u, j))) == 1 ==>
      at(*s, u, j) == \old(at(*s, u, j));
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s); */
static int from_swap(const struct vmref_sys *s, uint32_t t, uint32_t i, uint8_t write)
{
  if (write && !vmref_leaf_mine(s, s->tab[512 * (uint64_t)t + i])) {
    int c = vmref_page_copy(s, t, i);
    /*@ assert copied: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
    return c;
  }
  //@ ghost vmref_lemma_fits(s);
  int r = vmref_swap_in(s, t, i);
  if (r != VMREF_OK) return r;
  //@ assert can: write == 1 ==> mine(*s, at(*s, t, i));
  /*@ assert stayed: \forall integer u, j; is_leaf(*s, u, j) && P(\at(at(*s, u, j), Pre)) == 1 ==> at(*s, u, j) == \at(at(*s, u, j), Pre); */
  //@ ghost In: ;
  /*@ assert came: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, In}(*s, u, j); */
  r = vmref_page_enter(s, t, i, write);
  /*@ assert entered: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{In, Here}(*s, u, j); */
  /*@ assert both: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  return r;
}

/* The page of a leaf whose mapping permits the access comes to where the hardware finds it. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && at(*s, t, i) != 0 && write <= 1;
    requires prot_R(prot(at(*s, t, i))) == 1 && (write == 1 ==> prot_W(prot(at(*s, t, i))) == 1);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures alone: \old(obj(*s, at(*s, t, i)) < s->frames && mine(*s, at(*s, t, i))) ==>
      \result == VMREF_OK && obj(*s, at(*s, t, i)) == \old(obj(*s, at(*s, t, i)));
    ensures here: \result == VMREF_OK ==> P(at(*s, t, i)) == 1 && (write == 1 ==> RW(at(*s, t, i)) == 1);
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && !(u == t && j == i) && P(\old(at(*s, u, j))) == 1 ==>
      at(*s, u, j) == \old(at(*s, u, j));
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s); */
static int come(const struct vmref_sys *s, uint32_t t, uint32_t i, uint8_t write)
{
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  //@ ghost vmref_lemma_fits(s);
  //@ assert e: e == at(*s, t, i);
  //@ assert fit: fit_leaf(*s, e);
  uint32_t o = vmref_leaf_object(s, e);
  int r;
  if (o == s->frames + s->slots) {
    //@ assert kind: P(e) == 0 && kind(e) == VMREF_LEAF_ZERO;
    r = vmref_page_zero(s, t, i);
    /*@ assert zeroed: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  } else if (o >= s->frames) {
    r = from_swap(s, t, i, write);
    /*@ assert swapped: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  } else {
    r = vmref_page_enter(s, t, i, write);
    /*@ assert entered: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  }
  /*@ assert all: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  return r;
}

int vmref_fault(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind)
{
  uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;
  uint32_t i = (uint32_t)(va / 0x1000 % 512);
  //@ ghost vmref_lemma_way(s);
  //@ assert user: page(*s, a, i4(va), i3(va), i2(va), i);
  uint32_t t = vmref_table_find(s, a, (uint32_t)(va / 0x8000000000 % 512), (uint32_t)(va / 0x40000000 % 512),
                                (uint32_t)(va / 0x200000 % 512));
  if (t == s->tables) return VMREF_ENOMAP;
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  //@ assert e: e == at(*s, t, i) && e == leaf_at(*s, a, va);
  if (e == 0) return VMREF_ENOMAP;
  uint8_t prot = vmref_leaf_prot(e);
  if (prot % 2 == 0 || (write && prot / 2 % 2 == 0) || (kind == VMREF_FETCH && prot / 4 % 2 == 0)) return VMREF_EACCES;
  int r = come(s, t, i, write);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_fits(s);
  //@ assert leaf: is_leaf(*s, t, i) && leaf_at(*s, a, va) == at(*s, t, i);
  //@ assert right: prot(at(*s, t, i)) == prot;
  return r;
}
