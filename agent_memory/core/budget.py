"""What a runner loads of an index, and what it cuts.

Runners load the first 200 lines or 25 KB of an index and drop the rest without a word. Some
measure the raw file; newer ones leave out YAML front matter and block-level HTML comments.
The raw file is never smaller, so the guard goes by it and the report shows both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from agent_memory.core import frontmatter
from agent_memory.core import text as texts
from agent_memory.core.paths import INDEX

DEFAULT_LINES = 200
DEFAULT_BYTES = 25_000
DEFAULT_TRIM = 0.7
TOPIC_LINES = 400  # of our own: longer topics are split, and marked in pictures

# CommonMark 0.31.2, 4.6, start and end condition 2: up to three spaces, `<!--`, and the block
# ends with the line that holds `-->`.
_COMMENT_OPEN = re.compile(r" {0,3}<!--")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")


@dataclass(frozen=True, slots=True)
class Budget:
    """What of an index reaches the prompt: at most `lines` lines and `bytes` UTF-8 bytes.

    Overflow is moved until the index is down to `trim` of both, so that not every write
    moves something.
    """

    lines: int = DEFAULT_LINES
    bytes: int = DEFAULT_BYTES
    trim: float = DEFAULT_TRIM

    def __post_init__(self) -> None:
        if self.lines < 1 or self.bytes < 1:
            raise ValueError(f"a budget needs at least 1 line and 1 byte, not {self}")
        if not 0 < self.trim <= 1:
            raise ValueError(f"trim is a share above 0 and up to 1, not {self.trim}")

    @property
    def target(self) -> Budget:
        """The budget that overflow is trimmed to."""
        return Budget(max(1, int(self.lines * self.trim)), max(1, int(self.bytes * self.trim)), 1.0)

    def holds(self, text: str) -> bool:
        """Whether all of `text` would be loaded."""
        return texts.count_lines(text) <= self.lines and texts.size(text) <= self.bytes


@dataclass(frozen=True, slots=True)
class CutLine:
    """One line that a runner would lose, and which limit takes it."""

    path: str
    line: int
    text: str
    reason: Literal["lines", "bytes", "long line"]


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """How an index stands against its budget.

    `lines` and `bytes` measure the raw file; `loaded_lines` and `loaded_bytes` leave out front
    matter and block-level comments, as newer runners do. `cut` holds exactly the lines that a
    runner measuring the raw file loses; `loaded_over` says whether a newer one loses any.
    """

    lines: int
    bytes: int
    loaded_lines: int
    loaded_bytes: int
    budget: Budget
    cut: tuple[CutLine, ...] = field(default=())

    @property
    def over(self) -> bool:
        """Whether anything is cut."""
        return bool(self.cut)

    @property
    def loaded_over(self) -> bool:
        """Whether a runner that leaves out front matter and comments cuts anything, too."""
        return self.loaded_lines > self.budget.lines or self.loaded_bytes > self.budget.bytes


def report(text: str, budget: Budget, path: str = INDEX) -> BudgetReport:
    """How `text` stands against `budget`."""
    loaded = as_loaded(text)
    return BudgetReport(
        lines=texts.count_lines(text),
        bytes=texts.size(text),
        loaded_lines=texts.count_lines(loaded),
        loaded_bytes=texts.size(loaded),
        budget=budget,
        cut=() if budget.holds(text) else tuple(_cut(text, budget, path)),
    )


def kept_lines(text: str, budget: Budget) -> int:
    """How many whole lines of `text` are loaded."""
    total = 0
    for number, line in enumerate(texts.lines(text)):
        total += texts.size(line)
        if number >= budget.lines or total > budget.bytes:
            return number
    return texts.count_lines(text)


def kept(text: str, budget: Budget) -> str:
    """The part of `text` that is loaded."""
    if budget.holds(text):
        return text
    return "".join(texts.lines(text)[: kept_lines(text, budget)])


def _cut(text: str, budget: Budget, path: str) -> list[CutLine]:
    first = kept_lines(text, budget)
    return [
        CutLine(path, number + 1, texts.bare(line), _reason(number, line, budget))
        for number, line in enumerate(texts.lines(text))
        if number >= first
    ]


def _reason(number: int, line: str, budget: Budget) -> Literal["lines", "bytes", "long line"]:
    if texts.size(line) > budget.bytes:
        return "long line"
    return "lines" if number >= budget.lines else "bytes"


def as_loaded(text: str) -> str:
    """`text` without front matter and block-level HTML comments, as newer runners load it."""
    front = frontmatter.split(text)
    if front:
        text = text[front.span.end :]
    if "<!--" not in text:
        return text
    return "".join(_without_comments(texts.lines(text)))


def _without_comments(lines: list[str]) -> list[str]:
    kept: list[str] = []
    fence = ""
    inside = False
    for line in lines:
        if inside:
            inside = "-->" not in line
            continue
        mark = _FENCE.match(line.rstrip("\r\n"))
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif mark:
            fence = mark[1]
        elif _COMMENT_OPEN.match(line) and _nothing_else(line):
            inside = "-->" not in line
            continue
        kept.append(line)
    return kept


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}


def _nothing_else(line: str) -> bool:
    """Whether a line that opens a comment holds nothing after the comment's end."""
    _, closed, rest = line.rpartition("-->")
    return not closed or not rest.strip()
