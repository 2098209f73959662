/* SPDX-License-Identifier: MIT */
/* Does what an implementation has logged follow the rules? Accesses and TLB fills are held against all that
 * its tables and its processors' caches permit, frames and slots against a ledger. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "trace_machine.h"

/* Rules that are of no manual: those of spec/theorem.acsl, as far as a trace shows them. */
#define ALLOC_TWICE "OS.ALLOC.TWICE"
#define FREE_TWICE  "OS.FREE.TWICE"
#define FREE_MAPPED "OS.FREE.MAPPED"
#define FREE_STALE  "OS.FREE.STALE"
#define MAP_FREE    "OS.MAP.FREE"
#define SLOT_TWICE  "OS.SLOT.TWICE"
#define SLOT_EMPTY  "OS.SLOT.EMPTY"
static const struct { const char *id, *text; } OS[] = {
  { ALLOC_TWICE, "a frame that is in use is not given again" },
  { FREE_TWICE, "a frame that is free is not freed again" },
  { FREE_MAPPED, "no table maps a frame that is freed or goes to swap" },
  { FREE_STALE, "no processor may still have a translation cached to a frame that is freed or goes to swap" },
  { MAP_FREE, "no table maps a frame that is free" },
  { SLOT_TWICE, "a swap slot that is in use takes no other page" },
  { SLOT_EMPTY, "what comes from a swap slot has gone there before" },
  { "TLB.FILL", "a translation is cached only when the tables lead there" },
  { "TLB.CONTENT", "a TLB entry holds the frame and the rights that the tables, or what was cached of them, give" },
};

enum { UNKNOWN, USED, FREE };
struct object { uint64_t number; uint8_t state; };
struct ledger { struct object *object; size_t objects; };

struct run {
  struct trace_machine m;
  struct ledger frames, slots;
  const struct event *e;
  struct trace_result *r;
};

static bool __attribute__((format(printf, 3, 4))) broken(struct run *x, const char *rule, const char *form, ...)
{
  va_list list;
  x->r->verdict = TRACE_BROKEN;
  x->r->rule = rule;
  for (size_t i = 0; i < sizeof OS / sizeof *OS; i++)
    if (strcmp(rule, OS[i].id) == 0) x->r->text = OS[i].text;
  va_start(list, form);
  vsnprintf(x->r->what, sizeof x->r->what, form, list);
  va_end(list);
  return false;
}

static bool ends(struct run *x, enum trace_verdict verdict, const char *what)
{
  x->r->verdict = verdict;
  snprintf(x->r->what, sizeof x->r->what, "%s", what);
  return false;
}

/* ---- frames and slots ------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
  const struct object *x = a, *y = b;
  return x->number < y->number ? -1 : x->number > y->number;
}

static struct object *object_of(const struct ledger *l, uint64_t number)
{
  struct object key = { number, 0 };
  return l->objects ? bsearch(&key, l->object, l->objects, sizeof key, by_number) : NULL;
}

static void take_object(struct ledger *l, uint64_t number) { l->object[l->objects++] = (struct object){ number, UNKNOWN }; }

static void sort_ledger(struct ledger *l)
{
  size_t n = 0;
  if (l->objects) qsort(l->object, l->objects, sizeof *l->object, by_number);
  for (size_t i = 0; i < l->objects; i++)
    if (n == 0 || l->object[n - 1].number != l->object[i].number) l->object[n++] = l->object[i];
  l->objects = n;
}

/* An entry that maps a frame of the ledger, or the entry at an address. */
struct find { struct run *x; uint64_t frame, at, va; uint8_t level; bool found; const struct vmref_cpu *cpu; };

static bool maps_frame(void *to, uint64_t at, uint8_t level, uint64_t va, uint64_t e)
{
  struct find *f = to;
  if (!vmref_maps_page(*f->cpu, level, e)) return true;
  const uint64_t base = vmref_page_base(f->cpu->mode, level, e);
  if (!f->found && base <= f->frame && f->frame - base < vmref_page_size(f->cpu->mode, level)) {
    f->found = true;
    f->va = va + (f->frame - base);
    f->at = at;
  }
  return true;
}

