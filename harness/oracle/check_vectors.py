# SPDX-License-Identifier: MIT
"""Tests of vmref vectors: what it makes, the curated set, and the running of implementations."""
import glob
import itertools
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packed import pack, plain, unpack
from pair_rules import SET, TLB, possible_pairs

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAIRS = "corpus/vectors/pairs/pairs.jsonl"
BY_HAND = sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, "corpus/vectors/*.jsonl")))
ALL = sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, "corpus/vectors/**/*.jsonl"), recursive=True))
FLAGS = ["wp", "smep", "smap", "nxe", "pge", "pse", "pse36", "pcide", "pke", "pks", "vendor", "page1gb"]
# What a rule needs, so that a pair with another setting cannot be: worked out from the rules.
LONG = {"mode": {"4level", "5level"}}
NEEDS = {
    "GP.CANON": {**LONG, "seg": {"ds"}, "implicit": {False}}, "SS.CANON": {**LONG, "seg": {"ss"}, "implicit": {False}, "data": {True}},
    "PF.WP": {"wp": {True}, "super": {True}, "writes": {True}}, "PF.SMEP": {"smep": {True}, "super": {True}, "access": {"fetch"}},
    "PF.SMAP": {"smap": {True}, "super": {True}, "data": {True}}, "PF.USER": {"super": {False}},
    "PF.USER.WRITE": {"super": {False}, "writes": {True}}, "PF.XD": {"nxe": {True}, "access": {"fetch"}, "mode": {"pae", "4level", "5level"}},
    "PF.PKU.AD": {**LONG, "pke": {True}, "data": {True}}, "PF.PKU.WD": {**LONG, "pke": {True}, "writes": {True}},
    "PF.PKS.AD": {**LONG, "pks": {True}, "super": {True}, "data": {True}},
    "PF.PKS.WD": {**LONG, "pks": {True}, "wp": {True}, "super": {True}, "writes": {True}},
    "PF.RSVD.XD": {"nxe": {False}, "mode": {"pae", "4level", "5level"}}, "PF.RSVD.1G": {**LONG, "page1gb": {False}},
    "PF.RSVD.1G.ADDR": {**LONG, "page1gb": {True}}, "PF.RSVD.PML4E.PS": LONG, "PF.RSVD.PML4E.G": {**LONG, "vendor": {"amd"}},
    "PF.RSVD.PML5E.PS": {"mode": {"5level"}}, "PF.RSVD.PML5E.G": {"mode": {"5level"}, "vendor": {"amd"}},
    "PF.RSVD.2M.ADDR": {"mode": {"pae", "4level", "5level"}}, "PF.RSVD.4M.ADDR": {"mode": {"32bit"}, "pse": {True}},
    "PF.RSVD.ADDR": {"mode": {"pae", "4level", "5level"}}, "PF.NP": {"mode": {"32bit", "pae", "4level", "5level"}}, "WALK.OK": {},
}
for rule, needs in NEEDS.items():
    if rule.startswith("PF."):
        needs.setdefault("mode", {"32bit", "pae", "4level", "5level"})


def facts(ask):
    """The settings of a question that pairs are made of, and those that only NEEDS looks at."""
    cpu = ask["cpu"]
    f = {k: cpu[k] for k in ["mode"] + FLAGS}
    f.update({k: ask[k] for k in ("access", "seg", "implicit", "ac")})
    f["user"] = ask["cpl"] == 3
    return f, {"super": ask["cpl"] < 3 or ask["implicit"], "writes": ask["access"] in ("write", "rmw"), "data": ask["access"] != "fetch"}


