/* SPDX-License-Identifier: MIT */
/* Cases go to the guest in batches, answers come back and are judged. */
#ifndef VMREF_GUEST_FEED_H
#define VMREF_GUEST_FEED_H
#include <stdio.h>
#include "deviations.h"
#include "peer.h"

struct stats {
  uint64_t cases, agree, unexplained;
  uint64_t permitted; /* of those that agree: by the other of two permitted outcomes */
  uint64_t explained[DEVIATIONS], explained_cases;
  uint64_t excluded[EXCLUSIONS], adapted;
  uint64_t rules[256];
  uint64_t modes[5], two; /* by paging mode; in two pages */
  uint64_t sequences, explained_sequences;
  uint64_t ways[6], full; /* accesses in sequences by VMREF_WAY_*; cut short, no slot left */
  double seconds; /* with a guest at work, its start apart */
};

struct feed {
  struct peer q;
  struct machine m;
  struct stats *stats;
  unsigned batch;      /* cases in a batch, 1 to MAIL_CASES */
  double patience;     /* seconds for a batch */
  int show, quiet;     /* print each case; print none, not even what diverges */
  unsigned shown;      /* of those that diverge, print so many */
  unsigned turn;
  struct feed_slot {
    unsigned n;
    int busy;
    struct plan plan[MAIL_CASES];
    uint16_t order[MAIL_CASES]; /* the n-th case in the guest is plan[order[n]] */
  } slot[MAIL_SLOTS];
};

/* The machine by its CPUID; -1 with q.why when it is not what c asks for. */
int feed_start(struct feed *f, const struct config *c, const struct images *i);
/* 0: planned. Otherwise the reason why not. -1: the guest is gone (q.why). */
int feed_put(struct feed *f, const struct vmref_case *c);
int feed_finish(struct feed *f); /* all cases judged; 0 or -1 */

/* Sequences, after feed_finish(); finish them before other cases. */
int feed_sequence(struct feed *f, const uint8_t *code, size_t size);
int feed_sequences_finish(struct feed *f);

/* A planted error: the model's answer is spoilt, so that the run must fail. */
extern const char *const plants[];
int plant_choose(const char *name); /* -1: no such plant */
int plant_forgets(void);

/* judge.c */
void judge(struct feed *f, const struct plan *p, const struct guest_result *r);
void judge_stray(struct feed *f, const struct plan *first, unsigned words);

#endif
