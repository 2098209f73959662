# SPDX-License-Identifier: MIT
"""Write the pages of the report: each a file of its own that needs no network."""
import glob
import html
import os
import re
import shutil

import jinja2
import markupsafe

from . import charts, contracts, sources
from .sources import ROOT, load, text, tsv

NAV = [("index", "Overview"), ("theorem", "Theorem"), ("proofs", "Proofs"), ("bugs", "Planted bugs"), ("rules", "Rules"),
       ("peers", "Peers"), ("coverage", "Coverage"), ("bench", "Bench"), ("soundness", "Soundness")]
OTHERS = {"stages-verify", "stages-test", "stages-check"}


def unit_of(path):
    parts = path.split("/")
    return parts[1] + ".theorems" if parts[0] == "proofs" else os.path.splitext(parts[1])[0]


def proof_state(prove, units):
    """Unit to its functions: those of this run where it has them, else those stored with the sources."""
    out = {name: dict(u, how="stored") for name, u in units.items()}
    for t in (prove or {}).get("topics", []):
        out[t["topic"]] = dict(t, how=t["mode"])
    return out


def goals_by(units, logged):
    """For a clause of a contract: is it proved, in which unit, by how many goals?"""
    by_name = {}
    for goal, (prover, steps) in logged.items():
        by_name.setdefault(re.sub(r"(_part\d+)$", "", goal), []).append((goal, prover, steps))

    def goal_of(e):
        unit = unit_of(e["file"])
        f = units.get(unit, {}).get("functions", {}).get(e["function"])
        name = f"{e['function']}_ensures" + (f"_{e['label']}" if e["label"] else "")
        runs = by_name.get(name, [])
        return {"unit": unit, "goal": name, "parts": runs, "goals": f["goals"] if f else 0,
                "state": "none" if not f else "proved" if f["proved"] == f["goals"] else "open"}
    return goal_of


def topic_rows(data, units, cover):
    """A row for each topic: what it answers, and what each way of checking says."""
    fuzz, out = (data["fuzz"] or {}).get("topics") or {}, []
    for topic, says in sources.topics().items():
        own = {n: u for n, u in units.items() if n == topic or n.startswith((topic + ".", topic + "_"))
               and not any(n.startswith(t) for t in sources.topics() if t != topic and len(t) > len(topic) and t.startswith(topic))}
        lines = {}
        for f, counts in (cover or {"files": {}})["files"].items():
            if unit_of(f) in own:
                lines[f] = counts
        total = sum(len(c) for c in lines.values())
        out.append({"topic": topic, "says": says, "goals": sum(u["goals"] for u in own.values()), "proved": sum(u["proved"] for u in own.values()),
                    "units": sorted(own), "smoke": sum(u.get("smoke", {}).get("passed", 0) for u in own.values()),
                    "execs": fuzz.get(topic, {}).get("execs"), "findings": fuzz.get(topic, {}).get("findings", 0),
                    "corpus": len(glob.glob(os.path.join(ROOT, "corpus", topic, "*"))),
                    "lines": 100 * sum(n > 0 for c in lines.values() for n in c.values()) / total if total else None})
    return out


def results_of_all():
    """Every result that a stage left, as far as they all agree: name, passed, failed, skipped."""
    out = []
    for path in sorted(glob.glob(os.path.join(sources.BUILD, "results", "*.json"))):
        name = os.path.basename(path)[:-5]
        r = load(name)
        if name not in OTHERS and isinstance(r, dict) and "passed" in r:
            out.append({"name": name, "passed": r["passed"], "failed": r.get("failed", 0), "skipped": r.get("skipped", 0), "seconds": r.get("seconds")})
    return out


def coverage_rows(cover):
    out = []
    for f, lines in sorted((cover or {"files": {}})["files"].items()):
        hit = sum(n > 0 for n in lines.values())
        out.append({"file": f, "lines": len(lines), "hit": hit, "missed": [l for l, n in sorted(lines.items()) if n == 0],
                    "percent": 100 * hit / len(lines) if lines else 100.0})
    return out


def write_code(out, env, common, cover):
    """Each file of the model and the specification with its lines, and how often the corpus ran each."""
    os.makedirs(os.path.join(out, "code"), exist_ok=True)
    names = {}
    paths = [p for pattern in ("model/*.[ch]", "spec/*.acsl", "proofs/*/theorems.c") for p in sorted(glob.glob(os.path.join(ROOT, pattern)))]
    for path in paths:
        file = os.path.relpath(path, ROOT)
        names[file] = "code/" + file.replace("/", "-") + ".html"
        counts = (cover or {"files": {}})["files"].get(file)
        lines = [(n, l, (counts or {}).get(n)) for n, l in enumerate(text(file).rstrip("\n").split("\n"), 1)]
        with open(os.path.join(out, names[file]), "w") as f:
            f.write(env.get_template("code.html").render(common, page="coverage", up="../", title=file, file=file, lines=lines, measured=counts is not None))
    return names


