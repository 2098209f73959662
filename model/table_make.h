/* SPDX-License-Identifier: MIT */
/* Part of topic table: the tables that a range of pages needs. */
#ifndef VMREF_TABLE_MAKE_H
#define VMREF_TABLE_MAKE_H
#include "table.h"

/* How many pages one operation takes: 1 GiB. */
#define VMREF_RANGE 0x40000

/* Link the leaf tables of n pages of a space from page p (address / 4096), with those above
 * them, where they are missing; no page's entry changes. VMREF_EMEM: there are not enough free
 * table frames, and then all is as it was. Takes some hundred bytes of stack for each 2 MiB. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4;
    requires 1 <= n <= VMREF_RANGE && p + n <= 0x800000000;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures made: \result == VMREF_OK ==> \forall integer q; p <= q < p + n ==> table_of(*s, a, q) < s->tables;
    ensures grown: grown{Pre, Post}(*s, a);
    ensures failed: \result != VMREF_OK ==> same_entries{Pre, Post}(*s); */
int vmref_tables_make(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n);
#endif
