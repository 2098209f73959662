# SPDX-License-Identifier: MIT
"""Tests of `vmref run` for harness/test_cli.py: the stories of examples/*.vm, what is printed,
and scripts that are refused. Values were worked out by hand from what a page fault, copy on
write and swap are, error codes from SDM 3A 4.7, entries from SDM 3A table 4-20."""
import glob
import json
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

STORY = b"""# a story
space A
  map A 0x10000 2 rw   # two pages
load A 65536
store A 0x10001 0x2a
fork A B
load B 0x10001
expect 42
expect ok
store B 0x10001 43
load B 0x11000
rmw B 0x10001 255
expect 43
protect A 0x10000 1 r
store A 0x10001 1
store A 0x30000 1
map A 0x20000 1 none
fetch A 0x20000
load A 0xffff800000000000
load A 0x8000000000000
swapout B 0x10000
swapin B 0x10000
swapin B 0x10000
file F 2
map A 0x40000 2 r file F private
map A 0x50000 1 rxw file F shared 1
map B 0x40000 1 rw shared 007
add F 8192
exit B
load B 0x10000
unmap A 0x40000 2
"""
WORDS = """2: space A -> ok
3: map A 0x10000 2 rw anon -> ok
4: load A 0x10000 -> 0
5: store A 0x10001 42 -> ok
6: fork A B -> ok
7: load B 0x10001 -> 42
10: store B 0x10001 43 -> ok
11: load B 0x11000 -> 0
12: rmw B 0x10001 255 -> 43
14: protect A 0x10000 1 r -> ok
15: store A 0x10001 1 -> page fault 14, error 0x6 (W U): the mapping does not permit it
16: store A 0x30000 1 -> page fault 14, error 0x6 (W U): nothing is mapped there
17: map A 0x20000 1 none anon -> ok
18: fetch A 0x20000 -> page fault 14, error 0x14 (U I): the mapping does not permit it
19: load A 0xffff800000000000 -> page fault 14, error 0x5 (P U): the mapping does not permit it
20: load A 0x8000000000000 -> general protection 13, error 0x0: the address is not canonical
21: swapout B 0x10000 -> ok
22: swapin B 0x10000 -> ok
23: swapin B 0x10000 -> error EINVAL: no such space or page, or it is not in swap
24: file F 2 -> ok
25: map A 0x40000 2 r file F private -> ok
26: map A 0x50000 1 rwx file F shared 1 -> ok
27: map B 0x40000 1 rw shared 7 -> ok
28: add F 0x2000 -> ok
29: exit B -> ok
30: load B 0x10000 -> error EINVAL: no such space
31: unmap A 0x40000 2 -> ok
"""
# by line of STORY
OBJECTS = {
    2: {"op": "space", "space": "A", "result": "ok"},
    3: {"op": "map", "space": "A", "va": "0x10000", "result": "ok"},
    4: {"op": "load", "space": "A", "va": "0x10000", "result": "ok", "value": 0, "faulted": True, "error": "0x4"},
    5: {"op": "store", "space": "A", "va": "0x10001", "result": "ok", "faulted": False},
    6: {"op": "fork", "space": "A", "child": "B", "result": "ok"},
    7: {"op": "load", "space": "B", "va": "0x10001", "result": "ok", "value": 42, "faulted": True, "error": "0x4"},
    10: {"op": "store", "space": "B", "va": "0x10001", "result": "ok", "faulted": True, "error": "0x7"},
    12: {"op": "rmw", "space": "B", "va": "0x10001", "result": "ok", "value": 43, "faulted": False},
    15: {"op": "store", "space": "A", "va": "0x10001", "result": "fault", "vector": 14, "error": "0x6", "status": "EACCES"},
    16: {"op": "store", "space": "A", "va": "0x30000", "result": "fault", "vector": 14, "error": "0x6", "status": "ENOMAP"},
    20: {"op": "load", "space": "A", "va": "0x8000000000000", "result": "fault", "vector": 13, "error": "0x0", "status": "EACCES"},
    21: {"op": "swapout", "space": "B", "va": "0x10000", "result": "ok"},
    23: {"op": "swapin", "space": "B", "va": "0x10000", "result": "error", "status": "EINVAL"},
    25: {"op": "map", "space": "A", "file": "F", "va": "0x40000", "result": "ok"},
    27: {"op": "map", "space": "B", "file": "7", "va": "0x40000", "result": "ok"},
    30: {"op": "load", "space": "B", "va": "0x10000", "result": "error", "status": "EINVAL"},
}

