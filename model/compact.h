/* SPDX-License-Identifier: MIT */
/* Topic compact: memory relocation. A page goes to another frame with all its leaves, and frames
 * are freed so that many lie one after the other. Nobody sees a difference. */
#ifndef VMREF_COMPACT_H
#define VMREF_COMPACT_H
#include "swap.h"
#include "table_page.h"

#ifdef __FRAMAC__
#include "../spec/compact.acsl"
#endif

/* How the free page frames lie. */
struct vmref_fragments {
  uint32_t free;    /* free frames */
  uint32_t runs;    /* in so many runs */
  uint32_t longest; /* the longest of which has so many */
  uint32_t index;   /* fragmentation in parts of 1000: 0 all in one run, or none is free */
};

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures free: \result.free == frees(*s, 0, s->frames);
    ensures runs: \result.runs == runs_below(*s, s->frames);
    ensures longest: \forall integer f, n; free_run(*s, f, n) ==> n <= \result.longest;
    ensures some: \exists integer f; free_run(*s, f, \result.longest);
    ensures index: \result.index == (\result.free == 0 ? 0 : 1000 - 1000 * \result.longest / \result.free); */
struct vmref_fragments vmref_fragmentation(const struct vmref_sys *s);

/* Move page p of a space to frame `to`, for all who share it. The hardware cannot use it until it
 * next faults. VMREF_EINVAL: no such space, page or frame, the page is in no frame, or the frame
 * is not free; VMREF_ENOMAP: nothing is mapped there. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures there: \result == VMREF_OK ==> obj(*s, leaf_of(*s, a, p)) == to && s->rc[\old(obj(*s, leaf_of(*s, a, p)))] == 0;
    ensures free: \result == VMREF_OK ==> to < s->frames && \old(s->rc[to]) == 0;
    ensures rest: \forall integer b, q; 0 <= b < s->spaces && upage(q)
      && \old(obj(*s, leaf_of(*s, b, q))) != \old(obj(*s, leaf_of(*s, a, p))) ==> leaf_of(*s, b, q) == \old(leaf_of(*s, b, q));
    ensures same: same_tables{Pre, Post}(*s);
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q); */
int vmref_page_move(const struct vmref_sys *s, uint32_t a, uint64_t p, uint32_t to);

/* What came of a compaction. */
struct vmref_compacted {
  int status;
  uint32_t first; /* of the free frames */
  uint32_t moved; /* so many pages */
};

/* Make n frames free that lie one after the other, by as few moves as can be. VMREF_EINVAL: n is
 * 0, or more than there are; VMREF_EMEM: fewer are free. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_EINVAL || \result.status == VMREF_EMEM;
    ensures invalid: \result.status == VMREF_EINVAL <==> !(1 <= n <= s->frames);
    ensures memory: \result.status == VMREF_EMEM <==> 1 <= n <= s->frames && \old(frees(*s, 0, s->frames)) < n;
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures run: \result.status == VMREF_OK ==> free_run(*s, \result.first, n);
    ensures few: \result.status == VMREF_OK ==> \result.moved <= n && \forall integer w; 0 <= w && w + n <= s->frames ==>
      \old(frees_from(*s, w, n)) <= n - \result.moved;
    ensures same: same_tables{Pre, Post}(*s);
    ensures zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \old(leaf_of(*s, b, q)) == 0;
    ensures zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \old(leaf_of(*s, b, q)) == 0 ==> leaf_of(*s, b, q) == 0;
    ensures prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \old(prot(leaf_of(*s, b, q)));
    ensures shown: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && 0 <= k < 4096 ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
struct vmref_compacted vmref_compact(const struct vmref_sys *s, uint32_t n);
#endif
