/* SPDX-License-Identifier: MIT */
/* What is mapped, by ranges. First it is seen whether the operation can be done, then tables
 * are made, which may fail and leaves nothing behind, then leaves are written. */
#include "space_range.h"

/* The leaf table of page p. */
static uint32_t table_at(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  return vmref_table_find(s, a, (uint32_t)(p / 0x8000000), (uint32_t)(p / 0x40000 % 512), (uint32_t)(p / 0x200 % 512));
}

/* The leaf of page p, 0 when there is none. */
static uint64_t leaf_at(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  uint32_t t = table_at(s, a, p);
  return t < s->tables ? s->tab[512 * (uint64_t)t + p % 512] : 0;
}

static uint8_t range_fits(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  return a < s->spaces && s->level[a] == 4 && 1 <= n && n <= VMREF_RANGE && p < VMREF_USER_PAGES && p + n <= VMREF_USER_PAGES;
}

static uint8_t vacant(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  for (uint64_t q = p; q < p + n; q++)
    if (leaf_at(s, a, q) != 0) return 0;
  return 1;
}

/* A leaf of a page that exists, with other rights, which the hardware may not use now. */
static void set(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t e)
{
  vmref_leaf_replace(s, table_at(s, a, p), (uint32_t)(p % 512), e, 0);
}

int vmref_map(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)
{
  if (!range_fits(s, a, p, n) || prot > 7 || !vacant(s, a, p, n)) return VMREF_EINVAL;
  int r = vmref_tables_make(s, a, p, n);
  if (r != VMREF_OK) return r;
  for (uint64_t q = p; q < p + n; q++) set(s, a, q, vmref_leaf_zero(s, prot));
  return VMREF_OK;
}

/* Are the file's pages there? */
static uint8_t has_pages(const struct vmref_sys *s, uint32_t f, uint64_t first, uint64_t n)
{
  for (uint64_t q = first; q < first + n; q++)
    if (vmref_leaf_prot(leaf_at(s, f, q)) / 8 != 1) return 0;
  return 1;
}

int vmref_map_file(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot,
                   uint32_t f, uint64_t first, uint8_t share)
{
  if (!range_fits(s, a, p, n) || prot > 7 || !vacant(s, a, p, n)) return VMREF_EINVAL;
  if (!range_fits(s, f, first, n) || f == a || s->parent[f] != VMREF_FILE) return VMREF_EINVAL;
  if (!has_pages(s, f, first, n)) return VMREF_ENOMAP;
  int r = vmref_tables_make(s, a, p, n);
  if (r != VMREF_OK) return r;
  for (uint64_t k = 0; k < n; k++)
    vmref_page_share(s, table_at(s, f, first + k), (uint32_t)((first + k) % 512), table_at(s, a, p + k),
                     (uint32_t)((p + k) % 512), (uint8_t)(prot + 8 * share));
  return VMREF_OK;
}

int vmref_file_add(const struct vmref_sys *s, uint32_t f, uint64_t p)
{
  if (!range_fits(s, f, p, 1) || s->parent[f] != VMREF_FILE || !vacant(s, f, p, 1)) return VMREF_EINVAL;
  uint32_t o = vmref_frame_find(s);
  if (o == s->frames) return VMREF_EMEM;
  int r = vmref_tables_make(s, f, p, 1);
  if (r != VMREF_OK) { vmref_object_freed(s, o); return r; }
  vmref_page_file(s, table_at(s, f, p), (uint32_t)(p % 512), o);
  return VMREF_OK;
}

/* Is table t empty? Entry i, which has just become so, is looked at last. */
static uint8_t empty(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  for (uint32_t k = i; k < 512; k++)
    if (s->tab[512 * (uint64_t)t + k] != 0) return 0;
  for (uint32_t k = 0; k < i; k++)
    if (s->tab[512 * (uint64_t)t + k] != 0) return 0;
  return 1;
}

/* Free table t, whose entry i has become 0, and those above it, as far as they are empty. */
static void prune(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  while (s->level[t] <= 3 && empty(s, t, i)) {
    int64_t n = s->parent[t];
    vmref_table_drop(s, t);
    t = (uint32_t)(n / 512);
    i = (uint32_t)(n % 512);
  }
}

int vmref_unmap(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  if (!range_fits(s, a, p, n)) return VMREF_EINVAL;
  for (uint64_t q = p; q < p + n; q++) {
    uint32_t t = table_at(s, a, q), i = (uint32_t)(q % 512);
    if (t == s->tables || s->tab[512 * (uint64_t)t + i] == 0) continue;
    vmref_leaf_replace(s, t, i, 0, 0);
    prune(s, t, i);
  }
  return VMREF_OK;
}

/* The same page with other rights; what was asked to be shared stays so. */
static uint64_t with_rights(const struct vmref_sys *s, uint64_t e, uint8_t prot)
{
  uint8_t p = (uint8_t)(prot + vmref_leaf_prot(e) / 8 * 8);
  uint32_t o = vmref_leaf_object(s, e);
  return o < s->frames + s->slots ? vmref_leaf_absent(s, o, p) : vmref_leaf_zero(s, p);
}

int vmref_protect(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)
{
  if (!range_fits(s, a, p, n) || prot > 7) return VMREF_EINVAL;
  for (uint64_t q = p; q < p + n; q++)
    if (leaf_at(s, a, q) == 0) return VMREF_ENOMAP;
  for (uint64_t q = p; q < p + n; q++) set(s, a, q, with_rights(s, leaf_at(s, a, q), prot));
  return VMREF_OK;
}
