/* SPDX-License-Identifier: MIT */
/* Answers to the vectors of corpus/vectors that `vmref walk` has no words for: sequences
 * over the TLB, writes of control registers, memory types, footprints. One JSON line in, one
 * out; corpus/vectors/README.md has the format, harness/test_vectors.py asks and compares. */
#ifndef VECTORS_H
#define VECTORS_H
#include "cli.h"
#include "allows.h"
#include "control.h"
#include "footprint.h"
#include "memtype.h"

/* End with a message: a vector that cannot be read is a defect of the vector. */
_Noreturn void refuse(const char *form, ...) __attribute__((format(printf, 1, 2)));

/* Fields of a JSON object: a number or hex string, a flag; the default when it is absent. */
uint64_t number_in(const json_t *object, const char *name, uint64_t otherwise);
uint64_t number_of(const json_t *value, const char *what);
uint8_t flag_in(const json_t *object, const char *name, uint8_t otherwise);
json_t *hex(uint64_t n);
json_t *rule_name(int rule); /* its id, null for VMREF_RULE_NONE */
/* Refuse what is not among the names, which end in NULL. */
void only_fields(const json_t *object, const char *const *names);

/* A question of `vmref walk` from its parts; q->mem is reused. */
void question_of(struct question *q, json_t *cpu, json_t *mem, const json_t *access);

json_t *answer_sequence(const json_t *ask); /* sequence.c */
json_t *answer_set(const json_t *ask);      /* set.c */
json_t *answer_memtype(const json_t *ask);  /* memory.c */
json_t *answer_footprint(const json_t *ask);

#endif
