/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic tlb: after each step of a small machine the model's TLB holds exactly
 * what the second opinion finds in the whole history, each item once. */
#include <string.h>
#include "tlb_machine.h"

const char *fuzz_topic(void) { return "tlb"; }
const char *fuzz_form(void) { return MACHINE_FORM; }
size_t fuzz_length(void) { return MACHINE_BYTES; }

static struct machine m;
static struct opinion_items items;

/* ---- the set of what is cached --------------------------------------------------- */

static void check_pages(void)
{
  unsigned found = 0;
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_translation *t = &m.tlb.page[i];
    if (!t->used) continue;
    unsigned k = 0;
    while (k < items.pages && !opinion_same_page(&items.page[k], t)) k++;
    if (k == items.pages) machine_finding(&m, "a translation that cannot be cached");
    for (unsigned j = 0; j < i; j++)
      if (m.tlb.page[j].used && opinion_same_page(&m.tlb.page[j], t)) machine_finding(&m, "a translation twice");
    found++;
  }
  if (found != items.pages && m.filled == VMREF_OK) machine_finding(&m, "a translation that may be cached is missing");
}

static void check_tables(void)
{
  unsigned found = 0;
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_cached_table *t = &m.tlb.table[i];
    if (!t->used) continue;
    unsigned k = 0;
    while (k < items.tables && !opinion_same_table(&items.table[k], t)) k++;
    if (k == items.tables) machine_finding(&m, "a table that cannot be cached");
    for (unsigned j = 0; j < i; j++)
      if (m.tlb.table[j].used && opinion_same_table(&m.tlb.table[j], t)) machine_finding(&m, "a table twice");
    found++;
  }
  if (found != items.tables && m.filled == VMREF_OK) machine_finding(&m, "a table that may be cached is missing");
}

/* VMREF_EFULL only when there is more than the slots can hold. */
static void check_full(void)
{
  if ((m.filled == VMREF_EFULL) != (items.pages > VMREF_TLB_SLOTS || items.tables > VMREF_TLB_SLOTS))
    machine_finding(&m, "the status of filling");
}

/* ---- what serves an address ---------------------------------------------------------- */

static void check_serves(void)
{
  const struct vmref_cpu *cpu = &m.history.at[m.history.now].cpu;
  if (vmref_pcid(*cpu) != opinion_pcid(cpu)) machine_finding(&m, "vmref_pcid");
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_translation *t = &m.tlb.page[i];
    const struct vmref_cached_table *s = &m.tlb.table[i];
    if (!t->used && !s->used && i % 16) continue;
    for (unsigned k = 0; k < 8; k++) { /* each address under its own PCID and another */
      const uint64_t va[4] = { t->page - 1, t->page + t->size - 1, t->page + t->size, opinion_va(cpu->mode, i & 3) };
      const uint64_t at[4] = { s->start - 1, s->start + s->size - 1, s->start + s->size, va[3] };
      const uint16_t pcid = (uint16_t)(k & 4 ? t->pcid : i & 3), tag = (uint16_t)(k & 4 ? s->pcid : i & 3);
      int is = t->used && opinion_covers(t->page, t->size, va[k & 3]) && (t->global || t->pcid == pcid);
      if (vmref_serves(*t, pcid, va[k & 3]) != is) machine_finding(&m, "vmref_serves");
      is = s->used && opinion_covers(s->start, s->size, at[k & 3]) && s->pcid == tag;
      if (vmref_leads(*s, tag, at[k & 3]) != is) machine_finding(&m, "vmref_leads");
    }
  }
}

/* ---- relations ------------------------------------------------------------------------ */

/* Filling again adds nothing; nothing is left after a reset. */
static void check_again(void)
{
  static struct vmref_tlb tlb;
  tlb = m.tlb;
  if (machine_fill(&m, &tlb) != m.filled || memcmp(&tlb, &m.tlb, sizeof tlb) != 0)
    machine_finding(&m, "filling again");
  vmref_tlb_reset(&tlb);
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++)
    if (tlb.page[i].used || tlb.table[i].used) machine_finding(&m, "something left after a reset");
}

/* A walk in 4-level paging that brings one new page, or one new table. */
static struct vmref_walk newcomer(unsigned n, int page)
{
  const struct vmref_cpu cpu = VMREF_CPU_DEFAULT;
  const struct vmref_access a = { .va = page ? 0x7f0000000000 + 0x1000ull * n : 0x8000000000ull * (n + 2), .size = 1 };
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, a);
  while (w.level != 0) vmref_walk_step(&w, UINT64_C(0x100000) * (w.level + 1) | (page || w.level == 4 ? 0x27 : 0x7));
  return w;
}

/* New ones fit as long as a slot is free, then none does; what was there stays. */
static void check_crowd(int page)
{
  static struct vmref_tlb tlb;
  unsigned used = 0, added = 0;
  struct vmref_walk w;
  tlb = m.tlb;
  if (page) memset(tlb.table, 0, sizeof tlb.table);
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) used += page ? tlb.page[i].used : tlb.table[i].used;
  do w = newcomer(added++, page); while (vmref_tlb_fill(&tlb, &w) == VMREF_OK && added < 200);
  if (added != VMREF_TLB_SLOTS - used + 1) machine_finding(&m, page ? "how many pages fit" : "how many tables fit");
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (m.tlb.page[i].used && !opinion_same_page(&m.tlb.page[i], &tlb.page[i])) machine_finding(&m, "filling moved a page");
    if (!page && m.tlb.table[i].used && !opinion_same_table(&m.tlb.table[i], &tlb.table[i]))
      machine_finding(&m, "filling moved a table");
  }
}

/* ---- the target ------------------------------------------------------------------------- */

static void check_moment(void)
{
  opinion_items(&m.history, &items);
  check_pages();
  check_tables();
  check_full();
  check_serves();
  check_again();
}

/* A fuzzer looks at the last moment and at one before it: what is wrong at another shows
 * there in an input that ends or turns earlier. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct machine_step s = { 0 };
  machine_start(&m, data, size);
  const unsigned chosen = size > 3 ? (data[2] ^ data[size - 1]) % MACHINE_STEPS : 0;
  do {
    if (s.event.kind == EVENT_INVPCID
        && s.rule != opinion_invpcid(&m.history.at[m.history.now - 1].cpu, &s.event))
      machine_finding(&m, "the rule by which INVPCID faults");
    if (fuzz_checks > 0 || m.history.now == chosen) check_moment();
  } while (machine_next(&m, &s) && (machine_make(&m, &s), 1));
  if (m.history.now != chosen) check_moment();
  if (fuzz_checks > 0 || size % 16 == 0) check_crowd(1);
  if (fuzz_checks > 0 || size % 16 == 8) check_crowd(0);
  return 0;
}
