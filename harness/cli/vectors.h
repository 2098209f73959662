/* SPDX-License-Identifier: MIT */
/* What the files of `vmref vectors` share. docs/VECTORS.md has the forms. */
#ifndef VMREF_CLI_VECTORS_H
#define VMREF_CLI_VECTORS_H
#include "cli.h"

/* A case and the model's answer, which the second opinion shares. */
struct vector { struct vmref_case c; struct vmref_span s; };

/* ---- vectors_make.c ---- */
uint64_t dice_next(uint64_t *dice);
unsigned dice_below(uint64_t *dice, unsigned n);
#define ANY_MODE 255
/* What is the same in all of them: the mode (or ANY_MODE), fields of cpu by their offset there, the
 * sizes of accesses (none: any). */
#define FIXED 16
struct fixed {
  uint8_t mode, fields, sizes, offset[FIXED], value[FIXED], size[FIXED];
};
/* One at random; exits 5 with the token where model and second opinion differ. */
void vector_make(struct vector *v, uint64_t *dice, const struct fixed *fixed);
/* What of a case is set, as numbers below PAIR_VALUES, PAIR_FACTORS of them, and back in words. */
#define PAIR_FACTORS 20
#define PAIR_VALUES  57 /* of PAIR_MOST in any kind of vector */
#define PAIR_MOST    64
/* Which two values have occurred together. Are at least so many pairs of these n not there yet? Then they are put there. */
typedef uint8_t pair_table[PAIR_MOST][PAIR_MOST];
bool pairs_take(pair_table *have, const uint8_t *value, int n, unsigned least);
void pair_values(const struct vector *v, uint8_t value[PAIR_FACTORS]);
/* Call `each` for vectors such that under every rule each two values of two factors that candidates
 * have together occur; how many they were. */
typedef void each_vector(const struct vector *v, unsigned long number, void *to);
unsigned long vectors_pairs(uint64_t seed, const struct fixed *fixed, unsigned long candidates, each_vector *each, void *to);

/* ---- vectors_set.c, vectors_tlb.c: by pairs, printed as JSON lines ---- */
void vectors_set(uint64_t seed, unsigned long candidates);
void vectors_tlb(uint64_t seed, unsigned long candidates);

/* ---- vectors_binary.c: 32 bytes of head, then records of fixed size ---- */
#define BINARY_RECORD 352
bool binary_head(FILE *f, unsigned long count);
bool binary_put(FILE *f, const struct vector *v);
void binary_pack(uint8_t record[BINARY_RECORD], const struct vector *v);
/* The vector of a case's token, or of a record: false, there is none, or its answer is not the model's. */
bool binary_of_token(struct vector *v, const char *token);
bool binary_print_record(FILE *f, const uint8_t record[BINARY_RECORD], const char *id);
/* Print a packed file of either version as JSON lines; the exit code. */
int binary_print(const char *path);
int binary_print_file(FILE *f, FILE *out, const char *path); /* NULL: without a message */
void vector_print(FILE *f, const struct vector *v, const char *id);

/* ---- vectors_packed.c: records of several kinds, version 2 of the form ---- */
enum packed_kind { PACKED_WALK = 1, PACKED_SEQUENCE = 2 };
#define PACKED_MOST 16384 /* bytes of a record */
/* A record of a body: 352 bytes of a walk, or a struct plain_sequence. Its size, 0: it is too large. */
size_t packed_encode(uint8_t record[PACKED_MOST], uint8_t kind, const json_t *vector, const void *body);
/* Print a record as a JSON line: NULL, or what is wrong with it. */
const char *packed_print(FILE *out, uint8_t *record, size_t size);
const char *packed_print_all(FILE *f, FILE *out, unsigned long count, unsigned long *at);
int packed_make(const char *path, char **files, int count); /* the exit code */

/* ---- cmd_vectors.c ---- */

/* ---- vectors_run.c: an implementation that speaks JSON lines ---- */
struct vectors_run {
  const char *command, *id; /* id: that one alone, NULL: all */
  bool json;
  unsigned shown, seconds;
};
int vectors_run(const struct vectors_run *r, char **files, int count);
#endif
