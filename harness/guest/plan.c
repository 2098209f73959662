/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "plan.h"

const char *const excluded_name[EXCLUSIONS] = {
  "planned", "no-answer", "other-cpu", "no-feature", "size", "slot-511", "outside-arena",
  "table-outside-arena", "fetch-of-entry", "fetch-ss", "implicit-non-canonical",
  "implicit-store-read-faults", "implicit-descriptor-on-entry", "not-on-this-accelerator",
};

#define PATTERN 0x6e5d4c3b2a19f7e7u /* what stores store: no byte of it is a tag's */
/* A data segment of DPL 3, accessed or yet to be. No tag is one, so that a segment
 * load which succeeds has read the descriptor where it was placed. */
#define DESCRIPTOR_READ  0x0045f3000000a5a5u
#define DESCRIPTOR_STORE 0x0045f2000000a5a5u
#define ACCESSED_BYTE 5

static unsigned log2_size(uint8_t size) { return size >= 8 ? 3 : size >= 4 ? 2 : size >= 2 ? 1 : 0; }

int case_adapt(struct vmref_case *c, const struct machine *m)
{
  struct vmref_case was = *c;
  struct vmref_access *a = &c->access;
  c->cpu.vendor = m->cpu.vendor;
  c->cpu.maxphyaddr = m->cpu.maxphyaddr;
  c->cpu.page1gb = m->cpu.page1gb;
  c->cpu.smep &= m->smep;
  c->cpu.smap &= m->smap;
  c->cpu.nxe &= m->nx;
  a->size = (uint8_t)(1u << log2_size(a->size));
  if (a->implicit) a->size = 8;
  if (a->kind == VMREF_FETCH) {
    a->va &= ~7ull;
    a->seg = VMREF_SEG_DS;
  }
  if (a->va % 4096 + a->size > 4096) a->va -= a->size;
  return memcmp(&was, c, sizeof was) != 0;
}

/* ---- which instruction --------------------------------------------------- */

static unsigned form_of(const struct vmref_case *c)
{
  static const uint8_t rmw[4] = { FORM_ADD, FORM_XCHG, FORM_INC, FORM_CMPXCHG };
  const struct vmref_access *a = &c->access;
  if (a->implicit) return a->kind == VMREF_READ ? FORM_SEG_READ : FORM_SEG_STORE;
  if (a->kind == VMREF_READ) return FORM_READ;
  if (a->kind == VMREF_WRITE) return FORM_WRITE;
  if (a->kind == VMREF_FETCH) return FORM_FETCH;
  return rmw[(a->va ^ a->va >> 12 ^ a->va >> 21 ^ c->entry[1] >> 12 ^ c->entry[2] >> 12) & 3];
}

static int form_stores(unsigned form)
{
  return form != FORM_READ && form != FORM_FETCH && form != FORM_SEG_READ;
}

/* ---- memory of a plan ------------------------------------------------------ */

static uint16_t word_of(uint64_t pa) { return (uint16_t)((pa - CASE_BASE) / 8); }

static int find_word(const struct guest_case *g, uint64_t pa)
{
  for (int i = 0; i < g->words && case_in_arena(pa); i++)
    if (g->word[i] == word_of(pa)) return i;
  return -1;
}

static int add_word(struct guest_case *g, uint64_t pa, uint64_t value)
{
  int i = find_word(g, pa);
  if (i >= 0) return i;
  i = g->words++;
  g->word[i] = word_of(pa);
  g->before[i] = value;
  return i;
}

static int spans_arena(uint64_t pa, unsigned size)
{
  return case_in_arena(pa) && case_in_arena(pa + size - 1);
}

/* Where the entries lead when nobody looks at rights or reserved bits, or 0. */
static uint64_t lenient_pa(const struct plan *p)
{
  uint64_t table = vmref_table_of(p->c.cpu.cr3), va = p->c.access.va;
  for (uint8_t level = 4; level >= 1; level--) {
    uint64_t at = table + 8 * vmref_index(va, level);
    if (!case_in_arena(at)) return 0;
    uint64_t e = case_read(&p->memory, at);
    if (!vmref_p(e)) return 0;
    if (vmref_maps_page(level, e)) return vmref_page_byte(level, e, va);
    table = vmref_table_of(e);
  }
  return 0;
}

