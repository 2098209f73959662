/* SPDX-License-Identifier: MIT */
/* The walk of memory with words over entries of the tables. */
#include "huge_walk.h"

/* What a word of a page of some size is to the walk: at level 1 one of 4 KiB, at 2 of 2 MiB, at 3 of 1 GiB. */
/*@ ghost
  /@ requires runs(c, a) && 1 <= level <= 3 && PFN(e) < 0x10000000;
     requires level == 2 ==> PS(e) == 1 && PFN(e) % 512 == 0;
     requires level == 3 ==> PS(e) == 1 && PFN(e) % 0x40000 == 0;
     terminates \true; assigns \nothing; exits \false;
     ensures reserved(c, level, e) == VMREF_RULE_NONE && maps_page(c, level, e) == 1;
     ensures page_byte(VMREF_MODE_4LEVEL, level, e, va) == 0x1000 * PFN(e) + va % size_of(level); @/
  static void lemma_maps(struct vmref_cpu c, uint32_t a, uint64_t e, uint8_t level, uint64_t va)
  {
    vmref_lemma_width(c.maxphyaddr);
    /@ assert part1: e == 0x10000000000000 * (e / 0x10000000000000) + e % 0x10000000000000; @/
    /@ assert part2: e % 0x10000000000000 == 0x1000 * (e % 0x10000000000000 / 0x1000) + e % 0x10000000000000 % 0x1000; @/
    /@ assert shifted: e / 0x1000 == 0x10000000000 * (e / 0x10000000000000) + e % 0x10000000000000 / 0x1000; @/
    /@ assert top: PFN(e) == e % 0x10000000000000 / 0x1000; @/
    /@ assert small: e % 0x10000000000000 < 0x10000000000; @/
    /@ assert bits: address_bits(c.mode, e) == e % 0x10000000000000; @/
    /@ assert split: e / 0x1000 == 0x10000000000 * (e / 0x10000000000000) + PFN(e); @/
    /@ assert half: e / 0x2000 == e / 0x1000 / 2; @/
    /@ assert two: level == 2 ==> e / 0x2000 == 0x8000000000 * (e / 0x10000000000000) + PFN(e) / 2; @/
    /@ assert two2: level == 2 ==> e / 0x2000 % 0x100 == 0; @/
    /@ assert three: level == 3 ==> e / 0x2000 == 0x8000000000 * (e / 0x10000000000000) + PFN(e) / 2; @/
    /@ assert three2: level == 3 ==> e / 0x2000 % 0x20000 == 0; @/
    /@ assert large: e / 0x200000 == e / 0x1000 / 512; @/
    /@ assert large2: level == 2 ==> e / 0x200000 == 0x80000000 * (e / 0x10000000000000) + PFN(e) / 512; @/
    /@ assert large3: level == 2 ==> page_base(VMREF_MODE_4LEVEL, 2, e) == 0x1000 * PFN(e); @/
    /@ assert giant: e / 0x40000000 == e / 0x1000 / 0x40000; @/
    /@ assert giant2: level == 3 ==> e / 0x40000000 == 0x400000 * (e / 0x10000000000000) + PFN(e) / 0x40000; @/
    /@ assert giant3: level == 3 ==> page_base(VMREF_MODE_4LEVEL, 3, e) == 0x1000 * PFN(e); @/
  }
*/

/* What the word over an entry is: a page of that level's size. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && covers(*s, t, i, e);
     terminates \true; assigns \nothing; exits \false;
     ensures P(e) == 1 && US(e) == 1 && 1 <= s->level[t] <= 3 && PFN(e) < 0x10000000;
     ensures s->level[t] == 2 ==> PS(e) == 1 && PFN(e) % 512 == 0;
     ensures s->level[t] == 3 ==> PS(e) == 1 && PFN(e) % 0x40000 == 0;
     ensures run: PFN(e) < devices(*s) ==> s->level[t] == 2 && under(*s, t, i) < s->tables
       && \forall integer j; ix(j) ==> of_run(at(*s, under(*s, t, i), j), e, j); @/
  static void lemma_word(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
  {
    if (e / 0x80 % 2 == 1) vmref_lemma_large(e);
    if (s->level[t] == 2) {
      /@ assert two: large_run(*s, t, i, e - 0x80) || large_device(*s, t, i, e - 0x80); @/
      /@ assert apart: PFN(e) < devices(*s) ==> large_run(*s, t, i, e - 0x80); @/
      /@ assert each: PFN(e) < devices(*s) ==> \forall integer j; ix(j) ==> of_run(at(*s, under(*s, t, i), j), e - 0x80, j); @/
      /@ assert fields: RW(e) == RW(e - 0x80) && XD(e) == XD(e - 0x80) && prot(e) == prot(e - 0x80) && PFN(e) == PFN(e - 0x80); @/
      /@ assert same: \forall integer l, j; of_run(l, e - 0x80, j) ==> of_run(l, e, j); @/
    }
  }
*/

