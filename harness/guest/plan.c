/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "plan.h"

const char *const excluded_name[EXCLUSIONS] = {
  "planned", "no-answer", "other-mode", "other-cpu", "no-feature", "size", "guest's-window",
  "outside-arena", "table-outside-arena", "fetch-of-entry", "fetch-ss", "two-pages-on-own-entry",
  "implicit-non-canonical", "implicit-store-read-faults", "implicit-descriptor-on-entry",
  "not-on-this-accelerator",
};

static const uint8_t width_size[WIDTHS] = { 1, 2, 4, 8, 10, 16, 32, 64 };

/* The widest that fits. */
static unsigned width_of(uint8_t size)
{
  unsigned w = WIDTHS - 1;
  while (width_size[w] > size) w--;
  return w;
}

static unsigned widest(const struct machine *m, const struct vmref_access *a)
{
  if (m->cannot & CANNOT_WIDE) return m->bits32 ? 2 : 3;
  if (a->kind == VMREF_RMW || a->kind == VMREF_FETCH) return 3;
  return m->has & HAS_AVX512 ? 7 : m->has & HAS_AVX ? 6 : 5;
}

void machine_of(struct machine *m, const struct mail *mail, int bits32)
{
  uint8_t first = VMREF_MODE_NONE;
  while (!(mail->modes >> first & 1) && first < VMREF_MODE_5LEVEL) first++;
  *m = (struct machine){ .has = mail->has, .modes = (uint8_t)mail->modes, .bits32 = (uint8_t)bits32,
    .cpu = { .mode = first, .cr3 = CASE_BASE, .maxphyaddr = (uint8_t)mail->maxphyaddr,
             .page1gb = !!(mail->has & HAS_1G), .pse36 = !!(mail->has & HAS_PSE36),
             .vendor = mail->has & HAS_AMD ? VMREF_AMD : VMREF_INTEL } };
}

/* ---- what a machine can be asked ------------------------------------------- */

static int two_pages(const struct vmref_access *a) { return a->va % 4096 + a->size > 4096; }

/* Addresses that lead into the guest's own window, in either page. */
static int in_window(const struct vmref_case *c)
{
  uint64_t va[2] = { c->access.va, c->access.va };
  if (two_pages(&c->access)) va[1] = vmref_span_second(c->cpu, c->access).va;
  for (unsigned i = 0; i < 2; i++)
    switch (c->cpu.mode) {
    case VMREF_MODE_32BIT: if (va[i] < 0x4800000) return 1; break;
    case VMREF_MODE_PAE: if (va[i] < 0x40000000) return 1; break;
    case VMREF_MODE_4LEVEL: if (vmref_index(c->cpu.mode, va[i], 4) == 511) return 1; break;
    case VMREF_MODE_5LEVEL: if (vmref_index(c->cpu.mode, va[i], 5) == 511) return 1; break;
    default: break;
    }
  return 0;
}

/* A fetch in two pages is of `mov $imm32, %eax; ret`, 6 bytes. */
#define CODE_BYTES 6

int case_adapt(struct vmref_case *c, const struct machine *m)
{
  struct vmref_case was = *c;
  struct vmref_access *a = &c->access;
  struct vmref_cpu *u = &c->cpu;
  u->vendor = m->cpu.vendor;
  u->maxphyaddr = m->cpu.maxphyaddr;
  u->page1gb = m->cpu.page1gb;
  u->pse36 = m->cpu.pse36;
  u->pge &= !!(m->has & HAS_PGE);
  u->pse &= !!(m->has & HAS_PSE);
  u->smep &= !!(m->has & HAS_SMEP);
  u->smap &= !!(m->has & HAS_SMAP);
  u->nxe &= !!(m->has & HAS_NX);
  u->pke &= !!(m->has & HAS_PKU) & !m->bits32;
  u->pks &= !!(m->has & HAS_PKS) & !m->bits32;
  u->pcide &= !!(m->has & HAS_PCID);
  u->pkru = u->pke ? u->pkru & 0x3fffffffu : 0;
  u->pkrs = u->pks ? u->pkrs & 0x3fffffffu : 0;
  for (unsigned i = 0; i < 4; i++)
    if (u->mode == VMREF_MODE_PAE && !vmref_pdpte_fit(u->maxphyaddr, u->pdpte[i])) u->pdpte[i] &= 0xfffff019u;
  unsigned most = widest(m, a), width = width_of(a->size);
  a->size = width_size[width < most ? width : most];
  if (a->implicit) a->size = 8;
  if (a->kind == VMREF_FETCH && two_pages(a)) {
    a->size = CODE_BYTES;
    if (!two_pages(a)) a->va += CODE_BYTES;
  } else if (a->kind == VMREF_FETCH) {
    a->va &= ~7ull;
  }
  if (a->kind == VMREF_FETCH) a->seg = VMREF_SEG_DS;
  if (a->implicit && two_pages(a)) a->va -= a->size;
  if (in_window(c) && u->mode == VMREF_MODE_PAE) a->va |= 0x40000000;
  if (in_window(c) && u->mode == VMREF_MODE_32BIT) a->va ^= 0x08000000;
  return memcmp(&was, c, sizeof was) != 0;
}

