# SPDX-License-Identifier: MIT
"""Bugs planted in model/space_fork.c: name, what is planted, old text, new text."""
BUGS = [
    ("fork-half-kept", "half a child is kept when tables lack", "    vmref_space_exit(s, b);", "    if (b == 0) vmref_space_exit(s, b);"),
    ("fork-of-a-file", "a file can be forked", "|| s->level[a] != 4 || s->parent[a] != VMREF_PROCESS) return", "|| s->level[a] != 4) return"),
    ("fork-not-the-last-page", "the last page of a table is not shared", "for (uint32_t i = 0; i < 512; i++)", "for (uint32_t i = 0; i < 511; i++)"),
    ("fork-ends-sharing", "a child has a private mapping where its parent has a shared one", "vmref_leaf_prot(s->tab[512 * (uint64_t)t + i]));", "vmref_leaf_prot(s->tab[512 * (uint64_t)t + i]) % 8);"),
    ("fork-tables-of-half", "a child's tables are those of the first 256 GiB", "(uint64_t)i3 * 0x40000 +", "(uint64_t)(i3 % 256) * 0x40000 +"),
    ("fork-one-table", "only one leaf table is shared", "      share_twin(s, b, t);", "      share_twin(s, b, t); break;"),
]
