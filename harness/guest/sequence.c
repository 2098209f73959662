/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "sequence.h"

#define FRAME(n) (CASE_BASE + 4096u * (n))
#define READ_AT  0x100u /* where pages are read and fetched: tags */
#define WRITE_AT 0x208u /* and where they are written */

/* ---- the world -------------------------------------------------------------- */

static unsigned add_entry(struct world *w, uint64_t table, uint8_t mode, uint64_t va, uint8_t level,
                          uint64_t value, uint64_t other)
{
  uint64_t at = vmref_entry_in(mode, table, va, level);
  if (mode == VMREF_MODE_PAE && level == 3) at = table + (va >> 30) * 8;
  w->entry[w->entries] = (struct world_entry){ at, value, other, level };
  return w->entries++;
}

/* Pages 0 and 1 by one chain of tables, page 2 by another with the same indices but for the
 * top one; the second root crosses over. `other` is what an entry may be changed to. */
static void make_entries(struct world *w, uint8_t mode, uint64_t bits)
{
  uint8_t top = mode == VMREF_MODE_PAE ? 3 : vmref_top_level(mode);
  uint64_t chain[2][6] = { { 0 } }, frame = 1;
  for (unsigned i = 0; i < 2; i++)
    for (uint8_t level = (uint8_t)(top - 1); level >= 1; level--) chain[i][level] = FRAME(frame++);
  uint64_t page[PAGES] = { FRAME(11), FRAME(12), FRAME(15) };
  uint64_t plain = mode == VMREF_MODE_PAE ? 1 : bits & ~0x140ull; /* what refers to a table */
  w->root[0] = FRAME(9); /* 0 holds tags alone: a large page's frame, and a table where PS means nothing */
  w->root[1] = FRAME(10);
  for (unsigned i = 0; i < 2; i++) {
    uint64_t va = w->va[i == 0 ? 0 : 2];
    add_entry(w, w->root[0], mode, va, top, chain[i][top - 1] | plain, chain[1 - i][top - 1] | plain);
    for (uint8_t level = (uint8_t)(top - 1); level >= 2; level--)
      add_entry(w, chain[i][level], mode, va, level, chain[i][level - 1] | (bits & ~0x140ull),
                chain[1 - i][level - 1] | (bits & ~0x140ull));
    add_entry(w, chain[i][1], mode, va, 1, page[i == 0 ? 0 : 2] | bits, page[1] | bits);
  }
  add_entry(w, chain[0][1], mode, w->va[1], 1, page[1] | bits, page[0] | bits);
  for (unsigned i = 0; i < 2; i++)
    add_entry(w, w->root[1], mode, w->va[i == 0 ? 0 : 2], top, chain[1 - i][top - 1] | plain, chain[i][top - 1] | plain);
}

static uint32_t key_rights(unsigned choice) { return (choice & 3) << 2; } /* AD, WD of key 1 */

