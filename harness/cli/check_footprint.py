# SPDX-License-Identifier: MIT
"""Tests of `vmref footprint` for harness/test_cli.py. The counts were worked out by hand: a
page table covers 4 MiB in 32-bit paging, else 2 MiB; a page directory 1 GiB, a PDPT 512
GiB, a PML4 table 256 TiB; every table takes 4 KiB, but for PAE's PDPTEs, 32 bytes."""
import json

FLAT = {"32bit": 4 << 20, "pae": 8 << 20, "4level": 512 << 30, "5level": 256 << 40}
# the textbook's process: 16 MiB of program from 128 MiB + 288 KiB, 16 MiB of stack below 3 GiB
PROCESS = ["0x8048000+16M", "0xbf000000-0xc0000000"]
CASES = [
    # ranges, mode, pages, bytes of all tables, tables from the root
    (["4M"], "32bit", 1024, 8192, [1, 1]),
    (["4M"], "pae", 1024, 32 + 3 * 4096, [1, 1, 2]),
    (["4M"], "4level", 1024, 5 * 4096, [1, 1, 1, 2]),
    (["4M"], "5level", 1024, 6 * 4096, [1, 1, 1, 1, 2]),
    (["4G"], "32bit", 1 << 20, 1025 * 4096, [1, 1024]),
    (["4G"], "pae", 1 << 20, 32 + 2052 * 4096, [1, 4, 2048]),
    (["4G"], "4level", 1 << 20, 2054 * 4096, [1, 1, 4, 2048]),
    # 0x8048000 is 72 pages past a boundary of 4 MiB: 5 page tables, 9 of 2 MiB; the stack 4 and 8
    (PROCESS, "32bit", 8192, 10 * 4096, [1, 9]),
    (PROCESS, "pae", 8192, 32 + 19 * 4096, [1, 2, 17]),
    (PROCESS, "4level", 8192, 21 * 4096, [1, 1, 2, 17]),
    (["0x1fff-0x2001"], "32bit", 2, 8192, [1, 1]),
    (["4097", "0x1000-0x3000", "0x2000+1"], "32bit", 3, 8192, [1, 1]),
    (["0x0-0x1000", "0xffffffffffffffff+1"], "4level", 2, 7 * 4096, [1, 2, 2, 2]),
    (["128T"], "4level", 1 << 35, (1 + 256 + 131072 + 67108864) * 4096, [1, 256, 131072, 67108864]),
]
LARGE = [
    # as --pages, ranges, mode, pages, one level, bytes, tables from the root
    ("4M", ["4G"], "32bit", 1024, 4096, 4096, [1, 0]),
    ("2m", ["4G"], "pae", 2048, 16384, 32 + 4 * 4096, [1, 4, 0]),
    ("1G", ["0x40000000+1", "513G"], "4level", 513, 2 << 20, 3 * 4096, [1, 2, 0, 0]),
]
NAMES = ["PML5", "PML4", "PDPT", "PD", "PT"]
BAD = ["", "x", "0x", "0", "4K-", "-4K", "4K-4K", "8K-4K", "1+0", "0xffffffffffffffff+2", "4Q", "0x4K", "1-2-3",
       "20000P", "99999999999999999999", "0x10000000000000000", " 4K", "4 K", "4K+"]


def test_footprint(run, check, exe, label):
    for page, ranges, mode, pages, flat, size, tables in (
            [("4K", r, m, p, FLAT[m], s, t) for r, m, p, s, t in CASES] + LARGE):
        code, out, err = run(["footprint", "--json", "-m", mode, "-p", page] + ranges, exe=exe)
        want = {"mode": mode, "page_size": {"4K": 4096, "2m": 2 << 20, "4M": 4 << 20, "1G": 1 << 30}[page],
                "fits": True, "pages": pages, "one_level": flat, "multi_level": size,
                "tables": dict(zip(NAMES[-len(tables):], tables))}
        check(label + "footprint %s %s, pages of %s" % (mode, " ".join(ranges), page),
              (code, err) == (0, "") and json.loads(out) == want, (code, out, err, want))
    code, out, err = run(["footprint", "--json"] + PROCESS, exe=exe)
    modes = [json.loads(line)["mode"] for line in out.splitlines()]
    check(label + "footprint: each mode in order", code == 0 and modes == ["32bit", "pae", "4level", "5level"], out)
    code, out, err = run(["footprint", "4M"], exe=exe)
    rows = [line.split() for line in out.splitlines()]
    check(label + "footprint in words", code == 0 and rows[1][:9] == [
        "32-bit", "1024", "4194304", "8192", "-", "-", "-", "1", "1"] and "8 KiB against 4 MiB" in out, out)
    code, out, err = run(["footprint", "--json", "0x8000000000+1"], exe=exe)
    check(label + "footprint: modes that have no such addresses", code == 0
          and [json.loads(line)["fits"] for line in out.splitlines()] == [False, False, True, True], out)
    for args in (["-m", "pae", "5G"], ["-m", "4level", "256T"], ["-m", "pae", "-p", "4M", "1M"], ["0x8000000000000000+1"]):
        code, out, err = run(["footprint", "--json"] + args, exe=exe)
        check(label + "footprint, nothing fits: " + " ".join(args), code == 3 and "no mode" in err, (code, out, err))
    for bad in BAD:
        code, out, err = run(["footprint", "--", bad], exe=exe)
        check(label + "footprint refuses %r" % bad, code == 3 and out == "" and "not a range" in err, (code, out, err))
    for args in ([], ["-m", "none", "4K"], ["-m", "long", "4K"], ["-p", "8K", "4K"], ["--frob"], ["-m"]):
        code, out, err = run(["footprint"] + args, exe=exe)
        check(label + "footprint usage: " + " ".join(args), code == 2 and out == "" and "--help" in err, (code, out, err))
