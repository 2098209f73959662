# SPDX-License-Identifier: MIT
"""What harness/test_cli.py asks the command line: questions with the answers that the
manual gives, worked out by hand, and lines that must be refused."""
import json


# ---- questions with their answers -------------------------------------------
# Four tables at 0x1000 to 0x4000, the page at 0x5000, everything granted and A = 1
# (0x27 = P, R/W, U/S, A), unless a test says otherwise.
TABLES = {"0x1000": "0x2027", "0x2000": "0x3027", "0x3000": "0x4027", "0x4000": "0x5027"}


def question(mem=None, cpu=None, **fields):
    q = {"mem": dict(TABLES, **(mem or {})), "va": "0x0"}
    if cpu:
        q["cpu"] = cpu
    q.update(fields)
    return q


def ok(pa="0x5000", size=4096, user=True, write=True, xd=False, glob=False, writes=(), level=1, key=0, pat=0):
    return {"result": "ok", "pa": pa, "page_size": size, "user": user, "write": write,
            "exec": not xd, "global": glob, "key": key, "pat": pat, "writes": [list(w) for w in writes],
            "level": level, "rule": "WALK.OK"}


def pf(rule, error, level=1, cr2="0x0", entry=None, may=()):
    entry = entry or {1: "0x4000", 2: "0x3000", 3: "0x2000", 4: "0x1000"}[level]
    return {"result": "fault", "vector": 14, "error": error, "cr2": cr2, "level": level,
            "entry": entry, "rule": rule, "writes": [], "may": [list(m) for m in may]}


def general(rule, vector):
    return {"result": "fault", "vector": vector, "error": "0x0", "level": 0, "rule": rule,
            "writes": [], "may": []}


