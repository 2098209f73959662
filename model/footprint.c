/* SPDX-License-Identifier: MIT */
#include "footprint.h"

uint8_t vmref_root_level(uint8_t mode)
{
  return mode == VMREF_MODE_PAE ? 3 : vmref_top_level(mode);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == translated(mode, va); ensures \result < 0x200000000000000;
    ensures mode == VMREF_MODE_32BIT ==> \result < 0x100000000; */
static uint64_t translated_bits(uint8_t mode, uint64_t va)
{
  if (mode == VMREF_MODE_5LEVEL) return va % 0x200000000000000;
  return mode == VMREF_MODE_4LEVEL ? va % 0x1000000000000 : va % 0x100000000;
}

uint64_t vmref_region(uint8_t mode, uint8_t level, uint64_t va)
{
  uint64_t x = translated_bits(mode, va);
  if (mode == VMREF_MODE_32BIT)
    return level == 0 ? x / 0x1000 : level == 1 ? x / 0x400000 : x / 0x100000000;
  switch (level) {
  case 0:  return x / 0x1000;
  case 1:  return x / 0x200000;
  case 2:  return x / 0x40000000;
  case 3:  return x / 0x8000000000;
  case 4:  return x / 0x1000000000000;
  default: return x / 0x200000000000000;
  }
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> fit_range(mode, r); ensures flag(\result); */
static uint8_t range_valid(uint8_t mode, struct vmref_range r)
{
  if (r.first > r.last || !vmref_canonical(mode, r.first) || !vmref_canonical(mode, r.last)) return 0;
  if (vmref_long_mode(mode)) return r.first / 0x8000000000000000 == r.last / 0x8000000000000000;
  return r.last < 0x100000000;
}

uint8_t vmref_ranges_valid(uint8_t mode, const struct vmref_range *r, uint64_t n)
{
  /*@ loop invariant 0 <= i <= n && fit_ranges(r, i, mode);
      loop assigns i;
      loop variant n - i; */
  for (uint64_t i = 0; i < n; i++) {
    if (!range_valid(mode, r[i])) return 0;
    if (i > 0 && r[i - 1].last >= r[i].first) return 0;
  }
  return 1;
}

/*@ ghost
  /@ // a higher address lies in no lower region
     requires k <= 5 && a <= b;
     requires canonical(mode, a) == 1 && canonical(mode, b) == 1 && (is_long(mode) == 1 || b < 0x100000000);
     terminates \true; assigns \nothing; exits \false;
     ensures region(mode, k, a) <= region(mode, k, b); @/
  void in_order(uint8_t mode, uint8_t k, uint64_t a, uint64_t b)
  {
    /@ assert translated(mode, a) <= translated(mode, b); @/
  }
*/

uint64_t vmref_regions(uint8_t mode, uint8_t level, const struct vmref_range *r, uint64_t n)
{
  uint64_t total = 0, before = 0;
  /*@ loop invariant 0 <= i <= n && total == regions(r, i, mode, level);
      loop invariant i == 0 ==> total == 0;
      loop invariant i > 0 ==> before == region(mode, level, r[i - 1].last) && total <= before + 1;
      loop assigns i, total, before;
      loop variant n - i; */
  for (uint64_t i = 0; i < n; i++) {
    uint64_t first = vmref_region(mode, level, r[i].first), last = vmref_region(mode, level, r[i].last);
    //@ assert fit_range(mode, r[i]);
    //@ ghost in_order(mode, level, r[i].first, r[i].last);
    //@ assert above: i > 0 ==> fit_range(mode, r[i - 1]) && r[i - 1].last < r[i].first;
    //@ ghost if (i > 0) in_order(mode, level, r[i - 1].last, r[i].first);
    total += last - first + 1;
    if (i > 0 && first == before) total--;
    before = last;
  }
  return total;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> fit_pages(mode, level); ensures flag(\result); */
static uint8_t pages_valid(uint8_t mode, uint8_t level)
{
  if (mode < VMREF_MODE_32BIT || mode > VMREF_MODE_5LEVEL || level < 1) return 0;
  return level <= (vmref_long_mode(mode) ? 3 : 2);
}

/*@ requires fit_pages(mode, level);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == flat_bytes(mode, level); */
static uint64_t flat_of(uint8_t mode, uint8_t level)
{
  static const uint64_t BYTES[5][4] = { /* [mode][level] */
    { 0 },
    { 0, 0x400000, 0x1000 },
    { 0, 0x800000, 0x4000 },
    { 0, 0x8000000000, 0x40000000, 0x200000 },
    { 0, 0x1000000000000, 0x8000000000, 0x40000000 },
  };
  return BYTES[mode][level];
}

/* Tables of level l for pages that entries of level m map. */
/*@ requires 1 <= l <= 5 && fit_pages(mode, m) && \valid_read(r + (0 .. n - 1)) && fit_ranges(r, n, mode);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == tables_at(r, n, mode, m, l);
    ensures \result <= 0x200000000000; ensures l == root_level(mode) ==> \result == 1; */
static uint64_t tables_of(uint8_t mode, uint8_t m, uint8_t l, const struct vmref_range *r, uint64_t n)
{
  uint8_t root = vmref_root_level(mode);
  if (l == root) return 1;
  return l < m || l > root ? 0 : vmref_regions(mode, l, r, n);
}

struct vmref_footprint vmref_footprint(uint8_t mode, uint8_t level, const struct vmref_range *r, uint64_t n)
{
  struct vmref_footprint f = { .status = VMREF_EINVAL };
  if (!pages_valid(mode, level) || !vmref_ranges_valid(mode, r, n)) return f;
  f.status = VMREF_OK;
  f.pages = vmref_regions(mode, (uint8_t)(level - 1), r, n);
  f.tables[1] = tables_of(mode, level, 1, r, n);
  f.tables[2] = tables_of(mode, level, 2, r, n);
  f.tables[3] = tables_of(mode, level, 3, r, n);
  f.tables[4] = tables_of(mode, level, 4, r, n);
  f.tables[5] = tables_of(mode, level, 5, r, n);
  uint64_t all = f.tables[1] + f.tables[2] + f.tables[3] + f.tables[4] + f.tables[5];
  //@ assert root: all >= 1;
  f.bytes = (mode == VMREF_MODE_PAE ? 32 : 0x1000) + 0x1000 * (all - 1);
  f.flat = flat_of(mode, level);
  return f;
}