static uint64_t top_slot(const struct vmref_case *c)
{
  return vmref_table_of(c->cpu.cr3) + 511 * 8;
}

/* ---- exclusions -------------------------------------------------------------- */

static enum excluded walk_excluded(const struct plan *p, const struct vmref_walk *w)
{
  const struct vmref_access *a = &w->access;
  for (uint8_t level = 4; w->last && level >= w->last; level--) {
    uint64_t at = w->address[level];
    if (at == top_slot(&p->c)) return EX_SLOT511;
    if (!case_in_arena(at) && !(at >= CASE_BASE + CASE_BYTES && at < MAIL_BASE)) return EX_TABLE;
  }
  if (w->rule != VMREF_RULE_OK) return PLANNED;
  if (!spans_arena(w->pa, a->size)) return EX_OUTSIDE;
  uint64_t first = w->pa & ~7ull, last = (w->pa + a->size - 1) & ~7ull;
  if (first == top_slot(&p->c) || last == top_slot(&p->c)) return EX_SLOT511;
  if (a->kind == VMREF_FETCH && (w->pa % 8 || find_word(&p->guest, w->pa) >= 0)) return EX_FETCH_WORD;
  return PLANNED;
}

/* The same case without the checks that the machine overlooks. */
static struct vmref_case permissive(const struct vmref_case *c, unsigned overlooks)
{
  struct vmref_case q = *c;
  if (overlooks & OVERLOOKS_1G) q.cpu.page1gb = 1;
  if (overlooks & OVERLOOKS_PML4E_G) q.cpu.vendor = VMREF_INTEL;
  if (overlooks & OVERLOOKS_IMPLICIT && q.access.ac && q.access.cpl < 3) q.access.implicit = 0;
  return q;
}

static enum excluded question_excluded(const struct vmref_case *c, const struct machine *m)
{
  const struct vmref_access *a = &c->access;
  const struct vmref_cpu *cpu = &c->cpu;
  if (cpu->vendor != m->cpu.vendor || cpu->maxphyaddr != m->cpu.maxphyaddr
      || cpu->page1gb != m->cpu.page1gb) return EX_CPU;
  if (cpu->smep > m->smep || cpu->smap > m->smap || cpu->nxe > m->nx) return EX_FEATURE;
  if (m->cannot & CANNOT_RING12 && (a->cpl == 1 || a->cpl == 2)) return EX_CANNOT;
  if (m->cannot & CANNOT_IMPLICIT && a->implicit) return EX_CANNOT;
  if (m->cannot & CANNOT_FETCH && a->kind == VMREF_FETCH) return EX_CANNOT;
  if (a->size != 1u << log2_size(a->size) || (a->implicit && a->size != 8)) return EX_SIZE;
  if (a->kind == VMREF_FETCH && a->seg == VMREF_SEG_SS) return EX_FETCH_SS;
  if (a->kind == VMREF_FETCH && a->va % 8) return EX_FETCH_WORD;
  if (a->implicit && !vmref_canonical(a->va)) return EX_IMPLICIT_GP;
  return PLANNED;
}

/* An implicit store reads the descriptor first; only what that read lets through
 * shows the store's own answer. */
static int read_faults(const struct plan *p)
{
  struct vmref_case q = p->c;
  q.access.kind = VMREF_READ;
  return case_walk(&q, &p->memory).rule != VMREF_RULE_OK;
}

/* ---- the plan ------------------------------------------------------------------ */

static uint32_t control_of(const struct vmref_cpu *c)
{
  return (c->wp ? CONTROL_WP : 0) | (c->smep ? CONTROL_SMEP : 0) | (c->smap ? CONTROL_SMAP : 0)
         | (c->nxe ? CONTROL_NXE : 0) | (c->pge ? CONTROL_PGE : 0)
         | CONTROL_ROOT((uint32_t)(c->cr3 - CASE_BASE) / 4096);
}

