"""Deep Agents' own agent, with LangChain's fake model, keeps a memory through its file tools."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent_memory import Memory
from agent_memory.core.paths import INDEX

pytest.importorskip("deepagents", reason="the extra deepagents is not installed")

from deepagents import create_deep_agent
from deepagents.backends import CompositeBackend, StateBackend
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatResult

from agent_memory.integrations.deepagents import MemoryBackend

AT = "/memories/MEMORY.md"
SECRET = "AKIA" + "Z7Q2M4X9P1L8K3J6"


class Model(GenericFakeChatModel):
    """The fake model, keeping what it is told; it lacks the method that tells it of tools."""

    prompts: list[str]

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *rest: Any, **named: Any) -> ChatResult:
        self.prompts.append(messages[0].text)
        return super()._generate(messages, *rest, **named)


def call(name: str, **arguments: object) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call-{name}"}])


def build(memory: Memory, *turns: AIMessage) -> tuple[Any, Model]:
    model = Model(messages=iter([*turns, AIMessage("done")]), prompts=[])
    backend = MemoryBackend(memory, source="chat")
    composite = CompositeBackend(StateBackend(), {"/memories/": backend})
    return create_deep_agent(model, backend=composite, memory=[AT]), model


def run(memory: Memory, *turns: AIMessage) -> list[tuple[str, str]]:
    """Status and text of each tool's result."""
    agent, _ = build(memory, *turns)
    said = agent.invoke({"messages": [HumanMessage("go")]})["messages"]
    assert said[-1].text == "done"
    return [(one.status, one.text) for one in said if isinstance(one, ToolMessage)]


def test_an_agent_writes_edits_reads_and_deletes(memory: Memory) -> None:
    results = run(
        memory,
        call("write_file", file_path=AT, content="# Team\n\n- Use npm\n- [A](a.md)\n"),
        call("edit_file", file_path=AT, old_string="npm", new_string="bun"),
        call("write_file", file_path="/memories/a.md", content="alpha\n"),
        call("write_file", file_path="/memories/a.md", content="beta\n"),
        call("read_file", file_path="/memories/a.md"),
        call("delete", file_path="/memories/a.md"),
    )
    assert [status for status, _ in results] == ["success"] * 6
    assert "beta" in results[4][1]
    assert (memory.directory / INDEX).read_bytes() == b"# Team\n\n- Use bun\n"
    assert not (memory.directory / "a.md").exists()
    log = memory.log()
    assert [commit.operation for commit in log] == ["delete", "write", "write", "edit", "write"]
    assert {(commit.actor, commit.source) for commit in log} == {("planner", "chat")}


def test_the_memory_middleware_puts_the_index_into_the_prompt(memory: Memory) -> None:
    memory.write(INDEX, "# Team\n\n- Use bun\n")
    agent, model = build(memory)
    agent.invoke({"messages": [HumanMessage("go")]})
    assert f"{AT}\n\n# Team\n\n- Use bun\n" in model.prompts[0]


def test_an_asynchronous_agent_works_the_same(memory: Memory) -> None:
    agent, model = build(memory, call("write_file", file_path=AT, content="- Use bun\n"))
    asyncio.run(agent.ainvoke({"messages": [HumanMessage("go")]}))
    assert (memory.directory / INDEX).read_bytes() == b"- Use bun\n"
    assert "(No memory loaded)" in model.prompts[0]


