/* SPDX-License-Identifier: MIT */
/* For the unit tests of processors: operations on them, after each of which the invariant must hold. The
 * machine is that of test_mm.h: page frame f has the PFN 24 + f. */
#ifndef TEST_SMP_H
#define TEST_SMP_H
#include "smp_check.h"
#include "test_mm.h"

static struct vmref_smp m;

static inline struct mm_outcome on(const struct vmref_sys *s, struct mm_op op)
{
  const struct mm_outcome r = mm_do_on(s, &m, &op);
  IS("invariant", vmref_smp_check(s, &m), VMREF_CHECK_OK);
  return r;
}
static inline struct mm_outcome read_on(const struct vmref_sys *s, unsigned c, uint64_t va)
{
  return on(s, (struct mm_op){ MM_LOAD, .cpu = (uint8_t)(c + 1), .va = va });
}
static inline struct mm_outcome write_on(const struct vmref_sys *s, unsigned c, uint64_t va, uint8_t byte)
{
  return on(s, (struct mm_op){ MM_STORE, .cpu = (uint8_t)(c + 1), .va = va, .byte = byte });
}
static inline struct mm_outcome fetch_on(const struct vmref_sys *s, unsigned c, uint64_t va)
{
  return on(s, (struct mm_op){ MM_FETCH, .cpu = (uint8_t)(c + 1), .va = va });
}
static inline int run_on(const struct vmref_sys *s, unsigned c, uint32_t a) { return on(s, (struct mm_op){ MM_RUN, .cpu = (uint8_t)(c + 1), .a = a }).status; }
static inline int look_on(const struct vmref_sys *s, unsigned c, uint64_t va) { return on(s, (struct mm_op){ MM_FILL, .cpu = (uint8_t)(c + 1), .va = va }).status; }
static inline struct mm_outcome unmap_on(const struct vmref_sys *s, uint32_t a, uint64_t va, uint64_t n)
{
  return on(s, (struct mm_op){ MM_UNMAP, .a = a, .va = va, .n = n });
}

/* What processor c has cached for a page; used is 0 when that is nothing. */
static inline struct vmref_translation cached(unsigned c, uint64_t page)
{
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++)
    if (m.tlb[c].page[i].used && m.tlb[c].page[i].page == page) return m.tlb[c].page[i];
  return (struct vmref_translation){ 0 };
}
/* How many pages, how many tables. */
static inline unsigned pages(unsigned c)
{
  unsigned n = 0;
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) n += m.tlb[c].page[i].used;
  return n;
}
static inline unsigned tables(unsigned c)
{
  unsigned n = 0;
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) n += m.tlb[c].table[i].used;
  return n;
}

/* Space 0 with 4 pages from 0x10000 on, run by processors 0 and 1; space 1 with a page there, run by 2;
 * 3 idles. */
static inline struct vmref_sys *running(uint8_t lazy)
{
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x10000, 4, R | W);
  space(s, 1);
  map(s, 1, 0x10000, 1, R | W | X);
  vmref_smp_reset(&m, lazy);
  IS("run", run_on(s, 0, 0), VMREF_OK);
  IS("run", run_on(s, 1, 0), VMREF_OK);
  IS("run", run_on(s, 2, 1), VMREF_OK);
  return s;
}
#endif
