/* SPDX-License-Identifier: MIT */
#include "mm_huge.h"
#include <stdlib.h>

uint16_t *mm_over(const struct vmref_sys *s) { return calloc(VMREF_OVER(s), sizeof(uint16_t)); }

static int exists(const struct vmref_sys *s, uint32_t a) { return a < s->spaces && s->level[a] == 4; }

int mm_covered(const struct vmref_sys *s, const uint16_t *over, const struct mm_op *op)
{
  const uint64_t p = op->va / 4096, n = op->kind == MM_FILE_ADD ? 1 : op->n;
  if (op->kind != MM_MAP && op->kind != MM_MAP_FILE && op->kind != MM_FILE_ADD) return 0;
  if (!exists(s, op->a) || n == 0 || n > VMREF_RANGE || p >= VMREF_USER_PAGES || p + n > VMREF_USER_PAGES) return 0; /* it is refused anyhow */
  return vmref_huge_covered(s, over, op->a, p) || vmref_huge_covered(s, over, op->a, p + n - 1); /* there is none between */
}

uint32_t mm_large_pages(const struct vmref_sys *s, const uint16_t *over)
{
  uint32_t n = 0;
  for (uint32_t t = 0; t < s->tables; t++)
    for (uint32_t i = 0; s->level[t] == 2 && i < 512; i++) {
      const uint64_t e = vmref_over(over, t, i);
      n += e != 0 && vmref_pfn(e) < (uint64_t)s->tables + s->frames;
    }
  return n;
}

static int device(const struct vmref_sys *s, uint16_t *over, const struct mm_op *op)
{
  const uint64_t p = op->va / 4096, size = op->level == 2 ? VMREF_LARGE : VMREF_GIANT;
  if (op->level < 2) return vmref_device_map(s, over, op->a, p, op->n, op->first, op->prot, op->cache);
  int r = op->n == 0 ? VMREF_EINVAL : VMREF_OK;
  uint64_t k = 0;
  for (; r == VMREF_OK && k < op->n; k++)
    r = vmref_device_map_large(s, over, op->a, p + k * size, op->level, op->first + k * size, op->prot, op->cache);
  if (r == VMREF_OK || k < 2) return r;
  for (k--; k-- > 0;) vmref_unmap(s, op->a, p + k * size, op->level == 2 ? size : 1);
  vmref_huge_settle(s, over);
  return r;
}

static struct mm_outcome access(const struct vmref_sys *s, uint16_t *over, const struct mm_op *op)
{
  const struct vmref_huge_outcome x = vmref_huge_access(s, over, op->a, op->va, mm_access_kind(op->kind), op->byte);
  return (struct mm_outcome){ .status = x.access.status, .error = x.access.error, .vector = x.access.vector, .faulted = x.access.faulted,
                              .byte = x.access.byte, .pa = x.pa, .level = x.level, .device = x.device };
}

/* A page of 2 MiB, or a device's of any size. */
static int split(const struct vmref_sys *s, uint16_t *over, const struct mm_op *op, uint32_t *parts)
{
  const uint64_t p = op->va / 4096;
  int r = vmref_huge_split(s, over, op->a, p);
  if (r != VMREF_EINVAL) return r;
  r = vmref_device_split(s, over, op->a, p);
  if (r == VMREF_EINVAL) r = vmref_device_split_giant(s, over, op->a, p);
  *parts = r == VMREF_OK;
  return r;
}

static struct mm_outcome between(const struct vmref_sys *s, uint16_t *over, const struct mm_op *op, uint32_t *parts)
{
  if (mm_covered(s, over, op)) return (struct mm_outcome){ .status = VMREF_EINVAL };
  if (op->kind == MM_UNMAP || op->kind == MM_PROTECT) *parts = vmref_device_part(s, over, op->a, op->va / 4096, op->n);
  vmref_huge_fold(s, over);
  const struct mm_outcome r = mm_do(s, op);
  vmref_huge_settle(s, over);
  return r;
}

struct mm_outcome mm_do_huge(const struct vmref_sys *s, uint16_t *over, const struct mm_op *op)
{
  const uint64_t p = op->va / 4096;
  const uint32_t before = mm_large_pages(s, over);
  uint32_t parts = 0; /* devices' pages that were split */
  struct mm_outcome r = { 0 };
  switch (op->kind) {
  case MM_MERGE: r.status = vmref_huge_merge(s, over, op->a, p); break;
  case MM_SPLIT: r.status = split(s, over, op, &parts); break;
  case MM_DEVICE: r.status = device(s, over, op); break;
  case MM_HUGE: break;
  case MM_FORK: r.status = vmref_huge_fork(s, over, op->a, op->b); break;
  case MM_LOAD: case MM_STORE: case MM_RMW: case MM_FETCH: r = access(s, over, op); break;
  default: r = between(s, over, op, &parts);
  }
  const uint32_t after = mm_large_pages(s, over);
  r.split = before > after && op->kind != MM_UNMAP && op->kind != MM_EXIT ? before - after : 0; /* those are gone */
  r.split += parts;
  return r;
}
