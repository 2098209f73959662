/* SPDX-License-Identifier: MIT */
/* The buddy allocator. Each step keeps the invariant: a free block becomes used, a used one free, a used
 * one is split so that its left half stays used, two halves become one used block. */
#include "buddy_list.h"

/* Used block n, of depth d, becomes its halves: the left one used, the right one free. */
/*@ requires \valid_read(b) && buddy(*b) && of_depth(*b, n, d) && d < b->order && b->node[n] == VMREF_BUDDY_USED;
    terminates \true; exits \false;
    assigns b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[d + 1];
    ensures buddy: buddy(*b);
    ensures left: of_depth(*b, 2 * n, d + 1) && b->node[2 * n] == VMREF_BUDDY_USED;
    ensures others: \forall integer m; m != n && m != 2 * n ==> (used(*b, m) <==> \old(used(*b, m)));
    ensures gone: !used(*b, n); */
static void split(const struct vmref_buddy *b, uint32_t n, uint8_t d)
{
  //@ ghost vmref_lemma_two_to();
  //@ ghost vmref_lemma_depth(b, n, d);
  //@ assert inner: 1 <= n < two_to(b->order) && nodes(*b) == 2 * two_to(b->order);
  //@ assert halves: halves(*b, n);
  b->node[n] = VMREF_BUDDY_SPLIT;
  b->node[2 * n] = VMREF_BUDDY_USED;
  b->node[2 * n + 1] = VMREF_BUDDY_USED;
  //@ assert deep: of_depth(*b, 2 * n, d + 1) && of_depth(*b, 2 * n + 1, d + 1);
  //@ assert was: \forall integer m; 1 <= m < nodes(*b) && m != n && m != 2 * n && m != 2 * n + 1 ==> b->node[m] == \at(b->node[m], Pre);
  //@ assert kids: \forall integer m; 1 <= m < two_to(b->order) ==> \at(halves(*b, m), Pre);
  //@ assert all: \forall integer m; 1 <= m < two_to(b->order) ==> halves(*b, m);
  //@ assert order: \forall integer m; 1 <= m < nodes(*b) ==> (b->node[m] == VMREF_BUDDY_FREE <==> \at(b->node[m], Pre) == VMREF_BUDDY_FREE);
  //@ assert lists: lists(*b);
  //@ assert root: b->node[1] != VMREF_BUDDY_NONE && \forall integer m; 1 <= m < nodes(*b) ==> b->node[m] <= VMREF_BUDDY_SPLIT;
  //@ assert single: \forall integer m; two_to(b->order) <= m < nodes(*b) ==> m != n && b->node[m] != VMREF_BUDDY_SPLIT;
  //@ assert blocks: blocks(*b);
  vmref_buddy_give(b, 2 * n + 1, (uint8_t)(d + 1));
}

/* The halves of n, of depth d, both used, become one used block. */
/*@ requires \valid_read(b) && buddy(*b) && of_depth(*b, n, d) && d < b->order && b->node[n] == VMREF_BUDDY_SPLIT;
    requires b->node[2 * n] == VMREF_BUDDY_USED && b->node[2 * n + 1] == VMREF_BUDDY_USED;
    terminates \true; exits \false;
    assigns b->node[n], b->node[2 * n .. 2 * n + 1];
    ensures buddy: buddy(*b);
    ensures whole: b->node[n] == VMREF_BUDDY_USED;
    ensures others: \forall integer m; m != n && m != 2 * n && m != 2 * n + 1 ==> (used(*b, m) <==> \old(used(*b, m)));
    ensures gone: !used(*b, 2 * n) && !used(*b, 2 * n + 1); */
static void join(const struct vmref_buddy *b, uint32_t n, uint8_t d)
{
  (void)d;
  //@ ghost vmref_lemma_two_to();
  //@ ghost vmref_lemma_depth(b, n, d);
  //@ assert inner: 1 <= n < two_to(b->order) && nodes(*b) == 2 * two_to(b->order);
  b->node[n] = VMREF_BUDDY_USED;
  b->node[2 * n] = VMREF_BUDDY_NONE;
  b->node[2 * n + 1] = VMREF_BUDDY_NONE;
  //@ assert was: \forall integer m; 1 <= m < nodes(*b) && m != n && m != 2 * n && m != 2 * n + 1 ==> b->node[m] == \at(b->node[m], Pre);
  //@ assert kids: \forall integer m; 1 <= m < two_to(b->order) ==> \at(halves(*b, m), Pre);
  //@ assert below: \forall integer m; (m == 2 * n || m == 2 * n + 1) && m < two_to(b->order) ==> 2 * m > 2 * n + 1 && halves(*b, m);
  //@ assert other: \forall integer m; 1 <= m < two_to(b->order) && m != n && m != 2 * n && m != 2 * n + 1 ==> 2 * m != 2 * n && halves(*b, m);
  //@ assert all: \forall integer m; 1 <= m < two_to(b->order) ==> halves(*b, m);
  //@ assert order: \forall integer m; 1 <= m < nodes(*b) ==> (b->node[m] == VMREF_BUDDY_FREE <==> \at(b->node[m], Pre) == VMREF_BUDDY_FREE);
  //@ assert lists: lists(*b);
  //@ assert blocks: blocks(*b);
}

