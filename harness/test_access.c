/* SPDX-License-Identifier: MIT */
/* Topic access. Every expected value was worked out by hand: SDM 3A 4.6.1 (access
 * rights) and 4.7 (page-fault exceptions, figure 4-12). */
#include "test.h"
#include "access.h"

/* The rights of the translation. */
enum { RW = 1, US = 2, XD = 4 };

/* ---- the question -------------------------------------------------------- */

/* Fields: va, kind, size, cpl, implicit, ac, seg. */
static const struct access_row { const char *what; struct vmref_access access; uint8_t want; }
VALID[] = {
  { "access: read of 1 byte",      { 0, READ,  1, 0, 0, 0, 0 }, 1 },
  { "access: 64 bytes at CPL 3",   { 0, RMW,  64, 3, 0, 1, 1 }, 1 },
  { "access: fetch",               { 0, FETCH, 1, 3, 0, 0, 0 }, 1 },
  { "access: implicit read",       { 0, READ,  8, 3, 1, 0, 0 }, 1 },
  { "access: implicit write",      { 0, WRITE, 8, 0, 1, 1, 0 }, 1 },
  { "access: implicit fetch",      { 0, FETCH, 1, 0, 1, 0, 0 }, 0 },
  { "access: kind 4",              { 0, 4,     1, 0, 0, 0, 0 }, 0 },
  { "access: no bytes",            { 0, READ,  0, 0, 0, 0, 0 }, 0 },
  { "access: 65 bytes",            { 0, READ, 65, 0, 0, 0, 0 }, 0 },
  { "access: CPL 4",               { 0, READ,  1, 4, 0, 0, 0 }, 0 },
  { "access: implicit 2",          { 0, READ,  1, 0, 2, 0, 0 }, 0 },
  { "access: AC 2",                { 0, READ,  1, 0, 0, 2, 0 }, 0 },
  { "access: fetch from the stack", { 0, FETCH, 1, 0, 0, 0, 1 }, 0 },
  { "access: implicit on the stack", { 0, READ, 1, 0, 1, 0, 1 }, 0 },
  { "access: seg 2",               { 0, READ,  1, 0, 0, 0, 2 }, 0 },
}, ONE_PAGE[] = {
  { "access: last byte of a page",           { 0x0fff, READ,  1, 0, 0, 0, 0 }, 1 },
  { "access: one byte past a page",          { 0x0fff, READ,  2, 0, 0, 0, 0 }, 0 },
  { "access: 64 bytes that end a page",      { 0x0fc0, READ, 64, 0, 0, 0, 0 }, 1 },
  { "access: 64 bytes that leave a page",    { 0x0fc1, READ, 64, 0, 0, 0, 0 }, 0 },
  { "access: 64 bytes that begin a page",    { 0x1000, READ, 64, 0, 0, 0, 0 }, 1 },
  { "access: the last byte of all",          { 0xffffffffffffffff, READ, 1, 0, 0, 0, 0 }, 1 },
  { "access: past the end of all addresses", { 0xffffffffffffffff, READ, 2, 0, 0, 0, 0 }, 0 },
}, USER_MODE[] = {
  { "RIGHTS.MODE: CPL 3 is user mode",               { 0, READ,  1, 3, 0, 0, 0 }, 1 },
  { "EC.US: AC plays no part",                 { 0, WRITE, 1, 3, 0, 1, 0 }, 1 },
  { "RIGHTS.MODE: CPL 2 is supervisor mode",   { 0, READ,  1, 2, 0, 0, 0 }, 0 },
  { "EC.US: CPL 1",                            { 0, FETCH, 1, 1, 0, 0, 0 }, 0 },
  { "EC.US: CPL 0",                            { 0, READ,  1, 0, 0, 0, 0 }, 0 },
  { "RIGHTS.MODE: implicit is supervisor, at CPL 3", { 0, READ,  1, 3, 1, 0, 0 }, 0 },
}, WRITES[] = {
  { "EC.WR: a read",                  { 0, READ,  1, 0, 0, 0, 0 }, 0 },
  { "EC.WR: a write",                 { 0, WRITE, 1, 0, 0, 0, 0 }, 1 },
  { "EC.WR: a read-modify-write",     { 0, RMW,   1, 0, 0, 0, 0 }, 1 },
  { "EC.WR: a fetch",                 { 0, FETCH, 1, 0, 0, 0, 0 }, 0 },
}, FETCHES[] = {
  { "EC.ID: a read",                  { 0, READ,  1, 0, 0, 0, 0 }, 0 },
  { "EC.ID: a write",                 { 0, WRITE, 1, 0, 0, 0, 0 }, 0 },
  { "EC.ID: a read-modify-write",     { 0, RMW,   1, 0, 0, 0, 0 }, 0 },
  { "EC.ID: a fetch",                 { 0, FETCH, 1, 0, 0, 0, 0 }, 1 },
};

