"""Changing what a memory says: each verb is one commit."""

from __future__ import annotations

from copy import copy
from operator import methodcaller
from typing import TYPE_CHECKING

from agent_memory.memory.base import Base

if TYPE_CHECKING:
    from agent_memory.core.history import Commit
    from agent_memory.core.inbox import Waiting


class Writing(Base):
    """The verbs that change entries and files, and decide what waits to be decided."""

    def remember(
        self,
        text: str,
        topic: str | None = None,
        section: str | None = None,
        source: str = "agent",
        allow_secret: str = "",
    ) -> Commit:
        """Add one entry: to `topic`, to `section` of the index, or where the index keeps notes.

        `allow_secret` is why a secret may be saved all the same; the history keeps the reason.
        Where the source is one of those in quarantine, the entry waits in the inbox.

        Raises:
            PolicyError: the text must not be saved.
            BudgetError: it cannot fit the index.
        """
        if self._is_kept_apart(source):
            return self._do("quarantine", methodcaller("quarantine", text, topic, section), source)
        call = methodcaller("remember", text, topic, section)
        return self._do("remember", call, source, allow_secret)

    def update(
        self, entry_id: str, text: str, source: str = "agent", allow_secret: str = ""
    ) -> Commit:
        """Give an entry another text, in the same place.

        Raises:
            NotFoundError: no entry has this id.
            PolicyError: the text must not be saved.
        """
        call = methodcaller("update", entry_id, text)
        return self._do("update", call, source, allow_secret)

    def move(
        self, entry_id: str, topic: str, section: str | None = None, source: str = "agent"
    ) -> Commit:
        """Move an entry into a topic.

        Raises:
            NotFoundError: no entry has this id.
        """
        return self._do("move", lambda draft: draft.move(entry_id, topic, section), source)

    def forget(self, query: str, source: str = "agent") -> Commit:
        """Take out the entry with this id, or the one that holds this text.

        Raises:
            NotFoundError: nothing matches.
            AmbiguousError: several entries match; nothing was changed.
        """
        return self._do("forget", lambda draft: draft.forget(query), source)

    def forget_all(self, query: str, source: str = "agent") -> Commit:
        """Take out every entry with this id, or that holds this text.

        Raises:
            NotFoundError: nothing matches.
        """
        return self._do("forget", lambda draft: draft.forget_all(query), source)

    def write(
        self,
        path: str,
        text: str,
        expected: str | None = None,
        source: str = "agent",
        base: str | None = None,
        allow_secret: str = "",
    ) -> Commit:
        """Store exactly this text; `expected` is the revision of the file that it was made out of.

        If others have written since, their changes and ours are merged. `base` is the text with
        that revision; it is needed only where no commit has left it.

        Raises:
            ConflictError: the file exists and nothing is expected, or both changed the same; then
                `text` is kept, see `conflicts`.
        """
        call = methodcaller("write", path, text, expected, base)
        return self._do("write", call, source, allow_secret)

    def remove(self, path: str, source: str = "agent") -> Commit:
        """Remove a topic and the index rows that lead to it.

        Raises:
            NotFoundError: there is no such topic.
        """
        return self._do("remove", lambda draft: draft.remove(path), source)

    def rename(self, old: str, new: str, source: str = "agent") -> Commit:
        """Move a topic; every link to it follows, of every kind and in every file.

        Raises:
            NotFoundError: there is no such topic.
            UnsafePathError: something has the new name, or one that some systems take for it.
        """
        return self._do("rename", lambda draft: draft.rename(old, new), source)

    def rename_heading(self, topic: str, old: str, new: str, source: str = "agent") -> Commit:
        """Rename a heading; every anchor that leads to it follows.

        Raises:
            NotFoundError: there is no such topic or heading.
            AmbiguousError: the topic has several such headings.
        """
        return self._do("rename", lambda draft: draft.rename_heading(topic, old, new), source)

    def record_external(
        self, path: str, is_new: bool = False, source: str = "external", session: str = ""
    ) -> Commit:
        """Record now an edit of `path` that this actor made without us, as the next commit would.

        The history calls it `external`. Before the first commit nobody knows how the file was:
        unless it `is_new`, all is recorded as found. Empty where there is nothing to record.
        """
        from agent_memory.core.history import Author

        author = Author(self._actor or self._person(), source, session or self._session)
        return self._storage.record(author, path, is_new)

    def inbox(self) -> list[Waiting]:
        """What waits to be accepted, the oldest first; none of it is in the prompt or the files."""
        from agent_memory.core.inbox import waiting

        return waiting(self._storage.commits())

    def accept(self, waiting_id: str, source: str | None = None) -> Commit:
        """Remember what waits under this id, with its source and session, by who accepts it.

        So `undo` of the session takes it back, too. It is screened once more.

        Raises:
            NotFoundError: nothing waits under this id.
            AmbiguousError: several ids begin so.
            PolicyError: the text must not be saved.
            BudgetError: it cannot fit the index.
        """
        from agent_memory.core import inbox

        one = inbox.find(self.inbox(), waiting_id)
        keeper = copy(self)
        keeper._session = one.session
        return keeper._do("accept", methodcaller("accept", one), source or one.source)

    def reject(self, waiting_id: str, source: str = "agent") -> Commit:
        """Drop what waits under this id; `undo` brings it back to where it waits.

        Raises:
            NotFoundError: nothing waits under this id.
            AmbiguousError: several ids begin so.
        """
        from agent_memory.core import inbox

        one = inbox.find(self.inbox(), waiting_id)
        return self._do("reject", methodcaller("reject", one), source)
