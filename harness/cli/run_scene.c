/* SPDX-License-Identifier: MIT */
/* What a picture of `vmref run` shows: read from the tables in memory and from the counts of the
 * objects, each time anew; folded to what fits, and laid out. */
#include <stdlib.h>
#include <string.h>
#include "picture.h"

#define BOXES 64     /* spaces that have one */
#define ROWS 640     /* in all boxes, about */
#define ROWS_MOST 40 /* in one */
#define LINES 24     /* from a fold to objects of their own */
#define SHOWN SIZE_MAX /* in cell_of: to have a cell */
#define A_AND_D 0x60u
#define PS 0x80u

/* Room for one more; NULL: out of memory. */
static void *grown(struct scene *c, void *list, size_t n, size_t *room, size_t size)
{
  if (n < *room) return list;
  size_t more = *room ? 2 * *room : 64;
  void *p = realloc(list, more * size);
  if (p) *room = more;
  else c->failed = true;
  return p;
}

#define ADD(c, list, n, room, ...) do { \
    void *p_ = grown(c, (c)->list, (c)->n, &(c)->room, sizeof *(c)->list); \
    if (p_) { (c)->list = p_; (c)->list[(c)->n++] = __VA_ARGS__; } \
  } while (0)

/* ---- reading ------------------------------------------------------------------- */

enum page_state scene_state(const struct vmref_sys *s, uint64_t leaf)
{
  uint32_t o = vmref_leaf_object(s, leaf);
  if (o == s->frames + s->slots) return leaf % 2 ? PAGE_DEVICE : PAGE_ZERO;
  if (o >= s->frames) return PAGE_SWAP;
  return leaf % 2 == 0 ? PAGE_KEPT : leaf / 2 % 2 ? PAGE_WRITE : PAGE_READ;
}

/* What the hardware finds of a page, if it is a device's; 0 if not. */
static uint64_t device_before(const struct scene *c, uint32_t a, uint64_t number)
{
  if (!c->over_before || c->before->level[a] != 4) return 0;
  const struct vmref_walk w = vmref_huge_walk(c->before, c->over_before, a, 4096 * number, VMREF_READ);
  return w.rule == VMREF_RULE_OK ? w.entry[w.last] : 0;
}

/* That the hardware has set A or D is no change: no picture shows it. */
static bool page_changed(const struct scene *c, uint32_t a, uint64_t number, uint64_t leaf)
{
  return c->before && ((leaf_at(c->before, a, 4096 * number) ^ leaf) & ~(uint64_t)A_AND_D) != 0;
}

/* The word over entry i of table t, if it is a device's; 0 if not. */
static uint64_t device_over(const struct scene *c, uint32_t t, uint32_t i)
{
  uint64_t e = c->over ? vmref_over(c->over, t, i) : 0;
  return vmref_pfn(e) >= (uint64_t)c->s->tables + c->s->frames + c->s->kernel ? e : 0;
}

bool scene_object_changed(const struct scene *c, uint32_t o)
{
  if (!c->before) return false;
  if (c->s->rc[o] != c->before->rc[o] || c->s->shared[o] != c->before->shared[o]) return true;
  return c->s->rc[o] && memcmp(c->s->data + 4096 * (size_t)o, c->before->data + 4096 * (size_t)o, 4096) != 0;
}

bool scene_space_changed(const struct scene *c, uint32_t a)
{
  return c->before && c->before->level[a] != 4;
}

/* The pages below a table, in order. It ends also where the tables are broken: levels go down. */
static void below(struct scene *c, uint32_t a, uint32_t table, int level, uint64_t number)
{
  for (uint32_t i = 0; i < (level == 4 ? 256u : 512u); i++) {
    uint64_t e = c->s->tab[512 * (size_t)table + i], n = number + ((uint64_t)i << 9 * (level - 1));
    if (e == 0) continue;
    const uint64_t word = device_over(c, table, i);
    if (word) {
      bool changed = c->before && ((device_before(c, a, n) ^ word) & ~(uint64_t)A_AND_D) != 0;
      ADD(c, page, pages, page_room, (struct scene_page){ n, word & ~(uint64_t)PS, a, (uint8_t)level, changed });
      continue;
    }
    if (level == 1) {
      ADD(c, page, pages, page_room, (struct scene_page){ n, e, a, 1, page_changed(c, a, n, e) });
      continue;
    }
    uint32_t t = vmref_table_under(c->s, table, i);
    if (t < c->s->tables) below(c, a, t, level - 1, n);
  }
}

/* ---- rows ---------------------------------------------------------------------- */

static void add_row(struct scene *c, enum row_kind kind, uint32_t a, size_t first, uint64_t count)
{
  ADD(c, row, rows, row_room, (struct row){ .kind = kind, .space = a, .first = first, .count = count });
}