def possible(rule, pair):
    """Can the settings of this pair occur together, under this rule? Else the manual forbids it."""
    f = dict(pair)
    for name, values in NEEDS[rule].items():
        if name in f and f[name] not in values:
            return False
    need = lambda name, value: value in NEEDS[rule].get(name, {value}) and f.get(name, value) == value
    if f.get("pcide") and f.get("mode") not in (None, "4level", "5level") or f.get("pcide") and not set(NEEDS[rule].get("mode", {"4level"})) & {"4level", "5level"}:
        return False
    if f.get("implicit") and (f.get("access") == "fetch" or f.get("seg") == "ss"):
        return False
    if f.get("seg") == "ss" and f.get("access") == "fetch":
        return False
    fetch = NEEDS[rule].get("access") == {"fetch"}
    if fetch and (f.get("implicit") or f.get("seg") == "ss"):
        return False
    if True in NEEDS[rule].get("writes", ()) and f.get("access") in ("read", "fetch") or True in NEEDS[rule].get("data", ()) and f.get("access") == "fetch":
        return False
    if NEEDS[rule].get("super") == {True} and f.get("user") and f.get("implicit") is False:
        return False
    if NEEDS[rule].get("super") == {True} and f.get("user") and (fetch or f.get("seg") == "ss" or f.get("access") == "fetch"):
        return False
    if NEEDS[rule].get("super") == {False} and (f.get("user") is False or f.get("implicit")):
        return False
    if rule in ("PF.PKU.AD", "PF.PKU.WD") and f.get("implicit") and f.get("smap"):  # SMAP comes first
        return False
    if rule == "PF.PKU.WD" and f.get("wp") is False and (f.get("implicit") or f.get("user") is False):
        return False
    if rule == "PF.SMAP" and f.get("ac") and (f.get("implicit") is False or f.get("seg") == "ss"):
        return False
    return True


def test_pairs(check):
    got = subprocess.run(["harness/oracle/manifest"], cwd=ROOT, capture_output=True, text=True)
    check("the curated set is that of MANIFEST, and made again the same", got.returncode == 0, got.stdout + got.stderr)
    vectors = [json.loads(line) for line in open(os.path.join(ROOT, PAIRS))]
    numbered = {r[1] for r in (l.split("\t") for l in open(os.path.join(ROOT, "spec/rules.tsv"))) if r[0].isdigit() and int(r[0]) < 32}
    check("every rule that an access can end by has vectors", {v["rules"][0] for v in vectors} == numbered == set(NEEDS),
          numbered ^ {v["rules"][0] for v in vectors})
    have, values, lies = set(), {}, []
    for v in vectors:
        f, more = facts(v["ask"])
        rule = v["rules"][0]
        lies += [(v["id"], n) for n, s in NEEDS[rule].items() if {**f, **more}[n] not in s]
        for name, value in f.items():
            values.setdefault(name, set()).add(value)
        have.update((rule, p) for p in itertools.combinations(sorted(f.items()), 2))
    check("a rule's vectors have what the rule needs", not lies, lies[:5])
    wanted = [(rule, pair) for rule in NEEDS for a, b in itertools.combinations(sorted(values), 2)
              for pair in itertools.product([(a, x) for x in values[a]], [(b, x) for x in values[b]]) if possible(rule, pair)]
    missing = [w for w in wanted if w not in have]
    impossible = [h for h in have if not possible(*h)]
    print("pairs: %d vectors, %d of %d pairs of settings by rule" % (len(vectors), len(wanted) - len(missing), len(wanted)))
    check("each two settings of two controls occur together under each rule", not missing and len(wanted) > 15000, (len(missing), missing[:5]))
    check("and none that cannot", not impossible, impossible[:3])


# ---- every rule, and pairs of the other kinds -------------------------------------------------

def number(x):
    return x if isinstance(x, int) else int(x, 16)


