/* SPDX-License-Identifier: MIT */
/* Topics entry and walk in the other paging modes: none, 32-bit, PAE, 5-level, and with
 * protection keys. Every expected value was worked out by hand: SDM 3A 4.1 to 4.9.
 *
 * Entries are written from the root down. 0x2027 is a table at 0x2000 with P, R/W, U/S and
 * A; 0x5027 a page at 0x5000. The root table is at 0x1000. */
#include "test.h"
#include "walk.h"
#define XD 0x8000000000000000
#define ALL 0xffffffffffffffff
#define KEY5 0x2800000000000000
enum { NONE = VMREF_MODE_NONE, BITS32 = VMREF_MODE_32BIT, PAE = VMREF_MODE_PAE,
       LEVEL4 = VMREF_MODE_4LEVEL, LEVEL5 = VMREF_MODE_5LEVEL };

/* ---- the modes as numbers; linear addresses -------------------------------- */

static const struct mode_row { const char *what; uint8_t mode, top, size, wide; } MODE[] = {
  { "MODE.NONE: there is no table",               NONE,   0, 8, 0 },
  { "MODE.32BIT: two levels, 4-byte entries",    BITS32, 2, 4, 0 },
  { "MODE.PAE: two levels in memory",           PAE,    2, 8, 0 },
  { "MODE.4LEVEL: four levels",                  LEVEL4, 4, 8, 1 },
  { "MODE.5LEVEL: five levels",                  LEVEL5, 5, 8, 1 },
};
static void numbers(void **state)
{
  const struct mode_row *r = *state;
  IS(r->what, vmref_top_level(r->mode), r->top);
  IS(r->what, vmref_entry_size(r->mode), r->size);
  IS(r->what, vmref_long_mode(r->mode), r->wide);
}

static const struct canonical_row { const char *what; uint8_t mode; uint64_t va; uint8_t want; } CANONICAL[] = {
  { "GP.CANON: 5-level, last of the low half",     LEVEL5, 0x00ffffffffffffff, 1 },
  { "GP.CANON: 5-level, one past the low half",    LEVEL5, 0x0100000000000000, 0 },
  { "GP.CANON: 5-level, one below the high half",  LEVEL5, 0xfeffffffffffffff, 0 },
  { "GP.CANON: 5-level, first of the high half",   LEVEL5, 0xff00000000000000, 1 },
  { "GP.CANON: 5-level, bit 57 alone",             LEVEL5, 0x0200000000000000, 0 },
  { "GP.CANON: 5-level, bit 47 is an index bit",   LEVEL5, 0x0000800000000000, 1 },
  { "GP.CANON: 32 bits always are",                BITS32, 0xffffffff,         1 },
  { "GP.CANON: 32 bits always are, PAE",           PAE,    0x80000000,         1 },
  { "GP.CANON: 32 bits always are, no paging",     NONE,   0x80000000,         1 },
};
static void canonical(void **state)
{
  const struct canonical_row *r = *state;
  IS(r->what, vmref_canonical(r->mode, r->va), r->want);
}

/* Where the entry lies in a table at 0x2000. */
static const struct index_row { const char *what; uint8_t mode, level; uint64_t va, index, entry; } INDEX[] = {
  { "MODE.32BIT: bits 31:22 index the PD",     BITS32, 2, 0xb8001234, 736,  0x2b80 },
  { "MODE.32BIT: bits 21:12 index the PT",     BITS32, 1, 0xb8201234, 513,  0x2804 },
  { "MODE.32BIT: the last PDE",                BITS32, 2, 0xffffffff, 1023, 0x2ffc },
  { "MODE.32BIT: the last PTE",                BITS32, 1, 0xffffffff, 1023, 0x2ffc },
  { "MODE.PAE: bits 29:21 index the PD",        PAE,    2, 0xb8001234, 448,  0x2e00 },
  { "MODE.PAE: bits 31:30 play no part there",  PAE,    2, 0xffe00000, 511,  0x2ff8 },
  { "MODE.PAE: bits 20:12 index the PT",        PAE,    1, 0xb81ff234, 511,  0x2ff8 },
  { "MODE.5LEVEL: bits 56:48 index the PML5",  LEVEL5, 5, 0xff01000000000000, 257, 0x2808 },
  { "MODE.5LEVEL: the last PML5E",             LEVEL5, 5, ALL,        511,  0x2ff8 },
  { "MODE.5LEVEL: bits 47:39 index the PML4",  LEVEL5, 4, 0x00ff800000000000, 256, 0x2800 },
};
static void index_of(void **state)
{
  const struct index_row *r = *state;
  IS(r->what, vmref_index(r->mode, r->va, r->level), r->index);
  IS(r->what, vmref_entry_in(r->mode, 0x2000, r->va, r->level), r->entry);
}

