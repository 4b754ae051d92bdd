"""The constructs of a text, read piece by piece: the same as if it were read whole."""

from __future__ import annotations

import pytest
from markdown_it.token import Token

from agent_memory.core import blocks
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block


def read(text: str) -> list[tuple[str, int, int]]:
    return [(b.kind, b.start, b.end) for b in blocks.of(None, texts.lines(text))]


def test_each_construct_has_its_lines() -> None:
    text = "# T\n\n- a\n  b\n- c\n\n## S\n\nwords\n\n```\ncode\n```\n"
    assert read(text) == [
        ("heading", 0, 1), ("item", 2, 4), ("item", 4, 5), ("heading", 6, 7),
        ("paragraph", 8, 9), ("fence", 10, 13),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```\nopen\n\n# no heading\n\n# none\n", [("fence", 0, 6)]),
        ("<!-- open\n\n# no heading\n-->\n\n# one\n", [("comment", 0, 4), ("heading", 5, 6)]),
        ("<pre>\n\n# no heading\n</pre>\n", [("html", 0, 4)]),
        ("~~~\nopen\n\n# no\n~~~\n\n# one\n", [("fence", 0, 5), ("heading", 6, 7)]),
    ],
    ids=["fence to the end", "comment", "pre", "fence that closes later"],
)
def test_a_heading_within_what_is_open_is_none(
    text: str, expected: list[tuple[str, int, int]]
) -> None:
    assert read(text) == expected


def test_what_is_open_within_an_item_ends_with_the_item() -> None:
    assert read("- ```\n  open\n\n# one\n") == [("item", 0, 2), ("heading", 3, 4)]
    assert read("> <!-- open\n\n# one\n") == [("quote", 0, 1), ("heading", 2, 3)]


def test_a_piece_that_was_read_before_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sections = [f"## S{number}\n\n- fact {number} of the pieces\n\n" for number in range(20)]
    read("".join(sections))
    parser, seen = blocks._markdown(), list[str]()
    parse = parser.parse

    def watched(text: str) -> list[Token]:
        seen.append(text)
        return parse(text)

    monkeypatch.setattr(parser, "parse", watched)
    sections[7] = "## S7\n\n- another fact\n\n"
    assert Block("item", 30, 31) in blocks.of(None, texts.lines("".join(sections)))
    assert seen == [sections[7]]
