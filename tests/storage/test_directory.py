"""The commit: all of it or nothing, whatever fails, dies or writes in between."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory import Memory
from agent_memory.core.history import Author, Commit, Plan, Record
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import StorageError, UnsafePathError
from agent_memory.storage import _fs, lock, replace
from agent_memory.storage.directory import DirectoryStorage

Edit = Callable[[Snapshot, Iterable[Record]], Plan]
Putting = Callable[..., Edit]
FailAt = Callable[[int, OSError, bool], None]

OLD: dict[str, bytes] = {"MEMORY.md": b"# Old\n", "gone/x.md": b"x\n", "kept.md": b"k\n"}
NEW: dict[str, bytes] = {"MEMORY.md": b"# New\n", "deep/er/n.md": b"n\n", "kept.md": b"k\n"}
EDIT: dict[str, bytes | None] = {"MEMORY.md": b"# New\n", "deep/er/n.md": b"n\n", "gone/x.md": None}


@pytest.fixture
def commit(
    storage: DirectoryStorage, author: Author, putting: Putting
) -> Callable[[dict[str, bytes | None]], Commit]:
    """Commits these contents."""
    return lambda files: storage.commit(putting(files), author)


Committing = Callable[[dict[str, bytes | None]], Commit]


def fill(root: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def visible(root: Path) -> dict[str, bytes]:
    """Every file of the memory, our state left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".agent-memory" not in path.parts
    }


def litter(root: Path) -> list[str]:
    """Whatever should not be there after a commit."""
    state = root / ".agent-memory"
    left = [path.name for path in (state / "tmp").iterdir()]
    left += [path.name for path in (state / "journal").glob("*.part")]
    left += [path.name for path in (state / "journal").glob("intent*")]
    left += [path.name for path in (state / "late").glob("*")]
    left += [
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_dir() and not any(path.iterdir()) and ".agent-memory" not in path.parts
    ]
    return left


# -- what a commit does -------------------------------------------------------------------------


def test_a_commit_creates_changes_and_removes(root: Path, commit: Committing) -> None:
    fill(root, OLD)
    done = commit(EDIT)
    assert visible(root) == NEW
    assert done.changed == ("MEMORY.md", "deep/er/n.md", "gone/x.md")
    assert (done.actor, done.source, done.process) == ("tester", "test", os.getpid())
    assert litter(root) == []
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"


def test_the_directory_is_created_by_the_first_commit(root: Path, commit: Committing) -> None:
    commit({"MEMORY.md": b"# First\n"})
    assert visible(root) == {"MEMORY.md": b"# First\n"}


def test_a_no_op_on_nothing_leaves_nothing(root: Path, commit: Committing) -> None:
    assert commit({}).is_empty
    assert not root.exists()


def test_a_no_op_writes_nothing_and_keeps_every_time(root: Path, commit: Committing) -> None:
    fill(root, OLD)
    for path in (root / "MEMORY.md", root):
        os.utime(path, ns=(1, 1))
    assert commit({"MEMORY.md": OLD["MEMORY.md"]}).is_empty
    assert sorted(os.listdir(root)) == ["MEMORY.md", "gone", "kept.md"]
    assert root.stat().st_mtime_ns == (root / "MEMORY.md").stat().st_mtime_ns == 1


def test_a_no_op_after_a_commit_keeps_every_time(root: Path, commit: Committing) -> None:
    commit({"MEMORY.md": b"# First\n"})
    for path in (root / "MEMORY.md", root):
        os.utime(path, ns=(1, 1))
    assert commit({"MEMORY.md": b"# First\n"}).is_empty
    assert root.stat().st_mtime_ns == (root / "MEMORY.md").stat().st_mtime_ns == 1
    assert len(list((root / ".agent-memory" / "journal").glob("0*.json"))) == 1


def test_files_that_a_commit_does_not_change_are_not_touched(
    root: Path, commit: Committing
) -> None:
    fill(root, OLD)
    os.utime(root / "kept.md", ns=(1, 1))
    commit(EDIT)
    assert (root / "kept.md").stat().st_mtime_ns == 1


def test_a_linked_index_is_edited_in_place(root: Path, commit: Committing) -> None:
    fill(root, {"notes/index.md": b"# Old\n"})
    (root / "MEMORY.md").symlink_to("notes/index.md")
    commit({"MEMORY.md": b"# New\n"})
    assert os.readlink(root / "MEMORY.md") == "notes/index.md"
    assert (root / "notes" / "index.md").read_bytes() == b"# New\n"


