"""A memory in a directory, and the only place that changes its files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent_memory.core.paths import INDEX
from agent_memory.errors import AgentMemoryError, ConflictError, NotFoundError, StorageError
from agent_memory.storage import scan as scanning

if TYPE_CHECKING:
    from agent_memory.core.checks.finding import Finding
    from agent_memory.core.conflict import Conflict
    from agent_memory.core.history import Author, Commit, Plan, Record
    from agent_memory.core.snapshot import Change, Snapshot
    from agent_memory.storage.base import Edit
    from agent_memory.storage.holder import Begun, Holder
    from agent_memory.storage.journal import Journal
    from agent_memory.storage.purge import Purge

_ATTEMPTS = 100  # how often an edit is planned anew because somebody wrote without the lock


class DirectoryStorage:
    """A directory of Markdown with its state in `.agent-memory/`.

    `history_days` and `history_bytes` bound how much of the history is kept.
    """

    def __init__(
        self,
        root: str,
        clock: Callable[[], datetime],
        history_days: int = 90,
        history_bytes: int = 50_000_000,
    ) -> None:
        self.location = root
        self._state = os.path.join(root, scanning.STATE)
        self._clock = clock
        self._bounds = (timedelta(days=history_days), history_bytes)

    def scan(self, paths: Iterable[str] | None = None) -> Snapshot:
        """The memory as it is now; with `paths`, only these files. Takes no lock, writes nothing.

        The files of one commit are seen together: all as it leaves them, or all as it found them.

        Raises:
            StorageError: the directory cannot be read.
        """
        from agent_memory.storage import together

        return together.scan(self.location, self._state, paths)

    def history(self) -> Iterable[Record]:
        """The commits, the newest first."""
        from agent_memory.storage.log import History

        return History(self._journal().log.records())

    def archive(self) -> Sequence[Record]:
        """The commits that are kept when the history has let go of them, the newest first."""
        return self._journal().archive.records()

    def commits(self) -> Iterable[Commit]:
        """Every commit of the history and the archive, the newest first, without its bytes."""
        journal = self._journal()
        yield from journal.log.commits()
        yield from journal.archive.commits()

    def examine(self) -> Iterable[Finding]:
        """What is the matter with the directory and its state, and how things are."""
        from agent_memory.storage import doctor

        return doctor.examine(self.location, self._state)

    def conflicts(self) -> list[Conflict]:
        """The texts that could not be merged and are kept, the oldest first."""
        return self._journal().conflicts.all()

    def drop_conflict(self, conflict_id: str) -> None:
        """Forget a conflict, because somebody has decided it.

        Raises:
            StorageError: the file system refused.
        """
        try:
            self._journal().conflicts.drop(conflict_id)
        except OSError as error:
            from agent_memory.storage.replace import as_storage_error

            raise as_storage_error(self.location, error) from error

    def commit(self, edit: Edit, author: Author) -> Commit:
        """Make the changes that `edit` plans on a fresh snapshot: all of them, or none.

        Raises:
            LockTimeoutError: another process kept the memory for 10 seconds.
            StorageError: the file system refused; nothing was changed, unless the hint says so.
        """
        from agent_memory.storage import _fs

        try:
            # Nothing to do must leave no trace, so before there is a lock file, look without it.
            if not _fs.exists(os.path.join(self._state, "lock")):
                with suppress(ConflictError):  # met again below, where it can be kept
                    snapshot = self.scan()
                    found = self._describe(edit(snapshot, self.history()), author)
                    if found.is_empty and not _is_index_unread(snapshot):
                        return found
            return self._exclusively(edit, author)
        except AgentMemoryError:
            raise
        except OSError as error:
            from agent_memory.storage.replace import as_storage_error

            raise as_storage_error(self.location, error) from error

    def record(self, author: Author, path: str, is_new: bool = False) -> Commit:
        """Record now that `author` changed a file without us; empty where it is recorded already.

        Raises:
            LockTimeoutError: another process kept the memory for 10 seconds.
            StorageError: the file system refused.
        """
        from agent_memory.core.history import EXTERNAL, Plan
        from agent_memory.storage import outside

        claim = outside.Claim(author, path, is_new)
        noted: list[Commit] = []

        def note(journal: Journal) -> None:
            made = outside.note_claim(self.location, journal, self._clock(), claim)
            noted.extend([made] if made else [])

        try:
            nothing = self._exclusively(lambda *_: Plan((), EXTERNAL, ""), author, note)
        except OSError as error:
            if isinstance(error, AgentMemoryError):
                raise
            from agent_memory.storage.replace import as_storage_error

            raise as_storage_error(self.location, error) from error
        return noted[-1] if noted else nothing

    def purge(self, text: str, author: Author) -> Commit:
        """Take a text out of the files and of all that is kept beside them, and look again.

        The notices name files that hold it and are not the memory's.

        Raises:
            NotFoundError: nothing holds it.
            PolicyError: it is too short, or a file is named by it.
            StorageError: something still holds it.
        """
        from agent_memory.core import purge as cutting
        from agent_memory.storage.purge import Purge
        from agent_memory.storage.replace import as_storage_error

        snapshot = self.scan()
        cutting.refuse(text, snapshot)
        job = Purge(self.location, self._state, text)
        if not job.held():
            raise NotFoundError(
                "nothing in this memory holds that text",
                "it must stand there letter for letter, case and accents too",
            )

        def edit(snapshot: Snapshot, _: Iterable[Record]) -> Plan:
            return cutting.plan(snapshot, text)

        try:
            commit = self._exclusively(edit, author, job.scrub)
        except AgentMemoryError:
            raise
        except OSError as error:
            raise as_storage_error(self.location, error) from error
        beside = ["no file held it; it is gone from what is kept beside them"]
        said = [*(beside if commit.is_empty else []), *self._left(job)]
        return dataclasses.replace(commit, notices=(*commit.notices, *said))

    def _left(self, job: Purge) -> list[str]:
        from agent_memory.storage.purge import remaining

        ours, others = remaining(self.location, job.held())
        if ours:
            raise StorageError(
                f"the text still stands in {', '.join(ours)}",
                "somebody may have written it just now: purge it again",
            )
        return [
            f"{path} holds it, too, and is not the memory's: mend it by hand" for path in others
        ]

    def _exclusively(
        self, edit: Edit, author: Author, then: Callable[[Journal], None] | None = None
    ) -> Commit:
        """The commit of an edit under the lock, and what is to be done before that is let go."""
        from agent_memory.storage.holder import Holder
        from agent_memory.storage.lock import LockLostError, locked

        begun: list[Begun] = []
        for _ in range(_ATTEMPTS):
            journal = self._journal()
            journal.prepare()
            with suppress(LockLostError), locked(os.path.join(self._state, "lock")) as held:
                # Lost when somebody deletes the lock file: another holder may be at work.
                holder = Holder(journal, held, begun)
                commit = holder.recovered() or self._commit(edit, author, holder)
                if then is not None:
                    then(journal)
                return commit
        raise self._restless()

    def _restless(self) -> StorageError:
        return StorageError(
            f"{self.location}: somebody keeps writing to it", "try again when that writer is done"
        )

    def _commit(self, edit: Edit, author: Author, holder: Holder) -> Commit:
        """The commit of an edit, planned anew as long as others write in between."""
        from agent_memory.core.snapshot import Change
        from agent_memory.storage import outside, replace

        journal = holder.journal
        for _ in range(_ATTEMPTS):
            snapshot = outside.look(self.location, journal)
            try:
                if self._merge_late(snapshot, holder):
                    continue
                plan = self._planned(edit, snapshot, author, journal)
                commit = self._describe(plan, author)
                if commit.is_empty:
                    if _is_index_unread(snapshot):  # then nobody knows whether there is nothing
                        self._refuse_unread([Change(INDEX, None, None)], snapshot)
                    return commit
                if outside.note(snapshot, journal, os.urandom(5).hex(), commit.time):
                    continue  # the edit may have something to say about what others did
                said = (*commit.notices, *replace.parted(self.location, plan.changes))
                commit = dataclasses.replace(commit, notices=said)
                self._make(commit, plan.changes, snapshot, holder)
                return commit
            except _OvertakenError:
                continue  # somebody without the lock wrote a file that we were about to replace
        raise self._restless()

    def _planned(self, edit: Edit, snapshot: Snapshot, author: Author, journal: Journal) -> Plan:
        """What the edit comes to; a text that cannot be merged is kept."""
        from agent_memory.core.conflict import hint

        try:
            return edit(snapshot, self.history())
        except ConflictError as error:
            if error.path:
                error.kept = self._keep_conflict(error, author, journal)
                error.hint = hint(error.kept)
            raise

    def _keep_conflict(self, error: ConflictError, author: Author, journal: Journal) -> str:
        from agent_memory.core.conflict import Conflict

        return journal.conflicts.keep(
            Conflict(
                os.urandom(5).hex(), self._clock(), error.path, error.line, author.actor,
                error.operation, error.base, error.ours, error.theirs,
            )
        )  # fmt: skip

    def _merge_late(self, snapshot: Snapshot, holder: Holder) -> bool:
        """Bring in what others wrote into versions that were just put aside."""
        from agent_memory.core.history import EXTERNAL, Author
        from agent_memory.storage import outside

        late = holder.journal.late.all()
        if not late:
            return False
        author = Author(EXTERNAL, EXTERNAL)
        plan, clashes = outside.merged(snapshot, late)
        for version, clash in clashes:
            error = outside.conflict(version, clash, snapshot)
            self._keep_conflict(error, author, holder.journal)
        if plan.changes:
            commit = self._describe(plan, author)
            if outside.note(snapshot, holder.journal, os.urandom(5).hex(), commit.time):
                return True
            self._make(commit, plan.changes, snapshot, holder)
        for version in late:
            holder.journal.late.drop(version.name)
        return True

    def _make(
        self, commit: Commit, changes: Sequence[Change], snapshot: Snapshot, holder: Holder
    ) -> None:
        """Make all changes; when one fails, take the others back."""
        from agent_memory.storage import replace
        from agent_memory.storage.holder import Begun
        from agent_memory.storage.lock import LockLostError

        journal = holder.journal
        self._refuse_unread(changes, snapshot)
        begun = Begun(commit, changes)
        holder.begun.append(begun)
        try:
            rows = journal.begin(commit, changes)
            waiting = [journal.temporary(commit.id, n) for n in range(len(changes))]
            for change, temporary in zip(changes, waiting, strict=True):
                replace.prepare(self.location, change, temporary)
            for change, temporary in zip(changes, waiting, strict=True):
                begun.made.append(change)
                replace.apply(self.location, change, temporary, journal.late, holder.held.check)
            replace.sync_folders(self.location, changes)
            replace.drop_empty_folders(self.location, changes)
            holder.held.check()
            journal.done(commit, rows)
        except LockLostError:
            raise  # whoever holds the lock now takes care of it, or we do when we hold it again
        except Exception as error:
            self._take_back(begun, holder)
            if isinstance(error, ConflictError):
                raise _OvertakenError from error
            raise
        holder.begun.clear()
        with suppress(OSError):
            journal.log.trim(journal.log.head(), *self._bounds, commit.time, journal.archive)

    def _take_back(self, begun: Begun, holder: Holder) -> None:
        try:
            holder.held.check()
            holder.journal.take_back(begun.changes, begun.commit.id, begun.made)
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
            judged=plan.judged,
        )

    def _journal(self) -> Journal:
        from agent_memory.storage.journal import Journal

        return Journal(self.location, self._state)


class _OvertakenError(Exception):
    """Somebody without the lock wrote a file that we were about to replace."""


def _is_index_unread(snapshot: Snapshot) -> bool:
    return any(skipped.path == INDEX for skipped in snapshot.skipped)
