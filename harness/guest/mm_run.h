/* SPDX-License-Identifier: MIT */
/* guest-mm: its options, and what its files share. */
#ifndef VMREF_GUEST_MM_RUN_H
#define VMREF_GUEST_MM_RUN_H
#include "mm_peer.h"

#define EXIT_AGREES    0
#define EXIT_DIVERGES  1
#define EXIT_USAGE     2
#define EXIT_MALFORMED 3
#define EXIT_INTERNAL  5

#define MM_CORPORA 16
#define MM_FOUND 16u
struct mm_options {
  const char *elf, *json, *corpus[MM_CORPORA], *token, *findings, *state;
  unsigned corpora, shown, processors, ipi;
  uint8_t accel, single;
  uint64_t seed, sequences;
  double seconds;
  uint32_t plant, plant_at;
  int as;        /* AS_*, or -1: each in turn */
  uint8_t policy;
};

/* A run: the guest, and the batches that are under way. */
struct mm_run {
  struct mm_peer peer;
  const struct mm_options *o;
  struct mm_tally tally[AS_KINDS];
  struct mm_input input[MM_BATCHES][MM_SEQUENCES]; /* what is in a batch */
  double busy[AS_KINDS]; /* seconds that batches of a kind took, with the comparison */
  double begun, told;
  uint64_t next, judged; /* of the generator: what it gives next; up to where all is compared */
  int generates;
  uint32_t turn;         /* the batch that the guest looks at next */
  unsigned findings;
  struct mm_found { struct mm_input x; struct mm_difference d; } found[MM_FOUND]; /* the first of them */
  double before;         /* seconds of the runs that this one goes on from */
};
#define MM_PRINTED_SHORT 4u /* so many are made shorter */

/* ---- mm_campaign.c ---- */
/* 0, or -1: the guest failed. */
int mm_corpus(struct mm_run *r);
int mm_generated(struct mm_run *r);
int mm_one(struct mm_run *r, const struct mm_input *x); /* a token: all of it is told */
/* ---- mm_shrink.c ---- */
/* 1: x is as short as may be, and d how it diverges; 0: it no longer does; -1: the guest failed. */
int mm_shrink(struct mm_run *r, struct mm_input *x, struct mm_difference *d);
/* ---- mm_state.c: a run that goes on from the one before ---- */
int mm_state_load(struct mm_run *r);  /* 0, or -1 and it has said why */
int mm_state_save(struct mm_run *r);
/* ---- mm_report.c ---- */
void mm_finding(struct mm_run *r, const struct mm_input *x, const struct mm_difference *d);
/* Print and store them, made shorter where the guest still runs. */
void mm_findings(struct mm_run *r, int guest);
struct mm_tally mm_sum(const struct mm_run *r);
void mm_report(const struct mm_run *r, const char *what);
int mm_report_json(const struct mm_run *r, const char *what);
void mm_progress(struct mm_run *r);
#endif
