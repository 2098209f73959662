# SPDX-License-Identifier: MIT
"""Bugs planted in model/fault_access.c: name, what is planted, old text, new text."""
BUGS = [
    ("mark-not-the-leaf", "an access sets no flags of the leaf", "(uint32_t)(n1 % 512), w.after[1]);", "(uint32_t)(n1 % 512), w.entry[1]);"),
    ("mark-not-the-root", "an access does not set A of the root's entry", "(uint32_t)(n4 % 512), w.after[4]);", "(uint32_t)(n4 % 512), w.entry[4]);"),
    ("mark-not-d", "D of the leaf is lost", "(uint32_t)(n1 % 512), w.after[1]);", "(uint32_t)(n1 % 512), w.after[1] & ~0x40ULL);"),
    ("mark-always-d", "D is set by a read", "(uint32_t)(n1 % 512), w.after[1]);", "(uint32_t)(n1 % 512), w.after[1] | 0x40);"),
    ("rmw-writes-nothing", "a read-modify-write writes nothing", "if (kind == VMREF_WRITE || kind == VMREF_RMW) s->data[d] = byte;", "if (kind == VMREF_WRITE) s->data[d] = byte;"),
    ("rmw-reads-new", "a read-modify-write reads what it writes", "uint8_t old = s->data[d];", "uint8_t old = kind == VMREF_RMW ? byte : s->data[d];"),
    ("access-byte-offset", "an access writes to the even neighbour of its byte", "VMREF_RMW) s->data[d] = byte;", "VMREF_RMW) s->data[d - d % 2] = byte;"),
    ("write-byte-offset", "a byte is written in the first half of its page", "VMREF_RMW) s->data[d] = byte;", "VMREF_RMW) s->data[d & ~0x800ULL] = byte;"),
    ("read-byte-offset", "a byte is read at the offset's even neighbour", "uint8_t old = s->data[d];", "uint8_t old = s->data[d - d % 2];"),
    ("access-kernel-half-nomap", "an access outside the user's half finds nothing mapped", "? VMREF_EACCES : mended(", "? VMREF_ENOMAP : mended("),
    ("access-error-not-fetch", "the fault of a fetch is told as one of a read", "r.error = w.error;", "r.error = w.error & 15;"),
    ("access-not-told", "a fault that the handler mended is not told", "r.faulted = 1;", "r.faulted = 0;"),
]
