"""Graphs of small memories, hostile ones and large ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core import links
from agent_memory.core.budget import Budget
from agent_memory.core.graph import Graph, graph
from agent_memory.core.snapshot import Snapshot

Drawn = Callable[[dict[str, str]], Graph]
HOSTILE = (
    "</title></script><script>alert(1)</script>\"'`]]>&{}|#;%\\N [x](y) \x1b[2J\u202e\udcff\uffff"
)


@pytest.fixture
def drawn() -> Drawn:
    """The graph of files given as text."""

    def make(files: dict[str, str]) -> Graph:
        encoded = {path: text.encode("utf-8", "surrogateescape") for path, text in files.items()}
        snapshot, budget = Snapshot(encoded), Budget()
        found = links.find_all(snapshot)
        return graph(snapshot, budget, found, links.reachable(snapshot, budget))

    return make


@pytest.fixture
def states(drawn: Drawn) -> Graph:
    """A graph with a node in every state."""
    return drawn(
        {
            "MEMORY.md": "# Index\n\n- [A](a.md)\n- [Gone](gone.md)\n",
            "a.md": "# A\n\n- [[b]] [[nowhere]]\n",
            "b.md": "# B\n\n- [[a]]\n" + "- x\n" * 500,
            "lost.md": "# Lost\n\n- [[a]]\n",
        }
    )


@pytest.fixture
def hostile(drawn: Drawn) -> Graph:
    """A graph with a title and a missing target that try to break out of every format."""
    title = HOSTILE.replace("\\N", "\\\\N")
    return drawn(
        {
            "MEMORY.md": '# Index\n\n- [A](a.md)\n- [[no"<b>&where]]\n',
            "a.md": f"# {title}\n",
        }
    )


@pytest.fixture
def many(drawn: Drawn) -> Graph:
    """A graph with 120 topics of all sizes, linked to each other and over three rings."""
    rows = "".join(f"- [Topic {n}](t{n}.md)\n" for n in range(90))
    files = {"MEMORY.md": f"# Index\n\n{rows}"}
    for n in range(120):
        more = f"- [[t{n + 90}]]\n" if n < 30 else ""
        files[f"t{n}.md"] = f"# The topic that has the number {n}\n\n- [[t{n * 7 % 90}]]\n{more}"
        files[f"t{n}.md"] += "- x\n" * (n * 13 % 700)
    return drawn(files)
