"""A memory in a loop of your own: copy this file, and put your provider's client into `Model`.

What a loop needs of a memory: `prompt()` at the start, the tools' schemas with each request, and
the text of each call as the tool's result.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent_memory import Memory
from agent_memory.integrations.schemas import schema


@dataclass(frozen=True)
class Call:
    """A tool that the model wants to use; `arguments` is JSON, as providers send it."""

    name: str
    arguments: str


class Model:
    """REPLACE THIS: a model that plays a script, a call or a closing text a turn."""

    def __init__(self, turns: Iterable[Call | str]) -> None:
        self._turns = iter(turns)

    def answer(
        self,
        system: str,  # noqa: ARG002
        tools: Sequence[dict[str, Any]],  # noqa: ARG002
        messages: Sequence[str],  # noqa: ARG002
    ) -> Call | str:
        """What your client returns for `create(system=…, tools=…, messages=…)`."""
        return next(self._turns)


def result_of(call: Call, functions: dict[str, Callable[..., str]]) -> str:
    """The text that the model gets back; a tool answers to wrong arguments itself."""
    try:
        return functions[call.name](**json.loads(call.arguments))
    except (KeyError, TypeError, ValueError) as error:
        return f"error: there is no such tool, or its arguments are no JSON object: {error}"


def converse(memory: Memory, model: Model, said: str) -> str:
    """One conversation. The prompt is read once, so that a provider's cache stays warm."""
    system = f"You help the team.\n\n{memory.prompt()}"
    functions = {tool.__name__: tool for tool in memory.tools(source="chat")}
    tools = [asdict(schema(tool)) for tool in functions.values()]
    messages = [said]
    while isinstance(answer := model.answer(system, tools, messages), Call):
        messages.append(result_of(answer, functions))
        print(f"  {answer.name} {answer.arguments}\n    {messages[-1].replace(chr(10), ' / ')}")
    return answer


def main(directory: Path) -> None:
    """A model that saves a fact, makes two mistakes, and finds what it saved."""
    memory = Memory.open(directory, actor="any-loop-example")
    turns: list[Call | str] = [
        Call("memory_remember", '{"text": "Deploys go out on Tuesdays"}'),
        Call("memory_remember", '{"fact": "Deploys go out on Tuesdays"}'),
        Call("memory_forget", '{"entry": "on Fridays"}'),
        Call("memory_search", '{"query": "deploys"}'),
        "Noted.",
    ]
    print("user: We deploy on Tuesdays.")
    print(f"agent: {converse(memory, Model(turns), 'We deploy on Tuesdays.')}")
    print(f"\n{memory.index.text}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "memory")
