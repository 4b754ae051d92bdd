"""Where each line of a file comes from: when, who, by which operation (git calls it blame)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from agent_memory.core import text as texts
from agent_memory.core.diff import same_lines
from agent_memory.core.history import Commit, Record
from agent_memory.core.records import LOOKED_BACK, versions
from agent_memory.core.snapshot import Snapshot

UNKNOWN = "unknown: before the history"
UNRECORDED = "external, not recorded yet"
_CARRIES = frozenset({"move", "compact", "undo", "restore"})


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """A line as it stands now, and the commit that wrote it.

    Where there is no such commit, `origin` says why: the line is older than the history, or
    somebody else wrote it and no commit has recorded that yet. Else it says the operation.
    """

    line: int
    text: str
    commit: Commit | None
    origin: str


def origins(snapshot: Snapshot, records: Iterable[Record], path: str) -> tuple[LineOrigin, ...]:
    """Every line of a file with its origin; renames of the file are followed."""
    now = texts.lines(snapshot.text(path))
    wrote: dict[int, Commit | None] = {}
    current, open_lines = now, {number: number for number in range(len(now))}
    for record, before, after in versions(records, path):
        if not open_lines:
            break
        version = texts.lines(texts.decode(after))
        open_lines = _carried(current, version, open_lines, wrote, None)
        current = texts.lines(texts.decode(before))
        open_lines = _carried(version, current, open_lines, wrote, record.commit)
    return tuple(_origin(number, line, wrote) for number, line in enumerate(now))


def said(
    snapshot: Snapshot, records: Iterable[Record], path: str, put: dict[str, set[str]]
) -> tuple[LineOrigin, ...]:
    """The origins, where a line that was moved or brought back is of the commit that said it.

    Bringing back what was pruned makes it no truer. Where no commit said it, as it is older than
    the history, the one that carried it stays.

    Args:
        snapshot: the files.
        records: the commits, the newest first.
        path: the file.
        put: what is known already of the lines that commits put in, by their ids; it is added to.
    """
    found = origins(snapshot, records, path)
    carried = {
        one.line: (one.text.strip(), one.commit.id)
        for one in found
        if one.commit is not None and is_carried(one)
    }
    if not carried:
        return found
    first = _first_said(records, carried, put)
    return tuple(
        replace(one, commit=first[one.line], origin=first[one.line].operation)
        if one.line in first
        else one
        for one in found
    )


def is_carried(origin: LineOrigin) -> bool:
    """Whether the commit of a line put in what had been said before."""
    return origin.origin in _CARRIES


def _first_said(
    records: Iterable[Record], carried: dict[int, tuple[str, str]], put: dict[str, set[str]]
) -> dict[int, Commit]:
    """By line, the newest commit before the one that carried it that put its text in anywhere."""
    first: dict[int, Commit] = {}
    later: set[str] = set()
    for record in islice(records, LOOKED_BACK):
        later.add(record.commit.id)
        wanted = {
            line: text
            for line, (text, by) in carried.items()
            if line not in first and by in later and text
        }
        if record.kept and record.commit.operation not in _CARRIES and wanted:
            made = record.commit
            added = put[made.id] if made.id in put else put.setdefault(made.id, _added(record))
            first.update((line, made) for line, text in wanted.items() if text in added)
    return first


def _added(record: Record) -> set[str]:
    """The lines that a commit put into any file."""
    added: set[str] = set()
    for path in record.after:
        old, new = (texts.decode(data or b"") for data in (record.before[path], record.after[path]))
        added |= {line.strip() for line in texts.lines(new)}
        added -= {line.strip() for line in texts.lines(old)}
    return added


def _carried(
    newer: list[str],
    older: list[str],
    open_lines: dict[int, int],
    wrote: dict[int, Commit | None],
    commit: Commit | None,
) -> dict[int, int]:
    """The lines of `open_lines` (place in a version → place now) at their places in `older`.

    Those that `older` has not are the work of `commit`.
    """
    if newer == older:
        return open_lines
    places = {new: old for old, new in same_lines(older, newer)}
    wrote.update((now, commit) for place, now in open_lines.items() if place not in places)
    return {places[place]: now for place, now in open_lines.items() if place in places}


def _origin(number: int, line: str, wrote: dict[int, Commit | None]) -> LineOrigin:
    commit = wrote.get(number)
    why_not = UNRECORDED if number in wrote else UNKNOWN
    origin = commit.operation if commit is not None else why_not
    return LineOrigin(number + 1, texts.bare(line), commit, origin)