def facts_set(v):
    """What a write of a control register meets, of which each two shall occur together under each rule."""
    ask = v["ask"]
    s, f, write = ask["state"], ask["features"], ask["writes"][0]
    cr0, cr4, efer = (number(s[k]) for k in ("cr0", "cr4", "efer"))
    facts = {"vendor": f["vendor"], "register": next(k for k in write if k != "pdptes"), "cs_l": s["cs_l"], "tr16": s["tr16"], "pcid of CR3": number(s["cr3"]) & 0xfff != 0}
    facts["mode"] = "none" if not cr0 >> 31 & 1 else ("long", cr4 >> 12 & 1) if efer >> 10 & 1 else "pae" if cr4 & 0x20 else "32bit"
    facts.update({("cr0", b): cr0 >> b & 1 for b in (0, 16, 29, 30)})
    facts.update({("cr4", b): cr4 >> b & 1 for b in (4, 5, 7, 12, 17, 20, 21, 22, 23, 24)})
    facts.update({("efer", b): efer >> b & 1 for b in (8, 11)})
    return facts


def facts_tlb(v):
    """The same of what is cached: the page, what changes, and who accesses it."""
    ask = v["ask"]
    steps, mem = ask["steps"], {number(k): number(x) for k, x in ask["mem"].items()}
    leaf = max(mem.values(), key=lambda x: x & 0xfffff000)  # pages lie above all tables
    facts = {k: ask["cpu"][k] for k in ("mode", "wp", "smep", "pge", "pcide")}
    facts.update(kind=steps[-1]["access"], user=steps[-1]["cpl"] == 3, large=leaf >> 7 & 1, glob=leaf >> 8 & 1, us=leaf >> 2 & 1)
    stores = [s["store"] for s in steps if "store" in s]
    half = lambda x, by: x >> 32 if ask["cpu"]["mode"] == "32bit" and by >> 32 else x  # its entries have 4 bytes
    changed = [(mem.get(number(k), 0), mem.get(number(k), 0) ^ number(x)) for s in stores for k, x in s.items()]
    facts["change"] = ["moved" if half(x, x) & 0xfffff000 else (half(x, x), "above" if half(e, x) & 0xfffff000 < 0x20000 else "page") for e, x in changed] or None
    facts["change"] = str(facts["change"])
    return facts


def pairs_of(vectors, facts):
    return {(v["rules"][0], p) for v in vectors for p in itertools.combinations(sorted(facts(v).items(), key=str), 2)}


def rules_lacking(vectors):
    known = {l.split("\t")[1] for l in open(os.path.join(ROOT, "spec/rules.tsv"))} - {"id"}
    own = {l.split("\t")[0] for l in open(os.path.join(ROOT, "corpus/vectors/manager/rules.tsv"))} - {"id"}
    cited = {r for v in vectors for r in v["rules"]}
    return sorted((known | own) - cited), sorted(cited - known - own)


def test_coverage(check):
    vectors = [json.loads(line) for path in ALL for line in open(os.path.join(ROOT, path))]
    lacking, unknown = rules_lacking(vectors)
    check("each rule of spec/rules.tsv and of manager/rules.tsv has a vector, and no vector another rule", not lacking and not unknown, (lacking, unknown))
    check("a rule that loses its vectors is missed", rules_lacking([v for v in vectors if "INV.PF" not in v["rules"]])[0] == ["INV.PF"])
    ids = [v["id"] for v in vectors]
    check("no id is there twice", len(ids) == len(set(ids)))
    numbered = {r[1] for r in (l.split("\t") for l in open(os.path.join(ROOT, "spec/rules.tsv"))) if r[0].isdigit() and 32 <= int(r[0]) < 64}
    check("the table of pairs of set has every rule of spec/rules.tsv that a write can end by", set(SET["needs"]) == numbered | {"SET.OPERAND", "SET.PDPTES"},
          set(SET["needs"]) ^ (numbered | {"SET.OPERAND", "SET.PDPTES"}))
    for kind, facts, table, least in (("set", facts_set, SET, 20000), ("tlb", facts_tlb, TLB, 5000)):
        mine = [json.loads(l) for l in open(os.path.join(ROOT, "corpus/vectors/pairs/%s.jsonl" % kind))]
        have, wanted = pairs_of(mine, facts), possible_pairs(table)
        missing, more = sorted(map(str, wanted - have)), sorted(map(str, have - wanted))
        print("pairs of %s: %d vectors, %d of %d pairs of settings by rule" % (kind, len(mine), len(wanted & have), len(wanted)))
        check("pairs of %s: each that harness/oracle/pair_rules.py has" % kind, not missing and len(wanted) > least, (len(missing), missing[:6]))
        check("pairs of %s: and none that it has not" % kind, not more, (len(more), more[:6]))
        own = {id(v): pairs_of([v], facts) for v in mine}
        for rule in sorted(table["needs"]):
            pair = min((p for v in mine for p in own[id(v)] if p[0] == rule), key=str)
            left = set().union(*(own[id(v)] for v in mine if pair not in own[id(v)]))
            check("pairs of %s: one of %s that is lost is missed" % (kind, rule), pair in wanted - left, pair)


