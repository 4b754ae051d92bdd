"""What a provider's client is told of a tool."""

from __future__ import annotations

from agent_memory import Memory
from agent_memory.integrations.schemas import schema


def test_a_schema_says_what_the_docstring_says(memory: Memory) -> None:
    made = {tool.__name__: schema(tool) for tool in memory.tools()}
    view = made["memory_view"]
    assert view.description == (
        "Read a file of your memory, with line numbers and the id of every entry."
    )
    assert view.parameters == {
        "type": "object",
        "properties": {
            "topic": {
                "type": "string",
                "description": "The topic's name; without it the index, MEMORY.md, and the list of"
                " topics.",
                "default": "MEMORY.md",
            },
            "start_line": {
                "type": "integer",
                "description": "The line to begin at, where a long file is shown in parts.",
                "default": 1,
            },
        },
        "required": [],
        "additionalProperties": False,
    }
    remember = made["memory_remember"]
    assert "Args:" not in remember.description
    assert remember.description.endswith("so that the memory does not contradict itself.")
    assert remember.parameters["required"] == ["text"]
    assert remember.parameters["properties"]["topic"]["description"].endswith(
        "what always matters."
    )


def test_every_tool_has_a_schema_also_the_asynchronous_ones(memory: Memory) -> None:
    assert [schema(tool) for tool in memory.async_tools()] == [
        schema(tool) for tool in memory.tools()
    ]
