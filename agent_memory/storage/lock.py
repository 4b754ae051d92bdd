"""One writer at a time: the lock of a memory, and a look that it really is the lock.

filelock 4 takes the lock with flock. `fallback_to_soft=False`: a soft lock that a crashed
process leaves behind would stand for ever. `preserve_lock_file=True`: a lock file that is
deleted on release lets two holders in.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from filelock import FileLock, Timeout

from agent_memory.errors import LockTimeoutError, StorageError

TIMEOUT = 10.0  # seconds
_MOVE = "move it away, it is no regular file; the next write makes one"
_NO_FILE = dict.fromkeys((errno.EISDIR, errno.ELOOP, errno.ENXIO), _MOVE)  # folder, link, socket
_ELSE = "a memory needs a directory that you may write to, on a file system with locks"
_POLL = 0.001  # seconds; filelock's own 50 ms gave far worse waits with eight writers


class LockLostError(Exception):
    """The lock file is not the one any more that we hold: somebody else may hold another."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that is held, and that somebody may delete under us."""

    path: str
    handle: int

    def check(self) -> None:
        """Make sure that the lock still keeps others out.

        Raises:
            LockLostError: the lock file was deleted or replaced.
        """
        if not _is_at(self.path, self.handle):
            raise LockLostError


@contextmanager
def locked(path: str, timeout: float = TIMEOUT) -> Iterator[Held]:
    """Hold the lock file at `path`; the locked inode is the one that `path` names.

    Raises:
        LockTimeoutError: somebody else held it for `timeout` seconds.
        StorageError: the lock file cannot be opened.
    """
    deadline = monotonic() + timeout
    while True:
        held: list[int] = []
        lock = FileLock(
            path,
            timeout=max(0.0, deadline - monotonic()),
            mode=_mode(os.path.dirname(path)),
            poll_interval=_POLL,
            thread_local=False,
            fallback_to_soft=False,
            preserve_lock_file=True,
            on_acquired=held.append,
        )
        try:
            lock.acquire()
        except Timeout:
            raise LockTimeoutError(
                f"{path} has been held by another process for {timeout:g} seconds", "try again"
            ) from None
        except OSError as error:
            raise StorageError(
                f"{path} cannot be locked: {error.strerror or error}",
                _NO_FILE.get(error.errno or 0, _ELSE),
                error.errno,
            ) from error
        try:
            if _is_at(path, held[0]):
                yield Held(path, held[0])
                return
        finally:
            lock.release()


def _mode(folder: str) -> int:
    """The lock file's mode: all who may write in its folder may take it, whoever made it."""
    try:
        return os.stat(folder).st_mode & 0o666
    except OSError:  # deleted just now
        return 0o600


def _is_at(path: str, handle: int) -> bool:
    """Whether the locked file is still the one at `path`: it may have been deleted meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
