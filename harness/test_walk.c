/* SPDX-License-Identifier: MIT */
/* Topic walk. Every expected value was worked out by hand: SDM 3A 4.5.4 (the walk),
 * 4.6.1 (rights), 4.7 (faults), 4.8 (accessed and dirty), SDM 1 3.3.7.1.
 *
 * Entries are written as the manual draws a walk: PML4E, PDPTE, PDE, PTE. 0x2027 is
 * a table at 0x2000 with P, R/W, U/S and A; 0x5027 a page at 0x5000. */
#include <string.h>
#include "test.h"
#include "walk.h"
#define XD 0x8000000000000000
/* A row says how its control state differs from this. */
#define STANDARD (WP | NXE | PGE | PAGE1GB)
enum { NO_WP = WP, NO_NXE = NXE, NO_PGE = PGE, NO_1G = PAGE1GB };

/* The walk that meets these entries, wherever it looks for them. */
static struct vmref_walk walk_over(unsigned change, struct vmref_access access, const uint64_t entry[4])
{
  struct vmref_walk w;
  vmref_walk_start(&w, cpu_with(STANDARD ^ change), access);
  while (w.level != 0) vmref_walk_step(&w, entry[4 - w.level]);
  return w;
}

/* ---- walks that reach a page --------------------------------------------- */

