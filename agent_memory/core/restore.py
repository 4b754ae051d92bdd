"""Bringing back: what a commit wrote and is gone, or one file as it stood at that time.

What a commit wrote comes back by a three-way merge, as undoing does it the other way round, so
what others wrote since stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent_memory.core import lookup, paths, place
from agent_memory.core import text as texts
from agent_memory.core.document import Document
from agent_memory.core.forget import entry_blocks
from agent_memory.core.history import FOUND, PRUNE, Commit, Record
from agent_memory.core.paths import INDEX
from agent_memory.core.records import find, kept, renamed, touches
from agent_memory.core.rows import rows_to
from agent_memory.core.snapshot import Snapshot, parsed
from agent_memory.core.undo import (
    Back,
    Files,
    Step,
    ids,
    index_of,
    left,
    refuse,
    remarks,
    undone,
    went_back,
)
from agent_memory.errors import NotFoundError


def restore(
    snapshot: Snapshot, records: Iterable[Record], commit_id: str, path: str | None = None
) -> Step:
    """The step that brings back what a commit wrote, or one file as it stood after that commit.

    Raises:
        NotFoundError: there is no such commit or file, or the bytes are no longer there.
        AmbiguousError: several ids begin so.
        ConflictError: others have changed the same place since.
    """
    record = find(records, commit_id)
    after, clashes = restored(snapshot, records, commit_id, path)
    refuse(clashes, record.commit, "brought back")
    if path is not None:
        name = named(snapshot, records, path)
        message = f"restore {name} as it stood after {record.commit.id}"
        index = after.text(INDEX) if name == INDEX else ""
        reach = [] if name in (INDEX, *snapshot.files) else [name]
    else:
        message = f"restore {record.commit.id}: {texts.shorten(record.commit.message, 120)}"
        wanted = _wanted(snapshot, record)
        index, reach = index_of(wanted), list(left(wanted, snapshot, after))
    said = tuple(remarks(snapshot, after, "all of it is there"))
    return Step(after, message, said, None, index, tuple(reach))


def restored(
    snapshot: Snapshot, records: Iterable[Record], commit_id: str, path: str | None = None
) -> Back:
    """The files with what a commit wrote, or with one file exactly as it stood after it.

    Of a commit that only took something out, that is brought back. What stands elsewhere by now
    is left there.

    Raises:
        NotFoundError: there is no such commit or file, or the bytes are no longer there.
        AmbiguousError: several ids begin so.
    """
    record = find(records, commit_id)
    if path is not None:
        name = named(snapshot, records, path)
        data = _version(snapshot, records, record, name)
        return snapshot.with_files({**snapshot.files, name: data}), ()
    if record.commit.operation == PRUNE or _only_took_out(kept(record)):
        return undone(snapshot, record)
    return went_back(snapshot, record.before, _wanted(snapshot, record), renamed(record))


def _wanted(snapshot: Snapshot, record: Record) -> Files:
    """What a commit left, without the entries that stand in another file by now."""
    if record.commit.operation == PRUNE or _only_took_out(record):
        return record.before
    if renamed(record) is not None:
        return record.after
    ours: dict[str, bytes | None] = dict(record.after)
    for path, data in record.after.items():
        put = ids(path, data) - ids(path, record.before[path])
        moved = {
            entry_id for entry_id in put if _stands_elsewhere(snapshot, record, path, entry_id)
        }
        if data is None or not moved:
            continue
        document = parsed(path, data)
        gone = [block for block, entry_id in entry_blocks(document) if entry_id in moved]
        left = Document(path, place.without(document, gone))
        ours[path] = texts.encode(left.text)
        if record.before[path] is None and path not in snapshot.files and not left.entries:
            ours[path] = None
    return _without_rows(record, ours)


def _stands_elsewhere(snapshot: Snapshot, record: Record, path: str, entry_id: str) -> bool:
    """Whether an entry stands in another file, and not where the commit took it from."""
    return any(
        entry_id in ids(other, data)
        and not (
            entry_id in ids(other, record.before.get(other))
            and entry_id not in ids(other, record.after.get(other))
        )
        for other, data in snapshot.files.items()
        if other != path
    )


def _without_rows(record: Record, ours: dict[str, bytes | None]) -> Files:
    """Without the rows for files that are not made again."""
    made = Snapshot({path: data for path, data in record.after.items() if data is not None})
    for path in record.after:
        if ours[path] is None and record.after[path] is not None and ours.get(INDEX):
            index = parsed(INDEX, ours[INDEX] or b"")
            rows = [index.entry(row).id for row in rows_to(made, path, INDEX)]
            gone = [block for block, entry_id in entry_blocks(index) if entry_id in rows]
            ours[INDEX] = texts.encode(place.without(index, gone))
    return ours


def _only_took_out(record: Record) -> bool:
    """Whether a commit put nothing in: each file of it has lost entries, or is as it was."""
    took = False
    for path, data in record.after.items():
        before, after = ids(path, record.before[path]), ids(path, data)
        if after - before:
            return False
        took = took or bool(before - after)
    return took


def named(snapshot: Snapshot, records: Iterable[Record], name: str) -> str:
    """The path that a name means, of a file that is there or was once.

    Raises:
        NotFoundError: there never was one.
        UnsafePathError: `name` leaves the memory.
    """
    if name in snapshot.files or any(touches(record, name) for record in records):
        return name
    path = paths.topic_path(name)
    if path in snapshot.files or any(touches(record, path) for record in records):
        return path
    raise lookup.no_topic(snapshot, path)


def _version(snapshot: Snapshot, records: Iterable[Record], chosen: Record, path: str) -> bytes:
    """A file as the commit left it, or as it stood before the commit that removed it.

    Raises:
        NotFoundError: it did not exist then, or its bytes are no longer there.
    """
    newer: Record | None = None
    is_older = False
    for record in records:
        is_older = is_older or record.commit.id == chosen.commit.id
        if not touches(record, path):
            continue
        if not is_older:
            newer = record
            continue
        data = kept(record).after[path]
        if data is None and record.commit.id == chosen.commit.id:
            data = record.before[path]
        return _existing(data, path, chosen.commit)
    # No commit up to this one touched it: it stood as the next one found it, or stands still.
    if newer is not None:
        return _existing(kept(newer).before[path], path, chosen.commit)
    # Of a history that goes back to its beginning, the oldest commit names all that stood there.
    is_whole = record.commit.operation == FOUND
    return _existing(None if is_whole else snapshot.files.get(path), path, chosen.commit)


def _existing(data: bytes | None, path: str, commit: Commit) -> bytes:
    if data is None:
        raise NotFoundError(
            f"{path} did not exist after {commit.id}",
            f"`agent-memory log {path}` lists the commits that changed it",
        )
    return data
