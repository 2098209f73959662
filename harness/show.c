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

/* ---- names -------------------------------------------------------------- */

static const char *const ENTRY[6] = { "", "PTE", "PDE", "PDPTE", "PML4E", "PML5E" };
static const char *const TABLE[6] = { "", "", "page table", "page directory", "PDPT", "PML4 table" };

const char *entry_name(uint8_t level) { return level <= 5 ? ENTRY[level] : ""; }

const char *mode_name(uint8_t mode)
{
  static const char *const name[5] = { "no paging", "32-bit", "PAE", "4-level", "5-level" };
  return mode < 5 ? name[mode] : "?";
}

static const char *page_name(uint8_t mode, uint8_t level)
{
  return level == 3 ? "1-GiB page" : level == 1 ? "4-KiB page"
       : mode == VMREF_MODE_32BIT ? "4-MiB page" : "2-MiB page";
}

/* ---- the bits of an entry ---------------------------------------------- */

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
  int reach = !cpu.pse36 ? 32 : cpu.maxphyaddr > 40 ? 40 : cpu.maxphyaddr;
  switch (vmref_reserved(cpu, level, e)) {
  case VMREF_RULE_PF_RSVD_ADDR:
    add_field(text, e, cpu.mode == VMREF_MODE_PAE ? 62 : 51, cpu.maxphyaddr);
    break;
  case VMREF_RULE_PF_RSVD_XD: add(text, "XD"); break;
  case VMREF_RULE_PF_RSVD_PML4E_PS: case VMREF_RULE_PF_RSVD_PML5E_PS:
  case VMREF_RULE_PF_RSVD_1G: add(text, "PS"); break;
  case VMREF_RULE_PF_RSVD_PML4E_G: case VMREF_RULE_PF_RSVD_PML5E_G: add(text, "G"); break;
  case VMREF_RULE_PF_RSVD_1G_ADDR: add_field(text, e, 29, 13); break;
  case VMREF_RULE_PF_RSVD_2M_ADDR: add_field(text, e, 20, 13); break;
  case VMREF_RULE_PF_RSVD_4M_ADDR: add_field(text, e, 21, reach - 19); break;
  default: break;
  }
}

/* A PDPTE register of PAE, or what was to be loaded into it. SDM 3A table 4-8. */
static struct entry_text pdpte_bits(uint8_t maxphyaddr, uint64_t e)
{
  struct entry_text t = { "P", "", "" };
  if (field(e, 3, 3)) add(t.set, "PWT");
  if (field(e, 4, 4)) add(t.set, "PCD");
  add_field(t.ignored, e, 11, 9);
  add_field(t.reserved, e, 2, 1);
  add_field(t.reserved, e, 8, 5);
  add_field(t.reserved, e, 63, maxphyaddr);
  return t;
}

/* Bits 63:52: XD, the protection key, or nothing. */
static void add_upper(struct entry_text *t, struct vmref_cpu cpu, int leaf, uint64_t e)
{
  if (cpu.mode == VMREF_MODE_32BIT) return;
  if (vmref_xd(e)) add(t->set, "XD");
  if (cpu.mode == VMREF_MODE_PAE) return; /* 62:52 are reserved */
  int keyed = leaf && (cpu.pke || cpu.pks);
  if (keyed && vmref_key(e)) add(t->set, "KEY=%u", vmref_key(e));
  add_field(t->ignored, e, keyed ? 58 : 62, 52);
}

struct entry_text entry_bits(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  struct entry_text t = { "", "", "" };
  int leaf = vmref_maps_page(cpu, level, e), large = leaf && level > 1;
  if (!vmref_p(e)) {
    add_field(t.ignored, e, 63, 1);
    return t;
  }
  if (cpu.mode == VMREF_MODE_PAE && level == 3) return pdpte_bits(cpu.maxphyaddr, e);
  static const char *const low[6] = { "P", "RW", "US", "PWT", "PCD", "A" };
  for (int i = 0; i < 6; i++)
    if (field(e, i, i)) add(t.set, "%s", low[i]);
  if (field(e, 6, 6)) add(leaf ? t.set : t.ignored, "D");
  int ps = level > 1 && !leaf && cpu.mode == VMREF_MODE_32BIT; /* without CR4.PSE */
  if (field(e, 7, 7)) add(ps ? t.ignored : t.set, "%s", level == 1 ? "PAT" : "PS");
  int bit8 = (leaf && cpu.pge) || (level >= 4 && cpu.vendor == VMREF_AMD); /* else ignored */
  if (field(e, 8, 8)) add(bit8 ? t.set : t.ignored, "G");
  if (large && field(e, 12, 12)) add(t.set, "PAT");
  add_field(t.ignored, e, 11, 9);
  add_upper(&t, cpu, leaf, e);
  add_reserved(t.reserved, cpu, level, e);
  return t;
}

