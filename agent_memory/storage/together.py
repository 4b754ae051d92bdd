"""Reading without the lock, and yet all files of a commit as it leaves them, or as it found them.

A reader that meets the intent of a commit under way, or of one that a crash stopped, puts the
versions from before into its snapshot. One that was overtaken by a commit looks again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent_memory.core.snapshot import Snapshot
from agent_memory.storage import _fs
from agent_memory.storage import scan as scanning

if TYPE_CHECKING:
    from agent_memory.core.snapshot import Change

_LOOKS = 50
_PAUSE = 0.005  # seconds
_NUMBER = re.compile(rb'"number": (\d+)')


def scan(root: str, state: str, paths: Iterable[str] | None = None) -> Snapshot:
    """The memory at one moment between two commits; with `paths`, only these files.

    Raises:
        StorageError: the directory cannot be read.
    """
    folder = os.path.join(state, "journal")
    if paths is not None:
        paths = tuple(paths)
        snapshot = scanning.scan_only(root, paths)
        torn = not all(snapshot.files.get(path) for path in paths) and not snapshot.skipped
        doubtful = "head.json" if torn else "intent.json"
        if not _is_there(os.path.join(folder, doubtful)):
            return snapshot
    for look in range(_LOOKS):
        mark = _mark(folder)
        snapshot = _undisturbed(root, state)
        if _mark(folder) == mark and not (look < _LOOKS - 1 and _swapped(root, folder, snapshot)):
            break
        _fs.pause(_PAUSE)
    return snapshot if paths is None else _only(snapshot, paths)


def _is_there(path: str) -> bool:
    """Whether there is something, as far as we may look into the state folder."""
    try:
        return _fs.exists(path)
    except OSError:
        return False


def _only(snapshot: Snapshot, paths: Iterable[str]) -> Snapshot:
    wanted = set(paths)
    return Snapshot(
        {path: data for path, data in snapshot.files.items() if path in wanted},
        tuple(skipped for skipped in snapshot.skipped if skipped.path in wanted),
    )


def _mark(folder: str) -> tuple[object, ...]:
    """What changes whenever a commit begins or ends."""
    try:
        head = _fs.read(os.path.join(folder, "head.json"))[0]
    except OSError:
        head = b""
    number = _NUMBER.search(head)
    coming = f"{int(number[1]) + 1 if number else 1:09d}.json"
    try:
        intent = _fs.lstat(os.path.join(folder, "intent.json"))
    except OSError:
        return head, None, _is_there(os.path.join(folder, coming))
    return head, (intent.st_ino, intent.st_mtime_ns), False


def _undisturbed(root: str, state: str) -> Snapshot:
    """The files, with the versions from before a commit that is not complete."""
    snapshot = scanning.scan(root)
    changes = _pending(root, state)
    files = snapshot.files
    if all(files.get(change.path) == change.after for change in changes):
        return snapshot
    served = dict(files)
    for change in changes:
        if files.get(change.path) == change.after:  # anything else is there already, or theirs
            served.pop(change.path, None)
            if change.before is not None:
                served[change.path] = change.before
    return snapshot.with_files(served)


def _pending(root: str, state: str) -> list[Change]:
    """The changes of a commit that is not complete; none where it cannot be told."""
    intent = os.path.join(state, "journal", "intent.json")
    if not _is_there(intent):
        return []
    from agent_memory.storage.journal import Journal
    from agent_memory.storage.log import load

    try:
        return Journal(root, state).changes(load(intent)[1])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _swapped(root: str, folder: str, snapshot: Snapshot) -> bool:
    """Whether a file seems to be just replaced by somebody who takes it away first."""
    if not _is_there(os.path.join(folder, "head.json")):
        return False
    from agent_memory.storage import outside
    from agent_memory.storage.journal import Journal

    journal = Journal(root, os.path.dirname(folder))
    try:
        return outside.is_half_written(root, snapshot, journal.log.head(), journal.images)
    except OSError:
        return False
