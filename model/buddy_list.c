/* SPDX-License-Identifier: MIT */
#include "buddy_list.h"

/*@ ghost
  void vmref_lemma_two_to(void)
  {
    /@ assert t1: two_to(0) == 1 && two_to(1) == 2 && two_to(2) == 4 && two_to(3) == 8; @/
    /@ assert t2: two_to(4) == 16 && two_to(5) == 32 && two_to(6) == 64 && two_to(7) == 128; @/
    /@ assert t3: two_to(8) == 256 && two_to(9) == 512 && two_to(10) == 1024 && two_to(11) == 2048; @/
    /@ assert next: \forall integer d; 0 <= d <= VMREF_BUDDY_ORDER ==> two_to(d + 1) == 2 * two_to(d); @/
    /@ loop invariant 0 <= e <= VMREF_BUDDY_ORDER + 1;
       loop invariant \forall integer d; 0 <= d <= e ==> 1 <= two_to(d) <= two_to(e);
       loop assigns e; loop variant VMREF_BUDDY_ORDER + 1 - e; @/
    for (uint32_t e = 0; e < VMREF_BUDDY_ORDER + 1; e++) {
      /@ assert step: two_to(e + 1) == 2 * two_to(e); @/
    }
    /@ loop invariant 0 <= e <= VMREF_BUDDY_ORDER + 2;
       loop invariant \forall integer d, g; 0 <= d <= g < e ==> two_to(d) <= two_to(g);
       loop assigns e; loop variant VMREF_BUDDY_ORDER + 2 - e; @/
    for (uint32_t e = 0; e < VMREF_BUDDY_ORDER + 2; e++) {
      /@ assert below: e >= 1 ==> two_to(e) == 2 * two_to(e - 1); @/
    }
  }
*/

uint32_t vmref_buddy_size(uint8_t d)
{
  uint32_t n = 1;
  //@ ghost vmref_lemma_two_to();
  /*@ loop invariant 0 <= i <= d && n == two_to(i) && n <= 0x800;
      loop assigns i, n; loop variant d - i; */
  for (uint8_t i = 0; i < d; i++) n *= 2;
  return n;
}

/*@ ghost
  void vmref_lemma_depth(const struct vmref_buddy *b, uint32_t n, uint8_t d)
  {
    vmref_lemma_two_to();
    /@ assert up: \forall integer e; d < e <= b->order ==> two_to(d + 1) <= two_to(e); @/
    /@ assert down: \forall integer e; 0 <= e < d ==> two_to(e + 1) <= two_to(d); @/
  }
*/

/* Two nodes of a depth change places in the list. */
/*@ requires \valid_read(b) && buddy(*b) && of_depth(*b, n, d) && of_depth(*b, m, d);
    requires same: b->node[n] == VMREF_BUDDY_FREE <==> b->node[m] == VMREF_BUDDY_FREE;
    terminates \true; exits \false;
    assigns b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1];
    ensures buddy: buddy(*b);
    ensures moved: b->place[n] == \old(b->place[m]) && b->place[m] == \old(b->place[n]); */
static void swap(const struct vmref_buddy *b, uint32_t n, uint32_t m, uint8_t d)
{
  (void)d;
  //@ ghost vmref_lemma_two_to();
  //@ ghost vmref_lemma_depth(b, n, d);
  //@ ghost vmref_lemma_depth(b, m, d);
  int32_t x = b->place[n], y = b->place[m];
  //@ assert bounds: of_depth(*b, x, d) && of_depth(*b, y, d);
  b->list[x] = m;
  b->list[y] = n;
  b->place[n] = y;
  b->place[m] = x;
}

