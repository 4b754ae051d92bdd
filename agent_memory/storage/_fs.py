"""The only module that calls the operating system about a memory's files.

Each function is one call or one short loop of calls, so that a test can make any of them fail.
"""

from __future__ import annotations

import os
import stat as _stat
from collections.abc import Callable, Iterator
from functools import partial

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_CHUNK = 1 << 20


def realpath(path: str) -> str:
    """The path with every symbolic link followed."""
    return os.path.realpath(path)


def stat(path: str) -> os.stat_result:
    """The status of what `path` leads to."""
    return os.stat(path)


def lstat(path: str) -> os.stat_result:
    """The status of `path` itself."""
    return os.lstat(path)


def scandir(path: str) -> list[os.DirEntry[str]]:
    """What a directory holds, by name."""
    with os.scandir(path) as found:
        return sorted(found, key=lambda entry: entry.name)


def listdir(path: str) -> list[str]:
    """The names in a directory, sorted; none where there is no directory."""
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []


def read(path: str) -> tuple[bytes, os.stat_result, os.stat_result]:
    """A regular file's bytes, and its status before and after they were read.

    Raises:
        OSError: it cannot be opened or read; `IsADirectoryError` for anything but a file.
    """
    handle = os.open(path, _READ)  # not blocking: a FIFO put in place of the file must not hang us
    try:
        before = os.fstat(handle)
        if not _stat.S_ISREG(before.st_mode):
            raise IsADirectoryError(f"{path} is not a regular file")
        data = b"".join(_chunks(handle))
        return data, before, os.fstat(handle)
    finally:
        os.close(handle)


def _chunks(handle: int) -> Iterator[bytes]:
    while chunk := os.read(handle, _CHUNK):
        yield chunk


def create(path: str, data: bytes, mode: int = 0o666) -> None:
    """Write a new file and sync it; a file that cannot be written whole is taken away again.

    Raises:
        OSError: the file exists, or could not be written or synced.
    """
    handle = os.open(path, _CREATE, mode)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        os.unlink(path)
        raise


def copy_status(source: str, target: str) -> None:
    """Give `target` the mode, owner and extended attributes of `source`, as far as we may."""
    status = os.stat(source)
    os.chmod(target, _stat.S_IMODE(status.st_mode))
    own = os.stat(target)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        _attempt(lambda: os.chown(target, status.st_uid, status.st_gid))
    if hasattr(os, "listxattr"):
        _attempt(lambda: _copy_attributes(source, target))


def _copy_attributes(source: str, target: str) -> None:
    for name in os.listxattr(source):
        _attempt(partial(_copy_attribute, source, target, name))


def _copy_attribute(source: str, target: str, name: str) -> None:
    os.setxattr(target, name, os.getxattr(source, name))


def _attempt(call: Callable[[], None]) -> None:
    """What is nice to keep but not ours to insist on: an owner, an attribute."""
    try:
        call()
    except OSError:
        return


def replace(source: str, target: str) -> None:
    """Put `source` in the place of `target`, in one step."""
    os.replace(source, target)


def unlink(path: str) -> None:
    """Remove a file."""
    os.unlink(path)


def rmdir(path: str) -> None:
    """Remove an empty directory."""
    os.rmdir(path)


def makedirs(path: str) -> None:
    """Make a directory and its parents."""
    os.makedirs(path, exist_ok=True)


def exists(path: str) -> bool:
    """Whether there is anything at `path`."""
    return os.path.lexists(path)


def sync_directory(path: str) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
