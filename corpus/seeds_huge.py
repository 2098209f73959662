# SPDX-License-Identifier: MIT
"""Seeds of topic huge: stories as bytes of harness/sequence_huge.h. Process 0 has 1024 pages from 0x200 on."""

KINDS = "none space file map mapfile unmap protect load store rmw fetch fork exit swapout swapin move compact merge split device".split()
RANGES = [0x200, 0x400, None, 0x40000, 0x40200, 0x3FE00, 0x80000, 0x600, 0x7FFC0000, 0x7FFFC0000, 0x7FFFFFE00, 0, 0x7FFFFE00,
          0x800000000, 0xFFFF800000000]
PAGES = [0, None, None, 1, 2, 511, 510, 255]
COUNTS = [512, 1, None, None, 2, 511, 513, 0x40000]
RIGHTS = {"rw": 0, "rwx": 2, "r": 3, "rx": 4, "none": 6, "8": 7}
FRAMES = ["first", 0x800, 0x40000, 0x80000, 0xA00, None, 0x801, 0x40200, 0xFFC0000, 0xFFFFE00, 0xFFFFFFF, 0x10000000, "kernel", 512, 0x40001]
PLACES = ["run", "last", "second", "behind", 0, 1, 2, 100, "before"]
FREE = [512, 1, 2, 998, 999, 1000, 0, 600, 996]
LEVELS = {"4k": 0, "2m": 1, "1g": 2}
CACHES = {"wb": 0, "wc": 1, "uc-": 2, "uc": 3, "none": 4}


def place(page):
    """A page as range and page in it."""
    for r, base in enumerate(RANGES):
        if base is not None and page - base in PAGES:
            return r | PAGES.index(page - base) << 4
    raise ValueError(hex(page))


def operation(line):
    """WORD A PAGE ...; pages in hex, without their last three digits."""
    word, *rest = line.split()
    kind, b = KINDS.index(word), [0, 0, 0, 0]
    if word == "compact":
        b[0] = FREE.index(int(rest[0])) << 4
        return bytes([kind, *b])
    b[0] = int(rest[0])
    if word == "fork":
        b[0] |= int(rest[1]) << 2
    elif word not in ("space", "exit"):
        b[1] = place(int(rest[1], 16))
    if word in ("store", "rmw"):
        b[3] = int(rest[2])
    elif word in ("map", "unmap", "protect", "file"):
        b[2] = COUNTS.index(int(rest[2], 0)) | (RIGHTS[rest[3]] << 3 if len(rest) > 3 else 0)
    elif word == "mapfile":  # mapfile A PAGE COUNT RIGHTS FILE share|private FIRST
        b[2] = COUNTS.index(int(rest[2])) | RIGHTS[rest[3]] << 3
        first = rest[6][0] == "p"  # a page of few, else the begin of a range
        b[0] |= int(rest[4]) << 2 | (PAGES.index(int(rest[6][1:])) if first else RANGES.index(int(rest[6], 16))) << 4
        b[1] |= (rest[5] == "share") << 7
        b[3] = 0 if first else 1
    elif word == "move":
        b[0] |= PLACES.index(int(rest[2]) if rest[2].isdigit() else rest[2]) << 4
    elif word == "device":  # device A PAGE COUNT FRAME RIGHTS CACHE SIZE
        frame = rest[3] if rest[3] in FRAMES else int(rest[3], 0)
        b[0] |= FRAMES.index(frame) << 4
        b[2] = COUNTS.index(int(rest[2])) | RIGHTS[rest[4]] << 3 | LEVELS[rest[6]] << 6
        b[3] = CACHES[rest[5]]
    return bytes([kind, *b])


def story(text):
    data = b"".join(operation(part.strip()) for part in text.split(";"))
    assert len(data) <= 20 * 5, text
    return data


