/* SPDX-License-Identifier: MIT */
/* guest-run: compares the model with a bare-metal guest in QEMU and in Bochs. */
#include <stdlib.h>
#include <string.h>
#include "run.h"

static const char *const help =
  "usage: guest-run [options]\n"
  "Compares the model with a bare-metal guest in QEMU or Bochs, case by case.\n"
  "  --accel tcg|kvm|bochs|auto  what runs the guest (tcg); auto: all that work here\n"
  "  --cases N             random cases, over all machines (100000 unless --seconds)\n"
  "  --seconds S           go on for S seconds\n"
  "  --seed N              of the random cases (1)\n"
  "  --batch N             cases handed over at once, 1 to 1024 (1000)\n"
  "  --topic T             entry, access, walk, span, tlb or all: which directed lists;\n"
  "                        random cases belong to walk\n"
  "  --thin N              about every N-th case of the large directed grids\n"
  "  --machines N          of the CPU configurations, the first N\n"
  "  --mode M              32bit, 4level or 5level: the machines of this kind alone\n"
  "  --corpus DIR          the cases of a folder instead: raw bytes, one file each\n"
  "  --token TOKEN         one case, or one sequence: the model, the guest's answer, what differs\n"
  "  --bench               cases per second at batch 256 and 1000\n"
  "  --selftest            boot without shared memory (pc, microvm): the guest's own list\n"
  "  --shown N             print so many of the cases that diverge (10)\n"
  "  --plant NAME          spoil the model's answer; the run must then fail:\n"
  "                        w-bit p-bit lost-a lost-d frame cr2 wp smap stale\n"
  "  --elf FILE            the guest (build/guest.elf); --elf32 FILE the 32-bit one, --rom\n"
  "                        FILE the ROM of Bochs (build/guest32.elf, build/bochs-rom.bin)\n"
  "  --deviations FILE     known deviations (harness/deviations.tsv)\n"
  "  --json FILE           write the result there\n"
  "exit: 0 agrees or explained, 1 diverges, 2 usage, 5 internal (peer missing, guest died)\n";

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
    { "entry", TOPIC_ENTRY }, { "access", TOPIC_ACCESS }, { "walk", TOPIC_WALK }, { "span", TOPIC_SPAN }, { "tlb", TOPIC_TLB },
    { "all", TOPIC_ALL } };
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i].name, s) == 0) return *t = names[i].t, 1;
  return 0;
}

static int mode_of(const char *s, uint8_t *mode)
{
  static const struct { const char *name; uint8_t mode; } names[] = {
    { "32bit", VMREF_MODE_32BIT }, { "4level", VMREF_MODE_4LEVEL }, { "5level", VMREF_MODE_5LEVEL } };
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i].name, s) == 0) return *mode = names[i].mode, 1;
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
      bad = strcmp(v, "tcg") && strcmp(v, "kvm") && strcmp(v, "bochs") && strcmp(v, "auto");
    } else if (strcmp(a, "--cases") == 0) o->cases = (uint64_t)n, bad = !numeric;
    else if (strcmp(a, "--seconds") == 0) o->seconds = n, bad = !numeric;
    else if (strcmp(a, "--seed") == 0) o->seed = (uint64_t)n, bad = !numeric;
    else if (strcmp(a, "--thin") == 0) o->thin = (int)n, bad = !numeric || n < 1 || n > 10000;
    else if (strcmp(a, "--machines") == 0) o->machines = (int)n, bad = !numeric || n < 1 || n > 1000;
    else if (strcmp(a, "--batch") == 0) o->batch = (unsigned)n, bad = !numeric || n < 1 || n > MAIL_CASES;
    else if (strcmp(a, "--topic") == 0) bad = !topic_of(v, &o->topics);
    else if (strcmp(a, "--shown") == 0) o->shown = (unsigned)n, bad = !numeric;
    else if (strcmp(a, "--mode") == 0) bad = !mode_of(v, &o->mode);
    else if (strcmp(a, "--corpus") == 0) o->corpus = v;
    else if (strcmp(a, "--token") == 0) o->token = v;
    else if (strcmp(a, "--plant") == 0) o->plant = v, bad = plant_choose(v) != 0;
    else if (strcmp(a, "--elf") == 0) o->images.elf = v;
    else if (strcmp(a, "--elf32") == 0) o->images.elf32 = v;
    else if (strcmp(a, "--rom") == 0) o->images.rom = v;
    else if (strcmp(a, "--deviations") == 0) o->deviations = v;
    else if (strcmp(a, "--json") == 0) o->json = v;
    else return usage("unknown option", a);
    if (bad) return usage("bad argument of", a);
  }
  if (o->cases == 0 && o->seconds == 0) o->cases = 100000;
  return -1;
}

