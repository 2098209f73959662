/* SPDX-License-Identifier: MIT */
/* Conformance vectors for what a processor may have cached: a page is read, its entry or one above is changed, something is
 * invalidated or not, and it is accessed again. The outcomes permitted then are those of opinion_tlb.c, which keeps the
 * whole history where the model keeps a set of items; both must say the same of each, and of those that are not. */
#include <stdlib.h>
#include <string.h>
#include "asks.h"
#include "opinion_tlb.h"
#include "vectors.h"

#define FACTORS 11
enum change { NOTHING, MOVED, READ_ONLY, SUPERVISOR, NO_EXECUTE, ABSENT, ABSENT_ABOVE, READ_ONLY_ABOVE, CHANGES };
enum removal { NONE, INVLPG, INVLPG_OTHER, INVPCID_0, INVPCID_0_OTHER, INVPCID_1, INVPCID_1_OTHER, INVPCID_2, INVPCID_3, CR3, CR3_KEEP, CR3_OTHER,
               SET_PGE, SET_WP, SET_SMEP, SET_NXE, SET_PCIDE, REMOVALS };
struct plan {
  struct vmref_cpu cpu;
  uint64_t va;
  uint8_t large, global, user, above;  /* pages, and at which level what is above is changed */
  uint8_t change, removal, kind, cpl;
};

/* ---- memory: two words a frame, as the opinion has it ------------------------------------------- */

static void put(struct opinion_moment *m, uint64_t pa, uint64_t e)
{
  uint64_t *w = &m->word[pa >> 12][pa >> 3 & 1];
  if (m->cpu.mode != VMREF_MODE_32BIT) *w = e;
  else *w = (*w & ~(UINT64_C(0xffffffff) << (pa & 4) * 8)) | (e & 0xffffffff) << (pa & 4) * 8;
}

static unsigned bytes(const struct opinion_moment *m) { return m->cpu.mode == VMREF_MODE_32BIT ? 4 : 8; }

/* Frames 1, 2, ... are tables; both entries of each refer to the next. Frames of pages are far from them. */
static void begin(struct opinion_moment *m, const struct plan *p)
{
  const int pae = p->cpu.mode == VMREF_MODE_PAE, top = vmref_top_level(p->cpu.mode) + pae;
  uint64_t frame = 0x1000;
  memset(m, 0, sizeof *m);
  m->cpu = p->cpu;
  for (int level = top; level >= 1; level--, frame += 0x1000)
    for (unsigned slot = 0; slot < 2; slot++) {
      const bool leaf = level == (p->large ? 2 : 1);
      uint64_t e = leaf ? (p->large ? 0x8000e3u + 0x400000 * slot : 0x20063u + 0x1000 * slot) | (p->global ? 0x100 : 0) : frame + 0x1063;
      if (p->user) e |= 4;
      put(m, frame + slot * bytes(m), pae && level == top ? frame + 0x1001 : e);
    }
  for (unsigned i = 0; pae && i < 2; i++) m->cpu.pdpte[i] = m->word[1][i];
}

/* Where the entry at a level of the walk lies. */
static uint64_t entry_at(const struct plan *p, unsigned level)
{
  const unsigned top = vmref_top_level(p->cpu.mode), pae = p->cpu.mode == VMREF_MODE_PAE;
  return vmref_entry_in(p->cpu.mode, 0x1000u * (1 + pae + top - level), p->va, (uint8_t)level);
}

static void change(struct opinion_moment *m, const struct plan *p)
{
  const unsigned leaf = p->large ? 2 : 1, level = p->change >= ABSENT_ABOVE ? p->above : leaf;
  const uint64_t at = entry_at(p, level);
  uint64_t e = opinion_entry_of(m, at);
  switch (p->change) {
  case MOVED: e += p->large ? 0x1000000 : 0x10000; break;
  case READ_ONLY: case READ_ONLY_ABOVE: e &= ~UINT64_C(2); break;
  case SUPERVISOR: e &= ~UINT64_C(4); break;
  case NO_EXECUTE: e |= UINT64_C(1) << 63; break;
  case ABSENT: case ABSENT_ABOVE: e &= ~UINT64_C(1); break;
  default: break;
  }
  if (p->change) put(m, at, e);
}

/* ---- what is removed ---------------------------------------------------------------------------- */

