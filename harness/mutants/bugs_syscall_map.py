# SPDX-License-Identifier: MIT
"""Bugs planted in model/syscall_map.c: name, what is planted, old text, new text."""
BUGS = [
    ("munmap-of-another", "munmap takes the pages of the first address space", "  vmref_pages_drop(&l->s, a, from, to);", "  vmref_pages_drop(&l->s, 0, from, to);"),
]
