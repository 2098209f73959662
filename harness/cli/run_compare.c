/* SPDX-License-Identifier: MIT */
/* `vmref run --compare-policies`: the page faults of LRU and of Clock on the accesses of a script, by the
 * model, and the fewest that there can be (Belady), for one number of page frames after the other. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "compare.h"

#define NEVER SIZE_MAX
#define MOST_ROWS 32 /* from 1 frame on */
#define BAR 60

/* Lines behind the last access do not matter. */
static size_t lines_that_count(const struct script *t)
{
  size_t n = t->lines;
  while (n > 0 && !(t->line[n - 1].kind == SCRIPT_OP && mm_is_access(t->line[n - 1].op.kind))) n--;
  return n;
}

/* Why the pages of an access are not the policy's alone behind such a line. */
static const char *objection(enum mm_kind kind)
{
  switch (kind) {
  case MM_FORK: case MM_FILE: case MM_FILE_ADD: case MM_MAP_FILE: return "a page of several mappings is no page of a reference string";
  case MM_UNMAP: case MM_EXIT: return "it frees page frames, which the optimum does not know of";
  case MM_SWAPOUT: case MM_SWAPIN: case MM_EVICT: return "it moves pages to swap or back, which is for the policy to do";
  case MM_RUN: case MM_FILL: case MM_TELL: case MM_LAZY: case MM_TLB: return "it is about processors, and a reference string has one";
  case MM_KMALLOC: case MM_KFREE: case MM_VMALLOC: case MM_VFREE: case MM_KMEM: return "it is about the kernel's memory, which no policy evicts";
  case MM_MERGE: case MM_SPLIT: case MM_DEVICE: case MM_HUGE: return "it is about pages of other sizes, whose use no policy sees";
  case MM_MOVE: case MM_COMPACT: return "which page frames there are to move to depends on how many there are";
  default: return NULL;
  }
}

const struct script_line *compare_objects(const struct script *t, const char **why)
{
  static const char none[] = "there is no access to compare the policies by";
  size_t n = lines_that_count(t);
  *why = none;
  if (n == 0) return &t->line[0];
  for (size_t i = 0; i < n; i++)
    if (t->line[i].kind == SCRIPT_OP && (*why = objection(t->line[i].op.kind))) return &t->line[i];
  return NULL;
}

/* ---- the reference string ------------------------------------------------- */

/* Pages in the order of their accesses: at first as numbers of space and page, then counted from 0. */
struct string { uint64_t *page; size_t size, pages; };

static uint64_t page_key(const struct mm_op *op) { return (uint64_t)op->a << 52 | op->va / 4096; }

