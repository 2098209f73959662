/* SPDX-License-Identifier: MIT */
/* What the model says comes of a case, and what was seen, held against each other. */
#include <string.h>
#include "access.h"
#include "control_run.h"

/* Of the paging that is on: LMA is asked, for a peer may let LME go its own way. */
int control_is_pae(const uint64_t reg[CONTROL_REGS])
{
  return VMREF_BIT(reg[0], VMREF_CR0_PG) && VMREF_BIT(reg[2], VMREF_CR4_PAE) && !VMREF_BIT(reg[3], VMREF_EFER_LMA);
}

/* Where there is no RAM all bits read as 1, reserved ones too. */
uint32_t control_tag(uint64_t pdpte)
{
  return pdpte & 1 && pdpte < GUEST_RAM ? (uint32_t)(pdpte & 0xfffff000) : TAG_FAULT;
}

/* What a register is read back as that a CPU with `told` does not have. */
static void unread(struct control_answer *a, struct vmref_features told)
{
  if (!told.pat) a->reg[4] = 0;
  if (!told.lm && !told.nx) a->reg[3] = 0;
  if (!told.pku) a->pkru = 0;
  if (!told.pks) a->pkrs = 0;
}

struct control_answer control_model(const struct control_case *c, struct vmref_features f, struct vmref_features told)
{
  struct vmref_control m = control_start(c, f);
  int rule = vmref_cpu_set(&m, c->written, c->value, control_memory(c));
  struct control_answer a = { .reg = { m.cr0, m.cr3, m.cr4, m.efer, m.pat }, .pkru = m.pkru, .pkrs = m.pkrs,
                              .rule = (uint8_t)rule, .vector = CAME_DONE };
  if (rule) a.vector = vmref_vector((uint8_t)rule);
  for (int i = 0; i < 4; i++) {
    a.pdpte[i] = m.pdpte[i];
    a.tag[i] = control_is_pae(a.reg) ? control_tag(m.pdpte[i]) : TAG_NONE;
  }
  unread(&a, told);
  return a;
}

const char *control_differs(const struct control_answer *a, const struct control_seen *s)
{
  static const char *const name[CONTROL_REGS] = { "CR0", "CR3", "CR4", "EFER", "PAT" };
  if (a->vector != s->vector) return "vector";
  if (a->vector == CAME_LOST) return "";
  if (a->error != s->error) return "error code";
  for (int i = 0; i < (a->vector == CAME_SVM ? 4 : CONTROL_REGS); i++)
    if (a->reg[i] != s->after[i]) return name[i];
  if (a->pkru != s->pkru) return "PKRU";
  if (a->pkrs != s->pkrs) return "PKRS";
  if (a->vector != CAME_SVM && memcmp(a->tag, s->tag, sizeof a->tag) != 0) return "PDPTE registers";
  return "";
}

const char *control_start_differs(const struct control_case *c, const struct control_seen *s, struct vmref_features f)
{
  struct control_answer start = { .reg = { c->reg[0], c->reg[1], c->reg[2], c->reg[3], c->reg[4] } };
  unread(&start, f);
  for (int i = 0; i < CONTROL_REGS; i++)
    if (start.reg[i] != s->before[i]) return "the start was not reached";
  return "";
}

int control_guest_agrees(const struct control_case *c, const struct control_seen *s, struct vmref_features f)
{
  struct vmref_control m = control_start(c, f);
  int rule = vmref_cpu_set(&m, c->written, c->value, control_memory(c));
  const uint64_t reg[CONTROL_REGS] = { m.cr0, m.cr3, m.cr4, m.efer, m.pat };
  return rule == s->rule && memcmp(reg, s->model, sizeof reg) == 0 && m.pkru == s->model_pkru
    && m.pkrs == s->model_pkrs && memcmp(m.pdpte, s->model_pdpte, sizeof m.pdpte) == 0;
}

/* ---- planted defects ------------------------------------------------------------------- */

const char *const control_plants[] = { "none", "high", "reads", "loads", "keeps", "changes", 0 };

void control_plant(uint32_t which, const struct control_case *c, struct control_answer *a)
{
  switch (which) {
  case 1: /* WRPKRU does not look at bit 63 */
    if (a->rule == VMREF_RULE_GP_PKRU && c->value >> 63) a->vector = CAME_DONE;
    break;
  case 2: /* bit 4 of CR0 reads as written */
    if (c->written == VMREF_REG_CR0 && a->vector == CAME_DONE && !(c->value & 0x10)) a->reg[0] &= ~UINT64_C(0x10);
    break;
  case 3: /* MOV CR3 leaves the PDPTE registers */
    if (c->written == VMREF_REG_CR3 && a->vector == CAME_DONE && a->tag[3])
      for (int i = 0; i < 4; i++) a->tag[i] = control_tag(c->pdpte[i]);
    break;
  case 4: /* clearing PG leaves LMA */
    if (c->written == VMREF_REG_CR0 && a->vector == CAME_DONE && c->reg[3] >> 10 & 1) a->reg[3] |= VMREF_EFER_LMA;
    break;
  case 5: /* one that faults is written all the same */
    if (a->vector == VMREF_VECTOR_UD && c->written == VMREF_REG_PKRU) a->pkru = (uint32_t)c->value;
    break;
  }
}
