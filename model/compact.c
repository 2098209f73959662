/* SPDX-License-Identifier: MIT */
/* Pages to other frames. That there is room for each page that has to go follows from the count
 * of free frames alone. */
#include "compact.h"

/*@ ghost
  /@ requires 0 < y && x <= 1000 * y;
     terminates \true; assigns \nothing; exits \false;
     ensures x / y <= 1000; @/
  static void lemma_part(uint64_t x, uint32_t y)
  {
    uint64_t q = x / y;
    /@ assert q: q * y <= x; @/
    /@ assert more: q >= 1001 ==> (q - 1001) * y >= 0; @/
    /@ assert most: q >= 1001 ==> q * y >= 1001 * y; @/
  }
*/

struct vmref_fragments vmref_fragmentation(const struct vmref_sys *s)
{
  struct vmref_fragments r = { 0 };
  uint32_t run = 0; // free frames just below f
  /*@ loop invariant f: 0 <= f <= s->frames;
      loop invariant free: r.free == frees(*s, 0, f) && r.free <= f;
      loop invariant runs: r.runs == runs_below(*s, f) && r.runs <= f;
      loop invariant run: run <= f && (\forall integer k; f - run <= k < f ==> s->rc[k] == 0) && (run < f ==> s->rc[f - run - 1] != 0);
      loop invariant bound: run <= r.longest <= r.free;
      loop invariant longest: \forall integer k, n; free_run(*s, k, n) && k + n <= f ==> n <= r.longest;
      loop invariant some: \exists integer k; 0 <= k && k + r.longest <= f && free_run(*s, k, r.longest);
      loop assigns f, run, r.free, r.runs, r.longest; loop variant s->frames - f; */
  for (uint32_t f = 0; f < s->frames; f++) {
    if (s->rc[f] != 0) {
      run = 0;
      continue;
    }
    if (run == 0) r.runs++;
    r.free++;
    run++;
    //@ assert here: free_run(*s, f + 1 - run, run);
    if (run > r.longest) r.longest = run;
  }
  //@ ghost if (r.free != 0) lemma_part(1000 * (uint64_t)r.longest, r.free);
  //@ assert part: r.free != 0 ==> 1000 * r.longest / r.free <= 1000;
  r.index = r.free == 0 ? 0 : 1000 - (uint32_t)(1000 * (uint64_t)r.longest / r.free);
  return r;
}

/* Pages that show what they did, when each leaf does. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
       is_leaf(*s, table_of(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q));
     ensures \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); @/
  static void lemma_pages(const struct vmref_sys *s)
  {
    vmref_lemma_leaves(s);
    vmref_lemma_pages(0);
  }
*/

int vmref_page_move(const struct vmref_sys *s, uint32_t a, uint64_t p, uint32_t to)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= VMREF_USER_PAGES) return VMREF_EINVAL;
  uint32_t t = vmref_page_table(s, a, p), i = (uint32_t)(p % 512);
  uint64_t e = t == s->tables ? 0 : s->tab[512 * (uint64_t)t + i];
  if (e == 0) return VMREF_ENOMAP;
  uint32_t o = vmref_leaf_object(s, e);
  if (o >= s->frames || to >= s->frames || s->rc[to] != 0) return VMREF_EINVAL;
  //@ ghost lemma_pages(s);
  //@ ghost vmref_lemma_ref(s);
  //@ assert mine: at(*s, t, i) == e && ref(*s, 512 * t + i) == o;
  //@ ghost vmref_lemma_only_ref(s, 512 * (uint64_t)t + i);
  vmref_object_move(s, o, to);
  //@ ghost lemma_pages(s);
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert now: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert seen: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)); */
  return VMREF_OK;
}

/* Free frames of a window, counted from either end. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && a <= b <= c <= s->frames;
     terminates \true; assigns \nothing; exits \false;
     ensures split: frees(*s, a, c) == frees(*s, a, b) + frees(*s, b, c);
     ensures bounds: 0 <= frees(*s, a, b) <= b - a;
     ensures none: (\forall integer f; a <= f < b ==> s->rc[f] != 0) ==> frees(*s, a, b) == 0;
     ensures all: (\forall integer f; a <= f < b ==> s->rc[f] == 0) ==> frees(*s, a, b) == b - a; @/
  static void lemma_frees(const struct vmref_sys *s, uint32_t a, uint32_t b, uint32_t c)
  {
    uint32_t k = a;
    /@ loop invariant a <= k <= b;
       loop invariant 0 <= frees(*s, a, k) <= k - a;
       loop invariant (\forall integer f; a <= f < k ==> s->rc[f] != 0) ==> frees(*s, a, k) == 0;
       loop invariant (\forall integer f; a <= f < k ==> s->rc[f] == 0) ==> frees(*s, a, k) == k - a;
       loop assigns k; loop variant b - k; @/
    while (k < b) k++;
    k = b;
    /@ loop invariant b <= k <= c;
       loop invariant frees(*s, a, k) == frees(*s, a, b) + frees(*s, b, k);
       loop assigns k; loop variant c - k; @/
    while (k < c) k++;
  }
*/

