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
  { "EC.US: CPL 3 is user mode",               { 0, READ,  1, 3, 0, 0, 0 }, 1 },
  { "EC.US: AC plays no part",                 { 0, WRITE, 1, 3, 0, 1, 0 }, 1 },
  { "EC.US: CPL 2 is supervisor mode",         { 0, READ,  1, 2, 0, 0, 0 }, 0 },
  { "EC.US: CPL 1",                            { 0, FETCH, 1, 1, 0, 0, 0 }, 0 },
  { "EC.US: CPL 0",                            { 0, READ,  1, 0, 0, 0, 0 }, 0 },
  { "EC.US: implicit is supervisor, at CPL 3", { 0, READ,  1, 3, 1, 0, 0 }, 0 },
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
  { "PF.WP: WP = 0 permits",                 WRITE, 0, 0, 0,        0,            NONE },
  { "PF.WP: WP = 0 permits on user pages",   RMW,   0, 0, NXE,      US | XD,      NONE },
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
  { "PF.SMAP: a fetch is SMEP's matter",     FETCH, 0, 0, SMAP,     US,           NONE },
};
static void denied(void **state)
{
  const struct denied_row *r = *state;
  IS(r->what, vmref_denied(cpu_with(r->cpu), access_of(0x1000, r->kind, r->cpl, r->how),
                           (r->rights & RW) != 0, (r->rights & US) != 0, (r->rights & XD) != 0),
     r->want);
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
  { "GP.CANON: #GP(0), also for a user write",      WRITE, 3, 0, WP | NXE, VMREF_RULE_GP_CANON, 0 },
  { "SS.CANON: #SS(0), also for a user write",      WRITE, 3, 0, WP | NXE, VMREF_RULE_SS_CANON, 0 },
  { "WALK.OK: none",                                WRITE, 3, 0, WP | NXE, VMREF_RULE_OK, 0 },
  { "none while the walk goes on",                  FETCH, 3, 0, WP | NXE, NONE,   0 },
};
static void error_code(void **state)
{
  const struct error_row *r = *state;
  IS(r->what, vmref_error_code(cpu_with(r->cpu), access_of(0x1000, r->kind, r->cpl, r->how), r->rule),
     r->want);
}

int main(void)
{
  ADD_ROWS(valid, VALID);
  ADD_ROWS(one_page, ONE_PAGE);
  ADD_ROWS(user_mode, USER_MODE);
  ADD_ROWS(writes, WRITES);
  ADD_ROWS(fetches, FETCHES);
  ADD_ROWS(denied, DENIED);
  ADD_ROWS(vector, VECTOR);
  ADD_ROWS(error_code, ERROR);
  return RUN_TESTS("access");
}
