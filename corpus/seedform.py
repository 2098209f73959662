# SPDX-License-Identifier: MIT
"""Cases as bytes: the layout of harness/case.c, and paths of present entries."""
import struct

BASE = 0x2000000                       # CASE_BASE
P, RW, US, PWT, PCD, A, D, PS, G = (1 << n for n in range(9))
XD = 1 << 63
URW = P | RW | US
FRAME = 0x000FFFFFFFFFF000
READ, WRITE, RMW, FETCH = range(4)
KINDS = (("read", READ), ("write", WRITE), ("rmw", RMW), ("fetch", FETCH))
CPU = dict(wp=1, smep=0, smap=0, nxe=1, pge=1, page1gb=1, amd=0, width=40, root=0)
# What the first 48 bytes have no room for.
CPU2 = dict(pse=0, pse36=0, pcide=0, pke=0, pks=0, pkru=0, pkrs=0, low=0)
ACCESS = dict(kind=READ, cpl=3, implicit=0, ac=0, seg=0, size=1)
MODES = ("4level", "5level", "none", "32bit", "pae")  # as byte 48 counts them

# Every index differs, so that a wrong one is seen; the offset is 8-aligned.
VA4K = 0x12 << 39 | 0x34 << 30 | 0x56 << 21 | 0x78 << 12 | 0x9A8
VA2M = 0x12 << 39 | 0x34 << 30 | 0x56 << 21 | 0x49A8
VA1G = 0x12 << 39 | 0x34 << 30 | BASE | 0x59A8
# 57 bits; 32 bits, with an index above 511 and an odd one; 32 bits, PDPTE register 2.
TOP5 = 0xAB << 48
VA32 = 0x2AC << 22 | 0x379 << 12 | 0x9A8
VA4M = 0x2AC << 22 | 0x49A8
VAPAE = 2 << 30 | 0x156 << 21 | 0x178 << 12 | 0x9A8
VAPAE2M = 2 << 30 | 0x156 << 21 | 0x49A8


def table(n):
    return BASE + 0x1000 * n


def tree(size="4k", mode="4level", **bits):
    """The entries by level of a present path with all rights; l5= .. l1= add bits to an
    entry, x5= .. x1= take some away."""
    e = {4: table(1) | URW, 3: table(2) | URW, 2: table(3) | URW, 1: table(6) | URW}
    if mode == "5level":
        e[5], e[4] = table(4) | URW, table(1) | URW
    if mode in ("32bit", "pae"):
        del e[4], e[3]
    if size in ("2m", "4m"):
        e[2] = BASE | PS | URW
    if size == "1g":
        e[3] = PS | URW
    for name, value in bits.items():
        level = int(name[1])
        e[level] = e[level] & ~value if name[0] == "x" else e[level] | value
    return e


def fields_of(defaults, fields):
    return {**defaults, **{k: v for k, v in fields.items() if k in defaults}}


def head(fields, va, e, aim=0):
    """The first 48 bytes."""
    cpu, access = fields_of(CPU, fields), fields_of(ACCESS, fields)
    first = (cpu["wp"] | cpu["smep"] << 1 | cpu["smap"] << 2 | cpu["nxe"] << 3 | cpu["pge"] << 4
             | cpu["page1gb"] << 5 | cpu["amd"] << 6)
    third = (access["kind"] | access["cpl"] << 2 | access["implicit"] << 4 | access["ac"] << 5
             | access["seg"] << 6)
    start = bytes([first, cpu["width"] - 32, third, access["size"] - 1, cpu["root"], aim, 0, 0])
    return start + struct.pack("<5Q", va & (1 << 64) - 1, *(e.get(n, 0) for n in (4, 3, 2, 1)))


def case(e=None, va=None, aim=0, **fields):
    """A case of 4-level paging in 48 bytes, the form before vm2."""
    assert all(k in CPU or k in ACCESS for k in fields), fields
    e = e or tree()
    if va is None:
        va = VA1G if e[3] & PS else VA2M if e[2] & PS else VA4K
    return head(fields, va, e, aim)


def usual_va(mode, e):
    if mode == "none":
        return table(3) + 0x9A8
    if mode == "32bit":
        return VA4M if e[2] & PS else VA32
    if mode == "pae":
        return VAPAE2M if e[2] & PS else VAPAE
    va = VA1G if e[3] & PS else VA2M if e[2] & PS else VA4K
    return va | TOP5 if mode == "5level" else va


def case2(mode="4level", e=None, va=None, pdpte=None, nxt=None, aim=0, aim2=0, **fields):
    """A case of any mode, without the zero bytes at its end. pdpte: the four registers, by
    default each refers to table 1 of the arena."""
    assert all(k in CPU or k in CPU2 or k in ACCESS for k in fields), fields
    e = (tree(mode=mode) if mode != "none" else {}) if e is None else e
    va = usual_va(mode, e) if va is None else va
    if pdpte is None:
        pdpte = [table(1) | P] * 4 if mode == "pae" else [0] * 4
    c = fields_of(CPU2, {"pse": int(mode == "32bit"), "pse36": int(mode == "32bit"), **fields})
    flags = (MODES.index(mode) | c["pse"] << 3 | c["pse36"] << 4 | c["pcide"] << 5 | c["pke"] << 6
             | c["pks"] << 7)
    tail = struct.pack("<BBHII4xQ", flags, aim2, c["low"], c["pkru"], c["pkrs"], e.get(5, 0))
    tail += struct.pack("<4Q", *pdpte)
    tail += struct.pack("<5Q", *((nxt or {}).get(n, 0) for n in (5, 4, 3, 2, 1)))
    data = head(fields, va, e, aim) + tail
    assert len(data) == 144
    return data.rstrip(b"\0")
