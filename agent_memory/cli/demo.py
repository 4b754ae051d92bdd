"""The demo: two conversations of an agent on a sample project, played through the library.

Nothing that it shows is written down here: each result is what the library just returned.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from agent_memory.cli import commits, exits, sample
from agent_memory.cli.blocks import Bar, Block, Exact, Heading, Line, Node
from agent_memory.cli.screen import Screen
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.history import Commit
from agent_memory.memory import Memory
from agent_memory.project.definition import AgentDefinition

_BUDGET = Budget(lines=16, bytes=2_000)  # small, so that the index overflows before your eyes


def play(screen: Screen, keep: bool) -> None:
    """Play it in a new temporary folder, which is removed at the end unless it is kept."""
    folder = tempfile.mkdtemp(prefix="agent-memory-demo-")
    try:
        if screen.options.json:
            exits.print_json({"folder": folder, "kept": keep, "lines": _told(Path(folder), keep)})
        else:
            for block in _play(Path(folder), keep):
                screen.show([block])
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _told(folder: Path, keep: bool) -> list[str]:
    from agent_memory.cli import plain

    return list(plain.lines(_play(folder, keep)))


def _play(folder: Path, keep: bool) -> Iterator[Block]:
    path = sample.project(folder)
    definition = AgentDefinition.read(path)
    memory = Memory.from_definition(path, project=folder, budget=_BUDGET, actor="demo")
    yield from _opening(folder, definition, memory)
    yield from _first(definition, memory)
    yield from _second(definition, memory)
    yield from _files(folder, memory)
    yield Line()
    yield Line(f"kept: {folder}" if keep else f"removed at the end: {folder} (--keep keeps it)")


def _opening(folder: Path, definition: AgentDefinition, memory: Memory) -> Iterator[Block]:
    yield Heading(f"A sample project in {folder}")
    yield Line(f"agent        {definition.name}, `memory: {definition.memory}` in its definition")
    yield Line(f"its memory   {_within(folder, memory.directory)}/")
    yield Line(
        f"budget       {_BUDGET.lines} lines, {_BUDGET.bytes:,} bytes (small for this demo; the"
        " default is 200 lines, 25,000 bytes)"
    )
    for old in definition.embedded:
        yield Line(
            f"pasted in    the definition's body holds an old memory block, “{old.heading}”, of"
            f" {old.end_line - old.line + 1} lines for {old.directory}; ours takes its place"
        )


def _first(definition: AgentDefinition, memory: Memory) -> Iterator[Block]:
    yield Heading("Conversation 1: it knows nothing yet")
    prompt = definition.system_prompt(memory)
    yield Exact(_excerpt(prompt), "the end of the system prompt")
    for old in definition.embedded:
        state = "still there" if old.directory and old.directory in prompt else "gone"
        yield Line(f"the pasted block's path is {state}", "good")

    yield from _said("person", "Remember that we always test with pytest, never with unittest.")
    yield from _remember(memory, sample.PREFERENCE, None)
    yield from _said("agent", "(finds out how things work here, and saves what will hold)")
    for text, section in sample.FINDINGS:
        yield from _remember(memory, text, section)
    yield from _said("agent", "(saves the first one again, in a later turn)")
    yield from _remember(memory, sample.PREFERENCE, None)


def _second(definition: AgentDefinition, memory: Memory) -> Iterator[Block]:
    yield Heading("Conversation 2: it starts from what was saved")
    yield Exact(_excerpt(definition.system_prompt(memory)), "the end of the system prompt")
    yield from _said("person", "We have moved to PostgreSQL 17, by the way.")
    before, after = sample.UPDATE
    entry = next(entry for entry in memory.entries() if entry.text == before)
    yield Line(f"update({entry.id!r}, {after!r})", "name")
    yield from _result(memory, memory.update(entry.id, after), "updated")
    yield from _said("person", "Forget the thing about the staging server, it is gone.")
    yield Line(f"forget({sample.FORGET!r})", "name")
    yield from _indented(commits.blocks(memory.forget(sample.FORGET)))
    yield from _said("agent", "(goes on learning until the index overflows)")
    for text, section in sample.MORE:
        yield from _remember(memory, text, section)


def _files(folder: Path, memory: Memory) -> Iterator[Block]:
    yield Heading("What is there now: plain Markdown, and nothing cut unseen")
    report = memory.budget()
    yield Bar("lines", report.lines, report.budget.lines)
    yield Bar("bytes", report.bytes, report.budget.bytes)
    yield Exact(memory.index.text, "MEMORY.md")
    topics = memory.topics()
    for topic in topics[:1]:
        yield Exact(memory.document(topic.path).text, topic.path)
    nodes = [
        Node(topic.path, f"{topic.lines} lines, {'in' if topic.reachable else 'out of'} reach")
        for topic in topics
    ]
    index = Node("MEMORY.md", f"{report.lines} lines, always in the prompt")
    yield Node(f"{_within(folder, memory.directory)}/", children=(index, *nodes))


def _remember(memory: Memory, text: str, section: str | None) -> Iterator[Block]:
    named = f", section={section!r}" if section else ""
    yield Line(f"remember({text!r}{named})", "name")
    source = "agent" if section else "user"
    commit = memory.remember(text, section=section, source=source)
    yield from _result(memory, commit, "remembered")


def _result(memory: Memory, commit: Commit, done: str) -> Iterator[Block]:
    yield from _indented(commits.blocks(commit, commits.placed(memory, commit, done)))


def _indented(blocks: Iterator[Line]) -> Iterator[Block]:
    for line in blocks:
        yield Line(f"  {line.text}", line.style)


def _said(who: str, text: str) -> Iterator[Block]:
    yield Line()
    yield Line(f"{who}: {text}", "title")


def _excerpt(prompt: str) -> str:
    """The prompt from the index on, with a word on what stands above it."""
    lines = texts.lines(prompt)
    start = max(n for n, line in enumerate(lines) if line.startswith("## MEMORY.md"))
    return f"(… {start} lines: the agent's own text, and how to use the memory)\n" + "".join(
        lines[start:]
    )


def _within(folder: Path, path: Path) -> str:
    return os.path.relpath(path, folder)
