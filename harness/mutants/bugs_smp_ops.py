# SPDX-License-Identifier: MIT
"""Bugs planted in model/smp_ops.c: name, what is planted, old text, new text."""
BUGS = [
    ("leave-one-processor", "one processor alone leaves a space that ends", "    //@ assert idle: coherent_cpu(*s, *m, c);", "    break;"),
    ("leave-keeps-the-cached", "who leaves a space keeps what it had cached", "    vmref_tlb_reset(&m->tlb[c]);\n    //@ assert idle", "    //@ assert idle"),
    ("exit-stays", "processors stay on a space that has ended", "  leave(m, s, a);\n", ""),
    ("fork-not-told", "a fork tells nobody that pages are read-only now", "  flush(m, s);\n  int r = vmref_fork(", "  vmref_smp_settle(m, s);\n  int r = vmref_fork("),
    ("page-in-not-settled", "a page comes into a frame that a processor may still reach", "int vmref_smp_page_in(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p)\n{\n  vmref_smp_settle(m, s);\n", "int vmref_smp_page_in(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p)\n{\n  m->told = 0;\n"),
    ("page-out-not-told", "a page goes to swap and nobody is told", "  flush(m, s);\n  int r = vmref_page_out(", "  vmref_smp_settle(m, s);\n  int r = vmref_page_out("),
    ("page-out-tells-one-space", "of a page of several spaces, one is told that it goes to swap", "  flush(m, s);\n  int r = vmref_page_out(", "  vmref_smp_settle(m, s);\n  if (a < s->spaces && p < VMREF_USER_PAGES) vmref_smp_shoot(m, s, a, p, 1);\n  int r = vmref_page_out("),
    ("page-move-not-told", "a page moves and nobody is told", "  flush(m, s);\n  int r = vmref_page_move(", "  vmref_smp_settle(m, s);\n  int r = vmref_page_move("),
    ("compact-not-told", "pages move together and nobody is told", "  flush(m, s);\n  struct vmref_compacted r = vmref_compact(", "  vmref_smp_settle(m, s);\n  struct vmref_compacted r = vmref_compact("),
    ("evict-not-told", "a page is evicted and nobody is told", "  flush(m, s);\n  struct vmref_eviction r = vmref_evict(", "  vmref_smp_settle(m, s);\n  struct vmref_eviction r = vmref_evict("),
]
