"""The OpenAI Agents SDK's runner, with its own scripted model, works on a memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from agent_memory import Memory
from agent_memory.core.paths import INDEX

pytest.importorskip("agents", reason="the extra openai-agents is not installed")

from agents import Agent, FunctionTool, RunConfig, Runner, RunResult, ToolCallOutputItem
from agents.testing import ScriptedModel, assistant_message, function_call

from agent_memory.integrations.openai_agents import instructions, tools

QUIET = RunConfig(tracing_disabled=True)  # its tracing would speak to a server


def call(name: str, **arguments: object) -> list[object]:
    """A turn of the model's that calls one tool."""
    return [function_call(name, arguments, call_id=f"call-{name}")]


def agent(memory: Memory, *turns: list[object]) -> tuple[Agent[None], ScriptedModel]:
    model = ScriptedModel(turns)  # type: ignore[arg-type]  # the items' types are many
    made = Agent[None](
        "helper",
        instructions=instructions(memory, "You help."),
        tools=[*tools(memory, source="chat")],
        model=model,
    )
    return made, model


def run(agent: Agent[None]) -> RunResult:
    return asyncio.run(Runner.run(agent, "go", run_config=QUIET))


def test_a_run_remembers_and_its_prompt_stays_the_same(memory: Memory) -> None:
    memory.write(INDEX, "# Team\n\n- Use bun\n")
    made, model = agent(
        memory,
        call("memory_remember", text="Use bun 1.3", topic="", section=""),
        call("memory_forget", entry="no such words"),
        [assistant_message("done")],
        [assistant_message("yes")],
    )
    done = run(made)
    assert done.final_output == "done"
    assert (memory.directory / INDEX).read_bytes() == b"# Team\n\n- Use bun\n- Use bun 1.3\n"
    commit = memory.log()[0]
    assert (commit.operation, commit.actor, commit.source) == ("remember", "planner", "chat")
    outputs = [str(item.output) for item in done.new_items if isinstance(item, ToolCallOutputItem)]
    assert outputs[0].startswith("remembered MEMORY.md:4 (id ")
    assert outputs[1].startswith("error: no entry holds")
    run(made)
    first, second, third, fourth = [made.system_instructions or "" for made in model.calls]
    assert first.startswith("You help.\n\n<!-- agent-memory:begin -->")
    assert "- Use bun\n</memory-index>" in first
    assert first == second == third
    assert "- Use bun 1.3\n</memory-index>" in fourth


def test_the_runner_offers_six_strict_tools_with_descriptions(memory: Memory) -> None:
    made, model = agent(memory, [assistant_message("done")])
    run(made)
    (only,) = model.calls
    offered = {tool.name: tool for tool in only.tools if isinstance(tool, FunctionTool)}
    assert sorted(offered) == [
        "memory_forget", "memory_move", "memory_remember", "memory_search", "memory_update",
        "memory_view",
    ]  # fmt: skip
    remember = offered["memory_remember"]
    assert remember.strict_json_schema
    assert remember.description.startswith("Save one fact")
    properties = remember.params_json_schema["properties"]
    assert properties["topic"]["description"].startswith("The topic file for details")


def test_arguments_that_the_sdk_refuses_are_answered_with_those_that_the_tool_takes(
    memory: Memory,
) -> None:
    calls = [
        function_call("memory_remember", {"text": "Use bun", "topic": None}, call_id="null"),
        function_call("memory_remember", {"fact": "Use bun"}, call_id="other"),
    ]
    made, _ = agent(memory, [*calls], [assistant_message("done")])
    answers = [item.output for item in run(made).new_items if isinstance(item, ToolCallOutputItem)]
    assert len(answers) == 2
    for answer in answers:
        error, taken = answer.splitlines()
        assert error.startswith("error: Invalid JSON input for tool memory_remember")
        assert taken == "memory_remember takes text: str, topic: str = '', section: str = ''"
    assert memory.log() == []


def test_calls_of_one_turn_all_survive(memory: Memory) -> None:
    calls = [
        function_call("memory_remember", {"text": f"Fact {n}"}, call_id=f"c{n}") for n in range(6)
    ]
    made, _ = agent(memory, [*calls], [assistant_message("done")])
    run(made)
    assert sorted(entry.text for entry in memory.entries()) == [f"Fact {n}" for n in range(6)]


def test_instructions_may_be_the_memorys_block_alone(memory: Memory) -> None:
    model = ScriptedModel([[assistant_message("done")]])
    run(Agent[None]("helper", instructions=instructions(memory), model=model))
    assert model.calls[0].system_instructions == memory.prompt()


def test_the_example_saves_one_fact(
    played: Callable[[str], Memory], capsys: pytest.CaptureFixture[str]
) -> None:
    memory = played("with_openai_agents")
    assert [entry.text for entry in memory.entries()] == ["Deploys go out on Tuesdays"]
    (commit,) = memory.log()
    assert (commit.actor, commit.source) == ("openai-agents-example", "agent")
    assert "The second run's prompt holds it: True" in capsys.readouterr().out
