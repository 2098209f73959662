# SPDX-License-Identifier: MIT
"""Bugs planted in model/buddy.c: name, what is planted, old text, new text."""
BUGS = [
    ("split-right-not-free", "of a block that is split the right half is lost", "  vmref_buddy_give(b, 2 * n + 1, (uint8_t)(d + 1));\n", ""),
    ("split-stays-whole", "a block that is split stays a used block", "  b->node[n] = VMREF_BUDDY_SPLIT;\n", "  b->node[n] = VMREF_BUDDY_USED;\n"),
    ("join-keeps-the-right", "the right half of a block that is whole again stays used", "  b->node[2 * n + 1] = VMREF_BUDDY_NONE;\n", ""),
    ("buddy-init-nothing-listed", "at first no block is in a list", "  b->free[0] = 1;", "  b->free[0] = 0;"),
    ("buddy-init-keeps-the-last-list", "the number of free single frames stays what it was", "d <= b->order; d++) b->free[d] = 0;", "d < b->order; d++) b->free[d] = 0;"),
    ("buddy-never-splits-all", "all frames are never split", "while (e > 0 && b->free[e - 1] == 0) {", "while (e > 0 && (e == 1 || b->free[e - 1] == 0)) {"),
    ("buddy-takes-the-largest", "the largest free block is split", "uint8_t d = (uint8_t)(b->order - k), e = (uint8_t)(d + 1);", "uint8_t d = (uint8_t)(b->order - k), e = 0;\n  while (e <= d && b->free[e] == 0) e++;\n  e = e > d ? 0 : (uint8_t)(e + 1);"),
    ("buddy-whole-block-given", "a block is not split until it is as small as asked for", "  while (e < d) {", "  while (e + 1 < d) {"),
    ("buddy-second-of-the-list", "the second block of the list is taken, free or not", "  uint32_t n = b->list[vmref_buddy_size(e)];", "  uint32_t n = b->list[vmref_buddy_size(e) + (e > 0)];"),
    ("buddy-never-joins", "buddies that are both free stay apart", "  while (d > 0", "  while (d > b->order"),
    ("buddy-joins-once", "buddies join once and no more", "    join(b, up, d);\n    n = up;\n", "    join(b, up, d);\n    n = up;\n    break;\n"),
    ("buddy-joins-never-all", "all frames never become one block again", "  while (d > 0", "  while (d > 1"),
    ("buddy-joins-the-next", "a block joins the one on its right", "other = n % 2 == 0 ? n + 1 : n - 1;", "other = n % 2 == 0 ? n + 1 : n;"),
    ("buddy-free-twice", "a block that is free is freed again", "|| b->node[n] != VMREF_BUDDY_USED) return", "|| b->node[n] == VMREF_BUDDY_NONE || b->node[n] == VMREF_BUDDY_SPLIT) return"),
    ("buddy-last-frame-never-freed", "the last frame is none that is allocated", "if (n == 0 || n >= vmref_buddy_size((uint8_t)(b->order + 1))", "if (n == 0 || n + 1 >= vmref_buddy_size((uint8_t)(b->order + 1))"),
    ("buddy-frame-half", "the first frame of a block is said of half its depth", "    x *= 2;", "    x = j == 0 ? 2 * x : x + x / 2;"),
]
