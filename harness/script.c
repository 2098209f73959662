/* SPDX-License-Identifier: MIT */
/* Reading scripts: a line is taken apart into words, and each word is read as what its place in
 * the line asks for. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "script.h"

/* Each kind of line: what follows its first word. N: a name, maybe new; S: one that there is;
 * A: the address of a page; V: of a byte; C: how many pages; F: page frames, or one's number; R:
 * rights; B: a byte. What is in lower case is read by a function of its own. */
static const struct { const char *word, *places, *form; enum mm_kind kind; } WORDS[] = {
  { "space", "N", "space NAME", MM_SPACE },
  { "file", "NC", "file NAME PAGES", MM_FILE },
  { "add", "SA", "add FILE OFFSET", MM_FILE_ADD },
  { "map", "SACRm", "map SPACE ADDRESS PAGES RIGHTS [anon | shared NAME | file FILE private|shared [FIRST]]", MM_MAP },
  { "unmap", "SAC", "unmap SPACE ADDRESS PAGES", MM_UNMAP },
  { "protect", "SACR", "protect SPACE ADDRESS PAGES RIGHTS", MM_PROTECT },
  { "load", "SV", "load SPACE ADDRESS", MM_LOAD },
  { "store", "SVB", "store SPACE ADDRESS VALUE", MM_STORE },
  { "rmw", "SVB", "rmw SPACE ADDRESS VALUE", MM_RMW },
  { "fetch", "SV", "fetch SPACE ADDRESS", MM_FETCH },
  { "fork", "SN", "fork SPACE NAME", MM_FORK },
  { "exit", "S", "exit SPACE", MM_EXIT },
  { "swapout", "SA", "swapout SPACE ADDRESS", MM_SWAPOUT },
  { "swapin", "SA", "swapin SPACE ADDRESS", MM_SWAPIN },
  { "move", "SAF", "move SPACE ADDRESS FRAME", MM_MOVE },
  { "compact", "F", "compact FRAMES", MM_COMPACT },
  { "fragmentation", "", "fragmentation", MM_FRAGMENTATION },
  { "evict", "", "evict", MM_EVICT },
  { "cpu", "p", "cpu N runs SPACE | idle | looks ADDRESS | load ADDRESS | store ADDRESS VALUE | rmw ADDRESS VALUE | fetch ADDRESS", MM_RUN },
  { "flush", "", "flush", MM_TELL },
  { "tlb", "", "tlb", MM_TLB },
  { "lazy", "l", "lazy on|off", MM_LAZY },
  { "expect", "e", "expect VALUE | ok | fault VECTOR CODE | error NAME", MM_KINDS },
};
#define LINES (sizeof WORDS / sizeof WORDS[0])

/* ---- words --------------------------------------------------------------- */

struct word { const char *at; size_t size, column; };

struct reader {
  const char *text, *next, *end;
  const char *form; /* how the line should look */
  struct script *script;
  struct script_error *why;
};

static int wrong(struct reader *r, size_t column, const char *text, ...)
{
  va_list list;
  va_start(list, text);
  vsnprintf(r->why->text, sizeof r->why->text, text, list);
  va_end(list);
  r->why->column = column;
  return 0;
}

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* The next word; 0: the line has no more, and the column is behind its last. */
static int next_word(struct reader *r, struct word *w)
{
  const char *last = r->next;
  while (r->next < r->end && is_blank(*r->next)) r->next++;
  const char *begin = r->next;
  while (r->next < r->end && !is_blank(*r->next) && *r->next != '#') r->next++;
  *w = (struct word){ begin, (size_t)(r->next - begin), (size_t)(begin - r->text) + 1 };
  if (w->size > 0) return 1;
  r->end = r->next = last; /* a comment */
  w->column = (size_t)(last - r->text) + 1;
  return 0;
}

static int need_word(struct reader *r, struct word *w, const char *what)
{
  return next_word(r, w) || wrong(r, w->column, "%s is missing; %s", what, r->form);
}

static int is(const struct word *w, const char *text)
{
  return w->size == strlen(text) && memcmp(w->at, text, w->size) == 0;
}