static const struct ok_row {
  const char *what;
  uint64_t va; uint8_t kind, cpl; unsigned how, cpu;
  uint64_t entry[4];
  uint64_t pa; uint8_t last, rw, us, xd, global;
} OK[] = {
  { "WALK.OK: user read of a 4-KiB page", 0xabc, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x4027, 0x5027 },                0x5abc,            1, 1, 1, 0, 0 },
  { "WALK.OK: 2-MiB page, offset in bits 20:0", 0x7fff001fffff, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x402000a7 },                    0x403fffff,        2, 1, 1, 0, 0 },
  { "WALK.OK: 1-GiB page, offset in bits 29:0", 0xffffffffffffffff, READ, 3, 0, 0,
    { 0x2027, 0x2400000a7 },                           0x27fffffff,       3, 1, 1, 0, 0 },
  { "WALK.OK: bit 12 of a 2-MiB page is PAT", 0x1000, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x402010a7 },                    0x40201000,        2, 1, 1, 0, 0 },
  { "WALK.OK: bit 12 of a 1-GiB page is PAT", 0x1000, READ, 3, 0, 0,
    { 0x2027, 0x2400010a7 },                           0x240001000,       3, 1, 1, 0, 0 },
  { "WALK.OK: bit 7 of a PTE is PAT", 0, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x4027, 0x50a7 },                0x5000,            1, 1, 1, 0, 0 },
  { "WALK.OK: highest page, width 32", 0xfff, READ, 3, 0, W32,
    { 0xffffd027, 0xffffe027, 0xffff0027, 0xfffff027 }, 0xffffffff,        1, 1, 1, 0, 0 },
  { "WALK.OK: highest page, width 52", 0xfff, READ, 3, 0, W52,
    { 0xfffffffffd027, 0xfffffffffe027, 0xffffffffff027, 0xffffffffff027 }, 0xfffffffffffff, 1, 1, 1, 0, 0 },
  { "WALK.OK: highest 1-GiB page, width 52", 0x3fffffff, READ, 3, 0, W52,
    { 0x2027, 0xfffffc00000a7 },                       0xfffffffffffff,   3, 1, 1, 0, 0 },
  { "WALK.OK: bits 62:52, 11:9, PCD and PWT are free", 0, READ, 3, 0, W32,
    { 0x7ff0000000002e3f, 0x7ff0000000003e3f, 0x7ff0000000004e3f, 0x7ff0000000005e3f }, 0x5000, 1, 1, 1, 0, 0 },
  { "GP.CANON: last address of the low half", 0x7fffffffffff, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x4027, 0x5027 },                0x5fff,            1, 1, 1, 0, 0 },
  { "GP.CANON: first address of the high half", 0xffff800000000000, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x4027, 0x5027 },                0x5000,            1, 1, 1, 0, 0 },
  { "SS.CANON: a canonical stack", 0x7fffffffffff, WRITE, 3, STACK, 0,
    { 0x2027, 0x3027, 0x4027, 0x5027 },                0x5fff,            1, 1, 1, 0, 0 },

  { "RIGHTS.ALL: R/W = 0 in the PML4E", 0, READ, 3, 0, 0,
    { 0x2025, 0x3027, 0x4027, 0x5027 },                0x5000,            1, 0, 1, 0, 0 },
  { "RIGHTS.ALL: each from another level", 0, READ, 0, 0, 0,
    { XD | 0x2027, 0x3025, 0x4023, 0x5027 },           0x5000,            1, 0, 0, 1, 0 },
  { "RIGHTS.ALL: G of the page, with PGE", 0, READ, 3, 0, 0,
    { 0x2027, 0x3027, 0x4027, 0x5127 },                0x5000,            1, 1, 1, 0, 1 },
  { "RIGHTS.ALL: G of the page, without PGE", 0, READ, 3, 0, NO_PGE,
    { 0x2027, 0x3027, 0x4027, 0x5127 },                0x5000,            1, 1, 1, 0, 0 },
  { "RIGHTS.ALL: G of upper entries is ignored", 0, READ, 3, 0, 0,
    { 0x2127, 0x3127, 0x4127, 0x5027 },                0x5000,            1, 1, 1, 0, 0 },
  { "RIGHTS.ALL: G of a 1-GiB page", 0, READ, 3, 0, 0, { 0x2027, 0x400001a7 }, 0x40000000, 3, 1, 1, 0, 1 },

  { "PF.WP: with WP = 0 a read-only page is written", 0, WRITE, 0, 0, NO_WP,
    { 0x2025, 0x3025, 0x4025, 0x5065 },                0x5000,            1, 0, 1, 0, 0 },
  { "PF.USER: the supervisor reads its own page", 0, READ, 2, 0, SMEP | SMAP,
    { 0x2027, 0x3027, 0x4027, 0x5023 },                0x5000,            1, 1, 0, 0, 0 },
  { "PF.SMEP: U/S = 0 at one level makes it a supervisor page", 0, FETCH, 0, 0, SMEP,
    { 0x2027, 0x3027, 0x4023, 0x5027 },                0x5000,            1, 1, 0, 0, 0 },
  { "PF.SMAP: U/S = 0 at one level makes it a supervisor page", 0, READ, 0, 0, SMAP,
    { 0x2023, 0x3027, 0x4027, 0x5027 },                0x5000,            1, 1, 0, 0, 0 },
  { "PF.SMAP: AC = 1", 0, RMW, 0, AC, SMAP, { 0x2027, 0x3027, 0x4027, 0x5067 }, 0x5000, 1, 1, 1, 0, 0 },
  { "PF.SMAP: at CPL 3, with AC = 0 and 1 alike", 0, READ, 3, AC, SMAP | SMEP,
    { 0x2027, 0x3027, 0x4027, 0x5027 },                0x5000,            1, 1, 1, 0, 0 },
  { "PF.USER: implicit at CPL 3 reads a supervisor page", 0, READ, 3, IMPLICIT, SMAP,
    { 0x2027, 0x3027, 0x4027, 0x5023 },                0x5000,            1, 1, 0, 0, 0 },
  { "PF.RSVD.PML4E.G: AMD ignores bit 8 of PDPTE and PDE", 0, READ, 3, 0, AMD,
    { 0x2027, 0x3127, 0x4127, 0x5027 },                0x5000,            1, 1, 1, 0, 0 },
};
static void reaches(void **state)
{
  const struct ok_row *r = *state;
  struct vmref_walk w = walk_over(r->cpu, access_of(r->va, r->kind, r->cpl, r->how), r->entry);
  IS(r->what, w.status, VMREF_OK);
  IS(r->what, w.rule, VMREF_RULE_OK);
  IS(r->what, w.pa, r->pa);
  IS(r->what, w.last, r->last);
  IS(r->what, w.rw, r->rw);
  IS(r->what, w.us, r->us);
  IS(r->what, w.xd, r->xd);
  IS(r->what, w.global, r->global);
  IS(r->what, w.vector, 0);
  IS(r->what, w.error, 0);
  IS(r->what, w.cr2, 0);
}

