/* SPDX-License-Identifier: MIT */
/* Fork. All tables of the child are made first, which is what can fail; then each leaf is shared. */
#include "space_fork.h"

/* The table of the child that stands where leaf table t of its parent stands. */
static uint32_t twin(const struct vmref_sys *s, uint32_t b, uint32_t t)
{
  int64_t n2 = s->parent[t], n3 = s->parent[n2 / 512], n4 = s->parent[n3 / 512];
  return vmref_table_find(s, b, (uint32_t)(n4 % 512), (uint32_t)(n3 % 512), (uint32_t)(n2 % 512));
}

/* The number of the first page of leaf table t. */
static uint64_t first_page(const struct vmref_sys *s, uint32_t t)
{
  int64_t n2 = s->parent[t], n3 = s->parent[n2 / 512], n4 = s->parent[n3 / 512];
  return (uint64_t)(n4 % 512) * 0x8000000 + (uint64_t)(n3 % 512) * 0x40000 + (uint64_t)(n2 % 512) * 0x200;
}

/* Give b a leaf table wherever a has one. */
static int tables_made(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  for (uint32_t t = 0; t < s->tables; t++) {
    if (s->level[t] != 1 || (int64_t)s->owner[t] != a) continue;
    int r = vmref_tables_make(s, b, first_page(s, t), 1);
    if (r != VMREF_OK) return r;
  }
  return VMREF_OK;
}

/* Share the pages of leaf table t with the empty leaf table u. */
static void share(const struct vmref_sys *s, uint32_t t, uint32_t u)
{
  for (uint32_t i = 0; i < 512; i++)
    vmref_page_share(s, t, i, u, i, vmref_leaf_prot(s->tab[512 * (uint64_t)t + i]));
}

int vmref_fork(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  if (a >= s->spaces || s->level[a] != 4 || s->parent[a] != VMREF_PROCESS) return VMREF_EINVAL;
  int r = vmref_space_new(s, b, VMREF_PROCESS);
  if (r != VMREF_OK) return r;
  r = tables_made(s, a, b);
  if (r != VMREF_OK) {
    vmref_space_exit(s, b);
    return r;
  }
  for (uint32_t t = 0; t < s->tables; t++)
    if (s->level[t] == 1 && (int64_t)s->owner[t] == a) share(s, t, twin(s, b, t));
  return VMREF_OK;
}