/* ---- pages ------------------------------------------------------------------ */

static const struct maps_row { const char *what; unsigned on; uint8_t level; uint64_t e; uint8_t want; } MAPS[] = {
  { "MODE.PSE: a PDE with PS = 1 and PSE = 1",  IN_32BIT | PSE, 2, 0x81, 1 },
  { "MODE.PSE: PS is ignored while PSE = 0",    IN_32BIT,       2, 0x81, 0 },
  { "MODE.PSE: a PDE with PS = 0",              IN_32BIT | PSE, 2, 0xffffff7f, 0 },
  { "WALK.OK: 32-bit, a PTE",                          IN_32BIT,       1, 0x01, 1 },
  { "MODE.PAGE: PAE, PS needs no PSE",                   IN_PAE,         2, 0x81, 1 },
  { "MODE.PAGE: a PML5E maps none",          IN_5LEVEL,      5, ALL,  0 },
  { "MODE.PAGE: a PML4E maps none",          IN_5LEVEL,      4, ALL,  0 },
  { "WALK.OK: 5-level, a PDPTE with PS = 1",           IN_5LEVEL,      3, 0x81, 1 },
};
static void maps_page(void **state)
{
  const struct maps_row *r = *state;
  IS(r->what, vmref_maps_page(cpu_with(r->on), r->level, r->e), r->want);
}

static const struct byte_row { const char *what; uint8_t mode, level; uint64_t e, va, base, size; } BYTE[] = {
  { "WALK.OK: 32-bit, 4 KiB",                    BITS32, 1, 0xfffff067, 0xabc,      0xfffff000,   0x1000 },
  { "MODE.PSE: 4 MiB, offset in 21:0",    BITS32, 2, 0x004000e7, 0xb83fffff, 0x400000,     0x400000 },
  { "MODE.PSE: 4 MiB, bit 12 is PAT",     BITS32, 2, 0x004010e7, 0,          0x400000,     0x400000 },
  { "MODE.PSE36: bits 20:13 are 39:32",     BITS32, 2, 0x801fe0e7, 0x123456,   0xff80000000, 0x400000 },
  { "MODE.PSE36: bit 13 is 32",             BITS32, 2, 0x000020e7, 0,          0x100000000,  0x400000 },
  { "WALK.OK: PAE, 4 KiB",                       PAE,    1, XD | 0x123456067, 0xabc, 0x123456000, 0x1000 },
  { "WALK.OK: PAE, 2 MiB, offset in 20:0",       PAE,    2, 0x402000e7, 0xb81fffff, 0x40200000,   0x200000 },
};
static void page_byte(void **state)
{
  const struct byte_row *r = *state;
  IS(r->what, vmref_page_base(r->mode, r->level, r->e), r->base);
  IS(r->what, vmref_page_size(r->mode, r->level), r->size);
  IS(r->what, vmref_page_byte(r->mode, r->level, r->e, r->va), r->base + r->va % r->size);
}

/* ---- reserved bits ------------------------------------------------------------ */