#define ON_ROW(name, function) \
  static void name(void **state) \
  { \
    const struct access_row *r = *state; \
    IS(r->what, function(r->access), r->want); \
  }
ON_ROW(valid, vmref_access_valid)
ON_ROW(one_page, vmref_access_one_page)
ON_ROW(user_mode, vmref_user_mode)
ON_ROW(writes, vmref_writes)
ON_ROW(fetches, vmref_fetches)

/* ---- rights -------------------------------------------------------------- */

#define NONE       VMREF_RULE_NONE
#define USER       VMREF_RULE_PF_USER
#define USER_WRITE VMREF_RULE_PF_USER_WRITE
#define BY_WP      VMREF_RULE_PF_WP
#define BY_XD      VMREF_RULE_PF_XD
#define BY_SMEP    VMREF_RULE_PF_SMEP
#define BY_SMAP    VMREF_RULE_PF_SMAP

static const struct denied_row {
  const char *what;
  uint8_t kind, cpl; unsigned how, cpu, rights;
  uint8_t want;
} DENIED[] = {
  { "PF.USER: read of a supervisor page",    READ,  3, 0, WP | NXE, RW,           USER },
  { "PF.USER: write",                        WRITE, 3, 0, WP | NXE, RW,           USER },
  { "PF.USER: fetch",                        FETCH, 3, 0, WP | NXE, RW,           USER },
  { "PF.USER: before R/W and XD",            FETCH, 3, 0, NXE,      XD,           USER },
  { "PF.USER: AC does not help",             READ,  3, AC, SMAP,    RW,           USER },
  { "PF.USER: read of a user page",          READ,  3, 0, WP | NXE, RW | US,      NONE },
  { "PF.USER: read needs no R/W",            READ,  3, 0, WP | NXE, US,           NONE },
  { "PF.USER: read needs no execute",        READ,  3, 0, WP | NXE, US | XD,      NONE },
  { "PF.USER: SMAP and SMEP spare CPL 3",    READ,  3, 0, SMAP | SMEP, US,        NONE },
  { "PF.USER: SMEP spares a fetch at CPL 3", FETCH, 3, 0, SMEP | NXE, US,         NONE },
  { "PF.USER: CPL 2 may read",               READ,  2, 0, WP | NXE, RW,           NONE },
  { "PF.USER: implicit at CPL 3 may read",   READ,  3, IMPLICIT, WP | NXE, RW,    NONE },

  { "PF.USER.WRITE: write, WP = 1",          WRITE, 3, 0, WP,       US,           USER_WRITE },
  { "PF.USER.WRITE: write, WP = 0",          WRITE, 3, 0, 0,        US,           USER_WRITE },
  { "PF.USER.WRITE: read-modify-write",      RMW,   3, 0, 0,        US,           USER_WRITE },
  { "PF.USER.WRITE: a writable page",        WRITE, 3, 0, WP,       RW | US,      NONE },
  { "PF.USER.WRITE: XD is no matter",        RMW,   3, 0, WP | NXE, RW | US | XD, NONE },

  { "PF.WP: write to a read-only page",      WRITE, 0, 0, WP,       0,            BY_WP },
  { "PF.WP: a user page too",                WRITE, 0, 0, WP,       US,           BY_WP },
  { "PF.WP: read-modify-write",              RMW,   0, 0, WP,       US,           BY_WP },
  { "PF.WP: at CPL 2",                       WRITE, 2, 0, WP,       0,            BY_WP },
  { "PF.WP: implicit at CPL 3",              WRITE, 3, IMPLICIT, WP, 0,           BY_WP },
  { "RIGHTS.WP: WP = 0 permits",                 WRITE, 0, 0, 0,        0,            NONE },
  { "RIGHTS.WP: WP = 0 permits on user pages",   RMW,   0, 0, NXE,      US | XD,      NONE },
  { "PF.WP: R/W = 1",                        WRITE, 0, 0, WP,       RW,           NONE },
  { "PF.WP: a read",                         READ,  0, 0, WP,       0,            NONE },
  { "PF.WP: past SMAP by AC",                WRITE, 0, AC, WP | SMAP, US,         BY_WP },

  { "PF.XD: user fetch",                     FETCH, 3, 0, NXE,      RW | US | XD, BY_XD },
  { "PF.XD: supervisor fetch",               FETCH, 0, 0, NXE,      RW | XD,      BY_XD },
  { "PF.XD: supervisor, user page, no SMEP", FETCH, 0, 0, NXE,      US | XD,      BY_XD },
  { "PF.XD: XD = 0, user",                   FETCH, 3, 0, NXE,      US,           NONE },
  { "PF.XD: XD = 0, supervisor",             FETCH, 0, 0, NXE | WP, 0,            NONE },
  { "PF.XD: supervisor data",                READ,  0, 0, NXE,      RW | XD,      NONE },

  { "PF.SMEP: fetch from a user page",       FETCH, 0, 0, SMEP,     RW | US,      BY_SMEP },
  { "PF.SMEP: at CPL 1",                     FETCH, 1, 0, SMEP,     US,           BY_SMEP },
  { "PF.SMEP: AC does not help",             FETCH, 0, AC, SMEP | SMAP, US,       BY_SMEP },
  { "PF.SMEP: named before XD",              FETCH, 0, 0, SMEP | NXE, US | XD,    BY_SMEP },
  { "PF.SMEP: SMEP = 0",                     FETCH, 0, 0, NXE,      RW | US,      NONE },
  { "PF.SMEP: a supervisor page",            FETCH, 0, 0, SMEP,     RW,           NONE },
  { "PF.SMEP: data is free",                 READ,  0, 0, SMEP,     US,           NONE },

  { "PF.SMAP: read of a user page",          READ,  0, 0, SMAP,     RW | US,      BY_SMAP },
  { "PF.SMAP: write",                        WRITE, 0, 0, SMAP,     RW | US,      BY_SMAP },
  { "PF.SMAP: read-modify-write",            RMW,   2, 0, SMAP,     RW | US,      BY_SMAP },
  { "PF.SMAP: AC = 1 permits",               READ,  0, AC, SMAP,    RW | US,      NONE },
  { "PF.SMAP: AC = 1 permits a write",       WRITE, 0, AC, SMAP | WP, RW | US,    NONE },
  { "PF.SMAP: implicit, AC = 1",             READ,  0, IMPLICIT | AC, SMAP, US,   BY_SMAP },
  { "PF.SMAP: implicit at CPL 3, AC = 1",    WRITE, 3, IMPLICIT | AC, SMAP, RW | US, BY_SMAP },
  { "PF.SMAP: implicit, AC = 0",             READ,  3, IMPLICIT, SMAP, US,        BY_SMAP },
  { "PF.SMAP: implicit, supervisor page",    READ,  3, IMPLICIT, SMAP, RW,        NONE },
  { "PF.SMAP: implicit, SMAP = 0",           READ,  3, IMPLICIT, WP, US,          NONE },
  { "PF.SMAP: a supervisor page",            WRITE, 0, 0, SMAP,     RW,           NONE },
  { "PF.SMAP: SMAP = 0",                     READ,  0, 0, WP | SMEP, US,          NONE },
  { "PF.SMAP: named before WP",              WRITE, 0, 0, SMAP | WP, US,          BY_SMAP },
  { "RIGHTS.SMAP.FETCH: a fetch is SMEP's matter",     FETCH, 0, 0, SMAP,     US,           NONE },
};
static void denied(void **state)
{
  const struct denied_row *r = *state;
  IS(r->what, vmref_denied(cpu_with(r->cpu), access_of(0x1000, r->kind, r->cpl, r->how),
                           (r->rights & RW) != 0, (r->rights & US) != 0, (r->rights & XD) != 0),
     r->want);
}

