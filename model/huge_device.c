/* SPDX-License-Identifier: MIT */
/* Mappings of devices: pages not yet touched in the tables, and words over their entries. */
#include "huge_device.h"
#include "table_page.h"

uint64_t vmref_device_word(const struct vmref_sys *s, uint64_t pfn, uint8_t prot, uint8_t cache)
{
  (void)s;
  uint64_t w = prot / 2 % 2, xd = 1 - prot / 4 % 2;
  return pfn * 0x1000 + cache * 8u + 5 + w * 2 + prot * 0x10000000000000 + xd * 0x8000000000000000;
}

uint8_t vmref_huge_covered(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p)
{
  uint32_t t = vmref_table_under(s, a, (uint32_t)(p / 0x8000000));
  return t < s->tables && vmref_over(o, t, (uint32_t)(p / 0x40000 % 512)) != 0;
}

static uint8_t may_map(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p, uint64_t n,
                       uint64_t pfn, uint8_t prot, uint8_t cache)
{
  if (a >= s->spaces || s->level[a] != 4 || n == 0 || n > VMREF_RANGE || p >= VMREF_USER_PAGES || p + n > VMREF_USER_PAGES) return 0;
  if (prot > 7 || prot % 2 == 0 || cache > 3) return 0;
  if (pfn < (uint64_t)s->tables + s->frames + s->kernel || pfn >= 0x10000000 || pfn + n > 0x10000000) return 0;
  return !vmref_huge_covered(s, o, a, p) && !vmref_huge_covered(s, o, a, p + n - 1);
}

int vmref_device_map(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint64_t n,
                     uint64_t pfn, uint8_t prot, uint8_t cache)
{
  if (!may_map(s, o, a, p, n, pfn, prot, cache)) return VMREF_EINVAL;
  int r = vmref_map(s, a, p, n, prot);
  if (r != VMREF_OK) return r;
  for (uint64_t k = 0; k < n; k++)
    vmref_over_set(o, vmref_page_table(s, a, p + k), (uint32_t)((p + k) % 512), vmref_device_word(s, pfn + k, prot, cache));
  return VMREF_OK;
}

int vmref_device_map_large(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint8_t level,
                           uint64_t pfn, uint8_t prot, uint8_t cache)
{
  uint64_t n = level == 2 ? VMREF_LARGE : VMREF_GIANT;
  if ((level != 2 && level != 3) || p % n || pfn % n || !may_map(s, o, a, p, n, pfn, prot, cache)) return VMREF_EINVAL;
  int r = vmref_map(s, a, p, level == 2 ? n : 1, prot); /* of 1 GiB the first page alone, which has two tables only */
  if (r != VMREF_OK) return r;
  uint32_t t = vmref_page_table(s, a, p);
  uint64_t at = s->parent[t];
  if (level == 3) at = s->parent[at / 512];
  vmref_over_set(o, (uint32_t)(at / 512), (uint32_t)(at % 512), vmref_device_word(s, pfn, prot, cache) + 0x80);
  vmref_huge_settle(s, o);
  if (vmref_over(o, (uint32_t)(at / 512), (uint32_t)(at % 512)) != 0) return VMREF_OK;
  vmref_unmap(s, a, p, 1); /* something is mapped further on in that 1 GiB */
  vmref_huge_settle(s, o);
  return VMREF_EINVAL;
}
