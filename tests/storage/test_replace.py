"""One file's new content in place of the old: what is kept, what is refused."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.core.snapshot import Change
from agent_memory.errors import ConflictError, StorageError, UnsafePathError
from agent_memory.storage import _fs, replace
from agent_memory.storage.images import Images
from agent_memory.storage.late import LateVersions


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "memory"
    for folder in ("tmp", "journal"):
        (root / ".state" / folder).mkdir(parents=True)
    (root / "MEMORY.md").write_bytes(b"old\n")
    return root


def waiting(root: Path) -> str:
    return str(root / ".state" / "tmp" / "c1-0")


def late(root: Path) -> LateVersions:
    state = root / ".state"
    images = Images(str(state / "journal"), str(state / "tmp"), 0o666)
    return LateVersions(str(state / "late"), images, 0o666)


def left(root: Path) -> list[str]:
    """What lies about of a change."""
    state = root / ".state"
    return [path.name for folder in ("tmp", "late") for path in state.glob(f"{folder}/*")]


def prepare(root: Path, change: Change) -> None:
    replace.prepare(str(root), change, waiting(root))


def apply(root: Path, change: Change, guard: Callable[[], None] = lambda: None) -> None:
    replace.apply(str(root), change, waiting(root), late(root), guard)


def put(root: Path, change: Change) -> None:
    prepare(root, change)
    apply(root, change)


def test_a_file_is_replaced_and_keeps_its_mode(root: Path) -> None:
    (root / "MEMORY.md").chmod(0o600)
    put(root, Change("MEMORY.md", b"old\n", b"new\n"))
    assert (root / "MEMORY.md").read_bytes() == b"new\n"
    assert stat.S_IMODE((root / "MEMORY.md").stat().st_mode) == 0o600
    assert left(root) == []


def test_a_file_in_a_new_folder_is_created(root: Path) -> None:
    put(root, Change("debug/celery/retry.md", None, b"x\n"))
    assert (root / "debug/celery/retry.md").read_bytes() == b"x\n"


def test_a_link_inside_of_the_memory_stays_a_link(root: Path) -> None:
    (root / "index").mkdir()
    (root / "MEMORY.md").rename(root / "index" / "main.md")
    (root / "MEMORY.md").symlink_to("index/main.md")
    put(root, Change("MEMORY.md", b"old\n", b"new\n"))
    assert os.readlink(root / "MEMORY.md") == "index/main.md"
    assert (root / "index" / "main.md").read_bytes() == b"new\n"


def test_a_link_that_points_out_is_refused_and_its_target_untouched(root: Path) -> None:
    outside = root.parent / "outside.md"
    outside.write_bytes(b"theirs\n")
    (root / "out.md").symlink_to(outside)
    with pytest.raises(UnsafePathError, match=r"out\.md") as caught:
        put(root, Change("out.md", b"theirs\n", b"ours\n"))
    assert caught.value.hint
    assert outside.read_bytes() == b"theirs\n"


def test_a_folder_that_points_out_is_refused_for_new_files(root: Path) -> None:
    (root.parent / "elsewhere").mkdir()
    (root / "folder").symlink_to(root.parent / "elsewhere")
    with pytest.raises(UnsafePathError):
        put(root, Change("folder/a.md", None, b"x\n"))
    assert list((root.parent / "elsewhere").iterdir()) == []


def test_a_link_that_is_removed_goes_itself(root: Path) -> None:
    (root / ".store").mkdir()
    (root / ".store" / "a.md").write_bytes(b"a\n")
    (root / "a.md").symlink_to(".store/a.md")
    put(root, Change("a.md", b"a\n", None))
    assert not os.path.lexists(root / "a.md")
    assert (root / ".store" / "a.md").read_bytes() == b"a\n"


@pytest.mark.parametrize("when", ["before the folders are made", "before the file is put"])
@pytest.mark.parametrize(
    "change",
    [
        Change("debug/x.md", b"old\n", b"new\n"),
        Change("debug/x.md", b"old\n", None),
        Change("debug/new.md", None, b"new\n"),
        Change("debug/deep/er/new.md", None, b"new\n"),
    ],
)
def test_a_folder_that_becomes_a_link_in_the_middle_of_it_leads_nothing_out(
    change: Change, when: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = root.parent / "outside"
    for folder in (outside, root / "debug"):
        folder.mkdir()
        (folder / "x.md").write_bytes(b"old\n")
    names = ["exchange_below", "place_below", "take_below"]
    if when == "before the folders are made":
        names = ["exchange_below", "makedirs_below", "status_below"]
    for name in names:
        real = getattr(_fs, name)

        def swapped(*args: str, real: Callable[..., object] = real) -> object:
            (root / "debug").rename(root / ".aside")
            (root / "debug").symlink_to(outside)
            return real(*args)

        monkeypatch.setattr(_fs, name, swapped)
    with pytest.raises(ConflictError, match=change.path):
        put(root, change)
    assert [path.name for path in outside.iterdir()] == ["x.md"]
    assert (outside / "x.md").read_bytes() == b"old\n"
    assert (root / ".aside" / "x.md").read_bytes() == b"old\n"


def test_a_folder_that_becomes_a_link_is_neither_read_nor_emptied(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is there right after the look whether it leads out."""
    (root.parent / "outside" / "empty").mkdir(parents=True)
    (root.parent / "outside" / "x.md").write_bytes(b"old\n")
    (root / "debug").mkdir()
    located = replace._located

    def swapped(memory: str, path: str) -> tuple[str, str]:
        found = located(memory, path)
        if not (root / "debug").is_symlink():
            (root / "debug").rmdir()
            (root / "debug").symlink_to(root.parent / "outside")
        return found

    monkeypatch.setattr(replace, "_located", swapped)
    with pytest.raises(ConflictError, match=r"debug/x\.md"):
        replace.current(str(root), "debug/x.md")
    gone = [Change("debug/empty/x.md", b"x\n", None)]
    replace.drop_empty_folders(str(root), gone)
    replace.sync_folders(str(root), [*gone, Change("debug/x.md", b"old\n", b"new\n")])
    assert (root.parent / "outside" / "empty").is_dir()


