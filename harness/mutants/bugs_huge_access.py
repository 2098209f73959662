# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_access.c: name, what is planted, old text, new text."""
BUGS = [
    ("huge-access-no-flags", "an access to a page of 2 MiB leaves no flags", "  if (at.e != 0 && w.rule == VMREF_RULE_OK) mark_word(s, o, at, write);\n", ""),
    ("huge-access-device-no-flags", "an access to a device leaves no flags", "    r.level = w.last;\n    mark_word(s, o, at, write);\n", "    r.level = w.last;\n"),
    ("huge-access-always-dirty", "a load makes dirty", "  if (write) e = vmref_dirtied(e);\n", "  e = vmref_dirtied(e);\n"),
    ("huge-access-no-split", "a page of 2 MiB is written to by 4 KiB without a split", "  vmref_huge_split(s, o, a, va / 0x200000 * 512);", "  (void)va, (void)o, (void)a;"),
    ("huge-access-splits-for-none", "an access that is not permitted splits", "if (at.e != 0 && w.rule != VMREF_RULE_OK && write && vmref_leaf_prot(at.e) / 2 % 2 == 1)", "if (at.e != 0 && w.rule != VMREF_RULE_OK)"),
    ("huge-access-device-is-nomap", "who may not access a device is told that nothing is there", "      r.access.status = VMREF_EACCES;\n", "      r.access.status = VMREF_ENOMAP;\n"),
]
