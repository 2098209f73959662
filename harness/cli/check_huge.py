# SPDX-License-Identifier: MIT
"""Tests of pages of 2 MiB and 1 GiB and of devices in `vmref run` for harness/test_cli.py. Outcomes were worked out by
hand: 64 tables, so that page frame 448 is the first at a multiple of 2 MiB, and 1536 frames."""
import json

STORY = """space A
map A 0x200000 512 rw anon
merge A 0x200000
store A 0x200123 7
rmw A 0x200123 8
huge
split A 0x200000
split A 0x200000
merge A 0x201000
merge A 0x400000
fork A B
merge A 0x200000
fork A C
store C 0x200123 9
store A 0x200123 10
device A 0x800000 2 0x1000 r uc- 4k
device A 0xa00000 1 0x1000 rw wc 2m
device A 0x40000000 1 0x40000 rw uc 1g
load A 0x801004
store A 0x40000010 1
store A 0x800000 1
map A 0x40001000 1 r anon
device A 0x40001000 1 0x1000 r wb 4k
huge
"""
WORDS = """1: space A -> ok
2: map A 0x200000 512 rw anon -> ok
3: merge A 0x200000 -> ok
4: store A 0x200123 7 -> ok; page of 2 MiB
5: rmw A 0x200123 8 -> 7; page of 2 MiB
6: huge -> A 0x200000 2m frame 448 rw accessed dirty
7: split A 0x200000 -> ok
8: split A 0x200000 -> error EINVAL: no page of 2 MiB begins there, and no page of 1 GiB of a device
9: merge A 0x201000 -> error EINVAL: no such space, no page of 2 MiB can begin there, the rights of its pages differ, or a device is there
10: merge A 0x400000 -> error ENOMAP: nothing is mapped there
11: fork A B -> ok
12: merge A 0x200000 -> ok
13: fork A C -> ok
14: store C 0x200123 9 -> ok
15: store A 0x200123 10 -> ok; split 1
16: device A 0x800000 2 0x1000 r uc- 4k -> ok
17: device A 0xa00000 1 0x1000 rw wc 2m -> ok
18: device A 0x40000000 1 0x40000 rw uc 1g -> ok
19: load A 0x801004 -> device, 0x1001004
20: store A 0x40000010 1 -> device, 0x40000010; page of 1 GiB
21: store A 0x800000 1 -> page fault 14, error 0x7 (P W U): the mapping does not permit it
22: map A 0x40001000 1 r anon -> error EINVAL: no such space, a range it cannot have, or something is mapped there
23: device A 0x40001000 1 0x1000 r wb 4k -> error EINVAL: no such space, a range or frames that it cannot have, not readable, or something is mapped there
24: huge -> A 0x800000 4k device 0x1000 r uc-; A 0x801000 4k device 0x1001 r uc- accessed; A 0xa00000 2m device 0x1000 rw wc; \
A 0x40000000 1g device 0x40000 rw uc accessed dirty
"""
OBJECTS = {
    4: {"op": "store", "space": "A", "va": "0x200123", "result": "ok", "size": "2m", "faulted": False},
    5: {"op": "rmw", "space": "A", "va": "0x200123", "result": "ok", "value": 7, "size": "2m", "faulted": False},
    6: {"op": "huge", "result": "ok", "huge": [{"space": "A", "page": "0x200000", "size": "2m", "pages": 1, "frame": 448, "rights": "rw",
                                                "write": True, "accessed": True, "dirty": True}]},
    7: {"op": "split", "space": "A", "va": "0x200000", "result": "ok", "split": 1},
    15: {"op": "store", "space": "A", "va": "0x200123", "result": "ok", "size": "4k", "split": 1, "faulted": True, "error": "0x7"},
    18: {"op": "device", "space": "A", "va": "0x40000000", "result": "ok"},
    19: {"op": "load", "space": "A", "va": "0x801004", "result": "ok", "device": "0x1001004", "size": "4k", "faulted": False},
    20: {"op": "store", "space": "A", "va": "0x40000010", "result": "ok", "device": "0x40000010", "size": "1g", "faulted": False},
    21: {"op": "store", "space": "A", "va": "0x800000", "result": "fault", "vector": 14, "error": "0x7", "status": "EACCES"},
}
DEVICES = "device SPACE ADDRESS PAGES FRAME RIGHTS [wb | wc | uc- | uc] [4k | 2m | 1g]"
MALFORMED = [
    ("merge without an address", "space A\nmerge A", 2, 8, ["ADDRESS is missing", "merge SPACE ADDRESS"]),
    ("merge at no page", "space A\nmerge A 0x200001", 2, 9, ["not the address of a page"]),
    ("split in no space", "split A 0", 1, 7, ["unknown space 'A'"]),
    ("a device without rights", "space A\ndevice A 0 1 0x1000", 2, 20, ["RIGHTS is missing", DEVICES]),
    ("a device without a frame", "space A\ndevice A 0 1", 2, 13, ["FRAME is missing"]),
    ("no cache type", "space A\ndevice A 0 1 0x1000 r wt", 2, 23, ["'wt' is neither a cache type nor a size", DEVICES]),
    ("two sizes", "space A\ndevice A 0 1 0x1000 r 4k 2m", 2, 26, ["'2m' is one too many"]),
    ("two cache types", "space A\ndevice A 0 1 0x1000 r wb uc", 2, 26, ["'uc' is one too many"]),
    ("a frame past the address space", "space A\ndevice A 0 1 0x10000000000000 r", 2, 14, ["too large"]),
    ("a word behind huge", "huge all", 1, 6, ["'all' is too much"]),
]
TRACED = "space A\nmap A 0x200000 512 rw\nmerge A 0x200000\nload A 0x200000\ndevice A 0x400000 1 0x1000 r 2m\nload A 0x400000\n"


