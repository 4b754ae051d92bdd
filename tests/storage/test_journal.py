"""The history, and what a crash leaves of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory.core.compact import Moved
from agent_memory.core.history import Author, Commit, Plan, Record
from agent_memory.core.snapshot import Change, Snapshot
from agent_memory.storage.directory import DirectoryStorage
from agent_memory.storage.journal import Journal

Putting = Callable[..., Callable[[Snapshot, Iterable[Record]], Plan]]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def journal(root: Path) -> Journal:
    root.mkdir()
    journal = Journal(str(root), str(root / ".agent-memory"))
    journal.prepare()
    return journal


def intend(journal: Journal, *changes: Change) -> None:
    """What a process does that dies before it touches the first file."""
    journal.begin(Commit("c1", NOW, "tester", "put", "m", tuple(c.path for c in changes)), changes)


def intent(root: Path) -> Path:
    return root / ".agent-memory" / "intent.json"


def test_the_state_folder_keeps_itself_out_of_version_control(journal: Journal, root: Path) -> None:
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"
    journal.prepare()
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"


def test_two_first_writers_may_prepare_at_once(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_memory.storage._fs.exists", lambda path: False)
    journal.prepare()
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"


def test_every_field_of_a_commit_comes_back(journal: Journal, root: Path) -> None:
    commit = Commit(
        id="c1",
        time=NOW,
        actor="ann@host",
        operation="remember",
        message="remember “caf\udce9 \n”",
        changed=("a.md", "latin-\udce9.md"),
        entry="0123456789",
        moved=(Moved("Old", "old.md", 3, 7, 120, 12, "over budget"),),
        notices=("over budget",),
        source="user",
        process=42,
    )
    journal.begin(commit, [Change("a.md", None, b"\xff\n"), Change("latin-\udce9.md", b"x", None)])
    journal.done()
    (record,) = journal.records()
    assert record.commit == commit
    assert dict(record.before) == {"a.md": None, "latin-\udce9.md": b"x"}
    assert dict(record.after) == {"a.md": b"\xff\n", "latin-\udce9.md": None}


def test_an_intent_that_nothing_was_done_about_is_finished(journal: Journal, root: Path) -> None:
    (root / "b.md").write_bytes(b"old\n")
    (root / "c.md").write_bytes(b"gone\n")
    intend(
        journal,
        Change("new/a.md", None, b"a\n"),
        Change("b.md", b"old\n", b"new\n"),
        Change("c.md", b"gone\n", None),
    )
    journal.recover()
    assert (root / "new/a.md").read_bytes() == b"a\n"
    assert (root / "b.md").read_bytes() == b"new\n"
    assert not (root / "c.md").exists()
    assert not intent(root).exists()
    assert [record.commit.id for record in journal.records()] == ["c1"]


def test_an_intent_is_taken_back_where_somebody_has_written_since(
    journal: Journal, root: Path
) -> None:
    (root / "a.md").write_bytes(b"new\n")  # this one was done
    (root / "b.md").write_bytes(b"theirs\n")
    intend(journal, Change("a.md", b"old\n", b"new\n"), Change("b.md", b"old\n", b"new\n"))
    journal.recover()
    assert (root / "a.md").read_bytes() == b"old\n"
    assert (root / "b.md").read_bytes() == b"theirs\n"
    assert list(journal.records()) == []
    assert not intent(root).exists()


def test_a_new_file_that_is_taken_back_leaves_no_folder(journal: Journal, root: Path) -> None:
    (root / "new").mkdir()
    (root / "new" / "a.md").write_bytes(b"a\n")
    (root / "b.md").write_bytes(b"theirs\n")
    intend(journal, Change("b.md", b"old\n", b"new\n"), Change("new/a.md", None, b"a\n"))
    journal.recover()
    assert not (root / "new").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1}', b"\xff", b"null"]
)
def test_an_unreadable_intent_is_set_aside(content: bytes, journal: Journal, root: Path) -> None:
    (root / "a.md").write_bytes(b"a\n")
    intent(root).write_bytes(content)
    journal.recover()
    assert not intent(root).exists()
    assert (root / ".agent-memory" / "intent.json.unreadable").read_bytes() == content
    assert (root / "a.md").read_bytes() == b"a\n"


def test_an_intent_without_its_contents_is_set_aside(journal: Journal, root: Path) -> None:
    intend(journal, Change("a.md", None, b"a\n"))
    shutil.rmtree(root / ".agent-memory" / "images")
    journal.recover()
    assert not (root / "a.md").exists()
    assert (root / ".agent-memory" / "intent.json.unreadable").exists()


def test_a_disk_that_fails_for_a_moment_does_not_cost_the_intent(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend(journal, Change("a.md", None, b"a\n"))

    def failing(path: str) -> object:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("agent_memory.storage._fs.read", failing)
        with pytest.raises(OSError, match="Input/output"):
            journal.recover()
    journal.recover()
    assert (root / "a.md").read_bytes() == b"a\n"


def test_what_a_crash_left_in_the_temporary_folder_is_cleared(journal: Journal, root: Path) -> None:
    (Path(journal.temporary) / "99-1.tmp").write_bytes(b"half")
    journal.recover()
    assert list(Path(journal.temporary).iterdir()) == []


@pytest.fixture
def three(storage: DirectoryStorage, author: Author, putting: Putting) -> list[str]:
    """Three commits on one file; returns their ids, the oldest first."""
    ids = []
    for number in (1, 2, 3):
        edit = putting({"MEMORY.md": b"%d\n" % number}, f"number {number}")
        ids.append(storage.commit(edit, author).id)
    return ids


def test_the_newest_record_comes_first(storage: DirectoryStorage, three: list[str]) -> None:
    records = list(storage.history())
    assert [record.commit.id for record in records] == three[::-1]
    assert [record.commit.message for record in records] == ["number 3", "number 2", "number 1"]
    assert records[0].before["MEMORY.md"] == b"2\n"
    assert records[2].before["MEMORY.md"] is None
    assert [record.commit.time.minute for record in records] == sorted(
        (record.commit.time.minute for record in records), reverse=True
    )


def test_the_history_can_be_gone_through_again(storage: DirectoryStorage, three: list[str]) -> None:
    history = storage.history()
    assert next(iter(history)).commit.id == three[2]
    assert [record.commit.id for record in history] == three[::-1]
    assert [record.commit.id for record in history] == three[::-1]


@pytest.mark.parametrize("content", ["", "{}", '{"version": 1, "commit": {"id": "x"}}', "nonsense"])
def test_an_unreadable_record_is_passed_over(
    content: str, storage: DirectoryStorage, root: Path, three: list[str]
) -> None:
    middle = sorted((root / ".agent-memory" / "commits").iterdir())[1]
    middle.write_text(content)
    assert [record.commit.id for record in storage.history()] == [three[2], three[0]]


def test_a_record_whose_contents_are_gone_is_passed_over(
    storage: DirectoryStorage, root: Path, three: list[str]
) -> None:
    newest = sorted((root / ".agent-memory" / "commits").iterdir())[2]
    image = json.loads(newest.read_bytes())["changes"][0]["after"]
    (root / ".agent-memory" / "images" / image).unlink()
    assert [record.commit.id for record in storage.history()] == [three[1], three[0]]


def test_the_order_holds_past_any_number_of_digits(
    storage: DirectoryStorage,
    root: Path,
    author: Author,
    putting: Putting,
    three: list[str],
) -> None:
    commits = root / ".agent-memory" / "commits"
    sorted(commits.iterdir())[2].rename(commits / "000000099.json")
    last = storage.commit(putting({"MEMORY.md": b"4\n"}), author)
    assert [record.commit.id for record in storage.history()] == [last.id, *three[::-1]]
    assert (commits / "000000100.json").exists()


def test_a_memory_without_a_state_folder_has_no_history(
    storage: DirectoryStorage, root: Path, three: list[str]
) -> None:
    shutil.rmtree(root / ".agent-memory")
    assert list(storage.history()) == []
