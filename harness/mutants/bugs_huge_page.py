# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_page.c: name, what is planted, old text, new text."""
BUGS = [
    ("huge-dirty-not-handed-down", "the dirty flag does not come to the pages that are split", "vmref_over(o, t, i) / 0x40 % 2 == 1);", "vmref_over(o, t, i) / 0x40 % 2 == 2);"),
    ("huge-first-page-flags", "only the first page gets the flags", "  for (uint32_t j = 0; j < 512; j++) {\n    uint64_t e = s->tab[512 * (uint64_t)u + j];", "  for (uint32_t j = 0; j < 1; j++) {\n    uint64_t e = s->tab[512 * (uint64_t)u + j];"),
    ("huge-split-no-flags", "a split leaves the flags behind", "  vmref_huge_fold(s, o);\n  vmref_over_set(o, r.t, r.i, 0);", "  vmref_over_set(o, r.t, r.i, 0);"),
    ("huge-split-a-device", "a device's page is split", " || r.e == 0 || vmref_pfn(r.e) >= (uint64_t)s->tables + s->frames) return VMREF_EINVAL;", " || r.e == 0) return VMREF_EINVAL;"),
    ("huge-split-of-none", "to split what is none succeeds", " || r.e == 0 || vmref_pfn(r.e) >=", " || vmref_pfn(r.e) >="),
    ("huge-split-anywhere", "a page in the middle splits", "|| p >= VMREF_USER_PAGES || p % 512) return r;", "|| p >= VMREF_USER_PAGES) return r;"),
]
