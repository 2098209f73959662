# SPDX-License-Identifier: MIT
"""Bugs planted in model/vma.c: name, what is planted, old text, new text."""
BUGS = [
    ("split-overlaps", "the first part of a split still has the second's pages", "  m->at[i].end = p;\n  //@ assert areas", "  //@ assert areas"),
    ("carve-spares-the-last", "an area of one page at the end of what is unmapped stays", "  while (j < m->n && m->at[j].start < p) j++;", "  while (j < m->n && m->at[j].start + 1 < p) j++;"),
]