static const struct reserved_row { const char *what; unsigned on; uint8_t level; uint64_t e; uint8_t want; } RESERVED[] = {
#define GOOD VMREF_RULE_NONE
#define BAD4M PF(RSVD_4M_ADDR)
  { "PF.RSVD.4M.ADDR: bit 13, no PSE-36",      IN_32BIT | PSE, 2, 0x2081, BAD4M },
  { "PF.RSVD.4M.ADDR: bit 21, no PSE-36",      IN_32BIT | PSE, 2, 0x200081, BAD4M },
  { "PF.RSVD.4M.ADDR: bit 12 is PAT",          IN_32BIT | PSE, 2, 0xffc01fff, GOOD },
  { "PF.RSVD.4M.ADDR: width 40, bits 20:13 are address", IN_32BIT | PSE | PSE36, 2, 0x1fe081, GOOD },
  { "PF.RSVD.4M.ADDR: width 40, bit 21",       IN_32BIT | PSE | PSE36, 2, 0x200081, BAD4M },
  { "PF.RSVD.4M.ADDR: width 52 counts as 40",  IN_32BIT | PSE | PSE36 | W52, 2, 0x1fe081, GOOD },
  { "PF.RSVD.4M.ADDR: width 52, bit 21",       IN_32BIT | PSE | PSE36 | W52, 2, 0x200081, BAD4M },
  { "PF.RSVD.4M.ADDR: width 36, bit 16 is address", IN_32BIT | PSE | PSE36 | W36, 2, 0x01e081, GOOD },
  { "PF.RSVD.4M.ADDR: width 36, bit 17",       IN_32BIT | PSE | PSE36 | W36, 2, 0x020081, BAD4M },
  { "PF.RSVD.4M.ADDR: width 32, bit 13",       IN_32BIT | PSE | PSE36 | W32, 2, 0x2081, BAD4M },
  { "RSVD.32BIT: PSE = 0", IN_32BIT | PSE36, 2, 0xffffffff, GOOD },
  { "RSVD.32BIT: PS = 0", IN_32BIT | PSE, 2, 0xffffff7f, GOOD },
  { "RSVD.32BIT: nothing in a PTE",       IN_32BIT | PSE | W32, 1, 0xffffffff, GOOD },
  { "PF.RSVD.ADDR: PAE, the bit at MAXPHYADDR", IN_PAE | NXE | W36, 1, 0x1000000001, PF(RSVD_ADDR) },
  { "PF.RSVD.ADDR: PAE, bit 52",               IN_PAE | NXE | W52, 1, 0x10000000000001, PF(RSVD_ADDR) },
  { "PF.RSVD.ADDR: PAE, bit 62, of a PDE",     IN_PAE | NXE | W52, 2, 0x4000000000000001, PF(RSVD_ADDR) },
  { "PF.RSVD.ADDR: PAE, bit 59 in spite of PKE", IN_PAE | NXE | PKE, 1, 0x0800000000000001, PF(RSVD_ADDR) },
  { "PF.RSVD.ADDR: PAE, up to bit 51",         IN_PAE | NXE | W52, 1, 0xffffffffffff1, GOOD },
  { "PF.RSVD.XD: PAE, NXE = 0",                IN_PAE, 1, XD | 1, PF(RSVD_XD) },
  { "PF.RSVD.XD: PAE, NXE = 1",                IN_PAE | NXE, 2, XD | 1, GOOD },
  { "PF.RSVD.2M.ADDR: PAE, bit 13, no PSE",    IN_PAE | NXE, 2, 0x2081, PF(RSVD_2M_ADDR) },
  { "PF.RSVD.2M.ADDR: PAE, bit 20",            IN_PAE | PSE, 2, 0x100081, PF(RSVD_2M_ADDR) },
  { "PF.RSVD.2M.ADDR: PAE, bit 12 is PAT",     IN_PAE, 2, 0x1081, GOOD },
  { "PF.RSVD.PML5E.PS: Intel",                 IN_5LEVEL, 5, 0x81, PF(RSVD_PML5E_PS) },
  { "PF.RSVD.PML5E.PS: comes before G",        IN_5LEVEL | AMD, 5, 0x181, PF(RSVD_PML5E_PS) },
  { "PF.RSVD.PML5E.G: AMD",                    IN_5LEVEL | AMD, 5, 0x101, PF(RSVD_PML5E_G) },
  { "PF.RSVD.PML5E.G: Intel ignores it",       IN_5LEVEL, 5, 0x101, GOOD },
  { "PF.RSVD.PML4E.PS: below a PML5E too",     IN_5LEVEL, 4, 0x81, PF(RSVD_PML4E_PS) },
  { "PF.RSVD.PML4E.G: below a PML5E too",      IN_5LEVEL | AMD, 4, 0x101, PF(RSVD_PML4E_G) },
  { "PF.RSVD.ADDR: a PML5E",                   IN_5LEVEL, 5, 0x10000000001, PF(RSVD_ADDR) },
  { "MODE.IGNORED: bits 62:52, 11:9 and 6 of a PML5E", IN_5LEVEL | W32, 5, 0x7ff0000000000e41, GOOD },
  { "PF.RSVD.XD: a PML5E",                     IN_5LEVEL, 5, XD | 1, PF(RSVD_XD) },
};
static void reserved(void **state)
{
  const struct reserved_row *r = *state;
  IS(r->what, vmref_reserved(cpu_with(r->on), r->level, r->e), r->want);
}

