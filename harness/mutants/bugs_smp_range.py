# SPDX-License-Identifier: MIT
"""Bugs planted in model/smp_range.c: name, what is planted, old text, new text."""
BUGS = [
    ("shoot-range-at-the-top", "a range that ends with the user's half is not told", "p + n > VMREF_USER_PAGES) return;", "p + n >= VMREF_USER_PAGES) return;"),
    ("unmap-not-told", "an unmapping tells nobody", "uint64_t p, uint64_t n)\n{\n  shoot(m, s, a, p, n);\n", "uint64_t p, uint64_t n)\n{\n"),
    ("unmap-lazy-not-noted", "that an unmapping has not told is not noted", "  if (r == VMREF_OK) m->pending = 1;\n", ""),
    ("unmap-always-lazy", "unmappings are lazy in eager mode too", "  return m->lazy ? unmap_lazily", "  return m->lazy <= 1 ? unmap_lazily"),
    ("protect-not-told", "rights are taken and nobody is told", "  vmref_smp_settle(m, s);\n  shoot(m, s, a, p, n);\n  //@ assert was", "  vmref_smp_settle(m, s);\n  //@ assert was"),
    ("protect-one-page", "of a range whose rights change, one page is told", "  vmref_smp_settle(m, s);\n  shoot(m, s, a, p, n);\n  //@ assert was", "  vmref_smp_settle(m, s);\n  shoot(m, s, a, p, 1);\n  //@ assert was"),
    ("map-not-settled", "tables of lazy unmappings are used again before all is told", "int vmref_smp_map(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)\n{\n  vmref_smp_settle(m, s);\n", "int vmref_smp_map(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)\n{\n  m->told = 0;\n"),
    ("map-file-not-settled", "a file is mapped before all is told", "                       uint32_t f, uint64_t first, uint8_t share)\n{\n  vmref_smp_settle(m, s);\n", "                       uint32_t f, uint64_t first, uint8_t share)\n{\n  m->told = 0;\n"),
    ("file-add-not-settled", "a file gets a frame that a processor may still reach", "int vmref_smp_file_add(struct vmref_smp *m, const struct vmref_sys *s, uint32_t f, uint64_t p)\n{\n  vmref_smp_settle(m, s);\n", "int vmref_smp_file_add(struct vmref_smp *m, const struct vmref_sys *s, uint32_t f, uint64_t p)\n{\n  m->told = 0;\n"),
]
