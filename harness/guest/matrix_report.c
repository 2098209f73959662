/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include "case.h"
#include "matrix_run.h"
#include "show.h"

/* The case as others can replay it: the same flags, tables and pages in the arena. */
static void as_case(const struct run *r, uint32_t number, uint32_t lane, struct vmref_case *c)
{
  struct matrix_place p = { .data = CASE_BASE, .code = CASE_BASE, .segments = CASE_BASE, .levels = r->levels };
  struct matrix_batch b;
  struct matrix_lane n;
  const uint32_t slot = 12; /* its frames are in the arena, above the tables */
  for (uint32_t l = 1; l <= 5; l++) p.table[l] = CASE_BASE + 0x1000 * l;
  matrix_batch(&b, number, r->levels, r->peer.maxphyaddr);
  matrix_lane(&n, lane, b.block, r->peer.maxphyaddr);
  *c = (struct vmref_case){ .cpu = matrix_cpu(&b, &p, &r->peer), .access = matrix_access(&b, matrix_va(&p, &b, slot)) };
  for (uint8_t l = 1; l <= r->levels; l++) {
    c->entry[l] = b.entry[l] | n.entry[l];
    c->entry[l] |= matrix_address(&p, &b, l, slot, c->entry[l]);
  }
}

static void status(FILE *f, const char *who, uint32_t s, uint64_t value)
{
  char text[SHOW_TEXT];
  if (s == 0) fprintf(f, "  %-8s done, 0x%" PRIx64 "\n", who, value);
  else fprintf(f, "  %-8s vector %u, error 0x%x = %s, CR2 0x%" PRIx64 "\n", who, s >> 16, s & 0xffff,
               error_bits(s & 0xffff, text), value);
}

void show_failure(FILE *f, const struct run *r, const struct matrix_failure *x)
{
  static const char *const what[] = { "vector or error code", "CR2", "value", "entries", "the model against itself",
    0, 0, 0, "vector or error code of the first access", "CR2 of it", "value of it" };
  struct vmref_case c;
  struct matrix_batch b;
  struct case_memory m;
  char token[CASE_TOKEN];
  matrix_batch(&b, x->batch, r->levels, r->peer.maxphyaddr);
  as_case(r, x->batch, x->lane, &c);
  case_place(&c, &m);
  struct vmref_walk w = case_walk(&c, &m);
  case_token(&c, token);
  fprintf(f, "case     %" PRIu64 " (%s, %u-level)%s\ntoken    %s\n", (uint64_t)x->batch * MATRIX_LANES + x->lane,
          matrix_block_name(b.block), r->levels, b.twice ? ", after a supervisor-mode read of the same" : "", token);
  show_walk(f, &w);
  for (uint32_t k = 0; k <= b.twice; k++) {
    status(f, k ? "before" : "expected", x->side[k].want_status, x->side[k].want);
    status(f, "seen", x->side[k].status, x->side[k].value);
  }
  for (uint32_t l = r->levels; l > 0; l--)
    fprintf(f, "  %-8s 0x%016" PRIx64 ", changed 0x%" PRIx64 ", must 0x%" PRIx64 ", may 0x%" PRIx64 "\n",
            entry_name((uint8_t)l), x->entry[l], x->set[l], x->must[l], x->may[l]);
  fprintf(f, "  differs ");
  for (uint32_t i = 0, some = 0; i < sizeof what / sizeof *what; i++)
    if (x->what >> i & 1) fprintf(f, "%s %s", some++ ? "," : "", what[i]);
  fprintf(f, "%s\n\n", x->what ? "" : " in nothing");
}

static const char *const controls[] = { "WP", "NXE", "SMEP", "SMAP", "PKE", "PKS" };

static const char *control_name(uint32_t state, char text[40])
{
  text[0] = 0;
  for (uint32_t i = 0; i < 6; i++)
    if (state >> i & 1) snprintf(text + strlen(text), 40 - strlen(text), "%s%s", text[0] ? " " : "", controls[i]);
  return text[0] ? text : "none";
}

