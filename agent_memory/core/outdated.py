"""Writing what was made out of an older version of a file: which one that was, and the merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from agent_memory.core import conflict as conflicts
from agent_memory.core import secrets
from agent_memory.core import text as texts
from agent_memory.core.history import Record
from agent_memory.core.merge import Clash, merge_files
from agent_memory.core.revision import Revision, revision
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import ConflictError

_LOOKED_BACK = 1000  # commits; further back nobody has read
_QUOTED = 80  # characters of either text that a message shows


def source(
    path: str,
    ours: bytes,
    theirs: bytes | None,
    expected: Revision | None,
    known: Iterable[bytes],
    first: bool = True,
) -> bytes | None:
    """The version that `ours` was made out of: `theirs`, what is there now, or an older one.

    Args:
        path: the file.
        ours: what is to be written.
        theirs: what is there, None where nothing is.
        expected: the revision of the version that is looked for, None for no file.
        known: versions that it may be.
        first: False where the file was not there when this was written for the first time.

    Raises:
        ConflictError: there is a file where none is expected, or no version has this revision.
    """
    now = None if theirs is None else revision(theirs)
    if expected == now or (not first and ours == theirs):
        return theirs
    if expected is None:
        raise _occupied(path, ours, theirs, now, first)
    for version in known:
        if revision(version) == expected:
            return version
    raise ConflictError(
        f"{path} has changed since it was read",
        f"read it again and pass expected=<its revision> ({now})"
        if now
        else "it was removed; write it without expected= to create it anew",
        ours=texts.decode(ours),
        theirs=texts.decode(theirs or b""),
    )


def _occupied(
    path: str, ours: bytes, theirs: bytes | None, now: Revision | None, first: bool
) -> ConflictError:
    mine, other = texts.decode(ours), texts.decode(theirs or b"")
    if first:
        hint = f"read it again and pass expected=<its revision> ({now})"
        return ConflictError(f"{path} exists already", hint, ours=mine, theirs=other)
    message = f"{path} was written by others, too, while it was written here"
    return ConflictError(message, conflicts.hint(), ours=mine, theirs=other, path=path, line=1)


def versions(
    path: str, base: str | None, earlier: Snapshot | None, records: Iterable[Record]
) -> Iterator[bytes]:
    """Versions of a file that somebody may have read, the likeliest first."""
    if base is not None:
        yield texts.encode(base)
    if earlier is not None and path in earlier.files:
        yield earlier.files[path]
    for record in islice(records, _LOOKED_BACK):
        for side in (record.after, record.before):
            data = side.get(path)
            if data is not None:
                yield data


def merged(path: str, base: bytes | None, ours: bytes, theirs: bytes | None) -> bytes | None:
    """What the file becomes with our changes and theirs; None where they removed what we left.

    Raises:
        ConflictError: both changed the same, or they removed what we changed.
    """
    result, clashes = merge_files(path, base, ours, theirs)
    if clashes:
        raise conflict(path, base, ours, theirs, clashes)
    return result


def conflict(
    path: str, base: bytes | None, ours: bytes, theirs: bytes | None, clashes: Sequence[Clash]
) -> ConflictError:
    """The error of a write that others have overtaken."""
    first = clashes[0]
    more = f"; so {len(clashes) - 1} more" if len(clashes) > 1 else ""
    said = (
        f"{path} was removed by others while it was changed here"
        if theirs is None
        else f"{path}:{first.line} was changed by others, too: {_quoted(first.theirs)} stands"
        f" where {_quoted(first.ours)} would be{more}"
    )
    return ConflictError(
        said,
        conflicts.hint(),
        base=texts.decode(base or b""),
        ours=texts.decode(ours),
        theirs=texts.decode(theirs or b""),
        path=path,
        line=first.line,
    )


def _quoted(text: str) -> str:
    return f"“{texts.shorten(secrets.masked(text), _QUOTED)}”" if text.strip() else "nothing"
