# SPDX-License-Identifier: MIT
"""Scripts for harness/cli/check_run.py and what must come of them. Values were worked out by hand
from what a page fault, copy on write and swap are, error codes from SDM 3A 4.7, entries from
SDM 3A table 4-20."""

STORY = b"""# a story
space A
  map A 0x10000 2 rw   # two pages
load A 65536
store A 0x10001 0x2a
fork A B
load B 0x10001
expect 42
expect ok
store B 0x10001 43
load B 0x11000
rmw B 0x10001 255
expect 43
protect A 0x10000 1 r
store A 0x10001 1
store A 0x30000 1
map A 0x20000 1 none
fetch A 0x20000
load A 0xffff800000000000
load A 0x8000000000000
swapout B 0x10000
swapin B 0x10000
swapin B 0x10000
file F 2
map A 0x40000 2 r file F private
map A 0x50000 1 rxw file F shared 1
map B 0x40000 1 rw shared 007
add F 8192
exit B
load B 0x10000
unmap A 0x40000 2
fragmentation
move A 0x10000 0
move 007 0 63
move F 0x1000 0x40
compact 58
compact 57
compact 1
fragmentation
compact 0
compact 65
evict
"""
# at line 32 frames 0, 3, 4, 5 and 6 are in use, A's, two of F's, the segment's and F's third: B's were 1
# and 2. The segment's goes to 63; for 58 in a row, frame 6 has to be freed, and 1 is the first free one
WORDS = """2: space A -> ok
3: map A 0x10000 2 rw anon -> ok
4: load A 0x10000 -> 0
5: store A 0x10001 42 -> ok
6: fork A B -> ok
7: load B 0x10001 -> 42
10: store B 0x10001 43 -> ok
11: load B 0x11000 -> 0
12: rmw B 0x10001 255 -> 43
14: protect A 0x10000 1 r -> ok
15: store A 0x10001 1 -> page fault 14, error 0x6 (W U): the mapping does not permit it
16: store A 0x30000 1 -> page fault 14, error 0x6 (W U): nothing is mapped there
17: map A 0x20000 1 none anon -> ok
18: fetch A 0x20000 -> page fault 14, error 0x14 (U I): the mapping does not permit it
19: load A 0xffff800000000000 -> page fault 14, error 0x5 (P U): the mapping does not permit it
20: load A 0x8000000000000 -> general protection 13, error 0x0: the address is not canonical
21: swapout B 0x10000 -> ok
22: swapin B 0x10000 -> ok
23: swapin B 0x10000 -> error EINVAL: no such space or page, or it is not in swap
24: file F 2 -> ok
25: map A 0x40000 2 r file F private -> ok
26: map A 0x50000 1 rwx file F shared 1 -> ok
27: map B 0x40000 1 rw shared 7 -> ok
28: add F 0x2000 -> ok
29: exit B -> ok
30: load B 0x10000 -> error EINVAL: no such space
31: unmap A 0x40000 2 -> ok
32: fragmentation -> 59 free frames in 2 runs, the longest 57, index 34
33: move A 0x10000 0 -> error EINVAL: no such space, page or frame, it is in no frame, or that frame is not free
34: move 7 0x0 63 -> ok
35: move F 0x1000 64 -> error EINVAL: no such space, page or frame, it is in no frame, or that frame is not free
36: compact 58 -> frames 5 to 62 are free, 1 page moved
37: compact 57 -> frames 5 to 61 are free, 0 pages moved
38: compact 1 -> frame 2 is free, 0 pages moved
39: fragmentation -> 59 free frames in 2 runs, the longest 58, index 17
40: compact 0 -> error EINVAL: of 0 frames, or of more than there are
41: compact 65 -> error EINVAL: of 0 frames, or of more than there are
42: evict -> error EINVAL: there is no --policy, or no page is in memory
"""
# by line of STORY
OBJECTS = {
    2: {"op": "space", "space": "A", "result": "ok"},
    3: {"op": "map", "space": "A", "va": "0x10000", "result": "ok"},
    4: {"op": "load", "space": "A", "va": "0x10000", "result": "ok", "value": 0, "faulted": True, "error": "0x4"},
    5: {"op": "store", "space": "A", "va": "0x10001", "result": "ok", "faulted": False},
    6: {"op": "fork", "space": "A", "child": "B", "result": "ok"},
    7: {"op": "load", "space": "B", "va": "0x10001", "result": "ok", "value": 42, "faulted": True, "error": "0x4"},
    10: {"op": "store", "space": "B", "va": "0x10001", "result": "ok", "faulted": True, "error": "0x7"},
    12: {"op": "rmw", "space": "B", "va": "0x10001", "result": "ok", "value": 43, "faulted": False},
    15: {"op": "store", "space": "A", "va": "0x10001", "result": "fault", "vector": 14, "error": "0x6", "status": "EACCES"},
    16: {"op": "store", "space": "A", "va": "0x30000", "result": "fault", "vector": 14, "error": "0x6", "status": "ENOMAP"},
    20: {"op": "load", "space": "A", "va": "0x8000000000000", "result": "fault", "vector": 13, "error": "0x0", "status": "EACCES"},
    21: {"op": "swapout", "space": "B", "va": "0x10000", "result": "ok"},
    23: {"op": "swapin", "space": "B", "va": "0x10000", "result": "error", "status": "EINVAL"},
    25: {"op": "map", "space": "A", "file": "F", "va": "0x40000", "result": "ok"},
    27: {"op": "map", "space": "B", "file": "7", "va": "0x40000", "result": "ok"},
    30: {"op": "load", "space": "B", "va": "0x10000", "result": "error", "status": "EINVAL"},
    32: {"op": "fragmentation", "result": "ok", "free": 59, "runs": 2, "longest": 57, "index": 34},
    34: {"op": "move", "space": "7", "va": "0x0", "result": "ok"},
    35: {"op": "move", "space": "F", "va": "0x1000", "result": "error", "status": "EINVAL"},
    36: {"op": "compact", "result": "ok", "first": 5, "moved": 1},
    41: {"op": "compact", "result": "error", "status": "EINVAL"},
    42: {"op": "evict", "result": "error", "status": "EINVAL"},
}

