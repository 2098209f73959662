/* SPDX-License-Identifier: MIT */
/* The same sequences by the model alone and by the kernel alone: first recorded by the model, then done by each
 * in turns, so that what else the machine does meets both. Each operation is timed by itself, and the median of its
 * rounds counts, which seldom has another process in it; what empties the window between sequences is not timed.
 * Of operations by other tasks only fork and exit count: on the kernel's side they are handed to another process. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>
#include "lx_run.h"

#define SEQUENCES 400
#define STEPS     (SEQUENCES * 100)
#define ROUNDS    63
struct step { struct lx_op op, real; struct lx_result is; uint8_t kind; };
static struct step step[STEPS];
static unsigned end[SEQUENCES]; /* of each sequence, in step */
static uint32_t cycles[2][STEPS][ROUNDS];

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
    for (unsigned i = 0; i < n && at < STEPS; i++) {
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

/* All sequences by one side. */
static int half(struct vmref_linux *l, enum side side, unsigned round)
{
  for (unsigned k = 0, i = 0; k < SEQUENCES; k++) {
    if (side == MODEL) lx_model_reset(l);
    else lx_host_reset();
    for (; i < end[k]; i++) {
      const struct step *const s = &step[i];
      const struct lx_op *const op = side == MODEL ? &s->op : &s->real;
      const uint64_t from = __rdtsc();
      const struct lx_result r = side == MODEL ? lx_model_do(l, op) : lx_host_do(op);
      const uint64_t took = __rdtsc() - from;
      cycles[side][i][round] = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
      if (!lx_differ(op, &s->is, &r)) continue;
      fprintf(stderr, "build/linux/run: --bench: %s: sequence %u, %s: %" PRId64 " signal %u code %u byte 0x%02x, recorded %" PRId64 " signal %u code %u byte 0x%02x\n",
              side == MODEL ? "the model" : "the kernel", k, lx_name(s->op.nr), r.value, r.signal, r.code, r.byte, s->is.value, s->is.signal, s->is.code, s->is.byte);
      return 1;
    }
  }
  return 0;
}

static int less(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

int bench_run(struct vmref_linux *l, double seconds, struct bench *b)
{
  record(l, b);
  const double began = now();
  const uint64_t from = __rdtsc();
  for (; b->rounds < ROUNDS && (b->rounds < 5 || now() - began < seconds); b->rounds++)
    if (half(l, MODEL, b->rounds) || half(l, KERNEL, b->rounds)) return 1;
  const double ns = (now() - began) * 1e9 / (double)(__rdtsc() - from); /* of a cycle */
  for (unsigned side = MODEL; side <= KERNEL; side++)
    for (unsigned i = 0; i < end[SEQUENCES - 1]; i++) {
      if (step[i].kind == BENCH_KINDS) continue;
      qsort(cycles[side][i], b->rounds, sizeof(uint32_t), less);
      b->kind[step[i].kind].ns[side] += cycles[side][i][b->rounds / 2] * ns;
    }
  return 0;
}

/* ---- in the parent ---- */

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
    for (unsigned side = MODEL; side <= KERNEL; side++) all.ns[side] += b.kind[k].ns[side];
  }
  FILE *f = options.json ? fopen(options.json, "w") : NULL;
  if (options.json && !f) return perror(options.json), 5;
  const uint32_t kernel = lx_host_kernel();
  printf("%u rounds of %u sequences, Linux %u.%u\n%-18s %10s %14s %14s %8s\n", b.rounds, SEQUENCES, kernel / 256, kernel % 256, "", "operations", "the model/s", "the kernel/s", "ratio");
  if (f) fprintf(f, "{\"name\":\"bench-linux\",\"kernel\":\"%u.%u\",\"rounds\":%u,\"sequences\":%u,\"rows\":[", kernel / 256, kernel % 256, b.rounds, SEQUENCES);
  for (unsigned k = 0; k <= b.kinds; k++) {
    const struct bench_kind *const x = k == 0 ? &all : &b.kind[k - 1];
    const char *const name = k == 0 ? "all but fork, exit" : lx_name(x->nr);
    const double m = (double)x->n * 1e9 / x->ns[MODEL], h = (double)x->n * 1e9 / x->ns[KERNEL];
    printf("%-18s %10" PRIu64 " %14.0f %14.0f %8.2f\n", name, x->n, m, h, m / h);
    if (f) fprintf(f, "%s{\"what\":\"%s\",\"operations\":%" PRIu64 ",\"model\":%.0f,\"kernel\":%.0f,\"ratio\":%.3f}", comma, name, x->n, m, h, m / h), comma = ",";
  }
  if (f) fputs("]}\n", f);
  return f && fclose(f) != 0 ? (perror(options.json), 5) : 0;
}
