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
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent_memory.core import budget as budgets
from agent_memory.core import links, overflow, place, rows
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document, bullet
from agent_memory.core.overflow import Chunk, Rules
from agent_memory.core.paths import INDEX, key
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError

_ROUNDS = 6  # rows can overflow in their turn; each round leaves fewer of them


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
        step = _move(snapshot, path, chunks, f"{path} is over its limit")
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
        if line.strip() or number in inside or (kept and kept[-1].strip()):
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
    top = snapshot.with_files({**snapshot.files, INDEX: texts.encode("".join(head))})
    moved: list[Moved] = []
    while not room.holds(top.text(INDEX)):
        new = {entry.id for entry in top.index.entries} - known
        step = _give_way(top, room, replace(rules, keep=rules.keep | new))
        if not step.moved:
            raise _cannot_fit(snapshot, budget, rules, INDEX)
        top, moved = step.snapshot, moved + list(step.moved)
    index = texts.encode(top.text(INDEX) + "".join(tail))
    result = top.with_files({**top.files, INDEX: index})
    if not keeps_the_law(snapshot, result):
        raise _cannot_fit(snapshot, budget, rules, INDEX)
    return Fitted(result, tuple(moved))


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
    step = _move(snapshot, INDEX, chunks, reason, budget)
    if step.moved:
        return step
    steps = (_move(snapshot, INDEX, [chunk], reason, budget) for chunk in chunks)
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
    reason: str,
    budget: Budget | None = None,
) -> Fitted:
    """The snapshot with the chunks moved; a chunk that Markdown would misread elsewhere stays."""
    if not chunks:
        return Fitted(snapshot)
    result = _moved(snapshot, path, chunks, reason, budget)
    if keeps_the_law(snapshot, result.snapshot, path):
        return result
    if len(chunks) == 1:
        return Fitted(snapshot)
    lawful = _lawful(snapshot, path, chunks)
    return _moved(snapshot, path, lawful, reason, budget) if lawful else Fitted(snapshot)


def _lawful(snapshot: Snapshot, path: str, chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks, found by halving, that can be moved together without breaking the law."""

    def lawful(some: Sequence[Chunk]) -> bool:
        return keeps_the_law(snapshot, _moved(snapshot, path, some, "").snapshot, path)

    if not chunks or lawful(chunks):
        return list(chunks)
    if len(chunks) == 1:
        return []
    half = len(chunks) // 2
    first = _lawful(snapshot, path, chunks[:half])
    both = [*first, *_lawful(snapshot, path, chunks[half:])]
    return both if lawful(both) else first


def keeps_the_law(before: Snapshot, after: Snapshot, path: str = INDEX) -> bool:
    """Whether `after` holds the entries of `before`, and besides them only new rows in `path`."""
    changed = before.changes_to(after.files)
    old = Counter(e.id for change in changed for e in before.document(change.path).entries)
    new = [e for change in changed for e in after.document(change.path).entries]
    added = Counter(entry.id for entry in new) - old
    lost = old - Counter(entry.id for entry in new)
    rows = {entry.id for entry in new if links.is_row(entry.text) and entry.path == path}
    return not lost and set(added) <= rows


def _moved(
    snapshot: Snapshot,
    path: str,
    chunks: Sequence[Chunk],
    reason: str,
    budget: Budget | None = None,
) -> Fitted:
    source = place.unmarked(snapshot.document(path))
    mark = texts.BOM if source.text != snapshot.text(path) else ""
    text = _remaining(source, chunks)
    # Destinations are looked up in what remains: a link that leaves with a chunk is no link.
    files = {**snapshot.files, path: texts.encode(text)}
    groups: dict[str, list[Chunk]] = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.start):
        groups.setdefault(overflow.destination_key(chunk), []).append(chunk)
    new_rows: list[str] = []
    moved: list[Moved] = []
    for group in groups.values():
        topic, linked = _topic_for(snapshot.with_files(files), path, group, budget)
        files[topic] = texts.encode(_topic_text(snapshot.with_files(files), topic, source, group))
        if not linked:
            new_rows.append(_row_text(source, topic, group))
        moved.append(_account(source, topic, group, reason))
    # What a runner loads of an index over budget changes with each row.
    for some in [[row] for row in new_rows] if budget else [new_rows] * bool(new_rows):
        remaining = Document(path, text)
        loaded = budgets.kept_lines(text, budget) if budget else len(remaining.lines) + 4
        text = rows.add_rows(remaining, some, loaded)
    files[path] = texts.encode(mark + text)
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
    return _free_path(snapshot, path, title), False


def _free_path(snapshot: Snapshot, path: str, title: str) -> str:
    """A file name beside `path` that nothing has, and that no link could take for its target."""
    known = links.names(snapshot)
    taken = {key(other) for other in known.paths}
    folder, name = posixpath.split(path)
    own = "" if path == INDEX else posixpath.splitext(name)[0] + "-"
    stem = free = own + texts.slug(title)
    number = 1
    while key(posixpath.join(folder, f"{free}.md")) in taken or links.loose(free) in known.loose:
        number += 1
        free = f"{stem}-{number}"
    return posixpath.join(folder, f"{free}.md")


def _topic_for(
    snapshot: Snapshot, path: str, group: Sequence[Chunk], budget: Budget | None
) -> tuple[str, bool]:
    if group[0].whole and not group[0].shared:  # it brings its own heading: a topic of its own
        return _free_path(snapshot, path, group[0].section), False
    return destination(snapshot, group[0].title, budget, path)


def _linked_from(snapshot: Snapshot, path: str, budget: Budget | None) -> set[str]:
    text = snapshot.text(path)
    loaded = snapshot.with_files(
        {**snapshot.files, path: texts.encode(budgets.kept(text, budget) if budget else text)}
    )
    found = links.find(loaded, path, links.names(snapshot))
    targets = {link.resolved for link in found if link.resolved is not None}
    return (targets & set(snapshot.files)) - {INDEX, path}


def _topic_text(snapshot: Snapshot, path: str, source: Document, group: Sequence[Chunk]) -> str:
    """The topic with the group's lines at its end; a new topic gets front matter first."""
    ending = texts.ending(source.text)
    old = snapshot.text(path)
    if old:
        parts = [old if old.endswith(("\n", "\r")) else old + ending]
    else:
        head = rows.new_topic(path, group[0].title, rows.hook(group[0].title), ending)
        # A whole section brings its own heading, unchanged.
        if group[0].whole and not group[0].shared:
            parts = [head.rsplit("# ", 1)[0]]
        elif group[0].shared:
            parts = [head]
        else:
            parts = [head.replace(f"{ending}# ", f"{ending}## ")]
    for chunk in group:
        piece = "".join(source.lines[chunk.start : chunk.end]).strip("\r\n")
        both_items = bullet(piece) and _ends_in_item(parts[-1])
        if parts[-1].strip() and not parts[-1].endswith(ending * 2) and not both_items:
            parts.append(ending)
        parts.append(piece + ending)
    return "".join(parts)


def _ends_in_item(piece: str) -> bool:
    """Whether a list item can follow `piece` with no blank line between."""
    last = piece.rstrip("\r\n").splitlines()[-1:] or [""]
    return bool(bullet(last[0]) or last[0].startswith(("  ", "\t")))


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
