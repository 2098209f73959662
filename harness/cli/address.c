/* SPDX-License-Identifier: MIT */
/* The parts of a linear address under each paging mode: SDM 3A 4.3 to 4.5. */
#include <inttypes.h>
#include <string.h>
#include "cli.h"

#define PARTS 8
struct part {
  const char *name;
  uint8_t high, low;
  const char *selects; /* the entry that an index selects, and in which table */
};
struct paging {
  const char *mode, *name, *section;
  uint8_t width, entry; /* bits of a linear address; bytes of an entry */
  struct part part[PARTS];
};

static const struct paging PAGING[] = {
  { "none", "no paging", "4.1.1", 32, 0, {
    { "physical address", 31, 0, NULL } } },
  { "32bit", "32-bit paging", "4.3", 32, 4, {
    { "directory index", 31, 22, "PDE at CR3" },
    { "table index", 21, 12, "PTE at page table" },
    { "offset in a 4-KiB page", 11, 0, NULL },
    { "offset in a 4-MiB page", 21, 0, NULL } } },
  { "pae", "PAE paging", "4.4", 32, 8, {
    { "directory-pointer index", 31, 30, "PDPTE register" },
    { "directory index", 29, 21, "PDE at page directory" },
    { "table index", 20, 12, "PTE at page table" },
    { "offset in a 4-KiB page", 11, 0, NULL },
    { "offset in a 2-MiB page", 20, 0, NULL } } },
  { "4level", "4-level paging", "4.5", 48, 8, {
    { "PML4 index", 47, 39, "PML4E at CR3" },
    { "directory-pointer index", 38, 30, "PDPTE at PDPT" },
    { "directory index", 29, 21, "PDE at page directory" },
    { "table index", 20, 12, "PTE at page table" },
    { "offset in a 4-KiB page", 11, 0, NULL },
    { "offset in a 2-MiB page", 20, 0, NULL },
    { "offset in a 1-GiB page", 29, 0, NULL } } },
  { "5level", "5-level paging", "4.5", 57, 8, {
    { "PML5 index", 56, 48, "PML5E at CR3" },
    { "PML4 index", 47, 39, "PML4E at PML4 table" },
    { "directory-pointer index", 38, 30, "PDPTE at PDPT" },
    { "directory index", 29, 21, "PDE at page directory" },
    { "table index", 20, 12, "PTE at page table" },
    { "offset in a 4-KiB page", 11, 0, NULL },
    { "offset in a 2-MiB page", 20, 0, NULL },
    { "offset in a 1-GiB page", 29, 0, NULL } } },
};

static uint64_t cut(uint64_t va, const struct part *p)
{
  return va >> p->low & ((1ull << (p->high - p->low + 1)) - 1);
}

/* Canonical: the bits from the topmost that is translated up are all equal. Any
 * address of 32 bits is. */
static bool canonical(const struct paging *g, uint64_t va)
{
  uint64_t top = va >> (g->width - 1);
  return g->width == 32 || top == 0 || top == UINT64_MAX >> (g->width - 1);
}

static void print_part(const struct paging *g, const struct part *p, uint64_t value)
{
  char bits[8];
  snprintf(bits, sizeof bits, "%u:%u", p->high, p->low);
  printf("  %-5s  %-23s  ", bits, p->name);
  if (!p->selects) printf("0x%" PRIx64, value);
  else {
    printf("0x%-8" PRIx64 "  %3" PRIu64 "  %s", value, value, p->selects);
    if (strstr(p->selects, "register")) printf(" %" PRIu64, value);
    else printf(" + 0x%" PRIx64, value * g->entry);
  }
  putchar('\n');
}

static void print_text(const struct paging *g, uint64_t va)
{
  printf("0x%" PRIx64 ", %s (SDM 3A %s)\n", va, g->name, g->section);
  for (const struct part *p = g->part; p < g->part + PARTS && p->name; p++)
    print_part(g, p, cut(va, p));
  if (g->width == 32) return;
  if (canonical(g, va)) printf("canonical: bits 63:%d are equal\n", g->width - 1);
  else printf("not canonical: bits 63:%d differ, any access is #GP(0), by the stack #SS(0)\n",
              g->width - 1);
}

static void print_json(const struct paging *g, uint64_t va)
{
  printf("{\"va\":\"0x%" PRIx64 "\",\"mode\":\"%s\",\"canonical\":%s,\"parts\":[", va, g->mode,
         canonical(g, va) ? "true" : "false");
  for (const struct part *p = g->part; p < g->part + PARTS && p->name; p++)
    printf("%s{\"name\":\"%s\",\"high\":%u,\"low\":%u,\"value\":%" PRIu64 "}",
           p == g->part ? "" : ",", p->name, p->high, p->low, cut(va, p));
  printf("]}\n");
}

int explain_address(const char *mode, const char *text, bool json)
{
  const struct paging *g = NULL;
  uint64_t va;
  for (size_t i = 0; i < sizeof PAGING / sizeof PAGING[0]; i++)
    if (strcmp(PAGING[i].mode, mode) == 0) g = &PAGING[i];
  if (!g) usage("explain", "unknown mode '%s': none, 32bit, pae, 4level or 5level", mode);
  if (!hex_number(text, &va)) {
    say("%s: a linear address must be 0x and hex digits, below 2^64", text);
    return EXIT_MALFORMED;
  }
  if (g->width == 32 && va > UINT32_MAX) {
    say("%s: with %s a linear address has 32 bits, at most 0xffffffff", text, g->name);
    return EXIT_MALFORMED;
  }
  if (json) print_json(g, va);
  else print_text(g, va);
  return EXIT_ANSWERED;
}
