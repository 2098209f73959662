# SPDX-License-Identifier: MIT
"""Bugs planted in model/fault_access.c: name, what is planted, old text, new text."""
BUGS = [
    ("mark-not-the-leaf", "an access sets no flags of the leaf", "for (uint8_t l = 4; l >= 1; l--)", "for (uint8_t l = 4; l >= 2; l--)"),
    ("mark-not-the-root", "an access does not set A of the root's entry", "for (uint8_t l = 4; l >= 1; l--)", "for (uint8_t l = 3; l >= 1; l--)"),
    ("mark-not-d", "D of the leaf is lost", "s->tab[w->address[l] / 8] = w->after[l];", "s->tab[w->address[l] / 8] = w->after[l] & ~0x40ULL;"),
    ("mark-always-d", "D is set by a read", "s->tab[w->address[l] / 8] = w->after[l];", "s->tab[w->address[l] / 8] = w->after[l] | (l == 1 ? 0x40 : 0);"),
    ("rmw-writes-nothing", "a read-modify-write writes nothing", "if (kind == VMREF_WRITE || kind == VMREF_RMW) s->data[d] = byte;", "if (kind == VMREF_WRITE) s->data[d] = byte;"),
    ("rmw-reads-new", "a read-modify-write reads what it writes", "r.byte = s->data[d];", "r.byte = kind == VMREF_RMW ? byte : s->data[d];"),
    ("access-byte-offset", "an access writes to the even neighbour of its byte", "VMREF_RMW) s->data[d] = byte;", "VMREF_RMW) s->data[d - d % 2] = byte;"),
    ("access-as-kernel", "a process's access is the supervisor's", "x.cpl = 3;", "x.cpl = 0;"),
    ("access-kernel-half-nomap", "an access outside the user's half finds nothing mapped", "va >= 0x800000000000 ? VMREF_EACCES :", "va >= 0x800000000000 ? VMREF_ENOMAP :"),
    ("access-error-not-fetch", "the fault of a fetch is told as one of a read", "r.error = w.error;", "r.error = w.error & 15;"),
    ("access-not-told", "a fault that the handler mended is not told", "r.faulted = 1;", "r.faulted = 0;"),
    ("page-out-of-slot", "a page in the first slot goes out once more", "if (o >= s->frames) return VMREF_EINVAL;", "if (o > s->frames) return VMREF_EINVAL;"),
    ("page-in-untouched", "a page not yet touched comes in from swap", "if (o < s->frames || o == s->frames + s->slots) return VMREF_EINVAL;", "if (o < s->frames) return VMREF_EINVAL;"),
]
