# SPDX-License-Identifier: MIT
"""Seeds of topics tlb and allows: the small machine of harness/tlb_machine.c, a control
state and a sequence of stores, accesses, invalidations and changes of controls."""

MODES = {"4level": 0, "pae": 1, "32bit": 2, "5level": 3}
LEAF = {"4level": 4, "pae": 3, "32bit": 2, "5level": 5}   # the frame of the page table
P, RW, US, XD, A, D, PS, G = (1 << n for n in range(8))   # flags, as a store has them
USER = P | RW | US | A
READ, WRITE, RMW, FETCH = range(4)
CONTROLS = ("wp", "smep", "smap", "pge", "nxe", "pke", "pks", "pcide")
PAGE, NEXT, BESIDE, FAR = range(4)                         # the addresses: opinion_va


def machine(mode="4level", *steps, wp=1, pge=1, nxe=1, smep=0, smap=0, pcide=0, pke=0, pks=0, pse=1,
            page1gb=1, accessed=1, writable=1, user=1, dirty=0, is_global=0, low=0):
    head = bytes([MODES[mode] | (not wp) << 2 | (not pge) << 3 | (not nxe) << 4 | smep << 5 | smap << 6 | pcide << 7,
                  pke | pks << 1 | (not pse) << 2 | (not page1gb) << 4, low,
                  (not accessed) | (not writable) << 1 | (not user) << 2 | dirty << 3 | is_global << 4])
    data = head + b"".join(steps)
    assert len(data) <= 68 and all(len(s) == 4 for s in steps)
    return data.rstrip(b"\0") or b"\0"


def store(frame, slot, flags, to, shift=0, key=0):
    """shift: 0 a 4-KiB frame, 1 of 2 MiB, 2 of 4 MiB, 3 of 1 GiB."""
    return bytes([0, frame | slot << 3 | key << 4, flags, 0x80 | shift << 4 | to])


def flip(frame, slot, flags):
    return bytes([0, frame | slot << 3, flags, 0])


def access(va=PAGE, kind=READ, cpl=3, luck=0, implicit=0, ac=0, far=0):
    return bytes([2, va | kind << 2 | {3: 0, 0: 1, 1: 3}[cpl] << 4 | implicit << 6 | ac << 7, 3 * far << 6, luck])


def invlpg(va=PAGE, odd=0):
    return bytes([4, va | bool(odd) << 6, 0, odd])


def invpcid(kind, pcid=0, va=PAGE, la57=0, odd=0, into=None):
    """odd: 0xC0 | n flips bit n of the address, the descriptor or the type."""
    return bytes([4, 0x80 | va | (into == "va") << 6,
                  kind | pcid << 2 | la57 << 4 | (into == "descriptor") << 5 | (into == "type") << 6, odd])


def cr3(root=0, pcid=0, keep=0):
    return bytes([5, root | pcid << 1 | keep << 3, 0, 0])


def change(*names):
    return bytes([6, sum(1 << CONTROLS.index(n) for n in names if n in CONTROLS),
                  ("pse" in names) | ("pae" in names) * 4 | ("pg" in names) * 6, 0])


def pkru(value):
    return bytes([7, 0, value & 255, value >> 8])


def speculate(va, luck):
    return bytes([7, 0x80 | va, 0, luck])