/* ---- protection keys -------------------------------------------------------- */

#define U_AD VMREF_RULE_PF_PKU_AD
#define U_WD VMREF_RULE_PF_PKU_WD
#define S_AD VMREF_RULE_PF_PKS_AD
#define S_WD VMREF_RULE_PF_PKS_WD
/* AD and WD of key 5 are bits 10 and 11. */
enum { AD5 = 1 << 10, WD5 = 1 << 11, ALL = -1 };

static const struct key_row {
  const char *what;
  uint8_t kind, cpl; unsigned how, cpu;
  uint32_t pkru, pkrs; uint8_t us, key;
  uint8_t want;
} KEYS[] = {
  { "PF.PKU.AD: user read",                  READ,  3, 0, PKE, AD5, 0, 1, 5, U_AD },
  { "PF.PKU.AD: user write",                 WRITE, 3, 0, PKE, AD5, 0, 1, 5, U_AD },
  { "PF.PKU.AD: supervisor read",            READ,  0, 0, PKE, AD5, 0, 1, 5, U_AD },
  { "PF.PKU.AD: supervisor write, WP = 0",   WRITE, 0, 0, PKE, AD5, 0, 1, 5, U_AD },
  { "PF.PKU.AD: AC does not help",           READ,  0, AC, PKE | SMAP, AD5, 0, 1, 5, U_AD },
  { "PF.PKU.AD: implicit",                   READ,  3, IMPLICIT, PKE, AD5, 0, 1, 5, U_AD },
  { "KEY.DATA: a fetch is free, PKU",            FETCH, 3, 0, PKE, (uint32_t)ALL, 0, 1, 5, NONE },
  { "KEY.ON: PKE = 0",                    READ,  3, 0, PKS, (uint32_t)ALL, (uint32_t)ALL, 1, 5, NONE },
  { "PF.PKU.AD: another key",                READ,  3, 0, PKE, ~(uint32_t)(AD5 | WD5), 0, 1, 5, NONE },
  { "PF.PKU.AD: key 0 is bit 0",             READ,  3, 0, PKE, 1, 0, 1, 0, U_AD },
  { "PF.PKU.AD: key 15 is bit 30",           READ,  3, 0, PKE, 1u << 30, 0, 1, 15, U_AD },
  { "KEY.ADDRESS: not of a supervisor page, PKRU", READ,  0, 0, PKE, (uint32_t)ALL, 0, 0, 5, NONE },
  { "PF.PKU.AD: in 5-level paging",          READ,  3, 0, PKE | IN_5LEVEL, AD5, 0, 1, 5, U_AD },
  { "KEY.ON: not in PAE paging, PKU",          READ,  3, 0, PKE | IN_PAE, (uint32_t)ALL, 0, 1, 5, NONE },
  { "KEY.ON: not in 32-bit paging",       READ,  3, 0, PKE | IN_32BIT, (uint32_t)ALL, 0, 1, 5, NONE },

  { "PF.PKU.WD: a read is free",             READ,  3, 0, PKE | WP, WD5, 0, 1, 5, NONE },
  { "PF.PKU.WD: user write, WP = 0",         WRITE, 3, 0, PKE, WD5, 0, 1, 5, U_WD },
  { "PF.PKU.WD: user read-modify-write",     RMW,   3, 0, PKE, WD5, 0, 1, 5, U_WD },
  { "PF.PKU.WD: supervisor write, WP = 1",   WRITE, 0, 0, PKE | WP, WD5, 0, 1, 5, U_WD },
  { "PF.PKU.WD: supervisor write, WP = 0",   WRITE, 0, 0, PKE, WD5, 0, 1, 5, NONE },
  { "PF.PKU.WD: implicit from CPL 3, WP = 0", WRITE, 3, IMPLICIT, PKE, WD5, 0, 1, 5, NONE },
  { "PF.PKU.WD: implicit from CPL 3, WP = 1", WRITE, 3, IMPLICIT, PKE | WP, WD5, 0, 1, 5, U_WD },
  { "PF.PKU.WD: key 15 is bit 31",           WRITE, 3, 0, PKE, 1u << 31, 0, 1, 15, U_WD },
  { "PF.PKU.WD: named after AD",             WRITE, 3, 0, PKE, AD5 | WD5, 0, 1, 5, U_AD },

  { "PF.PKS.AD: supervisor read",            READ,  0, 0, PKS, 0, AD5, 0, 5, S_AD },
  { "PF.PKS.AD: supervisor write, WP = 0",   WRITE, 2, 0, PKS, 0, AD5, 0, 5, S_AD },
  { "PF.PKS.AD: implicit from CPL 3",        READ,  3, IMPLICIT, PKS, 0, AD5, 0, 5, S_AD },
  { "KEY.DATA: a fetch is free, PKS",            FETCH, 0, 0, PKS, 0, (uint32_t)ALL, 0, 5, NONE },
  { "KEY.ON: PKS = 0",                    READ,  0, 0, PKE, 0, (uint32_t)ALL, 0, 5, NONE },
  { "KEY.ADDRESS: not of a user page, PKRS",       READ,  0, 0, PKS | PKE, 0, (uint32_t)ALL, 1, 5, NONE },
  { "PF.PKS.AD: another key",                READ,  0, 0, PKS, 0, ~(uint32_t)(AD5 | WD5), 0, 5, NONE },
  { "KEY.ON: not in PAE paging, PKS",          READ,  0, 0, PKS | IN_PAE, 0, (uint32_t)ALL, 0, 5, NONE },
  { "PF.PKS.WD: supervisor write, WP = 1",   WRITE, 0, 0, PKS | WP, 0, WD5, 0, 5, S_WD },
  { "PF.PKS.WD: read-modify-write",          RMW,   0, 0, PKS | WP, 0, WD5, 0, 5, S_WD },
  { "PF.PKS.WD: supervisor write, WP = 0",   WRITE, 0, 0, PKS, 0, WD5, 0, 5, NONE },
  { "PF.PKS.WD: a read is free",             READ,  0, 0, PKS | WP, 0, WD5, 0, 5, NONE },
};
static struct vmref_cpu keyed(const struct key_row *r)
{
  struct vmref_cpu cpu = cpu_with(r->cpu);
  cpu.pkru = r->pkru;
  cpu.pkrs = r->pkrs;
  return cpu;
}
static void denied_key(void **state)
{
  const struct key_row *r = *state;
  struct vmref_access a = access_of(0x1000, r->kind, r->cpl, r->how);
  IS(r->what, vmref_denied_key(keyed(r), a, r->us, r->key), r->want);
}

