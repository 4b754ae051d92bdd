"""A graph as SVG: one file without any reference, for light and dark backgrounds.

A state is never told by colour alone: what is fine is a full circle, what is over its limit has a
second ring, an orphan is hollow and dashed, a missing target small and dotted with a cross. The
colours are of Okabe and Ito's palette, "Color Universal Design" (2008), lightened for the dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from agent_memory.core.graph import STATES, Graph, State
from agent_memory.core.paths import INDEX
from agent_memory.core.picture import label
from agent_memory.core.picture.layout import FONT, Curve, Layout, Mark, layout

LIGHT = (
    "--paper:#fbfaf7;--ink:#1d252c;--quiet:#626d77;--line:#aab3bb;--guide:#e6e4dd;--disc:#ffffff;"
    "--fine:#0072b2;--over:#d08700;--orphan:#a6478f;--broken:#cf4f00"
)
DARK = (
    "--paper:#12171c;--ink:#e8edf1;--quiet:#97a3ae;--line:#5a6672;--guide:#232b33;--disc:#1a2128;"
    "--fine:#56b4e9;--over:#e9b03a;--orphan:#e08cc4;--broken:#ff8a4c"
)
STYLE = """
.drawing text{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",sans-serif;
fill:var(--ink)}
.drawing .label{font-size:12.5px;paint-order:stroke;stroke:var(--paper);stroke-width:3px;
stroke-linejoin:round}
.drawing .quiet{fill:var(--quiet);font-size:11px}
.drawing .ring{fill:none;stroke:var(--guide);stroke-width:1}
.drawing .fine{--state:var(--fine)}.drawing .over{--state:var(--over)}
.drawing .orphan{--state:var(--orphan)}.drawing .broken{--state:var(--broken)}
.drawing .disc{fill:var(--state);fill-opacity:.82;stroke:var(--state);stroke-width:1.5}
.drawing .halo{fill:none;stroke:var(--state);stroke-width:2}
.drawing .orphan .disc{fill:var(--paper);fill-opacity:1;stroke-width:2;stroke-dasharray:5 3}
.drawing .broken .disc{fill:var(--paper);fill-opacity:1;stroke-dasharray:2 2}
.drawing .cross{stroke:var(--state);stroke-width:1.5;stroke-linecap:round}
.drawing .broken .label{fill:var(--broken)}
.drawing .index .disc{fill:var(--disc);fill-opacity:1;stroke:var(--guide);stroke-width:7;
stroke-dasharray:none}
.drawing .index .label{font-weight:600;stroke:none;fill:var(--ink)}
.drawing .gauge{fill:none;stroke:var(--state);stroke-width:7;stroke-linecap:round}
.drawing .edge{fill:none;stroke:var(--line);stroke-width:1.2}
.drawing .row{stroke-opacity:.55}
.drawing .link{stroke:var(--fine);stroke-opacity:.5;stroke-width:1.3}
.drawing .cut{stroke:var(--orphan);stroke-opacity:.7;stroke-dasharray:6 4}
.drawing .lost{stroke:var(--broken);stroke-opacity:.85;stroke-dasharray:3 3}
.drawing .head-row{fill:var(--line)}.drawing .head-link{fill:var(--fine);fill-opacity:.8}
.drawing .head-cut{fill:var(--orphan)}.drawing .head-lost{fill:var(--broken)}
.drawing .name{font-size:18px;font-weight:650}
"""
LOOKS = ("row", "link", "cut", "lost")
_LEGEND: dict[State, str] = {
    "fine": "fine",
    "over": "over its limit",
    "orphan": "orphan",
    "broken": "missing",
}
_HEAD, _FOOT, _SIDE = 58, 54, 28
_NARROWEST = 640.0


def svg(graph: Graph, name: str) -> str:
    """The picture with a heading and a legend, as a file of its own."""
    placed = layout(graph)
    x, y, width, height = placed.box
    if width < _NARROWEST:
        x, width = -_NARROWEST / 2 + (x + width / 2), _NARROWEST
    x, y, width, height = x - _SIDE, y - _HEAD, width + 2 * _SIDE, height + _HEAD + _FOOT
    style = (
        f".drawing{{{LIGHT}}}@media(prefers-color-scheme:dark){{.drawing{{{DARK}}}}}"
        f".paper{{fill:var(--paper)}}{STYLE}"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="{x:g} {y:g} {width:g}'
        f' {height:g}" width="{width:g}" height="{height:g}" role="img"'
        f' aria-label="{label.xml(f"{name}: {summary(graph)}")}">',
        f"<title>{label.xml(name)}</title>",
        f"<style>{style.strip()}</style>",
        f'<rect class="paper" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="14"/>',
        f'<text class="name" x="{x + _SIDE:g}" y="{y + 38:g}">'
        f"{label.xml(label.fitted(name, 18, width - 2 * _SIDE))}</text>",
        f'<text class="quiet" x="{x + _SIDE:g}" y="{y + 57:g}">{label.xml(summary(graph))}</text>',
        *drawing(graph, placed),
        *_legend(graph, x + _SIDE, y + height - 28),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def summary(graph: Graph) -> str:
    """What there is, in a line."""
    topics = sum(node.path != INDEX and node.state != "broken" for node in graph.nodes)
    links, lost = len(graph.links), sum(node.state == "broken" for node in graph.nodes[1:])
    orphans = sum(node.state == "orphan" for node in graph.nodes)
    parts = [_count(topics, "topic"), _count(links, "link")]
    parts += [_count(orphans, "orphan")] if orphans else []
    parts += [_count(lost, "missing target")] if lost else []
    return " · ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def drawing(graph: Graph, placed: Layout) -> Iterator[str]:
    """The elements inside the `svg` element: arrowheads, rings, edges and nodes.

    Nodes and edges name their place in `graph.nodes` in `data-` attributes.
    """
    yield "<defs>"
    for look in LOOKS:
        yield (
            f'<marker id="head-{look}" class="head-{look}" viewBox="0 0 8 8" refX="6.5" refY="4"'
            ' markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse"'
            ' orient="auto-start-reverse"><path d="M0 .8 8 4 0 7.2 1.6 4z"/></marker>'
        )
    yield "</defs>"
    for ring in placed.rings:
        yield f'<circle class="ring" r="{ring:.1f}"/>'
    numbers = {node.path: number for number, node in enumerate(graph.nodes)}
    for curve in sorted(placed.curves, key=lambda curve: LOOKS.index(curve.look)):
        yield _edge(curve, numbers)
    for mark in reversed(placed.marks):  # the index last, on top of all
        yield from _node(mark, numbers[mark.node.path])


def _edge(curve: Curve, numbers: dict[str, int]) -> str:
    a, b, c, d, e, f, g, h = curve.points
    start = f' marker-start="url(#head-{curve.look})"' if curve.both else ""
    return (
        f'<path class="edge {curve.look}" data-from="{numbers[curve.source]}"'
        f' data-to="{numbers[curve.target]}" d="M{a:g} {b:g}C{c:g} {d:g} {e:g} {f:g} {g:g} {h:g}"'
        f'{start} marker-end="url(#head-{curve.look})"/>'
    )


def _node(mark: Mark, number: int) -> Iterator[str]:
    node = mark.node
    kind = "node index" if node.path == INDEX else "node"
    yield f'<g class="{kind} {node.state}" data-node="{number}">'
    yield f"<title>{label.xml(described(mark))}</title>"
    yield f'<circle class="disc" cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.radius:g}"/>'
    if node.path == INDEX:
        yield from _index(mark)
    else:
        yield from _signs(mark)
        turn = f' transform="rotate({mark.turn:g} {mark.label_x:g} {mark.label_y:g})"'
        yield (
            f'<text class="label" x="{mark.label_x:g}" y="{mark.label_y:g}" dy=".35em"'
            f' text-anchor="{mark.anchor}"{turn if mark.turn else ""}>{label.xml(mark.text)}</text>'
        )
    yield "</g>"


def described(mark: Mark) -> str:
    """All about a node, in a line."""
    node = mark.node
    if node.state == "broken" and node.path != INDEX:
        return f"{node.path}: {STATES['broken']}"
    size = f"{_count(node.lines, 'line')}, {_count(node.bytes, 'byte')}"
    return f"{node.title} ({node.path}, {size}): {STATES[node.state]}"


def _signs(mark: Mark) -> Iterator[str]:
    """What tells a state without its colour."""
    x, y, r = mark.x, mark.y, mark.radius
    if mark.node.state == "over":
        yield f'<circle class="halo" cx="{x:g}" cy="{y:g}" r="{r + 4:g}"/>'
    if mark.node.state == "broken":
        d = round(r * 0.45, 1)
        yield (
            f'<path class="cross" d="M{x - d:.1f} {y - d:.1f}L{x + d:.1f} {y + d:.1f}'
            f'M{x - d:.1f} {y + d:.1f}L{x + d:.1f} {y - d:.1f}"/>'
        )


def _index(mark: Mark) -> Iterator[str]:
    """The name of the index, and a gauge around it: how much of its lines is used."""
    share = min(1.0, mark.node.lines / max(1, mark.node.limit))
    turn = math.tau * share
    x, y, r = math.sin(turn) * mark.radius, -math.cos(turn) * mark.radius, mark.radius
    if share == 1.0:
        yield f'<circle class="gauge" r="{r:g}"/>'
    elif share > 0:
        large = int(turn > math.pi)
        yield f'<path class="gauge" d="M0 {-r:g}A{r:g} {r:g} 0 {large} 1 {x:.1f} {y:.1f}"/>'
    yield '<text class="label" y="-3" text-anchor="middle">MEMORY.md</text>'
    lines = f"{mark.node.lines:,} of {mark.node.limit:,} lines"
    yield f'<text class="quiet" y="14" text-anchor="middle">{lines}</text>'


def _legend(graph: Graph, x: float, y: float) -> Iterator[str]:
    """A sample of each state with how many there are."""
    counts = graph.counts()
    for state, name in _LEGEND.items():
        text = f"{name} {counts[state]:,}"
        yield f'<g class="{state}">{sample(state, x + 9, y)}'
        yield f'<text class="label" x="{x + 24:g}" y="{y:g}" dy=".35em">{text}</text></g>'
        x += 24 + label.width(text, FONT) + 26
    yield f'<text class="quiet" x="{x:g}" y="{y:g}" dy=".35em">area = lines</text>'


def sample(state: State, x: float, y: float) -> str:
    """A circle that looks as a node in this state does."""
    small = {"fine": 7.0, "over": 5.0, "orphan": 7.0, "broken": 6.0}[state]
    circle = f'<circle class="disc" cx="{x:g}" cy="{y:g}" r="{small:g}"/>'
    if state == "over":
        circle += f'<circle class="halo" cx="{x:g}" cy="{y:g}" r="{small + 3.5:g}"/>'
    if state == "broken":
        d = 2.7
        circle += (
            f'<path class="cross" d="M{x - d:.1f} {y - d:.1f}L{x + d:.1f} {y + d:.1f}'
            f'M{x - d:.1f} {y + d:.1f}L{x + d:.1f} {y - d:.1f}"/>'
        )
    return circle
