/* SPDX-License-Identifier: MIT */
/* Topic walk: the table walk as a pure step machine. SDM 3A 4.5.4.
 *
 * The machine never touches memory. Ask it which entry it wants, hand that over:
 *
 *     struct vmref_walk w;
 *     vmref_walk_start(&w, cpu, access);
 *     while (w.level != 0)
 *       vmref_walk_step(&w, read_8_bytes_at(w.address[w.level]));
 *
 * so one walker serves an array, a callback, a core dump and a bare machine. */
#ifndef VMREF_WALK_H
#define VMREF_WALK_H
#include "access.h"

/* A walk under way, and at its end the answer. Arrays are indexed by level,
 * 4 (PML4E) down to 1 (PTE); index 0 is unused. */
struct vmref_walk {
  struct vmref_cpu cpu;
  struct vmref_access access;
  uint64_t address[5]; /* physical address of the entry, levels 4 to last */
  uint64_t entry[5];   /* the entry as it was read */
  uint64_t after[5];   /* the entry with the A and D bits that the walk sets: it
                          must when rule is OK, it may when the access faults */
  uint64_t pa;         /* rule OK: the physical address of the first byte */
  uint64_t cr2;        /* vector 14: the linear address */
  uint32_t error;      /* the error code, 0 when there is none */
  int8_t   status;     /* VMREF_OK, VMREF_EINVAL, VMREF_EUNMODELLED, VMREF_EMEM */
  uint8_t  level;      /* level of the entry wanted, 0: the walk is over */
  uint8_t  last;       /* level where it ended (wanted an entry last), 0: no walk made */
  uint8_t  rule;       /* VMREF_RULE_*: why it ended so */
  uint8_t  vector;     /* 0, 12, 13 or 14 */
  uint8_t  rw, us, xd; /* combined over the entries used */
  uint8_t  global;     /* G of the last entry, with CR4.PGE */
};

#ifdef __FRAMAC__
#include "../spec/walk.acsl"
#endif

/* Begin the walk for an access. Afterwards level != 0 names the entry wanted, or
 * the walk is over: a linear address that is not canonical has its fault, and
 * status tells a question that is malformed (VMREF_EINVAL) or outside the model
 * (VMREF_EUNMODELLED: another paging mode, bytes in two pages, an implicit access to
 * an address that is not canonical, whose error code is a selector). */
/*@ requires \valid(w);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == cpu && w->access == access;
    ensures invalid: !(valid_cpu(cpu) && valid_access(access)) ==> w->status == VMREF_EINVAL;
    ensures unmodelled: valid_cpu(cpu) && valid_access(access) && !askable(cpu, access)
              ==> w->status == VMREF_EUNMODELLED;
    ensures nothing: !askable(cpu, access) ==> w->level == 0 && w->last == 0
              && answers(*w, cpu, access, VMREF_RULE_NONE);
    ensures fault: askable(cpu, access) && canonical(access.va) == 0 ==>
              w->status == VMREF_OK && w->level == 0 && w->last == 0
              && answers(*w, cpu, access,
                   access.seg == VMREF_SEG_SS ? VMREF_RULE_SS_CANON : VMREF_RULE_GP_CANON);
    ensures begun: askable(cpu, access) && canonical(access.va) == 1 ==>
              under_way(*w) && w->level == 4
              && w->address[4] == table_of(cpu.cr3) + 8 * index(access.va, 4)
              && w->rw == 1 && w->us == 1 && w->xd == 0; */
void vmref_walk_start(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access);

/* Hand over the entry wanted: go down one level, or end. */
/*@ requires \valid(w) && under_way(*w);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == \old(w->cpu) && w->access == \old(w->access);
    ensures above: \forall integer l; \old(w->level) < l <= 4 ==>
              w->address[l] == \old(w->address)[l] && w->entry[l] == \old(w->entry)[l]
              && w->after[l] == \old(w->after)[l];
    ensures here: w->address[\old(w->level)] == \old(w->address)[\old(w->level)] && w->entry[\old(w->level)] == entry;
    ensures down: leads_on(\old(w->cpu), \old(w->level), entry) == 1 ==> goes_down(\old(*w), entry, *w);
    ensures end: leads_on(\old(w->cpu), \old(w->level), entry) == 0 ==> ends(\old(*w), entry, *w); */
void vmref_walk_step(struct vmref_walk *w, uint64_t entry);

/* The walk over physical memory held in an array: words 0 .. words-1 of 8 bytes
 * from address 0. Status VMREF_EMEM: memory ends before an entry that is wanted. */
/*@ requires \valid_read(ram + (0 .. words - 1));
    terminates \true; assigns \nothing; exits \false;
    ensures invalid: !(valid_cpu(cpu) && valid_access(access)) ==> \result.status == VMREF_EINVAL;
    ensures unmodelled: valid_cpu(cpu) && valid_access(access) && !askable(cpu, access)
              ==> \result.status == VMREF_EUNMODELLED;
    ensures status: askable(cpu, access) ==> \result.status ==
              (verdict(ram, words, cpu, access) == VMREF_RULE_NONE ? VMREF_EMEM : VMREF_OK);
    ensures walk: askable(cpu, access) ==> walked(\result, ram, words, cpu, access);
    ensures over: \result.level == 0; */
struct vmref_walk vmref_walk(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access);

#endif
