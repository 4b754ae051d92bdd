"""What a commit is going to be, and what it was: who changed what, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent_memory.core.compact import Moved
from agent_memory.core.document import Entry
from agent_memory.core.snapshot import Change
from agent_memory.core.staleness.evidence import Evidence

Done = Literal["pruned", "verified", "waiting", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Nearest:
    """An existing entry that resembles the one just written; `score` goes from 0 to 100."""

    entry: Entry
    score: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What a commit says of an entry, with the evidence of that moment.

    It pruned it, verified it as still true, or let it wait in the inbox, from where another one
    accepted or rejected it. `source` are its lines as they stood in the file, or are to stand, so
    that it can be shown, and purged, without the file's bytes.
    """

    done: Done
    entry: str
    source: str
    path: str
    line: int
    section: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """One atomic change of a memory.

    `time` is UTC-aware; `changed` holds paths; `entry` is the id that was written, if one was;
    `nearest` are up to three similar entries; `moved` is what left the index to keep its budget;
    `notices` say in words what the caller should know; `session` is the run of an agent that it
    belongs to; `undoes` is the id of the commit that it takes back (several are parted by a
    space); `judged` are the entries of which it says something besides, of an undo those that it
    takes back. An empty commit did none of all this and is not in the history.
    """

    id: str
    time: datetime
    actor: str
    operation: str
    message: str
    changed: tuple[str, ...] = ()
    entry: str | None = None
    nearest: tuple[Nearest, ...] = ()
    moved: tuple[Moved, ...] = ()
    notices: tuple[str, ...] = ()
    source: str = "agent"
    process: int = 0
    session: str = ""
    undoes: str | None = None
    judged: tuple[Judged, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no file changed and no entry was judged, so that there is nothing to keep."""
        return not self.changed and not self.judged


@dataclass(frozen=True, slots=True)
class Record:
    """A commit out of the history, with the bytes of each changed file before and after it.

    None stands for a file that did not exist. A commit by `external` was found, not made by us;
    one with the operation `found` only says what stood there when the history began: its bytes
    before and after are the same. A record that is not `kept` has lost some of its bytes (they
    were purged, or somebody deleted them): looking those up is a KeyError.
    """

    commit: Commit
    before: Mapping[str, bytes | None] = field(default_factory=dict)
    after: Mapping[str, bytes | None] = field(default_factory=dict)
    kept: bool = True

    def removes(self, path: str) -> bool:
        """Whether the commit removed the file at `path`."""
        return path in self.after and self.after[path] is None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an edit comes to: the changes, and how the commit that makes them is described."""

    changes: tuple[Change, ...]
    operation: str
    message: str
    entry: str | None = None
    nearest: tuple[Nearest, ...] = ()
    moved: tuple[Moved, ...] = ()
    notices: tuple[str, ...] = ()
    undoes: str | None = None
    judged: tuple[Judged, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to make a commit of."""
        return not self.changes and not self.judged


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits, in which session, and where what they save comes from."""

    actor: str
    source: str = "agent"
    session: str = ""


EXTERNAL = "external"
"""The actor and source of what was changed by others than us, and its operation."""
PURGE = "purge"
"""The operation that takes a text out for good."""
PRUNE, VERIFY = "prune", "verify"
"""The operations of the commits that take stale entries out, and that stamp what is true."""
FOUND = "found"
"""The operation of the record that says what stood there when the history began."""
