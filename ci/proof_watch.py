# SPDX-License-Identifier: MIT
"""ci/proof cost and canary: what the proofs cost, commit by commit, and what another prover says."""
import glob
import json
import os
import re
import subprocess
import shutil
import time

ENOUGH = 50000 # steps: what a function takes more than before by less than this is no news
GOAL = re.compile(r"^\[wp\] \[(.+?)\] Goal (\S+) : (\w+)(.*)")


def arguments(new):
    p = new("cost")
    p.add_argument("--record", action="store_true")
    p.add_argument("--strict", action="store_true")
    p.add_argument("--threshold", type=float, default=25)
    p.add_argument("--history")
    p.add_argument("--logs")
    p = new("canary")
    p.add_argument("topics", nargs="*")
    p.add_argument("--prover", choices=["cvc5", "z3", "cvc4", "alt-ergo"], default="cvc5")
    p.add_argument("--sample", type=int, default=3, help="units, others at each commit")
    p.add_argument("--record", action="store_true")
    p.add_argument("--baseline")


def go(args, proof):
    return {"cost": cost, "canary": canary}[args.what](args, proof)


# ---- cost ---------------------------------------------------------------------------
def steps_of(folder, proof):
    """Steps by unit and function, of the units of which this run left logs. A function that Qed
    does alone takes none."""
    out = {}
    for unit, where in proof.units().items():
        kept, logs = proof.stored(where), [os.path.join(folder, f"{unit}.{k}.log") for k in ("goals", "both")]
        logs = [l for l in logs if os.path.exists(l)]
        if not kept or not logs:
            continue
        steps, known = dict.fromkeys(kept["functions"], 0), True
        for line in (l for path in logs for l in open(path, errors="replace")):
            m = GOAL.match(line)
            if not m or m.group(3) != "Valid":
                continue
            told = re.findall(r"\((\d+)\)", m.group(4))
            try:
                steps[proof.run.function_of(m.group(2), kept["functions"])] += int(told[-1]) if told else 0
            except ValueError: # the log is of another state of the source
                known = False
        if known:
            out.update({f"{unit}/{f}": n for f, n in steps.items()})
    return out


def history_of(path):
    """The records, oldest first: each has the functions whose steps changed with it."""
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(l) for l in f if l.strip()]


def latest(records):
    steps = {}
    for r in records:
        steps.update(r["steps"])
        for gone in r.get("gone", ()):
            steps.pop(gone, None)
    return steps


def drift(before, now, threshold):
    """(function, steps before, steps now) of those that take much more, worst first."""
    more = [(f, before[f], n) for f, n in now.items() if f in before
            and n - before[f] > ENOUGH and n > before[f] * (1 + threshold / 100)]
    return sorted(more, key=lambda x: x[1] - x[2])


def cost(args, proof):
    path = args.history or os.path.join(proof.ROOT, "proofs", "history.jsonl")
    now = steps_of(args.logs or os.path.join(proof.ROOT, "build", "proofs"), proof)
    if not now:
        print("ci/proof cost: no run left its steps in build/proofs: not run. `make prove PROOF=replay` or PROOF=cold does")
        proof.leave("proof-cost", passed=0, failed=0, skipped=1, functions=0, drift=[])
        return 0
    records = history_of(path)
    before = latest(records)
    more = drift(before, now, args.threshold)
    new = [f for f in now if f not in before]
    print(f"{len(now)} functions, {sum(now.values()):,} steps; "
          + (f"the last record is of {records[-1]['commit']}" if records else "there is no record yet"))
    for f, was, n in more:
        print(f"  WARNING {f}: {n:,} steps, {was:,} at {records[-1]['commit']}: +{100 * (n - was) / max(was, 1):.0f} %")
    for f, n in sorted(now.items(), key=lambda x: -x[1])[:5]:
        print(f"  {n:>12,}  {f}")
    if args.record:
        units = {f.split("/")[0] for f in now}
        gone = sorted(f for f in before if f.split("/")[0] in units and f not in now)
        changed = {f: n for f, n in sorted(now.items()) if before.get(f) != n}
        if changed or gone:
            name, date = proof.commit()
            with open(path, "a") as out:
                out.write(json.dumps({"commit": name, "date": date, "total": sum({**before, **now}.values()) - sum(before[g] for g in gone),
                                      "steps": changed, **({"gone": gone} if gone else {})}, separators=(",", ":")) + "\n")
        print(f"recorded: {len(changed)} functions changed, {len(gone)} gone")
    proof.leave("proof-cost", passed=len(now) - len(more), failed=len(more) if args.strict else 0, functions=len(now), new=len(new),
                steps=sum(now.values()), drift=[{"function": f, "before": b, "now": n} for f, b, n in more],
                top=sorted(now.items(), key=lambda x: -x[1])[:20])
    return 1 if more and args.strict else 0


# ---- canary --------------------------------------------------------------------------
CVC5 = """
[prover]
command = "/usr/bin/cvc5 --stats-internal --tlimit=%t000 --lang=smt2 %f"
command_steps = "/usr/bin/cvc5 --stats-internal --rlimit=%S --lang=smt2 %f"
driver = "{driver}"
editor = ""
in_place = false
interactive = false
name = "CVC5"
shortcut = "cvc5"
version = "{version}"
"""
# Why3 1.5.1 does not know cvc5; it speaks as CVC4 does, but for two things.
DRIVER = """prelude "(set-logic ALL)"
unknown "^(error \\"Can't get-info :reason-unknown when the last result wasn't unknown!\\")$" "(not unknown!)"
import "/usr/share/why3/drivers/cvc4_16.gen"
theory BuiltIn
  meta "supports_smt_get_info_unknown_reason" ""
end
"""


