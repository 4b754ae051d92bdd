"""A document cut into pieces that can be moved, and which piece of one is which of another.

A piece is a heading, an entry or another construct with the blank lines below it. Joined, the
pieces are the document's lines again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_memory.core import text as texts
from agent_memory.core.align import matches
from agent_memory.core.document import Document
from agent_memory.core.place import title_key

TOP = "top"
_ALIKE = 60.0  # of 100: below this a new text is no version of the old one
_WINDOW = 8  # how far a changed entry is looked for among several new ones


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One construct and the blank lines below it.

    `id` is its entry's, "" where it is none; `key` is what makes two pieces the same; `line`
    counts from 0. The first piece of a document has no lines, and stands for its top.
    """

    kind: str
    key: str
    id: str
    level: int
    line: int
    lines: tuple[str, ...]
    gap: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """For each piece of a newer document its index in the base, and which ones were moved."""

    base: tuple[int | None, ...]
    moved: frozenset[int]


def pieces(document: Document) -> list[Piece]:
    """The pieces of a document below its front matter, the top first."""
    first = document.front_matter.lines if document.front_matter else 0
    spans = [(first, first, TOP, TOP, "", 0), *_spans(document)]
    starts = [start for start, *_ in spans[1:]] + [len(document.lines)]
    return [
        Piece(
            kind, key, entry, level, start,
            tuple(document.lines[start:end]), tuple(document.lines[end:following]),
        )
        for (start, end, kind, key, entry, level), following in zip(spans, starts, strict=True)
    ]  # fmt: skip


def _spans(document: Document) -> Iterator[tuple[int, int, str, str, str, int]]:
    """Start, end, kind, key, entry id and heading level of each piece."""
    ids = {entry.line - 1: entry.id for entry in document.entries}
    done = 0
    for block in document.blocks:
        if block.start < done:
            continue
        if block.kind == "raw":  # link definitions, each a line
            for number in range(block.start, block.end):
                if line := document.lines[number].strip():
                    yield number, number + 1, "raw", f"raw {line}", "", 0
            done = block.end
            continue
        # A table is its head; the rows are pieces of their own.
        done = block.start + 2 if block.kind == "table" else block.end
        if block.kind == "heading":
            key = f"heading {block.level} {title_key(block.title)}"
        elif entry := ids.get(block.start, ""):
            key = f"entry {entry}"
        else:
            bare = map(texts.bare, document.lines[block.start : done])
            key = "\n".join([block.kind, *bare])
        yield block.start, done, block.kind, key, ids.get(block.start, ""), block.level


def match(base: Sequence[Piece], new: Sequence[Piece]) -> Matching:
    """Which piece of `new` is which of `base`: in order, moved, or changed in its place."""
    aligned = matches([piece.key for piece in base], [piece.key for piece in new])
    found: dict[int, int] = {there: here for here, there in enumerate(aligned) if there is not None}
    fixed = dict(found)
    waiting: dict[str, list[int]] = {}
    for here, there in enumerate(aligned):
        if there is None and (base[here].id or base[here].kind == "heading"):
            waiting.setdefault(base[here].key, []).append(here)
    moved = set[int]()
    for there, piece in enumerate(new):
        if there not in found and waiting.get(piece.key):
            found[there] = waiting[piece.key].pop(0)
            moved.add(there)
    taken = set(found.values())
    for old, late in _between(fixed, len(base), len(new)):
        for group in ({"heading"}, {"entry"}, {"other"}):
            left = [here for here in old if here not in taken and _group(base[here]) in group]
            right = [there for there in late if there not in found and _group(new[there]) in group]
            found.update((there, here) for here, there in _changed(base, new, left, right))
    return Matching(tuple(found.get(there) for there in range(len(new))), frozenset(moved))


def _group(piece: Piece) -> str:
    return "entry" if piece.id else "heading" if piece.kind == "heading" else "other"


def _between(fixed: dict[int, int], old: int, new: int) -> Iterator[tuple[range, range]]:
    """The index ranges between two pieces that correspond in order."""
    here = there = 0
    for next_there, next_here in [*sorted(fixed.items()), (new, old)]:
        if next_here > here and next_there > there:
            yield range(here, next_here), range(there, next_there)
        here, there = next_here + 1, next_there + 1


def _changed(
    base: Sequence[Piece], new: Sequence[Piece], left: list[int], right: list[int]
) -> Iterator[tuple[int, int]]:
    """Pairs of one piece's old and new version: one by one, or the ones that are alike."""
    if len(left) == len(right):
        yield from zip(left, right, strict=True)
        return
    from rapidfuzz.fuzz import ratio

    first = 0
    for there in right:
        words = _words(new[there])
        scores = [
            (ratio(_words(base[here]), words), -here) for here in left[first : first + _WINDOW]
        ]
        score, place = max(scores, default=(0.0, 0))
        if score >= _ALIKE:
            yield -place, there
            first = left.index(-place) + 1


def _words(piece: Piece) -> str:
    return "\n".join(map(texts.bare, piece.lines))
