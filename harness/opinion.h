/* SPDX-License-Identifier: MIT */
/* A second opinion on 4-level walks, written from the manual the way emulators
 * do it: masks, shifts and tables. It shares no code with model/ beyond the
 * types of the question, so an error has to be made twice to go unseen.
 *
 * Where more than one rule is broken at once the manual does not say which one
 * "is" the reason, so the opinion holds the set of all of them. */
#ifndef VMREF_OPINION_H
#define VMREF_OPINION_H
#include <stdio.h>
#include "case.h"

struct opinion {
  int8_t status;       /* VMREF_OK, VMREF_EINVAL, VMREF_EUNMODELLED */
  uint8_t vector;      /* 0, 12, 13, 14 */
  uint8_t last;        /* level of the last entry read, 0: none */
  uint32_t error;
  uint64_t cr2;
  uint32_t cites;      /* bit n: row n of spec/rules.tsv is a reason */
  uint64_t pa;         /* the rest of this block: vector 0 only */
  uint8_t rw, us, xd, global;
  uint64_t address[5], entry[5], after[5]; /* levels 4 to last */
};

/* Why a fault: what error bits 0 and 3 tell apart. */
enum opinion_cause { OPINION_ABSENT, OPINION_RESERVED, OPINION_RIGHTS };

int opinion_cpu_ok(const struct vmref_cpu *cpu);
int opinion_access_ok(const struct vmref_access *a);
int opinion_one_page(const struct vmref_access *a);
int opinion_canonical(uint64_t va);
int opinion_user(const struct vmref_access *a);

/* Sets of rules, 0: none is broken. */
uint32_t opinion_reserved(const struct vmref_cpu *cpu, int level, uint64_t e);
uint32_t opinion_denied(const struct vmref_cpu *cpu, const struct vmref_access *a,
                        int us, int rw, int xd);
/* Bits that the hardware ignores in a present entry (protection keys off). */
uint64_t opinion_ignored(const struct vmref_cpu *cpu, int level, uint64_t e);
int opinion_leaf(int level, uint64_t e);
uint64_t opinion_page(int level, uint64_t e, uint64_t va);
uint32_t opinion_error(const struct vmref_cpu *cpu, const struct vmref_access *a,
                       enum opinion_cause cause);

typedef uint64_t opinion_read(const void *memory, uint64_t pa);
struct opinion opinion_walk(const struct vmref_cpu *cpu, const struct vmref_access *a,
                            opinion_read *read, const void *memory);

/* The names of the fields in which a finished walk differs, NULL when none does. */
const char *opinion_differs(const struct opinion *o, const struct vmref_walk *w);

/* Both answers, line under line, with their bits named. */
void opinion_show(FILE *f, const struct opinion *o, const struct vmref_walk *w);

/* Report a finding with the token that replays it, then abort. */
_Noreturn void finding(const struct vmref_case *c, const char *what);
/* The same with what both say, as numbers. */
_Noreturn void finding_values(const struct vmref_case *c, const char *what,
                              uint64_t model, uint64_t opinion);
/* The same with the walk and what it is held against. */
_Noreturn void finding_walks(const struct vmref_case *c, const char *what,
                             const struct vmref_walk *w, const struct vmref_walk *other);

#endif
