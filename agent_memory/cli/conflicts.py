"""What could not be written because others had changed the same: to list, look at and decide."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_memory.cli import commits, opening, screen
from agent_memory.cli.blocks import Block, Diff, Line, Table
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import conflict as deciding
from agent_memory.core import diff
from agent_memory.core import text as texts
from agent_memory.core.snapshot import Change
from agent_memory.errors import StorageError

if TYPE_CHECKING:
    from agent_memory.core.conflict import Conflict
    from agent_memory.core.history import Commit
    from agent_memory.memory import Memory


class Action(StrEnum):
    """What to do about a conflict."""

    SHOW = "show"
    RESOLVE = "resolve"
    DROP = "drop"


@example("agent-memory conflicts resolve 3f9a --ours")
def conflicts(
    ctx: typer.Context,
    action: Annotated[
        Action | None,
        typer.Argument(metavar="ACTION", help="show, resolve or drop; without it: list them."),
    ] = None,
    id: Annotated[  # noqa: A002  # the argument's name
        str | None, typer.Argument(metavar="ID", help="A conflict's id, or how it begins.")
    ] = None,
    ours: Annotated[
        bool, typer.Option("--ours", help="Where both changed the same, take what was kept.")
    ] = False,
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Leave the file as it is; so does drop.")
    ] = False,
    text: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write this file's text; - reads stdin.")
    ] = None,
    allow_secret: Annotated[
        str,
        typer.Option(metavar="REASON", help="Save a secret all the same, for this reason."),
    ] = "",
) -> None:
    """List texts that were kept because others had changed the same; show, resolve or drop one.

    Without an option, resolve opens $VISUAL or $EDITOR on both texts.
    """
    shown = Screen(ctx.obj)
    chosen = [flag for flag, given in (("--ours", ours), ("--theirs", theirs)) if given]
    chosen += ["--text"] if text is not None else []
    _refuse_nonsense(action, id, chosen)
    if action is None:
        found = opening.memory(ctx.obj, shown.note).conflicts()
        shown.answer(lambda: {"conflicts": [dump(one) for one in found]}, lambda: listed(found))
        return
    if action is Action.SHOW:
        one = opening.memory(ctx.obj, shown.note).conflict(id or "")
        shown.answer(lambda: {"conflict": dump(one)}, lambda: both(one))
        return
    memory = opening.writer(ctx.obj, shown.note)
    one = memory.conflict(id or "")
    if action is Action.DROP or theirs:
        commit: Commit | None = memory.resolve(one.id, one.theirs, source="user")
    elif ours:
        commit = memory.resolve(
            one.id, deciding.with_ours(one), source="user", allow_secret=allow_secret
        )
    elif text is not None:
        commit = memory.resolve(one.id, _text(text), source="user", allow_secret=allow_secret)
    else:
        commit = _in_editor(memory, one, allow_secret)
    if commit is None:
        raise WrongUsageError(
            "nothing was decided: the conflict stays", "choose one side with --ours or --theirs"
        )
    commits.tell(shown, commit, f"resolved {one.id}: {one.path}")


def _refuse_nonsense(action: Action | None, conflict_id: str | None, chosen: list[str]) -> None:
    """Refuse words that contradict each other, or do not say enough."""
    if action is not None and conflict_id is None:
        raise WrongUsageError(
            f"{action} needs the id of a conflict", "`agent-memory conflicts` lists them"
        )
    if len(chosen) > 1:
        raise WrongUsageError(f"{chosen[0]} and {chosen[1]} contradict each other", "give one")
    if chosen and action is not Action.RESOLVE:
        raise WrongUsageError(
            f"{chosen[0]} is for resolve", f"agent-memory conflicts resolve ID {chosen[0]}"
        )
    if action is Action.RESOLVE and not chosen and not screen.asks():
        raise WrongUsageError(
            "there is no terminal to decide at",
            "say which text: --ours, --theirs, or --text FILE",
        )


def _in_editor(memory: Memory, conflict: Conflict, allow_secret: str) -> Commit | None:
    from agent_memory.cli.editor import in_editor

    def save(text: str) -> Commit:
        return memory.resolve(conflict.id, text, source="user", allow_secret=allow_secret)

    return in_editor(conflict.path, deciding.marked(conflict), save)


def _text(file: str) -> str:
    """The text that was decided on."""
    if file == "-":
        return texts.decode(sys.stdin.buffer.read() if sys.stdin is not None else b"")
    try:
        return texts.decode(Path(file).read_bytes())
    except OSError as error:
        message = f"{file}: cannot be read: {error.strerror or error}"
        raise StorageError(message, "name a file that holds the text", error.errno) from error


def listed(found: Sequence[Conflict]) -> Iterator[Block]:
    """The conflicts as rows, the oldest first."""
    if not found:
        yield Line("no conflicts", "good")
        return
    yield Table(
        ("id", "time", "actor", "operation", "where"),
        tuple(
            (
                one.id,
                f"{one.time.astimezone():%Y-%m-%d %H:%M}",
                one.actor,
                one.operation,
                f"{one.path}:{one.line}",
            )
            for one in found
        ),
    )
    yield Line("agent-memory conflicts show ID  shows both texts", "quiet")


def both(conflict: Conflict) -> Iterator[Block]:
    """What each side made of the text that both began with."""
    where = f"{conflict.path}:{conflict.line}"
    yield Line(f"{conflict.id}  {where}  {conflict.operation} by {conflict.actor}", "title")
    for name, side in (("ours, kept", conflict.ours), ("theirs, in the file", conflict.theirs)):
        yield Line()
        yield Line(name, "name")
        change = Change(conflict.path, texts.encode(conflict.base), texts.encode(side))
        yield Diff(diff.unified([change]))
    yield Line()
    yield Line(f"agent-memory conflicts resolve {conflict.id} --ours | --theirs | --text FILE")
