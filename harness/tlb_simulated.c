/* SPDX-License-Identifier: MIT */
/* A processor that makes use of all freedom that SDM 3A 4.10 gives. */
#include <string.h>
#include "tlb_machine.h"

enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, G = 0x100 };
#define FRAME UINT64_C(0x000ffffffffff000)

/* Does it happen, n times in 8? */
static int chance(struct simulated *s, unsigned n)
{
  s->random ^= s->random << 13, s->random ^= s->random >> 17, s->random ^= s->random << 5;
  return (s->random >> 7 & 7) < n;
}
static unsigned any(struct simulated *s)
{
  chance(s, 0);
  return (s->random >> 9) % SIMULATED_SLOTS;
}

static int serves(const struct vmref_translation *t, const struct vmref_cpu *cpu, uint64_t va)
{
  return t->used && (t->global || t->pcid == opinion_pcid(cpu)) && opinion_covers(t->page, t->size, va);
}
static int leads(const struct vmref_cached_table *t, const struct vmref_cpu *cpu, uint64_t va)
{
  return t->used && t->pcid == opinion_pcid(cpu) && opinion_covers(t->start, t->size, va);
}

/* ---- walks ------------------------------------------------------------------ */

enum end { PAGE, FAULT, OUTSIDE };
struct way {
  enum end end;
  enum opinion_cause cause;
  int level, origin, rw, us, xd;
  uint64_t at[6], entry; /* of the last entry */
};

static void set(struct opinion_moment *m, uint64_t pa, uint64_t flags)
{
  m->word[pa >> 12][pa >> 3 & 1] |= m->cpu.mode == VMREF_MODE_32BIT ? flags << (pa & 4) * 8 : flags;
}

/* Down from the root, or from a table that is cached; sets A on the way if eager. */
static struct way walk(struct simulated *s, struct opinion_moment *m, uint64_t va, int eager)
{
  const struct vmref_cpu *cpu = &m->cpu;
  uint64_t table = (cpu->mode == VMREF_MODE_PAE ? cpu->pdpte[va >> 30] : cpu->cr3) & FRAME;
  struct way w = { .end = FAULT, .cause = OPINION_ABSENT, .level = opinion_top(cpu->mode), .rw = 1, .us = 1 };
  const struct vmref_cached_table *t = &s->table[any(s)];
  if (leads(t, cpu, va) && chance(s, 6)) {
    table = t->origin.table, w.level = t->origin.level;
    w.rw = t->origin.rw, w.us = t->origin.us, w.xd = t->origin.xd;
  }
  int accessed = 1; /* A = 1 in every entry so far */
  for (w.origin = w.level;; w.level--) {
    uint64_t at = table + opinion_index(cpu->mode, w.level, va) * (unsigned)opinion_entry_bytes(cpu->mode);
    w.at[w.level] = at;
    if (!opinion_in_memory(at)) { w.end = OUTSIDE; return w; }
    const uint64_t e = w.entry = opinion_entry_of(m, at);
    if (!(e & P)) return w;
    if (opinion_reserved(cpu, w.level, e)) { w.cause = OPINION_RESERVED; return w; }
    w.rw &= (e & RW) != 0, w.us &= (e & US) != 0, w.xd |= e >> 63 & 1;
    if (opinion_leaf(cpu, w.level, e)) { w.end = PAGE; return w; }
    if (eager) set(m, at, A);
    accessed &= eager || e & A;
    table = e & FRAME;
    const uint64_t size = UINT64_C(1) << opinion_shift(cpu->mode, w.level);
    if (accessed && chance(s, 4))
      s->table[any(s)] = (struct vmref_cached_table){
        .start = va & ~(size - 1), .size = size, .pcid = opinion_pcid(cpu), .used = 1,
        .origin = { table, (uint8_t)(w.level - 1), (uint8_t)w.rw, (uint8_t)w.us, (uint8_t)w.xd } };
  }
}

/* The page that a walk has found, with A set first. */
static void cache_page(struct simulated *s, struct opinion_moment *m, uint64_t va, const struct way *w)
{
  const uint64_t e = opinion_entry_of(m, w->at[w->level]), size = UINT64_C(1) << opinion_shift(m->cpu.mode, w->level);
  for (int l = w->level; l <= w->origin; l++)
    if (!(opinion_entry_of(m, w->at[l]) & A)) return;
  s->page[any(s)] = (struct vmref_translation){
    .page = va & ~(size - 1), .size = size, .frame = opinion_page(&m->cpu, w->level, e, 0),
    .pcid = opinion_pcid(&m->cpu), .used = 1, .rw = (uint8_t)w->rw, .us = (uint8_t)w->us, .xd = (uint8_t)w->xd,
    .key = e >> 59 & 15, .global = m->cpu.pge && e & G, .dirty = (e & D) != 0,
    .pat = (uint8_t)opinion_pat(w->level, e) };
}

void simulated_speculate(struct simulated *s, struct opinion_moment *m, uint64_t va)
{
  const struct vmref_cpu *cpu = &m->cpu;
  if (!cpu->mode || (cpu->mode == VMREF_MODE_PAE && !(cpu->pdpte[va >> 30] & P))) return;
  struct way w = walk(s, m, va, chance(s, 6));
  if (w.end != PAGE) return;
  if (chance(s, 6)) set(m, w.at[w.level], A);
  if (chance(s, 6)) cache_page(s, m, va, &w);
}

