# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_split.c: name, what is planted, old text, new text."""
BUGS = [
    ("device-split-one-frame", "all pages of a device's page that is split are of its first frame", "    if (j < 511) x += step;\n", ""),
    ("device-split-not-the-last", "the last page of a device's page that is split is memory", "  for (uint32_t j = 0; j < 512; j++) {\n    vmref_over_set(o, u, j, x);", "  for (uint32_t j = 0; j < 511; j++) {\n    vmref_over_set(o, u, j, x);"),
    ("device-split-stays", "the page of 2 MiB remains over those that it was split into", "  vmref_over_set(o, r.t, r.i, 0);\n", ""),
    ("device-split-no-flags", "a split of a device's page leaves the flags behind", "  fill(s, o, r.u, r.e - 0x80, 0x1000);", "  fill(s, o, r.u, (r.e - 0x80) & ~UINT64_C(0x60), 0x1000);"),
    ("device-split-memory", "a page of 2 MiB of memory is split as a device's", " || vmref_pfn(r.e) < (uint64_t)s->tables + s->frames + s->kernel) return VMREF_EINVAL;", ") return VMREF_EINVAL;"),
    ("device-part-not-the-first", "what is unmapped from the middle of a device's page on takes all of it", "  if (p % 512 && vmref_device_split(", "  if (p % 512 == 512 && vmref_device_split("),
    ("device-part-not-the-last", "what is unmapped up to the middle of a device's page takes all of it", "  if ((p + n) % 512 && vmref_device_split(", "  if ((p + n) % 512 == 512 && vmref_device_split("),
    ("device-part-of-none", "the page behind what is unmapped is split although no part of it is", "  if ((p + n) % 512 && vmref_device_split(", "  if (vmref_device_split("),
]