static enum excluded cpu_excluded(const struct vmref_cpu *cpu, const struct machine *m)
{
  if (!(m->modes >> cpu->mode & 1)) return EX_MODE;
  if (cpu->vendor != m->cpu.vendor || cpu->maxphyaddr != m->cpu.maxphyaddr
      || cpu->page1gb != m->cpu.page1gb || cpu->pse36 != m->cpu.pse36) return EX_CPU;
  uint32_t need = (cpu->smep ? HAS_SMEP : 0) | (cpu->smap ? HAS_SMAP : 0) | (cpu->nxe ? HAS_NX : 0)
                | (cpu->pge ? HAS_PGE : 0) | (cpu->pse ? HAS_PSE : 0) | (cpu->pcide ? HAS_PCID : 0)
                | (cpu->pke ? HAS_PKU : 0) | (cpu->pks ? HAS_PKS : 0);
  if (need & ~m->has || (m->bits32 && cpu->pke + cpu->pks)) return EX_FEATURE;
  if ((cpu->pke && cpu->pkru >> 30) || (cpu->pks && cpu->pkrs >> 30)) return EX_WINDOW;
  return PLANNED;
}

static enum excluded question_excluded(const struct vmref_case *c, const struct machine *m)
{
  const struct vmref_access *a = &c->access;
  enum excluded why = cpu_excluded(&c->cpu, m);
  if (why != PLANNED) return why;
  if (m->cannot & CANNOT_RING12 && (a->cpl == 1 || a->cpl == 2)) return EX_CANNOT;
  if (m->cannot & CANNOT_TWO && two_pages(a)) return EX_CANNOT;
  if (m->cannot & CANNOT_IMPLICIT && a->implicit) return EX_CANNOT;
  if (m->cannot & CANNOT_FETCH && a->kind == VMREF_FETCH) return EX_CANNOT;
  if (a->kind == VMREF_FETCH && a->seg == VMREF_SEG_SS) return EX_FETCH_SS;
  if (a->kind == VMREF_FETCH && !two_pages(a) && a->va % 8) return EX_FETCH_WORD;
  if (a->kind == VMREF_FETCH) return two_pages(a) && a->size != CODE_BYTES ? EX_SIZE : PLANNED;
  unsigned width = width_of(a->size);
  if (a->size != width_size[width] || width > widest(m, a)) return EX_SIZE;
  if (a->implicit && (a->size != 8 || two_pages(a))) return EX_SIZE;
  if (a->implicit && !vmref_canonical(c->cpu.mode, a->va)) return EX_IMPLICIT_GP;
  return PLANNED;
}

/* ---- which instruction --------------------------------------------------- */

static unsigned form_of(const struct vmref_case *c, const struct machine *m)
{
  static const uint8_t rmw[4] = { FORM_ADD, FORM_XCHG, FORM_INC, FORM_CMPXCHG };
  const struct vmref_access *a = &c->access;
  if (a->implicit) return a->kind == VMREF_READ ? FORM_SEG_READ : FORM_SEG_STORE;
  if (a->kind == VMREF_READ) return FORM_READ;
  if (a->kind == VMREF_WRITE) return FORM_WRITE;
  if (a->kind == VMREF_FETCH) return FORM_FETCH;
  if (m->bits32 && a->size == 8) return FORM_CMPXCHG;
  return rmw[(a->va ^ a->va >> 12 ^ a->va >> 21 ^ c->entry[1] >> 12 ^ c->entry[2] >> 12) & 3];
}

int form_stores(unsigned form)
{
  return form != FORM_READ && form != FORM_FETCH && form != FORM_SEG_READ;
}

/* ---- memory of a plan ------------------------------------------------------ */

struct window window_of(uint32_t control)
{
  switch (CONTROL_MODE_OF(control)) {
  case VMREF_MODE_32BIT: return (struct window){ 0, 9 };  /* 4 MiB each: 64 MiB, and the stubs */
  case VMREF_MODE_PAE: return (struct window){ (uint16_t)(CONTROL_LOW_OF(control) / 32 * 4), 1 };
  case VMREF_MODE_NONE: return (struct window){ 0, 0 };
  default: return (struct window){ 511, 1 };
  }
}

static int own_word(const struct plan *p, uint64_t pa)
{
  struct window w = window_of(p->guest.control);
  uint64_t first = CASE_BASE + 4096u * CONTROL_ROOT_OF(p->guest.control) + 8u * w.first;
  return pa >= first && pa < first + 8u * w.words;
}

