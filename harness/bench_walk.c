/* SPDX-License-Identifier: MIT */
/* Walks per second of vmref_walk over tables in memory, one core.
 *   bench_walk [valid|malformed] [RUNS] [WALKS]   4-level paging
 *   bench_walk modes [RUNS] [WALKS]               every mode, valid tables, in turns, and
 *                                                 the ratio of each to 4-level paging
 * Prints one JSON object; the rates are medians over the runs. */
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

/* The same for 32-bit paging: two entries. */
static uint64_t words32(void)
{
  uint64_t e[2];
  for (int i = 0; i < 2; i++) e[i] = word(0);
  return e[0] | e[1] << 32;
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

#define RUNS 99
static const char *const MODE[5] = { "none", "32bit", "pae", "4level", "5level" };
static uint64_t ram[WORDS], ram32[WORDS];
static struct vmref_access access[5][CASES];
static struct totals { uint64_t sum, ok, levels; } total;

static struct vmref_cpu cpu_of(uint8_t mode)
{
  struct vmref_cpu cpu = VMREF_CPU_DEFAULT;
  cpu.mode = mode;
  for (unsigned i = 0; i < 4; i++) cpu.pdpte[i] = 0x2000 + 0x1000 * i + 1;
  return cpu;
}

static uint64_t address_of(uint8_t mode)
{
  uint64_t va = rnd() & ~7ull;
  if (!vmref_long_mode(mode)) return va & 0xffffffff;
  int sign = mode == VMREF_MODE_5LEVEL ? 7 : 16;
  return (uint64_t)((int64_t)(va << sign) >> sign);
}

static void fill(int malformed)
{
  for (unsigned i = 0; i < WORDS; i++) ram[i] = word(malformed);
  for (unsigned i = 0; i < WORDS; i++) ram32[i] = words32();
  for (uint8_t mode = 0; mode < 5; mode++)
    for (unsigned i = 0; i < CASES; i++)
      access[mode][i] = (struct vmref_access){ .va = address_of(mode), .size = 8,
        .kind = (uint8_t)(rnd() % 4), .cpl = (uint8_t)(rnd() % 2 * 3) };
}

/* Walks per second. */
static double run(uint8_t mode, long walks)
{
  struct vmref_cpu cpu = cpu_of(mode);
  const uint64_t *tables = mode == VMREF_MODE_32BIT ? ram32 : ram;
  struct totals t = total;
  double start = seconds();
  for (long i = 0; i < walks; i++) {
    struct vmref_walk w = vmref_walk(tables, WORDS, cpu, access[mode][i % CASES]);
    t.sum += w.pa + w.error;
    t.ok += w.rule == VMREF_RULE_OK;
    t.levels += (uint64_t)(w.origin.level ? w.origin.level - w.last + 1 : 0);
  }
  total = t;
  return (double)walks / (seconds() - start);
}

static double median(double *x, int n)
{
  qsort(x, (size_t)n, sizeof *x, cmp);
  return x[n / 2];
}

static void bench_one(const char *kind, int runs, long walks)
{
  double rate[RUNS], all = (double)walks * runs;
  for (int r = 0; r < runs; r++) rate[r] = run(VMREF_MODE_4LEVEL, walks);
  double middle = median(rate, runs);
  printf("{\"name\":\"walk-%s\",\"walks_per_second\":%.0f,\"worst\":%.0f,\"best\":%.0f,\"runs\":%d,"
         "\"hits\":%.3f,\"levels\":%.2f,\"checksum\":\"0x%llx\"}\n", kind, middle, rate[0],
         rate[runs - 1], runs, (double)total.ok / all, (double)total.levels / all,
         (unsigned long long)total.sum);
}

/* In turns, and the ratios run by run: what else the machine does hits all modes alike. */
static void bench_modes(int runs, long walks)
{
  static double rate[5][RUNS], ratio[5][RUNS];
  for (int r = 0; r < runs; r++) {
    for (uint8_t mode = 0; mode < 5; mode++) rate[mode][r] = run(mode, walks);
    for (int mode = 0; mode < 5; mode++) ratio[mode][r] = rate[mode][r] / rate[VMREF_MODE_4LEVEL][r];
  }
  printf("{\"name\":\"walk-modes\",\"runs\":%d,\"modes\":[", runs);
  for (int mode = 0; mode < 5; mode++)
    printf("%s{\"mode\":\"%s\",\"walks_per_second\":%.0f,\"ratio_to_4level\":%.2f}", mode ? "," : "",
           MODE[mode], median(rate[mode], runs), median(ratio[mode], runs));
  printf("],\"checksum\":\"0x%llx\"}\n", (unsigned long long)total.sum);
}

int main(int argc, char **argv)
{
  const char *kind = argc > 1 ? argv[1] : "valid";
  int runs = argc > 2 ? atoi(argv[2]) : 7;
  long walks = argc > 3 ? atol(argv[3]) : 4000000;
  int malformed = strcmp(kind, "malformed") == 0, modes = strcmp(kind, "modes") == 0;
  if ((!malformed && !modes && strcmp(kind, "valid") != 0) || runs < 1 || runs > RUNS || walks < 1) {
    fprintf(stderr, "usage: bench_walk [valid|malformed|modes] [RUNS, 1 to 99] [WALKS]\n");
    return 2;
  }
  fill(malformed);
  if (modes) bench_modes(runs, walks);
  else bench_one(kind, runs, walks);
  return 0;
}
