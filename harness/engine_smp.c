/* SPDX-License-Identifier: MIT */
/* Processors, for the engine. What each has cached is held against the tables as look.c reads them, and
 * what is left of a lazy unmapping against a shadow of the page as it was. */
#include "engine_mm.h"
#include <string.h>

#define must engine_must
#define USER_END 0x800000000000ull
#define ADDRESS  0xFFFFFFFFFF000ull
#define P  1u
#define RW 2u
#define US 4u
#define A  0x20u
#define D  0x40u
#define XD (1ull << 63)

/* ---- what is left of unmappings ---- */

static struct engine_leftover *leftover(struct engine *e, uint32_t a, uint64_t page)
{
  for (unsigned i = 0; i < e->smp.lefts; i++)
    if (e->smp.left[i].a == a && e->smp.left[i].page == page) return &e->smp.left[i];
  return NULL;
}

static void forget(struct engine *e)
{
  for (unsigned i = 0; i < e->smp.lefts; i++) reference_release(e->smp.left[i].bytes);
  e->smp.lefts = 0;
}

/* A page that an operation unmaps and a processor has cached. What it holds outlives its mapping. */
static void keep_page(struct engine *e, uint32_t a, uint64_t page, uint64_t frame)
{
  const struct reference_page *q = reference_find(&e->r, a, page);
  if (!q || leftover(e, a, page) || e->smp.lefts == SEQUENCE_OPS) return;
  if (q->bytes) q->bytes->users++;
  e->smp.left[e->smp.lefts++] = (struct engine_leftover){ .a = a, .page = page, .bytes = q->bytes, .frame = frame,
    .file = q->bytes && q->bytes->users > 2 };
}

static void keep_range(struct engine *e, const struct mm_op *op)
{
  const uint64_t from = op->va / 4096;
  for (unsigned c = 0; c < VMREF_CPUS; c++)
    for (unsigned i = 0; i < VMREF_TLB_SLOTS && e->smp.m.runs[c] == op->a; i++) {
      const struct vmref_translation *t = &e->smp.m.tlb[c].page[i];
      const uint64_t page = t->page / 4096;
      if (t->used && page >= from && page < from + op->n) keep_page(e, op->a, page, t->frame);
    }
}

/* Which leaves refer to its frame: nobody else may come to it before it is told. */
static void had_by(const struct vmref_sys *s, struct engine_leftover *x)
{
  const uint32_t f = (uint32_t)(x->frame / 4096 - s->tables);
  for (size_t n = 0; n < 512 * (size_t)s->tables; n++)
    if (s->level[n / 512] == 1 && look_object(s, s->tab[n]) == f && x->had < ENGINE_HAD) x->by[x->had++] = n;
}

/* ---- what must come of an operation for processors ---- */

static unsigned running(const struct engine *e, uint32_t a)
{
  unsigned n = 0;
  for (unsigned c = 0; c < VMREF_CPUS; c++) n += a == VMREF_IDLE ? e->smp.runs[c] != a : e->smp.runs[c] == a;
  return n;
}
static unsigned all(const struct engine *e) { return running(e, VMREF_IDLE); }

/* Must every processor drop all for it, whatever is pending? */
static int drops_all(enum mm_kind k)
{
  return k == MM_FORK || k == MM_SWAPOUT || k == MM_MOVE || k == MM_COMPACT || k == MM_EVICT || k == MM_TELL || k == MM_LAZY;
}
/* Must what is pending be told before it? */
static int settles(const struct engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  if (mm_is_access(op->kind)) return got->faulted && op->va < USER_END;
  if (op->kind == MM_UNMAP) return !e->smp.m.lazy;
  return op->kind != MM_RUN && op->kind != MM_FILL && op->kind != MM_TLB && op->kind != MM_FRAGMENTATION;
}

/* How many are told by one that is done, or by an access. */
static unsigned told(const struct engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  const int pending = e->smp.before.pending;
  if (drops_all(op->kind)) return all(e);
  if (op->kind == MM_PROTECT || op->kind == MM_EXIT || (op->kind == MM_UNMAP && !e->smp.m.lazy)) return running(e, op->a);
  if (mm_is_access(op->kind) && (!got->faulted || op->va >= USER_END)) return 0;
  if (pending && settles(e, op, got)) return all(e);
  return mm_is_access(op->kind) && got->error & 1 ? running(e, op->a) : 0;
}