/* Replace the bytes of the listed words that lie in [pa, pa + size). */
static void put_bytes(const struct guest_case *g, uint64_t words[], uint64_t pa, unsigned size,
                      uint64_t value)
{
  for (unsigned b = 0; b < size; b++, pa++) {
    int i = find_word(g, pa);
    if (i < 0) continue;
    unsigned shift = 8 * (pa % 8);
    words[i] = (words[i] & ~(0xffull << shift)) | (value >> 8 * b & 0xff) << shift;
  }
}

static uint64_t get_bytes(const struct guest_case *g, const uint64_t words[], uint64_t pa,
                          unsigned size)
{
  uint64_t value = 0;
  for (unsigned b = 0; b < size; b++, pa++) {
    int i = find_word(g, pa);
    uint64_t word = i >= 0 ? words[i] : case_tag(pa & ~7ull);
    value |= (word >> 8 * (pa % 8) & 0xff) << 8 * b;
  }
  return value;
}

/* List the words that the access may store to, and place an LDT's descriptor. */
static enum excluded add_target(struct plan *p, unsigned form)
{
  struct guest_case *g = &p->guest;
  unsigned size = p->c.access.size;
  uint64_t pa = lenient_pa(p);
  if (!form_stores(form) && form != FORM_SEG_READ) return PLANNED;
  if (pa == 0 || !spans_arena(pa, size)) /* no descriptor there, nothing to store to */
    return form == FORM_SEG_STORE ? EX_OUTSIDE : PLANNED;
  uint64_t first = pa & ~7ull, last = (pa + size - 1) & ~7ull;
  if (first == top_slot(&p->c) || last == top_slot(&p->c)) return EX_SLOT511;
  if (form >= FORM_SEG_READ && (find_word(g, first) >= 0 || find_word(g, last) >= 0))
    return EX_IMPLICIT_WORD;
  add_word(g, first, case_tag(first));
  add_word(g, last, case_tag(last));
  if (form >= FORM_SEG_READ)
    put_bytes(g, g->before, pa, 8, form == FORM_SEG_READ ? DESCRIPTOR_READ : DESCRIPTOR_STORE);
  return PLANNED;
}

enum excluded plan_case(struct plan *p, const struct vmref_case *c, const struct machine *m)
{
  struct guest_case *g = &p->guest;
  p->c = *c;
  enum excluded why = question_excluded(c, m);
  if (why != PLANNED) return why;
  case_place(c, &p->memory);
  p->walk = case_walk(c, &p->memory);
  if (p->walk.status != VMREF_OK) return EX_STATUS;

  unsigned form = form_of(c);
  memset(g, 0, sizeof *g);
  g->va = c->access.va;
  g->data = form_stores(form) ? PATTERN : 0;
  g->control = control_of(&c->cpu);
  g->op = (uint16_t)OP(form, log2_size(c->access.size), c->access.seg == VMREF_SEG_SS);
  g->cpl = c->access.cpl;
  g->ac = c->access.ac;
  for (unsigned i = 0; i < p->memory.n; i++) {
    if (p->memory.pa[i] == top_slot(c)) return EX_SLOT511;
    add_word(g, p->memory.pa[i], p->memory.value[i]);
  }
  if ((why = walk_excluded(p, &p->walk)) != PLANNED) return why;
  if (m->overlooks && p->walk.rule != VMREF_RULE_OK) {
    struct vmref_case q = permissive(c, m->overlooks);
    struct vmref_walk w = case_walk(&q, &p->memory);
    if ((why = walk_excluded(p, &w)) != PLANNED) return why;
  }
  if (form == FORM_SEG_STORE && read_faults(p)) return EX_IMPLICIT_STORE;
  return add_target(p, form);
}

/* ---- the answer expected ---------------------------------------------------------- */

static uint64_t low_bytes(unsigned size) { return size == 8 ? ~0ull : (1ull << 8 * size) - 1; }

