/* SPDX-License-Identifier: MIT */
/* Who is evicted, for the engine: times and hand are kept here as numbers, flags are looked for in
 * all entries, and contents are compared byte by byte. */
#include "engine_mm.h"
#include <stdlib.h>
#include <string.h>

#define A 0x20u

/* ---- the notes ---- */

void engine_replace_begin(struct engine *e)
{
  struct engine_policy *x = &e->policy;
  uint16_t *note = x->p.note;
  if (!note) {
    note = calloc(VMREF_NOTES(ENGINE_FRAMES), sizeof *note);
    e->twin = mm_copy(e->s);
    e->was = mm_copy(e->s);
  }
  if (!note || !e->twin || !e->was || e->s->frames > ENGINE_FRAMES) fprintf(stderr, "engine_replace: no memory, or too many frames\n"), exit(5);
  memset(note, 0, VMREF_NOTES(ENGINE_FRAMES) * sizeof *note);
  *x = (struct engine_policy){ .p = { .note = note, .kind = VMREF_LRU } };
}

/* n digits of 16 bits. */
static void write_number(uint16_t *digit, unsigned n, uint64_t x)
{
  for (unsigned i = 0; i < n; i++) digit[i] = (uint16_t)(x >> 16 * i);
}
static int is_number(const uint16_t *digit, unsigned n, uint64_t x)
{
  for (unsigned i = 0; i < n; i++)
    if (digit[i] != (uint16_t)(x >> 16 * i)) return 0;
  return 1;
}

static void judge_notes(const struct engine *e)
{
  const struct engine_policy *x = &e->policy;
  const uint16_t *end = x->p.note + 6 * e->s->frames;
  for (uint32_t f = 0; f < e->s->frames; f++) {
    engine_must(e, is_number(x->p.note + 6 * f, 4, x->used[f]), "when a frame was used last");
    engine_must(e, is_number(x->p.note + 6 * f + 4, 2, x->came[f]), "the slot that a page came from");
  }
  engine_must(e, is_number(end, 4, x->now), "the time");
  engine_must(e, is_number(end + 4, 2, x->hand), "where the clock's hand is");
}

unsigned engine_disturb_notes(struct engine *e)
{
  static const uint64_t TIME[8] = { 0, 0xFFFE, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFF, UINT64_MAX - 1, UINT64_MAX, 0x123456789ABCDEF0 };
  static const uint32_t WORD[8] = { 0, 1, 2, 3, 0xFFFF, 0x10000, 0x10001, UINT32_MAX };
  struct engine_policy *x = &e->policy;
  const uint8_t *b = e->data + SEQUENCE_OP * e->step;
  if (SEQUENCE_OP * (e->step + 1) > e->size) return 1;
  const uint32_t frames = e->s->frames, f = b[2] % frames;
  switch (b[1] % 5) {
  case 1: write_number(x->p.note + 6 * frames, 4, x->now = TIME[b[3] % 8]); break;
  case 2: write_number(x->p.note + 6 * f, 4, x->used[f] = TIME[b[3] % 8]); break;
  case 3: write_number(x->p.note + 6 * f + 4, 2, x->came[f] = WORD[b[3] % 8]); break;
  case 4: write_number(x->p.note + 6 * frames + 4, 2, x->hand = WORD[b[3] % 8]); break;
  default: break;
  }
  return 1;
}

/* ---- who must go ---- */

/* Which frames have an accessed leaf. */
static void find_accessed(const struct vmref_sys *s, int young[ENGINE_FRAMES])
{
  for (uint32_t f = 0; f < s->frames; f++) young[f] = 0;
  for (uint32_t t = 0; t < s->tables; t++)
    for (size_t n = 512 * (size_t)t; n < 512 * ((size_t)t + 1) && s->level[t] == 1; n++) {
      const uint32_t o = look_object(s, s->tab[n]);
      if (o < s->frames && s->tab[n] & 1 && s->tab[n] & A) young[o] = 1;
    }
}

static struct vmref_eviction least_recent(const struct engine *e)
{
  struct vmref_eviction v = { .frame = e->s->frames };
  for (uint32_t f = e->s->frames; f-- > 0; )
    if (e->s->rc[f] && (v.frame == e->s->frames || e->policy.used[f] <= e->policy.used[v.frame])) v.frame = f;
  return v;
}

/* Turn the hand; young: what it must find accessed, and clears. */
static struct vmref_eviction second_chance(const struct engine *e, int young[ENGINE_FRAMES])
{
  const struct vmref_sys *s = e->s;
  struct vmref_eviction v = { .frame = e->policy.hand % s->frames };
  for (;; v.frame = (v.frame + 1) % s->frames, v.steps++) {
    if (s->rc[v.frame] == 0) continue;
    if (!young[v.frame]) return v;
    young[v.frame] = 0;
  }
}

/* Is the page in frame f in the slot that it came from? */
static int is_clean(const struct engine *e, uint32_t f)
{
  const struct vmref_sys *s = e->s;
  const uint32_t came = e->policy.came[f];
  if (came == 0 || came > s->slots || s->rc[s->frames + came - 1] != 0) return 0;
  return memcmp(s->data + 4096 * (size_t)f, s->data + 4096 * ((size_t)s->frames + came - 1), 4096) == 0;
}

