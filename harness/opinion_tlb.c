/* SPDX-License-Identifier: MIT */
/* What may be cached, and what an access may do: SDM 3A 4.10. */
#include <stdlib.h>
#include <string.h>
#include "opinion_tlb.h"

enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, G = 0x100 };
#define FRAME UINT64_C(0x000ffffffffff000)

/* ---- memory and addresses -------------------------------------------------- */

uint64_t opinion_va(int mode, unsigned i)
{
  static const uint8_t step[5][OPINION_VAS] = { /* which bit makes it another address */
    [VMREF_MODE_NONE] = { 0, 12, 22, 31 },   [VMREF_MODE_32BIT] = { 0, 12, 22, 22 },
    [VMREF_MODE_PAE] = { 0, 12, 21, 30 },    [VMREF_MODE_4LEVEL] = { 0, 12, 21, 39 },
    [VMREF_MODE_5LEVEL] = { 0, 12, 21, 48 } };
  uint64_t va = i ? UINT64_C(1) << step[mode][i] : 0;
  return mode == VMREF_MODE_32BIT && i >= 2 ? va | (i == 2 ? 0x200000 : 0x1000) : va;
}

int opinion_in_memory(uint64_t pa) { return pa >> 12 < OPINION_FRAMES; }

static uint64_t read_word(const void *moment, uint64_t pa)
{
  const struct opinion_moment *m = moment;
  return opinion_in_memory(pa) && (pa & 0xfff) < 16 ? m->word[pa >> 12][pa >> 3 & 1] : 0;
}

uint64_t opinion_entry_of(const struct opinion_moment *m, uint64_t pa)
{
  uint64_t word = read_word(m, pa);
  return m->cpu.mode == VMREF_MODE_32BIT ? word >> (pa & 4) * 8 & 0xffffffff : word;
}

/* 4.10.1 */
uint16_t opinion_pcid(const struct vmref_cpu *cpu) { return cpu->pcide ? cpu->cr3 & 0xfff : 0; }

int opinion_covers(uint64_t start, uint64_t size, uint64_t va) { return !((va ^ start) & ~(size - 1)); }

/* ---- invalidations: 4.10.4.1, sentence by sentence --------------------------- */

uint8_t opinion_invpcid(const struct vmref_cpu *cpu, const struct opinion_event *e)
{
  if (e->type & ~UINT64_C(3)) return VMREF_RULE_GP_INVPCID_TYPE;
  if (e->descriptor >> 12) return VMREF_RULE_GP_INVPCID_RSVD;
  if (e->type < 2 && !cpu->pcide && e->descriptor) return VMREF_RULE_GP_INVPCID_PCID;
  int mode = e->la57 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL;
  return e->type == 0 && !opinion_canonical(mode, e->va) ? VMREF_RULE_GP_INVPCID_CANON : 0;
}

/* CR0.PG cleared, CR4.PGE changed, CR4.PCIDE cleared: "all TLB entries (including global
 * entries) and all entries in all paging-structure caches (for all PCIDs)". */
static int for_all(const struct vmref_cpu *b, const struct vmref_cpu *a)
{
  return (b->mode && !a->mode) || b->pge != a->pge || b->pcide > a->pcide;
}

/* CR4.PAE changed with paging on, CR4.SMEP set: "for the current PCID". */
static int for_current(const struct vmref_cpu *b, const struct vmref_cpu *a)
{
  return (b->mode && b->mode != a->mode) || b->smep < a->smep;
}

int opinion_page_goes(const struct opinion_history *h, unsigned i, const struct vmref_translation *t)
{
  const struct vmref_cpu *b = &h->at[i - 1].cpu, *a = &h->at[i].cpu;
  const struct opinion_event *e = &h->by[i];
  const int here = opinion_covers(t->page, t->size, e->va);
  switch (e->kind) {
  case EVENT_MEMORY: return 0;
  case EVENT_INVLPG:
    return opinion_canonical(b->mode, e->va) && here && (t->global || t->pcid == opinion_pcid(b));
  case EVENT_FAULT: return here && (t->global || t->pcid == opinion_pcid(b));
  case EVENT_CR3: return !(a->pcide && e->keep) && !t->global && t->pcid == opinion_pcid(a);
  case EVENT_CONTROL: return for_all(b, a) || (for_current(b, a) && t->pcid == opinion_pcid(b));
  case EVENT_INVPCID:
    if (opinion_invpcid(b, e)) return 0;
    if (e->type == 2) return 1;
    if (t->global) return 0;
    return e->type == 3 || (t->pcid == e->descriptor && (e->type == 1 || here));
  }
  return 0;
}

