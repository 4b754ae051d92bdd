"""What every verb of a memory needs: its settings, a look at the files, and the way to a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.core import budget as budgets
from agent_memory.core.budget import Budget
from agent_memory.core.paths import INDEX
from agent_memory.core.prompt import Place
from agent_memory.errors import ConflictError, StorageError

if TYPE_CHECKING:
    from agent_memory.core.checks.finding import Facts
    from agent_memory.core.draft import Draft
    from agent_memory.core.history import Author, Commit, Plan, Record
    from agent_memory.core.sheet import Settings
    from agent_memory.core.snapshot import Snapshot
    from agent_memory.storage.base import Storage

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of a memory that is given no other."""
    return datetime.now(UTC)


class Base:
    """A memory's storage and settings; reading takes no lock, each commit is atomic and durable."""

    def __init__(
        self,
        storage: Storage,
        place: Place,
        *,
        budget: Budget,
        pinned: Iterable[str] = (),
        actor: str = "",
        session: str = "",
        project: Path | None = None,
        topic_lines: int = budgets.TOPIC_LINES,
        clock: Clock = utc_now,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        quarantine: Iterable[str] = (),
        session_limits: tuple[int, int] = (100, 50_000),
    ) -> None:
        self._storage = storage
        self._place = place
        self._budget = budget
        self._pinned = tuple(pinned)
        self._actor = actor
        self._session = session
        self._project = project
        self._topic_lines = topic_lines
        self._clock = clock
        self._select = tuple(select)
        self._ignore = tuple(ignore)
        self._quarantine = frozenset(source.strip().casefold() for source in quarantine)
        self._session_limits = session_limits
        self._source = ""  # of all that is written, where a session says so

    @property
    def directory(self) -> Path:
        """Where the files are."""
        return Path(self._place.directory)

    @property
    def place(self) -> Place:
        """Where the files are, and whose they are."""
        return self._place

    @property
    def limits(self) -> Budget:
        """The budget that this memory is held to."""
        return self._budget

    @property
    def name(self) -> str:
        """The agent's name, else the directory's."""
        return self._place.agent or self.directory.name

    @property
    def actor(self) -> str:
        """Who writes, as the history has it."""
        return self._actor or self._person()

    def change(
        self, operation: str, edit: Callable[[Draft], object], source: str = "agent"
    ) -> Commit:
        """One commit of what `edit` does to a draft of the files as they are under the lock.

        It may be called several times, on fresh drafts: somebody may write meanwhile. The history
        calls the commit `operation`.
        """
        return self._do(operation, edit, source)

    @contextmanager
    def edit(self, source: str = "agent", allow_secret: str = "") -> Iterator[Draft]:
        """A draft with every verb; what it comes to is one commit when the block ends.

        An exception in the block, or `draft.discard()`, leaves the memory as it was. If somebody
        wrote meanwhile, the calls are played again on what is there then. The commit is found
        as `draft.commit` afterwards.
        """
        draft = self._draft(self._scan(), self._storage.history(), allow_secret)
        yield draft
        if not draft.plan("edit").is_empty:
            draft.commit = self._commit("edit", draft.replayed, source)

    def _do(
        self,
        operation: str,
        call: Callable[[Draft], object],
        source: str,
        allow_secret: str = "",
    ) -> Commit:
        def drafted(snapshot: Snapshot, records: Iterable[Record]) -> Draft:
            draft = self._draft(snapshot, records, allow_secret)
            call(draft)
            return draft

        return self._commit(operation, drafted, source)

    def _commit(
        self,
        operation: str,
        drafted: Callable[[Snapshot, Iterable[Record]], Draft],
        source: str,
    ) -> Commit:
        from agent_memory.core import lost

        def edit(snapshot: Snapshot, records: Iterable[Record]) -> Plan:
            try:
                draft = drafted(snapshot, records)
            except ConflictError as error:
                error.operation = operation
                raise
            draft.notices += lost.notices(draft.snapshot, records)
            return draft.plan(operation)

        return self._storage.commit(edit, self._author(operation, source))

    def _author(self, operation: str, source: str) -> Author:
        """Who commits; a source that is kept apart may do nothing but fill the inbox."""
        from agent_memory.core.history import Author

        if self._is_kept_apart(source):
            from agent_memory.core import inbox

            inbox.refuse(operation, self._source or source)
        return Author(self.actor, self._source or source, self._session)

    def _is_kept_apart(self, source: str) -> bool:
        return (self._source or source).strip().casefold() in self._quarantine

    def _draft(
        self, snapshot: Snapshot, records: Iterable[Record], allow_secret: str = ""
    ) -> Draft:
        from agent_memory.core.draft import Draft

        return Draft(snapshot, replace(self._settings(), allow_secret=allow_secret), records)

    def _settings(self) -> Settings:
        from agent_memory.core import place
        from agent_memory.core.sheet import Settings
        from agent_memory.project.detector import detector
        from agent_memory.project.instructions import instructions

        pinned = frozenset(place.title_key(title) for title in self._pinned)
        said = instructions(self._project) if self._project else {}
        label = f"{self.name} memory"
        return Settings(self._budget, pinned, label, said, self._topic_lines, detect=detector())

    def _facts(self, project: Path | None) -> Facts:
        from agent_memory.core.checks.finding import Facts
        from agent_memory.project.detector import detector
        from agent_memory.project.instructions import instructions

        said = instructions(project) if project else {}
        return Facts(self._outside(), said, project.name if project else "", detector())

    def _outside(self) -> frozenset[str]:
        from agent_memory.project.siblings import siblings

        return siblings(self._place.directory)

    def _person(self) -> str:
        from agent_memory.project.actor import person

        return person()

    def _index_text(self) -> str:
        """The index's text; an index that cannot be read must not look like an empty one."""
        snapshot = self._scan((INDEX,))
        for skipped in snapshot.skipped:
            raise StorageError(
                f"{self._place.directory}/{INDEX} is not read: {skipped.reason}",
                "put a Markdown file that can be read in its place",
            )
        return snapshot.text(INDEX)

    def _scan(self, paths: Iterable[str] | None = None) -> Snapshot:
        return self._storage.scan(paths)

    def __repr__(self) -> str:
        return f"Memory({self._place.directory!r})"
