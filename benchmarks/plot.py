"""A plot of time against size as SVG: both axes logarithmic, one line per contender. Pure.

In: points by name. Out: the text of an SVG file that is readable on light and dark pages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 20, 48
COLOURS = ("#0b6fa4", "#c2410c", "#15803d", "#7c3aed", "#b91c1c", "#525252")


def plot(lines: Mapping[str, Points], x_label: str, y_label: str) -> str:
    """Lines without points are left out. ValueError if there is no point, or one that is not positive."""
    lines = {name: sorted(points) for name, points in lines.items() if points}
    points = [point for line in lines.values() for point in line]
    if not points or any(value <= 0 for point in points for value in point):
        raise ValueError("a logarithmic plot needs points, and positive ones")
    x_ticks, y_ticks = (_ticks([point[axis] for point in points]) for axis in (0, 1))
    x = _scale(x_ticks, LEFT, WIDTH - RIGHT)
    y = _scale(y_ticks, HEIGHT - BOTTOM, TOP)
    parts = [
        *(_line(x(tick), y(y_ticks[0]), x(tick), y(y_ticks[-1])) for tick in x_ticks),
        *(_line(x(x_ticks[0]), y(tick), x(x_ticks[-1]), y(tick)) for tick in y_ticks),
        *(_text(x(tick), HEIGHT - BOTTOM + 18, f"{tick:,g}", "middle") for tick in x_ticks),
        *(_text(LEFT - 8, y(tick) + 4, f"{tick:,g}", "end") for tick in y_ticks),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label, "middle"),
        _text(8, TOP - 6, y_label, "start"),
    ]
    last = float(HEIGHT)
    for number, name in enumerate(sorted(lines, key=lambda name: lines[name][-1][1])):
        colour, line = COLOURS[number % len(COLOURS)], lines[name]
        corners = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line)
        parts.append(
            f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in line
        ]
        # From below upwards, and none on another.
        last = min(y(line[-1][1]) + 4, last - 15)
        parts.append(_text(x(line[-1][0]) + 10, last, name, "start", colour))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _ticks(values: Sequence[float]) -> list[float]:
    """1, 2 and 5 of every power of ten, around the values."""
    steps = [
        digit * 10.0**power
        for power in range(
            math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1
        )
        for digit in (1, 2, 5)
    ]
    first = max(step for step in steps if step <= min(values))
    last = min(step for step in steps if step >= max(values) and step > first)
    return [step for step in steps if first <= step <= last]


def _scale(ticks: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])
    return lambda value: start + (math.log10(value) - low) / (high - low) * (end - start)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
