"""The system prompt of a definition, and what was replaced in it."""

from __future__ import annotations

from agent_memory.cli.opening import Layered, Note
from agent_memory.memory import Memory
from agent_memory.project.definition import AgentDefinition


def system_prompt(path: str, memory: Memory | Layered, note: Note) -> str:
    """The definition's body with the memory's block; old blocks that gave way are noted."""
    definition = AgentDefinition.read(path)
    above = definition.body_line - 1
    for number, old in enumerate(definition.embedded):
        fate = "was removed" if number else "gave way to this memory's"
        named = f", which named {old.directory}" if old.directory else ""
        empty = " and said that the memory is empty" if old.says_empty else ""
        note(
            f"{path}:{above + old.line}: the memory block in lines {above + old.line}–"
            f"{above + old.end_line}{named}{empty}, {fate}"
        )
    return definition.system_prompt(memory)
