# SPDX-License-Identifier: MIT
"""Seeds of topic walk in the modes other than plain 4-level paging, and with keys."""
from seedform import (A, BASE, D, FETCH, G, KINDS, P, PCD, PS, PWT, RMW, RW, TOP5, URW, US, VA4K,
                      VA32, VAPAE, WRITE, XD, case2, table, tree)


def level5():
    def c(e=None, **f):
        return case2("5level", e, **f)

    def t(size="4k", **bits):
        return tree(size, "5level", **bits)

    for size, leaf in (("4k", 1), ("2m", 2), ("1g", 3)):
        for word, kind in KINDS:
            yield f"5level-ok-{size}-{word}", c(t(size), kind=kind)
            yield f"5level-ok-{size}-{word}-supervisor", c(t(size, **{f"x{leaf}": US}), kind=kind, cpl=0)
    for level in (5, 4, 3, 2, 1):
        yield f"5level-pf-np-l{level}", c(t(**{f"x{level}": P}))
        yield f"5level-pf-rsvd-addr-l{level}", c(t(**{f"l{level}": 1 << 40}))
        yield f"5level-pf-rsvd-xd-l{level}", c(t(**{f"l{level}": XD}), nxe=0)
        yield f"5level-pf-user-l{level}", c(t(**{f"x{level}": US}))
        yield f"5level-pf-user-write-l{level}", c(t(**{f"x{level}": RW}), kind=WRITE)
        yield f"5level-pf-wp-l{level}", c(t(**{f"x{level}": RW}), kind=WRITE, cpl=0)
        yield f"5level-pf-xd-l{level}", c(t(**{f"l{level}": XD}), kind=FETCH)
        yield f"5level-ok-ignored-bits-l{level}", c(t(**{f"l{level}": 0x7FF << 52 | 7 << 9 | PWT | PCD}))
    yield "5level-pf-rsvd-pml5e-ps", c(t(l5=PS))
    yield "5level-pf-rsvd-pml4e-ps", c(t(l4=PS))
    yield "5level-pf-rsvd-pml5e-g-amd", c(t(l5=G), amd=1)
    yield "5level-pf-rsvd-pml4e-g-amd", c(t(l4=G), amd=1)
    yield "5level-pf-rsvd-pml5e-ps-and-g-amd", c(t(l5=G | PS), amd=1)
    yield "5level-ok-bit-8-intel", c(t(l5=G, l4=G, l3=G, l2=G))
    yield "5level-ok-bit-8-below-pml4e-amd", c(t(l3=G, l2=G), amd=1)
    yield "5level-pf-rsvd-1g-not-there", c(t("1g"), page1gb=0)
    yield "5level-pf-rsvd-1g-addr", c(t("1g", l3=1 << 21))
    yield "5level-pf-rsvd-2m-addr", c(t("2m", l2=1 << 20))
    yield "5level-pf-smep", c(kind=FETCH, cpl=0, smep=1)
    yield "5level-pf-smap", c(cpl=0, smap=1)
    yield "5level-order-rsvd-l5-before-np-l4", c(t(l5=1 << 45, x4=P))
    yield "5level-ad-all-set", c(t(l5=A, l4=A, l3=A, l2=A, l1=A | D), kind=WRITE)
    yield "5level-ad-bit-6-ignored-above-leaf", c(t(l5=D, l4=D, l3=D, l2=D), kind=WRITE)
    edge = (("low-last", (1 << 56) - 1, 0), ("low-past", 1 << 56, 1), ("high-first", -1 << 56, 0),
            ("high-before", (-1 << 56) - 1, 1), ("bit-57", 1 << 57, 1), ("bit-63", 1 << 63, 1),
            ("bit-56-clear", 0xFE << 56, 1), ("beyond-48-bits", 1 << 47, 0))
    for word, va, fault in edge:
        yield f"5level-{'gp' if fault else 'ok'}-canon-{word}", c(va=va)
    yield "5level-ss-canon", c(va=1 << 60, seg=1)
    yield "5level-unmodelled-canon-implicit", c(va=1 << 60, implicit=1)
    yield "5level-ok-index-255", c(va=0xFF << 48 | VA4K)
    yield "5level-ok-index-256", c(va=-1 << 56 | VA4K)
    yield "5level-ok-index-511", c(va=-1 << 48 | VA4K)
    yield "5level-outside-pml4", c({**t(), 5: 0x7F0000000 | URW})
    yield "5level-self-pml5e", c({**t(), 5: table(0) | URW}, kind=WRITE)
    yield "5level-pcide", c(pcide=1, low=0xABC)
    yield "5level-aimed-all", case2("5level", {n: 0x7733AA123407 for n in (5, 4, 3, 2, 1)}, va=0x1234567890,
                                    aim=0x5F, aim2=1, kind=WRITE)


