/* SPDX-License-Identifier: MIT */
#include "buddy_list.h"
#include "slab.h"

/*@
  predicate free_slot{L}(struct vmref_slab k, integer f, integer j) =
    0 <= j && j + k.unit[f] <= 64 && j % k.unit[f] == 0 && \forall integer x; j <= x < j + k.unit[f] ==> head_at(k, f, x) == 0;
*/

/* How many frames there are. */
/*@ ghost
  /@ requires \valid_read(k) && k->buddy.order <= VMREF_BUDDY_ORDER;
     terminates \true; assigns \nothing; exits \false;
     ensures 1 <= area(*k) <= 0x400 && nodes(k->buddy) == 2 * area(*k); @/
  static void lemma_area(const struct vmref_slab *k)
  {
    vmref_lemma_two_to();
    /@ assert next: two_to(k->buddy.order + 1) == 2 * two_to(k->buddy.order); @/
  }
*/

/* Slots of u granules: the next one; no two overlap. */
/*@ ghost
  /@ requires unit(u);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer j; 0 <= j && j % u == 0 ==> (j + u) % u == 0;
     ensures \forall integer j; 0 <= j < 64 && j % u == 0 ==> j + u <= 64;
     ensures \forall integer s, j; 0 <= s && 0 <= j && s % u == 0 && j % u == 0 && s < j + u && j < s + u ==> s == j; @/
  static void lemma_slots(uint16_t u)
  {
    if (u == 1) return;
    if (u == 2) return;
    if (u == 4) return;
    if (u == 8) return;
    if (u == 16) return;
    /@ assert u == 32; @/
  }
*/

/* A free slot of a page of objects, 64 when there is none. */
/*@ requires \valid_read(k) && slab(*k) && slab_page(*k, f);
    terminates \true; exits \false; assigns \nothing;
    ensures slot: \result < 64 ==> free_slot(*k, f, \result);
    ensures none: \result >= 64 ==> \forall integer j; 0 <= j < 64 && j % k->unit[f] == 0 ==> head_at(*k, f, j) != 0; */
static uint32_t slot(const struct vmref_slab *k, uint32_t f)
{
  uint32_t u = k->unit[f], j = 0;
  //@ ghost lemma_area(k);
  //@ assert fits: unit(k->unit[f]);
  //@ ghost lemma_slots(k->unit[f]);
  /*@ loop invariant 0 <= j <= 64 && j % u == 0;
      loop invariant none: \forall integer i; 0 <= i < j && i % u == 0 ==> head_at(*k, f, i) != 0;
      loop assigns j; loop variant 64 - j; */
  while (j < 64 && k->head[64 * f + j] != 0) {
    //@ assert next: \forall integer i; 0 <= i < j + u && i % u == 0 ==> i <= j;
    j += u;
  }
  //@ assert empty: j < 64 ==> \forall integer x; j <= x < j + u ==> granule(*k, f, x);
  /*@ assert around: j < 64 ==> \forall integer x; j <= x < j + u && head_at(*k, f, x) != 0 ==> granule(*k, f, x)
    && 0 <= head_at(*k, f, x) - 1 <= x < head_at(*k, f, x) - 1 + u; */
  //@ assert slots: j < 64 ==> \forall integer x; j <= x < j + u && head_at(*k, f, x) != 0 ==> granule(*k, f, x) && (head_at(*k, f, x) - 1) % u == 0;
  //@ assert begin: j < 64 ==> \forall integer x; j <= x < j + u && head_at(*k, f, x) != 0 ==> head_at(*k, f, x) == j + 1;
  //@ assert first: j < 64 ==> \forall integer x; j <= x < j + u && head_at(*k, f, x) == j + 1 ==> granule(*k, f, x) && head_at(*k, f, j) == j + 1;
  //@ assert stop: j < 64 ==> head_at(*k, f, j) == 0 && j + u <= 64;
  //@ assert zero: j < 64 ==> \forall integer x; j <= x < j + u ==> head_at(*k, f, x) == 0;
  return j;
}

