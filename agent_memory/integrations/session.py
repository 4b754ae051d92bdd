"""A session: one run of an agent on a memory, bound to its actor, its source and its limits.

`Session.memory` is a memory like any other, so every adapter can be given it; what is written
through it carries the session, whatever the adapter says.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

from agent_memory.core import session as sessions
from agent_memory.core.history import Commit, Plan, Record
from agent_memory.core.replies import ToolResult
from agent_memory.core.session import Summary, Told, Weight
from agent_memory.errors import AgentMemoryError, PolicyError
from agent_memory.memory import Memory

if TYPE_CHECKING:
    from agent_memory.core.draft import Draft
    from agent_memory.core.snapshot import Snapshot

Drafted = Callable[["Snapshot", Iterable[Record]], "Draft"]


class Session:
    """One run of an agent; made by `Memory.session`, which says what its arguments are."""

    def __init__(
        self,
        memory: Memory,
        agent: str | None,
        session_id: str | None,
        source: str,
        one_commit: bool,
        quarantine: Iterable[str] | None,
        limits: tuple[int, int] | None,
    ) -> None:
        self.source = source
        self.prompt = memory.prompt()
        self.commit: Commit | None = None
        kind = Held if one_commit else Bound
        self.memory = kind(memory, agent, session_id, source, quarantine, limits)

    @property
    def id(self) -> str:
        """What the history calls this run; `undo` takes it back by this name."""
        return self.memory._session

    def tools(self) -> list[Callable[..., str]]:
        """The functions of `Memory.tools`, bound to this session."""
        return self.memory.tools(self.source)

    def async_tools(self) -> list[Callable[..., Awaitable[str]]]:
        """The functions of `Memory.async_tools`, bound to this session."""
        return self.memory.async_tools(self.source)

    def handle(self, command: Mapping[str, object]) -> ToolResult:
        """A command of the memory tool `memory_20250818`, bound to this session."""
        return self.memory.handle(command, self.source)

    @property
    def summary(self) -> Summary:
        """What was done so far, and what was refused."""
        return self.memory.summary()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.commit = self.memory.end(keep=error is None)


class Bound(Memory):
    """A memory whose every write is a commit of one session, as long as that lasts."""

    def __init__(
        self,
        memory: Memory,
        agent: str | None,
        session_id: str | None,
        source: str,
        quarantine: Iterable[str] | None,
        limits: tuple[int, int] | None,
    ) -> None:
        vars(self).update(vars(memory))
        self._actor = agent or self._actor or self._person()
        self._session = session_id or os.urandom(5).hex()
        self._source = source
        if quarantine is not None:
            self._quarantine = frozenset(one.strip().casefold() for one in quarantine)
        self._most = Weight(*(limits or self._session_limits))
        self._spent = None if session_id else Weight()  # None: the history knows
        self._told: list[Told] = []
        self._ended = False
        self._alone = Lock()  # a runner may call several tools at once

    def summary(self) -> Summary:
        """What was done so far, and what was refused."""
        return sessions.summary(self._session, self._actor, self._told)

    def end(self, keep: bool) -> Commit | None:
        """Nothing more may be written; returns the commit of all that was held back, if any."""
        with self._alone:
            self._ended = True
            return self._finish(keep)

    def _finish(self, keep: bool) -> Commit | None:  # noqa: ARG002  # a held session asks
        return None

    def _commit(self, operation: str, drafted: Drafted, source: str) -> Commit:
        with self._alone:
            try:
                if self._ended:
                    raise PolicyError(
                        f"the session {self._session} has ended, so it saves nothing more",
                        "open a new session",
                    )
                commit = self._written(operation, drafted, source)
            except Exception as error:  # an answer that refuses is one, too
                self._told.append(Told(operation, f"{operation}: {error}", refused=True))
                raise
            if not commit.is_empty:
                self._told.append(Told(operation, commit.message))
            return commit

    def _written(self, operation: str, drafted: Drafted, source: str) -> Commit:
        total = Weight()

        def weighed(snapshot: Snapshot, records: Iterable[Record]) -> Draft:
            nonlocal total
            draft = drafted(snapshot, records)
            total = self._weighed(draft.plan(operation), records)
            return draft

        commit = super()._commit(operation, weighed, source)
        self._spent = total
        return commit

    def _weighed(self, plan: Plan, records: Iterable[Record]) -> Weight:
        """What the session has written after this plan.

        Raises:
            PolicyError: it would be more than it may.
        """
        if self._spent is None:  # it goes on where another process may have left it
            self._spent = sessions.spent(records, self._session)
        if plan.is_empty:
            return self._spent
        total = self._spent + sessions.weight(plan.changes, plan.judged)
        sessions.refuse(self._most, total)
        return total


class Held(Bound):
    """A session that is one commit at its end: until then, its own reads alone see its writes.

    What it did is played again then, on what others have written meanwhile; what cannot be done
    any more is left out, and named in the summary.
    """

    def __init__(
        self,
        memory: Memory,
        agent: str | None,
        session_id: str | None,
        source: str,
        quarantine: Iterable[str] | None,
        limits: tuple[int, int] | None,
    ) -> None:
        super().__init__(memory, agent, session_id, source, quarantine, limits)
        self._now = memory.snapshot()
        self._records = self._storage.history()
        self._steps: list[tuple[Draft, int]] = []  # each with its place in what is told

    def _scan(self, paths: Iterable[str] | None = None) -> Snapshot:  # noqa: ARG002  # all is here
        return self._now

    def _written(self, operation: str, drafted: Drafted, source: str) -> Commit:
        author = self._author(operation, source)
        step = drafted(self._now, self._records)
        plan = step.plan(operation)
        self._spent = self._weighed(plan, self._records)
        if not plan.is_empty:
            self._now = step.snapshot
            self._steps.append((step, len(self._told)))
        return Commit(
            "", self._clock(), author.actor, operation, plan.message,
            tuple(change.path for change in plan.changes), plan.entry, plan.nearest, plan.moved,
            plan.notices, author.source, os.getpid(), author.session, judged=plan.judged,
        )  # fmt: skip

    def _finish(self, keep: bool) -> Commit | None:
        if not self._steps:
            return None
        if not keep:
            left: dict[int, str] = {n: "the session ended with an error" for _, n in self._steps}
            self._leave_out(left)
            return None

        def whole(snapshot: Snapshot, records: Iterable[Record]) -> Draft:
            left.clear()
            draft = self._draft(snapshot, records)
            for step, told in self._steps:
                try:
                    draft.join(step.replayed(draft.snapshot, records))
                except AgentMemoryError as error:
                    left[told] = error.message
            return draft

        left = {}
        operation = "quarantine" if self._is_kept_apart("") else "session"
        commit = Memory._commit(self, operation, whole, "")
        self._leave_out(left)
        return commit

    def _leave_out(self, left: Mapping[int, str]) -> None:
        for place, why in left.items():
            was = self._told[place]
            self._told[place] = Told(was.operation, f"{was.said}: {why}", refused=True)
