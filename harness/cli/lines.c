/* SPDX-License-Identifier: MIT */
/* Lines through one buffer of fixed size. read(2) returns what a pipe holds, so
 * a question that arrives alone is answered at once, and a file in large pieces. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"

struct lines {
  int fd;
  bool end, skip;              /* skip: the rest of a line that was too long */
  size_t begin, searched, full; /* begin <= searched: no newline between; <= full */
  uint64_t number;
  char buffer[LINE_LIMIT + 1]; /* and its newline */
};

struct lines *lines_open(const char *path)
{
  int fd = !path || strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  struct lines *in = malloc(sizeof *in);
  if (!in) return NULL;
  in->fd = fd;
  in->end = in->skip = false;
  in->begin = in->searched = in->full = 0;
  in->number = 0;
  return in;
}

void lines_close(struct lines *in)
{
  if (in->fd != STDIN_FILENO) close(in->fd);
  free(in);
}

uint64_t lines_number(const struct lines *in) { return in->number; }

/* More bytes behind `full`. false: unreadable. */
static bool fill(struct lines *in)
{
  if (in->begin > 0) {
    memmove(in->buffer, in->buffer + in->begin, in->full - in->begin);
    in->searched -= in->begin;
    in->full -= in->begin;
    in->begin = 0;
  }
  flush_output();
  ssize_t got;
  do got = read(in->fd, in->buffer + in->full, sizeof in->buffer - in->full);
  while (got < 0 && errno == EINTR);
  if (got < 0) return false;
  if (got == 0) in->end = true;
  in->full += (size_t)got;
  return true;
}

/* Take the bytes up to `stop` as a line; its newline, when it has one, too. */
static void take(struct lines *in, size_t stop, const char **text, size_t *size)
{
  *text = in->buffer + in->begin;
  *size = stop - in->begin;
  in->begin = in->searched = stop < in->full ? stop + 1 : stop;
}

enum line lines_next(struct lines *in, const char **text, size_t *size)
{
  for (;;) {
    char *newline = memchr(in->buffer + in->searched, '\n', in->full - in->searched);
    size_t stop = newline ? (size_t)(newline - in->buffer) : in->full;
    bool whole = newline || (in->end && in->begin < in->full);
    if (in->skip) { /* drop it, and resume behind its newline */
      take(in, stop, text, size);
      if (newline) in->skip = false;
      else if (in->end) return LINE_END;
      else if (!fill(in)) return LINE_UNREADABLE;
    } else if (whole && stop - in->begin <= LINE_LIMIT) {
      take(in, stop, text, size);
      in->number++;
      return LINE_TEXT;
    } else if (in->full - in->begin > LINE_LIMIT) {
      in->number++;
      in->skip = true;
      return LINE_LONG;
    } else if (in->end) {
      return LINE_END;
    } else {
      in->searched = stop;
      if (!fill(in)) return LINE_UNREADABLE;
    }
  }
}
