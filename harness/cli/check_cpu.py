# SPDX-License-Identifier: MIT
"""Tests of processors in `vmref run` for harness/test_cli.py. Outcomes were worked out by hand: who has
cached what, and whom a shootdown tells."""
import json

STORY = """space A
map A 0x10000 2 rwx
store A 0x10000 1
cpu 1 runs A
cpu 3 runs A
load A 0x10000
cpu 1 store 0x10001 2
cpu 3 rmw 0x10001 3
cpu 3 fetch 0x10001
cpu 3 looks 0x10000
tlb
fork A B
cpu 0 runs B
store A 0x10001 4
cpu 0 load 0x10001
unmap A 0x10000 1
load A 0x10000
protect A 0x11000 1 r
exit A
cpu 1 load 0x10000
load A 0x10000
cpu 3 looks 0x10000
cpu 0 idle
load B 0x10000
flush
tlb
"""
# frame 0 is the page's, then B's; 1 A's copy. Line 6: processor 1 is the lowest that runs A, and D is set
# already. At 12 processors 1 and 3 are all that run something, and from 14 to 19 those that run A, whose page
# stays present, read-only, in the fork; at 25 all idle
WORDS = """1: space A -> ok
2: map A 0x10000 2 rwx anon -> ok
3: store A 0x10000 1 -> ok
4: cpu 1 runs A -> ok
5: cpu 3 runs A -> ok
6: load A 0x10000 -> 1; cpu 1, walk
7: cpu 1 store 0x10001 2 -> ok; cpu 1, hit
8: cpu 3 rmw 0x10001 3 -> 2; cpu 3, walk
9: cpu 3 fetch 0x10001 -> 3; cpu 3, hit
10: cpu 3 looks 0x10000 -> ok
11: tlb -> cpu 1: 0x10000 frame 0 rwx dirty; cpu 3: 0x10000 frame 0 rwx dirty
12: fork A B -> ok; told 2
13: cpu 0 runs B -> ok
14: store A 0x10001 4 -> ok; cpu 1, walk; told 2
15: cpu 0 load 0x10001 -> 3; cpu 0, walk
16: unmap A 0x10000 1 -> ok; told 2
17: load A 0x10000 -> page fault 14, error 0x4 (U): nothing is mapped there; cpu 1, walk
18: protect A 0x11000 1 r -> ok; told 2
19: exit A -> ok; told 2
20: cpu 1 load 0x10000 -> error EINVAL: the processor is idle; give it a space on a line before: cpu N runs SPACE
21: load A 0x10000 -> error EINVAL: no such space
22: cpu 3 looks 0x10000 -> error EINVAL: the processor is idle; give it a space on a line before: cpu N runs SPACE
23: cpu 0 idle -> ok
24: load B 0x10000 -> error EINVAL: no processor runs the space; have one run it on a line before: cpu N runs SPACE
25: flush -> ok
26: tlb -> nothing is cached
"""
OBJECTS = {
    6: {"op": "load", "space": "A", "va": "0x10000", "cpu": 1, "hit": False, "result": "ok", "value": 1, "faulted": False},
    7: {"op": "store", "va": "0x10001", "cpu": 1, "hit": True, "result": "ok", "faulted": False},
    10: {"op": "looks", "va": "0x10000", "cpu": 3, "result": "ok"},
    12: {"op": "fork", "space": "A", "child": "B", "told": 2, "result": "ok"},
    13: {"op": "runs", "space": "B", "cpu": 0, "result": "ok"},
    20: {"op": "load", "va": "0x10000", "cpu": 1, "result": "error", "status": "EINVAL"},
    23: {"op": "idle", "cpu": 0, "result": "ok"},
    24: {"op": "load", "space": "B", "va": "0x10000", "result": "error", "status": "EINVAL"},
    26: {"op": "tlb", "result": "ok", "cached": []},
}
LAZY = """lazy on
space A
map A 0 3 rw
cpu 0 runs A
cpu 1 runs A
cpu 0 store 0 7
cpu 0 load 0x1000
cpu 1 load 0
unmap A 0 1
tlb
cpu 1 load 0
unmap A 0x2000 1
cpu 1 load 0x2000
tlb
"""
# the fault at 13 tells both; after it processor 0 has nothing, and nothing is there to cache
LAZY_END = """9: unmap A 0x0 1 -> ok
10: tlb -> cpu 0: 0x0 frame 0 rw dirty stale, 0x1000 frame 1 rw; cpu 1: 0x0 frame 0 rw dirty stale
11: cpu 1 load 0x0 -> 7; cpu 1, hit
12: unmap A 0x2000 1 -> ok
13: cpu 1 load 0x2000 -> page fault 14, error 0x4 (U): nothing is mapped there; cpu 1, walk; told 2
14: tlb -> nothing is cached
"""
# 2 frames, so that the third page sends the oldest to swap: page 0, which processor 1 used last but one
POLICY = """space A
map A 0 3 rw
cpu 1 runs A
cpu 1 store 0 1
cpu 1 store 0x1000 2
cpu 1 load 0
cpu 1 store 0x2000 3
cpu 1 load 0x1000
expect 2
cpu 1 load 0
evict
"""
POLICY_END = """6: cpu 1 load 0x0 -> 1; cpu 1, hit
7: cpu 1 store 0x2000 3 -> ok; evicted frame 1, written; cpu 1, walk; told 1
8: cpu 1 load 0x1000 -> 2; evicted frame 0, written; cpu 1, walk; told 1
10: cpu 1 load 0x0 -> 1; evicted frame 1, written; cpu 1, walk; told 1
11: evict -> frame 0, clean; told 1
"""
MALFORMED = [
    ("a processor that there is not", "cpu 4 idle", 1, 5, ["4 is too large", "at most 3"]),
    ("a processor is missing", "cpu", 1, 4, ["N is missing", "cpu N runs SPACE"]),
    ("what it does is missing", "cpu 1", 1, 6, ["missing", "idle"]),
    ("what it does is nothing", "cpu 1 walks", 1, 7, ["'walks'", "cpu N runs SPACE"]),
    ("an unknown space runs", "cpu 1 runs A", 1, 12, ["unknown space 'A'", "space A"]),
    ("a space behind idle", "space A\ncpu 1 idle A", 2, 12, ["'A' is too much"]),
    ("an address is missing", "cpu 1 load", 1, 11, ["ADDRESS is missing"]),
    ("a space and an address", "space A\ncpu 1 load A 0", 2, 12, ["'A'"]),
    ("a value is missing", "cpu 1 store 0", 1, 14, ["VALUE is missing"]),
    ("a word behind flush", "flush 1", 1, 7, ["'1' is too much"]),
    ("a word behind tlb", "tlb 1", 1, 5, ["'1' is too much"]),
    ("lazy, and what", "lazy", 1, 5, ["on or off is missing"]),
    ("lazy, and something", "lazy yes", 1, 6, ["'yes'", "on"]),
    ("lazy too late", "space A\ncpu 0 runs A\nlazy on", 3, 1, ["before the first line that says cpu"]),
]


