"""Whether the disk has what it must have, at each call of one commit.

A name of the memory may change only when the intent, the versions that it would bring back and
their names are on the disk; it may lead to a new content only when that is; and the commit is
done only when the names that it changed are. An enumerator of the states that a power cut can
leave may stand in for this one: both are handed a folder, an operation and hooks, and say what
is wrong.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import memories
from calls import Call, Do, Hook
from faults import quiet

_MOVES = ("link", "rename", "renameat2", "replace")
_NAMES = (*_MOVES, "mkdir", "unlink")  # an empty folder that is still there does no harm
Name = tuple[str, int | None]
"""A path, and a handle on the folder that it starts from."""


def unsynced(work: Path, operation: str, hooks: Sequence[Hook] = ()) -> list[str]:
    """What is not on the disk although it must be, while an operation is done once."""
    root = work / "memory"
    with quiet():
        memories.make(root)
    disk = _Disk(root)
    with quiet(*hooks, disk):
        memories.perform(operation, root)
    assert disk.done, "no commit was made"
    return disk.problems


class _Disk:
    """A hook that knows the files and folders, by inode, that hold what is not synced."""

    def __init__(self, root: Path) -> None:
        self.problems: list[str] = []
        self.done = False
        self._root = root
        self._journal = root / ".agent-memory" / "journal"
        self._open: set[int] = set()

    def __call__(self, call: Call, do: Do) -> Any:
        named = _named(call)
        if any(not self._is_state(name) for name in named):
            self.problems += [f"{call}: {problem}" for problem in self._too_early(call, named)]
        if call.name == "rename" and call.args[0] == str(self._journal / "intent.json"):
            self.done = True
            folders = {path.parent for path in self._files()} | {self._root}
            self.problems += [
                f"the commit is done, and the names in {folder.name} may be lost"
                for folder in sorted(folders)
                if self._is_open(folder)
            ]
        result = do()
        self._note(call, named)
        return result

    def _too_early(self, call: Call, named: Sequence[Name]) -> Iterator[str]:
        """Why a name of the memory must not change yet."""
        if call.name in _MOVES and os.stat(named[0][0], dir_fd=named[0][1]).st_ino in self._open:
            yield "its content may be lost"
        if self._is_open(self._journal):
            yield "the intent's name may be lost"
        intent = self._journal / "intent.json"
        rows = json.loads(intent.read_bytes())["changes"]
        images = [self._journal / row["before"] for row in rows if row["before"]]
        yield from (f"{p.name:.12} may be lost" for p in (intent, *images) if self._is_open(p))

    def _note(self, call: Call, named: Sequence[Name]) -> None:
        if call.name == "write":
            self._open.add(os.fstat(call.args[0]).st_ino)
        elif call.name == "fsync":
            self._open.discard(os.fstat(call.args[0]).st_ino)
        for path, handle in named:
            folder = os.stat(os.path.dirname(path)) if handle is None else os.fstat(handle)
            self._open.add(folder.st_ino)

    def _is_open(self, path: Path) -> bool:
        return path.stat().st_ino in self._open

    def _is_state(self, name: Name) -> bool:
        path, handle = name
        return handle is None and Path(path).is_relative_to(self._journal.parent)

    def _files(self) -> list[Path]:
        state = self._journal.parent
        return [path for path in self._root.rglob("*") if not path.is_relative_to(state)]


def _named(call: Call) -> list[Name]:
    """The names that a call changes; of one that moves a file, its old name first."""
    if call.name == "renameat2":
        _, source, folder, target, _ = call.args
        return [(os.fsdecode(source), None), (os.fsdecode(target), folder)]
    if call.name not in _NAMES:
        return []
    first = call.args[0], call.options.get("src_dir_fd", call.options.get("dir_fd"))
    if call.name not in _MOVES:
        return [first]
    return [first, (call.args[1], call.options.get("dst_dir_fd"))]
