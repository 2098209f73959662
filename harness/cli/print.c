/* SPDX-License-Identifier: MIT */
/* Answers and questions as JSON, one object a line. */
#include <inttypes.h>
#include <string.h>
#include "cli.h"

static const char *boolean(int b) { return b ? "true" : "false"; }

void print_string(FILE *f, const char *utf8)
{
  json_t *v = json_string(utf8);
  if (v) json_dumpf(v, f, JSON_ENCODE_ANY);
  json_decref(v);
}

void print_error(FILE *f, uint64_t line, const char *why)
{
  fprintf(f, "{\"error\":{\"line\":%" PRIu64 ",\"message\":", line);
  print_string(f, why);
  fputs("}}\n", f);
}

void print_unmodelled(FILE *f, const char *why)
{
  fputs("{\"result\":\"unmodelled\",\"message\":", f);
  print_string(f, why);
  fputs("}\n", f);
}

static void print_updates(FILE *f, const char *name, const struct update *u, int n)
{
  fprintf(f, ",\"%s\":[", name);
  for (int i = 0; i < n; i++)
    fprintf(f, "%s[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"]", i ? "," : "", u[i].address, u[i].value);
  fputc(']', f);
}

/* What the translation of a page gives; without paging there is only an address. */
static void print_page(FILE *f, const struct vmref_walk *w)
{
  fprintf(f, "\"pa\":\"0x%" PRIx64 "\"", w->pa);
  if (w->last) fprintf(f, ",\"page_size\":%" PRIu64, vmref_page_size(w->cpu.mode, w->last));
  fprintf(f, ",\"user\":%s,\"write\":%s,\"exec\":%s,\"global\":%s", boolean(w->us),
          boolean(w->rw), boolean(!w->xd), boolean(w->global));
  if (w->last) fprintf(f, ",\"key\":%u,\"pat\":%u", w->key, w->pat);
}

static void print_ok(FILE *f, const struct vmref_span *s)
{
  struct update u[UPDATES];
  const struct vmref_walk *w = &s->part[0], *next = &s->part[1];
  fputs("{\"result\":\"ok\",", f);
  print_page(f, w);
  if (s->parts == 2) {
    fprintf(f, ",\"next\":{\"va\":\"0x%" PRIx64 "\",", next->access.va);
    print_page(f, next);
    fprintf(f, ",\"level\":%u}", next->last);
  }
  print_updates(f, "writes", u, span_updates(s, u));
  fprintf(f, ",\"level\":%u,\"rule\":\"%s\"", w->last, rule_id(w->rule));
}

/* How a walk faults, from the vector to the rule. */
static void print_fault(FILE *f, const struct vmref_walk *w)
{
  fprintf(f, "\"result\":\"fault\",\"vector\":%u,\"error\":\"0x%" PRIx32 "\"", w->vector, w->error);
  if (w->vector == VMREF_VECTOR_PF) fprintf(f, ",\"cr2\":\"0x%" PRIx64 "\"", w->cr2);
  fprintf(f, ",\"level\":%u", w->last);
  if (w->origin.level || w->rule == VMREF_RULE_GP_PDPTE) /* not a register */
    fprintf(f, ",\"entry\":\"0x%" PRIx64 "\"", w->address[w->last]);
  fprintf(f, ",\"rule\":\"%s\"", rule_id(w->rule));
}

/* The outcomes that are permitted beside the one that comes first. */
static void print_others(FILE *f, const struct vmref_span *s)
{
  const struct vmref_walk *other = &s->part[!s->first];
  fputs(",\"others\":[", f);
  bool fault = s->vector != VMREF_VECTOR_NONE && other->vector != VMREF_VECTOR_NONE;
  if (fault) {
    fputc('{', f);
    print_fault(f, other);
    fputc('}', f);
  }
  if (s->may & VMREF_SPAN_LIMIT)
    fprintf(f, "%s{\"result\":\"fault\",\"vector\":%u,\"error\":\"0x0\",\"rule\":\"SPAN.WRAP32\"}",
            fault ? "," : "", s->access.seg == VMREF_SEG_SS ? VMREF_VECTOR_SS : VMREF_VECTOR_GP);
  fputc(']', f);
}

/* The answer without the closing brace. */
static void print_verdict(FILE *f, const struct vmref_span *s)
{
  struct update u[UPDATES];
  if (s->vector == VMREF_VECTOR_NONE) {
    print_ok(f, s);
  } else {
    fputc('{', f);
    print_fault(f, &s->part[s->first]);
    print_updates(f, "writes", u, 0); /* no fault obliges the processor to set A */
    print_updates(f, "may", u, span_updates(s, u));
  }
  if (s->parts < 2) return;
  print_others(f, s);
  if (s->vector != VMREF_VECTOR_NONE) fprintf(f, ",\"torn\":%s", boolean(s->torn));
}

void print_answer_object(FILE *f, const struct vmref_span *s)
{
  print_verdict(f, s);
  fputc('}', f);
}

void print_answer(FILE *f, const struct vmref_span *s)
{
  print_answer_object(f, s);
  fputc('\n', f);
}

/* ---- explained ---------------------------------------------------------- */

static void print_words(FILE *f, const char *name, const char *words, char between)
{
  fprintf(f, ",\"%s\":[", name);
  for (const char *p = words; *p;) {
    size_t n = strcspn(p, (char[]){ between, 0 });
    fprintf(f, "%s\"%.*s\"", p == words ? "" : ",", (int)n, p);
    p += n + (p[n] != 0);
  }
  fputc(']', f);
}