void vmref_buddy_take(const struct vmref_buddy *b, uint32_t n, uint8_t d)
{
  //@ ghost vmref_lemma_two_to();
  //@ ghost vmref_lemma_depth(b, n, d);
  uint32_t base = vmref_buddy_size(d), last = base + (uint32_t)b->free[d] - 1;
  //@ assert some: b->free[d] >= 1 && of_depth(*b, last, d);
  swap(b, n, b->list[last], d);
  //@ assert there: b->place[n] == last;
  b->node[n] = VMREF_BUDDY_USED;
  b->free[d]--;
  //@ assert only: \forall integer m; of_depth(*b, m, d) && m != n ==> b->place[m] != last;
  //@ assert apart: \forall integer e, m; of_depth(*b, m, e) && e != d ==> m != n;
  //@ assert order: \forall integer e, m; of_depth(*b, m, e) ==> (b->node[m] == VMREF_BUDDY_FREE <==> b->place[m] < two_to(e) + b->free[e]);
  //@ assert lists: lists(*b);
  /*@ assert parent: \forall integer m; 1 <= m < two_to(b->order) ==> halves(*b, m); */
  //@ assert blocks: blocks(*b);
}

void vmref_buddy_give(const struct vmref_buddy *b, uint32_t n, uint8_t d)
{
  //@ ghost vmref_lemma_two_to();
  //@ ghost vmref_lemma_depth(b, n, d);
  //@ assert below: n < nodes(*b) && nodes(*b) == 2 * two_to(b->order);
  //@ assert half: n > 1 ==> 1 <= n / 2 < two_to(b->order) && (n == 2 * (n / 2) || n == 2 * (n / 2) + 1);
  //@ assert is: n > 1 ==> halves(*b, n / 2);
  //@ assert up: n > 1 ==> b->node[n / 2] == VMREF_BUDDY_SPLIT;
  uint32_t base = vmref_buddy_size(d), next = base + (uint32_t)b->free[d];
  //@ assert room: next <= b->place[n];
  //@ assert next: of_depth(*b, next, d);
  swap(b, n, b->list[next], d);
  //@ assert there: b->place[n] == next;
  b->node[n] = VMREF_BUDDY_FREE;
  b->free[d]++;
  //@ assert only: \forall integer m; of_depth(*b, m, d) && m != n ==> b->place[m] != next;
  //@ assert apart: \forall integer e, m; of_depth(*b, m, e) && e != d ==> m != n;
  //@ assert order: \forall integer e, m; of_depth(*b, m, e) ==> (b->node[m] == VMREF_BUDDY_FREE <==> b->place[m] < two_to(e) + b->free[e]);
  //@ assert bound: \forall integer e; 0 <= e <= b->order ==> 0 <= b->free[e] <= two_to(e);
  //@ assert lists: lists(*b);
  //@ assert split: n > 1 ==> b->node[n / 2] == VMREF_BUDDY_SPLIT;
  //@ assert even: n > 1 && n % 2 == 0 ==> n == 2 * (n / 2) && b->node[n + 1] != VMREF_BUDDY_FREE;
  //@ assert odd: n > 1 && n % 2 == 1 ==> n == 2 * (n / 2) + 1 && b->node[n - 1] != VMREF_BUDDY_FREE;
  //@ ghost uint32_t h = n / 2;
  //@ assert both: n > 1 ==> b->node[2 * h] != VMREF_BUDDY_NONE && b->node[2 * h + 1] != VMREF_BUDDY_NONE;
  //@ assert left: n > 1 && n % 2 == 0 ==> n == 2 * h && b->node[2 * h + 1] != VMREF_BUDDY_FREE;
  //@ assert right: n > 1 && n % 2 == 1 ==> n == 2 * h + 1 && b->node[2 * h] != VMREF_BUDDY_FREE;
  //@ assert one: n > 1 ==> b->node[2 * h] != VMREF_BUDDY_FREE || b->node[2 * h + 1] != VMREF_BUDDY_FREE;
  //@ assert above: n > 1 ==> halves(*b, h);
  /*@ assert other: \forall integer m; 1 <= m < two_to(b->order) && m != h ==> 2 * m != n && 2 * m + 1 != n; */
  /*@ assert parent: \forall integer m; 1 <= m < two_to(b->order) ==> halves(*b, m); */
  //@ assert blocks: blocks(*b);
}

uint8_t vmref_buddy_depth(const struct vmref_buddy *b, uint32_t n)
{
  uint8_t d = 0;
  //@ ghost vmref_lemma_two_to();
  /*@ loop invariant 0 <= d <= b->order && two_to(d) <= n;
      loop assigns d; loop variant b->order - d; */
  while (d < b->order && vmref_buddy_size((uint8_t)(d + 1)) <= n) d++;
  return d;
}