/* The slot at granule j of frame f: of an object, j + 1; free, 0. */
/*@ requires \valid_read(k) && valid_slab(*k) && 0 <= f < area(*k) && j + k->unit[f] <= 64;
    terminates \true; exits \false; assigns k->head[64 * f .. 64 * f + 63];
    ensures written: \forall integer x; j <= x < j + k->unit[f] ==> head_at(*k, f, x) == h;
    ensures others: \forall integer g, x; 0 <= g < area(*k) && 0 <= x < 64 && !(g == f && j <= x < j + k->unit[f]) ==>
      head_at(*k, g, x) == \old(head_at(*k, g, x)); */
static void fill(const struct vmref_slab *k, uint32_t f, uint32_t j, int8_t h)
{
  uint32_t u = k->unit[f];
  //@ ghost lemma_area(k);
  /*@ loop invariant 0 <= i <= u;
      loop invariant new: \forall integer x; j <= x < j + i ==> head_at(*k, f, x) == h;
      loop invariant old: \forall integer g, x; 0 <= g < area(*k) && 0 <= x < 64 && !(g == f && j <= x < j + i) ==>
        head_at(*k, g, x) == \at(head_at(*k, g, x), Pre);
      loop assigns i, k->head[64 * f .. 64 * f + 63]; loop variant u - i; */
  for (uint32_t i = 0; i < u; i++) {
    //@ ghost Before: ;
    k->head[64 * f + j + i] = h;
    //@ assert now: head_at(*k, f, j + i) == h;
    //@ assert apart: \forall integer g, x; 0 <= x < 64 && !(g == f && x == j + i) ==> 64 * g + x != 64 * f + j + i;
    //@ assert same: \forall integer g, x; 0 <= x < 64 && !(g == f && x == j + i) ==> head_at(*k, g, x) == \at(head_at(*k, g, x), Before);
  }
}

/* An object in a free slot. */
/*@ requires \valid_read(k) && valid_slab(*k) && buddy(k->buddy) && slab_page(*k, f) && pages(*k, f) && free_slot(*k, f, j);
    terminates \true; exits \false; assigns k->head[64 * f .. 64 * f + 63];
    ensures slab: slab(*k);
    ensures object: object(*k, f, j);
    ensures others: kept_objects{Pre, Post}(*k, f, j); */
static void put(const struct vmref_slab *k, uint32_t f, uint32_t j)
{
  //@ ghost uint32_t u = k->unit[f];
  //@ assert small: 1 <= u && j + u <= 64;
  fill(k, f, j, (int8_t)(j + 1));
  //@ assert here: \forall integer x; j <= x < j + u ==> head_at(*k, f, x) == j + 1;
  //@ assert mine: \forall integer x; j <= x < j + u ==> granule(*k, f, x);
  //@ assert was: \forall integer x; 0 <= x < 64 ==> \at(granule(*k, \at(f, Here), x), Pre);
  //@ assert rest: \forall integer x; 0 <= x < 64 && !(j <= x < j + u) ==> granule(*k, f, x);
  //@ assert some: head_at(*k, f, j) != 0 && !no_object(*k, f);
  //@ assert rest: \forall integer x; 0 <= x < 64 ==> granule(*k, f, x);
  //@ assert same: \forall integer g, x; slab_page(*k, g) && g != f && 0 <= x < 64 ==> head_at(*k, g, x) == \at(head_at(*k, g, x), Pre);
  //@ assert had: \forall integer g, x; slab_page(*k, g) && g != f && 0 <= x < 64 ==> \at(granule(*k, g, x), Pre);
  //@ assert has: \forall integer g, x; slab_page(*k, g) && g != f && 0 <= x < 64 && \at(granule(*k, g, x), Pre) ==> granule(*k, g, x);
  //@ assert bare: \forall integer g; 0 <= g < area(*k) && g != f ==> (no_object(*k, g) <==> \at(no_object(*k, g), Pre));
}

/* The object at granule j goes; its page may be empty then. */
/*@ requires \valid_read(k) && slab(*k) && object(*k, f, j);
    terminates \true; exits \false; assigns k->head[64 * f .. 64 * f + 63];
    ensures pages: slab_page(*k, f) && pages(*k, f);
    ensures gone: !object(*k, f, j);
    ensures others: kept_objects{Pre, Post}(*k, f, j); */
