"""Comments that a check heeds: `<!-- agent-memory: ignore PO003 -->`, `<!-- expires: … -->`.

One that ignores, at the end of a line, speaks for that line; one that has a line to itself for the
next line too, and for all of a code fence there. It names one or more codes, or what they begin
with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from agent_memory.core.checks.finding import Finding
from agent_memory.core.document import Document

_IGNORE = re.compile(r"<!--\s{0,9}agent-memory:\s{0,9}ignore\b([^>]{0,200}?)-->", re.IGNORECASE)
_EXPIRES = re.compile(r"<!--\s{0,9}expires:([^>]{0,200}?)-->", re.IGNORECASE)
_CODE = re.compile(r"[^\s,]+")


def answers(document: Document, finding: Finding) -> bool:
    """Whether a comment in the file answers for the finding."""
    if not _IGNORE.search(document.text):
        return False
    front = document.front_matter
    # What is said of a whole file cannot be answered for in its first line where YAML begins.
    line = front.lines + 1 if front and finding.line <= 1 else max(finding.line, 1)
    return any(
        line in lines and finding.code.startswith(code) for lines, code in _ignored(document)
    )


def ignores(document: Document) -> Iterator[tuple[int, str]]:
    """The line of every comment that ignores something, with each code that it names."""
    for line, names in _said(document, _IGNORE):
        yield from ((line, code) for code in _CODE.findall(names) or [""])


def expiries(document: Document) -> Iterator[tuple[int, str]]:
    """The line of every comment that says when its entry expires, with what it says."""
    for line, day in _said(document, _EXPIRES):
        yield line, day.strip()


def _said(document: Document, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The line of every comment of a form, with what it says; in code a comment is none."""
    if not pattern.search(document.text):
        return
    code_lines = {
        number
        for block in document.blocks
        if block.kind == "fence"
        for number in range(block.start, block.end)
    }
    spans = [one.span for one in document.inlines.found if one.kind == "code"]
    first = document.front_matter.lines if document.front_matter else 0
    start = 0
    for number, line in enumerate(document.lines):
        for match in pattern.finditer(line) if number >= first else ():
            at = start + match.start()
            if number not in code_lines and not any(a <= at < b for a, b in spans):
                yield number + 1, match[1]
        start += len(line)


@lru_cache(maxsize=64)
def _ignored(document: Document) -> tuple[tuple[range, str], ...]:
    """The lines that each ignored code is ignored in."""
    fences = {block.start + 1: block.end for block in document.blocks if block.kind == "fence"}
    found: list[tuple[range, str]] = []
    for line, code in ignores(document):
        end = line
        while end <= len(document.lines) and not _IGNORE.sub("", document.lines[end - 1]).strip():
            end += 1
        if code:
            found.append((range(line, fences.get(end, end) + 1 if end > line else line + 1), code))
    return tuple(found)
