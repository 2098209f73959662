/* SPDX-License-Identifier: MIT */
#include "memtype.h"

uint8_t vmref_pat_type_valid(uint8_t type)
{
  return type <= VMREF_MEM_UCM && type != 2 && type != 3;
}

uint8_t vmref_mtrr_type_valid(uint8_t type)
{
  return type <= VMREF_MEM_WB && type != 2 && type != 3;
}

uint8_t vmref_pat_type(uint64_t pat, uint8_t index)
{
  switch (index) {
  case 0: return (uint8_t)(pat % 8);
  case 1: return (uint8_t)(pat / 0x100 % 8);
  case 2: return (uint8_t)(pat / 0x10000 % 8);
  case 3: return (uint8_t)(pat / 0x1000000 % 8);
  case 4: return (uint8_t)(pat / 0x100000000 % 8);
  case 5: return (uint8_t)(pat / 0x10000000000 % 8);
  case 6: return (uint8_t)(pat / 0x1000000000000 % 8);
  default: return (uint8_t)(pat / 0x100000000000000 % 8);
  }
}

uint8_t vmref_mtrr_default(uint64_t def_type)
{
  return def_type / 0x800 % 2 == 1 ? (uint8_t)(def_type % 0x100) : VMREF_MEM_UC;
}

/* SDM 3A table 11-7: [the MTRR's type][the PAT's type], by their encodings. */
#define XX VMREF_MEM_NONE
#define UC VMREF_MEM_UC
#define WC VMREF_MEM_WC
#define WT VMREF_MEM_WT
#define WP VMREF_MEM_WP
#define WB VMREF_MEM_WB
static const uint8_t EFFECTIVE[7][8] = {
  /* PAT:  UC  WC  -   -   WT  WP  WB  UC- */
  /* UC */ { UC, WC, XX, XX, UC, UC, UC, UC },
  /* WC */ { UC, WC, XX, XX, UC, UC, WC, WC },
  /* -  */ { XX, XX, XX, XX, XX, XX, XX, XX },
  /* -  */ { XX, XX, XX, XX, XX, XX, XX, XX },
  /* WT */ { UC, WC, XX, XX, WT, WP, WT, UC },
  /* WP */ { UC, WC, XX, XX, WT, WP, WP, WC },
  /* WB */ { UC, WC, XX, XX, WT, WP, WB, UC },
};

uint8_t vmref_effective_type(uint8_t pat_type, uint8_t mtrr_type)
{
  if (mtrr_type > VMREF_MEM_WB || pat_type > VMREF_MEM_UCM) return VMREF_MEM_NONE;
  return EFFECTIVE[mtrr_type][pat_type];
}

uint8_t vmref_root_pat_index(struct vmref_cpu cpu, uint64_t va)
{
  if (cpu.mode == VMREF_MODE_PAE) return vmref_pat_index_of_table(vmref_pdpte(cpu, va));
  if (vmref_long_mode(cpu.mode) && cpu.pcide == 1) return 0;
  return vmref_pat_index_of_table(cpu.cr3);
}

/*@ requires index <= 7;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == type_at(index, pat, def); */
static uint8_t type_of(uint8_t index, uint64_t pat, uint64_t def)
{
  return vmref_effective_type(vmref_pat_type(pat, index), vmref_mtrr_default(def));
}

uint8_t vmref_entry_type(const struct vmref_walk *w, uint8_t level, uint64_t pat, uint64_t mtrr_def_type)
{
  if (w->last < 1 || level < w->last || level > w->origin.level) return VMREF_MEM_NONE;
  if (level < w->origin.level) return type_of(vmref_pat_index_of_table(w->entry[level + 1]), pat, mtrr_def_type);
  if (level != vmref_top_level(w->cpu.mode)) return VMREF_MEM_NONE;
  return type_of(vmref_root_pat_index(w->cpu, w->access.va), pat, mtrr_def_type);
}

uint8_t vmref_data_type(const struct vmref_walk *w, uint64_t pat, uint64_t mtrr_def_type)
{
  if (w->rule != VMREF_RULE_OK) return VMREF_MEM_NONE;
  if (w->cpu.mode == VMREF_MODE_NONE) return vmref_mtrr_default(mtrr_def_type);
  return type_of(w->pat, pat, mtrr_def_type);
}
