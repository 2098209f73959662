/* SPDX-License-Identifier: MIT */
/* Topic span: a whole access of 1 to 64 bytes, which may lie in two pages.
 * SDM 3A 4.7, 4.8, 5.3, 6.9, 8.1.1.
 *
 * As the walk, this never touches memory:
 *
 *     struct vmref_span s;
 *     vmref_span_start(&s, cpu, access);
 *     for (int i = 0; i < s.parts; i++)
 *       while (s.part[i].level != 0)
 *         vmref_walk_step(&s.part[i], read_entry_at(s.part[i].address[s.part[i].level]));
 *     vmref_span_join(&s);
 *
 * On success (rule OK) part i reaches the s.part[i].access.size bytes from s.part[i].pa.
 * Several outcomes can be right (SPAN.ORDER, SPAN.CANON); rule, vector, error and cr2 tell the one that processors
 * are known to give, and `may` the set. */
#ifndef VMREF_SPAN_H
#define VMREF_SPAN_H
#include "walk.h"

/* The outcomes in `may`. */
#define VMREF_SPAN_OK     1 /* the access is made */
#define VMREF_SPAN_FIRST  2 /* the fault of part[0] */
#define VMREF_SPAN_SECOND 4 /* the fault of part[1] */
#define VMREF_SPAN_LIMIT  8 /* #GP(0) or #SS(0) by a flat segment's limit, at 4 GiB (SPAN.WRAP32) */

struct vmref_span {
  struct vmref_access access;
  struct vmref_walk part[2]; /* each with an access of its own, in one page */
  uint64_t cr2;    /* vector 14: the first byte of the part that faults (SPAN.CR2) */
  uint32_t error;
  int8_t   status; /* VMREF_OK, VMREF_EINVAL, VMREF_EUNMODELLED, VMREF_EMEM */
  uint8_t  parts;  /* 1 or 2; 0: the question cannot be asked (status) */
  uint8_t  first;  /* the part that these are of: */
  uint8_t  rule, vector;
  uint8_t  may;    /* set of VMREF_SPAN_* */
  uint8_t  torn;   /* 1: although the access faults, bytes of the part that does not may
                      have been written; else nothing is written when any part faults
                      (SPAN.DATA) */
};

#ifdef __FRAMAC__
#include "../spec/span.acsl"
#endif

/* How many parts the access has, 1 or 2, and the part that begins an access or (of two)
 * ends it: an access within one page. SPAN.PARTS, SPAN.RIGHTS, SPAN.WRAP64. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == span_parts(access); ensures \result == 1 || \result == 2; */
uint8_t vmref_span_parts(struct vmref_access access);
/*@ requires valid_access(access);
    terminates \true; assigns \nothing; exits \false;
    ensures first_part(\result, access); ensures valid_access(\result) && one_page(\result); */
struct vmref_access vmref_span_first(struct vmref_access access);
/*@ requires valid_question(cpu, access) && span_parts(access) == 2;
    terminates \true; assigns \nothing; exits \false;
    ensures second_part(\result, cpu, access);
    ensures valid_question(cpu, \result) && one_page(\result); */
struct vmref_access vmref_span_second(struct vmref_cpu cpu, struct vmref_access access);

/* Begin the walks of an access's parts. Status: VMREF_EINVAL, a malformed question;
 * VMREF_EUNMODELLED, an implicit access to an address that is not canonical. */
/*@ requires \valid(s);
    terminates \true; assigns *s; exits \false;
    ensures question: s->access == access;
    ensures invalid: !valid_question(cpu, access) ==> s->status == VMREF_EINVAL;
    ensures unmodelled: valid_question(cpu, access) && !span_askable(cpu, access) ==> s->status == VMREF_EUNMODELLED;
    ensures nothing: !span_askable(cpu, access) ==> s->parts == 0;
    ensures idle: s->parts < 2 ==> s->part[1].level == 0;
    ensures none: s->parts == 0 ==> s->part[0].level == 0;
    ensures unknown: unknown(*s);
    ensures asked: span_askable(cpu, access) ==> s->status == VMREF_OK && s->parts == span_parts(access)
              && s->part[0].cpu == cpu && first_part(s->part[0].access, access);
    ensures asked_two: span_askable(cpu, access) && span_parts(access) == 2 ==>
              s->part[1].cpu == cpu && second_part(s->part[1].access, cpu, access);
    ensures first: span_askable(cpu, access) ==> starts(s->part[0]);
    ensures second: span_askable(cpu, access) && span_parts(access) == 2 ==> starts(s->part[1]); */
void vmref_span_start(struct vmref_span *s, struct vmref_cpu cpu, struct vmref_access access);

/* Join the answers of the parts, whose walks are over. Status VMREF_EMEM: one of them
 * missed memory, and no outcome is known. */
/*@ requires \valid(s) && s->parts <= 2 && ends_whole(*s);
    terminates \true; assigns *s; exits \false;
    ensures kept: s->access == \old(s->access) && s->parts == \old(s->parts);
    ensures kept_parts: s->part[0] == \old(s->part[0]) && s->part[1] == \old(s->part[1]);
    ensures not_asked: s->parts == 0 ==> s->status == \old(s->status) && unknown(*s);
    ensures missing: s->parts != 0 && missed(*s) == 1 ==> s->status == VMREF_EMEM && unknown(*s);
    ensures joined: s->parts != 0 && missed(*s) == 0 ==>
              s->status == VMREF_OK && joined(*s, s->part[0].cpu, s->access); */
void vmref_span_join(struct vmref_span *s);

/* May the access end so? vector 0: it is made. cr2 is read of a page fault only. 1 or 0. */
/*@ requires \valid_read(s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> span_allowed(*s, vector, error, cr2);
    ensures flag(\result); */
uint8_t vmref_span_allows(const struct vmref_span *s, uint8_t vector, uint32_t error, uint64_t cr2);

/* The entry that part i used at a level, with the A and D flags that the access sets: it
 * must when it is made, it may when it faults. An entry that both parts use gets both.
 * SPAN.AD. */
/*@ requires \valid_read(s) && i <= 1 && 1 <= level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == span_updated(*s, i, level); */
uint64_t vmref_span_after(const struct vmref_span *s, uint8_t i, uint8_t level);

/* All of it, over memory in an array as vmref_walk has it. */
/*@ requires \valid_read(ram + (0 .. words - 1));
    terminates \true; assigns \nothing; exits \false;
    ensures question: \result.access == access;
    ensures invalid: !valid_question(cpu, access) ==> \result.status == VMREF_EINVAL;
    ensures unmodelled: valid_question(cpu, access) && !span_askable(cpu, access)
              ==> \result.status == VMREF_EUNMODELLED;
    ensures nothing: !span_askable(cpu, access) ==> \result.parts == 0 && unknown(\result);
    ensures parts: span_askable(cpu, access) ==>
              \result.parts == span_parts(access) && spanned(\result, ram, words, cpu, access);
    ensures missing: span_askable(cpu, access) && span_missing(\result, ram, words, cpu) == 1
              ==> \result.status == VMREF_EMEM && unknown(\result);
    ensures joined: span_askable(cpu, access) && span_missing(\result, ram, words, cpu) == 0
              ==> \result.status == VMREF_OK && joined(\result, cpu, access); */
struct vmref_span vmref_span(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access);

#endif
