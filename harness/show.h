/* SPDX-License-Identifier: MIT */
/* Says in words what the model answers: rules by name, a walk level by level.
 * For the command line, failing tests and findings of a fuzzer.
 * Compile with -I$(B)/gen, where rules.inc is made from spec/rules.tsv. */
#ifndef VMREF_SHOW_H
#define VMREF_SHOW_H
#include <stdio.h>
#include "span.h"
#include "vmref.h"

/* A rule by number: "PF.NP", "SDM 3A", "4.7", and the rule in our words. A
 * number without a row has the id "NONE" and empty strings. */
const char *rule_id(uint8_t rule);
const char *rule_manual(uint8_t rule);
const char *rule_section(uint8_t rule);
const char *rule_line(uint8_t rule);
/* All of it in one string: "SDM 3A 4.7: P = 0 in an entry ...". */
const char *rule_text(uint8_t rule);

/* "no paging", "32-bit", "PAE", "4-level", "5-level". */
const char *mode_name(uint8_t mode);

/* The name of the entry at a level, 1 to 5: PTE, PDE, PDPTE, PML4E, PML5E. */
const char *entry_name(uint8_t level);

/* The names of the bits set in a present entry, and of what was ignored or
 * reserved among them, each as words with a space between. Level 3 of PAE is a PDPTE
 * register, or what was to be loaded into one. */
#define SHOW_TEXT 160
struct entry_text {
  char set[SHOW_TEXT];      /* "P RW US A"; the protection key as "KEY=5" */
  char ignored[SHOW_TEXT];  /* "D 11:9=0x1", empty when none is set */
  char reserved[SHOW_TEXT]; /* "51:40=0x8", empty when no rule is broken */
};
struct entry_text entry_bits(struct vmref_cpu cpu, uint8_t level, uint64_t e);

/* "P|W/R|U/S" for 0x7, "0" when no bit is set. */
const char *error_bits(uint32_t error, char text[SHOW_TEXT]);

/* The updates of A and D that a finished access makes (it succeeds) or is permitted to
 * make (it faults), the first page's entries from the top, then the second's; entries
 * that keep their value are left out. An entry used more than once (a table that refers
 * to itself, the tables above two neighbouring pages) is listed once. */
#define UPDATES 10
struct update { uint64_t address, value, old; uint8_t level; };
int span_updates(const struct vmref_span *s, struct update u[UPDATES]);

/* Does the walk end at, or go through, a PDPTE register? Which one (-1: none). */
int pdpte_register(const struct vmref_walk *w);

/* The access, the control state, each entry, the verdict: several lines. */
void show_span(FILE *f, const struct vmref_span *s);
/* The same for a walk by itself. */
void show_walk(FILE *f, const struct vmref_walk *w);
/* The same without the access and the control state; the entries alone. */
void show_steps(FILE *f, const struct vmref_walk *w);
void show_entries(FILE *f, const struct vmref_walk *w);

#endif
