/* SPDX-License-Identifier: MIT */
/* Conformance vectors for writes of control registers: near to good ones, chosen by pairs. Each answer is the
 * model's, and that of the second opinion of opinion_control.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "asks.h"
#include "opinion_control.h"
#include "vectors.h"

#define FACTORS 22
struct write { struct vmref_control before; uint8_t reg; uint64_t value; struct vmref_pdptes p; };

static const struct { const char *name; size_t at; } FEATURES[] = {
#define FEATURE(name) { #name, offsetof(struct vmref_features, name) }
  FEATURE(wp), FEATURE(pse), FEATURE(pse36), FEATURE(pae), FEATURE(pge), FEATURE(pat), FEATURE(pcid), FEATURE(smep), FEATURE(smap),
  FEATURE(pku), FEATURE(pks), FEATURE(la57), FEATURE(cet), FEATURE(nx), FEATURE(page1gb), FEATURE(lm) };
#define N_FEATURES (sizeof FEATURES / sizeof *FEATURES)
static uint8_t *feature(struct vmref_features *f, size_t i) { return (uint8_t *)f + FEATURES[i].at; }

/* ---- one at random -------------------------------------------------------------------- */

static struct vmref_pdptes pdptes(uint64_t *dice)
{
  struct vmref_pdptes p = { { 0x1001, 0x2001, 0x3001, 0x4000 } };
  if (dice_below(dice, 4) == 0) p.e[dice_below(dice, 4)] ^= UINT64_C(1) << dice_below(dice, 64);
  return p;
}

static const uint32_t NAMED[] = { PSE, PAE, PGE, LA57, PCIDE, SMEP, SMAP, PKE, CET, PKS };

static uint64_t value(const struct vmref_control *c, uint8_t reg, uint64_t *dice)
{
  const uint64_t is[] = { c->cr0, c->cr3, c->cr4, c->efer, c->pat, c->pkru, c->pkrs }, now = is[reg];
  switch (dice_below(dice, 8)) {
  case 0: return now ^ UINT64_C(1) << dice_below(dice, 64);
  case 1: return now ^ UINT64_C(1) << dice_below(dice, 32);
  case 2: return now ^ UINT64_C(1) << dice_below(dice, 32) ^ UINT64_C(1) << dice_below(dice, 32);
  case 3: return reg == VMREF_REG_CR0 ? now ^ PG : reg == VMREF_REG_CR4 ? now ^ NAMED[dice_below(dice, 10)] : reg == VMREF_REG_CR3 ? now ^ UINT64_C(1) << 63 : now ^ LME;
  case 4: return reg == VMREF_REG_CR0 ? now ^ (PG | PE) : reg == VMREF_REG_CR4 ? now ^ NAMED[dice_below(dice, 10)] ^ NAMED[dice_below(dice, 10)] : now ^ NXE;
  case 5: return reg == VMREF_REG_CR0 ? now ^ (dice_below(dice, 2) ? CD : NW) : reg == VMREF_REG_PAT ? dice_next(dice) & 0x0707070707070707 : now ^ LMA;
  case 6: return reg == VMREF_REG_CR3 ? dice_next(dice) & 0x80ffffffffff00ff : dice_next(dice);
  default: return now;
  }
}

