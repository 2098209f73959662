/* SPDX-License-Identifier: MIT */
/* Draws what run_scene.c has read, as SVG: spaces left, frames, slots and tables right, and lines
 * from pages to what they refer to, in a channel where nothing else is. */
#include <inttypes.h>
#include <string.h>
#include "picture.h"

#define WIDTH 776
#define BOX_X 16
#define BOX_WIDTH 372
#define PAGE_X (BOX_X + BOX_WIDTH - 26) /* the small cell of a page */
#define PAGE_SIZE_DRAWN 14
#define CELL_X 536
#define CELL_WIDTH 58
#define TEXT_X (CELL_X + CELL_WIDTH + 8)
#define CAPTION 98 /* letters a line */
#define COLOURS 8

static const char STYLE[] =
"<style>\n"
":root{--back:#fff;--box:#f6f8fa;--edge:#d0d7de;--text:#1f2328;--dim:#59636e;--new:#d1006c;--write:#2da44e;--read:#e0a800;--kept:#8c959f;"
"--swap:#8250df;--one:#ddf4ff;--cow:#fff0b8;--file:#cdf3dc;--c0:#0969da;--c1:#cf222e;--c2:#1a7f37;--c3:#8250df;--c4:#bc4c00;--c5:#0a7a83;"
"--c6:#bf3989;--c7:#57606a}\n"
"@media (prefers-color-scheme:dark){:root{--back:#0d1117;--box:#161b22;--edge:#3d444d;--text:#e6edf3;--dim:#9198a1;--new:#ff5fae;"
"--write:#3fb950;--read:#d29922;--kept:#6e7681;--swap:#a371f7;--one:#12395f;--cow:#5a4300;--file:#12472a;--c0:#58a6ff;--c1:#ff7b72;--c2:#3fb950;"
"--c3:#bc8cff;--c4:#f0883e;--c5:#39c5cf;--c6:#f778ba;--c7:#b1bac4}}\n"
"svg{max-width:100%;height:auto;background:var(--back)}\n"
"text{fill:var(--text);font:12px ui-monospace,monospace;white-space:pre}.dim{fill:var(--dim)}.big{font-size:16px;font-weight:bold}.bold{font-weight:bold}.end{text-anchor:end}"
".mid{text-anchor:middle}\n"
".back{fill:var(--back)}.box{fill:var(--box);stroke:var(--edge)}.zero,.hole{fill:var(--back);stroke:var(--kept)}.zero{stroke-dasharray:2 2}"
".write{fill:var(--write)}.device{fill:var(--c5)}.read{fill:var(--read)}.kept{fill:var(--kept)}.swap{fill:var(--swap)}\n"
".one{fill:var(--one);stroke:var(--c0)}.cow{fill:var(--cow);stroke:var(--read)}.file{fill:var(--file);stroke:var(--write)}"
".more{fill:var(--box);stroke:var(--kept)}.gap{stroke:var(--edge);stroke-dasharray:3 3}\n"
".line{fill:none;stroke-width:1.6}.thick{stroke-width:4;opacity:.7}.new{stroke:var(--new);stroke-width:2.5;stroke-dasharray:none}.wrong{fill:var(--new)}\n"
".c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}.c5{stroke:var(--c5)}.c6{stroke:var(--c6)}.c7{stroke:var(--c7)}"
".bar{stroke-width:4}\n"
"</style>\n";

static const char *const STATE[PAGE_STATES] = { "zero", "write", "read", "kept", "swap", "device" }; /* classes */

void picture_text(FILE *f, const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    unsigned char b = (unsigned char)text[i];
    if (b == '&') fputs("&amp;", f);
    else if (b == '<') fputs("&lt;", f);
    else if (b == '>') fputs("&gt;", f);
    else if (b == '"') fputs("&quot;", f);
    else fputc(b >= ' ' && b < 0x7F ? b : '?', f);
  }
}

