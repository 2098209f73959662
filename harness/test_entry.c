/* SPDX-License-Identifier: MIT */
/* Topic entry, in 4-level paging; harness/test_modes.c has the other modes. Every expected
 * value was worked out by hand: SDM 3A 4.5.4 (tables 4-15 to 4-20), 4.8, 4.9.2, SDM 1
 * 3.3.7.1; AMD APM 2 5.3.3. */
#include "test.h"
#include "entry.h"

#define ALL 0xffffffffffffffff
#define XD  0x8000000000000000

/* ---- linear addresses ---------------------------------------------------- */

static const struct canonical_row { const char *what; uint64_t va; uint8_t want; } CANONICAL[] = {
  { "GP.CANON: zero",                      0,                  1 },
  { "GP.CANON: last of the low half",      0x00007fffffffffff, 1 },
  { "GP.CANON: one past the low half",     0x0000800000000000, 0 },
  { "GP.CANON: one below the high half",   0xffff7fffffffffff, 0 },
  { "GP.CANON: first of the high half",    0xffff800000000000, 1 },
  { "GP.CANON: last address",              ALL,                1 },
  { "GP.CANON: bit 48 alone",              0x0001000000000000, 0 },
  { "GP.CANON: bit 63 alone",              XD,                 0 },
  { "GP.CANON: bit 48 alone missing",      0xfffe800000000000, 0 },
  { "GP.CANON: bit 63 alone missing",      0x7fff800000000000, 0 },
};
static void canonical(void **state)
{
  const struct canonical_row *r = *state;
  IS(r->what, vmref_canonical(VMREF_MODE_4LEVEL, r->va), r->want);
}

/* want: by level, 4 to 1, as in the manual's figures from left to right. */
static const struct index_row { const char *what; uint64_t va; uint64_t want[4]; } INDEX[] = {
  { "WALK.OK: indices 1 2 3 4 and offset 5", 0x0000008080604005, {   1,   2,   3,   4 } },
  { "WALK.OK: the offset selects no entry",  0x0000000000000fff, {   0,   0,   0,   0 } },
  { "WALK.OK: bits 20:12 index the PT",      0x00000000001ff000, {   0,   0,   0, 511 } },
  { "WALK.OK: bits 29:21 index the PD",      0x000000003fe00000, {   0,   0, 511,   0 } },
  { "WALK.OK: bits 38:30 index the PDPT",    0x0000007fc0000000, {   0, 511,   0,   0 } },
  { "WALK.OK: bits 46:39 index the PML4",    0x00007f8000000000, { 255,   0,   0,   0 } },
  { "WALK.OK: the high half starts at 256",  0xffff800000000000, { 256,   0,   0,   0 } },
  { "WALK.OK: the last page",                0xfffffffffffff000, { 511, 511, 511, 511 } },
};
static void index_of(void **state)
{
  const struct index_row *r = *state;
  IS(r->what, vmref_index(VMREF_MODE_4LEVEL, r->va, 4), r->want[0]);
  IS(r->what, vmref_index(VMREF_MODE_4LEVEL, r->va, 3), r->want[1]);
  IS(r->what, vmref_index(VMREF_MODE_4LEVEL, r->va, 2), r->want[2]);
  IS(r->what, vmref_index(VMREF_MODE_4LEVEL, r->va, 1), r->want[3]);
}

/* ---- fields of an entry -------------------------------------------------- */

static const struct flag_row { const char *what; uint64_t e; uint8_t p, rw, us, g, xd; } FLAGS[] = {
  { "RIGHTS.ALL: no bit",          0,                  0, 0, 0, 0, 0 },
  { "RIGHTS.ALL: every bit",       ALL,                1, 1, 1, 1, 1 },
  { "RIGHTS.ALL: P is bit 0",      0x1,                1, 0, 0, 0, 0 },
  { "RIGHTS.ALL: R/W is bit 1",    0x2,                0, 1, 0, 0, 0 },
  { "RIGHTS.ALL: U/S is bit 2",    0x4,                0, 0, 1, 0, 0 },
  { "RIGHTS.ALL: G is bit 8",      0x100,              0, 0, 0, 1, 0 },
  { "RIGHTS.ALL: XD is bit 63",    XD,                 0, 0, 0, 0, 1 },
  { "RIGHTS.ALL: all other bits",  0x7ffffffffffffef8, 0, 0, 0, 0, 0 },
};
static void flags(void **state)
{
  const struct flag_row *r = *state;
  IS(r->what, vmref_p(r->e), r->p);
  IS(r->what, vmref_rw(r->e), r->rw);
  IS(r->what, vmref_us(r->e), r->us);
  IS(r->what, vmref_g(r->e), r->g);
  IS(r->what, vmref_xd(r->e), r->xd);
}

