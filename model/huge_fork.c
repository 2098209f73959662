/* SPDX-License-Identifier: MIT */
/* Fork where words stand over entries: the child's tables get the words of devices that its parent's have. */
#include "huge_fork.h"
#include "table_page.h"

/*@ // the table of space b that stands where table t of another space does
    logic integer counter{L}(struct vmref_sys s, integer b, integer t) =
      s.level[t] == 3 ? t3(s, b, n2(s, t) % 512) : s.level[t] == 2 ? t2(s, b, n3(s, t) % 512, n2(s, t) % 512) : twin(s, b, t);
    // a table of space a below its root
    predicate lower{L}(struct vmref_sys s, integer a, integer t) = 0 <= t < s.tables && s.owner[t] == a && 1 <= s.level[t] <= 3;
    // what a child has for a word of its parent
    logic integer inherited(struct vmref_sys s, integer e) = PFN(e) >= devices(s) ? e : 0; */

/* A counterpart's is the table itself, and what is linked below them at the same index stands at the same place. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && b < s->spaces;
     terminates \true; assigns \nothing; exits \false;
     ensures range: \forall integer t; lower(*s, a, t) ==> 0 <= counter(*s, b, t) <= s->tables;
     ensures back: \forall integer t; lower(*s, a, t) && counter(*s, b, t) < s->tables ==>
       lower(*s, b, counter(*s, b, t)) && s->level[counter(*s, b, t)] == s->level[t] && counter(*s, a, counter(*s, b, t)) == t;
     ensures step: \forall integer t, i; lower(*s, a, t) && ix(i) && under(*s, t, i) < s->tables && s->level[t] >= 2 ==>
       lower(*s, a, under(*s, t, i)) && s->level[under(*s, t, i)] == s->level[t] - 1
       && counter(*s, b, under(*s, t, i)) == under(*s, counter(*s, b, t), i);
     ensures three: \forall integer i4; page(*s, b, i4, 0, 0, 0) && t3(*s, b, i4) < s->tables ==>
       lower(*s, b, t3(*s, b, i4)) && counter(*s, a, t3(*s, b, i4)) == t3(*s, a, i4);
     ensures two: \forall integer i4, i3; page(*s, b, i4, i3, 0, 0) && t2(*s, b, i4, i3) < s->tables ==>
       lower(*s, b, t2(*s, b, i4, i3)) && counter(*s, a, t2(*s, b, i4, i3)) == t2(*s, a, i4, i3);
     ensures one: \forall integer i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1(*s, b, i4, i3, i2) < s->tables ==>
       lower(*s, b, t1(*s, b, i4, i3, i2)) && counter(*s, a, t1(*s, b, i4, i3, i2)) == t1(*s, a, i4, i3, i2); @/
  static void lemma_counter(const struct vmref_sys *s, uint32_t a, uint32_t b)
  {
    vmref_lemma_index();
    vmref_lemma_way(s);
    vmref_lemma_record(s);
    vmref_lemma_tables(s);
    /@ assert up: \forall integer t; 0 <= t < s->tables && 1 <= s->level[t] <= 3 ==>
         0 <= s->parent[t] < entries(*s) && s->owner[s->parent[t] / 512] == s->owner[t] && s->level[s->parent[t] / 512] == s->level[t] + 1; @/
    /@ assert ways3: \forall integer t; lower(*s, a, t) && s->level[t] == 3 ==> page(*s, b, n2(*s, t) % 512, 0, 0, 0) && n2(*s, t) / 512 == a; @/
    /@ assert ways2: \forall integer t; lower(*s, a, t) && s->level[t] == 2 ==> page(*s, b, n3(*s, t) % 512, n2(*s, t) % 512, 0, 0); @/
    /@ assert ways1: \forall integer t; lower(*s, a, t) && s->level[t] == 1 ==> page(*s, b, n4(*s, t) % 512, n3(*s, t) % 512, n2(*s, t) % 512, 0); @/
    /@ assert here3: \forall integer t; lower(*s, a, t) && s->level[t] == 3 ==> t3(*s, a, n2(*s, t) % 512) == t; @/
    /@ assert here2: \forall integer t; lower(*s, a, t) && s->level[t] == 2 ==> t2(*s, a, n3(*s, t) % 512, n2(*s, t) % 512) == t; @/
    /@ assert here1: \forall integer t; lower(*s, a, t) && s->level[t] == 1 ==> t1(*s, a, n4(*s, t) % 512, n3(*s, t) % 512, n2(*s, t) % 512) == t; @/
    /@ assert back3: \forall integer i4; page(*s, b, i4, 0, 0, 0) && t3(*s, b, i4) < s->tables ==> counter(*s, a, t3(*s, b, i4)) == t3(*s, a, i4); @/
    /@ assert back2: \forall integer i4, i3; page(*s, b, i4, i3, 0, 0) && t2(*s, b, i4, i3) < s->tables ==>
         counter(*s, a, t2(*s, b, i4, i3)) == t2(*s, a, i4, i3); @/
    /@ assert back1: \forall integer i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1(*s, b, i4, i3, i2) < s->tables ==>
         counter(*s, a, t1(*s, b, i4, i3, i2)) == t1(*s, a, i4, i3, i2); @/
    /@ assert below: \forall integer t, i; lower(*s, a, t) && ix(i) && under(*s, t, i) < s->tables && s->level[t] >= 2 ==>
         lower(*s, a, under(*s, t, i)) && s->level[under(*s, t, i)] == s->level[t] - 1 && n2(*s, under(*s, t, i)) == 512 * t + i
         && n2(*s, under(*s, t, i)) / 512 == t && n2(*s, under(*s, t, i)) % 512 == i; @/
    /@ assert above3: \forall integer t, i; lower(*s, a, t) && ix(i) && under(*s, t, i) < s->tables && s->level[t] >= 2 ==>
         n3(*s, under(*s, t, i)) == n2(*s, t); @/
    /@ assert above4: \forall integer t, i; lower(*s, a, t) && ix(i) && under(*s, t, i) < s->tables && s->level[t] >= 2 ==>
         n4(*s, under(*s, t, i)) == n3(*s, t); @/
    /@ assert step3: \forall integer t, i; lower(*s, a, t) && ix(i) && under(*s, t, i) < s->tables && s->level[t] == 3 ==>
         counter(*s, b, under(*s, t, i)) == under(*s, counter(*s, b, t), i); @/
    /@ assert step2: \forall integer t, i; lower(*s, a, t) && ix(i) && under(*s, t, i) < s->tables && s->level[t] == 2 ==>
         counter(*s, b, under(*s, t, i)) == under(*s, counter(*s, b, t), i); @/
  }
*/

