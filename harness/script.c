/* SPDX-License-Identifier: MIT */
/* Reading scripts: a line is taken apart into words, and each word is read as what its place in
 * the line asks for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "script_words.h"

/* Each kind of line: what follows its first word. N: a name, maybe new; S: one that there is;
 * A: the address of a page; V: of a byte; C: how many pages; F: page frames, or one's number; R:
 * rights; B: a byte; K: the name of an allocation of the kernel's, k: one that there is; Y: bytes; L: the
 * address of a page of 2 MiB; D: a device's frame. What is in lower case is read by a function of its own. */
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
  { "kmalloc", "KY", "kmalloc NAME BYTES", MM_KMALLOC },
  { "kfree", "k", "kfree NAME", MM_KFREE },
  { "vmalloc", "KC", "vmalloc NAME PAGES", MM_VMALLOC },
  { "vfree", "k", "vfree NAME", MM_VFREE },
  { "kmem", "", "kmem", MM_KMEM },
  { "merge", "SL", "merge SPACE ADDRESS", MM_MERGE },
  { "split", "SL", "split SPACE ADDRESS", MM_SPLIT },
  { "device", "SACDRd", "device SPACE ADDRESS PAGES FRAME RIGHTS [wb | wc | uc- | uc] [4k | 2m | 1g]", MM_DEVICE },
  { "huge", "", "huge", MM_HUGE },
  { "expect", "e", "expect VALUE | ok | fault VECTOR CODE | error NAME", MM_KINDS },
};
#define LINES (sizeof WORDS / sizeof WORDS[0])

static int byte(struct reader *r, uint8_t *b)
{
  uint64_t n;
  if (!reader_number(r, "VALUE", 255, &n)) return 0;
  *b = (uint8_t)n;
  return 1;
}

/* Of a byte, or of a page. */
static int address(struct reader *r, uint64_t *va, int page)
{
  const char *before = r->next;
  if (!reader_number(r, "ADDRESS", UINT64_MAX, va)) return 0;
  while (word_blank(*before)) before++;
  return !page || *va % 4096 == 0
    || reader_wrong(r, (size_t)(before - r->text) + 1, "0x%" PRIx64 " is not the address of a page, a multiple of 4096; 0x%" PRIx64 " is",
             *va, *va - *va % 4096);
}

/* ---- names --------------------------------------------------------------- */

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
    return reader_wrong(r, w->column, "'%s' is one name more than the %" PRIu32 " spaces that can exist; give a larger --spaces", name, t->spaces);
  void *more = realloc(t->name, (t->names + 1) * sizeof *t->name);
  if (!more) return reader_wrong(r, 0, "out of memory");
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
  if (!reader_need(r, &w, "a NAME")) return 0;
  if (word_identifier(&w)) snprintf(name, sizeof name, "%.*s", (int)w.size, w.at);
  else if (what != MAYBE_NEW && word_number(&w, &number)) snprintf(name, sizeof name, "%" PRIu64, number);
  else return reader_wrong(r, w.column, "'%s' is no name; a letter or _, then letters, digits or _, %d at most", word_shown(&w, text), SCRIPT_NAME - 1);
  if (find(r->script, name, n)) return 1;
  if (what != KNOWN) return new_name(r, &w, name, n);
  return reader_wrong(r, w.column, "unknown space '%s'; make it on a line before: space %s, file %s PAGES or fork SPACE %s",
               word_shown(&w, text), name, name, name);
}

/* ---- rights and mappings ------------------------------------------------- */

static int rights(struct reader *r, uint8_t *prot)
{
  struct word w;
  char text[SHOWN];
  if (!reader_need(r, &w, "RIGHTS")) return 0;
  *prot = 0;
  if (word_is(&w, "none")) return 1;
  for (size_t i = 0; i < w.size; i++) {
    uint8_t one = w.at[i] == 'r' ? VMREF_PROT_R : w.at[i] == 'w' ? VMREF_PROT_W : w.at[i] == 'x' ? VMREF_PROT_X : 0;
    if (one == 0 || (*prot & one))
      return reader_wrong(r, w.column, "'%s' are no rights; r, w and x, each once at most, or none", word_shown(&w, text));
    *prot |= one;
  }
  return 1;
}