static bool is_entry(void *to, uint64_t at, uint8_t level, uint64_t va, uint64_t e)
{
  struct find *f = to;
  if (at == f->at && vmref_maps_page(*f->cpu, level, e)) {
    const uint64_t base = vmref_page_base(f->cpu->mode, level, e), size = vmref_page_size(f->cpu->mode, level);
    for (size_t i = 0; i < f->x->frames.objects; i++) {
      const struct object *o = &f->x->frames.object[i];
      if (o->number < base || o->number - base >= size) continue;
      machine_place(&f->x->m, va + (o->number - base)); /* it may be cached while it stands */
      if (o->state == FREE && !f->found) f->found = true, f->frame = o->number, f->va = va + (o->number - base);
    }
  }
  return true;
}

/* Is the entry at `at`, as it stands, one that maps a frame of the ledger? Its pages become places. */
static bool look_for_entry(struct run *x, uint64_t at, struct find *f)
{
  *f = (struct find){ .x = x, .at = at };
  for (unsigned c = 0; c < TRACE_CPUS && x->frames.objects > 0; c++) {
    const struct processor *p = &x->m.processor[c];
    f->cpu = &p->cpu;
    if (p->known && !machine_same(&x->m, c) && !machine_entries(&x->m, &p->cpu, at, is_entry, f)) return ends(x, TRACE_UNMODELLED, "the tables have more than 4000000 entries");
  }
  return true;
}

/* A frame goes: no table may map it, no processor have it cached. */
static bool unreachable(struct run *x, uint64_t frame)
{
  for (unsigned c = 0; c < TRACE_CPUS; c++) {
    const struct processor *p = &x->m.processor[c];
    struct find f = { .x = x, .frame = frame, .cpu = &p->cpu };
    if (!p->known) continue;
    if (!machine_same(&x->m, c) && !machine_entries(&x->m, &p->cpu, 0, maps_frame, &f)) return ends(x, TRACE_UNMODELLED, "the tables have more than 4000000 entries");
    x->r->frame = frame;
    if (f.found) x->r->va = f.va;
    if (f.found) return broken(x, FREE_MAPPED, "the tables of processor %u map frame 0x%" PRIx64 " at 0x%" PRIx64 ", by the entry at 0x%" PRIx64, c, frame, f.va, f.at);
    for (size_t i = 0; i < p->parts; i++)
      for (unsigned k = 0; k < VMREF_TLB_SLOTS; k++) {
        const struct vmref_translation *t = &p->part[i].page[k];
        if (!t->used || t->frame > frame || frame - t->frame >= t->size) continue;
        x->r->va = t->page + (frame - t->frame);
        return broken(x, FREE_STALE, "processor %u may have 0x%" PRIx64 " cached to frame 0x%" PRIx64 ": no invalidation of it there since its entry was changed", c,
                      x->r->va, frame);
      }
  }
  return true;
}

static bool change_frame(struct run *x, uint64_t frame, uint8_t state)
{
  struct object *o = object_of(&x->frames, frame);
  x->r->frame = frame;
  if (state == USED && o->state == USED) return broken(x, ALLOC_TWICE, "frame 0x%" PRIx64 " is in use", frame);
  if (state == FREE && o->state == FREE) return broken(x, FREE_TWICE, "frame 0x%" PRIx64 " is free", frame);
  if (state == FREE && !unreachable(x, frame)) return false;
  o->state = state;
  return true;
}

static bool change_slot(struct run *x, uint64_t slot, uint8_t state)
{
  struct object *o = object_of(&x->slots, slot);
  if (state == USED && o->state == USED) return broken(x, SLOT_TWICE, "slot %" PRIu64 " is in use", slot);
  if (state == FREE && o->state == FREE) return broken(x, SLOT_EMPTY, "slot %" PRIu64 " is empty", slot);
  o->state = state;
  return true;
}

