/* SPDX-License-Identifier: MIT */
/* Topic footprint. Every expected value was worked out by hand from what one table of
 * each level covers: 4 MiB and 4 GiB in 32-bit paging; 2 MiB, 1 GiB, 512 GiB, 256 TiB and
 * 128 PiB in the other modes. SDM 3A 4.2. */
#include "test.h"
#include "footprint.h"

enum { FLAT = VMREF_MODE_NONE, BITS32 = VMREF_MODE_32BIT, PAE = VMREF_MODE_PAE,
       LEVEL4 = VMREF_MODE_4LEVEL, LEVEL5 = VMREF_MODE_5LEVEL };
#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

static const struct row {
  const char *what;
  uint8_t mode, level; unsigned n; struct vmref_range r[3];
  uint64_t pages, tables[5], bytes, flat; /* tables of levels 5, 4, 3, 2, 1 */
} ROW[] = {
  { "FOOTPRINT: one page, 32-bit", BITS32, 1, 1, { { 0, 0xfff } },
    1, { 0, 0, 0, 1, 1 }, KIB(8), MIB(4) },
  { "FOOTPRINT: one page, PAE", PAE, 1, 1, { { 0, 0xfff } },
    1, { 0, 0, 1, 1, 1 }, KIB(8) + 32, MIB(8) },
  { "FOOTPRINT: one page, 4-level", LEVEL4, 1, 1, { { 0, 0xfff } },
    1, { 0, 1, 1, 1, 1 }, KIB(16), GIB(512) },
  { "FOOTPRINT: one page, 5-level", LEVEL5, 1, 1, { { 0, 0xfff } },
    1, { 1, 1, 1, 1, 1 }, KIB(20), GIB(256 * 1024) },
  { "FOOTPRINT: no page, a root all the same", LEVEL4, 1, 0, { { 0, 0 } },
    0, { 0, 1, 0, 0, 0 }, KIB(4), GIB(512) },
  { "FOOTPRINT: no page, the four PDPTEs", PAE, 1, 0, { { 0, 0 } }, 0, { 0, 0, 1, 0, 0 }, 32, MIB(8) },

  /* the textbooks' process: 4 MiB of text, of data, and of stack at the top */
  { "FOOTPRINT: text, data and stack, 32-bit", BITS32, 1, 3,
    { { 0, 0x3fffff }, { 0x400000, 0x7fffff }, { 0xffc00000, 0xffffffff } },
    3072, { 0, 0, 0, 1, 3 }, KIB(16), MIB(4) },
  { "FOOTPRINT: all of 4 GiB takes more than one level", BITS32, 1, 1, { { 0, 0xffffffff } },
    1048576, { 0, 0, 0, 1, 1024 }, KIB(4100), MIB(4) },
  { "FOOTPRINT: all of 4 GiB, PAE", PAE, 1, 1, { { 0, 0xffffffff } },
    1048576, { 0, 0, 1, 4, 2048 }, KIB(8208) + 32, MIB(8) },
  { "FOOTPRINT: all of the low half, 4-level", LEVEL4, 1, 1, { { 0, 0x7fffffffffff } },
    1ull << 35, { 0, 1, 256, 131072, 67108864 }, KIB(4) * (1 + 256 + 131072 + 67108864), GIB(512) },
  { "FOOTPRINT: all there is, 5-level", LEVEL5, 1, 2,
    { { 0, 0xffffffffffffff }, { 0xff00000000000000, 0xffffffffffffffff } },
    1ull << 45, { 1, 512, 1 << 18, 1 << 27, 1ull << 36 },
    KIB(4) * (1 + 512 + (1 << 18) + (1 << 27) + (1ull << 36)), GIB(256 * 1024) },

  { "FOOTPRINT: the lowest page of each half", LEVEL4, 1, 2,
    { { 0, 0xfff }, { 0xffff800000000000, 0xffff800000000fff } }, 2, { 0, 1, 2, 2, 2 }, KIB(28), GIB(512) },
  { "FOOTPRINT: the last page", LEVEL4, 1, 1, { { 0xfffffffffffff000, 0xffffffffffffffff } },
    1, { 0, 1, 1, 1, 1 }, KIB(16), GIB(512) },
  { "FOOTPRINT: two pages in one table", LEVEL4, 1, 2, { { 0, 0xfff }, { 0x2000, 0x2fff } },
    2, { 0, 1, 1, 1, 1 }, KIB(16), GIB(512) },
  { "FOOTPRINT: two pages in two tables", LEVEL4, 1, 1, { { 0x1ff000, 0x200fff } },
    2, { 0, 1, 1, 1, 2 }, KIB(20), GIB(512) },
  { "FOOTPRINT: two ranges in two page directories", LEVEL4, 1, 2, { { 0, 0 }, { 0x40000000, 0x40000000 } },
    2, { 0, 1, 1, 2, 2 }, KIB(24), GIB(512) },
  { "FOOTPRINT: two ranges in one page", LEVEL4, 1, 2, { { 0, 0x10 }, { 0x20, 0x30 } },
    1, { 0, 1, 1, 1, 1 }, KIB(16), GIB(512) },
  { "FOOTPRINT: a table shared by neighbours on each side", LEVEL4, 1, 3,
    { { 0, 0 }, { 0x1000, 0x200000 }, { 0x200001, 0x200002 } }, 514 - 1, { 0, 1, 1, 1, 2 }, KIB(20), GIB(512) },
  { "FOOTPRINT: three ranges in one page", BITS32, 1, 3, { { 1, 1 }, { 3, 3 }, { 5, 0xfff } },
    1, { 0, 0, 0, 1, 1 }, KIB(8), MIB(4) },

  { "FOOTPRINT: 2-MiB pages", LEVEL4, 2, 1, { { 0, 0x3fffffff } },
    512, { 0, 1, 1, 1, 0 }, KIB(12), GIB(1) },
  { "FOOTPRINT: 1-GiB pages", LEVEL4, 3, 1, { { 0, 0x7fffffffff } },
    512, { 0, 1, 1, 0, 0 }, KIB(8), MIB(2) },
  { "FOOTPRINT: 1-GiB pages, 5-level", LEVEL5, 3, 1, { { 0x7fffffffff, 0x8000000000 } },
    2, { 1, 1, 2, 0, 0 }, KIB(16), GIB(1) },
  { "FOOTPRINT: 2-MiB pages, 5-level", LEVEL5, 2, 1, { { 0, 0 } }, 1, { 1, 1, 1, 1, 0 }, KIB(16), GIB(512) },
  { "FOOTPRINT: 4-MiB pages", BITS32, 2, 1, { { 0, 0xffffffff } }, 1024, { 0, 0, 0, 1, 0 }, KIB(4), KIB(4) },
  { "FOOTPRINT: 2-MiB pages, PAE", PAE, 2, 1, { { 0, 0xffffffff } },
    2048, { 0, 0, 1, 4, 0 }, KIB(16) + 32, KIB(16) },
};
static void counts(void **state)
{
  const struct row *r = *state;
  struct vmref_footprint f = vmref_footprint(r->mode, r->level, r->r, r->n);
  IS(r->what, f.status, VMREF_OK);
  IS(r->what, f.pages, r->pages);
  for (int l = 5; l >= 1; l--) IS(r->what, f.tables[l], r->tables[5 - l]);
  IS(r->what, f.bytes, r->bytes);
  IS(r->what, f.flat, r->flat);
}

