"""The picture as a file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

from agent_memory.core.graph import Graph
from agent_memory.core.picture.svg import summary, svg

Drawn = Callable[[dict[str, str]], Graph]
NAME = "{http://www.w3.org/2000/svg}"


def classes(root: ET.Element) -> list[str]:
    return [element.get("class", "") for element in root.iter(f"{NAME}g")]


def test_it_is_well_formed_whatever_a_title_says(
    hostile: Graph, states: Graph, many: Graph
) -> None:
    for found in (hostile, states, many):
        root = ET.fromstring(svg(found, 'a "name" <b>&\x00\ufffe'))
        assert sum(name.startswith("node") for name in classes(root)) == len(found.nodes)
        assert not list(root.iter(f"{NAME}script"))


def test_it_refers_to_nothing_outside(hostile: Graph) -> None:
    text = svg(hostile, "m").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|href|@import|<image|<foreignObject", text)
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= {
        f"#head-{look}" for look in ("row", "link", "cut", "lost")
    }


def test_every_state_has_its_class_and_its_own_sign(states: Graph) -> None:
    root = ET.fromstring(svg(states, "m"))
    nodes = {
        element.get("class", "").split()[-1]: element
        for element in root.iter(f"{NAME}g")
        if element.get("class", "").startswith("node ") and "index" not in element.get("class", "")
    }
    assert set(nodes) == {"fine", "over", "orphan", "broken"}
    signs = {
        state: {child.get("class") for child in element} - {None, "label", "disc"}
        for state, element in nodes.items()
    }
    assert signs == {"fine": set(), "over": {"halo"}, "orphan": set(), "broken": {"cross"}}
    style = svg(states, "m")
    assert ".drawing .orphan .disc{fill:var(--paper);fill-opacity:1;stroke-width:2" in style


def test_a_title_that_is_cut_stands_whole_where_one_points(drawn: Drawn) -> None:
    title = "A title that is much too long to stand beside a circle in any picture"
    text = svg(drawn({"MEMORY.md": "- [[a]]\n", "a.md": f"# {title}\n"}), "m")
    assert f"<title>{title} (a.md, 1 line, 72 bytes): fine</title>" in text
    assert re.search(r">A title that is much too [\w ]*…</text>", text)


def test_the_same_memory_gives_the_same_picture(drawn: Drawn) -> None:
    files = {"MEMORY.md": "- [[b]]\n- [[a]]\n", "a.md": "[[b]]", "b.md": "[[c]]"}
    assert svg(drawn(files), "m") == svg(drawn(dict(reversed(files.items()))), "m")


def test_the_gauge_says_how_full_the_index_is(drawn: Drawn) -> None:
    assert 'class="gauge"' not in svg(drawn({}), "m")
    assert '<path class="gauge"' in svg(drawn({"MEMORY.md": "x\n" * 150}), "m")
    assert '<circle class="gauge"' in svg(drawn({"MEMORY.md": "x\n" * 300}), "m")


def test_the_summary_counts(states: Graph, drawn: Drawn) -> None:
    assert summary(states) == "3 topics · 6 links · 1 orphan · 2 missing targets"
    assert summary(drawn({})) == "0 topics · 0 links"
