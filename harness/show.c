/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include "show.h"

/* ---- rules ------------------------------------------------------------- */

static const struct { const char *id, *manual, *section, *line; } RULES[256] = {
#include "rules.inc"
};

static const char *or_empty(const char *s) { return s ? s : ""; }

const char *rule_id(uint8_t rule) { return RULES[rule].id ? RULES[rule].id : "NONE"; }
const char *rule_manual(uint8_t rule) { return or_empty(RULES[rule].manual); }
const char *rule_section(uint8_t rule) { return or_empty(RULES[rule].section); }
const char *rule_line(uint8_t rule) { return or_empty(RULES[rule].line); }

const char *rule_text(uint8_t rule)
{
  static _Thread_local char text[512];
  if (!RULES[rule].id) return "no rule";
  snprintf(text, sizeof text, "%s %s: %s", RULES[rule].manual, RULES[rule].section,
           RULES[rule].line);
  return text;
}

/* ---- the bits of an entry ---------------------------------------------- */

static const char *const ENTRY[5] = { "", "PTE", "PDE", "PDPTE", "PML4E" };
static const char *const TABLE[5] = { "", "", "page table", "page directory", "PDPT" };
static const char *const PAGE[4] = { "", "4-KiB page", "2-MiB page", "1-GiB page" };

const char *entry_name(uint8_t level) { return level <= 4 ? ENTRY[level] : ""; }

static uint64_t field(uint64_t e, int high, int low)
{
  uint64_t up = high == 63 ? e : e & ((1ull << (high + 1)) - 1);
  return up >> low;
}

static void __attribute__((format(printf, 2, 3))) add(char text[SHOW_TEXT], const char *form, ...)
{
  size_t n = strlen(text);
  if (n > 0 && n + 1 < SHOW_TEXT) text[n++] = ' ';
  va_list list;
  va_start(list, form);
  vsnprintf(text + n, SHOW_TEXT - n, form, list);
  va_end(list);
}

static void add_field(char text[SHOW_TEXT], uint64_t e, int high, int low)
{
  if (field(e, high, low) != 0) add(text, "%d:%d=0x%" PRIx64, high, low, field(e, high, low));
}

static void add_reserved(char text[SHOW_TEXT], struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  switch (vmref_reserved(cpu, level, e)) {
  case VMREF_RULE_PF_RSVD_ADDR: add_field(text, e, 51, cpu.maxphyaddr); break;
  case VMREF_RULE_PF_RSVD_XD: add(text, "XD"); break;
  case VMREF_RULE_PF_RSVD_PML4E_PS: case VMREF_RULE_PF_RSVD_1G: add(text, "PS"); break;
  case VMREF_RULE_PF_RSVD_PML4E_G: add(text, "G"); break;
  case VMREF_RULE_PF_RSVD_1G_ADDR: add_field(text, e, 29, 13); break;
  case VMREF_RULE_PF_RSVD_2M_ADDR: add_field(text, e, 20, 13); break;
  default: break;
  }
}

struct entry_text entry_bits(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  struct entry_text t = { "", "", "" };
  int leaf = vmref_maps_page(level, e), large = leaf && level > 1;
  if (!vmref_p(e)) {
    add_field(t.ignored, e, 63, 1);
    return t;
  }
  static const char *const low[6] = { "P", "RW", "US", "PWT", "PCD", "A" };
  for (int i = 0; i < 6; i++)
    if (field(e, i, i)) add(t.set, "%s", low[i]);
  if (field(e, 6, 6)) add(leaf ? t.set : t.ignored, "D");
  if (field(e, 7, 7)) add(t.set, "%s", level == 1 ? "PAT" : "PS");
  int bit8 = (leaf && cpu.pge) || (level == 4 && cpu.vendor == VMREF_AMD); /* else ignored */
  if (field(e, 8, 8)) add(bit8 ? t.set : t.ignored, "G");
  if (large && field(e, 12, 12)) add(t.set, "PAT");
  if (vmref_xd(e)) add(t.set, "XD");
  add_field(t.ignored, e, 11, 9);
  add_field(t.ignored, e, 62, 52);
  add_reserved(t.reserved, cpu, level, e);
  return t;
}

const char *error_bits(uint32_t error, char text[SHOW_TEXT])
{
  static const char *const name[5] = { "P", "W/R", "U/S", "RSVD", "I/D" };
  text[0] = 0;
  for (int i = 0; i < 5; i++)
    if (error >> i & 1) {
      if (text[0]) strcat(text, "|");
      strcat(text, name[i]);
    }
  return text[0] ? text : strcpy(text, "0");
}

/* ---- accessed and dirty ------------------------------------------------- */

int walk_updates(const struct vmref_walk *w, struct update u[4])
{
  int n = 0;
  if (w->last == 0) return 0;
  for (uint8_t level = 4; level >= w->last && level > 0; level--) {
    if (level == w->level || w->after[level] == w->entry[level]) continue;
    int i = 0;
    while (i < n && u[i].address != w->address[level]) i++;
    if (i == n) u[n++] = (struct update){ w->address[level], w->after[level], level };
    else u[i].value |= w->after[level];
  }
  return n;
}

/* ---- a walk ------------------------------------------------------------- */

static void show_access(FILE *f, const struct vmref_access *a)
{
  static const char *const kind[4] = { "read", "write", "read-modify-write", "fetch" };
  fprintf(f, "access  %s %s of %u byte%s at 0x%016" PRIx64 "  (CPL %u%s%s%s)\n",
          vmref_user_mode(*a) ? "user-mode" : a->implicit ? "implicit supervisor-mode"
                                                          : "supervisor-mode",
          a->kind < 4 ? kind[a->kind] : "?", a->size, a->size == 1 ? "" : "s", a->va, a->cpl,
          a->ac ? ", AC" : "", a->seg == VMREF_SEG_SS ? ", stack" : "", "");
}

