"""The tools of a memory as plain functions, for any runner that takes functions as tools.

What the model reads are the names, the types and the docstrings; what it gets back is a short
text, also for an error. The signatures use nothing but `str` and `int`, so that every framework
can make a schema of them. Arguments may come straight from a model: `null` stands for what is left
out, and what a tool does not take is an error in words, like any other.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from agent_memory.core import lookup, policy, replies, topics
from agent_memory.core import text as texts
from agent_memory.core.document import Entry
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.replies import ToolResult
from agent_memory.errors import AgentMemoryError
from agent_memory.memory import Memory

READING = frozenset({"memory_view", "memory_search"})
"""The tools that change nothing."""
DESTRUCTIVE = frozenset({"memory_update", "memory_forget"})
"""The tools that take something away; all of it is in the history and can be undone."""
_MOST = 50  # hits that one search may ask for

Tool = Callable[..., str]
Call = Callable[[], ToolResult]
Answer = Callable[[Call], str]
"""Makes a call and gives the model what its runner passes on."""


def attempt(call: Call) -> ToolResult:
    """The result of a call, with what goes wrong as text."""
    try:
        result = call()
    except AgentMemoryError as error:
        result = replies.failed(error)
    return replace(result, text=texts.printable(result.text))


def text(call: Call) -> str:
    """The text of a call's result: all that most runners pass on."""
    return attempt(call).text


def tools(memory: Memory, source: str = "agent", answer: Answer = text) -> list[Tool]:
    """The six tools, each a function that a model can call; `source` goes into the history."""
    changing = (_remember, _update, _forget, _move)
    made = [
        _view(memory, answer),
        _search(memory, answer),
        *(tool(memory, source, answer) for tool in changing),
    ]
    return [_checked(tool, answer) for tool in made]


def async_tools(memory: Memory, source: str = "agent") -> list[Callable[..., Awaitable[str]]]:
    """The six tools for an event loop: each call runs in a thread."""
    return [_threaded(tool) for tool in tools(memory, source)]


def _checked(tool: Tool, answer: Answer) -> Tool:
    """The tool for arguments as a model gives them: wrong ones are an answer, not an exception."""
    signature = inspect.signature(tool, eval_str=True)

    @wraps(tool)
    def checked(*args: object, **kwargs: object) -> str:
        try:
            arguments = _fitting(signature, args, kwargs)
        except TypeError as error:
            wrong = f"error: {error}\n{usage(tool)}"
            return answer(lambda: ToolResult(wrong, is_error=True))
        return tool(**arguments)

    checked.__qualname__ = tool.__name__
    return checked


def usage(tool: Callable[..., object]) -> str:
    """Which arguments a tool takes, for a model that gave others."""
    parameters = inspect.signature(tool, eval_str=True).parameters.values()
    return f"{tool.__name__} takes {', '.join(map(str, parameters))}"


def _fitting(signature: inspect.Signature, args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by name, without those that are null; one that has a default may be."""
    given = signature.bind_partial(*args, **kwargs).arguments
    arguments = signature.bind(**{name: one for name, one in given.items() if one is not None})
    for name, value in arguments.arguments.items():
        kind = signature.parameters[name].annotation
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError(f"'{name}' must be of type {kind.__name__}")
    return arguments.arguments


def _threaded(tool: Tool) -> Callable[..., Awaitable[str]]:
    @wraps(tool)
    async def threaded(*args: object, **kwargs: object) -> str:
        return await asyncio.to_thread(tool, *args, **kwargs)

    return threaded


def _view(memory: Memory, answer: Answer) -> Tool:
    def memory_view(topic: str = INDEX, start_line: int = 1) -> str:
        """Read a file of your memory, with line numbers and the id of every entry.

        Args:
            topic: The topic's name; without it the index, MEMORY.md, and the list of topics.
            start_line: The line to begin at, where a long file is shown in parts.
        """

        def call() -> ToolResult:
            snapshot = memory.snapshot()
            wanted = topic or INDEX
            missing = wanted == INDEX and INDEX not in {s.path for s in snapshot.skipped}
            path = INDEX if missing else topics.find(snapshot, wanted)
            return replies.opened(snapshot, path, memory.limits, start_line)

        return answer(call)

    return memory_view


def _search(memory: Memory, answer: Answer) -> Tool:
    def memory_search(query: str, limit: int = 10) -> str:
        """Find entries of your memory by words, the best first, with their ids.

        Args:
            query: Words that the entry may hold, or that name its topic or section.
            limit: At most so many entries.
        """
        return answer(lambda: replies.hits(memory.search(query, min(max(limit, 1), _MOST)), query))

    return memory_search


def _remember(memory: Memory, source: str, answer: Answer) -> Tool:
    def memory_remember(text: str, topic: str = "", section: str = "") -> str:
        """Save one fact that will still hold in later conversations.

        The answer names similar entries: where one of them says the same or is out of date,
        update or forget it, so that the memory does not contradict itself.

        Args:
            text: The fact, one or two sentences that can be understood on their own.
            topic: The topic file for details, such as "billing"; without it the index, which is
                in every prompt, so keep that to what always matters.
            section: The heading to put it under; it is made where it is missing.
        """

        def call() -> ToolResult:
            heading = policy.whole(section) or None
            commit = memory.remember(policy.whole(text), topic or None, heading, source)
            return replies.done(commit, "remembered", replies.written(commit, memory.snapshot()))

        return answer(call)

    return memory_remember


def _update(memory: Memory, source: str, answer: Answer) -> Tool:
    def memory_update(entry_id: str, text: str) -> str:
        """Give an entry a new text, in the same place; its id changes with the text.

        Args:
            entry_id: The entry's id, as memory_view and memory_search show it.
            text: The whole new text.
        """

        def call() -> ToolResult:
            commit = memory.update(entry_id.strip(), policy.whole(text), source)
            return replies.done(commit, "updated", replies.written(commit, memory.snapshot()))

        return answer(call)

    return memory_update


def _forget(memory: Memory, source: str, answer: Answer) -> Tool:
    def memory_forget(entry: str) -> str:
        """Take an entry out of the memory.

        Args:
            entry: Its id, or words that it holds, letter for letter; where several entries hold
                them, nothing is forgotten and the answer lists them.
        """

        def call() -> ToolResult:
            gone: list[Entry] = []

            def edit(draft: Draft) -> None:
                gone[:] = [lookup.one(draft.snapshot, policy.whole(entry))]
                draft.forget(entry)

            commit = memory.change("forget", edit, source)
            return replies.done(commit, "forgot", gone[0])

        return answer(call)

    return memory_forget


def _move(memory: Memory, source: str, answer: Answer) -> Tool:
    def memory_move(entry_id: str, topic: str, section: str = "") -> str:
        """Move an entry to another topic, such as a detail out of the index.

        Args:
            entry_id: The entry's id, as memory_view and memory_search show it.
            topic: The topic's name, made and linked where it is missing; MEMORY is the index.
            section: The heading to put it under; it is made where it is missing.
        """

        def call() -> ToolResult:
            heading = policy.whole(section) or None
            commit = memory.move(entry_id.strip(), topic, heading, source)
            return replies.done(commit, "moved to", replies.written(commit, memory.snapshot()))

        return answer(call)

    return memory_move
