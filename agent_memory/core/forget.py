"""Taking an entry out again, so that nothing of what its writing made is left behind.

An entry's own lines always go. If the history knows the commit that wrote it, then what that
commit made around the entry (a heading, blank lines, a final newline, a topic file and its index
row) goes too, as far as it is untouched and now empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_memory.core import links, place
from agent_memory.core import text as texts
from agent_memory.core.blocks import Block
from agent_memory.core.document import Document
from agent_memory.core.history import Record
from agent_memory.core.made import Made, made
from agent_memory.core.paths import INDEX
from agent_memory.core.rows import rows_to
from agent_memory.core.snapshot import Snapshot, parsed


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that a commit put in: after `above`, before `below` ("" at an end of the file)."""

    added: tuple[str, ...]
    above: str
    below: str


def forget(snapshot: Snapshot, entry_id: str, records: Sequence[Record]) -> Snapshot:
    """The snapshot without any copy of the entry.

    `records` are the commits, the newest first. Without one that wrote the entry only the
    entry's own lines go.
    """
    wrote = [record for record in records if _wrote(record, entry_id)]
    around = made(records) if wrote else Made({}, {}, {})
    before = snapshot
    for record in wrote:
        untouched = all(snapshot.files.get(path) == data for path, data in record.after.items())
        if untouched and record.commit.operation == "remember" and not record.commit.moved:
            snapshot = _reverted(snapshot, record)
            break
    files = dict(snapshot.files)
    for path in snapshot.files:
        document = snapshot.document(path)
        blocks = [b for b, e in entry_blocks(document) if e == entry_id]
        for block in reversed(blocks):
            headings = around.headings.get(path, frozenset())
            document = Document(path, _without(document, block, wrote, headings))
        if blocks:
            files[path] = texts.encode(document.text)
    return _swept(snapshot.with_files(files), before, around)


def _wrote(record: Record, entry_id: str) -> bool:
    """Whether a commit put the entry in, alone or among others."""
    if record.commit.entry == entry_id:
        return True
    return record.commit.operation == "edit" and any(
        entry_id in _ids(path, after) - _ids(path, record.before[path])
        for path, after in record.after.items()
    )


def _ids(path: str, data: bytes | None) -> set[str]:
    return {entry.id for entry in parsed(path, data or b"").entries}


def entry_blocks(document: Document) -> Iterator[tuple[Block, str]]:
    """Each block that is an entry, with the entry's id."""
    starts = {entry.line - 1: entry.id for entry in document.entries}
    for block in document.blocks:
        if block.start in starts and block.kind not in ("table", "heading"):
            yield block, starts[block.start]


def _reverted(snapshot: Snapshot, record: Record) -> Snapshot:
    """Nothing was touched since: exactly what was before."""
    files = dict(snapshot.files)
    for path, data in record.before.items():
        if data is None:
            files.pop(path, None)
        else:
            files[path] = data
    return snapshot.with_files(files)


def _without(
    document: Document, block: Block, wrote: Sequence[Record], headings: frozenset[str]
) -> str:
    """The document without the block, nor what the commit that wrote it put around it."""
    for record in wrote:
        hunk = _hunk(record, document.path)
        whole = hunk and _where(document.lines, hunk, block)
        if hunk and whole:
            start, end = whole
            head = "".join(document.lines[:start])
            if hunk.above and not hunk.above.endswith(("\n", "\r")):
                head = head.rstrip("\r\n")  # the commit supplied this line's ending
            return head + "".join(document.lines[end:])
    text = place.without(document, [block])
    return _without_empty_section(Document(document.path, text), block.start, headings)


def _hunk(record: Record, path: str) -> Hunk | None:
    """The one run of lines that the commit added to the file, None if it did anything else."""
    before, after = record.before.get(path), record.after.get(path)
    if before is None or after is None:
        return None
    old, new = texts.lines(texts.decode(before)), texts.lines(texts.decode(after))
    top = 0
    while top < min(len(old), len(new)) and old[top] == new[top]:
        top += 1
    bottom = 0
    while bottom < min(len(old), len(new)) - top and old[-1 - bottom] == new[-1 - bottom]:
        bottom += 1
    rest = old[top : len(old) - bottom]
    added = new[top : len(new) - bottom]
    above = old[top - 1] if top else ""
    if rest:
        completed = added and texts.bare(added[0]) == rest[0] and len(rest) == 1
        if not completed:
            return None
        above, added = rest[0], added[1:]
    return Hunk(tuple(added), above, old[len(old) - bottom] if bottom else "")


