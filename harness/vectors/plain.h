/* SPDX-License-Identifier: MIT */
/* A question of kind `sequence` as plain numbers, for those that make it happen (harness/oracle) and for packed vectors. */
#ifndef VMREF_PLAIN_H
#define VMREF_PLAIN_H
#include "asks.h"

#define PLAIN_STEPS    12
#define PLAIN_WORDS    16
#define PLAIN_STORES   4 /* words of a store */
#define PLAIN_OUTCOMES 8 /* that are permitted, then those that are denied */

enum plain_what { PLAIN_ACCESS, PLAIN_STORE, PLAIN_INVLPG, PLAIN_INVPCID, PLAIN_CR3, PLAIN_SET, PLAINS };

struct plain_step {
  uint8_t what, permits, denies, words;
  uint8_t keep, la57;            /* of CR3 and INVPCID */
  uint8_t vector;                /* that a vector says it faults with, 0: none */
  struct vmref_access access;
  uint64_t value;                /* INVLPG, INVPCID: the address; CR3: without bit 63 */
  uint64_t type, descriptor;     /* INVPCID */
  struct word word[PLAIN_STORES];
  struct vmref_cpu cpu;          /* SET: the control state after it */
  struct vmref_observed outcome[PLAIN_OUTCOMES];
};

struct plain_sequence {
  struct vmref_cpu cpu;
  uint8_t words, steps;
  struct word word[PLAIN_WORDS]; /* memory, by address */
  struct plain_step step[PLAIN_STEPS];
};

/* false: it is malformed, or, plain_full(), has more than there is room for; why says what. */
bool plain_read(struct plain_sequence *p, const json_t *ask, struct complaint *why);
bool plain_full(void);
/* NXE where nothing is fetched and no entry has XD, SMEP where nothing is fetched, neither changed on the way: they do nothing,
 * and are taken away, so that a machine without them can be asked. */
void plain_drop_idle(struct plain_sequence *p, bool has_smep, bool has_nx);
/* The question again; with its outcomes if it has some. */
json_t *plain_write(const struct plain_sequence *p);

#endif
