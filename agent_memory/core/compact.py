"""How overflow leaves the index: into topics, a line each, with nothing lost.

Order: whole sections, the lowest first; then single entries, the lowest first; then link rows,
into one further index topic; the entry that was just written last of all. What is pinned stays.
The same memory always gives the same result.

The law, checked before any result is handed out: the entries over all files are the same ones as
before, apart from the rows that were added, and what could be reached still can be.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent_memory.core import budget as budgets
from agent_memory.core import links, place
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.document import Block, Document, bullet
from agent_memory.core.paths import INDEX, key
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError

MORE_TOPICS = "More topics"
# Neither an entry's words, which may be forgotten one day, nor a count, which would go stale.
_TELLS = "moved here from the index to keep it short"
_HALF = 0.5
_ROUNDS = 6  # rows can overflow in their turn; each round leaves fewer of them


@dataclass(frozen=True, slots=True)
class Moved:
    """One move out of the index: which lines (as they were, from 1), and where they are now."""

    section: str
    topic: str
    entries: int
    lines: int
    bytes: int
    first_line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """A snapshot with its index brought within budget, and what was moved for that."""

    snapshot: Snapshot
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of the index that can move together: a whole section, or one block of a section."""

    start: int
    end: int
    section: str
    whole: bool = False
    row: bool = False


@dataclass(frozen=True)
class Rules:
    """What must stay: entries just written, and sections pinned in the settings."""

    keep: frozenset[str] = frozenset()
    pinned: frozenset[str] = field(default_factory=frozenset)

    def pins(self, title: str) -> bool:
        """Whether the settings pin the section with this heading."""
        return place.title_key(title) in self.pinned


def fit(snapshot: Snapshot, budget: Budget, rules: Rules) -> Fitted:
    """The snapshot with an index that is wholly loaded.

    Raises:
        BudgetError: what is pinned does not fit.
    """
    moved: list[Moved] = []
    for _ in range(_ROUNDS):
        if budget.holds(snapshot.text(INDEX)):
            return Fitted(snapshot, tuple(moved))
        step = _move(snapshot, _overflow(snapshot.index, budget, rules), "over budget")
        if not step.moved:
            break
        snapshot, moved = step.snapshot, moved + list(step.moved)
    closed = _gaps_closed(snapshot.index)
    if budget.holds(closed):
        files = {**snapshot.files, INDEX: texts.encode(closed)}
        return Fitted(snapshot.with_files(files), tuple(moved))
    raise _cannot_fit(snapshot, budget, rules)


def _gaps_closed(index: Document) -> str:
    """The index with every run of blank lines between its blocks made one: the last resort."""
    inside = {n for block in index.blocks for n in range(block.start, block.end)}
    kept: list[str] = []
    for number, line in enumerate(index.lines):
        if line.strip() or number in inside or (kept and kept[-1].strip()):
            kept.append(line)
    return "".join(kept)


def make_room(snapshot: Snapshot, budget: Budget, before: str, rules: Rules) -> Fitted:
    """The snapshot with no more of its index cut than of the index text `before`.

    For an index that somebody else left over budget: it is not mended here, but as many entries
    at the end of the loaded part give way to what was added.
    """
    moved: list[Moved] = []
    allowed = Counter(cut.text for cut in budgets.report(before, budget).cut)
    # What was updated where nobody saw it before may be seen by nobody still.
    unseen = budgets.kept_lines(before, budget)
    for entry in snapshot.index.entries:
        if entry.id in rules.keep and entry.line > unseen:
            lines = snapshot.index.lines[entry.line - 1 : entry.end_line]
            allowed.update(texts.bare(line) for line in lines)
    known = {entry.id for entry in Document(INDEX, before).entries}
    while _worse(snapshot.text(INDEX), budget, allowed):
        index = snapshot.index
        added = {entry.id for entry in index.entries} - known
        rules = replace(rules, keep=rules.keep | added)
        loaded = budgets.kept_lines(index.text, budget)
        candidates = [c for c in _entries(index, rules, rows=False) if c.end <= loaded]
        candidates = candidates or [c for c in _entries(index, rules, rows=True) if c.end <= loaded]
        step = _move(snapshot, candidates[:1], "gave way in an index that is over budget", budget)
        if not step.moved:
            raise _cannot_fit(snapshot, budget, rules)
        snapshot, moved = step.snapshot, moved + list(step.moved)
    return Fitted(snapshot, tuple(moved))


