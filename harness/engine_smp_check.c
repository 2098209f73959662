/* SPDX-License-Identifier: MIT */
/* vmref_smp_check against harness/clauses_smp.c, for the engine. */
#include "clauses.h"
#include "engine_mm.h"
#include <string.h>

#define must engine_must

/* A slot of a processor that is in use, from a chosen one on; the chosen one when none is. */
static unsigned in_use(const struct vmref_tlb *b, unsigned from, int table)
{
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    const unsigned k = (from + i) % VMREF_TLB_SLOTS;
    if (table ? b->table[k].used : b->page[k].used) return k;
  }
  return from % VMREF_TLB_SLOTS;
}

static uint64_t moved(uint64_t was, uint8_t by)
{
  static const uint64_t STEP[8] = { 1, 0x1000, 0x200000, 0x40000000, 0x8000000000, 0x800000000000, 0x4000, 0xFFFFFFFFFFFFF000 };
  return by & 8 ? was - STEP[by & 7] : was + STEP[by & 7];
}

static void spoil_page(const struct vmref_sys *s, struct vmref_translation *t, uint8_t which, uint8_t how)
{
  t->used = 1;
  switch (which % 12) {
  case 0: t->page = moved(t->page, how); break;
  case 1: t->size = how & 1 ? 0x200000 : moved(t->size, how >> 1); break;
  case 2: t->frame = moved(t->frame, how); break;
  case 3: t->frame = 4096ull * (s->tables + how / 2 % (s->frames + 2u)); t->rw = how & 1; break;
  case 4: t->pcid = how & 1; break;
  case 5: t->global = how & 1; break;
  case 6: t->rw = how % 3; break;
  case 7: t->us = how % 3; break;
  case 8: t->xd = how % 2; break;
  case 9: t->dirty = how % 3; break;
  case 10: t->used = how % 3; break;
  default: t->frame = 4096ull * (how / 2 % (s->tables + s->frames + 2u)); t->rw = how & 1; break;
  }
}

static void spoil_table(const struct vmref_sys *s, struct vmref_cached_table *t, uint8_t which, uint8_t how)
{
  t->used = 1;
  switch (which % 8) {
  case 0: t->start = moved(t->start, how); break;
  case 1: t->size = how & 1 ? 0 : moved(t->size, how >> 1); break;
  case 2: t->origin.table = moved(t->origin.table, how); break;
  case 3: t->origin.table = 4096ull * (how % (s->tables + 2u)); break;
  case 4: t->origin.level = how % 5; break;
  case 5: t->pcid = how & 1; break;
  case 6: t->used = how % 3; break;
  default: t->start &= ~0x1FFFFFull; t->size = 0x1000ull << how % 40; break;
  }
}

/* One field of a copy, chosen by bytes of the input. */
static void spoil(const struct engine *e, const uint8_t *b, unsigned round)
{
  static struct vmref_smp m;
  memcpy(&m, &e->smp.m, sizeof m);
  const unsigned mix = b[0] * 5u + b[1] * 3u + b[2] * 7u + b[3] + 29 * round, c = mix % VMREF_CPUS, table = mix / 4 % 3 == 0;
  const uint8_t which = (uint8_t)(b[2] + e->step * 11 + round * 5), how = (uint8_t)(b[3] * 13u + b[1] + e->step + round * 3);
  if (mix % 5 < 2) m.lazy = m.pending = 1; /* then what is spoilt may be left of an unmapping */
  if (mix / 16 % 8 == 0) {
    if (which % 3 == 0) m.runs[c] = how & 1 ? how >> 1 : VMREF_IDLE;
    else if (which % 3 == 1) m.pending = how % 3;
    else m.lazy = how % 3;
  } else if (table) spoil_table(e->s, &m.tlb[c].table[in_use(&m.tlb[c], b[1], 1)], which, how);
  else spoil_page(e->s, &m.tlb[c].page[in_use(&m.tlb[c], b[1], 0)], which, how);
  must(e, vmref_smp_check(e->s, &m) == (clauses_cached(e->s, &m) ? VMREF_CHECK_OK : VMREF_CHECK_TLB), "vmref_smp_check of processors that are spoilt");
}

void engine_smp_check(struct engine *e)
{
  must(e, vmref_smp_check(e->s, &e->smp.m) == VMREF_CHECK_OK, "vmref_smp_check");
  must(e, clauses_cached(e->s, &e->smp.m), "clause 6 of the invariant");
  if (SEQUENCE_OP * (e->step + 1) > e->size) return;
  for (unsigned round = 0; round < 3; round++) spoil(e, e->data + SEQUENCE_OP * e->step, round);
}
