"""Writing: each command is one commit, and says what it did and where."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from agent_memory.cli import commits, opening, screen
from agent_memory.cli.blocks import Line
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.look import Topic, complete_topic
from agent_memory.cli.screen import Screen
from agent_memory.core import text as texts
from agent_memory.core.paths import INDEX
from agent_memory.memory import Memory

_ID = re.compile(r"[0-9a-f]{10}")
Source = Annotated[
    str, typer.Option("--source", metavar="WORD", help="Who says so: user, agent, review …")
]
AllowSecret = Annotated[
    str,
    typer.Option(
        "--allow-secret",
        metavar="REASON",
        help="Save a secret all the same; the history keeps the reason.",
    ),
]


@example("agent-memory init --agent django-backend-dev")
def init(ctx: typer.Context) -> None:
    """Create a memory with an index that holds its title; does nothing where there is one."""
    from agent_memory.core import rows
    from agent_memory.errors import NotFoundError

    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    try:
        memory.document(INDEX)
        created = False
    except NotFoundError:
        memory.write(INDEX, rows.new_index(f"{memory.name} memory"), source="user")
        created = True
    directory = str(memory.directory)
    said = f"created {directory}/{INDEX}" if created else f"{directory}/{INDEX} is there already"
    if not shown.options.quiet or shown.options.json:
        shown.answer(
            lambda: {"directory": directory, "created": created},
            lambda: [Line(said, "good" if created else "plain")],
        )


@example('agent-memory remember "Always use bun, never npm" --topic preferences')
def remember(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to save; - reads stdin.")],
    topic: Annotated[
        str | None,
        typer.Option(metavar="TOPIC", help="The topic.", autocompletion=complete_topic),
    ] = None,
    section: Annotated[
        str | None, typer.Option(metavar="HEADING", help="The section, made where it is missing.")
    ] = None,
    source: Source = "user",
    allow_secret: AllowSecret = "",
) -> None:
    """Save one entry; names similar ones, so that you can update or forget them instead."""
    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    commit = memory.remember(
        _text(text), topic=topic, section=section, source=source, allow_secret=allow_secret
    )
    commits.tell(shown, commit, commits.placed(memory, commit, "remembered"))


@example('agent-memory update 3f9a1c02be "Always use bun 1.3, never npm"')
def update(
    ctx: typer.Context,
    id: Annotated[  # noqa: A002  # the argument's name
        str, typer.Argument(metavar="ID", help="The entry's id, as `show TOPIC` lists it.")
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Its new text; - reads stdin.")],
    source: Source = "user",
    allow_secret: AllowSecret = "",
) -> None:
    """Give an entry another text, in the same place."""
    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    commit = memory.update(id, _text(text), source=source, allow_secret=allow_secret)
    commits.tell(shown, commit, commits.placed(memory, commit, "updated"))


@example('agent-memory forget "never auto-commit"')
def forget(
    ctx: typer.Context,
    query: Annotated[
        str, typer.Argument(metavar="QUERY|ID", help="An id, or text that the entry holds.")
    ],
    all: Annotated[  # noqa: A002  # the option's name
        bool, typer.Option("--all", help="Every entry that matches, not only one.")
    ] = False,
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="QUERY is a text (- reads stdin): take it out of the files, the history and all"
            " else that is kept, for good.",
        ),
    ] = False,
    source: Source = "user",
) -> None:
    """Take out the entry with this id, or the one that holds this text."""
    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    if purge:
        if all:
            raise WrongUsageError("--purge takes all of a text already", "leave out --all")
        text = _text(query).removesuffix("\n") if query == "-" else query
        if query != "-" and screen.asks():
            _confirm_purge(memory)
        commit = memory.purge(text, source=source)
    elif not all:
        commit = memory.forget(query, source=source)
    else:
        if screen.asks():
            _confirm_all(shown, memory, query)
        commit = memory.forget_all(query, source=source)
    commits.tell(shown, commit)


def _confirm_all(shown: Screen, memory: Memory, query: str) -> None:
    """Show what would go, and ask, where it is more than one entry."""
    with memory.edit() as draft:
        draft.forget_all(query)
        going = list(draft.messages)
        draft.discard()
    if len(going) > 1:
        shown.show([Line(line) for line in going])
        typer.confirm(f"Forget these {len(going)} entries?", abort=True, err=True)


def _confirm_purge(memory: Memory) -> None:
    typer.confirm(
        texts.printable(f"Take this text out of {memory.directory} and its history, for good?"),
        abort=True,
        err=True,
    )


@example("agent-memory mv debug.md debugging.md")
def mv(
    ctx: typer.Context,
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A topic, topic#Heading, or an entry's id.")
    ],
    new: Annotated[
        str, typer.Argument(metavar="NEW", help="A topic's new name, or topic#Heading.")
    ],
    source: Source = "user",
) -> None:
    """Move a topic with every link to it, rename a heading, or move an entry."""
    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    old_topic, _, old_heading = old.partition("#")
    topic, _, section = new.partition("#")
    if _ID.fullmatch(old):
        commit = memory.move(old, topic=topic or INDEX, section=section or None, source=source)
        commits.tell(shown, commit, commits.placed(memory, commit, "moved to"))
    elif old_heading and section:
        if topic and topic != old_topic:
            raise WrongUsageError(
                f"a heading stays in its topic: {old} cannot become {new}",
                f"agent-memory mv {old_topic}#{old_heading} {old_topic}#{section}",
            )
        commit = memory.rename_heading(old_topic or INDEX, old_heading, section, source=source)
        commits.tell(shown, commit)
    elif old_heading or section:
        raise WrongUsageError(
            "either both OLD and NEW name a heading, or neither does",
            "agent-memory mv topic.md#Old topic.md#New",
        )
    else:
        commits.tell(shown, memory.rename(old, new, source=source))


@example("agent-memory rm old-notes")
def rm(
    ctx: typer.Context,
    topic: Annotated[
        str,
        typer.Argument(metavar="TOPIC", help="A topic's name.", autocompletion=complete_topic),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    source: Source = "user",
) -> None:
    """Remove a topic and the index rows that lead to it."""
    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    if not yes and screen.asks():
        document = memory.document(topic)
        count = len(document.entries)
        typer.confirm(
            texts.printable(f"Remove {document.path} with its {count} entries?"),
            abort=True,
            err=True,
        )
    commits.tell(shown, memory.remove(topic, source=source))


@example("agent-memory edit debugging")
def edit(
    ctx: typer.Context,
    topic: Topic = None,
    source: Source = "user",
    allow_secret: AllowSecret = "",
) -> None:
    """Edit a topic, or the index, in $VISUAL or $EDITOR."""
    from agent_memory.cli.editor import edited

    shown = Screen(ctx.obj)
    memory = opening.writer(ctx.obj, shown.note)
    commit = edited(memory, topic or INDEX, source, allow_secret)
    commits.tell(shown, commit, commits.placed(memory, commit, "wrote"))


def _text(argument: str) -> str:
    """The text to save: the argument, or what comes on stdin."""
    if argument != "-":
        return argument
    if sys.stdin is None:
        raise WrongUsageError("there is no stdin to read the text from", "give the text itself")
    return texts.decode(sys.stdin.buffer.read())