def _worse(text: str, budget: Budget, allowed: Counter[str]) -> bool:
    cut = Counter(line.text for line in budgets.report(text, budget).cut if line.text.strip())
    return bool(cut - allowed)


def _cannot_fit(snapshot: Snapshot, budget: Budget, rules: Rules) -> BudgetError:
    index = snapshot.index
    pinned = [entry for entry in index.entries if entry.pinned or rules.pins(entry.section)]
    long = [n for n, line in enumerate(index.lines, 1) if texts.size(line) > budget.bytes]
    what = (
        f"line {long[0]} alone has {texts.size(index.lines[long[0] - 1]):,} bytes"
        if long
        else f"{len(pinned)} pinned entries"
        + (f" (the first at line {pinned[0].line})" if pinned else "")
        + " and what cannot be moved remain"
    )
    return BudgetError(
        f"{INDEX} cannot be kept within {budget.lines} lines and {budget.bytes:,} bytes: {what}",
        "unpin or shorten some of it, put the text into a topic, or raise the budget",
    )


def _overflow(index: Document, budget: Budget, rules: Rules) -> list[Chunk]:
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
    for chunk in _pieces(index, rules):
        if meter.fits:
            break
        if not _covered(chunk, chosen):
            inner = [other for other in chosen if chunk.start <= other.start < chunk.end]
            chosen = [other for other in chosen if other not in inner]
            meter.move(chunk, inner)
            chosen.append(chunk)
    return chosen


def _is_fact(index: Document, block: Block) -> bool:
    return block.kind in ("item", "paragraph", "table", "fence") and not _row(index, block)


def _covered(chunk: Chunk, chosen: Sequence[Chunk]) -> bool:
    return any(other.start <= chunk.start < other.end for other in chosen)


class _Meter:
    """How large the index will be when some chunks are gone and their rows are there."""

    def __init__(self, index: Document, target: Budget) -> None:
        self._lines = index.lines
        self._target = target
        self._left = (len(index.lines) + 3, texts.size(index.text) + 20)
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
        title = chunk.section
        row = f"- [{texts.shorten(title, 60)}]({texts.slug(title)}-2.md) — {_TELLS}\n"
        self._rows[_destination_key(chunk)] = texts.size(row)


def _destination_key(chunk: Chunk) -> str:
    """Chunks with equal keys share a topic: whole sections have their own."""
    return MORE_TOPICS if chunk.row else f"{chunk.start if chunk.whole else ''}#{chunk.section}"


def _whole_sections(index: Document, rules: Rules) -> Iterator[Chunk]:
    """The sections that can move as they are, the lowest first; lists of links are left out."""
    for unit in _units(index, rules):
        if not _all_rows(index, unit.start, unit.end):
            yield unit


def _pieces(index: Document, rules: Rules) -> Iterator[Chunk]:
    """Single entries, then link rows, then what is left of sections, then what was just written."""
    yield from _entries(index, rules, rows=False)
    yield from _entries(index, rules, rows=True)
    yield from _units(index, rules)
    if rules.keep:
        yield from _entries(index, replace(rules, keep=frozenset()), rows=False)


def _units(index: Document, rules: Rules) -> Iterator[Chunk]:
    """Every section without a pin, the lowest first, the outer before its inner ones."""
    sections = index.sections
    title = len(sections) > 1 and sections[0].level == 1 and all(s.level > 1 for s in sections[1:])
    units = sections[1:] if title else sections
    for level in sorted({section.level for section in units}):
        for section in reversed([unit for unit in units if unit.level == level]):
            if not _stays(index, section.line - 1, section.end_line, rules):
                yield Chunk(section.line - 1, section.end_line, section.title, whole=True)


def _all_rows(index: Document, start: int, end: int) -> bool:
    inside = [b for b in index.blocks if start <= b.start < end and b.kind != "heading"]
    return bool(inside) and all(_row(index, block) for block in inside)


def _row(index: Document, block: Block) -> bool:
    return block.kind == "item" and links.is_row(index.entry(block).text)


def _stays(index: Document, start: int, end: int, rules: Rules) -> bool:
    """Whether anything in these lines is pinned or must be kept."""
    return any(_held(index, block, rules) for block in index.blocks if start <= block.start < end)


