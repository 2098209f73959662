/* SPDX-License-Identifier: MIT */
/* For the unit tests of replacement: operations under a policy, after each of which the invariant must
 * hold, and all be as before if it failed without an eviction. */
#ifndef TEST_REPLACE_H
#define TEST_REPLACE_H
#include "test_mm.h"

/* A policy for the machine of test_mm.h. */
static uint16_t note[VMREF_NOTES(FRAMES)];
static inline struct vmref_policy policy(uint8_t kind)
{
  memset(note, 0, sizeof note);
  return (struct vmref_policy){ note, kind };
}

static inline struct mm_outcome under(const struct vmref_sys *s, const struct vmref_policy *p, struct mm_op op)
{
  struct vmref_sys *before = mm_copy(s);
  struct mm_outcome r = mm_do_under(s, NULL, p, &op);
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
  if (r.status != VMREF_OK && r.evictions == 0) IS("a failure changes nothing", mm_same(s, before), 1);
  mm_free(before);
  return r;
}
static inline struct mm_outcome write_(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va, uint8_t byte)
{
  return under(s, p, (struct mm_op){ MM_STORE, .a = a, .va = va, .byte = byte });
}
static inline struct mm_outcome read_(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va)
{
  return under(s, p, (struct mm_op){ MM_LOAD, .a = a, .va = va });
}
static inline struct vmref_eviction evict(const struct vmref_sys *s, const struct vmref_policy *p)
{
  struct vmref_sys *before = mm_copy(s);
  struct vmref_eviction e = vmref_evict(s, p);
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
  if (e.status != VMREF_OK) IS("a failure changes nothing", mm_same(s, before), 1);
  mm_free(before);
  return e;
}

/* Space 0 with 10 pages from 0 on; the page at f * 4096 is in frame f, and holds 0x10 + f. */
static inline struct vmref_sys *full(const struct vmref_policy *p)
{
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0, 10, R | W);
  for (unsigned f = 0; f < FRAMES; f++) write_(s, p, 0, f * 0x1000, (uint8_t)(0x10 + f));
  return s;
}
static inline uint64_t flag_a(const struct vmref_sys *s, uint32_t a, uint64_t va) { return *leaf(s, a, va) >> 5 & 1; }
static inline void clear_a(const struct vmref_sys *s, uint32_t a, uint64_t va) { *leaf(s, a, va) &= ~0x20ull; }
#endif
