"""Every entry of a memory, held against the facts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from agent_memory.core import links as links_
from agent_memory.core.document import Document, Entry
from agent_memory.core.links import Link
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness.evidence import Evidence, StaleEntry, verdict
from agent_memory.core.staleness.facts import Facts
from agent_memory.core.staleness.paths import path_evidence
from agent_memory.core.staleness.superseded import superseded

_EXPIRES = re.compile(r"<!--\s*expires:\s*(\d{4}-\d{2}-\d{2})\s*-->", re.IGNORECASE)


def breakable(snapshot: Snapshot, outside: frozenset[str]) -> list[Link]:
    """The links of the files that can have broken ones: a wikilink to nothing only dangles.

    Finding links takes longer than all else that is done to a file.

    Args:
        snapshot: the memory.
        outside: the files of the project's other memories, as paths from this one.
    """
    some = [path for path, data in snapshot.files.items() if b"](" in data or b"]:" in data]
    known = links_.names(snapshot, outside) if some else None
    return [link for path in some if known for link in links_.find(snapshot, path, known)]


def judge(
    snapshot: Snapshot, facts: Facts, today: date, links: Iterable[Link] = ()
) -> tuple[StaleEntry, ...]:
    """Every entry with its evidence and verdict, the index's first.

    Args:
        snapshot: the memory.
        facts: what is known of the project.
        today: the day that expiries are held against.
        links: the memory's links.
    """
    broken: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if link.status == "broken":
            broken[link.source].append(link)
    judged = [
        one
        for path in [INDEX, *snapshot.topics]
        for one in _judged(snapshot.document(path), facts, today, broken[path])
    ]
    return tuple(_with_superseded(judged, facts))


def _with_superseded(judged: list[StaleEntry], facts: Facts) -> Iterator[StaleEntry]:
    timed = ((one.entry, _time(one.entry, facts)) for one in judged)
    dated = [(entry, time) for entry, time in timed if time is not None]
    found = {(entry.path, entry.line): evidence for entry, evidence in superseded(dated)}
    for one in judged:
        evidence = found.get((one.entry.path, one.entry.line))
        if evidence is None:
            yield one
        else:
            every = (*one.evidence, evidence)
            yield StaleEntry(one.entry, verdict(every), every)


def _time(entry: Entry, facts: Facts) -> int | None:
    """The second in which the newest line of an entry was written, None where it is not known."""
    lines = facts.written.get(entry.path, {})
    commits = [
        commit
        for number in range(entry.line, entry.end_line + 1)
        if number in lines
        for commit in lines[number].commits[:1]
    ]
    past = facts.past
    return max(past.times[commit] for commit in commits) if past and commits else None


def _judged(
    document: Document, facts: Facts, today: date, broken: list[Link]
) -> Iterator[StaleEntry]:
    written = facts.written.get(document.path, {})
    found = facts.found.get(document.path, {})
    folder = f"{facts.folder}/{document.path}".rpartition("/")[0].strip("/")
    for entry, lines in _lines(document):
        evidence = [*_expired(document, lines, today), *_broken(broken, entry)]
        for number in lines:
            line = document.lines[number - 1]
            evidence += path_evidence(line, number, folder, facts, written.get(number))
            evidence += found.get(number, ())
        yield StaleEntry(entry, verdict(evidence), tuple(evidence))


def _lines(document: Document) -> Iterator[tuple[Entry, list[int]]]:
    """Each entry with the lines, from 1, that speak for it.

    What a heading says is held against the first entry below it, else the last one above.
    """
    headings = [(block.start, block.end) for block in document.headings]
    last = max((entry.end_line for entry in document.entries), default=0)
    below = [line + 1 for start, end in headings if start >= last for line in range(start, end)]
    done = 0
    for entry in document.entries:
        above = [
            line + 1
            for start, end in headings
            if done <= start < entry.line - 1
            for line in range(start, end)
        ]
        done = max(done, entry.end_line)
        own = range(entry.line, entry.end_line + 1)
        yield entry, [*above, *own, *(below if entry.end_line == last else ())]


def _expired(document: Document, lines: list[int], today: date) -> Iterator[Evidence]:
    for number in lines:
        for match in _EXPIRES.finditer(document.lines[number - 1]):
            try:
                day = date.fromisoformat(match[1])
            except ValueError:
                continue
            if day < today:
                detail = f"it was to hold until {day}"
                yield Evidence("expired", detail, number, "stale", match[1], date=match[1])


def _broken(links: list[Link], entry: Entry) -> Iterator[Evidence]:
    for link in links:
        if entry.line <= link.line <= entry.end_line:
            detail = f"{link.target} is not in the memory"
            yield Evidence("broken link", detail, link.line, "suspect", link.target)
