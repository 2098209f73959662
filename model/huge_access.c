/* SPDX-License-Identifier: MIT */
/* Accesses of a process, and fork, where words stand over entries. */
#include "huge_access.h"
#include "table_page.h"

/* Set the flags of a granted access in the word of its page. */
static void mark_word(const struct vmref_sys *s, uint16_t *o, uint64_t n, uint64_t e, uint8_t write)
{
  (void)s;
  e = vmref_accessed(e);
  if (write) e = vmref_dirtied(e);
  vmref_over_set(o, (uint32_t)(n / 512), (uint32_t)(n % 512), e);
}

struct vmref_huge_outcome vmref_huge_access(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  struct vmref_huge_outcome r = { 0 };
  if (a >= s->spaces || s->level[a] != 4) {
    r.access.status = VMREF_EINVAL;
    return r;
  }
  uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;
  struct vmref_walk w = vmref_huge_walk(s, o, a, va, kind);
  uint64_t n = 0, e = 0; /* the word of the page, if it has one */
  if (va < VMREF_USER_PAGES * 0x1000 && w.last >= 1 && w.last <= 3) {
    n = w.address[w.last] / 8;
    e = vmref_over(o, (uint32_t)(n / 512), (uint32_t)(n % 512));
  }
  if (e != 0 && vmref_pfn(e) >= (uint64_t)s->tables + s->frames + s->kernel) {
    r.device = 1;
    if (w.rule != VMREF_RULE_OK) {
      r.access.status = VMREF_EACCES;
      r.access.vector = w.vector;
      r.access.error = w.error;
      r.access.faulted = 1;
      return r;
    }
    r.pa = w.pa;
    r.level = w.last;
    mark_word(s, o, n, e, write);
    return r;
  }
  if (e != 0 && w.rule == VMREF_RULE_OK) mark_word(s, o, n, e, write);
  if (e != 0 && w.rule != VMREF_RULE_OK && write && vmref_leaf_prot(e) / 2 % 2 == 1) vmref_huge_split(s, o, a, va / 0x200000 * 512);
  r.access = vmref_user_access(s, a, va, kind, byte);
  if (r.access.faulted) vmref_huge_settle(s, o);
  if (r.access.status != VMREF_OK) return r;
  r.level = e != 0 && w.rule == VMREF_RULE_OK ? 2 : 1;
  r.pa = 0x1000 * vmref_pfn(vmref_page_leaf(s, a, va / 0x1000)) + va % 0x1000;
  return r;
}

int vmref_huge_fork(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint32_t b)
{
  vmref_huge_fold(s, o);
  int r = vmref_fork(s, a, b);
  vmref_huge_settle(s, o);
  if (r != VMREF_OK) return r;
  for (uint32_t t = 0; t < s->tables; t++)
    for (uint32_t i = 0; i < 512; i++) {
      uint64_t e = vmref_over(o, t, i);
      if (e == 0 || s->owner[t] != (int64_t)a || vmref_pfn(e) < (uint64_t)s->tables + s->frames + s->kernel) continue;
      /* the same entry of the child: by the way to it, read backwards */
      int64_t n1 = 0, n2 = 0, n3 = 512 * (int64_t)t + i;
      if (s->level[t] == 1) { n1 = n3; n2 = s->parent[n1 / 512]; n3 = s->parent[n2 / 512]; }
      if (s->level[t] == 2) { n2 = n3; n3 = s->parent[n2 / 512]; }
      int64_t n4 = s->parent[n3 / 512];
      uint64_t p = (uint64_t)(n4 % 512 * 0x8000000 + n3 % 512 * 0x40000 + n2 % 512 * 512 + n1 % 512);
      uint32_t u = vmref_page_table(s, b, p), j = (uint32_t)i;
      if (u == s->tables) continue;
      int64_t n = 512 * (int64_t)u + j;
      if (s->level[t] >= 2) n = s->parent[u];
      if (s->level[t] == 3) n = s->parent[n / 512];
      if (vmref_huge_fits(s, (uint32_t)(n / 512), (uint32_t)(n % 512), e)) vmref_over_set(o, (uint32_t)(n / 512), (uint32_t)(n % 512), e);
    }
  return r;
}
