/* SPDX-License-Identifier: MIT */
/* Every step of a sequence against the model: register writes by topic control, what may
 * be cached by topic tlb, each access by vmref_allows. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "feed.h"
#include "sequence.h"
#include "sequence_judge.h"
#include "show.h"

/* Physical memory from 0 to the mailbox: tags in the arena, zeros above. Pages that are
 * never touched cost nothing. */
static uint64_t *memory;
#define WORDS (MAIL_BASE / 8)

static void reset_memory(void)
{
  if (!memory && !(memory = calloc(WORDS, 8))) abort();
  for (uint64_t pa = CASE_BASE; pa < CASE_BASE + CASE_BYTES; pa += 8) memory[pa / 8] = case_tag(pa);
}

static uint64_t *listed(const struct sequence *q, unsigned i) { return &memory[CASE_BASE / 8 + q->guest.word[i]]; }

/* What a processor may have cached by now: from the tables in memory, and from those that
 * a cached table still leads to. */
static void fill_page(struct state *s, unsigned n, uint64_t va)
{
  struct vmref_tlb *tlb = &s->tlb[n];
  struct vmref_cpu cpu = vmref_cpu_of(&s->control);
  for (unsigned i = 1; n & TLB_PDPTES && i < 4; i++) cpu.pdpte[i] = s->other[i];
  struct vmref_access a = { .va = va, .size = 1 };
  struct vmref_walk w = vmref_walk(memory, WORDS, cpu, a);
  if (w.status == VMREF_OK && vmref_tlb_fill(tlb, &w) != VMREF_OK) s->full = 1;
  for (unsigned turn = 0; turn < 2; turn++) /* the second goes by tables that the first found */
    for (unsigned t = 0; t < VMREF_TLB_SLOTS; t++) {
      if (!vmref_leads(tlb->table[t], vmref_pcid(cpu), va)) continue;
      vmref_walk_from(&w, cpu, a, tlb->table[t].origin);
      if (w.status != VMREF_OK) continue;
      vmref_walk_finish(&w, memory, WORDS);
      if (w.status == VMREF_OK && vmref_tlb_fill(tlb, &w) != VMREF_OK) s->full = 1;
    }
}

/* The PDPTEs in memory, as registers could hold them. */
static void other_from_memory(struct state *s)
{
  struct vmref_cpu cpu = vmref_cpu_of(&s->control);
  for (unsigned i = 1; i < 4 && s->mode == VMREF_MODE_PAE; i++)
    s->other[i] = pdpte_in_memory(&cpu, memory[(cpu.cr3 & 0xffffffe0u) / 8 + i]);
}

static void fill(struct state *s)
{
  if (deviation_is_on("DEV-TCG-PDPTE-REREAD")) other_from_memory(s);
  for (unsigned i = 0; i < PAGES && !s->filled; i++)
    for (unsigned n = 0; n < TLBS; n++)
      if (s->in_use >> n & 1) fill_page(s, n, s->q->world.va[i]);
  s->filled = 1;
}

/* ---- what was seen of an access -------------------------------------------------- */

static int is_entry(const struct sequence *q, uint64_t pa)
{
  for (unsigned i = 0; i < q->world.entries; i++)
    if (q->world.entry[i].address == pa) return 1;
  return 0;
}

/* A or D set in an entry, or a defect. */
static int entry_seen(struct vmref_observed *o, uint64_t pa, uint64_t was, uint64_t is)
{
  if (was == is) return 0;
  if ((was & ~is) || ((was ^ is) & ~0x60ull) || o->sets == VMREF_SETS) return -1;
  o->set_address[o->sets] = pa;
  o->set_a[o->sets] = (was ^ is) >> 5 & 1;
  o->set_d[o->sets++] = (was ^ is) >> 6 & 1;
  return 0;
}