/* ---- processors --------------------------------------------------------------------------- */

static bool load_pdptes(struct run *x, struct vmref_cpu *cpu)
{
  for (unsigned i = 0; i < 4; i++) {
    cpu->pdpte[i] = machine_word(&x->m, (cpu->cr3 & 0xffffffe0) + 8 * i);
    if (!vmref_pdpte_fit(cpu->maxphyaddr, cpu->pdpte[i]))
      return broken(x, "GP.PDPTE", "PDPTE %u, 0x%" PRIx64 ", has reserved bits: the load faults", i, cpu->pdpte[i]);
  }
  return true;
}

static bool new_state(struct run *x, struct vmref_cpu cpu, bool registers)
{
  struct processor *p = &x->m.processor[x->e->cpu];
  if (cpu.mode == VMREF_MODE_PAE && !registers && !load_pdptes(x, &cpu)) return false;
  for (size_t i = 0; i < x->m.places && p->known; i++) machine_fill(&x->m, x->e->cpu, &x->m.place[i]);
  for (size_t i = 0; i < p->parts; i++) {
    if (p->cpu.mode != cpu.mode) vmref_tlb_reset(&p->part[i]);
    vmref_tlb_control(&p->part[i], p->cpu, cpu);
    if (p->cpu.cr3 != cpu.cr3) vmref_tlb_cr3(&p->part[i], cpu, 0);
  }
  p->cpu = cpu;
  p->known = true;
  machine_look(&x->m, x->e->cpu);
  return true;
}

static bool load_cr3(struct run *x)
{
  struct processor *p = &x->m.processor[x->e->cpu];
  struct vmref_cpu cpu = p->cpu;
  cpu.cr3 = vmref_long_mode(cpu.mode) ? x->e->a : x->e->a & UINT32_MAX;
  if (cpu.cr3 >= vmref_phys_limit(cpu.maxphyaddr)) return broken(x, "GP.CR3.ADDR", "CR3 0x%" PRIx64 " is beyond MAXPHYADDR: the load faults", cpu.cr3);
  if (cpu.mode == VMREF_MODE_PAE && !load_pdptes(x, &cpu)) return false;
  for (size_t i = 0; i < x->m.places; i++) machine_fill(&x->m, x->e->cpu, &x->m.place[i]);
  for (size_t i = 0; i < p->parts; i++) vmref_tlb_cr3(&p->part[i], cpu, x->e->keep);
  p->cpu = cpu;
  machine_look(&x->m, x->e->cpu);
  return true;
}

static bool invalidate(struct run *x)
{
  struct processor *p = &x->m.processor[x->e->cpu];
  for (size_t i = 0; i < p->parts; i++) {
    if (x->e->kind == EVENT_FLUSH) vmref_tlb_reset(&p->part[i]);
    else if (x->e->kind == EVENT_INVLPG) vmref_tlb_invlpg(&p->part[i], p->cpu, x->e->a);
    else if (vmref_tlb_invpcid(&p->part[i], p->cpu, 0, x->e->c, x->e->a, x->e->b)) return broken(x, "GP.INVPCID.PCID", "the instruction faults");
  }
  return true;
}

