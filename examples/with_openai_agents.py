"""An agent of the OpenAI Agents SDK that keeps a memory: pip install 'agent-memory[openai-agents]'.

The model is the SDK's own ScriptedModel, so it needs no key; leave `model=` out for a real one.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from agents import Agent, RunConfig, Runner, ToolCallOutputItem
from agents.testing import ScriptedModel, assistant_message, function_call

from agent_memory import Memory
from agent_memory.integrations.openai_agents import instructions, tools

QUIET = RunConfig(tracing_disabled=True)  # its traces go to a server
FACT = {"text": "Deploys go out on Tuesdays"}


def main(directory: Path) -> None:
    """Two runs: the second begins with what the first one saved."""
    memory = Memory.open(directory, actor="openai-agents-example")
    model = ScriptedModel(
        [
            [function_call("memory_remember", FACT, call_id="call-1")],
            [assistant_message("Noted.")],
            [assistant_message("We deploy on Tuesdays.")],
        ]
    )
    agent = Agent(
        "helper",
        instructions=instructions(memory, "You help the team."),
        tools=[*tools(memory)],
        model=model,
    )
    for said in ("We deploy on Tuesdays.", "When do we deploy?"):
        run = asyncio.run(Runner.run(agent, said, run_config=QUIET))
        print(f"user: {said}")
        for item in run.new_items:
            if isinstance(item, ToolCallOutputItem):
                print(f"  memory_remember: {item.output}")
        print(f"agent: {run.final_output}")
    last = model.calls[-1].system_instructions or ""
    print(f"\nThe second run's prompt holds it: {FACT['text'] in last}")
    print(f"\n{memory.index.text}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "memory")
