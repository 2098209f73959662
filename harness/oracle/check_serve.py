# SPDX-License-Identifier: MIT
"""Tests of vmref serve and of its clients. Expected values were worked out by hand."""
import json
import os
import random
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLES = {"0x1000": "0x2027", "0x2000": "0x3027", "0x3000": "0x4027", "0x4000": "0x5001"}
SHOWS = """walk: PF.USER
allows: allowed
A has 42 and B has 43
invariant: ok
refused: there is no session 1; new gives one
"""


def ask(run, exe, *requests):
    lines = [r if isinstance(r, str) else json.dumps(r) for r in requests]
    code, out, err = run(["serve"], "\n".join(lines) + "\n", exe)
    return code, [json.loads(line) for line in out.splitlines()], err


def test_sessions(run, check, exe, label):
    do = lambda text, session=1: {"op": "op", "session": session, "do": text}
    code, a, err = ask(run, exe, {"op": "new", "id": "first", "frames": 2, "slots": 2}, {"op": "new"},
                       do("space A"), do("map A 0 3 rw"), do("store A 0 7"), do("load A 0"),
                       do("space A", 2), do("load A 0", 2), do("store A 0x1000 1"), do("store A 0x2000 1"),
                       {"op": "check", "session": 1}, {"op": "free", "session": 1}, do("load A 0"))
    check(label + "serve: sessions", err == "" and code == 3 and len(a) == 13, (code, err, a))
    check(label + "serve: new, with an id", a[0] == {"id": "first", "result": "ok", "session": 1} and a[1]["session"] == 2, a[:2])
    check(label + "serve: a byte stored is loaded", a[5]["value"] == 7 and a[5]["faulted"] is False, a[5])
    check(label + "serve: sessions are apart", a[7]["result"] == "fault" and a[7]["error"] == "0x4" and a[7]["status"] == "ENOMAP", a[7])
    check(label + "serve: two frames are two", (a[8]["result"], a[9]["result"], a[9]["status"]) == ("ok", "error", "EMEM"), a[8:10])
    check(label + "serve: check and free", a[10] == a[11] == {"result": "ok"}, a[10:12])
    check(label + "serve: a session that is free", a[12]["error"]["line"] == 13 and "no session 1" in a[12]["error"]["message"], a[12])
    _, a, _ = ask(run, exe, {"op": "new", "frames": 1, "policy": "lru"}, do("space A"), do("map A 0 2 rw"), do("store A 0 1"),
                  do("store A 0x1000 2"), do("cpu 3 runs A"), do("cpu 3 load 0x1000"), do("tlb"))
    check(label + "serve: a policy evicts", (a[4]["result"], a[4]["evictions"]) == ("ok", 1), a[4])
    check(label + "serve: processors", (a[6]["cpu"], a[6]["hit"], a[6]["value"]) == (3, False, 2) and len(a[7]["cached"]) == 1, a[6:])


def test_allows(run, check, exe, label):
    base = {"op": "allows", "mem": TABLES, "va": "0x0", "cpl": 0}
    fault = lambda error, cr2="0x0": {"result": "fault", "vector": 14, "error": error, "cr2": cr2}
    flags = {"mem": dict(TABLES, **{"0x4000": "0x5003"}), "access": "write"}  # A and D of the PTE are missing
    cases = [("right address", {"seen": {"result": "ok", "pa": "0x5000"}}, "allowed"),
             ("wrong address", {"seen": {"result": "ok", "pa": "0x6000"}}, "pa"),
             ("a fault that is none", {"seen": fault("0x1")}, "faults"),
             ("no fault where one is", {"access": "write", "seen": {"result": "ok", "pa": "0x5000"}}, "made"),
             ("right error code", {"access": "write", "seen": fault("0x3")}, "allowed"),
             ("wrong error code", {"access": "write", "seen": fault("0x7")}, "error"),
             ("wrong CR2", {"access": "write", "seen": fault("0x3", "0x1000")}, "cr2"),
             ("flags set", {**flags, "seen": {"result": "ok", "pa": "0x5000", "writes": [["0x4000", "0x5063"]]}}, "allowed"),
             ("D is lost", {**flags, "seen": {"result": "ok", "pa": "0x5000", "writes": [["0x4000", "0x5023"]]}}, "writes"),
             ("flags not set", {**flags, "seen": {"result": "ok", "pa": "0x5000", "writes": []}}, "writes"),
             ("A on a fault", {"access": "write", "seen": dict(fault("0x3"), writes=[["0x4000", "0x5021"]])}, "allowed"),
             ("D on a fault", {"access": "write", "seen": dict(fault("0x3"), writes=[["0x4000", "0x5061"]])}, "writes"),
             ("either part of two may fault", {"mem": dict(TABLES, **{"0x4000": "0x0"}), "va": "0xffc", "size": 8,
                                               "seen": fault("0x0", "0x1000")}, "allowed")]
    _, a, _ = ask(run, exe, *[{**base, **fields} for _, fields, _ in cases])
    for (name, _, want), got in zip(cases, a):
        check(label + "serve allows: " + name, got.get("differs", got["result"]) == want, got)