static bool check_fill(struct run *x)
{
  struct processor *p = &x->m.processor[x->e->cpu];
  struct place *place = machine_place(&x->m, x->e->a);
  const struct vmref_translation *other = NULL;
  if (!place) return true;
  machine_fill(&x->m, x->e->cpu, place);
  for (size_t i = 0; i < p->parts; i++)
    for (unsigned k = 0; k < VMREF_TLB_SLOTS; k++) {
      const struct vmref_translation *t = &p->part[i].page[k];
      if (!t->used || !vmref_serves(*t, vmref_pcid(p->cpu), x->e->a)) continue;
      const unsigned rights = (t->rw ? TRACE_W : 0u) | (t->us ? TRACE_U : 0u) | (t->xd ? 0u : TRACE_X);
      if (t->frame + (x->e->a - t->page) == x->e->b && rights == x->e->rights) return true;
      other = t;
    }
  x->r->walked = true;
  x->r->va = x->e->a;
  x->r->walk = machine_ahead(&x->m, &p->cpu, x->e->a);
  if (!other) return broken(x, "TLB.FILL", "nothing leads from 0x%" PRIx64 " to a page", x->e->a);
  return broken(x, "TLB.CONTENT", "0x%" PRIx64 " is at 0x%" PRIx64 ", r%s%s%s", x->e->a, other->frame + (x->e->a - other->page), other->rw ? "w" : "", other->us ? "u" : "",
                other->xd ? "" : "x");
}

/* A and D as a walk that was permitted sets them. */
static void set_flags(struct run *x, const struct vmref_walk *w)
{
  for (uint8_t level = w->origin.level; level && level >= w->last; level--) {
    const uint64_t at = w->address[level], flags = w->after[level] & ~w->entry[level];
    if (at < TRACE_MEMORY) x->m.ram[at / 8] |= flags << (at & 4 ? 32 : 0);
  }
}

static bool check_access(struct run *x)
{
  struct processor *p = &x->m.processor[x->e->cpu];
  static const struct vmref_tlb nothing;
  const uint64_t words = TRACE_MEMORY / 8;
  if (!vmref_question_valid(p->cpu, x->e->access)) return ends(x, TRACE_WRONG, "an address that the paging mode does not have");
  struct place *place = machine_place(&x->m, x->e->access.va);
  if (!place) return true;
  machine_fill(&x->m, x->e->cpu, place);
  struct vmref_verdict v = vmref_allows(p->cpu, &nothing, x->m.ram, words, x->e->access, &x->e->seen);
  for (size_t i = 0; i < p->parts && !v.allowed && v.status == VMREF_OK; i++)
    v = vmref_allows(p->cpu, &p->part[i], x->m.ram, words, x->e->access, &x->e->seen);
  struct vmref_walk w = vmref_walk(x->m.ram, words, p->cpu, x->e->access);
  if (v.status == VMREF_EMEM || v.status == VMREF_EUNMODELLED) return ends(x, TRACE_UNMODELLED, "a table beyond 64 GiB, or an access that the model does not have");
  if (v.allowed) {
    if (v.way == VMREF_WAY_WALK && w.vector == 0 && x->e->seen.vector == 0) set_flags(x, &w);
    for (size_t i = 0; i < p->parts && x->e->seen.vector == VMREF_VECTOR_PF; i++) vmref_tlb_fault(&p->part[i], p->cpu, x->e->seen.cr2);
    return true;
  }
  x->r->walked = true;
  x->r->va = x->e->access.va;
  x->r->walk = w;
  if (w.vector == 0) return broken(x, rule_id(w.rule), "the access is made, to 0x%" PRIx64, w.pa);
  return broken(x, rule_id(w.rule), "vector %u, error code 0x%" PRIx32 ", CR2 0x%" PRIx64, w.vector, w.error, w.cr2);
}

static bool check_write(struct run *x)
{
  const uint64_t pa = x->e->a & ~7ull;
  uint64_t value = x->e->b;
  struct find f;
  if (x->e->kind == EVENT_WRITE4) {
    const unsigned shift = x->e->a & 4 ? 32 : 0;
    value = (machine_word(&x->m, pa) & ~(0xffffffffull << shift)) | value << shift;
  }
  if (pa >= TRACE_MEMORY) return ends(x, TRACE_UNMODELLED, "memory beyond 64 GiB");
  if (!look_for_entry(x, x->e->a, &f)) return false; /* what it maps may be cached */
  machine_before_write(&x->m, pa);
  machine_write(&x->m, pa, value);
  if (!look_for_entry(x, x->e->a, &f)) return false;
  if (f.found) x->r->va = f.va, x->r->frame = f.frame;
  return !f.found || broken(x, MAP_FREE, "frame 0x%" PRIx64 " is free, and is mapped at 0x%" PRIx64, f.frame, f.va);
}

