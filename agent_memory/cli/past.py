"""The history as blocks for people, in their own time, and as JSON for programs, in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent_memory.cli.blocks import Block, Diff, Line, Style, Table
from agent_memory.cli.commits import commit_json
from agent_memory.cli.screen import dump
from agent_memory.core import diff as diffs
from agent_memory.core import text as texts
from agent_memory.core.undo import marked

if TYPE_CHECKING:
    from agent_memory.core.history import Commit, Record
    from agent_memory.core.lines import LineOrigin
    from agent_memory.core.lost import Lost


def local(commit: Commit) -> str:
    """The time of a commit where the reader is."""
    return f"{commit.time.astimezone():%Y-%m-%d %H:%M}"


def log_json(commits: Sequence[Commit]) -> dict[str, object]:
    """The commits, and whether each is undone now."""
    listed = [
        {**commit_json(commit), "is_undone": is_undone} for commit, is_undone in marked(commits)
    ]
    return {"commits": listed}


def log(commits: Sequence[Commit]) -> Iterator[Block]:
    """The commits as rows, the newest first."""
    if not commits:
        yield Line("no commits yet")
        return
    listed = list(marked(commits))
    yield Table(
        ("id", "time", "actor", "operation", "what"),
        tuple(
            (commit.id, local(commit), commit.actor, commit.operation, _what(commit, is_undone))
            for commit, is_undone in listed
        ),
        styles=tuple("quiet" if is_undone else "plain" for _, is_undone in listed),
    )


def _what(commit: Commit, is_undone: bool) -> str:
    return f"{'[undone] ' if is_undone else ''}{commit.message or ', '.join(commit.changed)}"


def lines_json(path: str, lines: Sequence[LineOrigin]) -> dict[str, object]:
    """The lines of a file, each with its commit."""
    return {"path": path, "lines": [dump(line) for line in lines]}


def lines(lines: Sequence[LineOrigin]) -> Iterator[Block]:
    """Each line as a row, after what is known of its commit."""
    if not lines:
        yield Line("the file is empty")
        return
    yield Table(
        ("commit", "time", "actor", "operation", "source", "line", "text"),
        tuple((*_origin(line), str(line.line), line.text) for line in lines),
        frozenset({"line"}),
        tuple("plain" if line.commit else "quiet" for line in lines),
    )


def _origin(line: LineOrigin) -> tuple[str, ...]:
    commit = line.commit
    if commit is None:
        return ("", "", "", line.origin, "")
    return (commit.id, local(commit), commit.actor, line.origin, commit.source)


def lost_json(found: Sequence[Lost]) -> dict[str, object]:
    """What others took out."""
    return {"lost": [dump(one) for one in found]}


def lost(found: Sequence[Lost]) -> Iterator[Block]:
    """What others took out, with the commits that bring it back."""
    if not found:
        yield Line("nothing is lost", "good")
        return
    styles: tuple[Style, ...] = tuple("warning" if one.stale else "plain" for one in found)
    yield Table(
        ("commit", "where it was", "taken out by", "entry"),
        tuple(
            (
                one.commit.id,
                f"{one.entry.path}:{one.entry.line}",
                _taker(one),
                texts.shorten(one.entry.text, 200),
            )
            for one in found
        ),
        styles=styles,
    )
    yield Line("agent-memory restore COMMIT brings back what that commit wrote", "quiet")


def _taker(one: Lost) -> str:
    who = f"{one.taken_by.id} {local(one.taken_by)}" if one.taken_by else "not recorded yet"
    return f"{who}, from a stale read" if one.stale else who


def diff_json(record: Record) -> dict[str, object]:
    """A commit with its unified diff."""
    return {"commit": commit_json(record.commit), "diff": diffs.unified(diffs.changes(record))}


def diff(record: Record) -> Iterator[Block]:
    """A commit on a line, then what it changed."""
    commit = record.commit
    yield Line(f"{commit.id}  {local(commit)}  {commit.actor}  {_what(commit, False)}", "title")
    text = diffs.unified(diffs.changes(record))
    why = "" if commit.judged else ": the files were found so"
    yield Diff(text) if text else Line(f"it changed nothing{why}", "quiet")
