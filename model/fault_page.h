/* SPDX-License-Identifier: MIT */
/* Part of topic fault: pages of a process out to swap, and in again. */
#ifndef VMREF_FAULT_PAGE_H
#define VMREF_FAULT_PAGE_H
#include "swap.h"
#include "table_page.h"

/* Write page p of a space to swap, with all who share it. VMREF_EINVAL: no such space or page, or
 * it is in no frame; VMREF_ENOMAP: nothing is mapped there; VMREF_EFULL: no slot is free. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP || \result == VMREF_EFULL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EFULL ==> no_slot(*s);
    ensures out: \result == VMREF_OK ==> obj(*s, leaf_of(*s, a, p)) >= s->frames && obj(*s, leaf_of(*s, a, p)) < objects(*s);
    ensures same: same_tables{Pre, Post}(*s);
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q); */
int vmref_page_out(const struct vmref_sys *s, uint32_t a, uint64_t p);

/* Bring page p of a space back from swap, for all who share it. VMREF_EINVAL: no such space or
 * page, or it is not in swap; VMREF_ENOMAP; VMREF_EMEM: no frame is free. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures in: \result == VMREF_OK ==> obj(*s, leaf_of(*s, a, p)) < s->frames;
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && P(\old(at(*s, u, j))) == 1 ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures same: same_tables{Pre, Post}(*s);
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q); */
int vmref_page_in(const struct vmref_sys *s, uint32_t a, uint64_t p);
#endif