static bool follows(const struct scene *c, size_t i)
{
  return c->page[i].number == c->page[i - 1].number + SCENE_SIZE(c->page[i - 1].level) && c->page[i].level == c->page[i - 1].level
    && vmref_leaf_prot(c->page[i].leaf) == vmref_leaf_prot(c->page[i - 1].leaf);
}

/* How many pages from `first` on, before `end`, are one range; and are alike in it. */
static size_t range_at(const struct scene *c, size_t first, size_t end)
{
  size_t i = first + 1;
  while (i < end && follows(c, i)) i++;
  return i - first;
}

static size_t alike_at(const struct scene *c, size_t first, size_t end)
{
  const struct scene_page *p = &c->page[first];
  size_t i = first + 1;
  while (i < end && follows(c, i) && c->page[i].changed == p->changed
         && scene_state(c->s, c->page[i].leaf) == scene_state(c->s, p->leaf)) i++;
  return i - first;
}

/* Pages that are alike: when they are many, all but some at either end are folded. */
static void add_pages(struct scene *c, uint32_t a, size_t first, size_t n)
{
  bool zero = scene_state(c->s, c->page[first].leaf) == PAGE_ZERO;
  size_t most = zero ? 4 : 8, head = n <= most ? n : zero ? 1 : 3, tail = n <= most || zero ? 0 : 1;
  for (size_t i = 0; i < head; i++) add_row(c, ROW_PAGE, a, first + i, 1);
  if (n > most) add_row(c, ROW_FOLD, a, first + head, n - head - tail);
  if (tail) add_row(c, ROW_PAGE, a, first + n - 1, 1);
}

static void space_rows(struct scene *c, uint32_t a, size_t first, size_t most)
{
  add_row(c, ROW_SPACE, a, first, c->pages - first);
  size_t begin = c->rows;
  for (size_t i = first, range = first; i < c->pages && !c->failed;) {
    if (c->rows - begin >= most) {
      add_row(c, ROW_REST, a, i, c->pages - i);
      return;
    }
    if (i == range) {
      uint64_t gap = i > first ? c->page[i].number - c->page[i - 1].number - SCENE_SIZE(c->page[i - 1].level) : 0;
      if (gap > 0) add_row(c, ROW_GAP, a, i, gap);
      add_row(c, ROW_RANGE, a, i, range_at(c, i, c->pages));
      range += range_at(c, i, c->pages);
    }
    size_t n = alike_at(c, i, c->pages);
    add_pages(c, a, i, n);
    i += n;
  }
}

static void all_rows(struct scene *c)
{
  const struct vmref_sys *s = c->s;
  uint32_t live = 0, boxes = 0;
  size_t rest = 0;
  for (uint32_t a = 0; a < s->spaces; a++) live += s->level[a] == 4;
  size_t most = live > ROWS / ROWS_MOST ? ROWS / (live < BOXES ? live : BOXES) : ROWS_MOST;
  for (uint32_t a = 0; a < s->spaces && !c->failed; a++) {
    if (s->level[a] != 4) continue;
    size_t first = c->pages;
    if (boxes == BOXES) rest = first;
    below(c, a, a, 4, 0);
    if (boxes++ < BOXES) space_rows(c, a, first, most);
  }
  if (boxes <= BOXES) return;
  add_row(c, ROW_SPACE, s->spaces, rest, boxes - BOXES);
  if (c->pages > rest) add_row(c, ROW_REST, s->spaces, rest, c->pages - rest);
}

/* ---- cells --------------------------------------------------------------------- */

bool scene_squares(const struct scene *c, uint32_t o)
{
  return (o < c->s->frames ? c->s->frames : c->s->slots) <= MANY;
}

static void add_cell(struct scene *c, enum cell_kind kind, uint32_t o, uint32_t count)
{
  ADD(c, cell, cells, cell_room, (struct cell){ .kind = kind, .object = o, .count = count });
}

/* Objects that a page of its own row refers to have a cell of their own. */
static void mark_shown(struct scene *c)
{
  const uint32_t none = c->s->frames + c->s->slots;
  for (size_t i = 0; i < c->pages; i++) c->refs[vmref_leaf_object(c->s, c->page[i].leaf)]++;
  for (size_t i = 0; i < c->rows; i++) {
    if (c->row[i].kind != ROW_PAGE) continue;
    uint32_t o = vmref_leaf_object(c->s, c->page[c->row[i].first].leaf);
    if (o < none) c->cell_of[o] = SHOWN;
  }
}

static bool is_free(const struct scene *c, uint32_t o) { return c->s->rc[o] == 0 && c->cell_of[o] != SHOWN; }

/* Frames, or slots: objects from `low`, before `high`. Those without a cell of their own are
 * where the first of them is. */
