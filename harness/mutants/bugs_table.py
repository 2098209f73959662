# SPDX-License-Identifier: MIT
"""Bugs planted in model/table.c: name, what is planted, old text, new text."""
BUGS = [
    ("link-not-user", "an entry that links a table is the supervisor's", "(uint64_t)u * 0x1000 + 7;", "(uint64_t)u * 0x1000 + 3;"),
    ("link-read-only", "an entry that links a table does not permit writes", "(uint64_t)u * 0x1000 + 7;", "(uint64_t)u * 0x1000 + 5;"),
    ("link-parent-by-one", "a table says it is linked one entry later", "s->parent[u] = (int64_t)n;", "s->parent[u] = (int64_t)n + 1;"),
    ("unlink-leaves-the-entry", "a freed table stays linked", "s->tab[n] = 0;", "s->tab[n] &= ~0ULL;"),
    ("unlink-keeps-the-table", "an unlinked table does not become free", "s->level[u] = 0;", "s->level[u] += 0;"),
    ("replace-leaks", "a leaf that is emptied keeps its reference", "if (o < none) s->rc[o]--;", "if (o < none && e != 0) s->rc[o]--;"),
    ("replace-not-counted", "a reference to a page that others have is not counted", "if (q < none) s->rc[q]++;", "if (q < none && (s->rc[q] == 0 || o == q)) s->rc[q]++;"),
    ("freed-stays-a-files", "a freed frame stays marked as a file's", "    s->shared[o] = 0;", "    s->shared[o] += 0;"),
    ("file-not-marked", "a file's page is not marked as one", "if (share) s->shared[q] = 1;", "if (share > 1) s->shared[q] = 1;"),
    ("find-i2-as-i3", "the table of level 2 is indexed by the next index", "vmref_table_under(s, x3, i3);", "vmref_table_under(s, x3, i3 - i3 % 2);"),
    ("under-not-present", "an entry that is 0 links table 0", "return e % 2 == 1 ? (uint32_t)vmref_pfn(e) : s->tables;", "return e % 2 == 1 ? (uint32_t)vmref_pfn(e) : s->tables - 1;"),
    ("hint-of-table-trusted", "a hinted table is taken without a look whether it is free", "hinted < s->tables && s->level[hinted] == 0)", "hinted < s->tables)"),
    ("tables-last-never", "the last table is not found without a hint", "for (uint32_t u = s->spaces + 1; u < s->tables; u++)", "for (uint32_t u = s->spaces + 1; u < s->tables - 1; u++)"),
]