# name, script, line, column, words of the message; nothing of a script that is malformed is run
MALFORMED = [
    ("no operation", "space A\nlod A 0", 2, 1, ["'lod'", "load", "expect"]),
    ("an operation in capitals", "SPACE A", 1, 1, ["'SPACE'"]),
    ("a name that is a number", "space 7", 1, 7, ["'7'", "letter"]),
    ("a name with a dash", "space a-b", 1, 7, ["'a-b'"]),
    ("a name of 64 letters", "space " + 64 * "a", 1, 7, ["63"]),
    ("a name is missing", "space", 1, 6, ["NAME is missing", "space NAME"]),
    ("a name is missing, a comment", "space  # A", 1, 6, ["NAME is missing"]),
    ("a bad number", "space A\nload A 12x", 2, 8, ["'12x'", "decimal", "0x"]),
    ("no digits behind 0x", "space A\nload A 0x", 2, 8, ["'0x'"]),
    ("a negative number", "space A\nload A -1", 2, 8, ["'-1'"]),
    ("a fraction", "space A\nstore A 0 1.5", 2, 11, ["'1.5'"]),
    ("hex without 0x", "space A\nload A ff", 2, 8, ["'ff'"]),
    ("a number of 2^64", "space A\nload A 18446744073709551616", 2, 8, ["2^64"]),
    ("a hex number of 2^64", "space A\nload A 0x10000000000000000", 2, 8, ["2^64"]),
    ("map, misaligned", "space A\nmap A 0x10001 1 rw", 2, 7, ["0x10001", "4096", "0x10000 is"]),
    ("unmap, misaligned", "space A\n unmap  A  4097 1", 2, 12, ["0x1001", "0x1000 is"]),
    ("protect, misaligned", "space A\nprotect A 1 1 r", 2, 11, ["0x1", "0x0 is"]),
    ("swapout, misaligned", "space A\nswapout A 0xfff", 2, 11, ["0xfff"]),
    ("swapin, misaligned", "space A\nswapin A 0xfff", 2, 10, ["0xfff"]),
    ("add, misaligned", "file F 0\nadd F 0xfff", 2, 7, ["0xfff"]),
    ("an unknown space", "space A\nload B 0", 2, 6, ["unknown space 'B'", "space B", "fork SPACE B"]),
    ("a space made later", "load A 0\nspace A", 1, 6, ["unknown space 'A'"]),
    ("fork of an unknown space", "fork A B", 1, 6, ["unknown space 'A'"]),
    ("exit of an unknown space", "exit A", 1, 6, ["unknown space 'A'"]),
    ("an unknown file", "space A\nmap A 0 1 r file F shared", 2, 18, ["'F'", "file F PAGES"]),
    ("names are by case", "space A\nload a 0", 2, 6, ["'a'"]),
    ("a value of 256", "space A\nstore A 0 256", 2, 11, ["256", "at most 255"]),
    ("a value of 2^64 - 1", "space A\nrmw A 0 0xffffffffffffffff", 2, 9, ["at most 255"]),
    ("a value is missing", "space A\nstore A 0x10000", 2, 16, ["VALUE is missing", "store SPACE ADDRESS VALUE"]),
    ("an address is missing", "space A\nload A", 2, 7, ["ADDRESS is missing"]),
    ("pages are missing", "space A\nmap A 0x10000", 2, 14, ["PAGES is missing"]),
    ("rights are missing", "space A\nmap A 0x10000 1", 2, 16, ["RIGHTS is missing"]),
    ("bad rights", "space A\nmap A 0 1 rwz", 2, 11, ["'rwz'", "none"]),
    ("rights twice", "space A\nmap A 0 1 rr", 2, 11, ["'rr'", "once"]),
    ("rights in capitals", "space A\nprotect A 0 1 RW", 2, 15, ["'RW'"]),
    ("no kind of mapping", "space A\nmap A 0 1 r public", 2, 13, ["'public'", "anon"]),
    ("a segment's name is missing", "space A\nmap A 0 1 r shared", 2, 19, ["missing"]),
    ("a segment's bad name", "space A\nmap A 0 1 r shared 7a", 2, 20, ["'7a'"]),
    ("private or shared is missing", "space A\nfile F 1\nmap A 0 1 r file F", 3, 19, ["private or shared is missing"]),
    ("neither private nor shared", "space A\nfile F 1\nmap A 0 1 r file F 3", 3, 20, ["'3'"]),
    ("a bad first page", "space A\nfile F 1\nmap A 0 1 r file F shared x", 3, 27, ["'x'"]),
    ("a word too much", "space A\nload A 0 1", 2, 10, ["'1' is too much", "load SPACE ADDRESS"]),
    ("a word behind anon", "space A\nmap A 0 1 r anon 1", 2, 18, ["'1' is too much"]),
    ("a word behind ok", "space A\nexpect ok ok", 2, 11, ["'ok' is too much"]),
    ("expect first", "# of what?\nexpect ok", 2, 8, ["nothing is done before"]),
    ("expect nothing", "space A\nexpect", 2, 7, ["missing"]),
    ("expect what is not", "space A\nexpect nothing", 2, 8, ["'nothing'", "fault VECTOR CODE"]),
    ("expect 256", "space A\nexpect 256", 2, 8, ["at most 255"]),
    ("expect a fault without vector", "space A\nexpect fault", 2, 13, ["VECTOR is missing"]),
    ("expect a fault without code", "space A\nexpect fault 14", 2, 16, ["CODE is missing"]),
    ("expect a vector of 256", "space A\nexpect fault 256 0", 2, 14, ["at most 255"]),
    ("expect an error without name", "space A\nexpect error", 2, 13, ["missing"]),
    ("expect no error", "space A\nexpect error ENOMEM", 2, 14, ["'ENOMEM'", "EMEM"]),
    ("bytes that cannot be printed", b"\x1b[2J\xff\0 A", 1, 1, ["?[2J??"]),
    ("a long word", 1000 * "a", 1, 1, ["aaa..."]),
    ("a line too long", (1 << 20) * "#" + "#", 1, (1 << 20) + 1, ["1048576"]),
]
NAMES = "".join("space s%d\n" % i for i in range(17))  # one more than --spaces

