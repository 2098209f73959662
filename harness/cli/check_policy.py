# SPDX-License-Identifier: MIT
"""Tests of `vmref run --policy` and `--compare-policies` for harness/test_cli.py. Outcomes were worked
out by hand; faults are counted by a simulation of lists of pages, as in the textbooks."""
import json
import os
import random
import re
import xml.etree.ElementTree as ET

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SVG = "{http://www.w3.org/2000/svg}"
BELADY = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]

# 2 frames, 3 slots
STORY = """space A
map A 0 4 rw
store A 0 1
store A 0x1000 2
rmw A 0x2000 3
load A 0
evict
load A 0x3000
file F 1
store A 0x1000 4
swapin A 0x2000
evict
"""
# LRU: 0 is the oldest at line 5, 1 at 6, 2 at 7, which leaves frame 0 free for 3 at 8. There the slots
# are full but one: 0, whose slot still has it, goes for the file's page at 9; at 10 no slot is left
LRU = """5: rmw A 0x2000 3 -> 0; evicted frame 0, written
6: load A 0x0 -> 1; evicted frame 1, written
7: evict -> frame 0, written
8: load A 0x3000 -> 0
9: file F 1 -> ok; evicted frame 1, clean
10: store A 0x1000 4 -> error EMEM: no frame is free
11: swapin A 0x2000 -> error EMEM: no frame is free
12: evict -> error EFULL: no swap slot is free
"""
# Clock: a whole turn at 5; at 6 the hand is at frame 1, whose flag it has cleared
CLOCK = """5: rmw A 0x2000 3 -> 0; evicted frame 0, written, 2 frames passed
6: load A 0x0 -> 1; evicted frame 1, written
7: evict -> frame 0, written, 2 frames passed
8: load A 0x3000 -> 0
"""


def lru(pages, frames):
    memory, faults = [], 0
    for p in pages:
        if p in memory:
            memory.remove(p)
        else:
            faults += 1
            memory = memory[-(frames - 1):] if frames > 1 else []
        memory.append(p)
    return faults


def clock(pages, frames):
    memory, used, hand, faults = [None] * frames, [False] * frames, 0, 0
    for p in pages:
        if p not in memory:
            faults += 1
            at = memory.index(None) if None in memory else None
            while at is None:
                if not used[hand]:
                    at = hand
                used[hand] = False
                hand = (hand + 1) % frames
            memory[at] = p
        used[memory.index(p)] = True
    return faults


def optimum(pages, frames):
    memory, faults = set(), 0
    for i, p in enumerate(pages):
        if p in memory:
            continue
        faults += 1
        if len(memory) == frames:
            rest = pages[i + 1:]
            memory.remove(max(memory, key=lambda q: rest.index(q) if q in rest else len(rest)))
        memory.add(p)
    return faults


def rows(pages, frames):
    n = len(set(pages))
    return [{"frames": f, "accesses": len(pages), "pages": n, "lru": lru(pages, f), "clock": clock(pages, f), "optimum": optimum(pages, f)}
            for f in frames]


def script(pages, dice):
    """Pages 0 to 7 are A's, others B's; with all kinds of accesses, and some that fail."""
    lines = ["space A", "space B", "map A 0x1fc000 8 rwx", "map B 0x7ffffff00000 40 rwx", "map A 0x40000000 1 none"]
    for p in pages:
        kind = dice.choice(["load", "fetch", "store", "rmw"])
        where = "A 0x%x" % (0x1fc000 + 0x1000 * p) if p < 8 else "B 0x%x" % (0x7ffffff00000 + 0x1000 * (p - 8) + dice.randrange(4096))
        lines.append(kind + " " + where + (" %d" % dice.randrange(256) if kind in ("store", "rmw") else ""))
        if dice.random() < 0.2:
            lines.append(dice.choice(["load A 0x40000000", "store B 0 1", "load B 0x800000000000", "fragmentation", "expect 1"]))
    return "\n".join(lines) + "\n"


