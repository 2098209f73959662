# SPDX-License-Identifier: MIT
"""What v86 and Unicorn are known to do otherwise than the manuals, as harness/oracle/conform foretells it. What QEMU and Bochs
do is foretold by harness/guest/deviations.c alone, which their adapter asks; its answers have the ids in "known".

A deviation turns the question into the one that the peer takes it for, or what was seen into what
would have been seen without it; then the model must permit it. None: it does not apply here. Its row, with the
rule and who is right, stands in harness/deviations.tsv."""
import copy
import itertools

LEVELS = {"32bit": (2, 4, 10), "pae": (2, 8, 9), "4level": (4, 8, 9), "5level": (5, 8, 9)}


def number(x):
    return x if isinstance(x, int) else int(x, 16)


def pages(ask):
    """The linear addresses whose walks an access makes."""
    va = number(ask["va"])
    last = va + ask["size"] - 1
    if ask["cpu"]["mode"] in ("none", "32bit", "pae"):
        last &= 0xffffffff
    return [va] if last >> 12 == va >> 12 else [va, last & ~0xfff]


def entries(ask, follow):
    """(level, address, bytes, value) of the entries on the way; follow(level, value): the next table, None: none."""
    mode = ask["cpu"]["mode"]
    found = {}
    if mode == "none":
        return []
    top, size, bits = LEVELS[mode]
    mem = {number(k): number(v) for k, v in ask["mem"].items()}
    for va in pages(ask):
        table = number(ask["pdpte"][va >> 30 & 3]) if mode == "pae" else number(ask["cpu"]["cr3"])
        if mode == "pae" and not table & 1:
            continue
        for level in range(top, 0, -1):
            at = (table & 0xffffffffff000) + (va >> (12 + bits * (level - 1)) & ((1 << bits) - 1)) * size
            value = mem.get(at & ~7, 0) >> (8 * (at & 4)) & ((1 << 8 * size) - 1)
            found[at] = (level, at, size, value)
            if not value & 1 or follow(level, value) is None:
                break
            table = follow(level, value)
    return list(found.values())


ELSEWHERE = 0xfffffffffffff  # what guest-vectors says when the bytes are not those of the right place


def change(ask, seen, changed):
    """Entries changed in the question, and in the updates that were seen alike. changed: address to (bytes, old, new)."""
    ask, seen = copy.deepcopy(ask), copy.deepcopy(seen)
    if not any(old != new for _, old, new in changed.values()):
        return None
    mem = {number(k): number(v) for k, v in ask["mem"].items()}
    for at, (size, old, new) in changed.items():
        mem[at & ~7] = mem.get(at & ~7, 0) ^ (old ^ new) << (8 * (at & 4))
    ask["mem"] = {hex(k): hex(v) for k, v in mem.items()}
    if number(seen.get("pa", 0)) == ELSEWHERE:
        del seen["pa"]
    for update in seen.get("writes", []):
        at = number(update[0])
        if at in changed:
            update[1] = hex(number(update[1]) ^ changed[at][1] ^ changed[at][2])
    return ask, seen


def rmw_reads(ask, seen):
    """A read-modify-write whose read alone faults is reported as the read."""
    if ask["access"] != "rmw" or seen["result"] != "fault":
        return None
    return {**ask, "access": "read"}, seen


def one_gib_accessed(ask, seen):
    """A is set in a PDPTE that maps a page before its reserved bits are looked at."""
    if seen["result"] != "fault" or "error" in seen and not number(seen["error"]) & 8:
        return None
    kept = [u for u in seen.get("writes", []) if not number(u[1]) & 0x80]
    return (ask, {**seen, "writes": kept}) if len(kept) + 1 == len(seen.get("writes", [])) else None


def v86_follow(ask):
    """Where v86 goes: what a table's entry refers to, a large page as CR4.PSE says, whatever the mode."""
    def follow(level, value):
        return None if level == 1 or level == 2 and value & 0x80 and ask["cpu"]["pse"] else value & 0xfffff000
    return follow


def v86_reserved(ask, seen):
    """No bit is reserved: those above 31 are dropped, and the low ones of a large page's address."""
    changed = {}
    for level, at, size, value in entries(ask, v86_follow(ask)):
        if not value & 1:
            continue
        large = level == 2 and value & 0x80 and ask["cpu"]["pse"]
        if size == 8:
            new = value & (0xffe01fff if large else 0xffffffff)
        else:
            new = value & 0xffc01fff if large else value
        changed[at] = (size, value, new)
    return change(ask, seen, changed)


def v86_pae_pse(ask, seen):
    if ask["cpu"]["mode"] != "pae" or ask["cpu"]["pse"]:
        return None
    return change(ask, seen, {at: (size, value, value & ~0x80) for level, at, size, value in entries(ask, v86_follow(ask)) if level == 2 and value & 1})


# By peer: id, and how the question or what was seen is turned. In this order they are combined.
DEVIATIONS = {
    "v86": [("DEV-V86-RSVD", v86_reserved), ("DEV-V86-PAE-PSE", v86_pae_pse)],
    "unicorn": [("DEV-UNICORN-RMW-W", rmw_reads), ("DEV-UNICORN-1G-A", one_gib_accessed)],
}
# ---- sequences --------------------------------------------------------------------------------
# A deviation of sequences turns steps and what was seen of them into questions that must be permitted, all of them, of a peer without it.

def only(steps, seen, keep):
    return [s for i, s in enumerate(steps) if keep(i)], [s for i, s in enumerate(seen) if keep(i)]


