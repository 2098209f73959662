/* SPDX-License-Identifier: MIT */
/* Topic control. Every expected value was worked out by hand: SDM 3A 2.5, 4.1, 4.4.1,
 * 4.10.1, 9.8.5, 11.12.2, SDM 2 MOV CR, WRMSR, WRPKRU. */
#include <string.h>
#include "test.h"
#include "access.h"
#include "control.h"

#define GP(name) VMREF_RULE_GP_##name
#define NONE VMREF_RULE_NONE
enum { CR0, CR3, CR4, EFER, PAT, PKRU, PKRS };

/* Registers to begin with: CR0 with PE, MP, ET, NE, WP, AM, and PG but in OFF; CR3 at
 * 0x1000; EFER with SCE. */
enum start { OFF, P32, PAE, LONG, COMPAT, PCID, LA57 };
/* And what differs from that. */
enum {
  ON_AMD = 1, WIDTH36 = 2, LME = 4, CSL = 8, TR16 = 0x10, CR4_PAE = 0x20, CET = 0x40, NOWP = 0x80, CR3_LOW = 0x100,
  NO_PCID = 0x200, NO_PAT = 0x400, NO_NX = 0x800, NO_LM = 0x1000, NO_PKS = 0x2000, I386 = 0x4000,
  WITH_PKE = 0x8000, NO_LA57 = 0x10000, NO_PGE = 0x20000, NO_SMAP = 0x40000,
};

static struct vmref_control begin(enum start at, unsigned with)
{
  static const struct vmref_features intel = VMREF_FEATURES_INTEL, amd = VMREF_FEATURES_AMD;
  struct vmref_control c = vmref_control_reset(with & ON_AMD ? amd : intel);
  c.cr0 = at == OFF ? 0x00050033 : 0x80050033;
  c.cr3 = with & CR3_LOW ? 0x1001 : 0x1000;
  c.cr4 = at == OFF || at == P32 ? 0 : 0x20;
  c.efer = at <= PAE ? 0x1 : 0x501;
  c.cs_l = at >= LONG && at != COMPAT;
  if (at == PCID) c.cr4 = 0x20020;
  if (at == LA57) c.cr4 = 0x1020;
  if (with & CR4_PAE) c.cr4 |= 0x20;
  if (with & WITH_PKE) c.cr4 |= 0x400000;
  if (with & CET) c.cr4 |= 0x800000;
  if (with & LME) c.efer |= 0x100;
  if (with & CSL) c.cs_l = 1;
  if (with & TR16) c.tr16 = 1;
  if (with & NOWP) c.cr0 &= ~UINT64_C(0x10000);
  if (with & WIDTH36) c.features.maxphyaddr = 36;
  if (with & NO_PCID) c.features.pcid = 0;
  if (with & NO_PAT) c.features.pat = 0;
  if (with & NO_NX) c.features.nx = 0;
  if (with & NO_LM) c.features.lm = 0;
  if (with & NO_PKS) c.features.pks = 0;
  if (with & NO_LA57) c.features.la57 = 0;
  if (with & NO_PGE) c.features.pge = 0;
  if (with & NO_SMAP) c.features.smap = 0;
  if (with & I386) { c.features.wp = 0; c.cr0 &= ~UINT64_C(0x10000); }
  return c;
}

/* A legal state, then a write: rule 0 and the register holds `after`, or the rule and
 * nothing has changed. */