# name, script, line, column, words of the message; nothing of a script that is malformed is run
MALFORMED = [
    ("no operation", "space A\nlod A 0", 2, 1, ["'lod'", "load", "expect"]),
    ("an operation in capitals", "SPACE A", 1, 1, ["'SPACE'"]),
    ("a name that is a number", "space 7", 1, 7, ["'7'", "letter"]),
    ("a name with a dash", "space a-b", 1, 7, ["'a-b'"]),
    ("a name of 64 letters", "space " + 64 * "a", 1, 7, ["63"]),
    ("a name is missing", "space", 1, 6, ["NAME is missing", "space NAME"]),
    ("a name is missing, a comment", "space  # A", 1, 6, ["NAME is missing"]),
    ("a bad number", "space A\nload A 12x", 2, 8, ["'12x'", "decimal", "0x"]),
    ("no digits behind 0x", "space A\nload A 0x", 2, 8, ["'0x'"]),
    ("a negative number", "space A\nload A -1", 2, 8, ["'-1'"]),
    ("a fraction", "space A\nstore A 0 1.5", 2, 11, ["'1.5'"]),
    ("hex without 0x", "space A\nload A ff", 2, 8, ["'ff'"]),
    ("a number of 2^64", "space A\nload A 18446744073709551616", 2, 8, ["2^64"]),
    ("a hex number of 2^64", "space A\nload A 0x10000000000000000", 2, 8, ["2^64"]),
    ("map, misaligned", "space A\nmap A 0x10001 1 rw", 2, 7, ["0x10001", "4096", "0x10000 is"]),
    ("unmap, misaligned", "space A\n unmap  A  4097 1", 2, 12, ["0x1001", "0x1000 is"]),
    ("protect, misaligned", "space A\nprotect A 1 1 r", 2, 11, ["0x1", "0x0 is"]),
    ("swapout, misaligned", "space A\nswapout A 0xfff", 2, 11, ["0xfff"]),
    ("swapin, misaligned", "space A\nswapin A 0xfff", 2, 10, ["0xfff"]),
    ("move, misaligned", "space A\nmove A 0xfff 1", 2, 8, ["0xfff"]),
    ("a frame is missing", "space A\nmove A 0x1000", 2, 14, ["FRAME is missing", "move SPACE ADDRESS FRAME"]),
    ("a frame that is no number", "space A\nmove A 0x1000 x", 2, 15, ["FRAME 'x'"]),
    ("frames are missing", "compact", 1, 8, ["FRAMES is missing", "compact FRAMES"]),
    ("a space to compact", "space A\ncompact A 1", 2, 9, ["FRAMES 'A'"]),
    ("a word behind fragmentation", "fragmentation 1", 1, 15, ["'1' is too much"]),
    ("a word behind evict", "evict 1", 1, 7, ["'1' is too much"]),
    ("add, misaligned", "file F 0\nadd F 0xfff", 2, 7, ["0xfff"]),
    ("an unknown space", "space A\nload B 0", 2, 6, ["unknown space 'B'", "space B", "fork SPACE B"]),
    ("a space made later", "load A 0\nspace A", 1, 6, ["unknown space 'A'"]),
    ("fork of an unknown space", "fork A B", 1, 6, ["unknown space 'A'"]),
    ("exit of an unknown space", "exit A", 1, 6, ["unknown space 'A'"]),
    ("an unknown file", "space A\nmap A 0 1 r file F shared", 2, 18, ["'F'", "file F PAGES"]),
    ("names are by case", "space A\nload a 0", 2, 6, ["'a'"]),
    ("a value of 256", "space A\nstore A 0 256", 2, 11, ["256", "at most 255"]),
    ("a value of 2^64 - 1", "space A\nrmw A 0 0xffffffffffffffff", 2, 9, ["at most 255"]),
    ("a value is missing", "space A\nstore A 0x10000", 2, 16, ["VALUE is missing", "store SPACE ADDRESS VALUE"]),
    ("an address is missing", "space A\nload A", 2, 7, ["ADDRESS is missing"]),
    ("pages are missing", "space A\nmap A 0x10000", 2, 14, ["PAGES is missing"]),
    ("rights are missing", "space A\nmap A 0x10000 1", 2, 16, ["RIGHTS is missing"]),
    ("bad rights", "space A\nmap A 0 1 rwz", 2, 11, ["'rwz'", "none"]),
    ("rights twice", "space A\nmap A 0 1 rr", 2, 11, ["'rr'", "once"]),
    ("rights in capitals", "space A\nprotect A 0 1 RW", 2, 15, ["'RW'"]),
    ("no kind of mapping", "space A\nmap A 0 1 r public", 2, 13, ["'public'", "anon"]),
    ("a segment's name is missing", "space A\nmap A 0 1 r shared", 2, 19, ["missing"]),
    ("a segment's bad name", "space A\nmap A 0 1 r shared 7a", 2, 20, ["'7a'"]),
    ("private or shared is missing", "space A\nfile F 1\nmap A 0 1 r file F", 3, 19, ["private or shared is missing"]),
    ("neither private nor shared", "space A\nfile F 1\nmap A 0 1 r file F 3", 3, 20, ["'3'"]),
    ("a bad first page", "space A\nfile F 1\nmap A 0 1 r file F shared x", 3, 27, ["'x'"]),
    ("a word too much", "space A\nload A 0 1", 2, 10, ["'1' is too much", "load SPACE ADDRESS"]),
    ("a word behind anon", "space A\nmap A 0 1 r anon 1", 2, 18, ["'1' is too much"]),
    ("a word behind ok", "space A\nexpect ok ok", 2, 11, ["'ok' is too much"]),
    ("expect first", "# of what?\nexpect ok", 2, 8, ["nothing is done before"]),
    ("expect nothing", "space A\nexpect", 2, 7, ["missing"]),
    ("expect what is not", "space A\nexpect nothing", 2, 8, ["'nothing'", "fault VECTOR CODE"]),
    ("expect 256", "space A\nexpect 256", 2, 8, ["at most 255"]),
    ("expect a fault without vector", "space A\nexpect fault", 2, 13, ["VECTOR is missing"]),
    ("expect a fault without code", "space A\nexpect fault 14", 2, 16, ["CODE is missing"]),
    ("expect a vector of 256", "space A\nexpect fault 256 0", 2, 14, ["at most 255"]),
    ("expect an error without name", "space A\nexpect error", 2, 13, ["missing"]),
    ("expect no error", "space A\nexpect error ENOMEM", 2, 14, ["'ENOMEM'", "EMEM"]),
    ("bytes that cannot be printed", b"\x1b[2J\xff\0 A", 1, 1, ["?[2J??"]),
    ("a long word", 1000 * "a", 1, 1, ["aaa..."]),
    ("a line too long", (1 << 20) * "#" + "#", 1, (1 << 20) + 1, ["1048576"]),
]
NAMES = "".join("space s%d\n" % i for i in range(17))  # one more than --spaces

