/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include "tlb_machine.h"

enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
#define FRAME UINT64_C(0x000ffffffffff000)
#define FRAME_OF(n) ((uint64_t)(n) << 12)
#define PROBE(at) (struct vmref_access){ .va = (at), .size = 1 }

/* The PCIDs in use; two of them differ in their top bit alone. */
static const uint16_t PCID[4] = { 0, 1, 2, 0x801 };

static uint8_t byte(const struct machine *m, size_t i) { return i < m->size ? m->data[i] : 0; }
static uint8_t bit(unsigned b, int n) { return b >> n & 1; }

/* ---- memory ------------------------------------------------------------------ */

static void put(struct opinion_moment *m, unsigned frame, unsigned slot, uint64_t e)
{
  if (m->cpu.mode != VMREF_MODE_32BIT) { m->word[frame][slot] = e; return; }
  const int shift = slot ? 32 : 0;
  m->word[frame][0] = (m->word[frame][0] & ~(UINT64_C(0xffffffff) << shift)) | (e & 0xffffffff) << shift;
}

static uint64_t get(const struct opinion_moment *m, unsigned frame, unsigned slot)
{
  return opinion_entry_of(m, FRAME_OF(frame) + slot * (unsigned)opinion_entry_bytes(m->cpu.mode));
}

/* The PDPTE registers from the table that CR3 refers to: 0 if they cannot be loaded. */
static int load_pdptes(struct opinion_moment *m)
{
  const unsigned frame = m->cpu.cr3 >> 12 & 7;
  for (int i = 0; m->cpu.mode == VMREF_MODE_PAE && i < 2; i++) {
    if (!opinion_pdpte_ok(m->cpu.maxphyaddr, m->word[frame][i])) return 0;
    m->cpu.pdpte[i] = m->word[frame][i];
  }
  return 1;
}

/* Frames 1 to 3, 4 or 5 are a tree in which each table has one directory under both its
 * entries, down to the pages; 6 is another root, whose second entry is read-only. */
static void plant(struct opinion_moment *m, unsigned how)
{
  const int top = opinion_top(m->cpu.mode), pae = m->cpu.mode == VMREF_MODE_PAE;
  unsigned frame = 1;
  uint64_t flags = P | RW | US | (bit(how, 0) ? 0 : A), e = FRAME_OF(2) | (pae ? P : flags);
  for (int level = top + pae; level >= 1; level--, frame++)
    for (unsigned slot = 0; slot < 2; slot++) {
      uint64_t entry = FRAME_OF(frame + 1) | (level > top ? (uint64_t)P : flags);
      if (level == 1) entry = FRAME_OF(8 + slot) | (flags ^ (bit(how, 1) ? RW : 0) ^ (bit(how, 2) ? US : 0))
                              | (bit(how, 3) ? D : 0) | (bit(how, 4) ? G : 0) | (uint64_t)bit(how, 5) << 63;
      put(m, frame, slot, entry);
    }
  put(m, 6, 0, e), put(m, 6, 1, pae ? e : e & ~(uint64_t)RW);
  put(m, 7, 0, FRAME_OF(10) | flags), put(m, 7, 1, FRAME_OF(11) | flags);
}

/* ---- the three that follow ------------------------------------------------------- */

static void mirror(struct machine *m)
{
  const struct opinion_moment *now = &m->history.at[m->history.now];
  for (unsigned f = 0; f < OPINION_FRAMES; f++) memcpy(&m->ram[f * 512], now->word[f], sizeof now->word[f]);
}

static void fill_from(struct vmref_tlb *tlb, const struct machine *m, struct vmref_walk *w, int8_t *status)
{
  if (w->level != 0) vmref_walk_finish(w, m->ram, OPINION_WORDS);
  if (w->status != VMREF_OK && w->status != VMREF_EMEM) return;
  if (vmref_tlb_fill(tlb, w) != VMREF_OK) *status = VMREF_EFULL;
}

/* Has the walk gone through this table, with these rights? From it nothing new is found. */
static int passed(const struct vmref_walk *w, const struct vmref_origin *o)
{
  int rw = w->origin.rw, us = w->origin.us, xd = w->origin.xd;
  if (o->level >= w->origin.level || o->level < w->last || w->level != 0) return 0;
  for (int l = w->origin.level; l > o->level; l--) {
    rw &= w->entry[l] >> 1 & 1, us &= w->entry[l] >> 2 & 1, xd |= w->entry[l] >> 63 & 1;
    if (!(w->entry[l] & A)) return 0;
  }
  return (w->entry[o->level + 1] & FRAME) == o->table && rw == o->rw && us == o->us && xd == o->xd;
}