/* The registers as the guest has them; see machine.c and machine32.c. */
void sequence_control(struct vmref_control *c, const struct machine *m, uint8_t mode, const uint8_t *b)
{
  uint8_t f = b[1], long_ = vmref_long_mode(mode);
  uint32_t other = 0x200u | (m->has & HAS_AVX ? 0x40000u : 0);
  c->features = (struct vmref_features){ .cr4_other = other, .efer_other = 1, .vendor = m->cpu.vendor,
    .maxphyaddr = m->cpu.maxphyaddr, .wp = 1, .pse = !!(m->has & HAS_PSE), .pse36 = m->cpu.pse36,
    .pae = !!(m->has & HAS_PAE), .pge = !!(m->has & HAS_PGE), .pat = 1, .pcid = !!(m->has & HAS_PCID),
    .smep = !!(m->has & HAS_SMEP), .smap = !!(m->has & HAS_SMAP), .pku = !!(m->has & HAS_PKU),
    .pks = !!(m->has & HAS_PKS), .la57 = mode == VMREF_MODE_5LEVEL, .nx = !!(m->has & HAS_NX),
    .page1gb = m->cpu.page1gb, .lm = long_ };
  c->cr0 = 0x80000011u | (f & 1 ? VMREF_CR0_WP : 0);
  c->cr4 = other | (mode != VMREF_MODE_32BIT ? VMREF_CR4_PAE : 0) | (mode == VMREF_MODE_5LEVEL ? VMREF_CR4_LA57 : 0)
    | (f & 2 ? VMREF_CR4_SMEP : 0) | (f & 4 ? VMREF_CR4_SMAP : 0) | (f & 16 ? VMREF_CR4_PGE : 0)
    | (f & 32 && long_ ? VMREF_CR4_PKE : 0) | (f & 64 && long_ ? VMREF_CR4_PKS : 0)
    | (f & 128 && long_ ? VMREF_CR4_PCIDE : 0) | (b[2] & 1 && m->has & HAS_PSE ? VMREF_CR4_PSE : 0);
  if (!(m->has & HAS_SMEP)) c->cr4 &= ~(uint64_t)VMREF_CR4_SMEP;
  if (!(m->has & HAS_SMAP)) c->cr4 &= ~(uint64_t)VMREF_CR4_SMAP;
  if (!(m->has & HAS_PGE)) c->cr4 &= ~(uint64_t)VMREF_CR4_PGE;
  if (!(m->has & HAS_PKU)) c->cr4 &= ~(uint64_t)VMREF_CR4_PKE;
  if (!(m->has & HAS_PKS)) c->cr4 &= ~(uint64_t)VMREF_CR4_PKS;
  if (!(m->has & HAS_PCID)) c->cr4 &= ~(uint64_t)VMREF_CR4_PCIDE;
  c->efer = (long_ ? 0x501u : 0) | (f & 8 && m->has & HAS_NX ? VMREF_EFER_NXE : 0);
  c->pat = 0x0007040600070406u;
  c->cs_l = long_;
  c->pkru = c->cr4 & VMREF_CR4_PKE ? key_rights(b[3]) : 0;
  c->pkrs = c->cr4 & VMREF_CR4_PKS ? key_rights(b[3] >> 2) : 0;
}

static uint64_t pcid_of_choice(const struct world *w, unsigned choice)
{
  return w->control.cr4 & VMREF_CR4_PCIDE ? (choice & 3) * 0x7ffu % 0xfff : 0; /* 0, 0x7ff, 0xffe, 0x7fe */
}

static int make_world(struct world *w, const struct machine *m, const uint8_t *b)
{
  uint8_t mode = b[0] % 5;
  if (!(m->modes >> mode & 1) || mode == VMREF_MODE_NONE) return -1;
  memset(w, 0, sizeof *w);
  sequence_control(&w->control, m, mode, b);
  /* Bits 20:16 are 0 and bits 15:12 are 13 and 14, so that a large page reaches the arena. */
  uint64_t base = mode == VMREF_MODE_5LEVEL ? 0x00ab12344560d000u : mode == VMREF_MODE_4LEVEL ? 0x000012344560d000u
                : mode == VMREF_MODE_PAE ? 0x4560d000u : 0x4540d000u;
  uint64_t apart = mode == VMREF_MODE_5LEVEL ? 1ull << 48 : mode == VMREF_MODE_4LEVEL ? 1ull << 39
                 : mode == VMREF_MODE_PAE ? 1ull << 30 : 1ull << 22;
  w->va[0] = base;
  w->va[1] = base + 4096;
  w->va[2] = base + apart;
  uint64_t bits = 3u | (b[2] & 16 ? 0u : 4u) | (b[2] & 2 ? 0x20u : 0) | (b[2] & 4 ? 0x40u : 0) | (b[2] & 8 ? 0x100u : 0);
  make_entries(w, mode, bits);
  w->control.cr3 = w->root[0] | pcid_of_choice(w, b[3] >> 4);
  for (unsigned i = 0; i < w->entries && mode == VMREF_MODE_PAE; i++) {
    uint64_t word = w->entry[i].address - w->root[0];
    if (w->entry[i].level == 3 && word < 32) w->control.pdpte[word / 8] = w->entry[i].value;
  }
  return vmref_control_legal(&w->control) ? 0 : -1;
}

/* ---- steps -------------------------------------------------------------------- */

