"""Taking an entry out again, so that nothing of what its writing made is left behind.

An entry's own lines always go. If the history knows the commit that wrote it, then what that
commit made around the entry (a heading, blank lines, a final newline, a topic file and its index
row) goes too, as far as it is untouched and now empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_memory.core import place
from agent_memory.core import text as texts
from agent_memory.core.document import Block, Document
from agent_memory.core.history import Record
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]")


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that a commit put in: after `above`, before `below` ("" at an end of the file)."""

    added: tuple[str, ...]
    above: str
    below: str


def forget(snapshot: Snapshot, entry_id: str, records: Sequence[Record]) -> Snapshot:
    """The snapshot without any copy of the entry.

    `records` are commits that each remembered one entry and moved nothing, the newest first:
    those that wrote this entry, and those that may have made its section or its topic.
    """
    for record in records:
        untouched = all(snapshot.files.get(path) == data for path, data in record.after.items())
        if record.commit.entry == entry_id and untouched:
            snapshot = _reverted(snapshot, record)
            break
    files = dict(snapshot.files)
    for path in snapshot.files:
        document = snapshot.document(path)
        blocks = [b for b, e in entry_blocks(document) if e == entry_id]
        for block in reversed(blocks):
            document = Document(path, _without(document, block, path, records))
        if blocks:
            files[path] = texts.encode(document.text)
    return _swept(snapshot.with_files(files), snapshot, records)


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


def _without(document: Document, block: Block, path: str, records: Sequence[Record]) -> str:
    """The document without the block, nor what the commit that wrote it put around it."""
    for record in records:
        hunk = _hunk(record, path)
        whole = hunk and _where(document.lines, hunk, block)
        if whole:
            start, end = whole
            head = "".join(document.lines[:start])
            if hunk and hunk.above and not hunk.above.endswith(("\n", "\r")):
                head = head.rstrip("\r\n")  # the commit supplied this line's ending
            return head + "".join(document.lines[end:])
    text = place.without(document, [block])
    made = {line for record in records for line in _headings_made(record, path)}
    return _without_empty_section(Document(path, text), block.start, made)


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


def _headings_made(record: Record, path: str) -> set[str]:
    """The heading lines that a commit wrote into a file."""
    after = record.after.get(path)
    if after is None:
        return set()
    old = set(texts.lines(texts.decode(record.before.get(path) or b"")))
    return {
        texts.bare(line)
        for line in texts.lines(texts.decode(after))
        if line not in old and _HEADING.match(line)
    }


def _without_empty_section(document: Document, line: int, made: set[str]) -> str:
    """The document without the section at `line`, if one of `made` heads it and it is empty."""
    for region in place.regions(document):
        heading = region.heading
        if heading is None or not region.start <= line <= region.end or region.blocks:
            continue
        following = [other for other in document.headings if other.start > heading.start]
        has_inner = bool(following) and following[0].level > heading.level
        if not has_inner and texts.bare(document.lines[heading.start]) in made:
            start = heading.start
            if region.end == len(document.lines):
                while start and not document.lines[start - 1].strip():
                    start -= 1
            return "".join(document.lines[:start] + document.lines[region.end :])
    return document.text


def _swept(snapshot: Snapshot, before: Snapshot, records: Sequence[Record]) -> Snapshot:
    """The snapshot without topics that the records made and that are now empty, and their rows."""
    files = dict(snapshot.files)
    for record in records:
        for path, old in record.before.items():
            made = record.after.get(path)
            if old is not None or made is None or path == INDEX or path not in files:
                continue
            if files[path] == before.files.get(path) or snapshot.document(path).entries:
                continue
            if _scaffold(path, made) >= _said_lines(texts.decode(files[path])):
                del files[path]
                files = _without_row(files, record)
    return snapshot.with_files(files)


def _scaffold(path: str, made: bytes) -> set[str]:
    """The lines of a topic as it was made, its entry left out."""
    document = Document(path, texts.decode(made))
    entries = [block for block, _ in entry_blocks(document)]
    gone = {number for block in entries for number in range(block.start, block.end)}
    return {texts.bare(line) for number, line in enumerate(document.lines) if number not in gone}


def _said_lines(text: str) -> set[str]:
    return {texts.bare(line) for line in texts.lines(text)}


def _without_row(files: dict[str, bytes], record: Record) -> dict[str, bytes]:
    """The files without the index lines by which `record` linked to the topic it made."""
    hunk = _hunk(record, INDEX)
    if hunk is None or INDEX not in files:
        return files
    index = Document(INDEX, texts.decode(files[INDEX]))
    for block, _ in entry_blocks(index):
        line = index.lines[block.start]
        if block.end == block.start + 1 and line in hunk.added:
            return {**files, INDEX: texts.encode(_without(index, block, INDEX, [record]))}
    return files