int8_t machine_fill(const struct machine *m, struct vmref_tlb *tlb)
{
  const struct vmref_cpu cpu = m->history.at[m->history.now].cpu;
  int8_t status = VMREF_OK;
  struct vmref_walk root, w;
  for (unsigned v = 0; v < OPINION_VAS; v++) {
    const struct vmref_access a = PROBE(opinion_va(cpu.mode, v));
    vmref_walk_start(&root, cpu, a);
    fill_from(tlb, m, &root, &status);
    for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
      const struct vmref_cached_table *t = &tlb->table[i];
      if (!t->used || passed(&root, &t->origin) || !vmref_leads(*t, vmref_pcid(cpu), a.va)) continue;
      vmref_walk_from(&w, cpu, a, t->origin);
      fill_from(tlb, m, &w, &status);
    }
  }
  return status;
}

static void invalidate(struct machine *m, struct machine_step *s)
{
  const struct vmref_cpu before = m->history.at[m->history.now].cpu, after = s->after.cpu;
  const struct opinion_event *e = &s->event;
  switch (e->kind) {
  case EVENT_MEMORY: break;
  case EVENT_INVLPG: vmref_tlb_invlpg(&m->tlb, before, e->va); break;
  case EVENT_FAULT: vmref_tlb_fault(&m->tlb, before, e->va); break;
  case EVENT_CR3: vmref_tlb_cr3(&m->tlb, after, (uint8_t)e->keep); break;
  case EVENT_CONTROL: vmref_tlb_control(&m->tlb, before, after); break;
  case EVENT_INVPCID:
    s->rule = vmref_tlb_invpcid(&m->tlb, before, (uint8_t)e->la57, e->type, e->descriptor, e->va);
  }
}

void machine_make(struct machine *m, struct machine_step *s)
{
  struct opinion_history *h = &m->history;
  invalidate(m, s);
  h->now++;
  h->at[h->now] = s->after;
  h->by[h->now] = s->event;
  simulated_event(&m->simulated, h);
  mirror(m);
  m->filled = machine_fill(m, &m->tlb);
}

/* ---- from bytes ------------------------------------------------------------------- */

void machine_start(struct machine *m, const uint8_t *data, size_t size)
{
  static const uint8_t width[] = { 40, 32, 36, 52 };
  memset(m, 0, sizeof *m);
  m->data = data, m->size = size;
  struct opinion_moment *first = &m->history.at[0];
  struct vmref_cpu *cpu = &first->cpu;
  const unsigned a = byte(m, 0), b = byte(m, 1), c = byte(m, 2), d = byte(m, 3);
  static const uint8_t mode[] = { VMREF_MODE_4LEVEL, VMREF_MODE_PAE, VMREF_MODE_32BIT, VMREF_MODE_5LEVEL };
  cpu->mode = mode[a & 3];
  cpu->wp = !bit(a, 2), cpu->pge = !bit(a, 3), cpu->nxe = !bit(a, 4), cpu->smep = bit(a, 5), cpu->smap = bit(a, 6);
  cpu->pcide = bit(a, 7) && opinion_long(cpu->mode);
  cpu->pke = bit(b, 0), cpu->pks = bit(b, 1), cpu->pse = !bit(b, 2), cpu->pse36 = !bit(b, 3);
  cpu->page1gb = !bit(b, 4), cpu->vendor = bit(b, 5);
  cpu->maxphyaddr = width[b >> 6];
  cpu->cr3 = FRAME_OF(1) | PCID[c & 3];
  m->simulated.random = 0x9e3779b9 ^ c << 16 ^ d;
  plant(first, d);
  load_pdptes(first);
  mirror(m);
  m->filled = machine_fill(m, &m->tlb);
}

