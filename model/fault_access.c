/* SPDX-License-Identifier: MIT */
/* Accesses of a process, and its pages out and in. */
#include "fault_access.h"

/* Write the accessed and dirty flags that a walk sets: what it says an entry is after. */
static void mark(const struct vmref_sys *s, const struct vmref_walk *w)
{
  for (uint8_t l = 4; l >= 1; l--)
    if (w->after[l] != w->entry[l]) s->tab[w->address[l] / 8] = w->after[l];
}

static struct vmref_walk any_walk(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind)
{
  struct vmref_access x = { 0 };
  x.va = va;
  x.kind = kind;
  x.size = 1;
  x.cpl = 3;
  x.seg = VMREF_SEG_DS;
  return vmref_walk(s->tab, 512 * (uint64_t)s->tables, vmref_user_cpu(a), x);
}

struct vmref_outcome vmref_user_access(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  struct vmref_outcome r = { 0 };
  if (a >= s->spaces || s->level[a] != 4) {
    r.status = VMREF_EINVAL;
    return r;
  }
  struct vmref_walk w = any_walk(s, a, va, kind);
  if (va >= 0x800000000000 || w.rule != VMREF_RULE_OK) {
    r.vector = w.vector;
    r.error = w.error;
    r.faulted = 1;
    r.status = va >= 0x800000000000 ? VMREF_EACCES : vmref_fault(s, a, va, kind);
    if (r.status != VMREF_OK) return r;
    w = any_walk(s, a, va, kind);
  }
  mark(s, &w);
  uint64_t d = w.pa - 0x1000 * (uint64_t)s->tables;
  r.byte = s->data[d];
  if (kind == VMREF_WRITE || kind == VMREF_RMW) s->data[d] = byte;
  return r;
}

/* The leaf of a page, for page_out and page_in: its table, `tables` when nothing is mapped. */
static uint32_t table_at(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  return vmref_table_find(s, a, (uint32_t)(p / 0x8000000), (uint32_t)(p / 0x40000 % 512), (uint32_t)(p / 0x200 % 512));
}

int vmref_page_out(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= 0x800000000) return VMREF_EINVAL;
  uint32_t t = table_at(s, a, p);
  if (t == s->tables || s->tab[512 * (uint64_t)t + p % 512] == 0) return VMREF_ENOMAP;
  uint32_t o = vmref_leaf_object(s, s->tab[512 * (uint64_t)t + p % 512]);
  if (o >= s->frames) return VMREF_EINVAL;
  return vmref_swap_out(s, o);
}

int vmref_page_in(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= 0x800000000) return VMREF_EINVAL;
  uint32_t t = table_at(s, a, p);
  if (t == s->tables || s->tab[512 * (uint64_t)t + p % 512] == 0) return VMREF_ENOMAP;
  uint32_t o = vmref_leaf_object(s, s->tab[512 * (uint64_t)t + p % 512]);
  if (o < s->frames || o == s->frames + s->slots) return VMREF_EINVAL;
  return vmref_swap_in(s, t, (uint32_t)(p % 512));
}
