# SPDX-License-Identifier: MIT
"""Packed vectors of version 2, read and written by what docs/FORMAT.md says of them alone, and the same facts of a vector of JSON: for the tests and seeds."""
import struct

CPU = ("page1gb", "pse36", "wp", "pse", "pge", "pcide", "smep", "smap", "nxe", "pke", "pks")
MODES, VENDORS = ("none", "32bit", "pae", "4level", "5level"), ("intel", "amd")
KINDS, SEGMENTS = ("read", "write", "rmw", "fetch"), ("ds", "ss")
ACCESS = {"cpl": 3, "size": 1, "seg": "ds", "implicit": False, "ac": False}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def cpu(self):
        cr3, pkru, pkrs, mode, vendor, maxphyaddr, *flags = self.take("QII14B2x")
        return {"cr3": cr3, "pkru": pkru, "pkrs": pkrs, "mode": MODES[mode], "vendor": VENDORS[vendor], "maxphyaddr": maxphyaddr, **{n: bool(f) for n, f in zip(CPU, flags)}}

    def words(self, n):
        return dict(self.take("QQ") for _ in range(n))

    def outcome(self):
        vector, seen, sets, error, pa, cr2 = self.take("BBBxIQQ")
        o = {"pa": pa} if vector == 0 else {"vector": vector, "error": error}
        if vector == 14:
            o["cr2"] = cr2
        told = [self.take("QBB6x") for _ in range(sets)]
        if seen:
            o["sets"] = [(a, "A" * x + "D" * y) for a, x, y in told]
        return o

    def step(self):
        what, permits, denies, words, keep, la57, _ = self.take("7Bx")
        if what == 0:
            va, kind, size, cpl, implicit, ac, seg = self.take("Q6B2x")
            outcomes = [self.outcome() for _ in range(permits + denies)]
            return {"access": KINDS[kind], "va": va, "size": size, "cpl": cpl, "implicit": bool(implicit), "ac": bool(ac), "seg": SEGMENTS[seg],
                    "permit": outcomes[:permits], "deny": outcomes[permits:]}
        if what == 1:
            return {"store": self.words(words)}
        if what == 2:
            return {"invlpg": self.take("Q")}
        if what == 3:
            kind, descriptor, va = self.take("QQQ")
            return {"invpcid": kind, "descriptor": descriptor, "va": va, "la57": bool(la57)}
        if what == 4:
            return {"cr3": self.take("Q"), "keep": bool(keep)}
        return {"set": self.cpu()}

    def sequence(self):
        cpu = self.cpu()
        words, steps = self.take("BB6x")
        mem = self.words(words)
        return {"cpu": cpu, "mem": mem, "steps": [self.step() for _ in range(steps)]}


def unpack(data):
    """[(id, rules, kind, sequence or the 352 bytes of a walk)]"""
    magic, version, count = struct.unpack_from("<8sII", data)
    assert magic == b"VMREFVEC" and version == 2 and data[16:32] == bytes(16)
    at, found = 32, []
    for _ in range(count):
        size, kind, text, zero = struct.unpack_from("<IIII", data, at)
        name, rules = data[at + text:at + size].split(b"\0")[:2]
        r = Reader(data[at + 16:at + text])
        found.append((name.decode(), rules.decode().split(" "), kind, r.sequence() if kind == 2 else r.data))
        assert zero == 0 and (kind != 2 or r.at == len(r.data))
        at += size
    assert at == len(data)
    return found


def number(x):
    return x if isinstance(x, int) else int(x, 16)


def numbers(mem):
    return {number(k): number(x) for k, x in mem.items()}


def plain_outcome(o):
    p = {k: number(o[k]) for k in ("pa", "vector", "error", "cr2") if k in o}
    if p.get("vector"):
        p.setdefault("error", 0)
    return {**p, "sets": [(number(a), f) for a, f in o["sets"]]} if "sets" in o else p


