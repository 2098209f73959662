/* SPDX-License-Identifier: MIT */
/* Translate an address over memory that only a callback can read:
 *     cc translate.c $(pkg-config --cflags --libs vmref) && ./a.out */
#include <inttypes.h>
#include <stdio.h>
#include <vmref.h>

/* Yours to replace: the 8 bytes at a physical address of a machine, a dump, ... */
static uint64_t read_word(void *machine, uint64_t pa)
{
  const uint64_t *tables = machine; /* four pages from 0x1000 */
  return pa >= 0x1000 && pa < 0x5000 ? tables[(pa - 0x1000) / 8] : 0;
}

static void translate(void *machine, uint64_t va, uint8_t kind)
{
  struct vmref_cpu cpu = VMREF_CPU_DEFAULT; /* root table at 0x1000 */
  struct vmref_access access = { .va = va, .kind = kind, .size = 8, .cpl = 3 };
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access);
  while (w.level != 0) vmref_walk_step(&w, read_word(machine, w.address[w.level]));

  if (w.status != VMREF_OK) printf("0x%" PRIx64 " is no question: %d\n", va, w.status);
  else if (w.vector != VMREF_VECTOR_NONE)
    printf("0x%" PRIx64 " -> vector %u, error code 0x%" PRIx32 "\n", va, w.vector, w.error);
  else printf("0x%" PRIx64 " -> 0x%" PRIx64 "\n", va, w.pa);
}

int main(void)
{
  static uint64_t tables[4 * 512];
  tables[0] = 0x2007;             /* PML4E: present, writable, user */
  tables[512] = 0x3007;           /* PDPTE */
  tables[1024] = 0x4007;          /* PDE */
  tables[1536 + 5] = 0x12345005;  /* PTE of 0x5000: read-only */
  translate(tables, 0x5678, VMREF_READ);
  translate(tables, 0x5678, VMREF_WRITE);
  translate(tables, 0x6000, VMREF_FETCH);
  return 0;
}
