/* SPDX-License-Identifier: MIT */
/* Topic buddy: a block changes hands, and its place in the list of its size with it. */
#ifndef VMREF_BUDDY_LIST_H
#define VMREF_BUDDY_LIST_H
#include "buddy.h"

/* Powers of two. */
/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false;
     ensures \forall integer d; 0 <= d <= VMREF_BUDDY_ORDER ==> two_to(d + 1) == 2 * two_to(d) && 1 <= two_to(d) <= 0x400;
     ensures \forall integer d; 0 <= d <= VMREF_BUDDY_ORDER + 1 ==> 1 <= two_to(d) <= 0x800;
     ensures \forall integer d, e; 0 <= d <= e <= VMREF_BUDDY_ORDER + 1 ==> two_to(d) <= two_to(e); @/
  void vmref_lemma_two_to(void);
*/

/* A node is of one depth. */
/*@ ghost
  /@ requires \valid_read(b) && b->order <= VMREF_BUDDY_ORDER && of_depth(*b, n, d);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer e; of_depth(*b, n, e) ==> e == d;
     ensures 1 <= n < nodes(*b); @/
  void vmref_lemma_depth(const struct vmref_buddy *b, uint32_t n, uint8_t d);
*/

/* 2^d. */
/*@ requires d <= VMREF_BUDDY_ORDER + 1;
    terminates \true; assigns \nothing; exits \false; ensures \result == two_to(d); ensures 1 <= \result <= 0x800; */
uint32_t vmref_buddy_size(uint8_t d);

/* Free block n, of depth d, becomes used. */
/*@ requires \valid_read(b) && buddy(*b) && of_depth(*b, n, d) && b->node[n] == VMREF_BUDDY_FREE;
    terminates \true; exits \false;
    assigns b->node[n], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[d];
    ensures buddy: buddy(*b);
    ensures used: b->node[n] == VMREF_BUDDY_USED; */
void vmref_buddy_take(const struct vmref_buddy *b, uint32_t n, uint8_t d);

/* Used block n, whose buddy is not free, becomes free. */
/*@ requires \valid_read(b) && buddy(*b) && of_depth(*b, n, d) && b->node[n] == VMREF_BUDDY_USED;
    requires alone: n > 1 ==> b->node[n % 2 == 0 ? n + 1 : n - 1] != VMREF_BUDDY_FREE;
    terminates \true; exits \false;
    assigns b->node[n], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[d];
    ensures buddy: buddy(*b);
    ensures free: b->node[n] == VMREF_BUDDY_FREE; */
void vmref_buddy_give(const struct vmref_buddy *b, uint32_t n, uint8_t d);

/* The depth of a node. */
/*@ requires \valid_read(b) && b->order <= VMREF_BUDDY_ORDER && 1 <= n < nodes(*b);
    terminates \true; exits \false; assigns \nothing;
    ensures \result <= b->order && of_depth(*b, n, \result); */
uint8_t vmref_buddy_depth(const struct vmref_buddy *b, uint32_t n);
#endif