SPOIL = {  # what a wrong implementation says: of the model's answers, changed
    "the error code lacks P": ('s/"error":"0x7"/"error":"0x6"/', "error"),
    "CR2 is of the page": (r's/"cr2":"0x\([0-9a-f]*\)[0-9a-f][0-9a-f][0-9a-f]"/"cr2":"0x\1000"/', "cr2"),
    "the address is that of the page": (r's/"pa":"0x\([0-9a-f]*\)[0-9a-f][0-9a-f][0-9a-f]"/"pa":"0x\1000"/', "pa"),
    "no flags are set": (r's/"writes":\[[^{}]*\]\],/"writes":[],/', "writes"),
    "D is lost": (r's/"writes":\[\(.*\)[67]\([0-9a-f]\)"\]\]/"writes":[\12\2"]]/', "writes"),
    "#GP for #SS": ('s/"vector":12/"vector":13/', "vector"),
}


def test_running(run, check, exe, label):
    walk = exe + " walk"
    for what, (sed, field) in SPOIL.items():
        code, out, err = run(["vectors", "--json", "--run", "%s | sed '%s'" % (walk, sed), PAIRS], exe=exe)
        fields = {json.loads(line).get("differs") for line in out.splitlines()}
        check(label + "vectors --run finds: " + what, code == 1 and fields == {None, field}, (code, fields, err))
    code, out, _ = run(["vectors", "--run", walk + " | sed 's/\"error\":\"0x7\"/\"error\":\"0x6\"/'", "--shown", "1", PAIRS], exe=exe)
    first = out.splitlines()
    check(label + "vectors --run shows the first, and how to run it again", first[0].startswith("DIFFERS pairs-") and "not 0x6" in first[0]
          and first[4].startswith("  again      vmref vectors --run") and sum(l.startswith("DIFFERS") for l in first) == 1, out[:600])
    vector = first[0].split()[1].rstrip(",")
    code, out, _ = run(["vectors", "--run", walk, "--id", vector, PAIRS], exe=exe)
    check(label + "vectors --id", code == 0 and "1 vectors: 1 agree" in out, out)
    code, out, _ = run(["vectors", "--run", "sed 's/.*/{\"result\":\"unsupported\"}/'", PAIRS], exe=exe)
    check(label + "what is unsupported is no agreement", code == 0 and "0 agree, 0 differ" in out, out[-100:])
    for what, command, words in (("ends at once", "true", "it ended"), ("is not there", "/nonexistent", "it ended"),
                                 ("is silent", "sleep 100", "it ended"), ("says what is no JSON", "yes x", "not JSON"),
                                 ("refuses all", "yes '{\"error\":{\"line\":1,\"message\":\"no\"}}'", "result must be"),
                                 ("says too little", "yes '{}'", "result must be"), ("says a list", "yes '[]'", "must be an object"),
                                 ("never ends a line", "tr '\\n' ' ' </dev/zero", "at most 1048576")):
        code, out, err = run(["vectors", "--run", command, "--timeout", "2", PAIRS], exe=exe)
        check(label + "an implementation that " + what, code == 3 and words in err, (code, out[:300], err))


