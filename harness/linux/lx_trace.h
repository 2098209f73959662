/* SPDX-License-Identifier: MIT */
/* What strace -f writes of calls, and /proc/PID/maps. */
#ifndef HARNESS_LX_TRACE_H
#define HARNESS_LX_TRACE_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TRACE_ARGS 6
enum trace_kind { TRACE_CALL, TRACE_EXIT, TRACE_SNAPSHOT };
struct trace_event {
  enum trace_kind kind;
  unsigned line, pid;       /* pid: numbered by first appearance, from 0 */
  char call[24];
  char arg[TRACE_ARGS][48]; /* as written; long ones are cut */
  int64_t value;            /* what it returned; failed: errno's name in error */
  char error[16];
  unsigned child;           /* of clone, fork, vfork: 1 + the pid that it returned */
};
struct trace {
  struct trace_event *event;
  size_t n, room;
  char (*pid)[16];
  unsigned pids;
};
/* All events, an unfinished call where it resumed. 0: malformed or unreadable, said on stderr. */
int lx_trace_read(struct trace *t, FILE *f, const char *name);
void lx_trace_free(struct trace *t);

/* The value of an argument: a number, NULL, names of bits with |. 0: none of these. */
int trace_value(const char *text, uint64_t *v);

struct map_line { uint64_t start, end, offset; uint8_t prot, shared; char path[200]; }; /* in pages */
struct map_line *maps_read(FILE *f, const char *name, size_t *n); /* NULL: malformed, said on stderr */
#endif