/* ---- what is cached, against the tables ---- */

/* Do the tables permit a translation? */
static int permitted(const struct vmref_sys *s, uint32_t a, const struct vmref_translation *t)
{
  if (t->size != 4096 || t->page % 4096 != 0 || t->page >= USER_END || t->pcid != 0 || t->global != 0) return 0;
  const struct look_way w = look_way(s, a, t->page);
  uint64_t rights = RW | US, no_fetch = 0;
  for (int l = 4; l >= 1; l--) {
    if (!(w.entry[l] & P)) return 0;
    rights &= w.entry[l];
    no_fetch |= w.entry[l] & XD;
  }
  return (w.entry[1] & ADDRESS) == t->frame && (!t->rw || rights & RW) && (!t->us || rights & US) && (t->xd || !no_fetch)
    && (!t->dirty || w.entry[1] & D);
}

static int permitted_table(const struct vmref_sys *s, uint32_t a, const struct vmref_cached_table *t)
{
  const int level = t->origin.level + 1;
  if (level < 2 || level > 4 || t->size != 4096ull << 9 * (level - 1) || t->start % t->size != 0 || t->start >= USER_END || t->pcid != 0)
    return 0;
  const struct look_way w = look_way(s, a, t->start);
  uint64_t rights = RW | US, no_fetch = 0;
  for (int l = 4; l >= level; l--) {
    if (!(w.entry[l] & P)) return 0;
    rights &= w.entry[l];
    no_fetch |= w.entry[l] & XD;
  }
  return (w.entry[level] & ADDRESS) == t->origin.table && (!t->origin.rw || rights & RW) && (!t->origin.us || rights & US)
    && (t->origin.xd || !no_fetch);
}

/* A translation that they do not: of a page that was unmapped, whose frame is as it was. */
static void judge_leftover(struct engine *e, uint32_t a, const struct vmref_translation *t)
{
  const struct vmref_sys *s = e->s;
  const struct engine_leftover *x = leftover(e, a, t->page / 4096);
  must(e, e->smp.m.pending && x && x->frame == t->frame, "a processor has cached what the tables do not permit");
  const uint32_t f = (uint32_t)(x->frame / 4096 - s->tables);
  for (size_t n = 0; n < 512 * (size_t)s->tables; n++) {
    if (s->level[n / 512] != 1 || look_object(s, s->tab[n]) != f) continue;
    unsigned k = 0;
    while (k < x->had && x->by[k] != n) k++;
    must(e, k < x->had || x->had == ENGINE_HAD, "a frame that a processor may still reach was given to somebody");
    must(e, !t->rw || s->shared[f], "a page that a processor may still write to is somebody's");
    must(e, (s->tab[n] & (P | RW)) != (P | RW) || s->tab[n] >> 55 & 1, "a page that a processor may still read is written to");
  }
  static const uint8_t zeros[4096];
  must(e, memcmp(s->data + 4096 * (size_t)f, x->bytes ? x->bytes->at : zeros, 4096) == 0, "a page that a processor may still reach holds something else");
}

static void judge_leftover_table(const struct engine *e, const struct vmref_cached_table *t)
{
  const struct vmref_sys *s = e->s;
  const uint64_t k = t->origin.table / 4096;
  must(e, e->smp.m.pending && t->pcid == 0 && t->origin.table % 4096 == 0 && k < s->tables && s->level[k] == 0,
       "a processor has cached a table that is another");
  for (unsigned i = 0; i < 512; i++) must(e, s->tab[512 * k + i] == 0, "a processor has cached a table that is free and not empty");
}

