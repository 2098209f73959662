/* SPDX-License-Identifier: MIT */
/* What fuzz_parsers.c and fuzz_linux_parsers.c share. */
#ifndef VMREF_FUZZ_PARSERS_H
#define VMREF_FUZZ_PARSERS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* fuzz_linux_parsers.c: lines of vmref linux, what strace -f writes, /proc/PID/maps */
void fuzz_linux_script(const uint8_t *data, size_t size);
void fuzz_strace(const uint8_t *data, size_t size);
void fuzz_maps(const uint8_t *data, size_t size);

/* The next line of an input, without its newline. */
struct part { const char *text; size_t size; };
static inline bool next_part(struct part *p, const uint8_t **at, const uint8_t *end)
{
  if (*at >= end) return false;
  const uint8_t *stop = memchr(*at, '\n', (size_t)(end - *at));
  *p = (struct part){ (const char *)*at, (size_t)((stop ? stop : end) - *at) };
  *at += p->size + 1;
  return true;
}

/* A line as a string; one that is too long, or has a zero byte in it, is none. */
static inline bool string_of(const struct part *p, char *text, size_t room)
{
  if (p->size >= room || memchr(p->text, 0, p->size)) return false;
  memcpy(text, p->text, p->size);
  text[p->size] = 0;
  return true;
}

static inline FILE *opened(const uint8_t *data, size_t size)
{
  FILE *f = fmemopen((void *)(uintptr_t)data, size, "rb");
  return f ? f : (abort(), NULL);
}

#endif
