/* SPDX-License-Identifier: MIT */
/* Questions of `vmref serve` that are no single walk: sequences over the TLB, writes of control registers,
 * memory types, footprints. docs/VECTORS.md has the forms; corpus/vectors has answers by hand. */
#ifndef VMREF_ASKS_H
#define VMREF_ASKS_H
#include "cli.h"
#include "allows.h"
#include "control.h"
#include "footprint.h"
#include "memtype.h"

/* The answer to a question by its op, which is one of ASKS; NULL, and why: it is malformed. */
extern const char *const ASKS[];
json_t *ask_answer(const json_t *ask, struct complaint *why);

/* The question is malformed: the first complaint counts, and there will be no answer. It returns, so that what
 * was allocated is freed on the way out. */
void refuse(const char *form, ...) __attribute__((format(printf, 1, 2)));
bool refused(void);
void refuse_none(void);       /* begin anew */
const char *refusal(void);    /* that complaint */

/* Fields of a JSON object: a number or hex string, a flag; the default when it is absent. */
uint64_t number_in(const json_t *object, const char *name, uint64_t otherwise);
uint64_t number_of(const json_t *value, const char *what);
uint64_t number_below(const json_t *object, const char *name, uint64_t otherwise, uint64_t most);
uint8_t flag_in(const json_t *object, const char *name, uint8_t otherwise);
json_t *hex(uint64_t n);
json_t *rule_name(int rule); /* its id, null for VMREF_RULE_NONE */
/* Refuse what is not among the names, which end in NULL. */
void only_fields(const json_t *object, const char *const *names);

/* A question of `vmref walk` from its parts; q->mem is reused. Refused: the default one. */
void question_of(struct question *q, json_t *cpu, json_t *mem, const json_t *access);
/* An outcome as it stands in a sequence. */
void outcome_read(struct vmref_observed *o, const json_t *outcome);

json_t *answer_sequence(const json_t *ask); /* sequence.c */
/* Does the model permit each outcome of `permit`, and none of `deny`? */
bool sequence_agrees(const json_t *ask);
json_t *answer_set(const json_t *ask);      /* set.c */
json_t *answer_memtype(const json_t *ask);  /* memory.c */
json_t *answer_footprint(const json_t *ask);

/* ---- judging an implementation's answer `seen` by that of a vector ---- */
/* false: it differs, and in what; NULL in *differs: it is malformed. */
bool ask_judge(const json_t *ask, const json_t *answer, const json_t *seen, const char **differs, struct complaint *why);
bool judge_fields(const json_t *answer, const json_t *seen, const char **differs, struct complaint *why);          /* judge_asks.c */
bool judge_sequence(const json_t *ask, const json_t *seen, const char **differs, struct complaint *why); /* sequence.c */

#endif
