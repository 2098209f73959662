# SPDX-License-Identifier: MIT
"""Tests of vmref audit: dumps made here, whose maps and findings were worked out by hand, and hostile ones."""
import json
import os
import random
import resource
import struct
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
XD = 1 << 63


def memory(words, size=0x20000):
    data = bytearray(size)
    for at, value in words.items():
        struct.pack_into("<Q", data, at, value)
    return bytes(data)


def qemu_note(cr0=0x80050033, cr3=0x1000, cr4=0x6b0, cs=0xaf9b00):
    desc = bytearray(440)
    struct.pack_into("<II", desc, 0, 1, 440)
    struct.pack_into("<I", desc, 160, cs)
    struct.pack_into("<5Q", desc, 392, cr0, 0, 0, cr3, cr4)
    return struct.pack("<III", 5, 440, 0) + b"QEMU\0\0\0\0" + bytes(desc)


def core(segments, notes=None, machine=62, kind=4):
    """segments: (pa, bytes)."""
    notes = qemu_note() if notes is None else notes
    at = 64 + 56 * (len(segments) + 1)
    headers = struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes), len(notes), 0)
    body, at = notes, at + len(notes)
    for pa, data in segments:
        headers += struct.pack("<IIQQQQQQ", 1, 0, at, 0, pa, len(data), len(data), 0)
        body, at = body + data, at + len(data)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, len(segments) + 1, 0, 0, 0)
    return head + headers + body


# PML4 at 0x1000. 0x0: user rw- at 0x9000, user r-x at 0xa000 and 0xb000 (one range); the same 0x9000 read-only at
# 0x4000; writable and executable at 0x5000; the page table at 0x6000, for users; a reserved bit; a table reached twice;
# the kernel's half: 2 MiB at 0, and a page that users reach; a table outside.
TREE = {0x1000: 0x2007, 0x2000: 0x3007, 0x3000: 0x4007, 0x3008: 0x4007,
        0x4000: 0x9007 | XD, 0x4008: 0xA005, 0x4010: 0xB005, 0x4020: 0x9005 | XD, 0x4028: 0xC003, 0x4030: 0x4007 | XD, 0x4038: 1 << 51 | 0xD007,
        0x1800: 0x5007, 0x5000: 0x6007, 0x6000: 0x1E3 | XD, 0x6008: 0x7007, 0x7000: 0xE107, 0x6010: 0x7F000007}
M = ["--maxphyaddr", "40"]
K = 0xffff800000000000


