"""Where a memory lives: the project, the agent's folder, and the directory of each scope."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from agent_memory.core.paths import is_device
from agent_memory.core.scope import Scope
from agent_memory.core.text import printable
from agent_memory.errors import UnsafePathError

BASE = ".claude"
SHARED_FOLDER = "agent-memory"
LOCAL_FOLDER = "agent-memory-local"
MAX_FOLDER_BYTES = 100

_FORBIDDEN = re.compile(r'[/\\<>"|?*]')


@dataclass(frozen=True, slots=True)
class FoundProject:
    """A project's directory; `found` is False where it is only the working directory."""

    path: Path
    found: bool


def agent_folder(name: str) -> str:
    """The one folder name that stands for the agent `name`: `plugin:agent` is `plugin-agent`.

    Raises:
        UnsafePathError: the name cannot be a folder on every system, or would be a hidden one.
    """
    folder = name.replace(":", "-")
    reason = _unsafe(folder)
    if reason:
        shown = printable(name[:60]).replace("\n", "\ufffd").replace("\t", "\ufffd")
        raise UnsafePathError(
            f"agent name {shown!r} cannot be a folder: {reason}",
            "use letters, digits, `-` and `_`, for example `django-backend-dev`",
        )
    return folder


def _unsafe(folder: str) -> str:
    """Why `folder` is no safe name, an empty string where it is one."""
    if not folder.strip(" .-"):
        return "it is empty"
    if folder.startswith((".", " ")):
        return "it starts with a dot or a space"
    if folder.endswith((".", " ")):
        return "it ends with a dot or a space"
    if "\n" in folder or "\t" in folder or printable(folder) != folder:
        return "it holds control or invisible characters"
    if _FORBIDDEN.search(folder):
        return "it holds a slash or a character that Windows forbids"
    if is_device(folder):
        return "it is the name of a device on Windows"
    if len(folder.encode()) > MAX_FOLDER_BYTES:
        return f"it is over {MAX_FOLDER_BYTES} bytes"
    return ""


def find_project(start: Path, home: Path, config_home: Path) -> FoundProject:
    """The project around `start`: its nearest ancestor, or itself, with a `.git` or `.claude`.

    The home directory, its ancestors and the config folder are never a project, whichever
    of their spellings is met; where nothing is found the answer is `start` itself.
    """
    here = Path(os.path.abspath(start))
    barred = {os.path.realpath(folder) for folder in (home, *_parents(home), config_home)}
    for folder in (here, *here.parents):
        if _marked(folder) and os.path.realpath(folder) not in barred:
            return FoundProject(folder, found=True)
    return FoundProject(here, found=False)


def _marked(folder: Path) -> bool:
    # Path.is_dir raises where a folder may not be searched; these two say no.
    return os.path.lexists(folder / ".git") or os.path.isdir(folder / BASE)


def _parents(home: Path) -> list[Path]:
    """The ancestors of `home` as it is spelled and as it is without links."""
    spelled = Path(os.path.abspath(home))
    return [*spelled.parents, *Path(os.path.realpath(spelled)).parents]


def memory_directory(
    agent: str, scope: Scope, project: Path, config_home: Path, base: str = BASE
) -> Path:
    """The directory of the memory of `agent` in `scope`; `base` is the project's runner folder.

    Raises:
        UnsafePathError: the agent's name cannot be a folder name.
    """
    folder = agent_folder(agent)
    if scope is Scope.USER:
        return config_home / SHARED_FOLDER / folder
    kind = LOCAL_FOLDER if scope is Scope.LOCAL else SHARED_FOLDER
    return project / base / kind / folder