/* A legal state of a CPU on its way to a paging mode, with some more of its registers written. */
static struct vmref_control state(uint64_t *dice)
{
  static const uint32_t cr4[] = { 0, 0, PAE, PAE, PAE | LA57, PAE };
  struct vmref_features f = VMREF_FEATURES_INTEL;
  if (dice_below(dice, 2)) f = (struct vmref_features)VMREF_FEATURES_AMD;
  f.maxphyaddr = (uint8_t)(32 + dice_below(dice, 21));
  for (size_t i = 0; i < N_FEATURES; i++)
    if (dice_below(dice, 24) == 0) *feature(&f, i) = 0;
  struct vmref_control c = vmref_control_reset(f);
  const unsigned to = dice_below(dice, 6);
  const struct vmref_pdptes p = { { 0x1001, 0x2001, 0x3001, 0x4000 } };
  vmref_cpu_set(&c, VMREF_REG_CR0, dice_below(dice, 2) ? 0x10011 : 0x11, p);
  vmref_cpu_set(&c, VMREF_REG_CR4, cr4[to], p);
  vmref_cpu_set(&c, VMREF_REG_CR3, 0x1000, p);
  if (to >= 3 || dice_below(dice, 2)) vmref_cpu_set(&c, VMREF_REG_EFER, LME, p);
  if (to) vmref_cpu_set(&c, VMREF_REG_CR0, c.cr0 | PG, p);
  if (to == 5) vmref_cpu_set(&c, VMREF_REG_CR4, PAE | PCIDE, p);
  if (to == 0 && dice_below(dice, 4) == 0) vmref_cpu_set(&c, VMREF_REG_CR0, c.cr0 & ~PE, p);
  if (dice_below(dice, 2)) vmref_cpu_set(&c, VMREF_REG_CR0, c.cr0 ^ CR0WP, p);
  if (dice_below(dice, 3) == 0) vmref_cpu_set(&c, VMREF_REG_CR0, c.cr0 | CD | (dice_below(dice, 2) ? NW : 0), p);
  if (dice_below(dice, 2)) vmref_cpu_set(&c, VMREF_REG_CR3, 0x1000 | (dice_next(dice) & (dice_below(dice, 2) ? 0x18 : 0x80f)), p);
  if (dice_below(dice, 2)) vmref_cpu_set(&c, VMREF_REG_EFER, c.efer ^ NXE, p);
  for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
    if (dice_below(dice, 2)) vmref_cpu_set(&c, VMREF_REG_CR4, c.cr4 ^ NAMED[i], p);
  for (unsigned n = dice_below(dice, 3); n > 0; n--) {
    const uint8_t reg = (uint8_t)dice_below(dice, 7);
    vmref_cpu_set(&c, reg, value(&c, reg, dice), p);
  }
  c.cs_l = (uint8_t)dice_below(dice, 2);
  c.tr16 = (uint8_t)dice_below(dice, 2);
  return c;
}

/* The rule that it breaks, 0: none; -1: more than one, so that which one is told is open. */
static int rule_of(const struct write *w, struct vmref_control *after, bool *loads)
{
  int l;
  *after = w->before;
  const uint64_t broken = opinion_control_set(after, w->reg, w->value, w->p.e, &l);
  *loads = l != 0;
  if (broken & (broken - 1)) return -1;
  for (int r = 1; r < 64; r++)
    if (broken >> r & 1) return r;
  return 0;
}

/* ---- by pairs ------------------------------------------------------------------------------ */

