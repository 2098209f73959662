/* SPDX-License-Identifier: MIT */
#include "engine_mm.h"
#include "script.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define USER_END 0x800000000000ull
#define LEAF_A 0x20u
#define LEAF_D 0x40u

static struct mm_op op_at(const struct engine *e, unsigned i)
{
  struct mm_op op = sequence_op(e->data, e->size, i);
  if (!e->of->processors) op.cpu = 0;
  return op;
}

/* Is step i what the target says? */
static int disturbs(const struct engine *e, unsigned i)
{
  return e->of->disturb && e->data[SEQUENCE_OP * i] == 0;
}

void engine_finding(const struct engine *e, const char *what)
{
  if (e->of->policy && !e->of->processors) fputs("# --policy lru until an evict says otherwise\n", stderr);
  for (unsigned i = 0; i <= e->step && i < e->steps; i++) {
    const struct mm_op op = op_at(e, i);
    if (op.kind == MM_KINDS && !disturbs(e, i)) continue;
    if (op.kind == MM_KINDS) fputs("# what the target disturbs", stderr);
    else script_print(stderr, &op, NULL);
    if (op.kind == MM_EVICT) fprintf(stderr, "   # by policy %u", (unsigned)op.n);
    fprintf(stderr, i == e->step ? "   # %s\n" : "\n", what);
  }
  if (e->step >= e->steps) fprintf(stderr, "# at the end: %s\n", what);
  finding_input(what, SEQUENCE_FORM, e->data, e->size);
}

void engine_must(const struct engine *e, int holds, const char *what)
{
  if (!holds) engine_finding(e, what);
}
#define must engine_must

/* ---- the state before a step ---- */

/* before becomes what s is. Tables and objects that are free in both are left out, as mm_same does. */
static void keep(struct engine *e)
{
  const struct vmref_sys *s = e->s;
  struct vmref_sys *b = e->before;
  const size_t objects = (size_t)s->frames + s->slots;
  for (size_t t = 0; t < s->tables; t++)
    if (s->level[t] != 0 || b->level[t] != 0) memcpy(b->tab + 512 * t, s->tab + 512 * t, 4096);
  for (size_t o = 0; o < objects; o++)
    if (s->rc[o] != 0) memcpy(b->data + 4096 * o, s->data + 4096 * o, 4096);
  memcpy(b->rc, s->rc, objects * sizeof *s->rc);
  memcpy(b->shared, s->shared, objects * sizeof *s->shared);
  memcpy(b->level, s->level, s->tables * sizeof *s->level);
  memcpy(b->owner, s->owner, s->tables * sizeof *s->owner);
  memcpy(b->parent, s->parent, s->tables * sizeof *s->parent);
}

/* What matters for the answer beside what the reference knows. */
struct moment {
  int user;               /* the space exists, the address is in the user's half */
  struct look_way way;
  uint32_t object, count; /* of the leaf; frames + slots when it has none */
  uint32_t frames, slots, tables; /* free */
};

uint32_t engine_free(const struct vmref_sys *s, uint32_t from, uint32_t to)
{
  uint32_t n = 0;
  for (uint32_t o = from; o < to; o++) n += s->rc[o] == 0;
  return n;
}

static struct moment moment(const struct engine *e, const struct mm_op *op)
{
  const struct vmref_sys *s = e->s;
  struct moment m = { .object = s->frames + s->slots };
  m.frames = engine_free(s, 0, s->frames);
  m.slots = engine_free(s, s->frames, s->frames + s->slots);
  m.tables = s->tables - s->spaces - 4 - reference_tables(&e->r);
  const int canonical = op->va < USER_END || op->va >= 0xFFFF800000000000;
  if (op->a >= s->spaces || e->r.space[op->a].what == 0 || !canonical) return m;
  m.user = op->va < USER_END;
  m.way = look_way(s, op->a, op->va);
  if (m.user && m.way.at[1]) m.object = look_object(s, m.way.entry[1]);
  if (m.object < s->frames + s->slots) m.count = s->rc[m.object]; /* which look_compare has counted */
  return m;
}