/* Rights R/W and U/S of the page, both with key 5: which rule is named first. */
static const struct refused_row { struct key_row q; uint8_t rw, want; } REFUSED[] = {
  { { "PF.PKU.AD: with every right",      READ,  3, 0, PKE, AD5, 0, 1, 5, 0 }, 1, U_AD },
  { { "PF.USER.WRITE: comes before a key", WRITE, 3, 0, PKE, AD5, 0, 1, 5, 0 }, 0, USER_WRITE },
  { { "PF.SMAP: comes before a key",      READ,  0, 0, PKE | SMAP, AD5, 0, 1, 5, 0 }, 1, BY_SMAP },
  { { "PF.WP: comes before a key",        WRITE, 0, 0, PKS | WP, 0, WD5, 0, 5, 0 }, 0, BY_WP },
  { { "PF.PKS.WD: with every right",      WRITE, 0, 0, PKS | WP, 0, WD5, 0, 5, 0 }, 1, S_WD },
  { { "PF.USER: no PKS for user accesses", READ, 3, 0, PKS, 0, AD5, 0, 5, 0 }, 1, USER },
  { { "WALK.OK: a key that permits",      WRITE, 3, 0, PKE | PKS | WP, 0, 0, 1, 5, 0 }, 1, NONE },
};
static void refused(void **state)
{
  const struct refused_row *r = *state;
  struct vmref_access a = access_of(0x1000, r->q.kind, r->q.cpl, r->q.how);
  IS(r->q.what, vmref_refused(keyed(&r->q), a, r->rw, r->q.us, 0, r->q.key), r->want);
}