# script, options, the line of expect, words of the message
UNMET = [
    ("space A\nmap A 0x10000 1 rw\nload A 0x10000\nexpect 42", 4, ["expect 42, but got 0", "line 3: load A 0x10000"]),
    ("space A\nload A 0x10000\nexpect 0", 3, ["but got page fault 14, error 0x4"]),
    ("space A\nload A 0\nexpect ok", 3, ["expect ok, but got page fault"]),
    ("space A\nload A 0\nexpect fault 14 6", 3, ["expect fault 14 0x6, but got page fault 14, error 0x4"]),
    ("space A\nload A 0\nexpect fault 13 4", 3, ["expect fault 13 0x4"]),
    ("space A\nload A 0\nexpect error EACCES", 3, ["expect error EACCES"]),
    ("space A\nexpect 0", 2, ["but got ok"]),
    ("space A\nmap A 0 1 rw\nstore A 0 1\nexpect 1", 4, ["expect 1, but got ok"]),  # a store gives no value
    ("space A\nspace A\nexpect ok", 3, ["but got error EINVAL: it exists already"]),
    ("space A\nexpect error EINVAL", 2, ["but got ok"]),
    ("space A\nspace A\nexpect fault 0 0", 3, ["but got error EINVAL"]),
]


def options_of(path):
    first = open(path).readline()
    return first[len("# vmref run"):].split() if first.startswith("# vmref run ") else []


def test_stories(run, check, exe, label):
    stories = sorted(glob.glob(os.path.join(ROOT, "examples/*.vm")))
    names = {os.path.basename(s) for s in stories}
    check(label + "run: the stories are there", names >= {"cow.vm", "shared.vm", "swap.vm", "faults.vm", "files.vm",
                                                          "out-of-frames.vm", "fork-fails.vm"}, names)
    for story in stories:
        said = label + "run " + os.path.basename(story)
        lines = [l.split("#")[0].split() for l in open(story)]
        count = sum(1 for l in lines if l and l[0] != "expect")
        for more in ([], ["--json"], ["--trace"], ["--trace", "--json"], ["--quiet"]):
            code, out, err = run(["run", "--check"] + more + options_of(story) + [story], exe=exe)
            good = code == 0 and err == ""
            if more == []:
                good = good and out.count("\n") == count
            elif "--json" in more:
                good = good and [o["op"] for o in map(json.loads, out.splitlines())] \
                    == [l[0] for l in lines if l and l[0] != "expect"]
            elif more == ["--quiet"]:
                good = good and out == ""
            check(said + " " + " ".join(more), good, (code, out[-600:], err))
        # each expectation is looked at: one byte or code further it is not met
        text = open(story).read()
        for m in re.finditer(r"^expect (\d+|fault 14 0x[0-9a-f]+|ok|error \w+)", text, re.M):
            want = m.group(1)
            other = str((int(want) + 1) % 256) if want[0].isdigit() else want + "0" if want.startswith("fault") \
                else "error EMEM" if want == "ok" else "ok"
            changed = text[:m.start(1)] + other + text[m.end(1):]
            line = text[:m.start()].count("\n") + 1
            code, out, err = run(["run", "-q"] + options_of(story) + ["-"], changed, exe)
            check(said + ":%d: expect %s" % (line, other), code == 1 and out == ""
                  and err.startswith("vmref run: standard input:%d: expect " % line), (code, out, err))


