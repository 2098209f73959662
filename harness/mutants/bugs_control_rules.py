# SPDX-License-Identifier: MIT
"""Bugs planted in model/control_rules.c: name, what is planted, old text, new text."""
BUGS = [
    ("control-operand-64", "outside of 64-bit mode a MOV CR takes 64 bits", "return reg <= VMREF_REG_CR4 && !in_64bit(c) ? value", "return reg > VMREF_REG_PKRS ? value"),
    ("control-la57-ignored", "CR4.LA57 does not choose 5-level paging", "return VMREF_BIT(cr4, VMREF_CR4_LA57) == 0 ? VMREF_MODE_4LEVEL : VMREF_MODE_5LEVEL;", "return VMREF_MODE_4LEVEL;"),
    ("control-pku-by-pks", "CR4.PKE is legal by the feature PKS", "VMREF_BIT(v, VMREF_CR4_PKE) <= f.pku", "VMREF_BIT(v, VMREF_CR4_PKE) <= f.pks"),
    ("control-cr4-others", "CR4 bits that the CPU lacks are taken", "\n    && only_others(f.cr4_other, rest_of_cr4(v)) == 1;", ";"),
    ("control-pat-2", "IA32_PAT takes the type 2", "return t <= 7 && t != 2 && t != 3;", "return t <= 7 && t != 3;"),
    ("control-pat-top", "the upper half of IA32_PAT is not checked", "types_legal(pat % 0x100000000) == 1 && types_legal(pat / 0x100000000) == 1", "types_legal(pat % 0x100000000) == 1"),
    ("control-cr0-high", "bits 63:32 of CR0 are ignored", "  if (v >= 0x100000000) return VMREF_RULE_GP_CR0_HIGH;\n", ""),
    ("control-nw-without-cd", "NW may be set without CD", "  if (VMREF_BIT(v, VMREF_CR0_NW) == 1 && VMREF_BIT(v, VMREF_CR0_CD) == 0) return VMREF_RULE_GP_CR0_NW_CD;\n", ""),
    ("control-lme-without-pae", "long mode may begin without PAE", "  if (VMREF_BIT(c->cr4, VMREF_CR4_PAE) == 0) return VMREF_RULE_GP_CR0_LME_PAE;\n", ""),
    ("control-tss16-on-amd", "a 16-bit TSS stops long mode on AMD too", "c->tr16 == 1 && c->features.vendor == VMREF_INTEL ?", "c->tr16 == 1 ?"),
    ("control-pg-off-pcide", "PG may be cleared with PCIDE", "return VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) == 1 ? VMREF_RULE_GP_CR0_PG_PCIDE : VMREF_RULE_NONE;", "return VMREF_RULE_NONE;"),
    ("control-wp-off-cet", "WP may be cleared with CET", "  if (VMREF_BIT(v, VMREF_CR0_WP) == 0 && VMREF_BIT(c->cr4, VMREF_CR4_CET) == 1) return VMREF_RULE_GP_CR0_WP_CET;\n", ""),
    ("control-cr3-63", "bit 63 of CR3 is taken without PCIDE", "  if (v >= 0x8000000000000000 && VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) == 0) return VMREF_RULE_GP_CR3_63;\n", ""),
    ("control-cr3-address", "CR3 may have the first address past MAXPHYADDR", "return v % 0x8000000000000000 >= vmref_phys_limit", "return v % 0x8000000000000000 > vmref_phys_limit"),
    ("control-la57-in-long", "LA57 may change in long mode", "  if (VMREF_BIT(v, VMREF_CR4_LA57) != VMREF_BIT(c->cr4, VMREF_CR4_LA57)) return VMREF_RULE_GP_CR4_LA57;\n", ""),
    ("control-pcide-cr3", "PCIDE may be set whatever CR3's low bits", "VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) == 0 && c->cr3 % 0x1000 != 0)", "VMREF_BIT(c->cr4, VMREF_CR4_PCIDE) > 1)"),
    ("control-pcide-legacy", "PCIDE may be set outside of long mode", "return VMREF_BIT(v, VMREF_CR4_PCIDE) == 1 ? VMREF_RULE_GP_CR4_PCIDE_LMA : VMREF_RULE_NONE;", "return VMREF_RULE_NONE;"),
    ("control-lme-with-pg", "LME may change while paging", "if (VMREF_BIT(c->cr0, VMREF_CR0_PG) == 1 && VMREF_BIT(v, VMREF_EFER_LME)", "if (VMREF_BIT(c->cr0, VMREF_CR0_PG) > 1 && VMREF_BIT(v, VMREF_EFER_LME)"),
    ("control-lma-on-intel", "a write of LMA that differs faults on Intel too", "return c->features.vendor == VMREF_AMD && VMREF_BIT(v, VMREF_EFER_LMA)", "return VMREF_BIT(v, VMREF_EFER_LMA)"),
]