/* ---- accesses ---- */

static int is_write(const struct mm_op *op) { return op->kind == MM_STORE || op->kind == MM_RMW; }

/* The machine's fault (SDM 3A 4.7): P if a page was there; W, U, I as was asked. */
static void judge_fault(const struct engine *e, const struct mm_op *op, const struct moment *m, const struct mm_outcome *got)
{
  const int granted = m->user && look_granted(&m->way, mm_access_kind(op->kind));
  uint8_t vector = 14;
  uint32_t error = 4 | (is_write(op) ? 2 : 0) | (op->kind == MM_FETCH ? 16 : 0) | (m->way.entry[1] & 1);
  if (op->a >= e->s->spaces || e->r.space[op->a].what == 0 || granted) vector = 0, error = 0;
  else if (op->va >= USER_END && op->va < 0xFFFF800000000000) vector = 13, error = 0;
  must(e, got->faulted == (vector != 0), "whether the hardware faults");
  must(e, got->vector == vector, "the vector of a fault");
  must(e, got->error == error, "the error code of a fault");
}

/* The walk that the handler is called for. */
static void judge_walk(const struct engine *e, const struct mm_op *op, const struct moment *m)
{
  const struct vmref_walk w = vmref_user_walk(e->s, op->a, op->va, mm_access_kind(op->kind));
  const int granted = look_granted(&m->way, mm_access_kind(op->kind));
  must(e, (w.rule == VMREF_RULE_OK) == granted, "whether vmref_user_walk faults");
  if (granted) must(e, w.pa == 4096 * ((uint64_t)e->s->tables + m->object) + op->va % 4096, "where vmref_user_walk ends");
  else must(e, w.vector == 14 && w.cr2 == op->va, "the fault of vmref_user_walk");
}

/* Does what must happen to the page take a frame? */
static int takes_frame(const struct engine *e, const struct mm_op *op, const struct moment *m)
{
  const struct reference_page *q = reference_find(&e->r, op->a, op->va / 4096);
  const int alone = m->count == 1 || q->prot & VMREF_PROT_S;
  return m->object >= e->s->frames || (is_write(op) && !alone);
}

/* Flags (SDM 3A 4.8) and frames after an access that was made. */
static void judge_done(const struct engine *e, const struct mm_op *op, const struct moment *m)
{
  const struct vmref_sys *s = e->s;
  const struct look_way now = look_way(s, op->a, op->va);
  const uint64_t flags = LEAF_A | (is_write(op) ? LEAF_D : 0);
  for (int l = 4; l >= 2; l--) must(e, now.entry[l] == (m->way.entry[l] | LEAF_A), "the flags of a table's entry");
  must(e, now.at[1] != 0 && look_granted(&now, mm_access_kind(op->kind)), "an access was made that the hardware does not grant");
  if (look_granted(&m->way, mm_access_kind(op->kind))) must(e, now.entry[1] == (m->way.entry[1] | flags), "the flags of a leaf");
  else must(e, (now.entry[1] & (LEAF_A | LEAF_D)) == flags, "the flags of a leaf after a fault");
  const struct reference_page *q = reference_find(&e->r, op->a, op->va / 4096);
  const uint32_t o = look_object(s, now.entry[1]), none = s->frames + s->slots, was = m->object;
  const int copied = is_write(op) && was < none && m->count != 1 && !(q->prot & VMREF_PROT_S);
  if (copied) must(e, o != was && s->rc[o] == 1 && s->rc[was] == m->count - 1, "a page was not copied for its writer alone");
  else if (was < s->frames) must(e, o == was && s->rc[o] == m->count, "a page in memory has moved");
  else if (was < none) must(e, s->rc[was] == 0 && s->rc[o] == m->count, "a page did not come from swap for all");
}

/* ---- answers ---- */