static void section(struct scene *c, uint32_t low, uint32_t high, size_t *more)
{
  uint32_t unused = 0, n;
  for (uint32_t o = low; o < high; o++) unused += is_free(c, o);
  add_cell(c, CELL_HEAD, low, high - low - unused);
  for (uint32_t o = low; o < high && !c->failed; o += n) {
    for (n = 1; is_free(c, o) && o + n < high && is_free(c, o + n);) n++;
    if (c->cell_of[o] == SHOWN) {
      c->cell_of[o] = c->cells;
      add_cell(c, CELL_ONE, o, 1);
    } else if (is_free(c, o)) {
      if (high - low <= MANY) add_cell(c, CELL_FREE, o, n);
    } else if (*more == 0) {
      *more = c->cells;
      add_cell(c, CELL_MORE, o, 1);
    } else c->cell[*more].count++;
  }
  if (high - low > MANY && unused > 0) add_cell(c, CELL_FREE, low, unused);
}

/* ---- lines --------------------------------------------------------------------- */

static void add_line(struct scene *c, size_t row, size_t cell, size_t page, uint64_t n)
{
  if (n == 0 || cell == 0) return; /* 0: a broken state, whose counts say that nobody refers to it */
  ADD(c, line, lines, line_room, (struct line_drawn){ row, cell, page, n });
  c->cell[cell].lines++;
}

/* From all pages of a row: a line to each object with a cell, and one to the other frames, and
 * slots. tally is 0 for each object, before and behind. */
static void row_lines(struct scene *c, size_t row, uint64_t *tally)
{
  const struct vmref_sys *s = c->s;
  uint64_t more[2] = { 0, 0 };
  size_t first = c->row[row].first, end = first + (size_t)c->row[row].count, lines = 0;
  for (size_t i = first; i < end; i++) {
    uint32_t o = vmref_leaf_object(s, c->page[i].leaf);
    if (o == s->frames + s->slots) continue;
    if (c->cell_of[o]) tally[o]++;
    else more[o >= s->frames]++;
  }
  for (size_t i = first; i < end; i++) {
    uint32_t o = vmref_leaf_object(s, c->page[i].leaf);
    if (o == s->frames + s->slots || tally[o] == 0) continue;
    if (lines++ < LINES) add_line(c, row, c->cell_of[o], i, tally[o]);
    tally[o] = 0;
  }
  for (int k = 0; k < 2; k++) add_line(c, row, c->more[k], first, more[k]);
}

static void all_lines(struct scene *c)
{
  uint64_t *tally = calloc((size_t)c->s->frames + c->s->slots + 1, sizeof *tally);
  if (!tally) c->failed = true;
  for (size_t i = 0; i < c->rows && !c->failed; i++) {
    enum row_kind k = c->row[i].kind;
    if (k == ROW_PAGE || k == ROW_FOLD || k == ROW_REST) row_lines(c, i, tally);
  }
  free(tally);
}

/* ---- where they stand ------------------------------------------------------------ */

static int cell_height(const struct scene *c, const struct cell *l)
{
  switch (l->kind) {
  case CELL_HEAD: return 26;
  case CELL_TABLES: return 26 + 16 * TABLE_ROWS;
  case CELL_FREE:
    return ROW_HEIGHT + (scene_squares(c, l->object) ? ((int)l->count + HOLES - 1) / HOLES * HOLE + 8 : 4);
  default: return ROW_HEIGHT + 2;
  }
}

static void lay_out(struct scene *c)
{
  int y = c->top;
  for (size_t i = 0; i < c->rows; i++) {
    struct row *r = &c->row[i];
    if (r->kind == ROW_SPACE && i > 0) y += 20; /* the end of the box before, and a gap */
    r->y = y;
    y += r->kind == ROW_SPACE ? 28 : r->kind == ROW_RANGE ? 22 : ROW_HEIGHT;
  }
  c->bottom = y + 8;
  y = c->top;
  for (size_t i = 0; i < c->cells; i++) {
    if (i > 0 && (c->cell[i].kind == CELL_HEAD || c->cell[i].kind == CELL_TABLES)) y += 14;
    c->cell[i].y = y;
    y += cell_height(c, &c->cell[i]);
  }
  if (c->bottom < y) c->bottom = y;
}

struct scene scene_read(const struct picture *p, int top)
{
  const struct vmref_sys *s = p->s;
  struct scene c = { .s = s, .before = p->before, .over = p->over, .over_before = p->over_before, .top = top };
  c.cell_of = calloc((size_t)s->frames + s->slots + 1, sizeof *c.cell_of);
  c.refs = calloc((size_t)s->frames + s->slots + 1, sizeof *c.refs); /* the last: pages not touched */
  if (!c.cell_of || !c.refs) c.failed = true;
  if (!c.failed) all_rows(&c);
  if (c.failed) return c;
  mark_shown(&c);
  section(&c, 0, s->frames, &c.more[0]);
  section(&c, s->frames, s->frames + s->slots, &c.more[1]);
  add_cell(&c, CELL_TABLES, 0, 0);
  all_lines(&c);
  lay_out(&c);
  return c;
}

void scene_free(struct scene *c)
{
  free(c->page); free(c->row); free(c->cell); free(c->line); free(c->cell_of); free(c->refs);
}
