/* SPDX-License-Identifier: MIT */
/* The answer that a case must get: the model's, put into the words of the plan. */
#include <string.h>
#include "plan.h"

static uint64_t low_bytes(unsigned size) { return size >= 8 ? ~0ull : (1ull << 8 * size) - 1; }

static uint8_t get_byte(const struct plan *p, const uint64_t words[], uint64_t pa)
{
  int i = find_word(&p->guest, pa);
  return (uint8_t)((i >= 0 ? words[i] : case_tag(pa & ~7ull)) >> 8 * (pa % 8));
}

static void put_byte(const struct plan *p, uint64_t words[], uint64_t pa, uint64_t byte)
{
  int i = find_word(&p->guest, pa);
  unsigned shift = 8 * (pa % 8);
  if (i >= 0) words[i] = (words[i] & ~(0xffull << shift)) | (byte & 0xff) << shift;
}

/* The physical address of byte n of an access that is made. */
static uint64_t byte_at(const struct vmref_span *s, unsigned n)
{
  unsigned first = s->part[0].access.size;
  return n < first ? s->part[0].pa + n : s->part[1].pa + n - first;
}

/* Bits of entries: those that the walks change, in the words where the entries lie. */
static void entry_bits_of(const struct plan *p, const struct vmref_span *s, uint64_t words[])
{
  for (uint8_t i = 0; i < s->parts; i++) {
    const struct vmref_walk *w = &s->part[i];
    for (uint8_t level = w->origin.level; level && level >= w->last; level--) {
      int at = find_word(&p->guest, w->address[level]);
      uint64_t bits = vmref_span_after(s, i, level) & ~w->entry[level];
      if (at >= 0) words[at] |= bits << (w->address[level] & 4 ? 32 : 0);
    }
  }
}

/* The D bit that a read-modify-write sets in the entry that maps it, where it lies. */
static uint64_t own_dirty(const struct plan *p, const struct vmref_walk *w, int *word)
{
  *word = find_word(&p->guest, w->address[w->last]);
  if (*word < 0 || w->last == 0) return 0;
  uint64_t bits = w->after[w->last] & ~w->entry[w->last] & 0x40;
  return bits << (w->address[w->last] & 4 ? 32 : 0);
}

/* What the access itself reads, stores and returns, after A and D are set. */
static void expect_data(struct expect *e, const struct plan *p)
{
  unsigned form = OP_FORM(p->guest.op), size = p->c.access.size;
  uint64_t old[8] = { 0 }, stored = 0;
  for (unsigned n = 0; n < size; n++)
    old[n / 8] |= (uint64_t)get_byte(p, e->after, byte_at(&e->span, n)) << 8 * (n % 8);
  e->mask = low_bytes(size);
  e->value = size <= 8 ? old[0] : guest_fold(old, (size + 7) / 8);
  switch (form) {
  case FORM_READ: case FORM_CMPXCHG: return;
  case FORM_XCHG: stored = PATTERN; break;
  case FORM_WRITE: e->mask = 0; break;
  case FORM_ADD: stored = old[0] + PATTERN; e->mask = 0; break;
  case FORM_INC: stored = old[0] + 1; e->mask = 0; break;
  case FORM_SEG_STORE: stored = old[0] | 1ull << 8 * ACCESSED_BYTE; e->mask = 0; break;
  case FORM_FETCH: e->value = e->span.part[0].pa; e->mask = 0xffffffff; return;
  default: e->mask = 0; return;
  }
  for (unsigned n = 0; n < size; n++)
    put_byte(p, e->after, byte_at(&e->span, n), form == FORM_WRITE ? stored_byte(n) : stored >> 8 * n);
}

static int expect_done(struct expect *e, const struct plan *p, int variant)
{
  const struct vmref_walk *w = &e->span.part[0];
  int leaf;
  entry_bits_of(p, &e->span, e->after);
  if (variant == 0) {
    expect_data(e, p);
    return 1;
  }
  if (variant != VARIANT_LATE_D || p->c.access.kind != VMREF_RMW || e->span.parts == 2) return 0;
  uint64_t dirty = own_dirty(p, w, &leaf), at = w->address[w->last] & ~7ull;
  if (!dirty || at + 7 < w->pa || at >= w->pa + p->c.access.size) return 0;
  /* Read before D is set; D of bytes that it does not store is set all the same. */
  uint64_t with = e->after[leaf];
  e->after[leaf] -= dirty;
  expect_data(e, p);
  for (unsigned b = 0; b < 8; b++)
    if (at + b < w->pa || at + b >= w->pa + p->c.access.size)
      e->after[leaf] |= with & dirty & 0xffull << 8 * b;
  return 1;
}

/* When a large store is torn: any of the bytes of the part that does not fault. */
static void torn_bytes(struct expect *e, const struct plan *p)
{
  unsigned first = e->span.part[0].access.size, ok = e->span.part[0].rule == VMREF_RULE_OK ? 0 : 1;
  for (unsigned n = ok ? first : 0; n < (ok ? p->c.access.size : first); n++) {
    uint64_t pa = byte_at(&e->span, n);
    put_byte(p, e->may, pa, get_byte(p, e->after, pa) ^ stored_byte(n));
  }
}

int expect_case(struct expect *e, const struct plan *p, const struct vmref_case *q, int variant)
{
  const struct guest_case *g = &p->guest;
  struct vmref_span *s = &e->span;
  memset(e, 0, sizeof *e);
  *s = q == &p->c ? p->span : case_span(q, &p->memory);
  e->cr2 = CR2_BEFORE;
  e->vector = VECTOR_DONE;
  for (unsigned i = 0; i < g->words; i++) e->after[i] = g->before[i];
  if (s->rule == VMREF_RULE_OK) return expect_done(e, p, variant);

  const struct vmref_walk *w = &s->part[s->first];
  if (variant == VARIANT_OTHER) {
    if ((s->may & (VMREF_SPAN_FIRST | VMREF_SPAN_SECOND)) != (VMREF_SPAN_FIRST | VMREF_SPAN_SECOND)) return 0;
    w = &s->part[1 - s->first];
  } else if (variant) return 0;
  e->vector = w->vector;
  e->error = w->error;
  if (w->vector == VMREF_VECTOR_PF) e->cr2 = w->cr2;
  /* How wide the store of a descriptor's accessed bit is, no manual says. */
  if (w->vector == VMREF_VECTOR_PF && OP_FORM(g->op) == FORM_SEG_STORE) e->cr2_span = 7;
  if (s->torn) torn_bytes(e, p);
  entry_bits_of(p, s, e->may);
  return 1;
}

unsigned differs(const struct expect *e, const struct plan *p, const struct guest_result *r)
{
  unsigned d = 0;
  if (r->vector != e->vector) d |= DIFFERS_VECTOR;
  if (r->error != e->error) d |= DIFFERS_ERROR;
  if (r->cr2 - e->cr2 > e->cr2_span) d |= DIFFERS_CR2;
  if (r->vector == VECTOR_DONE && (r->value ^ e->value) & e->mask) d |= DIFFERS_VALUE;
  for (unsigned i = 0; i < p->guest.words; i++)
    if ((r->after[i] ^ e->after[i]) & ~e->may[i]) d |= DIFFERS_MEMORY;
  if (r->stray != NO_STRAY) d |= DIFFERS_STRAY;
  return d;
}
