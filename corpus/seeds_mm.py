# SPDX-License-Identifier: MIT
"""Seeds of the memory manager's topics: stories, in the words that a failing sequence is printed
in, as bytes of harness/sequence_mm.h."""

KINDS = "none space file add map mapfile unmap protect load store rmw fetch fork exit swapout swapin".split()
MORE = "move compact fragmentation evict runs looks flush lazy tlb".split()
POLICIES = {"lru": 0, "clock": 1, "none": 2}
PAGES = [0, 1, 2, 3, 0x10, 0x11, 0x12, 0x1FE, 0x1FF, 0x200, 0x201, 0x3FF, 0x400, 0x3FFFF, 0x40000, 0x40001,
         0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x3FE, 0x401, 0x5FF, 0x600, 0x3FFFE, 0x40002, 0x401FF, 0x40200,
         0x7FFFFFE, 0x7FFFFFF, 0x8000000, 0x8000001, 0x80001FF, 0x8000200, 0x803FFFF, 0x8040000,
         0x10000000, 0x18000000, 0x20000000, 0x400000000, 0x7F7FFFFFF, 0x7F8000000, 0x7FFFBFFFF, 0x7FFFC0000,
         0x7FFFFFDFF, 0x7FFFFFE00, 0x7FFFFFFFC, 0x7FFFFFFFD, 0x7FFFFFFFE, 0x7FFFFFFFF,
         0x800000000, 0x800000001, 0xFFFF7FFFFFFFF, 0xFFFF800000000, 0xFFFF800000001, 0xFFFF800000002, 0xFFFF800000003,
         0xFFFF800000004, 0xFFFF8000001FF, 0xFFFFFFFFFFFFF]
COUNTS = [1, 1, 1, 2, 2, 3, 4, 5, 8, 17, 64, 0, 0x40001, 513, 1, 2]
OFFSETS = [0, 1, 7, 8, 0x3F, 0x40, 0xFF, 0x100, 0x7FF, 0x800, 0xABC, 0xBFF, 0xFF0, 0xFFE, 0xFFF, 2]
RIGHTS = {"none": 0, "r": 1, "w": 2, "rw": 3, "x": 4, "rx": 5, "wx": 6, "rwx": 7, "9": 9}


def operation(line):
    word, *rest = line.split()
    if word == "disturb":  # four bytes that say what
        return bytes([0, *(int(x, 0) for x in rest)])
    if word == "cpu":
        return on_processor(*rest)
    if word in MORE:
        a, page = (ord(rest[0]) - ord("A"), PAGES.index(int(rest[1], 16) >> 12)) if word == "move" else (0, 0)
        n = POLICIES[rest[0]] if word == "evict" else rest[0] == "on" if word == "lazy" else int(rest[-1]) if rest else 0
        return bytes([1 + MORE.index(word) << 4, a, page, min(n, 255), 0])
    a = ord(rest[0]) - ord("A")
    b = first = count = prot = share = byte = page = top = 0
    if word == "fork":
        b = ord(rest[1]) - ord("A")
    elif word not in ("space", "file", "exit"):
        va = int(rest[1], 16)
        page = PAGES.index(va >> 12)
        if word in ("load", "store", "rmw", "fetch"):
            count = OFFSETS.index(va & 0xFFF)
            byte = int(rest[2]) if len(rest) > 2 else 0
        elif word in ("map", "unmap", "protect"):
            n = int(rest[2], 0)
            top, n = (3, 0x40001) if n == 0x40000 else (0, n)
            count = COUNTS.index(n)
            prot = RIGHTS[rest[3]] if len(rest) > 3 else 0
    if word == "map" and len(rest) > 4 and rest[4] == "file":
        word, b, share, first = "mapfile", ord(rest[5]) - ord("A"), rest[6] == "shared", PAGES.index(int(rest[7], 0))
    return bytes([KINDS.index(word) | (prot & 7) << 4 | (share or prot >> 3) << 7, a | b << 3 | top << 6, page,
                  count | first << 4, byte])


def on_processor(n, word, *rest):
    """cpu N runs SPACE, idle, looks ADDRESS, or an access."""
    if word in ("runs", "idle"):
        return bytes([1 + MORE.index("runs") << 4, (7 if word == "idle" else ord(rest[0]) - ord("A")) | int(n) << 3, 0, 0, 0])
    va = int(rest[0], 16)
    if word == "looks":
        return bytes([1 + MORE.index("looks") << 4, int(n) << 3, PAGES.index(va >> 12), 0, 0])
    return bytes([KINDS.index(word), int(n) << 3, PAGES.index(va >> 12), OFFSETS.index(va & 0xFFF), int(rest[1]) if len(rest) > 1 else 0])


def story(text):
    data = b"".join(operation(part.strip()) for part in text.split(";"))
    assert len(data) <= 24 * 5, text
    return data