/* What software stores: a new entry, or some flags of one changed. */
static void store(struct opinion_moment *m, unsigned b1, unsigned b2, unsigned b3)
{
  static const uint64_t FLAG[8] = { P, RW, US, UINT64_C(1) << 63, A, D, PS, G };
  static const uint8_t SHIFT[4] = { 12, 21, 22, 30 };
  const unsigned frame = b1 & 7, slot = b1 >> 3 & 1;
  uint64_t flags = 0, e = get(m, frame, slot);
  for (int i = 0; i < 8; i++) flags |= bit(b2, i) ? FLAG[i] : 0;
  if (bit(b3, 7)) e = (uint64_t)(b3 & 15) << SHIFT[b3 >> 4 & 3] | (uint64_t)(b1 >> 4) << 59 | flags;
  else e ^= flags | (uint64_t)(b1 >> 4) << 59 | (bit(b3, 6) ? UINT64_C(1) << (b3 & 63) : 0);
  put(m, frame, slot, e);
}

static void ask(struct machine *m, struct machine_step *s, unsigned b1, unsigned b2, unsigned b3)
{
  struct vmref_access *a = &s->access;
  static const uint8_t CPL[4] = { 3, 0, 3, 1 };
  const int mode = s->after.cpu.mode;
  a->va = opinion_va(mode, b1 & 3) | (b2 >> 4 & 3) << 3;
  a->kind = b1 >> 2 & 3, a->cpl = CPL[b1 >> 4 & 3];
  a->implicit = bit(b1, 6) && a->kind != VMREF_FETCH, a->ac = bit(b1, 7);
  a->size = (uint8_t)(1 << (b2 & 3));
  a->seg = bit(b2, 2) && a->kind != VMREF_FETCH && !a->implicit;
  if ((b2 >> 6) == 3 && opinion_long(mode) && !a->implicit) a->va ^= UINT64_C(1) << 60;
  s->is_access = 1;
  m->simulated.random ^= b3 << 8 | b1;
  if (m->simulated.random == 0) m->simulated.random = 1;
}

/* MOV to CR0, CR4 or EFER; what would fault changes nothing. */
static void control(struct opinion_moment *m, unsigned b1, unsigned b2)
{
  struct opinion_moment was = *m;
  struct vmref_cpu *c = &m->cpu;
  static const uint8_t on[4] = { VMREF_MODE_4LEVEL, VMREF_MODE_PAE, VMREF_MODE_32BIT, VMREF_MODE_5LEVEL };
  if (bit(b2, 7)) b1 = 1u << (b1 & 7); /* one alone: most pairs of changes invalidate */
  c->wp ^= bit(b1, 0), c->smep ^= bit(b1, 1), c->smap ^= bit(b1, 2), c->pge ^= bit(b1, 3);
  c->nxe ^= bit(b1, 4), c->pke ^= bit(b1, 5), c->pks ^= bit(b1, 6), c->pcide ^= bit(b1, 7);
  c->pse ^= bit(b2, 0);
  if ((b2 >> 1 & 3) == 2 && c->mode == VMREF_MODE_PAE) c->mode = VMREF_MODE_32BIT;
  else if ((b2 >> 1 & 3) == 2 && c->mode == VMREF_MODE_32BIT) c->mode = VMREF_MODE_PAE;
  else if ((b2 >> 1 & 3) == 3) c->mode = c->mode ? VMREF_MODE_NONE : on[b2 >> 3 & 3];
  int loads = c->mode != was.cpu.mode || c->pge != was.cpu.pge || c->pse != was.cpu.pse || c->smep != was.cpu.smep;
  if ((c->pcide && !opinion_long(c->mode)) || (c->pcide && !was.cpu.pcide && c->cr3 & 0xfff)
      || (loads && !load_pdptes(m)))
    *m = was;
}

