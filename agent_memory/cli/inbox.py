"""What waits because its source may not write to the memory itself: to list, accept or reject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_memory.cli import commits, opening
from agent_memory.cli.blocks import Block, Line
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import text as texts

if TYPE_CHECKING:
    from agent_memory.core.history import Commit
    from agent_memory.core.inbox import Waiting
    from agent_memory.memory import Memory


class Action(StrEnum):
    """What to do about entries that wait."""

    ACCEPT = "accept"
    REJECT = "reject"


@example("agent-memory inbox accept 3f9a1c02be")
def inbox(
    ctx: typer.Context,
    action: Annotated[
        Action | None,
        typer.Argument(metavar="ACTION", help="accept or reject; without it: list them."),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID…", help="Ids of entries that wait, or how they begin."),
    ] = None,
) -> None:
    """List entries that wait because of their source; accept or reject some.

    Which sources wait is a setting: quarantine = ["web", "tool"].
    """
    shown = Screen(ctx.obj)
    if action is None:
        found = opening.memory(ctx.obj, shown.note).inbox()
        shown.answer(lambda: {"waiting": [dump(one) for one in found]}, lambda: listed(found))
        return
    if not ids:
        raise WrongUsageError(
            f"{action} needs the id of an entry that waits", "`agent-memory inbox` lists them"
        )
    made = list(_decided(opening.writer(ctx.obj, shown.note), action, ids))
    if shown.options.json:
        shown.answer(lambda: {"commits": [commits.commit_json(one) for one in made]}, lambda: ())
        return
    for commit in made:
        commits.tell(shown, commit)


def _decided(memory: Memory, action: Action, ids: Sequence[str]) -> Iterator[Commit]:
    """The commits of the decisions; what is not there is said before the first is made."""
    from agent_memory.core.inbox import find

    there = memory.inbox()
    for chosen in dict.fromkeys(find(there, one).id for one in ids):
        yield (
            memory.accept(chosen)
            if action is Action.ACCEPT
            else memory.reject(chosen, source="user")
        )


def listed(found: Sequence[Waiting]) -> Iterator[Block]:
    """What waits, the oldest first: whence it came, then all that it says."""
    if not found:
        yield Line("nothing waits", "good")
        return
    for one in found:
        when = f"{one.time.astimezone():%Y-%m-%d %H:%M}"
        of = f"{one.actor}, {one.source}" + (f", session {one.session}" if one.session else "")
        where = one.topic + (f", “{one.section}”" if one.section else "")
        yield Line(f"{one.id}  {when}  {of}  for {where}", "name")
        for line in texts.lines(one.text):
            yield Line(f"    {texts.bare(line)}")
    yield Line("agent-memory inbox accept ID… | reject ID…", "quiet")
