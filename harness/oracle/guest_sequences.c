/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "adapters.h"
#include "deviations.h"
#include "guest_sequences.h"
#include "sequence_judge.h"

/* Within the page that a question names: no rule looks at where, and what is stored must not be where something is read. */
#define READ_AT  0x100u
#define WRITE_AT 0x208u

int plant_forgets(void); /* of feed.h, whose judge() is another than that of cli.h */
int plant_forgets(void) { return 0; } /* guest-run has the plants */

/* ---- words ---------------------------------------------------------------------------- */

static int list_word(struct guest_sequence *g, uint64_t pa, uint64_t value)
{
  const uint16_t word = (uint16_t)((pa - CASE_BASE) / 8);
  for (unsigned i = 0; i < g->words; i++)
    if (g->word[i] == word) return (int)i;
  if (g->words == SEQUENCE_WORDS) return -1;
  g->word[g->words] = word;
  g->before[g->words] = value;
  return g->words++;
}

/* A word of the question's as it is in the arena: -1, it has no place. */
static int word_placed(const struct places *at, const struct word *w, uint64_t *pa, uint64_t *value)
{
  const unsigned bytes = vmref_entry_size(at->mode);
  *value = 0;
  if ((*pa = place_of(at, w->address)) == NOWHERE || entry_level(at, w->address) == 0) return -1;
  for (unsigned half = 0; half < 8; half += bytes) {
    const uint64_t e = bytes == 8 ? w->value : w->value >> 8 * half & 0xffffffffu, to = place_of_entry(at, w->address + half, e);
    if (to == NOWHERE) return -1;
    *value |= to << 8 * half;
  }
  return 0;
}

static bool own(const struct places *at, uint64_t pa) /* the guest's window in a root table */
{
  const uint64_t offset = pa & 0xfff;
  if (entry_level(at, place_back(at, pa)) == 0) return false;
  for (unsigned i = 0; i < at->roots; i++)
    if ((place_of(at, at->root[i]) & ~0xfffull) == (pa & ~0xfffull))
      return at->mode == VMREF_MODE_32BIT ? offset < 72 : at->mode == VMREF_MODE_PAE ? offset < 8 : offset == 511 * 8;
  return false;
}

static const char *plan_words(struct guest_ask *a)
{
  struct guest_sequence *g = &a->q.guest;
  struct world *w = &a->q.world;
  const unsigned bytes = vmref_entry_size(a->at.mode);
  uint64_t pa, value;
  for (unsigned i = 0; i < a->p.words + 0u + SEQUENCE_STEPS * PLAIN_STORES; i++) {
    const unsigned k = i < a->p.words ? 0 : (i - a->p.words) / PLAIN_STORES, n = i < a->p.words ? 0 : (i - a->p.words) % PLAIN_STORES;
    if (i >= a->p.words && (k >= a->p.steps || a->p.step[k].what != PLAIN_STORE || n >= a->p.step[k].words)) continue;
    const struct word *from = i < a->p.words ? &a->p.word[i] : &a->p.step[k].word[n];
    if (place_of(&a->at, from->address) == NOWHERE) continue; /* of no table that a walk reads */
    if (word_placed(&a->at, from, &pa, &value) != 0) return "a page that is written as a table";
    if (own(&a->at, pa)) return "an entry of the guest's own window";
    const unsigned had = g->words;
    if (list_word(g, pa, i < a->p.words ? value : 0) < 0) return "more words than the guest watches";
    for (unsigned half = 0; g->words > had && half < 8; half += bytes) {
      if (w->entries == ENTRIES) return "more entries than the guest's judge has room for";
      w->entry[w->entries++] = (struct world_entry){ pa + half, 0, 0, 0 };
    }
  }
  for (unsigned i = 0; i < CASE_FRAMES; i++) { /* where stores may go */
    const uint64_t to = CASE_BASE + 4096u * i + WRITE_AT;
    if (a->at.frame[i] != NOWHERE && a->at.level[i] == 0 && list_word(g, to, case_tag(to)) < 0) return "more words than the guest watches";
  }
  return NULL;
}

/* ---- control state ------------------------------------------------------------------------ */

const char why_no_set[] = "writes of control registers begin in any state on a CPU of the vector's own: this guest stays in the one that it was booted in; make guest-control has one for it";

