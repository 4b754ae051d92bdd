"""What a commit is about to do and, once it is done, the history.

An intent is written and synced before the first file changes: it names the commit and, for each
file, the content hash before and after; the contents lie beside it as plain files named by their
hash. When all files are in place the intent itself is moved among the commits, and so becomes
the record. A crash leaves the intent behind: the next writer finishes what it says.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from agent_memory.core.compact import Moved
from agent_memory.core.history import Commit, Record
from agent_memory.core.snapshot import Change
from agent_memory.errors import ConflictError
from agent_memory.storage import _fs, replace

_VERSION = 1
_GITIGNORE = b"*\n"


class Journal:
    """The journal of one memory, in its state folder."""

    def __init__(self, root: str, state: str) -> None:
        self._root = root
        self._state = state
        self._images = os.path.join(state, "images")
        self._commits = os.path.join(state, "commits")
        self._intent = os.path.join(state, "intent.json")
        self.temporary = os.path.join(state, "tmp")

    def prepare(self) -> None:
        """Make the state folder; it keeps itself out of version control."""
        for folder in (self._images, self._commits, self.temporary):
            _fs.makedirs(folder)
        ignore = os.path.join(self._state, ".gitignore")
        if not _fs.exists(ignore):
            with suppress(FileExistsError):  # no lock is held yet: another writer may be faster
                _fs.create(ignore, _GITIGNORE)

    def begin(self, commit: Commit, changes: Sequence[Change]) -> None:
        """Write and sync the intent; from here on a crash is recovered from."""
        rows = [
            {
                "path": change.path,
                "before": self._keep(change.before),
                "after": self._keep(change.after),
            }
            for change in changes
        ]
        document = {"version": _VERSION, "commit": _commit_out(commit), "changes": rows}
        _fs.sync_directory(self._images)
        draft = os.path.join(self.temporary, "intent.json")
        if _fs.exists(draft):
            _fs.unlink(draft)
        _fs.create(draft, json.dumps(document, ensure_ascii=True).encode("ascii"))
        _fs.replace(draft, self._intent)
        try:
            _fs.sync_directory(self._state)
        except OSError:  # whoever is told of a failure must not find the commit made later
            self.abandon()
            raise

    def done(self) -> None:
        """Move the intent among the commits."""
        number = 1 + max((_number(name) for name in _fs.listdir(self._commits)), default=0)
        _fs.replace(self._intent, os.path.join(self._commits, f"{number:09d}.json"))

    def abandon(self) -> None:
        """Drop the intent of a commit that was taken back, and what was prepared for it."""
        _fs.unlink(self._intent)
        self._clear()

    def _clear(self) -> None:
        for name in _fs.listdir(self.temporary):
            _fs.unlink(os.path.join(self.temporary, name))

    def recover(self) -> None:
        """Finish what a crash left undone, or take it back where somebody has written since.

        Files that are neither what they were before the commit nor what it makes of them are
        somebody else's work and are left alone; so is whatever is no file of the memory any more.
        """
        self._clear()
        if not _fs.exists(self._intent):
            return
        try:
            changes = [self._change(row) for row in self._load(self._intent)["changes"]]
        except (ValueError, KeyError, TypeError, FileNotFoundError, IsADirectoryError):
            # Not ours to guess at: the files stand as they are, and the next commit goes on.
            _fs.replace(self._intent, f"{self._intent}.unreadable")
            return
        try:
            self._finish(changes)
        except replace.FOREIGN:
            back = [replace.inverse(change) for change in reversed(changes)]
            self._undo(back)
            self._settle(back)
            self.abandon()
        else:
            self._settle(changes)
            self.done()

    def _change(self, row: Mapping[str, str | None]) -> Change:
        path = row["path"]
        if not isinstance(path, str) or not path or "\0" in path:
            raise ValueError(f"{path!r} is not a path")
        return Change(path, self.image(row["before"]), self.image(row["after"]))

    def _finish(self, changes: Sequence[Change]) -> None:
        """Make the changes that are not made yet; before the first, look whether all can be."""
        now = {change.path: self._now(change.path) for change in changes}
        for change in changes:
            if now[change.path] not in (change.before, change.after):
                raise _theirs(change.path)
        for change in changes:
            if now[change.path] == change.before:
                self._make(change)

    def _undo(self, changes: Sequence[Change]) -> None:
        """Make these changes where nobody stands in the way."""
        for change in changes:
            with suppress(*replace.FOREIGN):
                if self._now(change.path) == change.before:
                    self._make(change)

    def _now(self, path: str) -> bytes | None:
        try:
            return replace.current(self._root, path)
        except PermissionError:
            raise _theirs(path) from None

    def _make(self, change: Change) -> None:
        replace.apply(self._root, change, replace.prepare(self._root, change, self.temporary))

    def _settle(self, changes: Sequence[Change]) -> None:
        replace.sync_folders(self._root, changes)
        replace.drop_empty_folders(self._root, changes)

    def records(self) -> Iterator[Record]:
        """The commits, the newest first; what cannot be read is passed over."""
        for name in reversed(_fs.listdir(self._commits)):
            try:
                document = self._load(os.path.join(self._commits, name))
                commit = _commit_in(document["commit"])
                before = {row["path"]: row["before"] for row in document["changes"]}
                after = {row["path"]: row["after"] for row in document["changes"]}
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if all(self._has(image) for image in (*before.values(), *after.values())):
                yield Record(commit, _Images(self, before), _Images(self, after))

    def _keep(self, data: bytes | None) -> str | None:
        """Keep a file's content under its hash, which is returned."""
        if data is None:
            return None
        from hashlib import sha256

        name = sha256(data).hexdigest()
        path = os.path.join(self._images, name)
        if not _fs.exists(path):
            # Under its own name only when whole: a torn image must never be taken for one.
            draft = os.path.join(self.temporary, name)
            if _fs.exists(draft):
                _fs.unlink(draft)
            _fs.create(draft, data)
            _fs.replace(draft, path)
        return name

    def image(self, name: str | None) -> bytes | None:
        """The content kept under a hash; None stands for a file that did not exist.

        Raises:
            OSError: the history no longer has it.
        """
        return None if name is None else _fs.read(self._image_path(name))[0]

    def _has(self, name: str | None) -> bool:
        return name is None or _fs.exists(self._image_path(name))

    def _image_path(self, name: str) -> str:
        return os.path.join(self._images, os.path.basename(name))

    def _load(self, path: str) -> dict[str, Any]:
        document = json.loads(_fs.read(path)[0])
        if not isinstance(document, dict) or document.get("version") != _VERSION:
            raise ValueError(f"{path} is not a journal file of this version")
        return document


