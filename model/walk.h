/* SPDX-License-Identifier: MIT */
/* Topic walk: the table walk as a pure step machine. SDM 3A 4.3, 4.4.2, 4.5.4. Rules of the
 * whole: ORDER, RIGHTS.ALL, KEY.LEAF, PDPTE.REGISTER, PDPTE.NP; of the flags: AD.A, AD.D,
 * AD.FAULT; CR2.
 *
 * The machine never touches memory. Ask it which entry it wants, hand that over:
 *
 *     struct vmref_walk w;
 *     vmref_walk_start(&w, cpu, access);
 *     while (w.level != 0)
 *       vmref_walk_step(&w, read_entry_at(w.address[w.level]));
 *
 * so one walker serves an array, a callback, a core dump and a bare machine. */
#ifndef VMREF_WALK_H
#define VMREF_WALK_H
#include "access.h"

/* Where a walk begins: at a table of a level, with the rights gathered above it. */
struct vmref_origin {
  uint64_t table;      /* physical address, 4-KiB-aligned */
  uint8_t  level;      /* 5 to 1; 0: nowhere, no walk is needed */
  uint8_t  rw, us, xd;
};

/* A walk under way, and at its end the answer. Arrays are indexed by level, 5 (PML5E)
 * down to 1 (PTE); index 0 is unused. */
struct vmref_walk {
  struct vmref_cpu cpu;
  struct vmref_access access;
  struct vmref_origin origin;
  uint64_t address[6]; /* physical address of the entry, levels origin.level to last */
  uint64_t entry[6];   /* the entry as it was read */
  uint64_t after[6];   /* the entry with the A and D bits that the walk sets: it
                          must when rule is OK, it may when the access faults */
  uint64_t pa;         /* rule OK: the physical address of the first byte */
  uint64_t cr2;        /* vector 14: the linear address */
  uint32_t error;      /* the error code, 0 when there is none */
  int8_t   status;     /* VMREF_OK, VMREF_EINVAL, VMREF_EUNMODELLED, VMREF_EMEM */
  uint8_t  level;      /* level of the entry wanted, 0: the walk is over */
  uint8_t  last;       /* level where it ended (wanted an entry last), 0: no walk made;
                          3 with origin.level 0: at a PDPTE register */
  uint8_t  rule;       /* VMREF_RULE_*: why it ended so */
  uint8_t  vector;     /* 0, 12, 13 or 14 */
  uint8_t  rw, us, xd; /* combined over the entries used */
  uint8_t  global;     /* G of the last entry, with CR4.PGE */
  uint8_t  key;        /* protection key: bits 62:59 of the last entry */
  uint8_t  pat;        /* index into IA32_PAT for the page, 0 to 7 */
};

#ifdef __FRAMAC__
#include "../spec/walk.acsl"
#endif

/* Two flags as one: R/W and U/S over the entries of a walk, and XD. Functions, since && and
 * || in the step would double its paths for the prover, six times over. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == both(a, b); ensures flag(\result); */
uint8_t vmref_both(uint8_t a, uint8_t b);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == either(a, b); ensures flag(\result); */
uint8_t vmref_either(uint8_t a, uint8_t b);

/* May the model be asked about this access in this control state? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> valid_question(cpu, access);
    ensures flag(\result); */
uint8_t vmref_question_valid(struct vmref_cpu cpu, struct vmref_access access);

/* Begin the walk for an access. Afterwards level != 0 names the entry wanted (of
 * vmref_entry_size(cpu.mode) bytes), or the walk is over: without paging, at a linear
 * address that is not canonical and at a PDPTE register that is not present no entry is
 * needed; and status tells a question that is malformed (VMREF_EINVAL: also a linear
 * address above 32 bits outside of the 64-bit modes) or outside the model
 * (VMREF_EUNMODELLED: bytes in two pages, which topic span divides; an implicit access to
 * an address that is not canonical, whose error code is a selector). */
