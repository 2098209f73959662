/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic access: every function of model/access.h. The rights of a
 * walk are taken in all eight combinations, so the entries of the case are free:
 * their bytes give raw fields for questions that must be refused. */
#include <string.h>
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "access"; }

void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size)
{
  fuzz_first_page(c, data, size);
}

static void same(const struct vmref_case *c, const char *what, uint64_t model, uint64_t opinion)
{
  if (model != opinion) finding_values(c, what, model, opinion);
}

/* One of the rules in the set, or none when it is empty. */
static void among(const struct vmref_case *c, const char *what, uint8_t rule, uint32_t set)
{
  if (rule > 31 || !((set ? set : 1u << VMREF_RULE_NONE) >> rule & 1))
    finding_values(c, what, 1u << rule % 32, set);
}

/* SDM 3A 4.6.1, 4.6.2. XD = 1 with EFER.NXE = 0 is a reserved bit: never asked here. */
static void check_rights(const struct vmref_case *c)
{
  for (int i = 0; i < 8; i++) {
    uint8_t us = i >> 2 & 1, rw = i >> 1 & 1, xd = i & 1;
    if (xd && !c->cpu.nxe) continue;
    uint32_t broken = opinion_denied(&c->cpu, &c->access, us, rw, xd);
    among(c, "vmref_denied, a set of rules", vmref_denied(c->cpu, c->access, rw, us, xd), broken);
    for (int j = 1; j <= 5; j++) {
      uint8_t key = c->entry[j] >> 59 & 15;
      uint32_t keyed = opinion_denied_key(&c->cpu, &c->access, us, key);
      among(c, "vmref_denied_key, a set of rules", vmref_denied_key(c->cpu, c->access, us, key), keyed);
      among(c, "vmref_refused, a set of rules", vmref_refused(c->cpu, c->access, rw, us, xd, key),
            broken | keyed);
    }
  }
}

/* What a rule says has happened. */
static enum opinion_cause cause_of(uint8_t rule)
{
  switch (rule) {
  case VMREF_RULE_PF_NP: return OPINION_ABSENT;
  case VMREF_RULE_PF_USER: case VMREF_RULE_PF_USER_WRITE: case VMREF_RULE_PF_WP:
  case VMREF_RULE_PF_XD: case VMREF_RULE_PF_SMEP: case VMREF_RULE_PF_SMAP:
  case VMREF_RULE_PF_PKU_AD: case VMREF_RULE_PF_PKU_WD:
  case VMREF_RULE_PF_PKS_AD: case VMREF_RULE_PF_PKS_WD: return OPINION_RIGHTS;
  default: return OPINION_RESERVED;
  }
}

/* SDM 3A 4.7: what each rule of an access leads to, in each mode. */
static void check_verdict(const struct vmref_case *c)
{
  struct vmref_cpu cpu = c->cpu;
  for (cpu.mode = 0; cpu.mode <= 4; cpu.mode++)
    for (uint8_t rule = 0; rule <= VMREF_RULE_PF_PKS_WD; rule++) {
      uint8_t vector = rule <= VMREF_RULE_OK ? 0 : rule == VMREF_RULE_GP_CANON ? 13
        : rule == VMREF_RULE_SS_CANON ? 12 : 14;
      enum opinion_cause cause = cause_of(rule);
      uint32_t error = vector == 14 ? opinion_error(&cpu, &c->access, cause) : 0;
      same(c, "vmref_vector", vmref_vector(rule), vector);
      same(c, "vmref_error_code", vmref_error_code(cpu, c->access, rule, 0), error);
      if (vector != 14 || cause != OPINION_RIGHTS) continue;
      same(c, "vmref_error_code with PK", vmref_error_code(cpu, c->access, rule, 1),
           opinion_error(&cpu, &c->access, OPINION_KEY));
    }
  /* SDM 2: MOV CR, WRMSR, INVPCID fault with #GP, WRPKRU without CR4.PKE with #UD */
  for (uint8_t rule = VMREF_RULE_GP_CR0_HIGH; rule <= VMREF_RULE_GP_INVPCID_CANON; rule++)
    same(c, "vmref_vector of a register", vmref_vector(rule), rule == VMREF_RULE_UD_PKE ? 6 : 13);
}

static void check_valid(const struct vmref_case *c, const struct vmref_access *a)
{
  same(c, "vmref_access_valid", vmref_access_valid(*a), opinion_access_ok(a));
  if (opinion_access_ok(a))
    same(c, "vmref_access_one_page", vmref_access_one_page(*a), opinion_one_page(a));
}

/* Each field of the access on both sides of its bounds, then all of them raw. */
static void check_questions(const struct vmref_case *c)
{
  static const uint8_t value[] = { 0, 1, 2, 3, 4, 63, 64, 65, 128, 255 };
  struct vmref_access a = c->access;
  uint8_t *const field[] = { &a.kind, &a.size, &a.cpl, &a.implicit, &a.ac, &a.seg };
  for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
    uint8_t kept = *field[i];
    for (size_t j = 0; j < sizeof value; j++) {
      *field[i] = value[j];
      check_valid(c, &a);
    }
    *field[i] = kept;
  }
  uint8_t raw[8];
  memcpy(raw, &c->entry[4], sizeof raw);
  for (size_t i = 0; i < sizeof field / sizeof *field; i++) *field[i] = raw[i];
  a.va = c->entry[3];
  check_valid(c, &a);
  a = c->access;
  for (a.size = 1; a.size <= 64; a.size++) { /* up to the end of a page and past it */
    a.va = (c->access.va | 0xfff) - 31;
    check_valid(c, &a);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct vmref_case c;
  fuzz_case(&c, data, size);
  const struct vmref_access *a = &c.access;
  same(&c, "vmref_user_mode", vmref_user_mode(*a), opinion_user(a));
  same(&c, "vmref_writes", vmref_writes(*a), a->kind == 1 || a->kind == 2);
  same(&c, "vmref_fetches", vmref_fetches(*a), a->kind == 3);
  check_rights(&c);
  check_verdict(&c);
  check_questions(&c);
  return 0;
}