def test_kinds(run, check, exe, label):
    """Questions that are no single walk: answers worked out by hand, and malformed ones."""
    tables = {"0x1000": "0x2067", "0x2000": "0x3067", "0x3000": "0x4067", "0x4000": "0x5067"}
    seq = lambda *steps, **more: {"op": "sequence", "mem": tables, "steps": list(steps), **more}
    read = {"access": "read", "va": "0x0"}
    _, a, err = ask(run, exe, seq(read, {"store": {"0x4000": "0x6067"}}, read, {"store": {"0x4000": "0x0"}}, read, {"invpcid": 4, "descriptor": "0x0", "va": "0x0"}),
                    {"op": "set", "state": {"cr0": "0x11"}, "writes": [{"cr0": "0x80000001"}, {"cr0": "0x20000011"}]},
                    {"op": "memtype", "mem": tables, "va": "0x0", "mtrr": "0x800"}, {"op": "footprint", "mode": "4level", "ranges": [["0x0", "0xfff"]]},
                    {"op": "script", "frames": 1, "slots": 0, "do": ["space A", "map A 0 2 rw", "store A 0 3", "store A 0x1000 4", "load A 0"]},
                    {"op": "script", "kernel": True, "do": ["kmalloc a 64", "kfree a", "kmem"]})
    walks = [s for s in a[0]["steps"] if "rule" not in s]
    check(label + "serve: a sequence on a processor that caches nothing", err == "" and walks == [{"pa": "0x5000", "sets": []}, {"pa": "0x6000", "sets": []},
          {"vector": 14, "error": "0x4", "cr2": "0x0", "sets": []}] and a[0]["steps"][-1] == {"rule": "GP.INVPCID.TYPE", "vector": 13}, a[0])
    check(label + "serve: writes of control registers", [w["vector"] for w in a[1]["writes"]] == [0, 13] and a[1]["after"]["cr0"] == "0x80000011", a[1])
    check(label + "serve: a memory type", a[2]["page"] == "UC", a[2])
    check(label + "serve: a footprint", a[3]["pages"] == "0x1" and a[3]["tables"] == {"1": "0x1", "2": "0x1", "3": "0x1", "4": "0x1"}, a[3])
    check(label + "serve: a script", [r["result"] for r in a[4]["results"]] == ["ok", "ok", "ok", "error", "ok"] and a[4]["results"][4]["value"] == 3 and a[4]["broken"] is None, a[4])
    check(label + "serve: the kernel's allocators in a script", [r["result"] for r in a[5]["results"]] == ["ok"] * 3, a[5])
    do = lambda text, n=1: {"op": "op", "session": n, "do": text}
    _, a, _ = ask(run, exe, {"op": "new", "kernel": True}, do("kmalloc a 5000"), do("space A"), do("vmalloc b 3"), do("kfree a"), do("kfree a"), do("vfree b"), do("kmem"),
                  {"op": "check", "session": 1}, {"op": "new"}, do("kmalloc a 64", 2), do("vfree nothing"), do("map A 0 1 rw"), do("store A 0 1"))
    check(label + "serve: the kernel's allocators in a session", [x.get("result") for x in a[1:10]] == ["ok", "ok", "ok", "ok", "error", "ok", "ok", "ok", "ok"] and a[1]["bytes"] == 8192
          and "kernel" in a[10]["error"]["message"] and "unknown allocation" in a[11]["error"]["message"] and a[13]["result"] == "ok", a)
    names = [do("kmalloc n%d 64" % i) for i in range(1030)]
    _, a, _ = ask(run, exe, {"op": "new", "kernel": True}, *names, do("kfree n0"), do("kmalloc n0 64"), {"op": "check", "session": 1})
    check(label + "serve: 1024 names of allocations, no more", [("error" in x and isinstance(x["error"], dict)) for x in a[1:1031]] == [False] * 1024 + [True] * 6
          and a[-3]["result"] == a[-2]["result"] == a[-1]["result"] == "ok", a[-9:])
    for op, why in ((seq(*[read] * 65), "at most 64"), (seq(), None), ({"op": "sequence"}, "steps"), (seq({}), "a step is"), (seq(read, cpu=5), "cpu must be"),
                    (seq({"store": {"0x4": "0x0"}}), "memory at"), (seq({"store": {"0xfffffffffffffff8": "0x0"}}), "memory at"), (seq({"store": {"x": 1}}), "memory at"),
                    (seq({**read, "permit": []}), "permit must"), (seq({**read, "permit": [{"pa": "0x0", "sets": [["0x0", "AD"]] * 17}]}), "sets must"),
                    (seq({**read, "permit": [{"pa": "0x0", "sets": [["0x0", "X"]]}]}), "flags must"), (seq({**read, "permit": [{"vector": 300}]}), "vector is at most"),
                    (seq({**read, "permit": [{"vector": 14, "sets": [["0xfffffffffffff000", "A"]]}]}), None), (seq({**read, "size": 64, "va": "0xfff"}), "the model refuses"),
                    (seq({"set": {"mode": "pae"}}), None), (seq({"set": {"frob": 1}}), "unknown field"), (seq({"invpcid": "0x0"}), None), (seq({"cr3": "0xfffffffffffff000"}), "cr3"),
                    (seq(cpu={"mode": "pae", "cr3": "0x40000000"}), "cr3 must be below"), ({**seq({"cr3": "0xffffffe0"}, cpu={"mode": "pae"}), "mem": {"0x1000": "0x2001"}}, "cr3 must be below"),
                    ({"op": "set", "writes": 5}, "writes must"), ({"op": "set", "writes": [{"cr9": 1}]}, "a write is of"), ({"op": "set", "writes": [{"cr0": 1, "cr3": 2}]}, "a write is of"),
                    ({"op": "set", "state": {"cr0": "0x80000000"}, "writes": []}, "no CPU"), ({"op": "set", "features": {"maxphyaddr": 300}, "writes": []}, "maxphyaddr is at most"),
                    ({"op": "set", "features": {"vendor": 5}, "writes": []}, None), ({"op": "set", "state": {"pdpte": [1]}, "writes": []}, "a list of four"),
                    ({"op": "memtype"}, "va is missing"), ({"op": "memtype", "va": "0x0", "pat": -1}, "negative"), ({"op": "footprint"}, "mode must"),
                    ({"op": "footprint", "mode": "pae", "ranges": 1}, "ranges must"), ({"op": "footprint", "mode": "pae", "ranges": [[0, 1]] * 17}, "at most 16"),
                    ({"op": "footprint", "mode": "pae", "ranges": [["0xffffffffffffffff", "0x0"]]}, "the model refuses"),
                    ({"op": "script", "do": "space A"}, "a list of lines"), ({"op": "script", "do": ["space A", "frob"]}, "line 2"), ({"op": "script", "do": ["space A", "expect 5"]}, "line 2"),
                    ({"op": "script", "do": ["space A"] * 1025}, "at most 1024"), ({"op": "script", "kernel": 1, "do": []}, "true or false"), ({"op": "script", "do": [None]}, "line 1")):
        code, a, err = ask(run, exe, op, {"op": "version"})
        message = a[0].get("error", {}).get("message", "") if isinstance(a[0].get("error", {}), dict) else ""
        check(label + "serve, a question that is odd: " + json.dumps(op)[:90], len(a) == 2 and "version" in a[1] and err == "" and (why is None or why in message), (a[:1], err[:400]))


