/* SPDX-License-Identifier: MIT */
/* Rows of harness/deviations.tsv that writes of control registers meet. Some peers have
 * other features than they tell; others answer otherwise. Together, in this order, the
 * rows of a peer foretell its very answer. */
#include <stdlib.h>
#include <string.h>
#include "control_run.h"

#define ANSWER(name) static int name(const struct control_case *c, struct vmref_features f, struct control_answer *a)
#define UNUSED (void)c, (void)f, (void)a

static int lma(const struct control_case *c) { return VMREF_BIT(c->reg[3], VMREF_EFER_LMA); }
static int code64(const struct control_case *c) { return lma(c) && c->cs_l; }
static uint64_t operand(const struct control_case *c)
{
  return c->written <= VMREF_REG_CR4 && !code64(c) ? c->value & 0xffffffff : c->value;
}
static int gp(const struct control_answer *a) { return a->vector == VMREF_VECTOR_GP; }

/* The instruction is executed after all, and reg holds v. */
static void done(struct control_answer *a, int reg, uint64_t v)
{
  a->vector = CAME_DONE;
  a->reg[reg] = v;
}

static void faults(const struct control_case *c, struct vmref_features f, struct control_answer *a)
{
  struct control_answer none = { .reg = { c->reg[0], c->reg[1], c->reg[2], f.lm || f.nx ? c->reg[3] : 0, f.pat ? c->reg[4] : 0 },
    .pkru = f.pku ? c->pkru : 0, .pkrs = f.pks ? c->pkrs : 0, .vector = VMREF_VECTOR_GP, .rule = a->rule };
  for (int i = 0; i < 4; i++) {
    none.pdpte[i] = c->pdpte[i];
    none.tag[i] = control_is_pae(none.reg) ? control_tag(c->pdpte[i]) : TAG_NONE;
  }
  *a = none;
}

static void tags(struct control_answer *a, const uint64_t pdpte[4])
{
  for (int i = 0; i < 4; i++) a->tag[i] = control_is_pae(a->reg) ? control_tag(pdpte[i]) : TAG_NONE;
}

/* ---- TCG ---------------------------------------------------------------------------------- */

/* Bits of CR4 that TCG knows, and those of them whose feature it looks at. */
#define TCG_CR4 0x1771fffu

static uint64_t tcg_reserved(struct vmref_features f)
{
  uint64_t v = ~(uint64_t)TCG_CR4 | (~f.cr4_other & 0x50800); /* UMIP, FSGSBASE, OSXSAVE */
  if (!f.smep) v |= VMREF_CR4_SMEP;
  if (!f.smap) v |= VMREF_CR4_SMAP;
  if (!f.pku) v |= VMREF_CR4_PKE;
  if (!f.pks) v |= VMREF_CR4_PKS;
  if (!f.la57) v |= VMREF_CR4_LA57;
  return v;
}

static int tcg_svm(const struct control_case *c, struct vmref_features f)
{
  if (c->written == VMREF_REG_CR3) return lma(c) && operand(c) >> f.maxphyaddr;
  return c->written == VMREF_REG_CR4 && operand(c) & tcg_reserved(f);
}

ANSWER(svm_exit)
{
  if (!tcg_svm(c, f)) return 0;
  faults(c, f, a);
  a->vector = CAME_SVM;
  return 1;
}

/* Features of CR4 that TCG does not look at. */
static int pcid_always(const struct control_case *c, struct vmref_features *f)
{
  if (c->written != VMREF_REG_CR4 || f->pcid || !VMREF_BIT(operand(c), VMREF_CR4_PCIDE) || tcg_svm(c, *f)) return 0;
  f->pcid = 1;
  return 1;
}

static int cr4_bits_always(const struct control_case *c, struct vmref_features *f)
{
  struct vmref_features all = *f;
  all.pse = all.pae = all.pge = 1;
  all.cr4_other |= 0x74f;
  if (c->written != VMREF_REG_CR4 || tcg_svm(c, *f)) return 0;
  int other = vmref_cr4_legal(*f, operand(c)) != vmref_cr4_legal(all, operand(c));
  *f = all;
  return other;
}

