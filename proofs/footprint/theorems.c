/* SPDX-License-Identifier: MIT */
/* Theorem: the count of spec/footprint.acsl is the number of regions that any of the
 * ranges touches, each counted once. Lemma functions: nothing here is run. */
#include "footprint.h"
/*@
  // does any of the ranges 0 .. n-1 touch region t? 1 or 0
  logic integer touched{L}(struct vmref_range *r, integer n, integer mode, integer k, integer t) =
    n <= 0 ? 0 :
    region(mode, k, r[n - 1].first) <= t && t <= region(mode, k, r[n - 1].last) ? 1 : touched(r, n - 1, mode, k, t);

  // how many of the regions 0 .. t-1 are touched
  logic integer number{L}(struct vmref_range *r, integer n, integer mode, integer k, integer t) =
    t <= 0 ? 0 : number(r, n, mode, k, t - 1) + touched(r, n, mode, k, t - 1);

  // the regions of sorted ranges, as far as counting needs them
  predicate in_order{L}(struct vmref_range *r, integer n, integer mode, integer k) =
       (\forall integer i; 0 <= i < n ==> 0 <= region(mode, k, r[i].first) <= region(mode, k, r[i].last))
    && (\forall integer i; 0 < i < n ==> region(mode, k, r[i - 1].last) <= region(mode, k, r[i].first));
*/

/* A higher address lies in no lower region. */
/*@ requires k <= 5 && a <= b;
    requires canonical(mode, a) == 1 && canonical(mode, b) == 1 && (is_long(mode) == 1 || b < 0x100000000);
    terminates \true; assigns \nothing; exits \false;
    ensures 0 <= region(mode, k, a) <= region(mode, k, b); */
void lemma_monotone(uint8_t mode, uint8_t k, uint64_t a, uint64_t b)
{
  //@ assert translated(mode, a) <= translated(mode, b);
}

/*@ requires k <= 5 && \valid_read(r + (0 .. n - 1)) && fit_ranges(r, n, mode);
    terminates \true; assigns \nothing; exits \false;
    ensures in_order(r, n, mode, k); */
void lemma_in_order(uint8_t mode, uint8_t k, const struct vmref_range *r, uint64_t n)
{
  /*@ loop invariant 0 <= i <= n;
      loop invariant \forall integer j; 0 <= j < i ==> 0 <= region(mode, k, r[j].first) <= region(mode, k, r[j].last);
      loop invariant \forall integer j; 0 < j < i ==> region(mode, k, r[j - 1].last) <= region(mode, k, r[j].first);
      loop assigns i;
      loop variant n - i; */
  for (uint64_t i = 0; i < n; i++) {
    //@ assert fit_range(mode, r[i]);
    lemma_monotone(mode, k, r[i].first, r[i].last);
    //@ assert above: i > 0 ==> fit_range(mode, r[i - 1]) && r[i - 1].last < r[i].first;
    if (i > 0) lemma_monotone(mode, k, r[i - 1].last, r[i].first);
  }
}

/* No range touches a region above the one where the last range ends. */
/*@ requires \valid_read(r + (0 .. n - 1)) && in_order(r, n, mode, k);
    requires n > 0 ==> t > region(mode, k, r[n - 1].last);
    terminates \true; assigns \nothing; exits \false;
    ensures touched(r, n, mode, k, t) == 0; */
void lemma_above(uint8_t mode, uint8_t k, const struct vmref_range *r, uint64_t n, uint64_t t)
{
  //@ ghost uint64_t i = n;
  /*@ ghost
    /@ loop invariant 0 <= i <= n && touched(r, n, mode, k, t) == touched(r, i, mode, k, t);
       loop invariant i > 0 ==> t > region(mode, k, r[i - 1].last);
       loop assigns i;
       loop variant i; @/
    while (i > 0) {
      /@ assert touched(r, i, mode, k, t) == touched(r, i - 1, mode, k, t); @/
      i--;
    } */
}

