/* SPDX-License-Identifier: MIT */
/* vmref footprint: the memory that page tables take. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "footprint.h"

const char FOOTPRINT_HELP[] =
"Usage: vmref footprint [--json] [--mode MODE] [--pages SIZE] RANGE...\n"
"Print how much memory page tables take that map the ranges: one table with an entry\n"
"for every page of the address space, beside the tables of each paging mode, which\n"
"exist only above pages that are mapped.\n"
"\n"
"  RANGE        START-END (END is the first byte behind), START+SIZE, or a SIZE from 0;\n"
"               numbers are hex (0x...) or decimal with K, M, G, T or P behind;\n"
"               ranges that overlap count once\n"
"  -m, --mode MODE    one mode alone: 32bit, pae, 4level or 5level\n"
"  -p, --pages SIZE   pages of 4K (default), 2M, 4M (32bit only) or 1G\n"
"      --json   a JSON object for each mode, on a line\n"
"  -h, --help   print this and exit\n"
"\n"
"Exit: 0 answered, 3 a range is malformed or no mode has such addresses or pages, 2 usage.\n"
"\n"
"  vmref footprint 0x8048000+16M 0xbf000000-0xc0000000\n";

/* ---- ranges -------------------------------------------------------------- */

/* "0x" and hex digits, or decimal digits and a unit; *end is set behind it. */
static bool number(const char *text, char **end, uint64_t *n)
{
  static const char unit[] = "KMGTP";
  bool hex = strncmp(text, "0x", 2) == 0;
  const char *digits = hex ? text + 2 : text;
  size_t count = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
  if (count == 0 || count > (hex ? 16 : 19)) return false;
  *n = strtoull(text, end, hex ? 16 : 10);
  const char *u = **end ? strchr(unit, **end) : NULL;
  if (hex || !u) return true;
  int shift = 10 * (int)(u - unit + 1);
  if (*n > UINT64_MAX >> shift) return false;
  *n <<= shift;
  ++*end;
  return true;
}

static bool range(const char *text, struct vmref_range *r)
{
  char *end;
  uint64_t start, n;
  if (!number(text, &end, &start)) return false;
  if (*end == 0) {
    *r = (struct vmref_range){ 0, start - 1 };
    return start != 0;
  }
  char sign = *end;
  if ((sign != '-' && sign != '+') || !number(end + 1, &end, &n) || *end) return false;
  r->first = start;
  r->last = sign == '-' ? n - 1 : start + n - 1;
  return n != 0 && r->last >= start;
}

static int by_first(const void *a, const void *b)
{
  const struct vmref_range *x = a, *y = b;
  return x->first < y->first ? -1 : x->first > y->first;
}

/* In order, those that overlap made one; returns how many remain. */
static size_t merge(struct vmref_range *r, size_t n)
{
  size_t k = 0;
  qsort(r, n, sizeof *r, by_first);
  for (size_t i = 1; i < n; i++) {
    if (r[i].first > r[k].last) r[++k] = r[i];
    else if (r[i].last > r[k].last) r[k].last = r[i].last;
  }
  return k + 1;
}

/* ---- the report ------------------------------------------------------------ */

static const struct { const char *name; uint64_t bytes; } PAGES[] = {
  { "4K", 0x1000 }, { "2M", 0x200000 }, { "4M", 0x400000 }, { "1G", 0x40000000 } };

/* The level whose entries map pages of a size; 0: the mode has none. */
static uint8_t level_of(uint8_t mode, uint64_t bytes)
{
  for (uint8_t level = 1; level <= 3; level++)
    if (level <= (vmref_long_mode(mode) ? 3 : 2) && vmref_page_size(mode, level) == bytes) return level;
  return 0;
}

static const char *const TABLES[6] = { "", "PT", "PD", "PDPT", "PML4", "PML5" };

/* "24 KiB", "1.5 MiB": at most one digit behind the point. */
static const char *human(uint64_t bytes, char text[32])
{
  static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
  int u = 0;
  uint64_t one = 1;
  while (u < 5 && bytes / one >= 1024) one *= 1024, u++;
  uint64_t tenths = bytes % one * 10 / one;
  if (tenths) snprintf(text, 32, "%" PRIu64 ".%" PRIu64 " %s", bytes / one, tenths, unit[u]);
  else snprintf(text, 32, "%" PRIu64 " %s", bytes / one, unit[u]);
  return text;
}

