"""The history of a memory: what was done, by whom, the ways back, and what is to be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from agent_memory.errors import ConflictError
from agent_memory.memory.base import Base

if TYPE_CHECKING:
    from agent_memory.core.conflict import Conflict
    from agent_memory.core.document import Entry
    from agent_memory.core.draft import Draft
    from agent_memory.core.history import Commit, Record
    from agent_memory.core.lines import LineOrigin
    from agent_memory.core.lost import Lost
    from agent_memory.core.snapshot import Snapshot
    from agent_memory.core.undo import Step


class Past(Base):
    """The verbs about commits."""

    def log(self, limit: int | None = 50, path: str | None = None) -> list[Commit]:
        """The newest commits first, of one file those that changed it under any name it had.

        Raises:
            NotFoundError: there is no such file, and never was one.
        """
        from agent_memory.core.records import trace

        records = self._storage.history()
        if path is None:
            return [record.commit for record in islice(records, limit)]
        from agent_memory.core.restore import named

        name = named(self._scan(), records, path)
        return [record.commit for record, _ in islice(trace(records, name), limit)]

    def record(self, commit_id: str | None = None) -> Record:
        """A commit with its files' bytes before and after it; None: the last commit.

        Raises:
            NotFoundError: there is no such commit, or its bytes are no longer in the history.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import records

        return records.kept(records.find(self._storage.history(), commit_id))

    def diff(self, commit_id: str | None = None) -> str:
        """What a commit changed, as a unified diff; None: the last commit.

        Raises:
            NotFoundError: there is no such commit, or its bytes are no longer in the history.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import diff

        return diff.unified(diff.changes(self.record(commit_id)))

    def lines(self, path: str) -> list[LineOrigin]:
        """Each line of a file with the commit that wrote it.

        Raises:
            NotFoundError: there is no such file.
        """
        from agent_memory.core.lines import origins
        from agent_memory.core.topics import find

        snapshot = self._scan()
        return list(origins(snapshot, self._storage.history(), find(snapshot, path)))

    def losses(self) -> list[Lost]:
        """Entries of ours that others took out, each with the commit that `restore` takes."""
        from agent_memory.core.lost import lost

        return list(lost(self._scan(), self._storage.history()))

    def lost(self) -> list[Entry]:
        """Entries that our commits wrote and that others took out; `losses` says more of each."""
        return [one.entry for one in self.losses()]

    def undo(
        self, commit_id: str | None = None, source: str = "agent", session: str | None = None
    ) -> Commit:
        """Take a commit back, by merge; None: this actor's last that still stands.

        Twice steps back twice; the id of an undo takes that back. With `session`: all that this
        session did and that still stands, as one commit.

        Raises:
            NotFoundError: there is nothing to undo, or its bytes are no longer in the history.
            AmbiguousError: several ids begin so.
            ConflictError: others have changed the same place since; nothing was changed.
        """
        from agent_memory.core.undo import undo, undo_session

        if session is not None:
            back = partial(undo_session, session=session)
            return self._do("undo", lambda draft: draft.apply(back), source)
        step = partial(undo, actor=self.actor, commit_id=commit_id)
        return self._do("undo", self._going_back(step, commit_id), source)

    def restore(self, commit_id: str, path: str | None = None, source: str = "agent") -> Commit:
        """Bring back, by merge, what a commit wrote and is gone, or what it only took out.

        With `path`: that file, exactly as it stood after the commit. Pruned entries come back
        one by one where a purge has taken the bytes of their file.

        Raises:
            NotFoundError: there is no such commit or file, or the bytes are no longer there.
            AmbiguousError: several ids begin so.
            ConflictError: others have changed the same place since; nothing was changed.
        """
        from agent_memory.core.archive import only_entries, reaching
        from agent_memory.core.restore import restore

        known = reaching(self._storage.history(), self._storage.archive(), commit_id)
        entries = only_entries(known, commit_id) if path is None else ()
        if entries:
            return self._do("restore", lambda draft: draft.bring_back(entries), source)
        step = partial(restore, commit_id=commit_id, path=path)
        return self._do("restore", self._going_back(step, commit_id), source)

    def _going_back(
        self, step: Callable[[Snapshot, Iterable[Record]], Step], commit_id: str | None
    ) -> Callable[[Draft], None]:
        """What applies a step to a draft; its commit may be in the archive only."""
        from agent_memory.core.archive import reaching

        def stepped(snapshot: Snapshot, records: Iterable[Record]) -> Step:
            return step(snapshot, reaching(records, self._storage.archive(), commit_id))

        return lambda draft: draft.apply(stepped)

    def purge(self, text: str, source: str = "agent") -> Commit:
        """Take a text out of the files, the history and all else that is kept, for good.

        Entries that hold it go whole; where it stands elsewhere, it is cut out. What cannot be
        reached, such as git's history, is named in the commit's notices.

        Raises:
            NotFoundError: nothing holds it.
            PolicyError: it is shorter than 4 characters, or a file is named by it.
            StorageError: something still holds it; purge again.
        """
        from agent_memory.core import purge
        from agent_memory.project import git

        commit = self._storage.purge(text, self._author("purge", source))
        missed = purge.unreachable(git.work_tree(self.directory))
        return replace(commit, notices=(*commit.notices, *missed))

    def conflicts(self) -> list[Conflict]:
        """What could not be written because others had changed the same, the oldest first."""
        return self._storage.conflicts()

    def conflict(self, conflict_id: str) -> Conflict:
        """The conflict with this id, or the only one whose id begins so.

        Raises:
            NotFoundError: there is none.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import conflict

        return conflict.find(self.conflicts(), conflict_id)

    def resolve(
        self, conflict_id: str, text: str, source: str = "agent", allow_secret: str = ""
    ) -> Commit:
        """End a conflict with the text that was decided on, merged with what others wrote since.

        A conflict's `theirs` leaves the file as it is.

        Raises:
            NotFoundError: there is no such conflict.
            AmbiguousError: several ids begin so.
            PolicyError: the text must not be saved, or something in it is still to be decided.
            ConflictError: others have changed the same again; a new conflict replaces this one.
        """
        from agent_memory.core.conflict import resolve

        found = self.conflict(conflict_id)
        try:
            call = partial(resolve, conflict=found, text=text)
            commit = self._do("resolve", call, source, allow_secret)
        except ConflictError as error:
            if error.kept and error.kept != found.id:
                self._storage.drop_conflict(found.id)
            raise
        self._storage.drop_conflict(found.id)
        return commit
