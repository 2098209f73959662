# SPDX-License-Identifier: MIT
"""Seeds of topics vma and syscall: harness/fuzz_vma.c and harness/linux/lx_decode.c have their forms."""
TOPICS = ("vma", "syscall")
ADD, CARVE, MODIFY, GAP = range(4)
RW, R = 3, 1


def vma(*ops, version=0):
    return bytes([version]) + b"".join(bytes(op) for op in ops)


def vma_seeds():
    three = ((ADD, 10, 1, RW, 0), (ADD, 14, 1, RW, 0), (ADD, 12, 1, RW, 0))
    yield "joins-both", vma(*three)
    yield "joins-left-of-two-anon", vma((ADD, 10, 1, RW, 1), (ADD, 14, 1, RW, 2), (ADD, 12, 1, RW, 0))
    yield "joins-right-before-6.12", vma((ADD, 10, 1, RW, 1), (ADD, 14, 1, RW, 2), (ADD, 12, 1, RW, 0), version=1)
    yield "split-and-back", vma((ADD, 10, 9, RW, 0), (MODIFY, 13, 1, R, 0), (MODIFY, 13, 1, RW, 0))
    yield "carve-the-middle", vma((ADD, 10, 9, RW, 0), (CARVE, 13, 2, 0, 0), (GAP, 0, 2, 0, 0), (GAP, 0, 3, 0, 0))
    yield "carve-over-three", vma((ADD, 10, 1, RW, 0), (ADD, 13, 1, R, 0), (ADD, 16, 3, RW, 0), (CARVE, 11, 6, 0, 0))
    yield "part-goes-left", vma((ADD, 10, 3, R, 0), (ADD, 14, 5, RW, 1), (MODIFY, 14, 1, R, 0))
    yield "part-goes-right", vma((ADD, 10, 3, R, 1), (ADD, 14, 5, RW, 1), (MODIFY, 12, 1, RW, 0))
    yield "forked-stays-apart", vma((ADD, 10, 1, RW, 0x41), (ADD, 12, 1, RW, 0))
    yield "full", vma(*[(ADD, 3 * i, 0, RW, 0) for i in range(18)], (MODIFY, 0, 0, R, 0), (ADD, 56, 7, RW, 0), (MODIFY, 58, 1, R, 0))


# What lx_decode makes of these bytes: kind, task, page, .., length, rights, flags, .., .., .., .., a fork or not.
STORE, LOAD, MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE = 0, 10, 20, 32, 35, 41, 46
FORK = 240


def op(kind, page=0, length=0, prot=0, flags=1, task=0, last=64, b7=1, b8=0, b9=0):
    return bytes([kind, task, page, 100, length, prot, flags, b7, b8, b9, 0, last])


def syscall_seeds():
    rw = op(MMAP, length=3)
    yield "store-load", rw + op(STORE) + op(LOAD)
    yield "fork-and-write", rw + op(STORE, length=5) + op(FORK, last=0) + op(STORE, length=9, task=1) + op(LOAD) + op(LOAD, task=1)
    yield "protect-the-middle", rw + op(MPROTECT, page=3, prot=5) + op(STORE, page=3)
    yield "unmap-the-middle", rw + op(MUNMAP, page=3) + op(LOAD, page=3)
    yield "move", rw + op(STORE) + op(MREMAP, length=1, flags=2, b8=13) + op(LOAD, page=13)
    yield "forget", rw + op(STORE) + op(MADVISE) + op(LOAD)
    yield "wipe-on-fork", rw + op(STORE) + op(MADVISE, prot=7) + op(FORK, last=0) + op(LOAD, task=1)
    yield "shared-after-fork", op(MMAP, length=1, flags=6) + op(FORK, last=0) + op(STORE, task=1, length=5) + op(LOAD)
