# SPDX-License-Identifier: MIT
"""More questions of harness/test_cli.py with their answers, worked out by hand: the paging
modes but 4-level, protection keys, accesses in two pages."""
from cases import ok, pf, question

# 0xb8001234: in 32-bit paging indices 736 (0x1b80) and 1; in PAE register 2, indices 448
# (0xe00) and 1; offset 0x234. A 32-bit entry whose address is 4 past a word is its upper half.
VA = "0xb8001234"
# indices 254, 441, 234, 195, 357, offset 0x432
VA5 = "0xfedcba98765432"
TABLES5 = {"0x17f0": "0x2027", "0x2dc8": "0x3027", "0x3750": "0x4027", "0x4618": "0x5027", "0x5b28": "0x6027"}


def in_mode(mode, mem, cpu=None, **fields):
    return dict({"cpu": dict({"mode": mode}, **(cpu or {})), "mem": mem, "va": VA}, **fields)


def fault(rule, error, level, entry=None, cr2=VA, may=(), vector=14):
    a = {"result": "fault", "vector": vector, "error": error}
    if vector == 14:
        a["cr2"] = cr2
    a["level"] = level
    if entry:
        a["entry"] = entry
    return dict(a, rule=rule, writes=[], may=[list(m) for m in may])


def flat(pa, others=None, **more):
    a = {"result": "ok", "pa": pa, "user": True, "write": True, "exec": True, "global": False}
    a.update(more)
    a.update({"writes": [], "level": 0, "rule": "WALK.OK"})
    return a if others is None else dict(a, others=others)


def two(pa, va, next_pa, writes=(), others=()):
    """An access in two 4-KiB pages of 4-level paging that is made."""
    a = ok(pa=pa)
    page = {k: a[k] for k in ("pa", "page_size", "user", "write", "exec", "global", "key", "pat")}
    tail = {"level": 1, "rule": "WALK.OK", "others": list(others)}
    return {"result": "ok", **page, "next": {"va": va, **page, "pa": next_pa, "level": 1},
            "writes": [list(w) for w in writes], **tail}


def torn(answer, others=(), is_torn=False):
    return dict(answer, others=list(others), torn=is_torn)


NP_NEXT = {"result": "fault", "vector": 14, "error": "0x6", "cr2": "0x1000", "level": 1, "entry": "0x4008",
           "rule": "PF.NP"}
LIMIT = {"result": "fault", "vector": 13, "error": "0x0", "rule": "SPAN.WRAP32"}
LEAF32 = {"0x1b80": "0x2027", "0x2000": "0x502700000000"}
PAE = {"0x1010": "0x2001", "0x2e00": "0x3027", "0x3008": "0x5027"}
KEY5 = {"0x4000": "0x2800000000005027"}
AD, WD = "0x400", "0x800"  # of key 5