static const char *marked(bool changed) { return changed ? " new" : ""; }

/* ---- words ---- */

static const char *state_words(const struct vmref_sys *s, uint64_t leaf)
{
  static const char *const words[PAGE_STATES] = { "not touched", "writable now", "read-only now", "not present", "in swap", "a device's" };
  enum page_state k = scene_state(s, leaf);
  return k == PAGE_READ && !(vmref_leaf_prot(leaf) & VMREF_PROT_W) ? "read-only" : words[k];
}

/* As in /proc/PID/maps. */
static const char *rights(uint64_t leaf)
{
  static char r[5];
  uint8_t p = vmref_leaf_prot(leaf);
  r[0] = p & VMREF_PROT_R ? 'r' : '-';
  r[1] = p & VMREF_PROT_W ? 'w' : '-';
  r[2] = p & VMREF_PROT_X ? 'x' : '-';
  r[3] = p & VMREF_PROT_S ? 's' : 'p';
  return r;
}

/* How much pages are, in short. */
static void size_words(FILE *f, uint64_t pages)
{
  static const char unit[] = "KMGT";
  uint64_t n = 4 * pages;
  int u = 0;
  bool exact = true;
  for (; u < 3 && (n % 1024 == 0 || n >= 10240); u++) {
    exact = exact && n % 1024 == 0;
    n /= 1024;
  }
  fprintf(f, "%s%" PRIu64 " %ciB", exact ? "" : "about ", n, unit[u]);
}

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

static const char *name(const struct picture *p, uint32_t a) { return a < p->t->names ? p->t->name[a] : "?"; }

static void object_words(FILE *f, const struct vmref_sys *s, uint32_t o)
{
  if (o < s->frames) fprintf(f, "frame %" PRIu32, o);
  else fprintf(f, "slot %" PRIu32, o - s->frames);
}

/* ---- left: spaces ---- */

static void draw_space(FILE *f, const struct picture *p, const struct scene *c, size_t i)
{
  const struct row *r = &c->row[i];
  size_t last = i;
  while (last + 1 < c->rows && c->row[last + 1].kind != ROW_SPACE) last++;
  int height = c->row[last].y - r->y + (last == i ? 28 : ROW_HEIGHT) + 8;
  bool rest = r->space == c->s->spaces, changed = !rest && scene_space_changed(c, r->space);
  fprintf(f, "<rect class=\"box%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>", marked(changed), BOX_X, r->y, BOX_WIDTH, height);
  if (rest) {
    fprintf(f, "<text class=\"bold\" x=\"%d\" y=\"%d\">%" PRIu64 " more space%s</text>\n", BOX_X + 12, r->y + 19, r->count, plural(r->count));
    return;
  }
  fprintf(f, "<path class=\"bar c%" PRIu32 "\" d=\"M%d %dv%d\"/>", r->space % COLOURS, BOX_X + 2, r->y + 5, height - 10);
  const char *what = c->s->parent[r->space] == VMREF_FILE ? "file" : "process";
  fprintf(f, "<text class=\"bold\" x=\"%d\" y=\"%d\">%.*s%s</text>", BOX_X + 12, r->y + 19, 24, name(p, r->space),
          strlen(name(p, r->space)) > 24 ? "…" : "");
  fprintf(f, "<text class=\"dim end\" x=\"%d\" y=\"%d\">%s, %" PRIu64 " page%s</text>\n", PAGE_X + PAGE_SIZE_DRAWN, r->y + 19, what,
          r->count, plural(r->count));
}

static void draw_range(FILE *f, const struct scene *c, const struct row *r)
{
  const struct scene_page *q = &c->page[r->first];
  fprintf(f, "<text x=\"%d\" y=\"%d\">0x%" PRIx64 "-0x%" PRIx64 " %s</text>\n", BOX_X + 12,
          r->y + 15, 4096 * q->number, 4096 * (q->number + r->count * SCENE_SIZE(q->level)), rights(q->leaf));
  if (r->count == 1) return;
  fprintf(f, "<text class=\"dim end\" x=\"%d\" y=\"%d\">%" PRIu64 " pages</text>\n", PAGE_X + PAGE_SIZE_DRAWN, r->y + 15, r->count);
}

