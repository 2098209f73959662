/* SPDX-License-Identifier: MIT */
/* Topic slab: kmalloc and kfree. Small objects share a page with others of their size, so that a page never
 * falls to pieces; greater ones are blocks of frames. Bonwick, The slab allocator, USENIX 1994; Linux,
 * mm/slub.c. Addresses count bytes from the start of the kernel's frames that are given out so. */
#ifndef VMREF_SLAB_H
#define VMREF_SLAB_H
#include "buddy.h"

#define VMREF_SLAB_MAX 2048 /* bytes: greater objects are blocks */

/* The caller's. */
struct vmref_slab {
  struct vmref_buddy buddy;
  uint16_t *unit; /* 2^order, by frame: granules of 64 bytes of each object in this page, 0: no page of objects */
  int8_t *head;   /* 64 * 2^order, by granule: 0 free, else 1 + the granule in the page where its object begins */
};

#ifdef __FRAMAC__
#include "../spec/slab.acsl"
#endif

/* All is free. */
/*@ requires \valid_read(k) && valid_slab(*k);
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order], k->unit[0 .. area(*k) - 1], k->head[0 .. 64 * area(*k) - 1];
    ensures slab: slab(*k);
    ensures blocks: \forall integer n; !block(*k, n);
    ensures objects: \forall integer f; !slab_page(*k, f); */
void vmref_slab_init(const struct vmref_slab *k);

/* Allocate bytes. Returns their address: a multiple of their number rounded up to a power of two, from 64 on to 4096.
 * VMREF_EINVAL: none are wanted, or more than there can be; VMREF_EMEM: there are not so many in a row.
 * kmalloc of Linux. */
/*@ requires \valid_read(k) && slab(*k);
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order], k->unit[0 .. area(*k) - 1], k->head[0 .. 64 * area(*k) - 1];
    ensures slab: slab(*k);
    ensures status: 0 <= \result < 4096 * area(*k) || \result == VMREF_EMEM || \result == VMREF_EINVAL;
    ensures invalid: \result == VMREF_EINVAL <==> bytes == 0 || bytes > 4096 * area(*k);
    ensures failed: \result < 0 ==> kept_blocks{Pre, Post}(*k, 0) && kept_objects{Pre, Post}(*k, -1, 0);
    ensures small: \result >= 0 && bytes <= VMREF_SLAB_MAX ==> \result % 64 == 0 && kept_blocks{Pre, Post}(*k, 0)
      && bytes <= 64 * k->unit[frame_at(\result)] && (k->unit[frame_at(\result)] == 1 || 32 * k->unit[frame_at(\result)] < bytes)
      && granule_at(\result) % k->unit[frame_at(\result)] == 0
      && object(*k, frame_at(\result), granule_at(\result)) && kept_objects{Pre, Post}(*k, frame_at(\result), granule_at(\result));
    ensures fresh: \result >= 0 && bytes <= VMREF_SLAB_MAX ==> \forall integer f, j; f == frame_at(\result) && j == granule_at(\result) ==> !\old(object(*k, f, j));
    ensures great: \result >= 0 && bytes > VMREF_SLAB_MAX ==> \result % 4096 == 0 && kept_objects{Pre, Post}(*k, -1, 0)
      && \exists integer n, i; of_depth(k->buddy, n, k->buddy.order - i) && bytes <= 4096 * two_to(i) && (i == 0 || 4096 * two_to(i - 1) < bytes)
        && begins(*k, n, frame_at(\result)) && !\old(block(*k, n)) && kept_blocks{Pre, Post}(*k, n); */
int64_t vmref_kmalloc(const struct vmref_slab *k, uint32_t bytes);

/* Free what begins at an address. VMREF_EINVAL: nothing does. */
/*@ requires \valid_read(k) && slab(*k);
    terminates \true; exits \false;
    assigns k->buddy.node[0 .. nodes(k->buddy) - 1], k->buddy.list[0 .. nodes(k->buddy) - 1], k->buddy.place[0 .. nodes(k->buddy) - 1],
            k->buddy.free[0 .. k->buddy.order], k->unit[0 .. area(*k) - 1], k->head[0 .. 64 * area(*k) - 1];
    ensures slab: slab(*k);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> kept_blocks{Pre, Post}(*k, 0) && kept_objects{Pre, Post}(*k, -1, 0);
    ensures none: \result != VMREF_OK ==> !(at % 64 == 0 && object(*k, frame_at(at), granule_at(at)))
      && \forall integer n; !(at % 4096 == 0 && begins(*k, n, frame_at(at)));
    ensures freed: \result == VMREF_OK ==>
         (at % 64 == 0 && \old(object(*k, frame_at(at), granule_at(at))) && !object(*k, frame_at(at), granule_at(at))
            && kept_objects{Pre, Post}(*k, frame_at(at), granule_at(at)) && kept_blocks{Pre, Post}(*k, 0))
      || (at % 4096 == 0 && kept_objects{Pre, Post}(*k, -1, 0)
            && \exists integer n; \old(begins(*k, n, frame_at(at))) && !block(*k, n) && kept_blocks{Pre, Post}(*k, n)); */
int vmref_kfree(const struct vmref_slab *k, uint32_t at);
#endif
