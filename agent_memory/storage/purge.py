"""Taking a text out of all that a memory keeps beside its files, and looking that it is gone.

Everything is found by its content, so a purge that a crash stopped is finished by the next one.
A record is rewritten before the images that it names are dropped, for the same reason.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agent_memory.core import purge
from agent_memory.storage import _fs, notes
from agent_memory.storage import scan as scanning
from agent_memory.storage.journal import Journal
from agent_memory.storage.log import load

EDIT_COPIES = "agent-memory-edit-"
"""How the folders in the system's temp folder begin that hold a person's copies."""
_GONE = "purged"  # in place of an image's name, which is a hash of what it held
_GIT = ".git"


@dataclass(slots=True)
class Purge:
    """One purge of a text from the memory at `root`; the lock is held where it changes anything."""

    root: str
    state: str
    text: str
    needles: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.needles = purge.needles(self.text)

    def holds(self, data: bytes) -> bool:
        """Whether these bytes hold the text, as it is or inside of JSON."""
        return any(needle in data for needle in self.needles)

    def without(self, path: str, data: bytes) -> bytes:
        """A version of a file without the text."""
        return purge.without(path, data, self.text) if self.holds(data) else data

    # -- looking --------------------------------------------------------------------------------

    def held(self) -> list[str]:
        """The files that hold it or tell of it, in the memory, its state and the temp folder."""
        return [path for path in self._all_files() if self._holds_file(path)]

    def _holds_file(self, path: str) -> bool:
        try:
            data = _fs.read(path)[0]
        except OSError:  # no file, gone, or not ours to read
            return False
        document = _json(data) if self._is_note(path) else None
        if document is None:
            return self.holds(data)
        named = document.get("files")  # of the head: paths, with hashes
        if isinstance(named, dict):
            return any(self.text in path for path in named)
        return self._tells(document)

    def _is_note(self, path: str) -> bool:
        """Whether we wrote a file as JSON, with words of our own in it."""
        return path.startswith(os.path.join(self.state, "")) and path.endswith(".json")

    def _all_files(self) -> Iterator[str]:
        yield from _files(self.root)
        yield from self._copies()

    def _copies(self) -> Iterator[str]:
        folder = tempfile.gettempdir()
        for name in _fs.listdir(folder):
            if name.startswith(EDIT_COPIES):
                yield from _files(os.path.join(folder, name))

    # -- changing -------------------------------------------------------------------------------

    def scrub(self, journal: Journal) -> None:
        """Take it out of the history, conflicts, late versions, leftovers and editors' copies.

        Raises:
            OSError: something cannot be changed; the rest is found by the next purge.
        """
        journal.late.rewrite(self.without)
        journal.conflicts.rewrite(self.without, self._word)
        self._scrub_log(journal)
        for path in _files(self.state):
            if self._holds_file(path):
                _fs.unlink(path)  # a leftover, or a cache
        for path in self._copies():
            if self._holds_file(path):
                self._cut_copy(path)

    def _word(self, said: str) -> str:
        return purge.PURGED if purge.tells(said, self.text) else said

    def _scrub_log(self, journal: Journal) -> None:
        log, images = journal.log, journal.images
        head = log.head()  # before the commits are changed that it may have to be made again from
        held = {name for name in images.names() if self.holds(images.raw(name))}
        kept = [os.path.join(log.folder, name) for name in log.names()]
        for path in (*kept, *journal.archive.paths()):
            try:
                load(path)
                document = notes.read(path)
            except (OSError, ValueError, KeyError, TypeError):
                continue  # nobody can read it: it goes as a leftover if it holds the text
            scrubbed = self._scrubbed(document, held)
            if scrubbed != document:
                log.rewrite(path, json.dumps(scrubbed).encode("ascii"))
        head.files = {
            path: name
            for path, name in head.files.items()
            if name not in held and self.text not in path
        }
        head.weight = max(0, head.weight - sum(images.size(name) for name in held))
        if head.number:
            log.write_head(head)
        for name in held:
            images.drop(name)
        images.sync()

    def _scrubbed(self, document: dict[str, Any], held: set[str]) -> dict[str, Any]:
        """A record that does not tell of the text: not in words, and by no hash of it."""
        rows = [self._row(row, held) for row in document.get("changes", ())]
        if rows == document.get("changes") and not self._tells(document):
            return document
        commit = purge.scrubbed(document.get("commit"), self.text)
        if isinstance(commit, dict):
            commit["entry"] = None
        return {**document, "commit": commit, "changes": rows}

    def _tells(self, document: dict[str, Any]) -> bool:
        return purge.scrubbed(document, self.text) != document

    def _row(self, row: dict[str, Any], held: set[str]) -> dict[str, Any]:
        if self.text in str(row.get("path")):
            return {"path": purge.PURGED, "before": _GONE, "after": None}
        sides = ((side, row.get(side)) for side in ("before", "after"))
        return {**row, **{side: _GONE if name in held else name for side, name in sides}}

    def _cut_copy(self, path: str) -> None:
        """Leave a person the rest of what they wrote; what is no text of theirs goes."""
        with suppress(OSError):  # reported by the look afterwards
            data = self.without(os.path.basename(path), _fs.read(path)[0])
            is_text = path.casefold().endswith(".md") and not self.holds(data)
            if is_text:
                part = f"{path}.part"
                _fs.create(part, data, like=path)
                _fs.replace(part, path)
            else:
                _fs.unlink(path)


def remaining(root: str, held: list[str]) -> tuple[list[str], list[str]]:
    """What a look afterwards found: what must not be, and what is not ours to change."""
    ours: list[str] = []
    others: list[str] = []
    listed = scanning.scan(root).files
    for path in held:
        name = os.path.relpath(path, root).replace(os.sep, "/")
        is_ours = name in listed or name.startswith(f"{scanning.STATE}/")
        (ours if is_ours else others).append(name if not name.startswith("..") else path)
    return ours, others


def _files(folder: str) -> Iterator[str]:
    """Every file below a folder but those of git; no link is followed."""
    try:
        entries = _fs.scandir(folder)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name != _GIT:
                yield from _files(entry.path)
        elif entry.is_file(follow_symlinks=False):
            yield entry.path


def _json(data: bytes) -> dict[str, Any] | None:
    try:
        return notes.parsed(data)
    except ValueError:
        return None
