/* SPDX-License-Identifier: MIT */
/* guest-control: writes of control registers in guests, judged by the model. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "control_run.h"

/* Time on the CPU, not on a clock: a busy machine must not look like a hang. */
#define HANG_SECONDS 0.3
#define SILENT_SECONDS 30
#define GIVE_UP 40       /* guests lost in one machine */
#define SHOWN 6          /* unexplained cases of a machine, in full */
#define PER_MACHINE 1000000u /* case numbers */

static const char *const help =
  "usage: guest-control [options]\n"
  "Writes to CR0, CR3, CR4, EFER, PAT, PKRU and PKRS in a guest, against the model.\n"
  "  --accel tcg|bochs     what runs it (both)\n"
  "  --machines N          the first N of its CPUs\n"
  "  --case N              this case alone, shown whatever comes of it\n"
  "  --plant NAME          spoil the model's answer; the run must then fail:\n"
  "                        high reads loads keeps changes\n"
  "  --build DIR           where guest and result are (build)\n"
  "  --deviations FILE     known deviations (harness/deviations.tsv)\n"
  "exit: 0 all agree or are explained, 1 not, 2 usage, 5 internal (peer missing)\n";

static const struct { uint8_t accel; const char *cpu; } machines[] = {
  { ACCEL_TCG, "max,phys-bits=40,vendor=GenuineIntel,la57=off" },
  { ACCEL_TCG, "max,phys-bits=52,vendor=AuthenticAMD" },
  { ACCEL_TCG, "max,phys-bits=36,vendor=GenuineIntel,la57=off,smep=off,smap=off,pku=off,pks=off,umip=off,pge=off,nx=off,fsgsbase=off" },
  { ACCEL_TCG, "pentium3" },
  { ACCEL_BOCHS, "corei7_icelake_u" },
  { ACCEL_BOCHS, "tigerlake" },
  { ACCEL_BOCHS, "ryzen" },
  { ACCEL_BOCHS, "corei7_ivy_bridge_3770k" },
  { ACCEL_BOCHS, "p3_katmai" },
  { ACCEL_BOCHS, "pentium" },
};
#define MACHINES (sizeof machines / sizeof *machines)

struct options {
  const char *build, *deviations;
  int64_t only;
  uint32_t plant, machines;
  uint8_t accel;           /* ACCELS: all */
};

struct run {
  const struct options *o;
  struct control_sum *sum;
  struct control_list list;
  struct control_seen *seen;
  uint8_t *known;          /* 1: seen, 2: lost */
  struct peer p;
  struct control_mail *m;
  unsigned machine;
  int up;
};

/* ---- one guest --------------------------------------------------------------------------- */

static int fails(struct run *r, const char *why)
{
  snprintf(r->sum->why, sizeof r->sum->why, "%s", why);
  return -1;
}

static int start(struct run *r)
{
  static char elf[300], rom[300];
  struct config c = { .accel = machines[r->machine].accel, .bits32 = 1 };
  struct images i = { .elf32 = elf, .rom = rom, .cpu = machines[r->machine].cpu };
  snprintf(elf, sizeof elf, "%s/control.elf", r->o->build);
  snprintf(rom, sizeof rom, "%s/bochs-rom.bin", r->o->build);
  if (peer_start(&r->p, &c, &i) != 0) return fails(r, r->p.why);
  r->sum->starts++;
  r->up = 1;
  r->m = CONTROL_OF(r->p.mail);
  return bochs_pull(&r->p, r->m->features, sizeof r->m->features) ? fails(r, "cannot read the guest's memory") : 0;
}

static void stop(struct run *r)
{
  if (r->up) peer_stop(&r->p);
  r->up = 0;
}

