"""Reading a memory's directory into a snapshot, without a lock and without a trace."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from agent_memory.core.snapshot import Skipped, Snapshot
from agent_memory.errors import StorageError
from agent_memory.storage import _fs

STATE = ".agent-memory"
MAX_BYTES = 5_000_000
_SUFFIXES = (".md", ".markdown")
_DEPTH = 24
_ATTEMPTS = 50


def scan(root: str) -> Snapshot:
    """Every Markdown file below `root`; what is not read is listed with its reason.

    Names that begin with a dot (our own state, version control, editors) are not part of the
    memory. A directory that does not exist is an empty memory.

    Raises:
        StorageError: `root` is not a directory, or cannot be listed.
    """
    files: dict[str, bytes] = {}
    skipped: list[Skipped] = []
    try:
        _walk(root, "", files, skipped, 0)
    except FileNotFoundError:
        return Snapshot()
    except OSError as error:
        raise _unlistable(root, error) from error
    return Snapshot(files, tuple(skipped))


def _unlistable(root: str, error: OSError) -> StorageError:
    return StorageError(
        f"{root}: {error.strerror or error}", "name a directory that you may read", error.errno
    )


def scan_only(root: str, paths: Iterable[str]) -> Snapshot:
    """The snapshot of some files only, for callers that need no more.

    Raises:
        StorageError: `root` is not a directory, or may not be searched.
    """
    files: dict[str, bytes] = {}
    skipped: list[Skipped] = []
    for path in paths:
        full = os.path.join(root, path)
        try:
            _read(root, path, full, _fs.lstat(full), files, skipped)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unlistable(root, error) from error
    return Snapshot(files, tuple(skipped))


def _walk(
    root: str, folder: str, files: dict[str, bytes], skipped: list[Skipped], depth: int
) -> None:
    for entry in _fs.scandir(os.path.join(root, folder) if folder else root):
        if entry.name.startswith("."):
            continue
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            _enter(root, path, files, skipped, depth)
            continue
        try:
            _read(root, path, entry.path, entry.stat(follow_symlinks=False), files, skipped)
        except FileNotFoundError:  # it went away between listing and reading
            continue


def _enter(
    root: str, path: str, files: dict[str, bytes], skipped: list[Skipped], depth: int
) -> None:
    if depth >= _DEPTH:
        skipped.append(Skipped(path, f"nested deeper than {_DEPTH} folders", 0))
        return
    try:
        _walk(root, path, files, skipped, depth + 1)
    except OSError as error:
        skipped.append(Skipped(path, f"cannot be listed: {error.strerror}", 0))


def _read(
    root: str,
    path: str,
    full: str,
    status: os.stat_result,
    files: dict[str, bytes],
    skipped: list[Skipped],
) -> None:
    size = status.st_size
    if stat.S_ISLNK(status.st_mode):
        problem, size = _link_problem(root, full)
    else:
        problem = "" if stat.S_ISREG(status.st_mode) else "not a regular file"
    if not problem and not path.casefold().endswith(_SUFFIXES):
        problem = "not Markdown"
    if not problem and size > MAX_BYTES:
        problem = f"larger than {MAX_BYTES:,} bytes"
    if problem:
        skipped.append(Skipped(path, problem, size))
        return
    try:
        files[path] = stable_read(full)
    except FileNotFoundError:
        raise
    except OSError as error:
        skipped.append(Skipped(path, f"cannot be read: {error.strerror or error}", size))


def _link_problem(root: str, full: str) -> tuple[str, int]:
    """Why a symbolic link is not followed ("" if it is), and the size of its target in bytes."""
    if not is_inside(root, full):
        return "a link that points out of the memory", 0
    try:
        status = _fs.stat(full)
    except OSError:
        return "a link that leads nowhere", 0
    if stat.S_ISDIR(status.st_mode):
        return "a link to a directory", 0
    return ("" if stat.S_ISREG(status.st_mode) else "not a regular file"), status.st_size


def is_inside(root: str, full: str) -> bool:
    """Whether a path, every link in it followed, lies below `root`."""
    base = _fs.realpath(root)
    real = _fs.realpath(full)
    return real.startswith(base.rstrip(os.sep) + os.sep)


def stable_read(path: str) -> bytes:
    """The bytes of a file that did not change while they were read.

    Raises:
        StorageError: it kept changing.
        OSError: it cannot be read.
    """
    for _ in range(_ATTEMPTS):
        data, before, after = _fs.read(path)
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if same and len(data) == after.st_size:
            return data
    raise StorageError(
        f"{path} keeps changing while it is read", "try again when its writer is done"
    )