int opinion_table_goes(const struct opinion_history *h, unsigned i, const struct vmref_cached_table *t)
{
  const struct vmref_cpu *b = &h->at[i - 1].cpu, *a = &h->at[i].cpu;
  const struct opinion_event *e = &h->by[i];
  const int here = opinion_covers(t->start, t->size, e->va);
  switch (e->kind) {
  case EVENT_MEMORY: return 0;
  case EVENT_INVLPG: return opinion_canonical(b->mode, e->va) && t->pcid == opinion_pcid(b);
  case EVENT_FAULT: return here && t->pcid == opinion_pcid(b);
  case EVENT_CR3: return !(a->pcide && e->keep) && t->pcid == opinion_pcid(a);
  case EVENT_CONTROL: return for_all(b, a) || (for_current(b, a) && t->pcid == opinion_pcid(b));
  case EVENT_INVPCID:
    if (opinion_invpcid(b, e)) return 0;
    return e->type >= 2 || (t->pcid == e->descriptor && (e->type == 1 || here));
  }
  return 0;
}

/* ---- every way to an item ------------------------------------------------------ */

/* A walk that stands before a table at some moment. */
struct stand {
  unsigned moment;
  int level, rw, us, xd;
  uint64_t table;
};
#define STANDS 2048
#define PLACES 4096
struct search {
  const struct opinion_history *h;
  struct opinion_items *items;
  uint64_t va;
  unsigned n;
  struct stand been[STANDS];
  uint16_t place[PLACES]; /* one more than the index of a stand, 0: none */
};

int opinion_same_page(const struct vmref_translation *a, const struct vmref_translation *b)
{
  return a->page == b->page && a->size == b->size && a->frame == b->frame && a->pcid == b->pcid
      && a->rw == b->rw && a->us == b->us && a->xd == b->xd && a->key == b->key
      && a->global == b->global && a->dirty == b->dirty && a->pat == b->pat;
}

int opinion_same_table(const struct vmref_cached_table *a, const struct vmref_cached_table *b)
{
  const struct vmref_origin *o = &a->origin, *p = &b->origin;
  return a->start == b->start && a->size == b->size && a->pcid == b->pcid && o->table == p->table
      && o->level == p->level && o->rw == p->rw && o->us == p->us && o->xd == p->xd;
}

static _Noreturn void too_small(const char *what)
{
  fprintf(stderr, "opinion_tlb: too many %s\n", what);
  abort();
}

static void keep_page(struct search *s, unsigned moment, const struct vmref_translation *t)
{
  for (unsigned i = moment + 1; i <= s->h->now; i++)
    if (opinion_page_goes(s->h, i, t)) return;
  for (unsigned i = 0; i < s->items->pages; i++)
    if (opinion_same_page(&s->items->page[i], t)) return;
  if (s->items->pages == OPINION_ITEMS) too_small("pages");
  s->items->page[s->items->pages++] = *t;
}

static void keep_table(struct search *s, const struct vmref_cached_table *t)
{
  for (unsigned i = 0; i < s->items->tables; i++)
    if (opinion_same_table(&s->items->table[i], t)) return;
  if (s->items->tables == OPINION_ITEMS) too_small("tables");
  s->items->table[s->items->tables++] = *t;
}

/* Can a walk for va be under way in this state? A PDPTE register with P = 0 lets none be. */
static int walks(const struct vmref_cpu *cpu, uint64_t va)
{
  if (cpu->mode == VMREF_MODE_NONE || !opinion_canonical(cpu->mode, va)) return 0;
  if (opinion_long(cpu->mode)) return 1;
  return !(va >> 32) && (cpu->mode != VMREF_MODE_PAE || cpu->pdpte[va >> 30] & P);
}

/* A set by hashing; been holds the stands, place where each begins to be looked for. */
static int been_there(struct search *s, const struct stand *k)
{
  uint64_t mix = (k->table ^ k->moment << 6 ^ (unsigned)(k->level << 3 | k->rw << 2 | k->us << 1 | k->xd)) * UINT64_C(0x9e3779b97f4a7c15);
  unsigned at = (unsigned)(mix >> 52);
  for (; s->place[at]; at = (at + 1) % PLACES) {
    const struct stand *b = &s->been[s->place[at] - 1];
    if (b->moment == k->moment && b->level == k->level && b->table == k->table && b->rw == k->rw
        && b->us == k->us && b->xd == k->xd) return 1;
  }
  if (s->n == STANDS) too_small("walks");
  s->been[s->n++] = *k;
  s->place[at] = (uint16_t)s->n;
  return 0;
}

