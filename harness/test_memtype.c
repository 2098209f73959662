/* SPDX-License-Identifier: MIT */
/* Topic memtype. Expected values are SDM 3A's: tables 11-7 (combined types), 11-10 (PAT
 * encodings), 11-12 (PAT at reset), 4.9.2 (which bits index the PAT). */
#include "test.h"
#include "memtype.h"

enum { UC = 0, WC = 1, WT = 4, WP_ = 5, WB = 6, UCM = 7, NONE = 0xff };
/* Each index has a type of its own, so a result tells its index: 0 WB, 1 WT, 2 UC-,
 * 3 UC, 4 WP, 5 WC, 6 and 7 as at reset. */
#define PAT 0x0007010500070406
#define MTRR_ON 0x806

/* Table 11-7, all of its cells in the manual's order. */
static const struct combined_row { const char *what; uint8_t mtrr, pat, type; } COMBINED[] = {
  { "MT.COMBINE: MTRR UC, PAT UC",  UC, UC,  UC }, { "MT.COMBINE: MTRR UC, PAT UC-", UC, UCM, UC },
  { "MT.COMBINE: MTRR UC, PAT WC",  UC, WC,  WC }, { "MT.COMBINE: MTRR UC, PAT WT",  UC, WT,  UC },
  { "MT.COMBINE: MTRR UC, PAT WB",  UC, WB,  UC }, { "MT.COMBINE: MTRR UC, PAT WP",  UC, WP_, UC },
  { "MT.COMBINE: MTRR WC, PAT UC",  WC, UC,  UC }, { "MT.COMBINE: MTRR WC, PAT UC-", WC, UCM, WC },
  { "MT.COMBINE: MTRR WC, PAT WC",  WC, WC,  WC }, { "MT.COMBINE: MTRR WC, PAT WT",  WC, WT,  UC },
  { "MT.COMBINE: MTRR WC, PAT WB",  WC, WB,  WC }, { "MT.COMBINE: MTRR WC, PAT WP",  WC, WP_, UC },
  { "MT.COMBINE: MTRR WT, PAT UC",  WT, UC,  UC }, { "MT.COMBINE: MTRR WT, PAT UC-", WT, UCM, UC },
  { "MT.COMBINE: MTRR WT, PAT WC",  WT, WC,  WC }, { "MT.COMBINE: MTRR WT, PAT WT",  WT, WT,  WT },
  { "MT.COMBINE: MTRR WT, PAT WB",  WT, WB,  WT }, { "MT.COMBINE: MTRR WT, PAT WP",  WT, WP_, WP_ },
  { "MT.COMBINE: MTRR WB, PAT UC",  WB, UC,  UC }, { "MT.COMBINE: MTRR WB, PAT UC-", WB, UCM, UC },
  { "MT.COMBINE: MTRR WB, PAT WC",  WB, WC,  WC }, { "MT.COMBINE: MTRR WB, PAT WT",  WB, WT,  WT },
  { "MT.COMBINE: MTRR WB, PAT WB",  WB, WB,  WB }, { "MT.COMBINE: MTRR WB, PAT WP",  WB, WP_, WP_ },
  { "MT.COMBINE: MTRR WP, PAT UC",  WP_, UC, UC }, { "MT.COMBINE: MTRR WP, PAT UC-", WP_, UCM, WC },
  { "MT.COMBINE: MTRR WP, PAT WC",  WP_, WC, WC }, { "MT.COMBINE: MTRR WP, PAT WT",  WP_, WT, WT },
  { "MT.COMBINE: MTRR WP, PAT WB",  WP_, WB, WP_ }, { "MT.COMBINE: MTRR WP, PAT WP", WP_, WP_, WP_ },
  { "MT.COMBINE: PAT 2 is no type", WB, 2, NONE }, { "MT.COMBINE: PAT 3 is no type", UC, 3, NONE },
  { "MT.COMBINE: PAT 8 is no type", WB, 8, NONE }, { "MT.COMBINE: MTRR 7 is no type", 7, WB, NONE },
  { "MT.COMBINE: MTRR 2 is no type", 2, WB, NONE },
};
static void combined(void **state)
{
  const struct combined_row *r = *state;
  IS(r->what, vmref_effective_type(r->pat, r->mtrr), r->type);
}

/* The PAT at reset: WB, WT, UC-, UC, twice. */
static void at_reset(void **state)
{
  static const uint8_t want[8] = { WB, WT, UCM, UC, WB, WT, UCM, UC }, other[8] = { 6, 1, 0, 1, 4, 5, 6, 7 };
  (void)state;
  for (uint8_t i = 0; i < 8; i++) IS("field", vmref_pat_type(VMREF_PAT_RESET, i), want[i]);
  for (uint8_t i = 0; i < 8; i++) IS("field", vmref_pat_type(0x0706050401000106, i), other[i]);
}

