/* SPDX-License-Identifier: MIT */
/* What diverges, made shorter while it still does: parts are left out, halves first, a batch of tries at a time. */
#define _GNU_SOURCE
#include <string.h>
#include "mm_run.h"

#define SECONDS 60
#define ROUNDS 200

static uint32_t units(const struct mm_input *x) { return (uint32_t)((x->size + SEQUENCE_OP - 1) / SEQUENCE_OP); }

/* x without n operations from `from` on. */
static struct mm_input without(const struct mm_input *x, uint32_t from, uint32_t n)
{
  struct mm_input y = *x;
  const size_t begin = SEQUENCE_OP * (size_t)from, end = begin + SEQUENCE_OP * (size_t)n < x->size ? begin + SEQUENCE_OP * (size_t)n : x->size;
  memmove(y.data + begin, x->data + end, x->size - end);
  y.size = x->size - (end - begin);
  memset(y.data + y.size, 0, x->size - y.size);
  return y;
}

/* Run all that is in the batch: the number of the first that diverges, -1 none, -2 the guest failed. */
static int first(struct mm_run *r, struct mm_difference *d)
{
  struct mm_batch *b = &r->peer.mail->batch[r->turn];
  struct mm_tally t;
  const uint32_t k = r->turn;
  mm_peer_post(&r->peer, k);
  r->turn = (r->turn + 1) % MM_BATCHES;
  if (mm_peer_wait(&r->peer, k, SECONDS) != 0) return -2;
  for (uint32_t i = 0; i < b->sequences; i++)
    if (!mm_judge(&r->peer, b, i, &t, d)) return (int)i;
  return -1;
}

static struct mm_batch *empty(struct mm_run *r)
{
  struct mm_batch *b = &r->peer.mail->batch[r->turn];
  b->sequences = 0;
  return b;
}

/* One round: 1 when x has become shorter. */
static int shorter(struct mm_run *r, struct mm_input *x, uint32_t n)
{
  static struct mm_input tried[MM_SEQUENCES];
  struct mm_difference d;
  for (uint32_t from = units(x); from > 0;) { /* the end first */
    struct mm_batch *b = empty(r);
    while (from > 0) {
      const uint32_t at = from > n ? from - n : 0;
      const struct mm_input y = without(x, at, from - at);
      if (y.size == 0) break;
      tried[b->sequences] = y;
      if (!mm_put(b, &y, 0)) break;
      from = at;
    }
    if (b->sequences == 0) return 0;
    const int i = first(r, &d);
    if (i < -1) return -1;
    if (i < 0) continue;
    *x = tried[i];
    return 1;
  }
  return 0;
}

int mm_shrink(struct mm_run *r, struct mm_input *x, struct mm_difference *d)
{
  int got = 0;
  for (uint32_t n = units(x) / 2, rounds = 0; n > 0 && rounds < ROUNDS; rounds++) {
    got = shorter(r, x, n);
    if (got < 0) return -1;
    if (!got || n > units(x) / 2) n /= 2;
  }
  mm_put(empty(r), x, 1);
  got = first(r, d);
  return got == 0 ? 1 : got == -1 ? 0 : -1;
}
