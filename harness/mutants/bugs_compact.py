# SPDX-License-Identifier: MIT
"""Bugs planted in model/compact.c: name, what is planted, old text, new text."""
BUGS = [
    ("compact-first-window", "the first frames are made free, whatever that takes", "    if (have > best) {", "    if (have < best) {"),
    ("compact-last-window-never", "the last frames are never the best", "w < s->frames - n; ) {", "w + 1 < s->frames - n; ) {"),
    ("compact-window-end", "the frame that joins a window is one too early", "have += s->rc[w + n] == 0;", "have += s->rc[w + n - 1] == 0;"),
    ("compact-into-the-window", "a page goes to a frame that is to be free", "(w <= f && f < w + n)))", "(w < f && f < w + n)))"),
    ("compact-not-the-last", "the last of the frames is not made free", "for (uint32_t f = w; f < w + n; f++) {", "for (uint32_t f = w; f + 1 < w + n; f++) {"),
    ("compact-moves-not-counted", "moves are not told", "    r.moved++;", ""),
    ("compact-exactly-enough", "there must be a free frame more than asked for", "  if (free < n) return r;", "  if (free <= n) return r;"),
    ("compact-not-all", "all frames are more than there are", "if (n == 0 || n > s->frames) return r;", "if (n == 0 || n >= s->frames) return r;"),
    ("move-to-used", "a page goes to a frame in use", "to >= s->frames || s->rc[to] != 0) return", "to >= s->frames || to == o) return"),
    ("move-to-slot", "a page is moved to the first swap slot", "|| to >= s->frames ||", "|| to > s->frames ||"),
    ("move-from-slot", "a page in swap is moved to a frame", "if (o >= s->frames || to", "if (o == s->frames + s->slots || to"),
    ("move-of-no-space", "a space that does not exist has nothing mapped", "if (a >= s->spaces || s->level[a] != 4 ||", "if (a >= s->spaces ||"),
    ("fragments-last-run", "a run that reaches the last frame is not the longest", "    if (run > r.longest) r.longest = run;", "    if (run > r.longest && f + 1 < s->frames) r.longest = run;"),
    ("fragments-run-a-frame", "each free frame counts as a run", "    if (run == 0) r.runs++;", "    r.runs++;"),
    ("fragments-not-of-1000", "the index is 1000 unless all is one run", "(uint32_t)(1000 * (uint64_t)r.longest / r.free)", "(uint32_t)(1000 * ((uint64_t)r.longest / r.free))"),
]
