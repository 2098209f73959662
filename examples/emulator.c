/* SPDX-License-Identifier: MIT */
/* Author of an emulator: hold every TLB fill of yours against the reference.
 *     cc emulator.c $(pkg-config --cflags --libs vmref) && ./a.out; ./a.out bug */
#include <inttypes.h>
#include <stdio.h>
#include <vmref.h>

static uint64_t ram[5 * 512]; /* guest memory; tables from 0x1000 */
static int bug;

/* Your MMU: 4-level paging, 4-KiB pages, user accesses. With `bug` it looks at R/W in the PTE alone. */
static struct vmref_observed my_fill(uint64_t va, int write)
{
  uint64_t table = 0x1000, e = 0, rights = 7;
  for (int shift = 39; shift >= 12; shift -= 9) {
    e = ram[table / 8 + (va >> shift) % 512];
    uint32_t access = 4u | (uint32_t)write << 1;
    if (!(e & 1)) return (struct vmref_observed){ .vector = VMREF_VECTOR_PF, .error = access, .cr2 = va };
    rights &= bug && shift > 12 ? ~0ull : e;
    if (shift == 12 && (!(rights & 4) || (write && !(rights & 2))))
      return (struct vmref_observed){ .vector = VMREF_VECTOR_PF, .error = access | 1, .cr2 = va };
    table = e & 0xffffffffff000;
  }
  return (struct vmref_observed){ .pa = table + va % 4096 };
}

/* The hook at the end of your fill. 0: permitted, else it says why not. */
static int compare(uint64_t va, int write, struct vmref_observed seen)
{
  static struct vmref_tlb tlb; /* nothing cached: the tables must explain it */
  struct vmref_cpu cpu = VMREF_CPU_DEFAULT;
  struct vmref_access a = { .va = va, .kind = write ? VMREF_WRITE : VMREF_READ, .size = 1, .cpl = 3 };
  struct vmref_verdict v = vmref_allows(cpu, &tlb, ram, sizeof ram / 8, a, &seen);
  if (v.status == VMREF_OK && v.allowed) return 0;
  struct vmref_walk w = vmref_walk(ram, sizeof ram / 8, cpu, a);
  printf("%s 0x%" PRIx64 ": vector %u, error 0x%" PRIx32 ", pa 0x%" PRIx64 "\n  but vector %u, error 0x%" PRIx32
         ", pa 0x%" PRIx64 " by %s: %s\n", write ? "write" : "read", va, seen.vector, seen.error, seen.pa, w.vector,
         w.error, w.pa, vmref_rule_of(w.rule)->id, vmref_rule_of(w.rule)->text);
  return 1;
}

int main(int argc, char **argv)
{
  int wrong = 0, fills = 0;
  (void)argv;
  bug = argc > 1;
  ram[0x1000 / 8] = 0x2007, ram[0x2000 / 8] = 0x3007;
  ram[0x3000 / 8] = 0x4005; /* the PDE is read-only */
  for (uint64_t i = 0; i < 6; i++) ram[0x4000 / 8 + i] = 0x9000 + 0x1000 * i + (i == 4 ? 3 : i == 5 ? 0 : 7);
  for (uint64_t va = 0; va < 0x6000; va += 0x1000)
    for (int write = 0; write <= 1; write++, fills++) wrong += compare(va + 0x123, write, my_fill(va + 0x123, write));
  printf("%d fills, %d wrong\n", fills, wrong);
  return wrong != 0;
}
