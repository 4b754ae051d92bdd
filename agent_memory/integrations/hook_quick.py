"""Whether there is nothing to say, found out without opening a memory: most events are like that.

Here everything is looked at from the cautious side. Whatever is unusual (a setting, a link, a
commit under way) is left to those who read it properly, and only takes longer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from agent_memory.core import text as texts
from agent_memory.project.concerned import INDEX, STATE

LINES, BYTES = 200, 25_000  # as core/budget.py has them, which costs too much to import
_BASE = ".claude"
_FOLDERS = {"project": "agent-memory", "local": "agent-memory-local"}
_AGENT = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_KEY = re.compile(r"^(name|memory):[ \t]*([\w-]+)[ \t]*$", re.M)


def fits(text: str, folder: str, choice: Mapping[str, str]) -> bool:
    """Whether an index is within the limits, as far as nothing sets others; False: look closer."""
    return (
        texts.count_lines(text) <= LINES
        and texts.size(text) <= BYTES
        and _is_standard(folder, choice)
    )


def is_silent_start(agent: str, cwd: str, choice: Mapping[str, str]) -> bool:
    """Whether an agent's start is one of which there is nothing to say; False: look closer."""
    root = _project(os.path.abspath(cwd), choice)
    if choice.keys() - {"home", "limits"} or not root or not _is_standard(root, choice):
        return False
    base = os.path.join(root, _BASE)
    if not agent:
        return not any(os.path.lexists(os.path.join(base, name)) for name in _FOLDERS.values())
    scope = _declared(os.path.join(base, "agents", f"{agent}.md"), agent)
    if scope not in _FOLDERS:
        return False
    directory = os.path.join(base, _FOLDERS[scope], agent)
    if os.path.lexists(os.path.join(directory, STATE, "journal", "intent.json")):
        return False
    index = os.path.join(directory, INDEX)
    if not os.path.lexists(index):
        return True
    if os.path.realpath(index) != index:
        return False
    return fits(texts.decode(_read(index)), root, choice)


def _project(folder: str, choice: Mapping[str, str]) -> str:
    """The project around a folder, "" where it takes more to tell."""
    home = choice.get("home", "")
    while folder != os.path.dirname(folder):
        if not home or f"{os.path.realpath(home)}{os.sep}".startswith(
            f"{os.path.realpath(folder)}{os.sep}"
        ):
            return ""
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        if os.path.lexists(os.path.join(folder, _BASE)):
            return folder
        folder = os.path.dirname(folder)
    return ""


def _is_standard(folder: str, choice: Mapping[str, str]) -> bool:
    """Whether neither the environment nor a pyproject.toml sets anything for us."""
    if choice.get("limits") != "standard":
        return False
    while True:
        file = os.path.join(folder, "pyproject.toml")
        if os.path.lexists(file):
            data = _read(file)
            return b"agent-memory" not in data and b"agent_memory" not in data
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return True
        folder = above


def _declared(path: str, agent: str) -> str:
    """The scope that an agent's own definition file names in the plainest way, else ""."""
    if not _AGENT.fullmatch(agent) or not os.path.isfile(path):
        return ""
    text = texts.decode(_read(path))
    if not text.startswith("---\n"):
        return ""
    found = _KEY.findall(text.partition("\n---")[0])
    keys = dict(found)
    if len(keys) < len(found) or keys.get("name", agent) != agent:
        return ""
    return str(keys.get("memory", ""))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
