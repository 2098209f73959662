/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "lx_run.h"

static void print_finding(void)
{
  static struct lx_op op[LX_OPS];
  const struct lx_finding *f = &shared->finding;
  const unsigned n = shared->found_n;
  for (unsigned i = 0; i < n; i++) op[i] = options.one_n ? options.one[i] : lx_decode(shared->bytes[i]);
  lx_print_finding(f, op, n, options.one_n ? NULL : shared->bytes);
  FILE *c = options.reproducer ? fopen(options.reproducer, "w") : NULL;
  struct vmref_linux *const l = c ? lx_model_new(options.kernel ? options.kernel : lx_host_kernel()) : NULL;
  if (l) lx_print_c(c, l, op, n);
  if (c) fclose(c);
  if (options.reproducer && !c) fprintf(stderr, "build/linux/run: %s: %s\n", options.reproducer, strerror(errno));
}

static void write_json(int code, double seconds, uint64_t rate)
{
  FILE *f = fopen(options.json, "w");
  if (!f) {
    perror(options.json);
    return;
  }
  const uint32_t k = lx_host_kernel();
  fprintf(f, "{\"name\":\"linux\",\"passed\":%" PRIu64 ",\"failed\":%d,\"operations\":%" PRIu64 ",\"sequences\":%" PRIu64
          ",\"cut\":%" PRIu64 ",\"seconds\":%.1f,\"rate\":%" PRIu64 ",\"kernel\":\"%u.%u\",\"tier\":\"%c\",\"frames\":%s,\"brk\":%s}\n",
          shared->sequences - shared->found, code != 0, shared->ops, shared->sequences, shared->cut, seconds, rate, k / 256, k % 256,
          options.tier, shared->frames ? "true" : "false", shared->brk ? "true" : "false");
  fclose(f);
}

/* Processor seconds of the worker, which has ended. */
static double processor(void)
{
  struct rusage r;
  getrusage(RUSAGE_CHILDREN, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

int conclude(int code, double seconds, uint64_t base)
{
  const uint64_t rate = (uint64_t)((double)(shared->ops - base) / (seconds > 0.001 ? seconds : 0.001));
  if (shared->found) print_finding();
  if (options.json) write_json(code, seconds, rate);
  const uint32_t k = lx_host_kernel();
  if (options.one_n && code == 0 && shared->cut) return puts("not modelled, or the model has no room left"), 4;
  printf("linux %u.%u: %" PRIu64 " operations (%" PRIu64 " calls, %" PRIu64 " accesses, %" PRIu64 " signals) in %" PRIu64 " sequences, %" PRIu64 " of them cut short, %.0f s, %" PRIu64
         " operations/s, %.0f a processor second, tier %c%s%s: %s\n", k / 256, k % 256, shared->ops, shared->done.calls,
         shared->done.accesses, shared->done.signals, shared->sequences, shared->cut, seconds, rate,
         (double)(shared->ops - base) / (processor() + 0.001), options.tier, options.tier == 'C' && !shared->frames ? " without frames (not root)" : "", shared->brk ? "" : ", without brk",
         code == 0 ? "0 unexplained" : code == 1 ? "1 unexplained" : "did not run");
  return code;
}