static void wipe(const struct vmref_slab *k, uint32_t f, uint32_t j)
{
  //@ ghost uint32_t u = k->unit[f];
  //@ ghost lemma_area(k);
  //@ assert fits: unit(k->unit[f]) && granule(*k, f, j);
  fill(k, f, j, 0);
  //@ assert was: \forall integer x; 0 <= x < 64 ==> \at(granule(*k, \at(f, Here), x), Pre);
  //@ assert mine: \forall integer x; j <= x < j + u ==> \at(head_at(*k, \at(f, Here), x), Pre) == j + 1;
  /*@ assert apart: \forall integer x, y; 0 <= x < 64 && !(j <= x < j + u) && head_at(*k, f, x) != 0 && head_at(*k, f, x) - 1 <= y < head_at(*k, f, x) - 1 + u ==>
        \at(granule(*k, \at(f, Here), x), Pre) && \at(head_at(*k, \at(f, Here), y), Pre) == head_at(*k, f, x) && !(j <= y < j + u)
        && head_at(*k, f, y) == head_at(*k, f, x); */
  //@ assert zero: \forall integer x; 0 <= x < 64 && head_at(*k, f, x) == 0 ==> granule(*k, f, x);
  /*@ assert first: \forall integer x; 0 <= x < 64 && head_at(*k, f, x) != 0 ==> \at(granule(*k, \at(f, Here), x), Pre)
        && 0 <= head_at(*k, f, x) - 1 <= x < head_at(*k, f, x) - 1 + u && head_at(*k, f, x) - 1 + u <= 64 && (head_at(*k, f, x) - 1) % u == 0; */
  //@ assert held: \forall integer x; 0 <= x < 64 && head_at(*k, f, x) != 0 ==> granule(*k, f, x);
  //@ assert rest: \forall integer x; 0 <= x < 64 ==> granule(*k, f, x);
  //@ assert same: \forall integer g, x; slab_page(*k, g) && g != f && 0 <= x < 64 ==> head_at(*k, g, x) == \at(head_at(*k, g, x), Pre);
  //@ assert had: \forall integer g, x; slab_page(*k, g) && g != f && 0 <= x < 64 ==> \at(granule(*k, g, x), Pre);
  //@ assert has: \forall integer g, x; slab_page(*k, g) && g != f && 0 <= x < 64 && \at(granule(*k, g, x), Pre) ==> granule(*k, g, x);
  //@ assert bare: \forall integer g; 0 <= g < area(*k) && g != f ==> (no_object(*k, g) <==> \at(no_object(*k, g), Pre));
}

/* Has a page no object? */
/*@ requires \valid_read(k) && valid_slab(*k) && 0 <= f < area(*k);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> no_object(*k, f); ensures \result <= 1; */
static uint8_t empty(const struct vmref_slab *k, uint32_t f)
{
  //@ ghost lemma_area(k);
  /*@ loop invariant 0 <= j <= 64;
      loop invariant \forall integer i; 0 <= i < j ==> head_at(*k, f, i) == 0;
      loop assigns j; loop variant 64 - j; */
  for (uint32_t j = 0; j < 64; j++)
    if (k->head[64 * f + j] != 0) {
      //@ assert some: head_at(*k, f, j) != 0;
      return 0;
    }
  return 1;
}

void vmref_slab_init(const struct vmref_slab *k)
{
  uint32_t frames = vmref_buddy_size(k->buddy.order);
  //@ ghost lemma_area(k);
  vmref_buddy_init(&k->buddy);
  /*@ loop invariant 0 <= f <= frames;
      loop invariant \forall integer g; 0 <= g < f ==> k->unit[g] == 0;
      loop assigns f, k->unit[0 .. frames - 1]; loop variant frames - f; */
  for (uint32_t f = 0; f < frames; f++) k->unit[f] = 0;
  /*@ loop invariant 0 <= g <= 64 * frames;
      loop invariant \forall integer x; 0 <= x < g ==> k->head[x] == 0;
      loop assigns g, k->head[0 .. 64 * frames - 1]; loop variant 64 * frames - g; */
  for (uint32_t g = 0; g < 64 * frames; g++) k->head[g] = 0;
  //@ assert none: \forall integer f, j; 0 <= f < area(*k) && 0 <= j < 64 ==> head_at(*k, f, j) == 0;
  //@ assert bare: \forall integer f; 0 <= f < area(*k) ==> no_object(*k, f);
  //@ assert unit: \forall integer f; !slab_page(*k, f);
  //@ assert pages: pages(*k, -1);
}

