/* SPDX-License-Identifier: MIT */
/* What a fuzz target offers to fuzz_main.c, beside LLVMFuzzerTestOneInput. Topics about
 * one access read the bytes of harness/case.h, so they can share a corpus; others have
 * a form of their own. */
#ifndef VMREF_FUZZ_TARGET_H
#define VMREF_FUZZ_TARGET_H
#include "opinion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *fuzz_topic(void);

/* A target has these two only if its inputs are no cases: the name of their form, three
 * characters ("vm2" unless it says otherwise), and the most bytes that one has. A token
 * is then FORM-, and the input in hex digits without the zero bytes at its end: missing
 * bytes must mean 0. Such a target reports by finding_input. */
const char *fuzz_form(void);
size_t fuzz_length(void);
/* Bytes that mean one step, for such a target to be shrunk by; 0 unless it says otherwise. */
size_t fuzz_unit(void);
/* libFuzzer's custom mutator: the new size. That of harness/mutate.c is for cases. */
size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed);

/* The case that a target makes of its input: case_decode unless it says otherwise. */
void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size);
/* One for fuzz_case to be: of an access in two pages, the part in its first. */
void fuzz_first_page(struct vmref_case *c, const uint8_t *data, size_t size);

/* Replay makes every check on every case. A fuzzer makes the comparison with the
 * second opinion each time and one in eight of the rest, picked by the case, for
 * four times the speed: over the many cases of a run each check gets its turn. */
enum { FUZZ_OPINION = -1, FUZZ_TURN = 0, FUZZ_ALL = 1 };
extern int fuzz_checks;
#define FUZZ_TURNS 8
unsigned fuzz_turn(const struct vmref_case *c);
static inline int fuzz_due(unsigned turn, unsigned i)
{
  return fuzz_checks > 0 || i % FUZZ_TURNS == turn;
}

/* The relations that must hold between answers to different questions
 * (fuzz_relations.c); w is the model's answer to c. Ends in finding_walks. */
void fuzz_relations(const struct vmref_case *c, const struct vmref_walk *w, unsigned turn);

/* case_read for opinion_walk. */
static inline uint64_t fuzz_read(const void *memory, uint64_t pa)
{
  return case_read(memory, pa);
}

#endif
