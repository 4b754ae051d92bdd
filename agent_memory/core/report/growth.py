"""How a memory grew: what it held at the end of each day, told from the history's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from agent_memory.core import text as texts
from agent_memory.core.history import FOUND, Record
from agent_memory.core.records import is_ours
from agent_memory.core.snapshot import Snapshot, parsed


@dataclass(frozen=True, slots=True)
class Day:
    """What a memory held at the end of a day (UTC), and how many commits that day saw.

    `commits` are ours, `outside` those that only record what others changed.
    """

    day: date
    entries: int
    lines: int
    commits: int
    outside: int = 0


@dataclass(frozen=True, slots=True)
class _Size:
    entries: int
    lines: int


def growth(snapshot: Snapshot, records: Sequence[Record], now: datetime) -> tuple[Day, ...]:
    """The days with commits, the earliest first, and today as the files are now.

    `records` come newest first. A day shows each file's last version of that day. A version whose
    bytes are no longer kept is passed over: its file counts as it was before.
    """
    oldest_first = list(reversed(records))
    sizes = _at_the_start(snapshot, oldest_first)
    days: list[Day] = []
    for day, group in groupby(oldest_first, key=lambda record: record.commit.time.date()):
        of_day = list(group)
        last = {path: record for record in of_day for path in record.after}
        for path, record in last.items():
            _put(sizes, path, record.after)
        ours = sum(is_ours(record.commit) for record in of_day)
        found = sum(record.commit.operation == FOUND for record in of_day)
        days.append(Day(day, *_total(sizes), ours, len(of_day) - ours - found))
    now_held = _total({path: _size(path, data) for path, data in snapshot.files.items()})
    if days and days[-1].day >= now.date():
        latest = days.pop()
        return (*days, Day(latest.day, *now_held, latest.commits, latest.outside))
    return (*days, Day(now.date(), *now_held, 0))


def _at_the_start(snapshot: Snapshot, oldest_first: Sequence[Record]) -> dict[str, _Size]:
    """What stood there before the first record: each file as its first record found it.

    A file without a record stood there all along, unless the history begins with a list of what
    it found: then others have made it since, and nobody has recorded that yet.
    """
    sizes: dict[str, _Size] = {}
    seen: set[str] = set()
    for record in oldest_first:
        for path in record.before:
            if path not in seen:
                seen.add(path)
                _put(sizes, path, record.before)
    if not any(record.commit.operation == FOUND for record in oldest_first[:1]):
        untouched = snapshot.files.items() if oldest_first else ()
        sizes.update({path: _size(path, data) for path, data in untouched if path not in seen})
    return sizes


def _put(sizes: dict[str, _Size], path: str, versions: Mapping[str, bytes | None]) -> None:
    """Take over the size of a version; one whose bytes are gone leaves the size as it is."""
    try:
        data = versions[path]
    except KeyError:
        return
    if data is None:
        sizes.pop(path, None)
    else:
        sizes[path] = _size(path, data)


def _size(path: str, data: bytes) -> _Size:
    return _Size(len(parsed(path, data).entries), texts.count_lines(texts.decode(data)))


def _total(sizes: Mapping[str, _Size]) -> tuple[int, int]:
    values = sizes.values()
    return sum(size.entries for size in values), sum(size.lines for size in values)
