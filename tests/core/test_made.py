"""What counts as made by us: only what has been there ever since."""

from __future__ import annotations

from datetime import UTC, datetime

from agent_memory.core.history import Commit, Record
from agent_memory.core.made import made

TIME = datetime(2026, 1, 1, tzinfo=UTC)


def record(
    before: bytes | None, after: bytes | None, operation: str = "remember", message: str = ""
) -> Record:
    commit = Commit("1", TIME, "a", operation, message, ("t.md",))
    return Record(commit, {"t.md": before}, {"t.md": after})


MAKES = record(b"# T\n", b"# T\n\n## S\n\n- f\n")


def test_a_heading_that_a_commit_wrote_is_made() -> None:
    assert made([MAKES]).headings["t.md"] == {"## S"}


def test_a_heading_that_was_taken_out_once_is_whoevers_put_it_back() -> None:
    out = record(b"# T\n\n## S\n\n- f\n", b"# T\n", "forget")
    assert made([out, MAKES]).headings["t.md"] == frozenset()
    back = record(b"# T\n\n## S\n", b"# T\n\n## S\n\n- g\n")
    assert made([back, out, MAKES]).headings["t.md"] == frozenset()


def test_a_file_is_made_until_it_was_removed() -> None:
    makes = record(None, b"# T\n\n- f\n")
    assert made([makes]).files == {"t.md": b"# T\n\n- f\n"}
    assert made([record(b"x", None, "remove"), makes]).files == {}


def test_a_text_that_was_given_whole_is_its_authors() -> None:
    assert made([record(None, b"# T\n", "write")]).files == {}
    assert made([record(None, b"# T\n", "edit", "write t.md; remember x")]).files == {}
