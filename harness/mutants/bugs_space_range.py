# SPDX-License-Identifier: MIT
"""Bugs planted in model/space_range.c: name, what is planted, old text, new text."""
BUGS = [
    ("range-not-to-the-end", "the last page of the user's half cannot be mapped", "p + n <= VMREF_USER_PAGES;", "p + n < VMREF_USER_PAGES;"),
    ("range-above-the-half", "a range may end above the user's half", "p < VMREF_USER_PAGES && p + n <= VMREF_USER_PAGES;", "p < VMREF_USER_PAGES;"),
    ("vacant-first-only", "only the first page of a range must be vacant", "if (vmref_page_leaf(s, a, q) != 0) return 0;", "if (vmref_page_leaf(s, a, q) != 0 && q == p) return 0;"),
    ("map-gives-r", "a mapping is readable always", "set(s, a, q, vmref_leaf_zero(s, prot));", "set(s, a, q, vmref_leaf_zero(s, prot | VMREF_PROT_R));"),
    ("file-always-shared", "a private mapping of a file is a shared one", "(uint8_t)(prot + 8 * share));", "(uint8_t)(prot + 8));"),
    ("file-never-shared", "a shared mapping of a file is a private one", "(uint8_t)(prot + 8 * share));", "(uint8_t)(prot));"),
    ("file-wrong-page", "a mapping of a file begins at its page 0", "share_page(s, f, first + (q - p), a, q,", "share_page(s, f, q - p, a, q,"),
    ("file-in-itself", "a file can be mapped in itself", "|| f == a || s->parent[f]", "|| s->parent[f]"),
    ("file-any-page", "a page that a file shows privately can be mapped", "if (vmref_leaf_prot(vmref_page_leaf(s, f, q)) / 8 != 1) return 0;", "if (vmref_page_leaf(s, f, q) == 0) return 0;"),
    ("prune-last-page", "a table whose last page alone is mapped is freed", "for (uint32_t k = i; k < 512; k++)", "for (uint32_t k = i; k < 511; k++)"),
    ("prune-first-page", "a table whose first page alone is mapped is freed", "for (uint32_t k = 0; k < i; k++)", "for (uint32_t k = 1; k < i; k++)"),
    ("prune-leaf-only", "empty tables above an empty leaf table are kept", "while (s->level[t] <= 3 && empty(s, t, i)) {", "while (s->level[t] <= 1 && empty(s, t, i)) {"),
    ("prune-never", "empty tables are kept", "    prune(s, t, i);", "    if (n > 1000) prune(s, t, i);"),
    ("protect-keeps-hardware-right", "the hardware keeps the right that a mapping lost", "return o < s->frames + s->slots ? vmref_leaf_absent(s, o, p) :", "return o < s->frames + s->slots ? (e & ~(15ULL << 52)) | (uint64_t)p << 52 :"),
    ("protect-ends-sharing", "other rights end the sharing of a file", "(uint8_t)(prot + vmref_leaf_prot(e) / 8 * 8);", "prot;"),
    ("protect-first-only", "only the first page must be mapped for other rights", "if (vmref_page_leaf(s, a, q) == 0) return VMREF_ENOMAP;", "if (vmref_page_leaf(s, a, q) == 0 && q == p) return VMREF_ENOMAP;"),
    ("protect-right-9", "a right that there is not is accepted", "|| prot > 7) return VMREF_EINVAL;", "|| prot > 8) return VMREF_EINVAL;"),
]
