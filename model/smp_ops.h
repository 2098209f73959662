/* SPDX-License-Identifier: MIT */
/* Part of topic smp: what the kernel does while the processors run: each operation of the memory manager,
 * with the shootdowns that it needs before it. What it does is what its namesake without smp says. In
 * lazy mode an unmapping tells nobody; the next operation here that is none, and the next fault of a user's
 * address, tells all first, so no frame that a processor may still reach is given to anyone before. */
#ifndef VMREF_SMP_OPS_H
#define VMREF_SMP_OPS_H
#include "compact.h"
#include "fault_page.h"
#include "replace_evict.h"
#include "smp_access.h"
#include "smp_range.h"
#include "space_fork.h"

/* ---- spaces ---- */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == (a < s->spaces && \old(s->level[a]) == 0 ? VMREF_OK : VMREF_EINVAL);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s); */
int vmref_smp_space_new(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, int64_t what);

/* A fork takes a's right to write from the hardware: all processors drop all first. */
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
    ensures isolated: isolated{Pre, Post}(*s, b); */
int vmref_smp_fork(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint32_t b);

/* Processors that run the space are idle then. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->level[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures status: \result == (a < s->spaces && \old(s->level[a]) == 4 ? VMREF_OK : VMREF_EINVAL);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures gone: \result == VMREF_OK ==> s->level[a] == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==>
      m->runs[c] == (\result == VMREF_OK && \old(m->runs[c]) == a ? VMREF_IDLE : \old(m->runs[c])); */
int vmref_smp_exit(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a);

/* ---- where pages are: all processors drop all first ---- */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP || \result == VMREF_EFULL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures out: \result == VMREF_OK ==> s->frames <= obj(*s, leaf_of(*s, a, p)) < objects(*s);
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q); */
int vmref_smp_page_out(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p);

/* Of a page in swap nothing is cached: nobody is told. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures in: \result == VMREF_OK ==> obj(*s, leaf_of(*s, a, p)) < s->frames;
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q); */
int vmref_smp_page_in(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p);

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures there: \result == VMREF_OK ==> obj(*s, leaf_of(*s, a, p)) == to;
    ensures views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Post}(*s, b, q); */
int vmref_smp_page_move(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint32_t to);

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_EINVAL || \result.status == VMREF_EMEM;
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures run: \result.status == VMREF_OK ==> free_run(*s, \result.first, n);
    ensures zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \old(leaf_of(*s, b, q)) == 0;
    ensures zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \old(leaf_of(*s, b, q)) == 0 ==> leaf_of(*s, b, q) == 0;
    ensures prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \old(prot(leaf_of(*s, b, q)));
    ensures shown: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && 0 <= k < 4096 ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
struct vmref_compacted vmref_smp_compact(struct vmref_smp *m, const struct vmref_sys *s, uint32_t n);

/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && \valid_read(p) && notes(*s, *p);
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1],
            p->note[6 * s->frames + 4 .. 6 * s->frames + 5];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_EINVAL || \result.status == VMREF_EFULL;
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures out: \result.status == VMREF_OK ==> \result.frame < s->frames && s->rc[\result.frame] == 0;
    ensures zero1: \forall integer b, q; 0 <= b < s->spaces && upage(q) && leaf_of(*s, b, q) == 0 ==> \old(leaf_of(*s, b, q)) == 0;
    ensures zero2: \forall integer b, q; 0 <= b < s->spaces && upage(q) && \old(leaf_of(*s, b, q)) == 0 ==> leaf_of(*s, b, q) == 0;
    ensures prots: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> prot(leaf_of(*s, b, q)) == \old(prot(leaf_of(*s, b, q)));
    ensures shown: \forall integer b, q, k; 0 <= b < s->spaces && upage(q) && 0 <= k < 4096 ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
struct vmref_eviction vmref_smp_evict(struct vmref_smp *m, const struct vmref_sys *s, const struct vmref_policy *p);
#endif
