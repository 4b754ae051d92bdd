"""Putting one file's new content in place of the old, in one step."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterable

from agent_memory.core.snapshot import Change
from agent_memory.errors import ConflictError, StorageError, UnsafePathError
from agent_memory.storage import _fs
from agent_memory.storage.scan import is_inside, stable_read

_counter = itertools.count()


def prepare(root: str, change: Change, folder: str) -> str | None:
    """A temporary file in `folder` with the new content, synced; None for a removal.

    Raises:
        ConflictError: the file that it is to replace is gone.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be written.
    """
    target = safe_target(root, change.path)
    if change.after is None:
        return None
    temporary = os.path.join(folder, f"{os.getpid()}-{next(_counter)}.tmp")
    if _fs.exists(temporary):  # left by a process that had our number before us
        _fs.unlink(temporary)
    _fs.create(temporary, change.after)
    if change.before is not None:
        try:
            _fs.copy_status(target, temporary)
        except FileNotFoundError:
            raise _changed(change) from None
    return temporary


def apply(root: str, change: Change, temporary: str | None) -> None:
    """Make the change, if the file still is what it was when the change was planned.

    Raises:
        ConflictError: somebody changed the file meanwhile.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be replaced or removed.
    """
    target = safe_target(root, change.path)
    if current(root, change.path) != change.before:
        raise _changed(change)
    if temporary is None:
        _fs.unlink(target)
    else:
        _fs.makedirs(os.path.dirname(target))
        _fs.replace(temporary, target)


def _changed(change: Change) -> ConflictError:
    return ConflictError(f"{change.path} was changed by somebody else just now", "try again")


def inverse(change: Change) -> Change:
    """The change that takes a change back."""
    return Change(change.path, change.after, change.before)


def current(root: str, path: str) -> bytes | None:
    """The file's bytes now, None where there is none."""
    try:
        return stable_read(safe_target(root, path))
    except FileNotFoundError:
        return None


def safe_target(root: str, path: str) -> str:
    """The real file behind a path of the memory: a link is written through, never replaced.

    Raises:
        UnsafePathError: it lies outside of the memory.
    """
    full = os.path.join(root, path)
    if not is_inside(root, full):
        raise UnsafePathError(
            f"{path} leads out of the memory by a symbolic link", "replace the link by a file"
        )
    return _fs.realpath(full)


def sync_folders(root: str, changes: list[Change]) -> None:
    """Make the names of all changed files durable."""
    for folder in sorted({os.path.dirname(safe_target(root, change.path)) for change in changes}):
        if _fs.exists(folder):
            _fs.sync_directory(folder)


def drop_empty_folders(root: str, changes: Iterable[Change]) -> None:
    """Remove the folders above removed topics that hold nothing any more."""
    for change in changes:
        folder = os.path.dirname(change.path) if change.after is None else ""
        while folder and _drop(os.path.join(root, folder)):
            folder = os.path.dirname(folder)


def _drop(folder: str) -> bool:
    try:
        _fs.rmdir(folder)
    except OSError:  # not empty, as a rule
        return False
    return True


def as_storage_error(root: str, error: OSError) -> StorageError:
    """What the operating system said, with what to do about it."""
    hints = {
        errno.EACCES: "make the directory and its files writable for you",
        errno.EPERM: "make the directory and its files writable for you",
        errno.EROFS: "the file system is mounted read-only",
        errno.ENOSPC: "free some disk space; nothing was changed",
        errno.EDQUOT: "your disk quota is used up; nothing was changed",
        errno.ENAMETOOLONG: "use a shorter name",
    }
    name = error.filename if isinstance(error.filename, str) else root
    return StorageError(
        f"{name}: {error.strerror or error}",
        hints.get(error.errno or 0, "nothing was changed; look at the disk and try again"),
        error.errno,
    )
