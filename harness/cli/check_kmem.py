# SPDX-License-Identifier: MIT
"""Tests of the kernel's memory in `vmref run` for harness/test_cli.py. Outcomes were worked out by hand: 32
frames, frame f at 0xffff800000001000 + f * 0x1000 behind one of text, the first area at page 34."""
import json

STORY = """kmem
kmalloc a 65
kmalloc b 128
kmalloc c 4097
vmalloc v 2
kmalloc d 2048
kmem
kmalloc a 1
kfree v
vfree a
kfree a
kfree a
vfree v
kmalloc e 0
kmalloc f 131073
kmalloc g 131072
vmalloc h 0
vmalloc i 40
vmalloc v 1
kfree b
kfree c
kfree d
vfree v
kmem
"""
# frame 0 is the page of a and b, 2 and 3 c; v has 1 and then 4, of the next free block, 4 to 7; d's page is 5
WORDS = """1: kmem -> 32 of 32 frames free, the largest block 32, index 0; ................................; free by 32: 0
2: kmalloc a 65 -> 0xffff800000001000, 128 bytes
3: kmalloc b 128 -> 0xffff800000001080, 128 bytes
4: kmalloc c 4097 -> 0xffff800000003000, 8192 bytes
5: vmalloc v 2 -> 0xffff800000022000, 8192 bytes
6: kmalloc d 2048 -> 0xffff800000006000, 2048 bytes
7: kmem -> 26 of 32 frames free, the largest block 16, index 385; svBBvs..........................; free by 2: 6; free by 8: 8; free by 16: 16; \
2 of 128 bytes in 1 page; 1 of 2048 bytes in 1 page; area 0xffff800000022000 of 2 pages
8: kmalloc a 1 -> error EINVAL: it is allocated already, or none is wanted, or more than there can be
9: kfree v -> error EINVAL: it is not allocated, or by the other of kmalloc and vmalloc
10: vfree a -> error EINVAL: it is not allocated, or by the other of kmalloc and vmalloc
11: kfree a -> 128 bytes
12: kfree a -> error EINVAL: it is not allocated, or by the other of kmalloc and vmalloc
13: vfree v -> 8192 bytes
14: kmalloc e 0 -> error EINVAL: it is allocated already, or none is wanted, or more than there can be
15: kmalloc f 131073 -> error EINVAL: it is allocated already, or none is wanted, or more than there can be
16: kmalloc g 131072 -> error EMEM: not so many bytes in a row are free
17: vmalloc h 0 -> error EINVAL: it is allocated already, or none is wanted, or more than there can be
18: vmalloc i 40 -> error EMEM: not so many frames are free, or not so many addresses in a row
19: vmalloc v 1 -> 0xffff800000022000, 4096 bytes
20: kfree b -> 128 bytes
21: kfree c -> 8192 bytes
22: kfree d -> 2048 bytes
23: vfree v -> 4096 bytes
24: kmem -> 32 of 32 frames free, the largest block 32, index 0; ................................; free by 32: 0
"""
OBJECTS = {
    2: {"op": "kmalloc", "name": "a", "result": "ok", "address": "0xffff800000001000", "bytes": 128},
    5: {"op": "vmalloc", "name": "v", "result": "ok", "address": "0xffff800000022000", "bytes": 8192},
    7: {"op": "kmem", "result": "ok", "frames": 32, "free": 26, "largest": 16, "index": 385, "map": "svBBvs" + 26 * ".",
        "lists": [[], [6], [], [8], [16], []],
        "slabs": [{"size": 128, "pages": 1, "objects": 2}, {"size": 2048, "pages": 1, "objects": 1}],
        "areas": [{"address": "0xffff800000022000", "pages": 2}]},
    8: {"op": "kmalloc", "name": "a", "result": "error", "status": "EINVAL"},
    13: {"op": "vfree", "name": "v", "result": "ok", "bytes": 8192},
    16: {"op": "kmalloc", "name": "g", "result": "error", "status": "EMEM"},
    24: {"op": "kmem", "result": "ok", "frames": 32, "free": 32, "largest": 32, "index": 0, "map": 32 * ".",
         "lists": [[], [], [], [], [], [0]], "slabs": [], "areas": []},
}
MALFORMED = [
    ("kmalloc without a name", "kmalloc", 1, 8, ["NAME is missing", "kmalloc NAME BYTES"]),
    ("kmalloc without bytes", "kmalloc a", 1, 10, ["BYTES is missing", "kmalloc NAME BYTES"]),
    ("bytes that are no number", "kmalloc a 1k", 1, 11, ["BYTES '1k'"]),
    ("a number for a name", "kmalloc 7 7", 1, 9, ["'7' is no name"]),
    ("a word behind kmalloc", "kmalloc a 1 2", 1, 13, ["'2' is too much"]),
    ("vmalloc without pages", "vmalloc v", 1, 10, ["PAGES is missing"]),
    ("kfree of what no line has made", "kmalloc a 1\nkfree b", 2, 7, ["unknown allocation 'b'", "kmalloc b BYTES or vmalloc b PAGES"]),
    ("vfree of a space", "space A\nvfree A", 2, 7, ["unknown allocation 'A'"]),
    ("an allocation for a space", "kmalloc a 1\nload a 0", 2, 6, ["unknown space 'a'"]),
    ("a word behind kmem", "kmem all", 1, 6, ["'all' is too much"]),
]
USERS = "space A\nload A 0xffff800000004000\nload A 0xffff800000000000\n"


