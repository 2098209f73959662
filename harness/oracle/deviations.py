# SPDX-License-Identifier: MIT
"""What peers are known to do otherwise than the manuals, as harness/oracle/conform foretells it.

A deviation turns the question into the one that the peer takes it for, or what was seen into what
would have been seen without it; then the model must permit it. None: it does not apply here. Its row, with the
rule and who is right, stands in harness/deviations.tsv or harness/oracle/deviations.tsv."""
import copy
import json

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


def pdpte_accessed(ask, seen):
    """The PDPTE in memory gets A."""
    if ask["cpu"]["mode"] != "pae":
        return None
    table = number(ask["cpu"]["cr3"]) & 0xffffffe0
    kept = [u for u in seen.get("writes", []) if not table <= number(u[0]) < table + 32 or number(u[1]) & 0x27 != 0x21]
    return (ask, {**seen, "writes": kept}) if len(kept) < len(seen.get("writes", [])) else None


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


def with_cpu(**fields):
    def deviation(ask, seen):
        if all(ask["cpu"][k] == v for k, v in fields.items()):
            return None
        return {**ask, "cpu": {**ask["cpu"], **fields}}, seen
    return deviation


def rmw_reads(ask, seen):
    """A read-modify-write whose read alone faults is reported as the read."""
    if ask["access"] != "rmw" or seen["result"] != "fault":
        return None
    return {**ask, "access": "read"}, seen


def rsvd_without_p(ask, seen):
    if seen["result"] != "fault" or seen["vector"] != 14 or number(seen["error"]) & 9 != 8:
        return None
    return ask, {**seen, "error": hex(number(seen["error"]) | 1)}


def gp_for_ss(ask, seen):
    return (ask, {**seen, "vector": 12}) if ask["seg"] == "ss" and seen.get("vector") == 13 else None


def one_gib_accessed(ask, seen):
    """A is set in a PDPTE that maps a page before its reserved bits are looked at."""
    if seen["result"] != "fault" or not number(seen["error"]) & 8:
        return None
    kept = [u for u in seen.get("writes", []) if not number(u[1]) & 0x80]
    return (ask, {**seen, "writes": kept}) if len(kept) + 1 == len(seen.get("writes", [])) else None


def four_mib_bit_21(ask, seen):
    cpu = ask["cpu"]
    if cpu["mode"] != "32bit" or not cpu["pse"] or cpu["pse36"] and cpu["maxphyaddr"] >= 40:
        return None
    return {**ask, "cpu": {**cpu, "pse36": True, "maxphyaddr": 40}}, seen


def implicit_as_explicit(any_cpl):
    def deviation(ask, seen):
        if not ask["implicit"] or not ask["ac"] or not ask["cpu"]["smap"] or ask["cpl"] == 3 and not any_cpl:
            return None
        return {**ask, "implicit": False, "cpl": 0 if any_cpl else ask["cpl"]}, seen
    return deviation


def is_user(ask):
    return ask["cpl"] == 3 and not ask["implicit"]


def pkru_ad_of_users(ask, seen):
    """AD of PKRU binds user-mode accesses alone."""
    pkru = number(ask["cpu"]["pkru"])
    if not ask["cpu"]["pke"] or is_user(ask) or not pkru & 0x55555555:
        return None
    return {**ask, "cpu": {**ask["cpu"], "pkru": hex(pkru & 0xaaaaaaaa)}}, seen


def pkru_of_supervisor_pages(ask, seen):
    """PKRU guards supervisor-mode addresses too: for the supervisor as PKS would with its value; a user, who has no
    access there, gets PK = 1 beside."""
    cpu, pkru = ask["cpu"], number(ask["cpu"]["pkru"])
    if not cpu["pke"] or cpu["pks"]:
        return None
    if not is_user(ask):
        return {**ask, "cpu": {**cpu, "pks": True, "pkrs": hex(pkru & 0xaaaaaaaa)}}, seen
    leaf = entries(ask, lambda level, value: None if level == 1 or level < 4 and value & 0x80 else value)[-1:]
    if not leaf or seen["result"] != "fault" or number(seen["error"]) & 0x25 != 0x25:
        return None
    denied = pkru >> (leaf[0][3] >> 59 & 15) * 2 & (3 if ask["access"] in ("write", "rmw") else 1)
    return (ask, {**seen, "error": hex(number(seen["error"]) & ~0x20)}) if denied else None


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
    "tcg": [("DEV-TCG-1G", with_cpu(page1gb=True)), ("DEV-TCG-PML4E-G", with_cpu(vendor="intel")), ("DEV-TCG-4M", four_mib_bit_21),
            ("DEV-TCG-SMAP-IMPLICIT", implicit_as_explicit(False)), ("DEV-TCG-RMW-W", rmw_reads), ("DEV-TCG-RSVD-P", rsvd_without_p),
            ("DEV-TCG-SS", gp_for_ss), ("DEV-TCG-1G-A", one_gib_accessed), ("DEV-TCG-PDPTE-A", pdpte_accessed)],
    "bochs": [("DEV-BOCHS-SMAP-IMPLICIT", implicit_as_explicit(True)), ("DEV-BOCHS-PKU-AD", pkru_ad_of_users),
              ("DEV-BOCHS-PKU-SUPERVISOR", pkru_of_supervisor_pages)],
    "v86": [("DEV-V86-RSVD", v86_reserved), ("DEV-V86-PAE-PSE", v86_pae_pse)],
    "unicorn": [("DEV-UNICORN-RMW-W", rmw_reads)],
}
# What an adapter says of a question that it does not ask because of one.
NOT_ASKED = {"DEV-V86-CR3": "v86 takes PWT and PCD of CR3 as address bits (docs/FINDINGS.md)"}


def rows(*paths):
    """The ids that have a row."""
    return {line.split("\t")[0] for path in paths for line in open(path) if line.startswith("DEV-")}


def key(question):
    return json.dumps(question, sort_keys=True)
