/* SPDX-License-Identifier: MIT */
/* guest-control, the runner: its parts. */
#ifndef VMREF_CONTROL_RUN_H
#define VMREF_CONTROL_RUN_H
#include <stdio.h>
#include "control_guest.h"
#include "control_names.h"
#include "peer.h"
#include "rows.h"

/* Why a case is not run; counted and told. */
enum excluded { NO_RAM, OWN_KEY, OWN_PDPTE, LOST_BEFORE, ASTRAY, EXCLUDED };
extern const char *const excluded_why[EXCLUDED];

#define CONTROL_MODES 7 /* where a case begins */
extern const char *const control_mode[CONTROL_MODES];
extern const char *const control_reg[7];

struct control_list {
  struct control_case *c;
  uint8_t *mode;           /* of each */
  uint32_t count, room;
  uint64_t left_out[EXCLUDED];
  uint32_t lost;           /* cases that are foretold to end the guest */
  uint32_t rows;           /* deviations that stand for this peer */
  uint8_t accel;
  struct vmref_features f;
};
/* All cases of a CPU with these features, always in the same order. */
void control_cases(struct control_list *l);

/* What comes of a case. */
struct control_answer {
  uint64_t reg[CONTROL_REGS];
  uint64_t pdpte[4];
  uint32_t pkru, pkrs, error, tag[4];
  uint8_t  vector;         /* or CAME_* */
  uint8_t  rule;
};
/* By the model, for a CPU with features f; and for one that says it has `told` of them. */
struct control_answer control_model(const struct control_case *c, struct vmref_features f, struct vmref_features told);
uint32_t control_tag(uint64_t pdpte);
int control_is_pae(const uint64_t reg[CONTROL_REGS]);
/* A planted defect of the model's answer. */
extern const char *const control_plants[];
void control_plant(uint32_t which, const struct control_case *c, struct control_answer *a);

/* Where an answer is not what was seen: "" when it is. */
const char *control_differs(const struct control_answer *a, const struct control_seen *s);
const char *control_start_differs(const struct control_case *c, const struct control_seen *s, struct vmref_features f);
/* The model compiled into the guest gives the same. */
int control_guest_agrees(const struct control_case *c, const struct control_seen *s, struct vmref_features f);

/* Rows of harness/deviations.tsv: the peer's answer by those of `rows`, and the rows that
 * had a part in it. */
uint32_t control_foretell(uint32_t rows, const struct control_case *c, struct vmref_features f,
                          struct control_answer *a);

struct control_sum {
  const char *cpu;
  struct vmref_features f;
  uint64_t cases, agree, explained, unexplained, left_out[EXCLUDED];
  uint64_t by_rule[96], by_row[CONTROL_ROWS], by_reg[7], by_mode[CONTROL_MODES];
  uint32_t starts;         /* guests begun */
  double seconds;
  char why[400];           /* it did not end */
};
void control_show(FILE *f, uint64_t number, const char *cpu, const struct control_case *c,
                  const struct control_seen *s, const struct control_answer *model,
                  const struct control_answer *foretold, uint32_t rows, const char *what);
void control_table(FILE *f, const struct control_sum *s, uint8_t accel, uint32_t rows);
int control_result(const char *file, const char *accel, const struct control_sum *s, unsigned n, const uint32_t *rows);

#endif