def tlb_seeds():
    for mode in MODES:
        yield f"fill-{mode}", machine(mode, access(luck=3), access(NEXT, WRITE), access(FAR))
        yield f"fill-sets-a-{mode}", machine(mode, access(luck=5), access(FAR, luck=9), accessed=0)
        yield f"invlpg-{mode}", machine(mode, invlpg(PAGE), invlpg(FAR))
        yield f"invlpg-old-frame-{mode}", machine(mode, store(LEAF[mode], 0, USER, 9), invlpg(NEXT), invlpg(PAGE))
        yield f"cr3-{mode}", machine(mode, cr3(1), store(LEAF[mode], 0, USER | G, 9), cr3(0))
        yield f"reserved-{mode}", machine(mode, flip(LEAF[mode] - 1, 0, PS), flip(LEAF[mode] - 1, 0, PS))
        yield f"absent-{mode}", machine(mode, flip(LEAF[mode] - 1, 0, P), access(), flip(LEAF[mode] - 1, 0, P))
    two = dict(pcide=1, is_global=1)
    yield "invlpg-global-of-another-pcid", machine("4level", cr3(1, 2, 1), store(4, 0, USER, 9), invlpg(PAGE), **two)
    yield "invlpg-not-canonical", machine("4level", invlpg(PAGE, 0xC0 | 47), invlpg(PAGE, 0xC0 | 63))
    yield "invlpg-not-canonical-5level", machine("5level", invlpg(PAGE, 0xC0 | 47), invlpg(PAGE, 0xC0 | 56))
    for kind in range(4):
        yield f"invpcid-{kind}", machine("4level", cr3(0, 1, 1), store(4, 0, USER, 9), invpcid(kind, 0), invpcid(kind, 1, FAR), pcide=1)
        yield f"invpcid-{kind}-globals", machine("4level", cr3(0, 1, 1), invpcid(kind, 1), pcide=1, is_global=1)
        yield f"invpcid-{kind}-no-pcide", machine("4level", invpcid(kind, 0), invpcid(kind, 1))
    yield "invpcid-gp-type", machine("4level", invpcid(0, 0, odd=0xC0 | 2, into="type"), invpcid(3, 0, odd=0xC0 | 32, into="type"))
    yield "invpcid-gp-descriptor", machine("4level", invpcid(2, 0, odd=0xC0 | 12, into="descriptor"), invpcid(1, 0, odd=0xC0 | 63, into="descriptor"))
    yield "invpcid-gp-canonical", machine("4level", invpcid(0, 0, odd=0xC0 | 47, into="va"), invpcid(0, 0, la57=1, odd=0xC0 | 47, into="va"),
                                          invpcid(0, 0, la57=1, odd=0xC0 | 56, into="va"), invpcid(3, 0, odd=0xC0 | 60, into="va"))
    yield "invlpg-not-canonical-stale-tables", machine("4level", flip(3, 0, P), invlpg(PAGE, 0xC0 | 47), invlpg(PAGE, 0xC0 | 63))
    yield "invpcid-1-any-address", machine("4level", invpcid(1, 0, odd=0xC0 | 47, into="va"), invpcid(1, 1, odd=0xC0 | 60, into="va"), pcide=1)
    yield "pcid-with-top-bit", machine("4level", cr3(0, 3, 1), store(4, 0, USER, 9), invpcid(1, 1), invpcid(1, 3), pcide=1)
    yield "pg-cleared-stale", machine("4level", store(4, 0, USER, 9), change("pg"), change("pg"), is_global=1)
    yield "smep-cleared-stale", machine("4level", store(4, 0, USER, 9), change("smep"), smep=1)
    yield "cr3-keep", machine("4level", cr3(1, 1, 1), cr3(0, 0, 1), cr3(0, 1, 0), pcide=1)
    yield "cr3-keep-without-pcide", machine("4level", cr3(1, 3, 1), store(4, 0, USER, 9), cr3(0, 0, 1))
    yield "pge-toggled", machine("4level", change("pge"), change("pge"), is_global=1)
    yield "pcide-toggled", machine("4level", change("pcide"), cr3(0, 1), change("pcide"), is_global=1)
    yield "smep-set-globals-of-a-pcid", machine("4level", cr3(0, 1, 1), store(4, 0, USER | G, 9), change("smep"), change("smep"), **two)
    yield "pae-toggled", machine("pae", change("pae"), change("pae"), is_global=1)
    yield "pg-toggled", machine("4level", change("pg"), change("pg"), is_global=1)
    yield "no-flush", machine("4level", change("wp"), change("smap"), change("nxe"), change("pke", "pks"), is_global=1)
    yield "fault-drops-globals", machine("4level", cr3(0, 1, 1), flip(4, 0, P), access(luck=1), access(luck=2), **two)
    yield "large-page", machine("4level", store(3, 0, USER | PS, 2, 1), invlpg(NEXT), store(2, 0, USER | PS, 1, 3), invlpg(BESIDE))
    yield "large-page-4m", machine("32bit", store(1, 0, USER | PS, 2, 2), invlpg(NEXT), change("pse"))
    yield "rights-of-all", machine("4level", flip(1, 0, RW), flip(2, 0, US), flip(3, 0, XD), flip(4, 0, D))
    yield "keys", machine("4level", store(4, 0, USER, 8, key=5), store(3, 0, USER, 4, key=9))
    yield "tables-that-refer-to-themselves", machine("4level", store(1, 0, USER, 1), access(), access(NEXT, WRITE))


