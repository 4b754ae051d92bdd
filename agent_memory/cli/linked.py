"""`links`: a memory's graph as a list, a document or a picture, on the screen or in a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.cli import exits
from agent_memory.cli.blocks import Block, Line, Node, Style, Table
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import text as texts
from agent_memory.core.graph import STATES, Graph

if TYPE_CHECKING:
    from agent_memory.core.graph import Node as File
    from agent_memory.core.links import Link
    from agent_memory.memory import Memory

FORMATS = ("text", "json", "dot", "mermaid", "svg", "html")
_ENDINGS = {
    ".txt": "text", ".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid",
    ".mermaid": "mermaid", ".svg": "svg", ".html": "html", ".htm": "html",
}  # fmt: skip
_STATUSES = {"ok": "resolved", "ambiguous": "ambiguous", "dangling": "dangling", "broken": "broken"}
_STYLES: dict[str, Style] = {"broken": "error", "dangling": "warning", "ambiguous": "warning"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: a format, one file's path or "", and where to write."""

    format: str
    path: str
    output: str | None


def chosen_format(named: str | None, output: str | None, as_json: bool) -> str:
    """The format that is meant.

    Raises:
        WrongUsageError: there is no such format, or `--json` contradicts it.
    """
    if named is not None and named not in FORMATS:
        raise WrongUsageError(f"there is no format {named!r}", f"formats are {', '.join(FORMATS)}")
    if as_json and output is None and named not in (None, "json"):
        raise WrongUsageError(
            f"--json and --format {named} are two formats",
            "leave out --json, or write the picture to a file with --output FILE",
        )
    if named is not None:
        return named
    if output is not None:
        return _ENDINGS.get(os.path.splitext(output)[1].lower(), "text")
    return "json" if as_json else "text"


def show(screen: Screen, memory: Memory, wanted: Wanted) -> None:
    """Print or write what is wanted."""
    graph = memory.graph()
    if wanted.path:
        graph = graph.around(wanted.path)
    if wanted.output is not None:
        _write(screen, rendered(memory, graph, wanted), wanted)
    elif wanted.format == "text":
        screen.show(listing(graph, wanted.path))
    elif wanted.format == "json":
        exits.print_json(links_json(graph))
    else:
        screen.exact(rendered(memory, graph, wanted))


def _write(screen: Screen, text: str, wanted: Wanted) -> None:
    path = Path(os.path.abspath(wanted.output or ""))
    data = texts.encode(text)
    path.write_bytes(data)
    screen.answer(
        lambda: {"written": str(path), "format": wanted.format, "bytes": len(data)},
        lambda: [Line(f"written: {path} ({wanted.format}, {len(data):,} bytes)")],
    )


def rendered(memory: Memory, graph: Graph, wanted: Wanted) -> str:
    """The text of a file in the wanted format."""
    name = f"{memory.name}: {wanted.path}" if wanted.path else memory.name
    if wanted.format == "json":
        return json.dumps(links_json(graph), indent=2) + "\n"
    if wanted.format == "text":
        from agent_memory.cli.plain import lines

        return "".join(f"{line}\n" for line in lines(listing(graph, wanted.path)))
    if wanted.format == "dot":
        from agent_memory.core.picture.dot import dot

        return dot(graph, name)
    if wanted.format == "mermaid":
        from agent_memory.core.picture.mermaid import mermaid

        return mermaid(graph, name)
    if wanted.format == "svg":
        from agent_memory.core.picture.svg import svg

        return svg(graph, name)
    from agent_memory.core.picture.html import html

    known = {node.path for node in graph.nodes if node.bytes}
    return html(graph, name, {path: memory.document(path).text for path in sorted(known)})


# -- as a document and as a list ------------------------------------------------------------------


def links_json(graph: Graph) -> dict[str, object]:
    """The graph, with every link."""
    return {
        "nodes": [dump(node) for node in graph.nodes],
        "edges": [dump(edge) for edge in graph.edges],
        "links": [dump(link) for link in graph.links],
        "counts": {kind: dict(counts) for kind, counts in summary(graph.links).items()},
    }


def summary(links: Sequence[Link]) -> dict[str, dict[str, int]]:
    """How many links of each kind have each status."""
    counted: dict[str, dict[str, int]] = {}
    for link in links:
        row = counted.setdefault(link.kind, dict.fromkeys(_STATUSES.values(), 0))
        status = _STATUSES.get(link.status, link.status)
        row[status] = row.get(status, 0) + 1
    return dict(sorted(counted.items()))


def listing(graph: Graph, path: str) -> Iterator[Block]:
    """Each file with what it links to and what leads to it; then how many of what."""
    files = [node for node in graph.nodes if not path or node.path == path]
    for node in files:
        yield _file(graph, node)
    links = graph.out_links(path) if path else graph.links
    if links:
        yield Line()
        yield _table(summary(links))


def _file(graph: Graph, node: File) -> Node:
    out = [_out(link) for link in graph.out_links(node.path)]
    back = [f"from {link.source}:{link.line}, {link.kind}" for link in graph.backlinks(node.path)]
    if node.state == "broken":
        back = [f"from {edge.source}" for edge in graph.edges_to(node.path)]
    children = (*out, *(Node(text, style="quiet") for text in back))
    size = "" if node.state == "broken" else _size(node)
    state = "" if node.state == "fine" else f"  [{STATES[node.state]}]"
    style: Style = "plain" if node.state == "fine" else "warning"
    return Node(node.path, f"{size}{state}".strip(), style, children)


def _size(node: File) -> str:
    return f"{node.lines:,} line{'' if node.lines == 1 else 's'}, {node.bytes:,} bytes"


def _out(link: Link) -> Node:
    status = "" if link.status == "ok" else f", {link.status}"
    where = f"line {link.line}, {link.kind}{status}"
    return Node(f"to {link.resolved or link.target}", where, _STYLES.get(link.status, "plain"))


def _table(counts: dict[str, dict[str, int]]) -> Table:
    statuses = list(dict.fromkeys(status for row in counts.values() for status in row))
    rows = tuple(
        (kind, *(f"{row.get(status, 0):,}" for status in statuses)) for kind, row in counts.items()
    )
    return Table(("links", *statuses), rows, frozenset(statuses))
