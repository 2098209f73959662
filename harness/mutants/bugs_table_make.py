# SPDX-License-Identifier: MIT
"""Bugs planted in model/table_make.c: name, what is planted, old text, new text."""
BUGS = [
    ("make-leaves-tables", "tables made before one lacked stay linked", "if (r != VMREF_OK && old == s->tables) {", "if (r > VMREF_OK && old == s->tables) {"),
    ("make-drops-old", "when a table lacks, one that was there is dropped too", "if (r != VMREF_OK && old == s->tables) {", "if (r != VMREF_OK && old <= s->tables) {"),
    ("make-index-3", "tables of level 2 stand at half of the indices", "p / 0x40000 % 512 :", "p / 0x40000 % 256 :"),
    ("make-next-too-far", "the second leaf table is made a page too late", "p / 512 * 512 + 512;", "p + 512;"),
    ("make-first-only", "only the first leaf table of a range is made", "else if (next < end) r =", "else if (next + 512 < end) r ="),
    ("make-emem-is-ok", "a lack of tables is no failure", "if (u == s->tables) return VMREF_EMEM;", "if (u == s->tables) return VMREF_OK;"),
]
