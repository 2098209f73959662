/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic walk: the model's walk of a case against the second
 * opinion, against itself over an array, after its own updates, and under the
 * relations of fuzz_relations.c. */
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "walk"; }

void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size)
{
  case_decode(c, data, size);
}

/* ---- the walk over an array ---------------------------------------------- */

/* Physical memory from 0 to the end of the arena; all below the arena is 0. */
#define WORDS ((CASE_BASE + CASE_BYTES) / 8)
static uint64_t ram[WORDS];

/* Ahead of main: a fuzzer wants each run of an input to take the same path. */
__attribute__((constructor)) static void fill_arena(void)
{
  for (uint64_t pa = CASE_BASE; pa < CASE_BASE + CASE_BYTES; pa += 8) ram[pa / 8] = case_tag(pa);
}

static int same_walk(const struct vmref_walk *v, const struct vmref_walk *w)
{
  for (int l = 4; w->last && l >= w->last; l--)
    if (v->address[l] != w->address[l] || v->entry[l] != w->entry[l]
        || v->after[l] != w->after[l])
      return 0;
  return v->status == w->status && v->level == 0 && v->last == w->last && v->rule == w->rule
      && v->vector == w->vector && v->error == w->error && v->cr2 == w->cr2
      && v->pa == w->pa && v->rw == w->rw && v->us == w->us && v->xd == w->xd
      && v->global == w->global;
}

/* With so many words of memory: the walk w, or EMEM where w first leaves memory. */
static void check_array(const struct vmref_case *c, const struct vmref_walk *w, uint64_t words)
{
  struct vmref_walk v = vmref_walk(ram, words, c->cpu, c->access);
  int l = 4;
  while (w->last && l >= w->last && w->address[l] / 8 < words) l--;
  if (w->last == 0 || l < w->last) {
    if (!same_walk(&v, w)) finding_walks(c, "array and step machine differ", w, &v);
    return;
  }
  int fits = v.status == VMREF_EMEM && v.last == l && v.level == 0 && v.vector == 0
          && v.rule == VMREF_RULE_NONE && v.error == 0 && v.cr2 == 0
          && v.address[l] == w->address[l];
  for (int k = 4; k > l; k--)
    fits = fits && v.entry[k] == w->entry[k] && v.after[k] == w->after[k];
  if (!fits) finding_walks(c, "array that ends before an entry", w, &v);
}

static void check_arrays(const struct vmref_case *c, const struct vmref_walk *w,
                         const struct case_memory *m, unsigned turn)
{
  for (unsigned i = 0; i < m->n; i++) ram[m->pa[i] / 8] = m->value[i];
  check_array(c, w, WORDS);
  if (fuzz_due(turn, 4)) check_array(c, w, 0);
  for (int l = 4; w->last && l >= w->last; l--) {
    if (!fuzz_due(turn, (unsigned)l + 3)) continue;
    uint64_t word = w->address[l] / 8;
    if (word >= WORDS) break;
    check_array(c, w, word); /* ends just before this entry, then just after it */
    check_array(c, w, word + 1);
  }
  for (unsigned i = 0; i < m->n; i++) ram[m->pa[i] / 8] = case_tag(m->pa[i]);
}

/* ---- once its updates are made, a walk makes no more ---------------------- */

static void check_again(const struct vmref_case *c, const struct vmref_walk *w,
                        struct case_memory m)
{
  for (int l = 4; w->last && l >= w->last; l--)
    for (unsigned i = 0; i < m.n; i++) /* one word can be entries of several levels */
      if (m.pa[i] == w->address[l]) m.value[i] |= w->after[l];
  struct vmref_walk v = case_walk(c, &m);
  int settled = v.vector == w->vector && v.error == w->error && v.last == w->last
             && v.rule == w->rule && v.pa == w->pa;
  for (int l = 4; w->last && l >= w->last; l--)
    settled = settled && v.after[l] == v.entry[l] && (v.entry[l] | w->after[l]) == v.entry[l];
  if (!settled) finding_walks(c, "the walk after its own updates", w, &v);
}

