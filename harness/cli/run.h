/* SPDX-License-Identifier: MIT */
/* What the files of `vmref run` share. */
#ifndef VMREF_CLI_RUN_H
#define VMREF_CLI_RUN_H
#include "cli.h"
#include "script.h"

/* ---- run_print.c: what came of an operation ---- */
/* "42", "ok", "frames 4 to 7 are free, 2 pages moved", "page fault 14, error 0x7 (P W U): ...", "error EMEM: ..."; to a line of a script. */
void print_result(FILE *f, const struct script_line *l, const struct mm_outcome *r);
/* The same as JSON, without the closing brace. */
void print_result_json(FILE *f, const struct script *t, const struct script_line *l, const struct mm_outcome *r);

/* ---- run_trace.c: how the hardware came to it ---- */
/* Taken before an operation: the page that it is about. */
struct trace {
  bool any;                /* there is such a page, of a space that exists */
  struct vmref_walk walk;  /* as the hardware would see it */
  uint64_t leaf;           /* 0: nothing is mapped */
};
struct trace trace_take(const struct vmref_sys *s, const struct mm_op *op);
/* The walk before, how a fault was mended, and the walk after. */
void trace_print(FILE *f, const struct vmref_sys *s, const struct mm_op *op, const struct trace *before,
                 const struct mm_outcome *r);
/* The same as fields of JSON. */
void trace_print_json(FILE *f, const struct vmref_sys *s, const struct mm_op *op, const struct trace *before,
                      const struct mm_outcome *r);
#endif
