# SPDX-License-Identifier: MIT
"""Seeds of the kernel's allocators: stories as bytes of harness/sequence_kmem.h."""

KINDS = "none boot alloc free kmalloc kfree vmalloc vfree user".split()
BYTES = [0, 1, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2000, 2047, 2048, 2049,
         4095, 4096, 4097, 8191, 8192, 8193, 16384, 16385, 65536, 65537]
PAGES = [1, 1, 1, 2, 2, 3, 4, 5, 7, 8, 12, 16, 17, 0, 510]
USER = "store load fork exit space map swapout kernel".split()


def operation(line):
    """free N, kfree N, vfree N: the N-th that is allocated; with =N: that node, granule or page.
    boot ORDER [K]: with the K-th number of kernel frames. user WORD A PAGE."""
    word, *rest = line.split()
    n, what = KINDS.index(word), 0
    if word == "user":
        return bytes([n, USER.index(rest[0]) | int(rest[1]) << 3 | int(rest[2]) << 5, 7, 0])
    if word in ("kmalloc", "vmalloc"):
        what = (BYTES if word == "kmalloc" else PAGES).index(int(rest[0]))
    elif rest[0][0] == "=":
        what = int(rest[0][1:], 0)
        return bytes([n, what & 255, 4, what >> 8])
    else:
        what = int(rest[0])
    return bytes([n, what, int(rest[1]) if word == "boot" and len(rest) > 1 else 0, 0])


def story(text):
    data = b"".join(operation(part.strip()) for part in text.split(";"))
    assert len(data) <= 40 * 4, text
    return data


