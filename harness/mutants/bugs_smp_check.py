# SPDX-License-Identifier: MIT
"""Bugs planted in model/smp_check.c: name, what is planted, old text, new text."""
BUGS = [
    ("cached-way-too-high", "a cached table of the lowest level is not looked up to its end", "  if (level < 2) t = vmref_table_under(s, t, j2);", "  if (level < 1) t = vmref_table_under(s, t, j2);"),
    ("cached-any-size", "a translation may be of any size", "  if (t.size != 0x1000 || t.page % 0x1000 != 0 || t.page >= 0x800000000000 || t.pcid != 0 || t.global != 0) return 0;\n  uint64_t p =", "  if (t.page % 0x1000 != 0 || t.page >= 0x800000000000 || t.pcid != 0 || t.global != 0) return 0;\n  uint64_t p ="),
    ("cached-rights-not-held", "a translation may write where its leaf may not", " && t.rw <= vmref_rw(e)", ""),
    ("cached-executes", "a translation may be fetched from where its leaf may not", " && vmref_xd(e) <= t.xd", ""),
    ("cached-dirty-before", "a translation may be dirty before its leaf is", "    && t.dirty <= e / 64 % 2;", "    && t.dirty <= 1;"),
    ("cached-table-first-only", "of a cached table's addresses only the first range is looked at", "    va = next;\n", "    va = end;\n"),
    ("cached-table-too-far", "a step too far in a cached table's addresses", "    uint64_t next = (va / span + 1) * span;", "    uint64_t next = (va / span + 2) * span;"),
    ("cached-table-any-pcid", "a cached table may have a PCID", "  if (t.pcid != 0) return 0;\n", ""),
    ("quiet-written", "a frame that a file's mapping may not write is quiet too", " || (vmref_p(e) == 1 && vmref_rw(e) == 1 && vmref_leaf_prot(e) / 8 == 0)) return 0;", ") return 0;"),
    ("left-of-the-kernel", "a translation may be left of a table's frame", "pfn < s->tables || pfn >= (uint64_t)s->tables + s->frames) return 0;", "pfn >= (uint64_t)s->tables + s->frames) return 0;\n  if (pfn < s->tables) return 1;"),
    ("left-table-in-use", "a table in use may be left of an unmapping", " && u < s->tables && s->level[u] == 0;", " && u < s->tables;"),
    ("blank-pages-only", "an idle processor may have tables cached", "    if (m->tlb[c].page[i].used == 1 || m->tlb[c].table[i].used == 1) return 0;", "    if (m->tlb[c].page[i].used == 1) return 0;"),
    ("check-eager-leftover", "what an unmapping leaves is permitted when nothing is pending", "        && (m->pending != 1 || !page_leftover(s, m->tlb[c].page[i]))) return 0;", "        && !page_leftover(s, m->tlb[c].page[i])) return 0;"),
    ("check-dead-space", "a processor may run a space that has ended", "  if (a >= s->spaces || s->level[a] != 4) return 0;\n  return tlb", "  if (a >= s->spaces || s->level[a] != 4) return 1;\n  return tlb"),
    ("check-three-processors", "the last processor is not looked at", "  for (uint32_t c = 0; c < VMREF_CPUS; c++)\n    if (!cpu", "  for (uint32_t c = 0; c + 1 < VMREF_CPUS; c++)\n    if (!cpu"),
    ("check-pending-eager", "something may be pending in eager mode", "  if (m->pending > m->lazy || m->lazy > 1) return 0;", "  if (m->lazy > 1) return 0;"),
]