static const struct fit_row { const char *what; uint8_t width; uint64_t e; uint8_t want; } FIT[] = {
  { "GP.PDPTE: absent, every other bit",   32, 0xfffffffffffffffe, 1 },
  { "GP.PDPTE: PWT, PCD, 11:9 are free",   40, 0x2e19,             1 },
  { "GP.PDPTE: highest table, width 52",   52, 0x000ffffffffff001, 1 },
  { "GP.PDPTE: bit 1",                     40, 0x2003,             0 },
  { "GP.PDPTE: bit 2",                     40, 0x2005,             0 },
  { "GP.PDPTE: bit 5",                     40, 0x2021,             0 },
  { "GP.PDPTE: bit 6",                     40, 0x2041,             0 },
  { "GP.PDPTE: bit 7",                     40, 0x2081,             0 },
  { "GP.PDPTE: bit 8",                     40, 0x2101,             0 },
  { "GP.PDPTE: bit 32, width 32",          32, 0x100000001,        0 },
  { "GP.PDPTE: bit 39, width 40",          40, 0x8000000001,       1 },
  { "GP.PDPTE: bit 40, width 40",          40, 0x10000000001,      0 },
  { "GP.PDPTE: bit 52, width 52",          52, 0x10000000000001,   0 },
  { "GP.PDPTE: bit 63",                    52, XD | 1,             0 },
};
static void pdpte_fit(void **state)
{
  const struct fit_row *r = *state;
  IS(r->what, vmref_pdpte_fit(r->width, r->e), r->want);
}

/* ---- walks -------------------------------------------------------------------- */

#define OK VMREF_RULE_OK
#define STANDARD (WP | NXE | PGE | PAGE1GB)
#define IN32 (IN_32BIT | STANDARD | PSE)
#define INPAE (IN_PAE | STANDARD)
#define IN5 (IN_5LEVEL | STANDARD)
#define VA32 0xb8001234           /* indices 736, 1; PAE: register 2, 448, 1 */
#define VA5 0x00fedcba98765432    /* 254, 441, 234, 195, 357, offset 0x432 */

