# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge.c: name, what is planted, old text, new text."""
BUGS = [
    ("huge-word-three-units", "the highest unit of a word is not written", "  o[n + 3] = (uint16_t)(e / 0x1000000000000);\n", ""),
    ("huge-device-in-memory", "the last frames of the kernel may be a device's", "pfn >= (uint64_t)s->tables + s->frames + s->kernel && pfn + frames", "pfn >= (uint64_t)s->tables + s->frames && pfn + frames"),
    ("huge-device-past-the-end", "a device may have one frame past 2^28", "&& pfn + frames <= 0x10000000;", "&& pfn + frames <= 0x10000001;"),
    ("huge-device-unaligned", "a device's page of 2 MiB may begin anywhere", "  return pfn % frames == 0 && pfn >=", "  return pfn % (frames == 512 ? 1 : frames) == 0 && pfn >="),
    ("huge-large-without-ps", "a word over an entry of level 2 need not have bit 7", "  if (e / 0x80 % 2 == 0) return 0;\n", "  if (e / 0x80 % 2 == 0) e += 0x80;\n"),
    ("huge-last-leaf-any", "the last leaf of a row may be any", "    if (!of_run(l, e, j)) return 0;", "    if (j < 511 && !of_run(l, e, j)) return 0;"),
    ("huge-leaves-anywhere", "the leaves of a page of 2 MiB may lie anywhere", " && vmref_pfn(l) == vmref_pfn(e) + j;", " && (vmref_pfn(l) - vmref_pfn(e)) / 512 == 0 * j;"),
    ("huge-rights-not-asked", "the leaves of a page of 2 MiB may have other rights", "    && vmref_leaf_prot(l) == vmref_leaf_prot(e) && vmref_pfn(l)", "    && vmref_pfn(l)"),
    ("huge-write-not-asked", "the hardware may write through the word what it may not through a leaf", "vmref_p(l) == 1 && vmref_rw(l) == vmref_rw(e) &&", "vmref_p(l) == 1 &&"),
    ("huge-untouched-is-enough", "below a device of 2 MiB the last page may be missing", "    if (!untouched(s, l, e)) return 0;\n  }", "    if (j < 511 && !untouched(s, l, e)) return 0;\n  }"),
    ("huge-giant-not-alone", "behind the first page of 1 GiB others may be mapped", "  return first_alone(s, w);\n", "  return w < s->tables;\n"),
    ("huge-giant-first-table", "only the first table below 1 GiB is looked at", "    if (u < s->tables && !empty_from(s, u, j == 0)) return 0;", "    if (j == 0 && u < s->tables && !empty_from(s, u, j == 0)) return 0;"),
    ("huge-settle-keeps-unfit", "what is not what the pages are stays", "  return vmref_huge_fits(s, t, i, n) && vmref_pfn(n) == vmref_pfn(e) ? n : 0;", "  return vmref_huge_fits(s, t, i, n) && vmref_pfn(n) == vmref_pfn(e) ? n : s->level[t] == 2 ? e : 0;"),
    ("huge-settle-drops-all", "what gets other rights is none any more", "  return vmref_huge_fits(s, t, i, n) && vmref_pfn(n) == vmref_pfn(e) ? n : 0;", "  return 0 * n;"),
    ("huge-settle-not-the-last", "the last entry of a table is not settled", "  for (uint32_t i = 0; i < 512; i++) {\n    uint64_t e = vmref_over(o, t, i);\n    //@ assert e: e == \\at", "  for (uint32_t i = 0; i < 511; i++) {\n    uint64_t e = vmref_over(o, t, i);\n    //@ assert e: e == \\at"),
    ("huge-rights-writable", "a device that is to be read only from now on stays writable", "  if (w) n |= 2;", "  if (w || vmref_rw(e)) n |= 2;"),
]
