/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic entry: every function of model/entry.h on the entries of
 * a case, each taken at each level, against masks and shifts. */
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "entry"; }

void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size)
{
  case_decode(c, data, size);
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
  same(c, "vmref_accessed", vmref_accessed(e), e | 0x20);
  same(c, "vmref_dirtied", vmref_dirtied(e), e | 0x40);
  same(c, "vmref_table_of", vmref_table_of(e), e & 0x000ffffffffff000);
}

static void check_level(const struct vmref_case *c, uint8_t level, uint64_t e)
{
  uint64_t va = c->access.va;
  uint32_t broken = opinion_reserved(&c->cpu, level, e);
  uint8_t rule = vmref_reserved(c->cpu, level, e);
  if (rule > 31 || !((broken ? broken : 1u << VMREF_RULE_NONE) >> rule & 1))
    finding_values(c, "vmref_reserved, a set of rules", 1u << rule % 32, broken);
  same(c, "vmref_maps_page", vmref_maps_page(level, e), opinion_leaf(level, e));
  same(c, "vmref_index", vmref_index(va, level), va >> (3 + 9 * level) & 511);
  if (level == 4) return;
  same(c, "vmref_page_size", vmref_page_size(level), UINT64_C(1) << (3 + 9 * level));
  same(c, "vmref_page_byte", vmref_page_byte(level, e, va), opinion_page(level, e, va));
}

/* Each field of the control state on both sides of its bounds. */
static void check_cpu(const struct vmref_case *c, uint64_t cr3)
{
  static const uint8_t value[] = { 0, 1, 2, 3, 4, 5, 31, 32, 33, 51, 52, 53, 255 };
  struct vmref_cpu cpu = c->cpu;
  uint8_t *const field[] = { &cpu.mode, &cpu.vendor, &cpu.maxphyaddr, &cpu.page1gb, &cpu.wp,
                             &cpu.pge, &cpu.smep, &cpu.smap, &cpu.nxe };
  for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
    uint8_t kept = *field[i];
    for (size_t j = 0; j < sizeof value; j++) {
      *field[i] = value[j];
      same(c, "vmref_cpu_valid", vmref_cpu_valid(cpu), opinion_cpu_ok(&cpu));
    }
    *field[i] = kept;
  }
  const uint64_t limit = UINT64_C(1) << cpu.maxphyaddr;
  const uint64_t cr3s[] = { cr3, limit - 1, limit, limit | 0x1000, UINT64_C(1) << 63 };
  for (size_t j = 0; j < sizeof cr3s / sizeof *cr3s; j++) {
    cpu.cr3 = cr3s[j];
    same(c, "vmref_cpu_valid, CR3", vmref_cpu_valid(cpu), opinion_cpu_ok(&cpu));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct vmref_case c;
  fuzz_case(&c, data, size);
  same(&c, "vmref_canonical", vmref_canonical(c.access.va), opinion_canonical(c.access.va));
  same(&c, "vmref_phys_limit", vmref_phys_limit(c.cpu.maxphyaddr),
       UINT64_C(1) << c.cpu.maxphyaddr);
  for (int i = 1; i <= 4; i++) {
    check_flags(&c, c.entry[i]);
    same(&c, "vmref_canonical", vmref_canonical(c.entry[i]), opinion_canonical(c.entry[i]));
    for (uint8_t level = 1; level <= 4; level++) check_level(&c, level, c.entry[i]);
  }
  check_cpu(&c, c.entry[4]);
  return 0;
}
