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
import signal
import stat as _stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial

from agent_memory.core.paths import STATE

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
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM)

Contents = tuple[bytes, os.stat_result, os.stat_result]
"""A file's bytes, and its status before and after they were read."""


class DetourError(OSError):
    """A folder on the way, or the file itself, is a symbolic link, or was one just now."""


class BusyError(OSError):
    """Somebody has the file open for writing."""


class UnsupportedError(OSError):
    """The system, or the file system, has no such call."""


def monotonic() -> float:
    """Seconds on a clock that only goes forward."""
    return time.monotonic()


def seconds_since(moment_ns: int) -> float:
    """The age in seconds of a time stamp of a file, by the system's clock."""
    return (time.time_ns() - moment_ns) / 1e9


def pause(seconds: float) -> None:
    """Let others go on."""
    time.sleep(seconds)


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
    except (FileNotFoundError, NotADirectoryError):
        return []


def read(path: str, alone: bool = False) -> Contents:
    """A regular file's bytes, and its status before and after they were read.

    With `alone`, nobody can open it for writing meanwhile, where the system can see to that.

    Raises:
        BusyError: with `alone`, somebody has it open for writing.
        UnsupportedError: with `alone`, where that cannot be told.
        OSError: it cannot be opened or read; `IsADirectoryError` for anything but a file.
    """
    return _contents(_opened(None, path, _READ), path, alone)


def read_below(root: str, path: str, alone: bool = False) -> Contents:
    """Like `read`, for a file below a real directory, reached without following a link.

    Raises:
        DetourError: a link is on the way.
        OSError: as `read` does.
    """
    with _folder_of(root, path) as (folder, name):
        return _contents(_entered(folder, name, _READ | _NOFOLLOW), path, alone)


def _contents(handle: int, path: str, alone: bool) -> Contents:
    """What `read` returns, of an open file, which is closed."""
    try:
        before = os.fstat(handle)
        if not _stat.S_ISREG(before.st_mode):
            raise IsADirectoryError(f"{path} is not a regular file")
        if alone:
            _lease(handle, path)
        data = b"".join(_chunks(handle))
        return data, before, os.fstat(handle)
    finally:
        os.close(handle)


def _lease(handle: int, path: str) -> None:
    """Take a read lease: Linux gives none while the file is open for writing anywhere.

    Whoever opens it for writing waits until the handle is closed; the signal that tells us so is
    one that nobody minds.

    Raises:
        BusyError: it is open for writing.
        UnsupportedError: there are no leases: other systems, some file systems, other users.
    """
    if sys.platform != "linux":
        raise UnsupportedError(errno.ENOSYS, "has no leases", path)
    import fcntl

    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError as error:
        raise BusyError(error.errno, "is open for writing", path) from None
    except OSError as error:
        raise UnsupportedError(error.errno, "has no leases", path) from None


def _chunks(handle: int) -> Iterator[bytes]:
    while chunk := os.read(handle, _CHUNK):
        yield chunk


