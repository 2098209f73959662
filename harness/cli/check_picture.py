# SPDX-License-Identifier: MIT
"""Tests of `vmref run --picture` and `--movie` for harness/test_cli.py. What must be drawn was
worked out by hand from the scripts: which pages lie in a frame or slot of their own or with others."""
import os
import re
import resource
import signal
import subprocess
import xml.etree.ElementTree as ET

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SVG = "{http://www.w3.org/2000/svg}"

# 8 frames, 2 slots. Frames are A's and B's second page, the segment's and the file's; one slot
SCENE = """space A
map A 0x10000 4 rw
store A 0x10000 1
store A 0x11000 2
fork A B
store B 0x11000 3
swapout A 0x10000
map A 0x40000 1 r shared seg
file F 1
load A 0x40000
"""
STATES = {
    "A 0x10000": "rw-p, in swap, slot 0, 2 references", "B 0x10000": "rw-p, in swap, slot 0, 2 references",
    "A 0x12000": "rw-p, not touched", "B 0x11000": "rw-p, writable now, frame N, 1 reference",
    "A 0x40000": "r--s, read-only, frame N, 2 references", "F 0x0": "rw-s, not present, frame N, 1 reference",
}
# frames of a device by three sizes; B has them too, has split its page of 2 MiB and may only read its first page
DEVICES = """space A
map A 0x10000 1 rw
device A 0x200000 3 0x900 rw wc 4k
device A 0x400000 2 0x800 rw uc- 2m
device A 0x40000000 1 0x40000 rw uc 1g
fork A B
protect B 0x200000 1 r
unmap B 0x401000 1
"""
DEVICE_STATES = {
    "A 0x10000": "rw-p, not touched", "A 0x202000": "rw-p, a device's, its frame 0x902, 4k, wc",
    "A 0x600000": "rw-p, a device's, its frame 0xa00, 2m, uc-", "A 0x40000000": "rw-p, a device's, its frame 0x40000, 1g, uc",
    "B 0x200000": "r--p, a device's, its frame 0x900, 4k, wc", "B 0x400000": "rw-p, a device's, its frame 0x800, 4k, uc-",
    "B 0x401000": None, "B 0x5ff000": "rw-p, a device's, its frame 0x9ff, 4k, uc-",
    "B 0x600000": "rw-p, a device's, its frame 0xa00, 2m, uc-", "B 0x40000000": "rw-p, a device's, its frame 0x40000, 1g, uc",
}
# by step of examples/cow.vm: leaves that refer to a frame, and frames in use
COW = [(0, 0), (0, 0), (0, 0), (1, 1), (1, 1), (2, 2), (4, 2), (4, 2), (4, 2), (4, 3), (4, 3), (4, 3), (4, 4), (4, 4), (5, 5),
       (6, 6), (6, 6), (6, 6), (6, 6), (9, 6), (6, 6), (6, 6), (6, 6), (6, 6), (6, 6), (3, 3), (3, 3)]
README_STEP = 19  # docs/cow.svg


def has(e, word):
    return word in e.get("class", "").split()


class Picture:
    def __init__(self, path):
        self.bytes = open(path, "rb").read()
        self.root = ET.fromstring(self.bytes)
        self.title = self.root.findtext(SVG + "title")
        self.texts = ["".join(t.itertext()) for t in self.root.iter(SVG + "text")]
        self.lines = [p.findtext(SVG + "title") for p in self.root.iter(SVG + "path") if has(p, "line")]
        self.to = dict(l.split(": ") for l in self.lines if "pages" not in l)
        tips = [g.findtext(SVG + "title") for g in self.root.iter(SVG + "g")]
        self.pages = dict(t.split(": ", 1) for t in tips if t and re.match(r"\w+ 0x", t))
        self.used = [t for t in tips if t and re.match(r"(frame|slot) \d+:", t)]
        legend = [r for g in self.root.iter(SVG + "g") if has(g, "legend") for r in g.iter()]
        holes = [[r for r in g.iter(SVG + "rect") if has(r, "hole")] for g in self.root.iter(SVG + "g") if has(g, "free")]
        self.holes = sum(map(len, holes))
        self.new = sorted(r.get("class") for r in self.root.iter(SVG + "rect") if has(r, "new") and r not in legend)

    def leaves(self):
        """The references that all lines stand for."""
        return sum(int((re.search(r", (\d+) pages:", l) or [0, 1])[1]) for l in self.lines)


def draw(run, exe, work, text, *options):
    path = os.path.join(work, "a.svg")
    if os.path.exists(path):
        os.remove(path)
    code, out, err = run(["run", "-q", "--picture", path, *options, "-"], text, exe)
    return code, err, Picture(path) if os.path.exists(path) else None


