# SPDX-License-Identifier: MIT
"""Bugs planted in model/control.c: name, what is planted, old text, new text."""
BUGS = [
    ("control-pdpte-on-wp", "a change of CR0.WP reads the PDPTEs too", "VMREF_BIT(v, VMREF_CR0_CD) != VMREF_BIT(old, VMREF_CR0_CD)", "VMREF_BIT(v, VMREF_CR0_WP) != VMREF_BIT(old, VMREF_CR0_WP) || VMREF_BIT(v, VMREF_CR0_CD) != VMREF_BIT(old, VMREF_CR0_CD)"),
    ("control-pdpte-not-on-smep", "a change of CR4.SMEP does not read the PDPTEs", " || VMREF_BIT(v, VMREF_CR4_SMEP) != VMREF_BIT(old, VMREF_CR4_SMEP)", ""),
    ("control-pdpte-three", "the last PDPTE is not checked at a load", "vmref_pdpte_fit(maxphyaddr, p.e[3]) == 1", "vmref_pdpte_fit(maxphyaddr, p.e[2]) == 1"),
    ("control-pdpte-not-loaded", "the fourth PDPTE register is not loaded", "  c->pdpte[3] = p.e[3];\n", ""),
    ("control-cr3-keeps-63", "bit 63 of CR3 is stored", "c->cr3 = v % 0x8000000000000000;", "c->cr3 = v;"),
]
