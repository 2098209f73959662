# SPDX-License-Identifier: MIT
"""Tests of replay tokens for harness/test_cli.py: as questions, and explained."""
import json
import os
from cases import TOKEN, pf


def test_tokens(run, check, exe, label):
    want = pf("PF.USER", "0x7", entry="0x2003000", may=[("0x2003000", "0x2004021")])
    out = run(["token", TOKEN], exe=exe)[1]
    q = json.loads(out)
    check(label + "token", q["mem"] == {"0x2000000": "0x2001027", "0x2001000": "0x2002027",
                                "0x2002000": "0x2003027", "0x2003000": "0x2004001"}
          and (q["access"], q["cpl"], q["va"], q["cpu"]["cr3"]) == ("write", 3, "0x0", "0x2000000"), out)
    check(label + "token | walk", json.loads(run(["walk"], out, exe)[1]) == want)
    o = json.loads(run(["explain", "--case", TOKEN, "--json"], exe=exe)[1])
    check(label + "explain --case --json", {k: o[k] for k in want} == want, o)
    check(label + "explain --case", "0x7 = P|W/R|U/S" in run(["explain", "--case", TOKEN], exe=exe)[1])
    code, out, err = run(["token", "x", TOKEN], exe=exe)
    check(label + "token: one bad, the other printed", code == 3 and out.count("\n") == 1 and "x:" in err)
    # index 1 at each level, and a PML4E that refers to its own table, where the PDPTE then
    # lies: the walk reads PDPTE, PDE and PTE one level early, and last a word with a tag
    out = run(["token", "vm1-39080d0000000000" "0010204080000000" "2700000200000000"
               "2710000200000000" "2720000200000000" "2730000200000000"], exe=exe)[1]
    check(label + "token: a walk to a word that is no entry", json.loads(out)["mem"] == {
        "0x2000008": "0x2001027", "0x2001008": "0x2002027", "0x2002008": "0x2003027",
        "0x2003008": "0xc302003008b8"}, out)
    check(label + "token | walk, no entry", json.loads(run(["walk"], out, exe)[1])
          == pf("PF.NP", "0x6", cr2="0x8040201000", entry="0x2003008"))
    # any token: the question printed and the case itself have the same answer
    tokens = ["vm1-" + (bytes(6) + os.urandom(42)).hex().replace("00" * 6, os.urandom(6).hex(), 1)
              for _ in range(60)]
    for t in list(tokens):  # aim every entry into the arena, and make va canonical
        tokens.append(t[:4 + 10] + "4f" + t[4 + 12:])
        # frames 0 only, so that tables refer to themselves
        e = "".join("%02x00000000000000" % (b | 3) for b in os.urandom(4))
        tokens.append(t[:4 + 8] + "00" + "4f" + t[4 + 12:4 + 32] + e)
        b = bytearray(os.urandom(144))  # any mode, aimed, most often in two pages
        b[5], b[49] = b[5] | 0x4f, b[49] & 0x80 | 0x0f
        tokens.append("vm2-" + b.hex())
    text = run(["token"] + tokens, exe=exe)[1]
    answers = run(["explain", "--json"], text, exe)[1].splitlines()
    wrong = [t for t, a in zip(tokens, answers)
             if run(["explain", "--json", "--case", t], exe=exe)[1] != a + "\n"]
    check(label + "%d random tokens" % len(tokens), len(answers) == len(tokens) and not wrong, wrong[:2])
