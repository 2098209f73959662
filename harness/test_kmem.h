/* SPDX-License-Identifier: MIT */
/* For the unit tests of the kernel's allocators: their operations, after each of which the invariant must hold. */
#ifndef TEST_KMEM_H
#define TEST_KMEM_H
#include "test.h"
#include "kmem.h"

static inline void holds(const char *wrong)
{
  if (wrong) fail_msg("%s", wrong);
}

/* All free, of 2^order frames. */
static inline const struct vmref_slab *memory(uint8_t order)
{
  static struct vmref_slab *k;
  kmem_free(k);
  k = kmem_new(order);
  if (!k) { print_error("kmem_new: out of memory\n"); _Exit(2); }
  vmref_slab_init(k);
  holds(kmem_slab_wrong(k));
  return k;
}

static inline uint32_t alloc(const struct vmref_slab *k, uint8_t order)
{
  const uint32_t n = vmref_buddy_alloc(&k->buddy, order);
  holds(kmem_buddy_wrong(&k->buddy));
  return n;
}

static inline int release(const struct vmref_slab *k, uint32_t n)
{
  const int r = vmref_buddy_free(&k->buddy, n);
  holds(kmem_buddy_wrong(&k->buddy));
  return r;
}
#endif