XD = "0x8000000000005027"
ANSWERS = [
    # name, question, answer
    ("WALK.OK read", question(), ok()),
    ("WALK.OK write sets D", question(access="write"), ok(writes=[("0x4000", "0x5067")])),
    ("WALK.OK rmw sets D", question(access="rmw"), ok(writes=[("0x4000", "0x5067")])),
    ("WALK.OK fetch", question(access="fetch"), ok()),
    ("WALK.OK A in every entry, top first",
     question({"0x1000": "0x2007", "0x2000": "0x3007", "0x3000": "0x4007", "0x4000": "0x5007"},
              access="write"),
     ok(writes=[("0x1000", "0x2027"), ("0x2000", "0x3027"), ("0x3000", "0x4027"),
                ("0x4000", "0x5067")])),
    ("WALK.OK byte in the page", question(va="0xabc", size=4), ok(pa="0x5abc")),
    # 0x40201008: indices 0, 1, 1, 1, so the entries are the second of each lower table
    ("WALK.OK indices", question({"0x2008": "0x3023", "0x3008": "0x4023", "0x4008": "0x9023"},
                                 va="0x40201008", cpl=0), ok(pa="0x9008", user=False)),
    ("WALK.OK topmost page", question({"0x1ff8": "0x2027", "0x2ff8": "0x3027", "0x3ff8": "0x4027",
                                       "0x4ff8": "0x6027"}, va="0xffffffffffffffff"), ok(pa="0x6fff")),
    ("WALK.OK 2-MiB page", question({"0x3000": "0x2000a7"}, va="0x1ffff8", size=8),
     ok(pa="0x3ffff8", size=0x200000, level=2)),
    ("WALK.OK 2-MiB page, PAT is no address bit", question({"0x3000": "0x2010a7"}, va="0x1234"),
     ok(pa="0x201234", size=0x200000, level=2, pat=4)),
    ("WALK.OK 1-GiB page", question({"0x2000": "0x400010a7"}, va="0x3fffffff", access="write"),
     ok(pa="0x7fffffff", size=0x40000000, level=3, pat=4, writes=[("0x2000", "0x400010e7")])),
    ("WALK.OK bit 7 of a PTE is PAT", question({"0x4000": "0x50a7"}), ok(pat=4)),
    ("WALK.OK global", question({"0x4000": "0x5127"}), ok(glob=True)),
    ("WALK.OK global needs CR4.PGE", question({"0x4000": "0x5127"}, {"pge": False}), ok()),
    ("WALK.OK G counts in the last entry only", question({"0x3000": "0x4127"}), ok()),
    ("WALK.OK Intel ignores bit 8 of a PML4E", question({"0x1000": "0x2127"}), ok()),
    ("WALK.OK AMD, 2-MiB page with G", question({"0x3000": "0x2001a7"}, {"vendor": "amd"}),
     ok(pa="0x200000", size=0x200000, level=2, glob=True)),
    ("WALK.OK ignored bits 62:52 and 11:9", question({"0x4000": "0x7ff0000000005e27"}), ok(key=15)),
    ("WALK.OK R/W is the AND", question({"0x2000": "0x3025"}), ok(write=False)),
    ("WALK.OK U/S is the AND", question({"0x3000": "0x4023"}, cpl=0), ok(user=False)),
    ("WALK.OK XD is the OR", question({"0x1000": "0x8000000000002027"}), ok(xd=True)),
    ("WALK.OK WP = 0 lets the supervisor write", question({"0x4000": "0x5025"}, {"wp": False},
                                                          access="write", cpl=0),
     ok(write=False, writes=[("0x4000", "0x5065")])),
    ("WALK.OK SMAP with AC", question(cpu={"smap": True}, cpl=2, ac=True), ok()),
    ("WALK.OK SMAP leaves fetches alone", question(cpu={"smap": True}, cpl=0, access="fetch"), ok()),
    ("WALK.OK SMEP leaves reads alone", question(cpu={"smep": True}, cpl=0), ok()),
    ("WALK.OK SMEP and SMAP leave users alone", question(cpu={"smep": True, "smap": True}), ok()),
    ("WALK.OK highest address bit", question({"0x4000": "0x8000005027"}), ok(pa="0x8000005000")),
    ("WALK.OK MAXPHYADDR 52", question({"0x4000": "0x8000000005027"}, {"maxphyaddr": 52}),
     ok(pa="0x8000000005000")),
    ("WALK.OK PWT and PCD of CR3", question(cpu={"cr3": "0x1018"}), ok()),
    ("WALK.OK a table that refers to itself", question({"0x1000": "0x1003"}, cpl=0, access="write"),
     ok(pa="0x1000", user=False, writes=[("0x1000", "0x1063")])),
    ("GP.CANON first", question(va="0x800000000000"), general("GP.CANON", 13)),
    ("GP.CANON last", question(va="0xffff7fffffffffff", cpl=0), general("GP.CANON", 13)),
    ("GP.CANON above", question(va="0x8000000000000000", access="fetch"), general("GP.CANON", 13)),
    ("SS.CANON", question(va="0x800000000000", seg="ss", access="write"), general("SS.CANON", 12)),
    ("PF.NP last canonical of the lower half", question(va="0x7fffffffffff"),
     pf("PF.NP", "0x4", 4, cr2="0x7fffffffffff", entry="0x17f8")),
    ("PF.NP first of the upper half, supervisor write",
     question(va="0xffff800000000000", access="write", cpl=0),
     pf("PF.NP", "0x2", 4, cr2="0xffff800000000000", entry="0x1800")),
    ("PF.NP PTE, user read", question({"0x4000": "0x5026"}), pf("PF.NP", "0x4")),
    ("PF.NP comes before reserved bits", question({"0x4000": "0xfffffffffffffffe"}), pf("PF.NP", "0x4")),
    ("PF.NP PDE, user rmw; A may be set above",
     question({"0x1000": "0x2007", "0x3000": "0x0"}, access="rmw"),
     pf("PF.NP", "0x6", 2, may=[("0x1000", "0x2027")])),
    ("PF.NP PDPTE, fetch", question({"0x2000": "0x0"}, access="fetch", cpl=0), pf("PF.NP", "0x10", 3)),
    ("PF.NP fetch without NXE and SMEP: no I/D", question({"0x2000": "0x0"}, {"nxe": False},
                                                       access="fetch"), pf("PF.NP", "0x4", 3)),
    ("PF.NP comes before the rights above it", question({"0x1000": "0x2023", "0x4000": "0x0"}),
     pf("PF.NP", "0x4")),
    ("PF.RSVD.ADDR bit 40", question({"0x3000": "0x10000004027"}), pf("PF.RSVD.ADDR", "0xd", 2)),
    ("PF.RSVD.ADDR bit 51, PTE, supervisor write", question({"0x4000": "0x8000000005003"}, cpl=0,
                                                            access="write"),
     pf("PF.RSVD.ADDR", "0xb")),
    ("PF.RSVD.ADDR bit 32, MAXPHYADDR 32, PML4E", question({"0x1000": "0x100002027"},
                                                          {"maxphyaddr": 32}),
     pf("PF.RSVD.ADDR", "0xd", 4)),
    ("PF.RSVD.XD", question({"0x4000": XD}, {"nxe": False}), pf("PF.RSVD.XD", "0xd")),
    ("PF.RSVD.XD fetch: I/D with SMEP", question({"0x4000": XD}, {"nxe": False, "smep": True},
                                                 access="fetch"), pf("PF.RSVD.XD", "0x1d")),
    ("PF.RSVD.PML4E.PS", question({"0x1000": "0x20a7"}, cpl=0), pf("PF.RSVD.PML4E.PS", "0x9", 4)),
    ("PF.RSVD.PML4E.G on AMD", question({"0x1000": "0x2127"}, {"vendor": "amd"}, access="write"),
     pf("PF.RSVD.PML4E.G", "0xf", 4)),
    ("PF.RSVD.1G", question({"0x2000": "0x400000a7"}, {"page1gb": False}), pf("PF.RSVD.1G", "0xd", 3)),
    ("PF.RSVD.1G.ADDR bit 13", question({"0x2000": "0x400020a7"}), pf("PF.RSVD.1G.ADDR", "0xd", 3)),
    ("PF.RSVD.1G.ADDR bit 29", question({"0x2000": "0x600000a7"}), pf("PF.RSVD.1G.ADDR", "0xd", 3)),
    ("PF.RSVD.2M.ADDR bit 13", question({"0x3000": "0x2020a7"}), pf("PF.RSVD.2M.ADDR", "0xd", 2)),
    ("PF.RSVD.2M.ADDR bit 20, fetch", question({"0x3000": "0x3000a7"}, access="fetch"),
     pf("PF.RSVD.2M.ADDR", "0x1d", 2)),
    ("PF.USER in the PDPTE, told at the PTE", question({"0x2000": "0x3023"}), pf("PF.USER", "0x5")),
    ("PF.USER comes before R/W", question({"0x4000": "0x5001"}, access="write"),
     pf("PF.USER", "0x7", may=[("0x4000", "0x5021")])),
    ("PF.USER fetch", question({"0x4000": "0x8000000000005023"}, access="fetch"), pf("PF.USER", "0x15")),
    ("PF.USER.WRITE whatever WP", question({"0x1000": "0x2025"}, {"wp": False}, access="write"),
     pf("PF.USER.WRITE", "0x7")),
    ("PF.WP", question({"0x4000": "0x5025"}, access="write", cpl=0), pf("PF.WP", "0x3")),
    ("PF.WP implicit from CPL 3", question({"0x4000": "0x5025"}, access="write", implicit=True),
     pf("PF.WP", "0x3")),
    ("PF.XD user", question({"0x4000": XD}, access="fetch"), pf("PF.XD", "0x15")),
    ("PF.XD supervisor, in the PML4E", question({"0x1000": "0x8000000000002023"}, access="fetch", cpl=1),
     pf("PF.XD", "0x11")),
    ("PF.SMEP", question(cpu={"smep": True}, access="fetch", cpl=0), pf("PF.SMEP", "0x11")),
    ("PF.SMEP without NXE", question(cpu={"smep": True, "nxe": False}, access="fetch", cpl=0),
     pf("PF.SMEP", "0x11")),
    ("PF.SMAP read", question(cpu={"smap": True}, cpl=0), pf("PF.SMAP", "0x1")),
    ("PF.SMAP implicit, AC does not help", question(cpu={"smap": True}, implicit=True, ac=True),
     pf("PF.SMAP", "0x1")),
    ("PF.SMAP comes before WP", question({"0x4000": "0x5005"}, {"smap": True}, cpl=0, access="write"),
     pf("PF.SMAP", "0x3", may=[("0x4000", "0x5025")])),
]