def test_kmem(run, check, exe, label):
    code, out, err = run(["run", "--check", "-"], STORY, exe)
    check(label + "run kmem: outcomes in words", (code, out, err) == (0, WORDS, ""), (code, out, err))
    again = "".join(l.split(": ", 1)[1].split(" -> ")[0] + "\n" for l in out.splitlines())
    check(label + "run kmem: what it prints is a script", again == STORY, again)
    code, out, err = run(["run", "--json", "--trace", "-"], STORY, exe)
    got = {o.pop("line"): o for o in map(json.loads, out.splitlines())}
    wrong = [(n, got.get(n), OBJECTS[n]) for n in OBJECTS if got.get(n) != OBJECTS[n]]
    check(label + "run kmem --json", code == 0 and err == "" and not wrong and len(got) == 24, (code, err, wrong))
    for name, text, line, column, words in MALFORMED:
        code, out, err = run(["run", "-"], text, exe)
        check(label + "run refuses: " + name, code == 3 and out == "" and err.startswith("vmref run: standard input:%d:%d: " % (line, column))
              and all(w in err for w in words) and len(err) < 400, (code, out, err))
    for line in ("kmalloc a 1", "vmalloc a 1", "kmem"):
        code, out, err = run(["run", "-C", "-"], "space A\n" + line + "\nload A 0\n", exe)
        check(label + "run -C refuses: " + line, code == 3 and out == "" and "input:2: policies cannot be compared" in err and "kernel" in err, err)
    # without a line of the kernel's it has 4 frames, with one 33: present or not, for a user, SDM 3A 4.7
    code, out, err = run(["run", "-"], USERS, exe)
    check(label + "run: the kernel without memory to give", code == 0 and "error 0x4 (U)" in out and "error 0x5 (P U)" in out, out)
    code, out, err = run(["run", "-"], USERS + "kmem\n", exe)
    check(label + "run: the kernel with memory to give", code == 0 and "error 0x4" not in out and out.count("error 0x5 (P U)") == 2, out)
    check(label + "run kmem: names of its own", run(["run", "-n", "1", "-"], "space A\nkmalloc A 1\nkmalloc B 1\nvmalloc C 1\nexit A\nkfree A\n", exe)[0] == 0)
