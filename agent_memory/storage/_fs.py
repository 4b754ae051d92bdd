"""The only module that calls the operating system about a memory's files.

Each function is one call or one short loop of calls, so that a test can make any of them fail.

Whatever changes a file of the memory (the functions whose names end in `_below`) walks from the
memory's real directory to the file's folder with handles and follows no link on the way. A path
would be looked up again at the moment of the change, when a folder may have become a link that
leads out of the memory.
"""

from __future__ import annotations

import errno
import os
import stat as _stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

BY_HANDLE = hasattr(os, "O_NOFOLLOW") and {
    os.mkdir, os.open, os.rename, os.rmdir, os.stat, os.unlink,
} <= os.supports_dir_fd  # fmt: skip
"""Whether folders can be held open here; elsewhere (Windows) paths have to do."""
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_IS_LINK = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR)  # what O_NOFOLLOW says, by system
# Not blocking: a FIFO put in place of a file must not hang us.
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_CHUNK = 1 << 20


class DetourError(OSError):
    """A folder on the way, or the file itself, is a symbolic link, or was one just now."""


def realpath(path: str) -> str:
    """The path with every symbolic link followed."""
    return os.path.realpath(path)


def is_link(path: str) -> bool:
    """Whether `path` itself is a symbolic link."""
    return os.path.islink(path)


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
    return _contents(os.open(path, _READ), path)


def read_below(root: str, path: str) -> tuple[bytes, os.stat_result, os.stat_result]:
    """Like `read`, for a file below a real directory, reached without following a link.

    Raises:
        DetourError: a link is on the way.
        OSError: as `read` does.
    """
    with _folder_of(root, path) as (folder, name):
        return _contents(_entered(folder, name, _READ | _NOFOLLOW), path)


def _contents(handle: int, path: str) -> tuple[bytes, os.stat_result, os.stat_result]:
    """What `read` returns, of an open file, which is closed."""
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


def replace_below(source: str, root: str, path: str) -> None:
    """Put `source` in the place of the file `path` below a real directory, in one step.

    Raises:
        DetourError: a link is on the way.
        OSError: it cannot be replaced.
    """
    with _folder_of(root, path) as (folder, name):
        os.replace(source, name, dst_dir_fd=folder)


def unlink_below(root: str, path: str) -> None:
    """Remove the file or link `path` below a real directory; raises as `replace_below` does."""
    with _folder_of(root, path) as (folder, name):
        os.unlink(name, dir_fd=folder)


def rmdir_below(root: str, path: str) -> None:
    """Remove an empty directory below a real one; raises as `replace_below` does."""
    with _folder_of(root, path) as (folder, name):
        os.rmdir(name, dir_fd=folder)


def sync_below(root: str, path: str) -> None:
    """Make the names in the folder of `path` durable; raises as `replace_below` does."""
    with _folder_of(root, path) as (folder, name):
        if folder is None:
            sync_directory(os.path.dirname(name))
        else:
            os.fsync(folder)


def makedirs_below(root: str, path: str) -> None:
    """Make the folder of `path` and its parents; raises as `replace_below` does."""
    with _folder_of(root, path, make=True) as (folder, name):
        if folder is None:
            os.makedirs(os.path.dirname(name), exist_ok=True)


@contextmanager
def _folder_of(root: str, path: str, make: bool = False) -> Iterator[tuple[int | None, str]]:
    """A handle on the folder that `path` is in and its name there; without handles, its path."""
    if not BY_HANDLE:
        yield None, os.path.join(root, path)
        return
    *folders, name = path.split("/")
    handle = _entered(None, root, _FOLDER | _NOFOLLOW)
    try:
        for folder in folders:
            inner = _made(handle, folder) if make else _entered(handle, folder, _FOLDER | _NOFOLLOW)
            os.close(handle)
            handle = inner
        yield handle, name
    finally:
        os.close(handle)


def _made(handle: int, name: str) -> int:
    """A handle on the folder `name` in another one, made if it is missing."""
    try:
        return _entered(handle, name, _FOLDER | _NOFOLLOW)
    except FileNotFoundError:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=handle)
        return _entered(handle, name, _FOLDER | _NOFOLLOW)


def _entered(handle: int | None, name: str, flags: int) -> int:
    """`name` opened in a folder, unless it is a link."""
    try:
        return os.open(name, flags, dir_fd=handle)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise IsADirectoryError(f"{name} is a socket, not a regular file") from None
        if error.errno not in _IS_LINK or _is_plain(handle, name):
            raise
        raise DetourError(error.errno, "is a symbolic link", name) from error


def _is_plain(handle: int | None, name: str) -> bool:
    """Whether `name` is a file, and neither a link nor a folder."""
    mode = os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode
    return not (_stat.S_ISLNK(mode) or _stat.S_ISDIR(mode))


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
