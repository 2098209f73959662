/* SPDX-License-Identifier: MIT */
/* Batches of sequences: the guest runs one while the host looks at the other. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "mm_run.h"

#define BATCH_SECONDS 120

/* What a guest that dies or hangs was at is a finding too. */
static int waited(struct mm_run *r, uint32_t k)
{
  const struct mm_batch *b = &r->peer.mail->batch[k];
  const uint32_t n = b->sequences;
  uint32_t first[MM_SEQUENCES]; /* the memory goes with the guest */
  for (uint32_t i = 0; i < n; i++) first[i] = b->sequence[i].first;
  if (mm_peer_wait(&r->peer, k, BATCH_SECONDS) == 0) return 0;
  uint32_t i = 0;
  while (i + 1 < n && first[i + 1] <= r->peer.q.at) i++;
  if (n && r->findings++ < MM_FOUND)
    r->found[r->findings - 1] = (struct mm_found){ r->input[k][i], { .op = r->peer.q.at - first[i], .what = r->peer.q.why, .at_end = 1 } };
  return -1;
}

static int judge(struct mm_run *r, uint32_t k)
{
  struct mm_batch *b = &r->peer.mail->batch[k];
  if (waited(r, k) != 0) return -1;
  for (uint32_t i = 0; i < b->sequences; i++) {
    struct mm_difference d;
    const struct mm_input *x = &r->input[k][i];
    struct mm_tally *t = &r->tally[x->as];
    if (mm_judge(&r->peer, b, i, t, &d)) continue;
    t->unexplained++;
    if (r->findings++ < MM_FOUND) r->found[r->findings - 1] = (struct mm_found){ *x, d };
  }
  if (r->generates) r->judged += b->sequences;
  b->sequences = 0;
  r->turn = (k + 1) % MM_BATCHES;
  return 0;
}

/* Where inputs come from: 0 when there is none left. */
typedef int source(struct mm_run *r, void *from, struct mm_input *x);

static int fill(struct mm_run *r, uint32_t k, source *next, void *from)
{
  struct mm_batch *b = &r->peer.mail->batch[k];
  static struct mm_input left;
  static int kept;
  b->sequences = 0;
  for (;;) {
    if (!kept && !next(r, from, &left)) return b->sequences > 0;
    left.no_rmw = r->o->single;
    kept = !mm_put(b, &left, 0);
    if (kept) return 1;
    r->input[k][b->sequences - 1] = left;
  }
}

static int all(struct mm_run *r, source *next, void *from)
{
  int posted[MM_BATCHES] = { 0 };
  for (uint32_t k = r->turn;; k = (k + 1) % MM_BATCHES) {
    if (posted[k] && judge(r, k) != 0) return -1;
    posted[k] = fill(r, k, next, from);
    if (posted[k]) mm_peer_post(&r->peer, k);
    if (!posted[0] && !posted[1]) return 0;
    mm_progress(r);
    if (mm_state_save(r) != 0) return -1;
  }
}

/* ---- the corpus ---- */

struct corpus { struct mm_input *x; size_t n, room, at; };

static int read_folder(struct corpus *c, const char *path)
{
  char file[4096];
  DIR *d = opendir(path);
  if (!d) return -1;
  for (struct dirent *e; (e = readdir(d));) {
    if (e->d_name[0] == '.' || strchr(e->d_name, '.')) continue;
    if (c->n == c->room) {
      c->room = c->room ? 2 * c->room : 256;
      c->x = realloc(c->x, c->room * sizeof *c->x);
      if (!c->x) abort();
    }
    struct mm_input *x = &c->x[c->n];
    memset(x, 0, sizeof *x);
    snprintf(file, sizeof file, "%s/%s", path, e->d_name);
    FILE *f = fopen(file, "rb");
    if (!f) continue;
    x->size = fread(x->data, 1, sizeof x->data, f);
    fclose(f);
    c->n += x->size > 0;
  }
  closedir(d);
  return 0;
}

/* Each in every way, and without a policy and under one. */
static int from_corpus(struct mm_run *r, void *from, struct mm_input *x)
{
  struct corpus *c = from;
  const size_t ways = 2 * AS_KINDS;
  for (;; c->at++) {
    if (c->at == ways * c->n) return 0;
    *x = c->x[c->at / ways];
    x->as = (uint8_t)(c->at % AS_KINDS);
    x->policy = (uint8_t)(c->at % ways < AS_KINDS ? 0 : 1 + c->at / ways % 2);
    if ((r->o->as >= 0 && x->as != r->o->as) || (r->peer.config.cpus == 0 && x->as != AS_BASE)) continue;
    c->at++;
    return 1;
  }
}

int mm_corpus(struct mm_run *r)
{
  struct corpus c = { 0 };
  for (unsigned i = 0; i < r->o->corpora; i++)
    if (read_folder(&c, r->o->corpus[i]) != 0) {
      fprintf(stderr, "guest-mm: %s: %s\n", r->o->corpus[i], strerror(errno));
      exit(EXIT_USAGE);
    }
  const int bad = all(r, from_corpus, &c);
  free(c.x);
  return bad;
}

/* ---- the generator ---- */

static int from_generator(struct mm_run *r, void *from, struct mm_input *x)
{
  uint64_t *left = from;
  const struct mm_options *o = r->o;
  if (*left == 0 || (o->seconds > 0 && now() > r->begun + o->seconds)) return 0;
  --*left;
  const unsigned n = (unsigned)r->next++, as = n % 16; /* AS_ONE is the fastest */
  const unsigned kind = o->as >= 0 ? (unsigned)o->as : r->peer.config.cpus == 0 ? AS_BASE : as == 0 ? AS_BASE : as < 4 ? AS_SMP : AS_ONE;
  mm_generate(x, o->seed, n, kind, r->peer.config.cpus);
  return 1;
}

int mm_generated(struct mm_run *r)
{
  uint64_t left = r->o->sequences ? r->o->sequences : UINT64_MAX;
  r->generates = 1;
  return all(r, from_generator, &left);
}

/* ---- a token ---- */

int mm_one(struct mm_run *r, const struct mm_input *x)
{
  struct mm_batch *b = &r->peer.mail->batch[r->turn];
  struct mm_difference d;
  struct mm_tally *t = &r->tally[x->as];
  mm_put(b, x, 1);
  r->input[r->turn][0] = *x;
  mm_peer_post(&r->peer, r->turn);
  if (waited(r, r->turn) != 0) return -1;
  r->turn = (r->turn + 1) % MM_BATCHES;
  const int good = mm_judge(&r->peer, b, 0, t, &d);
  for (uint32_t i = 0; i < b->sequence[0].ops && (good || d.at_end || i <= d.op); i++) {
    printf("%3u ", i + 1);
    script_print(stdout, &b->op[i].op, NULL);
    putchar('\n');
    mm_print_step(stdout, "guest", &b->step[i]);
  }
  if (good) return 0;
  t->unexplained++;
  r->found[r->findings++] = (struct mm_found){ *x, d };
  return 0;
}
