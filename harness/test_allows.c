/* SPDX-License-Identifier: MIT */
/* Topic allows. Every verdict was worked out by hand: SDM 3A 4.6 (rights), 4.7 (faults),
 * 4.8 (A and D), 4.10.2.2 and 4.10.3.2 (use of what is cached), 4.10.4.3 (what may go on
 * without an invalidation). M numbers are those of bugs seen in other programs. */
#include <string.h>
#include "allows.h"
#include "test.h"
#define XD 0x8000000000000000
#define KEY(n) ((uint64_t)(n) << 59)

/* Memory: the PML4 at 0x1000, PDPT 0x2000, PD 0x3000, PT 0x4000, another at 0x5000. */
#define WORDS (0x6000 / 8)
static uint64_t ram[WORDS];
static struct vmref_tlb tlb;
#define VA 0x123

static void tables(const uint64_t entry[4])
{
  memset(ram, 0, sizeof ram);
  for (unsigned i = 0; i < 4; i++) ram[(0x1000 + 0x1000 * i) / 8] = entry[i];
}

/* What a processor may cache at this moment of an address. */
static void fill(struct vmref_cpu cpu, uint64_t va)
{
  struct vmref_walk w = vmref_walk(ram, WORDS, cpu, access_of(va, READ, 0, 0));
  IS("the TLB has room", vmref_tlb_fill(&tlb, &w), VMREF_OK);
}

/* The entries where flags were set. */
enum { A4 = 1, A3 = 2, A2 = 4, A1 = 8, D1 = 16, D2 = 32, A5 = 64, BLIND = 128 };
static struct vmref_observed saw(uint8_t vector, uint64_t pa, uint32_t error, unsigned sets)
{
  static const struct { unsigned set; uint64_t address; } PLACE[] = {
    { A4, 0x1000 }, { A3, 0x2000 }, { A2, 0x3000 }, { A1, 0x4000 }, { D1, 0x4000 }, { D2, 0x3000 }, { A5, 0x5000 } };
  struct vmref_observed o = { .vector = vector, .pa = pa, .error = error, .cr2 = vector == 14 ? VA : 0,
                              .flags_seen = !(sets & BLIND) };
  for (unsigned i = 0; i < 7; i++) {
    if (!(sets & PLACE[i].set)) continue;
    o.set_address[o.sets] = PLACE[i].address;
    o.set_d[o.sets] = (PLACE[i].set & (D1 | D2)) != 0;
    o.set_a[o.sets] = !o.set_d[o.sets];
    o.sets++;
  }
  return o;
}

/* ---- a fill, a change, perhaps an invalidation, an access ------------------------ */

enum { KEEP, INVLPG, CR3, CR3_KEEP, FAULT, CONTROL, INVPCID0, INVPCID1, INVPCID2, INVPCID3, ELSEWHERE, OTHER_PCID };
#define ON (WP | NXE | PGE)
#define TAGGED (ON | PCIDE)
#define T3 0x2027, 0x3027, 0x4027
#define AT(pa) 0, pa, 0
#define PF14(error) 14, 0, error
#define NOTHING { 0 }
#define NO VMREF_WAY_NONE
#define FLAGS VMREF_WAY_FLAGS
#define WALK VMREF_WAY_WALK
#define TABLE VMREF_WAY_TABLE
#define HIT VMREF_WAY_HIT
#define ONCE VMREF_WAY_AT_ONCE

