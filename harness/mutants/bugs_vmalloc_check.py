# SPDX-License-Identifier: MIT
"""Bugs planted in model/vmalloc_check.c: name, what is planted, old text, new text."""
BUGS = [
    ("check-vframe-free", "a page's frame may be free", "  return b->node[m] == VMREF_BUDDY_USED;", "  return b->node[m] == VMREF_BUDDY_USED || b->node[m] == VMREF_BUDDY_FREE;"),
    ("check-vframe-of-text", "a page's frame may be one of the kernel's text", "  if (pfn < first || pfn >= first + frames) return 0;", "  if (pfn < first) return 1;\n  if (pfn >= first + frames) return 0;"),
    ("check-vframe-twice", "two pages may have one frame", "    if (vmref_kernel_entry(s, t, i) != 0 && !own_frame(s, t, i, s->kernel)) {", "    if (vmref_kernel_entry(s, t, i) != 0 && !own_frame(s, t, i, 512)) {"),
    ("check-no-guard", "the last page may be mapped", "  if (s->kernel < 512 && (vmref_kernel_entry(s, t, s->kernel) != 0 || vmref_kernel_entry(s, t, 511) != 0)) return 0;", "  if (s->kernel < 512 && vmref_kernel_entry(s, t, s->kernel) != 0) return 0;"),
    ("check-blocks-not-asked", "the blocks may be anything", "  if (!vmref_buddy_check(b)) return 0;\n", ""),
]