HUGE = {
    "merge-untouched": "merge 0 200; load 0 200; store 0 3FF 7; rmw 0 200 8; fetch 0 200; split 0 201; split 0 3FF; split 0 200; merge 0 200; load 0 3FF",
    "merge-contents": "store 0 200 1; store 0 201 2; store 0 3FF 3; swapout 0 3FF; swapout 0 201; merge 0 200; load 0 201; load 0 3FF; load 0 200",
    "merge-again": "merge 0 200; merge 0 200; merge 0 400; split 0 200; merge 0 400; merge 0 200; unmap 0 200 512; merge 0 400",
    "merge-refused": "merge 0 201; merge 1 200; merge 0 600; merge 0 40000; unmap 0 3FF 1; merge 0 200; protect 0 400 1 r; merge 0 400; protect 0 400 512 none; merge 0 400; merge 0 800000000",
    "merge-in-the-way": "store 0 400 9; move 0 400 last; merge 0 200; move 0 400 behind; merge 0 200; load 0 400; split 0 200; move 0 200 0; merge 0 200",
    "merge-shared-copies": "store 0 200 1; fork 0 1; merge 0 200; store 0 200 2; load 1 200; store 1 201 3; load 0 201; exit 1; merge 0 200",
    "merge-flags": "merge 0 200; load 0 200; split 0 200; merge 0 200; store 0 201 1; split 0 200; merge 0 200; unmap 0 200 1; load 0 201",
    "fork-and-write": "merge 0 200; store 0 200 5; fork 0 1; load 0 200; load 1 200; store 0 201 6; load 1 201; store 1 200 7; load 0 200",
    "fork-child-writes": "merge 0 200; store 0 200 5; fork 0 1; store 1 200 6; load 0 200; exit 1; load 0 3FF; store 0 3FF 7; load 0 3FF",
    "fork-parent-exits": "merge 0 200; store 0 3FF 5; fork 0 1; exit 0; load 1 3FF; store 1 3FF 6; merge 1 200; store 1 200 7; load 1 3FF",
    "read-only": "protect 0 200 512 r; merge 0 200; store 0 200 1; load 0 200; fetch 0 200; protect 0 200 512 rwx; store 0 200 2; fetch 0 200",
    "executable": "protect 0 200 512 rx; merge 0 200; fetch 0 200; store 0 200 1; fork 0 1; fetch 1 200; merge 0 200",
    "protect-a-part": "merge 0 200; store 0 200 4; protect 0 2FF 1 r; store 0 2FF 1; store 0 200 5; load 0 200; protect 0 2FF 1 rw; merge 0 200; store 0 2FF 3",
    "unmap-a-part": "merge 0 200; store 0 3FF 4; unmap 0 200 1; load 0 200; load 0 3FF; map 0 200 1 rw; load 0 200; unmap 0 200 512; split 0 200",
    "moves-out": "merge 0 200; store 0 201 4; swapout 0 201; load 0 201; split 0 200; move 0 200 0; load 0 200; swapout 0 200; swapin 0 200",
    "compaction": "store 0 400 3; store 0 401 4; merge 0 200; compact 512; load 0 400; load 0 200; compact 996; store 0 200 1; compact 2",
    "space-anew": "merge 0 200; store 0 200 4; exit 0; space 0; map 0 200 512 rw; load 0 200; merge 0 200; load 0 200",
    "file-shared": "file 2 0 512; space 1; mapfile 0 40000 512 rw 2 share 0; mapfile 1 40000 512 rw 2 share 0; merge 0 40000; store 0 40000 5; load 1 40000; load 2 0; merge 1 40000; store 1 40000 6; load 0 40000",
    "file-private": "file 2 0 512; store 2 0 3; mapfile 0 40000 512 rw 2 private 0; merge 0 40000; store 0 40000 5; load 2 0; store 2 1 6; load 0 40001",
    "file-read-only": "file 2 0 512; mapfile 0 40000 512 r 2 private 0; fork 0 1; merge 0 40000; merge 1 40000; load 1 40000; merge 2 0; store 2 0 4; load 0 40000",
    "file-twice": "file 2 0 1; unmap 0 200 512; mapfile 0 200 1 rw 2 share 0; mapfile 0 201 1 rw 2 share 0; mapfile 0 202 1 rw 2 private 0; store 0 200 1; load 0 201; merge 0 200",
    "file-page-at-two-places": "file 2 0 512; mapfile 0 40000 511 rw 2 share 0; mapfile 0 401FF 1 rw 2 share 0; store 0 40000 3; merge 0 40000; load 0 401FF; merge 2 0",
    "file-second-page-twice": "file 2 0 512; mapfile 0 40000 511 rw 2 share 0; mapfile 0 401FF 1 rw 2 share p1; store 0 40001 3; merge 0 40000; load 0 401FF",
    "unreadable": "protect 0 200 512 none; merge 0 200; load 0 200; protect 0 200 512 r; merge 0 200; load 0 200",
    "device-4k": "device 0 40000 2 first rw wb 4k; load 0 40000; store 0 40001 1; fetch 0 40000; load 0 40002; protect 0 40000 1 r; store 0 40000 1; unmap 0 40000 1; load 0 40000; map 0 40000 1 rw; load 0 40000",
    "device-2m": "device 0 600 1 0x800 rw wc 2m; load 0 600; store 0 7FF 1; split 0 600; merge 0 600; protect 0 600 512 r; store 0 7FF 1; swapout 0 600; unmap 0 600 512; load 0 600",
    "device-split": "device 0 600 1 0x800 rw wc 2m; load 0 600; store 0 7FF 1; split 0 601; split 0 600; split 0 600; load 0 600; load 0 7FE; store 0 7FF 2; merge 0 600; swapout 0 600; protect 0 601 1 r; store 0 601 1; store 0 602 1; unmap 0 600 1; load 0 600; load 0 601; fork 0 1; store 1 602 1; exit 0",
    "device-unmap-first": "device 0 600 1 0x800 rw uc- 2m; store 0 7FF 1; unmap 0 600 1; load 0 600; load 0 601; store 0 7FF 2; map 0 600 1 rw; store 0 600 3; load 0 600; merge 0 600; unmap 0 600 512; load 0 7FF",
    "device-unmap-last": "device 0 600 1 0x800 rx uc 2m; fetch 0 600; unmap 0 7FF 1; fetch 0 7FE; load 0 7FF; fetch 0 600; unmap 0 601 511; load 0 600",
    "device-unmap-middle": "device 0 600 1 0x800 rw wb 2m; unmap 0 6FF 1; load 0 6FF; store 0 600 1; store 0 7FF 1; unmap 0 6FF 2; load 0 7FF; exit 0",
    "device-unmap-two": "device 0 40000 1 0x800 rw wc 2m; device 0 40200 1 0xA00 rw wc 2m; store 0 40001 1; unmap 0 401FF 2; load 0 40000; load 0 401FE; load 0 401FF; load 0 40200; load 0 40201; load 0 403FF",
    "device-unmap-one-of-two": "device 0 40000 1 0x800 rw wc 2m; device 0 40200 1 0xA00 rw wc 2m; unmap 0 40000 512; load 0 401FF; load 0 40200; protect 0 40000 512 r; load 0 403FF",
    "device-unmap-whole-and-part": "device 0 40000 1 0x800 rw wc 2m; device 0 40200 1 0xA00 rw wc 2m; unmap 0 40000 513; load 0 401FF; load 0 40200; load 0 40201; device 0 40000 1 0x800 r wb 2m; protect 0 40000 513 r; protect 0 40001 511 none; load 0 40000; load 0 40001",
    "device-protect-a-part": "device 0 600 1 0x800 rw uc 2m; store 0 600 1; protect 0 7FE 2 r; store 0 7FE 1; store 0 7FF 1; load 0 7FF; store 0 601 1; protect 0 600 1 none; load 0 600; load 0 601; protect 0 600 512 rw; load 0 600; store 0 7FF 1",
    "device-part-refused": "device 0 40200 1 0x800 rw wc 2m; protect 0 401FF 2 r; store 0 40200 1; load 0 403FF; device 0 600 1 0x800 rw wc 2m; protect 0 6FF 1 8; store 0 6FF 1; load 0 600; protect 0 6FF 513 r; unmap 1 600 1",
    "device-part-fork": "device 0 600 1 0x800 rw uc- 2m; store 0 600 1; fork 0 1; unmap 1 600 1; load 0 600; load 1 600; load 1 601; protect 0 6FF 1 r; store 1 6FF 1; store 0 6FF 1; fork 0 2; store 2 6FF 1; load 2 600; exit 0; load 2 6FF; load 1 7FF",
    "device-split-1g": "device 0 40000 1 0x40000 rw uc 1g; split 0 40000; split 0 40200; load 0 401FF; store 0 40000 1; fork 0 1; split 1 40000; unmap 0 40000 1; split 0 40000; load 1 403FF",
    "device-1g": "device 0 40000 1 0x40000 rw uc 1g; load 0 40000; store 0 403FF 2; load 0 3FFFF; map 0 40200 1 rw; merge 0 40200; protect 0 40000 1 r; store 0 40200 1; unmap 0 40000 1; map 0 40200 1 rw; load 0 40200",
    "device-part": "device 0 600 1 0x800 rw wb 2m; unmap 0 601 1; load 0 600; device 0 40000 1 0xA00 rw wb 2m; protect 0 401FF 1 r; load 0 40000; device 0 80000 512 0x800 r uc 4k; merge 0 80000; load 0 80000",
    "device-last-page": "device 0 600 1 0x800 rw wb 2m; unmap 0 7FF 1; load 0 600; device 0 40000 1 0x800 rw wb 2m; protect 0 401FF 1 r; load 0 40000",
    "device-1g-taken": "map 0 40200 1 rw; device 0 40000 1 0x40000 rw uc 1g; unmap 0 40200 1; map 0 401FF 1 rw; device 0 40000 1 0x40000 rw uc 1g; unmap 0 401FF 1; device 0 40000 1 0x40000 rw uc 1g; load 0 40200",
    "device-refused": "device 0 200 1 0x800 rw wb 2m; device 0 600 1 0x801 rw wb 2m; device 0 601 1 0x800 rw wb 2m; device 0 40000 1 0x40200 rw wb 1g; device 0 0 1 0x40000 rw wb 1g; device 0 600 1 kernel rw wb 4k; device 0 600 2 0xFFFFFFF rw wb 4k; device 0 600 1 first rw none 4k; device 0 600 1 first none wb 4k; device 0 600 1 first 8 wb 4k; device 0 600 1 512 rw wb 2m; device 1 600 1 first rw wb 4k",
    "device-last": "device 0 7FFFC0000 1 0xFFC0000 rw wb 1g; load 0 7FFFFFFFF; device 0 7FFFFFE00 1 0xFFFFE00 rw wb 2m; unmap 0 7FFFC0000 1; device 0 7FFFFFE00 1 0xFFFFE00 rw wb 2m; load 0 7FFFFFFFF; unmap 0 7FFFFFE00 512; device 0 7FFFFFFFF 1 0xFFFFFFF r uc- 4k; load 0 7FFFFFFFF",
    "device-fork": "device 0 40000 1 0x40000 rw uc 1g; device 0 600 1 0x800 r wc 2m; device 0 80000 2 first rw uc- 4k; store 0 80001 1; fork 0 1; load 1 80001; load 1 40200; load 1 7FF; unmap 1 80000 1; load 0 80000; exit 0; load 1 40000; fork 1 2; exit 1; load 2 600",
    "device-fork-table": "device 0 600 512 0x800 rw wb 4k; load 0 7FF; fork 0 1; load 1 7FF; load 1 600; store 1 7FF 1; exit 0; load 1 7FF; unmap 1 7FF 1; load 1 7FE",
    "device-fork-anew": "device 0 600 1 0x800 rw wb 2m; space 1; map 1 0 1 rw; map 1 40000 1 rw; map 1 80000 1 rw; map 1 7FFFFFE00 1 rw; exit 1; fork 0 1; load 1 600; store 1 7FF 1; load 1 40000; exit 0; load 1 7FF",
    "device-exit": "device 0 40000 1 0x40000 rw uc 1g; device 0 600 512 first rw wb 4k; merge 0 600; exit 0; space 0; map 0 600 1 rw; load 0 600; map 0 40000 1 rw; load 0 40000",
    "device-of-a-file": "file 2 0 1; device 2 40000 1 0x40000 rw wb 1g; load 2 40200; mapfile 0 600 1 rw 2 share 40000; device 2 600 2 first r wb 4k; load 2 600; exit 2",
    "no-tables": "device 0 7FFFC0000 1 0xFFC0000 rw wb 1g; device 0 40000 1 0x40000 rw wb 1g; device 0 80000 1 0x80000 rw wb 1g; fork 0 1; space 2; map 2 3FFFF 2 rw; map 2 7FFFFFE00 1 rw; device 2 7FFC0000 1 0x800 rw wb 2m; map 2 0 1 rw; exit 0; device 2 7FFC0000 1 0x800 rw wb 2m; fork 1 0",
}
TOPICS = {"huge": HUGE}


def makers():
    """For corpus/make-seeds: topic, and a function that yields names and bytes."""
    yield "huge", (lambda: ((name, story(text)) for name, text in HUGE.items()),)
