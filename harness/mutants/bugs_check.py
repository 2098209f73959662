# SPDX-License-Identifier: MIT
"""Bugs planted in model/check.c: name, what is planted, old text, new text."""
BUGS = [
    ("check-count-too-high", "a count that is too high passes", "if (-(int64_t)s->hint[c + o] != s->rc[o]) return 0;", "if (-(int64_t)s->hint[c + o] > s->rc[o]) return 0;"),
    ("check-free-shared", "a free page marked as a file's passes", "if (s->rc[o] == 0 && s->shared[o]) return 0;", "if (s->rc[o] == 0 && s->shared[o] && o > 0) return 0;"),
    ("check-leaf-supervisor", "a supervisor's leaf passes", "if (vmref_us(e) == 0 || vmref_leaf_object", "if (vmref_leaf_object"),
    ("check-leaf-writes", "a leaf that may be written against its mapping passes", "if (vmref_rw(e) == 1 && p / 2 % 2 == 0) return 0;", "if (vmref_rw(e) == 1 && p / 2 % 2 == 2) return 0;"),
    ("check-leaf-global", "a user's leaf that is global passes", "e / 128 % 4 != 0", "e / 128 % 2 != 0"),
    ("check-leaf-pat", "a user's leaf with bit 7 set passes", "e / 128 % 4 != 0", "e / 256 % 2 != 0"),
    ("check-leaf-executes", "a leaf that may be executed against its mapping passes", "return vmref_xd(e) != p / 4 % 2;", "return vmref_xd(e) <= 1;"),
    ("check-leaf-nothing", "an empty leaf with other bits passes", "if (k == VMREF_LEAF_NONE) return e == 0;", "if (k == VMREF_LEAF_NONE) return 1;"),
    ("check-leaf-no-slot", "a leaf of a slot that there is not passes", "if (k == VMREF_LEAF_SLOT) return o < s->frames + s->slots;", "if (k == VMREF_LEAF_SLOT) return o <= s->frames + s->slots;"),
    ("check-leaf-not-mine", "a leaf that may write to what others have passes", "return vmref_rw(e) == 0 || vmref_leaf_mine(s, e);", "return vmref_rw(e) == 0 || vmref_leaf_prot(e) < 16;"),
    ("check-leaf-shares-what", "a leaf that shares what is no file's passes", "if (vmref_leaf_prot(e) / 8 == 1 && !is_file(s, e)) return 0;", "if (vmref_leaf_prot(e) / 8 == 2 && !is_file(s, e)) return 0;"),
    ("check-root-owner", "a root that is another's passes", "if (l == 4 && (t > s->spaces || a != t)) return 0;", "if (l == 4 && t > s->spaces) return 0;"),
    ("check-owns-one-less", "the last entry of a user's half is not looked at", "s->level[t] != 4 || t == s->spaces || i < 256);", "s->level[t] != 4 || t == s->spaces || i < 255);"),
    ("check-link-flags", "an entry without the right to write links a table", "if (e != 0x1000 * u + 7 && e != 0x1000 * u + 0x27) return 0;", "if (e != 0x1000 * u + 7 && e != 0x1000 * u + 0x27 && e != 0x1000 * u + 5) return 0;"),
    ("check-link-parent", "an entry links a table that is linked elsewhere", "&& s->parent[u] == (int64_t)(512 * (uint64_t)t + i);", ";"),
    ("check-up-any", "a table may be linked as another", "if (e == 0 || vmref_pfn(e) != u) return 0;", "if (e == 0) return 0;"),
    ("check-free-one-less", "the last entry of a free table is not looked at", "!empty(s, t, 512)) return 0;", "!empty(s, t, 511)) return 0;"),
    ("check-kernel-data", "a page of the kernel's data that may be executed passes", "  return vmref_xd(e);", "  return vmref_xd(e) <= 1;"),
    ("check-kernel-low", "the kernel's root may have a low half", "return empty(s, s->spaces, 256);", "return empty(s, s->spaces, 255);"),
    ("check-kernel-first", "the first entry of the kernel's half may differ", "for (uint32_t i = 256; i < 512; i++)\n    if (entry(s, a, i)", "for (uint32_t i = 257; i < 512; i++)\n    if (entry(s, a, i)"),
]
