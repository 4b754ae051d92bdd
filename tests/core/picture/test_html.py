"""The page: one file, safe whatever the memory says, and allowed nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from agent_memory.core.graph import Graph
from agent_memory.core.picture.html import html

Drawn = Callable[[dict[str, str]], Graph]


def data(page: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    assert match
    assert not re.search("[<>&\u2028\u2029]", match[1])
    return json.loads(match[1])


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)


def test_no_title_and_no_text_becomes_an_element(hostile: Graph) -> None:
    page = html(hostile, "<b>", {"a.md": "</script><script>alert(1)</script> <!-- \u2028"})
    seen = _Scripts()
    seen.feed(page)
    assert seen.tags.count("script") == 2
    assert not {"b", "img", "iframe", "object"} & set(seen.tags)
    assert "</script><script>alert(1)" in data(page)["nodes"][1]["text"]


def test_the_page_asks_for_nothing(many: Graph) -> None:
    page = html(many, "m", {})
    assert not re.search(r"https?:|//[a-z]|@import|\bfetch\(|XMLHttp|WebSocket", page)
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]


def test_only_its_own_style_and_script_are_allowed(states: Graph) -> None:
    page = html(states, "m", {})
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    for name in ("style", "script"):
        (body,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)[:1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]


def test_a_node_knows_its_links_and_who_leads_to_it(states: Graph) -> None:
    nodes = {node["path"]: node for node in data(html(states, "m", {}))["nodes"]}
    assert [(link["text"], link["note"]) for link in nodes["a.md"]["out"]] == [
        ("b.md", "line 3, wikilink"),
        ("nowhere", "line 3, wikilink, dangling"),
    ]
    assert [link["text"] for link in nodes["a.md"]["in"]] == ["MEMORY.md", "b.md", "lost.md"]
    assert [link["text"] for link in nodes["nowhere"]["in"]] == ["a.md"]
    assert nodes["b.md"]["stateText"] == "over its limit (limit 400 lines)"


def test_a_memory_without_topics_is_a_page(drawn: Drawn) -> None:
    assert "0 topics" in html(drawn({}), "m", {})
    missing = data(html(drawn({"a.md": "x"}), "m", {}))["nodes"][0]
    assert missing["stateText"] == "missing: there is no index"
