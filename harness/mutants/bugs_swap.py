# SPDX-License-Identifier: MIT
"""Bugs planted in model/swap.c: name, what is planted, old text, new text."""
BUGS = [
    ("swap-ends-sharing", "a page that comes and goes is no file's any more", "vmref_leaf_prot(s->tab[n])), shared);", "vmref_leaf_prot(s->tab[n])), 0);"),
    ("swap-copies-nothing", "a page that moves leaves its contents behind", "  vmref_object_copy(s, to, from);", "  if (to == from) vmref_object_copy(s, to, from);"),
    ("swap-moves-one", "only one leaf of a page moves", "while (s->rc[from] != 0) {", "for (int once = 1; once && s->rc[from] != 0; once = 0) {"),
    ("swap-loses-rights", "a page that moves loses its right to be executed", "vmref_leaf_absent(s, to, vmref_leaf_prot(s->tab[n]))", "vmref_leaf_absent(s, to, vmref_leaf_prot(s->tab[n]) & 11)"),
    ("swap-in-without-frame", "a page comes in although no frame is free", "  if (f == s->frames) return VMREF_EMEM;", "  if (f > s->frames) return VMREF_EMEM;"),
    ("swap-full-is-emem", "a lack of slots is told as one of frames", "return VMREF_EFULL;", "return VMREF_EMEM;"),
]
