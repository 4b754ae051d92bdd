"""Which entries no longer hold: `stale`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from agent_memory.cli import exits, opening
from agent_memory.cli.blocks import Block, Line, Style
from agent_memory.cli.examples import example
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import text as texts
from agent_memory.core.staleness.evidence import StaleEntry, Staleness

_STYLES: dict[str, Style] = {"stale": "error", "suspect": "warning", "fresh": "quiet"}
_WEIGHTS: dict[str, Style] = {"stale": "plain", "suspect": "plain", "info": "quiet"}


@example("agent-memory stale --agent backend-dev")
def stale(
    ctx: typer.Context,
    all_: Annotated[
        bool, typer.Option("--all", help="Also entries that hold, with what was looked at.")
    ] = False,
) -> None:
    """Say which entries no longer hold, with evidence; exit 1 when one is stale."""
    screen = Screen(ctx.obj)
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


def _listing(found: Staleness, shown: list[StaleEntry]) -> Iterator[Block]:
    """Each entry with its evidence, the heaviest first, then how many there are of each verdict."""
    for one in shown:
        entry = one.entry
        said = texts.shorten(" ".join(entry.text.split()), 80)
        yield Line(
            f"{one.verdict:7}  {entry.path}:{entry.line}  {entry.id}  {said}", _STYLES[one.verdict]
        )
        for evidence in sorted(one.evidence, key=lambda it: it.weight == "info"):
            where = f"{entry.path}:{evidence.line}"
            yield Line(
                f"         {where}  {evidence.kind}: {evidence.detail}", _WEIGHTS[evidence.weight]
            )
    counts = [
        f"{sum(one.verdict == verdict for one in found.entries)} {verdict}" for verdict in _STYLES
    ]
    yield Line(", ".join(counts), "good" if not shown else "plain")
