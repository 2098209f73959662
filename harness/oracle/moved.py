# SPDX-License-Identifier: MIT
"""Vectors moved to where a peer's tables and pages may lie, for harness/oracle/conform: tables to the guest's arena, linear addresses out of
its own window. It is the same question: what the manual says depends on no table's place. Whether the answer has moved with it, the
model tells (conform asks); larger pages and the like do not move."""
import copy

BASE, BYTES = 0x2000000, 0x10000  # of the arena: harness/case.h
ADDRESS = 0x000ffffffffff000
DEFAULTS = {"access": "read", "cpl": 3, "size": 1, "seg": "ds", "implicit": False, "ac": False}


def number(x):
    return x if isinstance(x, int) else int(x, 16)


def entry(value):
    """A present entry that refers to low memory, to the same place in the arena; larger pages stay."""
    return value + BASE if value & 1 and value & ADDRESS < BYTES and not value & 0x80 else value


def leaf(value):
    """PS may be PAT of a PTE: then it is no larger page."""
    return value + BASE if value & 1 and value & ADDRESS < BYTES else value


class Moving:
    def __init__(self, vector, config, lowest, clean):
        self.lowest, self.clean = lowest, clean
        self.v = copy.deepcopy(vector)
        ask = self.v["ask"]
        self.ask = {**DEFAULTS, **ask, "cpu": {**config, **ask.get("cpu", {})}}
        self.cpu, self.mode = self.ask["cpu"], self.ask["cpu"]["mode"]
        self.mem = {number(k): number(x) for k, x in ask.get("mem", {}).items()}
        self.size = 4 if self.mode == "32bit" else 8
        self.by = 0  # what the linear address has grown by

    def words(self):
        """Entries one by one, by address."""
        for k, x in self.mem.items():
            for half in range(0, 8, self.size):
                yield k + half, x >> 8 * half & ((1 << 8 * self.size) - 1)

    def value(self, at, value):
        return leaf(value) if self.is_pte(at) else entry(value)

    def is_pte(self, at):
        """Of a table that another table's plain entry refers to at level 1: known by the walk alone, so by its answer's last level."""
        return at in self.ptes

    def find_ptes(self):
        self.ptes = set()
        va, bits = number(self.ask["va"]), 10 if self.size == 4 else 9
        table = self.pdpte[va >> 30 & 3] if self.mode == "pae" else number(self.cpu["cr3"])
        entries = dict(self.words())
        for level in range({"32bit": 2, "pae": 2, "4level": 4, "5level": 5}.get(self.mode, 0), 0, -1):
            at = (table & ADDRESS) + (va >> 12 + bits * (level - 1) & ((1 << bits) - 1)) * self.size
            if level == 1:
                self.ptes |= {at, at + self.size}
            table = entries.get(at, 0)

    def shift(self, up):
        """The linear address, and the entry of the root table that it selects, by so much."""
        top = {"32bit": 22, "4level": 39, "5level": 48}[self.mode]
        n, va = 1024 if self.mode == "32bit" else 512, number(self.ask["va"])
        old, new = va >> top & (n - 1), (va + up) >> top & (n - 1)
        root, entries = number(self.cpu["cr3"]) & ADDRESS, dict(self.words())
        if entries.get(root + self.size * new) or (va + self.ask["size"] - 1) >> top != va >> top:
            return False
        entries[root + self.size * new] = entries.pop(root + self.size * old, 0)
        self.mem = {}
        for at, x in entries.items():
            self.mem[at & ~7] = self.mem.get(at & ~7, 0) | x << 8 * (at & 7)
        self.root_moved = (root + self.size * old, root + self.size * new)
        self.ask["va"], self.by = hex(va + up), up
        return True

    def out_of_window(self):
        va = number(self.ask["va"])
        self.root_moved = None
        if self.mode in ("4level", "5level"):
            top = 39 if self.mode == "4level" else 48
            if va < self.lowest:
                return self.shift(1 << top)
            return va >> top != (1 << 64 - top) - 1 or self.shift(-(2 << top))
        if self.mode == "32bit":
            return va >= 0x4800000 or self.shift(0x8000000)
        if self.mode == "pae" and va < 0x40000000:
            self.pdpte[0], self.pdpte[1] = self.pdpte[1], self.pdpte[0]
            self.ask["va"], self.by = hex(va + 0x40000000), 0x40000000
            return va + self.ask["size"] <= 0x40000000
        return True

    def update(self, u):
        at = number(u[0])
        if self.root_moved and at == self.root_moved[0]:
            at = self.root_moved[1]
        return [hex(at + BASE), hex(self.value(at, number(u[1])))]

    def answer(self, a):
        a = dict(a)
        for field, by in (("pa", BASE), ("entry", BASE), ("cr2", self.by)):
            if field in a:
                a[field] = hex(number(a[field]) + by)
        if self.root_moved and "entry" in a and number(a["entry"]) == self.root_moved[0] + BASE:
            a["entry"] = hex(self.root_moved[1] + BASE)
        for field in ("writes", "may"):
            if field in a:
                a[field] = [self.update(u) for u in a[field]]
        if "next" in a:
            a["next"] = self.answer(a["next"])
        if "others" in a:
            a["others"] = [self.answer(o) for o in a["others"]]
        return a

    def vector(self):
        """None: it cannot be moved."""
        cr3 = number(self.cpu["cr3"])
        if any(k >= BYTES for k in self.mem) or cr3 >= BYTES:
            return None
        if self.mode == "none":
            va = number(self.ask["va"])
            self.root_moved, self.ptes, self.by = None, set(), BASE
            if va + self.ask["size"] > BYTES:
                return None
            self.ask["va"] = hex(va + BASE)
        elif self.mode == "pae":
            self.pdpte = [number(x) for x in self.ask.get("pdpte", [])] or [self.mem.get((cr3 & ~31) + 8 * i, 0) for i in range(4)]
        if self.mode != "none":
            if not self.out_of_window():
                return None
            self.find_ptes()
        mem = {}
        for at, x in self.words():
            mem[(at & ~7) + BASE] = mem.get((at & ~7) + BASE, 0) | self.value(at, x) << 8 * (at & 7)
        for at, x in mem.items():  # of a word with one entry of 4 bytes the other half is what the guest's arena has there
            tag = 0xb8 | at << 8 | 0xc3 << 40
            if self.size == 4 and x and not x >> 32:
                mem[at] |= tag >> 32 << 32
            elif self.size == 4 and x and not x & 0xffffffff:
                mem[at] |= tag & 0xffffffff
        if self.mode == "pae":
            registers = [entry(x) for x in self.pdpte]
            self.ask["pdpte"] = [hex(x) for x in registers]
            mem.update({(cr3 & ~31) + BASE + 8 * i: x for i, x in enumerate(registers)})
        if self.clean:
            cr3 &= ~0x18
        self.cpu["cr3"] = hex(cr3 + BASE)
        self.ask["mem"] = {hex(k): hex(x) for k, x in mem.items() if x}
        self.v.update(ask=self.ask, answer=self.answer(self.v["answer"]))
        return self.v


def moved(vector, config, lowest=0, clean=False):
    """In a control state that the peer has, where the vector says nothing; no linear address below `lowest`; clean: PWT and PCD
    of CR3, which are of memory types alone, are 0."""
    return Moving(vector, config, lowest, clean).vector()
