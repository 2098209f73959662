/* SPDX-License-Identifier: MIT */
/* What the kernel has allocated, for `kmem` of `vmref run`: read from the allocators' own lists and pages. */
#include <inttypes.h>
#include "run.h"

/* The frames of the free blocks of 2^i frames, in the order of their list. */
static uint32_t listed(const struct vmref_buddy *b, unsigned i, uint32_t k)
{
  const uint32_t first = 1u << (b->order - i);
  return (b->list[first + k] - first) << i;
}
static uint32_t blocks(const struct vmref_buddy *b, unsigned i) { return (uint32_t)b->free[b->order - i]; }

struct numbers { uint32_t free, largest, index; }; /* index: how many of 1000 are not in a block of the largest size, rounded up */
static struct numbers numbers(const struct vmref_buddy *b)
{
  struct numbers x = { 0 };
  for (unsigned i = 0; i <= b->order; i++) {
    x.free += blocks(b, i) << i;
    if (blocks(b, i)) x.largest = 1u << i;
  }
  if (x.free) x.index = (1000 * (x.free - x.largest) + x.free - 1) / x.free;
  return x;
}

/* Pages and objects of a size. */
struct slabs { unsigned pages, objects; };
static struct slabs slabs(const struct vmref_slab *k, unsigned unit)
{
  struct slabs x = { 0 };
  for (uint32_t f = 0; f < 1u << k->buddy.order; f++) {
    if (k->unit[f] != unit) continue;
    x.pages++;
    for (int j = 0; j < 64; j++) x.objects += k->head[64 * f + (uint32_t)j] == j + 1;
  }
  return x;
}

/* The area from page i on: its first page, 512: none; how many. */
struct area { uint32_t first, pages; };
static struct area area(const struct vmref_sys *s, uint32_t i)
{
  const uint64_t *row = s->tab + 512 * (uint64_t)vmref_kernel_table(s);
  struct area x = { i < s->kernel ? s->kernel : i, 0 };
  while (x.first < 512 && row[x.first] == 0) x.first++;
  while (x.first + x.pages < 512 && row[x.first + x.pages] != 0) x.pages++;
  return x;
}
static uint64_t address(struct area x) { return KMEM_BASE + 4096 * (uint64_t)x.first; }

/* A frame as a letter: free, a page of small objects, of an area of vmalloc, of a block of kmalloc. */
static int letter(const struct kmem *k, const struct vmref_sys *s, uint32_t f)
{
  const struct vmref_buddy *b = &k->slab->buddy;
  const uint64_t *row = s->tab + 512 * (uint64_t)vmref_kernel_table(s), pfn = (uint64_t)s->tables + s->frames + s->text + f;
  if (b->node[vmref_buddy_of(b, f)] == VMREF_BUDDY_FREE) return '.';
  if (k->slab->unit[f]) return 's';
  for (uint32_t i = s->kernel; i < 512; i++)
    if (row[i] && vmref_pfn(row[i]) == pfn) return 'v';
  return 'B';
}

void kmem_print(FILE *f, const struct kmem *k, const struct vmref_sys *s)
{
  const struct vmref_buddy *b = &k->slab->buddy;
  const struct numbers x = numbers(b);
  fprintf(f, "%" PRIu32 " of %u frames free, the largest block %" PRIu32 ", index %" PRIu32 "; ", x.free, 1u << b->order, x.largest, x.index);
  for (uint32_t n = 0; n < 1u << b->order; n++) fputc(letter(k, s, n), f);
  for (unsigned i = 0; i <= b->order; i++)
    for (uint32_t n = 0; n < blocks(b, i); n++) {
      if (n == 0) fprintf(f, "; free by %u:", 1u << i);
      fprintf(f, " %" PRIu32, listed(b, i, n));
    }
  for (unsigned u = 1; u <= 32; u *= 2) {
    const struct slabs y = slabs(k->slab, u);
    if (y.pages) fprintf(f, "; %u of %u bytes in %u page%s", y.objects, 64 * u, y.pages, y.pages == 1 ? "" : "s");
  }
  for (struct area y = area(s, 0); y.pages; y = area(s, y.first + y.pages))
    fprintf(f, "; area 0x%" PRIx64 " of %" PRIu32 " page%s", address(y), y.pages, y.pages == 1 ? "" : "s");
}

void kmem_print_json(FILE *f, const struct kmem *k, const struct vmref_sys *s)
{
  const struct vmref_buddy *b = &k->slab->buddy;
  const struct numbers x = numbers(b);
  const char *between = "";
  fprintf(f, ",\"frames\":%u,\"free\":%" PRIu32 ",\"largest\":%" PRIu32 ",\"index\":%" PRIu32 ",\"map\":\"", 1u << b->order, x.free, x.largest, x.index);
  for (uint32_t n = 0; n < 1u << b->order; n++) fputc(letter(k, s, n), f);
  fputs("\",\"lists\":[", f);
  for (unsigned i = 0; i <= b->order; i++) {
    fprintf(f, "%s[", i ? "," : "");
    for (uint32_t n = 0; n < blocks(b, i); n++) fprintf(f, "%s%" PRIu32, n ? "," : "", listed(b, i, n));
    fputc(']', f);
  }
  fputs("],\"slabs\":[", f);
  for (unsigned u = 1; u <= 32; u *= 2) {
    const struct slabs y = slabs(k->slab, u);
    if (y.pages == 0) continue;
    fprintf(f, "%s{\"size\":%u,\"pages\":%u,\"objects\":%u}", between, 64 * u, y.pages, y.objects);
    between = ",";
  }
  fputs("],\"areas\":[", f);
  between = "";
  for (struct area y = area(s, 0); y.pages; y = area(s, y.first + y.pages), between = ",")
    fprintf(f, "%s{\"address\":\"0x%" PRIx64 "\",\"pages\":%" PRIu32 "}", between, address(y), y.pages);
  fputc(']', f);
}
