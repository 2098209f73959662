/* SPDX-License-Identifier: MIT */
/* Topic allows: is an outcome that was seen one of those which the manuals permit?
 * SDM 3A 4.6 to 4.8, 4.10. The primary question to this model: several can be right. */
#ifndef VMREF_ALLOWS_H
#define VMREF_ALLOWS_H
#include "tlb.h"

/* What was seen of one access in one page. Flags are 0 or 1. */
#define VMREF_SETS 16
struct vmref_observed {
  uint64_t pa;         /* vector 0: the physical address of its first byte */
  uint64_t cr2;        /* vector 14: CR2 */
  uint32_t error;      /* error code */
  uint8_t  vector;     /* 0: the access was made; 12, 13, 14 */
  uint8_t  flags_seen; /* the lists below were watched: 0 leaves A and D flags out */
  uint8_t  sets;       /* how many entries had a flag set from 0 to 1, at most VMREF_SETS */
  uint64_t set_address[VMREF_SETS]; /* physical address of the entry */
  uint8_t  set_a[VMREF_SETS], set_d[VMREF_SETS];
};

/* How it may have come about. */
#define VMREF_WAY_NONE    0
#define VMREF_WAY_AT_ONCE 1 /* without a walk: not canonical, PDPTE with P = 0, no paging */
#define VMREF_WAY_WALK    2 /* the tables in memory, from the root */
#define VMREF_WAY_TABLE   3 /* ... from a table that was cached: slot */
#define VMREF_WAY_HIT     4 /* a translation that was cached: slot; TLB.STALE, HIT.CONTROLS,
                               HIT.DIRTY, HIT.FAULT, HIT.NXE */
#define VMREF_WAY_FLAGS   5 /* not allowed: an A flag was set that no walk may set */

struct vmref_verdict {
  struct vmref_origin root; /* where a walk begins */
  int8_t  status;  /* VMREF_OK; VMREF_EINVAL, VMREF_EUNMODELLED as vmref_walk_start;
                      VMREF_EMEM: not allowed, but memory ends before an entry wanted */
  uint8_t allowed; /* 1: permitted */
  uint8_t way;     /* VMREF_WAY_*: the first that explains it, or why none does */
  uint8_t slot;    /* of the TLB's table or page that does */
};

#ifdef __FRAMAC__
#include "../spec/allows.acsl"
#endif

/* Is seen a permitted outcome of the access, made in control state cpu, with tlb's items
 * possibly cached and memory as it was before the access: words 0 .. words-1 at ram? */
/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb) && \valid_read(seen);
    requires seen->sets <= VMREF_SETS;
    terminates \true; assigns \nothing; exits \false;
    ensures invalid: !valid_question(cpu, access) ==> \result.status == VMREF_EINVAL && \result.allowed == 0;
    ensures unmodelled: valid_question(cpu, access) && !askable(cpu, access)
              ==> \result.status == VMREF_EUNMODELLED && \result.allowed == 0;
    ensures root: askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE ==>
              begins_walk(cpu, access.va, \result.root);
    ensures exact: askable(cpu, access) ==>
              (\result.allowed == 1 <==> permitted(*seen, ram, words, cpu, access, *tlb, \result.root));
    ensures status: \result.allowed == 1 ==> \result.status == VMREF_OK;
    ensures flag(\result.allowed); */
struct vmref_verdict vmref_allows(struct vmref_cpu cpu, const struct vmref_tlb *tlb, const uint64_t *ram,
                                  uint64_t words, struct vmref_access access, const struct vmref_observed *seen);

#endif
