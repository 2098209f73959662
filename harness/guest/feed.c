/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "feed.h"

int feed_start(struct feed *f, const struct config *c, const char *elf)
{
  uint8_t cannot = f->m.cannot;
  f->turn = 0;
  for (unsigned i = 0; i < MAIL_SLOTS; i++) f->slot[i].n = f->slot[i].busy = 0;
  if (qemu_start(&f->q, c, elf) != 0) return -1;
  const struct mail *m = f->q.mail;
  f->m = (struct machine){ .smep = (uint8_t)m->smep, .smap = (uint8_t)m->smap, .nx = (uint8_t)m->nx,
    .cpu = { .mode = VMREF_MODE_4LEVEL, .cr3 = CASE_BASE, .maxphyaddr = (uint8_t)m->maxphyaddr,
             .page1gb = (uint8_t)m->page1gb, .vendor = m->amd ? VMREF_AMD : VMREF_INTEL } };
  f->m.overlooks = (uint8_t)deviations_overlook();
  f->m.cannot = cannot;
  f->patience = 20;
  if (m->maxphyaddr < 32 || m->maxphyaddr > 52
      || (!c->kvm && (m->maxphyaddr != c->maxphyaddr || m->page1gb != c->page1gb || m->amd != c->amd))) {
    qemu_stop(&f->q);
    strcpy(f->q.why, "the guest's CPUID is not what QEMU was asked for");
    return -1;
  }
  return 0;
}

/* Group by control state: a stable counting sort by the flags, then the root. */
static void sort(struct feed_slot *s)
{
  unsigned start[513] = { 0 };
  for (unsigned pass = 0; pass < 2; pass++)
    for (unsigned i = 0; i < s->n; i++) {
      uint32_t c = s->plan[i].guest.control;
      unsigned key = (c & 31) << 4 | CONTROL_ROOT_OF(c);
      if (pass == 0) start[key + 1]++;
      else s->order[start[key]++] = (uint16_t)i;
      if (pass == 0 && i + 1 == s->n)
        for (unsigned k = 0; k < 512; k++) start[k + 1] += start[k];
    }
}

static int collect(struct feed *f, unsigned slot)
{
  struct feed_slot *s = &f->slot[slot];
  if (!s->busy) return 0;
  if (qemu_wait(&f->q, slot, f->patience) != 0) {
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
  qemu_post(&f->q, slot, s->n);
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
