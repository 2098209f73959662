/* SPDX-License-Identifier: MIT */
/* Accesses of a process where words stand over entries. */
#include "huge_access.h"
#include "table_page.h"

/* The word of the page of an address: over entry i of table t. e 0: the page has none. */
struct place {
  uint64_t e;
  uint32_t t, i;
};

/*@ predicate word_of{L}(struct vmref_sys s, uint16_t *o, integer a, integer va, integer e) =
      e == (word3(s, o, a, va) != 0 ? word3(s, o, a, va) : word2(s, o, a, va) != 0 ? word2(s, o, a, va) : word1(s, o, a, va)); */

/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
    terminates \true; exits \false; assigns \nothing;
    ensures word: word_of(*s, o, a, va, \result.e);
    ensures here: \result.e != 0 ==> \result.t < s->tables && \result.i < 512 && over(o, \result.t, \result.i) == \result.e; */
static struct place find(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t va)
{
  struct place r = { 0 };
  //@ ghost vmref_lemma_way(s);
  //@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  r.t = vmref_table_under(s, a, (uint32_t)(va / 0x8000000000 % 512));
  //@ assert t3: r.t == t3(*s, a, i4(va));
  if (r.t == s->tables) return r;
  r.i = (uint32_t)(va / 0x40000000 % 512);
  r.e = vmref_over(o, r.t, r.i);
  if (r.e != 0) return r;
  r.t = vmref_table_under(s, r.t, r.i);
  //@ assert t2: r.t == t2(*s, a, i4(va), i3(va));
  if (r.t == s->tables) return r;
  r.i = (uint32_t)(va / 0x200000 % 512);
  r.e = vmref_over(o, r.t, r.i);
  if (r.e != 0) return r;
  r.t = vmref_table_under(s, r.t, r.i);
  //@ assert t1: r.t == t1(*s, a, i4(va), i3(va), i2(va));
  if (r.t == s->tables) return r;
  r.i = (uint32_t)(va / 0x1000 % 512);
  r.e = vmref_over(o, r.t, r.i);
  return r;
}

/* A word with its flags set fits where it did. */
/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false;
     ensures PS(accessed(e)) == PS(e) && PS(dirtied(e)) == PS(e);
     ensures accessed(e) / 128 % 4 == e / 128 % 4 && dirtied(e) / 128 % 4 == e / 128 % 4;
     ensures accessed(e) / 8 % 4 == e / 8 % 4 && dirtied(e) / 8 % 4 == e / 8 % 4;
     ensures PS(e) == 1 ==> accessed(e) - 0x80 == accessed(e - 0x80) && dirtied(e) - 0x80 == dirtied(e - 0x80); @/
  static void lemma_apart(uint64_t e)
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
    /@ assert minus: PS(e) == 1 ==> A(e - 0x80) == A(e) && D(e - 0x80) == D(e); @/
  }
