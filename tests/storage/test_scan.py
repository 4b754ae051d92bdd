"""Reading a directory: everything that is Markdown, and a reason for everything that is not."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import StorageError
from agent_memory.storage import _fs
from agent_memory.storage.scan import MAX_BYTES, scan, scan_only


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "memory"
    root.mkdir()
    (root / "MEMORY.md").write_bytes(b"# Memory\n")
    return root


def reasons(snapshot: Snapshot) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in snapshot.skipped}


def test_a_directory_that_does_not_exist_is_an_empty_memory(tmp_path: Path) -> None:
    assert scan(str(tmp_path / "none")) == scan_only(str(tmp_path / "none"), ["MEMORY.md"])
    assert scan(str(tmp_path / "none")) == Snapshot()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read", [scan, lambda root: scan_only(root, ["MEMORY.md"])])
def test_a_file_in_place_of_the_directory_is_an_error_with_a_hint(
    read: Callable[[str], Snapshot], tmp_path: Path
) -> None:
    (tmp_path / "memory").write_bytes(b"not a directory")
    with pytest.raises(StorageError, match="memory") as caught:
        read(str(tmp_path / "memory"))
    assert caught.value.errno == errno.ENOTDIR
    assert "directory" in caught.value.hint


def test_nested_folders_are_read_with_posix_paths(root: Path) -> None:
    (root / "debug" / "celery").mkdir(parents=True)
    (root / "debug" / "celery" / "retry.md").write_bytes(b"x\n")
    (root / "debug" / "upper.MARKDOWN").write_bytes(b"y\n")
    assert set(scan(str(root)).files) == {
        "MEMORY.md", "debug/celery/retry.md", "debug/upper.MARKDOWN",
    }  # fmt: skip


def test_names_that_begin_with_a_dot_are_no_part_of_the_memory(root: Path) -> None:
    for folder in (".agent-memory", ".git", "topics/.obsidian"):
        (root / folder).mkdir(parents=True)
        (root / folder / "notes.md").write_bytes(b"x\n")
    (root / ".hidden.md").write_bytes(b"x\n")
    assert scan(str(root)) == Snapshot({"MEMORY.md": b"# Memory\n"})


def test_a_file_that_is_not_markdown_is_listed(root: Path) -> None:
    (root / "diagram.png").write_bytes(b"\x89PNG")
    snapshot = scan(str(root))
    assert reasons(snapshot) == {"diagram.png": "neither Markdown nor plain text"}
    assert snapshot.skipped[0].bytes == 4
    assert list(snapshot.files) == ["MEMORY.md"]


def test_a_file_that_is_too_large_is_listed_and_not_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("just.md", MAX_BYTES), ("over.md", MAX_BYTES + 1)):
        with open(root / name, "wb") as file:
            file.truncate(size)
    snapshot = scan(str(root))
    assert reasons(snapshot) == {"over.md": "larger than 5,000,000 bytes"}
    assert snapshot.skipped[0].bytes == MAX_BYTES + 1
    assert len(snapshot.files["just.md"]) == MAX_BYTES


def test_a_link_to_a_file_that_is_too_large_is_listed_too(root: Path) -> None:
    (root / "store").mkdir()
    with open(root / "store" / "big", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    (root / "big.md").symlink_to("store/big")
    assert reasons(scan(str(root)))["big.md"] == "larger than 5,000,000 bytes"


def test_a_file_that_cannot_be_read_is_listed_and_breaks_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "secret.md").write_bytes(b"x\n")
    read = _fs.read

    def refusing(path: str, alone: bool = False) -> _fs.Contents:
        if path.endswith("secret.md"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path, alone)

    monkeypatch.setattr(_fs, "read", refusing)
    snapshot = scan(str(root))
    assert reasons(snapshot) == {"secret.md": "cannot be read: Permission denied"}
    assert list(snapshot.files) == ["MEMORY.md"]


def test_a_folder_that_cannot_be_listed_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "private").mkdir()
    scandir = _fs.scandir

    def refusing(path: str) -> list[os.DirEntry[str]]:
        if path.endswith("private"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(_fs, "scandir", refusing)
    assert reasons(scan(str(root))) == {"private": "cannot be listed: Permission denied"}


def test_links_are_followed_inside_of_the_memory_only(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_bytes(b"secret\n")
    (tmp_path / "outside").mkdir()
    (root / "inside.md").symlink_to("MEMORY.md")
    (root / "out.md").symlink_to(tmp_path / "outside.md")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "dangling.md").symlink_to("nowhere.md")
    (root / "loop.md").symlink_to("loop.md")
    (root / "real").mkdir()
    (root / "alias").symlink_to("real")
    snapshot = scan(str(root))
    assert snapshot.files == {"MEMORY.md": b"# Memory\n"}
    assert reasons(snapshot) == {
        "inside.md": "a link to MEMORY.md",
        "out.md": "a link that points out of the memory",
        "folder": "a link that points out of the memory",
        "dangling.md": "a link that leads nowhere",
        "loop.md": "a link that leads nowhere",
        "alias": "a link to a directory",
    }


@pytest.fixture
def noted(root: Path) -> Path:
    """A memory with a topic in a folder."""
    (root / "notes").mkdir()
    (root / "notes" / "a.md").write_bytes(b"a\n")
    return root


@pytest.mark.parametrize("name", ["alias.md", "z.md", "notes/b.md", "alias.rst"])
def test_a_link_to_a_topic_is_no_second_topic(name: str, noted: Path) -> None:
    (noted / name).symlink_to(noted / "notes" / "a.md")
    snapshot = scan(str(noted))
    assert snapshot.files == {"MEMORY.md": b"# Memory\n", "notes/a.md": b"a\n"}
    problem = "neither Markdown nor plain text" if name.endswith(".rst") else "a link to notes/a.md"
    assert reasons(snapshot) == {name: problem}
    assert reasons(scan_only(str(noted), [name])) == {name: problem}


def test_links_in_a_row_name_the_file_at_the_end(noted: Path) -> None:
    (noted / "one.md").symlink_to("two.md")
    (noted / "two.md").symlink_to("notes/a.md")
    assert reasons(scan(str(noted))) == {
        "one.md": "a link to notes/a.md", "two.md": "a link to notes/a.md",
    }  # fmt: skip


def test_an_index_that_is_a_link_is_the_file_and_its_target_is_not(noted: Path) -> None:
    (noted / "MEMORY.md").unlink()
    (noted / "MEMORY.md").symlink_to("notes/a.md")
    (noted / "A.md").symlink_to("notes/a.md")
    snapshot = scan(str(noted))
    assert snapshot.files == {"MEMORY.md": b"a\n"}
    assert reasons(snapshot) == {
        "A.md": "a link to MEMORY.md", "notes/a.md": "it is MEMORY.md, by a link",
    }  # fmt: skip
    assert scan_only(str(noted), ["MEMORY.md"]).files == snapshot.files
    assert scan_only(str(noted), ["notes/a.md", "A.md"]) == Snapshot({}, snapshot.skipped[::-1])


@pytest.mark.parametrize("store", [".store/a.md", "store.rst", "/".join(["d"] * 25) + "/a.md"])
def test_a_file_that_only_links_lead_to_is_read_under_the_first_ones_name(
    store: str, root: Path
) -> None:
    (root / store).parent.mkdir(exist_ok=True, parents=True)
    (root / store).write_bytes(b"kept\n")
    (root / "one.md").symlink_to(store)
    (root / "one.rst").symlink_to(store)
    (root / "two.md").symlink_to(store)
    (root / "0.rst").symlink_to(store)
    snapshot = scan(str(root))
    assert snapshot.files == {"MEMORY.md": b"# Memory\n", "one.md": b"kept\n"}
    assert reasons(snapshot)["two.md"] == "a link to one.md"
    assert scan_only(str(root), ["one.md"]).files == {"one.md": b"kept\n"}


def test_a_file_asked_for_through_a_linked_folder_is_named_by_its_own_name(
    noted: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.md").write_bytes(b"secret\n")
    (noted / "alias").symlink_to("notes")
    (noted / "out").symlink_to(tmp_path / "outside")
    snapshot = scan_only(str(noted), ["alias/a.md", "out/a.md"])
    assert snapshot.files == {}
    assert reasons(snapshot) == {
        "alias/a.md": "a link to notes/a.md", "out/a.md": "a link that points out of the memory",
    }  # fmt: skip


def test_a_sibling_whose_name_begins_alike_is_outside(root: Path) -> None:
    other = root.parent / "memory-of-somebody-else"
    other.mkdir()
    (other / "a.md").write_bytes(b"x\n")
    (root / "a.md").symlink_to(other / "a.md")
    assert reasons(scan(str(root))) == {"a.md": "a link that points out of the memory"}


def test_a_memory_behind_a_link_is_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    assert scan(str(tmp_path / "alias")) == scan(str(root))


@pytest.mark.parametrize("kind", ["fifo", "socket", "directory", "device"])
def test_what_is_no_file_is_listed_and_never_hangs(
    kind: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "odd.md"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        monkeypatch.chdir(root)  # the full path may be longer than a socket's name can be
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("odd.md")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    expected = {
        "directory": {},
        "device": {"odd.md": "a link that points out of the memory"},
    }.get(kind, {"odd.md": "not a regular file"})
    assert reasons(scan(str(root))) == expected
    assert "odd.md" not in scan(str(root)).files


def test_a_directory_in_place_of_the_index_is_named_when_only_the_index_is_wanted(
    root: Path,
) -> None:
    (root / "MEMORY.md").unlink()
    (root / "MEMORY.md").mkdir()
    assert reasons(scan_only(str(root), ["MEMORY.md"])) == {"MEMORY.md": "not a regular file"}


def test_bytes_that_are_not_utf_8_survive(root: Path) -> None:
    data = b"- caf\xe9 \xff\xfe\x00 end\r\n"
    (root / "latin.md").write_bytes(data)
    snapshot = scan(str(root))
    assert snapshot.files["latin.md"] == data
    assert snapshot.text("latin.md").encode("utf-8", "surrogateescape") == data


def test_odd_names_are_listed_as_they_are(root: Path) -> None:
    (root / "two\nlines.md").write_bytes(b"x\n")
    try:
        with open(os.path.join(os.fsencode(root), b"latin-\xe9.md"), "wb") as file:
            file.write(b"y\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert scan(str(root)).files == {
        "MEMORY.md": b"# Memory\n", "two\nlines.md": b"x\n", "latin-\udce9.md": b"y\n",
    }  # fmt: skip


def test_folders_without_end_are_cut_off_and_named(root: Path) -> None:
    deep = root.joinpath(*["d"] * 30)
    deep.mkdir(parents=True)
    (deep / "a.md").write_bytes(b"x\n")
    (skipped,) = scan(str(root)).skipped
    assert skipped.reason == "nested deeper than 24 folders"
    assert skipped.path == "/".join(["d"] * 25)


def test_a_file_that_goes_away_while_we_look_is_no_error(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.md").write_bytes(b"x\n")
    read = _fs.read

    def vanishing(path: str, alone: bool = False) -> _fs.Contents:
        if os.path.exists(root / "a.md"):
            os.unlink(root / "a.md")
        return read(path, alone)

    monkeypatch.setattr(_fs, "read", vanishing)
    assert scan_only(str(root), ["a.md", "MEMORY.md"]).files == {"MEMORY.md": b"# Memory\n"}
    monkeypatch.setattr(_fs, "read", read)
    (root / "a.md").write_bytes(b"x\n")
    monkeypatch.setattr(_fs, "read", vanishing)
    assert scan(str(root)).files == {"MEMORY.md": b"# Memory\n"}


def test_a_file_that_never_stops_changing_is_listed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = _fs.read

    def torn(path: str, alone: bool = False) -> _fs.Contents:
        if alone:
            raise _fs.UnsupportedError(errno.ENOSYS, "has no leases")
        data, before, after = read(path)
        return data[:-1], before, after

    monkeypatch.setattr(_fs, "read", torn)
    assert "keeps changing" in reasons(scan(str(root)))["MEMORY.md"]


def test_reading_changes_nothing_on_disk(root: Path) -> None:
    os.utime(root, ns=(1, 1))
    os.utime(root / "MEMORY.md", ns=(1, 1))
    scan(str(root))
    scan_only(str(root), ["MEMORY.md"])
    assert os.listdir(root) == ["MEMORY.md"]
    assert root.stat().st_mtime_ns == (root / "MEMORY.md").stat().st_mtime_ns == 1