def bits32():
    def c(e=None, **f):
        return case2("32bit", e, **f)

    def t(size="4k", **bits):
        return tree(size, "32bit", **bits)

    for size, leaf in (("4k", 1), ("4m", 2)):
        for word, kind in KINDS:
            yield f"32bit-ok-{size}-{word}", c(t(size), kind=kind)
            yield f"32bit-ok-{size}-{word}-supervisor", c(t(size, **{f"x{leaf}": US}), kind=kind, cpl=0)
        yield f"32bit-pf-user-write-{size}", c(t(size, **{f"x{leaf}": RW}), kind=WRITE)
        yield f"32bit-ok-no-wp-{size}", c(t(size, **{f"x{leaf}": RW}), kind=WRITE, cpl=0, wp=0)
        yield f"32bit-ok-global-{size}", c(t(size, **{f"l{leaf}": G}))
        yield f"32bit-ok-global-no-pge-{size}", c(t(size, **{f"l{leaf}": G}), pge=0)
        yield f"32bit-ad-all-set-{size}", c(t(size, l2=A | D, l1=A | D), kind=WRITE)
        for pat in range(1, 8):
            low = (pat & 1) * PWT | (pat >> 1 & 1) * PCD
            high = (pat >> 2) << (7 if size == "4k" else 12)
            yield f"32bit-ok-pat-{pat}-{size}", c(t(size, **{f"l{leaf}": low | high}))
    yield "32bit-pf-user-4m", c(t("4m", x2=US))
    for level in (2, 1):
        yield f"32bit-pf-np-l{level}", c(t(**{f"x{level}": P}))
        yield f"32bit-pf-user-l{level}", c(t(**{f"x{level}": US}))
        yield f"32bit-pf-user-write-l{level}-no-wp", c(t(**{f"x{level}": RW}), kind=RMW, wp=0)
        yield f"32bit-pf-wp-l{level}", c(t(**{f"x{level}": RW}), kind=WRITE, cpl=0)
        yield f"32bit-ok-ignored-bits-l{level}", c(t(**{f"l{level}": 7 << 9 | (G | D if level == 2 else 0)}))
    yield "32bit-pf-np-all-other-bits", c({2: 0xFFFFFFFE, 1: 0})
    yield "32bit-ok-ps-without-pse", c(t(l2=PS), va=VA32, pse=0)
    yield "32bit-outside-all-bits-without-pse", c({**t(), 2: 0xFFFFFFFF & ~D}, va=VA32, pse=0)
    yield "32bit-ok-4m-without-pse36", c(t("4m"), pse36=0)
    for width in (32, 36, 39, 40, 52):
        m = min(40, width)
        if m > 32:
            yield f"32bit-ok-pse36-top-bit-width-{width}", c(t("4m", l2=1 << m - 20), width=width)
            yield f"32bit-ok-pse36-all-bits-width-{width}", c(t("4m", l2=(1 << m - 19) - (1 << 13)), width=width)
        yield f"32bit-pf-rsvd-4m-first-bit-width-{width}", c(t("4m", l2=1 << m - 19), width=width)
        if m < 40:
            yield f"32bit-pf-rsvd-4m-bit-21-width-{width}", c(t("4m", l2=1 << 21), width=width)
    for bit in (13, 17, 20, 21):
        yield f"32bit-pf-rsvd-4m-no-pse36-bit-{bit}", c(t("4m", l2=1 << bit), pse36=0)
    yield "32bit-outside-bits-21-13-of-pde-with-table", c({**t(), 2: (table(3) | 0x3FE000) & 0xFFFFF000 | URW})
    yield "32bit-pf-np-before-rsvd", c(t("4m", l2=1 << 21, x2=P))
    yield "32bit-pf-rsvd-4m-write-supervisor", c(t("4m", l2=1 << 21), kind=WRITE, cpl=0)
    yield "32bit-pf-rsvd-4m-fetch-smep", c(t("4m", l2=1 << 21), kind=FETCH, smep=1)
    # NXE has no bit to act on here, and counts not for error bit I/D
    yield "32bit-pf-fetch-nxe-no-id", c(t(x1=P), kind=FETCH, nxe=1)
    yield "32bit-pf-fetch-smep-id", c(t(x1=P), kind=FETCH, nxe=0, smep=1)
    yield "32bit-pf-fetch-none-no-id", c(t(x1=P), kind=FETCH, nxe=0)
    yield "32bit-ok-all-controls", c(kind=FETCH, smep=1, smap=1, pke=1, pks=1, pkru=0xFFFFFFFF, pkrs=0xFFFFFFFF)
    yield "32bit-ok-keys-off-data", c(kind=WRITE, pke=1, pks=1, pkru=0xFFFFFFFF, pkrs=0xFFFFFFFF)
    yield "32bit-pf-smep", c(kind=FETCH, cpl=0, smep=1)
    yield "32bit-pf-smap", c(kind=WRITE, cpl=0, smap=1)
    yield "32bit-ok-smap-ac", c(kind=WRITE, cpl=0, smap=1, ac=1)
    yield "32bit-pf-smap-implicit", c(implicit=1, smap=1, ac=1)
    yield "32bit-ok-first-address", c(va=0)
    yield "32bit-ok-last-address", c(va=0xFFFFFFFF)
    yield "32bit-ok-both-entries-even", c(va=0x2AC << 22 | 0x378 << 12)
    yield "32bit-ok-both-entries-odd", c(va=0x2AD << 22 | 0x379 << 12)
    yield "32bit-ok-index-511-512", c(va=0x1FF << 22 | 0x200 << 12)
    yield "32bit-self-pde", c({2: table(0) | URW, 1: table(0) | URW}, va=0x2AC << 22 | 0x2AC << 12, kind=WRITE)
    yield "32bit-halves-of-one-word", c({2: table(0) | URW, 1: table(7) | URW}, va=0x2AC << 22 | 0x2AD << 12)
    yield "32bit-cr3-low-bits", c(low=0xFFF)
    yield "32bit-outside-table", c({**t(), 2: 0xFF000000 | URW})
    yield "32bit-stack", c(seg=1, kind=WRITE)
    yield "32bit-aimed-all", c({2: 0x33AA1207, 1: 0x99123407}, va=0x12345678, aim=0x0F)
    yield "32bit-aimed-4m", c({2: 0x33BF1287, 1: 0}, va=0x12345678, aim=0x1F)