static const struct row {
  const char *what;
  enum start at; unsigned with;
  uint8_t reg; uint64_t value;
  uint8_t want; uint64_t after;
} WRITES[] = {
  { "GP.CR0.HIGH: bit 32, in 64-bit mode",       LONG, 0, CR0, 0x180050033, GP(CR0_HIGH), 0 },
  { "GP.CR0.HIGH: bit 63",                       LONG, 0, CR0, 0x8000000080050033, GP(CR0_HIGH), 0 },
  { "SET.OPERAND: 32 bits of CR0 in compatibility mode", COMPAT, 0, CR0, 0x180050033, NONE, 0x80050033 },
  { "SET.OPERAND: 32 bits of CR0 in legacy mode", P32, CSL, CR0, 0xFFFFFFFF80050033, NONE, 0x80050033 },
  { "GP.CR0.PG.PE: PG without PE",               OFF,  0, CR0, 0x80050032, GP(CR0_PG_PE), 0 },
  { "GP.CR0.PG.PE: PE cleared under paging",     P32,  0, CR0, 0x80050032, GP(CR0_PG_PE), 0 },
  { "GP.CR0.PG.PE: neither is legal",            OFF,  0, CR0, 0x00050032, NONE, 0x00050032 },
  { "GP.CR0.NW.CD: NW without CD",               P32,  0, CR0, 0xA0050033, GP(CR0_NW_CD), 0 },
  { "GP.CR0.NW.CD: both",                        P32,  0, CR0, 0xE0050033, NONE, 0xE0050033 },
  { "GP.CR0.NW.CD: CD alone",                    P32,  0, CR0, 0xC0050033, NONE, 0xC0050033 },
  { "GP.CR0.LME.PAE: long mode without PAE",     OFF,  LME, CR0, 0x80050033, GP(CR0_LME_PAE), 0 },
  { "GP.CR0.LME.PAE: LME = 0 needs none",        OFF,  0, CR0, 0x80050033, NONE, 0x80050033 },
  { "GP.CR0.LME.CSL: in a 64-bit code segment",  OFF,  LME | CR4_PAE | CSL, CR0, 0x80050033, GP(CR0_LME_CSL), 0 },
  { "GP.CR0.LME.CSL: LME = 0 does not mind",     OFF,  CSL, CR0, 0x80050033, NONE, 0x80050033 },
  { "GP.CR0.LME.TSS: 16-bit TSS, Intel",         OFF,  LME | CR4_PAE | TR16, CR0, 0x80050033, GP(CR0_LME_TSS), 0 },
  { "GP.CR0.LME.TSS: not on AMD",                OFF,  LME | CR4_PAE | TR16 | ON_AMD, CR0, 0x80050033, NONE, 0x80050033 },
  { "GP.CR0.LME.TSS: only to activate",          LONG, TR16, CR0, 0xC0050033, NONE, 0xC0050033 },
  { "GP.CR0.PG.64: PG cleared in 64-bit mode",   LONG, 0, CR0, 0x00050033, GP(CR0_PG_64), 0 },
  { "GP.CR0.PG.64: in compatibility mode",       COMPAT, 0, CR0, 0x00050033, NONE, 0x00050033 },
  { "GP.CR0.WP.CET: WP cleared",                 LONG, CET, CR0, 0x80040033, GP(CR0_WP_CET), 0 },
  { "GP.CR0.WP.CET: without CET, M43",           LONG, 0, CR0, 0x80040033, NONE, 0x80040033 },
  { "SET.IGNORED: undefined bits of CR0, ET",    P32,  0, CR0, 0x9FFFFFEF, NONE, 0x8005003F },
  { "SET.IGNORED: WP of an i386, M27",           P32,  I386, CR0, 0x80050033, NONE, 0x80040033 },

  { "GP.CR3.63: PCIDE = 0",                      LONG, 0, CR3, 0x8000000000002000, GP(CR3_63), 0 },
  { "SET.CR3.63: PCIDE = 1, M39",                PCID, 0, CR3, 0x8000000000002005, NONE, 0x2005 },
  { "GP.CR3.ADDR: bit 46 of 46",                 LONG, 0, CR3, 0x400000001000, GP(CR3_ADDR), 0 },
  { "GP.CR3.ADDR: bit 45 of 46",                 LONG, 0, CR3, 0x200000001000, NONE, 0x200000001000 },
  { "GP.CR3.ADDR: bit 62, PCIDE = 1",            PCID, 0, CR3, 0xC000000000001000, GP(CR3_ADDR), 0 },
  { "GP.CR3.ADDR: bit 36 of 36",                 LONG, WIDTH36, CR3, 0x1000001000, GP(CR3_ADDR), 0 },
  { "SET.OPERAND: 32 bits of CR3 in compatibility mode", COMPAT, 0, CR3, 0x8000400000001000, NONE, 0x1000 },
  { "SET.OPERAND: 32 bits of CR3, CS.L = 1 in legacy mode", P32, CSL, CR3, 0x100003000, NONE, 0x3000 },

  { "GP.CR4.RSVD: PCIDE without PCID, M06",      LONG, NO_PCID, CR4, 0x20020, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: LA57 without it",              P32,  NO_LA57, CR4, 0x1000, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: PGE without it",               P32,  NO_PGE, CR4, 0x80, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: SMAP without it",              P32,  NO_SMAP, CR4, 0x200000, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: PKS without it",               LONG, NO_PKS, CR4, 0x1000020, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: bit 15",                       LONG, 0, CR4, 0x8020, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: bit 63",                       LONG, 0, CR4, 0x8000000000000020, GP(CR4_RSVD), 0 },
  { "GP.CR4.RSVD: all that Intel has but LA57",  LONG, 0, CR4, 0x1F76FFF, NONE, 0x1F76FFF },
  { "GP.CR4.RSVD: VMXE on AMD",                  P32,  ON_AMD, CR4, 0x2000, GP(CR4_RSVD), 0 },
  { "GP.CR4.CET: with WP = 0",                   LONG, NOWP, CR4, 0x800020, GP(CR4_CET), 0 },
  { "GP.CR4.CET: with WP = 1",                   LONG, 0, CR4, 0x800020, NONE, 0x800020 },
  { "GP.CR4.PAE: cleared in 64-bit mode",        LONG, 0, CR4, 0x0, GP(CR4_PAE), 0 },
  { "GP.CR4.PAE: cleared in compatibility mode", COMPAT, 0, CR4, 0x0, GP(CR4_PAE), 0 },
  { "GP.CR4.PAE: cleared in PAE paging",         PAE,  0, CR4, 0x0, NONE, 0x0 },
  { "GP.CR4.LA57: set in IA-32e mode",           LONG, 0, CR4, 0x1020, GP(CR4_LA57), 0 },
  { "GP.CR4.LA57: cleared in IA-32e mode",       LA57, 0, CR4, 0x20, GP(CR4_LA57), 0 },
  { "GP.CR4.LA57: kept",                         LA57, 0, CR4, 0x10A0, NONE, 0x10A0 },
  { "GP.CR4.LA57: set in 32-bit paging",         P32,  0, CR4, 0x1000, NONE, 0x1000 },
  { "GP.CR4.PCIDE.CR3: CR3[11:0] = 1",           LONG, CR3_LOW, CR4, 0x20020, GP(CR4_PCIDE_CR3), 0 },
  { "GP.CR4.PCIDE.CR3: CR3[11:0] = 0",           LONG, 0, CR4, 0x20020, NONE, 0x20020 },
  { "GP.CR4.PCIDE.CR3: already set",             PCID, CR3_LOW, CR4, 0x200A0, NONE, 0x200A0 },
  { "GP.CR4.PCIDE.LMA: in PAE paging",           PAE,  0, CR4, 0x20020, GP(CR4_PCIDE_LMA), 0 },
  { "GP.CR4.PCIDE.LMA: without paging",          OFF,  LME | CR4_PAE, CR4, 0x20020, GP(CR4_PCIDE_LMA), 0 },
  { "GP.CR4.PCIDE.LMA: in compatibility mode",   COMPAT, 0, CR4, 0x20020, NONE, 0x20020 },
  { "SET.OPERAND: 32 bits of CR4 in compatibility mode", COMPAT, 0, CR4, 0x8000000000000020, NONE, 0x20 },

  { "GP.EFER.RSVD: NXE without it",              LONG, NO_NX, EFER, 0xD01, GP(EFER_RSVD), 0 },
  { "GP.EFER.RSVD: LME without it",              OFF,  NO_LM, EFER, 0x101, GP(EFER_RSVD), 0 },
  { "GP.EFER.RSVD: SVME on Intel",               LONG, 0, EFER, 0x1501, GP(EFER_RSVD), 0 },
  { "GP.EFER.RSVD: SVME on AMD",                 LONG, ON_AMD, EFER, 0x1501, NONE, 0x1501 },
  { "GP.EFER.RSVD: bit 32, whatever the mode",   OFF,  0, EFER, 0x100000001, GP(EFER_RSVD), 0 },
  { "GP.EFER.RSVD: NXE under paging",            LONG, 0, EFER, 0xD01, NONE, 0xD01 },
  { "GP.EFER.LME: cleared under paging",         LONG, 0, EFER, 0x401, GP(EFER_LME), 0 },
  { "GP.EFER.LME: set under paging",             PAE,  0, EFER, 0x101, GP(EFER_LME), 0 },
  { "GP.EFER.LME: set without, PAE = 0",         OFF,  0, EFER, 0x101, NONE, 0x101 },
  { "SET.LMA: Intel ignores a 0",                LONG, 0, EFER, 0x101, NONE, 0x501 },
  { "SET.LMA: Intel ignores a 1",                OFF,  0, EFER, 0x401, NONE, 0x1 },
  { "GP.EFER.LMA: AMD, a 0 for a 1",             LONG, ON_AMD, EFER, 0x101, GP(EFER_LMA), 0 },
  { "GP.EFER.LMA: AMD, a 1 for a 0",             OFF,  ON_AMD, EFER, 0x401, GP(EFER_LMA), 0 },
  { "GP.MSR: IA32_EFER of a CPU with neither NX nor LM", OFF, NO_NX | NO_LM, EFER, 0x1, GP(MSR), 0 },
  { "GP.MSR: IA32_PAT",                          P32,  NO_PAT, PAT, 0x0007040600070406, GP(MSR), 0 },
  { "GP.MSR: IA32_PKRS",                         LONG, NO_PKS, PKRS, 0, GP(MSR), 0 },
  { "GP.PAT: type 2 in the first byte",          LONG, 0, PAT, 0x0007040600070402, GP(PAT), 0 },
  { "GP.PAT: type 3 in the last",                LONG, 0, PAT, 0x0307040600070406, GP(PAT), 0 },
  { "GP.PAT: 8 in the fifth",                    LONG, 0, PAT, 0x0007040800070406, GP(PAT), 0 },
  { "GP.PAT: 0x84, an upper bit",                LONG, 0, PAT, 0x0007840600070406, GP(PAT), 0 },
  { "GP.PAT: each type there is",                P32,  0, PAT, 0x0100070605040100, NONE, 0x0100070605040100 },
  { "GP.PKRS: bit 32",                           LONG, 0, PKRS, 0x100000000, GP(PKRS), 0 },
  { "GP.PKRS: without CR4.PKS",                  P32,  0, PKRS, 0xFFFFFFFF, NONE, 0xFFFFFFFF },
  { "UD.PKE: CR4.PKE = 0",                       LONG, 0, PKRU, 0, VMREF_RULE_UD_PKE, 0 },
  { "UD.PKE: before EDX",                        LONG, 0, PKRU, 0x100000000, VMREF_RULE_UD_PKE, 0 },
  { "GP.PKRU: EDX = 1",                          LONG, WITH_PKE, PKRU, 0x100000000, GP(PKRU), 0 },
  { "GP.PKRU: EDX = 0",                          LONG, WITH_PKE, PKRU, 0xFFFFFFFC, NONE, 0xFFFFFFFC },
  { "GP.PKRU: in 32-bit paging",                 P32,  WITH_PKE, PKRU, 0x4, NONE, 0x4 },
};

