/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include "allows.h"
#include "control_names.h"
#include "rows.h"
#include "run.h"
#include "show.h"

/* What no case of this runner can show, whatever the machine. */
static const char *const not_compared[] = {
  "access sizes other than 1, 2, 4, 8, 10, 16, 32 and (where the CPU has AVX-512) 64 bytes",
  "stack references by PUSH, POP, CALL and RET (those here name RBP)",
  "implicit accesses to a non-canonical address (their error code is a selector)",
  "implicit accesses in two pages, and stores whose descriptor read already faults",
  "implicit accesses through GDT, IDT and TSS (those here are to an LDT)",
  "fetches that would execute an entry or half a tag",
  "successful accesses outside of the 64-KiB arena",
  "accesses in two pages onto an entry of their own",
  "accesses that wrap at 2^32 or 2^64 (the guest's own window lies there)",
  "protection key 15 (the guest's own)",
  "PDPTE registers 0 (the guest's own); changes of paging mode within a sequence",
  "writes of control registers other than one bit of CR0, CR4, EFER, a root, keys",
};
#define LAST_RULE VMREF_RULE_PF_PKS_WD /* of an access */
#define NOT_COMPARED (sizeof not_compared / sizeof *not_compared)

/* ---- deviations.tsv ------------------------------------------------------------ */

/* A row counts when its accelerator is the one at hand and code foretells it. */
static int of_control(const char *id)
{
  for (unsigned i = 0; control_names[i]; i++)
    if (strcmp(control_names[i], id) == 0) return 1;
  return 0;
}

int deviations_load(const char *file, uint8_t accel, char *why, size_t size)
{
  struct row r;
  memset(deviation_on, 0, sizeof deviation_on);
  FILE *f = fopen(file, "r");
  if (!f) return snprintf(why, size, "cannot read %s", file), -1;
  while (row_next(f, &r)) {
    if (strcmp(r.peer, "QEMU") != 0 && strcmp(r.peer, "Bochs") != 0) continue; /* another peer's */
    unsigned i = 0;
    while (i < DEVIATIONS && strcmp(deviations[i].id, r.id) != 0) i++;
    if (i == DEVIATIONS && of_control(r.id)) continue;
    if (i == DEVIATIONS) {
      snprintf(why, size, "%s: no code foretells %s", file, r.id);
      fclose(f);
      return -1;
    }
    if (strcmp(r.accel, accel_name[accel]) == 0) deviation_on[i] = 1;
  }
  fclose(f);
  return 0;
}

/* ---- text ------------------------------------------------------------------------- */

int report_passed(const struct report *r) { return r->stats.unexplained == 0; }

static double rate(const struct stats *s)
{
  return s->seconds > 0 ? (double)s->cases / s->seconds : 0;
}

void report_text(FILE *f, const struct options *o, const struct report *r)
{
  const struct stats *s = &r->stats;
  if (r->degraded[0]) fprintf(f, "note        %s\n", r->degraded);
  fprintf(f, "peer        %s\n", r->what);
  fprintf(f, "compared    %" PRIu64 " cases on %u machine%s, seed %" PRIu64 ", %.1f s, %.0f cases/s\n",
          s->cases, r->machines, r->machines == 1 ? "" : "s", o->seed, s->seconds, rate(s));
  fprintf(f, "agree       %" PRIu64 " (%" PRIu64 " of them: a read-modify-write of its own entry"
          " that reads it before D is set; the manuals permit both)\n", s->agree, s->permitted);
  fprintf(f, "explained   %" PRIu64 " by rows of %s\n", s->explained_cases, o->deviations);
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (r->on[i])
      fprintf(f, "  %-24s %" PRIu64 "%s\n", deviations[i].id, s->explained[i],
              s->explained[i] ? "" : "  not seen: does this peer still do it?");
  fprintf(f, "unexplained %" PRIu64 "%s\n", s->unexplained, s->unexplained ? "  <-- FAILS" : "");
  if (s->sequences)
    fprintf(f, "sequences   %" PRIu64 ", %" PRIu64 " explained, %" PRIu64 " cut short for want of slots; accesses by a walk %" PRIu64
            ", from a cached table %" PRIu64 ", from a cached page %" PRIu64 "\n", s->sequences, s->explained_sequences,
            s->full, s->ways[VMREF_WAY_WALK], s->ways[VMREF_WAY_TABLE], s->ways[VMREF_WAY_HIT]);
  fprintf(f, "modes      ");
  for (uint8_t i = 0; i < 5; i++) fprintf(f, " %s %" PRIu64 ",", mode_name(i), s->modes[i]);
  fprintf(f, " in two pages %" PRIu64 "\nrules      ", s->two);
  for (unsigned i = 1; i <= LAST_RULE; i++)
    fprintf(f, " %s %" PRIu64 "%s", rule_id((uint8_t)i), s->rules[i], s->rules[i] ? "" : " (never)");
  fprintf(f, "\nexcluded   ");
  for (unsigned i = 1; i < EXCLUSIONS; i++)
    if (s->excluded[i]) fprintf(f, " %s %" PRIu64, excluded_name[i], s->excluded[i]);
  if (s->adapted) fprintf(f, "; changed to fit the machine: %" PRIu64, s->adapted);
  fprintf(f, "\n");
  if (r->list_cut) fprintf(f, "note        the time ran out within a directed list\n");
  if (r->bench[0] > 0)
    fprintf(f, "bench       %.0f cases/s at batch 256, %.0f at batch 1000\n", r->bench[0], r->bench[1]);
  fprintf(f, "NOT COMPARED:\n");
  for (unsigned i = 0; i < NOT_COMPARED; i++) fprintf(f, "  %s\n", not_compared[i]);
}