def ends(out, first):
    return "".join(l + "\n" for l in out.splitlines() if l[:1].isdigit() and int(l.split(":")[0]) >= first)


def test_cpu(run, check, exe, label):
    code, out, err = run(["run", "--check", "-"], STORY, exe)
    check(label + "run cpu: outcomes in words", (code, out, err) == (0, WORDS, ""), (code, out, err))
    again = "".join(l.split(": ", 1)[1].split(" -> ")[0] + "\n" for l in out.splitlines())
    check(label + "run cpu: what it prints is a script", run(["run", "-"], again, exe)[1] == WORDS)
    code, out, err = run(["run", "--json", "-"], STORY, exe)
    got = {o.pop("line"): o for o in map(json.loads, out.splitlines())}
    wrong = [(n, got.get(n), OBJECTS[n]) for n in OBJECTS if got.get(n) != OBJECTS[n]]
    check(label + "run cpu --json", code == 0 and err == "" and not wrong and len(got) == 26, (code, err, wrong))
    check(label + "run tlb --json", got[11]["cached"] == [
        {"cpu": c, "page": "0x10000", "frame": 0, "write": True, "exec": True, "dirty": True, "stale": False} for c in (1, 3)], got[11])
    code, out, err = run(["run", "--check", "-"], LAZY, exe)
    check(label + "run lazy on", (code, err, ends(out, 9)) == (0, "", LAZY_END), (code, out, err))
    code, out, err = run(["run", "-"], LAZY.replace("lazy on", "lazy off"), exe)
    check(label + "run lazy off", code == 0 and "9: unmap A 0x0 1 -> ok; told 2\n10: tlb -> cpu 0: 0x1000 frame 1 rw\n" in out, out)
    check(label + "run: eager without a word", run(["run", "-"], LAZY.replace("lazy on\n", "\n"), exe)[1] == out.replace("1: lazy off -> ok\n", ""))
    code, out, err = run(["run", "-P", "lru", "-f", "2", "--check", "-"], POLICY, exe)
    check(label + "run cpu --policy", (code, err, ends(out, 6)) == (0, "", POLICY_END), (code, out, err))
    code, out, err = run(["run", "--trace", "-"], STORY, exe)
    hit = out[out.index("\n7: "):out.index("\n8: ")]
    check(label + "run cpu --trace: a hit has no walk", code == 0 and "hit     by what" in hit and "PTE" not in hit and "leaf    frame 0x40000" in hit, hit)
    walk = out[out.index("\n14: "):out.index("\n15: ")]
    check(label + "run cpu --trace: a copy", "mended  copy on write: frame 0x40000 to frame 0x41000" in walk, walk)
    nowhere = out[out.index("\n24: "):out.index("\n25: ")]
    check(label + "run cpu --trace: nothing where nothing is made", nowhere.count("\n") == 1, nowhere)
    rows = [json.loads(l) for l in run(["run", "--trace", "--json", "-"], STORY, exe)[1].splitlines()]
    check(label + "run cpu --trace --json", "walk" not in rows[6] and "walk" in rows[5] and rows[13]["mended"] == "copy on write", rows[6])
    for name, text, line, column, words in MALFORMED:
        code, out, err = run(["run", "-"], text, exe)
        check(label + "run refuses: " + name, code == 3 and out == "" and err.startswith("vmref run: standard input:%d:%d: " % (line, column))
              and all(w in err for w in words) and len(err) < 400, (code, out, err))
    for line in ("cpu 0 runs A", "flush", "tlb", "lazy on"):
        code, out, err = run(["run", "-C", "-"], "space A\n" + line + "\nload A 0\n", exe)
        check(label + "run -C refuses: " + line, code == 3 and out == "" and "input:2: policies cannot be compared" in err and "processors" in err, err)
    text = "space A\nspace B\ncpu 2 runs B\nload A 0\nexpect 0"
    code, out, err = run(["run", "-"], text, exe)
    check(label + "run: no processor runs it", code == 1 and "input:5: expect 0, but got error EINVAL: no processor runs the space; have one" in err
          and "line 4: load A 0x0" in err, err)