/* The changes of the listed words: entries, and where a store went. */
static int words_seen(const struct state *s, const struct step_result *r, struct vmref_observed *o, uint64_t *stored)
{
  unsigned bytes = vmref_entry_size(s->mode), stores = 0;
  for (unsigned i = 0; i < s->q->guest.words; i++) {
    uint64_t was = *listed(s->q, i), is = r->after[i], pa = CASE_BASE + 8u * s->q->guest.word[i];
    if (was == is) continue;
    if (!is_entry(s->q, pa) && !is_entry(s->q, pa + 4)) {
      *stored = pa;
      if (stores++) return -1;
      continue;
    }
    for (unsigned at = 0; at < 8; at += bytes) {
      uint64_t mask = bytes == 8 ? ~0ull : 0xffffffffu;
      if (entry_seen(o, pa + at, was >> 8 * at & mask, is >> 8 * at & mask) != 0) return -1;
    }
  }
  return stores;
}

/* 0, or -1: no access of this kind can have left this. */
static int observe(const struct state *s, const struct guest_step *g, const struct step_result *r,
                   struct vmref_access *a, struct vmref_observed *o)
{
  static const uint8_t kind[] = { VMREF_READ, VMREF_WRITE, VMREF_RMW, 0, 0, 0, VMREF_FETCH };
  uint64_t stored = 0, mask = 0xffffffffu;
  *a = (struct vmref_access){ .va = g->value, .kind = kind[OP_FORM(g->op)], .cpl = g->cpl, .ac = g->ac, .size = 8 };
  *o = (struct vmref_observed){ .error = r->error, .cr2 = r->cr2, .flags_seen = 1 };
  o->vector = r->vector == VECTOR_DONE ? VMREF_VECTOR_NONE : r->vector;
  int stores = words_seen(s, r, o, &stored);
  if (OP_WIDTH(g->op) == 2) a->size = 4;
  if (stores < 0 || stores != (r->vector == VECTOR_DONE && OP_FORM(g->op) != FORM_READ && OP_FORM(g->op) != FORM_FETCH))
    return -1;
  if (r->vector != VECTOR_DONE) return 0;
  if (stores) o->pa = stored;
  else if (OP_FORM(g->op) == FORM_FETCH) o->pa = r->value & mask;
  else {
    o->pa = r->value >> 8 & mask;
    if (r->value != case_tag(o->pa)) return -1;
  }
  return 0;
}

/* ---- deviations --------------------------------------------------------------------- */

static int active(unsigned i, uint8_t mode)
{
  const struct sequence_deviation *d = &sequence_deviations[i];
  return deviation_is_on(d->id) && d->apply && (!d->pae || mode == VMREF_MODE_PAE);
}

static struct vmref_verdict allowed(const struct state *s, const struct asked *q)
{
  return vmref_allows(q->cpu, &s->tlb[q->tlb], memory, WORDS, q->access, &q->seen);
}

/* The fewest of sequence_deviations[] that together make it allowed, as bits; 0: none do. */
static unsigned explained(const struct state *s, const struct asked *asked)
{
  unsigned best = 0, least = SEQUENCE_DEVIATIONS + 1, on = 0;
  for (unsigned i = 0; i < SEQUENCE_DEVIATIONS; i++) on |= (unsigned)active(i, s->mode) << i;
  for (unsigned set = on; set; set = (set - 1) & on) {
    struct asked q = *asked;
    unsigned members = (unsigned)__builtin_popcount(set), applies = members < least;
    for (unsigned i = 0; i < SEQUENCE_DEVIATIONS && applies; i++)
      if (set >> i & 1) applies = (unsigned)sequence_deviations[i].apply(s, memory, &q);
    if (!applies || !allowed(s, &q).allowed) continue;
    best = set;
    least = members;
  }
  return best;
}

/* ---- the steps ------------------------------------------------------------------------ */

static int access_step(struct state *s, const struct guest_step *g, const struct step_result *r)
{
  struct asked q = { .cpu = vmref_cpu_of(&s->control), .tlb = TLB_MODEL };
  int bad = observe(s, g, r, &q.access, &q.seen);
  struct vmref_verdict v = { 0 };
  if (bad == 0) v = allowed(s, &q);
  unsigned set = bad == 0 && !v.allowed ? explained(s, &q) : 0;
  s->ways[v.way]++;
  s->explained |= set;
  for (unsigned i = 0; i < s->q->guest.words; i++) {
    s->filled &= *listed(s->q, i) == r->after[i];
    *listed(s->q, i) = r->after[i];
  }
  if (!v.allowed && !set) return -1;
  if (r->vector == VMREF_VECTOR_PF) {
    fill(s);
    for (unsigned n = 0; n < TLBS; n += TLB_PDPTES) {
      if (!(s->in_use >> n & 1)) continue;
      if (!(s->in_use >> (n | TLB_NO_DROP) & 1)) s->tlb[n | TLB_NO_DROP] = s->tlb[n];
      s->in_use |= (uint8_t)(1u << (n | TLB_NO_DROP));
      vmref_tlb_fault(&s->tlb[n], q.cpu, g->value);
    }
    s->filled = 0;
  }
  return 0;
}

