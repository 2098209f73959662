/* SPDX-License-Identifier: MIT */
/* Part of topic smp: an access on one processor, by what it has cached or by a walk. */
#ifndef VMREF_SMP_ACCESS_H
#define VMREF_SMP_ACCESS_H
#include "smp_fill.h"

struct vmref_smp_outcome {
  struct vmref_outcome out;
  uint8_t hit; /* 1: by a cached translation, without a walk */
};

/* An access on processor c, in the space that it runs, to one byte: by a translation that it has
 * cached and that grants it; else a walk, as vmref_user_access, after which the processor has cached
 * what the walk found. A fault of a page that is present drops it on every processor that runs
 * the space. VMREF_EINVAL: c is no processor, or idle; the others as vmref_user_access.
 * A hit sets no accessed flag (SDM 3A 4.10.2.3). */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns *m, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures coherent: coherent(*s, *m);
    ensures runs: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \old(m->runs[d]);
    ensures pending: m->lazy == \old(m->lazy) && m->pending <= \old(m->pending);
    ensures idle: \result.out.status == VMREF_EINVAL <==> c >= VMREF_CPUS || m->runs[c] == VMREF_IDLE;
    ensures status: \result.out.status == VMREF_OK || \result.out.status == VMREF_ENOMAP || \result.out.status == VMREF_EACCES
      || \result.out.status == VMREF_EMEM || \result.out.status == VMREF_EINVAL;
    ensures failed: \result.out.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures hit: \result.hit == 1 ==> \result.out.status == VMREF_OK && \result.out.faulted == 0;
    ensures none: \result.out.status == VMREF_EMEM ==> no_frame(*s);
    ensures nomap: \old(m->pending) == 0 ==> (\result.out.status == VMREF_ENOMAP <==> \result.out.status != VMREF_EINVAL
      && va < 0x800000000000 && \old(leaf_at(*s, m->runs[c], va)) == 0);
    ensures access: \old(m->pending) == 0 ==> (\result.out.status == VMREF_EACCES <==> \result.out.status != VMREF_EINVAL
      && (va >= 0x800000000000 || (\old(leaf_at(*s, m->runs[c], va)) != 0 && !permits(\old(leaf_at(*s, m->runs[c], va)), kind))));
    ensures here: \old(m->pending) == 0 && \result.out.status == VMREF_OK ==>
      va < 0x800000000000 && granted(leaf_at(*s, m->runs[c], va), kind);
    ensures read: \old(m->pending) == 0 && \result.out.status == VMREF_OK && kind != VMREF_WRITE ==>
      \result.out.byte == \old(shown(*s, leaf_at(*s, m->runs[c], va), va % 0x1000));
    ensures wrote: \old(m->pending) == 0 && \result.out.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, m->runs[c], va), va % 0x1000) == byte;
    ensures rights: \forall integer u, j; is_leaf(*s, u, j) ==> prot(at(*s, u, j)) == \old(prot(at(*s, u, j)))
      && (at(*s, u, j) == 0 <==> \old(at(*s, u, j)) == 0);
    ensures quiet: \result.out.status == VMREF_OK && (kind == VMREF_READ || kind == VMREF_FETCH) ==> isolated{Pre, Post}(*s, m->runs[c]);
    ensures others: \result.out.status == VMREF_OK ==> \forall integer b, q, k; 0 <= b < s->spaces && b != m->runs[c] && upage(q) && 0 <= k < 4096
      && (obj(*s, leaf_of(*s, b, q)) == NONE(*s) || s->shared[obj(*s, leaf_of(*s, b, q))] == 0) ==>
      shown(*s, leaf_of(*s, b, q), k) == \old(shown(*s, leaf_of(*s, b, q), k)); */
struct vmref_smp_outcome vmref_smp_access(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint64_t va, uint8_t kind, uint8_t byte);

/* ---- lemmas, run by the prover only ---- */
/* The theorem: what a processor reaches by what it has cached, a walk of the tables reaches. */
/*@ ghost
  /@ requires \valid_read(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && m->pending == 0;
     terminates \true; assigns \nothing; exits \false; ensures no_stale(*s, *m); @/
  void vmref_lemma_no_stale(const struct vmref_smp *m, const struct vmref_sys *s);
*/
#endif