static void print_json(uint8_t mode, uint64_t page, const struct vmref_footprint *f)
{
  printf("{\"mode\":\"%s\",\"page_size\":%" PRIu64, MODES[mode], page);
  if (!f) {
    puts(",\"fits\":false}");
    return;
  }
  printf(",\"fits\":true,\"pages\":%" PRIu64 ",\"one_level\":%" PRIu64 ",\"multi_level\":%" PRIu64
         ",\"tables\":{", f->pages, f->flat, f->bytes);
  for (uint8_t level = vmref_root_level(mode); level >= 1; level--)
    printf("\"%s\":%" PRIu64 "%s", TABLES[level], f->tables[level], level > 1 ? "," : "}}\n");
}

static void print_row(uint8_t mode, const struct vmref_footprint *f)
{
  char flat[32], bytes[32];
  printf("%-8s", mode_name(mode));
  if (!f) {
    puts(" has no such addresses or pages");
    return;
  }
  printf("%15" PRIu64 "  %15" PRIu64 "  %15" PRIu64, f->pages, f->flat, f->bytes);
  for (uint8_t level = 5; level >= 1; level--)
    if (level > vmref_root_level(mode)) printf("%9s", "-");
    else printf("%9" PRIu64, f->tables[level]);
  printf("  %s against %s\n", human(f->bytes, bytes), human(f->flat, flat));
}

/* Of one mode; false: it has no such addresses or pages. */
static bool report(uint8_t mode, uint64_t page, const struct vmref_range *r, size_t n, bool json)
{
  uint8_t level = level_of(mode, page);
  struct vmref_footprint f = { .status = VMREF_EINVAL };
  if (level) f = vmref_footprint(mode, level, r, n);
  bool fits = f.status == VMREF_OK;
  if (json) print_json(mode, page, fits ? &f : NULL);
  else print_row(mode, fits ? &f : NULL);
  return fits;
}

static int report_all(int only, uint64_t page, const struct vmref_range *r, size_t n, bool json)
{
  bool any = false;
  if (!json) printf("%-8s%15s  %15s  %15s%9s%9s%9s%9s%9s\n", "mode", "pages", "one level", "multi-level",
                    TABLES[5], TABLES[4], TABLES[3], TABLES[2], TABLES[1]);
  for (uint8_t mode = VMREF_MODE_32BIT; mode <= VMREF_MODE_5LEVEL; mode++)
    if (only < 0 || only == mode) any |= report(mode, page, r, n, json);
  if (any) return EXIT_ANSWERED;
  flush_output();
  say("no mode asked about has such addresses or pages");
  return EXIT_MALFORMED;
}

/* ---- the command ------------------------------------------------------------ */

static int mode_of(const char *text)
{
  for (int i = VMREF_MODE_32BIT; MODES[i]; i++)
    if (strcmp(MODES[i], text) == 0) return i;
  usage("footprint", "unknown mode '%s': 32bit, pae, 4level or 5level", text);
}

static uint64_t pages_of(const char *text)
{
  for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++)
    if (strcasecmp(PAGES[i].name, text) == 0) return PAGES[i].bytes;
  usage("footprint", "unknown page size '%s': 4K, 2M, 4M or 1G", text);
}

int footprint_command(int argc, char **argv)
{
  static const struct option options[] = {
    { "json", no_argument, NULL, 'j' }, { "mode", required_argument, NULL, 'm' },
    { "pages", required_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int option, mode = -1;
  uint64_t page = 0x1000;
  bool json = false;
  while ((option = getopt_long(argc, argv, "m:p:h", options, NULL)) != -1) {
    switch (option) {
    case 'j': json = true; break;
    case 'm': mode = mode_of(optarg); break;
    case 'p': page = pages_of(optarg); break;
    case 'h': return fputs(FOOTPRINT_HELP, stdout), EXIT_ANSWERED;
    default: usage("footprint", NULL);
    }
  }
  if (optind == argc) usage("footprint", "a RANGE is missing");
  size_t n = (size_t)(argc - optind);
  struct vmref_range ranges[n];
  for (size_t i = 0; i < n; i++)
    if (!range(argv[optind + (int)i], &ranges[i])) {
      say("%s: not a range; one is START-END, START+SIZE or SIZE, not empty, below 2^64",
          argv[optind + (int)i]);
      return EXIT_MALFORMED;
    }
  return report_all(mode, page, ranges, merge(ranges, n), json);
}