def test_map(run, check, exe, label, path):
    raw, elf = path("raw"), path("core")
    open(raw, "wb").write(memory(TREE))
    open(elf, "wb").write(core([(0, memory(TREE))]))
    code, out, err = run(["audit", "--json", *M, elf], exe=exe)
    lines = [json.loads(l) for l in out.splitlines()]
    ranges = {int(l["range"]["va"], 16): (int(l["range"]["pa"], 16), int(l["range"]["size"], 16), l["range"]["rights"]) for l in lines if "range" in l}
    want = {0: (0x9000, 0x1000, "rw-u-"), 0x1000: (0xA000, 0x2000, "r-xu-"), 0x4000: (0x9000, 0x1000, "r--u-"), 0x5000: (0xC000, 0x1000, "rwx--"), 0x6000: (0x4000, 0x1000, "rw-u-")}
    want.update({va + 0x200000: x for va, x in want.items()})
    want.update({K: (0, 0x200000, "rw--g"), K + 0x200000: (0xE000, 0x1000, "rwxug")})
    check(label + "audit: the map of a core", code == 0 and err == "" and ranges == want, (code, err, out))
    found = {}
    for l in lines:
        if "finding" in l:
            found.setdefault(l["finding"], set()).add(int(l["va"], 16))
    check(label + "audit: writable and executable", found.get("writable-executable") == {0x5000, 0x205000, K + 0x200000}, found)
    check(label + "audit: users in the kernel's half", found.get("kernel-user") == {K + 0x200000}, found)
    check(label + "audit: tables that users write", found.get("table-writable-user") == {0x6000, 0x206000}, found)
    check(label + "audit: tables that the supervisor writes", found.get("table-writable") == {K}, found)
    check(label + "audit: reserved bits", found.get("reserved") == {0x7000, 0x207000}, found)
    check(label + "audit: a table reached twice", found.get("table-twice") == {0x200000}, found)
    check(label + "audit: a table outside of the dump", found.get("missing") == {K + 0x400000}, found)
    check(label + "audit: one frame with other rights", {0x4000, 0x204000} <= found.get("alias", set()) | {0}, found)
    whole = lines[-1]
    check(label + "audit: the whole", (whole["mode"], whole["cr3"], whole["tables"], whole["pages_large"], whole["whole"]) == ("4level", "0x1000", 8, 1, True), whole)
    again = run(["audit", "--json", *M, "--base", "0", "--cr3", "0x1000", "--mode", "4level", raw], exe=exe)[1]
    check(label + "audit: a raw image gives the same", again == out, again[:500])
    check(label + "audit: bit 63 without NXE", '"reserved"' in run(["audit", "--json", "--no-nxe", elf], exe=exe)[1])
    words = run(["audit", *M, elf], exe=exe)[1]
    check(label + "audit in words", "writable-executable: 3, writable and executable" in words and "4-level paging, CR3 0x1000" in words, words)
    svg = path("map.svg")
    check(label + "audit --svg", run(["audit", "--svg", svg, *M, elf], exe=exe)[0] == 0 and open(svg).read().count("<rect") == len(want) + 1)
    changed = dict(TREE)
    changed[0x4008] = 0xA007
    del changed[0x4028]
    open(path("other"), "wb").write(core([(0, memory(changed))]))
    code, out, _ = run(["audit", "--diff", "--json", *M, elf, path("other")], exe=exe)
    pieces = [(int(p["va"], 16), int(p["size"], 16), p["before"] and p["before"]["rights"], p["after"] and p["after"]["rights"]) for p in map(json.loads, out.splitlines())]
    expect = [(0x1000, 0x1000, "r-xu-", "rwxu-"), (0x5000, 0x1000, "rwx--", None)]
    check(label + "audit --diff", code == 1 and pieces == expect + [(v + 0x200000, *rest) for v, *rest in expect], (code, pieces))
    check(label + "audit --diff of the same", run(["audit", "--diff", elf, elf], exe=exe)[:2] == (0, "0 pieces differ\n"))


def vmcoreinfo(text):
    return struct.pack("<III", 11, len(text), 0) + b"VMCOREINFO\0\0" + text + bytes(-len(text) % 4)


def test_kdump(run, check, exe, label, path):
    """A core whose notes have no CR3: the kernel's root is at 0x1000, swapper_pg_dir at 0x1000 + 0x3000 above where it maps itself."""
    info = b"OSRELEASE=6.1.0\nPAGESIZE=4096\nSYMBOL(swapper_pg_dir)=ffffffff80004000\nNUMBER(phys_base)=-12288\nNUMBER(pgtable_l5_enabled)=0\n"
    wanted = run(["audit", "--json", *M, "--cr3", "0x1000", "--mode", "4level", path("core")], exe=exe)[1]
    for name, text, code in (("as Linux has it", info, 0), ("no newline at its end", info[:-1], 0), ("5 levels", info.replace(b"enabled)=0", b"enabled)=1"), None), ("no root", info.replace(b"swapper", b"snapper"), 3),
                             ("a root that is none", info.replace(b"ffffffff80004000", b"zz"), 3), ("a root beside the tables", info.replace(b"80004000", b"f0004000"), 3), ("a root that is odd", info.replace(b"-12288", b"-12287"), 3),
                             ("a number too long", info.replace(b"-12288", b"-" + b"1" * 40), 3), ("empty", b"", 3), ("one byte", b"S", 3)):
        open(path("kdump"), "wb").write(core([(0, memory(TREE))], vmcoreinfo(text)))
        got = run(["audit", "--json", *M, path("kdump")], exe=exe)
        check(label + "audit of a kdump, VMCOREINFO " + name, got[0] in ((0, 3, 4) if code is None else (code,)) and (code != 0 or got[1] == wanted) and len(got[2]) < 400, got)
    for magic in (b"KDUMP   ", b"DISKDUMP"):
        open(path("kdump"), "wb").write(magic + bytes(4096))
        code, _, err = run(["audit", path("kdump")], exe=exe)
        check(label + "audit of a compressed kdump", code == 3 and "makedumpfile -E" in err, err)