static int fatal(const char *why)
{
  fprintf(stderr, "guest-run: %s\n", why);
  return EXIT_INTERNAL;
}

/* One accelerator: 0, or the exit status. */
static int one_run(struct feed *f, const struct options *o, struct report *r)
{
  static const char *const what[ACCELS] = { "TCG: a software model, QEMU %s",
    "KVM, QEMU %s: may be nested, and partly software", "Bochs %s: a software model, corei7_icelake_u" };
  char why[300];
  snprintf(r->what, sizeof r->what, what[r->accel], r->version);
  f->batch = o->batch;
  f->shown = o->shown;
  f->stats = &r->stats;
  if (deviations_load(o->deviations, r->accel, why, sizeof why) != 0) {
    fprintf(stderr, "guest-run: %s\n", why);
    return EXIT_USAGE;
  }
  memcpy(r->on, deviation_on, sizeof r->on);
  int bad = o->token ? campaign_token(f, o, r) : o->bench ? campaign_bench(f, o, r)
          : o->selftest ? campaign_selftest(f, o, r) : campaign(f, o, r);
  if (bad) return fatal(f->q.why);
  if (!o->token && !o->selftest) report_text(stdout, o, r);
  return 0;
}

/* Is this accelerator here? 0, or -1 and why not; what is degraded is in r. */
static int available(struct feed *f, const struct options *o, struct report *r, char *why, size_t size)
{
  snprintf(why, size, "no %s", r->accel == ACCEL_BOCHS ? "Bochs: apt-get install bochs"
                                                        : "QEMU: apt-get install qemu-system-x86");
  if (!(r->accel == ACCEL_BOCHS ? bochs_version : qemu_version)(r->version)) return -1;
  f->m.cannot = r->accel == ACCEL_TCG ? CANNOT_RAW : 0;
  if (r->accel != ACCEL_KVM) return 0;
  char said[240];
  int bad = probe_kvm(f, &o->images, said, sizeof said);
  f->m.cannot |= CANNOT_RAW;
  snprintf(bad ? why : r->degraded, bad ? size : sizeof r->degraded, "%s%s", bad ? "KVM does not work here: " : "", said);
  return bad;
}

int main(int argc, char **argv)
{
  static struct feed f;
  static struct report r[ACCELS];
  struct options o = { .accel = "tcg", .images = { "build/guest.elf", "build/guest32.elf", "build/bochs-rom.bin" },
                       .deviations = "harness/deviations.tsv", .seed = 1, .batch = 1000, .shown = 10, .topics = TOPIC_ALL, .thin = 1, .mode = 0xff };
  static const double share[ACCELS] = { 0.6, 0.1, 0.3 }; /* of the time, when all run */
  char why[300], missing[600] = "";
  int status = parse(argc, argv, &o), all = strcmp(o.accel, "auto") == 0 && !o.token && !o.selftest, passed = 1;
  double whole = o.seconds;
  unsigned n = 0;
  if (status >= 0) return status;
  if (strcmp(o.accel, "auto") == 0 && !all) o.accel = "tcg";
  for (uint8_t a = 0; a < ACCELS; a++) {
    struct report *now_ = &r[n];
    if (!all && strcmp(o.accel, accel_name[a]) != 0) continue;
    now_->accel = a;
    if (available(&f, &o, now_, why, sizeof why) != 0) {
      if (!all || a == ACCEL_TCG) return fatal(why);
      fprintf(stderr, "guest: %s\n", why);
      size_t used = strlen(missing);
      snprintf(missing + used, sizeof missing - used, "%s%.290s", used ? "; " : "", why);
      continue;
    }
    if (all) o.seconds = whole * share[a];
    if ((status = one_run(&f, &o, now_)) > 0) return status;
    passed &= report_passed(now_);
    n++;
  }
  if (missing[0]) {
    snprintf(r[0].degraded, sizeof r[0].degraded, "%.299s", missing);
    printf("note        %s\n", missing);
  }
  if (o.json && report_json(&o, r, n) != 0) return fatal("cannot write the JSON file");
  return passed ? 0 : EXIT_DIVERGES;
}