static double cpu_seconds(pid_t pid)
{
  char name[40], text[600], *at;
  unsigned long user = 0, system = 0;
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  FILE *f = fopen(name, "r");
  size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
  if (f) fclose(f);
  text[n] = 0;
  at = strrchr(text, ')');
  if (at) sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Wait for the batch. The case that the guest is lost in, plus 1; 0: all ran; -1: never began. */
static int wait_batch(struct run *r)
{
  double used = cpu_seconds(r->p.pid), end = now() + SILENT_SECONDS;
  uint32_t at = 0;
  for (;; usleep(500)) {
    bochs_pull(&r->p, &r->m->done, sizeof r->m->done + sizeof r->m->at);
    if (__atomic_load_n(&r->m->done, __ATOMIC_ACQUIRE) == r->m->posted) return 0;
    bochs_pull(&r->p, r->p.mail, offsetof(struct mail, slot));
    int gone = r->p.mail->panic_vector != 0 || !peer_alive(&r->p);
    double u = gone ? used : cpu_seconds(r->p.pid);
    if (!gone && r->m->at != at) {
      at = r->m->at;
      used = u;
      end = now() + SILENT_SECONDS;
    } else if (gone || (at && u > used + HANG_SECONDS) || now() > end) {
      return r->m->at ? (int)r->m->at : -1;
    }
  }
}

/* Run those of the list that are not known yet, one batch. */
static int batch(struct run *r, uint32_t *from)
{
  static uint32_t of[CONTROL_BATCH];
  uint32_t n = 0, i = *from;
  if (r->sum->starts > GIVE_UP) return fails(r, "the guest is lost again and again");
  if (!r->up && start(r) != 0) return -1;
  for (; n < CONTROL_BATCH && i < r->list.count; i++)
    if (!r->known[i]) {
      r->m->in[n] = r->list.c[i];
      of[n++] = i;
    }
  if (n == 0) {
    *from = i;
    return 0;
  }
  r->m->count = n;
  r->m->svm = machines[r->machine].accel == ACCEL_TCG;
  bochs_push(&r->p, &r->m->in, n * sizeof r->m->in[0]);
  bochs_push(&r->p, &r->m->count, sizeof r->m->count + sizeof r->m->svm);
  __atomic_store_n(&r->m->posted, r->m->posted + 1, __ATOMIC_RELEASE);
  bochs_push(&r->p, &r->m->posted, sizeof r->m->posted);
  int lost = wait_batch(r);
  if (lost < 0) return fails(r, "the guest does not begin");
  uint32_t ran = lost ? 0 : n; /* a guest that is lost may have overwritten what it saw: ask anew */
  if (ran && bochs_pull(&r->p, r->m->out, ran * sizeof r->m->out[0]) == 0)
    for (uint32_t k = 0; k < ran; k++) {
      r->seen[of[k]] = r->m->out[k];
      r->known[of[k]] = 1;
    }
  if (lost) {
    r->known[of[lost - 1]] = 2;
    r->seen[of[lost - 1]] = (struct control_seen){ .vector = CAME_LOST };
    stop(r);
  } else *from = i;
  return 0;
}

/* ---- judging -------------------------------------------------------------------------------- */

static void judge(struct run *r, uint32_t i)
{
  const struct control_case *c = &r->list.c[i];
  const struct control_seen *s = &r->seen[i];
  struct control_sum *t = r->sum;
  struct control_answer model = control_model(c, r->list.f, r->list.f), foretold;
  uint32_t rows = control_foretell(r->list.rows, c, r->list.f, &foretold);
  const char *what = "";
  control_plant(r->o->plant, c, &foretold);
  if (s->vector != CAME_LOST) {
    what = control_start_differs(c, s, r->list.f);
    if (!what[0] && !control_guest_agrees(c, s, r->list.f)) what = "the model in the guest";
  }
  if (!what[0]) what = control_differs(&foretold, s);
  t->cases++;
  t->by_rule[model.rule]++;
  t->by_reg[c->written]++;
  t->by_mode[r->list.mode[i]]++;
  if (what[0]) t->unexplained++;
  else if (rows) t->explained++;
  else t->agree++;
  for (uint32_t k = 0; !what[0] && control_names[k]; k++) t->by_row[k] += rows >> k & 1;
  if (r->o->only >= 0 || (what[0] && t->unexplained <= SHOWN && !r->o->plant))
    control_show(stdout, (uint64_t)r->machine * PER_MACHINE + i, t->cpu, c, s, &model, &foretold, rows, what);
}

static int one_machine(const struct options *o, unsigned machine, struct control_sum *sum, uint32_t *rows)
{
  struct run r = { .o = o, .sum = sum, .machine = machine };
  double since = now();
  uint32_t from = 0, last;
  *sum = (struct control_sum){ .cpu = machines[machine].cpu };
  r.list.accel = machines[machine].accel;
  if (rows_of(o->deviations, control_names, r.list.accel, rows) != 0) return fails(&r, "the file of deviations lacks a row that is known here");
  r.list.rows = *rows;
  if (start(&r) != 0) return -1;
  memcpy(&r.list.f, r.m->features, FEATURE_BYTES);
  sum->f = r.list.f;
  control_cases(&r.list);
  memcpy(sum->left_out, r.list.left_out, sizeof sum->left_out);
  r.seen = calloc(r.list.count + 1, sizeof *r.seen);
  r.known = calloc(r.list.count + 1, 1);
  if (!r.seen || !r.known) abort();
  last = r.list.count;
  if (o->only >= 0) {
    from = (uint32_t)(o->only % PER_MACHINE);
    if (from >= last) return fails(&r, "no such case");
    last = r.list.count = from + 1;
  }
  uint32_t first = from;
  while (from < last && !sum->why[0]) batch(&r, &from);
  stop(&r);
  for (uint32_t i = first; i < last; i++)
    if (r.known[i]) judge(&r, i);
  sum->seconds = now() - since;
  free(r.seen);
  free(r.known);
  free(r.list.c);
  free(r.list.mode);
  return sum->why[0] ? -1 : 0;
}

/* ---- options -------------------------------------------------------------------------------- */

static int choose(const char *name, const char *const *from, unsigned n)
{
  for (unsigned i = 0; i < n && from[i]; i++)
    if (strcmp(from[i], name) == 0) return (int)i;
  return -1;
}

static int usage(const char *what) { return fprintf(stderr, "guest-control: %s? (see --help)\n", what), 2; }

static int options(int argc, char **argv, struct options *o)
{
  for (int i = 1; i < argc; i += 2) {
    const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";
    int n = 0;
    if (strcmp(a, "--help") == 0) { fputs(help, stdout); exit(0); }
    if (strcmp(a, "--accel") == 0) o->accel = (uint8_t)(n = choose(v, accel_name, ACCELS));
    else if (strcmp(a, "--machines") == 0) n = (o->machines = (uint32_t)atoi(v)) ? 0 : -1;
    else if (strcmp(a, "--case") == 0) n = (o->only = (int64_t)strtoull(v, NULL, 10)) / PER_MACHINE < (int64_t)MACHINES ? 0 : -1;
    else if (strcmp(a, "--plant") == 0) o->plant = (uint32_t)(n = choose(v, control_plants, 99));
    else if (strcmp(a, "--build") == 0) o->build = v;
    else if (strcmp(a, "--deviations") == 0) o->deviations = v;
    else return usage(a);
    if (n < 0 || !*v) return usage(a);
  }
  return 0;
}

int main(int argc, char **argv)
{
  static struct control_sum sums[MACHINES];
  static uint32_t rows[MACHINES];
  struct options o = { .build = "build", .deviations = "harness/deviations.tsv", .only = -1, .accel = ACCELS, .machines = 99 };
  char json[300], version[32];
  unsigned n = 0;
  uint32_t of_accel[ACCELS] = { 0 };
  uint64_t occurs[CONTROL_ROWS] = { 0 };
  uint32_t standing = 0;
  int unexplained = 0, dead = 0, bad = options(argc, argv, &o);
  if (bad) return bad;
  for (unsigned i = 0; i < MACHINES; i++) {
    uint8_t accel = machines[i].accel;
    if (o.only >= 0 ? o.only / PER_MACHINE != i : (o.accel != ACCELS && o.accel != accel) || of_accel[accel] >= o.machines) continue;
    if (!(accel == ACCEL_BOCHS ? bochs_version(version) : qemu_version(version))) {
      fprintf(stderr, "guest-control: no %s here\n", accel == ACCEL_BOCHS ? "Bochs" : "QEMU");
      return 5;
    }
    of_accel[accel]++;
    struct control_sum *s = &sums[n];
    one_machine(&o, i, s, &rows[n]);
    if (o.only < 0) control_table(stdout, s, accel, rows[n]);
    if (s->why[0]) fprintf(stderr, "guest-control: %s %s: %s\n", accel_name[accel], s->cpu, s->why);
    dead |= s->why[0] != 0;
    unexplained |= s->unexplained != 0;
    standing |= rows[n];
    for (unsigned k = 0; k < CONTROL_ROWS; k++) occurs[k] += s->by_row[k];
    n++;
    fflush(stdout);
  }
  for (uint32_t k = 0; o.only < 0 && o.machines >= MACHINES && control_names[k]; k++)
    if (standing >> k & 1 && !occurs[k]) printf("row %s does not occur: out of date?\n", control_names[k]);
  snprintf(json, sizeof json, "%s/results/guest-control.json", o.build);
  if (o.only < 0 && !o.plant && control_result(json, o.accel == ACCELS ? "tcg+bochs" : accel_name[o.accel], sums, n, rows) != 0)
    fprintf(stderr, "guest-control: cannot write %s\n", json);
  return unexplained ? 1 : dead ? 5 : 0;
}