static uint64_t held(const struct vmref_control *c, uint8_t reg)
{
  const uint64_t is[] = { c->cr0, c->cr3, c->cr4, c->efer, c->pat, c->pkru, c->pkrs };
  return is[reg];
}

static const struct vmref_pdptes NO_PDPTES = { { 0, 0, 0, 0 } };

static void writes(void **state)
{
  const struct row *r = *state;
  struct vmref_control c = begin(r->at, r->with), before;
  memcpy(&before, &c, sizeof c);
  IS(r->what, vmref_control_legal(&c), 1);
  IS(r->what, vmref_cpu_set(&c, r->reg, r->value, NO_PDPTES), r->want);
  IS(r->what, vmref_vector(r->want), r->want == NONE ? 0 : r->want == VMREF_RULE_UD_PKE ? 6 : 13);
  if (r->want != NONE) IS("SET.NOTHING: the state after a fault", memcmp(&c, &before, sizeof c), 0);
  else IS(r->what, held(&c, r->reg), r->after);
  IS(r->what, vmref_control_legal(&c), 1);
}

/* PG cannot be cleared with PCIDE = 1, and 64-bit mode has a rule of its own: this needs
 * compatibility mode with PCIDs. */
static void pcide_pg(void **state)
{
  (void)state;
  struct vmref_control c = begin(PCID, 0);
  c.cs_l = 0;
  IS("GP.CR0.PG.PCIDE", vmref_cpu_set(&c, CR0, 0x00050033, NO_PDPTES), GP(CR0_PG_PCIDE));
  IS("GP.CR0.PG.PCIDE", vmref_cpu_set(&c, CR4, 0x20, NO_PDPTES), NONE);
  IS("GP.CR0.PG.PCIDE: PCIDE = 0", vmref_cpu_set(&c, CR0, 0x00050033, NO_PDPTES), NONE);
  IS("SET.LMA: cleared with PG", c.efer, 0x101);
}

