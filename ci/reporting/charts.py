# SPDX-License-Identifier: MIT
"""Charts as SVG that takes the page's colours."""
from html import escape


def number(x):
    return f"{x:,.0f}" if abs(x) >= 100 else f"{x:,.1f}" if abs(x) >= 1 else f"{x:.3g}"


def bars(rows, unit="", log=False):
    """rows: (label, value, note). Drawn in HTML, so that labels wrap on a narrow screen."""
    import math
    top = max((v for _, v, _ in rows), default=1) or 1
    scale = (lambda v: math.log10(max(v, 1)) / max(math.log10(max(top, 10)), 1)) if log else (lambda v: v / top)
    out = []
    for label, value, note in rows:
        out.append(f'<div class="barrow"><span class="barlabel">{escape(str(label))}</span>'
                   f'<span class="bartrack"><span class="barfill" style="width:{max(100 * scale(value), 0.6):.1f}%"></span></span>'
                   f'<span class="barvalue">{number(value)} {escape(unit)}</span>'
                   + (f'<small class="barnote">{escape(note)}</small>' if note else "") + "</div>")
    return '<div class="bars">' + "".join(out) + "</div>"


def line(points, label, unit=""):
    """points: (name, value), oldest first."""
    if len(points) < 2:
        return ""
    w, h, pad = 640, 180, 14
    low, high = min(v for _, v in points), max(v for _, v in points)
    span = (high - low) or 1
    xy = [(pad + i * (w - 2 * pad) / (len(points) - 1), h - pad - (v - low) * (h - 2 * pad) / span) for i, (_, v) in enumerate(points)]
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(n)}: {number(v)} {escape(unit)}</title></circle>'
                   for (x, y), (n, v) in zip(xy, points))
    return (f'<figure><svg class="line" viewBox="0 0 {w} {h}" role="img" aria-label="{escape(label)}">'
            f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in xy)}"/>{dots}</svg>'
            f"<figcaption>{escape(label)}: {number(low)} to {number(high)} {escape(unit)}, {escape(points[0][0])} to {escape(points[-1][0])}</figcaption></figure>")
