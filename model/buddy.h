/* SPDX-License-Identifier: MIT */
/* Topic buddy: contiguous frames for the kernel, in blocks of 2^k. A block is split in two halves, buddies,
 * when a smaller one is wanted; two that are both free become one again. The free blocks of a size
 * are in a list. Knuth, TAOCP 1, 2.5; Linux, mm/page_alloc.c. */
#ifndef VMREF_BUDDY_H
#define VMREF_BUDDY_H
#include "types.h"

#define VMREF_BUDDY_ORDER 10 /* the most frames: 2^10, 4 MiB */

/* What a node of the tree is. */
#define VMREF_BUDDY_NONE  0 /* part of a greater block, or of none */
#define VMREF_BUDDY_FREE  1
#define VMREF_BUDDY_USED  2
#define VMREF_BUDDY_SPLIT 3

/* The caller's. Node 1 is all frames, nodes 2 n and 2 n + 1 are the halves of node n; so 2^(order + 1)
 * entries in each of node, list and place, and order + 1 in free. */
struct vmref_buddy {
  uint8_t  *node;  /* by node: what it is */
  uint32_t *list;  /* from 2^d on, the nodes of depth d, those that are free first */
  int32_t  *place; /* by node: where it stands in list */
  int64_t  *free;  /* by depth: how many are free */
  uint8_t   order; /* 2^order frames */
};

#ifdef __FRAMAC__
#include "../spec/buddy.acsl"
#endif

/* All frames are free. */
/*@ requires \valid_read(b) && valid_buddy(*b);
    terminates \true; exits \false;
    assigns b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures buddy: buddy(*b);
    ensures free: b->node[1] == VMREF_BUDDY_FREE;
    ensures none: \forall integer n; !used(*b, n); */
void vmref_buddy_init(const struct vmref_buddy *b);

/* Allocate 2^k frames that lie one after the other. Returns the block's node, 0 when no free block is large enough;
 * then nothing has changed. */
/*@ requires \valid_read(b) && buddy(*b) && k <= b->order;
    terminates \true; exits \false;
    assigns b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures buddy: buddy(*b);
    ensures some: \result == 0 <==> \forall integer n, d; of_depth(*b, n, d) && d <= b->order - k ==> \old(b->node[n]) != VMREF_BUDDY_FREE;
    ensures failed: \result == 0 ==> \forall integer n; 0 <= n < nodes(*b) ==> b->node[n] == \old(b->node[n]);
    ensures block: \result != 0 ==> of_depth(*b, \result, b->order - k) && used(*b, \result);
    ensures fresh: \forall integer n; n == \result ==> !\old(used(*b, n));
    ensures others: same_used{Pre, Post}(*b, \result); */
uint32_t vmref_buddy_alloc(const struct vmref_buddy *b, uint8_t k);

/* Free a block. VMREF_EINVAL: n is none that is allocated. */
/*@ requires \valid_read(b) && buddy(*b);
    terminates \true; exits \false;
    assigns b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures buddy: buddy(*b);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures when: \result == VMREF_OK <==> \old(used(*b, n));
    ensures failed: \result != VMREF_OK ==> \forall integer m; 0 <= m < nodes(*b) ==> b->node[m] == \old(b->node[m]);
    ensures gone: !used(*b, n);
    ensures others: same_used{Pre, Post}(*b, n); */
int vmref_buddy_free(const struct vmref_buddy *b, uint32_t n);

/* The first of a block's frames; how many they are: 2^k. */
/*@ requires \valid_read(b) && valid_buddy(*b) && 1 <= n < nodes(*b);
    terminates \true; exits \false; assigns \nothing;
    ensures k: \result <= b->order && of_depth(*b, n, b->order - \result); */
uint8_t vmref_buddy_order(const struct vmref_buddy *b, uint32_t n);
/*@ requires \valid_read(b) && valid_buddy(*b) && of_depth(*b, n, b->order - k) && k <= b->order;
    terminates \true; exits \false; assigns \nothing;
    ensures first: frame(*b, \result) && \result + two_to(k) <= two_to(b->order);
    ensures inside: used(*b, n) || unused(*b, n) ==>
      \forall integer f; inside(*b, f, n) <==> \result <= f < \result + two_to(k); */
uint32_t vmref_buddy_frame(const struct vmref_buddy *b, uint32_t n, uint8_t k);

/* The block that has a frame, used or free. */
/*@ requires \valid_read(b) && buddy(*b) && frame(*b, f);
    terminates \true; exits \false; assigns \nothing;
    ensures block: inside(*b, f, \result);
    ensures only: \forall integer n; inside(*b, f, n) ==> n == \result; */
uint32_t vmref_buddy_of(const struct vmref_buddy *b, uint32_t f);
#endif