static bool check_event(struct run *x)
{
  const struct event *e = x->e;
  const bool of_cpu = e->kind >= EVENT_CR3 && e->kind <= EVENT_ACCESS;
  if (of_cpu && !x->m.processor[e->cpu].known) return ends(x, TRACE_WRONG, "the processor has no line cpu before it");
  switch (e->kind) {
  case EVENT_MEM: return e->a < TRACE_MEMORY ? machine_write(&x->m, e->a, e->b), true : ends(x, TRACE_UNMODELLED, "memory beyond 64 GiB");
  case EVENT_CPU: return new_state(x, e->state, e->registers);
  case EVENT_WRITE: case EVENT_WRITE4: return check_write(x);
  case EVENT_CR3: return load_cr3(x);
  case EVENT_INVLPG: case EVENT_INVPCID: case EVENT_FLUSH: return invalidate(x);
  case EVENT_FILL: return check_fill(x);
  case EVENT_ACCESS: return check_access(x);
  case EVENT_ALLOC: return change_frame(x, e->a, USED);
  case EVENT_FREE: return change_frame(x, e->a, FREE);
  case EVENT_SWAPOUT: return unreachable(x, e->a) && change_slot(x, e->b, USED);
  default: return change_slot(x, e->b, FREE);
  }
}

static bool begin(struct run *x, const struct trace_file *t, const size_t *order, size_t n)
{
  x->frames.object = malloc((n + 1) * sizeof(struct object));
  x->slots.object = malloc((n + 1) * sizeof(struct object));
  if (!x->frames.object || !x->slots.object || !machine_begin(&x->m)) return false;
  for (size_t i = 0; i < n; i++) {
    const struct event *e = &t->event[order ? order[i] : i];
    if (e->kind >= EVENT_ALLOC) take_object(&x->frames, e->a);
    if (e->kind >= EVENT_SWAPOUT) take_object(&x->slots, e->b);
    if (e->kind == EVENT_ACCESS || e->kind == EVENT_FILL) machine_place(&x->m, e->kind == EVENT_FILL ? e->a : e->access.va);
  }
  sort_ledger(&x->frames);
  sort_ledger(&x->slots);
  return true;
}

/* The entries that lead to the address that a break is about. */
static void note_entries(struct run *x)
{
  for (unsigned c = 0; c < TRACE_CPUS && x->r->va != UINT64_MAX; c++) {
    const struct processor *p = &x->m.processor[c];
    if (!p->known || (!vmref_long_mode(p->cpu.mode) && x->r->va > UINT32_MAX)) continue;
    const struct vmref_walk w = machine_ahead(&x->m, &p->cpu, x->r->va);
    for (uint8_t level = w.origin.level; level && level >= w.last; level--) x->r->entry[x->r->entries++] = w.address[level];
  }
}

bool trace_check(const struct trace_file *t, const size_t *order, size_t n, struct trace_result *r)
{
  struct run x = { .r = r };
  *r = (struct trace_result){ .verdict = TRACE_FOLLOWS, .text = "", .va = UINT64_MAX, .frame = UINT64_MAX };
  const bool begun = begin(&x, t, order, n);
  for (size_t i = 0; begun && i < n; i++) {
    r->at = i;
    x.e = &t->event[order ? order[i] : i];
    if (!check_event(&x)) break;
    if (x.m.full) {
      ends(&x, TRACE_UNMODELLED, "more translations, pages or memory than vmref check keeps: 65536 each");
      break;
    }
  }
  if (begun && r->verdict == TRACE_BROKEN) note_entries(&x);
  if (begun) machine_end(&x.m);
  free(x.frames.object);
  free(x.slots.object);
  return begun;
}
