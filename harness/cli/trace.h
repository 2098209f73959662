/* SPDX-License-Identifier: MIT */
/* What the files of `vmref check` share. docs/FORMAT.md has the form of a trace. */
#ifndef VMREF_CLI_TRACE_H
#define VMREF_CLI_TRACE_H
#include "cli.h"

#define TRACE_CPUS 16

enum event_kind { EVENT_MEM, EVENT_CPU, EVENT_WRITE, EVENT_WRITE4, EVENT_CR3, EVENT_INVLPG, EVENT_INVPCID, EVENT_FLUSH, EVENT_FILL,
                  EVENT_ACCESS, EVENT_ALLOC, EVENT_FREE, EVENT_SWAPOUT, EVENT_SWAPIN, EVENT_KINDS };

struct event {
  uint64_t line;
  enum event_kind kind;
  uint8_t cpu, keep;
  uint64_t a, b, c;             /* address and value; descriptor and va; frame and slot */
  struct vmref_cpu state;       /* EVENT_CPU */
  bool registers;               /* its PDPTEs are given */
  struct vmref_access access;   /* EVENT_ACCESS */
  struct vmref_observed seen;
  uint8_t rights;               /* EVENT_FILL: TRACE_W, TRACE_U, TRACE_X */
};
#define TRACE_W 1
#define TRACE_U 2
#define TRACE_X 4

struct trace_file {
  struct event *event;
  size_t events, room;
  char **text; /* of each event, for the report */
};

/* ---- trace_read.c ---- */
/* 0, or EXIT_MALFORMED with what is wrong said. */
int trace_read(struct trace_file *t, const char *path);
bool trace_line(struct trace_file *t, uint64_t line, const char *text, size_t size, struct complaint *why);
void trace_free(struct trace_file *t);

/* ---- trace_check.c ---- */
enum trace_verdict { TRACE_FOLLOWS, TRACE_BROKEN, TRACE_WRONG, TRACE_UNMODELLED };
struct trace_result {
  enum trace_verdict verdict;
  size_t at;               /* the event, where it does not follow the rules */
  const char *rule, *text; /* TRACE_BROKEN: the rule's id, and what it says */
  char what[300];          /* what is wrong, in words */
  uint64_t va, frame;      /* TRACE_BROKEN: what it is about; UINT64_MAX: nothing of the kind */
  uint64_t entry[TRACE_CPUS * 5]; /* where the entries lie that lead to va */
  size_t entries;
  bool walked;             /* there is a walk that shows it */
  struct vmref_walk walk;
};
/* Check the first `n` of the events of `order`, places in t; of all of them in order: order NULL. false: out of memory. */
bool trace_check(const struct trace_file *t, const size_t *order, size_t n, struct trace_result *r);
/* Places of the fewest events that still end in the same break of the same rule, as far as single
 * removals tell. How many; order has room for r->at + 1. */
size_t trace_shrink(const struct trace_file *t, const struct trace_result *r, size_t *order);
#endif
