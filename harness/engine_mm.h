/* SPDX-License-Identifier: MIT */
/* What the fuzz targets of the memory manager share: a sequence of operations is run on the model
 * and on harness/reference.c, and after each step the two are compared. */
#ifndef ENGINE_MM_H
#define ENGINE_MM_H
#include "fuzz_target.h"
#include "look.h"
#include "sequence_mm.h"

struct engine {
  const struct engine_profile *of;
  const uint8_t *data;
  size_t size;
  unsigned step, steps;
  struct vmref_sys *s, *before; /* before: as it was before the step */
  struct reference r;
};

struct engine_profile {
  struct mm_sizes sizes;
  struct sequence_taste taste;
  /* What an operation of kind 0 does, if anything: how many of them, from e->step on. NULL: nothing. */
  unsigned (*disturb)(struct engine *e);
};

int engine_run(const struct engine_profile *of, const uint8_t *data, size_t size);
/* A wrong hint, which may change nothing but where the model looks first. */
unsigned engine_disturb_hints(struct engine *e);

/* Say what was done so far, then report. */
_Noreturn void engine_finding(const struct engine *e, const char *what);
#endif