const char *lacks(const struct vmref_cpu *u, const struct machine *m)
{
  if (u->pcide && !(m->has & HAS_PCID)) return "no-feature: PCIDs";
  if (u->pks && !(m->has & HAS_PKS)) return "no-feature: PKS";
  if (u->pke && !(m->has & HAS_PKU)) return "no-feature: PKU";
  if (u->nxe && !(m->has & HAS_NX)) return "no-feature: NX";
  if (u->pge && !(m->has & HAS_PGE)) return "no-feature: PGE";
  if ((u->smep && !(m->has & HAS_SMEP)) || (u->smap && !(m->has & HAS_SMAP))) return "no-feature: SMEP or SMAP";
  return NULL;
}

static bool same_cpu(const struct guest_ask *a, const struct machine *m)
{
  const struct vmref_cpu *u = &a->p.cpu;
  if (u->mode == VMREF_MODE_32BIT) return u->pse36 == m->cpu.pse36 || !a->at.odd;
  if (u->mode == VMREF_MODE_PAE) return u->maxphyaddr == m->cpu.maxphyaddr || !a->at.odd;
  return u->maxphyaddr == m->cpu.maxphyaddr && u->page1gb == m->cpu.page1gb && u->vendor == m->cpu.vendor;
}

static const char *plan_control(struct guest_ask *a, const struct machine *m)
{
  const struct vmref_cpu *u = &a->p.cpu;
  struct vmref_control *c = &a->q.world.control;
  const uint8_t flags[] = { u->mode, (uint8_t)(u->wp | u->smep << 1 | u->smap << 2 | u->nxe << 3 | u->pge << 4 | u->pke << 5 | u->pks << 6 | u->pcide << 7), u->pse, 0 };
  const char *why = lacks(u, m);
  if (why) return why;
  if ((u->pkru | u->pkrs) & 0xc0000000u) return "key 15, which is the guest's own";
  if (!(m->modes >> u->mode & 1)) return "another guest's paging mode";
  if (!same_cpu(a, m)) return "no-cpu: another width of addresses, vendor or page size";
  sequence_control(c, m, u->mode, flags);
  c->pkru = u->pke ? u->pkru : 0, c->pkrs = u->pks ? u->pkrs : 0;
  c->cr3 = (place_of(&a->at, u->cr3) & ~UINT64_C(0xfff)) | (u->cr3 & 0xfff);
  for (unsigned i = 0; i < a->at.roots; i++) a->q.world.root[i] = place_of(&a->at, a->at.root[i]) & ~UINT64_C(0xfff);
  for (unsigned i = 1; u->mode == VMREF_MODE_PAE && i < 4; i++) {
    const uint64_t pa = a->q.world.root[0] + 8 * i;
    c->pdpte[i] = case_tag(pa);
    for (unsigned k = 0; k < a->q.guest.words; k++)
      if (CASE_BASE + 8u * a->q.guest.word[k] == pa) c->pdpte[i] = a->q.guest.before[k];
    if (!vmref_pdpte_fit(m->cpu.maxphyaddr, c->pdpte[i])) return "PDPTEs that cannot be loaded";
  }
  return vmref_control_legal(c) ? NULL : "control state that this machine cannot be in";
}

/* ---- steps ------------------------------------------------------------------------------------ */

static const char *plan_access(struct guest_ask *a, struct guest_step *g, const struct vmref_access *access)
{
  static const uint8_t form[] = { [VMREF_READ] = FORM_READ, [VMREF_WRITE] = FORM_WRITE, [VMREF_RMW] = FORM_ADD, [VMREF_FETCH] = FORM_FETCH };
  const bool stores = access->kind == VMREF_WRITE || access->kind == VMREF_RMW;
  const uint64_t va = (access->va & ~UINT64_C(0xfff)) + a->at.up;
  struct world *w = &a->q.world;
  unsigned i = 0;
  if (access->implicit || access->seg == VMREF_SEG_SS) return "an implicit access or by SS in a sequence";
  if (access->va % 4096 + access->size > 4096) return "an access in two pages in a sequence";
  if (!vmref_long_mode(a->at.mode) && (va >> 32 || va < a->at.up)) return "a linear address that cannot be moved out of the guest's window";
  if (!vmref_canonical(a->at.mode, va)) return "a linear address that is not canonical in a sequence";
  if (vmref_long_mode(a->at.mode) && vmref_index(a->at.mode, va, vmref_top_level(a->at.mode)) == 511) return "the guest's own window";
  while (i < PAGES && w->va[i] && w->va[i] != va + READ_AT) i++; /* 0: none yet, as no address is below READ_AT */
  if (i == PAGES) return "more pages than the guest's judge has room for";
  w->va[i] = va + READ_AT;
  g->what = STEP_ACCESS;
  g->value = va + (stores ? WRITE_AT : READ_AT);
  g->data = stores ? PATTERN + a->q.steps : 0;
  g->op = (uint16_t)OP(form[access->kind], stores && !vmref_long_mode(a->at.mode) ? 2 : access->kind == VMREF_FETCH ? 0 : 3, 0);
  g->cpl = access->cpl, g->ac = access->ac;
  return NULL;
}

