/* SPDX-License-Identifier: MIT */
/* The formats of SDM 3A 4.3, 4.4, 4.5 and APM 2 5.3, as tables of bit ranges. */
#include "opinion.h"

#define BIT(n)       (UINT64_C(1) << (n))
#define BITS(hi, lo) ((hi) < (lo) ? 0 : (~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define RULE(name)   (UINT32_C(1) << VMREF_RULE_##name)

enum { P = 1, D = 0x40, PS = 0x80, G = 0x100 };

/* ---- modes and linear addresses: table 4-1, figures 4-2 to 4-11 ---------- */

static const struct shape {
  uint8_t width, top, bytes; /* bits of a linear address; level of the root; bytes an entry */
  uint8_t page, step;        /* bits of an offset in a page; bits of an index */
} SHAPE[5] = {
  [VMREF_MODE_NONE]   = { 32, 0, 8, 0, 0 },
  [VMREF_MODE_32BIT]  = { 32, 2, 4, 12, 10 },
  [VMREF_MODE_PAE]    = { 32, 2, 8, 12, 9 },
  [VMREF_MODE_4LEVEL] = { 48, 4, 8, 12, 9 },
  [VMREF_MODE_5LEVEL] = { 57, 5, 8, 12, 9 },
};

int opinion_long(int mode) { return SHAPE[mode].width > 32; }
int opinion_top(int mode) { return SHAPE[mode].top; }
int opinion_entry_bytes(int mode) { return SHAPE[mode].bytes; }
int opinion_shift(int mode, int level) { return SHAPE[mode].page + SHAPE[mode].step * (level - 1); }

uint64_t opinion_index(int mode, int level, uint64_t va)
{
  return va >> opinion_shift(mode, level) & BITS(SHAPE[mode].step - 1, 0);
}

int opinion_canonical(int mode, uint64_t va)
{
  int unused = 64 - SHAPE[mode].width;
  return !opinion_long(mode) || (uint64_t)((int64_t)(va << unused) >> unused) == va;
}

/* ---- the control state --------------------------------------------------- */

/* Table 4-8. Bits 2:1 and 8:5 and those past MAXPHYADDR make the load fault. */
int opinion_pdpte_ok(int maxphyaddr, uint64_t e)
{
  return !(e & P) || !(e & (BITS(2, 1) | BITS(8, 5) | BITS(63, maxphyaddr)));
}

int opinion_cpu_ok(const struct vmref_cpu *cpu)
{
  const uint8_t flags = cpu->page1gb | cpu->pse36 | cpu->wp | cpu->pse | cpu->pge | cpu->pcide
    | cpu->smep | cpu->smap | cpu->nxe | cpu->pke | cpu->pks | cpu->vendor;
  if (flags & ~1 || cpu->mode >= 5 || (unsigned)(cpu->maxphyaddr - 32) > 20) return 0;
  if (cpu->cr3 & BITS(63, cpu->maxphyaddr)) return 0; /* MOV CR3 would have faulted */
  if (!opinion_long(cpu->mode) && (cpu->cr3 >> 32 || cpu->pcide)) return 0;
  for (int i = 0; i < 4 && cpu->mode == VMREF_MODE_PAE; i++)
    if (!opinion_pdpte_ok(cpu->maxphyaddr, cpu->pdpte[i])) return 0;
  return 1;
}

/* ---- entries that map a page --------------------------------------------- */

int opinion_leaf(const struct vmref_cpu *cpu, int level, uint64_t e)
{
  if (level == 1) return 1;
  if (level > 3 || !(e & PS)) return 0;
  return cpu->mode != VMREF_MODE_32BIT || cpu->pse;
}

uint64_t opinion_page(const struct vmref_cpu *cpu, int level, uint64_t e, uint64_t va)
{
  int shift = opinion_shift(cpu->mode, level);
  uint64_t frame = e & BITS(51, shift);
  if (cpu->mode == VMREF_MODE_32BIT) {
    frame = e & BITS(31, shift);
    if (level == 2) frame |= (e & BITS(20, 13)) << (32 - 13); /* PSE-36 */
  }
  return frame | (va & BITS(shift - 1, 0));
}

int opinion_pat(int level, uint64_t e)
{
  int pat = level == 1 ? 7 : 12;
  return (int)((e >> pat & 1) << 2 | (e >> 3 & 3));
}

