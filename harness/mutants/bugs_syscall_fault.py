# SPDX-License-Identifier: MIT
"""Bugs planted in model/syscall_fault.c: name, what is planted, old text, new text."""
BUGS = [
    ("grow-into-the-neighbour", "a stack grows a page too far down", "  M.at[i].start = p;\n", "  M.at[i].start = p - 1;\n"),
]
