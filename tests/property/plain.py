"""What each verb must come to, told without the library: a plain dictionary of files.

The files here are in a dialect so plain that their lines can be read with `startswith`: an entry
is a line that begins with `- `, a row is one that holds a link. What a verb makes of the entries
is told exactly; blank lines, titles and rows are the library's own affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent_memory.errors import (
    AgentMemoryError,
    ConflictError,
    NotFoundError,
    PolicyError,
    UnsafePathError,
)

INDEX = "MEMORY.md"
Files = dict[str, bytes]
Said = dict[str, Counter[str]]
"""By path, how often a file says what."""


class Verbs(Protocol):
    """What `Memory` and `Draft` have in common."""

    def remember(self, text: str, topic: str | None, section: str | None) -> object: ...
    def update(self, entry_id: str, text: str) -> object: ...
    def move(self, entry_id: str, topic: str) -> object: ...
    def forget(self, query: str) -> object: ...
    def write(self, path: str, text: str, expected: str | None) -> object: ...
    def rename(self, old: str, new: str) -> object: ...
    def remove(self, path: str) -> object: ...


class RefusedError(Exception):
    """The verb must be refused, with an error of this kind."""

    def __init__(self, kind: type[AgentMemoryError]) -> None:
        self.kind = kind


@dataclass(frozen=True)
class Call:
    """A verb with its arguments: how it is called, and what it must come to."""

    name: str
    do: Callable[[Verbs], object]
    then: Callable[[Said], None]

    def __repr__(self) -> str:
        return self.name


def come_to(calls: Iterable[Call], said: Said) -> Said | type[AgentMemoryError]:
    """What is said after the calls, or how they are refused."""
    after = {path: Counter(texts) for path, texts in said.items()}
    try:
        for call in calls:
            call.then(after)
    except RefusedError as refused:
        return refused.kind
    return after


# -- reading --------------------------------------------------------------------------------------


def lying(root: Path) -> Files:
    """The files as they lie there, whatever the library says."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*.md")
        if ".agent-memory" not in path.parts
    }


def entries(data: bytes | None) -> Counter[str]:
    """What the entries of a file say, rows aside."""
    return Counter(text for text in _items(data) if "](" not in text)


def rows(data: bytes | None) -> Counter[str]:
    """The entries of a file that hold a link."""
    return Counter(text for text in _items(data) if "](" in text)


def _items(data: bytes | None) -> Iterator[str]:
    for line in (data or b"").decode().splitlines():
        if line.startswith("- "):
            yield line[2:]


def said(files: Files) -> Said:
    """What the files say, by path."""
    return {path: entries(data) for path, data in files.items()}


def all_of(said: Said) -> Counter[str]:
    """What is said anywhere."""
    return sum(said.values(), Counter[str]())


def heard(said: Said) -> Said:
    """Without the files that say nothing: whether they stay is the library's affair."""
    return {path: texts for path, texts in said.items() if texts}


def links_to(files: Files, path: str) -> int:
    """How many links from the index lead to a file."""
    return files.get(INDEX, b"").decode().count(f"]({path})")


def section_of(data: bytes, text: str) -> str:
    """The heading above an entry."""
    heading = ""
    for line in data.decode().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line == f"- {text}":
            return heading
    raise AssertionError(f"{text} does not stand there")


def page(title: str, texts: Iterable[str], target: str | None = None) -> str:
    """The text of a file, as somebody writes it; with a link, if there is a target."""
    rows = [f"- see [it]({target})"] if target else []
    return "\n".join([f"# {title}", "", *(f"- {text}" for text in texts), *rows, ""])


# -- the verbs ------------------------------------------------------------------------------------


def remember(text: str, topic: str | None, section: str | None) -> Call:
    """Something is put where it is told, unless it stands somewhere already."""

    def then(now: Said) -> None:
        if not all_of(now)[text]:
            now.setdefault(topic or INDEX, Counter())[text] += 1

    where = ", ".join(part for part in (topic, section) if part)
    return Call(
        f"remember({text}; {where})", lambda verbs: verbs.remember(text, topic, section), then
    )


def update(old: str, entry_id: str, new: str) -> Call:
    """Every copy says something else, in its place."""

    def then(now: Said) -> None:
        _must_be_said(now, old)
        for texts in now.values():
            if copies := texts.pop(old, 0):
                texts[new] += copies

    return Call(f"update({old}, {new})", lambda verbs: verbs.update(entry_id, new), then)


def move(text: str, entry_id: str, topic: str) -> Call:
    """It stands in the topic, once, and nowhere else; where it stood there first, it stays."""

    def then(now: Said) -> None:
        _must_be_said(now, text)
        first = next(path for path in [INDEX, *sorted(now)] if now.get(path, Counter())[text])
        if first != topic:
            _take_out(now, text)
            now.setdefault(topic, Counter())[text] += 1

    return Call(f"move({text}, {topic})", lambda verbs: verbs.move(entry_id, topic), then)


def forget(text: str) -> Call:
    """It stands nowhere any more."""

    def then(now: Said) -> None:
        _must_be_said(now, text)
        _take_out(now, text)

    return Call(f"forget({text})", lambda verbs: verbs.forget(text), then)


def write(path: str, text: str, expected: str | None = None) -> Call:
    """The file says exactly this; one that is there is not replaced unless it is expected."""

    def then(now: Said) -> None:
        if path in now and expected is None:
            raise RefusedError(ConflictError)
        now[path] = entries(text.encode())

    return Call(f"write({path}, {text!r})", lambda verbs: verbs.write(path, text, expected), then)


def rename(old: str, new: str) -> Call:
    """It says the same under another name."""

    def then(now: Said) -> None:
        if old not in now:
            raise RefusedError(NotFoundError)
        if new in now:
            raise RefusedError(PolicyError if new == old else UnsafePathError)
        now[new] = now.pop(old)

    return Call(f"rename({old}, {new})", lambda verbs: verbs.rename(old, new), then)


def remove(path: str) -> Call:
    """It says nothing any more."""

    def then(now: Said) -> None:
        if path not in now:
            raise RefusedError(NotFoundError)
        del now[path]

    return Call(f"remove({path})", lambda verbs: verbs.remove(path), then)


def _must_be_said(now: Said, text: str) -> None:
    if not all_of(now)[text]:
        raise RefusedError(NotFoundError)


def _take_out(now: Said, text: str) -> None:
    for texts in now.values():
        del texts[text]