def test_huge(run, check, exe, label):
    """Pages of other sizes and devices, in sessions and in a script: worked out by hand from docs/FORMAT.md."""
    do = lambda text, n=1: {"op": "op", "session": n, "do": text}
    _, a, err = ask(run, exe, {"op": "new", "frames": 1536}, do("space A"), do("map A 0x200000 512 rw"), do("store A 0x201000 5"), do("merge A 0x200000"), do("load A 0x201000"),
                    do("fork A B"), do("store A 0x201000 6"), do("load B 0x201000"), do("split B 0x200000"), do("device A 0x600000 2 0xe0000 rw wc 2m"), do("store A 0x812345 1"),
                    do("device A 0x40000000 1 0x100000 r uc 1g"), do("store A 0x40000000 1"), do("huge"), {"op": "check", "session": 1}, {"op": "free", "session": 1})
    want = [{}, {}, {}, {}, {}, {"value": 5, "size": "2m"}, {}, {"size": "4k", "split": 1}, {"value": 5, "size": "4k"}, {"result": "error", "status": "EINVAL"}, {},
            {"device": "0xe0212345", "size": "2m"}, {}, {"result": "fault", "error": "0x7", "status": "EACCES"}]
    check(label + "serve: merge, split and device in a session", err == "" and len(a) == 17
          and all({"result": "ok", **w}.items() <= x.items() for w, x in zip(want, a)) and a[15]["result"] == a[16]["result"] == "ok", a)
    pages = [(x["page"], x["size"], x.get("device"), x.get("cache"), x["rights"], x["accessed"], x["dirty"]) for x in a[14]["huge"]]
    check(label + "serve: huge in a session", pages == [("0x600000", "2m", "0xe0000", "wc", "rw", False, False), ("0x800000", "2m", "0xe0200", "wc", "rw", True, True),
          ("0x40000000", "1g", "0x100000", "uc", "r", False, False)], a[14])
    _, a, _ = ask(run, exe, {"op": "script", "frames": 1536, "do": ["space A", "map A 0 512 rw", "store A 0 9", "merge A 0", "load A 0", "protect A 0 1 r", "load A 0x1000", "huge"]},
                  {"op": "script", "do": ["space A", "map A 0 512 r", "merge A 0"]})
    r = a[0]["results"]
    check(label + "serve: a script of pages of 2 MiB", [x["result"] for x in r] == ["ok"] * 8 and (r[4]["value"], r[4]["size"], r[5]["split"], r[6]["value"], r[6]["size"], r[7]["huge"], a[0]["broken"])
          == (9, "2m", 1, 0, "4k", [], None), a[0])
    check(label + "serve: 64 frames are too few for 2 MiB", (a[1]["results"][2]["result"], a[1]["results"][2]["status"]) == ("error", "EMEM"), a[1])
    _, a, _ = ask(run, exe, {"op": "new"}, do("space A"), do("map A 0 1 rw"), do("huge"), do("cpu 0 runs A"), do("store A 0 1"), {"op": "new"}, do("space A", 2), do("cpu 0 runs A", 2),
                  do("device A 0x200000 1 0x90000 r", 2), do("tlb", 2), {"op": "new", "policy": "lru"}, do("space A", 3), do("merge A 0", 3), do("map A 0 1 r", 3))
    check(label + "serve: no processors and no policy with such pages, and what is refused changes nothing", [a[i]["result"] for i in (3, 4, 5, 8, 9, 10, 13, 14)]
          == ["ok", "unmodelled", "ok", "ok", "unmodelled", "ok", "unmodelled", "ok"] and "processors" in a[4]["message"] and "policy" in a[13]["message"] and "cpu" not in a[5], a)


