"""Which memory is meant: by directory, agent or definition, else the only one of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.options import Options
from agent_memory.memory import Memory, layered_prompt
from agent_memory.project import settings

if TYPE_CHECKING:
    from agent_memory.project.find import FoundMemory
    from agent_memory.project.scopes import FoundProject

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Layered:
    """Several memories that render as one block."""

    memories: tuple[Memory, ...]

    def prompt(self) -> str:
        """The block."""
        return layered_prompt(self.memories)


def memory(options: Options, note: Note, actor: str | None = None) -> Memory:
    """The one memory that the options name.

    Raises:
        WrongUsageError: they name several, or none and the project has not exactly one.
    """
    if len(options.scope) > 1:
        raise WrongUsageError(
            "several scopes are several memories", "only `prompt` takes --scope more than once"
        )
    if options.dir is not None:
        return Memory.open(options.dir, actor=actor)
    scope = options.scope[0] if options.scope else None
    if options.definition is not None:
        opened = Memory.from_definition(
            options.definition, project=options.project, scope=scope, actor=actor
        )
    elif options.agent is not None:
        opened = Memory.for_agent(
            options.agent, scope=scope or "project", project=options.project, actor=actor
        )
    else:
        return _only(options, actor)
    if options.project is None and opened.place.scope != "user":
        tell_project(project(options), note)
    return opened


def memories(options: Options, note: Note) -> tuple[Memory, ...]:
    """The memories that the options name, one a scope, in the order given."""
    if len(options.scope) < 2:
        return (memory(options, note),)
    return tuple(memory(replace(options, scope=(scope,)), note) for scope in options.scope)


def writer(options: Options, note: Note) -> Memory:
    """The one memory that the options name, written to by the person who sits here."""
    from agent_memory.project.actor import person

    return memory(options, note, os.environ.get("AGENT_MEMORY_ACTOR") or person())


def project(options: Options) -> FoundProject:
    """The project that is meant: the one named, else the one around the working directory."""
    from agent_memory.project import scopes

    if options.project is not None:
        return scopes.FoundProject(Path(os.path.abspath(options.project)), found=True)
    return scopes.find_project(Path.cwd(), settings.home(), settings.config_home())


def tell_project(found: FoundProject, note: Note) -> None:
    """Say so where there is no project and the working directory stands in for it."""
    if not found.found:
        note(f"no project here (no .git or .claude at or above it): using {found.path}")


def found_memories(options: Options) -> list[FoundMemory]:
    """Every memory of the project and of the user, those of `--agent` and `--scope` only."""
    from agent_memory.project.find import find_memories
    from agent_memory.project.scopes import agent_folder

    root = project(options).path
    folder = agent_folder(options.agent) if options.agent is not None else None
    return [
        found
        for found in find_memories(root, settings.config_home(), settings.load(root).base)
        if (folder is None or found.agent == folder)
        and (not options.scope or found.scope in options.scope)
    ]


def open_found(found: FoundMemory, root: Path, actor: str | None = None) -> Memory:
    """A memory that exists, opened by its scope, so that its prompt can say what that means."""
    opened = Memory.for_agent(
        found.agent, scope=found.scope, project=root / found.project, actor=actor
    )
    return opened if opened.directory == found.path else Memory.open(found.path, actor=actor)


def _only(options: Options, actor: str | None) -> Memory:
    root = project(options)
    known = found_memories(options)
    meant = [found for found in known if found.scope != "user" or "user" in options.scope]
    if len(meant) == 1:
        return open_found(meant[0], root.path, actor)
    where = f"the project {root.path}" if root.found else f"{root.path} (no project)"
    raise WrongUsageError(
        f"{where} has {len(meant)} memories, and none is named"
        if meant
        else f"{where} has no memory",
        "name one with --dir PATH, or --agent NAME and --scope"
        if known
        else "create one: agent-memory init --agent NAME",
        tuple(naming(found, root.path) for found in known),
    )


def naming(found: FoundMemory, root: Path) -> str:
    """The options that name a memory, to be copied."""
    where = f" --project {root / found.project}" if found.project else ""
    return f"--agent {found.agent} --scope {found.scope}{where}"
