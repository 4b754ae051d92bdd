"""The other memories of a project: links may lead into them."""

from __future__ import annotations

import os

_FOLDERS = ("agent-memory", "agent-memory-local")
_MOST = 20_000


def siblings(directory: str) -> frozenset[str]:
    """The Markdown files of the memories beside `directory`, as POSIX paths from it.

    Empty where `directory` is not one memory of several, in a runner's folder for them.
    """
    parent, own = os.path.split(os.path.abspath(directory))
    if os.path.basename(parent) not in _FOLDERS:
        return frozenset()
    found: set[str] = set()
    for folder, folders, files in os.walk(parent):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and os.path.join(folder, name) != os.path.join(parent, own)
        ]
        base = os.path.relpath(folder, parent).replace(os.sep, "/")
        found.update(f"../{base}/{name}" for name in files if name.endswith(".md"))
        if len(found) > _MOST:
            break
    return frozenset(found)
