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
"  --length N        operations in a sequence, to 256 (40, in each fourth 200)\n"
"  --fork PERCENT    sequences with several processes (20)\n"
"  --tier A|B|C      compare up to that tier; B where a step may have changed it, and all at the end of each\n"
"                    sequence; C in each fourth sequence after ten steps and at the end (C)\n"
"  --seed N          of the random sequences\n"
"  --state FILE      a campaign: go on after the operations that FILE counts, and write it again\n"
"  --token lx1-...   one sequence; --script FILE: one in text, see docs/LINUX.md\n"
"  --kernel M.N      the profile (this kernel's)\n"
"  --overcommit PAGES set overcommit mode 2 of this whole machine, so many pages above what is promised: for one\n"
"                    that nobody needs, as of harness/linux/qemu\n"
"  --json FILE       write the result there\n"
"  --reproducer FILE a finding as a C program\n"
"  --bench SECONDS   measure instead: the same sequences by the model alone and by the kernel alone\n"
"  --quiet           no progress\n"
"Exit: 0 agrees, 1 disagrees, 2 usage, 3 malformed, 4 not modelled, 5 internal.\n";

struct options options = { .seconds = 10, .mix = { .fork = 20, .seed = 1 }, .tier = 'C' };
struct shared *shared;

double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct lx_how how(uint64_t k)
{
  return (struct lx_how){ .layout = options.tier >= 'B' ? 32 : 0, .near = options.tier >= 'B' && k % 8 < 2, .pages = options.tier >= 'C' && k % 4 == 0 ? 10 : 0,
                          .sweep = k % 2 != 0 ? 0 : k % 16 == 0 ? 2 : 1 };
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
  uint8_t (*const bytes)[LX_BYTES] = shared->bytes;
  const double until = now() + options.seconds;
  for (uint64_t k = shared->sequences; !options.ops || shared->ops < options.ops; k++) {
    if (k % 16 == 0 && now() > until) return;
    struct lx_finding f;
    const unsigned n = shared->now_n = lx_make_begin(&options.mix, k);
    struct lx_how h = how(k);
    h.make = bytes;
    const int r = lx_compare(l, op, n, &h, &f, &shared->done);
    shared->ops = shared->done.calls + shared->done.accesses;
    shared->sequences = k + 1;
    if (r < 0) shared->cut++;
    if (r != 1) continue;
    shared->finding = f;
    const unsigned left = lx_shrink(l, bytes, n, options.tier, &f);
    report(left, &f);
    return;
  }
}

static int work(void)
{
  struct vmref_linux *l = lx_model_new(options.kernel ? options.kernel : lx_host_kernel());
  if (!l) return fputs("build/linux/run: out of memory\n", stderr), 5;
  if (!lx_host_begin()) return 5;
  lx_host_limits(l);
  if (options.overcommit) {
    if (!lx_overcommit(options.overcommit)) return perror("build/linux/run: --overcommit"), 5;
    l->limit = options.overcommit;
  }
  shared->frames = (uint8_t)lx_host_frames;
  shared->brk = (uint8_t)lx_host_brk();
  if (options.bench > 0) {
    if (bench_run(l, options.bench, &shared->bench)) return 1;
  } else if (options.one_n) {
    struct lx_finding f;
    const struct lx_how all = { options.tier >= 'B', options.tier >= 'C', 0, 2, 1, NULL };
    const int r = lx_compare(l, options.one, options.one_n, &all, &f, &shared->done);
    shared->ops = shared->done.calls + shared->done.accesses;
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
  f->at = shared->now_n - 1, f->tier = 'A';
  snprintf(f->text, sizeof f->text, "the process of the sequence died by signal %d", WTERMSIG(status));
  shared->found_n = shared->now_n;
  shared->found = 1;
  return 1;
}

int main(int argc, char **argv)
{
  if (!(personality(0xFFFFFFFF) & ADDR_NO_RANDOMIZE) && personality(ADDR_NO_RANDOMIZE) != -1) execv("/proc/self/exe", argv);
  if (!options_read(argc, argv, HELP)) return 0;
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
    if (options.bench > 0 && now() - began > 2 * options.bench + 30) kill(pid, SIGKILL); /* it hangs */
    if (now() - last > 10) last = now(), state_write();
  }
  if (!options.quiet) fputc('\n', stderr);
  if (options.bench > 0 && !WIFEXITED(status)) return fprintf(stderr, "build/linux/run: --bench: died by signal %d\n", WTERMSIG(status)), 5;
  if (options.bench > 0) return WEXITSTATUS(status) ? WEXITSTATUS(status) : bench_print(&shared->bench);
  const int code = ended(status);
  state_write();
  return conclude(code, now() - began, base);
}
