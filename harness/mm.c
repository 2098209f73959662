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

struct vmref_sys *mm_copy(const struct vmref_sys *s)
{
  struct vmref_sys *t = mm_new((struct mm_sizes){ s->tables, s->frames, s->slots, s->spaces, s->kernel, s->text });
  if (!t) return NULL;
  memcpy(t->tab, s->tab, 4096 * (size_t)s->tables);
  memcpy(t->data, s->data, 4096 * OBJECTS(s));
  memcpy(t->rc, s->rc, OBJECTS(s) * sizeof *s->rc);
  memcpy(t->shared, s->shared, OBJECTS(s) * sizeof *s->shared);
  memcpy(t->level, s->level, s->tables * sizeof *s->level);
  memcpy(t->owner, s->owner, s->tables * sizeof *s->owner);
  memcpy(t->parent, s->parent, s->tables * sizeof *s->parent);
  memcpy(t->hint, s->hint, VMREF_HINTS(s) * sizeof *s->hint);
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

struct mm_outcome mm_do(const struct vmref_sys *s, const struct mm_op *op)
{
  struct mm_outcome r = { 0 };
  uint64_t p = op->va / 4096;
  switch (op->kind) {
  case MM_SPACE: r.status = vmref_space_new(s, op->a, VMREF_PROCESS); break;
  case MM_FILE: r.status = vmref_space_new(s, op->a, VMREF_FILE); break;
  case MM_FILE_ADD: r.status = vmref_file_add(s, op->a, p); break;
  case MM_MAP: r.status = vmref_map(s, op->a, p, op->n, op->prot); break;
  case MM_MAP_FILE: r.status = vmref_map_file(s, op->a, p, op->n, op->prot, op->b, op->first, op->share); break;
  case MM_UNMAP: r.status = vmref_unmap(s, op->a, p, op->n); break;
  case MM_PROTECT: r.status = vmref_protect(s, op->a, p, op->n, op->prot); break;
  case MM_LOAD: return access_outcome(vmref_user_access(s, op->a, op->va, VMREF_READ, 0));
  case MM_STORE: return access_outcome(vmref_user_access(s, op->a, op->va, VMREF_WRITE, op->byte));
  case MM_RMW: return access_outcome(vmref_user_access(s, op->a, op->va, VMREF_RMW, op->byte));
  case MM_FETCH: return access_outcome(vmref_user_access(s, op->a, op->va, VMREF_FETCH, 0));
  case MM_FORK: r.status = vmref_fork(s, op->a, op->b); break;
  case MM_EXIT: r.status = vmref_space_exit(s, op->a); break;
  case MM_SWAPOUT: r.status = vmref_page_out(s, op->a, p); break;
  case MM_SWAPIN: r.status = vmref_page_in(s, op->a, p); break;
  case MM_MOVE: r.status = vmref_page_move(s, op->a, p, frames(op->n)); break;
  case MM_COMPACT: return compact_outcome(vmref_compact(s, frames(op->n)));
  case MM_FRAGMENTATION: r.fragments = vmref_fragmentation(s); break;
  default: r.status = VMREF_EINVAL;
  }
  return r;
}