static void draw_gap(FILE *f, const struct row *r)
{
  int y = r->y + ROW_HEIGHT / 2 + 1;
  fprintf(f, "<path class=\"gap\" d=\"M%d %dh80M%d %dH%d\"/><text class=\"dim mid\" x=\"%d\" y=\"%d\">", BOX_X + 12, y, BOX_X + BOX_WIDTH - 92,
          y, BOX_X + BOX_WIDTH - 12, BOX_X + BOX_WIDTH / 2, y + 4);
  size_words(f, r->count);
  fputs(" not mapped</text>\n", f);
}

static void page_square(FILE *f, const char *class, bool changed, int y)
{
  fprintf(f, "<rect class=\"%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"/>", class, marked(changed), PAGE_X, y + 2,
          PAGE_SIZE_DRAWN, PAGE_SIZE_DRAWN);
}

static void draw_page(FILE *f, const struct picture *p, const struct scene *c, const struct row *r)
{
  const struct scene_page *q = &c->page[r->first];
  uint32_t o = vmref_leaf_object(c->s, q->leaf);
  fprintf(f, "<g><title>%s 0x%" PRIx64 ": %s, %s", name(p, q->space), 4096 * q->number, rights(q->leaf), state_words(c->s, q->leaf));
  if (o < c->s->frames + c->s->slots) {
    fputs(", ", f);
    object_words(f, c->s, o);
    fprintf(f, ", %" PRIu32 " reference%s", c->s->rc[o], plural(c->s->rc[o]));
  } else if (scene_state(c->s, q->leaf) == PAGE_DEVICE) {
    fprintf(f, ", its frame 0x%" PRIx64 ", %s, %s", vmref_pfn(q->leaf), script_device[3 + q->level], script_device[q->leaf >> 3 & 3]);
  }
  fprintf(f, "</title><text class=\"dim\" x=\"%d\" y=\"%d\">0x%" PRIx64 "</text><text class=\"end\" x=\"%d\" y=\"%d\">%s%s%s</text>", BOX_X + 28,
          r->y + 13, 4096 * q->number, PAGE_X - 8, r->y + 13, state_words(c->s, q->leaf), q->level > 1 ? ", " : "",
          q->level > 1 ? script_device[3 + q->level] : "");
  page_square(f, STATE[scene_state(c->s, q->leaf)], q->changed, r->y);
  fputs("</g>\n", f);
}

/* Pages that have no row each: alike in a fold; of any kind in the rest. */
static void draw_fold(FILE *f, const struct scene *c, const struct row *r)
{
  const struct scene_page *q = &c->page[r->first];
  bool fold = r->kind == ROW_FOLD;
  fprintf(f, "<g><text class=\"dim\" x=\"%d\" y=\"%d\">… %" PRIu64 " more page%s</text>", BOX_X + 28, r->y + 13, r->count, plural(r->count));
  if (fold) fprintf(f, "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text>", PAGE_X - 8, r->y + 13, state_words(c->s, q->leaf));
  page_square(f, fold ? STATE[scene_state(c->s, q->leaf)] : "more", fold && q->changed, r->y);
  fputs("</g>\n", f);
}

static void draw_rows(FILE *f, const struct picture *p, const struct scene *c)
{
  for (size_t i = 0; i < c->rows; i++)
    switch (c->row[i].kind) {
    case ROW_SPACE: draw_space(f, p, c, i); break;
    case ROW_RANGE: draw_range(f, c, &c->row[i]); break;
    case ROW_GAP: draw_gap(f, &c->row[i]); break;
    case ROW_PAGE: draw_page(f, p, c, &c->row[i]); break;
    default: draw_fold(f, c, &c->row[i]);
    }
  if (c->rows == 0) fprintf(f, "<text class=\"dim\" x=\"%d\" y=\"%d\">no spaces</text>\n", BOX_X, c->top + 18);
}

