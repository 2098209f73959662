# SPDX-License-Identifier: MIT
"""Bugs planted in model/syscall_task.c: name, what is planted, old text, new text."""
BUGS = [
    ("fork-takes-the-first", "what a child does not get is dropped from the first address space", "    vmref_pages_drop(&l->s, b, v.start, v.end);", "    vmref_pages_drop(&l->s, 0, v.start, v.end);"),
    ("fork-room-not-asked", "a child may have room for fewer areas than its parent has", " || l->mm[b].vmas.room < l->mm[a].vmas.n", ""),
]
