"""Reading a file that others may be in the middle of writing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent_memory.errors import StorageError
from agent_memory.storage import _fs, steady

WhenPaused = Callable[..., list[float]]
Holding = Callable[[Path, str], Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "MEMORY.md"
    path.write_bytes(b"# Memory\n")
    return path


@pytest.fixture
def old(path: Path) -> Path:
    """A file that nobody has touched for long."""
    os.utime(path, (5, 5))
    return path


def below(path: str) -> bytes:
    return steady.read_below(os.path.dirname(path), os.path.basename(path))


READS = pytest.mark.parametrize(
    "read",
    [steady.read, lambda path: steady.read(path, sure=True), below],
    ids=["a reader", "a commit", "the look before the exchange"],
)
Read = Callable[[str], bytes]


@READS
def test_a_file_is_read(read: Read, path: Path) -> None:
    assert read(str(path)) == b"# Memory\n"


@READS
@pytest.mark.usefixtures("no_leases")
def test_without_leases_two_reads_agree(read: Read, path: Path, when_paused: WhenPaused) -> None:
    """Somebody fills the file in three steps, a pause after each other."""
    steps = [b"", b"# Half", b"# Whole\n"]
    path.write_bytes(b"# H")
    when_paused(*[lambda data=data: path.write_bytes(data) for data in steps])
    assert read(str(path)) == b"# Whole\n"


@READS
@pytest.mark.usefixtures("no_leases")
def test_without_leases_one_read_will_do_for_what_is_old(
    read: Read, old: Path, when_paused: WhenPaused
) -> None:
    pauses = when_paused()
    assert read(str(old)) == b"# Memory\n"
    assert pauses == []


@READS
@pytest.mark.usefixtures("no_leases")
def test_an_old_empty_file_is_an_empty_file(read: Read, path: Path) -> None:
    path.write_bytes(b"")
    os.utime(path, (5, 5))
    assert read(str(path)) == b""


@READS
@pytest.mark.usefixtures("leases")
def test_a_file_that_a_process_has_emptied_is_waited_for(
    read: Read, path: Path, when_paused: WhenPaused, holding: Holding
) -> None:
    writer = holding(path, "w")
    assert path.read_bytes() == b""
    pauses = when_paused(
        lambda: writer.write("# Half"), lambda: writer.write(" and whole\n"), writer.close
    )
    assert read(str(path)) == b"# Half and whole\n"
    assert len(pauses) == 3


@READS
@pytest.mark.usefixtures("leases")
def test_who_keeps_a_file_open_for_ever_is_not_waited_for_for_ever(
    read: Read, old: Path, when_paused: WhenPaused
) -> None:
    pauses = when_paused()
    with open(old, "ab"):
        assert read(str(old)) == b"# Memory\n"
    assert sum(pauses) <= steady.PATIENCE + 0.1


@pytest.mark.usefixtures("leases")
def test_a_reader_does_not_wait_for_who_has_not_written_for_long(
    old: Path, when_paused: WhenPaused
) -> None:
    pauses = when_paused()
    with open(old, "ab"):
        assert steady.read(str(old)) == b"# Memory\n"
    assert pauses == []


@READS
@pytest.mark.usefixtures("no_leases")
def test_a_file_that_never_stops_changing_is_an_error(
    read: Read, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = _fs._contents

    def torn(handle: int, name: str, alone: bool) -> _fs.Contents:
        data, before, after = contents(handle, name, alone)
        return data[:-1], before, after

    monkeypatch.setattr(_fs, "_contents", torn)
    with pytest.raises(StorageError, match="keeps changing") as caught:
        read(str(path))
    assert caught.value.hint


@READS
@pytest.mark.usefixtures("no_leases")
@pytest.mark.parametrize("what", ["size", "time"])
def test_what_was_read_while_the_status_changed_is_read_again(
    what: str, read: Read, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes fit the size of the second look, so only the first look tells."""
    contents, torn = _fs._contents, iter([b"# Torn!!\n"])

    def meanwhile(handle: int, name: str, alone: bool) -> _fs.Contents:
        data, before, after = contents(handle, name, alone)
        other = next(torn, None)
        if other is None:
            return data, before, after
        if what == "size":
            changed = {6: before.st_size + 1, 8: int(before.st_mtime)}
        else:
            changed = {6: before.st_size, 8: int(before.st_mtime) + 1}
        fields = [changed.get(at, value) for at, value in enumerate(before)]
        return other, os.stat_result(fields, {"st_mtime_ns": changed[8] * 10**9}), after

    monkeypatch.setattr(_fs, "_contents", meanwhile)
    assert read(str(old)) == b"# Memory\n"


@READS
def test_what_is_not_there_is_an_error(read: Read, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path / "none.md"))


def test_below_a_directory_no_link_is_followed(path: Path, tmp_path: Path) -> None:
    if not _fs.BY_HANDLE:
        pytest.skip("this system cannot hold folders open")
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "a.md").symlink_to(path)
    with pytest.raises(_fs.DetourError):
        steady.read_below(str(tmp_path / "memory"), "a.md")