/* FILE private|shared [FIRST] */
static int file_mapping(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!name(r, KNOWN, &l->op.b) || !reader_need(r, &w, "private or shared")) return 0;
  if (!word_is(&w, "private") && !word_is(&w, "shared"))
    return reader_wrong(r, w.column, "'%s' is not private or shared; %s", word_shown(&w, text), r->form);
  l->op.share = word_is(&w, "shared") ? 1 : 0;
  struct reader ahead = *r;
  return !reader_word(&ahead, &w) || reader_number(r, "FIRST", UINT64_MAX, &l->op.first);
}

/* [anon | shared NAME | file FILE ...] */
static int mapping(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!reader_word(r, &w) || word_is(&w, "anon")) return 1;
  l->op.kind = MM_MAP_FILE;
  if (word_is(&w, "shared")) {
    l->op.share = l->grow = 1;
    return name(r, SEGMENT, &l->op.b);
  }
  if (word_is(&w, "file")) return file_mapping(r, l);
  return reader_wrong(r, w.column, "'%s' is not anon, shared or file; %s", word_shown(&w, text), r->form);
}

/* ---- expectations -------------------------------------------------------- */

static int expected_error(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!reader_need(r, &w, "the NAME of an error")) return 0;
  for (l->status = -1; l->status > -128; l->status--)
    if (script_status(l->status) && word_is(&w, script_status(l->status))) return 1;
  return reader_wrong(r, w.column, "'%s' is no error; there are EINVAL, EMEM, EFULL, ENOMAP and EACCES", word_shown(&w, text));
}

static int expectation(struct reader *r, struct script_line *l)
{
  struct word w;
  uint64_t vector, error;
  struct reader value = *r;
  if (!reader_need(r, &w, "what is expected")) return 0;
  if (r->script->lines == 0) return reader_wrong(r, w.column, "nothing is done before that could be expected of; put it behind an operation");
  l->kind = word_is(&w, "ok") ? SCRIPT_OK : word_is(&w, "fault") ? SCRIPT_FAULT : word_is(&w, "error") ? SCRIPT_ERROR : SCRIPT_VALUE;
  if (l->kind == SCRIPT_OK) return 1;
  if (l->kind == SCRIPT_ERROR) return expected_error(r, l);
  if (l->kind == SCRIPT_VALUE) {
    *r = value;
    char text[SHOWN];
    if (word_digit(w.at[0], 10) < 0) return reader_wrong(r, w.column, "'%s' is nothing to expect; %s", word_shown(&w, text), r->form);
    return byte(r, &l->value);
  }
  if (!reader_number(r, "VECTOR", 255, &vector) || !reader_number(r, "CODE", UINT32_MAX, &error)) return 0;
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
  if (!reader_number(r, "N", VMREF_CPUS - 1, &n) || !reader_need(r, &w, "what the processor does")) return 0;
  l->op.cpu = (uint8_t)(n + 1);
  r->script->cpus = 1;
  for (size_t k = 0; k < sizeof DOES / sizeof *DOES; k++) {
    if (!word_is(&w, DOES[k].word)) continue;
    l->op.kind = DOES[k].kind;
    if (k == 1) l->op.a = VMREF_IDLE;
    for (const char *p = DOES[k].places; *p; p++)
      if (!place(r, *p, l)) return 0;
    return 1;
  }
  return reader_wrong(r, w.column, "'%s' is nothing that a processor does; %s", word_shown(&w, text), r->form);
}

static int lazy(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  if (!reader_need(r, &w, "on or off")) return 0;
  if (!word_is(&w, "on") && !word_is(&w, "off")) return reader_wrong(r, w.column, "'%s' is not on or off; %s", word_shown(&w, text), r->form);
  if (r->script->cpus) return reader_wrong(r, 1, "a processor has begun already; put lazy before the first line that says cpu");
  l->op.n = word_is(&w, "on") ? 1 : 0;
  return 1;
}

/* ---- the kernel ---------------------------------------------------------- */

/* An allocation has its number from the first line that names it. */
static int allocation(struct reader *r, struct script_line *l, int known)
{
  struct script *t = r->script;
  struct word w;
  char text[SHOWN];
  if (!reader_need(r, &w, "a NAME")) return 0;
  if (!word_identifier(&w)) return reader_wrong(r, w.column, "'%s' is no name; a letter or _, then letters, digits or _, %d at most", word_shown(&w, text), SCRIPT_NAME - 1);
  snprintf(l->allocation, sizeof l->allocation, "%.*s", (int)w.size, w.at);
  for (size_t i = 0; i < t->lines; i++)
    if (strcmp(t->line[i].allocation, l->allocation) == 0) return l->op.a = t->line[i].op.a, 1;
  if (known) return reader_wrong(r, w.column, "unknown allocation '%s'; make it on a line before: kmalloc %s BYTES or vmalloc %s PAGES",
                                 word_shown(&w, text), l->allocation, l->allocation);
  l->op.a = t->allocations++;
  return 1;
}