/* The status that must come, by the reference and by what is free. */
static int status(const struct engine *e, const struct mm_op *op, const struct moment *m, int want)
{
  const struct vmref_sys *s = e->s;
  if (want != VMREF_OK) return want;
  if (mm_is_access(op->kind)) return takes_frame(e, op, m) && m->frames == 0 ? VMREF_EMEM : VMREF_OK;
  if (reference_tables_new(&e->r, op) > m->tables) return VMREF_EMEM;
  switch (op->kind) {
  case MM_FILE_ADD: return m->frames == 0 ? VMREF_EMEM : VMREF_OK;
  case MM_SWAPOUT: return m->object >= s->frames ? VMREF_EINVAL : m->slots == 0 ? VMREF_EFULL : VMREF_OK;
  case MM_SWAPIN:
    return m->object < s->frames || m->object == s->frames + s->slots ? VMREF_EINVAL : m->frames == 0 ? VMREF_EMEM : VMREF_OK;
  default: return op->kind >= MM_MOVE ? engine_compact_status(e, op, m->object) : VMREF_OK;
  }
}

/* How many frames and slots an operation takes that is no access and frees no page. */
static void judge_taken(const struct engine *e, const struct mm_op *op, const struct moment *m)
{
  const struct vmref_sys *s = e->s;
  if (mm_is_access(op->kind) || op->kind == MM_UNMAP || op->kind == MM_EXIT) return;
  const int32_t f = (int32_t)(m->frames - engine_free(s, 0, s->frames));
  const int32_t w = (int32_t)(m->slots - engine_free(s, s->frames, s->frames + s->slots));
  must(e, f == (op->kind == MM_FILE_ADD || op->kind == MM_SWAPIN) - (op->kind == MM_SWAPOUT), "how many frames it takes");
  must(e, w == (op->kind == MM_SWAPOUT) - (op->kind == MM_SWAPIN), "how many slots it takes");
}

static const char *status_name(int status)
{
  const char *name = script_status(status);
  return name ? name : status == VMREF_OK ? "ok" : "another";
}

static void judge(struct engine *e, const struct mm_op *op, const struct moment *m, const struct mm_outcome *got)
{
  const int want = status(e, op, m, reference_status(&e->r, op));
  if (got->status != want) {
    char text[80];
    snprintf(text, sizeof text, "status %s, must be %s", status_name(got->status), status_name(want));
    engine_finding(e, text);
  }
  if (mm_is_access(op->kind)) judge_fault(e, op, m, got);
  if (want != VMREF_OK) {
    must(e, mm_same(e->s, e->before), "it failed and something has changed");
    return;
  }
  if (mm_is_access(op->kind) && op->kind != MM_STORE && got->byte != reference_byte(&e->r, op->a, op->va)) {
    char text[80];
    snprintf(text, sizeof text, "%u was read, must be %u", got->byte, reference_byte(&e->r, op->a, op->va));
    engine_finding(e, text);
  }
  judge_taken(e, op, m);
  if (mm_is_access(op->kind)) judge_done(e, op, m);
  if (op->kind >= MM_MOVE) engine_compact_judge(e, op, m->object, got);
}

/* ---- the run ---- */

/* Isolation, by what the tables show alone: who else sees something new? Of what only moves pages,
 * nobody does. */
static void isolated(const struct engine *e, const struct mm_op *op, const uint64_t digest[REFERENCE_SPACES])
{
  const struct reference_page *q = is_write(op) && op->va < USER_END && op->a < e->s->spaces
    ? reference_find(&e->r, op->a, op->va / 4096) : NULL;
  if (q && q->prot & VMREF_PROT_S) return; /* what is shared is for all to see; look_compare has seen it */
  for (uint32_t b = 0; b < e->s->spaces; b++)
    if ((b != op->a || op->kind >= MM_SWAPOUT) && !(op->kind == MM_FORK && b == op->b))
      must(e, look_digest(e->s, b) == digest[b], "a space sees something new that should not");
}