int machine_next(struct machine *m, struct machine_step *s)
{
  const size_t at = MACHINE_HEAD + 4 * m->step;
  if (m->step == MACHINE_STEPS || at >= m->size || m->filled != VMREF_OK) return 0;
  const unsigned b0 = byte(m, at), b1 = byte(m, at + 1), b2 = byte(m, at + 2), b3 = byte(m, at + 3);
  m->step++;
  memset(s, 0, sizeof *s);
  s->after = m->history.at[m->history.now];
  struct vmref_cpu *cpu = &s->after.cpu;
  struct opinion_event *e = &s->event;
  const uint64_t odd = b3 >> 6 == 3 ? UINT64_C(1) << (b3 & 63) : 0; /* now and then a bit too much */
  switch (b0 & 7) {
  case 0: case 1: store(&s->after, b1, b2, b3); break;
  case 2: case 3: ask(m, s, b1, b2, b3); break;
  case 4:
    e->va = opinion_va(cpu->mode, b1 & 3) | (b1 & 0x3c) << 6;
    e->kind = bit(b1, 7) ? EVENT_INVPCID : EVENT_INVLPG;
    e->type = b2 & 3, e->descriptor = PCID[b2 >> 2 & 3], e->la57 = bit(b2, 4);
    if (bit(b1, 6) && (e->kind == EVENT_INVPCID || opinion_long(cpu->mode))) e->va ^= odd;
    else if (bit(b2, 5)) e->descriptor |= odd;
    else if (bit(b2, 6)) e->type |= odd ? odd : 4;
    break;
  case 5:
    e->kind = EVENT_CR3;
    e->keep = bit(b1, 3);
    cpu->cr3 = FRAME_OF(bit(b1, 0) ? 6 : 1) | PCID[b1 >> 1 & 3];
    if (!load_pdptes(&s->after)) s->after = m->history.at[m->history.now], e->kind = EVENT_MEMORY;
    break;
  case 6:
    e->kind = EVENT_CONTROL;
    control(&s->after, b1, b2);
    break;
  case 7:
    if (bit(b1, 7)) simulated_speculate(&m->simulated, &s->after, opinion_va(cpu->mode, b1 & 3));
    else if (bit(b1, 0)) cpu->pkrs = (b2 | b3 << 8) * 0x10001u;
    else cpu->pkru = (b2 | b3 << 8) * 0x10001u;
  }
  if (!s->is_access) return 1;
  if (!simulated_access(&m->simulated, &s->after, &s->access, &s->seen)) return 0;
  if (s->seen.vector == 14) e->kind = EVENT_FAULT, e->va = s->seen.cr2;
  return 1;
}

/* ---- what is said of a finding -------------------------------------------------------- */

void machine_show_seen(FILE *f, const struct vmref_access *a, const struct vmref_observed *seen)
{
  static const char *const KIND[] = { "read", "write", "rmw", "fetch" };
  fprintf(f, "%s 0x%" PRIx64 " cpl %u implicit %u ac %u: vector %u error 0x%x pa 0x%" PRIx64 " cr2 0x%" PRIx64 " sets", KIND[a->kind],
          a->va, a->cpl, a->implicit, a->ac, seen->vector, seen->error, seen->pa, seen->cr2);
  for (unsigned i = 0; i < seen->sets; i++)
    fprintf(f, " %s%s@0x%" PRIx64, seen->set_a[i] ? "A" : "", seen->set_d[i] ? "D" : "", seen->set_address[i]);
  fprintf(f, "\n");
}

void machine_finding(const struct machine *m, const char *what)
{
  static const char *const KIND[] = { "memory", "INVLPG", "INVPCID", "MOV CR3", "controls", "#PF" };
  const struct opinion_history *h = &m->history;
  for (unsigned i = 0; i <= h->now; i++) {
    const struct vmref_cpu *c = &h->at[i].cpu;
    fprintf(stderr, "%2u mode %u wp %u pge %u pcide %u smep %u smap %u nxe %u pse %u pke %u pks %u pkru 0x%x pkrs 0x%x cr3 0x%" PRIx64 "\n",
            i, c->mode, c->wp, c->pge, c->pcide, c->smep, c->smap, c->nxe, c->pse, c->pke, c->pks, c->pkru, c->pkrs, c->cr3);
    if (i) fprintf(stderr, "   after %s va 0x%" PRIx64 " type %" PRIu64 " descriptor 0x%" PRIx64 " keep %d\n",
                   KIND[h->by[i].kind], h->by[i].va, h->by[i].type, h->by[i].descriptor, h->by[i].keep);
    for (unsigned f = 0; f < OPINION_FRAMES; f++)
      for (unsigned k = 0; k < 2; k++)
        if (!i || h->at[i].word[f][k] != h->at[i - 1].word[f][k])
          fprintf(stderr, "   0x%x: 0x%" PRIx64 "\n", f * 0x1000 + k * 8, h->at[i].word[f][k]);
  }
  finding_input(what, MACHINE_FORM, m->data, m->size);
}