# Of each kind a wrong implementation: vmref's answers, changed, and where it must be seen to differ.
SPOIL_KINDS = {
    "set": ('s/"vector":13/"vector":0/', "vector"), "set, the register": (r's/"cr0":"0x\([0-9a-f]*\)1"/"cr0":"0x\10"/', "cr0"),
    "memtype": ('s/"page":"WB"/"page":"UC"/', "page"), "footprint": ('s/"bytes":"0x/"bytes":"0x1/', "bytes"),
    "sequence": ('s/"pa":"0x/"pa":"0x1/', "outcome"), "sequence, an error code": ('s/"error":"0x4"/"error":"0x5"/', "outcome"),
    "script": ('s/"value":43/"value":42/', "value"), "script, a fault": ('s/"error":"0x14"/"error":"0x15"/', "error"),
}
def test_kinds(run, check, exe, label):
    serve = exe + " serve"
    code, out, err = run(["vectors", "--run", serve] + ALL, exe=exe)
    kinds = [l.split() for l in out.split("kind of question")[-1].splitlines()[1:-1]]
    check(label + "vectors --run asks every kind, and vmref serve agrees", code == 0 and err == "" and {k[0] for k in kinds} == {"walk", "sequence", "set", "memtype", "footprint", "script"}
          and all(int(k[1]) == int(k[2]) > 0 for k in kinds) and "0 differ, 0 unsupported" in out, (code, kinds, err, out[-300:]))
    for what, (sed, field) in SPOIL_KINDS.items():
        code, out, err = run(["vectors", "--json", "--run", "%s | sed '%s'" % (serve, sed)] + ALL, exe=exe)
        seen = {(v["ask"].get("op", "walk"), v.get("differs")) for v in map(json.loads, out.splitlines()) if v["verdict"] == "differs"}
        check(label + "vectors --run finds in %s" % what, code == 1 and (what.split(",")[0], field) in seen, (code, sorted(map(str, seen)), err))
    # the first permitted outcome of each access, and of one step the one after: both are right; a denied one is not
    for pick, want in (("s['permit'][0]", 0), ("s['permit'][-1]", 0), ("(s.get('deny') or s['permit'])[0]", 1)):
        told = os.path.join(ROOT, "build/oracle-%d.answers" % os.getpid())
        with open(told, "w") as f:
            for path in ("corpus/vectors/tlb.jsonl", "corpus/vectors/pairs/tlb.jsonl"):
                for v in (json.loads(l) for l in open(os.path.join(ROOT, path))):
                    steps = [(eval(pick) if "access" in s else {"vector": 13 if s.get("rule") else 0}) for s in v["ask"]["steps"]]
                    f.write(json.dumps({"steps": steps}) + "\n")
        code, out, err = run(["vectors", "--run", "cat %s; cat >/dev/null" % told, "--shown", "0", "corpus/vectors/tlb.jsonl", "corpus/vectors/pairs/tlb.jsonl"], exe=exe)
        os.remove(told)
        check(label + "vectors --run of sequences answered by %s" % pick, code == want and (want or " 0 differ" in out) and err == "", (code, out[-200:], err))
    for answer, words in (('{"steps":[]}', "an object for each step"), ('{"steps":5}', "an object for each step"), ("{}", "an object for each step")):
        code, _, err = run(["vectors", "--run", "yes '%s'" % answer, "--id", "stale-until-invlpg", "corpus/vectors/tlb.jsonl"], exe=exe)
        check(label + "vectors --run: a sequence answered by " + answer, code == 3 and words in err, (code, err))


BAD = ["x", "{}", "[]", '{"id":"a"}', '{"id":"a","rules":[]}', '{"id":"a","rules":["PF.NP"]}', '{"id":"a","rules":[1],"ask":{},"answer":{"result":"ok"}}',
       '{"id":"a","rules":["PF.NP"],"ask":{}}', '{"id":"a","rules":["PF.NP"],"ask":{},"answer":{"result":"maybe"}}', '{"id":5,"rules":["PF.NP"],"ask":{}}',
       '{"id":"a","rules":["PF.NP"],"ask":{"op":"frob"},"answer":{"x":1}}', '{"id":"a","rules":["PF.NP"],"ask":{"op":"set"}}', '{"id":"a","rules":["PF.NP"],"ask":{"op":"set"},"answer":[]}',
       '{"id":"a","rules":["PF.NP"],"ask":{"op":"sequence","steps":{}}}']