def test_the_target_of_a_linked_index_is_not_written_by_its_other_name(
    root: Path, commit: Committing
) -> None:
    fill(root, {"notes/index.md": b"# Old\n"})
    (root / "MEMORY.md").symlink_to("notes/index.md")
    with pytest.raises(StorageError, match=r"notes/index\.md is not read.* it is MEMORY\.md"):
        commit({"notes/index.md": b"# New\n"})
    assert (root / "notes" / "index.md").read_bytes() == b"# Old\n"


def test_a_linked_file_outside_of_the_scan_is_edited_in_place_and_removed_as_a_link(
    root: Path, commit: Committing
) -> None:
    fill(root, {".store/a.md": b"a\n", "MEMORY.md": b"# M\n"})
    (root / "a.md").symlink_to(".store/a.md")
    commit({"a.md": b"b\n"})
    assert os.readlink(root / "a.md") == ".store/a.md"
    assert (root / ".store" / "a.md").read_bytes() == b"b\n"
    commit({"a.md": None})
    assert not os.path.lexists(root / "a.md")
    assert (root / ".store" / "a.md").read_bytes() == b"b\n"


def test_a_file_that_is_parted_from_its_hard_links_is_named(root: Path, commit: Committing) -> None:
    fill(root, OLD)
    os.link(root / "MEMORY.md", root.parent / "other.md")
    os.link(root / "gone/x.md", root.parent / "x.md")
    done = commit(EDIT)
    assert done.notices == (
        "MEMORY.md was a hard link: its other name keeps the old text; link symbolically instead",
    )
    assert (root.parent / "other.md").read_bytes() == OLD["MEMORY.md"]
    assert commit({"MEMORY.md": b"# Newer\n"}).notices == ()


def test_an_edit_is_made_once_where_there_is_a_lock_file(
    root: Path, storage: DirectoryStorage, author: Author
) -> None:
    """Without one it is looked at first, without a lock: nothing to do leaves no trace."""
    seen: list[Snapshot] = []

    def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
        seen.append(snapshot)
        return appending(snapshot, records)

    for expected in (2, 3, 4):
        storage.commit(edit, author)
        assert len(seen) == expected
    (root / ".agent-memory" / "lock").unlink()
    storage.commit(edit, author)
    assert len(seen) == 6


def test_a_leftover_intent_never_makes_a_memory_unwritable(
    root: Path, commit: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, OLD)
    real = replace.apply
    with monkeypatch.context() as patch:

        def dying(*args: object) -> object:
            real(*args)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        patch.setattr(replace, "apply", dying)
        with pytest.raises(KeyboardInterrupt):
            commit(EDIT)
    (root / "deep").write_bytes(b"a file in place of a folder")
    commit({"next.md": b"next\n"})
    assert visible(root) == OLD | {"deep": b"a file in place of a folder", "next.md": b"next\n"}


