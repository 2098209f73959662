/* SPDX-License-Identifier: MIT */
/* Part of topic huge: pages of 2 MiB, made of pages of 4 KiB and become such again. */
#ifndef VMREF_HUGE_PAGE_H
#define VMREF_HUGE_PAGE_H
#include "huge.h"

/* Where page p, address / 4096, has its page of 2 MiB or may have one. */
struct vmref_huge_place {
  int status;    /* VMREF_OK; VMREF_EINVAL: no such space, or p is no multiple of 512 below the user's end; VMREF_ENOMAP: it has no leaf table */
  uint32_t u;    /* its leaf table */
  uint32_t t, i; /* the entry that links that */
  uint64_t e;    /* the word over it, 0: none */
};
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o);
    terminates \true; exits \false; assigns \nothing;
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_EINVAL || \result.status == VMREF_ENOMAP;
    ensures invalid: \result.status == VMREF_EINVAL <==> !(a < s->spaces && s->level[a] == 4 && upage(p) && p % 512 == 0);
    ensures nomap: \result.status == VMREF_ENOMAP <==> \result.status != VMREF_EINVAL && table_of(*s, a, p) == s->tables;
    ensures there: \result.status == VMREF_OK ==> \result.u == table_of(*s, a, p) && is_leaf(*s, \result.u, 0)
      && \result.t == t2(*s, a, p4(p), p3(p)) && \result.i == p2(p) && \result.t < s->tables && \result.i < 512
      && s->level[\result.t] == 2 && s->owner[\result.t] == a && \result.u == under(*s, \result.t, \result.i);
    ensures word: \result.status == VMREF_OK ==> \result.e == over(o, \result.t, \result.i); */
struct vmref_huge_place vmref_huge_find(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p);

/* Before any operation on the tables: the leaves below pages of 2 MiB get the accessed and dirty flags that
 * the hardware has set in the word. Nothing else changes. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures calm: \forall integer u, j; is_leaf(*s, u, j) ==> calm(\old(at(*s, u, j)), at(*s, u, j));
    ensures above: \forall integer u, j; 0 <= u < s->tables && ix(j) && s->level[u] != 1 ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures objects: \forall integer q; 0 <= q < objects(*s) ==> s->rc[q] == \old(s->rc[q]) && s->shared[q] == \old(s->shared[q]);
    ensures same: same_tables{Pre, Post}(*s);
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q);
    ensures huge: \old(huge(*s, o)) ==> huge(*s, o); */
void vmref_huge_fold(const struct vmref_sys *s, const uint16_t *o);

/* Make the page of 2 MiB at page p, address / 4096 and a multiple of 512, 512 pages of 4 KiB; before a part of
 * it gets other rights, and before one that is shared is written to. VMREF_EINVAL: there is none. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s)
      && \forall integer t, i; 0 <= t < s->tables && ix(i) ==> over(o, t, i) == \old(over(o, t, i));
    ensures calm: \forall integer u, j; is_leaf(*s, u, j) ==> calm(\old(at(*s, u, j)), at(*s, u, j));
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q);
    ensures split: \result == VMREF_OK ==> word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)) == 0
      && \old(word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p))) != 0;
    ensures others: \forall integer t, i; 0 <= t < s->tables && ix(i) && !(t == t2(*s, a, p4(p), p3(p)) && i == p2(p)) ==>
      over(o, t, i) == \old(over(o, t, i));
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_huge_split(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p);
#endif