# script, options, the line of expect, words of the message
UNMET = [
    ("space A\nmap A 0x10000 1 rw\nload A 0x10000\nexpect 42", 4, ["expect 42, but got 0", "line 3: load A 0x10000"]),
    ("space A\nload A 0x10000\nexpect 0", 3, ["but got page fault 14, error 0x4"]),
    ("space A\nload A 0\nexpect ok", 3, ["expect ok, but got page fault"]),
    ("space A\nload A 0\nexpect fault 14 6", 3, ["expect fault 14 0x6, but got page fault 14, error 0x4"]),
    ("space A\nload A 0\nexpect fault 13 4", 3, ["expect fault 13 0x4"]),
    ("space A\nload A 0\nexpect error EACCES", 3, ["expect error EACCES"]),
    ("space A\nexpect 0", 2, ["but got ok"]),
    ("space A\ncompact 2\nexpect 0", 3, ["expect 0, but got frames 0 to 1 are free, 0 pages moved"]),
    ("space A\ncompact 65\nexpect error EMEM", 3, ["expect error EMEM, but got error EINVAL", "line 2: compact 65"]),
    ("space A\nmap A 0 1 rw\nstore A 0 1\nexpect 1", 4, ["expect 1, but got ok"]),  # a store gives no value
    ("space A\nspace A\nexpect ok", 3, ["but got error EINVAL: it exists already"]),
    ("space A\nexpect error EINVAL", 2, ["but got ok"]),
    ("space A\nspace A\nexpect fault 0 0", 3, ["but got error EINVAL"]),
]

