# SPDX-License-Identifier: MIT
"""The page of a campaign: build/campaign/index.html from the state files of its nodes and its findings."""
import glob, json, os, time


def chart(history, column, width=560, height=120):
    """An SVG polyline of a column of the history over time."""
    points = [(h[0], h[column]) for h in history]
    if len(points) < 2:
        return ""
    t, top = points[-1][0] or 1, max(p[1] for p in points) or 1
    line = " ".join(f"{x / t * width:.1f},{height - y / top * (height - 16):.1f}" for x, y in points)
    return (f'<svg viewBox="0 0 {width} {height}" role="img"><polyline fill="none" stroke="var(--bar)" stroke-width="2" points="{line}"/>'
            f'<text x="2" y="12" fill="var(--soft)" font-size="12">{top:,}</text></svg>')


def gather(where, shared):
    states = []
    for path in sorted(set(glob.glob(f"{shared}/state-*.json") + glob.glob(f"{where}/state-*.json"))):
        with open(path) as f:
            states.append(json.load(f))
    topics = {}
    for s in states:
        for t, by in s["topics"].items():
            for fuzzer, n in by.items():
                row = topics.setdefault(t, {}).setdefault(fuzzer, dict.fromkeys(n, 0))
                for k, v in n.items():
                    row[k] = max(row[k], v) if k == "cov" else row[k] + v
    found = []
    for path in sorted(glob.glob(f"{shared}/findings/*/finding.json")):
        with open(path) as f:
            found.append(json.load(f))
        try:
            with open(os.path.dirname(path) + "/report.txt", errors="replace") as f:
                found[-1]["report"] = f.read()[-6000:]
        except OSError:
            found[-1]["report"] = ""
    corpus = {t: len(os.listdir(f"{shared}/corpus/{t}")) for t in topics if os.path.isdir(f"{shared}/corpus/{t}")}
    return states, topics, found, corpus


def write(where, shared):
    """Writes the page anew, and returns its path."""
    import jinja2
    states, topics, found, corpus = gather(where, shared)
    rows = []
    for t in sorted(topics):
        row = {"topic": t, "corpus": corpus.get(t, 0), "findings": sum(f["topic"] == t for f in found)}
        for fuzzer in ("libfuzzer", "afl"):
            n = topics[t].get(fuzzer, {"execs": 0, "seconds": 0, "restarts": 0, "cov": 0})
            row[fuzzer] = {**n, "rate": round(n["execs"] / n["seconds"]) if n["seconds"] else 0}
        rows.append(row)
    env = jinja2.Environment(loader=jinja2.FileSystemLoader(os.path.dirname(os.path.abspath(__file__))), autoescape=True,
                             trim_blocks=True, lstrip_blocks=True)
    main = max(states, key=lambda s: s["seconds"], default={"history": []})
    text = env.get_template("page.html").render(
        rows=rows, found=found, states=states, when=time.strftime("%Y-%m-%d %H:%M:%S"),
        execs=sum(n["execs"] for by in topics.values() for n in by.values()), inputs=sum(corpus.values()),
        seconds=sum(s["seconds"] for s in states), restarts=sum(s["restarts"] for s in states),
        charts=[(name, chart(main["history"], i)) for i, name in ((1, "executions"), (2, "inputs beside the seeds"), (3, "findings"))])
    path = f"{where}/index.html"
    with open(path + ".part", "w") as f:
        f.write(text)
    os.replace(path + ".part", path)
    return path
