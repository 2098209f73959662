/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic entry: every function of model/entry.h on the entries of
 * a case, each taken at each level of each mode, against masks and shifts. */
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "entry"; }

void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size)
{
  fuzz_first_page(c, data, size);
}

static void same(const struct vmref_case *c, const char *what, uint64_t model, uint64_t opinion)
{
  if (model != opinion) finding_values(c, what, model, opinion);
}

static int bit(uint64_t e, int n) { return (int)(e >> n & 1); }

static void check_flags(const struct vmref_case *c, uint64_t e)
{
  same(c, "vmref_p", vmref_p(e), bit(e, 0));
  same(c, "vmref_rw", vmref_rw(e), bit(e, 1));
  same(c, "vmref_us", vmref_us(e), bit(e, 2));
  same(c, "vmref_g", vmref_g(e), bit(e, 8));
  same(c, "vmref_xd", vmref_xd(e), bit(e, 63));
  same(c, "vmref_key", vmref_key(e), e >> 59 & 15);
  same(c, "vmref_accessed", vmref_accessed(e), e | 0x20);
  same(c, "vmref_dirtied", vmref_dirtied(e), e | 0x40);
  same(c, "vmref_table_of", vmref_table_of(e), e & 0x000ffffffffff000);
  same(c, "vmref_pat_index_of_table", vmref_pat_index_of_table(e), e >> 3 & 3);
  same(c, "vmref_pdpte_fit", vmref_pdpte_fit(c->cpu.maxphyaddr, e), opinion_pdpte_ok(c->cpu.maxphyaddr, e));
}

/* One entry at a level that the mode has. */
static void check_level(const struct vmref_case *c, const struct vmref_cpu *cpu, uint8_t level, uint64_t e)
{
  const uint64_t va = c->access.va, table = vmref_table_of(cpu->cr3);
  const uint64_t index = opinion_index(cpu->mode, level, va);
  if (cpu->mode == VMREF_MODE_32BIT) e &= 0xffffffff;
  uint32_t broken = opinion_reserved(cpu, level, e);
  uint8_t rule = vmref_reserved(*cpu, level, e);
  if (rule > 31 || !((broken ? broken : 1u << VMREF_RULE_NONE) >> rule & 1))
    finding_values(c, "vmref_reserved, a set of rules", 1u << rule % 32, broken);
  same(c, "vmref_maps_page", vmref_maps_page(*cpu, level, e), opinion_leaf(cpu, level, e));
  same(c, "vmref_index", vmref_index(cpu->mode, va, level), index);
  same(c, "vmref_entry_in", vmref_entry_in(cpu->mode, table, va, level),
       table | index * (unsigned)opinion_entry_bytes(cpu->mode));
  if (level > 3) return;
  same(c, "vmref_page_size", vmref_page_size(cpu->mode, level), UINT64_C(1) << opinion_shift(cpu->mode, level));
  same(c, "vmref_page_base", vmref_page_base(cpu->mode, level, e), opinion_page(cpu, level, e, 0));
  same(c, "vmref_page_byte", vmref_page_byte(cpu->mode, level, e, va), opinion_page(cpu, level, e, va));
  same(c, "vmref_pat_index", vmref_pat_index(level, e), (uint64_t)opinion_pat(level, e));
}

/* The same control state in a mode, what it means there. */
static void check_mode(const struct vmref_case *c, uint8_t mode)
{
  struct vmref_cpu cpu = c->cpu;
  cpu.mode = mode;
  same(c, "vmref_top_level", vmref_top_level(mode), (uint64_t)opinion_top(mode));
  same(c, "vmref_entry_size", vmref_entry_size(mode), (uint64_t)opinion_entry_bytes(mode));
  same(c, "vmref_long_mode", vmref_long_mode(mode), opinion_long(mode));
  same(c, "vmref_canonical", vmref_canonical(mode, c->access.va), opinion_canonical(mode, c->access.va));
  for (int i = 1; i <= 5; i++) {
    same(c, "vmref_canonical", vmref_canonical(mode, c->entry[i]), opinion_canonical(mode, c->entry[i]));
    for (uint8_t level = 1; level <= opinion_top(mode); level++) check_level(c, &cpu, level, c->entry[i]);
  }
}

static void check_valid(const struct vmref_case *c, const struct vmref_cpu *cpu, const char *what)
{
  same(c, what, vmref_cpu_valid(*cpu), opinion_cpu_ok(cpu));
}

/* Each field of the control state on both sides of its bounds. */
static void check_cpu(const struct vmref_case *c)
{
  static const uint8_t value[] = { 0, 1, 2, 3, 4, 5, 31, 32, 33, 51, 52, 53, 255 };
  struct vmref_cpu cpu = c->cpu;
  uint8_t *const field[] = { &cpu.mode, &cpu.vendor, &cpu.maxphyaddr, &cpu.page1gb, &cpu.pse36,
                             &cpu.wp, &cpu.pse, &cpu.pge, &cpu.pcide, &cpu.smep, &cpu.smap,
                             &cpu.nxe, &cpu.pke, &cpu.pks };
  for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
    uint8_t kept = *field[i];
    for (size_t j = 0; j < sizeof value; j++) {
      *field[i] = value[j];
      check_valid(c, &cpu, "vmref_cpu_valid");
    }
    *field[i] = kept;
  }
  const uint64_t limit = UINT64_C(1) << cpu.maxphyaddr;
  const uint64_t cr3s[] = { c->entry[4], limit - 1, limit, limit | 0x1000, UINT64_C(1) << 63,
                            0xffffffff, UINT64_C(1) << 32 };
  for (size_t j = 0; j < sizeof cr3s / sizeof *cr3s; j++) {
    cpu.cr3 = cr3s[j];
    check_valid(c, &cpu, "vmref_cpu_valid, CR3");
  }
}

/* What no case holds: PDPTE registers that no load gives. */
static void check_pdptes(const struct vmref_case *c)
{
  struct vmref_cpu cpu = c->cpu;
  for (cpu.mode = 0; cpu.mode <= 4; cpu.mode++)
    for (int i = 0; i < 4; i++) {
      uint64_t kept = cpu.pdpte[i];
      const uint64_t one[] = { c->entry[i + 1], 1, 3, 5, 0x21, 0x101, 0x1e6, 0x1e7, 0xe19,
                               1 | UINT64_C(1) << cpu.maxphyaddr, 1 | UINT64_C(1) << 63 };
      for (size_t j = 0; j < sizeof one / sizeof *one; j++) {
        cpu.pdpte[i] = one[j];
        check_valid(c, &cpu, "vmref_cpu_valid, PDPTE");
      }
      cpu.pdpte[i] = kept;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct vmref_case c;
  fuzz_case(&c, data, size);
  const unsigned turn = fuzz_turn(&c);
  same(&c, "vmref_phys_limit", vmref_phys_limit(c.cpu.maxphyaddr), UINT64_C(1) << c.cpu.maxphyaddr);
  for (int i = 1; i <= 5; i++) check_flags(&c, c.entry[i]);
  for (uint8_t mode = 0; mode <= 4; mode++)
    if (mode == c.cpu.mode || fuzz_due(turn, mode)) check_mode(&c, mode);
  if (fuzz_due(turn, 5)) check_cpu(&c);
  if (fuzz_due(turn, 6)) check_pdptes(&c);
  return 0;
}