void show_table(FILE *f, const struct run *r)
{
  static const char *const kind[] = { "read", "write", "rmw", "fetch" };
  const struct matrix_tally *t = &r->sum;
  char text[40];
  fprintf(f, "%s: %" PRIu64 " cases, %" PRIu64 " explained, %" PRIu64 " unexplained; %" PRIu64
          " more are not possible on this CPU; %" PRIu64 " accesses in %.1f s, %.0f cases/s\n", r->name, t->cases,
          t->explained, t->unexplained, t->skipped, t->accesses, r->seconds,
          r->seconds > 0 ? (double)t->cases / r->seconds : 0);
  for (uint8_t i = 0; i < matrix_blocks(); i++)
    if (t->block[i]) fprintf(f, "  block    %-18s %12" PRIu64 "\n", matrix_block_name(i), t->block[i]);
  for (uint32_t i = 0; i < 32; i++)
    if (t->access[i]) fprintf(f, "  access   CPL %u %-6s%-3s%-9s%12" PRIu64 "\n", i & 4 ? 3 : 0, kind[i % 4],
                              i & 8 ? "AC" : "", i & 16 ? "implicit" : "", t->access[i]);
  for (uint32_t i = 0; i < 64; i++)
    if (t->control[i]) fprintf(f, "  control  %-26s %12" PRIu64 "  %" PRIu64 " unexplained\n", control_name(i, text),
                               t->control[i], t->control_bad[i]);
  for (uint32_t i = 1; i < MATRIX_RULES; i++)
    if (t->rule[i]) fprintf(f, "  rule     %-18s %12" PRIu64 "\n", rule_id((uint8_t)i), t->rule[i]);
  for (uint32_t i = 0; matrix_deviations[i]; i++)
    if (r->allowed >> i & 1)
      fprintf(f, "  row      %-18s %12" PRIu64 "%s\n", matrix_deviations[i], t->deviation[i],
              t->deviation[i] || r->step != 1 || r->o->block ? "" : "  does not occur: out of date?");
}

static void one(FILE *f, const struct run *r)
{
  const struct matrix_tally *t = &r->sum;
  char text[40];
  int some = 0;
  fprintf(f, "{\"name\":\"%s\",\"accel\":\"%s\",\"version\":\"%s\",\"levels\":%u,\"maxphyaddr\":%u,\"cases\":%" PRIu64
          ",\"skipped_cases\":%" PRIu64 ",\"explained\":%" PRIu64 ",\"unexplained\":%" PRIu64
          ",\"seconds\":%.3f,\"cases_per_second\":%.0f", r->name, accel_name[r->o->accel], r->version, r->levels,
          r->peer.maxphyaddr, t->cases, t->skipped, t->explained, t->unexplained, r->seconds,
          r->seconds > 0 ? (double)t->cases / r->seconds : 0);
  fprintf(f, ",\"blocks\":{");
  for (uint8_t i = 0; i < matrix_blocks(); i++)
    fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", matrix_block_name(i), t->block[i]);
  fprintf(f, "},\"control\":{");
  for (uint32_t i = 0; i < 64; i++)
    if (t->control[i]) fprintf(f, "%s\"%s\":[%" PRIu64 ",%" PRIu64 "]", some++ ? "," : "", control_name(i, text),
                               t->control[i], t->control_bad[i]);
  fprintf(f, "},\"rules\":{");
  some = 0;
  for (uint32_t i = 1; i < MATRIX_RULES; i++)
    if (t->rule[i]) fprintf(f, "%s\"%s\":%" PRIu64, some++ ? "," : "", rule_id((uint8_t)i), t->rule[i]);
  fprintf(f, "},\"deviations\":{");
  some = 0;
  for (uint32_t i = 0; matrix_deviations[i]; i++)
    if (r->allowed >> i & 1) fprintf(f, "%s\"%s\":%" PRIu64, some++ ? "," : "", matrix_deviations[i], t->deviation[i]);
  fprintf(f, "},\"why\":\"%s\"}", r->why[0] ? "it did not end" : "");
}

int write_result(const struct options *o, const struct run *runs, unsigned n)
{
  uint64_t passed = 0, failed = 0, cases = 0;
  double seconds = 0;
  FILE *f = fopen(o->json, "w");
  if (!f) return -1;
  for (unsigned i = 0; i < n; i++) {
    failed += runs[i].sum.unexplained + runs[i].sum.strays + (runs[i].why[0] != 0);
    passed += runs[i].sum.cases - runs[i].sum.unexplained;
    cases += runs[i].sum.cases;
    seconds += runs[i].seconds;
  }
  fprintf(f, "{\"name\":\"guest-matrix\",\"accel\":\"%s\",\"cases\":%" PRIu64 ",\"rate\":%.0f,\"passed\":%" PRIu64
          ",\"failed\":%" PRIu64 ",\"runs\":[", accel_name[o->accel], cases, seconds > 0 ? (double)cases / seconds : 0,
          passed, failed);
  for (unsigned i = 0; i < n; i++) {
    fprintf(f, "%s\n", i ? "," : "");
    one(f, &runs[i]);
  }
  fprintf(f, "]}\n");
  return fclose(f);
}
