/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic span: an access in one page or two against two walks of the second
 * opinion, joined here byte by byte; the set of outcomes, the flags, and the same over an
 * array. */
#include "fuzz_target.h"
#include "opinion_span.h"

const char *fuzz_topic(void) { return "span"; }

static void same(const struct vmref_case *c, const char *what, uint64_t model, uint64_t opinion)
{
  if (model != opinion) finding_values(c, what, model, opinion);
}

static void check_allows(const struct vmref_case *c, const struct opinion_span *j, const struct vmref_span *s)
{
  static const uint8_t vector[] = { 0, 12, 13, 14 };
  for (size_t v = 0; v < sizeof vector; v++)
    for (int i = 0; i < 2; i++) /* what each part says, with one bit changed, and without */
      for (int bit = -1; bit < 6; bit++)
        for (int k = 0; k < 2; k++) {
          uint32_t error = j->part[i].error ^ (bit < 0 ? 0 : 1u << bit);
          uint64_t cr2 = j->access[k].va;
          same(c, "vmref_span_allows", vmref_span_allows(s, vector[v], error, cr2),
               (uint64_t)opinion_span_permits(j, &c->access, vector[v], error, cr2));
          same(c, "vmref_span_allows, byte after", vmref_span_allows(s, vector[v], error, cr2 + 1),
               (uint64_t)opinion_span_permits(j, &c->access, vector[v], error, cr2 + 1));
        }
}

static void check_flags(const struct vmref_case *c, const struct opinion_span *j, const struct vmref_span *s)
{
  for (int i = 0; i < j->parts; i++)
    for (int l = j->part[i].origin.level; l && l >= j->part[i].last; l--)
      same(c, "vmref_span_after", vmref_span_after(s, (uint8_t)i, (uint8_t)l), opinion_span_after(j, i, l));
}

static void check_joined(const struct vmref_case *c, const struct opinion_span *j, const struct vmref_span *s)
{
  same(c, "status", (uint64_t)s->status, (uint64_t)j->status);
  if (j->status != VMREF_OK) {
    same(c, "parts of no question", s->parts, 0);
    same(c, "outcome of no question", s->rule | s->vector | s->error | s->cr2 | s->may | s->torn, 0);
    return;
  }
  same(c, "parts", s->parts, (uint64_t)j->parts);
  for (int i = 0; i < j->parts; i++) {
    same(c, "a part's size", s->part[i].access.size, j->access[i].size);
    same(c, "a part's first byte", s->part[i].access.va, j->access[i].va);
    const char *field = opinion_differs(&j->part[i], &s->part[i]);
    if (!field) continue;
    opinion_show(stderr, &j->part[i], &s->part[i]);
    finding(c, field);
  }
  const struct opinion *o = &j->part[j->first];
  same(c, "first", s->first, (uint64_t)j->first);
  same(c, "vector", s->vector, o->vector);
  same(c, "error", s->error, o->error);
  same(c, "cr2", s->cr2, o->vector == 14 ? o->cr2 : 0);
  same(c, "torn", s->torn, (uint64_t)j->torn);
  same(c, "rule, of a set", s->rule < 32 ? o->cites >> s->rule & 1 : 0, 1);
  same(c, "may fault by the first", s->may >> 1 & 1, j->part[0].vector != 0);
  same(c, "may fault by the second", s->may >> 2 & 1, j->part[1].vector != 0);
  same(c, "may meet the limit", s->may >> 3, (uint64_t)j->limit);
  check_allows(c, j, s);
  check_flags(c, j, s);
}

/* ---- the same over an array -------------------------------------------------- */

#define WORDS ((CASE_BASE + CASE_BYTES) / 8)
static uint64_t ram[WORDS];

__attribute__((constructor)) static void fill_arena(void)
{
  for (uint64_t pa = CASE_BASE; pa < CASE_BASE + CASE_BYTES; pa += 8) ram[pa / 8] = case_tag(pa);
}

static void check_array(const struct vmref_case *c, const struct vmref_span *s, const struct case_memory *m)
{
  int missing = 0;
  for (int i = 0; i < s->parts; i++)
    for (int l = s->part[i].origin.level; l && l >= s->part[i].last; l--)
      missing |= s->part[i].address[l] / 8 >= WORDS;
  for (unsigned i = 0; i < m->n; i++)
    if (m->pa[i] / 8 < WORDS) ram[m->pa[i] / 8] = m->value[i];
  struct vmref_span t = vmref_span(ram, WORDS, c->cpu, c->access);
  for (unsigned i = 0; i < m->n; i++)
    if (m->pa[i] / 8 < WORDS) ram[m->pa[i] / 8] = case_in_arena(m->pa[i]) ? case_tag(m->pa[i]) : 0;
  if (missing) {
    same(c, "array that ends before an entry", (uint64_t)t.status, (uint64_t)VMREF_EMEM);
    same(c, "array that ends before an entry, outcome", t.rule | t.vector | t.error | t.cr2 | t.may | t.torn, 0);
    return;
  }
  same(c, "array: status", (uint64_t)t.status, (uint64_t)s->status);
  same(c, "array: parts", t.parts, s->parts);
  same(c, "array: rule", t.rule, s->rule);
  same(c, "array: error", t.error, s->error);
  same(c, "array: cr2", t.cr2, s->cr2);
  same(c, "array: may", t.may, s->may);
  for (int i = 0; i < s->parts; i++) same(c, "array: pa", t.part[i].pa, s->part[i].pa);
}

/* Sizes that are none, and every size at this address. */
static void check_sizes(const struct vmref_case *c, const struct case_memory *m)
{
  struct vmref_case d = *c;
  for (unsigned size = 0; size <= 66; size++) {
    struct opinion_span j;
    struct vmref_span s;
    d.access.size = (uint8_t)size;
    j = opinion_span(&d.cpu, &d.access, fuzz_read, m);
    vmref_span_start(&s, d.cpu, d.access);
    same(c, "status by size", (uint64_t)s.status, (uint64_t)j.status);
    same(c, "parts by size", s.parts, j.status == VMREF_OK ? (uint64_t)j.parts : 0);
    if (j.status == VMREF_OK) same(c, "vmref_span_parts", vmref_span_parts(d.access), (uint64_t)j.parts);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct vmref_case c;
  struct case_memory m;
  struct opinion_span j;
  fuzz_case(&c, data, size);
  case_place(&c, &m);
  struct vmref_span s = case_span(&c, &m);
  unsigned turn = fuzz_turn(&c);
  j = opinion_span(&c.cpu, &c.access, fuzz_read, &m);
  check_joined(&c, &j, &s);
  if (fuzz_due(turn, 0)) check_array(&c, &s, &m);
  if (fuzz_due(turn, 1)) check_sizes(&c, &m);
  return 0;
}