static uint16_t word_of(uint64_t pa) { return (uint16_t)((pa - CASE_BASE) / 8); }

int find_word(const struct guest_case *g, uint64_t pa)
{
  for (int i = 0; i < g->words && case_in_arena(pa); i++)
    if (g->word[i] == word_of(pa)) return i;
  return -1;
}

static void add_word(struct guest_case *g, uint64_t pa, uint64_t value)
{
  if (find_word(g, pa) >= 0) return;
  g->word[g->words] = word_of(pa);
  g->before[g->words++] = value;
}

static int spans_arena(uint64_t pa, unsigned size)
{
  return case_in_arena(pa) && case_in_arena(pa + size - 1);
}

/* Where the entries lead from a walk's origin when nobody looks at rights or reserved
 * bits, or 0. */
static uint64_t lenient_pa(const struct plan *p, const struct vmref_walk *w)
{
  struct vmref_cpu cpu = p->c.cpu;
  uint64_t table = w->origin.table, va = w->access.va;
  if (cpu.mode == VMREF_MODE_NONE) return va;
  for (uint8_t level = w->origin.level; level >= 1; level--) {
    uint64_t at = vmref_entry_in(cpu.mode, table, va, level);
    if (!case_in_arena(at)) return 0;
    uint64_t e = case_entry(&p->memory, cpu.mode, at);
    if (!vmref_p(e)) return 0;
    if (level <= 3 && vmref_maps_page(cpu, level, e)) return vmref_page_byte(cpu.mode, level, e, va);
    table = vmref_table_of(e);
  }
  return 0;
}

/* ---- exclusions -------------------------------------------------------------- */

static enum excluded walk_excluded(const struct plan *p, const struct vmref_walk *w, int two)
{
  const struct vmref_access *a = &w->access;
  for (uint8_t level = w->origin.level; w->last && level >= w->last; level--) {
    uint64_t at = w->address[level];
    if (own_word(p, at & ~7ull)) return EX_WINDOW;
    if (!case_in_arena(at) && !(at >= CASE_BASE + CASE_BYTES && at < MAIL_BASE)) return EX_TABLE;
  }
  if (w->rule != VMREF_RULE_OK) return PLANNED;
  if (!spans_arena(w->pa, a->size)) return EX_OUTSIDE;
  for (uint64_t word = w->pa & ~7ull; word < w->pa + a->size; word += 8) {
    if (own_word(p, word)) return EX_WINDOW;
    if (two && find_word(&p->guest, word) >= 0) return EX_TWO_OWN;
  }
  if (a->kind == VMREF_FETCH && !two && (w->pa % 8 || find_word(&p->guest, w->pa) >= 0)) return EX_FETCH_WORD;
  return PLANNED;
}

static enum excluded span_excluded(const struct plan *p, const struct vmref_span *s)
{
  for (unsigned i = 0; i < s->parts; i++) {
    enum excluded why = walk_excluded(p, &s->part[i], s->parts == 2);
    if (why != PLANNED) return why;
  }
  return PLANNED;
}

/* The same case without the checks that the machine overlooks. */
static struct vmref_case permissive(const struct vmref_case *c, unsigned overlooks)
{
  struct vmref_case q = *c;
  if (overlooks & OVERLOOKS_1G) q.cpu.page1gb = 1;
  if (overlooks & OVERLOOKS_AMD_G) q.cpu.vendor = VMREF_INTEL;
  if (overlooks & OVERLOOKS_IMPLICIT && q.access.ac && q.access.implicit) {
    q.access.implicit = 0;
    q.access.cpl = 0;
  }
  if (overlooks & OVERLOOKS_PKU) q.cpu.pke = 0;
  if (overlooks & OVERLOOKS_4M && q.cpu.mode == VMREF_MODE_32BIT) q.cpu.pse36 = 1, q.cpu.maxphyaddr = 40;
  return q;
}

/* An implicit store reads the descriptor first; only what that read lets through
 * shows the store's own answer. */
static int read_faults(const struct plan *p)
{
  struct vmref_case q = p->c;
  q.access.kind = VMREF_READ;
  return case_span(&q, &p->memory).rule != VMREF_RULE_OK;
}

/* ---- the plan ------------------------------------------------------------------ */

static uint32_t control_of(const struct vmref_cpu *c)
{
  return (c->wp ? CONTROL_WP : 0) | (c->smep ? CONTROL_SMEP : 0) | (c->smap ? CONTROL_SMAP : 0)
         | (c->nxe ? CONTROL_NXE : 0) | (c->pge ? CONTROL_PGE : 0) | (c->pke ? CONTROL_PKE : 0)
         | (c->pks ? CONTROL_PKS : 0) | (c->pcide ? CONTROL_PCIDE : 0) | (c->pse ? CONTROL_PSE : 0)
         | CONTROL_MODE(c->mode) | CONTROL_ROOT((c->cr3 - CASE_BASE) / 4096) | CONTROL_LOW(c->cr3 & 0xfff);
}

