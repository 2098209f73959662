/* SPDX-License-Identifier: MIT */
/* The same sequences by the model alone and by the kernel alone: first recorded by the model, then done by each
 * in turns, so that what else the machine does meets both. Each operation is timed by itself; what empties the
 * window between sequences is not. Of operations by other tasks only fork and exit count: on the kernel's side they
 * are handed to another process. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>
#include "lx_run.h"

#define SEQUENCES 400
struct step { struct lx_op op, real; struct lx_result is; uint8_t kind; };
static struct step step[SEQUENCES * 100];
static unsigned end[SEQUENCES]; /* of each sequence, in step */

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The number of its kind; BENCH_KINDS: it does not count. */
static uint8_t kind(struct bench *b, const struct lx_op *op)
{
  if (op->task != 0 && op->nr != VMREF_SYS_EXIT) return BENCH_KINDS;
  unsigned k = 0;
  while (k < b->kinds && b->kind[k].nr != op->nr) k++;
  if (k == BENCH_KINDS) abort();
  if (k == b->kinds) b->kind[b->kinds++].nr = op->nr;
  b->kind[k].n++;
  return (uint8_t)k;
}

static void record(struct vmref_linux *l, struct bench *b)
{
  static uint8_t bytes[LX_OPS][LX_BYTES];
  unsigned at = 0;
  for (uint64_t k = 0; k < SEQUENCES; end[k++] = at) {
    const unsigned n = lx_make_begin(&options.mix, k);
    lx_begin(l);
    for (unsigned i = 0; i < n && at < sizeof step / sizeof step[0]; i++) {
      struct step *const s = &step[at];
      lx_make_next(l, bytes, i);
      s->op = lx_decode(bytes[i]);
      if (lx_escapes(l, &s->op)) continue;
      const int does = lx_model_step(l, &s->op, &s->real, &s->is);
      if (does < 0) break;
      if (does) s->kind = kind(b, &s->op), at++;
    }
  }
}

/* All sequences by one side; cycles by kind. */
static int half(struct vmref_linux *l, enum side side, uint64_t cycles[BENCH_KINDS + 1])
{
  memset(cycles, 0, (BENCH_KINDS + 1) * sizeof *cycles);
  for (unsigned k = 0, i = 0; k < SEQUENCES; k++) {
    if (side == MODEL) lx_model_reset(l);
    else lx_host_reset();
    for (; i < end[k]; i++) {
      const struct step *const s = &step[i];
      const uint64_t from = __rdtsc();
      const struct lx_result r = side == MODEL ? lx_model_do(l, &s->op) : lx_host_do(&s->real);
      cycles[s->kind] += __rdtsc() - from;
      if (!lx_differ(side == MODEL ? &s->op : &s->real, &s->is, &r))
        continue;
      fprintf(stderr, "build/linux/run: --bench: %s: sequence %u, %s: %" PRId64 " signal %u code %u byte 0x%02x, recorded %" PRId64 " signal %u code %u byte 0x%02x\n",
              side == MODEL ? "the model" : "the kernel", k, lx_name(s->op.nr), r.value, r.signal, r.code, r.byte, s->is.value, s->is.signal, s->is.code, s->is.byte);
      return 1;
    }
  }
  return 0;
}

int bench_run(struct vmref_linux *l, double seconds, struct bench *b)
{
  uint64_t cycles[2][BENCH_KINDS + 1];
  record(l, b);
  const double began = now();
  while (b->rounds < BENCH_ROUNDS && (b->rounds < 3 || now() - began < seconds)) {
    const double t = now();
    const uint64_t from = __rdtsc();
    if (half(l, MODEL, cycles[MODEL]) || half(l, KERNEL, cycles[KERNEL])) return 1;
    const double ns = (now() - t) * 1e9 / (double)(__rdtsc() - from); /* of a cycle */
    for (unsigned k = 0; k < b->kinds; k++)
      for (unsigned side = MODEL; side <= KERNEL; side++) b->kind[k].ns[side][b->rounds] = (double)cycles[side][k] * ns;
    b->rounds++;
  }
  return 0;
}

/* ---- in the parent ---- */

static int less(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Operations a second: the median of the rounds. */
static double rate(const struct bench *b, const struct bench_kind *k, enum side side)
{
  double ns[BENCH_ROUNDS];
  memcpy(ns, k->ns[side], sizeof ns);
  qsort(ns, b->rounds, sizeof *ns, less);
  return (double)k->n * 1e9 / ns[b->rounds / 2];
}

/* On the kernel's side another process has to be scheduled. */
static int of_processes(uint32_t nr)
{
  return nr == VMREF_SYS_FORK || nr == VMREF_SYS_VFORK || nr == VMREF_SYS_CLONE || nr == VMREF_SYS_EXIT;
}

static int more(const void *a, const void *b)
{
  const uint64_t x = ((const struct bench_kind *)a)->n, y = ((const struct bench_kind *)b)->n;
  return (x < y) - (x > y);
}

int bench_print(const struct bench *measured)
{
  static struct bench b;
  static struct bench_kind all;
  const char *comma = "";
  b = *measured;
  qsort(b.kind, b.kinds, sizeof b.kind[0], more);
  for (unsigned k = 0; k < b.kinds; k++) {
    if (of_processes(b.kind[k].nr)) continue;
    all.n += b.kind[k].n;
    for (unsigned r = 0; r < b.rounds; r++) all.ns[MODEL][r] += b.kind[k].ns[MODEL][r], all.ns[KERNEL][r] += b.kind[k].ns[KERNEL][r];
  }
  FILE *f = options.json ? fopen(options.json, "w") : NULL;
  if (options.json && !f) return perror(options.json), 5;
  const uint32_t kernel = lx_host_kernel();
  printf("%u rounds of %u sequences, Linux %u.%u\n%-18s %8s %14s %14s %8s\n", b.rounds, SEQUENCES, kernel / 256, kernel % 256, "", "a round", "the model/s", "the kernel/s", "ratio");
  if (f) fprintf(f, "{\"name\":\"bench-linux\",\"kernel\":\"%u.%u\",\"rounds\":%u,\"sequences\":%u,\"rows\":[", kernel / 256, kernel % 256, b.rounds, SEQUENCES);
  for (unsigned k = 0; k <= b.kinds; k++) {
    const struct bench_kind *const x = k == 0 ? &all : &b.kind[k - 1];
    const char *const name = k == 0 ? "all but fork, exit" : lx_name(x->nr);
    const double m = rate(&b, x, MODEL), h = rate(&b, x, KERNEL);
    printf("%-18s %8" PRIu64 " %14.0f %14.0f %8.2f\n", name, x->n, m, h, m / h);
    if (f) fprintf(f, "%s{\"what\":\"%s\",\"operations\":%" PRIu64 ",\"model\":%.0f,\"kernel\":%.0f,\"ratio\":%.3f}", comma, name, x->n, m, h, m / h), comma = ",";
  }
  if (f) fputs("]}\n", f);
  return f && fclose(f) != 0 ? (perror(options.json), 5) : 0;
}
