/* SPDX-License-Identifier: MIT */
/* Which machines, which cases on each. */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cases.h"
#include "run.h"

/* Under TCG: widths, vendors and 1-GiB pages in turn. The first runs the full
 * lists, the others thinned ones. */
static const struct config machines[] = {
  { 0, 40, 1, 0 }, { 0, 40, 1, 1 }, { 0, 36, 1, 0 }, { 0, 46, 0, 0 },
  { 0, 52, 1, 0 }, { 0, 52, 0, 1 }, { 0, 32, 1, 0 }, { 0, 39, 0, 0 },
};
#define MACHINES (sizeof machines / sizeof *machines)

struct run {
  struct feed *f;
  const struct options *o;
  struct report *r;
  double begun, until, told;
  unsigned sample; /* of a directed list: one case in so many, where cases are dear */
  int dead;
};

static void progress(struct run *run, double t)
{
  const struct stats *s = &run->r->stats;
  if (t - run->told < 1) return;
  run->told = t;
  fprintf(stderr, "guest: %s, machine %u: %" PRIu64 " cases, %" PRIu64 " explained, %" PRIu64 " unexplained\n",
          run->r->accel, run->r->machines, s->cases, s->explained_cases, s->unexplained);
}

/* 1: go on. */
static int put(void *to, const struct vmref_case *c)
{
  struct run *run = to;
  static unsigned count;
  if (feed_put(run->f, c) < 0) {
    run->dead = 1;
    return 0;
  }
  if (++count % 1024) return 1;
  double t = now();
  progress(run, t);
  return run->until == 0 || t < run->until;
}

static int put_sample(void *to, const struct vmref_case *c)
{
  struct run *run = to;
  static unsigned count;
  return ++count % run->sample || put(to, c);
}

static int random_cases(struct run *run, struct random *rng, uint64_t cases)
{
  struct random_controls k = { { 0 }, { 0 } };
  uint64_t first = run->r->stats.cases, tried = 0;
  for (;; tried++) {
    uint8_t b[CASE_CODE];
    struct vmref_case c;
    if (cases && run->r->stats.cases - first >= cases) return 1;
    if (tried % (run->f->batch + run->f->batch / 4 + 1) == 0) random_controls(rng, &k);
    random_bytes(rng, &k, b);
    case_decode(&c, b, sizeof b);
    case_adapt(&c, &run->f->m);
    if (!put(run, &c)) return 0;
  }
}

