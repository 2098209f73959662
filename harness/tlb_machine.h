/* SPDX-License-Identifier: MIT */
/* A small machine for the fuzz targets of topics tlb and allows: a byte string is a control
 * state, a few tables and a sequence of what software does. Three follow it: the model's
 * TLB, the history of the second opinion, and a simulated processor that caches, drops,
 * speculates and uses what it has cached as it likes. */
#ifndef VMREF_TLB_MACHINE_H
#define VMREF_TLB_MACHINE_H
#include "fuzz_target.h"
#include "opinion_tlb.h"

/* Four bytes of control state, then four for each step; missing bytes are 0. */
#define MACHINE_FORM  "tm1"
#define MACHINE_HEAD  4u
#define MACHINE_STEPS (OPINION_MOMENTS - 2)
#define MACHINE_BYTES (MACHINE_HEAD + 4 * MACHINE_STEPS)

/* The simulated processor. */
#define SIMULATED_SLOTS 6
struct simulated {
  uint32_t random;
  struct vmref_translation page[SIMULATED_SLOTS];
  struct vmref_cached_table table[SIMULATED_SLOTS];
};
/* Makes an access, and sets A and D in m: 1, or 0 if a table lies outside of memory. */
int simulated_access(struct simulated *s, struct opinion_moment *m, const struct vmref_access *a,
                     struct vmref_observed *seen);
/* Walks for an address without an access; may set A. */
void simulated_speculate(struct simulated *s, struct opinion_moment *m, uint64_t va);
/* Drops what the step to the last moment demands, and now and then more. */
void simulated_event(struct simulated *s, const struct opinion_history *h);

struct machine {
  const uint8_t *data;
  size_t size;
  unsigned step;
  struct opinion_history history;
  struct simulated simulated;
  struct vmref_tlb tlb;
  int8_t filled; /* status of the last filling */
  uint64_t ram[OPINION_WORDS];
};

/* The next step, not made yet. */
struct machine_step {
  int is_access;
  struct vmref_access access;
  struct vmref_observed seen; /* by the simulated processor */
  struct opinion_event event;
  struct opinion_moment after;
  uint8_t rule;               /* the model's, of INVPCID */
};

void machine_start(struct machine *m, const uint8_t *data, size_t size);
/* Works out the next step: 1, or 0: there is none. */
int machine_next(struct machine *m, struct machine_step *s);
/* Makes it. */
void machine_make(struct machine *m, struct machine_step *s);
/* Adds to tlb what may be cached from memory as it is. */
int8_t machine_fill(const struct machine *m, struct vmref_tlb *tlb);

/* Says what has happened so far, then reports the finding. */
_Noreturn void machine_finding(const struct machine *m, const char *what);
void machine_show_seen(FILE *f, const struct vmref_access *a, const struct vmref_observed *seen);

#endif
