# SPDX-License-Identifier: MIT
"""Seeds of topics vma and syscall: harness/fuzz_vma.c, harness/linux/lx_decode.c and harness/syscall_raw.c have their forms."""
import os
import re

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
    yield "child-unmaps", rw + op(STORE, length=5) + op(FORK, last=0) + op(MUNMAP, task=1, length=3) + op(LOAD)
    yield "wipe-on-fork", rw + op(STORE) + op(MADVISE, prot=7) + op(FORK, last=0) + op(LOAD, task=1)
    yield "shared-after-fork", op(MMAP, length=1, flags=6) + op(FORK, last=0) + op(STORE, task=1, length=5) + op(LOAD)

    yield from raw_seeds()


# Steps of harness/syscall_raw.c: settings, a call with such arguments, an access. Its tables say which byte means what.
W = 0x600000000000
RAW = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness", "syscall_raw.c")).read()


def table(name):
    """The entries of a table there."""
    return [x.strip() for x in re.search(r"\b%s\[\d*\] = \{(?: /\*.*?\*/)?(.*?)\};" % name, RAW, re.S).group(1).split(",") if x.strip()]


def number(text):
    """The value of an expression of C: of WINDOW, limits, and numbers, octal ones too."""
    text = re.sub(r"UINT64_C\((\d+)\)", r"\1", text).replace("UINT64_MAX", str(2**64 - 1)).replace("INT64_MAX", str(2**63 - 1)).replace("WINDOW", str(W))
    return eval(re.sub(r"\b0([0-7]+)\b", r"0o\1", text), {"__builtins__": {}})


CALLS = [name.replace("VMREF_SYS_", "").lower() for name in table("CALL")]
VALUES, RARE = [number(x) for x in table("VALUE")], [number(x) for x in table("RARE")]
MINUS = 2**64 - 1
SWAP, NO_ZERO, PKU, RAW_IO, FEW_FILES, FEW_MMS, APART = 1, 2, 4, 8, 16, 32, 64


def machine(kernel=6, lock=0, commit=0, stack=0, bits=0, room=0, places=0, other=0, boots=0, small=0):
    return bytes([0, 0xFE, kernel, lock, commit, stack, bits, room, places, other, boots, small])


def byte_of(v):
    return VALUES.index(v) if v in VALUES else 240 + RARE.index(v)


def call(name, *args, task=0):
    return bytes([CALLS.index(name), 0xFF, task, *(byte_of(v) for v in args), *[0] * (6 - len(args)), 0, 0, 0])


def touch(va, kind, task=0, byte=5):
    return bytes([0, 0xFD, task, byte_of(va), kind, byte, 0, 0, 0, 0, 0, 0])


def mapped(at=W, n=0x1000, prot=3, flags=0x32, fd=MINUS, task=0):
    return call("mmap", at, n, prot, flags, fd, 0, task=task)