def soundness():
    """docs/SOUNDNESS.md as a page. Its links into the repository become plain text, since the report stands alone."""
    import markdown
    body = markdown.markdown(text("docs/SOUNDNESS.md"), extensions=["tables", "fenced_code", "toc"])
    body = re.sub(r'<a href="(?!#)[^"]*">(.*?)</a>', r"\1", body, flags=re.S)
    body = body.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
    return markupsafe.Markup(body)


def inline(s):
    """Markdown's code and links of a table's cell."""
    s = html.escape(s or "", quote=False)
    s = re.sub(r"`([^`]+)`", r"<code>\1</code>", s)
    return markupsafe.Markup(re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", s))


def cost_history(records):
    """Steps in all at each record, and what takes most now."""
    now, totals = {}, []
    for r in records:
        now.update(r["steps"])
        for gone in r.get("gone", ()):
            now.pop(gone, None)
        totals.append((r["commit"][:8], sum(now.values())))
    return totals, sorted(now.items(), key=lambda x: -x[1])[:12]


def write(out, data):
    """All pages; gives what contradicts itself."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    env = jinja2.Environment(loader=jinja2.FileSystemLoader(os.path.join(ROOT, "ci", "templates")),
                             autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    env.filters.update(n=lambda x: f"{x:,.0f}" if isinstance(x, (int, float)) else x, inline=inline, id=lambda s: re.sub(r"\W+", "-", s),
                       bars=lambda rows, *a: markupsafe.Markup(charts.bars(rows, *a)))
    common = dict(data, nav=NAV, up="")
    cover, prove = sources.line_coverage(), data["prove"]
    prove = prove if prove and "goals" in prove else None
    units = proof_state(prove, sources.stored_units())
    logged = sources.logged_goals() if prove and prove["mode"] != "cached" else {}
    clauses, problems = contracts.theorem(tsv("ci/reporting/theorem.tsv"), contracts.ensured(ROOT), goals_by(units, logged))
    problems += [f"ci/reporting/theorem.tsv: {c['id']}: no goal proves it" for c in clauses if not c["good"]]
    problems += [f"{e['file']}:{e['line']}: the function {e['function']} has no goals in {e['unit']}" for c in clauses for e in c["proofs"] if e["state"] == "none"]
    code = write_code(out, env, common, cover)
    hit = {}
    for g in data["guests"]:
        for rule, n in g.get("rules", {}).items():
            hit[rule] = hit.get(rule, 0) + n
    peers, conform = (load("conform") or {}).get("peers", []), load("conform")
    seen = {k: n for g in data["guests"] for k, n in g.get("explained", {}).items()}
    for p in peers:
        for k, n in p.get("deviations", {}).items():
            seen[k] = seen.get(k, 0) + n
    bugs, totals = sources.planted(), None
    totals, top = cost_history(sources.history())
    bench, side = load("bench"), load("bench-peers")
    pages = {
        "index": dict(topics=topic_rows(data, units, cover), clauses=clauses, results=results_of_all(), bugs=bugs, cover=cover, coverage=coverage_rows(cover),
                      stages=load("stages-verify"), stages_test=load("stages-test"), deviations=len(tsv("harness/deviations.tsv")),
                      rules=len(tsv("spec/rules.tsv"))),
        "theorem": dict(clauses=clauses, code=code, logged=bool(logged)),
        "proofs": dict(units=units, offline=load("proof-offline"), canary=load("proof-canary"), cost=load("proof-cost"), lock=sources.locked_tools(),
                       chart=markupsafe.Markup(charts.line(totals, "solver steps of all functions, by record", "steps")), top=top, code=code),
        "bugs": dict(bugs=bugs, at_proof=sources.measured("docs/MUTANTS.md"), at_fuzz=sources.measured("docs/MUTANTS-FUZZ.md"),
                     detection=sources.titled_tables("docs/DETECTION.md"),
                     last=[(what, load(name)) for what, name in (("the proof", "mutants-proof"), ("the fuzzers", "mutants-fuzz"))]),
        "rules": dict(rules=tsv("spec/rules.tsv"), cited=sources.rule_citations(), hit=hit, peers=peers, conform_rules=sorted({r for p in peers for r in p["rules"]})),
        "peers": dict(deviations=tsv("harness/deviations.tsv"), seen=seen, conform=conform, peers=peers,
                      findings=sources.tables("docs/FINDINGS.md"), linux=load("linux-run")),
        "coverage": dict(rows=coverage_rows(cover), cover=cover, code=code, cov=load("cov")),
        "bench": dict(bench=bench, side=side),
        "soundness": dict(body=soundness()),
    }
    for page, extra in pages.items():
        with open(os.path.join(out, page + ".html"), "w") as f:
            f.write(env.get_template(page + ".html").render(common, page=page, title=dict(NAV)[page], **extra))
    return problems
