"""Changes as a unified diff, and which lines of two versions are the same."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

from agent_memory.core import text as texts
from agent_memory.core.history import Record
from agent_memory.core.snapshot import Change

_UNENDED = "\n\\ No newline at end of file\n"


def unified(changes: Iterable[Change]) -> str:
    """The changes as a unified diff, "" where there are none."""
    parts: list[str] = []
    for change in changes:
        old, new = texts.decode(change.before or b""), texts.decode(change.after or b"")
        names = (
            "/dev/null" if change.before is None else f"a/{change.path}",
            "/dev/null" if change.after is None else f"b/{change.path}",
        )
        diff = difflib.unified_diff(texts.lines(old), texts.lines(new), *names)
        parts += [line if line.endswith(("\n", "\r")) else line + _UNENDED for line in diff]
    return "".join(parts)


def changes(record: Record) -> list[Change]:
    """What a commit changed, ordered by path."""
    return [
        Change(path, record.before[path], record.after[path])
        for path in sorted(record.after)
        if record.before[path] != record.after[path]
    ]


def same_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The places (from 0) of the lines that two versions have in common, in order."""
    top = 0
    while top < min(len(old), len(new)) and old[top] == new[top]:
        top += 1
    bottom = 0
    while bottom < min(len(old), len(new)) - top and old[-1 - bottom] == new[-1 - bottom]:
        bottom += 1
    yield from ((number, number) for number in range(top))
    # Most versions differ in one place: only what lies between is compared line by line.
    middle = difflib.SequenceMatcher(
        None, old[top : len(old) - bottom], new[top : len(new) - bottom], autojunk=False
    )
    for start, other, size in middle.get_matching_blocks():
        yield from ((top + start + n, top + other + n) for n in range(size))
    yield from ((len(old) - n, len(new) - n) for n in range(bottom, 0, -1))