/* What an entry becomes: as it was, with one thing changed, or another frame. */
static uint64_t changed_entry(const struct world_entry *e, uint8_t mode, unsigned how)
{
  uint64_t v = e->value, wide = vmref_entry_size(mode) == 8;
  if (mode == VMREF_MODE_PAE && e->level == 3)
    switch (how & 7) {
    case 1: return v & ~1ull;
    case 2: return v | 2;
    case 3: return v | 1ull << 62;
    case 4: return v | 0x20;
    case 5: return v | 0x18;
    case 6: return e->other;
    default: return v;
    }
  switch (how & 15) {
  case 1: return v & ~1ull;
  case 2: return v & ~2ull;
  case 3: return v & ~4ull;
  case 4: return v & ~0x60ull;
  case 5: return v & ~0x40ull;
  case 6: return e->level == 1 ? v | 0x100 : v | 0x20;
  case 7: return wide ? v | 1ull << 63 : v & ~1ull;
  case 8: return e->other;
  case 9: return e->level == 2 ? CASE_BASE | (v & 0xfff) | 0x80 : v ^ 0x20;
  case 10: return wide && mode != VMREF_MODE_PAE ? v | 1ull << 59 : v;
  case 11: return wide && mode != VMREF_MODE_PAE ? (v & ~2ull) | 1ull << 59 : v & ~2ull;
  case 12: return v & ~6ull;
  case 13: return e->level == 1 ? (v & ~0x40ull) | 0x100 : v & ~0x20ull;
  case 14: return e->level == 1 ? e->other | 0x100 : e->other;
  case 15: return e->other & ~2ull;
  default: return v;
  }
}

static uint64_t toggled(const struct vmref_control *c, unsigned which, uint8_t *reg)
{
  static const uint32_t bit[] = { 0, 0, VMREF_CR4_PGE, VMREF_CR4_SMEP, VMREF_CR4_SMAP, VMREF_CR4_PKE,
                                  VMREF_CR4_PKS, VMREF_CR4_PCIDE, VMREF_CR4_PSE };
  which %= sizeof bit / sizeof *bit;
  *reg = which == 0 ? VMREF_REG_CR0 : which == 1 ? VMREF_REG_EFER : VMREF_REG_CR4;
  return which == 0 ? c->cr0 ^ VMREF_CR0_WP : which == 1 ? c->efer ^ VMREF_EFER_NXE : c->cr4 ^ bit[which];
}

static void access_step(struct guest_step *g, const struct world *w, unsigned what, const uint8_t *b, unsigned n)
{
  static const uint8_t form[] = { FORM_READ, FORM_WRITE, FORM_ADD, FORM_FETCH };
  unsigned stores = what == DO_WRITE || what == DO_RMW, wide = w->control.cs_l;
  g->what = STEP_ACCESS;
  g->value = w->va[b[0] % 4 % PAGES] + (stores ? WRITE_AT : READ_AT);
  g->data = stores ? PATTERN + n : 0;
  g->op = (uint16_t)OP(form[what], stores && !wide ? 2 : what == DO_FETCH ? 0 : 3, 0);
  g->cpl = b[0] & 4 ? 3 : 0;
  g->ac = b[0] >> 3 & 1;
}

