/* SPDX-License-Identifier: MIT */
/* What the files of build/linux/run share. */
#ifndef HARNESS_LX_RUN_H
#define HARNESS_LX_RUN_H
#include "lx_host.h"
#include "lx_names.h"

struct options {
  double seconds;
  uint64_t ops;
  struct lx_mix mix;
  char tier;
  uint32_t kernel;          /* 0: this one */
  uint64_t overcommit;      /* pages, 0: the kernel's mode is left as it is, 0 or 1 */
  const char *state, *json, *reproducer;
  int quiet;
  struct lx_op one[LX_OPS]; /* --token, --script: just this sequence */
  unsigned one_n;
  void (*before)(struct vmref_linux *l); /* what a test changes in the model */
};
extern struct options options;

/* Of the worker process, seen by its parent. */
struct shared {
  uint64_t ops, sequences, cut; /* cut: sequences that the model could not follow to their end */
  uint8_t bytes[LX_OPS][LX_BYTES];
  unsigned found, found_n, now_n; /* now_n: length of the sequence in bytes */
  struct lx_done done;
  struct lx_finding finding;
  uint8_t frames, brk;
};
extern struct shared *shared;

/* lx_options.c: 0: --help was printed; exits for what is wrong. */
int options_read(int argc, char **argv, const char *help);
void state_read(void);
void state_write(void);
/* lx_report.c: print what came of it; the exit code. */
int conclude(int code, double seconds, uint64_t base);
#endif
