"""Finding a memory: a directory, the folder of an agent, or what a definition file says."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from agent_memory.core.budget import Budget
from agent_memory.core.prompt import Place
from agent_memory.core.scope import Scope
from agent_memory.memory.base import Base, Clock, utc_now
from agent_memory.storage.directory import DirectoryStorage

if TYPE_CHECKING:
    pass


class Opening(Base):
    """How a memory is opened."""

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        budget: Budget | None = None,
        actor: str | None = None,
        clock: Clock | None = None,
        quarantine: Iterable[str] | None = None,
    ) -> Self:
        """The memory in a directory, which is created at the first write.

        `quarantine` are the sources whose entries wait in the inbox; None: what the settings say.

        Raises:
            DecodeError: the environment or pyproject.toml holds an unusable setting.
        """
        return cls._at(os.path.abspath(path), None, "", None, budget, actor, clock, quarantine)

    @classmethod
    def for_agent(
        cls,
        agent: str,
        *,
        scope: Scope | str = Scope.PROJECT,
        project: str | os.PathLike[str] | None = None,
        budget: Budget | None = None,
        actor: str | None = None,
        clock: Clock | None = None,
        quarantine: Iterable[str] | None = None,
    ) -> Self:
        """The memory of an agent in one of its scopes; see the table in the README.

        Raises:
            UnsafePathError: the agent's name cannot become a folder.
        """
        from agent_memory.project import scopes, settings

        scope = Scope(scope)
        config = settings.config_home()
        if project is None:
            root = scopes.find_project(Path.cwd(), settings.home(), config).path
        else:
            root = Path(project).absolute()
        base = settings.load(root).base
        directory = scopes.memory_directory(agent, scope, root, config, base)
        return cls._at(str(directory), scope, agent, root, budget, actor, clock, quarantine)

    @classmethod
    def from_definition(
        cls,
        path: str | os.PathLike[str],
        *,
        project: str | os.PathLike[str] | None = None,
        scope: Scope | str | None = None,
        budget: Budget | None = None,
        actor: str | None = None,
        clock: Clock | None = None,
        quarantine: Iterable[str] | None = None,
    ) -> Self:
        """The memory of the agent that a definition file describes.

        Raises:
            DefinitionError: the file has no usable front matter, or no scope.
        """
        from agent_memory.project.definition import AgentDefinition

        definition = AgentDefinition.read(Path(path))
        chosen = definition.required_scope(Scope(scope) if scope is not None else None)
        return cls.for_agent(
            definition.name, scope=chosen, project=project, budget=budget, actor=actor, clock=clock,
            quarantine=quarantine,
        )  # fmt: skip

    @classmethod
    def _at(
        cls,
        directory: str,
        scope: Scope | None,
        agent: str,
        project: Path | None,
        budget: Budget | None,
        actor: str | None,
        clock: Clock | None,
        quarantine: Iterable[str] | None,
    ) -> Self:
        from agent_memory.project import settings

        found = settings.load(project or Path(directory))
        kept = found.history_days, found.history_mb * 1_000_000
        return cls(
            DirectoryStorage(directory, clock or utc_now, *kept),
            Place(directory, scope, agent),
            budget=budget or Budget(found.max_lines, found.max_bytes, found.trim),
            pinned=found.pinned,
            actor=actor or found.actor or agent,
            session=found.session,
            project=project,
            topic_lines=found.topic_lines,
            clock=clock or utc_now,
            select=found.select,
            ignore=found.ignore,
            quarantine=found.quarantine if quarantine is None else quarantine,
            session_limits=(found.session_entries, found.session_bytes),
        )