def test_what_became_a_link_out_is_left_alone_while_the_others_are_taken_back(
    root: Path, commit: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`a` was replaced, then made a link, when `b` is refused by the disk."""
    fill(root, {"a.md": b"a\n", "b.md": b"b\n", "c.md": b"c\n"})
    fill(root.parent, {"outside.md": b"changed\n"})
    real = replace.apply

    def meanwhile(*args: object) -> object:
        if args[1].path == "c.md":  # type: ignore[attr-defined]
            (root / "b.md").unlink()
            (root / "b.md").symlink_to(root.parent / "outside.md")
            raise OSError(errno.EIO, "Input/output error")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(replace, "apply", meanwhile)
    with pytest.raises(StorageError, match="Input/output error") as caught:
        commit({"a.md": b"changed\n", "b.md": b"changed\n", "c.md": b"changed\n"})
    assert "nothing was changed" in caught.value.hint
    assert (root / "a.md").read_bytes() == b"a\n"
    assert (root.parent / "outside.md").read_bytes() == b"changed\n"
    assert litter(root) == []


def test_without_its_state_folder_a_memory_loses_no_entry(root: Path, commit: Committing) -> None:
    fill(root, OLD)
    commit(EDIT)
    shutil.rmtree(root / ".agent-memory")
    commit({"kept.md": b"kept and changed\n"})
    assert visible(root) == NEW | {"kept.md": b"kept and changed\n"}
    assert litter(root) == []


def test_a_lock_file_that_is_deleted_under_a_commit_does_no_harm(
    root: Path, commit: Committing, storage: DirectoryStorage, author: Author
) -> None:
    def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
        (root / ".agent-memory" / "lock").unlink(missing_ok=True)
        return Plan(
            tuple(snapshot.changes_to({**snapshot.files, "a.md": b"a\n"})), "put", "message"
        )

    commit({"MEMORY.md": b"# First\n"})
    storage.commit(edit, author)
    commit({"b.md": b"b\n"})
    assert visible(root) == {"MEMORY.md": b"# First\n", "a.md": b"a\n", "b.md": b"b\n"}


def test_a_directory_in_place_of_the_lock_is_a_storage_error(
    root: Path, commit: Committing
) -> None:
    (root / ".agent-memory" / "lock").mkdir(parents=True)
    with pytest.raises(StorageError, match="lock"):
        commit({"a.md": b"a\n"})
    assert visible(root) == {}


def test_a_file_in_place_of_the_state_folder_is_a_storage_error(
    root: Path, commit: Committing
) -> None:
    fill(root, {".agent-memory": b""})
    with pytest.raises(StorageError) as caught:
        commit({"a.md": b"a\n"})
    assert caught.value.hint
    assert not (root / "a.md").exists()


@pytest.mark.parametrize("name", ["", "journal", "tmp", "late", "conflicts", "archive"])
def test_a_state_folder_that_is_a_link_is_refused_and_nothing_is_touched_where_it_leads(
    name: str, root: Path, storage: DirectoryStorage, author: Author, putting: Putting
) -> None:
    """It may have come with a checkout: a purge would delete files of somebody else's."""
    outside = root.parent / "outside"
    theirs = {"a.part": b"theirs\n", "deep/b.txt": b"the secret\n", "c.json": b'["the secret"]'}
    fill(outside, theirs)
    fill(root, {"MEMORY.md": b"# M\n\n- the secret\n"})
    (root / ".agent-memory" / name).parent.mkdir(exist_ok=True)
    (root / ".agent-memory" / name).symlink_to(outside)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        storage.commit(putting({"a.md": b"a\n"}), author)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        storage.purge("the secret", author)
    assert visible(outside) == theirs
    assert visible(root) == {"MEMORY.md": b"# M\n\n- the secret\n"}


# -- what is never written over -----------------------------------------------------------------


def test_a_link_that_points_out_is_refused(root: Path, commit: Committing) -> None:
    fill(root.parent, {"outside.md": b"theirs\n"})
    root.mkdir()
    (root / "MEMORY.md").symlink_to(root.parent / "outside.md")
    with pytest.raises(UnsafePathError, match=r"MEMORY\.md"):
        commit({"MEMORY.md": b"# Ours\n"})
    assert (root.parent / "outside.md").read_bytes() == b"theirs\n"
    assert litter(root) == []


@pytest.mark.parametrize(
    "files",
    [{"debug/x.md": b"new\n"}, {"debug/x.md": None}, {"debug/deep/n.md": b"new\n"}],
    ids=["change", "remove", "create"],
)
def test_at_whatever_call_a_folder_becomes_a_link_nothing_lands_outside(
    files: dict[str, bytes | None],
    root: Path,
    storage: DirectoryStorage,
    author: Author,
    putting: Putting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Swap it before the n-th call to the system, for n = 1, 2, 3 …, until none is left."""
    if not _fs.BY_HANDLE:
        pytest.skip("this system cannot hold folders open")
    outside = root.parent / "outside"
    refused = 0
    for n in range(1, 500):
        for folder in (root, outside):
            shutil.rmtree(folder, ignore_errors=True)
        fill(root, {"MEMORY.md": b"# M\n", "debug/x.md": b"old\n"})
        fill(outside, {"x.md": b"old\n"})
        (root / ".agent-memory").mkdir()
        (root / ".agent-memory" / "lock").touch()
        left = n

        def swapping(function: Callable[..., object]) -> Callable[..., object]:
            def instead(*args: object, **options: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    os.rename(root / "debug", root / ".aside")
                    os.symlink(outside, root / "debug")
                return function(*args, **options)

            return instead

        with monkeypatch.context() as patch:
            for name in ("open", "mkdir", "replace", "unlink", "rmdir", "close"):
                patch.setattr(os, name, swapping(getattr(os, name)))
            try:
                storage.commit(putting(files), author)
            except (StorageError, UnsafePathError):
                refused += 1
        assert visible(outside) == {"x.md": b"old\n"}, f"before call {n}"
        assert [path.name for path in outside.rglob("*")] == ["x.md"], f"before call {n}"
        if left > 0:
            break
    assert refused > 10
    assert n < 499


@pytest.mark.parametrize("kind", ["fifo", "directory", "too large", "unreadable"])
def test_what_could_not_be_read_is_not_taken_for_missing(
    kind: str, root: Path, commit: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, {"a.md": b"a\n"})
    index = root / "MEMORY.md"
    if kind == "fifo":
        os.mkfifo(index)
    elif kind == "directory":
        index.mkdir()
    elif kind == "too large":
        with open(index, "wb") as file:
            file.truncate(5_000_001)
    else:
        index.write_bytes(b"# Theirs\n")
        read = _fs.read

        def refusing(path: str, alone: bool = False) -> _fs.Contents:
            if path.endswith("MEMORY.md"):
                raise PermissionError(errno.EACCES, "Permission denied")
            return read(path, alone)

        monkeypatch.setattr(_fs, "read", refusing)
    before = index.stat()
    with pytest.raises(StorageError, match=r"MEMORY\.md|regular file"):
        commit({"MEMORY.md": b"# Ours\n", "a.md": b"changed\n"})
    assert (index.stat().st_ino, index.stat().st_size) == (before.st_ino, before.st_size)
    assert (root / "a.md").read_bytes() == b"a\n"


# -- who writes without the lock ----------------------------------------------------------------


def appending(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
    """An edit whose result shows what it was planned on."""
    files = {**snapshot.files, "MEMORY.md": snapshot.files.get("MEMORY.md", b"") + b"- ours\n"}
    return Plan(tuple(snapshot.changes_to(files)), "put", "append")


@pytest.mark.parametrize("moment", ["prepare", "apply"])
def test_an_edit_met_by_somebody_elses_is_planned_anew(
    moment: str,
    root: Path,
    storage: DirectoryStorage,
    author: Author,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(root, {"MEMORY.md": b"- first\n"})
    theirs = iter([b"- first\n- theirs\n"])
    real = getattr(replace, moment)

    def meanwhile(*args: object) -> object:
        for data in theirs:
            (root / "MEMORY.md").write_bytes(data)
        return real(*args)

    monkeypatch.setattr(replace, moment, meanwhile)
    commit = storage.commit(appending, author)
    assert (root / "MEMORY.md").read_bytes() == b"- first\n- theirs\n- ours\n"
    ours, *others = storage.history()
    assert ours.commit.id == commit.id
    assert ours.before["MEMORY.md"] == b"- first\n- theirs\n"
    assert {record.commit.actor for record in others} <= {"external"}


def test_a_file_that_somebody_removes_meanwhile_is_planned_anew(
    root: Path, storage: DirectoryStorage, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, {"MEMORY.md": b"- first\n"})
    real, gone = replace.prepare, iter([True])

    def meanwhile(*args: object) -> object:
        if next(gone, False):
            (root / "MEMORY.md").unlink()
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(replace, "prepare", meanwhile)
    storage.commit(appending, author)
    assert (root / "MEMORY.md").read_bytes() == b"- ours\n"


def test_files_already_changed_are_taken_back_before_planning_anew(
    root: Path,
    storage: DirectoryStorage,
    author: Author,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The conflict is met at the second file of three, once."""
    fill(root, {"a.md": b"a\n", "b.md": b"b\n", "c.md": b"c\n"})
    real, seen = replace.apply, []

    def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
        seen.append(dict(snapshot.files))
        files = {path: data + b"ours\n" for path, data in snapshot.files.items()}
        return Plan(tuple(snapshot.changes_to(files)), "put", "append")

    def meanwhile(*args: object) -> object:
        if args[1].path == "b.md" and (root / "b.md").read_bytes() == b"b\n":  # type: ignore[attr-defined]
            (root / "b.md").write_bytes(b"theirs\n")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(replace, "apply", meanwhile)
    storage.commit(edit, author)
    assert seen[-1] == {"a.md": b"a\n", "b.md": b"theirs\n", "c.md": b"c\n"}
    assert visible(root) == {"a.md": b"a\nours\n", "b.md": b"theirs\nours\n", "c.md": b"c\nours\n"}
    assert [r.commit.actor for r in storage.history()] == ["tester", "external", "external"]
    assert litter(root) == []


def test_what_somebody_wrote_on_top_of_a_half_made_commit_stands(
    root: Path,
    storage: DirectoryStorage,
    author: Author,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They write to `a`, which was replaced, and to `b`, which was going to be."""
    fill(root, {"a.md": b"a\n", "b.md": b"b\n"})
    real = replace.apply

    def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
        files = {path: data + b"ours\n" for path, data in snapshot.files.items()}
        return Plan(tuple(snapshot.changes_to(files)), "put", "append")

    def meanwhile(*args: object) -> object:
        if args[1].path == "b.md" and (root / "b.md").read_bytes() == b"b\n":  # type: ignore[attr-defined]
            (root / "a.md").write_bytes(b"theirs a\n")
            (root / "b.md").write_bytes(b"theirs b\n")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(replace, "apply", meanwhile)
    storage.commit(edit, author)
    assert visible(root) == {"a.md": b"theirs a\nours\n", "b.md": b"theirs b\nours\n"}
    assert litter(root) == []


def test_a_writer_that_never_stops_is_given_up_on(
    root: Path, storage: DirectoryStorage, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, {"MEMORY.md": b"0\n"})
    real = replace.apply
    counter = iter(range(1, 10_000))

    def meanwhile(*args: object) -> object:
        (root / "MEMORY.md").write_bytes(b"%d\n" % next(counter))
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(replace, "apply", meanwhile)
    monkeypatch.setattr("agent_memory.storage.directory._ATTEMPTS", 6)
    with pytest.raises(StorageError, match="keeps writing"):
        storage.commit(appending, author)
    assert (root / "MEMORY.md").read_bytes() == b"3\n"
    assert litter(root) == []


# -- a disk that refuses ------------------------------------------------------------------------


def attempt(call: Callable[[], object]) -> StorageError | None:
    """The error that a call ends in, if it does."""
    try:
        call()
    except StorageError as error:
        return error
    return None


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EIO])
def test_whatever_call_fails_the_files_are_old_or_new_and_the_next_commit_works(
    number: int,
    root: Path,
    commit: Committing,
    fail_at: FailAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fail the n-th call, for n = 1, 2, 3 …, until a commit passes without meeting the fault."""
    failures = 0
    for n in range(1, 200):
        shutil.rmtree(root, ignore_errors=True)
        fill(root, OLD)
        fail_at(n, OSError(number, os.strerror(number)), False)
        error = attempt(lambda: commit(EDIT))
        monkeypatch.undo()
        if error:
            failures += 1
            assert error.errno == number
            assert error.hint
        assert visible(root) == (OLD if error else NEW), f"after the failure of call {n}"
        commit({"next.md": b"next\n"})
        expected = OLD if error else NEW
        assert visible(root) == expected | {"next.md": b"next\n"}, f"after the failure of call {n}"
        assert litter(root) in ([], ["gone"])  # a folder whose removal is what failed
        if n > failures + 10:
            break
    assert failures > 15


def test_a_disk_that_fails_for_good_half_way_is_recovered_from_when_it_is_back(
    root: Path, commit: Committing, fail_at: FailAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the n-th call on everything fails, so that taking back fails, too."""
    half = 0
    for n in range(1, 200):
        shutil.rmtree(root, ignore_errors=True)
        fill(root, OLD)
        fail_at(n, OSError(errno.EIO, "Input/output error"), True)
        error = attempt(lambda: commit(EDIT))
        monkeypatch.undo()
        if error is None:
            assert visible(root) == NEW
            break
        seen = visible(root)
        assert seen == OLD or "half way" in error.hint, f"after the failure of call {n}"
        assert all(seen.get(path) in (OLD.get(path), NEW.get(path)) for path in OLD | NEW | seen)
        half += seen not in (OLD, NEW)
        commit({"next.md": b"next\n"})
        assert visible(root) in [files | {"next.md": b"next\n"} for files in (OLD, NEW)]
        assert litter(root) == [], f"after the failure of call {n}"
    assert half


def test_a_read_only_memory_can_be_read_and_says_why_it_cannot_be_written(
    root: Path, storage: DirectoryStorage, commit: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, OLD)

    def refuse(*args: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(root))

    for name in ("create", "makedirs"):
        monkeypatch.setattr(_fs, name, refuse)
    with pytest.raises(StorageError, match="Read-only") as caught:
        commit(EDIT)
    assert caught.value.hint == "the file system is mounted read-only"
    assert storage.scan().files == OLD
    assert list(storage.history()) == []


# -- a process that dies ------------------------------------------------------------------------

DYING = """
import os, shutil, sys
from datetime import UTC, datetime
from agent_memory.core.history import Author, Plan
from agent_memory.storage import _fs
from agent_memory.storage.directory import DirectoryStorage

base, changing = sys.argv[1], sys.argv[2].split(",")
files = eval(sys.argv[3])

def edit(snapshot, records):
    wanted = {**snapshot.files, **files}
    left = {path: data for path, data in wanted.items() if data is not None}
    return Plan(tuple(snapshot.changes_to(left)), "put", "message")

os.fsync = lambda handle: None
_fs.pause = lambda seconds: None

def die_at(n):
    count = iter(range(1, 1_000_000))
    def dying(name, function):
        def call(*args, **options):
            if next(count) == n:
                if name == "create":  # half a file is what a crash leaves of a write
                    with open(args[0], "wb") as file:
                        file.write(args[1][: len(args[1]) // 2])
                os._exit(9)
            return function(*args, **options)
        return call
    for name in changing:
        setattr(_fs, name, dying(name, getattr(_fs, name)))

def commit(root):
    DirectoryStorage(root, lambda: datetime.now(UTC)).commit(edit, Author("doomed"))

for n in range(1, 500):
    root = f"{base}/{n:03d}"
    shutil.copytree(f"{base}/origin", root)
    child = os.fork()
    if not child:
        die_at(n)
        commit(root)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        print(n - 1)
        break
"""


@pytest.mark.parametrize("history", ["the first commit", "a later commit"])
def test_a_process_may_die_at_any_call_and_the_next_writer_recovers(
    history: str, tmp_path: Path, author: Author, putting: Putting, changing: tuple[str, ...]
) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    origin = tmp_path / "origin"
    fill(origin, OLD)
    if history == "a later commit":
        before = commit_at(origin, author, putting({"kept.md": b"k\n", "extra.md": b"e\n"}))
        assert before.changed == ("extra.md",)
        (origin / "extra.md").unlink()
    died = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path), ",".join(changing), repr(EDIT)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    deaths = int(died.stdout)
    assert deaths > 15
    for n in range(1, deaths + 1):
        root = tmp_path / f"{n:03d}"
        commit_at(root, author, putting({"next.md": b"next\n"}))
        assert visible(root) in [files | {"next.md": b"next\n"} for files in (OLD, NEW)], (
            f"after death at call {n}"
        )
        assert litter(root) == [], f"after death at call {n}"
        doomed = [
            record
            for record in DirectoryStorage(str(root), lambda: pytest.fail("no clock")).history()
            if record.commit.actor == "doomed"
        ]
        assert bool(doomed) == (visible(root) != OLD | {"next.md": b"next\n"}), f"call {n}"


def commit_at(root: Path, author: Author, edit: Edit) -> Commit:
    return DirectoryStorage(str(root), lambda: datetime(2026, 3, 1, tzinfo=UTC)).commit(
        edit, author
    )


def test_readers_of_a_half_made_commit_need_no_recovery(
    root: Path, storage: DirectoryStorage, commit: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading takes no lock and mends nothing: it shows what stood there before the commit."""
    fill(root, OLD)
    real = replace.apply
    with monkeypatch.context() as patch:

        def dying(*args: object) -> object:
            real(*args)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        patch.setattr(replace, "apply", dying)
        with pytest.raises(KeyboardInterrupt):
            commit(EDIT)
    half = visible(root)
    assert half["MEMORY.md"] == NEW["MEMORY.md"]
    assert half["gone/x.md"] == OLD["gone/x.md"]
    assert storage.scan().files == OLD
    assert visible(root) == half
    assert (root / ".agent-memory" / "journal" / "intent.json").exists()
    commit({"next.md": b"next\n"})
    assert visible(root) == NEW | {"next.md": b"next\n"}


def test_the_lock_waits_ten_seconds_at_most() -> None:
    assert lock.TIMEOUT == 10.0


@pytest.mark.parametrize("with_lock", [False, True])
def test_an_index_that_is_not_read_is_not_taken_for_one_with_nothing_to_do(
    with_lock: bool, tmp_path: Path
) -> None:
    if with_lock:
        Memory.open(tmp_path).write("other.md", "x\n")
    os.mkfifo(tmp_path / "MEMORY.md")
    with pytest.raises(StorageError, match=r"MEMORY\.md is not read"):
        Memory.open(tmp_path).compact()
