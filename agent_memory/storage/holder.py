"""Who holds the lock of a memory, and what they had begun when they lost it before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent_memory.core.history import Commit
    from agent_memory.core.snapshot import Change
    from agent_memory.storage.journal import Journal
    from agent_memory.storage.lock import Held


@dataclass(slots=True)
class Begun:
    """A commit under way: `made` are the changes that may be in place."""

    commit: Commit
    changes: Sequence[Change]
    made: list[Change] = field(default_factory=list)


@dataclass(slots=True)
class Holder:
    """Who holds the lock, with the journal, and what they had begun when they lost it before."""

    journal: Journal
    held: Held
    begun: list[Begun]

    def recovered(self) -> Commit | None:
        """Put the memory in order; the commit that we had begun, if somebody has finished it."""
        self.journal.recover()
        for left in self.begun:
            # Whoever recovered may have done so before all that waits for its place was there.
            self.journal.sweep(left.changes, left.commit.id)
            if self.journal.is_recorded(left.commit.id):
                return left.commit
            if left.made:  # whoever deleted the lock may have deleted the intent with it
                self.journal.begin(left.commit, left.changes)
                self.journal.take_back(left.changes, left.commit.id, left.made)
        self.begun.clear()
        return None
