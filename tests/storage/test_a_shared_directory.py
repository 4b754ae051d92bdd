"""A directory that several people may write in: the first of them keeps none of the others out."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_memory.core.history import Author, Plan
from agent_memory.storage.directory import DirectoryStorage

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
WRITERS = stat.S_IWGRP | stat.S_IWOTH


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def writers(
    directory: Path, mode: int, storage: DirectoryStorage, author: Author, edit: Callable[..., Plan]
) -> dict[str, int]:
    """Who else may write in our own folders, and take the lock, after the first commit."""
    directory.mkdir(exist_ok=True)
    directory.chmod(mode)
    storage.commit(edit, author)
    state = directory / ".agent-memory"
    own = [state, *(path for path in state.iterdir() if path.is_dir()), state / "lock"]
    return {path.name: path.stat().st_mode & WRITERS for path in own}


@pytest.mark.parametrize(
    ("mode", "mask", "expected"),
    [
        pytest.param(0o755, 0o022, 0, id="one's own"),
        pytest.param(0o775, 0o022, stat.S_IWGRP, id="a group's"),
        pytest.param(0o777, 0o022, WRITERS, id="everybody's"),
        pytest.param(0o1777, 0o022, 0, id="sticky: each keeps their own"),
        pytest.param(0o775, 0o077, 0, id="a group's, and we let nobody read"),
    ],
)
def test_who_may_write_in_a_memory_may_commit_to_it(
    mode: int, mask: int, expected: int, storage: DirectoryStorage, author: Author,
    putting: Callable[..., Callable[..., Plan]], root: Path, umask: Callable[[int], int],
) -> None:  # fmt: skip
    umask(mask)
    found = writers(root, mode, storage, author, putting({"MEMORY.md": b"- a\n"}))
    assert found == dict.fromkeys((".agent-memory", "journal", "tmp", "lock"), expected)