/* ---- questions that the model must refuse --------------------------------- */

/* The walk from its first question on; a question refused never reads memory. */
static void check_question(const struct vmref_case *c, const struct vmref_cpu *cpu,
                           const struct vmref_access *a)
{
  struct case_memory none = { 0 };
  struct vmref_walk w;
  vmref_walk_start(&w, *cpu, *a);
  struct opinion o = opinion_walk(cpu, a, fuzz_read, &none);
  if (o.status == VMREF_OK && o.vector == 0) return;
  if (o.status == VMREF_OK && o.last != 0) { /* begun: ask for the PML4E */
    if (w.level != 4 || w.last != 4 || w.address[4] != o.address[4] || w.status != VMREF_OK)
      finding(c, "the first entry that is asked for");
    return;
  }
  const char *field = opinion_differs(&o, &w);
  if (!field) return;
  opinion_show(stderr, &o, &w);
  finding(c, field);
}

static void check_questions(const struct vmref_case *c, unsigned turn)
{
  static const uint8_t width[] = { 31, 32, 52, 53 }, byte[] = { 0, 64, 65 };
  struct vmref_cpu cpu = c->cpu;
  struct vmref_access a = c->access;
  if (fuzz_due(turn, 0))
    for (cpu.mode = 0; cpu.mode <= 5; cpu.mode++) check_question(c, &cpu, &a);
  cpu = c->cpu;
  if (fuzz_due(turn, 1))
    for (size_t i = 0; i < sizeof width; i++)
      { cpu.maxphyaddr = width[i]; check_question(c, &cpu, &a); }
  cpu = c->cpu;
  if (fuzz_due(turn, 2)) {
    cpu.cr3 = UINT64_C(1) << cpu.maxphyaddr, check_question(c, &cpu, &a);
    cpu.cr3 -= 1, check_question(c, &cpu, &a);
  }
  if (fuzz_due(turn, 3))
    for (size_t i = 0; i < sizeof byte; i++)
      { a.size = byte[i]; check_question(c, &c->cpu, &a); }
  a = c->access;
  if (fuzz_due(turn, 4)) {
    a.va |= 4095, a.size = 1, check_question(c, &c->cpu, &a);
    a.size = 2, check_question(c, &c->cpu, &a); /* one byte in the next page */
  }
  a = c->access;
  if (fuzz_due(turn, 5)) a.implicit ^= 1, check_question(c, &c->cpu, &a);
  a = c->access;
  if (fuzz_due(turn, 6)) a.seg ^= 1, check_question(c, &c->cpu, &a);
}

/* ---- the target ----------------------------------------------------------- */

/* As case_walk, but looks at the machine between its steps. */
static struct vmref_walk stepwise(const struct vmref_case *c, const struct case_memory *m)
{
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, c->access);
  for (int level = 4; w.level != 0; level--) {
    if (w.level != level || w.last != level || w.status != VMREF_OK || w.vector != 0
        || w.rule != VMREF_RULE_NONE || w.error != 0 || w.cr2 != 0)
      finding(c, "the machine between two steps");
    vmref_walk_step(&w, case_read(m, w.address[w.level]));
  }
  return w;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct vmref_case c;
  struct case_memory m;
  fuzz_case(&c, data, size);
  case_place(&c, &m);
  struct vmref_walk w = stepwise(&c, &m);
  struct opinion o = opinion_walk(&c.cpu, &c.access, fuzz_read, &m);
  const char *field = opinion_differs(&o, &w);
  if (field) {
    opinion_show(stderr, &o, &w);
    finding(&c, field);
  }
  if (fuzz_checks == FUZZ_OPINION) return 0;
  unsigned turn = fuzz_turn(&c);
  fuzz_relations(&c, &w, turn);
  if (fuzz_due(turn, 3)) check_again(&c, &w, m);
  if (fuzz_checks > 0 || turn >= 4) check_arrays(&c, &w, &m, turn);
  check_questions(&c, turn);
  return 0;
}
