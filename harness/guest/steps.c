/* SPDX-License-Identifier: MIT */
/* The guest's part of a sequence: each step by an instruction that may fault. */
#include "case.h"
#include "guest.h"

extern uint8_t changes[];
#define CHANGE_BYTES  32
#define CHANGE_INVLPG 7 /* 0 to 6: VMREF_REG_* */
#define CHANGE_INVPCID 8

static void change(unsigned which, uintptr_t value, uintptr_t data)
{
  shot.stub = (uintptr_t)changes + CHANGE_BYTES * which;
  shot.flags = 2;
  shot.va = value;
  shot.data = data;
  shot.cpl = 0;
  shot.width = 0;
  shoot();
}

static void access(const struct guest_step *s)
{
  struct guest_case c = { .va = s->value, .data = s->data, .op = s->op, .cpl = s->cpl, .ac = s->ac };
  write_cr2(CR2_BEFORE);
  aim_shot(&c);
  shoot();
}

static void run_step(const struct guest_step *s)
{
  static mail64 descriptor[2] __attribute__((aligned(16)));
  switch (s->what) {
  case STEP_ACCESS: access(s); break;
  case STEP_STORE:
    *word_at(s->op) = s->value;
    shot.vector = VECTOR_NONE;
    break;
  case STEP_INVLPG: change(CHANGE_INVLPG, (uintptr_t)s->value, 0); break;
  case STEP_INVPCID:
    descriptor[0] = s->data;
    descriptor[1] = s->value;
    change(CHANGE_INVPCID, (uintptr_t)descriptor, s->op);
    break;
  default: change(s->op, (uintptr_t)s->value, 0); break;
  }
}

/* The state that the sequence leaves is not looked at: all of it is set anew. */
void run_sequence(const struct guest_sequence *q, struct step_result *r)
{
  struct guest_case begin = { .control = q->control, .pkru = q->pkru, .pkrs = q->pkrs };
  machine_control(&begin);
  machine_open(q->other);
  for (uint32_t i = 0; i < q->words; i++) *word_at(q->word[i]) = q->before[i];
  cpu_flush();
  if (CONTROL_MODE_OF(q->control) == VMREF_MODE_PAE) write_cr3(CASE_BASE + 4096u * CONTROL_ROOT_OF(q->control)
                                                                + CONTROL_LOW_OF(q->control));
  for (uint32_t k = 0; k < q->steps; k++) {
    run_step(&q->step[k]);
    r[k].vector = (uint8_t)shot.vector;
    r[k].error = shot.vector == VECTOR_NONE ? 0 : shot.error;
    if (q->step[k].what != STEP_ACCESS) continue;
    r[k].value = shot.vector == VECTOR_NONE ? shot_value(q->step[k].op) : 0;
    r[k].cr2 = read_cr2();
    for (uint32_t i = 0; i < q->words; i++) r[k].after[i] = *word_at(q->word[i]);
  }
  for (uint32_t i = 0; i < q->words; i++) *word_at(q->word[i]) = case_tag(CASE_BASE + 8u * q->word[i]);
  machine_force(q->control);
  machine_close(q->other);
  cpu_flush();
}
