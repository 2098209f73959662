/* SPDX-License-Identifier: MIT */
/* LRU and Clock. */
#include "replace.h"

/* ---- notes ---- */
/*@ requires i <= 0x1000000000 && \valid_read(a + (i .. i + 3));
    terminates \true; assigns \nothing; exits \false;
    ensures \result == four(a, i); */
static uint64_t get4(const uint16_t *a, uint64_t i)
{
  return a[i] + 0x10000 * (uint64_t)a[i + 1] + 0x100000000 * (uint64_t)a[i + 2] + 0x1000000000000 * (uint64_t)a[i + 3];
}

/*@ requires i <= 0x1000000000 && \valid(a + (i .. i + 3));
    terminates \true; assigns a[i .. i + 3]; exits \false;
    ensures four(a, i) == x; */
static void put4(uint16_t *a, uint64_t i, uint64_t x)
{
  a[i] = (uint16_t)(x % 0x10000);
  a[i + 1] = (uint16_t)(x / 0x10000 % 0x10000);
  a[i + 2] = (uint16_t)(x / 0x100000000 % 0x10000);
  a[i + 3] = (uint16_t)(x / 0x1000000000000);
  //@ assert low: x % 0x100000000 == a[i] + 0x10000 * a[i + 1];
  //@ assert high: x / 0x100000000 == a[i + 2] + 0x10000 * a[i + 3];
}

void vmref_policy_use(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t f)
{
  uint64_t t = get4(p->note, 6 * (uint64_t)s->frames);
  if (t < UINT64_MAX) t++;
  put4(p->note, 6 * (uint64_t)s->frames, t);
  put4(p->note, 6 * (uint64_t)f, t);
}

/*@ requires i <= 0x1000000000 && \valid_read(a + (i .. i + 1));
    terminates \true; assigns \nothing; exits \false;
    ensures \result == two(a, i); */
static uint32_t get2(const uint16_t *a, uint64_t i)
{
  return a[i] + 0x10000 * (uint32_t)a[i + 1];
}

/*@ requires i <= 0x1000000000 && \valid(a + (i .. i + 1));
    terminates \true; assigns a[i .. i + 1]; exits \false;
    ensures two(a, i) == x; */
static void put2(uint16_t *a, uint64_t i, uint32_t x)
{
  a[i] = (uint16_t)(x % 0x10000);
  a[i + 1] = (uint16_t)(x / 0x10000);
}

void vmref_policy_came(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t f, uint32_t o)
{
  put2(p->note, 6 * (uint64_t)f + 4, o - s->frames + 1);
}

uint32_t vmref_policy_slot(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t f)
{
  uint32_t n = get2(p->note, 6 * (uint64_t)f + 4);
  return 1 <= n && n <= s->slots ? s->frames + (n - 1) : s->frames + s->slots;
}

uint32_t vmref_policy_hand(const struct vmref_sys *s, const struct vmref_policy *p)
{
  return get2(p->note, 6 * (uint64_t)s->frames + 4);
}

void vmref_policy_hand_set(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t h)
{
  put2(p->note, 6 * (uint64_t)s->frames + 4, h);
}

/* ---- LRU ---- */
uint32_t vmref_lru_frame(const struct vmref_sys *s, const struct vmref_policy *p)
{
  uint32_t best = s->frames;
  uint64_t when = 0;
  /*@ loop invariant f: 0 <= f <= s->frames;
      loop invariant none: best == s->frames ==> \forall integer g; 0 <= g < f ==> s->rc[g] == 0;
      loop invariant best: best != s->frames ==> best < f && s->rc[best] != 0 && when == used(*p, best)
        && \forall integer g; 0 <= g < f && s->rc[g] != 0 ==> when <= used(*p, g) && (when == used(*p, g) ==> best <= g);
      loop assigns f, best, when; loop variant s->frames - f; */
  for (uint32_t f = 0; f < s->frames; f++) {
    if (s->rc[f] == 0) continue;
    uint64_t t = get4(p->note, 6 * (uint64_t)f);
    //@ assert t: t == used(*p, f);
    if (best == s->frames || t < when) {
      best = f;
      when = t;
    }
  }
  return best;
}