void vmref_buddy_init(const struct vmref_buddy *b)
{
  //@ ghost vmref_lemma_two_to();
  uint32_t all = vmref_buddy_size((uint8_t)(b->order + 1));
  /*@ loop invariant 0 <= n <= all;
      loop invariant \forall integer m; 0 <= m < n ==> b->node[m] == VMREF_BUDDY_NONE && b->list[m] == m && b->place[m] == m;
      loop assigns n, b->node[0 .. all - 1], b->list[0 .. all - 1], b->place[0 .. all - 1];
      loop variant all - n; */
  for (uint32_t n = 0; n < all; n++) {
    b->node[n] = VMREF_BUDDY_NONE;
    b->list[n] = n;
    b->place[n] = (int32_t)n;
  }
  /*@ loop invariant 0 <= d <= b->order + 1;
      loop invariant \forall integer e; 0 <= e < d ==> b->free[e] == 0;
      loop assigns d, b->free[0 .. b->order]; loop variant b->order + 1 - d; */
  for (uint8_t d = 0; d <= b->order; d++) b->free[d] = 0;
  b->node[1] = VMREF_BUDDY_FREE;
  b->free[0] = 1;
  //@ assert first: \forall integer d, n; of_depth(*b, n, d) && d > 0 ==> n >= 2 && b->free[d] == 0;
  //@ assert root: \forall integer n; of_depth(*b, n, 0) ==> n == 1;
  //@ assert one: two_to(0) == 1 && b->node[1] == VMREF_BUDDY_FREE && b->place[1] == 1;
  //@ assert none: \forall integer n; 2 <= n < nodes(*b) ==> b->node[n] == VMREF_BUDDY_NONE;
  //@ assert inside: \forall integer d, n; of_depth(*b, n, d) ==> 1 <= n < nodes(*b);
  //@ assert order: \forall integer d, n; of_depth(*b, n, d) ==> (b->node[n] == VMREF_BUDDY_FREE <==> b->place[n] < two_to(d) + b->free[d]);
  //@ assert lists: lists(*b);
  //@ assert blocks: blocks(*b);
}

uint32_t vmref_buddy_alloc(const struct vmref_buddy *b, uint8_t k)
{
  uint8_t d = (uint8_t)(b->order - k), e = (uint8_t)(d + 1);
  //@ ghost vmref_lemma_two_to();
  /*@ loop invariant 0 <= e <= d + 1;
      loop invariant empty: \forall integer n, g; of_depth(*b, n, g) && e <= g <= d ==> b->node[n] != VMREF_BUDDY_FREE;
      loop assigns e; loop variant e; */
  while (e > 0 && b->free[e - 1] == 0) {
    e--;
    //@ assert no: \forall integer n; of_depth(*b, n, e) ==> b->place[n] >= two_to(e) && b->node[n] != VMREF_BUDDY_FREE;
  }
  if (e == 0) return 0;
  e--;
  uint32_t n = b->list[vmref_buddy_size(e)];
  //@ assert there: of_depth(*b, two_to(e), e) && of_depth(*b, n, e) && b->place[n] == two_to(e) && b->free[e] >= 1;
  //@ assert free: b->node[n] == VMREF_BUDDY_FREE;
  vmref_buddy_take(b, n, e);
  //@ assert first: \forall integer m; m != n ==> (used(*b, m) <==> \at(used(*b, m), Pre));
  /*@ loop invariant 0 <= e <= d && buddy(*b) && of_depth(*b, n, e) && used(*b, n);
      loop invariant fresh: \forall integer m; m == n ==> !\at(used(*b, m), Pre);
      loop invariant others: same_used{Pre, Here}(*b, n);
      loop assigns e, n, b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
      loop variant d - e; */
  while (e < d) {
    //@ ghost vmref_lemma_depth(b, n, e);
    //@ assert inner: n < two_to(b->order) && halves(*b, n);
    //@ assert fresh: !used(*b, 2 * n) && \forall integer m; m == 2 * n ==> !\at(used(*b, m), Pre);
    split(b, n, e);
    n = 2 * n;
    e++;
  }
  return n;
}

