"""Which stale entries may be pruned, and which of them without asking anybody.

Never what is pinned, what the user said, or what alone leads to a topic. Who said an entry is what
the history knows of the commit that put its text in; moving it about changes nothing of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent_memory.core import links, lookup, place
from agent_memory.core.document import Entry
from agent_memory.core.history import EXTERNAL, FOUND, Done, Judged, Record
from agent_memory.core.paths import INDEX
from agent_memory.core.records import concerns
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness.evidence import StaleEntry
from agent_memory.core.staleness.stamps import together
from agent_memory.core.undo import ids
from agent_memory.errors import PolicyError

SHARE = 0.2  # of a memory's entries, at most, may go without anybody looking at them
USER = "user"
_WRITES_ONE = frozenset({"remember", "update", "accept"})
_WRITES_NONE = frozenset(
    {"move", "rename", "compact", "fix", "forget", "remove", "undo", "restore", "purge", FOUND}
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stale entry: `kept` says why it stays all the same, and is "" where it may go.

    `source` is where the history says that its text comes from, "" where that is not known.
    """

    stale: StaleEntry
    source: str
    kept: str = ""


def proposals(
    snapshot: Snapshot,
    records: Iterable[Record],
    stale: Sequence[StaleEntry],
    pinned: Collection[str] = (),
) -> list[Proposal]:
    """The stale ones among the entries that are still there, each once, with what protects them.

    Args:
        snapshot: the files.
        records: the commits, the newest first.
        stale: what the entries came to when they were held against the project.
        pinned: headings, as `place.title_key` makes them, whose entries are pinned.
    """
    copies: dict[str, list[Entry]] = defaultdict(list)
    for entry in lookup.entries(snapshot):
        copies[entry.id].append(entry)
    judged = {one.entry.id: together(stale, one.entry.id) for one in stale}
    fresh = {one.entry.id for one in stale if one.verdict != "stale"}
    wanted = {
        entry_id: one
        for entry_id, one in judged.items()
        if one is not None and entry_id in copies and entry_id not in fresh
    }
    said = sources(records, {entry_id: copies[entry_id][0] for entry_id in wanted})
    leading = _leading(snapshot, wanted)
    return [
        Proposal(
            one,
            _source(said[entry_id]),
            _kept(snapshot, copies[entry_id], said[entry_id], pinned, leading.get(entry_id, "")),
        )
        for entry_id, one in wanted.items()
    ]


def _kept(
    snapshot: Snapshot,
    copies: Sequence[Entry],
    sources: Collection[str],
    pinned: Collection[str],
    topic: str,
) -> str:
    """Why an entry stays, "" where it may go."""
    if any(entry.pinned or _under_pinned(snapshot, entry, pinned) for entry in copies):
        return "it is pinned"
    if USER in sources:
        return "the user said it"
    return f"only it leads to {topic}" if topic else ""


def _under_pinned(snapshot: Snapshot, entry: Entry, pinned: Collection[str]) -> bool:
    return bool(pinned) and any(
        place.title_key(section.title) in pinned
        for section in snapshot.document(entry.path).sections
        if section.line <= entry.line <= section.end_line
    )


def _leading(snapshot: Snapshot, wanted: Mapping[str, StaleEntry]) -> dict[str, str]:
    """By entry, a topic to which nothing but entries of `wanted` leads."""
    within: dict[tuple[str, int], str] = {}
    for entry in lookup.entries(snapshot):
        if entry.id in wanted:
            within.update(
                ((entry.path, n), entry.id) for n in range(entry.line, entry.end_line + 1)
            )
    found = [
        (within.get((link.source, link.line), ""), link.resolved)
        for link in links.find_all(snapshot)
        if link.resolved in snapshot.files and link.resolved not in (link.source, INDEX)
    ]
    led_to = {topic for entry_id, topic in found if not entry_id}
    return {entry_id: str(topic) for entry_id, topic in found if entry_id and topic not in led_to}


# -- who said it ----------------------------------------------------------------------------------


def sources(records: Iterable[Record], wanted: Mapping[str, Entry]) -> dict[str, set[str]]:
    """By id, the sources of the commits that put an entry's text into the memory.

    Bringing it back or moving it is no saying. None: it is older than the history, or nobody
    knows.
    """
    said: dict[str, set[str]] = {entry_id: set() for entry_id in wanted}
    for record in records:
        commit = record.commit
        if commit.operation in _WRITES_NONE:
            continue
        if commit.operation in _WRITES_ONE:
            put = {commit.entry or ""}
        elif record.kept and concerns(record, wanted.values()):
            put = _ids(record.after) - _ids(record.before)
        else:
            continue
        for entry_id in put & said.keys():
            said[entry_id].add(commit.source)
    return said


def _ids(files: Mapping[str, bytes | None]) -> set[str]:
    return {entry_id for path in files for entry_id in ids(path, files[path])}


def _source(said: Collection[str]) -> str:
    """The sources in a word; what others put in without us is of nobody that we know."""
    return "" if EXTERNAL in said else ", ".join(sorted(said))


# -- without asking -------------------------------------------------------------------------------


def unasked(proposed: Iterable[Proposal], entries: int, force: bool = False) -> list[Proposal]:
    """Those that may go without anybody looking at them: what nobody knows the source of may not.

    Args:
        proposed: what may go.
        entries: how many the memory has.
        force: they may be more than a fifth of the entries.

    Raises:
        PolicyError: they are.
    """
    chosen = [one for one in proposed if one.source and not one.kept]
    if len(chosen) > entries * SHARE and not force:
        raise PolicyError(
            f"{len(chosen)} of {entries} entries would go, which is more than {SHARE:.0%}",
            "look at them first (`agent-memory prune --dry-run`), then add --force",
        )
    return chosen


def judged(done: Done, snapshot: Snapshot, looked_at: StaleEntry) -> Judged:
    """What a commit keeps of an entry: its lines, its place and the evidence."""
    entry = lookup.entry(snapshot, looked_at.entry.id)
    lines = snapshot.document(entry.path).lines[entry.line - 1 : entry.end_line]
    source = "".join(lines)
    return Judged(done, entry.id, source, entry.path, entry.line, entry.section, looked_at.evidence)
