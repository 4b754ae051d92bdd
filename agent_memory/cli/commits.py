"""A commit as blocks for people and as a JSON document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent_memory.cli.blocks import Line
from agent_memory.cli.screen import Screen, fields
from agent_memory.core import text as texts

if TYPE_CHECKING:
    from agent_memory.core.compact import Moved
    from agent_memory.core.history import Commit
    from agent_memory.memory import Memory


def tell(screen: Screen, commit: Commit, done: str = "") -> None:
    """Say what a write did: `done`, or its own message where that is empty."""
    if screen.options.json:
        screen.answer(lambda: commit_json(commit), lambda: ())
    elif not screen.options.quiet:
        screen.show(blocks(commit, done))


def commit_json(commit: Commit) -> dict[str, object]:
    """The commit, and whether it changed anything."""
    return {**fields(commit), "is_empty": commit.is_empty}


def blocks(commit: Commit, done: str = "") -> Iterator[Line]:
    """What was done and where, then what the person should know."""
    if not commit.is_empty:
        yield Line(done or f"done: {commit.message}", "good")
    for moved in commit.moved:
        yield Line(moving(moved))
    for notice in commit.notices:
        yield Line(notice, "warning")
    for near in commit.nearest:
        entry = near.entry
        text = texts.shorten(entry.text, 80)
        yield Line(f"similar: {entry.id}  {entry.path}:{entry.line}  {text}", "quiet")


def placed(memory: Memory, commit: Commit, done: str) -> str:
    """`done` with the place of the entry that was written, else with the files that changed."""
    if not commit.changed:
        return ""
    if commit.entry is not None:
        for entry in memory.entries():
            if entry.id == commit.entry and entry.path in commit.changed:
                return f"{done} {entry.path}:{entry.line}  ({entry.id})"
    return f"{done} {', '.join(commit.changed)}"


def moving(moved: Moved) -> str:
    """One step of a compaction, in words, with what it won."""
    won = f"{moved.lines} line{'' if moved.lines == 1 else 's'}, {moved.bytes:,} bytes"
    if moved.reason == "row shortened":
        return f"shortened “{moved.section}” ({won}), in full in {moved.topic}"
    entries = f"{moved.entries} entr{'y' if moved.entries == 1 else 'ies'}"
    section = f" of ‘{moved.section}’" if moved.section else ""
    return f"moved {entries}{section} to {moved.topic} ({won})"