/* The first of the n frames with the most free ones among them. */
/*@ requires \valid_read(s) && valid_sys(*s) && 1 <= n <= s->frames;
    terminates \true; assigns \nothing; exits \false;
    ensures \result + n <= s->frames;
    ensures best: \forall integer w; 0 <= w && w + n <= s->frames ==> frees_from(*s, w, n) <= frees_from(*s, \result, n); */
static uint32_t best_window(const struct vmref_sys *s, uint32_t n)
{
  uint32_t have = 0, best = 0, at = 0;
  /*@ loop invariant 0 <= f <= n && have == frees(*s, 0, f) && have <= f;
      loop assigns f, have; loop variant n - f; */
  for (uint32_t f = 0; f < n; f++)
    if (s->rc[f] == 0) have++;
  best = have;
  //@ assert first: have == frees_from(*s, 0, n);
  /*@ loop invariant w: 0 <= w <= s->frames - n;
      loop invariant have: have == frees_from(*s, w, n) && have <= n;
      loop invariant at: at <= w && best == frees_from(*s, at, n);
      loop invariant most: \forall integer k; 0 <= k <= w ==> frees_from(*s, k, n) <= best;
      loop assigns w, have, best, at; loop variant s->frames - w; */
  for (uint32_t w = 0; w < s->frames - n; ) {
    //@ ghost lemma_frees(s, w, w + 1, w + n);
    //@ ghost lemma_frees(s, w + 1, w + n, w + n + 1);
    //@ assert head: frees(*s, w, w + 1) == free_at(*s, w);
    //@ assert tail: frees(*s, w + n, w + n + 1) == free_at(*s, w + n);
    have -= s->rc[w] == 0;
    have += s->rc[w + n] == 0;
    //@ assert now: have == frees_from(*s, w + 1, n);
    w++;
    if (have > best) {
      best = have;
      at = w;
    }
  }
  return at;
}

/* A free frame outside of the window of n frames from w on; there is none below `from`. */
/*@ requires \valid_read(s) && valid_sys(*s) && w + n <= s->frames && from <= s->frames;
    requires below: \forall integer k; 0 <= k < from && !(w <= k < w + n) ==> s->rc[k] != 0;
    requires some: frees(*s, 0, w) + frees(*s, w + n, s->frames) >= 1;
    terminates \true; assigns \nothing; exits \false;
    ensures \result < s->frames && s->rc[\result] == 0 && !(w <= \result < w + n);
    ensures below: \forall integer k; 0 <= k < \result && !(w <= k < w + n) ==> s->rc[k] != 0; */
static uint32_t outside(const struct vmref_sys *s, uint32_t w, uint32_t n, uint32_t from)
{
  uint32_t f = from;
  /*@ loop invariant f <= s->frames;
      loop invariant below: \forall integer k; 0 <= k < f && !(w <= k < w + n) ==> s->rc[k] != 0;
      loop assigns f; loop variant s->frames - f; */
  while (f < s->frames && (s->rc[f] != 0 || (w <= f && f < w + n))) f++;
  //@ ghost lemma_frees(s, 0, w, w);
  //@ ghost lemma_frees(s, w + n, s->frames, s->frames);
  return f;
}

/* A page goes from one frame to a free one: what that does to the counts of free frames. */
/*@ requires \valid_read(s) && inv(*s) && from < s->frames && to < s->frames && s->rc[from] != 0 && s->rc[to] == 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[4096 * to .. 4096 * to + 4095];
    ensures inv: inv(*s);
    ensures rc: s->rc[from] == 0 && s->rc[to] != 0 && \forall integer o; 0 <= o < objects(*s) && o != from && o != to ==> s->rc[o] == \old(s->rc[o]);
    ensures frees: \forall integer b; 0 <= b <= s->frames ==>
      frees(*s, 0, b) == \old(frees(*s, 0, b)) + (from < b ? 1 : 0) - (to < b ? 1 : 0);
    ensures zero1: \forall integer t, i; is_leaf(*s, t, i) && at(*s, t, i) == 0 ==> \old(at(*s, t, i)) == 0;
    ensures zero2: \forall integer t, i; is_leaf(*s, t, i) && \old(at(*s, t, i)) == 0 ==> at(*s, t, i) == 0;
    ensures prots: \forall integer t, i; is_leaf(*s, t, i) ==> prot(at(*s, t, i)) == \old(prot(at(*s, t, i)));
    ensures shown: \forall integer t, i, k; is_leaf(*s, t, i) && 0 <= k < 4096 ==>
      shown(*s, at(*s, t, i), k) == \old(shown(*s, at(*s, t, i), k));
    ensures same: same_tables{Pre, Post}(*s); */