BUDDY = {
    "split-and-join": "alloc 0; alloc 1; alloc 0; free 1; free 0; free 0",
    "all-singles": "alloc 0; alloc 0; alloc 0; alloc 0; alloc 0; alloc 0; alloc 0; alloc 0; alloc 0; free 7; free 0; free 2; free 2; free 0; free 1; free 0; free 0; alloc 3",
    "all-at-once": "alloc 3; alloc 0; free 0; alloc 3; free 0; alloc 2; alloc 3; alloc 2; alloc 0",
    "no-block-although-frames": "alloc 1; alloc 1; alloc 1; alloc 1; free 0; free 1; alloc 2; free 0; alloc 2; alloc 2",
    "free-twice": "alloc 0; alloc 0; free =8; free =8; free =4; free =0; free =1; free =16; free =9; free =1",
    "smallest-block": "alloc 0; alloc 1; alloc 2; free 1; free 0; alloc 0; free 1; alloc 1; alloc 0",
    "one-frame": "boot 0; alloc 0; alloc 0; free 0; alloc 0; free =1; free =1",
    "two-frames": "boot 1; alloc 0; alloc 0; alloc 0; free 0; alloc 1; free 0; alloc 1; free 0",
    "sixty-four": "boot 6; alloc 0; alloc 5; alloc 3; alloc 0; alloc 4; free 2; alloc 6; free 0; free 1; alloc 4; free 0; free 0; free 0; alloc 6",
    "begins-again-in-use": "alloc 0; alloc 1; boot 3; alloc 3; boot 3; alloc 0; boot 2; alloc 2; boot 3; alloc 0; free 0; alloc 3",
}
SLAB = {
    "classes": "kmalloc 1; kmalloc 64; kmalloc 65; kmalloc 129; kmalloc 257; boot 4; kmalloc 513; kmalloc 1025; kmalloc 2048; kmalloc 2049; kmalloc 64; kfree 0; kfree 0; kfree 0; kfree 0",
    "exact-sizes": "boot 4; kmalloc 128; kmalloc 256; kmalloc 512; kmalloc 1024; kmalloc 2048; kmalloc 4096; kmalloc 8192; kmalloc 4096; kmalloc 2048; kmalloc 2048",
    "page-full": "boot 1; kmalloc 2048; kmalloc 2048; kmalloc 2048; kmalloc 2048; kmalloc 2048; kfree 1; kmalloc 2047; kfree 0; kfree 0; kmalloc 1024; kfree 0; kfree 0; kfree 0; kmalloc 8192",
    "last-object-takes-the-page": "boot 0; kmalloc 1024; kmalloc 1024; kfree 0; kmalloc 64; kfree 0; kmalloc 64; kmalloc 4096; kfree 0; kmalloc 4096",
    "free-twice": "kmalloc 256; kmalloc 256; kfree =0; kfree =0; kfree =1; kfree =5; kfree =4; kfree =4; kfree =256; kmalloc 4096; kfree =0; kfree =0",
    "none-or-too-many": "kmalloc 0; kmalloc 16384; kmalloc 16385; kmalloc 1; kfree 0; kmalloc 65537",
    "inside-a-block": "boot 3; kmalloc 8193; kfree =64; kfree =128; kfree =1; kmalloc 16384; kfree =256; kmalloc 1; kfree =0; kmalloc 1",
    "inside-an-object": "kmalloc 512; kmalloc 512; kfree =1; kfree =7; kfree =9; kfree =8; kfree =0",
    "page-between-blocks": "boot 2; kmalloc 4096; kmalloc 64; kmalloc 4096; kmalloc 64; kfree 0; kmalloc 8192; kmalloc 4096; kmalloc 4096; kmalloc 64; kmalloc 128",
    "begins-again-in-use": "kmalloc 64; kmalloc 2048; kmalloc 4096; boot 2; kmalloc 64; kmalloc 16384; kfree 0; kmalloc 16384; boot 3; boot 2; kmalloc 64; kmalloc 128",
}
VMALLOC = {
    "areas": "vmalloc 1; vmalloc 3; vmalloc 2; vfree 1; vmalloc 2; vmalloc 1; vfree 0; vfree 0; vfree 0",
    "no-frames": "boot 4 1; vmalloc 12; vmalloc 5; vmalloc 4; vmalloc 1; vfree 1; vmalloc 3; vmalloc 2; vmalloc 1; vfree 0; vmalloc 12",
    "no-addresses": "vmalloc 5; vmalloc 5; vmalloc 4; vmalloc 3; vmalloc 2; vmalloc 1; vmalloc 1; vfree 0; vmalloc 7; vmalloc 5",
    "two-addresses": "boot 4 2; vmalloc 1; vmalloc 2; vmalloc 1; vfree 0; vmalloc 3; vmalloc 2; vfree 0; vmalloc 1",
    "none": "boot 4 3; vmalloc 1; vfree =511; vfree =512; boot 4 2; vmalloc 0; vmalloc 510; vmalloc 1",
    "frames-with-holes": "alloc 0; alloc 0; alloc 0; alloc 0; free 0; free 1; vmalloc 5; kmalloc 64; vmalloc 3; kmalloc 4096; kfree 0; vfree 0; vmalloc 7",
    "free-of-none": "vmalloc 3; vfree =492; vfree =493; vfree =490; vfree =491; vfree =491; vfree =0; vfree =489; vfree =511; vfree =512; vfree =65535",
    "users-see-nothing": "vmalloc 2; user store 0 0; user kernel 0 0; user load 1 1; user fork 0 0; user exit 0 0; vfree 0; user kernel 1 0; vmalloc 4; user space 0 0; user store 1 1",
    "too-few-frames": "boot 4 128; alloc 0; alloc 4; boot 3 129; alloc 3; boot 2 1; vmalloc 4; vmalloc 1",
    "begins-again-in-use": "vmalloc 5; kmalloc 64; boot 4; vmalloc 12; alloc 2; boot 4 1; vmalloc 16; vmalloc 1; vfree 0; alloc 4",
    "many-boots": "boot 0; vmalloc 1; vmalloc 1; boot 0 1; vmalloc 1; vfree 0; boot 5 1; vmalloc 17; vmalloc 16; boot 6 1; vmalloc 17; vmalloc 12",
}
TOPICS = {"buddy": BUDDY, "slab": SLAB, "vmalloc": VMALLOC}


def makers():
    """For corpus/make-seeds: topic, and a function that yields names and bytes."""
    for topic, stories in TOPICS.items():
        yield topic, (lambda s=stories: ((name, story(text)) for name, text in s.items()),)
