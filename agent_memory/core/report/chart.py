"""A number over days as a small picture: a line in steps over its area, with its axes named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from agent_memory.core.report.words import said

_WIDTH, _HEIGHT = 360, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 14, 26
Point = tuple[date, int]


def chart(points: Sequence[Point], name: str) -> Iterator[str]:
    """The `svg` element; `points` are in order of time, two at least."""
    top = _ceiling(max(value for _, value in points))
    first, last = points[0], points[-1]
    tells = f"{name}: {first[1]:,} on {first[0]}, {last[1]:,} on {last[0]}"
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    yield f'<svg class="chart" viewBox="{box}" role="img" aria-label="{said(tells)}">'
    for value in (0, top // 2, top):
        y = _y(value, top)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text x="{_LEFT - 7}" y="{y:g}" dy=".35em" text-anchor="end">{value:,}</text>'
    line = _steps(points, top)
    base, start, end = _y(0, top), _LEFT, _WIDTH - _RIGHT
    yield f'<path class="area" d="M{start} {base:g}L{line[1:]}L{end} {base:g}z"/>'
    yield f'<path class="line" d="{line}"/>'
    yield f'<circle class="now" cx="{end}" cy="{_y(last[1], top):g}" r="3.5"/>'
    yield f'<text x="{start}" y="{_HEIGHT - 6}">{first[0]}</text>'
    yield f'<text x="{end}" y="{_HEIGHT - 6}" text-anchor="end">{last[0]}</text>'
    yield "</svg>"


def _steps(points: Sequence[Point], top: int) -> str:
    """A path that keeps its height from one day to the next: nothing grew in between."""
    first, last = points[0][0], points[-1][0]
    span = max(1, (last - first).days)
    parts: list[str] = []
    for day, value in points:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * (day - first).days / span
        parts.append(f"H{x:.1f}V{_y(value, top):.1f}" if parts else f"M{x:g} {_y(value, top):.1f}")
    return "".join(parts)


def _y(value: int, top: int) -> float:
    return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top), 1)


def _ceiling(value: int) -> int:
    """The next even number of two leading digits: the axis ends on it, half of it stands too."""
    unit: int = 10 ** max(0, len(str(value)) - 2)
    return max(2, -(-value // (2 * unit)) * 2 * unit)
