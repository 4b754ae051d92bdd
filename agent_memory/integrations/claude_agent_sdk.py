"""A memory for the Claude Agent SDK, as plain dictionaries and callables: it is not imported here.

`ClaudeAgentOptions(**options(memory))` starts `agent-memory mcp` as a process beside the agent
(extra `mcp`). In the process of the program itself, without that extra:

    server = create_sdk_mcp_server(SERVER, tools=[SdkMcpTool(**tool) for tool in tools(memory)])
    ClaudeAgentOptions(**options(memory, server))
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from typing import Any, cast

from agent_memory.integrations import tools as functions
from agent_memory.integrations.extras import missing
from agent_memory.integrations.schemas import schema
from agent_memory.integrations.session import Bound
from agent_memory.memory import Memory

SERVER = "memory"
"""The server's name: the model knows the tools as `mcp__memory__memory_view` and so on."""

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


def options(memory: Memory, server: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Keyword arguments of `ClaudeAgentOptions`: prompt, server, and the tools that need no asking.

    The block stands below the runner's own prompt, as it is now. `server` takes the place of the
    process: what `create_sdk_mcp_server` makes of `tools(memory)`.

    Raises:
        ValueError: it is the memory of a session, whose limits would not hold in the process.
        ModuleNotFoundError: the process would lack the extra, and the agent its tools.
    """
    return {
        "system_prompt": {
            "type": "preset",
            "preset": "claude_code",
            "append": memory.prompt(),
        },
        "mcp_servers": {SERVER: dict(server) if server else _process(memory)},
        "allowed_tools": [f"mcp__{SERVER}__{tool.__name__}" for tool in memory.tools()],
    }


def tools(memory: Memory, source: str = "agent") -> list[dict[str, Any]]:
    """Keyword arguments of `SdkMcpTool`, a dictionary a tool; each call runs in a thread.

    `source` is what the history says of where the text comes from.
    """
    return [_described(tool) for tool in functions.tools(memory, source, _answer)]


def _process(memory: Memory) -> dict[str, Any]:
    """The server as a process of its own, with the actor and the budget of this memory."""
    if isinstance(memory, Bound):
        raise ValueError(
            "a session holds in this process only: give options() a server made of tools(memory)"
        )
    if find_spec("mcp") is None:
        raise missing("mcp", ModuleNotFoundError("No module named 'mcp'", name="mcp"))
    limits = memory.limits
    return {
        "type": "stdio",
        "command": sys.executable,
        "args": ["-m", "agent_memory", "mcp", "--dir", str(memory.directory)],
        "env": {
            "AGENT_MEMORY_ACTOR": memory.actor,
            "AGENT_MEMORY_MAX_LINES": str(limits.lines),
            "AGENT_MEMORY_MAX_BYTES": str(limits.bytes),
        },
    }


def _described(tool: functions.Tool) -> dict[str, Any]:
    made = schema(tool)
    return {
        "name": made.name,
        "description": made.description,
        "input_schema": made.parameters,
        "handler": _handler(tool),
    }


def _handler(tool: functions.Tool) -> Handler:
    async def handler(arguments: dict[str, Any]) -> dict[str, Any]:
        return cast(dict[str, Any], await asyncio.to_thread(tool, **arguments))

    return handler


def _answer(call: functions.Call) -> str:
    """The result as the SDK has it; `_handler` gives it the type that this has."""
    result = functions.attempt(call)
    content = [{"type": "text", "text": result.text}]
    return cast(str, {"content": content, "is_error": result.is_error})
