/* SPDX-License-Identifier: MIT */
/* Sequences for the guest: of the fuzzers' corpus and of their generator. */
#ifndef VMREF_GUEST_MM_FEED_H
#define VMREF_GUEST_MM_FEED_H
#include "mm_protocol.h"
#include "sequence_mm.h"

/* How a sequence is run. */
#define AS_BASE 0 /* one processor, which loads CR3 for each access: nothing is cached */
#define AS_ONE  1 /* another that stays under a process's tables, put to each process in turn */
#define AS_SMP  2 /* the sequence says which processor */
#define AS_KINDS 3
extern const char *const as_name[AS_KINDS];

/* A sequence as the fuzzers have it, or several in a row from one boot; and how it is run: what a token, --as and
 * --policy tell. */
#define MM_CHAIN 10u
#define MM_INPUT_BYTES (MM_CHAIN * (SEQUENCE_BYTES + 4 * SEQUENCE_OP))
struct mm_input {
  uint8_t data[MM_INPUT_BYTES];
  size_t size;
  uint8_t as, policy; /* AS_*; 0 none, or 1 + VMREF_LRU, VMREF_CLOCK */
  uint8_t no_rmw;     /* 1: stores in their place, where TCG does not lock them (DEV-TCG-RMW-W) */
};
#define MM_TOKEN (5 + 2 * MM_INPUT_BYTES)
void mm_token(const struct mm_input *x, char token[MM_TOKEN]);
int mm_from_token(struct mm_input *x, const char *token);
const char *mm_policy_name(uint8_t policy); /* "none", "lru", "clock" */

/* The operations of an input; at most MM_INPUT_OPS. Returns how many. */
#define MM_INPUT_OPS (2 * MM_INPUT_BYTES / SEQUENCE_OP)
uint32_t mm_lines(const struct mm_input *x, struct script_line *l);
/* Add it to a batch; 0: it has no room. */
int mm_put(struct mm_batch *b, const struct mm_input *x, int tell);
/* Sequence n of a seed: what it is depends on these alone. */
void mm_generate(struct mm_input *x, uint64_t seed, uint64_t n, unsigned as, unsigned cpus);
/* The sizes of memory for all of them. */
extern const struct mm_sizes mm_input_sizes;
/* As a script for vmref run, in which each number is a name. */
void mm_print_script(FILE *f, const struct mm_input *x);
#endif
