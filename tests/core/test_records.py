"""Looking into the history: ids, names that files had, versions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core.records import find, is_ours, renamed, trace, versions
from agent_memory.errors import NotFoundError

Pasts = Callable[..., Past]


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": "# Mine\n\n- one\n"})


def test_without_an_id_it_is_the_newest(here: Past) -> None:
    with pytest.raises(NotFoundError, match="no commits yet"):
        find(here.records, None)
    here.remember("a")
    assert find(here.records, None) == find(here.records, "C0001 ") == here.records[0]


@pytest.mark.parametrize("nothing", ["", " ", "nope"])
def test_what_is_no_id_is_not_found(here: Past, nothing: str) -> None:
    here.remember("a")
    with pytest.raises(NotFoundError):
        find(here.records, nothing)


def test_ours_are_neither_found_nor_external(here: Past) -> None:
    here.found()
    here.outside({"MEMORY.md": "# Mine\n"})
    here.remember("a")
    assert [is_ours(record.commit) for record in here.records] == [True, False, False]


def test_a_rename_is_told_by_its_name_or_by_its_lines(here: Past) -> None:
    here.outside({"old.md": "# Old\n\n- a\n- b\n"})
    record = here.does("rename", lambda draft: draft.rename("old", "new"))
    assert renamed(record) == ("old.md", "new.md")
    here.outside({"new.md": None, "newer.md": here.text("new.md") + "- c\n"})
    assert renamed(here.records[0]) == ("new.md", "newer.md")
    here.outside({"newer.md": None, "else.md": "nothing\nin common\n"})
    assert renamed(here.records[0]) is None


def test_a_file_is_traced_by_the_names_that_it_had(here: Past) -> None:
    here.remember("a", topic="old")
    here.remember("other")
    here.does("rename", lambda draft: draft.rename("old", "new"))
    here.remember("b", topic="new")
    here.remember("c", topic="old")
    assert [(record.commit.id, name) for record, name in trace(here.records, "new.md")] == [
        ("c0004", "new.md"), ("c0003", "new.md"), ("c0001", "old.md"),
    ]  # fmt: skip
    assert [record.commit.id for record, _ in trace(here.records, "old.md")] == [
        "c0005", "c0003", "c0001",
    ]  # fmt: skip


def test_versions_join_up(here: Past) -> None:
    here.remember("a", topic="old")
    here.does("rename", lambda draft: draft.rename("old", "new"))
    here.remember("b", topic="new")
    found = list(versions(here.records, "new.md"))
    assert [before for _, before, _ in found[:-1]] == [after for _, _, after in found[1:]]
    assert found[-1][1] == b""
    here.without_bytes(here.records[0])
    assert len(list(versions(here.records, "new.md"))) == 2
