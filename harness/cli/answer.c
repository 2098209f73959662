/* SPDX-License-Identifier: MIT */
/* Questions to the model, and a file of them line by line. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"

/* Why the model does not take the question on, or NULL. Empty: no words for it. */
static const char *outside(const struct question *q)
{
  static const char *const mode[5] = {
    "cpu.mode \"none\" is not modelled yet, \"4level\" is",
    "cpu.mode \"32bit\" is not modelled yet, \"4level\" is",
    "cpu.mode \"pae\" is not modelled yet, \"4level\" is", NULL,
    "cpu.mode \"5level\" is not modelled yet, \"4level\" is" };
  if (mode[q->cpu.mode]) return mode[q->cpu.mode];
  if (q->pke) return "cpu.pke: protection keys for user pages are not modelled yet";
  if (q->pks) return "cpu.pks: protection keys for supervisor pages are not modelled yet";
  if (q->pcide) return "cpu.pcide: process-context identifiers are not modelled yet";
  if (!vmref_access_one_page(q->access))
    return "va, size: an access with bytes in two 4-KiB pages is not modelled yet";
  if (q->access.implicit && !vmref_canonical(q->access.va))
    return "va, implicit: an implicit access to an address that is not canonical is not modelled, "
           "since its error code is a selector";
  return NULL;
}

enum answer answer(const struct question *q, struct vmref_walk *w, struct complaint *why)
{
  const char *reason = outside(q);
  if (reason) {
    snprintf(why->text, sizeof why->text, "%s", reason);
    return UNMODELLED;
  }
  vmref_walk_start(w, q->cpu, q->access);
  while (w->level != 0) vmref_walk_step(w, question_word(q, w->address[w->level]));
  if (w->status != VMREF_OK || w->rule == VMREF_RULE_NONE) { /* the reader let through what the model refuses */
    say("internal error: the model's status is %d", w->status);
    exit(EXIT_INTERNAL);
  }
  return ANSWERED;
}

enum answer answer_line(struct question *q, enum line kind, const char *text, size_t size,
                        struct vmref_walk *w, struct complaint *why)
{
  if (kind == LINE_LONG) {
    snprintf(why->text, sizeof why->text, "a line must be at most %u bytes", LINE_LIMIT);
    return MALFORMED;
  }
  return question_read(q, text, size, why) ? answer(q, w, why) : MALFORMED;
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
    struct vmref_walk w;
    struct complaint why = { "" };
    enum answer a = answer_line(&q, kind, text, size, &w, &why);
    each(a, &w, why.text, lines_number(in));
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
