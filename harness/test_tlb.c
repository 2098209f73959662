/* SPDX-License-Identifier: MIT */
/* Topic tlb. Every expected value was worked out by hand: SDM 3A 4.10.2 (what a TLB holds),
 * 4.10.3 (paging-structure caches), 4.10.4.1 (invalidation), SDM 2 INVLPG and INVPCID. */
#include <string.h>
#include "test.h"
#include "tlb.h"
#define XD 0x8000000000000000
#define KEY(n) ((uint64_t)(n) << 59)

#define SAME(field) IS(what, t.field, want.field)
static void same_page(const char *what, struct vmref_translation t, struct vmref_translation want)
{
  SAME(used), SAME(page), SAME(size), SAME(frame), SAME(pcid), SAME(rw), SAME(us), SAME(xd);
  SAME(key), SAME(global), SAME(dirty), SAME(pat);
}
static void same_table(const char *what, struct vmref_cached_table t, struct vmref_cached_table want)
{
  SAME(used), SAME(start), SAME(size), SAME(pcid), SAME(origin.table), SAME(origin.level);
  SAME(origin.rw), SAME(origin.us), SAME(origin.xd);
}

/* ---- what each invalidation removes ---------------------------------------- */

/* One item of each sort. Sizes: 4 KiB, 2 MiB, 1 GiB; for tables what their entry covers. */
enum { P0 = 1, P1 = 2, P2 = 4, P3 = 8, P4 = 16, P5 = 32, P6 = 64, P7 = 128, P8 = 256, P9 = 512, ALL_PAGES = 1023 };
enum { T0 = 1, T1 = 2, T2 = 4, T3 = 8, T4 = 16, T5 = 32, T6 = 64, ALL_TABLES = 127 };
#define K4 0x1000, 0xa000
#define M2 0x200000, 0x400000
#define G1 0x40000000, 0x80000000
static const struct vmref_tlb STOCK = {
  .page = {                 /* PCID, used, rw us xd key global dirty pat */
    { 0x1000,     K4,         1, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P0: the page, PCID 1 */
    { 0x1000,     K4,         1, 1, 1, 1, 0, 0, 1, 1, 0 }, /* P1: global */
    { 0x1000,     K4,         2, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P2: PCID 2 */
    { 0x1000,     K4,         2, 1, 1, 1, 0, 0, 1, 1, 0 }, /* P3: PCID 2, global */
    { 0x200000,   M2,         1, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P4: a 2-MiB page */
    { 0x2000,     K4,         1, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P5: the next page, PCID 1 */
    { 0x2000,     K4,         1, 1, 1, 1, 0, 0, 1, 1, 0 }, /* P6: global */
    { 0x40000000, G1,         1, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P7: a 1-GiB page */
    { 0x2000,     K4,         2, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P8: the next page, PCID 2 */
    { 0x1000,     K4,         0, 1, 1, 1, 0, 0, 0, 1, 0 }, /* P9: PCID 0 */
  },
  .table = {                                   /* table, level, rw us xd; PCID, used */
    { 0,            0x8000000000, { 0x2000, 3, 1, 1, 0 }, 1, 1 }, /* T0: by a PML4E, PCID 1 */
    { 0,            0x40000000,   { 0x3000, 2, 1, 1, 0 }, 1, 1 }, /* T1: by a PDPTE */
    { 0,            0x200000,     { 0x4000, 1, 1, 1, 0 }, 1, 1 }, /* T2: by a PDE */
    { 0x600000,     0x200000,     { 0x5000, 1, 1, 1, 0 }, 1, 1 }, /* T3: by a PDE elsewhere */
    { 0,            0x8000000000, { 0x2000, 3, 1, 1, 0 }, 2, 1 }, /* T4: PCID 2 */
    { 0x8000000000, 0x8000000000, { 0x6000, 3, 1, 1, 0 }, 1, 1 }, /* T5: by a PML4E elsewhere */
    { 0,            0x200000,     { 0x4000, 1, 1, 1, 0 }, 0, 1 }, /* T6: PCID 0 */
  },
};

/* Exactly the items of the masks are gone, all others are as before. */
static void left(const char *what, const struct vmref_tlb *tlb, unsigned gone, unsigned tables_gone)
{
  for (unsigned i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (i < 10 && gone >> i & 1) IS(what, tlb->page[i].used, 0);
    else same_page(what, tlb->page[i], STOCK.page[i]);
    if (i < 7 && tables_gone >> i & 1) IS(what, tlb->table[i].used, 0);
    else same_table(what, tlb->table[i], STOCK.table[i]);
  }
}

static struct vmref_cpu with_pcid(unsigned on, uint64_t pcid)
{
  struct vmref_cpu cpu = cpu_with(on);
  cpu.cr3 |= pcid;
  return cpu;
}

#define LONG (WP | NXE | PGE)
#define TAGGED (LONG | PCIDE)
#define OF_1 (P0 | P1 | P4 | P5 | P6 | P7)
#define OF_1_LOCAL (P0 | P4 | P5 | P7)
#define T_OF_1 (T0 | T1 | T2 | T3 | T5)
static const struct va_row {
  const char *what; void (*op)(struct vmref_tlb *, struct vmref_cpu, uint64_t); unsigned on; uint64_t pcid, va; unsigned gone, tables;
} AT_VA[] = {
  { "INV.INVLPG: the page, any global one of it, all tables of the PCID", vmref_tlb_invlpg, TAGGED, 1, 0x1fff, P0 | P1 | P3, T_OF_1 },
  { "INV.INVLPG: the other page", vmref_tlb_invlpg, TAGGED, 1, 0x2000, P5 | P6, T_OF_1 },
  { "INV.INVLPG: by another PCID", vmref_tlb_invlpg, TAGGED, 2, 0x1000, P1 | P2 | P3, T4 },
  { "TLB.LARGE: INVLPG of any address of a 2-MiB page", vmref_tlb_invlpg, TAGGED, 1, 0x3fffff, P4, T_OF_1 },
  { "INV.INVLPG: not the page after it", vmref_tlb_invlpg, TAGGED, 1, 0x400000, 0, T_OF_1 },
  { "TLB.LARGE: INVLPG of any address of a 1-GiB page", vmref_tlb_invlpg, TAGGED, 1, 0x7fffffff, P7, T_OF_1 },
  { "INV.INVLPG: where no page is cached tables go all the same", vmref_tlb_invlpg, TAGGED, 1, 0x7f0000000000, 0, T_OF_1 },
  { "INV.INVLPG: PCIDE = 0, PCID 000H whatever CR3[11:0]", vmref_tlb_invlpg, LONG, 1, 0x1000, P1 | P3 | P9, T6 },
  { "INV.INVLPG.CANON: not canonical, a NOP", vmref_tlb_invlpg, TAGGED, 1, 0x800000001000, 0, 0 },
  { "INV.INVLPG.CANON: not canonical above bit 47 either", vmref_tlb_invlpg, TAGGED, 1, 0x1000000001000, 0, 0 },
  { "INV.INVLPG.CANON: canonical with 57 bits", vmref_tlb_invlpg, TAGGED | IN_5LEVEL, 1, 0x800000001000, 0, T_OF_1 },
  { "INV.INVLPG.CANON: not canonical with 57 bits", vmref_tlb_invlpg, TAGGED | IN_5LEVEL, 1, 0x100000000001000, 0, 0 },
  { "INV.INVLPG: 32-bit paging", vmref_tlb_invlpg, PGE | IN_32BIT, 0, 0x1abc, P1 | P3 | P9, T6 },
  { "INV.PF: what serves the address, tables of the address only (M21)", vmref_tlb_fault, TAGGED, 1, 0x1008, P0 | P1 | P3, T0 | T1 | T2 },
  { "INV.PF: another address of the region", vmref_tlb_fault, TAGGED, 1, 0x601000, 0, T0 | T1 | T3 },
  { "TLB.LARGE: a fault, all of a 2-MiB page", vmref_tlb_fault, TAGGED, 1, 0x2fffff, P4, T0 | T1 },
  { "INV.PF: another PCID", vmref_tlb_fault, TAGGED, 2, 0x2000, P6 | P8, T4 },
  { "INV.PF: PCIDE = 0", vmref_tlb_fault, LONG, 0, 0x1000, P1 | P3 | P9, T6 },
};
static void at_va(void **state)
{
  const struct va_row *r = *state;
  struct vmref_tlb tlb = STOCK;
  r->op(&tlb, with_pcid(r->on, r->pcid), r->va);
  left(r->what, &tlb, r->gone, r->tables);
}

#define FAULT(name) VMREF_RULE_GP_INVPCID_##name, 0, 0
static const struct invpcid_row {
  const char *what; unsigned on, la57; uint64_t type, descriptor, va; uint8_t rule; unsigned gone, tables;
} INVPCID[] = {
  { "INV.INVPCID.0: one address, globals stay, tables of the address", TAGGED, 0, 0, 1, 0x1abc, 0, P0, T0 | T1 | T2 },
  { "INV.INVPCID.0: a 2-MiB page by its last byte", TAGGED, 0, 0, 1, 0x3fffff, 0, P4, T0 | T1 },
  { "INV.INVPCID.0: another PCID than the current", TAGGED, 0, 0, 2, 0x1000, 0, P2, T4 },
  { "INV.INVPCID.0: PCIDE = 0, PCID 0", LONG, 0, 0, 0, 0x1000, 0, P9, T6 },
  { "INV.INVPCID.1: one PCID, globals stay", TAGGED, 0, 1, 1, 0x1000, 0, OF_1_LOCAL, T_OF_1 },
  { "INV.INVPCID.1: the address is ignored", TAGGED, 0, 1, 2, 0x800000000000, 0, P2 | P8, T4 },
  { "INV.INVPCID.1: PCIDE = 0, PCID 0", LONG, 0, 1, 0, 0, 0, P9, T6 },
  { "INV.INVPCID.2: everything", TAGGED, 0, 2, 1, 0x1000, 0, ALL_PAGES, ALL_TABLES },
  { "INV.INVPCID.2: PCIDE = 0, the PCID is ignored", LONG, 0, 2, 1, 0, 0, ALL_PAGES, ALL_TABLES },
  { "INV.INVPCID.2: the address is ignored", LONG, 0, 2, 0, 0x800000000000, 0, ALL_PAGES, ALL_TABLES },
  { "INV.INVPCID.3: all PCIDs, globals stay", TAGGED, 0, 3, 1, 0x1000, 0, ALL_PAGES & ~(P1 | P3 | P6), ALL_TABLES },
  { "INV.INVPCID.3: PCIDE = 0, the PCID is ignored", LONG, 0, 3, 0xfff, 0, 0, ALL_PAGES & ~(P1 | P3 | P6), ALL_TABLES },
  { "GP.INVPCID.TYPE: type 4", TAGGED, 0, 4, 1, 0x1000, FAULT(TYPE) },
  { "GP.INVPCID.TYPE: the register has 64 bits", TAGGED, 0, 0x100000001, 1, 0, FAULT(TYPE) },
  { "GP.INVPCID.RSVD: descriptor bit 12", TAGGED, 0, 1, 0x1001, 0, FAULT(RSVD) },
  { "GP.INVPCID.RSVD: bit 63, types that ignore the PCID too", TAGGED, 0, 2, XD, 0, FAULT(RSVD) },
  { "GP.INVPCID.RSVD: type 3", LONG, 0, 3, 0x1000, 0, FAULT(RSVD) },
  { "GP.INVPCID.RSVD: the last PCID is none", TAGGED, 0, 1, 0xfff, 0, 0, 0, 0 },
  { "GP.INVPCID.PCID: type 0, PCIDE = 0", LONG, 0, 0, 1, 0x1000, FAULT(PCID) },
  { "GP.INVPCID.PCID: type 1, PCIDE = 0", LONG, 0, 1, 0xfff, 0, FAULT(PCID) },
  { "GP.INVPCID.CANON: type 0", TAGGED, 0, 0, 1, 0x800000000000, FAULT(CANON) },
  { "GP.INVPCID.CANON: the end of the low half is canonical", TAGGED, 0, 0, 1, 0x7fffffffffff, 0, 0, 0 },
  { "GP.INVPCID.CANON: 57 bits on a CPU that has them, in use or not", TAGGED, 1, 0, 1, 0x800000000000, 0, 0, 0 },
  { "GP.INVPCID.CANON: past 57 bits", TAGGED | IN_5LEVEL, 1, 0, 1, 0x100000000000000, FAULT(CANON) },
  { "GP.INVPCID.CANON: all 64 bits count outside of 64-bit mode", IN_32BIT, 0, 0, 0, 0x800000000000, FAULT(CANON) },
};
static void invpcid(void **state)
{
  const struct invpcid_row *r = *state;
  struct vmref_tlb tlb = STOCK;
  IS(r->what, vmref_tlb_invpcid(&tlb, with_pcid(r->on, r->on & PCIDE ? 3 : 0), (uint8_t)r->la57, r->type,
                                r->descriptor, r->va), r->rule);
  left(r->what, &tlb, r->gone, r->tables);
}

static const struct cr3_row {
  const char *what; unsigned on; uint64_t pcid; uint8_t keep; unsigned gone, tables;
} CR3[] = {
  { "INV.CR3: bit 63 = 0, the new PCID; globals stay (M52)", TAGGED, 1, 0, OF_1_LOCAL, T_OF_1 },
  { "INV.CR3: bit 63 = 0, another new PCID", TAGGED, 2, 0, P2 | P8, T4 },
  { "INV.CR3.63: bit 63 = 1, nothing (M39)", TAGGED, 1, 1, 0, 0 },
  { "INV.CR3: PCIDE = 0, PCID 000H; globals stay", LONG, 0, 0, P9, T6 },
  { "INV.CR3: PCIDE = 0, bits 11:0 are no PCID", LONG, 0x18, 0, P9, T6 },
  { "INV.CR3.63: PCIDE = 0, no bit asks to keep", LONG, 0, 1, P9, T6 },
  { "INV.CR3: PAE paging", PGE | IN_PAE, 0, 0, P9, T6 },
};
static void cr3(void **state)
{
  const struct cr3_row *r = *state;
  struct vmref_tlb tlb = STOCK;
  vmref_tlb_cr3(&tlb, with_pcid(r->on, r->pcid), r->keep);
  left(r->what, &tlb, r->gone, r->tables);
}

static const struct control_row {
  const char *what; unsigned before, after; uint64_t pcid; unsigned gone, tables;
} CONTROL[] = {
  { "INV.CR4.ALL: PGE set, everything of all PCIDs", TAGGED ^ PGE, TAGGED, 1, ALL_PAGES, ALL_TABLES },
  { "INV.CR4.ALL: PGE cleared, everything", TAGGED, TAGGED ^ PGE, 1, ALL_PAGES, ALL_TABLES },
  { "INV.CR4.ALL: PCIDE cleared, everything", TAGGED, LONG, 1, ALL_PAGES, ALL_TABLES },
  { "INV.NONE: PCIDE set, nothing", LONG, TAGGED, 0, 0, 0 },
  { "INV.CR0.PG: cleared, everything", LONG, IN_NONE | LONG, 0, ALL_PAGES, ALL_TABLES },
  { "INV.CR0.PG: cleared in 32-bit paging", IN_32BIT, IN_NONE, 0, ALL_PAGES, ALL_TABLES },
  { "INV.NONE: PG set, nothing", IN_NONE | LONG, LONG, 0, 0, 0 },
  { "INV.CR4.PCID: PAE set, the current PCID with its globals", IN_32BIT | PGE, IN_PAE | PGE, 0, P9, T6 },
  { "INV.CR4.PCID: PAE cleared", IN_PAE | PGE, IN_32BIT | PGE, 0, P9, T6 },
  { "INV.CR4.PCID: SMEP set, the current PCID with its globals", TAGGED, TAGGED | SMEP, 1, OF_1, T_OF_1 },
  { "INV.CR4.PCID: SMEP set, globals of another PCID stay", TAGGED, TAGGED | SMEP, 2, P2 | P3 | P8, T4 },
  { "INV.CR4.PCID: SMEP set without PCIDE", LONG, LONG | SMEP, 0, P9, T6 },
  { "INV.NONE: SMEP cleared, nothing", TAGGED | SMEP, TAGGED, 1, 0, 0 },
  { "INV.CR4.ALL: PGE and SMEP set, everything", TAGGED ^ PGE, TAGGED | SMEP, 1, ALL_PAGES, ALL_TABLES },
  { "INV.NONE: WP set, nothing (M43)", TAGGED ^ WP, TAGGED, 1, 0, 0 },
  { "INV.NONE: WP cleared, nothing", TAGGED, TAGGED ^ WP, 1, 0, 0 },
  { "INV.NONE: SMAP set, nothing (M23)", TAGGED, TAGGED | SMAP, 1, 0, 0 },
  { "INV.NONE: SMAP cleared, nothing", TAGGED | SMAP, TAGGED, 1, 0, 0 },
  { "INV.NONE: NXE set, nothing", TAGGED ^ NXE, TAGGED, 1, 0, 0 },
  { "INV.NONE: NXE cleared, nothing", TAGGED, TAGGED ^ NXE, 1, 0, 0 },
  { "INV.NONE: PKE and PKS set, nothing", TAGGED, TAGGED | PKE | PKS, 1, 0, 0 },
  { "INV.NONE: PSE set, nothing", IN_32BIT, IN_32BIT | PSE, 0, 0, 0 },
};
static void control(void **state)
{
  const struct control_row *r = *state;
  struct vmref_tlb tlb = STOCK;
  vmref_tlb_control(&tlb, with_pcid(r->before, r->pcid), with_pcid(r->after, r->pcid));
  left(r->what, &tlb, r->gone, r->tables);
}

static void reset(void **state)
{
  struct vmref_tlb tlb;
  memset(&tlb, 0xff, sizeof tlb); /* whatever was there */
  vmref_tlb_reset(&tlb);
  for (int i = 0; i < VMREF_TLB_SLOTS; i++) IS(*state, tlb.page[i].used + tlb.table[i].used, 0);
}

/* ---- what serves an address --------------------------------------------------- */

static const struct serve_row {
  const char *what; unsigned slot; uint16_t pcid; uint64_t va; uint8_t is;
} SERVE[] = {
  { "TLB.PCID: its own", 0, 1, 0x1000, 1 },
  { "TLB.PCID: not another's", 0, 2, 0x1000, 0 },
  { "TLB.GLOBAL: any PCID's", 1, 7, 0x1fff, 1 },
  { "TLB.STALE: the last byte of a page", 0, 1, 0x1fff, 1 },
  { "TLB.STALE: the byte after", 0, 1, 0x2000, 0 },
  { "TLB.STALE: the byte before", 0, 1, 0xfff, 0 },
  { "TLB.STALE: the last byte of a 2-MiB page", 4, 1, 0x3fffff, 1 },
  { "TLB.STALE: the byte after it", 4, 1, 0x400000, 0 },
  { "TLB.STALE: a free slot serves nothing", 63, 0, 0, 0 },
};
static const struct serve_row LEAD[] = {
  { "TLB.TABLE.USE: its own PCID", 0, 1, 0x7fffffffff, 1 },
  { "TLB.TABLE.USE: never another's", 0, 2, 0, 0 },
  { "TLB.TABLE: the byte after what it covers", 2, 1, 0x200000, 0 },
  { "TLB.TABLE: the byte before", 3, 1, 0x5fffff, 0 },
  { "TLB.TABLE: a free slot leads nowhere", 63, 0, 0, 0 },
};
static void serve(void **state)
{
  const struct serve_row *r = *state;
  IS(r->what, vmref_serves(STOCK.page[r->slot], r->pcid, r->va), r->is);
}
static void lead(void **state)
{
  const struct serve_row *r = *state;
  IS(r->what, vmref_leads(STOCK.table[r->slot], r->pcid, r->va), r->is);
}
static void current_pcid(void **state)
{
  IS(*state, vmref_pcid(with_pcid(TAGGED, 0xabc)), 0xabc);
  IS(*state, vmref_pcid(with_pcid(LONG, 0x18)), 0);
}

/* ---- filling --------------------------------------------------------------------- */

#define VA 0x8080604123 /* indices 1 2 3 4 */
static const struct fill_row {
  const char *what; unsigned on; uint8_t kind, cpl; uint64_t va, pcid, entry[5]; /* from the top */
  unsigned tables;               /* how many */
  struct vmref_translation page; /* used = 0: none */
  struct vmref_cached_table low; /* the lowest table */
} FILL[] = {
#define NO_PAGE { 0 }
#define PT(rw, us, xd) { 0x8080600000, 0x200000, { 0x4000, 1, rw, us, xd }, 0, 1 }
#define PD(rw, us, xd) { 0x8080000000, 0x40000000, { 0x3000, 2, rw, us, xd }, 0, 1 }
#define PDPT { 0x8000000000, 0x8000000000, { 0x2000, 3, 1, 1, 0 }, 0, 1 }
  { "TLB.CONTENT: a 4-KiB page, three tables", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x5027 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 0, 0 }, PT(1, 1, 0) },
  { "TLB.CONTENT: a 2-MiB page, its bit 12 is PAT, two tables", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x6010a7 }, 2,
    { 0x8080600000, 0x200000, 0x600000, 0, 1, 1, 1, 0, 0, 0, 0, 4 }, PD(1, 1, 0) },
  { "TLB.CONTENT: a 1-GiB page, one table", LONG | PAGE1GB, READ, 3, VA, 0, { 0x2027, 0x400000bf }, 1,
    { 0x8080000000, 0x40000000, 0x40000000, 0, 1, 1, 1, 0, 0, 0, 0, 3 }, PDPT },
  { "TLB.CONTENT: R/W and U/S of all, XD of any", LONG, READ, 0, VA, 0, { 0x2025, XD | 0x3027, 0x4023, 0x5027 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 0, 0, 1, 0, 0, 0, 0 }, PT(0, 0, 1) },
  { "TLB.CONTENT: the leaf's own rights are no table's", LONG, READ, 0, VA, 0, { 0x2027, 0x3027, 0x4027, XD | 0x5021 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 0, 0, 1, 0, 0, 0, 0 }, PT(1, 1, 0) },
  { "TLB.CONTENT: D of the page", LONG, READ, 3, VA, 0, { 0x2067, 0x3027, 0x4027, 0x5067 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 1, 0 }, PT(1, 1, 0) },
  { "TLB.CONTENT: the key of the page, not of tables", LONG, READ, 3, VA, 0,
    { KEY(1) | 0x2027, KEY(2) | 0x3027, KEY(4) | 0x4027, KEY(13) | 0x5027 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 13, 0, 0, 0 }, PT(1, 1, 0) },
  { "TLB.CONTENT: bit 7 of a PTE is PAT", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x50b7 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 0, 6 }, PT(1, 1, 0) },
  { "TLB.GLOBAL: G of the page with PGE", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x5127 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 1, 0, 0 }, PT(1, 1, 0) },
  { "TLB.GLOBAL: not without PGE", LONG ^ PGE, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x5127 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 0, 0 }, PT(1, 1, 0) },
  { "TLB.GLOBAL: G of upper entries is ignored", LONG, READ, 3, VA, 0, { 0x2127, 0x3127, 0x4127, 0x5027 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 0, 0 }, PT(1, 1, 0) },
  { "TLB.PCID: tagged with the current", TAGGED, READ, 3, VA, 5, { 0x2027, 0x3027, 0x4027, 0x5027 }, 3,
    { 0x8080604000, 0x1000, 0x5000, 5, 1, 1, 1, 0, 0, 0, 0, 0 },
    { 0x8080600000, 0x200000, { 0x4000, 1, 1, 1, 0 }, 5, 1 } },
  { "TLB.RIGHTS: an access that is denied fills all the same", LONG, WRITE, 3, VA, 0,
    { 0x2027, 0x3027, 0x4027, 0x5021 }, 3, { 0x8080604000, 0x1000, 0x5000, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, PT(1, 1, 0) },
  { "TLB.FILL: A = 0 in the page's entry", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x5007 }, 3, NO_PAGE, PT(1, 1, 0) },
  { "TLB.FILL: A = 0 in the PDE stops all below", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4007, 0x5027 }, 2, NO_PAGE, PD(1, 1, 0) },
  { "TLB.FILL: A = 0 in the PML4E, nothing", LONG, READ, 3, VA, 0, { 0x2007, 0x3027, 0x4027, 0x5027 }, 0, NO_PAGE, { 0 } },
  { "TLB.FILL: A = 0 in a 2-MiB page's entry", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x600087 }, 2, NO_PAGE, PD(1, 1, 0) },
  { "TLB.FILL: P = 0 in the PTE", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x5026 }, 3, NO_PAGE, PT(1, 1, 0) },
  { "TLB.FILL: P = 0 in the PDE", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4026 }, 2, NO_PAGE, PD(1, 1, 0) },
  { "TLB.FILL: a reserved bit in the PTE", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x4027, 0x10000005027 }, 3, NO_PAGE, PT(1, 1, 0) },
  { "TLB.FILL: XD is reserved without NXE", LONG ^ NXE, READ, 3, VA, 0, { 0x2027, 0x3027, XD | 0x4027 }, 2, NO_PAGE, PD(1, 1, 0) },
  { "TLB.FILL: 2-MiB page, a reserved address bit", LONG, READ, 3, VA, 0, { 0x2027, 0x3027, 0x6020a7 }, 2, NO_PAGE, PD(1, 1, 0) },
  { "TLB.FILL: a 1-GiB page without the feature", LONG, READ, 3, VA, 0, { 0x2027, 0x400000a7 }, 1, NO_PAGE, PDPT },
  { "TLB.CONTENT: 5-level, four tables", LONG | IN_5LEVEL, READ, 3, 0x1008080604123, 0, { 0x6027, 0x2027, 0x3027, 0x4027, 0x5027 }, 4,
    { 0x1008080604000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 0, 0 },
    { 0x1008080600000, 0x200000, { 0x4000, 1, 1, 1, 0 }, 0, 1 } },
  { "TLB.CONTENT: 5-level, the PML5E's table", LONG | IN_5LEVEL, READ, 3, 0x1008080604123, 0, { 0x6027, 0x2007 }, 1, NO_PAGE,
    { 0x1000000000000, 0x1000000000000, { 0x6000, 4, 1, 1, 0 }, 0, 1 } },
  { "TLB.CONTENT: 32-bit paging, a page of 4 KiB", IN_32BIT | PSE, READ, 3, 0xc04123, 0, { 0x2027, 0x5027 }, 1,
    { 0xc04000, 0x1000, 0x5000, 0, 1, 1, 1, 0, 0, 0, 0, 0 }, { 0xc00000, 0x400000, { 0x2000, 1, 1, 1, 0 }, 0, 1 } },
  { "TLB.CONTENT: 32-bit paging, PSE-36: PDE[20:13] is PA[39:32]", IN_32BIT | PSE | PSE36, READ, 3, 0xc04123, 0, { 0x8020a7 }, 0,
    { 0xc00000, 0x400000, 0x100800000, 0, 1, 1, 1, 0, 0, 0, 0, 0 }, { 0 } },
  { "TLB.CONTENT: PAE, no table of a PDPTE register", IN_PAE | NXE, READ, 3, 0xc04123, 0, { XD | 0x2025, 0x5027 }, 1,
    { 0xc04000, 0x1000, 0x5000, 0, 1, 0, 1, 1, 0, 0, 0, 0 }, { 0xc00000, 0x200000, { 0x2000, 1, 0, 1, 1 }, 0, 1 } },
};
static struct vmref_walk walk_of(const struct fill_row *r)
{
  struct vmref_cpu cpu = with_pcid(r->on, r->pcid);
  struct vmref_walk w;
  cpu.pdpte[0] = 0x7001;
  vmref_walk_start(&w, cpu, access_of(r->va, r->kind, r->cpl, 0));
  for (int i = 0; w.level != 0; i++) vmref_walk_step(&w, r->entry[i]);
  return w;
}
static void fill(void **state)
{
  const struct fill_row *r = *state;
  struct vmref_tlb tlb = { 0 };
  struct vmref_walk w = walk_of(r);
  const struct vmref_cached_table *low = NULL;
  unsigned pages = 0, tables = 0;
  /* twice: what is there already needs no second slot */
  for (int again = 0; again < 2; again++, pages = tables = 0) {
    IS(r->what, vmref_tlb_fill(&tlb, &w), VMREF_OK);
    for (int i = 0; i < VMREF_TLB_SLOTS; i++) {
      if (tlb.page[i].used) pages++, same_page(r->what, tlb.page[i], r->page);
      if (tlb.table[i].used) tables++, low = low && low->size < tlb.table[i].size ? low : &tlb.table[i];
    }
    IS(r->what, pages, r->page.used);
    IS(r->what, tables, r->tables);
  }
  if (low) same_table(r->what, *low, r->low);
}