def test_modes(run, check, exe, label, path):
    pae = memory({0x1010: 0x2001, 0x2000: 0x3003, 0x3008: 0x5001, 0x2008: 0x2000E3})
    open(path("pae"), "wb").write(core([(0, pae)], qemu_note(cr4=0xb0, cs=0xcf9b00)))
    out = run(["audit", "--json", path("pae")], exe=exe)[1]
    check(label + "audit of PAE paging", '"va":"0x80001000","pa":"0x5000"' in out and '"va":"0x80200000","pa":"0x200000","size":"0x200000"' in out, out)
    bits32 = memory({0x1800: 0x2003 | 0x4000E3 << 32, 0x2008: 0x5001})
    open(path("32"), "wb").write(core([(0, bits32)], qemu_note(cr4=0x90, cs=0xcf9b00)))
    out = run(["audit", "--json", path("32")], exe=exe)[1]
    check(label + "audit of 32-bit paging", '"va":"0x80002000","pa":"0x5000"' in out and '"va":"0x80400000","pa":"0x400000","size":"0x400000"' in out, out)
    five = dict(TREE)
    five[0xF000] = 0x1007
    open(path("5"), "wb").write(core([(0, memory(five))], qemu_note(cr3=0xF000, cr4=0x16b0)))
    out = run(["audit", "--json", path("5")], exe=exe)[1]
    check(label + "audit of 5-level paging", '"mode":"5level"' in out and '"va":"0x1000","pa":"0xa000"' in out, out[-300:])
    halves = memory(TREE)
    open(path("two"), "wb").write(core([(0x3000, halves[0x3000:]), (0, halves[:0x3000])]))
    a, b = (run(["audit", "--json", path(n)], exe=exe)[1] for n in ("two", "core"))
    check(label + "audit of a core in two segments", a == b, a[:300])


def test_hostile(run, check, exe, label, path):
    good = core([(0, memory(TREE))])
    cases = [("empty", b""), ("text", b"hello"), ("a short magic", b"\x7fEL"), ("a header cut off", good[:40]), ("program headers cut off", good[:100]),
             ("notes cut off", good[:64 + 112 + 20]), ("a segment cut off", good[:-1]), ("another machine", core([(0, memory(TREE))], machine=3)), ("no core", core([(0, memory(TREE))], kind=2)),
             ("32 bits", good[:4] + b"\1" + good[5:]), ("no memory", core([])), ("overlapping segments", core([(0, memory(TREE)), (0x1000, memory({}))])),
             ("a segment at 2^52", core([(1 << 52, memory({}))])), ("a segment that is odd", core([(4, memory({}))])),
             ("a hostile count", good[:56] + b"\xfe\xff" + good[58:]), ("a count elsewhere", good[:56] + b"\xff\xff" + good[58:]), ("a hostile entry size", good[:54] + b"\1\0" + good[56:]),
             ("headers at the end of the world", good[:32] + b"\xff" * 8 + good[40:]), ("a hostile note", core([(0, memory(TREE))], struct.pack("<III", 0xffffffff, 0xffffffff, 0))),
             ("a segment of all bytes", good[:64 + 56 + 32] + b"\xff" * 16 + good[64 + 56 + 48:]), ("no notes", core([(0, memory(TREE))], b"")),
             ("paging off", core([(0, memory(TREE))], qemu_note(cr0=0x11))), ("CR3 outside", core([(0, memory(TREE))], qemu_note(cr3=0x7f000000)))]
    for name, data in cases:
        open(path("bad"), "wb").write(data)
        code, out, err = run(["audit", path("bad")], exe=exe)
        check(label + "audit refuses " + name, code == 3 and out == "" and err.startswith("vmref audit: ") and len(err) < 400, (code, out[:200], err))
    many = 1000000  # segments over one another, counted in a section header as there are more than 65534
    elf = bytearray(good[:64])
    struct.pack_into("<QQ", elf, 32, 64, 64 + 56 * many)
    struct.pack_into("<HHHH", elf, 54, 56, 0xffff, 64, 1)
    one = struct.pack("<IIQQQQQQ", 1, 0, 0, 0, 0, 4096, 4096, 0)
    open(path("bad"), "wb").write(bytes(elf) + one * many + struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, many, 0, 0))
    began = time.perf_counter()
    code, out, err = run(["audit", path("bad")], exe=exe, preexec_fn=None if label else lambda: resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20)))
    check(label + "audit refuses a million segments, in 512 MiB", code == 3 and "more than 4096 segments" in err and time.perf_counter() - began < 60, (code, err))
    some = b"".join(struct.pack("<IIQQQQQQ", 1, 0, 64, 0, 8 * i, 1 << 20, 1 << 20, 0) for i in range(4000))
    struct.pack_into("<H", elf, 56, 4000)
    open(path("bad"), "wb").write(bytes(elf[:64]) + some + bytes(1 << 20))
    began = time.perf_counter()
    code, _, err = run(["audit", "--cr3", "0x1000", "--mode", "4level", path("bad")], exe=exe)
    check(label + "audit refuses 4000 segments over one another", code == 3 and "two segments" in err or "twice" in err and time.perf_counter() - began < 60, (code, err))
    twice = core([(0, memory(TREE)), (0x1000, memory(TREE)[0x1000:0x3000])])
    open(path("bad"), "wb").write(twice)
    open(path("core"), "wb").write(good)
    check(label + "audit: memory that is there twice, the same", run(["audit", "--diff", path("bad"), path("core")], exe=exe)[:2] == (0, "0 pieces differ\n"))
    for args in ([], ["a", "b"], ["--frob", "a"], ["--mode", "none", "a"], ["--diff", "a"], ["--base", "x", "a"], ["--maxphyaddr", "31", "a"], ["--diff", "--svg", "x", "a", "b"]):
        check(label + "audit usage: " + " ".join(args), run(["audit"] + args, exe=exe)[0] == 2)
    for name in ("/nonexistent", ROOT, "/dev/zero"):
        check(label + "audit of " + name, run(["audit", name], exe=exe)[0] == 3)
    circle = {0x1000 + 8 * i: 0x1007 for i in range(512)}
    open(path("circle"), "wb").write(core([(0, memory(circle))]))
    code, out, err = run(["audit", "--shown", "3", path("circle")], exe=exe)
    check(label + "audit of tables in a circle ends", code == 4 and "not the whole" in err and len(out) < 5000, (code, err, out[:300]))
    dice = random.Random(3)
    for _ in range(40 if label else 150):
        data = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(64 + 112 + 500 if dice.random() < 0.7 else len(data))] = dice.randrange(256)
        open(path("bad"), "wb").write(data)
        code, _, err = run(["audit", path("bad")], exe=exe)
        check(label + "audit of a damaged core", code in (0, 3, 4) and len(err) < 500, (code, err[:300]))


