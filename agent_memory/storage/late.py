"""What somebody wrote into a version of a file that a commit had just put aside.

Whoever opened a file before a commit exchanged it may write into the old version afterwards, and
an edit may come in the very moment that two versions change places. Such a version is kept here,
beside a note of which file it belongs to and what it was made out of, until nobody has it open
any more; then the next commit merges it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from agent_memory.storage import _fs, notes
from agent_memory.storage.images import Images

_OLD = 60.0  # seconds after which a version is taken as final where the system cannot tell


@dataclass(frozen=True, slots=True)
class Late:
    """A version that came late: `base` is what it was made out of, None for no file."""

    name: str
    path: str
    base: bytes | None
    data: bytes


class LateVersions:
    """The versions put aside in one memory."""

    def __init__(self, folder: str, images: Images, mode: int) -> None:
        self._folder = folder
        self._images = images
        self._mode = mode

    def add(self, file: str, path: str, base: bytes | None) -> None:
        """Put the file aside as a version of `path` that was made out of `base`."""
        _fs.makedirs(self._folder)
        name = os.urandom(8).hex()
        note = {"path": path, "base": self._images.keep(base)}
        self._images.sync()
        _fs.create(self._note(name), json.dumps(note).encode("ascii"), self._mode)
        _fs.rename(file, self._version(name))
        _fs.sync_directory(self._folder)

    def all(self) -> list[Late]:
        """The versions that nobody writes any more and that say something new; others are dropped.

        A version that somebody still has open waits for its turn.
        """
        found: list[Late] = []
        for name in {entry.partition(".")[0] for entry in _fs.listdir(self._folder)}:
            late = self._read(name)
            if late is not None:
                found.append(late)
        return sorted(found, key=lambda late: (late.path, late.name))

    def _read(self, name: str) -> Late | None:
        if not _fs.exists(self._version(name)):
            self.drop(name)  # only the note was written when somebody died
            return None
        try:
            data, is_final = final(self._version(name))
            if is_final is None:
                is_final = _fs.seconds_since(_fs.stat(self._version(name)).st_ctime_ns) > _OLD
            note = notes.read(self._note(name))
            late = Late(name, str(note["path"]), self._base(note["base"]), data)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if is_final and late.data == late.base:
            self.drop(name)
            return None
        return late if is_final else None

    def _base(self, name: str | None) -> bytes | None:
        try:
            return self._images.read(name)
        except OSError:  # purged or trimmed: all of the version counts as new
            return None

    def rewrite(self, cut: Callable[[str, bytes], bytes]) -> None:
        """Put what `cut` makes of each version in its place, and of what it was made out of."""
        for name in {entry.partition(".")[0] for entry in _fs.listdir(self._folder)}:
            try:
                data = _fs.read(self._version(name))[0]
                note = notes.read(self._note(name))
                path, base = str(note["path"]), self._base(note["base"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            left = cut(path, data), None if base is None else cut(path, base)
            if left == (data, base):
                continue
            new = os.urandom(8).hex()
            row = {"path": path, "base": self._images.keep(left[1])}
            _fs.create(self._note(new), json.dumps(row).encode("ascii"), self._mode)
            _fs.create(self._version(new), left[0], like=self._version(name))
            self.drop(name)

    def drop(self, name: str) -> None:
        """Forget a version, because it is merged."""
        for path in (self._version(name), self._note(name)):
            if _fs.exists(path):
                _fs.unlink(path)

    def _version(self, name: str) -> str:
        return os.path.join(self._folder, f"{name}.md")

    def _note(self, name: str) -> str:
        return os.path.join(self._folder, f"{name}.json")


def final(file: str) -> tuple[bytes, bool | None]:
    """The bytes of a file that has no name any more where others look, and whether they are final.

    They are while nobody has it open for writing; None where the system cannot tell.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return _fs.read(file, alone=True)[0], True
    except _fs.BusyError:
        return _fs.read(file)[0], False
    except _fs.UnsupportedError:
        return _fs.read(file)[0], None
