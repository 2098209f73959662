/* SPDX-License-Identifier: MIT */
/* Reading traces: a line is an event, its words are numbers, names of fields and flags. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

#define HEAD "vmref-trace 1"
#define WORDS 48
#define EVENTS 1000000

struct words { char *at[WORDS]; unsigned n, next; struct complaint *why; };

static bool number(struct words *w, const char *what, uint64_t most, uint64_t *n)
{
  if (w->next == w->n) return bad(w->why, "%s is missing", what);
  const char *text = w->at[w->next++];
  char *end;
  errno = 0;
  *n = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
  if (text[0] < '0' || text[0] > '9' || *end || errno) return bad(w->why, "%s '%.40s' is no number below 2^64: decimal digits, or 0x and hex digits", what, text);
  return *n <= most || bad(w->why, "%s %.40s is too large; it is at most 0x%" PRIx64, what, text, most);
}

static bool small(struct words *w, const char *what, uint8_t most, uint8_t *n)
{
  uint64_t v;
  if (!number(w, what, most, &v)) return false;
  *n = (uint8_t)v;
  return true;
}

static bool aligned(struct words *w, const char *what, uint64_t to, uint64_t *n)
{
  if (!number(w, what, (1ull << 52) - 1, n)) return false;
  return *n % to == 0 || bad(w->why, "%s 0x%" PRIx64 " is no multiple of %" PRIu64, what, *n, to);
}

static bool name(struct words *w, const char *what, const char *const *names, uint8_t *n)
{
  char all[100] = "";
  if (w->next == w->n) return bad(w->why, "%s is missing", what);
  const char *text = w->at[w->next++];
  for (*n = 0; names[*n]; ++*n) {
    if (strcmp(text, names[*n]) == 0) return true;
    strcat(strcat(all, " "), names[*n]);
  }
  return bad(w->why, "%s '%.40s' is none of%s", what, text, all);
}

/* N FIELD VALUE ...: those that are left out are as vmref --print-default-config has them. */
static bool read_cpu(struct words *w, struct event *e)
{
  static const struct { const char *name; size_t at; uint8_t low, high; } FIELDS[] = {
#define FLAG(field) { #field, offsetof(struct vmref_cpu, field), 0, 1 }
    FLAG(wp), FLAG(smep), FLAG(smap), FLAG(nxe), FLAG(pge), FLAG(pse), FLAG(pse36), FLAG(pcide), FLAG(pke), FLAG(pks), FLAG(page1gb),
    { "maxphyaddr", offsetof(struct vmref_cpu, maxphyaddr), 32, 52 } };
  struct vmref_cpu *c = &e->state;
  uint64_t n;
  *c = QUESTION_DEFAULT.cpu;
  if (!small(w, "N", TRACE_CPUS - 1, &e->cpu)) return false;
  while (w->next < w->n) {
    const char *field = w->at[w->next++];
    size_t i = 0;
    while (i < sizeof FIELDS / sizeof *FIELDS && strcmp(field, FIELDS[i].name) != 0) i++;
    if (i < sizeof FIELDS / sizeof *FIELDS) {
      uint8_t *to = (uint8_t *)c + FIELDS[i].at;
      if (!small(w, field, FIELDS[i].high, to)) return false;
      if (*to < FIELDS[i].low) return bad(w->why, "%s is at least %u", field, FIELDS[i].low);
    } else if (strcmp(field, "mode") == 0 ? !name(w, field, MODES, &c->mode) : strcmp(field, "vendor") == 0 ? !name(w, field, VENDORS, &c->vendor) : false) return false;
    else if (strcmp(field, "mode") == 0 || strcmp(field, "vendor") == 0) continue;
    else if (strcmp(field, "cr3") == 0) {
      if (!number(w, field, UINT64_MAX, &c->cr3)) return false;
    } else if (strcmp(field, "pkru") == 0 || strcmp(field, "pkrs") == 0) {
      if (!number(w, field, UINT32_MAX, &n)) return false;
      *(field[3] == 'u' ? &c->pkru : &c->pkrs) = (uint32_t)n;
    } else if (strcmp(field, "pdpte") == 0) {
      e->registers = true;
      for (i = 0; i < 4; i++)
        if (!number(w, field, UINT64_MAX, &c->pdpte[i])) return false;
    } else return bad(w->why, "unknown field '%.40s' of cpu", field);
  }
  const struct vmref_access plain = { .size = 1 };
  return vmref_question_valid(*c, plain) || bad(w->why, "no processor has this control state");
}

