/* SPDX-License-Identifier: MIT */
/* What the fuzz targets of the memory manager share: a sequence of operations is run on the model
 * and on harness/reference.c, and after each step the two are compared. */
#ifndef ENGINE_MM_H
#define ENGINE_MM_H
#include "fuzz_target.h"
#include "look.h"
#include "sequence_mm.h"

/* A policy, and what its notes must say, kept by the engine's own account. */
#define ENGINE_FRAMES 16
struct engine_policy {
  struct vmref_policy p;
  uint64_t used[ENGINE_FRAMES], now;
  uint32_t came[ENGINE_FRAMES], hand;
};

/* Processors, and what must be true of them. */
#define ENGINE_HAD 64
struct engine_leftover {         /* a page that is unmapped and was cached */
  uint32_t a;
  uint64_t page, frame;
  struct reference_bytes *bytes; /* what it held; NULL: zeros */
  uint8_t file, noted;
  unsigned had;                  /* leaves that refer to its frame beside, and where they stand */
  size_t by[ENGINE_HAD];
};
struct engine_smp {
  struct vmref_smp m, before;
  uint32_t runs[VMREF_CPUS];
  struct engine_leftover left[SEQUENCE_OPS];
  unsigned lefts;
};

struct engine {
  const struct engine_profile *of;
  const uint8_t *data;
  size_t size;
  unsigned step, steps;
  struct vmref_sys *s, *before; /* before: as it was before the step */
  struct reference r;
  struct vmref_sys *twin, *was; /* of targets with a policy: an access tried apart, what was before an eviction */
  struct engine_policy policy;
  struct engine_smp smp; /* of targets with processors */
};

struct engine_profile {
  struct mm_sizes sizes;
  struct sequence_taste taste;
  /* What an operation whose byte 0 is 0 does, if anything: how many of them, from e->step on. NULL: nothing. */
  unsigned (*disturb)(struct engine *e);
  int policy; /* accesses are made under one, which MM_EVICT chooses; LRU at first */
  int processors; /* accesses are made on them, under no policy */
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

/* ---- engine_compact.c: frames that move ---- */
/* The status that a move, a compaction or the count of fragments must have, where the reference
 * has no objection. object: that of the page to move; what was before is in e->before. */
int engine_compact_status(const struct engine *e, const struct mm_op *op, uint32_t object);
/* What came of one that has succeeded; of the free frames as they lie now. */
void engine_compact_judge(const struct engine *e, const struct mm_op *op, uint32_t object, const struct mm_outcome *got);
void engine_fragments_judge(const struct engine *e, struct vmref_fragments got);

/* ---- engine_replace.c: pages that a policy evicts ---- */
void engine_replace_begin(struct engine *e);
/* Wrong or old notes, which may change nothing but who goes. */
unsigned engine_disturb_notes(struct engine *e);
/* Evict a page of e->s, and judge all that comes of it. */
struct vmref_eviction engine_evict(struct engine *e);
/* An access under the policy to s. was: the leaf's object before. evicted: what must have been, NULL
 * where no page has to go. */
struct mm_outcome engine_replace_access(struct engine *e, const struct vmref_sys *s, const struct mm_op *op, uint32_t was,
                                        const struct vmref_eviction *evicted);

/* ---- engine_smp.c: processors ---- */
void engine_smp_begin(struct engine *e);
/* A TLB that is full, of what is in it already. */
unsigned engine_disturb_tlb(struct engine *e);
/* The space of an access is that which its processor runs; one that does not exist when it is idle. */
void engine_smp_place(const struct engine *e, struct mm_op *op);
/* To be called before any operation. */
void engine_smp_before(struct engine *e, const struct mm_op *op);
/* Is an access a hit when it must be, and what comes of one? 1: others may see what it has stored although
 * the page is unmapped in its space. */
int engine_smp_hit(struct engine *e, const struct mm_op *op, const struct mm_outcome *got);
/* Behind any: what is told, pending, run and cached. */
void engine_smp_after(struct engine *e, const struct mm_op *op, const struct mm_outcome *got);
/* vmref_smp_check: of the state as it is, and of it with a field of a processor spoilt. */
void engine_smp_check(struct engine *e);

/* ---- engine_refuse.c: questions that must be refused, of the state at the end ---- */
void engine_refuse(struct engine *e);

/* How many objects from .. to - 1 are free. */
uint32_t engine_free(const struct vmref_sys *s, uint32_t from, uint32_t to);
void engine_must(const struct engine *e, int holds, const char *what);
/* Say what was done so far, then report. */
_Noreturn void engine_finding(const struct engine *e, const char *what);
#endif
