/* SPDX-License-Identifier: MIT */
#include "mm.h"
#include <stdlib.h>
#include <string.h>

#define OBJECTS(s) ((size_t)(s)->frames + (s)->slots)

static int sizes_fit(struct mm_sizes z)
{
  return 1 <= z.spaces && z.spaces <= 0x4000 && z.spaces < z.tables && z.tables <= 0x400000
    && z.frames <= 0x4000000 && z.slots <= 0x4000000 && z.kernel <= 512 && z.text <= z.kernel
    && (uint64_t)z.tables + z.frames + z.kernel <= 0x10000000;
}

struct vmref_sys *mm_new(struct mm_sizes z)
{
  if (!sizes_fit(z)) return NULL;
  struct vmref_sys *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->tables = z.tables; s->frames = z.frames; s->slots = z.slots;
  s->kernel = z.kernel; s->text = z.text; s->spaces = z.spaces;
  size_t o = OBJECTS(s) + 1; /* malloc(0) may be NULL */
  s->tab = malloc(4096 * (size_t)z.tables);
  s->data = malloc(4096 * o);
  s->rc = malloc(o * sizeof *s->rc);
  s->shared = malloc(o * sizeof *s->shared);
  s->level = malloc(z.tables * sizeof *s->level);
  s->owner = malloc(z.tables * sizeof *s->owner);
  s->parent = malloc(z.tables * sizeof *s->parent);
  s->hint = calloc(VMREF_HINTS(s), sizeof *s->hint);
  if (!s->tab || !s->data || !s->rc || !s->shared || !s->level || !s->owner || !s->parent || !s->hint
      || vmref_boot(s) != VMREF_OK) {
    mm_free(s);
    return NULL;
  }
  return s;
}

void mm_free(struct vmref_sys *s)
{
  if (!s) return;
  free(s->tab); free(s->data); free(s->rc); free(s->shared);
  free(s->level); free(s->owner); free(s->parent); free(s->hint);
  free(s);
}

void mm_copy_to(struct vmref_sys *t, const struct vmref_sys *s)
{
  memcpy(t->tab, s->tab, 4096 * (size_t)s->tables);
  memcpy(t->data, s->data, 4096 * OBJECTS(s));
  memcpy(t->rc, s->rc, OBJECTS(s) * sizeof *s->rc);
  memcpy(t->shared, s->shared, OBJECTS(s) * sizeof *s->shared);
  memcpy(t->level, s->level, s->tables * sizeof *s->level);
  memcpy(t->owner, s->owner, s->tables * sizeof *s->owner);
  memcpy(t->parent, s->parent, s->tables * sizeof *s->parent);
  memcpy(t->hint, s->hint, VMREF_HINTS(s) * sizeof *s->hint);
}

struct vmref_sys *mm_copy(const struct vmref_sys *s)
{
  struct vmref_sys *t = mm_new((struct mm_sizes){ s->tables, s->frames, s->slots, s->spaces, s->kernel, s->text });
  if (t) mm_copy_to(t, s);
  return t;
}

int mm_same(const struct vmref_sys *s, const struct vmref_sys *t)
{
  if (memcmp(s->tab, t->tab, 4096 * (size_t)s->tables) != 0 || memcmp(s->level, t->level, s->tables) != 0
      || memcmp(s->rc, t->rc, OBJECTS(s) * sizeof *s->rc) != 0 || memcmp(s->shared, t->shared, OBJECTS(s)) != 0)
    return 0;
  for (size_t k = 0; k < s->tables; k++)
    if (s->level[k] != 0 && (s->owner[k] != t->owner[k] || s->parent[k] != t->parent[k])) return 0;
  for (size_t o = 0; o < OBJECTS(s); o++)
    if (s->rc[o] != 0 && memcmp(s->data + 4096 * o, t->data + 4096 * o, 4096) != 0) return 0;
  return 1;
}

int mm_is_access(enum mm_kind kind) { return MM_LOAD <= kind && kind <= MM_FETCH; }

uint8_t mm_access_kind(enum mm_kind kind)
{
  return kind == MM_STORE ? VMREF_WRITE : kind == MM_RMW ? VMREF_RMW : kind == MM_FETCH ? VMREF_FETCH : VMREF_READ;
}

