"""`Memory`: the facade that joins the pure core to the disk, a few lines a method.

Its verbs stand in a room for each panel of the command line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from agent_memory.core import prompt as prompts
from agent_memory.core.budget import Budget
from agent_memory.memory.keeping import Keeping
from agent_memory.memory.opening import Opening
from agent_memory.memory.writing import Writing

if TYPE_CHECKING:
    from agent_memory.core.replies import ToolResult
    from agent_memory.integrations.session import Session


class Memory(Opening, Writing, Keeping):
    """One agent's memory. Reading takes no lock; each write is one atomic, durable commit.

    Open one with `Memory.open`, `Memory.for_agent` or `Memory.from_definition`.
    """

    def tools(self, source: str = "agent") -> list[Callable[..., str]]:
        """Functions for a model, typed and documented, whose results are texts, errors too.

        `source` is what the history says of what they save: where it comes from.
        """
        from agent_memory.integrations.tools import tools

        return tools(self, source)

    def async_tools(self, source: str = "agent") -> list[Callable[..., Awaitable[str]]]:
        """The same functions for an event loop; each call runs in a thread."""
        from agent_memory.integrations.tools import async_tools

        return async_tools(self, source)

    def handle(self, command: Mapping[str, object], source: str = "agent") -> ToolResult:
        """One command of the memory tool `memory_20250818`, with this memory as `/memories`.

        What goes wrong is a text in the result, never an exception.
        """
        from agent_memory.integrations.memory_tool import Mounts

        return Mounts.of(self).handle(command, source)

    def session(
        self,
        agent: str | None = None,
        session_id: str | None = None,
        source: str = "agent",
        *,
        one_commit: bool = False,
        quarantine: Iterable[str] | None = None,
        limits: tuple[int, int] | None = None,
    ) -> Session:
        """One run of an agent: a prompt, tools whose commits name it, a limit, and a summary.

        Args:
            agent: who writes; None: this memory's own actor.
            session_id: what the history calls the run; None: a new name.
            source: where what it saves comes from, whatever an adapter says.
            one_commit: everything is one commit, made when the block ends without an exception.
            quarantine: the sources whose entries wait in the inbox; None: this memory's own.
            limits: how many entries and bytes it may write; None: what the settings say.
        """
        from agent_memory.integrations.session import Session

        return Session(self, agent, session_id, source, one_commit, quarantine, limits)


def layered_prompt(memories: Sequence[Memory], budget: Budget | None = None) -> str:
    """One block for several memories, labelled by scope, that share one budget.

    Args:
        memories: in the order in which they are shown; usually user, project, local.
        budget: what they share; the first memory's own where it is None.
    """
    if not memories:
        return ""
    places = [(memory.place, memory._index_text()) for memory in memories]
    return prompts.layered(places, budget or memories[0].limits)
