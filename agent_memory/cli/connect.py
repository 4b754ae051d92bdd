"""Connecting: for now, the demo."""

from __future__ import annotations

from typing import Annotated

import typer

from agent_memory.cli.examples import example
from agent_memory.cli.screen import Screen


@example("agent-memory demo --keep")
def demo(
    ctx: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the sample project.")] = False,
) -> None:
    """Play two conversations of an agent on a sample project in a temporary folder."""
    from agent_memory.cli.demo import play

    play(Screen(ctx.obj), keep)
