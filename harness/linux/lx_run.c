/* SPDX-License-Identifier: MIT */
/* build/linux/run: compare the model with the kernel that runs this. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lx_run.h"

static const char HELP[] =
"Usage: build/linux/run [options]\n"
"Run random sequences of memory calls and accesses in processes of this kernel and in the model of\n"
"Linux's address spaces, and compare. Tier A: errno, values, signals; B: the layout of\n"
"/proc/PID/maps; C: pages present and, as root, which share a frame.\n"
"\n"
"  --time SECONDS    how long (10)\n"
"  --ops N           stop after so many operations\n"
"  --length N        operations in a sequence, to 256 (40)\n"
"  --fork PERCENT    sequences with several processes (20)\n"
"  --tier A|B|C      compare up to that tier, each step of B, a tenth of C (C)\n"
"  --seed N          of the random sequences\n"
"  --state FILE      a campaign: go on after the operations that FILE counts, and write it again\n"
"  --token lx1-...   one sequence; --script FILE: one in text, see docs/LINUX.md\n"
"  --kernel M.N      the profile (this kernel's)\n"
"  --json FILE       write the result there\n"
"  --reproducer FILE a finding as a C program\n"
"  --quiet           no progress\n"
"Exit: 0 agrees, 1 disagrees, 2 usage, 3 malformed, 4 not modelled, 5 internal.\n";

struct options options = { .seconds = 10, .length = 40, .fork = 20, .tier = 'C', .seed = 1 };
struct shared *shared;

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t next(uint64_t *x)
{
  *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
  return *x;
}

/* A few pages of private memory, and what makes areas of them: neighbours meet often. */
static void crowd(uint8_t b[LX_BYTES])
{
  static const uint8_t kind[16] = { 0, 0, 0, 0, 20, 20, 20, 20, 32, 35, 35, 35, 41, 10, 46, 53 };
  b[0] = (uint8_t)(kind[b[0] % 16] + (b[0] & 0xC0));
  b[2] = (uint8_t)(3 * (b[2] % 6));
  b[4] %= 2;
  b[5] = b[5] % 8 == 6 ? 12 : b[5] % 8; /* 12: write alone, which borrows an anon_vma and does not join */
  b[6] = b[0] % 64 == 20 ? 1 : (uint8_t)(b[6] % 4);
  b[7] = 5;
  b[8] = (uint8_t)(3 * (b[8] % 6));
}

/* Files and segments: cut, grown, attached, removed. */
static void objects(uint8_t b[LX_BYTES])
{
  static const uint8_t kind[16] = { 0, 0, 0, 10, 10, 20, 20, 35, 32, 58, 58, 60, 61, 61, 62, 63 };
  b[0] = (uint8_t)(kind[b[0] % 16] + (b[0] & 0xC0));
  const uint8_t nr = b[0] % 64;
  b[2] = (uint8_t)(3 * (b[2] % 6));
  b[3] = b[3] % 3 == 0 ? 15 : 100; /* the end of the page, or its first byte */
  b[5] = nr >= 60 ? 2 + b[5] % 2 : b[5] % 8;
  b[6] = nr == 20 ? 16 + b[6] % 10 : b[6];
  b[9] %= 8;
  if (nr == 58) b[2] = 0;
}

/* The bytes of sequence number k: the same for the same seed. */
static void make(uint8_t bytes[LX_OPS][LX_BYTES], unsigned n, uint64_t k)
{
  uint64_t x = (options.seed * UINT64_C(0x9E3779B97F4A7C15) ^ (k + 1) * UINT64_C(0xD1342543DE82EF95)) | 1;
  for (unsigned i = 0; i < 8; i++) next(&x);
  const int several = next(&x) % 100 < options.fork, profile = (int)(next(&x) % 8);
  for (unsigned i = 0; i < n; i++) {
    uint64_t word[2] = { next(&x), next(&x) };
    memcpy(bytes[i], word, LX_BYTES);
    if (profile < 3) crowd(bytes[i]);
    else if (profile == 3) objects(bytes[i]);
    if (!several) bytes[i][1] = 0, bytes[i][11] |= 64;
    else if (i % 16 == 5) bytes[i][0] = 240, bytes[i][11] = 0; /* fork */
  }
}

