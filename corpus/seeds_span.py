# SPDX-License-Identifier: MIT
"""Seeds of topic span: accesses in two pages; and of topic memtype."""
from seedform import (FETCH, KINDS, P, PCD, PWT, READ, RMW, RW, URW, US, VA4K, VA32, VAPAE, WRITE, XD,
                      case2, table, tree)

STRADDLES = 0x80  # byte 49: the access may lie in two pages


def two(mode="4level", second=table(7) | URW, e=None, size=4, back=2, va=None, nxt=None, **fields):
    """An access that begins `back` bytes before the end of a page; `second` maps the next."""
    base = {"4level": VA4K, "5level": VA4K, "32bit": VA32, "pae": VAPAE, "none": table(3)}[mode] if va is None else va
    nxt = {} if mode == "none" else {1: second, **(nxt or {})}
    return case2(mode, e, va=(base | 0xFFF) + 1 - back, nxt=nxt, size=size, aim2=STRADDLES, **fields)


def span_seeds():
    for mode in ("4level", "5level", "32bit", "pae", "none"):
        for word, kind in KINDS:
            yield f"{mode}-ok-{word}", two(mode, kind=kind)
        if mode == "none":
            continue
        absent = tree(mode=mode, x1=P)
        yield f"{mode}-pf-first", two(mode, e=absent, kind=WRITE)
        yield f"{mode}-pf-second", two(mode, table(7) | RW | US, kind=WRITE)
        yield f"{mode}-pf-both", two(mode, table(7) | RW | US, e=absent)
        yield f"{mode}-pf-both-differ", two(mode, table(7) | P | RW, e=absent, kind=WRITE)
    for size in (2, 7, 8, 9, 16, 63, 64):
        for kind, word in ((WRITE, "write"), (RMW, "rmw"), (READ, "read")):
            yield f"torn-second-{word}-{size}", two(second=table(7) | P | US, size=size, back=1, kind=kind)
            yield f"torn-first-{word}-{size}", two(e=tree(x1=RW), size=size, back=size - 1, kind=kind)
    yield "one-page-up-to-its-end", case2(va=VA4K | 0xFFC, size=4, aim2=STRADDLES)
    yield "second-by-one-byte", two(size=64, back=63)
    yield "first-by-one-byte", two(size=64, back=1)
    yield "second-user-only", two(second=table(7) | P | RW, kind=READ)
    yield "second-xd-fetch", two(second=table(7) | URW | XD, kind=FETCH)
    yield "second-rsvd", two(second=table(7) | URW | 1 << 45)
    yield "second-key-denied", two(second=table(7) | URW | 5 << 59, pke=1, pkru=1 << 10)
    yield "second-smap", two(second=table(7) | URW, e=tree(x1=US), cpl=0, smap=1)
    yield "large-page-then-small", two(e={**tree("2m")}, va=VA4K | 0x1FF000, back=2)
    yield "into-the-hole", two(va=0x7FFFFFFFF000, size=8, back=4)
    yield "out-of-memory-in-second", two(va=VA4K | 0x1FF000, nxt={2: 0x7F0000000 | URW})
    yield "into-the-hole-stack", two(va=0x7FFFFFFFF000, size=8, back=4, seg=1)
    yield "into-the-hole-absent-first", two(va=0x7FFFFFFFF000, size=8, back=4, e=tree(x1=P))
    yield "out-of-the-hole", two(va=0xFFFF7FFFFFFFF000, size=8, back=4)
    yield "into-the-hole-57-bits", two("5level", va=0xFFFFFFFFFFF000, size=8, back=4)
    yield "wraps-at-2-64", two(va=0xFFFFFFFFFFFFF000, size=8, back=4)
    for mode in ("32bit", "pae", "none"):
        yield f"{mode}-wraps-at-4-gib", two(mode, va=0xFFFFF000, size=8, back=4)
        yield f"{mode}-wraps-stack", two(mode, va=0xFFFFF000, size=8, back=4, seg=1)
        yield f"{mode}-wraps-implicit", two(mode, va=0xFFFFF000, size=8, back=4, implicit=1)
        yield f"{mode}-up-to-4-gib", case2(mode, va=0xFFFFFFF8, size=8, aim2=STRADDLES)


def all_types(mode, **fields):
    """A case under a PAT whose fields WC, WB, WT and UC, WP, UC-, WC and WB tell their
    indices apart, with MTRRs on and WB, as fuzz_memtype.c draws them."""
    va = {"pae": VAPAE, "32bit": VA32, "none": VA32}.get(mode, VA4K)
    pat, default = 0x0601070500040601, 0xC06
    nxt = {1: pat ^ va * 0x9E3779B97F4A7C15 & (1 << 64) - 1, 3: (pat >> 40 ^ default) & 0xFFF}
    return case2(mode, va=va, nxt=nxt, **fields)


def memtype_seeds():
    for n in range(4):
        low = (n & 1) * PWT | (n >> 1 & 1) * PCD
        yield f"types-by-root-{n}", all_types("4level", low=low)
        yield f"types-by-root-{n}-pcide", all_types("4level", low=low, pcide=1)
        yield f"types-by-root-{n}-32bit", all_types("32bit", low=low)
        yield f"types-by-register-{n}", all_types("pae", pdpte=[table(1) | P | low] * 4)
    yield "types-without-paging", all_types("none")
    for n in range(8):
        low = (n & 1) * PWT | (n >> 1 & 1) * PCD
        yield f"page-index-{n}", case2(e=tree(l1=low | (n >> 2) << 7))
        yield f"large-page-index-{n}", case2(e=tree("2m", l2=low | (n >> 2) << 12))
        yield f"4m-page-index-{n}", case2("32bit", tree("4m", "32bit", l2=low | (n >> 2) << 12))
    for n in range(1, 4):
        low = (n & 1) * PWT | (n >> 1 & 1) * PCD
        for level in (4, 3, 2):
            yield f"table-index-{n}-by-l{level}", case2(e=tree(**{f"l{level}": low}))
        yield f"root-index-{n}", case2(low=low)
        yield f"root-index-{n}-pcide", case2(low=low, pcide=1)
        yield f"root-index-{n}-5level-pcide", case2("5level", low=low, pcide=1)
        yield f"root-index-{n}-32bit", case2("32bit", low=low)
        yield f"pae-register-index-{n}", case2("pae", pdpte=[table(1) | P | low] * 4, low=low ^ (PWT | PCD) & 0xFE0)
    yield "no-paging", case2("none", low=PWT | PCD)
    yield "faults-absent", case2(e=tree(x1=P))
    yield "faults-rights", case2(e=tree(x2=US))
    yield "faults-above", case2(e=tree(x3=P, l3=PWT))
    yield "faults-register", case2("pae", pdpte=[0] * 4)
