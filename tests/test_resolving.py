"""Conflicts through Memory: kept, listed, resolved against what stands there by then."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory import ConflictError, Memory, NotFoundError, PolicyError
from agent_memory.core import conflict as conflicts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "# M\n\n- one\n- two\n- three\n"


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.open(tmp_path / "memory", actor="tester", clock=lambda: NOW)


def index(memory: Memory) -> str:
    return (memory.directory / "MEMORY.md").read_text(encoding="utf-8")


def clash(memory: Memory) -> ConflictError:
    """Somebody changes `two` while we do."""
    (memory.directory).mkdir(exist_ok=True)
    (memory.directory / "MEMORY.md").write_text(BASE.replace("two", "theirs"))
    with pytest.raises(ConflictError) as caught:
        memory.write("MEMORY.md", BASE.replace("two", "ours"), base=BASE)
    return caught.value


def test_what_could_not_be_written_is_kept_and_nothing_changes(memory: Memory) -> None:
    error = clash(memory)
    (kept,) = memory.conflicts()
    assert (kept.id, kept.time, kept.actor, kept.operation) == (error.kept, NOW, "tester", "write")
    assert (kept.path, kept.line) == ("MEMORY.md", 4)
    assert (kept.base, kept.ours, kept.theirs) == (error.base, error.ours, error.theirs)
    assert error.kept in error.hint
    assert index(memory) == BASE.replace("two", "theirs")


def test_the_same_tried_again_is_kept_once(memory: Memory) -> None:
    assert clash(memory).kept == clash(memory).kept
    assert len(memory.conflicts()) == 1


def test_a_conflict_is_resolved_with_the_text_that_was_decided_on(memory: Memory) -> None:
    kept = clash(memory).kept
    commit = memory.resolve(kept[:6], BASE.replace("two", "both"))
    assert (commit.operation, commit.changed) == ("resolve", ("MEMORY.md",))
    assert index(memory) == BASE.replace("two", "both")
    assert memory.conflicts() == []
    with pytest.raises(NotFoundError):
        memory.resolve(kept, "again\n")


def test_what_others_wrote_since_the_conflict_stays(memory: Memory) -> None:
    kept = clash(memory).kept
    memory.remember("four")
    memory.resolve(kept, conflicts.with_ours(memory.conflict(kept)))
    assert index(memory) == BASE.replace("two", "ours") + "- four\n"


def test_theirs_leaves_the_file_as_it_is_by_now(memory: Memory) -> None:
    kept = clash(memory).kept
    memory.remember("four")
    before = index(memory)
    assert memory.resolve(kept, memory.conflict(kept).theirs).is_empty
    assert (index(memory), memory.conflicts()) == (before, [])


def test_a_conflict_that_others_overtake_again_is_replaced_by_a_new_one(memory: Memory) -> None:
    kept = clash(memory).kept
    (memory.directory / "MEMORY.md").write_text(BASE.replace("two", "theirs again"))
    with pytest.raises(ConflictError) as caught:
        memory.resolve(kept, BASE.replace("two", "both"))
    (new,) = memory.conflicts()
    assert (new.id, new.operation) == (caught.value.kept, "resolve")
    assert (new.ours, new.theirs) == (
        BASE.replace("two", "both"),
        BASE.replace("two", "theirs again"),
    )


def test_a_text_with_marks_is_refused_and_the_conflict_stays(memory: Memory) -> None:
    kept = clash(memory).kept
    with pytest.raises(PolicyError):
        memory.resolve(kept, conflicts.marked(memory.conflict(kept)))
    assert len(memory.conflicts()) == 1


def test_a_long_draft_is_merged_with_what_was_written_meanwhile(memory: Memory) -> None:
    memory.write("MEMORY.md", BASE)
    with memory.edit() as draft:
        draft.write("MEMORY.md", BASE.replace("one", "1"), draft.snapshot.index.revision)
        (memory.directory / "MEMORY.md").write_text(BASE.replace("three", "3"))
    assert index(memory) == "# M\n\n- 1\n- two\n- 3\n"
    assert draft.commit is not None
    assert "both in it" in draft.commit.notices[0]


def test_a_long_draft_that_clashes_keeps_what_it_would_have_written(memory: Memory) -> None:
    memory.write("MEMORY.md", BASE)

    def consolidate() -> None:
        with memory.edit() as draft:
            draft.update(draft.snapshot.index.entries[1].id, "ours")
            (memory.directory / "MEMORY.md").write_text(BASE.replace("two", "theirs"))

    with pytest.raises(ConflictError):
        consolidate()
    (kept,) = memory.conflicts()
    assert (kept.operation, kept.ours) == ("edit", BASE.replace("two", "ours"))
    assert index(memory) == BASE.replace("two", "theirs")


def test_an_older_version_is_found_in_the_history(memory: Memory) -> None:
    memory.write("a.md", BASE)
    read = memory.document("a.md").revision
    memory.write("a.md", BASE.replace("three", "3"), expected=read)
    memory.write("a.md", BASE.replace("one", "1"), expected=read)
    assert memory.document("a.md").text == "# M\n\n- 1\n- two\n- 3\n"