int vmref_buddy_free(const struct vmref_buddy *b, uint32_t n)
{
  //@ ghost vmref_lemma_two_to();
  if (n == 0 || n >= vmref_buddy_size((uint8_t)(b->order + 1)) || b->node[n] != VMREF_BUDDY_USED) return VMREF_EINVAL;
  uint8_t d = vmref_buddy_depth(b, n);
  //@ ghost uint32_t first = n;
  /*@ loop invariant 0 <= d <= b->order && buddy(*b) && of_depth(*b, n, d) && used(*b, n);
      loop invariant others: \forall integer m; m != n && m != first ==> (used(*b, m) <==> \at(used(*b, m), Pre));
      loop invariant gone: n <= first && (n != first ==> b->node[first] == VMREF_BUDDY_NONE);
      loop invariant fresh: n != first ==> \forall integer m; m == n ==> !\at(used(*b, m), Pre);
      loop assigns n, d, b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
      loop variant d; */
  while (d > 0) {
    uint32_t up = n / 2, other = n % 2 == 0 ? n + 1 : n - 1;
    //@ ghost vmref_lemma_depth(b, n, d);
    //@ assert deep: two_to(d) == 2 * two_to(d - 1) && two_to(d + 1) == 2 * two_to(d) && n >= 2;
    //@ assert two: (n == 2 * up && other == 2 * up + 1) || (n == 2 * up + 1 && other == 2 * up);
    //@ assert depth: of_depth(*b, other, d) && of_depth(*b, up, d - 1);
    //@ ghost vmref_lemma_depth(b, other, d);
    if (b->node[other] != VMREF_BUDDY_FREE) break;
    //@ assert inner: 1 <= up < two_to(b->order) && halves(*b, up) && b->node[up] == VMREF_BUDDY_SPLIT;
    //@ assert last: up < n <= first && other != first;
    vmref_buddy_take(b, other, d);
    //@ assert up: b->node[up] == VMREF_BUDDY_SPLIT && b->node[2 * up] == VMREF_BUDDY_USED && b->node[2 * up + 1] == VMREF_BUDDY_USED;
    //@ assert before: \forall integer m; m == up || m == other ==> !\at(used(*b, m), Pre);
    d--;
    join(b, up, d);
    n = up;
  }
  //@ assert others: \forall integer m; m != n ==> (used(*b, m) <==> m != first && \at(used(*b, m), Pre));
  //@ assert mine: n != first ==> \forall integer m; m == n ==> !\at(used(*b, m), Pre);
  //@ ghost vmref_lemma_depth(b, n, d);
  vmref_buddy_give(b, n, d);
  //@ assert rest: \forall integer m; m != n && m != first ==> (used(*b, m) <==> \at(used(*b, m), Pre));
  //@ assert end: \forall integer m; m != first ==> (used(*b, m) <==> \at(used(*b, m), Pre));
  return VMREF_OK;
}

uint8_t vmref_buddy_order(const struct vmref_buddy *b, uint32_t n)
{
  return (uint8_t)(b->order - vmref_buddy_depth(b, n));
}

/* The nodes that lie k levels below n are one after the other. */
/*@ ghost
  /@ requires k <= VMREF_BUDDY_ORDER + 1;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer x, n; 1 <= x && 1 <= n ==> (above(x, k) == n <==> left(n, k) <= x < left(n, k) + two_to(k)); @/
  static void lemma_left(uint8_t k)
  {
    vmref_lemma_two_to();
    /@ loop invariant 0 <= j <= k;
       loop invariant \forall integer x, n; 1 <= x && 1 <= n ==> (above(x, j) == n <==> left(n, j) <= x < left(n, j) + two_to(j));
       loop assigns j; loop variant k - j; @/
    for (uint8_t j = 0; j < k; j++) {
      /@ assert two: two_to(j + 1) == 2 * two_to(j); @/
      /@ assert up: \forall integer x; above(x, j + 1) == above(x / 2, j); @/
      /@ assert left: \forall integer n; left(n, j + 1) == 2 * left(n, j); @/
      /@ assert half: \forall integer x, l; 1 <= x ==> (l <= x / 2 < l + two_to(j) <==> 2 * l <= x < 2 * l + 2 * two_to(j)); @/
    }
  }
*/