BAD = ['x', '{', '[]', '1', '{"op":"frob"}', '{"op":"new","frames":-1}', '{"op":"new","frames":65537}', '{"op":"new","spaces":0}',
       '{"op":"new","policy":"fifo"}', '{"op":"new","what":1}', '{"op":"op"}', '{"op":"op","session":7,"do":"flush"}',
       '{"op":"op","session":"1","do":"flush"}', '{"op":"op","session":1}', '{"op":"op","session":1,"do":""}',
       '{"op":"op","session":1,"do":"expect ok"}', '{"op":"op","session":1,"do":"frob"}', '{"op":"op","session":1,"do":5}',
       '{"op":"free","session":99999999999}', '{"op":"walk"}', '{"op":"allows","va":"0x0"}', '{"op":"walk","va":"0x0","seen":{}}',
       '{"op":"allows","va":"0x0","seen":{"result":"maybe"}}', '{"op":"allows","va":"0x0","seen":{"result":"ok","x":1}}',
       '{"op":"version","id":{}}', '{"op":"version","id":1.5}', '{"op":"check","session":1,"x":1}', '{"id":3,"va":"zero"}', "a\0b"]


def test_bad(run, check, exe, label):
    good = {"op": "op", "session": 1, "do": "load A 0"}
    setup = [{"op": "new"}, {"op": "op", "session": 1, "do": "space A"}, {"op": "op", "session": 1, "do": "map A 0 1 rw"},
             {"op": "op", "session": 1, "do": "store A 0 9"}]
    lines = setup + [x for b in BAD for x in (b, good)]
    code, a, err = ask(run, exe, *lines)
    check(label + "serve: bad lines end nothing", code == 3 and err == "" and len(a) == len(lines), (code, err, len(a)))
    for i, b in enumerate(BAD):
        at = len(setup) + 2 * i
        check(label + "serve refuses " + b[:60], isinstance(a[at].get("error"), dict) and a[at]["error"]["line"] == at + 1
              and 5 < len(a[at]["error"]["message"]) < 400 and a[at + 1].get("value") == 9, a[at:at + 2])
    check(label + "serve: the id of what is refused", a[len(setup) + 2 * BAD.index('{"id":3,"va":"zero"}')]["id"] == 3)
    many = [{"op": "new", "frames": 64, "slots": 0}] * 65
    _, a, _ = ask(run, exe, *many)
    check(label + "serve: 64 sessions", "error" in a[64] and all("session" in x for x in a[:64]), a[-2:])
    _, a, _ = ask(run, exe, {"op": "new", "frames": 60000}, {"op": "new", "frames": 60000}, {"op": "free", "session": 1}, {"op": "new", "frames": 60000})
    check(label + "serve: frames of all sessions", ["result" in x for x in a] == [True, False, True, True], a)
    dice = random.Random(8)
    pieces = ['"', "{", "}", "[", "]", ",", ":", "0x", "-", "1e9", "null", "op", "new", "session", "1", "do", "map A 0 1 rw", " "]
    noise = ["".join(dice.choice(pieces) for _ in range(dice.randint(1, 14))) for _ in range(5000)]
    damaged = []
    for _ in range(5000):
        line = list(json.dumps(dice.choice(setup + [good, {"op": "allows", "va": "0x0", "seen": {"result": "ok"}}])))
        line[dice.randrange(len(line))] = dice.choice(pieces)
        damaged.append("".join(line))
    lines = [x for x in noise + damaged if x.strip()]
    code, a, err = ask(run, exe, *lines)
    check(label + "serve: 10000 damaged lines, an answer each", code == 3 and err == "" and len(a) == len(lines), (code, err[:500], len(a), len(lines)))
    code, out, err = run(["serve"], '{"op":"new"' + " " * (1 << 20) + '}\n{"op":"version"}\n', exe)
    check(label + "serve: a line too long", code == 3 and out.count("\n") == 2 and "1048576" in out and '"version"' in out, (code, out[:200]))
    check(label + "serve: no request is no error", run(["serve"], "", exe) == (0, "", ""))
    check(label + "serve: usage", run(["serve", "x"], "", exe)[0] == run(["serve", "--frob"], "", exe)[0] == 2)