/* ---- PDPTE registers -------------------------------------------------------------- */

/* loads: what the write reads. The PDPTEs, when it does: the third as given, else 0x5001. */
static const struct load_row {
  const char *what;
  enum start at; unsigned with;
  uint8_t reg; uint64_t value;
  uint8_t loads; uint64_t third;
  uint8_t want;
} LOADS[] = {
  { "SET.PDPTES: MOV CR3",                 PAE,  0, CR3, 0x2000, 1, 0x7001, NONE },
  { "SET.PDPTES: MOV CR3, the same value", PAE,  0, CR3, 0x1000, 1, 0x7001, NONE },
  { "SET.PDPTES: MOV CR3 in 4-level paging", LONG, 0, CR3, 0x2000, 0, 0x7003, NONE },
  { "SET.PDPTES: MOV CR3 without paging",  OFF,  CR4_PAE, CR3, 0x2000, 0, 0x7003, NONE },
  { "SET.PDPTES: MOV CR3 in 32-bit paging", P32, 0, CR3, 0x2000, 0, 0x7003, NONE },
  { "SET.PDPTES: PG set",                  OFF,  CR4_PAE, CR0, 0x80050033, 1, 0x7001, NONE },
  { "SET.PDPTES: PG set for 4-level paging", OFF, CR4_PAE | LME, CR0, 0x80050033, 0, 0x7003, NONE },
  { "SET.PDPTES: PG cleared",              PAE,  0, CR0, 0x00050033, 0, 0x7003, NONE },
  { "SET.PDPTES: CD set",                  PAE,  0, CR0, 0xC0050033, 1, 0x7001, NONE },
  { "SET.PDPTES: CD and NW set",           PAE,  0, CR0, 0xE0050033, 1, 0x7003, GP(PDPTE) },
  { "SET.PDPTES: WP cleared, no load",     PAE,  0, CR0, 0x80040033, 0, 0x7003, NONE },
  { "SET.PDPTES: CR0 as it was, no load",  PAE,  0, CR0, 0x80050033, 0, 0x7003, NONE },
  { "SET.PDPTES: PAE set under paging",    P32,  0, CR4, 0x20, 1, 0x7001, NONE },
  { "SET.PDPTES: PAE set without paging",  OFF,  0, CR4, 0x20, 0, 0x7003, NONE },
  { "SET.PDPTES: PGE set",                 PAE,  0, CR4, 0xA0, 1, 0x7001, NONE },
  { "SET.PDPTES: PGE set in 4-level paging", LONG, 0, CR4, 0xA0, 0, 0x7003, NONE },
  { "SET.PDPTES: PSE set",                 PAE,  0, CR4, 0x30, 1, 0x7001, NONE },
  { "SET.PDPTES: SMEP set",                PAE,  0, CR4, 0x100020, 1, 0x7001, NONE },
  { "SET.PDPTES: SMAP set, no load",       PAE,  0, CR4, 0x200020, 0, 0x7003, NONE },
  { "SET.PDPTES: PKE set, no load",        PAE,  0, CR4, 0x400020, 0, 0x7003, NONE },
  { "SET.PDPTES: PKS set, no load",        PAE,  0, CR4, 0x1000020, 0, 0x7003, NONE },
  { "SET.PDPTES: LA57 set, no load",       PAE,  0, CR4, 0x1020, 0, 0x7003, NONE },
  { "SET.PDPTES: a CR4 that faults reads nothing", PAE, 0, CR4, 0x200A0, 0, 0x7003, GP(CR4_PCIDE_LMA) },
  { "SET.PDPTES: EFER.NXE, no load",       PAE,  0, EFER, 0x801, 0, 0x7003, NONE },
  { "GP.PDPTE: bit 1, M02",                PAE,  0, CR3, 0x2000, 1, 0x7003, GP(PDPTE) },
  { "GP.PDPTE: bit 2",                     PAE,  0, CR3, 0x2000, 1, 0x7005, GP(PDPTE) },
  { "GP.PDPTE: bit 5",                     PAE,  0, CR3, 0x2000, 1, 0x7021, GP(PDPTE) },
  { "GP.PDPTE: bit 8",                     PAE,  0, CR3, 0x2000, 1, 0x7101, GP(PDPTE) },
  { "GP.PDPTE: PWT, PCD and bits 11:9 are free", PAE, 0, CR3, 0x2000, 1, 0x7E19, NONE },
  { "GP.PDPTE: bit 45 of 46",              PAE,  0, CR3, 0x2000, 1, 0x200000007001, NONE },
  { "GP.PDPTE: bit 46 of 46",              PAE,  0, CR3, 0x2000, 1, 0x400000007001, GP(PDPTE) },
  { "GP.PDPTE: bit 63",                    PAE,  0, CR3, 0x2000, 1, 0x8000000000007001, GP(PDPTE) },
  { "GP.PDPTE: P = 0, anything goes",      PAE,  0, CR3, 0x2000, 1, 0xFFFFFFFFFFFFFFFE, NONE },
  { "GP.PDPTE: CR4 is not written before the check, M20", PAE, 0, CR4, 0xA0, 1, 0x7003, GP(PDPTE) },
};