/* ---- walks that fault, all at 0x123456789abc ------------------------------ */

#define VA 0x123456789abc
static const struct fault_row {
  const char *what;
  uint8_t kind, cpl; unsigned how, cpu;
  uint64_t entry[4];
  uint8_t rule; uint32_t error; uint8_t last;
} FAULT[] = {
  { "PF.NP: in the PML4E",            READ,  0, 0, 0, { 0x2026 }, PF(NP), 0x00, 4 },
  { "PF.NP: in the PDPTE",            READ,  3, 0, 0, { 0x2027, 0x3026 }, PF(NP), 0x04, 3 },
  { "PF.NP: in the PDE",              WRITE, 0, 0, 0, { 0x2027, 0x3027, 0x4026 }, PF(NP), 0x02, 2 },
  { "PF.NP: in the PTE",              WRITE, 3, 0, 0, { 0x2027, 0x3027, 0x4027, 0x5026 }, PF(NP), 0x06, 1 },
  { "PF.NP: read-modify-write",       RMW,   3, 0, 0, { 0x2027, 0x3027, 0x4027, 0 }, PF(NP), 0x06, 1 },
  { "PF.NP: no reserved bit is read", READ,  3, 0, W32 | NO_NXE | NO_1G,
    { 0x2027, 0x3027, 0x4027, 0xfffffffffffffffe }, PF(NP), 0x04, 1 },
  { "PF.NP: nor of a PML4E",          READ,  3, 0, W32 | NO_NXE | AMD,
    { 0xfffffffffffffffe }, PF(NP), 0x04, 4 },
  { "PF.NP: PS of an absent PDE is no page", READ,  3, 0, 0, { 0x2027, 0x3027, 0x2000a6 }, PF(NP), 0x04, 2 },
  { "EC.ID: absent, fetch with NXE",  FETCH, 3, 0, 0, { 0 }, PF(NP), 0x14, 4 },
  { "EC.ID: absent, fetch with SMEP", FETCH, 0, 0, NO_NXE | SMEP, { 0 }, PF(NP), 0x10, 4 },
  { "EC.ID: absent, fetch, neither",  FETCH, 3, 0, NO_NXE, { 0 }, PF(NP), 0x04, 4 },
  { "EC.US: absent, implicit at CPL 3", READ,  3, IMPLICIT, 0, { 0 }, PF(NP), 0x00, 4 },
  { "EC.US: absent, CPL 2 is supervisor", WRITE, 2, 0, 0, { 0 }, PF(NP), 0x02, 4 },

  { "ORDER: absent below U/S = 0",    READ,  3, 0, 0, { 0x2023, 0x3027, 0x4027, 0 }, PF(NP), 0x04, 1 },
  { "ORDER: absent below R/W = 0",    WRITE, 3, 0, 0, { 0x2025, 0x3026 }, PF(NP), 0x06, 3 },
  { "ORDER: absent below XD = 1",     FETCH, 3, 0, 0, { XD | 0x2027, 0x3027, 0 }, PF(NP), 0x14, 2 },
  { "ORDER: absent page against SMAP", READ,  0, 0, SMAP, { 0x2027, 0x3027, 0x4027, 0x5026 }, PF(NP), 0x00, 1 },
  { "ORDER: reserved below U/S = 0",  READ,  3, 0, 0,
    { 0x2023, 0x3027, 0x10000004027 }, PF(RSVD_ADDR), 0x0d, 2 },
  { "ORDER: reserved in the PML4E above an absent PDPTE", READ,  3, 0, 0,
    { 0x20a7, 0 }, PF(RSVD_PML4E_PS), 0x0d, 4 },
  { "ORDER: absent PDPTE above a reserved PDE", READ,  3, 0, 0,
    { 0x2027, 0x3026, 0x10000004027 }, PF(NP), 0x04, 3 },
  { "ORDER: XD reserved, not denied", FETCH, 3, 0, NO_NXE,
    { 0x2027, 0x3027, 0x4027, XD | 0x5027 }, PF(RSVD_XD), 0x0d, 1 },

  { "PF.RSVD.ADDR: CPL 0 write, PML4E", WRITE, 0, 0, 0, { 0x10000002027 }, PF(RSVD_ADDR), 0x0b, 4 },
  { "PF.RSVD.ADDR: PDPTE, width 32",  READ,  0, 0, W32, { 0x2027, 0x100003027 }, PF(RSVD_ADDR), 0x09, 3 },
  { "PF.RSVD.ADDR: PTE, fetch",       FETCH, 3, 0, 0,
    { 0x2027, 0x3027, 0x4027, 0x8000000005027 }, PF(RSVD_ADDR), 0x1d, 1 },
  { "PF.RSVD.XD: PML4E, implicit",    READ,  3, IMPLICIT, NO_NXE, { XD | 0x2027 }, PF(RSVD_XD), 0x09, 4 },
  { "PF.RSVD.XD: PDE, read",          READ,  3, 0, NO_NXE,
    { 0x2027, 0x3027, XD | 0x4027 }, PF(RSVD_XD), 0x0d, 2 },
  { "PF.RSVD.PML4E.PS: write",        WRITE, 3, 0, AMD, { 0x20a7 }, PF(RSVD_PML4E_PS), 0x0f, 4 },
  { "PF.RSVD.PML4E.G: AMD",           READ,  3, 0, AMD, { 0x2127 }, PF(RSVD_PML4E_G), 0x0d, 4 },
  { "PF.RSVD.1G: no 1-GiB pages",     READ,  3, 0, NO_1G, { 0x2027, 0x400000a7 }, PF(RSVD_1G), 0x0d, 3 },
  { "PF.RSVD.1G.ADDR: bit 13",        READ,  0, 0, 0, { 0x2027, 0x400020a7 }, PF(RSVD_1G_ADDR), 0x09, 3 },
  { "PF.RSVD.2M.ADDR: bit 20",        RMW,   3, 0, 0,
    { 0x2027, 0x3027, 0x403000a7 }, PF(RSVD_2M_ADDR), 0x0f, 2 },

  { "PF.USER: U/S = 0 in the PML4E",  READ,  3, 0, 0, { 0x2023, 0x3027, 0x4027, 0x5027 }, PF(USER), 0x05, 1 },
  { "PF.USER: in the PDPTE",          WRITE, 3, 0, 0, { 0x2027, 0x3023, 0x4027, 0x5027 }, PF(USER), 0x07, 1 },
  { "PF.USER: in the PDE",            FETCH, 3, 0, 0, { 0x2027, 0x3027, 0x4023, 0x5027 }, PF(USER), 0x15, 1 },
  { "PF.USER: in the PTE",            READ,  3, 0, 0, { 0x2027, 0x3027, 0x4027, 0x5023 }, PF(USER), 0x05, 1 },
  { "PF.USER: of a 1-GiB page",       READ,  3, 0, 0, { 0x2027, 0x400000a3 }, PF(USER), 0x05, 3 },
  { "PF.USER.WRITE: by the PML4E",    WRITE, 3, 0, 0,
    { 0x2025, 0x3027, 0x4027, 0x5027 }, PF(USER_WRITE), 0x07, 1 },
  { "PF.USER.WRITE: whatever WP",     RMW,   3, 0, NO_WP,
    { 0x2027, 0x3027, 0x4027, 0x5025 }, PF(USER_WRITE), 0x07, 1 },
  { "PF.USER.WRITE: a 2-MiB page",    WRITE, 3, 0, 0, { 0x2027, 0x3027, 0x2000a5 }, PF(USER_WRITE), 0x07, 2 },
  { "PF.WP: by the PDPTE",            WRITE, 0, 0, 0, { 0x2027, 0x3025, 0x4027, 0x5027 }, PF(WP), 0x03, 1 },
  { "PF.WP: a supervisor page",       RMW,   0, 0, SMAP, { 0x2027, 0x3027, 0x4027, 0x5021 }, PF(WP), 0x03, 1 },
  { "PF.XD: by the PML4E",            FETCH, 3, 0, 0,
    { XD | 0x2027, 0x3027, 0x4027, 0x5027 }, PF(XD), 0x15, 1 },
  { "PF.XD: supervisor, a 2-MiB page", FETCH, 0, 0, 0, { 0x2027, 0x3027, XD | 0x2000a3 }, PF(XD), 0x11, 2 },
  { "PF.SMEP: a user page",           FETCH, 0, 0, SMEP,
    { 0x2027, 0x3027, 0x4027, 0x5027 }, PF(SMEP), 0x11, 1 },
  { "PF.SMAP: a user page",           READ,  0, 0, SMAP,
    { 0x2027, 0x3027, 0x4027, 0x5027 }, PF(SMAP), 0x01, 1 },
  { "PF.SMAP: implicit, whatever AC", WRITE, 3, IMPLICIT | AC, SMAP,
    { 0x2027, 0x3027, 0x4027, 0x5027 }, PF(SMAP), 0x03, 1 },
  { "CR2: a stack reference that is canonical", WRITE, 3, STACK, 0, { 0 }, PF(NP), 0x06, 4 },
};
static void faults(void **state)
{
  const struct fault_row *r = *state;
  struct vmref_walk w = walk_over(r->cpu, access_of(VA, r->kind, r->cpl, r->how), r->entry);
  IS(r->what, w.status, VMREF_OK);
  IS(r->what, w.rule, r->rule);
  IS(r->what, w.error, r->error);
  IS(r->what, w.last, r->last);
  IS(r->what, w.vector, 14);
  IS(r->what, w.cr2, 0x123456789abc); /* the linear address, bits 11:0 included */
}

