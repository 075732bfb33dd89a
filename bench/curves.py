"""Curves as SVG: a few lines of text, where a library would bring thirty megabytes."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 380, 60, 50, 20, 190
COLOURS = ("#1d4ed8", "#b45309", "#047857", "#9d174d", "#4b5563")


def draw(curves: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str) -> str:
    """Lines over a logarithmic `across` and a plain `up`; each carries its name at its end."""
    xs = [math.log10(x) for points in curves.values() for x, _ in points]
    most = max(y for points in curves.values() for _, y in points) or 1
    least, wide = min(xs), (max(xs) - min(xs)) or 1

    def place(x: float, y: float) -> tuple[float, float]:
        right = LEFT + (math.log10(x) - least) / wide * (WIDTH - LEFT - RIGHT)
        return round(right, 1), round(HEIGHT - BOTTOM - y / most * (HEIGHT - BOTTOM - TOP), 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        f' font-size="13" role="img"><title>{escape(up)} by {escape(across)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = place(10**least, most * share)[1]
        lines.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#d1d5db"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{most * share:.3g}</text>')
    for x in sorted({x for points in curves.values() for x, _ in points}):
        right = place(x, 0)[0]
        lines.append(f'<text x="{right}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x:,.0f}</text>')
    lines.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">{escape(across)}; {escape(up)}</text>')
    taken: list[float] = []
    for number, (name, points) in enumerate(curves.items()):
        colour, places = COLOURS[number % len(COLOURS)], [place(x, y) for x, y in points]
        lines.append(
            f'<polyline points="{" ".join(f"{x},{y}" for x, y in places)}" fill="none" stroke="{colour}"'
            ' stroke-width="2"/>'
        )
        lines += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places]
        right, y = places[-1]
        while any(abs(y - other) < 16 for other in taken):
            y -= 4  # names must not cover each other
        taken.append(y)
        lines.append(f'<text x="{right + 10}" y="{y + 4}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"