def pae():
    def c(e=None, **f):
        return case2("pae", e, **f)

    def t(size="4k", **bits):
        return tree(size, "pae", **bits)

    registers = [table(n) | P for n in (8, 9, 10, 11)]
    for size, leaf in (("4k", 1), ("2m", 2)):
        for word, kind in KINDS:
            yield f"pae-ok-{size}-{word}", c(t(size), kind=kind)
            yield f"pae-ok-{size}-{word}-supervisor", c(t(size, **{f"x{leaf}": US}), kind=kind, cpl=0)
        yield f"pae-ok-global-{size}", c(t(size, **{f"l{leaf}": G}))
        yield f"pae-ok-pat-{size}", c(t(size, **{f"l{leaf}": PWT | (1 << (7 if size == "4k" else 12))}))
        yield f"pae-ok-high-frame-{size}", c(t(size, **{f"l{leaf}": 0xFEDCB << 32}), width=52)
        yield f"pae-ad-all-set-{size}", c(t(size, l2=A | D, l1=A | D), kind=WRITE)
    for i in range(4):
        one = [0, 0, 0, 0]
        one[i] = registers[i]
        yield f"pae-ok-register-{i}", c(va=i << 30 | VAPAE & 0x3FFFFFFF, pdpte=registers)
        yield f"pae-ok-register-{i}-alone", c(va=i << 30 | VAPAE & 0x3FFFFFFF, pdpte=one)
        yield f"pae-pf-np-register-{i}", c(va=i << 30 | VAPAE & 0x3FFFFFFF,
                                           pdpte=[r & ~P if n == i else r for n, r in enumerate(registers)])
    for word, kind in KINDS:
        yield f"pae-pf-np-register-{word}", c(pdpte=[0] * 4, kind=kind)
        yield f"pae-pf-np-register-{word}-supervisor", c(pdpte=[0] * 4, kind=kind, cpl=0)
    yield "pae-pf-np-register-all-other-bits", c(pdpte=[0xFFFFFFFFFFFFFFFE] * 4)
    yield "pae-ok-register-free-bits", c(pdpte=[table(1) | P | PWT | PCD | 7 << 9] * 4)
    yield "pae-outside-register-high-table", c(pdpte=[1 << 51 | table(1) | P] * 4, width=52)
    for level in (2, 1):
        yield f"pae-pf-np-l{level}", c(t(**{f"x{level}": P}))
        yield f"pae-pf-rsvd-addr-l{level}", c(t(**{f"l{level}": 1 << 40}))
        yield f"pae-pf-rsvd-bit-52-l{level}", c(t(**{f"l{level}": 1 << 52}), width=52)
        yield f"pae-pf-rsvd-bit-62-l{level}", c(t(**{f"l{level}": 1 << 62}))
        yield f"pae-pf-rsvd-xd-l{level}", c(t(**{f"l{level}": XD}), nxe=0)
        yield f"pae-pf-user-l{level}", c(t(**{f"x{level}": US}))
        yield f"pae-pf-user-write-l{level}", c(t(**{f"x{level}": RW}), kind=WRITE)
        yield f"pae-pf-wp-l{level}", c(t(**{f"x{level}": RW}), kind=RMW, cpl=0)
        yield f"pae-pf-xd-l{level}", c(t(**{f"l{level}": XD}), kind=FETCH)
        yield f"pae-ok-ignored-bits-l{level}", c(t(**{f"l{level}": 7 << 9 | (G | D if level == 2 else 0)}))
    for bit in (13, 20):
        yield f"pae-pf-rsvd-2m-bit-{bit}", c(t("2m", l2=1 << bit))
    yield "pae-pf-xd-2m", c(t("2m", l2=XD), kind=FETCH)
    yield "pae-ok-2m-with-pse", c(t("2m"), pse=1, pse36=1)
    yield "pae-ok-2m-without-1g", c(t("2m"), page1gb=0)
    yield "pae-ok-bit-8-amd", c(t(l2=G), amd=1)
    yield "pae-pf-fetch-nxe-id", c(t(x1=P), kind=FETCH)
    yield "pae-pf-fetch-none-no-id", c(t(x1=P), kind=FETCH, nxe=0)
    yield "pae-pf-smep", c(kind=FETCH, cpl=0, smep=1)
    yield "pae-pf-smap", c(cpl=0, smap=1)
    yield "pae-ok-no-keys", c(kind=WRITE, pke=1, pks=1, pkru=0xFFFFFFFF, pkrs=0xFFFFFFFF)
    yield "pae-ok-first-address", c(va=0)
    yield "pae-ok-last-address", c(va=0xFFFFFFFF)
    yield "pae-cr3-low-bits", c(low=0xFE0)
    yield "pae-registers-in-root-frame", c(pdpte=[table(0) | P] * 4)
    yield "pae-self-pde", c({2: table(1) | URW, 1: table(1) | URW}, va=2 << 30 | 0x156 << 21 | 0x156 << 12, kind=WRITE)
    yield "pae-aimed-all", case2("pae", {2: 0xFFF0003333AA1207, 1: 0x7FF0000099123407}, va=0x92345678,
                                 pdpte=[0x123456789ABCDFFF] * 4, aim=0x0F, aim2=2, nxe=1)
    yield "pae-aimed-2m", case2("pae", {2: 0x33BF1287}, va=0x92345678, pdpte=[0x5001] * 4, aim=0x1F, aim2=2)


