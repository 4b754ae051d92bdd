"""A memory in a directory, and the only place that changes its files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from agent_memory.errors import AgentMemoryError, ConflictError, StorageError
from agent_memory.storage import scan as scanning

if TYPE_CHECKING:
    from agent_memory.core.history import Author, Commit, Plan, Record
    from agent_memory.core.snapshot import Change, Snapshot
    from agent_memory.storage.base import Edit
    from agent_memory.storage.journal import Journal

_ATTEMPTS = 100  # how often an edit is planned anew because somebody wrote without the lock


class DirectoryStorage:
    """A directory of Markdown with its state in `.agent-memory/`."""

    def __init__(self, root: str, clock: Callable[[], datetime]) -> None:
        self.location = root
        self._state = os.path.join(root, scanning.STATE)
        self._clock = clock

    def scan(self, paths: Iterable[str] | None = None) -> Snapshot:
        """The memory as it is now; with `paths`, only these files. Takes no lock, writes nothing.

        Raises:
            StorageError: the directory cannot be read.
        """
        if paths is not None:
            return scanning.scan_only(self.location, paths)
        return scanning.scan(self.location)

    def history(self) -> Iterable[Record]:
        """The commits, the newest first."""
        from agent_memory.storage.journal import History

        return History(self._journal().records())

    def commit(self, edit: Edit, author: Author) -> Commit:
        """Make the changes that `edit` plans on a fresh snapshot: all of them, or none.

        Raises:
            LockTimeoutError: another process kept the memory for 10 seconds.
            StorageError: the file system refused; nothing was changed, unless the hint says so.
        """
        from agent_memory.storage import _fs
        from agent_memory.storage.lock import locked

        journal = self._journal()
        try:
            # Nothing to do must leave no trace, so before there is a lock file, look without it.
            if not _fs.exists(os.path.join(self._state, "lock")):
                plan = edit(self.scan(), self.history())
                if not plan.changes:
                    return self._describe(plan, author)
            journal.prepare()
            with locked(os.path.join(self._state, "lock")):
                journal.recover()
                return self._commit(edit, author, journal)
        except AgentMemoryError:
            raise
        except OSError as error:
            from agent_memory.storage.replace import as_storage_error

            raise as_storage_error(self.location, error) from error

    def _commit(self, edit: Edit, author: Author, journal: Journal) -> Commit:
        for _ in range(_ATTEMPTS):
            snapshot = self.scan()
            plan = edit(snapshot, self.history())
            commit = self._describe(plan, author)
            if commit.is_empty:
                return commit
            self._refuse_unread(plan.changes, snapshot)
            journal.begin(commit, plan.changes)
            try:
                self._apply(plan.changes, journal)
            except ConflictError:
                continue  # somebody without the lock wrote a file that we were about to replace
            with suppress(OSError):  # all is in place and on disk: the next writer files it
                journal.done()
            return commit
        raise StorageError(
            f"{self.location}: somebody keeps writing to it", "try again when that writer is done"
        )

    def _apply(self, changes: Sequence[Change], journal: Journal) -> None:
        """Make all changes; when one fails, take the others back."""
        from agent_memory.storage import replace

        made: list[Change] = []
        try:
            prepared = [replace.prepare(self.location, c, journal.temporary) for c in changes]
            for change, temporary in zip(changes, prepared, strict=True):
                replace.apply(self.location, change, temporary)
                made.append(change)
            replace.sync_folders(self.location, changes)
        except Exception:
            self._take_back(changes, made, journal)
            raise
        replace.drop_empty_folders(self.location, changes)

    def _take_back(
        self, changes: Sequence[Change], made: Sequence[Change], journal: Journal
    ) -> None:
        from agent_memory.storage import replace

        try:
            for back in map(replace.inverse, reversed(made)):
                with suppress(*replace.FOREIGN):  # somebody made it theirs: what they made stands
                    temporary = replace.prepare(self.location, back, journal.temporary)
                    replace.apply(self.location, back, temporary)
            replace.drop_empty_folders(self.location, map(replace.inverse, changes))
            journal.abandon()
        except OSError as error:
            raise StorageError(
                f"{self.location}: {error.strerror or error}",
                "a change stopped half way; the next write, once the disk works, finishes it",
                error.errno,
            ) from error

    def _refuse_unread(self, changes: Sequence[Change], snapshot: Snapshot) -> None:
        """What is there but was not read must never be taken for missing, and written over."""
        from agent_memory.storage import replace

        for change in changes:
            for skipped in snapshot.skipped:
                if f"{change.path}/".startswith(f"{skipped.path}/"):
                    replace.safe_target(self.location, change.path)
                    raise StorageError(
                        f"{skipped.path} is not read, so {change.path} cannot be written:"
                        f" {skipped.reason}",
                        "move it out of the memory, or make it a Markdown file that can be read",
                    )

    def _describe(self, plan: Plan, author: Author) -> Commit:
        from agent_memory.core.history import Commit

        return Commit(
            id=os.urandom(5).hex(),
            time=self._clock(),
            actor=author.actor,
            operation=plan.operation,
            message=plan.message,
            changed=tuple(change.path for change in plan.changes),
            entry=plan.entry,
            nearest=plan.nearest,
            moved=plan.moved,
            notices=plan.notices,
            source=author.source,
            process=os.getpid(),
            session=author.session,
            undoes=plan.undoes,
        )

    def _journal(self) -> Journal:
        from agent_memory.storage.journal import Journal

        return Journal(self.location, self._state)