def allows_seeds():
    for mode in MODES:
        leaf = LEAF[mode]
        some = [access(luck=n) for n in (1, 7, 30)]
        yield f"stale-frame-{mode}", machine(mode, access(), store(leaf, 0, USER, 9), *some)
        yield f"stale-no-more-{mode}", machine(mode, access(), store(leaf, 0, USER, 9), invlpg(), *some)
        yield f"spurious-fault-{mode}", machine(mode, access(), flip(leaf, 0, US), access(luck=3), access(luck=9), user=0)
        yield f"read-then-write-{mode}", machine(mode, access(), access(kind=WRITE, luck=3), access(kind=RMW, luck=4))
        yield f"d-cleared-{mode}", machine(mode, access(kind=WRITE), flip(leaf, 0, D), access(kind=WRITE, luck=3), dirty=1)
        yield f"a-set-{mode}", machine(mode, access(luck=2), access(FAR, WRITE, luck=3), accessed=0)
        yield f"moved-table-{mode}", machine(mode, access(), store(leaf - 1, 0, USER, 7), store(leaf, 0, USER, 12), *some)
    yield "wp-set", machine("4level", access(kind=WRITE, cpl=0), change("wp"), access(kind=WRITE, cpl=0, luck=1), wp=0, writable=0, user=0, dirty=1)
    yield "smap-set", machine("4level", access(cpl=0), change("smap"), access(cpl=0, luck=1), access(cpl=0, ac=1, luck=2))
    yield "smep-set", machine("4level", access(kind=FETCH, cpl=0), flip(4, 0, US), change("smep"), access(kind=FETCH, cpl=0, luck=1), user=0)
    yield "pkru", machine("4level", store(4, 0, USER | D, 8, key=1), access(), pkru(4), access(luck=1), pkru(8), access(kind=WRITE, luck=2), pke=1)
    yield "key-and-read-only", machine("4level", store(4, 0, USER ^ RW, 8, key=1), pkru(8), access(kind=WRITE), access(kind=WRITE, luck=5), pke=1)
    yield "nxe-cleared", machine("4level", flip(4, 0, XD), invlpg(), access(), change("nxe"), access(kind=FETCH, luck=1), access(kind=FETCH, luck=6))
    yield "global-over-cr3", machine("4level", access(), cr3(1), store(4, 0, USER, 9), access(luck=1), access(luck=2), is_global=1)
    yield "pcid", machine("4level", access(), cr3(0, 1, 1), store(4, 0, USER, 9), access(luck=1), cr3(0, 0, 1), access(luck=2), pcide=1)
    yield "table-of-another-pcid", machine("4level", store(4, 0, 0, 0), cr3(0, 1, 1), flip(3, 0, P), store(4, 0, USER, 9), access(luck=1), pcide=1)
    yield "two-parents", machine("4level", cr3(1), access(FAR, WRITE), access(PAGE, WRITE, luck=1), access(FAR, WRITE, luck=2), dirty=1)
    yield "large-page", machine("4level", store(3, 0, USER | PS | D, 2, 1), access(NEXT), store(3, 0, USER | PS, 3, 1), access(NEXT, luck=1), access(NEXT, WRITE, luck=2))
    yield "faults-once", machine("4level", access(), flip(4, 0, P), access(luck=1), access(luck=2), flip(4, 0, P), access(luck=3))
    yield "fault-drops-globals", machine("4level", access(), cr3(0, 1, 1), flip(4, 0, US), access(luck=1), access(luck=2), pcide=1, is_global=1)
    yield "not-canonical", machine("4level", access(far=1), access(FAR, WRITE, far=1))
    yield "no-paging", machine("32bit", change("pg"), access(), access(FAR, WRITE))
    yield "register-absent", machine("pae", flip(1, 0, P), access(), cr3(0), access(luck=1), access(FAR))
    yield "register-absent-global-page", machine("pae", access(), flip(1, 0, P), cr3(0), access(luck=1), access(luck=2), access(NEXT, luck=3), is_global=1)
    yield "key-changed-since", machine("4level", access(kind=WRITE), store(4, 0, USER | D, 8, key=1), pkru(4), access(luck=1), access(luck=9), pke=1, dirty=1)
    yield "reserved-without-a", machine("4level", flip(3, 0, PS), access(), access(FAR, WRITE), accessed=0)
    yield "walk-leaves-memory", machine("4level", store(3, 0, USER, 9), access(), access(luck=1))
    yield "tables-that-refer-to-themselves", machine("4level", store(1, 0, USER, 1), access(), access(NEXT, WRITE, luck=1), accessed=0)
