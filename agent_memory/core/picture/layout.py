"""Where everything stands in a picture: the index in the middle, the topics on rings around it.

Every topic has a ray of its own, so no circle and no label can cover another: a topic that the
index names stands on the inner ring, one that it leads to a ring further out beside it, and what
cannot be reached on the outermost ring, in a sector of its own at the right. Angles are in
radians, clockwise from the right, as the y axis of a picture points down. The same graph gives
the same numbers everywhere: all of them are rounded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_memory.core.graph import Graph, Node
from agent_memory.core.paths import INDEX
from agent_memory.core.picture import label, order

INDEX_RADIUS = 52.0
SMALLEST, LARGEST = 6.0, 34.0
FONT = 12.5
LABEL_ROOM = 215.0
MARGIN = 24.0
_BROKEN_RADIUS = 6.5
_FULL = 400  # lines of a circle with the radius below; the area goes with the lines
_FULL_RADIUS = 27.0
_FIRST_RING, _LARGE_RING, _RING_STEP = 165.0, 330.0, 92.0
_LABEL_HEIGHT = 17.0
_GAP = 9.0
_CROWD = 40  # nodes, from which on circles and labels get smaller
_RING_OF = 3  # nodes make a ring visible
_SECTOR_GAP = 0.16  # between what can be reached and what cannot
_WIDEST = 0.12  # what a place may have more than it needs, within a family or among orphans
_FEW = 16  # so many labels may stand upright


@dataclass(frozen=True, slots=True)
class Mark:
    """A node in its place; the label starts at `label_x`, `label_y`, turned by `turn` degrees."""

    node: Node
    x: float
    y: float
    radius: float
    text: str
    label_x: float
    label_y: float
    turn: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge: a cubic curve from circle to circle; `both` where a link leads back, too."""

    source: str
    target: str
    look: str
    points: tuple[float, ...]
    both: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything in its place; the index is at 0, 0, the box is x, y, width, height."""

    marks: tuple[Mark, ...]
    curves: tuple[Curve, ...]
    rings: tuple[float, ...]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Seat:
    angle: float
    distance: float


def layout(graph: Graph) -> Layout:
    """The places of a graph's nodes and edges."""
    parents, depths = order.tree(graph)
    sizes = _sizes(graph.nodes)
    families, orphans = order.in_order(graph, parents, depths)
    seats = _seats(families, orphans, sizes, depths)
    marks = _marks(graph.nodes, seats, sizes)
    distances = [seat.distance for path, seat in seats.items() if depths[path] in range(1, 99)]
    rings = sorted({ring for ring in distances if distances.count(ring) >= _RING_OF})
    curves = tuple(_curves(graph, marks, seats, parents))
    return Layout(marks, curves, tuple(rings), _box(marks, max(rings, default=0.0)))


def _sizes(nodes: Sequence[Node]) -> dict[str, float]:
    """How large each circle is: its area goes with the lines, within limits."""
    scale = max(0.4, min(1.0, (_CROWD / len(nodes)) ** 0.7))
    sizes = {INDEX: INDEX_RADIUS}
    for node in nodes[1:]:
        wanted = scale * _FULL_RADIUS * math.sqrt(node.lines / _FULL)
        fits = min(LARGEST * scale, max(SMALLEST, wanted))
        sizes[node.path] = _BROKEN_RADIUS if node.state == "broken" else fits
    return sizes


# -- where they stand -----------------------------------------------------------------------------


def _seats(
    families: Sequence[Sequence[str]],
    orphans: Sequence[str],
    sizes: Mapping[str, float],
    depths: Mapping[str, float],
) -> dict[str, _Seat]:
    """Everyone's angle and distance."""
    paths = [*(path for family in families for path in family), *orphans]
    gaps = 2 * _SECTOR_GAP if families and orphans else 0.0
    first = min(_LARGE_RING, _FIRST_RING + 5.0 * max(0, len(paths) - 8))

    def distance(path: str) -> float:
        return first + (depths[path] - 1) * _RING_STEP

    def wedge(path: str) -> float:
        return max(2 * sizes[path] + _GAP, _LABEL_HEIGHT) / distance(path)

    while sum(map(wedge, paths)) + gaps > math.tau:
        first += 5
    rooms = _rooms(families, orphans, {path: wedge(path) for path in paths}, gaps)
    angle = _start(families, orphans, rooms, gaps)
    seats = {INDEX: _Seat(0.0, 0.0)}
    for path in paths:
        before, room, after = rooms[path]
        if families and orphans and path == orphans[0]:
            before += gaps / 2
        seats[path] = _Seat(angle + before + room / 2, distance(path))
        angle += before + room + after
    return seats


