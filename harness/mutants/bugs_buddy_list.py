# SPDX-License-Identifier: MIT
"""Bugs planted in model/buddy_list.c: name, what is planted, old text, new text."""
BUGS = [
    ("list-swap-forgets-a-place", "of two blocks that change places one's is not noted", "  b->place[m] = x;\n", ""),
    ("list-swap-one-way", "a block takes another's place in the list, which goes nowhere", "  b->list[y] = n;\n", ""),
    ("take-not-counted", "a block that becomes used stays among the free ones", "  b->free[d]--;\n", ""),
    ("take-the-last-of-the-list", "the last free block leaves the list in place of the one taken", "  swap(b, n, b->list[last], d);\n", ""),
    ("give-not-counted", "a block that becomes free is not counted", "  b->free[d]++;\n", ""),
    ("give-not-moved", "a block that becomes free stays where it is in the list", "  swap(b, n, b->list[next], d);\n", ""),
    ("depth-one-less", "a single frame is said to be two", "  while (d < b->order && vmref", "  while (d + 1 < b->order && vmref"),
]
