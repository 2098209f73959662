/* SPDX-License-Identifier: MIT */
/* The cases: states to begin with, and what is written in each. */
#include <stdlib.h>
#include <string.h>
#include "control_run.h"

const char *const excluded_why[EXCLUDED] = {
  "the tables that CR3 would name lie outside of the guest's RAM",
  "key 0, which the guest's own pages have, would be denied",
  "PDPTE 0, which maps the guest itself, would not work",
  "this peer takes the tables from the guest; some of the kind were run",
  "this peer goes on in a mode that the guest's code is not made for, and anything may come of it",
};

enum { NONE, P32, PAE, COMPAT4, LONG4, COMPAT5, LONG5 };
const char *const control_mode[CONTROL_MODES] = {
  "no paging", "32-bit", "PAE", "4-level compatibility", "4-level 64-bit", "5-level compatibility", "5-level 64-bit" };
#define IN(m) (1u << (m))
#define EVERY 0x7fu
#define IA32E (IN(COMPAT4) | IN(LONG4) | IN(COMPAT5) | IN(LONG5))
#define LEGACY (IN(NONE) | IN(P32) | IN(PAE))

#define CR0_OTHER 0x4002eu /* MP, EM, TS, NE, AM */
#define CR4_NAMED (VMREF_CR4_PSE | VMREF_CR4_PGE | VMREF_CR4_SMEP | VMREF_CR4_SMAP | VMREF_CR4_PKE | VMREF_CR4_PKS)
#define KEYS (VMREF_CR4_PKE | VMREF_CR4_PKS)

/* Added to the least that a mode needs. Of `any` what the CPU has; a start that it
 * cannot be in is none. */
static const struct start {
  uint32_t modes, cr0, cr4, any, efer, low;
  uint8_t cs_l, tr16;
} starts[] = {
  { EVERY, 0, 0, 0, 0, 0, 0, 0 },
  { EVERY, CR0_OTHER | VMREF_CR0_WP, 0, CR4_NAMED | VMREF_CR4_CET, VMREF_EFER_NXE, 0, 0, 0 },
  { EVERY, VMREF_CR0_CD, 0, 0, 0, 0, 0, 0 },
  { EVERY, VMREF_CR0_CD | VMREF_CR0_NW, 0, 0, 0, 0, 0, 0 },
  { EVERY, VMREF_CR0_WP, VMREF_CR4_CET, 0, 0, 0x18, 0, 0 },
  { EVERY, VMREF_CR0_WP, VMREF_CR4_PGE, 0, 0, 0x18, 0, 0 },
  { EVERY, 0, 0, VMREF_CR4_PSE | VMREF_CR4_SMEP, VMREF_EFER_NXE, 0, 0, 0 },
  { EVERY, 0, 0, KEYS | VMREF_CR4_SMAP, 0, 0, 0, 0 },
  { IA32E, 0, 0, 0, 0, 0x7, 0, 0 },
  { IA32E, 0, VMREF_CR4_PCIDE, 0, 0, 0, 0, 0 },
  { IA32E, VMREF_CR0_WP, VMREF_CR4_PCIDE, CR4_NAMED, 0, 0x805, 0, 0 },
  { IN(NONE), 0, VMREF_CR4_PAE, 0, 0, 0, 0, 0 },
  { IN(NONE), 0, 0, 0, VMREF_EFER_LME, 0, 0, 0 },
  { IN(NONE), 0, VMREF_CR4_PAE, 0, VMREF_EFER_LME, 0, 0, 0 },
  { IN(NONE), 0, VMREF_CR4_PAE | VMREF_CR4_LA57, 0, VMREF_EFER_LME, 0, 0, 0 },
  { IN(NONE), 0, VMREF_CR4_PAE, 0, VMREF_EFER_LME, 0, 1, 0 },
  { IN(NONE), 0, VMREF_CR4_PAE, 0, VMREF_EFER_LME, 0, 0, 1 },
  { LEGACY, 0, 0, 0, 0, 0, 1, 0 },
  { LEGACY, 0, 0, 0, 0, 0, 0, 1 },
  { LEGACY, 0, VMREF_CR4_LA57, 0, 0, 0, 0, 0 },
};
#define STARTS (sizeof starts / sizeof *starts)