def no_paging():
    for word, kind in KINDS:
        for cpl in (0, 3):
            yield f"none-ok-{word}-cpl{cpl}", case2("none", kind=kind, cpl=cpl)
    yield "none-ok-all-controls", case2("none", kind=FETCH, cpl=0, smep=1, smap=1, pke=1, pks=1, pkru=0xFFFFFFFF)
    yield "none-ok-first-address", case2("none", va=0)
    yield "none-ok-last-address", case2("none", va=0xFFFFFFFF)
    yield "none-ok-implicit", case2("none", implicit=1, smap=1)
    yield "none-ok-stack", case2("none", seg=1, kind=WRITE)
    yield "none-ok-width-32", case2("none", width=32, low=0xFFF)
    yield "none-aimed", case2("none", va=0x12345678, aim=0x10)


def key_bits(n, ad=0, wd=0):
    return ad << 2 * n | wd << 2 * n + 1


def keys():
    for mode in ("4level", "5level"):
        for size, leaf in (("4k", 1), ("2m", 2), ("1g", 3)):
            e = tree(size, mode, **{f"l{leaf}": 9 << 59})
            yield f"{mode}-pku-ad-{size}", case2(mode, e, pke=1, pkru=key_bits(9, ad=1))
            yield f"{mode}-pku-ok-other-keys-{size}", case2(mode, e, pke=1, pkru=0xFFFFFFFF & ~key_bits(9, 1, 1))
            s = tree(size, mode, **{f"l{leaf}": 6 << 59, f"x{leaf}": US})
            yield f"{mode}-pks-ad-{size}", case2(mode, s, cpl=0, pks=1, pkrs=key_bits(6, ad=1))
            yield f"{mode}-pks-ok-other-keys-{size}", case2(mode, s, cpl=0, pks=1, pkrs=0xFFFFFFFF & ~key_bits(6, 1, 1))
    user, low = tree(l1=5 << 59), tree(l1=5 << 59, x1=US)
    for word, kind in KINDS:
        for right in ("ad", "wd"):
            bits = key_bits(5, **{right: 1})
            yield f"pku-{right}-{word}-user", case2(e=user, kind=kind, pke=1, pkru=bits)
            for wp in (0, 1):
                yield f"pku-{right}-{word}-supervisor-wp{wp}", case2(e=user, kind=kind, cpl=0, wp=wp, pke=1, pkru=bits)
                yield f"pks-{right}-{word}-wp{wp}", case2(e=low, kind=kind, cpl=0, wp=wp, pks=1, pkrs=bits)
        yield f"pku-off-{word}", case2(e=user, kind=kind, pke=0, pks=1, pkru=0xFFFFFFFF, pkrs=0xFFFFFFFF)
        yield f"pks-off-{word}", case2(e=low, kind=kind, cpl=0, pke=1, pks=0, pkru=0xFFFFFFFF, pkrs=0xFFFFFFFF)
    yield "pku-wd-user-write-no-wp", case2(e=user, kind=WRITE, wp=0, pke=1, pkru=key_bits(5, wd=1))
    yield "pku-both-user-write", case2(e=user, kind=WRITE, pke=1, pkru=key_bits(5, 1, 1))
    yield "pku-implicit", case2(e=user, implicit=1, pke=1, pkru=key_bits(5, ad=1))
    yield "pks-implicit-write", case2(e=low, kind=WRITE, implicit=1, pks=1, pkrs=key_bits(5, wd=1))
    yield "pku-spares-supervisor-address", case2(e=low, cpl=0, pke=1, pks=1, pkru=0xFFFFFFFF)
    yield "pks-spares-user-address", case2(e=user, pke=1, pks=1, pkrs=0xFFFFFFFF)
    yield "pks-spares-user-address-of-supervisor", case2(e=user, cpl=0, pke=1, pks=1, pkrs=0xFFFFFFFF)
    yield "pku-supervisor-address-by-l4", case2(e=tree(l1=5 << 59, x4=US), cpl=0, pke=1, pks=1, pkru=0xFFFFFFFF)
    yield "pks-supervisor-address-by-l3", case2(e=tree(l1=5 << 59, x3=US), cpl=0, pke=1, pks=1, pkrs=key_bits(5, ad=1))
    yield "pks-user-access-no-pk", case2(e=low, pks=1, pkrs=0xFFFFFFFF)
    for n in (0, 15):
        yield f"pku-key-{n}", case2(e=tree(l1=n << 59), pke=1, pkru=key_bits(n, ad=1))
        yield f"pks-key-{n}", case2(e=tree(l1=n << 59, x1=US), cpl=0, pks=1, pkrs=key_bits(n, ad=1))
    yield "pku-key-above-leaf-ignored", case2(e=tree(l4=15 << 59, l3=15 << 59, l2=15 << 59, l1=1 << 59),
                                              pke=1, pkru=0xFFFFFFFF & ~key_bits(1, 1, 1))
    # PK is set when another right denies the access too, but not without a page
    yield "pku-pk-with-user-write", case2(e=tree(l1=5 << 59, x2=RW), kind=WRITE, pke=1, pkru=key_bits(5, wd=1))
    yield "pku-pk-with-smap", case2(e=user, cpl=0, smap=1, pke=1, pkru=key_bits(5, ad=1))
    yield "pku-pk-past-smap-by-ac", case2(e=user, cpl=0, smap=1, ac=1, pke=1, pkru=key_bits(5, ad=1))
    yield "pks-pk-with-wp", case2(e=tree(l1=5 << 59, x1=US | RW), kind=WRITE, cpl=0, pks=1, pkrs=key_bits(5, wd=1))
    yield "pku-no-pk-np", case2(e=tree(l1=5 << 59, x1=P), pke=1, pkru=0xFFFFFFFF)
    yield "pku-no-pk-np-above", case2(e=tree(l1=5 << 59, x3=P), pke=1, pkru=0xFFFFFFFF)
    yield "pku-no-pk-rsvd", case2(e=tree(l1=5 << 59 | 1 << 45), pke=1, pkru=0xFFFFFFFF)
    yield "pku-no-pk-xd-fetch", case2(e=tree(l1=5 << 59 | XD), kind=FETCH, pke=1, pkru=0xFFFFFFFF)
    yield "pku-no-pk-smep", case2(e=user, kind=FETCH, cpl=0, smep=1, pke=1, pkru=0xFFFFFFFF)


