"""The page: whole in itself, safe whatever the memory says, and open to every reader."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from past import Past

from agent_memory.core.picture.svg import DARK, LIGHT
from agent_memory.core.report.page import MARK, page
from agent_memory.core.report.standing import Standing
from agent_memory.core.staleness.evidence import Staleness

Stood = Callable[..., Standing]
VOID = {"meta", "link"}
EMPTY_IN_SVG = {"rect", "circle", "line", "path"}
HIDES = re.compile("[\u202e\u200b\U000e0041\x1b\udcff]")


class Seen(HTMLParser):
    """What a browser makes of a page: its elements, their nesting and its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert not any(name.startswith("on") or name == "style" for name in named)
        self.tags.append(tag)
        self.ids += [named["id"] or ""] if "id" in named else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in EMPTY_IN_SVG
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings.append(f"{self.open[-1]} {data}")


def test_every_section_stands_there_under_its_heading(full: Standing) -> None:
    seen = Seen(page(full))
    assert seen.headings == [
        "h1 dev", "h2 Budget", "h2 Topics", "h2 Findings", "h2 Staleness", "h2 Lost entries",
        "h2 Conflicts", "h2 Growth", "h2 Recent commits", "h2 Links",
    ]  # fmt: skip


def test_a_new_memory_has_a_page_without_what_there_is_nothing_of(
    past: Callable[..., Past], stood: Stood
) -> None:
    text = page(stood(past()))
    seen = Seen(text)
    assert not {"lost", "conflicts"} & set(seen.ids)
    for said in ("Nothing is cut", "There are no topics", "No findings", "no commits"):
        assert said in text


def test_who_gets_the_page_is_told_what_it_holds(full: Standing) -> None:
    assert page(full).count("Who gets this page gets the memory") == 2


def test_the_page_says_where_in_the_project_and_not_on_whose_machine(full: Standing) -> None:
    text = page(full)
    assert ".claude/agent-memory/dev" in text
    assert "the clone at … is shallow" in text
    assert "/home/ana" not in text


def test_what_cannot_be_told_is_said_beside_the_numbers(
    past: Callable[..., Past], stood: Stood
) -> None:
    assert "0 suspect, and some of it cannot be told" in page(stood(past()))
    assert "cannot be told" not in page(stood(past(), stale=Staleness(())))


def test_nothing_of_a_memory_becomes_an_element(full: Standing, hostile: Standing) -> None:
    seen = Seen(page(hostile))
    assert not {"script", "img", "b", "i", "iframe"} & set(seen.tags)
    assert set(seen.tags) <= {*Seen(page(full)).tags, "li"}
    assert len(seen.ids) == len(set(seen.ids))


def test_nothing_of_a_memory_hides_or_moves_text(hostile: Standing) -> None:
    text = page(hostile)
    assert not HIDES.search(text)
    assert "\ufffd" in text
    text.encode()


def test_a_secret_that_stands_in_the_memory_is_not_passed_on(hostile: Standing) -> None:
    text = page(hostile)
    assert "Q3EGRI5V7XKZT2WN" not in text
    assert "[secret]" in text


def test_the_page_asks_for_nothing_and_runs_nothing(full: Standing) -> None:
    text = page(full)
    assert not re.search(r"https?:|//[a-z]|@import|<script|javascript:", text)
    assert re.findall(r'(?:src|href)="([^"#][^"]*)"', text) == ["data:,"]
    assert re.findall(r"url\(([^)]*)\)", text)
    assert all(target.startswith("#head-") for target in re.findall(r"url\(([^)]*)\)", text))


def test_only_its_own_style_is_allowed(full: Standing) -> None:
    text = page(full)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "script-src" not in policy[1]
    assert "unsafe" not in policy[1]


def test_its_mark_stands_at_its_beginning(full: Standing) -> None:
    assert MARK in page(full)[:1_000]


def test_every_link_of_the_contents_leads_to_a_section(full: Standing) -> None:
    text = page(full)
    targets = re.findall(r'href="#([^"]+)"', text)
    assert len(targets) == 9
    assert set(targets) <= set(Seen(text).ids)


def test_tables_and_pictures_have_names_and_headings(full: Standing) -> None:
    text = page(full)
    assert text.count("<table") == text.count("<caption")
    assert "<th " in text
    assert all('scope="col"' in head for head in re.findall(r"<th [^>]*>", text))
    for picture in re.findall(r"<svg [^>]*>", text):
        assert 'aria-label="' in picture or 'aria-hidden="true"' in picture


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("words", ["ink", "quiet"])
@pytest.mark.parametrize("ground", ["paper", "disc"])
def test_words_stand_out_from_their_ground(colours: str, words: str, ground: str) -> None:
    """At 4.5 to 1 at least: WCAG 2.2, success criterion 1.4.3."""
    named = dict(re.findall(r"--(\w+):(#\w{6})", colours))
    light, dark = sorted((_luminance(named[words]), _luminance(named[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
