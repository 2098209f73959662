/* SPDX-License-Identifier: MIT */
/* Part of topic smp: what a processor caches. */
#ifndef VMREF_SMP_FILL_H
#define VMREF_SMP_FILL_H
#include "smp.h"

/* What a processor caches of a walk that was granted. A cache that is full loses what it had. */
/*@ requires \valid(tlb) && \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && coherent_tlb(*s, a, *tlb, pending);
    requires runs(w.cpu, a) && valid_cpu(w.cpu) && w.level == 0 && w.origin.level == 4 && w.origin.rw == 1 && w.origin.us == 1
      && w.origin.xd == 0 && w.last == 1;
    requires w.access.va < 0x800000000000 && went_down(*s, w, a, w.access.va) && P(leaf_at(*s, a, w.access.va)) == 1;
    terminates \true; exits \false; assigns *tlb;
    ensures coherent_tlb(*s, a, *tlb, pending); */
void vmref_smp_cache(struct vmref_tlb *tlb, const struct vmref_sys *s, uint32_t a, uint8_t pending, struct vmref_walk w);

/* Processor c looks ahead: it caches what a walk to a user's address finds, unless that faults.
 * It may do so at any time. VMREF_EINVAL: c is no processor, or idle. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures runs: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \old(m->runs[d]);
    ensures others: \forall integer d; 0 <= d < VMREF_CPUS && d != c ==> m->tlb[d] == \old(m->tlb[d]);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == \old(m->pending);
    ensures status: \result == (c >= VMREF_CPUS || m->runs[c] == VMREF_IDLE ? VMREF_EINVAL : VMREF_OK); */
int vmref_smp_fill(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint64_t va);

/* ---- lemmas, run by the prover only ---- */
/* The indices of an address are those of its page. */
/*@ ghost
  /@ requires va < 0x800000000000;
     terminates \true; assigns \nothing; exits \false;
     ensures p4(va / 0x1000) == i4(va) && p3(va / 0x1000) == i3(va) && p2(va / 0x1000) == i2(va) && p1(va / 0x1000) == i1(va);
     ensures upage(va / 0x1000) && 0 <= i4(va) < 256 && ix(i3(va)) && ix(i2(va)) && ix(i1(va)); @/
  void vmref_lemma_indices(uint64_t va);
*/
#endif