def rmw_reads_steps(ask, steps, seen):
    """As rmw_reads: the accesses that faulted."""
    turned = [{**s, "access": "read"} if s.get("access") == "rmw" and o.get("vector") == 14 else s for s, o in zip(steps, seen)]
    return [(turned, seen)] if turned != steps else None


def fault_keeps_stale(ask, steps, seen):
    """A page fault drops nothing: each is permitted by itself after what did not fault, and what did not fault as if there had been none."""
    faults = [i for i, (s, o) in enumerate(zip(steps, seen)) if "access" in s and o.get("vector") == 14]
    if not faults:
        return None
    return [only(steps, seen, lambda i: i not in faults)] + [only(steps, seen, lambda i: i not in faults and i < f or i == f) for f in faults]


def pae_steps(ask, steps):
    """(step, its root of PDPTEs, memory before it) where paging is PAE from the first step on."""
    cpu, mem = ask.get("cpu", {}), {number(k): number(v) for k, v in ask.get("mem", {}).items()}
    root = number(cpu.get("cr3", 0x1000)) & 0xffffffe0
    for s in steps if cpu.get("mode") == "pae" else ():
        root = number(s["cr3"]) & 0xffffffe0 if "cr3" in s else root
        yield s, root, mem
        mem.update({number(k): number(v) for k, v in s.get("store", {}).items()})


def pdptes_reread(ask, steps, seen):
    """PDPTEs are read in each walk: a store to one is as if MOV CR3 came behind it."""
    turned = []
    for (s, root, _), o in zip(pae_steps(ask, steps), seen):
        turned.append((s, o))
        if any(root <= number(k) < root + 32 for k in s.get("store", {})):
            turned.append(({"cr3": hex(root)}, {}))
    return [tuple(map(list, zip(*turned)))] if len(turned) > len(steps) else None


def pdptes_unchecked(ask, steps, seen):
    """MOV CR3 takes PDPTEs whatever reserved bits they have: as if they had none while it loads."""
    turned = []
    for (s, root, mem), o in zip(pae_steps(ask, steps), seen):
        bad = {root + 8 * i: mem.get(root + 8 * i, 0) for i in range(4)} if s.get("rule") == "GP.PDPTE" and not o.get("vector") else {}
        if bad:
            turned.append(({"store": {hex(k): hex(v & 0xfffffffe19 if v & 1 else v) for k, v in bad.items()}}, {}))
        turned.append((s, o))
        if bad:
            turned.append(({"store": {hex(k): hex(v) for k, v in bad.items()}}, {}))
    return [tuple(map(list, zip(*turned)))] if len(turned) > len(steps) else None


SEQUENCES = {"unicorn": [("DEV-UNICORN-RMW-W", rmw_reads_steps), ("DEV-UNICORN-PF-STALE", fault_keeps_stale), ("DEV-UNICORN-PDPTE-REREAD", pdptes_reread),
                         ("DEV-UNICORN-PDPTE-RSVD", pdptes_unchecked)],
             "v86": [("DEV-V86-PDPTE-RSVD", pdptes_unchecked)]}


def outcomes(step, all_steps, seen):
    """What was seen, as outcomes: where an access went, if it is not told, is one of the places that the vector names."""
    told = {k: seen[k] for k in ("vector", "error", "cr2", "sets", "pa") if k in seen}
    if "pa" in told or told.get("vector"):
        return [told]
    return [{**told, "pa": pa} for pa in sorted({o["pa"] for s in all_steps for o in s.get("permit", []) + s.get("deny", []) if "pa" in o})] or [told]


def sequence_permitted(vmref, ask, steps, seen):
    """Step by step: each access is asked with what may be meant by what was seen, after what came before."""
    done = []
    for step, o in zip(steps, seen):
        plain = {k: x for k, x in step.items() if k not in ("permit", "deny", "rule")}
        if "access" not in step:
            done.append(plain)
            answer = vmref.ask(**{**{k: x for k, x in ask.items() if k in ("op", "cpu", "mem")}, "steps": done})
            if answer["steps"][-1].get("vector", 0) != o.get("vector", 0):
                return False
            continue
        for outcome in outcomes(step, ask["steps"], o):
            asked = done + [{**plain, "permit": [outcome]}]
            answer = vmref.ask(**{**{k: x for k, x in ask.items() if k in ("op", "cpu", "mem")}, "steps": asked})
            if answer["steps"][-1]["permit"][0]:
                done = asked
                break
        else:
            return False
    return True


def sequence_why(vmref, known, ask, seen):
    """The fewest deviations that together foretell what was seen of a sequence; None: none do."""
    for size in range(1, len(known) + 1):
        for some in itertools.combinations(known, size):
            turned = [(ask["steps"], seen["steps"])]
            for _, deviation in some:
                turned = [x for t in turned for x in (deviation(ask, *t) or [None])]
                if None in turned:
                    break
            if None not in turned and all(sequence_permitted(vmref, ask, *t) for t in turned):
                return [d for d, _ in some]
    return None


# What an adapter says of a question that it does not ask because of one.
NOT_ASKED = {"DEV-V86-CR3": "v86 takes PWT and PCD of CR3 as address bits (docs/FINDINGS.md)"}


def rows(path, accel):
    """The ids that have a row for this accelerator."""
    return {f[0] for f in (line.split("\t") for line in open(path)) if f[0].startswith("DEV-") and f[3] == accel}
