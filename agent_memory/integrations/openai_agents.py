"""A memory for the OpenAI Agents SDK: instructions that hold its block, and function tools."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from agent_memory.integrations.extras import missing
from agent_memory.integrations.tools import usage
from agent_memory.memory import Memory

try:
    from agents import (
        Agent,
        FunctionTool,
        ModelBehaviorError,
        RunContextWrapper,
        default_tool_error_function,
        function_tool,
    )
except ImportError as error:
    raise missing("openai-agents", error) from error

Instructions = Callable[[RunContextWrapper[Any], Agent[Any]], Awaitable[str]]


def instructions(memory: Memory, before: str = "") -> Instructions:
    """`Agent(instructions=instructions(memory, "You …"))`: `before`, then the memory's block.

    The SDK asks for instructions at every turn; the block is read at the first turn of a run and
    stays the same through it, so that what the agent saves does not change its own prompt.
    """
    read: WeakKeyDictionary[RunContextWrapper[Any], str] = WeakKeyDictionary()

    async def instruct(context: RunContextWrapper[Any], agent: Agent[Any]) -> str:  # noqa: ARG001  # theirs
        if context not in read:
            read[context] = await asyncio.to_thread(memory.prompt)
        return f"{before}\n\n{read[context]}" if before else read[context]

    return instruct


def tools(memory: Memory, source: str = "agent") -> list[FunctionTool]:
    """`Agent(tools=tools(memory))`: the six tools; each call runs in a thread.

    `source` is what the history says of where the text comes from.
    """
    return [
        function_tool(tool, failure_error_function=_failed(usage(tool)))
        for tool in memory.async_tools(source)
    ]


def _failed(taken: str) -> Callable[[RunContextWrapper[Any], Exception], str]:
    """What the model gets for arguments that the SDK refuses; its own words name none of them."""

    def failed(context: RunContextWrapper[Any], error: Exception) -> str:
        if isinstance(error, ModelBehaviorError):
            return f"error: {error}\n{taken}"
        return default_tool_error_function(context, error)

    return failed
