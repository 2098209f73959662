/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic allows: what the simulated processor does is permitted, and of every
 * observation - each outcome that the second opinion lists, and many that lie beside one -
 * model and second opinion say the same. */
#include <string.h>
#include "tlb_machine.h"

const char *fuzz_topic(void) { return "allows"; }
const char *fuzz_form(void) { return MACHINE_FORM; }
size_t fuzz_length(void) { return MACHINE_BYTES; }

static struct machine m;
static struct opinion_items items;
static struct opinion_outcomes outcomes;
static const struct vmref_access *access_now;
static unsigned turn; /* of the input, plus the accesses so far */
static const struct vmref_tlb NO_TLB;

static _Noreturn void differ(const char *what, const struct vmref_observed *seen)
{
  machine_show_seen(stderr, access_now, seen);
  for (unsigned i = 0; i < outcomes.n; i++) {
    const struct opinion_outcome *is = &outcomes.is[i];
    fprintf(stderr, "  way %u vector %u error 0x%x pa 0x%llx A", is->way, is->vector, is->error, (unsigned long long)is->pa);
    for (unsigned k = 0; k < is->must; k++) fprintf(stderr, " 0x%llx", (unsigned long long)is->a[k]);
    if (is->d != OPINION_NO_ENTRY) fprintf(stderr, " D 0x%llx", (unsigned long long)is->d);
    fprintf(stderr, "\n");
  }
  machine_finding(&m, what);
}

static struct vmref_verdict verdict(const struct vmref_tlb *tlb, const struct vmref_observed *seen)
{
  return vmref_allows(m.history.at[m.history.now].cpu, tlb, m.ram, OPINION_WORDS, *access_now, seen);
}

/* ---- one observation ----------------------------------------------------------- */

/* Does what the verdict names as the reason hold for it? */
static void check_way(const struct vmref_verdict *v, const struct vmref_observed *seen)
{
  const struct vmref_cpu *cpu = &m.history.at[m.history.now].cpu;
  const struct vmref_translation *t = &m.tlb.page[v->slot % VMREF_TLB_SLOTS];
  const struct vmref_cached_table *s = &m.tlb.table[v->slot % VMREF_TLB_SLOTS];
  int names = 0;
  for (unsigned i = 0; i < outcomes.n; i++) names |= outcomes.is[i].way == v->way;
  if (v->allowed ? !names : v->way != VMREF_WAY_NONE && v->way != VMREF_WAY_FLAGS) differ("the way", seen);
  if (v->way == VMREF_WAY_HIT
      && !(t->used && opinion_covers(t->page, t->size, access_now->va) && (t->global || t->pcid == opinion_pcid(cpu))
           && (seen->vector || t->frame + (access_now->va - t->page) == seen->pa)))
    differ("the slot of a page", seen);
  if (v->way == VMREF_WAY_TABLE
      && !(s->used && opinion_covers(s->start, s->size, access_now->va) && s->pcid == opinion_pcid(cpu)))
    differ("the slot of a table", seen);
}

static void check(const struct vmref_observed *seen)
{
  const struct vmref_verdict v = verdict(&m.tlb, seen);
  const int permitted = opinion_permits(&outcomes, seen);
  if (v.allowed != permitted) differ(v.allowed ? "the model permits it" : "the model forbids it", seen);
  if (v.status != (permitted ? VMREF_OK : outcomes.status)) differ("status", seen);
  check_way(&v, seen);
  if (fuzz_checks <= 0 && turn >> 4 & 3) return;
  /* an empty TLB permits no more */
  const struct vmref_verdict fresh = verdict(&NO_TLB, seen);
  if (fresh.allowed && !v.allowed) differ("cached items forbid it", seen);
  if (fresh.allowed && fresh.way != VMREF_WAY_WALK && fresh.way != VMREF_WAY_AT_ONCE) differ("a way without a TLB", seen);
}

/* ---- those beside one ------------------------------------------------------------- */

static void add_set(struct vmref_observed *o, uint64_t pa, int a, int d)
{
  if (o->sets == VMREF_SETS) return;
  o->set_address[o->sets] = pa;
  o->set_a[o->sets] = (uint8_t)a;
  o->set_d[o->sets++] = (uint8_t)d;
}

