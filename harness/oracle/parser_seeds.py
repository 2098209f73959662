# SPDX-License-Identifier: MIT
"""Seeds of harness/oracle/fuzz_parsers.c into a folder: the byte that names the parser, then its input."""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_audit import TREE, core, memory, vmcoreinfo
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def put(name, parser, data):
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(bytes([parser]) + data)


for path in glob.glob(os.path.join(ROOT, "corpus/traces/*.trace")):
    put(os.path.basename(path), 1, open(path, "rb").read().split(b"\n", 1)[1])
for i, line in enumerate(open(os.path.join(ROOT, "corpus/vectors/pairs/pairs.jsonl"), "rb").readlines()[:40]):
    put("question-%d" % i, 0, line.split(b'"ask":')[1].split(b',"answer"')[0])
    put("vector-%d" % i, 0, line)
put("core", 2, core([(0, memory({k: v for k, v in TREE.items() if k < 0x1800}, 0x1800))]))
put("kdump", 2, core([(0, memory({k: v for k, v in TREE.items() if k < 0x1800}, 0x1800))], vmcoreinfo(b"SYMBOL(swapper_pg_dir)=ffffffff80001000\nNUMBER(phys_base)=0\n")))
for name in ("set", "tlb", "memory"):
    for i, line in enumerate(open(os.path.join(ROOT, "corpus/vectors/%s.jsonl" % name), "rb").readlines()[:30]):
        put("%s-%d" % (name, i), 3, line.replace(b'"answer":', b'"seen":{"steps":[]},"answer":'))
for path in glob.glob(os.path.join(ROOT, "examples/*.vm")):
    put(os.path.basename(path), 4, open(path, "rb").read())