/*@ predicate asks(struct vmref_walk w, integer a, integer va, integer kind) =
      runs(w.cpu, a) && w.access.va == va && w.access.kind == kind && w.access.size == 1 && w.access.cpl == 3
      && w.access.implicit == 0 && w.access.ac == 0 && w.access.seg == VMREF_SEG_DS && va < 0x800000000000 && kind <= VMREF_FETCH;
    predicate on_way(struct vmref_walk w, integer level) =
      under_way(w) && w.level == level && w.rw == 1 && w.us == 1 && w.xd == 0; */

/* One level down, by an entry that links table u. */
/*@ requires \valid(w) && asks(*w, a, va, kind) && on_way(*w, level) && 2 <= level <= 4 && links(e, u) && u < 0x400000;
    terminates \true; exits \false; assigns *w;
    ensures asks(*w, a, va, kind) && on_way(*w, level - 1); */
static void go_down(struct vmref_walk *w, uint32_t a, uint64_t va, uint8_t kind, uint8_t level, uint64_t e, uint32_t u)
{
  (void)a; (void)va; (void)kind; (void)level; (void)u;
  //@ ghost vmref_lemma_link(w->cpu, a, e, u, level);
  vmref_walk_step(w, e);
}

/* The end, at an entry that is not present or maps a page. */
/*@ requires \valid(w) && asks(*w, a, va, kind) && on_way(*w, level) && 1 <= level <= 4;
    requires P(e) == 1 ==> level <= 3 && US(e) == 1 && PFN(e) < 0x10000000
      && (level == 2 ==> PS(e) == 1 && PFN(e) % 512 == 0) && (level == 3 ==> PS(e) == 1 && PFN(e) % 0x40000 == 0);
    terminates \true; exits \false; assigns *w;
    ensures access: w->access.va == va && w->access.kind == kind;
    ensures granted: w->rule == VMREF_RULE_OK <==> granted(e, kind);
    ensures fault: w->rule != VMREF_RULE_OK ==> w->vector == VMREF_VECTOR_PF && w->cr2 == va && w->error == user_error(e, kind);
    ensures reached: w->rule == VMREF_RULE_OK ==> w->last == level && level <= 3 && w->pa == 0x1000 * PFN(e) + va % size_of(level); */
static void end(struct vmref_walk *w, uint32_t a, uint64_t va, uint8_t kind, uint8_t level, uint64_t e)
{
  (void)a; (void)va; (void)kind; (void)level;
  //@ ghost if (e % 2 == 1) lemma_maps(w->cpu, a, e, level, va);
  vmref_walk_step(w, e);
  //@ assert code: w->error == error_code(w->cpu, w->access, w->rule, 0);
}

/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false;
     ensures va % 0x200000 == 0x1000 * i1(va) + va % 0x1000; @/
  static void lemma_offset(uint64_t va)
  {
    /@ assert va / 0x200000 == va / 0x1000 / 512; @/
    /@ assert va / 0x1000 == 512 * (va / 0x1000 / 512) + va / 0x1000 % 512; @/
  }
*/

/* What words stand over entries of the way. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && huge(*s, o) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
     terminates \true; assigns \nothing; exits \false;
     ensures three: word3(*s, o, a, va) != 0 ==> covers(*s, t3(*s, a, i4(va)), i3(va), word3(*s, o, a, va));
     ensures two: word2(*s, o, a, va) != 0 ==> covers(*s, t2(*s, a, i4(va), i3(va)), i2(va), word2(*s, o, a, va));
     ensures one: word1(*s, o, a, va) != 0 ==> covers(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va), word1(*s, o, a, va));
     ensures levels: (t3(*s, a, i4(va)) < s->tables ==> s->level[t3(*s, a, i4(va))] == 3)
       && (t2(*s, a, i4(va), i3(va)) < s->tables ==> s->level[t2(*s, a, i4(va), i3(va))] == 2)
       && (t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> s->level[t1(*s, a, i4(va), i3(va), i2(va))] == 1); @/
  static void lemma_words(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t va)
  {
    vmref_lemma_way(s);
    /@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va)); @/
    /@ assert t3: 0 <= t3(*s, a, i4(va)) <= s->tables; @/
    /@ assert t2: 0 <= t2(*s, a, i4(va), i3(va)) <= s->tables; @/
    /@ assert t1: 0 <= t1(*s, a, i4(va), i3(va), i2(va)) <= s->tables; @/
  }
*/