/* Young frames in, those that stay so out. */
static struct vmref_eviction expected(const struct engine *e, int young[ENGINE_FRAMES])
{
  const struct vmref_sys *s = e->s;
  const int kind = e->policy.p.kind;
  struct vmref_eviction v = { .status = VMREF_EINVAL };
  if ((kind != VMREF_LRU && kind != VMREF_CLOCK) || engine_free(s, 0, s->frames) == s->frames) return v;
  v.status = VMREF_EFULL;
  if (engine_free(s, s->frames, s->frames + s->slots) == 0) return v;
  v = kind == VMREF_LRU ? least_recent(e) : second_chance(e, young);
  v.written = !is_clean(e, v.frame);
  return v;
}

/* ---- what must come of it ---- */

/* Leaves of the victim are in one slot now; of frames that the hand has passed, not accessed; all
 * other entries are what they were. */
static void judge_entries(const struct engine *e, const struct vmref_sys *was, const struct vmref_eviction *v, uint32_t slot,
                          const int passed[ENGINE_FRAMES])
{
  for (size_t n = 0; n < 512 * (size_t)was->tables; n++) {
    const uint64_t is = e->s->tab[n];
    uint64_t want = was->tab[n];
    const uint32_t o = was->level[n / 512] == 1 ? look_object(was, want) : was->frames;
    if (o < was->frames && o == v->frame) {
      engine_must(e, look_object(e->s, is) == slot, "the leaves of an evicted page are not in one slot");
      want = (want & 15ull << 52) | (uint64_t)(slot - was->frames) << 12 | 6;
    } else if (o < was->frames && passed[o] && want & 1) want &= ~(uint64_t)A;
    engine_must(e, is == want, "an entry after an eviction");
  }
}

static uint32_t slot_of(const struct vmref_sys *s, const struct vmref_sys *was, uint32_t f)
{
  for (size_t n = 0; n < 512 * (size_t)was->tables; n++)
    if (was->level[n / 512] == 1 && look_object(was, was->tab[n]) == f) return look_object(s, s->tab[n]);
  return s->frames + s->slots;
}

static void judge_done(const struct engine *e, const struct vmref_sys *was, const struct vmref_eviction *v, const int passed[ENGINE_FRAMES])
{
  const struct vmref_sys *s = e->s;
  const size_t size = 4096 * ((size_t)s->frames + s->slots);
  const uint32_t slot = slot_of(s, was, v->frame);
  engine_must(e, s->rc[v->frame] == 0, "the frame of an evicted page is not free");
  engine_must(e, slot >= s->frames && slot < s->frames + s->slots && was->rc[slot] == 0, "an evicted page is not in a slot that was free");
  engine_must(e, s->rc[slot] == was->rc[v->frame], "an evicted page has not all its leaves");
  judge_entries(e, was, v, slot, passed);
  if (v->written) return;
  engine_must(e, slot == s->frames + e->policy.came[v->frame] - 1, "a clean page is not in the slot that it came from");
  engine_must(e, memcmp(s->data, was->data, size) == 0, "contents changed although nothing had to be written");
}

struct vmref_eviction engine_evict(struct engine *e)
{
  int young[ENGINE_FRAMES] = { 0 }, passed[ENGINE_FRAMES];
  find_accessed(e->s, young);
  memcpy(passed, young, sizeof passed);
  const struct vmref_eviction v = expected(e, young);
  for (uint32_t f = 0; f < e->s->frames; f++) passed[f] = passed[f] && !young[f];
  mm_copy_to(e->was, e->s);
  const struct vmref_policy *p = &e->policy.p;
  const struct vmref_eviction got = e->of->processors ? vmref_smp_evict(&e->smp.m, e->s, p) : vmref_evict(e->s, p);
  engine_must(e, got.status == v.status, "the status of an eviction");
  if (got.status != VMREF_OK) engine_must(e, mm_same(e->s, e->was), "an eviction failed and something has changed");
  else {
    engine_must(e, got.frame == v.frame, "another page had to go");
    engine_must(e, got.steps == v.steps, "how many frames the hand passed");
    engine_must(e, got.written == v.written, "whether a page had to be written");
    judge_done(e, e->was, &v, passed);
    if (e->policy.p.kind == VMREF_CLOCK) e->policy.hand = (v.frame + 1) % e->s->frames;
  }
  judge_notes(e);
  return got;
}

/* ---- accesses ---- */

struct mm_outcome engine_replace_access(struct engine *e, const struct vmref_sys *s, const struct mm_op *op, uint32_t was,
                                        const struct vmref_eviction *evicted)
{
  struct engine_policy *x = &e->policy;
  const struct vmref_policy_outcome got = vmref_policy_access(s, &x->p, op->a, op->va, mm_access_kind(op->kind), op->byte);
  const int must_go = evicted && evicted->status == VMREF_OK;
  engine_must(e, got.evictions == must_go, "whether a page had to go first");
  if (must_go) {
    const struct vmref_eviction v = got.evicted;
    engine_must(e, v.status == VMREF_OK && v.frame == evicted->frame && v.steps == evicted->steps && v.written == evicted->written,
                "what is told of the page that had to go first");
  }
  if (got.out.status == VMREF_OK) {
    const uint32_t f = look_object(s, look_way(s, op->a, op->va).entry[1]);
    engine_must(e, f < s->frames, "an access was made to a page in no frame");
    x->used[f] = x->now += x->now != UINT64_MAX;
    if (s->frames <= was && was < s->frames + s->slots) x->came[f] = was - s->frames + 1;
  }
  judge_notes(e);
  return (struct mm_outcome){ .status = got.out.status, .error = got.out.error, .vector = got.out.vector, .faulted = got.out.faulted,
                              .byte = got.out.byte };
}