static void drop_set(struct vmref_observed *o, unsigned i)
{
  o->sets--;
  o->set_address[i] = o->set_address[o->sets];
  o->set_a[i] = o->set_a[o->sets];
  o->set_d[i] = o->set_d[o->sets];
}

static void beside_flags(const struct vmref_observed *seen)
{
  static const uint64_t SLOT[] = { 0, 4, 8 };
  struct vmref_observed o;
  for (unsigned i = 0; i < seen->sets; i++) {
    o = *seen, drop_set(&o, i), check(&o);
    o = *seen, o.set_a[i] ^= 1, check(&o);
    o = *seen, o.set_d[i] ^= 1, check(&o);
    o = *seen, o.set_address[i] ^= 0x1000, check(&o);
  }
  for (unsigned i = 0; i < OPINION_FRAMES * 3; i++) {
    const uint64_t pa = (uint64_t)(i / 3) << 12 | SLOT[i % 3];
    o = *seen, add_set(&o, pa, 1, 0), check(&o);
    o = *seen, add_set(&o, pa, 0, 1), check(&o);
  }
  o = *seen, o.flags_seen = 0, check(&o);
}

static void beside(const struct vmref_observed *seen, int flags)
{
  static const uint8_t VECTOR[] = { 0, 12, 13, 14 };
  static const uint64_t OFF[] = { 1, 8, 0x1000, 0x200000, 0x40000000, UINT64_C(1) << 39 };
  struct vmref_observed o;
  check(seen);
  for (unsigned i = 0; i < 4; i++) {
    o = *seen, o.vector = VECTOR[i], check(&o);
    if (o.vector == 14) o.cr2 = access_now->va, check(&o);
  }
  for (unsigned i = 0; i < 6; i++) {
    o = *seen, o.pa ^= OFF[i], check(&o);
    o = *seen, o.cr2 ^= OFF[i], check(&o);
    o = *seen, o.error ^= 1u << i, check(&o);
  }
  if (flags) beside_flags(seen);
}

/* Outcome i, with the flags that it must set, and some of those that it may. */
static struct vmref_observed outcome(unsigned i, unsigned more)
{
  const struct opinion_outcome *is = &outcomes.is[i];
  struct vmref_observed o = { .vector = is->vector, .error = is->error, .pa = is->pa, .cr2 = is->cr2, .flags_seen = 1 };
  for (unsigned k = 0; k < is->must; k++) add_set(&o, is->a[k], 1, 0);
  if (is->d != OPINION_NO_ENTRY) add_set(&o, is->d, 0, 1);
  for (unsigned k = 0; k < outcomes.may && k < 8; k++)
    if (more >> k & 1) add_set(&o, outcomes.a[k], 1, 0);
  return o;
}

/* ---- relations ---------------------------------------------------------------------- */

/* After an invalidation for the address the TLB might as well be empty. */
static void check_clean(const struct vmref_tlb *tlb, const struct vmref_observed *seen)
{
  if (verdict(tlb, seen).allowed != verdict(&NO_TLB, seen).allowed) differ("stale after an invalidation", seen);
}

static void check_relations(const struct vmref_observed *seen)
{
  static struct vmref_tlb tlb;
  const struct vmref_cpu cpu = m.history.at[m.history.now].cpu;
  const uint64_t va = access_now->va;
  struct vmref_cpu other = cpu;
  tlb = m.tlb;
  vmref_tlb_fault(&tlb, cpu, va);
  check_clean(&tlb, seen);
  tlb = m.tlb;
  vmref_tlb_invlpg(&tlb, cpu, va);
  if (opinion_canonical(cpu.mode, va)) check_clean(&tlb, seen);
  tlb = m.tlb;
  vmref_tlb_invpcid(&tlb, cpu, 1, 2, 0, 0);
  check_clean(&tlb, seen);

  /* what else may be cached takes nothing away */
  if (m.tlb.page[0].used && m.tlb.table[0].used) return;
  tlb = m.tlb;
  other.cr3 ^= 0x7000;
  const struct vmref_walk w = vmref_walk(m.ram, OPINION_WORDS, other, (struct vmref_access){ .va = va, .size = 1 });
  if (w.status == VMREF_OK) vmref_tlb_fill(&tlb, &w);
  if (verdict(&m.tlb, seen).allowed && !verdict(&tlb, seen).allowed) differ("filling forbids it", seen);
}

/* ---- the target ---------------------------------------------------------------------- */

