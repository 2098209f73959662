/* SPDX-License-Identifier: MIT */
/* What run_compare.c, which compares replacement policies, and run_chart.c, which draws it, share. */
#ifndef VMREF_CLI_COMPARE_H
#define VMREF_CLI_COMPARE_H
#include "run.h"

enum { COMPARE_LRU, COMPARE_CLOCK, COMPARE_OPTIMUM, COMPARE_POLICIES };
extern const char *const COMPARE_NAME[COMPARE_POLICIES];
#define COMPARE_MOST 65536 /* pages, frames */

struct compared { uint32_t frames; size_t faults[COMPARE_POLICIES]; };
struct comparison {
  const char *title;
  uint32_t marked;      /* the number of frames asked for, 0: none was */
  size_t accesses, pages; /* accesses 0: none is made, or there are more than COMPARE_MOST pages */
  struct compared *row; /* from 1 frame on, then the one marked if it is none of them. To be freed */
  size_t rows;
};

/* ---- run_compare.c ---- */
/* The first line that makes a script one that cannot be compared, and why; NULL: it can. */
const struct script_line *compare_objects(const struct script *t, const char **why);
/* false: out of memory. Begin with title and marked. */
bool compare_run(const struct script *t, struct mm_sizes sizes, struct comparison *c);
void compare_print(const struct comparison *c);
void compare_print_json(const struct comparison *c);

/* ---- run_chart.c ---- */
/* Faults by frames as SVG, a line a policy. */
void chart_draw(FILE *f, const struct comparison *c);
#endif
