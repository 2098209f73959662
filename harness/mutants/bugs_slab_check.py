# SPDX-License-Identifier: MIT
"""Bugs planted in model/slab_check.c: name, what is planted, old text, new text."""
BUGS = [
    ("check-object-unaligned", "an object need not be aligned to its size", " || s % u != 0) return 0;", ") return 0;"),
    ("check-object-ends-early", "the last granule of an object may be another's", "  for (uint32_t x = s; x < s + u; x++)", "  for (uint32_t x = s; x + 1 < s + u; x++)"),
    ("check-object-starts-later", "an object may begin behind its granule", "  if (s > j || j >= s + u", "  if (j >= s + u"),
    ("check-unit-of-any-size", "objects may be of 3 granules", "  if (u != 0 && u != 1 && u != 2 && u != 4", "  if (u != 0 && u != 1 && u != 2 && u != 3 && u != 4"),
    ("check-page-no-block", "a page of objects need be no block", "  if (u != 0 && k->buddy.node[vmref_buddy_size(k->buddy.order) + f] != VMREF_BUDDY_USED) return 0;\n", ""),
    ("check-page-empty", "a page of objects may have none", "  return u == 0 ? !some : some;", "  return u == 0 ? !some : 1;"),
    ("check-objects-nowhere", "there may be an object where there is no page", "  return u == 0 ? !some : some;", "  return u == 0 ? 1 : some;"),
]
