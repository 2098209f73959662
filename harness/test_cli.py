#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the command line, build/vmref. Expected values were worked out by hand
from the manual (Intel SDM 3A chapter 4, AMD APM 2 chapter 5), never by vmref.

  test_cli.py [--vmref EXE] [--asan EXE] [--json FILE]

--asan names a build with sanitizers, which gets the same questions and all the bad
input. Two processes share the tests. One line for each test; exit 1 when one fails."""
import argparse
import concurrent.futures
import contextlib, io
import inspect
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "harness", "cli"))
from cases import ADDRESSES, ANSWERS as LEVEL4, BAD, GOOD, NOT_PRESENT, NO_VERSIONS, TABLES, TOKEN, UNMODELLED, VA, XD
from cases import as_bytes, noise, question
from cases_modes import MODES, in_mode
from check_footprint import test_footprint
from check_guest import test_guest
from check_picture import test_picture
from check_policy import test_policy
from check_cpu import test_cpu
from check_huge import test_huge
from check_kmem import test_kmem
from check_run import test_run
from check_tokens import test_tokens
ANSWERS = LEVEL4 + MODES
parser = argparse.ArgumentParser()
parser.add_argument("--vmref", default=os.path.join(ROOT, "build/vmref"))
parser.add_argument("--asan")
parser.add_argument("--json")
ARGS = parser.parse_args()
VMREF = os.path.abspath(ARGS.vmref)
UNASKED = b'{"va":"0x800000000000","implicit":true}\n'  # not modelled
ENV = dict(os.environ, ASAN_OPTIONS="exitcode=99:detect_leaks=1",
           UBSAN_OPTIONS="halt_on_error=1:exitcode=99", LC_ALL="C")
passed, failed = 0, 0


def check(name, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(("ok    " if good else "FAIL  ") + name + ("" if good else "\n      " + str(detail)))


def run(args, stdin=b"", exe=None, **more):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    p = subprocess.run([exe or VMREF] + args, input=stdin, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, env=ENV, timeout=300, **more)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def test_answers(exe, label):
    code, out, err = run(["walk"], "".join(json.dumps(q) + "\n" for _, q, _ in ANSWERS), exe)
    lines = out.splitlines()
    check(label + "walk answers all, exit 0", (code, len(lines), err) == (0, len(ANSWERS), ""),
          (code, len(lines), err))
    for (name, q, want), line in zip(ANSWERS, lines):
        text = json.dumps(want, separators=(",", ":"))  # the order of fields too
        check(label + name, line == text, "%s\n      got  %s\n      want %s" % (json.dumps(q), line, text))


def test_rules():
    rows = [r.split("\t") for r in open(os.path.join(ROOT, "spec/rules.tsv"))][1:]
    # from 32 on they are rules of control registers and TLBs; a walk meets one of them
    ids = [r[1] for r in rows if r[0].isdigit() and (int(r[0]) < 32 or r[1] == "GP.PDPTE")]
    tested = {a["rule"] for _, _, a in ANSWERS}
    check("every numbered rule of spec/rules.tsv has a case", set(ids) <= tested, set(ids) - tested)
    out = run(["explain", "--json"], "".join(json.dumps(q) + "\n" for _, q, _ in ANSWERS))[1]
    where = {r[1]: (r[2], r[3], r[4].strip()) for r in rows}
    wrong = [o for o in map(json.loads, out.splitlines())
             if (o["manual"], o["section"], o["text"]) != where[o["rule"]]]
    check("explain --json cites manual, section and text of spec/rules.tsv", not wrong, wrong[:1])


# ---- input that is refused ----------------------------------------------------
def test_bad(exe, label):
    for name, line, words in BAD:  # a good line on either side must be answered
        code, out, err = run(["walk"], GOOD + b"\n" + as_bytes(line) + b"\n" + GOOD, exe)
        lines = out.splitlines()
        good = code == 3 and err == "" and len(lines) == 3 and lines[0] == lines[2] == NOT_PRESENT
        message = ""
        if good:
            error = json.loads(lines[1])
            good = list(error) == ["error"] and list(error["error"]) == ["line", "message"]
            message = error["error"]["message"]
            good = good and error["error"]["line"] == 2 and all(w in message for w in words)
            good = good and not any(ord(c) < 32 for c in message) and len(message) < 500
        check(label + "refused: " + name, good, (code, out[:600], err[:600]))
        code, out, err = run(["explain"], as_bytes(line) + b"\n", exe)
        check(label + "explain refuses: " + name,
              code == 3 and out == "" and err.startswith("vmref: standard input:1: ")
              and all(w in err for w in words), (code, out[:300], err[:600]))
    for name, fields, word in UNMODELLED:
        line = "{" + fields + ("" if '"va"' in fields else ',"va":"0x0"') + "}"
        code, out, err = run(["walk"], line, exe)
        answer = json.loads(out)
        check(label + "not modelled: " + name, code == 4 and list(answer) == ["result", "message"]
              and answer["result"] == "unmodelled" and word in answer["message"], (code, out, err))
    code, out, err = run(["walk"], UNASKED + b"x\n" + GOOD, exe)
    check(label + "exit 3 wins over 4", code == 3 and len(out.splitlines()) == 3, (code, out))


def test_lines(exe, label):
    limit = 1 << 20
    code, out, _ = run(["walk"], b"\n  \r\n" + GOOD + b"\r\n\t\nx\n\n", exe)
    lines = out.splitlines()
    check(label + "blank lines are skipped and counted, CR LF is taken", code == 3 and len(lines) == 2
          and lines[0] == NOT_PRESENT and json.loads(lines[1])["error"]["line"] == 5, out)
    for extra, want in ((0, NOT_PRESENT), (1, None)):
        line = b'{"va":"0x0"' + b" " * (limit - len(GOOD) + extra) + b"}"
        code, out, _ = run(["walk"], line + b"\n" + GOOD + b"\n", exe)
        lines = out.splitlines()
        good = len(lines) == 2 and lines[1] == NOT_PRESENT
        if want:
            check(label + "a line of 1 MiB", good and lines[0] == want and code == 0, (code, out[:300]))
        else:
            check(label + "a line of 1 MiB and a byte", good and code == 3
                  and json.loads(lines[0])["error"]["line"] == 1 and "1048576" in lines[0],
                  (code, out[:300]))
        code, out, _ = run(["walk"], line, exe)
        check(label + "the same without newline, %d" % extra, (code, out.count("\n")) == (3 * extra, 1),
              (code, out[:300]))
    words = ['"0x%x":"0x%x"' % (8 * i, i) for i in range(40000, 0, -1)]
    code, out, _ = run(["walk"], '{"va":"0x0","cpl":0,"cpu":{"cr3":"0x2000"},"mem":{' + ",".join(words) + "}}", exe)
    # the word at 0x2000 is 0x400: P = 0
    check(label + "40000 words of memory", code == 0 and json.loads(out)["entry"] == "0x2000", out[:300])


def test_noise(exe, label, limit):
    """100 MB without a newline, then a good line; 64 MiB of address space are enough."""
    cap = (lambda: resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))) if limit else None
    p = subprocess.Popen([exe, "walk"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, env=ENV, preexec_fn=cap)
    feeder = threading.Thread(target=noise, args=(p.stdin, 100_000_000))
    feeder.start()
    out = p.stdout.read().decode().splitlines()
    err = p.stderr.read().decode()
    feeder.join()
    code = p.wait()
    check(label + "100 MB of noise without newline, then a good line",
          code == 3 and len(out) == 2 and json.loads(out[0])["error"]["line"] == 1
          and out[1] == NOT_PRESENT, (code, out[:3], err[:500]))
    blob = os.urandom(1 << 20)
    code, out, err = run(["walk"], blob, exe)
    check(label + "1 MiB of random bytes", code == 3 and err == "" and all(
        "error" in json.loads(line) for line in out.rstrip("\n").split("\n")), (code, err[:500])) # U+0085 ends no line


def test_pipe():
    p = subprocess.Popen([VMREF, "walk"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV)
    got = []
    for _ in range(3):
        p.stdin.write(GOOD + b"\n")
        p.stdin.flush()
        killer = threading.Timer(10, p.kill)
        killer.start()
        got.append(p.stdout.readline().decode().strip())
        killer.cancel()
    p.stdin.write(GOOD[:5])
    p.stdin.flush()
    time.sleep(0.05)
    p.stdin.write(GOOD[5:])
    p.stdin.close()
    got.append(p.stdout.readline().decode().strip())
    check("a pipe is answered line by line", got == [NOT_PRESENT] * 4 and p.wait() == 0, got)
    p.stdout.close()


def test_mutants(exe, label, count=20000):
    """Damaged questions: each line still gets one line of JSON in answer."""
    dice = random.Random(1)
    seeds = [json.dumps(q).encode() for _, q, _ in ANSWERS] + [as_bytes(b[1])[:300] for b in BAD]
    pieces = [b'"', b"{", b"}", b"[", b",", b":", b"0x", b"-", b"1e9", b"null", b"\\u0000", b"\xff",
              b"99999999999999999999", b'"va":', b'"cpu":{', b"\0", b"true", b"\\"]
    lines = []
    for _ in range(count):
        line = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(line) + 1)
            line[at:at + dice.choice((0, 0, 1, 1, 2, 9))] = dice.choice(pieces + [b"", bytes([dice.randrange(256)])])
        lines.append(bytes(line).replace(b"\n", b" ") or b"x")
    lines = [line for line in lines if line.strip(b" \t\r")]
    code, out, err = run(["walk"], b"\n".join(lines), exe)
    answers = [json.loads(a) for a in out.splitlines()]
    check(label + "%d damaged lines, an answer each" % len(lines), code == 3 and err == ""
          and len(answers) == len(lines) and all(list(a)[0] in ("result", "error") for a in answers),
          (code, len(answers), err[:800]))


# ---- files, output, options -------------------------------------------------------
def test_files(exe, label, work):
    path = lambda name: os.path.join(work, name)
    open(path("good"), "wb").write(GOOD + b"\n")
    open(path("empty"), "wb").close()
    open(path("blank"), "wb").write(b"\n \n")
    for command in (["walk"], ["explain"], ["explain", "--json"]):
        said = label + " ".join(command)
        check(said + " FILE", run(command + [path("good")], exe=exe)[0] == 0)
        check(said + " -", run(command + ["-"], GOOD, exe)[0] == 0)
        for what, name, words in (("missing file", path("none"), "No such file"),
                                  ("directory", work, "directory"),
                                  ("empty file", path("empty"), "empty"),
                                  ("blank file", path("blank"), "empty")):
            code, out, err = run(command + [name], exe=exe)
            check(said + ": " + what, code == 3 and out == "" and name in err and words in err,
                  (code, out, err))
        code, out, err = run(command, b"", exe)
        check(said + ": empty input", code == 3 and out == "" and "standard input" in err, err)
        full = open("/dev/full", "wb")
        for stdin in (GOOD, (GOOD + b"\n") * 2000):
            p = subprocess.run([exe] + command, input=stdin, stdout=full, stderr=subprocess.PIPE, env=ENV)
            check(said + ": full disk, %d bytes" % len(stdin), p.returncode == 5
                  and b"No space left" in p.stderr, (p.returncode, p.stderr))
        r, w = os.pipe()
        os.close(r)
        p = subprocess.run([exe] + command, input=GOOD, stdout=w, stderr=subprocess.PIPE, env=ENV)
        os.close(w)
        check(said + ": closed pipe", p.returncode == 5 and b"Broken pipe" in p.stderr,
              (p.returncode, p.stderr))
    for option in ("--help", "--version", "--print-default-config"):
        with open("/dev/full", "wb") as full:
            p = subprocess.run([exe, option], stdout=full, stderr=subprocess.PIPE, env=ENV)
        check(label + option + ": full disk", p.returncode == 5, p.stderr)
    p = subprocess.run(["sh", "-c", '"$0" walk <&-', exe], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, env=ENV)
    check(label + "walk: closed input", p.returncode == 3 and p.stdout == b"", (p.returncode, p.stderr))


def test_options(exe, label):
    version = open(os.path.join(ROOT, "VERSION")).read().strip()
    check(label + "--version", run(["--version"], exe=exe) == (0, "vmref %s\n" % version, ""))
    for args in (["--help"], ["-h"], *([c, "--help"] for c in ("walk", "explain", "token", "footprint", "run", "guest-log"))):
        code, out, err = run(args, exe=exe)
        check(label + " ".join(args), code == 0 and out.startswith("Usage: vmref") and err == "", err)
    code, out, err = run(["--print-default-config"], exe=exe)
    d = json.loads(out)
    check(label + "--print-default-config", code == 0 and d["cpu"]["cr3"] == "0x1000"
          and d["cpu"]["mode"] == "4level" and d["cpu"]["maxphyaddr"] == 40 and "va" not in d, out)
    d["va"] = "0x0"  # the defaults, spelled out, are the defaults
    check(label + "defaults spelled out", run(["walk"], json.dumps(d), exe)[1] == NOT_PRESENT + "\n")
    check(label + "walk --json is taken", run(["walk", "--json"], GOOD, exe)[1] == NOT_PRESENT + "\n")
    for args in ([], ["frob"], ["--frob"], ["walk", "--frob"], ["walk", "-x"], ["walk", "a", "b"],
                 ["explain", "--frob"], ["explain", "--mode", "long", "0x0"], ["explain", "--mode"],
                 ["explain", "--mode", "pae"], ["explain", "--mode", "pae", "file"], ["token"], ["token", "--frob"],
                 ["explain", "--case", TOKEN, "0x0"], ["explain", "0x0", "0x1"], ["--json"], ["-"],
                 *(["linux", "--kernel", v, "-"] for v in NO_VERSIONS), *(["replay", "--kernel", v, "-", "--maps", "-"] for v in NO_VERSIONS)):
        code, out, err = run(args, GOOD, exe)
        check(label + "usage: " + " ".join(args), code == 2 and out == "" and "vmref" in err
              and "--help" in err, (code, out, err))
    for version in ("0.0", "6.1", "99.255"):
        code, out, err = run(["linux", "--kernel", version, "-"], "0 brk 0\n", exe)
        check(label + "linux --kernel " + version, code == 0 and out.startswith("1: 0 brk 0 -> "), (code, out, err))
    for args in (["explain", "0xg"], ["explain", "0x"], ["explain", "0x10000000000000000"],
                 ["explain", "--mode", "pae", "0x100000000"], ["explain", "--mode", "none", "0x100000000"],
                 ["explain", "--case", "vm1-00"], ["explain", "--case", ""], ["token", "vm2-"],
                 ["token", TOKEN[:-1] + "g"], ["token", TOKEN + "0"], ["token", TOKEN.upper()]):
        code, out, err = run(args, exe=exe)
        check(label + "malformed: " + " ".join(args)[:40], code == 3 and out == ""
              and err.startswith("vmref: "), (code, out, err))


# ---- explain ------------------------------------------------------------
# mode, address, canonical, (high, low, value) of each part


def test_addresses(exe, label):
    for mode, va, canonical, parts in ADDRESSES:
        code, out, _ = run(["explain", "--json", "--mode", mode, va], exe=exe)
        o = json.loads(out)
        got = [(p["high"], p["low"], p["value"]) for p in o["parts"]]
        check(label + "explain --mode %s %s" % (mode, va), code == 0 and got == parts
              and o["canonical"] == canonical and o["mode"] == mode and o["va"] == hex(int(va, 16)), out)
        code, out, _ = run(["explain", "--mode", mode, va], exe=exe)
        rows = [(h, l, v) for h, l, v in re.findall(r"^ +(\d+):(\d+) .*?  (0x[0-9a-f]+)", out, re.M)]
        check(label + "the same in words", code == 0
              and rows == [(str(h), str(l), hex(v)) for h, l, v in parts]
              and ("not canonical" in out) == (not canonical), out)
    check(label + "explain VA means 4level", run(["explain", "0x1"], exe=exe)[1]
          == run(["explain", "-m", "4level", "0x1"], exe=exe)[1])


def test_explain(exe, label):
    """Words that the text must have, for one walk of each outcome."""
    cases = [
        (question({"0x4000": "0x5001"}, access="write", size=8),
         ["user-mode write of 8 bytes", "PML4E   @0x0000001000 [  0] = 0x0000000000002027  P RW US A ",
          "-> page table 0x4000", "#PF", "PF.USER, SDM 3A 4.6.1", "0x7 = P|W/R|U/S",
          "CR2     0x0000000000000000", "may set A in PTE @0x4000: 0x5021"]),
        (question({"0x2000": "0x400011a7"}, va="0x1234", access="write", cpl=0),
         ["supervisor-mode write of 1 byte", "P RW US A PS G PAT", "-> 1-GiB page 0x40000000 + 0x1234",
          "physical address 0x40001234", "must set D in PDPTE @0x2000: 0x400011e7",
          "user, writable, executable, global"]),
        (question({"0x4000": "0x50bf"}), ["P RW US PWT PCD A PAT -> 4-KiB page 0x5000 + 0x0"]),
        (question({"0x3000": "0x80000000002010e7"}), ["P RW US A D PS PAT XD -> 2-MiB page 0x200000"]),
        (question({"0x1000": "0x2127"}, {"vendor": "amd"}, cpl=0), ["RESERVED: G", "APM 2 5.3.3"]),
        (question({"0x1000": "0x2167"}), ["(ignored: D G)"]),
        (question({"0x3000": "0x12000004027"}), ["RESERVED: 51:40=0x1", "0xd = P|U/S|RSVD"]),
        (question({"0x3000": "0x32e0a7"}), ["RESERVED: 20:13=0x97"]),
        (question({"0x4000": "0x0"}, cpl=0), ["P = 0", "0x0 = 0", "no entry changes"]),
        (question(va="0x800000000000", seg="ss"), ["#SS, vector 12", "CR2     unchanged", "stack"]),
        (question(va="0x800000000000"), ["#GP, vector 13"]),
        (question(implicit=True), ["implicit supervisor-mode"]),
        (in_mode("32bit", {"0x1b80": "0x4020a7"}, {"pse36": False}), ["32-bit, CR3", "RESERVED: 21:13=0x1",
                 "PDE     @0x0000001b80 [736] = 0x004020a7  P RW US A PS"]),
        (in_mode("32bit", {"0x1b80": "0x20a7"}, {"pse": False}), ["-> page table 0x2000  (ignored: PS)"]),
        (in_mode("pae", {"0x1010": "0x2e19"}), ["PDPTE   in a register [  2]", "P PWT PCD", "(ignored: 11:9=0x7)",
                 "-> page directory 0x2000"]),
        (in_mode("pae", {"0x1018": "0x2007"}), ["PDPTE   @0x0000001018 [  3]", "RESERVED: 2:1=0x3", "#GP"]),
        (in_mode("5level", {"0x1000": "0x2027"}, va="0x0"), ["PML5E   @0x0000001000", "-> PML4 table 0x2000"]),
        (question({"0x4000": "0x2ff0000000005027"}, {"pke": True, "pkru": "0xc00"}), ["PKRU 0xc00", "KEY=5",
                 "(ignored: 58:52=0x7f)", "0x25 = P|U/S|PK", "PF.PKU.AD"]),
        (question({"0x4008": "0x0"}, va="0xfff", size=2), ["in two pages", "page 1  1 byte at 0x0000000000000fff",
                 "page 2  1 byte", "CR2     0x0000000000001000"]),
        (in_mode("none", {}), ["no paging", "physical address 0xb8001234"]),
    ]
    for q, words in cases:
        code, out, err = run(["explain"], json.dumps(q), exe)
        check(label + "explain: " + words[0], code == 0 and all(w in out for w in words),
              (code, [w for w in words if w not in out], out, err))
    code, out, err = run(["explain"], UNASKED + GOOD, exe)
    check(label + "explain: not modelled", code == 4 and "input:1: not modelled" in err
          and "verdict #PF" in out, (code, err))
    text = UNASKED + b"x\n"  # lines without a walk are those of vmref walk
    check(label + "explain --json: not modelled, malformed",
          run(["explain", "--json"], text, exe) == run(["walk"], text, exe))
    plain = run(["walk"], "".join(json.dumps(q) + "\n" for _, q, _ in ANSWERS), exe)[1].splitlines()
    full = run(["explain", "--json"], "".join(json.dumps(q) + "\n" for _, q, _ in ANSWERS), exe)[1]
    same = [a for a, b in zip(plain, full.splitlines()) if not b.startswith(a[:-1] + ",")]
    check(label + "explain --json begins with the answer", not same, same[:1])


# ---- docs/FORMAT.md --------------------------------------------------------------
def test_docs():
    text = open(os.path.join(ROOT, "docs/FORMAT.md")).read()
    blocks = re.findall(r"^```(\S+)(.*)\n((?:.*\n)*?)```$", text, re.M)
    number = 0
    for i, (kind, info, body) in enumerate(blocks):
        if info.split()[:1] == ["in"]:
            number += 1
            want = int((re.findall(r"exit=(\d)", info) or ["0"])[0])
            code, out, err = run(["walk"], body)
            check("docs/FORMAT.md example %d" % number,
                  blocks[i + 1][1].strip() == "out" and out == blocks[i + 1][2] and code == want,
                  "\n%s\nwant\n%s" % (out, blocks[i + 1][2]))
        for command, want in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body if kind == "console" else "", re.M):
            env = dict(ENV, PATH=os.path.dirname(VMREF) + ":" + os.environ["PATH"])
            p = subprocess.run(command.replace("vmref", os.path.basename(VMREF)), shell=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, cwd=ROOT)
            check("docs/FORMAT.md $ " + command[:60], p.returncode == 0 and p.stdout.decode() == want,
                  "\n%s\nwant\n%s" % (p.stdout.decode(), want))
    check("docs/FORMAT.md has examples, all of a kind that is run",
          number >= 4 and all(k in ("json", "console") for k, _, _ in blocks), blocks)


# Of one build. The longest come first, so that neither process is left with one at the end.
EACH = [test_run, test_tokens, test_bad, test_policy, test_picture, test_options, test_footprint, test_guest, test_cpu,
        test_files, test_explain, test_mutants, test_huge, test_addresses, test_kmem, test_lines, test_noise, test_answers]


def work_on(job):
    """In a process of its own: what the test said, and (passed, failed)."""
    test, build = job
    before, text = (passed, failed), io.StringIO()
    with contextlib.redirect_stdout(text), tempfile.TemporaryDirectory() as work:
        given = dict(build, run=run, check=check, work=work)
        test(**{p: given[p] for p, v in inspect.signature(test).parameters.items() if v.default is v.empty})
    return text.getvalue(), passed - before[0], failed - before[1]


def main():
    global passed, failed
    plain, asan = ({"exe": os.path.abspath(exe or ""), "label": label, "limit": not label} for exe, label in ((VMREF, ""), (ARGS.asan, "sanitized: ")))
    jobs = [(test, asan) for test in EACH if ARGS.asan] + [(test, plain) for test in EACH + [test_rules, test_docs, test_pipe]]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for said, p, f in pool.map(work_on, jobs):
            passed, failed = passed + p, failed + f
            print(said, end="", flush=True)
    print("%d passed, %d failed" % (passed, failed))
    if ARGS.json:
        with open(ARGS.json, "w") as f:
            json.dump({"name": "cli", "passed": passed, "failed": failed}, f)
    return 1 if failed else 0


sys.exit(main())