*/
/*@ ghost
  /@ requires covers(*s, t, i, e) && 2 <= s->level[t] <= 3 && g == f - 0x80 && PS(f) == 1 && \valid_read(s);
     requires large_run(*s, t, i, e - 0x80) ==> large_run(*s, t, i, g);
     requires large_device(*s, t, i, e - 0x80) ==> large_device(*s, t, i, g);
     requires giant_device(*s, t, i, e - 0x80) ==> giant_device(*s, t, i, g);
     terminates \true; assigns \nothing; exits \false;
     ensures covers(*s, t, i, f); @/
  static void lemma_covers(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e, uint64_t f, uint64_t g)
  {
    /@ assert two: s->level[t] == 2 ==> large_run(*s, t, i, e - 0x80) || large_device(*s, t, i, e - 0x80); @/
    /@ assert three: s->level[t] == 3 ==> giant_device(*s, t, i, e - 0x80); @/
  }
*/
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && covers(*s, t, i, e);
     requires f == accessed(e) || f == dirtied(e);
     terminates \true; assigns \nothing; exits \false;
     ensures covers(*s, t, i, f) && f != 0; @/
  static void lemma_flagged(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e, uint64_t f)
  {
    lemma_apart(e);
    vmref_lemma_flags(e);
    if (s->level[t] == 1) {
      /@ assert user: user_word(f); @/
      /@ assert device: device(*s, f, 1); @/
      /@ assert small: small_device(*s, t, i, e) && small_device(*s, t, i, f) && theirs(*s, t); @/
      /@ assert one: covers(*s, t, i, f); @/
      /@ assert some1: f != 0; @/
      return;
    }
    vmref_lemma_flags(e - 0x80);
    lemma_apart(e - 0x80);
    vmref_lemma_large(e);
    uint64_t g = f - 0x80;
    /@ assert g: g == accessed(e - 0x80) || g == dirtied(e - 0x80); @/
    /@ assert two: accessed(e - 0x80) <= 0xFFFFFFFFFFFFFFFF && dirtied(e - 0x80) <= 0xFFFFFFFFFFFFFFFF; @/
    /@ assert fa: g == accessed(e - 0x80) ==> P(g) == P(e - 0x80) && RW(g) == RW(e - 0x80) && XD(g) == XD(e - 0x80) && US(g) == US(e - 0x80)
         && prot(g) == prot(e - 0x80) && PFN(g) == PFN(e - 0x80) && g / 128 % 4 == (e - 0x80) / 128 % 4 && g / 8 % 4 == (e - 0x80) / 8 % 4; @/
    /@ assert fd: g == dirtied(e - 0x80) ==> P(g) == P(e - 0x80) && RW(g) == RW(e - 0x80) && XD(g) == XD(e - 0x80) && US(g) == US(e - 0x80)
         && prot(g) == prot(e - 0x80) && PFN(g) == PFN(e - 0x80) && g / 128 % 4 == (e - 0x80) / 128 % 4 && g / 8 % 4 == (e - 0x80) / 8 % 4; @/
    /@ assert fields: P(g) == P(e - 0x80) && RW(g) == RW(e - 0x80) && XD(g) == XD(e - 0x80) && US(g) == US(e - 0x80)
         && prot(g) == prot(e - 0x80) && PFN(g) == PFN(e - 0x80) && g / 128 % 4 == (e - 0x80) / 128 % 4 && g / 8 % 4 == (e - 0x80) / 8 % 4; @/
    /@ assert user2: user_word(e - 0x80) && user_word(g); @/
    /@ assert each: \forall integer l, j; of_run(l, e - 0x80, j) ==> of_run(l, g, j); @/
    /@ assert none: \forall integer l; untouched(*s, l, e - 0x80) ==> untouched(*s, l, g); @/
    /@ assert run0: run(*s, e - 0x80) ==> run(*s, g); @/
    /@ assert dev0: device(*s, e - 0x80, 512) ==> device(*s, g, 512); @/
    /@ assert dev1: device(*s, e - 0x80, 0x40000) ==> device(*s, g, 0x40000); @/
    /@ assert run: large_run(*s, t, i, e - 0x80) ==> large_run(*s, t, i, g); @/
    /@ assert large: large_device(*s, t, i, e - 0x80) ==> large_device(*s, t, i, g); @/
    /@ assert giant: giant_device(*s, t, i, e - 0x80) ==> giant_device(*s, t, i, g); @/
    /@ assert level: 2 <= s->level[t] <= 3; @/
    /@ assert pse: PS(e) == 1; @/
    /@ assert psf: PS(f) == 1; @/
    lemma_covers(s, t, i, e, f, g);
    /@ assert done: covers(*s, t, i, f); @/
    /@ assert some: f != 0; @/
  }
*/

/* Set the flags of a granted access in the word of its page. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && r.t < s->tables && r.i < 512;
    requires r.e != 0 && over(o, r.t, r.i) == r.e && write <= 1;
    terminates \true; exits \false; assigns o[2048 * r.t + 4 * r.i .. 2048 * r.t + 4 * r.i + 3];
    ensures huge: huge(*s, o);
    ensures flags: over(o, r.t, r.i) == (write == 1 ? dirtied(accessed(r.e)) : accessed(r.e)); */
