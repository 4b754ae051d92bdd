"""Reading a file that nobody is in the middle of writing.

Who writes without our lock empties a file first and fills it then, or takes it away and puts
another in its place. What is read in between is neither the old text nor the new one, and a
commit that took it for the truth would destroy both. So a file that was just written is read
while nobody has it open for writing (Linux gives a lease only then), else until two reads agree.
"""

from __future__ import annotations

from collections.abc import Callable

from agent_memory.errors import StorageError
from agent_memory.storage import _fs
from agent_memory.storage._fs import Contents

PATIENCE = 1.0  # seconds that a writer is waited for
_PAUSE = 0.002  # seconds between two looks
_RECENT = 2.0  # seconds: whoever began to write longer ago has ended, or holds the file open
_ATTEMPTS = 50


def read(path: str, sure: bool = False) -> bytes:
    """The bytes of a file that did not change while they were read.

    With `sure`, also a file that was not touched for long is read only while nobody has it open
    for writing; a reader can do without, as it destroys nothing.

    Raises:
        StorageError: it kept changing.
        OSError: it cannot be read.
    """
    return _steady(path, lambda alone: _fs.read(path, alone), sure)


def read_below(root: str, path: str) -> bytes:
    """Like `read`, surely, for a file below a real directory, reached without following a link."""
    return _steady(path, lambda alone: _fs.read_below(root, path, alone), sure=True)


def _steady(path: str, read: Callable[[bool], Contents], sure: bool) -> bytes:
    if not sure:
        contents = read(False)
        if contents[0] and _is_whole(contents) and not _is_recent(contents):
            return contents[0]
    try:
        return _read_alone(read)
    except (_fs.BusyError, _fs.UnsupportedError):
        return _read_twice(path, read)


def _read_alone(read: Callable[[bool], Contents]) -> bytes:
    """The bytes while nobody has the file open for writing; waits for who has."""
    for _ in range(int(PATIENCE / _PAUSE)):
        try:
            return read(True)[0]
        except _fs.BusyError:
            _fs.pause(_PAUSE)
    return read(True)[0]


def _read_twice(path: str, read: Callable[[bool], Contents]) -> bytes:
    """The bytes of two reads that agree; one will do where the file was not written lately."""
    last: bytes | None = None
    for _ in range(_ATTEMPTS):
        contents = read(False)
        if not _is_whole(contents):
            continue
        if contents[0] == last or not _is_recent(contents):
            return contents[0]
        last = contents[0]
        _fs.pause(_PAUSE)
    raise StorageError(
        f"{path} keeps changing while it is read", "try again when its writer is done"
    )


def _is_whole(contents: Contents) -> bool:
    """Whether the file stayed as it was while it was read."""
    data, before, after = contents
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return same and len(data) == after.st_size


def _is_recent(contents: Contents) -> bool:
    return abs(_fs.seconds_since(contents[2].st_mtime_ns)) < _RECENT