/* ---- accesses ------------------------------------------------------------------ */

static int writes(const struct vmref_access *a) { return a->kind == VMREF_WRITE || a->kind == VMREF_RMW; }

static void fault(struct vmref_observed *seen, const struct vmref_cpu *cpu, const struct vmref_access *a,
                  enum opinion_cause cause)
{
  seen->vector = 14;
  seen->cr2 = a->va;
  seen->error = opinion_error(cpu, a, cause);
}

/* May it be made under these rights? If not, says how it faults. */
static int permitted(struct vmref_observed *seen, const struct vmref_cpu *cpu, const struct vmref_access *a,
                     int rw, int us, int xd, int key)
{
  uint32_t keyed = opinion_denied_key(cpu, a, us, key);
  if (!(opinion_denied(cpu, a, us, rw, xd) | keyed)) return 1;
  fault(seen, cpu, a, keyed ? OPINION_KEY : OPINION_RIGHTS);
  return 0;
}

static int by_walk(struct simulated *s, struct opinion_moment *m, const struct vmref_access *a,
                   struct vmref_observed *seen)
{
  struct way w = walk(s, m, a->va, chance(s, 5));
  if (w.end == OUTSIDE) return 0;
  if (w.end == FAULT) { fault(seen, &m->cpu, a, w.cause); return 1; }
  if (!permitted(seen, &m->cpu, a, w.rw, w.us, w.xd, w.entry >> 59 & 15)) {
    if (chance(s, 4)) set(m, w.at[w.level], A);
    return 1;
  }
  for (int l = w.level; l <= w.origin; l++) set(m, w.at[l], A);
  if (writes(a)) set(m, w.at[w.level], D);
  seen->pa = opinion_page(&m->cpu, w.level, w.entry, a->va);
  if (chance(s, 5)) cache_page(s, m, a->va, &w);
  return 1;
}

/* 1: a cached page has answered. */
static int by_hit(struct simulated *s, const struct opinion_moment *m, const struct vmref_access *a,
                  struct vmref_observed *seen)
{
  const unsigned first = any(s);
  for (unsigned i = 0; i < SIMULATED_SLOTS; i++) {
    const struct vmref_translation *t = &s->page[(first + i) % SIMULATED_SLOTS];
    if (!serves(t, &m->cpu, a->va)) continue;
    int xd = t->xd && (m->cpu.nxe || chance(s, 4));
    if (!permitted(seen, &m->cpu, a, t->rw, t->us, xd, t->key)) return 1;
    if (writes(a) && !t->dirty) continue; /* memory must be told */
    seen->pa = t->frame + (a->va - t->page);
    return 1;
  }
  return 0;
}

/* The flags that differ between two moments, entry by entry. */
static void compare(const struct opinion_moment *b, const struct opinion_moment *a, struct vmref_observed *seen)
{
  const unsigned bytes = (unsigned)opinion_entry_bytes(a->cpu.mode);
  for (uint64_t frame = 0; frame < OPINION_FRAMES; frame++)
    for (uint64_t pa = frame << 12; pa < (frame << 12) + 2 * bytes; pa += bytes) {
      uint64_t sets = opinion_entry_of(a, pa) ^ opinion_entry_of(b, pa);
      if (!sets) continue;
      seen->set_address[seen->sets] = pa;
      seen->set_a[seen->sets] = (sets & A) != 0;
      seen->set_d[seen->sets++] = (sets & D) != 0;
    }
}

/* What needs no table. */
static int at_once(struct simulated *s, const struct opinion_moment *m, const struct vmref_access *a,
                   struct vmref_observed *seen)
{
  const struct vmref_cpu *cpu = &m->cpu;
  seen->flags_seen = 1;
  seen->pa = a->va;
  if (!opinion_canonical(cpu->mode, a->va)) seen->vector = a->seg == VMREF_SEG_SS ? 12 : 13;
  else if (cpu->mode == VMREF_MODE_PAE && !(cpu->pdpte[a->va >> 30] & P)) {
    if (!(chance(s, 6) && by_hit(s, m, a, seen))) fault(seen, cpu, a, OPINION_ABSENT);
  } else return cpu->mode == VMREF_MODE_NONE;
  return 1;
}

int simulated_access(struct simulated *s, struct opinion_moment *m, const struct vmref_access *a,
                     struct vmref_observed *seen)
{
  const struct opinion_moment before = *m;
  if (at_once(s, m, a, seen)) return 1;
  if (chance(s, 2)) s->page[any(s)].used = 0;
  if (chance(s, 2)) s->table[any(s)].used = 0;
  for (int i = 0; i < 2; i++)
    if (chance(s, 2)) simulated_speculate(s, m, a->va);
  if (!(chance(s, 6) && by_hit(s, m, a, seen)) && !by_walk(s, m, a, seen)) return 0;
  compare(&before, m, seen);
  return 1;
}

void simulated_event(struct simulated *s, const struct opinion_history *h)
{
  for (unsigned i = 0; i < SIMULATED_SLOTS; i++) {
    if (opinion_page_goes(h, h->now, &s->page[i]) || chance(s, 1)) s->page[i].used = 0;
    if (opinion_table_goes(h, h->now, &s->table[i]) || chance(s, 1)) s->table[i].used = 0;
  }
}
