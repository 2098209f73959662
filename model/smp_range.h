/* SPDX-License-Identifier: MIT */
/* Part of topic smp: what is mapped in a space, while processors run it. What an operation does is what
 * its namesake without smp says; before it, those who may have cached what it changes are told. */
#ifndef VMREF_SMP_RANGE_H
#define VMREF_SMP_RANGE_H
#include "smp.h"
#include "space_range.h"

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_smp_map(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot);

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && share <= 1;
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM || \result == VMREF_ENOMAP;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_smp_map_file(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot,
                       uint32_t f, uint64_t first, uint8_t share);

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures isolated: isolated{Pre, Post}(*s, f); */
int vmref_smp_file_add(struct vmref_smp *m, const struct vmref_sys *s, uint32_t f, uint64_t p);

/* The processors that run the space are told first; in lazy mode, later. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->level[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && (m->lazy == 0 ==> m->pending == 0);
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures gone: \result == VMREF_OK ==> vacant(*s, a, p, n);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_smp_unmap(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n);

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures rights: \result == VMREF_OK ==> \forall integer q; p <= q < p + n ==> leaf_of(*s, a, q) != 0
      && prot(leaf_of(*s, a, q)) == prot + 8 * \old(prot_S(prot(leaf_of(*s, a, q))));
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_smp_protect(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot);
#endif