def test_scene(run, check, exe, label, work):
    code, err, p = draw(run, exe, work, SCENE, "--frames", "8", "--slots", "2")
    check(label + "run --picture", (code, err) == (0, "") and p is not None, (code, err))
    frames = {p.to.get(k) for k in ("A 0x11000", "B 0x11000", "A 0x40000", "F 0x0")}
    check(label + "run --picture: lines", len(p.lines) == 7 and p.to["A 0x10000"] == p.to["B 0x10000"] == "slot 0"
          and p.to["A 0x40000"] == p.to["seg 0x0"] and len(frames) == 4 and all(f.startswith("frame ") for f in frames), p.lines)
    wrong = {k: p.pages.get(k) for k, v in STATES.items() if re.sub(r"frame \d+", "frame N", p.pages.get(k, "")) != v}
    check(label + "run --picture: states of pages", not wrong and len(p.pages) == 11, wrong or p.pages)
    check(label + "run --picture: objects", p.holes == 4 + 1 and len(p.used) == 5
          and sum("page of a file" in u for u in p.used) == 2 and sum("copy on write" in u for u in p.used) == 1
          and "4 of 8 in use" in p.texts and "1 of 2 in use" in p.texts, (p.holes, p.used, p.texts))
    # seven tables and the kernel's four are the trees of A, B (a PML4, a PDPT, a directory, a table), seg and F
    at = p.texts.index("Page tables")
    check(label + "run --picture: tables", p.texts[at + 1] == "20 of 64 in use" and p.texts[at + 2:at + 16] == [
        "PML4, one a space", "4", "PDPT", "4", "page directory", "4", "page table", "4", "the kernel's", "4",
        "kept for spaces", "12", "free", "32"], p.texts[at:])
    check(label + "run --picture: a gap", "176 KiB not mapped" in p.texts and "0x10000-0x14000 rw-p" in p.texts, p.texts)
    check(label + "run --picture: nothing is marked", not p.new, p.new)
    check(label + "run --picture: the same again", draw(run, exe, work, SCENE, "--frames", "8", "--slots", "2")[2].bytes == p.bytes)
    code, err, p = draw(run, exe, work, "space A\nexit A\n", "--frames", "0", "--slots", "0")
    check(label + "run --picture: of nothing", code == 0 and p.lines == [] and "no spaces" in p.texts and p.holes == 0, (code, err))
    name = os.path.join(work, 'a<&">\x01]]>.vm')
    open(name, "w").write("space A\n")
    code, out, err = run(["run", "-q", "-p", os.path.join(work, "a.svg"), name], exe=exe)
    check(label + "run --picture: a name that needs care", Picture(os.path.join(work, "a.svg")).title.endswith('a<&">?]]>.vm'))


def test_ends(run, check, exe, label, work):
    """It is drawn also when an expectation is not met, and not when nothing is run."""
    code, err, p = draw(run, exe, work, "space A\nmap A 0 1 rw\nstore A 0 1\nload A 0\nexpect 7\nexit A\n")
    check(label + "run --picture: not met", code == 1 and p and p.to.keys() == {"A 0x0"}
          and "5: expect 7, but got 1; line 4: load A 0x0" in p.texts, (code, err))
    movie = os.path.join(work, "none")
    code, err, p = draw(run, exe, work, "space A\nlod\n", "--movie", movie)
    check(label + "run --picture: malformed", code == 3 and p is None and not os.path.exists(movie), (code, err))


def test_folds(run, check, exe, label, work):
    code, err, p = draw(run, exe, work, "space A\nmap A 0 400 rw\nstore A 200000 1\nfork A B\nmap B 0x1000000 300 r\n")
    # page 48 is touched: of 48 pages before it and 351 behind it one each is drawn
    check(label + "run --picture: pages not touched are folded", code == 0 and sorted(p.lines) == ["A 0x30000: frame 0", "B 0x30000: frame 0"]
          and len(p.pages) == 7 and [t for t in p.texts if "more page" in t] == ["… 47 more pages", "… 350 more pages"] * 2
          + ["… 299 more pages"], (p.lines, p.texts))
    text = "space A\nmap A 0 10000 rw\n" + "".join("store A %d 1\n" % (4096 * i) for i in range(10000)) + "fork A B\nstore B 0 1\n"
    code, err, p = draw(run, exe, work, text, "--frames", "10002", "--tables", "100")
    check(label + "run --picture: 10000 pages, twice", code == 0 and p.leaves() == 20000 and len(p.bytes) < 100000
          and "10001 of 10002 in use" in p.texts and "1 free" in p.texts and p.to["B 0x0"] == "frame 10000", (code, err, p.lines))
    # nothing is alike: 10000 ranges, every second page touched
    text = "space A\nmap A 0 10000 rw\n" + "".join("protect A %d 1 r\nstore A %d 1\n" % (8192 * i, 8192 * i + 4096) for i in range(5000))
    code, err, p = draw(run, exe, work, text, "--frames", "10000", "--tables", "100")
    check(label + "run --picture: 10000 ranges", code == 0 and p.leaves() == 5000 and len(p.bytes) < 100000, (code, err))
    text = "".join("space P%d\nmap P%d 0 40 rw\n" % (k, k) + "".join("store P%d %d 1\n" % (k, 8192 * i) for i in range(20)) for k in range(300))
    code, err, p = draw(run, exe, work, text, "--frames", "6000", "--tables", "1300", "--spaces", "300")
    check(label + "run --picture: 300 spaces", code == 0 and p.leaves() == 6000 and len(p.bytes) < 1000000
          and "236 more spaces" in p.texts, (code, err, len(p.bytes)))


