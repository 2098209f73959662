/* SPDX-License-Identifier: MIT */
/* Part of topic huge: 512 pages become one of 2 MiB. */
#ifndef VMREF_HUGE_MERGE_H
#define VMREF_HUGE_MERGE_H
#include "compact.h"
#include "huge_page.h"

/* Make the 512 pages from page p, address / 4096 and a multiple of 512, one of 2 MiB. They may be untouched,
 * in swap, shared or anywhere in memory: where they do not lie in one aligned run of frames already, they
 * go to a free one. What they show stays. VMREF_EINVAL: no such space or page, the rights differ, or there is a
 * device; VMREF_ENOMAP: something there is not mapped; VMREF_EMEM: no 512 free frames lie in an aligned row. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP || \result == VMREF_EMEM;
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s);
    ensures failed: \result == VMREF_ENOMAP || \result == VMREF_EMEM ==> unchanged{Pre, Post}(*s);
    ensures memory: \result == VMREF_EMEM ==>
      \forall integer f; 0 <= f && (s->tables + f) % 512 == 0 ==> !\old(free_run(*s, f, 512));
    ensures devices: \result == VMREF_OK && \old(word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p))) == 0 ==>
      \forall integer j; ix(j) && t1(*s, a, p4(p), p3(p), p2(p)) < s->tables ==> \old(over(o, t1(*s, a, p4(p), p3(p), p2(p)), j)) == 0;
    ensures merged: \result == VMREF_OK ==> word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)) != 0; */
int vmref_huge_merge(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p);
#endif