/* A write of CR0 or CR4 that loads no PDPTEs, but does in a machine that deviates: then
 * what is in memory may give #GP. */
static int loads_anyway(const struct state *s, const struct guest_step *g, const struct step_result *r, int loads,
                        const struct vmref_pdptes *p)
{
  if (s->mode != VMREF_MODE_PAE || loads || (g->op != VMREF_REG_CR0 && g->op != VMREF_REG_CR4)) return 0;
  int unfit = 0;
  for (unsigned i = 1; i < 4; i++) unfit |= !vmref_pdpte_fit(s->control.features.maxphyaddr, p->e[i]);
  return unfit && r->vector == VMREF_VECTOR_GP && deviation_is_on("DEV-BOCHS-PDPTE-LOAD");
}

/* A write of a register. 1: a machine that deviates is in another state now. */
static int set_step(struct state *s, const struct guest_step *g, const struct step_result *r)
{
  uint8_t reg = (uint8_t)g->op;
  uint64_t table = vmref_cpu_pdpte_table(&s->control, reg, g->value) / 8;
  struct vmref_pdptes p = { { CASE_BASE | 1, 0, 0, 0 } };
  for (unsigned i = 1; i < 4 && s->mode == VMREF_MODE_PAE; i++) p.e[i] = memory[table + i];
  struct vmref_cpu before = vmref_cpu_of(&s->control);
  if (loads_anyway(s, g, r, vmref_cpu_loads_pdptes(&s->control, reg, g->value), &p)) {
    for (unsigned i = 0; i < SEQUENCE_DEVIATIONS; i++)
      if (strcmp(sequence_deviations[i].id, "DEV-BOCHS-PDPTE-LOAD") == 0) s->explained |= 1u << i;
    return 1;
  }
  int rule = vmref_cpu_set(&s->control, reg, g->value, p);
  struct vmref_cpu after = vmref_cpu_of(&s->control);
  if (rule == 0 && reg <= VMREF_REG_CR4) other_from_memory(s);
  uint8_t vector = rule > 0 ? vmref_vector((uint8_t)rule) : VECTOR_DONE;
  if (rule < 0) return -1;
  if (r->vector != vector || r->error != 0) {
    int row = rule > 0 && r->vector == VECTOR_DONE ? deviation_of_set((uint8_t)rule) : -1;
    if (row < 0) return -1;
    s->explained |= 1u << row;
    /* PDPTEs that must not be loaded are loaded: as registers could have them, and on it goes. */
    for (unsigned i = 1; i < 4; i++) p.e[i] = pdpte_in_memory(&before, p.e[i]);
    if (rule != VMREF_RULE_GP_PDPTE || vmref_cpu_set(&s->control, reg, g->value, p) != 0) return 1;
    after = vmref_cpu_of(&s->control);
    other_from_memory(s);
    rule = 0;
  }
  if (rule > 0) return 0;
  for (unsigned n = 0; n < TLBS; n++) {
    if (reg == VMREF_REG_CR3) vmref_tlb_cr3(&s->tlb[n], after, before.pcide && g->value >> 63);
    if (reg == VMREF_REG_CR0 || reg == VMREF_REG_CR4) vmref_tlb_control(&s->tlb[n], before, after);
  }
  return 0;
}

