# SPDX-License-Identifier: MIT
"""What the files of the repository and the last runs say: results, tables, proofs, coverage. What is
not there is None, and the pages say `not run`."""
import csv
import glob
import json
import os
import re
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("VMREF_BUILD") or os.path.join(ROOT, "build")


def load(name):
    try:
        with open(os.path.join(BUILD, "results", name + ".json")) as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def sh(*command):
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def tsv(path):
    with open(os.path.join(ROOT, path)) as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def tables(path):
    """The Markdown tables of a page of docs/: lists of {column: cell}."""
    try:
        return tables_of(text(path))
    except OSError:
        return []


def tables_of(page):
    out, head = [], None
    for line in page.split("\n"):
        cells = [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]] if line.startswith("|") else None
        if cells is None:
            head = None
        elif head is None:
            head = cells
            out.append([])
        elif not all(re.fullmatch(r":?-+:?", c) for c in cells):
            out[-1].append(dict(zip(head, cells)))
    return out


def titled_tables(path):
    """(heading above it, table) of a page of docs/."""
    try:
        parts = re.split(r"^#+ +(.*)$", text(path), flags=re.M)
    except OSError:
        return []
    return [(title, t) for title, body in zip(parts[1::2], parts[2::2]) for t in tables_of(body) if t]


def topics():
    """Topic to what it answers, as README.md has it."""
    return {re.sub(r"\[(\w+)\].*", r"\1", r["topic"]): list(r.values())[1] for t in tables("README.md") if t and "topic" in t[0] for r in t}


# ---- proofs ------------------------------------------------------------------------
def stored_units():
    """Each unit's stored result, by name: what `cached` takes for granted and cold runs renew."""
    out = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "proofs", "*", "result.json")) + glob.glob(os.path.join(ROOT, "proofs", "*", "theorems", "result.json"))):
        with open(path) as f:
            r = json.load(f)
        out[r["topic"]] = r
    return out


def history():
    path = os.path.join(ROOT, "proofs", "history.jsonl")
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(l) for l in f if l.strip()]


GOAL = re.compile(r"^\[wp\] \[(.+?)\] Goal typed_ref_(\S+) : Valid(.*)")


def logged_goals():
    """Goal to (prover, steps), as the last run that made goals anew told it; a cached run makes none."""
    out = {}
    for path in sorted(glob.glob(os.path.join(BUILD, "proofs", "*.goals.log")) + glob.glob(os.path.join(BUILD, "proofs", "*.both.log"))):
        for line in open(path, errors="replace"):
            m = GOAL.match(line)
            if m:
                steps = re.findall(r"\((\d+)\)", m.group(3))
                out.setdefault(m.group(2), (m.group(1), int(steps[-1]) if steps else 0))
    return out


def trusted():
    return [l.strip() for l in text("spec/TRUSTED").split("\n") if l.strip() and l[0] != "#"]


# ---- planted bugs --------------------------------------------------------------------
def planted():
    """Every planted bug with what it is and who caught it when, as docs/MUTANTS*.md were measured."""
    bugs = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "harness", "mutants", "*.patch"))):
        with open(path) as f:
            first = f.readline()
        bugs[os.path.basename(path)[:-6]] = {"what": first.removeprefix("# planted:").strip(), "proof": None, "fuzz": None}
    for row in (r for t in tables("docs/MUTANTS.md") for r in t if "goals" in r):
        bugs.setdefault(row["bug"], {"what": row["what is planted"], "fuzz": None})["proof"] = row
    for row in (r for t in tables("docs/MUTANTS-FUZZ.md") for r in t if "fuzz target" in r):
        bugs.setdefault(row["bug"], {"what": row["what is planted"], "proof": None})["fuzz"] = row
    return bugs


def measured(path):
    m = re.search(r"[Mm]easured(?:\s+\w+)*?\s+at\s+(\w+)", text(path).replace("\n", " ")) if os.path.exists(os.path.join(ROOT, path)) else None
    return m.group(1) if m else "an unnamed commit"


# ---- rules -----------------------------------------------------------------------------
def rule_citations():
    """Rule to counts by place, as ci/check-rules counts them."""
    lines = sh("ci/check-rules", "--coverage").split("\n")
    head, out = lines[0].split()[1:], {}
    for line in lines[1:]:
        cells = line.split()
        if len(cells) == len(head) + 1 and re.fullmatch(r"[A-Z][A-Z0-9.]*", cells[0]):
            out[cells[0]] = dict(zip(head, (0 if c == "-" else int(c) for c in cells[1:])))
    return out


# ---- coverage ----------------------------------------------------------------------------
def llvm_cov():
    for name in sorted(glob.glob("/usr/lib/llvm-*/bin/llvm-cov"), reverse=True):
        version = re.search(r"version (\d+)", sh("clang", "--version"))
        if version and f"llvm-{version.group(1)}/" in name:
            return name
    return shutil.which("llvm-cov")


def line_coverage():
    """File to {line: times run}, by the profile that the last `make cov` left; None without one."""
    profile = os.path.join(BUILD, "fuzz", "profiles", "all.profdata")
    binaries = sorted(glob.glob(os.path.join(BUILD, "fuzz", "cov-*")))
    tool = llvm_cov()
    if not (tool and os.path.exists(profile) and binaries):
        return None
    objects = [x for b in binaries[1:] for x in ("-object", b)]
    said = sh(tool, "export", "-format=lcov", "-instr-profile=" + profile, binaries[0], *objects, *sorted(glob.glob(os.path.join(ROOT, "model", "*.c"))))
    out, lines = {}, None
    for line in said.split("\n"):
        if line.startswith("SF:"):
            lines = out.setdefault(os.path.relpath(os.path.join(ROOT, line[3:]), ROOT), {})
        elif line.startswith("DA:"):
            n, count = line[3:].split(",")[:2]
            lines[int(n)] = lines.get(int(n), 0) + int(count)
    out = {f: l for f, l in out.items() if f.startswith("model/")}
    newest = max(os.path.getmtime(p) for p in glob.glob(os.path.join(ROOT, "model", "*.[ch]")))
    ran = len(glob.glob(os.path.join(os.path.dirname(profile), "*.profraw")))
    targets = [p for p in glob.glob(os.path.join(ROOT, "harness", "fuzz_*.c")) if os.path.exists(os.path.join(ROOT, "model", os.path.basename(p)[5:]))]
    return {"files": out, "stale": os.path.getmtime(profile) < newest, "ran": ran, "targets": len(targets)} if out else None


def locked_tools():
    return dict(l.split() for l in text("proofs/tools.lock").split("\n") if l.strip() and l[0] != "#")


def ceiling():
    return int(next(l for l in text("ci/trusted.max").split("\n") if l.strip() and l[0] != "#"))