static void loading(void **state)
{
  const struct load_row *r = *state;
  struct vmref_control c = begin(r->at, r->with), before;
  for (int i = 0; i < 4; i++) c.pdpte[i] = 0x9001;
  memcpy(&before, &c, sizeof c);
  struct vmref_pdptes p = { { 0x5001, 0x5001, r->third, 0x5001 } };
  IS(r->what, vmref_cpu_loads_pdptes(&c, r->reg, r->value), r->loads);
  IS(r->what, vmref_cpu_set(&c, r->reg, r->value, p), r->want);
  if (r->want != NONE) IS("SET.NOTHING: the state after a fault", memcmp(&c, &before, sizeof c), 0);
  else {
    IS(r->what, c.pdpte[2], r->loads ? r->third : 0x9001);
    IS(r->what, c.pdpte[3], r->loads ? 0x5001 : 0x9001); /* M13: else memory is not looked at */
  }
}

static void pdpte_table(void **state)
{
  (void)state;
  struct vmref_control c = begin(PAE, 0);
  IS("SET.PDPTES: bits 31:5 of the new CR3", vmref_cpu_pdpte_table(&c, CR3, 0xFFFF00005678), 0x5660);
  c.cr3 = 0x300001FFF;
  IS("SET.PDPTES: bits 31:5 of CR3", vmref_cpu_pdpte_table(&c, CR4, 0xA0), 0x1FE0);
}

