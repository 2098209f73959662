# SPDX-License-Identifier: MIT
"""Bugs planted in model/vmalloc.c: name, what is planted, old text, new text."""
SCAN = "for (uint32_t i = s->kernel; i < 512; i++) {"
BUGS = [
    ("gap-one-guard", "areas have a free page behind them, and none before", "if (run == n + 2) return i - n;", "if (run == n + 1) return i - n;"),
    ("gap-no-guard-behind", "the last page of the kernel's table is given out", "if (run == n + 2) return i - n;", "if (run == n + 1 && i == 511) return i + 1 - n;\n    if (run == n + 2) return i - n;"),
    ("gap-run-goes-on", "a page that is mapped does not end a run of free ones", "== 0 ? run + 1 : 0;", "== 0 ? run + 1 : run;"),
    ("gap-three-guards", "an area takes a free page more than its guards", "if (run == n + 2) return i - n;", "if (run == n + 3) return i - n;"),
    ("gap-of-the-end-never", "the last addresses are never given out", SCAN, "for (uint32_t i = s->kernel; i < 511; i++) {"),
    ("gap-of-the-start-never", "the first addresses are never given out", SCAN, "for (uint32_t i = s->kernel + 1; i < 512; i++) {"),
    ("vfree-frames-stay", "the frames of an area stay allocated", "uint32_t frames = vmref_buddy_size(b->order), first", "uint32_t frames = 4 * vmref_buddy_size(b->order), first"),
    ("vfree-next-frame", "in place of an area's frame the one behind is freed", "first = s->tables + s->frames + s->text;", "first = s->tables + s->frames + s->text - 1;"),
    ("vfree-pages-stay", "the pages of an area stay mapped", "    vmref_kernel_set(s, t, j, 0);\n", ""),
    ("vfree-not-the-last", "the last page of an area stays", "for (uint32_t j = i; j < i + n; j++) {", "for (uint32_t j = i; j + 1 < i + n; j++) {"),
    ("vfree-inside-an-area", "an address inside an area frees all of it", "  if (i <= s->kernel || i >= 512 ||", "  while (s->kernel < i && i < 512 && s->tab[512 * (uint64_t)t + i - 1] != 0) i--;\n  if (i <= s->kernel || i >= 512 ||"),
    ("vfree-of-the-linear-map", "the last frames of the linear map are freed as an area", "  if (i <= s->kernel || i >= 512 ||", "  if (i + 1 == s->kernel) return 1;\n  if (i <= s->kernel || i >= 512 ||"),
    ("vmalloc-init-keeps-pages", "what was mapped before stays mapped", "i < 512; i++) vmref_kernel_set(s, t, i, 0);", "i < 256; i++) vmref_kernel_set(s, t, i, 0);"),
    ("vmalloc-init-too-few-frames", "that the kernel has one frame too few is not seen", "vmref_buddy_size(b->order) > s->kernel) return", "vmref_buddy_size(b->order) > s->kernel + 1) return"),
    ("vmalloc-none-is-lack", "an area of no pages is told as a lack of memory", "  if (n == 0) return VMREF_EINVAL;", "  if (n == 0) return VMREF_EMEM;"),
    ("vmalloc-no-undo", "an area that lacks a frame leaves what it had so far", "      release(s, b, t, i, j);\n", ""),
    ("vmalloc-undo-not-the-last", "of an area that lacks a frame one page stays", "      release(s, b, t, i, j);\n", "      release(s, b, t, i, j > 0 ? j - 1 : 0);\n"),
    ("vmalloc-text-mapped", "an area's pages are those from the kernel's text on", "vmref_kernel_page(s, s->text + ", "vmref_kernel_page(s, "),
    ("vmalloc-one-page-for-all", "the first page of an area is mapped again and again", "vmref_kernel_set(s, t, i + j, ", "vmref_kernel_set(s, t, i, "),
]