def test_files(run, check, exe, label):
    for b in BAD:
        code, out, err = run(["vectors", "--run", "cat", "-"], b + "\n", exe)
        check(label + "vectors refuses " + b, code == 3 and "standard input:1: " in err, (code, out, err))
    check(label + "vectors: no file", run(["vectors", "--run", "cat", "/nonexistent"], exe=exe)[0] == 3)
    check(label + "vectors: an empty file", run(["vectors", "--run", "cat", "-"], "", exe)[0] == 3)
    for args in (["x"], ["--run", "cat"], ["--run", "cat", "--pairs", "-"], ["--count", "0"], ["--count", "-1"], ["--mode", "long"], ["--frob"], ["--kind", "set"],
                 ["--pairs", "--kind", "frob"], ["--pairs", "--kind", "tlb", "--binary", "/dev/null"], ["--pack", "/dev/null"], ["--pack", "/dev/null", "--pairs", "-"]):
        check(label + "vectors usage: " + " ".join(args), run(["vectors"] + args, "", exe)[0] == 2)
    for mode in ("none", "32bit", "pae", "4level", "5level"):
        code, out, _ = run(["vectors", "--count", "50", "--mode", mode], exe=exe)
        check(label + "vectors --mode " + mode, code == 0 and {json.loads(l)["ask"]["cpu"]["mode"] for l in out.splitlines()} == {mode}, out[:200])


def test_binary(run, check, exe, label):
    path = os.path.join(ROOT, "build/oracle-%d.vec" % os.getpid())
    again = lambda: run(["vectors", "--unpack", path], exe=exe)
    try:
        lines = run(["vectors", "--count", "300", "--seed", "5"], exe=exe)[1].splitlines()
        code, _, err = run(["vectors", "--count", "300", "--seed", "5", "--binary", path], exe=exe)
        data = open(path, "rb").read()
        check(label + "vectors --binary", code == 0 and len(data) == 32 + 300 * 352 and data[:8] == b"VMREFVEC", err)
        parts = lambda v: (v["token"], v["ask"], v["answer"], v["rules"])
        got = again()
        check(label + "vectors --unpack gives the same vectors", got[0] == 0 and
              [parts(json.loads(l)) for l in got[1].splitlines()] == [parts(json.loads(l)) for l in lines], got[2])
        for what, spoilt in (("nothing", b""), ("a short head", data[:20]), ("another magic", b"X" + data[1:]), ("another version", data[:8] + b"\3" + data[9:]),
                             ("a record too few", data[:-352]), ("half a record", data[:-100]), ("a byte more", data + b"x"),
                             ("a hostile count", data[:12] + b"\xff\xff\xff\xff" + data[16:]), ("a hostile size", data[:16] + b"\xff\xff\xff\x7f" + data[20:]),
                             ("an answer changed", data[:32 + 144] + bytes([data[32 + 144] ^ 1]) + data[33 + 144:])):
            open(path, "wb").write(spoilt)
            code, _, err = again()
            check(label + "vectors --unpack refuses " + what, code == 3 and "byte " in err, (code, err))
    finally:
        if os.path.exists(path):
            os.remove(path)