const char *error_bits(uint32_t error, char text[SHOW_TEXT])
{
  static const char *const name[6] = { "P", "W/R", "U/S", "RSVD", "I/D", "PK" };
  text[0] = 0;
  for (int i = 0; i < 6; i++)
    if (error >> i & 1) {
      if (text[0]) strcat(text, "|");
      strcat(text, name[i]);
    }
  return text[0] ? text : strcpy(text, "0");
}

/* ---- accessed and dirty ------------------------------------------------- */

static int add_update(struct update *u, int n, const struct vmref_walk *w, uint8_t level, uint64_t after)
{
  if (level == w->level || after == w->entry[level]) return n;
  int i = 0;
  while (i < n && u[i].address != w->address[level]) i++;
  if (i < n) u[i].value |= after;
  else u[n++] = (struct update){ w->address[level], after, w->entry[level], level };
  return n;
}

static int walk_updates(const struct vmref_walk *w, struct update u[UPDATES])
{
  int n = 0;
  for (uint8_t level = w->origin.level; level >= w->last && level > 0; level--)
    n = add_update(u, n, w, level, w->after[level]);
  return n;
}

int span_updates(const struct vmref_span *s, struct update u[UPDATES])
{
  int n = 0;
  for (uint8_t i = 0; i < s->parts; i++)
    for (uint8_t level = s->part[i].origin.level; level >= s->part[i].last && level > 0; level--)
      n = add_update(u, n, &s->part[i], level, vmref_span_after(s, i, level));
  return n;
}

int pdpte_register(const struct vmref_walk *w)
{
  int used = w->cpu.mode == VMREF_MODE_PAE && (w->last == 3 || w->origin.level == 2);
  return used ? (int)(w->access.va >> 30 & 3) : -1;
}

/* ---- a walk ------------------------------------------------------------- */

static void show_access(FILE *f, const struct vmref_access *a)
{
  static const char *const kind[4] = { "read", "write", "read-modify-write", "fetch" };
  fprintf(f, "access  %s %s of %u byte%s at 0x%016" PRIx64 "  (CPL %u%s%s%s)\n",
          vmref_user_mode(*a) ? "user-mode" : a->implicit ? "implicit supervisor-mode"
                                                          : "supervisor-mode",
          a->kind < 4 ? kind[a->kind] : "?", a->size, a->size == 1 ? "" : "s", a->va, a->cpl,
          a->ac ? ", AC" : "", a->seg == VMREF_SEG_SS ? ", stack" : "",
          vmref_span_parts(*a) == 2 ? ", in two pages" : "");
}

/* The controls that the mode has a use for. */
static void show_cpu(FILE *f, const struct vmref_cpu *c)
{
  char on[SHOW_TEXT] = "", off[SHOW_TEXT] = "";
  int wide = vmref_long_mode(c->mode), bits32 = c->mode == VMREF_MODE_32BIT;
  if (c->mode == VMREF_MODE_NONE) {
    fprintf(f, "cpu     no paging, MAXPHYADDR %u\n", c->maxphyaddr);
    return;
  }
  add(c->wp ? on : off, "WP");
  if (!bits32) add(c->nxe ? on : off, "NXE");
  add(c->smep ? on : off, "SMEP");
  add(c->smap ? on : off, "SMAP");
  add(c->pge ? on : off, "PGE");
  if (bits32) add(c->pse ? on : off, "PSE");
  if (bits32) add(c->pse36 ? on : off, "PSE-36");
  if (wide) add(c->page1gb ? on : off, "1GB");
  if (wide) add(c->pcide ? on : off, "PCIDE");
  if (wide) add(c->pke ? on : off, "PKE");
  if (wide) add(c->pks ? on : off, "PKS");
  fprintf(f, "cpu     %s, CR3 0x%" PRIx64 ", MAXPHYADDR %u, %s; on: %s; off: %s", mode_name(c->mode),
          c->cr3, c->maxphyaddr, c->vendor == VMREF_AMD ? "AMD" : "Intel", on[0] ? on : "none",
          off[0] ? off : "none");
  if (wide && c->pke) fprintf(f, "; PKRU 0x%" PRIx32, c->pkru);
  if (wide && c->pks) fprintf(f, "; PKRS 0x%" PRIx32, c->pkrs);
  fputc('\n', f);
}