def other_controls():
    for mode in ("4level", "5level"):
        for pat in range(1, 8):
            low = (pat & 1) * PWT | (pat >> 1 & 1) * PCD
            for size, leaf in (("4k", 1), ("2m", 2), ("1g", 3)):
                bits = low | (pat >> 2) << (7 if leaf == 1 else 12)
                yield f"{mode}-ok-pat-{pat}-{size}", case2(mode, tree(size, mode, **{f"l{leaf}": bits}))
    yield "4level-pcide", case2(pcide=1, low=0xABC)
    yield "4level-cr3-low-bits", case2(low=0xFFF)
    yield "4level-ok-pse-does-not-count", case2(e=tree("2m"), pse=1)
    yield "4level-pf-rsvd-2m-with-pse36", case2(e=tree("2m", l2=1 << 13), pse=1, pse36=1)
    yield "4level-gp-canon-57-bits", case2(va=TOP5 | VA4K)


def origins():
    """The walk target begins walks at tables that it makes of an entry (check_origin in
    harness/fuzz_walk.c): its level is that number modulo 7, bits 18:16 spoil a field."""
    def mix(level, n):
        return next(m for m in range(n, n + (7 << 24), 1 << 24) if m % 7 == level)

    for mode, top in (("4level", 4), ("5level", 5), ("32bit", 2), ("pae", 2)):
        for level in range(top + 2):
            yield f"origin-{mode}-level-{level}", case2(mode, {**tree(mode=mode), 1: mix(level, 0x3030)}, va=0)
    for word, n in (("unaligned", 0x80810030), ("past-52-bits", 1 << 60 | 0x20000), ("rw-2", 0x230030),
                    ("us-2", 0x240030), ("xd-2", 0x250030)):
        yield f"origin-refused-{word}", case2(e={**tree(), 1: mix(2, n)}, va=0)