def test_large(run, check, exe, path):
    """1 GiB of memory, all of it mapped by 4-KiB pages at random: 262144 ranges, and as many aliases."""
    tables, pages = {}, list(range(262144))
    random.Random(1).shuffle(pages)
    data = bytearray(1 << 30)
    struct.pack_into("<Q", data, 0x1000, 0x2007)
    struct.pack_into("<Q", data, 0x2000, 0x3007)
    struct.pack_into("<Q", data, 0x2008, 0x300007)
    for half in (0, 1):
        for i in range(512):
            table = 0x100000 + 0x400000 * half + 4096 * i
            struct.pack_into("<Q", data, (0x300000 if half else 0x3000) + 8 * i, table | 7)
            struct.pack_into("<512Q", data, table, *[pages[512 * i + k] << 12 | (5 if half else 7) | XD for k in range(512)])
    open(path("large"), "wb").write(data)
    del data
    times = []
    for _ in range(2):
        began = os.times()
        code, out, err = run(["audit", "--shown", "1", "--base", "0", "--cr3", "0x1000", "--mode", "4level", path("large")], exe=exe)
        ended = os.times()
        times.append(ended.children_user + ended.children_system - began.children_user - began.children_system)
    print("audit: 1 GiB, 524288 pages, %.2f s of CPU" % min(times))
    check("audit: 1 GiB in ranges of one page", code == 0 and "524288 of 4 KiB" in out and "alias: 2" in out, (code, out[-400:], err))
    check("audit: 1 GiB in less than 2 s", min(times) < 2, times)
    os.remove(path("large"))


def test_audit(run, check, exe, label):
    work = os.path.join(ROOT, "build", "oracle-audit-%d" % os.getpid())
    os.makedirs(work, exist_ok=True)
    path = lambda name: os.path.join(work, name)
    try:
        test_map(run, check, exe, label, path)
        test_kdump(run, check, exe, label, path)
        test_modes(run, check, exe, label, path)
        test_hostile(run, check, exe, label, path)
        if not label:
            test_large(run, check, exe, path)
    finally:
        for name in os.listdir(work):
            os.remove(path(name))
        os.rmdir(work)