/* A word for a message: not longer than is useful, and printable. */
#define SHOWN 41
static const char *shown(const struct word *w, char text[SHOWN])
{
  size_t n = w->size < SHOWN - 1 ? w->size : SHOWN - 1;
  for (size_t i = 0; i < n; i++) text[i] = ' ' < w->at[i] && w->at[i] < 127 ? w->at[i] : '?';
  text[n] = 0;
  if (w->size > n) memcpy(text + n - 3, "...", 3);
  return text;
}

/* ---- numbers -------------------------------------------------------------- */

static int digit(char c, unsigned base)
{
  int d = '0' <= c && c <= '9' ? c - '0' : 'a' <= c && c <= 'f' ? c - 'a' + 10
        : 'A' <= c && c <= 'F' ? c - 'A' + 10 : 99;
  return d < (int)base ? d : -1;
}

/* Decimal digits, or 0x and hex digits, below 2^64. */
static int is_number(const struct word *w, uint64_t *n)
{
  int hex = w->size > 2 && w->at[0] == '0' && (w->at[1] == 'x' || w->at[1] == 'X');
  unsigned base = hex ? 16 : 10;
  *n = 0;
  for (size_t i = hex ? 2 : 0; i < w->size; i++) {
    int d = digit(w->at[i], base);
    if (d < 0 || *n > (UINT64_MAX - (unsigned)d) / base) return 0;
    *n = base * *n + (unsigned)d;
  }
  return w->size > 0;
}

/* The next word is a number up to max. */
static int number(struct reader *r, const char *what, uint64_t max, uint64_t *n)
{
  struct word w;
  char text[SHOWN];
  if (!need_word(r, &w, what)) return 0;
  if (!is_number(&w, n))
    return wrong(r, w.column, "%s '%s' is no number below 2^64; decimal digits, or 0x and hex digits", what, shown(&w, text));
  if (*n > max)
    return wrong(r, w.column, "%s %s is too large; it is at most %" PRIu64 " (0x%" PRIx64 ")", what, shown(&w, text), max, max);
  return 1;
}

static int byte(struct reader *r, uint8_t *b)
{
  uint64_t n;
  if (!number(r, "VALUE", 255, &n)) return 0;
  *b = (uint8_t)n;
  return 1;
}

/* Of a byte, or of a page. */
static int address(struct reader *r, uint64_t *va, int page)
{
  const char *before = r->next;
  if (!number(r, "ADDRESS", UINT64_MAX, va)) return 0;
  while (is_blank(*before)) before++;
  return !page || *va % 4096 == 0
    || wrong(r, (size_t)(before - r->text) + 1, "0x%" PRIx64 " is not the address of a page, a multiple of 4096; 0x%" PRIx64 " is",
             *va, *va - *va % 4096);
}

/* ---- names --------------------------------------------------------------- */

static int is_identifier(const struct word *w)
{
  for (size_t i = 0; i < w->size; i++) {
    char c = w->at[i];
    int letter = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return 0;
  }
  return 0 < w->size && w->size < SCRIPT_NAME;
}

static int find(const struct script *t, const char *name, uint32_t *n)
{
  for (*n = 0; *n < t->names; ++*n)
    if (strcmp(t->name[*n], name) == 0) return 1;
  return 0;
}

static int new_name(struct reader *r, const struct word *w, const char *name, uint32_t *n)
{
  struct script *t = r->script;
  if (t->names >= t->spaces)
    return wrong(r, w->column, "'%s' is one name more than the %" PRIu32 " spaces that can exist; give a larger --spaces", name, t->spaces);
  void *more = realloc(t->name, (t->names + 1) * sizeof *t->name);
  if (!more) return wrong(r, 0, "out of memory");
  t->name = more;
  strcpy(t->name[t->names], name);
  *n = t->names++;
  return 1;
}

enum { KNOWN, MAYBE_NEW, SEGMENT };

