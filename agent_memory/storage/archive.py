"""The archive: commits that said something of entries, kept when the history lets go of them.

While the history has a commit, that is where it is. Before it is trimmed, the file of such a commit
is copied here, and its images stay. So a pruned entry can be brought back, a stamp holds, and what
waits in the inbox waits, however long ago that was.
"""

from __future__ import annotations

import os
from contextlib import suppress

from agent_memory.core.history import Commit, Record
from agent_memory.storage import _fs, replace
from agent_memory.storage.images import Images
from agent_memory.storage.log import load, record_at


class Archive:
    """The archived commits of one memory, one file each, named by the commit's id."""

    def __init__(self, folder: str, images: Images, mode: int) -> None:
        self._folder = folder
        self._images = images
        self._mode = mode

    def records(self) -> list[Record]:
        """The archived commits, the newest first; files that cannot be read are passed over."""
        found = (record_at(path, self._images) for path in self.paths())
        records = [record for record in found if record is not None]
        return sorted(records, key=lambda record: record.commit.time, reverse=True)

    def paths(self) -> list[str]:
        """The files of the archived commits.

        Raises:
            StorageError: the folder cannot be listed.
        """
        try:
            names = [name for name in _fs.listdir(self._folder) if name.endswith(".json")]
        except OSError as error:
            raise replace.as_storage_error(self._folder, error) from error
        return [os.path.join(self._folder, name) for name in names]

    def take(self, commit: Commit, file: str) -> None:
        """Keep a copy of a commit's file, on the disk before the history drops it.

        Only if it judged entries, or takes back one that is here: else what it took back would
        seem to stand.
        """
        undone = (commit.undoes or "").split()
        if not commit.judged and not any(_fs.exists(self._path(one)) for one in undone):
            return
        _fs.makedirs(self._folder)
        _fs.sync_directory(os.path.dirname(self._folder))
        draft = os.path.join(self._folder, "taken.part")
        _fs.create_anew(draft, _fs.read(file)[0], self._mode)
        _fs.replace(draft, self._path(commit.id))
        _fs.sync_directory(self._folder)

    def commits(self) -> list[Commit]:
        """The archived commits without any look at their images, the newest first."""
        found: list[Commit] = []
        for path in self.paths():
            with suppress(OSError, ValueError, KeyError, TypeError):
                found.append(load(path)[0])
        return sorted(found, key=lambda commit: commit.time, reverse=True)

    def images(self) -> set[str]:
        """The names of the images that belong to archived commits."""
        names: set[str] = set()
        for path in self.paths():
            try:
                rows = load(path)[1]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            names.update(name for row in rows for name in (row.before, row.after) if name)
        return names

    def _path(self, commit: str) -> str:
        return os.path.join(self._folder, f"{os.path.basename(commit)}.json")