static int one_step(struct state *s, const struct guest_step *g, const struct step_result *r)
{
  struct vmref_cpu cpu = vmref_cpu_of(&s->control);
  uint8_t rule = 0;
  fill(s);
  for (unsigned n = 0; plant_forgets() && n < TLBS; n++) vmref_tlb_reset(&s->tlb[n]);
  s->filled &= g->what == STEP_ACCESS;
  switch (g->what) {
  case STEP_ACCESS: return access_step(s, g, r);
  case STEP_STORE:
    memory[CASE_BASE / 8 + g->op] = g->value;
    return 0;
  case STEP_INVLPG:
    for (unsigned n = 0; n < TLBS; n++) vmref_tlb_invlpg(&s->tlb[n], cpu, g->value);
    return r->vector == VECTOR_DONE ? 0 : -1;
  case STEP_INVPCID:
    for (unsigned n = TLBS; n-- > 0;)
      rule = vmref_tlb_invpcid(&s->tlb[n], cpu, s->control.features.la57, g->op, g->data, g->value);
    return r->vector == (rule ? VMREF_VECTOR_GP : VECTOR_DONE) ? 0 : -1;
  default: return set_step(s, g, r);
  }
}

static void show_step(FILE *f, const struct sequence *q, unsigned k, const struct step_result *r)
{
  static const char *const name[DOES] = { "read", "write", "read-modify-write", "fetch", "store to an entry",
    "INVLPG", "INVPCID", "MOV CR3", "control bit", "keys", "control register" };
  const struct guest_step *g = &q->guest.step[k];
  char text[SHOW_TEXT];
  fprintf(f, "  %2u  %-18s", k, name[q->begun[k]]);
  if (g->what == STEP_STORE) fprintf(f, " @0x%x = 0x%" PRIx64, CASE_BASE + 8u * g->op, g->value);
  else if (g->what == STEP_SET) fprintf(f, " %s = 0x%" PRIx64, (const char *[]){ "CR0", "CR3", "CR4", "EFER", "PAT",
                                        "PKRU", "PKRS" }[g->op], g->value);
  else fprintf(f, " 0x%" PRIx64, g->value);
  if (g->what == STEP_ACCESS) fprintf(f, " CPL %u%s", g->cpl, g->ac ? " AC" : "");
  if (g->what == STEP_INVPCID) fprintf(f, " type %u, PCID 0x%" PRIx64, g->op, g->data);
  if (r->vector != VECTOR_DONE) fprintf(f, ": vector %u, error 0x%x = %s", r->vector, r->error, error_bits(r->error, text));
  else if (g->what == STEP_ACCESS && !OP_FORM(g->op)) fprintf(f, ": 0x%" PRIx64, r->value);
  fprintf(f, "\n");
}

void show_sequence(FILE *f, const struct sequence *q, const struct step_result *r, unsigned steps)
{
  char token[SEQUENCE_TOKEN];
  struct vmref_cpu c = vmref_cpu_of(&q->world.control);
  sequence_token(q, token);
  fprintf(f, "token   %s\n%s, CR3 0x%" PRIx64 ", WP %u SMEP %u SMAP %u NXE %u PGE %u PCIDE %u PKE %u PKS %u PKRU 0x%x PKRS 0x%x\n",
          token, mode_name(c.mode), c.cr3, c.wp, c.smep, c.smap, c.nxe, c.pge, c.pcide, c.pke, c.pks, c.pkru, c.pkrs);
  for (unsigned i = 0; i < q->world.entries; i++)
    fprintf(f, "      level %u @0x%" PRIx64 " = 0x%" PRIx64 "\n", q->world.entry[i].level, q->world.entry[i].address,
            q->world.entry[i].value);
  for (unsigned k = 0; k < steps; k++) show_step(f, q, k, &r[k]);
}

int sequence_judge(struct state *s, const struct sequence *q, const struct step_result *r)
{
  reset_memory();
  for (unsigned i = 0; i < q->guest.words; i++) memory[CASE_BASE / 8 + q->guest.word[i]] = q->guest.before[i];
  memset(s, 0, sizeof *s);
  s->q = q;
  s->control = q->world.control;
  s->mode = vmref_cpu_of(&s->control).mode;
  s->in_use = 1u << TLB_MODEL;
  if (s->mode == VMREF_MODE_PAE && (deviation_is_on("DEV-TCG-PDPTE-REREAD") || deviation_is_on("DEV-BOCHS-PDPTE-LOAD")))
    s->in_use |= 1u << TLB_PDPTES;
  other_from_memory(s);
  for (s->at = 0; s->at < q->steps && !s->full; s->at++) {
    int end = one_step(s, &q->guest.step[s->at], &r[s->at]);
    if (end) return end < 0 ? -1 : 0;
  }
  return 0;
}
