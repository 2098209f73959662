/* SPDX-License-Identifier: MIT */
/* The map and the findings of vmref audit: words, JSON, a picture, a difference. */
#include <inttypes.h>
#include <string.h>
#include "dump.h"

static void size_text(uint64_t bytes, char text[32])
{
  static const char unit[] = "KMGT";
  unsigned u = 0;
  uint64_t n = bytes / 1024;
  while (n >= 1024 && n % 1024 == 0 && u < 3) n /= 1024, u++;
  snprintf(text, 32, "%" PRIu64 "%c", n, unit[u]);
}

static void print_range(const struct range *r, bool json)
{
  char rights[6], size[32], page[32];
  if (json) {
    printf("{\"range\":{\"va\":\"0x%" PRIx64 "\",\"pa\":\"0x%" PRIx64 "\",\"size\":\"0x%" PRIx64 "\",\"page_size\":%" PRIu64 ",\"rights\":\"%s\"}}\n", r->va, r->pa, r->size,
           r->page, rights_text(r->rights, rights));
    return;
  }
  size_text(r->size, size);
  size_text(r->page, page);
  printf("%016" PRIx64 "-%016" PRIx64 "  %8s  %s  %4s pages at 0x%" PRIx64 "\n", r->va, r->va + (r->size - 1), size, rights_text(r->rights, rights), page, r->pa);
}

static void print_finding(const struct finding *f, bool json)
{
  char a[6], b[6];
  const bool alias = f->kind == FIND_ALIAS, with_other = alias || f->kind == FIND_TABLE_TWICE || f->kind == FIND_RESERVED;
  rights_text(f->rights, a);
  rights_text(f->other_rights, b);
  if (json) {
    printf("{\"finding\":\"%s\",\"va\":\"0x%" PRIx64 "\",\"pa\":\"0x%" PRIx64 "\",\"count\":%" PRIu64, FINDING_NAMES[f->kind], f->va, f->pa, f->count);
    if (with_other) printf(",\"%s\":\"0x%" PRIx64 "\"", f->kind == FIND_RESERVED ? "entry" : "other_va", f->other);
    if (f->rights) printf(",\"rights\":\"%s\"", a);
    if (alias) printf(",\"other_rights\":\"%s\"", b);
    puts("}");
    return;
  }
  printf("  0x%016" PRIx64 " at 0x%" PRIx64, f->va, f->pa);
  if (f->kind == FIND_RESERVED) printf(": 0x%" PRIx64, f->other);
  if (f->kind == FIND_TABLE_TWICE) printf(", also for 0x%016" PRIx64, f->other);
  if (f->kind == FIND_TABLE_USER || f->kind == FIND_TABLE_WRITABLE) printf(", %" PRIu64 " tables, %s", f->count, a);
  else if (f->rights) printf(", %" PRIu64 " pages, %s", f->count, a);
  if (alias) printf("; as %s at 0x%016" PRIx64, b, f->other);
  putchar('\n');
}

static void print_findings(const struct audit *a, bool json, size_t shown)
{
  for (int k = 0; k < FINDINGS; k++) {
    size_t n = 0;
    for (size_t i = 0; i < a->findings; i++) n += a->finding[i].kind == (enum finding_kind)k;
    if (n == 0) continue;
    if (!json) printf("\n%s: %zu, %s\n", FINDING_NAMES[k], n, FINDING_TEXTS[k]);
    size_t told = 0;
    for (size_t i = 0; i < a->findings && told < shown; i++)
      if (a->finding[i].kind == (enum finding_kind)k) print_finding(&a->finding[i], json), told++;
    if (told < n && !json) printf("  and %zu more\n", n - told);
  }
}

void audit_print(const struct audit *a, const struct vmref_cpu *cpu, bool json, size_t shown)
{
  if (!json) printf("%s paging, CR3 0x%" PRIx64 "\n\n", mode_name(cpu->mode), cpu->cr3);
  for (size_t i = 0; i < a->ranges && (json || i < shown); i++) print_range(&a->range[i], json);
  if (!json && a->ranges > shown) printf("and %zu more ranges (--json has all)\n", a->ranges - shown);
  print_findings(a, json, json ? a->findings : shown);
  if (json) {
    printf("{\"mode\":\"%s\",\"cr3\":\"0x%" PRIx64 "\",\"ranges\":%zu,\"tables\":%zu,\"pages_4k\":%" PRIu64 ",\"pages_large\":%" PRIu64 ",\"pages_1g\":%" PRIu64
           ",\"findings\":%zu,\"whole\":%s}\n", MODES[cpu->mode], cpu->cr3, a->ranges, a->tables, a->pages[1], a->pages[2], a->pages[3], a->findings, a->limit ? "false" : "true");
    return;
  }
  printf("\n%zu ranges; pages: %" PRIu64 " of 4 KiB, %" PRIu64 " of 2 or 4 MiB, %" PRIu64 " of 1 GiB; %zu tables; %zu findings\n", a->ranges, a->pages[1], a->pages[2],
         a->pages[3], a->tables, a->findings);
}

