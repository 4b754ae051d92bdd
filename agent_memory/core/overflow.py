"""Which lines of an index leave it when it is too long, and in which order.

Whole sections, the lowest first; then single entries, the lowest first; then link rows; the entry
that was just written last of all. What is pinned stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent_memory.core import links, place
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document

MORE_TOPICS = "More topics"
MORE_NOTES = "More notes"
_SMALL = 2  # lines with text: a heading and one entry
_TELLS = 100  # characters of a row that say what is behind it
_HALF = 0.5
_NEW_SECTION = (3, 20)  # lines and bytes of a section for rows, where there is none yet


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of the index that can move together: a whole section, or one block of a section.

    Small sections are `shared`: a topic, and a row, for each would cost what it saves.
    """

    start: int
    end: int
    section: str
    whole: bool = False
    row: bool = False
    shared: bool = False

    @property
    def title(self) -> str:
        """The title of the topic that it goes to."""
        return MORE_NOTES if self.shared else self.section


@dataclass(frozen=True)
class Rules:
    """What must stay: entries just written, and sections pinned in the settings."""

    keep: frozenset[str] = frozenset()
    pinned: frozenset[str] = field(default_factory=frozenset)

    def pins(self, title: str) -> bool:
        """Whether the settings pin the section with this heading."""
        return place.title_key(title) in self.pinned


def overflow(index: Document, budget: Budget, rules: Rules) -> list[Chunk]:
    """What to move so that the index is down to the budget's target, in order of moving."""
    meter = _Meter(index, budget.target)
    chosen: list[Chunk] = []
    facts = [block.start for block in index.blocks if _is_fact(index, block)]
    for chunk in _whole_sections(index, rules):
        if meter.fits or _covered(chunk, chosen):
            continue
        left = [start for start in facts if not chunk.start <= start < chunk.end]
        # A section that would leave the index half empty, or with nothing but rows, is split
        # instead, further down.
        if left and meter.share_without(chunk) >= _HALF:
            meter.move(chunk, [])
            chosen.append(chunk)
            facts = left
    return _with_pieces(index, rules, meter, chosen)


def pieces_to_move(index: Document, budget: Budget, rules: Rules) -> list[Chunk]:
    """Single entries to move so that the index is down to the budget's target, lowest first."""
    return _with_pieces(index, rules, _Meter(index, budget.target), [])


def _with_pieces(index: Document, rules: Rules, meter: _Meter, chosen: list[Chunk]) -> list[Chunk]:
    kept = {chunk.start: chunk for chunk in chosen}
    covered = {line for chunk in chosen for line in range(chunk.start, chunk.end)}
    for chunk in _pieces(index, rules):
        if meter.fits:
            break
        if chunk.start not in covered:
            own = range(chunk.start, chunk.end)
            meter.move(chunk, [kept.pop(line) for line in own if line in kept])
            kept[chunk.start] = chunk
            covered.update(own)
    return list(kept.values())


def _is_fact(index: Document, block: Block) -> bool:
    return block.kind in ("item", "paragraph", "table", "fence") and not _is_row(index, block)


def _covered(chunk: Chunk, chosen: Sequence[Chunk]) -> bool:
    return any(other.start <= chunk.start < other.end for other in chosen)


class _Meter:
    """How large the index will be when some chunks are gone and their rows are there."""

    def __init__(self, index: Document, target: Budget) -> None:
        self._lines = index.lines
        self._target = target
        has_rows = any(_is_row(index, block) for block in index.blocks)
        lines, size = (0, 0) if has_rows else _NEW_SECTION
        self._left = (len(index.lines) + lines, texts.size(index.text) + size)
        self._rows: dict[str, int] = {}

    @property
    def fits(self) -> bool:
        lines, size = self._left[0] + len(self._rows), self._left[1] + sum(self._rows.values())
        return lines <= self._target.lines and size <= self._target.bytes

    def share_without(self, chunk: Chunk) -> float:
        """How full of the target the index would be without the chunk, by lines or bytes."""
        size = sum(texts.size(line) for line in self._lines[chunk.start : chunk.end])
        lines = self._left[0] - (chunk.end - chunk.start)
        return max(lines / self._target.lines, (self._left[1] - size) / self._target.bytes)

    def move(self, chunk: Chunk, inner: Sequence[Chunk]) -> None:
        gone = set(range(chunk.start, chunk.end))
        gone -= {number for other in inner for number in range(other.start, other.end)}
        size = sum(texts.size(self._lines[number]) for number in gone)
        self._left = (self._left[0] - len(gone), self._left[1] - size)
        title = chunk.title
        row = f"- [{texts.shorten(title, 60)}]({texts.slug(title)}-2.md)\n"
        self._rows[destination_key(chunk)] = texts.size(row) + (_TELLS if chunk.whole else 0)


