# SPDX-License-Identifier: MIT
"""Bugs planted in model/footprint.c: name, what is planted, old text, new text."""
BUGS = [
    ("footprint-pae-root", "PAE's root is its page directory", "return mode == VMREF_MODE_PAE ? 3 : vmref_top_level(mode);", "return vmref_top_level(mode);"),
    ("footprint-shared-twice", "a table that two ranges share counts twice", "if (i > 0 && first == before) total--;", "if (i > 1 && first == before) total--;"),
    ("footprint-last-forgotten", "the last region of a range is not counted", "total += last - first + 1;", "total += last - first + (last == first);"),
    ("footprint-overlap", "ranges may overlap in a byte", "if (i > 0 && r[i - 1].last >= r[i].first) return 0;", "if (i > 0 && r[i - 1].last > r[i].first) return 0;"),
    ("footprint-hole", "a range may lie across the canonical hole",
     "return r.first / 0x8000000000000000 == r.last / 0x8000000000000000;", "return r.first <= r.last;"),
    ("footprint-4m", "32-bit: a page table covers 2 MiB", "level == 1 ? x / 0x400000 : x / 0x100000000", "level == 1 ? x / 0x200000 : x / 0x100000000"),
    ("footprint-48-bits", "5-level: addresses have 48 bits", "return va % 0x200000000000000;", "return va % 0x1000000000000;"),
    ("footprint-pae-32-bytes", "PAE's four registers take a page of memory", "(mode == VMREF_MODE_PAE ? 32 : 0x1000) + 0x1000 * (all - 1)", "0x1000 + 0x1000 * (all - 1)"),
    ("footprint-large-has-tables", "large pages need page tables too", "return l < m || l > root ? 0", "return l > root ? 0"),
    ("footprint-1g-in-pae", "PAE has 1-GiB pages", "return level <= (vmref_long_mode(mode) ? 3 : 2);", "return level <= (mode >= VMREF_MODE_PAE ? 3 : 2);"),
    ("footprint-flat-4-bytes", "a flat table of 4-level paging has entries of 4 bytes",
     "{ 0, 0x8000000000, 0x40000000, 0x200000 },", "{ 0, 0x4000000000, 0x20000000, 0x100000 },"),
    ("footprint-level-5-lost", "5-level: the root is not counted", "f.tables[5] = tables_of(mode, level, 5, r, n);", "f.tables[5] = mode == VMREF_MODE_5LEVEL && n == 0 ? 0 : tables_of(mode, level, 5, r, n);"),
]
