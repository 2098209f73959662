# SPDX-License-Identifier: MIT
"""Tests of vmref check: corpus/traces against what was worked out by hand, damaged traces, and size."""
import json
import os
import random
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = "corpus/traces/"
HEAD = "vmref-trace 1\n"
BAD = ["frob", "cpu", "cpu 16", "cpu 0 mode long", "cpu 0 what 1", "cpu 0 wp 2", "cpu 0 maxphyaddr 31", "cpu 0 cr3", "cpu 0 cr3 0x1000 pcide 1 mode pae",
       "cpu 0 pdpte 1 2 3", "mem 1 2", "mem 0x1000", "mem 0x1000 x", "mem 0x1000 -1", "mem 0x1000 1 2", "mem 0x10000000000000 1", "write4 0x1002 1",
       "write4 0x1000 0x100000000", "access 0 peek 0 3 ok 0", "access 0 read 0 4 ok 0", "access 0 read 0 3", "access 0 read 0 3 maybe", "access 0 read 0 3 fault",
       "access 0 read 0 3 fault 0", "access 0 read 0 3 fault 14 0", "access 0 read 0xfff 3 size 2 ok 0", "access 0 read 0 3 size 65 ok 0", "access 0 fetch 0 3 stack ok 0",
       "fill 0 0 0", "fill 0 0 0 z", "alloc 0x1001", "swapin 1", "invpcid 0 4 0 0", "cr3 0 0x1000 kept", "alloc 99999999999999999999", "a\0b", "x" * 2000, "alloc " + "0 " * 60]


def rows():
    lines = open(os.path.join(ROOT, FOLDER, "expected.tsv")).read().splitlines()[1:]
    return [line.split("\t") for line in lines]


def test_corpus(run, check, exe, label):
    have = sorted(f[:-6] for f in os.listdir(os.path.join(ROOT, FOLDER)) if f.endswith(".trace"))
    check(label + "check: each trace has its answer", have == sorted(r[0] for r in rows()), have)
    for name, want, line, rule, right in rows():
        code, out, err = run(["check", "--json", FOLDER + name + ".trace"], exe=exe)
        check(label + "check " + name, code == int(want) and name.split("-")[0] == {"0": "good", "1": "bad", "3": "wrong"}[want], (code, out, err))
        if want == "0":
            check(label + "check %s: follows" % name, json.loads(out)["result"] == "follows", out)
        elif want == "3":
            check(label + "check %s: an error of the trace" % name, out == "" and (":%s: the trace is wrong" % line) in err and right in err, err)
        else:
            got = json.loads(out)
            check(label + "check %s: line, rule, what is right" % name, (got["line"], got["rule"], got["message"]) == (int(line), rule, right), got)
            again = run(["check", "--json", "-"], HEAD + "\n".join(got["minimal"]) + "\n", exe)
            fewer = [run(["check", "--json", "-"], HEAD + "\n".join(got["minimal"][:i] + got["minimal"][i + 1:]) + "\n", exe) for i in range(len(got["minimal"]) - 1)]
            check(label + "check %s: the fewest events show the same" % name, again[0] == 1 and json.loads(again[1])["rule"] == rule
                  and json.loads(again[1])["line"] == len(got["minimal"]) + 1, again)
            check(label + "check %s: and none of them can go" % name, not any(f[0] == 1 and (json.loads(f[1])["rule"], json.loads(f[1])["message"]) == (rule, right)
                  and json.loads(f[1])["line"] == len(got["minimal"]) for f in fewer), got["minimal"])
            words = run(["check", FOLDER + name + ".trace"], exe=exe)[1]
            check(label + "check %s in words" % name, ("line %s: " % line) in words and rule + ", " in words and "fewest events" in words, words)