/* ---- right: frames, slots, tables ---- */

static void draw_head(FILE *f, const struct scene *c, const struct cell *l)
{
  bool frame = l == &c->cell[0];
  fprintf(f, "<text class=\"bold\" x=\"%d\" y=\"%d\">%s</text><text class=\"dim end\" x=\"%d\" y=\"%d\">%" PRIu32 " of %" PRIu32 " in use</text>\n",
          CELL_X, l->y + 17, frame ? "Frames" : "Swap slots", WIDTH - 16, l->y + 17, l->count, frame ? c->s->frames : c->s->slots);
}

static void draw_object(FILE *f, const struct scene *c, const struct cell *l)
{
  static const char *const words[] = { "one reference", "copy on write", "page of a file" };
  static const char *const class[] = { "one", "cow", "file" };
  const struct vmref_sys *s = c->s;
  uint32_t o = l->object, rc = s->rc[o];
  int k = s->shared[o] ? 2 : rc > 1;
  fputs("<g><title>", f);
  object_words(f, s, o);
  fprintf(f, ": %" PRIu32 " reference%s, %s</title>", rc, plural(rc), words[k]);
  fprintf(f, "<rect class=\"%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>", class[k], marked(scene_object_changed(c, o)),
          CELL_X, l->y + 1, CELL_WIDTH, ROW_HEIGHT - 2);
  fprintf(f, "<text class=\"mid\" x=\"%d\" y=\"%d\">%" PRIu32 "</text><text x=\"%d\" y=\"%d\">×%-3" PRIu32 " ",
          CELL_X + CELL_WIDTH / 2, l->y + 13, o < s->frames ? o : o - s->frames, TEXT_X, l->y + 13, rc);
  if (c->refs[o] != rc) fprintf(f, "<tspan class=\"wrong\">but %" PRIu32 " refer to it</tspan>", c->refs[o]);
  else if (k) fprintf(f, "<tspan class=\"dim\">%s</tspan>", words[k]);
  fputs("</text></g>\n", f);
}

static void draw_free(FILE *f, const struct scene *c, const struct cell *l)
{
  uint32_t first = l->object < c->s->frames ? l->object : l->object - c->s->frames;
  fprintf(f, "<g class=\"free\"><text class=\"dim\" x=\"%d\" y=\"%d\">%" PRIu32 " free", CELL_X, l->y + 15, l->count);
  if (scene_squares(c, l->object)) {
    fprintf(f, ": %" PRIu32, first);
    if (l->count > 1) fprintf(f, " to %" PRIu32, first + l->count - 1);
  }
  fputs("</text>", f);
  for (uint32_t i = 0; i < l->count && scene_squares(c, l->object); i++)
    fprintf(f, "<rect class=\"hole%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", marked(scene_object_changed(c, l->object + i)),
            CELL_X + (int)(i % HOLES) * HOLE, l->y + ROW_HEIGHT + 3 + (int)(i / HOLES) * HOLE, HOLE - 3, HOLE - 3);
  fputs("</g>\n", f);
}

static void draw_more(FILE *f, const struct cell *l)
{
  fprintf(f, "<rect class=\"more\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/><text class=\"mid\" x=\"%d\" y=\"%d\">…</text>"
          "<text x=\"%d\" y=\"%d\">%" PRIu32 " more in use</text>\n", CELL_X, l->y + 1, CELL_WIDTH, ROW_HEIGHT - 2, CELL_X + CELL_WIDTH / 2,
          l->y + 13, TEXT_X, l->y + 13, l->count);
}

