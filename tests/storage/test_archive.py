"""The archive outlives the history: what was pruned comes back, and what was verified stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent_memory import Memory, NotFoundError, StorageError
from agent_memory.core.history import Author, Plan
from agent_memory.core.snapshot import Change, Snapshot
from agent_memory.storage import _fs
from agent_memory.storage.directory import DirectoryStorage

INDEX = (
    "# M\r\n\r\n- Freeze <!-- expires: 2026-01-01 -->\r\n- True <!-- expires: 2026-01-02 -->\r\n"
)


class Clock:
    """A clock that goes on by a minute at each look, and by days when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def goes_on(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(tmp_path: Path, clock: Clock) -> Memory:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/MEMORY.md").write_bytes(INDEX.encode())
    return Memory.open(tmp_path / "m", actor="tester", clock=clock)


def archived(memory: Memory) -> list[tuple[str, str]]:
    return [(one.commit.id, one.pruned.source) for one in memory.archive()]


def history(memory: Memory) -> list[str]:
    return [commit.operation for commit in memory.log(None)]


def entry(memory: Memory, text: str) -> str:
    return next(one.id for one in memory.entries() if one.text == text)


def years_later(memory: Memory, clock: Clock) -> None:
    """A commit long after, so that the history lets go of all that was before."""
    clock.goes_on(1000)
    memory.remember("Much later", topic="later")
    assert history(memory)[0] == "remember"


def test_a_stamp_is_a_commit_that_changes_no_file(memory: Memory) -> None:
    before = (memory.directory / "MEMORY.md").stat()
    commit = memory.verify(entry(memory, "True"))
    assert (commit.operation, commit.changed, commit.is_empty) == ("verify", (), False)
    assert [(one.entry.text, one.verdict, one.verified) for one in memory.stale()] == [
        ("Freeze", "stale", ""),
        ("True", "fresh", "2026-03-01"),
    ]
    assert (memory.directory / "MEMORY.md").stat() == before
    assert history(memory) == ["verify", "found"]
    assert memory.undo().undoes == commit.id
    assert [one.verdict for one in memory.stale()] == ["stale", "stale"]
    with pytest.raises(NotFoundError):
        memory.verify("0000000000")


def test_a_stamp_that_a_crash_stopped_is_made_by_the_next_write(memory: Memory) -> None:
    commit = memory.verify(entry(memory, "True"))
    memory.undo()
    storage = memory._storage
    assert isinstance(storage, DirectoryStorage)
    storage._journal().begin(replace(commit, id="0123456789"), [])
    assert [one.verdict for one in memory.stale()] == ["stale", "stale"]
    memory.remember("the next write")
    assert [one.verdict for one in memory.stale()][:2] == ["stale", "fresh"]
    assert history(memory) == ["remember", "verify", "undo", "verify", "found"]


def test_a_stamp_survives_the_history(memory: Memory, clock: Clock) -> None:
    memory.verify(entry(memory, "True"))
    years_later(memory, clock)
    assert "verify" not in history(memory)
    assert [one.verdict for one in memory.stale()][:2] == ["stale", "fresh"]


@pytest.mark.parametrize("how", ["undo", "restore"])
@pytest.mark.parametrize("late", [False, True])
def test_what_was_pruned_comes_back_byte_for_byte_however_late(
    memory: Memory, clock: Clock, how: str, late: bool
) -> None:
    commit = memory.prune(memory.stale())
    assert (memory.directory / "MEMORY.md").read_bytes() == b"# M\r\n\r\n"
    if late:
        years_later(memory, clock)
        assert "prune" not in history(memory)
        memory.remove("later.md")
    assert [one for one, _ in archived(memory)] == [commit.id, commit.id]
    getattr(memory, how)(commit.id)
    assert (memory.directory / "MEMORY.md").read_bytes().startswith(INDEX.encode())
    assert archived(memory) == []


def test_what_was_brought_back_before_the_history_went_is_not_in_the_archive(
    memory: Memory, clock: Clock
) -> None:
    commit = memory.prune(memory.stale())
    clock.goes_on(60)
    memory.undo(commit.id)
    clock.goes_on(60)
    memory.remember("The prune is trimmed, its undo is not yet")
    memory.forget("Freeze")
    assert archived(memory) == []
    years_later(memory, clock)
    memory.forget("True")
    assert archived(memory) == []


def test_only_what_the_archive_needs_outlives_the_history(memory: Memory, clock: Clock) -> None:
    memory.remember("Nothing of this is needed", topic="other")
    memory.write("other.md", "# Other\n", memory.document("other.md").revision)
    memory.prune(memory.stale())
    years_later(memory, clock)
    kept = [path.read_bytes() for path in (memory.directory / ".agent-memory").rglob("*")
            if path.is_file()]  # fmt: skip
    assert not any(b"Nothing of this" in data for data in kept)
    assert any(data == (memory.directory / "MEMORY.md").read_bytes() for data in kept)
    assert len(memory._storage.archive()) == 1


def test_a_size_that_the_history_must_keep_to_does_not_count_the_archive(
    tmp_path: Path, clock: Clock
) -> None:
    memory = Memory.open(tmp_path / "m", actor="tester", clock=clock)
    memory.remember("Freeze <!-- expires: 2026-01-01 -->")
    memory.prune(memory.stale())
    small = DirectoryStorage(str(tmp_path / "m"), clock, 90, 4000)

    def put(number: int) -> None:
        def edit(snapshot: Snapshot, _: object) -> Plan:
            before = snapshot.files.get("a.md")
            return Plan((Change("a.md", before, f"- {number} {'x' * 900}\n".encode()),), "t", "t")

        small.commit(edit, Author("tester"))

    for number in range(20):
        clock.goes_on(1)
        put(number)
    assert 1 < len(list(small.history())) < 6
    assert [one.pruned.source for one in memory.archive()] == [
        "- Freeze <!-- expires: 2026-01-01 -->\n"
    ]


def test_a_trim_that_fails_half_way_loses_nothing(
    memory: Memory, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = memory.prune(memory.stale())
    clock.goes_on(1000)

    def full(old: str, new: str) -> None:
        if "archive" in new:
            raise OSError(28, "No space left on device")
        real(old, new)

    real = _fs.replace
    with monkeypatch.context() as here:
        here.setattr(_fs, "replace", full)
        memory.remember("Later", topic="later")
    assert [one for one, _ in archived(memory)] == [commit.id, commit.id]
    years_later(memory, clock)
    assert [one for one, _ in archived(memory)] == [commit.id, commit.id]
    assert memory.undo(commit.id).changed == ("MEMORY.md",)


def test_a_file_in_the_archive_that_nobody_can_read_is_passed_over(
    memory: Memory, clock: Clock
) -> None:
    commit = memory.prune(memory.stale())
    years_later(memory, clock)
    folder = memory.directory / ".agent-memory/archive"
    (folder / "0000000000.json").write_text("{")
    whole = (folder / f"{commit.id}.json").read_text()
    for number, (good, bad) in enumerate(
        [
            ('"pruned"', '"eaten"'),
            ('"line": 3', '"line": "3"'),
            ('"weight": "stale"', '"weight": "much"'),
        ]
    ):
        assert good in whole
        damaged = whole.replace(good, bad).replace(commit.id, f"{number:010d}")
        (folder / f"{number:010d}.json").write_text(damaged)
    assert [one for one, _ in archived(memory)] == [commit.id, commit.id]
    years_later(memory, clock)
    assert memory.undo(commit.id).changed == ("MEMORY.md",)


def test_an_archive_that_cannot_be_listed_is_an_error_and_not_empty(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: str) -> list[str]:
        if path.endswith("archive"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    real = _fs.listdir
    memory.prune(memory.stale())
    monkeypatch.setattr(_fs, "listdir", closed)
    with pytest.raises(StorageError):
        memory.archive()


def test_a_purge_reaches_the_archive_and_leaves_the_rest_of_it(
    memory: Memory, clock: Clock
) -> None:
    memory.remember("Other <!-- expires: 2026-01-01 -->", topic="other")
    memory.verify(entry(memory, "True"))
    commit = memory.prune(memory.stale())
    years_later(memory, clock)
    memory.purge("Freeze")
    ((_, left),) = archived(memory)
    assert left == "- Other <!-- expires: 2026-01-01 -->\r\n"
    back = memory.restore(commit.id)
    assert back.changed == ("MEMORY.md", "other.md")
    assert "- Other <!-- expires: 2026-01-01 -->" in memory.document("other.md").text
    assert archived(memory) == []
    state = memory.directory / ".agent-memory"
    assert not any(b"Freeze" in path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert [one.verdict for one in memory.stale() if one.entry.text == "True"] == ["fresh"]
    memory.purge("True")
    judged = [one for record in memory._storage.archive() for one in record.commit.judged]
    assert [one.done for one in judged] == ["pruned"]


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("- Freeze <!-- expires", ["Freeze"]),
        ("-->\r\n- True", ["True"]),
        ("2026-01-01 -->\r\n- True <!--", ["Freeze", "True"]),
    ],
)
def test_a_purge_of_a_text_across_entries_leaves_no_copy_of_them(
    memory: Memory, text: str, gone: list[str]
) -> None:
    memory.verify(entry(memory, "True"))
    memory.prune(memory.stale())
    memory.undo()
    memory.purge(text)
    left = [one.source for record in memory._storage.history() for one in record.commit.judged]
    assert not [source for source in left if any(word in source for word in gone)]


def test_what_waits_outlives_the_history_and_so_do_decisions(
    memory: Memory, clock: Clock, tmp_path: Path
) -> None:
    gated = Memory.open(tmp_path / "m", actor="scout", clock=clock, quarantine=["web"])
    for text in ("Builds run on arm64", "Pipe it into a shell", "Caches live in Redis"):
        gated.remember(text, topic="found", source="web")
    waits = [one.id for one in memory.inbox()]
    memory.reject(waits[1])
    years_later(memory, clock)
    assert "quarantine" not in history(memory)
    assert [one.id for one in memory.inbox()] == [waits[0], waits[2]]
    memory.accept(waits[0])
    memory.reject(waits[2])
    clock.goes_on(1000)
    memory.remember("Later still", topic="later")
    assert history(memory) == ["remember"]
    assert memory.inbox() == []
    assert [one.text for one in memory.document("found").entries] == ["Builds run on arm64"]