/* ---- accessed and dirty --------------------------------------------------- */

static const struct ad_row {
  const char *what;
  uint8_t kind, cpl; unsigned cpu;
  uint64_t entry[4], after[4];
} AD[] = {
  { "AD.A: a read sets A in every entry",     READ,  3, 0,     { 0x2007, 0x3007, 0x4007, 0x5007 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5027 } },
  { "AD.A: a fetch too",                      FETCH, 3, 0,     { 0x2007, 0x3007, 0x4007, 0x5007 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5027 } },
  { "AD.A: a 2-MiB page",                     READ,  3, 0,     { 0x2007, 0x3007, 0x200087 },
                                                               { 0x2027, 0x3027, 0x2000a7 } },
  { "AD.A: only where it is clear",           READ,  3, 0,     { 0x2027, 0x3007, 0x4027, 0x5007 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5027 } },
  { "AD.A: with every ignored bit",           READ,  3, 0,
    { 0xfff0000000002f5f, 0xfff0000000003f5f, 0xfff0000000004f5f, 0xfff0000000005fdf },
    { 0xfff0000000002f7f, 0xfff0000000003f7f, 0xfff0000000004f7f, 0xfff0000000005fff } },
  { "AD.D: a write sets D where the page is", WRITE, 3, 0,     { 0x2007, 0x3007, 0x4007, 0x5007 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5067 } },
  { "AD.D: a read-modify-write too",          RMW,   0, 0,     { 0x2027, 0x3027, 0x4027, 0x5027 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5067 } },
  { "AD.D: a 2-MiB page",                     WRITE, 3, 0,     { 0x2007, 0x3007, 0x200087 },
                                                               { 0x2027, 0x3027, 0x2000e7 } },
  { "AD.D: a 1-GiB page",                     WRITE, 3, 0,     { 0x2007, 0x40000087 },
                                                               { 0x2027, 0x400000e7 } },
  { "AD.D: a read leaves D = 1",              READ,  3, 0,     { 0x2027, 0x3027, 0x4027, 0x5047 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5067 } },
  { "AD.D: nothing is left to set",           WRITE, 3, 0,     { 0x2027, 0x3027, 0x4027, 0x5067 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5067 } },
  { "AD.D: read-only page, WP = 0",           WRITE, 0, NO_WP, { 0x2007, 0x3007, 0x4007, 0x5005 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5065 } },
  { "AD.FAULT: absent PML4E",                 WRITE, 3, 0,     { 0x2006 }, { 0x2006 } },
  { "AD.FAULT: absent PTE",                   WRITE, 3, 0,     { 0x2007, 0x3007, 0x4007, 0x5006 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5006 } },
  { "AD.FAULT: reserved bit in the PDE",      WRITE, 3, 0,     { 0x2007, 0x3007, 0x10000004007 },
                                                               { 0x2027, 0x3027, 0x10000004007 } },
  { "AD.FAULT: a denied write, never D",      WRITE, 3, 0,     { 0x2007, 0x3007, 0x4007, 0x5005 },
                                                               { 0x2027, 0x3027, 0x4027, 0x5025 } },
  { "AD.FAULT: denied by the PDPTE",          READ,  3, 0,     { 0x2007, 0x3003, 0x4007, 0x5007 },
                                                               { 0x2027, 0x3023, 0x4027, 0x5027 } },
  { "AD.FAULT: denied by SMAP",               WRITE, 0, SMAP,  { 0x2007, 0x40000087 },
                                                               { 0x2027, 0x400000a7 } },
};
static void accessed_dirty(void **state)
{
  const struct ad_row *r = *state;
  struct vmref_walk w = walk_over(r->cpu, access_of(VA, r->kind, r->cpl, 0), r->entry);
  IS(r->what, w.after[4], r->after[0]);
  for (int level = 3; level >= w.last; level--) IS(r->what, w.after[level], r->after[4 - level]);
}