def test_printed(run, check, exe, label):
    code, out, err = run(["run", "-"], STORY, exe)
    check(label + "run: outcomes in words", (code, out, err) == (0, WORDS, ""), (code, out, err))
    again = "".join(l.split(": ", 1)[1].split(" -> ")[0] + "\n" for l in out.splitlines())
    code, twice, err = run(["run", "-"], again, exe)
    check(label + "run: what it prints is a script", code == 0 and [l.split(": ", 1)[1] for l in twice.splitlines()]
          == [l.split(": ", 1)[1] for l in out.splitlines()], (code, twice, err))
    code, out, err = run(["run", "--json", "-"], STORY.replace(b"\n", b"\r\n"), exe)
    got = {o.pop("line"): o for o in map(json.loads, out.splitlines())}
    wrong = [(n, got.get(n), OBJECTS[n]) for n in OBJECTS if got.get(n) != OBJECTS[n]]
    check(label + "run --json", code == 0 and err == "" and not wrong and len(got) == WORDS.count("\n"), (code, err, wrong))
    first = '{"line":7,"op":"load","space":"B","va":"0x10001","result":"ok","value":42,"faulted":true,"error":"0x4"}'
    check(label + "run --json: the order of fields", first in out.splitlines(), out)


TRACE = b"""space A
map A 0x10000 2 rw
store A 0x10000 1
fork A B
load B 0x10000
store B 0x10000 2
store A 0x10000 3
swapout A 0x10000
fork A C
store C 0x10000 4
load A 0x10000
load A 0x10000
fetch A 0x10000
load A 0xffff800000000000
load B 0x10000
"""
# what a page is mended by, in the order of TRACE's accesses. Tables have frames 0 to 63; frame 0x40000
# is the first for pages, and A gets it, B's copy 0x41000; A's is then in the first slot, and C copies it
MENDED = ["demand zero: frame 0x40000", "rights restored: frame 0x40000", "copy on write: frame 0x40000 to frame 0x41000",
          "rights restored: frame 0x40000", "copy on write: swap slot 0 to frame 0x40000",
          "swap in: swap slot 0 to frame 0x42000"]


def test_trace(run, check, exe, label):
    code, out, err = run(["run", "--trace", "-"], TRACE, exe)
    got = re.findall(r"^mended  (.*)$", out, re.M)
    check(label + "run --trace: how faults are mended", (code, err) == (0, "") and got == MENDED, (code, got, out, err))
    parts = re.split(r"^(?=\d+: )", out, flags=re.M)[1:]
    wants = {  # line: rows that it has
        2: ["PTE     @0x0000016080 [ 16] = 0x0030000000000002  P = 0", "leaf    a page not yet touched, zero; rights rw"],
        3: ["verdict #PF, vector 14, at the PTE", "error   0x6 = W/R|U/S", "CR2     0x0000000000010000",
            "PML4E   @0x0000000000 [  0] = 0x0000000000014027  P RW US A ", "P RW US A D XD   -> 4-KiB page 0x40000 + 0x0"],
        5: ["PTE     @0x0000019080 [ 16] = 0x8030000000040025  P US A XD ", "leaf    frame 0x40000; rights rw; mapped 2 times"],
        6: ["rule    PF.USER.WRITE", "error   0x7 = P|W/R|U/S"],
        8: ["P = 0", "leaf    swap slot 0; rights rw"],
        13: ["error   0x15 = P|U/S|I/D", "rule    PF.XD"],
        14: ["error   0x5 = P|U/S", "-> 4-KiB page 0x80000 + 0x0"],  # the kernel's first frame is behind 64 tables and 64 frames
        15: ["verdict ok: physical address 0x41000"],
    }
    for line, words in wants.items():
        part = parts[line - 1] if len(parts) == 15 else ""
        check(label + "run --trace, line %d" % line, part.startswith("%d: " % line) and all(w in part for w in words),
              ([w for w in words if w not in part], part))
    check(label + "run --trace: a space has no walk", parts[0] == "1: space A -> ok\n" and parts[3] == "4: fork A B -> ok\n", parts)
    code, out, err = run(["run", "--trace", "--json", "-"], TRACE, exe)
    rows = [json.loads(l) for l in out.splitlines()]
    got = [r["mended"] for r in rows if "mended" in r]
    check(label + "run --trace --json: how faults are mended", code == 0 and got == [m.split(":")[0] for m in MENDED], got)
    check(label + "run --trace --json: walks", code == 0 and [e["name"] for e in rows[4]["walk"]] == ["PML4E", "PDPTE", "PDE", "PTE"]
          and rows[4]["walk"][3]["bits"] == [] and rows[4]["walk_after"][3]["bits"] == ["P", "US", "A", "XD"]
          and "walk" not in rows[1] and rows[1]["walk_after"][3]["bits"] == [] and "walk_after" not in rows[11], rows)