def test_evictions(run, check, exe, label):
    options = ["--check", "--frames", "2", "--slots", "3"]
    for name, want in (("lru", LRU), ("clock", CLOCK)):
        code, out, err = run(["run", "--policy", name] + options + ["-"], STORY, exe)
        got = "".join(l + "\n" for l in out.splitlines() if int(l.split(":")[0]) >= 5)
        check(label + "run --policy " + name, (code, err) == (0, "") and got.startswith(want), (code, got, err))
    code, out, err = run(["run", "--policy", "clock", "--json"] + options + ["-"], STORY, exe)
    got = [json.loads(l) for l in out.splitlines()]
    check(label + "run --policy clock --json", code == 0 and got[4] == {
        "line": 5, "op": "rmw", "space": "A", "va": "0x2000", "result": "ok", "value": 0, "evictions": 1, "evicted": 0, "written": True,
        "passed": 2, "faulted": True, "error": "0x6"} and got[6] == {
        "line": 7, "op": "evict", "result": "ok", "evictions": 1, "evicted": 0, "written": True, "passed": 2} and "evicted" not in got[7], got)
    text = "space A\nmap A 0 3 rw\nstore A 0 1\nstore A 0x1000 2\nfile F 2\n"
    code, out, err = run(["run", "-P", "lru", "-f", "2", "--json", "-"], text, exe)
    last = json.loads(out.splitlines()[-1])
    check(label + "run --policy: a line that evicts twice", code == 0 and (last["evictions"], last["evicted"]) == (2, 1), last)
    # the page that is copied on write is the one that has to go
    text = "space A\nmap A 0 2 rw\nstore A 0 1\nfork A B\nload A 0\nstore A 0x1000 2\nload A 0x1000\nstore B 0 3\nload A 0\nexpect 1\nload B 0\nexpect 3\n"
    code, out, err = run(["run", "-P", "lru", "-f", "2", "--check", "--trace", "-"], text, exe)
    check(label + "run --policy --trace: a copy of what had to go", code == 0 and "mended  copy on write" in out
          and "8: store B 0x0 3 -> ok; evicted frame 0, written" in out, (code, out, err))
    for text, line, words in (("space A\nevict\nexpect 0", 3, ["expect 0, but got error EINVAL"]),
                              ("space A\nmap A 0 1 r\nload A 0\nevict\nexpect 1", 5, ["expect 1, but got frame 0, written", "line 4: evict"])):
        code, out, err = run(["run", "-P", "lru", "-"], text, exe)
        check(label + "run --policy: not met: " + text[-8:], code == 1 and "input:%d: " % line in err and all(w in err for w in words), err)


def test_compared(run, check, exe, label, count):
    dice = random.Random(7)
    strings = [BELADY, [0], [0, 0, 0], list(range(40)), list(range(5)) * 6, [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]]
    strings += [[dice.randrange(dice.choice([3, 8, 48])) for _ in range(dice.randrange(1, 150))] for _ in range(count)]
    wrong = []
    for pages in strings:
        asked = dice.choice([0, 0, 1, 3, 7, 33, 64])
        frames = list(range(1, min(len(set(pages)), 32) + 1))
        more = ["--frames", str(asked)] if asked else []
        want = rows(pages, frames + ([asked] if asked > frames[-1] else []))
        code, out, err = run(["run", "--compare-policies", "--json"] + more + ["-"], script(pages, dice), exe)
        got = [json.loads(l) for l in out.splitlines()]
        if (code, err) != (0, "") or got != want:
            wrong.append((pages, asked, code, err, [(g, w) for g, w in zip(got, want) if g != w][:2]))
    check(label + "run --compare-policies: %d reference strings as simulated" % len(strings), not wrong, wrong[:1])
    want = rows(BELADY, [3])[0]
    check(label + "the textbook's string", (want["lru"], want["clock"], want["optimum"]) == (12, 14, 9), want)


TABLE = """page faults of 3 accesses to 2 pages

  frames     lru   clock  optimum
       1       3       3        3
       2       2       2        2

1 frame
"""