class History(Iterable[Record]):
    """Records that can be gone through again; each is read once, when it is first asked for."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._coming = iter(records)
        self._seen: list[Record] = []

    def __iter__(self) -> Iterator[Record]:
        yield from self._seen
        for record in self._coming:
            self._seen.append(record)
            yield record


class _Images(Mapping[str, bytes | None]):
    """Contents by path, read from the journal when they are asked for."""

    def __init__(self, journal: Journal, names: Mapping[str, str | None]) -> None:
        self._journal = journal
        self._names = names

    def __getitem__(self, path: str) -> bytes | None:
        return self._journal.image(self._names[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _theirs(path: str) -> ConflictError:
    return ConflictError(f"{path} is somebody else's by now", "it is left alone")


def _number(name: str) -> int:
    stem = name.partition(".")[0]
    return int(stem) if stem.isdecimal() else 0


def _commit_out(commit: Commit) -> dict[str, Any]:
    fields = asdict(commit) | {"time": commit.time.isoformat()}
    del fields["nearest"]  # advice to the writer of that moment
    return fields


def _commit_in(fields: dict[str, Any]) -> Commit:
    return Commit(
        **fields
        | {
            "time": datetime.fromisoformat(fields["time"]),
            "changed": tuple(fields["changed"]),
            "moved": tuple(Moved(**move) for move in fields["moved"]),
            "notices": tuple(fields["notices"]),
        }
    )