def test_refused(run, check, exe, label):
    for name, text, line, column, words in MALFORMED:
        text = text if isinstance(text, bytes) else text.encode()
        code, out, err = run(["run", "-"], text, exe)
        check(label + "run refuses: " + name, code == 3 and out == "" and err.count("\n") == 1
              and err.startswith("vmref run: standard input:%d:%d: " % (line, column)) and all(w in err for w in words)
              and len(err) < 400 and not any(ord(c) < 32 for c in err[:-1]), (code, out, err))
    code, out, err = run(["run", "-"], NAMES, exe)
    check(label + "run refuses: a name too many", code == 3 and out == "" and "input:17:7: 's16'" in err and "--spaces" in err, err)
    check(label + "run --spaces 17", run(["run", "--spaces", "17", "-"], NAMES, exe)[0] == 0)
    for text in ("", "\n", "# nothing\n  \n"):
        code, out, err = run(["run", "-"], text, exe)
        check(label + "run refuses: empty %r" % text, code == 3 and out == "" and "empty" in err, (code, out, err))
    for text, line, words in UNMET:
        for more in ([], ["--json"], ["--trace"], ["--quiet"]):
            code, out, err = run(["run"] + more + ["-"], text + "\nexit A\n", exe)
            check(label + "run %s: not met: %s" % (" ".join(more), text.split("\n")[-1]), code == 1 and "exit" not in out
                  and err.startswith("vmref run: standard input:%d: " % line) and all(w in err for w in words), (code, out, err))


def test_options(run, check, exe, label, work):
    path = os.path.join(work, "a.vm")
    open(path, "w").write("space A\nload A 0\nexpect 1\n")
    code, out, err = run(["run", path], exe=exe)
    check(label + "run FILE names it", code == 1 and err.startswith("vmref run: %s:3: expect 1, but got" % path), err)
    for name, words in ((os.path.join(work, "none"), "No such file"), (work, "directory")):
        code, out, err = run(["run", name], exe=exe)
        check(label + "run: " + words, code == 3 and out == "" and name in err and words in err, (code, out, err))
    for args in ([], ["a", "b"], ["--frob", "-"], ["--frames"], ["--frames", "x", "-"], ["--frames", "-1", "-"], ["--frames", "65537", "-"],
                 ["--frames", "", "-"], ["--spaces", "0", "-"], ["--spaces", "16385", "-"], ["--tables", "4", "-"], ["--tables", "19", "-"],
                 ["--spaces", "50", "--tables", "53", "-"], ["--slots", "99999999999999999999", "-"]):
        code, out, err = run(["run"] + args, "space A\n", exe)
        check(label + "run usage: " + " ".join(args), code == 2 and out == "" and "--help" in err, (code, out, err))
    code, out, err = run(["run", "--help"], exe=exe)
    check(label + "run --help", code == 0 and out.startswith("Usage: vmref run") and err == "", err)
    text = "space A\nmap A 0 1 rw\nstore A 0 1\nexpect error EMEM\nunmap A 0 1\n"
    check(label + "run --frames 0 --slots 0", run(["run", "--frames", "0", "--slots", "0", "--check", "-"], text, exe)[0] == 0)
    # 5 free tables: A takes 3, B would need 3 more; each further 2 MiB of A take one
    text = "space A\nspace B\nmap A 0 1 r\nmap B 0 1 r\nexpect error EMEM\nmap A 0x200000 512 r\nexpect ok\nmap A 0x400000 1 r\nexpect ok\n" \
           "map A 0x600000 1 r\nexpect error EMEM\n"
    check(label + "run --spaces 2 --tables 11", run(["run", "--spaces", "2", "--tables", "11", "--check", "-"], text, exe)[0] == 0,
          run(["run", "--spaces", "2", "--tables", "11", "--check", "-"], text, exe))
    for text in ("space A\n", "space A\n" + 20000 * "load A 0\n"):
        with open("/dev/full", "wb") as full:
            p = subprocess.run([exe, "run", "-"], input=text.encode(), stdout=full, stderr=subprocess.PIPE)
        check(label + "run: full disk, %d bytes" % len(text), p.returncode == 5 and b"No space left" in p.stderr, (p.returncode, p.stderr))


