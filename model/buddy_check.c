/* SPDX-License-Identifier: MIT */
#include "buddy_check.h"
#include "buddy_list.h"

/*@
  predicate list_fits{L}(struct vmref_buddy b, integer d) =
       0 <= b.free[d] <= two_to(d)
    && \forall integer x; of_depth(b, x, d) ==>
         of_depth(b, b.list[x], d) && b.place[b.list[x]] == x && of_depth(b, b.place[x], d) && b.list[b.place[x]] == x
         && (b.node[x] == VMREF_BUDDY_FREE <==> b.place[x] < two_to(d) + b.free[d]);
*/

/*@ requires \valid_read(b) && valid_buddy(*b) && 1 <= n < two_to(b->order);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> halves(*b, n); ensures \result <= 1; */
static uint8_t halves_fit(const struct vmref_buddy *b, uint32_t n)
{
  //@ ghost vmref_lemma_two_to();
  uint8_t l = b->node[2 * n], r = b->node[2 * n + 1];
  if (b->node[n] != VMREF_BUDDY_SPLIT) return l == VMREF_BUDDY_NONE && r == VMREF_BUDDY_NONE;
  return l != VMREF_BUDDY_NONE && r != VMREF_BUDDY_NONE && (l != VMREF_BUDDY_FREE || r != VMREF_BUDDY_FREE);
}

/*@ requires \valid_read(b) && valid_buddy(*b);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> blocks(*b); ensures \result <= 1; */
static uint8_t blocks_fit(const struct vmref_buddy *b)
{
  uint32_t half = vmref_buddy_size(b->order);
  //@ ghost vmref_lemma_two_to();
  if (b->node[1] == VMREF_BUDDY_NONE) return 0;
  /*@ loop invariant 1 <= n <= 2 * half;
      loop invariant kinds: \forall integer m; 1 <= m < n ==> b->node[m] <= VMREF_BUDDY_SPLIT;
      loop invariant inner: \forall integer m; 1 <= m < n && m < half ==> halves(*b, m);
      loop invariant single: \forall integer m; half <= m < n ==> b->node[m] != VMREF_BUDDY_SPLIT;
      loop assigns n; loop variant 2 * half - n; */
  for (uint32_t n = 1; n < 2 * half; n++) {
    if (b->node[n] > VMREF_BUDDY_SPLIT) return 0;
    if (n < half ? !halves_fit(b, n) : b->node[n] == VMREF_BUDDY_SPLIT) return 0;
  }
  return 1;
}

/*@ requires \valid_read(b) && valid_buddy(*b) && d <= b->order;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> list_fits(*b, d); ensures \result <= 1; */
static uint8_t list_fits_here(const struct vmref_buddy *b, uint8_t d)
{
  uint32_t first = vmref_buddy_size(d), end = 2 * first;
  //@ ghost vmref_lemma_two_to();
  //@ assert end: end == two_to(d + 1) && two_to(d + 1) <= nodes(*b);
  if (b->free[d] < 0 || b->free[d] > first) return 0;
  /*@ loop invariant first <= x <= end;
      loop invariant fits: \forall integer y; first <= y < x ==>
        of_depth(*b, b->list[y], d) && b->place[b->list[y]] == y && of_depth(*b, b->place[y], d) && b->list[b->place[y]] == y
        && (b->node[y] == VMREF_BUDDY_FREE <==> b->place[y] < two_to(d) + b->free[d]);
      loop assigns x; loop variant end - x; */
  for (uint32_t x = first; x < end; x++) {
    //@ assert here: of_depth(*b, x, d);
    uint32_t n = b->list[x];
    int32_t p = b->place[x];
    if (n < first || n >= end || p < 0 || (uint32_t)p < first || (uint32_t)p >= end) return 0;
    if (b->place[n] < 0 || (uint32_t)b->place[n] != x || b->list[p] != x) return 0;
    if ((b->node[x] == VMREF_BUDDY_FREE) != (p < (int64_t)first + b->free[d])) return 0;
  }
  return 1;
}

uint8_t vmref_buddy_check(const struct vmref_buddy *b)
{
  if (!blocks_fit(b)) return 0;
  /*@ loop invariant 0 <= d <= b->order + 1;
      loop invariant \forall integer e; 0 <= e < d ==> list_fits(*b, e);
      loop assigns d; loop variant b->order + 1 - d; */
  for (uint8_t d = 0; d <= b->order; d++)
    if (!list_fits_here(b, d)) {
      //@ assert wrong: !list_fits(*b, d);
      //@ assert out: lists(*b) ==> list_fits(*b, d);
      return 0;
    }
  //@ assert counts: \forall integer d; 0 <= d <= b->order ==> list_fits(*b, d) && 0 <= b->free[d] <= two_to(d);
  /*@ assert list: \forall integer d, x; of_depth(*b, x, d) ==> list_fits(*b, d) && of_depth(*b, b->list[x], d) && b->place[b->list[x]] == x; */
  /*@ assert place: \forall integer d, n; of_depth(*b, n, d) ==> list_fits(*b, d) && of_depth(*b, b->place[n], d) && b->list[b->place[n]] == n
        && (b->node[n] == VMREF_BUDDY_FREE <==> b->place[n] < two_to(d) + b->free[d]); */
  //@ assert lists: lists(*b);
  return 1;
}
