"""What a place that keeps a memory must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from agent_memory.core.checks.finding import Finding
from agent_memory.core.conflict import Conflict
from agent_memory.core.history import Author, Commit, Plan, Record
from agent_memory.core.snapshot import Snapshot

Edit = Callable[[Snapshot, Iterable[Record]], Plan]
"""A pure function from what is there, and how it came to be, to what should be changed."""


class Storage(Protocol):
    """Reads snapshots, makes commits, remembers them: small enough for a database to be one."""

    @property
    def location(self) -> str:
        """Where the memory is, as a person would find it."""

    def scan(self, paths: Iterable[str] | None = None) -> Snapshot:
        """The memory as it is now; with `paths`, only these files of it."""

    def commit(self, edit: Edit, author: Author) -> Commit:
        """Make the changes that `edit` plans on a fresh snapshot: all of them, or none."""

    def record(self, author: Author, path: str, is_new: bool = False) -> Commit:
        """Record now that `author` changed a file without us; empty where nothing is new."""

    def purge(self, text: str, author: Author) -> Commit:
        """Take a text out of the files and of all that is kept beside them."""

    def history(self) -> Iterable[Record]:
        """The commits, the newest first; they can be gone through again and again."""

    def archive(self) -> Sequence[Record]:
        """The commits that are kept when the history has let go of them, the newest first.

        Those are the ones that pruned or verified entries, and what took them back.
        """

    def commits(self) -> Iterable[Commit]:
        """Every commit of the history and the archive, the newest first, without its bytes."""

    def examine(self) -> Iterable[Finding]:
        """What is the matter with the place, and how it is where nothing is."""

    def conflicts(self) -> list[Conflict]:
        """The texts that could not be merged and are kept, the oldest first."""

    def drop_conflict(self, conflict_id: str) -> None:
        """Forget a conflict, because somebody has decided it."""
