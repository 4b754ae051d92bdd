"""Every memory of a project, its nested sub-projects and the user."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.core.scope import Scope
from agent_memory.project.scopes import BASE, LOCAL_FOLDER, SHARED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

# Folders that hold other people's or generated files: large, and never a sub-project.
PRUNED = frozenset({"node_modules", "venv", "__pycache__", "target", "dist", "build"})
_FOLDERS = ((SHARED_FOLDER, Scope.PROJECT), (LOCAL_FOLDER, Scope.LOCAL))


@dataclass(frozen=True, slots=True)
class FoundMemory:
    """A memory that exists.

    `agent` is its folder's name; `project` is the sub-project's root relative to the project
    (POSIX style), "" for the project itself and for the user; `shared` says whether version
    control carries it to others.
    """

    path: Path
    agent: str
    scope: Scope
    project: str
    shared: bool


def find_memories(project: Path | None, config_home: Path, base: str = BASE) -> list[FoundMemory]:
    """The memories of `project`, by sub-project, scope and agent, then those of the user.

    A folder is a memory when a Markdown file is in it. Links to directories are not followed,
    folders that cannot be read are passed over, and hidden folders other than `base` are not
    searched, which leaves out the work trees that runners keep there.
    """
    found: list[FoundMemory] = []
    if project is not None:
        for root, relative in sorted(_projects(str(project), base), key=lambda pair: pair[1]):
            if _same(os.path.join(root, base), config_home):
                continue
            for folder, scope in _FOLDERS:
                found += _memories(os.path.join(root, base, folder), scope, relative)
    found += _memories(os.path.join(config_home, SHARED_FOLDER), Scope.USER, "")
    return found


def _projects(top: str, base: str) -> Iterator[tuple[str, str]]:
    """The directories at and below `top` that hold a folder `base`: path, path below `top`."""
    pending = [(top, "")]
    while pending:
        path, relative = pending.pop()
        for name in _folders(path):
            if name == base:
                yield path, relative
            elif not name.startswith(".") and name not in PRUNED:
                below = f"{relative}/{name}" if relative else name
                pending.append((f"{path}{os.sep}{name}", below))


def in_folder(folder: str, scope: Scope) -> list[FoundMemory]:
    """The memories in one folder of memories of the project itself."""
    return _memories(folder, scope, "")


def _memories(folder: str, scope: Scope, project: str) -> list[FoundMemory]:
    if scope is not Scope.USER and Path(folder).is_symlink():
        return []
    return [
        FoundMemory(Path(folder, agent), agent, scope, project, shared=scope is Scope.PROJECT)
        for agent in sorted(_folders(folder))
        if not agent.startswith(".") and _holds_markdown(os.path.join(folder, agent))
    ]


def _folders(path: str) -> list[str]:
    """The names of the real directories in `path`; none where it cannot be read."""
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _holds_markdown(path: str) -> bool:
    """Whether a Markdown file is in `path`, or in a folder of it that is not hidden."""
    try:
        with os.scandir(path) as entries:
            below = []
            for entry in entries:
                if entry.name.lower().endswith(".md") and entry.is_file():
                    return True
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
    except OSError:
        return False
    return any(_holds_markdown(folder) for folder in below)


def _same(one: str, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
