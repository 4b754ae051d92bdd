"""Finding what is meant in the history: a commit by its id, a file by the names that it had."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from agent_memory.core import text as texts
from agent_memory.core.document import Entry
from agent_memory.core.history import EXTERNAL, FOUND, Commit, Record
from agent_memory.errors import AmbiguousError, NotFoundError

SHORTEST = 4  # characters of an id that may stand for the whole
LOOKED_BACK = 1000  # commits; further back nothing is searched for entries
_SHOWN = 8  # candidates that an error names
_LISTS = "`agent-memory log` lists the commits with their ids"


def is_ours(commit: Commit) -> bool:
    """Whether the commit was made through us, not found."""
    return commit.operation not in (EXTERNAL, FOUND)


def find(records: Iterable[Record], commit_id: str | None) -> Record:
    """The commit with this id, or the only one whose id begins so; None: the newest.

    Raises:
        NotFoundError: there is none, or the beginning is too short.
        AmbiguousError: several ids begin so.
    """
    if commit_id is None:
        for record in records:
            return record
        raise NotFoundError("there are no commits yet", "a commit is made by every write")
    wanted = commit_id.strip().lower()
    begin_so: list[Record] = []
    ids: list[str] = []
    for record in records:
        if record.commit.id == wanted:
            return record
        if wanted and record.commit.id.startswith(wanted):
            begin_so.append(record)
        ids.append(record.commit.id)
    if not begin_so:
        near = tuple(difflib.get_close_matches(wanted, ids, 3, 0.6))
        raise NotFoundError(f"no commit has the id {texts.shorten(commit_id, 40)}", _LISTS, near)
    if len(wanted) < SHORTEST:
        raise NotFoundError(
            f"{wanted} is too short for an id: at least {SHORTEST} characters of it",
            _LISTS,
            tuple(described(record.commit) for record in begin_so[:_SHOWN]),
        )
    if len(begin_so) > 1:
        raise AmbiguousError(
            f"the ids of {len(begin_so)} commits begin with {wanted}",
            "give more of the id",
            tuple(described(record.commit) for record in begin_so[:_SHOWN]),
        )
    return begin_so[0]


def described(commit: Commit) -> str:
    """A commit on one line."""
    said = texts.shorten(commit.message, 80)
    return f"{commit.id}  {commit.time:%Y-%m-%d %H:%M}Z  {commit.actor}  {said}"


def kept(record: Record) -> Record:
    """The record, if it still has its bytes.

    Raises:
        NotFoundError: they are no longer in the history.
    """
    if not record.kept:
        raise NotFoundError(
            f"the bytes of {record.commit.id} are no longer in the history",
            "they were purged or trimmed, or somebody deleted them",
        )
    return record


def touches(record: Record, path: str) -> bool:
    """Whether a commit changed this file; asking a mapping of bytes could read them."""
    return path in set(record.after)


def concerns(record: Record, entries: Iterable[Entry]) -> bool:
    """Whether a commit changed a line that may belong to one of the entries: parsing is slow."""
    changed: set[str] = set()
    for path in record.after:
        old, new = record.before[path] or b"", record.after[path] or b""
        changed |= set(texts.lines(texts.decode(old))) ^ set(texts.lines(texts.decode(new)))
    text = "".join(changed)
    return any(_probe(entry) in text for entry in entries)


def _probe(entry: Entry) -> str:
    """A word that stands in the entry however its characters are composed, "" if there is none."""
    return max(filter(str.isascii, entry.text.split()), key=len, default="")


def renamed(record: Record) -> tuple[str, str] | None:
    """The old and the new path of the one file that a commit moved, None if it moved none.

    One file went and one came: a rename, if it was called one or most of the lines are the same.
    """
    if len(record.after) < 2 or not record.kept:
        return None
    went = [path for path in record.after if record.after[path] is None]
    came = [path for path in record.before if record.before[path] is None]
    if len(went) != 1 or len(came) != 1 or went == came:
        return None
    was, now = (texts.lines(texts.decode(data or b"")) for data in _ends(record, went, came))
    alike = (
        record.commit.operation == "rename"
        or difflib.SequenceMatcher(None, was, now, autojunk=False).ratio() > 0.5
    )
    return (went[0], came[0]) if alike else None


def _ends(record: Record, went: list[str], came: list[str]) -> tuple[bytes | None, bytes | None]:
    return record.before[went[0]], record.after[came[0]]


def trace(records: Iterable[Record], path: str) -> Iterator[tuple[Record, str]]:
    """The commits that changed a file, the newest first, with the name that each left it."""
    for record in records:
        if not touches(record, path):
            continue
        yield record, path
        moved = renamed(record)
        if moved is not None and moved[1] == path:
            path = moved[0]


def versions(records: Iterable[Record], path: str) -> Iterator[tuple[Record, bytes, bytes]]:
    """A file's versions, the newest first: each commit with the bytes before and after it.

    A file that did not exist has no bytes; a rename's version before it has the old name. Commits
    whose bytes are gone are passed over.
    """
    for record, name in trace(records, path):
        if not record.kept:
            continue
        moved = renamed(record)
        earlier = moved[0] if moved is not None and moved[1] == name else name
        yield record, record.before[earlier] or b"", record.after[name] or b""