TOP = "0x7ffffffff000"
FRAME = {
    "hints-of-leaves-below": "space A; map A 0x10000 1 rw; store A 0x10000 1; disturb 28 0 2 0; disturb 29 0 2 0; disturb 30 0 2 0; swapout A 0x10000; load A 0x10000",
    "hints-of-leaves-past-the-end": "space A; map A 0x10000 1 rw; store A 0x10000 1; disturb 28 0 2 3; disturb 29 0 2 3; disturb 30 0 2 3; swapout A 0x10000; load A 0x10000",
    "hints-of-leaves-elsewhere": "space A; map A 0x10000 1 rw; store A 0x10000 1; disturb 28 0 2 1; disturb 29 0 2 1; disturb 30 0 2 1; swapout A 0x10000; load A 0x10000",
    "links-of-a-leaf-past-the-end": "space A; map A 0x10000 1 rw; store A 0x10000 1; disturb 0x10 0x12 3 3; disturb 0x10 0x3A 3 3; unmap A 0x10000 1",
    "demand-zero": "space A; map A 0x10000 1 rw; load A 0x10fff; store A 0x10fff 42; load A 0x10fff; load A 0x10ffe",
    "frame-used-again-is-zero": "space A; map A 0x0 1 rw; store A 0x0 7; store A 0xfff 8; unmap A 0x0 1; map A 0x1000 3 rw; load A 0x1000; load A 0x1fff; load A 0x2000; load A 0x3fff",
    "all-frames-then-none": "space A; map A 0x0 4 rw; store A 0x0 1; store A 0x1000 2; store A 0x2000 3; store A 0x3000 4; load A 0x0; unmap A 0x1000 1; store A 0x3000 5",
    "exit-gives-all-back": "space A; space B; map A 0x0 3 rw; store A 0x0 1; store A 0x1000 1; store A 0x2000 1; map B 0x0 3 rw; exit A; load B 0x0; load B 0x1000; store B 0x2000 2",
    "wrong-hints": "space A; map A 0x0 3 rw; store A 0x0 1; store A 0x1000 2; disturb 0 0 2 3; disturb 1 0 2 0; disturb 3 0 2 0; unmap A 0x0 1; disturb 1 0 0 1; store A 0x2000 3; load A 0x1000; disturb 9 0 2 3; store A 0x0 4",
    "wrong-hint-of-a-leaf": "space A; map A 0x0 1 rw; store A 0x0 9; fork A B; disturb 31 0 0 17; disturb 32 0 0 17; swapout A 0x0; load B 0x0",
    "wrong-hint-of-a-table": "space A; map A 0x0 1 rw; disturb 7 0 0 1; disturb 8 0 0 4; map A 0x40000000 1 rw; map A 0x8000000000 1 rw",
}
TABLE = {
    "over-2m": "space A; map A 0x1ff000 2 rw; store A 0x1ff000 1; store A 0x200000 2; unmap A 0x1ff000 1; load A 0x200000; unmap A 0x200000 1",
    "over-1g": "space A; map A 0x3ffff000 2 rw; load A 0x40000000; unmap A 0x40000000 1; load A 0x3ffff000; load A 0x40000000",
    "over-512g": "space A; map A 0x7ffffff000 2 rw; store A 0x8000000000 3; protect A 0x7ffffff000 2 r; load A 0x8000000000; unmap A 0x7ffffff000 2",
    "top": f"space A; map A {TOP} 1 rw; store A {TOP} 1; map A {TOP} 2 rw; map A 0x7fffffffe000 1 rw; unmap A 0x7fffffffe000 2",
    "range-past-the-top": f"space A; map A {TOP} 2 rw; unmap A {TOP} 2; protect A {TOP} 2 r; map A 0x800000000000 1 rw",
    "empty-range": "space A; map A 0x0 0 rw; unmap A 0x0 0; protect A 0x0 0 r; map A 0x0 262145 rw; unmap A 0x0 262145",
    "longest-range-lacks-tables": "space A; map A 0x0 262144 rw; map A 0x0 1 rw; unmap A 0x0 262144",
    "lacking-the-last": "space A; map A 0x0 1 rw; map A 0x40000000 1 rw; map A 0x10000000000 1 rw; map A 0x7ffffff000 2 rw; map A 0x8000000000 1 rw; exit A; space A; map A 0x7ffffff000 2 rw",
    "unmap-between": "space A; map A 0x1fe000 3 rw; unmap A 0x1ff000 1; load A 0x1fe000; load A 0x1ff000; load A 0x200000; unmap A 0x1fe000 513",
    "mapped-twice": "space A; map A 0x1ff000 2 r; map A 0x200000 1 rw; map A 0x1fe000 3 rw; map A 0x1fe000 1 rw",
    "long-range": "space A; map A 0x1ff000 513 rw; store A 0x3ff000 5; unmap A 0x200000 513; load A 0x1ff000",
    "last-page-of-a-table": "space A; map A 0x1fe000 2 rw; unmap A 0x1fe000 1; load A 0x1ff000; map A 0x0 2 rw; unmap A 0x1000 1; unmap A 0x1ff000 1; load A 0x0",
}
SPACE = {
    "fork-of-all": f"space A; map A 0x10000 2 rw; map A {TOP} 1 r; store A 0x10008 7; fork A B; load B 0x10008; load B 0x11000; load B {TOP}; exit A; load B 0x10008; store B 0x10008 1",
    "fork-of-a-fork": "space A; map A 0x10000 1 rw; store A 0x10000 1; fork A B; store B 0x10000 2; fork B C; store C 0x10000 3; fork C D; load A 0x10000; load B 0x10000; load D 0x10000; exit B; exit A; load C 0x10000",
    "fork-lacks-tables": "space A; map A 0x0 1 rw; map A 0x40000000 1 rw; map A 0x8000000000 1 rw; map A 0x10000000000 1 rw; fork A B; fork A C; fork A D; exit B; fork A D",
    "no-such-space": "space A; space F; fork A F; fork B C; exit H; load H 0x0; map G 0x0 1 rw; fork A A; space A; file A",
    "file-outlives-itself": "space A; file B; add B 0x0; map A 0x10000 1 rw file B shared 0; store B 0x0 4; exit B; load A 0x10000; store A 0x10000 5; fork A C; store C 0x10000 6; load A 0x10000",
    "file-is-no-process": "file A; fork A B; add A 0x1000; add A 0x1000; space B; add B 0x0; map B 0x0 1 rw file B shared 1",
    "file-of-a-file": "file A; file B; space C; add A 0x0; map B 0x1000 1 rw file A shared 0; map B 0x2000 1 rw file A private 0; map C 0x0 1 rw file B shared 1; map C 0x1000 1 rw file B shared 2; store C 0x0 3; load A 0x0",
    "file-hole": "file A; space B; add A 0x0; add A 0x2000; map B 0x10000 3 rw file A shared 0; map B 0x10000 2 rw file A shared 2; map B 0x10000 1 rw file A shared 2",
    "protect-some": "space A; map A 0x10000 2 rw; protect A 0x10000 3 r; protect A 0x11000 1 r; store A 0x10000 1; store A 0x11000 1; protect A 0x10000 2 rwx; store A 0x11000 2; fetch A 0x10000; protect A 0x10000 1 9",
}
COW = {
    "child-writes": "space A; map A 0x1000 1 rw; store A 0x1008 7; fork A B; store B 0x1008 8; load A 0x1008; load B 0x1008; store A 0x1008 9; load B 0x1008",
    "parent-writes": "space A; map A 0x1000 1 rw; store A 0x1fff 7; fork A B; store A 0x1fff 8; load B 0x1fff; load A 0x1fff",
    "read-then-write": "space A; map A 0x1000 1 rw; store A 0x1000 1; fork A B; load B 0x1000; load A 0x1000; store B 0x1000 2; load A 0x1000",
    "alone-again": "space A; map A 0x1000 1 rw; store A 0x1000 1; fork A B; exit B; store A 0x1000 2; load A 0x1000",
    "copy-lacks-a-frame": "space A; map A 0x0 8 rw; store A 0x0 1; store A 0x1000 1; store A 0x2000 1; store A 0x3000 1; add A 0x0; fork A B; map A 0x10000 3 rw; store A 0x10000 1; store A 0x11000 1; store B 0x0 2; load B 0x0; unmap B 0x1000 1; unmap A 0x1000 1; store B 0x0 2",
    "private-page-of-a-file": "file A; add A 0x0; space B; map B 0x1000 1 rw file A private 0; store A 0x0 5; load B 0x1000; store B 0x1001 6; store A 0x0 7; load B 0x1000; load A 0x1",
    "private-and-shared": "file A; add A 0x0; space B; space C; map B 0x1000 1 rw file A private 0; map C 0x1000 1 rw file A shared 0; store C 0x1000 1; load B 0x1000; exit A; store C 0x1000 2; load B 0x1000; exit C; store B 0x1000 3; load B 0x1000",
    "private-of-two": "file A; add A 0x0; space B; map B 0x1000 1 rw file A private 0; fork B C; store B 0x1000 1; store A 0x0 2; load C 0x1000; store C 0x1000 3; load A 0x0",
    "shared-by-all": "file A; add A 0x0; space B; map B 0x1000 1 rw file A shared 0; fork B C; store B 0x1000 1; load C 0x1000; rmw C 0x1000 2; load A 0x0; protect C 0x1000 1 r; store C 0x1000 3; store B 0x1000 4; load C 0x1000",
    "protect-then-write": "space A; map A 0x1000 1 rw; store A 0x1000 1; fork A B; protect B 0x1000 1 r; store B 0x1000 2; protect B 0x1000 1 rw; store B 0x1000 3; load A 0x1000",
}
SWAP = {
    "out-and-in": "space A; map A 0x1000 1 rw; store A 0x1000 1; store A 0x1fff 2; swapout A 0x1000; swapout A 0x1000; load A 0x1000; load A 0x1fff; swapout A 0x1000; swapin A 0x1000; swapin A 0x1000; load A 0x1fff",
    "of-two-spaces": "space A; map A 0x1000 1 rw; store A 0x1000 1; fork A B; swapout B 0x1000; load A 0x1000; load B 0x1000; swapout A 0x1000; store B 0x1000 2; load A 0x1000; load B 0x1000",
    "of-a-file": "file A; add A 0x0; space B; map B 0x1000 1 rw file A shared 0; map B 0x2000 1 rw file A private 0; store B 0x1000 1; swapout A 0x0; store B 0x1000 2; load A 0x0; swapout B 0x2000; load B 0x2000; store A 0x0 3; load B 0x1000",
    "slots-run-out": "space A; map A 0x0 4 rw; store A 0x0 1; store A 0x1000 2; store A 0x2000 3; store A 0x3000 4; swapout A 0x0; swapout A 0x1000; swapout A 0x2000; swapout A 0x3000; exit A; space A; map A 0x0 1 rw; load A 0x0; swapout A 0x0",
    "nothing-to-move": "space A; map A 0x0 1 rw; swapout A 0x0; swapin A 0x0; swapout A 0x1000; swapin A 0x1000; swapout B 0x0; swapin A 0x800000000000",
    "frames-run-out": "space A; map A 0x0 5 rw; store A 0x0 1; swapout A 0x0; store A 0x1000 2; store A 0x2000 3; store A 0x3000 4; space B; map B 0x0 1 rw; store B 0x0 5; load A 0x0; swapin A 0x0; swapout A 0x1000; load A 0x0",
    "write-from-swap-takes-one-frame": "space A; map A 0x0 5 rw; store A 0x0 1; fork A B; swapout A 0x0; store A 0x1000 1; store A 0x2000 1; store A 0x3000 1; store B 0x0 2; load A 0x0; swapout B 0x0; load A 0x0",
    "unmapped-while-out": "space A; map A 0x0 2 rwx; store A 0x0 1; fork A B; swapout A 0x0; unmap A 0x0 1; fetch B 0x0; swapout B 0x0; exit B; map A 0x0 1 rw; load A 0x0",
}
# Of 8 frames. FULL: page 0x20 + f in frame f, for all of them.
FULL = "space A; map A 0x20000 8 rw; " + "; ".join(f"store A {0x20000 + 0x1000 * f:#x} {f + 1}" for f in range(8))
COMPACT = {
    "move-of-two-spaces": "space A; map A 0x1000 1 rwx; store A 0x1000 1; store A 0x1fff 2; fork A B; move B 0x1000 7; load A 0x1fff; store B 0x1000 3; load A 0x1000; move A 0x1000 0; fetch A 0x1000",
    "move-of-a-file": "file A; add A 0x0; space B; map B 0x1000 1 rw file A shared 0; map B 0x2000 1 rw file A private 0; store B 0x1000 1; move B 0x2000 5; store B 0x1000 2; load A 0x0; load B 0x2000; store B 0x2000 3; move A 0x0 6; load B 0x1000; map B 0x3000 1 r file A shared 0; load B 0x3000",
    "move-refused": "space A; map A 0x0 3 rw; store A 0x0 1; store A 0x1000 2; move A 0x0 0; move A 0x0 1; move A 0x0 8; move A 0x0 255; move A 0x2000 5; move A 0x3000 5; move A 0x40000000 5; move A 0x800000000000 5; move B 0x0 5; move H 0x0 5; swapout A 0x0; move A 0x0 5; move A 0x1000 0; load A 0x0",
    "compact-one": f"{FULL}; unmap A 0x21000 1; unmap A 0x23000 1; fragmentation; compact 2; fragmentation; load A 0x22000; load A 0x20000; compact 1; compact 3",
    "compact-two-moves": f"{FULL}; unmap A 0x20000 2; unmap A 0x26000 2; fragmentation; compact 4; fragmentation; load A 0x22000; load A 0x23000; load A 0x24000; compact 4",
    "compact-the-last": f"{FULL}; unmap A 0x20000 1; unmap A 0x25000 2; compact 3; compact 3; load A 0x24000; load A 0x27000; load A 0x23000",
    "compact-shared": "file A; space B; map B 0x10000 2 rw; store B 0x10000 1; add A 0x0; add A 0x1000; store B 0x11000 2; map B 0x0 2 rw file A shared 0; map B 0x20000 1 rw file A private 1; fork B C; unmap B 0x10000 1; unmap C 0x10000 1; compact 7; compact 5; fragmentation; load C 0x11000; store C 0x1000 9; load B 0x20000; load A 0x1000; store B 0x11000 5; load C 0x11000",
    "compact-refused": f"{FULL}; compact 1; compact 0; compact 8; compact 9; compact 255; fragmentation; unmap A 0x22000 1; compact 1; compact 2; exit A; compact 8; compact 9; fragmentation",
    "compact-nothing-used": "fragmentation; compact 8; compact 1; compact 9; space A; compact 8; map A 0x0 1 rw; load A 0x0; compact 8; compact 7",
    "compact-beside-swap": "space A; map A 0x0 4 rw; store A 0x0 1; store A 0x1000 2; store A 0x2000 3; store A 0x3000 4; swapout A 0x1000; compact 6; compact 5; load A 0x0; swapin A 0x1000; compact 4; load A 0x2000; load A 0x1000; swapout A 0x0; compact 5; load A 0x0",
    "compact-wrong-hints": f"{FULL}; unmap A 0x21000 1; unmap A 0x27000 1; disturb 0 0 2 3; disturb 31 0 0 17; compact 2; disturb 32 0 0 17; load A 0x26000; fragmentation",
}
# Of 5 frames and 4 slots, by LRU until an evict names another policy. USE: page 0x20 + f in frame f.
USE = "space A; map A 0x20000 8 rw; " + "; ".join(f"store A {0x20000 + 0x1000 * f:#x} {f + 1}" for f in range(5))
REPLACE = {
    "lru-order": f"{USE}; load A 0x20000; store A 0x25000 5; store A 0x26000 6; load A 0x21000; load A 0x20000; load A 0x22000; evict lru; evict lru",
    "lru-of-a-tie": "file A; add A 0x0; add A 0x1000; evict lru; evict lru; space B; map B 0x20000 1 rw; load B 0x20000; disturb 2 0 0 1; disturb 2 1 0 1; evict lru",
    "clock-whole-turn": f"evict clock; {USE}; store A 0x25000 5; store A 0x26000 6; load A 0x20000; load A 0x21000; evict clock; evict clock; load A 0x25000; store A 0x26000 9",
    "clock-second-chance": f"evict clock; {USE}; evict clock; load A 0x22000; evict clock; evict clock; evict clock; evict clock; load A 0x20000; load A 0x21000; evict clock; load A 0x20000",
    "clock-after-the-last-frame": f"evict clock; {USE}; evict clock; evict clock; evict clock; evict clock; load A 0x20000; evict clock",
    "clock-wrong-hand": f"evict clock; {USE}; disturb 4 0 7 1; evict clock; disturb 4 0 4 1; evict clock; disturb 4 0 6 1; evict clock",
    "clock-of-a-fork": "evict clock; space A; map A 0x20000 2 rw; store A 0x20000 1; fork A B; load B 0x20000; store A 0x21000 2; evict clock; load A 0x20000; store B 0x21000 3; load B 0x20000; evict clock; evict clock; load A 0x20000; load B 0x20000",
    "clock-of-a-file": "evict clock; file A; add A 0x0; space B; map B 0x20000 1 rw file A shared 0; map B 0x21000 1 rw file A private 0; fork B C; store C 0x20000 4; evict clock; load B 0x21000; load A 0x0; evict clock; load C 0x20000",
    "clean-is-not-written": f"{USE}; evict lru; load A 0x20000; evict lru; evict lru; evict lru; evict lru; load A 0x23000; load A 0x20000; load A 0x21000; evict lru; evict lru; store A 0x21fff 9; evict lru; load A 0x21fff",
    "slot-taken-by-another": f"{USE}; evict lru; load A 0x20000; store A 0x25000 5; evict lru; evict lru; evict lru; evict lru; load A 0x20000; store A 0x20000 8; evict lru; load A 0x20000",
    "came-from-no-slot": f"{USE}; disturb 3 0 4 1; evict lru; disturb 3 1 7 1; evict lru; disturb 3 2 5 1; evict lru; load A 0x20000; disturb 3 0 2 1; evict lru",
    "copy-evicts-its-source": "space A; map A 0x20000 5 rw; store A 0x20000 1; fork A B; load B 0x20000; store A 0x21000 2; store A 0x22000 3; store A 0x23000 4; store A 0x24000 5; store B 0x20000 6; load A 0x20000; load B 0x20000; load A 0x21000",
    "clock-at-the-end-of-a-table": "evict clock; space A; map A 0x1fe000 2 rw; store A 0x1ff000 1; store A 0x1fe000 2; fork A B; load B 0x1ff000; evict clock; load A 0x1fe000; load A 0x1ff000; load B 0x1ff000; evict clock; evict clock",
    "last-frame-alone": f"{USE}; unmap A 0x20000 4; evict lru; load A 0x24000; evict clock; load A 0x24000",
    "slot-in-use-with-the-same": "space A; map A 0x20000 2 rw; store A 0x20000 7; store A 0x21000 7; evict lru; disturb 3 1 1 0; evict lru; load A 0x20000; store A 0x20000 8; load A 0x21000",
    "last-byte-differs": "space A; map A 0x20000 1 rw; store A 0x20000 1; evict lru; load A 0x20000; evict clock; load A 0x20000; evict clock; store A 0x20fff 9; evict lru; load A 0x20fff",
    "slots-run-out": f"{USE}; store A 0x25000 5; store A 0x26000 6; store A 0x27000 7; evict lru; load A 0x20000; evict lru; evict clock; load A 0x27000; load A 0x20000; space B; map B 0x20000 1 rw; load B 0x20000",
    "nothing-to-evict": "evict lru; evict clock; evict none; space A; map A 0x20000 1 rw; evict clock; load A 0x20000; evict none; evict clock; evict clock; load A 0x20000",
    "no-such-policy": f"{USE}; evict none; store A 0x25000 5; load A 0x20000; evict lru; evict none; store A 0x25000 5",
    "time-carries": f"{USE}; disturb 1 0 1 1; load A 0x20000; load A 0x21000; disturb 1 0 3 1; load A 0x22000; load A 0x23000; disturb 1 0 4 1; load A 0x20000; load A 0x21000; evict lru; evict lru",
    "time-ends": f"{USE}; disturb 1 0 5 1; load A 0x21000; load A 0x20000; load A 0x23000; evict lru; evict lru; evict lru; evict lru",
    "fault-is-the-first": f"{USE}; protect A 0x25000 1 rx; fetch A 0x25000; store A 0x25000 1; load A 0x26000; rmw A 0x26000 1; store A 0x201000 1; load A 0x800000000000; load B 0x20000",
}
# Of 6 frames and 4 slots. TWO: processors 0 and 1 run A, whose page 0x20 both have cached, 0 as dirty; SHARED: B
# is forked from it and run by 2, and all have read the page.
TWO = "space A; map A 0x20000 5 rw; cpu 0 runs A; cpu 1 runs A; cpu 0 store 0x20000 1; cpu 1 load 0x20000"
SHARED = f"{TWO}; fork A B; cpu 2 runs B; cpu 0 load 0x20000; cpu 1 load 0x20000; cpu 2 load 0x20000"
SMP = {
    "hits": f"{TWO}; cpu 0 load 0x20fff; cpu 1 store 0x20001 2; cpu 0 store 0x20001 3; cpu 1 rmw 0x20001 4; cpu 0 fetch 0x20000; tlb; cpu 3 load 0x20000; cpu 3 looks 0x20000",
    "dirty-is-asked-for": "space A; map A 0x20000 1 rw; cpu 0 runs A; cpu 0 load 0x20000; cpu 0 store 0x20000 1; cpu 0 store 0x20000 2; cpu 0 load 0x20000",
    "rmw-is-a-write": "space A; map A 0x20000 1 rwx; cpu 0 runs A; cpu 0 load 0x20000; cpu 0 rmw 0x20000 1; cpu 0 rmw 0x20000 2; cpu 0 fetch 0x20000",
    "high-byte": f"{TWO}; cpu 0 store 0x20abc 7; cpu 1 load 0x20abc; cpu 0 load 0x20fff",
    "looks-ahead": f"{TWO}; cpu 2 runs A; cpu 2 looks 0x20000; cpu 2 looks 0x21000; cpu 2 load 0x20000; cpu 2 looks 0x800000000000; cpu 2 store 0x20000 5; cpu 3 looks 0x20000; cpu 7 looks 0x20000",
    "unmap-all": f"{TWO}; cpu 0 store 0x21000 2; cpu 1 store 0x22000 3; unmap A 0x20000 3; cpu 0 load 0x20000; cpu 1 load 0x22000",
    "unmap-last-of-three": f"{TWO}; cpu 1 store 0x22000 3; unmap A 0x20000 3; cpu 1 load 0x22000; map A 0x22000 1 r; cpu 1 load 0x22000",
    "unmap-for-four": "space A; map A 0x20000 2 rw; cpu 0 runs A; cpu 1 runs A; cpu 2 runs A; cpu 3 runs A; cpu 0 store 0x20000 1; cpu 1 load 0x20000; cpu 2 load 0x20000; cpu 3 load 0x20000; unmap A 0x20000 1; cpu 3 load 0x20000",
    "unmap-many": "space A; map A 0x20000 64 rw; cpu 0 runs A; cpu 0 store 0x20000 1; cpu 0 store 0x25000 1; unmap A 0x20000 64; cpu 0 load 0x25000",
    "unmap-at-the-top": f"space A; map A {TOP} 1 rw; cpu 0 runs A; cpu 0 store {TOP} 1; unmap A {TOP} 1; cpu 0 load {TOP}",
    "unmap-of-another": f"{SHARED}; unmap B 0x20000 1; cpu 0 load 0x20000; cpu 2 load 0x20000",
    "tables-go-too": f"{TWO}; unmap A 0x20000 5; space B; map B 0x1000 1 rw; map A 0x40000000 1 r; cpu 1 load 0x40000000",
    "protect": f"{TWO}; cpu 1 store 0x21000 2; protect A 0x20000 2 r; cpu 0 store 0x20000 3; cpu 1 store 0x21000 3; cpu 0 load 0x20000; protect A 0x20000 2 rw; cpu 1 store 0x21000 4",
    "copy-on-write": f"{SHARED}; cpu 0 store 0x20000 2; cpu 1 load 0x20000; cpu 2 load 0x20000; cpu 2 store 0x20000 3; cpu 1 load 0x20000",
    "fork": f"{TWO}; cpu 1 store 0x20000 2; fork A B; cpu 2 runs B; cpu 0 store 0x20000 3; cpu 2 load 0x20000; cpu 1 load 0x20000",
    "page-out": f"{SHARED}; swapout A 0x20000; cpu 2 load 0x20000; cpu 1 load 0x20000; swapout B 0x20000; swapin A 0x20000; cpu 0 load 0x20000",
    "page-moves": f"{SHARED}; move B 0x20000 4; cpu 1 load 0x20000; cpu 2 load 0x20000; compact 5; cpu 0 load 0x20000",
    "compaction": f"{SHARED}; move A 0x20000 3; cpu 1 load 0x20000; cpu 2 load 0x20000; compact 5; cpu 1 load 0x20000; cpu 2 load 0x20000",
    "eviction": f"{SHARED}; evict lru; cpu 1 load 0x20000; cpu 2 load 0x20000; evict clock; evict none; cpu 0 load 0x20000",
    "exit": f"{SHARED}; exit A; cpu 0 load 0x20000; cpu 1 load 0x20000; cpu 2 load 0x20000; space A; cpu 0 runs A; cpu 0 load 0x20000",
    "another-space": f"{SHARED}; cpu 0 runs B; cpu 0 load 0x20000; cpu 0 store 0x20000 5; cpu 0 idle; cpu 0 runs C; cpu 4 runs A; cpu 1 load 0x20000; cpu 0 load 0x20000",
    "no-such-space": "space A; space B; exit B; cpu 0 runs B; cpu 0 runs A; cpu 0 runs F; cpu 4 idle; cpu 0 load 0x20000",
    "a-file": "file A; add A 0x0; space B; space C; map B 0x20000 1 rw file A shared 0; map C 0x20000 1 rw file A shared 0; map C 0x21000 1 rw file A private 0; cpu 0 runs B; cpu 1 runs C; cpu 0 store 0x20000 1; cpu 1 load 0x20000; cpu 1 load 0x21000; cpu 1 store 0x21000 2; cpu 0 load 0x20000; unmap C 0x20000 1; cpu 1 load 0x20000",
    "a-full-tlb": f"{TWO}; disturb 0 0 0 0; cpu 0 store 0x21000 2; cpu 0 load 0x20000; cpu 0 load 0x21000; disturb 1 1 0 0; cpu 1 store 0x20000 4; unmap A 0x20000 1; cpu 1 load 0x20000; disturb 0 2 0 0; cpu 0 load 0x21000; cpu 0 looks 0x22000",
    "lazy-stale": f"lazy on; {TWO}; unmap A 0x20000 1; cpu 1 load 0x20000; cpu 0 store 0x20000 5; cpu 1 load 0x20000; cpu 1 looks 0x20000; flush; cpu 1 load 0x20000",
    "lazy-map": f"lazy on; {TWO}; unmap A 0x20000 5; cpu 0 load 0x20000; map A 0x20000 1 rw; cpu 0 load 0x20000; cpu 1 store 0x20000 7; cpu 0 load 0x20000",
    "lazy-tables-again": f"space B; lazy on; {TWO}; unmap A 0x20000 5; map B 0x40000000 1 rw; cpu 0 load 0x20000",
    "lazy-fault": f"lazy on; {TWO}; unmap A 0x20000 1; cpu 1 store 0x21000 2; cpu 0 load 0x20000; cpu 0 load 0x21000",
    "lazy-fault-of-another": f"lazy on; {SHARED}; unmap A 0x20000 1; cpu 2 store 0x20000 7; cpu 0 load 0x20000; cpu 2 load 0x20000",
    "lazy-file": "lazy on; file A; add A 0x0; space B; space C; map B 0x20000 1 rw file A shared 0; map C 0x20000 1 rw file A shared 0; cpu 0 runs B; cpu 1 runs C; cpu 0 store 0x20000 1; cpu 1 load 0x20000; unmap B 0x20000 1; cpu 0 store 0x20000 2; cpu 1 load 0x20000; unmap A 0x0 1; cpu 0 load 0x20000; unmap C 0x20000 1; cpu 1 load 0x20000; add A 0x0; cpu 0 load 0x20000",
    "lazy-file-grows": f"file C; lazy on; {TWO}; unmap A 0x20000 1; add C 0x1000; cpu 0 load 0x20000",
    "lazy-file-is-mapped": f"file C; add C 0x0; lazy on; {TWO}; unmap A 0x20000 5; map A 0x40000000 1 rw file C shared 0; cpu 0 load 0x20000",
    "lazy-page-comes-in": f"lazy on; {TWO}; cpu 0 store 0x21000 2; swapout A 0x21000; cpu 0 load 0x20000; unmap A 0x20000 1; swapin A 0x21000; cpu 0 load 0x20000",
    "lazy-many": f"lazy on; {TWO}; cpu 0 store 0x21000 2; cpu 0 store 0x22000 2; unmap A 0x20000 1; unmap A 0x21000 1; unmap A 0x22000 1; cpu 0 load 0x22000; cpu 0 load 0x21000; lazy off; unmap A 0x23000 1; cpu 0 load 0x21000",
}
FAULT = {
    "nothing-there": "space A; load A 0x10000; store A 0x10000 1; fetch A 0x10000; map A 0x11000 1 rw; load A 0x10000; rmw A 0x10000 1",
    "read-only": f"space A; map A {TOP} 1 r; store A {TOP} 1; load A {TOP}; store A {TOP} 1; rmw A {TOP} 1; fetch A {TOP}",
    "executable": f"space A; map A {TOP} 1 rx; fetch A {TOP}; store A {TOP} 1; load A {TOP}; protect A {TOP} 1 r; fetch A {TOP}; load A {TOP}; fetch A {TOP}",
    "no-rights": f"space A; map A {TOP} 1 none; load A {TOP}; store A {TOP} 1; fetch A {TOP}; protect A {TOP} 1 w; store A {TOP} 1; protect A {TOP} 1 x; fetch A {TOP}; protect A {TOP} 1 wx; rmw A {TOP} 1",
    "kernels-half": "space A; load A 0xffff800000000000; store A 0xffff800000000000 1; fetch A 0xffff800000000000; store A 0xffff800000003000 1; load A 0xffff800000004000; fetch A 0xffff8000001ff000; rmw A 0xfffffffffffff000 1",
    "not-canonical": "space A; load A 0x800000000000; store A 0x800000001fff 1; fetch A 0xffff7ffffffff000; load B 0x0; rmw H 0x800000000000 1",
    "flags": "space A; map A 0x0 2 rwx; load A 0x0; load A 0x0; store A 0x0 1; load A 0x0; fetch A 0x1000; rmw A 0x1000 2; protect A 0x0 1 r; load A 0x0",
    "read-modify-write": "space A; map A 0x0 1 rw; rmw A 0x1 5; rmw A 0x1 6; fork A B; rmw B 0x1 7; rmw A 0x1 8; load B 0x1; load B 0x2",
}
# The state is broken by 4 bytes, as harness/fuzz_check.c reads them.
HEALTHY = "space A; file B; add B 0x1000; map A 0x10000 2 rw; store A 0x10000 1; map A 0x1000 1 rw file B shared 1; store A 0x1000 2; fork A C"
CHECK = {
    "orphan-above-all": "disturb 2 16 4 0; disturb 0x85 16 0xFD 0",
    "orphan-below-all": "disturb 2 16 4 0; disturb 0x85 16 0xFF 5",
    "orphan-past-the-end": "disturb 2 16 4 0; disturb 0x85 16 200 0",
    "orphan-of-a-free-table": "disturb 2 16 4 0; disturb 0x85 16 30 0",
    "orphan-of-an-entry-of-0": "disturb 2 16 4 0; disturb 0x85 16 6 0",
    "orphan-of-anothers-entry": f"{HEALTHY}; disturb 2 16 6 0; disturb 0x85 16 0 0; disturb 0x85 16 6 255; disturb 0x84 16 2 0; disturb 0x85 16 8 0; disturb 0x85 16 10 0",
    "link-past-the-tables": "disturb 14 3 0xD7 0",
    "writable-without-the-right": "space A; map A 0x10000 1 rw; store A 0x10000 1; disturb 9 0x40 0 1",
    "a-files-page-that-is-none": "space A; map A 0x10000 1 rw; store A 0x10000 1; disturb 9 0x40 0 3",
    "kernel-leaf-absent": "disturb 10 0x10 0 0; disturb 10 0x10 0 1; disturb 10 0x10 1 0",
    "healthy": HEALTHY,
    "a-count-too-high": f"{HEALTHY}; disturb 0 0 2 0; disturb 0 1 255 0",
    "a-free-slot-shared": f"{HEALTHY}; disturb 1 2 0 0",
    "a-level-changed": f"{HEALTHY}; disturb 2 7 4 0; disturb 2 0 6 0; space A; disturb 2 3 2 0",
    "an-owner-changed": f"{HEALTHY}; disturb 3 0 2 0; load A 0x10000; disturb 3 8 4 0; load A 0x10000; disturb 3 4 255 0",
    "a-parent-changed": f"{HEALTHY}; disturb 4 7 2 0; load A 0x10000; disturb 5 8 255 1; load A 0x10000; disturb 5 9 8 3",
    "an-entry-gone": f"{HEALTHY}; disturb 6 0 0 0; load A 0x10000; disturb 6 7 0 0; load A 0x10000; disturb 6 9 1 0",
    "an-entry-of-another": f"{HEALTHY}; disturb 7 0 0 2; load A 0x10000; disturb 7 9 1 10; load A 0x10000; disturb 8 9 0 2",
    "rights-changed": f"{HEALTHY}; disturb 9 9 0 11; load A 0x10000; disturb 9 9 1 1; load A 0x10000; disturb 10 9 0 1; load A 0x10000; disturb 10 9 0 2",
    "a-leaf-not-plain": f"{HEALTHY}; disturb 10 12 0 3; disturb 10 12 0 4; disturb 10 12 0 7; disturb 10 12 0 8",
    "who-writes-is-not-alone": "space A; map A 0x10000 1 rw; store A 0x10000 1; fork A B; load A 0x10000; disturb 10 64 0 1; exit B; disturb 10 64 0 1",
    "kernels-half-changed": f"{HEALTHY}; disturb 12 0 0 7; load A 0x10000; disturb 12 3 9 1; load A 0x10000; disturb 9 6 0 11; load A 0x10000; disturb 10 6 1 2",
    "free-table-not-empty": f"{HEALTHY}; disturb 8 11 0 2; disturb 13 11 255 63",
}
TOPICS = {"frame": FRAME, "table": TABLE, "space": SPACE, "cow": COW, "swap": SWAP, "compact": COMPACT, "replace": REPLACE, "smp": SMP, "fault": FAULT, "check": CHECK}


def makers():
    """For corpus/make-seeds: topic, and a function that yields names and bytes."""
    for topic, stories in TOPICS.items():
        yield topic, (lambda s=stories: ((name, story(text)) for name, text in s.items()),)
