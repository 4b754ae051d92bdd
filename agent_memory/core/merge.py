"""Three-way merge: what stands in a file now, and what somebody made of an older version of it.

`theirs` is the ground and keeps every byte that `ours` did not change in `base`. A merge line by
line is good enough where it leaves each entry as one side has it (the *law*: an entry's count
changes as both sides changed it, equal changes once). Otherwise the entries are merged one by
one; if Markdown reads even that as something else, the whole file is one clash. Where both sides
changed the same thing, theirs stays and the clash tells of both; no conflict markers are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent_memory.core import text as texts
from agent_memory.core.align import diff3, expected
from agent_memory.core.document import Document
from agent_memory.core.fields import merge_fields
from agent_memory.core.weave import weave


@dataclass(frozen=True, slots=True)
class Clash:
    """What both sides changed differently; `line` counts from 1 in theirs, where it would be."""

    line: int
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text, in which theirs stands wherever there is a clash."""

    text: str
    clashes: tuple[Clash, ...]


def merge_files(
    path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None
) -> tuple[bytes | None, tuple[Clash, ...]]:
    """Merge three versions of a file; None is a file that is not there."""
    if ours in (base, theirs):
        return theirs, ()
    if theirs == base:
        return ours, ()
    old, mine, other = (texts.decode(data or b"") for data in (base, ours, theirs))
    if ours is None or theirs is None:  # one deleted what the other changed: that stays
        return ours if theirs is None else theirs, (Clash(1, old, mine, other),)
    merged = merge(path, old, mine, other)
    return texts.encode(merged.text), merged.clashes


def merge(path: str, base: str, ours: str, theirs: str) -> Merged:
    """Do to `theirs` what made `ours` out of `base`."""
    if ours in (base, theirs):
        return Merged(theirs, ())
    if theirs == base:
        return Merged(ours, ())
    shape = _Shape.merged(*map(_Shape.of, (base, ours, theirs)))
    old, mine, other = (shape.removed(text) for text in (base, ours, theirs))
    if mine in (old, other):
        return Merged(shape.restored(other), ())
    if other == old:
        return Merged(shape.restored(mine), ())
    merged = _merged(*(Document(path, text) for text in (old, mine, other)))
    if merged is None:
        return Merged(theirs, (Clash(1, base, ours, theirs),))
    return Merged(shape.restored(merged.text), merged.clashes)


def _merged(base: Document, ours: Document, theirs: Document) -> Merged | None:
    heads = [_head(document) for document in (base, ours, theirs)]
    bodies = [doc.lines[len(head) :] for doc, head in zip((base, ours, theirs), heads, strict=True)]
    head, differences = merge_fields(*heads)
    clashes = tuple(
        Clash(_line_of(theirs, there or here), *map(_said, (before, here, there)))
        for before, here, there in differences
    )
    by_line = diff3(*bodies)
    if by_line is not None:
        text = _joined([*head, *by_line])
        if _ids(Document(theirs.path, text)) == expected(_ids(base), _ids(ours), _ids(theirs)):
            return Merged(text, clashes)
    woven = weave(base, ours, theirs)
    text = _joined([*head, *woven.lines])
    if _ids(Document(theirs.path, text)) != woven.expected:
        return None
    for line, *versions in woven.clashes:
        clashes += (Clash(line + 1, *map(_said, versions)),)
    return Merged(text, clashes)


def _head(document: Document) -> list[str]:
    return document.lines[: document.front_matter.lines] if document.front_matter else []


def _ids(document: Document) -> Counter[str]:
    return Counter(entry.id for entry in document.entries)


def _said(lines: Sequence[str]) -> str:
    """The lines as they stand, without the ending of the last one."""
    return texts.bare("".join(lines))


def _line_of(document: Document, lines: Sequence[str]) -> int:
    return document.lines.index(lines[0]) + 1 if lines and lines[0] in document.lines else 1


def _joined(lines: Sequence[str]) -> str:
    r"""The lines; a blank `\n` after a line that ends in `\r` would become one ending with it."""
    parts: list[str] = []
    for line in lines:
        glued = line == "\n" and parts and parts[-1].endswith("\r")
        parts.append("\r" if glued else line)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is true of a whole file and merged apart from its lines."""

    mark: bool  # a byte order mark
    closed: bool  # the last line has an ending
    ending: str  # the one used most
    uniform: bool  # there is no other one

    @classmethod
    def of(cls, text: str) -> _Shape:
        found = {line[len(texts.bare(line)) :] for line in texts.lines(text)} - {""}
        closed = not text.removeprefix(texts.BOM) or text.endswith(("\n", "\r"))
        return cls(text.startswith(texts.BOM), closed, texts.ending(text), len(found) < 2)

    @classmethod
    def merged(cls, base: _Shape, ours: _Shape, theirs: _Shape) -> _Shape:
        # One ending all over, where there was one other, is a change of the file, not of lines.
        changed = base.uniform and ours.uniform and base.ending == theirs.ending
        return cls(
            theirs.mark if ours.mark == base.mark else ours.mark,
            theirs.closed if ours.closed == base.closed else ours.closed,
            ours.ending if changed else theirs.ending,
            theirs.uniform,
        )

    def removed(self, text: str) -> str:
        """`text` without a mark, closed, and with this shape's ending where it had one of its own.

        Lines of a file that mixes endings stay as they are.
        """
        text = text.removeprefix(texts.BOM)
        own = _Shape.of(text)
        if not own.closed:
            text += own.ending
        if own.ending == self.ending or not own.uniform:
            return text
        lines = texts.lines(text)
        return _joined([texts.bare(line) + self.ending for line in lines])

    def restored(self, text: str) -> str:
        if not self.closed and text.endswith(("\n", "\r")):
            text = text[: -2 if text.endswith("\r\n") else -1]
        return texts.BOM + text if self.mark else text
