/* SPDX-License-Identifier: MIT */
/* Questions to the model, and a file of them line by line. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"

/* Is there a byte of the access that is not canonical? */
static bool leaves_canonical(const struct question *q)
{
  if (!vmref_canonical(q->cpu.mode, q->access.va)) return true;
  return vmref_span_parts(q->access) == 2
         && !vmref_canonical(q->cpu.mode, vmref_span_second(q->cpu, q->access).va);
}

static void refuse_load(const struct question *q, struct vmref_span *s, uint64_t address, uint64_t e)
{
  struct vmref_walk *w = &s->part[0];
  *s = (struct vmref_span){ .access = q->access, .parts = 1, .rule = VMREF_RULE_GP_PDPTE,
                            .vector = VMREF_VECTOR_GP, .may = VMREF_SPAN_FIRST };
  *w = (struct vmref_walk){ .cpu = q->cpu, .access = q->access, .last = 3,
                            .rule = VMREF_RULE_GP_PDPTE, .vector = VMREF_VECTOR_GP };
  w->address[3] = address;
  w->entry[3] = w->after[3] = e;
}

/* Load the PDPTE registers from memory, as MOV CR3 does. SDM 3A 4.4.1. false: it faults. */
static bool load_pdptes(const struct question *q, struct vmref_cpu *cpu, struct vmref_span *s)
{
  uint64_t table = cpu->cr3 / 32 * 32;
  for (unsigned i = 0; i < 4; i++) {
    uint64_t e = question_entry(q, table + 8 * i);
    if (!vmref_pdpte_fit(cpu->maxphyaddr, e)) {
      refuse_load(q, s, table + 8 * i, e);
      return false;
    }
    cpu->pdpte[i] = e;
  }
  return true;
}

enum answer answer(const struct question *q, struct vmref_span *s, struct complaint *why)
{
  struct vmref_cpu cpu = q->cpu;
  if (q->access.implicit && leaves_canonical(q)) {
    snprintf(why->text, sizeof why->text, "va, implicit: an implicit access to an address that is not "
             "canonical is not modelled, since its error code is a selector");
    return UNMODELLED;
  }
  if (cpu.mode == VMREF_MODE_PAE && !q->registers && !load_pdptes(q, &cpu, s)) return ANSWERED;
  vmref_span_start(s, cpu, q->access);
  for (int i = 0; i < s->parts; i++)
    while (s->part[i].level != 0)
      vmref_walk_step(&s->part[i], question_entry(q, s->part[i].address[s->part[i].level]));
  vmref_span_join(s);
  if (s->status != VMREF_OK) { /* the reader let through what the model refuses */
    say("internal error: the model's status is %d", s->status);
    exit(EXIT_INTERNAL);
  }
  return ANSWERED;
}

enum answer answer_line(struct question *q, enum line kind, const char *text, size_t size,
                        struct vmref_span *s, struct complaint *why)
{
  if (kind == LINE_LONG) {
    snprintf(why->text, sizeof why->text, "a line must be at most %u bytes", LINE_LIMIT);
    return MALFORMED;
  }
  return question_read(q, text, size, why) ? answer(q, s, why) : MALFORMED;
}

static bool blank(const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') return false;
  return true;
}

static int unreadable(const char *path, struct lines *in)
{
  say("%s: %s", path, strerror(errno));
  if (in) lines_close(in);
  return EXIT_MALFORMED;
}

int answer_file(const char *path, each_line *each)
{
  const char *text, *name = !path || strcmp(path, "-") == 0 ? "standard input" : path;
  size_t size;
  enum line kind;
  bool seen[3] = { false, false, false };
  struct question q = QUESTION_DEFAULT;
  struct lines *in = lines_open(path);
  if (!in) return unreadable(name, NULL);
  while ((kind = lines_next(in, &text, &size)) == LINE_TEXT || kind == LINE_LONG) {
    if (kind == LINE_TEXT && blank(text, size)) continue;
    struct vmref_span s;
    struct complaint why = { "" };
    enum answer a = answer_line(&q, kind, text, size, &s, &why);
    each(a, &s, why.text, lines_number(in));
    seen[a] = true;
  }
  free(q.mem);
  if (kind == LINE_UNREADABLE) return unreadable(name, in);
  lines_close(in);
  if (!seen[ANSWERED] && !seen[MALFORMED] && !seen[UNMODELLED]) {
    say("%s: empty, there is no question in it", name);
    return EXIT_MALFORMED;
  }
  return seen[MALFORMED] ? EXIT_MALFORMED : seen[UNMODELLED] ? EXIT_UNMODELLED : EXIT_ANSWERED;
}
