"""The SDK's memory tool kept by a `Memory`: one more tool for `client.beta.messages.tool_runner`.

The SDK calls the tool with what the model asked for; that goes to `Mounts.handle`, and what it
says is an error goes back as the SDK's `ToolError`, which the model gets marked as one.
"""

from __future__ import annotations

import asyncio

from agent_memory.core.replies import ToolResult
from agent_memory.integrations.extras import missing
from agent_memory.integrations.memory_tool import Mountable, Mounts

try:
    from anthropic import BaseModel
    from anthropic.lib.tools import BetaAbstractMemoryTool, BetaAsyncAbstractMemoryTool, ToolError
    from anthropic.types.beta import BetaCacheControlEphemeralParam
except ImportError as error:
    raise missing("anthropic", error) from error


class MemoryTool(BetaAbstractMemoryTool):
    """`tool_runner(…, tools=[MemoryTool(memory)])`; `memory` may be a directory, or `Mounts`.

    `source` is what the history says of where the text comes from.
    """

    def __init__(
        self,
        memory: Mounts | Mountable,
        *,
        source: str = "agent",
        cache_control: BetaCacheControlEphemeralParam | None = None,
    ) -> None:
        super().__init__(cache_control=cache_control)
        self.mounts = Mounts.of(memory)
        self.source = source

    def call(self, input: object) -> str:  # noqa: A002  # the SDK's name
        """What the model gets; the SDK's own `call` fails at a command that it cannot read."""
        return _text(self.mounts.handle(input, self.source))

    def _do(self, command: BaseModel) -> str:
        return self.call(_fields(command))

    view = create = str_replace = insert = delete = rename = _do


class AsyncMemoryTool(BetaAsyncAbstractMemoryTool):
    """The same for the asynchronous client; each command runs in a thread."""

    def __init__(
        self,
        memory: Mounts | Mountable,
        *,
        source: str = "agent",
        cache_control: BetaCacheControlEphemeralParam | None = None,
    ) -> None:
        super().__init__(cache_control=cache_control)
        self.mounts = Mounts.of(memory)
        self.source = source

    async def call(self, input: object) -> str:  # noqa: A002  # the SDK's name
        """What the model gets; the SDK's own `call` fails at a command that it cannot read."""
        return _text(await asyncio.to_thread(self.mounts.handle, input, self.source))

    async def _do(self, command: BaseModel) -> str:
        return await self.call(_fields(command))

    view = create = str_replace = insert = delete = rename = _do


def _fields(command: BaseModel) -> dict[str, object]:
    """What the model said; the SDK makes its commands without looking at the values."""
    return command.to_dict(mode="python", use_api_names=False, warnings=False)


def _text(result: ToolResult) -> str:
    if result.is_error:
        raise ToolError(result.text)
    return result.text
