"""What a tool call comes to, as a short text for the model that made it.

A reply says what changed with path and line, then what the model had better know: which entries
say something similar, what moved, what a runner would cut. An error says what is wrong and what
to do about it with the tools that a model has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent_memory import errors
from agent_memory.core import policy, topics
from agent_memory.core import text as texts
from agent_memory.core.paths import INDEX

if TYPE_CHECKING:
    from agent_memory.core.budget import Budget
    from agent_memory.core.document import Entry
    from agent_memory.core.history import Commit, Nearest
    from agent_memory.core.search import Hit
    from agent_memory.core.snapshot import Snapshot

ENTRY = 120  # characters of an entry that a reply shows
PAGE = 20_000  # characters of a file that a reply shows
TOPICS = 100  # topics that a reply lists
_HINTS: tuple[tuple[type[errors.AgentMemoryError], str], ...] = (
    (
        errors.NotFoundError,
        "memory_search finds entries by words; memory_view shows their ids, and the topics",
    ),
    (errors.AmbiguousError, "give the id of the one that is meant"),
    (errors.BudgetError, "say it shorter, or give it a topic: the index will link to it"),
    (errors.ConflictError, "read it again with memory_view, and make the change anew"),
    (errors.LockTimeoutError, "others are writing: try again"),
)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer to a tool call; `commit` is what it wrote, None where it only read or failed."""

    text: str
    is_error: bool = False
    commit: Commit | None = None


def done(commit: Commit, verb: str, entry: Entry | None) -> ToolResult:
    """What a commit did: `verb` is the word for it, `entry` what it was done to."""
    lines = []
    if commit.changed:
        lines.append(f"{verb} {named(entry) if entry else ', '.join(commit.changed)}")
    lines += [f"note: {notice}" for notice in commit.notices]
    lines += _moved(commit)
    lines += _similar(commit.nearest)
    return ToolResult("\n".join(lines) or "nothing changed", commit=commit)


def written(commit: Commit, after: Snapshot) -> Entry | None:
    """The entry that a commit wrote, where it stands; None where others have changed it since."""
    entries = (entry for path in commit.changed for entry in after.document(path).entries)
    return next((entry for entry in entries if entry.id == commit.entry), None)


def _moved(commit: Commit) -> Iterator[str]:
    for moved in commit.moved:
        what = f"“{moved.section}”" if moved.section else "entries"
        yield f"note: {what} moved to {moved.topic}, so that the index stays within its budget"


def _similar(nearest: tuple[Nearest, ...]) -> Iterator[str]:
    if nearest:
        yield "similar entries; update or forget those that this one replaces, leave the others:"
        yield from (f"- {named(near.entry)}" for near in nearest)


def named(entry: Entry) -> str:
    """An entry on one line: its place, the id that other calls take, and what it says."""
    text = texts.shorten(entry.text, ENTRY)
    return f"{entry.path}:{entry.line} (id {entry.id}): {text}"


def hint(error: errors.AgentMemoryError) -> str:
    """What to do about an error; whether a secret may be saved is for a person to say."""
    return policy.ELSEWHERE if error.hint.startswith(policy.ELSEWHERE) else error.hint


def failed(error: errors.AgentMemoryError) -> ToolResult:
    """What went wrong, and what to do about it with the tools that a model has."""
    advice = next((said for kind, said in _HINTS if isinstance(error, kind)), hint(error))
    choices = (*getattr(error, "candidates", ()), *getattr(error, "suggestions", ()))
    lines = [f"error: {error.message}", *([advice] if advice else [])]
    lines += [f"- {choice}" for choice in choices]
    return ToolResult("\n".join(lines), is_error=True)


def hits(found: list[Hit], query: str) -> ToolResult:
    """What a search found, a line each."""
    if not found:
        said = texts.shorten(query, 60)
        return ToolResult(f"no entry holds a word of “{said}”")
    lines = [
        f"{hit.entry.path}:{hit.entry.line} (id {hit.entry.id}): {hit.snippet}" for hit in found
    ]
    return ToolResult("\n".join(lines))


def opened(snapshot: Snapshot, path: str, budget: Budget, start: int = 1) -> ToolResult:
    """A file with line numbers and, at the first line of each entry, its id."""
    document = snapshot.document(path)
    ids = {entry.line: entry.id for entry in document.entries}
    size = f"{_lines(len(document.lines))}, {texts.size(document.text):,} bytes"
    if path == INDEX:
        size += f"; at most {budget.lines} lines and {budget.bytes:,} bytes of it are loaded"
    start = min(max(start, 1), max(len(document.lines), 1))
    shown = list(_numbered(document.lines, ids, start))
    last = start + len(shown) - 1
    lines = [f"{path}: {size}", *shown]
    if last < len(document.lines):
        lines.append(f"(lines {last + 1}–{len(document.lines)} follow: start_line={last + 1})")
    if path == INDEX:
        lines += _topics(snapshot, budget)
    return ToolResult("\n".join(lines))


def _numbered(lines: list[str], ids: Mapping[int, str], start: int) -> Iterator[str]:
    """Lines from `start` on, as many as a reply may hold; at least one."""
    room = PAGE
    for number, line in enumerate(lines[start - 1 :], start):
        text = texts.bare(line)
        text = text if len(text) <= PAGE else text[:PAGE] + "…"
        room -= len(text) + 10
        if room < 0 and number > start:
            return
        yield f"{number:>4} [{ids[number]}] {text}" if number in ids else f"{number:>4} {text}"


def _topics(snapshot: Snapshot, budget: Budget) -> Iterator[str]:
    listed = topics.topics(snapshot, budget)
    yield "topics:" if listed else "no topics"
    for topic in listed[:TOPICS]:
        said = topic.problem or texts.shorten(topic.title, 60)
        lost = "" if topic.reachable or topic.problem else " (linked from nowhere)"
        yield f"- {topic.path}, {_lines(topic.lines)}: {said}{lost}"
    if len(listed) > TOPICS:
        yield f"- and {len(listed) - TOPICS} more"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
