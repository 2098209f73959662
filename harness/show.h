/* SPDX-License-Identifier: MIT */
/* Says in words what the model answers: rules by name, a walk level by level.
 * For the command line, failing tests and findings of a fuzzer.
 * Compile with -I$(B)/gen, where rules.inc is made from spec/rules.tsv. */
#ifndef VMREF_SHOW_H
#define VMREF_SHOW_H
#include <stdio.h>
#include "vmref.h"

/* A rule by number: "PF.NP", "SDM 3A", "4.7", and the rule in our words. A
 * number without a row has the id "NONE" and empty strings. */
const char *rule_id(uint8_t rule);
const char *rule_manual(uint8_t rule);
const char *rule_section(uint8_t rule);
const char *rule_line(uint8_t rule);
/* All of it in one string: "SDM 3A 4.7: P = 0 in an entry ...". */
const char *rule_text(uint8_t rule);

/* The name of the entry at a level, 1 to 4: PTE, PDE, PDPTE, PML4E. */
const char *entry_name(uint8_t level);

/* The names of the bits set in a present entry, and of what was ignored or
 * reserved among them, each as words with a space between. */
#define SHOW_TEXT 160
struct entry_text {
  char set[SHOW_TEXT];      /* "P RW US A" */
  char ignored[SHOW_TEXT];  /* "D 11:9=0x1", empty when none is set */
  char reserved[SHOW_TEXT]; /* "51:40=0x8", empty when no rule is broken */
};
struct entry_text entry_bits(struct vmref_cpu cpu, uint8_t level, uint64_t e);

/* "P|W/R|U/S" for 0x7, "0" when no bit is set. */
const char *error_bits(uint32_t error, char text[SHOW_TEXT]);

/* The updates of A and D that a finished walk makes (rule OK) or is permitted to
 * make (a fault), top level first, entries that keep their value left out. A
 * table that refers to itself has one entry at several levels: listed once. */
struct update { uint64_t address, value; uint8_t level; };
int walk_updates(const struct vmref_walk *w, struct update u[4]);

/* The access, the control state, each entry, the verdict: several lines. */
void show_walk(FILE *f, const struct vmref_walk *w);

#endif