static void show_target(FILE *f, const struct vmref_cpu *cpu, uint8_t level, uint64_t e, uint64_t va)
{
  if (!vmref_maps_page(*cpu, level, e) || (cpu->mode == VMREF_MODE_PAE && level == 3)) {
    fprintf(f, "-> %s 0x%" PRIx64, TABLE[level], vmref_table_of(e));
    return;
  }
  fprintf(f, "-> %s 0x%" PRIx64 " + 0x%" PRIx64, page_name(cpu->mode, level),
          vmref_page_base(cpu->mode, level, e), va % vmref_page_size(cpu->mode, level));
}

static void show_bits(FILE *f, const struct vmref_walk *w, uint8_t level, uint64_t e)
{
  struct entry_text t = entry_bits(w->cpu, level, e);
  if (!vmref_p(e)) {
    fprintf(f, "P = 0: not present, no other bit is looked at\n");
    return;
  }
  fprintf(f, "%-16s ", t.set);
  if (t.reserved[0]) fprintf(f, "RESERVED: %s", t.reserved);
  else show_target(f, &w->cpu, level, e, w->access.va);
  if (t.ignored[0]) fprintf(f, "  (ignored: %s)", t.ignored);
  fputc('\n', f);
}

static void show_entry(FILE *f, const struct vmref_walk *w, uint8_t level)
{
  uint8_t mode = w->cpu.mode;
  fprintf(f, "%-5s   @0x%010" PRIx64 " [%3u] = 0x%0*" PRIx64 "  ", ENTRY[level], w->address[level],
          (unsigned)vmref_index(mode, w->access.va, level), 2 * vmref_entry_size(mode), w->entry[level]);
  show_bits(f, w, level, w->entry[level]);
}

/* The entries that were read, and the PDPTE register above them. */
void show_entries(FILE *f, const struct vmref_walk *w)
{
  int wanting = w->rule == VMREF_RULE_NONE; /* the entry at `last` was not read */
  int i = pdpte_register(w);
  if (w->rule == VMREF_RULE_GP_PDPTE) {
    fprintf(f, "PDPTE   @0x%010" PRIx64 " [%3d] = 0x%016" PRIx64 "  ", w->address[3],
            (int)(w->address[3] / 8 % 4), w->entry[3]);
    show_bits(f, w, 3, w->entry[3]);
  } else if (i >= 0) {
    fprintf(f, "PDPTE   in a register [%3d] = 0x%016" PRIx64 "  ", i, w->cpu.pdpte[i]);
    show_bits(f, w, 3, w->cpu.pdpte[i]);
  }
  for (uint8_t level = w->origin.level; level >= w->last + wanting && level > 0; level--)
    show_entry(f, w, level);
  if (wanting && w->last) fprintf(f, "%-5s   @0x%010" PRIx64 "\n", ENTRY[w->last], w->address[w->last]);
}

static void show_updates(FILE *f, const struct update *u, int n, int ok)
{
  if (n == 0) fprintf(f, "A/D     no entry changes\n");
  for (int i = 0; i < n; i++) {
    uint64_t set = u[i].value & ~u[i].old;
    fprintf(f, "A/D     %s set %s in %s @0x%" PRIx64 ": 0x%" PRIx64 "\n", ok ? "must" : "may",
            set == 0x60 ? "A and D" : set == 0x40 ? "D" : "A", ENTRY[u[i].level],
            u[i].address, u[i].value);
  }
}

