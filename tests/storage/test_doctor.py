"""The doctor of a directory: what is the matter with it, and what is to be done about that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.core.checks.finding import Finding
from agent_memory.core.history import Author, Plan
from agent_memory.errors import ConflictError
from agent_memory.storage import _fs
from agent_memory.storage.base import Edit
from agent_memory.storage.directory import DirectoryStorage

Putting = Callable[..., Edit]


@pytest.fixture
def memory(storage: DirectoryStorage, author: Author, putting: Putting) -> DirectoryStorage:
    """A memory that has been written to."""
    storage.commit(putting({"MEMORY.md": b"# M\n"}), author)
    return storage


def found(storage: DirectoryStorage) -> dict[str, Finding]:
    return {finding.code: finding for finding in storage.examine()}


def wrong(storage: DirectoryStorage) -> list[str]:
    return sorted(one.code for one in storage.examine() if one.severity != "info")


def test_a_memory_in_order_has_nothing_wrong(memory: DirectoryStorage, root: Path) -> None:
    before = sorted(root.rglob("*"))
    assert wrong(memory) == []
    assert found(memory)["DR002"].message == "lock: free"
    assert found(memory)["DR003"].message.startswith("exchange: ")
    assert "1 commit since 2026-03-01" in found(memory)["DR011"].message
    assert sorted(root.rglob("*")) == before


def test_before_the_first_write_nothing_is_made_and_much_is_unknown(
    storage: DirectoryStorage, root: Path
) -> None:
    assert "unknown" in found(storage)["DR002"].message
    assert not root.exists()
    root.mkdir()
    assert wrong(storage) == []
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("name", ["", "journal", "tmp", "late", "conflicts", "archive"])
@pytest.mark.parametrize("kind", ["a link", "a file"])
def test_what_is_in_place_of_a_folder_of_the_state_is_an_error(
    name: str, kind: str, memory: DirectoryStorage, root: Path
) -> None:
    folder = root / ".agent-memory" / name
    if folder.exists():
        folder.rename(root.parent / "aside")
    if kind == "a file":
        folder.touch()
    else:
        folder.symlink_to(root.parent)
    assert wrong(memory) == ["DR005"]
    assert "the next write makes the folder" in found(memory)["DR005"].hint
    assert memory.conflicts() == []


def test_a_lock_that_is_held_is_named_with_its_holder(memory: DirectoryStorage, root: Path) -> None:
    script = (
        "import sys\nfrom agent_memory.storage.lock import locked\n"
        "with locked(sys.argv[1]):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    lock = root / ".agent-memory/lock"
    command = [sys.executable, "-c", script, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        one = found(memory)["DR002"]
        other.communicate()
    assert (one.severity, one.path) == ("warning", ".agent-memory/lock")
    if Path("/proc/locks").exists() and str(other.pid) in Path("/proc/locks").read_text():
        assert f"process {other.pid}" in one.message


def test_a_lock_that_is_no_file_is_an_error(memory: DirectoryStorage, root: Path) -> None:
    (root / ".agent-memory/lock").unlink()
    (root / ".agent-memory/lock").mkdir()
    assert found(memory)["DR002"].severity == "error"


def test_a_system_without_exchange_and_leases_says_what_is_done_instead(
    memory: DirectoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise _fs.UnsupportedError(38, "Function not implemented")

    monkeypatch.setattr(_fs, "exchange_below", cannot)
    monkeypatch.setattr(_fs, "_lease", cannot)
    seen = found(memory)
    assert "not here; commits replace files" in seen["DR003"].message
    assert "not here; files" in seen["DR004"].message


def test_what_a_crash_left_is_named(memory: DirectoryStorage, root: Path) -> None:
    state = root / ".agent-memory"
    (state / "tmp/left").write_text("x")
    (state / "journal/intent.json").write_text("{}")
    (state / "late").mkdir()
    (state / "late/a.md").write_text("x")
    (state / "late/a.json").write_text("{}")
    seen = [one for one in memory.examine() if one.severity != "info"]
    assert [one.code for one in seen] == ["DR005", "DR005", "DR006"]
    assert all(one.hint for one in seen)
    (state / "journal/intent.json").rename(state / "journal/intent.json.unreadable")
    assert wrong(memory) == ["DR005", "DR005", "DR006"]


def test_open_conflicts_are_named(memory: DirectoryStorage, author: Author) -> None:
    error = ConflictError("both", path="MEMORY.md", base="a", ours="b", theirs="c")

    def edit(*_: object) -> Plan:
        raise error

    with pytest.raises(ConflictError):
        memory.commit(edit, author)
    one = found(memory)["DR007"]
    assert (one.severity, one.message) == ("warning", "conflicts: 1 text to be decided on")


def test_a_file_with_several_names_is_named(memory: DirectoryStorage, root: Path) -> None:
    os.link(root / "MEMORY.md", root.parent / "elsewhere.md")
    one = found(memory)["DR012"]
    assert (one.path, "has 2 names" in one.message) == ("MEMORY.md", True)


def test_what_may_not_be_written_is_named(
    memory: DirectoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_fs, "may_write", lambda root, path: path != "MEMORY.md")
    one = found(memory)["DR013"]
    assert (one.severity, one.path) == ("warning", "MEMORY.md")
    assert "chmod u+w" in one.hint
