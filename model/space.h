/* SPDX-License-Identifier: MIT */
/* Topic space: address spaces, processes and files. What is mapped in them: space_range.h. */
#ifndef VMREF_SPACE_H
#define VMREF_SPACE_H
#include "cow.h"

#ifdef __FRAMAC__
#include "../spec/space_place.acsl"
#endif

/* Begin: no spaces, no pages, and the kernel's half: its frames at the bottom of it, text
 * read-only, the rest not executable. VMREF_EINVAL: too few tables (spaces + 4). */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures status: \result == (s->tables < s->spaces + 4 ? VMREF_EINVAL : VMREF_OK);
    ensures inv: \result == VMREF_OK ==> inv(*s);
    ensures empty: \result == VMREF_OK ==> \forall integer a; 0 <= a < s->spaces ==> s->level[a] == 0; */
int vmref_boot(const struct vmref_sys *s);

/* The entry of a page of the kernel: its text may be executed, the rest be written. */
/*@ requires \valid_read(s) && sized(*s) && k < s->kernel;
    terminates \true; assigns \nothing; exits \false;
    ensures kernel_leaf(*s, \result) && PFN(\result) == s->tables + s->frames + k && \result != 0; */
uint64_t vmref_kernel_page(const struct vmref_sys *s, uint32_t k);

/* Make space a, a VMREF_PROCESS or a VMREF_FILE. It is empty but for the kernel's half.
 * VMREF_EINVAL: there is no such number, or that space exists. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1];
    ensures inv: inv(*s);
    ensures status: \result == (a < s->spaces && \old(s->level[a]) == 0 ? VMREF_OK : VMREF_EINVAL);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures made: \result == VMREF_OK ==> s->level[a] == 4 && s->parent[a] == what;
    ensures entries: \forall integer t, i; 0 <= t < s->tables && t != a && ix(i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures levels: \forall integer t; 0 <= t < s->tables && (t != a || \result != VMREF_OK) ==>
      s->level[t] == \old(s->level[t]) && s->owner[t] == \old(s->owner[t]) && s->parent[t] == \old(s->parent[t]);
    ensures empty: \result == VMREF_OK ==> \forall integer i4, i3, i2, i1; page(*s, a, i4, i3, i2, i1) ==> leaf(*s, a, i4, i3, i2, i1) == 0;
    ensures pages: \forall integer b, i4, i3, i2, i1; page(*s, b, i4, i3, i2, i1) && b != a ==>
      leaf(*s, b, i4, i3, i2, i1) == \old(leaf(*s, b, i4, i3, i2, i1)); */
int vmref_space_new(const struct vmref_sys *s, uint32_t a, int64_t what);

/* End space a: its pages and tables become free. VMREF_EINVAL: there is no such space. Pages of a
 * file live on where they are mapped. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1],
            s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == (a < s->spaces && \old(s->level[a]) == 4 ? VMREF_OK : VMREF_EINVAL);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures gone: \result == VMREF_OK ==> s->level[a] == 0 && \forall integer t; 0 <= t < s->tables && s->level[t] != 0 ==> s->owner[t] != a;
    ensures others: \forall integer t; 0 <= t < s->tables && s->owner[t] != a ==> s->level[t] == \old(s->level[t]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures entries: \forall integer t, i; 0 <= t < s->tables && s->owner[t] != a && ix(i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures counts: \old(bare(*s, a)) ==> same_objects{Pre, Post}(*s); */
int vmref_space_exit(const struct vmref_sys *s, uint32_t a);
#endif
