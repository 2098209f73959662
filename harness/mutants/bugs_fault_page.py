# SPDX-License-Identifier: MIT
"""Bugs planted in model/fault_page.c: name, what is planted, old text, new text."""
BUGS = [
    ("page-out-of-slot", "a page in the first slot goes out once more", "if (o >= s->frames) return VMREF_EINVAL;", "if (o > s->frames) return VMREF_EINVAL;"),
    ("page-in-untouched", "a page not yet touched comes in from swap", "if (o < s->frames || o == s->frames + s->slots) return VMREF_EINVAL;", "if (o < s->frames) return VMREF_EINVAL;"),
]