# ---- input that is refused ----------------------------------------------------
VA = '{"va":"0x0",'
BAD = [
    # name, line, words that the message must have
    ("no JSON", b"hello", ["JSON"]),
    ("half an object", b'{"va":"0x0"', ["JSON"]),
    ("two objects", b'{"va":"0x0"} {"va":"0x0"}', ["JSON"]),
    ("single quotes", b"{'va':'0x0'}", ["JSON"]),
    ("an array", b"[]", ["object", "array"]),
    ("a string", b'"va"', ["object", "string"]),
    ("null", b"null", ["object", "null"]),
    ("NUL byte", b'{"va":"0x0"\0}', ["NUL"]),
    ("NUL byte alone", b"\0", ["NUL"]),
    ("escaped NUL", b'{"va":"\\u0000"}', ["0000"]),
    ("escaped NUL in a key", b'{"v\\u0000a":"0x0"}', ["0000"]),
    ("invalid UTF-8", b'{"va":"\xff\xfe"}', ["UTF-8"]),
    ("invalid UTF-8 in a key", b'{"\xc3\x28":1,"va":"0x0"}', ["UTF-8"]),
    ("cut UTF-8", b'{"va":"0x0","a\xe2\x82":1}', ["UTF-8"]),
    ("byte-order mark", b'\xef\xbb\xbf{"va":"0x0"}', ["JSON"]),
    ("deep nesting", b"[" * 500000, ["JSON"]),
    ("deep objects", b'{"a":' * 100000, ["JSON"]),
    ("no va", b"{}", ["va", "missing"]),
    ("unknown field", VA + '"acess":"read"}', ["acess", "access"]),
    ("unknown field of cpu", VA + '"cpu":{"WP":true}}', ["cpu.", "WP", "wp"]),
    ("unknown field, long and not ASCII", VA + '"%s":1}' % ("\u20ac" * 300), ["unknown field"]),
    ("unknown field, control characters", VA + '"\\u001b[2J":1}', ["unknown field"]),
    ("duplicate field", '{"va":"0x0","va":"0x1"}', ["va", "twice"]),
    ("duplicate field of cpu", VA + '"cpu":{"wp":true,"wp":true}}', ["wp", "twice"]),
    ("duplicate address", VA + '"mem":{"0x8":"0x0","0x8":"0x0"}}', ["0x8", "twice"]),
    ("duplicate address, spelled apart", VA + '"mem":{"0xAB0":"0x0","0x8":1,"0x0ab0":"0x0"}}',
     ["0xab0", "twice"]),
    ("format 2", VA + '"format":2}', ["format", "1"]),
    ("format, a string", VA + '"format":"one"}', ["format"]),
    ("op", VA + '"op":"map"}', ["op", "walk"]),
    ("op, a number", VA + '"op":1}', ["op", "walk"]),
    ("va, no prefix", '{"va":"1000"}', ["va", "0x"]),
    ("va, 0X", '{"va":"0X1000"}', ["va", "0x"]),
    ("va, no digits", '{"va":"0x"}', ["va", "0x"]),
    ("va, empty", '{"va":""}', ["va", "0x"]),
    ("va, sign", '{"va":"-0x1"}', ["va", "0x"]),
    ("va, space", '{"va":" 0x1"}', ["va", "0x"]),
    ("va, bad digit", '{"va":"0x12g"}', ["va", "hex"]),
    ("va, 65 bits", '{"va":"0x10000000000000000"}', ["va", "2^64"]),
    ("va, negative", '{"va":-1}', ["va", "negative"]),
    ("va, float", '{"va":1.5}', ["va", "fraction"]),
    ("va, whole float", '{"va":1.0}', ["va", "fraction"]),
    ("va, exponent", '{"va":1e3}', ["va", "exponent"]),
    ("va, 2^53", '{"va":9007199254740992}', ["va", "2^53", "0x20000000000000"]),
    ("va, integer above 2^63", '{"va":18446744073709551615}', ["large", "hex"]),
    ("va, huge float", '{"va":1e999}', ["large"]),
    ("va, boolean", '{"va":true}', ["va", "boolean"]),
    ("va, null", '{"va":null}', ["va", "null"]),
    ("va, array", '{"va":["0x0"]}', ["va", "array"]),
    ("access", VA + '"access":"execute"}', ["access", "fetch"]),
    ("access, case", VA + '"access":"Read"}', ["access", "read"]),
    ("access, number", VA + '"access":1}', ["access", "number"]),
    ("cpl 4", VA + '"cpl":4}', ["cpl", "0 to 3"]),
    ("cpl -1", VA + '"cpl":-1}', ["cpl", "negative"]),
    ("cpl 256", VA + '"cpl":256}', ["cpl", "0 to 3"]),
    ("cpl, float", VA + '"cpl":3.0}', ["cpl", "fraction"]),
    ("size 0", VA + '"size":0}', ["size", "1 to 64"]),
    ("size 65", VA + '"size":65}', ["size", "1 to 64"]),
    ("size 257", VA + '"size":257}', ["size", "1 to 64"]),
    ("seg", VA + '"seg":"cs"}', ["seg", "ds", "ss"]),
    ("implicit, number", VA + '"implicit":1}', ["implicit", "true or false"]),
    ("stack fetch", VA + '"seg":"ss","access":"fetch"}', ["seg", "fetch"]),
    ("stack implicit", VA + '"seg":"ss","implicit":true}', ["seg", "implicit"]),
    ("implicit fetch", VA + '"implicit":true,"access":"fetch"}', ["implicit", "fetch"]),
    ("ac, string", VA + '"ac":"true"}', ["ac", "true or false", "string"]),
    ("cpu, array", VA + '"cpu":[]}', ["cpu", "object"]),
    ("cpu.wp, null", VA + '"cpu":{"wp":null}}', ["cpu.wp", "true or false"]),
    ("cpu.mode", VA + '"cpu":{"mode":"long"}}', ["cpu.mode", "4level"]),
    ("cpu.vendor", VA + '"cpu":{"vendor":"via"}}', ["cpu.vendor", "intel", "amd"]),
    ("cpu.maxphyaddr 31", VA + '"cpu":{"maxphyaddr":31}}', ["cpu.maxphyaddr", "32 to 52"]),
    ("cpu.maxphyaddr 53", VA + '"cpu":{"maxphyaddr":53}}', ["cpu.maxphyaddr", "32 to 52"]),
    ("cpu.maxphyaddr 296", VA + '"cpu":{"maxphyaddr":296}}', ["cpu.maxphyaddr", "32 to 52"]),
    ("cpu.cr3 unaligned", VA + '"cpu":{"cr3":"0x1004"}}', ["cpu.cr3", "0x1000", "PWT"]),
    ("cpu.cr3 bit 11", VA + '"cpu":{"cr3":"0x1800"}}', ["cpu.cr3", "0x1000"]),
    ("cpu.cr3 bit 40", VA + '"cpu":{"cr3":"0x10000000000"}}', ["cpu.cr3", "maxphyaddr"]),
    ("cpu.cr3 bit 36 before maxphyaddr 36", VA + '"cpu":{"cr3":"0x1000000000","maxphyaddr":36}}',
     ["cpu.cr3", "maxphyaddr"]),
    ("cpu.pkru 33 bits", VA + '"cpu":{"pkru":"0x100000000"}}', ["cpu.pkru", "0xffffffff"]),
    ("cpu.pdpte with 4level", VA + '"cpu":{"pdpte":["0x0","0x0","0x0","0x0"]}}', ["pdpte", "pae"]),
    ("cpu.pdpte, three", VA + '"cpu":{"mode":"pae","pdpte":["0x0","0x0","0x0"]}}', ["pdpte", "four"]),
    ("cpu.pdpte, bad number", VA + '"cpu":{"mode":"pae","pdpte":["0x0","0x0","0x0","no"]}}', ["pdpte"]),
    ("pdpte, twice", VA + '"pdpte":[0,0,0,0],"cpu":{"mode":"pae","pdpte":[0,0,0,0]}}', ["pdpte", "twice"]),
    ("pdpte with 32bit", VA + '"pdpte":[0,0,0,0],"cpu":{"mode":"32bit"}}', ["pdpte", "pae"]),
    ("pdpte, a string", VA + '"pdpte":"0x0","cpu":{"mode":"pae"}}', ["pdpte", "four"]),
    ("pdpte that no register holds", VA + '"pdpte":[0,0,0,"0x2007"],"cpu":{"mode":"pae"}}',
     ["pdpte[3]", "0x2007", "2:1"]),
    ("pdpte above maxphyaddr", VA + '"pdpte":["0x100000001",0,0,0],"cpu":{"mode":"pae","maxphyaddr":32}}',
     ["pdpte[0]", "63:32"]),
    ("va of 33 bits, 32bit", '{"va":"0x100000000","cpu":{"mode":"32bit"}}', ["va", "32 bits", "32bit"]),
    ("va of 33 bits, pae", '{"va":"0x100000000","cpu":{"mode":"pae"}}', ["va", "32 bits", "pae"]),
    ("va of 33 bits, none", '{"va":"0x100000000","cpu":{"mode":"none"}}', ["va", "32 bits", "none"]),
    ("cpu.cr3 of 33 bits, pae", VA + '"cpu":{"mode":"pae","cr3":"0x100000000"}}', ["cpu.cr3", "32 bits"]),
    ("cpu.cr3 unaligned, pae", VA + '"cpu":{"mode":"pae","cr3":"0x1004"}}', ["cpu.cr3", "0x20", "PWT"]),
    ("cpu.cr3 unaligned, 32bit", VA + '"cpu":{"mode":"32bit","cr3":"0x1020"}}', ["cpu.cr3", "0x1000"]),
    ("cpu.pcide with pae", VA + '"cpu":{"mode":"pae","pcide":true}}', ["cpu.pcide", "4level", "5level"]),
    ("malformed wins over not modelled", '{"va":"0x800000000000","implicit":true,"cpl":4}', ["cpl"]),
    ("mem, array", VA + '"mem":[]}', ["mem", "object"]),
    ("mem, key without prefix", VA + '"mem":{"1000":"0x0"}}', ["mem", "1000", "0x"]),
    ("mem, empty key", VA + '"mem":{"":"0x0"}}', ["mem", "0x"]),
    ("mem, unaligned", VA + '"mem":{"0x1004":"0x0"}}', ["mem", "0x1004", "multiple of 8"]),
    ("mem, 2^52", VA + '"mem":{"0x10000000000000":"0x0"}}', ["mem", "0x10000000000000", "2^52"]),
    ("mem, word of 65 bits", VA + '"mem":{"0x1000":"0x10000000000000000"}}', ["mem", "0x1000", "2^64"]),
    ("mem, word is a float", VA + '"mem":{"0x1000":1.5}}', ["mem", "0x1000", "fraction"]),
    ("mem, word is negative", VA + '"mem":{"0x1000":-1}}', ["mem", "0x1000", "negative"]),
]
UNMODELLED = [
    ("implicit, not canonical", '"va":"0x800000000000","implicit":true', "selector"),
    ("implicit, the second page not canonical", '"va":"0x7fffffffffff","implicit":true,"size":2', "selector"),
    ("implicit, the first page not canonical", '"va":"0xffff7fffffffffff","implicit":true,"size":2', "selector"),
]
GOOD = b'{"va":"0x0"}'
NOT_PRESENT = ('{"result":"fault","vector":14,"error":"0x4","cr2":"0x0","level":4,"entry":"0x1000",'
               '"rule":"PF.NP","writes":[],"may":[]}')

