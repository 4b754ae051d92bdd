"""What others did to the files without our lock: seen, waited for, recorded, merged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_memory.core import text as texts
from agent_memory.core.history import EXTERNAL, FOUND, Author, Commit, Plan
from agent_memory.core.merge import Clash, merge_files
from agent_memory.core.snapshot import Change, Snapshot
from agent_memory.errors import ConflictError
from agent_memory.storage import _fs
from agent_memory.storage import scan as scanning
from agent_memory.storage.images import Images, name_of
from agent_memory.storage.journal import Journal
from agent_memory.storage.late import Late
from agent_memory.storage.log import Head, Row

_LOOKS = 30
_PAUSE = 0.01  # seconds
_RECENT = 2.0  # seconds: what was taken away longer ago is not about to come back


def look(root: str, journal: Journal) -> Snapshot:
    """The memory as others left it; a file that one of them is just replacing is waited for."""
    head = journal.log.head()
    for _ in range(_LOOKS):
        snapshot = scanning.scan(root, sure=True)
        if not is_half_written(root, snapshot, head, journal.images):
            break
        _fs.pause(_PAUSE)
    return snapshot


def is_half_written(root: str, snapshot: Snapshot, head: Head, images: Images) -> bool:
    """Whether a file that we know has just gone, run empty, or lost half of its lines."""
    for path, name in head.files.items():
        data = snapshot.files.get(path)
        if data is None:
            if not _is_unread(path, snapshot) and _is_recent(root, os.path.dirname(path)):
                return True
        elif _is_recent(root, path) and name_of(data) != name and _shrank(data, images, name):
            return True
    return False


def _shrank(data: bytes, images: Images, name: str) -> bool:
    try:
        known = images.read(name) or b""
    except OSError:
        return False
    return len(texts.lines(texts.decode(data))) * 2 < len(texts.lines(texts.decode(known)))


def _is_recent(root: str, path: str) -> bool:
    try:
        return abs(_fs.seconds_since(_fs.stat(os.path.join(root, path)).st_mtime_ns)) < _RECENT
    except OSError:
        return False


def _is_unread(path: str, snapshot: Snapshot) -> bool:
    """Whether something is at `path`, or above it, that was seen and not read."""
    return any(f"{path}/".startswith(f"{skipped.path}/") for skipped in snapshot.skipped)


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's word that they changed the file at `path`; one that `is_new` was not there."""

    author: Author
    path: str
    is_new: bool = False


def note(
    snapshot: Snapshot, journal: Journal, commit: str, now: datetime, claim: Claim | None = None
) -> Commit | None:
    """Record what others did since the newest commit, or what stood there before the first one.

    With a claim, only what it claims; before the first commit nobody knows how a file was before,
    unless it is new. Returns the commit, None where there was nothing to record.
    """
    head = journal.log.head()
    if claim is not None and not (head.number or claim.is_new):
        claim = None
    changes = _since(head, snapshot, journal.images)
    if claim is not None:
        changes = [change for change in changes if change.path == claim.path]
    if not changes:
        return None
    rows = journal.rows(changes, sync_after=head.number > 0)
    operation, said = EXTERNAL, "changed by others" if claim is None else "edited in place"
    if not head.number and claim is None:
        operation, said = FOUND, "found"
        rows = [Row(row.path, row.after, row.after) for row in rows]
    names = ", ".join(change.path for change in changes[:3])
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    by = Author(EXTERNAL, EXTERNAL) if claim is None else claim.author
    made = Commit(
        commit, now, by.actor, operation, f"{said}: {names}{more}",
        tuple(change.path for change in changes), source=by.source, session=by.session,
    )  # fmt: skip
    journal.log.add(made, rows, head)
    return made


def note_claim(root: str, journal: Journal, now: datetime, claim: Claim) -> Commit | None:
    """Record what is claimed, and first, where there is no history, all that stood there before."""
    snapshot = look(root, journal)
    if claim.is_new and not journal.log.head().number:
        others = {path: data for path, data in snapshot.files.items() if path != claim.path}
        note(snapshot.with_files(others), journal, os.urandom(5).hex(), now)
    return note(snapshot, journal, os.urandom(5).hex(), now, claim)


def _since(head: Head, snapshot: Snapshot, images: Images) -> list[Change]:
    """How the files differ from how they were left."""
    changes: list[Change] = []
    for path in sorted({*head.files, *snapshot.files}):
        data, name = snapshot.files.get(path), head.files.get(path)
        if data is None and _is_unread(path, snapshot):
            continue
        if name != (None if data is None else name_of(data)):
            changes.append(Change(path, _content(images, name), data))
    return changes


def _content(images: Images, name: str | None) -> bytes | None:
    try:
        return images.read(name)
    except OSError:
        return None


def merged(snapshot: Snapshot, late: Sequence[Late]) -> tuple[Plan, list[tuple[Late, Clash]]]:
    """The plan that brings late versions in, and those that say something else than what is there.

    What is there stays where both changed the same entry.
    """
    files = dict(snapshot.files)
    clashes: list[tuple[Late, Clash]] = []
    for version in late:
        now = files.get(version.path)
        data, clashing = merge_files(version.path, version.base, version.data, now)
        if clashing:
            clashes.append((version, clashing[0]))
        elif data is not None:
            files[version.path] = data
        else:
            files.pop(version.path, None)
    paths = ", ".join(dict.fromkeys(version.path for version in late))
    said = f"merged what was written to {paths} during a commit"
    return Plan(tuple(snapshot.changes_to(files)), EXTERNAL, said), clashes


def conflict(version: Late, clash: Clash, snapshot: Snapshot) -> ConflictError:
    """A late version that changes the same entry as what is there."""
    return ConflictError(
        f"{version.path}:{clash.line} was changed during a commit, and by the commit",
        "`agent-memory conflicts` shows both texts",
        base=texts.decode(version.base or b""),
        ours=texts.decode(version.data),
        theirs=snapshot.text(version.path),
        path=version.path,
        line=clash.line,
        operation=EXTERNAL,
    )
