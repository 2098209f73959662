# SPDX-License-Identifier: MIT
"""Which two settings can occur together under which rule, for the pairs of `set` and `tlb`: written by hand from the manuals, and
from nothing that makes the vectors. check_vectors.py wants each of these pairs in corpus/vectors/pairs, and no other.

VALUES has what a setting can be, GROUPS the settings that depend on each other, with what must hold of them in any state (LEGAL),
and NEEDS what a rule asks of them. Settings of different groups are free of each other."""
import itertools

FLAG = (0, 1)
LONG = {("long", 0), ("long", 1)}
# The bits by which the settings of check_vectors.facts_set go.
PE, WP, NW, CD = (("cr0", b) for b in (0, 16, 29, 30))
PSE, PAE, PGE, LA57, PCIDE, SMEP, SMAP, PKE, CET, PKS = (("cr4", b) for b in (4, 5, 7, 12, 17, 20, 21, 22, 23, 24))
LME, NXE = ("efer", 8), ("efer", 11)

SET = {
    "values": {"vendor": ("intel", "amd"), "register": ("cr0", "cr3", "cr4", "efer", "pat", "pkru", "pkrs"), "cs_l": (False, True), "tr16": (False, True),
               "pcid of CR3": (False, True), "mode": ("none", "32bit", "pae", ("long", 0), ("long", 1)),
               **dict.fromkeys((PE, WP, NW, CD, PSE, PAE, PGE, LA57, PCIDE, SMEP, SMAP, PKE, CET, PKS, LME, NXE), FLAG)},
    "groups": [
        # SDM 3A 4.1.1, 4.1.2, 2.5: CR0.PG = 1 needs PE = 1; EFER.LME = 1 then means IA-32e mode, and that PAE = 1; CR4.LA57 tells its two
        # modes; CR4.PCIDE = 1 is for IA-32e mode alone.
        ("register", "mode", PE, PAE, LA57, PCIDE, LME, "cs_l"),
        (NW, CD),             # 2.5: NW = 1 with CD = 0 is #GP
        (WP, CET),            # 2.5: CET = 1 needs WP = 1
        ("vendor", PKS),      # AMD has no PKS
    ],
    "legal": [
        lambda s: s["mode"] == "none" or s[PE],
        lambda s: {"none": True, "32bit": not s[PAE] and not s[LME], "pae": s[PAE] and not s[LME], ("long", 0): s[PAE] and s[LME] and not s[LA57],
                   ("long", 1): s[PAE] and s[LME] and s[LA57]}[s["mode"]],
        lambda s: not s[PCIDE] or s["mode"] in LONG,
    ],
    "legal others": [lambda s: s[CD] or not s[NW], lambda s: s[WP] or not s[CET], lambda s: s["vendor"] == "intel" or not s[PKS]],
    "needs": {
        "SET.OPERAND": {}, "UD.PKE": {"register": {"pkru"}, PKE: {0}}, "GP.PKRU": {"register": {"pkru"}, PKE: {1}},
        "GP.PKRS": {"register": {"pkrs"}, "vendor": {"intel"}}, "GP.PAT": {"register": {"pat"}}, "GP.MSR": {"register": {"efer", "pat", "pkrs"}},
        "GP.EFER.RSVD": {"register": {"efer"}}, "GP.EFER.LMA": {"register": {"efer"}, "vendor": {"amd"}},
        "GP.EFER.LME": {"register": {"efer"}, "mode": {"32bit", "pae"} | LONG},
        "GP.CR0.HIGH": {"register": {"cr0"}, "mode": LONG, "cs_l": {True}}, "GP.CR0.PG.PE": {"register": {"cr0"}}, "GP.CR0.NW.CD": {"register": {"cr0"}},
        "GP.CR0.PG.64": {"register": {"cr0"}, "mode": LONG, "cs_l": {True}, PCIDE: {0}},
        "GP.CR0.PG.PCIDE": {"register": {"cr0"}, "mode": LONG, "cs_l": {False}, PCIDE: {1}},
        "GP.CR0.LME.PAE": {"register": {"cr0"}, "mode": {"none"}, LME: {1}, PAE: {0}, "cs_l": {False}},
        "GP.CR0.LME.CSL": {"register": {"cr0"}, "mode": {"none"}, LME: {1}, PAE: {1}, "cs_l": {True}},
        "GP.CR0.LME.TSS": {"register": {"cr0"}, "mode": {"none"}, LME: {1}, PAE: {1}, "cs_l": {False}, "tr16": {True}, "vendor": {"intel"}},
        "GP.CR0.WP.CET": {"register": {"cr0"}, CET: {1}},
        "GP.CR3.63": {"register": {"cr3"}, "mode": LONG, "cs_l": {True}, PCIDE: {0}}, "GP.CR3.ADDR": {"register": {"cr3"}, "mode": LONG, "cs_l": {True}},
        "GP.CR4.RSVD": {"register": {"cr4"}}, "GP.CR4.CET": {"register": {"cr4"}, WP: {0}, CET: {0}}, "GP.CR4.PAE": {"register": {"cr4"}, "mode": LONG},
        "GP.CR4.LA57": {"register": {"cr4"}, "mode": LONG}, "GP.CR4.PCIDE.LMA": {"register": {"cr4"}, "mode": {"none", "32bit", "pae"}, "pcid of CR3": {False}},
        "GP.CR4.PCIDE.CR3": {"register": {"cr4"}, "mode": LONG, PCIDE: {0}, "pcid of CR3": {True}},
        # 4.4.1: PDPTEs are loaded by MOV CR3 in PAE paging, by a MOV CR0 that begins or stays in it, and by a MOV CR4 likewise
        "GP.PDPTE": {"register": {"cr0", "cr3", "cr4"}, "mode": {"none", "32bit", "pae"}, LME: {0}},
        "SET.PDPTES": {"register": {"cr0", "cr3", "cr4"}, "mode": {"none", "32bit", "pae"}, LME: {0}},
    },
    "rules": {
        rule: lambda s: {"cr3": s["mode"] == "pae", "cr0": s["mode"] == "pae" or (s["mode"] == "none" and s[PAE]), "cr4": s["mode"] in ("32bit", "pae")}[s["register"]]
        for rule in ("GP.PDPTE", "SET.PDPTES")},
    # And pairs across the groups that cannot be, or would break a second rule, so that which one is told is open.
    "never": [
        (("GP.CR0.LME.CSL", "GP.CR0.LME.PAE"), {"tr16": True, "vendor": "intel"}), (("GP.CR0.LME.CSL", "GP.CR0.LME.PAE"), {"tr16": True, PKS: 1}),  # GP.CR0.LME.TSS
        (("GP.CR0.PG.PE",), {LME: 1, PAE: 0}),                        # GP.CR0.LME.PAE
        # a CPU without IA32_EFER has neither IA-32e mode nor NX, one without IA32_PKRS no PKS
        *((("GP.MSR",), {"register": "efer", n: x}) for n, x in (("mode", ("long", 0)), ("mode", ("long", 1)), (PCIDE, 1), (NXE, 1), (LME, 1))),
        (("GP.MSR",), {"register": "pkrs", PKS: 1}),
        (("SET.OPERAND",), {"register": "cr3", "mode": "pae"}),       # SET.PDPTES
        (("SET.OPERAND",), {"register": "pkrs", "vendor": "amd"}),    # GP.MSR
        (("SET.OPERAND",), {"register": "pkru", PKE: 0}),             # UD.PKE
    ],
}

