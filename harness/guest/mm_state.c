/* SPDX-License-Identifier: MIT */
/* Where a campaign is: a line of text, written anew now and then, so that a kill costs seconds. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "mm_run.h"

#define FORM "guest-mm state 1"
#define EVERY 2 /* seconds */

static int fail(const struct mm_run *r, const char *what)
{
  fprintf(stderr, "guest-mm: %s: %s\n", r->o->state, what);
  return -1;
}

int mm_state_load(struct mm_run *r)
{
  if (!r->o->state) return 0;
  FILE *f = fopen(r->o->state, "r");
  if (!f) return errno == ENOENT ? 0 : fail(r, strerror(errno));
  uint64_t seed = 0;
  int got = fscanf(f, FORM "\nseed %" SCNu64 " next %" SCNu64 " seconds %lf\n", &seed, &r->next, &r->before);
  for (unsigned i = 0; i < AS_KINDS; i++) {
    struct mm_tally *t = &r->tally[i];
    got += fscanf(f, "%*s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 "\n",
                  &t->sequences, &t->operations, &t->accesses, &t->swept, &t->faults, &t->permitted, &t->unexplained, &t->ipis, &t->drops, &t->unmade);
  }
  fclose(f);
  if (got != 3 + 10 * AS_KINDS) return fail(r, "not the state of a campaign; remove it to begin anew");
  r->judged = r->next;
  ((struct mm_options *)(uintptr_t)r->o)->seed = seed;
  return 0;
}

int mm_state_save(struct mm_run *r)
{
  char path[4096];
  static double last;
  const int under_way = r->peer.mail && r->peer.mail->batch[r->turn].sequences != 0;
  if (!r->o->state || (under_way && now() < last + EVERY)) return 0;
  last = now();
  snprintf(path, sizeof path, "%s.new", r->o->state);
  FILE *f = fopen(path, "w");
  if (!f) return fail(r, strerror(errno));
  fprintf(f, FORM "\nseed %" PRIu64 " next %" PRIu64 " seconds %.1f\n", r->o->seed, r->judged, r->before + now() - r->begun);
  for (unsigned i = 0; i < AS_KINDS; i++) {
    const struct mm_tally *t = &r->tally[i];
    fprintf(f, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", as_name[i],
            t->sequences, t->operations, t->accesses, t->swept, t->faults, t->permitted, t->unexplained, t->ipis, t->drops, t->unmade);
  }
  return fclose(f) == 0 && rename(path, r->o->state) == 0 ? 0 : fail(r, strerror(errno));
}