static void show_cpu(FILE *f, const struct vmref_cpu *c)
{
  static const char *const mode[5] = { "no paging", "32-bit", "PAE", "4-level", "5-level" };
  char on[SHOW_TEXT] = "", off[SHOW_TEXT] = "";
  add(c->wp ? on : off, "WP");
  add(c->nxe ? on : off, "NXE");
  add(c->smep ? on : off, "SMEP");
  add(c->smap ? on : off, "SMAP");
  add(c->pge ? on : off, "PGE");
  add(c->page1gb ? on : off, "1GB");
  fprintf(f, "cpu     %s, CR3 0x%" PRIx64 ", MAXPHYADDR %u, %s; on: %s; off: %s\n",
          c->mode < 5 ? mode[c->mode] : "?", c->cr3, c->maxphyaddr,
          c->vendor == VMREF_AMD ? "AMD" : "Intel", on[0] ? on : "none", off[0] ? off : "none");
}

static void show_target(FILE *f, uint8_t level, uint64_t e, uint64_t va)
{
  if (!vmref_maps_page(level, e)) {
    fprintf(f, "-> %s 0x%" PRIx64, TABLE[level], vmref_table_of(e));
    return;
  }
  uint64_t inside = va % vmref_page_size(level);
  fprintf(f, "-> %s 0x%" PRIx64 " + 0x%" PRIx64, PAGE[level],
          vmref_page_byte(level, e, va) - inside, inside);
}

static void show_entry(FILE *f, const struct vmref_walk *w, uint8_t level)
{
  uint64_t e = w->entry[level];
  struct entry_text t = entry_bits(w->cpu, level, e);
  fprintf(f, "%-5s   @0x%010" PRIx64 " [%3u] = 0x%016" PRIx64 "  ", ENTRY[level],
          w->address[level], (unsigned)vmref_index(w->access.va, level), e);
  if (!vmref_p(e)) {
    fprintf(f, "P = 0: not present, no other bit is looked at\n");
    return;
  }
  fprintf(f, "%-16s ", t.set);
  if (t.reserved[0]) fprintf(f, "RESERVED: %s", t.reserved);
  else show_target(f, level, e, w->access.va);
  if (t.ignored[0]) fprintf(f, "  (ignored: %s)", t.ignored);
  fputc('\n', f);
}

static void show_updates(FILE *f, const struct vmref_walk *w)
{
  struct update u[4];
  int n = walk_updates(w, u);
  const char *how = w->rule == VMREF_RULE_OK ? "must set" : "may set";
  if (n == 0) fprintf(f, "A/D     no entry changes\n");
  for (int i = 0; i < n; i++) {
    uint64_t set = u[i].value & ~w->entry[u[i].level];
    fprintf(f, "A/D     %s %s in %s @0x%" PRIx64 ": 0x%" PRIx64 "\n", how,
            set == 0x60 ? "A and D" : set == 0x40 ? "D" : "A", ENTRY[u[i].level],
            u[i].address, u[i].value);
  }
}

static void show_ok(FILE *f, const struct vmref_walk *w)
{
  fprintf(f, "verdict ok: physical address 0x%" PRIx64 "\n", w->pa);
  fprintf(f, "rule    %s, %s\n", rule_id(w->rule), rule_text(w->rule));
  fprintf(f, "rights  %s, %s, %s%s\n", w->us ? "user" : "supervisor only",
          w->rw ? "writable" : "read-only", w->xd ? "no fetch" : "executable",
          w->global ? ", global" : "");
}

static void show_fault(FILE *f, const struct vmref_walk *w)
{
  char text[SHOW_TEXT];
  const char *name = w->vector == VMREF_VECTOR_PF ? "#PF"
                   : w->vector == VMREF_VECTOR_GP ? "#GP" : "#SS";
  fprintf(f, "verdict %s, vector %u", name, w->vector);
  if (w->last) fprintf(f, ", at the %s", ENTRY[w->last]);
  fprintf(f, "\nrule    %s, %s\n", rule_id(w->rule), rule_text(w->rule));
  fprintf(f, "error   0x%" PRIx32 " = %s\n", w->error, error_bits(w->error, text));
  if (w->vector == VMREF_VECTOR_PF) fprintf(f, "CR2     0x%016" PRIx64 "\n", w->cr2);
  else fprintf(f, "CR2     unchanged\n");
}

static const char *no_answer(const struct vmref_walk *w)
{
  return w->status == VMREF_EINVAL ? "none: the question is malformed (VMREF_EINVAL)"
       : w->status == VMREF_EUNMODELLED ? "none: not modelled (VMREF_EUNMODELLED)"
       : w->status == VMREF_EMEM ? "none: memory ends before the entry (VMREF_EMEM)"
       : "none yet: the walk wants this entry";
}

void show_walk(FILE *f, const struct vmref_walk *w)
{
  show_access(f, &w->access);
  show_cpu(f, &w->cpu);
  int wanting = w->rule == VMREF_RULE_NONE; /* the entry at `last` was not read */
  if (w->last)
    for (uint8_t level = 4; level >= w->last + wanting; level--) show_entry(f, w, level);
  if (wanting) {
    if (w->last) fprintf(f, "%-5s   @0x%010" PRIx64 "\n", ENTRY[w->last], w->address[w->last]);
    fprintf(f, "verdict %s\n", no_answer(w));
    return;
  }
  if (w->rule == VMREF_RULE_OK) show_ok(f, w);
  else show_fault(f, w);
  show_updates(f, w);
}
