/* SPDX-License-Identifier: MIT */
/* Part of topic space: fork. */
#ifndef VMREF_SPACE_FORK_H
#define VMREF_SPACE_FORK_H
#include "space.h"
#include "table_make.h"

/* Make space b a copy of process a: all pages shared copy-on-write, pages of shared mappings
 * shared on. VMREF_EINVAL: a is no process, or b exists or can not; VMREF_EMEM: not enough free
 * table frames, and then all is as it was. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures spaces: \forall integer c; 0 <= c < s->spaces && c != b ==> s->level[c] == \old(s->level[c]);
    ensures child: \result == VMREF_OK ==> a != b && s->level[a] == 4 && s->level[b] == 4 && s->parent[b] == VMREF_PROCESS;
    ensures equal: \result == VMREF_OK ==> \forall integer p; upage(p) ==> copied_page{Pre, Post}(*s, a, b, p)
      && \forall integer k; 0 <= k < 4096 ==> shown(*s, leaf_of(*s, b, p), k) == \old(shown(*s, leaf_of(*s, a, p), k));
    ensures twins: \result == VMREF_OK ==> twins(*s, a, b);
    ensures leaves: \forall integer t, i; is_leaf{Pre}(*s, t, i) ==> copied{Pre, Post}(*s, t, i, t, i);
    ensures above: \forall integer t, i; 0 <= t < s->tables && ix(i) && \old(s->level[t]) >= 2 ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures records: same_records{Pre, Post}(*s, -1);
    ensures born: \result == VMREF_OK ==> \forall integer t; 0 <= t < s->tables && \old(s->level[t]) != 0 ==> \old(s->owner[t]) != b;
    ensures isolated: isolated{Pre, Post}(*s, b); */
int vmref_fork(const struct vmref_sys *s, uint32_t a, uint32_t b);
#endif
