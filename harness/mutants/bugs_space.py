# SPDX-License-Identifier: MIT
"""Bugs planted in model/space.c: name, what is planted, old text, new text."""
BUGS = [
    ("kernel-half-one-less", "the first entry of the kernel's half is not copied", "    s->tab[mine + i] = s->tab[kernel + i];", "    if (i > 256) s->tab[mine + i] = s->tab[kernel + i];"),
    ("kernel-text-writable", "the kernel's text is writable", "pfn * 0x1000 + 1 + 2 * d +", "pfn * 0x1000 + 1 + 2 +"),
    ("kernel-data-executable", "the kernel's data is executable", "+ 2 * d + d * 0x8000000000000000;", "+ 2 * d;"),
    ("kernel-is-user", "the kernel's pages are the user's", "pfn * 0x1000 + 1 + 2 * d +", "pfn * 0x1000 + 5 + 2 * d +"),
    ("exit-keeps-level-3", "a space that ended keeps its highest tables", "free_level(s, a, 3);", "free_level(s, a, 2);"),
    ("exit-takes-others", "the end of a space empties others' tables", "if (s->level[t] != level || s->owner[t] != (int16_t)a) continue;", "if (s->level[t] != level || s->owner[t] > (int16_t)a) continue;"),
    ("exit-keeps-a-page", "the end of a space keeps the first page of a table", "for (uint32_t i = 0; i < 512; i++) {", "for (uint32_t i = 1; i < 512; i++) {"),
    ("exit-root-not-empty", "the root of a space that ended has the kernel's entries", "s->tab[mine + i] = 0;", "s->tab[mine + i] += 0;"),
    ("space-made-twice", "a space is made anew over one that exists", "if (a >= s->spaces || s->level[a] != 0) return", "if (a >= s->spaces) return"),
    ("file-is-a-process", "a file is made as a process", "s->parent[a] = what;", "s->parent[a] = what < 0 ? VMREF_PROCESS : what;"),
]