/* N KIND VA CPL [size S] [ac] [implicit] [stack] ok PA | fault VECTOR [ERROR [CR2]] */
static bool read_access(struct words *w, struct event *e)
{
  struct vmref_access *a = &e->access;
  uint64_t n;
  *a = (struct vmref_access){ .size = 1 };
  if (!small(w, "N", TRACE_CPUS - 1, &e->cpu) || !name(w, "KIND", KINDS, &a->kind) || !number(w, "VA", UINT64_MAX, &a->va) || !small(w, "CPL", 3, &a->cpl)) return false;
  for (; w->next < w->n; w->next++) {
    const char *word = w->at[w->next];
    if (strcmp(word, "ac") == 0) a->ac = 1;
    else if (strcmp(word, "implicit") == 0) a->implicit = 1;
    else if (strcmp(word, "stack") == 0) a->seg = VMREF_SEG_SS;
    else if (strcmp(word, "size") == 0) {
      w->next++;
      if (!small(w, "size", 64, &a->size)) return false;
      w->next--;
    } else break;
  }
  if (!vmref_access_valid(*a)) return bad(w->why, "no instruction makes such an access");
  if (!vmref_access_one_page(*a)) return bad(w->why, "the access lies in two pages; log one line for each part");
  if (w->next == w->n) return bad(w->why, "what came of it is missing: ok PA, or fault VECTOR ERROR CR2");
  const char *word = w->at[w->next++];
  if (strcmp(word, "ok") == 0) return number(w, "PA", (1ull << 52) - 1, &e->seen.pa);
  if (strcmp(word, "fault") != 0) return bad(w->why, "'%.40s' is not ok or fault", word);
  if (!small(w, "VECTOR", 31, &e->seen.vector)) return false;
  if (e->seen.vector == 0) return bad(w->why, "VECTOR 0 is none of a walk");
  if (w->next < w->n && !number(w, "ERROR", UINT32_MAX, &n)) return false;
  else if (w->next > 0) e->seen.error = (uint32_t)n;
  return e->seen.vector != VMREF_VECTOR_PF || number(w, "CR2", UINT64_MAX, &e->seen.cr2);
}

/* N VA PA RIGHTS: r, and w, u, x, s (supervisor) */
static bool read_fill(struct words *w, struct event *e)
{
  if (!small(w, "N", TRACE_CPUS - 1, &e->cpu) || !number(w, "VA", UINT64_MAX, &e->a) || !number(w, "PA", (1ull << 52) - 1, &e->b)) return false;
  if (w->next == w->n) return bad(w->why, "RIGHTS are missing: r, and w, u and x as they are");
  for (const char *p = w->at[w->next++]; *p; p++) {
    if (!strchr("rwux", *p)) return bad(w->why, "RIGHTS are of r, w, u and x, not '%c'", *p);
    e->rights |= *p == 'w' ? TRACE_W : *p == 'u' ? TRACE_U : *p == 'x' ? TRACE_X : 0;
  }
  return true;
}

static bool read_event(struct words *w, struct event *e)
{
  static const char *const KIND[] = { "mem", "cpu", "write", "write4", "cr3", "invlpg", "invpcid", "flush", "fill", "access", "alloc", "free", "swapout",
                                      "swapin", NULL };
  uint8_t k;
  if (!name(w, "event", KIND, &k)) return false;
  e->kind = k;
  switch (e->kind) {
  case EVENT_MEM: case EVENT_WRITE: return aligned(w, "ADDRESS", 8, &e->a) && number(w, "VALUE", UINT64_MAX, &e->b);
  case EVENT_WRITE4: return aligned(w, "ADDRESS", 4, &e->a) && number(w, "VALUE", UINT32_MAX, &e->b);
  case EVENT_CPU: return read_cpu(w, e);
  case EVENT_CR3:
    if (!small(w, "N", TRACE_CPUS - 1, &e->cpu) || !number(w, "VALUE", UINT64_MAX, &e->a)) return false;
    if (w->next < w->n && strcmp(w->at[w->next], "keep") == 0) e->keep = 1, w->next++;
    return true;
  case EVENT_INVLPG: return small(w, "N", TRACE_CPUS - 1, &e->cpu) && number(w, "VA", UINT64_MAX, &e->a);
  case EVENT_INVPCID:
    return small(w, "N", TRACE_CPUS - 1, &e->cpu) && number(w, "TYPE", 3, &e->c) && number(w, "PCID", 4095, &e->a) && number(w, "VA", UINT64_MAX, &e->b);
  case EVENT_FLUSH: return small(w, "N", TRACE_CPUS - 1, &e->cpu);
  case EVENT_FILL: return read_fill(w, e);
  case EVENT_ACCESS: return read_access(w, e);
  case EVENT_ALLOC: case EVENT_FREE: return aligned(w, "FRAME", 4096, &e->a);
  case EVENT_SWAPOUT: return aligned(w, "FRAME", 4096, &e->a) && number(w, "SLOT", UINT64_MAX, &e->b);
  default: return number(w, "SLOT", UINT64_MAX, &e->b) && aligned(w, "FRAME", 4096, &e->a);
  }
}

