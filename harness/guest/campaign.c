/* SPDX-License-Identifier: MIT */
/* Which machines, which cases on each. */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cases.h"
#include "run.h"
#include "sequence.h"

/* Under TCG: paging modes, widths, vendors and 1-GiB pages in turn. The first of each
 * guest and mode runs the full lists, the others thinned ones. */
#define PC(m, width, large, vendor) .accel = ACCEL_TCG, .mode = (m), .maxphyaddr = (width), .page1gb = (large), .amd = (vendor)
#define INTEL4(width, page1gb) { PC(VMREF_MODE_4LEVEL, width, page1gb, 0), .pse36 = 1 }
#define AMD4(width, page1gb)   { PC(VMREF_MODE_4LEVEL, width, page1gb, 1), .pse36 = 1 }
#define LEVEL5(width, amd)     { PC(VMREF_MODE_5LEVEL, width, 1, amd), .pse36 = 1 }
#define BITS32(width, wide)    { PC(VMREF_MODE_32BIT, width, 1, 0), .pse36 = (wide), .bits32 = 1 }
static const struct config machines[] = {
  INTEL4(40, 1), BITS32(40, 1), LEVEL5(46, 0), AMD4(40, 1), BITS32(36, 1), INTEL4(36, 1), LEVEL5(52, 1),
  INTEL4(46, 0), BITS32(32, 0), INTEL4(52, 1), BITS32(52, 1), AMD4(52, 0), INTEL4(32, 1), INTEL4(39, 0),
};
#define MACHINES (sizeof machines / sizeof *machines)
#define FIRST_OF_EACH 3
static const struct config bochs_machines[] = {
  { .accel = ACCEL_BOCHS, .mode = VMREF_MODE_4LEVEL }, { .accel = ACCEL_BOCHS, .bits32 = 1, .mode = VMREF_MODE_32BIT } };

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
          accel_name[run->r->accel], run->r->machines, s->cases, s->explained_cases, s->unexplained);
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
  struct random_controls k;
  uint64_t first = run->r->stats.cases, tried = 0;
  for (;; tried++) {
    uint8_t b[CASE_CODE];
    struct vmref_case c;
    if (cases && run->r->stats.cases - first >= cases) return 1;
    if (tried % (run->f->batch + run->f->batch / 4 + 1) == 0) random_controls(rng, &run->f->m, &k);
    random_bytes(rng, &k, b);
    case_decode(&c, b, sizeof b);
    case_adapt(&c, &run->f->m);
    if (!put(run, &c)) return 0;
  }
}

static int put_sequence(void *to, const uint8_t *code, size_t size)
{
  struct run *run = to;
  static unsigned count;
  if (++count % run->sample) return 1;
  if (feed_sequence(run->f, code, size) < 0) {
    run->dead = 1;
    return 0;
  }
  if (count % 128) return 1;
  double t = now();
  progress(run, t);
  return run->until == 0 || t < run->until;
}