/* The register that differs between two states, and its value: NULL, or why it is none. */
static const char *plan_set(struct guest_step *g, const struct machine *m, const struct vmref_control *now, const struct vmref_cpu *was, const struct vmref_cpu *is)
{
  uint64_t cr4 = now->cr4, efer = now->efer & ~(uint64_t)VMREF_EFER_NXE, registers = 0;
#define BIT(field, bit) do { if (was->field != is->field) cr4 ^= (bit), registers |= 2; } while (0)
  BIT(smep, VMREF_CR4_SMEP); BIT(smap, VMREF_CR4_SMAP); BIT(pge, VMREF_CR4_PGE); BIT(pse, VMREF_CR4_PSE);
  BIT(pke, VMREF_CR4_PKE); BIT(pks, VMREF_CR4_PKS); BIT(pcide, VMREF_CR4_PCIDE);
  registers |= (was->wp != is->wp) | (was->nxe != is->nxe ? 4u : 0) | (was->pkru != is->pkru ? 8u : 0) | (was->pkrs != is->pkrs ? 16u : 0);
  if (was->mode != is->mode || was->cr3 != is->cr3) return "a change of the paging mode in a sequence";
  if (registers & 8 && !was->pke) return "WRPKRU while CR4.PKE = 0, which is #UD";
  if (registers & 16 && !(m->has & HAS_PKS)) return "no-feature: PKS";
  if (registers & (registers - 1)) return "a step that writes two registers";
  g->what = STEP_SET;
  if (registers == 1) g->op = VMREF_REG_CR0, g->value = now->cr0 ^ VMREF_CR0_WP;
  else if (registers == 4) g->op = VMREF_REG_EFER, g->value = efer | (is->nxe ? VMREF_EFER_NXE : 0);
  else if (registers == 8) g->op = VMREF_REG_PKRU, g->value = is->pkru;
  else if (registers == 16) g->op = VMREF_REG_PKRS, g->value = is->pkrs;
  else g->op = VMREF_REG_CR4, g->value = cr4;
  return NULL;
}

static struct guest_step *next(struct guest_ask *a, unsigned step, uint8_t begun)
{
  if (a->q.steps == SEQUENCE_STEPS) return NULL;
  a->of[a->q.steps] = (uint8_t)step;
  a->q.begun[a->q.steps] = begun;
  return &a->q.guest.step[a->q.steps++];
}

