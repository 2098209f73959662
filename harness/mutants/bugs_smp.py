# SPDX-License-Identifier: MIT
"""Bugs planted in model/smp.c: name, what is planted, old text, new text."""
BUGS = [
    ("shoot-one-processor", "a shootdown ends at the first processor that it tells", "    //@ assert gone: without(m->tlb[c], p, n);\n", "    break;\n"),
    ("shoot-not-the-last-processor", "the last processor is not told", "  for (uint32_t c = 0; c < VMREF_CPUS; c++) {\n    if (m->runs[c] != a) continue;\n    m->told++;\n    //@ ghost", "  for (uint32_t c = 0; c + 1 < VMREF_CPUS; c++) {\n    if (m->runs[c] != a) continue;\n    m->told++;\n    //@ ghost"),
    ("shoot-not-the-last-page", "the last page of a range is not dropped", "  for (uint64_t q = p; q < p + n; q++) {", "  for (uint64_t q = p; q + 1 < p + n; q++) {"),
    ("shoot-first-page-only", "of a range the first page alone is dropped", "    vmref_tlb_invlpg(tlb, cpu, q * 0x1000);", "    vmref_tlb_invlpg(tlb, cpu, p * 0x1000);"),
    ("shoot-long-range-nothing", "of a range that is long, nothing is dropped", "    drop_all(tlb, a);\n    return;", "    return;"),
    ("shoot-page-is-address", "a page's number is taken for its address", "vmref_tlb_invlpg(tlb, cpu, q * 0x1000);", "vmref_tlb_invlpg(tlb, cpu, q);"),
    ("shoot-tables-survive", "cached tables survive the shootdown of a page", "    vmref_tlb_invlpg(tlb, cpu, q * 0x1000);", "    for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) if (vmref_serves(tlb->page[i], 0, q * 0x1000)) tlb->page[i].used = 0;"),
    ("shoot-all-spaces", "processors that run another space are told too", "    if (m->runs[c] != a) continue;\n    m->told++;\n    //@ ghost", "    if (m->runs[c] == VMREF_IDLE) continue;\n    m->told++;\n    //@ ghost"),
    ("run-keeps-the-cached", "a processor that goes to another space keeps what it had cached", "  drop_all(&m->tlb[c], a == VMREF_IDLE ? s->spaces : a);\n", ""),
    ("run-no-such-space", "a processor runs a space that there is not", "(a >= s->spaces || s->level[a] != 4)))", "a >= s->spaces))"),
    ("flush-not-the-first", "a flush leaves out the first processor", "    if (m->runs[c] != VMREF_IDLE) m->told++;\n    vmref_tlb_reset(&m->tlb[c]);", "    if (m->runs[c] != VMREF_IDLE) m->told++;\n    if (c > 0) vmref_tlb_reset(&m->tlb[c]);"),
    ("flush-stays-pending", "after a flush it is still pending", "  m->told = 0;\n  m->pending = 0;\n", "  m->told = 0;\n"),
    ("flush-counts-the-idle", "idle processors count as told", "    if (m->runs[c] != VMREF_IDLE) m->told++;\n    vmref_tlb", "    m->told++;\n    vmref_tlb"),
    ("settle-never", "no operation tells what lazy unmappings have left", "  if (!m->pending) return;\n  vmref_smp_flush(m);", "  return;"),
]