static void draw_tables(FILE *f, const struct scene *c, const struct cell *l)
{
  static const char *const words[TABLE_ROWS] = { "PML4, one a space", "PDPT", "page directory", "page table", "the kernel's",
                                                 "kept for spaces", "free" };
  const struct vmref_sys *s = c->s;
  uint32_t n[TABLE_ROWS] = { 0 };
  for (uint32_t t = 0; t < s->tables; t++) {
    int level = s->level[t];
    n[t >= s->spaces && t < s->spaces + 4 ? 4 : level >= 1 && level <= 4 ? 4 - level : t < s->spaces ? 5 : 6]++;
  }
  fprintf(f, "<text class=\"bold\" x=\"%d\" y=\"%d\">Page tables</text><text class=\"dim end\" x=\"%d\" y=\"%d\">%" PRIu32 " of %" PRIu32
          " in use</text>\n", CELL_X, l->y + 17, WIDTH - 16, l->y + 17, s->tables - n[5] - n[6], s->tables);
  for (int i = 0; i < TABLE_ROWS; i++)
    fprintf(f, "<text class=\"dim\" x=\"%d\" y=\"%d\">%s</text><text class=\"end\" x=\"%d\" y=\"%d\">%" PRIu32 "</text>\n", CELL_X,
            l->y + 38 + 16 * i, words[i], WIDTH - 16, l->y + 38 + 16 * i, n[i]);
}

static void draw_cells(FILE *f, const struct scene *c)
{
  for (size_t i = 0; i < c->cells; i++)
    switch (c->cell[i].kind) {
    case CELL_HEAD: draw_head(f, c, &c->cell[i]); break;
    case CELL_ONE: draw_object(f, c, &c->cell[i]); break;
    case CELL_FREE: draw_free(f, c, &c->cell[i]); break;
    case CELL_MORE: draw_more(f, &c->cell[i]); break;
    case CELL_TABLES: draw_tables(f, c, &c->cell[i]); break;
    }
}

/* ---- lines ---- */

/* Those to one cell end below each other, in the order in which they begin. */
static void draw_lines(FILE *f, const struct picture *p, struct scene *c)
{
  uint32_t ended[c->cells];
  memset(ended, 0, sizeof ended);
  for (size_t i = 0; i < c->lines; i++) {
    const struct line_drawn *l = &c->line[i];
    const struct cell *to = &c->cell[l->cell];
    const struct scene_page *q = &c->page[l->page];
    double y = c->row[l->row].y + 9, end = to->y + 1 + (ROW_HEIGHT - 2) * (double)++ended[l->cell] / (to->lines + 1);
    int x = PAGE_X + PAGE_SIZE_DRAWN, middle = (BOX_X + BOX_WIDTH + CELL_X) / 2;
    fprintf(f, "<path class=\"line c%" PRIu32 "%s\" d=\"M%d %gH%dC%d %g %d %.1f %d %.1fH%d\"><title>", q->space % COLOURS,
            l->n > 1 ? " thick" : "", x, y, BOX_X + BOX_WIDTH, middle, y, middle, end, CELL_X - 8, end, CELL_X);
    if (l->n > 1) fprintf(f, "%s, %" PRIu64 " pages: ", name(p, q->space), l->n);
    else fprintf(f, "%s 0x%" PRIx64 ": ", name(p, q->space), 4096 * q->number);
    if (to->kind == CELL_ONE) object_words(f, c->s, to->object);
    else fputs(to->object < c->s->frames ? "frames" : "slots", f);
    fputs("</title></path>\n", f);
  }
}

/* ---- around it ---- */

