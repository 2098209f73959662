/* SPDX-License-Identifier: MIT */
/* A sequence of the kernel's allocations as bytes, 4 an operation. Every byte string is a sequence; missing
 * bytes are 0, and an operation of zeros does nothing.
 *
 *   byte 0  what: the remainder by KM_KINDS, enum km_kind
 *   byte 1  how much: the order, a size of a table, pages; or which of those that are allocated
 *   byte 2  0: that one; else whatever number bytes 1 and 3 make, or one beside it.
 *           Of KM_BOOT: 1:0 how many frames the kernel has, 6 as many as before, 7 too few
 *   byte 3  the number's high byte
 */
#ifndef SEQUENCE_KMEM_H
#define SEQUENCE_KMEM_H
#include <stddef.h>
#include <stdint.h>

#define KM_FORM "km1"
#define KM_OP 4u
#define KM_OPS 40u
#define KM_BYTES (KM_OP * KM_OPS)

enum km_kind { KM_NONE, KM_BOOT, KM_ALLOC, KM_FREE, KM_KMALLOC, KM_KFREE, KM_VMALLOC, KM_VFREE, KM_USER, KM_KINDS };

struct km_op {
  enum km_kind kind;
  uint32_t n;     /* bytes 1 and 3 */
  uint32_t size;  /* KM_KMALLOC: bytes; KM_VMALLOC: pages */
  uint8_t what, any; /* bytes 1 and 2 */
};
struct km_op sequence_km_op(const uint8_t *data, size_t size, unsigned i);

/* For LLVMFuzzerCustomMutator: the new size. weight: how often each kind is invented. */
size_t sequence_km_mutate(const uint8_t weight[KM_KINDS], uint8_t *data, size_t size, size_t max, unsigned seed);
#endif
