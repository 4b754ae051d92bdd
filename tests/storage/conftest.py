"""Storages over real directories, edits to give them, and faults in the operating system."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent_memory.core.history import Author, Plan, Record
from agent_memory.core.snapshot import Snapshot
from agent_memory.storage import _fs
from agent_memory.storage.directory import DirectoryStorage

Edit = Callable[[Snapshot, Iterable[Record]], Plan]
Putting = Callable[..., Edit]
FailAt = Callable[[int, OSError, bool], None]

CHANGING = (
    "copy_status", "create", "create_anew", "exchange_below", "link_below", "makedirs",
    "makedirs_below", "place_below", "rename", "replace_below", "rmdir", "rmdir_below",
    "sync_below", "sync_directory", "take_below", "unlink", "unlink_below",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """No test here cuts the power, so none has to wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the memory is; it does not exist yet."""
    return tmp_path / "memory"


@pytest.fixture
def storage(root: Path) -> DirectoryStorage:
    """A storage whose clock advances by a minute at each look."""
    ticks = iter(range(10_000))
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return DirectoryStorage(str(root), lambda: start + timedelta(minutes=next(ticks)))


@pytest.fixture
def author() -> Author:
    """Who writes in these tests."""
    return Author("tester", "test")


@pytest.fixture
def putting() -> Putting:
    """Makes the edit that gives files these contents; None removes a file."""

    def make(files: dict[str, bytes | None], message: str = "put") -> Edit:
        def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
            wanted = {**snapshot.files, **files}
            left = {path: data for path, data in wanted.items() if data is not None}
            return Plan(tuple(snapshot.changes_to(left)), "put", message)

        return edit

    return make


@pytest.fixture
def changing() -> tuple[str, ...]:
    """The calls to the operating system that change something."""
    return CHANGING


@pytest.fixture
def fail_at(monkeypatch: pytest.MonkeyPatch) -> FailAt:
    """Makes the n-th call to the operating system that changes something fail.

    With `lasting` every later one fails, too, until `monkeypatch.undo()`.
    """

    def arm(n: int, error: OSError, lasting: bool = False) -> None:
        calls = iter(range(1, 1_000_000))

        def failing(function: Callable[..., object]) -> Callable[..., object]:
            def instead(*args: object, **kwargs: object) -> object:
                call = next(calls)
                if call == n or (lasting and call > n):
                    raise error
                return function(*args, **kwargs)

            return instead

        for name in CHANGING:
            monkeypatch.setattr(_fs, name, failing(getattr(_fs, name)))

    return arm
