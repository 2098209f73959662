# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_merge.c: name, what is planted, old text, new text."""
BUGS = [
    ("merge-rights-may-differ", "pages with other rights merge", "    if (vmref_leaf_prot(e) != prot) return VMREF_EINVAL;\n", ""),
    ("merge-last-page-missing", "the last page need not be mapped", "    if (e == 0) return VMREF_ENOMAP;\n    if (vmref_leaf_prot(e) != prot)", "    if (e == 0 && j < 511) return VMREF_ENOMAP;\n    if (e != 0 && vmref_leaf_prot(e) != prot)"),
    ("merge-unreadable", "pages that are not to be read merge", "  if (first != 0 && prot % 2 == 0) return VMREF_EINVAL;\n", ""),
    ("merge-shared-stays-shared", "what others see becomes part of the page", "  return prot / 2 % 2 == 1 && prot / 8 == 0 && !vmref_leaf_mine(s, e);", "  return prot / 2 % 2 == 3 && prot / 8 == 0 && !vmref_leaf_mine(s, e);"),
    ("merge-run-unaligned", "a row of frames need not be aligned", "    if (((uint64_t)s->tables + f) % 512 == 0 && is_free_run(s, f)) return f;", "    if (is_free_run(s, f)) return f;"),
    ("merge-run-not-the-last", "the last frame of a row need not be free", "  for (uint32_t g = f; g < f + 512; g++)\n    if (s->rc[g]", "  for (uint32_t g = f; g < f + 511; g++)\n    if (s->rc[g]"),
    ("merge-always-moves", "pages that lie in a row move all the same", "  uint8_t there = in_run(s, t);", "  uint8_t there = in_run(s, t) * 0;"),
    ("merge-zero-not-zeroed", "a page not yet touched shows what its frame held", "    vmref_object_zero(s, f);\n", ""),
    ("merge-copies-nothing", "a copy has not the contents", "    vmref_object_copy(s, f, o);\n", "    vmref_object_zero(s, f);\n"),
    ("merge-flags-lost", "what was dirty is clean in the page of 2 MiB", "s->tab[512 * (uint64_t)t] | set | 0x80", "s->tab[512 * (uint64_t)t] | (set & 0x20) | 0x80"),
    ("merge-devices", "pages of a device merge", "  if (!no_device(s, o, t)) return VMREF_EINVAL;\n", ""),
    ("merge-a-device-is-merged", "to merge a device's page of 2 MiB succeeds", "  if (e != 0) return vmref_pfn(e) >= (uint64_t)s->tables + s->frames ? VMREF_EINVAL : VMREF_OK;", "  if (e != 0) return VMREF_OK;"),
]