static bool push(struct trace_file *t, const struct event *e, const char *text)
{
  if (t->events == t->room) {
    size_t room = t->room ? 2 * t->room : 256;
    void *events = realloc(t->event, room * sizeof *t->event);
    if (events) t->event = events;
    void *texts = events ? realloc(t->text, room * sizeof *t->text) : NULL;
    if (!texts) return false;
    t->text = texts;
    t->room = room;
  }
  t->text[t->events] = strdup(text);
  if (!t->text[t->events]) return false;
  t->event[t->events++] = *e;
  return true;
}

bool trace_line(struct trace_file *t, uint64_t line, const char *text, size_t size, struct complaint *why)
{
  char copy[1024], whole[1024];
  struct words w = { .why = why };
  struct event e = { .line = line };
  if (memchr(text, '#', size)) size = (size_t)((const char *)memchr(text, '#', size) - text);
  if (size >= sizeof copy) return bad(why, "a line must be below %zu bytes", sizeof copy);
  if (memchr(text, 0, size)) return bad(why, "a NUL byte");
  memcpy(copy, text, size);
  copy[size] = 0;
  strcpy(whole, copy);
  for (char *p = strtok(copy, " \t\r"); p; p = strtok(NULL, " \t\r")) {
    if (w.n == WORDS) return bad(why, "more than %d words", WORDS);
    w.at[w.n++] = p;
  }
  if (w.n == 0) return true;
  if (t->events == EVENTS) return bad(why, "more than %d events; divide the trace", EVENTS);
  if (!read_event(&w, &e)) return false;
  if (w.next < w.n) return bad(why, "'%.40s' is too much", w.at[w.next]);
  return push(t, &e, whole) || bad(why, "out of memory");
}

int trace_read(struct trace_file *t, const char *path)
{
  const char *text, *file = strcmp(path, "-") == 0 ? "standard input" : path;
  size_t size;
  enum line kind;
  bool head = false;
  struct complaint why = { "a line must be at most 1048576 bytes" };
  struct lines *in = lines_open(path);
  if (!in) return fprintf(stderr, "vmref check: %s: %s\n", file, strerror(errno)), EXIT_MALFORMED;
  while ((kind = lines_next(in, &text, &size)) == LINE_TEXT) {
    if (head ? trace_line(t, lines_number(in), text, size, &why) : size == strlen(HEAD) && memcmp(text, HEAD, size) == 0) {
      head = true;
      continue;
    }
    if (!head) bad(&why, "a trace begins with the line " HEAD);
    break;
  }
  if (kind == LINE_END && head && t->events == 0) bad(&why, "there is no event in it");
  const bool good = kind == LINE_END && t->events > 0;
  if (kind == LINE_END && !head) bad(&why, "a trace begins with the line " HEAD);
  if (kind == LINE_UNREADABLE) fprintf(stderr, "vmref check: %s: %s\n", file, strerror(errno));
  else if (!good) fprintf(stderr, "vmref check: %s:%" PRIu64 ": malformed: %s\n", file, lines_number(in), why.text);
  lines_close(in);
  return good ? EXIT_ANSWERED : EXIT_MALFORMED;
}

void trace_free(struct trace_file *t)
{
  for (size_t i = 0; i < t->events; i++) free(t->text[i]);
  free(t->text);
  free(t->event);
}
