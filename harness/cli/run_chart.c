/* SPDX-License-Identifier: MIT */
/* The chart of `vmref run --compare-policies`: page faults by page frames. */
#include <inttypes.h>
#include <string.h>
#include "compare.h"

#define WIDTH 776
#define HEIGHT 470
#define LEFT 76
#define RIGHT (WIDTH - 28)
#define TOP 104
#define BOTTOM (HEIGHT - 62)
#define TITLE 60 /* letters */

static const char STYLE[] =
"<style>\n"
":root{--back:#fff;--edge:#d0d7de;--text:#1f2328;--dim:#59636e;--lru:#0969da;--clock:#bc4c00;--optimum:#1a7f37}\n"
"@media (prefers-color-scheme:dark){:root{--back:#0d1117;--edge:#3d444d;--text:#e6edf3;--dim:#9198a1;--lru:#58a6ff;--clock:#f0883e;"
"--optimum:#3fb950}}\n"
"svg{max-width:100%;height:auto;background:var(--back)}\n"
"text{fill:var(--text);font:12px ui-monospace,monospace;white-space:pre}.dim{fill:var(--dim)}.big{font-size:16px;font-weight:bold}"
".end{text-anchor:end}.mid{text-anchor:middle}\n"
".back{fill:var(--back)}.grid{stroke:var(--edge)}.axis{stroke:var(--dim);fill:none}.asked{stroke:var(--dim);stroke-dasharray:4 4}\n"
".line{fill:none;stroke-width:2.5;stroke-linejoin:round}.dot{stroke:var(--back);stroke-width:1.5}\n"
".lru{stroke:var(--lru)}.clock{stroke:var(--clock);stroke-dasharray:9 4}.optimum{stroke:var(--optimum);stroke-dasharray:2 3}\n"
".dot.lru{fill:var(--lru)}.dot.clock{fill:var(--clock)}.dot.optimum{fill:var(--optimum)}.dot{stroke:var(--back)!important;stroke-dasharray:none!important}\n"
"</style>\n";
static const char *const WORDS[COMPARE_POLICIES] = { "LRU", "Clock (second chance)", "optimum (Belady)" };

/* A step of 1, 2 or 5 times a power of 10, so that there are at most so many. */
static size_t step_of(size_t all, size_t most)
{
  static const size_t factor[] = { 1, 2, 5 };
  for (size_t ten = 1;; ten *= 10)
    for (int i = 0; i < 3; i++)
      if (all / (factor[i] * ten) <= most) return factor[i] * ten;
}

/* What the axes reach to. */
struct scale { size_t frames, faults, dx, dy; };

static struct scale scale_of(const struct comparison *c)
{
  struct scale z = { .frames = c->row[c->rows - 1].frames };
  for (size_t i = 0; i < c->rows; i++)
    for (int k = 0; k < COMPARE_POLICIES; k++)
      if (c->row[i].faults[k] > z.faults) z.faults = c->row[i].faults[k];
  z.dx = step_of(z.frames, 20);
  z.dy = step_of(z.faults, 8);
  z.faults = (z.faults + z.dy - 1) / z.dy * z.dy;
  return z;
}

static double x_of(const struct scale *z, size_t frames)
{
  return z->frames == 1 ? (LEFT + RIGHT) / 2.0 : LEFT + 16 + (RIGHT - LEFT - 32) * (double)(frames - 1) / (double)(z->frames - 1);
}
static double y_of(const struct scale *z, size_t faults) { return BOTTOM - (BOTTOM - TOP) * (double)faults / (double)z->faults; }

/* A mark of its own for each policy: a disc, a square, a triangle. */
static void mark(FILE *f, int k, double x, double y)
{
  if (k == COMPARE_LRU) fprintf(f, "<circle class=\"dot lru\" cx=\"%.1f\" cy=\"%.1f\" r=\"6.5\"", x, y);
  else if (k == COMPARE_CLOCK) fprintf(f, "<rect class=\"dot clock\" x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\"", x - 4.5, y - 4.5);
  else fprintf(f, "<path class=\"dot optimum\" d=\"M%.1f %.1fl5.5 9.5h-11z\"", x, y - 6);
}

