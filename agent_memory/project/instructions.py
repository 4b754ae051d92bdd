"""The instructions that a project gives to every agent anyway: CLAUDE.md, AGENTS.md, imports.

A word `@path` of such a file imports another one, from its own folder on; runners follow imports
of imports a few levels deep, and none that stands in code.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from agent_memory.core import text as texts

FILES = ("CLAUDE.md", "AGENTS.md", ".claude/CLAUDE.md")
_MAX_BYTES = 1_000_000  # of one file
_MAX_FILES = 50
_MAX_DEPTH = 5  # of imports, as Claude Code has it
_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_IMPORT = re.compile(r"(?<!\S)@([\w.~/\\-][^\s\0@`\"'<>|*?]{0,400})")


def instructions(project: Path) -> dict[str, str]:
    """Path → text of the instruction files that a project has, each with what it imports.

    What cannot be read is left out, and so are imports from outside of the project.
    """
    root = os.path.realpath(project)
    found: dict[str, str] = {}
    for name in FILES:
        _follow(root, name, found, _MAX_DEPTH)
    return found


def _follow(root: str, name: str, found: dict[str, str], depth: int) -> None:
    """Read the file `name` of the project, and what it imports, into `found`."""
    if name in found or len(found) >= _MAX_FILES:
        return
    text = _read(Path(root, name))
    if text is None:
        return
    found[name] = text
    for imported in _imports(root, name, text) if depth else ():
        _follow(root, imported, found, depth - 1)


def _read(path: Path) -> str | None:
    try:
        if path.is_file() and path.stat().st_size <= _MAX_BYTES:
            return texts.decode(path.read_bytes())
    except (OSError, ValueError):
        pass
    return None


def _imports(root: str, name: str, text: str) -> Iterator[str]:
    """The files of the project that a text imports, as paths from its root."""
    folder = os.path.dirname(os.path.join(root, name))
    for match in _IMPORT.finditer(_CODE.sub(" ", text)) if "@" in text else ():
        path = os.path.realpath(os.path.join(folder, match[1].rstrip(".,;:)")))
        inside = os.path.relpath(path, root)
        if not inside.startswith(os.pardir) and not os.path.isabs(inside):
            yield inside.replace(os.sep, "/")
