# SPDX-License-Identifier: MIT
"""Bugs planted in model/memtype.c: name, what is planted, old text, new text."""
BUGS = [
    ("memtype-pat-2-valid", "2 is a memory type", "return type <= VMREF_MEM_UCM && type != 2 && type != 3;", "return type <= VMREF_MEM_UCM && type != 3;"),
    ("memtype-mtrr-uc-minus", "an MTRR may say UC-", "return type <= VMREF_MEM_WB && type", "return type <= VMREF_MEM_UCM && type"),
    ("memtype-field-5", "field 5 of IA32_PAT is read from byte 4", "case 5: return (uint8_t)(pat / 0x10000000000 % 8);", "case 5: return (uint8_t)(pat / 0x100000000 % 8);"),
    ("memtype-field-7", "field 7 of IA32_PAT is read from byte 3", "default: return (uint8_t)(pat / 0x100000000000000 % 8);", "default: return (uint8_t)(pat / 0x1000000 % 8);"),
    ("memtype-mtrr-off-wb", "with MTRRs off memory is of the default type", "def_type / 0x800 % 2 == 1 ? (uint8_t)(def_type % 0x100) : VMREF_MEM_UC", "def_type > 0 ? (uint8_t)(def_type % 0x100) : VMREF_MEM_UC"),
    ("memtype-fe-is-e", "FE is taken for E", "def_type / 0x800 % 2 == 1", "def_type / 0x400 % 2 == 1"),
    ("memtype-wp-ucm", "UC- over an MTRR's WP is UC (Bochs)", "/* WP */ { UC, WC, XX, XX, WT, WP, WP, WC },", "/* WP */ { UC, WC, XX, XX, WT, WP, WP, UC },"),
    ("memtype-wc-over-uc", "WC over an MTRR's UC is UC", "/* UC */ { UC, WC, XX, XX, UC, UC, UC, UC },", "/* UC */ { UC, UC, XX, XX, UC, UC, UC, UC },"),
    ("memtype-wt-wp", "WP over an MTRR's WT is WT", "/* WT */ { UC, WC, XX, XX, WT, WP, WT, UC },", "/* WT */ { UC, WC, XX, XX, WT, WT, WT, UC },"),
    ("memtype-pcide-ignored", "with PCIDE, bits 4:3 of CR3 give the root's type", "if (vmref_long_mode(cpu.mode) && cpu.pcide == 1) return 0;\n", ""),
    ("memtype-pae-by-cr3", "PAE: CR3 gives the page directory's type", "if (cpu.mode == VMREF_MODE_PAE) return vmref_pat_index_of_table(vmref_pdpte(cpu, va));\n", ""),
    ("memtype-entry-by-itself", "an entry gives the type of its own access", "vmref_pat_index_of_table(w->entry[level + 1])", "vmref_pat_index_of_table(w->entry[level])"),
    ("memtype-below-root", "the table where a walk begins below the root is of the root's type", "  if (level != vmref_top_level(w->cpu.mode)) return VMREF_MEM_NONE;\n", ""),
    ("memtype-of-fault", "an access that faults has a type", "if (w->rule != VMREF_RULE_OK) return VMREF_MEM_NONE;", "if (w->rule == VMREF_RULE_NONE) return VMREF_MEM_NONE;"),
    ("memtype-none-by-pat", "without paging the PAT counts", "if (w->cpu.mode == VMREF_MODE_NONE) return vmref_mtrr_default(mtrr_def_type);\n", ""),
]
