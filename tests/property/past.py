"""A memory that grows commit by commit, as storage keeps it, but without a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import methodcaller

from agent_memory.core.budget import Budget
from agent_memory.core.draft import Draft
from agent_memory.core.history import EXTERNAL, FOUND, Commit, Plan, Record
from agent_memory.core.restore import restore
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Change, Snapshot
from agent_memory.core.undo import undo

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Lost(Mapping[str, bytes | None]):
    """Paths whose bytes cannot be looked up any more."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = tuple(paths)

    def __getitem__(self, path: str) -> bytes | None:
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class Past:
    """Files and the records that led to them, the newest first; commits are c1, c2 and so on."""

    def __init__(self, files: dict[str, str] | None = None, budget: Budget | None = None) -> None:
        self.snapshot = Snapshot({path: _bytes(text) for path, text in (files or {}).items()})
        self.records: list[Record] = []
        self.settings = Settings(budget or Budget(), frozenset(), "Test memory")

    def text(self, path: str = "MEMORY.md") -> str:
        """A file as it is now."""
        return self.snapshot.text(path)

    def draft(self) -> Draft:
        """A draft over what is there now."""
        return Draft(self.snapshot, self.settings, self.records)

    def does(
        self,
        operation: str,
        call: Callable[[Draft], object],
        actor: str = "us",
        session: str = "",
        source: str = "agent",
    ) -> Record:
        """Commit what `call` does to a draft."""
        draft = self.draft()
        call(draft)
        return self._commit(draft.plan(operation), actor, session, source)

    def remember(
        self, text: str, topic: str | None = None, actor: str = "us", source: str = "agent"
    ) -> Record:
        """Commit one more entry."""
        call = methodcaller("remember", text, topic)
        return self.does("remember", call, actor, source=source)

    def undo(self, commit_id: str | None = None, actor: str = "us") -> Record:
        """Commit an undo."""
        step = partial(undo, actor=actor, commit_id=commit_id)
        return self.does("undo", lambda draft: draft.apply(step), actor)

    def restore(self, commit_id: str, path: str | None = None) -> Record:
        """Commit a restore."""
        step = partial(restore, commit_id=commit_id, path=path)
        return self.does("restore", lambda draft: draft.apply(step))

    def outside(self, files: dict[str, str | None], recorded: bool = True) -> None:
        """Others write or remove files; the next writer has recorded it, or nobody yet."""
        left = dict(self.snapshot.files)
        for path, text in files.items():
            left.pop(path, None)
            if text is not None:
                left[path] = _bytes(text)
        if recorded:
            changes = tuple(self.snapshot.changes_to(left))
            self._commit(Plan(changes, EXTERNAL, "changed by others"), EXTERNAL, "")
        self.snapshot = self.snapshot.with_files(left)

    def found(self) -> Record:
        """The record of what stands there when the history begins."""
        changes = tuple(Change(path, data, data) for path, data in self.snapshot.files.items())
        return self._commit(Plan(changes, FOUND, "found"), EXTERNAL, "")

    def without_bytes(self, record: Record) -> None:
        """The history loses the bytes of a commit."""
        number, lost = self.records.index(record), Lost(record.after)
        self.records[number] = replace(record, before=lost, after=lost, kept=False)

    def _commit(self, plan: Plan, actor: str, session: str, source: str = EXTERNAL) -> Record:
        number = len(self.records) + 1
        commit = Commit(
            f"c{number:04d}", START + timedelta(minutes=number), actor, plan.operation,
            plan.message, tuple(change.path for change in plan.changes), plan.entry,
            moved=plan.moved, notices=plan.notices, source=source, session=session,
            undoes=plan.undoes, judged=plan.judged,
        )  # fmt: skip
        record = Record(
            commit,
            {change.path: change.before for change in plan.changes},
            {change.path: change.after for change in plan.changes},
        )
        if not plan.is_empty:
            self.records.insert(0, record)
            self.snapshot = self.snapshot.with_files(
                {p: d for p, d in {**self.snapshot.files, **record.after}.items() if d is not None}
            )
        return record


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