/* A segment may have a number for its name, which is one name however it is written. */
static int name(struct reader *r, int what, uint32_t *n)
{
  struct word w;
  char text[SHOWN], name[SCRIPT_NAME];
  uint64_t number;
  if (!need_word(r, &w, "a NAME")) return 0;
  if (is_identifier(&w)) snprintf(name, sizeof name, "%.*s", (int)w.size, w.at);
  else if (what != MAYBE_NEW && is_number(&w, &number)) snprintf(name, sizeof name, "%" PRIu64, number);
  else return wrong(r, w.column, "'%s' is no name; a letter or _, then letters, digits or _, %d at most", shown(&w, text), SCRIPT_NAME - 1);
  if (find(r->script, name, n)) return 1;
  if (what != KNOWN) return new_name(r, &w, name, n);
  return wrong(r, w.column, "unknown space '%s'; make it on a line before: space %s, file %s PAGES or fork SPACE %s",
               shown(&w, text), name, name, name);
}

/* ---- rights and mappings ------------------------------------------------- */

static int rights(struct reader *r, uint8_t *prot)
{
  struct word w;
  char text[SHOWN];
  if (!need_word(r, &w, "RIGHTS")) return 0;
  *prot = 0;
  if (is(&w, "none")) return 1;
  for (size_t i = 0; i < w.size; i++) {
    uint8_t one = w.at[i] == 'r' ? VMREF_PROT_R : w.at[i] == 'w' ? VMREF_PROT_W : w.at[i] == 'x' ? VMREF_PROT_X : 0;
    if (one == 0 || (*prot & one))
      return wrong(r, w.column, "'%s' are no rights; r, w and x, each once at most, or none", shown(&w, text));
    *prot |= one;
  }
  return 1;
}

/* FILE private|shared [FIRST] */
static int file_mapping(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!name(r, KNOWN, &l->op.b) || !need_word(r, &w, "private or shared")) return 0;
  if (!is(&w, "private") && !is(&w, "shared"))
    return wrong(r, w.column, "'%s' is not private or shared; %s", shown(&w, text), r->form);
  l->op.share = is(&w, "shared") ? 1 : 0;
  struct reader ahead = *r;
  return !next_word(&ahead, &w) || number(r, "FIRST", UINT64_MAX, &l->op.first);
}

/* [anon | shared NAME | file FILE ...] */
static int mapping(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!next_word(r, &w) || is(&w, "anon")) return 1;
  l->op.kind = MM_MAP_FILE;
  if (is(&w, "shared")) {
    l->op.share = l->grow = 1;
    return name(r, SEGMENT, &l->op.b);
  }
  if (is(&w, "file")) return file_mapping(r, l);
  return wrong(r, w.column, "'%s' is not anon, shared or file; %s", shown(&w, text), r->form);
}

/* ---- expectations -------------------------------------------------------- */

static int expected_error(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!need_word(r, &w, "the NAME of an error")) return 0;
  for (l->status = -1; l->status > -128; l->status--)
    if (script_status(l->status) && is(&w, script_status(l->status))) return 1;
  return wrong(r, w.column, "'%s' is no error; there are EINVAL, EMEM, EFULL, ENOMAP and EACCES", shown(&w, text));
}

static int expectation(struct reader *r, struct script_line *l)
{
  struct word w;
  uint64_t vector, error;
  struct reader value = *r;
  if (!need_word(r, &w, "what is expected")) return 0;
  if (r->script->lines == 0) return wrong(r, w.column, "nothing is done before that could be expected of; put it behind an operation");
  l->kind = is(&w, "ok") ? SCRIPT_OK : is(&w, "fault") ? SCRIPT_FAULT : is(&w, "error") ? SCRIPT_ERROR : SCRIPT_VALUE;
  if (l->kind == SCRIPT_OK) return 1;
  if (l->kind == SCRIPT_ERROR) return expected_error(r, l);
  if (l->kind == SCRIPT_VALUE) {
    *r = value;
    char text[SHOWN];
    if (digit(w.at[0], 10) < 0) return wrong(r, w.column, "'%s' is nothing to expect; %s", shown(&w, text), r->form);
    return byte(r, &l->value);
  }
  if (!number(r, "VECTOR", 255, &vector) || !number(r, "CODE", UINT32_MAX, &error)) return 0;
  l->vector = (uint8_t)vector;
  l->error = (uint32_t)error;
  return 1;
}

/* ---- processors ---------------------------------------------------------- */

static int place(struct reader *r, char what, struct script_line *l);

