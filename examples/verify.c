/* SPDX-License-Identifier: MIT */
/* Verification of a CPU: generate walks, drive the design with them, check what it gives.
 *     cc verify.c $(pkg-config --cflags --libs vmref) && ./a.out; ./a.out bug */
#include <inttypes.h>
#include <stdio.h>
#include <vmref.h>

static uint64_t seed = 1;
static uint64_t dice(void) /* xorshift: the same walks in every run */
{
  seed ^= seed << 13, seed ^= seed >> 7;
  return seed ^= seed << 17;
}

/* What the bench drives: `entry` by level for an access of `cpu`. Here the design under test is the
 * model, and with `bug` it forgets SMAP. Yours is a simulation of RTL. */
static struct vmref_walk design(struct vmref_cpu cpu, struct vmref_access a, const uint64_t *entry, int bug)
{
  struct vmref_walk w;
  if (bug) cpu.smap = 0;
  vmref_walk_start(&w, cpu, a);
  while (w.level != 0) vmref_walk_step(&w, entry[w.level]);
  return w;
}

int main(int argc, char **argv)
{
  enum { WALKS = 100000 };
  unsigned rules[256] = { 0 }, wrong = 0, reached = 0;
  (void)argv;
  for (int i = 0; i < WALKS; i++) {
    struct vmref_cpu cpu = VMREF_CPU_DEFAULT;
    uint64_t r = dice(), entry[6], tables[3] = { 0x2007, 0x3007, 0x4007 };
    cpu.wp = r & 1, cpu.smep = r >> 1 & 1, cpu.smap = r >> 2 & 1, cpu.nxe = r >> 3 & 1, cpu.pke = r >> 4 & 1;
    cpu.pkru = (uint32_t)dice(), cpu.page1gb = r >> 5 & 1;
    struct vmref_access a = { .va = dice() >> 17, .kind = r >> 6 & 3, .size = 1, .cpl = r >> 8 & 3, .ac = r >> 10 & 1 };
    for (int level = 4; level >= 1; level--) /* entries that lead on, one bit of each spoiled or none */
      entry[level] = (level > 1 ? tables[4 - level] : 0x5007) ^ (r >> (10 + level) & 1 ? 1ull << dice() % 64 : 0);
    struct vmref_walk seen = design(cpu, a, entry, argc > 1), w;
    vmref_walk_start(&w, cpu, a);
    while (w.level != 0) vmref_walk_step(&w, entry[w.level]);
    rules[w.rule]++;
    if (w.vector == seen.vector && w.error == seen.error && w.cr2 == seen.cr2 && w.pa == seen.pa) continue;
    if (wrong++ == 0)
      printf("walk %d, va 0x%" PRIx64 ": vector %u, error 0x%" PRIx32 "; right is vector %u, error 0x%" PRIx32 " by %s\n",
             i, a.va, seen.vector, seen.error, w.vector, w.error, vmref_rule_of(w.rule)->id);
  }
  for (int i = 0; i < 256; i++) reached += rules[i] != 0;
  printf("%d walks, %u rules reached, %u wrong\n", WALKS, reached, wrong);
  return wrong != 0;
}