/* `now` is the control state that the model has before the step. */
static void one_step(struct guest_step *g, struct sequence *q, const struct vmref_control *now, unsigned what,
                     const uint8_t *b, unsigned n)
{
  const struct world *w = &q->world;
  uint8_t mode = vmref_cpu_of(now).mode, reg;
  const struct world_entry *e = &w->entry[b[0] % w->entries];
  switch (what) {
  case DO_READ: case DO_WRITE: case DO_RMW: case DO_FETCH:
    access_step(g, w, what, b, n);
    break;
  case DO_STORE: {
    uint64_t v = changed_entry(e, mode, b[1]), word = (e->address - CASE_BASE) / 8;
    g->what = STEP_STORE;
    g->op = (uint16_t)word;
    g->value = v;
    if (vmref_entry_size(mode) == 8) break;
    for (unsigned i = 0; i < q->guest.words; i++) /* the other half as it is: no walk changes it unseen */
      if (q->guest.word[i] == word)
        g->value = e->address & 4 ? (q->guest.before[i] & 0xffffffffu) | v << 32
                                  : (q->guest.before[i] & ~0xffffffffull) | (v & 0xffffffffu);
    break;
  }
  case DO_INVLPG:
    g->what = STEP_INVLPG;
    g->value = w->va[b[0] % 4 % PAGES];
    break;
  case DO_INVPCID:
    g->what = STEP_INVPCID;
    g->value = w->va[b[0] % 4 % PAGES];
    g->op = b[1] & 3;
    g->data = pcid_of_choice(w, b[1] >> 2);
    break;
  case DO_CR3:
    g->what = STEP_SET;
    g->op = VMREF_REG_CR3;
    g->value = w->root[b[0] & 1] | pcid_of_choice(w, b[1]);
    if (now->cr4 & VMREF_CR4_PCIDE && b[1] & 4) g->value |= 1ull << 63;
    break;
  case DO_TOGGLE:
    g->what = STEP_SET;
    g->value = toggled(now, b[0], &reg);
    g->op = reg;
    break;
  case DO_RAW: {
    const struct raw_write *raw = &raw_writes[b[0] % RAW_WRITES];
    const uint64_t is[] = { now->cr0, now->cr3, now->cr4, now->efer, 0, now->pkru, now->pkrs };
    g->what = STEP_SET;
    g->op = raw->reg;
    g->value = is[raw->reg] ^ raw->turn;
    break;
  }
  default:
    g->what = STEP_SET;
    g->op = b[0] & 1 ? VMREF_REG_PKRS : VMREF_REG_PKRU;
    g->value = key_rights(b[1]);
    break;
  }
}

static void list_word(struct guest_sequence *g, uint64_t pa, uint8_t mode, uint64_t e)
{
  unsigned i = 0;
  uint16_t word = (uint16_t)((pa - CASE_BASE) / 8);
  while (i < g->words && g->word[i] != word) i++;
  if (i == g->words) {
    g->words++;
    g->word[i] = word;
    g->before[i] = case_tag(pa & ~7ull);
  }
  if (mode == VMREF_MODE_NONE) return; /* a tag */
  if (vmref_entry_size(mode) == 8) g->before[i] = e;
  else g->before[i] = pa & 4 ? (g->before[i] & 0xffffffffu) | e << 32 : (g->before[i] & ~0xffffffffull) | (e & 0xffffffffu);
}

/* What INVPCID or a register that the CPU has not would do tells nothing: #UD. */
static int runs(const struct machine *m, const struct vmref_control *now, const struct guest_step *g, unsigned what,
                const uint8_t *b)
{
  if (what == DO_RAW && raw_writes[b[0] % RAW_WRITES].deadly && m->cannot & CANNOT_RAW) return 0;
  if (what == DO_RAW && raw_writes[b[0] % RAW_WRITES].only_64bit > now->cs_l) return 0;
  if (what == DO_INVPCID) return !!(m->has & HAS_INVPCID);
  if (what == DO_KEYS && g->op == VMREF_REG_PKRS) return !!(m->has & HAS_PKS) && now->cs_l;
  if (what == DO_KEYS) return !!(now->cr4 & VMREF_CR4_PKE);
  return 1;
}

/* The words as the model has them when all goes well; enough to know control state. */
static struct vmref_pdptes pdptes_at(const struct guest_sequence *g, const uint64_t *word, uint64_t table)
{
  struct vmref_pdptes p = { { CASE_BASE | 1, 0, 0, 0 } };
  for (unsigned k = 1; k < 4; k++)
    for (unsigned i = 0; i < g->words; i++)
      if (g->word[i] == (table - CASE_BASE) / 8 + k) p.e[k] = word[i];
  return p;
}

