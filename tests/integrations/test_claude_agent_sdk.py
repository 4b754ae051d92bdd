"""The dictionaries for the Claude Agent SDK: their shape, the process that they start, the tools.

The SDK is too large to be installed for every run. Where it is, its own `query` is run over a
transport that plays the program behind it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent_memory import Budget, Memory
from agent_memory.core.paths import INDEX
from agent_memory.integrations.claude_agent_sdk import SERVER, options, tools

NAMES = ["memory_view", "memory_search", "memory_remember", "memory_update", "memory_forget",
         "memory_move"]  # fmt: skip


def test_the_options_have_the_documented_shape(memory: Memory) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    memory.write(INDEX, "- Use bun\n")
    made = options(memory)
    assert list(made) == ["system_prompt", "mcp_servers", "allowed_tools"]
    assert made["system_prompt"] == {
        "type": "preset", "preset": "claude_code", "append": memory.prompt(),
    }  # fmt: skip
    assert made["allowed_tools"] == [f"mcp__memory__{name}" for name in NAMES]
    server = json.loads(json.dumps(made["mcp_servers"]))[SERVER]
    assert set(server) == {"type", "command", "args", "env"}
    assert server["type"] == "stdio"


def test_a_server_that_is_given_takes_the_place_of_the_process(memory: Memory) -> None:
    server = {"type": "sdk", "name": SERVER, "instance": object()}
    assert options(memory, server)["mcp_servers"] == {SERVER: server}


def test_without_the_extra_no_process_is_started_that_could_not_serve(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)  # as if it were not installed
    with pytest.raises(ModuleNotFoundError, match=r"agent-memory\[mcp\]"):
        options(memory)
    server = {"type": "sdk", "name": SERVER, "instance": object()}
    assert options(memory, server)["mcp_servers"] == {SERVER: server}


def test_a_session_is_not_given_to_a_process_that_would_write_without_it(memory: Memory) -> None:
    with memory.session(session_id="run-7", source="web") as session:
        with pytest.raises(ValueError, match="made of tools"):
            options(session.memory)
        handlers = {tool["name"]: tool["handler"] for tool in tools(session.memory)}
        options(session.memory, {"type": "sdk", "name": SERVER, "instance": object()})
        asyncio.run(handlers["memory_remember"]({"text": "Use bun"}))
    (commit,) = memory.log()
    assert (commit.actor, commit.source, commit.session) == ("planner", "web", "run-7")


def test_a_client_can_start_the_process_and_remember(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    from mcp import Client, StdioServerParameters, stdio_client

    memory = Memory.open(tmp_path / "m", actor="planner", budget=Budget(lines=20))
    server = options(memory)["mcp_servers"][SERVER]
    assert server.pop("type") == "stdio"

    async def use() -> set[str]:
        async with Client(stdio_client(StdioServerParameters(**server, cwd=tmp_path))) as client:
            for number in range(20):
                await client.call_tool("memory_remember", {"text": f"Fact {number} is its own"})
            return {tool.name for tool in (await client.list_tools()).tools}

    offered = asyncio.run(use())
    assert options(memory)["allowed_tools"] == [
        f"mcp__{SERVER}__{name}" for name in NAMES if name in offered
    ]
    assert b"Fact 19 is its own" in b"".join(memory.snapshot().files.values())
    assert not memory.budget().over
    assert {(commit.actor, commit.source) for commit in memory.log()} == {("planner", "agent")}


def test_each_tool_is_the_arguments_of_the_sdks_own_class(memory: Memory) -> None:
    made = {tool["name"]: tool for tool in tools(memory)}
    assert list(made) == NAMES
    remember = made["memory_remember"]
    assert set(remember) == {"name", "description", "input_schema", "handler"}
    assert remember["input_schema"]["required"] == ["text"]


def test_a_handler_answers_with_content_and_marks_errors(memory: Memory) -> None:
    handlers = {tool["name"]: tool["handler"] for tool in tools(memory, source="chat")}
    saved = asyncio.run(handlers["memory_remember"]({"text": "Use bun"}))
    assert saved["is_error"] is False
    (content,) = saved["content"]
    assert content["type"] == "text"
    assert content["text"].startswith("remembered MEMORY.md:5 (id ")
    failed = asyncio.run(handlers["memory_forget"]({"entry": "no such words"}))
    assert failed["is_error"] is True
    assert failed["content"][0]["text"].startswith("error: no entry holds")
    (commit,) = memory.log()
    assert (commit.actor, commit.source) == ("planner", "chat")


CALLS: list[dict[str, Any]] = [
    {
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "cli", "version": "1"},
        },
    },
    {"method": "tools/list"},
    {
        "method": "tools/call",
        "params": {"name": "memory_remember", "arguments": {"text": "Use bun"}},
    },
    {"method": "tools/call", "params": {"name": "memory_remember", "arguments": {}}},
    {
        "method": "tools/call",
        "params": {"name": "memory_forget", "arguments": {"entry": "no such words"}},
    },
]


class Program:
    """The program at the other end of the SDK's pipe: calls our tools, and keeps the answers."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.answers: list[dict[str, Any]] = []
        self.left = iter(enumerate(CALLS, 1))

    async def write(self, data: str) -> None:
        said = json.loads(data)
        if said["type"] == "control_request":
            answer = {"subtype": "success", "request_id": said["request_id"], "response": {}}
            self.lines.put_nowait({"type": "control_response", "response": answer})
            return
        if said["type"] == "control_response":
            self.answers.append(said["response"]["response"]["mcp_response"])
        self._go_on()

    def _go_on(self) -> None:
        number, call = next(self.left, (0, {}))
        if call:
            message = {"jsonrpc": "2.0", "id": number, **call}
            request = {"subtype": "mcp_message", "server_name": SERVER, "message": message}
            self.lines.put_nowait(
                {"type": "control_request", "request_id": str(number), "request": request}
            )
            return
        counts = {"duration_ms": 1, "duration_api_ms": 1, "num_turns": 1}
        end = {"type": "result", "subtype": "success", "is_error": False, "session_id": "s"}
        self.lines.put_nowait({**end, **counts, "result": "done"})
        self.lines.put_nowait(None)

    async def read_messages(self) -> AsyncIterator[dict[str, Any]]:
        while (line := await self.lines.get()) is not None:
            yield line

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    async def end_input(self) -> None: ...

    def is_ready(self) -> bool:
        return True