/* A new page for objects of u granules, with none yet. Its frame, or the number of frames when there is none. */
/*@ requires \valid_read(k) && slab(*k) && unit(u);
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order], k->unit[0 .. area(*k) - 1];
    ensures valid: valid_slab(*k) && buddy(k->buddy) && 0 <= \result <= area(*k);
    ensures none: \result == area(*k) ==> slab(*k);
    ensures page: \result < area(*k) ==> slab_page(*k, \result) && pages(*k, \result) && k->unit[\result] == u && no_object(*k, \result);
    ensures blocks: kept_blocks{Pre, Post}(*k, 0);
    ensures objects: kept_objects{Pre, Post}(*k, -1, 0); */
static uint32_t page(const struct vmref_slab *k, uint16_t u)
{
  uint32_t frames = vmref_buddy_size(k->buddy.order), n = vmref_buddy_alloc(&k->buddy, 0);
  //@ ghost lemma_area(k);
  if (n == 0) return frames;
  //@ assert single: area(*k) <= n < 2 * area(*k);
  uint32_t f = n - frames;
  //@ assert fresh: !slab_page(*k, f) && page_node(*k, f) == n;
  k->unit[f] = u;
  //@ assert zero: \forall integer j; 0 <= j < 64 ==> head_at(*k, f, j) == 0 && granule(*k, f, j);
  //@ assert same: \forall integer g, j; 0 <= g < area(*k) && g != f && 0 <= j < 64 && \at(granule(*k, g, j), Pre) ==> granule(*k, g, j);
  //@ assert others: \forall integer g; g != f ==> (slab_page(*k, g) <==> \at(slab_page(*k, g), Pre));
  //@ assert single: \forall integer g; slab_page(*k, g) ==> unit(k->unit[g]) && used(k->buddy, page_node(*k, g));
  //@ assert held: \forall integer g, j; slab_page(*k, g) && 0 <= j < 64 ==> granule(*k, g, j);
  //@ assert some: \forall integer g; slab_page(*k, g) && g != f ==> !no_object(*k, g);
  //@ assert bare: \forall integer g; 0 <= g < area(*k) && !slab_page(*k, g) ==> no_object(*k, g);
  //@ assert pages: pages(*k, f);
  return f;
}

/* An object of u granules. */
/*@ requires \valid_read(k) && slab(*k) && unit(u);
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order], k->unit[0 .. area(*k) - 1], k->head[0 .. 64 * area(*k) - 1];
    ensures slab: slab(*k);
    ensures status: 0 <= \result < 4096 * area(*k) || \result == VMREF_EMEM;
    ensures failed: \result < 0 ==> kept_blocks{Pre, Post}(*k, 0) && kept_objects{Pre, Post}(*k, -1, 0);
    ensures small: \result >= 0 ==> \result % 64 == 0 && kept_blocks{Pre, Post}(*k, 0) && k->unit[frame_at(\result)] == u && granule_at(\result) % u == 0
      && object(*k, frame_at(\result), granule_at(\result)) && kept_objects{Pre, Post}(*k, frame_at(\result), granule_at(\result));
    ensures fresh: \result >= 0 ==> \forall integer f, j; f == frame_at(\result) && j == granule_at(\result) ==> !\old(object(*k, f, j)); */
