"""An agent runner in one file: definition in, memory in the prompt, tool calls carried out.

Usage: python agent_runner.py [PROJECT]      (no project: a temporary copy of the example's)
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

from agent_memory import AgentDefinition, AgentMemoryError, AmbiguousError, Commit, Memory

HERE = Path(__file__).parent
DEFINITION = HERE / "agents" / "django-backend-dev.md"


@dataclass(frozen=True)
class ToolCall:
    """A tool that the model wants to use."""

    name: str
    arguments: dict[str, str] = field(default_factory=dict)


# -- the tools: what the model may call, and the text that it gets back ------------------------


def describe(commit: Commit) -> str:
    """What a write did, for the model to read."""
    written = f" (id {commit.entry})" if commit.entry else ""
    done = "Nothing changed." if commit.is_empty else f"Done: {commit.message}{written}."
    near = [f"Similar: {near.entry.id} {near.entry.text}" for near in commit.nearest]
    return "\n".join([done, *commit.notices, *near])


def tools_for(memory: Memory) -> dict[str, Callable[..., str]]:
    """The memory's verbs under the names that the model knows them by."""
    return {
        "remember": lambda text, topic=None: describe(memory.remember(text, topic=topic)),
        "update": lambda entry, text: describe(memory.update(entry, text)),
        "forget": lambda query: describe(memory.forget(query)),
        "list": lambda: "\n".join(f"{e.id} {e.path} {e.text}" for e in memory.entries()),
    }


def carry_out(call: ToolCall, tools: dict[str, Callable[..., str]]) -> str:
    """The result of a call. An error is a result, too: the model reads it and does better."""
    try:
        return tools[call.name](**call.arguments)
    except AmbiguousError as error:
        return "\n".join([f"Error: {error.message}. {error.hint}", *error.candidates])
    except AgentMemoryError as error:
        return f"Error: {error.message}. {error.hint}"
    except (KeyError, TypeError) as error:
        return f"Error: there is no such tool or argument: {error}"


# -- the model: REPLACE THIS CLASS by a call of your provider's client -------------------------

Script = Callable[[str], Generator[ToolCall | str, str, None]]


class ScriptedModel:
    """Answers from a script; a real client would send `system` and `messages` to a provider."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._turns: Generator[ToolCall | str, str, None] | None = None

    def answer(self, system: str, messages: list[str]) -> ToolCall | str:
        """The next tool call, or the text that ends the conversation."""
        # A real client goes here: client.create(system=system, messages=messages, tools=...)
        if self._turns is None:
            self._turns = self._script(system)
            return next(self._turns)
        return self._turns.send(messages[-1])


# -- the loop ----------------------------------------------------------------------------------


def converse(project: Path, user: str, script: Script) -> None:
    """One conversation: the prompt is built once, from what earlier ones saved."""
    definition = AgentDefinition.read(DEFINITION)
    memory = Memory.from_definition(DEFINITION, project=project)
    system = definition.system_prompt(memory)
    model, tools = ScriptedModel(script), tools_for(memory)
    messages = [user]
    print(f"\nuser: {user}")
    while isinstance(answer := model.answer(system, messages), ToolCall):
        result = carry_out(answer, tools)
        print(
            f"  {answer.name} {answer.arguments}\n    {result.replace(chr(10), chr(10) + '    ')}"
        )
        messages.append(result)
    print(f"agent: {answer}")


def first(system: str) -> Generator[ToolCall | str, str, None]:
    """The agent saves two things; two calls of it fail, and the errors tell it why."""
    is_new = "Nothing is saved here yet" in system
    yield ToolCall("remember", {"text": "Deploys go out on Tuesdays, from the branch `release`"})
    yield ToolCall("remember", {"text": "PDFs are rendered by WeasyPrint 62", "topic": "pdf"})
    yield ToolCall("remember", {"text": "Logos come from S3", "topic": "../pdf"})
    yield ToolCall("forget", {"query": "something that nobody said"})
    yield f"{'My first notes' if is_new else 'Noted'}: when we deploy, and what renders PDFs."


def second(system: str) -> Generator[ToolCall | str, str, None]:
    """The next conversation knows it, sets it right and forgets what it is asked to."""
    known = "on Tuesdays" in system
    listed = yield ToolCall("list")
    entry = next(line.split()[0] for line in listed.splitlines() if "Tuesdays" in line)
    text = "Deploys go out on Thursdays, from the branch `release`"
    yield ToolCall("update", {"entry": entry, "text": text})
    yield ToolCall("forget", {"query": "weasyprint"})
    yield f"{'I knew the old day' if known else 'I did not know'}; now it says Thursdays."


def main() -> None:
    """Play two conversations in the project given, else in a temporary one."""
    if len(sys.argv) > 1:
        play(Path(sys.argv[1]).resolve())
        return
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        memory = project / ".claude" / "agent-memory" / "django-backend-dev"
        shutil.copytree(HERE / "memory", memory)
        play(project)


def play(project: Path) -> None:
    """Two conversations, the second starting from what the first one saved."""
    converse(
        project, "We deploy on Tuesdays, from `release`. And WeasyPrint makes the PDFs.", first
    )
    converse(project, "Deploys moved to Thursdays. And forget about WeasyPrint.", second)
    memory = Memory.from_definition(DEFINITION, project=project)
    print(f"\n{memory.directory}/MEMORY.md\n{memory.index.text}")


if __name__ == "__main__":
    main()