/* A word of a device is not that of a run of page frames. */
/*@ ghost
  /@ requires \valid_read(s) && sized(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer e; 0 <= e && PS(e) == 1 ==> PFN(e - 0x80) == PFN(e);
     ensures \forall integer e; 0 <= e && PS(e) == 1 && PFN(e) >= devices(*s) ==> !run(*s, e - 0x80); @/
  static void lemma_no_run(const struct vmref_sys *s)
  {
    /@ assert low: \forall integer e; 0 <= e && PS(e) == 1 ==> 0x80 <= e % 0x100; @/
    /@ assert off: \forall integer e; 0 <= e && PS(e) == 1 ==> (e - 0x80) / 0x100 == e / 0x100; @/
    /@ assert kb: \forall integer e; 0 <= e && PS(e) == 1 ==> (e - 0x80) / 0x1000 == e / 0x1000; @/
    /@ assert number: \forall integer e; 0 <= e && PS(e) == 1 ==> PFN(e - 0x80) == PFN(e); @/
  }
*/

/* Where a word of a device may stand over a table of the parent, it may over the child's. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && b < s->spaces && twins(*s, a, b);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer t, i, e; lower(*s, a, t) && ix(i) && PFN(e) >= devices(*s) && 0 <= e && covers(*s, t, i, e) ==>
       counter(*s, b, t) < s->tables && covers(*s, counter(*s, b, t), i, e); @/
  static void lemma_fit(const struct vmref_sys *s, uint32_t a, uint32_t b)
  {
    lemma_counter(s, a, b);
    lemma_counter(s, b, a);
    lemma_no_run(s);
    vmref_lemma_fits(s);
    /@ assert tables: \forall integer t; leaf_table(*s, a, t) ==> lower(*s, a, t) && counter(*s, b, t) == twin(*s, b, t) && twin(*s, b, t) < s->tables
         && leaf_table(*s, b, twin(*s, b, t)) && twin(*s, a, twin(*s, b, t)) == t; @/
    /@ assert leaf: \forall integer t, i; leaf_table(*s, a, t) && ix(i) ==> same_mapping(*s, at(*s, t, i), at(*s, twin(*s, b, t), i)); @/
    /@ assert blank: \forall integer t, i, e; leaf_table(*s, a, t) && ix(i) && untouched(*s, at(*s, t, i), e) ==>
         untouched(*s, at(*s, twin(*s, b, t), i), e); @/
    /@ assert one: \forall integer t, i, e; leaf_table(*s, a, t) && ix(i) && small_device(*s, t, i, e) ==> small_device(*s, twin(*s, b, t), i, e); @/
    /@ assert all: \forall integer t, e; leaf_table(*s, a, t) && all_untouched(*s, t, e) ==> all_untouched(*s, twin(*s, b, t), e); @/
    /@ assert leaves: \forall integer t, i; lower(*s, a, t) && s->level[t] == 2 && ix(i) && under(*s, t, i) < s->tables ==>
         leaf_table(*s, a, under(*s, t, i)) && twin(*s, b, under(*s, t, i)) == under(*s, counter(*s, b, t), i); @/
    /@ assert two: \forall integer t, i, e; lower(*s, a, t) && s->level[t] == 2 && ix(i) && large_device(*s, t, i, e) ==>
         counter(*s, b, t) < s->tables && large_device(*s, counter(*s, b, t), i, e); @/
    /@ assert child: \forall integer w, j; lower(*s, b, w) && s->level[w] == 2 && ix(j) && under(*s, w, j) < s->tables ==>
         leaf_table(*s, b, under(*s, w, j)) && twin(*s, a, under(*s, w, j)) == under(*s, counter(*s, a, w), j); @/
    /@ assert empty: \forall integer w, j, k; lower(*s, b, w) && s->level[w] == 2 && counter(*s, a, w) < s->tables && first_alone(*s, counter(*s, a, w))
         && ix(j) && ix(k) && under(*s, w, j) < s->tables && !(j == 0 && k == 0) ==> at(*s, under(*s, w, j), k) == 0; @/
    /@ assert alone: \forall integer w; lower(*s, a, w) && s->level[w] == 2 && counter(*s, b, w) < s->tables && first_alone(*s, w) ==>
         first_alone(*s, counter(*s, b, w)); @/
    /@ assert middle: \forall integer t, i; lower(*s, a, t) && s->level[t] == 3 && ix(i) && under(*s, t, i) < s->tables ==>
         lower(*s, a, under(*s, t, i)) && s->level[under(*s, t, i)] == 2 && counter(*s, b, under(*s, t, i)) == under(*s, counter(*s, b, t), i); @/
    /@ assert three: \forall integer t, i, e; lower(*s, a, t) && s->level[t] == 3 && ix(i) && giant_device(*s, t, i, e) ==>
         counter(*s, b, t) < s->tables && giant_device(*s, counter(*s, b, t), i, e); @/
    /@ assert same: \forall integer t; lower(*s, a, t) && counter(*s, b, t) < s->tables ==>
         theirs(*s, counter(*s, b, t)) && s->level[counter(*s, b, t)] == s->level[t]; @/
    /@ assert fit1: \forall integer t, i, e; lower(*s, a, t) && s->level[t] == 1 && ix(i) && covers(*s, t, i, e) ==>
         counter(*s, b, t) < s->tables && covers(*s, counter(*s, b, t), i, e); @/
    /@ assert fit2: \forall integer t, i, e; lower(*s, a, t) && s->level[t] == 2 && ix(i) && 0 <= e && PFN(e) >= devices(*s) && covers(*s, t, i, e) ==>
         PS(e) == 1 && large_device(*s, t, i, e - 0x80) && counter(*s, b, t) < s->tables && covers(*s, counter(*s, b, t), i, e); @/
    /@ assert fit3: \forall integer t, i, e; lower(*s, a, t) && s->level[t] == 3 && ix(i) && covers(*s, t, i, e) ==>
         PS(e) == 1 && giant_device(*s, t, i, e - 0x80) && counter(*s, b, t) < s->tables && covers(*s, counter(*s, b, t), i, e); @/
  }
*/

