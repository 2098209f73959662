/* SPDX-License-Identifier: MIT */
/* Part of topic huge: fork. */
#ifndef VMREF_HUGE_FORK_H
#define VMREF_HUGE_FORK_H
#include "huge_page.h"
#include "space_fork.h"

/* The page of an address of space c has in B the entry, of the size, that it has in space a in A. */
/*@ predicate same_device{A, B}(struct vmref_sys s, uint16_t *o, integer a, integer c, integer va) =
         page_entry{B}(s, o, c, va) == page_entry{A}(s, o, a, va) && page_level{B}(s, o, c, va) == page_level{A}(s, o, a, va); */

/* vmref_fork, and the child has the devices of its parent, and no others. A page of 2 MiB of the parent stays one,
 * read-only; its pages come to the child as it touches them. Statuses as vmref_fork. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures child: \result == VMREF_OK ==> s->level[b] == 4 && s->parent[b] == VMREF_PROCESS;
    ensures devices: \result == VMREF_OK ==> \forall integer va; 0 <= va < 0x800000000000 ==>
      (at_device(*s, o, b, va) <==> \old(at_device(*s, o, a, va))) && (\old(at_device(*s, o, a, va)) ==> same_device{Pre, Post}(*s, o, a, b, va));
    ensures kept: \forall integer c, va; 0 <= c < s->spaces && (c != b || \result != VMREF_OK) && 0 <= va < 0x800000000000
      ==> (at_device(*s, o, c, va) <==> \old(at_device(*s, o, c, va))) && (\old(at_device(*s, o, c, va)) ==> same_device{Pre, Post}(*s, o, c, c, va));
    ensures isolated: isolated{Pre, Post}(*s, b); */
int vmref_huge_fork(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint32_t b);
#endif
