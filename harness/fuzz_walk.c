/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic walk: the model's walk of a case against the second
 * opinion, against itself over an array, from tables below the root, after its own
 * updates, and under the relations of fuzz_relations.c. */
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "walk"; }

void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size)
{
  fuzz_first_page(c, data, size);
}

/* ---- the walk over an array ---------------------------------------------- */

/* Physical memory from 0 to the end of the arena; all below the arena is 0. In `other`
 * each word of the arena is the complement of what it is in `ram`. */
#define WORDS ((CASE_BASE + CASE_BYTES) / 8)
static uint64_t ram[WORDS], other[WORDS];

/* Ahead of main: a fuzzer wants each run of an input to take the same path. */
__attribute__((constructor)) static void fill_arena(void)
{
  for (uint64_t pa = CASE_BASE; pa < CASE_BASE + CASE_BYTES; pa += 8) {
    ram[pa / 8] = case_tag(pa);
    other[pa / 8] = ~case_tag(pa);
  }
}

/* Does v say what w says, of the levels from `top` down? */
static int same_walk(const struct vmref_walk *v, const struct vmref_walk *w, int top)
{
  for (int l = top; w->last && l >= w->last; l--)
    if (v->address[l] != w->address[l] || v->entry[l] != w->entry[l]
        || v->after[l] != w->after[l])
      return 0;
  return v->status == w->status && v->level == 0 && v->last == w->last && v->rule == w->rule
      && v->vector == w->vector && v->error == w->error && v->cr2 == w->cr2
      && v->pa == w->pa && v->rw == w->rw && v->us == w->us && v->xd == w->xd
      && v->global == w->global && v->key == w->key && v->pat == w->pat;
}

/* With so many words of memory: the walk w, or EMEM where w first leaves memory. */
static void check_array(const struct vmref_case *c, const struct vmref_walk *w, uint64_t words)
{
  struct vmref_walk v = vmref_walk(ram, words, c->cpu, c->access);
  int top = w->origin.level, l = top;
  while (l && l >= w->last && w->address[l] / 8 < words) l--;
  if (l == 0 || l < w->last) {
    if (!same_walk(&v, w, top)) finding_walks(c, "array and step machine differ", w, &v);
    return;
  }
  int fits = v.status == VMREF_EMEM && v.last == l && v.level == 0 && v.vector == 0
          && v.rule == VMREF_RULE_NONE && v.error == 0 && v.cr2 == 0
          && v.address[l] == w->address[l];
  for (int k = top; k > l; k--)
    fits = fits && v.entry[k] == w->entry[k] && v.after[k] == w->after[k];
  if (!fits) finding_walks(c, "array that ends before an entry", w, &v);
}

/* All memory but the entries that the walk names is another: the answer is the same. */
static void check_reads_no_more(const struct vmref_case *c, const struct vmref_walk *w)
{
  const uint64_t half = vmref_entry_size(c->cpu.mode) == 4 ? 0xffffffff : ~UINT64_C(0);
  for (int l = w->origin.level; l && l >= w->last; l--) {
    if (w->address[l] / 8 >= WORDS) return;
    int shift = half == 0xffffffff ? (int)(w->address[l] & 4) * 8 : 0;
    uint64_t *word = &other[w->address[l] / 8];
    *word = (*word & ~(half << shift)) | w->entry[l] << shift;
  }
  struct vmref_walk v = vmref_walk(other, WORDS, c->cpu, c->access);
  for (int l = w->origin.level; l && l >= w->last; l--) {
    uint64_t pa = w->address[l] & ~UINT64_C(7);
    other[pa / 8] = case_in_arena(pa) ? ~case_tag(pa) : 0;
  }
  if (!same_walk(&v, w, w->origin.level)) finding_walks(c, "other memory, other answer", w, &v);
}

static void check_arrays(const struct vmref_case *c, const struct vmref_walk *w, unsigned turn)
{
  check_array(c, w, WORDS);
  if (fuzz_due(turn, 4)) check_array(c, w, 0);
  for (int l = w->origin.level; l && l >= w->last; l--) {
    if (!fuzz_due(turn, (unsigned)l + 3)) continue;
    uint64_t word = w->address[l] / 8;
    if (word >= WORDS) break;
    check_array(c, w, word); /* ends just before this entry, then just after it */
    check_array(c, w, word + 1);
  }
}

/* ---- the walk from a table below the root -------------------------------- */

/* What a paging-structure cache would remember of the entries above: the same answer. */
static void check_below_root(const struct vmref_case *c, const struct vmref_walk *w)
{
  uint64_t all = 6, any = 0;
  for (int l = w->origin.level; l > w->last && l > 1; l--) {
    all &= w->entry[l];
    any |= w->entry[l];
    struct vmref_origin o = { .table = w->entry[l] & 0x000ffffffffff000, .level = (uint8_t)(l - 1),
                              .rw = all >> 1 & 1, .us = all >> 2 & 1, .xd = any >> 63 & 1 };
    struct vmref_walk v;
    vmref_walk_from(&v, c->cpu, c->access, o);
    while (v.level != 0) vmref_walk_step(&v, w->entry[v.level]);
    if (!same_walk(&v, w, l - 1)) finding_walks(c, "from below the root", w, &v);
  }
}

