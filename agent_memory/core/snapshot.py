"""A memory's directory at one instant, and the changes that lead to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from agent_memory.core import text as texts
from agent_memory.core.paths import INDEX, key
from agent_memory.core.revision import Revision, revision

if TYPE_CHECKING:
    from agent_memory.core.document import Document


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is listed but not read: `reason` says why, `bytes` is its size."""

    path: str
    reason: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Change:
    """One file's next content: `before` is None for a new file, `after` for a removed one."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class Snapshot:
    """The Markdown files of a memory, path → bytes, and what was seen beside them."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()

    def text(self, path: str) -> str:
        """The text of a file, "" where there is none."""
        return texts.decode(self.files.get(path, b""))

    def document(self, path: str) -> Document:
        """The parsed file at `path`; a file that does not exist is an empty document."""
        return parsed(path, self.files.get(path, b""))

    @property
    def index(self) -> Document:
        """The parsed index."""
        return self.document(INDEX)

    @property
    def topics(self) -> list[str]:
        """The paths of all files but the index, in order."""
        return sorted(path for path in self.files if path != INDEX)

    @property
    def revision(self) -> Revision:
        """The content hash over every path and its bytes."""
        parts = (f"{path}\0{revision(data)}\n" for path, data in sorted(self.files.items()))
        return revision("".join(parts).encode("utf-8", "surrogateescape"))

    def with_files(self, files: Mapping[str, bytes]) -> Snapshot:
        """This snapshot with other files."""
        return Snapshot(files, self.skipped)

    def changes_to(self, files: Mapping[str, bytes]) -> list[Change]:
        """The changes that lead from this snapshot to `files`, ordered by path.

        A removal comes before all others where a file is made that is one with it on some disk,
        `A.md` of `a.md`: the other way about, it would take the new file away.
        """
        made = {key(path) for path in files.keys() - self.files.keys()}
        first = {path for path in self.files.keys() - files.keys() if key(path) in made}
        return [
            Change(path, self.files.get(path), files.get(path))
            for path in sorted({*self.files, *files}, key=lambda path: (path not in first, path))
            if self.files.get(path) != files.get(path)
        ]


@lru_cache(maxsize=512)
def parsed(path: str, data: bytes) -> Document:
    """The parsed document of `data`, remembered while the process lives."""
    from agent_memory.core.document import Document

    return Document(path, texts.decode(data))