static int64_t small(const struct vmref_slab *k, uint16_t u)
{
  uint32_t frames = vmref_buddy_size(k->buddy.order), f = 0, j = 64;
  //@ ghost lemma_area(k);
  //@ ghost lemma_slots(u);
  /*@ loop invariant 0 <= f <= frames;
      loop invariant slot: j < 64 ==> f < frames && slab_page(*k, f) && k->unit[f] == u && free_slot(*k, f, j);
      loop assigns f, j; loop variant frames - f; */
  while (f < frames) {
    if (k->unit[f] == u) {
      j = slot(k, f);
      if (j < 64) break;
    }
    f++;
    //@ assert none: j >= 64;
  }
  if (f == frames) {
    f = page(k, u);
    if (f == frames) return VMREF_EMEM;
    j = 0;
    //@ assert first: free_slot(*k, f, j);
  }
  //@ assert in: f < frames && j + u <= 64 && 1 <= u;
  //@ assert place: (4096 * f + 64 * j) / 4096 == f && (4096 * f + 64 * j) / 64 == 64 * f + j && (64 * f + j) % 64 == j;
  put(k, f, j);
  //@ assert object: object(*k, f, j) && k->unit[f] == u;
  //@ assert objects: kept_objects{Pre, Here}(*k, f, j);
  //@ assert blocks: kept_blocks{Pre, Here}(*k, 0);
  //@ assert there: frame_at(4096 * f + 64 * j) == f && granule_at(4096 * f + 64 * j) == j;
  return 4096 * (int64_t)f + 64 * j;
}

/* A block of 2^i frames. */
/*@ requires \valid_read(k) && slab(*k) && i <= k->buddy.order;
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order];
    ensures slab: slab(*k);
    ensures status: 0 <= \result < 4096 * area(*k) || \result == VMREF_EMEM;
    ensures objects: kept_objects{Pre, Post}(*k, -1, 0);
    ensures failed: \result < 0 ==> kept_blocks{Pre, Post}(*k, 0);
    ensures great: \result >= 0 ==> \result % 4096 == 0 && \exists integer n; of_depth(k->buddy, n, k->buddy.order - i)
      && begins(*k, n, frame_at(\result)) && !\old(block(*k, n)) && kept_blocks{Pre, Post}(*k, n); */
static int64_t great(const struct vmref_slab *k, uint8_t i)
{
  uint32_t n = vmref_buddy_alloc(&k->buddy, i);
  //@ ghost lemma_area(k);
  //@ assert pages: pages(*k, -1);
  if (n == 0) return VMREF_EMEM;
  uint32_t f = vmref_buddy_frame(&k->buddy, n, i);
  //@ assert fresh: \forall integer m; m == n ==> !\at(used(k->buddy, m), Pre) && !slab_page(*k, m - area(*k));
  //@ assert begins: begins(*k, n, f) && frame_at(4096 * f) == f;
  //@ assert others: kept_blocks{Pre, Here}(*k, n);
  return 4096 * (int64_t)f;
}

int64_t vmref_kmalloc(const struct vmref_slab *k, uint32_t bytes)
{
  uint32_t most = 4096 * vmref_buddy_size(k->buddy.order);
  //@ ghost lemma_area(k);
  if (bytes == 0 || bytes > most) return VMREF_EINVAL;
  if (bytes <= VMREF_SLAB_MAX) {
    uint16_t u = 1;
    /*@ loop invariant unit(u) && (u == 1 || 32 * u < bytes);
        loop assigns u; loop variant 64 - u; */
    while (64 * (uint32_t)u < bytes) u = (uint16_t)(2 * u);
    return small(k, u);
  }
  uint8_t i = 0;
  uint32_t size = 4096;
  //@ ghost vmref_lemma_two_to();
  /*@ loop invariant 0 <= i <= k->buddy.order && size == 4096 * two_to(i) && (i == 0 || 4096 * two_to(i - 1) < bytes);
      loop assigns i, size; loop variant k->buddy.order - i; */
  while (size < bytes) {
    //@ assert more: i < k->buddy.order;
    size *= 2;
    i++;
  }
  return great(k, i);
}

/* Object j of page f goes, and the page when it was the last. */
/*@ requires \valid_read(k) && slab(*k) && object(*k, f, j) && inside(k->buddy, f, page_node(*k, f));
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order], k->unit[0 .. area(*k) - 1], k->head[0 .. 64 * area(*k) - 1];
    ensures slab: slab(*k);
    ensures gone: !object(*k, f, j);
    ensures others: kept_objects{Pre, Post}(*k, f, j);
    ensures blocks: kept_blocks{Pre, Post}(*k, 0); */
