/* SPDX-License-Identifier: MIT */
/* guest-matrix: runs the matrix in guests and sums up what they say. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "matrix_run.h"

#define SILENT_SECONDS 60 /* a guest that finishes no batch for so long is dead */

static const char *const help =
  "usage: guest-matrix [options]\n"
  "Every combination of the flags that decide a walk, in a guest, against the model.\n"
  "Stops and goes on where it was: its state is in build/matrix.\n"
  "  --accel tcg|bochs|kvm what runs the guest (tcg)\n"
  "  --levels 4|5|all      of paging (all; under Bochs and KVM: 4)\n"
  "  --sample N            about N cases, spread over the whole matrix\n"
  "  --block NAME          this block alone: access 2m 1g smap keys rights upper implicit top\n"
  "  --case N              this case alone, with --levels; shown whatever comes of it\n"
  "  --machines N          guests at a time (the CPUs that are here)\n"
  "  --maxphyaddr N        of QEMU's CPU (40)\n"
  "  --plant NAME          spoil the model's answer; the run must then fail:\n"
  "                        w-bit p-bit i-bit lost-a lost-d frame cr2 key one-case\n"
  "  --fresh               forget the state\n"
  "  --build DIR           where guests, state and result are (build)\n"
  "  --deviations FILE     known deviations (harness/deviations.tsv)\n"
  "exit: 0 all agree or are explained, 1 not, 2 usage, 5 internal (peer missing, guest died)\n";

static uint64_t hash_of(const char *file)
{
  uint64_t h = 0xcbf29ce484222325;
  int c;
  FILE *f = fopen(file, "r");
  if (!f) return 0;
  while ((c = fgetc(f)) != EOF) h = (h ^ (uint64_t)(unsigned char)c) * 0x100000001b3;
  fclose(f);
  return h;
}

/* ---- one machine ---------------------------------------------------------------- */

struct machine {
  struct peer p;
  struct matrix_mail *m;
  int64_t job;          /* -1: it has none */
  uint32_t at;
  double heard;
};

static int begin(struct run *r, struct machine *m)
{
  const struct options *o = r->o;
  struct config c = { .accel = o->accel, .mode = r->levels == 5 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL,
                      .maxphyaddr = o->maxphyaddr, .page1gb = 1, .pse36 = 1 };
  struct images i = { .elf = o->elf[r->levels], .rom = o->rom };
  m->job = -1;
  if (peer_start(&m->p, &c, &i) != 0) {
    snprintf(r->why, sizeof r->why, "%s", m->p.why);
    return -1;
  }
  m->m = MATRIX_OF(m->p.mail);
  if (bochs_pull(&m->p, &m->m->peer, sizeof m->m->peer + sizeof m->m->levels) != 0 || m->m->levels != r->levels) {
    snprintf(r->why, sizeof r->why, "the guest does not run in %u-level paging", r->levels);
    return -1;
  }
  r->peer = m->m->peer;
  return 0;
}

static void give(struct run *r, struct machine *m, uint32_t job)
{
  uint64_t first = (uint64_t)job * JOB;
  uint32_t left = r->batches - (uint32_t)first;
  m->m->first = (uint32_t)((r->base + first * r->step) % matrix_batches(r->levels));
  m->m->count = left < JOB ? left : JOB;
  m->m->step = r->step;
  m->m->plant = r->o->plant;
  m->m->rows = r->allowed;
  m->m->show = 0;
  if (r->o->only >= 0) {
    m->m->first = (uint32_t)(r->o->only / MATRIX_LANES);
    m->m->count = 1;
    m->m->show = (uint32_t)(r->o->only % MATRIX_LANES) + 1;
  }
  m->job = job;
  m->at = 0;
  m->heard = now();
  bochs_push(&m->p, &m->m->first, offsetof(struct matrix_mail, tally) - offsetof(struct matrix_mail, first));
  __atomic_store_n(&m->m->posted, m->m->posted + 1, __ATOMIC_RELEASE);
  bochs_push(&m->p, &m->m->posted, sizeof m->m->posted);
}

/* 1: its job is done. 0: not yet. -1: it is dead. */
static int poll_machine(struct run *r, struct machine *m)
{
  bochs_pull(&m->p, &m->m->at, sizeof m->m->at);
  bochs_pull(&m->p, &m->m->done, sizeof m->m->done);
  if (__atomic_load_n(&m->m->done, __ATOMIC_ACQUIRE) == m->m->posted) {
    if (bochs_pull(&m->p, &m->m->tally, sizeof m->m->tally) == 0) return 1;
    snprintf(r->why, sizeof r->why, "cannot read the guest's memory");
    return -1;
  }
  if (m->at != m->m->at) {
    m->at = m->m->at;
    m->heard = now();
  }
  bochs_pull(&m->p, m->p.mail, offsetof(struct mail, slot));
  const struct mail *head = m->p.mail;
  uint32_t number = (uint32_t)(m->m->first + (uint64_t)m->at * r->step) % matrix_batches(r->levels);
  if (head->panic_vector)
    snprintf(r->why, sizeof r->why, "the guest panicked in batch %u: vector %u, error 0x%x, RIP 0x%" PRIx64
             ", CR2 0x%" PRIx64, number, head->panic_vector - 1, head->panic_error, head->panic_rip, head->panic_cr2);
  else if (!peer_alive(&m->p)) snprintf(r->why, sizeof r->why, "the guest died in batch %u", number);
  else if (now() > m->heard + SILENT_SECONDS)
    snprintf(r->why, sizeof r->why, "the guest does not come back from batch %u", number);
  else return 0;
  return -1;
}