static void move(const struct vmref_sys *s, uint32_t from, uint32_t to)
{
  vmref_object_move(s, from, to);
  /*@ ghost
    uint32_t b = 0;
    /@ loop invariant b <= s->frames;
       loop invariant \forall integer c; 0 <= c <= b ==>
         frees(*s, 0, c) == \at(frees(*s, 0, c), Pre) + (from < c ? 1 : 0) - (to < c ? 1 : 0);
       loop assigns b; loop variant s->frames - b; @/
    while (b < s->frames) {
      /@ assert now: frees(*s, 0, b + 1) == frees(*s, 0, b) + free_at(*s, b); @/
      /@ assert then: \at(frees(*s, 0, \at(b, Here) + 1), Pre) == \at(frees(*s, 0, \at(b, Here)) + free_at(*s, \at(b, Here)), Pre); @/
      b++;
    }
  */
  /*@ assert views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Here}(*s, t, i); */
}

struct vmref_compacted vmref_compact(const struct vmref_sys *s, uint32_t n)
{
  struct vmref_compacted r = { VMREF_EINVAL, 0, 0 };
  if (n == 0 || n > s->frames) return r;
  uint32_t free = 0;
  /*@ loop invariant 0 <= f <= s->frames && free == frees(*s, 0, f) && free <= f;
      loop assigns f, free; loop variant s->frames - f; */
  for (uint32_t f = 0; f < s->frames; f++)
    if (s->rc[f] == 0) free++;
  r.status = VMREF_EMEM;
  if (free < n) return r;
  uint32_t w = best_window(s, n), to = 0;
  //@ ghost lemma_frees(s, w, w, w + n);
  //@ assert begun: frees(*s, w, w) == 0;
  /*@ loop invariant f: w <= f <= w + n;
      loop invariant inv: inv(*s);
      loop invariant total: frees(*s, 0, s->frames) == free;
      loop invariant done: \forall integer k; w <= k < f ==> s->rc[k] == 0;
      loop invariant todo: \forall integer k; f <= k < w + n ==> s->rc[k] == \at(s->rc[k], Pre);
      loop invariant moved: r.moved <= f - w && r.moved == f - w - \at(frees(*s, \at(w, Here), \at(f, Here)), Pre);
      loop invariant to: to <= s->frames;
      loop invariant below: \forall integer k; 0 <= k < to && !(w <= k < w + n) ==> s->rc[k] != 0;
      loop invariant zero1: \forall integer t, i; is_leaf(*s, t, i) && at(*s, t, i) == 0 ==> \at(at(*s, t, i), Pre) == 0;
      loop invariant zero2: \forall integer t, i; is_leaf(*s, t, i) && \at(at(*s, t, i), Pre) == 0 ==> at(*s, t, i) == 0;
      loop invariant prots: \forall integer t, i; is_leaf(*s, t, i) ==> prot(at(*s, t, i)) == \at(prot(at(*s, t, i)), Pre);
      loop invariant shown: \forall integer t, i, k; is_leaf(*s, t, i) && 0 <= k < 4096 ==>
        shown(*s, at(*s, t, i), k) == \at(shown(*s, at(*s, t, i), k), Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns f, to, r.moved, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
        s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
      loop variant w + n - f; */
  for (uint32_t f = w; f < w + n; f++) {
    if (s->rc[f] == 0) continue;
    //@ ghost lemma_frees(s, 0, w, s->frames);
    //@ ghost lemma_frees(s, w, w + n, s->frames);
    //@ ghost lemma_frees(s, w, f, w + n);
    //@ ghost lemma_frees(s, f, f + 1, w + n);
    //@ ghost lemma_frees(s, f + 1, w + n, w + n);
    //@ assert used: frees(*s, f, f + 1) == 0;
    //@ assert room: frees(*s, w, w + n) < n;
    to = outside(s, w, n, to);
    move(s, f, to);
    //@ assert below: \forall integer k; 0 <= k < to && !(w <= k < w + n) ==> s->rc[k] != 0;
    r.moved++;
  }
  r.status = VMREF_OK;
  r.first = w;
  //@ assert moved: r.moved == n - \at(frees_from(*s, \at(w, Here), \at(n, Here)), Pre);
  //@ ghost lemma_pages(s);
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  return r;
}
