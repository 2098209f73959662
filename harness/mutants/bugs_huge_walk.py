# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_walk.c: name, what is planted, old text, new text."""
BUGS = [
    ("huge-walk-not-1g", "the walk goes on below a page of 1 GiB", "  if (e) { /* 1 GiB */", "  if (e && x3 > s->tables) { /* 1 GiB */"),
    ("huge-walk-not-2m", "the walk goes on below a page of 2 MiB", "  if (e) { /* 2 MiB */", "  if (e && x2 > s->tables) { /* 2 MiB */"),
    ("huge-walk-not-4k", "the walk finds the leaf in place of a device", "  e = vmref_over(o, x1, j1);", "  e = vmref_over(o, x1, j1 + 0) * 0;"),
]
