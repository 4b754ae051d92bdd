"""Which entries no longer hold: `stale`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from agent_memory.cli import commits, exits, opening
from agent_memory.cli.blocks import Block, Line, Style
from agent_memory.cli.examples import example
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import text as texts
from agent_memory.core.secrets import masked
from agent_memory.core.staleness.evidence import Evidence, StaleEntry, Staleness

_STYLES: dict[str, Style] = {"stale": "error", "suspect": "warning", "fresh": "quiet"}
_WEIGHTS: dict[str, Style] = {"stale": "plain", "suspect": "plain", "info": "quiet"}


@example("agent-memory stale --agent backend-dev")
def stale(
    ctx: typer.Context,
    all_: Annotated[
        bool, typer.Option("--all", help="Also entries that hold, with what was looked at.")
    ] = False,
    verify: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Stamp this entry as looked at and still true."),
    ] = None,
) -> None:
    """Say which entries no longer hold, with evidence; exit 1 when one is stale.

    A stamp holds until the entry's text changes, or something new speaks against it.
    """
    screen = Screen(ctx.obj)
    if verify is not None:
        memory = opening.writer(ctx.obj, screen.note)
        commits.tell(screen, memory.verify(verify, ctx.obj.project, source="user"))
        return
    found = opening.memory(ctx.obj, screen.note).staleness(ctx.obj.project)
    for notice in found.notices:
        screen.note(notice)
    shown = [one for one in found.entries if all_ or one.verdict != "fresh"]
    screen.answer(
        lambda: {
            "entries": [dump(one) for one in found.entries],
            "notices": list(found.notices),
            "head": found.head,
        },
        lambda: _listing(found, shown),
    )
    if any(one.verdict == "stale" for one in found.entries):
        raise typer.Exit(exits.FINDINGS)


def judged(one: StaleEntry) -> Iterator[Block]:
    """An entry with its verdict, then when it was verified and what was found, new things first."""
    entry = one.entry
    said = texts.shorten(masked(" ".join(entry.text.split())), 80)
    yield Line(
        f"{one.verdict:7}  {entry.path}:{entry.line}  {entry.id}  {said}", _STYLES[one.verdict]
    )
    if one.verified:
        since = "" if one.verdict == "fresh" else ", but since then:"
        yield Line(f"         verified on {one.verified}{since}")
    yield from evidence(entry.path, one.evidence)


def evidence(path: str, found: Iterable[Evidence]) -> Iterator[Block]:
    """What was looked at and what was found, the heaviest first."""
    for one in sorted(found, key=lambda it: it.weight == "info"):
        where = f"{path}:{one.line}"
        yield Line(f"         {where}  {one.kind}: {masked(one.detail)}", _WEIGHTS[one.weight])


def _listing(found: Staleness, shown: list[StaleEntry]) -> Iterator[Block]:
    """Each entry with its evidence, the heaviest first, then how many there are of each verdict."""
    for one in shown:
        yield from judged(one)
    counts = [
        f"{sum(one.verdict == verdict for one in found.entries)} {verdict}" for verdict in _STYLES
    ]
    yield Line(", ".join(counts), "good" if not shown else "plain")