static uint64_t cr4_that_is(const struct vmref_features *f, uint64_t any)
{
  uint64_t v = 0;
  for (uint64_t bit = 1; bit <= any; bit *= 2)
    if (any & bit && vmref_cr4_legal(*f, bit)) v |= bit;
  return v;
}

/* 0: this CPU cannot be there. */
static int begin(const struct control_list *l, const struct start *s, unsigned mode, struct control_case *c)
{
  int ia32e = mode >= COMPAT4, five = mode >= COMPAT5, has_nx = l->f.nx;
  if (!(s->modes & IN(mode))) return 0;
  memset(c, 0, sizeof *c);
  c->reg[0] = 0x11 | s->cr0 | (mode == NONE ? 0 : VMREF_CR0_PG);
  c->reg[2] = s->cr4 | cr4_that_is(&l->f, s->any) | (mode >= PAE ? VMREF_CR4_PAE : 0) | (five ? VMREF_CR4_LA57 : 0);
  c->reg[3] = (s->efer & ~(has_nx ? 0u : (uint32_t)VMREF_EFER_NXE)) | (ia32e ? VMREF_EFER_LME | VMREF_EFER_LMA : 0);
  uint32_t root = !(c->reg[3] & VMREF_EFER_LME) ? ROOT_LEGACY + PDPTES : c->reg[2] & VMREF_CR4_LA57 ? ROOT_5LEVEL : ROOT_LONG;
  c->reg[1] = root | s->low;
  c->reg[4] = 0x0007040600070406;
  c->pkru = l->f.pku ? 0xa5a5a5a4 : 0;
  c->pkrs = l->f.pks ? 0x5a5a5a58 : 0;
  c->cs_l = ia32e ? mode == LONG4 || mode == LONG5 : s->cs_l;
  c->tr16 = s->tr16;
  if (mode == PAE)
    for (uint32_t i = 0; i < 4; i++) c->pdpte[i] = DIRECTORY_OLD(i) + 1;
  struct vmref_control m = control_start(c, l->f);
  return vmref_control_legal(&m);
}

/* ---- what can be run ----------------------------------------------------------------- */

static int copy_of(uint64_t cr3, uint32_t root)
{
  uint64_t d = cr3 / 0x1000 * 0x1000 ^ root;
  return d == 0 || ((d & (d - 1)) == 0 && d >> ROOT_BITS_FIRST && d >> ROOT_BITS_END == 0);
}

static int has_tables(const struct vmref_control *m)
{
  uint64_t low = m->cr3 % 0x100000000;
  switch (vmref_paging_mode(m->cr0, m->cr4, m->efer)) {
  case VMREF_MODE_32BIT: return copy_of(low, ROOT_LEGACY);
  case VMREF_MODE_PAE: return copy_of(low, ROOT_LEGACY) && low % 0x1000 >= PDPTES_LOW;
  case VMREF_MODE_4LEVEL: return copy_of(m->cr3, ROOT_LONG);
  case VMREF_MODE_5LEVEL: return copy_of(m->cr3, ROOT_5LEVEL);
  default: return 1;
  }
}

/* Keys guard in IA-32e mode; but let a peer be wrong about pages of the supervisor. */
static int own_key(const struct vmref_control *m)
{
  return VMREF_BIT(m->efer, VMREF_EFER_LMA)
    && ((VMREF_BIT(m->cr4, VMREF_CR4_PKS) && m->pkrs & 3) || (VMREF_BIT(m->cr4, VMREF_CR4_PKE) && m->pkru & 3));
}

/* Register 0, and what TCG takes for it: the one in memory, and Bochs beyond MAXPHYADDR. */
static int own_pdpte(const struct control_list *l, const struct control_case *c)
{
  if (!(c->memory[0] & 1)) return 1;
  uint64_t beyond = c->memory[0] >> l->f.maxphyaddr;
  return l->accel == ACCEL_TCG ? beyond != 0 : l->f.maxphyaddr < 40 && beyond % (1u << (40 - l->f.maxphyaddr));
}

#define LOST_RUN 8 /* cases that end the guest, of one machine */

