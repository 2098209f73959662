/* SPDX-License-Identifier: MIT */
/* For the unit tests of topic huge: a memory manager with room for one page of 2 MiB, and its operations, after each
 * of which the invariant must hold. */
#ifndef TEST_HUGE_H
#define TEST_HUGE_H
#include <string.h>
#include "test.h"
#include "mm_huge.h"

/* Tables 0 to 2 are roots, 3 to 6 the kernel's. Page frame f has the PFN 28 + f: those from 484 on lie at PFN 512,
 * a multiple of 512, and 4 are behind them. The kernel's are 1028 and 1029; a device may have 1030 (0x406) and more. */
enum { TABLES = 28, RUN = 484, FRAMES = RUN + 512 + 4, SLOTS = 4, SPACES = 3, KERNEL = 2, DEVICE = 0x406 };
enum { R = VMREF_PROT_R, W = VMREF_PROT_W, X = VMREF_PROT_X, S = VMREF_PROT_S };
#define MIB2 0x200000ull
#define GIB1 0x40000000ull
#define XD (1ull << 63)

static struct vmref_sys *s;
static uint16_t *o;

static inline void machine_of(struct mm_sizes sizes)
{
  mm_free(s);
  free(o);
  s = mm_new(sizes);
  o = s ? mm_over(s) : NULL;
  if (!o) { print_error("mm_new: out of memory\n"); _Exit(2); }
  memset(s->data, 0xA5, 4096 * ((size_t)sizes.frames + sizes.slots)); /* what memory held before */
  IS("invariant after boot", vmref_huge_check(s, o), VMREF_CHECK_OK);
}
static inline void machine(void) { machine_of((struct mm_sizes){ TABLES, FRAMES, SLOTS, SPACES, KERNEL, 1 }); }

static inline struct mm_outcome outcome(struct mm_op op)
{
  const struct mm_outcome r = mm_do_huge(s, o, &op);
  IS("invariant", vmref_huge_check(s, o), VMREF_CHECK_OK);
  return r;
}
static inline int status(struct mm_op op) { return outcome(op).status; }
#define DO(...) status((struct mm_op){ __VA_ARGS__ })

static inline int space(uint32_t a) { return DO(MM_SPACE, .a = a); }
static inline int map(uint32_t a, uint64_t va, uint64_t n, uint8_t prot) { return DO(MM_MAP, .a = a, .va = va, .n = n, .prot = prot); }
static inline int unmap(uint32_t a, uint64_t va, uint64_t n) { return DO(MM_UNMAP, .a = a, .va = va, .n = n); }
static inline int protect(uint32_t a, uint64_t va, uint64_t n, uint8_t prot) { return DO(MM_PROTECT, .a = a, .va = va, .n = n, .prot = prot); }
static inline int fork_(uint32_t a, uint32_t b) { return DO(MM_FORK, .a = a, .b = b); }
static inline int leave(uint32_t a) { return DO(MM_EXIT, .a = a); }
static inline int merge(uint32_t a, uint64_t va) { return DO(MM_MERGE, .a = a, .va = va); }
static inline int split(uint32_t a, uint64_t va) { return DO(MM_SPLIT, .a = a, .va = va); }
static inline int swap_out(uint32_t a, uint64_t va) { return DO(MM_SWAPOUT, .a = a, .va = va); }
static inline int store(uint32_t a, uint64_t va, uint8_t byte) { return DO(MM_STORE, .a = a, .va = va, .byte = byte); }
static inline struct mm_outcome load(uint32_t a, uint64_t va) { return outcome((struct mm_op){ MM_LOAD, .a = a, .va = va }); }
static inline int byte(uint32_t a, uint64_t va)
{
  const struct mm_outcome r = load(a, va);
  return r.status == VMREF_OK ? r.byte : r.status;
}
static inline int device(uint32_t a, uint64_t va, uint64_t n, uint64_t pfn, uint8_t prot, uint8_t cache, uint8_t level)
{
  return DO(MM_DEVICE, .a = a, .va = va, .n = n, .first = pfn, .prot = prot, .cache = cache, .level = level);
}

/* Where an address's entry of a level stands in the tables. */
static inline uint64_t place(uint32_t a, uint64_t va, int level)
{
  uint64_t n = 512 * (uint64_t)a + (va >> 39);
  for (int l = 3; l >= level; l--) n = 512 * (s->tab[n] >> 12 & 0xFFFFFFFFFF) + (va >> (12 + 9 * (l - 1)) & 511);
  return n;
}
static inline uint64_t leaf(uint32_t a, uint64_t va) { return s->tab[place(a, va, 1)]; }
/* The word over it, from its four units. */
static inline uint64_t word(uint32_t a, uint64_t va, int level)
{
  const uint16_t *w = o + 4 * place(a, va, level);
  return w[0] | (uint64_t)w[1] << 16 | (uint64_t)w[2] << 32 | (uint64_t)w[3] << 48;
}
#endif
