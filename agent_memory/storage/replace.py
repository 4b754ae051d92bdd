"""Putting one file's new content in place of the old, in one step."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterable
from contextlib import suppress

from agent_memory.core.snapshot import Change
from agent_memory.errors import ConflictError, StorageError, UnsafePathError
from agent_memory.storage import _fs
from agent_memory.storage.scan import path_below, stable_read_below

FOREIGN = (ConflictError, UnsafePathError, NotADirectoryError, IsADirectoryError)
"""What a path raises that somebody else has made theirs: it is left alone when taking back."""

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
            raise _changed(change.path) from None
    return temporary


def apply(root: str, change: Change, temporary: str | None) -> None:
    """Make the change, if the file still is what it was when the change was planned.

    New content goes to where a link leads; a removal takes the link itself away.

    Raises:
        ConflictError: somebody changed the file, or the way to it, meanwhile.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be replaced or removed.
    """
    if current(root, change.path) != change.before:
        raise _changed(change.path)
    base, real = _located(root, change.path)
    try:
        if temporary is None:
            _fs.unlink_below(base, change.path)
        else:
            _fs.makedirs_below(base, real)
            _fs.replace_below(temporary, base, real)
    except _fs.DetourError:
        raise _changed(change.path) from None


def _changed(path: str) -> ConflictError:
    return ConflictError(f"{path} was changed by somebody else just now", "try again")


def inverse(change: Change) -> Change:
    """The change that takes a change back."""
    return Change(change.path, change.after, change.before)


def current(root: str, path: str) -> bytes | None:
    """The file's bytes now, None where there is none.

    Raises:
        ConflictError: a folder on the way has just become a link.
        UnsafePathError: a symbolic link leads out of the memory.
        OSError: it cannot be read, or is no file.
    """
    try:
        return stable_read_below(*_located(root, path))
    except FileNotFoundError:
        return None
    except _fs.DetourError:
        raise _changed(path) from None


def safe_target(root: str, path: str) -> str:
    """The real file behind a path of the memory: a link is written through, never replaced.

    Raises:
        UnsafePathError: it lies outside of the memory.
    """
    return os.path.join(*_located(root, path))


def _located(root: str, path: str) -> tuple[str, str]:
    """The memory's real directory, and the path below it of the real file behind `path`."""
    base = _fs.realpath(root)
    below = path_below(base, _fs.realpath(os.path.join(base, path)))
    if not below or ".." in path.split("/"):
        raise UnsafePathError(
            f"{path} leads out of the memory by a symbolic link", "replace the link by a file"
        )
    return base, below


def sync_folders(root: str, changes: Iterable[Change]) -> None:
    """Make the names of all changed files durable, as far as their folders are still there."""
    base = _fs.realpath(root)
    files = {os.path.dirname(path): path for path in (_written(root, c) for c in changes) if path}
    for _, path in sorted(files.items()):
        with suppress(FileNotFoundError, NotADirectoryError, _fs.DetourError):
            _fs.sync_below(base, path)


def _written(root: str, change: Change) -> str:
    """The path of the name that a change has changed, "" when it is no more in the memory."""
    try:
        return change.path if change.after is None else _located(root, change.path)[1]
    except UnsafePathError:
        return ""


def drop_empty_folders(root: str, changes: Iterable[Change]) -> None:
    """Remove the folders above removed topics that hold nothing any more."""
    for change in changes:
        folder = os.path.dirname(change.path) if change.after is None else ""
        while folder and _drop(_fs.realpath(root), folder):
            folder = os.path.dirname(folder)


def _drop(root: str, folder: str) -> bool:
    try:
        _fs.rmdir_below(root, folder)
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