static const struct word_row { const char *what; uint64_t e, want; } TABLE_OF[] = {
  { "WALK.OK: a table's address is in bits 51:12", ALL,                0x000ffffffffff000 },
  { "WALK.OK: bits 63:52 are no address",          0xfff0000000000fff, 0 },
  { "WALK.OK: bit 12 is the lowest",               0x8000000000001fff, 0x1000 },
  { "WALK.OK: bit 51 is the highest",              0x0008000000000067, 0x0008000000000000 },
};
static void table_of(void **state)
{
  const struct word_row *r = *state;
  IS(r->what, vmref_table_of(r->e), r->want);
}

static const struct page_row { const char *what; uint8_t level; uint64_t e; uint8_t want; } MAPS[] = {
  { "WALK.OK: a PML4E maps no page, whatever bit 7", 4, ALL,                0 },
  { "WALK.OK: a PDPTE with PS = 0 maps no page",     3, 0xffffffffffffff7f, 0 },
  { "WALK.OK: a PDPTE with PS = 1 maps a page",      3, 0x81,               1 },
  { "WALK.OK: a PDE with PS = 0 maps no page",       2, 0xffffffffffffff7f, 0 },
  { "WALK.OK: a PDE with PS = 1 maps a page",        2, 0x81,               1 },
  { "WALK.OK: a PTE maps a page",                    1, 0x01,               1 },
  { "WALK.OK: a PTE with bit 7, its PAT, too",       1, 0x81,               1 },
};
static void maps_page(void **state)
{
  const struct page_row *r = *state;
  IS(r->what, vmref_maps_page(cpu_with(0), r->level, r->e), r->want);
}

static void page_size(void **state)
{
  const char *what = *state;
  IS(what, vmref_page_size(VMREF_MODE_4LEVEL, 1), 4096);
  IS(what, vmref_page_size(VMREF_MODE_4LEVEL, 2), 2097152);
  IS(what, vmref_page_size(VMREF_MODE_4LEVEL, 3), 1073741824);
}

static const struct byte_row { const char *what; uint8_t level; uint64_t e, va, want; } BYTE[] = {
  { "WALK.OK: 4 KiB, offset 0xabc",     1, 0x0000000012345067, 0x7fff00000abc, 0x12345abc },
  { "WALK.OK: 4 KiB, bit 7 is PAT",     1, 0x00000000123450e7, 0xfff,          0x12345fff },
  { "WALK.OK: 4 KiB, XD and 62:52",     1, 0xfff0000000001067, 0,              0x1000 },
  { "WALK.OK: 4 KiB, highest byte",     1, ALL,                ALL,            0x000fffffffffffff },
  { "WALK.OK: 2 MiB, offset in 20:0",   2, 0x00000000402000e7, 0x7fff00112345, 0x40312345 },
  { "WALK.OK: 2 MiB, last byte",        2, 0x00000000402000e7, 0x1fffff,       0x403fffff },
  { "WALK.OK: 2 MiB, bit 12 is PAT",    2, 0x00000000402010e7, 0,              0x40200000 },
  { "WALK.OK: 2 MiB, XD and 62:52",     2, 0xfff00000002000e7, 0,              0x200000 },
  { "WALK.OK: 2 MiB, highest byte",     2, 0x000fffffffe000e7, ALL,            0x000fffffffffffff },
  { "WALK.OK: 1 GiB, offset in 29:0",   3, 0x00000002400000e7, 0x7f1274567890, 0x274567890 },
  { "WALK.OK: 1 GiB, last byte",        3, 0x00000002400000e7, 0x3fffffff,     0x27fffffff },
  { "WALK.OK: 1 GiB, bit 12 is PAT",    3, 0x00000002400010e7, 0,              0x240000000 },
  { "WALK.OK: 1 GiB, XD and 62:52",     3, 0xfff00000400000e7, 0,              0x40000000 },
  { "WALK.OK: 1 GiB, highest byte",     3, 0x000fffffc00000e7, ALL,            0x000fffffffffffff },
};
static void page_byte(void **state)
{
  const struct byte_row *r = *state;
  IS(r->what, vmref_page_byte(VMREF_MODE_4LEVEL, r->level, r->e, r->va), r->want);
}

