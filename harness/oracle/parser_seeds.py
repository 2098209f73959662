# SPDX-License-Identifier: MIT
"""Seeds of harness/oracle/fuzz_parsers.c into a folder: the byte that names the parser, then its input.

  parser_seeds.py FOLDER
"""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_audit import TREE, core, memory, vmcoreinfo
from packed import pack, plain
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUESTION, TRACE, DUMP, ASK, SCRIPT, PACKED, SESSION, LINUX, STRACE, MAPS, GUEST_LOG, TOKEN = range(12)
LONGEST = 8192  # of the target
# What a question has that says nothing of its CPU (docs/FORMAT.md).
CPU = {"mode": "4level", "cr3": "0x1000", "wp": True, "smep": False, "smap": False, "nxe": True, "pge": True, "pse": True, "pse36": True, "pcide": False,
       "pke": False, "pks": False, "pkru": "0x0", "pkrs": "0x0", "maxphyaddr": 40, "page1gb": True, "vendor": "intel"}


def put(name, parser, data):
    with open(os.path.join(sys.argv[1], name.replace(".", "-")), "wb") as f:
        f.write((bytes([parser]) + data)[:LONGEST])


def read(path):
    with open(os.path.join(ROOT, path), "rb") as f:
        return f.read()


def lines(path, most):
    return read("corpus/vectors/" + path).splitlines(True)[:most]


def files(pattern, parser):
    for path in sorted(glob.glob(os.path.join(ROOT, pattern))):
        put(os.path.basename(path), parser, read(path))


os.makedirs(sys.argv[1], exist_ok=True)
for path in sorted(glob.glob(os.path.join(ROOT, "corpus/traces/*.trace"))):
    put(os.path.basename(path), TRACE, read(path).split(b"\n", 1)[1])
for i, line in enumerate(lines("pairs/pairs.jsonl", 40)):
    put("question-%d" % i, QUESTION, line.split(b'"ask":')[1].split(b',"answer"')[0])
    put("vector-%d" % i, QUESTION, line)
low = memory({k: v for k, v in TREE.items() if k < 0x1800}, 0x1800)
put("core", DUMP, core([(0, low)]))
put("kdump", DUMP, core([(0, low)], vmcoreinfo(b"SYMBOL(swapper_pg_dir)=ffffffff80001000\nNUMBER(phys_base)=0\n")))
for name in ("set", "tlb", "memory"):
    for i, line in enumerate(lines(name + ".jsonl", 30)):
        put("%s-%d" % (name, i), ASK, line.replace(b'"answer":', b'"seen":{"steps":[]},"answer":'))
files("examples/*.vm", SCRIPT)
for i, v in enumerate(map(json.loads, lines("tlb.jsonl", 30))):
    put("packed-%d" % i, PACKED, pack([(v["id"], v["rules"], 2, plain(v["ask"], CPU))]))
for path in sorted(glob.glob(os.path.join(ROOT, "corpus/walk/*-user")))[:5]:
    put("packed-" + os.path.basename(path), PACKED, pack([("walk", ["WALK.OK"], 1, read(path)[:144].ljust(352, b"\0"))]))
for i, v in enumerate(map(json.loads, lines("manager/manager.jsonl", 35))):
    new = {"op": "new", "frames": 8, "slots": 4, "spaces": 4, **{k: x for k, x in v["ask"].items() if k in ("policy", "kernel")}}
    ops = [{"op": "op", "session": 1, "do": line} for line in v["ask"]["do"]]
    put("session-%d" % i, SESSION, "\n".join(json.dumps(r) for r in [new, *ops, {"op": "check", "session": 1}, {"op": "free", "session": 1}, v["ask"]]).encode())
files("corpus/linux/*.vm", LINUX)
files("corpus/linux/*.strace", STRACE)
files("corpus/linux/*.maps", MAPS)
for path in sorted(glob.glob(os.path.join(ROOT, "corpus/cow/*")))[:4]:
    token = b"mm1-" + read(path).rstrip(b"\0").hex().encode()
    log = b"SeaBIOS\r\nmm machine QEMU under TCG\nmm log 1 processors 2\nmm seq 1 base 0 " + token + b"\n"
    put("guest-log-" + os.path.basename(path), GUEST_LOG, log + b"mm op 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n" * 12 + b"mm end 0 0 0 0 0 0 0\nmm done 1\n")
put("token", TOKEN, b"vm2-" + read("corpus/walk/ok-4k-read-user")[:144].rstrip(b"\0").hex().encode())
