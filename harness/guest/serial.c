/* SPDX-License-Identifier: MIT */
/* COM1, 115200 baud, and the functions of string.h that C needs. */
#include <stddef.h>
#include "guest.h"

#define COM1 0x3f8

void serial_start(void)
{
  static const uint8_t set[][2] = { { 1, 0 }, { 3, 0x80 }, { 0, 1 }, { 1, 0 }, { 3, 3 }, { 2, 7 }, { 4, 3 } };
  for (unsigned i = 0; i < sizeof set / sizeof *set; i++)
    out8(COM1 + set[i][0], set[i][1]);
}

static void put(char ch)
{
  for (unsigned i = 0; i < 100000 && !(in8(COM1 + 5) & 0x20); i++) ;
  out8(COM1, (uint8_t)ch);
}

void serial_print(const char *text)
{
  for (; *text; text++) {
    if (*text == '\n') put('\r');
    put(*text);
  }
}

static void in_base(uint64_t value, unsigned base)
{
  char text[24];
  char *at = text + sizeof text;
  *--at = 0;
  do *--at = "0123456789abcdef"[value % base]; while ((value /= base) != 0);
  serial_print(at);
}

void serial_hex(uint64_t value)
{
  serial_print("0x");
  in_base(value, 16);
}

void serial_number(uint64_t value) { in_base(value, 10); }

void *memcpy(void *to, const void *from, size_t n)
{
  char *t = to;
  const char *f = from;
  while (n--) *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t n)
{
  char *t = to;
  const char *f = from;
  if (t < f) return memcpy(to, from, n);
  while (n--) t[n] = f[n];
  return to;
}

void *memset(void *to, int value, size_t n)
{
  char *t = to;
  while (n--) *t++ = (char)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
  const unsigned char *x = a, *y = b;
  for (; n--; x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}

size_t strlen(const char *s)
{
  size_t n = 0;
  while (s[n]) n++;
  return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
  while (n && *a && *a == *b) n--, a++, b++;
  return n ? (unsigned char)*a - (unsigned char)*b : 0;
}
