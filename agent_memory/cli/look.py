"""Looking: `ls`, `show`, `prompt`, `search` and `links`, which change nothing and take no lock."""

from __future__ import annotations

from typing import Annotated

import typer

from agent_memory.cli import opening
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.options import Options
from agent_memory.cli.screen import Screen


def complete_topic(ctx: typer.Context, incomplete: str) -> list[str]:
    """The topics that begin with `incomplete`; none where the memory cannot be told."""
    params = ctx.find_root().params
    try:
        chosen = Options(
            dir=params.get("dir"),
            agent=params.get("agent"),
            scope=tuple(params.get("scope") or ()),
            project=params.get("project"),
            definition=params.get("definition"),
        )
        topics = opening.memory(chosen, lambda _: None).topics()
    except Exception:  # a completion that fails must not disturb the line being typed
        return []
    return [topic.path for topic in topics if topic.path.startswith(incomplete)]


Topic = Annotated[
    str | None,
    typer.Argument(metavar="TOPIC", help="A topic's name.", autocompletion=complete_topic),
]


@example("agent-memory ls")
def ls(ctx: typer.Context) -> None:
    """List every memory of the project and of the user."""
    from agent_memory.cli import views

    screen = Screen(ctx.obj)
    found = opening.project(ctx.obj)
    opening.tell_project(found, screen.note)
    listed = [
        views.listed(memory, opening.open_found(memory, found.path))
        for memory in opening.found_memories(ctx.obj)
    ]
    screen.answer(
        lambda: {"project": str(found.path), "memories": [views.listed_json(m) for m in listed]},
        lambda: views.listing(listed),
    )


@example("agent-memory show debugging --agent django-backend-dev")
def show(
    ctx: typer.Context,
    topic: Topic = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the file exactly as it is.")] = False,
) -> None:
    """Show a memory: its files, its budget and what is wrong; or the entries of one topic."""
    from agent_memory.cli import views

    screen = Screen(ctx.obj)
    memory = opening.memory(ctx.obj, screen.note)
    if topic is None:
        if raw:
            raise WrongUsageError(
                "--raw needs a topic", "for the index: agent-memory show MEMORY --raw"
            )
        seen = views.Overview(memory.place, memory.budget(), memory.topics(), memory.check())
        screen.answer(lambda: views.overview_json(seen), lambda: views.overview(seen))
        return
    document = memory.document(topic)
    if raw and not screen.options.json:
        screen.exact(document.text)
        return
    screen.answer(lambda: views.document_json(document, raw), lambda: views.document(document))


@example("agent-memory prompt --definition .claude/agents/django-backend-dev.md")
def prompt(
    ctx: typer.Context,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add what each part costs and what is cut.")
    ] = False,
) -> None:
    """Print the block for the agent's system prompt; with --definition, the whole prompt.

    Several --scope share one budget.
    """
    screen = Screen(ctx.obj)
    if explain:
        _explain(screen)
        return
    memories = opening.memories(ctx.obj, screen.note)
    block = memories[0] if len(memories) == 1 else opening.Layered(memories)
    if ctx.obj.definition is None:
        text = block.prompt()
    else:
        from agent_memory.cli.definitions import system_prompt

        text = system_prompt(ctx.obj.definition, block, screen.note)
    if ctx.obj.json:
        screen.answer(lambda: {"prompt": text}, lambda: ())
    else:
        screen.exact(text)


def _explain(screen: Screen) -> None:
    from agent_memory.cli import views

    explanation = opening.memory(screen.options, screen.note).explain()
    screen.answer(
        lambda: views.explanation_json(explanation), lambda: views.explanation(explanation)
    )


@example('agent-memory search "celery retry" --limit 3')
def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words that entries hold.")],
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="At most so many entries.")
    ] = 10,
) -> None:
    """Find entries by words, the best first: what they say, their section, their topic's name."""
    from agent_memory.cli import views

    screen = Screen(ctx.obj)
    found = opening.memory(ctx.obj, screen.note).search(query, limit)
    screen.answer(lambda: views.hits_json(found), lambda: views.hits(found))


@example("agent-memory links --output links.html")
def links(
    ctx: typer.Context,
    topic: Topic = None,
    format: Annotated[  # noqa: A002  # the option's name
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="text, json, dot, mermaid, svg or html; else what FILE's ending says, else text.",
        ),
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write this file, anywhere.")
    ] = None,
) -> None:
    """Show what links to what: as a list, or as a picture with `--format` svg or html.

    With a topic: only its own links, and the files they lead to or come from.
    """
    from agent_memory.cli import linked

    screen = Screen(ctx.obj)
    chosen = linked.chosen_format(format, output, ctx.obj.json)
    memory = opening.memory(ctx.obj, screen.note)
    path = memory.document(topic).path if topic is not None else ""
    linked.show(screen, memory, linked.Wanted(chosen, path, output))
