/* SPDX-License-Identifier: MIT */
/* Answers and questions as JSON, one object a line. */
#include <inttypes.h>
#include <string.h>
#include "cli.h"

static const char *boolean(int b) { return b ? "true" : "false"; }

static void print_string(FILE *f, const char *utf8)
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

/* The answer without the closing brace. */
static void print_verdict(FILE *f, const struct vmref_walk *w)
{
  struct update u[4];
  int n = walk_updates(w, u);
  if (w->rule == VMREF_RULE_OK) {
    fprintf(f, "{\"result\":\"ok\",\"pa\":\"0x%" PRIx64 "\",\"page_size\":%" PRIu64, w->pa,
            vmref_page_size(w->last));
    fprintf(f, ",\"user\":%s,\"write\":%s,\"exec\":%s,\"global\":%s", boolean(w->us),
            boolean(w->rw), boolean(!w->xd), boolean(w->global));
    print_updates(f, "writes", u, n);
    fprintf(f, ",\"level\":%u,\"rule\":\"%s\"", w->last, rule_id(w->rule));
    return;
  }
  fprintf(f, "{\"result\":\"fault\",\"vector\":%u,\"error\":\"0x%" PRIx32 "\"", w->vector, w->error);
  if (w->vector == VMREF_VECTOR_PF) fprintf(f, ",\"cr2\":\"0x%" PRIx64 "\"", w->cr2);
  fprintf(f, ",\"level\":%u", w->last);
  if (w->last) fprintf(f, ",\"entry\":\"0x%" PRIx64 "\"", w->address[w->last]);
  fprintf(f, ",\"rule\":\"%s\"", rule_id(w->rule));
  print_updates(f, "writes", u, 0); /* no fault obliges the processor to set A */
  print_updates(f, "may", u, n);
}

void print_answer(FILE *f, const struct vmref_walk *w)
{
  print_verdict(f, w);
  fputs("}\n", f);
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

static void print_level(FILE *f, const struct vmref_walk *w, uint8_t level)
{
  uint64_t e = w->entry[level];
  struct entry_text t = entry_bits(w->cpu, level, e);
  fprintf(f, "{\"level\":%u,\"name\":\"%s\",\"index\":%" PRIu64, level, entry_name(level),
          vmref_index(w->access.va, level));
  fprintf(f, ",\"entry\":\"0x%" PRIx64 "\",\"value\":\"0x%" PRIx64 "\"", w->address[level], e);
  print_words(f, "bits", t.set, ' ');
  print_words(f, "ignored", t.ignored, ' ');
  print_words(f, "reserved", t.reserved, ' ');
  if (!vmref_p(e) || t.reserved[0]) fputs("}", f); /* leads nowhere */
  else if (!vmref_maps_page(level, e)) fprintf(f, ",\"table\":\"0x%" PRIx64 "\"}", vmref_table_of(e));
  else fprintf(f, ",\"page\":\"0x%" PRIx64 "\"}", vmref_page_byte(level, e, 0));
}

void print_explained(FILE *f, const struct vmref_walk *w)
{
  char text[SHOW_TEXT];
  print_verdict(f, w);
  if (w->vector) print_words(f, "error_bits", w->error ? error_bits(w->error, text) : "", '|');
  fputs(",\"manual\":", f);
  print_string(f, rule_manual(w->rule));
  fputs(",\"section\":", f);
  print_string(f, rule_section(w->rule));
  fputs(",\"text\":", f);
  print_string(f, rule_line(w->rule));
  fputs(",\"walk\":[", f);
  if (w->last)
    for (uint8_t level = 4; level >= w->last; level--) {
      print_level(f, w, level);
      if (level > w->last) fputc(',', f);
    }
  fputs("]}\n", f);
}

/* ---- questions ---------------------------------------------------------- */

static void print_cpu(FILE *f, const struct question *q)
{
  const struct vmref_cpu *c = &q->cpu;
  fprintf(f, "{\"mode\":\"%s\",\"cr3\":\"0x%" PRIx64 "\",\"wp\":%s,\"smep\":%s,\"smap\":%s",
          MODES[c->mode], c->cr3, boolean(c->wp), boolean(c->smep), boolean(c->smap));
  fprintf(f, ",\"nxe\":%s,\"pge\":%s,\"pse\":%s,\"pcide\":%s,\"pke\":%s,\"pks\":%s",
          boolean(c->nxe), boolean(c->pge), boolean(q->pse), boolean(q->pcide), boolean(q->pke),
          boolean(q->pks));
  fprintf(f, ",\"pkru\":\"0x%" PRIx32 "\",\"pkrs\":\"0x%" PRIx32 "\",\"maxphyaddr\":%u",
          q->pkru, q->pkrs, c->maxphyaddr);
  fprintf(f, ",\"page1gb\":%s,\"vendor\":\"%s\"}", boolean(c->page1gb), VENDORS[c->vendor]);
}

void print_question(FILE *f, const struct question *q, bool va)
{
  const struct vmref_access *a = &q->access;
  fputs("{\"format\":1,\"op\":\"walk\",\"cpu\":", f);
  print_cpu(f, q);
  fputs(",\"mem\":{", f);
  for (size_t i = 0; i < q->words; i++)
    fprintf(f, "%s\"0x%" PRIx64 "\":\"0x%" PRIx64 "\"", i ? "," : "", q->mem[i].address,
            q->mem[i].value);
  fputc('}', f);
  if (va) fprintf(f, ",\"va\":\"0x%" PRIx64 "\"", a->va);
  fprintf(f, ",\"access\":\"%s\",\"cpl\":%u,\"size\":%u,\"seg\":\"%s\"", KINDS[a->kind], a->cpl,
          a->size, SEGMENTS[a->seg]);
  fprintf(f, ",\"implicit\":%s,\"ac\":%s}\n", boolean(a->implicit), boolean(a->ac));
}
