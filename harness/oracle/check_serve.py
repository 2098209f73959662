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
    got = json.loads(subprocess.run(["python3", "examples/client.py", "--rate", exe], cwd=ROOT, capture_output=True, check=True).stdout)
    print("serve: %d requests per second one by one, %d many at once" % (got["one_by_one"], got["many_at_once"]))
    # with proofs running beside it on the same cores; alone, many times that
    check("serve: a thousand requests per second at least", got["one_by_one"] > 1000 and got["many_at_once"] > 1000, got)


def test_serve(run, check, exe, label):
    test_sessions(run, check, exe, label)
    test_allows(run, check, exe, label)
    test_bad(run, check, exe, label)
    if not label:
        test_clients(check, exe)