/* ---- the step machine: which entries it asks for -------------------------- */

static const struct path_row {
  const char *what;
  uint64_t cr3, va, entry[4];
  uint64_t address[4], pa;
} PATH[] = {
  { "WALK.OK: indices 1 2 3 4, offset 5", 0x1000, 0x8080604005,
    { 0x2027, 0x3027, 0x4027, 0x5027 }, { 0x1008, 0x2010, 0x3018, 0x4020 }, 0x5005 },
  { "WALK.OK: the last address", 0x1000, 0xffffffffffffffff,
    { 0x2027, 0x3027, 0x4027, 0x5027 }, { 0x1ff8, 0x2ff8, 0x3ff8, 0x4ff8 }, 0x5fff },
  { "WALK.OK: bits 11:0 of CR3 are no address", 0x1fff, 0,
    { 0x2027, 0x3027, 0x4027, 0x5027 }, { 0x1000, 0x2000, 0x3000, 0x4000 }, 0x5000 },
  { "WALK.OK: tables at the top of 52 bits", 0xffffffffff000, 0xffff800000000fff,
    { 0xfffffffffe027, 0xfffffffffd027, 0xfffffffffc027, 0xfffffffffb027 },
    { 0xffffffffff800, 0xfffffffffe000, 0xfffffffffd000, 0xfffffffffc000 }, 0xfffffffffbfff },
  { "WALK.OK: XD, 62:52, 11:9 and D are no address", 0x1000, 0x8080604005,
    { 0xfff0000000002e67, 0xfff0000000003e67, 0xfff0000000004e67, 0xfff0000000005e67 },
    { 0x1008, 0x2010, 0x3018, 0x4020 }, 0x5005 },
  { "WALK.OK: a PML4 that refers to itself", 0x1000, 0xffff804020100abc,
    { 0x1027, 0x1027, 0x1027, 0x1027 }, { 0x1800, 0x1800, 0x1800, 0x1800 }, 0x1abc },
};
static void path(void **state)
{
  const struct path_row *r = *state;
  struct vmref_cpu cpu = cpu_with(STANDARD | W52);
  cpu.cr3 = r->cr3;
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access_of(r->va, READ, 3, 0));
  for (int i = 0; i < 4; i++) {
    IS(r->what, w.level, 4 - i);
    IS(r->what, w.last, 4 - i);
    IS(r->what, w.rule, VMREF_RULE_NONE);
    IS(r->what, w.address[4 - i], r->address[i]);
    vmref_walk_step(&w, r->entry[i]);
  }
  IS(r->what, w.level, 0);
  IS(r->what, w.rule, VMREF_RULE_OK);
  IS(r->what, w.pa, r->pa);
  for (int i = 0; i < 4; i++) {
    IS(r->what, w.address[4 - i], r->address[i]);
    IS(r->what, w.entry[4 - i], r->entry[i]);
  }
  IS(r->what, memcmp(&w.cpu, &cpu, sizeof cpu), 0);
  IS(r->what, w.access.va, r->va);
}

