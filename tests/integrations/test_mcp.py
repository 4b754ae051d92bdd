"""The SDK's own client speaks to our server, in a process of its own over stdio."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from agent_memory import Memory
from agent_memory.core.paths import INDEX

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from agent_memory.integrations.mcp import build_server

R = TypeVar("R")
WRITING = {"memory_remember", "memory_update", "memory_forget", "memory_move"}
READING = {"memory_view", "memory_search"}


def with_client(cwd: Path, words: list[str], use: Callable[[Client], Awaitable[R]]) -> R:
    """What `use` makes of a client whose server is `agent-memory mcp`."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "agent_memory", "mcp", *words],
        cwd=cwd,
        env={"HOME": str(cwd / "home"), "AGENT_MEMORY_ACTOR": "mcp-client"},
    )

    async def run() -> R:
        async with Client(stdio_client(server)) as client:
            return await use(client)

    return asyncio.run(run())


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def read(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


def test_a_client_remembers_finds_and_forgets_over_stdio(tmp_path: Path) -> None:
    async def use(client: Client) -> None:
        saved = await client.call_tool("memory_remember", {"text": "Always use bun"})
        assert text(saved).startswith("remembered MEMORY.md:5 (id ")
        data = saved.structured_content
        assert isinstance(data, dict)
        assert data["changed"] == [INDEX]
        assert data["text"] == text(saved)
        found = await client.call_tool("memory_search", {"query": "bun"})
        assert data["entry"] in text(found)
        update = {"entry_id": data["entry"], "text": "Always use bun 1.3"}
        assert text(await client.call_tool("memory_update", update)).startswith("updated MEMORY.md")
        topic = {"text": "Invoices have no gaps", "topic": "billing"}
        await client.call_tool("memory_remember", topic)
        gone = await client.call_tool("memory_forget", {"entry": "no such words"})
        assert gone.is_error
        assert text(gone).startswith("error: no entry holds")

    with_client(tmp_path, ["--dir", "m"], use)
    memory = Memory.open(tmp_path / "m")
    assert (tmp_path / "m" / INDEX).read_bytes() == (
        b"# m memory\n\n## Notes\n\n- Always use bun 1.3\n\n## Topics\n\n- [Billing](billing.md)\n"
    )
    log = memory.log()
    assert [commit.operation for commit in log] == ["remember", "update", "remember"]
    assert {(commit.actor, commit.source) for commit in log} == {("mcp-client", "agent")}


def test_files_are_resources_and_the_prompt_can_be_loaded(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "a b")
    memory.write(INDEX, "# Index\n\n- [D](deep/topic.md)\n")
    memory.write("deep/topic.md", "# Deep\n")

    async def use(client: Client) -> None:
        uris = [resource.uri for resource in (await client.list_resources()).resources]
        assert uris == ["memory://a%20b/MEMORY.md", "memory://a%20b/deep/topic.md"]
        assert await read(client, uris[1]) == "# Deep\n"
        assert await read(client, "memory://a%20b/topic") == "# Deep\n"
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "memory://{agent}/{+topic}"
        for uri in ("memory://other/x", "memory://a%20b/no", "memory://a%20b/../x"):
            with pytest.raises(MCPError):
                await client.read_resource(uri)
        (message,) = (await client.get_prompt("load_memory")).messages
        assert isinstance(message.content, TextContent)
        assert message.content.text == memory.prompt()

    with_client(tmp_path, ["--dir", "a b"], use)


def test_tools_say_whether_they_write_and_what_they_answer(tmp_path: Path) -> None:
    async def use() -> None:
        async with Client(build_server(Memory.open(tmp_path))) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == READING | WRITING
        hints = {name: tool.annotations for name, tool in tools.items() if tool.annotations}
        assert {name for name, hint in hints.items() if hint.read_only_hint} == READING
        assert {name for name, hint in hints.items() if hint.destructive_hint} == {
            "memory_update", "memory_forget",
        }  # fmt: skip
        for tool in tools.values():
            assert tool.title
            assert tool.output_schema is not None
            assert {"text", "changed", "entry", "commit"} == set(tool.output_schema["properties"])
            assert "agent" not in tool.input_schema["properties"]

    asyncio.run(use())


def test_all_memories_of_a_project_are_served_by_name(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for scope in ("project", "local"):
        Memory.for_agent("dev", scope=scope, project=tmp_path).remember(f"Use {scope}")
    Memory.for_agent("ops", project=tmp_path).remember("Deploy on Mondays")

    async def use(client: Client) -> None:
        (tool, *_) = (await client.list_tools()).tools
        names = tool.input_schema["properties"]["agent"]["enum"]
        assert sorted(names) == sorted(["dev", next(n for n in names if "dev." in n), "ops"])
        seen = await client.call_tool("memory_view", {"agent": "ops"})
        assert "Deploy on Mondays" in text(seen)
        assert (await client.call_tool("memory_view", {})).is_error
        assert (await client.call_tool("memory_view", {"agent": "nobody"})).is_error
        (message,) = (await client.get_prompt("load_memory")).messages
        assert isinstance(message.content, TextContent)
        for fact in ("Use project", "Use local", "Deploy on Mondays"):
            assert fact in message.content.text

    with_client(tmp_path, ["--all"], use)


def test_a_read_only_server_has_no_tool_that_writes(tmp_path: Path) -> None:
    async def use(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == READING
        assert (await client.call_tool("memory_remember", {"text": "x"})).is_error

    with_client(tmp_path, ["--dir", "m", "--read-only"], use)
    assert not (tmp_path / "m").exists()


def test_eight_servers_on_one_memory_lose_nothing(tmp_path: Path) -> None:
    async def one(number: int) -> list[str]:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "agent_memory", "mcp", "--dir", "m"], cwd=tmp_path
        )
        said = []
        async with Client(stdio_client(server)) as client:
            for n in range(4):
                fact = {"text": f"Server {number} knows fact {n}", "topic": f"t{n}"}
                said.append(text(await client.call_tool("memory_remember", fact)))
        return said

    async def run() -> list[list[str]]:
        return list(await asyncio.gather(*(one(number) for number in range(8))))

    for said in asyncio.run(run()):
        assert [answer.split(".md")[0] for answer in said] == [f"remembered t{n}" for n in range(4)]
    memory = Memory.open(tmp_path / "m")
    kept = sorted(entry.text for entry in memory.entries() if entry.path != INDEX)
    assert kept == sorted(f"Server {k} knows fact {n}" for k in range(8) for n in range(4))
    assert sum(commit.operation == "remember" for commit in memory.log()) == 32


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['mcp'] = None"
    call = "from agent_memory.cli.app import main; sys.exit(main(['mcp', '--dir', 'm', '--json']))"
    done = subprocess.run(
        [sys.executable, "-c", f"{hidden}; {call}"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert "agent-memory[mcp]" in json.loads(done.stdout)["error"]["hint"]


def test_a_server_needs_a_memory() -> None:
    with pytest.raises(ValueError, match="needs a memory"):
        build_server({})