def access_keys():
    """Topic access takes the rights in all combinations; the keys come from the entries."""
    e = {n: n * 0x3 << 59 for n in (5, 4, 3, 2, 1)}
    for word, kind in KINDS:
        for cpl in (0, 3):
            for wp in (0, 1):
                yield f"keys-{word}-cpl{cpl}-wp{wp}", case2("5level", e, va=VA4K, kind=kind, cpl=cpl, wp=wp, pke=1, pks=1,
                                                            pkru=0x9C3A6E41, pkrs=0x63C591BE)
                yield f"keys-all-denied-{word}-cpl{cpl}-wp{wp}", case2("5level", e, va=VA4K, kind=kind, cpl=cpl, wp=wp, pke=1,
                                                                       pks=1, pkru=0xFFFFFFFF, pkrs=0xFFFFFFFF)
        for mode in ("32bit", "pae", "none"):
            yield f"{mode}-{word}", case2(mode, kind=kind, cpl=0, smep=1, smap=1, pke=1, pks=1, pkru=0xFFFFFFFF)
            yield f"{mode}-{word}-nxe-alone", case2(mode, kind=kind, smep=0, nxe=1)
        yield f"keys-implicit-{word}" if kind != FETCH else "keys-fetch-all-off", case2(
            "5level", e, va=VA4K, kind=kind, implicit=int(kind != FETCH), pke=int(kind != FETCH), pks=int(kind != FETCH),
            pkru=0x9C3A6E41, pkrs=0x63C591BE)


