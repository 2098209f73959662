# SPDX-License-Identifier: MIT
"""Seeds of topic footprint: ranges of linear addresses, as harness/fuzz_footprint.c reads them."""
NONE, BITS32, PAE, LEVEL4, LEVEL5 = range(5)
K, M, G = 1 << 12, 1 << 21, 1 << 30
TOUCH, APART = 0, 2           # where the next gap begins: at the last byte, after it


def span(gap=0, size=1, unit=K, odd=0, high=0, cross=0, next_to=APART):
    """gap: pages after the one before; size: of units of 4 KiB times a power of 512, up to 256."""
    shift = {1: 0, K: 0, M: 1, G: 2, 1 << 39: 3, 1 << 48: 4}[unit]
    pages = unit > 1
    scaled = next(u for u in range(66, 72) if u % 6 == shift) if pages else shift
    bits = 0 if gap == 0 else next(n for n in range(6) if gap * K >> 9 * n < 1 << 16 and gap * K % (1 << 9 * n) == 0)
    low = gap * K >> 9 * bits
    return bytes([low & 255, low >> 8, bits, size - 1, odd, high, scaled, 1 | next_to | cross << 2])


def ranges(mode, level, *spans):
    return bytes([mode, level, len(spans)]) + b"".join(spans)


def footprint_seeds():
    for name, mode in (("32bit", BITS32), ("pae", PAE), ("4level", LEVEL4), ("5level", LEVEL5)):
        yield f"empty-{name}", ranges(mode, 1)
        yield f"one-page-{name}", ranges(mode, 1, span(1))
        yield f"one-byte-{name}", ranges(mode, 1, span(1, unit=1, odd=16))
        yield f"large-pages-{name}", ranges(mode, 2, span(512, 5, M))
        yield f"two-page-tables-{name}", ranges(mode, 1, span(1023, 2))
        yield f"many-page-tables-{name}", ranges(mode, 1, span(512, 7, M))
        yield f"1g-pages-{name}", ranges(mode, 3, span(1 << 18, 2, G))
        yield f"neighbours-share-tables-{name}", ranges(mode, 1, span(1), span(1), span(2))
        yield f"touching-refused-{name}", ranges(mode, 1, span(1), span(0, next_to=TOUCH), span(0))
        yield f"one-byte-in-both-refused-{name}", ranges(mode, 1, span(1, next_to=TOUCH), span(0))
        yield f"level-4-refused-{name}", ranges(mode, 4, span(1))
    yield "over-1g-pae", ranges(PAE, 1, span(1 << 18 & 0xFF000, 2, G))
    yield "both-halves-4level", ranges(LEVEL4, 1, span(1), span(1, high=1))
    yield "both-halves-5level", ranges(LEVEL5, 1, span(1), span(1, high=1))
    yield "beyond-48-bits-5level", ranges(LEVEL5, 1, span(1), span(1 << 36))
    yield "across-the-hole-refused", ranges(LEVEL4, 1, span(0, 16, cross=1))
    yield "across-the-hole-refused-5level", ranges(LEVEL5, 1, span(0, 16, cross=1))
    yield "above-4g-refused", ranges(BITS32, 1, span(1 << 20))
    yield "no-paging-refused", ranges(NONE, 1, span(1))
