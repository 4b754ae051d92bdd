"""A memory's history through the facade: log, diff, lines, undo, restore and what is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory import AmbiguousError, Commit, ConflictError, Memory, NotFoundError, Record
from agent_memory.core.history import EXTERNAL, Author
from agent_memory.storage.base import Edit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEGUN = "# Mine\n\n- one\n- two\n"


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "MEMORY.md").write_text(BEGUN)
    return opened(tmp_path)


def opened(folder: Path, actor: str = "tester") -> Memory:
    return Memory.open(folder / "memory", actor=actor, clock=lambda: NOW)


def index(memory: Memory) -> str:
    return (memory.directory / "MEMORY.md").read_text()


def test_the_log_has_the_newest_commits_first_as_they_were_returned(memory: Memory) -> None:
    first, second = memory.remember("a"), memory.remember("b")
    assert [commit.id for commit in memory.log(limit=2)] == [second.id, first.id]
    assert memory.log(limit=1)[0].message == "remember “b” in MEMORY.md"
    assert memory.log(limit=None)[:2] == memory.log(limit=2)


def test_the_log_of_a_file_follows_its_names(memory: Memory) -> None:
    made = memory.remember("bun", topic="tools")
    memory.remember("other")
    moved = memory.rename("tools", "tooling")
    assert [c.id for c in memory.log(path="tooling")] == [moved.id, made.id]
    memory.remove("tooling")
    assert [c.id for c in memory.log(path="tooling.md")][1:] == [moved.id, made.id]
    with pytest.raises(NotFoundError):
        memory.log(path="nothing")


def test_a_memory_without_a_history_has_an_empty_log(memory: Memory) -> None:
    assert memory.log() == []
    assert memory.lost() == []
    with pytest.raises(NotFoundError, match="no commits yet"):
        memory.diff()
    with pytest.raises(NotFoundError):
        memory.undo()
    assert sorted(path.name for path in memory.directory.iterdir()) == ["MEMORY.md"]


def test_the_diff_of_a_commit(memory: Memory) -> None:
    first = memory.remember("a")
    memory.remember("b")
    assert memory.diff().endswith(" - a\n+- b\n")
    assert memory.diff(first.id[:8]).endswith(" - two\n+- a\n")
    with memory.edit() as draft:
        draft.remember("c")
        assert draft.diff().endswith("+- c\n")
        draft.discard()


def test_undo_is_a_commit_that_names_what_it_takes_back(memory: Memory) -> None:
    made = memory.remember("a")
    back = memory.undo(source="user")
    assert index(memory) == BEGUN
    assert (back.operation, back.undoes, back.source) == ("undo", made.id, "user")
    assert memory.log(limit=1)[0].undoes == made.id
    redo = memory.undo(back.id)
    assert (redo.undoes, index(memory)) == (back.id, BEGUN + "- a\n")


def test_an_actor_undoes_its_own(memory: Memory, tmp_path: Path) -> None:
    memory.remember("mine")
    other = opened(tmp_path, "somebody else")
    theirs = other.remember("theirs")
    memory.undo()
    assert index(memory) == BEGUN + "- theirs\n"
    with pytest.raises(NotFoundError) as raised:
        memory.undo()
    assert raised.value.suggestions[0].startswith(theirs.id)


def test_undo_keeps_what_was_written_without_us(memory: Memory) -> None:
    memory.remember("mine")
    (memory.directory / "MEMORY.md").write_text("# Mine\n\n- one\n- two\n- mine\n- theirs\n")
    memory.undo()
    assert index(memory) == BEGUN + "- theirs\n"


def test_an_undo_that_clashes_changes_nothing(memory: Memory) -> None:
    commit = memory.update(memory.entries()[0].id, "one 1.3")
    (memory.directory / "MEMORY.md").write_text("# Mine\n\n- one 2\n- two\n")
    with pytest.raises(ConflictError) as raised:
        memory.undo(commit.id)
    assert (raised.value.ours.strip(), raised.value.theirs.strip()) == ("- one", "- one 2")
    assert index(memory) == "# Mine\n\n- one 2\n- two\n"


def test_a_commit_is_chosen_when_it_is_made_and_not_before(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember("first")
    commit = memory._storage.commit

    def late(edit: Edit, author: Author) -> Commit:
        monkeypatch.setattr(memory._storage, "commit", commit)
        memory.remember("second")
        return commit(edit, author)

    monkeypatch.setattr(memory._storage, "commit", late)
    memory.undo()
    assert index(memory) == BEGUN + "- first\n"


def test_what_an_overwriter_took_is_lost_until_it_is_restored(memory: Memory) -> None:
    wrote = memory.remember("mine")
    (memory.directory / "MEMORY.md").write_text(BEGUN + "- theirs\n")
    (lost,) = memory.losses()
    assert (lost.entry.text, lost.commit.id, lost.stale) == ("mine", wrote.id, True)
    assert memory.lost() == [lost.entry]
    commit = memory.restore(wrote.id)
    assert commit.operation == "restore"
    assert sorted(index(memory).splitlines()[2:]) == ["- mine", "- one", "- theirs", "- two"]
    assert memory.lost() == []


def test_a_file_is_restored_exactly(memory: Memory) -> None:
    made = memory.write("odd.md", "odd\r\n\tbytes \udce9")
    memory.write("odd.md", "even\n", expected=memory.document("odd").revision)
    memory.restore(made.id, "odd")
    assert (memory.directory / "odd.md").read_bytes() == b"odd\r\n\tbytes \xe9"


def test_a_beginning_of_several_ids_is_ambiguous_and_changes_nothing(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in "ab":
        memory.remember(text)
    real = list(memory._storage.history())
    alike = [Record(_with_id(r, n), r.before, r.after) for n, r in enumerate(real)]
    monkeypatch.setattr(memory._storage, "history", lambda: alike)
    with pytest.raises(AmbiguousError) as raised:
        memory.undo("abcd")
    assert len(raised.value.candidates) == len(real)
    assert index(memory) == BEGUN + "- a\n- b\n"


def _with_id(record: Record, number: int) -> Commit:
    return replace(record.commit, id=f"abcd00000{number}")


def test_each_line_has_its_commit(memory: Memory) -> None:
    commit = memory.remember("mine")
    lines = memory.lines("MEMORY")
    assert [(line.line, line.text) for line in lines][-1] == (5, "- mine")
    assert lines[-1].commit is not None
    assert (lines[-1].commit.id, lines[-1].commit.source) == (commit.id, "agent")
    assert lines[2].origin == "unknown: before the history"
    with pytest.raises(NotFoundError):
        memory.lines("nothing")


def test_whoever_commits_after_an_overwriter_is_told(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember("mine")
    stale = {"MEMORY.md": index(memory).encode()}
    (memory.directory / "MEMORY.md").write_text(BEGUN)
    _record_as_external(memory, stale, monkeypatch)
    commit = memory.remember("more")
    assert any("took out 1 entry that had been saved: “mine”" in n for n in commit.notices)


def _record_as_external(
    memory: Memory, before: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history as it is when the next writer has recorded what others changed."""
    real = list(memory._storage.history())
    theirs = replace(real[0].commit, id="e" * 10, actor=EXTERNAL, operation=EXTERNAL)
    record = Record(theirs, before, {path: memory._scan().files[path] for path in before})
    monkeypatch.setattr(memory._storage, "history", lambda: [record, *real])