/* pkru and pkrs are 0x400 << key5: 1 is AD of key 5, 2 is WD. */
static const struct walk_row {
  const char *what;
  unsigned on; uint64_t va; uint8_t kind, cpl; unsigned how;
  uint64_t pdpte, entry[5], address[5];
  uint8_t rule, last; uint32_t error; /* error of a fault */
  uint64_t pa, after;                 /* after: the last entry */
  uint8_t pat, key, global, pkru, pkrs;
} WALK[] = {
  { "MODE.NONE: the address is physical", IN_NONE, 0xdeadbeef, WRITE, 3, 0, 0, { 0 }, { 0 },
    OK, 0, 0, 0xdeadbeef, 0, 0, 0, 0, 0, 0 },
  { "MODE.NONE: nothing is denied", IN_NONE | SMEP | SMAP | WP, 0xfff, FETCH, 0, 0, 0, { 0 }, { 0 },
    OK, 0, 0, 0xfff, 0, 0, 0, 0, 0, 0 },

  { "WALK.OK: 32-bit, two levels", IN32, VA32, WRITE, 3, 0, 0, { 0x2007, 0x5007 }, { 0x1b80, 0x2004 },
    OK, 1, 0, 0x5234, 0x5067, 0, 0, 0, 0, 0 },
  { "WALK.OK: 32-bit, a 4-MiB page", IN32, VA32, WRITE, 3, 0, 0, { 0x400087 }, { 0x1b80 },
    OK, 2, 0, 0x401234, 0x4000e7, 0, 0, 0, 0, 0 },
  { "MODE.PSE: PS without PSE is a table", IN32 ^ PSE, VA32, READ, 3, 0, 0, { 0x20a7, 0x5007 }, { 0x1b80, 0x2004 },
    OK, 1, 0, 0x5234, 0x5027, 0, 0, 0, 0, 0 },
  { "MODE.PSE36: a 4-MiB page above 4 GiB", IN32 | PSE36, VA32, READ, 3, 0, 0, { 0x801fe0a7 }, { 0x1b80 },
    OK, 2, 0, 0xff80001234, 0x801fe0a7, 0, 0, 0, 0, 0 },
  { "WALK.OK: 32-bit, PAT, PCD and G of a PTE", IN32, VA32, READ, 3, 0, 0, { 0x202f, 0x51b7 }, { 0x1b80, 0x2004 },
    OK, 1, 0, 0x5234, 0x51b7, 6, 0, 1, 0, 0 },
  { "WALK.OK: 32-bit, PAT and PWT of a 4-MiB page", IN32, VA32, READ, 3, 0, 0, { 0x4010af }, { 0x1b80 },
    OK, 2, 0, 0x401234, 0x4010af, 5, 0, 0, 0, 0 },
  { "MODE.32BIT.XD: no bit 63", IN32, VA32, FETCH, 3, 0, 0, { 0x2027, 0x5027 }, { 0x1b80, 0x2004 },
    OK, 1, 0, 0x5234, 0x5027, 0, 0, 0, 0, 0 },
  { "KEY.ON: 32-bit, no keys", IN32 | PKE, VA32, READ, 3, 0, 0, { 0x2027, 0x5027 }, { 0x1b80, 0x2004 },
    OK, 1, 0, 0x5234, 0x5027, 0, 0, 0, 3, 0 },
  { "EC.ID: 32-bit, an absent PDE, fetch with NXE", IN32, VA32, FETCH, 3, 0, 0, { 0 }, { 0x1b80 },
    PF(NP), 2, 0x04, 0, 0, 0, 0, 0, 0, 0 },
  { "PF.RSVD.4M.ADDR: 32-bit, bit 13", IN32, VA32, WRITE, 0, 0, 0, { 0x402007 | 0x80 }, { 0x1b80 },
    PF(RSVD_4M_ADDR), 2, 0x0b, 0, 0x402087, 0, 0, 0, 0, 0 },
  { "PF.USER: 32-bit, by the PDE", IN32, VA32, READ, 3, 0, 0, { 0x2023, 0x5007 }, { 0x1b80, 0x2004 },
    PF(USER), 1, 0x05, 0, 0x5027, 0, 0, 0, 0, 0 },
  { "PF.SMEP: 32-bit", IN32 | SMEP, VA32, FETCH, 0, 0, 0, { 0x2027, 0x5027 }, { 0x1b80, 0x2004 },
    PF(SMEP), 1, 0x11, 0, 0x5027, 0, 0, 0, 0, 0 },

  { "PDPTE.RIGHTS: PAE, register, PD, PT", INPAE, VA32, WRITE, 3, 0, 0x2001, { 0x3007, 0x5007 }, { 0x2e00, 0x3008 },
    OK, 1, 0, 0x5234, 0x5067, 0, 0, 0, 0, 0 },
  { "PDPTE.REGISTER: tables above 4 GiB", INPAE, VA32, READ, 3, 0, 0xff00000001, { 0xfe00000027, 0xfd00000027 },
    { 0xff00000e00, 0xfe00000008 }, OK, 1, 0, 0xfd00000234, 0xfd00000027, 0, 0, 0, 0, 0 },
  { "WALK.OK: PAE, a 2-MiB page", INPAE, VA32, READ, 3, 0, 0x2001, { 0x40200087 }, { 0x2e00 },
    OK, 2, 0, 0x40201234, 0x402000a7, 0, 0, 0, 0, 0 },
  { "PDPTE.NP: the register is absent", INPAE, VA32, RMW, 3, 0, 0x2000, { 0 }, { 0 },
    PF(NP), 3, 0x06, 0, 0x2000, 0, 0, 0, 0, 0 },
  { "PF.XD: PAE, by the PDE", INPAE, VA32, FETCH, 3, 0, 0x2001, { XD | 0x3027, 0x5027 }, { 0x2e00, 0x3008 },
    PF(XD), 1, 0x15, 0, 0x5027, 0, 0, 0, 0, 0 },
  { "PF.RSVD.ADDR: PAE, bit 62 of a PTE", INPAE, VA32, READ, 3, 0, 0x2001, { 0x3027, 0x4000000000005027 },
    { 0x2e00, 0x3008 }, PF(RSVD_ADDR), 1, 0x0d, 0, 0x4000000000005027, 0, 0, 0, 0, 0 },
  { "PF.USER.WRITE: PAE, by the PTE", INPAE, VA32, WRITE, 3, 0, 0x2001, { 0x3027, 0x5025 }, { 0x2e00, 0x3008 },
    PF(USER_WRITE), 1, 0x07, 0, 0x5025, 0, 0, 0, 0, 0 },

  { "WALK.OK: 5-level, five levels", IN5, VA5, WRITE, 3, 0, 0, { 0x2007, 0x3007, 0x4007, 0x5007, 0x6007 },
    { 0x17f0, 0x2dc8, 0x3750, 0x4618, 0x5b28 }, OK, 1, 0, 0x6432, 0x6067, 0, 0, 0, 0, 0 },
  { "WALK.OK: 5-level, a 1-GiB page", IN5, VA5, READ, 3, 0, 0, { 0x2027, 0x3027, 0x400000a7 },
    { 0x17f0, 0x2dc8, 0x3750 }, OK, 3, 0, 0x58765432, 0x400000a7, 0, 0, 0, 0, 0 },
  { "PF.NP: 5-level, the PML5E", IN5, VA5, WRITE, 0, 0, 0, { 0x2026 }, { 0x17f0 },
    PF(NP), 5, 0x02, 0, 0x2026, 0, 0, 0, 0, 0 },
  { "PF.RSVD.PML5E.PS: read", IN5, VA5, READ, 3, 0, 0, { 0x20a7 }, { 0x17f0 },
    PF(RSVD_PML5E_PS), 5, 0x0d, 0, 0x20a7, 0, 0, 0, 0, 0 },
  { "PF.RSVD.PML5E.G: AMD, fetch", IN5 | AMD, VA5, FETCH, 3, 0, 0, { 0x2127 }, { 0x17f0 },
    PF(RSVD_PML5E_G), 5, 0x1d, 0, 0x2127, 0, 0, 0, 0, 0 },
  { "PF.USER: 5-level, by the PML5E", IN5, VA5, READ, 3, 0, 0, { 0x2023, 0x3027, 0x4027, 0x5027, 0x6027 },
    { 0x17f0, 0x2dc8, 0x3750, 0x4618, 0x5b28 }, PF(USER), 1, 0x05, 0, 0x6027, 0, 0, 0, 0, 0 },
  { "PF.XD: 5-level, by the PML5E", IN5, VA5, FETCH, 0, 0, 0, { XD | 0x2023, 0x3027, 0x4027, 0x5027, 0x6027 },
    { 0x17f0, 0x2dc8, 0x3750, 0x4618, 0x5b28 }, PF(XD), 1, 0x11, 0, 0x6027, 0, 0, 0, 0, 0 },
  { "GP.CANON: 5-level", IN5, 0x0100000000000000, READ, 3, 0, 0, { 0 }, { 0 },
    VMREF_RULE_GP_CANON, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
  { "SS.CANON: 5-level", IN5, 0xfeffffffffffffff, READ, 3, STACK, 0, { 0 }, { 0 },
    VMREF_RULE_SS_CANON, 0, 0, 0, 0, 0, 0, 0, 0, 0 },

#define IN4 (STANDARD | PKE | PKS)
#define TABLES { 0x1000, 0x2000, 0x3000, 0x4000 }
  { "PF.PKU.AD: user read", IN4, 0, READ, 3, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5007 }, TABLES,
    PF(PKU_AD), 1, 0x25, 0, KEY5 | 0x5027, 0, 0, 0, 1, 0 },
  { "KEY.LEAF: the key of a 2-MiB page", IN4, 0, READ, 0, 0, 0, { 0x2027, 0x3027, KEY5 | 0x4000a7 },
    { 0x1000, 0x2000, 0x3000 }, PF(PKU_AD), 2, 0x21, 0, KEY5 | 0x4000a7, 0, 0, 0, 1, 0 },
  { "KEY.LEAF: keys of upper entries are ignored", IN4, 0, READ, 3, 0, 0,
    { KEY5 | 0x2027, KEY5 | 0x3027, KEY5 | 0x4027, 0x5027 }, TABLES, OK, 1, 0, 0x5000, 0x5027, 0, 0, 0, 3, 3 },
  { "PF.PKU.WD: user write, never D", IN4, 0, WRITE, 3, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5007 }, TABLES,
    PF(PKU_WD), 1, 0x27, 0, KEY5 | 0x5027, 0, 0, 0, 2, 0 },
  { "PF.PKU.WD: supervisor, WP = 0", IN4 ^ WP, 0, WRITE, 0, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5027 }, TABLES,
    OK, 1, 0, 0x5000, KEY5 | 0x5067, 0, 5, 0, 2, 2 },
  { "KEY.ADDRESS: U/S = 0 in an upper entry", IN4, 0, READ, 0, 0, 0, { 0x2027, 0x3023, 0x4027, KEY5 | 0x5027 }, TABLES,
    PF(PKS_AD), 1, 0x21, 0, KEY5 | 0x5027, 0, 0, 0, 0, 1 },
  { "KEY.ADDRESS: PKRU plays no part there", IN4, 0, READ, 0, 0, 0, { 0x2027, 0x3023, 0x4027, KEY5 | 0x5027 }, TABLES,
    OK, 1, 0, 0x5000, KEY5 | 0x5027, 0, 5, 0, 3, 0 },
  { "PF.PKS.WD: supervisor write", IN4, 0, WRITE, 0, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5023 }, TABLES,
    PF(PKS_WD), 1, 0x23, 0, KEY5 | 0x5023, 0, 0, 0, 0, 2 },
  { "EC.PK: beside R/W = 0", IN4, 0, WRITE, 3, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5025 }, TABLES,
    PF(USER_WRITE), 1, 0x27, 0, KEY5 | 0x5025, 0, 0, 0, 2, 0 },
  { "EC.PK: beside SMAP", IN4 | SMAP, 0, READ, 0, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5027 }, TABLES,
    PF(SMAP), 1, 0x21, 0, KEY5 | 0x5027, 0, 0, 0, 1, 0 },
  { "EC.PK: not of an absent page", IN4, 0, READ, 3, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5026 }, TABLES,
    PF(NP), 1, 0x04, 0, KEY5 | 0x5026, 0, 0, 0, 1, 0 },
  { "EC.PK: not of a reserved bit", IN4, 0, READ, 3, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x10000005027 }, TABLES,
    PF(RSVD_ADDR), 1, 0x0d, 0, KEY5 | 0x10000005027, 0, 0, 0, 1, 0 },
  { "EC.PK: a user access to a supervisor page", IN4, 0, READ, 3, 0, 0, { 0x2027, 0x3027, 0x4027, KEY5 | 0x5023 }, TABLES,
    PF(USER), 1, 0x05, 0, KEY5 | 0x5023, 0, 0, 0, 1, 1 },
};
static void walk(void **state)
{
  const struct walk_row *r = *state;
  struct vmref_cpu cpu = cpu_with(r->on);
  cpu.pkru = 0x400u * r->pkru;
  cpu.pkrs = 0x400u * r->pkrs;
  cpu.pdpte[2] = r->pdpte;
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access_of(r->va, r->kind, r->cpl, r->how));
  IS(r->what, w.status, VMREF_OK);
  for (int i = 0; w.level != 0; i++) {
    IS(r->what, w.address[w.level], r->address[i]);
    vmref_walk_step(&w, r->entry[i]);
  }
  IS(r->what, w.rule, r->rule);
  IS(r->what, w.last, r->last);
  IS(r->what, w.error, r->error);
  IS(r->what, w.after[w.last], r->after);
  if (r->rule != OK) return;
  IS(r->what, w.pa, r->pa);
  IS(r->what, w.pat, r->pat);
  IS(r->what, w.key, r->key);
  IS(r->what, w.global, r->global);
}

