"""Storages over real directories, edits to give them, and faults in the operating system."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
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
WhenPaused = Callable[..., list[float]]

CHANGING = (
    "copy_status", "create", "create_anew", "exchange_below", "link_below", "makedirs",
    "makedirs_below", "place_below", "rename", "replace_below", "rmdir", "rmdir_below",
    "sync_below", "sync_directory", "take_below", "unlink", "unlink_below",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """No test here cuts the power, so none waits for the disk; and none waits for a clock.

    What others do while they are waited for is done by the pause itself: `when_paused`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        patch.setattr(_fs, "pause", lambda seconds: None)
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


@pytest.fixture
def when_paused(monkeypatch: pytest.MonkeyPatch) -> WhenPaused:
    """Makes others do these things, one at each pause; returns the list of all pauses."""

    def arm(*deeds: Callable[[], object]) -> list[float]:
        coming, pauses = iter(deeds), []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            for deed in coming:
                deed()
                return

        monkeypatch.setattr(_fs, "pause", pause)
        return pauses

    return arm


@pytest.fixture
def leases(tmp_path: Path) -> None:
    """For tests that need to know whether somebody has a file open."""
    probe = tmp_path / "probe"
    probe.touch()
    try:
        _fs.read(str(probe), alone=True)
    except _fs.UnsupportedError as error:
        pytest.skip(f"no leases here: {error}")
    probe.unlink()


@pytest.fixture
def no_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot tell whether somebody has a file open."""

    def refuse(handle: int, path: str) -> None:
        raise _fs.UnsupportedError(errno.ENOSYS, "has no leases", path)

    monkeypatch.setattr(_fs, "_lease", refuse)


@pytest.fixture(params=["exchange", "hard link", "no links", "no links, odd error"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How two files change places: each way that there is."""
    if request.param == "exchange":
        if _fs._system_rename() is None:
            pytest.skip("this system cannot exchange files")
        return "exchange"
    monkeypatch.setattr(_fs, "_system_rename", lambda: None)
    if request.param == "hard link":
        return "hard link"
    number = errno.EPERM if request.param == "no links" else errno.EOPNOTSUPP

    def refuse(*args: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    return "no links"


HOLDER = """
import sys
file = open(sys.argv[1], sys.argv[2])
print("open", flush=True)
for line in sys.stdin:
    file.write(eval(line))
    file.flush()
    print("written", flush=True)
file.close()
print("closed", flush=True)
"""


class Holder:
    """Another process that has a file open for writing."""

    def __init__(self, path: Path, mode: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._expect("open")

    def write(self, text: str) -> None:
        """Write it now."""
        assert self.process.stdin
        self.process.stdin.write(f"{text!r}\n")
        self.process.stdin.flush()
        self._expect("written")

    def close(self) -> None:
        """Close the file."""
        assert self.process.stdin
        self.process.stdin.close()
        self._expect("closed")

    def _expect(self, said: str) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == f"{said}\n"


@pytest.fixture
def holding() -> Iterator[Callable[[Path, str], Holder]]:
    """Starts processes that have a file open in a mode such as `w`."""
    with ExitStack() as stack:

        def start(path: Path, mode: str) -> Holder:
            holder = Holder(path, mode)
            stack.enter_context(holder.process)
            stack.callback(holder.process.kill)
            return holder

        yield start
