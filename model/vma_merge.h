/* SPDX-License-Identifier: MIT */
/* Part of topic vma: areas that become one (mm/vma.c of Linux; before 6.12 mm/mmap.c). */
#ifndef VMREF_VMA_MERGE_H
#define VMREF_VMA_MERGE_H
#include "vma.h"

#define VMREF_ADD_MAP  0 /* mmap: may join both neighbours */
#define VMREF_ADD_BRK  1 /* brk: only that before */
#define VMREF_ADD_MOVE 2 /* mremap: v has the anon_vma of what it is a copy of */
#define VMREF_ADD_ALONE 3 /* the same, but it joins none */

/* Add area v where nothing is mapped; it joins its neighbours where it may. Returns its place, or that of
 * the area that has it now; n: it joins none, and there is no room. */
/*@ requires \valid(m) && areas(*m) && area(v) && vacant_from(*m, v.start, v.end);
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n <= \old(m->n) + 1;
    ensures there: \result < m->n ==> m->at[\result].start <= v.start && v.end <= m->at[\result].end;
    ensures full: \result <= m->n && (\old(m->n) < m->room ==> \result < m->n); */
uint32_t vmref_vma_add(struct vmref_vmas *m, struct vmref_vma v, uint8_t how);

/* Split off pages from..to-1 of area i; returns their place. n: no room for a split; one before may have been made. */
/*@ requires \valid(m) && areas(*m) && i < m->n && m->at[i].start <= from < to <= m->at[i].end;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n <= \old(m->n) + 2;
    ensures full: \result <= m->n && (\result == m->n ==> m->n + 1 >= m->room && m->n <= \old(m->n) + 1);
    ensures there: \result < m->n ==> m->at[\result].start == from && m->at[\result].end == to
      && m->at[\result].offset == \old(m->at[i].offset) + (from - \old(m->at[i].start)) && m->at[\result].flags == \old(m->at[i].flags)
      && m->at[\result].anon == \old(m->at[i].anon) && m->at[\result].file == \old(m->at[i].file); */
uint32_t vmref_vma_isolate(struct vmref_vmas *m, uint32_t i, uint64_t from, uint64_t to);

/* Give pages from..to-1 of area i other flags; they join their neighbours where they may, and are split
 * off where not. VMREF_EFULL: no room for a split; one before may have been made. */
/*@ requires \valid(m) && areas(*m) && i < m->n && m->at[i].start <= from < to <= m->at[i].end;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures status: \result == VMREF_OK || \result == VMREF_EFULL;
    ensures full: \result == VMREF_EFULL ==> m->n + 1 >= m->room; */
int vmref_vma_modify(struct vmref_vmas *m, uint32_t i, uint64_t from, uint64_t to, uint32_t flags);
#endif