def _rooms(
    families: Sequence[Sequence[str]],
    orphans: Sequence[str],
    wedges: Mapping[str, float],
    gaps: float,
) -> dict[str, tuple[float, float, float]]:
    """Each one's angle with what is free before and after it: families keep together."""
    spare = math.tau - gaps - sum(wedges.values())
    each = spare / max(1, len(wedges))
    tight = min(each, _WIDEST) if families else each
    between = spare - tight * (len(wedges) - len(families))
    free = between / max(1, len(families)) / 2
    rooms = {path: (tight / 2, wedges[path], tight / 2) for path in orphans}
    for family in families:
        for path in family:
            before = free if path == family[0] else tight / 2
            after = free if path == family[-1] else tight / 2
            rooms[path] = before, wedges[path], after
    return rooms


def _start(
    families: Sequence[Sequence[str]],
    orphans: Sequence[str],
    rooms: Mapping[str, tuple[float, float, float]],
    gaps: float,
) -> float:
    """The angle at which the first one's room begins."""
    if families and orphans:  # the orphans' sector lies around the right
        return (sum(sum(rooms[path]) for path in orphans) + gaps) / 2
    if not rooms:
        return 0.0
    half = sum(rooms[next(iter(rooms))]) / 2
    if len(rooms) < 3:
        return -half
    return -math.pi / 2 - (half if len(rooms) % 2 else 0.0)


def _at(angle: float, distance: float) -> tuple[float, float]:
    return distance * math.cos(angle), distance * math.sin(angle)


def _marks(
    nodes: Sequence[Node], seats: Mapping[str, _Seat], sizes: Mapping[str, float]
) -> tuple[Mark, ...]:
    """The nodes with their labels: upright where few stand around, else along the rays."""
    room = LABEL_ROOM if len(nodes) <= _CROWD else LABEL_ROOM * 0.8
    if len(nodes) <= _FEW + 1:
        marks = tuple(_upright(node, seats[node.path], sizes[node.path], room) for node in nodes)
        if _apart(marks):
            return marks
    return tuple(_along(node, seats[node.path], sizes[node.path], room) for node in nodes)


def _upright(node: Node, seat: _Seat, size: float, room: float) -> Mark:
    side = math.cos(seat.angle)
    if abs(side) < 0.2:
        away = 0.0, math.copysign(size + 14, math.sin(seat.angle))
        return _mark(node, seat, size, room, away, 0.0, "middle")
    away = _at(seat.angle, size + 8)
    return _mark(node, seat, size, room, away, 0.0, "start" if side > 0 else "end")


def _along(node: Node, seat: _Seat, size: float, room: float) -> Mark:
    right = math.cos(seat.angle) >= -1e-9
    turn = math.degrees(seat.angle if right else seat.angle + math.pi)
    away = _at(seat.angle, size + 7)
    turn = (turn + 180) % 360 - 180
    return _mark(node, seat, size, room, away, turn, "start" if right else "end")


def _mark(
    node: Node,
    seat: _Seat,
    size: float,
    room: float,
    away: tuple[float, float],
    turn: float,
    anchor: str,
) -> Mark:
    x, y = _at(seat.angle, seat.distance)
    if node.path == INDEX:
        away, turn, anchor = (0.0, 0.0), 0.0, "middle"
    text = label.fitted(node.title, FONT, room)
    places = (x, y, x + away[0], y + away[1], turn)
    x, y, label_x, label_y, turn = (round(value, 1) + 0.0 for value in places)
    return Mark(node, x, y, round(size, 1), text, label_x, label_y, turn, anchor)


def _apart(marks: Sequence[Mark]) -> bool:
    """Whether no upright label covers another one, or a circle."""
    boxes = [_label_box(mark) for mark in marks if mark.node.path != INDEX]
    for number, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[number + 1 :]:
            if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                return False
        for mark in marks:
            x, y = min(max(mark.x, left), right), min(max(mark.y, top), bottom)
            if math.hypot(mark.x - x, mark.y - y) < mark.radius + 1:
                return False
    return True


