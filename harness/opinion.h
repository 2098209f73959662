/* SPDX-License-Identifier: MIT */
/* A second opinion on walks in every paging mode, written from the manual the way
 * emulators do it: masks, shifts and tables. It shares no code with model/ beyond the
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
  uint8_t last;        /* level of the last entry used, 0: none */
  uint32_t error;
  uint64_t cr2;
  uint32_t cites;      /* bit n: row n of spec/rules.tsv is a reason */
  struct vmref_origin origin;
  uint64_t pa;         /* the rest of this block: vector 0 only */
  uint8_t rw, us, xd, global, key, pat;
  uint64_t address[6], entry[6], after[6]; /* levels origin.level to last */
};

/* Why a fault: what error bits 0, 3 and 5 tell apart. */
enum opinion_cause { OPINION_ABSENT, OPINION_RESERVED, OPINION_RIGHTS, OPINION_KEY };

/* ---- opinion_entry.c: control state, addresses, entries ------------------ */

int opinion_cpu_ok(const struct vmref_cpu *cpu);
int opinion_canonical(int mode, uint64_t va);
int opinion_long(int mode);
int opinion_top(int mode);
int opinion_entry_bytes(int mode);
/* The lowest bit of the linear address that selects an entry at a level; those below
 * are the offset in what the entry covers. */
int opinion_shift(int mode, int level);
uint64_t opinion_index(int mode, int level, uint64_t va);
int opinion_pdpte_ok(int maxphyaddr, uint64_t e);
int opinion_leaf(const struct vmref_cpu *cpu, int level, uint64_t e);
uint64_t opinion_page(const struct vmref_cpu *cpu, int level, uint64_t e, uint64_t va);
int opinion_pat(int level, uint64_t e);
/* The set of rules that a present entry breaks, 0: none. */
uint32_t opinion_reserved(const struct vmref_cpu *cpu, int level, uint64_t e);
/* Bits of a present entry that decide neither the verdict nor the address. */
uint64_t opinion_ignored(const struct vmref_cpu *cpu, int level, uint64_t e);

/* ---- opinion.c: accesses and walks --------------------------------------- */

int opinion_access_ok(const struct vmref_access *a);
int opinion_one_page(const struct vmref_access *a);
int opinion_user(const struct vmref_access *a);
/* The set of rules by which R/W, U/S and XD deny the access; by which its key does,
 * whatever they say. 0: none. */
uint32_t opinion_denied(const struct vmref_cpu *cpu, const struct vmref_access *a,
                        int us, int rw, int xd);
uint32_t opinion_denied_key(const struct vmref_cpu *cpu, const struct vmref_access *a,
                            int us, int key);
uint32_t opinion_error(const struct vmref_cpu *cpu, const struct vmref_access *a,
                       enum opinion_cause cause);

/* The aligned 8 bytes of memory at pa. */
typedef uint64_t opinion_read(const void *memory, uint64_t pa);
struct opinion opinion_walk(const struct vmref_cpu *cpu, const struct vmref_access *a,
                            opinion_read *read, const void *memory);
/* The same from a table below the root, with the rights gathered above it. */
struct opinion opinion_walk_from(const struct vmref_cpu *cpu, const struct vmref_access *a,
                                 const struct vmref_origin *from, opinion_read *read,
                                 const void *memory);

/* ---- opinion_report.c ---------------------------------------------------- */

/* The name of the field in which a finished walk differs, NULL when none does. */
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
/* The same of an input that is no case: its token is FORM-hex. */
_Noreturn void finding_input(const char *what, const char *form, const uint8_t *data, size_t size);

#endif
