"""Who stands next to whom."""

from __future__ import annotations

from collections.abc import Callable

from agent_memory.core.graph import Graph
from agent_memory.core.picture.order import in_order, tree

Drawn = Callable[[dict[str, str]], Graph]


def test_what_nothing_links_keeps_the_order_of_the_index(drawn: Drawn) -> None:
    found = drawn({"MEMORY.md": "- [[c]]\n- [[a]]\n- [[b]]\n", "a.md": "", "b.md": "", "c.md": ""})
    families, orphans = in_order(found, *tree(found))
    assert (families, orphans) == ([["c.md"], ["a.md"], ["b.md"]], [])


def test_linked_topics_come_nearer(drawn: Drawn) -> None:
    names = "abcdefgh"
    files = {f"{name}.md": "" for name in names} | {"a.md": "[[e]]", "e.md": "[[a]]"}
    found = drawn({"MEMORY.md": "".join(f"- [[{name}]]\n" for name in names), **files})
    around = [family[0] for family in in_order(found, *tree(found))[0]]
    gap = abs(around.index("a.md") - around.index("e.md"))
    assert min(gap, len(names) - gap) == 1


def test_families_and_rings_follow_the_links(states: Graph) -> None:
    parents, rings = tree(states)
    families, orphans = in_order(states, parents, rings)
    assert parents["b.md"] == parents["nowhere"] == "a.md"
    assert rings["a.md"] == 1 < rings["nowhere"] < rings["b.md"] == rings["lost.md"] == 2
    assert sorted(map(sorted, families)) == [["a.md", "b.md", "nowhere"], ["gone.md"]]
    assert orphans == ["lost.md"]