def test_packed(run, check, exe, label):
    """Version 2: what a guest reads by docs/FORMAT.md is what stands in the vectors of JSON."""
    path, again = (os.path.join(ROOT, "build/oracle-%d.%s" % (os.getpid(), n)) for n in ("vec2", "jsonl"))
    files = ["corpus/vectors/tlb.jsonl", "corpus/vectors/bugs.jsonl", "corpus/vectors/pairs/tlb.jsonl", PAIRS, "corpus/vectors/memtype.jsonl"]
    defaults = json.loads(run(["--print-default-config"], exe=exe)[1])["cpu"]
    try:
        code, out, err = run(["vectors", "--pack", path] + files, exe=exe)
        vectors = [json.loads(l) for f in files for l in open(os.path.join(ROOT, f))]
        able = [v for v in vectors if v["ask"].get("op") == "sequence" or "token" in v]
        data = open(path, "rb").read()
        got = unpack(data)
        check(label + "vectors --pack: sequences and walks of cases, the others counted", (code, err) == (0, "") and [(g[0], g[1]) for g in got] == [(v["id"], v["rules"]) for v in able]
              and out.startswith("%d vectors packed, %d left out" % (len(able), len(vectors) - len(able))), (out, err, len(got), len(able)))
        wrong = [v["id"] for v, g in zip(able, got) if g[2] == 2 and g[3] != plain(v["ask"], defaults)]
        check(label + "vectors --pack: each sequence as it is", not wrong and sum(g[2] == 2 for g in got) > 800, wrong[:5])
        # the other way round too, but where a rule gives a step's vector, which only the model knows
        plain_steps = [i for i, v in enumerate(able) if not any("rule" in s for s in v["ask"].get("steps", ()))]
        records = [pack([g])[32:] for g in got]
        check(label + "vectors --pack: byte by byte", len(plain_steps) > 800 and all(records[i] == data[sum(map(len, records[:i])) + 32:][:len(records[i])] for i in plain_steps))
        code, out, err = run(["vectors", "--unpack", path], exe=exe)
        lines = [json.loads(l) for l in out.splitlines()]
        check(label + "vectors --unpack of version 2", (code, err) == (0, "") and [(l["id"], l["rules"]) for l in lines] == [(v["id"], v["rules"]) for v in able]
              and all(plain(l["ask"], defaults) == plain(v["ask"], defaults) if "steps" in v["ask"] else (l["token"], l["ask"], l["answer"]) == (v["token"], v["ask"], v["answer"])
                      for l, v in zip(lines, able)), err)
        open(again, "w").write(out)
        code, _, _ = run(["vectors", "--pack", path, again], exe=exe)
        check(label + "vectors --pack: of what was unpacked, the same but for rules of faults", code == 0 and [g[:2] + g[2:] for g in unpack(open(path, "rb").read())] == got)
        first = 32 + int.from_bytes(data[32:36], "little")
        for what, spoilt in (("a record too few", data[:first]), ("half a record", data[:first - 8]), ("a byte more", data + b"x"), ("a hostile count", data[:12] + b"\xff\xff\xff\xff" + data[16:]),
                             ("a record of no size", data[:32] + bytes(4) + data[36:]), ("a record of a hostile size", data[:32] + b"\xf8\xff\xff\x7f" + data[36:]),
                             ("another kind", data[:36] + b"\3" + data[37:]), ("text outside of its record", data[:40] + b"\xff\xff" + data[42:]),
                             ("too many words", data[:80] + b"\x11" + data[81:]), ("too many steps", data[:81] + b"\xff" + data[82:]), ("another mode", data[:64] + b"\5" + data[65:]),
                             ("an outcome that is not permitted", data[:48] + data[48:first].replace(b"\0\x50\0\0\0\0\0\0", b"\0\x90\0\0\0\0\0\0", 1) + data[first:])):
            open(path, "wb").write(spoilt)
            code, out, err = run(["vectors", "--unpack", path], exe=exe)
            check(label + "vectors --unpack of version 2 refuses " + what, code == 3 and "byte " in err, (code, err))
    finally:
        for p in (path, again):
            if os.path.exists(p):
                os.remove(p)


def test_vectors(run, check, exe, label):
    if not label:
        test_pairs(check)
        test_coverage(check)
    test_kinds(run, check, exe, label)
    test_running(run, check, exe, label)
    test_files(run, check, exe, label)
    test_binary(run, check, exe, label)
    test_packed(run, check, exe, label)
