/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "feed.h"

int feed_start(struct feed *f, const struct config *c, const struct images *images)
{
  uint8_t cannot = f->m.cannot;
  f->turn = 0;
  for (unsigned i = 0; i < MAIL_SLOTS; i++) f->slot[i].n = f->slot[i].busy = 0;
  if (peer_start(&f->q, c, images) != 0) return -1;
  const struct mail *m = f->q.mail;
  machine_of(&f->m, m, c->bits32);
  f->m.overlooks = (uint8_t)deviations_overlook();
  f->m.cannot = cannot;
  f->patience = 20;
  if (m->maxphyaddr < 32 || m->maxphyaddr > 52
      || (c->accel == ACCEL_TCG && (m->maxphyaddr != c->maxphyaddr || f->m.cpu.page1gb != c->page1gb
                                    || f->m.cpu.vendor != c->amd || !(m->modes >> c->mode & 1)))) {
    peer_stop(&f->q);
    strcpy(f->q.why, "the guest's CPUID is not what the peer was asked for");
    return -1;
  }
  return 0;
}

/* Group by control state, since to change it is dear: a stable sort by digits. */
static void sort(struct feed_slot *s)
{
  uint16_t other[MAIL_CASES], *from = s->order, *to = other;
  for (unsigned i = 0; i < s->n; i++) from[i] = (uint16_t)i;
  for (unsigned digit = 0; digit < CONTROL_BITS; digit += 7) {
    unsigned start[129] = { 0 };
    for (unsigned i = 0; i < s->n; i++) start[(s->plan[i].guest.control >> digit & 127) + 1]++;
    for (unsigned k = 0; k < 128; k++) start[k + 1] += start[k];
    for (unsigned i = 0; i < s->n; i++) to[start[s->plan[from[i]].guest.control >> digit & 127]++] = from[i];
    uint16_t *t = from;
    from = to;
    to = t;
  }
}

static int collect(struct feed *f, unsigned slot)
{
  struct feed_slot *s = &f->slot[slot];
  if (!s->busy) return 0;
  if (peer_wait(&f->q, slot, f->patience) != 0) {
    char token[CASE_TOKEN];
    size_t n = strlen(f->q.why);
    case_token(&s->plan[s->order[f->q.at < s->n ? f->q.at : 0]].c, token);
    snprintf(f->q.why + n, sizeof f->q.why - n, "\n  a batch of %u, at %s", s->n, token);
    return -1;
  }
  const struct mail_slot *mail = &f->q.mail->slot[slot];
  for (unsigned i = 0; i < s->n; i++) judge(f, &s->plan[s->order[i]], &mail->out[i]);
  if (mail->strays) judge_stray(f, &s->plan[s->order[0]], mail->strays);
  s->busy = 0;
  s->n = 0;
  return 0;
}

/* Post the batch at hand, then make room for the next one. */
static int flush(struct feed *f)
{
  unsigned slot = f->turn % MAIL_SLOTS;
  struct feed_slot *s = &f->slot[slot];
  if (s->n == 0) return 0;
  sort(s);
  for (unsigned i = 0; i < s->n; i++) f->q.mail->slot[slot].in[i] = s->plan[s->order[i]].guest;
  peer_post(&f->q, slot, s->n);
  s->busy = 1;
  f->turn++;
  return collect(f, f->turn % MAIL_SLOTS);
}

int feed_put(struct feed *f, const struct vmref_case *c)
{
  struct feed_slot *s = &f->slot[f->turn % MAIL_SLOTS];
  enum excluded why = plan_case(&s->plan[s->n], c, &f->m);
  if (why != PLANNED) {
    f->stats->excluded[why]++;
    return (int)why;
  }
  if (++s->n < f->batch) return 0;
  return flush(f);
}

int feed_finish(struct feed *f)
{
  if (flush(f) != 0) return -1;
  for (unsigned i = 0; i < MAIL_SLOTS; i++)
    if (collect(f, (f->turn + i) % MAIL_SLOTS) != 0) return -1;
  return 0;
}
