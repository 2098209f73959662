/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "trace_machine.h"

bool machine_begin(struct trace_machine *m)
{
  memset(m, 0, sizeof *m);
  /* Pages that nobody writes take no memory. */
  m->ram = mmap(NULL, TRACE_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return m->ram != MAP_FAILED;
}

void machine_end(struct trace_machine *m)
{
  munmap(m->ram, TRACE_MEMORY);
  for (unsigned i = 0; i < TRACE_CPUS; i++) free(m->processor[i].part);
  free(m->place);
}

uint64_t machine_word(const struct trace_machine *m, uint64_t pa) { return pa < TRACE_MEMORY ? m->ram[pa / 8] : 0; }

static uint64_t entry_at(const struct trace_machine *m, uint8_t mode, uint64_t at)
{
  return vmref_entry_in_word(mode, at, machine_word(m, at & ~7ull));
}

struct vmref_walk machine_ahead(const struct trace_machine *m, const struct vmref_cpu *cpu, uint64_t va)
{
  struct vmref_access a = { .va = va, .size = 1, .ac = 1 };
  struct vmref_walk w;
  vmref_walk_start(&w, *cpu, a);
  while (w.level != 0) {
    uint64_t e = entry_at(m, cpu->mode, w.address[w.level]);
    vmref_walk_step(&w, vmref_p(e) ? vmref_accessed(e) : e);
  }
  return w;
}

/* ---- places ------------------------------------------------------------------------ */

static void look_at(struct trace_machine *m, unsigned cpu, struct place *p)
{
  const struct processor *x = &m->processor[cpu];
  memset(p->table[cpu], 0, sizeof p->table[cpu]);
  if (!x->known || (!vmref_long_mode(x->cpu.mode) && p->va > UINT32_MAX)) return;
  struct vmref_walk w = machine_ahead(m, &x->cpu, p->va);
  for (uint8_t level = w.origin.level; level && level >= w.last; level--) p->table[cpu][level] = (w.address[level] & ~0xfffull) | 1;
}

void machine_look(struct trace_machine *m, unsigned cpu)
{
  for (size_t i = 0; i < m->places; i++) look_at(m, cpu, &m->place[i]);
}

struct place *machine_place(struct trace_machine *m, uint64_t va)
{
  size_t low = 0, high = m->places;
  va &= ~0xfffull;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (m->place[middle].va == va) return &m->place[middle];
    if (m->place[middle].va < va) low = middle + 1;
    else high = middle;
  }
  void *more = m->places < TRACE_PLACES ? realloc(m->place, (m->places + 1) * sizeof *m->place) : NULL;
  if (!more) {
    m->full = true;
    return NULL;
  }
  m->place = more;
  memmove(m->place + low + 1, m->place + low, (m->places - low) * sizeof *m->place);
  m->places++;
  m->place[low] = (struct place){ .va = va };
  for (unsigned c = 0; c < TRACE_CPUS; c++) look_at(m, c, &m->place[low]);
  return &m->place[low];
}

/* ---- what is cached ------------------------------------------------------------------- */

static struct vmref_tlb *new_part(struct trace_machine *m, struct processor *x)
{
  void *more = x->parts < TRACE_PARTS ? realloc(x->part, (x->parts + 1) * sizeof *x->part) : NULL;
  if (!more) {
    m->full = true;
    return NULL;
  }
  x->part = more;
  vmref_tlb_reset(&x->part[x->parts]);
  return &x->part[x->parts++];
}

/* Into the place's part; where that is full, into a new one. */
static void add(struct trace_machine *m, unsigned cpu, struct place *p, const struct vmref_walk *w)
{
  struct processor *x = &m->processor[cpu];
  if (w->origin.level == 0) return;
  if (p->part[cpu] < x->parts && vmref_tlb_fill(&x->part[p->part[cpu]], w) == VMREF_OK) return;
  if (p->part[cpu] + 1 < x->parts && vmref_tlb_fill(&x->part[x->parts - 1], w) == VMREF_OK) {
    p->part[cpu] = x->parts - 1;
    return;
  }
  struct vmref_tlb *t = new_part(m, x);
  if (!t) return;
  p->part[cpu] = x->parts - 1;
  vmref_tlb_fill(t, w);
}

