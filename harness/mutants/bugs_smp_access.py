# SPDX-License-Identifier: MIT
"""Bugs planted in model/smp_access.c: name, what is planted, old text, new text."""
BUGS = [
    ("hit-not-dirty", "a write uses a translation that is not dirty", "(tlb->page[i].rw != 1 || tlb->page[i].dirty != 1)) continue;", "tlb->page[i].rw != 1) continue;"),
    ("hit-any-write", "a write uses any translation", "  uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;\n  /*@ loop", "  uint8_t write = 0;\n  /*@ loop"),
    ("hit-rmw-is-a-read", "a read-modify-write uses what grants a read", "  uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;\n  /*@ loop", "  uint8_t write = kind == VMREF_WRITE;\n  /*@ loop"),
    ("hit-xd", "a fetch uses a translation that is not executable", "    if (kind == VMREF_FETCH && tlb->page[i].xd != 0) continue;\n", ""),
    ("hit-of-the-first", "what the first processor has cached serves all", "find(&m->tlb[c], va, kind);", "find(&m->tlb[0], va, kind);"),
    ("hit-not-told", "a hit is not told as one", "  r.hit = 1;\n", ""),
    ("hit-wrong-byte", "a hit accesses a byte of the page's first half", "(uint32_t)(va % 0x1000), kind, byte);", "(uint32_t)(va % 0x800), kind, byte);"),
    ("fault-tells-itself", "a copy on write is told to no other processor that runs the space", "    vmref_smp_shoot(m, s, a, va / 0x1000, 1);", "    vmref_tlb_fault(&m->tlb[c], vmref_user_cpu(a), va);"),
    ("fault-next-page", "a fault drops the page behind", "    vmref_smp_shoot(m, s, a, va / 0x1000, 1);", "    vmref_smp_shoot(m, s, a, va / 0x1000 + 1, 1);"),
    ("fault-tells-when-absent", "a fault is told when the page is absent, and not when it is present", "  } else if (w.error % 2 == 1) {", "  } else if (w.error % 2 == 0) {"),
    ("fault-not-settled", "a fault in lazy mode does not flush", "    vmref_smp_flush(m);\n    //@ assert kept", "    //@ assert kept"),
    ("walk-not-cached", "of an access nothing is cached", "  if (r.status == VMREF_OK) vmref_smp_cache(&m->tlb[c]", "  if (r.status > VMREF_OK) vmref_smp_cache(&m->tlb[c]"),
    ("walk-cached-by-the-first", "the first processor caches what others access", "  if (r.status == VMREF_OK) vmref_smp_cache(&m->tlb[c]", "  if (r.status == VMREF_OK) vmref_smp_cache(&m->tlb[0]"),
]