static void encodings(void **state)
{
  (void)state;
  for (unsigned t = 0; t < 256; t++) {
    IS("PAT", vmref_pat_type_valid((uint8_t)t), t == 0 || t == 1 || t == 4 || t == 5 || t == 6 || t == 7);
    IS("MTRR", vmref_mtrr_type_valid((uint8_t)t), t == 0 || t == 1 || t == 4 || t == 5 || t == 6);
  }
}

static void mtrr(void **state)
{
  (void)state;
  IS("on, WB", vmref_mtrr_default(0x806), WB);
  IS("on with fixed ranges, WB", vmref_mtrr_default(0xc06), WB);
  IS("on, WC", vmref_mtrr_default(0x801), WC);
  IS("on, UC", vmref_mtrr_default(0x800), UC);
  IS("off, WB", vmref_mtrr_default(0x006), UC);
  IS("off with fixed ranges, WB", vmref_mtrr_default(0x406), UC);
}

/* ---- the types along a walk ------------------------------------------------ */

#define PWT 0x8
#define PCD 0x10
static const struct walk_row {
  const char *what;
  uint8_t mode, pcide; uint64_t cr3, entry[6], mtrr; /* entries of levels 5 to 1 at [5 - level] */
  uint8_t data, table[6];                            /* types of entries, the same order */
} WALKS[] = {
  { "MT.PAGE: all bits 0", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x5027 }, MTRR_ON,
    WB, { NONE, WB, WB, WB, WB } },
  { "MT.PAGE: PWT of the PTE", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x5027 | PWT }, MTRR_ON,
    WT, { NONE, WB, WB, WB, WB } },
  { "MT.PAGE: PCD and PWT of the PTE", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x5027 | PCD | PWT },
    MTRR_ON, UC, { NONE, WB, WB, WB, WB } },
  { "MT.PAGE: PAT of a PTE is bit 7", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x50a7 }, MTRR_ON,
    WP_, { NONE, WB, WB, WB, WB } },
  { "MT.PAGE: bit 12 of a PTE is address", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x5027 | PWT },
    MTRR_ON, WT, { NONE, WB, WB, WB, WB } },
  { "MT.PAGE: PAT of a 2-MiB page is bit 12", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4010a7 | PWT },
    MTRR_ON, WC, { NONE, WB, WB, WB, NONE } },
  { "MT.PAGE: bit 7 of a 2-MiB page is PS", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4000a7 }, MTRR_ON,
    WB, { NONE, WB, WB, WB, NONE } },
  { "MT.PAGE: PAT of a 1-GiB page is bit 12", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x400010a7 }, MTRR_ON,
    WP_, { NONE, WB, WB, NONE, NONE } },
  { "MT.PAGE: a 4-MiB page", VMREF_MODE_32BIT, 0, 0x1000, { 0, 0, 0, 0x4010a7 | PWT }, MTRR_ON,
    WC, { NONE, NONE, NONE, WB, NONE } },
  { "MT.TABLE: each table by the entry above", VMREF_MODE_4LEVEL, 0, 0x1000,
    { 0, 0x2027 | PWT, 0x3027 | PCD, 0x4027 | PCD | PWT, 0x5027 }, MTRR_ON, WB, { NONE, WB, WT, UC, UC } },
  { "MT.TABLE: bit 12 of an entry above is address, not PAT", VMREF_MODE_4LEVEL, 0, 0x1000,
    { 0, 0x3027 | PWT, 0x3027, 0x3027, 0x5027 }, MTRR_ON, WB, { NONE, WB, WT, WB, WB } },
  { "MT.TABLE: five levels", VMREF_MODE_5LEVEL, 0, 0x1000,
    { 0x2027 | PWT, 0x3027, 0x4027 | PWT, 0x5027, 0x6027 }, MTRR_ON, WB, { WB, WT, WB, WT, WB } },
  { "MT.TABLE: up to an absent entry", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027 | PWT, 0x3026 }, MTRR_ON,
    NONE, { NONE, WB, WT, NONE, NONE } },
  { "MT.ROOT: PWT of CR3", VMREF_MODE_4LEVEL, 0, 0x1000 | PWT, { 0, 0x2027, 0x3027, 0x4027, 0x5027 }, MTRR_ON,
    WB, { NONE, WT, WB, WB, WB } },
  { "MT.ROOT: with PCIDE it is a bit of the PCID", VMREF_MODE_4LEVEL, 1, 0x1000 | PWT,
    { 0, 0x2027, 0x3027, 0x4027, 0x5027 }, MTRR_ON, WB, { NONE, WB, WB, WB, WB } },
  { "MT.ROOT: PCD and PWT of CR3, 32-bit paging", VMREF_MODE_32BIT, 0, 0x1000 | PCD | PWT, { 0, 0, 0, 0x2027, 0x5027 },
    MTRR_ON, WB, { NONE, NONE, NONE, UC, WB } },
  { "MT.ROOT: PAE takes the PDPTE register, not CR3", VMREF_MODE_PAE, 0, 0x1000 | PCD | PWT, { 0, 0, 0, 0x2027, 0x5027 },
    MTRR_ON, WB, { NONE, NONE, NONE, WT, WB } },
  { "MT.MTRR: off, WB pages are UC", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x5027 }, 0x006,
    UC, { NONE, UC, UC, UC, UC } },
  { "MT.MTRR: UC, a WC page is WC", VMREF_MODE_4LEVEL, 0, 0x1000, { 0, 0x2027, 0x3027, 0x4027, 0x50a7 | PWT }, 0x800,
    WC, { NONE, UC, UC, UC, UC } },
  { "MT.PG0: without paging the MTRR's type alone", VMREF_MODE_NONE, 0, 0x1000 | PCD | PWT, { 0 }, 0x804,
    WT, { NONE, NONE, NONE, NONE, NONE } },
};
static void along(void **state)
{
  const struct walk_row *r = *state;
  struct vmref_cpu cpu = cpu_with(WP | NXE | PAGE1GB);
  cpu.mode = r->mode;
  cpu.pcide = r->pcide;
  cpu.cr3 = r->cr3;
  cpu.pse = cpu.pse36 = 1;
  cpu.pdpte[0] = 0x8001;
  cpu.pdpte[1] = 0x8001 | PWT;
  struct vmref_walk w; /* in PAE, by the second register */
  vmref_walk_start(&w, cpu, access_of(r->mode == VMREF_MODE_PAE ? 0x40000000 : 0, READ, 3, 0));
  while (w.level != 0) vmref_walk_step(&w, r->entry[5 - w.level]);
  IS(r->what, w.status, VMREF_OK);
  IS(r->what, vmref_data_type(&w, PAT, r->mtrr), r->data);
  for (uint8_t level = 5; level >= 1; level--)
    IS(r->what, vmref_entry_type(&w, level, PAT, r->mtrr), r->table[5 - level]);
}