static struct mm_outcome access_outcome(struct vmref_outcome r)
{
  return (struct mm_outcome){ .status = r.status, .error = r.error, .vector = r.vector, .faulted = r.faulted, .byte = r.byte };
}

static struct mm_outcome compact_outcome(struct vmref_compacted r)
{
  return (struct mm_outcome){ .status = r.status, .first = r.first, .moved = r.moved };
}

/* A number of frames: there are never as many as those that do not fit. */
static uint32_t frames(uint64_t n) { return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX; }

/* What a processor does by itself; that is refused where there are none. */
static int of_processors(const struct vmref_sys *s, struct vmref_smp *m, const struct mm_op *op)
{
  if (!m) return VMREF_EINVAL;
  if (op->kind == MM_RUN) return vmref_smp_run(m, s, op->cpu - 1u, op->a);
  if (op->kind == MM_FILL) return vmref_smp_fill(m, s, op->cpu - 1u, op->va);
  if (op->kind == MM_TLB) return VMREF_OK;
  vmref_smp_flush(m);
  if (op->kind == MM_LAZY) m->lazy = op->n != 0;
  return VMREF_OK;
}

static struct mm_outcome access(const struct vmref_sys *s, struct vmref_smp *m, const struct mm_op *op)
{
  if (!m) return access_outcome(vmref_user_access(s, op->a, op->va, mm_access_kind(op->kind), op->byte));
  const struct vmref_smp_outcome x = vmref_smp_access(m, s, op->cpu - 1u, op->va, mm_access_kind(op->kind), op->byte);
  struct mm_outcome r = access_outcome(x.out);
  r.cpu = op->cpu;
  r.hit = x.hit;
  return r;
}

/* With processors or without. */
#define BY(name, ...) (m ? vmref_smp_##name(m, s, __VA_ARGS__) : vmref_##name(s, __VA_ARGS__))

struct mm_outcome mm_do_on(const struct vmref_sys *s, struct vmref_smp *m, const struct mm_op *op)
{
  struct mm_outcome r = { 0 };
  uint64_t p = op->va / 4096;
  if (m) m->told = 0; /* of what is refused at once, nothing is told */
  switch (op->kind) {
  case MM_SPACE: r.status = BY(space_new, op->a, VMREF_PROCESS); break;
  case MM_FILE: r.status = BY(space_new, op->a, VMREF_FILE); break;
  case MM_FILE_ADD: r.status = BY(file_add, op->a, p); break;
  case MM_MAP: r.status = BY(map, op->a, p, op->n, op->prot); break;
  case MM_MAP_FILE: r.status = BY(map_file, op->a, p, op->n, op->prot, op->b, op->first, op->share); break;
  case MM_UNMAP: r.status = BY(unmap, op->a, p, op->n); break;
  case MM_PROTECT: r.status = BY(protect, op->a, p, op->n, op->prot); break;
  case MM_LOAD: case MM_STORE: case MM_RMW: case MM_FETCH: r = access(s, m, op); break;
  case MM_FORK: r.status = BY(fork, op->a, op->b); break;
  case MM_EXIT: r.status = m ? vmref_smp_exit(m, s, op->a) : vmref_space_exit(s, op->a); break;
  case MM_SWAPOUT: r.status = BY(page_out, op->a, p); break;
  case MM_SWAPIN: r.status = BY(page_in, op->a, p); break;
  case MM_MOVE: r.status = BY(page_move, op->a, p, frames(op->n)); break;
  case MM_COMPACT: r = compact_outcome(BY(compact, frames(op->n))); break;
  case MM_FRAGMENTATION: r.fragments = vmref_fragmentation(s); break;
  case MM_RUN: case MM_FILL: case MM_TELL: case MM_LAZY: case MM_TLB: r.status = of_processors(s, m, op); break;
  default: r.status = VMREF_EINVAL;
  }
  if (m) r.told = m->told;
  return r;
}

struct mm_outcome mm_do(const struct vmref_sys *s, const struct mm_op *op) { return mm_do_on(s, NULL, op); }

/* ---- under a policy ---- */

uint16_t *mm_notes(const struct vmref_sys *s) { return calloc(VMREF_NOTES(s->frames), sizeof(uint16_t)); }

