/* SPDX-License-Identifier: MIT */
/* Topic space: address spaces and what is mapped in them, page by page. */
#ifndef VMREF_SPACE_H
#define VMREF_SPACE_H
#include "cow.h"

/* Begin: no spaces, no pages, and the kernel's half: its frames at the bottom of it, text
 * read-only, the rest not executable. VMREF_EINVAL: too few tables (spaces + 4). */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. objects(*s) + 1];
    ensures status: \result == (s->tables < s->spaces + 4 ? VMREF_EINVAL : VMREF_OK);
    ensures inv: \result == VMREF_OK ==> inv(*s);
    ensures empty: \result == VMREF_OK ==> \forall integer a; 0 <= a < s->spaces ==> s->level[a] == 0; */
int vmref_boot(const struct vmref_sys *s);

/* Make space a, which does not exist: VMREF_PROCESS or VMREF_FILE. It is empty but for the
 * kernel's half. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 0;
    terminates \true; exits \false;
    assigns s->tab[512 * a .. 512 * a + 511], s->level[a], s->owner[a], s->parent[a];
    ensures inv: inv(*s);
    ensures made: s->level[a] == 4 && s->parent[a] == what;
    ensures empty: \forall integer i4, i3, i2, i1; page(*s, a, i4, i3, i2, i1) ==> leaf(*s, a, i4, i3, i2, i1) == 0;
    ensures pages: \forall integer b, i4, i3, i2, i1; page(*s, b, i4, i3, i2, i1) && b != a ==>
      leaf(*s, b, i4, i3, i2, i1) == \old(leaf(*s, b, i4, i3, i2, i1)); */
void vmref_space_new(const struct vmref_sys *s, uint32_t a, int64_t what);

/* End space a: its pages and tables become free. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1],
            s->shared[0 .. objects(*s) - 1], s->hint[0 .. objects(*s) + 1];
    ensures inv: inv(*s);
    ensures gone: s->level[a] == 0 && \forall integer t; 0 <= t < s->tables && s->level[t] != 0 ==> s->owner[t] != a;
    ensures others: \forall integer t; 0 <= t < s->tables && s->owner[t] != a ==> s->level[t] == \old(s->level[t]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==> at(*s, t, i) == \old(at(*s, t, i)); */
void vmref_space_exit(const struct vmref_sys *s, uint32_t a);

/* Map a page at an address where nothing is mapped; it reads as zero. VMREF_EINVAL: no such
 * space, or something is mapped there; VMREF_EMEM: no table frame is free. */
/*@ requires \valid_read(s) && inv(*s) && page(*s, a, i4, i3, i2, i1) && prot <= 7;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. objects(*s) + 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> same_entries{Pre, Post}(*s);
    ensures here: \result == VMREF_OK ==> leaf(*s, a, i4, i3, i2, i1) != 0 && prot(leaf(*s, a, i4, i3, i2, i1)) == prot
      && obj(*s, leaf(*s, a, i4, i3, i2, i1)) == NONE(*s);
    ensures others: \forall integer b, k4, k3, k2, k1; page(*s, b, k4, k3, k2, k1)
      && !(b == a && k4 == i4 && k3 == i3 && k2 == i2 && k1 == i1) ==>
      leaf(*s, b, k4, k3, k2, k1) == \old(leaf(*s, b, k4, k3, k2, k1));
    ensures rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]); */
int vmref_map_page(const struct vmref_sys *s, uint32_t a, uint32_t i4, uint32_t i3, uint32_t i2, uint32_t i1, uint8_t prot);

/* Unmap a page, if it is mapped. */
/*@ requires \valid_read(s) && inv(*s) && page(*s, a, i4, i3, i2, i1);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. objects(*s) + 1];
    ensures inv: inv(*s);
    ensures here: leaf(*s, a, i4, i3, i2, i1) == 0;
    ensures others: \forall integer b, k4, k3, k2, k1; page(*s, b, k4, k3, k2, k1)
      && !(b == a && k4 == i4 && k3 == i3 && k2 == i2 && k1 == i1) ==>
      leaf(*s, b, k4, k3, k2, k1) == \old(leaf(*s, b, k4, k3, k2, k1)); */
void vmref_unmap_page(const struct vmref_sys *s, uint32_t a, uint32_t i4, uint32_t i3, uint32_t i2, uint32_t i1);

/* Give a mapped page other rights. The hardware gets them when it next faults. VMREF_EINVAL:
 * nothing is mapped there. */
/*@ requires \valid_read(s) && inv(*s) && page(*s, a, i4, i3, i2, i1) && prot <= 7;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. objects(*s) + 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> same_entries{Pre, Post}(*s);
    ensures here: \result == VMREF_OK ==> leaf(*s, a, i4, i3, i2, i1) != 0
      && prot(leaf(*s, a, i4, i3, i2, i1)) % 8 == prot
      && prot_S(prot(leaf(*s, a, i4, i3, i2, i1))) == \old(prot_S(prot(leaf(*s, a, i4, i3, i2, i1))))
      && obj(*s, leaf(*s, a, i4, i3, i2, i1)) == \old(obj(*s, leaf(*s, a, i4, i3, i2, i1)));
    ensures others: \forall integer b, k4, k3, k2, k1; page(*s, b, k4, k3, k2, k1)
      && !(b == a && k4 == i4 && k3 == i3 && k2 == i2 && k1 == i1) ==>
      leaf(*s, b, k4, k3, k2, k1) == \old(leaf(*s, b, k4, k3, k2, k1));
    ensures rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]); */
int vmref_protect_page(const struct vmref_sys *s, uint32_t a, uint32_t i4, uint32_t i3, uint32_t i2, uint32_t i1, uint8_t prot);
#endif