/* The table of space b that stands where table t of another space does; `tables`: none. */
/*@ requires \valid_read(s) && inv(*s) && b < s->spaces && s->level[b] == 4 && t < s->tables && theirs(*s, t) && 1 <= s->level[t] <= 3;
    terminates \true; decreases 4 - s->level[t]; exits \false; assigns \nothing;
    ensures \result == counter(*s, b, t) && \result <= s->tables; */
static uint32_t counterpart(const struct vmref_sys *s, uint32_t b, uint32_t t)
{
  //@ ghost uint32_t a = (uint32_t)s->owner[t];
  //@ ghost lemma_counter(s, a, b);
  //@ ghost vmref_lemma_record(s);
  //@ assert up: 0 <= s->parent[t] < entries(*s) && s->owner[s->parent[t] / 512] == a && s->level[s->parent[t] / 512] == s->level[t] + 1;
  uint32_t up = (uint32_t)(s->parent[t] / 512), i = (uint32_t)(s->parent[t] % 512);
  //@ ghost vmref_lemma_way(s);
  if (s->level[t] == 3) return vmref_table_under(s, b, i);
  return vmref_table_under(s, counterpart(s, b, up), i);
}

/* The words of devices over table t, over table u, where there are none yet. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && t < s->tables && u < s->tables && t != u;
    requires none: \forall integer i; ix(i) ==> over(o, u, i) == 0;
    requires fit: \forall integer i; ix(i) && PFN(over(o, t, i)) >= devices(*s) ==> covers(*s, u, i, over(o, t, i));
    terminates \true; exits \false; assigns o[2048 * u .. 2048 * u + 2047];
    ensures huge: huge(*s, o);
    ensures words: \forall integer i; ix(i) ==> over(o, u, i) == inherited(*s, over(o, t, i));
    ensures others: \forall integer v, i; 0 <= v < s->tables && v != u && ix(i) ==> over(o, v, i) == \old(over(o, v, i)); */
