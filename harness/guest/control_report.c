/* SPDX-License-Identifier: MIT */
/* What guest-control says: a case in full, a table, the JSON. */
#include <inttypes.h>
#include "control_run.h"
#include "show.h"

const char *const control_reg[7] = { "CR0", "CR3", "CR4", "EFER", "PAT", "PKRU", "PKRS" };

static const char *rule_of(uint8_t rule) { return rule == VMREF_RULE_NONE ? "executed" : rule_id(rule); }

static const char *outcome(uint8_t vector, uint32_t error, char text[40])
{
  if (vector == CAME_DONE) return "executed";
  if (vector == CAME_SVM) return "SVM exit";
  if (vector == CAME_LOST) return "the guest is lost";
  snprintf(text, 40, vector == VMREF_VECTOR_UD ? "#UD" : vector == VMREF_VECTOR_GP ? "#GP(0x%x)" : "vector %u, error 0x%x",
           vector == VMREF_VECTOR_GP ? error : vector, error);
  return text;
}

static void registers(FILE *f, const char *who, const char *how, const mail64 reg[CONTROL_REGS], uint32_t pkru,
                      uint32_t pkrs, const uint32_t tag[4])
{
  fprintf(f, "  %-9s%-18s CR0 %" PRIx64 " CR3 %" PRIx64 " CR4 %" PRIx64 " EFER %" PRIx64 " PAT %" PRIx64 " PKRU %x PKRS %x",
          who, how, reg[0], reg[1], reg[2], reg[3], reg[4], pkru, pkrs);
  if (tag && tag[0] != TAG_NONE) fprintf(f, " PDPTEs %x %x %x %x", tag[0], tag[1], tag[2], tag[3]);
  fputc('\n', f);
}

static void answer(FILE *f, const char *who, const struct control_answer *a)
{
  char text[40];
  registers(f, who, outcome(a->vector, a->error, text), (const mail64 *)a->reg, a->pkru, a->pkrs, a->tag);
}

void control_show(FILE *f, uint64_t number, const char *cpu, const struct control_case *c,
                  const struct control_seen *s, const struct control_answer *model,
                  const struct control_answer *foretold, uint32_t rows, const char *what)
{
  char text[40];
  fprintf(f, "case %" PRIu64 ", %s: %s := 0x%" PRIx64 "%s%s; rule %s%s%s\n", number, cpu, control_reg[c->written], c->value,
          c->cs_l ? ", CS.L = 1" : "", c->tr16 ? ", 16-bit TSS" : "", rule_of(model->rule), what[0] ? "; differs: " : "", what);
  registers(f, "start", "", c->reg, c->pkru, c->pkrs, NULL);
  if (c->table)
    fprintf(f, "  PDPTEs   %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 ", at 0x%x in memory %" PRIx64 " %" PRIx64 " %" PRIx64
            " %" PRIx64 "\n", c->pdpte[0], c->pdpte[1], c->pdpte[2], c->pdpte[3], c->table, c->memory[0], c->memory[1],
            c->memory[2], c->memory[3]);
  answer(f, "model", model);
  if (rows) answer(f, "foretold", foretold);
  registers(f, "machine", outcome(s->vector, s->error, text), s->after, s->pkru, s->pkrs, s->tag);
  for (uint32_t i = 0; control_names[i]; i++)
    if (rows >> i & 1) fprintf(f, "  row      %s\n", control_names[i]);
}

void control_table(FILE *f, const struct control_sum *s, uint8_t accel, uint32_t rows)
{
  fprintf(f, "%s %s: %" PRIu64 " cases, %" PRIu64 " agree, %" PRIu64 " explained, %" PRIu64 " unexplained; %.1f s, %u guests\n",
          accel_name[accel], s->cpu, s->cases, s->agree, s->explained, s->unexplained, s->seconds, s->starts);
  for (int i = 0; i < CONTROL_MODES; i++)
    if (s->by_mode[i]) fprintf(f, "  start    %-22s %8" PRIu64 "\n", control_mode[i], s->by_mode[i]);
  for (int i = 0; i < 7; i++)
    if (s->by_reg[i]) fprintf(f, "  written  %-22s %8" PRIu64 "\n", control_reg[i], s->by_reg[i]);
  for (unsigned i = 0; i < 96; i++)
    if (s->by_rule[i]) fprintf(f, "  rule     %-22s %8" PRIu64 "\n", rule_of((uint8_t)i), s->by_rule[i]);
  for (uint32_t i = 0; control_names[i]; i++)
    if (rows >> i & 1 && s->by_row[i]) fprintf(f, "  row      %-22s %8" PRIu64 "\n", control_names[i], s->by_row[i]);
  for (int i = 0; i < EXCLUDED; i++)
    if (s->left_out[i]) fprintf(f, "  left out %8" PRIu64 ": %s\n", s->left_out[i], excluded_why[i]);
}

static void one(FILE *f, const struct control_sum *s, uint32_t rows)
{
  int some = 0;
  fprintf(f, "{\"cpu\":\"%s\",\"cases\":%" PRIu64 ",\"agree\":%" PRIu64 ",\"explained\":%" PRIu64 ",\"unexplained\":%" PRIu64
          ",\"seconds\":%.3f,\"rules\":{", s->cpu, s->cases, s->agree, s->explained, s->unexplained, s->seconds);
  for (unsigned i = 0; i < 96; i++)
    if (s->by_rule[i]) fprintf(f, "%s\"%s\":%" PRIu64, some++ ? "," : "", rule_of((uint8_t)i), s->by_rule[i]);
  fprintf(f, "},\"deviations\":{");
  some = 0;
  for (uint32_t i = 0; control_names[i]; i++)
    if (rows >> i & 1) fprintf(f, "%s\"%s\":%" PRIu64, some++ ? "," : "", control_names[i], s->by_row[i]);
  fprintf(f, "},\"left_out\":{");
  for (int i = 0; i < EXCLUDED; i++) fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", excluded_why[i], s->left_out[i]);
  fprintf(f, "}}");
}

int control_result(const char *file, const char *accel, const struct control_sum *s, unsigned n, const uint32_t *rows)
{
  uint64_t cases = 0, passed = 0, failed = 0, explained = 0;
  double seconds = 0;
  FILE *f = fopen(file, "w");
  if (!f) return -1;
  for (unsigned i = 0; i < n; i++) {
    cases += s[i].cases;
    explained += s[i].explained;
    failed += s[i].unexplained + (s[i].why[0] != 0);
    passed += s[i].agree + s[i].explained;
    seconds += s[i].seconds;
  }
  fprintf(f, "{\"name\":\"guest-control\",\"accel\":\"%s\",\"cases\":%" PRIu64 ",\"rate\":%.0f,\"passed\":%" PRIu64
          ",\"failed\":%" PRIu64 ",\"explained\":%" PRIu64 ",\"runs\":[", accel, cases,
          seconds > 0 ? (double)cases / seconds : 0, passed, failed, explained);
  for (unsigned i = 0; i < n; i++) {
    fprintf(f, "%s\n", i ? "," : "");
    one(f, &s[i], rows[i]);
  }
  fprintf(f, "]}\n");
  return fclose(f);
}