static void mark_word(const struct vmref_sys *s, uint16_t *o, struct place r, uint8_t write)
{
  (void)s;
  uint64_t e = vmref_accessed(r.e);
  //@ ghost lemma_flagged(s, r.t, r.i, r.e, e);
  //@ ghost uint64_t f = e;
  //@ assert a: e == accessed(r.e);
  if (write) e = vmref_dirtied(e);
  //@ ghost if (write) lemma_flagged(s, r.t, r.i, f, e);
  //@ assert d: e == (write == 1 ? dirtied(accessed(r.e)) : accessed(r.e));
  vmref_over_set(o, r.t, r.i, e);
}

/* The access to a page of memory that is granted: the tables' flags, the byte. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && kind <= VMREF_FETCH;
    requires a < s->spaces && s->level[a] == 4;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_ENOMAP || \result.status == VMREF_EACCES
      || \result.status == VMREF_EMEM;
    ensures nomap: \result.status == VMREF_ENOMAP <==> va < 0x800000000000 && \old(leaf_at(*s, a, va)) == 0;
    ensures faulted: \result.faulted == 1 <==> va >= 0x800000000000 || !granted(\old(leaf_at(*s, a, va)), kind);
    ensures here: \result.status == VMREF_OK ==> va < 0x800000000000 && P(leaf_at(*s, a, va)) == 1;
    ensures read: \result.status == VMREF_OK && kind != VMREF_WRITE ==> \result.byte == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: \result.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures isolated: \result.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH
      || prot_S(prot(leaf_at(*s, a, va))) == 0 ==> isolated{Pre, Post}(*s, a); */
static struct vmref_outcome memory(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  //@ ghost vmref_lemma_tables(s);
  //@ ghost vmref_lemma_record(s);
  struct vmref_outcome r = vmref_user_access(s, a, va, kind, byte);
  if (r.faulted) {
    vmref_huge_settle(s, o);
    return r;
  }
  //@ ghost vmref_lemma_tables(s);
  //@ ghost vmref_lemma_record(s);
  /*@ assert up: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 2 ==>
        \at(under(*s, s->parent[u] / 512, s->parent[u] % 512), Pre) == under(*s, s->parent[u] / 512, s->parent[u] % 512); */
  /*@ assert down1: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && \at(under(*s, t, i), Pre) < s->tables ==>
        s->parent[\at(under(*s, t, i), Pre)] == 512 * t + i && 1 <= s->level[\at(under(*s, t, i), Pre)] <= 2; */
  /*@ assert down2: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && under(*s, t, i) < s->tables ==>
        s->parent[under(*s, t, i)] == 512 * t + i && 1 <= s->level[under(*s, t, i)] <= 2; */
  //@ ghost vmref_lemma_index();
  /*@ assert back1: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && \at(under(*s, t, i), Pre) < s->tables ==>
        s->parent[\at(under(*s, t, i), Pre)] / 512 == t && s->parent[\at(under(*s, t, i), Pre)] % 512 == i; */
  /*@ assert back2: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && under(*s, t, i) < s->tables ==>
        s->parent[under(*s, t, i)] / 512 == t && s->parent[under(*s, t, i)] % 512 == i; */
  /*@ assert now: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 2 ==> under(*s, s->parent[u] / 512, s->parent[u] % 512) == u; */
  /*@ assert then: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 2 ==> \at(under(*s, s->parent[u] / 512, s->parent[u] % 512), Pre) == u; */
  /*@ assert same1: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && 0 <= \at(under(*s, t, i), Pre) < s->tables ==>
        under(*s, t, i) == \at(under(*s, t, i), Pre); */
  /*@ assert same2: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && 0 <= under(*s, t, i) < s->tables ==>
        under(*s, t, i) == \at(under(*s, t, i), Pre); */
  /*@ assert bounds: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 ==>
        0 <= under(*s, t, i) <= s->tables && 0 <= \at(under(*s, t, i), Pre) <= s->tables; */
  /*@ assert above: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 ==> under(*s, t, i) == \at(under(*s, t, i), Pre); */
  /*@ assert below: \forall integer t, i; 0 <= t < s->tables && ix(i) && theirs(*s, t) && 2 <= s->level[t] <= 3 && under(*s, t, i) < s->tables ==>
        theirs(*s, under(*s, t, i)) && s->level[under(*s, t, i)] == s->level[t] - 1; */
  /*@ assert runs: \forall integer u, e; is_leaf(*s, u, 0) && all_of_run{Pre}(*s, u, e) ==> all_of_run{Here}(*s, u, e); */
  /*@ assert blank: \forall integer u, e; is_leaf(*s, u, 0) && all_untouched{Pre}(*s, u, e) ==> all_untouched{Here}(*s, u, e); */
  /*@ assert alone: \forall integer w; 0 <= w < s->tables && theirs(*s, w) && s->level[w] == 2 && first_alone{Pre}(*s, w) ==> first_alone{Here}(*s, w); */
  /*@ assert small: \forall integer t, i, e; is_leaf(*s, t, i) && small_device{Pre}(*s, t, i, e) ==> small_device{Here}(*s, t, i, e); */
  /*@ assert run2: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs(*s, t) && s->level[t] == 2 && large_run{Pre}(*s, t, i, e) ==> large_run{Here}(*s, t, i, e); */
  /*@ assert device2: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs(*s, t) && s->level[t] == 2 && large_device{Pre}(*s, t, i, e) ==> large_device{Here}(*s, t, i, e); */
  /*@ assert untouched3: \forall integer w, e; 0 <= w < s->tables && theirs(*s, w) && s->level[w] == 2 && under(*s, w, 0) < s->tables
        && untouched(*s, \at(at(*s, under(*s, w, 0), 0), Pre), e) ==> untouched(*s, at(*s, under(*s, w, 0), 0), e); */
  /*@ assert device3: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs(*s, t) && s->level[t] == 3 && giant_device{Pre}(*s, t, i, e) ==> giant_device{Here}(*s, t, i, e); */
  /*@ assert covers: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && covers{Pre}(*s, t, i, e) ==> covers{Here}(*s, t, i, e); */
  return r;
}