/* ---- reserved and ignored bits ------------------------------------------- */

enum { LONG = 1 << VMREF_MODE_4LEVEL | 1 << VMREF_MODE_5LEVEL,
       PAE = 1 << VMREF_MODE_PAE, LEGACY = 1 << VMREF_MODE_32BIT };
enum when { ALWAYS, NO_XD, AMD, NO_1GB };
enum { WIDTH = 64, REACH }; /* lo: MAXPHYADDR; the first bit that PSE-36 leaves unused */

/* In these modes bits hi..lo of a present entry must be 0 at a level (0: at each), where
 * it maps a page above level 1 if asked, and only when. */
static const struct must_be_zero {
  uint32_t cite;
  uint8_t modes, level, large, hi, lo, when;
} ZERO[] = {
  { RULE(PF_RSVD_ADDR),     LONG,       0, 0, 51, WIDTH, ALWAYS },
  { RULE(PF_RSVD_ADDR),     PAE,        0, 0, 62, WIDTH, ALWAYS },
  { RULE(PF_RSVD_XD),       LONG | PAE, 0, 0, 63, 63,    NO_XD },
  { RULE(PF_RSVD_PML5E_PS), LONG,       5, 0,  7,  7,    ALWAYS },
  { RULE(PF_RSVD_PML5E_G),  LONG,       5, 0,  8,  8,    AMD },
  { RULE(PF_RSVD_PML4E_PS), LONG,       4, 0,  7,  7,    ALWAYS },
  { RULE(PF_RSVD_PML4E_G),  LONG,       4, 0,  8,  8,    AMD },
  { RULE(PF_RSVD_1G),       LONG,       3, 0,  7,  7,    NO_1GB },
  { RULE(PF_RSVD_1G_ADDR),  LONG,       3, 1, 29, 13,    ALWAYS },
  { RULE(PF_RSVD_2M_ADDR),  LONG | PAE, 2, 1, 20, 13,    ALWAYS },
  { RULE(PF_RSVD_4M_ADDR),  LEGACY,     2, 1, 21, REACH, ALWAYS },
};

/* 4.3: bits 20:13 are address bits 39:32, as many of them as M = min(40, MAXPHYADDR)
 * allows; without PSE-36, none. */
static int reach(const struct vmref_cpu *cpu)
{
  int m = !cpu->pse36 ? 32 : cpu->maxphyaddr < 40 ? cpu->maxphyaddr : 40;
  return m - 19;
}

uint32_t opinion_reserved(const struct vmref_cpu *cpu, int level, uint64_t e)
{
  const int on[] = { 1, !cpu->nxe, cpu->vendor == VMREF_AMD, !cpu->page1gb };
  uint32_t cites = 0;
  for (size_t i = 0; i < sizeof ZERO / sizeof *ZERO; i++) {
    const struct must_be_zero *z = &ZERO[i];
    if (!(z->modes >> cpu->mode & 1) || !on[z->when] || (z->level && z->level != level)) continue;
    if (z->large && !opinion_leaf(cpu, level, e)) continue;
    int lo = z->lo == WIDTH ? cpu->maxphyaddr : z->lo == REACH ? reach(cpu) : z->lo;
    if (e & BITS(z->hi, lo)) cites |= z->cite;
  }
  return cites;
}

/* What no table entry gives a meaning to, and the memory types, which decide nothing
 * here. D counts in a leaf only, but never for the verdict. */
uint64_t opinion_ignored(const struct vmref_cpu *cpu, int level, uint64_t e)
{
  const uint64_t memory_type = BIT(3) | BIT(4);
  const int wide = opinion_long(cpu->mode), leaf = opinion_leaf(cpu, level, e);
  uint64_t ignored = BITS(11, 9) | memory_type;
  if (wide) ignored |= BITS(58, 52);
  if (wide && !(leaf && (cpu->pke || cpu->pks))) ignored |= BITS(62, 59);
  if (leaf) return ignored | BIT(level == 1 ? 7 : 12); /* PAT */
  if (cpu->mode == VMREF_MODE_32BIT && !cpu->pse) ignored |= PS;
  return level >= 4 && cpu->vendor == VMREF_AMD ? ignored | D : ignored | D | G;
}
