/* SPDX-License-Identifier: MIT */
/* What a peer is known to do otherwise than the manuals: one row each in
 * harness/deviations.tsv, one entry each here. An entry foretells the very answer
 * of the peer; it never excuses any other. */
#ifndef VMREF_GUEST_DEVIATIONS_H
#define VMREF_GUEST_DEVIATIONS_H
#include "plan.h"

struct deviation {
  const char *id;
  /* Both 0: of sequences alone (sequence_deviations.c). */
  /* Turn the case into the one that the peer takes it for. 0: does not apply. */
  int (*question)(const struct plan *p, struct vmref_case *q);
  /* Turn the model's answer to that into the peer's. 0: does not apply. */
  int (*answer)(const struct plan *p, struct expect *e);
  uint8_t overlooks; /* OVERLOOKS_* */
};
#define DEVIATIONS 26
extern const struct deviation deviations[DEVIATIONS];
extern uint8_t deviation_on[DEVIATIONS]; /* 1: its row stands for this machine */
unsigned deviations_overlook(void);      /* OVERLOOKS_* of those that are on */

/* Is r the answer of the machine with this set of deviations? Of the empty set: does it
 * agree with the model? 0: no. 2: yes, by another of the outcomes that are permitted. */
int foretells(unsigned set, const struct plan *p, const struct guest_result *r);

/* The fewest deviations that together foretell r, as a set of bits; 0: none do. */
unsigned explain(const struct plan *p, const struct guest_result *r);

#endif