def test_the_sdk_serves_the_tools_to_its_program(memory: Memory) -> None:
    sdk = pytest.importorskip(
        "claude_agent_sdk", reason="the Claude Agent SDK is not installed: it is very large"
    )

    async def run() -> tuple[Any, list[dict[str, Any]]]:
        program = type("Pipe", (Program, sdk.Transport), {})()
        server = sdk.create_sdk_mcp_server(
            SERVER, tools=[sdk.SdkMcpTool(**tool) for tool in tools(memory)]
        )
        chosen = sdk.ClaudeAgentOptions(**options(memory, server))
        said = [m async for m in sdk.query(prompt="go", options=chosen, transport=program)]
        return said[-1], program.answers

    last, answers = asyncio.run(run())
    assert last.result == "done"
    _, listed, saved, invalid, failed = answers
    assert [tool["name"] for tool in listed["result"]["tools"]] == NAMES
    assert saved["result"]["content"][0]["text"].startswith("remembered MEMORY.md:5 (id ")
    assert invalid["result"]["isError"]
    assert failed["result"]["isError"]
    assert failed["result"]["content"][0]["text"].startswith("error: no entry holds")
    assert (memory.directory / INDEX).read_bytes() == b"# m memory\n\n## Notes\n\n- Use bun\n"
    (commit,) = memory.log()
    assert (commit.actor, commit.source) == ("planner", "agent")