static const char *plan_step(struct guest_ask *a, unsigned i, const struct machine *m, struct vmref_control *now, struct vmref_cpu *cpu)
{
  static const uint8_t kinds[] = { [VMREF_READ] = DO_READ, [VMREF_WRITE] = DO_WRITE, [VMREF_RMW] = DO_RMW, [VMREF_FETCH] = DO_FETCH };
  const struct plain_step *s = &a->p.step[i];
  const char *why = NULL;
  uint64_t pa, value;
  for (unsigned k = 0; s->what == PLAIN_STORE && k < s->words; k++) {
    if (place_of(&a->at, s->word[k].address) == NOWHERE) continue;
    struct guest_step *g = next(a, i, DO_STORE);
    if (!g) return "more steps than the guest takes";
    word_placed(&a->at, &s->word[k], &pa, &value);
    g->what = STEP_STORE, g->op = (uint16_t)((pa - CASE_BASE) / 8), g->value = value;
  }
  if (s->what == PLAIN_STORE) return NULL;
  struct guest_step *g = next(a, i, s->what == PLAIN_ACCESS ? kinds[s->access.kind] : s->what == PLAIN_INVLPG ? DO_INVLPG
                              : s->what == PLAIN_INVPCID ? DO_INVPCID : s->what == PLAIN_CR3 ? DO_CR3 : DO_TOGGLE);
  if (!g) return "more steps than the guest takes";
  switch (s->what) {
  case PLAIN_ACCESS: return plan_access(a, g, &s->access);
  case PLAIN_INVLPG:
    g->what = STEP_INVLPG, g->value = s->value + a->at.up;
    return NULL;
  case PLAIN_INVPCID:
    if (!(m->has & HAS_INVPCID)) return "no-feature: INVPCID";
    if (s->la57 != (a->at.mode == VMREF_MODE_5LEVEL) && s->value >> 47 != 0 && s->value >> 47 != 0x1ffff) return "INVPCID's check of an address of another CPU's width";
    if (s->type > UINT16_MAX || (!vmref_long_mode(a->at.mode) && s->descriptor >> 32)) return "INVPCID of a type or descriptor that the guest cannot name";
    g->what = STEP_INVPCID, g->value = s->value + a->at.up, g->op = (uint16_t)s->type, g->data = s->descriptor;
    return NULL;
  case PLAIN_CR3:
    if (s->keep && !cpu->pcide) return "MOV CR3 with bit 63 while CR4.PCIDE = 0, which faults before it invalidates";
    g->what = STEP_SET, g->op = VMREF_REG_CR3;
    g->value = (place_of(&a->at, s->value) & ~UINT64_C(0xfff)) | (s->value & 0xfff) | (uint64_t)s->keep << 63;
    cpu->cr3 = s->value;
    break;
  default:
    if ((why = lacks(&s->cpu, m)) || (why = plan_set(g, m, now, cpu, &s->cpu))) return why;
    *cpu = s->cpu;
  }
  /* The registers as they are then: what memory holds matters to PDPTEs alone, and those that do not load change nothing. */
  struct vmref_pdptes none = { { CASE_BASE | 1, 0, 0, 0 } };
  vmref_cpu_set(now, (uint8_t)g->op, g->value, none);
  return NULL;
}

const char *ask_plan(struct guest_ask *a, const struct machine *m)
{
  struct guest_sequence *g = &a->q.guest;
  const char *why = places_find(&a->at, &a->p);
  memset(&a->q, 0, sizeof a->q);
  if (why || (plain_drop_idle(&a->p, m->has & HAS_SMEP, m->has & HAS_NX), why = plan_words(a)) || (why = plan_control(a, m))) return why;
  struct vmref_control now = a->q.world.control;
  struct vmref_cpu cpu = a->p.cpu;
  for (unsigned i = 0; i < a->p.steps && !why; i++) why = plan_step(a, i, m, &now, &cpu);
  if (why) return why;
  const struct vmref_cpu *u = &a->p.cpu;
  const uint64_t root = a->q.world.root[0], other = a->q.world.root[a->at.roots - 1];
  g->control = (u->wp ? CONTROL_WP : 0) | (u->smep ? CONTROL_SMEP : 0) | (u->smap ? CONTROL_SMAP : 0) | (u->nxe ? CONTROL_NXE : 0)
    | (u->pge ? CONTROL_PGE : 0) | (u->pke ? CONTROL_PKE : 0) | (u->pks ? CONTROL_PKS : 0) | (u->pcide ? CONTROL_PCIDE : 0)
    | (u->pse ? CONTROL_PSE : 0) | CONTROL_MODE(u->mode) | CONTROL_ROOT((root - CASE_BASE) / 4096) | CONTROL_LOW(u->cr3 & 0xfff);
  g->other = CONTROL_MODE(u->mode) | CONTROL_ROOT((other - CASE_BASE) / 4096);
  g->pkru = (uint32_t)a->q.world.control.pkru, g->pkrs = (uint32_t)a->q.world.control.pkrs;
  g->steps = (uint8_t)a->q.steps;
  for (unsigned i = 1; i < PAGES; i++) /* the judge fills for each */
    if (!a->q.world.va[i]) a->q.world.va[i] = a->q.world.va[0];
  return a->q.steps ? NULL : "no steps";
}

/* ---- what came of it ------------------------------------------------------------------------ */

#define ASTRAY UINT64_C(0xfffffffffffff) /* no place that the question knows */

