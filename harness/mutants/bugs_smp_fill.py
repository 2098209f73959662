# SPDX-License-Identifier: MIT
"""Bugs planted in model/smp_fill.c: name, what is planted, old text, new text."""
BUGS = [
    ("cache-writable", "what is read is cached as writable", "  if (add(tlb, &w) != VMREF_OK) {", "  w.entry[1] |= 2;\n  if (add(tlb, &w) != VMREF_OK) {"),
    ("cache-dirty", "what is read is cached as dirty", "  if (add(tlb, &w) != VMREF_OK) {", "  w.entry[1] |= 0x40;\n  if (add(tlb, &w) != VMREF_OK) {"),
    ("cache-executable", "a page is cached as executable", "  if (add(tlb, &w) != VMREF_OK) {", "  w.entry[1] = w.entry[1] << 1 >> 1;\n  if (add(tlb, &w) != VMREF_OK) {"),
    ("cache-next-frame", "the frame behind is cached", "  if (add(tlb, &w) != VMREF_OK) {", "  w.entry[1] += 0x1000;\n  if (add(tlb, &w) != VMREF_OK) {"),
    ("full-drops-the-new", "a TLB that is full is emptied, and the new not cached", "    vmref_tlb_reset(tlb);\n    add(tlb, &w);\n", "    vmref_tlb_reset(tlb);\n"),
    ("full-keeps-the-old", "a TLB that is full stays as it is", "    vmref_tlb_reset(tlb);\n    add(tlb, &w);\n", "    add(tlb, &w);\n"),
    ("fill-on-the-first", "what one processor looks at the first caches", "vmref_smp_cache(&m->tlb[c], s, a, m->pending, w);", "vmref_smp_cache(&m->tlb[0], s, a, m->pending, w);"),
    ("fill-while-idle", "a look ahead of a processor that does not exist is no error", "  if (c >= VMREF_CPUS || m->runs[c] == VMREF_IDLE) return VMREF_EINVAL;", "  if (c >= VMREF_CPUS) return VMREF_OK;\n  if (m->runs[c] == VMREF_IDLE) return VMREF_EINVAL;"),
]