static const struct bad_row {
  const char *what;
  uint8_t mode, level; unsigned n; struct vmref_range r[2];
} BAD[] = {
  { "FOOTPRINT: no paging",                 FLAT,   1, 1, { { 0, 0 } } },
  { "FOOTPRINT: no such mode",              5,      1, 1, { { 0, 0 } } },
  { "FOOTPRINT: pages of level 0",          LEVEL4, 0, 1, { { 0, 0 } } },
  { "FOOTPRINT: pages of level 4",          LEVEL5, 4, 1, { { 0, 0 } } },
  { "FOOTPRINT: 1-GiB pages with PAE",      PAE,    3, 1, { { 0, 0 } } },
  { "FOOTPRINT: level 3 in 32-bit paging",  BITS32, 3, 1, { { 0, 0 } } },
  { "FOOTPRINT: ends before it begins",     LEVEL4, 1, 1, { { 1, 0 } } },
  { "FOOTPRINT: not canonical",             LEVEL4, 1, 1, { { 0, 0x800000000000 } } },
  { "FOOTPRINT: begins not canonical",      LEVEL4, 1, 1, { { 0x800000000000, 0xffff800000000000 } } },
  { "FOOTPRINT: over the hole",             LEVEL4, 1, 1, { { 0, 0xffffffffffffffff } } },
  { "FOOTPRINT: over the hole of 5-level",  LEVEL5, 1, 1, { { 0xffffffffffffff, 0xff00000000000000 } } },
  { "FOOTPRINT: above 4 GiB with PAE",      PAE,    1, 1, { { 0xfff, 0x100000000 } } },
  { "FOOTPRINT: not in order",              LEVEL4, 1, 2, { { 0x1000, 0x1fff }, { 0, 0xfff } } },
  { "FOOTPRINT: overlapping by a byte",     LEVEL4, 1, 2, { { 0, 0x1000 }, { 0x1000, 0x1fff } } },
};
static void refused(void **state)
{
  const struct bad_row *r = *state;
  struct vmref_footprint f = vmref_footprint(r->mode, r->level, r->r, r->n);
  IS(r->what, f.status, VMREF_EINVAL);
  IS(r->what, f.bytes, 0);
}

int main(void)
{
  ADD_ROWS(counts, ROW);
  ADD_ROWS(refused, BAD);
  return RUN_TESTS("footprint");
}
