"""A pydantic-ai agent that keeps a memory: pip install 'agent-memory[pydantic-ai]'.

The model is pydantic-ai's own FunctionModel, so it needs no key; put a real one in its place.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agent_memory import Memory
from agent_memory.integrations.pydantic_ai import MemoryCapability


def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Save what the person says, once, and then say what is known."""
    last = messages[-1].parts[-1]
    if "on Tuesdays" in (info.instructions or "") or isinstance(last, ToolReturnPart):
        return ModelResponse([TextPart("We deploy on Tuesdays.")])
    fact = {"text": "Deploys go out on Tuesdays"}
    return ModelResponse([ToolCallPart("memory_remember", fact)])


def main(directory: Path) -> None:
    """Two runs: the second begins with what the first one saved."""
    memory = Memory.open(directory, actor="pydantic-ai-example")
    agent = Agent(FunctionModel(answer), capabilities=[MemoryCapability(memory)])
    for said in ("We deploy on Tuesdays.", "When do we deploy?"):
        run = asyncio.run(agent.run(said))
        calls = [part for message in run.new_messages() for part in message.parts]
        print(f"user: {said}")
        for part in calls:
            if isinstance(part, ToolReturnPart):
                print(f"  {part.tool_name}: {part.content}")
        print(f"agent: {run.output}")
    print(f"\n{memory.index.text}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "memory")
