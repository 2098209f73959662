/* SPDX-License-Identifier: MIT */
/* guest-run: compares the model with a bare-metal guest in QEMU. */
#include <stdlib.h>
#include <string.h>
#include "run.h"

static const char *const help =
  "usage: guest-run [options]\n"
  "Compares the model with a bare-metal guest in QEMU, case by case.\n"
  "  --accel tcg|kvm|auto  what runs the guest (tcg)\n"
  "  --cases N             random cases, over all machines (100000 unless --seconds)\n"
  "  --seconds S           go on for S seconds\n"
  "  --seed N              of the random cases (1)\n"
  "  --batch N             cases handed over at once, 1 to 1024 (1000)\n"
  "  --topic T             entry, access, walk or all: which directed lists;\n"
  "                        random cases belong to walk\n"
  "  --thin N              about every N-th case of the large directed grids\n"
  "  --corpus DIR          the cases of a folder instead: raw bytes, one file each\n"
  "  --token TOKEN         one case: the model's walk, the guest's answer, what differs\n"
  "  --bench               cases per second at batch 256 and 1000\n"
  "  --selftest            boot without shared memory (pc, microvm): the guest's own list\n"
  "  --plant NAME          spoil the model's answer; the run must then fail:\n"
  "                        w-bit p-bit lost-a lost-d frame cr2 wp smap\n"
  "  --elf FILE            the guest (build/guest.elf)\n"
  "  --deviations FILE     known deviations (harness/deviations.tsv)\n"
  "  --json FILE           write the result there\n"
  "exit: 0 agrees or explained, 1 diverges, 2 usage, 5 internal (QEMU missing, guest died)\n";

static int usage(const char *what, const char *arg)
{
  fprintf(stderr, "guest-run: %s %s (see --help)\n", what, arg);
  return EXIT_USAGE;
}

static int number(const char *s, double *v)
{
  char *end;
  *v = strtod(s, &end);
  return *s && !*end && *v >= 0;
}

static int topic_of(const char *s, unsigned *t)
{
  static const struct { const char *name; unsigned t; } names[] = {
    { "entry", TOPIC_ENTRY }, { "access", TOPIC_ACCESS }, { "walk", TOPIC_WALK }, { "all", TOPIC_ALL } };
  for (unsigned i = 0; i < 4; i++)
    if (strcmp(names[i].name, s) == 0) return *t = names[i].t, 1;
  return 0;
}

/* -1: go on. Otherwise the exit status. */
static int parse(int argc, char **argv, struct options *o)
{
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";
    double n = 0;
    int numeric = number(v, &n), bad = 0;
    if (strcmp(a, "--help") == 0) return fputs(help, stdout), 0;
    if (strcmp(a, "--bench") == 0) { o->bench = 1; continue; }
    if (strcmp(a, "--selftest") == 0) { o->selftest = 1; continue; }
    if (i + 1 == argc) return usage("unknown, or lacks its argument:", a);
    i++;
    if (strcmp(a, "--accel") == 0) {
      o->accel = v;
      bad = strcmp(v, "tcg") && strcmp(v, "kvm") && strcmp(v, "auto");
    } else if (strcmp(a, "--cases") == 0) o->cases = (uint64_t)n, bad = !numeric;
    else if (strcmp(a, "--seconds") == 0) o->seconds = n, bad = !numeric;
    else if (strcmp(a, "--seed") == 0) o->seed = (uint64_t)n, bad = !numeric;
    else if (strcmp(a, "--thin") == 0) o->thin = (int)n, bad = !numeric || n < 1 || n > 10000;
    else if (strcmp(a, "--batch") == 0) o->batch = (unsigned)n, bad = !numeric || n < 1 || n > MAIL_CASES;
    else if (strcmp(a, "--topic") == 0) bad = !topic_of(v, &o->topics);
    else if (strcmp(a, "--corpus") == 0) o->corpus = v;
    else if (strcmp(a, "--token") == 0) o->token = v;
    else if (strcmp(a, "--plant") == 0) o->plant = v, bad = plant_choose(v) != 0;
    else if (strcmp(a, "--elf") == 0) o->elf = v;
    else if (strcmp(a, "--deviations") == 0) o->deviations = v;
    else if (strcmp(a, "--json") == 0) o->json = v;
    else return usage("unknown option", a);
    if (bad) return usage("bad argument of", a);
  }
  if (o->cases == 0 && o->seconds == 0) o->cases = 100000;
  return -1;
}

static void say_what(struct report *r)
{
  int kvm = strcmp(r->accel, "kvm") == 0;
  snprintf(r->what, sizeof r->what, kvm ? "KVM, QEMU %s: may be nested, and partly software"
                                        : "TCG: a software model, QEMU %s", r->qemu);
}

/* Which accelerator? -1: none that was asked for. */
static int choose(struct feed *f, const struct options *o, struct report *r)
{
  char why[240] = "";
  r->accel = strcmp(o->accel, "kvm") == 0 ? "kvm" : "tcg";
  if (strcmp(o->accel, "tcg") == 0) return 0;
  if (probe_kvm(f, o->elf, why, sizeof why) == 0) {
    r->accel = "kvm";
    snprintf(r->degraded, sizeof r->degraded, "%s", why);
    return 0;
  }
  snprintf(r->degraded, sizeof r->degraded, "KVM does not work here: %s", why);
  fprintf(stderr, "guest: %s\n", r->degraded);
  return strcmp(o->accel, "kvm") == 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
  static struct feed f;
  static struct report r;
  struct options o = { .accel = "tcg", .elf = "build/guest.elf", .deviations = "harness/deviations.tsv",
                       .seed = 1, .batch = 1000, .topics = TOPIC_ALL, .thin = 1 };
  char version[32], why[300];
  int status = parse(argc, argv, &o);
  if (status >= 0) return status;
  f.batch = o.batch;
  f.stats = &r.stats;
  r.qemu = qemu_version(version);
  if (!r.qemu) {
    fprintf(stderr, "guest-run: no QEMU: apt-get install qemu-system-x86\n");
    return EXIT_INTERNAL;
  }
  if (choose(&f, &o, &r) != 0) return EXIT_INTERNAL;
  say_what(&r);
  if (deviations_load(o.deviations, r.accel, why, sizeof why) != 0) {
    fprintf(stderr, "guest-run: %s\n", why);
    return EXIT_USAGE;
  }
  int bad = o.token ? campaign_token(&f, &o, &r) : o.bench ? campaign_bench(&f, &o, &r)
          : o.selftest ? campaign_selftest(&f, &o, &r) : campaign(&f, &o, &r);
  if (bad) {
    fprintf(stderr, "guest-run: %s\n", f.q.why);
    return EXIT_INTERNAL;
  }
  if (!o.token && !o.selftest) report_text(stdout, &o, &r);
  if (o.json && report_json(&o, &r) != 0) {
    fprintf(stderr, "guest-run: cannot write %s\n", o.json);
    return EXIT_INTERNAL;
  }
  return report_passed(&r) ? 0 : EXIT_DIVERGES;
}
