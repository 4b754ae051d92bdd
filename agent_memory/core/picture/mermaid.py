"""A graph in Mermaid, as code hosts draw it in Markdown."""

from __future__ import annotations

import re

from agent_memory.core.graph import Graph, Node
from agent_memory.core.paths import INDEX
from agent_memory.core.picture import label

_CLASSES = (
    "  classDef fine stroke:#0072b2,stroke-width:2px",
    "  classDef over stroke:#d08700,stroke-width:4px",
    "  classDef orphan stroke:#a6478f,stroke-width:2px,stroke-dasharray:6 3",
    "  classDef broken stroke:#d55e00,stroke-width:1px,stroke-dasharray:2 3",
)
_SHAPES = {"fine": ("(", ")"), "over": ("[[", "]]"), "orphan": ("{{", "}}"), "broken": ("[", "]")}
# A quoted text may hold markup, Markdown and entities. So all but letters, digits and a few plain
# signs is written as a character's code; `#` and `;` are what such a code is made of.
_SPECIAL = re.compile(r"[^\w \-.,/…—–:+]", re.ASCII)


def mermaid(graph: Graph, name: str) -> str:
    """The graph as a Mermaid flowchart from left to right."""
    ids = {node.path: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [
        "flowchart LR",
        f"  accTitle: {_coded(name)}",
        *(f"  {ids[node.path]}{_shape(node)}:::{node.state}" for node in graph.nodes),
        *(f"  {ids[edge.source]} {_arrow(edge.status)} {ids[edge.target]}" for edge in graph.edges),
        *_CLASSES,
    ]
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    left, right = ("([", "])") if node.path == INDEX else _SHAPES[node.state]
    return f'{left}"{_coded(label.fitted(node.title, 1, 24))}"{right}'


def _coded(text: str) -> str:
    return _SPECIAL.sub(_code, label.clean(text))


def _code(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isalnum() else f"#{ord(character)};"


def _arrow(status: str) -> str:
    return "-.->" if status in ("broken", "dangling") else "-->"