/* ---- questions without a walk --------------------------------------------- */

/* access: va, kind, size, cpl, implicit, ac, seg. */
static const struct start_row {
  const char *what;
  struct vmref_cpu cpu; struct vmref_access access;
  int status; uint8_t rule, vector;
} START[] = {
#define CPU VMREF_CPU_DEFAULT
#define GP VMREF_RULE_GP_CANON, 13
#define SS VMREF_RULE_SS_CANON, 12
#define BAD VMREF_EINVAL
#define NOT_YET VMREF_EUNMODELLED
#define READ_0 { 0, READ, 1, 3, 0, 0, 0 }
  { "GP.CANON: first above the low half", CPU, { 0x800000000000, READ, 1, 0, 0, 0, 0 }, 0, GP },
  { "GP.CANON: last below the high half", CPU, { 0xffff7fffffffffff, WRITE, 1, 3, 0, 0, 0 }, 0, GP },
  { "status: implicit, not canonical", CPU, { 0x1000000000000, READ, 8, 3, 1, 0, 0 }, NOT_YET, 0, 0 },
  { "GP.CANON: a fetch",           CPU, { 0x8000000000000000, FETCH, 1, 3, 0, 0, 0 }, 0, GP },
  { "SS.CANON: a stack reference", CPU, { 0x800000000000, WRITE, 8, 3, 0, 0, 1 }, 0, SS },
  { "status: MAXPHYADDR 53",  { .mode = 3, .maxphyaddr = 53 }, READ_0, BAD, 0, 0 },
  { "status: kind 4",         CPU, { 0, 4, 1, 3, 0, 0, 0 }, BAD, 0, 0 },
  { "status: implicit fetch", CPU, { 0, FETCH, 1, 0, 1, 0, 0 }, BAD, 0, 0 },
  { "status: malformed beats not canonical", CPU, { 0x800000000000, READ, 65, 0, 0, 0, 0 }, BAD, 0, 0 },
  { "status: malformed beats not modelled", { .mode = 3, .maxphyaddr = 53 }, { 0xfff, READ, 2, 3, 0, 0, 0 }, BAD, 0, 0 },
  { "status: bytes in two pages", CPU, { 0xfff, READ, 2, 3, 0, 0, 0 }, NOT_YET, 0, 0 },
  { "status: across the canonical edge", CPU, { 0x7fffffffffff, READ, 2, 3, 0, 0, 0 }, NOT_YET, 0, 0 },
};
static void no_walk(const char *what, const struct vmref_walk *w, const struct start_row *r)
{
  IS(what, w->status, r->status);
  IS(what, w->level, 0);
  IS(what, w->last, 0);
  IS(what, w->rule, r->rule);
  IS(what, w->vector, r->vector);
  IS(what, w->error, 0);
  IS(what, w->cr2, 0); /* CR2: no page fault, no new value */
}
static void start(void **state)
{
  const struct start_row *r = *state;
  struct vmref_walk w;
  vmref_walk_start(&w, r->cpu, r->access);
  no_walk(r->what, &w, r);
  w = vmref_walk(NULL, 0, r->cpu, r->access); /* no memory is needed to say so */
  no_walk(r->what, &w, r);
}