static int order(const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static bool number_pages(struct string *r)
{
  uint64_t *all = malloc((r->size + 1) * sizeof *all);
  if (!all) return false;
  memcpy(all, r->page, r->size * sizeof *all);
  qsort(all, r->size, sizeof *all, order);
  r->pages = 0;
  for (size_t i = 0; i < r->size; i++)
    if (i == 0 || all[i] != all[i - 1]) all[r->pages++] = all[i];
  for (size_t i = 0; i < r->size; i++)
    r->page[i] = (uint64_t)((uint64_t *)bsearch(&r->page[i], all, r->pages, sizeof *all, order) - all);
  free(all);
  return true;
}

/* Page faults that bring a page in, when the script is run under a policy. r: take down what is accessed
 * in r->page, which has room; or NULL. */
static size_t run(const struct script *t, const struct vmref_sys *s, const struct vmref_policy *p, struct string *r)
{
  size_t faults = 0;
  for (size_t i = 0, n = lines_that_count(t); i < n; i++) {
    const struct script_line *l = &t->line[i];
    if (l->kind != SCRIPT_OP) continue;
    bool counts = mm_is_access(l->op.kind) && s->level[l->op.a] == 4;
    bool out = counts && vmref_leaf_object(s, leaf_at(s, l->op.a, l->op.va)) >= s->frames;
    if (script_do(s, NULL, p, l).status != VMREF_OK || !counts) continue;
    faults += out;
    if (r) r->page[r->size++] = page_key(&l->op);
  }
  return faults;
}

/* With so many frames, and slots for all pages. false: out of memory. */
static bool run_new(const struct script *t, struct mm_sizes z, uint8_t kind, struct string *r, size_t *faults)
{
  struct vmref_sys *s = mm_new(z);
  struct vmref_policy p = { s ? mm_notes(s) : NULL, kind };
  bool good = p.note;
  if (good) *faults = run(t, s, &p, r);
  free(p.note);
  mm_free(s);
  return good;
}

/* ---- the optimum ------------------------------------------------------------ */

/* By access: when its page is accessed next. By page: its place in memory. By place: the page, and
 * when it is due. */
struct plan { size_t *next, *place, *page, *due; };

static bool plan_make(struct plan *x, const struct string *r)
{
  x->next = calloc(r->size + 3 * r->pages, sizeof *x->next);
  if (!x->next) return false;
  x->place = x->next + r->size;
  x->page = x->place + r->pages;
  x->due = x->page + r->pages;
  for (size_t k = 0; k < r->pages; k++) x->due[k] = NEVER;
  for (size_t i = r->size; i-- > 0; x->due[r->page[i]] = i) x->next[i] = x->due[r->page[i]];
  return true;
}

static size_t farthest(const size_t *due, size_t frames)
{
  size_t at = 0;
  for (size_t f = 1; f < frames; f++)
    if (due[f] > due[at]) at = f;
  return at;
}

/* Belady: the page goes that is due last. frames: no more than pages. */
static size_t optimum(const struct string *r, size_t frames, const struct plan *x)
{
  size_t faults = 0;
  for (size_t k = 0; k < r->pages; k++) x->place[k] = NEVER;
  for (size_t i = 0; i < r->size; i++) {
    const size_t page = r->page[i];
    if (x->place[page] == NEVER) {
      size_t at = faults < frames ? faults : farthest(x->due, frames);
      if (faults++ >= frames) x->place[x->page[at]] = NEVER;
      x->page[at] = page;
      x->place[page] = at;
    }
    x->due[x->place[page]] = x->next[i];
  }
  return faults;
}

/* ---- all of it ----------------------------------------------------------------- */

static bool one_row(const struct script *t, struct mm_sizes z, const struct string *r, const struct plan *x, struct compared *row)
{
  z.frames = row->frames;
  size_t most = r->pages < row->frames ? r->pages : row->frames;
  row->faults[COMPARE_OPTIMUM] = optimum(r, most, x);
  return run_new(t, z, VMREF_LRU, NULL, &row->faults[COMPARE_LRU]) && run_new(t, z, VMREF_CLOCK, NULL, &row->faults[COMPARE_CLOCK]);
}

static bool rows(const struct script *t, struct mm_sizes z, const struct string *r, struct comparison *c)
{
  struct plan x;
  if (!plan_make(&x, r)) return false;
  bool good = true;
  for (uint32_t n = 1; good && n <= r->pages && n <= MOST_ROWS; n++) {
    c->row[c->rows] = (struct compared){ .frames = n };
    good = one_row(t, z, r, &x, &c->row[c->rows++]);
  }
  if (good && c->marked > c->rows) {
    c->row[c->rows] = (struct compared){ .frames = c->marked };
    good = one_row(t, z, r, &x, &c->row[c->rows++]);
  }
  free(x.next);
  return good;
}

/* The pages that are accessed. Which accesses are made does not depend on the frames: so once with
 * frames for all that the script names. */
static bool find_string(const struct script *t, struct mm_sizes z, struct string *r)
{
  size_t ignored;
  r->page = malloc((t->lines + 1) * sizeof *r->page);
  if (!r->page) return false;
  for (size_t i = 0; i < t->lines; i++)
    if (t->line[i].kind == SCRIPT_OP && mm_is_access(t->line[i].op.kind)) r->page[r->size++] = page_key(&t->line[i].op);
  if (!number_pages(r)) return false;
  r->size = 0;
  if (r->pages > COMPARE_MOST) return true;
  z.frames = (uint32_t)r->pages;
  return run_new(t, z, VMREF_LRU, r, &ignored) && number_pages(r);
}

bool compare_run(const struct script *t, struct mm_sizes z, struct comparison *c)
{
  struct string r = { 0 };
  c->row = calloc(MOST_ROWS + 1, sizeof *c->row);
  bool good = c->row && find_string(t, z, &r);
  c->accesses = r.size;
  c->pages = r.pages;
  z.slots = (uint32_t)r.pages + 1;
  if (good && r.size > 0) good = rows(t, z, &r, c);
  free(r.page);
  return good;
}

/* ---- printing -------------------------------------------------------------------- */

const char *const COMPARE_NAME[COMPARE_POLICIES] = { "lru", "clock", "optimum" };

static bool has_bars(const struct comparison *c, const struct compared *row) { return c->marked == 0 || row->frames == c->marked; }

/* The longest has its full length. */
static void bars(const struct comparison *c)
{
  size_t longest = 1;
  for (size_t i = 0; i < c->rows; i++)
    for (int k = 0; k < COMPARE_POLICIES && has_bars(c, &c->row[i]); k++)
      if (c->row[i].faults[k] > longest) longest = c->row[i].faults[k];
  for (size_t i = 0; i < c->rows; i++) {
    if (!has_bars(c, &c->row[i])) continue;
    printf("\n%" PRIu32 " frame%s\n", c->row[i].frames, c->row[i].frames == 1 ? "" : "s");
    for (int k = 0; k < COMPARE_POLICIES; k++) {
      const size_t n = c->row[i].faults[k];
      printf("  %-8s", COMPARE_NAME[k]);
      for (size_t b = 0; b < (n * BAR + longest - 1) / longest; b++) putchar('#');
      printf(" %zu\n", n);
    }
  }
}

void compare_print(const struct comparison *c)
{
  printf("page faults of %zu access%s to %zu page%s\n\n  frames     lru   clock  optimum\n", c->accesses, c->accesses == 1 ? "" : "es", c->pages,
         c->pages == 1 ? "" : "s");
  for (size_t i = 0; i < c->rows; i++)
    printf("%8" PRIu32 "%8zu%8zu%9zu\n", c->row[i].frames, c->row[i].faults[COMPARE_LRU], c->row[i].faults[COMPARE_CLOCK],
           c->row[i].faults[COMPARE_OPTIMUM]);
  bars(c);
}

void compare_print_json(const struct comparison *c)
{
  for (size_t i = 0; i < c->rows; i++)
    printf("{\"frames\":%" PRIu32 ",\"accesses\":%zu,\"pages\":%zu,\"lru\":%zu,\"clock\":%zu,\"optimum\":%zu}\n", c->row[i].frames, c->accesses,
           c->pages, c->row[i].faults[COMPARE_LRU], c->row[i].faults[COMPARE_CLOCK], c->row[i].faults[COMPARE_OPTIMUM]);
}
