"""The tools as a model meets them: names, types and docstrings in, short texts out."""

from __future__ import annotations

import asyncio
import inspect
import re
import typing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agent_memory import Memory
from agent_memory.core.budget import Budget
from agent_memory.core.paths import INDEX

Tools = dict[str, Callable[..., str]]
NAMES = ["memory_view", "memory_search", "memory_remember", "memory_update", "memory_forget",
         "memory_move"]  # fmt: skip


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.open(tmp_path / "m", actor="planner", budget=Budget())


@pytest.fixture
def tools(memory: Memory) -> Tools:
    return {tool.__name__: tool for tool in memory.tools(source="chat")}


def index(memory: Memory) -> str:
    return (memory.directory / INDEX).read_text(encoding="utf-8")


def entry_id(reply: str) -> str:
    (found,) = re.findall(r"\(id ([0-9a-f]{10})\)", reply.splitlines()[0])
    return str(found)


def test_each_tool_is_a_function_that_a_schema_can_be_made_of(memory: Memory) -> None:
    for tools in (memory.tools(), memory.async_tools()):
        assert [tool.__name__ for tool in tools] == NAMES
        for tool in tools:
            hints = typing.get_type_hints(tool)
            assert hints.pop("return") is str
            assert set(hints.values()) <= {str, int}
            assert set(hints) == set(inspect.signature(tool).parameters)
            described = re.findall(r"^ +(\w+): ", inspect.getdoc(tool) or "", re.MULTILINE)
            assert described == list(hints)


def test_remembering_says_where_and_names_what_is_similar(tools: Tools, memory: Memory) -> None:
    first = tools["memory_remember"](text="Always use bun, never npm")
    assert re.fullmatch(
        r"remembered MEMORY.md:5 \(id [0-9a-f]{10}\): Always use bun, never npm", first
    )
    second = tools["memory_remember"]("Always use bun 1.3, never npm")
    head, advice, similar = second.splitlines()
    assert head.startswith("remembered MEMORY.md:6 (id ")
    assert advice.startswith("similar entries; update or forget")
    assert similar == "- " + first.removeprefix("remembered ")


def test_every_change_carries_actor_and_source(tools: Tools, memory: Memory) -> None:
    tools["memory_remember"]("Use bun")
    said = entry_id(tools["memory_remember"]("Deploys run on Fridays", topic="release"))
    said = entry_id(tools["memory_update"](said, "Deploys run on Mondays"))
    moved = tools["memory_move"](said, "MEMORY", section="Rules")
    assert moved.startswith("moved to MEMORY.md:9 (id ")
    assert tools["memory_forget"]("on mondays").startswith("forgot MEMORY.md:9 (id ")
    log = memory.log()
    assert {(commit.actor, commit.source) for commit in log} == {("planner", "chat")}
    assert [commit.operation for commit in log] == [
        "forget", "move", "update", "remember", "remember",
    ]  # fmt: skip
    assert index(memory) == "# m memory\n\n## Notes\n\n- Use bun\n"


def test_a_view_shows_lines_ids_budget_and_topics(tools: Tools) -> None:
    said = entry_id(tools["memory_remember"]("Use bun"))
    tools["memory_remember"]("Invoices have no gaps", topic="billing")
    seen = tools["memory_view"]().splitlines()
    assert seen[0].startswith("MEMORY.md: 9 lines, ")
    assert seen[0].endswith("at most 200 lines and 25,000 bytes of it are loaded")
    assert f"   5 [{said}] - Use bun" in seen
    assert seen[-2:] == ["topics:", "- billing.md, 8 lines: Billing"]
    assert "Invoices have no gaps" in tools["memory_view"]("billing")


def test_bytes_that_are_not_utf8_reach_no_model(tools: Tools, memory: Memory) -> None:
    memory.directory.mkdir()
    (memory.directory / INDEX).write_bytes(b"- caf\xe9 \x1b[2J\n")
    for answer in (tools["memory_view"](), tools["memory_search"]("caf")):
        assert "caf\ufffd \ufffd[2J" in answer
    assert (memory.directory / INDEX).read_bytes() == b"- caf\xe9 \x1b[2J\n"


def test_a_long_file_is_read_in_parts(tools: Tools, memory: Memory) -> None:
    memory.write("long.md", "".join(f"- fact number {n}\n" for n in range(2000)))
    first = tools["memory_view"]("long").splitlines()
    (following,) = re.findall(r"start_line=(\d+)", first[-1])
    second = tools["memory_view"]("long", start_line=int(following)).splitlines()
    assert f"- fact number {int(following) - 1}" in second[1]
    assert sum(map(len, first)) < 30_000


def test_an_empty_memory_can_be_looked_at(tools: Tools) -> None:
    assert tools["memory_view"]().endswith("no topics")
    assert tools["memory_search"]("bun") == "no entry holds a word of “bun”"