/* So from there on their number stays. */
/*@ requires \valid_read(r + (0 .. n - 1)) && in_order(r, n, mode, k) && from <= to;
    requires n > 0 ==> from > region(mode, k, r[n - 1].last);
    terminates \true; assigns \nothing; exits \false;
    ensures number(r, n, mode, k, to) == number(r, n, mode, k, from); */
void lemma_flat(uint8_t mode, uint8_t k, const struct vmref_range *r, uint64_t n, uint64_t from, uint64_t to)
{
  /*@ loop invariant from <= t <= to && number(r, n, mode, k, t) == number(r, n, mode, k, from);
      loop assigns t;
      loop variant to - t; */
  for (uint64_t t = from; t < to; t++) lemma_above(mode, k, r, n, t);
}

/* One more range changes nothing below its first region, */
/*@ requires \valid_read(r + (0 .. n)) && to <= region(mode, k, r[n].first) && n < 0xFFFFFFFFFFFFFFFF;
    terminates \true; assigns \nothing; exits \false;
    ensures number(r, n + 1, mode, k, to) == number(r, n, mode, k, to); */
void lemma_below(uint8_t mode, uint8_t k, const struct vmref_range *r, uint64_t n, uint64_t to)
{
  /*@ loop invariant 0 <= t <= to && number(r, n + 1, mode, k, t) == number(r, n, mode, k, t);
      loop assigns t;
      loop variant to - t; */
  for (uint64_t t = 0; t < to; t++) {
    //@ assert touched(r, n + 1, mode, k, t) == touched(r, n, mode, k, t);
  }
}

/* and touches all from there to its last. */
/*@ requires \valid_read(r + (0 .. n)) && from == region(mode, k, r[n].first) && n < 0xFFFFFFFFFFFFFFFF;
    requires from <= to <= region(mode, k, r[n].last) + 1;
    terminates \true; assigns \nothing; exits \false;
    ensures number(r, n + 1, mode, k, to) == number(r, n + 1, mode, k, from) + to - from; */
void lemma_within(uint8_t mode, uint8_t k, const struct vmref_range *r, uint64_t n, uint64_t from, uint64_t to)
{
  /*@ loop invariant from <= t <= to;
      loop invariant number(r, n + 1, mode, k, t) == number(r, n + 1, mode, k, from) + t - from;
      loop assigns t;
      loop variant to - t; */
  for (uint64_t t = from; t < to; t++) {
    //@ assert touched(r, n + 1, mode, k, t) == 1;
  }
}

/* The theorem. Above the last range's end no region is touched (lemma_above), so this is
 * the number of all that are. */
/*@ requires k <= 5 && \valid_read(r + (0 .. n - 1)) && fit_ranges(r, n, mode) && n > 0;
    terminates \true; assigns \nothing; exits \false;
    ensures number(r, n, mode, k, region(mode, k, r[n - 1].last) + 1) == regions(r, n, mode, k); */
void theorem_distinct(uint8_t mode, uint8_t k, const struct vmref_range *r, uint64_t n)
{
  uint64_t end = 0;
  lemma_in_order(mode, k, r, n);
  /*@ loop invariant 0 <= i <= n && (i == 0 ==> end == 0);
      loop invariant i > 0 ==> end == region(mode, k, r[i - 1].last) + 1;
      loop invariant number(r, i, mode, k, end) == regions(r, i, mode, k);
      loop assigns i, end;
      loop variant n - i; */
  for (uint64_t i = 0; i < n; i++) {
    uint64_t f = vmref_region(mode, k, r[i].first), l = vmref_region(mode, k, r[i].last);
    //@ assert order: f <= l && end <= f + 1 && in_order(r, i, mode, k);
    lemma_below(mode, k, r, i, f);
    lemma_within(mode, k, r, i, f, l + 1);
    if (end <= f) lemma_flat(mode, k, r, i, end, f);
    //@ assert shared: end > f ==> i > 0 && f == region(mode, k, r[i - 1].last) && touched(r, i, mode, k, f) == 1;
    //@ assert apart: number(r, i, mode, k, f) == regions(r, i, mode, k) - shares(r, i, mode, k);
    end = l + 1;
  }
}