def test_without_folder_handles_paths_have_to_do(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_fs, "BY_HANDLE", False)
    changes = [Change("deep/er/x.md", None, b"x\n"), Change("MEMORY.md", b"old\n", b"new\n")]
    for change in changes:
        put(root, change)
    replace.sync_folders(str(root), changes)
    assert (root / "deep" / "er" / "x.md").read_bytes() == b"x\n"
    assert (root / "MEMORY.md").read_bytes() == b"new\n"
    back = [replace.inverse(change) for change in changes]
    for change in back:
        put(root, change)
    replace.drop_empty_folders(str(root), back)
    assert not (root / "deep").exists()
    assert (root / "MEMORY.md").read_bytes() == b"old\n"


@pytest.mark.parametrize("after", [b"new\n", None])
def test_a_file_that_somebody_changed_is_not_replaced(root: Path, after: bytes | None) -> None:
    change = Change("MEMORY.md", b"old\n", after)
    prepare(root, change)
    (root / "MEMORY.md").write_bytes(b"theirs\n")
    with pytest.raises(ConflictError, match=r"MEMORY\.md"):
        apply(root, change)
    assert (root / "MEMORY.md").read_bytes() == b"theirs\n"


def test_a_file_that_somebody_created_is_not_replaced(root: Path) -> None:
    change = Change("a.md", None, b"ours\n")
    prepare(root, change)
    (root / "a.md").write_bytes(b"theirs\n")
    with pytest.raises(ConflictError):
        apply(root, change)
    assert (root / "a.md").read_bytes() == b"theirs\n"


def test_a_file_that_somebody_removed_is_a_conflict(root: Path) -> None:
    (root / "MEMORY.md").unlink()
    with pytest.raises(ConflictError):
        put(root, Change("MEMORY.md", b"old\n", b"new\n"))
    assert not (root / "MEMORY.md").exists()


@pytest.mark.parametrize("name", ["c1-0.part", "c1-0", "c1-0.old"])
@pytest.mark.parametrize("way", ["exchange", "hard link"])
def test_what_a_dead_process_left_under_our_names_is_in_nobodys_way(
    way: str, name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "hard link":
        monkeypatch.setattr(_fs, "_system_rename", lambda: None)
    (root / ".state" / "tmp" / name).write_bytes(b"litter")
    put(root, Change("MEMORY.md", b"old\n", b"new\n"))
    assert (root / "MEMORY.md").read_bytes() == b"new\n"
    assert set(left(root)) <= ({name} if way == "exchange" else set())


@pytest.mark.parametrize("kind", ["fifo", "directory", "socket"])
def test_what_is_no_file_is_refused_and_never_hangs(
    root: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "odd.md"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        monkeypatch.chdir(root)  # the full path may be longer than a socket's name can be
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("odd.md")
    else:
        path.mkdir()
    with pytest.raises(IsADirectoryError, match=r"odd\.md is .*not a regular file"):
        put(root, Change("odd.md", None, b"x\n"))
    assert path.exists()


def test_empty_folders_go_with_their_last_topic(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "x.md").write_bytes(b"x\n")
    (root / "a" / "y.md").write_bytes(b"y\n")
    gone = [Change("a/b/x.md", b"x\n", None)]
    put(root, gone[0])
    replace.drop_empty_folders(str(root), gone)
    assert not (root / "a" / "b").exists()
    assert (root / "a" / "y.md").exists()


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EACCES, "writable"), (errno.EPERM, "writable"), (errno.EROFS, "read-only"),
        (errno.ENOSPC, "free some disk space"), (errno.EDQUOT, "quota"),
        (errno.ENAMETOOLONG, "shorter"), (errno.EIO, "look at the disk"),
    ],
)  # fmt: skip
def test_what_the_system_refused_comes_with_its_mend(number: int, says: str) -> None:
    error = replace.as_storage_error("/memory", OSError(number, os.strerror(number), "/memory/a"))
    assert isinstance(error, StorageError)
    assert error.message == f"/memory/a: {os.strerror(number)}"
    assert says in error.hint
    assert error.errno == number


def test_an_error_without_a_file_names_the_memory() -> None:
    error = replace.as_storage_error("/memory", OSError("odd"))
    assert error.message == "/memory: odd"
    assert error.hint
