# SPDX-License-Identifier: MIT
"""Bugs planted in model/fault.c: name, what is planted, old text, new text."""
BUGS = [
    ("run-without-nxe", "processes run without NXE", "c.smap = c.nxe = 1;", "c.smap = 1;"),
    ("access-as-kernel", "a process's access is the supervisor's", "x.cpl = 3;", "x.cpl = 0;"),
    ("handler-rmw-reads", "the handler takes a read-modify-write for a read", "uint8_t write = kind == VMREF_WRITE || kind == VMREF_RMW;", "uint8_t write = kind == VMREF_WRITE;"),
    ("handler-w-without-r", "a page that may not be read can be used", "if (prot % 2 == 0 || (write && prot / 2 % 2 == 0)", "if ((write && prot / 2 % 2 == 0)"),
    ("handler-writes-all", "a page that may not be written is writable", "if (prot % 2 == 0 || (write && prot / 2 % 2 == 0) ||", "if (prot % 2 == 0 ||"),
    ("handler-fetches-all", "a page that may not be executed is", "(kind == VMREF_FETCH && prot / 4 % 2 == 0)) return VMREF_EACCES;", "0) return VMREF_EACCES;"),
    ("handler-nomap-is-access", "where nothing is mapped the mapping does not permit it", "  if (e == 0) return VMREF_ENOMAP;", "  if (e == 0) return VMREF_EACCES;"),
    ("swap-write-takes-two", "a write to a page in swap that others have brings it in first", "if (write && !vmref_leaf_mine(s, s->tab[512 * (uint64_t)t + i])) {", "if (write > 1 && !vmref_leaf_mine(s, s->tab[512 * (uint64_t)t + i])) {"),
]
