"""Reading a memory's directory into a snapshot, without a lock and without a trace."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot
from agent_memory.errors import StorageError
from agent_memory.storage import _fs, steady

STATE = ".agent-memory"
MAX_BYTES = 5_000_000
_SUFFIXES = (".md", ".markdown", ".txt")
_DEPTH = 24


def scan(root: str, sure: bool = False) -> Snapshot:
    """Every file of Markdown or plain text below `root`; what is not read is listed with a reason.

    With `sure`, no file is read that somebody is just writing: for whoever changes the memory.

    Names that begin with a dot (our own state, version control, editors) are not part of the
    memory. A directory that does not exist is an empty memory. A file that links lead to is
    read once: as `MEMORY.md` if that is a link to it, else under its own name, else (it is not
    part of the memory) under the name of the first link.

    Raises:
        StorageError: `root` is not a directory, or cannot be listed.
    """
    look = _Look(root, sure)
    try:
        look.walk("", 0)
    except FileNotFoundError:
        return Snapshot()
    except OSError as error:
        raise _unlistable(root, error) from error
    return look.snapshot()


def _unlistable(root: str, error: OSError) -> StorageError:
    return StorageError(
        f"{root}: {error.strerror or error}", "name a directory that you may read", error.errno
    )


def scan_only(root: str, paths: Iterable[str]) -> Snapshot:
    """The snapshot of some files only, for callers that need no more.

    Two links to one file outside of the memory's own are told apart by a scan of all only.

    Raises:
        StorageError: `root` is not a directory, or may not be searched.
    """
    look = _Look(root)
    for path in paths:
        try:
            look.at(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unlistable(root, error) from error
    return look.snapshot()


class _Look:
    """One look at a directory: what it has read, what it has passed over."""

    def __init__(self, root: str, sure: bool = False) -> None:
        self._root = root
        self._sure = sure
        self._base = _fs.realpath(root)
        self._files: dict[str, bytes] = {}
        self._skipped: list[Skipped] = []
        self._names: dict[str, str] = {}  # where a link leads → the name that it is read under
        index = os.path.join(root, INDEX)
        if _fs.is_link(index):
            self._names[path_below(self._base, _fs.realpath(index))] = INDEX

    def snapshot(self) -> Snapshot:
        return Snapshot(self._files, tuple(self._skipped))

    def walk(self, folder: str, depth: int) -> None:
        """Look at everything in a folder."""
        for entry in _fs.scandir(os.path.join(self._root, folder) if folder else self._root):
            if entry.name.startswith("."):
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                self._enter(path, depth)
                continue
            try:
                self._read(path, entry.stat(follow_symlinks=False), entry.is_symlink())
            except FileNotFoundError:  # it went away between listing and reading
                continue

    def at(self, path: str) -> None:
        """Look at one file, which a folder that is a link may lead to as well."""
        status = _fs.lstat(os.path.join(self._root, path))
        self._read(path, status, os.path.normcase(self._real(path)) != os.path.normcase(path))

    def _real(self, path: str) -> str:
        return path_below(self._base, _fs.realpath(os.path.join(self._root, path)))

    def _enter(self, path: str, depth: int) -> None:
        if depth >= _DEPTH:
            self._skipped.append(Skipped(path, f"nested deeper than {_DEPTH} folders", 0))
            return
        try:
            self.walk(path, depth + 1)
        except OSError as error:
            self._skipped.append(Skipped(path, f"cannot be listed: {error.strerror}", 0))

    def _read(self, path: str, status: os.stat_result, linked: bool) -> None:
        problem, size = self._problem(path, status, linked)
        if problem:
            self._skipped.append(Skipped(path, problem, size))
            return
        try:
            self._files[path] = self._bytes(os.path.join(self._root, path))
        except FileNotFoundError:
            raise
        except OSError as error:
            self._skipped.append(Skipped(path, f"cannot be read: {error.strerror or error}", size))

    def _bytes(self, full: str) -> bytes:
        """The content; whoever changes the memory by it looks twice before it goes without."""
        try:
            return steady.read(full, self._sure)
        except (FileNotFoundError, StorageError):
            raise
        except OSError:
            if not self._sure:
                raise
        return steady.read(full, self._sure)

    def _problem(self, path: str, status: os.stat_result, linked: bool) -> tuple[str, int]:
        """Why a file is not read ("" if it is), and its size in bytes."""
        if linked:
            problem, size = _link_problem(self._base, os.path.join(self._root, path))
        else:
            problem = "" if stat.S_ISREG(status.st_mode) else "not a regular file"
            size = status.st_size
        if not problem and not path.casefold().endswith(_SUFFIXES):
            problem = "neither Markdown nor plain text"
        if not problem:
            problem = self._other_name(path, linked)
        if not problem and size > MAX_BYTES:
            problem = f"larger than {MAX_BYTES:,} bytes"
        return problem, size

    def _other_name(self, path: str, linked: bool) -> str:
        """Which other name this file is read under, in words; "" when it is this one."""
        if not linked:
            name = self._names.get(path)
            return f"it is {INDEX}, by a link" if name == INDEX != path else ""
        real = self._real(path)
        name = self._names.get(real)
        if name is None:
            name = real if _is_listed(real) else self._names.setdefault(real, path)
        return "" if name == path else f"a link to {name}"


def _is_listed(path: str) -> bool:
    """Whether a scan comes to a real path below the memory, and would read it."""
    folders = path.split("/")[:-1]
    hidden = any(name.startswith(".") for name in path.split("/"))
    return not hidden and len(folders) <= _DEPTH and path.casefold().endswith(_SUFFIXES)


def _link_problem(base: str, full: str) -> tuple[str, int]:
    """Why a symbolic link is not followed ("" if it is), and the size of its target in bytes."""
    if not path_below(base, _fs.realpath(full)):
        return "a link that points out of the memory", 0
    try:
        status = _fs.stat(full)
    except OSError:
        return "a link that leads nowhere", 0
    if stat.S_ISDIR(status.st_mode):
        return "a link to a directory", 0
    return ("" if stat.S_ISREG(status.st_mode) else "not a regular file"), status.st_size


def path_below(base: str, real: str) -> str:
    """The POSIX path of a real path below a real directory; "" when it is not below it."""
    start = base.rstrip(os.sep) + os.sep
    return real[len(start) :].replace(os.sep, "/") if real.startswith(start) else ""