static void inherit(const struct vmref_sys *s, uint16_t *o, uint32_t t, uint32_t u)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant huge: huge(*s, o);
      loop invariant done: \forall integer k; 0 <= k < i ==> over(o, u, k) == inherited(*s, over(o, t, k));
      loop invariant todo: \forall integer k; i <= k < 512 ==> over(o, u, k) == 0;
      loop invariant others: \forall integer v, k; 0 <= v < s->tables && v != u && ix(k) ==> over(o, v, k) == \at(over(o, v, k), Pre);
      loop assigns i, o[2048 * u .. 2048 * u + 2047]; loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++) {
    uint64_t e = vmref_over(o, t, i);
    //@ assert e: e == over(o, t, i) && e == \at(over(o, \at(t, Here), \at(i, Here)), Pre);
    if (vmref_pfn(e) >= (uint64_t)s->tables + s->frames + s->kernel) vmref_over_set(o, u, i, e);
  }
}

/* The words of devices of a for b, which has none yet. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && a < s->spaces && b < s->spaces && a != b;
    requires s->level[a] == 4 && s->level[b] == 4 && twins(*s, a, b);
    requires none: \forall integer u, i; lower(*s, b, u) && ix(i) ==> over(o, u, i) == 0;
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures huge: huge(*s, o);
    ensures words: \forall integer u, i; lower(*s, b, u) && ix(i) ==> over(o, u, i) == inherited(*s, word(*s, o, counter(*s, a, u), i));
    ensures others: \forall integer v, i; 0 <= v < s->tables && ix(i) && !lower(*s, b, v) ==> over(o, v, i) == \old(over(o, v, i)); */
static void inherit_all(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint32_t b)
{
  //@ ghost lemma_counter(s, b, a);
  //@ ghost lemma_fit(s, a, b);
  /*@ loop invariant 0 <= u <= s->tables;
      loop invariant huge: huge(*s, o);
      loop invariant done: \forall integer v, i; lower(*s, b, v) && v < u && ix(i) ==> over(o, v, i) == inherited(*s, word(*s, o, counter(*s, a, v), i));
      loop invariant todo: \forall integer v, i; lower(*s, b, v) && u <= v && ix(i) ==> over(o, v, i) == 0;
      loop invariant others: \forall integer v, i; 0 <= v < s->tables && ix(i) && !lower(*s, b, v) ==> over(o, v, i) == \at(over(o, v, i), Pre);
      loop assigns u, o[0 .. 4 * entries(*s) - 1]; loop variant s->tables - u; */
  for (uint32_t u = 0; u < s->tables; u++) {
    if (s->owner[u] != (int64_t)b || s->level[u] == 0 || s->level[u] == 4) continue;
    uint32_t t = counterpart(s, a, u);
    //@ assert theirs: t < s->tables ==> lower(*s, a, t) && counter(*s, b, t) == u && t != u;
    /*@ assert fit: t < s->tables ==> \forall integer i; ix(i) && PFN(over(o, t, i)) >= devices(*s) ==> over(o, t, i) != 0 && covers(*s, t, i, over(o, t, i))
          && covers(*s, u, i, over(o, t, i)); */
    //@ ghost Before: ;
    if (t < s->tables) inherit(s, o, t, u);
    /*@ assert before: \forall integer v, i; lower(*s, b, v) && v < u && ix(i) ==> word(*s, o, counter(*s, a, v), i) == \at(word(*s, o, counter(*s, a, v), i), Before); */
  }
}

