# SPDX-License-Identifier: MIT
"""Bugs planted in model/buddy_check.c: name, what is planted, old text, new text."""
BUGS = [
    ("check-halves-of-none", "a block's halves may be something when it is not split", "  if (b->node[n] != VMREF_BUDDY_SPLIT) return l == VMREF_BUDDY_NONE && r == VMREF_BUDDY_NONE;", "  if (b->node[n] != VMREF_BUDDY_SPLIT) return l == VMREF_BUDDY_NONE;"),
    ("check-both-free", "two buddies may both be free", " && (l != VMREF_BUDDY_FREE || r != VMREF_BUDDY_FREE);", ";"),
    ("check-no-block-at-all", "all frames may be of no block", "  if (b->node[1] == VMREF_BUDDY_NONE) return 0;\n", ""),
    ("check-frame-split", "a single frame may be split", " : b->node[n] == VMREF_BUDDY_SPLIT) return 0;", " : b->node[n] > VMREF_BUDDY_SPLIT) return 0;"),
    ("check-free-too-many", "more may be free than there are", "  if (b->free[d] < 0 || b->free[d] > first) return 0;", "  if (b->free[d] < 0) return 0;"),
    ("check-free-not-listed", "a free block may be behind the free ones of its list", "    if ((b->node[x] == VMREF_BUDDY_FREE) != (p < (int64_t)first + b->free[d])) return 0;", "    if (b->node[x] != VMREF_BUDDY_FREE && p < (int64_t)first + b->free[d]) return 0;"),
    ("check-list-last-size", "the list of single frames is not looked at", "  for (uint8_t d = 0; d <= b->order; d++)", "  for (uint8_t d = 0; d < b->order; d++)"),
]