/* ---- what the registers make of the CPU --------------------------------------------- */

static void modes(void **state)
{
  (void)state;
  static const uint8_t want[] = { VMREF_MODE_NONE, VMREF_MODE_32BIT, VMREF_MODE_PAE, VMREF_MODE_4LEVEL,
                                  VMREF_MODE_4LEVEL, VMREF_MODE_4LEVEL, VMREF_MODE_5LEVEL };
  for (int at = OFF; at <= LA57; at++) {
    struct vmref_control c = begin(at, 0);
    struct vmref_cpu cpu = vmref_cpu_of(&c);
    IS("MODE.SELECT: PG, PAE, LME, LA57", cpu.mode, want[at]);
    IS("MODE.SELECT: PCIDE", cpu.pcide, at == PCID);
    IS("MODE.SELECT: valid", vmref_cpu_valid(cpu), 1);
  }
  struct vmref_control c = begin(P32, 0);
  c.cr4 = 0x1000;
  c.efer = 0x801;
  IS("MODE.SELECT: LA57 means nothing in 32-bit paging", vmref_cpu_of(&c).mode, VMREF_MODE_32BIT);
  IS("MODE.SELECT: NXE", vmref_cpu_of(&c).nxe, 1);
}

static void flags(void **state)
{
  (void)state;
  struct vmref_control c = begin(PAE, NO_PCID);
  c.pkru = 0x12345678;
  c.pkrs = 0x9ABCDEF0;
  c.cr4 = 0x1F010B0 & ~UINT64_C(0x1000); /* all but PCIDE and LA57 */
  struct vmref_cpu cpu = vmref_cpu_of(&c);
  IS("CR0.WP", cpu.wp, 1);
  IS("CR4.PSE, PGE", cpu.pse + 2 * cpu.pge, 3);
  IS("CR4.SMEP, SMAP, PKE, PKS", cpu.smep + 2 * cpu.smap + 4 * cpu.pke + 8 * cpu.pks, 15);
  IS("EFER.NXE", cpu.nxe, 0);
  IS("PKRU", cpu.pkru, 0x12345678);
  IS("PKRS", cpu.pkrs, 0x9ABCDEF0);
  IS("MAXPHYADDR", cpu.maxphyaddr, 46);
  c.cr4 = 0x20;
  c.cr0 = 0x80040033;
  cpu = vmref_cpu_of(&c);
  IS("none of them", cpu.wp + cpu.pse + cpu.pge + cpu.smep + cpu.smap + cpu.pke + cpu.pks, 0);
}

