"""Findings that a change brought."""

from __future__ import annotations

from datetime import UTC, datetime

from agent_memory.core.checks.finding import Finding
from agent_memory.core.history import Commit, Record
from agent_memory.core.introduced import before, introduced
from agent_memory.core.snapshot import Snapshot


def finding(line: int, message: str, path: str = "a.md") -> Finding:
    return Finding("LN001", "error", path, line, message, "")


def test_a_finding_that_only_moved_was_there_before() -> None:
    old = [finding(3, "gone.md is not there"), finding(9, "12 of 200 lines")]
    new = [finding(5, "gone.md is not there"), finding(9, "13 of 200 lines")]
    assert introduced(old, new) == []


def test_a_second_one_of_a_kind_is_new_and_one_elsewhere_too() -> None:
    same, elsewhere = finding(4, "twice"), finding(3, "twice", "b.md")
    assert introduced([finding(3, "twice")], [finding(3, "twice"), same, elsewhere]) == [
        same, elsewhere,
    ]  # fmt: skip


def test_the_files_before_a_commit_are_those_it_found() -> None:
    commit = Commit("1", datetime(2026, 1, 1, tzinfo=UTC), "you", "external", "")
    record = Record(commit, {"a.md": b"old", "new.md": None}, {"a.md": b"now", "new.md": b"n"})
    snapshot = Snapshot({"a.md": b"now", "new.md": b"n", "other.md": b"o"})
    assert before(snapshot, record).files == {"a.md": b"old", "other.md": b"o"}