/* ---- Clock ---- */
/* An entry without its accessed flag says the same otherwise. */
/*@ ghost
  /@ requires A(e) == 1;
     terminates \true; assigns \nothing; exits \false;
     ensures room: 0x20 <= e;
     ensures \let c = e - 0x20; P(c) == P(e) && RW(c) == RW(e) && US(c) == US(e) && XD(c) == XD(e) && PFN(c) == PFN(e)
       && prot(c) == prot(e) && A(c) == 0
       && (plain(e) ==> plain(c)); @/
  static void lemma_unaccessed(uint64_t e)
  {
    uint64_t q = e / 0x20, r = e % 0x20, h = q / 2;
    /@ assert odd: q == 2 * h + 1 && e == 0x20 * q + r; @/
    uint64_t c = e - 0x20;
    /@ assert c: c == 0x40 * h + r && e == 0x40 * h + 0x20 + r && r < 0x20; @/
    /@ assert c32: c / 0x20 == 2 * h && c % 0x20 == r; @/
    /@ assert c64: c / 0x40 == h && e / 0x40 == h; @/
    /@ assert two: c / 2 == 32 * h + r / 2 && e / 2 == 32 * h + 16 + r / 2; @/
    /@ assert four: c / 4 == 16 * h + r / 4 && e / 4 == 16 * h + 8 + r / 4; @/
    /@ assert eight: c / 8 == 8 * h + r / 8 && e / 8 == 8 * h + 4 + r / 8; @/
    /@ assert eight2: c / 128 == h / 2 && e / 128 == h / 2; @/
    /@ assert page: c / 0x1000 == h / 0x40 && e / 0x1000 == h / 0x40; @/
    /@ assert high: c / 0x10000000000000 == e / 0x10000000000000; @/
    /@ assert top: c / 0x8000000000000000 == e / 0x8000000000000000; @/
  }
*/

/* One leaf. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && obj(*s, at(*s, t, i)) < s->frames;
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures was: \result == 1 <==> \old(young_leaf(at(*s, t, i)));
    ensures flag: \result <= 1;
    ensures now: !young_leaf(at(*s, t, i));
    ensures none: \result == 0 ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]);
    ensures here: same_leaf{Pre, Post}(*s, t, i);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures same: same_tables{Pre, Post}(*s); */
static uint8_t leaf_age(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  //@ assert e: e == at(*s, t, i);
  if (e % 2 == 0 || e / 0x20 % 2 == 0) return 0;
  //@ ghost lemma_unaccessed(e);
  //@ ghost vmref_lemma_fits(s);
  //@ assert fits: fit_present(*s, e) && obj(*s, e - 0x20) == obj(*s, e) && fit_leaf(*s, e - 0x20) && e - 0x20 != 0;
  vmref_leaf_replace(s, t, i, e - 0x20, 0);
  return 1;
}

uint8_t vmref_frame_age(const struct vmref_sys *s, uint32_t f)
{
  uint8_t was = 0;
  uint32_t i = 0;
  //@ ghost vmref_lemma_ref(s);
  if (s->rc[f] <= 1) { // one leaf at most: known at once
    if (s->rc[f] == 0) {
      //@ ghost vmref_lemma_no_ref(s, f);
      //@ ghost vmref_lemma_apart(s, f);
      return 0;
    }
    uint64_t n = vmref_object_leaf(s, f);
    uint32_t t = (uint32_t)(n / 512);
    i = (uint32_t)(n % 512);
    //@ assert n: 512 * t + i == n && at(*s, t, i) == s->tab[n] && obj(*s, at(*s, t, i)) == f;
    //@ ghost vmref_lemma_only_ref(s, n);
    /*@ assert only: \forall integer u, j; is_leaf(*s, u, j) && !(u == t && j == i) ==> ref(*s, 512 * u + j) != f; */
    //@ assert leaf: is_leaf(*s, t, i);
    was = leaf_age(s, t, i);
    //@ assert gone: !young_leaf(at(*s, t, i));
    /*@ assert others: \forall integer u, j; is_leaf(*s, u, j) && !(u == t && j == i) ==> obj(*s, at(*s, u, j)) != f; */
    return was;
  }
  /*@ loop invariant t: 0 <= t <= s->tables;
      loop invariant inv: inv(*s) && was <= 1;
      loop invariant was: was == 1 <==> \exists integer u, j; is_leaf{Pre}(*s, u, j) && u < t && \at(obj(*s, at(*s, u, j)), Pre) == f
        && young_leaf(\at(at(*s, u, j), Pre));
      loop invariant none: was == 0 ==> \forall integer u, j; is_leaf(*s, u, j) ==> at(*s, u, j) == \at(at(*s, u, j), Pre);
      loop invariant done: \forall integer u, j; is_leaf(*s, u, j) && u < t && obj(*s, at(*s, u, j)) == f ==> !young_leaf(at(*s, u, j));
      loop invariant todo: \forall integer u, j; is_leaf(*s, u, j) && u >= t ==> at(*s, u, j) == \at(at(*s, u, j), Pre);
      loop invariant rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
      loop invariant leaves: \forall integer u, j; is_leaf(*s, u, j) ==> same_leaf{Pre, Here}(*s, u, j);
      loop invariant rest: \forall integer u, j; is_leaf(*s, u, j) && \at(obj(*s, at(*s, u, j)), Pre) != f ==> at(*s, u, j) == \at(at(*s, u, j), Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns t, i, was, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
        s->hint[0 .. hints(*s) - 1];
      loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    if (s->level[t] != 1 || (uint32_t)s->owner[t] == s->spaces) continue;
    /*@ loop invariant i: 0 <= i <= 512;
        loop invariant inv: inv(*s) && was <= 1;
        loop invariant was: was == 1 <==> \exists integer u, j; is_leaf{Pre}(*s, u, j) && (u < t || (u == t && j < i))
          && \at(obj(*s, at(*s, u, j)), Pre) == f && young_leaf(\at(at(*s, u, j), Pre));
        loop invariant none: was == 0 ==> \forall integer u, j; is_leaf(*s, u, j) ==> at(*s, u, j) == \at(at(*s, u, j), Pre);
        loop invariant done: \forall integer u, j; is_leaf(*s, u, j) && (u < t || (u == t && j < i)) && obj(*s, at(*s, u, j)) == f ==>
          !young_leaf(at(*s, u, j));
        loop invariant todo: \forall integer u, j; is_leaf(*s, u, j) && (u > t || (u == t && j >= i)) ==> at(*s, u, j) == \at(at(*s, u, j), Pre);
        loop invariant rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
        loop invariant leaves: \forall integer u, j; is_leaf(*s, u, j) ==> same_leaf{Pre, Here}(*s, u, j);
        loop invariant rest: \forall integer u, j; is_leaf(*s, u, j) && \at(obj(*s, at(*s, u, j)), Pre) != f ==>
          at(*s, u, j) == \at(at(*s, u, j), Pre);
        loop invariant same: same_tables{Pre, Here}(*s);
        loop assigns i, was, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
          s->hint[0 .. hints(*s) - 1];
        loop variant 512 - i; */
    for (i = 0; i < 512; i++) {
      //@ assert leaf: is_leaf(*s, t, i);
      if (vmref_leaf_object(s, s->tab[512 * (uint64_t)t + i]) == f && leaf_age(s, t, i) == 1) was = 1;
      //@ assert gone: obj(*s, at(*s, t, i)) == f ==> !young_leaf(at(*s, t, i));
    }
  }
  return was;
}

