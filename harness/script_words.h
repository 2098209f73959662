/* SPDX-License-Identifier: MIT */
/* A line of a script, taken apart: words and numbers. What script.c is made of. */
#ifndef SCRIPT_WORDS_H
#define SCRIPT_WORDS_H
#include "script.h"

struct word { const char *at; size_t size, column; };

struct reader {
  const char *text, *next, *end;
  const char *form; /* how the line should look */
  struct script *script;
  struct script_error *why;
};

/* What is wrong, and where; 0. */
int reader_wrong(struct reader *r, size_t column, const char *text, ...);
/* The next word; 0: the line has no more, and the column is behind its last. */
int reader_word(struct reader *r, struct word *w);
int reader_need(struct reader *r, struct word *w, const char *what);
/* The next word is a number up to max. */
int reader_number(struct reader *r, const char *what, uint64_t max, uint64_t *n);

int word_is(const struct word *w, const char *text);
/* Decimal digits, or 0x and hex digits, below 2^64. */
int word_number(const struct word *w, uint64_t *n);
/* A letter or _, then letters, digits or _. */
int word_identifier(const struct word *w);
int word_blank(char c);
int word_digit(char c, unsigned base);
/* A word for a message: not longer than is useful, and printable. */
#define SHOWN 41
const char *word_shown(const struct word *w, char text[SHOWN]);
#endif