/* ---- memory in an array ---------------------------------------------------- */

/* The words that are not 0, by their index: 0x200 is the word at 0x1000. Arrays
 * that end at words, so that the address sanitizer sees a read past them. */
static const struct ram_row {
  const char *what;
  uint64_t va; uint64_t words;
  struct { uint64_t at, value; } word[4];
  int status; uint8_t rule, last; uint64_t address, pa, after; /* of the last entry */
} RAM[] = {
#define NO_MEMORY VMREF_EMEM, 0
  { "WALK.OK: from memory", 0x1abc, 0xa00,
    { { 0x200, 0x2027 }, { 0x400, 0x3027 }, { 0x600, 0x4027 }, { 0x801, 0x5027 } },
    0, VMREF_RULE_OK, 1, 0x4008, 0x5abc, 0x5067 },
  { "WALK.OK: the page may lie past memory", 0, 0x801,
    { { 0x200, 0x2027 }, { 0x400, 0x3027 }, { 0x600, 0x4027 }, { 0x800, 0xfffffff027 } },
    0, VMREF_RULE_OK, 1, 0x4000, 0xfffffff000, 0xfffffff067 },
  { "WALK.OK: a table that refers to itself", 0xffff804020100abc, 0x301, { { 0x300, 0x1007 } },
    0, VMREF_RULE_OK, 1, 0x1800, 0x1abc, 0x1067 },
  { "PF.NP: zero memory", 0, 0x201, { { 0, 0 } }, 0, PF(NP), 4, 0x1000, 0, 0 },
  { "PF.RSVD.2M.ADDR: from memory", 0, 0x601, { { 0x200, 0x2007 }, { 0x400, 0x3007 }, { 0x600, 0x2087 } },
    0, PF(RSVD_2M_ADDR), 2, 0x3000, 0, 0x2087 },
  { "status: no memory", 0, 0, { { 0, 0 } }, NO_MEMORY, 4, 0x1000, 0, 0 },
  { "status: ends before the PML4E", 0, 0x200, { { 0, 0 } }, NO_MEMORY, 4, 0x1000, 0, 0 },
  { "status: ends before the PDPTE", 0, 0x400, { { 0x200, 0x2027 } }, NO_MEMORY, 3, 0x2000, 0, 0 },
  { "status: ends before the PDE", 0, 0x600,
    { { 0x200, 0x2027 }, { 0x400, 0x3027 } }, NO_MEMORY, 2, 0x3000, 0, 0 },
  { "status: ends before the PTE", 0, 0x800,
    { { 0x200, 0x2027 }, { 0x400, 0x3027 }, { 0x600, 0x4027 } }, NO_MEMORY, 1, 0x4000, 0, 0 },
  { "status: a table past memory", 0, 0x201, { { 0x200, 0xfffffff027 } }, NO_MEMORY, 3, 0xfffffff000, 0, 0 },
};
static void from_ram(void **state)
{
  const struct ram_row *r = *state;
  uint64_t *ram = r->words ? calloc(r->words, sizeof *ram) : NULL;
  for (int i = 0; i < 4 && r->word[i].value; i++) ram[r->word[i].at] = r->word[i].value;
  struct vmref_walk w = vmref_walk(ram, r->words, cpu_with(STANDARD), access_of(r->va, WRITE, 3, 0));
  free(ram);
  IS(r->what, w.status, r->status);
  IS(r->what, w.level, 0);
  IS(r->what, w.rule, r->rule);
  IS(r->what, w.last, r->last);
  IS(r->what, w.address[r->last], r->address);
  IS(r->what, w.after[r->last], r->after);
  if (r->rule == VMREF_RULE_OK) IS(r->what, w.pa, r->pa);
}

int main(void)
{
  ADD_ROWS(reaches, OK);
  ADD_ROWS(faults, FAULT);
  ADD_ROWS(accessed_dirty, AD);
  ADD_ROWS(path, PATH);
  ADD_ROWS(start, START);
  ADD_ROWS(from_ram, RAM);
  return RUN_TESTS("walk");
}
