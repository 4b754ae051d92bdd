"""Each step of a commit, and a way to leave out exactly this one.

The steps are switched off by patches in the process that tries, never by the production code.
What a switch leaves in place of a step is as near to it as can be: without the lock, say, its
file is there and open, and only nobody is kept out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

from calls import Call, Do, Hook

from agent_memory.core.history import Commit
from agent_memory.core.snapshot import Change
from agent_memory.storage import _fs, lock, outside, replace, steady, together
from agent_memory.storage.journal import Journal
from agent_memory.storage.late import LateVersions
from agent_memory.storage.log import Row


@contextmanager
def _without_the_lock() -> Iterator[None]:
    """Everybody may go in."""

    @contextmanager
    def open_only(path: str, timeout: float = lock.TIMEOUT) -> Iterator[lock.Held]:
        handle = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            yield lock.Held(path, handle)
        finally:
            os.close(handle)

    with mock.patch.object(lock, "locked", open_only):
        yield


@contextmanager
def _without_the_check_of_a_new_lock() -> Iterator[None]:
    """Whoever has locked a file takes it for the lock, until the first exchange."""
    is_at = lock._is_at

    def check(held: lock.Held) -> None:
        if not is_at(held.path, held.handle):
            raise lock.LockLostError

    with (
        mock.patch.object(lock, "_is_at", return_value=True),
        mock.patch.object(lock.Held, "check", check),
    ):
        yield


def _without_the_check_before_each_exchange() -> AbstractContextManager[object]:
    """The inode is compared when the lock is taken, and never again."""
    return mock.patch.object(lock.Held, "check")


@contextmanager
def _without_the_stable_read() -> Iterator[None]:
    """A file is read as it lies there, whoever is writing it."""
    with (
        mock.patch.object(steady, "read", lambda path, sure=False: _fs.read(path)[0]),
        mock.patch.object(steady, "read_below", lambda root, path: _fs.read_below(root, path)[0]),
    ):
        yield


def _without_waiting_for_a_swap() -> AbstractContextManager[object]:
    """A file that has just gone, or lost most of its lines, is taken as it is."""
    return mock.patch.object(outside, "is_half_written", return_value=False)


def _without_the_last_look() -> AbstractContextManager[object]:
    """The file is not looked at again before it is replaced."""
    real = replace.apply

    def apply(root: str, change: Change, *rest: Any) -> None:
        with mock.patch.object(replace, "current", return_value=change.before):
            real(root, change, *rest)

    return mock.patch.object(replace, "apply", apply)


def _without_the_compare() -> AbstractContextManager[object]:
    """What was displaced is thrown away unseen."""

    def unseen(base: str, real: str, change: Change, temporary: str, late: LateVersions) -> None:
        _fs.unlink(temporary)

    return mock.patch.object(replace, "_compare", unseen)


def _without_watching_late_writers() -> AbstractContextManager[object]:
    """What was displaced is compared at once, whoever has it open for writing."""
    return mock.patch.object(replace, "final", lambda file: (_fs.read(file)[0], True))


def no_fsync_of_files(call: Call, do: Do) -> Any:
    """A hook: the contents of files are left to the system."""
    return None if _is_fsync(call, stat.S_ISREG) else do()


def no_fsync_of_folders(call: Call, do: Do) -> Any:
    """A hook: the names in folders are left to the system."""
    return None if _is_fsync(call, stat.S_ISDIR) else do()


def _is_fsync(call: Call, which: Callable[[int], bool]) -> bool:
    return call.name == "fsync" and which(os.fstat(call.args[0]).st_mode)


@contextmanager
def _without_the_intent() -> Iterator[None]:
    """A commit is written down when it is made, not before."""
    real_begin, real_done = Journal.begin, Journal.done
    planned: dict[str, Sequence[Change]] = {}

    def begin(journal: Journal, commit: Commit, changes: Sequence[Change]) -> list[Row]:
        planned[commit.id] = changes
        return journal.rows(changes)

    def done(journal: Journal, commit: Commit, rows: Sequence[Row]) -> None:
        real_begin(journal, commit, planned[commit.id])
        real_done(journal, commit, rows)

    with mock.patch.object(Journal, "begin", begin), mock.patch.object(Journal, "done", done):
        yield


def _without_securing_a_record_without_files() -> AbstractContextManager[object]:
    """That a commit changed no file is no reason to sync its record."""
    return mock.patch.object(Journal, "_secure")


def _without_recovery() -> AbstractContextManager[object]:
    """The next writer takes no notice of what a crash left."""
    return mock.patch.object(Journal, "recover")


def _without_the_readers_part() -> AbstractContextManager[object]:
    """Readers take no notice of a commit under way."""
    return mock.patch.object(together, "_pending", return_value=[])


@dataclass(frozen=True)
class Switch:
    """What leaves a step out: a patch, or hooks that go before those of the harness."""

    patch: Callable[[], AbstractContextManager[object]] = nullcontext
    hooks: tuple[Hook, ...] = ()


NOTHING = Switch()
"""All steps are on."""

STEPS = {
    "lock": Switch(_without_the_lock),
    "inode check of a new lock": Switch(_without_the_check_of_a_new_lock),
    "inode check before each exchange": Switch(_without_the_check_before_each_exchange),
    "stable read": Switch(_without_the_stable_read),
    "wait for a swap": Switch(_without_waiting_for_a_swap),
    "last look": Switch(_without_the_last_look),
    "compare": Switch(_without_the_compare),
    "late writers": Switch(_without_watching_late_writers),
    "fsync of file": Switch(hooks=(no_fsync_of_files,)),
    "fsync of directory": Switch(hooks=(no_fsync_of_folders,)),
    "fsync of a record without files": Switch(_without_securing_a_record_without_files),
    "intent": Switch(_without_the_intent),
    "recovery": Switch(_without_recovery),
    "readers look at the intent": Switch(_without_the_readers_part),
}
"""Each step by its name, and what leaves it out."""
