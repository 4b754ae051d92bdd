"""Connecting: the MCP server, and the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_memory.cli import opening
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.screen import Screen

if TYPE_CHECKING:
    from agent_memory.cli.options import Options
    from agent_memory.memory import Memory


@example("agent-memory mcp --agent django-backend-dev")
def mcp(
    ctx: typer.Context,
    all: Annotated[  # noqa: A002  # the option's name
        bool, typer.Option("--all", help="Serve every memory of the project, not only one.")
    ] = False,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Leave out the tools that write.")
    ] = False,
) -> None:
    """Serve a memory to MCP clients over stdin and stdout.

    Needs the extra `mcp`: pip install 'agent-memory[mcp]'.
    """
    screen = Screen(ctx.obj)
    try:
        from agent_memory.integrations.mcp import build_server
    except ImportError as error:
        raise WrongUsageError(
            f"the MCP server needs the extra mcp: {error.__cause__}",
            "pip install 'agent-memory[mcp]'",
        ) from error
    served = _served(ctx.obj) if all else opening.memory(ctx.obj, screen.note)
    build_server(served, read_only).run("stdio")


def _served(options: Options) -> dict[str, Memory]:
    """Every memory of the project by its agent's name, with the scope where that is not enough.

    Those of the user are served where `--scope user` asks for them.
    """
    root = opening.project(options).path
    served: dict[str, Memory] = {}
    for found in opening.found_memories(options):
        if found.scope == "user" and "user" not in options.scope:
            continue
        longer = f"{found.agent}.{found.scope}"
        names = (found.agent, longer, f"{longer}.{found.project}".replace("/", "."))
        name = next(name for name in names if name not in served)
        served[name] = opening.open_found(found, root)
    if not served:
        raise WrongUsageError(
            f"the project {root} has no memory", "create one: agent-memory init --agent NAME"
        )
    return served


@example("agent-memory demo --keep")
def demo(
    ctx: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the sample project.")] = False,
) -> None:
    """Play two conversations of an agent on a sample project in a temporary folder."""
    from agent_memory.cli.demo import play

    play(Screen(ctx.obj), keep)
