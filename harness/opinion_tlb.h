/* SPDX-License-Identifier: MIT */
/* A second opinion on what a processor may have cached, and so on what an access may do.
 * The model keeps a set of cached items and updates it; this keeps the whole history of
 * memory and control state, and when asked tries every way in which an item can have come
 * about: each entry of its walk read at a moment of its own, the tables between them cached
 * from one moment to the next, past every invalidation in between. SDM 3A 4.10. */
#ifndef VMREF_OPINION_TLB_H
#define VMREF_OPINION_TLB_H
#include "opinion.h"

/* Physical memory: eight tables, of which the first two words are in use, all else is 0. */
#define OPINION_FRAMES  8u
#define OPINION_MOMENTS 18u
#define OPINION_WORDS   (OPINION_FRAMES * 512)
struct opinion_moment {
  uint64_t word[OPINION_FRAMES][2];
  struct vmref_cpu cpu;
};

/* What led from one moment to the next. */
enum opinion_event_kind { EVENT_MEMORY, EVENT_INVLPG, EVENT_INVPCID, EVENT_CR3, EVENT_CONTROL, EVENT_FAULT };
struct opinion_event {
  enum opinion_event_kind kind;
  uint64_t va, type, descriptor;
  int keep, la57;
};

#define OPINION_VAS 4
struct opinion_history {
  unsigned now;
  struct opinion_moment at[OPINION_MOMENTS];
  struct opinion_event by[OPINION_MOMENTS]; /* by[i]: from at[i - 1] to at[i] */
};

/* The linear addresses in use in a mode: one page, the next, one under another entry a
 * level up, and one under another entry of the root; 32-bit: the upper half of what an
 * entry of the root covers, and a page under it. */
uint64_t opinion_va(int mode, unsigned i);
/* The entry at pa. Past memory: 0. */
uint64_t opinion_entry_of(const struct opinion_moment *m, uint64_t pa);
int opinion_in_memory(uint64_t pa);
uint16_t opinion_pcid(const struct vmref_cpu *cpu);
int opinion_covers(uint64_t start, uint64_t size, uint64_t va);

/* The rule by which INVPCID faults, 0: none. */
uint8_t opinion_invpcid(const struct vmref_cpu *cpu, const struct opinion_event *e);
/* Must the step to moment i remove the item? */
int opinion_page_goes(const struct opinion_history *h, unsigned i, const struct vmref_translation *t);
int opinion_table_goes(const struct opinion_history *h, unsigned i, const struct vmref_cached_table *t);

/* All that may be cached now, each once. */
#define OPINION_ITEMS 256
struct opinion_items {
  unsigned pages, tables;
  struct vmref_translation page[OPINION_ITEMS];
  struct vmref_cached_table table[OPINION_ITEMS];
};
void opinion_items(const struct opinion_history *h, struct opinion_items *items);
int opinion_same_page(const struct vmref_translation *a, const struct vmref_translation *b);
int opinion_same_table(const struct vmref_cached_table *a, const struct vmref_cached_table *b);

/* Every outcome of an access made now. */
#define OPINION_OUTCOMES 600
#define OPINION_NO_ENTRY UINT64_MAX
struct opinion_outcome {
  uint8_t vector, way, must; /* way: VMREF_WAY_*; must: how many A flags */
  uint32_t error;
  uint64_t pa, cr2;
  uint64_t a[5], d; /* entries that get A, and the one that gets D */
};
struct opinion_outcomes {
  int8_t status;
  unsigned n, may; /* may: how many entries may get A, whatever the outcome */
  struct opinion_outcome is[OPINION_OUTCOMES];
  uint64_t a[64];
};
void opinion_outcomes(const struct opinion_history *h, const struct opinion_items *items,
                      const struct vmref_access *a, struct opinion_outcomes *out);
/* Is what was seen one of them? */
int opinion_permits(const struct opinion_outcomes *out, const struct vmref_observed *seen);

#endif
