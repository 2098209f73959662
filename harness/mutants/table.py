# SPDX-License-Identifier: MIT
"""Tables of planted bugs, for docs/: of proofs/mutants and of harness/mutants/run."""
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def planted(name):
    """What a patch plants, as its first line says."""
    with open(os.path.join(HERE, name + ".patch")) as f:
        return f.readline().removeprefix("# planted:").strip()


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True).stdout.strip()


def write(path, title, text, head, rows):
    """A page with one table. head: names of the columns; those that begin with > are numbers."""
    lines = [f"# {title}", "", *text, "",
             "| " + " | ".join(h.lstrip(">") for h in head) + " |",
             "|" + "|".join("--:" if h.startswith(">") else "---" for h in head) + "|"]
    lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
