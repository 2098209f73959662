# SPDX-License-Identifier: MIT
"""Seeds of harness/oracle/fuzz_parsers.c into a folder: the byte that names the parser, then its input."""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_audit import TREE, core, memory
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
