#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print the fixed suite of the memory manager's guest as C: the inputs in the folders named, each in every way.

  mm_suite.py DIR ...
"""
import os
import sys

if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
    print(__doc__.strip())
    sys.exit(0 if "--help" in sys.argv else 2)
n = 0
for folder in sys.argv[1:]:
    for name in sorted(os.listdir(folder)):
        if "." in name:
            continue
        data = open(os.path.join(folder, name), "rb").read()[:120]
        text = "".join("\\x%02x" % b for b in data)
        for way in range(3):  # AS_*
            policy = (0, 0, 1, 2)[n % 4]  # none, LRU, Clock
            print('{ .size = %d, .as = %d, .policy = %d, .data = "%s" },' % (len(data), way, policy, text))
            n += 1