/* Flags that an access set, and where a store went; what is in memory then. */
static uint64_t print_sets(const struct guest_ask *a, uint64_t *now, const struct step_result *r)
{
  const struct guest_sequence *g = &a->q.guest;
  const unsigned bytes = vmref_entry_size(a->at.mode);
  const char *comma = "";
  uint64_t stored = NOWHERE;
  fputs("\"sets\":[", stdout);
  for (unsigned i = 0; i < g->words; i++) {
    const uint64_t pa = CASE_BASE + 8u * g->word[i], changed = now[i] ^ r->after[i];
    now[i] = r->after[i];
    if (!changed) continue;
    if (entry_level(&a->at, place_back(&a->at, pa)) == 0) {
      stored = stored == NOWHERE ? place_back(&a->at, pa) - WRITE_AT : ASTRAY;
      continue;
    }
    for (unsigned half = 0; half < 8; half += bytes) {
      const uint64_t bits = bytes == 8 ? changed : changed >> 8 * half & 0xffffffffu;
      if (bits & ~UINT64_C(0x60)) stored = ASTRAY;
      if (bits & 0x60) printf("%s[\"0x%" PRIx64 "\",\"%s%s\"]", comma, place_back(&a->at, pa) + half, bits & 0x20 ? "A" : "", bits & 0x40 ? "D" : ""), comma = ",";
    }
  }
  putchar(']');
  return stored;
}

static void print_access(const struct guest_ask *a, const struct guest_step *g, const struct plain_step *s, uint64_t *now, const struct step_result *r)
{
  const unsigned form = OP_FORM(g->op), within = s->access.va & 0xfff;
  const bool stores = form != FORM_READ && form != FORM_FETCH;
  putchar('{');
  uint64_t pa = print_sets(a, now, r);
  if (r->vector != VECTOR_DONE) {
    printf(",\"vector\":%u,\"error\":\"0x%" PRIx32 "\"", r->vector, r->error);
    if (r->vector == VMREF_VECTOR_PF)
      printf(",\"cr2\":\"0x%" PRIx64 "\"", r->cr2 - a->at.up - (stores ? WRITE_AT : READ_AT) + within);
    putchar('}');
    return;
  }
  if (a->at.far != NOWHERE && pa == NOWHERE && (stores || r->value == 0)) pa = (a->at.far | (g->value & (a->at.size - 1))) - (stores ? WRITE_AT : READ_AT);
  else if (!stores) {
    const uint64_t at = form == FORM_FETCH ? r->value & 0xffffffffu : r->value >> 8 & 0xffffffffu;
    const bool tag = form == FORM_FETCH || r->value == case_tag(at);
    pa = pa != NOWHERE || !tag || at % 4096 != READ_AT || place_back(&a->at, at) == NOWHERE ? ASTRAY : place_back(&a->at, at) - READ_AT;
  }
  printf(",\"pa\":\"0x%" PRIx64 "\"}", pa == NOWHERE || pa == ASTRAY ? ASTRAY : pa + within);
}

static void print_known(const struct guest_ask *a)
{
  static struct state s;
  const char *comma = "";
  if (sequence_judge(&s, &a->q, a->result) != 0 || !s.explained || s.at < a->q.steps) return; /* or it could not go on to the end */
  fputs(",\"known\":[", stdout);
  for (unsigned i = 0; i < SEQUENCE_DEVIATIONS; i++)
    if (s.explained >> i & 1) printf("%s\"%s\"", comma, sequence_deviations[i].id), comma = ",";
  putchar(']');
}

void ask_print(const struct guest_ask *a, bool known)
{
  uint64_t now[SEQUENCE_WORDS];
  memcpy(now, a->q.guest.before, sizeof now);
  fputs("{\"steps\":[", stdout);
  for (unsigned k = 0, i = 0; i < a->p.steps; i++) {
    if (i) putchar(',');
    const struct step_result *r = &a->result[k];
    const struct guest_step *g = &a->q.guest.step[k];
    if (k == a->q.steps || a->of[k] != i) fputs("{}", stdout); /* a store that no walk sees */
    else if (g->what == STEP_ACCESS) print_access(a, g, &a->p.step[i], now, r);
    else if (r->vector != VECTOR_DONE) printf("{\"vector\":%u}", r->vector);
    else fputs("{}", stdout);
    for (; k < a->q.steps && a->of[k] == i; k++)
      for (unsigned n = 0; a->q.guest.step[k].what == STEP_STORE && n < a->q.guest.words; n++)
        if (a->q.guest.word[n] == a->q.guest.step[k].op) now[n] = a->q.guest.step[k].value;
  }
  putchar(']');
  if (known) print_known(a);
  puts("}");
}