/* The page of 2 MiB at an address, which may be shared, becomes pages of 4 KiB: nobody sees a difference. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && kind <= VMREF_FETCH;
    requires a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures leaf: leaf_at(*s, a, va) == 0 <==> \old(leaf_at(*s, a, va)) == 0;
    ensures granted: granted(leaf_at(*s, a, va), kind) <==> granted(\old(leaf_at(*s, a, va)), kind);
    ensures shown: shown(*s, leaf_at(*s, a, va), va % 0x1000) == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures isolated: isolated{Pre, Post}(*s, a); */
static void part(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t va, uint8_t kind)
{
  (void)kind;
  //@ ghost vmref_lemma_way(s);
  //@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va));
  //@ ghost Before: ;
  vmref_huge_split(s, o, a, va / 0x200000 * 512);
  //@ ghost vmref_lemma_way(s);
  //@ assert way: t1(*s, a, i4(va), i3(va), i2(va)) == \at(t1(*s, a, i4(va), i3(va), i2(va)), Pre);
  //@ assert is: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> is_leaf(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va));
  //@ assert calm: calm(\at(leaf_at(*s, a, va), Pre), leaf_at(*s, a, va));
  //@ assert object: obj(*s, leaf_at(*s, a, va)) == \at(obj(*s, leaf_at(*s, a, va)), Pre);
  //@ assert isolated: isolated{Pre, Here}(*s, a);
}

