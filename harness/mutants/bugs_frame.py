# SPDX-License-Identifier: MIT
"""Bugs planted in model/frame.c: name, what is planted, old text, new text."""
BUGS = [
    ("mine-of-two", "a page that two refer to may be written as it is", "s->rc[vmref_leaf_object(s, e)] == 1 ||", "s->rc[vmref_leaf_object(s, e)] <= 2 ||"),
    ("mine-sharer-copies", "a sharer of a file's page must be alone to write", "== 1 || vmref_leaf_prot(e) / 8 % 2 == 1;", "== 1;"),
    ("leaf-xd-inverted", "what may be executed gets XD", "xd = 1 - x;", "xd = x;"),
    ("leaf-not-user", "a present leaf is the supervisor's", "pfn * 0x1000 + w * 2u + 5;", "pfn * 0x1000 + w * 2u + 1;"),
    ("zero-all-but-last", "the last byte of a page is not zeroed", "k < at + 4096; k++) data[k] = 0;", "k < at + 4095; k++) data[k] = 0;"),
    ("copy-not-the-end", "the last 8 bytes of a page are not copied", "k < 4096; k++) d[k] = f[k];", "k < 4088; k++) d[k] = f[k];"),
    ("slot-number-off-by-one", "a page in swap is said to be in the slot before", "(uint64_t)s->tables + o : (uint64_t)o - s->frames;", "(uint64_t)s->tables + o : (uint64_t)o - s->frames - (o > s->frames);"),
    ("slot-is-a-frame", "the first slot's leaf is taken for none", "if (n < s->slots) return s->frames", "if (n < s->slots && n > 0) return s->frames"),
    ("hint-of-frame-trusted", "a hinted object is taken without a look whether it is free", "hinted < last && s->rc[hinted] == 0)", "hinted < last)"),
    ("frames-first-never", "the first frame is not found without a hint", "for (uint32_t o = first; o < last; o++)", "for (uint32_t o = first + 1; o < last; o++)"),
    ("hint-of-leaf-trusted", "the hinted leaf of an object is taken without a look", "< all && refers(s, (uint64_t)h) == o) return", "< all) return"),
]
