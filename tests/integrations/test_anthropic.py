"""The SDK's own tool runner works on a memory; a transport that plays the API scripts the model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_memory import Memory
from agent_memory.core.paths import INDEX

pytest.importorskip("anthropic", reason="the extra anthropic is not installed")

import anthropic
import httpx2 as httpx  # what the SDK speaks through
from anthropic.lib.tools import ToolError
from anthropic.types.beta import BetaMemoryTool20250818ViewCommand as View

from agent_memory.integrations.anthropic import AsyncMemoryTool, MemoryTool
from agent_memory.integrations.memory_tool import Mounts

Commands = list[dict[str, object]]
COMMANDS: Commands = [
    {"command": "view", "path": "/memories"},
    {"command": "create", "path": "/memories/MEMORY.md", "file_text": "# M\n\n- use npm\n"},
    {"command": "str_replace", "path": "/memories/MEMORY.md", "old_str": "npm", "new_str": "bun"},
    {"command": "insert", "path": "/memories/MEMORY.md", "insert_line": 3, "insert_text": "- x\n"},
    {"command": "str_replace", "path": "/memories/MEMORY.md", "old_str": "- x\n"},
    {"command": "create", "path": "/memories/a.md", "file_text": "a\n"},
    {"command": "rename", "old_path": "/memories/a.md", "new_path": "/memories/b.md"},
    {"command": "delete", "path": "/memories/b.md"},
    {"command": "create", "path": "/memoriesfoo/x.md", "file_text": "x"},
    {"command": "explode", "path": "/memories"},
    {"command": "view", "path": "/memories/MEMORY.md", "view_range": [3, 3]},
]


class Api:
    """The other end of the wire: asks for one command a turn, and keeps what it is sent."""

    def __init__(self, commands: Commands) -> None:
        self._turns = iter(range(len(commands)))
        self._commands = commands
        self.tools: list[Any] = []
        self.results: list[tuple[str, bool]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.tools = body.get("tools", self.tools)  # a thread that goes on need not say them again
        said = body["messages"][-1]["content"]
        if isinstance(said, list):
            (result,) = said
            self.results.append((result["content"], result.get("is_error", False)))
        turn = next(self._turns, None)
        if turn is None:
            return _message([{"type": "text", "text": "done"}], "end_turn")
        use = {"type": "tool_use", "id": f"toolu_{turn}", "name": "memory"}
        return _message([{**use, "input": self._commands[turn]}], "tool_use")


def _message(content: list[dict[str, object]], stop: str) -> httpx.Response:
    return httpx.Response(
        200,
        json={
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": content, "stop_reason": stop, "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    )  # fmt: skip


def _run(tool: MemoryTool, api: Api) -> None:
    client = anthropic.Anthropic(
        api_key="none", http_client=httpx.Client(transport=httpx.MockTransport(api))
    )
    runner = client.beta.messages.tool_runner(
        max_tokens=100, model="m", tools=[tool], messages=[{"role": "user", "content": "go"}]
    )
    assert runner.until_done().stop_reason == "end_turn"


def _run_async(tool: AsyncMemoryTool, api: Api) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(api)) as http:
            client = anthropic.AsyncAnthropic(api_key="none", http_client=http)
            runner = client.beta.messages.tool_runner(
                max_tokens=100, model="m", tools=[tool],
                messages=[{"role": "user", "content": "go"}],
            )  # fmt: skip
            assert (await runner.until_done()).stop_reason == "end_turn"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("make", "run"), [(MemoryTool, _run), (AsyncMemoryTool, _run_async)], ids=["sync", "async"]
)
def test_the_tool_runner_works_on_a_memory(
    tmp_path: Path, make: Callable[..., Any], run: Callable[[Any, Api], None]
) -> None:
    memory, api = Memory.open(tmp_path / "m", actor="claude"), Api(COMMANDS)
    run(make(memory, source="chat"), api)
    assert api.tools == [{"type": "memory_20250818", "name": "memory"}]
    texts = iter(api.results)
    assert _next(texts).endswith("0B\t/memories")
    assert _next(texts) == "File created successfully at: /memories/MEMORY.md"
    assert _next(texts).startswith("The memory file has been edited. Here is the snippet")
    assert _next(texts) == "The file /memories/MEMORY.md has been edited."
    assert _next(texts).startswith("The memory file has been edited.")
    assert _next(texts).startswith("File created successfully at: /memories/a.md")
    assert _next(texts) == "Successfully renamed /memories/a.md to /memories/b.md"
    assert _next(texts) == "Successfully deleted /memories/b.md"
    assert (
        _next(texts, wrong=True) == "Error: Path must start with /memories, got: /memoriesfoo/x.md"
    )
    assert "'view', 'create', 'str_replace'" in _next(texts, wrong=True)
    assert _next(texts).endswith(" with line numbers:\n     3\t- use bun")
    assert next(texts, None) is None
    assert (tmp_path / "m" / INDEX).read_bytes() == b"# M\n\n- use bun\n"
    log = memory.log()
    assert {(commit.actor, commit.source) for commit in log} == {("claude", "chat")}
    assert [commit.operation for commit in reversed(log)] == [
        "create", "str_replace", "insert", "str_replace", "create", "rename", "delete",
    ]  # fmt: skip


def _next(texts: Iterator[tuple[str, bool]], *, wrong: bool = False) -> str:
    text, is_error = next(texts)
    assert is_error is wrong, text
    return text


def test_a_directory_or_several_memories_will_do(tmp_path: Path) -> None:
    tool = MemoryTool(str(tmp_path), cache_control={"type": "ephemeral"})
    assert tool.to_dict().get("cache_control") == {"type": "ephemeral"}
    assert tool.view(View(command="view", path="/memories")).endswith("0B\t/memories")
    several = MemoryTool(Mounts({"user": tmp_path}))
    assert several.view(View(command="view", path="/memories")).endswith("0B\t/memories/user/")


def test_an_error_is_the_sdks_tool_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="does not exist"):
        MemoryTool(tmp_path).call({"command": "view", "path": "/memories/no.md"})