/* ---- one matrix ----------------------------------------------------------------- */

static void progress(const struct run *r, const struct machine m[], double since, uint64_t at_start, int end)
{
  static double shown;
  if (shown < since) shown = since;
  double t = now(), all = (double)r->batches * MATRIX_LANES;
  uint64_t cases = r->sum.cases + r->sum.skipped;
  for (unsigned i = 0; i < r->o->machines; i++)
    if (m[i].job >= 0) cases += (uint64_t)m[i].at * MATRIX_LANES;
  if (!end && t < shown + (isatty(2) ? 0.5 : 10)) return;
  shown = t;
  double rate = (double)(cases - at_start) / (t - since);
  fprintf(stderr, "%s%s: %.1f of %.1f million cases, %.0f/s, %.0f s left, %" PRIu64 " unexplained%s",
          isatty(2) ? "\r\033[K" : "", r->name, (double)cases / 1e6, all / 1e6, rate,
          rate > 0 ? (all - (double)cases) / rate : 0, r->sum.unexplained, isatty(2) && !end ? "" : "\n");
}

static int keeps_state(const struct options *o) { return !o->sample && o->only < 0 && !o->plant && !o->block; }

/* The next job that is neither done nor given; r->jobs: none is left. */
static uint32_t next_job(const struct run *r, uint32_t from)
{
  while (from < r->jobs && r->done[from]) from++;
  return from;
}

static int collect(struct run *r, struct machine *m)
{
  int s = poll_machine(r, m);
  if (s <= 0) return s;
  r->done[m->job] = 1;
  tally_add(r, &m->m->tally);
  m->job = -1;
  return 0;
}

static int run_matrix(struct run *r)
{
  static struct machine m[MACHINES];
  unsigned machines = r->o->only >= 0 || r->jobs == 1 ? 1 : r->o->machines, busy = 1;
  uint32_t next = next_job(r, 0);
  double since, before = r->seconds, saved = now();
  uint64_t at_start = r->sum.cases + r->sum.skipped;
  for (unsigned i = 0; i < MACHINES; i++) m[i] = (struct machine){ .job = -1 };
  if (next == r->jobs) return 0;
  for (unsigned i = 0; i < machines && !r->why[0]; i++) begin(r, &m[i]);
  for (since = now(); busy && !r->why[0]; usleep(500)) {
    busy = 0;
    for (unsigned i = 0; i < machines && !r->why[0]; i++) {
      if (m[i].job >= 0) collect(r, &m[i]);
      if (m[i].job < 0 && next < r->jobs) {
        give(r, &m[i], next);
        next = next_job(r, next + 1);
      }
      busy |= m[i].job >= 0;
    }
    r->seconds = before + now() - since;
    if (keeps_state(r->o) && now() > saved + 1) {
      state_save(r);
      saved = now();
    }
    progress(r, m, since, at_start, 0);
  }
  progress(r, m, since, at_start, 1);
  for (unsigned i = 0; i < machines; i++) peer_stop(&m[i].p);
  return keeps_state(r->o) ? state_save(r) : 0;
}

/* The numbers of a sample: steps that share no divisor with the matrix visit each batch
 * once, and near the golden ratio they spread evenly. */
static uint32_t step_of(uint32_t all)
{
  uint32_t step = (uint32_t)(0.6180339887 * all), a, b;
  for (;; step++) {
    for (a = all, b = step; b; ) { uint32_t c = a % b; a = b; b = c; }
    if (a == 1) return step;
  }
}

static int prepare(struct run *r, const struct options *o, uint8_t levels, const char *version)
{
  *r = (struct run){ .o = o, .levels = levels, .step = 1, .batches = matrix_batches(levels) };
  if (rows_of(o->deviations, matrix_deviations, o->accel, &r->allowed) != 0) {
    fprintf(stderr, "guest-matrix: %s lacks a row that the guest knows\n", o->deviations);
    return -1;
  }
  if (o->sample) {
    uint64_t want = (o->sample + MATRIX_LANES - 1) / MATRIX_LANES;
    r->step = step_of(r->batches);
    if (want < r->batches) r->batches = (uint32_t)want;
  }
  for (uint8_t i = 0; o->block && i < matrix_blocks(); i++) {
    r->batches = matrix_block_batches(i, levels);
    if (strcmp(o->block, matrix_block_name(i)) == 0) break;
    r->base += r->batches;
  }
  if (o->only >= 0) r->batches = 1;
  r->jobs = (r->batches + JOB - 1) / JOB;
  snprintf(r->version, sizeof r->version, "%s", version);
  snprintf(r->name, sizeof r->name, "%s-%ulevel", accel_name[o->accel], levels);
  uint64_t h = hash_of(o->elf[levels]);
  for (const char *c = version; *c; c++) h = h * 31 + (unsigned char)*c;
  r->key = (h * 31 + o->accel) * 67 + o->maxphyaddr + r->allowed * 257u;
  if (keeps_state(o)) state_load(r);
  return 0;
}

