/* SPDX-License-Identifier: MIT */
/* Clause 6 of the invariant, spec/smp.acsl, evaluated word by word for any processors however broken; the tables
 * are whole. */
#include "clauses.h"
#include "look.h"

#define USER_END 0x800000000000ull
#define P  1u
#define RW 2u
#define US 4u

typedef const struct vmref_sys *sys;

/* The table that the entry of a level links on the way to an address; 0: none, or it is no table's. */
static uint64_t below(const struct look_way *w, int level) { return w->entry[level] & P ? w->entry[level] & 0xFFFFFFFFFF000 : 0; }

static int of_a_page(const struct vmref_translation *t)
{
  return t->size == 4096 && t->page % 4096 == 0 && t->page < USER_END && t->pcid == 0 && t->global == 0;
}

static int permitted(sys s, uint32_t a, const struct vmref_translation *t)
{
  if (!of_a_page(t)) return 0;
  const struct look_way w = look_way(s, a, t->page);
  const uint64_t e = w.entry[1];
  return e & P && t->frame == (e & 0xFFFFFFFFFF000) && t->rw <= (e >> 1 & 1) && t->us <= (e >> 2 & 1) && t->xd >= e >> 63 && t->dirty <= (e >> 6 & 1);
}

static int permitted_table(sys s, uint32_t a, const struct vmref_cached_table *t)
{
  if (t->pcid != 0) return 0;
  if (t->size == 0) return 1; /* of no address */
  if (t->origin.level < 1 || t->origin.level > 3 || t->start >= USER_END || t->size > USER_END - t->start) return 0;
  const uint64_t span = 4096ull << 9 * t->origin.level;
  for (uint64_t va = t->start; va < t->start + t->size; va = (va | (span - 1)) + 1) {
    const struct look_way w = look_way(s, a, va);
    if (below(&w, t->origin.level + 1) == 0 || below(&w, t->origin.level + 1) != t->origin.table) return 0;
  }
  return 1;
}

static int leftover(sys s, const struct vmref_translation *t)
{
  const uint64_t first = 4096ull * s->tables;
  if (!of_a_page(t) || t->frame % 4096 != 0 || t->frame < first || t->frame >= first + 4096ull * s->frames) return 0;
  const uint32_t f = (uint32_t)((t->frame - first) / 4096);
  for (size_t n = 0; n < 512 * (size_t)s->tables; n++) {
    if (s->level[n / 512] != 1 || s->owner[n / 512] == (int64_t)s->spaces || look_object(s, s->tab[n]) != f) continue;
    if (t->rw == 1 && !s->shared[f]) return 0;
    if ((s->tab[n] & (P | RW)) == (P | RW) && !(s->tab[n] >> 55 & 1)) return 0;
  }
  return 1;
}

static int leftover_table(sys s, const struct vmref_cached_table *t)
{
  const uint64_t u = t->origin.table / 4096;
  return t->pcid == 0 && t->origin.table % 4096 == 0 && u < s->tables && s->level[u] == 0;
}

static int coherent_slot(sys s, const struct vmref_smp *m, unsigned c, unsigned i)
{
  const struct vmref_translation *p = &m->tlb[c].page[i];
  const struct vmref_cached_table *t = &m->tlb[c].table[i];
  const uint32_t a = m->runs[c];
  if (p->used == 1 && (a == VMREF_IDLE || !(permitted(s, a, p) || (m->pending == 1 && leftover(s, p))))) return 0;
  return t->used != 1 || (a != VMREF_IDLE && (permitted_table(s, a, t) || (m->pending == 1 && leftover_table(s, t))));
}

int clauses_cached(const struct vmref_sys *s, const struct vmref_smp *m)
{
  if (m->lazy > 1 || m->pending > m->lazy) return 0;
  for (unsigned c = 0; c < VMREF_CPUS; c++) {
    const uint32_t a = m->runs[c];
    if (a != VMREF_IDLE && !(a < s->spaces && s->level[a] == 4)) return 0;
    for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++)
      if (!coherent_slot(s, m, c, i)) return 0;
  }
  return 1;
}