def why3_for(prover, folder, proof):
    """A configuration of Why3 with this prover beside those of the proofs."""
    text = open(os.path.join(proof.ROOT, "proofs", "why3.conf")).read()
    said = subprocess.run([prover, "--version"], capture_output=True, text=True)
    version = re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr).group(0)
    if prover == "cvc5":
        driver = os.path.join(folder, "cvc5.drv")
        open(driver, "w").write(DRIVER)
        text += CVC5.format(driver=driver, version=version)
    elif prover == "alt-ergo":
        text += f'\n[partial_prover]\nname = "Alt-Ergo"\npath = "{shutil.which(prover)}"\nversion = "{version}"\n'
    path = os.path.join(folder, "why3.conf")
    open(path, "w").write(text)
    return path, version


def sample_of(units, n, head):
    """Some units, other ones at each commit, small ones at that: a canary is to be cheap."""
    small = sorted(u for u, r in units.items() if r and r["goals"] <= 250)
    first = int(head[:8], 16) % len(small) if re.match(r"[0-9a-f]{8}", head) else 0
    return [small[(first + i * (len(small) // min(n, len(small)))) % len(small)] for i in range(min(n, len(small)))]


def lost(verdicts, was):
    """Goals that a baseline has proved, and this run has not. A new goal that is not proved is no loss."""
    return sorted(g for g, v in verdicts.items() if v != "Valid" and g in was["proved_goals"])


def canary(args, proof):
    if not shutil.which(args.prover):
        print(f"ci/proof canary: {args.prover} is not installed: skipped (apt-get install {args.prover})")
        proof.leave("proof-canary", passed=0, failed=0, skipped=1, missing=args.prover)
        return 1 if os.environ.get("CI_STRICT") == "1" else 0
    folder = os.path.join(proof.ROOT, "build", "canary")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    conf, version = why3_for(args.prover, folder, proof)
    kept = {u: proof.stored(f) for u, f in proof.units().items()}
    sources = {u: s for u, s, _ in proof.run.units(proof.run.topics())}
    wanted = args.topics or sample_of(kept, args.sample, proof.commit()[0])
    unknown = [u for u in wanted if u not in sources]
    if unknown:
        print(f"ci/proof canary: no unit {' '.join(unknown)}; there are: {' '.join(sources)}")
        return 2
    path = args.baseline or os.path.join(proof.ROOT, "proofs", "canary.json")
    base = json.load(open(path)) if os.path.exists(path) else {}
    rows, bad = [], []
    for unit in wanted:
        began = time.time()
        log = os.path.join(folder, unit + ".log")
        env = dict(proof.run.environment(proof.ROOT), WHY3CONFIG=conf)
        with open(log, "w") as out:
            code = subprocess.run(["frama-c"] + proof.run.flags(sources[unit]) + ["-wp-prover", args.prover, "-wp-steps", "300000", "-wp-timeout", "60",
                                   "-wp-par", "2", "-wp-cache", "none", sources[unit]], cwd=proof.ROOT, env=env, stdout=out, stderr=subprocess.STDOUT).returncode
        done = [m for m in map(proof.run.GOAL.match, open(log, errors="replace")) if m and m.group(1) != "CFG"]
        verdicts = {}
        for m in done:
            verdicts[m.group(3)] = "Valid" if "Valid" in (m.group(4), verdicts.get(m.group(3))) else "no"
        goals, proved = len(verdicts), {g for g, v in verdicts.items() if v == "Valid"}
        own = sum(m.group(4) == "Valid" and m.group(1).lower().startswith(args.prover.replace("-", "")[:4]) for m in done)
        was = base.get(args.prover, {}).get(unit)
        verdict = "no baseline"
        if code != 0 or goals == 0:
            verdict = f"frama-c failed: {os.path.relpath(log, proof.ROOT)}"
            bad.append(f"{unit}: {verdict}")
        elif was:
            gone = lost(verdicts, was)
            verdict = f"{len(gone)} lost" if gone else "as before"
            bad += [f"{unit}: {g} is proved no more by {args.prover} {version} (baseline: {was['version']}, {was['commit']})" for g in gone]
        rows.append({"unit": unit, "goals": goals, "proved": len(proved), "by": own, "verdict": verdict,
                     "proved_goals": sorted(proved), "seconds": round(time.time() - began, 1)})
        print(f"  {unit:<18} {len(proved)}/{goals} goals, {own} by {args.prover} {version}, {rows[-1]['seconds']} s: {verdict}", flush=True)
    if args.record and not [r for r in rows if not r["goals"]]:
        for r in rows:
            base.setdefault(args.prover, {})[r["unit"]] = {"goals": r["goals"], "proved": r["proved"], "by": r["by"], "proved_goals": r["proved_goals"],
                                                           "version": version, "commit": proof.commit()[0]}
        with open(path, "w") as f:
            json.dump(base, f, indent=1, sort_keys=True)
            f.write("\n")
        bad = []
    for b in bad:
        print("DRIFT " + b)
    proof.leave("proof-canary", prover=f"{args.prover} {version}", units=rows, drift=bad, passed=len(rows) - len({b.split(':')[0] for b in bad}), failed=len(bad))
    return 1 if bad else 0