static const struct row {
  const char *what;
  unsigned on; uint64_t filled[4];        /* when it was cached: controls, entries */
  int op;
  unsigned now; uint64_t entry[4];        /* when the access is made */
  uint8_t kind, cpl; unsigned how;
  uint8_t vector; uint64_t pa; uint32_t error; unsigned sets;
  uint8_t way;                            /* NO and FLAGS: not permitted */
  uint32_t pkru, pkrs;
} ROWS[] = {
  /* nothing cached: the tables in memory */
  { "WALK.OK: fresh", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, AT(0x8123), 0, WALK },
  { "WALK.OK: another byte", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, AT(0x8122), 0, NO },
  { "WALK.OK: no fault", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, PF14(5), 0, NO },
  { "PF.NP: no success", 0, NOTHING, KEEP, ON, { T3, 0x8026 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "PF.NP: its fault", 0, NOTHING, KEEP, ON, { T3, 0x8026 }, READ, 3, 0, PF14(4), 0, WALK },
  { "EC.P: error bit P", 0, NOTHING, KEEP, ON, { T3, 0x8026 }, READ, 3, 0, PF14(5), 0, NO },
  { "AD.A: A is set", 0, NOTHING, KEEP, ON, { T3, 0x8007 }, READ, 3, 0, AT(0x8123), A1, WALK },
  { "AD.A: must be set in the page's entry", 0, NOTHING, KEEP, ON, { T3, 0x8007 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "AD.A: must be set in each", 0, NOTHING, KEEP, ON, { 0x2007, 0x3007, 0x4007, 0x8007 }, READ, 3, 0, AT(0x8123), A4 | A3 | A1, NO },
  { "AD.A: in all four", 0, NOTHING, KEEP, ON, { 0x2007, 0x3007, 0x4007, 0x8007 }, READ, 3, 0, AT(0x8123), A4 | A3 | A2 | A1, WALK },
  { "AD.A: not where it is 1", 0, NOTHING, KEEP, ON, { T3, 0x8007 }, READ, 3, 0, AT(0x8123), A1 | A2, FLAGS },
  { "AD.A: not in an entry that no walk reads", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, AT(0x8123), A5, FLAGS },
  { "AD.A: unwatched flags count not", 0, NOTHING, KEEP, ON, { T3, 0x8007 }, READ, 3, 0, AT(0x8123), BLIND | A5 | D2, WALK },
  { "AD.D: a write sets D", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), D1, WALK },
  { "AD.D: it must", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), 0, NO },
  { "AD.D: where it is 1 nothing is set", 0, NOTHING, KEEP, ON, { T3, 0x8067 }, RMW, 3, 0, AT(0x8123), 0, WALK },
  { "AD.D: nor may be", 0, NOTHING, KEEP, ON, { T3, 0x8067 }, WRITE, 3, 0, AT(0x8123), D1, NO },
  { "AD.D: not without a write", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, AT(0x8123), D1, NO },
  { "AD.D: not in the PDE too", 0, NOTHING, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), D1 | D2, NO },
  { "AD.D: of a 2-MiB page in the PDE", 0, NOTHING, KEEP, ON, { 0x2027, 0x3027, 0x2000a7 }, WRITE, 3, 0, AT(0x200123), D2, WALK },
  { "AD.FAULT: A may be set", 0, NOTHING, KEEP, ON, { 0x2007, 0x3027, 0x4027, 0x8005 }, WRITE, 3, 0, PF14(7), A4 | A1, WALK },
  { "AD.FAULT: in some or none", 0, NOTHING, KEEP, ON, { 0x2007, 0x3027, 0x4027, 0x8005 }, WRITE, 3, 0, PF14(7), 0, WALK },
  { "AD.FAULT: never D", 0, NOTHING, KEEP, ON, { T3, 0x8025 }, WRITE, 3, 0, PF14(7), D1, NO },
  { "AD.FAULT: no A where P = 0", 0, NOTHING, KEEP, ON, { T3, 0x8006 }, READ, 3, 0, PF14(4), A1, FLAGS },
  { "AD.FAULT: no A by a reserved bit", 0, NOTHING, KEEP, ON, { T3, 0x10000008007 }, READ, 3, 0, PF14(0xd), A1, FLAGS },

  /* a translation that is stale */
  { "TLB.STALE: the old frame", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "TLB.DROP: or the new", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x9123), 0, WALK },
  { "TLB.STALE: no third", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x9027 }, READ, 3, 0, AT(0xa123), 0, NO },
  { "INV.INVLPG: not the old one", ON, { T3, 0x8027 }, INVLPG, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.INVLPG: the new one", ON, { T3, 0x8027 }, INVLPG, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x9123), 0, WALK },
  { "INV.INVLPG: a global page", ON, { T3, 0x8127 }, INVLPG, ON, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.INVLPG: of the next page, this one stays", ON, { T3, 0x8027 }, ELSEWHERE, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "INV.CR3: not the old one", ON, { T3, 0x8027 }, CR3, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.CR3: a global page stays (M52)", ON, { T3, 0x8127 }, CR3, ON, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "INV.CR3: G without PGE does not (M52)", ON ^ PGE, { T3, 0x8127 }, CR3, ON ^ PGE, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.CR3.63: keeps it (M39)", TAGGED, { T3, 0x8027 }, CR3_KEEP, TAGGED, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "INV.CR3: PCIDE = 1, bit 63 = 0", TAGGED, { T3, 0x8027 }, CR3, TAGGED, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "TLB.PCID: not another PCID's", TAGGED, { T3, 0x8027 }, OTHER_PCID, TAGGED, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "TLB.GLOBAL: any PCID's global", TAGGED, { T3, 0x8127 }, OTHER_PCID, TAGGED, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "INV.INVPCID.0", TAGGED, { T3, 0x8027 }, INVPCID0, TAGGED, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.INVPCID.0: a global page stays", TAGGED, { T3, 0x8127 }, INVPCID0, TAGGED, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "INV.INVPCID.1", TAGGED, { T3, 0x8027 }, INVPCID1, TAGGED, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.INVPCID.2", TAGGED, { T3, 0x8127 }, INVPCID2, TAGGED, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.INVPCID.3", TAGGED, { T3, 0x8027 }, INVPCID3, TAGGED, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.INVPCID.3: a global page stays", TAGGED, { T3, 0x8127 }, INVPCID3, TAGGED, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "INV.CR4.ALL: PGE cleared", ON, { T3, 0x8127 }, CONTROL, ON ^ PGE, { T3, 0x9127 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "INV.CR4.PCID: SMEP set", ON, { T3, 0x8023 }, CONTROL, ON | SMEP, { T3, 0x8027 }, FETCH, 0, 0, AT(0x8123), 0, NO },
  { "INV.CR4.PCID: SMEP set, its fault", ON, { T3, 0x8023 }, CONTROL, ON | SMEP, { T3, 0x8027 }, FETCH, 0, 0, PF14(0x11), 0, WALK },
  { "INV.PF: not after a fault (M21)", ON, { T3, 0x8027 }, FAULT, ON, { T3, 0x8026 }, READ, 3, 0, AT(0x8123), 0, NO },
  { "TLB.STALE: P cleared, the page still there (M21)", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x8026 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "TLB.STALE: or absent", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x8026 }, READ, 3, 0, PF14(4), 0, WALK },
  { "TLB.STALE: right taken away, still used", ON, { T3, 0x8067 }, KEEP, ON, { T3, 0x8065 }, WRITE, 3, 0, AT(0x8123), 0, HIT },
  { "INV.INVLPG: right taken away", ON, { T3, 0x8067 }, INVLPG, ON, { T3, 0x8065 }, WRITE, 3, 0, AT(0x8123), 0, NO },

  /* faults that the tables in memory do not call for */
  { "HIT.FAULT: R/W set, a spurious fault", ON, { T3, 0x8065 }, KEEP, ON, { T3, 0x8067 }, WRITE, 3, 0, PF14(7), 0, HIT },
  { "HIT.FAULT: or none", ON, { T3, 0x8065 }, KEEP, ON, { T3, 0x8067 }, WRITE, 3, 0, AT(0x8123), 0, WALK },
  { "HIT.FAULT: U/S set, a spurious fault (M48)", ON, { T3, 0x8023 }, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, PF14(5), 0, HIT },
  { "HIT.FAULT: U/S set, or none (M48)", ON, { T3, 0x8023 }, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, AT(0x8123), 0, WALK },
  { "HIT.FAULT: XD cleared", ON, { T3, XD | 0x8027 }, KEEP, ON, { T3, 0x8027 }, FETCH, 3, 0, PF14(0x15), 0, HIT },
  { "HIT.FAULT: its error code has P = 1", ON, { T3, 0x8023 }, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, PF14(4), 0, NO },
  { "HIT.FAULT: only once", ON, { T3, 0x8065 }, FAULT, ON, { T3, 0x8067 }, WRITE, 3, 0, PF14(7), 0, NO },
  { "HIT.FAULT: P set, never one", ON, { T3, 0x8026 }, KEEP, ON, { T3, 0x8027 }, READ, 3, 0, PF14(4), 0, NO },
  { "HIT.FAULT: sets no D", ON, { T3, 0x8025 }, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, PF14(7), D1, NO },

  /* D */
  { "HIT.DIRTY: filled by a read, the write sets D (M12 M29 M30)", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), D1, WALK },
  { "HIT.DIRTY: it must (M12 M29 M30)", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), 0, NO },
  { "HIT.DIRTY: not through the old frame", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x9027 }, WRITE, 3, 0, AT(0x8123), D1, NO },
  { "HIT.DIRTY: cached D = 1, cleared in memory: need not be set", ON, { T3, 0x8067 }, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), 0, HIT },
  { "HIT.DIRTY: or set again", ON, { T3, 0x8067 }, KEEP, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), D1, WALK },
  { "HIT.DIRTY: after INVLPG it must", ON, { T3, 0x8067 }, INVLPG, ON, { T3, 0x8027 }, WRITE, 3, 0, AT(0x8123), 0, NO },
  { "HIT.DIRTY: a read needs no D", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x9027 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "AD.A: cached, A cleared in memory: need not be set", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x8007 }, READ, 3, 0, AT(0x8123), 0, HIT },
  { "AD.A: a walk beside the hit may set it", ON, { T3, 0x8027 }, KEEP, ON, { T3, 0x9007 }, READ, 3, 0, AT(0x8123), A1, HIT },

  /* controls of now, at a hit */
  { "HIT.CONTROLS: WP set (M43)", ON ^ WP, { T3, 0x8061 }, CONTROL, ON, { T3, 0x8061 }, WRITE, 0, 0, AT(0x8123), 0, NO },
  { "HIT.CONTROLS: WP set, its fault (M43)", ON ^ WP, { T3, 0x8061 }, CONTROL, ON, { T3, 0x9067 }, WRITE, 0, 0, PF14(3), 0, HIT },
  { "HIT.CONTROLS: WP cleared", ON, { T3, 0x8061 }, CONTROL, ON ^ WP, { T3, 0x9061 }, WRITE, 0, 0, AT(0x8123), 0, HIT },
  { "HIT.CONTROLS: SMAP set (M23)", ON, { T3, 0x8027 }, CONTROL, ON | SMAP, { T3, 0x8027 }, READ, 0, 0, AT(0x8123), 0, NO },
  { "HIT.CONTROLS: SMAP set, its fault (M23)", ON, { T3, 0x8027 }, CONTROL, ON | SMAP, { T3, 0x8023 }, READ, 0, 0, PF14(1), 0, HIT },
  { "HIT.CONTROLS: SMAP set, AC", ON, { T3, 0x8027 }, CONTROL, ON | SMAP, { T3, 0x9023 }, READ, 0, AC, AT(0x8123), 0, HIT },
  { "HIT.CONTROLS: PKRU, AD set (M16)", ON | PKE, { T3, KEY(1) | 0x8067 }, KEEP, ON | PKE, { T3, KEY(1) | 0x8067 }, READ, 3, 0, AT(0x8123), 0, NO, 4 },
  { "HIT.CONTROLS: PKRU, its fault (M16)", ON | PKE, { T3, KEY(1) | 0x8067 }, KEEP, ON | PKE, { T3, 0x8067 }, READ, 3, 0, PF14(0x25), 0, HIT, 4 },
  { "HIT.CONTROLS: PKRU, another key", ON | PKE, { T3, KEY(2) | 0x8067 }, KEEP, ON | PKE, { T3, KEY(1) | 0x8067 }, READ, 3, 0, AT(0x8123), 0, HIT, 4 },
  { "HIT.CONTROLS: PKRU, WD and WP set (M17)", (ON ^ WP) | PKE, { T3, KEY(1) | 0x8067 }, CONTROL, ON | PKE, { T3, KEY(1) | 0x8067 }, WRITE, 0, 0, AT(0x8123), 0, NO, 8 },
  { "HIT.CONTROLS: PKRU, WD, its fault (M17)", (ON ^ WP) | PKE, { T3, KEY(1) | 0x8067 }, CONTROL, ON | PKE, { T3, 0x8067 }, WRITE, 0, 0, PF14(0x23), 0, HIT, 8 },
  { "HIT.CONTROLS: PKRU, WD without WP", ON | PKE, { T3, KEY(1) | 0x8067 }, CONTROL, (ON ^ WP) | PKE, { T3, KEY(1) | 0x9067 }, WRITE, 0, 0, AT(0x8123), 0, HIT, 8 },
  { "HIT.CONTROLS: PKRS, AD set", ON | PKS, { T3, KEY(1) | 0x8063 }, KEEP, ON | PKS, { T3, 0x8063 }, READ, 0, 0, PF14(0x21), 0, HIT, 0, 4 },
  { "HIT.CONTROLS: key and R/W both deny, PK = 1", ON | PKE, { T3, KEY(1) | 0x8065 }, KEEP, ON | PKE, { T3, 0x8067 }, WRITE, 3, 0, PF14(0x27), 0, HIT, 8 },
  { "HIT.CONTROLS: key and R/W both deny, not PK = 0", ON | PKE, { T3, KEY(1) | 0x8065 }, KEEP, ON | PKE, { T3, 0x8067 }, WRITE, 3, 0, PF14(7), 0, NO, 8 },
  { "HIT.NXE: NXE cleared, XD may be forgotten", ON, { T3, XD | 0x8027 }, CONTROL, ON ^ NXE, { T3, XD | 0x8027 }, FETCH, 3, 0, AT(0x8123), 0, HIT },
  { "HIT.NXE: or denies, I/D = 0 by now", ON, { T3, XD | 0x8027 }, CONTROL, ON ^ NXE, { T3, XD | 0x8027 }, FETCH, 3, 0, PF14(5), 0, HIT },
  { "HIT.NXE: or memory has a reserved bit", ON, { T3, XD | 0x8027 }, CONTROL, ON ^ NXE, { T3, XD | 0x8027 }, FETCH, 3, 0, PF14(0xd), 0, WALK },
  { "HIT.NXE: with NXE it denies", ON, { T3, XD | 0x8027 }, KEEP, ON, { T3, XD | 0x8027 }, FETCH, 3, 0, AT(0x8123), 0, NO },

  /* a table that is cached */
  { "TLB.TABLE.USE: of a PDE with P = 0 now", ON, { T3, 0x8007 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, TABLE },
  { "TLB.TABLE.USE: or the fault", ON, { T3, 0x8007 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, PF14(4), 0, WALK },
  { "TLB.TABLE: no longer after INVLPG", ON, { T3, 0x8007 }, INVLPG, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE: INVLPG of any address", ON, { T3, 0x8007 }, ELSEWHERE, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE: a fault at the address", ON, { T3, 0x8007 }, FAULT, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE: never another PCID's", TAGGED, { T3, 0x8007 }, OTHER_PCID, TAGGED, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE: G in its entry does not keep it", ON, { 0x2027, 0x3027, 0x4127, 0x8007 }, CR3, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE: not cached with A = 0", ON, { 0x2027, 0x3027, 0x4007, 0x8027 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE.USE: its rights, a spurious fault", ON, { 0x2027, 0x3027, 0x4025, 0x8007 }, KEEP, ON, { T3, 0x9067 }, WRITE, 3, 0, PF14(7), 0, TABLE },
  { "TLB.TABLE.USE: rights below are those of now", ON, { T3, 0x8007 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9025 }, WRITE, 3, 0, AT(0x9123), D1, NO },
  { "TLB.TABLE.USE: rights below, their fault", ON, { T3, 0x8007 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9025 }, WRITE, 3, 0, PF14(7), 0, TABLE },
  { "TLB.TABLE.USE: A is set below it only", ON, { T3, 0x8007 }, KEEP, ON, { 0x2007, 0x3007, 0x4007, 0x9007 }, READ, 3, 0, AT(0x9123), A1, TABLE },
  { "TLB.TABLE.USE: and must be", ON, { T3, 0x8007 }, KEEP, ON, { 0x2007, 0x3007, 0x4007, 0x9007 }, READ, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE.USE: D is set below it", ON, { T3, 0x8007 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, WRITE, 3, 0, AT(0x9123), D1, TABLE },
  { "TLB.TABLE.USE: and must be too", ON, { T3, 0x8007 }, KEEP, ON, { 0x2027, 0x3027, 0x4026, 0x9027 }, WRITE, 3, 0, AT(0x9123), 0, NO },
  { "TLB.TABLE.USE: a PDPTE's leads to the PDE of now", ON, { 0x2027, 0x3027, 0x4007 }, KEEP, ON, { 0x2026, 0x3026, 0x2000e7 }, READ, 3, 0, AT(0x200123), 0, TABLE },
};

static void rows(void **state)
{
  const struct row *r = *state;
  struct vmref_cpu then = cpu_with(r->on), cpu = cpu_with(r->now);
  memset(&tlb, 0, sizeof tlb);
  if (r->filled[0]) tables(r->filled), fill(then, VA);
  tables(r->entry);
  if (r->op == INVLPG) vmref_tlb_invlpg(&tlb, cpu, VA);
  if (r->op == ELSEWHERE) vmref_tlb_invlpg(&tlb, cpu, VA + 0x1000);
  if (r->op == CR3 || r->op == CR3_KEEP) vmref_tlb_cr3(&tlb, cpu, r->op == CR3_KEEP);
  if (r->op == FAULT) vmref_tlb_fault(&tlb, cpu, VA);
  if (r->op == CONTROL) vmref_tlb_control(&tlb, then, cpu);
  if (r->op >= INVPCID0 && r->op <= INVPCID3)
    IS(r->what, vmref_tlb_invpcid(&tlb, cpu, 0, (uint64_t)r->op - INVPCID0, 0, VA), 0);
  if (r->op == OTHER_PCID) cpu.cr3 |= 5;
  cpu.pkru = r->pkru, cpu.pkrs = r->pkrs;
  struct vmref_observed seen = saw(r->vector, r->pa, r->error, r->sets);
  struct vmref_verdict v = vmref_allows(cpu, &tlb, ram, WORDS, access_of(VA, r->kind, r->cpl, r->how), &seen);
  IS(r->what, v.status, VMREF_OK);
  IS(r->what, v.allowed, r->way != NO && r->way != FLAGS);
  IS(r->what, v.way, r->way);
  IS(r->what, v.root.table, 0x1000);
  IS(r->what, v.root.level, 4);
  if (v.way == HIT) IS(r->what, tlb.page[v.slot].used && tlb.page[v.slot].page == 0, 1);
  if (v.way == TABLE) IS(r->what, tlb.table[v.slot].used && tlb.table[v.slot].start == 0, 1);
}

/* ---- longer stories ------------------------------------------------------------------ */

static uint8_t way(struct vmref_cpu cpu, struct vmref_access a, struct vmref_observed seen)
{
  struct vmref_verdict v = vmref_allows(cpu, &tlb, ram, WORDS, a, &seen);
  IS("allowed is told by the way", v.allowed, v.way != NO && v.way != FLAGS);
  return v.way;
}

/* A PDE that moves to another table: three answers before the invalidation, one after. */
static void moved_table(void **state)
{
  const char *what = "TLB.TABLE: a cached table whose entries changed";
  struct vmref_cpu cpu = cpu_with(ON);
  struct vmref_access a = access_of(VA, READ, 3, 0);
  (void)state;
  memset(&tlb, 0, sizeof tlb);
  tables((const uint64_t[4]){ T3, 0x8027 });
  fill(cpu, VA);
  ram[0x3000 / 8] = 0x5027;
  ram[0x4000 / 8] = 0xa007;
  ram[0x5000 / 8] = 0x9007;
  IS(what, way(cpu, a, saw(AT(0x8123), 0)), HIT);
  IS(what, way(cpu, a, saw(AT(0xa123), A1)), TABLE);
  IS(what, way(cpu, a, saw(AT(0x9123), A5)), WALK);
  IS(what, way(cpu, a, saw(AT(0x9123), A5 | A1)), WALK); /* and a walk beside it */
  IS(what, way(cpu, a, saw(AT(0x9123), A1)), NO);
  IS(what, way(cpu, a, saw(AT(0xb123), A1)), NO);
  vmref_tlb_invlpg(&tlb, cpu, VA);
  IS(what, way(cpu, a, saw(AT(0x8123), 0)), NO);
  IS(what, way(cpu, a, saw(AT(0xa123), A1)), NO);
  IS(what, way(cpu, a, saw(AT(0x9123), A5)), WALK);
  IS(what, way(cpu, a, saw(AT(0x9123), A5 | A1)), FLAGS);
}

/* One directory under two parents, of which one is read-only. */
static void two_parents(void **state)
{
  const char *what = "RIGHTS.ALL: a shared directory (M42)";
  struct vmref_cpu cpu = cpu_with(ON);
  (void)state;
  memset(&tlb, 0, sizeof tlb);
  tables((const uint64_t[4]){ T3, 0x8067 });
  ram[0x2008 / 8] = 0x3025;
  fill(cpu, VA);
  fill(cpu, 0x40000000 + VA);
  struct vmref_observed fault = saw(PF14(7), 0);
  fault.cr2 = 0x40000000 + VA;
  IS(what, way(cpu, access_of(VA, WRITE, 3, 0), saw(AT(0x8123), 0)), WALK);
  IS(what, way(cpu, access_of(VA, WRITE, 3, 0), saw(PF14(7), 0)), NO);
  IS(what, way(cpu, access_of(0x40000000 + VA, WRITE, 3, 0), saw(AT(0x8123), 0)), NO);
  IS(what, way(cpu, access_of(0x40000000 + VA, WRITE, 3, 0), fault), WALK);
}

/* PAE: the registers decide, not their images in memory; no A flag in either. */
static void pdpte(void **state)
{
  const char *what = "SET.PDPTES: a walk begins at the register";
  struct vmref_cpu cpu = cpu_with(ON | IN_PAE);
  struct vmref_access a = access_of(VA, READ, 3, 0);
  (void)state;
  memset(&tlb, 0, sizeof tlb);
  cpu.pdpte[0] = 0x3001;
  tables((const uint64_t[4]){ 0x5001, 0, 0x4027, 0x8027 }); /* CR3 = 0x1000 */
  IS(what, way(cpu, a, saw(AT(0x8123), 0)), WALK);
  IS(what, way(cpu, a, saw(AT(0x8123), A4)), FLAGS);
  IS(what, way(cpu, a, saw(PF14(4), 0)), NO);
  cpu.pdpte[0] = 0x3000;
  IS(what, way(cpu, a, saw(PF14(4), 0)), ONCE);
  IS(what, way(cpu, a, saw(PF14(4), A2)), NO);
  IS(what, way(cpu, a, saw(AT(0x8123), 0)), NO);
}

/* 32-bit paging: two entries a word; the entry in the high half is at +4. */
static void halves(void **state)
{
  const char *what = "AD.A: in a 4-byte entry";
  struct vmref_cpu cpu = cpu_with(ON | IN_32BIT);
  struct vmref_access a = access_of(0x401123, WRITE, 3, 0);
  struct vmref_observed o = { .pa = 0x9123, .flags_seen = 1, .sets = 2, .set_address = { 0x1004, 0x4004 },
                              .set_a = { 1, 1 }, .set_d = { 0, 1 } };
  (void)state;
  memset(&tlb, 0, sizeof tlb);
  memset(ram, 0, sizeof ram);
  ram[0x1000 / 8] = 0x4007ull << 32;
  ram[0x4000 / 8] = 0x9007ull << 32 | 0x8007;
  IS(what, way(cpu, a, o), WALK);
  o.set_address[1] = 0x4000;
  IS(what, way(cpu, a, o), NO);
  o.set_address[1] = 0x4004, o.set_a[0] = 0;
  IS(what, way(cpu, a, o), NO);
}

/* ---- no walk, and no answer ------------------------------------------------------------- */

static const struct once_row {
  const char *what; unsigned on; struct vmref_access access;
  uint8_t vector; uint64_t pa; uint32_t error; unsigned sets; int8_t status; uint8_t way;
} ONCES[] = {
  { "GP.CANON: #GP(0)", ON, { 0x800000000000, READ, 1, 3, 0, 0, 0 }, 13, 0, 0, 0, 0, ONCE },
  { "GP.CANON: no #PF", ON, { 0x800000000000, READ, 1, 3, 0, 0, 0 }, 14, 0, 4, 0, 0, NO },
  { "GP.CANON: not #SS", ON, { 0x800000000000, READ, 1, 3, 0, 0, 0 }, 12, 0, 0, 0, 0, NO },
  { "GP.CANON: sets nothing", ON, { 0x800000000000, READ, 1, 3, 0, 0, 0 }, 13, 0, 0, A4, 0, NO },
  { "SS.CANON: #SS(0)", ON, { 0x800000000000, READ, 1, 3, 0, 0, 1 }, 12, 0, 0, 0, 0, ONCE },
  { "SS.CANON: error code 0", ON, { 0x800000000000, READ, 1, 3, 0, 0, 1 }, 12, 0, 1, 0, 0, NO },
  { "WALK.OK: without paging", IN_NONE, { 0x8123, WRITE, 1, 3, 0, 0, 0 }, 0, 0x8123, 0, 0, 0, ONCE },
  { "WALK.OK: without paging, nothing else", IN_NONE, { 0x8123, WRITE, 1, 3, 0, 0, 0 }, 0, 0x8124, 0, 0, 0, NO },
  { "status: kind 4", ON, { 0, 4, 1, 3, 0, 0, 0 }, 0, 0x8000, 0, 0, VMREF_EINVAL, NO },
  { "status: 33 bits of address in 32-bit paging", IN_32BIT, { 0x100000000, READ, 1, 3, 0, 0, 0 }, 0, 0x8000, 0, 0, VMREF_EINVAL, NO },
  { "status: bytes in two pages", ON, { 0xfff, READ, 2, 3, 0, 0, 0 }, 0, 0x8fff, 0, 0, VMREF_EUNMODELLED, NO },
  { "status: memory ends before the PDPTE", ON, { 0x8000000000, READ, 1, 3, 0, 0, 0 }, 14, 0, 4, 0, VMREF_EMEM, NO },
};
static void once(void **state)
{
  const struct once_row *r = *state;
  struct vmref_observed seen = saw(r->vector, r->pa, r->error, r->sets);
  memset(&tlb, 0, sizeof tlb);
  tables((const uint64_t[4]){ T3, 0x8067 });
  ram[0x1008 / 8] = 0x6027; /* just past memory */
  struct vmref_verdict v = vmref_allows(cpu_with(r->on), &tlb, ram, WORDS, r->access, &seen);
  IS(r->what, v.status, r->status);
  IS(r->what, v.allowed, r->way != NO);
  IS(r->what, v.way, r->way);
}

static void cr2(void **state)
{
  struct vmref_observed seen = saw(PF14(4), 0);
  (void)state;
  memset(&tlb, 0, sizeof tlb);
  tables((const uint64_t[4]){ T3, 0 });
  seen.cr2 = VA & ~0xfff;
  IS("CR2: the page is not enough", way(cpu_with(ON), access_of(VA, READ, 3, 0), seen), NO);
  tables((const uint64_t[4]){ T3, 0x8065 });
  fill(cpu_with(ON), VA);
  seen = saw(PF14(7), 0), seen.cr2 = VA + 1;
  tables((const uint64_t[4]){ T3, 0x8067 });
  IS("CR2: of a stale fault", way(cpu_with(ON), access_of(VA, WRITE, 3, 0), seen), NO);
}

int main(void)
{
  ADD_ROWS(rows, ROWS);
  ADD_ROWS(once, ONCES);
  test_add("TLB.TABLE.USE: moved", moved_table, NULL);
  test_add("RIGHTS.ALL: two parents (M42)", two_parents, NULL);
  test_add("SET.PDPTES: registers", pdpte, NULL);
  test_add("AD.A: 32-bit paging", halves, NULL);
  test_add("CR2: exact", cr2, NULL);
  return RUN_TESTS("allows");
}
