/* SPDX-License-Identifier: MIT */
/* Pages of 2 MiB and 1 GiB, and devices, for `vmref run`: its operations among others, and what `huge` prints. */
#include <inttypes.h>
#include <stdlib.h>
#include "run.h"

bool huge_possible(const struct script *t, const char *file, bool policy)
{
  if (!t->huge || (!t->processors && !policy)) return true;
  if (t->processors) say("%s: a script with merge, split, device or huge has no processors: their TLBs know pages of 4 KiB", file);
  else say("%s: a script with merge, split, device or huge takes no --policy: no policy sees the use of a page of 2 MiB", file);
  return false;
}

struct mm_outcome huge_do(const struct vmref_sys *s, uint16_t *over, const struct script_line *l)
{
  const bool several = l->op.kind == MM_FILE || (l->op.kind == MM_MAP_FILE && l->grow); /* operations */
  if (!several) return mm_do_huge(s, over, &l->op);
  if (mm_covered(s, over, &l->op)) return (struct mm_outcome){ .status = VMREF_EINVAL };
  vmref_huge_fold(s, over);
  const struct mm_outcome r = script_do(s, NULL, NULL, l);
  vmref_huge_settle(s, over);
  return r;
}

/* A page by its word, or 4-KiB pages of a device in a row. */
struct item { uint32_t space; uint8_t level; uint64_t va, word, pages; };

/* The address of entry i of table t, read from its way to the root. */
static uint64_t address(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint64_t va = 0, n = 512 * (uint64_t)t + i;
  for (int level = s->level[t]; level <= 4; level++) {
    va += n % 512 << (12 + 9 * (level - 1));
    if (level < 4) n = (uint64_t)s->parent[n / 512];
  }
  return va;
}

static int order(const void *x, const void *y)
{
  const struct item *a = x, *b = y;
  if (a->space != b->space) return a->space > b->space ? 1 : -1;
  return a->va > b->va ? 1 : -1;
}

/* All of them by space and address; NULL: out of memory. */
static struct item *items(const struct vmref_sys *s, const uint16_t *over, size_t *n)
{
  struct item *x = calloc(512 * (size_t)s->tables, sizeof *x);
  size_t all = 0;
  *n = 0;
  if (!x) return NULL;
  for (uint32_t t = 0; t < s->tables; t++)
    for (uint32_t i = 0; i < 512; i++)
      if (vmref_over(over, t, i)) x[all++] = (struct item){ (uint32_t)s->owner[t], (uint8_t)s->level[t], address(s, t, i), vmref_over(over, t, i), 1 };
  qsort(x, all, sizeof *x, order);
  for (size_t i = 0; i < all; i++) {
    struct item *last = *n ? &x[*n - 1] : NULL;
    const bool goes_on = last && x[i].level == 1 && last->level == 1 && last->space == x[i].space
      && x[i].va == last->va + 4096 * last->pages && x[i].word == last->word + 4096 * last->pages;
    if (goes_on) last->pages++;
    else x[(*n)++] = x[i];
  }
  return x;
}

static bool is_device(const struct vmref_sys *s, const struct item *x) { return vmref_pfn(x->word) >= (uint64_t)s->tables + s->frames + s->kernel; }

static void rights(FILE *f, uint8_t prot)
{
  fprintf(f, "%s%s%s", prot & VMREF_PROT_R ? "r" : "", prot & VMREF_PROT_W ? "w" : "", prot & VMREF_PROT_X ? "x" : "");
}

void huge_print(FILE *f, const struct script *t, const struct vmref_sys *s, const uint16_t *over)
{
  size_t n;
  struct item *x = items(s, over, &n);
  if (n == 0) fputs("all pages are of 4 KiB, and none is a device's", f);
  for (size_t i = 0; i < n; i++) {
    const uint64_t e = x[i].word, pfn = vmref_pfn(e);
    fprintf(f, "%s%s 0x%" PRIx64 " %s", i ? "; " : "", t->name[x[i].space], x[i].va, script_device[3 + x[i].level]);
    if (x[i].pages > 1) fprintf(f, " %" PRIu64 " times", x[i].pages);
    fprintf(f, is_device(s, &x[i]) ? " device 0x%" PRIx64 " " : " frame %" PRIu64 " ", is_device(s, &x[i]) ? pfn : pfn - s->tables);
    rights(f, vmref_leaf_prot(e));
    if (is_device(s, &x[i])) fprintf(f, " %s", script_device[e >> 3 & 3]);
    else if (vmref_leaf_prot(e) & VMREF_PROT_W && !vmref_rw(e)) fputs(" read-only for now", f);
    fprintf(f, "%s%s", e & 0x20 ? " accessed" : "", e & 0x40 ? " dirty" : "");
  }
  free(x);
}

void huge_print_json(FILE *f, const struct script *t, const struct vmref_sys *s, const uint16_t *over)
{
  size_t n;
  struct item *x = items(s, over, &n);
  fputs(",\"huge\":[", f);
  for (size_t i = 0; i < n; i++) {
    const uint64_t e = x[i].word, pfn = vmref_pfn(e);
    fprintf(f, "%s{\"space\":\"%s\",\"page\":\"0x%" PRIx64 "\",\"size\":\"%s\",\"pages\":%" PRIu64, i ? "," : "", t->name[x[i].space], x[i].va,
            script_device[3 + x[i].level], x[i].pages);
    if (is_device(s, &x[i])) fprintf(f, ",\"device\":\"0x%" PRIx64 "\",\"cache\":\"%s\"", pfn, script_device[e >> 3 & 3]);
    else fprintf(f, ",\"frame\":%" PRIu64, pfn - s->tables);
    fputs(",\"rights\":\"", f);
    rights(f, vmref_leaf_prot(e));
    fprintf(f, "\",\"write\":%s,\"accessed\":%s,\"dirty\":%s}", boolean(vmref_rw(e)), boolean(e & 0x20), boolean(e & 0x40));
  }
  fputc(']', f);
  free(x);
}
