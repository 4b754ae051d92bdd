"""The page in a browser, without a head: it runs, searches and pins."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.core.graph import Graph
from agent_memory.core.picture.html import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TEXTS = {"a.md": "# A\n\nThe zebra is striped.\n", "b.md": "# B\n"}
Seen = Callable[[Graph, str], str]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """The page's elements after its script ran, opened at an address with this hash."""

    def look(graph: Graph, asked: str) -> str:
        page = tmp_path / "links.html"
        page.write_text(html(graph, "m", TEXTS), encoding="utf-8")
        command = [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
            f"{page.as_uri()}{asked}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        dom = done.stdout.decode()
        root = re.search("<html[^>]*>", dom)
        assert root
        assert 'data-ready="yes"' in root[0]
        assert "data-error" not in root[0]
        return dom

    return look


def hits(dom: str) -> list[str]:
    """The numbers of the nodes that the search found."""
    found = re.findall(r'class="node[^"]*\bhit\b[^"]*" data-node="(\d+)"', dom)
    return sorted(found, key=int)


def test_it_runs_and_finds_files_by_their_text(seen: Seen, states: Graph) -> None:
    dom = seen(states, "#q=ZEBRA")
    assert hits(dom) == ["1"]
    assert 'data-found="1"' in dom
    assert "<mark>zebra</mark>" in dom


def test_it_finds_files_by_title_and_path(seen: Seen, states: Graph) -> None:
    assert hits(seen(states, "#q=lost")) == ["3"]
    assert hits(seen(states, "#q=nothing-like-it")) == []


def test_an_address_pins_a_file_and_shows_its_neighbours(seen: Seen, states: Graph) -> None:
    dom = seen(states, "#file=a.md")
    assert 'data-pinned="1"' in dom
    assert len(re.findall(r'class="node[^"]*\bnear\b', dom)) == 5  # itself and its neighbours
    assert "line 3, wikilink, dangling" in dom


def test_no_title_runs_as_a_script(seen: Seen, hostile: Graph) -> None:
    dom = seen(hostile, "#q=alert")
    assert hits(dom) == ["1"]
    assert dom.count("<script") == 2
