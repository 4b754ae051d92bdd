"""The graph of a memory: nodes in their states, and edges that stand for links."""

from __future__ import annotations

from agent_memory.core import links
from agent_memory.core.budget import Budget
from agent_memory.core.graph import Graph, graph
from agent_memory.core.snapshot import Snapshot


def drawn(files: dict[str, str], lines: int = 200, topic_lines: int = 400) -> Graph:
    snapshot, budget = Snapshot({p: t.encode() for p, t in files.items()}), Budget(lines)
    reachable = links.reachable(snapshot, budget)
    return graph(snapshot, budget, links.find_all(snapshot), reachable, topic_lines)


FILES = {
    "MEMORY.md": "# Index\n\n- [A](a.md) and `a.md`\n- [Gone](gone.md)\n",
    "a.md": "# A\n\n- [[b]] [[nowhere]] [[a]]\n",
    "b.md": "# B\n\n- [[a]]\n- x\n- x\n",
    "lost.md": "## Only a section\n\n- [[a]]\n",
}


def states(found: Graph) -> dict[str, str]:
    return {node.path: node.state for node in found.nodes}


def test_every_file_and_every_missing_target_is_a_node_in_its_state() -> None:
    found = drawn(FILES, topic_lines=4)
    assert states(found) == {
        "MEMORY.md": "fine",
        "a.md": "fine",
        "b.md": "over",
        "lost.md": "orphan",
        "gone.md": "broken",
        "nowhere": "broken",
    }
    assert found.counts() == {"fine": 2, "over": 1, "orphan": 1, "broken": 2}


def test_an_edge_stands_for_all_links_from_one_file_to_another() -> None:
    edges = {(e.source, e.target): (e.kinds, e.count, e.status) for e in drawn(FILES).edges}
    assert edges == {
        ("MEMORY.md", "a.md"): (("code", "markdown"), 2, "ok"),
        ("MEMORY.md", "gone.md"): (("markdown",), 1, "broken"),
        ("a.md", "b.md"): (("wikilink",), 1, "ok"),
        ("a.md", "nowhere"): (("wikilink",), 1, "dangling"),
        ("b.md", "a.md"): (("wikilink",), 1, "ok"),
        ("lost.md", "a.md"): (("wikilink",), 1, "ok"),
    }


def test_degrees_count_other_nodes_and_sizes_are_the_files() -> None:
    node = next(node for node in drawn(FILES).nodes if node.path == "a.md")
    assert (node.incoming, node.outgoing) == (3, 2)
    assert (node.lines, node.bytes, node.limit) == (3, len(FILES["a.md"]), 400)


def test_an_index_over_its_budget_is_over_and_what_is_cut_off_is_an_orphan() -> None:
    found = drawn({"MEMORY.md": "# Index\n\n- x\n- [A](a.md)\n", "a.md": "# A\n"}, lines=3)
    assert states(found) == {"MEMORY.md": "over", "a.md": "orphan"}


def test_an_index_that_is_missing_is_broken_unless_nothing_is_saved() -> None:
    assert states(drawn({})) == {"MEMORY.md": "fine"}
    assert states(drawn({"a.md": "# A\n"})) == {"MEMORY.md": "broken", "a.md": "orphan"}


def test_a_missing_target_is_one_node_for_all_who_name_it() -> None:
    found = drawn(
        {
            "MEMORY.md": "# I\n\n- [X](sub/x.md#part)\n- [S](sub/s.md)\n",
            "sub/s.md": "# S\n\n- [X](x.md)\n",
        }
    )
    assert [node.path for node in found.nodes if node.state == "broken"] == ["sub/x.md"]
    assert sum(edge.target == "sub/x.md" for edge in found.edges) == 2


def test_out_links_and_backlinks_are_the_files_own() -> None:
    found = drawn(FILES)
    assert [link.target for link in found.out_links("a.md")] == ["b", "nowhere", "a"]
    assert [(link.source, link.line) for link in found.backlinks("a.md")] == [
        ("MEMORY.md", 3),
        ("MEMORY.md", 3),
        ("b.md", 3),
        ("lost.md", 3),
    ]


def test_a_title_is_a_heading_of_the_whole_file_or_the_stem() -> None:
    titles = {node.path: node.title for node in drawn(FILES).nodes}
    assert (titles["a.md"], titles["lost.md"], titles["gone.md"]) == ("A", "lost", "gone.md")


def test_around_a_file_are_its_neighbours_and_the_index() -> None:
    near = drawn(FILES).around("b.md")
    assert [node.path for node in near.nodes] == ["MEMORY.md", "a.md", "b.md"]
    assert {(e.source, e.target) for e in near.edges} == {
        ("MEMORY.md", "a.md"),
        ("a.md", "b.md"),
        ("b.md", "a.md"),
    }


def test_the_order_does_not_depend_on_the_disk() -> None:
    assert drawn(FILES) == drawn(dict(reversed(FILES.items())))


def test_edges_to_a_missing_target_say_who_names_it() -> None:
    found = drawn(FILES)
    lost = [node.path for node in found.nodes if node.state == "broken"]
    assert lost
    assert all({edge.target for edge in found.edges_to(path)} == {path} for path in lost)