/* ---- vector and error code ----------------------------------------------- */

static const struct vector_row { const char *what; uint8_t rule, want; } VECTOR[] = {
  { "no verdict yet",   VMREF_RULE_NONE,             0 },
  { "WALK.OK",          VMREF_RULE_OK,               0 },
  { "GP.CANON",         VMREF_RULE_GP_CANON,        13 },
  { "SS.CANON",         VMREF_RULE_SS_CANON,        12 },
  { "PF.NP",            VMREF_RULE_PF_NP,           14 },
  { "PF.RSVD.ADDR",     VMREF_RULE_PF_RSVD_ADDR,    14 },
  { "PF.RSVD.XD",       VMREF_RULE_PF_RSVD_XD,      14 },
  { "PF.RSVD.PML4E.PS", VMREF_RULE_PF_RSVD_PML4E_PS, 14 },
  { "PF.RSVD.PML4E.G",  VMREF_RULE_PF_RSVD_PML4E_G, 14 },
  { "PF.RSVD.1G",       VMREF_RULE_PF_RSVD_1G,      14 },
  { "PF.RSVD.1G.ADDR",  VMREF_RULE_PF_RSVD_1G_ADDR, 14 },
  { "PF.RSVD.2M.ADDR",  VMREF_RULE_PF_RSVD_2M_ADDR, 14 },
  { "PF.USER",          VMREF_RULE_PF_USER,         14 },
  { "PF.USER.WRITE",    VMREF_RULE_PF_USER_WRITE,   14 },
  { "PF.WP",            VMREF_RULE_PF_WP,           14 },
  { "PF.XD",            VMREF_RULE_PF_XD,           14 },
  { "PF.SMEP",          VMREF_RULE_PF_SMEP,         14 },
  { "PF.SMAP",          VMREF_RULE_PF_SMAP,         14 },
  { "PF.RSVD.4M.ADDR",  VMREF_RULE_PF_RSVD_4M_ADDR, 14 },
  { "PF.RSVD.PML5E.PS", VMREF_RULE_PF_RSVD_PML5E_PS, 14 },
  { "PF.RSVD.PML5E.G",  VMREF_RULE_PF_RSVD_PML5E_G, 14 },
  { "PF.PKU.AD",        VMREF_RULE_PF_PKU_AD,       14 },
  { "PF.PKU.WD",        VMREF_RULE_PF_PKU_WD,       14 },
  { "PF.PKS.AD",        VMREF_RULE_PF_PKS_AD,       14 },
  { "PF.PKS.WD",        VMREF_RULE_PF_PKS_WD,       14 },
  { "GP.CR0.HIGH",      VMREF_RULE_GP_CR0_HIGH,     13 },
  { "UD.PKE",           VMREF_RULE_UD_PKE,           6 },
  { "GP.PDPTE",         VMREF_RULE_GP_PDPTE,        13 },
  { "GP.INVPCID.TYPE",  VMREF_RULE_GP_INVPCID_TYPE, 13 },
  { "GP.INVPCID.CANON", VMREF_RULE_GP_INVPCID_CANON, 13 },
};
static void vector(void **state)
{
  const struct vector_row *r = *state;
  IS(r->what, vmref_vector(r->rule), r->want);
}

