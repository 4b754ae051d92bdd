"""Mermaid: no title can end its quotes or become markup."""

from __future__ import annotations

import re

from agent_memory.core.graph import Graph
from agent_memory.core.picture.mermaid import mermaid

_TEXT = r'"(?:[\w \-.,/…—–:+]|#\d+;)*"'
_NODE = re.compile(rf"  n\d+(?:\(|\[|\[\[|\{{\{{|\(\[){_TEXT}(?:\)|\]|\]\]|\}}\}}|\]\)):::\w+")
_EDGE = re.compile(r"  n\d+ (?:-->|-\.->) n\d+")
_REST = re.compile(r"flowchart LR|  accTitle: (?:[^<>\"]*)|  classDef \w+ [\w:#,\- ]+")


def test_every_line_is_a_statement(states: Graph, hostile: Graph, many: Graph) -> None:
    for found in (states, hostile, many):
        lines = mermaid(found, 'a "name" <b>\n').splitlines()
        assert all(_NODE.fullmatch(x) or _EDGE.fullmatch(x) or _REST.fullmatch(x) for x in lines)
        assert sum(bool(_NODE.fullmatch(line)) for line in lines) == len(found.nodes)
        assert sum(bool(_EDGE.fullmatch(line)) for line in lines) == len(found.edges)


def test_a_state_is_a_shape_and_a_class(states: Graph) -> None:
    text = mermaid(states, "m")
    assert 'n1("A"):::fine' in text
    assert 'n2[["B"]]:::over' in text
    assert 'n3{{"Lost"}}:::orphan' in text
    assert 'n4["gone.md"]:::broken' in text
    assert "n0 -.-> n4" in text
