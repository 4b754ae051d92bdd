"""A memory as a capability of a pydantic-ai agent: its block as instructions, its tools as tools.

The block is read once a run and stays the same through it, so that what the agent saves does not
change the prompt under its own conversation; the next run begins with it.
"""

from __future__ import annotations

import asyncio
from dataclasses import KW_ONLY, dataclass, field, replace

from agent_memory.integrations.extras import missing
from agent_memory.memory import Memory

try:
    from pydantic_ai import RunContext
    from pydantic_ai.capabilities import AbstractCapability
    from pydantic_ai.tools import AgentDepsT
    from pydantic_ai.toolsets import FunctionToolset
except ImportError as error:
    raise missing("pydantic-ai", error) from error


@dataclass
class MemoryCapability(AbstractCapability[AgentDepsT]):
    """`Agent(model, capabilities=[MemoryCapability(memory)])`.

    `source` is what the history says of where the text comes from.
    """

    memory: Memory
    _: KW_ONLY
    source: str = "agent"
    block: str | None = field(default=None, repr=False)
    """What this run's prompt holds; None outside of a run."""

    @classmethod
    def get_serialization_name(cls) -> str | None:
        """None: a memory is opened in Python, not described in an agent's specification."""
        return None

    async def for_run(self, ctx: RunContext[AgentDepsT]) -> MemoryCapability[AgentDepsT]:  # noqa: ARG002  # theirs
        """This capability with the memory as it is when the run begins."""
        return replace(self, block=await asyncio.to_thread(self.memory.prompt))

    def get_instructions(self) -> str | None:
        """The memory's block, within a run."""
        return self.block

    def get_toolset(self) -> FunctionToolset[AgentDepsT]:
        """The memory's six tools; each call runs in a thread."""
        return FunctionToolset(self.memory.tools(self.source), id=self.id)