def plain(ask, defaults):
    """A sequence of JSON with all its numbers and defaults."""
    typed = lambda cpu: {k: number(x) if k in ("cr3", "pkru", "pkrs") else x for k, x in cpu.items()}
    now, steps = {**typed(defaults), **typed(ask.get("cpu", {}))}, []
    begin = dict(now)
    for s in ask["steps"]:
        if "access" in s:
            p = {**ACCESS, **{k: s[k] for k in ACCESS if k in s}, "access": s["access"], "va": number(s["va"])}
            p.update(permit=[plain_outcome(o) for o in s.get("permit", [])], deny=[plain_outcome(o) for o in s.get("deny", [])])
        elif "store" in s:
            p = {"store": numbers(s["store"])}
        elif "invlpg" in s:
            p = {"invlpg": number(s["invlpg"])}
        elif "invpcid" in s:
            p = {"invpcid": number(s["invpcid"]), "descriptor": number(s.get("descriptor", 0)), "va": number(s.get("va", 0)), "la57": s.get("la57", False)}
        elif "cr3" in s:
            now["cr3"] = number(s["cr3"])
            p = {"cr3": now["cr3"], "keep": s.get("keep", False)}
        else:
            now.update(typed(s["set"]))
            p = {"set": dict(now)}
        steps.append(p)
    return {"cpu": begin, "mem": numbers(ask.get("mem", {})), "steps": steps}


def pack_cpu(cpu):
    return struct.pack("<QII14B2x", cpu["cr3"], cpu["pkru"], cpu["pkrs"], MODES.index(cpu["mode"]), VENDORS.index(cpu["vendor"]), cpu["maxphyaddr"], *(cpu[n] for n in CPU))


def pack_words(words):
    return b"".join(struct.pack("<QQ", *w) for w in sorted(words.items()))


def pack_outcome(o):
    head = struct.pack("<BBBxIQQ", o.get("vector", 0), "sets" in o, len(o.get("sets", ())), o.get("error", 0), o.get("pa", 0), o.get("cr2", 0))
    return head + b"".join(struct.pack("<QBB6x", a, "A" in f, "D" in f) for a, f in o.get("sets", ()))


def pack_step(s):
    def step(what, body, permits=0, denies=0, words=0, keep=0, la57=0):
        return struct.pack("<7Bx", what, permits, denies, words, keep, la57, 0) + body  # the vector that a rule gives: none
    if "access" in s:
        body = struct.pack("<Q6B2x", s["va"], KINDS.index(s["access"]), s["size"], s["cpl"], s["implicit"], s["ac"], SEGMENTS.index(s["seg"]))
        return step(0, body + b"".join(map(pack_outcome, s["permit"] + s["deny"])), len(s["permit"]), len(s["deny"]))
    if "store" in s:
        return step(1, pack_words(s["store"]), words=len(s["store"]))
    if "invlpg" in s:
        return step(2, struct.pack("<Q", s["invlpg"]))
    if "invpcid" in s:
        return step(3, struct.pack("<QQQ", s["invpcid"], s["descriptor"], s["va"]), la57=s["la57"])
    if "cr3" in s:
        return step(4, struct.pack("<Q", s["cr3"]), keep=s["keep"])
    return step(5, pack_cpu(s["set"]))


def pack(vectors):
    """A file of (id, rules, kind, sequence as `plain` has it or the 352 bytes of a walk)."""
    records = []
    for name, rules, kind, v in vectors:
        body = v if kind == 1 else pack_cpu(v["cpu"]) + struct.pack("<BB6x", len(v["mem"]), len(v["steps"])) + pack_words(v["mem"]) + b"".join(map(pack_step, v["steps"]))
        text = b"".join(x.encode() + b"\0" for x in (name, " ".join(rules)))
        size = 16 + len(body) + len(text) + -len(text + body) % 8
        records.append((struct.pack("<IIII", size, kind, 16 + len(body), 0) + body + text).ljust(size, b"\0"))
    return struct.pack("<8sII16x", b"VMREFVEC", 2, len(records)) + b"".join(records)