def test_clients(check, exe):
    programs = [["python3", "examples/client.py", exe]]
    if shutil.which("node"):
        programs.append(["node", "examples/client.js", exe])
    else:
        print("skipped: no node (apt-get install nodejs)")
        check("node is there", os.environ.get("CI_STRICT") != "1")
    for p in programs:
        got = subprocess.run(p, cwd=ROOT, capture_output=True, text=True, timeout=60)
        check(p[1], got.returncode == 0 and got.stdout == SHOWS, got.stdout + got.stderr)
        p[-1] = "/bin/false"  # a server that ends at once: the client says so and ends
        got = subprocess.run(p, cwd=ROOT, capture_output=True, text=True, timeout=60)
        check(p[1] + ", the server ends", got.returncode != 0 and got.stderr != "", got)
    began = os.times()
    got = json.loads(subprocess.run(["python3", "examples/client.py", "--rate", exe], cwd=ROOT, capture_output=True, check=True).stdout)
    ended = os.times()
    cpu = ended.children_user + ended.children_system - began.children_user - began.children_system
    print("serve: %d requests per second one by one, %d many at once; %d per second of CPU, the Python client's too" % (got["one_by_one"], got["many_at_once"], 40000 / cpu))
    # by CPU, since proofs may run beside it on the same cores
    check("serve: thousands of requests per second", 40000 / cpu > 3000 and got["many_at_once"] > 1000, (got, cpu))


def test_serve(run, check, exe, label):
    test_sessions(run, check, exe, label)
    test_allows(run, check, exe, label)
    test_kinds(run, check, exe, label)
    test_huge(run, check, exe, label)
    test_bad(run, check, exe, label)
    if not label:
        test_clients(check, exe)
