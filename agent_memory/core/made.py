"""What our own commits made around entries, as far as it has been there ever since.

A heading or a file counts only while every later commit has it before and after: once it was
taken out, whoever put it there again made it theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent_memory.core import text as texts
from agent_memory.core.history import Record
from agent_memory.core.paths import INDEX

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_MAKERS = frozenset({"remember", "move", "edit"})


@dataclass(frozen=True, slots=True)
class Made:
    """By path: the heading lines that were made, and the content of files that were made.

    `indexes` has the index as it was before each of these files, None where that commit left it
    alone: a row that stood there already is not part of what was made.
    """

    headings: Mapping[str, frozenset[str]]
    files: Mapping[str, bytes]
    indexes: Mapping[str, bytes | None]

    def is_older(self, row: str, path: str) -> bool:
        """Whether a line of the index stood there before the file `path` was made."""
        index = self.indexes[path]
        return index is None or row in bare_lines(index)


def made(records: Iterable[Record]) -> Made:
    """What the commits made, the newest commit first, and nobody took out since."""
    headings: dict[str, frozenset[str]] = {}
    files: dict[str, bytes] = {}
    indexes: dict[str, bytes | None] = {}
    lasting: dict[str, frozenset[str]] = {}
    gone: set[str] = set()
    for record in records:
        for path in record.before:
            before, after = record.before[path], record.after[path]
            old, new = heading_lines(before), heading_lines(after)
            if is_maker(record) and path not in gone:
                kept = lasting.get(path, new) & (new - old)
                headings[path] = headings.get(path, frozenset()) | kept
                if before is None and after is not None:
                    files[path] = after
                    indexes[path] = (
                        (record.before[INDEX] or b"") if INDEX in record.before else None
                    )
            lasting[path] = lasting.get(path, new) & new & old
            if before is None or after is None:
                gone.add(path)
    return Made(headings, files, indexes)


def is_maker(record: Record) -> bool:
    """Whether what the commit wrote around entries is ours: a text given whole is its author's."""
    commit = record.commit
    whole = any(part.startswith("write ") for part in commit.message.split("; "))
    return commit.operation in _MAKERS and not whole


def heading_lines(data: bytes | None) -> frozenset[str]:
    """The lines of a file that are headings, without their endings."""
    return frozenset(line for line in bare_lines(data or b"") if _HEADING.match(line))


def bare_lines(data: bytes) -> frozenset[str]:
    """The lines of a file without their endings."""
    return frozenset(texts.bare(line) for line in texts.lines(texts.decode(data)))