/* Make an access under the policy. Where a page has to go first that is done apart: evict, then the
 * access as without a policy; all at once must come to the same. */
static struct mm_outcome access_under(struct engine *e, const struct mm_op *op, struct moment *m)
{
  const int full = reference_status(&e->r, op) == VMREF_OK && takes_frame(e, op, m) && m->frames == 0;
  if (!full) return engine_replace_access(e, e->s, op, m->object, NULL);
  mm_copy_to(e->twin, e->s);
  uint16_t notes[VMREF_NOTES(ENGINE_FRAMES)];
  memcpy(notes, e->policy.p.note, sizeof notes);
  const struct moment before = *m;
  const struct vmref_eviction evicted = engine_evict(e);
  if (evicted.status == VMREF_OK) keep(e);
  *m = moment(e, op);
  const struct mm_outcome got = mm_do(e->s, op);
  memcpy(e->policy.p.note, notes, sizeof notes);
  const struct mm_outcome once = engine_replace_access(e, e->twin, op, before.object, &evicted);
  judge_fault(e, op, &before, &once);
  must(e, once.status == got.status && once.byte == got.byte && mm_same(e->twin, e->s), "an access that evicts is not to evict and then to access");
  return got;
}

/* What is no eviction: do it, and judge. 1: others see a store to a page that is unmapped. */
static int run_op(struct engine *e, const struct mm_op *op, struct moment *m, struct mm_outcome *got)
{
  const int on = e->of->processors, access = mm_is_access(op->kind);
  *got = e->of->policy && access && !on ? access_under(e, op, m) : mm_do_on(e->s, on ? &e->smp.m : NULL, op);
  if (on && op->kind >= MM_RUN) return 0;
  if (on && access && engine_smp_hit(e, op, got)) return 1;
  if (got->hit) return 0;
  judge(e, op, m, got);
  if (got->status == VMREF_OK) reference_do(&e->r, op);
  return 0;
}

static void step(struct engine *e, const struct mm_op *op, int due)
{
  int seen = 0;
  if (e->of->processors) engine_smp_before(e, op);
  uint64_t digest[REFERENCE_SPACES] = { 0 };
  if (due) for (uint32_t b = 0; b < e->s->spaces; b++) digest[b] = look_digest(e->s, b);
  struct moment m = moment(e, op);
  const int parts = mm_is_access(op->kind) && (due || (e->step + e->size) % 8 == 0); /* of an access: now and then */
  if (parts && m.user) judge_walk(e, op, &m);
  struct mm_outcome got = { 0 };
  if (e->of->policy && op->kind == MM_EVICT) {
    e->policy.p.kind = (uint8_t)op->n;
    got.status = engine_evict(e).status;
    got.told = e->smp.m.told;
  } else seen = run_op(e, op, &m, &got);
  if (got.status == VMREF_OK) keep(e);
  const char *wrong = got.status == VMREF_OK ? look_compare(e->s, &e->r) : NULL; /* else it is what it was */
  if (wrong) engine_finding(e, wrong);
  if (e->of->processors) engine_smp_after(e, op, &got);
  if (!due) return;
  if (!seen) isolated(e, op, digest);
  if (e->of->processors) engine_smp_check(e);
  else must(e, vmref_check(e->s) == VMREF_CHECK_OK, "vmref_check");
  engine_fragments_judge(e, vmref_fragmentation(e->s));
}

/* Write where the hardware may: no fault comes of it. */
static void write_back(struct engine *e, uint32_t a, uint64_t va)
{
  const struct look_way w = look_way(e->s, a, va);
  const struct mm_op op = { .kind = MM_STORE, .a = a, .va = va, .byte = (uint8_t)(e->size + va / 4096 + 1) };
  if (!look_granted(&w, VMREF_WRITE)) return;
  const struct mm_outcome got = mm_do(e->s, &op);
  must(e, got.status == VMREF_OK && !got.faulted, "a write that the hardware grants");
  reference_do(&e->r, &op);
}