static struct lx_how how(uint64_t k)
{
  return (struct lx_how){ .layout = options.tier >= 'B', .pages = options.tier >= 'C' ? (k % 4 == 0 ? 10 : 0) : 0, .sweep = k % 2 == 0 };
}

/* ---- the worker ---- */

static void report(unsigned n, const struct lx_finding *f)
{
  shared->finding = *f;
  shared->found_n = n;
  shared->found = 1;
}

static void campaign(struct vmref_linux *l)
{
  static struct lx_op op[LX_OPS];
  static uint8_t bytes[LX_OPS][LX_BYTES];
  const double until = now() + options.seconds;
  for (uint64_t k = shared->sequences; !options.ops || shared->ops < options.ops; k++) {
    if (k % 16 == 0 && now() > until) return;
    struct lx_finding f;
    unsigned done;
    make(bytes, options.length, k);
    for (unsigned i = 0; i < options.length; i++) op[i] = lx_decode(bytes[i]);
    memcpy(shared->bytes, bytes, sizeof bytes);
    const struct lx_how h = how(k);
    const int r = lx_compare(l, op, options.length, &h, &f, &done);
    shared->ops += done;
    shared->sequences = k + 1;
    if (r < 0) shared->cut++;
    if (r != 1) continue;
    shared->finding = f;
    const unsigned n = lx_shrink(l, bytes, options.length, options.tier, &f);
    memcpy(shared->bytes, bytes, sizeof bytes);
    report(n, &f);
    return;
  }
}

static int work(void)
{
  struct vmref_linux *l = lx_model_new(options.kernel ? options.kernel : lx_host_kernel());
  if (!l) return fputs("build/linux/run: out of memory\n", stderr), 5;
  if (!lx_host_begin()) return 5;
  lx_host_limits(l);
  if (options.before) options.before(l);
  shared->frames = (uint8_t)lx_host_frames;
  shared->brk = (uint8_t)lx_host_brk();
  if (options.one_n) {
    struct lx_finding f;
    const struct lx_how all = { options.tier >= 'B', options.tier >= 'C', 0, 1 };
    const int r = lx_compare(l, options.one, options.one_n, &all, &f, &shared->done);
    shared->ops += shared->done;
    if (r == 1) report(options.one_n, &f);
    shared->cut += r < 0;
  } else campaign(l);
  lx_tasks_end();
  return 0;
}

/* ---- the parent ---- */

static void progress(double began, uint64_t base)
{
  static double shown;
  const double t = now();
  if (options.quiet || t - shown < 1) return;
  shown = t;
  fprintf(stderr, "\rlinux: %.0f s, %" PRIu64 " operations, %.0f/s ", t - began, shared->ops, (double)(shared->ops - base) / (t - began));
}

static int ended(int status)
{
  if (shared->found) return 1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  struct lx_finding *f = &shared->finding;
  f->at = options.length - 1, f->tier = 'A';
  snprintf(f->text, sizeof f->text, "the process of the sequence died by signal %d", WTERMSIG(status));
  shared->found_n = options.length;
  shared->found = 1;
  return 1;
}

int main(int argc, char **argv)
{
  if (!options_read(argc, argv, HELP)) return 0;
  if (!(personality(0xFFFFFFFF) & ADDR_NO_RANDOMIZE) && personality(ADDR_NO_RANDOMIZE) != -1) execv("/proc/self/exe", argv);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return perror("build/linux/run: mmap"), 5;
  state_read();
  const uint64_t base = shared->ops;
  const double began = now();
  const pid_t pid = fork();
  if (pid < 0) return perror("build/linux/run: fork"), 5;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(work());
  }
  int status;
  for (double last = now(); waitpid(pid, &status, WNOHANG) == 0; usleep(20000)) {
    progress(began, base);
    if (now() - last > 10) last = now(), state_write();
  }
  if (!options.quiet) fputc('\n', stderr);
  const int code = ended(status);
  state_write();
  return conclude(code, now() - began, base);
}