# What changes in an entry, as check_vectors.facts_tlb has it: a bit that is turned over, in the page's own entry or above.
NOTHING, MOVED = "None", "['moved']"
READ_ONLY, SUPERVISOR, ABSENT, NO_EXECUTE = ("[(%d, 'page')]" % b for b in (2, 4, 1, 1 << 63))
READ_ONLY_ABOVE, ABSENT_ABOVE = "[(2, 'above')]", "[(1, 'above')]"
TLB = {
    "values": {"mode": ("32bit", "pae", "4level", "5level"), "wp": (False, True), "smep": (False, True), "pge": (False, True), "pcide": (False, True),
               "kind": ("read", "write", "rmw", "fetch"), "user": (False, True), "large": FLAG, "glob": FLAG, "us": FLAG,
               "change": (NOTHING, MOVED, READ_ONLY, SUPERVISOR, ABSENT, NO_EXECUTE, READ_ONLY_ABOVE, ABSENT_ABOVE)},
    "groups": [("mode", "pcide", "change", "us", "smep")],
    "legal": [
        lambda s: not s["pcide"] or s["mode"] in ("4level", "5level"),   # SDM 3A 4.10.1
        lambda s: s["change"] != NO_EXECUTE or s["mode"] != "32bit",     # 4.3: its entries have no XD
        lambda s: s["change"] != SUPERVISOR or s["us"],                  # a page of the supervisor's becomes no other
    ],
    "legal others": [],
    # 4.10.4.1: other PCIDs, and bit 63 of MOV CR3, are there with PCIDE alone; that a MOV CR4 sets SMEP drops what is of the PCID
    "needs": {**dict.fromkeys(("TLB.STALE", "INV.INVLPG", "INV.INVPCID.0", "INV.INVPCID.1", "INV.INVPCID.2", "INV.INVPCID.3", "INV.CR3", "INV.CR4.ALL", "INV.NONE"), {}),
              "TLB.PCID": {"pcide": {True}}, "INV.CR3.63": {"pcide": {True}}, "INV.CR4.PCID": {"smep": {False}}},
    "rules": {},
    "never": [],
}


def possible_pairs(table):
    """{(rule, ((a, x), (b, y)))} of all pairs that can be."""
    values, pairs = table["values"], set()
    for rule, needs in table["needs"].items():
        allowed = {n: [x for x in v if n not in needs or x in needs[n]] for n, v in values.items()}
        groups = [g for g in table["groups"]] + [(n,) for n in values if not any(n in g for g in table["groups"])]
        together = []  # for each group, the states it can be in
        for g in groups:
            states = [dict(zip(g, x)) for x in itertools.product(*(allowed[n] for n in g))]
            laws = table["legal"] + [table["rules"][r] for r in table["rules"] if r == rule] if g == table["groups"][0] else \
                [law for i, law in enumerate(table["legal others"]) if len(g) > 1 and g == table["groups"][i + 1]]
            together.append([s for s in states if all(law(s) for law in laws)])
        for states in together:
            for s in states:
                pairs.update((rule, p) for p in itertools.combinations(sorted(s.items(), key=str), 2))
        for one, other in itertools.combinations(together, 2):
            some, others = {x for s in one for x in s.items()}, {x for s in other for x in s.items()}
            pairs.update((rule, tuple(sorted(p, key=str))) for p in itertools.product(some, others))
    never = {(rule, tuple(sorted(pair.items(), key=str))) for rules, pair in table["never"] for rule in rules}
    if never - pairs:
        raise ValueError("pairs that could not be anyhow: %s" % (never - pairs))
    return pairs - never
