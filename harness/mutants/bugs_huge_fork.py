# SPDX-License-Identifier: MIT
"""Bugs planted in model/huge_fork.c: name, what is planted, old text, new text."""
BUGS = [
    ("huge-fork-no-devices", "a child has no devices", " >= (uint64_t)s->tables + s->frames + s->kernel) vmref_over_set", " >= 0x10000000) vmref_over_set"),
    ("huge-fork-not-1g", "a child has no devices of 1 GiB", "s->level[u] == 0 || s->level[u] == 4) continue", "s->level[u] == 0 || s->level[u] >= 3) continue"),
    ("huge-fork-forgets-a-page", "a child lacks the device's page behind the last entry of a table", "  for (uint32_t i = 0; i < 512; i++) {\n    uint64_t e = vmref_over(o, t, i);", "  for (uint32_t i = 0; i < 511; i++) {\n    uint64_t e = vmref_over(o, t, i);"),
    ("huge-fork-does-not-settle", "after fork the parent can write to what is shared", "  vmref_huge_settle(s, o);\n", ""),
]