/* A and D as the walk sets them, then what the access itself stores and returns. */
static void expect_done(struct expect *e, const struct plan *p, const struct vmref_case *q, int late_d)
{
  const struct guest_case *g = &p->guest;
  const struct vmref_walk *w = &e->walk;
  unsigned size = q->access.size;
  for (uint8_t level = 4; level >= w->last; level--) {
    int i = find_word(g, w->address[level]);
    if (i >= 0) e->after[i] = w->after[level];
  }
  int leaf = find_word(g, w->address[w->last]);
  uint64_t dirty = leaf >= 0 && late_d ? e->after[leaf] & ~w->entry[w->last] & 0x40 : 0;
  if (dirty) e->after[leaf] -= dirty;
  uint64_t old = get_bytes(g, e->after, w->pa, size), stored = old;
  if (dirty) e->after[leaf] += dirty;
  switch (OP_FORM(g->op)) {
  case FORM_READ: case FORM_CMPXCHG: e->value = old; e->mask = low_bytes(size); break;
  case FORM_XCHG: e->value = old; e->mask = low_bytes(size); stored = PATTERN; break;
  case FORM_WRITE: stored = PATTERN; break;
  case FORM_ADD: stored = old + PATTERN; break;
  case FORM_INC: stored = old + 1; break;
  case FORM_FETCH: e->value = w->pa; e->mask = 0xffffffff; break;
  case FORM_SEG_STORE: stored = old | 1ull << 8 * ACCESSED_BYTE; break;
  default: break;
  }
  put_bytes(g, e->after, w->pa, size, stored);
}

void expect_case(struct expect *e, const struct plan *p, const struct vmref_case *q, int late_d)
{
  const struct guest_case *g = &p->guest;
  const struct vmref_walk *w = &e->walk;
  memset(e, 0, sizeof *e);
  e->walk = q == &p->c ? p->walk : case_walk(q, &p->memory);
  e->cr2 = CR2_BEFORE;
  e->vector = VECTOR_DONE;
  for (unsigned i = 0; i < g->words; i++) e->after[i] = g->before[i];
  if (w->rule == VMREF_RULE_OK) {
    expect_done(e, p, q, late_d);
    return;
  }
  e->vector = w->vector;
  e->error = w->error;
  if (w->vector == VMREF_VECTOR_PF) e->cr2 = w->cr2;
  /* How wide the store of a descriptor's accessed bit is, no manual says. */
  if (w->vector == VMREF_VECTOR_PF && OP_FORM(g->op) == FORM_SEG_STORE) e->cr2_span = 7;
  for (uint8_t level = 4; w->last && level >= w->last; level--) {
    int i = find_word(g, w->address[level]);
    if (i >= 0) e->may[i] |= w->after[level] ^ w->entry[level];
  }
}

unsigned differs(const struct expect *e, const struct plan *p, const struct guest_result *r)
{
  unsigned d = 0;
  if (r->vector != e->vector) d |= DIFFERS_VECTOR;
  if (r->error != e->error) d |= DIFFERS_ERROR;
  if (r->cr2 - e->cr2 > e->cr2_span) d |= DIFFERS_CR2;
  if (r->vector == VECTOR_DONE && (r->value ^ e->value) & e->mask) d |= DIFFERS_VALUE;
  for (unsigned i = 0; i < p->guest.words; i++)
    if ((r->after[i] ^ e->after[i]) & ~e->may[i]) d |= DIFFERS_MEMORY;
  if (r->stray != NO_STRAY) d |= DIFFERS_STRAY;
  return d;
}

int agrees(const struct expect *e, const struct plan *p, const struct guest_result *r)
{
  if (differs(e, p, r) == 0) return 1;
  const struct vmref_walk *w = &e->walk;
  uint64_t leaf = w->address[w->last];
  if (p->c.access.kind != VMREF_RMW || e->vector != VECTOR_DONE || leaf + 7 < w->pa
      || leaf >= w->pa + p->c.access.size) return 0;
  struct vmref_case q = p->c;
  struct expect late;
  q.cpu = w->cpu; /* as the question was */
  q.access = w->access;
  expect_case(&late, p, &q, 1);
  return differs(&late, p, r) == 0 ? 2 : 0;
}
