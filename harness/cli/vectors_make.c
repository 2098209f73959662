/* SPDX-License-Identifier: MIT */
/* Conformance vectors: cases at random, near to good ones, and a choice of them by pairs. No answer is
 * the model's alone: each is held against the second opinion, which shares no code with it. */
#include <stdlib.h>
#include <string.h>
#include "opinion_span.h"
#include "vectors.h"

uint64_t dice_next(uint64_t *dice) /* splitmix64: any seed will do */
{
  uint64_t z = *dice += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

unsigned dice_below(uint64_t *dice, unsigned n) { return (unsigned)(dice_next(dice) >> 32) % n; }

static void put(uint8_t *p, uint64_t v, int bytes)
{
  for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> 8 * i);
}

/* ---- one case ---------------------------------------------------------------- */

/* An entry that leads on: P, R/W, U/S, A, and an address that decoding aims into the arena. */
static uint64_t good(uint64_t *dice) { return 0x27 | (dice_next(dice) & 0xf000); }

/* Change one thing of an entry at a level. Which bits are reserved depends on the mode: some are. */
static uint64_t spoil(uint64_t *dice, uint64_t e, uint8_t maxphyaddr)
{
  switch (dice_below(dice, 16)) {
  case 0: return e & ~1ull;
  case 1: case 2: return e & ~2ull;
  case 3: case 4: return e & ~4ull;
  case 5: case 6: return e ^ 1ull << 63;
  case 7: return e ^ 0x80;
  case 8: return e ^ 0x100;
  case 9: return e & ~0x20ull;
  case 10: return e ^ 1ull << (maxphyaddr < 52 ? maxphyaddr + dice_below(dice, 52u - maxphyaddr) : 51);
  case 11: return e ^ 0x80 ^ 1ull << (13 + dice_below(dice, 9));
  case 12: return e ^ 1ull << (13 + dice_below(dice, 17)); /* of a large page an address bit, or reserved */
  case 13: return e ^ (dice_next(dice) & 0x18);
  case 14: return e ^ 1ull << (dice_below(dice, 2) ? 9 + dice_below(dice, 3) : 52 + dice_below(dice, 7));
  default: return e ^ 0x40;
  }
}

static void random_state(uint64_t *dice, uint8_t *b, const struct fixed *fixed)
{
  static const uint8_t widths[] = { 0, 4, 8, 14, 20 }, sizes[] = { 1, 2, 4, 8, 8, 8, 16, 64 }, cpls[] = { 0, 3, 0, 3, 0, 3, 1, 2 };
  b[0] = (uint8_t)dice_next(dice);
  b[1] = widths[dice_below(dice, sizeof widths)];
  b[2] = (uint8_t)(dice_below(dice, 4) | (unsigned)cpls[dice_below(dice, sizeof cpls)] << 2 | (dice_below(dice, 8) == 0 ? 1u : 0u) << 4
                   | dice_below(dice, 2) << 5 | (dice_below(dice, 4) == 0 ? 1u : 0u) << 6);
  b[3] = (uint8_t)((fixed->sizes ? fixed->size[dice_below(dice, fixed->sizes)] : sizes[dice_below(dice, sizeof sizes)]) - 1);
  b[4] = (uint8_t)dice_below(dice, CASE_FRAMES);
  b[5] = (uint8_t)(0x0f | (dice_below(dice, 24) ? 0x40 : 0));
  put(b + 8, dice_next(dice), 8);
  b[48] = (uint8_t)((fixed->mode == ANY_MODE ? dice_below(dice, 5) : (fixed->mode + 5u - VMREF_MODE_4LEVEL) % 5) | dice_below(dice, 32) << 3);
  b[49] = (uint8_t)(0x07 | (dice_below(dice, 8) ? 0 : 0x88));
  put(b + 50, dice_below(dice, 2) ? dice_next(dice) & 0x18 : 0, 2);
  put(b + 52, dice_next(dice) & dice_next(dice), 4);
  put(b + 56, dice_next(dice) & dice_next(dice), 4);
}

static void random_entries(uint64_t *dice, uint8_t *b)
{
  const unsigned leaf = dice_below(dice, 4) == 0 ? 2 : dice_below(dice, 8) == 0 ? 3 : 1; /* the level that maps the page */
  for (unsigned level = 1; level <= 5; level++) {
    uint64_t e = good(dice), n = good(dice);
    if (level == leaf && leaf > 1) e |= 0x80, n |= 0x80;
    put(b + (level == 5 ? 64 : 16 + 8 * (4 - level)), e, 8);
    put(b + 104 + 8 * (5 - level), n, 8);
  }
  if (leaf == 2) b[5] |= 0x10;
  if (leaf == 3) b[5] |= 0x20;
  for (unsigned i = 0; i < 4; i++) put(b + 72 + 8 * i, dice_below(dice, 8) ? 1 | (dice_next(dice) & 0xf018) : 0, 8);
}

