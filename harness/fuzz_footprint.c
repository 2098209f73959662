/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic footprint: ranges of linear addresses, whose tables the second
 * opinion counts one by one, going from each table to the next.
 *
 * An input, form fp1: mode, level, then for each range a gap, a length and, one byte, the
 * units that both are in: pages, or what a table of some level covers. */
#include <string.h>
#include "fuzz_target.h"

#define RANGES 6
#define RANGE_BYTES 8
#define SET 600

const char *fuzz_topic(void) { return "footprint"; }
const char *fuzz_form(void) { return "fp1"; }
size_t fuzz_length(void) { return 3 + RANGES * RANGE_BYTES; }

static const uint8_t *input;
static size_t input_size;

static void same(const char *what, uint64_t model, uint64_t opinion)
{
  if (model != opinion) finding_input(what, fuzz_form(), input, input_size);
}

/* ---- the second opinion ------------------------------------------------------ */

static int long_mode(int mode) { return mode == VMREF_MODE_4LEVEL || mode == VMREF_MODE_5LEVEL; }

static int bits(int mode) { return mode == VMREF_MODE_5LEVEL ? 57 : mode == VMREF_MODE_4LEVEL ? 48 : 32; }

/* log2 of what one entry of a level covers; 32-bit tables have 1024 entries. */
static int entry_bits(int mode, int level) { return 12 + (level - 1) * (mode == VMREF_MODE_32BIT ? 10 : 9); }

static int exists(int mode, uint64_t va)
{
  if (!long_mode(mode)) return va >> 32 == 0;
  int64_t top = (int64_t)va >> (bits(mode) - 1);
  return top == 0 || top == -1;
}

static int valid(int mode, const struct vmref_range *r, unsigned n)
{
  for (unsigned i = 0; i < n; i++) {
    if (r[i].first > r[i].last || !exists(mode, r[i].first) || !exists(mode, r[i].last)) return 0;
    if ((r[i].first ^ r[i].last) >> 63) return 0;
    if (i > 0 && r[i].first <= r[i - 1].last) return 0;
  }
  return 1;
}

/* Blocks of 2^shift bytes that the ranges touch, marked one by one; ~0: more than SET. The
 * ranges rise, so a block that is there already is the last that was marked. */
static uint64_t blocks(int mode, const struct vmref_range *r, unsigned n, int shift)
{
  const uint64_t mask = (UINT64_C(1) << bits(mode)) - 1;
  uint64_t marked = 0, end = ~UINT64_C(0);
  for (unsigned i = 0; i < n; i++)
    for (uint64_t b = (r[i].first & mask) >> shift, last = (r[i].last & mask) >> shift;; b++) {
      if (b != end) marked++;
      if (marked > SET) return ~UINT64_C(0);
      end = b;
      if (b == last) break;
    }
  return marked;
}

static void check(int mode, int level, const struct vmref_range *r, unsigned n)
{
  struct vmref_footprint f = vmref_footprint((uint8_t)mode, (uint8_t)level, r, n);
  int root = mode == VMREF_MODE_5LEVEL ? 5 : mode == VMREF_MODE_4LEVEL ? 4 : mode == VMREF_MODE_PAE ? 3
             : mode == VMREF_MODE_32BIT ? 2 : 0;
  int ok = root > 0 && level >= 1 && level <= (long_mode(mode) ? 3 : 2) && valid(mode, r, n);
  same("status", (uint64_t)f.status, (uint64_t)(ok ? VMREF_OK : VMREF_EINVAL));
  if (!ok) return;
  for (int l = 0; l <= 5 && n > 0; l++) {
    const int shift = entry_bits(mode, l + 1), width = bits(mode);
    const uint64_t va = r[n - 1].last & ((UINT64_C(1) << width) - 1);
    same("region", vmref_region((uint8_t)mode, (uint8_t)l, r[n - 1].last), shift >= width ? 0 : va >> shift);
  }
  uint64_t count = blocks(mode, r, n, entry_bits(mode, level)), bytes = 0;
  if (count != ~UINT64_C(0)) same("pages", f.pages, count);
  for (int l = 1; l <= 5; l++) {
    uint64_t tables = l == root ? 1 : l < level || l > root ? 0 : blocks(mode, r, n, entry_bits(mode, l + 1));
    if (tables != ~UINT64_C(0)) same("tables", f.tables[l], tables);
    bytes += l == 3 && mode == VMREF_MODE_PAE ? 32 * f.tables[l] : 4096 * f.tables[l];
  }
  same("bytes", f.bytes, bytes);
  same("flat", f.flat, (UINT64_C(1) << (bits(mode) - entry_bits(mode, level))) * (mode == VMREF_MODE_32BIT ? 4 : 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t b[3 + RANGES * RANGE_BYTES] = { 0 };
  memcpy(b, data, size < sizeof b ? size : sizeof b);
  input = data;
  input_size = size;
  int mode = b[0] % 6, level = b[1] % 5;
  unsigned n = b[2] % (RANGES + 1);
  struct vmref_range r[RANGES];
  uint64_t at = 0;
  for (unsigned i = 0; i < n; i++) {
    const uint8_t *p = b + 3 + RANGE_BYTES * i;
    uint64_t gap = (uint64_t)(p[0] | p[1] << 8) << 9 * (p[2] % 6), pages = 1u + p[3];
    at += gap + (uint64_t)p[4] * 0x100;
    if (p[5] & 1) at |= UINT64_C(0xffff800000000000);
    r[i].first = at;
    r[i].last = at + (pages << 9 * (p[6] % 6)) * (p[6] & 0x40 ? 4096u : 1u) - (p[7] & 1);
    if (p[7] & 4) r[i].last |= UINT64_C(0xffff800000000000);
    at = r[i].last + (p[7] >> 1 & 1);
  }
  check(mode, level, r, n);
  return 0;
}
