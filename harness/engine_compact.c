/* SPDX-License-Identifier: MIT */
/* Moves, compactions and fragments for the engine, each counted anew over all frames, windows and
 * entries. */
#include "engine_mm.h"

static int is_free(const struct vmref_sys *s, uint64_t f) { return f < s->frames && s->rc[f] == 0; }

/* How many of n frames from f on are free. */
static uint32_t free_in(const struct vmref_sys *s, uint32_t f, uint32_t n)
{
  uint32_t free = 0;
  for (uint32_t k = 0; k < n; k++) free += is_free(s, (uint64_t)f + k);
  return free;
}

/* The most free frames that any n frames in a row have. */
static uint32_t most_free(const struct vmref_sys *s, uint32_t n)
{
  uint32_t most = 0;
  for (uint32_t f = 0; f + n <= s->frames; f++)
    if (free_in(s, f, n) > most) most = free_in(s, f, n);
  return most;
}

int engine_compact_status(const struct engine *e, const struct mm_op *op, uint32_t object)
{
  const struct vmref_sys *b = e->before;
  if (op->kind == MM_MOVE) return object < b->frames && is_free(b, op->n) ? VMREF_OK : VMREF_EINVAL;
  if (op->kind != MM_COMPACT) return VMREF_OK;
  if (op->n == 0 || op->n > b->frames) return VMREF_EINVAL;
  return free_in(b, 0, b->frames) < op->n ? VMREF_EMEM : VMREF_OK;
}

/* An entry that is not what it was must be a leaf of a page that has left its frame for another:
 * the hardware has to ask for it there. */
static void judge_entries(const struct engine *e)
{
  const struct vmref_sys *s = e->s, *b = e->before;
  for (uint32_t t = 0; t < s->tables; t++)
    for (uint32_t i = 0; i < 512 && s->level[t] != 0; i++) {
      const uint64_t was = b->tab[512 * (size_t)t + i], is = s->tab[512 * (size_t)t + i];
      if (was == is) continue;
      engine_must(e, s->level[t] == 1, "an entry changed that is no leaf");
      const uint32_t from = look_object(b, was), to = look_object(s, is);
      engine_must(e, is_free(s, from) && !is_free(b, from), "a leaf changed although its page is where it was");
      engine_must(e, to < s->frames && is_free(b, to) && s->rc[to] == b->rc[from], "a page has not moved with all its leaves");
      engine_must(e, (is & 1) == 0, "the hardware may use a page that has moved");
    }
}

/* Pages that have left their frames. */
static uint32_t left(const struct engine *e)
{
  uint32_t n = 0;
  for (uint32_t f = 0; f < e->s->frames; f++) n += is_free(e->s, f) && !is_free(e->before, f);
  return n;
}

void engine_compact_judge(const struct engine *e, const struct mm_op *op, uint32_t object, const struct mm_outcome *got)
{
  const struct vmref_sys *s = e->s;
  judge_entries(e);
  if (op->kind == MM_FRAGMENTATION) {
    engine_must(e, mm_same(s, e->before), "the count of fragments changed something");
    engine_fragments_judge(e, got->fragments);
  } else if (op->kind == MM_MOVE) {
    engine_must(e, look_object(s, look_way(s, op->a, op->va).entry[1]) == op->n, "a page is not in the frame that it was to go to");
    engine_must(e, left(e) == 1 && is_free(s, object), "a page is still where it was");
  } else {
    const uint32_t n = (uint32_t)op->n;
    engine_must(e, free_in(s, got->first, n) == n, "the frames are not free that were made so");
    engine_must(e, got->moved == n - most_free(e->before, n), "more pages moved than had to");
    engine_must(e, left(e) == got->moved, "other than the pages told have moved");
  }
}

void engine_fragments_judge(const struct engine *e, struct vmref_fragments got)
{
  const struct vmref_sys *s = e->s;
  const uint32_t free = free_in(s, 0, s->frames);
  uint32_t runs = 0, longest = 0;
  for (uint32_t f = 0; f < s->frames; f++) runs += is_free(s, f) && (f == 0 || !is_free(s, f - 1));
  while (longest < free && most_free(s, longest + 1) == longest + 1) longest++;
  const uint32_t index = free ? (1000 * (free - longest) + free - 1) / free : 0; /* of those outside the longest, rounded up */
  engine_must(e, got.free == free && got.runs == runs && got.longest == longest && got.index == index, "the numbers of fragments");
}