def test_huge(run, check, exe, label):
    code, out, err = run(["run", "--check", "-"], STORY, exe)
    check(label + "run huge: outcomes in words", (code, out, err) == (0, WORDS, ""), (code, out, err))
    again = "".join(l.split(": ", 1)[1].split(" -> ")[0] + "\n" for l in out.splitlines())
    check(label + "run huge: what it prints is a script", again == STORY, again)
    code, out, err = run(["run", "--json", "-"], STORY, exe)
    got = {o.pop("line"): o for o in map(json.loads, out.splitlines())}
    wrong = [(n, got.get(n), OBJECTS[n]) for n in OBJECTS if got.get(n) != OBJECTS[n]]
    check(label + "run huge --json", code == 0 and err == "" and not wrong and len(got) == 24, (code, err, wrong))
    for name, text, line, column, words in MALFORMED:
        code, out, err = run(["run", "-"], text, exe)
        check(label + "run refuses: " + name, code == 3 and out == "" and err.startswith("vmref run: standard input:%d:%d: " % (line, column))
              and all(w in err for w in words) and len(err) < 400, (code, out, err))
    for other in ("cpu 0 runs A", "flush", "tlb", "lazy on"):
        code, out, err = run(["run", "-"], "space A\n" + other + "\nhuge\n", exe)
        check(label + "run refuses beside huge: " + other, code == 4 and out == "" and "no processors" in err, (code, out, err))
    code, out, err = run(["run", "--policy", "lru", "-"], "space A\nhuge\n", exe)
    check(label + "run refuses --policy beside huge", code == 4 and out == "" and "--policy" in err, (code, out, err))
    code, out, err = run(["run", "-C", "-"], "space A\nmerge A 0\nload A 0\n", exe)
    check(label + "run -C refuses merge", code == 3 and out == "" and "input:2: policies cannot be compared" in err, err)
    code, out, err = run(["run", "--frames", "64", "-"], "space A\nmap A 0 512 rw\nmerge A 0\nexpect error EMEM\n", exe)
    check(label + "run huge: too few frames", code == 0, (code, out, err))
    code, out, err = run(["run", "--trace", "-"], TRACED, exe)
    check(label + "run huge --trace: the walk ends at the page", code == 0 and out.count("2-MiB page") == 4 and "a page of a device" in out, out)
    code, out, err = run(["run", "-"], "kmalloc a 1\nhuge\nkfree a\n", exe)
    check(label + "run huge: beside the kernel's memory", code == 0 and "2: huge -> all pages are of 4 KiB" in out, out)