#define LEGEND(c) ((c)->over ? 7 : 6) /* rows: the last is of scripts with devices */
static void legend(FILE *f, const struct scene *c, int top)
{
  static const struct { int x, row; const char *class, *words; } entry[] = {
    { 0, 0, NULL, "a page" }, { 0, 1, "zero", "not touched yet" }, { 0, 2, "write", "writable by hardware now" },
    { 0, 3, "read", "read-only now" }, { 0, 4, "kept", "in memory, not present" }, { 0, 5, "swap", "in swap" },
    { 0, 6, "device", "a device's, of any size" },
    { 1, 0, NULL, "a frame or slot" }, { 1, 1, "one", "one reference" }, { 1, 2, "cow", "copied on write" },
    { 1, 3, "file", "page of a file" }, { 1, 4, "hole", "free" },
    { 2, 0, NULL, "a line: where a page lies" }, { 2, 1, NULL, "its colour: the space" },
    { 2, 2, NULL, "a thick line: many pages" }, { 2, 4, "box new", "changed by this step" } };
  fprintf(f, "<g class=\"legend\"><path class=\"gap\" d=\"M16 %dH%d\"/>\n", top, WIDTH - 16);
  for (size_t i = 0; i < sizeof entry / sizeof entry[0]; i++) {
    int x = BOX_X + 260 * entry[i].x, y = top + 12 + ROW_HEIGHT * entry[i].row;
    if ((entry[i].x == 2 && entry[i].class && !c->before) || entry[i].row >= LEGEND(c)) continue;
    if (entry[i].class) fprintf(f, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" rx=\"2\"/>", entry[i].class, x, y + 2);
    fprintf(f, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n", entry[i].row ? "dim" : "bold", x + (entry[i].class ? 22 : 0), y + 13,
            entry[i].words);
  }
  fputs("</g>\n", f);
}

/* The caption in lines of whole words; returns how many. Without f it only counts them. */
static int caption(FILE *f, const char *text, int y)
{
  int lines = 0;
  for (size_t n; *text; text += n, lines++) {
    n = strlen(text);
    if (n > CAPTION)
      for (n = CAPTION; n > 1 && text[n - 1] != ' ';) n--;
    if (n == 1 && strlen(text) > CAPTION) n = CAPTION;
    if (!f) continue;
    fprintf(f, "<text x=\"16\" y=\"%d\">", y + ROW_HEIGHT * lines);
    picture_text(f, text, n);
    fputs("</text>\n", f);
  }
  return lines;
}

static void draw(FILE *f, const struct picture *p, struct scene *c)
{
  int height = c->bottom + 16 + 12 + LEGEND(c) * ROW_HEIGHT + 12;
  fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n<title>", WIDTH, height,
          WIDTH, height);
  picture_text(f, p->title, strlen(p->title));
  if (p->step[0]) fprintf(f, ", %s", p->step);
  fputs("</title>\n<desc>", f);
  picture_text(f, p->caption, strlen(p->caption));
  fprintf(f, "; pages mapped: %zu, frames in use: %" PRIu32 " of %" PRIu32 "</desc>\n%s", c->pages, c->cell[0].count, c->s->frames, STYLE);
  fprintf(f, "<rect class=\"back\" width=\"%d\" height=\"%d\"/>\n<text class=\"big\" x=\"16\" y=\"30\">", WIDTH, height);
  size_t all = strlen(p->title), most = 56;
  if (all > most) fputs("…", f);
  picture_text(f, all > most ? p->title + all - most : p->title, all > most ? most : all);
  fprintf(f, "</text><text class=\"dim end\" x=\"%d\" y=\"30\">%s</text>\n", WIDTH - 16, p->step);
  caption(f, p->caption, 54);
  draw_rows(f, p, c);
  draw_cells(f, c);
  draw_lines(f, p, c);
  legend(f, c, c->bottom + 16);
  fputs("</svg>\n", f);
}

bool picture_draw(FILE *f, const struct picture *p)
{
  struct scene c = scene_read(p, 60 + ROW_HEIGHT * caption(NULL, p->caption, 0));
  bool good = !c.failed;
  if (good) draw(f, p, &c);
  scene_free(&c);
  return good;
}