/* What a word says of a page of a process. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && huge(*s, o) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
     requires word_of(*s, o, a, va, e);
     terminates \true; assigns \nothing; exits \false;
     ensures some: e != 0 ==> page_entry(*s, o, a, va) == e;
     ensures none: e == 0 ==> !at_device(*s, o, a, va); @/
  static void lemma_entry(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t va, uint64_t e)
  {
    vmref_lemma_way(s);
    vmref_lemma_fits(s);
    /@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va)); @/
    /@ assert leaf: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> is_leaf(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va))
         && fit_leaf(*s, leaf_at(*s, a, va)); @/
    /@ assert entry: e == 0 ==> page_entry(*s, o, a, va) == leaf_at(*s, a, va); @/
    /@ assert frames: P(leaf_at(*s, a, va)) == 1 ==> obj(*s, leaf_at(*s, a, va)) < s->frames && PFN(leaf_at(*s, a, va)) < devices(*s); @/
  }
*/
/*@ ghost
  /@ requires covers(*s, t, i, e) && \valid_read(s);
     terminates \true; assigns \nothing; exits \false; ensures P(e) == 1; @/
  static void lemma_present(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
  {
    if (e / 0x80 % 2 == 1) vmref_lemma_large(e);
  }
*/

struct vmref_huge_outcome vmref_huge_access(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  struct vmref_huge_outcome r = { 0 };
  if (a >= s->spaces || s->level[a] != 4) {
    r.access.status = VMREF_EINVAL;
    return r;
  }
  uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;
  struct vmref_walk w = vmref_huge_walk(s, o, a, va, kind);
  struct place at = { 0 };
  if (va < VMREF_USER_PAGES * 0x1000) {
    at = find(s, o, a, va);
    //@ ghost lemma_entry(s, o, a, va, at.e);
  }
  //@ assert covered: at.e != 0 ==> covers(*s, at.t, at.i, at.e) && va < 0x800000000000;
  //@ ghost if (at.e != 0) lemma_present(s, at.t, at.i, at.e);
  //@ assert known: at.e != 0 ==> page_entry(*s, o, a, va) == at.e && P(at.e) == 1;
  if (at.e != 0 && vmref_pfn(at.e) >= (uint64_t)s->tables + s->frames + s->kernel) {
    r.device = 1;
    if (w.rule != VMREF_RULE_OK) {
      r.access.status = VMREF_EACCES;
      r.access.vector = w.vector;
      r.access.error = w.error;
      r.access.faulted = 1;
      return r;
    }
    r.pa = w.pa;
    r.level = w.last;
    mark_word(s, o, at, write);
    return r;
  }
  //@ assert memory: va < 0x800000000000 ==> !at_device(*s, o, a, va);
  if (at.e != 0 && w.rule == VMREF_RULE_OK) mark_word(s, o, at, write);
  if (at.e != 0 && w.rule != VMREF_RULE_OK && write && vmref_leaf_prot(at.e) / 2 % 2 == 1) part(s, o, a, va, kind);
  //@ assert leaf: va < 0x800000000000 ==> (leaf_at(*s, a, va) == 0 <==> \at(leaf_at(*s, a, va), Pre) == 0);
  //@ assert granted: va < 0x800000000000 ==> (granted(leaf_at(*s, a, va), kind) <==> granted(\at(leaf_at(*s, a, va), Pre), kind));
  //@ assert shown: va < 0x800000000000 ==> shown(*s, leaf_at(*s, a, va), va % 0x1000) == \at(shown(*s, leaf_at(*s, a, va), va % 0x1000), Pre);
  //@ assert apart: isolated{Pre, Here}(*s, a);
  //@ ghost Ready: ;
  r.access = memory(s, o, a, va, kind, byte);
  /*@ assert steps: isolated{Ready, Here}(*s, a) ==> \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) ==>
        same_page{Pre, Ready}(*s, b, q) && same_page{Ready, Here}(*s, b, q); */
  /*@ assert pages: isolated{Ready, Here}(*s, a) ==> \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  //@ assert isolated: isolated{Ready, Here}(*s, a) ==> isolated{Pre, Here}(*s, a);
  if (r.access.status != VMREF_OK) return r;
  r.level = at.e != 0 && w.rule == VMREF_RULE_OK ? 2 : 1;
  r.pa = 0x1000 * vmref_pfn(vmref_page_leaf(s, a, va / 0x1000)) + va % 0x1000;
  return r;
}
