"""Who stands next to whom in a picture, and on which ring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent_memory.core.graph import Graph
from agent_memory.core.paths import INDEX

_ORPHANS_AT = 2.0  # rings are counted from 1
_BROKEN_FURTHER = 0.7  # of a ring, than the file that wants it
_ROUNDS = 6
_MANY = 120  # families, from which on only near ones are swapped
_NEAR = 30


def tree(graph: Graph) -> tuple[dict[str, str], dict[str, float]]:
    """Each node's parent and its ring, which is how many links it is away from the index."""
    states = {node.path: node.state for node in graph.nodes}
    depths, parents = {INDEX: 0.0}, dict[str, str]()
    _spread(graph, [INDEX], depths, parents, [p for p in states if states[p] != "orphan"])
    orphans = [path for path in states if path not in depths and states[path] != "broken"]
    depths.update(dict.fromkeys(orphans, _ORPHANS_AT))
    _spread(graph, orphans, depths, parents, [p for p in states if states[p] == "broken"])
    for path, parent in parents.items():
        if states[path] == "broken" and parent != INDEX:
            depths[path] = depths[parent] + _BROKEN_FURTHER
    return parents, depths


def _spread(
    graph: Graph,
    start: Sequence[str],
    depths: dict[str, float],
    parents: dict[str, str],
    allowed: Sequence[str],
) -> None:
    leads: dict[str, list[str]] = {}
    for edge in graph.edges:
        leads.setdefault(edge.source, []).append(edge.target)
    free = set(allowed) - set(depths)
    waiting = list(start)
    for path in waiting:  # grows while it is read
        for target in leads.get(path, ()):
            if target in free:
                free.remove(target)
                depths[target], parents[target] = depths[path] + 1, path
                waiting.append(target)


def in_order(
    graph: Graph, parents: Mapping[str, str], depths: Mapping[str, float]
) -> tuple[list[list[str]], list[str]]:
    """The families of what the index names, linked ones near each other, and the orphans."""
    children: dict[str, list[str]] = {}
    for path, parent in parents.items():
        children.setdefault(parent, []).append(path)
    families = {path: _family(path, children) for path in children.get(INDEX, [])}
    orphans = [path for path in depths if path not in parents and path != INDEX]
    outside = [path for orphan in orphans for path in _family(orphan, children)]
    return [families[head] for head in _closer(graph, families)], outside


def _family(path: str, children: Mapping[str, Sequence[str]]) -> list[str]:
    """A node and all below it, itself in the middle."""
    below = [_family(child, children) for child in children.get(path, ())]
    half = len(below) // 2
    before = [name for family in below[:half] for name in family]
    return [*before, path, *(name for family in below[half:] for name in family)]


def _closer(graph: Graph, families: Mapping[str, Sequence[str]]) -> list[str]:
    """The families in the index's order, swapped where that makes the links shorter."""
    order = list(families)
    head_of = {path: head for head, family in families.items() for path in family}
    near: dict[str, list[str]] = {head: [] for head in order}
    for edge in graph.edges:
        one, other = head_of.get(edge.source), head_of.get(edge.target)
        if one and other and one != other:
            near[one].append(other)
            near[other].append(one)
    place = {head: number for number, head in enumerate(order)}
    reach = len(order) if len(order) <= _MANY else _NEAR
    for _ in range(_ROUNDS):
        if not sum(_swapped(order, place, near, first, reach) for first in range(len(order))):
            break
    return order


def _swapped(
    order: list[str],
    place: dict[str, int],
    near: Mapping[str, Sequence[str]],
    first: int,
    reach: int,
) -> bool:
    """Whether swapping the one at `first` with a later one made anything shorter."""

    def length(head: str) -> int:
        gaps = (abs(place[head] - place[other]) for other in near[head])
        return sum(min(gap, len(order) - gap) for gap in gaps)

    def swap(one: int, other: int) -> None:
        order[one], order[other] = order[other], order[one]
        place[order[one]], place[order[other]] = one, other

    better = False
    for second in range(first + 1, min(len(order), first + reach)):
        pair = order[first], order[second]
        if not near[pair[0]] and not near[pair[1]]:
            continue
        before = length(pair[0]) + length(pair[1])
        swap(first, second)
        if length(pair[0]) + length(pair[1]) < before:
            better = True
        else:
            swap(first, second)
    return better