MODES = [
    ("WALK.OK no paging", in_mode("none", {}, access="write"), flat(VA)),
    ("SPAN.WRAP32 no paging, around 4 GiB", in_mode("none", {}, va="0xffffffff", size=2),
     flat("0xffffffff", [LIMIT], next={"va": "0x0", "pa": "0x0", "user": True, "write": True, "exec": True,
                                       "global": False, "level": 0})),

    ("WALK.OK 32-bit", in_mode("32bit", {"0x1b80": "0x2007", "0x2000": "0x500700000000"}, access="write"),
     ok("0x5234", writes=[("0x1b80", "0x2027"), ("0x2004", "0x5067")])),
    ("WALK.OK 32-bit, a PDE in the upper half", in_mode("32bit", {"0x1000": "0x202700000000", "0x2000": "0x5027"},
                                                        va="0x400000"), ok("0x5000")),
    ("WALK.OK 32-bit, 4-MiB page", in_mode("32bit", {"0x1b80": "0x400087"}, access="write"),
     ok("0x401234", 0x400000, level=2, writes=[("0x1b80", "0x4000e7")])),
    ("WALK.OK 32-bit, PS without PSE is ignored", in_mode("32bit", dict(LEAF32, **{"0x1b80": "0x20a7"}),
                                                          {"pse": False}), ok("0x5234")),
    ("WALK.OK 32-bit, PSE-36", in_mode("32bit", {"0x1b80": "0x801fe0a7"}),
     ok("0xff80001234", 0x400000, level=2)),
    ("PF.RSVD.4M.ADDR without PSE-36", in_mode("32bit", {"0x1b80": "0x801fe0a7"}, {"pse36": False}),
     fault("PF.RSVD.4M.ADDR", "0xd", 2, "0x1b80")),
    ("PF.RSVD.4M.ADDR bit 17, MAXPHYADDR 36", in_mode("32bit", {"0x1b80": "0x4200a7"}, {"maxphyaddr": 36}),
     fault("PF.RSVD.4M.ADDR", "0xd", 2, "0x1b80")),
    ("WALK.OK 32-bit, NXE plays no part", in_mode("32bit", LEAF32, access="fetch"), ok("0x5234")),
    ("PF.NP 32-bit, fetch: no I/D by NXE", in_mode("32bit", {}, access="fetch"),
     fault("PF.NP", "0x4", 2, "0x1b80")),
    ("PF.WP 32-bit", in_mode("32bit", {"0x1b80": "0x2005", "0x2000": "0x502700000000"}, access="write", cpl=0),
     fault("PF.WP", "0x3", 1, "0x2004", may=[("0x1b80", "0x2025")])),

    ("WALK.OK PAE, registers from memory", in_mode("pae", {"0x1010": "0x2001", "0x2e00": "0x3007",
                                                           "0x3008": "0x5007"}, access="write"),
     ok("0x5234", writes=[("0x2e00", "0x3027"), ("0x3008", "0x5067")])),
    ("WALK.OK PAE, CR3 bits 31:5", in_mode("pae", {"0x1030": "0x2001", "0x2e00": "0x3027", "0x3008": "0x5027"},
                                           {"cr3": "0x1020"}), ok("0x5234")),
    ("WALK.OK PAE, registers given", dict(in_mode("pae", PAE), pdpte=["0x0", 0, "0x8001", "0x0"],
                                          mem={"0x1010": "0x2003", "0x8e00": "0x3027", "0x3008": "0x5027"}),
     ok("0x5234")),
    ("WALK.OK PAE, registers given in cpu", in_mode("pae", PAE, {"pdpte": [0, 0, "0x2001", 0]}), ok("0x5234")),
    ("WALK.OK PAE, 2-MiB page without PSE", in_mode("pae", {"0x1010": "0x2001", "0x2e00": "0x402000a7"},
                                                   {"pse": False}), ok("0x40201234", 0x200000, level=2)),
    ("PF.NP PAE, at the register", in_mode("pae", {"0x1008": "0x2001"}), fault("PF.NP", "0x4", 3)),
    ("GP.PDPTE bit 1 of one not used", in_mode("pae", dict(PAE, **{"0x1018": "0x2003"})),
     fault("GP.PDPTE", "0x0", 3, "0x1018", vector=13)),
    ("GP.PDPTE above MAXPHYADDR", in_mode("pae", {"0x1010": "0x10000002001"}, access="write", seg="ss"),
     fault("GP.PDPTE", "0x0", 3, "0x1010", vector=13)),
    ("PF.RSVD.ADDR PAE, bit 62", in_mode("pae", dict(PAE, **{"0x3008": "0x4000000000005027"})),
     fault("PF.RSVD.ADDR", "0xd", 1, "0x3008")),
    ("PF.XD PAE", in_mode("pae", dict(PAE, **{"0x2e00": "0x8000000000003027"}), access="fetch"),
     fault("PF.XD", "0x15", 1, "0x3008")),

    ("WALK.OK 5-level", in_mode("5level", TABLES5, va=VA5), ok("0x6432")),
    ("WALK.OK 5-level, 48 bits are not the edge", in_mode("5level", {"0x1000": "0x2027"}, va="0x800000000000"),
     fault("PF.NP", "0x4", 4, "0x2800", cr2="0x800000000000")),
    ("GP.CANON 5-level", in_mode("5level", {}, va="0x100000000000000"), fault("GP.CANON", "0x0", 0, vector=13)),
    ("PF.RSVD.PML5E.PS", in_mode("5level", dict(TABLES5, **{"0x17f0": "0x20a7"}), va=VA5, cpl=0),
     fault("PF.RSVD.PML5E.PS", "0x9", 5, "0x17f0", cr2=VA5)),
    ("PF.RSVD.PML5E.G on AMD", in_mode("5level", dict(TABLES5, **{"0x17f0": "0x2127"}), {"vendor": "amd"}, va=VA5),
     fault("PF.RSVD.PML5E.G", "0xd", 5, "0x17f0", cr2=VA5)),
    ("WALK.OK 5-level, Intel ignores bit 8", in_mode("5level", dict(TABLES5, **{"0x17f0": "0x2127"}), va=VA5),
     ok("0x6432")),

    ("WALK.OK a PCID", question(cpu={"pcide": True, "cr3": "0x1fff"}), ok()),
    ("WALK.OK memory type by PAT, PCD, PWT", question({"0x4000": "0x50bf"}), ok(pat=7)),
    ("WALK.OK a key that permits", question(KEY5, {"pke": True, "pkru": "0xfffff3ff"}, access="write"),
     ok(key=5, writes=[("0x4000", "0x2800000000005067")])),
    ("PF.PKU.AD", question(KEY5, {"pke": True, "pkru": AD}), pf("PF.PKU.AD", "0x25")),
    ("PF.PKU.WD", question(KEY5, {"pke": True, "pkru": WD}, access="write"), pf("PF.PKU.WD", "0x27")),
    ("PF.PKS.AD", question({"0x4000": "0x2800000000005023"}, {"pks": True, "pkrs": AD}, cpl=0),
     pf("PF.PKS.AD", "0x21")),
    ("PF.PKS.WD", question({"0x4000": "0x2800000000005023"}, {"pks": True, "pkrs": WD}, cpl=0, access="rmw"),
     pf("PF.PKS.WD", "0x23")),
    ("EC.PK beside PF.USER.WRITE", question({"0x4000": "0x2800000000005025"}, {"pke": True, "pkru": WD},
                                            access="write"), pf("PF.USER.WRITE", "0x27")),

    ("SPAN.PARTS", question({"0x4008": "0x7027"}, va="0xffc", size=8, access="write"),
     two("0x5ffc", "0x1000", "0x7000", [("0x4000", "0x5067"), ("0x4008", "0x7067")])),
    ("SPAN.WRAP64", question({"0x1ff8": "0x2027", "0x2ff8": "0x3027", "0x3ff8": "0x4027", "0x4ff8": "0x6027"},
                             va="0xfffffffffffffffe", size=4), two("0x6ffe", "0x0", "0x5000")),
    ("SPAN.CR2 the second page is absent; D of the first may be set",
     question(va="0xffc", size=8, access="write"),
     torn(pf("PF.NP", "0x6", cr2="0x1000", entry="0x4008", may=[("0x4000", "0x5067")]))),
    ("SPAN.ORDER both fault", question({"0x4000": "0x5023"}, va="0xffc", size=8, access="write"),
     torn(pf("PF.USER", "0x7", cr2="0xffc"), [NP_NEXT])),
    ("SPAN.DATA a large store", question(va="0xff8", size=16, access="write"),
     torn(pf("PF.NP", "0x6", cr2="0x1000", entry="0x4008", may=[("0x4000", "0x5067")]), is_torn=True)),
    ("SPAN.CANON", question(va="0x7ffffffffffc", size=8),
     torn(fault("GP.CANON", "0x0", 0, vector=13),
          [{"result": "fault", "vector": 14, "error": "0x4", "cr2": "0x7ffffffffffc", "level": 4,
            "entry": "0x17f8", "rule": "PF.NP"}])),
]