def _label_box(mark: Mark) -> tuple[float, float, float, float]:
    wide = label.width(mark.text, FONT)
    left = {"start": 0.0, "middle": wide / 2, "end": wide}[mark.anchor]
    x = mark.label_x - left
    return x, mark.label_y - _LABEL_HEIGHT / 2, x + wide, mark.label_y + _LABEL_HEIGHT / 2


def _box(marks: Sequence[Mark], ring: float) -> tuple[float, float, float, float]:
    corners = [(-ring, -ring), (ring, ring)]
    for mark in marks:
        corners += [(mark.x - mark.radius, mark.y - mark.radius)]
        corners += [(mark.x + mark.radius, mark.y + mark.radius)]
        wide = label.width(mark.text, FONT) * (-1 if mark.anchor == "end" else 1)
        if mark.turn:
            end_x, end_y = _at(math.radians(mark.turn), wide)
            corners += [(mark.label_x + end_x, mark.label_y + end_y)]
        elif mark.node.path != INDEX:
            left, top, right, bottom = _label_box(mark)
            corners += [(left, top), (right, bottom)]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    x, y = math.floor(left - MARGIN), math.floor(top - MARGIN)
    return x, y, math.ceil(right + MARGIN) - x, math.ceil(bottom + MARGIN) - y


# -- the lines between them -----------------------------------------------------------------------


def _curves(
    graph: Graph,
    marks: Sequence[Mark],
    seats: Mapping[str, _Seat],
    parents: Mapping[str, str],
) -> list[Curve]:
    placed = {mark.node.path: mark for mark in marks}
    pairs = {(edge.source, edge.target) for edge in graph.edges}
    curves: list[Curve] = []
    for edge in graph.edges:
        both = (edge.target, edge.source) in pairs
        if both and (INDEX not in (edge.source, edge.target)) and edge.source > edge.target:
            continue  # drawn with the other one
        if both and edge.target == INDEX:
            continue
        one, other = placed[edge.source], placed[edge.target]
        controls = _controls(edge.source, edge.target, seats, parents)
        points = _clipped(one, other, controls)
        curves.append(Curve(edge.source, edge.target, _look(edge.source, other.node), points, both))
    return curves


def _look(source: str, target: Node) -> str:
    if target.state == "broken":
        return "lost"
    if source == INDEX:
        return "cut" if target.state == "orphan" else "row"
    return "link"


def _controls(
    source: str, target: str, seats: Mapping[str, _Seat], parents: Mapping[str, str]
) -> tuple[tuple[float, float], tuple[float, float]]:
    one, other = seats[source], seats[target]
    if INDEX in (source, target):
        outer = other if source == INDEX else one
        bow = 0.10
        inner = _at(outer.angle - bow, outer.distance * 0.45)
        near = _at(outer.angle - bow / 2, outer.distance * 0.75)
        return (inner, near) if source == INDEX else (near, inner)
    if parents.get(target) == source or parents.get(source) == target:
        middle = (one.distance + other.distance) / 2
        aside = (other.angle - one.angle) * 0.45  # beside the parent's label, not over it
        return _at(one.angle + aside, middle), _at(other.angle, middle)
    turn = (other.angle - one.angle + math.pi) % math.tau - math.pi
    apart = abs(turn) / math.pi
    far = max(one.distance, other.distance)
    inwards = min((0.20 + 0.22 * apart) * far, 22.0 + 0.7 * far * abs(turn))
    bend = turn * (0.30 - 0.07 * apart)
    return (
        _at(one.angle + bend, one.distance - inwards),
        _at(other.angle - bend, other.distance - inwards),
    )


def _clipped(
    one: Mark, other: Mark, controls: tuple[tuple[float, float], tuple[float, float]]
) -> tuple[float, ...]:
    """The curve's points, with its ends taken back to the circles' edges."""
    ends = []
    for mark, towards, gap in ((one, controls[0], 2.0), (other, controls[1], 4.0)):
        dx, dy = towards[0] - mark.x, towards[1] - mark.y
        share = (mark.radius + gap) / (math.hypot(dx, dy) or 1.0)
        ends.append((mark.x + dx * share, mark.y + dy * share))
    numbers = (*ends[0], *controls[0], *controls[1], *ends[1])
    return tuple(round(number, 1) + 0.0 for number in numbers)