static void descend(struct search *s, struct stand k)
{
  if (been_there(s, &k)) return;
  const struct opinion_moment *m = &s->h->at[k.moment];
  const struct vmref_cpu *cpu = &m->cpu;
  const uint64_t at = k.table + opinion_index(cpu->mode, k.level, s->va) * (unsigned)opinion_entry_bytes(cpu->mode);
  if (!opinion_in_memory(at)) return;
  const uint64_t e = opinion_entry_of(m, at), size = UINT64_C(1) << opinion_shift(cpu->mode, k.level);
  if (!(e & P) || !(e & A) || opinion_reserved(cpu, k.level, e)) return;
  k.rw &= (e & RW) != 0, k.us &= (e & US) != 0;
  if (e >> 63) k.xd = 1;
  if (opinion_leaf(cpu, k.level, e)) {
    struct vmref_translation t = {
      .page = s->va & ~(size - 1), .size = size, .frame = opinion_page(cpu, k.level, e, 0), .pcid = opinion_pcid(cpu),
      .used = 1, .rw = (uint8_t)k.rw, .us = (uint8_t)k.us, .xd = (uint8_t)k.xd, .key = e >> 59 & 15,
      .global = cpu->pge && e & G, .dirty = (e & D) != 0, .pat = (uint8_t)opinion_pat(k.level, e) };
    keep_page(s, k.moment, &t);
    return;
  }
  struct vmref_cached_table t = {
    .start = s->va & ~(size - 1), .size = size, .pcid = opinion_pcid(cpu), .used = 1,
    .origin = { e & FRAME, (uint8_t)(k.level - 1), (uint8_t)k.rw, (uint8_t)k.us, (uint8_t)k.xd } };
  /* the walk goes on at once or, while the table stays cached, at any later moment */
  for (unsigned i = k.moment;;) {
    const struct vmref_cpu *then = &s->h->at[i].cpu;
    if (then->mode == cpu->mode && opinion_pcid(then) == t.pcid && walks(then, s->va))
      descend(s, (struct stand){ i, k.level - 1, k.rw, k.us, k.xd, e & FRAME });
    if (i++ == s->h->now) { keep_table(s, &t); return; }
    if (opinion_table_goes(s->h, i, &t)) return;
  }
}

void opinion_items(const struct opinion_history *h, struct opinion_items *items)
{
  static struct search s;
  items->pages = items->tables = 0;
  for (unsigned v = 0; v < OPINION_VAS; v++) {
    s.h = h, s.items = items, s.n = 0, s.va = opinion_va(h->at[h->now].cpu.mode, v);
    memset(s.place, 0, sizeof s.place);
    for (unsigned i = 0; i <= h->now; i++) {
      const struct vmref_cpu *cpu = &h->at[i].cpu;
      if (!walks(cpu, s.va)) continue;
      uint64_t root = cpu->mode == VMREF_MODE_PAE ? cpu->pdpte[s.va >> 30] : cpu->cr3;
      descend(&s, (struct stand){ i, opinion_top(cpu->mode), 1, 1, 0, root & FRAME });
    }
  }
}

/* ---- outcomes -------------------------------------------------------------------- */

static struct opinion_outcome *add(struct opinion_outcomes *out, uint8_t vector, uint8_t way)
{
  if (out->n == OPINION_OUTCOMES) too_small("outcomes");
  struct opinion_outcome *is = &out->is[out->n++];
  *is = (struct opinion_outcome){ .vector = vector, .way = way, .d = OPINION_NO_ENTRY };
  return is;
}

static void may_set_a(struct opinion_outcomes *out, uint64_t pa)
{
  for (unsigned i = 0; i < out->may; i++)
    if (out->a[i] == pa) return;
  if (out->may == 64) too_small("entries");
  out->a[out->may++] = pa;
}

/* 4.8: the flags that a walk sets, and that it may set although it faults or is not used.
 * 1, or 0: it leaves memory. */
static int add_walk(struct opinion_outcomes *out, const struct opinion *o, uint8_t way)
{
  struct opinion_outcome is = { .vector = o->vector, .way = way, .error = o->error, .pa = o->pa,
                                .cr2 = o->cr2, .d = OPINION_NO_ENTRY };
  for (int l = o->origin.level; l >= o->last; l--) {
    uint64_t sets = o->entry[l] ^ o->after[l];
    if (!opinion_in_memory(o->address[l])) return 0;
    if (sets & A) may_set_a(out, o->address[l]);
    if (o->vector == 0 && sets & A) is.a[is.must++] = o->address[l];
    if (sets & D) is.d = o->address[l];
  }
  *add(out, 0, 0) = is;
  return 1;
}