/* N runs SPACE, and so on */
static int processor(struct reader *r, struct script_line *l)
{
  static const struct { const char *word, *places; enum mm_kind kind; } DOES[] = {
    { "runs", "S", MM_RUN }, { "idle", "", MM_RUN }, { "looks", "V", MM_FILL }, { "load", "V", MM_LOAD },
    { "store", "VB", MM_STORE }, { "rmw", "VB", MM_RMW }, { "fetch", "V", MM_FETCH } };
  struct word w;
  char text[SHOWN];
  uint64_t n;
  if (!number(r, "N", VMREF_CPUS - 1, &n) || !need_word(r, &w, "what the processor does")) return 0;
  l->op.cpu = (uint8_t)(n + 1);
  r->script->cpus = 1;
  for (size_t k = 0; k < sizeof DOES / sizeof *DOES; k++) {
    if (!is(&w, DOES[k].word)) continue;
    l->op.kind = DOES[k].kind;
    if (k == 1) l->op.a = VMREF_IDLE;
    for (const char *p = DOES[k].places; *p; p++)
      if (!place(r, *p, l)) return 0;
    return 1;
  }
  return wrong(r, w.column, "'%s' is nothing that a processor does; %s", shown(&w, text), r->form);
}

static int lazy(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!need_word(r, &w, "on or off")) return 0;
  if (!is(&w, "on") && !is(&w, "off")) return wrong(r, w.column, "'%s' is not on or off; %s", shown(&w, text), r->form);
  if (r->script->cpus) return wrong(r, 1, "a processor has begun already; put lazy before the first line that says cpu");
  l->op.n = is(&w, "on") ? 1 : 0;
  return 1;
}

/* ---- lines --------------------------------------------------------------- */

static int place(struct reader *r, char what, struct script_line *l)
{
  switch (what) {
  case 'N': return name(r, MAYBE_NEW, l->op.kind == MM_FORK ? &l->op.b : &l->op.a);
  case 'S': return name(r, KNOWN, &l->op.a);
  case 'A': return address(r, &l->op.va, 1);
  case 'V': return address(r, &l->op.va, 0);
  case 'C': return number(r, "PAGES", UINT64_MAX, l->op.kind == MM_FILE ? &l->pages : &l->op.n);
  case 'F': return number(r, l->op.kind == MM_MOVE ? "FRAME" : "FRAMES", UINT64_MAX, &l->op.n);
  case 'R': return rights(r, &l->op.prot);
  case 'B': return byte(r, &l->op.byte);
  case 'm': return mapping(r, l);
  case 'p': return processor(r, l);
  case 'l': return lazy(r, l);
  default:  return expectation(r, l);
  }
}

static int unknown(struct reader *r, const struct word *w)
{
  char text[SHOWN], all[200] = "";
  for (size_t i = 0; i < LINES; i++) {
    if (i) strcat(all, ", ");
    strcat(all, WORDS[i].word);
  }
  return wrong(r, w->column, "unknown operation '%s'; there are %s", shown(w, text), all);
}

static int push(struct reader *r, const struct script_line *l)
{
  struct script *t = r->script;
  if (t->lines == t->room) {
    size_t room = t->room ? 2 * t->room : 64;
    void *more = realloc(t->line, room * sizeof *t->line);
    if (!more) return wrong(r, 0, "out of memory");
    t->line = more;
    t->room = room;
  }
  t->line[t->lines++] = *l;
  return 1;
}

int script_read(struct script *t, uint64_t line, const char *text, size_t size, struct script_error *why)
{
  struct reader r = { text, text, text + size, "", t, why };
  struct script_line l = { .number = line };
  struct word w;
  size_t k = 0;
  char more[SHOWN];
  if (!next_word(&r, &w)) return 1;
  while (k < LINES && !is(&w, WORDS[k].word)) k++;
  if (k == LINES) return unknown(&r, &w);
  r.form = WORDS[k].form;
  l.op.kind = WORDS[k].kind;
  for (const char *p = WORDS[k].places; *p; p++)
    if (!place(&r, *p, &l)) return 0;
  if (next_word(&r, &w)) return wrong(&r, w.column, "'%s' is too much; %s", shown(&w, more), r.form);
  return push(&r, &l);
}

void script_free(struct script *t)
{
  free(t->line);
  free(t->name);
}