/* ---- memory type and protection key ---------------------------------------- */

static const struct pat_row { const char *what; uint8_t level; uint64_t e; uint8_t want, table; } PAT[] = {
  { "MT.PAGE: PAT index, nothing set",            1, 0x0000000000001001, 0, 0 },
  { "MT.PAGE: PAT index, PWT is 1",               1, 0x0000000000001009, 1, 1 },
  { "MT.PAGE: PAT index, PCD is 2",               1, 0x0000000000001011, 2, 2 },
  { "MT.PAGE: PAT index, bit 7 of a PTE is 4",    1, 0x0000000000000081, 4, 0 },
  { "MT.PAGE: PAT index, all of a PTE",           1, 0x0000000000000099, 7, 3 },
  { "MT.PAGE: PAT index, bit 12 is a PTE's address", 1, 0x0000000000001001, 0, 0 },
  { "MT.PAGE: PAT index, bit 12 of a PDE is 4",   2, 0x0000000000001081, 4, 0 },
  { "MT.PAGE: PAT index, PS is none",             2, 0x0000000000000081, 0, 0 },
  { "MT.PAGE: PAT index, all of a PDPTE",         3, 0x0000000000001099, 7, 3 },
  { "MT.PAGE: PAT index, every other bit",        3, 0xffffffffffffefe7, 0, 0 },
};
static void pat_index(void **state)
{
  const struct pat_row *r = *state;
  IS(r->what, vmref_pat_index(r->level, r->e), r->want);
  IS(r->what, vmref_pat_index_of_table(r->e), r->table);
}

static const struct word_row KEY[] = {
  { "EC.PK: the key is bits 62:59",  0x7800000000000000, 15 },
  { "EC.PK: bit 59 is its lowest",   0x0800000000000067, 1 },
  { "EC.PK: bit 62 is its highest",  0x4000000000000067, 8 },
  { "EC.PK: no other bit",           0x87ffffffffffffff, 0 },
};
static void key(void **state)
{
  const struct word_row *r = *state;
  IS(r->what, vmref_key(r->e), r->want);
}

/* ---- accessed and dirty -------------------------------------------------- */

static const struct word_row ACCESSED[] = {
  { "AD.A: A is bit 5",           0x0000000000001007, 0x0000000000001027 },
  { "AD.A: A is there already",   0x0000000000001027, 0x0000000000001027 },
  { "AD.A: D stays clear",        0x0000000000000001, 0x0000000000000021 },
  { "AD.A: D stays set",          0x0000000000000041, 0x0000000000000061 },
  { "AD.A: all but A",            0xffffffffffffffdf, ALL },
  { "AD.A: every bit",            ALL,                ALL },
}, DIRTIED[] = {
  { "AD.D: D is bit 6",           0x0000000000001027, 0x0000000000001067 },
  { "AD.D: D is there already",   0x0000000000001067, 0x0000000000001067 },
  { "AD.D: A is set apart",       0x0000000000000001, 0x0000000000000041 },
  { "AD.D: all but D",            0xffffffffffffffbf, ALL },
  { "AD.D: every bit",            ALL,                ALL },
};
static void accessed(void **state)
{
  const struct word_row *r = *state;
  IS(r->what, vmref_accessed(r->e), r->want);
}
static void dirtied(void **state)
{
  const struct word_row *r = *state;
  IS(r->what, vmref_dirtied(r->e), r->want);
}

/* ---- reserved bits ------------------------------------------------------- */

#define INTEL 0 /* or AMD */
#define ADDR  VMREF_RULE_PF_RSVD_ADDR
#define NONE  VMREF_RULE_NONE