uint8_t stored_byte(unsigned n) { return (uint8_t)(guest_wide(PATTERN, n / 8) >> 8 * (n % 8)); }

static void put_byte(struct guest_case *g, uint64_t pa, uint64_t byte)
{
  int i = find_word(g, pa);
  if (i < 0) return;
  unsigned shift = 8 * (pa % 8);
  g->before[i] = (g->before[i] & ~(0xffull << shift)) | (byte & 0xff) << shift;
}

/* List the words that a part may store to, and place what it reads there: an LDT's
 * descriptor, or of code in two pages the bytes that lie in this one. */
static enum excluded add_target(struct plan *p, unsigned form, const struct vmref_walk *w, unsigned from)
{
  struct guest_case *g = &p->guest;
  unsigned size = w->access.size;
  int code = form == FORM_FETCH && p->span.parts == 2, descriptor = form >= FORM_SEG_READ;
  if (!form_stores(form) && !descriptor && !code) return PLANNED;
  uint64_t pa = lenient_pa(p, w);
  if (pa == 0 || !spans_arena(pa, size)) /* no descriptor there, nothing to store to */
    return form == FORM_SEG_STORE ? EX_OUTSIDE : PLANNED;
  for (uint64_t word = pa & ~7ull; word < pa + size; word += 8) {
    if (own_word(p, word)) return EX_WINDOW;
    if (find_word(g, word) < 0) continue;
    if (descriptor) return EX_IMPLICIT_WORD;
    if (code) return EX_FETCH_WORD;
    if (p->span.parts == 2) return EX_TWO_OWN;
  }
  for (uint64_t word = pa & ~7ull; word < pa + size; word += 8) add_word(g, word, case_tag(word));
  uint64_t bytes = form == FORM_SEG_READ ? DESCRIPTOR_READ : DESCRIPTOR_STORE;
  if (code) bytes = case_tag(lenient_pa(p, &p->span.part[0]));
  for (unsigned i = 0; (descriptor || code) && i < size; i++) put_byte(g, pa + i, bytes >> 8 * (from + i));
  return PLANNED;
}

/* The words that the walks read; the PDPTE of the guest's own window stays what it is. */
static enum excluded add_entries(struct plan *p)
{
  for (unsigned i = 0; i < p->memory.n; i++) {
    uint64_t pa = p->memory.pa[i];
    if (!own_word(p, pa)) add_word(&p->guest, pa, p->memory.value[i]);
    else if (p->c.cpu.mode != VMREF_MODE_PAE) return EX_WINDOW;
  }
  return PLANNED;
}

enum excluded plan_case(struct plan *p, const struct vmref_case *c, const struct machine *m)
{
  struct guest_case *g = &p->guest;
  p->c = *c;
  p->bits32 = m->bits32;
  enum excluded why = question_excluded(c, m);
  if (why != PLANNED) return why;
  if (in_window(c)) return EX_WINDOW;
  case_place(c, &p->memory);
  p->span = case_span(c, &p->memory);
  if (p->span.status != VMREF_OK) return EX_STATUS;

  unsigned form = form_of(c, m);
  memset(g, 0, sizeof *g);
  g->va = c->access.va;
  g->data = form_stores(form) ? PATTERN : 0;
  g->control = control_of(&c->cpu);
  g->pkru = c->cpu.pkru;
  g->pkrs = c->cpu.pkrs;
  for (unsigned i = 0; i < 3; i++) g->pdpte[i] = c->cpu.pdpte[i + 1];
  unsigned width = c->access.kind == VMREF_FETCH ? 0 : width_of(c->access.size);
  g->op = (uint16_t)OP(form, width, c->access.seg == VMREF_SEG_SS);
  g->cpl = c->access.cpl;
  g->ac = c->access.ac;
  g->two = p->span.parts == 2;
  if ((why = add_entries(p)) != PLANNED) return why;
  if ((why = span_excluded(p, &p->span)) != PLANNED) return why;
  if (m->overlooks && p->span.rule != VMREF_RULE_OK) {
    struct vmref_case q = permissive(c, m->overlooks);
    struct vmref_span s = case_span(&q, &p->memory);
    if ((why = span_excluded(p, &s)) != PLANNED) return why;
  }
  if (form == FORM_SEG_STORE && read_faults(p)) return EX_IMPLICIT_STORE;
  for (unsigned i = 0; i < p->span.parts && why == PLANNED; i++)
    why = add_target(p, form, &p->span.part[i], i ? p->span.part[0].access.size : 0);
  return why;
}