/* The page's entry and its level; and, where that is no device's, that its leaf says the same. */
/*@ predicate agrees(integer e, integer level, integer l, integer va) =
      P(l) == 1 && US(l) == 1 && RW(e) == RW(l) && XD(e) == XD(l)
      && 0x1000 * PFN(e) + va % size_of(level) == 0x1000 * PFN(l) + va % 0x1000;
    predicate is_found{L}(struct vmref_sys s, uint16_t *o, integer a, integer va, integer level, integer e) =
      P(e) == 1 ? (page_entry(s, o, a, va) == e && page_level(s, o, a, va) == level && US(e) == 1
                   && (PFN(e) < devices(s) ==> agrees(e, level, leaf_at(s, a, va), va)))
                : (P(page_entry(s, o, a, va)) == 0 && P(leaf_at(s, a, va)) == 0); */

/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing; ensures \result == at(*s, t, i); */
static uint64_t entry(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  return s->tab[512 * (uint64_t)t + i];
}

/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    requires a < s->spaces && s->level[a] == 4 && kind <= VMREF_FETCH && va < 0x800000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures access: \result.access.va == va && \result.access.kind == kind;
    ensures granted: \result.rule == VMREF_RULE_OK <==> granted(page_entry(*s, o, a, va), kind);
    ensures fault: \result.rule != VMREF_RULE_OK ==> \result.vector == VMREF_VECTOR_PF
      && \result.cr2 == va && \result.error == user_error(page_entry(*s, o, a, va), kind);
    ensures level: \result.rule == VMREF_RULE_OK ==> \result.last == page_level(*s, o, a, va);
    ensures reached: \result.rule == VMREF_RULE_OK ==>
      \result.pa == 0x1000 * PFN(page_entry(*s, o, a, va)) + va % size_of(page_level(*s, o, a, va));
    ensures found: is_found(*s, o, a, va, page_level(*s, o, a, va), page_entry(*s, o, a, va)); */
static struct vmref_walk walk_words(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t va, uint8_t kind)
{
  struct vmref_access x = { 0 };
  x.va = va;
  x.kind = kind;
  x.size = 1;
  x.cpl = 3;
  x.seg = VMREF_SEG_DS;
  struct vmref_cpu c = vmref_user_cpu(a);
  //@ ghost vmref_lemma_width(c.maxphyaddr);
  //@ assert valid: valid_cpu(c) && askable(c, x);
  //@ assert walks: before_walk(c, x) == VMREF_RULE_NONE;
  struct vmref_walk w;
  vmref_walk_start(&w, c, x);
  //@ assert begun: asks(w, a, va, kind) && on_way(w, 4);
  uint32_t j4 = (uint32_t)(va / 0x8000000000 % 512), j3 = (uint32_t)(va / 0x40000000 % 512);
  uint32_t j2 = (uint32_t)(va / 0x200000 % 512), j1 = (uint32_t)(va / 0x1000 % 512);
  //@ ghost lemma_words(s, o, a, va);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_fits(s);
  //@ assert page: page(*s, a, j4, j3, j2, j1) && page(*s, a, i4(va), i3(va), i2(va), i1(va));

  //@ ghost vmref_lemma_under(s, a);
  uint32_t x3 = vmref_table_under(s, a, j4);
  uint64_t e = entry(s, a, j4);
  //@ assert x3: x3 == t3(*s, a, i4(va)) && x3 <= s->tables && e == at(*s, a, j4) && owns(*s, a, j4);
  //@ assert e4: e == 0 || links(e, x3);
  if (x3 == s->tables) {
    //@ assert none4: is_found(*s, o, a, va, 4, e) && P(e) == 0;
    end(&w, a, va, kind, 4, e);
    return w;
  }
  go_down(&w, a, va, kind, 4, e, x3);