static void add_hit(struct opinion_outcomes *out, const struct vmref_translation *t, const struct vmref_cpu *cpu,
                    const struct vmref_access *a, int xd)
{
  const uint32_t keyed = opinion_denied_key(cpu, a, t->us, t->key);
  if (opinion_denied(cpu, a, t->us, t->rw, xd) | keyed) {
    struct opinion_outcome *is = add(out, 14, VMREF_WAY_HIT);
    is->error = opinion_error(cpu, a, keyed ? OPINION_KEY : OPINION_RIGHTS);
    is->cr2 = a->va;
  } else if ((a->kind != VMREF_WRITE && a->kind != VMREF_RMW) || t->dirty)
    add(out, 0, VMREF_WAY_HIT)->pa = t->frame | (a->va & (t->size - 1));
}

static void add_hits(struct opinion_outcomes *out, const struct opinion_items *items, const struct vmref_cpu *cpu,
                     const struct vmref_access *a)
{
  for (unsigned i = 0; i < items->pages; i++) {
    const struct vmref_translation *t = &items->page[i];
    if ((!t->global && t->pcid != opinion_pcid(cpu)) || !opinion_covers(t->page, t->size, a->va)) continue;
    add_hit(out, t, cpu, a, t->xd);
    if (t->xd && !cpu->nxe) add_hit(out, t, cpu, a, 0); /* it need not have been remembered */
  }
}

void opinion_outcomes(const struct opinion_history *h, const struct opinion_items *items,
                      const struct vmref_access *a, struct opinion_outcomes *out)
{
  const struct opinion_moment *m = &h->at[h->now];
  const struct vmref_cpu *cpu = &m->cpu;
  struct opinion o = opinion_walk(cpu, a, read_word, m);
  out->n = out->may = 0;
  out->status = o.status;
  if (o.status != VMREF_OK) return;
  if (o.origin.level == 0) {
    struct opinion_outcome *is = add(out, o.vector, VMREF_WAY_AT_ONCE);
    is->error = o.error, is->pa = o.pa, is->cr2 = o.cr2;
    /* 4.10.2.2: a cached page serves although the PDPTE register has P = 0 by now */
    if (o.vector == 14) add_hits(out, items, cpu, a);
    return;
  }
  if (!add_walk(out, &o, VMREF_WAY_WALK)) out->status = VMREF_EMEM;
  for (unsigned i = 0; i < items->tables; i++) {
    const struct vmref_cached_table *t = &items->table[i];
    if (t->pcid != opinion_pcid(cpu) || !opinion_covers(t->start, t->size, a->va)) continue;
    o = opinion_walk_from(cpu, a, &t->origin, read_word, m);
    add_walk(out, &o, VMREF_WAY_TABLE);
  }
  add_hits(out, items, cpu, a);
}

static int flags_match(const struct opinion_outcome *is, const struct vmref_observed *seen)
{
  int d = 0;
  for (unsigned k = 0; k < is->must; k++) {
    int set = 0;
    for (unsigned i = 0; i < seen->sets; i++) set |= seen->set_a[i] && seen->set_address[i] == is->a[k];
    if (!set) return 0;
  }
  for (unsigned i = 0; i < seen->sets; i++) {
    if (!seen->set_d[i]) continue;
    if (seen->set_address[i] != is->d) return 0;
    d = 1;
  }
  return d || is->d == OPINION_NO_ENTRY;
}

int opinion_permits(const struct opinion_outcomes *out, const struct vmref_observed *seen)
{
  if (seen->flags_seen && seen->sets && out->n && out->is[0].way == VMREF_WAY_AT_ONCE) return 0; /* no table is read */
  for (unsigned i = 0; seen->flags_seen && i < seen->sets; i++) {
    unsigned k = 0;
    while (seen->set_a[i] && k < out->may && out->a[k] != seen->set_address[i]) k++;
    if (seen->set_a[i] && k == out->may) return 0;
  }
  for (unsigned i = 0; i < out->n; i++) {
    const struct opinion_outcome *is = &out->is[i];
    if (seen->vector != is->vector || (is->vector ? seen->error != is->error : seen->pa != is->pa)) continue;
    if (is->vector == 14 && seen->cr2 != is->cr2) continue;
    if (!seen->flags_seen || flags_match(is, seen)) return 1;
  }
  return 0;
}