static void add(struct control_list *l, unsigned mode, const struct control_case *c)
{
  struct vmref_control m = control_start(c, l->f);
  struct control_answer a;
  vmref_cpu_set(&m, c->written, c->value, control_memory(c));
  if (!has_tables(&m)) { l->left_out[NO_RAM]++; return; }
  if (own_key(&m)) { l->left_out[OWN_KEY]++; return; }
  if (c->table && own_pdpte(l, c)) { l->left_out[OWN_PDPTE]++; return; }
  control_foretell(l->rows, c, l->f, &a);
  if (a.vector == CAME_LOST && c->written == VMREF_REG_CR0) { l->left_out[ASTRAY]++; return; }
  if (a.vector == CAME_LOST && l->lost++ >= LOST_RUN) { l->left_out[LOST_BEFORE]++; return; }
  if (l->count == l->room) {
    l->room = l->room ? 2 * l->room : 4096;
    l->c = realloc(l->c, l->room * sizeof *l->c);
    l->mode = realloc(l->mode, l->room);
    if (!l->c || !l->mode) abort();
  }
  l->mode[l->count] = (uint8_t)mode;
  l->c[l->count++] = *c;
}

/* It selects PAE paging, be it legal or not: then a peer may be wrong about that. */
static int to_pae(const struct vmref_control *m, uint8_t reg, uint64_t v)
{
  if (vmref_paging_mode(m->cr0, m->cr4, m->efer) >= VMREF_MODE_4LEVEL) return 0;
  return vmref_paging_mode(reg == VMREF_REG_CR0 ? v : m->cr0, reg == VMREF_REG_CR4 ? v : m->cr4, m->efer) == VMREF_MODE_PAE;
}

/* One write, with other PDPTEs in memory than were loaded. */
static void write_value(struct control_list *l, unsigned mode, struct control_case *c, uint8_t reg, uint64_t value)
{
  struct vmref_control m = control_start(c, l->f);
  c->written = reg;
  c->value = value;
  c->table = 0;
  memset(c->memory, 0, sizeof c->memory);
  if (mode == PAE || to_pae(&m, reg, vmref_control_operand(&m, reg, value))) {
    c->table = (uint32_t)vmref_cpu_pdpte_table(&m, reg, value);
    if (vmref_control_fault(&m, reg, vmref_control_operand(&m, reg, value))) c->table = (uint32_t)m.cr3 & ~0x1fu;
    for (uint32_t i = 0; i < 4; i++) c->memory[i] = DIRECTORY_NEW(i) + 1;
    if (!copy_of(c->table, ROOT_LEGACY) || c->table % 0x1000 < PDPTES_LOW) { l->left_out[NO_RAM]++; return; }
  }
  add(l, mode, c);
}

/* ---- values ----------------------------------------------------------------------------- */

/* Bits that rules name, to be flipped in pairs too; MAXPHYADDR and the one below are added. */
static const uint64_t named[7] = {
  VMREF_CR0_PE | VMREF_CR0_WP | VMREF_CR0_NW | VMREF_CR0_CD | VMREF_CR0_PG | 1ull << 32,
  1ull << 63 | 1ull << 62 | 1ull << 52 | 0x9,
  CR4_NAMED | VMREF_CR4_PAE | VMREF_CR4_LA57 | VMREF_CR4_PCIDE | VMREF_CR4_CET | 1ull << 32,
  VMREF_EFER_LME | VMREF_EFER_LMA | VMREF_EFER_NXE | 1ull << 12 | 2,
  0, 0, 0 };

static uint64_t register_of(const struct control_case *c, uint8_t reg)
{
  return reg < CONTROL_REGS ? c->reg[reg] : reg == VMREF_REG_PKRU ? c->pkru : c->pkrs;
}

/* The register as it is, each bit flipped, pairs of bits. A MOV CR of 32 bits has no others. */
static void flips(struct control_list *l, unsigned mode, struct control_case *c, uint8_t reg)
{
  uint64_t now = register_of(c, reg), pairs = named[reg];
  unsigned bits = reg <= VMREF_REG_CR4 && mode != LONG4 && mode != LONG5 ? 32 : 64;
  if (reg == VMREF_REG_CR3) pairs |= 1ull << l->f.maxphyaddr | 1ull << (l->f.maxphyaddr - 1);
  write_value(l, mode, c, reg, now);
  for (unsigned i = 0; i < bits; i++) {
    write_value(l, mode, c, reg, now ^ 1ull << i);
    for (unsigned j = 0; j < i; j++)
      if (pairs >> i & 1 && pairs >> j & 1) write_value(l, mode, c, reg, now ^ 1ull << i ^ 1ull << j);
  }
}