/* ---- JSON -------------------------------------------------------------------------- */

static void text(FILE *f, const char *s)
{
  fputc('"', f);
  for (; *s; s++) {
    if (*s == '"' || *s == '\\') fputc('\\', f);
    if ((unsigned char)*s >= ' ') fputc(*s, f);
  }
  fputc('"', f);
}

static void count(FILE *f, const char *name, uint64_t n, int *some)
{
  fprintf(f, "%s\"%s\":%" PRIu64, (*some)++ ? "," : "", name, n);
}

static void list(FILE *f, const char *s, int *some)
{
  if ((*some)++) fputc(',', f);
  text(f, s);
}

static void one_report(FILE *f, const struct options *o, const struct report *r)
{
  const struct stats *s = &r->stats;
  int some = 0;
  fprintf(f, "{\"name\":\"guest\",\"accel\":\"%s\",\"what\":", accel_name[r->accel]);
  text(f, r->what);
  fprintf(f, ",\"version\":\"%s\",\"machines\":%u,\"cases\":%" PRIu64 ",\"agree\":%" PRIu64 ",\"explained\":{",
          r->version, r->machines, s->cases, s->agree);
  for (unsigned i = 0; i < DEVIATIONS; i++) /* a row that did not occur counts 0 */
    if (r->on[i]) count(f, deviations[i].id, s->explained[i], &some);
  fprintf(f, "},\"explained_cases\":%" PRIu64 ",\"permitted\":{\"rmw-reads-before-own-D\":%" PRIu64
          "},\"not_seen\":[", s->explained_cases, s->permitted);
  some = 0;
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (r->on[i] && !s->explained[i]) list(f, deviations[i].id, &some);
  fprintf(f, "],\"sequences\":%" PRIu64 ",\"explained_sequences\":%" PRIu64 ",\"two_pages\":%" PRIu64 ",\"modes\":{",
          s->sequences, s->explained_sequences, s->two);
  some = 0;
  for (uint8_t i = 0; i < 5; i++) count(f, mode_name(i), s->modes[i], &some);
  fprintf(f, "},\"unexplained\":%" PRIu64 ",\"excluded\":{", s->unexplained);
  some = 0;
  for (unsigned i = 1; i < EXCLUSIONS; i++)
    if (s->excluded[i]) count(f, excluded_name[i], s->excluded[i], &some);
  fprintf(f, "},\"adapted\":%" PRIu64 ",\"not_compared\":[", s->adapted);
  some = 0;
  if (r->degraded[0]) list(f, r->degraded, &some);
  for (unsigned i = 0; i < NOT_COMPARED; i++) list(f, not_compared[i], &some);
  fprintf(f, "],\"rules\":{");
  some = 0;
  for (unsigned i = 1; i <= LAST_RULE; i++) count(f, rule_id((uint8_t)i), s->rules[i], &some);
  fprintf(f, "},\"seconds\":%.3f,\"cases_per_second\":%.0f,\"seed\":%" PRIu64
          ",\"passed\":%" PRIu64 ",\"failed\":%" PRIu64 "}",
          s->seconds, rate(s), o->seed, s->agree + s->explained_cases + s->sequences, s->unexplained);
}

static void one_bench(FILE *f, const struct report *r, int *some)
{
  for (unsigned i = 0; i < 2; i++) {
    fprintf(f, "%s{\"accel\":\"%s\",\"batch\":%u,\"cases_per_second\":%.0f,\"unexplained\":%" PRIu64 ",\"note\":",
            (*some)++ ? "," : "", accel_name[r->accel], bench_batch[i], r->bench[i], r->stats.unexplained);
    text(f, r->what);
    fprintf(f, "}");
  }
}

int report_json(const struct options *o, const struct report r[], unsigned n)
{
  uint64_t passed = 0, failed = 0;
  int some = 0;
  FILE *f = fopen(o->json, "w");
  if (!f) return -1;
  if (n == 1 && !o->bench) {
    one_report(f, o, r);
    fprintf(f, "\n");
    return fclose(f);
  }
  fprintf(f, "{\"name\":\"%s\",\"runs\":[", o->bench ? "bench-guest" : "guest");
  for (unsigned i = 0; i < n; i++) {
    passed += r[i].stats.agree + r[i].stats.explained_cases + r[i].stats.sequences;
    failed += r[i].stats.unexplained;
    if (o->bench) one_bench(f, &r[i], &some);
    else {
      if (i) fprintf(f, ",\n");
      one_report(f, o, &r[i]);
    }
  }
  fprintf(f, "],\"passed\":%" PRIu64 ",\"failed\":%" PRIu64 "}\n", passed, failed);
  return fclose(f);
}
