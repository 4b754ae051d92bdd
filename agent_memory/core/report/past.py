"""The sections about what happened: growth, commits, and what was lost or could not be merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent_memory.core.conflict import Conflict, hint
from agent_memory.core.history import Commit
from agent_memory.core.lost import Lost
from agent_memory.core.report.chart import chart
from agent_memory.core.report.growth import Day
from agent_memory.core.report.state import MOST, more
from agent_memory.core.report.tables import table
from agent_memory.core.report.words import count, prose, said
from agent_memory.core.undo import marked


def growth(days: Sequence[Day]) -> Iterator[str]:
    """What the memory held, day by day: as pictures, and as a table for whoever reads numbers."""
    if len(days) < 2:
        yield "<p>The history knows one day only: there is nothing to draw yet.</p>"
        return
    yield '<div class="charts">'
    for name, points in (
        ("entries", [(day.day, day.entries) for day in days]),
        ("lines", [(day.day, day.lines) for day in days]),
    ):
        yield f"<figure><figcaption>{name}</figcaption>"
        yield from chart(points, name)
        yield "</figure>"
    yield '</div><details class="screen"><summary>As a table</summary>'
    columns = (
        ("day", "when"), ("entries", "number"), ("lines", "number"), ("commits", "number"),
        ("changes by others", "number"),
    )  # fmt: skip
    newest_first = list(reversed(days))
    rows = [
        (f"{day.day}", f"{day.entries:,}", f"{day.lines:,}", f"{day.commits:,}",
         f"{day.outside:,}")
        for day in newest_first[:MOST]
    ]  # fmt: skip
    yield from table(columns, rows, "At the end of each day with commits (UTC)")
    yield "</details>"


def commits(recent: Sequence[Commit], all_of_them: int) -> Iterator[str]:
    """Who did what, the newest first."""
    if not recent:
        yield "<p>The history has no commits.</p>"
        return
    columns = (
        ("when", "when"), ("who", "name"), ("operation", "when"), ("source", "when"),
        ("what", ""), ("commit", "when"),
    )  # fmt: skip
    rows = [_commit(commit, is_undone) for commit, is_undone in marked(recent)]
    yield from table(columns, rows, f"{count(all_of_them, 'commit')} in the history; times are UTC")
    yield from more(len(recent), all_of_them, "agent-memory log")


def _commit(commit: Commit, is_undone: bool) -> tuple[str, ...]:
    undone = '<span class="badge">undone</span> ' if is_undone else ""
    return (
        f'<time datetime="{commit.time:%Y-%m-%dT%H:%M:%SZ}">{commit.time:%Y-%m-%d %H:%M}</time>',
        said(commit.actor, 60),
        said(commit.operation, 40),
        said(commit.source, 30),
        undone + prose(commit.message or ", ".join(commit.changed), 160),
        said(commit.id),
    )


def lost(found: Sequence[Lost]) -> Iterator[str]:
    """Entries that were saved and that others took out."""
    yield "<p>These were saved, and a change by others took them out. That may have been meant.</p>"
    columns = (("commit", "when"), ("where it was", "place"), ("taken out by", ""), ("entry", ""))
    rows = [
        (
            said(one.commit.id),
            said(f"{one.entry.path}:{one.entry.line}"),
            _taker(one),
            prose(one.entry.text, 240),
        )
        for one in found[:MOST]
    ]
    yield from table(columns, rows, count(len(found), "lost entry", "lost entries"))
    yield from more(MOST, len(found), "agent-memory log --lost")
    yield "<p><code>agent-memory restore COMMIT</code> brings back what that commit wrote.</p>"


def _taker(one: Lost) -> str:
    if one.taken_by is None:
        return "not recorded yet"
    stale = ", from a stale read" if one.stale else ""
    return said(f"{one.taken_by.id} on {one.taken_by.time:%Y-%m-%d}{stale}")


def conflicts(kept: Sequence[Conflict]) -> Iterator[str]:
    """What could not be written, and waits for somebody to decide."""
    columns = (
        ("id", "place"),
        ("when", "when"),
        ("who", ""),
        ("operation", ""),
        ("where", "place"),
    )
    rows = [
        (
            said(one.id),
            f"{one.time:%Y-%m-%d %H:%M}",
            said(one.actor, 60),
            said(one.operation, 40),
            said(f"{one.path}:{one.line}"),
        )
        for one in kept[:MOST]
    ]
    yield from table(columns, rows, count(len(kept), "conflict"))
    yield f"<p>{prose(hint())}</p>"
