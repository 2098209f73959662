/* SPDX-License-Identifier: MIT */
/* A memory manager to try things on: its state, and its operations as data. The fuzzers, the
 * command line and the bench all run these. */
#ifndef MM_H
#define MM_H
#include "check.h"
#include "compact.h"
#include "replace_evict.h"
#include "smp_ops.h"
#include "space_fork.h"
#include "space_range.h"

struct mm_sizes { uint32_t tables, frames, slots, spaces, kernel, text; };

/* A booted memory manager, all in one allocation; NULL: out of memory, or sizes that spec/frame.acsl
 * (predicate sized) or vmref_boot refuse. mm_free ends it. */
struct vmref_sys *mm_new(struct mm_sizes sizes);
void mm_free(struct vmref_sys *s);
/* An exact copy; two states of one origin, are they the same but for the hints and for what lies in
 * objects that nobody uses? */
struct vmref_sys *mm_copy(const struct vmref_sys *s);
void mm_copy_to(struct vmref_sys *t, const struct vmref_sys *s); /* t: of the same sizes */
int mm_same(const struct vmref_sys *s, const struct vmref_sys *t);

enum mm_kind { MM_SPACE, MM_FILE, MM_FILE_ADD, MM_MAP, MM_MAP_FILE, MM_UNMAP, MM_PROTECT,
               MM_LOAD, MM_STORE, MM_RMW, MM_FETCH, MM_FORK, MM_EXIT, MM_SWAPOUT, MM_SWAPIN,
               MM_MOVE, MM_COMPACT, MM_FRAGMENTATION, MM_EVICT,
               /* of processors: run a space or idle; look ahead; drop all; lazy mode; what is cached */
               MM_RUN, MM_FILL, MM_TELL, MM_LAZY, MM_TLB,
               /* of the kernel, harness/kmem.h; a: the allocation, n: bytes or pages */
               MM_KMALLOC, MM_KFREE, MM_VMALLOC, MM_VFREE, MM_KMEM,
               /* of pages of other sizes and of devices, harness/mm_huge.h */
               MM_MERGE, MM_SPLIT, MM_DEVICE, MM_HUGE, MM_KINDS };

/* Is it an access? Which, VMREF_READ .. VMREF_FETCH; what is none counts as a read. */
int mm_is_access(enum mm_kind kind);
uint8_t mm_access_kind(enum mm_kind kind);

/* One operation. Addresses are linear; those of map, unmap, protect, swap and move are page-aligned. */
struct mm_op {
  enum mm_kind kind;
  uint32_t a;       /* the space it is about; of MM_FILE_ADD, the file; of MM_RUN, VMREF_IDLE too */
  uint32_t b;       /* MM_FORK: the child; MM_MAP_FILE: the file */
  uint64_t va, n;   /* n: pages; MM_COMPACT: page frames; MM_MOVE: the frame that the page goes to;
                       MM_EVICT in a fuzzer's sequence: the policy from then on; MM_LAZY: 0 ends it */
  uint64_t first;   /* MM_MAP_FILE: the file's page that is mapped at va; MM_DEVICE: the first frame's number */
  uint8_t prot;     /* VMREF_PROT_R, W, X */
  uint8_t share;    /* MM_MAP_FILE */
  uint8_t byte;     /* MM_STORE, MM_RMW */
  uint8_t cpu;      /* MM_RUN, MM_FILL, an access: 1 + the processor; 0: none */
  uint8_t cache;    /* MM_DEVICE: PWT and PCD as a number */
  uint8_t level;    /* MM_DEVICE: pages of 1 4 KiB, 2 2 MiB, 3 1 GiB */
};

/* Of any operation; what it has not is 0. */
struct mm_outcome {
  int status;
  uint32_t error;                    /* of a fault, as in struct vmref_outcome */
  uint8_t vector, faulted, byte;
  uint32_t first, moved;             /* MM_COMPACT */
  struct vmref_fragments fragments;  /* MM_FRAGMENTATION */
  uint32_t evictions;                /* pages that had to go first, or that MM_EVICT has evicted */
  struct vmref_eviction evicted;     /* the last of them */
  uint8_t cpu, hit;                  /* an access on a processor: 1 + which; 1: without a walk */
  uint32_t told;                     /* processors that a shootdown has told */
  uint64_t address, size;            /* MM_KMALLOC, MM_VMALLOC: where; and of those that free too, bytes */
  uint64_t pa;                       /* where there are pages of other sizes, of an access: the address reached, */
  uint8_t level, device;             /* in a page of what size; 1: of a device */
  uint32_t split;                    /* pages that have become smaller ones: of 2 MiB, and a device's of 1 GiB */
};
/* MM_EVICT is refused: that is a policy's; what is of processors, of the kernel and of harness/mm_huge.h too. */
struct mm_outcome mm_do(const struct vmref_sys *s, const struct mm_op *op);
/* The same while processors run, with the shootdowns that it needs; an access is made on op->cpu, in
 * the space that it runs. m NULL: mm_do. */
struct mm_outcome mm_do_on(const struct vmref_sys *s, struct vmref_smp *m, const struct mm_op *op);

/* The notes of a policy for s, as they begin; free them. NULL: out of memory. */
uint16_t *mm_notes(const struct vmref_sys *s);
/* Under a policy, on processors if m is not NULL: what lacks a page frame evicts a page and is tried again, and a page
 * that an operation brings into a frame counts as used then; one that moves takes its notes along. p
 * NULL: mm_do_on. */
struct mm_outcome mm_do_under(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, const struct mm_op *op);
#endif
