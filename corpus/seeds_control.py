# SPDX-License-Identifier: MIT
"""Seeds of topic control: a CPU and a sequence of writes, as harness/fuzz_control.c reads
them. Each begins in a paging mode and ends in the write that its name tells."""
import struct

OFF, P32, PAE, LONG, LA57, PCID = range(6)
CR0, CR3, CR4, EFER, PAT, PKRU, PKRS = range(7)
CSL, TR16 = 2, 4
LACKS = {n: 1 << i for i, n in enumerate("wp pse pse36 pae pge pat pcid smep smap pku pks la57 cet nx page1gb lm"
                                         .split())}


def write(reg, value, flaw=0, entry=0, csl=False):
    """A raw value; flaw: the bit flipped in PDPTE `entry`; csl: toggle CS.L before."""
    return struct.pack("<BBBBQ", reg | 1 << 3, flaw | csl << 7, entry, 0, value)


def sequence(start, *writes, amd=0, cpu=CSL, width=46, lacks="", illegal=0):
    without = sum(LACKS[n] for n in lacks.split())
    head = struct.pack("<BBHBBB", amd | cpu, width - 32, without, 0, illegal, start)
    return head.ljust(16, b"\0") + b"".join(writes)


def control_seeds():
    for name, start in (("off", OFF), ("32bit", P32), ("pae", PAE), ("4level", LONG), ("5level", LA57), ("pcid", PCID)):
        yield f"boot-{name}", sequence(start)
    yield "boot-amd", sequence(LONG, amd=1)
    yield "M02-M13-pdpte-reserved-bit", sequence(PAE, write(CR3, 0x2000, flaw=1), write(CR3, 0x2000, flaw=5, entry=2))
    yield "last-pdpte-reserved-bit", sequence(PAE, write(CR3, 0x2000, flaw=0x40 | 5, entry=3), write(CR3, 0x2000, flaw=0x40 | 12, entry=3))
    yield "M20-bad-pdpte-keeps-cr4", sequence(PAE, write(CR4, 0xA0, flaw=8, entry=1), write(CR4, 0xA0))
    yield "M06-pcide-without-pcid", sequence(LONG, write(CR4, 0x20020), lacks="pcid")
    yield "M27-i386-has-no-wp", sequence(P32, write(CR0, 0x80010011), lacks="wp pae lm nx")
    yield "M39-cr3-bit-63", sequence(PCID, write(CR3, 0x8000000000002005), write(CR3, 0x2006))
    yield "M43-wp-on-and-off", sequence(LONG, write(CR0, 0x80000011), write(CR0, 0x80010011))
    yield "cr3-bit-63-without-pcide", sequence(LONG, write(CR3, 0x8000000000002000))
    yield "cr3-above-maxphyaddr", sequence(LONG, write(CR3, 0x1000001000), write(CR3, 0x800001000), width=36)
    yield "pcide-with-low-cr3", sequence(LONG, write(CR3, 0x1018), write(CR4, 0x20020))
    yield "pcide-outside-long-mode", sequence(PAE, write(CR4, 0x20020))
    yield "leave-long-mode", sequence(LONG, write(CR3, 0x300002000), write(CR0, 0x10011, csl=True),
                                      write(EFER, 0), write(CR0, 0x80010011))
    yield "leave-with-pcide", sequence(PCID, write(CR0, 0x10011, csl=True))
    yield "leave-in-64-bit-mode", sequence(LONG, write(CR0, 0x10011))
    yield "activate-in-64-bit-segment", sequence(OFF, write(CR4, 0x20), write(EFER, 0x100), write(CR0, 0x80010011))
    yield "activate-with-16-bit-tss", sequence(LONG, write(CR0, 0x10011), write(CR0, 0x80010011), cpu=TR16)
    yield "activate-without-pae", sequence(OFF, write(EFER, 0x100), write(CR0, 0x80010011))
    yield "la57-in-long-mode", sequence(LONG, write(CR4, 0x1020))
    yield "pae-off-in-long-mode", sequence(LONG, write(CR4, 0))
    yield "lme-under-paging", sequence(LONG, write(EFER, 0x400))
    yield "lma-written-intel", sequence(LONG, write(EFER, 0x100))
    yield "lma-written-amd", sequence(LONG, write(EFER, 0x100), amd=1)
    yield "loads-by-cr4", sequence(PAE, *(write(CR4, 0x20 | bit) for bit in (0x80, 0x10, 0x100000)))
    yield "no-load-by-cr4", sequence(PAE, *(write(CR4, 0x20 | bit, flaw=1) for bit in (0x200000, 0x600000, 0x1600000)))
    yield "cet-and-wp", sequence(LONG, write(CR4, 0x800020), write(CR0, 0x80000011), write(CR4, 0x20),
                                 write(CR0, 0x80000011), write(CR4, 0x800020))
    yield "pat-types", sequence(P32, write(PAT, 0x0100070605040100), write(PAT, 0x0002040600070406))
    yield "pkru-and-pkrs", sequence(LONG, write(PKRU, 4), write(CR4, 0x1400020), write(PKRU, 4), write(PKRS, 8),
                                    write(PKRU, 1 << 32), write(PKRS, 1 << 32))
    yield "no-load-by-wp", sequence(PAE, write(CR0, 0x80000011, flaw=1))
    yield "load-by-smep", sequence(PAE, write(CR4, 0x100020, flaw=1), write(CR4, 0x100020))
    yield "operand-has-32-bits", sequence(PAE, write(CR3, 0x100002000), write(CR0, 0x180010011))
    yield "cr0-high-bits", sequence(LONG, write(CR0, 0x180010011))
    yield "pke-without-pks", sequence(LONG, write(CR4, 0x400020), lacks="pks")
    yield "pks-without-pke", sequence(LONG, write(CR4, 0x1000020), lacks="pku")
    yield "nw-without-cd", sequence(P32, write(CR0, 0xA0010011), write(CR0, 0xE0010011))
    yield "activate-without-pae-in-32-bit-segment", sequence(OFF, write(EFER, 0x100), write(CR0, 0x80010011), cpu=0)
    yield "activate-with-16-bit-tss-amd", sequence(LONG, write(CR0, 0x10011), write(CR0, 0x80010011), amd=1, cpu=TR16)
    yield "cr3-first-address-past", sequence(LONG, write(CR3, 1 << 36), write(CR3, (1 << 36) - 0x1000), width=36)
    yield "state-not-legal", sequence(LONG, illegal=0x40 | 15)
    # Each feature that a CR4 flag needs, missing; the MSRs that are not there; a type that PAT has not, in each place.
    for name, bit in (("pse", 4), ("pae", 5), ("pge", 7), ("la57", 12), ("smep", 20), ("smap", 21), ("pku", 22), ("cet", 23), ("pks", 24)):
        yield f"cr4-without-{name}", sequence(P32, write(CR4, 1 << bit), lacks=name)
    yield "efer-without-lm", sequence(P32, write(EFER, 0x100), write(EFER, 0x400), write(EFER, 0x800), lacks="lm")
    yield "efer-without-nx", sequence(P32, write(EFER, 0x800), write(EFER, 1 << 20), lacks="nx")
    yield "no-efer", sequence(P32, write(EFER, 0), lacks="lm nx")
    yield "no-pat", sequence(P32, write(PAT, 0), lacks="pat")
    yield "no-pkrs", sequence(LONG, write(PKRS, 0), lacks="pks")
    for i in range(8):
        yield f"pat-type-bad-{i}", sequence(P32, write(PAT, 2 << 8 * i), write(PAT, 3 << 8 * i), write(PAT, 8 << 8 * i))
    # A bit changed so that no CPU can be in the state: CR0, CR4, EFER, CR3 in turn.
    for n, bits in enumerate(((4, 6, 17, 19, 29, 31, 40), (5, 12, 17, 23), (8, 10, 11, 20), (50,))):
        for b in bits:
            for start in (OFF, P32, LONG, PCID):
                yield f"illegal-{('cr0', 'cr4', 'efer', 'cr3')[n]}-{b}-{start}", sequence(start, illegal=n << 6 | b)
    yield "illegal-wp-without-wp", sequence(P32, write(CR0, 0x80000011), illegal=16, lacks="wp")
    yield "illegal-nw-without-cd", sequence(P32, write(CR0, 0xC0010011), write(CR0, 0xE0010011), illegal=30)
    yield "illegal-cet-without-wp", sequence(LONG, write(CR4, 0x800020), illegal=16)
    yield "illegal-cet-without-cet", sequence(LONG, illegal=0x40 | 23, lacks="cet")
    yield "illegal-pat-with-pdptes", sequence(PAE, illegal=0xC0 | 13)
    yield "cr4-others-and-efer-sce", sequence(LONG, write(CR4, 0x620), write(EFER, 0x501), write(CR4, 0x2000020))
    yield "pcide-stays", sequence(PCID, write(CR4, 0x200A0), write(CR4, 0x20020))
    yield "loads-by-cr0", sequence(PAE, write(CR0, 0xC0010011), write(CR0, 0xE0010011), write(CR0, 0xC0010011), write(CR0, 0x80010011))
    yield "loads-by-nw-and-cd", sequence(PAE, write(CR0, 0xE0010011, flaw=1), write(CR0, 0xE0010011), write(CR0, 0x80010011))
    yield "loads-by-pae", sequence(P32, write(CR4, 0x20, flaw=1), write(CR4, 0x20), write(CR4, 0), write(CR4, 0x20))
