# SPDX-License-Identifier: MIT
"""Bugs planted in model/table_page.c: name, what is planted, old text, new text."""
BUGS = [
    ("page-index-2", "a page's leaf table is looked up by the wrong bits", "(uint32_t)(p / 0x200 % 512)", "(uint32_t)(p / 0x400 % 512)"),
    ("page-leaf-half", "a page's entry is one of the first half of its table", "s->tab[512 * (uint64_t)t + p % 512]", "s->tab[512 * (uint64_t)t + p % 256]"),
]