struct vmref_stop vmref_clock_frame(const struct vmref_sys *s, uint32_t h)
{
  struct vmref_stop r = { h, 0 };
  uint32_t n = s->frames;
  /*@ loop invariant k: 0 <= k <= n && r.frame < n && (k < n ==> ahead(*s, h, r.frame) == k) && (k == n ==> r.frame == h);
      loop invariant steps: r.steps == k;
      loop invariant inv: inv(*s);
      loop invariant rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
      loop invariant leaves: \forall integer t, i; is_leaf(*s, t, i) ==> same_leaf{Pre, Here}(*s, t, i);
      loop invariant passed: \forall integer f; 0 <= f < n && ahead(*s, h, f) < k ==> !young(*s, f) && (s->rc[f] == 0 || \at(young(*s, f), Pre));
      loop invariant ahead: \forall integer t, i; is_leaf(*s, t, i) && (\at(obj(*s, at(*s, t, i)), Pre) >= n
        || ahead(*s, h, \at(obj(*s, at(*s, t, i)), Pre)) >= k) ==> at(*s, t, i) == \at(at(*s, t, i), Pre);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns k, r, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
        s->hint[0 .. hints(*s) - 1];
      loop variant n - k; */
  for (uint32_t k = 0; k < n; k++) {
    uint8_t was = vmref_frame_age(s, r.frame);
    if (s->rc[r.frame] != 0 && was == 0) {
      /*@ assert rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre); */
      //@ assert old: !\at(young(*s, \at(r.frame, Here)), Pre);
      //@ assert chance: \at(second_chance(*s, h, \at(r.frame, Here), \at(r.steps, Here)), Pre);
      return r;
    }
    r.steps++;
    r.frame = r.frame + 1 == n ? 0 : r.frame + 1;
  }
  //@ assert valid: valid_sys(*s) && r.frame < n && n == s->frames;
  /*@ loop invariant valid: \valid_read(s->rc + r.frame);
      loop invariant k: n <= r.steps <= 2 * n && r.frame < n && (r.steps < 2 * n ==> ahead(*s, h, r.frame) == r.steps - n);
      loop invariant free: \forall integer f; 0 <= f < n && ahead(*s, h, f) < r.steps - n ==> s->rc[f] == 0;
      loop assigns r; loop variant 2 * n - r.steps; */
  while (s->rc[r.frame] == 0) {
    r.steps++;
    r.frame = r.frame + 1 == n ? 0 : r.frame + 1;
    //@ assert used: r.steps < 2 * n;
    //@ assert valid: \valid_read(s->rc + r.frame);
  }
  //@ assert chance: \at(second_chance(*s, h, \at(r.frame, Here), \at(r.steps, Here)), Pre);
  return r;
}
