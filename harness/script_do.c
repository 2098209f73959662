/* SPDX-License-Identifier: MIT */
/* Running the lines of a script. Some are several operations; one that fails takes those before
 * it back. */
#include <stdlib.h>
#include "script.h"

/* A line that is being done, and the evictions that it took so far. */
struct doing {
  const struct vmref_sys *s;
  struct vmref_smp *m;
  const struct vmref_policy *p;
  struct mm_outcome r;
};

static int some(struct doing *d, const struct mm_op *op)
{
  struct mm_outcome r = mm_do_under(d->s, d->m, d->p, op);
  d->r.told += r.told;
  if (r.evictions) d->r.evicted = r.evicted;
  d->r.evictions += r.evictions;
  return r.status;
}

static int one(struct doing *d, enum mm_kind kind, uint32_t a, uint64_t page)
{
  struct mm_op op = { .kind = kind, .a = a, .va = 4096 * page, .n = 1 };
  return some(d, &op);
}

static int exists(const struct vmref_sys *s, uint32_t a) { return a < s->spaces && s->level[a] == 4; }

static int new_file(struct doing *d, const struct script_line *l)
{
  int r = some(d, &l->op);
  for (uint64_t p = 0; r == VMREF_OK && p < l->pages; p++) {
    r = one(d, MM_FILE_ADD, l->op.a, p);
    if (r != VMREF_OK) one(d, MM_EXIT, l->op.a, 0);
  }
  return r;
}

/* Add the pages that a file lacks, then map it. */
static int map_longer(struct doing *d, const struct mm_op *map)
{
  uint64_t p = 0;
  int r = VMREF_OK;
  _Bool *added = calloc(map->n, sizeof *added); /* n is at most VMREF_RANGE: see below */
  if (!added) return VMREF_EMEM;
  for (; r == VMREF_OK && p < map->n; p++) {
    int add = one(d, MM_FILE_ADD, map->b, map->first + p);
    added[p] = add == VMREF_OK;
    if (add == VMREF_EMEM) r = add; /* VMREF_EINVAL: there is such a page */
  }
  if (r == VMREF_OK) r = some(d, map);
  while (r != VMREF_OK && p-- > 0)
    if (added[p]) one(d, MM_UNMAP, map->b, map->first + p);
  free(added);
  return r;
}

/* Only a mapping that is right but for pages of the file gets as far as VMREF_ENOMAP. */
static int map_segment(struct doing *d, const struct mm_op *map)
{
  int made = !exists(d->s, map->b);
  int r = made ? one(d, MM_FILE, map->b, 0) : VMREF_OK;
  if (r != VMREF_OK) return r;
  r = some(d, map);
  if (r == VMREF_ENOMAP) r = map_longer(d, map);
  if (r != VMREF_OK && made) one(d, MM_EXIT, map->b, 0);
  return r;
}

struct script_line script_placed(const struct vmref_sys *s, const struct vmref_smp *m, const struct script_line *l)
{
  struct script_line r = *l;
  if (!m || (!mm_is_access(l->op.kind) && l->op.kind != MM_FILL)) return r;
  if (l->op.cpu) {
    r.op.a = m->runs[l->op.cpu - 1];
    return r;
  }
  if (!exists(s, l->op.a)) return r;
  uint8_t c = 0;
  while (c < VMREF_CPUS && m->runs[c] != l->op.a) c++;
  r.op.cpu = (uint8_t)(c + 1);
  return r;
}

struct mm_outcome script_do(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, const struct script_line *l)
{
  struct doing d = { s, m, p, { 0 } };
  if (l->op.kind == MM_FILE) d.r.status = new_file(&d, l);
  else if (l->op.kind == MM_MAP_FILE && l->grow) d.r.status = map_segment(&d, &l->op);
  else d.r = mm_do_under(s, m, p, &l->op);
  return d.r;
}

enum script_kind script_result(const struct mm_outcome *r)
{
  if (r->status == VMREF_OK) return SCRIPT_OK;
  int process = r->status == VMREF_ENOMAP || r->status == VMREF_EACCES;
  return r->vector != 0 && process ? SCRIPT_FAULT : SCRIPT_ERROR;
}

int script_gives_byte(enum mm_kind kind) { return kind == MM_LOAD || kind == MM_RMW || kind == MM_FETCH; }

int script_meets(const struct script_line *want, enum mm_kind kind, const struct mm_outcome *r)
{
  enum script_kind got = script_result(r);
  switch (want->kind) {
  case SCRIPT_VALUE:
    if (got == SCRIPT_OK && kind == MM_EVICT) return r->evicted.frame == want->value;
    return got == SCRIPT_OK && script_gives_byte(kind) && !r->device && r->byte == want->value;
  case SCRIPT_FAULT: return got == SCRIPT_FAULT && r->vector == want->vector && r->error == want->error;
  case SCRIPT_ERROR: return r->status == want->status; /* of a fault: why it was not mended */
  default: return got == SCRIPT_OK;
  }
}
