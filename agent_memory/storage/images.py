"""Every version of a file that a commit replaced or made, as a plain file named by its hash."""

from __future__ import annotations

import os
import stat
from hashlib import sha256

from agent_memory.storage import _fs

_LENGTH = 64  # hexadecimal digits in a name


def name_of(data: bytes) -> str:
    """The name that this content has among the images."""
    return sha256(data).hexdigest()


class Images:
    """The images of one memory.

    They lie in its journal folder, so that one sync makes them and the intent durable.
    """

    def __init__(self, folder: str, temporary: str, mode: int) -> None:
        self.folder = folder
        self._temporary = temporary
        self._mode = mode

    def keep(self, data: bytes | None, private: bool = False, sync: bool = True) -> str | None:
        """Keep a content and return its name; None, for no file, has none.

        Args:
            data: the content.
            private: nobody but us may read it, as nobody else may read the file.
            sync: False where the disk may forget it, because a file holds the same.
        """
        if data is None:
            return None
        name = name_of(data)
        path = os.path.join(self.folder, name)
        if not self.has(name):  # a power cut may have left its name and not its content
            # Under its own name only when whole: a torn image must never be taken for one.
            part = os.path.join(self._temporary, f"{name[:16]}-{os.urandom(4).hex()}.part")
            _fs.create(part, data, 0o600 if private else self._mode, sync=sync)
            _fs.rename(part, path)
        elif sync:
            _fs.sync_file(path)  # a commit of a single file may have left it to the system
        return name

    def read(self, name: str | None) -> bytes | None:
        """The content of this name; None stands for a file that did not exist.

        Raises:
            OSError: it is not kept any more, or is damaged.
        """
        if name is None:
            return None
        data = _fs.read(self._path(name))[0]
        if name_of(data) != os.path.basename(name):
            raise FileNotFoundError(f"the image {name} is damaged")
        return data

    def raw(self, name: str) -> bytes:
        """What the image of this name holds, even if it is damaged."""
        return _fs.read(self._path(name))[0]

    def has(self, name: str | None) -> bool:
        """Whether this content is kept, undamaged: whoever is told so goes on to read it."""
        try:
            self.read(name)
        except OSError:
            return False
        return True

    def drop(self, name: str) -> None:
        """Forget a content."""
        _fs.unlink(self._path(name))

    def names(self) -> list[str]:
        """The names of all that is kept; what has such a name and is no file is not ours."""
        found = [name for name in _fs.listdir(self.folder) if len(name) == _LENGTH]
        return [name for name in found if stat.S_ISREG(_fs.lstat(self._path(name)).st_mode)]

    def size(self, name: str) -> int:
        """The bytes that an image takes."""
        return _fs.stat(self._path(name)).st_size

    def sync(self) -> None:
        """Make the names of new images durable."""
        _fs.sync_directory(self.folder)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, os.path.basename(name))
