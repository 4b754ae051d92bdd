"""What is the matter with a memory's directory and its state; nothing but a probe is written."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress

from agent_memory.core.checks.finding import Finding, Severity
from agent_memory.errors import LockTimeoutError, StorageError, UnsafePathError
from agent_memory.storage import _fs
from agent_memory.storage import scan as scanning
from agent_memory.storage.journal import INTENT, Journal
from agent_memory.storage.lock import locked

_LOCKS = "/proc/locks"
_LOCK_LINE = re.compile(r"^\d+: FLOCK +ADVISORY +WRITE +(\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) ", re.M)


def examine(root: str, state: str) -> Iterator[Finding]:
    """Findings of severity `info` say how things are; the others, what to do."""
    yield from _access(root)
    yield from _hard_links(root)
    if not _fs.exists(state):
        yield _said("DR002", "info", "lock, exchange, leases: unknown before the first write")
        return
    journal = Journal(root, state)
    try:
        journal.refuse_detours()
    except (StorageError, UnsafePathError) as error:
        yield _said("DR005", "error", f"state folder: {error.message}", error.hint, scanning.STATE)
        return
    yield from _lock(state)
    yield from _leftovers(state, journal)
    yield _history(journal)


def _said(code: str, severity: Severity, message: str, hint: str = "", path: str = "") -> Finding:
    return Finding(code, severity, path, 0, message, hint)


def _lock(state: str) -> Iterator[Finding]:
    """The lock, and while it is held, what the file system can do."""
    name = f"{scanning.STATE}/lock"
    path = os.path.join(state, "lock")
    if not _fs.exists(path):
        yield _said("DR002", "info", "lock: not there before the first write")
        return
    if not stat.S_ISREG(_fs.lstat(path).st_mode):
        hint = "move it away; the next write makes a lock file"
        yield _said("DR002", "error", "lock: it is not a regular file", hint, name)
        return
    try:
        with locked(path, timeout=0):
            yield _said("DR002", "info", "lock: free")
            yield from _abilities(state)
    except LockTimeoutError:
        hint = "a commit takes milliseconds: if it stays so, end that process"
        yield _said("DR002", "warning", f"lock: held by {_holder(path)}", hint, name)
    except StorageError as error:
        yield _said("DR002", "error", f"lock: {error.message}", error.hint, name)


def _holder(path: str) -> str:
    """The process that holds the lock, where the system tells."""
    status = _fs.stat(path)
    try:
        listed = _fs.read(_LOCKS)[0].decode("ascii", "replace")
    except OSError:
        return "another process"
    for process, major, minor, inode in _LOCK_LINE.findall(listed):
        device = os.makedev(int(major, 16), int(minor, 16))
        if (device, int(inode)) == (status.st_dev, status.st_ino):
            command = ""
            with suppress(OSError):
                command = _fs.read(f"/proc/{process}/comm")[0].decode("utf-8", "replace").strip()
            return f"process {process} ({command})" if command else f"process {process}"
    return "another process"


def _abilities(state: str) -> Iterator[Finding]:
    """Whether files can change places here, and whether it can be told who has one open."""
    folder = os.path.join(state, "tmp")
    names = [f"doctor-{os.getpid()}-{side}.part" for side in "ab"]
    files = [os.path.join(folder, name) for name in names]
    try:
        _fs.makedirs(folder)
        for file in files:
            _fs.create(file, b"", sync=False)
        yield _ability(
            "DR003", "exchange", "commits replace files, and hold the old version by a link",
            lambda: _fs.exchange_below(files[0], _fs.realpath(folder), names[1]),
        )  # fmt: skip
        yield _ability(
            "DR004", "leases", "files that somebody is writing are found by reading them twice",
            lambda: _fs.read(files[0], alone=True),
        )  # fmt: skip
    except OSError as error:
        said = f"exchange, leases: unknown ({error.strerror or error})"
        yield _said("DR003", "info", said)
    finally:
        for file in files:
            with suppress(OSError):
                _fs.unlink(file)


def _ability(code: str, name: str, instead: str, probe: Callable[[], object]) -> Finding:
    try:
        probe()
    except _fs.UnsupportedError:
        return _said(code, "info", f"{name}: not here; {instead}")
    return _said(code, "info", f"{name}: supported")


def _leftovers(state: str, journal: Journal) -> Iterator[Finding]:
    folder = os.path.join(state, "journal")
    if _fs.exists(os.path.join(folder, INTENT)):
        hint = "if nobody is writing, a crash left it: the next write finishes it"
        name = f"{scanning.STATE}/journal/{INTENT}"
        yield _said("DR005", "warning", "leftovers: a commit is not complete", hint, name)
    unreadable = f"{INTENT}.unreadable"
    if _fs.exists(os.path.join(folder, unreadable)):
        hint = "compare the files with `agent-memory log`, then delete it"
        name = f"{scanning.STATE}/journal/{unreadable}"
        yield _said("DR005", "warning", "leftovers: a commit's plan could not be read", hint, name)
    left = _fs.listdir(os.path.join(state, "tmp"))
    if left:
        hint = "if nobody is writing, a crash left them: delete them once the next write is done"
        said = f"leftovers: {_counted(len(left), 'file')} in tmp/"
        yield _said("DR005", "warning", said, hint, scanning.STATE)
    late = {name.partition(".")[0] for name in _fs.listdir(os.path.join(state, "late"))}
    if late:
        hint = "the next write after nobody has them open merges them"
        said = f"late: {_counted(len(late), 'version')} that somebody wrote during a commit"
        yield _said("DR006", "warning", said, hint, f"{scanning.STATE}/late")
    kept = journal.conflicts.all()
    if kept:
        hint = "`agent-memory conflicts` lists them"
        said = f"conflicts: {_counted(len(kept), 'text')} to be decided on"
        yield _said("DR007", "warning", said, hint, kept[0].path)


def _history(journal: Journal) -> Finding:
    """How much is kept, and since when."""
    head, names = journal.log.head(), journal.log.names()
    weight = sum(journal.images.size(name) for name in journal.images.names())
    span = f" since {head.since[:10]}" if head.since else ""
    said = f"history: {_counted(len(names), 'commit')}{span}, {weight:,} bytes"
    return _said("DR011", "info", said)


def _hard_links(root: str) -> Iterator[Finding]:
    for path in scanning.scan(root).files:
        with suppress(OSError):
            links = _fs.stat(os.path.join(root, path)).st_nlink
            if links > 1:
                hint = "a commit parts it from its other names; link symbolically instead"
                said = f"hard links: {path} has {links} names"
                yield _said("DR012", "warning", said, hint, path)


def _access(root: str) -> Iterator[Finding]:
    """The directory and files that we may not write."""
    if not _fs.exists(root):
        yield _said("DR013", "info", "directory: not there before the first write")
        return
    closed = [path for path in ("", *scanning.scan(root).files) if not _fs.may_write(root, path)]
    for path in closed:
        what = path or "the directory"
        hint = f"reading works; to write: chmod u+w {os.path.join(root, path) if path else root}"
        yield _said("DR013", "warning", f"access: {what} is read-only for you", hint, path)
    if not closed:
        yield _said("DR013", "info", "access: everything may be written")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
