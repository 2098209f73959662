# SPDX-License-Identifier: MIT
"""Tests of `vmref run` for harness/test_cli.py: the stories of examples/*.vm, what is printed,
and scripts that are refused."""
import glob
import json
import os
import random
import re
import subprocess

from cases_run import ALL_OR_NOTHING, MALFORMED, MENDED, NAMES, OBJECTS, STORY, TRACE, UNMET, WORDS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def options_of(path):
    first = open(path).readline()
    return first[len("# vmref run"):].split() if first.startswith("# vmref run ") else []


def test_stories(run, check, exe, label):
    stories = sorted(glob.glob(os.path.join(ROOT, "examples/*.vm")))
    names = {os.path.basename(s) for s in stories}
    check(label + "run: the stories are there", names >= {"cow.vm", "shared.vm", "swap.vm", "compact.vm", "faults.vm", "files.vm",
                                                          "out-of-frames.vm", "fork-fails.vm", "replace.vm", "belady.vm", "smp.vm", "kmem.vm", "huge.vm"}, names)
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
                    == [l[2] if l[0] == "cpu" else l[0] for l in lines if l and l[0] != "expect"]
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


def test_damaged(run, check, exe, label, count=150):
    """Damaged scripts: an answer or a complaint, and never a word on standard output of one that is refused."""
    dice = random.Random(1)
    pieces = [b" ", b"#", b"0x", b"-", b"\xff", b"\0", b"\n", b"expect ", b"shared ", b"file ", b"18446744073709551615", b"A", b"none"]
    wrong = []
    for i in range(count):
        text = bytearray(STORY)
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(text) + 1)
            text[at:at + dice.choice((0, 0, 1, 3))] = dice.choice(pieces)
        code, out, err = run(["run", "--check", "--trace", "-"], bytes(text), exe)
        if not (code in (0, 1) and out or code == 3 and out == "" and re.match(r"vmref run: standard input:\d+:\d+: ", err)):
            wrong.append((code, bytes(text), out, err))
    check(label + "run: %d damaged scripts" % count, not wrong, wrong[:1])


def test_run(run, check, exe, label, work):
    test_stories(run, check, exe, label)
    test_printed(run, check, exe, label)
    test_trace(run, check, exe, label)
    test_refused(run, check, exe, label)
    test_options(run, check, exe, label, work)
    for name, options, text in ALL_OR_NOTHING:
        code, out, err = run(["run", "--check"] + options + ["-"], text, exe)
        check(label + "run, all or nothing: " + name, (code, err) == (0, ""), (code, out, err))
    test_damaged(run, check, exe, label)