  e = vmref_over(o, x3, j3);
  //@ assert w3: e == word3(*s, o, a, va);
  if (e) { /* 1 GiB */
    //@ ghost lemma_word(s, x3, j3, e);
    //@ assert found3: is_found(*s, o, a, va, 3, e);
    end(&w, a, va, kind, 3, e);
    return w;
  }
  //@ assert own3: theirs(*s, x3) && s->level[x3] == 3 && owns(*s, x3, j3);
  //@ ghost vmref_lemma_under(s, x3);
  uint32_t x2 = vmref_table_under(s, x3, j3);
  e = entry(s, x3, j3);
  //@ assert x2: x2 == t2(*s, a, i4(va), i3(va)) && x2 <= s->tables && e == at(*s, x3, j3);
  //@ assert e3: e == 0 || links(e, x2);
  if (x2 == s->tables) {
    //@ assert none3: is_found(*s, o, a, va, 3, e) && P(e) == 0;
    end(&w, a, va, kind, 3, e);
    return w;
  }
  go_down(&w, a, va, kind, 3, e, x2);

  e = vmref_over(o, x2, j2);
  //@ assert w2: e == word2(*s, o, a, va);
  if (e) { /* 2 MiB */
    //@ ghost lemma_word(s, x2, j2, e);
    //@ ghost lemma_offset(va);
    //@ assert below: PFN(e) < devices(*s) ==> under(*s, x2, j2) == t1(*s, a, i4(va), i3(va), i2(va)) && leaf_at(*s, a, va) == at(*s, under(*s, x2, j2), j1);
    //@ assert leaf2: PFN(e) < devices(*s) ==> is_leaf(*s, under(*s, x2, j2), j1);
    //@ assert run2: PFN(e) < devices(*s) ==> of_run(leaf_at(*s, a, va), e, j1) && fit_leaf(*s, leaf_at(*s, a, va));
    //@ assert agree2: PFN(e) < devices(*s) ==> agrees(e, 2, leaf_at(*s, a, va), va);
    //@ assert found2: is_found(*s, o, a, va, 2, e);
    end(&w, a, va, kind, 2, e);
    return w;
  }
  //@ assert own2: theirs(*s, x2) && s->level[x2] == 2 && owns(*s, x2, j2);
  //@ ghost vmref_lemma_under(s, x2);
  uint32_t x1 = vmref_table_under(s, x2, j2);
  e = entry(s, x2, j2);
  //@ assert x1: x1 == t1(*s, a, i4(va), i3(va), i2(va)) && x1 <= s->tables && e == at(*s, x2, j2);
  //@ assert e2: e == 0 || links(e, x1);
  if (x1 == s->tables) {
    //@ assert none2: is_found(*s, o, a, va, 2, e) && P(e) == 0;
    end(&w, a, va, kind, 2, e);
    return w;
  }
  go_down(&w, a, va, kind, 2, e, x1);

  e = vmref_over(o, x1, j1);
  //@ assert w1: e == word1(*s, o, a, va);
  //@ ghost vmref_lemma_fits(s);
  //@ assert leaf: x1 < s->tables && is_leaf(*s, x1, j1) && fit_leaf(*s, at(*s, x1, j1)) && leaf_at(*s, a, va) == at(*s, x1, j1);
  if (e == 0) {
    e = entry(s, x1, j1);
    //@ assert plain: e == at(*s, x1, j1) && fit_leaf(*s, e);
    //@ assert present: P(e) == 1 ==> US(e) == 1 && obj(*s, e) < s->frames && obj(*s, e) == frame_of(*s, PFN(e));
    //@ assert mapped: P(e) == 1 ==> US(e) == 1 && s->tables <= PFN(e) < s->tables + s->frames;
    //@ assert found1: is_found(*s, o, a, va, 1, e);
  } else {
    //@ ghost lemma_word(s, x1, j1, e);
    //@ assert found0: is_found(*s, o, a, va, 1, e);
  }
  end(&w, a, va, kind, 1, e);
  return w;
}

struct vmref_walk vmref_huge_walk(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t va, uint8_t kind)
{
  if (va >= 0x800000000000) return vmref_user_walk(s, a, va, kind); /* no words there */
  struct vmref_walk w = walk_words(s, o, a, va, kind);
  return w;
}
