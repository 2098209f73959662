/* SPDX-License-Identifier: MIT */
/* Lays out a batch, asks the model about each lane, and holds the answer against what
 * the CPU did. */
#include "matrix_guest.h"

/* Each lane's flags and addresses by level, for each block, and for fetches or not. */
#define LAYOUTS 32u
struct layout { uint64_t va[MATRIX_LANES], base[6][MATRIX_LANES]; };
static struct layout *const layouts = AT(MATRIX_LAYOUTS); /* not in the image: nested KVM is slow to clear it */
static struct layout *laid_out;
static uint8_t made[LAYOUTS];
/* One lane of each batch is asked about by a whole walk over the real tables too. */
static struct vmref_walk whole;

/* What a word of the pages holds: its address, as `mov $pa, %eax; ret`, or as the base of
 * a data segment of CPL 3. */
static uint64_t tag(uint64_t pa)
{
  if (pa < MATRIX_SEGMENTS) return 0xc300000000b8u | pa << 8;
  return (pa & 0xffffff) << 16 | (pa >> 24 & 0xff) << 56 | 0xf3ull << 40;
}
static uint64_t *word(uint64_t pa) { return AT(pa); }

static struct layout *layout_of(const struct matrix_batch *b)
{
  uint32_t key = b->block * 2u + (b->kind == VMREF_FETCH);
  struct layout *o = &layouts[key];
  if (made[key]) return o;
  made[key] = 1;
  for (uint32_t i = 0; i < MATRIX_LANES; i++) {
    struct matrix_lane lane;
    matrix_lane(&lane, i, b->block, peer.maxphyaddr);
    o->va[i] = matrix_va(&place, b, i);
    for (uint8_t l = 1; l <= LEVELS; l++)
      o->base[l][i] = lane.entry[l] | matrix_address(&place, b, l, i, b->entry[l] | lane.entry[l]);
  }
  return o;
}

void judge_build(const struct matrix_batch *b, uint32_t number)
{
  struct layout *o = layout_of(b);
  if (o != laid_out)
    for (uint32_t i = 0; i < MATRIX_LANES; i++) user.va[i] = o->va[i];
  laid_out = o;
  for (uint32_t l = 1; l <= LEVELS; l++)
    for (uint32_t i = 0; i < MATRIX_LANES; i++) table[l][i] = o->base[l][i] | b->entry[l];
  vmref_walk_start(&whole, matrix_cpu(b, &place, &peer), matrix_access(b, user.va[number % MATRIX_LANES]));
  while (whole.level != 0) vmref_walk_step(&whole, *word(whole.address[whole.level]));
}

/* A walk that goes on from where the lane before it parts: the step machine's state is
 * set back to the entry that differs. */
struct resumed {
  struct vmref_walk w;
  uint8_t rw[6], us[6], xd[6]; /* before the entry of each level */
};

static void begin(struct resumed *r, struct vmref_cpu cpu, struct vmref_access access)
{
  vmref_walk_start(&r->w, cpu, access);
  r->rw[LEVELS] = r->us[LEVELS] = 1;
  r->xd[LEVELS] = 0;
}

static void ask(struct resumed *r, const uint64_t entry[6], uint64_t va)
{
  struct vmref_walk *w = &r->w;
  uint8_t l = w->last;
  for (uint8_t m = LEVELS; m > w->last; m--)
    if (w->entry[m] != entry[m]) { l = m; break; }
  w->access.va = va;
  w->level = w->last = l;
  w->rw = r->rw[l];
  w->us = r->us[l];
  w->xd = r->xd[l];
  w->rule = w->vector = 0;
  w->error = 0;
  w->cr2 = 0;
  for (;;) {
    vmref_walk_step(w, entry[w->level]);
    if (w->level == 0) return;
    r->rw[w->level] = w->rw;
    r->us[w->level] = w->us;
    r->xd[w->level] = w->xd;
  }
}

void judge_answer(struct expect *e, const struct vmref_walk *w)
{
  uint64_t sure = w->rule == VMREF_RULE_OK ? ~0ull : 0;
  e->status = w->rule == VMREF_RULE_OK ? 0 : MATRIX_STATUS(w->vector, w->error);
  e->cr2 = w->cr2;
  e->pa = w->pa;
  for (uint32_t l = 1; l <= LEVELS; l++) {
    e->may[l] = l >= w->last ? w->after[l] ^ w->entry[l] : 0;
    e->must[l] = e->may[l] & sure;
  }
}

static uint32_t outcome(const struct expect *e, const struct vmref_access *a, const struct result *seen)
{
  if (seen->status != e->status) return DIFFERS_STATUS;
  if (e->status) return seen->value == e->cr2 ? 0 : DIFFERS_CR2;
  if (vmref_writes(*a)) return 0;
  uint64_t due = a->kind == VMREF_FETCH || a->implicit ? e->pa : tag(e->pa);
  return seen->value == due ? 0 : DIFFERS_VALUE;
}

/* Did the data of a write get where it should, or stay away? */
static uint32_t stored(const struct expect *e, const struct sight *s)
{
  if (e->status) return s->stored == tag(s->target) ? 0 : DIFFERS_VALUE;
  return s->stored == s->walk[0]->access.va && e->pa == s->target ? 0 : DIFFERS_VALUE;
}

