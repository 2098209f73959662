/* SPDX-License-Identifier: MIT */
/* Running the lines of a script. Some are several operations; one that fails takes those before
 * it back. */
#include <stdlib.h>
#include "script.h"

static int one(const struct vmref_sys *s, enum mm_kind kind, uint32_t a, uint64_t page)
{
  struct mm_op op = { .kind = kind, .a = a, .va = 4096 * page, .n = 1 };
  return mm_do(s, &op).status;
}

static int exists(const struct vmref_sys *s, uint32_t a) { return a < s->spaces && s->level[a] == 4; }

static int new_file(const struct vmref_sys *s, const struct script_line *l)
{
  int r = mm_do(s, &l->op).status;
  for (uint64_t p = 0; r == VMREF_OK && p < l->pages; p++) {
    r = one(s, MM_FILE_ADD, l->op.a, p);
    if (r != VMREF_OK) one(s, MM_EXIT, l->op.a, 0);
  }
  return r;
}

/* Add the pages that a file lacks, then map it. */
static int map_longer(const struct vmref_sys *s, const struct mm_op *map)
{
  uint64_t p = 0;
  int r = VMREF_OK;
  _Bool *added = calloc(map->n, sizeof *added); /* n is at most VMREF_RANGE: see below */
  if (!added) return VMREF_EMEM;
  for (; r == VMREF_OK && p < map->n; p++) {
    int add = one(s, MM_FILE_ADD, map->b, map->first + p);
    added[p] = add == VMREF_OK;
    if (add == VMREF_EMEM) r = add; /* VMREF_EINVAL: there is such a page */
  }
  if (r == VMREF_OK) r = mm_do(s, map).status;
  while (r != VMREF_OK && p-- > 0)
    if (added[p]) one(s, MM_UNMAP, map->b, map->first + p);
  free(added);
  return r;
}

/* Only a mapping that is right but for pages of the file gets as far as VMREF_ENOMAP. */
static int map_segment(const struct vmref_sys *s, const struct mm_op *map)
{
  int made = !exists(s, map->b);
  int r = made ? one(s, MM_FILE, map->b, 0) : VMREF_OK;
  if (r != VMREF_OK) return r;
  r = mm_do(s, map).status;
  if (r == VMREF_ENOMAP) r = map_longer(s, map);
  if (r != VMREF_OK && made) one(s, MM_EXIT, map->b, 0);
  return r;
}

struct mm_outcome script_do(const struct vmref_sys *s, const struct script_line *l)
{
  struct mm_outcome r = { 0 };
  if (l->op.kind == MM_FILE) r.status = new_file(s, l);
  else if (l->op.kind == MM_MAP_FILE && l->grow) r.status = map_segment(s, &l->op);
  else r = mm_do(s, &l->op);
  return r;
}

enum script_kind script_result(const struct mm_outcome *r)
{
  if (r->status == VMREF_OK) return SCRIPT_OK;
  int process = r->status == VMREF_ENOMAP || r->status == VMREF_EACCES;
  return r->vector != 0 && process ? SCRIPT_FAULT : SCRIPT_ERROR;
}

int script_gives_value(enum mm_kind kind) { return kind == MM_LOAD || kind == MM_RMW || kind == MM_FETCH; }

int script_meets(const struct script_line *want, enum mm_kind kind, const struct mm_outcome *r)
{
  enum script_kind got = script_result(r);
  switch (want->kind) {
  case SCRIPT_VALUE: return got == SCRIPT_OK && script_gives_value(kind) && r->byte == want->value;
  case SCRIPT_FAULT: return got == SCRIPT_FAULT && r->vector == want->vector && r->error == want->error;
  case SCRIPT_ERROR: return r->status == want->status; /* of a fault: why it was not mended */
  default: return got == SCRIPT_OK;
  }
}