# each line leaves nothing behind when it fails: the frames and tables that were free are free
ALL_OR_NOTHING = [
    ("a segment longer than memory", ["--frames", "4"], """space A
map A 0x10000 5 rw shared 7
expect error EMEM
map A 0x10000 4 rw
store A 0x10000 1
store A 0x11000 1
store A 0x12000 1
store A 0x13000 1
expect ok
"""),
    ("a segment that exists, made longer than memory", ["--frames", "4"], """space A
map A 0x10000 2 rw shared 7
store A 0x11000 9
map A 0x20000 5 rw shared 7
expect error EMEM
load A 0x11000
expect 9
map A 0x30000 2 rw
store A 0x30000 1
store A 0x31000 1
expect ok
map A 0x40000 3 rw shared 7
expect error EMEM
unmap A 0x31000 1
map A 0x40000 3 rw shared 7
expect ok
"""),
    ("a segment mapped over something", ["--frames", "4"], """space A
map A 0x12000 1 rw
map A 0x10000 3 rw shared 7
expect error EINVAL
map A 0x800000000000 1 rw shared 7
expect error EINVAL
map A 0x20000 0 rw shared 7
expect error EINVAL
map A 0x20000 0xffffffffffffffff rw shared 7
expect error EINVAL
load 7 0
expect error EINVAL
map A 0x20000 4 rw shared 7
expect ok
load 7 0x3fff
expect 0
"""),
    ("a segment, and no process", [], """space A
exit A
map A 0x10000 1 rw shared 7
expect error EINVAL
load 7 0
expect error EINVAL
"""),
    # of 11 tables, 4 roots and 4 of the kernel leave 3: a file takes them all
    ("a segment, and no tables to map it", ["--spaces", "4", "--tables", "11"], """space A
map A 0x10000 1 rw shared 7
expect error EMEM
load 7 0
expect error EINVAL
map A 0x10000 1 rw
expect ok
"""),
    ("a segment, made longer, and no tables to map it", ["--spaces", "4", "--tables", "14", "--frames", "3"], """space A
map A 0x10000 1 rw shared 7
store A 0x10000 5
map A 0x40000000 2 rw shared 7
expect error EMEM
load 7 0x1000
expect fault 14 0x4
load 7 0
expect 5
map A 0x11000 2 rw
store A 0x11000 1
store A 0x12000 1
expect ok
"""),
    ("a segment with a hole is filled, and not when it fails", ["--frames", "3"], """file F 0
add F 0x1000
store F 0x1000 7
space A
map A 0x10000 4 rw shared F
expect error EMEM
load F 0
expect fault 14 0x4
load F 0x2000
expect fault 14 0x4
load F 0x1000
expect 7
map A 0x10000 3 rw shared F
expect ok
load A 0x11000
expect 7
load F 0x2000
expect 0
"""),
    ("a file larger than memory", ["--frames", "4"], """file F 5
expect error EMEM
load F 0
expect error EINVAL
file F 4
expect ok
file G 1
expect error EMEM
"""),
    ("a segment again, after it was ended", [], """space A
map A 0x10000 1 rw shared 7
store A 0x10000 5
exit 7
map A 0x20000 1 rw shared 7
load A 0x20000
expect 0
load A 0x10000
expect 5
"""),
]


def test_run(run, check, exe, label, work):
    test_stories(run, check, exe, label)
    test_printed(run, check, exe, label)
    test_trace(run, check, exe, label)
    test_refused(run, check, exe, label)
    test_options(run, check, exe, label, work)
    for name, options, text in ALL_OR_NOTHING:
        code, out, err = run(["run", "--check"] + options + ["-"], text, exe)
        check(label + "run, all or nothing: " + name, (code, err) == (0, ""), (code, out, err))
