/* SPDX-License-Identifier: MIT */
/* The fewest events of a trace that still break the same rule by the same event: pieces are left out, by
 * halves first, as long as that is so. */
#include <stdlib.h>
#include <string.h>
#include "trace.h"

#define WORK 2000000u /* events checked in all, at most */

/* Do the first n - size events without those from `from` on, and the last, end in the same break? */
static bool still(const struct trace_file *t, const struct trace_result *r, const size_t *order, size_t n, size_t from, size_t size, size_t *some)
{
  struct trace_result got;
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    if (i < from || i >= from + size) some[k++] = order[i];
  return trace_check(t, some, k, &got) && got.verdict == TRACE_BROKEN && got.at == k - 1 && strcmp(got.rule, r->rule) == 0 && strcmp(got.what, r->what) == 0;
}

/* Can the event have to do with the address and the frame that the break is about? */
static bool concerns(const struct event *e, const struct trace_result *r)
{
  switch (e->kind) {
  case EVENT_MEM: case EVENT_CPU: case EVENT_CR3: case EVENT_FLUSH: return true;
  case EVENT_WRITE: case EVENT_WRITE4:
    for (size_t i = 0; i < r->entries; i++)
      if ((r->entry[i] ^ e->a) < 8) return true;
    return false;
  case EVENT_INVLPG: case EVENT_FILL: return (e->a ^ r->va) < 4096;
  case EVENT_INVPCID: return e->c != 0 || (e->b ^ r->va) < 4096;
  case EVENT_ACCESS: return (e->access.va ^ r->va) < 4096;
  default: return e->a == r->frame;
  }
}

size_t trace_shrink(const struct trace_file *t, const struct trace_result *r, size_t *order)
{
  size_t n = r->at + 1, work = 0, *some = malloc(n * sizeof *some);
  for (size_t i = 0; i < n; i++) order[i] = i;
  size_t few = 0; /* first what can have to do with it, if that is enough */
  for (size_t i = 0; i < n; i++)
    if (i == n - 1 || concerns(&t->event[i], r)) order[few++] = i;
  if (some && still(t, r, order, few, few, 0, some)) n = few;
  else
    for (size_t i = 0; i < n; i++) order[i] = i;
  for (unsigned c = 0; some && c < TRACE_CPUS; c++) { /* a processor's line and its events go together */
    size_t k = 0;
    struct trace_result got;
    for (size_t i = 0; i < n; i++) {
      const struct event *e = &t->event[order[i]];
      const bool its = e->cpu == c && (e->kind == EVENT_CPU || (e->kind >= EVENT_CR3 && e->kind <= EVENT_ACCESS));
      if (i == n - 1 || !its) some[k++] = order[i];
    }
    if (k == n || !trace_check(t, some, k, &got) || got.verdict != TRACE_BROKEN || got.at != k - 1 || strcmp(got.what, r->what) != 0) continue;
    n = k;
    memcpy(order, some, n * sizeof *order);
  }
  for (size_t size = n / 2; some && size >= 1; size = size > 1 ? (size + 1) / 2 : 0)
    for (size_t from = n - 1; from > 0 && work < WORK;) { /* from the end: what is near the break stays longest */
      from = from > size ? from - size : 0;
      const size_t piece = from + size < n - 1 ? size : n - 1 - from;
      if (piece == 0) continue;
      work += n + 100;
      if (!still(t, r, order, n, from, piece, some)) continue;
      n -= piece;
      memcpy(order, some, n * sizeof *order);
      if (from > n - 1) from = n - 1;
    }
  free(some);
  return n;
}
