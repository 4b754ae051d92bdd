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

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_MAKERS = frozenset({"remember", "move", "edit"})


@dataclass(frozen=True, slots=True)
class Made:
    """By path: the heading lines that were made, and the content of files that were made."""

    headings: Mapping[str, frozenset[str]]
    files: Mapping[str, bytes]


def made(records: Iterable[Record]) -> Made:
    """What the commits made, the newest commit first, and nobody took out since."""
    headings: dict[str, frozenset[str]] = {}
    files: dict[str, bytes] = {}
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
            lasting[path] = lasting.get(path, new) & new & old
            if before is None or after is None:
                gone.add(path)
    return Made(headings, files)


def is_maker(record: Record) -> bool:
    """Whether what the commit wrote around entries is ours: a text given whole is its author's."""
    commit = record.commit
    whole = any(part.startswith("write ") for part in commit.message.split("; "))
    return commit.operation in _MAKERS and not whole


def heading_lines(data: bytes | None) -> frozenset[str]:
    """The lines of a file that are headings, without their endings."""
    lines = texts.lines(texts.decode(data or b""))
    return frozenset(texts.bare(line) for line in lines if _HEADING.match(line))
