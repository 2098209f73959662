#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ask every vector of corpus/vectors and compare with its answer, which was worked out by
hand from the manual. corpus/vectors/README.md has the format.

  test_vectors.py [--vmref EXE] [--json FILE] [ID...]

Prints each vector that fails with what was wanted and what came, and how to ask it again;
then `N passed, M failed`; exit 1 when one failed."""
import argparse
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
parser = argparse.ArgumentParser()
parser.add_argument("--vmref", default=os.path.join(ROOT, "build/vmref"))
parser.add_argument("--json")
parser.add_argument("id", nargs="*")
ARGS = parser.parse_args()
FIELDS = {"id", "rules", "bugs", "why", "source", "ask", "answer"}
passed = failed = 0


def result(vector, faults):
    """A vector passes, or fails with these lines."""
    global passed, failed
    passed, failed = passed + (not faults), failed + bool(faults)
    if faults:
        print(f"FAIL  {vector['id']}: {vector['why']}")
        for fault in faults:
            print("      " + fault)
        print(f"      again: echo '{json.dumps(vector['ask'])}' | build/vmref serve")


def form(vectors):
    """Vectors of the right form; the others are told and fail."""
    known = {line.split("\t")[1] for line in open(os.path.join(ROOT, "spec/rules.tsv"))} - {"id"}
    seen, good = set(), []
    for path, n, v in vectors:
        faults = [f"{path}:{n}: unknown field {f}" for f in sorted(set(v) - FIELDS)]
        faults += [f"{path}:{n}: no {f}" for f in ("id", "rules", "why", "ask") if not v.get(f)]
        if not faults:
            faults += [f"{path}:{n}: {r} is no rule of spec/rules.tsv" for r in v["rules"] if r not in known]
            faults += [f"{path}:{n}: a second {v['id']}"] * (v["id"] in seen)
            faults += [f"{path}:{n}: id {v['id']}"] * (not re.fullmatch(r"[a-zA-Z0-9.-]+", v["id"]))
            faults += [f"{path}:{n}: no answer"] * (v["ask"]["op"] != "sequence" and not v.get("answer"))
        if faults:
            result({"id": v.get("id", "?"), "why": v.get("why", "?"), "ask": v.get("ask", {"op": "?"})}, faults)
        else:
            seen.add(v["id"])
            good.append(v)
    return good


def differences(want, got, where="answer"):
    """What of `want` is not in `got`: an object's fields one by one, all else whole."""
    if isinstance(want, dict) and isinstance(got, dict):
        return [d for k in want for d in differences(want[k], got.get(k), f"{where}.{k}")]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [d for i, (w, g) in enumerate(zip(want, got)) for d in differences(w, g, f"{where}[{i}]")]
    return [] if want == got and type(want) is type(got) else [f"{where}: by hand {json.dumps(want)}, got {json.dumps(got)}"]


def outcome(o):
    """An outcome without its A and D flags, to tell it from others."""
    return json.dumps({k: o[k] for k in sorted(o) if k != "sets"})


def with_denials(ask):
    """A sequence in which each access denies all that other steps name and it does not permit."""
    ask = json.loads(json.dumps(ask))
    every = {outcome(o) for s in ask["steps"] for o in s.get("permit", []) + s.get("deny", [])}
    for s in ask["steps"]:
        if "access" in s:
            permit = {outcome(o) for o in s["permit"]}
            s["deny"] = s.get("deny", []) + [json.loads(o) for o in sorted(every - permit)]
    return ask


def sequence_faults(ask, got):
    faults = []
    for i, (step, answer) in enumerate(zip(ask["steps"], got["steps"])):
        if "access" not in step:
            faults += differences({"rule": step.get("rule")}, answer, f"steps[{i}]")
            continue
        faults += [f"steps[{i}]: not allowed, although permitted by hand: {json.dumps(o)}"
                   for o, way in zip(step["permit"], answer["permit"]) if way is None]
        faults += [f"steps[{i}]: allowed (by {way}), although not permitted by hand: {json.dumps(o)}"
                   for o, way in zip(step["deny"], answer["deny"]) if way is not None]
    return faults


def ask_all(vectors, prepare, faults_of):
    asks = [prepare(v["ask"]) for v in vectors]
    p = subprocess.run([ARGS.vmref, "serve"], input="".join(json.dumps(a) + "\n" for a in asks), stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True, timeout=300)
    lines, not_asked = p.stdout.splitlines(), 0
    for i, (v, a) in enumerate(zip(vectors, asks)):
        if i < len(lines):
            answer = json.loads(lines[i])
            result(v, [answer["error"]["message"]] if "error" in answer and isinstance(answer["error"], dict) else faults_of(v, a, answer))
        elif i == len(lines):
            result(v, [f"no answer, exit code {p.returncode}: {p.stderr.strip()[-300:]}"])
        else:
            not_asked += 1
    if not_asked:
        result({"id": "-", "why": f"{not_asked} vectors after it were not asked", "ask": vectors[len(lines)]["ask"]},
               ["mend the one above first"])


def main():
    vectors = []
    for path in sorted(glob.glob(os.path.join(ROOT, "corpus/vectors/*.jsonl"))):
        with open(path, encoding="utf-8") as f:
            vectors += [(os.path.relpath(path, ROOT), n, json.loads(line)) for n, line in enumerate(f, 1)]
    good = [v for v in form(vectors) if not ARGS.id or v["id"] in ARGS.id]
    sequences = [v for v in good if v["ask"]["op"] == "sequence"]
    same = lambda ask: ask
    compare = lambda v, ask, got: differences(v["answer"], got)
    ask_all([v for v in good if v["ask"]["op"] != "sequence"], same, compare)
    ask_all(sequences, with_denials, lambda v, ask, got: sequence_faults(ask, got))
    if ARGS.json:
        json.dump({"name": "vectors", "passed": passed, "failed": failed}, open(ARGS.json, "w"))
    print(f"vectors: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
