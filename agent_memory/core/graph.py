"""A memory as a graph: its files, the targets that are missing, and who leads to whom."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from agent_memory.core import text as texts
from agent_memory.core.budget import TOPIC_LINES
from agent_memory.core.paths import INDEX

if TYPE_CHECKING:
    from agent_memory.core.budget import Budget
    from agent_memory.core.links import Link
    from agent_memory.core.snapshot import Snapshot

MISSING = ("broken", "dangling")

State = Literal["fine", "over", "orphan", "broken"]
STATES: Mapping[State, str] = {
    "fine": "fine",
    "over": "over its limit",
    "orphan": "orphan: no link leads here from what is loaded",
    "broken": "missing: a link leads here, but there is no such file",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A file, or a target that is missing (`broken`, without lines and bytes).

    `limit` is the number of lines that it may have; `incoming` and `outgoing` count the other
    nodes that lead here and that this one leads to.
    """

    path: str
    title: str
    state: State
    lines: int
    bytes: int
    limit: int
    incoming: int
    outgoing: int


@dataclass(frozen=True, slots=True)
class Edge:
    """All links from one node to another: `count` of them, of these kinds."""

    source: str
    target: str
    kinds: tuple[str, ...]
    count: int
    status: str


@dataclass(frozen=True)
class Graph:
    """The index first, then the topics by path, then the missing targets; edges as written.

    `links` are all links, also those that are no edge: from a file to itself, to a file that is
    not a topic, or to one of several files.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    links: tuple[Link, ...]

    def out_links(self, path: str) -> list[Link]:
        """The links in the file at `path`, in order."""
        return self._out.get(path, [])

    def backlinks(self, path: str) -> list[Link]:
        """The links in other files that lead to `path`."""
        return self._back.get(path, [])

    def edges_to(self, path: str) -> list[Edge]:
        """The edges that end at `path`, which may be a target that is missing."""
        return self._into.get(path, [])

    @cached_property
    def _out(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.source, []).append(link)
        return found

    @cached_property
    def _back(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for link in self.links:
            if link.resolved is not None and link.source != link.resolved:
                found.setdefault(link.resolved, []).append(link)
        return found

    @cached_property
    def _into(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return found

    def counts(self) -> dict[State, int]:
        """How many nodes are in each state, the index with them."""
        return {state: sum(node.state == state for node in self.nodes) for state in STATES}

    def around(self, path: str) -> Graph:
        """What has to do with one file: itself, its neighbours, and the index in the middle.

        The links are those of the file alone; what the index leads to keeps its edge.
        """
        touching = [edge for edge in self.edges if path in (edge.source, edge.target)]
        near = {INDEX, path}.union(*((edge.source, edge.target) for edge in touching))
        edges = tuple(
            edge
            for edge in self.edges
            if path in (edge.source, edge.target) or (edge.source == INDEX and edge.target in near)
        )
        links = (link for link in self.links if path in (link.source, link.resolved))
        return Graph(tuple(node for node in self.nodes if node.path in near), edges, tuple(links))


def graph(
    snapshot: Snapshot,
    budget: Budget,
    links: Sequence[Link],
    reachable: Collection[str],
    topic_lines: int = TOPIC_LINES,
) -> Graph:
    """The graph of a snapshot, of its `links` and of the topics that are `reachable`.

    Args:
        snapshot: the files.
        budget: what the index is held to.
        links: every link of the snapshot, as `links.find_all` returns them.
        reachable: the topics that can be reached, as `links.reachable` returns them.
        topic_lines: the most lines that a topic should have.
    """
    files = [INDEX, *snapshot.topics]
    edges = tuple(_edges(links, frozenset(files)))
    known = set(files)
    missing = sorted({edge.target for edge in edges if edge.target not in known})
    into, out = _degrees(edge.target for edge in edges), _degrees(edge.source for edge in edges)

    def node(path: str, title: str, state: State, limit: int) -> Node:
        data = snapshot.files.get(path, b"")
        lines = texts.count_lines(texts.decode(data))
        degrees = into.get(path, 0), out.get(path, 0)
        return Node(path, title, state, lines, len(data), limit, *degrees)

    def topic(path: str) -> Node:
        over = texts.count_lines(snapshot.text(path)) > topic_lines
        state: State = "orphan" if path not in reachable else "over" if over else "fine"
        return node(path, _title(snapshot, path), state, topic_lines)

    index = node(INDEX, _title(snapshot, INDEX), _index_state(snapshot, budget), budget.lines)
    lost = [node(path, path, "broken", 0) for path in missing]
    return Graph((index, *map(topic, snapshot.topics), *lost), edges, tuple(links))


def _index_state(snapshot: Snapshot, budget: Budget) -> State:
    """The index's state; where nothing is saved yet, none is missing."""
    if INDEX not in snapshot.files:
        return "broken" if snapshot.files else "fine"
    return "fine" if budget.holds(snapshot.text(INDEX)) else "over"


def _title(snapshot: Snapshot, path: str) -> str:
    """A file's title; its stem where only a heading within its text could stand in for one."""
    document = snapshot.document(path)
    headings = document.headings
    if headings and headings[0].level > 1 and document.title == headings[0].title:
        return posixpath.splitext(path)[0]
    return document.title.replace("**", "").replace("`", "") or posixpath.splitext(path)[0]


def _edges(links: Iterable[Link], files: Collection[str]) -> Iterator[Edge]:
    found: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        target = link.resolved if link.resolved in files else _missing(link)
        if target and target != link.source:
            found.setdefault((link.source, target), []).append(link)
    for (source, target), group in found.items():
        kinds = tuple(sorted({link.kind for link in group}))
        yield Edge(source, target, kinds, len(group), group[0].status)


def _missing(link: Link) -> str:
    """The name of the node that stands for a missing target; "" for a link that misses none."""
    if link.status not in MISSING:
        return ""
    name = link.target.partition("#")[0].strip()
    if link.status == "dangling":
        return name
    return posixpath.normpath(posixpath.join(posixpath.dirname(link.source), name))


def _degrees(ends: Iterable[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for end in ends:
        counted[end] = counted.get(end, 0) + 1
    return counted
