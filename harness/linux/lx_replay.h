/* SPDX-License-Identifier: MIT */
/* A trace of a real program through the model, and its layout against /proc/PID/maps. */
#ifndef HARNESS_LX_REPLAY_H
#define HARNESS_LX_REPLAY_H
#include "linux.h"
#include "lx_trace.h"

struct replay {
  struct vmref_linux *l;
  const struct trace *trace;
  const char *name;         /* of the trace, for messages */
  FILE *out;                /* what disagrees is said here */
  int verbose;              /* and each call */
  /* counts */
  unsigned calls, agree, disagree, other, places, places_same;
  uint64_t pages, before, wrong; /* of the layout: compared; mapped before the trace began; different */
  int task_of[4096];        /* by pid: task + 1 */
  unsigned file_of[64][64]; /* by mm and descriptor: 1 + file of the last mapping that chose a place */
  struct seen { uint64_t from, to; uint32_t mm; } *seen; /* pages that the trace is about */
  size_t seens, room;
  unsigned done;            /* events */
  struct { int64_t real; uint64_t model; } segment[64]; /* ids of System V segments that the trace has made */
  unsigned segments;
};

/* All of it: the layout is compared at the trace's snapshot, else where the first process exits. start: the
 * areas after the last execve of that process, or NULL. 0: it agrees; 1: it does not; 4: the model cannot follow. */
int replay_run(struct replay *r, const struct map_line *start, size_t starts, const struct map_line *maps, size_t n);
#endif