static void judge_cached(struct engine *e)
{
  for (unsigned c = 0; c < VMREF_CPUS; c++) {
    const uint32_t a = e->smp.m.runs[c];
    for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
      const struct vmref_translation *t = &e->smp.m.tlb[c].page[i];
      const struct vmref_cached_table *u = &e->smp.m.tlb[c].table[i];
      if (!t->used && !u->used) continue;
      must(e, a != VMREF_IDLE, "an idle processor has something cached");
      if (t->used && !permitted(e->s, a, t)) judge_leftover(e, a, t);
      if (u->used && !permitted_table(e->s, a, u)) judge_leftover_table(e, u);
    }
  }
}

/* The translation by which an access is a hit; NULL: none. */
static const struct vmref_translation *serving(const struct vmref_tlb *b, const struct mm_op *op)
{
  const int writes = op->kind == MM_STORE || op->kind == MM_RMW;
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_translation *t = &b->page[i];
    if (t->used && op->va - t->page < t->size && t->us && (!writes || (t->rw && t->dirty)) && (op->kind != MM_FETCH || !t->xd)) return t;
  }
  return NULL;
}

unsigned engine_disturb_tlb(struct engine *e)
{
  const uint8_t *b = e->data + SEQUENCE_OP * e->step;
  if (SEQUENCE_OP * (e->step + 1) > e->size) return 1;
  unsigned c = b[1] % VMREF_CPUS, page = 0, table = 0;
  for (unsigned tries = 0; tries < VMREF_CPUS && e->smp.runs[c] == VMREF_IDLE; tries++) c = (c + 1) % VMREF_CPUS;
  struct vmref_tlb *t = &e->smp.m.tlb[c];
  while (page < VMREF_TLB_SLOTS && !t->page[page].used) page++;
  while (table < VMREF_TLB_SLOTS && !t->table[table].used) table++;
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (b[2] % 4 != 1 && page < VMREF_TLB_SLOTS && !t->page[i].used) t->page[i] = t->page[page];
    if (b[2] % 4 != 2 && table < VMREF_TLB_SLOTS && !t->table[i].used) t->table[i] = t->table[table];
  }
  return 1;
}

/* ---- a step ---- */

void engine_smp_begin(struct engine *e)
{
  forget(e);
  vmref_smp_reset(&e->smp.m, 0);
  for (unsigned c = 0; c < VMREF_CPUS; c++) e->smp.runs[c] = VMREF_IDLE;
  judge_cached(e);
}

void engine_smp_place(const struct engine *e, struct mm_op *op)
{
  if (!mm_is_access(op->kind)) return;
  op->a = op->cpu <= VMREF_CPUS ? e->smp.runs[op->cpu - 1] : VMREF_IDLE;
  if (op->a == VMREF_IDLE) op->a = e->s->spaces; /* that there is not */
}

void engine_smp_before(struct engine *e, const struct mm_op *op)
{
  memcpy(&e->smp.before, &e->smp.m, sizeof e->smp.m);
  if (op->kind == MM_UNMAP && e->smp.m.lazy && reference_status(&e->r, op) == VMREF_OK) keep_range(e, op);
}

int engine_smp_hit(struct engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  const struct vmref_tlb *b = op->a < e->s->spaces ? &e->smp.before.tlb[op->cpu - 1] : NULL;
  const struct vmref_translation *t = b ? serving(b, op) : NULL;
  must(e, got->hit == (t != NULL), "whether an access is a hit");
  if (!t) return 0;
  must(e, got->status == VMREF_OK && got->faulted == 0 && got->vector == 0 && got->error == 0, "a hit that is not done");
  must(e, memcmp(e->smp.m.tlb, e->smp.before.tlb, sizeof e->smp.m.tlb) == 0, "a hit changes what is cached");
  const struct engine_leftover *x = leftover(e, op->a, op->va / 4096);
  const int writes = op->kind == MM_STORE || op->kind == MM_RMW;
  if (!x) must(e, reference_status(&e->r, op) == VMREF_OK, "a hit in a page that may not be accessed so");
  const uint8_t want = !x ? reference_byte(&e->r, op->a, op->va) : x->bytes ? x->bytes->at[op->va % 4096] : 0;
  must(e, op->kind == MM_STORE || got->byte == want, x ? "a stale hit reads what the page did not hold" : "a hit reads another byte");
  if (writes && x) {
    must(e, x->bytes != NULL, "a stale store to a page that was never written to");
    x->bytes->at[op->va % 4096] = op->byte;
  } else if (writes) reference_do(&e->r, op);
  return x != NULL && x->file;
}

