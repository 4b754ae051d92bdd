"""An MCP server for a memory, or for several: tools, resources and a prompt, over stdio.

The tools are those of `integrations/tools.py`; where the server has several memories, each call
names one. A resource is a file, `memory://<agent>/<topic>`; the prompt is the block that a runner
would put into the system prompt. Every client's server is a process of its own, and all of them
may write to one memory at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from pydantic import BaseModel

from agent_memory import __version__
from agent_memory.core import text as texts
from agent_memory.core.paths import INDEX
from agent_memory.errors import AgentMemoryError
from agent_memory.integrations.extras import missing
from agent_memory.integrations.tools import DESTRUCTIVE, READING, Call, Tool, attempt, tools
from agent_memory.memory import Memory, layered_prompt

try:
    import anyio.to_thread
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ResourceNotFoundError
    from mcp_types import CallToolResult, Resource, TextContent, ToolAnnotations
except ImportError as error:
    raise missing("mcp", error) from error

_MARKDOWN = "text/markdown"
_TITLES = {
    "memory_view": "Read the memory",
    "memory_search": "Search the memory",
    "memory_remember": "Remember a fact",
    "memory_update": "Change an entry",
    "memory_forget": "Forget an entry",
    "memory_move": "Move an entry",
}


class Outcome(BaseModel):
    """A tool's answer for programs: `text` is what the model reads.

    `changed` are the paths that the call changed, `entry` is the id of what it wrote, `commit`
    the id that undoes it.
    """

    text: str
    changed: list[str] = []
    entry: str | None = None
    commit: str | None = None


class MemoryServer(MCPServer[Any]):
    """A server whose list of resources is what the memories hold now."""

    def __init__(self, memories: Mapping[str, Memory]) -> None:
        names = ", ".join(memories)
        super().__init__(
            "agent-memory",
            title="Agent memory",
            instructions=f"What {names} should still know in later conversations. Begin with"
            " memory_view: it shows the index, and which topics there are.",
            version=__version__,
            log_level="WARNING",
        )
        self._memories = memories

    async def list_resources(self) -> list[Resource]:
        """Every file of every memory."""
        return await anyio.to_thread.run_sync(self._files)

    def _files(self) -> list[Resource]:
        return [
            Resource(
                uri=_uri(name, path),
                name=f"{name}/{path}",
                title=texts.well_formed(snapshot.document(path).title) or path,
                mime_type=_MARKDOWN,
            )
            for name, memory in self._memories.items()
            for snapshot in [memory.snapshot()]
            for path in sorted(snapshot.files, key=lambda path: (path != INDEX, path))
        ]


def build_server(
    memory: Memory | Mapping[str, Memory], read_only: bool = False, source: str = "agent"
) -> MemoryServer:
    """A server for one memory, or for several by name; `read_only` leaves out what writes."""
    memories = {memory.name: memory} if isinstance(memory, Memory) else dict(memory)
    if not memories:
        raise ValueError("a server needs a memory")
    server = MemoryServer(memories)
    made = {name: tools(one, source, _respond) for name, one in memories.items()}
    for same in zip(*made.values(), strict=True):
        name = same[0].__name__
        if name in READING or not read_only:
            server.add_tool(
                _chosen(dict(zip(made, same, strict=True))),
                title=_TITLES[name],
                annotations=_annotations(name),
            )
    _add_resources(server, memories)
    _add_prompt(server, memories)
    return server


def _respond(call: Call) -> str:
    """The result as the protocol has it; `_chosen` gives the tools the type that this has."""
    result = attempt(call)
    outcome = Outcome(text=result.text)
    if result.commit is not None:
        commit = result.commit
        outcome.changed = list(commit.changed)
        outcome.entry = commit.entry
        outcome.commit = None if commit.is_empty else commit.id
    answer = CallToolResult(
        content=[TextContent(type="text", text=result.text)],
        structured_content=outcome.model_dump(mode="json"),
        is_error=result.is_error,
    )
    return cast(str, answer)


def _chosen(by_name: Mapping[str, Tool]) -> Callable[..., CallToolResult]:
    """One tool for all memories: where there are several, its first argument names one."""
    first = next(iter(by_name.values()))
    signature = inspect.signature(first, eval_str=True)
    parameters = list(signature.parameters.values())
    if len(by_name) > 1:
        names = Literal[tuple(by_name)]  # type: ignore[valid-type]  # known only now
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [parameter.replace(kind=kind) for parameter in parameters]
        parameters.insert(0, inspect.Parameter("agent", kind, annotation=names))

    def tool(agent: str = "", **arguments: Any) -> CallToolResult:
        return cast(CallToolResult, by_name.get(agent, first)(**arguments))

    tool.__name__, tool.__doc__ = first.__name__, inspect.getdoc(first)
    answer = Annotated[CallToolResult, Outcome]
    tool.__signature__ = signature.replace(  # type: ignore[attr-defined]  # read by `inspect`
        parameters=parameters, return_annotation=answer
    )
    return tool


def _annotations(name: str) -> ToolAnnotations:
    reading = name in READING
    return ToolAnnotations(
        read_only_hint=reading,
        destructive_hint=None if reading else name in DESTRUCTIVE,
        idempotent_hint=None if reading else name == "memory_remember",
        open_world_hint=False,
    )


def _add_resources(server: MemoryServer, memories: Mapping[str, Memory]) -> None:
    @server.resource(
        "memory://{agent}/{+topic}",
        name="topic",
        description="One file of an agent's memory; MEMORY.md is its index.",
        mime_type=_MARKDOWN,
    )
    def topic(agent: str, topic: str) -> str:
        if agent not in memories:
            raise ResourceNotFoundError(
                f"there is no memory {agent}; there is {', '.join(memories)}"
            )
        try:
            return texts.well_formed(memories[agent].document(topic).text)
        except AgentMemoryError as error:
            raise ResourceNotFoundError(error.message) from error


def _add_prompt(server: MemoryServer, memories: Mapping[str, Memory]) -> None:
    every = list(memories.values())

    @server.prompt(title="Load the memory")
    def load_memory() -> str:
        """What the agent should know from earlier conversations, and how to keep it."""
        return every[0].prompt() if len(every) == 1 else layered_prompt(every)


def _uri(name: str, path: str) -> str:
    return f"memory://{quote(name, safe='')}/{quote(path)}"
