/* SPDX-License-Identifier: MIT */
/* Questions of kind `sequence` for the guest of harness/guest: its tables and pages are put into the arena, frame by frame, and its
 * linear addresses out of the guest's own window. What the manual says depends on neither; answers are put back. */
#ifndef VMREF_GUEST_SEQUENCES_H
#define VMREF_GUEST_SEQUENCES_H
#include "plain.h"
#include "sequence.h"

#define NOWHERE UINT64_MAX

/* What lies in each frame of the arena: the question's frame. */
struct places {
  uint64_t frame[CASE_FRAMES];
  uint8_t level[CASE_FRAMES];   /* of a table, 0: a page */
  uint8_t at_offset[CASE_FRAMES]; /* a part of the large page, which begins where the arena does */
  uint64_t large, far;          /* the large page that begins where the arena does; another, where RAM is zero */
  uint64_t size, root[2];       /* of a large page */
  uint64_t up;                  /* linear addresses are higher by so much */
  uint64_t odd;                 /* bits that entries have set of those that CPUs take in different ways */
  unsigned roots, shift;        /* of the root's entries, in bytes */
  uint8_t mode, pse;
};

struct guest_ask {
  struct plain_sequence p;
  struct places at;
  struct sequence q;            /* as the guest gets it; its judge foretells by it */
  uint8_t of[SEQUENCE_STEPS];   /* which step of the question this one is */
  struct step_result result[SEQUENCE_STEPS];
};

/* The feature that a machine lacks for this control state, or NULL. */
const char *lacks(const struct vmref_cpu *u, const struct machine *m);
/* NULL, or why it cannot be asked of this machine. */
const char *ask_plan(struct guest_ask *a, const struct machine *m);
/* What came of it, as an answer of docs/VECTORS.md; with the known deviations that foretell it, by `known` alone. */
void ask_print(const struct guest_ask *a, bool known);

/* places.c */
const char *places_find(struct places *at, const struct plain_sequence *p);
uint64_t place_of(const struct places *at, uint64_t pa);          /* in the arena, or NOWHERE */
uint64_t place_of_entry(const struct places *at, uint64_t pa, uint64_t value); /* what it holds there */
uint64_t place_back(const struct places *at, uint64_t pa);
unsigned entry_level(const struct places *at, uint64_t pa);       /* 0: no table */

#endif
