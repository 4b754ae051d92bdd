"""How overflow leaves the index, or a topic: into topics, a line each, with nothing lost.

What leaves and in which order is for `overflow` to say; link rows go into one further index
topic. The same memory always gives the same result.

The law, checked before any result is handed out: the entries over all files are the same ones as
before, apart from the rows that were added, and what could be reached still can be.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent_memory.core import anchors, follow, links, offshoots, overflow, place, references, rows
from agent_memory.core import budget as budgets
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document
from agent_memory.core.follow import Trail
from agent_memory.core.overflow import Chunk, Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.references import Part
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError

_ROUNDS = 6  # rows can overflow in their turn; each round leaves fewer of them
_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Moved:
    """One move: which lines left `path` (`first_line` as it was, from 1), and where they are now.

    `lines` and `bytes` are what moved; `reason` says why.
    """

    section: str
    topic: str
    entries: int
    lines: int
    bytes: int
    first_line: int
    reason: str
    path: str = INDEX


@dataclass(frozen=True, slots=True)
class Fitted:
    """A snapshot with a file brought within its limits, and what was moved for that."""

    snapshot: Snapshot
    moved: tuple[Moved, ...] = ()
    trail: Trail = field(default_factory=Trail)


def fit(snapshot: Snapshot, budget: Budget, rules: Rules, path: str = INDEX) -> Fitted:
    """The snapshot with a file, the index as a rule, that is within `budget`.

    Raises:
        BudgetError: what is pinned does not fit.
    """
    closed = _gaps_closed(snapshot.document(path))
    if budget.holds(closed) and not budget.holds(snapshot.text(path)):
        # Blank lines are the cheapest thing to give up, where they are all that is too much.
        return Fitted(snapshot.with_files({**snapshot.files, path: texts.encode(closed)}))
    moved: list[Moved] = []
    for _ in range(_ROUNDS):
        if budget.holds(snapshot.text(path)):
            return Fitted(snapshot, tuple(moved))
        chunks = overflow.overflow(snapshot.document(path), budget, rules)
        step = _move(snapshot, path, chunks, rules, f"{path} is over its limit")
        if not step.moved:
            break
        snapshot, moved = step.snapshot, moved + list(step.moved)
    closed = _gaps_closed(snapshot.document(path))
    if budget.holds(closed):
        files = {**snapshot.files, path: texts.encode(closed)}
        return Fitted(snapshot.with_files(files), tuple(moved))
    raise _cannot_fit(snapshot, budget, rules, path)


def _gaps_closed(index: Document) -> str:
    """The file with every run of blank lines between its blocks made one."""
    inside = {n for block in index.blocks for n in range(block.start, block.end)}
    kept: list[str] = []
    for number, line in enumerate(index.lines):
        # A form feed is no blank line to Markdown.
        if line.strip(_BLANK) or number in inside or (kept and kept[-1].strip(_BLANK)):
            kept.append(line)
    return "".join(kept)


def make_room(snapshot: Snapshot, budget: Budget, before: str, rules: Rules) -> Fitted:
    """The snapshot with no more of its index cut than of the index text `before`.

    For an index that somebody else left over budget: it is not mended here, but as many entries
    at the end of the loaded part give way to what was added. What was cut before is looked at
    by nobody, so only the part that is loaded is worked on.
    """
    if not _worse(snapshot, budget, before, rules):
        return Fitted(snapshot)
    cut = texts.lines(before)[budgets.kept_lines(before, budget) :]
    unseen = _unseen(snapshot.index.lines, cut)
    # No block is split: one that reaches into the cut part stays, whole, and as seen as it was.
    blocks = [block.start for block in snapshot.index.blocks if block.start < unseen < block.end]
    first = min(blocks, default=unseen)
    head, tail = snapshot.index.lines[:first], snapshot.index.lines[first:]
    seen = tail[: unseen - first]
    room = replace(
        budget,
        lines=max(1, budget.lines - len(seen)),
        bytes=max(1, budget.bytes - sum(map(texts.size, seen))),
    )
    known = {entry.id for entry in Document(INDEX, before).entries}
    top = Fitted(snapshot.with_files({**snapshot.files, INDEX: texts.encode("".join(head))}))
    while not room.holds(top.snapshot.text(INDEX)):
        new = {entry.id for entry in top.snapshot.index.entries} - known
        step = _give_way(top.snapshot, room, replace(rules, keep=rules.keep | new))
        if not step.moved:
            raise _cannot_fit(snapshot, budget, rules, INDEX)
        top = Fitted(step.snapshot, top.moved + step.moved, top.trail.then(step.trail))
    result = _rejoined(snapshot, top, "".join(tail), rules)
    # A table that reaches into the cut part has no row that could give way.
    worse = _worse(result.snapshot, budget, before, rules)
    if worse or not keeps_the_law(snapshot, result, rules):
        raise _cannot_fit(snapshot, budget, rules, INDEX)
    return result


def _rejoined(before: Snapshot, top: Fitted, tail: str, rules: Rules) -> Fitted:
    """The index whole again, its tail linked to what moved out of its top."""
    index = texts.encode(top.snapshot.text(INDEX) + tail)
    whole = top.snapshot.with_files({**top.snapshot.files, INDEX: index})
    trail = follow.trail(before.index, before, {}, {}).then(top.trail)
    return _linked(before.index, Fitted(whole, top.moved, trail), rules)


def _unseen(lines: Sequence[str], cut: Sequence[str]) -> int:
    """The first of the last lines that all were cut before."""
    pool = Counter(cut)
    first = len(lines)
    while first and pool[lines[first - 1]]:
        first -= 1
        pool[lines[first]] -= 1
    return first


def _worse(snapshot: Snapshot, budget: Budget, before: str, rules: Rules) -> bool:
    """Whether a line is cut that was not cut in `before`."""
    index = snapshot.index
    allowed = Counter(cut.text for cut in budgets.report(before, budget).cut)
    # What was updated where nobody saw it before may be seen by nobody still.
    seen = budgets.kept_lines(before, budget)
    for entry in index.entries if rules.keep else ():
        if entry.id in rules.keep and entry.line > seen:
            lines = index.lines[entry.line - 1 : entry.end_line]
            allowed.update(texts.bare(line) for line in lines)
    cut = Counter(n.text for n in budgets.report(index.text, budget).cut if n.text.strip())
    return bool(cut - allowed)


def _give_way(snapshot: Snapshot, budget: Budget, rules: Rules) -> Fitted:
    """The snapshot with just enough of the lowest entries moved, or with none of them."""
    reason = "gave way in an index that is over budget"
    exact = replace(budget, trim=1.0)
    chunks = overflow.pieces_to_move(snapshot.index, exact, rules)
    step = _move(snapshot, INDEX, chunks, rules, reason, budget)
    if step.moved:
        return step
    steps = (_move(snapshot, INDEX, [chunk], rules, reason, budget) for chunk in chunks)
    return next((step for step in steps if step.moved), Fitted(snapshot))


def _cannot_fit(snapshot: Snapshot, budget: Budget, rules: Rules, path: str) -> BudgetError:
    index = snapshot.document(path)
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
        f"{path} cannot be kept within {budget.lines} lines and {budget.bytes:,} bytes: {what}",
        "unpin or shorten some of it, put the text into a topic, or raise the budget",
    )


def _move(
    snapshot: Snapshot,
    path: str,
    chunks: Sequence[Chunk],
    rules: Rules,
    reason: str,
    budget: Budget | None = None,
) -> Fitted:
    """The snapshot with the chunks moved; a chunk that Markdown would misread elsewhere stays."""

    def moved(some: Sequence[Chunk]) -> Fitted:
        result = _moved(snapshot, path, some, rules, reason, budget)
        return result if keeps_the_law(snapshot, result, rules, path) else Fitted(snapshot)

    return _lawful(chunks, moved)[1] if chunks else Fitted(snapshot)


def _lawful(
    chunks: Sequence[Chunk], moved: Callable[[Sequence[Chunk]], Fitted]
) -> tuple[list[Chunk], Fitted]:
    """The chunks, found by halving, that can be moved together without breaking the law."""
    result = moved(chunks)
    if result.moved or len(chunks) == 1:
        return list(chunks) if result.moved else [], result
    half = len(chunks) // 2
    first, one = _lawful(chunks[:half], moved)
    second, other = _lawful(chunks[half:], moved)
    if not first or not second:
        return (first, one) if first else (second, other)
    both = moved([*first, *second])
    return ([*first, *second], both) if both.moved else (first, one)


def keeps_the_law(before: Snapshot, after: Fitted, rules: Rules, path: str = INDEX) -> bool:
    """Whether `after` holds the entries of `before`, and besides them only new rows in `path`.

    Of an entry's text only the targets of links to headings may change, and lead to them still.
    """
    now = after.snapshot
    paths = {change.path for change in before.changes_to(now.files)}
    paths |= {other for other in before.files if anchors.likely(before.text(other))}
    scope = {path, *(move.topic for move in after.moved)}
    old, new = (
        Counter(
            said
            for other in paths
            for said in follow.says(memory, other, known, scope, rules.keep).elements()
        )
        for memory, known in ((before, links.names(before)), (now, links.names(now)))
    )
    rows = {entry.id for entry in now.document(path).entries if links.is_row(entry.text)}
    return not old - new and set(new - old) <= rows


def _moved(
    snapshot: Snapshot,
    path: str,
    chunks: Sequence[Chunk],
    rules: Rules,
    reason: str,
    budget: Budget | None = None,
) -> Fitted:
    source = place.unmarked(snapshot.document(path))
    text = _remaining(source, chunks)
    # Destinations are looked up in what remains: a link that leaves with a chunk is no link.
    files = {**snapshot.files, path: texts.encode(text)}
    groups: dict[str, list[Chunk]] = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.start):
        groups.setdefault(overflow.destination_key(chunk), []).append(chunk)
    new_rows: list[str] = []
    moved: list[Moved] = []
    starts: dict[str, int] = {}
    headings: dict[str, list[int]] = {}
    for group in groups.values():
        topic, linked = _topic_for(snapshot.with_files(files), path, group, budget)
        starts.setdefault(topic, texts.count_lines(texts.decode(files.get(topic, b""))))
        headings.setdefault(topic, []).extend(_headings_in(source, group))
        old = snapshot.with_files(files).text(topic)
        files[topic] = texts.encode(offshoots.text(old, topic, source, group))
        if not linked:
            new_rows.append(_row_text(source, topic, group))
        moved.append(_account(source, topic, group, reason))
    # What a runner loads of an index over budget changes with each row.
    for some in [[row] for row in new_rows] if budget else [new_rows] * bool(new_rows):
        remaining = Document(path, text)
        loaded = budgets.kept_lines(text, budget) if budget else len(remaining.lines) + 4
        text = rows.add_rows(remaining, some, loaded)
    mark = texts.BOM if source.text != snapshot.text(path) else ""
    files[path] = texts.encode(mark + text)
    after = snapshot.with_files(files)
    trail = follow.trail(source, after, headings, starts)
    return _linked(source, Fitted(after, tuple(moved), trail), rules)


def _linked(source: Document, fitted: Fitted, rules: Rules) -> Fitted:
    """The moved lines and those that stayed with what they need of each other.

    First the definitions of their links, then the way to each other's headings.
    """
    after, trail = fitted.snapshot, fitted.trail
    parts = {topic: Part(after.text(topic), start) for topic, start in trail.starts.items()}
    parts[source.path] = Part(after.text(source.path))
    settled = references.settled(source, parts)
    files = {**after.files, **{path: texts.encode(text) for path, text in settled.items()}}
    after = follow.followed(after.with_files(files), source.path, trail, rules.keep)
    return replace(fitted, snapshot=after)


def _headings_in(source: Document, group: Sequence[Chunk]) -> Iterator[int]:
    for number, heading in enumerate(source.headings):
        if any(chunk.start <= heading.start < chunk.end for chunk in group):
            yield number


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


def destination(
    snapshot: Snapshot, title: str, budget: Budget | None = None, path: str = INDEX
) -> tuple[str, bool]:
    """The topic for overflow of the section `title`, and whether `path` links to it already.

    A topic that overflow made begins with the section's own heading.
    """
    wanted = place.title_key(title)
    for topic in sorted(_linked_from(snapshot, path, budget)):
        titles = [place.title_key(head.title) for head in snapshot.document(topic).headings]
        small = titles[:1] == [place.title_key(overflow.MORE_NOTES)]
        if wanted in (titles if small else titles[:1]):
            return topic, True
    return offshoots.free_path(snapshot, path, title), False


def _topic_for(
    snapshot: Snapshot, path: str, group: Sequence[Chunk], budget: Budget | None
) -> tuple[str, bool]:
    if group[0].whole and not group[0].shared:  # it brings its own heading: a topic of its own
        return offshoots.free_path(snapshot, path, group[0].section), False
    topic, linked = destination(snapshot, group[0].title, budget, path)
    if posixpath.dirname(topic) != posixpath.dirname(path):
        # Somebody filed it elsewhere: relative links would lead astray from there.
        return offshoots.free_path(snapshot, path, group[0].title), False
    return topic, linked


def _linked_from(snapshot: Snapshot, path: str, budget: Budget | None) -> set[str]:
    text = snapshot.text(path)
    loaded = snapshot.with_files(
        {**snapshot.files, path: texts.encode(budgets.kept(text, budget) if budget else text)}
    )
    found = links.find(loaded, path, links.names(snapshot))
    targets = {link.resolved for link in found if link.resolved is not None}
    return (targets & set(snapshot.files)) - {INDEX, path}


def _entries_in(source: Document, group: Sequence[Chunk]) -> Iterator[str]:
    for entry in source.entries:
        if any(chunk.start < entry.line <= chunk.end for chunk in group):
            yield entry.text


def _row_text(source: Document, topic: str, group: Sequence[Chunk]) -> str:
    name = posixpath.basename(topic)
    title = texts.shorten(group[0].title or name, 60)
    return rows.row(source, title, name, overflow.tells(source, group))


def _account(source: Document, topic: str, group: Sequence[Chunk], reason: str) -> Moved:
    lines = [line for chunk in group for line in source.lines[chunk.start : chunk.end]]
    begins = [entry.line for entry in source.entries]
    return Moved(
        section="index rows" if group[0].row else group[0].title,
        topic=topic,
        entries=sum(bisect_right(begins, c.end) - bisect_right(begins, c.start) for c in group),
        lines=len(lines),
        bytes=sum(map(texts.size, lines)),
        first_line=group[0].start + 1,
        reason=reason,
        path=source.path,
    )