/* All values of a byte. */
static void memory_types(struct control_list *l, unsigned mode, struct control_case *c)
{
  for (unsigned i = 0; i < 64; i += 8)
    for (uint64_t v = 0; v < 256; v++)
      write_value(l, mode, c, VMREF_REG_PAT, (c->reg[4] & ~(0xffull << i)) | v << i);
}

/* ---- PDPTEs that do not fit --------------------------------------------------------------- */

static void pdptes(struct control_list *l, unsigned mode, const struct control_case *c)
{
  struct control_case x = *c;
  for (unsigned i = 0; i < 4; i++)
    for (unsigned b = 1; b < 64; b++)
      for (unsigned absent = 0; absent < 2; absent++) {
        if (b >= 12 && b < l->f.maxphyaddr) continue; /* another directory */
        x.memory[i] = (c->memory[i] | 1ull << b) - absent;
        add(l, mode, &x);
        x.memory[i] = c->memory[i];
      }
}

/* Each write that loads them, and those that must not. */
static void loads(struct control_list *l, unsigned mode, struct control_case *c)
{
  static const struct { uint8_t reg; uint32_t flip; } writes[] = {
    { VMREF_REG_CR3, 0 }, { VMREF_REG_CR0, VMREF_CR0_CD }, { VMREF_REG_CR0, VMREF_CR0_CD | VMREF_CR0_NW },
    { VMREF_REG_CR0, VMREF_CR0_PG }, { VMREF_REG_CR0, VMREF_CR0_WP }, { VMREF_REG_CR0, 0x8 }, { VMREF_REG_CR0, 0 },
    { VMREF_REG_CR4, VMREF_CR4_PAE }, { VMREF_REG_CR4, VMREF_CR4_PGE }, { VMREF_REG_CR4, VMREF_CR4_PSE },
    { VMREF_REG_CR4, VMREF_CR4_SMEP }, { VMREF_REG_CR4, VMREF_CR4_SMAP }, { VMREF_REG_CR4, VMREF_CR4_PKE },
    { VMREF_REG_CR4, VMREF_CR4_PKS }, { VMREF_REG_CR4, VMREF_CR4_LA57 }, { VMREF_REG_CR4, 0x200 }, { VMREF_REG_CR4, 0 },
    { VMREF_REG_EFER, VMREF_EFER_NXE } };
  struct vmref_control m = control_start(c, l->f);
  for (unsigned i = 0; i < sizeof writes / sizeof *writes; i++) {
    uint8_t reg = writes[i].reg;
    uint64_t value = register_of(c, reg) ^ writes[i].flip;
    if (vmref_control_fault(&m, reg, value)) continue; /* among the flips */
    if (mode != PAE && !vmref_cpu_loads_pdptes(&m, reg, value)) continue;
    if (reg == VMREF_REG_CR0 && mode == PAE && writes[i].flip == VMREF_CR0_PG) continue;
    c->written = reg;
    c->value = value;
    c->table = (uint32_t)m.cr3 & ~0x1fu;
    for (uint32_t j = 0; j < 4; j++) c->memory[j] = DIRECTORY_NEW(j) + 1;
    pdptes(l, mode, c);
  }
}

void control_cases(struct control_list *l)
{
  struct control_case c;
  l->count = l->lost = 0;
  memset(l->left_out, 0, sizeof l->left_out);
  for (unsigned mode = 0; mode < CONTROL_MODES; mode++)
    for (unsigned s = 0; s < STARTS; s++) {
      if (!begin(l, &starts[s], mode, &c)) continue;
      for (uint8_t reg = 0; reg <= VMREF_REG_PKRS; reg++)
        if (reg <= VMREF_REG_EFER || s < 2 || starts[s].any & VMREF_CR4_PKE) flips(l, mode, &c, reg);
      if (s == 0 && (mode == NONE || mode == LONG4)) memory_types(l, mode, &c);
      if (mode <= PAE && (s < 2 || (mode == NONE && starts[s].cr4 == VMREF_CR4_PAE && !starts[s].efer))) loads(l, mode, &c);
    }
}
