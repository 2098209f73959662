/* SPDX-License-Identifier: MIT */
/* How fast are the memory manager's operations, and does their cost grow with what is mapped?
 *
 *   bench_mm [PAGES [OPERATIONS [RUNS]]]
 *
 * Space 0 has PAGES pages mapped, all touched. Of 100 operations 72 are accesses to random pages
 * of it (half of them loads), 12 map or unmap a page, 8 change rights, 4 swap a page out or in; the
 * other 4 are a process of 16 pages: it forks, the child writes a page, and exits. One JSON
 * object; a rate is the median of the runs. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "mm.h"

static uint64_t seed = 88172645463325252u;
static uint64_t next(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  return seed ^= seed << 17;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t failed; /* operations that did not succeed */
static void must(const struct vmref_sys *s, struct mm_op op)
{
  if (mm_do(s, &op).status != VMREF_OK) failed++;
}

static void prepare(const struct vmref_sys *s, uint64_t pages)
{
  must(s, (struct mm_op){ .kind = MM_SPACE, .a = 0 });
  must(s, (struct mm_op){ .kind = MM_SPACE, .a = 1 });
  must(s, (struct mm_op){ .kind = MM_MAP, .a = 0, .va = 0, .n = pages, .prot = 3 });
  must(s, (struct mm_op){ .kind = MM_MAP, .a = 1, .va = 0x10000, .n = 16, .prot = 3 });
  for (uint64_t p = 0; p < pages; p++) must(s, (struct mm_op){ .kind = MM_STORE, .a = 0, .va = p * 4096, .byte = 1 });
  for (uint64_t p = 16; p < 32; p++) must(s, (struct mm_op){ .kind = MM_STORE, .a = 1, .va = p * 4096, .byte = 1 });
}

/* Operations; how many. */
static uint64_t some(const struct vmref_sys *s, uint64_t pages)
{
  const uint64_t r = next(), k = r % 100, va = r / 128 % pages * 4096 + r % 4096;
  const uint64_t beyond = (pages / 512 + 1) * 512 * 4096; /* a table of its own, where pages come and go */
  if (k < 36) return must(s, (struct mm_op){ .kind = MM_LOAD, .a = 0, .va = va }), 1;
  if (k < 72) return must(s, (struct mm_op){ .kind = MM_STORE, .a = 0, .va = va, .byte = 2 }), 1;
  if (k < 84) {
    const uint64_t at = beyond + r / 128 % 256 * 4096;
    must(s, (struct mm_op){ .kind = MM_MAP, .a = 0, .va = at, .n = 1, .prot = 3 });
    must(s, (struct mm_op){ .kind = MM_UNMAP, .a = 0, .va = at, .n = 1 });
    return 2;
  }
  if (k < 92) {
    must(s, (struct mm_op){ .kind = MM_PROTECT, .a = 0, .va = va / 4096 * 4096, .n = 1, .prot = 1 });
    must(s, (struct mm_op){ .kind = MM_PROTECT, .a = 0, .va = va / 4096 * 4096, .n = 1, .prot = 3 });
    return 2;
  }
  if (k < 96) {
    must(s, (struct mm_op){ .kind = MM_SWAPOUT, .a = 0, .va = va / 4096 * 4096 });
    must(s, (struct mm_op){ .kind = MM_SWAPIN, .a = 0, .va = va / 4096 * 4096 });
    return 2;
  }
  must(s, (struct mm_op){ .kind = MM_FORK, .a = 1, .b = 2 });
  must(s, (struct mm_op){ .kind = MM_STORE, .a = 2, .va = 0x10000 + r / 128 % 16 * 4096, .byte = 3 });
  must(s, (struct mm_op){ .kind = MM_EXIT, .a = 2 });
  return 3;
}

static int by_rate(const void *x, const void *y) { return (*(const double *)x > *(const double *)y) - (*(const double *)x < *(const double *)y); }

int main(int argc, char **argv)
{
  const uint64_t pages = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000;
  const uint64_t operations = argc > 2 ? strtoull(argv[2], NULL, 0) : 2000000;
  const int runs = argc > 3 ? atoi(argv[3]) : 5;
  double rate[64];
  if (pages < 1 || pages > VMREF_RANGE || runs < 1 || runs > 64) {
    fprintf(stderr, "bench_mm: PAGES is 1 to %d, RUNS 1 to 64\n", VMREF_RANGE);
    return 2;
  }
  struct vmref_sys *s = mm_new((struct mm_sizes){ .tables = (uint32_t)(pages / 512 + 40), .frames = (uint32_t)pages + 64,
                                                  .slots = 16, .spaces = 4, .kernel = 4, .text = 1 });
  if (!s) return fprintf(stderr, "bench_mm: out of memory\n"), 5;
  prepare(s, pages);
  for (int i = 0; i < runs; i++) {
    uint64_t done = 0;
    const double began = now();
    while (done < operations) done += some(s, pages);
    rate[i] = (double)done / (now() - began);
  }
  const int broken = vmref_check(s);
  qsort(rate, (size_t)runs, sizeof *rate, by_rate);
  printf("{\"pages\":%llu,\"operations\":%llu,\"per_second\":%.0f,\"worst\":%.0f,\"best\":%.0f,\"failed\":%llu,\"check\":%d}\n",
         (unsigned long long)pages, (unsigned long long)operations, rate[runs / 2], rate[0], rate[runs - 1],
         (unsigned long long)failed, broken);
  mm_free(s);
  return failed || broken;
}
