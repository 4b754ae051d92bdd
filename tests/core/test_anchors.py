"""Which headings the anchors of links mean."""

from __future__ import annotations

import pytest

from agent_memory.core import anchors, links
from agent_memory.core.document import Document
from agent_memory.core.snapshot import Snapshot


def test_an_anchor_is_made_as_renderers_make_it() -> None:
    assert anchors.anchor("What's new, in 2.0? (so_far)") == "whats-new-in-20-so_far"


def test_headings_that_repeat_are_numbered() -> None:
    document = Document("t.md", "# Notes\n\n## A b\n\n## Notes\n\n## notes\n")
    assert anchors.anchors(document) == ["notes", "a-b", "notes-1", "notes-2"]


@pytest.mark.parametrize(
    ("said", "number"), [("a-b", 1), ("A  B", 1), ("notes-1", 2), ("Notes", 0), ("gone", None)]
)
def test_a_heading_is_found_by_its_anchor_and_by_its_words(said: str, number: int | None) -> None:
    document = Document("t.md", "# Notes\n\n## A b\n\n## Notes\n")
    assert anchors.look_up(anchors.by_name(document), said) == number


@pytest.mark.parametrize(
    ("text", "name", "anchor", "goal"),
    [
        ("[x](u.md#a-b)", "u.md", "a-b", "u.md"),
        ("[x](<./u.md#a b> 'T')", "./u.md", "a b", "u.md"),
        ("[x](#a-b)", "", "a-b", "t.md"),
        ("[[u#A b|x]]", "u", "A b", "u.md"),
        ("see [[#A b|x]]", "", "A b", "t.md"),
        ("| a |\n|---|\n| [[u#A b\\|x]] |", "u", "A b", "u.md"),
        ("[r]: u.md#a-b", "u.md", "a-b", "u.md"),
    ],
)
def test_every_link_with_an_anchor_is_found_in_its_place(
    text: str, name: str, anchor: str, goal: str
) -> None:
    memory = Snapshot({"t.md": text.encode(), "u.md": b""})
    (found,) = anchors.anchored(memory.document("t.md"), links.names(memory))
    assert text[found.name.start : found.name.end] == name
    assert text[found.anchor.start : found.anchor.end] == anchor
    assert found.goal == goal
    assert anchors.likely(text)


@pytest.mark.parametrize("text", ["[x](u.md)", "[[u]] # no", "`[x](#a)`", "[x](gone.md#a)", "# A"])
def test_what_leads_to_no_heading_is_passed_over(text: str) -> None:
    memory = Snapshot({"t.md": text.encode(), "u.md": b""})
    assert not list(anchors.anchored(memory.document("t.md"), links.names(memory)))