/* Evict a page and say so in r. */
static int evict(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, struct mm_outcome *r)
{
  struct vmref_eviction e = BY(evict, p);
  if (m) r->told = m->told;
  if (e.status != VMREF_OK) return e.status;
  r->evicted = e;
  r->evictions = 1;
  return VMREF_OK;
}

static struct mm_outcome access_under(const struct vmref_sys *s, const struct vmref_policy *p, const struct mm_op *op)
{
  struct vmref_policy_outcome x = vmref_policy_access(s, p, op->a, op->va, mm_access_kind(op->kind), op->byte);
  struct mm_outcome r = access_outcome(x.out);
  r.evictions = x.evictions;
  r.evicted = x.evicted;
  return r;
}

static int frames_full(const struct vmref_sys *s)
{
  for (uint32_t f = 0; f < s->frames; f++)
    if (s->rc[f] == 0) return 0;
  return 1;
}

static int has_page(const struct vmref_sys *s, const struct mm_op *op)
{
  return op->a < s->spaces && s->level[op->a] == 4 && op->va / 4096 < VMREF_USER_PAGES;
}

/* What takes a frame: no access, or one on a processor. It may lack tables as well: then it fails
 * again. A fault is told as it was at first. */
static struct mm_outcome taking(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, const struct mm_op *op)
{
  const uint32_t none = s->frames + s->slots;
  const int comes = op->kind != MM_FILE_ADD && has_page(s, op); /* maybe from a slot */
  const uint32_t from = comes ? vmref_leaf_object(s, vmref_page_leaf(s, op->a, op->va / 4096)) : none;
  struct mm_outcome r = mm_do_on(s, m, op), e = { 0 };
  if (r.status == VMREF_EMEM && frames_full(s) && evict(s, m, p, &e) == VMREF_OK) {
    const struct mm_outcome first = r;
    r = mm_do_on(s, m, op);
    r.evictions = e.evictions;
    r.evicted = e.evicted;
    r.told = e.told;
    r.vector = first.vector;
    r.error = first.error;
    r.faulted = first.faulted;
  }
  if (r.status != VMREF_OK || !has_page(s, op)) return r;
  const uint32_t f = vmref_leaf_object(s, vmref_page_leaf(s, op->a, op->va / 4096));
  if (f >= s->frames) return r; /* a processor has used what is unmapped */
  vmref_policy_use(s, p, f);
  if (s->frames <= from && from < none) vmref_policy_came(s, p, f, from);
  return r;
}

/* Moves: the notes of a frame go where its page goes. */
static struct mm_outcome moving(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, const struct mm_op *op)
{
  const size_t frames = s->frames, size = VMREF_NOTES(frames) * sizeof *p->note;
  uint16_t *was = malloc(size);
  uint64_t *leaf = malloc((frames + 1) * sizeof *leaf);
  struct mm_outcome r = { .status = VMREF_EMEM };
  if (was && leaf) {
    memcpy(was, p->note, size);
    for (uint32_t f = 0; f < frames; f++) leaf[f] = s->rc[f] ? vmref_object_leaf(s, f) : 0;
    r = mm_do_on(s, m, op);
    for (uint32_t f = 0; f < frames; f++) {
      const uint32_t to = leaf[f] ? vmref_leaf_object(s, s->tab[leaf[f]]) : f;
      if (to != f) memcpy(p->note + 6 * (size_t)to, was + 6 * (size_t)f, 6 * sizeof *was);
    }
  }
  free(was);
  free(leaf);
  return r;
}

struct mm_outcome mm_do_under(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, const struct mm_op *op)
{
  struct mm_outcome r = { 0 };
  if (!p) return mm_do_on(s, m, op);
  if (mm_is_access(op->kind) && !m) return access_under(s, p, op);
  if (mm_is_access(op->kind) || op->kind == MM_FILE_ADD || op->kind == MM_SWAPIN) return taking(s, m, p, op);
  if (op->kind == MM_MOVE || op->kind == MM_COMPACT) return moving(s, m, p, op);
  if (op->kind != MM_EVICT) return mm_do_on(s, m, op);
  r.status = evict(s, m, p, &r);
  return r;
}
