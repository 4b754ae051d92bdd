"""A purge: nothing on the disk holds the text afterwards, and a crash only puts that off."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from agent_memory import ConflictError, Memory, NotFoundError, PolicyError, StorageError
from agent_memory.storage import _fs, purge

SECRET = "Alice’s number is 0170 5550199"


@pytest.fixture(autouse=True)
def _a_temp_folder_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    ticks = iter(range(10_000))
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Memory.open(
        tmp_path / "memory",
        actor="tester",
        clock=lambda: start + timedelta(minutes=next(ticks)),
        quarantine=["web"],
    )


def filled(memory: Memory) -> str:
    """A memory with the secret in every place that one can be; the id of a clean commit."""
    memory.remember("Always use bun")
    entry = memory.remember(f"Call her: {SECRET}, at noon", topic="people").entry
    assert entry is not None
    memory.move(entry, "contacts")
    clean = memory.remember("Tests first", topic="tests").id
    memory.remember(f"Ask {SECRET} <!-- expires: 2026-01-01 -->", topic="asking")
    memory.remember("Ask nobody <!-- expires: 2026-01-01 -->", topic="asking")
    memory.verify(entry)
    for text in (f"Write to {SECRET}", f"Ring {SECRET}", f"Text {SECRET}"):
        memory.remember(text, topic="contacts", source="web")
    memory.accept(memory.inbox()[2].id)
    memory.reject(memory.inbox()[1].id)
    memory.prune(memory.stale())
    text = memory.document("contacts.md").text
    memory.write("contacts.md", text + f"\n# About {SECRET}\n", base=text)
    stale = memory.document("MEMORY.md").text
    memory.forget("bun")
    with pytest.raises(ConflictError):
        memory.write("MEMORY.md", stale.replace("Always use bun", f"Bun, {SECRET}"), base=stale)
    state = memory.directory / ".agent-memory"
    (state / "journal/intent.json.unreadable").write_text(SECRET)
    (state / "tmp/left").write_text(SECRET)
    (state / "cache.db").write_bytes(b"\0" + SECRET.encode() + b"\0")
    copy = Path(tempfile.gettempdir()) / "agent-memory-edit-x"
    copy.mkdir()
    (copy / "contacts.md").write_text(f"# Mine\n\n- {SECRET}\n- typed for an hour\n")
    (copy / ".contacts.md.swp").write_text(SECRET)
    return clean


def holding(memory: Memory) -> list[str]:
    """The files below the test's folder that hold the secret, or a part of it that tells."""
    forms = (SECRET.encode(), b"0170 5550199", rb"Alice\u2019s number")
    return [
        str(path)
        for path in memory.directory.parent.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def test_nothing_on_the_disk_holds_it_any_more(memory: Memory) -> None:
    clean = filled(memory)
    assert len(holding(memory)) > 10
    commit = memory.purge(SECRET)
    assert holding(memory) == []
    assert commit.operation == "purge"
    assert commit.changed == ("contacts.md",)
    assert SECRET not in str(commit)
    assert memory.inbox() == []
    assert [one.pruned.source for one in memory.archive()] == [
        "- Ask nobody <!-- expires: 2026-01-01 -->\n"
    ]
    assert [entry.text for entry in memory.entries() if entry.path != "MEMORY.md"] == [
        "Tests first"
    ]
    copy = Path(tempfile.gettempdir()) / "agent-memory-edit-x"
    assert (copy / "contacts.md").read_text() == "# Mine\n\n- typed for an hour\n"
    (kept,) = memory.conflicts()
    assert "Bun, " not in kept.ours
    records = {record.commit.id: record for record in memory._storage.history()}
    assert clean in records
    assert records[clean].kept
    assert any(
        not record.kept and record.commit.message == "[purged]" for record in records.values()
    )
    assert memory.remember("goes on").changed
    with pytest.raises(NotFoundError):
        memory.purge(SECRET)


def test_what_is_elsewhere_only_is_purged_too(memory: Memory) -> None:
    memory.remember(SECRET)
    memory.forget(SECRET)
    commit = memory.purge(SECRET)
    assert commit.is_empty
    assert "no file held it" in commit.notices[0]
    assert holding(memory) == []
    assert len(list(memory._storage.history())) == 2


def test_a_late_version_goes_on_without_it(memory: Memory, tmp_path: Path) -> None:
    memory.write("a.md", f"- one\n- {SECRET}\n")
    late = memory._storage._journal().late  # type: ignore[attr-defined]  # the directory's own
    base = memory.document("a.md").text
    (tmp_path / "version").write_text(base + "- typed late\n")
    late.add(str(tmp_path / "version"), "a.md", base.encode())
    opened = next((memory.directory / ".agent-memory/late").glob("*.md")).open("a")
    with opened:
        memory.purge(SECRET)
        assert holding(memory) == []
    memory.remember("the next commit")
    assert memory.document("a.md").text == "- one\n- typed late\n"


@pytest.mark.parametrize("lasting", [False, True])
def test_whatever_call_fails_the_next_purge_finishes(
    memory: Memory, changing: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    filled(memory)
    here = memory.directory.parent
    saved = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    failed = 0
    for n in range(1, 300):
        with monkeypatch.context() as faulty:
            calls = count(1)

            def failing(real: Callable[..., object], *args: object, **kwargs: object) -> object:
                call = next(calls)  # noqa: B023  # of this round
                if call == n or (lasting and call > n):  # noqa: B023  # of this round
                    raise OSError(5, "Input/output error")
                return real(*args, **kwargs)

            for name in changing:
                faulty.setattr(_fs, name, partial(failing, getattr(_fs, name)))
            try:
                said = " ".join(memory.purge(SECRET).notices)
                done = True
            except StorageError:
                done = False
        left = holding(memory)
        failed += not done or bool(left)
        assert not done or all(path in said for path in left)
        if left:
            memory.purge(SECRET)
        assert holding(memory) == []
        if done and n > failed + 30:
            break
        for path in here.rglob("*"):
            if path.is_file() and path not in saved:
                path.unlink()
        for path, data in saved.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    assert failed > 20


def test_files_that_are_not_the_memorys_are_named(memory: Memory) -> None:
    memory.remember(SECRET)
    (memory.directory / "export.csv").write_text(f"a,{SECRET}\n")
    notices = memory.purge(SECRET).notices
    assert any(notice.startswith("export.csv holds it, too") for notice in notices)
    assert any("backups" in notice for notice in notices)


def test_the_git_work_tree_around_it_is_named(memory: Memory) -> None:
    memory.remember(SECRET)
    git = ["git", "-C", str(memory.directory), "init", "-q"]
    subprocess.run(git, check=True, env={"PATH": os.environ["PATH"]})
    found = [notice for notice in memory.purge(SECRET).notices if "git history" in notice]
    assert str(memory.directory.resolve()) in found[0]


def test_what_somebody_writes_back_at_once_is_an_error(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember(SECRET)
    real = purge.Purge.scrub

    def scrub(self: purge.Purge, *journal: object) -> None:
        real(self, *journal)  # type: ignore[arg-type]  # passed on as it came
        (memory.directory / "again.md").write_text(SECRET)

    monkeypatch.setattr(purge.Purge, "scrub", scrub)
    with pytest.raises(StorageError, match=r"still stands in again\.md"):
        memory.purge(SECRET)


def test_nothing_that_holds_it_leaves_no_trace(memory: Memory) -> None:
    with pytest.raises(NotFoundError):
        memory.purge(SECRET)
    with pytest.raises(PolicyError):
        memory.purge("abc")
    assert not memory.directory.exists()


def test_a_text_like_the_words_of_our_own_files_destroys_no_history(memory: Memory) -> None:
    memory.remember("the version that counts")
    memory.remember("something else")
    memory.purge("version")
    assert [r.commit.operation for r in memory._storage.history()] == [
        "purge",
        "remember",
        "remember",
    ]
