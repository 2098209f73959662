/* SPDX-License-Identifier: MIT */
/* What the tables of a dump map. The tables are enumerated here; what each page is, the proved walker says. */
#include <stdlib.h>
#include <string.h>
#include "dump.h"

const char *const FINDING_NAMES[FINDINGS] = { "writable-executable", "kernel-user", "table-writable-user", "table-writable", "alias", "reserved", "table-twice", "missing" };
const char *const FINDING_TEXTS[FINDINGS] = {
  "writable and executable", "the kernel's half, reachable by users", "page tables, writable by users", "page tables, mapped writable for the supervisor",
  "mapped twice with other rights", "an entry with reserved bits set", "a table that is reached twice", "a table that the dump does not hold" };

struct auditor {
  struct audit *a;
  const struct dump *d;
  struct vmref_cpu cpu;
  uint64_t left;
  bool lost; /* out of memory */
};

static void *more(struct auditor *x, void *array, size_t *room, size_t used, size_t size)
{
  if (used < *room) return array;
  size_t n = *room ? 2 * *room : 256;
  void *p = realloc(array, n * size);
  if (!p) return x->lost = true, NULL;
  *room = n;
  return p;
}

static void find(struct auditor *x, struct finding f)
{
  struct audit *a = x->a;
  struct finding *p = a->findings < AUDIT_RANGES ? more(x, a->finding, &a->finding_room, a->findings, sizeof *p) : NULL;
  if (!p) return;
  a->finding = p;
  p[a->findings++] = f;
}

/* ---- pages ----------------------------------------------------------------------- */

static void add_page(struct auditor *x, struct range r)
{
  struct audit *a = x->a;
  struct range *last = a->ranges ? &a->range[a->ranges - 1] : NULL;
  if (last && last->va + last->size == r.va && last->pa + last->size == r.pa && last->rights == r.rights && last->page == r.page) {
    last->size += r.size;
    return;
  }
  if (a->ranges == AUDIT_RANGES) {
    a->limit = "more than 1048576 ranges";
    return;
  }
  struct range *p = more(x, a->range, &a->range_room, a->ranges, sizeof *p);
  if (!p) return;
  a->range = p;
  p[a->ranges++] = r;
}

static uint64_t entry_of(const struct auditor *x, uint64_t at, bool *there)
{
  uint64_t word = 0;
  *there = dump_word(x->d, at & ~7ull, &word);
  return vmref_entry_in_word(x->cpu.mode, at, word);
}

/* The page at va, by the walk from the root. */
static void audit_page(struct auditor *x, uint64_t va, uint8_t level)
{
  const struct vmref_access a = { .va = va, .size = 1, .ac = 1 };
  struct vmref_walk w;
  bool there = true;
  vmref_walk_start(&w, x->cpu, a);
  while (w.level != 0) vmref_walk_step(&w, entry_of(x, w.address[w.level], &there));
  if (w.vector != 0 || w.last != level || !there) return; /* reserved further up: told there */
  const uint64_t size = vmref_page_size(x->cpu.mode, level);
  x->a->pages[level]++;
  add_page(x, (struct range){ va, w.pa, size, size, (uint8_t)((w.rw ? RIGHT_W : 0) | (w.us ? RIGHT_U : 0) | (w.xd ? 0 : RIGHT_X) | (w.global ? RIGHT_G : 0)) });
}

/* ---- tables ----------------------------------------------------------------------- */

static uint64_t signed_va(const struct auditor *x, uint64_t va)
{
  const unsigned shift = x->cpu.mode == VMREF_MODE_5LEVEL ? 7 : 16;
  return vmref_long_mode(x->cpu.mode) ? (uint64_t)((int64_t)(va << shift) >> shift) : va;
}

static void add_table(struct auditor *x, uint64_t pa, uint8_t level, uint64_t va)
{
  struct audit *a = x->a;
  if (a->tables == AUDIT_TABLES) {
    a->limit = "more than 262144 tables, or one in a circle";
    return;
  }
  struct table *p = more(x, a->table, &a->table_room, a->tables, sizeof *p);
  if (!p) return;
  a->table = p;
  p[a->tables++] = (struct table){ pa, va, level, false };
}

static void audit_table(struct auditor *x, uint64_t table, uint8_t level, uint64_t va)
{
  const uint8_t mode = x->cpu.mode, bytes = vmref_entry_size(mode);
  const uint64_t size = 4096ull << (level - 1) * (bytes == 4 ? 10 : 9);
  uint64_t word;
  if (!dump_word(x->d, table, &word)) {
    find(x, (struct finding){ .kind = FIND_MISSING, .va = signed_va(x, va), .pa = table, .count = 1 });
    return;
  }
  add_table(x, table, level, signed_va(x, va));
  for (uint64_t i = 0; i < 4096u / bytes && !x->a->limit && !x->lost; i++) {
    bool there;
    const uint64_t at = table + bytes * i, e = entry_of(x, at, &there), under = signed_va(x, va + i * size);
    if (x->left-- == 0) x->a->limit = "more than 268435456 entries: tables in a circle?";
    if (!vmref_p(e)) continue;
    if (vmref_reserved(x->cpu, level, e)) find(x, (struct finding){ .kind = FIND_RESERVED, .va = under, .pa = at, .other = e, .count = 1 });
    else if (level <= 3 && vmref_maps_page(x->cpu, level, e)) audit_page(x, under, level);
    else audit_table(x, vmref_table_of(e), (uint8_t)(level - 1), va + i * size);
  }
}