static void axes(FILE *f, const struct comparison *c, const struct scale *z)
{
  for (size_t n = 0; n <= z->faults; n += z->dy) {
    fprintf(f, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y_of(z, n), RIGHT);
    fprintf(f, "<text class=\"dim end\" x=\"%d\" y=\"%.1f\">%zu</text>\n", LEFT - 8, y_of(z, n) + 4, n);
  }
  for (size_t n = 1; n <= z->frames; n += n == 1 && z->dx > 1 ? z->dx - 1 : z->dx) {
    fprintf(f, "<path class=\"axis\" d=\"M%.1f %dv5\"/>", x_of(z, n), BOTTOM);
    fprintf(f, "<text class=\"dim mid\" x=\"%.1f\" y=\"%d\">%zu</text>\n", x_of(z, n), BOTTOM + 20, n);
  }
  fprintf(f, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, BOTTOM, RIGHT);
  fprintf(f, "<text class=\"mid\" x=\"%d\" y=\"%d\">page frames</text>", (LEFT + RIGHT) / 2, BOTTOM + 44);
  fprintf(f, "<text class=\"mid\" x=\"0\" y=\"0\" transform=\"translate(24 %d) rotate(-90)\">page faults</text>\n", (TOP + BOTTOM) / 2);
  if (c->marked == 0) return;
  fprintf(f, "<path class=\"asked\" d=\"M%.1f %dV%d\"/>\n", x_of(z, c->marked), TOP, BOTTOM);
}

static void line(FILE *f, const struct comparison *c, const struct scale *z, int k)
{
  fprintf(f, "<path class=\"line %s\" d=\"", COMPARE_NAME[k]);
  for (size_t i = 0; i < c->rows; i++)
    fprintf(f, "%c%.1f %.1f", i ? 'L' : 'M', x_of(z, c->row[i].frames), y_of(z, c->row[i].faults[k]));
  fputs("\"/>\n", f);
  for (size_t i = 0; i < c->rows; i++) {
    mark(f, k, x_of(z, c->row[i].frames), y_of(z, c->row[i].faults[k]));
    fprintf(f, "><title>%s, frames %" PRIu32 ": %zu faults</title>", WORDS[k], c->row[i].frames, c->row[i].faults[k]);
    fputs(k == COMPARE_LRU ? "</circle>\n" : k == COMPARE_CLOCK ? "</rect>\n" : "</path>\n", f);
  }
}

static void legend(FILE *f)
{
  static const int from[COMPARE_POLICIES] = { LEFT, LEFT + 100, LEFT + 330 };
  for (int k = 0; k < COMPARE_POLICIES; k++) {
    fprintf(f, "<path class=\"line %s\" d=\"M%d 80h36\"/>", COMPARE_NAME[k], from[k]);
    mark(f, k, from[k] + 18, 80);
    fprintf(f, "/><text x=\"%d\" y=\"84\">%s</text>\n", from[k] + 46, WORDS[k]);
  }
}

void chart_draw(FILE *f, const struct comparison *c)
{
  const struct scale z = scale_of(c);
  const size_t all = strlen(c->title);
  fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n<title>", WIDTH, HEIGHT,
          WIDTH, HEIGHT);
  picture_text(f, c->title, all);
  fprintf(f, ": page faults by page frames</title>\n%s<rect class=\"back\" width=\"%d\" height=\"%d\"/>\n<text class=\"big\" x=\"16\" y=\"30\">", STYLE,
          WIDTH, HEIGHT);
  if (all > TITLE) fputs("…", f);
  picture_text(f, all > TITLE ? c->title + all - TITLE : c->title, all > TITLE ? TITLE : all);
  fprintf(f, "</text><text class=\"dim\" x=\"16\" y=\"52\">page faults of %zu accesses to %zu pages</text>\n", c->accesses, c->pages);
  legend(f);
  axes(f, c, &z);
  for (int k = 0; k < COMPARE_POLICIES; k++) line(f, c, &z, k); /* the optimum last, which others may hide */
  fputs("</svg>\n", f);
}
