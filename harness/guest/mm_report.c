/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "mm_run.h"

/* A finding as a file: comments that tell how to run it again, then the script. */
static void store(const struct mm_run *r, const struct mm_input *x, const struct mm_difference *d, const char *token)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%016" PRIx64 ".vm", r->o->findings, digest_mix(digest_mix(x->as + 4u * x->policy, x->size), (uint64_t)token[4] << 32 | d->op));
  FILE *f = fopen(path, "w");
  if (!f) {
    fprintf(stderr, "guest-mm: %s: %s\n", path, strerror(errno));
    return;
  }
  fprintf(f, "# %s\n# build/guest-mm%s --processors %u --as %s --policy %s --token %s\n", d->what, r->o->single ? " --single" : "", r->o->processors, as_name[x->as], mm_policy_name(x->policy), token);
  mm_print_script(f, x);
  fclose(f);
  fprintf(stderr, "  stored in %s\n", path);
}

void mm_finding(struct mm_run *r, const struct mm_input *x, const struct mm_difference *d)
{
  char token[MM_TOKEN];
  struct script_line l[MM_INPUT_OPS];
  mm_token(x, token);
  const uint32_t n = mm_lines(x, l);
  fprintf(stderr, "DIVERGES: %s\n", d->what);
  for (uint32_t i = 0; i <= d->op && i < n; i++) {
    fputs("    ", stderr);
    script_print(stderr, &l[i].op, NULL);
    fputc('\n', stderr);
  }
  if (!d->at_end) {
    mm_print_step(stderr, "guest", &d->guest);
    mm_print_step(stderr, "host", &d->host);
  } else if (d->told.va || d->told.attempt.vector)
    fprintf(stderr, "  guest: space %u, 0x%" PRIx64 ": vector %u, error 0x%x, value %u\n", d->told.a, d->told.va, d->told.attempt.vector,
            d->told.attempt.error, d->told.attempt.byte);
  fprintf(stderr, "  again: build/guest-mm%s --processors %u --as %s --policy %s --token %s\n", r->o->single ? " --single" : "", r->o->processors, as_name[x->as], mm_policy_name(x->policy), token);
  if (r->o->findings) store(r, x, d, token);
}

void mm_findings(struct mm_run *r, int guest)
{
  for (unsigned i = 0; i < r->findings && i < MM_FOUND && i < r->o->shown; i++) {
    struct mm_found f = r->found[i];
    if (guest && !r->o->token && i < MM_PRINTED_SHORT) {
      const int got = mm_shrink(r, &f.x, &f.d);
      if (got != 1) f = r->found[i];
      guest = got >= 0;
      if (got == 0) fputs("not always: run anew it agrees\n", stderr);
    }
    mm_finding(r, &f.x, &f.d);
  }
}

struct mm_tally mm_sum(const struct mm_run *r)
{
  struct mm_tally s = { 0 };
  for (unsigned i = 0; i < AS_KINDS; i++) {
    const struct mm_tally *t = &r->tally[i];
    s.sequences += t->sequences, s.operations += t->operations, s.accesses += t->accesses, s.swept += t->swept, s.faults += t->faults;
    s.permitted += t->permitted, s.unexplained += t->unexplained, s.ipis += t->ipis, s.drops += t->drops, s.unmade += t->unmade, s.explained += t->explained;
  }
  s.explained += r->peer.host.drive.holes;
  return s;
}

void mm_progress(struct mm_run *r)
{
  const double t = now();
  if (t - r->told < 1) return;
  const struct mm_tally s = mm_sum(r);
  r->told = t;
  fprintf(stderr, "guest-mm: %" PRIu64 " sequences, %" PRIu64 " operations (%.0f a second), %" PRIu64 " accesses, %" PRIu64 " unexplained\n",
          s.sequences, s.operations, (double)s.operations / (t - r->begun + r->before), s.accesses + s.swept, s.unexplained);
}

void mm_report(const struct mm_run *r, const char *what)
{
  const double seconds = now() - r->begun + r->before;
  const struct mm_tally s = mm_sum(r);
  printf("peer        %s, %u processors beside the kernel's\n", what, r->peer.config.cpus);
  for (unsigned i = 0; i < AS_KINDS; i++) {
    const struct mm_tally *t = &r->tally[i];
    if (t->sequences) printf("as %-4s     %" PRIu64 " sequences, %" PRIu64 " operations, %" PRIu64 " accesses in them and %" PRIu64 " behind\n", as_name[i],
                             t->sequences, t->operations, t->accesses, t->swept);
  }
  printf("operations  %" PRIu64 ", %.0f a second\n", s.operations, (double)s.operations / seconds);
  printf("accesses    %" PRIu64 " at CPL 3 on the machine's walker, %.0f a second; %" PRIu64 " of files by the model alone\n", s.accesses + s.swept,
         (double)(s.accesses + s.swept) / seconds, s.unmade);
  printf("faults      %" PRIu64 " page faults and #GP in the operations\n", s.faults);
  printf("drops       %" PRIu64 " INVLPG and MOV CR3 on processors, %" PRIu64 " of them by interrupt\n", s.drops, s.ipis);
  printf("permitted   %" PRIu64 " sequences ended early: a processor had dropped what it might have kept (TLB.DROP)\n", s.permitted);
  if (s.explained) printf("explained   %" PRIu64 " by rows of harness/deviations.tsv\n", s.explained);
  printf("unexplained %" PRIu64 "\n", s.unexplained);
}

int mm_report_json(const struct mm_run *r, const char *what)
{
  const struct mm_tally s = mm_sum(r);
  const double seconds = now() - r->begun + r->before;
  FILE *f = fopen(r->o->json, "w");
  if (!f) return -1;
  fprintf(f, "{\"name\":\"guest-mm\",\"passed\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"peer\":\"%s\",\"operations\":%" PRIu64 ",\"accesses\":%" PRIu64
          ",\"faults\":%" PRIu64 ",\"drops\":%" PRIu64 ",\"interrupts\":%" PRIu64 ",\"permitted\":%" PRIu64 ",\"unexplained\":%" PRIu64
          ",\"seconds\":%.1f,\"operations_per_second\":%.0f}\n", s.sequences - s.unexplained, s.unexplained, what, s.operations,
          s.accesses + s.swept, s.faults, s.drops, s.ipis, s.permitted, s.unexplained, seconds, (double)s.operations / seconds);
  return fclose(f);
}