/* A walk from a cached table adds to the rights gathered above it. */
static void fill_from_below(void **state)
{
  const char *what = *state;
  struct vmref_tlb tlb = { 0 };
  struct vmref_walk w;
  vmref_walk_from(&w, cpu_with(LONG), access_of(VA, READ, 0, 0), (struct vmref_origin){ 0x3000, 2, 0, 0, 1 });
  vmref_walk_step(&w, 0x4027);
  vmref_walk_step(&w, 0x5067);
  IS(what, vmref_tlb_fill(&tlb, &w), VMREF_OK);
  unsigned pages = 0, tables = 0;
  for (int i = 0; i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_origin *o = &tlb.table[i].origin;
    if (tlb.page[i].used)
      pages++, same_page(what, tlb.page[i], (struct vmref_translation){ 0x8080604000, 0x1000, 0x5000, 0, 1, 0, 0, 1, 0, 0, 1, 0 });
    if (tlb.table[i].used)
      tables++, IS(what, o->table == 0x4000 && o->level == 1 && !o->rw && !o->us && o->xd, 1);
  }
  IS(what, pages, 1);
  IS(what, tables, 1);
}

/* 64 pages fit, the 65th does not, and what is there stays; nor does the 65th table. */
static void full(void **state)
{
  struct fill_row row = FILL[0];
  struct vmref_tlb tlb = { 0 }, before;
  for (unsigned i = 0; i < 64; i++) {
    row.va = VA + 0x1000 * i;
    struct vmref_walk w = walk_of(&row);
    IS(*state, vmref_tlb_fill(&tlb, &w), VMREF_OK);
  }
  row.va = VA + 0x1000 * 64;
  struct vmref_walk w = walk_of(&row), again = walk_of(&FILL[0]);
  before = tlb;
  IS(*state, vmref_tlb_fill(&tlb, &w), VMREF_EFULL);
  IS("status: all others stay", memcmp(&tlb, &before, sizeof tlb), 0);
  IS("status: no slot is needed for one that is there", vmref_tlb_fill(&tlb, &again), VMREF_OK);

  for (uint64_t i = 0; i < 64; i++)
    if (!tlb.table[i].used) tlb.table[i] = (struct vmref_cached_table){ 0x200000 * i, 0x200000, { 0, 1, 1, 1, 0 }, 9, 1 };
  tlb.page[0].used = 0;
  row.va = VA + 0x200000;
  w = walk_of(&row);
  IS("status: no slot for a table, the page has one", vmref_tlb_fill(&tlb, &w), VMREF_EFULL);
  IS("status: and is there", vmref_serves(tlb.page[0], 0, VA + 0x200000), 1);
}

int main(void)
{
  ADD_ROWS(at_va, AT_VA);
  ADD_ROWS(invpcid, INVPCID);
  ADD_ROWS(cr3, CR3);
  ADD_ROWS(control, CONTROL);
  ADD_ROWS(serve, SERVE);
  ADD_ROWS(lead, LEAD);
  ADD_ROWS(fill, FILL);
  test_add("reset: nothing is cached", reset, "reset");
  test_add("TLB.PCID: the current one", current_pcid, "CR3[11:0], and 000H without PCIDE");
  test_add("TLB.TABLE.USE: filling from a cached table", fill_from_below, "cached rights and those below together");
  test_add("status: a slot is wanting", full, "status: 64 pages, and then");
  return RUN_TESTS("tlb");
}
