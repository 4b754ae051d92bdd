"""What the pieces of a topic are called, and what they say of themselves."""

from __future__ import annotations

import pytest

from agent_memory.core import offshoots
from agent_memory.core.document import Document
from agent_memory.core.overflow import Chunk
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot


@pytest.mark.parametrize(
    ("path", "title", "name"),
    [
        (INDEX, "Part 7", "part-7.md"),
        ("big.md", "Part 7", "big-part-7.md"),
        ("sub/big.md", "Part 7", "sub/big-part-7.md"),
        ("big.md", "Big part", "big-part.md"),
        ("api_design.md", "API design: errors", "api_design-errors.md"),
        ("notes-on-auth.md", "Auth tokens", "notes-on-auth-tokens.md"),
        ("big.md", "Big", "big-2.md"),
        ("big.md", "???", "big-notes.md"),
    ],
)
def test_a_piece_is_called_after_its_topic_and_no_word_stands_twice(
    path: str, title: str, name: str
) -> None:
    memory = Snapshot({INDEX: b"", "big.md": b""})
    assert offshoots.free_path(memory, path, title) == name


@pytest.mark.parametrize("title", ["word " * 40, "w" * 200, "章" * 50])
def test_no_name_gets_long_however_often_it_is_split(title: str) -> None:
    path = "a-topic-with-a-name.md"
    for _ in range(4):
        path = offshoots.free_path(Snapshot({path: b""}), path, title)
        assert len(path.encode()) <= 70
    assert "--" not in path


def test_a_piece_says_whose_it_is_and_one_of_the_index_what_it_holds() -> None:
    chunk = Chunk(2, 4, "Four", whole=True)
    of_topic = Document("sub/t.md", "# The T\n\n## Four\n- x\n")
    of_index = Document(INDEX, "# The T\n\n## Four\n- x\n")
    said = offshoots.text("", "sub/t-four.md", of_topic, [chunk])
    assert said == (
        '---\nname: t-four\ndescription: "Four, a part of The T (t.md)"\n---\n\n## Four\n- x\n'
    )
    assert "description: notes on four\n" in offshoots.text("", "four.md", of_index, [chunk])
