# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_device.c: name, what is planted, old text, new text."""
# Rights wrong in vmref_device_word alone change nothing: vmref_huge_settle, which ends a mapping, takes them from the leaves.
BUGS = [
    ("device-cache-pwt-only", "of the cache type PCD is lost", "+ cache * 8u + w", "+ cache % 2 * 8u + w"),
    ("device-one-frame", "all pages of a device are of its first frame", "vmref_device_word(s, pfn + k, prot, cache)", "vmref_device_word(s, pfn + 0 * k, prot, cache)"),
    ("device-not-the-last", "the last page of a device is memory", "    for (uint64_t k = 0; k < n; k++) {", "    for (uint64_t k = 0; k + 1 < n; k++) {"),
    ("device-under-1g", "a device's page of 4 KiB comes into a page of 1 GiB", "  if (vmref_huge_covered(s, o, a, p)) return 0;\n  return !vmref_huge_covered(s, o, a, p + n - 1);", "  (void)o;\n  return 1;"),
    ("device-memory-mapped", "the kernel's frames are mapped as a device's", "  if (pfn < (uint64_t)s->tables + s->frames + s->kernel || pfn", "  if (pfn < (uint64_t)s->tables + s->frames || pfn"),
    ("device-past-the-end", "frames past 2^28 are a device's", " || pfn + n > 0x10000000) return 0;", ") return 0;"),
    ("device-unaligned-frames", "a device's page of 2 MiB may begin at any frame", "|| p % n != 0 || pfn % n != 0)", "|| p % n != 0 || (level == 3 && pfn % n != 0))"),
    ("device-1g-leaves-a-page", "what cannot be mapped leaves its first page behind", "  vmref_unmap(s, a, p, 1); /* something is mapped further on in that 1 GiB */\n", ""),
    ("device-1g-at-level-2", "1 GiB is mapped as 2 MiB", "  if (level == 3) at = s->parent[at / 512];\n", ""),
]