def test_a_search_gives_ids_that_the_other_tools_take(tools: Tools, memory: Memory) -> None:
    tools["memory_remember"]("Use bun")
    found = tools["memory_search"]("bun", limit=1)
    assert tools["memory_forget"](entry_id(found)).startswith("forgot MEMORY.md:5")
    assert memory.entries() == []


def test_saving_the_same_again_changes_nothing_and_says_where_it_stands(tools: Tools) -> None:
    tools["memory_remember"]("Use bun")
    assert tools["memory_remember"]("Use bun") == (
        "note: nothing to do: this already stands at MEMORY.md:5"
    )


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("memory_remember", "key AKIA" + "Z7Q2M4X9P1L8K3J6"), "secret"),
        (("memory_remember", "  "), "blank"),
        (("memory_remember", "half \ud83d"), "half a character"),
        (("memory_remember", "fact", "topic", "half \ud83d"), "half a character"),
        (("memory_forget", "half \udc80"), "half a character"),
        (("memory_update", "half \udc80", "fact"), "no entry has the id"),
        (("memory_remember", "fact", "../up"), "climbs out"),
        (("memory_remember", "word " * 9000), "give it a topic"),
        (("memory_update", "0123456789", "new"), "memory_view shows their ids"),
        (("memory_move", "0123456789", "t"), "memory_view shows their ids"),
        (("memory_forget", "use"), "give the id of the one that is meant\n- "),
        (("memory_forget", "no such words"), "no entry holds"),
        (("memory_view", "nowhere"), "there is no topic nowhere.md"),
    ],
)
def test_an_error_is_a_text_that_says_what_to_do(
    tools: Tools, memory: Memory, call: tuple[str, ...], told: str
) -> None:
    memory.write(INDEX, "- use bun\n- use ruff\n")
    name, *arguments = call
    answer = tools[name](*arguments)
    assert answer.startswith("error: ")
    assert told in answer
    assert "AKIA" not in answer
    assert "allow" not in answer  # whether a secret may be saved is for a person to say
    assert answer.encode()
    assert index(memory) == "- use bun\n- use ruff\n"


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("memory_remember", {"fact": "use bun"}, "got an unexpected keyword argument 'fact'"),
        ("memory_remember", {"text": "x", "tag": "y"}, "got an unexpected keyword argument 'tag'"),
        ("memory_remember", {"text": ["use bun"]}, "'text' must be of type str"),
        ("memory_forget", {"entry": None}, "missing a required argument: 'entry'"),
        ("memory_search", {"query": "bun", "limit": "few"}, "'limit' must be of type int"),
        ("memory_view", {"start_line": True}, "'start_line' must be of type int"),
    ],
)
def test_wrong_arguments_are_answered_with_those_that_the_tool_takes(
    memory: Memory, name: str, arguments: dict[str, Any], told: str
) -> None:
    tool = next(tool for tool in memory.tools() if tool.__name__ == name)
    threaded = next(tool for tool in memory.async_tools() if tool.__name__ == name)
    answer = tool(**arguments)
    error, taken = answer.splitlines()
    assert error == f"error: {told}"
    assert taken == f"{name} takes {str(inspect.signature(tool, eval_str=True))[1:-8]}"
    assert asyncio.run(threaded(**arguments)) == answer  # type: ignore[arg-type]  # a coroutine
    assert memory.log() == []


def test_null_stands_for_an_argument_that_is_left_out(memory: Memory) -> None:
    tools: dict[str, Callable[..., str]] = {tool.__name__: tool for tool in memory.tools()}
    tools["memory_remember"](text="Use bun", topic=None, section=None)
    assert index(memory) == "# m memory\n\n## Notes\n\n- Use bun\n"
    assert tools["memory_view"](topic=None, start_line=None) == tools["memory_view"]()


def test_a_search_finds_something_whatever_the_limit(tools: Tools) -> None:
    found = tools["memory_remember"]("Use bun").removeprefix("remembered ")
    for limit in (-1, 0, 10**9):
        assert tools["memory_search"]("bun", limit) == found


def test_what_overflows_is_said(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "m", budget=Budget(lines=20))
    remember = next(tool for tool in memory.tools() if tool.__name__ == "memory_remember")
    answers = [remember(f"Fact number {n} of very many") for n in range(20)]
    assert any("so that the index stays within its budget" in answer for answer in answers)
    assert not memory.budget().over


def test_calls_on_an_event_loop_run_beside_each_other_and_all_survive(memory: Memory) -> None:
    tools = {tool.__name__: tool for tool in memory.async_tools()}
    assert all(inspect.iscoroutinefunction(tool) for tool in tools.values())

    async def run() -> list[str]:
        calls = [tools["memory_remember"](f"Fact {n} is its own", topic="facts") for n in range(8)]
        return list(await asyncio.gather(*calls))

    assert all(answer.startswith("remembered facts.md:") for answer in asyncio.run(run()))
    assert len(memory.document("facts").entries) == 8


def test_threads_may_share_the_tools(tools: Tools, memory: Memory) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tools["memory_remember"], [f"Thing {n} stands alone" for n in range(12)]))
    assert len(memory.entries()) == 12
