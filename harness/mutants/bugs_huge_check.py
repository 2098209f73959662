# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_check.c: name, what is planted, old text, new text."""
BUGS = [
    ("check-huge-not-the-last-table", "the words of the last table are not looked at", "  for (uint32_t t = 0; t < s->tables; t++)", "  for (uint32_t t = 0; t + 1 < s->tables; t++)"),
    ("check-huge-not-the-last-word", "the last word of a table is not looked at", "  for (uint32_t i = 0; i < 512; i++) {", "  for (uint32_t i = 0; i < 511; i++) {"),
    ("check-huge-any-word", "any word may stand there", "    if (e != 0 && !vmref_huge_fits(s, t, i, e)) return 0;", "    if (e != 0 && e > 0xFFFFFFFFFFFFFFFE && !vmref_huge_fits(s, t, i, e)) return 0;"),
]