ANSWER(cr4_unchecked)
{
  UNUSED;
  uint64_t v = operand(c);
  if (c->written != VMREF_REG_CR4 || !gp(a) || tcg_svm(c, f) || a->rule == VMREF_RULE_GP_PDPTE) return 0;
  if (code64(c) && VMREF_BIT(v, VMREF_CR4_LA57) != VMREF_BIT(c->reg[2], VMREF_CR4_LA57)) return 0;
  done(a, 2, v);
  tags(a, c->memory);
  if (lma(c) && (!VMREF_BIT(v, VMREF_CR4_PAE) || VMREF_BIT(v, VMREF_CR4_LA57) < VMREF_BIT(c->reg[2], VMREF_CR4_LA57)))
    a->vector = CAME_LOST;
  return 1;
}

/* Without PAE the write of PG is dropped, else all is taken. */
ANSWER(cr0_unchecked)
{
  uint64_t v = operand(c) & 0xffffffff, pg = VMREF_BIT(v, VMREF_CR0_PG), old = VMREF_BIT(c->reg[0], VMREF_CR0_PG);
  (void)f;
  if (c->written != VMREF_REG_CR0 || !gp(a) || a->rule == VMREF_RULE_GP_PDPTE) return 0;
  a->vector = CAME_DONE;
  if (pg > old && VMREF_BIT(c->reg[3], VMREF_EFER_LME)) {
    if (!VMREF_BIT(c->reg[2], VMREF_CR4_PAE)) return 1;
    a->reg[3] |= VMREF_EFER_LMA;
  }
  if (pg < old) a->reg[3] &= ~(uint64_t)VMREF_EFER_LMA;
  a->reg[0] = (v & 0xe005003f) | 0x10;
  tags(a, c->memory);
  int ia32e = lma(c) || VMREF_BIT(a->reg[3], VMREF_EFER_LMA);
  if (ia32e && (!VMREF_BIT(v, VMREF_CR0_PE) || (code64(c) && !pg))) a->vector = CAME_LOST;
  return 1;
}

ANSWER(cr0_keeps)
{
  uint64_t v = (operand(c) & 0xffffffff) | 0x10;
  (void)f;
  if (c->written != VMREF_REG_CR0 || a->vector != CAME_DONE || !(v & ~UINT64_C(0xe005003f))) return 0;
  if (VMREF_BIT(a->reg[0], VMREF_CR0_PG) != VMREF_BIT(v, VMREF_CR0_PG)) return 0; /* it was dropped */
  a->reg[0] = v;
  return 1;
}

/* WRMSR EFER writes the bits whose features there are, and no other; it never faults. */
ANSWER(efer_masked)
{
  uint64_t mask = (f.lm ? VMREF_EFER_LME : 0) | (f.nx ? VMREF_EFER_NXE : 0) | (f.efer_other & 0x5001);
  uint64_t v = (c->reg[3] & ~mask) | (c->value & mask);
  if (c->written != VMREF_REG_EFER || !gp(a)) return 0;
  done(a, 3, f.lm || f.nx ? v : 0);
  return 1;
}

ANSWER(pat_any)
{
  if (c->written != VMREF_REG_PAT || !gp(a)) return 0;
  done(a, 4, f.pat ? c->value : 0);
  return 1;
}

ANSWER(pkrs_without)
{
  if (c->written != VMREF_REG_PKRS || f.pks || c->value >> 32) return 0;
  a->vector = CAME_DONE;
  return 1;
}

ANSWER(pdpte_taken)
{
  (void)f;
  if (a->rule != VMREF_RULE_GP_PDPTE) return 0;
  struct vmref_control m = control_start(c, f);
  vmref_cpu_set(&m, c->written, c->value, (struct vmref_pdptes){ { 0 } });
  a->vector = CAME_DONE;
  a->reg[0] = m.cr0;
  a->reg[1] = m.cr3;
  a->reg[2] = m.cr4;
  tags(a, c->memory);
  return 1;
}

/* The walk takes the PDPTE in memory, at CR3; a reserved address bit makes it fault. */
ANSWER(pdpte_reread)
{
  struct control_answer was = *a;
  int here = c->table == (a->reg[1] & 0xffffffe0);
  if (!control_is_pae(a->reg) || a->vector == CAME_SVM) return 0;
  for (int i = 0; i < 4; i++) {
    uint64_t e = here ? c->memory[i] : c->pdpte[i];
    a->tag[i] = e >> f.maxphyaddr ? TAG_FAULT : control_tag(e);
  }
  return memcmp(was.tag, a->tag, sizeof was.tag) != 0;
}

/* ---- Bochs -------------------------------------------------------------------------------- */