uint32_t vmref_buddy_frame(const struct vmref_buddy *b, uint32_t n, uint8_t k)
{
  uint32_t x = n;
  //@ ghost vmref_lemma_two_to();
  //@ ghost lemma_left(k);
  /*@ loop invariant 0 <= j <= k && x == left(n, j) && of_depth(*b, x, b->order - k + j);
      loop assigns j, x; loop variant k - j; */
  for (uint8_t j = 0; j < k; j++) {
    //@ assert deeper: two_to(b->order - k + j + 1) == 2 * two_to(b->order - k + j) && two_to(b->order - k + j + 2) == 2 * two_to(b->order - k + j + 1);
    x *= 2;
  }
  //@ ghost vmref_lemma_depth(b, n, (uint8_t)(b->order - k));
  //@ assert one: \forall integer i; of_depth(*b, n, b->order - i) ==> i == k;
  //@ assert last: x + two_to(k) <= 2 * two_to(b->order);
  //@ assert around: \forall integer f; frame(*b, f) ==> (around(*b, f, k) == n <==> x - two_to(b->order) <= f < x - two_to(b->order) + two_to(k));
  return x - vmref_buddy_size(b->order);
}

/* The blocks that a node lies in, from one size to the next. */
/*@ ghost
  /@ requires k <= VMREF_BUDDY_ORDER;
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer x; 1 <= x ==> above(x, k + 1) == above(x, k) / 2; @/
  static void lemma_above(uint8_t k)
  {
    /@ loop invariant 0 <= j <= k;
       loop invariant \forall integer x; 1 <= x ==> above(x, j + 1) == above(x, j) / 2;
       loop assigns j; loop variant k - j; @/
    for (uint8_t j = 0; j < k; j++) {
      /@ assert up: \forall integer x; above(x, j + 1) == above(x / 2, j) && above(x, j + 2) == above(x / 2, j + 1); @/
      /@ assert one: above(1, j + 1) == above(0, j) && above(0, j + 1) == above(0, j); @/
    }
  }
*/

uint32_t vmref_buddy_of(const struct vmref_buddy *b, uint32_t f)
{
  uint32_t n = vmref_buddy_size(b->order) + f;
  //@ ghost vmref_lemma_two_to();
  //@ ghost uint8_t k = 0;
  //@ assert leaf: of_depth(*b, n, b->order);
  /*@ loop invariant 0 <= k <= b->order && n == around(*b, f, k) && of_depth(*b, n, b->order - k);
      loop invariant none: \forall integer j; 0 <= j < k ==> b->node[around(*b, f, j)] == VMREF_BUDDY_NONE;
      loop invariant kid: k > 0 ==> n < two_to(b->order) && (b->node[2 * n] == VMREF_BUDDY_NONE || b->node[2 * n + 1] == VMREF_BUDDY_NONE);
      loop assigns n, k; loop variant n; */
  while (b->node[n] == VMREF_BUDDY_NONE) {
    //@ ghost lemma_above(k);
    //@ assert root: k == b->order ==> n == 1;
    //@ assert half: n == 2 * (n / 2) || n == 2 * (n / 2) + 1;
    //@ assert deep: two_to(b->order - k) == 2 * two_to(b->order - k - 1) && two_to(b->order - k + 1) == 2 * two_to(b->order - k);
    n /= 2;
    //@ ghost k++;
  }
  //@ ghost vmref_lemma_depth(b, n, (uint8_t)(b->order - k));
  //@ assert whole: k > 0 ==> halves(*b, n);
  //@ assert block: used(*b, n) || unused(*b, n);
  //@ assert inside: inside(*b, f, n);
  /*@ ghost
    uint32_t m = n;
    /@ loop invariant k <= i <= b->order && m == around(*b, f, i) && of_depth(*b, m, b->order - i) && b->node[m] != VMREF_BUDDY_NONE;
       loop invariant above: \forall integer j; k < j <= i ==> b->node[around(*b, f, j)] == VMREF_BUDDY_SPLIT;
       loop assigns i, m; loop variant b->order - i; @/
    for (uint8_t i = k; i < b->order; i++) {
      lemma_above(i);
      /@ assert half: m == 2 * (m / 2) || m == 2 * (m / 2) + 1; @/
      /@ assert deep: two_to(b->order - i) == 2 * two_to(b->order - i - 1) && two_to(b->order - i + 1) == 2 * two_to(b->order - i); @/
      m /= 2;
      vmref_lemma_depth(b, m, (uint8_t)(b->order - i - 1));
      /@ assert split: halves(*b, m); @/
    }
  */
  //@ assert only: \forall integer j; 0 <= j <= b->order && j != k ==> !used(*b, around(*b, f, j)) && !unused(*b, around(*b, f, j));
  return n;
}
