/* SPDX-License-Identifier: MIT */
/* The runner of the matrix, on the host: between its files. */
#ifndef VMREF_GUEST_MATRIX_RUN_H
#define VMREF_GUEST_MATRIX_RUN_H
#include <stdio.h>
#include "matrix_guest.h"
#include "peer.h"
#include "rows.h"

#define JOB 256u       /* batches handed over at once */
#define MACHINES 8u
#define JOBS 2048u     /* more than the largest matrix has */
#define KEPT 4u        /* failures shown */

struct options {
  const char *elf[6];  /* by levels */
  const char *rom, *deviations, *json, *folder;
  uint8_t accel, maxphyaddr, machines, fresh;
  uint32_t plant;
  uint64_t sample;     /* cases; 0: all of them */
  int64_t only;        /* this case alone, or -1 */
  const char *block;   /* this block alone, or NULL */
};

/* One matrix against one peer: what is done and what came of it. */
struct run {
  const struct options *o;
  uint8_t levels;
  uint32_t base, batches, jobs, step, allowed; /* step: between the batches of a sample, else 1 */
  uint64_t key;        /* of all that the numbers depend on: a state of another key is void */
  char version[32], name[40];
  uint8_t done[JOBS];
  struct matrix_tally sum;
  struct matrix_failure kept[KEPT];
  uint32_t kept_count;
  struct matrix_peer peer;
  double seconds;      /* over all calls */
  char why[400];       /* it could not go on */
};

/* matrix_state.c: the state file of a run, so that it goes on where it was killed. */
void state_load(struct run *r);
int state_save(const struct run *r);
void tally_add(struct run *r, const struct matrix_tally *t);

/* matrix_report.c */
void show_failure(FILE *f, const struct run *r, const struct matrix_failure *x);
void show_table(FILE *f, const struct run *r);
int write_result(const struct options *o, const struct run *runs, unsigned n);

#endif
