"""Graphviz's language: what is quoted stays quoted."""

from __future__ import annotations

import re

from agent_memory.core.graph import Graph
from agent_memory.core.picture.dot import dot

_STRING = r'"(?:[^"\\\n]|\\["\\])*"'
_STATEMENT = re.compile(
    rf"  (?:(?:graph|node|edge|n\d+|n\d+ -> n\d+) \[(?:\w+=(?:{_STRING}|[\w.]+)(?:, )?)+\];)"
)


def test_every_line_is_a_statement(states: Graph, hostile: Graph) -> None:
    for found in (states, hostile):
        first, *statements, last = dot(found, 'a "name"\n').splitlines()
        assert (first, last) == ('digraph "a \\"name\\"" {', "}")
        for statement in statements:
            assert _STATEMENT.fullmatch(re.sub(r"\[([^\]\"]*)\];$", r"[\1];", statement)) or (
                ", bgcolor" in statement
            ), statement


def test_states_differ_in_shape_and_missing_targets_are_dashed(states: Graph) -> None:
    text = dot(states, "m")
    for shape in ("shape=box", "shape=doublecircle", "shape=diamond", "style=dotted"):
        assert shape in text
    assert text.count("style=dashed, color") == 2
