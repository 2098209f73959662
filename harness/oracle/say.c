/* SPDX-License-Identifier: MIT */
/* What the adapters share: the message and the flush that lines.c and read.c use, since main.c of the command line is not
 * linked; and why some kinds of questions are asked of none of them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "adapters.h"
#include "cli.h"

void say(const char *form, ...)
{
  va_list list;
  va_start(list, form);
  fprintf(stderr, "%s: ", program_invocation_short_name);
  vfprintf(stderr, form, list);
  fputc('\n', stderr);
  va_end(list);
}
void flush_output(void) { fflush(stdout); }

const char *why_not_asked(const char *op)
{
  static const char *const WHY[][2] = {
    { "memtype", "memory types: an emulator without caches does nothing by them, so nothing shows them" },
    { "footprint", "the memory that tables take is counted: there is nothing that an MMU does" },
    { "script", "a question to a memory manager, which an emulator has not" },
    { "set", why_no_set },
  };
  for (size_t i = 0; i < sizeof WHY / sizeof *WHY; i++)
    if (strcmp(WHY[i][0], op) == 0) return WHY[i][1];
  return "no such kind of question is known here";
}