/* Error bits: 1 P, 2 W/R, 4 U/S, 8 RSVD, 16 I/D. */
static const struct error_row {
  const char *what;
  uint8_t kind, cpl; unsigned how, cpu;
  uint8_t rule;
  uint32_t want;
} ERROR[] = {
  { "EC.P: 0 for a supervisor read, not present",   READ,  0, 0, WP | NXE, VMREF_RULE_PF_NP, 0x00 },
  { "EC.P: 1 for a right denied",                   READ,  3, 0, WP | NXE, USER,       0x05 },
  { "EC.P: 1 for a reserved bit",                   READ,  0, 0, WP, VMREF_RULE_PF_RSVD_XD, 0x09 },
  { "EC.WR: write, not present",                    WRITE, 0, 0, WP | NXE, VMREF_RULE_PF_NP, 0x02 },
  { "EC.WR: read-modify-write, not present",        RMW,   3, 0, WP | NXE, VMREF_RULE_PF_NP, 0x06 },
  { "EC.WR: read-modify-write, SMAP",               RMW,   0, 0, SMAP,     BY_SMAP,    0x03 },
  { "EC.WR: user write to a supervisor page",       WRITE, 3, 0, WP,       USER,       0x07 },
  { "EC.WR: user write to a read-only page",        WRITE, 3, 0, 0,        USER_WRITE, 0x07 },
  { "EC.WR: supervisor write to a read-only page",  WRITE, 0, 0, WP,       BY_WP,      0x03 },
  { "EC.US: user read, not present",                READ,  3, 0, WP | NXE, VMREF_RULE_PF_NP, 0x04 },
  { "EC.US: CPL 2 is supervisor mode",              READ,  2, 0, WP | NXE, VMREF_RULE_PF_NP, 0x00 },
  { "EC.US: implicit at CPL 3 is not user mode",    READ,  3, IMPLICIT, WP, VMREF_RULE_PF_NP, 0x00 },
  { "EC.US: implicit write, SMAP",                  WRITE, 3, IMPLICIT, SMAP, BY_SMAP, 0x03 },
  { "EC.US: supervisor read, SMAP",                 READ,  0, 0, SMAP,     BY_SMAP,    0x01 },
  { "EC.RSVD: address, user read",                  READ,  3, 0, NXE, VMREF_RULE_PF_RSVD_ADDR, 0x0d },
  { "EC.RSVD: XD, user write",                      WRITE, 3, 0, 0,   VMREF_RULE_PF_RSVD_XD, 0x0f },
  { "EC.RSVD: PS of a PML4E, supervisor write",     WRITE, 0, 0, NXE, VMREF_RULE_PF_RSVD_PML4E_PS, 0x0b },
  { "EC.RSVD: bit 8 of a PML4E, supervisor read",   READ,  0, 0, NXE, VMREF_RULE_PF_RSVD_PML4E_G, 0x09 },
  { "EC.RSVD: no 1-GiB pages, user fetch",          FETCH, 3, 0, NXE, VMREF_RULE_PF_RSVD_1G, 0x1d },
  { "EC.RSVD: 1-GiB address, supervisor fetch",     FETCH, 0, 0, NXE, VMREF_RULE_PF_RSVD_1G_ADDR, 0x19 },
  { "EC.RSVD: 2-MiB address, read-modify-write",    RMW,   3, 0, NXE, VMREF_RULE_PF_RSVD_2M_ADDR, 0x0f },
  { "EC.RSVD: XD, fetch without NXE and SMEP",      FETCH, 3, 0, 0,   VMREF_RULE_PF_RSVD_XD, 0x0d },
  { "EC.RSVD: XD, fetch with SMEP",                 FETCH, 3, 0, SMEP, VMREF_RULE_PF_RSVD_XD, 0x1d },
  { "EC.ID: fetch, NXE alone",                      FETCH, 3, 0, NXE,  VMREF_RULE_PF_NP, 0x14 },
  { "EC.ID: fetch, SMEP alone",                     FETCH, 3, 0, SMEP, VMREF_RULE_PF_NP, 0x14 },
  { "EC.ID: fetch, both",                           FETCH, 0, 0, SMEP | NXE, VMREF_RULE_PF_NP, 0x10 },
  { "EC.ID: fetch, neither",                        FETCH, 3, 0, WP | SMAP, VMREF_RULE_PF_NP, 0x04 },
  { "EC.ID: fetch of a supervisor page",            FETCH, 3, 0, NXE,  USER,       0x15 },
  { "EC.ID: fetch of a supervisor page, neither",   FETCH, 3, 0, 0,    USER,       0x05 },
  { "EC.ID: XD, user",                              FETCH, 3, 0, NXE,  BY_XD,      0x15 },
  { "EC.ID: XD, supervisor",                        FETCH, 0, 0, NXE,  BY_XD,      0x11 },
  { "EC.ID: SMEP",                                  FETCH, 0, 0, SMEP, BY_SMEP,    0x11 },
  { "EC.ID: a read",                                READ,  3, 0, SMEP | NXE, USER, 0x05 },
  { "EC.ID: fetch in 32-bit paging, NXE does not count", FETCH, 3, 0, IN_32BIT | NXE, USER, 0x05 },
  { "EC.ID: fetch in 32-bit paging, SMEP",          FETCH, 3, 0, IN_32BIT | SMEP, USER, 0x15 },
  { "EC.ID: fetch in PAE paging, NXE",              FETCH, 3, 0, IN_PAE | NXE, USER, 0x15 },
  { "EC.ID: fetch in PAE paging, neither",          FETCH, 3, 0, IN_PAE, USER, 0x05 },
  { "EC.ID: fetch in 5-level paging, NXE",          FETCH, 0, 0, IN_5LEVEL | NXE, VMREF_RULE_PF_NP, 0x10 },
  { "EC.RSVD: a 4-MiB page's address, user read",   READ,  3, 0, IN_32BIT, VMREF_RULE_PF_RSVD_4M_ADDR, 0x0d },
  { "EC.RSVD: PS of a PML5E, supervisor read",      READ,  0, 0, IN_5LEVEL, VMREF_RULE_PF_RSVD_PML5E_PS, 0x09 },
  { "EC.RSVD: bit 8 of a PML5E, user write",        WRITE, 3, 0, IN_5LEVEL, VMREF_RULE_PF_RSVD_PML5E_G, 0x0f },
  { "GP.CANON: #GP(0), also for a user write",      WRITE, 3, 0, WP | NXE, VMREF_RULE_GP_CANON, 0 },
  { "SS.CANON: #SS(0), also for a user write",      WRITE, 3, 0, WP | NXE, VMREF_RULE_SS_CANON, 0 },
  { "WALK.OK: none",                                WRITE, 3, 0, WP | NXE, VMREF_RULE_OK, 0 },
  { "none while the walk goes on",                  FETCH, 3, 0, WP | NXE, NONE,   0 },
};
static void error_code(void **state)
{
  const struct error_row *r = *state;
  struct vmref_access a = access_of(0x1000, r->kind, r->cpl, r->how);
  IS(r->what, vmref_error_code(cpu_with(r->cpu), a, r->rule, 0), r->want);
}

