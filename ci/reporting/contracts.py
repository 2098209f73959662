# SPDX-License-Identifier: MIT
"""The contracts of model/, read as far as the report needs them: which function ensures what, under
which name, in which line. A name is a goal's: typed_ref_FUNCTION_ensures_NAME."""
import glob
import os
import re

ANNOTATION = re.compile(r"/\*@(.*?)\*/", re.S)
# what follows a contract: a declaration or a definition
FUNCTION = re.compile(r"\s*(?:static\s+|extern\s+)?[\w\s*]*?\b(\w+)\s*\(")


def clauses(text):
    """(offset, clause) of a contract. A `;` ends one unless it closes a binder."""
    start, binders = 0, 0
    for m in re.finditer(r"\\(?:forall|exists|let)\b|;", text):
        if m.group(0) != ";":
            binders += 1
        elif binders:
            binders -= 1
        else:
            yield start, text[start:m.start()]
            start = m.end()


def ensured(root):
    """All of them: {function, label, text, file, line}."""
    out = []
    paths = sorted(glob.glob(os.path.join(root, "model", "*.[hc]")) + glob.glob(os.path.join(root, "proofs", "*", "theorems.c")))
    for path in paths:
        text = open(path).read()
        for a in ANNOTATION.finditer(text):
            f = FUNCTION.match(text, a.end())
            if not f:
                continue
            for at, clause in clauses(a.group(1)):
                m = re.match(r"\s*ensures\s+(?:(\w+)\s*:(?!:))?(.*)", clause, re.S)
                if m:
                    where = a.start(1) + at + len(clause) - len(clause.lstrip())
                    out.append({"function": f.group(1), "label": m.group(1) or "", "text": " ".join(m.group(2).split()),
                                "file": os.path.relpath(path, root), "line": text.count("\n", 0, where) + 1})
    return out


def unknown(columns, found):
    return f"ci/reporting/theorem.tsv: {columns['id']}: {found} matches no clause of any contract: mend the pattern"


def matches(pattern, e):
    """pred:NAME  a clause that names the predicate;  FUNCTION, FUNCTION:LABEL  what that ensures."""
    if pattern.startswith("pred:"):
        return re.search(rf"\b{pattern[5:]}\b(?=\s*[({{])", e["text"]) is not None
    function, _, label = pattern.partition(":")
    return e["function"] == function and (not label or e["label"] == label)


def theorem(rows, contracts, goal_of):
    """Each clause with what proves it, and complaints about patterns that find nothing."""
    out, bad = [], []
    for row in rows:
        found = {}
        for pattern in row["by"].split():
            hits = [e for e in contracts if matches(pattern, e)]
            if not hits:
                bad.append(unknown(row, pattern))
            for e in hits:
                found[(e["file"], e["line"], e["label"])] = e
        proofs = [dict(e, **goal_of(e)) for e in sorted(found.values(), key=lambda e: (e["file"], e["line"]))
                  if e["file"].endswith((".h", "theorems.c"))]
        out.append(dict(row, proofs=proofs, good=sum(p["state"] == "proved" for p in proofs)))
    return out, bad
