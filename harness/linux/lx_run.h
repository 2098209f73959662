/* SPDX-License-Identifier: MIT */
/* What the files of build/linux/run share. */
#ifndef HARNESS_LX_RUN_H
#define HARNESS_LX_RUN_H
#include "lx_host.h"
#include "lx_names.h"

struct options {
  double seconds, bench;   /* bench: 0: compare */
  uint64_t ops;
  struct lx_mix mix;
  char tier;
  uint32_t kernel;          /* 0: this one */
  uint64_t overcommit;      /* pages, 0: the kernel's mode is left as it is, 0 or 1 */
  const char *state, *json, *reproducer;
  int quiet;
  struct lx_op one[LX_OPS]; /* --token, --script: just this sequence */
  unsigned one_n;
};
extern struct options options;

/* --bench: of each kind of operation, how many, and what they take on each side. */
#define BENCH_KINDS  32
enum side { MODEL, KERNEL };
struct bench {
  unsigned kinds, rounds;
  struct bench_kind { uint32_t nr; uint64_t n; double ns[2]; } kind[BENCH_KINDS];
};

/* Of the worker process, seen by its parent. */
struct shared {
  uint64_t ops, sequences, cut; /* cut: sequences that the model could not follow to their end */
  uint8_t bytes[LX_OPS][LX_BYTES];
  unsigned found, found_n, now_n; /* now_n: length of the sequence in bytes */
  struct lx_done done;
  struct lx_finding finding;
  uint8_t frames, brk;
  struct bench bench;
};
extern struct shared *shared;
double now(void); /* seconds, of a clock that only goes on */

/* lx_options.c: 0: --help was printed; exits for what is wrong. */
int options_read(int argc, char **argv, const char *help);
void state_read(void);
void state_write(void);
/* lx_bench.c: in the worker: the same sequences by the model alone and by the kernel alone, in turns, for so many
 * seconds. 0: measured; 1: a result was not the one recorded, which it says. */
int bench_run(struct vmref_linux *l, double seconds, struct bench *b);
int bench_print(const struct bench *b); /* in the parent, and --json */
/* lx_report.c: print what came of it; the exit code. */
int conclude(int code, double seconds, uint64_t base);
#endif