/* ---- questions that are malformed -------------------------------------------- */

static const struct start_row { const char *what; unsigned on; uint64_t va, pdpte; int status; } START[] = {
  { "status: 32-bit, the last address",    IN32, 0xffffffff, 0, 0 },
  { "status: 32-bit, 33 bits",             IN32, 0x100000000, 0, VMREF_EINVAL },
  { "status: PAE, 33 bits",                INPAE, 0x100000000, 0, VMREF_EINVAL },
  { "status: no paging, 33 bits",          IN_NONE, 0x100000000, 0, VMREF_EINVAL },
  { "status: 5-level, 48 bits",            IN5, 0x800000000000, 0, 0 },
  { "GP.PDPTE: a register that cannot be", INPAE, 0, 0x2003, VMREF_EINVAL },
  { "GP.PDPTE: no matter in 32-bit paging", IN32, 0, 0x2003, 0 },
};
static void start(void **state)
{
  const struct start_row *r = *state;
  struct vmref_cpu cpu = cpu_with(r->on);
  cpu.pdpte[3] = r->pdpte;
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access_of(r->va, READ, 3, 0));
  IS(r->what, w.status, r->status);
  if (r->status) IS(r->what, w.level, 0);
}

/* ---- walks that begin below the root ------------------------------------------- */

