/* SPDX-License-Identifier: MIT */
/* The kernel's allocators to try things on: their state, what must be true of it, and the operations of
 * scripts. kmalloc and vmalloc take their frames from one buddy allocator. */
#ifndef KMEM_H
#define KMEM_H
#include "mm.h"
#include "slab.h"
#include "vmalloc.h"

#define KMEM_BASE 0xFFFF800000000000ull /* where the kernel's half begins: its frames, one after the other */

#define KMEM_ORDER 5 /* of scripts: 32 frames, 128 KiB */

/* Memory for 2^order frames, of any contents; NULL: out of memory, or no such order. kmem_free ends it. */
struct vmref_slab *kmem_new(uint8_t order);
void kmem_free(struct vmref_slab *k);

/* ---- kmem_check.c: the invariants of spec/, written anew. NULL: it holds, else what does not ---- */
const char *kmem_buddy_wrong(const struct vmref_buddy *b);
const char *kmem_slab_wrong(const struct vmref_slab *k);
const char *kmem_vmalloc_wrong(const struct vmref_sys *s, const struct vmref_buddy *b);

/* ---- for scripts: allocations have numbers, those of their names ---- */
struct kmem_item {
  enum mm_kind made; /* MM_KMALLOC, MM_VMALLOC; MM_KINDS: it is not allocated */
  uint32_t at, n;    /* kmalloc: its address there, and the bytes that it takes; vmalloc: page and pages */
};
struct kmem {
  struct vmref_slab *slab; /* NULL: not begun */
  struct kmem_item *item;
  uint32_t items;
};
/* So many frames of s, behind its text, and allocations. 0: out of memory, or the kernel has too few. */
int kmem_begin(struct kmem *k, const struct vmref_sys *s, uint8_t order, uint32_t items);
void kmem_end(struct kmem *k);
/* Do MM_KMALLOC .. MM_KMEM; op->a: the allocation's number. A name that is allocated is not again, and
 * freed by what it was made with. */
struct mm_outcome kmem_do(const struct kmem *k, const struct vmref_sys *s, const struct mm_op *op);
/* Which invariant is broken, NULL: none. */
const char *kmem_wrong(const struct kmem *k, const struct vmref_sys *s);
#endif