static int corpus(struct run *run, const char *path)
{
  DIR *d = opendir(path);
  int going = 1;
  if (!d) {
    fprintf(stderr, "guest-run: cannot read %s\n", path);
    exit(EXIT_USAGE);
  }
  for (struct dirent *e; going && (e = readdir(d));) {
    char name[4096];
    uint8_t b[CASE_CODE];
    struct vmref_case c;
    if (e->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", path, e->d_name);
    FILE *f = fopen(name, "rb");
    if (!f) continue;
    size_t n = fread(b, 1, sizeof b, f);
    int bad = ferror(f);
    fclose(f);
    if (bad) { /* a folder */
      going = corpus(run, name);
      continue;
    }
    case_decode(&c, b, n);
    run->r->stats.adapted += (uint64_t)case_adapt(&c, &run->f->m);
    going = put(run, &c);
  }
  closedir(d);
  return going;
}

static int lists(struct run *run, unsigned first)
{
  const struct options *o = run->o;
  struct sink s = { put_sample, run };
  unsigned thin = first ? (unsigned)o->thin : 16u * (unsigned)o->thin;
  if (o->topics == TOPIC_ENTRY) thin = (unsigned)o->thin;
  if (o->topics & TOPIC_ENTRY && !entry_cases(&run->f->m, thin, s)) return 0;
  if (o->topics & TOPIC_ACCESS && !access_cases(&run->f->m, thin, s)) return 0;
  if (o->topics & TOPIC_WALK && !walk_cases(&run->f->m, thin, s)) return 0;
  return 1;
}

static int one_machine(struct run *run, const struct config *c, unsigned i, unsigned count)
{
  const struct options *o = run->o;
  struct random rng = { o->seed * 0x9e3779b97f4a7c15u + i };
  if (feed_start(run->f, c, o->elf) != 0) return -1;
  run->r->machines++;
  double t = now();
  double share = o->seconds > 0 ? (o->seconds - (t - run->begun)) / (count - i) : 0;
  /* The full lists may take longer than one machine's share. */
  if (share > 0) run->until = t + (i == 0 && count > 2 ? o->seconds / 2 : share);
  int on = 1;
  if (o->corpus) on = corpus(run, o->corpus);
  else {
    on = lists(run, i == 0);
    if (share > 0) run->until = t + share;
    if (!on && !run->dead) run->r->list_cut = 1;
    if (on && o->topics & TOPIC_WALK && (o->cases || o->seconds > 0))
      random_cases(run, &rng, o->cases / count);
  }
  if (run->dead || feed_finish(run->f) != 0) return -1;
  run->r->stats.seconds += now() - t;
  qemu_stop(&run->f->q);
  return 0;
}

int campaign(struct feed *f, const struct options *o, struct report *r)
{
  struct run run = { .f = f, .o = o, .r = r, .begun = now(), .told = now(), .sample = 1 };
  if (strcmp(r->accel, "kvm") == 0) { /* some hundred times slower when nested */
    double most = o->topics == TOPIC_ALL ? 600 : 100;
    run.sample = o->seconds > 0 ? (unsigned)(most / o->seconds) | 1 : 251;
    return one_machine(&run, &(struct config){ .kvm = 1 }, 0, 1);
  }
  unsigned widths = o->topics == TOPIC_ENTRY ? 21 : 0; /* all of them, for this topic */
  unsigned count = MACHINES + widths;
  if (o->machines && (unsigned)o->machines < count) count = (unsigned)o->machines;
  for (unsigned i = 0; i < count; i++) {
    struct config c = { 0, (uint8_t)(32 + i - MACHINES), i & 1, i >> 1 & 1 };
    if (one_machine(&run, i < MACHINES ? &machines[i] : &c, i, count) != 0) return -1;
  }
  return 0;
}

int campaign_token(struct feed *f, const struct options *o, struct report *r)
{
  struct vmref_case c;
  char token[CASE_TOKEN];
  if (case_from_token(&c, o->token) != 0) {
    fprintf(stderr, "guest-run: not a token: %s\n", o->token);
    exit(EXIT_USAGE);
  }
  struct config config = { strcmp(r->accel, "kvm") == 0, c.cpu.maxphyaddr, c.cpu.page1gb, c.cpu.vendor };
  if (feed_start(f, &config, o->elf) != 0) return -1;
  r->machines = 1;
  if (case_adapt(&c, &f->m)) {
    case_token(&c, token);
    printf("note    changed to what this machine can run: %s\n", token);
  }
  f->show = 1;
  int why = feed_put(f, &c);
  if (why > 0) printf("result  not put to the guest: %s\n", excluded_name[why]);
  if (why < 0 || feed_finish(f) != 0) return -1;
  qemu_stop(&f->q);
  return 0;
}

int campaign_bench(struct feed *f, const struct options *o, struct report *r)
{
  struct config c = machines[0];
  c.kvm = strcmp(r->accel, "kvm") == 0;
  for (unsigned i = 0; i < 2; i++) {
    struct run run = { .f = f, .o = o, .r = r, .told = now(), .sample = 1 };
    struct random rng = { o->seed };
    f->batch = bench_batch[i];
    if (feed_start(f, &c, o->elf) != 0) return -1;
    r->machines = 1;
    uint64_t before = r->stats.cases;
    double t = now();
    run.until = t + (o->seconds > 0 ? o->seconds / 2 : 3);
    random_cases(&run, &rng, 0);
    if (run.dead || feed_finish(f) != 0) return -1;
    double spent = now() - t;
    r->stats.seconds += spent;
    r->bench[i] = (double)(r->stats.cases - before) / spent;
    qemu_stop(&f->q);
  }
  return 0;
}

/* Both ways to boot, no mailbox: the guest's own list, reported on COM1. */
int campaign_selftest(struct feed *f, const struct options *o, struct report *r)
{
  static char text[65536];
  int kvm = strcmp(r->accel, "kvm") == 0, bad = 0;
  for (int pvh = 0; pvh <= 1; pvh++) {
    int status = qemu_selftest(&f->q, o->elf, kvm, pvh, text, sizeof text);
    if (status < 0 && f->q.why[0]) return -1;
    char *last = strstr(text, "selftest:");
    int good = status == 1 && strstr(text, pvh ? "booted by PVH" : "booted by multiboot"); /* 2 * 0 + 1 */
    printf("%s: %s\n%s", pvh ? "microvm" : "pc", good ? "passed" : "FAILED", last ? last : text);
    bad += !good;
  }
  r->stats.unexplained += (uint64_t)bad;
  return 0;
}
