"""Answers that are worth keeping, in a folder of this person's; losing them costs only time."""

from __future__ import annotations

import os

from agent_memory.storage import _fs

_MOST = 64 * 1024 * 1024  # bytes of one answer


class Cache:
    """A folder with one file an answer; what cannot be read or written is passed over."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def load(self, name: str) -> bytes | None:
        """What was kept under a name, None where nothing is."""
        try:
            return _fs.read(os.path.join(self._folder, name))[0]
        except OSError:
            return None

    def save(self, name: str, data: bytes) -> None:
        """Keep an answer, if that is possible."""
        if len(data) > _MOST:
            return
        target = os.path.join(self._folder, name)
        fresh = f"{target}.{os.getpid()}"
        try:
            _fs.makedirs(self._folder)
            _fs.create_anew(fresh, data, 0o600, sync=False)
            _fs.replace(fresh, target)
        except OSError:
            return