static void random_case(struct vmref_case *c, uint64_t *dice, const struct fixed *fixed)
{
  static const uint8_t often[] = { 0, 1, 1, 2, 3 };
  uint8_t b[CASE_CODE] = { 0 };
  random_state(dice, b, fixed);
  random_entries(dice, b);
  case_decode(c, b, sizeof b);
  for (unsigned i = 0; i < fixed->fields; i++) ((uint8_t *)&c->cpu)[fixed->offset[i]] = fixed->value[i];
  const uint64_t width = vmref_entry_size(c->cpu.mode) == 4 ? UINT32_MAX : UINT64_MAX;
  const unsigned levels = vmref_top_level(c->cpu.mode);
  const uint64_t key = dice_next(dice) & 0x7800000000000000u;
  for (unsigned n = often[dice_below(dice, sizeof often)]; levels && n > 0; n--) {
    unsigned level = 1 + dice_below(dice, levels);
    uint64_t *e = dice_below(dice, 4) || !case_straddles(c) ? c->entry : c->next;
    e[level] = spoil(dice, e[level], c->cpu.maxphyaddr) & width;
  }
  for (unsigned level = 1; vmref_long_mode(c->cpu.mode) && level <= 3; level++) c->entry[level] |= key;
  case_encode(c, b); /* what cannot be asked has gone: see case_decode */
  case_decode(c, b, sizeof b);
}

static uint64_t read_case(const void *memory, uint64_t pa) { return case_read(memory, pa); }

void vector_make(struct vector *v, uint64_t *dice, const struct fixed *fixed)
{
  struct case_memory m;
  do {
    random_case(&v->c, dice, fixed);
    case_place(&v->c, &m);
    v->s = case_span(&v->c, &m);
  } while (v->s.status != VMREF_OK);
  const struct opinion_span o = opinion_span(&v->c.cpu, &v->c.access, read_case, &m);
  const char *field = opinion_span_differs(&o, &v->c.access, &v->s);
  if (!field) return;
  char token[CASE_TOKEN];
  case_token(&v->c, token);
  say("internal error: the second opinion differs in %s; make replay TOKEN=%s", field, token);
  exit(EXIT_INTERNAL);
}

/* ---- a choice by pairs ----------------------------------------------------------- */

static uint8_t width_class(uint8_t maxphyaddr) { return maxphyaddr < 36 ? 0 : maxphyaddr < 40 ? 1 : maxphyaddr < 46 ? 2 : maxphyaddr < 52 ? 3 : 4; }

void pair_values(const struct vector *v, uint8_t value[PAIR_FACTORS])
{
  const struct vmref_cpu *p = &v->c.cpu;
  const struct vmref_access *a = &v->c.access;
  const uint8_t is[PAIR_FACTORS] = { p->mode, width_class(p->maxphyaddr), a->kind, v->s.part[v->s.first].last, p->wp, p->smep, p->smap,
    p->nxe, p->pge, p->pse, p->pse36, p->pcide, p->pke, p->pks, p->vendor, p->page1gb, a->cpl == 3, a->implicit, a->ac, a->seg };
  static const uint8_t size[PAIR_FACTORS] = { 5, 5, 4, 6, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };
  uint8_t first = 0;
  for (int i = 0; i < PAIR_FACTORS; first = (uint8_t)(first + size[i++])) value[i] = (uint8_t)(first + is[i]);
}

bool pairs_take(pair_table *have, const uint8_t *value, int n, unsigned least)
{
  unsigned more = 0;
  for (int i = 0; i < n; i++)
    for (int k = i + 1; k < n; k++) more += !(*have)[value[i]][value[k]];
  if (more < least) return false;
  for (int i = 0; i < n; i++)
    for (int k = i + 1; k < n; k++) (*have)[value[i]][value[k]] = 1;
  return true;
}

unsigned long vectors_pairs(uint64_t seed, const struct fixed *fixed, unsigned long candidates, each_vector *each, void *to)
{
  static pair_table have[256];
  static const unsigned least[] = { 60, 30, 15, 8, 4, 2, 1 }; /* greedy: who brings most comes first */
  unsigned long number = 0;
  memset(have, 0, sizeof have);
  for (size_t pass = 0; pass < sizeof least / sizeof *least; pass++) {
    uint64_t dice = seed;
    for (unsigned long i = 0; i < candidates; i++) {
      struct vector v;
      uint8_t value[PAIR_FACTORS];
      vector_make(&v, &dice, fixed);
      pair_values(&v, value);
      if (pairs_take(&have[v.s.rule], value, PAIR_FACTORS, least[pass])) each(&v, ++number, to);
    }
  }
  return number;
}
