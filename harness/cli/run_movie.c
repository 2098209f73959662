/* SPDX-License-Identifier: MIT */
/* The pictures of `vmref run` as files: one at the end, or one a step and a page to leaf through. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "run.h"

/* ---- writing -------------------------------------------------------------------- */

static int unwritable(const char *path)
{
  int why = errno;
  flush_output();
  fprintf(stderr, "vmref run: %s: %s\n", path, strerror(why));
  return EXIT_INTERNAL;
}

static bool write_to(const char *path, const char *text, size_t size)
{
  FILE *f = fopen(path, "wb");
  if (!f) return false;
  bool good = fwrite(text, 1, size, f) == size;
  int why = errno;
  if (fclose(f) != 0) return false;
  errno = why;
  return good;
}

/* All of it or nothing: beside it first. A device or a pipe has no beside. */
int picture_write(const char *path, const char *text, size_t size)
{
  struct stat is;
  if (lstat(path, &is) == 0 && !S_ISREG(is.st_mode))
    return write_to(path, text, size) ? EXIT_ANSWERED : unwritable(path);
  char part[strlen(path) + 6];
  strcat(strcpy(part, path), ".part");
  if (write_to(part, text, size) && rename(part, path) == 0) return EXIT_ANSWERED;
  int why = errno;
  unlink(part);
  errno = why;
  return unwritable(path);
}

static int out_of_memory(void)
{
  say("out of memory");
  return EXIT_INTERNAL;
}

static int write_picture(const char *path, const struct picture *p)
{
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f) return out_of_memory();
  bool good = picture_draw(f, p);
  if (fclose(f) != 0) good = false;
  int code = good ? picture_write(path, text, size) : out_of_memory();
  free(text);
  return code;
}

/* ---- the page ------------------------------------------------------------------------ */

static const char PAGE_HEAD[] =
"<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
":root{color-scheme:light dark}\n"
"body{font:14px ui-monospace,monospace;max-width:1240px;margin:0 auto;padding:12px;display:grid;gap:12px;grid-template-columns:minmax(0,1fr)}\n"
"nav{display:flex;gap:8px;align-items:center;position:sticky;top:0;background:Canvas;padding:6px 0}\n"
"nav input{flex:1;min-width:60px}button{font:inherit;padding:6px 14px}\n"
"main{overflow-x:auto}img{display:block;width:100%;min-width:620px;max-width:776px}\n"
"ol{list-style:none;margin:0;padding:0;max-height:40vh;overflow:auto}\n"
"a{display:block;padding:3px 6px;color:inherit;text-decoration:none;overflow-wrap:anywhere}a.now{background:SelectedItem;color:SelectedItemText}\n"
"@media(min-width:1100px){body{grid-template-columns:776px minmax(0,1fr)}nav{grid-column:1/3}ol{max-height:85vh}}\n"
"</style>\n<title>";
static const char PAGE_MIDDLE[] =
"</title>\n<nav><button id=\"back\" aria-label=\"previous step\">◀</button><button id=\"next\" aria-label=\"next step\">▶</button>\n"
"<input id=\"at\" type=\"range\" min=\"0\" value=\"0\" aria-label=\"step\"><span id=\"number\"></span></nav>\n"
"<main><img id=\"shown\" src=\"0000.svg\" alt=\"\"></main>\n<ol>\n";
static const char PAGE_END[] =
"</ol>\n<script>\n"
"const steps = [...document.querySelectorAll('ol a')], id = n => document.getElementById(n), at = id('at');\n"
"let now = 0;\n"
"function show(n) {\n"
"  now = Math.max(0, Math.min(steps.length - 1, n));\n"
"  steps.forEach((a, i) => a.classList.toggle('now', i === now));\n"
"  id('shown').src = steps[now].getAttribute('href');\n"
"  id('shown').alt = steps[now].textContent;\n"
"  id('number').textContent = now + '/' + (steps.length - 1);\n"
"  at.value = now;\n"
"  const a = steps[now], list = a.closest('ol');\n"
"  list.scrollTop = a.offsetTop - list.offsetTop - list.clientHeight / 2;\n"
"}\n"
"at.max = steps.length - 1;\n"
"at.oninput = () => show(+at.value);\n"
"id('back').onclick = () => show(now - 1);\n"
"id('next').onclick = () => show(now + 1);\n"
"steps.forEach((a, i) => a.onclick = e => { e.preventDefault(); show(i); });\n"
"addEventListener('keydown', e => {\n"
"  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: steps.length - 1 }[e.key];\n"
"  if (to === undefined || e.altKey || e.ctrlKey || e.metaKey) return;\n"
"  e.preventDefault();\n"
"  show(to);\n"
"});\n"
"show(+location.hash.slice(1) || 0);\n"
"</script>\n";

