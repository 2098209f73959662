/* SPDX-License-Identifier: MIT */
/* For the unit tests of the memory manager: a small one, and its operations, after each of which
 * the invariant must hold, and all be as before if it failed. */
#ifndef TEST_MM_H
#define TEST_MM_H
#include <string.h>
#include "test.h"
#include "mm.h"

/* Tables 0 to 2 are roots, 3 the kernel's, 4 to 6 its others; 7 to 23 are free. Page frames have
 * the PFNs 24 to 29, the kernel's 30 to 32. Objects 0 to 5 are frames, 6 to 9 slots. */
enum { TABLES = 24, FRAMES = 6, SLOTS = 4, SPACES = 3, KERNEL = 3, TEXT = 1, OBJECTS = FRAMES + SLOTS };
enum { R = VMREF_PROT_R, W = VMREF_PROT_W, X = VMREF_PROT_X, S = VMREF_PROT_S };

static struct vmref_sys *machine(void)
{
  static struct vmref_sys *s;
  mm_free(s);
  s = mm_new((struct mm_sizes){ TABLES, FRAMES, SLOTS, SPACES, KERNEL, TEXT });
  if (!s) { print_error("mm_new: out of memory\n"); _Exit(2); }
  memset(s->data, 0xA5, 4096 * OBJECTS); /* what memory held before */
  IS("invariant after boot", vmref_check(s), VMREF_CHECK_OK);
  return s;
}

static inline struct mm_outcome outcome(const struct vmref_sys *s, struct mm_op op)
{
  struct vmref_sys *before = mm_copy(s);
  struct mm_outcome r = mm_do(s, &op);
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
  if (r.status != VMREF_OK) IS("a failure changes nothing", mm_same(s, before), 1);
  mm_free(before);
  return r;
}
#define DO(...) outcome(s, (struct mm_op){ __VA_ARGS__ }).status

static inline int space(const struct vmref_sys *s, uint32_t a) { return DO(MM_SPACE, .a = a); }
static inline int file(const struct vmref_sys *s, uint32_t a) { return DO(MM_FILE, .a = a); }
static inline int grow(const struct vmref_sys *s, uint32_t a, uint64_t va) { return DO(MM_FILE_ADD, .a = a, .va = va); }
static inline int map(const struct vmref_sys *s, uint32_t a, uint64_t va, uint64_t n, uint8_t prot)
{
  return DO(MM_MAP, .a = a, .va = va, .n = n, .prot = prot);
}
static inline int map_file(const struct vmref_sys *s, uint32_t a, uint64_t va, uint64_t n, uint8_t prot, uint32_t f, uint64_t first, uint8_t share)
{
  return DO(MM_MAP_FILE, .a = a, .b = f, .va = va, .n = n, .first = first, .prot = prot, .share = share);
}
static inline int unmap(const struct vmref_sys *s, uint32_t a, uint64_t va, uint64_t n) { return DO(MM_UNMAP, .a = a, .va = va, .n = n); }
static inline int protect(const struct vmref_sys *s, uint32_t a, uint64_t va, uint64_t n, uint8_t prot)
{
  return DO(MM_PROTECT, .a = a, .va = va, .n = n, .prot = prot);
}
static inline int fork_(const struct vmref_sys *s, uint32_t a, uint32_t b) { return DO(MM_FORK, .a = a, .b = b); }
static inline int leave(const struct vmref_sys *s, uint32_t a) { return DO(MM_EXIT, .a = a); }
static inline int out(const struct vmref_sys *s, uint32_t a, uint64_t va) { return DO(MM_SWAPOUT, .a = a, .va = va); }
static inline int in(const struct vmref_sys *s, uint32_t a, uint64_t va) { return DO(MM_SWAPIN, .a = a, .va = va); }
static inline int fetch(const struct vmref_sys *s, uint32_t a, uint64_t va) { return DO(MM_FETCH, .a = a, .va = va); }
static inline int store(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t byte)
{
  return DO(MM_STORE, .a = a, .va = va, .byte = byte);
}
/* The byte, or the status, which is negative. */
static inline int load(const struct vmref_sys *s, uint32_t a, uint64_t va)
{
  struct mm_outcome r = outcome(s, (struct mm_op){ MM_LOAD, .a = a, .va = va });
  return r.status == VMREF_OK ? r.byte : r.status;
}

static inline unsigned used(const struct vmref_sys *s, unsigned from, unsigned to)
{
  unsigned n = 0;
  for (unsigned o = from; o < to; o++) n += s->rc[o] != 0;
  return n;
}
static inline unsigned frames_used(const struct vmref_sys *s) { return used(s, 0, FRAMES); }
static inline unsigned slots_used(const struct vmref_sys *s) { return used(s, FRAMES, OBJECTS); }
/* Below the roots, the kernel's aside. */
static inline unsigned tables_used(const struct vmref_sys *s)
{
  unsigned n = 0;
  for (unsigned t = SPACES + 4; t < TABLES; t++) n += s->level[t] != 0;
  return n;
}
/* The leaf entry of a page that has a table; where it stands. */
static inline uint64_t *leaf(const struct vmref_sys *s, uint32_t a, uint64_t va)
{
  uint64_t *e = &s->tab[512 * (uint64_t)a + (va >> 39)];
  for (int shift = 30; shift >= 12; shift -= 9) e = &s->tab[512 * (*e >> 12 & 0xFFFFFFFFFF) + (va >> shift & 511)];
  return e;
}
#endif