def raw_seeds():
    m, one = machine(), mapped()
    put = touch(W, 1)
    yield "forked-does-not-join", (m + op(MMAP, page=3) + op(STORE, page=3) + op(FORK, last=0) + op(MMAP, prot=5, task=1) + op(MPROTECT, page=3, prot=5, task=1))
    yield "forked-does-not-join-what-is-new", (m + op(MMAP, page=3) + op(STORE, page=3) + op(MPROTECT, page=3, prot=5) + op(FORK, last=0)
                                               + op(MMAP, page=0, task=1) + op(MPROTECT, page=3, prot=0, task=1))
    for io in (0, RAW_IO):
        low = machine(bits=io, places=1)
        yield f"below-min-{io}", low + call("shmget", 0, 0x1000) + call("shmat", 2, W, 0) + one + mapped(W + 0x3000) + call("mremap", W + 0x3000, 0x1000, 0x1000, 3, W)
    out = call("madvise", W, 0x1000, 21)
    yield "page-out-twice", machine(bits=SWAP) + one + put + out + out + touch(W, 0)
    yield "page-out-shared-by-two", machine(bits=SWAP) + one + put + call("fork") + out
    yield "page-out-of-a-file", machine(bits=SWAP) + mapped(flags=0x31) + put + out
    seg = call("shmget", 0, 0x2000)
    for how in (0o40000, 0x2000, 0x1000, 0o100000, 0o140000, 0o120000):
        for at in (0, W, W + 0x2001):
            yield f"attach-{how:x}-{at % 4097:x}-{at & 1}", m + seg + call("shmat", 2, at, how) + call("shmat", 2, at, how) + call("shmdt", W)
    for k in (0, 1, 6):
        s = machine(kernel=k) + seg + call("shmat", 2, W, 0)
        yield f"segment-split-{k}", s + call("mprotect", W, 0x1000, 1) + call("mprotect", W + 0x1000, 0x1000, 1)
        yield f"segment-joined-{k}", s + call("mprotect", W, 0x1000, 1) + call("mprotect", W, 0x1000, 3)
        yield f"segment-middle-{k}", (machine(kernel=k) + call("shmget", 0, 0x3000) + call("shmat", 2, W, 0) + call("mprotect", W + 0x1000, 0x1000, 1)
                                      + call("mprotect", W + 0x1000, 0x1000, 3))
        yield f"stack-flag-{k}", machine(kernel=k) + call("mmap", 0, 0x1000, 3, 0x20022, MINUS, 0)
        yield f"large-{k}", machine(kernel=k, places=8) + call("mmap", 0, 0x200000, 3, 0x22, MINUS, 0) + call("mmap", 0, 0x3FFFFF, 3, 0x22, MINUS, 0)
    yield "segment-does-not-grow", m + seg + call("shmat", 2, W, 0) + call("mremap", W, 0x2000, 0x3000, 0) + call("mremap", W, 0x2000, 0x3000, 1)
    yield "segment-of-two-pieces", m + call("shmget", 0, 0x3000) + call("shmat", 2, W, 0) + call("munmap", W + 0x1000, 0x1000) + call("shmdt", W)
    yield "segment-with-another-within", (m + call("shmget", 0, 0x3000) + seg + call("shmat", 2, W, 0) + call("shmat", 3, W + 288 * 4096, 0) + call("munmap", W + 0x1000, 0x1000)
                                          + op(MREMAP, page=4, flags=2, b7=1, b8=3) + call("shmdt", W))
    yield "segment-and-more", m + call("shmget", 0, 0x1000) + call("shmat", 2, W, 0) + mapped(W + 0x3000) + call("shmdt", W)
    yield "advice-where-nothing-is", m + call("madvise", W, 0x1000, 4) + mapped(W + 0x3000) + call("madvise", W, 0x1000, 4) + call("madvise", W, 0x8000, 4)
    yield "advice-known", m + one + b"".join(call("madvise", W, 0x1000, a) for a in (100, 103, 99, 14, 15, 20, 25, 10, 18, 77))
    yield "does-not-lend", m + one + mapped(W + 0x3000) + touch(W + 0x3000, 1) + call("mremap", W + 0x3000, 0x1000, 0x1000, 3, W + 0x1000) + put
    for f in (0x40022, 0x40032, 0x40002, 0x44040022, 0x54040022, 0x78040022):
        yield f"huge-{f:x}", m + call("mmap", W, 0x200000, 3, f, MINUS, 0) + call("mmap", W + 0x1000, 0x200000, 3, f, 0, 0) + call("mmap", W, 0x1000, 3, f, 0, 0)
    yield "hint-too-low", m + call("mmap", 0x200000, 0x1000, 3, 0x22, MINUS, 0) + call("mmap", 0x1000, 0x1000, 3, 0x22, MINUS, 0)
    yield "not-a-descriptor", m + mapped(flags=0x31) + b"".join(call("ftruncate", fd, 0x1000) for fd in (3, 4, 5, 1, 2, 77)) + call("ftruncate", 0, 2**63 - 1)
    few = machine(commit=3)
    yield "not-granted", (few + mapped(n=0x2000) + call("mremap", W, 0x2000, 0x8000, 0) + mapped(W + 0x3000) + call("mremap", W, 0x2000, 0x8000, 1)
                          + call("mprotect", W, 0x2000, 3) + mapped(W + 0x4000, n=0x3000, prot=1) + call("mprotect", W + 0x4000, 0x3000, 3))
    for k in (0, 3):
        yield f"not-granted-{k}", machine(kernel=k, commit=3) + one + mapped(n=0x8000) + mapped(n=0x8000, flags=0x4032) + call("shmget", 0, 0x8000)
    lock = machine(lock=2)
    yield "locked-too-much", (lock + one + call("mlock", W, 0x1000) + call("mremap", W, 0x1000, 0x8000, 1) + call("mlockall", 2) + call("shmget", 0, 0x8000)
                              + call("shmat", 2, 0, 0) + call("mlockall", 1) + call("mlock", W, 0x8000) + call("mmap", 0, 0x8000, 3, 0x22, MINUS, 0))
    yield "locked-stack", lock + mapped(W + 0x3000, flags=0x132) + call("mlock", W + 0x3000, 0x1000) + touch(W + 0x2000, 1) + touch(W, 1)
    yield "locked-stack-2", lock + mapped(W + 0x3000, flags=0x132) + call("mlock", W + 0x3000, 0x1000) + touch(W, 1)
    yield "stack-limit", machine(stack=1) + mapped(W + 0x3000, flags=0x132) + touch(W, 1)
    yield "none-to-move", m + call("mremap", W, 0x1000, 0x2000, 1) + one + call("mremap", W + 0x3000, 0x1000, 0x2000, 1)
    yield "move-to-the-top", m + mapped(n=0x8000) + call("mremap", W, 0x8000, 0x8000, 3, (1 << 47) - 8192) + call("mremap", W, 0x8000, 1 << 47, 3, W + 0x200000)
    yield "unmap-a-table", m + call("mmap", W, 0x200000, 3, 0x32, MINUS, 0) + put + call("munmap", W, 0x200000)
    yield "low-stack", machine(bits=RAW_IO) + mapped(0x8000, flags=0x132) + mapped(0x10000, flags=0x132) + call("mmap", 0, 0x1000, 3, 0x22, MINUS, 0) + touch(0x8000, 1)
    yield "ranges-that-wrap", m + one + b"".join(call(n, W, v, 4) for n in ("mincore", "msync", "mprotect", "madvise", "munlock", "mlock") for v in (2**64 - 4096, 2**64 - 1, 1 << 47))
    yield "files-grow-nowhere", m + b"".join(call("mmap", W, 0x1000, 3, f, 0, o) for f in (0x112, 0x102, 0x101, 0x12) for o in (0, 2**64 - 4096, 2**63 - 4096, 2**63 - 0x3000))
    yield "file-at-its-last-page", m + call("mmap", W, 0x1000, 1, 0x12, 0, 2**63 - 0x3000) + touch(W, 0) + call("mremap", W, 0x1000, 0x8000, 1)
    for b in (0, PKU):
        yield f"to-execute-alone-{b}", machine(bits=b) + mapped(prot=4) + b"".join(touch(W, k) for k in range(6))
    yield "all-kinds-of-access", m + one + b"".join(touch(W, k) for k in range(6)) + mapped(prot=1) + b"".join(touch(W, k, task=t) for k in range(6) for t in (0, 4))
    yield "no-zero-page", machine(bits=NO_ZERO) + one + touch(W, 0)
    three = mapped(W + 0x1000, n=0x3000)
    yield "left-apart", (machine(bits=APART) + one + call("mremap", W, 0x1000, 0x1000, 7, W + 0x1000) + mapped(W + 0x4000) + call("mremap", W + 0x4000, 0x1000, 0x1000, 7, W + 0x3000)
                         + put + call("mremap", W, 0x1000, 0x1000, 7, W + 0x200000))
    yield "left-apart-locked", (machine(bits=APART) + three + call("mlock", W + 0x1000, 0x3000) + call("mremap", W + 0x2000, 0x1000, 0x1000, 7, W + 0x200000)
                                + mapped(W + 0x7000, n=0x2000) + call("mlock", W + 0x7000, 0x2000) + call("mremap", W + 0x7000, 0x1000, 0x1000, 7, W + 0x4000))
    yield "left-apart-faulted", machine(bits=APART) + one + put + call("mremap", W, 0x1000, 0x1000, 7, W + 0x1000)
    yield "left-apart-file", machine(bits=APART) + call("mmap", W, 0x1000, 3, 0x12, 0, 0) + put + call("mremap", W, 0x1000, 0x1000, 7, W + 0x1000)
    # overcommit mode 2, with a limit of 3, 6 and 20 pages
    two, six, many = machine(commit=252), machine(commit=244), machine(commit=248)
    yield "promised", (two + mapped(n=0x3000) + mapped(n=0x2000) + mapped(W + 0x3000) + mapped(W + 0x3000, flags=0x4032) + mapped(n=0x2000) + call("mremap", W, 0x2000, 0x8000, 0)
                       + call("mremap", W, 0x2000, 0x8000, 1) + call("fork") + mapped(W + 0x4000, prot=1) + call("mprotect", W + 0x4000, 0x1000, 3) + call("shmget", 0, 0x8000))
    yield "promised-6.1", machine(kernel=0, commit=252) + mapped(n=0x8000) + mapped(n=0x2000) + mapped(n=0x2000)
    yield "promised-shared", (six + call("shmget", 0, 0x2000) + mapped(W + 0x3000, flags=0x31) + mapped(W + 0x4000, n=0x4000) + mapped(W + 0x4000) + call("shmat", 2, W, 0)
                              + call("shmctl", 2, 0) + mapped(W + 0x7000) + call("shmdt", W) + mapped(W + 0x7000) + call("memfd") + mapped(W + 0x2000, prot=1))
    yield "promised-to-children", (many + mapped(n=0x3000) + call("fork") + mapped(W + 0x7000, n=0x4000, task=1) + call("madvise", W, 0x3000, 10) + call("fork") + call("exit", task=1)
                                   + mapped(W + 0x7000, n=0x8000) + call("fork") + call("fork"))
    yield "promised-stack", many + mapped(W + 0x200000, flags=0x132) + touch(W + 288 * 4096, 1) + call("brk", W + 0x3000) + call("brk", W + 288 * 4096)
    for r in (1, 2, 3):
        yield f"few-areas-{r}", machine(room=r) + b"".join(op(MMAP, page=6 * i) for i in range(4)) + op(MMAP, page=1) + op(MMAP, page=7) + op(MPROTECT, page=0, length=7, prot=5) + op(MREMAP, length=1, flags=2, b8=13)
    yield "child-with-less-room", machine(room=4, other=1) + b"".join(op(MMAP, page=6 * i) for i in range(4)) + call("fork")
    yield "room-of-the-first", machine(room=0, other=1) + b"".join(op(MMAP, page=6 * i) for i in range(4)) + call("fork") + call("execve", task=0)
    yield "several-at-once", m + one + mapped(W + 0x3000) + call("mremap", W, 0x8000, 0x8000, 3, W + 288 * 4096) + call("mremap", W, 0x8000, 0x4000, 3, W + 0x200000)
    yield "tasks", m + call("clone", 0x100) + call("execve", task=1) + b"".join(call("fork") for _ in range(4)) + call("execve") + call("exit", task=3) + call("vfork") + call("exit", task=3)
    yield "tasks-share", m + one + call("clone", 0x100) + call("clone", 0x4100) + call("execve", task=1) + call("exit", task=4)
    yield "no-task-left", m + call("fork") * 3 + call("clone", 0x100)
    yield "execve-of-a-sharer", m + one + call("clone", 0x100) + call("execve") + put
    yield "no-space-for-execve", machine(bits=FEW_MMS) + call("fork") * 2 + call("clone", 0x100) + call("execve", task=3)
    yield "full-execve", machine(small=1) + call("clone", 0x100) + one + b"".join(mapped(a) + touch(a, 1) for a in (W, W + 0x200000, 0x10000, 0x200000)) + call("execve")
    yield "advice-in-a-gap", m + mapped(W + 0x1000) + call("madvise", W, 0x3000, 4) + mapped(W + 0x3000) + call("madvise", W, 0x4000, 4)
    yield "lengths-that-wrap", m + call("munlock", W + 0x2001, MINUS) + call("mlock", W + 0x2001, MINUS) + call("mincore", W, 2**63 - 4096) + call("mincore", 1 << 47, 0x1000)
    yield "segment-from-page-3", m + seg + call("shmat", 2, W, 0) + call("mprotect", W + 0x1000, 0x1000, 1) + call("mprotect", W, 0x1000, 1) + call("mprotect", W, 0x2000, 3)
    yield "move-far", m + one + call("mremap", W, 0x1000, 0x1000, 3, (1 << 47) - 4096) + call("mremap", (1 << 47) - 4096, 0x1000, 0x2000, 0) + call("mremap", (1 << 47) - 4096, 0x1000, 0x2000, 1)
    yield "attach-far", m + seg + call("shmat", 2, (1 << 47) - 4096, 0) + call("shmat", 2, 1 << 47, 0) + call("shmat", 2, 2**64 - 4096, 0)
    two = m + one + call("shmget", 0, 0x2000)
    yield "several-with-a-segment", two + call("shmat", 2, W + 0x3000, 0) + call("mremap", W, 0x8000, 0x8000, 3, W + 288 * 4096)
    yield "a-segment-and-more", m + call("shmget", 0, 0x2000) + call("shmat", 2, W, 0) + mapped(W + 0x3000) + call("mremap", W, 0x8000, 0x8000, 3, W + 288 * 4096)
    yield "segment-of-no-size", m + call("shmget", 0, MINUS) + call("shmget", 0, 2**64 - 4096)
    yield "segment-too-long", machine(commit=1) + call("shmget", 0, 2**63 - 1) + call("shmget", 0, 1 << 47) + b"".join(call("shmat", i, W, 0) for i in (2, 3))
    yield "kept-of-two-lengths", m + one + call("mremap", W, 0x1000, 0x2000, 5) + call("mremap", W, 0x1000, 0x1000, 5)
    yield "shared-without-reserve", machine(commit=3) + mapped(n=0x8000, flags=0x31) + call("mmap", 0, 0x8000, 3, 0x4032, MINUS, 0)
    yield "fewer-spaces", machine(bits=FEW_MMS) + b"".join(call("fork") for _ in range(3)) + call("clone", 0x100) + call("execve", task=3) + call("execve")
    yield "anon-used-up", machine(other=254) + one + put + mapped(W + 0x3000) + touch(W + 0x3000, 1) + call("fork")
    yield "anon-at-the-end", machine(other=255) + one + put + call("fork")
    yield "boots-not", machine(boots=1)
    yield "few-files", machine(bits=FEW_FILES) + b"".join(call("mmap", 0, 0x1000, 3, 0x21, MINUS, 0) for _ in range(3)) + call("memfd") + seg + call("shmat", 2, 0, 0) + call("open", 0)
    yield "heap", m + b"".join(call("brk", v) for v in (W + 0x1000, W + 0x3000, W + 0x1000, 1 << 47, (1 << 47) - 4096, (1 << 47) - 0x200000, W + 0x2001))
    yield "grows-up", m + one + b"".join(call("mprotect", W, 0x1000, p) for p in (0x02000003, 0x01000003, 0x03000003))
    yield "sizes-of-segments", machine(commit=3) + b"".join(call("shmget", k, v) for k in (0, 1) for v in (0, 0x8000, 0x1000)) + call("shmctl", 2, 3) + call("shmctl", 77, 0)
    # a machine that is soon full
    full = machine(small=1)
    yield "full-fixup-3", full + mapped(n=0x8000, prot=0) + call("mlock", W, 0x8000) + call("mprotect", W, 0x8000, 3)
    far = (W + 0x200000, 0x10000, 0x200000, (1 << 47) - 0x200000, 1 << 40, W + 288 * 4096)
    for n in range(6):
        fill = full + call("clone", 0x100) + mapped() + touch(W, 0) + b"".join(mapped(a) + touch(a, 0) for a in far[:n])
        yield f"full-after-{n}-execve", fill + call("execve", task=1)
        yield f"full-after-{n}-memfd", fill + call("memfd") + call("memfd")
        yield f"full-after-{n}-move", fill + call("mremap", W, 0x1000, 0x1000, 3, far[n]) + call("mremap", W, 0x1000, 0x1000, 3, (1 << 47) - 4096)
        yield f"full-after-{n}-moves", fill + mapped(W + 0x1000) + touch(W + 0x1000, 0) + call("mremap", W, 0x2000, 0x2000, 7, far[n]) + call("fork")
    yield "full-pages", full + mapped(n=0x8000) + b"".join(op(STORE, page=3 * i) for i in range(8))
    yield "full-fork", full + mapped(n=0x8000) + b"".join(op(STORE, page=3 * i) for i in range(5)) + call("fork") + b"".join(op(STORE, page=3 * i, task=1) for i in range(8))
    yield "full-populate", full + call("mlockall", 2) + mapped(n=0x8000)
    yield "full-locked", full + mapped(n=0x8000) + call("mlockall", 1)
    yield "full-segment", full + call("mlockall", 2) + call("shmget", 0, 0x8000) + call("shmat", 2, W, 0)
    yield "full-heap", full + call("mlockall", 2) + call("brk", W + 0x7000)
    yield "full-fixup", full + mapped(n=0x8000, prot=1) + call("mlock", W, 0x8000) + call("mprotect", W, 0x8000, 3)
    yield "full-fixup-2", full + mapped(n=0x8000, prot=1) + call("mlockall", 4) + call("mlock2", W, 0x8000, 1) + call("mprotect", W, 0x8000, 3)
    yield "full-move", full + mapped(n=0x4000) + b"".join(op(STORE, page=3 * i) for i in range(4)) + call("mremap", W, 0x4000, 0x4000, 3, W + 0x200000) + call("mremap", W + 0x200000, 0x4000, 0x4000, 3, 0x200000)
    yield "full-grow-locked", full + one + call("mlock", W, 0x1000) + call("mremap", W, 0x1000, 0x8000, 1)
    yield "full-file", full + call("mmap", W, 0x4000, 3, 0x11, 0, 0) + call("mmap", W + 0x4000, 0x2000, 3, 0x11, 1, 0) + b"".join(op(STORE, page=3 * i) for i in range(6)) + call("mmap", W + 288 * 4096, 0x4000, 3, 0x12, 0, 0) + op(STORE, page=1)
    yield "full-spaces", full + b"".join(call("memfd") + call("shmget", 0, 0x1000) for _ in range(3)) + call("mmap", 0, 0x1000, 3, 0x21, MINUS, 0)
    for far in (0x10000, (1 << 47) - 0x200000, 0x200000):
        yield f"full-tables-{far:x}", full + b"".join(mapped(a) + touch(a, 1) for a in (W, W + 0x200000, 0x10000, 0x200000, (1 << 47) - 0x200000, 1 << 40)) + call("mremap", W, 0x1000, 0x1000, 3, far) + call("fork") + call("fork") + call("execve")
