"""How anchors follow the sections that leave a file, and what entries say when they have."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import quote, unquote

from agent_memory.core import anchors, links
from agent_memory.core import rename as renaming
from agent_memory.core import text as texts
from agent_memory.core.anchors import Anchored
from agent_memory.core.document import Document, entry_text, normalised
from agent_memory.core.links import Names
from agent_memory.core.place import title_key
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.text import Span, Splice


class Place(NamedTuple):
    """The file that a heading is in now, and its anchor, as it was and as it is there."""

    path: str
    was: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the lines went that left a file.

    `headings` says where each heading is now, by all that links say for it; `starts` at which
    line (from 0) of each topic the lines begin that came to it.
    """

    headings: Mapping[str, Place] = field(default_factory=dict)
    starts: Mapping[str, int] = field(default_factory=dict)

    def then(self, later: Trail) -> Trail:
        """This trail, gone on with another one of the same file."""
        return Trail({**self.headings, **later.headings}, {**later.starts, **self.starts})


def trail(
    source: Document, after: Snapshot, moved: Mapping[str, Sequence[int]], starts: Mapping[str, int]
) -> Trail:
    """The trail of headings, by their numbers in `source`, that moved to the ends of topics."""
    places: dict[int, Place] = {}
    was = anchors.anchors(source)
    for topic, numbers in moved.items():
        names = anchors.anchors(after.document(topic))
        last = names[len(names) - len(numbers) :]
        places |= {n: Place(topic, was[n], name) for n, name in zip(numbers, last, strict=False)}
    left = after.document(source.path)
    stayed = zip(left.headings, anchors.anchors(left), strict=True)
    for number, heading in enumerate(source.headings):
        if number not in places:
            # What is new among the headings that stayed, a section for rows, is passed over.
            name = next((name for other, name in stayed if other.title == heading.title), "")
            places[number] = Place(source.path, was[number], name or was[number])
    named = anchors.by_name(source)
    return Trail(
        {name: places[number] for name, number in named.items() if number in places}, starts
    )


def followed(
    snapshot: Snapshot, path: str, trail: Trail, keep: Collection[str] = frozenset()
) -> Snapshot:
    """The snapshot with every link to a heading that left `path` leading to where it is now.

    Only the links' targets change, and none in the entries `keep`.
    """
    known = links.names(snapshot)
    files = dict(snapshot.files)
    for home in snapshot.files:
        if not anchors.likely(snapshot.text(home)):
            continue
        document = snapshot.document(home)
        kept = _lines_of(document, keep)
        splices = [
            splice
            for link in anchors.anchored(document, known)
            if link.line not in kept
            for splice in _led(document, link, path, trail)
        ]
        if splices:
            files[home] = texts.encode(texts.splice(document.text, splices))
    return snapshot.with_files(files)


def _lines_of(document: Document, entries: Collection[str]) -> set[int]:
    found = [entry for entry in document.entries if entry.id in entries] if entries else []
    return {line for entry in found for line in range(entry.line, entry.end_line + 1)}


def _led(document: Document, link: Anchored, path: str, trail: Trail) -> Iterator[Splice]:
    home = document.path
    came = link.line > trail.starts.get(home, len(document.lines))
    # A link of moved lines within their own file means the file that they stood in.
    goal = path if link.link is None and came else link.goal
    place = anchors.look_up(trail.headings, link.said)
    if goal != path or place is None:
        return
    if place.path != (home if link.link is None else path):
        written = None
        if link.link is not None:
            written = renaming.target_for(link.link, home, home, place.path)
        if written is None:  # it said no name, or one that the new topic does not have
            written = posixpath.relpath(place.path, posixpath.dirname(home) or ".")
            written = posixpath.splitext(written)[0] if link.kind == "wikilink" else written
        yield Splice(link.name, renaming.escaped(document, link.name, link.kind, written))
    if link.said == place.was != place.anchor:
        percent = "%" in document.text[link.anchor.start : link.anchor.end]
        yield Splice(link.anchor, quote(place.anchor) if percent else place.anchor)


def says(
    snapshot: Snapshot, path: str, known: Names, scope: Collection[str], keep: Collection[str]
) -> Counter[str]:
    """The entries of a file by what they say and where they lead, told as ids where that is all.

    A link to a heading is told as that heading, in whichever file of `scope` it is, and so is a
    reference; in the entries `keep` a link is text as any other.
    """
    document = snapshot.document(path)
    if not anchors.likely(document.text) and "]:" not in document.text:
        return Counter(entry.id for entry in document.entries)
    told: list[Splice] = []
    for link in anchors.anchored(document, known):
        title = _title(snapshot, link.goal, link.said)
        if title is not None:
            where = "" if link.goal in scope else link.goal
            told.append(Splice(Span(link.name.start, link.anchor.end), f"{where}\0{title}"))
    begins = [0, *accumulate(map(len, document.lines))]
    references = [
        (inline.line, inline.label, _target(snapshot, path, inline.target, known, scope))
        for inline in document.inlines.found
        if inline.kind in ("reference", "image") and inline.label
    ]
    found: Counter[str] = Counter()
    for entry in document.entries:
        start, end = begins[entry.line - 1], begins[entry.end_line]
        inside = [splice for splice in told if start <= splice.span.start < end]
        leads = [what for what in references if entry.line <= what[0] <= entry.end_line]
        if entry.id in keep or not (inside or leads):
            found[entry.id] += 1
            continue
        moved = [Splice(Span(a - start, b - start), text) for (a, b), text in inside]
        text = texts.splice(document.text[start:end], moved).removeprefix(texts.BOM)
        said = normalised(entry_text(texts.lines(text), entry.kind))
        found["\0".join([said, *(f"{label}: {goal}" for _, label, goal in leads)])] += 1
    return found


def _title(snapshot: Snapshot, path: str, said: str) -> str | None:
    """The heading that an anchor says in a file, None where it has no such heading."""
    document = snapshot.document(path)
    number = anchors.look_up(anchors.by_name(document), said)
    return None if number is None else title_key(document.headings[number].title)


def _target(
    snapshot: Snapshot, path: str, target: str, known: Names, scope: Collection[str]
) -> str:
    """Where a reference leads: a heading by its words, everything else as it is written."""
    name, mark, said = target.partition("#")
    goals = links.candidates(path, unquote(name), known) if name else (path,)
    title = _title(snapshot, goals[0], unquote(said)) if mark and len(goals) == 1 else None
    return target if title is None else f"{'' if goals[0] in scope else goals[0]}\0{title}"