static bool removal(const struct plan *p, struct opinion_moment *m, struct opinion_event *e)
{
  struct vmref_cpu *c = &m->cpu;
  const bool pcid = p->removal >= INVPCID_0 && p->removal <= INVPCID_3;
  const uint64_t own = c->pcide ? c->cr3 & 0xfff : 0;
  *e = (struct opinion_event){ .kind = EVENT_MEMORY, .va = p->va };
  if (pcid) e->kind = EVENT_INVPCID, e->descriptor = own, e->type = p->removal <= INVPCID_0_OTHER ? 0u : p->removal <= INVPCID_1_OTHER ? 1u : p->removal == INVPCID_2 ? 2u : 3u;
  switch (p->removal) {
  case INVLPG: e->kind = EVENT_INVLPG; break;
  case INVLPG_OTHER: e->kind = EVENT_INVLPG, e->va = opinion_va(c->mode, 3); break;
  case INVPCID_0_OTHER: case INVPCID_1_OTHER: e->descriptor = own ^ 3; return c->pcide;
  case CR3: case CR3_KEEP: e->kind = EVENT_CR3, e->keep = p->removal == CR3_KEEP; return p->removal == CR3 || c->pcide;
  case CR3_OTHER: e->kind = EVENT_CR3, c->cr3 ^= 3; return c->pcide;
  case SET_PGE: e->kind = EVENT_CONTROL, c->pge ^= 1; break;
  case SET_WP: e->kind = EVENT_CONTROL, c->wp ^= 1; break;
  case SET_SMEP: e->kind = EVENT_CONTROL, c->smep ^= 1; break;
  case SET_NXE: e->kind = EVENT_CONTROL, c->nxe ^= 1; break;
  case SET_PCIDE: e->kind = EVENT_CONTROL, c->pcide ^= 1; return vmref_long_mode(c->mode) && (c->cr3 & 0xfff) == 0;
  default: break;
  }
  return true;
}

/* The rule by which it removes something, or need not. */
static const char *rule_of(const struct plan *p)
{
  static const char *const RULES[SET_PGE] = { "TLB.STALE", "INV.INVLPG", "TLB.STALE", "INV.INVPCID.0", "TLB.PCID", "INV.INVPCID.1", "TLB.PCID",
    "INV.INVPCID.2", "INV.INVPCID.3", "INV.CR3", "INV.CR3.63", "TLB.PCID" };
  if (p->removal < SET_PGE) return RULES[p->removal];
  if (p->removal == SET_PGE || (p->removal == SET_PCIDE && p->cpu.pcide)) return "INV.CR4.ALL";
  return p->removal == SET_SMEP && !p->cpu.smep ? "INV.CR4.PCID" : "INV.NONE";
}

static json_t *removal_step(const struct plan *p, const struct opinion_moment *m, const struct opinion_event *e)
{
  static const char *const FIELD[] = { "pge", "wp", "smep", "nxe", "pcide" };
  if (e->kind == EVENT_INVLPG) return json_pack("{s:o}", "invlpg", hex(e->va));
  if (e->kind == EVENT_INVPCID) return json_pack("{s:i,s:o,s:o}", "invpcid", (int)e->type, "descriptor", hex(e->descriptor), "va", hex(e->va));
  if (e->kind == EVENT_CR3) return json_pack("{s:o,s:b}", "cr3", hex(m->cpu.cr3), "keep", e->keep);
  const uint8_t is[] = { m->cpu.pge, m->cpu.wp, m->cpu.smep, m->cpu.nxe, m->cpu.pcide };
  return json_pack("{s:{s:b}}", "set", FIELD[p->removal - SET_PGE], is[p->removal - SET_PGE]);
}

/* ---- the question and its outcomes --------------------------------------------------------------- */

static json_t *outcome(uint8_t vector, uint32_t error, uint64_t pa, uint64_t cr2)
{
  if (vector == 0) return json_pack("{s:o}", "pa", hex(pa));
  return json_pack("{s:i,s:o,s:o}", "vector", vector, "error", hex(error), "cr2", hex(cr2));
}

static bool among(const json_t *list, const json_t *o)
{
  size_t i;
  json_t *x;
  json_array_foreach((json_t *)(uintptr_t)list, i, x)
    if (json_equal(x, o)) return true;
  return false;
}