/* Any origin, also one that must be refused: as the second opinion has it. */
static void check_origin(const struct vmref_case *c, const struct case_memory *m, uint64_t mix)
{
  struct vmref_origin from = { .table = CASE_BASE + (mix & 0xf000), .level = mix % 7,
                               .rw = mix >> 4 & 1, .us = mix >> 5 & 1, .xd = mix >> 6 & 1 };
  if ((mix >> 16 & 7) == 1) from.table |= mix >> 20 & 0xfff;
  if ((mix >> 16 & 7) == 2) from.table = mix;
  if ((mix >> 16 & 7) == 3) from.rw = mix >> 20 & 3;
  if ((mix >> 16 & 7) == 4) from.us = mix >> 20 & 3;
  if ((mix >> 16 & 7) == 5) from.xd = mix >> 20 & 3;
  struct vmref_walk w, v;
  vmref_walk_from(&w, c->cpu, c->access, from);
  v = w;
  while (w.level != 0) vmref_walk_step(&w, case_entry(m, c->cpu.mode, w.address[w.level]));
  struct opinion o = opinion_walk_from(&c->cpu, &c->access, &from, fuzz_read, m);
  const char *field = opinion_differs(&o, &w);
  if (field) {
    fprintf(stderr, "from 0x%llx level %u rw %u us %u xd %u\n", (unsigned long long)from.table,
            from.level, from.rw, from.us, from.xd);
    opinion_show(stderr, &o, &w);
    finding(c, field);
  }
  for (int l = w.origin.level; l && l >= w.last; l--)
    if (w.address[l] / 8 >= WORDS) return;
  if (v.level == 0) return;
  vmref_walk_finish(&v, ram, WORDS);
  if (!same_walk(&v, &w, w.origin.level)) finding_walks(c, "array and step machine differ, from below", &w, &v);
}

/* ---- once its updates are made, a walk makes no more ---------------------- */

static void check_again(const struct vmref_case *c, const struct vmref_walk *w,
                        struct case_memory m)
{
  for (int l = w->origin.level; l && l >= w->last; l--) {
    int shift = vmref_entry_size(c->cpu.mode) == 4 ? (int)(w->address[l] & 4) * 8 : 0;
    for (unsigned i = 0; i < m.n; i++) /* one word can be entries of several levels */
      if (m.pa[i] == (w->address[l] & ~UINT64_C(7))) m.value[i] |= w->after[l] << shift;
  }
  struct vmref_walk v = case_walk(c, &m);
  int settled = v.vector == w->vector && v.error == w->error && v.last == w->last
             && v.rule == w->rule && v.pa == w->pa;
  for (int l = w->origin.level; l && l >= w->last; l--)
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
  int top = o.origin.level;
  if (o.status == VMREF_OK && top != 0) { /* begun: ask for the first entry */
    if (w.level != top || w.last != top || w.address[top] != o.address[top] || w.status != VMREF_OK)
      finding(c, "the first entry that is asked for");
    return;
  }
  const char *field = opinion_differs(&o, &w);
  struct vmref_walk v;
  vmref_walk_from(&v, *cpu, *a, (struct vmref_origin){ .table = CASE_BASE, .level = 1, .rw = 1, .us = 1 });
  if (!field && o.status != VMREF_OK && (v.status == VMREF_OK || v.level != 0)) field = "a question refused at the root and not below";
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
    a.va |= UINT64_C(1) << 32, a.size = 1, check_question(c, &c->cpu, &a);
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
  for (int level = opinion_top(c->cpu.mode); w.level != 0; level--) {
    if (w.level != level || w.last != level || w.status != VMREF_OK || w.vector != 0
        || w.rule != VMREF_RULE_NONE || w.error != 0 || w.cr2 != 0)
      finding(c, "the machine between two steps");
    vmref_walk_step(&w, case_entry(m, c->cpu.mode, w.address[w.level]));
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
  if (fuzz_due(turn, 5)) check_below_root(&c, &w);
  if (fuzz_due(turn, 6)) check_reads_no_more(&c, &w);
  for (unsigned i = 0; i < m.n; i++) ram[m.pa[i] / 8] = m.value[i];
  if (fuzz_checks > 0 || turn >= 4) check_arrays(&c, &w, turn);
  if (fuzz_due(turn, 7))
    for (int i = 1; i <= 5; i++) check_origin(&c, &m, c.entry[i] ^ c.access.va >> 4);
  for (unsigned i = 0; i < m.n; i++) ram[m.pa[i] / 8] = case_tag(m.pa[i]);
  check_questions(&c, turn);
  return 0;
}
