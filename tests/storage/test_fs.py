"""The calls to the operating system: what they keep, and what they leave behind when they fail."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from agent_memory.storage import _fs

IS_ROOT = hasattr(os, "getuid") and os.getuid() == 0


def test_a_new_file_is_written_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 20_000
    _fs.create(str(tmp_path / "a"), data)
    assert (tmp_path / "a").read_bytes() == data


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        _fs.create(str(tmp_path / "a"), b"ours")
    assert (tmp_path / "a").read_bytes() == b"theirs"


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_file_that_cannot_be_written_whole_is_taken_away(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space left"):
        _fs.create(str(tmp_path / "a"), b"content")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, bytes(data)[:3]))
    _fs.create(str(tmp_path / "a"), b"0123456789")
    monkeypatch.undo()
    assert (tmp_path / "a").read_bytes() == b"0123456789"


def test_a_file_is_read_with_its_status(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\x00text")
    data, before, after = _fs.read(str(tmp_path / "a"))
    assert data == b"\xff\x00text"
    assert before.st_size == after.st_size == 6


def test_a_fifo_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError, match="not a regular file"):
        _fs.read(str(tmp_path / "pipe"))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"not a regular file|Permission|directory"):
        _fs.read(str(tmp_path))


def test_the_mode_is_kept(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    new.write_bytes(b"")
    old.chmod(0o640)
    _fs.copy_status(str(old), str(new))
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


def test_the_owner_is_kept_where_we_may(tmp_path: Path) -> None:
    if not IS_ROOT:
        pytest.skip("only root may give a file away")
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    new.write_bytes(b"")
    os.chown(old, 4242, 4243)
    _fs.copy_status(str(old), str(new))
    assert (new.stat().st_uid, new.stat().st_gid) == (4242, 4243)


def test_an_owner_that_we_may_not_give_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    new.write_bytes(b"")
    old.chmod(0o604)
    status = os.stat(old)
    given = os.stat_result((*status[:4], status.st_uid + 1, *status[5:]))
    asked: list[str] = []

    def refuse(path: str, *owner: int) -> None:
        asked.append(path)
        raise PermissionError(errno.EPERM, "Operation not permitted")

    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path: given if path == str(old) else real(path))
    monkeypatch.setattr(os, "chown", refuse)
    _fs.copy_status(str(old), str(new))
    monkeypatch.undo()
    assert asked == [str(new)]
    assert stat.S_IMODE(new.stat().st_mode) == 0o604


def set_attribute(path: Path, name: str, value: bytes) -> None:
    if not hasattr(os, "setxattr"):
        pytest.skip("this system has no extended attributes that Python knows")
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"this file system keeps no extended attributes: {error}")


def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    new.write_bytes(b"")
    set_attribute(old, "user.tag", b"red")
    _fs.copy_status(str(old), str(new))
    assert os.getxattr(new, "user.tag") == b"red"


def test_one_attribute_that_cannot_be_set_does_not_cost_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    new.write_bytes(b"")
    set_attribute(old, "user.a", b"1")
    set_attribute(old, "user.b", b"2")
    write = os.setxattr

    def refusing(path: str, name: str, value: bytes) -> None:
        if name == sorted(os.listxattr(old))[0]:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        write(path, name, value)

    names = sorted(os.listxattr(old))
    monkeypatch.setattr(os, "listxattr", lambda path: names)
    monkeypatch.setattr(os, "setxattr", refusing)
    _fs.copy_status(str(old), str(new))
    monkeypatch.undo()
    assert sorted(os.listxattr(new)) == names[1:]


def test_a_listing_is_sorted_and_empty_where_there_is_no_directory(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).write_bytes(b"")
    assert _fs.listdir(str(tmp_path)) == ["a", "b", "c"]
    assert [entry.name for entry in _fs.scandir(str(tmp_path))] == ["a", "b", "c"]
    assert _fs.listdir(str(tmp_path / "none")) == []


def test_a_dangling_link_exists(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert _fs.exists(str(tmp_path / "link"))
    assert not _fs.exists(str(tmp_path / "nowhere"))