/* Take f to be g; does that matter? */
static int taken(const struct control_case *c, struct vmref_features *f, struct vmref_features g)
{
  struct control_answer a = control_model(c, *f, *f), b = control_model(c, g, *f);
  *f = g;
  return a.vector != b.vector;
}

/* Physical addresses have 40 bits in every model. */
static int wide_always(const struct control_case *c, struct vmref_features *f)
{
  struct vmref_features wide = *f;
  if (f->maxphyaddr < 40) wide.maxphyaddr = 40;
  return taken(c, f, wide);
}

/* A 16-bit TSS is not let into IA-32e mode, whoever makes the CPU. */
static int tss16_always(const struct control_case *c, struct vmref_features *f)
{
  struct vmref_features intel = *f;
  if (c->written == VMREF_REG_CR0) intel.vendor = VMREF_INTEL;
  return taken(c, f, intel);
}

/* TCE, which CPUID tells of. */
static int no_tce(const struct control_case *c, struct vmref_features *f)
{
  int asked = c->written == VMREF_REG_EFER && f->efer_other & c->value & 0x8000;
  f->efer_other &= ~UINT64_C(0x8000);
  return asked;
}

ANSWER(lma_ignored)
{
  if (c->written != VMREF_REG_EFER || a->rule != VMREF_RULE_GP_EFER_LMA) return 0;
  (void)f;
  done(a, 3, (c->value & ~(uint64_t)VMREF_EFER_LMA) | (c->reg[3] & VMREF_EFER_LMA));
  return 1;
}

ANSWER(no_efer_zero)
{
  if (c->written != VMREF_REG_EFER || f.lm || f.nx || c->value) return 0;
  a->vector = CAME_DONE;
  return 1;
}

/* PAE: every write of CR0 loads the PDPTE registers, and one of CR4 that changes SMAP, PKE,
 * CET or PKS. */
#define BOCHS_LOADS (VMREF_CR4_SMAP | VMREF_CR4_PKE | VMREF_CR4_CET | VMREF_CR4_PKS)
ANSWER(pdpte_always)
{
  struct vmref_control m = control_start(c, f);
  if (c->written != VMREF_REG_CR0 && c->written != VMREF_REG_CR4) return 0;
  if (c->written == VMREF_REG_CR4 && !((operand(c) ^ c->reg[2]) & BOCHS_LOADS)) return 0;
  if (a->vector != CAME_DONE || !control_is_pae(a->reg) || vmref_cpu_loads_pdptes(&m, c->written, c->value)) return 0;
  struct vmref_control pae = m;
  pae.cr3 = c->table;
  if (vmref_cpu_set(&pae, VMREF_REG_CR3, c->table, control_memory(c)) == VMREF_RULE_GP_PDPTE) faults(c, f, a);
  else tags(a, c->memory);
  return 1;
}

/* ---- the rows ------------------------------------------------------------------------------- */

/* In the order of control_names. */
static const struct {
  int (*question)(const struct control_case *, struct vmref_features *);
  int (*answer)(const struct control_case *, struct vmref_features, struct control_answer *);
} rows[] = {
  { pcid_always, 0 },
  { cr4_bits_always, 0 },
  { 0, svm_exit },
  { 0, cr4_unchecked },
  { 0, cr0_unchecked },
  { 0, cr0_keeps },
  { 0, efer_masked },
  { 0, pat_any },
  { 0, pkrs_without },
  { 0, pdpte_taken },
  { 0, pdpte_reread },
  { wide_always, 0 },
  { tss16_always, 0 },
  { no_tce, 0 },
  { 0, lma_ignored },
  { 0, no_efer_zero },
  { 0, pdpte_always } };
_Static_assert(sizeof rows / sizeof *rows == CONTROL_ROWS, "a row for each name");

uint32_t control_foretell(uint32_t set, const struct control_case *c, struct vmref_features f, struct control_answer *a)
{
  struct vmref_features asked = f;
  uint32_t part = 0;
  for (uint32_t i = 0; i < CONTROL_ROWS; i++)
    if (set >> i & 1 && rows[i].question) part |= (uint32_t)rows[i].question(c, &asked) << i;
  *a = control_model(c, asked, f);
  for (uint32_t i = 0; i < CONTROL_ROWS; i++)
    if (set >> i & 1 && rows[i].answer) part |= (uint32_t)rows[i].answer(c, asked, a) << i;
  return part;
}