int sequence_plan(struct sequence *q, const struct machine *m, const uint8_t *code, size_t size)
{
  static const unsigned data_frame[] = { 11, 12, 15, 13, 14 };
  struct guest_sequence *g = &q->guest;
  memset(q, 0, sizeof *q);
  memcpy(q->code, code, size < sizeof q->code ? size : sizeof q->code);
  if (size < CODE_HEADER || make_world(&q->world, m, code) != 0) return -1;
  struct vmref_control now = q->world.control;
  struct vmref_cpu cpu = vmref_cpu_of(&now);
  g->control = (cpu.wp ? CONTROL_WP : 0) | (cpu.smep ? CONTROL_SMEP : 0) | (cpu.smap ? CONTROL_SMAP : 0)
    | (cpu.nxe ? CONTROL_NXE : 0) | (cpu.pge ? CONTROL_PGE : 0) | (cpu.pke ? CONTROL_PKE : 0)
    | (cpu.pks ? CONTROL_PKS : 0) | (cpu.pcide ? CONTROL_PCIDE : 0) | (cpu.pse ? CONTROL_PSE : 0)
    | CONTROL_MODE(cpu.mode) | CONTROL_ROOT((now.cr3 - CASE_BASE) / 4096) | CONTROL_LOW(now.cr3 & 0xfff);
  g->other = CONTROL_MODE(cpu.mode) | CONTROL_ROOT((q->world.root[1] - CASE_BASE) / 4096);
  g->pkru = cpu.pkru;
  g->pkrs = cpu.pkrs;
  for (unsigned i = 0; i < q->world.entries; i++)
    list_word(g, q->world.entry[i].address, cpu.mode, q->world.entry[i].value);
  for (unsigned i = 0; i < 5; i++) list_word(g, FRAME(data_frame[i]) + WRITE_AT, VMREF_MODE_NONE, 0);
  uint64_t word[SEQUENCE_WORDS];
  memcpy(word, g->before, sizeof word);
  for (size_t at = CODE_HEADER; at + 3 <= size && q->steps < SEQUENCE_STEPS; at += 3) {
    struct guest_step *s = &g->step[q->steps];
    unsigned what = code[at] % DOES;
    one_step(s, q, &now, what, code + at + 1, q->steps);
    if (!runs(m, &now, s, what, code + at + 1)) {
      memset(s, 0, sizeof *s);
      continue;
    }
    q->begun[q->steps++] = (uint8_t)what;
    if (s->what == STEP_STORE)
      for (unsigned i = 0; i < g->words; i++)
        if (g->word[i] == s->op) word[i] = g->before[i] = s->value;
    if (s->what == STEP_SET)
      vmref_cpu_set(&now, (uint8_t)s->op, s->value,
                    pdptes_at(g, word, vmref_cpu_pdpte_table(&now, (uint8_t)s->op, s->value)));
  }
  g->steps = (uint8_t)q->steps;
  /* The stores changed `before`, to have halves side by side: set it back. */
  for (unsigned i = 0; i < q->world.entries; i++)
    list_word(g, q->world.entry[i].address, cpu.mode, q->world.entry[i].value);
  return q->steps ? 0 : -1;
}

/* ---- tokens --------------------------------------------------------------------- */

void sequence_token(const struct sequence *q, char token[SEQUENCE_TOKEN])
{
  unsigned n = SEQUENCE_CODE;
  while (n > CODE_HEADER + 3 && !q->code[n - 1] && !q->code[n - 2] && !q->code[n - 3]) n -= 3;
  memcpy(token, "vs1-", 4);
  for (unsigned i = 0; i < n; i++) {
    token[4 + 2 * i] = "0123456789abcdef"[q->code[i] >> 4];
    token[5 + 2 * i] = "0123456789abcdef"[q->code[i] & 15];
  }
  token[4 + 2 * n] = 0;
}

int sequence_bytes(const char *token, uint8_t code[SEQUENCE_CODE])
{
  static const char digits[] = "0123456789abcdef";
  int n = 0;
  if (strncmp(token, "vs1-", 4) != 0) return -1;
  for (token += 4; token[0] && token[1] && n < SEQUENCE_CODE; token += 2) {
    const char *high = strchr(digits, token[0]), *low = strchr(digits, token[1]);
    if (!high || !low) return -1;
    code[n++] = (uint8_t)((high - digits) << 4 | (low - digits));
  }
  return *token ? -1 : n;
}