static void free_object(const struct vmref_slab *k, uint32_t f, uint32_t j)
{
  uint32_t frames = vmref_buddy_size(k->buddy.order);
  //@ ghost lemma_area(k);
  wipe(k, f, j);
  //@ assert blocks: kept_blocks{Pre, Here}(*k, 0);
  //@ ghost wiped: ;
  if (empty(k, f)) {
    k->unit[f] = 0;
    //@ assert page: used(k->buddy, page_node(*k, f));
    vmref_buddy_free(&k->buddy, frames + f);
    //@ assert others: \forall integer g; g != f ==> (slab_page(*k, g) <==> \at(slab_page(*k, g), Pre));
    //@ assert node: \forall integer g; g != f ==> page_node(*k, g) != page_node(*k, f);
    //@ assert single: \forall integer g; slab_page(*k, g) ==> unit(k->unit[g]) && used(k->buddy, page_node(*k, g));
    //@ assert had: \forall integer g, i; slab_page(*k, g) && 0 <= i < 64 ==> g != f && \at(granule(*k, g, i), wiped);
    //@ assert held: \forall integer g, i; slab_page(*k, g) && 0 <= i < 64 && \at(granule(*k, g, i), wiped) ==> granule(*k, g, i);
    //@ assert bare: \forall integer g; 0 <= g < area(*k) && !slab_page(*k, g) ==> no_object(*k, g);
    //@ assert pages: pages(*k, -1);
  }
}

int vmref_kfree(const struct vmref_slab *k, uint32_t at)
{
  uint32_t f = at / 4096, j = at / 64 % 64, frames = vmref_buddy_size(k->buddy.order);
  //@ ghost lemma_area(k);
  if (at % 64 != 0 || f >= frames) return VMREF_EINVAL;
  uint32_t n = vmref_buddy_of(&k->buddy, f);
  //@ assert only: \forall integer m; block(*k, m) && inside(k->buddy, f, m) ==> m == n;
  if (k->unit[f] != 0) {
    //@ assert single: of_depth(k->buddy, page_node(*k, f), k->buddy.order - 0) && around(k->buddy, f, 0) == page_node(*k, f);
    //@ assert page: inside(k->buddy, f, page_node(*k, f)) && n == page_node(*k, f);
    //@ assert no: \forall integer m; !begins(*k, m, f);
    //@ assert head: k->head[64 * f + j] == head_at(*k, f, j);
    if (k->head[64 * f + j] != (int8_t)(j + 1)) return VMREF_EINVAL;
    free_object(k, f, j);
    return VMREF_OK;
  }
  //@ assert none: !object(*k, f, j);
  //@ assert unused: k->buddy.node[n] != VMREF_BUDDY_USED ==> \forall integer m; !begins(*k, m, f);
  if (at % 4096 != 0 || k->buddy.node[n] != VMREF_BUDDY_USED) return VMREF_EINVAL;
  //@ ghost vmref_lemma_two_to();
  //@ assert leaf: \forall integer i; of_depth(k->buddy, n, k->buddy.order - i) && n >= area(*k) ==> i == 0;
  //@ assert page: n >= area(*k) ==> n == page_node(*k, f);
  //@ assert block: !slab_page(*k, f) && block(*k, n);
  uint32_t first = vmref_buddy_frame(&k->buddy, n, vmref_buddy_order(&k->buddy, n));
  //@ assert inside: inside(k->buddy, first, n) && \forall integer g; inside(k->buddy, g, n) ==> first <= g;
  //@ assert within: first != f ==> \forall integer m; !begins(*k, m, f);
  if (first != f) return VMREF_EINVAL;
  //@ assert begins: begins(*k, n, f);
  vmref_buddy_free(&k->buddy, n);
  //@ assert others: \forall integer g; slab_page(*k, g) ==> page_node(*k, g) != n && used(k->buddy, page_node(*k, g));
  //@ assert pages: pages(*k, -1);
  return VMREF_OK;
}
