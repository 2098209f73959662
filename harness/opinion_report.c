/* SPDX-License-Identifier: MIT */
/* The second opinion held against the model's answer, and what is said of a finding. */
#include <inttypes.h>
#include <stdlib.h>
#include "opinion.h"
#include "show.h"

static const char *path_differs(const struct opinion *o, const struct vmref_walk *w)
{
  const struct vmref_origin *p = &o->origin, *q = &w->origin;
  if (p->level != q->level || p->table != q->table || p->rw != q->rw || p->us != q->us || p->xd != q->xd)
    return "where the walk begins";
  for (int level = p->level ? p->level : o->last; o->last && level >= o->last; level--) {
    if (w->address[level] != o->address[level]) return "address of an entry";
    if (w->entry[level] != o->entry[level]) return "entry read";
    if (w->after[level] != o->after[level]) return "A or D bits";
  }
  return NULL;
}

const char *opinion_differs(const struct opinion *o, const struct vmref_walk *w)
{
  if (w->status != o->status) return "status";
  if (w->level != 0) return "level (the walk is not over)";
  if (w->vector != o->vector) return "vector";
  if (w->error != o->error) return "error code";
  if (w->cr2 != o->cr2) return "CR2";
  if (o->status != VMREF_OK) return w->last == 0 && w->rule == VMREF_RULE_NONE ? NULL : "an answer that is none";
  if (w->last != o->last) return "last level";
  if (w->rule > 31 || !(o->cites >> w->rule & 1)) return "rule cited";
  const char *field = path_differs(o, w);
  if (field || o->vector != 0) return field;
  if (w->pa != o->pa) return "physical address";
  if (w->rw != o->rw || w->us != o->us || w->xd != o->xd) return "combined rights";
  if (o->last == 0) return NULL; /* no page, no more to say */
  if (w->key != o->key) return "protection key";
  if (w->pat != o->pat) return "PAT index";
  return w->global != o->global ? "global" : NULL;
}

void opinion_show(FILE *f, const struct opinion *o, const struct vmref_walk *w)
{
  char text[SHOW_TEXT];
  fprintf(f, "---- the model says\n");
  show_walk(f, w);
  fprintf(f, "---- the second opinion says\nstatus  %d\nvector  %u", o->status, o->vector);
  fprintf(f, ", error 0x%" PRIx32 " = %s, CR2 0x%016" PRIx64 "\nrules  ", o->error,
          error_bits(o->error, text), o->cr2);
  for (uint8_t rule = 1; rule < 32; rule++)
    if (o->cites >> rule & 1) fprintf(f, " %s", rule_id(rule));
  fputc('\n', f);
  for (int level = 5; o->last && level >= o->last; level--) {
    if (level > o->origin.level && level > o->last) continue; /* above where it began */
    fprintf(f, "%-5s   @0x%010" PRIx64 " = 0x%016" PRIx64 " then 0x%016" PRIx64 "  %s\n",
            entry_name((uint8_t)level), o->address[level], o->entry[level], o->after[level],
            entry_bits(w->cpu, (uint8_t)level, o->entry[level]).set);
  }
  if (o->status == VMREF_OK && o->vector == 0)
    fprintf(f, "pa      0x%" PRIx64 "  rw %u us %u xd %u global %u key %u pat %u\n", o->pa, o->rw,
            o->us, o->xd, o->global, o->key, o->pat);
}

static void headline(const struct vmref_case *c, const char *what)
{
  char token[CASE_TOKEN];
  case_token(c, token);
  fprintf(stderr, "FINDING %s\ntoken   %s\n", what, token);
}

void finding(const struct vmref_case *c, const char *what)
{
  headline(c, what);
  abort();
}

void finding_values(const struct vmref_case *c, const char *what, uint64_t model,
                    uint64_t opinion)
{
  headline(c, what);
  fprintf(stderr, "the model says 0x%" PRIx64 ", the second opinion 0x%" PRIx64 "\n", model,
          opinion);
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, c->access);
  show_walk(stderr, &w);
  abort();
}

void finding_walks(const struct vmref_case *c, const char *what,
                   const struct vmref_walk *w, const struct vmref_walk *other)
{
  struct vmref_case d = *c;
  char token[CASE_TOKEN];
  headline(c, what);
  fprintf(stderr, "---- the walk\n");
  show_walk(stderr, w);
  d.cpu = other->cpu;
  d.access = other->access;
  for (int level = 5; other->last && level >= other->last; level--)
    d.entry[level] = other->entry[level];
  case_token(&d, token);
  fprintf(stderr, "---- held against it, about %s\n", token);
  show_walk(stderr, other);
  abort();
}

void finding_input(const char *what, const char *form, const uint8_t *data, size_t size)
{
  fprintf(stderr, "FINDING %s\ntoken   %s-", what, form);
  while (size > 1 && data[size - 1] == 0) size--;
  for (size_t i = 0; i < size; i++) fprintf(stderr, "%02x", data[i]);
  fputc('\n', stderr);
  abort();
}