def test_an_agent_lists_finds_and_searches(memory: Memory) -> None:
    memory.write(INDEX, "# Team\n\n- Use bun\n")
    memory.write("ops/deploy.md", "Deploys go out on Tuesdays\nwith bun\n")
    listed, matched, below, grepped, counted = run(
        memory,
        call("ls", path="/memories/"),
        call("glob", pattern="*.md", path="/memories/"),
        call("glob", pattern="deploy*", path="/memories/ops"),
        call("grep", pattern="bun", path="/memories/", output_mode="content"),
        call("grep", pattern="bun", path="/memories/", glob="deploy*", output_mode="count"),
    )
    assert AT in listed[1]
    assert "/memories/ops/" in listed[1]
    assert "deploy.md" not in listed[1]
    assert AT in matched[1]
    assert "/memories/ops/deploy.md" in matched[1]
    assert "/memories/ops/deploy.md" in below[1]
    assert AT not in below[1]
    assert "- Use bun" in grepped[1]
    assert "with bun" in grepped[1]
    assert "/memories/ops/deploy.md" in counted[1]
    assert AT not in counted[1]


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (call("write_file", file_path="/memories/key.md", content=SECRET), "secret"),
        (call("write_file", file_path="/memories/notes.py", content="x"), "not kept here"),
        (call("write_file", file_path="/memories/.agent-memory/x.md", content="x"), "Error: "),
        (call("write_file", file_path="/memories/a.md", content="half \ud83d"), "half a character"),
        (call("edit_file", file_path=AT, old_string="npm", new_string="bun"), "String not found"),
        (call("edit_file", file_path=AT, old_string="Use", new_string="x"), "appears 2 times"),
        (call("edit_file", file_path="/memories/no.md", old_string="a", new_string="b"),
         "not found"),
        (call("read_file", file_path="/memories/no.md"), "not found"),
        (call("delete", file_path=AT), "is the index and stays"),
        (call("delete", file_path="/memories/no.md"), "does not exist"),
    ],
)  # fmt: skip
def test_an_error_reaches_the_model_and_nothing_is_written(
    memory: Memory, turn: AIMessage, told: str
) -> None:
    memory.write(INDEX, "- Use bun\n- Use ruff\n")
    ((status, text),) = run(memory, turn)
    assert status == "error"
    assert told in text
    assert SECRET not in text
    assert "allow" not in text  # whether a secret may be saved is for a person to say
    assert (memory.directory / INDEX).read_bytes() == b"- Use bun\n- Use ruff\n"
    assert [path.name for path in memory.directory.glob("*.*")] in (
        [INDEX, ".agent-memory"],
        [".agent-memory", INDEX],
    )


def test_agents_that_edit_one_file_at_once_all_succeed(memory: Memory) -> None:
    memory.write(INDEX, "".join(f"- fact {n} is old\n" for n in range(6)))

    def edit(number: int) -> list[tuple[str, str]]:
        old, new = f"fact {number} is old", f"fact {number} is new"
        return run(memory, call("edit_file", file_path=AT, old_string=old, new_string=new))

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(edit, range(6)))
    assert [status for ((status, _),) in results] == ["success"] * 6
    index = (memory.directory / INDEX).read_text()
    assert index == "".join(f"- fact {n} is new\n" for n in range(6))


def test_lines_that_end_otherwise_keep_their_ends(memory: Memory) -> None:
    memory.write(INDEX, "- one\r\n- two\r\n")
    run(memory, call("edit_file", file_path=AT, old_string="one\n- two", new_string="1\n- 2"))
    assert (memory.directory / INDEX).read_bytes() == b"- 1\r\n- 2\r\n"


def test_bytes_that_are_not_utf8_are_loaded_readably_and_kept(memory: Memory) -> None:
    memory.directory.mkdir()
    (memory.directory / INDEX).write_bytes(b"- caf\xe9\n- use npm\n")
    agent, model = build(
        memory, call("edit_file", file_path=AT, old_string="npm", new_string="bun")
    )
    agent.invoke({"messages": [HumanMessage("go")]})
    assert "caf\ufffd" in model.prompts[0]
    assert (memory.directory / INDEX).read_bytes() == b"- caf\xe9\n- use bun\n"


def test_an_index_that_cannot_be_read_does_not_look_like_an_empty_one(memory: Memory) -> None:
    memory.directory.mkdir()
    (memory.directory / INDEX).symlink_to("/etc/hostname")
    agent, _ = build(memory)
    with pytest.raises(ValueError, match="Failed to download /memories/"):
        agent.invoke({"messages": [HumanMessage("go")]})


def test_files_that_are_uploaded_are_stored_byte_for_byte(memory: Memory) -> None:
    backend = CompositeBackend(StateBackend(), {"/memories/": MemoryBackend(memory)})
    good, bad = backend.upload_files(
        [("/memories/a.md", b"a\r\n"), ("/memories/b.md", SECRET.encode())]
    )
    assert (good.path, good.error) == ("/memories/a.md", None)
    assert bad.error is not None
    assert (memory.directory / "a.md").read_bytes() == b"a\r\n"
    first, missing = backend.download_files(["/memories/a.md", "/memories/none.md"])
    assert first.content == b"a\r\n"
    assert missing.error == "file_not_found"


def test_the_example_ends_with_what_was_set_right(played: Callable[[str], Memory]) -> None:
    memory = played("with_deepagents")
    assert (memory.directory / INDEX).read_bytes() == b"# Team\n\n- Deploys go out on Thursdays\n"
    assert [commit.operation for commit in memory.log()] == ["edit", "write"]
    assert {commit.actor for commit in memory.log()} == {"deepagents-example"}
