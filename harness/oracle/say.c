/* SPDX-License-Identifier: MIT */
/* The message and the flush that lines.c and read.c use, for the adapters: main.c of the command line is not linked. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
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