/*@ requires \valid(w);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == cpu && w->access == access;
    ensures invalid: !valid_question(cpu, access) ==> w->status == VMREF_EINVAL;
    ensures unmodelled: valid_question(cpu, access) && !askable(cpu, access)
              ==> w->status == VMREF_EUNMODELLED;
    ensures nothing: !askable(cpu, access) ==> w->level == 0 && w->last == 0 && w->origin.level == 0
              && answers(*w, cpu, access, VMREF_RULE_NONE, 0);
    ensures at_once: askable(cpu, access) && before_walk(cpu, access) != VMREF_RULE_NONE ==>
              w->status == VMREF_OK && w->level == 0 && answered_at_once(*w, cpu, access);
    ensures begun: askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE ==>
              begins_walk(cpu, access.va, w->origin) && begun(*w); */
void vmref_walk_start(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access);

/* Can a walk in this control state begin there? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> fit_origin(cpu, o);
    ensures flag(\result); */
uint8_t vmref_origin_fits(struct vmref_cpu cpu, struct vmref_origin o);

/* Begin it at a table below the root, as a processor may from a paging-structure cache
 * (4.10.3.2). Status VMREF_EINVAL: the access needs no walk, or the origin is none. */
/*@ requires \valid(w);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == cpu && w->access == access;
    ensures refused: !(askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, origin))
              ==> w->status == VMREF_EINVAL && w->level == 0;
    ensures begun: askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, origin)
              ==> w->origin == origin && begun(*w); */
void vmref_walk_from(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access,
                     struct vmref_origin origin);

/* Hand over the entry wanted: go down one level, or end. */
/*@ requires \valid(w) && under_way(*w);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == \old(w->cpu) && w->access == \old(w->access) && w->origin == \old(w->origin);
    ensures above: \forall integer l; \old(w->level) < l <= 5 ==>
              w->address[l] == \old(w->address)[l] && w->entry[l] == \old(w->entry)[l]
              && w->after[l] == \old(w->after)[l];
    ensures here: w->address[\old(w->level)] == \old(w->address)[\old(w->level)] && w->entry[\old(w->level)] == entry;
    ensures down: leads_on(\old(w->cpu), \old(w->level), entry) == 1 ==> goes_down(\old(*w), entry, *w);
    ensures end: leads_on(\old(w->cpu), \old(w->level), entry) == 0 ==> ends(\old(*w), entry, *w); */
void vmref_walk_step(struct vmref_walk *w, uint64_t entry);

/* Carry a walk that has just begun to its end, over physical memory held in an array:
 * words 0 .. words-1 of 8 bytes from address 0. Status VMREF_EMEM: memory ends before an
 * entry that is wanted. */
/*@ requires \valid(w) && \valid_read(ram + (0 .. words - 1)) && begun(*w);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == \old(w->cpu) && w->access == \old(w->access) && w->origin == \old(w->origin);
    ensures walk: walked_from(*w, ram, words, \old(w->cpu), \old(w->access));
    ensures last: 1 <= w->last <= w->origin.level <= 5;
    ensures status: w->status ==
              (verdict_from(ram, words, \old(w->cpu), \old(w->access), \old(w->origin)) == VMREF_RULE_NONE
               ? VMREF_EMEM : VMREF_OK);
    ensures over: w->level == 0; */
void vmref_walk_finish(struct vmref_walk *w, const uint64_t *ram, uint64_t words);

/* The whole walk over memory in an array. */
/*@ requires \valid_read(ram + (0 .. words - 1));
    terminates \true; assigns \nothing; exits \false;
    ensures question: \result.cpu == cpu && \result.access == access;
    ensures invalid: !valid_question(cpu, access) ==> \result.status == VMREF_EINVAL;
    ensures unmodelled: valid_question(cpu, access) && !askable(cpu, access)
              ==> \result.status == VMREF_EUNMODELLED;
    ensures status: askable(cpu, access) ==> \result.status ==
              (verdict(ram, words, cpu, access, \result.origin) == VMREF_RULE_NONE ? VMREF_EMEM : VMREF_OK);
    ensures walk: askable(cpu, access) ==> walked(\result, ram, words, cpu, access);
    ensures over: \result.level == 0; */
struct vmref_walk vmref_walk(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access);

#endif