def tells(source: Document, group: Sequence[Chunk]) -> str:
    """What is behind a group's row: the headings within it, on one line, "" where it has none.

    Never an entry's words, which may be forgotten one day, nor a count, which would go stale.
    """
    inside = [
        heading.title
        for heading in source.headings
        for chunk in group
        if chunk.start - chunk.shared < heading.start < chunk.end and heading.title
    ]
    return texts.shorten("; ".join(inside), _TELLS)


def destination_key(chunk: Chunk) -> str:
    """Chunks with equal keys share a topic: whole sections have their own."""
    if chunk.row or chunk.shared:
        return chunk.title
    return f"{chunk.start if chunk.whole else ''}#{chunk.section}"


def _whole_sections(index: Document, rules: Rules) -> Iterator[Chunk]:
    """The sections that can move as they are, the lowest first; lists of links are left out."""
    for unit in _units(index, rules):
        if not _all_rows(index, unit.start, unit.end):
            yield unit


def _pieces(index: Document, rules: Rules) -> Iterator[Chunk]:
    """Single entries, then link rows, then what is left of sections, then what was just written."""
    yield from entries(index, rules, rows=False)
    yield from entries(index, rules, rows=True)
    yield from _whole_sections(index, rules)
    yield from _definitions(index, rules)
    if rules.keep:
        yield from entries(index, replace(rules, keep=frozenset()), rows=False)


def _units(index: Document, rules: Rules) -> Iterator[Chunk]:
    """Every section without a pin, the lowest first, the outer before its inner ones."""
    sections = index.sections
    title = len(sections) > 1 and sections[0].level == 1 and all(s.level > 1 for s in sections[1:])
    units = sections[1:] if title else sections
    for level in sorted({section.level for section in units}):
        for section in reversed([unit for unit in units if unit.level == level]):
            if not _stays(index, section.line - 1, section.end_line, rules):
                lines = index.lines[section.line - 1 : section.end_line]
                shared = sum(1 for line in lines if line.strip()) <= _SMALL
                start, end = section.line - 1, section.end_line
                yield Chunk(start, end, section.title, whole=True, shared=shared)


def _all_rows(index: Document, start: int, end: int) -> bool:
    inside = [b for b in index.blocks_between(start, end) if b.kind != "heading"]
    return bool(inside) and all(_is_row(index, block) for block in inside)


def _is_row(index: Document, block: Block) -> bool:
    return block.kind == "item" and links.is_row(index.entry(block).text)


def _stays(index: Document, start: int, end: int, rules: Rules) -> bool:
    """Whether anything in these lines is pinned or must be kept."""
    return any(_held(index, block, rules) for block in index.blocks_between(start, end))


def _held(index: Document, block: Block, rules: Rules, *, row: bool = False) -> bool:
    if block.kind == "heading":
        return rules.pins(block.title) or index.has_pin(block)
    entry = index.entry(block)
    if row and entry.text.startswith(f"[{MORE_TOPICS}]"):
        return True  # it leads to where rows are moved
    above = index.titles_above(block.start)
    return entry.pinned or entry.id in rules.keep or any(rules.pins(title) for title in above)


def entries(index: Document, rules: Rules, *, rows: bool) -> list[Chunk]:
    """Single blocks that can move, the lowest first: link rows, or everything else."""
    return [
        Chunk(block.start, end, MORE_TOPICS if rows else title, row=rows)
        for block, end, title in _blocks(index)
        if block.kind != "raw" and _is_row(index, block) == rows
        if not _held(index, block, rules, row=rows)
    ]


def _definitions(index: Document, rules: Rules) -> Iterator[Chunk]:
    """Link definitions that nothing in the file uses: the others go where their uses go."""
    raw = [found for found in _blocks(index) if found[0].kind == "raw"]
    used = {inline.label for inline in index.inlines.found if inline.kind != "definition"} - {""}
    for block, end, title in raw:
        labels = {
            inline.label
            for inline in index.inlines.found
            if inline.kind == "definition" and block.start < inline.line <= block.end
        }
        if not labels & used and not _held(index, block, rules):
            yield Chunk(block.start, end, title)


def _blocks(index: Document) -> Iterator[tuple[Block, int, str]]:
    """Every block but headings, the lowest first, with the line where its gap ends, and a title."""
    for region in reversed(place.regions(index)):
        title = region.heading.title if region.heading else place.NOTES
        bounds = [block.start for block in region.blocks[1:]] + [region.end]
        for block, end in reversed(list(zip(region.blocks, bounds, strict=False))):
            yield block, end, title