# ---- addresses in each mode --------------------------------------------------
ADDRESSES = [
    ("none", "0xb8001234", True, [(31, 0, 0xb8001234)]),
    ("32bit", "0xB8001234", True, [(31, 22, 736), (21, 12, 1), (11, 0, 0x234), (21, 0, 0x1234)]),
    ("32bit", "0xffffffff", True, [(31, 22, 1023), (21, 12, 1023), (11, 0, 0xfff), (21, 0, 0x3fffff)]),
    ("pae", "0xb8001234", True, [(31, 30, 2), (29, 21, 448), (20, 12, 1), (11, 0, 0x234),
                                 (20, 0, 0x1234)]),
    ("4level", "0xb8001234", True, [(47, 39, 0), (38, 30, 2), (29, 21, 448), (20, 12, 1),
                                    (11, 0, 0x234), (20, 0, 0x1234), (29, 0, 0x38001234)]),
    ("4level", "0xffff800000000000", True, [(47, 39, 256), (38, 30, 0), (29, 21, 0), (20, 12, 0),
                                            (11, 0, 0), (20, 0, 0), (29, 0, 0)]),
    ("4level", "0x800000000000", False, [(47, 39, 256), (38, 30, 0), (29, 21, 0), (20, 12, 0),
                                         (11, 0, 0), (20, 0, 0), (29, 0, 0)]),
    ("5level", "0x800000000000", True, [(56, 48, 0), (47, 39, 256), (38, 30, 0), (29, 21, 0),
                                        (20, 12, 0), (11, 0, 0), (20, 0, 0), (29, 0, 0)]),
    ("5level", "0xff00000000000001", True, [(56, 48, 256), (47, 39, 0), (38, 30, 0), (29, 21, 0),
                                            (20, 12, 0), (11, 0, 1), (20, 0, 1), (29, 0, 1)]),
    ("5level", "0x0100000000000000", False, [(56, 48, 256), (47, 39, 0), (38, 30, 0), (29, 21, 0),
                                             (20, 12, 0), (11, 0, 0), (20, 0, 0), (29, 0, 0)]),
]


def as_bytes(line):
    return line if isinstance(line, bytes) else line.encode()


def noise(stdin, total):
    block = bytes(range(1, 256)).replace(b"\n", b"") * 4096
    try:
        while total > 0:
            stdin.write(block)
            total -= len(block)
        stdin.write(b"\n" + GOOD + b"\n")
        stdin.close()
    except BrokenPipeError:
        pass

TOKEN = ("vm1-39080d0000000000" "0000000000000000"
         "2710000200000000" "2720000200000000" "2730000200000000" "0140000200000000")

# No M.N of a kernel with M up to 99 and N up to 255.
NO_VERSIONS = ("", "6", "6.", ".6", "6.18x", "6.18 ", " 6.18", "+6.18", "6.+18", "6.1.2", "100.0", "6.256", "99999999999999999999.1")