/* The directed list for half of the time, then random ones: a fourth as many as cases. */
static void sequences(struct run *run, struct random *rng, int full, uint64_t cases, double end)
{
  struct sequence_sink s = { put_sequence, run };
  unsigned thin = full ? (unsigned)run->o->thin : 16u * (unsigned)run->o->thin;
  if (feed_finish(run->f) != 0) {
    run->dead = 1;
    return;
  }
  if (end > 0) run->until = (now() + end) / 2;
  if (!control_sequences(&run->f->m, s) && !run->dead) run->r->list_cut = 1;
  if (!run->dead && !tlb_sequences(&run->f->m, end > 0 ? 4 * thin : thin, s) && !run->dead) run->r->list_cut = 1;
  run->until = end;
  for (uint64_t i = 0; !run->dead && (end > 0 || i < cases / 4); i++) {
    uint8_t code[SEQUENCE_CODE];
    if (!put_sequence(run, code, random_sequence(rng, &run->f->m, code))) break;
  }
  if (!run->dead && feed_sequences_finish(run->f) != 0) run->dead = 1;
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

/* In each mode of the machine at hand. */
static int lists(struct run *run, int full)
{
  static case_list *const list[] = { entry_cases, access_cases, walk_cases, span_cases };
  const struct options *o = run->o;
  struct sink s = { put_sample, run };
  struct machine m = run->f->m;
  unsigned thin = full ? (unsigned)o->thin : 16u * (unsigned)o->thin;
  for (m.cpu.mode = 0; m.cpu.mode <= VMREF_MODE_5LEVEL; m.cpu.mode++)
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
      if (m.modes >> m.cpu.mode & 1 && o->topics >> i & 1
          && !list[i](&m, o->topics == TOPIC_ENTRY ? (unsigned)o->thin : thin, s)) return 0;
  return 1;
}

static int one_machine(struct run *run, const struct config *c, unsigned i, unsigned count)
{
  const struct options *o = run->o;
  struct random rng = { o->seed * 0x9e3779b97f4a7c15u + i };
  if (feed_start(run->f, c, &o->images) != 0) return -1;
  run->r->machines++;
  double t = now();
  int full = i < FIRST_OF_EACH;
  /* The first of each guest have a fifth of the time, the others what is left. Of it the
   * lists have half (all, when nothing else is asked for), random cases and sequences
   * the rest. */
  double budget = o->seconds > 0 ? (o->seconds - (t - run->begun)) / (count - i) : 0;
  /* a peer may take longer to start than there was time: it still has its turn */
  if (o->seconds > 0 && budget < 0.5) budget = 0.5;
  if (budget > 0 && full && count > FIRST_OF_EACH) budget = o->seconds / 5;
  double part = o->topics & TOPIC_TLB && o->topics != TOPIC_TLB ? 0.5 : 1;
  int on = 1;
  if (budget > 0) run->until = t + part * budget;
  if (o->corpus) on = corpus(run, o->corpus);
  else {
    on = lists(run, full);
    if (!on && !run->dead) run->r->list_cut = 1;
    if (budget > 0) run->until = t + (part < 1 ? 0.7 : 1) * budget;
    if (!run->dead && o->topics & TOPIC_WALK && (o->cases || o->seconds > 0))
      random_cases(run, &rng, o->cases / count);
    if (o->topics & TOPIC_TLB && !run->dead) sequences(run, &rng, full, o->cases / count, budget > 0 ? t + budget : 0);
  }
  if (run->dead || feed_finish(run->f) != 0) return -1;
  run->r->stats.seconds += now() - t;
  peer_stop(&run->f->q);
  return 0;
}

int campaign(struct feed *f, const struct options *o, struct report *r)
{
  struct run run = { .f = f, .o = o, .r = r, .begun = now(), .told = now(), .sample = 1 };
  if (r->accel == ACCEL_KVM) { /* some hundred times slower when nested */
    double most = o->topics == TOPIC_ALL ? 1500 : 400;
    run.sample = o->seconds > 0 ? (unsigned)(most / o->seconds) | 1 : 251;
    return one_machine(&run, &(struct config){ .accel = ACCEL_KVM }, 0, 1);
  }
  /* The machines of this accelerator, and for topic entry every width. */
  struct config all[MACHINES + 21];
  unsigned count = 0, bochs = r->accel == ACCEL_BOCHS, own = bochs ? 2 : MACHINES;
  for (unsigned i = 0; i < own + (!bochs && o->topics == TOPIC_ENTRY ? 21u : 0); i++) {
    struct config c = { PC(VMREF_MODE_4LEVEL, (uint8_t)(32 + i - own), i & 1, i >> 1 & 1), .pse36 = 1 };
    if (i < own) c = bochs ? bochs_machines[i] : machines[i];
    if (o->mode == 0xff || o->mode == c.mode) all[count++] = c;
  }
  if (o->machines && (unsigned)o->machines < count) count = (unsigned)o->machines;
  for (unsigned i = 0; i < count; i++)
    if (one_machine(&run, &all[i], i, count) != 0) return -1;
  return 0;
}

static int sequence_of_token(struct feed *f, const struct options *o, const struct report *r)
{
  uint8_t code[SEQUENCE_CODE];
  int n = sequence_bytes(o->token, code);
  if (n < CODE_HEADER) {
    fprintf(stderr, "guest-run: not a token: %s\n", o->token);
    exit(EXIT_USAGE);
  }
  struct config c = machines[0];
  for (unsigned i = 0; i < MACHINES; i++)
    if (machines[i].mode == (code[0] % 5 == VMREF_MODE_PAE ? VMREF_MODE_32BIT : code[0] % 5)) c = machines[i], i = MACHINES;
  c.accel = r->accel;
  if (feed_start(f, &c, &o->images) != 0) return -1;
  f->show = 1;
  if (feed_sequence(f, code, (size_t)n) > 0) printf("result  not put to the guest\n");
  if (feed_sequences_finish(f) != 0) return -1;
  peer_stop(&f->q);
  return 0;
}

int campaign_token(struct feed *f, const struct options *o, struct report *r)
{
  if (strncmp(o->token, "vs1-", 4) == 0) return sequence_of_token(f, o, r);
  struct vmref_case c;
  char token[CASE_TOKEN];
  if (case_from_token(&c, o->token) != 0) {
    fprintf(stderr, "guest-run: not a token: %s\n", o->token);
    exit(EXIT_USAGE);
  }
  struct config config = { .accel = r->accel, .bits32 = !vmref_long_mode(c.cpu.mode), .mode = c.cpu.mode,
    .maxphyaddr = c.cpu.maxphyaddr, .page1gb = c.cpu.page1gb, .amd = c.cpu.vendor,
    .pse36 = c.cpu.pse36 | vmref_long_mode(c.cpu.mode) };
  if (feed_start(f, &config, &o->images) != 0) return -1;
  r->machines = 1;
  if (case_adapt(&c, &f->m)) {
    case_token(&c, token);
    printf("note    changed to what this machine can run: %s\n", token);
  }
  f->show = 1;
  int why = feed_put(f, &c);
  if (why > 0) printf("result  not put to the guest: %s\n", excluded_name[why]);
  if (why < 0 || feed_finish(f) != 0) return -1;
  peer_stop(&f->q);
  return 0;
}

int campaign_bench(struct feed *f, const struct options *o, struct report *r)
{
  struct config c = machines[0];
  c.accel = r->accel;
  for (unsigned i = 0; i < 2; i++) {
    struct run run = { .f = f, .o = o, .r = r, .told = now(), .sample = 1 };
    struct random rng = { o->seed };
    f->batch = bench_batch[i];
    if (feed_start(f, &c, &o->images) != 0) return -1;
    r->machines = 1;
    uint64_t before = r->stats.cases;
    double t = now();
    run.until = t + (o->seconds > 0 ? o->seconds / 2 : 3);
    random_cases(&run, &rng, 0);
    if (run.dead || feed_finish(f) != 0) return -1;
    double spent = now() - t;
    r->stats.seconds += spent;
    r->bench[i] = (double)(r->stats.cases - before) / spent;
    peer_stop(&f->q);
  }
  return 0;
}

/* No mailbox: the guests' own lists, reported on COM1; the 64-bit guest by both ways to
 * boot it. */
int campaign_selftest(struct feed *f, const struct options *o, struct report *r)
{
  static char text[65536];
  static const char *const name[] = { "pc", "microvm", "pc, 32-bit" };
  int kvm = r->accel == ACCEL_KVM, bad = 0;
  for (int i = 0; i < 3; i++) {
    int status = qemu_selftest(&f->q, i == 2 ? o->images.elf32 : o->images.elf, kvm, i == 1, text, sizeof text);
    if (status < 0 && f->q.why[0]) return -1;
    char *last = strstr(text, "selftest:");
    int good = status == 1 && strstr(text, i == 1 ? "booted by PVH" : "booted by multiboot"); /* 2 * 0 + 1 */
    printf("%s: %s\n%s", name[i], good ? "passed" : "FAILED", last ? last : text);
    bad += !good;
  }
  r->stats.unexplained += (uint64_t)bad;
  return 0;
}
