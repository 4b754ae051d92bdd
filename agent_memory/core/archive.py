"""What commits said of entries: which are in the archive, and which are stamped as true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent_memory.core import lookup
from agent_memory.core.history import Commit, Judged, Record
from agent_memory.core.records import find
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.undo import marked
from agent_memory.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Archived:
    """An entry that was pruned and stands nowhere now; `restore` takes the commit's id."""

    pruned: Judged
    commit: Commit


def archived(snapshot: Snapshot, commits: Iterable[Commit]) -> list[Archived]:
    """The entries in the archive, the last pruned first."""
    there = {entry.id for entry in lookup.entries(snapshot)}
    found: dict[str, Archived] = {}
    for commit, one in standing(commits):
        if one.done == "pruned" and one.entry not in there:
            found.setdefault(one.entry, Archived(one, commit))
    return list(found.values())


def standing(commits: Iterable[Commit]) -> Iterator[tuple[Commit, Judged]]:
    """What the commits that are not undone said of entries, the newest commit first."""
    for commit, is_undone in marked(commits):
        if commit.undoes is None and not is_undone:
            yield from ((commit, one) for one in commit.judged)


def only_entries(records: Iterable[Record], commit_id: str) -> tuple[Judged, ...]:
    """What a commit pruned, where the bytes of its files are gone and this is all that is left.

    Raises:
        NotFoundError: there is no such commit.
        AmbiguousError: several ids begin so.
    """
    record = find(records, commit_id)
    if record.kept:
        return ()
    return tuple(one for one in record.commit.judged if one.done == "pruned")


def reaching(
    records: Iterable[Record], archive: Sequence[Record], commit_id: str | None
) -> Iterable[Record]:
    """The history, with the archive behind it where only that has the commit.

    Between the two, commits are missing: nobody else must take them for one history.

    Raises:
        AmbiguousError: several ids begin so.
    """
    if commit_id is None or not archive:
        return records
    try:
        find(records, commit_id)
    except NotFoundError:
        return [*records, *archive]
    return records