def entry_modes():
    ones = (1 << 64) - 1
    for mode in ("5level", "32bit", "pae", "none"):
        yield f"{mode}-all-zero", case2(mode, {}, va=0)
        yield f"{mode}-all-ones", case2(mode, {n: ones for n in (5, 4, 3, 2, 1)}, va=0xFFFFFFFF, pdpte=[ones & ~1] * 4)
    for pse in (0, 1):
        for pse36 in (0, 1):
            for width in (32, 36, 40, 52):
                e = {2: P | PS | 1 << 13, 1: P | PS | (1 << min(40, width) - 19 if pse36 else 1 << 13)}
                yield f"32bit-pse{pse}-pse36-{pse36}-width-{width}", case2("32bit", e, pse=pse, pse36=pse36, width=width)
    for bit in (13, 17, 20, 21, 22, 31):
        yield f"32bit-4m-bit-{bit}", case2("32bit", {2: P | PS | 1 << bit, 1: P | PS | 1 << bit - 1})
    for bit in (52, 58, 59, 62, 63):
        yield f"pae-bit-{bit}", case2("pae", {2: P | 1 << bit, 1: P | PS | 1 << bit}, va=VAPAE, nxe=0)
    for bit in (0, 1, 2, 3, 5, 8, 9, 12, 39, 40, 63):
        e = {5: P | 1 << bit, 4: P | 1 << bit, 3: 1 << bit, 2: ones ^ 1 << bit, 1: P}
        yield f"5level-bit-{bit}", case2("5level", e, va=1 << bit)
    yield "5level-amd", case2("5level", {n: P | G for n in (5, 4, 3, 2, 1)}, va=TOP5, amd=1)
    yield "5level-ps", case2("5level", {n: P | PS for n in (5, 4, 3, 2, 1)}, va=TOP5)
    yield "5level-keys", case2("5level", {n: P | n * 3 << 59 for n in (5, 4, 3, 2, 1)}, va=TOP5, pke=1, pks=1)
    yield "5level-pat", case2("5level", {5: 1 << 12, 4: PCD, 3: PWT, 2: 1 << 7, 1: PS | PCD | PWT | 1 << 12}, va=TOP5)
    yield "4level-pcide", case2("4level", pcide=1, low=0xFFF)
    yield "pae-registers-high", case2("pae", pdpte=[1 << 51 | P, 1 << 40, P, 0], width=52)


def regressions():
    """Bugs seen in the field, as those of make-seeds."""
    def c(size, **f):
        bits = f.pop("bits", 0)
        return case2("32bit", tree(size, "32bit", l2=bits), **f)

    yield "M03-pse36-bit-17-above-width-36", c("4m", bits=1 << 17, width=36)
    yield "M03-pse36-bit-20-above-width-36", c("4m", bits=1 << 20, width=36, kind=WRITE)
    yield "M03-pse36-bit-16-below-width-36", c("4m", bits=1 << 16, width=36)
    yield "M18-pse36-all-high-bits", c("4m", bits=0xFF << 13)
    yield "M18-pse36-bit-21", c("4m", bits=1 << 21)
    yield "M25-pse36-bit-13-is-bit-32", c("4m", bits=1 << 13)
    yield "M25-pse36-bit-20-is-bit-39", c("4m", bits=1 << 20, width=52)
    yield "M45-nx-without-nxe-pae", case2("pae", tree("4k", "pae", l1=XD), nxe=0)
    yield "M45-nxe-tells-no-fetch-in-32bit", case2("32bit", tree("4k", "32bit", x1=P), kind=FETCH)
    yield "M02-pdpte-register-needs-no-a", case2("pae", tree("4k", "pae", l2=A, l1=A), pdpte=[0, 0, table(1) | P, 0])
    yield "M13-pdpte-register-not-present", case2("pae", pdpte=[table(1) | P, table(1) | P, 0, table(1) | P])


def walks():
    for maker in (level5, bits32, pae, no_paging, keys, other_controls, origins):
        yield from maker()
