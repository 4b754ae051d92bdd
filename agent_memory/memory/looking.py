"""What a memory holds: each verb looks at one snapshot, takes no lock and writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_memory.core import budget as budgets
from agent_memory.core import prompt as prompts
from agent_memory.core.budget import BudgetReport
from agent_memory.core.paths import INDEX
from agent_memory.memory.base import Base

if TYPE_CHECKING:
    from agent_memory.core.document import Document, Entry
    from agent_memory.core.explain import Explanation
    from agent_memory.core.graph import Graph
    from agent_memory.core.links import Link
    from agent_memory.core.search import Hit
    from agent_memory.core.snapshot import Snapshot
    from agent_memory.core.topics import Topic


class Looking(Base):
    """The verbs that only look."""

    def prompt(self) -> str:
        """The block for the agent's system prompt; the same files give the same text."""
        return prompts.block(self._place, self._index_text(), self._budget)

    def explain(self) -> Explanation:
        """The prompt with the cost of every part, what is cut, and what cannot be reached."""
        from agent_memory.core.explain import explain

        return explain(self._place, self._scan(), self._budget)

    def budget(self) -> BudgetReport:
        """How the index stands against its budget, with exactly the lines that would be lost."""
        return budgets.report(self._index_text(), self._budget)

    def document(self, path: str) -> Document:
        """One parsed file.

        Raises:
            NotFoundError: there is no such file.
            UnsafePathError: `path` leaves the memory.
        """
        from agent_memory.core.topics import find

        snapshot = self._scan()
        return snapshot.document(find(snapshot, path))

    @property
    def index(self) -> Document:
        """The parsed index; empty where there is none."""
        return self._scan((INDEX,)).index

    def topics(self) -> list[Topic]:
        """Every file but the index, also those that are not read, with the reason."""
        from agent_memory.core.topics import topics

        return topics(self._scan(), self._budget)

    def entries(self) -> list[Entry]:
        """Every entry of the index and the topics, the index first."""
        snapshot = self._scan()
        paths = [INDEX, *snapshot.topics]
        return [entry for path in paths for entry in snapshot.document(path).entries]

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The entries that hold words of `query`, the best first; words, not meaning."""
        from agent_memory.core.search import search

        return search(self._scan(), query, limit)

    def snapshot(self) -> Snapshot:
        """Every file as it is now, for whoever needs more than one look at the same instant."""
        return self._scan()

    def links(self) -> list[Link]:
        """Every link between the files, the index's first."""
        from agent_memory.core import links

        snapshot = self._scan()
        return links.find_all(snapshot, links.names(snapshot, self._outside()))

    def graph(self) -> Graph:
        """The files and missing targets as nodes, the links between them as edges."""
        from agent_memory.core import links
        from agent_memory.core.graph import graph

        snapshot = self._scan()
        reachable = links.reachable(snapshot, self._budget)
        known = links.names(snapshot, self._outside())
        found = links.find_all(snapshot, known)
        return graph(snapshot, self._budget, found, reachable, self._topic_lines)
