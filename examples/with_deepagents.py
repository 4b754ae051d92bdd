"""A deep agent that keeps a memory at /memories/: pip install 'agent-memory[deepagents]'.

The model is LangChain's own fake one, so it needs no key; put a real one in its place.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from deepagents import create_deep_agent
from deepagents.backends import CompositeBackend, StateBackend
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agent_memory import Memory
from agent_memory.integrations.deepagents import MemoryBackend

INDEX = "/memories/MEMORY.md"


class Model(GenericFakeChatModel):
    """The fake model, which knows no tools, with the one method that tells a model of them."""

    def bind_tools(self, tools: Any, **_: Any) -> Any:  # noqa: ARG002
        """The same model: its script knows what to call."""
        return self


def call(name: str, **arguments: object) -> AIMessage:
    """A turn of the model's that calls one tool."""
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call-{name}"}])


def main(directory: Path) -> None:
    """The agent makes an index, changes it, and looks at it."""
    memory = Memory.open(directory, actor="deepagents-example")
    turns = [
        call("write_file", file_path=INDEX, content="# Team\n\n- Deploys go out on Tuesdays\n"),
        call("edit_file", file_path=INDEX, old_string="Tuesdays", new_string="Thursdays"),
        call("read_file", file_path=INDEX),
        AIMessage("Noted: Thursdays."),
    ]
    agent = create_deep_agent(
        Model(messages=iter(turns)),
        backend=CompositeBackend(StateBackend(), {"/memories/": MemoryBackend(memory)}),
        memory=[INDEX],
    )
    said = HumanMessage("We deploy on Tuesdays. No, on Thursdays.")
    for message in agent.invoke({"messages": [said]})["messages"]:
        for wanted in message.tool_calls if isinstance(message, AIMessage) else ():
            print(f"agent calls {wanted['name']}")
        if isinstance(message, ToolMessage):
            print(f"  {message.text.rstrip()}")
        elif message.text:
            print(f"{message.type}: {message.text}")
    print(f"\n{memory.index.text}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "memory")