def _held(index: Document, block: Block, rules: Rules, *, row: bool = False) -> bool:
    if block.kind == "heading":
        return rules.pins(block.title) or index.has_pin(block)
    entry = index.entry(block)
    if row and entry.text.startswith(f"[{MORE_TOPICS}]"):
        return True  # it leads to where rows are moved
    above = index.titles_above(block.start)
    return entry.pinned or entry.id in rules.keep or any(rules.pins(title) for title in above)


def _entries(index: Document, rules: Rules, *, rows: bool) -> list[Chunk]:
    """Single blocks that can move, the lowest first: link rows, or everything else."""
    chunks: list[Chunk] = []
    for region in reversed(place.regions(index)):
        title = region.heading.title if region.heading else place.NOTES
        bounds = [block.start for block in region.blocks[1:]] + [region.end]
        for block, end in reversed(list(zip(region.blocks, bounds, strict=False))):
            if _row(index, block) == rows and not _held(index, block, rules, row=rows):
                chunks.append(Chunk(block.start, end, MORE_TOPICS if rows else title, row=rows))
    return chunks


def _move(
    snapshot: Snapshot, chunks: Sequence[Chunk], reason: str, budget: Budget | None = None
) -> Fitted:
    """The snapshot with the chunks moved; a chunk that Markdown would misread elsewhere stays."""
    if not chunks:
        return Fitted(snapshot)
    result = _moved(snapshot, chunks, reason, budget)
    if keeps_the_law(snapshot, result.snapshot):
        return result
    if len(chunks) == 1:
        return Fitted(snapshot)
    lawful = _lawful(snapshot, chunks)
    return _moved(snapshot, lawful, reason, budget) if lawful else Fitted(snapshot)


