"""pydantic-ai's agent runs, with its own function and test models, on a memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from agent_memory import Memory
from agent_memory.core.paths import INDEX

pytest.importorskip("pydantic_ai", reason="the extra pydantic-ai is not installed")

from pydantic_ai import Agent
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from agent_memory.integrations.pydantic_ai import MemoryCapability

NAMES = ["memory_view", "memory_search", "memory_remember", "memory_update", "memory_forget",
         "memory_move"]  # fmt: skip


class Script:
    """What the framework's FunctionModel answers: one tool call a turn, then a text."""

    def __init__(self, *calls: ToolCallPart) -> None:
        self._calls = iter(calls)
        self.prompts: list[str] = []
        self.results: list[str] = []
        self.tools: dict[str, dict[str, object]] = {}

    def answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.prompts.append(info.instructions or "")
        self.tools = {tool.name: tool.parameters_json_schema for tool in info.function_tools}
        last = messages[-1].parts
        self.results += [str(part.content) for part in last if isinstance(part, ToolReturnPart)]
        call = next(self._calls, None)
        return ModelResponse([call or TextPart("done")])


def run(agent: Agent[None, str]) -> str:
    return asyncio.run(agent.run("go")).output


def test_a_run_remembers_and_its_prompt_stays_the_same(memory: Memory) -> None:
    memory.write(INDEX, "# Team\n\n- Use bun\n")
    script = Script(
        ToolCallPart("memory_remember", {"text": "Use bun 1.3"}),
        ToolCallPart("memory_forget", {"entry": "no such words"}),
    )
    agent = Agent(
        FunctionModel(script.answer),
        instructions="You help.",
        capabilities=[MemoryCapability(memory, source="chat")],
    )
    assert run(agent) == "done"
    assert (memory.directory / INDEX).read_bytes() == b"# Team\n\n- Use bun\n- Use bun 1.3\n"
    commit = memory.log()[0]
    assert (commit.operation, commit.actor, commit.source) == ("remember", "planner", "chat")
    assert list(script.tools) == NAMES
    remembered, failed = script.results
    assert remembered.startswith("remembered MEMORY.md:4 (id ")
    assert "similar entries" in remembered
    assert failed.startswith("error: no entry holds")
    first, *others = script.prompts
    assert first.startswith("You help.\n")
    assert memory.prompt().partition(INDEX)[0] in first
    assert "- Use bun\n</memory-index>" in first
    assert others == [first, first]


def test_the_next_run_begins_with_what_was_saved(memory: Memory) -> None:
    script = Script(ToolCallPart("memory_remember", {"text": "Use bun"}))
    agent = Agent(FunctionModel(script.answer), capabilities=[MemoryCapability(memory)])
    run(agent)
    run(agent)
    assert ["- Use bun\n" in prompt for prompt in script.prompts] == [False, False, True]


def test_the_model_reads_what_each_parameter_is_for(memory: Memory) -> None:
    script = Script()
    run(Agent(FunctionModel(script.answer), capabilities=[MemoryCapability(memory)]))
    schema = script.tools["memory_remember"]
    assert schema["required"] == ["text"]
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert properties["section"]["description"].startswith("The heading to put it under")


def test_the_test_model_can_call_every_tool(memory: Memory) -> None:
    """The framework's TestModel calls each tool once with what its schema asks for."""
    model = TestModel()
    run(Agent(model, capabilities=[MemoryCapability(memory)]))
    parameters = model.last_model_request_parameters
    assert parameters is not None
    assert [tool.name for tool in parameters.function_tools] == NAMES
    assert {commit.operation for commit in memory.log()} <= {"remember", "forget"}
    assert "remember" in {commit.operation for commit in memory.log()}


def test_the_example_saves_one_fact(played: Callable[[str], Memory]) -> None:
    memory = played("with_pydantic_ai")
    assert [entry.text for entry in memory.entries()] == ["Deploys go out on Tuesdays"]
    (commit,) = memory.log()
    assert (commit.actor, commit.source) == ("pydantic-ai-example", "agent")
