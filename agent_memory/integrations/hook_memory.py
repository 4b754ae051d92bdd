"""Which memory a hook speaks of, and whether the runner puts it into the prompt itself."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent_memory.core.scope import Scope
from agent_memory.errors import UnsafePathError
from agent_memory.integrations.hooks import Choice
from agent_memory.memory import Memory
from agent_memory.project import find, scopes, settings
from agent_memory.project.concerned import Concerned

_ORDER = (Scope.PROJECT, Scope.LOCAL, Scope.USER)
_SHARED = ((scopes.SHARED_FOLDER, Scope.PROJECT), (scopes.LOCAL_FOLDER, Scope.LOCAL))
_HEAD = 65_536  # bytes of a definition, and of a transcript's first line, that are looked at
_KEY = re.compile(r"^(name|memory)[ \t]*:[ \t]*[\"']?([^\"'#\r\n]*?)[\"']?[ \t]*(?:#.*)?$", re.M)


@dataclass(frozen=True, slots=True)
class Started:
    """A memory of whoever starts; `injected` says that the runner itself loads its index."""

    memory: Memory
    injected: bool


def of_start(agent: str, cwd: str, choice: Choice) -> list[Started]:
    """The memories to speak of: the one that is named, else the agent's, else the project's.

    The runner loads the memory of an agent whose definition has a `memory` key. An agent without
    a memory has none to speak of; where no agent is named, those of the project are meant.
    """
    config = settings.config_home()
    if "dir" in choice:
        return [_judged(Memory.open(os.path.join(cwd, choice["dir"])), False, choice)]
    if "project" in choice:
        root = Path(cwd, choice["project"]).absolute()
    else:
        root = scopes.find_project(Path(cwd), settings.home(), config).path
    named = choice.get("agent", agent)
    if not named:
        return [_judged(memory, injects, choice) for memory, injects in _of_project(root, config)]
    declared = _declared(named, root, config)
    memory = _of_agent(named, choice.get("scope") or declared or "", root)
    if memory is None:
        return []
    return [_judged(memory, bool(declared) and memory.place.scope == declared, choice)]


def _judged(memory: Memory, injected: bool, choice: Choice) -> Started:
    return Started(memory, {"always": False, "never": True}.get(choice.get("prompt", ""), injected))


def _of_agent(agent: str, scope: str, root: Path) -> Memory | None:
    """An agent's memory in this scope, else in the first one where it has something."""
    try:
        if scope:
            return Memory.for_agent(agent, scope=scope, project=root)
        opened = (Memory.for_agent(agent, scope=one, project=root) for one in _ORDER)
        return next((memory for memory in opened if memory.directory.is_dir()), None)
    except UnsafePathError:  # no memory can have this agent's name
        return None


def _of_project(root: Path, config: Path) -> Iterator[tuple[Memory, bool]]:
    """The project's own memories, each with whether the runner loads it for its agent."""
    base = settings.load(root).base
    for folder, scope in (
        (scopes.SHARED_FOLDER, Scope.PROJECT),
        (scopes.LOCAL_FOLDER, Scope.LOCAL),
    ):
        place = root / base / folder
        if os.path.realpath(place.parent) == os.path.realpath(config):
            continue
        for found in find.in_folder(str(place), scope):
            memory = Memory.for_agent(found.agent, scope=scope, project=root)
            yield memory, _declared(found.agent, root, config) == scope


def _declared(agent: str, root: Path, config: Path) -> Scope | None:
    """The scope that the agent's definition names, the project's before the person's."""
    for folder in (root / ".claude" / "agents", config / "agents"):
        found = sorted(folder.rglob("*.md")) if folder.is_dir() else []
        for path in sorted(found, key=lambda path: path.stem != agent):  # its own file first
            keys = _keys(path)
            name = keys.get("name") or path.stem
            if agent in (name, name.replace(":", "-")):
                memory = keys.get("memory", "").lower()
                return Scope(memory) if memory in set(Scope) else None
    return None


def _keys(path: Path) -> dict[str, str]:
    """`name` and `memory` out of a definition's front matter, read as loosely as runners do."""
    try:
        with path.open("rb") as file:
            text = file.read(_HEAD).decode("utf-8", "replace").lstrip("\ufeff")
    except OSError:
        return {}
    if not text.startswith("---"):
        return {}
    front = re.split(r"^---[ \t]*$", text[3:], maxsplit=1, flags=re.M)[0]
    return {key: value.strip() for key, value in _KEY.findall(front.replace("\r", ""))}


def opened(found: Concerned, actor: str, otherwise: str) -> Memory:
    """The memory that a file is in; by `actor`, else whom the settings name, else `otherwise`."""
    directory, kind, agent, base = found
    root = os.path.dirname(base) if kind else directory
    by = actor or settings.load(Path(root)).actor or otherwise
    if kind:
        is_users = os.path.normpath(base) == os.path.normpath(settings.config_home())
        scope = Scope.USER if is_users and kind == Scope.PROJECT else Scope(kind)
        memory = Memory.for_agent(agent, scope=scope, project=root, actor=by)
        if os.path.normpath(memory.directory) == os.path.normpath(directory):
            return memory
    return Memory.open(directory, actor=by)


def started(transcript: str) -> datetime | None:
    """When a subagent started, by the first line of its transcript; None: it does not say."""
    if transcript.startswith("~/"):
        transcript = str(settings.home() / transcript[2:])
    try:
        with open(transcript, "rb") as file:
            line = json.loads(file.readline(_HEAD))
        moment = datetime.fromisoformat(line["timestamp"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