/* Leaving IA-32e mode with a CR3 above 4 GiB: the bits stay and are ignored. */
static void wide_cr3(void **state)
{
  (void)state;
  struct vmref_control c = begin(LONG, 0);
  IS("MODE.CR3", vmref_cpu_set(&c, CR3, 0x300002000, NO_PDPTES), NONE);
  IS("MODE.CR3: all of it in 4-level paging", vmref_cpu_of(&c).cr3, 0x300002000);
  c.cs_l = 0;
  IS("MODE.CR3", vmref_cpu_set(&c, CR0, 0x00050033, NO_PDPTES), NONE);
  IS("MODE.CR3", vmref_cpu_set(&c, EFER, 0x1, NO_PDPTES), NONE);
  IS("MODE.CR3", vmref_cpu_pdpte_table(&c, CR0, 0x80050033), 0x2000);
  IS("MODE.CR3", vmref_cpu_set(&c, CR0, 0x80050033, NO_PDPTES), NONE);
  IS("MODE.CR3: 32 bits in PAE paging", vmref_cpu_of(&c).cr3, 0x2000);
  IS("MODE.CR3", vmref_cpu_valid(vmref_cpu_of(&c)), 1);
}

/* From power-up to 4-level paging as 9.8.5 has it. */
static void boot(void **state)
{
  (void)state;
  static const struct vmref_features amd = VMREF_FEATURES_AMD;
  struct vmref_control c = vmref_control_reset(amd);
  IS("reset", c.cr0, 0x60000010);
  IS("reset", c.pat, 0x0007040600070406);
  IS("reset", vmref_control_legal(&c), 1);
  IS("boot", vmref_cpu_set(&c, CR0, 0x11, NO_PDPTES), NONE);
  IS("boot", vmref_cpu_set(&c, CR4, 0x20, NO_PDPTES), NONE);
  IS("boot", vmref_cpu_set(&c, CR3, 0x1000, NO_PDPTES), NONE);
  IS("boot", vmref_cpu_set(&c, EFER, 0x900, NO_PDPTES), NONE);
  IS("boot", vmref_cpu_set(&c, CR0, 0x80010011, NO_PDPTES), NONE);
  IS("SET.LMA: set with PG", c.efer, 0xD00);
  IS("boot", vmref_cpu_of(&c).mode, VMREF_MODE_4LEVEL);
}