/* Those who have nothing to do with an operation keep what they had. */
static void judge_others(const struct engine *e, const struct mm_op *op)
{
  const struct vmref_smp *was = &e->smp.before;
  if (was->pending || drops_all(op->kind)) return;
  for (unsigned c = 0; c < VMREF_CPUS; c++) {
    const int on = op->cpu == c + 1 && (mm_is_access(op->kind) || op->kind == MM_RUN || op->kind == MM_FILL);
    if (on || (was->runs[c] == op->a && op->kind != MM_RUN && op->kind != MM_FILL)) continue;
    must(e, memcmp(&e->smp.m.tlb[c], &was->tlb[c], sizeof was->tlb[c]) == 0, "a processor that runs another space has to drop or cache something");
  }
}

/* What is cached after a walk that is done, and after a look at a page that has been accessed. */
static void judge_filled(const struct engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  if (got->status != VMREF_OK || got->hit || (op->kind != MM_FILL && !mm_is_access(op->kind))) return;
  const struct vmref_tlb *b = &e->smp.m.tlb[op->cpu - 1];
  if (op->kind == MM_FILL) {
    if (op->va >= USER_END) return;
    const struct look_way w = look_way(e->s, e->smp.runs[op->cpu - 1], op->va);
    uint64_t accessed = A;
    for (int l = 4; l >= 1; l--) accessed &= w.entry[l];
    if (!accessed || !look_granted(&w, VMREF_READ)) return;
  }
  must(e, serving(b, op) != NULL, "a walk that is done, and nothing is cached of it");
}

/* What a processor does by itself. */
static void judge_processor(struct engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  const unsigned c = op->cpu - 1u;
  const int idles = op->kind == MM_RUN && op->a == VMREF_IDLE;
  const int space = op->a < e->s->spaces && e->r.space[op->a].what != 0;
  int ok = 1;
  if (op->kind == MM_RUN) ok = c < VMREF_CPUS && (idles || space);
  if (op->kind == MM_FILL) ok = c < VMREF_CPUS && e->smp.runs[c] != VMREF_IDLE;
  must(e, got->status == (ok ? VMREF_OK : VMREF_EINVAL), "the status of what a processor does");
  if (!ok) must(e, memcmp(&e->smp.m, &e->smp.before, offsetof(struct vmref_smp, told)) == 0, "a processor was refused something and did it");
  if (ok && op->kind == MM_RUN) e->smp.runs[c] = op->a;
}

void engine_smp_after(struct engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  const struct vmref_smp *m = &e->smp.m;
  if (got->status == VMREF_OK || mm_is_access(op->kind)) must(e, got->told == told(e, op, got), "how many processors are told");
  if (op->kind >= MM_RUN) judge_processor(e, op, got);
  if (op->kind == MM_EXIT && got->status == VMREF_OK)
    for (unsigned c = 0; c < VMREF_CPUS; c++)
      if (e->smp.runs[c] == op->a) e->smp.runs[c] = VMREF_IDLE;
  must(e, memcmp(m->runs, e->smp.runs, sizeof m->runs) == 0, "which space a processor runs");
  must(e, m->pending <= (!settles(e, op, got) && (e->smp.before.pending || (m->lazy && op->kind == MM_UNMAP))), "whether something is pending");
  must(e, m->lazy == (op->kind == MM_LAZY ? op->n != 0 : e->smp.before.lazy), "lazy or not");
  judge_others(e, op);
  judge_filled(e, op, got);
  for (unsigned i = 0; i < e->smp.lefts && op->kind == MM_UNMAP; i++)
    if (!e->smp.left[i].noted++) had_by(e->s, &e->smp.left[i]);
  if (!m->pending) forget(e);
  judge_cached(e);
  for (unsigned c = 0; c < VMREF_CPUS && op->kind == MM_TELL; c++)
    for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++)
      must(e, !m->tlb[c].page[i].used && !m->tlb[c].table[i].used, "a flush leaves something cached");
}
