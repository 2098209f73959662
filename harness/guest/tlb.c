/* SPDX-License-Identifier: MIT */
/* Topic tlb: what is stale, and what each invalidation makes of it. A directed list of
 * sequences by pattern, and random ones. */
#include <string.h>
#include "cases.h"
#include "sequence.h"

struct script {
  uint8_t code[SEQUENCE_CODE];
  size_t size;
};

static void begin(struct script *s, uint8_t mode, uint8_t flags, uint8_t entries, uint8_t keys)
{
  *s = (struct script){ .code = { mode, flags, entries, keys }, .size = CODE_HEADER };
}

static void step(struct script *s, uint8_t what, uint8_t a, uint8_t b)
{
  if (s->size + 3 > SEQUENCE_CODE) return;
  s->code[s->size++] = what;
  s->code[s->size++] = a;
  s->code[s->size++] = b;
}

/* An entry's index in the world of a mode: on the way to page 0, from the leaf up. */
static uint8_t entry_on_way(uint8_t mode, uint8_t level)
{
  uint8_t top = mode == VMREF_MODE_PAE ? 3 : vmref_top_level(mode);
  return (uint8_t)(top - level);
}

/* What makes stale things go, or not: nothing, INVLPG of the page or of another, MOV CR3,
 * with bit 63, to the other root and back, PGE twice, each control bit twice, INVPCID of
 * each type. */
#define REMEDIES 20
static void remedy(struct script *s, unsigned how)
{
  switch (how) {
  case 0: break;
  case 1: case 2: case 3: step(s, DO_INVLPG, (uint8_t)(how - 1), 0); break;
  case 4: step(s, DO_CR3, 0, s->code[3] >> 4 & 3); break;
  case 5: step(s, DO_CR3, 0, (s->code[3] >> 4 & 3) | 4); break;
  case 6: step(s, DO_CR3, 1, 1); step(s, DO_CR3, 0, (s->code[3] >> 4 & 3) | 4); break;
  case 7: case 8: case 9: case 10: step(s, DO_INVPCID, 0, (uint8_t)((how - 7) | (s->code[3] >> 4 & 3) << 2)); break;
  default: step(s, DO_TOGGLE, (uint8_t)(how - 11), 0); step(s, DO_TOGGLE, (uint8_t)(how - 11), 0); break;
  }
}

/* An access, an entry changed, perhaps something invalidated, another access twice. */
static int stale_entries(uint8_t mode, unsigned *n, unsigned thin, struct sequence_sink sink)
{
  uint8_t top = mode == VMREF_MODE_PAE ? 3 : vmref_top_level(mode);
  for (uint8_t level = 1; level <= top; level++)
    for (uint8_t how = 1; how < 16; how++)
      for (unsigned r = 0; r < REMEDIES; r++)
        for (uint8_t first = DO_READ; first <= DO_FETCH; first++)
          for (uint8_t second = DO_READ; second <= DO_FETCH; second++)
            for (uint8_t user = 0; user <= 4; user += 4) {
              struct script s;
              unsigned x = (*n)++;
              if (x % thin) continue;
              begin(&s, mode, (uint8_t)(0x19 | (x & 0x20 ? 0x80 : 0) | (x & 0x40 ? 0x20 : 0)), x & 8 ? 9 : 3, x & 0x10 ? 0 : 0x10);
              step(&s, first, user, 0);
              step(&s, DO_STORE, entry_on_way(mode, level), how);
              remedy(&s, r);
              step(&s, second, user, 0);
              step(&s, second, user, 0);
              step(&s, DO_READ, (uint8_t)(user | 1), 0);
              if (!sink.put(sink.to, s.code, s.size)) return 0;
            }
  return 1;
}

