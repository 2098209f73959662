# SPDX-License-Identifier: MIT
"""Bugs planted in model/vma_merge.c: name, what is planted, old text, new text."""
BUGS = [
    ("swallow-end-stays", "an area that takes in the next one ends where it did", "  end_at(m, i - 1, gone.end);\n", ""),
]