/* Where an address has a device: by the words of devices alone. */
/*@ predicate by_words{L}(struct vmref_sys s, uint16_t *o, integer a, integer va, integer e3, integer e2, integer e1) =
         (at_device(s, o, a, va) <==> e3 != 0 || e2 != 0 || e1 != 0)
      && (at_device(s, o, a, va) ==> page_entry(s, o, a, va) == (e3 != 0 ? e3 : e2 != 0 ? e2 : e1)
            && page_level(s, o, a, va) == (e3 != 0 ? 3 : e2 != 0 ? 2 : 1)); */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 ==>
       by_words(*s, o, a, va, inherited(*s, word3(*s, o, a, va)), inherited(*s, word2(*s, o, a, va)), inherited(*s, word1(*s, o, a, va))); @/
  static void lemma_by_words(const struct vmref_sys *s, const uint16_t *o)
  {
    vmref_lemma_way(s);
    vmref_lemma_fits(s);
    lemma_no_run(s);
    /@ assert page: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 ==>
         page(*s, a, i4(va), 0, 0, 0) && page(*s, a, i4(va), i3(va), 0, 0) && page(*s, a, i4(va), i3(va), i2(va), 0) && ix(i1(va)); @/
    /@ assert way: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 ==> (t3(*s, a, i4(va)) < s->tables ==> 0 <= t3(*s, a, i4(va)) && s->level[t3(*s, a, i4(va))] == 3)
         && (t2(*s, a, i4(va), i3(va)) < s->tables ==> 0 <= t2(*s, a, i4(va), i3(va)) && s->level[t2(*s, a, i4(va), i3(va))] == 2)
         && (t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==> is_leaf(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va))); @/
    /@ assert covers: \forall integer t, i; 0 <= t < s->tables && ix(i) && over(o, t, i) != 0 ==> covers(*s, t, i, over(o, t, i)); @/
    /@ assert frame: \forall integer t, i; is_leaf(*s, t, i) && P(at(*s, t, i)) == 1 ==> obj(*s, at(*s, t, i)) < s->frames && PFN(at(*s, t, i)) < devices(*s); @/
    /@ assert here: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && t1(*s, a, i4(va), i3(va), i2(va)) < s->tables ==>
         leaf_at(*s, a, va) == at(*s, t1(*s, a, i4(va), i3(va), i2(va)), i1(va)); @/
    /@ assert gone: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && t1(*s, a, i4(va), i3(va), i2(va)) >= s->tables ==>
         leaf_at(*s, a, va) == 0 && P(leaf_at(*s, a, va)) == 0; @/
    /@ assert leaf: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && P(leaf_at(*s, a, va)) == 1 ==> PFN(leaf_at(*s, a, va)) < devices(*s); @/
    /@ assert unit: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> 0 <= over(o, t, i); @/
    /@ assert large: \forall integer e; 0 <= e && PS(e) == 1 ==> P(e - 0x80) == P(e); @/
    /@ assert any3: \forall integer t, i; 0 <= t < s->tables && ix(i) && s->level[t] == 3 && over(o, t, i) != 0 ==>
         PS(over(o, t, i)) == 1 && device(*s, over(o, t, i) - 0x80, 0x40000) && P(over(o, t, i)) == 1 && PFN(over(o, t, i)) >= devices(*s); @/
    /@ assert any2: \forall integer t, i; 0 <= t < s->tables && ix(i) && s->level[t] == 2 && over(o, t, i) != 0 ==>
         PS(over(o, t, i)) == 1 && user_word(over(o, t, i) - 0x80) && P(over(o, t, i)) == 1; @/
    /@ assert run2: \forall integer t, i; 0 <= t < s->tables && ix(i) && s->level[t] == 2 && over(o, t, i) != 0 && PFN(over(o, t, i)) < devices(*s) ==>
         under(*s, t, i) < s->tables && all_of_run(*s, under(*s, t, i), over(o, t, i) - 0x80); @/
    /@ assert run3: \forall integer t, i, j; 0 <= t < s->tables && ix(i) && ix(j) && s->level[t] == 2 && over(o, t, i) != 0 && PFN(over(o, t, i)) < devices(*s) ==>
         under(*s, t, i) < s->tables && of_run(at(*s, under(*s, t, i), j), over(o, t, i) - 0x80, j) && P(at(*s, under(*s, t, i), j)) == 1; @/
    /@ assert any1: \forall integer t, i; 0 <= t < s->tables && ix(i) && s->level[t] == 1 && over(o, t, i) != 0 ==>
         P(over(o, t, i)) == 1 && PFN(over(o, t, i)) >= devices(*s) && P(at(*s, t, i)) == 0; @/
    /@ assert three: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && word3(*s, o, a, va) != 0 ==>
         P(word3(*s, o, a, va)) == 1 && PFN(word3(*s, o, a, va)) >= devices(*s); @/
    /@ assert two: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && word2(*s, o, a, va) != 0 ==> P(word2(*s, o, a, va)) == 1; @/
    /@ assert one: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && word1(*s, o, a, va) != 0 ==>
         P(word1(*s, o, a, va)) == 1 && PFN(word1(*s, o, a, va)) >= devices(*s) && P(leaf_at(*s, a, va)) == 0; @/
    /@ assert run: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && word2(*s, o, a, va) != 0 && PFN(word2(*s, o, a, va)) < devices(*s) ==>
         P(leaf_at(*s, a, va)) == 1; @/
    /@ assert below: \forall integer a, va; 0 <= a < s->spaces && 0 <= va < 0x800000000000 && word2(*s, o, a, va) != 0 && PFN(word2(*s, o, a, va)) < devices(*s) ==>
         word1(*s, o, a, va) == 0; @/
  }
