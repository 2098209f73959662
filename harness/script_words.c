/* SPDX-License-Identifier: MIT */
#include "script_words.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

int reader_wrong(struct reader *r, size_t column, const char *text, ...)
{
  va_list list;
  va_start(list, text);
  vsnprintf(r->why->text, sizeof r->why->text, text, list);
  va_end(list);
  r->why->column = column;
  return 0;
}

int word_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

int reader_word(struct reader *r, struct word *w)
{
  const char *last = r->next;
  while (r->next < r->end && word_blank(*r->next)) r->next++;
  const char *begin = r->next;
  while (r->next < r->end && !word_blank(*r->next) && *r->next != '#') r->next++;
  *w = (struct word){ begin, (size_t)(r->next - begin), (size_t)(begin - r->text) + 1 };
  if (w->size > 0) return 1;
  r->end = r->next = last; /* a comment */
  w->column = (size_t)(last - r->text) + 1;
  return 0;
}

int reader_need(struct reader *r, struct word *w, const char *what)
{
  return reader_word(r, w) || reader_wrong(r, w->column, "%s is missing; %s", what, r->form);
}

int word_is(const struct word *w, const char *text)
{
  return w->size == strlen(text) && memcmp(w->at, text, w->size) == 0;
}

const char *word_shown(const struct word *w, char text[SHOWN])
{
  size_t n = w->size < SHOWN - 1 ? w->size : SHOWN - 1;
  for (size_t i = 0; i < n; i++) text[i] = ' ' < w->at[i] && w->at[i] < 127 ? w->at[i] : '?';
  text[n] = 0;
  if (w->size > n) memcpy(text + n - 3, "...", 3);
  return text;
}

int word_digit(char c, unsigned base)
{
  int d = '0' <= c && c <= '9' ? c - '0' : 'a' <= c && c <= 'f' ? c - 'a' + 10
        : 'A' <= c && c <= 'F' ? c - 'A' + 10 : 99;
  return d < (int)base ? d : -1;
}

int word_number(const struct word *w, uint64_t *n)
{
  int hex = w->size > 2 && w->at[0] == '0' && (w->at[1] == 'x' || w->at[1] == 'X');
  unsigned base = hex ? 16 : 10;
  *n = 0;
  for (size_t i = hex ? 2 : 0; i < w->size; i++) {
    int d = word_digit(w->at[i], base);
    if (d < 0 || *n > (UINT64_MAX - (unsigned)d) / base) return 0;
    *n = base * *n + (unsigned)d;
  }
  return w->size > 0;
}

int reader_number(struct reader *r, const char *what, uint64_t max, uint64_t *n)
{
  struct word w;
  char text[SHOWN];
  if (!reader_need(r, &w, what)) return 0;
  if (!word_number(&w, n))
    return reader_wrong(r, w.column, "%s '%s' is no number below 2^64; decimal digits, or 0x and hex digits", what, word_shown(&w, text));
  if (*n > max)
    return reader_wrong(r, w.column, "%s %s is too large; it is at most %" PRIu64 " (0x%" PRIx64 ")", what, word_shown(&w, text), max, max);
  return 1;
}

int word_identifier(const struct word *w)
{
  for (size_t i = 0; i < w->size; i++) {
    char c = w->at[i];
    int letter = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return 0;
  }
  return 0 < w->size && w->size < SCRIPT_NAME;
}
