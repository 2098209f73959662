/* SPDX-License-Identifier: MIT */
/* Part of topic replace: a page goes to swap so that a frame is free, as a policy chooses. A page whose
 * slot still has its contents is clean, and is not written again. */
#ifndef VMREF_REPLACE_EVICT_H
#define VMREF_REPLACE_EVICT_H
#include "replace.h"
#include "fault_access.h"

/* What came of an eviction. */
struct vmref_eviction {
  int status;
  uint32_t frame;  /* that is free now */
  uint64_t steps;  /* frames that Clock's hand passed */
  uint8_t written; /* 1: the page was dirty */
};

/* Free a page frame. VMREF_EINVAL: none is in use, or no such policy; VMREF_EFULL: no slot is
 * free. */
/*@ requires \valid_read(s) && inv(*s) && \valid_read(p) && notes(*s, *p);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1],
            p->note[6 * s->frames + 4 .. 6 * s->frames + 5];
    ensures inv: inv(*s);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_EINVAL || \result.status == VMREF_EFULL;
    ensures invalid: \result.status == VMREF_EINVAL <==> p->kind > VMREF_CLOCK || \forall integer f; 0 <= f < s->frames ==> \old(s->rc[f]) == 0;
    ensures none: \result.status == VMREF_EFULL ==> no_slot(*s);
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures out: \result.status == VMREF_OK ==> \result.frame < s->frames && \old(s->rc[\at(\result.frame, Post)]) != 0 && s->rc[\result.frame] == 0;
    ensures lru: \result.status == VMREF_OK && p->kind == VMREF_LRU ==> \old(least(*s, *p, \at(\result.frame, Post)));
    ensures clock: \result.status == VMREF_OK && p->kind == VMREF_CLOCK ==>
      \old(second_chance(*s, hand(*s, *p) % s->frames, \at(\result.frame, Post), \at(\result.steps, Post)));
    ensures hand: \result.status == VMREF_OK && p->kind == VMREF_CLOCK ==> hand(*s, *p) == (\result.frame + 1 == s->frames ? 0 : \result.frame + 1);
    ensures stays: \result.status != VMREF_OK || p->kind != VMREF_CLOCK ==> hand(*s, *p) == \old(hand(*s, *p));
    ensures clean: \result.written == 0 ==> \forall integer o, b; 0 <= o < objects(*s) && 0 <= b < 4096 ==>
      byte_of(*s, o, b) == \old(byte_of(*s, o, b));
    ensures dirty: \result.status == VMREF_OK ==> (\result.written == 0 <==>
      (\let c = \old(came(*p, \at(\result.frame, Post))); 1 <= c <= s->slots && \old(s->rc[s->frames + c - 1]) == 0
         && \old(same_bytes(*s, s->frames + c - 1, \at(\result.frame, Post)))));
    ensures same: same_tables{Pre, Post}(*s);
    ensures zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \old(leaf_of(*s, b, q)) == 0;
    ensures zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \old(leaf_of(*s, b, q)) == 0 ==> leaf_of(*s, b, q) == 0;
    ensures prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \old(prot(leaf_of(*s, b, q)));
    ensures shown: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && 0 <= k < 4096 ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
struct vmref_eviction vmref_evict(const struct vmref_sys *s, const struct vmref_policy *p);

/* What came of an access under a policy. */
struct vmref_policy_outcome {
  struct vmref_outcome out;
  struct vmref_eviction evicted;
  uint8_t evictions; /* 1: a page had to go first, as evicted says */
};

/* vmref_user_access; where that has no frame, vmref_evict and again. It fails with VMREF_EMEM only
 * if no slot is free (or there are no frames at all, or no such policy). */
/*@ requires \valid_read(s) && inv(*s) && kind <= VMREF_FETCH && \valid_read(p) && notes(*s, *p);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1], p->note[0 .. 6 * s->frames + 5];
    ensures inv: inv(*s);
    ensures status: \result.out.status == VMREF_OK || \result.out.status == VMREF_ENOMAP || \result.out.status == VMREF_EACCES
      || \result.out.status == VMREF_EMEM || \result.out.status == VMREF_EINVAL;
    ensures failed: \result.out.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures space: \result.out.status == VMREF_EINVAL <==> !\old(a < s->spaces && s->level[a] == 4);
    ensures nomap: \result.out.status == VMREF_ENOMAP <==> \result.out.status != VMREF_EINVAL && va < 0x800000000000 && \old(leaf_at(*s, a, va)) == 0;
    ensures access: \result.out.status == VMREF_EACCES <==> \result.out.status != VMREF_EINVAL
      && (va >= 0x800000000000 || (\old(leaf_at(*s, a, va)) != 0 && !permits(\old(leaf_at(*s, a, va)), kind)));
    ensures memory: \result.out.status == VMREF_EMEM ==> no_frame(*s) && (no_slot(*s) || s->frames == 0 || p->kind > VMREF_CLOCK);
    ensures fault: \result.out.faulted == 1 && va < 0x800000000000 ==>
      \result.out.vector == VMREF_VECTOR_PF && \result.out.error == user_error(\old(leaf_at(*s, a, va)), kind);
    ensures evictions: \result.evictions == 1 ==> \result.out.status == VMREF_OK && \old(no_frame(*s));
    ensures lru: \result.evictions == 1 && p->kind == VMREF_LRU ==> \old(least(*s, *p, \at(\result.evicted.frame, Post)));
    ensures clock: \result.evictions == 1 && p->kind == VMREF_CLOCK ==>
      \old(second_chance(*s, hand(*s, *p) % s->frames, \at(\result.evicted.frame, Post), \at(\result.evicted.steps, Post)));
    ensures used: \result.out.status == VMREF_OK ==> obj(*s, leaf_at(*s, a, va)) < s->frames
      && used(*p, obj(*s, leaf_at(*s, a, va))) == now(*s, *p);
    ensures same: same_tables{Pre, Post}(*s);
    ensures here: \result.out.status == VMREF_OK ==> va < 0x800000000000 && granted(leaf_at(*s, a, va), kind);
    ensures read: \result.out.status == VMREF_OK && kind != VMREF_WRITE ==> \result.out.byte == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: \result.out.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures flags: \result.out.status == VMREF_OK ==> marked(*s, a, va, kind);
    ensures isolated: \result.out.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH
      || prot_S(prot(leaf_at(*s, a, va))) == 0 ==> isolated{Pre, Post}(*s, a); */
struct vmref_policy_outcome vmref_policy_access(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va,
                                                uint8_t kind, uint8_t byte);
#endif