*/

/* The child's addresses have the devices of its parent's. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && a < s->spaces && b < s->spaces && twins(*s, a, b);
     requires \forall integer u, i; lower(*s, b, u) && ix(i) ==> over(o, u, i) == inherited(*s, word(*s, o, counter(*s, a, u), i));
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer va; 0 <= va < 0x800000000000 ==> inherited(*s, word3(*s, o, b, va)) == inherited(*s, word3(*s, o, a, va))
       && inherited(*s, word2(*s, o, b, va)) == inherited(*s, word2(*s, o, a, va)) && inherited(*s, word1(*s, o, b, va)) == inherited(*s, word1(*s, o, a, va)); @/
  static void lemma_child(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint32_t b)
  {
    vmref_lemma_way(s);
    lemma_counter(s, a, b);
    lemma_counter(s, b, a);
    lemma_fit(s, a, b);
    /@ assert page_a: \forall integer va; 0 <= va < 0x800000000000 ==>
         page(*s, a, i4(va), 0, 0, 0) && page(*s, a, i4(va), i3(va), 0, 0) && page(*s, a, i4(va), i3(va), i2(va), 0) && ix(i1(va)); @/
    /@ assert page_b: \forall integer va; 0 <= va < 0x800000000000 ==>
         page(*s, b, i4(va), 0, 0, 0) && page(*s, b, i4(va), i3(va), 0, 0) && page(*s, b, i4(va), i3(va), i2(va), 0) && ix(i1(va)); @/
    /@ assert unit: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> 0 <= over(o, t, i) <= 0xFFFFFFFFFFFFFFFF; @/
    /@ assert some: \forall integer t, i; lower(*s, a, t) && ix(i) && inherited(*s, over(o, t, i)) != 0 ==>
         PFN(over(o, t, i)) >= devices(*s) && over(o, t, i) != 0 && covers(*s, t, i, over(o, t, i)); @/
    /@ assert fit: \forall integer t, i; lower(*s, a, t) && ix(i) && PFN(over(o, t, i)) >= devices(*s) ==> 0 <= over(o, t, i) && covers(*s, t, i, over(o, t, i))
         && counter(*s, b, t) < s->tables && covers(*s, counter(*s, b, t), i, over(o, t, i)); @/
    /@ assert there: \forall integer t, i; lower(*s, a, t) && ix(i) && inherited(*s, over(o, t, i)) != 0 ==> counter(*s, b, t) < s->tables; @/
    /@ assert twice: \forall integer e; inherited(*s, inherited(*s, e)) == inherited(*s, e); @/
    /@ assert way: \forall integer va; 0 <= va < 0x800000000000 ==> 0 <= t3(*s, a, i4(va)) <= s->tables && 0 <= t3(*s, b, i4(va)) <= s->tables
         && 0 <= t2(*s, a, i4(va), i3(va)) <= s->tables && 0 <= t2(*s, b, i4(va), i3(va)) <= s->tables
         && 0 <= t1(*s, a, i4(va), i3(va), i2(va)) <= s->tables && 0 <= t1(*s, b, i4(va), i3(va), i2(va)) <= s->tables; @/
    /@ assert none3: \forall integer va; 0 <= va < 0x800000000000 && t3(*s, b, i4(va)) == s->tables ==> inherited(*s, word3(*s, o, a, va)) == 0; @/
    /@ assert none2: \forall integer va; 0 <= va < 0x800000000000 && t2(*s, b, i4(va), i3(va)) == s->tables ==> inherited(*s, word2(*s, o, a, va)) == 0; @/
    /@ assert none1: \forall integer va; 0 <= va < 0x800000000000 && t1(*s, b, i4(va), i3(va), i2(va)) == s->tables ==> inherited(*s, word1(*s, o, a, va)) == 0; @/
    /@ assert three: \forall integer va; 0 <= va < 0x800000000000 ==> inherited(*s, word3(*s, o, b, va)) == inherited(*s, word3(*s, o, a, va)); @/
    /@ assert two: \forall integer va; 0 <= va < 0x800000000000 ==> inherited(*s, word2(*s, o, b, va)) == inherited(*s, word2(*s, o, a, va)); @/
    /@ assert one: \forall integer va; 0 <= va < 0x800000000000 ==> inherited(*s, word1(*s, o, b, va)) == inherited(*s, word1(*s, o, a, va)); @/
  }
*/

