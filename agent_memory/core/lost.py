"""What others took out of our commits: entries that we wrote, that stand nowhere any more.

A program that writes a file back from what it read a while ago undoes, without a word, whatever
was saved in between. Which of that was meant nobody can tell, so it is named and never put back
by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from agent_memory.core import text as texts
from agent_memory.core.document import Entry
from agent_memory.core.history import EXTERNAL, Commit, Record
from agent_memory.core.records import LOOKED_BACK, concerns, is_ours
from agent_memory.core.snapshot import Snapshot, parsed

_NAMED = 3  # entries that a notice names


@dataclass(frozen=True, slots=True)
class Lost:
    """An entry that one of our commits wrote and that others took out.

    `entry` is as it stood after `commit`, the last of ours that wrote it; `taken_by` is the
    commit of the others, None where no commit has recorded their change yet. `stale` says that
    their version is an earlier one with additions: it was written from an old read.
    """

    entry: Entry
    commit: Commit
    taken_by: Commit | None
    stale: bool


@dataclass(frozen=True, slots=True)
class _Taking:
    """A change by others; `commit` is None for what no commit has recorded yet."""

    commit: Commit | None
    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]


def lost(snapshot: Snapshot, records: Iterable[Record]) -> tuple[Lost, ...]:
    """The entries of ours that others took out, the newest of our commits first.

    An entry counts when a commit of ours put it in or changed it, it stands in no file now, and
    no later commit of ours, an undo included, took it out.
    """
    recent = _recent(records)
    takings = [*_unrecorded(snapshot, recent), *_recorded(recent)]
    return tuple(_lost(snapshot, recent, takings)) if takings else ()


def just_lost(snapshot: Snapshot, records: Iterable[Record]) -> tuple[Lost, ...]:
    """Those that went with the changes by others that are newer than our last commit."""
    newest = takewhile(lambda record: record.commit.operation == EXTERNAL, records)
    takings = list(_recorded(newest))
    return tuple(_lost(snapshot, _recent(records), takings)) if takings else ()


def notices(snapshot: Snapshot, records: Iterable[Record]) -> list[str]:
    """What to tell whoever commits next; nothing where nothing of ours went."""
    found = just_lost(snapshot, records)
    if not found:
        return []
    from agent_memory.core.secrets import masked

    said = ", ".join(f"“{texts.shorten(masked(one.entry.text), 60)}”" for one in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    count = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    stale = ", written from a stale read," if all(one.stale for one in found) else ""
    return [
        f"a change by others{stale} took out {count} that had been saved: {said}{more};"
        " `agent-memory log --lost` lists them, `agent-memory restore ID` brings them back"
    ]


def _recent(records: Iterable[Record]) -> list[Record]:
    return [record for record in islice(records, LOOKED_BACK) if record.kept]


def _recorded(records: Iterable[Record]) -> Iterator[_Taking]:
    """The changes by others that the history has."""
    for record in records:
        if record.commit.operation == EXTERNAL and record.kept:
            yield _Taking(record.commit, record.before, record.after)


def _unrecorded(snapshot: Snapshot, recent: Sequence[Record]) -> Iterator[_Taking]:
    """What differs from the newest versions that the history has; a file not read says nothing."""
    seen = {skipped.path for skipped in snapshot.skipped}
    before: dict[str, bytes | None] = {}
    for record in recent:
        for path in record.after.keys() - seen:
            seen.add(path)
            if record.after[path] != snapshot.files.get(path):
                before[path] = record.after[path]
    if before:
        yield _Taking(None, before, {path: snapshot.files.get(path) for path in before})


def _lost(
    snapshot: Snapshot, recent: Sequence[Record], takings: Sequence[_Taking]
) -> Iterator[Lost]:
    wanted = _taken(snapshot, takings)
    for number, record in enumerate(recent):
        if not wanted:
            return
        if not is_ours(record.commit) or not concerns(record, (e for e, _ in wanted.values())):
            continue
        before, after = _entries(record.before), _entries(record.after)
        for entry_id in before.keys() - after.keys():  # we took it out ourselves
            wanted.pop(entry_id, None)
        for entry_id, entry in after.items():
            if entry_id in wanted and entry_id not in before:
                _, taking = wanted.pop(entry_id)
                stale = _is_stale(taking, entry.path, recent[number:])
                yield Lost(entry, record.commit, taking.commit, stale)


def _taken(snapshot: Snapshot, takings: Sequence[_Taking]) -> dict[str, tuple[Entry, _Taking]]:
    """By id, what the newest of the changes took out and stands nowhere now."""
    found: dict[str, tuple[Entry, _Taking]] = {}
    for taking in takings:
        left = _entries(taking.after)
        for entry_id, entry in _entries(taking.before).items():
            if entry_id not in left:
                found.setdefault(entry_id, (entry, taking))
    if found:
        for entry_id in _entries(snapshot.files):
            found.pop(entry_id, None)
    return found


def _entries(files: Mapping[str, bytes | None]) -> dict[str, Entry]:
    return {
        entry.id: entry
        for path in sorted(files)
        if (data := files[path])
        for entry in parsed(path, data).entries
    }


def _is_stale(taking: _Taking, path: str, older: Sequence[Record]) -> bool:
    """Whether the others' version is one from before our commit, and nothing of ours since."""
    theirs = _said(taking.after.get(path))
    if not theirs:
        return False
    for record in older:
        version = _said(record.before.get(path))
        lines = iter(theirs)
        if version and all(line in lines for line in version):
            ours = set(_said(taking.before.get(path))) - set(version)
            return not ours & set(theirs)
    return False


def _said(data: bytes | None) -> list[str]:
    return [line.strip() for line in texts.lines(texts.decode(data or b"")) if line.strip()]
