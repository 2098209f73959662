/* SPDX-License-Identifier: MIT */
/* Walks per second of vmref_walk over tables in memory, one core.
 *   bench_walk [valid|malformed] [RUNS] [WALKS]     prints one JSON object */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "vmref.h"

#define FRAMES 256u /* 1 MiB of tables */
#define WORDS  (FRAMES * 512u)
#define CASES  4096u

static uint64_t rnd(void)
{
  static uint64_t s = 88172645463325252u;
  s ^= s << 13, s ^= s >> 7, s ^= s << 17;
  return s;
}

/* Valid: every entry is a present pointer into the tables, A and D at random, so
 * each walk reads four entries. Malformed: one entry in eight is any 64 bits, one
 * in eight is not present, and rights are at random, so walks end everywhere. */
static uint64_t word(int malformed)
{
  uint64_t frame = rnd() % FRAMES * 4096;
  if (!malformed) return frame | 0x7 | (rnd() & 0x60);
  uint64_t e = rnd();
  if (e % 8 == 0) return rnd();
  return (e & 0x7ff0000000000f66u) | (rnd() % 8 != 0) | frame;
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int cmp(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
  int malformed = argc > 1 && strcmp(argv[1], "malformed") == 0;
  int runs = argc > 2 ? atoi(argv[2]) : 7;
  long walks = argc > 3 ? atol(argv[3]) : 4000000;
  if ((argc > 1 && !malformed && strcmp(argv[1], "valid") != 0) || runs < 1 || runs > 99 || walks < 1) {
    fprintf(stderr, "usage: bench_walk [valid|malformed] [RUNS, 1 to 99] [WALKS]\n");
    return 2;
  }
  static uint64_t ram[WORDS];
  static struct vmref_access access[CASES];
  for (unsigned i = 0; i < WORDS; i++) ram[i] = word(malformed);
  for (unsigned i = 0; i < CASES; i++)
    access[i] = (struct vmref_access){
      .va = (uint64_t)((int64_t)(rnd() << 16) >> 16) & ~7ull, .size = 8,
      .kind = (uint8_t)(rnd() % 4), .cpl = (uint8_t)(rnd() % 2 * 3) };
  struct vmref_cpu cpu = VMREF_CPU_DEFAULT;

  double rate[99];
  uint64_t sum = 0, ok = 0, levels = 0;
  for (int r = 0; r < runs; r++) {
    double start = seconds();
    for (long i = 0; i < walks; i++) {
      struct vmref_walk w = vmref_walk(ram, WORDS, cpu, access[i % CASES]);
      sum += w.pa + w.error;
      ok += w.rule == VMREF_RULE_OK;
      levels += 5u - w.last;
    }
    rate[r] = (double)walks / (seconds() - start);
  }
  qsort(rate, (size_t)runs, sizeof rate[0], cmp);
  double all = (double)walks * runs;
  printf("{\"name\":\"walk-%s\",\"walks_per_second\":%.0f,\"worst\":%.0f,\"best\":%.0f,\"runs\":%d,"
         "\"hits\":%.3f,\"levels\":%.2f,\"checksum\":\"0x%llx\"}\n",
         malformed ? "malformed" : "valid", rate[runs / 2], rate[0], rate[runs - 1], runs,
         (double)ok / all, (double)levels / all, (unsigned long long)sum);
  return 0;
}