/* A walk that begins at a table which a cache remembers: nothing tells its PCD and PWT. */
static void below_the_root(void **state)
{
  (void)state;
  struct vmref_walk w;
  struct vmref_origin o = { .table = 0x4000, .level = 2, .rw = 1, .us = 1, .xd = 0 };
  vmref_walk_from(&w, cpu_with(WP | NXE), access_of(0, READ, 3, 0), o);
  vmref_walk_step(&w, 0x6027 | PWT);
  vmref_walk_step(&w, 0x5027 | PCD | PWT);
  IS("origin", w.rule, VMREF_RULE_OK);
  IS("origin", vmref_entry_type(&w, 2, PAT, MTRR_ON), NONE);
  IS("origin", vmref_entry_type(&w, 1, PAT, MTRR_ON), WT);
  IS("origin", vmref_data_type(&w, PAT, MTRR_ON), UC);
}

/* A PDPTE register with P = 0 and an address that is not canonical: no access is made. */
static void no_access(void **state)
{
  (void)state;
  struct vmref_cpu cpu = cpu_with(WP | NXE);
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access_of(0x800000000000, READ, 3, 0));
  IS("GP", vmref_data_type(&w, PAT, MTRR_ON), NONE);
  IS("GP", vmref_entry_type(&w, 4, PAT, MTRR_ON), NONE);
  cpu.mode = VMREF_MODE_PAE;
  vmref_walk_start(&w, cpu, access_of(0, READ, 3, 0));
  IS("PDPTE", w.last, 3);
  for (uint8_t level = 1; level <= 5; level++) IS("PDPTE", vmref_entry_type(&w, level, PAT, MTRR_ON), NONE);
}

int main(void)
{
  ADD_ROWS(combined, COMBINED);
  ADD_ROWS(along, WALKS);
  test_add("MT.PAT: fields, and the value at reset", at_reset, NULL);
  test_add("MT.PAT: which encodings are types", encodings, NULL);
  test_add("MT.MTRR: the default type", mtrr, NULL);
  test_add("MT.TABLE: a walk that begins below the root", below_the_root, NULL);
  test_add("MT.PAGE: accesses that are not made", no_access, NULL);
  return RUN_TESTS("memtype");
}