static void show_ok(FILE *f, const struct vmref_walk *w)
{
  fprintf(f, "verdict ok: physical address 0x%" PRIx64 "\n", w->pa);
  fprintf(f, "rule    %s, %s\n", rule_id(w->rule), rule_text(w->rule));
  if (w->last == 0) return; /* no paging: no rights */
  fprintf(f, "rights  %s, %s, %s%s", w->us ? "user" : "supervisor only", w->rw ? "writable" : "read-only",
          w->xd ? "no fetch" : "executable", w->global ? ", global" : "");
  if ((w->cpu.pke || w->cpu.pks) && vmref_long_mode(w->cpu.mode)) fprintf(f, ", key %u", w->key);
  fprintf(f, ", PAT index %u\n", w->pat);
}

static const char *vector_name(uint8_t vector)
{
  return vector == VMREF_VECTOR_PF ? "#PF" : vector == VMREF_VECTOR_GP ? "#GP" : "#SS";
}

static void show_fault(FILE *f, const struct vmref_walk *w)
{
  char text[SHOW_TEXT];
  fprintf(f, "verdict %s, vector %u", vector_name(w->vector), w->vector);
  if (w->last) fprintf(f, ", at the %s", ENTRY[w->last]);
  fprintf(f, "\nrule    %s, %s\n", rule_id(w->rule), rule_text(w->rule));
  fprintf(f, "error   0x%" PRIx32 " = %s\n", w->error, error_bits(w->error, text));
  if (w->vector == VMREF_VECTOR_PF) fprintf(f, "CR2     0x%016" PRIx64 "\n", w->cr2);
  else fprintf(f, "CR2     unchanged\n");
}

static const char *no_answer(int8_t status)
{
  return status == VMREF_EINVAL ? "none: the question is malformed (VMREF_EINVAL)"
       : status == VMREF_EUNMODELLED ? "none: not modelled (VMREF_EUNMODELLED)"
       : status == VMREF_EMEM ? "none: memory ends before the entry (VMREF_EMEM)"
       : "none yet: the walk wants this entry";
}

static void show_verdict(FILE *f, const struct vmref_walk *w)
{
  if (w->rule == VMREF_RULE_NONE) fprintf(f, "verdict %s\n", no_answer(w->status));
  else if (w->rule == VMREF_RULE_OK) show_ok(f, w);
  else show_fault(f, w);
}

void show_steps(FILE *f, const struct vmref_walk *w)
{
  struct update u[UPDATES];
  show_entries(f, w);
  show_verdict(f, w);
  if (w->rule != VMREF_RULE_NONE) show_updates(f, u, walk_updates(w, u), w->rule == VMREF_RULE_OK);
}

void show_walk(FILE *f, const struct vmref_walk *w)
{
  show_access(f, &w->access);
  show_cpu(f, &w->cpu);
  show_steps(f, w);
}

/* What else may come of an access in two pages. */
static void show_others(FILE *f, const struct vmref_span *s)
{
  const struct vmref_walk *w = &s->part[!s->first];
  if (s->vector == VMREF_VECTOR_NONE) w = NULL;
  if (w && w->vector)
    fprintf(f, "or      %s, error 0x%" PRIx32 ", by the other page's rule %s\n", vector_name(w->vector),
            w->error, rule_id(w->rule));
  if (s->may & VMREF_SPAN_LIMIT)
    fprintf(f, "or      %s(0) by the segment's limit at 4 GiB\n",
            s->access.seg == VMREF_SEG_SS ? "#SS" : "#GP");
  if (s->torn) fprintf(f, "memory  bytes of the page that does not fault may have been written\n");
}

void show_span(FILE *f, const struct vmref_span *s)
{
  struct update u[UPDATES];
  if (s->parts < 2) {
    show_walk(f, &s->part[0]);
    return;
  }
  show_access(f, &s->access);
  show_cpu(f, &s->part[0].cpu);
  for (int i = 0; i < 2; i++) {
    const struct vmref_access *a = &s->part[i].access;
    fprintf(f, "page %d  %u byte%s at 0x%016" PRIx64 "\n", i + 1, a->size, a->size == 1 ? "" : "s", a->va);
    show_entries(f, &s->part[i]);
    if (s->vector == VMREF_VECTOR_NONE) show_verdict(f, &s->part[i]);
  }
  if (s->vector) show_verdict(f, &s->part[s->first]);
  if (s->rule != VMREF_RULE_NONE) show_others(f, s);
  if (s->rule != VMREF_RULE_NONE) show_updates(f, u, span_updates(s, u), s->vector == VMREF_VECTOR_NONE);
}
