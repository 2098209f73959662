/* SPDX-License-Identifier: MIT */
/* Sequences go to the guest in batches of their own, one at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "feed.h"
#include "sequence_judge.h"

static struct sequence *queue;
static unsigned queued;

static void count(struct feed *f, const struct state *s, int bad, const struct sequence *q, const struct step_result *r)
{
  struct stats *t = f->stats;
  t->sequences += !bad;
  t->full += s->full;
  for (unsigned i = 0; i < 6; i++) t->ways[i] += s->ways[i];
  if (bad) {
    if (t->unexplained++ >= f->shown || f->quiet) return;
    fprintf(stderr, "\nDIVERGES: at step %u of a sequence the guest does what the model does not permit\n", s->at);
    show_sequence(stderr, q, r, s->at + 1);
    return;
  }
  t->explained_sequences += s->explained != 0;
  for (unsigned i = 0; i < SEQUENCE_DEVIATIONS; i++)
    if (s->explained >> i & 1) t->explained[deviation_row(sequence_deviations[i].id)]++;
}

static int collect(struct feed *f)
{
  static struct state s;
  unsigned slot = f->turn % MAIL_SLOTS;
  struct mail_slot *mail = &f->q.mail->slot[slot];
  if (queued == 0) return 0;
  for (unsigned i = 0; i < queued; i++) mail->sequence[i] = queue[i].guest;
  peer_post_sequences(&f->q, slot, queued);
  f->turn++;
  if (peer_wait(&f->q, slot, f->patience) != 0) {
    char token[SEQUENCE_TOKEN];
    size_t n = strlen(f->q.why);
    sequence_token(&queue[f->q.at < queued ? f->q.at : 0], token);
    snprintf(f->q.why + n, sizeof f->q.why - n, "\n  a batch of %u sequences, at %s", queued, token);
    return -1;
  }
  for (unsigned i = 0; i < queued; i++) {
    int bad = sequence_judge(&s, &queue[i], mail->result[i]);
    count(f, &s, bad, &queue[i], mail->result[i]);
    if (!f->show) continue;
    show_sequence(stdout, &queue[i], mail->result[i], queue[i].steps);
    if (bad) printf("result  DIVERGES at step %u\n", s.at);
    else printf("result  %s\n", s.explained ? "explained" : "permitted");
  }
  if (mail->strays) {
    char token[SEQUENCE_TOKEN];
    sequence_token(&queue[0], token);
    f->stats->unexplained++;
    fprintf(stderr, "\nDIVERGES: %u words of the arena changed that no sequence of a batch names; its first: %s\n",
            mail->strays, token);
  }
  queued = 0;
  return 0;
}

/* 0; 1: not for this machine; -1: the guest is gone (q.why). */
int feed_sequence(struct feed *f, const uint8_t *code, size_t size)
{
  if (!queue && !(queue = calloc(SEQUENCES, sizeof *queue))) abort();
  if (sequence_plan(&queue[queued], &f->m, code, size) != 0) return 1;
  return ++queued < SEQUENCES ? 0 : collect(f);
}

int feed_sequences_finish(struct feed *f) { return collect(f); }