def _where(lines: Sequence[str], hunk: Hunk, block: Block) -> tuple[int, int] | None:
    """Where the hunk's lines still stand, whole, around the block, between the same neighbours."""
    size = len(hunk.added)
    for start in range(max(0, block.end - size), block.start + 1):
        end = start + size
        if tuple(lines[start:end]) != hunk.added:
            continue
        above = lines[start - 1] if start else ""
        below = lines[end] if end < len(lines) else ""
        if texts.bare(above) == texts.bare(hunk.above) and below == hunk.below:
            return start, end
    return None


def _without_empty_section(document: Document, line: int, headings: frozenset[str]) -> str:
    """The document without the section at `line`, if it is empty and one of `headings` heads it.

    A title stays: what has no title any more goes as a whole or not at all.
    """
    for region in place.regions(document):
        heading = region.heading
        if heading is None or heading.level == 1 or region.blocks:
            continue
        if not region.start <= line <= region.end:
            continue
        following = [other for other in document.headings if other.start > heading.start]
        has_inner = bool(following) and following[0].level > heading.level
        if not has_inner and texts.bare(document.lines[heading.start]) in headings:
            start = heading.start
            if region.end == len(document.lines):
                while start and not document.lines[start - 1].strip():
                    start -= 1
            return "".join(document.lines[:start] + document.lines[region.end :])
    return document.text


def _swept(snapshot: Snapshot, before: Snapshot, around: Made) -> Snapshot:
    """The snapshot without the files that were made for entries and that are now empty."""
    for path, content in around.files.items():
        if path == INDEX or snapshot.files.get(path) == before.files.get(path):
            continue
        if _is_scaffold(snapshot, path, content) and _only_rows_lead_to(snapshot, path):
            snapshot = _without_topic(snapshot, path, around)
    index = around.files.get(INDEX)
    touched = snapshot.files.get(INDEX) != before.files.get(INDEX)
    if index is not None and touched and _is_scaffold(snapshot, INDEX, index):
        return snapshot.with_files({p: d for p, d in snapshot.files.items() if p != INDEX})
    return snapshot


def _is_scaffold(snapshot: Snapshot, path: str, made_as: bytes) -> bool:
    """Whether a file holds no entry, and nothing but lines that it was made with."""
    if path not in snapshot.files or snapshot.document(path).entries:
        return False
    document = Document(path, texts.decode(made_as))
    entries = [block for block, _ in entry_blocks(document)]
    gone = {number for block in entries for number in range(block.start, block.end)}
    made_with = {line.strip() for n, line in enumerate(document.lines) if n not in gone}
    return {line.strip() for line in texts.lines(snapshot.text(path))} <= made_with | {""}


def _only_rows_lead_to(snapshot: Snapshot, topic: str) -> bool:
    """Whether every link to a topic is a row of the index that would go with it."""
    rows = rows_to(snapshot, topic, INDEX)
    return all(
        link.source in (INDEX, topic)
        and (link.source == topic or any(r.start < link.line <= r.end for r in rows))
        for link in links.find_all(snapshot)
        if link.resolved == topic
    )


def _without_topic(snapshot: Snapshot, topic: str, around: Made) -> Snapshot:
    """The snapshot without a topic and its rows; rows that are older than it lead nowhere again."""
    files = dict(snapshot.files)
    index = snapshot.index
    rows = [
        row
        for row in rows_to(snapshot, topic, INDEX)
        if not around.is_older(texts.bare(index.lines[row.start]), topic)
    ]
    del files[topic]
    if rows:
        headings = around.headings.get(INDEX, frozenset())
        text = place.without(index, rows)
        left = _without_empty_section(Document(INDEX, text), rows[0].start, headings)
        files[INDEX] = texts.encode(left)
    return snapshot.with_files(files)
