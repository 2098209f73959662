/* SPDX-License-Identifier: MIT */
/* Topic smp: several logical processors, each with a TLB of its own (topic tlb), run the spaces of one
 * memory manager. Who changes the tables tells those who may have cached them, by shootdowns: first
 * the others drop it and wait, then the tables change and frames become free, then all go on. What the
 * kernel does so: smp_ops.h. SDM 3A 4.10.4, 4.10.5. */
#ifndef VMREF_SMP_H
#define VMREF_SMP_H
#include "fault_access.h"
#include "tlb.h"

#define VMREF_CPUS 4
/* A processor that runs no space. */
#define VMREF_IDLE 0xFFFFFFFF
/* A shootdown of more pages drops all. */
#define VMREF_SHOOT_PAGES 33

/* The caller's, beside struct vmref_sys. */
struct vmref_smp {
  uint32_t runs[VMREF_CPUS];       /* the space that each runs, VMREF_IDLE: none */
  uint8_t  lazy;                   /* 1: an unmapping does not tell; the next operation that needs it does */
  uint8_t  pending;                /* 1: one has not told */
  uint32_t told;                   /* how many processors the last shootdown has told */
  struct vmref_tlb tlb[VMREF_CPUS];
};

#ifdef __FRAMAC__
#include "../spec/smp.acsl"
#endif

/* All idle, nothing cached. lazy: see vmref_smp. */
/*@ requires \valid(m) && lazy <= 1;
    terminates \true; exits \false; assigns *m;
    ensures idle: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == VMREF_IDLE && blank(m->tlb[c]);
    ensures lazy: m->lazy == lazy && m->pending == 0 && m->told == 0; */
void vmref_smp_reset(struct vmref_smp *m, uint8_t lazy);

/* Processor c goes to space a, or VMREF_IDLE: MOV CR3, which drops what it had cached.
 * VMREF_EINVAL: there is no such processor or space. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures status: \result == (c < VMREF_CPUS && (a == VMREF_IDLE || (a < s->spaces && s->level[a] == 4)) ? VMREF_OK : VMREF_EINVAL);
    ensures failed: \result != VMREF_OK ==> *m == \old(*m);
    ensures runs: \result == VMREF_OK ==> m->runs[c] == a && blank(m->tlb[c]);
    ensures others: \forall integer d; 0 <= d < VMREF_CPUS && d != c ==> m->runs[d] == \old(m->runs[d]) && m->tlb[d] == \old(m->tlb[d]);
    ensures pending: m->pending == \old(m->pending) && m->lazy == \old(m->lazy); */
int vmref_smp_run(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint32_t a);

/* Every processor drops all. Nothing is pending then: the point at which lazy unmappings have
 * taken effect everywhere. */
/*@ requires \valid(m) && m->lazy <= 1;
    terminates \true; exits \false; assigns *m;
    ensures blank: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]) && blank(m->tlb[c]);
    ensures done: m->pending == 0 && m->lazy == \old(m->lazy);
    ensures told: m->told <= VMREF_CPUS; */
void vmref_smp_flush(struct vmref_smp *m);

/* What lazy unmappings have left is told now, if there is anything. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]); */
void vmref_smp_settle(struct vmref_smp *m, const struct vmref_sys *s);

/* The processors that run space a drop its pages p .. p + n - 1 (address / 4096), and all cached tables. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && a != VMREF_IDLE && p + n <= 0x800000000;
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures same: m->pending == \old(m->pending) && m->lazy == \old(m->lazy);
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures others: \forall integer c; 0 <= c < VMREF_CPUS && m->runs[c] != a ==> m->tlb[c] == \old(m->tlb[c]);
    ensures gone: \forall integer c; 0 <= c < VMREF_CPUS && m->runs[c] == a ==> without(m->tlb[c], p, n);
    ensures told: m->told <= VMREF_CPUS; */
void vmref_smp_shoot(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n);

#endif