/* ---- what is no question -------------------------------------------------------------- */

static void refused(void **state)
{
  (void)state;
  static const struct { const char *what; size_t at; uint64_t bit; } bad[] = {
    { "CR0: PG without PE",         offsetof(struct vmref_control, cr0), 0x1 },
    { "CR0: ET = 0",                offsetof(struct vmref_control, cr0), 0x10 },
    { "CR0: an undefined bit",      offsetof(struct vmref_control, cr0), 0x80000 },
    { "CR3: above MAXPHYADDR",      offsetof(struct vmref_control, cr3), 0x400000000000 },
    { "CR4: a reserved bit",        offsetof(struct vmref_control, cr4), 0x8000 },
    { "CR4: IA-32e mode without PAE", offsetof(struct vmref_control, cr4), 0x20 },
    { "EFER: LMA is not PG and LME", offsetof(struct vmref_control, efer), 0x400 },
    { "PAT: byte 0 is 2, no memory type", offsetof(struct vmref_control, pat), 0x4 },
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct vmref_control c = begin(LONG, 0);
    *(uint64_t *)((char *)&c + bad[i].at) ^= bad[i].bit;
    IS(bad[i].what, vmref_control_legal(&c), 0);
    IS(bad[i].what, vmref_cpu_set(&c, CR3, 0x1000, NO_PDPTES), VMREF_EINVAL);
  }
  struct vmref_control c = begin(LONG, 0);
  IS("register 7", vmref_cpu_set(&c, 7, 0, NO_PDPTES), VMREF_EINVAL);
  c.features.maxphyaddr = 53;
  IS("MAXPHYADDR 53", vmref_control_legal(&c), 0);
  c = begin(PAE, 0);
  c.pdpte[1] = 0x3;
  IS("a PDPTE register with a reserved bit", vmref_control_legal(&c), 0);
  c = begin(P32, CET | NOWP);
  IS("CET without WP", vmref_control_legal(&c), 0);
}

int main(void)
{
  ADD_ROWS(writes, WRITES);
  ADD_ROWS(loading, LOADS);
  test_add("GP.CR0.PG.PCIDE: PG cleared in compatibility mode with PCIDs", pcide_pg, NULL);
  test_add("SET.PDPTES: where from", pdpte_table, NULL);
  test_add("MODE.SELECT: every mode", modes, NULL);
  test_add("MODE.SELECT: the flags", flags, NULL);
  test_add("MODE.CR3: left above 4 GiB", wide_cr3, NULL);
  test_add("control: from power-up to 4-level paging", boot, NULL);
  test_add("control: states that no CPU is in", refused, NULL);
  return RUN_TESTS("control");
}