def test_devices(run, check, exe, label, work):
    code, err, p = draw(run, exe, work, DEVICES)
    check(label + "run --picture: devices", (code, err, p.lines) == (0, "", []), (code, err, p and p.lines))
    wrong = {k: p.pages.get(k) for k, v in DEVICE_STATES.items() if p.pages.get(k) != v}
    check(label + "run --picture: their pages", not wrong, wrong)
    # the page at 0x400000 of B is the rest of its 2 MiB: one page, a hole, 510 pages
    check(label + "run --picture: their ranges", "0x400000-0x800000 rw-p" in p.texts and "0x40000000-0x80000000 rw-p" in p.texts
          and p.texts.count("1016 MiB not mapped") == 2 and "0x402000-0x600000 rw-p" in p.texts and "0x200000-0x201000 r--p" in p.texts
          and "0 of 1536 in use" in p.texts and "a device's, of any size" in p.texts, p.texts)
    movie = os.path.join(work, "devices")
    run(["run", "-q", "--movie", movie, "-"], DEVICES, exe)
    steps = [Picture(os.path.join(movie, "%04d.svg" % i)).new for i in range(9)]
    # of 510 pages three, the last and the fold between have a square each; with the page before them, six
    check(label + "run --movie: devices that are new", steps[3:] == [["device new"] * 3, ["device new"] * 2, ["device new"],
          ["box new"] + ["device new"] * 6 + ["zero new"], ["device new"], ["device new"] * 6], steps)


def test_movie(run, check, exe, label, work):
    movie = os.path.join(work, "movie")
    story = os.path.join("examples", "cow.vm")
    code, out, err = run(["run", "--movie", movie, story], exe=exe, cwd=ROOT)
    said = out.splitlines()
    steps = ["%04d.svg" % i for i in range(len(said) + 1)]
    check(label + "run --movie: a picture a step", (code, err) == (0, "") and sorted(os.listdir(movie)) == steps + ["index.html"], (code, err))
    frames = [Picture(os.path.join(movie, s)) for s in steps]
    got = [(len(p.lines), 64 + 64 - p.holes) for p in frames] # no slot is in use
    check(label + "run --movie: lines and frames, step by step", got == COW, got)
    check(label + "run --movie: what is done", all(line in p.texts and p.title == "examples/cow.vm, step %d of 26" % (i + 1)
                                                  for i, (line, p) in enumerate(zip(said, frames[1:]))))
    # B writes to 0x10000, which A has too: B's page is another; one frame is new, and one has an owner less
    check(label + "run --movie: what has changed", frames[9].new == ["one new", "one new", "write new"], frames[9].new)
    check(label + "run --movie: what a read changes", frames[10].new == [], frames[10].new)
    page = open(os.path.join(movie, "index.html"), encoding="utf-8").read()
    check(label + "run --movie: the page", re.findall(r'href="(.*?)"', page) == steps
          and all(line.replace(">", "&gt;") in page for line in said) and "http" not in page, page[:300])
    # how: build/vmref run -q -m DIR examples/cow.vm && cp DIR/0019.svg docs/cow.svg
    check(label + "docs/cow.svg is step %d of examples/cow.vm as it is drawn now" % README_STEP,
          frames[README_STEP].bytes == open(os.path.join(ROOT, "docs/cow.svg"), "rb").read(), "see harness/cli/check_picture.py")


def test_unwritable(run, check, exe, label, work):
    there = os.path.join(work, "there")
    open(there, "w").write("kept")
    none = os.path.join(work, "no", "such")
    for option, path, words, ran in (("--picture", none, "No such file", True), ("--picture", work, "directory", True),
                                     ("--picture", "/dev/full", "No space left", True), ("--movie", none, "No such file", False),
                                     ("--movie", there, "Not a directory", False), ("--movie", os.path.join(there, "x"), "Not a directory", False)):
        code, out, err = run(["run", option, path, "-"], "space A\n", exe)
        check(label + "run %s %s" % (option, path.replace(work, "")), code == 5 and err.count("\n") == 1 and words in err
              and err.startswith("vmref run: " + path) and out == ("1: space A -> ok\n" if ran else ""), (code, out, err))
    check(label + "run --picture -", run(["run", "--picture", "-", "-"], "space A\n", exe)[0] == 2)

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    before = sorted(os.listdir(work))
    p = subprocess.run([exe, "run", "-q", "-p", there, "-"], input=b"space A\n", stderr=subprocess.PIPE, preexec_fn=small)
    check(label + "run --picture: no half of one", p.returncode == 5 and b"too large" in p.stderr and open(there).read() == "kept"
          and sorted(os.listdir(work)) == before, (p.returncode, p.stderr, os.listdir(work)))


def test_picture(run, check, exe, label, work):
    test_scene(run, check, exe, label, work)
    test_ends(run, check, exe, label, work)
    test_folds(run, check, exe, label, work)
    test_devices(run, check, exe, label, work)
    test_movie(run, check, exe, label, work)
    test_unwritable(run, check, exe, label, work)