int vmref_huge_fork(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint32_t b)
{
  if (a >= s->spaces || b >= s->spaces) return VMREF_EINVAL;
  //@ ghost lemma_by_words(s, o);
  //@ ghost vmref_lemma_way(s);
  /*@ assert page: \forall integer c, va; 0 <= c < s->spaces && 0 <= va < 0x800000000000 ==>
        page(*s, c, i4(va), 0, 0, 0) && page(*s, c, i4(va), i3(va), 0, 0) && page(*s, c, i4(va), i3(va), i2(va), 0) && ix(i1(va)); */
  /*@ assert levels: \forall integer c, va; 0 <= c < s->spaces && 0 <= va < 0x800000000000 ==>
        0 <= t3(*s, c, i4(va)) <= s->tables && (t3(*s, c, i4(va)) < s->tables ==> s->level[t3(*s, c, i4(va))] == 3)
        && 0 <= t2(*s, c, i4(va), i3(va)) <= s->tables && (t2(*s, c, i4(va), i3(va)) < s->tables ==> s->level[t2(*s, c, i4(va), i3(va))] == 2)
        && 0 <= t1(*s, c, i4(va), i3(va), i2(va)) <= s->tables; */
  vmref_huge_fold(s, o);
  //@ ghost Fold: ;
  //@ ghost vmref_lemma_tables(s);
  //@ assert leaf: \forall integer w, j; 0 <= w < s->tables && theirs(*s, w) && s->level[w] == 2 && ix(j) && under(*s, w, j) < s->tables ==> is_leaf(*s, under(*s, w, j), 0);
  int r = vmref_fork(s, a, b);
  //@ ghost Fork: ;
  //@ ghost vmref_lemma_fits(s);
  //@ ghost lemma_no_run(s);
  /*@ assert alive: \forall integer t; 0 <= t < s->tables && theirs{Fold}(*s, t) && \at(s->level[t], Fold) >= 1 ==> theirs(*s, t) && s->level[t] == \at(s->level[t], Fold); */
  /*@ assert under: \forall integer t, i; 0 <= t < s->tables && ix(i) && \at(s->level[t], Fold) >= 2 ==> under(*s, t, i) == \at(under(*s, t, i), Fold); */
  /*@ assert blank: \forall integer t, i, e; is_leaf{Fold}(*s, t, i) && untouched(*s, \at(at(*s, t, i), Fold), e) ==> untouched(*s, at(*s, t, i), e); */
  /*@ assert all: \forall integer t, e; is_leaf{Fold}(*s, t, 0) && all_untouched{Fold}(*s, t, e) ==> all_untouched{Fork}(*s, t, e); */
  /*@ assert zero: \forall integer t, i; is_leaf{Fold}(*s, t, i) && \at(at(*s, t, i), Fold) == 0 ==> at(*s, t, i) == 0; */
  /*@ assert alone: \forall integer w; 0 <= w < s->tables && theirs{Fold}(*s, w) && \at(s->level[w], Fold) == 2 && first_alone{Fold}(*s, w) ==> first_alone{Fork}(*s, w); */
  /*@ assert one: \forall integer t, i, e; is_leaf{Fold}(*s, t, i) && small_device{Fold}(*s, t, i, e) ==> small_device{Fork}(*s, t, i, e); */
  /*@ assert two: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs{Fold}(*s, t) && \at(s->level[t], Fold) == 2 && large_device{Fold}(*s, t, i, e) ==>
        large_device{Fork}(*s, t, i, e); */
  /*@ assert three: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && theirs{Fold}(*s, t) && \at(s->level[t], Fold) == 3 && giant_device{Fold}(*s, t, i, e) ==>
        giant_device{Fork}(*s, t, i, e); */
  /*@ assert covers: \forall integer t, i, e; 0 <= t < s->tables && ix(i) && PFN(e) >= devices(*s) && 0 <= e && covers{Fold}(*s, t, i, e) ==> covers{Fork}(*s, t, i, e); */
  vmref_huge_settle(s, o);
  /*@ assert words: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> inherited(*s, over(o, t, i)) == inherited(*s, \at(over(o, t, i), Pre)); */
  /*@ assert none: r == VMREF_OK ==> \forall integer u, i; lower(*s, b, u) && ix(i) ==> over(o, u, i) == 0; */
  if (r == VMREF_OK) {
    inherit_all(s, o, a, b);
    //@ ghost lemma_child(s, o, a, b);
  }
  //@ ghost vmref_lemma_way(s);
  //@ ghost lemma_by_words(s, o);
  /*@ assert kept: \forall integer t, i; 0 <= t < s->tables && ix(i) && (!lower(*s, b, t) || r != VMREF_OK) ==>
        inherited(*s, over(o, t, i)) == inherited(*s, \at(over(o, t, i), Pre)); */
  /*@ assert entries: \forall integer t, i; 0 <= t < s->tables && ix(i) && \at(s->level[t], Pre) >= 2 ==> under(*s, t, i) == \at(under(*s, t, i), Pre); */
  /*@ assert roots: \forall integer c; 0 <= c < s->spaces && (c != b || r != VMREF_OK) ==> s->level[c] == \at(s->level[c], Pre); */
  /*@ assert way3: \forall integer c, va; 0 <= c < s->spaces && (c != b || r != VMREF_OK) && 0 <= va < 0x800000000000 ==>
        t3(*s, c, i4(va)) == \at(t3(*s, c, i4(va)), Pre); */
  /*@ assert way2: \forall integer c, va; 0 <= c < s->spaces && (c != b || r != VMREF_OK) && 0 <= va < 0x800000000000 ==>
        t2(*s, c, i4(va), i3(va)) == \at(t2(*s, c, i4(va), i3(va)), Pre); */
  /*@ assert way1: \forall integer c, va; 0 <= c < s->spaces && (c != b || r != VMREF_OK) && 0 <= va < 0x800000000000 ==>
        t1(*s, c, i4(va), i3(va), i2(va)) == \at(t1(*s, c, i4(va), i3(va), i2(va)), Pre); */
  /*@ assert own: \forall integer c, va; 0 <= c < s->spaces && c != b && 0 <= va < 0x800000000000 ==>
        !lower(*s, b, t3(*s, c, i4(va))) && !lower(*s, b, t2(*s, c, i4(va), i3(va))) && !lower(*s, b, t1(*s, c, i4(va), i3(va), i2(va))); */
  /*@ assert same3: \forall integer c, va; 0 <= c < s->spaces && (c != b || r != VMREF_OK) && 0 <= va < 0x800000000000 ==>
        inherited(*s, word3(*s, o, c, va)) == inherited(*s, \at(word3(*s, o, c, va), Pre)); */
  /*@ assert same2: \forall integer c, va; 0 <= c < s->spaces && (c != b || r != VMREF_OK) && 0 <= va < 0x800000000000 ==>
        inherited(*s, word2(*s, o, c, va)) == inherited(*s, \at(word2(*s, o, c, va), Pre)); */
  /*@ assert same1: \forall integer c, va; 0 <= c < s->spaces && (c != b || r != VMREF_OK) && 0 <= va < 0x800000000000 ==>
        inherited(*s, word1(*s, o, c, va)) == inherited(*s, \at(word1(*s, o, c, va), Pre)); */
  /*@ assert pages: \forall integer c, q; 0 <= c < s->spaces && c != b && upage(q) ==> same_page{Pre, Fold}(*s, c, q) && same_page{Fold, Fork}(*s, c, q)
        && same_page{Fork, Here}(*s, c, q) && same_page{Pre, Here}(*s, c, q); */
  //@ assert isolated: isolated{Pre, Here}(*s, b);
  return r;
}
