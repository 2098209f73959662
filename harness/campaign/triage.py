# SPDX-License-Identifier: MIT
"""What a campaign's findings are: which are the same, and the shortest input that shows each."""
import hashlib, json, os, re, shutil, subprocess, time


def key_of(report):
    """What two reports of the same bug have in common: what a check says, without its numbers and hex
    digits; else the kind of crash and the innermost frames that lie in model/ or harness/; None: no report."""
    said = re.search(r"^FINDING (.*)$", report, re.M)
    if said:
        return "check: " + re.sub(r"\b(0x[0-9a-f]+|\d+)\b", "N", said.group(1)).strip()
    kind = re.search(r"(?:ERROR: AddressSanitizer: ([\w-]+)|runtime error: ([^\n]+))", report)
    frames = re.findall(r"^\s*#\d+ 0x[0-9a-f]+ in (\w+) .*?/(?:model|harness)/(?:\w+/)*([\w.]+)", report, re.M)
    frames += re.findall(r"(?:model|harness)/(?:\w+/)*([\w.]+):(\d+):\d+: runtime error", report)
    if kind:
        what = re.sub(r"-?\b(0x[0-9a-f]+|\d+)\b", "N", next(k for k in kind.groups() if k))
        return f"crash: {what}" + "".join(f" in {a} {b}" for a, b in frames[:3])
    return None


def tell(binary, path):
    """(1 when the input fails, the report)."""
    try:
        r = subprocess.run([binary, path], capture_output=True, text=True, errors="replace", timeout=30)
        return r.returncode != 0, r.stderr + r.stdout
    except subprocess.TimeoutExpired:
        return True, "FINDING no end within the time\n"


class Findings:
    """Folder DIR/findings: TOPIC-HASH/ with input, report.txt and finding.json for each bug."""

    def __init__(self, where, binaries):
        self.where, self.bin = where, binaries
        os.makedirs(where, exist_ok=True)

    def all(self):
        out = []
        for name in sorted(os.listdir(self.where)):
            try:
                with open(f"{self.where}/{name}/finding.json") as f:
                    out.append(json.load(f))
            except (OSError, ValueError):
                continue # being written, or a file of someone else
        return out

    def write(self, found):
        folder = f"{self.where}/{found['name']}"
        os.makedirs(folder, exist_ok=True)
        part = f"{folder}/finding.json.{os.uname().nodename}-{os.getpid()}.part" # other nodes write here too
        with open(part, "w") as f:
            json.dump(found, f, indent=1)
        os.replace(part, f"{folder}/finding.json")

    def take(self, topic, raw, by, seconds):
        """Files an input that a fuzzer kept as failing. Returns the finding, and whether it is new."""
        binary = f"{self.bin}/replay-{topic}"
        fails, report = tell(binary, raw)
        key = key_of(report) if fails else "does not fail again"
        key = key or "crash: without a report"
        name = f"{topic}-{hashlib.sha256(f'{topic} {key}'.encode()).hexdigest()[:10]}"
        folder = f"{self.where}/{name}"
        if os.path.exists(f"{folder}/finding.json"):
            with open(f"{folder}/finding.json") as f:
                found = json.load(f)
            found["times"] += 1
            found["by"][by] = found["by"].get(by, 0) + 1
            self.write(found)
            return found, False
        os.makedirs(folder, exist_ok=True)
        shutil.copy(raw, f"{folder}/raw")
        shutil.copy(raw, f"{folder}/input")
        token = ""
        if fails:
            try:
                r = subprocess.run([binary, "--minimise", raw, f"{folder}/input"], capture_output=True, text=True, errors="replace", timeout=120,
                                   env={**os.environ, "ASAN_OPTIONS": "symbolize=0", "UBSAN_OPTIONS": "symbolize=0"}) # each report would take its time
                token = r.stdout.strip() if r.returncode == 0 else ""
            except subprocess.TimeoutExpired:
                pass # it stays as long as it was
            if not token:
                m = re.search(r"^FAIL \S+ (\S+)$", report, re.M)
                token = m.group(1) if m else ""
            report = tell(binary, f"{folder}/input")[1]
        with open(f"{folder}/report.txt", "w") as f:
            f.write(report)
        found = {"name": name, "topic": topic, "key": key, "token": token, "times": 1, "by": {by: 1}, "first_by": by,
                 "after_seconds": round(seconds, 1), "when": time.strftime("%Y-%m-%d %H:%M:%S"),
                 "raw_bytes": os.path.getsize(f"{folder}/raw"), "bytes": os.path.getsize(f"{folder}/input")}
        self.write(found)
        return found, True