static void error_pk(void **state)
{
  const char *what = *state;
  struct vmref_access w = access_of(0x1000, WRITE, 3, 0), r = access_of(0x1000, READ, 0, 0);
  IS(what, vmref_error_code(cpu_with(PKE), w, U_WD, 1), 0x27);  /* P, W/R, U/S, PK */
  IS(what, vmref_error_code(cpu_with(PKS), r, S_AD, 1), 0x21);
  IS(what, vmref_error_code(cpu_with(PKE), w, USER_WRITE, 1), 0x27); /* beside another right */
  IS(what, vmref_error_code(cpu_with(PKE), w, VMREF_RULE_OK, 1), 0);
}

int main(void)
{
  static const char pk[] = "EC.PK: bit 5";
  ADD_ROWS(valid, VALID);
  ADD_ROWS(one_page, ONE_PAGE);
  ADD_ROWS(user_mode, USER_MODE);
  ADD_ROWS(writes, WRITES);
  ADD_ROWS(fetches, FETCHES);
  ADD_ROWS(denied, DENIED);
  ADD_ROWS(denied_key, KEYS);
  for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++)
    test_add(REFUSED[i].q.what, refused, &REFUSED[i]);
  test_add(pk, error_pk, pk);
  ADD_ROWS(vector, VECTOR);
  ADD_ROWS(error_code, ERROR);
  return RUN_TESTS("access");
}