/* ---- a picture ------------------------------------------------------------------------- */

#define ROWS 400u

static const char *colour(uint8_t rights)
{
  if ((rights & RIGHT_W) && (rights & RIGHT_X)) return "#d62728";
  if (rights & RIGHT_U) return rights & RIGHT_W ? "#2ca02c" : "#98df8a";
  return rights & RIGHT_X ? "#ff7f0e" : rights & RIGHT_W ? "#1f77b4" : "#aec7e8";
}

bool audit_svg(const struct audit *a, const char *path, const char *title)
{
  FILE *f = fopen(path, "w");
  const size_t rows = a->ranges < ROWS ? a->ranges : ROWS;
  char rights[6], size[32];
  if (!f) return false;
  fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"%zu\" font-family=\"monospace\" font-size=\"11\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
          60 + 14 * rows);
  fputs("<text x=\"10\" y=\"18\">", f);
  for (const char *p = title; *p; p++) {
    if (*p == '<' || *p == '&' || *p == '>') fprintf(f, "&#%d;", *p);
    else fputc(' ' <= *p && *p < 127 ? *p : '?', f);
  }
  fprintf(f, ": %zu ranges%s</text>\n<text x=\"10\" y=\"34\" fill=\"#555\">bar: the size, doubled at each step; red writable and executable, green a user's, orange executable, blue writable</text>\n",
          a->ranges, a->ranges > ROWS ? ", the first 400 are drawn" : "");
  for (size_t i = 0; i < rows; i++) {
    const struct range *r = &a->range[i];
    unsigned log = 0;
    while (log < 52 && r->size >> 12 >> log) log++;
    size_text(r->size, size);
    fprintf(f, "<text x=\"10\" y=\"%zu\">%016" PRIx64 " %s %s</text><rect x=\"260\" y=\"%zu\" width=\"%u\" height=\"11\" fill=\"%s\"/>\n", 54 + 14 * i, r->va,
            rights_text(r->rights, rights), size, 45 + 14 * i, 12 * log, colour(r->rights));
  }
  fputs("</svg>\n", f);
  const bool full = ferror(f);
  return fclose(f) == 0 && !full;
}

/* ---- a difference ------------------------------------------------------------------------- */

static void print_piece(const struct range *a, const struct range *b, uint64_t va, uint64_t size, bool json)
{
  char x[6] = "-----", y[6] = "-----";
  if (a) rights_text(a->rights, x);
  if (b) rights_text(b->rights, y);
  const uint64_t pa = a ? a->pa + (va - a->va) : 0, pb = b ? b->pa + (va - b->va) : 0;
  if (json) {
    printf("{\"va\":\"0x%" PRIx64 "\",\"size\":\"0x%" PRIx64 "\",\"before\":", va, size);
    if (a) printf("{\"pa\":\"0x%" PRIx64 "\",\"rights\":\"%s\"}", pa, x);
    else fputs("null", stdout);
    fputs(",\"after\":", stdout);
    if (b) printf("{\"pa\":\"0x%" PRIx64 "\",\"rights\":\"%s\"}", pb, y);
    else fputs("null", stdout);
    puts("}");
    return;
  }
  printf("%c %016" PRIx64 "-%016" PRIx64 "  %s 0x%" PRIx64 "  ->  %s 0x%" PRIx64 "\n", !a ? '+' : !b ? '-' : '!', va, va + (size - 1), x, pa, y, pb);
}

/* From va on, both lists in step: the piece up to where one of them begins or ends. Addresses are taken in the
 * order of the ranges, as the tables have them. */
size_t audit_diff(const struct audit *a, const struct audit *b, bool json, size_t shown)
{
  size_t i = 0, k = 0, pieces = 0;
  uint64_t at = 0;
  while (i < a->ranges || k < b->ranges) {
    const struct range *x = i < a->ranges ? &a->range[i] : NULL, *y = k < b->ranges ? &b->range[k] : NULL;
    const uint64_t xs = x ? (x->va > at ? x->va : at) : UINT64_MAX, ys = y ? (y->va > at ? y->va : at) : UINT64_MAX, start = xs < ys ? xs : ys;
    const bool in_x = x && xs == start, in_y = y && ys == start;
    uint64_t last = UINT64_MAX; /* of the piece */
    if (x && (in_x ? x->va + (x->size - 1) : x->va - 1) < last) last = in_x ? x->va + (x->size - 1) : x->va - 1;
    if (y && (in_y ? y->va + (y->size - 1) : y->va - 1) < last) last = in_y ? y->va + (y->size - 1) : y->va - 1;
    if (!in_x || !in_y || x->pa + (start - x->va) != y->pa + (start - y->va) || x->rights != y->rights) {
      if (pieces++ < shown) print_piece(in_x ? x : NULL, in_y ? y : NULL, start, last - start + 1, json);
    }
    if (in_x && last == x->va + (x->size - 1)) i++;
    if (in_y && last == y->va + (y->size - 1)) k++;
    at = last + 1;
    if (at == 0) break;
  }
  return pieces;
}
