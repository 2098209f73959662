/* SPDX-License-Identifier: MIT */
/* Operations as text, one a line: TASK CALL ARGUMENT... */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "lx_names.h"

static int word(const char **p, const char **at)
{
  while (isblank((unsigned char)**p)) (*p)++;
  *at = *p;
  while (**p && !isspace((unsigned char)**p) && **p != '#') (*p)++;
  return (int)(*p - *at);
}

/* One of `words`, a number, or several with + between. */
static int value(const char *at, int size, const struct lx_word *words, size_t n, uint64_t *v)
{
  *v = 0;
  for (int from = 0; from < size; ) {
    int to = from;
    while (to < size && (at[to] != '+' || to == from)) to++;
    char one[40], *end;
    if (to - from >= (int)sizeof one) return 0;
    memcpy(one, at + from, (size_t)(to - from));
    one[to - from] = 0;
    size_t k = 0;
    while (k < n && strcmp(words[k].name, one) != 0) k++;
    if (k < n) *v |= words[k].bit;
    else {
      if (!isdigit((unsigned char)one[0]) && !(one[0] == '-' && isdigit((unsigned char)one[1]))) return 0;
      *v |= one[0] == '-' ? (uint64_t)strtoll(one, &end, 0) : strtoull(one, &end, 0);
      if (*end) return 0;
    }
    from = to + 1;
  }
  return size > 0;
}

int lx_read_kernel(const char *text, uint32_t *kernel)
{
  char *end;
  if (!isdigit((unsigned char)text[0])) return 0;
  const unsigned long major = strtoul(text, &end, 10);
  if (*end != '.' || !isdigit((unsigned char)end[1])) return 0;
  const unsigned long minor = strtoul(end + 1, &end, 10);
  if (*end || major > 99 || minor > 255) return 0;
  *kernel = (uint32_t)(major * 256 + minor);
  return 1;
}

int lx_read_op(const char *text, struct lx_op *op, char why[200])
{
  const char *p = text, *at;
  int size = word(&p, &at);
  uint64_t v;
  if (size == 0) return 0;
  memset(op, 0, sizeof *op);
  if (!value(at, size, NULL, 0, &v) || v >= 256) return snprintf(why, 200, "'%.*s' is no number of a task", size, at), -1;
  op->task = (uint8_t)v;
  size = word(&p, &at);
  unsigned args;
  if (!lx_call_by_name(at, (size_t)size, &op->nr, &args)) return snprintf(why, 200, "'%.*s' is no call", size, at), -1;
  for (unsigned i = 0; i < args; i++) {
    size_t n;
    const struct lx_word *words = lx_words(op->nr, i, &n);
    size = word(&p, &at);
    if (size == 0) return snprintf(why, 200, "%s takes %u arguments, here are %u", lx_name(op->nr), args, i), -1;
    if (!value(at, size, words, n, &op->arg[i])) return snprintf(why, 200, "'%.*s' is no argument %u of %s", size, at, i + 1, lx_name(op->nr)), -1;
  }
  size = word(&p, &at);
  return size == 0 ? 1 : (snprintf(why, 200, "'%.*s' is too much: %s takes %u arguments", size, at, lx_name(op->nr), args), -1);
}

int lx_read_script(FILE *f, const char *name, struct lx_op *op, unsigned *n)
{
  char line[1024], why[200];
  for (unsigned number = 1; fgets(line, sizeof line, f); number++) {
    const char *p = line, *at;
    const int first = word(&p, &at);
    if ((first == 6 && memcmp(at, "expect", 6) == 0) || (first == 5 && memcmp(at, "areas", 5) == 0)) continue; /* of vmref linux */
    const int r = *n < LX_OPS ? lx_read_op(line, &op[*n], why) : (snprintf(why, sizeof why, "more than %d operations", LX_OPS), -1);
    if (r < 0) return fprintf(stderr, "%s:%u: %s\n", name, number, why), 0;
    *n += (unsigned)r;
  }
  return *n > 0 || (fprintf(stderr, "%s: there is no operation in it\n", name), 0);
}