static void add_step(FILE *f, size_t step, const char *caption)
{
  fprintf(f, "<li><a href=\"%04zu.svg\">", step);
  picture_text(f, caption, strlen(caption));
  fputs("</a></li>\n", f);
}

static int write_page(const char *dir, const char *title, const char *list, size_t listed)
{
  char path[strlen(dir) + 12], *text = NULL;
  size_t size = 0;
  sprintf(path, "%s/index.html", dir);
  FILE *f = open_memstream(&text, &size);
  if (!f) return out_of_memory();
  fputs(PAGE_HEAD, f);
  picture_text(f, title, strlen(title));
  fputs(PAGE_MIDDLE, f);
  fwrite(list, 1, listed, f);
  fputs(PAGE_END, f);
  int code = fclose(f) == 0 ? picture_write(path, text, size) : out_of_memory();
  free(text);
  return code;
}

/* ---- step by step ----------------------------------------------------------------------- */

static int frame(struct pictures *m, const struct vmref_sys *s)
{
  char path[strlen(m->movie) + 26], step[48];
  sprintf(path, "%s/%04zu.svg", m->movie, m->step);
  sprintf(step, m->step ? "step %zu of %zu" : "before step 1", m->step, m->steps);
  struct picture p = { .s = s, .before = m->before, .over = m->over, .over_before = m->over_before, .t = m->t, .title = m->title,
                       .step = step, .caption = m->caption };
  int code = write_picture(path, &p);
  if (code != EXIT_ANSWERED) return code;
  add_step(m->list, m->step, m->caption);
  mm_free(m->before);
  m->before = mm_copy(s);
  if (m->over && !m->over_before) m->over_before = mm_over(s);
  if (!m->before || (m->over && !m->over_before)) return out_of_memory();
  if (m->over) memcpy(m->over_before, m->over, VMREF_OVER(s) * sizeof *m->over);
  return EXIT_ANSWERED;
}

int pictures_begin(struct pictures *m, const struct vmref_sys *s, const struct script *t)
{
  struct stat is;
  m->t = t;
  strcpy(m->caption, "nothing is done yet");
  if (!m->movie) return EXIT_ANSWERED;
  for (size_t i = 0; i < t->lines; i++) m->steps += t->line[i].kind == SCRIPT_OP;
  if (mkdir(m->movie, 0777) != 0 && errno != EEXIST) return unwritable(m->movie);
  if (stat(m->movie, &is) == 0 && !S_ISDIR(is.st_mode)) return errno = ENOTDIR, unwritable(m->movie);
  m->list = open_memstream(&m->listed, &m->list_size);
  return m->list ? frame(m, s) : out_of_memory();
}

FILE *pictures_caption(struct pictures *m)
{
  memset(m->caption, 0, sizeof m->caption);
  return fmemopen(m->caption, sizeof m->caption - 1, "w"); /* what is too long is cut */
}

int pictures_step(struct pictures *m, const struct vmref_sys *s, const struct script_line *l, const struct mm_outcome *r)
{
  if (!m->movie && !m->picture) return EXIT_ANSWERED;
  FILE *f = pictures_caption(m);
  if (!f) return out_of_memory();
  print_outcome(f, m->t, l, r);
  fclose(f);
  m->step++;
  return m->movie ? frame(m, s) : EXIT_ANSWERED;
}

int pictures_end(struct pictures *m, const struct vmref_sys *s)
{
  int code = EXIT_ANSWERED;
  mm_free(m->before);
  m->before = NULL;
  free(m->over_before);
  m->over_before = NULL;
  if (m->list) {
    code = fclose(m->list) == 0 ? write_page(m->movie, m->title, m->listed, m->list_size) : out_of_memory();
    free(m->listed);
  }
  if (!m->picture) return code;
  struct picture p = { .s = s, .over = m->over, .t = m->t, .title = m->title, .step = "", .caption = m->caption };
  int drawn = write_picture(m->picture, &p);
  return drawn == EXIT_ANSWERED ? code : drawn;
}