void machine_fill(struct trace_machine *m, unsigned cpu, struct place *p)
{
  struct processor *x = &m->processor[cpu];
  if (!x->known || (!vmref_long_mode(x->cpu.mode) && p->va > UINT32_MAX)) return;
  const struct vmref_access a = { .va = p->va, .size = 1, .ac = 1 };
  struct vmref_walk w = machine_ahead(m, &x->cpu, p->va);
  add(m, cpu, p, &w);
  for (size_t i = 0; i < x->parts; i++)
    for (unsigned k = 0; k < VMREF_TLB_SLOTS; k++) {
      const struct vmref_cached_table t = x->part[i].table[k];
      if (!t.used || !vmref_leads(t, vmref_pcid(x->cpu), p->va)) continue;
      vmref_walk_from(&w, x->cpu, a, t.origin);
      if (w.status != VMREF_OK) continue;
      while (w.level != 0) {
        uint64_t e = entry_at(m, x->cpu.mode, w.address[w.level]);
        vmref_walk_step(&w, vmref_p(e) ? vmref_accessed(e) : e);
      }
      add(m, cpu, p, &w);
    }
}

void machine_before_write(struct trace_machine *m, uint64_t pa)
{
  for (unsigned c = 0; c < TRACE_CPUS; c++)
    for (size_t i = 0; m->processor[c].known && i < m->places; i++)
      for (unsigned level = 1; level <= 5; level++)
        if (m->place[i].table[c][level] == ((pa & ~0xfffull) | 1)) {
          machine_fill(m, c, &m->place[i]);
          break;
        }
}

void machine_write(struct trace_machine *m, uint64_t pa, uint64_t value)
{
  if (pa >= TRACE_MEMORY) {
    m->full = true;
    return;
  }
  m->ram[pa / 8] = value;
  for (unsigned c = 0; c < TRACE_CPUS; c++)
    for (size_t i = 0; m->processor[c].known && i < m->places; i++)
      for (unsigned level = 1; level <= 5; level++)
        if (m->place[i].table[c][level] == ((pa & ~0xfffull) | 1)) {
          look_at(m, c, &m->place[i]);
          break;
        }
}

bool machine_same(const struct trace_machine *m, unsigned cpu)
{
  const struct vmref_cpu *c = &m->processor[cpu].cpu;
  for (unsigned i = 0; i < cpu; i++) {
    const struct vmref_cpu *b = &m->processor[i].cpu;
    if (m->processor[i].known && b->mode == c->mode && b->cr3 == c->cr3 && memcmp(b->pdpte, c->pdpte, sizeof c->pdpte) == 0 && b->nxe == c->nxe && b->pse == c->pse
        && b->pse36 == c->pse36 && b->maxphyaddr == c->maxphyaddr && b->page1gb == c->page1gb && b->vendor == c->vendor) return true;
  }
  return false;
}

/* ---- all of the tables ------------------------------------------------------------------ */

#define ENTRIES 4000000u /* looked at, at most */

struct search { const struct trace_machine *m; const struct vmref_cpu *cpu; each_entry *each; void *to; uint64_t only; unsigned left; };

static bool table_entries(struct search *s, uint64_t table, uint8_t level, uint64_t va)
{
  const uint8_t mode = s->cpu->mode, bytes = vmref_entry_size(mode);
  if (s->only && level == 1 && table != (s->only & ~0xfffull)) return true;
  for (uint64_t i = 0; i < 4096u / bytes; i++) {
    const uint64_t at = table + bytes * i, e = entry_at(s->m, mode, at), size = vmref_page_size(mode, 1) << (level - 1) * (bytes == 4 ? 10 : 9);
    uint64_t under = va + i * size;
    if (s->left-- == 0) return false;
    if (!vmref_p(e) || vmref_reserved(*s->cpu, level, e)) continue;
    if (level == vmref_top_level(mode) && mode == VMREF_MODE_4LEVEL && i >= 256) under |= 0xffff000000000000u;
    if (level == vmref_top_level(mode) && mode == VMREF_MODE_5LEVEL && i >= 256) under |= 0xfe00000000000000u;
    if (!s->each(s->to, at, level, under, e)) continue;
    if (!vmref_maps_page(*s->cpu, level, e) && !table_entries(s, vmref_table_of(e), (uint8_t)(level - 1), under)) return false;
  }
  return true;
}

bool machine_entries(const struct trace_machine *m, const struct vmref_cpu *cpu, uint64_t only, each_entry *each, void *to)
{
  struct search s = { m, cpu, each, to, only, ENTRIES };
  if (cpu->mode == VMREF_MODE_NONE) return true;
  if (cpu->mode != VMREF_MODE_PAE) return table_entries(&s, vmref_table_of(cpu->cr3), vmref_top_level(cpu->mode), 0);
  for (unsigned i = 0; i < 4; i++)
    if (vmref_p(cpu->pdpte[i]) && !table_entries(&s, vmref_table_of(cpu->pdpte[i]), 2, (uint64_t)i << 30)) return false;
  return true;
}
