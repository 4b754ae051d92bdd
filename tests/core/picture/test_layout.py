"""Where everything stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, pairwise

from agent_memory.core.graph import Graph
from agent_memory.core.paths import INDEX
from agent_memory.core.picture.layout import LARGEST, SMALLEST, Layout, Mark, layout

Drawn = Callable[[dict[str, str]], Graph]


def marks(placed: Layout) -> dict[str, Mark]:
    return {mark.node.path: mark for mark in placed.marks}


def away(mark: Mark) -> float:
    return math.hypot(mark.x, mark.y)


def test_the_index_is_in_the_middle_and_farther_links_are_further_out(states: Graph) -> None:
    seen = marks(layout(states))
    assert (seen[INDEX].x, seen[INDEX].y) == (0, 0)
    assert 0 < away(seen["a.md"]) < away(seen["b.md"])
    assert away(seen["a.md"]) < away(seen["lost.md"])


def test_orphans_stand_at_the_right(states: Graph) -> None:
    assert marks(layout(states))["lost.md"].x > 0
    assert abs(marks(layout(states))["lost.md"].y) < 1


def test_no_circle_covers_another_one(many: Graph, states: Graph) -> None:
    for found in (many, states):
        for one, other in combinations(layout(found).marks, 2):
            gap = math.hypot(one.x - other.x, one.y - other.y)
            assert gap > one.radius + other.radius


def test_no_label_runs_over_a_circle_or_another_label(many: Graph) -> None:
    seen = [mark for mark in layout(many).marks if mark.node.path != INDEX]
    angles = sorted(math.atan2(mark.y, mark.x) for mark in seen)
    nearest = min(b - a for a, b in pairwise(angles))
    assert nearest * min(map(away, seen)) > 12.5  # a ray of its own, as wide as a line is high
    for mark in seen:
        ray = math.degrees(math.atan2(mark.label_y, mark.label_x))
        assert abs(math.sin(math.radians(ray - mark.turn))) < 0.01


def test_areas_go_with_lines_between_limits(drawn: Drawn) -> None:
    sizes = {"a": 1, "b": 100, "c": 400, "d": 9000}
    files = {f"{name}.md": "x\n" * lines for name, lines in sizes.items()}
    seen = marks(layout(drawn({"MEMORY.md": "".join(f"- [[{n}]]\n" for n in sizes), **files})))
    assert seen["a.md"].radius == SMALLEST
    assert seen["c.md"].radius == 2 * seen["b.md"].radius
    assert seen["d.md"].radius == LARGEST


def test_everything_is_inside_the_box(many: Graph, states: Graph, hostile: Graph) -> None:
    for found in (many, states, hostile):
        placed = layout(found)
        x, y, width, height = placed.box
        for mark in placed.marks:
            assert x < mark.x - mark.radius < mark.x + mark.radius < x + width
            assert y < mark.y - mark.radius < mark.y + mark.radius < y + height


def test_links_both_ways_are_one_curve_with_two_heads(states: Graph) -> None:
    curves = {(c.source, c.target): (c.look, c.both) for c in layout(states).curves}
    assert curves[("a.md", "b.md")] == ("link", True)
    assert ("b.md", "a.md") not in curves
    assert curves[(INDEX, "gone.md")] == ("lost", False)


def test_a_memory_without_topics_has_a_place(drawn: Drawn) -> None:
    assert len(layout(drawn({})).marks) == 1
    assert len(layout(drawn({"a.md": "x", "b.md": "y"})).marks) == 3
    assert layout(drawn({"MEMORY.md": "- [[x]]\n"})).marks[1].node.state == "broken"


def test_many_topics_stay_within_a_readable_size(many: Graph) -> None:
    _, _, width, height = layout(many).box
    assert max(width, height) < 1800