static void add(json_t *list, json_t *o)
{
  if (!among(list, o)) json_array_append(list, o);
  json_decref(o);
}

static json_t *access_step(const struct vmref_access *a)
{
  return json_pack("{s:s,s:o,s:i}", "access", KINDS[a->kind], "va", hex(a->va), "cpl", a->cpl);
}

static json_t *memory_of(const struct opinion_moment *m)
{
  json_t *mem = json_object();
  for (unsigned f = 0; f < OPINION_FRAMES; f++)
    for (unsigned k = 0; k < 2; k++) {
      char at[20];
      snprintf(at, sizeof at, "0x%x", f * 0x1000 + k * 8);
      if (m->word[f][k]) json_object_set_new(mem, at, hex(m->word[f][k]));
    }
  return mem;
}

static json_t *cpu_of(const struct vmref_cpu *c)
{
  return json_pack("{s:s,s:o,s:b,s:b,s:b,s:b,s:b}", "mode", MODES[c->mode], "cr3", hex(c->cr3), "wp", c->wp, "smep", c->smep, "nxe", c->nxe, "pge", c->pge, "pcide", c->pcide);
}

static json_t *store_step(const struct opinion_moment *was, const struct opinion_moment *is)
{
  json_t *now = memory_of(is), *step = json_object(), *old = memory_of(was), *value;
  const char *key;
  json_object_foreach(now, key, value)
    if (!json_equal(value, json_object_get(old, key))) json_object_set(step, key, value);
  json_decref(now);
  json_decref(old);
  return json_pack("{s:o}", "store", step);
}

/* Permitted outcomes by the opinion, the one by memory first; and others that lie near and are not. */
static void outcomes(const struct opinion_history *h, const struct vmref_access *a, json_t *permit, json_t *deny)
{
  static struct opinion_items items;
  static struct opinion_outcomes out;
  opinion_items(h, &items);
  opinion_outcomes(h, &items, a, &out);
  for (int by_memory = 1; by_memory >= 0; by_memory--)
    for (unsigned i = 0; i < out.n; i++) {
      const struct opinion_outcome *o = &out.is[i];
      if ((o->way <= VMREF_WAY_WALK) == by_memory) add(permit, outcome(o->vector, o->error, o->vector ? 0 : o->pa, o->cr2));
    }
  struct vmref_walk w;
  for (unsigned i = 0; i <= h->now; i++) {
    const struct opinion_moment *m = &h->at[i];
    vmref_walk_start(&w, m->cpu, *a);
    while (w.level) vmref_walk_step(&w, opinion_entry_of(m, w.address[w.level]));
    json_t *o = outcome(w.vector, w.error, w.pa, w.cr2);
    if (!among(permit, o)) add(deny, json_incref(o));
    json_decref(o);
  }
}

static void print(const struct plan *p, unsigned long number)
{
  static struct opinion_history h;
  const struct vmref_access first = { .kind = VMREF_READ, .va = p->va, .size = 1 }, then = { .kind = p->kind, .va = p->va, .size = 1, .cpl = p->cpl };
  json_t *steps = json_array(), *permit, *step, *deny = json_array();
  h.now = 0;
  begin(&h.at[0], p);
  json_t *ask = json_pack("{s:s,s:o,s:o,s:o}", "op", "sequence", "cpu", cpu_of(&p->cpu), "mem", memory_of(&h.at[0]), "steps", steps);
  permit = json_array();
  outcomes(&h, &first, permit, deny);
  step = access_step(&first);
  json_object_set_new(step, "permit", permit);
  json_array_append_new(steps, step);
  h.at[1] = h.at[0], h.by[1].kind = EVENT_MEMORY, h.now = 1;
  change(&h.at[1], p);
  if (p->change) json_array_append_new(steps, store_step(&h.at[0], &h.at[1]));
  if (p->removal) {
    h.at[2] = h.at[1], h.now = 2;
    removal(p, &h.at[2], &h.by[2]);
    json_array_append_new(steps, removal_step(p, &h.at[2], &h.by[2]));
  }
  permit = json_array();
  json_array_clear(deny);
  outcomes(&h, &then, permit, deny);
  step = access_step(&then);
  json_object_set_new(step, "permit", permit);
  if (json_array_size(deny)) json_object_set(step, "deny", deny);
  json_array_append_new(steps, step);
  if (!sequence_agrees(ask)) {
    say("internal error: the second opinion differs from the model on a sequence:");
    json_dumpf(ask, stderr, JSON_COMPACT);
    exit(EXIT_INTERNAL);
  }
  printf("{\"id\":\"tlb-%04lu\",\"rules\":[\"%s\"],\"ask\":", number, rule_of(p));
  json_dumpf(ask, stdout, JSON_COMPACT);
  puts("}");
  json_decref(ask);
  json_decref(deny);
}

