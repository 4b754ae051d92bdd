"""The other memories of a project: links may lead into them."""

from __future__ import annotations

import os

_FOLDERS = ("agent-memory", "agent-memory-local")
_SUFFIXES = (".md", ".markdown")
_MOST = 20_000


def siblings(directory: str) -> frozenset[str]:
    """The Markdown files of the project's other memories, as POSIX paths from `directory`.

    Empty where `directory` is not one memory of several, in a runner's folder for them.
    """
    own = os.path.abspath(directory)
    parent = os.path.dirname(own)
    if os.path.basename(parent) not in _FOLDERS:
        return frozenset()
    found: set[str] = set()
    for name in _FOLDERS:
        for folder, folders, files in os.walk(os.path.join(os.path.dirname(parent), name)):
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".") and os.path.join(folder, name) != own
            )
            base = os.path.relpath(folder, own).replace(os.sep, "/")
            found.update(f"{base}/{name}" for name in files if name.lower().endswith(_SUFFIXES))
            if len(found) > _MOST:
                return frozenset(found)
    return frozenset(found)
