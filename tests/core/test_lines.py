"""Each line of a file with the commit that wrote it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core.lines import UNKNOWN, UNRECORDED, origins

INDEX = "# Mine\n\n- one\n- two\n"
Pasts = Callable[..., Past]


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": INDEX})


def told(here: Past, path: str = "MEMORY.md") -> list[tuple[str, str]]:
    return [
        (line.text, line.commit.id if line.commit else line.origin)
        for line in origins(here.snapshot, here.records, path)
    ]


def test_a_line_is_of_the_commit_that_wrote_it(here: Past) -> None:
    here.remember("first")
    here.does("update", lambda draft: draft.update(draft.snapshot.index.entries[0].id, "one 1.3"))
    assert told(here) == [
        ("# Mine", UNKNOWN), ("", UNKNOWN), ("- one 1.3", "c0002"), ("- two", UNKNOWN),
        ("- first", "c0001"),
    ]  # fmt: skip
    line = origins(here.snapshot, here.records, "MEMORY.md")[4]
    assert (line.line, line.origin) == (5, "remember")
    assert line.commit == here.records[1].commit


def test_what_stood_there_when_the_history_began_is_unknown(here: Past) -> None:
    here.found()
    here.remember("first")
    assert told(here) == [*[(line, UNKNOWN) for line in INDEX.splitlines()], ("- first", "c0002")]


def test_lines_of_others_are_of_their_commit_or_not_recorded_yet(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": here.text() + "- recorded\n"})
    here.outside({"MEMORY.md": here.text().replace("- one\n", "- uno\n") + "- fresh\n"}, False)
    assert told(here)[2:] == [
        ("- uno", UNRECORDED), ("- two", UNKNOWN), ("- mine", "c0001"), ("- recorded", "c0002"),
        ("- fresh", UNRECORDED),
    ]  # fmt: skip
    assert origins(here.snapshot, here.records, "MEMORY.md")[5].origin == "external"


def test_lines_are_followed_through_a_rename(here: Past) -> None:
    here.remember("bun", topic="tools")
    here.does("rename", lambda draft: draft.rename("tools", "tooling"))
    here.remember("uv", topic="tooling")
    assert [line for line in told(here, "tooling.md") if line[0].startswith("-")][2:] == [
        ("- bun", "c0001"), ("- uv", "c0003"),
    ]  # fmt: skip
    assert ("name: tooling", "c0002") in told(here, "tooling.md")


def test_a_file_without_a_commit_is_unknown_and_an_empty_one_has_no_lines(here: Past) -> None:
    assert {origin for _, origin in told(here)} == {UNKNOWN}
    assert told(here, "none.md") == []


def test_a_commit_without_its_bytes_leaves_the_question_open(here: Past) -> None:
    here.remember("first")
    record = here.remember("second")
    here.remember("third")
    here.without_bytes(record)
    assert told(here)[4:] == [("- first", "c0001"), ("- second", UNRECORDED), ("- third", "c0003")]