/* That it went through at each page of which a translation is cached, whether or not it
 * serves, and as stale as it may be; and each way in which it may be refused. */
static void check_guesses(void)
{
  const struct vmref_cpu *cpu = &m.history.at[m.history.now].cpu;
  struct vmref_observed o = { .flags_seen = 1 };
  for (unsigned i = 0; i < items.pages; i++) {
    o.pa = items.page[i].frame | (access_now->va & (items.page[i].size - 1));
    check(&o);
  }
  o.vector = 14, o.cr2 = access_now->va;
  for (int cause = OPINION_ABSENT; cause <= OPINION_KEY; cause++) {
    o.error = opinion_error(cpu, access_now, (enum opinion_cause)cause);
    check(&o);
  }
}

/* Of each access a fuzzer checks what was seen and what may be; of one in eight in turn,
 * also what lies beside what was seen, and beside one outcome. */
static void check_access(const struct machine_step *s)
{
  const int all = fuzz_checks > 0, due = all || turn % 8 == 0;
  access_now = &s->access;
  opinion_items(&m.history, &items);
  opinion_outcomes(&m.history, &items, access_now, &outcomes);
  if (!verdict(&m.tlb, &s->seen).allowed) differ("a processor may do this", &s->seen);
  if (all || turn % 4 == 1) check_guesses();
  if (due) beside(&s->seen, all || turn % 16 == 0), check_relations(&s->seen);
  for (unsigned i = 0; i < outcomes.n && i < 24; i++) {
    const struct vmref_observed o = outcome(i, 0), more = outcome(i, 0xb5u << (m.step & 7) | 0xb5u >> (8 - (m.step & 7)));
    if (!all && i != (turn >> 8) % outcomes.n) {
      if (due) check(&o);
      else if (!verdict(&m.tlb, &o).allowed) differ("the manual permits it", &o);
      continue;
    }
    if (!verdict(&m.tlb, &o).allowed) differ("the manual permits it", &o);
    if (!verdict(&m.tlb, &more).allowed) differ("the manual permits these flags", &more);
    if (due) beside(&o, all || turn % 16 == 8);
    if (all || turn % 8 == 2) check_relations(&o);
  }
}

/* Accesses of every kind to every address, where the sequence has come to. */
static void check_every_kind(void)
{
  struct vmref_access a = { .size = 1, .cpl = turn >> 6 & 1 ? 0 : 3 };
  access_now = &a;
  opinion_items(&m.history, &items);
  for (unsigned v = 0; v < OPINION_VAS; v++)
    for (a.kind = 0; a.kind < 4; a.kind++) {
      a.va = opinion_va(m.history.at[m.history.now].cpu.mode, v);
      opinion_outcomes(&m.history, &items, &a, &outcomes);
      for (unsigned i = 0; i < outcomes.n; i++) {
        const struct vmref_observed o = outcome(i, 0);
        if (!verdict(&m.tlb, &o).allowed) differ("the manual permits it", &o);
      }
    }
}

/* Questions that must be refused. */
static void check_refused(void)
{
  static const struct vmref_access BAD[] = {
    { .va = 0, .kind = 4, .size = 1 }, { .va = 0xfff, .size = 2 }, { .va = 0, .size = 0 }, { .va = 0, .size = 1, .cpl = 4 },
    { .va = UINT64_C(1) << 60, .size = 1, .implicit = 1 } };
  const struct vmref_observed seen = { 0 };
  for (unsigned i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    access_now = &BAD[i];
    opinion_outcomes(&m.history, &items, access_now, &outcomes);
    check(&seen);
  }
}

/* Whose turn it is: of the bytes, so that an input always gets the same checks. */
static unsigned turn_of(const uint8_t *data, size_t size)
{
  uint32_t mix = 0x811c9dc5;
  for (size_t i = 0; i < size; i++) mix = (mix ^ data[i]) * 0x01000193;
  return mix >> 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct machine_step s;
  turn = turn_of(data, size);
  machine_start(&m, data, size);
  if (fuzz_checks > 0 || turn % 16 == 0) opinion_items(&m.history, &items), check_refused();
  while (machine_next(&m, &s)) {
    if (s.is_access) check_access(&s), turn++;
    machine_make(&m, &s);
  }
  if (fuzz_checks > 0 || turn % 8 == 5) check_every_kind();
  return 0;
}