static void factors(const struct write *w, uint8_t v[FACTORS])
{
  const struct vmref_control *c = &w->before;
  const uint64_t cr4[] = { PSE, PAE, PGE, LA57, PCIDE, SMEP, SMAP, PKE, CET, PKS };
  uint8_t is[FACTORS] = { (uint8_t)opinion_control_mode(c), w->reg, c->features.vendor, (c->cr0 & CR0WP) != 0, (c->cr0 & CD) != 0, (c->cr0 & NW) != 0,
                          (c->efer & LME) != 0, (c->efer & NXE) != 0, c->cs_l, c->tr16, (c->cr0 & PE) != 0, (c->cr3 & 0xfff) != 0 };
  static const uint8_t size[FACTORS] = { 5, 7, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };
  for (int i = 0; i < 10; i++) is[12 + i] = (c->cr4 & cr4[i]) != 0;
  for (int i = 0, first = 0; i < FACTORS; first += size[i++]) v[i] = (uint8_t)(first + is[i]);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static json_t *question(const struct write *w)
{
  static const char *const REGISTERS[] = { "cr0", "cr3", "cr4", "efer", "pat", "pkru", "pkrs" };
  struct vmref_control c = w->before;
  json_t *f = json_pack("{s:s,s:i}", "vendor", VENDORS[c.features.vendor], "maxphyaddr", c.features.maxphyaddr), *four[2] = { json_array(), json_array() };
  for (size_t i = 0; i < N_FEATURES; i++) json_object_set_new(f, FEATURES[i].name, json_boolean(*feature(&c.features, i)));
  for (int i = 0; i < 4; i++) json_array_append_new(four[0], hex(c.pdpte[i])), json_array_append_new(four[1], hex(w->p.e[i]));
  return json_pack("{s:s,s:o,s:{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:b},s:[{s:o,s:o}]}", "op", "set", "features", f, "state", "cr0", hex(c.cr0),
                   "cr3", hex(c.cr3), "cr4", hex(c.cr4), "efer", hex(c.efer), "pat", hex(c.pat), "pkru", hex(c.pkru), "pkrs", hex(c.pkrs),
                   "pdpte", four[0], "cs_l", c.cs_l, "tr16", c.tr16, "writes", REGISTERS[w->reg], hex(w->value), "pdptes", four[1]);
}

/* Does the model answer as the opinion does? */
static bool agrees(const json_t *answer, int rule, const struct vmref_control *after)
{
  const struct { const char *name; uint64_t is; } R[] = { { "cr0", after->cr0 }, { "cr3", after->cr3 }, { "cr4", after->cr4 }, { "efer", after->efer },
                                                          { "pat", after->pat }, { "pkru", after->pkru }, { "pkrs", after->pkrs } };
  const json_t *first = json_array_get(json_object_get(answer, "writes"), 0), *state = json_object_get(answer, "after");
  const json_int_t vector = json_integer_value(json_object_get(first, "vector"));
  struct complaint why;
  uint64_t n;
  for (size_t i = 0; i < sizeof R / sizeof *R; i++)
    if (!number_read(json_object_get(state, R[i].name), R[i].name, &n, &why) || n != R[i].is) return false;
  for (size_t i = 0; i < 4; i++)
    if (!number_read(json_array_get(json_object_get(state, "pdpte"), i), "pdpte", &n, &why) || n != after->pdpte[i]) return false;
  if (vector != (!rule ? 0 : rule == VMREF_RULE_UD_PKE ? 6 : 13)) return false;
  const char *name = json_string_value(json_object_get(first, "rule"));
  return rule ? name && strcmp(name, rule_id((uint8_t)rule)) == 0 : !name;
}

static void print(const struct write *w, unsigned long number, int rule, const struct vmref_control *after, bool loads)
{
  struct complaint why;
  json_t *ask = question(w), *answer = ask_answer(ask, &why);
  if (!answer || !agrees(answer, rule, after)) {
    say("internal error: the second opinion differs from the model on a write of a control register:");
    json_dumpf(ask, stderr, JSON_COMPACT);
    exit(EXIT_INTERNAL);
  }
  printf("{\"id\":\"set-%04lu\",\"rules\":[\"%s\"],\"ask\":", number, rule ? rule_id((uint8_t)rule) : loads ? "SET.PDPTES" : "SET.OPERAND");
  json_dumpf(ask, stdout, JSON_COMPACT);
  fputs(",\"answer\":", stdout);
  json_dumpf(answer, stdout, JSON_COMPACT);
  puts("}");
  json_decref(ask);
  json_decref(answer);
}

void vectors_set(uint64_t seed, unsigned long candidates)
{
  static pair_table have[96];
  static const unsigned least[] = { 60, 20, 8, 3, 1 };
  unsigned long number = 0;
  memset(have, 0, sizeof have);
  for (size_t pass = 0; pass < sizeof least / sizeof *least; pass++) {
    uint64_t dice = seed;
    for (unsigned long i = 0; i < candidates; i++) {
      struct write w = { .before = state(&dice), .reg = (uint8_t)dice_below(&dice, 7) };
      struct vmref_control after;
      uint8_t v[FACTORS];
      bool loads;
      w.value = value(&w.before, w.reg, &dice);
      w.p = pdptes(&dice);
      const int rule = rule_of(&w, &after, &loads);
      if (rule < 0) continue;
      factors(&w, v);
      if (pairs_take(&have[rule ? rule : loads], v, FACTORS, least[pass])) print(&w, ++number, rule, &after, loads);
    }
  }
}