uint32_t judge_sight(const struct sight *s, const struct expect e[2])
{
  const struct vmref_access *a = &s->walk[0]->access;
  uint32_t what = outcome(&e[0], a, s->seen[0]);
  if (vmref_writes(*a)) what |= stored(&e[0], s);
  if (!s->walk[1]) {
    for (uint32_t l = 1; l <= LEVELS; l++)
      if ((s->set[l] & ~e[0].may[l]) || (e[0].must[l] & ~s->set[l])) what |= DIFFERS_ENTRY;
    return what;
  }
  for (uint32_t l = 1; l <= LEVELS; l++)
    if ((s->set[l] & ~(e[0].may[l] | e[1].may[l])) || ((e[0].must[l] | e[1].must[l]) & ~s->set[l]))
      what |= DIFFERS_ENTRY;
  return what | outcome(&e[1], &s->walk[1]->access, s->seen[1]) << DIFFERS_BEFORE;
}

static uint32_t differs_from_whole(const struct vmref_walk *w)
{
  uint32_t bad = w->rule != whole.rule || w->error != whole.error || w->last != whole.last;
  if (w->cr2 != whole.cr2 || (w->rule == VMREF_RULE_OK && w->pa != whole.pa)) bad = 1;
  for (uint32_t l = w->last; l <= LEVELS; l++)
    bad |= w->entry[l] != whole.entry[l] || w->after[l] != whole.after[l];
  return bad ? DIFFERS_MODEL : 0;
}

static void note(const struct sight *s, const struct expect e[2], uint32_t what, uint32_t number, uint32_t lane)
{
  struct matrix_tally *t = &job->tally;
  if (t->failures == MATRIX_FAILURES) return;
  struct matrix_failure *f = &t->failure[t->failures++];
  *f = (struct matrix_failure){ .batch = number, .lane = lane, .what = what };
  for (uint32_t k = 0; k < 2 && s->walk[k]; k++)
    f->side[k] = (struct matrix_side){ .value = s->seen[k]->value, .status = s->seen[k]->status,
      .want_status = e[k].status, .want = e[k].status ? e[k].cr2 : e[k].pa };
  for (uint32_t l = 1; l <= LEVELS; l++) {
    f->entry[l] = s->entry[l];
    f->set[l] = s->set[l];
    f->must[l] = e[0].must[l] | (s->walk[1] ? e[1].must[l] : 0);
    f->may[l] = e[0].may[l] | (s->walk[1] ? e[1].may[l] : 0);
  }
}

static void judge_lane(const struct sight *s, struct expect e[2], uint32_t number, uint32_t lane)
{
  struct matrix_tally *t = &job->tally;
  if (job->plant) plant(job->plant, &e[0], s->walk[0], (uint64_t)number * MATRIX_LANES + lane);
  uint32_t what = judge_sight(s, e);
  if (lane == number % MATRIX_LANES) what |= differs_from_whole(s->walk[0]);
  t->rule[s->walk[0]->rule]++;
  if (what) {
    uint32_t rows = what & DIFFERS_MODEL ? 0 : explain(s, e, job->rows);
    if (rows == 0) note(s, e, what, number, lane);
    t->unexplained += rows == 0;
    t->explained += rows != 0;
    for (uint32_t i = 0; rows; i++, rows /= 2) t->deviation[i] += rows % 2;
  }
  if (job->show == lane + 1) note(s, e, what, number, lane);
}

void judge_batch(const struct matrix_batch *b, uint32_t number)
{
  struct matrix_tally *t = &job->tally;
  static struct resumed now, before;
  uint64_t bad = t->unexplained;
  struct expect e[2];
  uint64_t entry[6], set[6];
  struct sight s = { .walk = { &now.w, b->twice ? &before.w : 0 }, .entry = entry, .set = set };
  begin(&now, matrix_cpu(b, &place, &peer), matrix_access(b, user.va[0]));
  if (b->twice) begin(&before, matrix_cpu(b, &place, &peer), matrix_first_access(user.va[0]));
  for (uint32_t i = 0; i < MATRIX_LANES; i++) {
    for (uint32_t l = 1; l <= LEVELS; l++) {
      entry[l] = laid_out->base[l][i] | b->entry[l];
      set[l] = table[l][i] ^ entry[l];
    }
    ask(&now, entry, user.va[i]);
    judge_answer(&e[0], &now.w);
    if (b->twice) {
      ask(&before, entry, user.va[i]);
      judge_answer(&e[1], &before.w);
    }
    if (b->kind == VMREF_WRITE) {
      s.target = matrix_target(&place, b, i);
      s.stored = *word(s.target);
      if (s.stored != tag(s.target)) *word(s.target) = tag(s.target);
    }
    s.seen[0] = &user.result[0][i];
    s.seen[1] = &user.result[1][i];
    judge_lane(&s, e, number, i);
    user.result[0][i] = user.result[1][i] = (struct result){ 0 };
  }
  uint32_t control = b->wp | b->nxe << 1 | b->smep << 2 | b->smap << 3 | b->pke << 4 | b->pks << 5;
  t->cases += MATRIX_LANES;
  t->accesses += MATRIX_LANES << b->twice;
  t->control[control] += MATRIX_LANES;
  t->control_bad[control] += t->unexplained - bad;
  t->access[(b->cpl ? 4 : 0) + b->kind + 8 * b->ac + 16 * b->implicit] += MATRIX_LANES;
  t->block[b->block] += MATRIX_LANES;
}

uint32_t judge_strays(void)
{
  static uint8_t tagged;
  uint32_t strays = 0;
  for (uint64_t pa = MATRIX_DATA; pa < MATRIX_SEGMENTS + 0x200000; pa += 8) {
    strays += tagged && *word(pa) != tag(pa);
    if (*word(pa) != tag(pa)) *word(pa) = tag(pa);
  }
  tagged = 1;
  return strays;
}
