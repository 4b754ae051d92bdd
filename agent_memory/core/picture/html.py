"""A graph as a page for people: the picture with search, hover and zoom, in one file.

The page asks nothing of any network, and its content security policy sees to it: no source is
allowed but the one style and the one script, both by their hashes.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from agent_memory.core.graph import MISSING, STATES, Graph, Node, State
from agent_memory.core.links import Link
from agent_memory.core.paths import INDEX
from agent_memory.core.picture import label, page
from agent_memory.core.picture.layout import layout
from agent_memory.core.picture.svg import DARK, LIGHT, drawing, sample, summary
from agent_memory.core.picture.svg import STYLE as DRAWING

_MOST_TEXT = 100_000  # characters of a file that the search knows
_HINT = (
    "Point at a file to see what it links to and what leads to it; click to keep it. "
    "Wheel or + and − zoom, drag moves, / searches, Escape lets go."
)
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_STYLE = (
    f":root{{{LIGHT}}}@media(prefers-color-scheme:dark){{:root{{{DARK}}}}}{DRAWING}{page.STYLE}"
)
_LEGEND: dict[State, str] = {
    "fine": "fine",
    "over": "over its limit",
    "orphan": "orphan",
    "broken": "missing",
}


def html(graph: Graph, name: str, texts: Mapping[str, str]) -> str:
    """The page; `texts` are the files' texts by path, for the search."""
    return "\n".join(_page(graph, name, texts)) + "\n"


def _page(graph: Graph, name: str, texts: Mapping[str, str]) -> Iterator[str]:
    policy = (
        f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(page.SCRIPT)}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">'
    yield f"<title>{label.xml(name)}: links</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f'<header><h1>{label.xml(name)}</h1><p class="soft">{label.xml(summary(graph))}</p>'
    yield "</header>"
    yield '<main id="stage">'
    yield from _picture(graph, name)
    yield '<div class="zoom"><button type="button" id="further" aria-label="Zoom out">−</button>'
    yield '<button type="button" id="all" aria-label="Show all">⤢</button>'
    yield '<button type="button" id="nearer" aria-label="Zoom in">+</button></div>\n</main>'
    yield from _side(graph)
    yield f'<script type="application/json" id="data">{_data(graph, texts)}</script>'
    yield f"<script>{page.SCRIPT}</script>\n</body>\n</html>"


def _hash(text: str) -> str:
    """The hash of an element's content, as a policy names it (CSP Level 3, section 2.3.1)."""
    encoded = codecs.encode(sha256(text.encode()).digest(), "base64")
    return "sha256-" + encoded.decode().strip()


def _picture(graph: Graph, name: str) -> Iterator[str]:
    placed = layout(graph)
    box = " ".join(f"{number:g}" for number in placed.box)
    yield (
        f'<svg class="drawing" viewBox="{box}" tabindex="0" role="group"'
        f' aria-label="{label.xml(f"{name}: {summary(graph)}")}">'
    )
    for element in drawing(graph, placed):
        yield element.replace('<g class="node', '<g tabindex="0" role="button" class="node', 1)
    yield "</svg>"


def _side(graph: Graph) -> Iterator[str]:
    yield '<aside aria-label="Files"><div class="find">'
    yield '<input id="find" type="search" placeholder="Search titles, paths and texts"'
    yield ' aria-label="Search titles, paths and texts" autocomplete="off" spellcheck="false">'
    yield '<p id="told" class="soft" role="status"></p></div>\n<ul class="legend">'
    for state, count in graph.counts().items():
        circle = f'<g class="{state}">{sample(state, 12, 12)}</g>'
        yield (
            f'<li id="legend-{state}"><svg class="drawing" viewBox="0 0 24 24" aria-hidden="true">'
            f"{circle}</svg>{_LEGEND[state]} {count:,}</li>"
        )
    yield '</ul>\n<section id="card" aria-label="The file" aria-live="polite"></section>'
    yield '<ul id="files"></ul></aside>'


def _data(graph: Graph, texts: Mapping[str, str]) -> str:
    """What the script knows, as JSON in which nothing can end the element that it stands in."""
    numbers = {node.path: number for number, node in enumerate(graph.nodes)}
    nodes = [_node(graph, node, numbers, texts.get(node.path, "")) for node in graph.nodes]
    document = {"hint": _HINT, "nodes": nodes}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def _node(graph: Graph, node: Node, numbers: Mapping[str, int], text: str) -> dict[str, object]:
    lost = graph.edges_to(node.path) if node.state == "broken" else []
    state = STATES[node.state]
    if node.path == INDEX and node.state == "broken":
        state = "missing: there is no index"
    elif node.state in ("fine", "over"):
        state += f" (limit {node.limit:,} lines)"
    return {
        "path": label.clean(node.path),
        "title": label.clean(node.title),
        "state": node.state,
        "stateText": state,
        "lines": node.lines,
        "bytes": node.bytes,
        "text": label.clean(text[:_MOST_TEXT]),
        "out": [_out(link, numbers) for link in graph.out_links(node.path)],
        "in": [_in(link, numbers) for link in graph.backlinks(node.path)]
        or [
            {"from": numbers[edge.source], "text": label.clean(edge.source), "note": edge.status}
            for edge in lost
        ],
    }


def _out(link: Link, numbers: Mapping[str, int]) -> dict[str, object]:
    note = f"line {link.line}, {link.kind}"
    return {
        "to": numbers.get(link.resolved or "", -1),
        "text": label.clean(link.resolved or link.target),
        "note": note if link.resolved else f"{note}, {link.status}",
        "lost": link.status in MISSING,
    }


def _in(link: Link, numbers: Mapping[str, int]) -> dict[str, object]:
    return {
        "from": numbers.get(link.source, -1),
        "text": label.clean(link.source),
        "note": f"line {link.line}, {link.kind}",
    }
