#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of what vmref is for other programs: vmref serve, vectors, check and audit.
Expected values were worked out by hand from the manual or stand in corpus/.

  test_oracle.py [--vmref EXE] [--asan EXE] [--json FILE] [PART...]

--asan names a build with sanitizers, which gets the same beside it, with --label before its names. PART: serve, vectors, trace,
audit; all of them unless named. A line for each test that fails; exit 1 when one does."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_audit import test_audit
from check_serve import test_serve
from check_trace import test_trace
from check_vectors import test_vectors
PARTS = {"serve": test_serve, "vectors": test_vectors, "trace": test_trace, "audit": test_audit}
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--vmref", default=os.path.join(ROOT, "build/vmref"))
parser.add_argument("--asan")
parser.add_argument("--label", default="")
parser.add_argument("--json")
parser.add_argument("part", nargs="*", choices=[[], *PARTS])
ARGS = parser.parse_args()
ENV = dict(os.environ, ASAN_OPTIONS="exitcode=99:detect_leaks=1", UBSAN_OPTIONS="halt_on_error=1:exitcode=99", LC_ALL="C")
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAIL  " + name + "\n      " + str(detail)[:3000])
        print("      again: harness/oracle/test_oracle.py " + current)


def run(args, stdin=b"", exe=None, **more):
    if isinstance(stdin, str):
        stdin = stdin.encode("utf-8", "surrogateescape")
    p = subprocess.run([exe or os.path.abspath(ARGS.vmref)] + args, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       env=ENV, timeout=300, cwd=ROOT, **more)
    return p.returncode, p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")


def both():
    """The same program once for each build, side by side: passed and failed of both."""
    words = [[], ["--label", "sanitized: "]]
    made = [tempfile.NamedTemporaryFile() for _ in words]
    begun = [subprocess.Popen([sys.executable, os.path.abspath(__file__), "--vmref", exe, "--json", f.name] + more + ARGS.part)
             for exe, more, f in zip((ARGS.vmref, ARGS.asan), words, made)]
    codes = [p.wait() for p in begun]
    results = [json.load(open(f.name)) if os.path.getsize(f.name) else {"passed": 0, "failed": 1} for f in made]
    return [sum(r[k] for r in results) + (k == "failed" and any(c not in (0, 1) for c in codes)) for k in ("passed", "failed")]


if ARGS.asan:
    passed, failed = both()
for current in () if ARGS.asan else ARGS.part or PARTS:
    before = passed, failed
    PARTS[current](run, check, os.path.abspath(ARGS.vmref), ARGS.label)
    print("%s%s: %d passed, %d failed" % (ARGS.label, current, passed - before[0], failed - before[1]), flush=True)
print("%d passed, %d failed" % (passed, failed))
if ARGS.json:
    with open(ARGS.json, "w") as f:
        json.dump({"name": "oracle", "passed": passed, "failed": failed}, f)
        f.write("\n")
sys.exit(1 if failed or not passed else 0)
