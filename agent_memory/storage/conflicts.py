"""Texts that could not be written, kept as plain files until somebody has looked at them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from agent_memory.core import text as texts
from agent_memory.core.conflict import Conflict
from agent_memory.storage import _fs, notes

_NOTE = "conflict.json"
_SIDES = ("base", "ours", "theirs")


class Conflicts:
    """The conflicts of one memory: a folder for each, with a note and the three texts."""

    def __init__(self, folder: str, mode: int) -> None:
        self._folder = folder
        self._mode = mode

    def keep(self, conflict: Conflict) -> str:
        """Keep a conflict and return its id, that of an equal one if there is one.

        Whoever tries the same again and again must not fill the disk. The note comes last, so
        that what has one is whole.
        """
        for other in self.all():
            if replace(other, id=conflict.id, time=conflict.time) == conflict:
                return other.id
        folder = os.path.join(self._folder, conflict.id)
        _fs.makedirs(folder)
        for side in _SIDES:
            data = texts.encode(getattr(conflict, side))
            _fs.create(os.path.join(folder, f"{side}.md"), data, self._mode)
        note = {
            "time": conflict.time.isoformat(),
            "path": conflict.path,
            "line": conflict.line,
            "actor": conflict.actor,
            "operation": conflict.operation,
        }
        data = json.dumps(note, indent=1).encode("ascii")
        _fs.create(os.path.join(folder, _NOTE), data, self._mode)
        _fs.sync_directory(folder)
        return conflict.id

    def all(self) -> list[Conflict]:
        """The conflicts that are kept, the oldest first; what cannot be read is passed over."""
        found = [self._read(name) for name in _fs.listdir(self._folder)]
        return sorted((c for c in found if c is not None), key=lambda c: (c.time, c.id))

    def _read(self, name: str) -> Conflict | None:
        folder = os.path.join(self._folder, name)
        try:
            note = notes.read(os.path.join(folder, _NOTE))
            sides = {
                side: texts.decode(_fs.read(os.path.join(folder, f"{side}.md"))[0])
                for side in _SIDES
            }
            time = notes.moment(note["time"])
            words = {key: str(note[key]) for key in ("path", "actor", "operation")}
            return Conflict(id=name, time=time, line=int(note["line"]), **words, **sides)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def rewrite(self, cut: Callable[[str, bytes], bytes], word: Callable[[str], str]) -> None:
        """Keep each conflict with what `cut` makes of its texts and `word` of its note instead."""

        def side(old: Conflict, text: str) -> str:
            return texts.decode(cut(old.path, texts.encode(text)))

        for old in self.all():
            new = replace(
                old,
                path=word(old.path),
                actor=word(old.actor),
                base=side(old, old.base),
                ours=side(old, old.ours),
                theirs=side(old, old.theirs),
            )
            if new != old:
                self.keep(replace(new, id=os.urandom(5).hex()))
                self.drop(old.id)

    def drop(self, name: str) -> None:
        """Forget a conflict, because somebody has resolved it."""
        folder = os.path.join(self._folder, os.path.basename(name))
        for inside in (_NOTE, *(f"{side}.md" for side in _SIDES)):
            with suppress(FileNotFoundError):  # somebody else drops it, too
                _fs.unlink(os.path.join(folder, inside))
        with suppress(FileNotFoundError):
            _fs.rmdir(folder)
