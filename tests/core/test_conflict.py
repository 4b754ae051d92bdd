"""Conflicts: found by id, decided for either side, shown with marks that are never saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_memory.core import conflict as conflicts
from agent_memory.core.conflict import Conflict
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError

BASE = "# M\n\n- one\n- two\n- three\n"
ONE = Conflict(
    "0123456789", datetime(2026, 3, 1, tzinfo=UTC), "MEMORY.md", 4, "you", "write", BASE,
    BASE.replace("one", "1").replace("two", "ours"),
    BASE.replace("three", "3").replace("two", "theirs"),
)  # fmt: skip


def test_a_conflict_is_found_by_the_beginning_of_its_id() -> None:
    other = replace(ONE, id="0199999999")
    assert conflicts.find([ONE, other], "012") is ONE
    with pytest.raises(AmbiguousError) as caught:
        conflicts.find([ONE, other], "01")
    assert caught.value.candidates == ("0123456789  MEMORY.md:4", "0199999999  MEMORY.md:4")
    for name in ("", "99"):
        with pytest.raises(NotFoundError):
            conflicts.find([ONE, other], name)


def test_either_side_wins_only_where_both_changed_the_same() -> None:
    assert conflicts.with_ours(ONE) == "# M\n\n- 1\n- ours\n- 3\n"
    assert conflicts.with_theirs(ONE) == "# M\n\n- 1\n- theirs\n- 3\n"


def test_of_a_file_that_was_removed_each_side_is_all_there_is() -> None:
    gone = replace(ONE, theirs="")
    assert (conflicts.with_ours(gone), conflicts.with_theirs(gone)) == (ONE.ours, "")


def test_marks_stand_around_what_is_to_be_decided_and_nothing_else() -> None:
    assert conflicts.marked(ONE) == (
        "# M\n\n- 1\n<<<<<<< ours\n- ours\n=======\n- theirs\n>>>>>>> theirs\n- 3\n"
    )


def test_a_text_with_marks_is_refused_unless_a_side_had_them() -> None:
    with pytest.raises(PolicyError, match="line 4 "):
        conflicts.refuse_marks(ONE, conflicts.marked(ONE))
    with pytest.raises(PolicyError, match="line 1 "):
        conflicts.refuse_marks(ONE, ">>>>>>> theirs\n")
    conflicts.refuse_marks(ONE, "Title\n=======\n")
    conflicts.refuse_marks(replace(ONE, theirs=conflicts.marked(ONE)), conflicts.marked(ONE))