/* ---- devices -------------------------------------------------------------- */

/* How it is cached, and in pages of what size, in any order. */
static int device(struct reader *r, struct script_line *l)
{
  struct word w;
  char text[SHOWN];
  int said = 0; /* 1 the one, 2 the other */
  l->op.level = 1;
  while (reader_word(r, &w)) {
    int k = 0;
    while (k < 7 && !word_is(&w, script_device[k])) k++;
    const int what = k < 4 ? 1 : 2;
    if (k == 7 || said & what) return reader_wrong(r, w.column, "'%s' is %s; %s", word_shown(&w, text), k == 7 ? "neither a cache type nor a size" : "one too many", r->form);
    said |= what;
    if (k < 4) l->op.cache = (uint8_t)k;
    else l->op.level = (uint8_t)(k - 3);
  }
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
  case 'L': return address(r, &l->op.va, 1);
  case 'C': return reader_number(r, "PAGES", UINT64_MAX, l->op.kind == MM_FILE ? &l->pages : &l->op.n);
  case 'F': return reader_number(r, l->op.kind == MM_MOVE ? "FRAME" : "FRAMES", UINT64_MAX, &l->op.n);
  case 'R': return rights(r, &l->op.prot);
  case 'B': return byte(r, &l->op.byte);
  case 'm': return mapping(r, l);
  case 'p': return processor(r, l);
  case 'l': return lazy(r, l);
  case 'd': return device(r, l);
  case 'D': return reader_number(r, "FRAME", UINT64_MAX / 4096, &l->op.first);
  case 'K': return allocation(r, l, 0);
  case 'k': return allocation(r, l, 1);
  case 'Y': return reader_number(r, "BYTES", UINT64_MAX, &l->op.n);
  default:  return expectation(r, l);
  }
}

static int unknown(struct reader *r, const struct word *w)
{
  char text[SHOWN], all[300] = "";
  for (size_t i = 0; i < LINES; i++) {
    if (i) strcat(all, ", ");
    strcat(all, WORDS[i].word);
  }
  return reader_wrong(r, w->column, "unknown operation '%s'; there are %s", word_shown(w, text), all);
}

static int push(struct reader *r, const struct script_line *l)
{
  struct script *t = r->script;
  if (t->lines == t->room) {
    size_t room = t->room ? 2 * t->room : 64;
    void *more = realloc(t->line, room * sizeof *t->line);
    if (!more) return reader_wrong(r, 0, "out of memory");
    t->line = more;
    t->room = room;
  }
  t->line[t->lines++] = *l;
  if (MM_KMALLOC <= l->op.kind && l->op.kind <= MM_KMEM) t->kernel = 1;
  if (MM_MERGE <= l->op.kind && l->op.kind <= MM_HUGE) t->huge = 1;
  if (l->op.cpu || l->op.kind == MM_TELL || l->op.kind == MM_LAZY || l->op.kind == MM_TLB) t->processors = 1;
  return 1;
}

int script_read(struct script *t, uint64_t line, const char *text, size_t size, struct script_error *why)
{
  struct reader r = { text, text, text + size, "", t, why };
  struct script_line l = { .number = line };
  struct word w;
  size_t k = 0;
  char more[SHOWN];
  if (!reader_word(&r, &w)) return 1;
  while (k < LINES && !word_is(&w, WORDS[k].word)) k++;
  if (k == LINES) return unknown(&r, &w);
  r.form = WORDS[k].form;
  l.op.kind = WORDS[k].kind;
  for (const char *p = WORDS[k].places; *p; p++)
    if (!place(&r, *p, &l)) return 0;
  if (reader_word(&r, &w)) return reader_wrong(&r, w.column, "'%s' is too much; %s", word_shown(&w, more), r.form);
  return push(&r, &l);
}

void script_free(struct script *t)
{
  free(t->line);
  free(t->name);
}