/* Loads from some pages of each space, at the end: they may bring pages in. */
static void sweep(struct engine *e)
{
  for (uint32_t a = 0; a < e->s->spaces; a++) {
    const struct reference_space *x = &e->r.space[a];
    for (size_t i = 0; i < x->pages && i < 3; i++) {
      const struct reference_page *q = &x->page[x->pages - 1 - i];
      const uint64_t va = q->page * 4096 + (q->bytes ? e->size * 37 % 4096 : 0);
      const struct vmref_outcome got = vmref_user_access(e->s, a, va, VMREF_READ, 0);
      if (got.status == VMREF_EMEM) continue;
      must(e, got.status == (q->prot & VMREF_PROT_R ? VMREF_OK : VMREF_EACCES), "the status of a load at the end");
      if (got.status != VMREF_OK) continue;
      must(e, got.byte == reference_byte(&e->r, a, va), "the byte of a load at the end");
      write_back(e, a, va);
    }
  }
  const char *wrong = look_compare(e->s, &e->r);
  if (wrong) engine_finding(e, wrong);
}

static void boot(struct engine *e, const struct engine_profile *of)
{
  if (!e->s) {
    e->s = mm_new(of->sizes);
    e->before = mm_new(of->sizes);
    if (!e->s || !e->before || of->sizes.spaces > REFERENCE_SPACES) fprintf(stderr, "mm_new refuses the sizes of the target\n"), exit(5);
  }
  struct vmref_sys *s = e->s;
  memset(s->data, 0xA5, 4096 * ((size_t)s->frames + s->slots)); /* what memory held before */
  memset(s->hint, 0, VMREF_HINTS(s) * sizeof *s->hint);
  if (vmref_boot(s) != VMREF_OK) engine_finding(e, "vmref_boot");
  reference_reset(&e->r, s->spaces);
  e->r.ages = of->policy;
  if (of->policy) engine_replace_begin(e);
  if (of->processors) engine_smp_begin(e);
  keep(e);
}

unsigned engine_disturb_hints(struct engine *e)
{
  const struct vmref_sys *s = e->s;
  const uint8_t *b = e->data + SEQUENCE_OP * e->step;
  if (SEQUENCE_OP * (e->step + 1) > e->size) return 1;
  const uint64_t stacks = VMREF_HINT_NEXT(s), all = VMREF_HINTS(s), n = b[1] | (uint64_t)b[2] << 8;
  static const int32_t VALUE[8] = { -1, 0, 1, INT32_MAX, INT32_MIN, 7, 12, 20 };
  s->hint[b[3] & 1 ? stacks + n % (all - stacks) : n % stacks] = b[3] & 2 ? VALUE[b[4] & 7] : b[4] + 256 * (b[3] >> 4);
  return 1;
}

int engine_run(const struct engine_profile *of, const uint8_t *data, size_t size)
{
  static struct engine e;
  e.of = of;
  e.data = data;
  e.size = size < SEQUENCE_BYTES ? size : SEQUENCE_BYTES;
  e.steps = (unsigned)((e.size + SEQUENCE_OP - 1) / SEQUENCE_OP);
  e.step = 0;
  boot(&e, of);
  const unsigned chosen = e.steps ? (data[e.size - 1] ^ data[e.size / 2]) % (2 * e.steps) : 0;
  while (e.step < e.steps) {
    struct mm_op op = op_at(&e, e.step);
    unsigned took = 1;
    if (of->processors) engine_smp_place(&e, &op);
    if (op.kind != MM_KINDS) step(&e, &op, fuzz_checks > 0 || e.step == chosen);
    else if (disturbs(&e, e.step)) took = of->disturb(&e);
    e.step += took;
  }
  sweep(&e);
  if (fuzz_checks <= 0 && chosen % FUZZ_TURNS != 0) return 0;
  keep(&e);
  engine_refuse(&e);
  return 0;
}
