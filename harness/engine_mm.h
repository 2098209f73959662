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

/* What fuzz_target.h asks of a target whose inputs are sequences: the functions of the topic with
 * this profile. */
#define ENGINE_TARGET(topic, profile) \
  const char *fuzz_topic(void) { return topic; } \
  const char *fuzz_form(void) { return SEQUENCE_FORM; } \
  size_t fuzz_length(void) { return SEQUENCE_BYTES; } \
  size_t fuzz_unit(void) { return SEQUENCE_OP; } \
  size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed) \
  { \
    return sequence_mutate(&(profile).taste, data, size, max, seed); \
  } \
  int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return engine_run(&(profile), data, size); }

/* Say what was done so far, then report. */
_Noreturn void engine_finding(const struct engine *e, const char *what);
#endif