/* ---- options ---------------------------------------------------------------------- */

static int choose(const char *name, const char *const *from, unsigned n)
{
  for (unsigned i = 0; i < n && from[i]; i++)
    if (strcmp(from[i], name) == 0) return (int)i;
  return -1;
}

static int usage(const char *what) { return fprintf(stderr, "guest-matrix: %s? (see --help)\n", what), 2; }

static int options(int argc, char **argv, struct options *o, unsigned *levels, const char **build)
{
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";
    int n = 0;
    if (strcmp(a, "--help") == 0) { fputs(help, stdout); exit(0); }
    if (strcmp(a, "--fresh") == 0) { o->fresh = 1; continue; }
    i++;
    if (strcmp(a, "--accel") == 0) o->accel = (uint8_t)(n = choose(v, accel_name, ACCELS));
    else if (strcmp(a, "--levels") == 0) *levels = strcmp(v, "all") == 0 ? 0 : (unsigned)(n = v[0] == '4' || v[0] == '5' ? v[0] - '0' : -1);
    else if (strcmp(a, "--sample") == 0) n = (o->sample = strtoull(v, NULL, 10)) ? 0 : -1;
    else if (strcmp(a, "--case") == 0) o->only = (int64_t)strtoull(v, NULL, 10);
    else if (strcmp(a, "--machines") == 0) n = (o->machines = (uint8_t)atoi(v)) >= 1 && o->machines <= MACHINES ? 0 : -1;
    else if (strcmp(a, "--maxphyaddr") == 0) n = (o->maxphyaddr = (uint8_t)atoi(v)) >= 36 && o->maxphyaddr < 52 ? 0 : -1;
    else if (strcmp(a, "--plant") == 0) o->plant = (uint32_t)(n = choose(v, matrix_plants, 99));
    else if (strcmp(a, "--deviations") == 0) o->deviations = v;
    else if (strcmp(a, "--block") == 0) o->block = v;
    else if (strcmp(a, "--build") == 0) *build = v;
    else return usage(a);
    if (n < 0 || !*v) return usage(a);
  }
  return 0;
}

int main(int argc, char **argv)
{
  static struct run runs[2];
  static char elf[2][300], rom[300], json[300], folder[300], version[32];
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  struct options o = { .deviations = "harness/deviations.tsv", .maxphyaddr = 40, .only = -1, .rom = rom, .json = json,
                       .folder = folder, .elf = { [4] = elf[0], [5] = elf[1] },
                       .machines = (uint8_t)(cpus < 1 ? 1 : cpus > MACHINES ? MACHINES : cpus) };
  const char *build = "build";
  unsigned levels = 0, n = 0;
  int bad = options(argc, argv, &o, &levels, &build);
  if (bad) return bad;
  if (levels == 0 && (o.accel != ACCEL_TCG || o.only >= 0)) levels = 4;
  snprintf(elf[0], sizeof elf[0], "%s/matrix4.elf", build);
  snprintf(elf[1], sizeof elf[1], "%s/matrix5.elf", build);
  snprintf(rom, sizeof rom, "%s/bochs-rom.bin", build);
  snprintf(json, sizeof json, "%s/results/guest-matrix%s.json", build, o.sample ? "-sample" : "");
  snprintf(folder, sizeof folder, "%s/matrix", build);
  mkdir(folder, 0777);
  if (!(o.accel == ACCEL_BOCHS ? bochs_version(version) : qemu_version(version))) {
    fprintf(stderr, "guest-matrix: no %s here\n", o.accel == ACCEL_BOCHS ? "Bochs" : "QEMU");
    return 5;
  }
  int dead = 0, unexplained = 0;
  for (uint8_t l = 4; l <= 5; l++) {
    if (levels && levels != l) continue;
    struct run *r = &runs[n++];
    if (prepare(r, &o, l, version) != 0) return 5;
    if (run_matrix(r) != 0) fprintf(stderr, "guest-matrix: cannot write the state in %s\n", folder);
    for (uint32_t i = 0; i < r->kept_count; i++) show_failure(stdout, r, &r->kept[i]);
    if (o.only < 0) show_table(stdout, r);
    if (r->sum.strays) printf("%" PRIu64 " words changed that no case writes to\n", r->sum.strays);
    if (r->why[0]) fprintf(stderr, "guest-matrix: %s: %s\n", r->name, r->why);
    dead |= r->why[0] != 0;
    unexplained |= r->sum.unexplained || r->sum.strays;
  }
  if (o.only < 0 && !o.plant && !o.block && write_result(&o, runs, n) != 0) fprintf(stderr, "guest-matrix: cannot write %s\n", json);
  return unexplained ? 1 : dead ? 5 : 0;
}