/* One entry; address NULL: it is in a register. */
static void print_entry(FILE *f, const struct vmref_walk *w, uint8_t level, uint64_t index,
                        const uint64_t *address, uint64_t e)
{
  struct entry_text t = entry_bits(w->cpu, level, e);
  bool pdpte = w->cpu.mode == VMREF_MODE_PAE && level == 3; /* never maps a page */
  fprintf(f, "{\"level\":%u,\"name\":\"%s\",\"index\":%" PRIu64, level, entry_name(level), index);
  if (address) fprintf(f, ",\"entry\":\"0x%" PRIx64 "\"", *address);
  fprintf(f, ",\"value\":\"0x%" PRIx64 "\"", e);
  print_words(f, "bits", t.set, ' ');
  print_words(f, "ignored", t.ignored, ' ');
  print_words(f, "reserved", t.reserved, ' ');
  if (!vmref_p(e) || t.reserved[0]) fputs("}", f); /* leads nowhere */
  else if (pdpte || !vmref_maps_page(w->cpu, level, e))
    fprintf(f, ",\"table\":\"0x%" PRIx64 "\"}", vmref_table_of(e));
  else fprintf(f, ",\"page\":\"0x%" PRIx64 "\"}", vmref_page_base(w->cpu.mode, level, e));
}

void print_walk(FILE *f, const char *name, const struct vmref_walk *w)
{
  int i = pdpte_register(w);
  fprintf(f, ",\"%s\":[", name);
  if (w->rule == VMREF_RULE_GP_PDPTE)
    print_entry(f, w, 3, w->address[3] / 8 % 4, &w->address[3], w->entry[3]);
  else if (i >= 0) print_entry(f, w, 3, (uint64_t)i, NULL, w->cpu.pdpte[i]);
  if (i >= 0 && w->origin.level) fputc(',', f);
  for (uint8_t level = w->origin.level; level >= w->last && level > 0; level--) {
    print_entry(f, w, level, vmref_index(w->cpu.mode, w->access.va, level), &w->address[level],
                w->entry[level]);
    if (level > w->last) fputc(',', f);
  }
  fputc(']', f);
}

void print_explained(FILE *f, const struct vmref_span *s)
{
  char text[SHOW_TEXT];
  print_verdict(f, s);
  if (s->vector) print_words(f, "error_bits", s->error ? error_bits(s->error, text) : "", '|');
  fputs(",\"manual\":", f);
  print_string(f, rule_manual(s->rule));
  fputs(",\"section\":", f);
  print_string(f, rule_section(s->rule));
  fputs(",\"text\":", f);
  print_string(f, rule_line(s->rule));
  print_walk(f, "walk", &s->part[0]);
  if (s->parts == 2) print_walk(f, "next_walk", &s->part[1]);
  fputs("}\n", f);
}

/* ---- questions ---------------------------------------------------------- */

static void print_cpu(FILE *f, const struct vmref_cpu *c)
{
  fprintf(f, "{\"mode\":\"%s\",\"cr3\":\"0x%" PRIx64 "\",\"wp\":%s,\"smep\":%s,\"smap\":%s",
          MODES[c->mode], c->cr3, boolean(c->wp), boolean(c->smep), boolean(c->smap));
  fprintf(f, ",\"nxe\":%s,\"pge\":%s,\"pse\":%s,\"pse36\":%s,\"pcide\":%s,\"pke\":%s,\"pks\":%s",
          boolean(c->nxe), boolean(c->pge), boolean(c->pse), boolean(c->pse36), boolean(c->pcide),
          boolean(c->pke), boolean(c->pks));
  fprintf(f, ",\"pkru\":\"0x%" PRIx32 "\",\"pkrs\":\"0x%" PRIx32 "\",\"maxphyaddr\":%u",
          c->pkru, c->pkrs, c->maxphyaddr);
  fprintf(f, ",\"page1gb\":%s,\"vendor\":\"%s\"}", boolean(c->page1gb), VENDORS[c->vendor]);
}

void print_question_object(FILE *f, const struct question *q, bool va)
{
  const struct vmref_access *a = &q->access;
  fputs("{\"format\":1,\"op\":\"walk\",\"cpu\":", f);
  print_cpu(f, &q->cpu);
  for (int i = 0; q->cpu.mode == VMREF_MODE_PAE && i < 4; i++)
    fprintf(f, "%s\"0x%" PRIx64 "\"%s", i ? "," : ",\"pdpte\":[", q->cpu.pdpte[i], i == 3 ? "]" : "");
  fputs(",\"mem\":{", f);
  for (size_t i = 0; i < q->words; i++)
    fprintf(f, "%s\"0x%" PRIx64 "\":\"0x%" PRIx64 "\"", i ? "," : "", q->mem[i].address,
            q->mem[i].value);
  fputc('}', f);
  if (va) fprintf(f, ",\"va\":\"0x%" PRIx64 "\"", a->va);
  fprintf(f, ",\"access\":\"%s\",\"cpl\":%u,\"size\":%u,\"seg\":\"%s\"", KINDS[a->kind], a->cpl,
          a->size, SEGMENTS[a->seg]);
  fprintf(f, ",\"implicit\":%s,\"ac\":%s}", boolean(a->implicit), boolean(a->ac));
}

void print_question(FILE *f, const struct question *q, bool va)
{
  print_question_object(f, q, va);
  fputc('\n', f);
}