static void audit_tables(struct auditor *x)
{
  const struct vmref_cpu *c = &x->cpu;
  if (c->mode != VMREF_MODE_PAE) {
    audit_table(x, vmref_table_of(c->cr3), vmref_top_level(c->mode), 0);
    return;
  }
  for (unsigned i = 0; i < 4; i++)
    if (vmref_p(c->pdpte[i])) audit_table(x, vmref_table_of(c->pdpte[i]), 2, (uint64_t)i << 30);
}

/* ---- findings of the whole ------------------------------------------------------------ */

static int table_by_pa(const void *a, const void *b)
{
  const struct table *x = a, *y = b;
  return x->pa != y->pa ? (x->pa < y->pa ? -1 : 1) : x->va < y->va ? -1 : x->va > y->va;
}

static int range_by_pa(const void *a, const void *b)
{
  const struct range *const *x = a, *const *y = b;
  return (*x)->pa != (*y)->pa ? ((*x)->pa < (*y)->pa ? -1 : 1) : (*x)->va < (*y)->va ? -1 : (*x)->va > (*y)->va;
}

static void find_tables_twice(struct auditor *x)
{
  struct audit *a = x->a;
  if (a->tables) qsort(a->table, a->tables, sizeof *a->table, table_by_pa);
  for (size_t i = 1; i < a->tables; i++)
    if (a->table[i].pa == a->table[i - 1].pa) {
      a->table[i].twice = true;
      find(x, (struct finding){ .kind = FIND_TABLE_TWICE, .va = a->table[i].va, .pa = a->table[i].pa, .other = a->table[i - 1].va, .count = 1 });
    }
}

/* How many tables lie in a range. */
static uint64_t tables_in(const struct audit *a, const struct range *r)
{
  size_t low = 0, high = a->tables;
  uint64_t n = 0;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (a->table[middle].pa < r->pa) low = middle + 1;
    else high = middle;
  }
  for (; low < a->tables && a->table[low].pa - r->pa < r->size; low++) n += !a->table[low].twice;
  return n;
}

/* Each range against the one of those before it that reaches farthest: enough to tell of each that overlaps. */
static void find_aliases(struct auditor *x)
{
  struct audit *a = x->a;
  const uint8_t mask = RIGHT_W | RIGHT_U | RIGHT_X;
  struct range **by = malloc((a->ranges + 1) * sizeof *by), *far = NULL;
  if (!by) x->lost = true;
  for (size_t i = 0; by && i < a->ranges; i++) by[i] = &a->range[i];
  if (by) qsort(by, a->ranges, sizeof *by, range_by_pa);
  for (size_t i = 0; by && i < a->ranges; i++) {
    struct range *r = by[i];
    if (far && r->pa - far->pa < far->size && ((r->rights ^ far->rights) & mask)) {
      const uint64_t left = far->size - (r->pa - far->pa), size = r->size < left ? r->size : left;
      find(x, (struct finding){ FIND_ALIAS, r->va, r->pa, far->va + (r->pa - far->pa), size / 4096, r->rights, far->rights });
    }
    if (!far || r->pa + r->size > far->pa + far->size) far = r;
  }
  free(by);
}

static void find_in_ranges(struct auditor *x)
{
  struct audit *a = x->a;
  for (size_t i = 0; i < a->ranges; i++) {
    const struct range *r = &a->range[i];
    const struct finding f = { .va = r->va, .pa = r->pa, .count = r->size / 4096, .rights = r->rights };
    struct finding g = f;
    if ((r->rights & RIGHT_W) && (r->rights & RIGHT_X)) g.kind = FIND_WX, find(x, g);
    if ((r->rights & RIGHT_U) && vmref_long_mode(x->cpu.mode) && r->va >> 63) g.kind = FIND_KERNEL_USER, find(x, g);
    if ((r->rights & RIGHT_W) && (g.count = tables_in(a, r)) > 0) g.kind = r->rights & RIGHT_U ? FIND_TABLE_USER : FIND_TABLE_WRITABLE, find(x, g);
  }
}

bool audit_run(struct audit *a, const struct dump *d, const struct vmref_cpu *cpu)
{
  struct auditor x = { .a = a, .d = d, .cpu = *cpu, .left = AUDIT_ENTRIES };
  memset(a, 0, sizeof *a);
  x.cpu.pke = x.cpu.pks = x.cpu.smap = x.cpu.smep = 0; /* of the tables, not of one moment */
  audit_tables(&x);
  find_tables_twice(&x);
  find_in_ranges(&x);
  find_aliases(&x);
  return !x.lost;
}

void audit_free(struct audit *a)
{
  free(a->range);
  free(a->finding);
  free(a->table);
}

const char *rights_text(uint8_t rights, char text[6])
{
  text[0] = 'r';
  text[1] = rights & RIGHT_W ? 'w' : '-';
  text[2] = rights & RIGHT_X ? 'x' : '-';
  text[3] = rights & RIGHT_U ? 'u' : '-';
  text[4] = rights & RIGHT_G ? 'g' : '-';
  text[5] = 0;
  return text;
}
