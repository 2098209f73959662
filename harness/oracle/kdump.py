# SPDX-License-Identifier: MIT
"""The memory of a QEMU dump as kdump has it: an ELF core like /proc/vmcore, with a note NT_PRSTATUS and VMCOREINFO, no CR3, and the kernel's
text in a segment of its own beside the memory that holds it. VMCOREINFO is what the kernel itself has laid down in its memory for kdump."""
import re
import struct

DIRECT, TEXT = 0xffff888000000000, 0xffffffff80000000  # where Linux maps all memory (KASLR moves it; nothing here looks at it), and its image


def segments(data):
    """(pa, size, offset) of an ELF64 core's memory."""
    at, size, n = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, at + size * i) for i in range(n)]
    return [(h[4], h[5], h[2]) for h in headers if h[0] == 1 and h[5]]


def offset_of(parts, pa):
    return next(at + pa - base for base, size, at in parts if base <= pa < base + size)


def leaf_of(data, parts, cr3, va):
    """4-level paging: the file's offset of the entry that maps va, and its level."""
    table = cr3 & ~0xfff
    for level in (4, 3, 2, 1):
        at = offset_of(parts, table + 8 * (va >> (3 + 9 * level) & 511))
        value, = struct.unpack_from("<Q", data, at)
        if level == 1 or value & 0x80:
            return at, level
        table = value & 0x000ffffffffff000


def vmcoreinfo(data):
    found = re.search(rb"OSRELEASE=[^\0]{200,4000}?(?=\0)", data)
    return found.group(0)


def note(name, kind, desc):
    pad = lambda b: b + bytes(-len(b) % 4)
    return struct.pack("<III", len(name) + 1, len(desc), kind) + pad(name + b"\0") + pad(desc)


def make(data, path):
    """What VMCOREINFO says of the kernel, in short."""
    info, parts = vmcoreinfo(data), segments(data)
    key = lambda k: re.search(re.escape(k) + rb"=(.*)", info).group(1).decode()
    image = 0x1000000 + int(key(b"KERNELOFFSET"), 16)  # where KASLR has put the text, from TEXT on
    text = image + int(key(b"NUMBER(phys_base)"))
    status = bytearray(336)
    struct.pack_into("<I", status, 32, 1)  # pr_pid; its registers are of no interest here
    notes = note(b"CORE", 1, bytes(status)) + note(b"VMCOREINFO", 0, info)
    loads = [(TEXT + image, text, 0x400000, offset_of(parts, text))] + [(DIRECT + pa, pa, size, at) for pa, size, at in parts]
    at, headers, body = 64 + 56 * (len(loads) + 1), b"", []
    headers += struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes), len(notes), 0)
    at += len(notes)
    at += -at % 4096
    for va, pa, size, old in loads:
        headers += struct.pack("<IIQQQQQQ", 1, 7, at, va, pa, size, size, 0)
        body.append(data[old:old + size])
        at += size
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(loads) + 1, 0, 0, 0)
    with open(path, "wb") as f:
        f.write(head + headers + notes)
        f.write(bytes(-f.tell() % 4096))
        for part in body:
            f.write(part)
    return "Linux " + key(b"OSRELEASE") + ", swapper_pg_dir " + key(b"SYMBOL(swapper_pg_dir)")