/* ---- by pairs -------------------------------------------------------------------------------------- */

static bool random_plan(struct plan *p, uint64_t *dice)
{
  static const uint8_t modes[] = { VMREF_MODE_32BIT, VMREF_MODE_PAE, VMREF_MODE_4LEVEL, VMREF_MODE_5LEVEL };
  struct opinion_moment m;
  struct opinion_event e;
  *p = (struct plan){ .cpu = QUESTION_DEFAULT.cpu };
  p->cpu.mode = modes[dice_below(dice, 4)];
  const bool wide = vmref_long_mode(p->cpu.mode);
  p->cpu.pcide = wide && dice_below(dice, 2);
  p->cpu.cr3 = 0x1000 | (p->cpu.pcide && dice_below(dice, 2) ? 5 : 0);
  p->cpu.pge = (uint8_t)dice_below(dice, 2), p->cpu.wp = (uint8_t)dice_below(dice, 2), p->cpu.smep = (uint8_t)dice_below(dice, 2), p->cpu.nxe = (uint8_t)dice_below(dice, 2);
  p->va = opinion_va(p->cpu.mode, dice_below(dice, 2));
  p->large = (uint8_t)dice_below(dice, 2), p->global = (uint8_t)dice_below(dice, 2), p->user = (uint8_t)dice_below(dice, 2);
  p->change = (uint8_t)dice_below(dice, CHANGES), p->removal = (uint8_t)dice_below(dice, REMOVALS);
  p->kind = (uint8_t)dice_below(dice, 4), p->cpl = dice_below(dice, 2) ? 3 : 0;
  const unsigned leaf = p->large ? 2 : 1, top = vmref_top_level(p->cpu.mode);
  p->above = (uint8_t)(leaf + 1 + dice_below(dice, top - leaf ? top - leaf : 1));
  if (p->change >= ABSENT_ABOVE && leaf == top) return false;
  if (p->change == SUPERVISOR && !p->user) return false;
  if (p->change == NO_EXECUTE && (p->cpu.mode == VMREF_MODE_32BIT || !p->cpu.nxe)) return false;
  if (p->cpu.mode == VMREF_MODE_32BIT && p->removal == SET_NXE) return false;
  begin(&m, p);
  return removal(p, &m, &e);
}

static void factors(const struct plan *p, uint8_t v[FACTORS])
{
  const uint8_t is[FACTORS] = { p->cpu.mode, p->large, p->global, p->user, p->change, p->kind, p->cpl != 0, p->cpu.pcide, p->cpu.pge, p->cpu.wp, p->cpu.smep };
  static const uint8_t size[FACTORS] = { 5, 2, 2, 2, CHANGES, 4, 2, 2, 2, 2, 2 };
  for (int i = 0, first = 0; i < FACTORS; first += size[i++]) v[i] = (uint8_t)(first + is[i]);
}

void vectors_tlb(uint64_t seed, unsigned long candidates)
{
  static pair_table have[2 * REMOVALS];
  static const unsigned least[] = { 40, 20, 10, 5, 2, 1 };
  unsigned long number = 0;
  memset(have, 0, sizeof have);
  for (size_t pass = 0; pass < sizeof least / sizeof *least; pass++) {
    uint64_t dice = seed;
    for (unsigned long i = 0; i < candidates; i++) {
      struct plan p;
      uint8_t v[FACTORS];
      if (!random_plan(&p, &dice)) continue;
      factors(&p, v);
      const unsigned by = 2u * p.removal + (p.removal == SET_SMEP ? p.cpu.smep : p.removal == SET_PCIDE ? p.cpu.pcide : 0u); /* as rule_of */
      if (pairs_take(&have[by], v, FACTORS, least[pass])) print(&p, ++number);
    }
  }
}