def test_printed(run, check, exe, label, work):
    text = "space A\nmap A 0 2 rw\nload A 0\nload A 0x1000\nload A 0\nexit A\nfork A B\n"
    code, out, err = run(["run", "-C", "-"], text, exe)
    bars = dict(re.findall(r"^  (\w+) +(#+ \d+)$", out, re.M))
    check(label + "run -C: a table", (code, err) == (0, "") and out.startswith(TABLE), (code, out, err))
    check(label + "run -C: bars", len(re.findall("#+ ", out)) == 6 and bars["lru"] == 40 * "#" + " 2" and 60 * "#" + " 3\n" in out, out)
    code, out, err = run(["run", "-C", "-f", "2", "-"], text, exe)
    check(label + "run -C -f 2: its bars alone", code == 0 and "\n2 frames\n" in out and "\n1 frame\n" not in out, out)
    path = os.path.join(work, "chart.svg")
    code, out, err = run(["run", "-C", "-f", "2", "-p", path, "-"], text, exe)
    tree = ET.parse(path).getroot()
    lines = [e.get("class") for e in tree.iter(SVG + "path") if "line" in e.get("class").split() and "L" in e.get("d")]
    titles = sorted(e.text for e in tree.iter(SVG + "title"))
    texts = [e.text for e in tree.iter(SVG + "text")]
    check(label + "run -C --picture: a line a policy", code == 0 and lines == ["line lru", "line clock", "line optimum"], lines)
    check(label + "run -C --picture: its points", titles[:2] == ["Clock (second chance), frames 1: 3 faults", "Clock (second chance), frames 2: 2 faults"]
          and len(titles) == 7, titles)
    check(label + "run -C --picture: axes and legend", {"page frames", "page faults", "LRU", "optimum (Belady)", "standard input"} <= set(texts), texts)
    # how: build/vmref run -C -f 3 -p docs/belady.svg examples/belady.vm
    run(["run", "-C", "-f", "3", "-p", path, "examples/belady.vm"], exe=exe, cwd=ROOT)
    check(label + "docs/belady.svg is the chart of examples/belady.vm as it is drawn now",
          open(path, "rb").read() == open(os.path.join(ROOT, "docs/belady.svg"), "rb").read(), "see harness/cli/check_policy.py")
    code, out, err = run(["run", "-C", "-p", os.path.join(work, "none", "x.svg"), "-"], text, exe)
    check(label + "run -C --picture: not writable", code == 5 and "No such file" in err, (code, err))


def test_refused(run, check, exe, label):
    start = "space A\nspace B\nmap A 0 4 rw\n"
    for line in ("fork A C", "file F 1", "map B 0 1 r shared s", "unmap A 0 1", "exit B", "swapout A 0", "swapin A 0", "evict", "move A 0 1", "compact 1"):
        code, out, err = run(["run", "-C", "-"], start + line + "\nload A 0\n", exe)
        check(label + "run -C refuses: " + line, code == 3 and out == "" and err.startswith("vmref run: standard input:4: policies cannot be compared"),
              (code, out, err))
        code, out, err = run(["run", "-C", "-"], start + "load A 0\n" + line + "\n", exe)
        check(label + "run -C: behind the last access: " + line, code == 0 and err == "", (code, out, err))
    for text in (start, start + "load A 0x10000\n"):
        code, out, err = run(["run", "-C", "-"], text, exe)
        check(label + "run -C refuses: no access", code == 3 and out == "" and "no" in err and "access" in err, (code, out, err))
    for args in (["-P", "fifo"], ["-P"], ["-P", ""], ["-C", "-P", "lru"], ["-C", "-t"], ["-C", "-c"], ["-C", "-q"], ["-C", "-m", "x"], ["-C", "-f", "0"]):
        code, out, err = run(["run"] + args + ["-"], "space A\n", exe)
        check(label + "run usage: " + " ".join(args), code == 2 and out == "" and "--help" in err, (code, out, err))


def test_policy(run, check, exe, label, work):
    test_evictions(run, check, exe, label)
    test_compared(run, check, exe, label, 20)
    test_printed(run, check, exe, label, work)
    test_refused(run, check, exe, label)