/* A user read of 0x8080604005 (indices 1, 2, 3, 4), from a table at 0x4000. */
static const struct from_row {
  const char *what; unsigned on; uint64_t va;
  struct vmref_origin origin;
  int status; uint64_t address, entry; uint8_t rule, rw, xd;
} FROM[] = {
#define BAD VMREF_EINVAL, 0, 0, 0, 0, 0
  { "WALK.OK: from the page table", STANDARD, 0x8080604005, { 0x4000, 1, 1, 1, 0 }, 0, 0x4020, 0x5027, OK, 1, 0 },
  { "WALK.OK: from the PDPT, a 1-GiB page", STANDARD, 0x8080604005, { 0x4000, 3, 1, 1, 0 }, 0, 0x4010, 0xa7, OK, 1, 0 },
  { "WALK.OK: in 32-bit paging", IN32, VA32, { 0x4000, 1, 1, 1, 0 }, 0, 0x4004, 0x5027, OK, 1, 0 },
  { "RIGHTS.ALL: R/W = 0 above", STANDARD, 0x8080604005, { 0x4000, 1, 0, 1, 0 }, 0, 0x4020, 0x5027, OK, 0, 0 },
  { "RIGHTS.ALL: XD = 1 above", STANDARD, 0x8080604005, { 0x4000, 1, 1, 1, 1 }, 0, 0x4020, 0x5027, OK, 1, 1 },
  { "PF.USER: U/S = 0 above", STANDARD, 0x8080604005, { 0x4000, 1, 1, 0, 0 }, 0, 0x4020, 0x5027, PF(USER), 1, 0 },
  { "status: no origin", STANDARD, 0, { 0x4000, 0, 1, 1, 0 }, BAD },
  { "status: above the root", STANDARD, 0, { 0x4000, 5, 1, 1, 0 }, BAD },
  { "status: PAE has no table of level 3", INPAE, 0, { 0x4000, 3, 1, 1, 0 }, BAD },
  { "status: a table off its boundary", STANDARD, 0, { 0x4008, 1, 1, 1, 0 }, BAD },
  { "status: a table above 52 bits", STANDARD, 0, { 0x10000000000000, 1, 1, 1, 0 }, BAD },
  { "status: R/W 2", STANDARD, 0, { 0x4000, 1, 2, 1, 0 }, BAD },
  { "status: an address that needs no walk", STANDARD, 0x800000000000, { 0x4000, 1, 1, 1, 0 }, BAD },
  { "status: no paging needs none", IN_NONE, 0, { 0x4000, 1, 1, 1, 0 }, BAD },
};
static void from(void **state)
{
  const struct from_row *r = *state;
  struct vmref_walk w;
  vmref_walk_from(&w, cpu_with(r->on), access_of(r->va, READ, 3, 0), r->origin);
  IS(r->what, w.status, r->status);
  IS(r->what, w.level, r->status ? 0 : r->origin.level);
  if (r->status) return;
  IS(r->what, w.address[w.level], r->address);
  vmref_walk_step(&w, r->entry);
  IS(r->what, w.level, 0);
  IS(r->what, w.rule, r->rule);
  IS(r->what, w.rw, r->rw);
  IS(r->what, w.xd, r->xd);
}

