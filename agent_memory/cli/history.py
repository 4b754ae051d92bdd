"""Looking back and going back: `log`, `diff`, `undo` and `restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent_memory.cli import commits, opening, past
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.look import Topic
from agent_memory.cli.screen import Screen
from agent_memory.memory import Memory

_ID = "A commit's id, or at least 4 characters that it begins with."


@example("agent-memory log debugging --lines")
def log(
    ctx: typer.Context,
    topic: Topic = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Each line of the topic with the commit that wrote it.")
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="Entries that were saved and that others took out.")
    ] = False,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="At most so many commits.", show_default=True)
    ] = 50,
) -> None:
    """List the commits, the newest first; with a topic, those that changed it."""
    screen = Screen(ctx.obj)
    if lines and lost:
        raise WrongUsageError("--lines and --lost are two questions", "ask them one by one")
    if lines and topic is None:
        raise WrongUsageError(
            "--lines needs a topic", "for the index: agent-memory log MEMORY --lines"
        )
    memory = opening.memory(ctx.obj, screen.note)
    if topic is not None and lines:
        path, found = memory.document(topic).path, memory.lines(topic)
        screen.answer(lambda: past.lines_json(path, found), lambda: past.lines(found))
    elif lost:
        _lost(screen, memory, topic)
    else:
        listed = memory.log(limit, topic)
        screen.answer(lambda: past.log_json(listed), lambda: past.log(listed))


def _lost(screen: Screen, memory: Memory, topic: str | None) -> None:
    names = (topic, f"{topic}.md")
    found = [one for one in memory.losses() if topic is None or one.entry.path in names]
    screen.answer(lambda: past.lost_json(found), lambda: past.lost(found))


@example("agent-memory diff 3f9a")
def diff(
    ctx: typer.Context,
    id: Annotated[  # noqa: A002  # the argument's name
        str | None, typer.Argument(metavar="ID", help=f"{_ID} Without it: the last commit.")
    ] = None,
) -> None:
    """Show what a commit changed."""
    screen = Screen(ctx.obj)
    record = opening.memory(ctx.obj, screen.note).record(id)
    screen.answer(lambda: past.diff_json(record), lambda: past.diff(record))


@example("agent-memory undo")
def undo(
    ctx: typer.Context,
    id: Annotated[  # noqa: A002  # the argument's name
        str | None,
        typer.Argument(metavar="ID", help=f"{_ID} Without it: your last one that still stands."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(metavar="ID", help="All that this session of an agent did and still stands."),
    ] = None,
) -> None:
    """Take a commit back; what others wrote since stays. The id of an undo takes that back."""
    screen = Screen(ctx.obj)
    if id is not None and session is not None:
        raise WrongUsageError(
            "a commit and a session are two things to undo", "give ID or --session ID"
        )
    memory = opening.writer(ctx.obj, screen.note)
    commit = memory.undo(id, source="user", session=session)
    again = f"done: {commit.message} (`agent-memory undo {commit.id}` takes this back)"
    commits.tell(screen, commit, again)


@example("agent-memory restore 3f9a debugging")
def restore(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help=_ID)],  # noqa: A002  # the argument's name
    topic: Annotated[
        str | None,
        typer.Argument(metavar="TOPIC", help="This file, exactly as it stood after that commit."),
    ] = None,
) -> None:
    """Bring back what a commit wrote and is gone, or one file as it stood then."""
    screen = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, screen.note)
    commits.tell(screen, memory.restore(id, topic, source="user"))
