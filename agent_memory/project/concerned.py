"""Which memory a file that somebody writes to belongs to, whether the file is there or not.

This stands in the way of every write of an agent, so it imports next to nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable

STATE = ".agent-memory"
INDEX = "MEMORY.md"
SUFFIXES = (".md", ".markdown", ".txt")
_FOLDERS = {"agent-memory": "project", "agent-memory-local": "local"}

Concerned = tuple[str, str, str, str]
"""A memory: its directory, the kind of its folder (`project`, which a person's own is named like,
too; `local`; "" for a plain one), its agent, and the runner's folder that it is in."""


def around(path: str, config_home: Callable[[], object]) -> Concerned | None:
    """The memory that an absolute `path`, read as it is spelled, leads through; None: none.

    That is a folder of one of the three scopes, whichever folder the runner keeps in a project;
    or the nearest folder above that holds `.agent-memory/`; or, of a text, `MEMORY.md`.
    A folder that holds `.git` is a project, and no memory because of a file of that name.
    `config_home` gives the runner's folder of this person.
    """
    folder = os.path.dirname(path)
    plain: str | None = None
    is_text = path.lower().endswith(SUFFIXES)
    while True:
        above = os.path.dirname(folder)
        if above == folder:
            return None if plain is None else (plain, "", "", "")
        found = _scoped(folder, config_home)
        if found is not None:
            return found
        if plain is None and _is_plain(folder, is_text):
            plain = folder
        folder = above


def _is_plain(folder: str, is_text: bool) -> bool:
    """Whether a folder is a memory of no agent's."""
    if os.path.basename(folder) in (os.curdir, os.pardir):
        return False
    if os.path.isdir(os.path.join(folder, STATE)):
        return True
    return (
        is_text
        and os.path.lexists(os.path.join(folder, INDEX))
        and not os.path.lexists(os.path.join(folder, ".git"))
    )


def _scoped(folder: str, config_home: Callable[[], object]) -> Concerned | None:
    """The memory of an agent whose directory `folder` would be."""
    kind, agent = os.path.split(folder)
    base, name = os.path.split(kind)
    if name not in _FOLDERS or agent in ("", os.curdir, os.pardir) or agent.startswith("."):
        return None
    is_runners = os.path.basename(base).startswith(".")
    if is_runners or os.path.normpath(base) == os.path.normpath(str(config_home())):
        return folder, _FOLDERS[name], agent, base
    return None


def escapes(path: str, directory: str) -> str:
    """Why a path that leads through a memory does not lead to a file of it, "" where it does."""
    whole = os.path.normpath(path)
    root = os.path.normpath(directory)
    if not whole.startswith(root + os.sep):
        return "it climbs out of the memory with .."
    below = whole[len(root) + 1 :]
    if below.split(os.sep)[0].lower() == STATE:
        return f"{STATE} is where the memory keeps its own state"
    real, base = os.path.realpath(whole), os.path.realpath(root)
    if not real.startswith(base + os.sep):
        return "a symbolic link leads out of the memory"
    if real[len(base) + 1 :].split(os.sep)[0].lower() == STATE:
        return f"a symbolic link leads into {STATE}"
    return ""
