# SPDX-License-Identifier: MIT
"""Seeds of harness/oracle/fuzz_parsers.c into a folder: the byte that names the parser, then its input."""
import glob
import os
import subprocess
import sys
import tempfile

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
with tempfile.NamedTemporaryFile() as whole, tempfile.NamedTemporaryFile() as few:
    for name, lines in (("tlb", 30), ("pairs/pairs", 5)):
        few.write(b"".join(open(os.path.join(ROOT, "corpus/vectors/%s.jsonl" % name), "rb").readlines()[:lines]))
    few.flush()
    subprocess.run([os.path.join(ROOT, "build/vmref"), "vectors", "--pack", whole.name, few.name], check=True, stdout=subprocess.DEVNULL)
    data, at = open(whole.name, "rb").read(), 32
    while at < len(data):  # a file of one vector each
        size = int.from_bytes(data[at:at + 4], "little")
        put("packed-%d" % at, 5, data[:12] + b"\1\0\0\0" + data[16:32] + data[at:at + size])
        at += size