/* A control bit or the keys changed after a page is cached, then all that they forbid. */
static int stale_controls(uint8_t mode, unsigned thin, struct sequence_sink sink)
{
  unsigned n = 0;
  for (unsigned bit = 0; bit < 9 + 8; bit++)
    for (unsigned flags = 0; flags < 256; flags += 3)
      for (uint8_t first = DO_READ; first <= DO_FETCH; first++)
        for (uint8_t how = 0; how < 16; how += 2) {
          struct script s;
          if (n++ % thin) continue;
          begin(&s, mode, (uint8_t)flags, how & 2 ? 6 : 0x16, (uint8_t)(flags >> 2 & 15));
          step(&s, DO_STORE, entry_on_way(mode, 1), how);
          step(&s, first, how & 4, 0);
          if (bit < 9) step(&s, DO_TOGGLE, (uint8_t)bit, 0);
          else step(&s, DO_KEYS, (bit - 9) & 1, (uint8_t)((bit - 9) / 2));
          for (uint8_t second = DO_READ; second <= DO_FETCH; second++) {
            step(&s, second, 0, 0);
            step(&s, second, 4 | 8, 0);
          }
          if (!sink.put(sink.to, s.code, s.size)) return 0;
        }
  return 1;
}

/* PAE: PDPTEs changed in memory, the registers loaded anew or not; some with bits that must
 * not be loaded: #GP, and all as before. */
static int pdptes(struct sequence_sink sink)
{
  for (uint8_t entry = 0; entry < 2; entry++)
    for (uint8_t how = 1; how < 7; how++)
      for (unsigned load = 0; load < 12; load++)
        for (uint8_t kind = DO_READ; kind <= DO_FETCH; kind++) {
          struct script s;
          begin(&s, VMREF_MODE_PAE, 0x19, 3, 0);
          step(&s, kind, 0, 0);
          step(&s, DO_STORE, entry_on_way(VMREF_MODE_PAE, 3), how);
          if (load == 1) step(&s, DO_CR3, 0, 0);
          if (load == 2) step(&s, DO_INVLPG, 0, 0);
          if (load >= 3) step(&s, DO_TOGGLE, (uint8_t)(load - 3), 0);
          step(&s, kind, 0, 0);
          step(&s, DO_STORE, entry_on_way(VMREF_MODE_PAE, 3), 0);
          step(&s, kind, 2, 0);
          step(&s, DO_CR3, entry, 0);
          step(&s, kind, 4, 0);
          if (!sink.put(sink.to, s.code, s.size)) return 0;
        }
  return 1;
}

int tlb_sequences(const struct machine *m, unsigned thin, struct sequence_sink sink)
{
  unsigned n = 0;
  for (uint8_t mode = VMREF_MODE_32BIT; mode <= VMREF_MODE_5LEVEL; mode++) {
    if (!(m->modes >> mode & 1)) continue;
    if (mode == VMREF_MODE_PAE && !pdptes(sink)) return 0;
    if (!stale_controls(mode, thin, sink) || !stale_entries(mode, &n, 2 * thin + 1, sink)) return 0;
  }
  return 1;
}

size_t random_sequence(struct random *r, const struct machine *m, uint8_t code[SEQUENCE_CODE])
{
  static const uint8_t what[] = { DO_READ, DO_READ, DO_READ, DO_WRITE, DO_WRITE, DO_RMW, DO_FETCH, DO_STORE, DO_STORE,
    DO_STORE, DO_STORE, DO_INVLPG, DO_INVPCID, DO_CR3, DO_TOGGLE, DO_KEYS };
  uint64_t x = random64(r);
  unsigned steps = 4 + (unsigned)(x >> 40) % (SEQUENCE_STEPS - 3);
  do code[0] = (uint8_t)(random64(r) % 5); while (!(m->modes >> code[0] & 1) || code[0] == VMREF_MODE_NONE);
  code[1] = (uint8_t)x;
  code[2] = (uint8_t)(x >> 8 & 15) | (x >> 16 & 7 ? 0 : 16);
  code[3] = (uint8_t)(x >> 24);
  for (unsigned i = 0; i < steps; i++) {
    uint64_t y = random64(r);
    uint8_t *s = code + CODE_HEADER + 3 * i;
    s[0] = what[y & 15];
    s[1] = (uint8_t)(y >> 8);
    s[2] = (uint8_t)(y >> 16);
    if (s[0] <= DO_FETCH && y >> 24 & 3) s[1] &= 0xfc; /* page 0 most often */
  }
  return CODE_HEADER + 3 * steps;
}
