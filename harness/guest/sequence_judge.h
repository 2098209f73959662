/* SPDX-License-Identifier: MIT */
#ifndef VMREF_GUEST_SEQUENCE_JUDGE_H
#define VMREF_GUEST_SEQUENCE_JUDGE_H
#include <stdio.h>
#include "sequence.h"

/* What may be cached, by the model and as two deviations together have it: page faults
 * drop nothing; the walks of PAE paging begin at other PDPTEs than the model's registers. */
#define TLB_MODEL      0
#define TLB_NO_DROP    1
#define TLB_PDPTES     2
#define TLBS           4

/* The model while a sequence is judged. */
struct state {
  const struct sequence *q;
  struct vmref_control control;
  struct vmref_tlb tlb[TLBS];
  uint8_t in_use;          /* bit n: tlb[n]; those without drops from the first fault on */
  uint64_t other[4];       /* those PDPTEs: as in memory now, or when CR0 or CR4 was last written */
  uint8_t filled;          /* nothing has changed since the last fill() */
  uint8_t mode, full;     /* full: more may be cached than there are slots; judged so far */
  unsigned at;            /* the step */
  unsigned ways[6];       /* accesses by VMREF_WAY_* */
  unsigned explained;     /* bits of sequence_deviations[] */
};

/* 0: each step is permitted or explained; -1: step s->at is not. */
int sequence_judge(struct state *s, const struct sequence *q, const struct step_result *r);
void show_sequence(FILE *f, const struct sequence *q, const struct step_result *r, unsigned steps);

/* An access: what was asked in which state, and seen. */
struct asked {
  struct vmref_cpu cpu;
  struct vmref_access access;
  struct vmref_observed seen;
  unsigned tlb;           /* set of TLB_* */
};

/* sequence_deviations.c: rows of deviations.tsv, turned round: what a machine without them
 * would have been asked, and seen to do. 0: does not apply. */
struct sequence_deviation {
  const char *id;
  int (*apply)(const struct state *s, const uint64_t *memory, struct asked *a);
  uint8_t pae;     /* in PAE paging alone */
  uint8_t accepts[6]; /* or rules that forbid to write a register: the write is made */
};
#define SEQUENCE_DEVIATIONS 14
extern const struct sequence_deviation sequence_deviations[SEQUENCE_DEVIATIONS];
uint64_t pdpte_in_memory(const struct vmref_cpu *c, uint64_t e);
int deviation_is_on(const char *id);
int deviation_row(const char *id); /* in deviations[]; -1: none */
int deviation_of_set(uint8_t rule); /* in sequence_deviations[]; -1: none */

#endif