def test_bad(run, check, exe, label):
    for b in BAD:
        code, out, err = run(["check", "-"], HEAD + "cpu 0 cr3 0x1000\n" + b + "\n", exe)
        check(label + "check refuses " + repr(b[:50]), code == 3 and out == "" and "standard input:3: malformed: " in err and len(err) < 500, (code, out, err))
    for text, words in (("", "begins with"), ("vmref-trace 2\n", "begins with"), (HEAD, "no event"), (HEAD + "# only\n", "no event"), ("x" * (1 << 21), "")):
        code, out, err = run(["check", "-"], text, exe)
        check(label + "check: no trace, %r" % text[:20], code == 3 and words in err, (code, err))
    for args in ([], ["a", "b"], ["--frob", "-"]):
        check(label + "check usage: %s" % args, run(["check"] + args, "", exe)[0] == 2)
    check(label + "check: no file", run(["check", "/nonexistent"], exe=exe)[0] == 3)
    for text, name in (("mem 0x1000000000 1", "memory"), ("cpu 0 cr3 0x1000\nmem 0x1000 0x1000000007\naccess 0 read 0 3 ok 0", "a table")):
        code, _, err = run(["check", "-"], HEAD + text + "\n", exe)
        check(label + "check: beyond 64 GiB, " + name, code == 4 and "not modelled" in err, (code, err))
    # a table that refers to itself at every level and index: 512 to the fourth entries
    loop = "".join("mem %#x 0x1007\n" % (0x1000 + 8 * i) for i in range(512))
    code, _, err = run(["check", "-"], HEAD + "cpu 0 cr3 0x1000\n" + loop + "alloc 0x9000\nfree 0x9000\n", exe)
    check(label + "check: cyclic tables end", code == 4 and "4000000 entries" in err, (code, err))


def test_damaged(run, check, exe, label, count):
    """Any text gets a verdict, and none is 5."""
    dice, codes = random.Random(5), set()
    texts = [open(os.path.join(ROOT, FOLDER, r[0] + ".trace")).read() for r in rows()]
    pieces = ["0x1000", "0", "cpu", "ok", "fault", "14", "0xffffffffffffffff", "write", "free", "keep", "cr3", "\n", " ", "flush 0\n", "mode pae"]
    for _ in range(count):
        lines = dice.choice(texts).split("\n")
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(1, len(lines))
            words = lines[at].split(" ")
            words[dice.randrange(len(words))] = dice.choice(pieces)
            lines[at] = " ".join(words) if dice.random() < 0.8 else dice.choice(lines[1:])
        code, _, err = run(["check", "-"], "\n".join(lines), exe)
        codes.add(code)
        check(label + "check of a damaged trace", code in (0, 1, 3, 4) and len(err) < 1000, (code, err[:400], lines))
    check(label + "damaged traces get each verdict", {0, 1, 3} <= codes, codes)


def test_size(run, check, exe):
    """20000 events of four processors; a lost shootdown at the end is found, by few events."""
    dice = random.Random(2)
    lines = ["cpu %d cr3 0x1000" % c for c in range(4)] + ["mem 0x1000 0x2007", "mem 0x2000 0x3007", "mem 0x3000 0x4007"]
    mapped = {}
    while len(lines) < 20000:
        page, frame = dice.randrange(64), 0x20000 + dice.randrange(256) * 4096
        if page in mapped:
            lines.append("write %#x 0" % (0x4000 + 8 * page))
            lines += ["invlpg %d %#x" % (c, page << 12) for c in range(4)] + ["free %#x" % mapped.pop(page)]
        elif frame not in mapped.values():
            mapped[page] = frame
            lines += ["alloc %#x" % frame, "write %#x %#x" % (0x4000 + 8 * page, frame | 7)]
            lines += ["access %d read %#x 3 ok %#x" % (c, page << 12, frame) for c in range(4)]
    began = time.perf_counter()
    code, out, err = run(["check", "-"], HEAD + "\n".join(lines) + "\n", exe)
    print("check: 20000 events in %.1f s" % (time.perf_counter() - began))
    check("check: 20000 good events", code == 0, (code, out[-500:], err))
    lines = lines[:3000]
    lines += ["alloc 0x300000", "write 0x4320 0x300007", "access 3 read 0x64000 3 ok 0x300000", "write 0x4320 0"]
    lines += ["invlpg %d 0x64000" % c for c in range(3)] + ["free 0x300000"]
    code, out, err = run(["check", "--json", "-"], HEAD + "\n".join(lines) + "\n", exe)
    got = json.loads(out) if out else {}
    check("check: a lost shootdown after 3000 events, by few of them", code == 1 and got["rule"] == "OS.FREE.STALE" and len(got["minimal"]) < 12, (code, str(got)[:600], err))


def test_trace(run, check, exe, label):
    test_corpus(run, check, exe, label)
    test_bad(run, check, exe, label)
    test_damaged(run, check, exe, label, 60 if label else 150)
    if not label:
        test_size(run, check, exe)