def _lawful(snapshot: Snapshot, chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks, found by halving, that can be moved together without breaking the law."""
    if not chunks or keeps_the_law(snapshot, _moved(snapshot, chunks, "").snapshot):
        return list(chunks)
    if len(chunks) == 1:
        return []
    half = len(chunks) // 2
    first, second = _lawful(snapshot, chunks[:half]), _lawful(snapshot, chunks[half:])
    both = [*first, *second]
    return both if keeps_the_law(snapshot, _moved(snapshot, both, "").snapshot) else first


def keeps_the_law(before: Snapshot, after: Snapshot) -> bool:
    """Whether `after` holds the entries of `before`, and besides them only rows of new links."""
    changed = before.changes_to(after.files)
    old = Counter(e.id for change in changed for e in before.document(change.path).entries)
    new = [e for change in changed for e in after.document(change.path).entries]
    added = Counter(entry.id for entry in new) - old
    lost = old - Counter(entry.id for entry in new)
    rows = {entry.id for entry in new if links.is_row(entry.text) and entry.path == INDEX}
    return not lost and set(added) <= rows


def _moved(
    snapshot: Snapshot, chunks: Sequence[Chunk], reason: str, budget: Budget | None = None
) -> Fitted:
    index = place.unmarked(snapshot.index)
    mark = texts.BOM if index.text != snapshot.text(INDEX) else ""
    text = _remaining(index, chunks)
    # Destinations are looked up in what remains: a link that leaves with a chunk is no link.
    files = {**snapshot.files, INDEX: texts.encode(text)}
    groups: dict[str, list[Chunk]] = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.start):
        groups.setdefault(_destination_key(chunk), []).append(chunk)
    rows: list[str] = []
    moved: list[Moved] = []
    for group in groups.values():
        path, linked = _topic_for(snapshot.with_files(files), group, budget)
        files[path] = texts.encode(_topic_text(snapshot.with_files(files), path, index, group))
        if not linked:
            rows.append(_row_text(index, path, group))
        moved.append(_account(index, path, group, reason))
    for row in rows:
        remaining = Document(INDEX, text)
        loaded = budgets.kept_lines(text, budget) if budget else len(remaining.lines) + 4
        text = place.add_row(remaining, row, loaded)
    files[INDEX] = texts.encode(mark + text)
    return Fitted(snapshot.with_files(files), tuple(moved))


def _remaining(index: Document, chunks: Sequence[Chunk]) -> str:
    """The index without the chunks, and a blank line where two strangers would touch."""
    gone = {number for chunk in chunks for number in range(chunk.start, chunk.end)}
    items = {block.start for block in index.blocks if block.kind in ("item", "heading")}
    ending = texts.ending(index.text)
    kept: list[str] = []
    skipped = False
    for number, line in enumerate(index.lines):
        if number in gone:
            skipped = True
            continue
        if skipped and kept and kept[-1].strip() and line.strip() and number not in items:
            kept.append(ending)
        skipped = False
        kept.append(line)
    return "".join(kept)


def destination(snapshot: Snapshot, title: str, budget: Budget | None = None) -> tuple[str, bool]:
    """The topic for overflow of the section `title`, and whether the index links to it already.

    A topic that overflow made begins with the section's own heading.
    """
    for path in sorted(_linked_from_index(snapshot, budget)):
        headings = snapshot.document(path).headings
        if headings and place.title_key(headings[0].title) == place.title_key(title):
            return path, True
    return _free_path(texts.slug(title), links.names(snapshot)), False


def _free_path(stem: str, known: links.Names) -> str:
    """A file name that nothing has, and that no existing link could take for its target."""
    taken = {key(path) for path in known.paths}
    number, free = 1, stem
    while key(f"{free}.md") in taken or links.loose(free) in known.loose:
        number += 1
        free = f"{stem}-{number}"
    return f"{free}.md"


def _topic_for(
    snapshot: Snapshot, group: Sequence[Chunk], budget: Budget | None
) -> tuple[str, bool]:
    if group[0].whole:  # it brings its own heading, so it cannot join another topic
        return _free_path(texts.slug(group[0].section), links.names(snapshot)), False
    return destination(snapshot, group[0].section, budget)


def _linked_from_index(snapshot: Snapshot, budget: Budget | None) -> set[str]:
    text = snapshot.text(INDEX)
    loaded = snapshot.with_files(
        {**snapshot.files, INDEX: texts.encode(budgets.kept(text, budget) if budget else text)}
    )
    found = links.find(loaded, INDEX, links.names(snapshot))
    targets = {link.resolved for link in found if link.resolved is not None}
    return (targets & set(snapshot.files)) - {INDEX}


def _topic_text(snapshot: Snapshot, path: str, index: Document, group: Sequence[Chunk]) -> str:
    """The topic with the group's lines at its end; a new topic gets front matter first."""
    ending = texts.ending(index.text)
    old = snapshot.text(path)
    if old:
        parts = [old if old.endswith(("\n", "\r")) else old + ending]
    else:
        head = place.new_topic(path, group[0].section, _TELLS, ending)
        # A whole section brings its own heading, unchanged.
        parts = (
            [head.rsplit("# ", 1)[0]]
            if group[0].whole
            else [head.replace(f"{ending}# ", f"{ending}## ")]
        )
    for chunk in group:
        piece = "".join(index.lines[chunk.start : chunk.end]).strip("\r\n")
        both_items = bullet(piece) and _ends_in_item(parts[-1])
        if parts[-1].strip() and not parts[-1].endswith(ending * 2) and not both_items:
            parts.append(ending)
        parts.append(piece + ending)
    return "".join(parts)


def _ends_in_item(piece: str) -> bool:
    """Whether a list item can follow `piece` with no blank line between."""
    last = piece.rstrip("\r\n").splitlines()[-1:] or [""]
    return bool(bullet(last[0]) or last[0].startswith(("  ", "\t")))


def _entries_in(index: Document, group: Sequence[Chunk]) -> Iterator[str]:
    for entry in index.entries:
        if any(chunk.start < entry.line <= chunk.end for chunk in group):
            yield entry.text


def _row_text(index: Document, path: str, group: Sequence[Chunk]) -> str:
    return place.row(
        index,
        texts.shorten(group[0].section or posixpath.basename(path), 60),
        path,
        _TELLS,
    )


def _account(index: Document, path: str, group: Sequence[Chunk], reason: str) -> Moved:
    lines = [line for chunk in group for line in index.lines[chunk.start : chunk.end]]
    return Moved(
        section="index rows" if group[0].row else group[0].section,
        topic=path,
        entries=len(list(_entries_in(index, group))),
        lines=len(lines),
        bytes=sum(map(texts.size, lines)),
        first_line=group[0].start + 1,
        reason=reason,
    )