TRACE = b"""space A
map A 0x10000 2 rw
store A 0x10000 1
fork A B
load B 0x10000
store B 0x10000 2
store A 0x10000 3
swapout A 0x10000
fork A C
store C 0x10000 4
load A 0x10000
load A 0x10000
fetch A 0x10000
load A 0xffff800000000000
load B 0x10000
"""
# what a page is mended by, in the order of TRACE's accesses. Tables have frames 0 to 63; frame 0x40000
# is the first for pages, and A gets it, B's copy 0x41000; A's is then in the first slot, and C copies it
MENDED = ["demand zero: frame 0x40000", "rights restored: frame 0x40000", "copy on write: frame 0x40000 to frame 0x41000",
          "rights restored: frame 0x40000", "copy on write: swap slot 0 to frame 0x40000",
          "swap in: swap slot 0 to frame 0x42000"]

# each line leaves nothing behind when it fails: the frames and tables that were free are free
ALL_OR_NOTHING = [
    ("a segment longer than memory", ["--frames", "4"], """space A
map A 0x10000 5 rw shared 7
expect error EMEM
map A 0x10000 4 rw
store A 0x10000 1
store A 0x11000 1
store A 0x12000 1
store A 0x13000 1
expect ok
"""),
    ("a segment that exists, made longer than memory", ["--frames", "4"], """space A
map A 0x10000 2 rw shared 7
store A 0x11000 9
map A 0x20000 5 rw shared 7
expect error EMEM
load A 0x11000
expect 9
map A 0x30000 2 rw
store A 0x30000 1
store A 0x31000 1
expect ok
map A 0x40000 3 rw shared 7
expect error EMEM
unmap A 0x31000 1
map A 0x40000 3 rw shared 7
expect ok
"""),
    ("a segment mapped over something", ["--frames", "4"], """space A
map A 0x12000 1 rw
map A 0x10000 3 rw shared 7
expect error EINVAL
map A 0x800000000000 1 rw shared 7
expect error EINVAL
map A 0x20000 0 rw shared 7
expect error EINVAL
map A 0x20000 0xffffffffffffffff rw shared 7
expect error EINVAL
load 7 0
expect error EINVAL
map A 0x20000 4 rw shared 7
expect ok
load 7 0x3fff
expect 0
"""),
    ("a segment, and no process", [], """space A
exit A
map A 0x10000 1 rw shared 7
expect error EINVAL
load 7 0
expect error EINVAL
"""),
    # of 11 tables, 4 roots and 4 of the kernel leave 3: a file takes them all
    ("a segment, and no tables to map it", ["--spaces", "4", "--tables", "11"], """space A
map A 0x10000 1 rw shared 7
expect error EMEM
load 7 0
expect error EINVAL
map A 0x10000 1 rw
expect ok
"""),
    ("a segment, made longer, and no tables to map it", ["--spaces", "4", "--tables", "14", "--frames", "3"], """space A
map A 0x10000 1 rw shared 7
store A 0x10000 5
map A 0x40000000 2 rw shared 7
expect error EMEM
load 7 0x1000
expect fault 14 0x4
load 7 0
expect 5
map A 0x11000 2 rw
store A 0x11000 1
store A 0x12000 1
expect ok
"""),
    ("a segment with a hole is filled, and not when it fails", ["--frames", "3"], """file F 0
add F 0x1000
store F 0x1000 7
space A
map A 0x10000 4 rw shared F
expect error EMEM
load F 0
expect fault 14 0x4
load F 0x2000
expect fault 14 0x4
load F 0x1000
expect 7
map A 0x10000 3 rw shared F
expect ok
load A 0x11000
expect 7
load F 0x2000
expect 0
"""),
    ("a file larger than memory", ["--frames", "4"], """file F 5
expect error EMEM
load F 0
expect error EINVAL
file F 4
expect ok
file G 1
expect error EMEM
"""),
    ("a segment again, after it was ended", [], """space A
map A 0x10000 1 rw shared 7
store A 0x10000 5
exit 7
map A 0x20000 1 rw shared 7
load A 0x20000
expect 0
load A 0x10000
expect 5
"""),
]
