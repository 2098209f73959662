/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic check: healthy states, and such with a few fields changed, for which
 * vmref_check must say the same as harness/clauses.c. */
#include <string.h>
#include "clauses.h"
#include "engine_mm.h"

/* What was changed, to be changed back. */
#define CHANGES 8
static struct { void *where; size_t size; uint64_t was; } change[CHANGES];
static unsigned changes;

static void put(void *where, size_t size, uint64_t value)
{
  change[changes].where = where;
  change[changes].size = size;
  change[changes].was = 0;
  memcpy(&change[changes++].was, where, size);
  memcpy(where, &value, size); /* of a machine that keeps the low byte first */
}

static uint64_t signed_or_small(uint8_t b) { return b & 1 ? (uint64_t)(int64_t)(int8_t)b : b >> 1; }

/* An entry: of those that are not 0 in a table the k-th, or any. */
static size_t entry(const struct vmref_sys *s, uint8_t table, uint8_t k)
{
  const size_t first = 512 * (size_t)(table % s->tables);
  unsigned some = 0, seen = 0;
  for (size_t i = 0; i < 512; i++) some += s->tab[first + i] != 0;
  if (some == 0 || k & 0x80) return first + 4 * (size_t)(k & 0x7F) + k % 3;
  for (size_t i = 0;; i++)
    if (s->tab[first + i] != 0 && seen++ == k % some) return first + i;
}

/* Change one field as 4 bytes say. */
static void spoil(const struct vmref_sys *s, const uint8_t b[4])
{
  const size_t o = b[1] % (s->frames + s->slots), t = b[1] % s->tables;
  uint64_t *e = s->tab + entry(s, b[1], b[2]);
  switch (b[0] % 16) {
  case 0: put(&s->rc[o], 4, s->rc[o] + signed_or_small(b[2])); break;
  case 1: put(&s->shared[o], 1, !s->shared[o]); break;
  case 2: put(&s->level[t], 1, signed_or_small(b[2]) % 8 - 1); break;
  case 3: put(&s->owner[t], 2, signed_or_small(b[2])); break;
  case 4: put(&s->parent[t], 8, (uint64_t)s->parent[t] + signed_or_small(b[2])); break;
  case 5: put(&s->parent[t], 8, 512 * signed_or_small(b[2]) + b[3]); break;
  case 6: put(e, 8, 0); break;
  case 7: put(e, 8, s->tab[entry(s, b[3], b[2])]); break;
  case 8: put(e, 8, *e + 0x1000 * signed_or_small(b[3])); break;
  case 9: put(e, 8, *e ^ 1ull << (52 + b[3] % 12)); break;
  case 10: put(e, 8, *e ^ 1ull << b[3] % 8); break;
  case 11: put(e, 8, *e ^ 6); break;
  case 12: put(&s->tab[512 * (size_t)(b[1] % (s->spaces + 1)) + 256 + b[2]], 8, b[3]); break;
  default: put(e, 8, *e ^ 1ull << b[3] % 64);
  }
}

static unsigned disturb(struct engine *e)
{
  unsigned n = 0;
  changes = 0;
  for (; e->step + n < e->steps && n < CHANGES; n++) {
    uint8_t b[SEQUENCE_OP] = { 0 };
    const size_t from = SEQUENCE_OP * (size_t)(e->step + n);
    memcpy(b, e->data + from, e->size - from < SEQUENCE_OP ? e->size - from : SEQUENCE_OP);
    if (b[0] % 16 != 0 || (b[0] | b[1] | b[2] | b[3] | b[4]) == 0) break;
    spoil(e->s, b + 1);
    const int got = vmref_check(e->s), want = clauses_first(e->s);
    static char text[80];
    snprintf(text, sizeof text, "vmref_check says %d, the first broken clause is %d", got, want);
    if (got != want) e->step += n, engine_finding(e, text);
  }
  while (changes > 0) changes--, memcpy(change[changes].where, &change[changes].was, change[changes].size);
  return n ? n : 1;
}

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 12, .frames = 2, .slots = 2, .spaces = 3, .kernel = 3, .text = 1 },
  .taste = {
    .weight = { [0] = 8, [1 + MM_SPACE] = 4, [1 + MM_FILE] = 2, [1 + MM_FILE_ADD] = 3, [1 + MM_MAP] = 5,
      [1 + MM_MAP_FILE] = 4, [1 + MM_PROTECT] = 1, [1 + MM_LOAD] = 3, [1 + MM_STORE] = 7, [1 + MM_FORK] = 4,
      [1 + MM_EXIT] = 1, [1 + MM_SWAPOUT] = 3 },
    .pages = 0xFF018F, .spaces = 3
  },
  .disturb = disturb
};

const char *fuzz_topic(void) { return "check"; }
const char *fuzz_form(void) { return SEQUENCE_FORM; }
size_t fuzz_length(void) { return SEQUENCE_BYTES; }
size_t fuzz_unit(void) { return SEQUENCE_OP; }
size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
  return sequence_mutate(&PROFILE.taste, data, size, max, seed);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return engine_run(&PROFILE, data, size); }