def create(
    path: str, data: bytes, mode: int = 0o666, like: str | None = None, sync: bool = True
) -> None:
    """Write a new file and sync it; a file that cannot be written whole is taken away again.

    With `like`, it gets the mode, owner and attributes of that file, and nobody else can read it
    before. Without `sync` the disk may forget it.

    Raises:
        OSError: the file exists, or could not be written or synced.
    """
    handle = os.open(path, _CREATE, mode if like is None else 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            if like is not None:
                copy_status(like, path)
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        os.unlink(path)
        raise


def create_anew(path: str, data: bytes, mode: int = 0o666, sync: bool = True) -> None:
    """Like `create`, in place of what a crash may have left under this name."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    create(path, data, mode, sync=sync)


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


def exchange_below(source: str, root: str, path: str) -> None:
    """Swap `source` with the file `path` below a real directory, in one step.

    Raises:
        UnsupportedError: the system cannot do that here.
        DetourError: a link is on the way.
        OSError: one of them is not there, or they cannot be swapped.
    """
    with _folder_of(root, path) as (folder, name):
        _rename(source, folder, name, _Rename.exchange)


def place_below(source: str, root: str, path: str) -> None:
    """Give `source` the new name `path` below a real directory.

    Raises:
        FileExistsError: something has that name.
        DetourError: a link is on the way.
        OSError: it cannot be renamed.
    """
    with _folder_of(root, path) as (folder, name):
        try:
            _rename(source, folder, name, _Rename.no_replace)
        except UnsupportedError:
            os.link(source, name, dst_dir_fd=folder)
            os.unlink(source)


def take_below(root: str, path: str, target: str) -> None:
    """Move the file `path` below a real directory out, to `target`."""
    with _folder_of(root, path) as (folder, name):
        os.rename(name, target, src_dir_fd=folder)


def link_below(root: str, path: str, target: str) -> None:
    """Give the file `path` below a real directory a second name, `target`."""
    with _folder_of(root, path) as (folder, name):
        os.link(name, target, src_dir_fd=folder, follow_symlinks=False)


class _Rename:
    """What `renameat2` (Linux) and `renameatx_np` (macOS) call their flags."""

    no_replace = 4 if sys.platform == "darwin" else 1
    exchange = 2


@cache
def _system_rename() -> Callable[..., int] | None:
    """The system's rename with flags, None where there is none."""
    import ctypes

    name = "renameatx_np" if sys.platform == "darwin" else "renameat2"
    try:
        function = ctypes.CDLL(None, use_errno=True)[name]
    except (AttributeError, OSError, TypeError):
        return None
    path = ctypes.c_char_p
    function.argtypes = [ctypes.c_int, path, ctypes.c_int, path, ctypes.c_uint]
    return function


def _rename(source: str, folder: int | None, name: str, flag: int) -> None:
    function = _system_rename()
    if function is None or folder is None:
        raise UnsupportedError(errno.ENOSYS, "no rename with flags", name)
    import ctypes

    here = -2 if sys.platform == "darwin" else -100  # AT_FDCWD
    if function(here, os.fsencode(source), folder, os.fsencode(name), flag):
        number = ctypes.get_errno()
        if number in _UNSUPPORTED:
            raise UnsupportedError(number, os.strerror(number), name)
        raise OSError(number, os.strerror(number), name)


def rename(source: str, target: str) -> None:
    """Give a file of ours another name."""
    os.rename(source, target)


def unlink_below(root: str, path: str) -> None:
    """Remove the file or link `path` below a real directory; raises as `replace_below` does."""
    with _folder_of(root, path) as (folder, name):
        os.unlink(name, dir_fd=folder)


def rmdir(path: str) -> None:
    """Remove an empty directory of ours."""
    os.rmdir(path)


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


def status_below(root: str, path: str) -> os.stat_result:
    """The status of `path` itself below a real directory; raises as `replace_below` does."""
    with _folder_of(root, path) as (folder, name):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)


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
        return _opened(handle, name, flags)
    except OSError as error:
        if error.errno not in _IS_LINK or _is_plain(handle, name):
            raise
        raise DetourError(error.errno, "is a symbolic link", name) from error


def _opened(handle: int | None, name: str, flags: int) -> int:
    """`name` opened in a folder; a socket is what the system cannot open so."""
    try:
        return os.open(name, flags, dir_fd=handle)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise IsADirectoryError(f"{name} is a socket, not a regular file") from None


def _is_plain(handle: int | None, name: str) -> bool:
    """Whether `name` is a file, and neither a link nor a folder."""
    mode = os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode
    return not (_stat.S_ISLNK(mode) or _stat.S_ISDIR(mode))


def makedirs(path: str) -> None:
    """Make a directory and its parents, and make their names durable."""
    missing: list[str] = []
    while path and not exists(path):
        missing.append(path)
        above = os.path.dirname(path)
        if above == path:  # the root of all: whatever is said about it, nothing is above it
            break
        path = above
    for folder in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(folder)
            if STATE in folder.split(os.sep):
                _open_to_writers(folder, os.path.dirname(folder) or ".")
        sync_directory(os.path.dirname(folder) or ".")


def _open_to_writers(folder: str, above: str) -> None:
    """Let whoever may write in the folder above write in this one too, if they may read it.

    Several people may share a memory, and the umask of the first must not keep the others out.
    Where they may not touch each other's files (the sticky bit), it stays as it is.
    """
    shared, mode = os.stat(above).st_mode, _stat.S_IMODE(os.stat(folder).st_mode)
    readers = (mode & 0o044) >> 1
    if not shared & _stat.S_ISVTX and shared & readers & ~mode:
        os.chmod(folder, mode | shared & readers)


def exists(path: str) -> bool:
    """Whether there is anything at `path`.

    Raises:
        OSError: that cannot be told. Who took it for "no" would write over what is there.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def sync_file(path: str) -> None:
    """Make the content of a file durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def may_write(root: str, path: str) -> bool:
    """Whether we may write a file of the memory, or with "" its directory."""
    return os.access(os.path.join(root, path), os.W_OK)


def sync_directory(path: str) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