/* ---- memory in an array: 4-byte entries are halves of its words ------------------ */

static void halves(void **state)
{
  const char *what = *state;
  uint64_t ram[0x401] = { [0x1b80 / 8] = 0xdeadbeef00002007, [0x2000 / 8] = 0x0000502700006027 };
  struct vmref_walk w = vmref_walk(ram, 0x401, cpu_with(IN32), access_of(VA32, READ, 3, 0));
  IS(what, w.pa, 0x5234);         /* the PTE at 0x2004 is the upper half */
  IS(what, w.entry[2], 0x2007);   /* the PDE at 0x1b80 the lower */
  w = vmref_walk(ram, 0x401, cpu_with(IN32), access_of(0xb8000234, READ, 3, 0));
  IS(what, w.pa, 0x6234);
  w = vmref_walk(ram, 0x400, cpu_with(IN32), access_of(VA32, READ, 3, 0));
  IS(what, w.status, VMREF_EMEM);
}

int main(void)
{
  static const char memory[] = "WALK.OK: 32-bit, from memory";
  ADD_ROWS(numbers, MODE);
  ADD_ROWS(canonical, CANONICAL);
  ADD_ROWS(index_of, INDEX);
  ADD_ROWS(maps_page, MAPS);
  ADD_ROWS(page_byte, BYTE);
  ADD_ROWS(reserved, RESERVED);
  ADD_ROWS(pdpte_fit, FIT);
  ADD_ROWS(walk, WALK);
  ADD_ROWS(start, START);
  ADD_ROWS(from, FROM);
  test_add(memory, halves, memory);
  return RUN_TESTS("modes");
}