static const struct reserved_row {
  const char *what; uint8_t level; uint64_t e;
  uint8_t width, nxe, page1gb, vendor; /* width: MAXPHYADDR */
  uint8_t want;
} RESERVED[] = {
  { "PF.RSVD.ADDR: the bit at MAXPHYADDR in a PML4E", 4, 0x0000010000000001, 40, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: in a PDPTE",                  3, 0x0000010000000001, 40, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: in a PDE",                    2, 0x0000010000000001, 40, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: in a PTE",                    1, 0x0000010000000001, 40, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: in a 1-GiB page's PDPTE",     3, 0x0000010000000081, 40, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: in a 2-MiB page's PDE",       2, 0x0000010000000081, 40, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: below MAXPHYADDR is address", 1, 0x000000fffffff001, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.ADDR: width 32, bit 31",            1, 0x0000000080000001, 32, 1, 1, INTEL, NONE },
  { "PF.RSVD.ADDR: width 32, bit 32",            1, 0x0000000100000001, 32, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: width 32, bit 51",            1, 0x0008000000000001, 32, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: width 46, bit 45",            1, 0x0000200000000001, 46, 1, 1, INTEL, NONE },
  { "PF.RSVD.ADDR: width 46, bit 46",            1, 0x0000400000000001, 46, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: width 51, bit 51",            4, 0x0008000000000001, 51, 1, 1, INTEL, ADDR },
  { "PF.RSVD.ADDR: width 52 has none",           4, 0x000ffffffffff001, 52, 1, 1, INTEL, NONE },
  { "PF.RSVD.ADDR: bits 62:52 are ignored",      1, 0x7ff0000000000001, 32, 1, 1, INTEL, NONE },
  { "PF.RSVD.ADDR: AMD too",                     4, 0x0000010000000001, 40, 1, 1, AMD,   ADDR },

  { "PF.RSVD.XD: in a PML4E",          4, XD | 0x01, 40, 0, 1, INTEL, VMREF_RULE_PF_RSVD_XD },
  { "PF.RSVD.XD: in a PDPTE",          3, XD | 0x01, 40, 0, 1, INTEL, VMREF_RULE_PF_RSVD_XD },
  { "PF.RSVD.XD: in a PDE",            2, XD | 0x01, 40, 0, 1, INTEL, VMREF_RULE_PF_RSVD_XD },
  { "PF.RSVD.XD: in a PTE",            1, XD | 0x01, 40, 0, 1, INTEL, VMREF_RULE_PF_RSVD_XD },
  { "PF.RSVD.XD: in a large page",     2, XD | 0x81, 40, 0, 1, AMD,   VMREF_RULE_PF_RSVD_XD },
  { "PF.RSVD.XD: with NXE it is XD",   4, XD | 0x01, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.XD: bit 62 is ignored",   1, 0x4000000000000001, 40, 0, 1, INTEL, NONE },

  { "PF.RSVD.PML4E.PS: Intel",         4, 0x81, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_PML4E_PS },
  { "PF.RSVD.PML4E.PS: AMD",           4, 0x81, 40, 1, 1, AMD,   VMREF_RULE_PF_RSVD_PML4E_PS },
  { "PF.RSVD.PML4E.G: AMD",            4, 0x101, 40, 1, 1, AMD,  VMREF_RULE_PF_RSVD_PML4E_G },
  { "PF.RSVD.PML4E.G: Intel ignores it",      4, 0x101, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.PML4E.G: AMD ignores it in a PDPTE", 3, 0x101, 40, 1, 1, AMD, NONE },
  { "PF.RSVD.PML4E.G: AMD ignores it in a PDE",   2, 0x101, 40, 1, 1, AMD, NONE },
  { "PF.RSVD.PML4E.G: it is G in a PTE",      1, 0x101, 40, 1, 1, AMD, NONE },

  { "PF.RSVD.1G: no such pages",       3, 0x81,       40, 1, 0, INTEL, VMREF_RULE_PF_RSVD_1G },
  { "PF.RSVD.1G: there are",           3, 0x81,       40, 1, 1, INTEL, NONE },
  { "PF.RSVD.1G: PS = 0 is no page",   3, 0x01,       40, 1, 0, INTEL, NONE },
  { "PF.RSVD.1G: 2 MiB need no CPUID", 2, 0x81,       40, 1, 0, INTEL, NONE },
  { "PF.RSVD.1G.ADDR: bit 13",         3, 0x00002081, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_1G_ADDR },
  { "PF.RSVD.1G.ADDR: bit 20",         3, 0x00100081, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_1G_ADDR },
  { "PF.RSVD.1G.ADDR: bit 21",         3, 0x00200081, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_1G_ADDR },
  { "PF.RSVD.1G.ADDR: bit 29",         3, 0x20000081, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_1G_ADDR },
  { "PF.RSVD.1G.ADDR: bit 12 is PAT",  3, 0x00001081, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.1G.ADDR: bit 30 is address", 3, 0x40000081, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.1G.ADDR: a table is anywhere", 3, 0x3ffff001, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.2M.ADDR: bit 13",         2, 0x00002081, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_2M_ADDR },
  { "PF.RSVD.2M.ADDR: bit 20",         2, 0x00100081, 40, 1, 1, INTEL, VMREF_RULE_PF_RSVD_2M_ADDR },
  { "PF.RSVD.2M.ADDR: bit 12 is PAT",  2, 0x00001081, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.2M.ADDR: bit 21 is address", 2, 0x00200081, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.2M.ADDR: a table is anywhere", 2, 0x3ffff001, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.2M.ADDR: a PTE's bit 7 is PAT", 1, 0x001ff081, 40, 1, 1, INTEL, NONE },
  { "PF.RSVD.2M.ADDR: bits 11:9, 6:1 are free", 2, 0x00000e7f, 40, 1, 1, AMD, NONE },

  /* Which of two broken rules is named is the model's choice: the first in number. */
  { "PF.RSVD.ADDR: comes before XD",   1, 0x8000010000000001, 40, 0, 1, INTEL, ADDR },
  { "PF.RSVD.XD: comes before PS",     4, XD | 0x81, 40, 0, 1, INTEL, VMREF_RULE_PF_RSVD_XD },
  { "PF.RSVD.PML4E.PS: comes before G", 4, 0x181, 40, 1, 1, AMD, VMREF_RULE_PF_RSVD_PML4E_PS },
  { "PF.RSVD.1G: comes before 1G.ADDR", 3, 0x2081, 40, 1, 0, INTEL, VMREF_RULE_PF_RSVD_1G },
};
static void reserved(void **state)
{
  const struct reserved_row *r = *state;
  struct vmref_cpu cpu = cpu_with(r->vendor);
  cpu.maxphyaddr = r->width;
  cpu.nxe = r->nxe;
  cpu.page1gb = r->page1gb;
  IS(r->what, vmref_reserved(cpu, r->level, r->e), r->want);
}

static const struct limit_row { const char *what; uint8_t n; uint64_t want; } LIMIT[] = {
  { "PF.RSVD.ADDR: 2^32", 32, 0x0000000100000000 },
  { "PF.RSVD.ADDR: 2^36", 36, 0x0000001000000000 },
  { "PF.RSVD.ADDR: 2^39", 39, 0x0000008000000000 },
  { "PF.RSVD.ADDR: 2^46", 46, 0x0000400000000000 },
  { "PF.RSVD.ADDR: 2^52", 52, 0x0010000000000000 },
};
static void phys_limit(void **state)
{
  const struct limit_row *r = *state;
  IS(r->what, vmref_phys_limit(r->n), r->want);
}

/* ---- the control state --------------------------------------------------- */

/* Mode, vendor, MAXPHYADDR, CR3, and what else is not 0. */
#define STATE(m, v, w, c, ...) { .mode = m, .vendor = v, .maxphyaddr = w, .cr3 = c, __VA_ARGS__ }
#define ONE(flag, n) STATE(3, 0, 40, 0x1000, .flag = n)
static const struct cpu_row { const char *what; struct vmref_cpu cpu; uint8_t want; } CPU[] = {
  { "cpu: the default",              VMREF_CPU_DEFAULT, 1 },
  { "cpu: all flags 0",              STATE(3, 0, 40, 0x1000, .wp = 0), 1 },
  { "cpu: all flags 1",              STATE(3, 1, 40, 0x1000, .page1gb = 1, .pse36 = 1, .wp = 1, .pse = 1, .pge = 1,
                                           .pcide = 1, .smep = 1, .smap = 1, .nxe = 1, .pke = 1, .pks = 1), 1 },
  { "cpu: no paging",                STATE(0, 0, 40, 0x1000, .wp = 1), 1 },
  { "cpu: 5-level paging",           STATE(4, 0, 40, 0x1000, .wp = 1), 1 },
  { "cpu: mode 5",                   STATE(5, 0, 40, 0x1000, .wp = 1), 0 },
  { "cpu: vendor 2",                 STATE(3, 2, 40, 0x1000, .wp = 1), 0 },
  { "cpu: MAXPHYADDR 31",            STATE(3, 0, 31, 0x1000, .wp = 1), 0 },
  { "cpu: MAXPHYADDR 53",            STATE(3, 0, 53, 0x1000, .wp = 1), 0 },
  { "cpu: MAXPHYADDR 255",           STATE(3, 0, 255, 0x1000, .wp = 1), 0 },
  { "cpu: MAXPHYADDR 0",             STATE(3, 0, 0, 0x1000, .wp = 1), 0 },
  { "cpu: width 32, highest CR3",    STATE(3, 0, 32, 0x00000000fffff000, .wp = 1), 1 },
  { "cpu: width 32, CR3 too wide",   STATE(3, 0, 32, 0x0000000100000000, .wp = 1), 0 },
  { "cpu: width 52, highest CR3",    STATE(3, 0, 52, 0x000ffffffffff000, .wp = 1), 1 },
  { "cpu: width 52, CR3 bit 52",     STATE(3, 0, 52, 0x0010000000000000, .wp = 1), 0 },
  { "cpu: CR3 bit 63",               STATE(3, 0, 52, XD | 0x1000, .wp = 1), 0 },
  { "cpu: CR3 bits 11:0 are free",   STATE(3, 0, 40, 0x1fff, .wp = 1), 1 },
  { "cpu: page1gb 2", ONE(page1gb, 2), 0 }, { "cpu: pse36 2", ONE(pse36, 2), 0 },
  { "cpu: wp 2",      ONE(wp, 2),      0 }, { "cpu: pse 2",   ONE(pse, 2),   0 },
  { "cpu: pge 2",     ONE(pge, 2),     0 }, { "cpu: pcide 2", ONE(pcide, 2), 0 },
  { "cpu: smep 2",    ONE(smep, 2),    0 }, { "cpu: smap 2",  ONE(smap, 2),  0 },
  { "cpu: nxe 2",     ONE(nxe, 2),     0 }, { "cpu: pke 2",   ONE(pke, 2),   0 },
  { "cpu: pks 2",     ONE(pks, 2),     0 },
  { "cpu: 32-bit paging, highest CR3",       STATE(1, 0, 40, 0xffffffff, .wp = 1), 1 },
  { "MODE.CR3: 33 bits in 32-bit paging", STATE(1, 0, 40, 0x100000000, .wp = 1), 0 },
  { "MODE.CR3: 33 bits in PAE paging",  STATE(2, 0, 40, 0x100000000, .wp = 1), 0 },
  { "MODE.CR3: 33 bits without paging", STATE(0, 0, 40, 0x100000000, .wp = 1), 0 },
  { "cpu: 33 bits in 5-level paging",        STATE(4, 0, 40, 0x100000000, .wp = 1), 1 },
  { "cpu: PCIDs in 5-level paging",          STATE(4, 0, 40, 0x1000, .pcide = 1), 1 },
  { "cpu: no PCIDs in 32-bit paging",        STATE(1, 0, 40, 0x1000, .pcide = 1), 0 },
  { "cpu: no PCIDs in PAE paging",           STATE(2, 0, 40, 0x1000, .pcide = 1), 0 },
  { "cpu: no PCIDs without paging",          STATE(0, 0, 40, 0x1000, .pcide = 1), 0 },
  { "cpu: GP.PDPTE, the first register cannot be", STATE(2, 0, 40, 0x1000, .pdpte = { 3 }), 0 },
  { "cpu: GP.PDPTE, the last register cannot be",  STATE(2, 0, 40, 0x1000, .pdpte = { 1, 1, 1, 5 }), 0 },
  { "cpu: GP.PDPTE, no matter in 4-level paging",  STATE(3, 0, 40, 0x1000, .pdpte = { 3, 3, 3, 3 }), 1 },
};
static void cpu_valid(void **state)
{
  const struct cpu_row *r = *state;
  IS(r->what, vmref_cpu_valid(r->cpu), r->want);
}

int main(void)
{
  static const char size[] = "WALK.OK: pages of 4 KiB, 2 MiB, 1 GiB";
  ADD_ROWS(canonical, CANONICAL);
  ADD_ROWS(index_of, INDEX);
  ADD_ROWS(flags, FLAGS);
  ADD_ROWS(table_of, TABLE_OF);
  ADD_ROWS(maps_page, MAPS);
  test_add(size, page_size, size);
  ADD_ROWS(page_byte, BYTE);
  ADD_ROWS(pat_index, PAT);
  ADD_ROWS(key, KEY);
  ADD_ROWS(accessed, ACCESSED);
  ADD_ROWS(dirtied, DIRTIED);
  ADD_ROWS(reserved, RESERVED);
  ADD_ROWS(phys_limit, LIMIT);
  ADD_ROWS(cpu_valid, CPU);
  return RUN_TESTS("entry");
}
