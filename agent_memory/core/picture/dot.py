"""A graph in DOT, for Graphviz."""

from __future__ import annotations

from agent_memory.core.graph import Edge, Graph, Node
from agent_memory.core.paths import INDEX
from agent_memory.core.picture import label

_LOOKS = {
    "fine": 'shape=ellipse, color="#0072b2"',
    "over": 'shape=doublecircle, color="#d08700"',
    "orphan": 'shape=diamond, color="#a6478f", style=dashed',
    "broken": 'shape=ellipse, color="#d55e00", fontcolor="#d55e00", style=dotted',
}


def dot(graph: Graph, name: str) -> str:
    """The graph in DOT; a node's tooltip holds its path and its size."""
    ids = {node.path: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [
        f"digraph {_quoted(name)} {{",
        '  graph [layout=twopi, overlap=false, ranksep=2, root=n0, bgcolor="transparent"];',
        '  node [fontname="sans-serif", fontsize=11, penwidth=1.5];',
        '  edge [color="#8a94a0", arrowsize=0.6];',
        *(f"  {ids[node.path]} [{_node(node)}];" for node in graph.nodes),
        *(f"  {ids[e.source]} -> {ids[e.target]}{_edge(e)};" for e in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    r"""A quoted string; the backslash is doubled, for `\N` and its like stand for other text."""
    return '"' + label.clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _node(node: Node) -> str:
    size = "missing" if node.state == "broken" else f"{node.lines} lines, {node.bytes} bytes"
    look = _LOOKS[node.state]
    if node.path == INDEX:
        look = look.replace("ellipse", "box")
    tooltip = _quoted(f"{node.path}: {size}")
    return f"label={_quoted(label.fitted(node.title, 1, 24))}, tooltip={tooltip}, {look}"


def _edge(edge: Edge) -> str:
    kinds = f"tooltip={_quoted(', '.join(edge.kinds))}"
    lost = ', style=dashed, color="#d55e00"' if edge.status in ("broken", "dangling") else ""
    return f" [{kinds}{lost}]"
